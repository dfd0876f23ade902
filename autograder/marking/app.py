"""The page's server: what a browser asks of the marks, as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from autograder.cleaned import cleaned
from autograder.marking import markup
from autograder.marking.answers import EMPTY, MISSING
from autograder.marking.essays import Cell, source_of
from autograder.marking.guard import Guard
from autograder.marking.marks import Marking, Refused, Who
from autograder.marking.record import Place
from autograder.marking.words import WORDS
from autograder.tables import ascii_digits

_HERE = Path(__file__).parent
_TYPES = {"page.js": "text/javascript", "page.css": "text/css"}
log = logging.getLogger(__name__)


class Asked(BaseModel):
    """What the page sends: who marks, in which window, which answer, and what they give."""

    model_config = ConfigDict(extra="forbid")

    essay: str = Field(max_length=100)
    marker: str = Field(min_length=1, max_length=200)
    holder: str = Field(min_length=8, max_length=60)
    reader: int = Field(default=1, ge=1, le=2)
    key: str = Field(default="", max_length=40)
    version: str = Field(default="", max_length=40)
    points: float | str | None = None
    lines: list[int] = Field(default=[], max_length=100)
    comment: str = Field(default="", max_length=20_000)
    names: bool = False

    @property
    def who(self) -> Who:
        return Who(cleaned(self.marker, 60) or "?", self.holder)

    def given(self) -> float | None:
        """The points, in whatever digits they were typed."""
        if self.points is None or isinstance(self.points, float):
            return self.points
        try:
            return float(ascii_digits(self.points).strip().replace("٫", ".").replace(",", "."))
        except ValueError:
            raise Refused("no_number") from None


def create(marking: Marking, token: str, lang: str = "en") -> Guard:
    """The application of one homework, behind its token."""
    server = _Server(marking, token, lang)
    return Guard(
        Starlette(
            routes=[
                Route("/", server.page),
                Route("/{name:str}", server.file),
                Route("/api/essays", server.essays),
                Route("/api/essay/{essay:str}", server.essay),
                *(
                    Route(f"/api/{name}", server.post(act), methods=["POST"])
                    for name, act in (
                        ("queue", server.queue),
                        ("open", server.open),
                        ("stay", server.stay),
                        ("leave", server.leave),
                        ("save", server.save),
                        ("undo", server.undo),
                    )
                ),
            ]
        ),
        token,
    )


class _Server:
    def __init__(self, marking: Marking, token: str, lang: str) -> None:
        self._marking, self._token, self._lang = marking, token, lang
        self._template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
            (_HERE / "page.html.jinja").read_text(encoding="utf-8")
        )

    def page(self, request: Request) -> Response:
        lang = request.query_params.get("lang", self._lang)
        lang = lang if lang in WORDS else "en"
        told = {"token": self._token, "lang": lang, "homework": self._marking.homework, "words": WORDS[lang]}
        other = "en" if lang == "fa" else "fa"
        return HTMLResponse(
            self._template.render(
                words=WORDS[lang],
                lang=lang,
                direction="rtl" if lang == "fa" else "ltr",
                homework=self._marking.homework,
                token=self._token,
                other=other,
                other_name=WORDS[other]["language"],
                told=json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"),
            )
        )

    def file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _TYPES:
            return JSONResponse({"why": "gone"}, 404)
        return Response((_HERE / name).read_bytes(), media_type=_TYPES[name])

    def essays(self, _request: Request) -> Response:
        return _answered(lambda: {"essays": self._marking.overview()})

    def essay(self, request: Request) -> Response:
        essay = self._marking.essays.get(request.path_params["essay"])
        if essay is None:
            return JSONResponse({"why": "gone"}, 404)
        lang = "fa" if request.query_params.get("lang") == "fa" else "en"
        return JSONResponse(
            {
                "id": essay.id,
                "points": essay.points,
                "statement": "".join(_cell(cell) for cell in essay.statement[lang]),
                "model": markup.of_course(essay.model),
                "notes": markup.of_course(essay.notes),
                "lines": [asdict(line) | {"words": markup.of_course(line.words)} for line in essay.lines],
            }
        )

    def post(self, act: Callable[[Asked], dict[str, Any]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                asked = Asked.model_validate_json(await request.body())
            except ValidationError:
                return JSONResponse({"why": "gone"}, 400)
            if asked.essay not in self._marking.essays:
                return JSONResponse({"why": "gone"}, 404)
            return await run_in_threadpool(_answered, lambda: act(asked))

        return answer

    def _place(self, asked: Asked) -> Place:
        return Place(self._marking.homework, asked.essay, asked.reader)

    def queue(self, asked: Asked) -> dict[str, Any]:
        return self._marking.queue(self._place(asked), asked.who)

    def open(self, asked: Asked) -> dict[str, Any]:
        group, mark, names, taken = self._marking.open(self._place(asked), asked.key, asked.who)
        answer = None if group.key in (EMPTY, MISSING) else group.answer
        return {
            "html": markup.of_student(answer.source, answer.attachments) if answer else "",
            "size": len(group.students),
            "mark": asdict(mark),
            "taken": taken,
            "names": [[cleaned(number, 60), cleaned(name, 60)] for number, name in names] if asked.names else [],
        }

    def stay(self, asked: Asked) -> dict[str, Any]:
        self._marking.stay(self._place(asked), asked.key, asked.who)
        return {}

    def leave(self, asked: Asked) -> dict[str, Any]:
        self._marking.leave(self._place(asked), asked.key, asked.who)
        return {}

    def save(self, asked: Asked) -> dict[str, Any]:
        mark = self._marking.save(
            self._place(asked), asked.key, asked.who, asked.version, asked.given(), asked.lines, asked.comment
        )
        return {"mark": asdict(mark)}

    def undo(self, asked: Asked) -> dict[str, Any]:
        key, mark = self._marking.undo(self._place(asked), asked.who)
        return {"key": key, "mark": asdict(mark)}


def _answered(act: Callable[[], dict[str, Any]]) -> Response:
    try:
        return JSONResponse(act())
    except Refused as refused:
        return JSONResponse({"why": refused.why, **refused.told}, 409)
    except SQLAlchemyError as error:  # locked, gone, or written to by another just now: the page tries again
        log.warning("the gradebook: %s", error)
        return JSONResponse({"why": "busy"}, 503)


def _cell(cell: Cell) -> str:
    return markup.of_course(source_of(cell), cell.get("attachments"))

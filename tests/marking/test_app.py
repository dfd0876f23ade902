"""The page's server: who may ask, what it tells, and what it never does."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient
from typer.testing import CliRunner

from autograder.cli import app as commands
from autograder.marking import app, serve
from autograder.marking.guard import BODY
from autograder.marking.marks import Marking
from autograder.marking.words import WORDS
from autograder.problem import Problem
from tests.conftest import ROOT
from tests.marking import room
from tests.marking.room import Given, given

PATHS = ["/", "/page.js", "/page.css", "/api/essays", "/api/essay/mean", "/nothing"]
POSTS = ["queue", "open", "stay", "leave", "save", "undo"]
TOKEN = {"Authorization": f"Bearer {room.TOKEN}"}


@pytest.fixture
def page(marking: Marking) -> Iterator[TestClient]:
    yield TestClient(app.create(marking, room.TOKEN), base_url="http://127.0.0.1:8765")


class Marker:
    """Somebody who marks, as the page asks for them."""

    def __init__(self, page: TestClient, name: str, reader: int = 1) -> None:
        self._page, self._who = (
            page,
            {"essay": "mean", "marker": name, "holder": f"window-of-{name[:4]}", "reader": reader},
        )

    def ask(self, what: str, status: int = 200, **more: Any) -> Any:
        answer = self._page.post(f"/api/{what}", json=self._who | more, headers=TOKEN)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {room.TOKEN}x"}]
)  # fmt: skip
def test_without_the_token_nothing_is_answered(page: TestClient, path: str, headers: dict[str, str]) -> None:
    assert page.get(path, headers=headers).status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", room.TOKEN[:-1], room.TOKEN.upper(), "%ff%00", "توکن"])
def test_a_wrong_token_in_the_address_is_refused(page: TestClient, token: str) -> None:
    assert page.get(f"/?token={token}").status_code == 403


def test_the_address_that_was_printed_opens_the_page(page: TestClient) -> None:
    answer = page.get(f"/?token={room.TOKEN}")
    assert answer.status_code == 200 and "Marking" in answer.text
    for name in re.findall(r'(?:src|href)="([^"]*)"', answer.text):
        assert name.startswith("data:,") or page.get("/" + name.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("what", POSTS)
def test_posts_need_the_token_too_and_change_nothing_without(page: TestClient, course: Path, what: str) -> None:
    asked = {"essay": "mean", "marker": "Sara", "holder": "window-of-sara", "key": "empty", "points": 0}
    assert page.post(f"/api/{what}", json=asked).status_code == 403
    assert page.get(f"/api/{what}", headers=TOKEN).status_code == 405
    assert given(course, "mean", "9902") == [Given(None, True, None)]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "0.0.0.0", "", "[::1", "10.0.0.1"]
)
def test_a_name_that_somebody_bound_to_this_machine_is_refused(page: TestClient, host: str) -> None:
    assert page.get("/", params={"token": room.TOKEN}, headers={"Host": host}).status_code == 403
    assert page.get("/", params={"token": room.TOKEN}, headers={"Host": "localhost:8765"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8765", "http://127.0.0.1:9"])
def test_another_sites_page_is_refused(page: TestClient, origin: str) -> None:
    assert page.get("/", headers=TOKEN | {"Origin": origin}).status_code == 403
    assert page.get("/", headers=TOKEN | {"Origin": "http://127.0.0.1:8765"}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, TOKEN])
def test_every_answer_allows_the_browser_nothing_else(page: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = page.get(path, headers=headers)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_page_is_in_either_language_and_asks_nothing_of_the_web(page: TestClient, lang: str) -> None:
    html = page.get("/", params={"token": room.TOKEN, "lang": lang}).text
    assert WORDS[lang]["scheme"] in html and ('dir="rtl"' in html) == (lang == "fa")
    assert not re.search(r"https?:|style=|onclick|{{", html)
    assert json.loads(re.findall(r'id="told">(.*?)</script>', html)[0])["words"] == WORDS[lang]


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["en"].keys() == WORDS["fa"].keys()
    for key, text in WORDS["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", WORDS["fa"][key])), key
    script = (Path(app.__file__).parent / "page.js").read_text()
    assert set(re.findall(r'say\(\s*"(\w+)"', script)) <= WORDS["en"].keys()


def test_of_an_essay_it_tells_question_model_and_scheme(page: TestClient) -> None:
    told = page.get("/api/essay/mean", headers=TOKEN).json()
    assert "Why is the mean" in told["statement"] and "<math" in told["statement"]
    assert "<strong>holds</strong>" in told["model"] and "earns nothing" in told["notes"]
    assert [(line["points"], line["up_to"]) for line in told["lines"]] == [(1, False), (2, False), (1, True)]
    assert "independence said" in told["lines"][1]["words"] and "BEGIN" not in json.dumps(told)
    assert "چرا" in page.get("/api/essay/mean?lang=fa", headers=TOKEN).json()["statement"]
    assert page.get("/api/essay/prose", headers=TOKEN).json()["lines"] == []
    assert page.get("/api/essay/other", headers=TOKEN).status_code == 404


def test_an_answer_is_opened_without_names_unless_asked(page: TestClient) -> None:
    sara = Marker(page, "Sara")
    for one in sara.ask("queue")["answers"]:
        told = sara.ask("open", key=one["key"])
        assert not re.search(r"Name99|99\d\d", json.dumps(told)), told
        sara.ask("leave", key=one["key"])
    told = sara.ask("open", key="empty", names=True)
    assert [number for number, _ in told["names"]] == ["9902", "9903"] and told["names"][0][1] == "Name9902 Of"


def find(sara: Marker, words: str) -> tuple[str, Any]:
    for one in sara.ask("queue")["answers"]:
        told = sara.ask("open", key=one["key"])
        if words in told["html"]:
            return one["key"], told
        sara.ask("leave", key=one["key"])
    raise AssertionError(words)


def test_an_answer_is_marked_from_the_page(page: TestClient, course: Path) -> None:
    sara, omid = Marker(page, "Sara"), Marker(page, "Omid")
    key, told = find(sara, "Answer number 10")
    made = sara.ask("save", key=key, version=told["mark"]["version"], points="۲٫۵", lines=[1], comment="خوب")["mark"]
    assert (made["points"], made["lines"], made["marker"]) == (2.5, [1], "Sara")
    assert given(course, "mean", "9910") == [Given(2.5, False, "خوب")]
    refused = omid.ask("save", 409, key=key, version=made["version"], points=1)
    assert refused == {"why": "taken", "by": "Sara"}
    sara.ask("leave", key=key)
    assert omid.ask("save", 409, key=key, version=told["mark"]["version"], points=1)["why"] == "lost"
    assert sara.ask("save", 409, key=key, version=made["version"], points="two")["why"] in ("no_number", "taken")
    assert sara.ask("undo")["key"] == key
    assert given(course, "mean", "9910") == [Given(None, True, None)]


@pytest.mark.parametrize("typed", ["two", "", "1e", "nan", "-1", "5", "1e400"])
def test_what_is_no_number_or_too_many_points_is_refused(page: TestClient, course: Path, typed: str) -> None:
    sara = Marker(page, "Sara")
    key, told = find(sara, "Answer number 10")
    refused = sara.ask("save", 409, key=key, version=told["mark"]["version"], points=typed)
    assert refused["why"] in ("no_number", "bad_points") and refused["why"] in WORDS["en"]
    assert given(course, "mean", "9910") == [Given(None, True, None)]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"essay": "mean"}', b'{"essay": 1, "marker": "x", "holder": "yyyyyyyy"}', b"\xff"]
)
def test_what_the_page_never_sends_is_refused(page: TestClient, body: bytes) -> None:
    assert page.post("/api/save", content=body, headers=TOKEN).status_code == 400


def test_a_request_that_is_too_long_is_refused(page: TestClient) -> None:
    assert page.post("/api/save", content=b"x" * (BODY + 1), headers=TOKEN).status_code == 403


def test_a_gradebook_that_is_busy_asks_for_another_try(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_arguments: object) -> None:
        raise OperationalError("update", {}, Exception("database is locked"))

    monkeypatch.setattr(Marking, "queue", locked)
    assert Marker(page, "Sara").ask("queue", 503) == {"why": "busy"}


def test_a_markers_name_is_one_line(page: TestClient) -> None:
    sara = Marker(page, "Sara\u202e\n<b>" + "x" * 100)
    key, told = find(sara, "Answer number 10")
    assert len(sara.ask("save", key=key, version=told["mark"]["version"], points=1)["mark"]["marker"]) == 60


def test_the_second_reader_is_told_nothing_of_the_first(page: TestClient) -> None:
    sara, omid = Marker(page, "Sara"), Marker(page, "Omid", reader=2)
    for one in sara.ask("queue")["answers"]:
        version = sara.ask("open", key=one["key"])["mark"]["version"]
        sara.ask("save", key=one["key"], version=version, points=3.25, comment="of the first")
        sara.ask("leave", key=one["key"])
    queue = omid.ask("queue")
    told = [omid.ask("open", key=one["key"]) for one in queue["answers"]]
    assert (
        told and "3.25" not in json.dumps([queue["answers"], told]) and "of the first" not in json.dumps([queue, told])
    )
    omid.ask("save", key=queue["answers"][0]["key"], version=told[0]["mark"]["version"], points=3.25)
    assert sara.ask("queue")["agreement"]["same"] == 1


def test_the_address_is_this_machines_own(course: Path) -> None:
    with serve._listening(None) as listening:
        host, port = listening.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(Problem, match=f"port {port} is taken"):
            serve._listening(port)
        with serve._listening(None) as other:
            assert other.getsockname()[1] != port
    with socket.socket() as outside, pytest.raises(OSError):
        outside.connect(("127.0.0.2", port))


def test_a_token_that_no_address_can_hold_is_refused(course: Path) -> None:
    with pytest.raises(Problem, match="--token is up to 200 letters"):
        serve.serve(course, room.HOMEWORK, None, "two words", "en", print)


def test_a_course_without_what_it_needs_is_told(course: Path, tmp_path: Path) -> None:
    (course / "source" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb").rename(tmp_path / "away")
    with pytest.raises(Problem, match=f"`autograder build {room.HOMEWORK}` makes it"):
        serve.marking_of(course, room.HOMEWORK)
    (tmp_path / "away").rename(course / "source" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb")
    (course / "gradebook.db").unlink()
    with pytest.raises(Problem, match="no gradebook at sqlite"):
        serve.marking_of(course, room.HOMEWORK)


def test_without_its_packages_the_command_says_what_to_install(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "autograder.marking.serve", None)
    monkeypatch.setattr("builtins.__import__", _without("uvicorn"))
    done = CliRunner().invoke(commands, ["mark", room.HOMEWORK, "--course", str(course)])
    assert isinstance(done.exception, Problem)
    assert str(done.exception) == "the marking page needs uvicorn: pip install -e '.[marking]' in this repository."


def _without(package: str) -> Any:
    real = __import__

    def load(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "autograder.marking" and arguments[2] == ("serve",):
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(name, *arguments, **keywords)

    return load


TORCHLESS = """
import sys, types
package = types.ModuleType("autograder")
package.__path__ = ["autograder"]
sys.modules["autograder"] = package  # without what its __init__ gives to notebooks
import autograder.marking.serve
print("torch" in sys.modules)
"""


def test_the_pages_own_modules_need_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", TORCHLESS], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"

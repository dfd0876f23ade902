"""Pictures of a homework: SVG drawn by the scripts in its ``figures`` folder, one style, in two languages, light and dark.

``figures/NAME.py`` has a function ``draw(lang)`` that returns a ``Picture``; ``autograder build`` puts what it draws beside it,
as ``NAME.en.svg`` and ``NAME.fa.svg``, and prose shows it: ``![what is to see](figures/NAME.svg)``.
"""

from __future__ import annotations

import html
import math
import re
import runpy
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from autograder.building.text import BuildError, Cell
from autograder.checks.messages import isolated

Kind = Literal["plain", "data", "weights", "result", "loss", "off"]
LANGUAGES = ("en", "fa")

# A card of its own, since Jupyter's theme needn't be the system's: words are read on it in either.
_STYLE = """
 .card{fill:#fbfaf7;stroke:#dcd8cf} .ink{fill:#22272e} .quiet{fill:#626a75} .line{stroke:#4a525d} .tip{fill:#4a525d}
 .plain{fill:#eeece6;stroke:#8b8f96} .data{fill:#d9e8f6;stroke:#2f6ea5} .weights{fill:#fbe6c8;stroke:#b06a00}
 .result{fill:#d5efe3;stroke:#11795a} .loss{fill:#f8dcd6;stroke:#b3402a} .off{fill:#fbfaf7;stroke:#b9bcc2}
 @media (prefers-color-scheme:dark){
 .card{fill:#1d2127;stroke:#3a414b} .ink{fill:#e8e6e1} .quiet{fill:#a7afb9} .line{stroke:#b4bcc6} .tip{fill:#b4bcc6}
 .plain{fill:#2e343d;stroke:#8a929d} .data{fill:#1c3d5a;stroke:#6fb1e6} .weights{fill:#503a14;stroke:#e0a547}
 .result{fill:#17453a;stroke:#5cc7a1} .loss{fill:#55281f;stroke:#ee8a74} .off{fill:#1d2127;stroke:#5b636e} }
 .open{fill:none !important} text{font-family:Vazirmatn,'Segoe UI','Noto Sans','Noto Sans Arabic','DejaVu Sans',Tahoma,sans-serif}
 .code{font-family:'DejaVu Sans Mono',Consolas,Menlo,monospace}
"""
_INDEX = re.compile(r"([_^])\{([^{}]*)\}")
_SMALL = 0.72
_PERSIAN = re.compile(r"[\u0600-\u06ff]")


class Picture:
    """A drawing board of ``width`` × ``height`` pixels, whose origin is at the upper left.

    Words are said in both languages: ``picture.say("weights", "وزن‌ها")``. In them ``x_{t}`` and ``W^{⊤}`` are set as indices.
    What a colour means is the same in every picture: ``data`` blue, ``weights`` orange, ``result`` green, ``loss`` red,
    ``off`` for what is masked or missing, ``plain`` for the rest.
    """

    def __init__(self, width: int, height: int, lang: str) -> None:
        self.width, self.height, self.lang = width, height, lang
        self._parts: list[str] = []

    def say(self, en: str, fa: str) -> str:
        """The words of this picture's language."""
        return fa if self.lang == "fa" else en

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 14,
        anchor: Literal["start", "middle", "end"] = "middle",
        quiet: bool = False,
        bold: bool = False,
        code: bool = False,
    ) -> None:
        """Words whose middle line is at ``y``; ``start`` is the left end in both scripts. A line break begins a new line."""
        lines = words.split("\n")
        for number, line in enumerate(lines):
            middle = y + (number - (len(lines) - 1) / 2) * size * 1.35
            self._line(x, middle, line, size, anchor, quiet, bold, code)

    def _line(
        self, x: float, y: float, words: str, size: float, anchor: str, quiet: bool, bold: bool, code: bool
    ) -> None:
        persian = bool(_PERSIAN.search(words))
        if persian:
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
            words = isolated(words)
        self._add(
            "text",
            _indexed(words),
            **{"class": f"{'quiet' if quiet else 'ink'}{' code' if code else ''}"},
            x=x,
            y=y + size * 0.35,
            font_size=size,
            text_anchor=anchor,
            direction="rtl" if persian else None,
            font_weight=600 if bold else None,
        )

    def _add(self, tag: str, content: str = "", /, **attributes: str | float | None) -> None:
        said = (
            f'{name.replace("_", "-")}="{value if isinstance(value, str) else _n(value)}"'
            for name, value in attributes.items()
            if value is not None
        )
        self._parts.append(f"<{tag} {' '.join(said)}>{content}</{tag}>" if content else f"<{tag} {' '.join(said)}/>")

    def _shape(self, tag: str, kind: str, stroke_width: float, **attributes: str | float | None) -> None:
        dashes = "3 3" if kind == "off" else None
        self._add(tag, **{"class": kind}, **attributes, stroke_width=stroke_width, stroke_dasharray=dashes)

    def _path(self, kind: str, path: str, stroke_width: float, dashed: bool) -> None:
        dashes = "5 4" if dashed else None
        self._add("path", **{"class": f"{kind} open"}, d=path, stroke_width=stroke_width, stroke_dasharray=dashes)

    def box(
        self, x: float, y: float, width: float, height: float, words: str = "", kind: Kind = "plain", size: float = 14
    ) -> None:
        """A rounded box with words in its middle."""
        self._shape("rect", kind, 1.4, x=x, y=y, width=width, height=height, rx=6)
        if words:
            self.text(x + width / 2, y + height / 2, words, size)

    def circle(
        self, x: float, y: float, radius: float, words: str = "", kind: Kind = "plain", size: float = 14
    ) -> None:
        """A circle round a middle, with words in it."""
        self._shape("circle", kind, 1.4, cx=x, cy=y, r=radius)
        if words:
            self.text(x, y, words, size)

    def cells(
        self,
        x: float,
        y: float,
        rows: Sequence[Sequence[object]],
        side: float = 30,
        kind: Kind = "data",
        kinds: Sequence[Sequence[Kind]] | None = None,
        size: float = 13,
    ) -> None:
        """A matrix: a cell for each value, written in it as ``str``; ``kinds`` colours each by itself."""
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                look = kinds[i][j] if kinds else kind
                left, top = x + j * side, y + i * side
                self._shape("rect", look, 1, x=left, y=top, width=side, height=side)
                if str(value):
                    self.text(left + side / 2, top + side / 2, str(value), size)

    def heat(self, x: float, y: float, rows: Sequence[Sequence[float]], side: float = 30, kind: Kind = "data") -> None:
        """A matrix as shades: 0 is as good as empty, 1 is full."""
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                place = {"x": x + j * side, "y": y + i * side, "width": side, "height": side}
                self._shape("rect", kind, 0.6, **place, fill_opacity=0.08 + 0.92 * value)

    def arrow(
        self,
        *points: tuple[float, float],
        words: str = "",
        dashed: bool = False,
        curved: bool = False,
        size: float = 12,
        offset: tuple[float, float] = (0, -10),
        tip: bool = True,
    ) -> None:
        """A line through points with a tip at its end, and words (shapes, say) beside its middle.

        ``curved`` bends it through three points; ``offset`` says where the words stand, from the middle.
        """
        if curved and len(points) == 3:
            a, b, c = points
            path = f"M{_n(a[0])} {_n(a[1])} Q{_n(b[0])} {_n(b[1])} {_n(c[0])} {_n(c[1])}"
            middle = (a[0] / 4 + b[0] / 2 + c[0] / 4, a[1] / 4 + b[1] / 2 + c[1] / 4)
        else:
            path = "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
            i = (len(points) - 1) // 2
            middle = ((points[i][0] + points[i + 1][0]) / 2, (points[i][1] + points[i + 1][1]) / 2)
        self._path("line", path, 1.6, dashed)
        if tip:
            self._tip(points[-2], points[-1])
        if words:
            self.text(middle[0] + offset[0], middle[1] + offset[1], words, size, quiet=True)

    def _tip(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        corners = [end] + [(end[0] - 9 * math.cos(angle + s), end[1] - 9 * math.sin(angle + s)) for s in (0.42, -0.42)]
        self._add("polygon", **{"class": "tip"}, points=" ".join(f"{_n(x)},{_n(y)}" for x, y in corners))

    def curve(self, points: Iterable[tuple[float, float]], kind: Kind = "data", dashed: bool = False) -> None:
        """A line through many points, a function's graph, in the colour of a kind."""
        path = "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._path(kind, path, 2.2, dashed)

    def brace(self, x: float, y: float, width: float, words: str, size: float = 12, below: bool = True) -> None:
        """A bracket along a width with words at it: how long an axis is."""
        way = 1 if below else -1
        self.arrow((x, y), (x, y + 6 * way), (x + width, y + 6 * way), (x + width, y), tip=False)
        self.text(x + width / 2, y + way * (8 + size), words, size, quiet=True)

    def svg(self) -> str:
        """The whole file."""
        body = "\n".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}">\n<style>{_STYLE}</style>\n'
            f'<rect class="card" x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="10"/>\n{body}\n</svg>\n'
        )


def drawn(folder: Path, cells: Iterable[Cell]) -> dict[Path, str]:
    """What a homework's scripts draw, by the files they belong in.

    Raises:
        BuildError: a script draws nothing, prose shows what nothing draws, or nothing shows what is drawn.
    """
    scripts = {path.stem: path for path in sorted((folder / "figures").glob("*.py"))}
    shown: set[tuple[str, str]] = set()
    for cell in cells:
        for name in shown_in(cell):
            if name not in scripts:
                raise cell.error(f"figures/{name}.svg has no script: {folder / 'figures' / name}.py is missing.")
            shown.add((name, cell.lang))
    made = {}
    for name, script in scripts.items():
        draw = runpy.run_path(str(script)).get("draw")
        for lang in LANGUAGES:
            if (name, lang) not in shown:
                raise BuildError(f"{script}:1: no prose with lang={lang!r} shows figures/{name}.svg.")
            picture = draw(lang) if callable(draw) else None
            if not isinstance(picture, Picture):
                raise BuildError(f"{script}:1: `draw(lang)` has to return a Picture.")
            made[place(folder, name, lang)] = picture.svg()
    return made


def place(folder: Path, name: str, lang: str) -> Path:
    """The file of a picture in a language."""
    return folder / "figures" / f"{name}.{lang}.svg"


SHOWN = re.compile(r"!\[([^\]\n]+)\]\(figures/([a-z0-9_]+)\.svg\)")


def shown_in(cell: Cell) -> list[str]:
    """The pictures that a cell of prose shows."""
    return [match[2] for match in SHOWN.finditer(cell.source)] if cell.kind in ("markdown", "essay") else []


def _indexed(words: str) -> str:
    """Words with their indices lowered and raised; what follows one stands on the line again."""
    made, end, off = [], 0, 0.0  # how far the line is from where it was, in the words' own em
    for match in _INDEX.finditer(words):
        made.append(_moved(words[end : match.start()], -off, 1))
        off = 0.0 if match.start() > end else off
        level = 0.22 if match[1] == "_" else -0.36
        made.append(_moved(match[2], level - off, _SMALL))
        off, end = level, match.end()
    return "".join([*made, _moved(words[end:], -off, 1)])


def _moved(words: str, by: float, size: float) -> str:
    if not words or (not by and size == 1):
        return html.escape(words)
    smaller = f' font-size="{size:.0%}"' if size != 1 else ""
    return f'<tspan dy="{_n(by / size)}em"{smaller}>{html.escape(words)}</tspan>'


def _n(number: float) -> str:
    """A number as short as it can be, so that two machines draw the same bytes."""
    return f"{number:.2f}".rstrip("0").rstrip(".")

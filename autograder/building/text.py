"""A homework as text: read py:percent, and refuse what is inconsistent, naming file and line."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

KINDS = ("markdown", "code", "given", "solution", "check", "essay", "preload", "hint")
_HEADER = re.compile(r"\s*# %%")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")


class BuildError(Exception):
    """A homework's text that can't become a notebook; the message names file, line and remedy."""


@dataclass(frozen=True)
class Cell:
    """One cell of the text.

    ``id`` is "" for prose and plain code, and a hint's is its solution's; ``lang`` is "fa" for the Persian twin of prose.
    """

    kind: str
    source: str
    path: Path
    line: int
    id: str = ""
    points: float = 0.0
    forbid: str = ""
    lang: str = "en"

    @property
    def steps(self) -> list[str]:
        """The steps of a ladder of hints."""
        return [step.strip() for step in re.split(r"^---$", self.source, flags=re.MULTILINE)]

    @property
    def is_code(self) -> bool:
        return self.kind in ("code", "given", "solution", "check")

    def error(self, message: str) -> BuildError:
        return BuildError(f"{self.path}:{self.line}: {message}")


def read(path: Path) -> list[Cell]:
    """The cells of a homework's text, checked.

    Raises:
        BuildError: what it says is inconsistent.
        FileNotFoundError: there is no such file.
    """
    text = path.read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    notebook = jupytext.reads(text, fmt="py:percent")
    if len(lines) != len(notebook.cells):
        raise BuildError(f"{path}:1: the file must begin with a `# %%` cell header and use no other kind of header.")
    cells = [_cell(cell, path, line) for cell, line in zip(notebook.cells, lines)]
    _check_ids(cells)
    for cell in cells:
        _check_source(cell)
    _check_twins(cells)
    _check_hints(cells)
    _check_points(cells)
    return cells


def _cell(cell: dict, path: Path, line: int) -> Cell:  # type: ignore[type-arg]
    metadata = {k: v for k, v in cell["metadata"].items() if k != "lines_to_next_cell"}
    kind = metadata.pop("title", cell["cell_type"])
    is_markdown = cell["cell_type"] == "markdown"
    source = cell["source"].strip("\n")
    try:
        made = Cell(kind=kind, source=source, path=path, line=line, **metadata)
    except TypeError:
        unknown = ", ".join(metadata.keys() - {"id", "points", "forbid", "lang"})
        known = 'id="…", points=…, forbid="…" and lang="fa"'
        raise BuildError(f"{path}:{line}: a cell header knows {known}, not {unknown}.") from None
    if not isinstance(made.points, (int, float)) or isinstance(made.points, bool):
        raise made.error(f"points is a number without quotes, not {made.points!r}.")
    if not all(isinstance(value, str) for value in (made.id, made.forbid, made.lang)):
        raise made.error("id, forbid and lang are text in quotes.")
    if kind not in KINDS:
        raise made.error(f"a cell is one of {', '.join(KINDS[2:])}, markdown or plain code, not {kind!r}.")
    if is_markdown != (kind in ("markdown", "essay", "hint")):
        written = "markdown" if kind in ("essay", "hint") else "code"
        raise made.error(
            f"{kind} cells are {written}: write `# %% {'[markdown] ' if written == 'markdown' else ''}{kind}`."
        )
    if made.lang not in ("en", "fa") or (made.lang == "fa" and kind not in ("markdown", "hint")):
        raise made.error('only prose has a language, and it is lang="fa" or none.')
    return made


def _check_ids(cells: list[Cell]) -> None:
    seen: dict[str, int] = {}
    for cell in cells:
        if cell.kind in ("markdown", "code", "preload"):
            if cell.id:
                raise cell.error("prose, plain code and what is preloaded have no id.")
            continue
        if cell.kind == "hint":
            continue
        if not _IDENTIFIER.fullmatch(cell.id):
            raise cell.error(f'a {cell.kind} cell needs an id of letters, digits and _: id="…".')
        if cell.id in seen:
            raise cell.error(f"the id {cell.id!r} is already that of the cell in line {seen[cell.id]}.")
        seen[cell.id] = cell.line


def _check_source(cell: Cell) -> None:
    if cell.forbid and cell.kind != "solution":
        raise cell.error("only a solution cell can say what is forbidden.")
    _check_markers(cell)
    if cell.is_code or cell.kind == "preload":
        tree = _parse(cell)
        if cell.kind == "solution" and cell.id not in _defined(tree):
            raise cell.error(f"a solution's id is the name of its function: no `def {cell.id}` here.")


def _check_markers(cell: Cell) -> None:
    for name, allowed, needed in (
        ("SOLUTION", ("solution", "essay"), ("solution", "essay")),
        ("MARK SCHEME", ("essay",), ("essay",)),
        ("HIDDEN TESTS", (), ()),
    ):
        marks = re.findall(rf"###\s*(BEGIN|END) {name}\b", cell.source)
        if marks and cell.kind not in allowed:
            raise cell.error(f"BEGIN {name} has no place in a {cell.kind} cell.")
        if marks != ["BEGIN", "END"] * (len(marks) // 2):
            raise cell.error(f"the markers ### BEGIN {name} and ### END {name} don't pair.")
        if cell.kind in needed and not marks:
            raise cell.error(f"a {cell.kind} cell needs ### BEGIN {name} and ### END {name}.")


def _parse(cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1)
        raise BuildError(f"{cell.path}:{line}: {error.msg}: cells are plain Python, without magics.") from None


def _defined(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _check_twins(cells: list[Cell]) -> None:
    for position, cell in enumerate(cells):
        if cell.kind != "markdown":
            continue
        neighbour = cells[position + 1 if cell.lang == "en" else position - 1 :][:1]
        other = "fa" if cell.lang == "en" else "en"
        if not (neighbour and neighbour[0].kind == "markdown" and neighbour[0].lang == other):
            place = "after" if other == "fa" else "before"
            name = "Persian" if other == "fa" else "English"
            raise cell.error(f"this prose has no {name} twin right {place} it.")


MOST_STEPS = 4
WORTH_HINTS = 3  # points
_TOO_SHORT = 12  # characters of code that say nothing


def _check_hints(cells: list[Cell]) -> None:
    solutions = {cell.id: cell for cell in cells if cell.kind == "solution"}
    ladders = {(cell.id, cell.lang): cell for cell in cells if cell.kind == "hint"}
    for (name, lang), cell in ladders.items():
        twin = ladders.get((name, "fa" if lang == "en" else "en"))
        if name not in solutions:
            raise cell.error(f"hints are for a solution, and there is none called {name!r}.")
        if twin is None or len(twin.steps) != len(cell.steps):
            raise cell.error(f"the hints of {name} need as many steps in the other language.")
        if not 2 <= len(cell.steps) <= MOST_STEPS or not all(cell.steps):
            raise cell.error(f"a ladder has 2 to {MOST_STEPS} steps, with a line --- between them.")
        given_away = [
            line for line in _secret_lines(solutions[name]) if any(line in _bare(step) for step in cell.steps)
        ]
        if given_away:
            raise cell.error(f"a hint holds a line of the solution: {given_away[0]}")
    for name, solution in solutions.items():
        points = sum(cell.points for cell in cells if cell.id in checks_of(name, cells))
        if points >= WORTH_HINTS and (name, "en") not in ladders:
            raise solution.error(
                f'{name} is worth {points:g} points and has no hints: add `# %% [markdown] hint id="{name}"` and its Persian '
                'twin with lang="fa", 2 to 4 steps with a line --- between them.'
            )


def _secret_lines(solution: Cell) -> list[str]:
    """The lines of a solution that say something, without their spaces."""
    hidden = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution.source, re.DOTALL)
    lines = [_bare(line) for part in hidden for line in part.splitlines()]
    return [line for line in lines if len(line) > _TOO_SHORT]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _check_points(cells: list[Cell]) -> None:
    for cell in cells:
        if cell.kind in ("check", "essay") and cell.points <= 0:
            raise cell.error(f"the {cell.kind} {cell.id!r} is worth nothing: points=… is missing.")
        if cell.kind not in ("check", "essay") and cell.points:
            raise cell.error("only checks and essays have points.")
        if cell.kind == "solution" and not checks_of(cell.id, cells):
            raise cell.error(f"no check looks at {cell.id}: add a check cell called {cell.id}_check.")


def checks_of(solution: str, cells: list[Cell]) -> list[str]:
    """The ids of the check cells of a solution: its name and ``_check``, ``_check_…``."""
    pattern = re.compile(rf"{re.escape(solution)}_check(_\w+)?")
    return [cell.id for cell in cells if cell.kind == "check" and pattern.fullmatch(cell.id)]

"""What a cell of code says, told by its syntax alone: the names it binds, and what it has that another cell lacks."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from autograder.building import slicing
from autograder.grading.released import squeezed

_MAGIC_LINE = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*[\w, ]+=[ \t]*)[%!].*$", re.MULTILINE)
_HELP = re.compile(r"^([ \t]*)[\w.*]+\?+[ \t]*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"(\s*)%%(\w*).*")
_OF_PYTHON = ("capture", "prun", "time", "timeit")
_OURS = frozenset({"check", "check_predictions", "start"})
_REACHES_EVERYTHING = re.compile(r"\b(?:exec|eval|globals|locals|vars|setattr|get_ipython|run_cell)\b|%run\b|import \*")
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@lru_cache(maxsize=4096)
def python(source: str) -> str | None:
    """A cell's Python, line by line, with its magics taken out; None when it is none."""
    magic = _CELL_MAGIC.match(source)
    if magic and magic[2] not in _OF_PYTHON:
        return None
    source = _CELL_MAGIC.sub(r"\1", source, count=1) if magic else source
    for text in (source, _without_magics(source)):
        try:
            ast.parse(text)
        except _UNREADABLE:
            continue
        return text
    return None


def _without_magics(source: str) -> str:
    for pattern, instead in ((_MAGIC_VALUE, r"\1None"), (_MAGIC_LINE, r"\1pass"), (_HELP, r"\1pass")):
        source = pattern.sub(instead, source)
    return source


@lru_cache(maxsize=4096)
def _tree(source: str) -> ast.Module | None:
    """A cell's syntax, which is shared and not to be changed; None when it is no Python."""
    text = python(source)
    return None if text is None else ast.parse(text)


@lru_cache(maxsize=4096)
def binds(source: str) -> frozenset[str]:
    """The names that a cell gives a value at its top level, in whatever way; for a cell of which that can't be told, too many.

    Code made of strings, ``globals()`` and the like can bind any name, so every word of such a cell counts.
    """
    parsed = _tree(source)
    if parsed is None:
        return frozenset()
    found = frozenset(bound_by(parsed.body))
    return found | frozenset(re.findall(r"\w+", source)) if _REACHES_EVERYTHING.search(source) else found


def bound_by(body: Iterable[ast.AST]) -> Iterator[str]:
    """Names bound by statements and what is nested in them; of functions and classes their own and what they say is global."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            yield from (name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


@lru_cache(maxsize=4096)
def names(source: str) -> slicing.Names:
    """What a cell binds and uses, without its magics; nothing for one that is no Python."""
    try:
        return slicing.names(python(source) or "")
    except _UNREADABLE:
        return slicing.Names(frozenset(), frozenset())


@lru_cache(maxsize=4096)
def uses(source: str) -> frozenset[str]:
    """The names that a cell needs and doesn't bind itself, Python's own left out."""
    return names(source).uses - frozenset(vars(builtins))


@lru_cache(maxsize=4096)
def needs_at_once(source: str) -> frozenset[str]:
    """The names that a cell looks up when it runs, not only when its functions are called; Python's and its own left out."""
    parsed = _tree(source)
    if parsed is None:
        return frozenset()
    found = frozenset(name for statement in parsed.body for name in _needed_at_once(statement))
    return found - frozenset(bound_by(parsed.body)) - frozenset(vars(builtins))


@lru_cache(maxsize=4096)
def meaning(source: str) -> str:
    """What a cell says: blanks, comments and docstrings say nothing. Two cells that mean the same have the same."""
    text = python(source)
    try:
        return squeezed(source) if text is None else ast.dump(_WithoutTexts().visit(ast.parse(text)))
    except RecursionError:
        return squeezed(source)


class _WithoutTexts(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if _is_text(node) else node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_stub(source: str, released: str, name: str) -> bool:
    """Whether a cell answers nothing: it is as released, or defines ``name`` as what isn't written yet and nothing else."""
    if meaning(source) == meaning(released):
        return True
    parsed = _tree(source)
    if parsed is None:
        return False
    match [statement for statement in parsed.body if not _is_text(statement)]:
        case []:
            return True
        case [ast.FunctionDef(name=defined, body=inside)] if defined == name:
            return all(map(_says_nothing, inside))
    return False


def _says_nothing(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        return any(isinstance(n, ast.Name) and n.id == "NotImplementedError" for n in ast.walk(statement.exc))
    ellipsis = (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and statement.value.value is ...
    )
    return isinstance(statement, ast.Pass) or ellipsis or _is_text(statement)


def does_something(source: str) -> bool:
    """Whether a cell is Python that is more than comments and text."""
    parsed = _tree(source)
    return parsed is not None and not all(map(_is_text, parsed.body))


def after(source: str, count: int) -> str:
    """What a cell says after its first ``count`` statements."""
    parsed = _tree(source)
    body = [] if parsed is None else parsed.body
    return "\n".join(_text(body, number, source.split("\n")) for number in range(count, len(body)))


def added(theirs: str, ours: str) -> tuple[str, str]:
    """What a changed cell has that ours lacks: what can run before ours, and what needs a name that ours binds.

    Left out are calls of ``check`` and ``start``, and what binds only names that ours binds too.
    """
    parsed, known = _tree(theirs), _tree(ours)
    if parsed is None or known is None:
        return "", ""
    dumped, taken = {ast.dump(statement) for statement in known.body}, frozenset(bound_by(known.body))
    before: list[str] = []
    after: list[str] = []
    lines = theirs.split("\n")
    for number, statement in enumerate(parsed.body):
        bound = frozenset(bound_by([statement]))
        if ast.dump(statement) in dumped or _is_text(statement) or (bound and bound <= taken) or _calls_ours(statement):
            continue
        late = bool(taken & frozenset(_needed_at_once(statement)))
        (after if late else before).append(_text(parsed.body, number, lines))
        taken |= bound if late else frozenset()
    return "\n".join(before), "\n".join(after)


def _needed_at_once(statement: ast.AST) -> Iterator[str]:
    """The names that a statement looks up when it runs; what is inside a function only when that is called."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
            waiting.append(node.value)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _calls_ours(statement: ast.stmt) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return False
    called = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id in _OURS for function in called)


def _text(body: list[ast.stmt], number: int, lines: list[str]) -> str:
    """A statement as it was written, with the comments in it; put anew where others share its lines."""
    statement = body[number]
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    last = statement.end_lineno or first
    beside = [other for other in body[max(0, number - 1) : number + 2] if other is not statement]
    if any(other.lineno <= last and first <= (other.end_lineno or 0) for other in beside):
        return ast.unparse(statement)
    return "\n".join(lines[first - 1 : last])

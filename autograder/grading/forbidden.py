"""What a solution must not call, and what is given and must stay: found in the syntax, flagged for a person, never punished.

Names are followed through imports, assignments, ``getattr`` and its like with a written-out name, and through code in a string
that is run. Whoever computes a name goes unseen: this is a reader's help and no wall.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from autograder.grading import statements
from autograder.grading.homework import Homework


def flags(notebook: NotebookNode, homework: Homework) -> list[str]:
    """The uses of forbidden names in a submission, and what is given, used by checks and defined anew; a line each.

    Looked at are the solution's own cell, the helpers that it calls, and every cell that the student added or changed, but
    no other solution.
    """
    ours = homework.sources
    solutions = {cell.id for cell in homework.cells if cell.kind != "code" and cell.id}
    code = [(_id(cell), _tree(cell.source), cell.source in ours) for cell in notebook.cells if cell.cell_type == "code"]
    names = _Names(tree for _, tree, _ in code)
    theirs = [(grade_id, tree) for grade_id, tree, is_ours in code if not is_ours]
    uses = [
        f"{solution.id} may not use {use}, which stands in {place}"
        for solution in homework.cells
        if solution.forbid
        for place, tree in _looked_at(solution.id, theirs, solutions)
        for use in names.uses(tree, solution.forbid.split())
    ]
    return list(dict.fromkeys([*uses, *_defined_anew([tree for _, tree in theirs], homework)]))


def _defined_anew(theirs: Iterable[ast.Module], homework: Homework) -> Iterator[str]:
    bound = {name for tree in theirs for name in statements.bound_by(tree.body)}
    for name, checked in homework.given_to_checks.items():
        if name in bound:
            yield from (
                f"{of} is checked with {name}, which is given and which the notebook defines anew" for of in checked
            )


def of_solution(flag: str) -> str:
    """The solution that one of these lines is about; "" if it is none of them."""
    found = re.match(r"(\w+) (?:may not use|is checked with) ", flag)
    return found[1] if found else ""


def _id(cell: NotebookNode) -> str | None:
    found: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return found


def _looked_at(
    solution: str, theirs: Sequence[tuple[str | None, ast.AST]], solutions: set[str]
) -> Iterator[tuple[str, ast.AST]]:
    own = [tree for grade_id, tree in theirs if grade_id == solution]
    yield from (("its cell", tree) for tree in own)
    yield from (("a cell that was added", tree) for grade_id, tree in theirs if grade_id not in solutions)
    helpers = {
        node.name: node
        for grade_id, tree in theirs
        if grade_id in solutions - {solution}
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in solutions
    }
    waiting = [name for tree in own for name in _called(tree)]
    while waiting:
        if (helper := helpers.pop(waiting.pop(), None)) is not None:
            yield f"{helper.name}, which it calls", helper
            waiting += _called(helper)


def _called(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _tree(source: str) -> ast.Module:
    """A cell's syntax, with magics and code in strings as the code that they run; nothing where it isn't Python."""
    try:
        tree: ast.Module = ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    tree.body += [statement for text in _run_from_strings(tree) for statement in _statements(text)]
    return tree


def _run_from_strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in _RUNNING:
            yield from (text for argument in node.args if (text := _text(argument)))


_RUNNING = {"exec", "eval", "run_line_magic", "run_cell_magic", "run_cell", "ex", "ev"}


def _statements(text: str) -> list[ast.stmt]:
    code = re.sub(r"^(-\w+\s*(\d+\s+)?)+", "", text.strip())  # %timeit -n 10 …
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


class _Names:
    """What the names of a notebook stand for."""

    def __init__(self, trees: Iterable[ast.AST]) -> None:
        self._aliases: dict[str, str] = {}
        self._everything_of: set[str] = set()
        nodes = [node for tree in trees for node in ast.walk(tree)]
        for node in nodes:
            self._import(node)
        for _ in range(3):  # a name for a name for a name
            for node in nodes:
                self._assign(node)

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            self._aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    self._everything_of.add(str(node.module))
                else:
                    self._aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def _assign(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.AST, ast.AST]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts)
            elif isinstance(target, ast.Name) and "?" not in (dotted := self._dotted(value)) and dotted != target.id:
                self._aliases.setdefault(target.id, dotted)

    def uses(self, tree: ast.AST, forbidden: list[str]) -> Iterator[str]:
        """Those of the forbidden names that code uses."""
        for node in ast.walk(tree):
            attribute, dotted = self._attribute(node), self._dotted(node)
            spelled = {dotted, *(f"{module}.{dotted}" for module in self._everything_of)}
            for name in forbidden:
                if name.startswith("."):
                    if attribute == name[1:]:
                        yield name
                elif any(each == name or each.startswith(f"{name}.") for each in spelled):
                    yield name

    def _attribute(self, node: ast.AST) -> str | None:
        """The name of the attribute that an expression takes of something."""
        match node:
            case ast.Attribute(attr=attribute):
                return attribute
            case ast.Call(func=function, args=[_, named, *_]) if _last_name(function) == "getattr":
                return _text(named)
            case ast.Call(func=function, args=[named, *_]) if _last_name(function) in ("attrgetter", "methodcaller"):
                return (_text(named) or "").rpartition(".")[2]
            case ast.Subscript(value=ast.Attribute(attr="__dict__") | ast.Call(func=ast.Name(id="vars")), slice=named):
                return _text(named)
        return None

    def _dotted(self, node: ast.AST) -> str:
        match node:
            case ast.Name(id=name):
                return self._aliases.get(name, name)
            case ast.Attribute(value=value, attr=attribute):
                return f"{self._dotted(value)}.{attribute}"
            case ast.Call(func=function, args=[value, named, *_]) if _last_name(function) == "getattr":
                return f"{self._dotted(value)}.{_text(named) or '?'}"
            case ast.Call(func=function, args=[named, *_]) if _last_name(function) in ("import_module", "__import__"):
                return _text(named) or "?"
            case ast.Subscript(value=ast.Attribute(value=value, attr="__dict__"), slice=named):
                return f"{self._dotted(value)}.{_text(named) or '?'}"
            case ast.Subscript(value=ast.Call(func=ast.Name(id="vars"), args=[value]), slice=named):
                return f"{self._dotted(value)}.{_text(named) or '?'}"
        return "?"


def _last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: Any) -> str | None:
    """The string that an expression spells out."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _text(left), _text(right)
            return None if first is None or second is None else first + second
        case ast.JoinedStr(values=parts):
            texts = [_text(part.value if isinstance(part, ast.FormattedValue) else part) for part in parts]
            return None if None in texts else "".join(map(str, texts))
    return None

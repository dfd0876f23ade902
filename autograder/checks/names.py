"""In Jupyter, a check and the student's code share one namespace and don't get into each other's way.

A variable of a check overwrites no name of the student's, and a student's name hides nothing that a check is given.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import ModuleType
from typing import Any

_MISSING = object()


class Apart:
    """Keeps the names of checks and of the student apart, in a shell's namespace.

    Attributes:
        given: what a check finds under these names, whatever the student calls so.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.given: dict[str, Any] = {}
        self._namespace = namespace
        self._left: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        self._lent: dict[str, Any] = {}

    def before(self, info: Any) -> None:
        """Before a cell: note what its check would overwrite, and put in what it is given."""
        assigned = _assigned_in_a_check(str(info.raw_cell))
        if assigned is None:
            return
        self._before = {name: self._namespace[name] for name in assigned if name in self._namespace}
        self._lent = {name: self._namespace.get(name, _MISSING) for name in self.given if name not in assigned}
        self._namespace |= {name: self.given[name] for name in self._lent}

    def after(self, result: Any) -> None:
        """After a cell: give back what was the student's; a name that nobody had stays, for whoever wants to look at it."""
        assigned = _assigned_in_a_check(str(result.info.raw_cell))
        if assigned is None:
            return
        for name in assigned & self._namespace.keys():
            before = self._before.get(name, _MISSING)
            if before is _MISSING or before is self._left.get(name, _MISSING):
                self._left[name] = self._namespace[name]
            else:
                self._namespace[name] = before
        for name, value in self._lent.items():
            if value is not _MISSING:
                self._namespace[name] = value
        self._before, self._lent = {}, {}


def keep_apart(between_cells: Callable[[], None]) -> None:
    """Begin to keep names apart in the Jupyter kernel that this runs in, if it is one; also call what begins each cell anew."""
    try:
        shell = get_ipython()  # type: ignore[name-defined]  # which a kernel puts among the builtins
    except NameError:
        return
    if shell is None:
        return
    if not hasattr(shell, "_autograder_names"):
        shell._autograder_names = names = Apart(shell.user_ns)
        shell.events.register("pre_run_cell", names.before)
        shell.events.register("post_run_cell", names.after)
        shell.events.register("pre_run_cell", lambda info: between_cells())
    shell._autograder_names.given = {name: value for name, value in shell.user_ns.items() if _is_given(value)}


def _is_given(value: Any) -> bool:
    """Whether a name that exists when a homework starts is one of its imports, by which its checks speak."""
    return isinstance(value, ModuleType) or str(getattr(value, "__module__", "")).partition(".")[0] in _IMPORTED_FROM


_IMPORTED_FROM = ("autograder", "torch")


def _assigned_in_a_check(source: str) -> frozenset[str] | None:
    """The variables that a cell assigns, if it is a check's; one that begins with a definition is the student's."""
    if "check" not in source:
        return None
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    begins = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    if isinstance(next(iter(tree.body), None), begins) or not any(_is_check(node) for node in ast.walk(tree)):
        return None
    return frozenset(_assigned(tree))


def _is_check(node: ast.AST) -> bool:
    match node:
        case ast.Call(
            func=ast.Name(id="check" | "check_predictions"), args=[ast.Constant(value=str()) | ast.JoinedStr(), *_]
        ):
            return True
    return False


def _assigned(tree: ast.Module) -> list[str]:
    found, waiting = [], list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
    return found

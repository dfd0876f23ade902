"""What a solution must not call: found in the whole notebook's syntax and flagged for a person, never punished."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode

from autograder.building import text


def flags(notebook: NotebookNode, homework: Path) -> list[str]:
    """The uses of forbidden names in a submission, a line each."""
    solutions = [cell for cell in text.read(homework) if cell.forbid]
    trees = [(cell, _tree(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    aliases = {name: full for _, tree in trees for name, full in _imports(tree)}
    found = []
    for solution in solutions:
        for cell, tree in trees:
            if _defines(tree, solution.id):
                found += [f"{solution.id} uses {use}" for use in _uses(tree, solution.forbid.split(), aliases)]
    return list(dict.fromkeys(found))


def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _defines(tree: ast.AST, name: str) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) and node.name == name for node in ast.walk(tree))


def _imports(tree: ast.AST) -> Iterable[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _uses(tree: ast.AST, forbidden: list[str], aliases: dict[str, str]) -> Iterable[str]:
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Attribute, ast.Name)):
            continue
        dotted = _dotted(node, aliases)
        for name in forbidden:
            if name.startswith("."):
                if isinstance(node, ast.Attribute) and f".{node.attr}" == name:
                    yield name
            elif dotted == name or dotted.startswith(f"{name}."):
                yield name


def _dotted(node: ast.AST, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return aliases.get(node.id, node.id) if isinstance(node, ast.Name) else "?"

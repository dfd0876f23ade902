"""What a solution must not call: found in the whole notebook's syntax and flagged for a person, never punished."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.grading.homework import Homework


def flags(notebook: NotebookNode, homework: Homework) -> list[str]:
    """The uses of forbidden names in a submission, a line each.

    Looked at are the solution's own cell and every cell that the student added or changed, but no other solution's.
    """
    cells, ours = homework.cells, homework.sources
    others = {cell.id for cell in cells if cell.kind != "code" and cell.id}
    code = [(cell, _tree(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    aliases = {name: full for _, tree in code for name, full in _imports(tree)}
    trees = [
        (cell.metadata.get("nbgrader", {}).get("grade_id"), tree) for cell, tree in code if cell.source not in ours
    ]
    return list(
        dict.fromkeys(
            f"{solution.id} may not use {use}, which stands in {'its cell' if grade_id else 'a cell that was added'}"
            for solution in cells
            if solution.forbid
            for grade_id, tree in trees
            if grade_id == solution.id or grade_id not in others
            for use in _uses(tree, solution.forbid.split(), aliases)
        )
    )


def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


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

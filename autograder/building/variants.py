"""Wrong and other right solutions that stand beside a homework, and how they are told to the audit."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from autograder.building.text import BuildError

T = TypeVar("T", bound=Callable[..., Any])
_ATTRIBUTE = "__autograder_variant__"


@dataclass(frozen=True)
class Variant:
    """Another solution of ``target``; a wrong one says in two languages what puts its student right."""

    name: str
    target: str
    source: str
    line: int
    en: str = ""
    fa: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.en)


def wrong(target: str, *, en: str, fa: str) -> Callable[[T], T]:
    """Mark a function as a mistake that students make in ``target``."""
    return lambda function: _mark(function, target, en, fa)


def right(target: str) -> Callable[[T], T]:
    """Mark a function as another right solution of ``target``."""
    return lambda function: _mark(function, target, "", "")


def _mark(function: T, target: str, en: str, fa: str) -> T:
    setattr(function, _ATTRIBUTE, (target, en, fa))
    return function


def read(path: Path) -> list[Variant]:
    """The variants in a homework's ``variants.py``.

    Raises:
        BuildError: a wrong variant lacks a sentence, or two have one name.
    """
    spec = importlib.util.spec_from_file_location(f"variants_of_{path.parent.name}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise BuildError(f"{path}: there is no such file: write the homework's wrong and other right solutions there.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = path.read_text(encoding="utf-8")
    nodes = _definitions(source, path)
    made = {name: value for name, value in vars(module).items() if hasattr(value, _ATTRIBUTE)}
    return [_variant(nodes[name], value, source, path) for name, value in made.items()]


Definition = ast.FunctionDef | ast.ClassDef


def _definitions(source: str, path: Path) -> dict[str, Definition]:
    nodes: dict[str, Definition] = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if node.name in nodes:
                raise BuildError(f"{path}:{node.lineno}: a second variant called {node.name}.")
            nodes[node.name] = node
    return nodes


def _variant(node: Definition, made: Any, source: str, path: Path) -> Variant:
    target, en, fa = getattr(made, _ATTRIBUTE)
    if bool(en) != bool(fa):
        raise BuildError(f"{path}:{node.lineno}: {node.name} needs its sentence in both languages, en= and fa=.")
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    renamed = re.sub(rf"\b{node.name}\b", target, lines[0], count=1)
    return Variant(node.name, target, "\n".join([renamed, *lines[1:]]), node.lineno, en, fa)

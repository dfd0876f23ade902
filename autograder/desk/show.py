"""Show something in Jupyter, or print it."""

from __future__ import annotations

from autograder.checks.check import show
from autograder.checks.messages import isolated


def readable(text: str, language: str) -> str:
    """A sentence for a page: in Persian with its code and formulas set apart."""
    return isolated(text) if language == "fa" else text


def display(text: str, html: str, in_jupyter_only: bool = False) -> None:
    """Rich where there is a notebook, plain elsewhere."""
    if not show(text, html) and not in_jupyter_only:
        print(text)

"""Show something in Jupyter, or print it."""

from __future__ import annotations

from autograder.checks.check import show


def display(text: str, html: str, in_jupyter_only: bool = False) -> None:
    """Rich where there is a notebook, plain elsewhere."""
    if not show(text, html) and not in_jupyter_only:
        print(text)

"""What the pages about a class have in common: one template's frame, words in two languages, figures that need no file."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from autograder.checks.messages import isolated
from autograder.cleaned import cleaned
from autograder.reporting import statistics
from autograder.reporting.words import WORDS

BLUE, ORANGE = "#0072B2", "#D55E00"
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")  # of numbers in sentences; in tables and figures they stay
LONGEST = 6_000  # characters of one student's code on a page


def render(template: str, lang: str, now: datetime, **values: Any) -> str:
    """A page, with its words in English ("en") or Persian ("fa"); it asks nothing of the web."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(
        words=WORDS[lang],
        lang=lang,
        direction="rtl" if lang == "fa" else "ltr",
        enough=statistics.ENOUGH,
        percent=lambda share: f"{share:.0%}",
        number=lambda value: f"{value:.2f}",
        said=lambda value: _in_persian(str(value)) if lang == "fa" else str(value),
        isolated=isolated,
        cleaned=cleaned,
        now=now.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        **values,
    )


def _in_persian(text: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", "٫", text).translate(_PERSIAN)


def code(text: str) -> str:
    """Somebody's code to be shown: no character that can't be seen, and of a long one the beginning."""
    seen = "".join(c for c in text[:LONGEST] if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return seen + ("\n…" if len(text) > LONGEST else "")


def svg(draw: Callable[[Any], None], size: tuple[float, float], title: str) -> str:
    """A figure as an SVG element without ids that another's could meet."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": title, "font.size": 9}):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        made = io.StringIO()
        figure.savefig(made, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    picture = made.getvalue()
    picture = picture[picture.index("<svg") :]
    picture = re.sub(r"<metadata>.*?</metadata>", "", picture, flags=re.DOTALL)
    return picture.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)

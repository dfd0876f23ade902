"""``hint("…")``: one more step of a ladder, from a question to think about to nearly the code. It costs nothing."""

from __future__ import annotations

from collections import Counter
from html import escape

from autograder.checks import session
from autograder.checks.check import public_references
from autograder.checks.messages import direction
from autograder.desk.show import display, readable
from autograder.desk.standing import solutions
from autograder.desk.words import say

_shown: Counter[str] = Counter()


def hint(name: str) -> None:
    """Show the next hint for a task; after the last one, the last once more.

    Args:
        name: the function that is to be written.

    Raises:
        NotReady: there is no such task.
    """
    homework = session.current.named_homework()
    if session.current.sink is not None:
        return  # nobody looks while it is graded
    references = public_references(homework)
    guide = references.guide
    known = solutions(guide)
    if name not in known:
        raise session.NotReady(say(guide.language, "no_name", name=name, names=", ".join(guide.hints or sorted(known))))
    steps = guide.hints.get(name, [])
    if not steps:
        text = say(guide.language, "no_ladder", name=name)
        display(text, _html(guide.language, text, "", ""))
        return
    _shown[name] = min(_shown[name] + 1, len(steps))
    step = _shown[name]
    head = say(guide.language, "ladder", step=step, steps=len(steps), name=name)
    then = say(guide.language, "more" if step < len(steps) else "last", name=name)
    display(f"{head}\n\n{steps[step - 1]}\n\n{then}", _html(guide.language, head, steps[step - 1], then))


def _html(language: str, head: str, body: str, then: str) -> str:
    head, then = (readable(part, language) for part in (head, then))
    paragraphs = "".join(
        f'<p style="margin:6px 0;white-space:normal">{_with_code(part)}</p>' for part in body.split("\n\n")
    )
    return (
        f'<div class="autograder-hint" {direction(language)} style="max-width:62em;padding:8px 14px;'
        f'border-inline-start:4px solid #ca8a04;background:rgba(234,179,8,.12);text-align:start">'
        f'<div style="font-weight:600">{escape(head)}</div>{paragraphs if body else ""}'
        f'<div style="opacity:.7;font-size:85%">{escape(then)}</div></div>'
    )


def _with_code(text: str) -> str:
    """Text with what stands between backticks as code, left to right."""
    parts = text.split("`")
    return "".join(f'<code dir="ltr">{escape(part)}</code>' if i % 2 else escape(part) for i, part in enumerate(parts))

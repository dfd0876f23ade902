"""The verdict on one check: what the judge gives, a receipt keeps, and people read."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from autograder.checks.messages import persian_in_line, times

State = Literal["passed", "followed through", "failed", "missing", "not graded", "void"]
PASSED: Final = "passed"
FOLLOWED: Final = "followed through"
FAILED: Final = "failed"
MISSING: Final = "missing"
NOT_GRADED: Final = "not graded"
VOID: Final = "void"

EXACT = ConfigDict(
    strict=True, extra="forbid"
)  # what a person or another version wrote into a file is refused, not guessed
Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, config=EXACT)
class Diagnosis:
    """A known mistake: the wrong variant whose numbers came, and the sentence that puts it right, English and Persian."""

    variant: str
    en: str
    fa: str


@dataclass(frozen=True, config=EXACT)
class Verdict:
    """One check of one submission.

    Attributes:
        check: its name.
        cell: the id of the cell it stands in.
        state: "passed", "followed through" when it was right with the model's version of functions it needs, "failed",
            "missing", "not graded" when the grader itself was at fault, or "void" when the check was.
        earned: the share of the check's points, 0 to 1.
        weight: the check's share of its cell's points, beside the cell's other checks.
        fact: what is wrong, without a number that only the grading run knows.
        difference: in tolerances; None where nothing finite can be said.
        diagnosis: the known mistake whose numbers these are.
        flag: why a person should look at it.
        given: the functions that were the model's, where it is followed through.
        was: its state before the check was voided; it is this again when that is taken back.
    """

    check: str
    cell: str
    state: State
    earned: Annotated[Finite, Field(ge=0, le=1)]
    weight: Annotated[Finite, Field(ge=0)]
    fact: str = ""
    difference: Finite | None = 0.0
    diagnosis: Diagnosis | None = None
    flag: str = ""
    given: tuple[str, ...] = ()
    was: State | None = None

    def line(self) -> str:
        """The verdict as a student reads it."""
        if self.state == VOID:
            return f"– {self.check}: this check was at fault and counts for nobody"
        mark = "✓" if self.state in (PASSED, FOLLOWED) else "?" if self.state == NOT_GRADED else "✗"
        lines = [f"{mark} {self.check}" + (f": {self.fact}" if self.fact else "")]
        if self.difference is not None and self.difference > 1:
            lines.append(f"  off by {times(self.difference)} the tolerance")
        if self.diagnosis:
            lines += [f"  {self.diagnosis.en}", f"  {persian_in_line(self.diagnosis.fa)}"]
        return "\n".join(lines)

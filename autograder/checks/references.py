"""References: the instructor's answers under one seed, and the wrong answers that are known, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from autograder.checks import values
from autograder.checks.compare import Options, compare

SUFFIX = ".references.safetensors"
FORMAT = 4


@dataclass(frozen=True)
class Reference:
    """The answer to one check. ``known`` is False when only its form is known here (``public=False``)."""

    name: str
    cell: str
    value: Any
    options: Options = Options()
    known: bool = True


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer to one check, and the sentence that puts right who gives it, in English and in Persian.

    Attributes:
        check: the check's name.
        variant: the wrong solution that gives it.
        target: the solution that the variant stands for.
        value: the answer; None where ``telling`` is False.
        telling: whether its numbers tell this mistake from others; zeros, an input given back, infinities and NaN don't.
    """

    check: str
    variant: str
    target: str
    en: str
    fa: str
    value: Any
    telling: bool = True


@dataclass(frozen=True)
class Guide:
    """What a released homework knows of itself, for the student's desk.

    Attributes:
        language: the release's, "en" or "fa".
        points: what each check cell is worth, by its id, in the order of the notebook.
        essays: what each essay is worth, by its id.
        hints: the steps of each solution's ladder of hints, in the release's language.
        minutes: how long each check cell or essay takes, by its id, where the homework's tasks say so.
    """

    language: str = "en"
    points: dict[str, float] = field(default_factory=dict)
    essays: dict[str, float] = field(default_factory=dict)
    hints: dict[str, list[str]] = field(default_factory=dict)
    minutes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class References:
    """Every check of a homework under one seed, in the order of the notebook.

    ``exams`` are the questions of each by name, with zeros for answers: what a kernel is given of them. They ship to nobody.
    """

    homework: str
    seed_id: str
    checks: list[Reference] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    exams: dict[str, Any] = field(default_factory=dict)
    guide: Guide = Guide()

    def named(self, name: str) -> Reference | None:
        return next((reference for reference in self.checks if reference.name == name), None)

    def of_cell(self, cell: str) -> list[Reference]:
        return [reference for reference in self.checks if reference.cell == cell]

    def cells(self) -> list[str]:
        return list(dict.fromkeys(reference.cell for reference in self.checks))

    def diagnose(self, reference: Reference, answer: Any, seen: Mapping[str, bool]) -> Mistake | None:
        """The known mistake whose numbers are this answer's, if they are one's alone.

        Silent where two explanations fit. A mistake is ruled out when a check of its own solution passed that it would
        have failed; one in a function that the checked one calls counts beside the checked one's own only when it is known
        that the other's checks fail.

        Args:
            reference: the check.
            answer: what came, as ``values.unpack`` gives it.
            seen: of other checks, whether their answers are right; what isn't known is left out.
        """
        fitting = [
            (mistake, is_check_of(reference.cell, mistake.target), self._own_checks(mistake, seen))
            for mistake in self.mistakes
            if mistake.check == reference.name
            and mistake.telling
            and compare(answer, mistake.value, reference.options).agrees
        ]
        possible = [(mistake, is_own, known) for mistake, is_own, known in fitting if True not in known]
        own = [mistake for mistake, is_own, _ in possible if is_own]
        others = [mistake for mistake, is_own, known in possible if not is_own and (known or not own)]
        found = own + others
        return found[0] if len({mistake.en for mistake in found}) == 1 else None

    def _own_checks(self, mistake: Mistake, seen: Mapping[str, bool]) -> set[bool]:
        """How those checks of its own solution ended which a mistake fails, as far as that is known."""
        own = {reference.name for reference in self.checks if is_check_of(reference.cell, mistake.target)}
        failed = {other.check for other in self.mistakes if other.variant == mistake.variant}
        return {seen[check] for check in own & failed & seen.keys()}

    def public(self, constant: Iterable[str] = ()) -> References:
        """What may ship: of checks that are not public only the form, and none of their mistakes."""
        hidden = {reference.name for reference in self.checks if not reference.options.public} | set(constant)
        shipped = [
            Reference(r.name, r.cell, blank(r.value), r.options, known=False) if r.name in hidden else r
            for r in self.checks
        ]
        mistakes = [mistake for mistake in self.mistakes if mistake.check not in hidden]
        return References(self.homework, self.seed_id, shipped, mistakes, guide=self.guide)


def is_check_of(cell: str, solution: str) -> bool:
    """Whether a check cell, by its id, is one of a solution's."""
    return cell.startswith(f"{solution}_check")


def blank(value: Any) -> Any:
    """A value of the same form that says nothing else: zeros, empty strings, empty sets."""
    if isinstance(value, Tensor):
        return torch.zeros_like(value)
    if isinstance(value, list):
        return [blank(item) for item in value]
    if isinstance(value, dict):
        return {key: blank(item) for key, item in value.items()}
    return None if value is None else type(value)()


def write(references: References, path: Path) -> None:
    """Write references to a file.

    The same references make the same bytes.
    """
    tensors: dict[str, Tensor] = {}
    content = {
        "format": FORMAT,
        "homework": references.homework,
        "seed": references.seed_id,
        "checks": [
            {
                "name": r.name,
                "cell": r.cell,
                "options": asdict(r.options),
                "known": r.known,
                "value": values.pack(r.value, tensors),
            }
            for r in references.checks
        ],
        "mistakes": [
            {
                "check": m.check,
                "variant": m.variant,
                "target": m.target,
                "en": m.en,
                "fa": m.fa,
                "value": values.pack(m.value, tensors),
                "telling": m.telling,
            }
            for m in references.mistakes
        ],
        "exams": values.pack(references.exams, tensors),
        "guide": asdict(references.guide),
    }
    path.write_bytes(save(tensors, metadata={"autograder": json.dumps(content, ensure_ascii=False)}))


def read(path: Path) -> References:
    """Read references.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no references, or those of a newer version of this package.
    """
    try:
        with safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})["autograder"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise
    except (SafetensorError, KeyError, OSError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} holds no references (damaged, or another kind of file): download it again."
        ) from error
    if content["format"] != FORMAT:
        raise ValueError(f"{path} is of another version: download the notebook, this file and the package together.")
    return References(
        homework=content["homework"],
        seed_id=content["seed"],
        checks=[
            Reference(c["name"], c["cell"], values.unpack(c["value"], tensors), Options(**c["options"]), c["known"])
            for c in content["checks"]
        ],
        mistakes=[Mistake(**m | {"value": values.unpack(m["value"], tensors)}) for m in content["mistakes"]],
        exams=values.unpack(content["exams"], tensors),
        guide=Guide(**content["guide"]),
    )

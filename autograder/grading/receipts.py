"""Receipts: what each submission was graded with and how, one JSON file an attempt."""

from __future__ import annotations

import json
import math
import platform
import subprocess
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from autograder import whole
from autograder.grading.judge import Verdict

if TYPE_CHECKING:
    from autograder.grading.run import Result

FOLDER = "receipts"
_PACKAGES = ("autograder", "nbgrader", "numpy", "safetensors", "torch")


def path(course: Path, student: str, homework: str, attempt: int) -> Path:
    return course / FOLDER / student / homework / f"{attempt}.json"


def of(course: Path, student: str, homework: str) -> list[dict[str, Any]]:
    """A student's receipts of a homework, first attempt first."""
    files = (course / FOLDER / student / homework).glob("*.json")
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(files, key=lambda f: int(f.stem))]


def attempt(course: Path, student: str, homework: str, submission: str) -> int:
    """Which attempt of the student this submission is, from 1; graded again it is the same one."""
    before = of(course, student, homework)
    for receipt in before:
        if receipt["submission"] == submission:
            return int(receipt["attempt"])
    return len(before) + 1


def write(course: Path, receipt: dict[str, Any]) -> None:
    """Write a receipt, whole or not at all."""
    place = path(course, receipt["student"], receipt["homework"], receipt["attempt"])
    whole.write(place, json.dumps(receipt, indent=1, ensure_ascii=False) + "\n")


def receipt(
    course: Path, student: str, homework: str, result: Result, scores: dict[str, float | None]
) -> dict[str, Any]:
    """The receipt of a graded submission; ``scores`` are the automatic ones of its cells."""
    return {
        "student": student,
        "homework": homework,
        "attempt": result.attempt,
        "submission": result.submission,
        "seed": result.seed,
        "references": result.references,
        **environment(course),
        "limits": asdict(result.limits),
        "notes": result.notes,
        "flags": result.flags,
        "answers": result.answers,
        "scores": scores,
        "checks": [check(verdict) for verdict in result.verdicts],
    }


def check(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it stands in a receipt."""
    return {
        "check": verdict.name,
        "cell": verdict.cell,
        "state": verdict.state,
        "earned": verdict.earned,
        "weight": verdict.weight,
        "fact": verdict.fact,
        "difference": verdict.ratio if math.isfinite(verdict.ratio) else None,
        "diagnosis": verdict.mistake.variant if verdict.mistake else None,
        "flag": verdict.flag,
    }


@cache
def environment(course: Path) -> dict[str, Any]:
    """What it was graded with: versions, device, commit."""
    git = subprocess.run(["git", "-C", str(course), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU ({platform.machine()})",
        "commit": git.stdout.strip() or None,
    }

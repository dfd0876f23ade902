"""Receipts: what stands in the file, which attempt a submission is, and what is refused as none."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.grading import receipts
from autograder.grading.verdict import Diagnosis
from autograder.problem import Problem
from autograder.running.sandbox import Limits
from tests.grading.made import PLAIN, receipt, verdict

FULL = receipt(
    verdict(),
    verdict(
        "double_big", state="failed", fact="3 of 8 values differ", difference=12.5,
        diagnosis=Diagnosis("triple", "You multiply by three.", "در سه ضرب کرده‌اید."), flag="look",
    ),
    verdict("answer", "answer_check", "missing", fact="no answer: it raised NameError", difference=None, weight=2.0),
    attempt=2,
    round=3,
    notes=("put back: why",),
    flags=("too good",),
    essays={"why": "e55a"},
    scores={"double_check": 20.0, "why": None},
    limits=Limits(cell_cpu=5),
)  # fmt: skip
ON_DISK = """\
{
 "student": "9901",
 "homework": "hw",
 "attempt": 2,
 "round": 3,
 "submission": "abababababababababababababababababababababababababababababababab",
 "seed_id": "5eed",
 "references_id": "4ef5",
 "versions": {
  "torch": "2.13.0"
 },
 "device": "CPU (x86_64)",
 "commit": "c0ffee",
 "limits": {
  "memory": 6442450944,
  "disk": 536870912,
  "file_size": 268435456,
  "processes": 128,
  "open_files": 512,
  "cell_cpu": 5.0,
  "cell_wall": 300.0,
  "notebook_cpu": 400.0,
  "notebook_wall": 1200.0,
  "hand_over": 67108864,
  "output": 67108864,
  "restarts": 16
 },
 "notes": [
  "put back: why"
 ],
 "flags": [
  "too good"
 ],
 "essays": {
  "why": "e55a"
 },
 "scores": {
  "double_check": 20.0,
  "why": null
 },
 "checks": [
  {
   "check": "double",
   "cell": "double_check",
   "state": "passed",
   "earned": 1.0,
   "weight": 1.0,
   "fact": "",
   "difference": 0.0,
   "diagnosis": null,
   "flag": "",
   "given": [],
   "was": null
  },
  {
   "check": "double_big",
   "cell": "double_check",
   "state": "failed",
   "earned": 0.0,
   "weight": 1.0,
   "fact": "3 of 8 values differ",
   "difference": 12.5,
   "diagnosis": {
    "variant": "triple",
    "en": "You multiply by three.",
    "fa": "در سه ضرب کرده‌اید."
   },
   "flag": "look",
   "given": [],
   "was": null
  },
  {
   "check": "answer",
   "cell": "answer_check",
   "state": "missing",
   "earned": 0.0,
   "weight": 2.0,
   "fact": "no answer: it raised NameError",
   "difference": null,
   "diagnosis": null,
   "flag": "",
   "given": [],
   "was": null
  }
 ]
}
"""


def test_a_receipt_is_a_file_that_people_can_read(tmp_path: Path) -> None:
    receipts.write(tmp_path, FULL)
    assert (tmp_path / "receipts" / "9901" / "hw" / "2.json").read_text(encoding="utf-8") == ON_DISK


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    receipts.write(tmp_path, FULL)
    assert receipts.read(receipts.path(tmp_path, "9901", "hw", 2)) == FULL


def test_a_cells_verdicts_in_their_order() -> None:
    assert [found.check for found in FULL.of_cell("double_check")] == ["double", "double_big"]
    assert FULL.of_cell("why") == []


def written(course: Path, *given: tuple[int, str]) -> None:
    for attempt, submission in given:
        receipts.write(course, replace(PLAIN, attempt=attempt, submission=submission))


def test_receipts_come_in_the_order_of_the_attempts(tmp_path: Path) -> None:
    written(tmp_path, (10, "c"), (2, "b"), (1, "a"))
    (tmp_path / "receipts" / "9901" / "hw" / "notes of mine.json").write_text("{}")
    assert [found.attempt for found in receipts.of(tmp_path, "9901", "hw")] == [1, 2, 10]
    assert receipts.of(tmp_path, "9902", "hw") == [] and receipts.of(tmp_path, "9901", "hw2") == []


@pytest.mark.parametrize(
    ("before", "submission", "attempt"),
    [
        ([], "a", 1),
        ([(1, "a")], "a", 1),
        ([(1, "a")], "b", 2),
        ([(1, "a"), (2, "b")], "a", 1),
        ([(1, "a"), (2, "b")], "b", 2),
        ([(1, "a"), (2, "b")], "c", 3),
        ([(1, "a"), (3, "c")], "d", 4),
        ([(1, "a"), (2, "a")], "a", 1),
    ],
)
def test_the_same_file_is_the_same_attempt_and_another_the_next(
    before: list[tuple[int, str]], submission: str, attempt: int, tmp_path: Path
) -> None:
    written(tmp_path, *before)
    again = submission in {known for _, known in before}
    assert receipts.attempt(tmp_path, "9901", "hw", submission, 7) == (attempt, 1 if again else 7)


def test_the_receipt_of_a_submission(tmp_path: Path) -> None:
    written(tmp_path, (1, "a"), (2, "b"))
    found = receipts.of_submission(tmp_path, "9901", "hw", "b")
    assert found is not None and found.attempt == 2
    assert receipts.of_submission(tmp_path, "9901", "hw", "c") is None


def changed(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update({key: value})


def without(key: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        del content[key]

    return change


def in_a_check(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["checks"][1].update({key: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("checks"), "checks: it is missing"),
        (without("seed_id"), "seed_id: it is missing"),
        (changed("seed", "5eed"), "seed: no receipt has that"),
        (changed("attempt", 0), "attempt: "),
        (changed("attempt", "2"), "attempt: "),
        (changed("notes", "put back"), "notes: "),
        (changed("scores", {"double_check": "20"}), "scores.double_check: "),
        (changed("limits", {"memory": "much"}), "limits.memory: "),
        (in_a_check("state", "great"), "checks.1.state: "),
        (in_a_check("earned", 2.0), "checks.1.earned: "),
        (in_a_check("weight", "1"), "checks.1.weight: "),
        (in_a_check("diagnosis", "triple"), "checks.1.diagnosis: "),
        (in_a_check("name", "double"), "checks.1.name: no receipt has that"),
    ],
)
def test_what_is_no_receipt_is_refused_by_name_with_what_to_do(
    change: Callable[[dict[str, Any]], None], words: str, tmp_path: Path
) -> None:
    content = json.loads(ON_DISK)
    change(content)
    path = receipts.path(tmp_path, "9901", "hw", 2)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))
    for read in (lambda: receipts.read(path), lambda: receipts.of(tmp_path, "9901", "hw")):
        with pytest.raises(Problem) as refused:
            read()
        assert str(refused.value).startswith(f"{path} is no receipt ({words}")
        assert "restore it from a backup, or move it away and grade the submission again" in str(refused.value)


def test_the_first_of_several_faults_is_named(tmp_path: Path) -> None:
    content = json.loads(ON_DISK)
    content["checks"][0]["state"], content["attempt"] = "great", 0
    (tmp_path / "1.json").write_text(json.dumps(content))
    with pytest.raises(Problem, match=r"is no receipt \(attempt: "):
        receipts.read(tmp_path / "1.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"null"])
def test_what_is_no_json_of_a_receipt_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "1.json").write_bytes(content)
    with pytest.raises(Problem, match=r"1\.json is no receipt \(\w"):
        receipts.read(tmp_path / "1.json")


def test_no_receipt_and_one_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(
        Problem, match="there is no receipt .*/1.json: they are in receipts/<student>/<homework>/<attempt>"
    ):
        receipts.read(tmp_path / "1.json")
    with pytest.raises(Problem, match=r"can't be read \(Is a directory\): put that right"):
        receipts.read(tmp_path)


@pytest.mark.parametrize("said", [{"student": "9902"}, {"homework": "hw2"}, {"attempt": 3}])
def test_a_receipt_in_anothers_place_is_refused(said: dict[str, Any], tmp_path: Path) -> None:
    receipts.write(tmp_path, FULL)
    receipts.write(tmp_path, replace(FULL, **said))
    [other] = {*tmp_path.rglob("*.json")} - {receipts.path(tmp_path, "9901", "hw", 2)}
    other.replace(receipts.path(tmp_path, "9901", "hw", 2))
    about = {"attempt": 2, "student": "9901", "homework": "hw"} | said
    with pytest.raises(
        Problem, match="2.json is the receipt of attempt {attempt} of {student} at {homework}: move it".format(**about)
    ):
        receipts.of(tmp_path, "9901", "hw")


def test_a_receipt_says_which_versions_device_and_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    plain, repository = tmp_path / "plain", tmp_path / "repository"
    for folder in (plain, repository):
        folder.mkdir()
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(repository), *command], check=True)
    found = receipts.environment(repository)
    assert set(found.versions) == {"python", "autograder", "nbgrader", "numpy", "safetensors", "torch"}
    assert (
        found.versions["torch"] == torch.__version__.partition("+")[0] or found.versions["torch"] == torch.__version__
    )
    assert found.device.startswith("CPU (") and found.commit is not None and len(found.commit) == 40
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    assert receipts.environment(plain).device == "a GPU" and receipts.environment(plain).commit is None

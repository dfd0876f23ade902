"""``check`` in a student's notebook, at grading and while recording."""

import os
import socket
import struct
from pathlib import Path

import pytest
import torch

from autograder import check, check_predictions, seeded, start
from autograder.checks import session, values
from autograder.checks.check import CheckFailed
from autograder.checks.session import NotReady


def inputs() -> torch.Tensor:
    return seeded("double").normal(5, 3)


def test_a_right_answer_passes(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start("hw00_toy")
    check("double", 2 * inputs())
    assert capsys.readouterr().out == "✓ double\n"


def test_a_wrong_answer_says_what_came_what_was_expected_and_where(student: Path) -> None:
    start("hw00_toy")
    answer = 2 * inputs()
    answer[3, 1] += 0.5
    with pytest.raises(AssertionError) as failed:
        check("double", answer)
    text = str(failed.value)
    assert text.startswith("✗ double: 1 of 15 values differ; the largest difference is at [3, 1]")
    assert f"got        {answer[3, 1]:.6g} at [3, 1]" in text
    assert f"expected   {answer[3, 1] - 0.5:.6g}" in text


def test_a_known_mistake_is_diagnosed_in_both_languages(student: Path) -> None:
    start("hw00_toy")
    with pytest.raises(AssertionError, match=r"(?s)You tripled\..*سه برابر"):
        check("double", 3 * inputs())


def test_no_stack_trace_is_rendered(student: Path) -> None:
    start("hw00_toy")
    with pytest.raises(CheckFailed) as failed:
        check("double", None)
    assert failed.value._render_traceback_()[0] == "✗ double: expected a float tensor of shape (5, 3), got None"


def test_what_cannot_be_compared_is_named(student: Path) -> None:
    start("hw00_toy")
    with pytest.raises(AssertionError, match="expected a float tensor of shape .*, got an object of type generator"):
        check("double", (x for x in [1]))


def test_an_answer_that_is_not_public_is_looked_at_for_its_form_only(
    student: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start("hw00_toy")
    check("answer", [False, False, False, False])
    assert "after grading" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="expected 4 items, got 3"):
        check("answer", [True, False, True])


@pytest.mark.parametrize(
    ("metric", "goals", "said"),
    [
        ("recall", {}, "there are accuracy, f1, perplexity, mse"),
        ("mse", {}, "need at_most="),
        ("accuracy", {"at_most": 0.2}, "need at_most="),
        ("accuracy", {"at_least": 0.5}, "the wrong way round"),
        ("mse", {"at_most": 0.6}, "the wrong way round"),
    ],
)
def test_goals_that_make_no_sense_are_refused(student: Path, metric: str, goals: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_predictions("train", torch.zeros(2), None, metric=metric, **goals)


def test_predictions_are_measured(student: Path) -> None:
    start("hw00_toy")
    x = seeded("train").normal(64, 3)
    labels = (x.sum(-1) > 0).long()
    check_predictions("train", labels, labels)
    with pytest.raises(AssertionError, match=r"accuracy 0\.\d+ on held-out data; 0.95 earns all points"):
        check_predictions("train", labels * 0, labels)


def test_on_other_data_than_the_course_s_their_own_labels_are_measured(
    student: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start("hw00_toy")
    mine = torch.tensor([0, 1, 1])
    with pytest.raises(AssertionError, match=r"expected shape \(64,\)"):
        check_predictions("train", mine, mine)
    monkeypatch.setattr(session.current, "other_data", {"sms-spam"})
    check_predictions("train", mine, mine)
    assert "on held-out data of yours (grading has the course's)" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="accuracy 0 on held-out data of yours"):
        check_predictions("train", 1 - mine, mine)
    labels = (seeded("train").normal(64, 3).sum(-1) > 0).long()
    check_predictions("train", labels, labels)
    check_predictions("train", labels, None)
    assert "of yours" not in capsys.readouterr().out


def test_before_the_first_cell_it_says_so(student: Path) -> None:
    with pytest.raises(NotReady, match="run the notebook's first code cell"):
        seeded("double")


def test_a_missing_file_is_named_with_the_remedy(student: Path) -> None:
    (student / "hw00_toy.references.safetensors").rename(student / "elsewhere")
    start("hw00_toy")
    with pytest.raises(NotReady, match=r"hw00_toy.references.safetensors is not in .*: put the file"):
        check("double", 1)


def test_a_damaged_file_is_named_with_the_remedy(student: Path) -> None:
    (student / "hw00_toy.references.safetensors").write_bytes(b"\x10" * 40)
    start("hw00_toy")
    with pytest.raises(ValueError, match="download it again"):
        check("double", 1)


def test_an_unknown_check_is_named(student: Path) -> None:
    start("hw00_toy")
    with pytest.raises(NotReady, match="no check called 'dubble'"):
        check("dubble", 1)


def test_at_grading_it_hands_over_and_says_nothing(
    student: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setenv(session.SOCKET_VARIABLE, str(theirs.fileno()))
    monkeypatch.setenv(session.SEED_VARIABLE, "secret")
    start("hw00_toy")
    check("double", 3 * inputs())
    check_predictions("train", torch.zeros(2).long(), torch.ones(2).long())
    check("odd", object())
    frames = [read_frame(ours) for _ in range(3)]
    assert [header for header, _ in frames] == [
        {"name": "double"},
        {"name": "train"},
        {"name": "odd", "unsupported": "an object of type object"},
    ]
    assert torch.equal(frames[0][1], 3 * inputs()) and frames[1][1].tolist() == [0, 0]
    assert capsys.readouterr().out == ""


def test_the_secret_seed_draws_other_inputs(student: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start("hw00_toy")
    public = inputs()
    monkeypatch.setattr(session.current, "secret_seed", "secret")
    assert not torch.equal(inputs(), public)


def read_frame(channel: socket.socket) -> tuple[dict, object]:  # type: ignore[type-arg]
    (length,) = struct.unpack(">Q", channel.recv(8))
    return values.parse(channel.recv(length))


def test_importing_the_package_needs_only_what_students_install() -> None:
    import subprocess
    import sys

    code = (
        "import sys, autograder; allowed = {'nbgrader', 'jupytext', 'matplotlib', 'typer', 'IPython', 'nbformat', 'rich'};"
        "print(sorted(allowed & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.strip() == "[]"

"""``check`` in a student's notebook, at grading and while recording."""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from autograder import check, check_predictions, seeded, start
from autograder.checks import references, session, values
from autograder.checks.check import CheckFailed
from autograder.checks.compare import Options
from autograder.checks.draws import Draws
from autograder.checks.references import Mistake, Reference, References
from autograder.checks.session import NotReady

FILE = "hw.references.safetensors"


def inputs() -> torch.Tensor:
    return Draws("public/hw", "double").normal(5, 3)


def labels() -> torch.Tensor:
    return torch.arange(100) % 2


def public() -> References:
    accuracy = Options(metric="accuracy", goal=0.95, floor=0.7)
    return References(
        "hw",
        "seed",
        [
            Reference("double", "double_check", 2 * inputs()),
            Reference("answer", "answer_check", [True, False, True, True], Options(public=False)),
            Reference("train", "train_check", labels(), accuracy),
            Reference("loose", "loose_check", 1.0, Options(atol=0.5)),
            Reference("noise", "noise_check", torch.zeros(4), Options(metric="mse", goal=0.25, floor=1.0)),
        ],
        [
            Mistake("double", "triple", "solution", "You tripled.", "سه برابر کرده‌اید.", 3 * inputs()),
            Mistake("answer", "all", "solution", "All are true.", "همه درست.", [True] * 4),
        ],
    ).public()


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A student's folder with the public references, as the current folder, before the first cell."""
    references.write(public(), tmp_path / FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "current", session.Session())
    yield tmp_path


@pytest.fixture
def started(student: Path) -> Path:
    start("hw")
    return student


# In a student's notebook


def test_a_right_answer_passes(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check("double", 2 * inputs())
    assert capsys.readouterr().out == "✓ double\n"


def test_a_wrong_answer_says_what_came_what_was_expected_and_where(started: Path) -> None:
    answer = 2 * inputs()
    answer[3, 1] += 0.5
    with pytest.raises(AssertionError) as failed:
        check("double", answer)
    text = str(failed.value)
    assert text.startswith("✗ double: 1 of 15 values differ; the largest difference is at [3, 1]")
    assert f"got        {answer[3, 1]:.6g} at [3, 1]" in text
    assert f"expected   {answer[3, 1] - 0.5:.6g}" in text


def test_a_known_mistake_is_diagnosed_in_both_languages(started: Path) -> None:
    with pytest.raises(AssertionError, match=r"(?s)You tripled\..*سه برابر"):
        check("double", 3 * inputs())
    with pytest.raises(AssertionError) as failed:
        check("double", inputs() ** 2)
    assert "You" not in str(failed.value)


def test_what_a_near_miss_is_is_told(started: Path) -> None:
    with pytest.raises(AssertionError, match=r"(?s)the expected one times 2, everywhere.*۲|برابر"):
        check("double", 4 * inputs())


def test_a_known_mistake_is_ruled_out_by_a_check_that_it_would_have_failed(student: Path) -> None:
    known = public()
    known.checks.append(Reference("first", "double_check", torch.ones(2)))
    twice = ("once", "double", "You doubled once.", "یک بار.")
    known.mistakes[:] = [Mistake("double", *twice, inputs() ** 2), Mistake("first", *twice, torch.zeros(2))]
    references.write(known, student / "other.references.safetensors")
    start("other")
    with pytest.raises(AssertionError, match="You doubled once"):
        check("double", inputs() ** 2)
    check("first", torch.ones(2))
    with pytest.raises(AssertionError) as failed:
        check("double", inputs() ** 2)
    assert "You doubled once" not in str(failed.value)


def test_a_changed_argument_is_told_even_if_the_answer_is_right(started: Path) -> None:
    def doubled(x: torch.Tensor) -> torch.Tensor:
        return x.mul_(2)

    drawn = seeded("double").normal(5, 3)
    with pytest.raises(
        AssertionError, match=r"the answer is right, but .*\(a float tensor of shape \(5, 3\)\) in place"
    ):
        check("double", doubled(drawn))
    check("double", drawn.clone())  # told once


def test_a_tensor_made_of_what_was_drawn_is_looked_at_too(started: Path) -> None:
    draw = seeded("double")
    made = draw.unchanged({"x": 3 * draw.normal(4)})
    made["x"][2] = 0
    with pytest.raises(AssertionError, match="changed its argument"):
        check("double", 2 * inputs())


def test_what_came_in_a_numpy_array_is_right_and_said_to_be_one(
    started: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check("double", (2 * inputs()).numpy())
    assert capsys.readouterr().out.startswith("✓ double: in a NumPy array: return a tensor")


def test_the_references_options_count_and_not_the_notebooks(started: Path) -> None:
    check("loose", 1.4, atol=1e-9, rtol=1e-9)
    with pytest.raises(AssertionError, match="the number differs"):
        check("loose", 1.6, atol=10.0, form="projector")


def test_no_stack_trace_is_rendered(started: Path) -> None:
    with pytest.raises(CheckFailed) as failed:
        check("double", None)
    assert failed.value._render_traceback_() == [
        "✗ double: expected a float tensor of shape (5, 3), got None: does every path of your function return a value?",
        "  got        None",
        "  expected   a float tensor of shape (5, 3)",
    ]


def test_what_cannot_be_compared_is_named(started: Path) -> None:
    with pytest.raises(AssertionError) as failed:
        check("double", (x for x in [1]))
    assert str(failed.value) == "✗ double: expected a float tensor of shape (5, 3), got an object of type generator"


def test_an_answer_that_is_not_public_is_looked_at_for_its_form_only(
    started: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check("answer", [False, False, False, False])
    said = "○ answer: the form is right; whether the answer is, you will know after grading\n"
    assert capsys.readouterr().out == said
    for wrong, line in (
        ([True, False, True], "the answer has another size than is asked for"),
        ({True, False}, "expected a list, got a set"),
        ([True, "no", True, True], "expected a bool, got a string"),
        (None, "expected a list, got None: does every path of your function return a value?"),
        (lambda: 1, "expected a list, got an object of type function"),
    ):
        with pytest.raises(AssertionError) as failed:
            check("answer", wrong)
        assert str(failed.value).replace("\n  where      [1]", "") == f"✗ answer: {line}", (
            "no placeholder as if it were the answer"
        )
    check("answer", [True] * 4)  # a mistake that would tell the answer isn't shipped


class Screen:
    """Jupyter, as far as a check sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kernel: object = object()) -> None:
        self.shown: list[tuple[dict[str, str], dict[str, Any]]] = []
        display = SimpleNamespace(display=lambda data, **options: self.shown.append((data, options)))
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel)))
        monkeypatch.setitem(sys.modules, "IPython.display", display)


def test_in_jupyter_a_wrong_answer_is_a_panel_and_one_line(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch)
    with pytest.raises(CheckFailed) as failed:
        check("loose", 2.0)
    ((data, options),) = screen.shown
    assert data["text/plain"] == str(failed.value) and "off by     2.0 times" in str(failed.value)
    assert data["text/html"].startswith('<div class="autograder-panel wrong"') and options == {"raw": True}
    assert failed.value._render_traceback_() == ["✗ loose: the number differs (see above)"]


def test_in_jupyter_a_right_answer_is_a_line_and_nothing_is_printed(
    started: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(monkeypatch)
    check("loose", 1.0)
    assert [data["text/plain"] for data, _ in screen.shown] == ["✓ loose"] and capsys.readouterr().out == ""
    assert screen.shown[0][0]["text/html"].startswith('<div class="autograder-panel right"')


def test_in_a_terminal_of_ipython_it_is_text(
    started: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(monkeypatch, kernel=None)
    check("loose", 1.0)
    assert screen.shown == [] and capsys.readouterr().out == "✓ loose\n"
    monkeypatch.delitem(sys.modules, "IPython")
    check("loose", 1.0)
    assert capsys.readouterr().out == "✓ loose\n" and "IPython" not in sys.modules, "nor is it loaded for that"


# Predictions


@pytest.mark.parametrize(
    ("metric", "goals", "said"),
    [
        ("recall", {}, "metric='recall': there are accuracy, f1, perplexity, mse"),
        ("mse", {}, "need at_most="),
        ("perplexity", {"at_least": 0.9}, "need at_most="),
        ("accuracy", {"at_most": 0.2}, "need at_most="),
        ("accuracy", {"at_least": 0.5}, "accuracy 0.5 earns everything and 0.5 nothing: they are the wrong way round"),
        ("accuracy", {"at_least": 0.4}, "the wrong way round"),
        ("f1", {"floor": 0.96}, "f1 0.95 earns everything and 0.96 nothing: they are the wrong way round"),
        ("mse", {"at_most": 0.6}, "the wrong way round"),
        ("mse", {"at_most": 0.5}, "the wrong way round"),
    ],
)
def test_goals_that_make_no_sense_are_refused(started: Path, metric: str, goals: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_predictions("train", labels(), None, metric=metric, **goals)


def predicted(right: int) -> torch.Tensor:
    return labels().where(torch.arange(100) < right, 1 - labels())


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (94, "accuracy 0.94 on held-out data; 0.95 earns all points, 0.7 none: so far 96% of them"),
        (80, "accuracy 0.8 on held-out data; 0.95 earns all points, 0.7 none: so far 40% of them"),
        (50, "accuracy 0.5 on held-out data; 0.95 earns all points, 0.7 none: so far 0% of them"),
    ],
)
def test_predictions_are_measured(started: Path, right: int, said: str) -> None:
    with pytest.raises(AssertionError) as failed:
        check_predictions("train", predicted(right), labels())
    assert str(failed.value) == f"✗ train: {said}"


def test_predictions_that_are_good_enough_pass(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_predictions("train", predicted(95), None)
    assert capsys.readouterr().out == "✓ train: accuracy 0.95 on held-out data; 0.95 earns all points\n"
    check_predictions("noise", torch.full((4,), 0.5), None, metric="mse", at_most=0.25, floor=1.0)
    assert capsys.readouterr().out == "✓ noise: mse 0.25 on held-out data; 0.25 earns all points\n"


def test_predictions_that_can_not_be_measured_say_why_and_nothing_else(started: Path) -> None:
    with pytest.raises(AssertionError) as failed:
        check_predictions("train", torch.zeros(3).long(), labels())
    assert str(failed.value) == "✗ train: expected shape (100,), got (3,)"


def test_on_other_data_than_the_course_s_their_own_labels_are_measured(
    started: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = torch.tensor([0, 1, 1])
    with pytest.raises(AssertionError, match=r"expected shape \(100,\)"):
        check_predictions("train", mine, mine)
    monkeypatch.setattr(session.current, "other_data", {"sms-spam"})
    check_predictions("train", mine, mine)
    assert "on held-out data of yours (grading has the course's)" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="accuracy 0 on held-out data of yours"):
        check_predictions("train", 1 - mine, mine)
    check_predictions("train", labels(), labels())
    check_predictions("train", labels(), None)
    assert "of yours" not in capsys.readouterr().out


# What can be missing


def test_before_the_first_cell_it_says_so(student: Path) -> None:
    with pytest.raises(NotReady, match="run the notebook's first code cell") as said:
        seeded("double")
    assert said.value._render_traceback_() == [str(said.value)]
    with pytest.raises(NotReady):
        check("double", 1)


def test_a_missing_file_is_named_with_the_remedy(started: Path) -> None:
    (started / FILE).rename(started / "elsewhere")
    with pytest.raises(NotReady) as said:
        check("double", 1)
    assert str(said.value).splitlines()[0] == (
        f"{FILE} is not in {started}: put the file that came with the notebook beside it and run this cell again."
    )
    assert FILE in str(said.value).splitlines()[1] and "کنارش بگذارید" in str(said.value), (
        "whose notebook it is isn't known"
    )
    (started / "elsewhere").rename(started / FILE)
    check("double", 2 * inputs())


def test_a_damaged_file_is_named_with_the_remedy(started: Path) -> None:
    (started / FILE).write_bytes(b"\x10" * 40)
    with pytest.raises(NotReady, match="download it again"):
        check("double", 1)


def test_an_unknown_check_is_named(started: Path) -> None:
    with pytest.raises(NotReady, match=f"{FILE} knows no check called 'dubble'"):
        check("dubble", 1)


# At grading and while recording


def test_at_grading_it_hands_over_and_says_nothing(
    student: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setenv(session.SOCKET_VARIABLE, str(theirs.fileno()))
    monkeypatch.setenv(session.EXAMS_VARIABLE, str(os.open(os.devnull, os.O_RDONLY)))
    monkeypatch.setenv(session.SEED_VARIABLE, "secret")
    start("hw")
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
    assert frames[2][1] is None and capsys.readouterr().out == ""


def read_frame(channel: socket.socket) -> tuple[dict[str, Any], Any]:
    (length,) = struct.unpack(">Q", channel.recv(8))
    return values.parse(channel.recv(length))


def test_the_secret_seed_draws_other_inputs(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert torch.equal(seeded("double").normal(5, 3), inputs())
    monkeypatch.setattr(session.current, "secret_seed", "secret")
    assert not torch.equal(seeded("double").normal(5, 3), inputs())


@pytest.fixture
def taken(started: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], Any]]:
    """What is handed over while references are recorded."""
    handed: list[tuple[dict[str, Any], Any]] = []
    monkeypatch.setattr(session.current, "recording", True)
    monkeypatch.setattr(session.current, "sink", lambda header, value: handed.append((header, value)))
    return handed


def test_while_recording_a_check_hands_over_its_options_and_its_value(taken: list[tuple[dict[str, Any], Any]]) -> None:
    check("a", 1.0)
    check("b", 2.0, form="projector", rtol=0.1, atol=0.2, weight=3.0, public=False)
    assert taken == [
        ({"name": "a", "options": Options(None, 1e-4, 1e-4, 1.0, True), "truth": 1.0}, 1.0),
        ({"name": "b", "options": Options("projector", 0.1, 0.2, 3.0, False), "truth": 2.0}, 2.0),
    ]


def test_while_recording_predictions_hand_over_the_truth_goal_and_floor(
    taken: list[tuple[dict[str, Any], Any]],
) -> None:
    check_predictions("a", 1, 2)  # type: ignore[arg-type]
    check_predictions("b", 1, 2, metric="mse", at_most=0.1, floor=0.3, suspicious=0.01, weight=4.0)  # type: ignore[arg-type]
    check_predictions("c", 1, 2, metric="f1", at_least=0.8, floor=0.2)  # type: ignore[arg-type]
    expected = [
        Options(metric="accuracy", goal=0.95, floor=0.5),
        Options(metric="mse", goal=0.1, floor=0.3, suspicious=0.01, weight=4.0),
        Options(metric="f1", goal=0.8, floor=0.2),
    ]
    assert [(header["options"], header["truth"], value) for header, value in taken] == [(o, 2, 1) for o in expected]


def test_at_most_may_be_nothing_at_all(taken: list[tuple[dict[str, Any], Any]]) -> None:
    check_predictions("a", 1, 2, metric="mse", at_most=0.0, floor=0.3)  # type: ignore[arg-type]
    assert taken[0][0]["options"].goal == 0

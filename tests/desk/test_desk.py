"""The student's desk, as a student meets it: in a real kernel, in the released notebook."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from autograder.checks import references, session, values
from autograder.checks.references import Guide, Reference, References
from autograder.desk import file, progress, stand_in, words
from autograder.desk.standing import Task, by_solution, tasks
from tests.conftest import HOMEWORK, ROOT

Ran = Callable[..., list[str]]
WHO = "first_name='Sara', last_name='Ahmadi', student_id='99100101'"


@pytest.fixture
def desk(built_toy: Path, tmp_path: Path) -> Ran:
    """Run cells after the setup cell of a release, from its saved file; gives what each shows, as text, or the error's words."""

    def run(*sources: str, lang: str = "en", solved: dict[str, str] | None = None, essay: str = "") -> list[str]:
        folder = Path(shutil.copytree(built_toy / "release" / lang / HOMEWORK, tmp_path / "desk", dirs_exist_ok=True))
        path = folder / f"{HOMEWORK}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            cell.source = (solved or {}).get(name, cell.source)
            if name == "why" and essay:
                cell.source = essay
        nbformat.write(notebook, path)
        os.utime(path, (1e9, 1e9))
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        begun = [
            cell for cell in code if cell.metadata.get("nbgrader", {}).get("grade_id") in ("setup", *(solved or {}))
        ]
        played = nbformat.v4.new_notebook(cells=[*begun, *map(new_code_cell, sources)])
        environment = os.environ | {"PYTHONPATH": str(ROOT), "JPY_SESSION_NAME": str(path)}
        client = NotebookClient(
            played, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        )
        client.execute(env=environment)
        return [shown(cell) for cell in played.cells[len(begun) :]]

    return run


def shown(cell: Any) -> str:
    words = []
    for output in cell.outputs:
        if output.output_type == "error":
            words.append("\n".join(output.traceback))
        else:
            words.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(words)


DOUBLE = {"double": "def double(x):\n    return 2 * x"}
CHECK = "draw = seeded('double')\nx = draw.normal(5, 3)\ncheck('double', {}(x))\ncheck('double_big', {}(1e3 * x))"


def test_a_line_under_each_cell_with_checks_says_how_far_one_is(desk: Ran) -> None:
    right, wrong = desk(CHECK.format("double", "double"), CHECK.format("double", "abs"), solved=DOUBLE)
    assert "1 of 3 checks ✓ · 40 of 90 points by checks · 1 of 1 essays empty" in right
    assert right.count("of 3 checks") == 1, "one line a cell, not one a check"
    assert "0 of 3 checks ✓ · 20 of 90 points by checks" in wrong and 'hint("double") shows a hint' in wrong


def test_in_persian_it_is_persian(desk: Ran) -> None:
    right, whole = desk(CHECK.format("double", "double"), "progress()", solved=DOUBLE, lang="fa")
    assert "۱ بررسی از ۳ بررسی ✓ · ۴۰ از ۹۰ نمرهٔ بررسی‌ها · ۱ پرسش تشریحی از ۱ پرسش خالی است" in right
    assert "✓ درست" in whole and "– اجرا نشده" in whole and "not run" not in whole


def test_progress_shows_every_task_and_essay(desk: Ran) -> None:
    (before,) = desk("progress()")
    assert before.count("– not run") == 3 and "why" in before and "– empty" in before
    _, after = desk(CHECK.format("double", "double"), "progress()", solved=DOUBLE, essay="Since it is so.")
    assert "40 / 40" in after and "✓ right" in after and "✓ written" in after and "0 of 1 essays empty" in after


def test_progress_says_what_is_not_saved(desk: Ran) -> None:
    _, told = desk("def double(x):\n    return x + x", "progress()")
    assert "isn't saved: 1 cells" in told


def test_hints_come_one_by_one(desk: Ran) -> None:
    first, second, again, other, unknown = desk(*['hint("double")'] * 3, 'hint("train")', 'hint("trian")')
    assert "Hint 1 of 2 for double" in first and "side by side" in first and "shows one more" in first
    assert "Hint 2 of 2" in second and "Add `x` to itself" in second and "last one" in second
    assert "Hint 2 of 2" in again
    assert "Hint 1 of 2 for train" in other
    assert unknown.splitlines() == ["There is no task called 'trian'; with hints are: double, answer, train."]


def test_handing_in_writes_the_right_zip_and_looks_into_it(desk: Ran, tmp_path: Path) -> None:
    (told,) = desk(f"handin({WHO})", solved=DOUBLE, essay="Since it is so.")
    folder = tmp_path / "desk"
    content = (folder / f"{HOMEWORK}.ipynb").read_bytes()
    with zipfile.ZipFile(folder / "DL_Hw0_Sara_Ahmadi_99100101.zip") as made:
        assert made.namelist() == [f"{HOMEWORK}.ipynb"] and made.read(f"{HOMEWORK}.ipynb") == content
    assert hashlib.sha256(content).hexdigest() in told
    assert "1 tasks begun, 2 stubs left, 1 of 1 essays written" in told, told
    (again,) = desk("handin()", solved=DOUBLE)
    assert "DL_Hw0_Sara_Ahmadi_99100101.zip is written" in again, "who one is was kept"


def test_what_is_not_saved_is_not_handed_in(desk: Ran, tmp_path: Path) -> None:
    _, told = desk("def double(x):\n    return x + x", f"handin({WHO})")
    assert told.startswith("Not saved? 1 cells") and not list((tmp_path / "desk").glob("*.zip"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("handin('other.ipynb')", "There is no notebook other.ipynb"),
        ("handin(first_name='سارا', last_name='b', student_id='1')", "can't be part of the file's name"),
        (
            "import json; json.dump({'cells': []}, open('x.ipynb', 'w')); handin('x.ipynb')",
            "none of its tasks is in it",
        ),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(desk: Ran, call: str, words: str) -> None:
    (told,) = desk(call)
    assert words in told and len(told.splitlines()) == 1, told


def test_afresh_it_says_which_checks_fail(desk: Ran) -> None:
    (told,) = desk(f"handin({WHO}, afresh=True)", solved=DOUBLE)
    assert "After a restart these checks fail: answer_check, train_check." in told


def test_points_are_shared_by_weight_and_what_only_grading_tells_counts_nothing() -> None:
    options = references.Options
    checks = [
        Reference("a", "f_check", 1.0, options(weight=3)),
        Reference("b", "f_check", 1.0),
        Reference("c", "g_check", 1.0, known=False),
    ]
    known = References("hw", "s", checks, guide=Guide("en", {"f_check": 8.0, "g_check": 2.0}))
    states = {task.cell: (task.state, task.earned) for task in tasks(known, {"a": 1.0, "c": None})}
    assert states == {"f_check": ("open", 6.0), "g_check": ("form", 0.0)}
    assert [task.state for task in tasks(known, {"a": 1.0, "b": 0.5})] == ["wrong", "open"]
    made = [Task("f_check", "right", 2, 2), Task("g_check", "right", 1, 1), Task("f_check_mask", "open", 0, 3)]
    assert by_solution(made) == [Task("f", "open", 2, 5), Task("g", "right", 1, 1)]
    assert tasks(known, {"a": 1.0, "b": 0.5})[0].earned == 7.0


def test_an_empty_essay_is_the_released_one(built_toy: Path) -> None:
    path = built_toy / "release" / "fa" / HOMEWORK / f"{HOMEWORK}.ipynb"
    text = path.read_text(encoding="utf-8")
    for answer, is_written in (("", False), ("چون چنین است.", True)):
        stub = "YOUR ANSWER HERE · پاسخ شما این‌جا"
        for instead in (answer, stub + answer):
            notebook = file.parse(path, text.replace(stub, instead).encode())
            assert text.count(stub) == 1 and notebook is not None and notebook.is_written("why") == is_written


def test_at_grading_the_desk_is_silent(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from autograder import handin, hint, progress, start

    start(HOMEWORK)
    session.current.sink = lambda header, value: None
    progress()
    hint("double")
    handin()
    assert capsys.readouterr().out == "" and not list(student.glob("*.zip"))


def test_the_guide_is_in_the_release_and_in_its_language(built_toy: Path) -> None:
    for lang, begin in (("en", "What do you get"), ("fa", "دو تا از یک چیز")):
        guide = references.read(built_toy / "release" / lang / HOMEWORK / f"{HOMEWORK}{references.SUFFIX}").guide
        assert guide.language == lang and guide.hints["double"][0].startswith(begin)
        assert guide.points == {"double_check": 40, "answer_check": 10, "train_check": 40} and guide.essays == {
            "why": 10
        }
        released = json.loads((built_toy / "release" / lang / HOMEWORK / f"{HOMEWORK}.ipynb").read_text())
        assert begin not in json.dumps(released, ensure_ascii=False), "hints come one by one, not with the notebook"


TROUBLE = {
    "a stub": (CHECK.format("double", "double"), "double is not written yet"),
    "not run yet": ("del double\ndouble(torch.ones(2))", "double doesn't exist yet in this kernel"),
    "a name of ours": ("torch = 3\ntorch.ones(2)", "The name torch now means something of yours"),
    "dtypes": ("torch.ones(2, 2) @ torch.ones(2, 2).double()", "float32 and float64"),
    "interrupted": ("raise KeyboardInterrupt", "Interrupted: what the cell was making is half-made"),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_a_beginners_trouble_has_a_sentence_that_says_what_to_do(desk: Ran, case: str) -> None:
    code, sentence = TROUBLE[case]
    stub = {"double": "def double(x):\n    raise NotImplementedError()"}
    (told,) = desk(code, solved=stub)
    assert sentence in "\n".join(told.splitlines()[-2:]), told


def test_other_errors_get_no_advice(desk: Ran) -> None:
    (told,) = desk("1 / 0")
    assert "division by zero" in told.splitlines()[-1]


def test_both_languages_say_the_same_things() -> None:
    assert words.WORDS["en"].keys() == words.WORDS["fa"].keys()
    for key, sentence in words.WORDS["en"].items():
        fields = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        assert fields == {name for _, name, _, _ in Formatter().parse(words.WORDS["fa"][key]) if name}, key


UNWRITTEN = {"double": "def double(x):\n    raise NotImplementedError()"}
ASKED = "draw = seeded('double')\nprint(float(double(draw.normal(5, 3)).sum()))"


def test_a_stand_in_answers_for_the_inputs_of_the_notebook_and_no_others(desk: Ran) -> None:
    made, known, unknown, own, whole = desk(
        "from autograder import stand_in\nstand_in('double')",
        ASKED,
        "double(torch.full((9, 9), 77.0))",
        CHECK.format("double", "double"),
        "progress()",
        solved=UNWRITTEN,
    )
    assert "double is a stand-in from now on" in made
    (right,) = desk(ASKED, solved=DOUBLE)
    assert float(known) == pytest.approx(float(right))
    assert unknown.startswith("The stand-in for double knows only what this notebook's cells ask")
    assert own.startswith("double is a stand-in, and this is its own check")
    assert "↷ a stand-in" in whole and "0 / 40" in whole


def test_a_stand_in_goes_when_the_function_is_written(desk: Ran) -> None:
    *_, checked, whole = desk(
        "from autograder import stand_in\nstand_in('double')",
        DOUBLE["double"],
        CHECK.format("double", "double"),
        "progress()",
        solved=UNWRITTEN,
    )
    assert "40 of 90 points" in checked and "↷" not in whole


def test_nothing_stands_in_for_an_answer_that_nobody_may_know(desk: Ran) -> None:
    told, trains = desk("from autograder import stand_in\nstand_in('answer')", "stand_in('train')")
    assert told.splitlines() == ["There is no stand-in for 'answer'; there are: double."]
    assert trains.splitlines() == ["There is no stand-in for 'train'; there are: double."]


def test_an_unwritten_function_is_told_in_a_line_with_the_way_on(desk: Ran) -> None:
    (told,) = desk("import matplotlib.pyplot as plt\nplt.subplots()\ndouble(torch.ones(2))", solved=UNWRITTEN)
    (line,) = told.splitlines()
    assert line.startswith("double is not written yet") and line.endswith('stand_in("double").')


def test_fingerprints_tell_inputs_apart_but_for_rounding() -> None:
    x = torch.arange(12.0).reshape(3, 4)
    same = [x + 1e-6, x.clone()]
    other = [x.T, x.flip(0), x.double().int(), x + 0.1, x[:2], -x, torch.where(x > 10, torch.inf, x)]
    assert all(stand_in.alike(stand_in.prints([x], {}), stand_in.prints([y], {})) for y in same)
    assert not any(stand_in.alike(stand_in.prints([x], {}), stand_in.prints([y], {})) for y in other)
    model = torch.nn.Linear(2, 3)
    calls = [
        ((1, 2.0), {}),
        ((1, 3.0), {}),
        ((1,), {"k": 2.0}),
        (("a",), {}),
        ((model,), {}),
        (([x, None],), {}),
        ((torch.relu,), {}),
    ]
    seen = [stand_in.prints(*call) for call in calls]
    assert [[stand_in.alike(a, b) for b in seen] for a in seen] == [[i == j for j in range(7)] for i in range(7)]
    with pytest.raises(values.Unsupported, match="Generator"):
        stand_in.prints([torch.Generator()], {})


def test_what_is_explored_is_drawn_at_a_few_values_without_a_slider_too(desk: Ran) -> None:
    code = "from autograder.desk.explore import explore\nexplore(lambda axis, value: axis.plot([0, value]), 'slope', [1, 2, 4])"
    (told,) = desk(code)
    assert "<Figure size" in told and "3 Axes" in told and "IntSlider(value=2" in told


def test_progress_says_how_long_the_rest_takes() -> None:
    guide = Guide(points={"a_check": 4, "b_check": 4}, minutes={"a_check": 40, "b_check": 35, "why": 30})
    found = [Task("a_check", "right", 4, 4), Task("b_check", "open", 0, 4)]
    assert progress._hours_left(guide, found, [("why", "empty", 2)]) == "1"
    assert progress._hours_left(guide, found, [("why", "written", 2)]) == "0.5"
    assert progress._hours_left(Guide(points=guide.points), found, []) == ""

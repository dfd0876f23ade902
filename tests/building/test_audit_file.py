"""audit.json: what still holds isn't tried again, what doesn't is, and nobody can edit it unseen."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from autograder.building import audit, audit_file, build, trials
from autograder.building.audit import Audit
from autograder.building.trials import SECRET_SEEDS
from tests.building.test_build import change
from tests.conftest import HOMEWORK, ROOT

TWIN = "hw01_twin"
ONE_DAY, THE_NEXT = date.fromordinal(2 * 370_000), date.fromordinal(2 * 370_000 + 1)  # the toy's and its twin's turn
Tried = list[tuple[str, str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def audited(built_toy: Path, results: Path, tmp_path_factory: pytest.TempPathFactory, here: None) -> Path:
    """Two homeworks that are one but for their names, built and audited."""
    course = Path(shutil.copytree(built_toy, tmp_path_factory.mktemp("audited") / "course"))
    folder = Path(shutil.copytree(course / "assignments" / HOMEWORK, course / "assignments" / TWIN))
    text = (folder / f"{HOMEWORK}.py").read_text(encoding="utf-8")
    (folder / f"{HOMEWORK}.py").unlink()
    (folder / f"{TWIN}.py").write_text(text.replace(HOMEWORK, TWIN), encoding="utf-8")
    build.build(course, [TWIN])
    found = audit_file.audits(course, [HOMEWORK, TWIN], SECRET_SEEDS, False, lambda line: None)
    assert [each.faults for each in found] == [[], []]
    return course


@pytest.fixture
def course(audited: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(audited, tmp_path / "two"))


@pytest.fixture
def tried(here: None, monkeypatch: pytest.MonkeyPatch) -> Tried:
    """What is tried from now on: (homework, seed, check cells or variants)."""
    seen: Tried = []
    done = trials._done
    monkeypatch.setattr(
        trials,
        "_done",
        lambda task: seen.append((task.folder.name, task.seed, task.variants or task.checks)) or done(task),
    )
    return seen


def check(course: Path, day: date = THE_NEXT) -> list[Audit]:
    return audit_file.checked(course, [HOMEWORK, TWIN], day, lambda line: None)


def faults(course: Path, day: date = THE_NEXT) -> list[str]:
    """Of the homework that doesn't have its turn, unless ONE_DAY is asked for."""
    return check(course, day)[0].faults


def file(course: Path) -> Path:
    return course / "assignments" / HOMEWORK / "audit.json"


def test_unchanged_homeworks_are_known_and_one_has_its_turn(course: Path, tried: Tried) -> None:
    found = check(course, ONE_DAY)
    assert [each.faults for each in found] == [[], []] and [len(audit.rows) for audit in found] == [9, 9]
    assert {name for name, _, _ in tried} == {HOMEWORK}
    seeds = {seed for _, seed, _ in tried}
    assert seeds == {f"public/{HOMEWORK}", *SECRET_SEEDS}
    check(course, THE_NEXT)
    assert {name for name, _, _ in tried} == {HOMEWORK, TWIN}


def test_of_what_trains_one_has_its_turn(course: Path, tried: Tried) -> None:
    for day in range(ONE_DAY.toordinal(), ONE_DAY.toordinal() + 24, 2):
        before = len(tried)
        check(course, date.fromordinal(day))
        trained = [names for _, _, names in tried[before:] if {"train_check", "sign", "zeros", "mean"} & {*names}]
        assert len(trained) <= 2, "a variant, and the references it is compared with"
    assert {"sign", "zeros", "mean", "train_check"} <= {name for _, _, names in tried for name in names}


def test_a_variant_that_trains_is_tried_under_the_public_seed_alone(course: Path, tried: Tried) -> None:
    audit_file.audits(course, [HOMEWORK], SECRET_SEEDS, True, lambda line: None)
    under = {name: {seed for _, seed, names in tried if name in names} for name in ("sign", "triple", "train_check")}
    assert under["sign"] == {f"public/{HOMEWORK}"} and len(under["train_check"]) == 3
    assert len(under["triple"]) == 21, "what trains nothing is tried under twenty seeds and the public one"


@pytest.mark.parametrize("homework", build.homeworks(ROOT))
def test_a_variant_that_has_its_turn_is_tried_under_every_seed_it_is_compared_under(homework: str) -> None:
    subject = audit.Subject(ROOT / "assignments" / homework)
    for round_ in range(len(subject.variants)):
        wanted = audit_file._in_turn(subject, round_)
        for name in {name for each in wanted for name in each.variants}:
            under = {each.seed for each in wanted if name in each.variants}
            assert under >= {each.seed for each in subject.trials if each.checks_of(subject.variants[name])}, name


def test_a_variant_that_is_told_anothers_words_is_kept_as_a_fault(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "triple: at 'double' its student is told the words of half"
    with monkeypatch.context() as patched:
        patched.setattr(audit.Subject, "false_diagnoses", lambda subject: [told])
        audit_file.audits(course, [HOMEWORK], SECRET_SEEDS, False, lambda line: None)
    assert faults(course) == [told], "nothing of it is tried again, and the check fails all the same"


def test_only_what_has_changed_is_tried(course: Path, tried: Tried) -> None:
    change(course, "return x / 2", "return 0.5 * x", "variants.py")
    audit_file.audits(course, [HOMEWORK, TWIN], SECRET_SEEDS, False, lambda line: None)
    assert {names for _, _, names in tried} == {("half",)} and {name for name, _, _ in tried} == {HOMEWORK}


def test_with_all_everything_is_tried(course: Path, tried: Tried) -> None:
    audit_file.audits(course, [HOMEWORK], SECRET_SEEDS, True, lambda line: None)
    names = {name for _, _, names in tried for name in names}
    assert names >= {
        "double_check",
        "answer_check",
        "train_check",
        "triple",
        "half",
        "plus",
        "all_true",
        "first",
        "literal",
    }


def test_a_changed_variant_makes_the_file_older_than_it(course: Path, tried: Tried) -> None:
    change(course, "return x / 2", "return 0.5 * x", "variants.py")
    assert faults(course) == [
        f"{file(course)} is older than half; run `autograder audit {HOMEWORK}` and commit what it writes."
    ]


def test_a_changed_variant_is_tried_and_what_is_wrong_with_it_said(course: Path, here: None) -> None:
    change(course, "return x / 2", "return x + x", "variants.py")
    assert "half: a wrong double that keeps all points" in faults(course)


def test_a_variant_that_is_gone_makes_the_file_older(course: Path, here: None) -> None:
    path = course / "assignments" / HOMEWORK / "variants.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('@right("double")\ndef plus', '@right("double")\ndef sum_of_two'), encoding="utf-8")
    (found,) = faults(course)
    assert "is older than sum_of_two, plus;" in found


def test_a_changed_check_makes_the_file_older(course: Path, here: None) -> None:
    change(course, 'check("double_big", double(1e3 * x))', 'check("double_big", double(1e2 * x))')
    assert any("is older than" in fault for fault in faults(course))


def test_an_edited_file_is_named(course: Path, here: None) -> None:
    content = file(course).read_text(encoding="utf-8")
    edited = content.replace('"variant": "half", "wrong": true', '"variant": "half", "wrong": false')
    assert edited != content
    file(course).write_text(edited, encoding="utf-8")
    assert any("audit.json was edited: only `autograder audit` writes it" in fault for fault in faults(course))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"digest": "x"}'])
def test_a_damaged_file_is_named(course: Path, content: str, here: None) -> None:
    file(course).write_text(content, encoding="utf-8")
    assert any(f"{file(course)} is damaged" in fault or "was edited" in fault for fault in faults(course))


def test_a_missing_file_is_named(course: Path, here: None) -> None:
    file(course).unlink()
    assert any(f"{file(course)} is missing" in fault for fault in faults(course))


def test_a_file_that_lies_is_found_in_its_turn(course: Path, here: None) -> None:
    content = json.loads(file(course).read_text(encoding="utf-8"))
    del content["digest"]
    half = next(line for line in content["variants"] if line["variant"] == "half")
    half["results"]["double"] = [1.0, 0.0]
    file(course).write_text(json.dumps({"digest": audit_file._digest(content), **content}), encoding="utf-8")
    assert faults(course, THE_NEXT) == []
    assert any("says otherwise than what comes out now: half" in fault for fault in faults(course, ONE_DAY))


def test_other_released_references_than_the_audits_are_found(course: Path, here: None) -> None:
    released = course / "release" / "en" / HOMEWORK / f"{HOMEWORK}.references.safetensors"
    shutil.copy(course / "release" / "en" / TWIN / f"{TWIN}.references.safetensors", released)
    assert any("are others than the audit's" in fault for fault in faults(course))
    assert any("its checks differ" in fault or "differs from a fresh" in fault for fault in faults(course, ONE_DAY))


def test_what_the_file_proves_is_not_recorded_again(course: Path, tried: Tried) -> None:
    assert build.build(course, [HOMEWORK, TWIN], check=True) == [] and tried == []
    notebook = course / "release" / "fa" / HOMEWORK / f"{HOMEWORK}.ipynb"
    notebook.write_text("{}")
    assert build.build(course, [HOMEWORK], check=True) == [
        f"release/fa/{HOMEWORK}/{HOMEWORK}.ipynb differs from a fresh build"
    ]


def test_a_homework_that_lacks_variants_is_told_so_before_anything_is_tried(course: Path, tried: Tried) -> None:
    path = course / "assignments" / HOMEWORK / "variants.py"
    path.write_text("from autograder.building import right, wrong\n")
    (found,) = audit_file.audits(course, [HOMEWORK, TWIN], SECRET_SEEDS, False, lambda line: None)
    assert "double: 0 wrong and 0 right variants; at least 2 and 1 are needed" in found.faults and tried == []

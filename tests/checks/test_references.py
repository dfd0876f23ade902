"""References in a file: what is written is read, and what may not ship does not."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from autograder.checks.compare import Options, compare
from autograder.checks.references import FORMAT, Mistake, Reference, References, blank, read, write

LOOSE = Options(form="projector", rtol=0.1, weight=3.0)
HIDDEN = Options(public=False)


def references() -> References:
    return References(
        "hw",
        "seed id",
        [
            Reference("sum", "sum_check", torch.arange(3.0)),
            Reference("choice", "choice_check", [True, False], HIDDEN),
            Reference("pair", "sum_check", {"a": [1, torch.ones(2, 2)], "b": "text"}, LOOSE),
            Reference("form", "form_check", 0.0, known=False),
        ],
        [
            Mistake("sum", "double", "solution", "You doubled.", "دو برابر کرده‌اید.", 2 * torch.arange(3.0)),
            Mistake("choice", "both", "solution", "Both.", "هر دو.", [True, True]),
        ],
    )


def same(first: References, second: References) -> bool:
    plain = [(r.name, r.cell, r.options, r.known) for r in first.checks] == [
        (r.name, r.cell, r.options, r.known) for r in second.checks
    ]
    words = [(m.check, m.variant, m.en, m.fa) for m in first.mistakes] == [
        (m.check, m.variant, m.en, m.fa) for m in second.mistakes
    ]
    values = [r.value for r in (*first.checks, *first.mistakes)], [r.value for r in (*second.checks, *second.mistakes)]
    about = (first.homework, first.seed_id) == (second.homework, second.seed_id)
    return plain and words and about and compare(*values, Options(rtol=0, atol=1e-12)).agrees


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(references(), tmp_path / "file")
    assert same(read(tmp_path / "file"), references())


def test_the_same_references_are_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write(references(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_check_is_found_by_its_name_and_checks_by_their_cell() -> None:
    made = references()
    found = made.named("pair")
    assert found is not None and found.cell == "sum_check" and made.named("stranger") is None
    assert [r.name for r in made.of_cell("sum_check")] == ["sum", "pair"] and made.of_cell("stranger") == []
    assert made.cells() == ["sum_check", "choice_check", "form_check"]


def test_a_mistake_is_known_by_its_numbers_within_the_checks_tolerance() -> None:
    made = References(
        "hw",
        "s",
        [],
        [
            Mistake("a", "first", "solution", "", "", 2.0),
            Mistake("a", "second", "solution", "", "", 2.0),
            Mistake("b", "other", "solution", "", "", 5.0),
        ],
    )
    loose = Reference("a", "a_check", 1.0, Options(rtol=0.1))
    found = made.diagnose(loose, 2.1, {})
    assert found is not None and found.variant == "first"
    assert made.diagnose(Reference("a", "a_check", 1.0), 2.1, {}) is None
    assert made.diagnose(loose, 5.0, {}) is None, "another check's mistake"


def test_of_what_is_not_public_only_the_form_ships_and_none_of_its_mistakes() -> None:
    shipped = references().public()
    assert [(r.name, r.known) for r in shipped.checks] == [
        ("sum", True),
        ("choice", False),
        ("pair", True),
        ("form", False),
    ]
    assert shipped.checks[1].value == [False, False] and shipped.checks[1].options == HIDDEN
    assert shipped.checks[1].cell == "choice_check"
    assert [m.check for m in shipped.mistakes] == ["sum"] and (shipped.homework, shipped.seed_id) == ("hw", "seed id")


def test_what_was_found_to_be_constant_does_not_ship_either() -> None:
    shipped = references().public(["sum"])
    assert torch.equal(shipped.checks[0].value, torch.zeros(3)) and not shipped.checks[0].known
    assert shipped.mistakes == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, 0), (5.5, 0.0), (True, False), ("answer", ""), ({1, 2}, set()), (None, None), ([1, ["x"]], [0, [""]]),
        ({"a": 5, "b": {"c": "x"}}, {"a": 0, "b": {"c": ""}}),
    ],
)  # fmt: skip
def test_a_blank_says_the_kind_and_nothing_else(value: object, said: object) -> None:
    assert repr(blank(value)) == repr(said)


def test_a_blank_tensor_has_the_shape_and_the_kind() -> None:
    made = blank(torch.ones(2, 3, dtype=torch.int64))
    assert torch.equal(made, torch.zeros(2, 3, dtype=torch.int64)) and made.dtype == torch.int64


def test_a_file_that_is_not_there_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"{}", b"\x10" * 40])
def test_a_damaged_file_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match="file holds no references .*: download it again"):
        read(tmp_path / "file")


@pytest.mark.parametrize("metadata", [None, {"other": "x"}, {"autograder": "no JSON"}])
def test_another_kind_of_file_is_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "file", metadata)
    with pytest.raises(ValueError, match="holds no references"):
        read(tmp_path / "file")


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    save_file({}, tmp_path / "file", {"autograder": json.dumps({"format": FORMAT + 1})})
    with pytest.raises(ValueError, match="another version: download the notebook, this file and the package together"):
        read(tmp_path / "file")

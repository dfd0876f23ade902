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


def made_of(*mistakes: Mistake) -> References:
    checks = [Reference(name, f"{name}_check", 1.0) for name in ("layer", "weights")]
    return References("hw", "s", [*checks, Reference("masked", "weights_check_mask", 1.0)], list(mistakes))


def told(made: References, answer: object, check: str = "layer", **seen: bool) -> str:
    reference = made.named(check)
    assert reference is not None
    found = made.diagnose(reference, answer, seen)
    return found.variant if found else ""


def mistake(variant: str, target: str, check: str, value: object, **changes: bool) -> Mistake:
    return Mistake(check, variant, target, f"You did {variant}.", variant, value, **changes)


def test_a_mistake_is_known_by_its_numbers_within_the_checks_tolerance() -> None:
    made = made_of(mistake("first", "layer", "layer", 2.0), mistake("other", "layer", "masked", 5.0))
    assert told(made, 2.0) == "first" and told(made, 2.1) == "" and told(made, 5.0) == ""
    loose = Reference("layer", "layer_check", 1.0, Options(rtol=0.1))
    assert made.diagnose(loose, 2.1, {}) is not None


def test_where_two_explanations_fit_nothing_is_said_and_where_two_agree_it_is() -> None:
    twins = mistake("first", "layer", "layer", 2.0), mistake("second", "layer", "layer", 2.0)
    assert told(made_of(*twins), 2.0) == ""
    same = Mistake("layer", "second", "layer", twins[0].en, twins[0].fa, 2.0)
    assert told(made_of(twins[0], same), 2.0) == "first"


def test_numbers_that_tell_nothing_diagnose_nothing() -> None:
    assert told(made_of(mistake("zeros", "layer", "layer", None, telling=False)), None) == ""


def test_a_mistake_of_a_called_function_counts_by_how_that_functions_own_checks_ended() -> None:
    own = mistake("layer_unmasked", "layer", "layer", 2.0)
    called = mistake("weights_unmasked", "weights", "layer", 2.0), mistake("weights_unmasked", "weights", "masked", 3.0)
    both = made_of(own, *called)
    assert told(both, 2.0) == "layer_unmasked", "unknown: the checked function's own mistake first"
    assert told(both, 2.0, masked=True) == "layer_unmasked", "the called one can't have it"
    assert told(both, 2.0, masked=False) == "", "it may be either"
    assert told(made_of(*called), 2.0) == told(made_of(*called), 2.0, masked=False) == "weights_unmasked"
    assert told(made_of(*called), 2.0, masked=True) == ""
    assert told(both, 2.0, weights=True) == "layer_unmasked", "a check that the mistake passes rules out nothing"


def test_another_check_of_the_same_function_that_passed_rules_a_mistake_out() -> None:
    made = made_of(mistake("mixture", "weights", "weights", 2.0), mistake("mixture", "weights", "masked", 3.0))
    assert told(made, 2.0, "weights") == told(made, 2.0, "weights", masked=False) == "mixture"
    assert told(made, 2.0, "weights", masked=True) == ""


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

"""Secret seeds, and the references recorded under them once."""

import hmac
import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.building.recording import seed_id
from autograder.checks import references
from autograder.checks.references import Reference, References
from autograder.grading import seeds
from autograder.grading.seeds import Vault

SQLITE = "sqlite:///gradebook.db"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "assignments" / "hw01"
    folder.mkdir(parents=True)
    (folder / "hw01.py").write_text("the text")
    (folder / "variants.py").write_text("the variants")
    return tmp_path


@pytest.fixture
def vault(course: Path) -> Vault:
    return Vault(course, SQLITE)


@pytest.mark.parametrize(
    ("url", "folder", "why"),
    [
        ("sqlite:///gradebook.db", "gradebook.seeds", "beside the gradebook"),
        ("sqlite:///data/gradebook.db", "data/gradebook.seeds", "wherever it is"),
        ("postgresql://postgres@/gradebook", "gradebook.seeds", "beside the course, when it is no file"),
    ],
)
def test_the_seeds_are_kept_beside_the_gradebook(course: Path, url: str, folder: str, why: str) -> None:
    assert Vault(course, url).folder == course / folder, why
    assert (
        Vault(course, f"sqlite:///{course}/elsewhere/gradebook.db").folder == course / "elsewhere" / "gradebook.seeds"
    )


def test_a_secret_is_drawn_once_and_kept_and_no_seed_tells_it(course: Path, vault: Vault) -> None:
    drawn = vault.seed("hw01", 1)
    assert Vault(course, SQLITE).seed("hw01", 1) == drawn and len(drawn) == 64
    (secret,) = json.loads((vault.folder / "hw01.json").read_text())["secrets"]
    assert len(secret) == 64 and secret not in drawn
    assert drawn == hmac.new(secret.encode(), b"hw01/1", "sha256").hexdigest()


def test_every_homework_and_every_round_has_a_seed_of_its_own(vault: Vault) -> None:
    assert len({vault.seed(homework, n) for homework in ("hw01", "hw02") for n in (1, 2, 3)}) == 6
    for homework in ("hw01", "hw02"):
        vault.replace(homework, "the same secret")
    assert vault.seed("hw01", 1) != vault.seed("hw02", 1)


def test_a_round_ends_once_and_another_homeworks_goes_on(course: Path, vault: Vault) -> None:
    assert vault.round("hw01") == 1
    vault.end("hw01", 1)
    assert (vault.round("hw01"), vault.round("hw02")) == (2, 1)
    vault.end("hw01", 1)
    assert vault.round("hw01") == 2, "it has ended before"
    vault.end("hw01", 2)
    assert Vault(course, SQLITE).round("hw01") == 3
    vault.replace("hw01", None)
    assert vault.round("hw01") == 3, "another secret begins no round again"


def test_nobody_else_may_read_them(vault: Vault) -> None:
    vault.seed("hw01", 1)
    assert stat.S_IMODE(vault.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((vault.folder / "hw01.json").stat().st_mode) == 0o600


def test_a_seed_is_found_by_its_id_also_when_it_has_been_replaced(vault: Vault) -> None:
    first = vault.seed("hw01", 2)
    vault.replace("hw01", None)
    second = vault.seed("hw01", 2)
    vault.replace("hw01", "chosen")
    third = vault.seed("hw01", 2)
    assert len({first, second, third}) == 3
    for seed in (first, second, third):
        assert vault.find("hw01", 2, seed_id(seed)) == seed
    assert vault.find("hw01", 1, seed_id(first)) is None, "another round's"
    assert vault.find("hw02", 2, seed_id(first)) is None, "another homework's"


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The seeds under which something was recorded."""
    under: list[str] = []

    def record(_function: Any, path: Path, folder: Path, seed: str) -> None:
        under.append(seed)
        references.write(References(folder.name, seed_id(seed), [Reference("sum", "sum_check", 1.0)]), path)

    monkeypatch.setattr(seeds, "isolated", record)
    return under


def test_references_are_recorded_once_under_a_seed(course: Path, vault: Vault, recorded: list[str]) -> None:
    found, digest = vault.references("hw01", "a/1")
    assert (found.homework, found.seed_id) == ("hw01", seed_id("a/1")) and len(digest) == 64
    assert vault.references("hw01", "a/1") == (found, digest) == Vault(course, SQLITE).references("hw01", "a/1")
    assert recorded == ["a/1"]
    other, other_digest = vault.references("hw01", "b/1")
    assert recorded == ["a/1", "b/1"] and other.seed_id != found.seed_id and other_digest != digest


@pytest.mark.parametrize("changed", ["hw01.py", "variants.py"])
def test_references_are_recorded_again_when_the_homework_changes(
    course: Path, vault: Vault, recorded: list[str], changed: str
) -> None:
    vault.references("hw01", "a/1")
    (course / "assignments" / "hw01" / changed).write_text("another")
    vault.references("hw01", "a/1")
    assert recorded == ["a/1", "a/1"]


def test_references_are_recorded_again_with_another_torch(
    vault: Vault, recorded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.references("hw01", "a/1")
    monkeypatch.setattr(seeds, "torch", SimpleNamespace(__version__="99"))
    vault.references("hw01", "a/1")
    assert len(recorded) == 2


def test_a_homework_that_is_not_there_is_said(vault: Vault, recorded: list[str]) -> None:
    with pytest.raises(FileNotFoundError):
        vault.references("hw09", "a/1")
    assert recorded == []


def test_a_homework_is_registered_once_until_its_text_or_the_gradebook_changes(
    course: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # a process of its own, of two seconds
    asked: list[str] = []
    known = ["as it was"]
    monkeypatch.setattr(seeds.release, "register", lambda course, homework, url: asked.append(homework))
    monkeypatch.setattr(seeds.release, "require_built", lambda course, homework: None)
    monkeypatch.setattr(seeds.release, "known", lambda gradebook, homework: known)
    url = f"sqlite:///{course}/gradebook.db"
    for _ in range(3):
        vault.register("hw01", url)
    assert asked == ["hw01"]
    (course / "assignments" / "hw01" / "hw01.py").write_text("another")
    vault.register("hw01", url)
    known[0] = "something else"
    vault.register("hw01", url)
    vault.register("hw01", url)
    assert asked == ["hw01"] * 3

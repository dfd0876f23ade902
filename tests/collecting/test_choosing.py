"""Which notebook of an upload counts, and what an upload that is none costs others."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.collecting.classes import HOMEWORK, NOTEBOOK, TIME, lay, notebook, zipped
from tests.collecting.conftest import Chose, answers

SARA = "Sara Ahmadi_501_assignsubmission_file_"
OMID = {f"99100102/{NOTEBOOK}": notebook("omid")}
GOOD, UNTOUCHED = notebook("sara"), notebook()
OTHER = notebook("linear", "hw03_linear")
PAGE = b"<!DOCTYPE html><html><body>Sign in"


def stored(name: str, method: int, megabytes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, archive.open(name, "w", force_zip64=True) as file:
        for _ in range(megabytes):
            file.write(bytes(2**20))
    return buffer.getvalue()


def without_ids(content: bytes) -> bytes:
    made = json.loads(content)
    for cell in made["cells"]:
        cell["metadata"] = {"id": "x"}
    return json.dumps(made).encode()


COUNTS = {
    "an untouched release beside an answered copy": {NOTEBOOK: UNTOUCHED, f"Copy of {NOTEBOOK}": GOOD},
    "the homework's own name": {NOTEBOOK: GOOD, "scratch.ipynb": notebook("scratch")},
    "the homework's own name with a habit": {f"{HOMEWORK} (1).ipynb": GOOD, "scratch.ipynb": notebook("scratch")},
    "another homework beside it": {"a.ipynb": OTHER, "b.ipynb": GOOD},
    "another homework under this one's name": {NOTEBOOK: OTHER, "b.ipynb": GOOD},
    "a web page beside it": {NOTEBOOK: PAGE, "b.ipynb": GOOD},
    "twice the same": {"a.ipynb": GOOD, "b.ipynb": GOOD},
    "a checkpoint": {NOTEBOOK: GOOD, f".ipynb_checkpoints/{HOMEWORK}-checkpoint.ipynb": notebook("old")},
    "a checkpoint, from Windows": {NOTEBOOK: GOOD, f"hw\\.ipynb_checkpoints\\{HOMEWORK}-checkpoint.ipynb": notebook("old")},
    "a zip in a zip": {f"hw/{HOMEWORK}.zip": zipped({NOTEBOOK: GOOD})},
    "litter": {NOTEBOOK: GOOD, "Thumbs.db": b"", "desktop.ini": b"", "__MACOSX/._x.ipynb": b"x", ".git/x.ipynb": b"x"},
    "two thousand files of git": {NOTEBOOK: GOOD} | {f".git/objects/{n}": b"" for n in range(2000)},
    "a byte order mark": {NOTEBOOK: b"\xef\xbb\xbf" + GOOD},
    "UTF-16": {NOTEBOOK: GOOD.decode().encode("utf-16"), "release.ipynb": UNTOUCHED},
    "a PDF and data": {NOTEBOOK: GOOD, "report.pdf": b"%PDF", "data/x.csv": b"1"},
    "without ids": {NOTEBOOK: without_ids(GOOD), "x/" + NOTEBOOK: without_ids(UNTOUCHED)},
}  # fmt: skip


@pytest.mark.parametrize("what", COUNTS)
def test_the_answered_one_counts(what: str, chose: Chose) -> None:
    chosen = chose({f"{SARA}/a.zip": zipped(COUNTS[what])} | OMID)
    assert chosen.problems == [] and chosen.counts["99100101"].notebook.looks == "answered"
    assert b"sara" in answers(chosen)["99100101"].replace(b"\0", b"")


@pytest.mark.parametrize(
    "what", sorted(COUNTS.keys() - {"a zip in a zip", "a checkpoint, from Windows", "two thousand files of git"})
)
def test_so_it_does_in_a_folder(what: str, chose: Chose) -> None:
    chosen = chose({f"{SARA}/{name}": content for name, content in COUNTS[what].items()} | OMID)
    assert chosen.problems == [] and b"sara" in answers(chosen)["99100101"].replace(b"\0", b"")


DEEP = b'{"cells":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
DAMAGED = zipped({NOTEBOOK: bytes(os.urandom(3000))}, zipfile.ZIP_LZMA)
USELESS = {
    "an empty file": ({NOTEBOOK: b""}, "an empty file"),
    "spaces": ({NOTEBOOK: b" \n"}, "an empty file"),
    "a web page": ({NOTEBOOK: PAGE}, "a web page"),
    "half a notebook": ({NOTEBOOK: GOOD[: len(GOOD) // 2]}, "only a part of one"),
    "deep": ({NOTEBOOK: DEEP}, "no notebook"),
    "a list": ({NOTEBOOK: b"[1]"}, "no notebook"),
    "no cells": ({NOTEBOOK: b'{"cells": []}'}, "without cells"),
    "strange cells": ({NOTEBOOK: b'{"cells": [1, null, "x"]}'}, "without cells"),
    "a PDF": ({NOTEBOOK: b"%PDF-1.4"}, "a PDF"),
    "Word": ({NOTEBOOK: b"PK\x03\x04 word"}, "an Office document"),
    "another homework": ({NOTEBOOK: OTHER}, "the notebook of hw03_linear, not of hw02_attention"),
    "two": ({"a.ipynb": GOOD, "b.ipynb": notebook("else")}, "2 notebooks in it"),
    "none": ({"report.pdf": b"%PDF"}, "no notebook (.ipynb) in it"),
    "nothing": ({}, "no notebook (.ipynb) in it"),
    "a path outside": ({"../../x.ipynb": GOOD}, "leads outside"),
    "a bomb": (lambda: stored(NOTEBOOK, zipfile.ZIP_DEFLATED, 102), "larger than 100 MB"),
    "a bomb of BZIP2": (lambda: stored(NOTEBOOK, zipfile.ZIP_BZIP2, 192), "larger than allowed"),
    "damaged": (DAMAGED[:80] + b"\xff" * 400 + DAMAGED[480:], "a broken zip"),
    "half a zip": (zipped({NOTEBOOK: GOOD})[:-40], "a broken zip"),
    "no zip": (b"Rar!\x1a\x07\x00", "a broken zip"),
    "a matryoshka": ({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.zip": zipped({NOTEBOOK: GOOD})})})})}, "deep"),
    "bombs in a zip": (lambda: zipped({"a.zip": stored("a.ipynb", zipfile.ZIP_DEFLATED, 102)}), "larger than 100 MB"),
    "a name that forges": ({"a.ipynb": GOOD, "\x1b[31m\nWARNING 99100102: cheated\u202e.ipynb": notebook("else")}, "2 notebooks in it"),
}  # fmt: skip


@pytest.mark.parametrize("what", USELESS)
def test_what_is_none_is_said_and_stops_nobody(what: str, chose: Chose) -> None:
    content, why = USELESS[what]
    content = zipped(content) if isinstance(content, dict) else content() if callable(content) else content
    chosen = chose({f"{SARA}/a.zip": content, f"{SARA}/a.txt": b""} | OMID)
    assert answers(chosen) == {"99100102": notebook("omid")}
    assert len(chosen.problems) == 1 and why in chosen.problems[0] and chosen.problems[0].isprintable()


@pytest.mark.parametrize("later", [UNTOUCHED, b"", PAGE, GOOD[:50], OTHER])
def test_a_useless_one_never_replaces_an_earlier_good_one(later: bytes, chose: Chose, tmp_path: Path) -> None:
    folder = lay(tmp_path / "d", {"DL_Hw2_Sara_Ahmadi_99100101.zip": zipped({NOTEBOOK: GOOD})} | OMID)
    lay(folder, {"DL_Hw2_Sara_Ahmadi_99100101 (1).zip": zipped({NOTEBOOK: later})}, TIME + 5000)
    chosen = chose(folder)
    assert answers(chosen)["99100101"] == GOOD and chosen.counts["99100101"].arrived.timestamp() == TIME
    assert len(chosen.problems) == (later != UNTOUCHED)


def test_a_zip_that_takes_all_the_time_is_ended_and_the_next_goes_on(
    chose: Chose, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.collecting import archives

    program = "import json, os, sys\nfor task in json.load(sys.stdin)['tasks']:\n    if 'a.zip' in task['path']: os.kill(os.getpid(), 27)\n    print(json.dumps({'refused': 'seen'}), flush=True)"
    monkeypatch.setattr(archives.opening, "__file__", str(Path(chose.__code__.co_filename).parent / "none.py"))
    usual = archives.subprocess.run
    monkeypatch.setattr(archives.subprocess, "run", lambda command, **more: usual([command[0], "-c", program], **more))
    chosen = chose({f"{SARA}/a.zip": b"", "99100102/b.zip": b"", "99100103/c.zip": b""})
    assert sorted(line.rpartition(": ")[2] for line in chosen.problems) == [
        "ask for the notebook alone",
        "seen",
        "seen",
    ]


def test_a_link_is_not_followed(chose: Chose, tmp_path: Path) -> None:
    (tmp_path / "secret.ipynb").write_bytes(GOOD)
    folder = lay(tmp_path / "d", OMID | {"99100103/x.txt": b""})
    (folder / "99100101").symlink_to(tmp_path)
    (folder / "99100103" / NOTEBOOK).symlink_to(tmp_path / "secret.ipynb")
    assert answers(chose(folder)) == {"99100102": notebook("omid")}

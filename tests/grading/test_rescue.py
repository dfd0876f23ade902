"""What a student handed in, read whatever it is."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from autograder.grading import rescue
from autograder.grading.rescue import KEY, digest, new_cell, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    return path


def written(file: Path, content: Any) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


def notes(path: Path) -> list[str]:
    found = read(path)
    assert found.cells == [] or len(found.metadata[KEY]["notes"]) == 0
    return found.metadata[KEY]["notes"]  # type: ignore[no-any-return]


def cell(file: Path, **content: Any) -> dict[str, Any]:
    """The only cell of a notebook with this one, as it is read."""
    (found,) = read(written(file, {"cells": [content]})).cells
    return found  # type: ignore[no-any-return]


def test_a_notebook_is_read_as_it_is(file: Path) -> None:
    content = json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "source": "x = 1",
                    "metadata": {"nbgrader": {"grade_id": "x"}, "a": 1},
                    "outputs": [],
                    "id": "theirs",
                }
            ]
        }
    ).encode()
    found = read(written(file, content))
    assert found.metadata == {KEY: {"submission": hashlib.sha256(content).hexdigest(), "notes": []}}
    assert (found.nbformat, found.nbformat_minor) == (4, 5)
    assert (
        found.cells == [new_cell("code", "x = 1", {"nbgrader": {"grade_id": "x"}})]
        and digest(file) == found.metadata[KEY]["submission"]
    )


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\x89PNG", "the file is no notebook: a picture"),
        (b"{", "the file is no notebook: its JSON is damaged or cut off"),
        (b"[" * 10**5, "the file is no notebook: it is not JSON"),
        (b"My answer is 5.", "the file is no notebook: it is not JSON"),
        ("پاسخ".encode("cp1256"), "the file is no notebook: it is not JSON"),
        (b"%PDF-1.7", "the file is no notebook: a PDF"),
        (b"PK\3\4....word/document.xml", "the file is no notebook: a document of an office program (.docx)"),
        (b"PK\3\4....hw.ipynb", "the file is no notebook: an archive (.zip): unpack it"),
        (b"\xd0\xcf\x11\xe0", "the file is no notebook: a document of an office program (.doc)"),
        (b"\n <!DOCTYPE html>\n<html>", "the file is no notebook: a web page; download the notebook itself, as .ipynb"),
        (b"<HTML>", "the file is no notebook: a web page; download the notebook itself, as .ipynb"),
        (b"import torch\nx = 1", "the file is no notebook: a Python file; hand in the notebook (.ipynb)"),
        (
            b'{"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> mine\n]}',
            "the file is no notebook: git's marks of a merge conflict are in it (<<<<<<<); resolve the conflict",
        ),
        ([], "the file is no notebook (JSON without cells)"),
        ({}, "the file is no notebook (JSON without cells)"),
        ({"cells": 5}, "the file is no notebook (JSON without cells)"),
        ({"cells": None, "worksheets": []}, "the file is no notebook (JSON without cells)"),
        ({"cells": [5, None, "x"]}, "3 things that are no cells were left out"),
    ],
)
def test_what_is_no_notebook_is_an_empty_one_and_says_why(file: Path, content: Any, note: str) -> None:
    assert notes(written(file, content)) == [note]


def test_a_byte_order_mark_is_no_fault(file: Path) -> None:
    assert notes(written(file, b"\xef\xbb\xbf" + b'{"cells": []}')) == []


def test_a_file_that_is_not_there_is_an_empty_notebook(file: Path) -> None:
    assert notes(file) == ["the file can't be read (No such file or directory)"]
    assert digest(file) == hashlib.sha256(b"").hexdigest()


def test_a_folder_and_a_pipe_are_no_files_and_nobody_waits_for_them(file: Path) -> None:
    file.mkdir()
    assert notes(file) == ["the file can't be read (Is a directory)"]
    os.mkfifo(file.parent / "pipe")
    assert notes(file.parent / "pipe") == ["this is no regular file"]


def test_a_file_may_be_large_but_not_larger(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"cells": []}'
    monkeypatch.setattr(rescue, "MAX_BYTES", len(content))
    assert notes(written(file, content)) == []
    assert notes(written(file, content + b" ")) == ["the file is larger than 0 MB"]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_no_symbolic_link_is_followed(tmp_path: Path, level: int) -> None:
    real = tmp_path / "real" / "s" / "hw" / "hw.ipynb"
    real.parent.mkdir(parents=True)
    written(real, {"cells": []})
    assert notes(real) == []
    parts = ["s", "hw", "hw.ipynb"]
    place, target = tmp_path / "linked", tmp_path / "real"
    place.mkdir()
    for number, part in enumerate(parts[: level + 1]):
        if number == level:
            (place / part).symlink_to(target / part)
        else:
            (place / part).mkdir()
        place, target = place / part, target / part
    assert notes(place.joinpath(*parts[level + 1 :])) == ["the file is a symbolic link, which is not followed"]


def test_a_notebook_of_format_3_has_sheets(file: Path) -> None:
    sheets = [
        {"cells": [{"cell_type": "code", "input": "x = 1"}]},
        5,
        {"cells": "x"},
        {"cells": [{"cell_type": "markdown", "source": "y"}]},
    ]
    found = read(written(file, {"worksheets": sheets}))
    assert [(c.cell_type, c.source) for c in found.cells] == [("code", "x = 1"), ("markdown", "y")]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        (["a\n", "b"], "a\nb"),
        (["a", 5, None, "b"], "ab"),
        (5, ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_a_source_is_text_whatever_it_was(file: Path, source: Any, text: str) -> None:
    assert cell(file, cell_type="code", source=source)["source"] == text


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [("code", "code"), ("markdown", "markdown"), ("raw", "raw"), ("x", "raw"), (None, "raw"), ([], "raw")],
)
def test_cells_of_unknown_kinds_are_raw(file: Path, kind: Any, read_as: str) -> None:
    assert cell(file, cell_type=kind, source="x", outputs=[], attachments=5) == new_cell(read_as, "x")


@pytest.mark.parametrize("metadata", [5, None, [], "x"])
def test_odd_metadata_is_none(file: Path, metadata: Any) -> None:
    assert cell(file, cell_type="code", source="x", metadata=metadata)["metadata"] == {}


def test_attachments_stay_with_prose(file: Path) -> None:
    assert cell(file, cell_type="markdown", source="x", attachments={"a": {}})["attachments"] == {"a": {}}
    assert "attachments" not in cell(file, cell_type="code", source="x", attachments={"a": {}})


@pytest.mark.parametrize(
    ("output", "read_as"),
    [
        (
            {"output_type": "stream", "name": "stdout", "text": ["a", "b"]},
            [new_output("stream", name="stdout", text="ab")],
        ),
        ({"output_type": "stream", "name": "stderr", "text": "a"}, [new_output("stream", name="stderr", text="a")]),
        ({"output_type": "stream", "name": ["x"]}, [new_output("stream", name="stdout", text="")]),
        (
            {
                "output_type": "execute_result",
                "data": {"text/plain": ["5"], "image/png": "x", "application/json": {"a": 1}},
                "metadata": {"a": 1},
            },
            [new_output("display_data", data={"text/plain": "5", "image/png": "x"})],
        ),
        (
            {"output_type": "display_data", "data": {"text/plain": "5"}},
            [new_output("display_data", data={"text/plain": "5"})],
        ),
        ({"output_type": "display_data", "data": 5}, []),
        (
            {"output_type": "error", "ename": "E", "evalue": 5, "traceback": ["a", ["b"], 5]},
            [new_output("error", ename="E", evalue="", traceback=["a", "b", ""])],
        ),
        ({"output_type": "error", "traceback": 5}, [new_output("error", ename="", evalue="", traceback=[])]),
        ({"output_type": "comm"}, []),
        (5, []),
        (None, []),
    ],
)
def test_outputs_are_read_or_left_out(file: Path, output: Any, read_as: list[Any]) -> None:
    assert cell(file, cell_type="code", source="x", outputs=[output])["outputs"] == read_as


@pytest.mark.parametrize("outputs", [5, None, {"a": 1}])
def test_odd_outputs_are_none(file: Path, outputs: Any) -> None:
    assert cell(file, cell_type="code", source="x", outputs=outputs) == new_cell("code", "x")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "cell_type",
                    "source",
                    "metadata",
                    "outputs",
                    "output_type",
                    "data",
                    "worksheets",
                    "text",
                    "traceback",
                    "attachments",
                    "name",
                ]
            ),
            inner | st.sampled_from(["code", "markdown", "stream", "error", "display_data"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.lists(json_values, max_size=4))
def test_any_cells_are_read_as_a_notebook_of_format_4(
    tmp_path_factory: pytest.TempPathFactory, cells: list[Any]
) -> None:
    found = read(written(tmp_path_factory.getbasetemp() / "any", {"cells": cells}))
    for number, made in enumerate(found.cells):
        made["id"] = str(number)
        made.pop("attachments", None)  # left to whoever shows them
    nbformat.validate(found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_a_notebook_in_another_encoding_is_read_and_it_is_said(file: Path, encoding: str) -> None:
    content = '{"cells": [{"cell_type": "markdown", "source": "سلام"}]}'.encode(encoding)
    found = read(written(file, content))
    assert [cell.source for cell in found.cells] == ["سلام"]
    assert found.metadata[KEY]["notes"] == [f"the file is saved in {encoding}, not in UTF-8, and was read as that"]


def test_deep_metadata_is_left_out(file: Path) -> None:
    deep = '{"x": ' * 3000 + "{}" + "}" * 3000
    content = (
        f'{{"cells": [{{"cell_type": "code", "source": "x = 1", "metadata": {{"nbgrader": {deep}, "deep": {deep}}}}}]}}'
    )
    (found,) = read(written(file, content.encode())).cells
    assert (found.source, found.metadata) == ("x = 1", {})


def test_controls_are_taken_out_of_all_text(file: Path) -> None:
    odd = "a\x00b\x07\tc\n\x08"
    made = cell(file, cell_type="code", source=odd, outputs=[{"output_type": "stream", "text": [odd]}])
    assert (made["source"], made["outputs"][0]["text"]) == ("ab\tc\n", "ab\tc\n")


def test_of_too_many_cells_the_empty_ones_go_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue, "MAX_CELLS", 3)
    cells = [{"cell_type": "code", "source": source} for source in ("a", " ", "b", "", "c")]
    found = read(written(file, {"cells": cells}))
    assert ([c.source for c in found.cells], found.metadata[KEY]["notes"]) == (["a", "b", "c"], [])
    found = read(written(file, {"cells": [*cells, {"cell_type": "code", "source": "d"}]}))
    assert [c.source for c in found.cells] == ["a", "b", "c"]
    assert found.metadata[KEY]["notes"] == ["4 cells: only the first 3 count"]
    found = read(written(file, {"cells": cells[:3]}))
    assert [c.source for c in found.cells] == ["a", " ", "b"], "where there is room for all, all stay"


def test_a_cell_that_is_too_long_is_left_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue, "MAX_SOURCE", 5)
    found = read(written(file, {"cells": [{"cell_type": "code", "source": s} for s in ("12345", "123456")]}))
    assert [c.source for c in found.cells] == ["12345", ""]
    assert found.metadata[KEY]["notes"] == ["a cell of 6 characters was left out: 5 are allowed"]


def test_what_could_not_be_read_at_all_says_why(file: Path) -> None:
    found = rescue.unreadable(written(file, b"x"), "it takes more than 60 seconds")
    assert found.cells == [] and found.metadata[KEY]["submission"] == digest(file)
    assert found.metadata[KEY]["notes"] == ["nothing of the file was read: it takes more than 60 seconds"]

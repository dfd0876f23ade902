"""A class of twelve: who they are, and what they hand in."""

from __future__ import annotations

import ast
import copy
import io
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.building import variants
from autograder.building.bundle import bundle
from tests.exploits.submissions import cell_of, code_cell

Notebook = dict[str, Any]
DEADLINE = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
AUTOENCODERS, ATTENTION, LINEAR = "hw01_autoencoders", "hw02_attention", "hw03_linear_transformers"
GLOVE, BERT, RNN = "hw04_glove_sentiment", "hw05_bert_spam", "hw06_rnn_backprop"
ARGMAX, VIT = "hw07_argmax_attention", "hw08_vit_beit"
HOMEWORKS = (AUTOENCODERS, ATTENTION, LINEAR, GLOVE, BERT, RNN, ARGMAX, VIT)


class Desk:
    """What students start from, in a built course."""

    def __init__(self, course: Path) -> None:
        self.course = course

    def solved(self, homework: str) -> Notebook:
        made = _read(self.course / "source" / homework / f"{homework}.ipynb")
        made["cells"] = [c for c in made["cells"] if c["metadata"].pop("lang", "en") == "en"]
        for cell in made["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if meta.get("solution") and meta.get("grade"):
                cell["source"] = "Every score is a similarity; the difference is who may learn what similarity means."
        return made

    def empty(self, homework: str, lang: str = "en") -> Notebook:
        return _read(self.course / "release" / lang / homework / f"{homework}.ipynb")

    def with_variant(self, homework: str, *names: str) -> Notebook:
        made = self.solved(homework)
        for variant in variants.read(self.course / "assignments" / homework / "variants.py"):
            if variant.name in names:
                cell_of(made, variant.target)["source"] = variant.source
        return made

    def left_out(self, homework: str, *names: str) -> Notebook:
        """Solved but for some functions, whose stubs stand as they were released."""
        made, empty = self.solved(homework), self.empty(homework)
        for name in names:
            cell_of(made, name)["source"] = cell_of(empty, name)["source"]
        return made

    def wrong_variant(self, homework: str, target: str) -> Notebook:
        found = variants.read(self.course / "assignments" / homework / "variants.py")
        return self.with_variant(homework, next(v.name for v in found if v.is_wrong and v.target == target))

    def in_persian(self, homework: str) -> Notebook:
        """The Persian notebook with the solutions in it."""
        made, solved = self.empty(homework, "fa"), self.solved(homework)
        for cell in made["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if meta.get("solution"):
                cell["source"] = cell_of(solved, meta["grade_id"])["source"]
            if meta.get("solution") and meta.get("grade"):
                cell["source"] = (
                    "هر امتیاز یک شباهت است؛ تفاوت در این است که چه کسی اجازه دارد معنی شباهت را یاد بگیرد."
                )
        return made

    def from_colab(self, homework: str) -> Notebook:
        """As Colab saves it: the bundle's cell first, metadata of its own, ours gone."""
        colab, _ = bundle(self.course, homework, "en", self.course / "dist")
        solved = self.solved(homework)
        made: Notebook = {
            "cells": [_read(colab)["cells"][0], *solved["cells"]],
            "metadata": {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"},
            "nbformat": 4,
            "nbformat_minor": 0,
        }
        for number, cell in enumerate(made["cells"]):
            cell["metadata"] = {"id": f"Zx{number}", "colab": {"base_uri": "https://localhost:8080/", "height": 35}}
        return made


def _read(path: Path) -> Notebook:
    made: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return made


Work = Callable[[Desk, str], Notebook | bytes]


@dataclass
class Student:
    """Someone of the class; ``hands_in`` has what they make of each homework, ``late`` their hours after the deadline."""

    id: str
    name: str
    story: str
    hands_in: dict[str, Work]
    late: dict[str, float] = field(default_factory=dict)


def replaced_check(desk: Desk, homework: str) -> Notebook:
    made = desk.empty(homework)
    trick = "import autograder.checks.check as c\ncheck = check_predictions = c.check = lambda *a, **k: print('✓ all is well')"
    made["cells"].insert(made["cells"].index(cell_of(made, "setup")) + 1, code_cell(trick))
    return made


def skipped_tests(desk: Desk, homework: str) -> Notebook:
    made = desk.empty(homework)
    for cell in made["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade"):
            cell["metadata"]["tags"] = ["skip-execution"]
            meta["points"] = 1000
    return made


def forged(desk: Desk, homework: str) -> Notebook:
    made = desk.empty(homework)
    public = f"{homework}.references.safetensors"
    trick = (
        "import os, socket\nfrom autograder.checks import references, values\n"
        "channel = socket.socket(fileno=os.dup(int(os.environ['AUTOGRADER_SOCKET'])))\n"
        f"for c in references.read(__import__('pathlib').Path('{public}')).checks:\n"
        "    channel.sendall(values.frame({'name': c.name, 'state': 'passed'}, c.value))"
    )
    made["cells"].insert(made["cells"].index(cell_of(made, "setup")) + 1, code_cell(trick))
    return made


def exits(desk: Desk, homework: str) -> Notebook:
    """Right but for one function, which ends the kernel, and a script in its outputs."""
    made = desk.solved(homework)
    solution = next(
        c for c in made["cells"] if c["metadata"].get("nbgrader", {}).get("solution") and c["cell_type"] == "code"
    )
    name = solution["metadata"]["nbgrader"]["grade_id"]
    solution["source"] = f"import os\n\n\ndef {name}(*arguments):\n    os._exit(0)"
    script = "<script>document.title = 'mine'</script><img src=x onerror=\"document.title = 'mine'\">"
    made["cells"].insert(0, {"cell_type": "markdown", "id": "hello", "metadata": {}, "source": f"Dear grader {script}"})
    solution["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"text/html": script}}]
    return made


def solved(desk: Desk, homework: str) -> Notebook:
    return desk.solved(homework)


def empty(desk: Desk, homework: str) -> Notebook:
    return desk.empty(homework)


def mistaken(target: str) -> Work:
    """A solution whose one mistake is a known one."""
    return lambda desk, homework: desk.wrong_variant(homework, target)


CLASS = [
    Student("99100101", "Sara_Ahmadi", "right in all", dict.fromkeys(HOMEWORKS, solved)),
    Student("99100102", "علی_رضایی نژاد", "right, in Persian", dict.fromkeys((ATTENTION, BERT, RNN), Desk.in_persian)),
    Student("99100103", "Neda_Karimi", "nothing filled in", dict.fromkeys(HOMEWORKS, empty)),
    Student("99100104", "Omid_Tehrani", "one known mistake each", {ATTENTION: mistaken("scaled_dot_product_attention"), AUTOENCODERS: mistaken("linear_autoencoder_grads"), BERT: mistaken("encode_pair"), RNN: mistaken("bptt")}),
    Student("99100105", "مریم_حسینی", "one known mistake each", {ARGMAX: mistaken("soft_attention"), LINEAR: mistaken("causal_linear_attention"), GLOVE: mistaken("analogy"), VIT: mistaken("mean_iou")}),
    Student("99100106", "Reza_Moradi", "right, but 100 hours late", {ARGMAX: solved}, {ARGMAX: 100}),
    Student("99100107", "Leila_Sadeghi", "worked in Colab", dict.fromkeys((LINEAR, GLOVE, ARGMAX), Desk.from_colab)),
    Student("99100108", "Amir_Jafari", "a broken zip", {ATTENTION: lambda d, h: b"PK\x03\x04 half a zip"}),
    Student("99100109", "Mallory_One", "attack: replaces check", dict.fromkeys((ATTENTION, BERT, RNN), replaced_check)),
    Student("99100110", "Mallory_Two", "attack: skips the test cells and raises their points", dict.fromkeys((ARGMAX, GLOVE), skipped_tests)),
    Student("99100111", "Mallory_Three", "attack: hands over the public references", dict.fromkeys((ATTENTION, AUTOENCODERS, GLOVE, VIT), forged)),
    Student("99100112", "Mallory_Four", "attack: ends the kernel, and scripts for the grader's browser", dict.fromkeys((ARGMAX, LINEAR, VIT), exits)),
]  # fmt: skip


def hand_in(course: Path, homeworks: Sequence[str], students: list[Student] = CLASS) -> None:
    """Put everybody's zips of some homeworks where an instructor unpacks what the learning platform gives."""
    desk = Desk(course)
    for student in students:
        for homework in student.hands_in.keys() & set(homeworks):
            made = student.hands_in[homework](desk, homework)
            content = made if isinstance(made, bytes) else _zip(homework, made)
            number = int(homework[2:4])
            path = course / "downloaded" / homework / "archive" / f"DL_Hw{number}_{student.name}_{student.id}.zip"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            time = (DEADLINE + timedelta(hours=student.late.get(homework, -2))).timestamp()
            os.utime(path, (time, time))


def _zip(homework: str, notebook: Notebook) -> bytes:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            ast.parse("".join(cell["source"]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{homework}.ipynb", json.dumps(copy.deepcopy(notebook), ensure_ascii=False))
    return buffer.getvalue()

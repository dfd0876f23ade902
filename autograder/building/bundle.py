"""``autograder bundle``: what a student opens without this repository.

Colab opens no notebook beyond a megabyte. Where one would be larger, the largest answers that a check can do without are left out
of it: wrong ones that are known, by which it would name a mistake (grading names it all the same), and those of stand-ins.
"""

from __future__ import annotations

import ast
import base64
import io
import subprocess
import tempfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell
from torch import Tensor

import autograder
from autograder.building.notebook import SCHEMA_VERSION, write
from autograder.building.text import BuildError
from autograder.checks.references import SUFFIX, read
from autograder.checks.references import write as write_references
from autograder.desk import stand_in

MARK = "# autograder bundle"
MAX_BYTES = 2**20
_MOST = (10**9, 5_000, 2_000, 1_000, 500, 200, 100, 50)  # numbers of an answer, tried in this order
_NEEDED = ("torch", "numpy", "safetensors", "matplotlib", "jupyterlab", "ipywidgets")
_PACKAGES = {  # what an import of the notebook's, or of its data's, needs
    "gensim": "gensim",
    "glove": "gensim",
    "lee_news": "gensim",
    "analogies": "gensim",
    "word_similarities": "gensim",
    "transformers": "transformers",
    "bert": "transformers",
}
_REQUIREMENTS = """# In a terminal, in this folder:  pip install -r requirements.txt
# On Linux without an NVIDIA card install torch for the CPU first (the line is on pytorch.org, under Get started):
# that saves several gigabytes.
"""
_UNPACK = """{mark}: unpacks the course's checks beside this notebook; it installs and upgrades nothing.
import base64, importlib.util, io, os, pathlib, zipfile

if "AUTOGRADER_SOCKET" not in os.environ:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode("{content}"))) as files:
        installed = importlib.util.find_spec("autograder") is not None
        for name in files.namelist():
            if not pathlib.Path(name).exists() and not (installed and name.startswith("autograder/")):
                files.extract(name)
"""


def bundle(root: Path, homework: str, lang: str, out: Path) -> list[Path]:
    """Make one notebook for Colab and one zip for everybody else, from what is in ``release/``.

    Returns:
        The notebook's path and the zip's.

    Raises:
        BuildError: the homework isn't built, or the notebook would be larger than ``MAX_BYTES``.
    """
    folder = root / "release" / lang / homework
    notebook, references = folder / f"{homework}.ipynb", folder / f"{homework}{SUFFIX}"
    stand_ins = folder / f"{homework}{stand_in.SUFFIX}"
    if not all(path.exists() for path in (notebook, references, stand_ins)):
        raise BuildError(f"{folder} isn't there: run `autograder build {homework}` first.")
    package, made = _package(), _date(folder)
    colab = out / f"{homework}-{lang}-colab" / notebook.name
    for most in _MOST:
        text = _self_contained(notebook, _zip(package | _without_the_largest(references, stand_ins, most), made))
        if len(text.encode()) <= MAX_BYTES:
            break
    else:
        raise BuildError(
            f"{colab} would be {len(text.encode()) / 2**20:.2f} MB, more than Colab's notebook may be (1 MB)."
        )
    colab.parent.mkdir(parents=True, exist_ok=True)
    colab.write_text(text, encoding="utf-8")
    everybody = out / f"{homework}-{lang}.zip"
    files = package | {path.name: path.read_bytes() for path in (references, stand_ins, notebook)}
    files["requirements.txt"] = _requirements(notebook).encode()
    page = Path(autograder.__file__).parents[1] / "docs" / "students.md"
    files |= {"README.md": page.read_bytes()} if page.exists() else {}
    everybody.write_bytes(_zip({f"{homework}/{name}": content for name, content in files.items()}, made))
    return [colab, everybody]


def _without_the_largest(references: Path, stand_ins: Path, most: int) -> dict[str, bytes]:
    """Both files without the known mistakes and the stand-ins' answers that have more numbers than that."""
    with tempfile.TemporaryDirectory(prefix="autograder-bundle-") as folder:
        slim = Path(folder) / references.name
        known = read(references)
        write_references(replace(known, mistakes=[m for m in known.mistakes if numbers_in(m.value) <= most]), slim)
        calls = stand_in.read(stand_ins)
        few = {name: [(asked, made) for asked, made in of if numbers_in(made) <= most] for name, of in calls.items()}
        content = stand_in.write(known.homework, stand_in.key(stand_ins), few)
        return {references.name: slim.read_bytes(), stand_ins.name: content}


def numbers_in(value: Any) -> int:
    """How many numbers an answer has."""
    if isinstance(value, Tensor):
        return value.numel()
    if isinstance(value, dict):
        return sum(map(numbers_in, value.values()))
    return sum(map(numbers_in, value)) if isinstance(value, (list, tuple, set)) else 1


def _package() -> dict[str, bytes]:
    """The student's side of this package, by path."""
    top = Path(autograder.__file__).parent
    files = [
        top / "__init__.py",
        top / "whole.py",
        *(path for part in ("checks", "datasets", "desk") for path in sorted((top / part).glob("*.py"))),
    ]
    return {path.relative_to(top.parent).as_posix(): path.read_bytes() for path in files}


def _requirements(notebook: Path) -> str:
    """The packages that the homework needs, a line each, and how to get them."""
    code = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    trees = [ast.parse(source) for source in code]
    imports = [node for tree in trees for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name.partition(".")[0] for node in imports for alias in node.names}
    names |= {str(node.module).partition(".")[0] for node in imports if isinstance(node, ast.ImportFrom)}
    more = sorted({package for name, package in _PACKAGES.items() if name in names})
    return _REQUIREMENTS + "\n".join([*_NEEDED, *more]) + "\n"


def _date(folder: Path) -> datetime:
    """When a release was last committed, else written: zips of the same files are the same bytes."""
    git = subprocess.run(["git", "log", "-1", "--format=%ct", "--", "."], cwd=folder, capture_output=True, text=True)
    seconds = git.stdout.strip() or max(path.stat().st_mtime for path in folder.iterdir())
    return datetime.fromtimestamp(int(seconds), UTC)


def _zip(files: dict[str, bytes], made: datetime) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, made.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _self_contained(notebook: Path, content: bytes) -> str:
    made = nbformat.read(notebook, as_version=4)
    meta = {
        "grade": False,
        "grade_id": "autograder_bundle",
        "locked": True,
        "schema_version": SCHEMA_VERSION,
        "solution": False,
        "task": False,
    }
    cell = new_code_cell(
        source=_UNPACK.format(mark=MARK, content=base64.b64encode(content).decode()).rstrip(),
        id="autograder-bundle",
        metadata={"nbgrader": meta, "deletable": False, "editable": False, "jupyter": {"source_hidden": True}},
    )
    made.cells.insert(0, cell)
    return write(made)

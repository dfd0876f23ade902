"""``autograder bundle``: what a student opens without this repository."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

import autograder
from autograder.building.notebook import SCHEMA_VERSION, write
from autograder.building.text import BuildError
from autograder.checks.references import SUFFIX
from autograder.desk import stand_in

MARK = "# autograder bundle"
MAX_BYTES = 2**20
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zips of the same files are the same bytes
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
    package = _package() | {references.name: references.read_bytes(), stand_ins.name: stand_ins.read_bytes()}
    colab = out / f"{homework}-{lang}-colab" / notebook.name
    text = _self_contained(notebook, _zip(package))
    if len(text.encode()) > MAX_BYTES:
        raise BuildError(
            f"{colab} would be {len(text.encode()) / 2**20:.2f} MB, more than Colab's notebook may be (1 MB)."
        )
    colab.parent.mkdir(parents=True, exist_ok=True)
    colab.write_text(text, encoding="utf-8")
    everybody = out / f"{homework}-{lang}.zip"
    files = package | {notebook.name: notebook.read_bytes()}
    everybody.write_bytes(_zip({f"{homework}/{name}": content for name, content in files.items()}))
    return [colab, everybody]


def _package() -> dict[str, bytes]:
    """The student's side of this package, by path."""
    top = Path(autograder.__file__).parent
    files = [
        top / "__init__.py",
        top / "whole.py",
        *(path for part in ("checks", "datasets", "desk") for path in sorted((top / part).glob("*.py"))),
    ]
    return {path.relative_to(top.parent).as_posix(): path.read_bytes() for path in files}


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
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

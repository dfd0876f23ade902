"""Open what students hand in, in a process of its own with bounds on memory and time: standard library only, run as a script.

In, as one JSON object on stdin: bounds, the released homeworks, and tasks. Out: one JSON line a task, in their order.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import json
import lzma
import os
import re
import resource
import signal
import stat
import sys
import zipfile
import zlib
from datetime import UTC, datetime
from typing import Any

DEPTH = 2  # of zips in zips
MOST_ENTRIES = 200_000
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    IndexError,
)
_HIDDEN = ("__MACOSX", ".ipynb_checkpoints", ".git", ".idea", ".vscode", "__pycache__", ".virtual_documents", ".trash")
_LITTER = ("desktop.ini", "thumbs.db", ".ds_store", "onlinetext.html")


class Refused(Exception):
    """What can't be used; the message says why."""


class Opener:
    """One task's bounds and what was found so far."""

    def __init__(self, order: dict[str, Any], into: str, wanted: tuple[str, ...]) -> None:
        self._into, self._wanted = into, wanted
        self._largest, self._most, self._left = order["max_bytes"], order["max_files"], order["max_total"]
        self.found: list[dict[str, Any]] = []

    def file(self, path: str) -> None:
        with open(path, "rb") as file:
            content = file.read(self._largest + 1)
        self._keep("", content, None)

    def archive(self, source: Any, prefix: str = "", depth: int = 1) -> None:
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_ENTRIES:
                raise Refused(f"{len(entries)} files, more than the {MOST_ENTRIES} allowed")
            named = [(entry, name) for entry in entries if not is_litter(name := _name(entry))]
            if len(named) > self._most:
                raise Refused(f"{len(named)} files, more than the {self._most} allowed")
            for entry, name in named:
                _refuse_traps(entry, name)
            for entry, name in named:
                self._entry(archive, entry, prefix + name, depth)

    def _entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, depth: int) -> None:
        if not name.lower().endswith(self._wanted):
            self.found.append({"name": name, "time": _time(entry)})
            return
        if entry.flag_bits & 0x1:
            raise Refused("it is encrypted: ask the student for one without a password")
        with archive.open(entry) as file:
            content = file.read(min(self._largest, self._left) + 1)
        if len(content) > self._left:
            raise Refused("larger than allowed unpacked: ask for the notebook alone")
        self._left -= len(content)
        if self._wanted == (".zip", ".ipynb") and name.lower().endswith(".zip"):
            self._nested(content, name, depth)
        else:
            self._keep(name, content, _time(entry))

    def _nested(self, content: bytes, name: str, depth: int) -> None:
        if depth > DEPTH:
            raise Refused(f"zips in zips, more than {DEPTH} deep: ask for the notebook alone")
        path = os.path.join(self._into, f"nested-{depth}")
        with open(path, "wb") as file:
            file.write(content)
        self.archive(path, name + "/", depth + 1)

    def _keep(self, name: str, content: bytes, time: Any) -> None:
        if len(content) > self._largest:
            raise Refused(
                f"the notebook is larger than {self._largest // 2**20} MB unpacked: ask for one without its outputs"
            )
        path = os.path.join(self._into, str(len(self.found)))
        with open(path, "wb") as file:
            file.write(content)
        sha256 = hashlib.sha256(content).hexdigest()
        self.found.append({"name": name, "file": path, "time": time, "sha256": sha256, "size": len(content)})


def is_litter(name: str) -> bool:
    """Whether a path is what systems and editors leave behind."""
    parts = [part.lower() for part in re.split(r"[/\\]", name) if part]
    hidden = {word.lower() for word in _HIDDEN}
    return not parts or bool(hidden & set(parts)) or parts[-1] in _LITTER or parts[-1].startswith(("._", "~$"))


def looks(content: bytes, homework: str, released: dict[str, Any]) -> tuple[str, str]:
    """What a notebook is: answered, untouched, unknown (a notebook, but none of ours), other (whose) or none (why)."""
    data = _parsed(content)
    if isinstance(data, str):
        return "none", data
    cells = data.get("cells")
    if cells is None:
        sheets = data.get("worksheets") or []
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    cells = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    if not cells:
        return "none", "a notebook without cells"
    sources = {source for cell in cells if (source := squeezed(cell.get("source", cell.get("input"))))}
    ids = {_grade_id(cell) for cell in cells} - {None}
    alike = {name: len(ids & set(one["ids"])) + len(sources & set(one["sources"])) for name, one in released.items()}
    best = max(alike, key=lambda name: alike[name], default=homework)
    if alike.get(best, 0) > 2 * alike.get(homework, 0) + 1:
        return "other", best
    ours = released.get(homework)
    if ours is None or not alike.get(homework):
        return "unknown", ""
    own = [
        source
        for source in sources - set(ours["sources"])
        if "autograder_bundle" not in source and len(source) < 300_000
    ]
    return ("answered" if own else "untouched"), ""


def squeezed(source: Any) -> str:
    """A cell's text without the spaces that editors change."""
    text = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
    return " ".join(text.split()) if isinstance(text, str) else ""


def _grade_id(cell: dict[str, Any]) -> Any:
    about = cell.get("metadata")
    about = about.get("nbgrader") if isinstance(about, dict) else None
    found = about.get("grade_id") if isinstance(about, dict) else None
    return found if isinstance(found, str) else None


def _parsed(content: bytes) -> Any:
    start = content[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").lower()
    if not start:
        return "an empty file"
    if start.startswith((b"<", b"<\0")):
        return "a web page saved as a notebook"
    for mark, kind in ((b"%pdf", "a PDF"), (b"pk\x03", "a zip or an Office document"), (b"rar!", "a rar")):
        if start.startswith(mark):
            return f"{kind}, not a notebook"
    try:
        data = json.loads(_decoded(content))
    except (ValueError, RecursionError):
        return "no notebook, or only a part of one"
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        return "no notebook"
    return data


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or content[1:2] == b"\0":
        return content.decode(
            "utf-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-16-le", "replace"
        )
    return content.decode("utf-8-sig", "replace")


def _name(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if not entry.flag_bits & 0x800:  # many programs write UTF-8 and don't say so
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _refuse_traps(entry: zipfile.ZipInfo, name: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
        raise Refused(f"it holds a path that leads outside ({name[:100]!r})")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused(f"it holds a symbolic link ({name[:100]!r})")


def _time(entry: zipfile.ZipInfo) -> Any:
    """Seconds since 1970 where the entry has them, else the clock on the wall, as six numbers."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == 0x5455 and size >= 5 and extra[4] & 1:
            return int.from_bytes(extra[5:9], "little")
        extra = extra[4 + size :]
    try:
        datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
    return list(entry.date_time)


def opened(order: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """One task's answer."""
    whole = task["kind"] == "download"
    opener = Opener(
        order | (order["download"] if whole else {}),
        task["into"],
        (".zip", ".ipynb", "times.csv") if whole else (".zip", ".ipynb"),
    )
    try:
        with open(task["path"], "rb") as file:
            is_zip = file.read(2) == b"PK"
        if is_zip or task["path"].lower().endswith(".zip") and not _is_json(task["path"]):
            opener.archive(task["path"])
        else:
            opener.file(task["path"])
        for one in opener.found if not whole else ():
            if "file" in one:
                with open(one["file"], "rb") as file:
                    one["looks"], one["about"] = _looks(file.read(), order)
    except Refused as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "larger than allowed unpacked: ask for the notebook alone"}
    except RecursionError:
        return {"refused": "too deep to be opened"}
    except _DAMAGE as error:
        return {"refused": f"a broken zip ({error}): ask the student to hand in again"}
    return {"found": opener.found}


def _looks(content: bytes, order: dict[str, Any]) -> tuple[str, str]:
    try:
        return looks(content, order["homework"], order["released"])
    except MemoryError:
        return "unknown", ""


def _is_json(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


def main() -> None:
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for task in order["tasks"]:
        signal.setitimer(signal.ITIMER_PROF, task["seconds"])  # whose signal ends this process
        print(json.dumps(opened(order, task)), flush=True)


if __name__ == "__main__":
    main()

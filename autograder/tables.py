"""Small tables that people keep beside a course: students.csv, times.csv, extensions.csv."""

from __future__ import annotations

import codecs
import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from autograder.cleaned import cleaned
from autograder.problem import Problem

MAX_BYTES = 16 * 2**20
_DELIMITERS = (",", ";", "\t", "،", "؛")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Row:
    """One line of a table that says something; ``place`` is its file and line."""

    place: str
    fields: tuple[str, ...]

    def shown(self) -> str:
        return repr(cleaned(", ".join(self.fields)))


def read(path: Path) -> list[Row]:
    """A table's rows without empty lines and # lines, whether Excel, LibreOffice or a person wrote it.

    Raises:
        Problem: it is no text, or can't be read.
    """
    lines = _text(path).splitlines()
    telling = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    delimiter = max(_DELIMITERS, key=lambda one: telling[0].count(one)) if telling else ","
    if telling and telling[0].lower().startswith("sep="):
        delimiter = telling[0].strip()[4:5] or delimiter
    return [
        Row(f"{path}:{number}", tuple(fields))
        for number, line in enumerate(lines, 1)
        if not line.lower().startswith("sep=") and (fields := _fields(line, delimiter))
    ]


def ascii_digits(text: str) -> str:
    """The text with digits of any script as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)


def _fields(line: str, delimiter: str) -> list[str]:
    if line.lstrip().startswith("#"):
        return []
    fields = [
        field.strip().strip("\u200e\u200f\u202a\u202b\u202c\ufeff")
        for field in next(csv.reader([line], delimiter=delimiter), [])
    ]
    return fields if any(fields) else []


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Problem(f"{path} can't be read ({error.strerror}).") from error
    if len(content) > MAX_BYTES:
        raise Problem(f"{path} is larger than {MAX_BYTES // 2**20} MB: it is no table of a course.")
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise Problem(f"{path} is neither UTF-8 nor UTF-16: save it again as CSV UTF-8.") from None
    if "\0" in text:
        raise Problem(f"{path} is no text: save it again as CSV UTF-8.")
    return text

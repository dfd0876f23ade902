"""A platform's CSV file of which single fields are replaced, and every other byte stays."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.problem import Problem
from autograder.tables import MAX_BYTES

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DELIMITERS = ",;\t"


@dataclass
class Line:
    """One record: its fields as they are written, and what ends it."""

    fields: list[str]
    end: str

    def __getitem__(self, column: int) -> str:
        """A field's text without quotes; empty where the record is shorter."""
        written = self.fields[column] if column < len(self.fields) else ""
        inner = written.strip()
        return inner[1:-1].replace('""', '"') if len(inner) > 1 and inner[0] == inner[-1] == '"' else written


class Sheet:
    """A CSV file with one line of heads, in whatever encoding, with whatever delimiter and line ends it came.

    Raises:
        Problem: it can't be read, or is no text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = _content(path)
        self._mark, self._encoding = next(
            ((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8")
        )
        try:
            text = content[len(self._mark) :].decode(self._encoding)
        except UnicodeError:
            raise Problem(
                f"{path} is neither UTF-8 nor UTF-16: download it again, and don't save it between."
            ) from None
        first = text.partition("\n")[0]
        self.delimiter = max(_DELIMITERS, key=first.count)
        self._lines = list(_records(text, self.delimiter))
        self.heads = [head.strip() for head in _values(self._lines[0])] if self._lines else []
        self.lines = [line for line in self._lines[1:] if any(line.fields)]

    def column(self, head: str) -> int | None:
        """Where a column stands; None when there is none of that name."""
        return self.heads.index(head) if head in self.heads else None

    def value(self, line: Line, head: str) -> str:
        """A field by its column's name, without blanks around; empty when there is no such column."""
        column = self.column(head)
        return "" if column is None else line[column].strip()

    def put(self, line: Line, column: int, value: str) -> None:
        """Replace a field."""
        line.fields += [""] * (column + 1 - len(line.fields))
        line.fields[column] = f'"{value}"' if self.delimiter in value else value

    def content(self) -> bytes:
        """The file as it is now."""
        text = "".join(self.delimiter.join(line.fields) + line.end for line in self._lines)
        return self._mark + text.encode(self._encoding)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Problem(f"{path} can't be read ({error.strerror}).") from None
    if len(content) > MAX_BYTES:
        raise Problem(f"{path} is larger than {MAX_BYTES // 2**20} MB: it is no table of grades.")
    return content


def _records(text: str, delimiter: str) -> Iterator[Line]:
    """The records of a CSV text; a field in quotes may hold delimiters and line ends."""
    field = re.compile(rf'("(?:[^"]|"")*"[^{delimiter}\r\n]*|[^{delimiter}\r\n]*)({delimiter}|\r\n|\n|\r|\Z)')
    fields: list[str] = []
    place = 0
    while place < len(text) or fields:
        match = field.match(text, place)
        assert match is not None  # the second way takes any text, and each ends somewhere
        fields.append(match[1])
        place = match.end()
        if match[2] != delimiter:
            yield Line(fields, match[2])
            fields = []


def _values(line: Line) -> list[str]:
    return [line[column] for column in range(len(line.fields))]

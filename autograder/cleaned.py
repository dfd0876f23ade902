"""Words that somebody else chose, made fit to be printed, kept and shown."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, moving about
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, …: titles, links
    r"|\x1b[ -/]*[0-~]?"
)
_JOINERS = "\u200c\u200d"  # Persian is misspelt without the first, many emoji fall apart without the second
_MARKS_IN_A_ROW = 4


def cleaned(text: str, length: int = 200) -> str:
    """One line of at most ``length`` characters that says what ``text`` says and does nothing else.

    Escape sequences, direction marks and other invisible characters are gone, line ends and tabs are spaces, and half a
    surrogate pair and other controls are shown as ``�``.
    """
    text = _ESCAPE_SEQUENCES.sub("", text[: 16 * length + 1024])
    shown, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            shown.append(_shown(character, category))
    line = " ".join("".join(shown).split())
    return line if len(line) <= length else line[: max(0, length - 1)].rstrip() + "…"[:length]


def _shown(character: str, category: str) -> str:
    if character.isspace():
        return " "
    if category in ("Cc", "Cs"):
        return "\ufffd"
    return "" if category == "Cf" and character not in _JOINERS else character

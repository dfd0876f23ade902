"""Names as keyboards, platforms and file managers change them."""

from __future__ import annotations

import re
import unicodedata

from autograder.tables import ascii_digits

_LETTERS = str.maketrans("يىېے" + "كڪ" + "ةہھە" + "ٱ", "یییی" + "کک" + "هههه" + "ا", "ءـ")
_ARCHIVES = r"(?:\.(?:zip|ipynb))+$"
_WORDS = (
    r"v(?:er(?:sion)?)?\s*[.-]?\s*\d{1,3}|final|finall?y|last|latest|new(?:est)?|fixed|fix|edit(?:ed)?|copy|backup|done|ok|"
    r"corrected|revised|updated?|complete|compressed|(?:re)?submi(?:t|tted|ssion)|late|solution|answers?|colab|"
    r"کپی|رونوشت|نسخه|نهایی|نهایي|آخر|جدید|اصلاح[ _]?شده|ویرایش[ _]?شده|Kopie|copie"
)
_BEFORE = re.compile(r"(?:copy(?:\s*\(\d{1,3}\))?\s+of|کپی(?:\s+از)?|رونوشت|Kopie\s+von)[\s_-]+", re.IGNORECASE)
_AFTER = re.compile(
    rf"[\s_.\-–—]*[(\[]\s*(?:\d{{1,3}}|{_WORDS})\s*[)\]]$|[\s_.\-–—]+(?:{_WORDS})\s*\d{{0,2}}$|[\s\-–—]+\d$|[\s_.\-–—~]+$",
    re.IGNORECASE,
)


def folded(name: str) -> str:
    """A name without what people and programs write it differently by.

    Letters and digits alone are left: no case, spaces, half-spaces, accents, vowel signs or direction marks; Arabic letters
    in their Persian form, digits as 0 to 9.
    """
    while (plain := _folded_once(name)) != name:
        name = plain
    return plain


def plain(name: str) -> str:
    """A file's name in one form of Unicode, with digits 0 to 9 and without what can't be seen."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) not in ("Cf", "Cc", "Cs"))
    return " ".join(ascii_digits(shown).split())


def without_habits(name: str) -> str:
    """A file's name without its endings and without *(1)*, *-1*, *_final*, *Copy of* and their like."""
    name = re.sub(_ARCHIVES, "", name, flags=re.IGNORECASE).strip()
    while (shorter := _AFTER.sub("", _BEFORE.sub("", name, count=1))) != name and shorter:
        name = re.sub(_ARCHIVES, "", shorter, flags=re.IGNORECASE)
    return name


def _folded_once(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    return "".join(c for c in ascii_digits(letters) if c.isalnum())

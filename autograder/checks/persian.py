"""What a check says, in Persian: the sentences of this package, each with its numbers and its code left as they are."""

from __future__ import annotations

import re
from collections.abc import Callable

LABELS = {
    "where": "کجا",
    "got": "پاسخ شما",
    "expected": "مورد انتظار",
    "off by": "فاصله",
    "yours": "پاسخ شما",
    "difference": "تفاضل",
}


def in_persian(sentence: str) -> str:
    """A sentence of this package in Persian; one that it doesn't know stays as it is."""
    for pattern, made in _SENTENCES:
        match = re.fullmatch(pattern, sentence)
        if match:
            return made(*(part or "" for part in match.groups()))
    return sentence


def _kind(words: str) -> str:
    """A kind of value: "a float tensor of shape (2, 3)", "a list of 4", "None"."""
    for pattern, made in _KINDS:
        match = re.fullmatch(pattern, words)
        if match:
            return made(*(part or "" for part in match.groups()))
    return _apart(words)


def _apart(code: str) -> str:
    return f"\u2066{code}\u2069"


_NUMBERS = {"float": "اعشاری", "int": "صحیح", "bool": "بولی"}
_KINDS: list[tuple[str, Callable[..., str]]] = [
    (r"an? (float|int|bool) tensor", lambda kind: f"تنسور {_NUMBERS[kind]}"),
    (
        r"an? (float|int|bool) tensor of shape (\(.*\))",
        lambda kind, shape: f"تنسور {_NUMBERS[kind]} با شکل {_apart(shape)}",
    ),
    (r"an? (float|int)", lambda kind: f"عدد {_NUMBERS[kind]}"),
    (r"a bool", lambda: "‏True یا False"),
    (r"a string", lambda: "رشته"),
    (r"a list", lambda: "فهرست (list)"),
    (r"a list of (\d+)", lambda n: f"فهرستی (list) با {_apart(n)} عضو"),
    (r"a set", lambda: "مجموعه (set)"),
    (r"a set of (\d+)", lambda n: f"مجموعه‌ای (set) با {_apart(n)} عضو"),
    (r"a dict", lambda: "دیکشنری (dict)"),
    (r"an object of type (.+)", lambda name: f"شیئی از نوع {_apart(name)}"),
]
_YOURS = "داده‌های کنارگذاشتهٔ خودتان (نمره با داده‌های درس سنجیده می‌شود)"
_SENTENCES: list[tuple[str, Callable[..., str]]] = [
    (r"expected shape (.+), got (.+)", lambda a, b: f"شکل پاسخ باید {_apart(a)} باشد، ولی {_apart(b)} است"),
    (
        r"expected (\d+) items, got (\d+)",
        lambda a, b: f"پاسخ باید {_apart(a)} عضو داشته باشد، ولی {_apart(b)} عضو دارد",
    ),
    (
        r"expected (.+), got None: does every path of your function return a value\?",
        lambda a: (
            f"پاسخ باید {_kind(a)} باشد، ولی {_apart('None')} است: آیا تابع شما از هر مسیری چیزی برمی‌گرداند (return)؟"
        ),
    ),
    (r"expected (.+), got (.+)", lambda a, b: f"پاسخ باید {_kind(a)} باشد، ولی {_kind(b)} است"),
    (
        r"([\d,]+) of ([\d,]+) values differ; the largest difference is at (.+)",
        lambda n, m, at: f"{_apart(n)} عدد از {_apart(m)} عدد فرق دارد؛ بزرگ‌ترین تفاضل در {_apart(at)} است",
    ),
    (
        r"([\d,]+) of ([\d,]+) values differ, the first at (.+)",
        lambda n, m, at: f"{_apart(n)} مقدار از {_apart(m)} مقدار فرق دارد؛ نخستینش در {_apart(at)} است",
    ),
    (
        r"(?:([\d,]+) of ([\d,]+) values|the value) (?:is|are) (NaN|infinite) where a number is expected(?:, first at (.+))?",
        lambda n, m, what, at: (
            f"{f'{_apart(n)} عدد از {_apart(m)} عدد' if n else 'پاسخ'} "
            f"{_apart('NaN') if what == 'NaN' else 'بی‌نهایت'} است، در حالی که باید عدد باشد"
            f"{f'؛ نخستینش در {_apart(at)}' if at else ''}"
        ),
    ),
    (
        r"a number(?: at (.+))? where (NaN|infinite) is expected",
        lambda at, what: (
            f"{f'در {_apart(at)} ' if at else ''}عدد آمده است، در حالی که باید "
            f"{_apart('NaN') if what == 'NaN' else 'بی‌نهایت'} باشد"
        ),
    ),
    (r"the number differs", lambda: "عدد فرق دارد"),
    (r"the number is far too large", lambda: "عدد بیش از اندازه بزرگ است"),
    (r"the True or False differs", lambda: "‏True یا False فرق دارد"),
    (r"the string differs", lambda: "رشته فرق دارد"),
    (r"the set differs", lambda: "مجموعه فرق دارد"),
    (
        r"the keys differ; (?:missing: (.+?))?(?:; )?(?:not asked for: (.+))?",
        lambda missing, extra: (
            "کلیدها فرق دارند"
            + (f"؛ نیست: {_apart(missing)}" if missing else "")
            + (f"؛ خواسته نشده: {_apart(extra)}" if extra else "")
        ),
    ),
    (r"the answer has another size than is asked for", lambda: "اندازهٔ پاسخ آن نیست که خواسته شده"),
    (
        r"the answer is right, but your function changed its argument \((.+)\) in place: .*",
        lambda what: (
            f"پاسخ درست است، ولی تابع شما آرگومانش ({_kind(what)}) را درجا تغییر داده است: "
            f"روی رونوشتی از آن کار کنید، مثلاً {_apart('x.clone()')}"
        ),
    ),
    (
        r"(\w+) (\S+) on held-out data( of yours \(.+\))?; (\S+) earns all points(?:, (\S+) none: so far (\S+)% of them)?",
        lambda metric, measure, yours, goal, floor, share: (
            f"{_apart(f'{metric} {measure}')} روی {_YOURS if yours else 'داده‌های کنارگذاشته'}؛ "
            f"{_apart(goal)} همهٔ نمره را دارد"
            + (f" و {_apart(floor)} هیچ: تا این‌جا {_apart(f'{share}%')} آن" if floor else "")
        ),
    ),
    (
        r"the form is right; whether the answer is, you will know after grading",
        lambda: "شکل پاسخ درست است؛ این را که خود پاسخ هم درست است یا نه، پس از نمره‌دهی می‌فهمید",
    ),
    (
        r"in a NumPy array: return a tensor, which the cells below go on with",
        lambda: "در آرایهٔ NumPy: تنسور برگردانید، چون سلول‌های پایین‌تر با تنسور کار می‌کنند",
    ),
    (r"(.+) times the tolerance", lambda n: f"{_apart(n)} برابر رواداری (tolerance)"),
    (
        r"Orange is positive, blue negative, grey not finite; the frame marks the largest difference(.*)\.",
        lambda rest: (
            "نارنجی یعنی مثبت، آبی یعنی منفی و خاکستری یعنی بی‌نهایت یا NaN؛ قاب جای بزرگ‌ترین تفاضل است"
            + "".join(in_persian(part) for part in re.findall(r"; [^;]+", rest))
            + "."
        ),
    ),
    (r"; shown is (.+)", lambda what: f"؛ این {_apart(what)} است"),
    (
        r"; the part from row (\d+), column (\d+)",
        lambda row, column: f"؛ بخشی که از سطر {_apart(row)} و ستون {_apart(column)} آغاز می‌شود",
    ),
]

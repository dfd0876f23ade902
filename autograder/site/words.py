"""What the site says by itself, in English and in Persian."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "site": "Deep learning: the homeworks",
        "other": "فارسی",
        "map": "The course",
        "homeworks": "Homeworks",
        "dates": "Calendar",
        "students": "For students",
        "data": "Data",
        "results": "Results",
        "glossary": "Glossary",
        "homework": "homework",
        "builds on": "builds on",
        "hours": "hours",
        "points": "points",
        "checks": "functions to write",
        "essays": "essays",
        "sum": "together",
        "lead": "Each homework is a notebook to be filled in, and checks that say what is wrong and where. Here are their texts to read; "
        "the notebooks themselves, and what to do with them, are on the page {students}.",
        "picture": "The homeworks in their order; an arrow leads from one to another that builds on it",
        "nothing": "nothing here",
        "write": "You write",
        "check": "Check",
        "given": "Given code",
        "code": "Code to run",
        "essay": "Essay: you answer in the notebook.",
        "point": "{} point",
        "many": "{} points",
        "day": "day",
        "gregorian": "Gregorian",
        "jalali": "Jalali",
        "hour": "hour",
        "what": "what",
        "due": "{} is due",
        "zone": "Hours are those of {}. A deadline is the last moment in time; what free days are, says the page {{students}}.",
        "no dates": "No dates are known yet. Whoever runs the course gives them in <code>nbgrader_config.py</code>, in either "
        "calendar, or with <code>autograder deadline</code>, and builds the site again:",
        "english": "",
    },
    "fa": {
        "site": "یادگیری عمیق: تمرین‌ها",
        "other": "English",
        "map": "نقشهٔ درس",
        "homeworks": "تمرین‌ها",
        "dates": "تقویم",
        "students": "برای دانشجویان",
        "data": "داده‌ها",
        "results": "نتیجه‌ها",
        "glossary": "واژه‌نامه",
        "homework": "تمرین",
        "builds on": "بر پایهٔ",
        "hours": "ساعت",
        "points": "نمره",
        "checks": "تابع برای نوشتن",
        "essays": "پرسش تشریحی",
        "sum": "روی هم",
        "lead": "هر تمرین دفترچه‌ای است که پرش می‌کنید، با بررسی‌هایی که می‌گویند چه چیزی و کجا نادرست است. این‌جا متن تمرین‌ها را می‌خوانید؛ "
        "خود دفترچه‌ها و کار با آن‌ها در صفحهٔ {students} آمده است.",
        "picture": "تمرین‌ها به ترتیب؛ هر پیکان از تمرینی به تمرین دیگری می‌رود که بر پایهٔ آن است",
        "nothing": "هیچ‌کدام",
        "write": "می‌نویسید",
        "check": "بررسی",
        "given": "کد آماده",
        "code": "کدی که اجرا می‌کنید",
        "essay": "پرسش تشریحی: پاسخ را در دفترچه می‌نویسید.",
        "point": "{} نمره",
        "many": "{} نمره",
        "day": "روز",
        "gregorian": "میلادی",
        "jalali": "خورشیدی",
        "hour": "ساعت",
        "what": "چه",
        "due": "مهلت {}",
        "zone": "ساعت‌ها به وقت {} است. مهلت، آخرین لحظهٔ به‌موقع است؛ روزهای آزاد را صفحهٔ {{students}} توضیح می‌دهد.",
        "no dates": "هنوز تاریخی داده نشده است. گردانندهٔ درس تاریخ‌ها را، در هر یک از دو تقویم، در "
        '<code dir="ltr">nbgrader_config.py</code> یا با <code dir="ltr">autograder deadline</code> می‌دهد و سایت را دوباره می‌سازد:',
        "english": "این صفحه به انگلیسی است.",
    },
}
GREGORIAN_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fa": ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"],
}
JALALI_MONTHS = {
    "en": [
        "Farvardin",
        "Ordibehesht",
        "Khordad",
        "Tir",
        "Mordad",
        "Shahrivar",
        "Mehr",
        "Aban",
        "Azar",
        "Dey",
        "Bahman",
        "Esfand",
    ],
    "fa": ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"],
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fa": ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"],
}
_DIGITS = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def number(value: float | str, lang: str) -> str:
    """A number in the digits of a language."""
    said = value if isinstance(value, str) else f"{value:g}"
    return said.translate(_DIGITS) if lang == "fa" else said


def points(value: float, lang: str) -> str:
    return WORDS[lang]["point" if value == 1 else "many"].format(number(value, lang))

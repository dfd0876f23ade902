"""What the desk says, in English and in Persian."""

from __future__ import annotations

_DIGITS = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "line": "{right} of {checks} checks ✓ · {earned} of {points} points by checks",
        "essays": " · {empty} of {essays} essays empty",
        "hint": 'hint("{name}") shows a hint',
        "number": "{value}",
        "interrupted": "Interrupted: what the cell was making is half-made. Run it again, or Restart & Run All when in doubt.",
        "stub": '{name} is not written yet: write it in its cell in place of "raise NotImplementedError()", run that cell, then this one.',
        "or_stand_in": ' To go on without it for now: stand_in("{name}").',
        "stands_in": "{name} is a stand-in from now on: it answers for the inputs of this notebook's own cells and no others. Its own checks wait until you write it; grading lends what needs it a right one.",
        "no_stand_in": "There is no stand-in for {name!r}; there are: {names}.",
        "own_check": "{name} is a stand-in, and this is its own check: write {name}, run its cell, then this one.",
        "unknown_call": "The stand-in for {name} knows only what this notebook's cells ask with right functions, and this is something else: write {name}, or see whether what calls it is right.",
        "stand-in": "↷ a stand-in",
        "unwritten": "{name} doesn't exist yet in this kernel: run the cell that defines it, then this one.",
        "shadowed": "The name {name} now means something of yours: call yours otherwise, and run the first code cell again.",
        "dtype": "Two tensors hold numbers of different types, such as float32 and float64: bring one to the other's with .to(x.dtype).",
        "device": "Two tensors are on different devices: make new ones where the arguments are, with device=x.device.",
        "progress": "Where you are",
        "left": "About {hours} hours of work are left, by what the tasks say of themselves.",
        "public": "Points are those of the public inputs; the grade is measured on others.",
        "task": "task",
        "state": "state",
        "points": "points",
        "right": "✓ right",
        "wrong": "✗ not yet",
        "form": "○ the form is right; grading tells the rest",
        "open": "– not run",
        "written": "✓ written",
        "empty": "– empty",
        "unknown": "? the notebook's file wasn't found",
        "unsaved": "The notebook isn't saved: {count} cells that ran differ from the file. Save it (Ctrl+S) for essays to be counted as they are.",
        "ladder": "Hint {step} of {steps} for {name}",
        "more": 'hint("{name}") shows one more.',
        "last": "This was the last one.",
        "no_ladder": "There are no hints for {name}: read its docstring and the text above it once more.",
        "no_name": "There is no task called {name!r}; with hints are: {names}.",
        "whose": "Who hands in? It is asked once and kept in {file}.",
        "first_name": "First name, in Latin letters: ",
        "last_name": "Last name, in Latin letters: ",
        "student_id": "Student number: ",
        "bad_name": "{value!r} can't be part of the file's name: use Latin letters or digits, with - between words.",
        "which_file": "Which file is this notebook? Its name in {folder}: ",
        "no_file": "There is no notebook {file}: save this one (Ctrl+S), and say handin(\"its name\").",
        "not_ours": "{file} is no notebook of {homework}: none of its tasks is in it.",
        "written_zip": "{file} is written",
        "inside": "In it: {name}, {tasks} tasks begun, {empty} stubs left, {written} of {essays} essays written.",
        "sha": "SHA-256 of the notebook (the receipt's submission): {sha}",
        "old": "Not saved? {count} cells that ran here are not in the file as they ran: save (Ctrl+S) and call handin() again.",
        "then": "Upload this one file where your course collects homework.",
        "failed": "After a restart these checks fail: {names}.",
        "all_right": "After a restart every check that can be compared passes.",
        "afresh": "Not tried after a restart: handin(afresh=True) runs everything in a fresh kernel first.",
        "no_nbclient": "Running it afresh needs nbclient: pip install nbclient.",
    },
    "fa": {
        "line": "{right} بررسی از {checks} بررسی ✓ · {earned} از {points} نمرهٔ بررسی‌ها",
        "essays": " · {empty} پرسش تشریحی از {essays} پرسش خالی است",
        "hint": 'با hint("{name}") راهنمایی بگیرید',
        "number": "{value}",
        "interrupted": "اجرا را متوقف کردید: آنچه این سلول می‌ساخت نیمه‌کاره مانده است. دوباره اجرایش کنید و اگر شک دارید، Restart & Run All بزنید.",
        "stub": 'هنوز {name} را ننوشته‌اید: در سلولش به جای "raise NotImplementedError()" بنویسیدش، آن سلول را اجرا کنید و سپس این یکی را.',
        "or_stand_in": ' برای آن‌که فعلاً بدون آن پیش بروید: stand_in("{name}").',
        "stands_in": "از این پس به جای {name} یک بدل نشسته است: تنها برای ورودی‌های سلول‌های همین دفترچه پاسخ دارد. بررسی‌های خودش می‌مانند تا بنویسیدش؛ هنگام نمره‌دهی به هر چه به آن نیاز دارد نسخهٔ درستش داده می‌شود.",
        "no_stand_in": "برای {name!r} بدلی نیست؛ برای این‌ها هست: {names}.",
        "own_check": "به جای {name} بدلی نشسته است و این بررسیِ خود آن است: {name} را بنویسید، سلولش را اجرا کنید و سپس این یکی را.",
        "unknown_call": "بدلِ {name} تنها پاسخ چیزهایی را می‌داند که سلول‌های این دفترچه با تابع‌های درست می‌پرسند و این چیز دیگری است: {name} را بنویسید، یا ببینید آنچه صدایش می‌زند درست است یا نه.",
        "stand-in": "↷ بدل",
        "unwritten": "‏{name} هنوز در این هسته (kernel) نیست: سلولی را که تعریفش می‌کند اجرا کنید و سپس این یکی را.",
        "shadowed": "نام {name} حالا به چیزی از خودتان اشاره می‌کند: نام دیگری بر آن بگذارید و سلول کد اول را دوباره اجرا کنید.",
        "dtype": "عددهای دو تنسور از دو نوع‌اند، مثلاً float32 و float64: یکی را با .to(x.dtype) به نوع دیگری درآورید.",
        "device": "دو تنسور روی دو دستگاه (device) هستند: تنسورهای تازه را با device=x.device همان‌جا بسازید که آرگومان‌ها هستند.",
        "progress": "کجای کار هستید",
        "left": "با زمانی که خود بخش‌ها گفته‌اند، حدود {hours} ساعت کار مانده است.",
        "public": "این نمره‌ها با ورودی‌های عمومی است؛ نمرهٔ شما با ورودی‌های دیگری سنجیده می‌شود.",
        "task": "کار",
        "state": "وضعیت",
        "points": "نمره",
        "right": "✓ درست",
        "wrong": "✗ هنوز نه",
        "form": "○ شکلش درست است؛ بقیه را نمره‌دهی می‌گوید",
        "open": "– اجرا نشده",
        "written": "✓ نوشته شده",
        "empty": "– خالی",
        "unknown": "؟ فایل دفترچه پیدا نشد",
        "unsaved": "دفترچه ذخیره نشده است: {count} سلولِ اجراشده با فایل فرق دارد. ذخیره کنید (Ctrl+S) تا پرسش‌های تشریحی همان‌طور که هستند شمرده شوند.",
        "ladder": "راهنمایی {step} از {steps} برای {name}",
        "more": 'با hint("{name}") یکی دیگر می‌بینید.',
        "last": "این آخرین راهنمایی بود.",
        "no_ladder": "برای {name} راهنمایی‌ای نیست: docstring آن و متن بالایش را یک بار دیگر بخوانید.",
        "no_name": "کاری به نام {name!r} نیست؛ این‌ها راهنمایی دارند: {names}.",
        "whose": "تحویل‌دهنده کیست؟ فقط یک بار می‌پرسیم و در {file} نگه می‌داریم.",
        "first_name": "نام، با حروف لاتین: ",
        "last_name": "نام خانوادگی، با حروف لاتین: ",
        "student_id": "شمارهٔ دانشجویی: ",
        "bad_name": "{value!r} در نام فایل نمی‌آید: حروف لاتین یا رقم بنویسید و میان واژه‌ها خط تیره بگذارید.",
        "which_file": "این دفترچه کدام فایل است؟ نامش در {folder}: ",
        "no_file": "دفترچه‌ای به نام {file} نیست: این دفترچه را ذخیره کنید (Ctrl+S) و نامش را در handin(\"…\") بنویسید.",
        "not_ours": "{file} دفترچهٔ {homework} نیست: هیچ‌یک از کارهایش در آن نیست.",
        "written_zip": "{file} نوشته شد",
        "inside": "در آن: {name}، {tasks} کارِ آغازشده، {empty} کارِ دست‌نخورده، {written} پاسخ تشریحی از {essays}.",
        "sha": "‏SHA-256 دفترچه (همان submission در رسید): {sha}",
        "old": "ذخیره نکرده‌اید؟ {count} سلولی که این‌جا اجرا شده به همان شکل در فایل نیست: ذخیره کنید (Ctrl+S) و دوباره handin() را صدا بزنید.",
        "then": "همین یک فایل را همان‌جا بارگذاری کنید که درس شما تمرین‌ها را جمع می‌کند.",
        "failed": "پس از راه‌اندازی دوباره این بررسی‌ها رد می‌شوند: {names}.",
        "all_right": "پس از راه‌اندازی دوباره همهٔ بررسی‌هایی که سنجیدنی‌اند قبول می‌شوند.",
        "afresh": "پس از راه‌اندازی دوباره امتحان نشده است: handin(afresh=True) نخست همه چیز را در هسته‌ای (kernel) تازه اجرا می‌کند.",
        "no_nbclient": "برای اجرای دوباره nbclient لازم است: pip install nbclient.",
    },
}  # fmt: skip


def say(language: str, key: str, **parts: object) -> str:
    """A sentence in a language; numbers in Persian digits."""
    if language == "fa":
        parts = {name: _persian(part) for name, part in parts.items()}
    return WORDS[language][key].format(**parts)


def number(value: float) -> str:
    """Points without a needless fraction."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _persian(part: object) -> object:
    if isinstance(part, (int, float)) or isinstance(part, str) and part.replace(".", "").isdigit() and len(part) < 9:
        return str(part).translate(_DIGITS)
    return part

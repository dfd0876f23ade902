"""What the report says, in English and in Persian."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "the class on one page", "checks": "by checks", "essays": "by people", "after lateness": "after lateness",
        "points": "points", "spread": "How the scores are spread", "hours": "hours after the deadline", "submissions": "submissions",
        "arrivals": "When submissions came", "handed": "handed in", "absent": "not handed in", "waiting": "wait for a person",
        "open": "not graded", "middle": "median (quartiles) of final scores", "alpha": "Cronbach's alpha of the checks",
        "few": "No statistic is told of fewer than {} students.", "each": "Each check", "check": "check", "passed": "passed",
        "failed": "failed", "missing": "no answer", "near": "near misses", "interval": "share passed (95 % interval)",
        "correlation": "item–total correlation", "mistakes": "known mistakes", "reasons": "other reasons", "look": "Worth a look",
        "nobody": "nobody passes", "good fail": "who is good elsewhere fails it", "one mistake": "one mistake in three or more of ten",
        "people": "Who", "student": "student", "score": "score", "notes": "notes", "made": "made",
        "nothing": "Nothing stands out.", "followed": "right with the model's functions", "example": "an example, by",
        "errors": "Why answers came to nothing", "error": "what happened", "answers": "answers", "students": "students", "where": "most often in",
        "marks": "The essays' marks", "essay": "essay", "marked": "marked", "full": "all points", "zero": "no point", "quartiles": "median (quartiles)",
        "term": "The term on one page", "homeworks": "homeworks", "homework": "homework", "totals": "median (quartiles) of totals", "total": "total",
        "of 100": "of 100", "passing": "have {} or more", "every": "Each homework", "weight": "weight", "excused": "excused",
        "behind": "Who falls behind", "nobody behind": "Nobody.", "and": "; ", "missed the last": "didn't hand in the last homework", "missed several": "didn't hand in several",
        "falls": "the last homework is far below their own before", "below": "below the pass mark", "passed course": "passes", "free": "free days left",
        "signs": "… is not final; – was not handed in; · is not due yet; ! was set by hand; what is pale doesn't count.",
    },
    "fa": {
        "title": "کلاس در یک صفحه", "checks": "با بررسی‌ها", "essays": "با نمره‌دهندگان", "after lateness": "پس از تأخیر",
        "points": "نمره", "spread": "پراکندگی نمره‌ها", "hours": "ساعت پس از مهلت", "submissions": "تحویل‌ها",
        "arrivals": "زمان تحویل‌ها", "handed": "تحویل داده‌اند", "absent": "تحویل نداده‌اند", "waiting": "منتظر نمره‌دهنده‌اند",
        "open": "نمره نگرفته‌اند", "middle": "میانه (چارک‌ها)ی نمره‌های نهایی", "alpha": "آلفای کرونباخ بررسی‌ها",
        "few": "دربارهٔ کمتر از {} دانشجو هیچ آماره‌ای گفته نمی‌شود.", "each": "تک‌تک بررسی‌ها", "check": "بررسی", "passed": "قبول",
        "failed": "رد", "missing": "بی‌پاسخ", "near": "نزدیک به درست", "interval": "سهم قبولی (بازهٔ ۹۵٪)",
        "correlation": "همبستگی با بقیهٔ نمره", "mistakes": "اشتباه‌های شناخته‌شده", "reasons": "دلیل‌های دیگر", "look": "به این‌ها نگاه کنید",
        "nobody": "هیچ‌کس قبول نمی‌شود", "good fail": "کسانی که در بقیه خوب‌اند این‌جا رد می‌شوند", "one mistake": "بیش از سه نفر از هر ده نفر یک اشتباه دارند",
        "people": "چه کسی", "student": "دانشجو", "score": "نمره", "notes": "یادداشت‌ها", "made": "زمان ساخت",
        "nothing": "چیزی به چشم نمی‌آید.", "followed": "درست با تابع‌های حل", "example": "یک نمونه، از",
        "errors": "چرا پاسخی به دست نیامد", "error": "چه شد", "answers": "پاسخ", "students": "دانشجو", "where": "بیشتر در",
        "marks": "نمره‌های پرسش‌های تشریحی", "essay": "پرسش تشریحی", "marked": "نمره گرفته", "full": "نمرهٔ کامل", "zero": "صفر", "quartiles": "میانه (چارک‌ها)",
        "term": "نیم‌سال در یک صفحه", "homeworks": "تمرین", "homework": "تمرین", "totals": "میانه (چارک‌ها)ی نمره‌های کل", "total": "نمرهٔ کل",
        "of 100": "از ۱۰۰", "passing": "نفر نمرهٔ {} یا بیشتر دارند", "every": "تک‌تک تمرین‌ها", "weight": "وزن", "excused": "معاف",
        "behind": "چه کسانی عقب می‌مانند", "nobody behind": "هیچ‌کس.", "and": "؛ ", "missed the last": "آخرین تمرین را تحویل نداده است", "missed several": "چند تمرین را تحویل نداده است",
        "falls": "نمرهٔ آخرین تمرینش بسیار کمتر از پیش است", "below": "پایین‌تر از مرز قبولی است", "passed course": "قبول", "free": "روز آزاد مانده",
        "signs": "… هنوز نهایی نیست؛ – تحویل نشده؛ · مهلتش نرسیده؛ ! دستی ثبت شده؛ کم‌رنگ‌ها به حساب نمی‌آیند.",
    },
}  # fmt: skip

# %% [markdown]
# # Homework 5 · BERT and the spam in your pocket
#
# Somebody paid for weeks of computing so that a network would learn English by filling in blanks. You get the result
# for nothing: a few million numbers in a file. In this homework you first find out what is *in* the file, by
# rebuilding its first steps by hand until your numbers and the network's are the same. Then you put it to work: with
# about 450 examples of spam, most of a job is already done before you begin, because the network can read.
#
# **After this homework you can**
#
# - turn a text, or two, into what BERT eats: tokens, segments and a mask, cut and padded, exactly as its tokenizer
#   does;
# - compute BERT's embeddings and its self-attention by hand, equal to the real model's in every layer;
# - read attention heads, and say what such a picture doesn't prove;
# - fine-tune a pretrained model on unbalanced classes, and compare it honestly with a linear probe and a bag of words;
# - measure a classifier by precision, recall, F1, its calibration, and by what its errors cost.
#
# **Time.** About 12.5 hours, essays included: 2 for part 1, 4 for part 2, 1.5 for part 3, 3.5 for part 4 and 1.5 for
# the last one. Under each task stands how hard it is, how long it takes and what it is worth. The longest training
# takes less than a minute on a laptop.
#
# **What it builds on.** Looking vectors up in a table (homework 4, 1.1), scaled dot-product attention, its mask and its
# heads (homework 2, 2.1 and 2.2), the Transformer's layer (homework 2, 4.1). Homework 8 takes the same layer to
# pictures, with the normalisation moved before it.
#
# ![The tasks as a graph: rows, embeddings and heads lead into BERT; a mean and a line into the classifier](figures/map.svg)
#
# **How checks work.** You write code between a function's docstring and the end of its cell. The check cell below it
# draws inputs from a seed and compares what your function returns with our reference. Here the seed is public and you
# see the verdict at once; at grading the same cell runs with another seed. When your numbers equal those of a
# well-known mistake, the check tells you which. Run the notebook from top to bottom before you hand it in.
#
# **Conventions.** B texts in a batch, T places for tokens, H numbers a token (the *hidden size*). A mask is 1 where
# there is a token and 0 where there is padding. Weight matrices here are stored as PyTorch's `nn.Linear` and BERT's
# files have them, (out, in): `x @ W.T + b`.
#
# **The model.** From the course's cache it is MiniLM-L6, a real BERT with 6 layers, 12 heads and H = 384. Without the
# cache but with internet you get `bert-base-uncased` (12 layers, H = 768); everything works with it, slower: take a
# GPU. Graded checks don't depend on it, apart from the training, which is graded with the course's own.
#
# **Arguments stay as they are.** No function changes what it is given, unless its docstring says so; the checks look.
#
# **Handing in.** One zip, `DL_Hw5_<firstName>_<lastName>_<StudentId>.zip`, with this notebook in it.
#
# %% [markdown] lang="fa"
# # تمرین ۵ · ‏BERT و هرزنامه‌های توی جیبتان
#
# کسی هزینهٔ هفته‌ها محاسبه را داده تا شبکه‌ای با پرکردن جاهای خالی انگلیسی یاد بگیرد. نتیجه‌اش رایگان به شما رسیده
# است: چند میلیون عدد در یک فایل. در این تمرین اول می‌فهمید **توی** این فایل چیست؛ گام‌های نخستش را با دست بازمی‌سازید
# تا عددهای شما و عددهای شبکه یکی شوند. بعد آن را به کار می‌گیرید: با حدود ۴۵۰ نمونه هرزنامه بیشتر کار پیش از شروع شما
# انجام شده، چون این شبکه خواندن بلد است.
#
# **پس از این تمرین می‌توانید**
#
# - یک یا دو متن را به خوراک BERT تبدیل کنید: توکن‌ها، بخش‌ها و نقاب، بریده و پرشده، درست همان‌طور که توکن‌ساز خودش
#   می‌کند؛
# - تعبیه‌های BERT و «توجه به خود» (self-attention) آن را با دست حساب کنید، برابر با مدل واقعی در همهٔ لایه‌ها؛
# - سرهای توجه را بخوانید و بگویید چنین تصویری چه چیزی را ثابت **نمی‌کند**؛
# - مدلی پیش‌آموخته را روی رده‌های نامتوازن ریزتنظیم کنید و آن را منصفانه با کاوشگر خطی و کیسهٔ واژه‌ها بسنجید؛
# - یک دسته‌بند را با دقت، بازخوانی، F1، کالیبراسیون و هزینهٔ خطاهایش اندازه بگیرید.
#
# **زمان.** حدود ۱۲٫۵ ساعت با احتساب پرسش‌های تشریحی: ۲ ساعت برای بخش ۱، ۴ ساعت برای بخش ۲، ۱٫۵ ساعت برای بخش ۳، ۳٫۵
# ساعت برای بخش ۴ و ۱٫۵ ساعت برای بخش ۵. زیر عنوان هر کار نوشته‌ایم چقدر سخت است، چقدر وقت می‌برد و چند نمره دارد.
# طولانی‌ترین آموزش روی لپ‌تاپ کمتر از یک دقیقه است.
#
# **روی چه بنا می‌شود.** نگاه‌کردن به جدول بردارها (تمرین ۴، ۱٫۱)، توجه با ضرب داخلی مقیاس‌شده و نقاب و سرهایش (تمرین ۲،
# ۲٫۱ و ۲٫۲)، و لایهٔ ترنسفورمر (تمرین ۲، ۴٫۱). تمرین ۸ همین لایه را برای تصویر به کار می‌برد و نرمال‌سازی را به پیش از
# آن می‌آورد.
#
# ![کارها به شکل گراف: سطرها، تعبیه‌ها و سرها به درون BERT می‌رسند؛ میانگین و یک خط به دسته‌بند](figures/map.svg)
#
# **بررسی‌ها چگونه کار می‌کنند.** کد را میان توضیح تابع (docstring) و پایان سلول می‌نویسید. سلول بررسیِ زیر آن
# ورودی‌ها را از یک بذر (seed) می‌سازد و خروجی تابع شما را با مرجع ما می‌سنجد. بذر این‌جا همگانی است و نتیجه را همان دم
# می‌بینید؛ هنگام نمره‌دهی همین سلول با بذری دیگر اجرا می‌شود. اگر عددهای شما با یکی از خطاهای آشنا یکی باشد، بررسی
# می‌گوید کدام خطا. پیش از تحویل، دفترچه را یک بار از آغاز تا پایان اجرا کنید.
#
# **قراردادها.** ‏B متن در یک دسته (batch)، ‏T جا برای توکن (token) و H عدد برای هر توکن («اندازهٔ پنهان»). نقاب
# (mask) جایی که توکن هست ۱ و جایی که پرکننده (padding) هست ۰ است. ماتریس‌های وزن این‌جا همان‌طور ذخیره شده‌اند که در
# `nn.Linear` و در فایل‌های BERT هستند، یعنی `(out, in)`: `x @ W.T + b`.
#
# **مدل.** از حافظهٔ نهان درس، MiniLM-L6 می‌آید: یک BERT واقعی با ۶ لایه، ۱۲ سر و $H = 384$. بدون حافظهٔ نهان ولی با
# اینترنت، `bert-base-uncased` را می‌گیرید (۱۲ لایه، $H = 768$)؛ همه چیز با آن هم کار می‌کند، ولی کندتر: GPU بردارید.
# بررسی‌های نمره‌دار به آن وابسته نیستند، جز آموزش که با مدل خود درس نمره می‌گیرد.
#
# **ورودی‌ها دست نمی‌خورند.** هیچ تابعی آنچه را می‌گیرد تغییر نمی‌دهد، مگر آن‌که docstring آن چنین بگوید؛ بررسی‌ها به
# این هم نگاه می‌کنند.
#
# **تحویل.** یک فایل zip با نام `DL_Hw5_<firstName>_<lastName>_<StudentId>.zip` که همین دفترچه در آن است.

# %% preload
from autograder.datasets import bert

bert()

# %% given id="setup"
import html
import math
import os

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder import check, check_predictions, handin, hint, progress, seeded, stand_in, start
from autograder.datasets import bert, movie_reviews, sms_spam

start("hw05_bert_spam")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # one text at a time needs no threads
torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) // 2)))  # more wait for one another
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"  # told apart by every eye


def heatmap(axis, values: Tensor, title: str, xlabel: str, ylabel: str, **options):
    """Draw a (rows, columns) tensor as a picture with named axes, and return the image."""
    image = axis.imshow(values.detach().cpu(), aspect="auto", **{"cmap": "viridis", **options})
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return image


# %% given id="pretrained"
pretrained = bert()
model, tokenizer = pretrained.model.to(DEVICE), pretrained.tokenizer

# %%
config = model.config
print(f"{config.num_hidden_layers} layers, {config.num_attention_heads} heads, {config.hidden_size} numbers a token")
print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters, {config.vocab_size:,} tokens")
for text in ("The film was unforgettable!", "Ur awarded a £1000 prize, txt CLAIM 2 87239"):
    print(tokenizer.tokenize(text))

# %% [markdown]
# ## Part 1 · What BERT eats
#
# ### 1.1 Pieces of words
#
# Look at the last lines above. BERT's vocabulary has 30,522 tokens, far fewer than English has words, so rare words
# are spelled with pieces, and `##` marks a piece that goes on with the word before it (*WordPiece*). Capitals and
# accents are gone: this vocabulary is *uncased*. Both functions that you need are the tokenizer's: `tokenizer.tokenize`
# cuts a text into tokens and `tokenizer.convert_tokens_to_ids` looks up their numbers.
#
# ### 1.2 One text or two, always the same shape
#
# ●●● · 120 min · 16 points
#
# *Idea.* BERT was pretrained on *pairs* of texts, and asked whether the second really followed the first. So its input
# has a place for two, and markers to tell where one ends:
#
# $$\texttt{[CLS]}\; a_1 \dots a_n\; \texttt{[SEP]}\; b_1 \dots b_m\; \texttt{[SEP]}\; \texttt{[PAD]} \dots$$
#
# Three rows of numbers describe it, each `max_length` long:
#
# | | holds | of `[CLS]`, a, first `[SEP]` | of b, second `[SEP]` | of `[PAD]` |
# |---|---|---|---|---|
# | `input_ids` | which token | its number | its number | 0, the number of `[PAD]` |
# | `token_type_ids` | which text | 0 | 1 | 0 |
# | `attention_mask` | is it there | 1 | 1 | 0 |
#
# Without b there is one `[SEP]` only, after a.
#
# ![A pair in ten places: tokens in colour by text, and below them the three rows of numbers](figures/rows.svg)
#
# *With a pencil.* a is "Sun is up", b is "good", `max_length` is 10. Three and one tokens, three markers: seven places,
# and three of padding. So the types are 0 five times (marker, a, marker), 1 twice (b and its `[SEP]`), 0 three times
# (padding); the mask is 1 seven times and 0 three times. The numbers of the tokens stand in the picture.
#
# *Too long?* Cut tokens off the **ends of the texts**, never a marker. One after another: always the last token of
# the text that is *currently longer*. When both are equally long, it is taken from the text that was *shorter before
# any cutting* (and from a where they had the same length). With 9 and 6 tokens and room for 9: a loses three (6, 6),
# then b loses one (6, 5), then a (5, 5), and b again (5, 4).
#
# ![Nine and six boxes lose one token a turn, always the longer text and b on a tie, down to five and four](figures/cutting.svg)
#
# *Code.* By hand: the tokenizer may cut and look up, but not encode (that is, neither `tokenizer(…)` itself nor
# `tokenizer.encode…`). Long tensors, please.
#
# %% [markdown] lang="fa"
# ## بخش ۱ · خوراک BERT
#
# ### ۱٫۱ تکه‌های واژه
#
# به دو سطر آخر بالا نگاه کنید. واژگان BERT ‏۳۰٬۵۲۲ توکن دارد، بسیار کمتر از واژه‌های انگلیسی؛ پس واژه‌های کمیاب با
# تکه‌ها هجی می‌شوند و `##` نشان می‌دهد که این تکه دنبالهٔ واژهٔ پیش از خودش است (WordPiece). حروف بزرگ و آکسان‌ها هم
# نیستند: این واژگان uncased است. هر دو تابعی که لازم دارید مال توکن‌ساز (tokenizer) است: `tokenizer.tokenize` متن را
# به توکن‌ها می‌بُرد و `tokenizer.convert_tokens_to_ids` شمارهٔ آن‌ها را پیدا می‌کند.
#
# ### ۱٫۲ یک متن یا دو متن، همیشه با یک شکل
#
# ●●● · ۱۲۰ دقیقه · ۱۶ نمره
#
# **ایده.** ‏BERT با **جفت‌هایی** از متن پیش‌آموزش دیده و از او پرسیده‌اند آیا دومی واقعاً دنبال اولی آمده است. پس
# ورودی‌اش برای دو متن جا دارد و نشانه‌هایی که بگویند هر کدام کجا تمام می‌شود:
#
# $$\texttt{[CLS]}\; a_1 \dots a_n\; \texttt{[SEP]}\; b_1 \dots b_m\; \texttt{[SEP]}\; \texttt{[PAD]} \dots$$
#
# سه سطر عدد آن را وصف می‌کنند، هر کدام به درازای `max_length`:
#
# | | چه دارد | برای `[CLS]`، ‏a و نخستین `[SEP]` | برای b و دومین `[SEP]` | برای `[PAD]` |
# |---|---|---|---|---|
# | `input_ids` | کدام توکن | شماره‌اش | شماره‌اش | ۰، شمارهٔ `[PAD]` |
# | `token_type_ids` | کدام متن | ۰ | ۱ | ۰ |
# | `attention_mask` | آیا چیزی هست | ۱ | ۱ | ۰ |
#
# اگر b نباشد، تنها یک `[SEP]` هست، پس از a.
#
# ![یک جفت متن در ده جا: توکن‌ها به رنگ متنشان و زیر آن‌ها سه سطر عدد](figures/rows.svg)
#
# **با مداد.** متن a برابر «Sun is up» و متن b برابر «good» است و `max_length` برابر ۱۰. سه و یک توکن و سه نشانه: هفت
# جا، و سه جای پرکننده. پس نوع‌ها پنج بار ۰ (نشانه، متن a، نشانه)، دو بار ۱ (متن b و `[SEP]` آن) و سه بار ۰ (پرکننده)
# هستند؛ نقاب هفت بار ۱ و سه بار ۰ است. شماره‌های توکن‌ها در شکل آمده‌اند.
#
# **زیادی دراز است؟** از **ته متن‌ها** توکن بردارید، هرگز نه از نشانه‌ها. یکی‌یکی: همیشه آخرین توکن متنی که **اکنون
# درازتر** است. وقتی هر دو برابرند، از متنی بردارید که **پیش از هر برشی** کوتاه‌تر بود (و اگر از اول هم برابر بودند،
# از a). مثلاً با ۹ و ۶ توکن و جا برای ۹ تا: ‏a سه تا از دست می‌دهد (۶، ۶)، بعد b یکی (۶، ۵)، بعد a ‏(۵، ۵) و باز b
# ‏(۵، ۴).
#
# ![نه و شش خانه که هر بار یک توکن از دست می‌دهند، همیشه متن درازتر و در حالت برابر b، تا پنج و چهار](figures/cutting.svg)
#
# **کد.** با دست: توکن‌ساز اجازه دارد ببُرد و شماره پیدا کند، ولی نه این‌که خودش کدگذاری کند (یعنی نه خود
# `tokenizer(…)` و نه `tokenizer.encode…`). تانسورها از نوع `long` باشند.


# %% solution id="encode_pair" forbid=".encode .encode_plus .batch_encode_plus .prepare_for_model .__call__ ._tokenizer"
def encode_pair(tokenizer, a: str, b: str | None = None, max_length: int = 64) -> dict[str, Tensor]:
    """One text or a pair as BERT's input (Devlin et al. 2019, section 3, "Input/Output Representations").

    Args:
        tokenizer: has `tokenize(text)`, `convert_tokens_to_ids(tokens)`, and the names of its markers: `cls_token`,
            `sep_token`, `pad_token`.
        a: a text.
        b: a second text, not empty, or None.
        max_length: how many places there are, at least 3 and with b at least 5.

    Returns:
        A dict with "input_ids", "token_type_ids" and "attention_mask", int64, each of shape (max_length,).
    """
    ### BEGIN SOLUTION
    first = tokenizer.tokenize(a)
    second = [] if b is None else tokenizer.tokenize(b)
    markers = 2 if b is None else 3
    loses_ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - markers:
        if len(first) == len(second):
            loses_ties.pop()
        else:
            max(first, second, key=len).pop()
    tokens = [tokenizer.cls_token, *first, tokenizer.sep_token]
    types = [0] * len(tokens)
    if b is not None:
        tokens += [*second, tokenizer.sep_token]
        types += [1] * (len(second) + 1)
    padding = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + [tokenizer.pad_token] * padding)
    mask = [1] * len(tokens) + [0] * padding
    rows = {"input_ids": ids, "token_type_ids": types + [0] * padding, "attention_mask": mask}
    return {name: torch.tensor(row, dtype=torch.int64) for name, row in rows.items()}
    ### END SOLUTION


# %% given id="phrases"
PLAIN = ["river", "sun", "bread", "window", "green", "slow", "yellow", "music", "seven", "table", "winter", "paper"]
ODD = [
    "unforgettable",
    "Tokyo!",
    "don't",
    "£1000",
    "re-reading",
    "naïveté",
    "txtSTOP",
    "www.win.com",
    "(hmm)",
    "loooool",
]


def phrase(draw, words: int, odd: int = 0) -> str:
    """A phrase of drawn words: `words` of one token each, and then `odd` that fall into several pieces."""
    return " ".join([*(draw.choice(PLAIN) for _ in range(words)), *(draw.choice(ODD) for _ in range(odd))])


# %% [markdown] hint id="encode_pair"
# Which entries of the row may never be cut, and how many of them are there with `b` and without?
# So how many places are left for the texts?
# ---
# Tokenise both, cut the lists, and only then put the markers around them:
# a finished row cut at `max_length` would lose its last `[SEP]`.
# Cutting is a loop that takes one last token at a time, while both together are too long.
# ---
# In the loop: a longer text loses one.
# On a tie it is the text that was shorter at first, so find out which that is before the loop.
# Where they were equal from the start it is `a`.
# ---
# Then build tokens and types side by side:
# `[CLS]`, `a` and the first `[SEP]` are of type 0, `b` and its `[SEP]` of type 1.
# Pad all three rows to `max_length` at the end: `pad_token`, type 0, mask 0.
#
# %% [markdown] hint id="encode_pair" lang="fa"
# کدام درایه‌های سطر هرگز بریده نمی‌شوند، و با `b` و بی `b` چند تا هستند؟
# پس برای متن‌ها چند جا می‌ماند؟
# ---
# هر دو را به توکن ببُرید، فهرست‌ها را کوتاه کنید و تازه آن‌گاه نشانه‌ها را دورشان بگذارید:
# سطر آماده‌ای که در `max_length` بریده شود `[SEP]` آخرش را از دست می‌دهد.
# کوتاه کردن حلقه‌ای است که هر بار یک توکن آخر را برمی‌دارد، تا وقتی هر دو با هم زیادی درازند.
# ---
# در حلقه: متنی که درازتر است یکی از دست می‌دهد.
# در حالت برابر، نوبت متنی است که در آغاز کوتاه‌تر بود؛ پس پیش از حلقه معلوم کنید کدام است.
# اگر از آغاز برابر بودند، نوبت `a` است.
# ---
# سپس توکن‌ها و نوع‌ها را کنار هم بسازید: `[CLS]`، `a` و نخستین `[SEP]` از نوع ۰ هستند و `b` با `[SEP]` خودش از نوع ۱.
# در پایان هر سه سطر را تا `max_length` پر کنید: `pad_token`، نوع ۰، نقاب ۰.

# %%
print(*encode_pair(tokenizer, "Sun is up", "good", max_length=10).values(), sep="\n")  # the picture's three rows

# %% check id="encode_pair_check" points=5
draw = seeded("encode_pair")
fits = [encode_pair(tokenizer, phrase(draw, 3, 2), max_length=24), encode_pair(tokenizer, phrase(draw, 4, 3))]
check("one text, padded", fits)
check("one text, cut", [encode_pair(tokenizer, phrase(draw, n, 2), max_length=n - 2) for n in (8, 11, 13)])

# %% check id="encode_pair_check_pairs" points=5
draw = seeded("encode_pair_pairs")
pairs = [(phrase(draw, 2, 1), phrase(draw, 5, 2)), (phrase(draw, 5, 1), phrase(draw, 2, 1)), (phrase(draw, 4), "Ok?")]
check("pairs that fit", [encode_pair(tokenizer, a, b, max_length=41) for a, b in pairs])

# %% check id="encode_pair_check_cut" points=6
draw = seeded("encode_pair_cut")
one_sided = [(phrase(draw, 14, 1), phrase(draw, 3), 13), (phrase(draw, 2), phrase(draw, 12, 1), 11)]
check("pairs, only the longer text is cut", [encode_pair(tokenizer, a, b, room) for a, b, room in one_sided])
lengths = [(9, 6, 12), (6, 9, 12), (8, 8, 14), (11, 7, 9), (7, 11, 9), (10, 10, 12), (12, 5, 10), (5, 12, 10)]
both = [(phrase(draw, n), phrase(draw, m), room) for n, m, room in lengths]
check("pairs, both texts are cut, with ties", [encode_pair(tokenizer, a, b, room) for a, b, room in both])

# %% [markdown]
# **Look at it.** A pair in 20 places. The colour says which text a place belongs to; grey is padding, which nobody
# will look at. Change the texts, set `max_length` to 12, and see who loses what.
#
# %% [markdown] lang="fa"
# **ببینید.** یک جفت در ۲۰ جا. رنگ می‌گوید هر جا مال کدام متن است؛ خاکستری پرکننده است و کسی به آن نگاه نخواهد کرد.
# متن‌ها را عوض کنید، `max_length` را ۱۲ بگذارید و ببینید چه کسی چه چیزی را از دست می‌دهد.


# %%
def show_encoded(axis, encoded: dict[str, Tensor], title: str):
    """Tokens in a row of boxes, coloured by segment; padding in grey."""
    tokens = tokenizer.convert_ids_to_tokens(encoded["input_ids"].tolist())
    places = zip(tokens, encoded["token_type_ids"].tolist(), encoded["attention_mask"].tolist(), strict=True)
    for place, (token, kind, there) in enumerate(places):
        colour = (BLUE, ORANGE)[kind] if there else "#bbbbbb"
        axis.bar(place, 1, width=0.92, color=colour, alpha=0.85)
        axis.text(place, 0.5, token, rotation=90, ha="center", va="center", color="white", fontsize=8, weight="bold")
    axis.set(title=title, xlabel="place", ylabel="", yticks=[], xticks=range(0, len(tokens), 2), ylim=(0, 1))


pair = "Is the unforgettable film still on?", "Yes, at seven."
figure, panels = plt.subplots(2, 1, figsize=(9, 3.6), layout="constrained")
show_encoded(panels[0], encode_pair(tokenizer, *pair, max_length=20), "A pair with room to spare: blue a, orange b")
show_encoded(panels[1], encode_pair(tokenizer, *pair, max_length=12), "The same pair in 12 places: who lost what?")
plt.show()

# %% [markdown]
# <details><summary>What to see</summary>
#
# *unforgettable* takes four places, for this vocabulary spells it `un`, `##for`, `##get`, `##table`. In 20 places
# everything fits and two are left grey. In 12 the markers all stay, b loses only its full stop, and a, which was
# longer, the rest: the last places of a stop in the middle of a word.
#
# </details>
#
# **Change it yourself.** The same pair for any `max_length` from 8 to 16.
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# واژهٔ «unforgettable» چهار جا می‌گیرد، چون این واژگان آن را `un` و `##for` و `##get` و `##table` هجی می‌کند. در ۲۰ جا
# همه چیز جا می‌شود و دو جا خاکستری می‌ماند. در ۱۲ جا همهٔ نشانه‌ها می‌مانند، b تنها نقطه‌اش را از دست می‌دهد و a که
# درازتر بود بقیه را: آخرین جای a وسط یک واژه است.
#
# </details>
#
# **خودتان عوض کنید.** همین جفت برای هر `max_length` از ۸ تا ۱۶.

# %%
from autograder.desk.explore import explore


def pair_in(axis, places: int) -> None:
    """The pair above in so many places."""
    show_encoded(axis, encode_pair(tokenizer, *pair, max_length=int(places)), "")


explore(pair_in, "max_length", [8, 12, 16])

# %% [markdown]
# <details><summary>What to see</summary>
#
# Going down from 16, a gives its tokens away until both texts are equally long; from there on they take turns, b first,
# since b was the shorter one. No setting ever loses a marker.
#
# </details>
#
# **What to keep.** BERT reads one row of tokens, whatever the task: markers say where texts begin and end, types say
# whose a token is, and the mask says what is really there. A vocabulary of pieces can spell words that it doesn't hold.
# Cutting is done at the ends of texts, never at markers.
#
# **Open tasks** (no points).
#
# - Encode a Persian sentence. You did well if you can say into which pieces this English vocabulary cuts it, and how
#   many places a word costs on average.
# - Encode a long text as several overlapping rows. You did well if every token stands in at least one row with some
#   tokens of its text on both sides.
#
# **Read on.** Devlin et al., [BERT](https://arxiv.org/abs/1810.04805) (2019), section 3 and figure 2; Wu et al.,
# [Google's neural machine translation system](https://arxiv.org/abs/1609.08144) (2016), section 4.1, on word pieces.
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# از ۱۶ که پایین بیایید، a توکن‌هایش را می‌دهد تا هر دو متن برابر شوند؛ از آن پس به نوبت می‌دهند و b نخستین است، چون از
# آغاز کوتاه‌تر بود. در هیچ حالتی نشانه‌ای گم نمی‌شود.
#
# </details>
#
# **به یاد بسپارید.** ‏BERT هر کاری که باشد یک سطر توکن می‌خواند: نشانه‌ها می‌گویند متن‌ها کجا آغاز و کجا تمام می‌شوند، نوع‌ها
# می‌گویند هر توکن مال کیست و نقاب می‌گوید چه چیزی واقعاً هست. واژگانی از تکه‌ها واژه‌ای را هم که ندارد هجی می‌کند. و
# بریدن از ته متن‌هاست، هرگز نه از نشانه‌ها.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - جمله‌ای فارسی را کدگذاری کنید. اگر توانستید بگویید این واژگان انگلیسی آن را به چه تکه‌هایی می‌بُرد و هر واژه به طور
#   میانگین چند جا می‌گیرد، خوب پیش رفته‌اید.
# - متنی دراز را به صورت چند سطرِ هم‌پوشان کدگذاری کنید. اگر هر توکن دست‌کم در یک سطر از هر دو سو چند توکن از متن خودش
#   داشت، خوب پیش رفته‌اید.
#
# **بیشتر بخوانید.** دولین و همکاران، [BERT](https://arxiv.org/abs/1810.04805) (۲۰۱۹)، بخش ۳ و شکل ۲؛ وو و همکاران،
# [Google's neural machine translation system](https://arxiv.org/abs/1609.08144) (۲۰۱۶)، بخش ۴٫۱ دربارهٔ تکه‌های واژه.

# %% [markdown]
# ## Part 2 · Inside
#
# ### 2.1 Three embeddings, one sum
#
# ●●○ · 75 min · 10 points
#
# *Idea.* Attention (homework 2) doesn't know the order of its inputs, nor which text they came from. So every token is
# turned into one vector that says three things at once: *what* it is, *where* it stands, *whose* it is. BERT simply
# adds three rows out of three tables that it has learned, and normalises:
#
# $$x_t = \operatorname{LayerNorm}\!\big(E_{\text{word}}[\text{id}_t] + E_{\text{position}}[t]
#   + E_{\text{type}}[\text{type}_t]\big),\qquad
#   \operatorname{LayerNorm}(z) = \gamma\odot\frac{z-\mu}{\sqrt{\sigma^2+\varepsilon}} + \beta .$$
#
# Mean $\mu$ and variance $\sigma^2$ are those of the H numbers of one token (divide by H), and
# $\varepsilon = 10^{-12}$. Positions are counted from 0, padding included.
#
# ![The token sun at place 1: a row from each of three tables, their sum 1 3 1 3, and its normalisation](figures/embeddings.svg)
#
# *With a pencil.* H = 4, the token at place 1 of text a: $(1, 0, 1, 2) + (0, 2, -1, 1) + (0, 1, 1, 0) = (1, 3, 1, 3)$.
# The mean is 2, the variance $\frac14(1 + 1 + 1 + 1) = 1$, so the normalised vector is $(-1, 1, -1, 1)$. With $\gamma =
# (1, 1, 1, 2)$ and $\beta = (0, 0, 0, 1)$ it becomes $(-1, 1, -1, 3)$.
#
# %% [markdown] lang="fa"
# ## بخش ۲ · درون مدل
#
# ### ۲٫۱ سه تعبیه، یک جمع
#
# ●●○ · ۷۵ دقیقه · ۱۰ نمره
#
# **ایده.** سازوکار توجه (تمرین ۲) نه ترتیب ورودی‌هایش را می‌داند و نه این‌که از کدام متن آمده‌اند. پس هر توکن به
# برداری تبدیل می‌شود که سه چیز را یک‌جا می‌گوید: «چیست»، «کجا ایستاده» و «مال کیست». ‏BERT سه سطر از سه جدولی را که
# آموخته با هم جمع و سپس نرمال‌سازی می‌کند؛ این‌ها تعبیه‌های (embedding) آن هستند:
#
# $$x_t = \operatorname{LayerNorm}\!\big(E_{\text{word}}[\text{id}_t] + E_{\text{position}}[t]
#   + E_{\text{type}}[\text{type}_t]\big),\qquad
#   \operatorname{LayerNorm}(z) = \gamma\odot\frac{z-\mu}{\sqrt{\sigma^2+\varepsilon}} + \beta .$$
#
# میانگین $\mu$ و واریانس $\sigma^2$ از H عددِ همان یک توکن‌اند (تقسیم بر $H$) و $\varepsilon = 10^{-12}$. جایگاه‌ها
# از ۰ شمرده می‌شوند، پرکننده‌ها هم شمرده می‌شوند.
#
# ![توکن sun در جای ۱: یک سطر از هر یک از سه جدول، جمعشان 1 3 1 3 و نرمال‌شدهٔ آن](figures/embeddings.svg)
#
# **با مداد.** ‏$H = 4$ و توکنِ جای ۱ از متن a: ‏$(1, 0, 1, 2) + (0, 2, -1, 1) + (0, 1, 1, 0) = (1, 3, 1, 3)$. میانگین ۲
# و واریانس $\frac14(1 + 1 + 1 + 1) = 1$ است، پس بردار نرمال‌شده $(-1, 1, -1, 1)$ می‌شود. با $\gamma = (1, 1, 1, 2)$ و
# $\beta = (0, 0, 0, 1)$ به $(-1, 1, -1, 3)$ می‌رسد.


# %% solution id="bert_embeddings"
def bert_embeddings(input_ids: Tensor, token_type_ids: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """What enters BERT's first layer (Devlin et al. 2019, figure 2).

    Args:
        input_ids: token numbers, int64, shape (B, T).
        token_type_ids: which text, int64, shape (B, T).
        weights: word (V, H), position (P, H) with P ≥ T, token_type (S, H), ln_weight (H,), ln_bias (H,).

    Returns:
        Embeddings, shape (B, T, H).
    """
    ### BEGIN SOLUTION
    positions = weights["position"][: input_ids.shape[1]]
    x = weights["word"][input_ids] + positions + weights["token_type"][token_type_ids]
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + 1e-12) * weights["ln_weight"] + weights["ln_bias"]
    ### END SOLUTION


# %% given id="drawn_embeddings"
def drawn_embeddings(draw, scale: float = 1.0) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """(input_ids (4, 5), token_type_ids (4, 5), weights) with V = 11, P = 9, S = 2, H = 6."""
    ids = torch.stack([draw.permutation(11)[:5] for _ in range(4)])
    types = (torch.arange(5, device=ids.device) >= 2 + draw.integers(0, 2, 4)[:, None]).long()
    tables = {"word": draw.normal(11, 6), "position": draw.normal(9, 6), "token_type": draw.normal(2, 6)}
    weights = {name: scale * table for name, table in tables.items()}
    return ids, types, weights | {"ln_weight": draw.uniform(6, low=0.5, high=2.0), "ln_bias": draw.normal(6)}


# %% [markdown] hint id="bert_embeddings"
# Three tables, three questions about a token: what, where, whose.
# Which of the three needs no index tensor from outside?
# ---
# `table[ids]` with ids of shape `(B, T)` gives `(B, T, H)`.
# Positions are the first `T` rows of their table, from 0, alike for all texts.
# ---
# LayerNorm looks at one token at a time: mean and variance over its `H` numbers, so `dim=-1` with `keepdim=True`.
# The variance divides by `H`, not by `H - 1`.
# ---
# Take the mean away, divide by the root of variance plus `1e-12`, and only then `ln_weight` and `ln_bias`.
# PyTorch's own `1e-5` is too much here: tables of small numbers tell.
#
# %% [markdown] hint id="bert_embeddings" lang="fa"
# سه جدول و سه پرسش دربارهٔ هر توکن: چیست، کجاست، مال کیست. کدام‌یک از این سه شماره‌ای از بیرون نمی‌خواهد؟
# ---
# حاصل `table[ids]` برای شماره‌هایی به شکل `(B, T)`، تانسوری `(B, T, H)` است.
# جایگاه‌ها `T` سطر نخست جدولشان‌اند، از ۰، و برای همهٔ متن‌ها یکسان.
# ---
# در LayerNorm هر توکن تنهاست: میانگین و واریانس از `H` عدد خودش، پس `dim=-1` با `keepdim=True`.
# واریانس بر `H` تقسیم می‌شود، نه بر `H - 1`.
# ---
# میانگین را کم کنید، بر جذر واریانس به‌علاوهٔ `1e-12` تقسیم کنید و تازه آن‌گاه `ln_weight` و `ln_bias`.
# مقدار `1e-5` پیش‌فرض PyTorch است و جدول‌هایی با عددهای کوچک فرقش را نشان می‌دهند.

# %%
paper_tables = {
    "word": torch.tensor([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 2.0]]),
    "position": torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.0, 2.0, -1.0, 1.0]]),
    "token_type": torch.tensor([[0.0, 1.0, 1.0, 0.0]]),
    "ln_weight": torch.tensor([1.0, 1.0, 1.0, 2.0]),
    "ln_bias": torch.tensor([0.0, 0.0, 0.0, 1.0]),
}
print(bert_embeddings(torch.tensor([[0, 1]]), torch.tensor([[0, 0]]), paper_tables)[0, 1])  # -1, 1, -1, 3

# %% check id="bert_embeddings_check" points=10
draw = seeded("bert_embeddings")
check("embeddings of a batch", bert_embeddings(*drawn_embeddings(draw)))
check("embeddings from tables of tiny numbers", bert_embeddings(*drawn_embeddings(draw, scale=1e-3)))

# %% [markdown]
# **Against the real model.** The same function, fed with the real tables. The largest difference must be rounding.
#
# %% [markdown] lang="fa"
# **در برابر مدل واقعی.** همان تابع، این بار با جدول‌های واقعی. بزرگ‌ترین اختلاف باید فقط خطای گردکردن باشد.


# %% given id="real_weights"
def embedding_weights(model) -> dict[str, Tensor]:
    """The real tables under the names of `bert_embeddings`."""
    tables = model.embeddings
    return {
        "word": tables.word_embeddings.weight,
        "position": tables.position_embeddings.weight,
        "token_type": tables.token_type_embeddings.weight,
        "ln_weight": tables.LayerNorm.weight,
        "ln_bias": tables.LayerNorm.bias,
    }


def attention_weights_of(model, layer: int) -> dict[str, Tensor]:
    """The real weights of one layer's heads, under the names of `bert_self_attention` (section 2.2)."""
    heads = model.encoder.layer[layer].attention.self
    linear = {"q": heads.query, "k": heads.key, "v": heads.value}
    return {f"W_{n}": m.weight for n, m in linear.items()} | {f"b_{n}": m.bias for n, m in linear.items()}


def batch_of(encoded: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Encoded texts of one length as a batch, each entry (B, T), on the model's device."""
    return {name: torch.stack([one[name] for one in encoded]).to(DEVICE) for name in encoded[0]}


# %%
texts = [pair, ("The bank raised its rates.", "We sat on the bank of the river."), ("WINNER!! Call 09061701461", None)]
batch = batch_of([encode_pair(tokenizer, a, b, max_length=22) for a, b in texts])
with torch.no_grad():
    by_hand = bert_embeddings(batch["input_ids"], batch["token_type_ids"], embedding_weights(model))
    by_model = model.embeddings(input_ids=batch["input_ids"], token_type_ids=batch["token_type_ids"])
print(f"embeddings, largest difference from the real model: {(by_hand - by_model).abs().max():.1e}")

# %% [markdown]
# **Look at it: what the tables learned.** Left, the cosine between the position vectors of the first 64 places. Nobody
# told BERT that 17 comes after 16. Right, how large the three summands are, over the messages you will meet in part 4.
#
# %% [markdown] lang="fa"
# **ببینید: جدول‌ها چه آموخته‌اند.** سمت چپ، کسینوس میان بردارهای جایگاهِ ۶۴ جای نخست. هیچ‌کس به BERT نگفته که ۱۷ پس
# از ۱۶ می‌آید. سمت راست، اندازهٔ هر یک از سه جمع‌شونده، برای پیامک‌هایی که در بخش ۴ خواهید دید.

# %%
with torch.no_grad():
    tables = embedding_weights(model)
    some = [tokenizer.convert_tokens_to_ids(tokenizer.tokenize(text))[:62] for text in sms_spam("train").texts[:400]]
    sizes = {
        "word": tables["word"][torch.tensor([i for row in some for i in row], device=DEVICE)].norm(dim=-1),
        "position": tables["position"][torch.tensor([t for row in some for t in range(len(row))], device=DEVICE)].norm(
            dim=-1
        ),
        "segment": tables["token_type"][:1].norm(dim=-1),
    }
    places = tables["position"][:64] - tables["position"][:64].mean(dim=0)
    alike = F.normalize(places, dim=-1) @ F.normalize(places, dim=-1).T
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
image = heatmap(
    left, alike, "Neighbouring places have similar vectors", "place", "place", cmap="RdBu_r", vmin=-1, vmax=1
)
figure.colorbar(image, ax=left, label="cosine (mean removed)")
for place, (size, colour) in enumerate(zip(sizes.values(), (BLUE, ORANGE, GREEN), strict=True)):
    right.bar(place, size.mean().item(), color=colour, yerr=size.std(correction=0).item(), capsize=4)
right.set(title="What a token is counts most", ylabel="length of the vector", xlabel="summand")
right.set_xticks(range(3), list(sizes))
plt.show()

# %% [markdown]
# **What to see.** A red band along the diagonal: neighbours have similar vectors. Beside it run stripes, as of waves of
# several lengths. A sinusoid (homework 2) has these by construction; here they were *learned*, because they help to
# fill in blanks. Right: the word's vector is the longest of the three. The position's varies most (that of place 0,
# where `[CLS]` always stands, is far longer than the others), and all tokens of one text carry the same segment vector.
#
# ### Essay 1 · Markers and embeddings
#
# ●●○ · 40 min · 6 points
#
# (a) What is `[CLS]` for, and what is `[SEP]` for? Why would the mean over all tokens be a serious rival of `[CLS]` as
# the summary of a text, especially in a model that nobody has fine-tuned? (b) For each of the three embeddings: what
# could BERT no longer tell apart without it? Give a pair of inputs for each. (c) A friend says "`[SEP]` already
# separates the texts, so the segment embedding does nothing". What do you answer?
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** نواری قرمز روی قطر: همسایه‌ها بردارهای شبیه دارند. کنارش راه‌راه‌هایی است، مثل موج‌هایی با چند
# درازا. تعبیهٔ سینوسی (تمرین ۲) این‌ها را در ساختِ خود دارد؛ این‌جا **آموخته شده‌اند**، چون به پرکردن جای خالی کمک
# می‌کنند. سمت راست: بردار واژه از دوتای دیگر درازتر است. اندازهٔ بردار جایگاه بیش از همه فرق می‌کند (بردار جای ۰، که
# `[CLS]` همیشه آن‌جا می‌ایستد، بسیار درازتر از بقیه است) و همهٔ توکن‌های یک متن یک بردار بخش یکسان دارند.
#
# ### پرسش تشریحی ۱ · نشانه‌ها و تعبیه‌ها
#
# ●●○ · ۴۰ دقیقه · ۶ نمره
#
# (الف) ‏`[CLS]` برای چیست و `[SEP]` برای چه؟ چرا میانگینِ همهٔ توکن‌ها رقیبی جدی برای `[CLS]` در خلاصه‌کردن متن است،
# به‌ویژه در مدلی که کسی ریزتنظیمش نکرده؟ (ب) برای هر یک از سه تعبیه بگویید: بدون آن BERT چه چیزهایی را دیگر نمی‌تواند
# از هم بازشناسد؟ برای هر کدام یک جفت ورودی مثال بزنید. (پ) دوستی می‌گوید «`[SEP]` که متن‌ها را جدا کرده، پس تعبیهٔ
# بخش هیچ کاری نمی‌کند». چه پاسخی می‌دهید؟

# %% [markdown] essay id="markers_and_embeddings" points=6
# ### BEGIN SOLUTION
# (a) `[CLS]` is a token without a meaning of its own that stands first in every input. As it attends to all tokens it
# can collect what a decision about the whole input needs; in pretraining the next-sentence question was asked at
# its last hidden state, and a classifier's head is usually put there. `[SEP]` is a token too: it marks the end of each
# text. The mean is a rival because `[CLS]` is only as good as the task it was trained for: before fine-tuning it
# answers "does b follow a?", not "what is this about?", while the other tokens' states were trained to know the words
# of the sentence (and MiniLM, our model, was trained on with the mean as the summary). The mean also gives every
# token a direct gradient.
#
# (b) Without the word embedding every text of one length is the same: "win cash" and "call mum". Without the
# position embedding attention sees a set: "man bites dog" and "dog bites man" get the same summary. Without the segment
# embedding a token's vector doesn't say which text it belongs to: "is it good? [SEP] it is bad" against the same tokens
# with the texts' roles exchanged have to be told apart by the distance to `[SEP]` alone.
#
# (c) `[SEP]` is one token at one place. That a token stands before or after it must first be computed, by attention
# from the token to `[SEP]` and with the help of positions; the segment embedding writes it on every token from the
# start, so that even the first layer can use it. It isn't nothing, though a model could learn to do without (RoBERTa
# does). The two are different things: a token in the input, and a vector added to all tokens.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 0.5 points: (a) `[CLS]` collects what concerns the whole input.
# - 0.5 points: (a) `[SEP]` marks the texts' ends.
# - 1 point: (a) a true reason why `[CLS]` isn't a good summary before fine-tuning (trained for another question, or not
#   at all).
# - 1 point each for words, positions and segments: (b) what couldn't be told apart without it, with a fitting pair
#   (what; order; whose).
# - 1 point: (c) `[SEP]` marks a place, the segment embedding marks every token; it makes first-layer use possible.
#
# (c) That a model could learn it from `[SEP]` and positions is right too and earns the point. "`[SEP]` is the segment
# embedding" earns nothing: one is a token, the other is a vector added to tokens.
# ### END MARK SCHEME

# %% [markdown]
# ### 2.2 All heads of one layer
#
# ●●● · 120 min · 16 points
#
# *Idea.* In every layer each token asks all tokens a question, in twelve different ways at once. You know the formula
# from homework 2; here it is with BERT's biases and BERT's layout. From the layer's input $X$ (T, H),
#
# $$Q = X W_q^\top + b_q,\quad K = X W_k^\top + b_k,\quad V = X W_v^\top + b_v,$$
#
# cut each into heads of $d = H/\text{heads}$ columns, the first d columns for the first head, and so on. Head h returns
#
# $$A^{(h)} = \operatorname{softmax}\!\Big(\tfrac{1}{\sqrt d}\,Q^{(h)} K^{(h)\top}\Big),\qquad
#   C^{(h)} = A^{(h)} V^{(h)} ,$$
#
# where the softmax runs over the tokens that are *looked at*, and padding among these gets weight exactly zero (or so
# little that float32 can't tell). The output is $[C^{(1)}, \dots, C^{(\text{heads})}]$, side by side. The projection
# $W_o$ that mixes the heads, the residual and the LayerNorm come after it and aren't asked here.
#
# A padding token asks too; its answer is never used, so let it ask like anybody else.
#
# ![Two heads: scores with minus infinity for padding, weights, values, outputs side by side](figures/heads.svg)
#
# *With a pencil.* T = 3 with padding at the end, H = 2, two heads, so d = 1 and $\sqrt d = 1$. Let every query be 1 in
# both heads ($W_q = 0$, $b_q = (1, 1)$), let the keys be $\ln 3$ times $X$, and the values 4 times its first and 8
# times its second column. The rows of $X$ are $(1, 0)$, $(0, 1)$ and padding. Head 1 has the scores $(\ln 3, 0,
# -\infty)$: exponentials 3, 1, 0, weights $(\frac34, \frac14, 0)$, output $\frac34 \cdot 4 + \frac14 \cdot 0 = 3$. Head
# 2 has $(0, \ln 3, -\infty)$, weights $(\frac14, \frac34, 0)$, output $\frac34 \cdot 8 = 6$. Side by side: $(3, 6)$,
# for each of the three queries.
#
# %% [markdown] lang="fa"
# ### ۲٫۲ همهٔ سرهای یک لایه
#
# ●●● · ۱۲۰ دقیقه · ۱۶ نمره
#
# **ایده.** در هر لایه هر توکن از همهٔ توکن‌ها پرسشی می‌کند، هم‌زمان به دوازده شیوهٔ جدا. فرمول را از تمرین ۲
# می‌دانید؛ این‌جا با بایاس‌ها (bias) و چیدمان BERT است. از ورودی لایه، $X$، با شکل `(T, H)`:
#
# $$Q = X W_q^\top + b_q,\quad K = X W_k^\top + b_k,\quad V = X W_v^\top + b_v,$$
#
# هر کدام را به سرهایی با $d = H/\text{heads}$ ستون ببُرید؛ d ستون نخست مال سر نخست و همین‌طور تا آخر. سر h این‌ها را
# می‌دهد:
#
# $$A^{(h)} = \operatorname{softmax}\!\Big(\tfrac{1}{\sqrt d}\,Q^{(h)} K^{(h)\top}\Big),\qquad
#   C^{(h)} = A^{(h)} V^{(h)} .$$
#
# ‏softmax روی توکن‌هایی است که **به آن‌ها نگاه می‌شود** و از میان این‌ها، پرکننده‌ها وزنی دقیقاً صفر می‌گیرند (یا
# چنان کم که float32 فرقش را نفهمد). خروجی $[C^{(1)}, \dots, C^{(\text{heads})}]$ است، کنار هم. نگاشت $W_o$ که سرها را
# می‌آمیزد، اتصال باقی‌مانده (residual) و LayerNorm بعد از این می‌آیند و این‌جا خواسته نشده‌اند.
#
# توکنِ پرکننده هم می‌پرسد؛ پاسخش هرگز به کار نمی‌رود، پس بگذارید مثل بقیه بپرسد.
#
# ![دو سرِ یک‌عددی: امتیازها با منهای بی‌نهایت برای پرکننده، وزن‌ها، مقدارها و خروجی‌ها کنار هم](figures/heads.svg)
#
# **با مداد.** ‏$T = 3$ با پرکننده‌ای در پایان، $H = 2$ و دو سر؛ پس $d = 1$ و $\sqrt d = 1$. فرض کنید همهٔ پرس‌وجوها در
# هر دو سر ۱ باشند ($W_q = 0$ و $b_q = (1, 1)$)، کلیدها $\ln 3$ برابر $X$ و مقدارها ۴ برابر ستون نخست و ۸ برابر ستون
# دومش. سطرهای $X$ برابر $(1, 0)$ و $(0, 1)$ و پرکننده‌اند. سر ۱ امتیازهای $(\ln 3, 0, -\infty)$ دارد: نمایی‌ها ۳ و ۱ و
# ۰، وزن‌ها $(\frac34, \frac14, 0)$ و خروجی $\frac34 \cdot 4 + \frac14 \cdot 0 = 3$. سر ۲ امتیازهای $(0, \ln 3,
# -\infty)$ دارد، وزن‌ها $(\frac14, \frac34, 0)$ و خروجی $\frac34 \cdot 8 = 6$. کنار هم: $(3, 6)$، برای هر سه پرس‌وجو.


# %% solution id="bert_self_attention"
def bert_self_attention(
    hidden: Tensor, mask: Tensor, weights: dict[str, Tensor], num_heads: int
) -> tuple[Tensor, Tensor]:
    """One layer's heads, before their output projection (Vaswani et al. 2017, section 3.2; Devlin et al. 2019).

    Args:
        hidden: the layer's input, shape (B, T, H).
        mask: 1 where there is a token, 0 where there is padding, shape (B, T). At least one token a row.
        weights: W_q, W_k, W_v of shape (H, H) as nn.Linear has them (out, in), b_q, b_k, b_v of shape (H,).
        num_heads: how many heads; H is divisible by it.

    Returns:
        (output, attention): the heads' outputs side by side, shape (B, T, H), and their weights, shape
        (B, num_heads, T, T); the last axis is what is looked at, each row of it adds up to 1.
    """

    ### BEGIN SOLUTION
    def heads_of(name: str) -> Tensor:
        projected = hidden @ weights[f"W_{name}"].T + weights[f"b_{name}"]
        return projected.unflatten(-1, (num_heads, -1)).transpose(1, 2)  # (B, heads, T, d)

    query, key, value = heads_of("q"), heads_of("k"), heads_of("v")
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    lowest = torch.finfo(scores.dtype).min
    attention = scores.masked_fill(mask[:, None, None, :] == 0, lowest).softmax(dim=-1)
    return (attention @ value).transpose(1, 2).flatten(-2), attention
    ### END SOLUTION


# %% given id="drawn_heads"
def drawn_heads(draw, B: int, T: int, H: int, scale: float = 1.0) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """(hidden (B, T, H), mask (B, T), weights); the rows' texts have different lengths, from T down."""
    hidden = draw.normal(B, H, T).transpose(1, 2)
    lengths = T - torch.arange(B, device=hidden.device)[draw.permutation(B)]
    mask = (torch.arange(T, device=hidden.device) < lengths[:, None]).long()
    weights = {f"W_{name}": scale * draw.normal(H, H) / H**0.5 for name in "qkv"}
    return hidden, mask, weights | {f"b_{name}": draw.normal(H) for name in "qkv"}


# %% [markdown] hint id="bert_self_attention"
# How many numbers has the query of a single head? By the root of which number are its scores divided, then?
# ---
# `hidden @ W.T + b`, then cut the last axis into `(num_heads, d)`: the first `d` columns are the first head.
# Move the heads before the tokens, `(B, heads, T, d)`, and `@` treats them one by one.
# ---
# The mask says what may be looked at, so it belongs to the last axis of the scores: give it the axes `(B, 1, 1, T)`.
# Before the softmax, not after it:
# a score as low as its dtype can be gets the weight zero, and rows still add up to one.
# ---
# After the product with the values, undo the way in:
# first transpose the heads back behind the tokens, then flatten the last two axes.
# Return the weights, too.
#
# %% [markdown] hint id="bert_self_attention" lang="fa"
# پرس‌وجوی یک سر چند عدد دارد؟ پس امتیازهایش بر جذر کدام عدد تقسیم می‌شوند؟
# ---
# نخست `hidden @ W.T + b` و سپس محور آخر را به `(num_heads, d)` ببُرید: `d` ستون نخست مال سر نخست است.
# سرها را پیش از توکن‌ها بیاورید، `(B, heads, T, d)`، تا `@` با تک‌تک آن‌ها کار کند.
# ---
# نقاب می‌گوید به چه چیزی می‌شود نگاه کرد، پس جایش محور آخر امتیازهاست: محورهایش را `(B, 1, 1, T)` کنید.
# پیش از softmax و نه پس از آن: امتیازی که کمترین عدد نوع خودش باشد وزن صفر می‌گیرد و جمع سطرها باز یک است.
# ---
# پس از ضرب در مقدارها، راه آمده را برگردید: نخست سرها را با transpose پشت توکن‌ها ببرید و سپس دو محور آخر را یکی کنید.
# وزن‌ها را هم برگردانید.

# %%
paper_hidden = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]]])  # the last row is padding
paper_heads = {
    "W_q": torch.zeros(2, 2),
    "W_k": math.log(3) * torch.eye(2),
    "W_v": torch.tensor([[4.0, 0.0], [0.0, 8.0]]),
}
paper_heads |= {"b_q": torch.ones(2), "b_k": torch.zeros(2), "b_v": torch.zeros(2)}
print(bert_self_attention(paper_hidden, torch.tensor([[1, 1, 0]]), paper_heads, num_heads=2)[0])  # (3, 6) three times

# %% check id="bert_self_attention_check" points=10
draw = seeded("bert_self_attention")
output, attention = bert_self_attention(*drawn_heads(draw, B=4, T=7, H=15), num_heads=3)
check("heads' outputs side by side", output)
check("attention weights of three heads", attention)

# %% check id="bert_self_attention_check_sizes" points=6
draw = seeded("bert_self_attention_sizes")
check("one head", bert_self_attention(*drawn_heads(draw, B=2, T=5, H=6), num_heads=1))
check(
    "as many heads as numbers, sharp scores", bert_self_attention(*drawn_heads(draw, 3, 6, 8, scale=2.0), num_heads=8)
)

# %% [markdown]
# **Against the real model, layer by layer.** The model's own hidden states go in; out come your weights and outputs,
# beside its own. If a layer is off by more than 0.00001, something is still wrong.
#
# %% [markdown] lang="fa"
# **در برابر مدل واقعی، لایه‌به‌لایه.** حالت‌های پنهان خود مدل وارد می‌شوند و وزن‌ها و خروجی‌های شما کنار مال خودش بیرون
# می‌آیند. اگر لایه‌ای بیش از ۰٫۰۰۰۰۱ اختلاف داشت، هنوز چیزی درست نیست.


# %%
@torch.no_grad()
def real_layers(model, batch: dict[str, Tensor]) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Of each layer of the real model: (input, heads' outputs before projection, attention weights)."""
    heard = []
    hooks = [
        layer.attention.self.register_forward_hook(lambda module, given, made: heard.append(made[0]))
        for layer in model.encoder.layer
    ]
    made = model(**batch, output_hidden_states=True, output_attentions=True)
    for hook in hooks:
        hook.remove()
    return list(zip(made.hidden_states[:-1], heard, made.attentions, strict=True))


for layer, (hidden, heads_out, maps) in enumerate(real_layers(model, batch)):
    with torch.no_grad():
        of_layer = attention_weights_of(model, layer)
        output, attention = bert_self_attention(hidden, batch["attention_mask"], of_layer, config.num_attention_heads)
    off = (output - heads_out).abs().max().item(), (attention - maps).abs().max().item()
    print(f"layer {layer + 1:2}: largest difference of the outputs {off[0]:.1e}, of the attention weights {off[1]:.1e}")

# %% [markdown]
# ### 2.3 Which head looks where
#
# BERT has dozens of heads and nobody told any of them what to do. Some have found a trade. Over 30 messages we measure
# how much of its attention each head gives, on average, to the token before, the token after, to `[CLS]` and to
# `[SEP]`. Then we take the head that does each of these most and draw a line from every token to the tokens it looks
# at, the stronger the darker.
#
# %% [markdown] lang="fa"
# ### ۲٫۳ کدام سر به کجا نگاه می‌کند
#
# ‏BERT ده‌ها سر دارد و کسی به هیچ‌کدامشان نگفته چه کند. بعضی‌ها برای خود پیشه‌ای پیدا کرده‌اند. روی ۳۰ پیامک اندازه
# می‌گیریم هر سر به طور میانگین چه سهمی از توجهش را به توکن پیشین، توکن بعدی، `[CLS]` و `[SEP]` می‌دهد. بعد سری را
# برمی‌داریم که هر یک از این کارها را بیش از همه می‌کند و از هر توکن به توکن‌هایی که به آن‌ها نگاه می‌کند خط می‌کشیم؛
# هر چه پررنگ‌تر، بیشتر.


# %%
@torch.no_grad()
def attention_maps(model, a: str, b: str | None = None, max_length: int = 48) -> tuple[list[str], Tensor]:
    """A text's tokens and what every head of the real model does with them, (layers, heads, T, T), without padding."""
    batch = batch_of([encode_pair(tokenizer, a, b, max_length=max_length)])
    there = int(batch["attention_mask"].sum())
    maps = torch.stack(model(**batch, output_attentions=True).attentions)[:, 0, :, :there, :there]
    return tokenizer.convert_ids_to_tokens(batch["input_ids"][0, :there].tolist()), maps.cpu()


def trades(maps: Tensor) -> dict[str, Tensor]:
    """How much attention (layers, heads) goes to the token before, to the one after, to [CLS] and to the last [SEP]."""
    diagonal = {"before": -1, "after": 1}
    shares = {name: maps.diagonal(offset, dim1=-2, dim2=-1).mean(dim=-1) for name, offset in diagonal.items()}
    return shares | {"[CLS]": maps[..., 0].mean(dim=-1), "[SEP]": maps[..., -1].mean(dim=-1)}


def show_looks(axis, tokens: list[str], weights: Tensor, title: str, colour: str = BLUE):
    """Lines from each token (left) to those it looks at (right), weights (T, T)."""
    T = len(tokens)
    for asks in range(T):
        for seen in range(T):
            if weights[asks, seen] > 0.05:
                axis.plot((0, 1), (asks, seen), color=colour, alpha=float(weights[asks, seen]), linewidth=2)
    for place, token in enumerate(tokens):
        axis.text(-0.05, place, token, ha="right", va="center", fontsize=8)
        axis.text(1.05, place, token, ha="left", va="center", fontsize=8)
    axis.set(title=title, xlim=(-0.9, 1.9), ylim=(T - 0.5, -0.5), yticks=[], xlabel="asks → looked at")
    axis.set_xticks([])
    axis.spines[:].set_visible(False)


measured = [trades(attention_maps(model, text)[1]) for text in sms_spam("train").texts[:30]]
shares = {name: torch.stack([one[name] for one in measured]).mean(dim=0) for name in measured[0]}
figure, panels = plt.subplots(1, 4, figsize=(10, 2.6), layout="constrained")
for axis, (name, share) in zip(panels, shares.items(), strict=True):
    image = heatmap(
        axis, share, f"to {name}" if "[" in name else f"to the token {name}", "head", "layer", vmin=0, vmax=1
    )
    axis.set_yticks(range(len(share)), range(1, len(share) + 1))
    axis.set_xticks(range(0, share.shape[1], 3), range(1, share.shape[1] + 1, 3))
figure.colorbar(image, ax=panels, label="share of attention")
plt.show()

tokens, maps = attention_maps(model, "The keys that the man lost were on the table.")
figure, panels = plt.subplots(1, 4, figsize=(10, 4.2), layout="constrained")
for axis, (name, share) in zip(panels, shares.items(), strict=True):
    layer, head = divmod(int(share.argmax()), share.shape[1])
    show_looks(axis, tokens, maps[layer, head], f"layer {layer + 1}, head {head + 1}:\nspecialist for “{name}”")
plt.show()

# %% [markdown]
# **What to see.** Top: a few bright cells. They are specialists, and they sit in different layers; one head of the
# first layer does nothing but look one place back. One square is lit nearly everywhere: most heads of the upper layers
# rest about half of their weight on `[CLS]`. Bottom: the specialists at
# work on one sentence. The fan that runs to `[CLS]` is worth a second look: a softmax must spend its whole weight
# somewhere, and a head that has nothing to say about a token spends it on a marker. (In other BERTs it is `[SEP]`.) So
# a dark line doesn't prove that the network *used* what it points to; it shows where a head looked, and no more.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** بالا: چند خانهٔ روشن. این‌ها متخصص‌اند و در لایه‌های مختلف نشسته‌اند؛ یکی از سرهای لایهٔ اول هیچ
# کاری نمی‌کند جز این‌که یک جا به عقب نگاه کند. یک مربع تقریباً همه‌جا روشن است: بیشتر سرهای لایه‌های بالاتر حدود نصف
# وزنشان را روی `[CLS]` می‌گذارند. پایین: متخصص‌ها سر کار، روی یک جمله. بادبزنی که به `[CLS]` می‌رود ارزش نگاه دوباره
# دارد: softmax باید همهٔ وزنش را جایی خرج کند و سری که دربارهٔ توکنی حرفی ندارد آن را خرج نشانه‌ای می‌کند. (در
# BERTهای دیگر این نشانه `[SEP]` است.) پس خط پررنگ ثابت نمی‌کند که شبکه آن چیز را **به کار برده**؛ نشان می‌دهد سر به
# کجا نگاه کرده و نه بیشتر.

# %% [markdown]
# **What to keep.** A token enters BERT as one vector that says what, where and whose. A head is a weighted mean of
# values: its columns are its own, its weights add up to one over what is really there. What a head looks at can be
# drawn; what the network made of it can't be read off the drawing.
#
# **Open tasks** (no points).
#
# - Write the rest of a layer: $W_o$, residual, LayerNorm, the feed-forward network with GELU, again residual and
#   LayerNorm. You did well if it equals the model's next hidden state to $10^{-5}$. (In BERT the LayerNorm stands
#   *after* the addition; in homework 8's ViT before each part, which trains more easily when there are many layers.)
# - Take one head's weights away (set them to the uniform distribution) in the whole model. You did well if you
#   predicted from the pictures of 2.3 which head changes the last layer most, and were surprised at least once.
#
# **Read on.** Vaswani et al., [Attention is all you need](https://arxiv.org/abs/1706.03762) (2017), section 3.2; Ba,
# Kiros and Hinton, [Layer normalization](https://arxiv.org/abs/1607.06450) (2016); Clark et al., [What does BERT look
# at?](https://arxiv.org/abs/1906.04341) (2019), the specialists of 2.3 and the heads that rest on a marker; Jain and
# Wallace, [Attention is not explanation](https://arxiv.org/abs/1902.10186) (2019), with its answer, Wiegreffe and
# Pinter, [Attention is not not explanation](https://arxiv.org/abs/1908.04626) (2019); Alammar, [The illustrated
# BERT](https://jalammar.github.io/illustrated-bert/), pictures.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** هر توکن به صورت یک بردار به BERT می‌رسد که می‌گوید چیست، کجاست و مال کیست. هر سر میانگینی وزن‌دار از
# مقدارهاست: ستون‌هایش مال خودش است و جمع وزن‌هایش، روی آنچه واقعاً هست، یک. این‌که سر به کجا نگاه می‌کند کشیدنی است؛
# این‌که شبکه از آن چه ساخته از روی شکل خواندنی نیست.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - بقیهٔ لایه را بنویسید: $W_o$، اتصال باقی‌مانده، LayerNorm، شبکهٔ پیش‌خور با GELU و باز اتصال باقی‌مانده و LayerNorm.
#   اگر با حالت پنهان بعدی مدل تا $10^{-5}$ یکی شد، درست است. (در BERT نرمال‌سازی **پس از** جمع می‌آید؛ در ViT تمرین ۸
#   پیش از هر بخش، که وقتی لایه‌ها زیاد باشند آسان‌تر آموزش می‌بیند.)
# - در کل مدل، وزن‌های یک سر را از آن بگیرید (یکنواختشان کنید). اگر از روی شکل‌های ۲٫۳ پیش‌بینی کردید کدام سر لایهٔ آخر
#   را بیش از همه عوض می‌کند و دست‌کم یک بار غافلگیر شدید، خوب پیش رفته‌اید.
#
# **بیشتر بخوانید.** واسوانی و همکاران، [Attention is all you need](https://arxiv.org/abs/1706.03762) (۲۰۱۷)، بخش ۳٫۲؛
# با و کیروس و هینتون، [Layer normalization](https://arxiv.org/abs/1607.06450) (۲۰۱۶)؛ کلارک و همکاران، [What does BERT
# look at?](https://arxiv.org/abs/1906.04341) (۲۰۱۹)، متخصص‌های ۲٫۳ و سرهایی که روی نشانه می‌آسایند؛ جین و والاس،
# [Attention is not explanation](https://arxiv.org/abs/1902.10186) (۲۰۱۹) و پاسخش، [Attention is not not
# explanation](https://arxiv.org/abs/1908.04626) (۲۰۱۹)؛ و شکل‌های [The illustrated
# BERT](https://jalammar.github.io/illustrated-bert/).

# %% [markdown]
# ## Part 3 · A summary, and rulers
#
# ### 3.1 One vector for a text
#
# ●○○ · 35 min · 6 points
#
# *Idea.* The last layer leaves one vector for each token; a classifier wants one for the text. Take the mean, but over
# tokens only: padding has vectors too, and they are nonsense.
#
# $$\bar x = \frac{\sum_t m_t\, x_t}{\sum_t m_t},\qquad\text{and } \bar x = 0 \text{ where the mask is empty.}$$
#
# *With a pencil.* Two tokens $(1, 2)$ and $(3, 4)$, then padding that holds $(9, 9)$: the mean is
# $\frac12\big((1, 2) + (3, 4)\big) = (2, 3)$. Dividing by three places would give $(1\frac13, 2)$, taking padding in
# $(4\frac13, 5)$.
#
# %% [markdown] lang="fa"
# ## بخش ۳ · یک خلاصه، و چند خط‌کش
#
# ### ۳٫۱ یک بردار برای یک متن
#
# ●○○ · ۳۵ دقیقه · ۶ نمره
#
# **ایده.** لایهٔ آخر برای هر توکن یک بردار به جا می‌گذارد؛ دسته‌بند برای هر متن یکی می‌خواهد. میانگین بگیرید، ولی فقط
# روی توکن‌ها: پرکننده‌ها هم بردار دارند و بردارشان بی‌معناست.
#
# $$\bar x = \frac{\sum_t m_t\, x_t}{\sum_t m_t},\qquad \bar x = 0 \quad\text{(empty mask)}$$
#
# یعنی جایی که نقاب سراسر صفر است، پاسخ بردار صفر است.
#
# **با مداد.** دو توکن $(1, 2)$ و $(3, 4)$ و سپس پرکننده‌ای که $(9, 9)$ دارد: میانگین $\frac12\big((1, 2) + (3, 4)\big)
# = (2, 3)$ است. تقسیم بر سه جا $(1\frac13, 2)$ می‌داد و به حساب آوردن پرکننده $(4\frac13, 5)$.


# %% solution id="masked_mean"
def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean vector of the tokens that are there (Reimers and Gurevych 2019, section 3, "MEAN").

    Args:
        hidden: shape (B, T, H).
        mask: 1 where there is a token, 0 where there is padding, shape (B, T).

    Returns:
        Means, shape (B, H); zeros for a row without tokens.
    """
    ### BEGIN SOLUTION
    there = mask.to(hidden.dtype).unsqueeze(-1)
    return (hidden * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
    ### END SOLUTION


# %% [markdown] hint id="masked_mean"
# A text of three tokens stands in a row of ten places.
# By which number do you divide, and what may the seven others add?
# ---
# Give the mask one more axis and the dtype of `hidden`: then a product makes padding zero, however large it was.
# ---
# Sum over the tokens' axis, divided by how many there are.
# For a row without tokens both are 0: how do you keep 0/0 from becoming NaN?
# A divisor of at least 1 changes nothing for the others.
#
# %% [markdown] hint id="masked_mean" lang="fa"
# متنی سه‌توکنی در سطری با ده جا ایستاده است. بر چه عددی تقسیم می‌کنید و هفت جای دیگر چه سهمی دارند؟
# ---
# به نقاب یک محور دیگر و نوع `hidden` را بدهید: آن‌گاه با یک ضرب، پرکننده صفر می‌شود، هر چقدر هم بزرگ بوده باشد.
# ---
# جمع روی محور توکن‌ها، تقسیم بر شمار توکن‌ها. برای سطری که توکن ندارد هر دو صفرند: چگونه نمی‌گذارید `0/0` به NaN برسد؟
# مقسوم‌علیهی که دست‌کم ۱ باشد برای بقیه چیزی را عوض نمی‌کند.

# %%
print(
    masked_mean(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]]), torch.tensor([[1, 1, 0]]))
)  # the pencil's (2, 3)

# %% check id="masked_mean_check" points=6
draw = seeded("masked_mean")
hidden, lengths = draw.normal(6, 4, 7).transpose(1, 2), 1 + draw.permutation(6)
mask = (torch.arange(7, device=hidden.device) < lengths[:, None]).long()
check("means of texts of different lengths", masked_mean(hidden, mask))
lengths[draw.integers(0, 6)] = 0
mask = (torch.arange(7, device=hidden.device) < lengths[:, None]).long()
check("one row has no tokens, padding is large", masked_mean(hidden + 50 * (1 - mask[..., None]), mask))

# %% [markdown]
# ### 3.2 Counting errors by their kind
#
# ●○○ · 60 min · 10 points
#
# *Idea.* One message in eight of our data is spam. A filter that lets everything through is right 88 % of the time, and
# useless. So count the four cases apart. The **confusion matrix** has a row for each *truth* and a column for each
# *verdict*,
#
# $$\begin{pmatrix} \text{TN} & \text{FP} \\ \text{FN} & \text{TP}\end{pmatrix},\quad
#   \text{precision}=\frac{\text{TP}}{\text{TP}+\text{FP}},\quad
#   \text{recall}=\frac{\text{TP}}{\text{TP}+\text{FN}},\quad
#   F_1=\frac{2\,\text{TP}}{2\,\text{TP}+\text{FP}+\text{FN}},$$
#
# and accuracy is the share of right verdicts. Precision: of what I threw away, how much was spam? Recall: of the spam,
# how much did I throw away? $F_1$ is their harmonic mean: it is low as soon as *one* of them is. Where a fraction is
# $0/0$, return 0.0.
#
# ![A hundred messages in four cells, 85, 2, 3 and 10; precision looks down a column, recall along a row](figures/verdicts.svg)
#
# *With a pencil.* A hundred messages, 13 of them spam. The filter throws 12 away and is right about 10. Precision
# $10/12 = 0.833$, recall $10/13 = 0.769$, $F_1 = 20/25 = 0.8$. Accuracy is 0.95; and the filter that throws nothing
# away has 0.87, with precision and $F_1$ 0.
#
# %% [markdown] lang="fa"
# ### ۳٫۲ شمردن خطاها، هر نوع جدا
#
# ●○○ · ۶۰ دقیقه · ۱۰ نمره
#
# **ایده.** در داده‌های ما از هر هشت پیامک یکی هرزنامه (spam) است. صافی‌ای که جلوی هیچ‌کدام را نمی‌گیرد در ۸۸٪ موارد
# حق دارد و به هیچ دردی نمی‌خورد. پس چهار حالت را جدا بشمارید. **ماتریس درهم‌ریختگی** (confusion matrix) برای هر
# «حقیقت» یک سطر و برای هر «حکم» یک ستون دارد:
#
# $$\begin{pmatrix} \text{TN} & \text{FP} \\ \text{FN} & \text{TP}\end{pmatrix},\quad
#   \text{precision}=\frac{\text{TP}}{\text{TP}+\text{FP}},\quad
#   \text{recall}=\frac{\text{TP}}{\text{TP}+\text{FN}},\quad
#   F_1=\frac{2\,\text{TP}}{2\,\text{TP}+\text{FP}+\text{FN}}$$
#
# و درستی (accuracy) سهم حکم‌های درست است. دقت (precision): از آنچه دور ریختم چقدر هرزنامه بود؟ بازخوانی (recall): از
# هرزنامه‌ها چقدر را دور ریختم؟ ‏$F_1$ میانگین همساز این دو است: کافی است **یکی** پایین باشد تا آن هم پایین بیاید. هر
# جا کسری $0/0$ شد، ۰٫۰ برگردانید.
#
# ![صد پیامک در چهار خانه، ۸۵ و ۲ و ۳ و ۱۰؛ دقت به ستون نگاه می‌کند و بازخوانی به سطر](figures/verdicts.svg)
#
# **با مداد.** صد پیامک که ۱۳ تای آن‌ها هرزنامه است. صافی ۱۲ تا را دور می‌ریزد و در ۱۰ تا حق دارد. دقت $10/12 = 0.833$،
# بازخوانی $10/13 = 0.769$ و $F_1 = 20/25 = 0.8$. درستی ۰٫۹۵ است؛ و صافی‌ای که هیچ چیز را دور نمی‌ریزد درستی ۰٫۸۷ دارد،
# با دقت و $F_1$ صفر.


# %% solution id="binary_metrics"
def binary_metrics(y_true: Tensor, y_pred: Tensor) -> dict:
    """Precision, recall, F1, accuracy and the confusion matrix of two classes; 1 is the positive class.

    Args:
        y_true: the truth, 0 or 1, int64, shape (N,), N ≥ 1.
        y_pred: the verdicts, 0 or 1, int64, shape (N,).

    Returns:
        A dict with "precision", "recall", "f1", "accuracy", floats, 0.0 where undefined; and "confusion", int64,
        shape (2, 2), rows are the truth, columns the verdicts.
    """
    ### BEGIN SOLUTION
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    (tn, fp), (fn, tp) = confusion.tolist()

    def share(part: int, whole: int) -> float:
        return part / whole if whole else 0.0

    return {
        "precision": share(tp, tp + fp),
        "recall": share(tp, tp + fn),
        "f1": share(2 * tp, 2 * tp + fp + fn),
        "accuracy": share(tp + tn, len(y_true)),
        "confusion": confusion,
    }
    ### END SOLUTION


# %% given id="drawn_verdicts"
def drawn_verdicts(draw, tn: int, fp: int, fn: int, tp: int) -> tuple[Tensor, Tensor]:
    """(y_true, y_pred) with so many of each case, in drawn order."""
    counts = torch.tensor([tn, fp, fn, tp])
    order = draw.permutation(int(counts.sum()))
    truth, verdict = (torch.tensor(kind).repeat_interleave(counts) for kind in ([0, 0, 1, 1], [0, 1, 0, 1]))
    return truth.to(order.device)[order], verdict.to(order.device)[order]


# %% [markdown] hint id="binary_metrics"
# Count the four cases of a little example by hand: what does a filter that calls nothing spam get as its precision?
# ---
# Give each pair of truth and verdict one number from 0 to 3, count these, and make a 2 × 2 matrix of it:
# rows are the truth.
# Class 1 is the positive one.
# ---
# Precision divides by all that was called spam, recall by all that is spam; neither by `N`.
# F1 straight from the counts is safer than from the two: `2 * tp` over `2 * tp + fp + fn`.
# ---
# Write one little helper that divides, and returns 0.0 where the divisor is 0. Every one of the four goes through it.
# `torch.bincount(…, minlength=4)` counts cases that never occur, too.
#
# %% [markdown] hint id="binary_metrics" lang="fa"
# چهار حالت یک مثال کوچک را با دست بشمارید: صافی‌ای که هیچ چیز را هرزنامه نمی‌خواند چه دقتی می‌گیرد؟
# ---
# به هر جفتِ حقیقت و حکم شماره‌ای از ۰ تا ۳ بدهید، این‌ها را بشمارید و از آن ماتریسی ۲ × ۲ بسازید: سطرها حقیقت‌اند.
# ردهٔ مثبت ۱ است.
# ---
# دقت بر همهٔ آنچه هرزنامه خوانده شده تقسیم می‌شود و بازخوانی بر همهٔ آنچه هرزنامه هست؛ هیچ‌کدام بر `N` نه.
# برای `F1` خود شمارش‌ها مطمئن‌ترند تا آن دو: `2 * tp` بخش بر `2 * tp + fp + fn`.
# ---
# یک تابع کمکی کوچک بنویسید که تقسیم می‌کند و هر جا مقسوم‌علیه ۰ بود ۰٫۰ برمی‌گرداند. هر چهار عدد از آن می‌گذرند.
# تابع `torch.bincount(…, minlength=4)` حالت‌هایی را هم می‌شمارد که پیش نیامده‌اند.

# %%
paper_cells = torch.tensor([85, 2, 3, 10])  # TN, FP, FN, TP
print(
    binary_metrics(
        torch.tensor([0, 0, 1, 1]).repeat_interleave(paper_cells),
        torch.tensor([0, 1, 0, 1]).repeat_interleave(paper_cells),
    )
)

# %% check id="binary_metrics_check" points=6
draw = seeded("binary_metrics")
cases = [(30, 2, 5, 11), (7, 9, 3, 20), (40, 6, 1, 4), (5, 3, 8, 2)]
cases = [tuple(count + draw.integers(0, 2) for count in case) for case in cases]
check("four classifiers", [binary_metrics(*drawn_verdicts(draw, *case)) for case in cases])

# %% check id="binary_metrics_check_undefined" points=4
draw = seeded("binary_metrics_undefined")
n, m, k = (draw.integers(3 * i + 3, 3 * i + 6) for i in range(3))
check("nothing called spam", [binary_metrics(*drawn_verdicts(draw, n, 0, m, 0)) for _ in range(2)])
check(
    "no spam at all",
    [binary_metrics(*drawn_verdicts(draw, n, k, 0, 0)), binary_metrics(*drawn_verdicts(draw, m, 0, 0, 0))],
)
check(
    "always wrong, always right",
    [binary_metrics(*drawn_verdicts(draw, *case)) for case in ((0, n, k, 0), (m, 0, 0, k))],
)

# %% [markdown]
# **What to keep.** A text's vector is the mean of what is really there. Where one class is rare, accuracy says little:
# count the four cases, and say with precision and recall which error you speak of. A measure that is undefined
# somewhere needs a promise what it returns there.
#
# **Open tasks** (no points).
#
# - Compare the mean with `[CLS]`'s vector in the probe of 4.3. You did well if both are measured on the same messages
#   and you can say which of them pretraining was made for.
# - Draw precision against recall for all thresholds of the probe. You did well if the area tells the two rivals apart
#   more clearly than accuracy does.
#
# **Read on.** Reimers and Gurevych, [Sentence-BERT](https://arxiv.org/abs/1908.10084) (2019), section 3, the mean
# against `[CLS]`; Saito and Rehmsmeier, [The precision-recall plot](https://doi.org/10.1371/journal.pone.0118432)
# (2015), why it is the honest picture of rare classes.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** بردار یک متن میانگین چیزهایی است که واقعاً هست. جایی که یک رده کمیاب است درستی چیز زیادی نمی‌گوید: چهار
# حالت را بشمارید و با دقت و بازخوانی بگویید از کدام خطا حرف می‌زنید. اندازه‌ای که جایی تعریف ندارد باید بگوید آن‌جا چه
# برمی‌گرداند.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - در کاوشگر ۴٫۳ میانگین را با بردار `[CLS]` بسنجید. اگر هر دو روی همان پیامک‌ها اندازه گرفته شدند و توانستید بگویید
#   پیش‌آموزش برای کدام‌یک بوده، خوب پیش رفته‌اید.
# - دقت را برای همهٔ آستانه‌های کاوشگر در برابر بازخوانی بکشید. اگر مساحت زیر آن دو رقیب را روشن‌تر از درستی از هم جدا
#   کرد، خوب پیش رفته‌اید.
#
# **بیشتر بخوانید.** رایمرز و گورویچ، [Sentence-BERT](https://arxiv.org/abs/1908.10084) (۲۰۱۹)، بخش ۳، میانگین در برابر
# `[CLS]`؛ سایتو و رمزمایر، [The precision-recall plot](https://doi.org/10.1371/journal.pone.0118432) (۲۰۱۵)، که چرا شکل
# منصفانهٔ رده‌های کمیاب همین است.

# %% [markdown]
# ## Part 4 · Spam
#
# ### 4.1 The messages
#
# *Data.* The SMS Spam Collection, as the course's package has it: 4,862 messages that people really got, 642 of them
# spam. **329 are duplicates of others.** Spam is sent many times, that is its nature, and a copy of a training message
# in the test part asks for memory, not for reading: your F1 would be higher, and worth less. The loader has dropped
# them (capitals and spaces aside) and then cut every class in the same proportions, once and for all: 70 % to train,
# 10 % to validate, 20 % to test. The recipe of this part has been chosen already, so we train with the first two
# together.
#
# `token_rows` encodes them with the tokenizer's own function (yours is right by now; this way a slip in part 1 costs
# you nothing here), each row as long as its text and 64 tokens at most. `pad_rows` makes a batch of some of them:
# padded to the longest *of the batch*. Batches of messages of similar length, as `length_batches` makes them, then hold
# hardly any padding, and training takes half the time.
#
# %% [markdown] lang="fa"
# ## بخش ۴ · هرزنامه
#
# ### ۴٫۱ پیامک‌ها
#
# **داده.** مجموعهٔ SMS Spam Collection، به همان صورتی که در بستهٔ درس هست: ۴٬۸۶۲ پیامک که آدم‌ها واقعاً دریافت
# کرده‌اند و ۶۴۲ تای آن‌ها هرزنامه است. **۳۲۹ تا تکراری‌اند.** هرزنامه ذاتاً بارها فرستاده می‌شود و نسخهٔ یک پیامکِ
# آموزش در بخش آزمون حافظه را می‌سنجد نه خواندن را: F1 شما بالاتر می‌رفت و کمتر می‌ارزید. بارکننده (loader) تکراری‌ها
# را (بدون توجه به حروف بزرگ و فاصله‌ها) کنار گذاشته و سپس هر رده را یک بار برای همیشه به یک نسبت بریده است: ۷۰٪
# آموزش، ۱۰٪ اعتبارسنجی (validation) و ۲۰٪ آزمون. دستور کار این بخش از پیش انتخاب شده، پس با دو بخش نخست یک‌جا آموزش
# می‌دهیم.
#
# تابع `token_rows` آن‌ها را با تابع خودِ توکن‌ساز کدگذاری می‌کند (کد شما تا این‌جا درست است؛ این‌طوری لغزشی در بخش ۱
# این‌جا برایتان هزینه ندارد)؛ هر سطر به درازای متن خودش و حداکثر ۶۴ توکن. `pad_rows` از چند سطر یک دسته می‌سازد که تا
# درازترینِ **همان دسته** پر شده. پس دسته‌هایی از پیامک‌های هم‌اندازه، که `length_batches` می‌سازد، تقریباً پرکننده
# ندارند و آموزش نصف وقت می‌گیرد.


# %% given id="messages"
LONGEST = 64  # tokens; 98 of 100 messages are no longer


def token_rows(texts: list[str]) -> list[Tensor]:
    """Token numbers of each text with [CLS] and [SEP], int64, each (its length,)."""
    return [torch.tensor(tokenizer(text, truncation=True, max_length=LONGEST)["input_ids"]) for text in texts]


def pad_rows(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    """A batch: (input_ids, attention_mask), both (B, longest of the rows), on the model's device."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad_token_id)
    return ids.to(DEVICE), (torch.arange(ids.shape[1]) < lengths[:, None]).long().to(DEVICE)


def length_batches(chosen: Tensor, rows: list[Tensor], size: int = 32) -> list[Tensor]:
    """The numbers in `chosen` (N,) as batches of texts of similar length, in random order (torch's generator)."""
    lengths = torch.tensor([len(rows[i]) for i in chosen.tolist()]) + 4 * torch.rand(len(chosen))
    batches = chosen[lengths.argsort()].split(size)
    return [batches[i] for i in torch.randperm(len(batches)).tolist()]


@torch.no_grad()
def spam_probability(classifier: nn.Module, rows: list[Tensor]) -> Tensor:
    """P(spam) of each row, shape (N,), on the CPU; the classifier is put into evaluation mode."""
    classifier.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = torch.zeros(len(rows))
    for start_at in range(0, len(order), 64):
        part = order[start_at : start_at + 64]
        found[part] = classifier(*pad_rows([rows[i] for i in part])).softmax(dim=-1)[:, 1].cpu()
    return found


parts = [sms_spam(part) for part in ("train", "validation")]  # the recipe below is chosen: nothing is left to validate
messages = [text for part in parts for text in part.texts]
is_spam = torch.cat([part.labels for part in parts])

# %%
CLASSES, rows_to_train = parts[0].classes, token_rows(messages)
print(f"{len(messages)} messages to train with, of which {int(is_spam.sum())} are spam; for example")
for text, label in list(zip(messages, is_spam.tolist(), strict=True))[:8]:
    print(f"  {CLASSES[label]:>4}  {text[:90]}")
counts = [
    torch.tensor([len(row) for row, y in zip(rows_to_train, is_spam, strict=True) if y == kind]) for kind in (0, 1)
]
figure, axis = plt.subplots(figsize=(6.5, 2.8), layout="constrained")
for lengths, colour, name in zip(counts, (BLUE, ORANGE), CLASSES, strict=True):
    axis.hist(lengths.tolist(), bins=range(2, 67, 2), density=True, alpha=0.6, color=colour, label=name)
axis.set(title="Spam fills its 160 characters", xlabel="tokens (64 at most)", ylabel="share per token")
axis.legend()
plt.show()

# %% [markdown]
# **What to see.** Spam is long, for the sender pays by the message; so length alone already says something. Classes are
# unbalanced, seven to one. A loss that counts every message once mostly hears about ham. There are two classic
# remedies: let each spam weigh more in the loss, or show it more often.
#
# ### 4.2 Weights for classes
#
# ●○○ · 25 min · 4 points
#
# *Idea.* Give class c the weight
#
# $$w_c = \frac{N}{K\, N_c},$$
#
# where N is the number of examples, $N_c$ of those of class c, and K the number of classes. Then every class that
# occurs has the same total weight, $N/K$, and if all of them occur the mean weight of an example is 1. A class that
# doesn't occur gets the weight 0.
#
# *With a pencil.* Six ham and two spam: $w_{\text{ham}} = 8/(2 \cdot 6) = 0.667$ and $w_{\text{spam}} = 8/(2 \cdot 2) =
# 2$. Each class weighs $6 \cdot 0.667 = 2 \cdot 2 = 4$.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** هرزنامه دراز است چون فرستنده برای هر پیامک پول می‌دهد؛ پس درازا به‌تنهایی هم چیزی می‌گوید. رده‌ها
# نامتوازن‌اند، هفت به یک. زیانی که هر پیامک را یک بار بشمارد بیشتر صدای پیامک‌های عادی (ham) را می‌شنود. دو درمان
# کلاسیک هست: وزن هر هرزنامه را در زیان بیشتر کنید، یا آن را بیشتر نشان دهید.
#
# ### ۴٫۲ وزن برای رده‌ها
#
# ●○○ · ۲۵ دقیقه · ۴ نمره
#
# **ایده.** به ردهٔ c این وزن را بدهید:
#
# $$w_c = \frac{N}{K\, N_c}$$
#
# که N شمار نمونه‌ها، $N_c$ شمار نمونه‌های ردهٔ c و K شمار رده‌هاست. آن‌وقت مجموع وزن هر رده‌ای که آمده یکسان و برابر
# $N/K$ است، و اگر همهٔ رده‌ها آمده باشند میانگین وزن یک نمونه ۱ می‌شود. رده‌ای که نیامده وزن ۰ می‌گیرد.
#
# **با مداد.** شش پیامک عادی و دو هرزنامه: $w_{\text{ham}} = 8/(2 \cdot 6) = 0.667$ و $w_{\text{spam}} = 8/(2 \cdot 2) =
# 2$. وزن هر رده $6 \cdot 0.667 = 2 \cdot 2 = 4$ است.


# %% solution id="class_weights"
def class_weights(labels: Tensor, num_classes: int) -> Tensor:
    """Weights that make all classes count the same (King and Zeng 2001; "balanced" in scikit-learn).

    Args:
        labels: class numbers, int64, shape (N,).
        num_classes: K.

    Returns:
        Weights, float32, shape (K,); 0 for a class that doesn't occur.
    """
    ### BEGIN SOLUTION
    counts = torch.bincount(labels, minlength=num_classes).float()
    weights = len(labels) / (num_classes * counts)
    return weights.masked_fill(counts == 0, 0.0)
    ### END SOLUTION


# %% [markdown] hint id="class_weights"
# Two classes, 10 and 90 examples. Which weights give both the same total, and make the mean weight of an example 1?
# ---
# Count the classes with `torch.bincount`; `minlength` keeps the last ones even if they don't occur.
# Floats, since you divide.
# ---
# A class that doesn't occur makes a division by zero, which is infinite.
# Put 0 in those places afterwards, where the count is 0.
#
# %% [markdown] hint id="class_weights" lang="fa"
# دو رده، با ۱۰ و ۹۰ نمونه. کدام وزن‌ها مجموع هر دو را یکسان می‌کنند و میانگین وزن یک نمونه را ۱؟
# ---
# رده‌ها را با `torch.bincount` بشمارید؛ `minlength` رده‌های آخر را هم نگه می‌دارد، حتی اگر نیامده باشند.
# چون تقسیم می‌کنید، اعشاری.
# ---
# رده‌ای که نیامده تقسیم بر صفر می‌سازد که بی‌نهایت است. پس از آن، هر جا شمارش ۰ است ۰ بگذارید.

# %%
print(class_weights(torch.tensor([0, 0, 0, 1, 0, 1, 0, 0]), 2))  # the pencil's case: 0.667 and 2

# %% check id="class_weights_check" points=4
draw = seeded("class_weights")
three = torch.arange(3).repeat_interleave(torch.tensor([4 + draw.integers(0, 4), 10, 20 + draw.integers(0, 60)]))
three = three.to(draw.permutation(2).device)[draw.permutation(len(three))]
check("weights of three classes", class_weights(three, 3))
check("weights, the first and the last class don't occur", class_weights(three + 1, 5))

# %% [markdown]
# ### 4.3 Two rivals that can't read
#
# Before anything is trained at length, find out what is cheap. A **bag of words** knows which tokens occur and nothing
# of their order: a weight for each of 30,522 tokens. A **linear probe** takes the pretrained BERT as it is, writes down
# the mean vector of each message once, and fits a line between ham and spam: logistic regression on H numbers. Both are
# given; both use your `class_weights`.
#
# To save you time, BERT comes in two halves here. A layer whose weights don't change, with its dropout turned off,
# answers the same message in the same way every time. So `HalfFrozenBert` computes the embeddings and the first three
# layers *once* for each message, remembers the result and runs only the upper layers again. Seen from outside it is
# an encoder like any other.
#
# %% [markdown] lang="fa"
# ### ۴٫۳ دو رقیب که خواندن بلد نیستند
#
# پیش از هر آموزش طولانی ببینید با ارزان‌ترین چیزها به کجا می‌رسید. **کیسهٔ واژه‌ها** (bag of words) می‌داند کدام
# توکن‌ها آمده‌اند و از ترتیبشان هیچ: یک وزن برای هر یک از ۳۰٬۵۲۲ توکن. **کاوشگر خطی** (linear probe) خودِ BERT
# پیش‌آموخته را برمی‌دارد، بردار میانگین هر پیامک را یک بار یادداشت می‌کند و خطی میان پیامک عادی و هرزنامه می‌کشد:
# رگرسیون لجستیک روی H عدد. هر دو آماده‌اند و هر دو از `class_weights` شما استفاده می‌کنند.
#
# برای صرفه‌جویی در وقتتان، BERT این‌جا دو نیمه دارد. لایه‌ای که وزن‌هایش عوض نمی‌شود و dropout آن خاموش است به یک
# پیامک هر بار همان پاسخ را می‌دهد. پس `HalfFrozenBert` تعبیه‌ها و سه لایهٔ نخست را برای هر پیامک **یک بار** حساب
# می‌کند، نتیجه را به یاد می‌سپارد و فقط لایه‌های بالا را دوباره اجرا می‌کند. از بیرون مثل هر کدگذار (encoder) دیگری
# است.


# %% given id="half_frozen_bert"
class Encoded:
    """What an encoder returns: last_hidden_state, shape (B, T, H)."""

    def __init__(self, last_hidden_state: Tensor):
        self.last_hidden_state = last_hidden_state


class HalfFrozenBert(nn.Module):
    """A BERT whose embeddings and lower layers are frozen, without dropout, and remembered for each text.

    Its parameters are those of the upper layers, which belong to `model` and change with it. Texts are padded at their
    ends only. `memory` may be shared by encoders whose models began alike.
    """

    def __init__(self, model, frozen: int = 3, memory: dict | None = None):
        super().__init__()
        self.config = model.config
        self.lower = [model.embeddings, *model.encoder.layer[:frozen]]  # in a plain list: not among the parameters
        for part in self.lower:
            part.eval().requires_grad_(False)
        self.upper = nn.ModuleList(model.encoder.layer[frozen:])
        self.memory = {} if memory is None else memory.setdefault(frozen, {})

    @torch.no_grad()
    def _remembered(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        lengths = attention_mask.sum(dim=1).tolist()
        keys = [tuple(ids[:length]) for ids, length in zip(input_ids.tolist(), lengths, strict=True)]
        new = [row for row, key in enumerate(keys) if key not in self.memory]
        if new:
            hidden, mask = self.lower[0](input_ids=input_ids[new]), _additive(attention_mask[new])
            for layer in self.lower[1:]:
                hidden = layer(hidden, mask)
            self.memory |= {keys[row]: states[: lengths[row]].clone() for row, states in zip(new, hidden, strict=True)}
        hidden = nn.utils.rnn.pad_sequence([self.memory[key] for key in keys], batch_first=True)
        return F.pad(hidden, (0, 0, 0, input_ids.shape[1] - hidden.shape[1]))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Encoded:
        hidden, mask = self._remembered(input_ids, attention_mask), _additive(attention_mask)
        for layer in self.upper:
            hidden = layer(hidden, mask)
        return Encoded(hidden)


def _additive(mask: Tensor) -> Tensor:
    """0 where there is a token and the lowest float where there is padding, (B, 1, 1, T), as BERT's layers want it."""
    return (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min


@torch.no_grad()
def mean_vectors(encoder: nn.Module, rows: list[Tensor]) -> Tensor:
    """The masked mean of the encoder's last layer for each text, (N, H), in evaluation mode."""
    encoder.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = torch.zeros(len(rows), encoder.config.hidden_size)
    for start_at in range(0, len(order), 64):
        part = order[start_at : start_at + 64]
        ids, mask = pad_rows([rows[i] for i in part])
        found[part] = masked_mean(encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask).cpu()
    return found


MEMORY: dict = {}  # what frozen layers made of each message


# %%
def fit_linear(
    features: Tensor, labels: Tensor, seed: int = 0, balanced: bool = True, steps: int = 400, ridge: float = 3e-3
) -> nn.Linear:
    """Logistic regression of labels (N,) on features (N, D); `ridge` keeps the weights small."""
    torch.manual_seed(seed)
    line = nn.Linear(features.shape[1], 2).to(features.device)
    labels = labels.to(features.device)
    weights = class_weights(labels, 2) if balanced else None
    optimiser = torch.optim.Adam(line.parameters(), lr=0.02)
    for _ in range(steps):
        loss = F.cross_entropy(line(features), labels, weight=weights) + ridge * line.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return line


def bag_of_words(rows: list[Tensor], known: Tensor) -> Tensor:
    """1 where a token occurs in a text, (N, number of known tokens)."""
    bags = torch.zeros(len(rows), config.vocab_size)
    for bag, row in zip(bags, rows, strict=True):
        bag[row] = 1.0
    return bags[:, known]


held_out = sms_spam("test")
exam = held_out if held_out.labels is not None else parts[1]  # the test part's labels may be the judge's alone
exam_rows, truth = token_rows(exam.texts), exam.labels
known = torch.stack([torch.bincount(row, minlength=config.vocab_size) > 0 for row in rows_to_train]).sum(dim=0).gt(1)
words, exam_words = bag_of_words(rows_to_train, known), bag_of_words(exam_rows, known)
frozen = HalfFrozenBert(model, memory=MEMORY)
before, exam_before = mean_vectors(frozen, rows_to_train), mean_vectors(frozen, exam_rows)
centre, spread = before.mean(dim=0), before.std(dim=0)


def bag_probability(seed: int = 0, balanced: bool = True) -> Tensor:
    """P(spam) of the exam's messages by a bag of words."""
    line = fit_linear(words, is_spam, seed, balanced, steps=200)
    with torch.no_grad():
        return line(exam_words).softmax(dim=-1)[:, 1]


def probe_probability(seed: int = 0, balanced: bool = True) -> Tensor:
    """P(spam) of the exam's messages by a linear probe."""
    line = fit_linear((before - centre) / spread, is_spam, seed, balanced)
    with torch.no_grad():
        return line((exam_before - centre) / spread).softmax(dim=-1)[:, 1]


by_model = {"bag of words": bag_probability(), "linear probe": probe_probability()}
for name, p in by_model.items():
    print(
        f"{name:>13}:",
        {key: round(v, 3) for key, v in binary_metrics(truth, (p > 0.5).long()).items() if key != "confusion"},
    )

# %% [markdown]
# ### 4.4 The classifier
#
# ●●○ · 45 min · 7 points
#
# *Code.* A module around an encoder: call the encoder with `input_ids=` and `attention_mask=`, take its
# `last_hidden_state`, its `masked_mean`, dropout with p = 0.1, and one linear layer `nn.Linear(H, 2)` that gives two
# *logits*, ham and spam. H is `encoder.config.hidden_size`. Any encoder must do: the check brings a tiny one of its
# own.
#
# ![Three frozen layers, three that learn, mean, dropout, a line; the gradient stops at layer 4](figures/classifier.svg)
#
# The check puts drawn numbers into your linear layer, so it doesn't matter what your layer is called or how it began.
# It also looks at your classifier *while it trains*: with a single feature, a text's logits are either the bias alone,
# one time in ten, or what they are without dropout but with the feature divided by 0.9.
#
# %% [markdown] lang="fa"
# ### ۴٫۴ دسته‌بند
#
# ●●○ · ۴۵ دقیقه · ۷ نمره
#
# **کد.** ماژولی دور یک کدگذار: کدگذار را با `input_ids=` و `attention_mask=` صدا بزنید، `last_hidden_state` آن را
# بردارید، ‏`masked_mean` بگیرید، بعد dropout با $p = 0.1$ و سپس یک لایهٔ خطی `nn.Linear(H, 2)` که دو «لاجیت» (logit)
# می‌دهد: پیامک عادی و هرزنامه. ‏H همان `encoder.config.hidden_size` است. هر کدگذاری باید کار کند: بررسی، کدگذار کوچکی
# از خودش می‌آورد.
#
# ![تعبیه‌ها و سه لایهٔ منجمد، سه لایه که یاد می‌گیرند، میانگین، dropout و یک خط؛ گرادیان تا لایهٔ ۴ می‌آید](figures/classifier.svg)
#
# بررسی در لایهٔ خطی شما عددهای خودش را می‌گذارد؛ پس فرقی نمی‌کند نامش چه باشد یا از چه عددهایی آغاز کرده باشد.
# دسته‌بند را **هنگام آموزش** هم می‌بیند: وقتی تنها یک ویژگی هست، لاجیت‌های یک متن یک بار از هر ده بار فقط بایاس‌اند و
# بقیهٔ بارها همان‌اند که بدون dropout می‌شد، ولی با ویژگی‌ای که بر ۰٫۹ تقسیم شده است.


# %% solution id="SpamClassifier"
class SpamClassifier(nn.Module):
    """Two logits for a text: dropout (0.1) and a linear layer on the mean of an encoder's last layer (Devlin et al. 2019)."""

    def __init__(self, encoder: nn.Module):
        """Args: encoder: `encoder(input_ids=…, attention_mask=…).last_hidden_state` has the shape (B, T, H)."""
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)
        ### END SOLUTION

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """input_ids (B, T), attention_mask (B, T) with 1 where there is a token -> logits (B, 2): ham, spam."""
        ### BEGIN SOLUTION
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask)))
        ### END SOLUTION


# %% given id="toy_encoder"
class ToyEncoder(nn.Module):
    """An encoder of one table: each token's row plus the mean row of its text; while it trains, one more."""

    def __init__(self, table: Tensor):
        super().__init__()
        self.table = nn.Parameter(table)
        self.config = type("Config", (), {"hidden_size": table.shape[1]})

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids=None) -> Encoded:
        there = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        rows, there = self.table[input_ids], there[..., None].to(self.table.dtype)
        mean = (rows * there).sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True)
        return Encoded(rows + mean + float(self.training))


def toy_classifier(draw, H: int) -> nn.Module:
    """Your classifier around a toy encoder with drawn tables (13, H), drawn numbers in its linear layer, eval mode."""
    encoder = ToyEncoder(draw.normal(13, H))
    classifier = SpamClassifier(encoder).to(encoder.table.device)
    inside = {id(module) for module in encoder.modules()}
    for layer in classifier.modules():
        if isinstance(layer, nn.Linear) and id(layer) not in inside:
            layer.weight.data, layer.bias.data = draw.normal(*layer.weight.shape), draw.normal(*layer.bias.shape)
    return classifier.eval()


# %% [markdown] hint id="SpamClassifier"
# How does `parameters()` find the encoder, and how does `eval()` reach your dropout?
# ---
# Both find what is assigned to `self` as a module:
# the encoder itself, `nn.Dropout(0.1)` and a linear layer from `encoder.config.hidden_size` to 2.
# `nn.Dropout` wants the share that is dropped.
# ---
# In `forward` the mask goes two ways: into the encoder, so that no token looks at padding, and into `masked_mean`.
# No `no_grad` and no `detach`, or fine-tuning can't reach the encoder.
# ---
# In this order: encoder with its two names, `last_hidden_state`, mean, dropout, linear layer.
# What comes out are logits, so no softmax.
#
# %% [markdown] hint id="SpamClassifier" lang="fa"
# `parameters()` کدگذار را چگونه پیدا می‌کند و `eval()` چگونه به dropout شما می‌رسد؟
# ---
# هر دو آنچه را پیدا می‌کنند که به صورت ماژول در `self` گذاشته شده:
# خود کدگذار، `nn.Dropout(0.1)` و لایه‌ای خطی از `encoder.config.hidden_size` به ۲.
# `nn.Dropout` سهمی را می‌خواهد که کنار گذاشته می‌شود.
# ---
# در `forward` نقاب به دو جا می‌رود: به کدگذار، تا هیچ توکنی به پرکننده نگاه نکند، و به `masked_mean`.
# نه `no_grad` و نه `detach`، وگرنه ریزتنظیم به کدگذار نمی‌رسد.
# ---
# به این ترتیب: کدگذار با دو آرگومان نام‌دارش، `last_hidden_state`، میانگین، dropout، لایهٔ خطی.
# خروجی لاجیت است، پس softmax نه.

# %% check id="SpamClassifier_check" points=7
draw = seeded("SpamClassifier")
classifier = toy_classifier(draw, H=5)
ids, lengths = draw.integers(0, 13, 4, 7), 2 + draw.permutation(4)
mask = (torch.arange(7, device=ids.device) < lengths[:, None]).long()
logits = classifier(ids, mask)
check("logits of four texts", logits)
slopes = torch.autograd.grad((logits * draw.normal(4, 2)).sum(), classifier.parameters(), allow_unused=True)
check(
    "gradients, the encoder's too",
    sorted((slope for slope in slopes if slope is not None), key=torch.numel, reverse=True),
)
classifier = toy_classifier(draw, H=1).train()
with torch.no_grad():
    for numbers in classifier.parameters():
        numbers.data = 1 + numbers.abs()  # a text's one feature counts for both classes: dropped, or divided by 1 - p
    one_text = torch.full((4000, 1), draw.integers(0, 13), device=ids.device)
    from_below = classifier(one_text, torch.ones_like(one_text)).sort(dim=0).values
check("logits while training, of 4,000: the 200th, the 600th and the last from below", from_below[[199, 599, 3999]])

# %% [markdown]
# ### 4.5 Fine-tuning
#
# ●●● · 90 min · 12 points
#
# *Idea.* Now let the upper layers change too. The pretrained weights are a good place to be, so we take small steps,
# few of them, and careful ones: the rate climbs for the first tenth of the steps and then sinks to zero (*one
# cycle*). Your head, though, begins with noise and may learn ten times faster.
#
# *Code.* A training loop for any `SpamClassifier`. What worked for us, in under a minute on one core:
#
# - three epochs; in each, all the spam and three times as many ham messages, drawn anew each time (a sampler against
#   the imbalance, which also saves time; weights in the loss are another remedy, and a slower one);
# - `length_batches` of 32, `pad_rows`, cross-entropy;
# - `torch.optim.AdamW`, highest rate 5·10⁻⁴ for the encoder and 5·10⁻³ for the rest, with
#   `torch.optim.lr_scheduler.OneCycleLR(optimiser, [5e-4, 5e-3], total_steps=…, pct_start=0.1)`, one step a batch.
#
# Begin with `torch.manual_seed(seed)`. Only what requires a gradient goes to the optimiser.
#
# *Checks.* Your weights, and nothing else of your classifier, are moved into a fresh one, and it reads the 906 test
# messages, whose labels the grader alone has, in an order drawn by the seed. For a third of the points an F1 of 0.93
# earns everything, 0.90 nothing, and in between the points grow in proportion. That alone a good probe on frozen
# vectors could reach as well: on 112 spam messages its 0.946 can't be told from fine-tuning, which reached 0.938 to
# 0.964 in our runs. So two thirds ask what the *encoder* has learned. We forget your linear layer and give each message
# to the nearer of two points: the mean vector of those that it called spam, and of those that it called ham. With the
# encoder as pretraining left it this makes an F1 of about 0.7; 0.75 earns nothing, 0.9 everything.
#
# %% [markdown] lang="fa"
# ### ۴٫۵ ریزتنظیم
#
# ●●● · ۹۰ دقیقه · ۱۲ نمره
#
# **ایده.** حالا بگذارید لایه‌های بالا هم عوض شوند؛ این را ریزتنظیم (fine-tuning) می‌نامند. وزن‌های پیش‌آموخته جای
# خوبی ایستاده‌اند، پس گام‌ها را کوتاه، کم و بااحتیاط برمی‌داریم: نرخ یادگیری در یک‌دهم نخستِ گام‌ها بالا می‌رود و بعد
# تا صفر پایین می‌آید («یک چرخه»، one cycle). ولی سر دسته‌بند شما از نوفه آغاز می‌کند و می‌تواند ده برابر تندتر یاد
# بگیرد.
#
# **کد.** یک حلقهٔ آموزش برای هر `SpamClassifier`. آنچه برای ما، در کمتر از یک دقیقه روی یک هسته، کار کرد:
#
# - سه دور؛ در هر دور همهٔ هرزنامه‌ها و سه برابرشان پیامک عادی که هر بار از نو برداشته می‌شوند (نمونه‌گیری‌ای در برابر
#   نامتوازن بودن که وقت را هم کم می‌کند؛ وزن در زیان درمان دیگری است، ولی کندتر)؛
# - ‏`length_batches` با دسته‌های ۳۲تایی، `pad_rows` و آنتروپی متقاطع؛
# - ‏`torch.optim.AdamW` با بیشترین نرخ $5\cdot10^{-4}$ برای کدگذار و $5\cdot10^{-3}$ برای بقیه، همراه با
#   `torch.optim.lr_scheduler.OneCycleLR(optimiser, [5e-4, 5e-3], total_steps=…, pct_start=0.1)`، هر دسته یک گام.
#
# با `torch.manual_seed(seed)` آغاز کنید. تنها آنچه گرادیان می‌خواهد به بهینه‌ساز می‌رود.
#
# **بررسی‌ها.** وزن‌های شما، و نه چیز دیگری از دسته‌بندتان، به دسته‌بندی تازه می‌روند و آن ۹۰۶ پیامک آزمون را، که
# برچسبشان را فقط نمره‌دهنده دارد، به ترتیبی می‌خواند که بذر تعیین می‌کند. در یک‌سوم نمره، F1 برابر ۰٫۹۳ همه را دارد،
# ۰٫۹۰ هیچ، و میان این دو نمره به نسبت بالا می‌رود. ولی تا این‌جا را کاوشگر خوبی روی بردارهای منجمد هم می‌رسد: روی ۱۱۲
# هرزنامه، ۰٫۹۴۶ آن را از ریزتنظیم که در اجراهای ما ۰٫۹۳۸ تا ۰٫۹۶۴ شد نمی‌توان بازشناخت. پس دوسوم نمره را به این
# می‌دهیم که خودِ **کدگذار** چه آموخته است. لایهٔ خطی شما را کنار می‌گذاریم و هر پیامک را به نزدیک‌ترِ دو نقطه
# می‌دهیم: میانگین بردارهای آن‌ها که لایهٔ شما هرزنامه خوانده و میانگین بردارهای آن‌ها که عادی خوانده. با کدگذاری که
# همان‌طور مانده که پیش‌آموزش گذاشته، F1 نزدیک ۰٫۷ می‌شود؛ ۰٫۷۵ نمره‌ای ندارد و ۰٫۹ همهٔ نمره را دارد.


# %% solution id="fine_tune"
def fine_tune(classifier: nn.Module, rows: list[Tensor], labels: Tensor, seed: int = 0) -> list[float]:
    """Fine-tune a spam classifier in place (Devlin et al. 2019, section 4; one cycle: Smith and Topin 2019).

    Args:
        classifier: `classifier(input_ids, attention_mask)` gives logits (B, 2); its `encoder` is pretrained.
        rows: token numbers of each message, as `token_rows` makes them.
        labels: 1 for spam, int64, shape (N,), on the CPU.
        seed: what all chance in the training begins with.

    Returns:
        The loss of each step.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(seed)
    spam, ham = (labels == 1).nonzero()[:, 0], (labels == 0).nonzero()[:, 0]
    plan = []
    for _ in range(3):
        some_ham = ham[torch.randperm(len(ham))[: 3 * len(spam)]]
        plan += length_batches(torch.cat([spam, some_ham]), rows)
    encoder = [p for p in classifier.encoder.parameters() if p.requires_grad]
    inside = set(map(id, classifier.encoder.parameters()))
    head = [p for p in classifier.parameters() if id(p) not in inside]
    optimiser = torch.optim.AdamW([{"params": encoder}, {"params": head}])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [5e-4, 5e-3], total_steps=len(plan), pct_start=0.1)
    classifier.train()
    losses = []
    for batch in plan:
        logits = classifier(*pad_rows([rows[i] for i in batch.tolist()]))
        loss = F.cross_entropy(logits, labels[batch].to(logits.device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% [markdown] hint id="fine_tune"
# Why would a learning rate that is fine for training from nothing spoil a pretrained model in its first steps?
# And which part of the classifier knows nothing yet?
# ---
# Set the seed, then make a plan of all batches before the loop: then you know `total_steps`.
# In each of three epochs all spam and `3 * len(spam)` ham, drawn anew.
# A batch is a list of numbers, which picks rows and labels alike: don't sort the one without the other.
# ---
# Two groups of parameters for one optimiser: the encoder's that require a gradient, and all that aren't the encoder's.
# Tensors are told apart by `id(…)`; `==` and `in` compare their numbers.
# ---
# Then put the classifier into training mode, and the usual five lines:
# logits of `pad_rows`, loss, `zero_grad`, `backward`, and a step of the optimiser and of the schedule.
# Labels have to go where the logits are. Append each step's loss as a number.
#
# %% [markdown] hint id="fine_tune" lang="fa"
# چرا نرخ یادگیری‌ای که برای آموزش از صفر خوب است، مدل پیش‌آموخته را در همان گام‌های نخست خراب می‌کند؟
# و کدام بخش دسته‌بند هنوز چیزی نمی‌داند؟
# ---
# بذر را بگذارید و پیش از حلقه برنامهٔ همهٔ دسته‌ها را بسازید: آن‌گاه `total_steps` معلوم است.
# در هر یک از سه دور، همهٔ هرزنامه‌ها و `3 * len(spam)` پیامک عادی که از نو برداشته می‌شوند.
# هر دسته فهرستی از شماره‌هاست که سطرها و برچسب‌ها را یکسان برمی‌گزیند: هیچ‌کدام را بی دیگری مرتب نکنید.
# ---
# دو گروه پارامتر برای یک بهینه‌ساز: آن‌ها که مال کدگذارند و گرادیان می‌خواهند، و همهٔ آن‌ها که مال کدگذار نیستند.
# تانسورها را با `id(…)` از هم بازشناسید؛ `==` و `in` عددهایشان را می‌سنجند.
# ---
# سپس دسته‌بند را به حالت آموزش ببرید و همان پنج خط همیشگی:
# لاجیت‌های `pad_rows`، زیان، `zero_grad`، `backward`، و یک گام بهینه‌ساز و یک گام برنامهٔ نرخ.
# برچسب‌ها باید همان‌جا بروند که لاجیت‌ها هستند. زیان هر گام را به صورت عدد بیفزایید.

# %% check id="fine_tune_check" points=12
draw = seeded("fine_tune")
unseen = sms_spam("test")
order = draw.permutation(len(unseen.texts)).tolist()
tuned = bert().model.to(DEVICE)
torch.manual_seed(0)
classifier = SpamClassifier(HalfFrozenBert(tuned, memory=MEMORY)).to(DEVICE)
losses = fine_tune(classifier, token_rows(messages), is_spam)
answers = None if unseen.labels is None else unseen.labels[order]
# The trained weights alone count: the encoder's, in a fresh one, and those of the one linear layer outside of it.
fresh, inside = bert().model.to(DEVICE), {id(module) for module in tuned.modules()}
fresh.load_state_dict(tuned.state_dict())
[head] = [layer for layer in classifier.modules() if isinstance(layer, nn.Linear) and id(layer) not in inside]
vectors = mean_vectors(HalfFrozenBert(fresh), token_rows([unseen.texts[i] for i in order]))
with torch.no_grad():
    verdicts = head(vectors.to(DEVICE)).argmax(dim=-1).cpu()
# Measured in eleven trainings on one thread (seeds 0 to 6, and 0 to 3 with one first head): F1 0.938 to 0.964, mean 0.955,
# standard deviation 0.008; 112 of the messages are spam, and about 6 of them are missed every time. Eight more with other
# rates and shares of ham: 0.934 to 0.964. The best linear probe on frozen vectors has 0.946.
check_predictions(
    "spam among unseen messages", verdicts, answers, metric="f1", at_least=0.93, floor=0.9, suspicious=1.0
)
centres = torch.stack([vectors[verdicts == kind].mean(dim=0) for kind in (0, 1)])
# Measured in five trainings (seeds 0 to 4): 0.940 to 0.960, mean 0.951, standard deviation 0.008; with verdicts of a probe
# on frozen vectors 0.69, and 0.69 too with the mean vectors of the training messages' true classes.
check_predictions(
    "spam by the nearer of the two classes' mean vectors",
    torch.cdist(vectors, centres).argmin(dim=-1),
    answers,
    metric="f1",
    at_least=0.9,
    floor=0.75,
    suspicious=1.0,
    weight=2,
)

# %% [markdown]
# **Look at it: learning, and three confusion matrices.** Left, the loss of each batch and its running mean. Then the
# three models on the same unseen messages. Rows are the truth; the orange cells are errors.
#
# %% [markdown] lang="fa"
# **ببینید: یادگیری و سه ماتریس درهم‌ریختگی.** سمت چپ، زیان هر دسته و میانگین متحرکش. بعد سه مدل روی همان پیامک‌های
# نادیده. سطرها حقیقت‌اند؛ خانه‌های نارنجی خطا هستند.

# %%
by_model["fine-tuned BERT"] = spam_probability(classifier, exam_rows)
figure, panels = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained", width_ratios=[1.6, 1, 1, 1])
panels[0].plot(losses, ".", color=BLUE, alpha=0.3, markersize=4, label="one batch")
panels[0].plot(
    range(10, len(losses) - 9),
    F.avg_pool1d(torch.tensor(losses)[None], 20, stride=1)[0],
    color=BLUE,
    label="mean of 20",
)
panels[0].set(title="Most is learned in fifty steps", xlabel="step", ylabel="cross-entropy", ylim=(0, None))
panels[0].legend()
for axis, (name, p) in zip(panels[1:], by_model.items(), strict=True):
    found = binary_metrics(truth, (p > 0.5).long())
    cells = found["confusion"]
    axis.imshow(torch.tensor([[0.15, 0.85], [0.85, 0.15]]), cmap="PuOr_r", vmin=-1, vmax=1)
    for row in (0, 1):
        for column in (0, 1):
            axis.text(column, row, str(int(cells[row, column])), ha="center", va="center", fontsize=14)
    axis.set(title=f"{name}\nF1 {found['f1']:.3f}", xlabel="verdict", ylabel="truth")
    axis.set_xticks((0, 1), CLASSES)
    axis.set_yticks((0, 1), CLASSES)
plt.show()

# %% [markdown]
# <details><summary>What to see</summary>
#
# The loss falls steeply at first and then hardly at all: the pretrained layers need a nudge, not a journey. Compare the
# two orange cells of each matrix rather than the F1 above it. The rivals err in opposite ways: on the test messages the
# bag of words throws 3 ham away and lets 10 spams through, the probe, trained with balanced classes, throws 23 away and
# lets 7 through. One number hides which.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# زیان نخست تند پایین می‌آید و سپس تقریباً هیچ: لایه‌های پیش‌آموخته تلنگری می‌خواهند نه سفری. به‌جای F1 بالای هر ماتریس،
# دو خانهٔ نارنجی آن را با هم بسنجید: دو رقیب وارونهٔ هم خطا می‌کنند: روی پیامک‌های آزمون، کیسهٔ واژه‌ها ۳ پیامک عادی را
# دور می‌ریزد و ۱۰ هرزنامه را می‌گذراند و کاوشگر که با رده‌های متوازن آموزش دیده ۲۳ تا را دور می‌ریزد و ۷ تا را
# می‌گذراند. یک عدد این را پنهان می‌کند.
#
# </details>

# %% [markdown]
# **One run is an anecdote.** F1 on 112 spam messages moves by half a point with each single error, and a different
# order of the batches makes different errors. Set `SEEDS = range(5)` to measure it yourself (some minutes without a
# GPU). This is what we found on the test part, in five runs each:
#
# | | classes | F1, mean | lowest | highest |
# |---|---|---|---|---|
# | bag of words | as they come | 0.913 | 0.913 | 0.913 |
# | bag of words | balanced | 0.940 | 0.940 | 0.940 |
# | linear probe | balanced | 0.875 | 0.875 | 0.875 |
# | linear probe | as they come | 0.946 | 0.946 | 0.946 |
# | fine-tuned BERT | three ham for one spam | **0.957** | 0.946 | 0.964 |
#
# (The two lines are convex problems: all starts end in the same place. A finer point: our recipe was chosen with an eye
# on these very messages, so trust the last digit of no row.) Two lessons. Balancing helps one model and hurts
# another, for at the threshold ½ it trades precision for recall; and a bag of words, on *this* task, is no fool.
#
# %% [markdown] lang="fa"
# **یک اجرا مشت نمونهٔ خروار نیست.** ‏F1 روی ۱۱۲ هرزنامه با هر یک خطا نیم واحدِ درصد جابه‌جا می‌شود و ترتیب دیگری از
# دسته‌ها خطاهای دیگری می‌سازد. `SEEDS = range(5)` بگذارید تا خودتان اندازه بگیرید (بدون GPU چند دقیقه). این چیزی است
# که ما روی بخش آزمون، در پنج اجرا برای هر کدام، یافتیم:
#
# | | رده‌ها | میانگین F1 | کمترین | بیشترین |
# |---|---|---|---|---|
# | کیسهٔ واژه‌ها | همان‌طور که هستند | ۰٫۹۱۳ | ۰٫۹۱۳ | ۰٫۹۱۳ |
# | کیسهٔ واژه‌ها | متوازن | ۰٫۹۴۰ | ۰٫۹۴۰ | ۰٫۹۴۰ |
# | کاوشگر خطی | متوازن | ۰٫۸۷۵ | ۰٫۸۷۵ | ۰٫۸۷۵ |
# | کاوشگر خطی | همان‌طور که هستند | ۰٫۹۴۶ | ۰٫۹۴۶ | ۰٫۹۴۶ |
# | ‏BERT ریزتنظیم‌شده | سه پیامک عادی برای هر هرزنامه | **۰٫۹۵۷** | ۰٫۹۴۶ | ۰٫۹۶۴ |
#
# (دو مدل خطی مسئله‌هایی محدب‌اند: همهٔ آغازها به یک جا می‌رسند. نکته‌ای ظریف‌تر: دستور کار ما با نگاهی به همین
# پیامک‌ها انتخاب شده، پس به رقم آخر هیچ سطری اعتماد نکنید.) دو درس: متوازن‌کردن به یک مدل کمک می‌کند و به دیگری آسیب
# می‌زند، چون در آستانهٔ ½ دقت را می‌دهد و بازخوانی می‌گیرد؛ و کیسهٔ واژه‌ها در **این** مسئله حریف دست‌وپابسته‌ای
# نیست.

# %%
SEEDS = range(0)  # range(5) trains five classifiers
for_each: dict[str, list[float]] = {}
for seed in SEEDS:
    torch.manual_seed(seed)
    another = SpamClassifier(HalfFrozenBert(bert().model.to(DEVICE), memory=MEMORY)).to(DEVICE)
    fine_tune(another, rows_to_train, is_spam, seed)
    found = {"fine-tuned BERT": spam_probability(another, exam_rows)}
    for kind, balanced in (("balanced", True), ("as they come", False)):
        found[f"bag of words, classes {kind}"] = bag_probability(seed, balanced)
        found[f"linear probe, classes {kind}"] = probe_probability(seed, balanced)
    for name, p in found.items():
        for_each.setdefault(name, []).append(binary_metrics(truth, (p > 0.5).long())["f1"])
for name, values in for_each.items():
    print(f"{name:>35}: mean F1 {sum(values) / len(values):.3f}, from {min(values):.3f} to {max(values):.3f}")

FULL = False  # with a GPU you may set it to True: no layer frozen, which takes a minute there and an hour on a laptop
if FULL and torch.cuda.is_available():
    whole = SpamClassifier(bert().model.to(DEVICE)).to(DEVICE)
    fine_tune(whole, rows_to_train, is_spam)
    found = binary_metrics(truth, (spam_probability(whole, exam_rows) > 0.5).long())
    print(f"all layers fine-tuned: F1 {found['f1']:.3f}")

# %% [markdown]
# **Look at it: what moved.** The mean vectors of the unseen messages in the two directions in which they vary most:
# left as pretraining left them, right after fine-tuning.
#
# %% [markdown] lang="fa"
# **ببینید: چه چیزی جابه‌جا شد.** بردارهای میانگینِ پیامک‌های نادیده در دو جهتی که بیشترین پراکندگی را دارند: سمت چپ
# همان‌طور که پیش‌آموزش به جا گذاشته، سمت راست پس از ریزتنظیم.

# %%
exam_after = mean_vectors(classifier.encoder, exam_rows)
figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for axis, vectors, title in zip(
    panels, (exam_before, exam_after), ("Pretrained: topics", "Fine-tuned: one question"), strict=True
):
    centred = vectors - vectors.mean(dim=0)
    _, sizes, directions = torch.linalg.svd(centred, full_matrices=False)
    plane = centred @ directions[:2].T
    for kind, colour, mark in ((0, BLUE, "o"), (1, ORANGE, "^")):
        axis.scatter(*plane[truth == kind].T, s=12, alpha=0.6, color=colour, marker=mark, label=CLASSES[kind])
    share = (sizes[:2] ** 2).sum() / (sizes**2).sum()
    axis.set(title=f"{title} ({share:.0%} of the variance)", xlabel="first direction", ylabel="second direction")
    axis.legend()
plt.show()

# %% [markdown]
# <details><summary>Where to look</summary>
#
# Three things, in both pictures: how far the classes overlap, how much of the variance the two directions hold, and
# whether the *second* direction still tells messages of one class apart. Essay 2 asks what they mean.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary>به کجا نگاه کنیم؟</summary>
#
# در هر دو شکل سه چیز: رده‌ها چقدر روی هم افتاده‌اند، این دو جهت چه سهمی از واریانس را دارند، و آیا جهت **دوم** هنوز
# پیامک‌های یک رده را از هم جدا می‌کند. پرسش تشریحی ۲ معنایشان را می‌پرسد.
#
# </details>

# %% [markdown]
# ### Essay 2 · What fine-tuning changed
#
# ●●○ · 40 min · 4 points
#
# Use the two pictures above and the table. (a) What did the pretrained vectors already know, and how can you tell from
# the probe? What did fine-tuning change in the geometry, and what may have been lost on the way? (b) The bag of words
# comes close. Why is that so for this task, and for what kind of message, or task, would you expect BERT to be far
# ahead? (c) Why freeze the lower layers and not the upper ones?
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۲ · ریزتنظیم چه چیزی را عوض کرد
#
# ●●○ · ۴۰ دقیقه · ۴ نمره
#
# از دو شکل بالا و جدول کمک بگیرید. (الف) بردارهای پیش‌آموخته از پیش چه می‌دانستند و از کجای نتیجهٔ کاوشگر این را
# می‌فهمید؟ ریزتنظیم چه چیزی را در هندسهٔ آن‌ها عوض کرد و چه چیزی شاید در این راه از دست رفته باشد؟ (ب) کیسهٔ واژه‌ها
# نزدیک می‌شود. چرا در این مسئله چنین است و برای چه نوع پیامک یا مسئله‌ای انتظار دارید BERT بسیار جلوتر باشد؟ (پ) چرا
# لایه‌های پایین را منجمد نگه می‌داریم و نه لایه‌های بالا را؟

# %% [markdown] essay id="what_fine_tuning_changed" points=4
# ### BEGIN SOLUTION
# (a) A line through frozen vectors separates most spam (F1 0.88 to 0.95): so what distinguishes it (offers, numbers,
# an official tone) is already present and linearly readable, though mixed with everything else that the vectors say.
# In the left picture the main directions are topics and length, and spam is a region at the border. After fine-tuning
# nearly all variance lies along one direction, ham at one end, spam at the other; few messages are between. What
# doesn't help to answer the one question was squeezed out: the same vectors would now be worse for sentiment or for
# searching similar messages.
#
# (b) Spam uses words that others hardly use (claim, prize, txt, 150p, free, numbers to call); whether they occur is
# enough, order doesn't matter, and 450 examples suffice to weigh them. BERT is ahead where words are innocent and
# their combination isn't: spam written like a friend's message, paraphrases with new words, negation, irony, who did
# what to whom; and where there are few examples, since it already knows that "cash" and "money" are alike.
#
# (c) Lower layers hold what all tasks need (spelling, word classes, neighbours), the upper ones are the most
# particular to the pretraining task, so these have to change most. A change below also shakes everything above. And
# it is cheaper: no gradient has to travel below the lowest layer that trains, and its frozen input can be computed
# once.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 0.5 points: (a) linear separability before fine-tuning, said with the probe's number.
# - 1 point: (a) a true description of the change (one dominant direction, classes apart).
# - 0.5 points: (a) something lost (other information, overconfidence).
# - 0.5 points: (b) tell-tale words.
# - 0.5 points: (b) a case in which order, context or unseen words matter.
# - 1 point: (c) general below, particular above, or the cost of the gradient.
#
# "Because lower layers are more important" without a reason earns nothing in (c).
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** Before training anything large, measure what is cheap: a bag of words and a line on frozen vectors.
# Fine-tuning takes small steps from a good place, and lets only the head run. And one run is an anecdote: the error of
# the measurement is half a point for each message.
#
# **Open tasks** (no points).
#
# - Freeze four or two layers instead of three (`frozen=`). You did well if you compare means of several seeds, and can
#   say whether the difference is larger than their spread.
# - How few spams are enough? Train with 10, 30, 100, all. You did well if the curve of the fine-tuned model crosses the
#   bag of words' somewhere, and you have an explanation for where.
# - Average the weights of three fine-tuned classifiers. You did well if you know why that works here and wouldn't for
#   networks that began at different random points.
#
# **Read on.** Howard and Ruder, [ULMFiT](https://arxiv.org/abs/1801.06146) (2018), section 3.2, small steps below and
# large ones above; Smith and Topin, [Super-convergence](https://arxiv.org/abs/1708.07120) (2018), the one-cycle rate;
# Wang et al., [MiniLM](https://arxiv.org/abs/2002.10957) (2020), how our small model was made; Srivastava et al.,
# [Dropout](https://jmlr.org/papers/v15/srivastava14a.html) (2014); the messages: [SMS Spam
# Collection](https://archive.ics.uci.edu/dataset/228/sms+spam+collection).
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** پیش از آموزش هر چیز بزرگ، ارزان‌ها را اندازه بگیرید: کیسهٔ واژه‌ها و خطی روی بردارهای منجمد. ریزتنظیم از
# جایی خوب گام‌های کوتاه برمی‌دارد و تنها سر دسته‌بند را می‌دواند. و یک اجرا مشت نمونهٔ خروار نیست: خطای اندازه‌گیری
# برای هر پیامک نیم واحدِ درصد است.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - به‌جای سه لایه، چهار یا دو لایه را منجمد کنید (`frozen=`). اگر میانگین چند بذر را سنجیدید و توانستید بگویید اختلاف
#   از پراکندگی‌شان بیشتر است یا نه، خوب پیش رفته‌اید.
# - چند هرزنامه بس است؟ با ۱۰ و ۳۰ و ۱۰۰ و همه آموزش دهید. اگر منحنی مدل ریزتنظیم‌شده جایی منحنی کیسهٔ واژه‌ها را برید و
#   برای جایش توضیحی داشتید، خوب پیش رفته‌اید.
# - وزن‌های سه دسته‌بند ریزتنظیم‌شده را میانگین بگیرید. اگر بدانید چرا این‌جا کار می‌کند و برای شبکه‌هایی که از جاهای
#   تصادفی گوناگون آغاز کرده‌اند نمی‌کرد، خوب پیش رفته‌اید.
#
# **بیشتر بخوانید.** هاوارد و رودر، [ULMFiT](https://arxiv.org/abs/1801.06146) (۲۰۱۸)، بخش ۳٫۲، گام‌های کوتاه در پایین و
# بلند در بالا؛ اسمیت و تاپین، [Super-convergence](https://arxiv.org/abs/1708.07120) (۲۰۱۸)، نرخ یک‌چرخه‌ای؛ وانگ و
# همکاران، [MiniLM](https://arxiv.org/abs/2002.10957) (۲۰۲۰)، که مدل کوچک ما چگونه ساخته شد؛ سریواستاوا و همکاران،
# [Dropout](https://jmlr.org/papers/v15/srivastava14a.html) (۲۰۱۴)؛ و پیامک‌ها: [SMS Spam
# Collection](https://archive.ics.uci.edu/dataset/228/sms+spam+collection).

# %% [markdown]
# ## Part 5 · Can it be believed?
#
# ### 5.1 Calibration
#
# ●●○ · 45 min · 5 points
#
# *Idea.* Your filter says "97 % spam". Of a hundred messages of which it says so, are 97 spam? Put messages with
# similar P(spam) into one bin and compare, bin by bin, what was said with what was so. The **expected calibration
# error** is the mean gap, weighted with how many messages a bin holds:
#
# $$\text{ECE} = \sum_{b=1}^{\text{bins}} \frac{n_b}{N}\,\Big|\, \overline{y}_b - \overline{p}_b \,\Big|,$$
#
# with $\overline{y}_b$ the share of spam in bin b and $\overline{p}_b$ the *mean* of P(spam) in it. Bins are equally
# wide: bin b holds $p$ with $\lfloor p\cdot\text{bins}\rfloor = b$, counting from 0, and $p = 1$ belongs to the last.
# Empty bins say nothing.
#
# ![Five messages on the axis of P(spam), two bins with what was said and what was so, and the error 0.24](figures/bins.svg)
#
# *With a pencil.* Two bins, five messages: $p = 0.1, 0.2, 0.6, 0.9, 1$ with $y = 0, 1, 1, 1, 0$. In the first bin the
# mean of $p$ is 0.15 and half are spam: a gap of 0.35, weight $\frac25$. In the second the mean is 0.833 and $\frac23$
# are spam: a gap of 0.167, weight $\frac35$. Together $0.14 + 0.10 = 0.24$.
#
# %% [markdown] lang="fa"
# ## بخش ۵ · آیا می‌شود باورش کرد؟
#
# ### ۵٫۱ کالیبراسیون
#
# ●●○ · ۴۵ دقیقه · ۵ نمره
#
# **ایده.** صافی شما می‌گوید «۹۷٪ هرزنامه است». از صد پیامکی که چنین می‌گوید، آیا ۹۷ تا هرزنامه‌اند؟ پیامک‌هایی را که
# $P(\text{spam})$ نزدیک به هم دارند در یک سبد (bin) بگذارید و سبد به سبد، آنچه گفته شده را با آنچه بوده بسنجید. **خطای
# مورد انتظار کالیبراسیون** (expected calibration error) میانگین این فاصله‌هاست، وزن‌دار با شمار پیامک‌های هر سبد:
#
# $$\text{ECE} = \sum_{b=1}^{\text{bins}} \frac{n_b}{N}\,\Big|\, \overline{y}_b - \overline{p}_b \,\Big|$$
#
# که $\overline{y}_b$ سهم هرزنامه در سبد b و $\overline{p}_b$ **میانگین** $P(\text{spam})$ در آن است. پهنای سبدها
# برابر است: سبد b، با شمارش از صفر، $p$هایی را دارد که $\lfloor p\cdot\text{bins}\rfloor = b$، و $p = 1$ مال سبد آخر
# است. سبد خالی حرفی برای گفتن ندارد.
#
# ![پنج پیامک روی محور P(spam)، دو سبد با آنچه گفته شده و آنچه بوده، و خطای ۰٫۲۴](figures/bins.svg)
#
# **با مداد.** دو سبد و پنج پیامک: $p = 0.1, 0.2, 0.6, 0.9, 1$ با $y = 0, 1, 1, 1, 0$. در سبد نخست میانگین $p$ برابر
# ۰٫۱۵ است و نصف پیامک‌ها هرزنامه‌اند: فاصلهٔ ۰٫۳۵ با وزن $\frac25$. در دومی میانگین ۰٫۸۳۳ است و $\frac23$ هرزنامه‌اند:
# فاصلهٔ ۰٫۱۶۷ با وزن $\frac35$. روی هم $0.14 + 0.10 = 0.24$.


# %% solution id="expected_calibration_error"
def expected_calibration_error(p: Tensor, y: Tensor, bins: int = 10) -> Tensor:
    """How far probabilities of class 1 are from frequencies (Naeini et al. 2015; Guo et al. 2017, equation 3).

    Args:
        p: probabilities of class 1, in [0, 1], shape (N,).
        y: the truth, 0 or 1, int64, shape (N,).
        bins: how many bins of equal width; what lies on an inner edge belongs to the bin above it, 1 to the last one.

    Returns:
        The error, a scalar, shape ().
    """
    ### BEGIN SOLUTION
    which = (p * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=p.dtype, device=p.device).index_add(0, which, y.to(p.dtype) - p)
    return gaps.abs().sum() / len(p)
    ### END SOLUTION


# %% given id="drawn_probabilities"
def drawn_probabilities(draw, n: int, bins: int, certain: int = 0) -> tuple[Tensor, Tensor]:
    """(p, y): n probabilities in the upper halves of their bins, some exactly 1; truths that mostly contradict."""
    place = draw.integers(0, bins, n).float().maximum(draw.integers(0, bins, n).float())
    p = (place + draw.uniform(n, low=0.6, high=0.95)) / bins
    p[:certain] = 1.0
    chance = torch.where(p < 0.5, 0.9, torch.where(p < 0.8, 0.1, 0.6))
    return p, (draw.uniform(n) < chance).long()


# %% [markdown] hint id="expected_calibration_error"
# Two messages in one bin, both with `p = 0.5`, one is spam and one isn't: how large is the gap of this bin?
# Why may you not take `|y - p|` of each message?
# ---
# Zero: the sum within a bin comes first, the absolute value after it.
# With 4 bins, which of them holds 0.5, and which holds 1?
# ---
# The bin is `p * bins` without its fraction.
# That puts an inner edge into the bin above it; only 1 would fall out, into a bin that isn't there.
# ---
# A bin's weight is `n_b / N` and its means divide by `n_b`: what is left is the sum of `y - p` in it, over `N`.
# So add up `y - p` by bin (`index_add` does that), and empty bins give 0 by themselves.
#
# %% [markdown] hint id="expected_calibration_error" lang="fa"
# دو پیامک در یک سبد، هر دو با `p = 0.5`، یکی هرزنامه و دیگری نه: فاصلهٔ این سبد چقدر است؟
# چرا نباید از تک‌تک پیامک‌ها `|y - p|` بگیرید؟
# ---
# صفر: نخست جمع درون سبد و پس از آن قدر مطلق. از ۴ سبد، ۰٫۵ در کدام سبد است و ۱ در کدام؟
# ---
# سبد همان `p * bins` است بی بخش اعشاری‌اش.
# با این کار مرز میانی به سبد بالایی می‌رود؛ تنها ۱ بیرون می‌افتد، به سبدی که نیست.
# ---
# وزن سبد `n_b / N` است و میانگین‌هایش بر `n_b` تقسیم می‌شوند: آنچه می‌ماند جمع `y - p` در آن است، بخش بر `N`.
# پس `y - p` را سبد به سبد جمع کنید (کار `index_add`)؛ سبد خالی خودش ۰ می‌دهد.

# %%
said, came = torch.tensor([0.1, 0.2, 0.6, 0.9, 1.0]), torch.tensor([0, 1, 1, 1, 0])
print(expected_calibration_error(said, came, bins=2))  # the pencil's case: 0.24

# %% check id="expected_calibration_error_check" points=5
draw = seeded("expected_calibration_error")
check("error in ten bins", expected_calibration_error(*drawn_probabilities(draw, 80, 10)))
check(
    "error in seven bins, some are certain",
    expected_calibration_error(*drawn_probabilities(draw, 60, 7, certain=9), bins=7),
)
p, y = drawn_probabilities(draw, 30, 3)
check("error, half of the bins are empty", expected_calibration_error(p / 2, y, bins=6))
errors = []
for bins in (3, 8, 13):
    place = torch.arange(4 * bins, device=p.device)[draw.permutation(4 * bins)] % bins
    p = (place + draw.uniform(4 * bins, low=0.1, high=0.9)) / bins
    y = ((place % 2 == 0) ^ draw.mask(4 * bins, p=0.1)).long()  # bins err upwards and downwards in turn
    errors.append(expected_calibration_error(p, y, bins))
check("error in three, eight and thirteen bins that err in turn", errors)
edges = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0], device=p.device).repeat_interleave(5)[draw.permutation(25)]
y = torch.where(edges == 0.25, 0, torch.where(edges == 0.75, 1, (edges < 0.75).long()))
others = (
    (torch.tensor([0.1, 0.3, 0.6, 0.9], device=p.device) + draw.uniform(4, low=-0.04, high=0.04)).repeat(6),
    torch.tensor([1, 1, 0, 0], device=p.device).repeat(6),
)
p, y = (torch.cat(both)[draw.permutation(49)] for both in ((edges, others[0]), (y, others[1])))
check("what lies on an edge belongs to the bin above", [expected_calibration_error(p, y, bins=b) for b in (4, 2, 1)])

# %% [markdown]
# **Look at it: reliability.** Each dot is a bin, as large as it is full; on the diagonal, words and facts agree. Right,
# how sure each model is: note the logarithmic axis.
#
# %% [markdown] lang="fa"
# **ببینید: اعتمادپذیری.** هر نقطه یک سبد است، به بزرگی پری‌اش؛ روی قطر، حرف و واقعیت یکی‌اند. سمت راست، هر مدل چقدر
# مطمئن است: دقت کنید که محور لگاریتمی است.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.6), layout="constrained")
left.plot((0, 1), (0, 1), color=GREY, linestyle="--", linewidth=1)
for (name, p), colour in zip(by_model.items(), (GREY, ORANGE, BLUE), strict=True):
    which = (p * 10).long().clamp(max=9)
    full = [
        (p[which == b].mean(), truth[which == b].float().mean(), int((which == b).sum()))
        for b in which.unique().tolist()
    ]
    said, was, count = zip(*full, strict=True)
    error = expected_calibration_error(p, truth)
    left.scatter(
        said, was, s=[8 + 4 * n**0.7 for n in count], color=colour, alpha=0.6, label=f"{name}: ECE {error:.3f}"
    )
    left.plot(said, was, color=colour, linewidth=1, alpha=0.6)
    right.hist(p.tolist(), bins=20, range=(0, 1), histtype="step", color=colour, linewidth=1.5, label=name, log=True)
left.set(title="Is 70 % really 70 %?", xlabel="P(spam) said, mean of the bin", ylabel="share of spam in the bin")
left.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18), markerscale=0.4)
right.set(title="Fine-tuning makes it sure of itself", xlabel="P(spam)", ylabel="messages")
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** The middle bins hold only a handful of messages each, so their dots jump; look at the large ones. The
# probe was trained with balanced classes, in a world where half of all messages are spam, and so it says "spam" too
# often: its dots lie far below the diagonal. The fine-tuned model is nearly always sure and nearly always right; but
# where it is wrong it is often just as sure. A small ECE says that confidence is right *on average*, and on average
# nothing is easier than a plain "Ok". What the hard messages cost is the next question.
#
# ### 5.2 What an error costs
#
# A spam that slips through costs a glance. A friend's message in the spam folder may cost a friend. So say what a lost
# message costs, in spams seen, and choose the threshold on P(spam) that costs least.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** سبدهای میانی هر کدام چند پیامک بیشتر ندارند و نقطه‌هایشان می‌پرند؛ به نقطه‌های بزرگ نگاه کنید.
# کاوشگر با رده‌های متوازن آموزش دیده، یعنی در دنیایی که نصف پیامک‌ها هرزنامه است؛ پس زیادی می‌گوید «هرزنامه» و
# نقطه‌هایش بسیار پایین‌تر از قطر است. مدل ریزتنظیم‌شده تقریباً همیشه مطمئن است و تقریباً همیشه حق دارد؛ ولی جایی که
# اشتباه می‌کند هم اغلب به همان اندازه مطمئن است. ‏ECE کوچک یعنی اطمینان **به طور میانگین** درست است و به طور میانگین
# هیچ چیز آسان‌تر از یک «Ok» ساده نیست. پرسش بعدی این است که پیامک‌های سخت چه هزینه‌ای دارند.
#
# ### ۵٫۲ هزینهٔ یک خطا
#
# هرزنامه‌ای که از صافی بگذرد به قیمت یک نگاه تمام می‌شود. پیامک یک دوست در پوشهٔ هرزنامه‌ها شاید به قیمت یک دوست. پس
# بگویید یک پیامک گم‌شده به اندازهٔ چند هرزنامهٔ دیده‌شده می‌ارزد و آستانه‌ای روی $P(\text{spam})$ برگزینید که کمترین
# هزینه را دارد.

# %%
p = by_model["fine-tuned BERT"]
thresholds = torch.linspace(0.02, 0.98, 49)
lost = torch.tensor([int(((p > t) & (truth == 0)).sum()) for t in thresholds])
seen = torch.tensor([int(((p <= t) & (truth == 1)).sum()) for t in thresholds])
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.step(thresholds, lost, color=BLUE, where="mid", label="ham thrown away")
left.step(thresholds, seen, color=ORANGE, where="mid", label="spam let through")
left.set(
    title="Every threshold trades one for the other", xlabel="threshold on P(spam)", ylabel="messages", ylim=(0, None)
)
left.legend()
for price, colour, style in ((1, GREY, ":"), (5, GREEN, "--"), (20, BLUE, "-")):
    cost = price * lost + seen
    right.semilogy(thresholds, cost, style, color=colour, label=f"a lost message costs {price}")
    right.plot(thresholds[cost.argmin()], cost.min(), "o", color=colour)
right.set(
    title="The dearer a lost message, the higher the bar", xlabel="threshold on P(spam)", ylabel="cost, in spams seen"
)
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# <details><summary>Where to look</summary>
#
# Left, where the two steps cross the errors are equally many, which needn't be where they cost the same. Right, the dot
# is the cheapest threshold; see how it moves as the price rises, and how flat the curve is around it.
#
# </details>
#
# **Change it yourself.** Any price of a lost message between 1 and 100 spams seen.
#
# %% [markdown] lang="fa"
# <details><summary>به کجا نگاه کنیم؟</summary>
#
# سمت چپ، جایی که دو پلکان به هم می‌رسند خطاها به یک شمارند و این لزوماً جایی نیست که هزینه‌شان یکی باشد. سمت راست، نقطه
# ارزان‌ترین آستانه است؛ ببینید با بالا رفتن قیمت چگونه جابه‌جا می‌شود و منحنی در اطرافش چقدر هموار است.
#
# </details>
#
# **خودتان عوض کنید.** هر قیمتی برای پیامک گم‌شده، از ۱ تا ۱۰۰ هرزنامهٔ دیده‌شده.


# %%
def cost_at(axis, price: float) -> None:
    """The cost of every threshold, and the cheapest of them, for one price of a lost message."""
    total = price * lost + seen
    axis.semilogy(thresholds, total, color=BLUE)
    axis.plot(thresholds[total.argmin()], total.min(), "o", color=ORANGE)
    axis.set(xlabel="threshold on P(spam)", ylabel="cost, in spams seen")


explore(cost_at, "price", [1.0, 5.0, 25.0, 100.0])

# %% [markdown]
# **A gallery of errors.** Real messages, with what the fine-tuned model thought of them. Read them before the essay.
#
# %% [markdown] lang="fa"
# **نگارخانهٔ خطاها.** پیامک‌های واقعی و نظر مدل ریزتنظیم‌شده دربارهٔ هر کدام. پیش از پرسش تشریحی آن‌ها را بخوانید.

# %%
wrong_ones = ((p > 0.5).long() != truth).nonzero()[:, 0].tolist()
wrong_ones.sort(key=lambda i: (int(truth[i]), -abs(float(p[i]) - 0.5)))
shown = [
    ("ham thrown away" if truth[i] == 0 else "spam let through", float(p[i]), exam.texts[i]) for i in wrong_ones[:24]
]
as_text = "\n".join(f"{kind:>16}  P(spam) = {chance:.3f}  {text}" for kind, chance, text in shown)
rows = (
    f'<tr><td style="white-space: nowrap; text-align: left">{kind}</td><td>{chance:.3f}</td>'
    f'<td style="text-align: left">{html.escape(text)}</td></tr>'
    for kind, chance, text in shown
)
head = "<tr><th>error</th><th>P(spam)</th><th>message</th></tr>"
as_html = f'<table dir="ltr" style="direction: ltr; text-align: left">{head}{"".join(rows)}</table>'
try:
    from IPython.display import display

    display({"text/html": as_html, "text/plain": as_text}, raw=True)
except ImportError:
    print(as_text)

# %% [markdown]
# ### Essay 3 · Which errors cost most
#
# ●●○ · 40 min · 4 points
#
# (a) Name two kinds of error from the gallery, with an example of each, and why the model fell for it. (b) Which kind
# of error costs whom what: the receiver, the sender, the operator? Choose a price for a lost message, argue for it,
# and read from the picture the threshold and what it means in lost and seen messages. (c) If $P(\text{spam})$ were
# perfectly calibrated, which threshold would follow from the price alone? (d) Are some of these labels wrong, or a
# matter of taste? What does it mean for an F1 of 1.0?
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۳ · کدام خطاها گران‌ترند
#
# ●●○ · ۴۰ دقیقه · ۴ نمره
#
# (الف) دو نوع خطا از نگارخانه نام ببرید، برای هر کدام یک نمونه بیاورید و بگویید مدل چرا فریب خورده است. (ب) هر نوع خطا
# برای چه کسی چه هزینه‌ای دارد: گیرنده، فرستنده، اپراتور؟ برای پیامک گم‌شده قیمتی تعیین کنید، از آن دفاع کنید و از روی
# شکل، آستانه را بخوانید و بگویید یعنی چند پیامک گم‌شده و چند هرزنامهٔ دیده‌شده. (پ) اگر $P(\text{spam})$ کاملاً
# کالیبره بود، تنها از روی قیمت چه آستانه‌ای به دست می‌آمد؟ (ت) آیا بعضی از این برچسب‌ها اشتباه‌اند یا سلیقه‌ای؟ این
# برای F1 برابر با ۱٫۰ چه معنایی دارد؟

# %% [markdown] essay id="which_errors_cost_most" points=4
# ### BEGIN SOLUTION
# (a) Ham that looks official: a bank's warning never to give one's PIN, a ring-tone notice, a forwarded quiz. They have
# the words of spam (numbers, "reply", "SMS", "free") without its intention. Spam that looks private: "Hi babe its
# Chloe, how r u?", a joke about Barbie, a request for posh birds: no prize, no number, the style of a friend; the
# only sign is at the very end or outside the text.
#
# (b) Spam let through costs the receiver a glance, and some receivers money (the ones it is written for); it costs the
# operator trust. Ham thrown away costs the receiver and a sender who doesn't know: a missed appointment, a job, an
# alarm from the bank. With a price of 20 the best threshold is near the right end of the picture: one or two messages
# are lost in 800 and some more spams are seen. Any price with a reason is right, if it fits the reading.
#
# (c) Throw away if the expected cost of it is smaller: $(1-p)\cdot c < p\cdot 1$, so $p > c/(1+c)$; with c = 20 from
# 0.95 on. With a model that is too sure of itself the best threshold on held-out data lies elsewhere.
#
# (d) Some are a matter of taste: a service message that one ordered oneself is labelled spam, a chain letter ham. Where
# people disagree no model can be right always; who reaches 1.0 has learned this person's taste, or has seen the
# answers.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: (a) two kinds with examples from the gallery and a reason in the text of the message (0.5 for one).
# - 0.5 points: (b) both errors with whom they hit.
# - 0.5 points: (b) a price with an argument.
# - 0.5 points: (b) a threshold read from the picture that fits.
# - 0.5 points: (c) c/(1 + c) (0.25 for "higher" with a reason).
# - 0.5 points: (d) an example of a doubtful label.
# - 0.5 points: (d) the conclusion (a ceiling below 1; a perfect score is suspicious).
#
# "Both cost the same" without an argument earns nothing in (b).
# ### END MARK SCHEME

# %% [markdown]
# ### 5.3 The same encoder, another question
#
# Pretraining pays more than once. We take the *same frozen encoder*, mean vectors of 1,000 sentences from film
# reviews, and fit another line: negative or positive? Then we ask it about *I liked this movie because of its genre*.
# A colleague once got 0.753 for this sentence from another model and reported "an accuracy of 75 %". It is nothing of
# the kind: one sentence has no accuracy. It is what *one* model believes about *one* sentence.
#
# %% [markdown] lang="fa"
# ### ۵٫۳ همان کدگذار، پرسشی دیگر
#
# پیش‌آموزش بیش از یک بار سود می‌دهد. **همان کدگذار منجمد** را برمی‌داریم، بردار میانگین ۱٬۰۰۰ جمله از نقدهای فیلم را
# حساب می‌کنیم و خط دیگری می‌کشیم: منفی یا مثبت؟ بعد نظرش را دربارهٔ «I liked this movie because of its genre»
# می‌پرسیم. همکاری برای همین جمله از مدلی دیگر ۰٫۷۵۳ گرفته و نوشته بود «درستی ۷۵٪». این‌طور نیست: یک جمله درستی
# (accuracy) ندارد. این عدد، باور **یک** مدل دربارهٔ **یک** جمله است.

# %%
reviews = movie_reviews("train", source="rotten_tomatoes", limit=1000)
others = movie_reviews("validation", source="rotten_tomatoes", limit=250)
whole = HalfFrozenBert(model, frozen=config.num_hidden_layers)  # nothing left to train, nothing to do twice
feelings, other_feelings = (mean_vectors(whole, token_rows(part.texts)) for part in (reviews, others))
middle, width = feelings.mean(dim=0), feelings.std(dim=0)
mood = fit_linear((feelings - middle) / width, reviews.labels, steps=200, ridge=0.3)


@torch.no_grad()
def positive_probability(vectors: Tensor) -> Tensor:
    """P(positive) by the sentiment probe, shape (N,)."""
    return mood((vectors - middle) / width).softmax(dim=-1)[:, 1]


agreed = binary_metrics(others.labels, (positive_probability(other_feelings) > 0.5).long())
print(f"the sentiment probe on {len(others.texts)} new sentences: accuracy {agreed['accuracy']:.3f}")
asked = ["I liked this movie because of its genre", "I did not like this movie because of its genre"]
for sentence, chance in zip(asked, positive_probability(mean_vectors(whole, token_rows(asked))), strict=True):
    print(f"P(positive) = {chance:.3f}  {sentence}")
spam_text = "You have won a free prize, call now to claim"
print(f"P(spam)     = {spam_probability(classifier, token_rows([spam_text]))[0]:.3f}  {spam_text}")

# %% [markdown]
# **Look at it: two sentences, two encoders.** All heads of the last layer, one small square each: row asks, column is
# looked at. Above, the film sentence in the frozen encoder; below, a spam message in the fine-tuned one.
#
# %% [markdown] lang="fa"
# **ببینید: دو جمله، دو کدگذار.** همهٔ سرهای لایهٔ آخر، هر کدام مربعی کوچک: سطر می‌پرسد و به ستون نگاه می‌شود. بالا
# جملهٔ فیلم در کدگذار منجمد؛ پایین یک هرزنامه در کدگذار ریزتنظیم‌شده.

# %%
tuned.eval()
for asks, sentence, title in ((model, asked[0], "frozen encoder"), (tuned, spam_text, "fine-tuned encoder")):
    tokens, maps = attention_maps(asks, sentence)
    heads = maps.shape[1]
    figure, panels = plt.subplots(2, heads // 2, figsize=(11, 4.4), layout="constrained", sharex=True, sharey=True)
    for head, axis in enumerate(panels.flat):
        image = axis.imshow(maps[-1, head], vmin=0, vmax=float(maps[-1].max()), cmap="viridis")
        axis.set_title(f"head {head + 1}", fontsize=9)
        axis.set_xticks(range(len(tokens)), tokens, rotation=90, fontsize=7)
        axis.set_yticks(range(len(tokens)), tokens, fontsize=7)
    figure.supxlabel("looked at", fontsize=9)
    figure.supylabel("asks", fontsize=9)
    figure.suptitle(f"Last layer of the {title}", fontsize=10)
    figure.colorbar(image, ax=panels, label="attention weight", shrink=0.8)
    plt.show()

# %% [markdown]
# **What to see.** The probe finds the first sentence more positive than not, and the second much less so; but it is
# right about new sentences only seven times in ten, so believe its third digit of nothing. In the heads, columns
# light up rather than rows: all tokens look at the same few. In the frozen encoder these are `[CLS]` and the words
# that say most (*liked*, *genre*); in the fine-tuned one the looks have gathered on what makes it spam. It is
# tempting to call that an explanation. You have seen in 2.3 why it isn't one.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** کاوشگر جملهٔ اول را بیشتر مثبت می‌داند تا منفی و دومی را خیلی کمتر؛ ولی دربارهٔ جمله‌های تازه از هر
# ده بار فقط هفت بار حق دارد، پس رقم سومش را هیچ‌جا باور نکنید. در سرها ستون‌ها روشن می‌شوند نه سطرها: همهٔ توکن‌ها به
# همان چند توکن نگاه می‌کنند. در کدگذار منجمد این‌ها `[CLS]` و پرمعناترین واژه‌ها («liked» و «genre») هستند؛ در
# ریزتنظیم‌شده نگاه‌ها روی چیزی جمع شده که متن را هرزنامه می‌کند. وسوسه می‌شویم این را توضیح بنامیم؛ در ۲٫۳ دیدید چرا
# نیست.

# %% [markdown]
# **What to keep.** A probability is worth something only if it has been held against frequencies. Which error is worse
# is a question of price, and the price decides the threshold. One sentence has no accuracy, and a picture of attention
# is no reason.
#
# **Open tasks** (no points).
#
# - Fit one temperature to the fine-tuned model's logits on a part of the messages. You did well if the ECE on the
#   others falls while not one verdict changes. (Homeworks 6, 7.2, and 7, part 4, divide logits by the same number.)
# - How does the ECE depend on the number of bins? You did well if you can say why it can only grow when each bin is cut
#   in two.
# - Write a message that is spam and gets P(spam) below 0.1. You did well if it contains a number to call.
#
# **Read on.** Guo et al., [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599) (2017), equation
# 3 and section 4.2 on temperature; Liu et al., [RoBERTa](https://arxiv.org/abs/1907.11692) (2019), section 4.2, what
# happens without the next-sentence question; a lecture: [Stanford CS224n](https://web.stanford.edu/class/cs224n/),
# pretraining.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** احتمال تنها وقتی ارزش دارد که با فراوانی سنجیده شده باشد. این‌که کدام خطا بدتر است پرسشی از قیمت است و
# قیمت، آستانه را تعیین می‌کند. یک جمله درستی ندارد و شکل توجه دلیل نیست.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - روی بخشی از پیامک‌ها یک دما برای لاجیت‌های مدل ریزتنظیم‌شده برازش کنید. اگر ECE روی بقیه کم شد و هیچ حکمی عوض نشد،
#   درست است. (تمرین ۶، ۷٫۲ و تمرین ۷، بخش ۴، لاجیت‌ها را بر همین عدد تقسیم می‌کنند.)
# - مقدار ECE چگونه به شمار سبدها بستگی دارد؟ اگر توانستید بگویید چرا با نصف‌کردن هر سبد تنها می‌تواند بزرگ‌تر شود، خوب
#   پیش رفته‌اید.
# - پیامکی بنویسید که هرزنامه باشد و $P(\text{spam})$ آن از ۰٫۱ کمتر شود. اگر شماره‌ای برای تماس هم داشت، خوب پیش
#   رفته‌اید.
#
# **بیشتر بخوانید.** گوو و همکاران، [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599) (۲۰۱۷)،
# رابطهٔ ۳ و بخش ۴٫۲ دربارهٔ دما؛ لیو و همکاران، [RoBERTa](https://arxiv.org/abs/1907.11692) (۲۰۱۹)، بخش ۴٫۲، که بی پرسش
# «آیا دنبال هم‌اند؟» چه می‌شود؛ و یک درس: [Stanford CS224n](https://web.stanford.edu/class/cs224n/)، پیش‌آموزش.

# %% [markdown]
# ## Before you hand in
#
# Restart the kernel and run everything from top to bottom. Then list here, in this cell, everyone you worked with and
# every source you used (people, books, pages, models and what you asked them). If there is nobody and nothing, write
# so.
#
# - Collaborators:
# - Sources:
#
# %% [markdown] lang="fa"
# ## پیش از تحویل
#
# هسته (kernel) را از نو راه‌اندازی و همه چیز را از آغاز تا پایان اجرا کنید. سپس در همین سلول نام همهٔ کسانی را که با
# آن‌ها کار کرده‌اید و همهٔ منبع‌هایی را که به کار برده‌اید بنویسید (آدم‌ها، کتاب‌ها، صفحه‌ها، مدل‌ها و آنچه از آن‌ها
# پرسیده‌اید). اگر کسی و چیزی نیست، همین را بنویسید.
#
# - همکاران:
# - منبع‌ها:

# %%
progress()  # where you are; when you are done, handin() writes the file to upload

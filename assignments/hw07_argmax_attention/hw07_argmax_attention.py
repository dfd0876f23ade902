# %% [markdown]
# # Homework 7 · Attention that commits
#
# Soft attention never makes up its mind: it reads a little of *every* value. A librarian who brings you one sixth of
# each of six books is easy to train and hard to live with. In this homework attention **chooses**: it brings one
# book, the one whose key is most similar to your query. The choice is an $\arg\max$, and the moment you write it,
# training stops working. You will find out exactly where it breaks, and then repair it in four different ways.
#
# **After this homework you can**
#
# - compute hard (argmax) and soft attention by hand and in torch, for one query or a batch of them;
# - say which parameters a gradient reaches through a hard choice and which it doesn't, and *measure* it with finite
#   differences instead of believing autograd;
# - write the straight-through estimator, Gumbel-softmax and REINFORCE with a baseline, and say what each of them
#   trades: bias, variance, or honesty about what happens at test time;
# - train all five attentions on one task and read the difference off the learning curves and the attention maps.
#
# **It builds on** homework 2 (scores, softmax, values) and on what homework 6 says about gradients that vanish: here one is
# exactly zero. Homework 3 goes the other way and takes the softmax out altogether. Within the homework this is the way:
#
# ![The tasks as a graph: the choice and its slope, three remedies beside it, and five readers at the end](figures/map.svg)
#
# **Time.** About 12.5 hours: 1 for parts 1 and 2, 1½ for part 3, ¾ for part 4, 1 for part 5, 1 for part 6, 3¾ for part 7
# with its essay, 1¾ for part 8, 1¾ for the essays of part 9. Under each task stands how hard it is, how long it takes and
# what it is worth. Training takes a few seconds on a laptop.
#
# **How the checks work.** Below each task is a check cell. It draws inputs from a seed, calls your function and tells
# you what is wrong and where. At grading the same cell runs with *another* seed, so write the function, not the
# numbers. A few answers don't depend on a seed; for these the check looks only at the form here and at the value when
# you are graded.
#
# **Arguments stay as they are.** No function changes what it is given, unless its docstring says so; the checks look.
#
# **Submission.** One zip `DL_Hw7_<firstName>_<lastName>_<StudentId>.zip` with this notebook in it.

# %% [markdown] lang="fa"
# # تمرین ۷ · توجهی که انتخاب می‌کند
#
# توجه نرم (soft attention) هیچ‌وقت تصمیم نمی‌گیرد: از **همهٔ** مقدارها کمی می‌خواند. کتابداری که از هر شش کتاب
# یک‌ششمش را برایتان بیاورد راحت آموزش می‌بیند، ولی به درد کسی نمی‌خورد. در این تمرین توجه **انتخاب** می‌کند: فقط یک
# کتاب می‌آورد، همانی که کلیدش بیشترین شباهت را به پرس‌وجوی شما دارد. این انتخاب یک $\arg\max$ است و همین که آن را
# بنویسید، آموزش از کار می‌افتد. در این تمرین دقیقاً می‌فهمید کار کجا خراب می‌شود، و بعد به چهار روش مختلف درستش
# می‌کنید.
#
# **بعد از این تمرین می‌توانید**
#
# - توجه سخت (hard یا argmax) و توجه نرم را هم با دست و هم با torch حساب کنید، برای یک پرس‌وجو یا دسته‌ای از آن‌ها؛
# - بگویید گرادیان از میان یک انتخاب سخت به کدام پارامترها می‌رسد و به کدام‌ها نمی‌رسد، و به‌جای اعتماد به autograd آن
#   را با تفاضل محدود (finite difference) **اندازه بگیرید**؛
# - برآوردگر گذر مستقیم (straight-through)، ‏Gumbel-softmax و REINFORCE با خط پایه (baseline) را بنویسید و بگویید هر
#   کدام چه می‌دهد و چه می‌گیرد: اریبی (bias)، واریانس، یا فاصلهٔ میان آموزش و آزمون؛
# - هر پنج توجه را روی یک مسئله آموزش دهید و تفاوتشان را از روی منحنی‌های یادگیری و نقشه‌های توجه بخوانید.
#
# **پایهٔ کار** تمرین ۲ است (امتیاز، softmax و مقدار) و آنچه تمرین ۶ دربارهٔ محو شدن گرادیان می‌گوید: این‌جا گرادیانی
# داریم که درست صفر است. تمرین ۳ از راه دیگر می‌رود و softmax را به‌کلی برمی‌دارد. راه خود این تمرین چنین است:
#
# ![کارهای تمرین به شکل گراف: انتخاب و شیبش، سه راه‌حل کنار آن، و در پایان پنج خواننده](figures/map.svg)
#
# **زمان.** حدود ۱۲٫۵ ساعت: ۱ ساعت برای بخش‌های ۱ و ۲، ۱٫۵ ساعت برای بخش ۳، سه‌ربع ساعت برای بخش ۴، ۱ ساعت برای بخش ۵،
# ۱ ساعت برای بخش ۶، سه ساعت و سه‌ربع برای بخش ۷ با پرسش تشریحی‌اش، یک ساعت و سه‌ربع برای بخش ۸ و یک ساعت و سه‌ربع برای
# پرسش‌های تشریحی بخش ۹. زیر هر کار نوشته شده که چقدر دشوار است، چقدر وقت می‌برد و چند نمره دارد. خودِ آموزش روی لپ‌تاپ
# چند ثانیه بیشتر طول نمی‌کشد.
#
# **بررسی‌ها چطور کار می‌کنند؟** زیر هر کار یک سلول بررسی هست که ورودی‌ها را از روی یک بذر (seed) می‌سازد، تابع شما را
# صدا می‌زند و می‌گوید چه چیزی و کجا اشتباه است. هنگام نمره‌دهی همین سلول با بذر **دیگری** اجرا می‌شود؛ پس تابع را
# بنویسید، نه عددها را. پاسخِ چند پرسش به بذر بستگی ندارد؛ برای این‌ها بررسی در این‌جا فقط شکل پاسخ را می‌بیند و
# مقدارش هنگام نمره‌دهی سنجیده می‌شود.
#
# **ورودی‌ها دست نمی‌خورند.** هیچ تابعی آنچه را می‌گیرد تغییر نمی‌دهد، مگر آن‌که docstring آن چنین بگوید؛ بررسی‌ها به این هم
# نگاه می‌کنند.
#
# **تحویل.** یک فایل فشرده به نام `DL_Hw7_<firstName>_<lastName>_<StudentId>.zip` که همین دفترچه درون آن است.

# %% given id="setup"
import math
from functools import partial

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder import check, check_predictions, exam, handin, hint, progress, seeded, stand_in, start

start("hw07_argmax_attention")

KINDS = ("argmax", "soft", "straight_through", "gumbel_softmax", "reinforce")
COLOURS = {  # the Okabe-Ito palette: told apart with every kind of colour vision
    "argmax": "#555555",
    "soft": "#0072B2",
    "straight_through": "#D55E00",
    "gumbel_softmax": "#009E73",
    "reinforce": "#CC79A7",
}


def keys_with_scores(q: Tensor, scores: Tensor, noise: Tensor) -> Tensor:
    """Keys (n, d) that look like `noise` (n, d) but whose inner products with q (d,) are `scores` (n,)."""
    direction = q / (q @ q)
    return noise - torch.outer(noise @ q - scores, direction)


def gradients(attention, q: Tensor, K: Tensor, V: Tensor, upstream: Tensor) -> list[Tensor]:
    """What autograd sees: [output, d/dq, d/dK, d/dV] of sum(output * upstream). No path means a gradient of zero."""
    q, K, V = (x.detach().clone().requires_grad_() for x in (q, K, V))
    output = attention(q, K, V)
    if not output.requires_grad:
        return [output, *(torch.zeros_like(x) for x in (q, K, V))]
    loss = (output * upstream).sum()
    found = torch.autograd.grad(loss, [q, K, V], allow_unused=True, materialize_grads=True)
    return [output.detach(), *found]


# %% [markdown]
# ## Part 1 · A case to work with a pencil
#
# A query $q\in\mathbb{R}^d$ looks at $n$ keys $k_1,\dots,k_n\in\mathbb{R}^d$, each with a value $v_i\in\mathbb{R}^m$
# behind it. How similar is key $i$ to the query? Here: the **score**, an inner product,
#
# $$s_i = k_i^\top q .$$
#
# **Argmax attention** returns the value behind the highest score, and nothing of the others:
#
# $$\operatorname{argmax-attention}(q, K, V) = v_{i^\star},\qquad i^\star = \min\{\,i : s_i = \max_j s_j\,\},$$
#
# so that on a tie the key with the lowest index wins.
#
# ### 1.1 On paper
#
# ●○○ · 20 min · 3 points
#
# ![Query, keys, scores 2, 3, 2, 3, the choice of row 1, and the value (1, 5) behind it](figures/choice.svg)
#
# **With a pencil.** In the picture $q = (1, 2)$: the scores are $1 \cdot 2 + 2 \cdot 0 = 2$, then 3, 2 and 3. Rows 1
# and 3 hold the same key; row 1 stands first, so (1, 5) is read and (0, 9) isn't. Soft attention would have read
# something between. Now a case of your own:
#
# | | key | value |
# |---|---|---|
# | row 0 | $[1, 2, 3]$ | $[6, 1, -2]$ |
# | row 1 | $[2, 2, 1]$ | $[6, -1, 2]$ |
# | row 2 | $[0, 1, -1]$ | $[6, 1, 0]$ |
# | row 3 | $[0, -2, -4]$ | $[6, 1, 2]$ |
#
# and the query $q = [3, -1, -1]$.
#
# **Task 1.** Fill in `worked_case` with what you found on paper: whole numbers, rows counted from 0. The *margin* is
# the highest score minus the second highest: how much another key must gain on the winner before the choice changes.
# Keep that number in mind, it is the whole story of part 3.

# %% [markdown] lang="fa"
# ## بخش ۱ · یک مثال برای مداد و کاغذ
#
# پرس‌وجوی (query) $q\in\mathbb{R}^d$ به $n$ کلید (key) یعنی $k_1,\dots,k_n\in\mathbb{R}^d$ نگاه می‌کند و پشت هر کلید
# یک مقدار (value) $v_i\in\mathbb{R}^m$ هست. کلید $i$ چقدر به پرس‌وجو شبیه است؟ معیار ما **امتیاز** (score) آن است،
# یعنی ضرب داخلی
#
# $$s_i = k_i^\top q .$$
#
# **توجه argmax** مقداری را برمی‌گرداند که پشت بالاترین امتیاز است و به بقیه کاری ندارد:
#
# $$\operatorname{argmax-attention}(q, K, V) = v_{i^\star},\qquad i^\star = \min\{\,i : s_i = \max_j s_j\,\},$$
#
# یعنی اگر چند امتیاز برابر شدند، کلیدی برنده است که شماره‌اش کوچک‌تر است.
#
# ### ۱٫۱ روی کاغذ
#
# ●○○ · ۲۰ دقیقه · ۳ نمره
#
# ![پرس‌وجو، کلیدها، امتیازهای ۲ و ۳ و ۲ و ۳، انتخاب سطر ۱ و مقدار پشت آن](figures/choice.svg)
#
# **با مداد.** در شکل $q = (1, 2)$ است: امتیازها $1 \cdot 2 + 2 \cdot 0 = 2$ و سپس ۳ و ۲ و ۳ هستند. سطرهای ۱ و ۳ یک
# کلید دارند؛ سطر ۱ جلوتر است، پس $(1, 5)$ خوانده می‌شود و $(0, 9)$ نه. توجه نرم چیزی میان این‌ها می‌خواند. حالا نوبت
# شماست:
#
# | | کلید | مقدار |
# |---|---|---|
# | سطر ۰ | $[1, 2, 3]$ | $[6, 1, -2]$ |
# | سطر ۱ | $[2, 2, 1]$ | $[6, -1, 2]$ |
# | سطر ۲ | $[0, 1, -1]$ | $[6, 1, 0]$ |
# | سطر ۳ | $[0, -2, -4]$ | $[6, 1, 2]$ |
#
# و پرس‌وجو $q = [3, -1, -1]$ است.
#
# **کار ۱.** آنچه را روی کاغذ به دست آوردید در `worked_case` بنویسید: عددهای صحیح، با شمارهٔ سطرها از صفر. «حاشیه»
# (margin) یعنی بالاترین امتیاز منهای دومین امتیاز: کلید دیگری چقدر باید به برنده نزدیک شود تا انتخاب عوض شود. این عدد
# را به خاطر بسپارید؛ همهٔ ماجرای بخش ۳ در همین عدد است.

# %% given id="worked_case_data"
WORKED_KEYS = torch.tensor([[1.0, 2.0, 3.0], [2.0, 2.0, 1.0], [0.0, 1.0, -1.0], [0.0, -2.0, -4.0]])
WORKED_VALUES = torch.tensor([[6.0, 1.0, -2.0], [6.0, -1.0, 2.0], [6.0, 1.0, 0.0], [6.0, 1.0, 2.0]])
WORKED_QUERY = torch.tensor([3.0, -1.0, -1.0])


# %% solution id="worked_case"
def worked_case() -> dict:
    """The worked case, as found on paper.

    Returns:
        A dict with "scores": list of 4 ints, one a row; "row": int, the winning row, counted from 0;
        "output": list of 3 ints, what argmax attention returns; "margin": int, highest minus second highest score.
    """
    ### BEGIN SOLUTION
    return {"scores": [-2, 3, 0, 6], "row": 3, "output": [6, 1, 2], "margin": 3}
    ### END SOLUTION


# %% [markdown] hint id="worked_case"
# What decides which row wins: the distance between key and query, their angle, or their inner product?
# ---
# Work out one inner product a row, three products each. Where two minus signs meet, the result is positive.
# ---
# The first row is row 0. What is returned is the winner's value, not its key, and the margin is a difference of scores.
#
# %% [markdown] hint id="worked_case" lang="fa"
# چه چیزی تعیین می‌کند کدام سطر ببرد: فاصلهٔ کلید تا پرس‌وجو، زاویه‌شان یا ضرب داخلی‌شان؟
# ---
# برای هر سطر یک ضرب داخلی حساب کنید، هر کدام سه ضرب. هر جا دو منفی به هم می‌رسند حاصل مثبت است.
# ---
# سطر اول، سطر ۰ است. آنچه برگردانده می‌شود مقدار برنده است و نه کلیدش، و حاشیه تفاضل امتیازهاست.

# %% check id="worked_case_check" points=3
on_paper = worked_case()
check("worked_scores", on_paper["scores"], public=False)
check("worked_row", on_paper["row"], public=False)
check("worked_output", on_paper["output"], public=False)
check("worked_margin", on_paper["margin"], public=False)

# %% [markdown]
# ## Part 2 · Argmax attention
#
# ### 2.1 The choice, in torch
#
# ●○○ · 40 min · 5 points
#
# Now in torch, for one query or for many. Batch axes stand in front: $q$ has shape (…, d), $K$ (…, n, d), $V$ (…, n,
# m), the answer (…, m). Every query of the batch has its own keys and makes its own choice.
#
# Two things to mind. The choice is made from the *scores*, never from the values. And ties are real: with keys of
# whole numbers, or two copies of one key, the maximum is reached twice. Not every torch function that finds a maximum
# promises to return the *first* place where it is reached; read the documentation of the one you take.

# %% [markdown] lang="fa"
# ## بخش ۲ · توجه argmax
#
# ### ۲٫۱ انتخاب با torch
#
# ●○○ · ۴۰ دقیقه · ۵ نمره
#
# حالا همین کار با torch، برای یک پرس‌وجو یا دسته‌ای از آن‌ها. محورهای دسته (batch) جلوتر از بقیه می‌آیند: شکل $q$
# برابر `(…, d)` است، شکل $K$ برابر `(…, n, d)`، شکل $V$ برابر `(…, n, m)` و شکل پاسخ `(…, m)`. هر پرس‌وجوی دسته
# کلیدهای خودش را دارد و جداگانه انتخاب می‌کند.
#
# به دو چیز دقت کنید. انتخاب فقط از روی **امتیازها** انجام می‌شود، نه از روی مقدارها. و تساوی واقعاً پیش می‌آید: وقتی
# کلیدها عدد صحیح باشند یا کلیدی دو بار آمده باشد، بیشینه در دو جا رخ می‌دهد. همهٔ تابع‌های torch که بیشینه را پیدا
# می‌کنند قول نمی‌دهند که **نخستین** جای آن را برگردانند؛ مستندات تابعی را که برمی‌دارید بخوانید.


# %% solution id="argmax_attention"
def argmax_attention(q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    """Hard attention: the value behind the key with the largest inner product.

    Args:
        q: queries, shape (…, d).
        K: keys, shape (…, n, d).
        V: values, shape (…, n, m).

    Returns:
        One value for each query, shape (…, m). On ties the lowest index wins.
    """
    ### BEGIN SOLUTION
    scores = (K @ q.unsqueeze(-1)).squeeze(-1)
    winner = scores.argmax(dim=-1)  # argmax promises the first of equal maxima; topk and sort don't
    return torch.take_along_dim(V, winner[..., None, None], dim=-2).squeeze(-2)
    ### END SOLUTION


# %% [markdown] hint id="argmax_attention"
# For one query: which shape have the scores, and over which of their axes is the maximum taken?
# And for a batch of queries?
# ---
# One inner product a key: make the query a column, `q.unsqueeze(-1)`, and let `@` do it for all batch axes at once.
# No lengths, no distances: the plain product decides.
# ---
# On a tie the first one wins. `argmax` promises that; `topk` and `sort` don't.
# What it finds is a row of `V`, not of `K`.
# ---
# To pick that row under any number of batch axes:
# `torch.take_along_dim` along `dim=-2` wants an index with as many axes as `V`.
# So the winner needs two more axes of length one, and one of them is left to squeeze away.
#
# %% [markdown] hint id="argmax_attention" lang="fa"
# برای یک پرس‌وجو: امتیازها چه شکلی دارند و بیشینه روی کدام محورشان گرفته می‌شود؟ و برای دسته‌ای از پرس‌وجوها؟
# ---
# برای هر کلید یک ضرب داخلی: پرس‌وجو را ستون کنید، `q.unsqueeze(-1)`، تا `@` همهٔ محورهای دسته را یک‌جا حساب کند.
# نه طولی در کار است و نه فاصله‌ای: خود ضرب داخلی تصمیم می‌گیرد.
# ---
# در تساوی، نخستین می‌برد. تابع `argmax` این را قول می‌دهد، `topk` و `sort` نمی‌دهند.
# آنچه پیدا می‌کند سطر `V` است، نه سطر `K`.
# ---
# برای برداشتن آن سطر با هر چند محور دسته:
# `torch.take_along_dim` با `dim=-2` شماره‌ای می‌خواهد که به اندازهٔ `V` محور داشته باشد.
# پس برنده دو محور دیگر به طول یک لازم دارد و یکی از آن‌ها در پایان squeeze می‌شود.

# %%
tied_keys, behind = torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]), [[4.0, 0], [1, 5], [2, 2], [0, 9]]
print(argmax_attention(torch.tensor([1.0, 2.0]), tied_keys, torch.tensor(behind)))  # (1, 5), as in the picture

# %% check id="argmax_attention_check" points=5
draw = seeded("argmax_attention")
check("argmax_worked_case", argmax_attention(WORKED_QUERY, WORKED_KEYS, WORKED_VALUES), public=False)
q, K, V = draw.integers(-9, 10, 5).float(), draw.integers(-9, 10, 24, 5).float(), draw.normal(24, 3)
# Scores that lie close: no softmax looks like a choice.
check("argmax_one_query", argmax_attention(draw.unchanged(q / 64), K, V))
q, K, V = draw.integers(-9, 10, 40, 5).float(), draw.integers(-9, 10, 40, 24, 5).float(), draw.normal(40, 24, 3)
check("argmax_batch", argmax_attention(q, K, V))
q, K, V = draw.integers(-9, 10, 5, 2, 7).float(), draw.integers(-9, 10, 2, 7, 5, 6).float(), draw.normal(2, 7, 6, 3)
check("argmax_two_batch_axes", argmax_attention(draw.unchanged(q / 64).permute(1, 2, 0), K.transpose(-1, -2), V))
keys = draw.integers(-4, 5, 40, 12, 5).float()
twice = torch.cat([keys, keys], dim=1)[:, draw.permutation(24)]
check("argmax_ties", argmax_attention(draw.integers(1, 6, 40, 5).float(), twice, draw.normal(40, 24, 3)))

# %%
print("on paper:", worked_case()["output"])
print("in torch:", argmax_attention(WORKED_QUERY, WORKED_KEYS, WORKED_VALUES).tolist())

# %% [markdown]
# **What to keep.** Scores decide, values are only fetched. On a tie the first key wins, and a function must promise
# that before you rely on it. The margin is how far the runner-up is behind: hold on to it.
#
# **Open tasks** (no points).
#
# - Write `argmax_attention` with a one-hot product instead of an index, and once with `torch.max`. Do all three agree
#   on 1,000 draws of whole numbers, and which of them promises to on ties?
# - How often do two of 24 keys with whole coordinates from −9 to 9 tie for the first place? Guess, then count 10,000
#   draws.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** امتیازها تصمیم می‌گیرند و مقدارها فقط آورده می‌شوند. در تساوی کلید اول می‌برد و تابعی که به آن تکیه
# می‌کنید باید این را قول داده باشد. حاشیه یعنی نفر دوم چقدر عقب است: نگهش دارید.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - تابع `argmax_attention` را یک بار به‌جای اندیس با ضرب در بردار تک‌یک بنویسید و یک بار با `torch.max`. آیا هر سه
#   روی ۱٬۰۰۰ قرعه از عددهای صحیح یکی هستند، و کدامشان برای تساوی قول داده است؟
# - از ۲۴ کلید با مختصات صحیح از $-9$ تا $9$ چند بار دو تا در رتبهٔ اول برابر می‌شوند؟ حدس بزنید و سپس ۱۰٬۰۰۰ قرعه را
#   بشمارید.

# %% [markdown]
# ## Part 3 · Feel for the slope
#
# Training needs $\partial L/\partial q$ and $\partial L/\partial K$, because queries and keys come out of layers
# below that want to learn. Autograd will report *something*, but autograd only differentiates the code you wrote; it
# has no opinion on whether that is the derivative you wanted. So first build the instrument that needs no calculus at
# all. The **central finite difference** nudges one coordinate of $x$ at a time, both ways, and looks at what $f$
# does:
#
# $$\frac{\partial f}{\partial x_j} \approx \frac{f(x + \varepsilon e_j) - f(x - \varepsilon e_j)}{2\varepsilon}.$$
#
# Its error shrinks as $\varepsilon^2$ until rounding takes over: subtracting two nearly equal numbers keeps few correct
# digits, and in float32 with $\varepsilon = 10^{-6}$ it keeps hardly any. Hence float64 in and out, whatever comes in.
#
# ### 3.1 An instrument without calculus
#
# ●●○ · 50 min · 6 points
#
# **Task 3.** `x` may have any shape, may be a transposed view, and must be the same after the call as before it.
#
# ![The cube between 0.5 and 1.5: the chord has slope 3.25, the tangent at 1 has slope 3](figures/difference.svg)
#
# **With a pencil.** $f(x) = x^3$ at $x = 1$ with $\varepsilon = \tfrac12$: $(3.375 - 0.125) / 1 = 3.25$ instead of 3.
# The error of a cube is exactly $\varepsilon^2$: with $\varepsilon = 0.1$ you would get 3.01.

# %% [markdown] lang="fa"
# ## بخش ۳ · شیب را لمس کنید
#
# برای آموزش $\partial L/\partial q$ و $\partial L/\partial K$ لازم است، چون پرس‌وجوها و کلیدها خروجی لایه‌های
# پایین‌ترند و آن لایه‌ها باید یاد بگیرند. autograd حتماً چیزی گزارش می‌کند، ولی فقط از کدی که نوشته‌اید مشتق می‌گیرد
# و نمی‌داند این همان مشتقی است که می‌خواستید یا نه. پس اول ابزاری بسازیم که اصلاً حساب دیفرانسیل لازم ندارد. **تفاضل
# محدود مرکزی** (central finite difference) هر بار یک درایهٔ $x$ را کمی به دو طرف تکان می‌دهد و نگاه می‌کند $f$ چه
# می‌کند:
#
# $$\frac{\partial f}{\partial x_j} \approx \frac{f(x + \varepsilon e_j) - f(x - \varepsilon e_j)}{2\varepsilon}.$$
#
# خطای آن با $\varepsilon^2$ کم می‌شود تا جایی که خطای گردکردن غالب شود: تفریق دو عدد بسیار نزدیک رقم‌های درست کمی
# باقی می‌گذارد و در float32 با $\varepsilon = 10^{-6}$ تقریباً رقمی نمی‌ماند. برای همین ورودی هر چه باشد، محاسبه و
# خروجی float64 است.
#
# ### ۳٫۱ ابزاری که مشتق نمی‌گیرد
#
# ●●○ · ۵۰ دقیقه · ۶ نمره
#
# **کار ۳.** ‏`x` هر شکلی می‌تواند داشته باشد، ممکن است نمای ترانهاده باشد، و پس از فراخوانی باید همان باشد که پیش از
# آن بود.
#
# ![تابع مکعب میان ۰٫۵ و ۱٫۵: شیب وتر ۳٫۲۵ و شیب مماس در ۱ برابر ۳ است](figures/difference.svg)
#
# **با مداد.** $f(x) = x^3$ در $x = 1$ با $\varepsilon = \tfrac12$: ‏$(3.375 - 0.125) / 1 = 3.25$ به‌جای ۳. خطای مکعب
# درست $\varepsilon^2$ است: با $\varepsilon = 0.1$ عدد ۳٫۰۱ به دست می‌آید.


# %% solution id="finite_difference_gradient" forbid="torch.autograd torch.func functorch .jacrev .backward .requires_grad_"
def finite_difference_gradient(f, x: Tensor, eps: float) -> Tensor:
    """Central finite differences of a scalar function, coordinate by coordinate, in float64.

    Args:
        f: takes a float64 tensor of the shape of x, returns a scalar (0-d tensor or float).
        x: where to differentiate, any shape and float type; left unchanged.
        eps: how far to step each way.

    Returns:
        The gradient, float64, shape of x.
    """
    ### BEGIN SOLUTION
    x = x.detach().to(torch.float64)
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for place in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=torch.float64, device=x.device)
        step[place] = eps
        step = step.reshape(x.shape)
        gradient.view(-1)[place] = (float(f(x + step)) - float(f(x - step))) / (2 * eps)
    return gradient
    ### END SOLUTION


# %% [markdown] hint id="finite_difference_gradient"
# How many numbers does the gradient have, and how many calls of `f` does each of them need?
# Which digits of `x ± 1e-6` does float32 still keep?
# ---
# Go to float64 first, then nudge one coordinate at a time: forth, back, and the two points lie `2 * eps` apart.
# `x` must be the same afterwards, so nudge something that is not `x`.
# ---
# Make a vector of `x.numel()` zeros in float64, write `eps` into one place and reshape it like `x`: that is your step.
# `x` plus the step and `x` minus the step are new tensors, and a transposed view is no trouble this way.
#
# %% [markdown] hint id="finite_difference_gradient" lang="fa"
# گرادیان چند عدد دارد و هر کدام چند بار صدا زدن `f` می‌خواهد؟
# از رقم‌های `x ± 1e-6` در `float32` کدام‌ها می‌ماند؟
# ---
# اول به `float64` بروید و بعد هر بار فقط یک درایه را تکان دهید:
# یک بار جلو، یک بار عقب؛ این دو نقطه `2 * eps` از هم فاصله دارند.
# خود `x` باید پس از آن همان باشد، پس چیزی جز `x` را تکان دهید.
# ---
# برداری از `x.numel()` صفر در `float64` بسازید، در یک جایش `eps` بنویسید و آن را به شکل `x` درآورید: گام شما همین است.
# حاصل `x` به‌علاوهٔ گام و `x` منهای گام تانسورهای تازه‌اند و نمای ترانهاده هم دردسری ندارد.

# %%
print(*[finite_difference_gradient(lambda x: (x**3).sum(), torch.ones(1), step) for step in (0.5, 0.1)])  # 3.25, 3.01

# %% check id="finite_difference_gradient_check" points=6
draw = seeded("finite_difference")
a, x = draw.uniform(5, low=0.5, high=1.5).double(), draw.normal(5)
check("cubic_wide_step", finite_difference_gradient(lambda x: (a * x**3).sum(), x, 0.5))
check("cubic_tiny_step", finite_difference_gradient(lambda x: (a * x**3).sum(), x, 1e-6))
B, x = draw.normal(4, 7).double(), draw.normal(7, 4).T
c, mixed = draw.uniform(3, 2, low=0.5, high=1.5, dtype=torch.float64), draw.normal(3, 2, dtype=torch.float64)
check("all_coordinates_together", finite_difference_gradient(lambda x: ((c * x).sum() + 2) ** 3, mixed, 0.01))
check("matrix_and_untouched", [finite_difference_gradient(lambda x: (B * x.sin()).sum(), x, 1e-7), x])

# %% [markdown]
# ### 3.2 Now point it at argmax
#
# ●●○ · 35 min · 4 points
#
# Take $f(q) = u^\top\operatorname{argmax-attention}(q, K, V)$ with some fixed upstream direction $u$ (in a network,
# $u$ is what arrives from the layers above), and likewise for $K$ and $V$. You have a margin. Before you run the next
# two cells, write down what you expect for $q$, for $K$, for $V$.
#
# The first cell hands in six gradients that *your* code produced: three by finite differences, three by autograd. The
# picture under it walks the query along a straight line.

# %% [markdown] lang="fa"
# ### ۳٫۲ حالا argmax را با آن بسنجید
#
# ●●○ · ۳۵ دقیقه · ۴ نمره
#
# قرار دهید $f(q) = u^\top\operatorname{argmax-attention}(q, K, V)$ که در آن $u$ جهتی ثابت است (در شبکه، همان چیزی که
# از لایه‌های بالاتر می‌رسد)، و همین‌طور برای $K$ و $V$. حاشیه را هم می‌دانید. پیش از اجرای دو سلول بعدی، روی کاغذ
# بنویسید که برای $q$، برای $K$ و برای $V$ چه انتظاری دارید.
#
# سلول اول شش گرادیان را که کد شما ساخته است تحویل می‌دهد: سه تا با تفاضل محدود و سه تا با autograd. در شکل زیرِ آن،
# پرس‌وجو روی یک خط راست حرکت می‌کند.

# %% check id="argmax_attention_check_gradients" points=4
draw = seeded("argmax_gradients")
q, u = draw.normal(4), draw.normal(3)
K, V = keys_with_scores(q, draw.permutation(6).float(), draw.normal(6, 4)), draw.normal(6, 3)
q64, K64, V64, u64 = q.double(), K.double(), V.double(), u.double()
by_differences = [
    finite_difference_gradient(lambda x: (argmax_attention(x, K64, V64) * u64).sum(), q, 1e-7),
    finite_difference_gradient(lambda x: (argmax_attention(q64, x, V64) * u64).sum(), K, 1e-7),
    finite_difference_gradient(lambda x: (argmax_attention(q64, K64, x) * u64).sum(), V, 1e-7),
]
check("argmax_by_differences", by_differences)
check("argmax_by_autograd", gradients(argmax_attention, q, K, V, u)[1:])

# %%
line_keys = torch.tensor([[-1.2, 0.4], [-0.3, 1.0], [0.5, 0.9], [1.2, -0.2]])
line_values = torch.tensor([[0.2], [0.9], [-0.4], [0.6]])
t = torch.linspace(-1.5, 1.5, 601)
walk = torch.stack([t, torch.full_like(t, 0.8)], dim=-1)
heights = argmax_attention(walk, line_keys.expand(601, 4, 2), line_values.expand(601, 4, 1))[:, 0]
slopes = {
    eps: [
        finite_difference_gradient(
            lambda x: argmax_attention(x, line_keys.double(), line_values.double()).sum(), point, eps
        )[0].item()
        for point in walk[::4]
    ]
    for eps in (0.3, 0.03)
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
left.plot(t, heights, ".", markersize=2, color="#0072B2")
left.set(xlabel="first coordinate of the query", ylabel="output", title="Argmax attention along a line")
for (eps, slope), style in zip(slopes.items(), ("--", "-"), strict=True):
    right.plot(t[::4], slope, style, color="#D55E00" if eps > 0.1 else "#0072B2", label=f"$\\varepsilon$ = {eps}")
right.set(xlabel="first coordinate of the query", ylabel="finite difference", title="Its measured slope")
right.legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# **What to see.** Left: terraces. Inside a terrace the output doesn't move at all; at its edge it jumps. Right: the
# measured slope is exactly zero on the terraces, and at an edge it is a spike whose height grows as $\varepsilon$
# shrinks: there is no derivative there to converge to. A narrow $\varepsilon$ sees almost nowhere anything; a wide
# one sees cliffs from far away. A gradient needs $\varepsilon\to 0$, and so it sees nothing.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** سمت چپ پله‌هاست: درون هر پله خروجی هیچ تکان نمی‌خورد و روی لبه‌اش می‌پرد. سمت راست، شیبِ
# اندازه‌گرفته روی پله‌ها دقیقاً صفر است و روی لبه تیغه‌ای (spike) است که هر چه $\varepsilon$ کوچک‌تر شود بلندتر
# می‌شود؛ آن‌جا اصلاً مشتقی نیست که به آن همگرا شود. $\varepsilon$ کوچک تقریباً هیچ‌جا چیزی نمی‌بیند و $\varepsilon$
# بزرگ پرتگاه را از دور می‌بیند. گرادیان یعنی $\varepsilon\to 0$؛ پس هیچ نمی‌بیند.

# %% [markdown]
# **What to keep.** The slope of a choice is zero almost everywhere, and at its edges there is none. Autograd said so
# too, and it was right about the code: it just isn't what training needs. A derivative sees an infinitesimal step,
# and the news is a finite one away: half the margin, in scores.
#
# **Open tasks** (no points).
#
# - Measure how the error of the central difference depends on $\varepsilon$, from 1 down to $10^{-12}$, in float32
#   and in float64, on double logarithmic paper. You did well if you see a slope of 2 and can say where each of the
#   curves turns.
# - Give argmax a cloud of queries instead of a point: the mean of `argmax_attention` over 10,000 queries
#   $q + \sigma z$ with the same $z$ each time. Its finite difference with $\varepsilon = 0.1$ isn't zero. What does a
#   larger $\sigma$ do to it?
#
# **Read on.** [Baydin et al. 2018](https://arxiv.org/abs/1502.05767), section 2, on differences against automatic
# differentiation.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** شیب انتخاب تقریباً همه‌جا صفر است و روی لبه‌ها اصلاً نیست. autograd هم همین را گفت و دربارهٔ کد حق
# داشت: فقط آن چیزی نیست که آموزش لازم دارد. مشتق گامی بی‌نهایت کوچک را می‌بیند و خبر یک گامِ محدود دورتر است: نصف
# حاشیه، در امتیازها.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - اندازه بگیرید خطای تفاضل مرکزی چگونه به $\varepsilon$ بستگی دارد، از ۱ تا $10^{-12}$، در float32 و float64، با دو
#   محور لگاریتمی. اگر شیب ۲ را ببینید و بگویید هر منحنی کجا برمی‌گردد درست است.
# - به‌جای یک نقطه، ابری از پرس‌وجوها به argmax بدهید: میانگین `argmax_attention` روی ۱۰٬۰۰۰ پرس‌وجوی $q + \sigma z$،
#   هر بار با همان $z$ها. تفاضل محدودش با $\varepsilon = 0.1$ صفر نیست. $\sigma$ بزرگ‌تر با آن چه می‌کند؟
#
# **بیشتر بخوانید.** [Baydin و همکاران ۲۰۱۸](https://arxiv.org/abs/1502.05767)، بخش ۲، دربارهٔ تفاضل محدود در برابر
# مشتق‌گیری خودکار.

# %% [markdown]
# ## Part 4 · Soft attention: a hill where the cliff was
#
# The usual cure is not to choose. Turn the scores into weights that add up to one and read the weighted mean:
#
# $$p_i = \frac{\exp(s_i/\tau)}{\sum_j \exp(s_j/\tau)},\qquad \operatorname{soft-attention}(q,K,V) = \sum_i p_i v_i .$$
#
# The **temperature** $\tau$ says how much a difference of scores matters: $\tau\to 0$ gives argmax back (save on
# ties, where it gives the mean of the winners' values), $\tau\to\infty$ the plain mean of all values. There is no
# $\sqrt d$ in this homework: the temperature does its work.
#
# ### 4.1 The weighted mean
#
# ●●○ · 45 min · 9 points
#
# **Task 4.** Same shapes as before. Scores of several hundred are no excuse for `inf` or `nan`.
#
# ![The weights of scores 2, 1, 0 from a choice at low temperature to a plain mean at high temperature](figures/temperature.svg)
#
# **With a pencil.** Scores log 3 and 0, values 4 and 8. At $\tau = 1$ the weights are as 3 : 1, so
# $\tfrac34 \cdot 4 + \tfrac14 \cdot 8 = 5$. At $\tau = \tfrac12$ they are as $3^2 : 1$:
# $0.9 \cdot 4 + 0.1 \cdot 8 = 4.4$, nearer to the winner's 4. At $\tau = 100$ it is 5.989, nearly the mean 6.
# (Homework 2 divides by $\sqrt d$: a temperature, fixed. Homework 8 has one upside down, as the sharpness of a head.)

# %% [markdown] lang="fa"
# ## بخش ۴ · توجه نرم: تپه‌ای به‌جای پرتگاه
#
# درمان همیشگی این است که انتخاب نکنیم. امتیازها را به وزن‌هایی با جمع یک تبدیل می‌کنیم و میانگین وزن‌دار را می‌خوانیم:
#
# $$p_i = \frac{\exp(s_i/\tau)}{\sum_j \exp(s_j/\tau)},\qquad \operatorname{soft-attention}(q,K,V) = \sum_i p_i v_i .$$
#
# **دما** (temperature) یعنی $\tau$ می‌گوید اختلاف امتیازها چقدر اهمیت دارد: با $\tau\to 0$ دوباره به argmax می‌رسیم
# (جز در تساوی که میانگین مقدارِ برنده‌ها به دست می‌آید) و با $\tau\to\infty$ به میانگین سادهٔ همهٔ مقدارها. در این
# تمرین $\sqrt d$ نداریم؛ کار آن را دما انجام می‌دهد.
#
# ### ۴٫۱ میانگین وزن‌دار
#
# ●●○ · ۴۵ دقیقه · ۹ نمره
#
# **کار ۴.** شکل‌ها مثل قبل. امتیازهای چندصدتایی بهانهٔ خوبی برای `inf` و `nan` نیستند.
#
# ![وزن امتیازهای ۲ و ۱ و ۰، از انتخاب در دمای پایین تا میانگین ساده در دمای بالا](figures/temperature.svg)
#
# **با مداد.** امتیازهای $\log 3$ و ۰ و مقدارهای ۴ و ۸. با $\tau = 1$ نسبت وزن‌ها ۳ به ۱ است، پس
# $\tfrac34 \cdot 4 + \tfrac14 \cdot 8 = 5$. با $\tau = \tfrac12$ نسبت ۹ به ۱ است: $0.9 \cdot 4 + 0.1 \cdot 8 = 4.4$
# که به ۴ِ برنده نزدیک‌تر است. با $\tau = 100$ عدد ۵٫۹۸۹ به دست می‌آید، نزدیک میانگین یعنی ۶. (تمرین ۲ بر $\sqrt d$
# تقسیم می‌کند: دمایی که ثابت است. تمرین ۸ همین را وارونه دارد، به نام تیزی یک سر.)


# %% solution id="soft_attention"
def soft_attention(q: Tensor, K: Tensor, V: Tensor, temperature: float = 1.0) -> Tensor:
    """Soft attention by inner product: the mean of the values, weighted by a softmax of the scores.

    Args:
        q: queries, shape (…, d).
        K: keys, shape (…, n, d).
        V: values, shape (…, n, m).
        temperature: scores are divided by it.

    Returns:
        One mixture of values for each query, shape (…, m).
    """
    ### BEGIN SOLUTION
    scores = (K @ q.unsqueeze(-1)).squeeze(-1)
    weights = torch.softmax(scores / temperature, dim=-1)
    return (weights.unsqueeze(-2) @ V).squeeze(-2)
    ### END SOLUTION


# %% [markdown] hint id="soft_attention"
# The temperature makes attention sharper or flatter.
# Should it act on the scores or on the weights, and does a high one multiply or divide?
# ---
# Scores as in `argmax_attention`, divided by the temperature,
# and only then the softmax, so that the weights add up to one.
# There is no root of `d` here.
# ---
# `torch.softmax` subtracts the largest score itself, so scores of several hundred are no trouble.
# Over which axis: the keys, the last one.
# ---
# The weighted mean is a product: weights as a row, `(…, 1, n)`, times `V`. Then squeeze away the axis you put in.
#
# %% [markdown] hint id="soft_attention" lang="fa"
# دما توجه را تیزتر یا پهن‌تر می‌کند. باید روی امتیازها اثر کند یا روی وزن‌ها، و دمای بالا ضرب می‌کند یا تقسیم؟
# ---
# امتیازها مثل `argmax_attention`، تقسیم بر دما، و تازه پس از آن softmax تا جمع وزن‌ها یک شود.
# این‌جا جذر `d` در کار نیست.
# ---
# تابع `torch.softmax` خودش بزرگ‌ترین امتیاز را کم می‌کند، پس امتیازهای چندصدتایی دردسری ندارند.
# محورش: کلیدها، یعنی آخری.
# ---
# میانگین وزن‌دار یک ضرب است: وزن‌ها به شکل سطر، `(…, 1, n)`، ضربدر `V`. بعد محوری را که افزوده‌اید با squeeze بردارید.

# %%
pencil = torch.ones(1), torch.tensor([[math.log(3)], [0.0]]), torch.tensor([[4.0], [8.0]])
print([round(soft_attention(*pencil, tau).item(), 3) for tau in (0.5, 1.0, 100.0)])  # 4.4, 5, 5.989

# %% check id="soft_attention_check" points=7
draw = seeded("soft_attention")
q, K, V = 0.4 * draw.normal(5), draw.normal(7, 5), draw.normal(7, 3)
check("soft_one_query", soft_attention(q, K, V))
q, K, V = draw.normal(4, 6, 5), draw.normal(4, 6, 5, 7).transpose(-1, -2), draw.normal(4, 6, 7, 3)
check("soft_temperature", soft_attention(q, K, V, temperature=draw.choice([0.25, 0.5, 2.0, 3.0])))
q, K = draw.integers(6, 9, 8, 5).float(), (draw.integers(16, 20, 1, 1, 5) + draw.integers(-1, 2, 8, 7, 5)).float()
check("soft_large_scores", soft_attention(q, K, draw.normal(8, 7, 3), temperature=4.0))

# %% check id="soft_attention_check_gradients" points=2
draw = seeded("soft_gradients")
q, K, V, u = draw.normal(4), draw.normal(6, 4), draw.normal(6, 3), draw.normal(3)
q64, K64, V64, u64 = q.double(), K.double(), V.double(), u.double()
by_differences = [
    finite_difference_gradient(lambda x: (soft_attention(x, K64, V64, 0.7) * u64).sum(), q, 1e-7),
    finite_difference_gradient(lambda x: (soft_attention(q64, x, V64, 0.7) * u64).sum(), K, 1e-7),
    finite_difference_gradient(lambda x: (soft_attention(q64, K64, x, 0.7) * u64).sum(), V, 1e-7),
]
by_autograd = gradients(lambda q, K, V: soft_attention(q, K, V, 0.7), q, K, V, u)[1:]
check("soft_gradients_both_ways", [by_differences, by_autograd])

# %% [markdown]
# ### Look at the country
#
# Five keys (dots) in the plane; every point of the plane is a possible query; the colour is the output (a single
# number). Which of the three countries could you find your way in, blindfolded, by feeling the slope under your feet?

# %% [markdown] lang="fa"
# ### به این پستی‌وبلندی نگاه کنید
#
# پنج کلید (نقطه‌ها) در صفحه داریم؛ هر نقطهٔ صفحه یک پرس‌وجوی ممکن است و رنگ، خروجی را (که یک عدد است) نشان می‌دهد. در
# کدام‌یک از این سه زمین می‌شود با چشم بسته و فقط با حس کردن شیب زیر پا راه را پیدا کرد؟

# %%
plane_keys = torch.tensor([[1.6, 0.3], [0.4, 1.5], [-1.3, 1.0], [-1.2, -1.1], [0.7, -1.4]])
plane_values = torch.tensor([[1.0], [0.1], [-0.7], [0.5], [-1.0]])
side = torch.linspace(-2.4, 2.4, 97)
plane = torch.cartesian_prod(side, side)
on_plane = plane_keys.expand(len(plane), 5, 2), plane_values.expand(len(plane), 5, 1)


def show_plane(axes, output: Tensor, title: str):
    """Colour the plane of queries by the output; output (97 * 97, 1)."""
    picture = axes.pcolormesh(
        side, side, output.detach().reshape(97, 97).T, cmap="cividis", vmin=-1, vmax=1, rasterized=True
    )
    axes.scatter(*plane_keys.T, c="white", edgecolors="black", zorder=3)
    axes.set(xlabel="$q_1$", ylabel="$q_2$", title=title, aspect="equal")
    return picture


figure, panels = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
show_plane(panels[0], argmax_attention(plane, *on_plane), "argmax")
show_plane(panels[1], soft_attention(plane, *on_plane, 0.25), "soft, temperature 0.25")
picture = show_plane(panels[2], soft_attention(plane, *on_plane, 1.0), "soft, temperature 1")
figure.colorbar(picture, ax=panels, label="output")
plt.show()

# %% [markdown]
# **What to see.** Argmax: one flat field for each key, cliffs between them. Temperature ¼: the same fields, but the
# cliffs have become slopes a few steps wide; in the middle of a field it is still nearly flat. Temperature 1: slopes
# everywhere, but near the centre the output is a mixture that *no* key holds. That is soft attention's price: it
# trains on mixtures.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** ‏argmax: برای هر کلید یک دشت صاف و میانشان پرتگاه. دمای ¼: همان دشت‌ها، ولی هر پرتگاه سراشیبیِ
# باریکی شده است و وسط دشت هنوز تقریباً صاف است. دمای ۱: همه‌جا شیب هست، ولی نزدیک مرکز خروجی آمیزه‌ای است که پشت
# **هیچ** کلیدی نیست. بهای توجه نرم همین است: با آمیزه‌ها آموزش می‌بیند.

# %% [markdown]
# **Change the temperature.** The same country again, by your `soft_attention`; under each picture stands the output
# at the query (1, 0.2), in the field of the key whose value is 1. How cold must it be until the output is what the
# key holds, and what has become of the slope there by then?
#
# %% [markdown] lang="fa"
# **دما را عوض کنید.** باز همان زمین، با `soft_attention` شما؛ زیر هر شکل خروجی در پرس‌وجوی $(1, 0.2)$ نوشته شده که در
# دشت کلیدی است با مقدار ۱. دما چقدر باید پایین بیاید تا خروجی همان مقدار کلید شود، و تا آن‌وقت از شیب آن‌جا چه مانده
# است؟

# %%
from autograder.desk.explore import explore


def country(axes, temperature):
    show_plane(axes, soft_attention(plane, *on_plane, temperature), "")
    there = soft_attention(torch.tensor([1.0, 0.2]), plane_keys, plane_values, temperature).item()
    axes.plot(1.0, 0.2, "x", color="#D55E00", markersize=8, markeredgewidth=2)
    axes.set_xlabel(f"output at the cross {there:.2f}")


explore(country, "temperature", [0.1, 0.5, 1.0, 4.0])

# %% [markdown]
# <details><summary>What to see</summary>
#
# At 0.1 the cross reads 1.00, the key's own value, and stands on a plain: argmax in all but name, and as deaf. At 0.5
# it reads 0.75 and there is a slope. At 4 it reads 0.06, and the whole country lies near the mean of the five values,
# −0.02: nothing is told apart any more. A useful temperature lies between, and it depends on how large the scores
# are, which training changes.
#
# </details>
#
# **What to keep.** Softmax puts a slope where argmax has none, by reading a mixture. The temperature says how much of
# a mixture: cold is nearly a choice and nearly deaf, hot hears everything and tells nothing apart. What is learned on
# mixtures needn't be right for choices.
#
# **Open tasks** (no points).
#
# - Let the temperature follow the margin, so that the winner always has the weight 0.9. Write it with a bisection.
#   Which keys get a gradient now?
# - Add the same number to all scores, then multiply all of them by 2. Which of the two changes the weights, and which
#   temperature undoes it? You did well if `soft_attention` agrees to 1e-6.
#
# **Read on.** [Bahdanau, Cho and Bengio 2015](https://arxiv.org/abs/1409.0473) for the soft choice in translation;
# [Xu et al. 2015](https://arxiv.org/abs/1502.03044), section 4, where hard and soft attention stand side by side;
# [Martins and Astudillo 2016](https://arxiv.org/abs/1602.02068), sparsemax, which has exact zeros and a slope all the
# same.
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# در ۰٫۱ ضربدر ۱٫۰۰ می‌خواند، همان مقدار کلید، و روی دشتی صاف ایستاده: در عمل همان argmax است و به همان اندازه ناشنوا.
# در ۰٫۵ عدد ۰٫۷۵ می‌خواند و شیبی هست. در ۴ عدد ۰٫۰۶ می‌خواند و همهٔ زمین نزدیک میانگین پنج مقدار، یعنی $-0.02$، است:
# دیگر چیزی از چیزی جدا نمی‌شود. دمای به‌دردبخور میان این‌هاست و به بزرگی امتیازها بستگی دارد که آموزش عوضشان می‌کند.
#
# </details>
#
# **به یاد بسپارید.** softmax با خواندن آمیزه جایی شیب می‌گذارد که argmax ندارد. دما می‌گوید آمیزه چقدر آمیخته باشد: سرد
# تقریباً انتخاب است و تقریباً ناشنوا، گرم همه چیز را می‌شنود و چیزی را از چیزی جدا نمی‌کند. آنچه با آمیزه‌ها آموخته
# شود لزوماً برای انتخاب درست نیست.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - بگذارید دما از حاشیه پیروی کند تا وزن برنده همیشه ۰٫۹ باشد. با روش نصف‌کردن بنویسیدش. حالا به کدام کلیدها گرادیان
#   می‌رسد؟
# - به همهٔ امتیازها یک عدد بیفزایید و سپس همه را دو برابر کنید. کدام‌یک وزن‌ها را عوض می‌کند و کدام دما آن را بی‌اثر
#   می‌کند؟ اگر `soft_attention` تا `1e-6` همین را بگوید درست است.
#
# **بیشتر بخوانید.** [Bahdanau، Cho و Bengio ۲۰۱۵](https://arxiv.org/abs/1409.0473) برای انتخاب نرم در ترجمه؛ [Xu و
# همکاران ۲۰۱۵](https://arxiv.org/abs/1502.03044)، بخش ۴، که توجه سخت و نرم را کنار هم می‌گذارد؛ [Martins و Astudillo
# ۲۰۱۶](https://arxiv.org/abs/1602.02068)، ‏sparsemax که هم صفر دقیق دارد و هم شیب.

# %% [markdown]
# ## Part 5 · Remedy one: straight through
#
# The boldest remedy is a white lie. On the way **forward** choose, as argmax does. On the way **back** pretend that
# you had read with the softmax weights (temperature 1). All the argmax cares about is which value comes out; all the
# layers below care about is a slope.
#
# ### 5.1 One line, two directions
#
# ●●● · 65 min · 9 points
#
# Let $h$ be the one-hot vector of the choice and $p$ the softmax weights. You need weights $w$ with
#
# $$w = h \quad\text{in value},\qquad
#   \frac{\partial w}{\partial s} = \frac{\partial p}{\partial s}\quad\text{in derivative}.$$
#
# A riddle for you: `x.detach()` has the value of `x` and the derivative of a constant. Build $w$ from $h$, $p$ and a
# `detach`. Then read with it as always, $\sum_i w_i v_i$.
#
# It follows that $V$'s gradient is one-hot: only the value that was read hears about the loss, exactly as with
# argmax. And the gradients of $q$ and $K$ are what softmax's weights would give. Both are checked.
#
# Before you write the first of them, all five at a glance: what is read on the way forward, and what the scores hear
# on the way back.
#
# ![Five rows: argmax sends nothing back, soft its own slope, straight through a borrowed one](figures/gradients.svg)
#
# ![Straight through with numbers: the value 4 comes out, and the slopes −¾ and ¾ go back](figures/straight.svg)
#
# **With a pencil.** Scores log 3 and 0 ($q = 1$, keys log 3 and 0), values 4 and 8, upstream 1. Forward: the
# winner's 4. Back: $\partial/\partial s_i = p_i (v_i - \sum_j p_j v_j)$, so $\tfrac34 (4 - 5) = -\tfrac34$ and
# $\tfrac14 (8 - 5) = \tfrac34$. Hence $\partial/\partial q = -\tfrac34 \log 3 = -0.824$, and $V$ hears $(1, 0)$.

# %% [markdown] lang="fa"
# ## بخش ۵ · راه‌حل یک: گذر مستقیم
#
# جسورانه‌ترین راه‌حل یک دروغ مصلحتی است. در راه **رفت** مثل argmax انتخاب کنید؛ در راه **برگشت** وانمود کنید که با
# وزن‌های softmax (با دمای ۱) خوانده‌اید. برای خروجی فقط مهم است کدام مقدار بیرون می‌آید و برای لایه‌های پایین فقط مهم
# است که شیبی باشد.
#
# ### ۵٫۱ یک خط، دو جهت
#
# ●●● · ۶۵ دقیقه · ۹ نمره
#
# فرض کنید $h$ بردار تک‌یک (one-hot) انتخاب باشد و $p$ وزن‌های softmax. وزن‌هایی مثل $w$ می‌خواهیم که
#
# $$w = h \quad\text{(value)},\qquad
#   \frac{\partial w}{\partial s} = \frac{\partial p}{\partial s}\quad\text{(derivative)}$$
#
# یعنی مقدارشان مقدار $h$ و مشتقشان مشتق $p$ باشد. این هم معما: ‏`x.detach()` مقدار `x` را دارد و مشتق عدد ثابت را.
# ‏$w$ را از $h$ و $p$ و یک `detach` بسازید و بعد مثل همیشه با آن بخوانید: $\sum_i w_i v_i$.
#
# نتیجه این است که گرادیان $V$ تک‌یک می‌شود: درست مثل argmax، فقط مقداری که خوانده شده از زیان باخبر می‌شود.
# گرادیان‌های $q$ و $K$ هم همان است که وزن‌های softmax می‌دادند. هر دو بررسی می‌شوند.
#
# پیش از آن‌که اولی را بنویسید، هر پنج تا در یک نگاه: در راه رفت چه خوانده می‌شود و در راه برگشت چه به امتیازها
# می‌رسد.
#
# ![پنج سطر: argmax چیزی برنمی‌گرداند، نرم شیب خودش را، گذر مستقیم شیبی عاریتی، بقیه همراه با شانس](figures/gradients.svg)
#
# ![گذر مستقیم با عدد: مقدار ۴ بیرون می‌آید و شیب‌های منفی و مثبتِ سه‌چهارم برمی‌گردد](figures/straight.svg)
#
# **با مداد.** امتیازهای $\log 3$ و ۰ (با $q = 1$ و کلیدهای $\log 3$ و ۰)، مقدارهای ۴ و ۸، و ۱ از بالا. رفت: مقدار
# برنده، ۴. برگشت: $\partial/\partial s_i = p_i (v_i - \sum_j p_j v_j)$، پس $\tfrac34 (4 - 5) = -\tfrac34$ و
# $\tfrac14 (8 - 5) = \tfrac34$. پس $\partial/\partial q = -\tfrac34 \log 3 = -0.824$ و به $V$ می‌رسد $(1, 0)$.


# %% solution id="straight_through_attention"
def straight_through_attention(q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    """Argmax attention on the way forward, the softmax's slope on the way back.

    The straight-through estimator: Bengio, Léonard and Courville (2013), arXiv:1308.3432.

    Args:
        q: queries, shape (…, d).
        K: keys, shape (…, n, d).
        V: values, shape (…, n, m).

    Returns:
        The value of argmax_attention, shape (…, m); its gradient for V is one-hot, for q and K that of softmax weights.
    """
    ### BEGIN SOLUTION
    scores = (K @ q.unsqueeze(-1)).squeeze(-1)
    soft = torch.softmax(scores, dim=-1)
    hard = F.one_hot(scores.argmax(dim=-1), scores.shape[-1]).to(soft.dtype)
    weights = hard + soft - soft.detach()
    return (weights.unsqueeze(-2) @ V).squeeze(-2)
    ### END SOLUTION


# %% [markdown] hint id="straight_through_attention"
# `p - p` is zero in value. What is its derivative, and what is it when you detach one of the two?
# ---
# Make `h` with `F.one_hot` of the argmax:
# it has no slope, so all the slope must come from `p`, the softmax of the scores.
# Something that is zero in value but has the slope of `p` is all that `h` lacks.
# ---
# Which of the two `p` must be detached? If it is the wrong one, the gradients of `q` and `K` come with the wrong sign.
# ---
# Apply the trick to the weights, before they meet `V`: then the value comes out hard, and `V`'s gradient is one-hot.
# The last line reads with them as in `soft_attention`. Give `h` the dtype of `p`.
#
# %% [markdown] hint id="straight_through_attention" lang="fa"
# مقدار `p - p` صفر است. مشتقش چیست، و اگر یکی از این دو را detach کنید چه می‌شود؟
# ---
# `h` را با `F.one_hot` از argmax بسازید: شیب ندارد، پس همهٔ شیب باید از `p` یعنی softmax امتیازها بیاید.
# تنها چیزی که `h` کم دارد جمله‌ای است که مقدارش صفر باشد و شیبش شیب `p`.
# ---
# کدام‌یک از دو `p` باید detach شود؟ اگر دیگری را بردارید، گرادیان‌های `q` و `K` با علامت وارونه می‌آیند.
# ---
# ترفند را روی وزن‌ها بزنید، پیش از آن‌که به `V` برسند: آن‌گاه خروجی سخت است و گرادیان `V` تک‌یک.
# خط آخر مثل `soft_attention` با آن‌ها می‌خواند. نوع `h` را همان نوع `p` بگذارید.

# %%
print(*gradients(straight_through_attention, *pencil, torch.ones(1)))  # 4; -0.824; -0.75, 0.75; 1, 0

# %% check id="straight_through_attention_check" points=3
draw = seeded("straight_through")
q, K, V = draw.integers(-9, 10, 40, 5).float(), draw.integers(-9, 10, 40, 8, 5).float(), draw.normal(40, 8, 3)
check("straight_through_value", straight_through_attention(q / 4, K / 4, V))

# %% check id="straight_through_attention_check_gradients" points=6
draw = seeded("straight_through_gradients")
q, noise, V, u = draw.normal(4), draw.normal(6, 4), draw.normal(6, 3), draw.uniform(3, low=1.0, high=2.0)
K = keys_with_scores(q, 0.5 * draw.permutation(6).float(), noise)
output, dq, dK, dV = gradients(straight_through_attention, q, K, V, u)
check("straight_through_dq", dq)
check("straight_through_dK", dK)
check("straight_through_dV", dV)

# %% [markdown]
# ### Walk with it
#
# Start a query somewhere and go downhill on $\tfrac12(\text{output}-1)^2$: 60 steps, the same start and the same
# rate, once with each gradient. The output that pays is the one at key $(1.6, 0.3)$, far to the right.

# %% [markdown] lang="fa"
# ### با آن قدم بزنید
#
# پرس‌وجو را جایی می‌گذاریم و روی $\tfrac12(\text{output}-1)^2$ رو به پایین می‌رویم: ۶۰ گام، با نقطهٔ شروع یکسان و نرخ
# یکسان، هر بار با یکی از گرادیان‌ها. خروجیِ مطلوب پشت کلید $(1.6, 0.3)$ است، در سمت راست.


# %%
def walk_downhill(attention, start_at=(-0.5, 1.2), steps=60, rate=0.25) -> Tensor:
    """Places of a query on its way down, (steps + 1, 2)."""
    query = torch.tensor(start_at)
    places = [query]
    for _ in range(steps):
        output, slope, _, _ = gradients(attention, query, plane_keys, plane_values, torch.ones(1))
        query = query - rate * (output - 1) * slope
        places.append(query)
    return torch.stack(places)


figure, panels = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
shown = {"argmax": argmax_attention, "soft": soft_attention, "straight through": straight_through_attention}
for axes, (name, attention) in zip(panels, shown.items(), strict=True):
    show_plane(axes, attention(plane, *on_plane), name)
    path = walk_downhill(attention)
    axes.plot(*path.T, ".-", color="#D55E00", linewidth=1, markersize=4)
    axes.plot(*path[0], "o", color="white", markeredgecolor="#D55E00", markersize=7)
    axes.plot(*path[-1], "*", color="#D55E00", markeredgecolor="white", markersize=14)
plt.show()

# %% [markdown]
# **What to see.** Circle: start, star: end. Under argmax the walker never takes a step. Under softmax it follows the
# slope it really stands on, and slows down as the slope flattens. Straight through stands on the *flat* country of
# argmax, feels the slope of *another* country, and stops for good the moment it has crossed into the right field,
# where the loss is zero. It is the wrong map, and it gets you there. Usually: nothing guarantees that the slope of
# one country leads downhill in the other.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** دایره آغاز راه است و ستاره پایان آن. پرس‌وجو با argmax حتی یک گام پیش نمی‌رود. با softmax در امتداد
# شیبی می‌رود که واقعاً زیر پایش است و هر چه شیب کمتر می‌شود کندتر می‌رود. با گذر مستقیم روی زمین **صافِ** argmax
# ایستاده است ولی شیب زمین **دیگری** را حس می‌کند و همین که پا به دشت درست گذاشت و زیان صفر شد، می‌ایستد. نقشه‌اش
# اشتباه است و با این حال می‌رسد؛ البته معمولاً: هیچ تضمینی نیست که سراشیبیِ یکی در دیگری هم رو به پایین باشد.

# %% [markdown]
# **What to keep.** Straight through chooses on the way forward and borrows softmax's slope on the way back;
# `h + p - p.detach()` is all of it. Nothing guarantees that the borrowed slope leads downhill, and often it does. The
# same trick quantises weights, trains discrete codes, and sits in many a model that needs a step function.
#
# **Open tasks** (no points).
#
# - Start the walk from 400 places of the plane and colour each by whether straight through arrives. Where doesn't it,
#   and does a lower temperature of the borrowed slope help?
# - Borrow another slope, that of $\operatorname{softmax}(s / \tau)$ with $\tau = 0.25$ or 4, and compare the
#   directions of the gradients by their cosine with softmax's at 1.
# - Make `h` a top-2 choice of weight ½ each. What should the slope be? You did well if `V`'s gradient has two entries
#   of ½.
#
# **Read on.** [Bengio, Léonard and Courville 2013](https://arxiv.org/abs/1308.3432), where the estimator got its
# name; [van den Oord et al. 2017](https://arxiv.org/abs/1711.00937), section 3.2, straight through in VQ-VAE (a
# codebook like homework 8's, learned); [Yin et al. 2019](https://arxiv.org/abs/1903.05662) on when it leads downhill.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** گذر مستقیم در راه رفت انتخاب می‌کند و در راه برگشت شیب softmax را عاریه می‌گیرد؛ همه‌اش همین
# `h + p - p.detach()` است. تضمینی نیست که شیب عاریتی رو به پایین باشد، ولی بیشتر وقت‌ها هست. همین ترفند وزن‌ها را
# گسسته می‌کند، رمزهای گسسته را آموزش می‌دهد و در بسیاری از مدل‌هایی که تابع پله‌ای لازم دارند نشسته است.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - پیاده‌روی را از ۴۰۰ نقطهٔ صفحه آغاز کنید و هر نقطه را بر حسب این‌که گذر مستقیم از آن‌جا به مقصد می‌رسد یا نه رنگ
#   کنید. از کجا نمی‌رسد، و آیا دمای پایین‌ترِ شیب عاریتی کمک می‌کند؟
# - شیب دیگری عاریه بگیرید، شیب $\operatorname{softmax}(s / \tau)$ با $\tau = 0.25$ یا ۴، و جهت گرادیان‌ها را با
#   کسینوسشان با شیب دمای ۱ مقایسه کنید.
# - ‏`h` را انتخاب دو تای برتر کنید، هر کدام با وزن ½. شیب باید چه باشد؟ اگر گرادیان `V` دو درایهٔ ½ داشته باشد درست
#   است.
#
# **بیشتر بخوانید.** [Bengio، Léonard و Courville ۲۰۱۳](https://arxiv.org/abs/1308.3432) که نام این برآوردگر از آن
# است؛ [van den Oord و همکاران ۲۰۱۷](https://arxiv.org/abs/1711.00937)، بخش ۳٫۲، گذر مستقیم در VQ-VAE (کتاب رمزی مثل
# تمرین ۸، ولی آموختنی)؛ [Yin و همکاران ۲۰۱۹](https://arxiv.org/abs/1903.05662) دربارهٔ این‌که کِی رو به پایین می‌رود.

# %% [markdown]
# ## Part 6 · Remedy two: Gumbel-softmax
#
# Straight through always looks at the current winner. What if the runner-up is better, and was just never tried? So
# let chance into the choice. There is a lovely trick for drawing from a softmax with nothing but an argmax. Take
# $u_i$ uniform on (0, 1) and
#
# $$g_i = -\log(-\log u_i)\qquad\text{(Gumbel noise)},\qquad
#   \Pr\Big[\arg\max_i\,(s_i + g_i) = j\Big] = \operatorname{softmax}(s)_j .$$
#
# This is the **Gumbel-max trick**. All the chance is in $g$, which needs no gradient; so replace the argmax by a
# softmax at temperature $\tau$ and everything has a slope again:
#
# $$w = \operatorname{softmax}\!\big((s+g)/\tau\big),\qquad \text{output} = \sum_i w_i v_i .$$
#
# A small $\tau$ gives almost one-hot samples and wild gradients, a large one tame gradients of blurred samples.
#
# ### 6.1 Noise, and a choice that bends
#
# ●●○ · 60 min · 8 points
#
# **Task 6.** Write both: the noise from uniform numbers, and the attention from noise that is handed in.
#
# ![Scores 1, 0.5, 0 with noise 0, 0.37, 2.25: the key with the lowest score wins this time](figures/gumbel.svg)
#
# **With a pencil.** $u = e^{-1}$ gives $g = -\log 1 = 0$; $u = 0.5$ gives 0.37; $u = 0.9$ gives 2.25. With scores 1,
# 0.5, 0 the sums are 1, 0.87, 2.25: this time the last key wins. Relaxed at $\tau = 1$ the weights are 0.19, 0.16,
# 0.65, at $\tau = 0.2$ already 0.002, 0.001, 0.997.

# %% [markdown] lang="fa"
# ## بخش ۶ · راه‌حل دو: Gumbel-softmax
#
# گذر مستقیم همیشه به برندهٔ فعلی نگاه می‌کند. اگر نفر دوم بهتر باشد ولی هیچ‌وقت امتحان نشده باشد چه؟ پس بگذاریم شانس
# هم در انتخاب سهمی داشته باشد. ترفند قشنگی هست که فقط با یک argmax از softmax نمونه می‌گیرد. فرض کنید $u_i$ روی بازهٔ
# $(0, 1)$ یکنواخت باشد و
#
# $$g_i = -\log(-\log u_i)\qquad\text{(Gumbel noise)},\qquad
#   \Pr\Big[\arg\max_i\,(s_i + g_i) = j\Big] = \operatorname{softmax}(s)_j .$$
#
# این **ترفند Gumbel-max** است. همهٔ شانس در نوفهٔ گامبل (Gumbel noise) یعنی $g$ جمع شده و $g$ گرادیان لازم ندارد؛ پس
# به‌جای argmax یک softmax با دمای $\tau$ بگذارید تا همه‌جا دوباره شیب پیدا کند:
#
# $$w = \operatorname{softmax}\!\big((s+g)/\tau\big),\qquad \text{output} = \sum_i w_i v_i .$$
#
# ‏$\tau$ کوچک نمونه‌های تقریباً تک‌یک و گرادیان‌های سرکش می‌دهد؛ $\tau$ بزرگ گرادیان‌های آرام، ولی برای نمونه‌های تار.
#
# ### ۶٫۱ نوفه، و انتخابی که خم می‌شود
#
# ●●○ · ۶۰ دقیقه · ۸ نمره
#
# **کار ۶.** هر دو را بنویسید: نوفه از روی عددهای یکنواخت، و توجه از روی نوفه‌ای که به آن داده می‌شود.
#
# ![امتیازهای ۱ و ۰٫۵ و ۰ با نوفه‌های ۰ و ۰٫۳۷ و ۲٫۲۵: این بار کلیدی با کمترین امتیاز می‌برد](figures/gumbel.svg)
#
# **با مداد.** از $u = e^{-1}$ به دست می‌آید $g = -\log 1 = 0$؛ از $u = 0.5$ عدد ۰٫۳۷ و از $u = 0.9$ عدد ۲٫۲۵. با
# امتیازهای ۱ و ۰٫۵ و ۰ جمع‌ها ۱ و ۰٫۸۷ و ۲٫۲۵ است: این بار کلید آخر می‌برد. وزن‌های آزادشده با $\tau = 1$ برابر ۰٫۱۹
# و ۰٫۱۶ و ۰٫۶۵ و با $\tau = 0.2$ برابر ۰٫۰۰۲ و ۰٫۰۰۱ و ۰٫۹۹۷ است.


# %% solution id="gumbel_noise"
def gumbel_noise(u: Tensor) -> Tensor:
    """Standard Gumbel noise from uniform numbers (Jang, Gu and Poole 2017, section 2.1).

    Args:
        u: uniform on (0, 1), any shape.

    Returns:
        Gumbel(0, 1) noise, shape of u.
    """
    ### BEGIN SOLUTION
    return -torch.log(-torch.log(u))
    ### END SOLUTION


# %% [markdown] hint id="gumbel_noise"
# For `u` between 0 and 1, which sign has its logarithm, and what must be done before a second logarithm can be taken?
# ---
# Two logarithms and two minus signs, one in front of each: work from the inside out. The long tail must point upwards.
#
# %% [markdown] hint id="gumbel_noise" lang="fa"
# برای `u` میان ۰ و ۱، لگاریتمش چه علامتی دارد و پیش از لگاریتم دوم چه باید کرد؟
# ---
# دو لگاریتم و دو منفی، جلوی هر کدام یکی: از درون به بیرون بنویسید. دم بلند باید رو به بالا باشد.

# %%
print(gumbel_noise(torch.tensor([math.exp(-1), 0.5, 0.9])))  # 0, 0.37, 2.25

# %% check id="gumbel_noise_check" points=2
draw = seeded("gumbel_noise")
check("gumbel_noise", gumbel_noise(draw.uniform(5, 7, low=0.05, high=0.95)))


# %% solution id="gumbel_softmax_attention"
def gumbel_softmax_attention(q: Tensor, K: Tensor, V: Tensor, noise: Tensor, temperature: float) -> Tensor:
    """Attention with a relaxed sample of the choice (Jang, Gu and Poole 2017, equation 2; Maddison et al. 2017).

    Args:
        q: queries, shape (…, d).
        K: keys, shape (…, n, d).
        V: values, shape (…, n, m).
        noise: Gumbel noise, one number for each score, shape (…, n).
        temperature: of the softmax over the noisy scores.

    Returns:
        One mixture of values for each query, shape (…, m).
    """
    ### BEGIN SOLUTION
    scores = (K @ q.unsqueeze(-1)).squeeze(-1)
    weights = torch.softmax((scores + noise) / temperature, dim=-1)
    return (weights.unsqueeze(-2) @ V).squeeze(-2)
    ### END SOLUTION


# %% [markdown] hint id="gumbel_softmax_attention"
# The noise stands for chance in the choice.
# Is it added to the scores or to the weights, and before or after the temperature?
# ---
# To the scores, one number each; then score and noise together are divided by the temperature.
# ---
# From there on it is `soft_attention`: softmax over the keys, and the values mixed with these weights.
# Nothing is chosen hard here.
#
# %% [markdown] hint id="gumbel_softmax_attention" lang="fa"
# نوفه همان شانس در انتخاب است. به امتیازها افزوده می‌شود یا به وزن‌ها، و پیش از دما یا پس از آن؟
# ---
# به امتیازها، برای هر کدام یک عدد؛ بعد امتیاز و نوفه با هم بر دما تقسیم می‌شوند.
# ---
# از این‌جا به بعد همان `soft_attention` است: softmax روی کلیدها و آمیختن مقدارها با این وزن‌ها.
# این‌جا هیچ انتخاب سختی نیست.

# %%
three = torch.ones(1), torch.tensor([[1.0], [0.5], [0.0]]), torch.eye(3)
print(gumbel_softmax_attention(*three, torch.tensor([0.0, 0.3665, 2.2504]), 1.0))  # 0.19, 0.16, 0.65

# %% check id="gumbel_softmax_attention_check" points=6
draw = seeded("gumbel_softmax")
q, K, V, noise = 0.4 * draw.normal(5), draw.normal(7, 5), draw.normal(7, 3), 0.5 * draw.normal(7)
check("gumbel_one_query", gumbel_softmax_attention(q, K, V, noise, draw.choice([0.4, 0.6, 1.7, 2.5])))
q, K, V = draw.normal(4, 6, 5), draw.normal(4, 6, 5, 7).transpose(-1, -2), draw.normal(4, 6, 7, 3)
noise = draw.normal(4, 6, 7)
check("gumbel_batch", gumbel_softmax_attention(q, K, V, noise, draw.choice([0.4, 0.6, 1.7, 2.5])))

# %% [markdown]
# ### Look at a die with three faces
#
# Three scores, hence three weights that add up to one: a point in a triangle, with the corners for one-hot choices.
# Each dot is one relaxed sample. The bars compare how often each corner wins with the softmax of the scores.

# %% [markdown] lang="fa"
# ### به تاسی با سه وجه نگاه کنید
#
# سه امتیاز یعنی سه وزن با جمع یک: نقطه‌ای در یک مثلث که گوشه‌هایش انتخاب‌های تک‌یک‌اند. هر نقطه یک نمونهٔ آزادشده
# (relaxed) است. ستون‌ها نشان می‌دهند هر گوشه چند بار برنده می‌شود و این را با softmax امتیازها مقایسه می‌کنند.

# %%
three_scores = torch.tensor([1.0, 0.3, -0.5])
uniform = torch.rand(20000, 3, generator=torch.Generator().manual_seed(7)).clamp_min(1e-9)
eye = torch.eye(3)
faces = three_scores.expand(20000, 3), eye.expand(20000, 3, 3), eye.expand(20000, 3, 3)
samples = {
    temperature: gumbel_softmax_attention(*faces, gumbel_noise(uniform), temperature) for temperature in (0.2, 1.0, 5.0)
}
corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(3) / 2]])
figure, panels = plt.subplots(1, 4, figsize=(9, 2.9), layout="constrained")
for axes, (temperature, weights) in zip(panels, samples.items(), strict=False):
    axes.fill(*corners.T, facecolor="none", edgecolor="black", linewidth=1)
    axes.scatter(*(weights[:1500] @ corners).T, s=3, alpha=0.3, color=COLOURS["gumbel_softmax"])
    for corner, label, place in zip(corners, "123", ("right", "left", "center"), strict=True):
        axes.annotate(label, corner, ha=place, va="bottom" if place == "center" else "top")
    axes.set(title=f"temperature {temperature:g}", xlabel="weights of keys 1, 2, 3", aspect="equal")
    axes.set(xticks=[], yticks=[], xlim=(-0.15, 1.15), ylim=(-0.15, 1.05))
    axes.spines[:].set_visible(False)
wins = samples[1.0].argmax(-1).bincount(minlength=3) / 20000
panels[3].bar(torch.arange(3) + 0.8, wins, width=0.4, color=COLOURS["gumbel_softmax"], label="wins")
panels[3].bar(torch.arange(3) + 1.2, three_scores.softmax(-1), width=0.4, color="#E69F00", label="softmax")
panels[3].set(xlabel="key", ylabel="share", title="Gumbel-max trick", xticks=[1, 2, 3])
panels[3].legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** At a low temperature the samples sit in the corners: nearly real choices. At a high one they huddle
# in the middle: nearly a mean. The bars agree pair by pair: the noisy argmax draws from the softmax, at any
# temperature.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** در دمای پایین نمونه‌ها در گوشه‌ها می‌نشینند: تقریباً انتخاب واقعی‌اند. در دمای بالا در وسط جمع
# می‌شوند: تقریباً میانگین‌اند. ستون‌ها دوبه‌دو هم‌اندازه‌اند: argmaxِ نوفه‌دار از softmax نمونه می‌گیرد، در هر دمایی
# که باشد.

# %% [markdown]
# **What to keep.** Noise plus argmax draws from the softmax; the chance stands beside the scores, so the scores keep
# their slope. Relaxing the argmax makes a sample nearly one-hot and nearly differentiable, at the price of one number
# to choose. A low temperature has little bias and wild gradients, a high one the reverse.
#
# **Open tasks** (no points).
#
# - Prove the Gumbel-max trick for two keys: the difference of two Gumbel numbers is logistic. Then check it with
#   100,000 draws.
# - Anneal: begin the training of part 8 at $\tau = 2$ and end at 0.2. Is it better than a constant 1, over three
#   seeds?
# - Join parts 5 and 6: hard forward, Gumbel-softmax's slope back. You did well if your gradients equal those of
#   `F.gumbel_softmax(…, hard=True)` with the same noise.
#
# **Read on.** [Jang, Gu and Poole 2017](https://arxiv.org/abs/1611.01144), sections 2.1 and 2.2; [Maddison, Mnih and
# Teh 2017](https://arxiv.org/abs/1611.00712), the same idea in the same week; [Maddison, Tarlow and Minka
# 2014](https://arxiv.org/abs/1411.0030) for the trick behind it.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** نوفه به‌علاوهٔ argmax از softmax نمونه می‌گیرد؛ شانس کنار امتیازها می‌ایستد و امتیازها شیبشان را نگه
# می‌دارند. آزاد کردن argmax نمونه را تقریباً تک‌یک و تقریباً مشتق‌پذیر می‌کند، به بهای یک عدد که باید برگزید. دمای
# پایین اریبی کم و گرادیان سرکش دارد، دمای بالا برعکس.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - ترفند Gumbel-max را برای دو کلید ثابت کنید: تفاضل دو عدد گامبل توزیع لجستیک دارد. سپس با ۱۰۰٬۰۰۰ قرعه بیازماییدش.
# - دما را کم‌کم پایین بیاورید: آموزش بخش ۸ را با $\tau = 2$ آغاز کنید و با ۰٫۲ به پایان ببرید. با سه بذر، از دمای
#   ثابت ۱ بهتر است؟
# - بخش‌های ۵ و ۶ را به هم بپیوندید: رفتِ سخت و شیب Gumbel-softmax در برگشت. اگر با همان نوفه گرادیان‌هایتان با
#   `F.gumbel_softmax(…, hard=True)` یکی باشد درست است.
#
# **بیشتر بخوانید.** [Jang، Gu و Poole ۲۰۱۷](https://arxiv.org/abs/1611.01144)، بخش‌های ۲٫۱ و ۲٫۲؛ [Maddison، Mnih و
# Teh ۲۰۱۷](https://arxiv.org/abs/1611.00712)، همان ایده در همان هفته؛ [Maddison، Tarlow و Minka
# ۲۰۱۴](https://arxiv.org/abs/1411.0030) برای ترفند پشت آن.

# %% [markdown]
# ## Part 7 · Remedy three: REINFORCE
#
# Now suppose that you really only learn the loss of the value you read: the book was good or it wasn't, and nobody
# differentiates a book. Choose key $a$ with probability $p_a = \operatorname{softmax}(Kq)_a$ and pay $\ell_a$. What
# training wants is the slope of the **expected** loss,
#
# $$\frac{\partial}{\partial q}\,\mathbb{E}_{a\sim p}[\ell_a] = \sum_a \ell_a \frac{\partial p_a}{\partial q}
#   = \sum_a p_a\,\ell_a\,\frac{\partial \log p_a}{\partial q}
#   = \mathbb{E}_{a\sim p}\!\Big[\ell_a\,\frac{\partial \log p_a}{\partial q}\Big].$$
#
# The second step is the whole trick (it is $\partial\log p = \partial p / p$): the slope has become a mean over
# choices, and a mean can be estimated from samples, without ever differentiating $\ell$.
#
# ### 7.1 The exact slope
#
# ●●● · 75 min · 10 points
#
# **Task 7a.** Work out $\partial\log p_a/\partial q$ on paper for $p = \operatorname{softmax}(Kq)$; you'll get a key
# minus something. Then write the exact sum, the gradient of the expected loss with sign **+** (we descend along its
# negative).
#
# Two checks on it, both by handing in two things you computed. First, a **baseline**: subtract the same number $b$
# from every loss. The gradient must not change, because $\mathbb{E}[\partial\log p_a/\partial q]=0$ (do you see
# why?). Second, look at $\sum_a p_a \ell_a$ again: it is soft attention whose *values are the losses*. So autograd
# through your own `soft_attention` has to agree.
#
# **With a pencil.** One dimension, $q = 0$, keys 1 and −1, losses 3 and 1. Both scores are 0, so
# $p = (\tfrac12, \tfrac12)$ and the mean key is 0: the derivatives of $\log p_a$ are 1 and −1. The gradient is
# $\tfrac12 \cdot 3 \cdot 1 + \tfrac12 \cdot 1 \cdot (-1) = 1$. It is positive: a larger $q$ favours key 0, which
# costs more.

# %% [markdown] lang="fa"
# ## بخش ۷ · راه‌حل سه: REINFORCE
#
# حالا فرض کنید واقعاً فقط زیانِ همان مقداری را می‌فهمید که خوانده‌اید: کتاب خوب بود یا نبود، و کسی از کتاب مشتق
# نمی‌گیرد. کلید $a$ را با احتمال $p_a = \operatorname{softmax}(Kq)_a$ انتخاب می‌کنید و هزینهٔ $\ell_a$ را می‌پردازید.
# آموزش شیبِ زیان **مورد انتظار** را می‌خواهد:
#
# $$\frac{\partial}{\partial q}\,\mathbb{E}_{a\sim p}[\ell_a] = \sum_a \ell_a \frac{\partial p_a}{\partial q}
#   = \sum_a p_a\,\ell_a\,\frac{\partial \log p_a}{\partial q}
#   = \mathbb{E}_{a\sim p}\!\Big[\ell_a\,\frac{\partial \log p_a}{\partial q}\Big].$$
#
# همهٔ ترفند در گام دوم است (همان $\partial\log p = \partial p / p$): شیب حالا میانگینی روی انتخاب‌هاست و میانگین را
# می‌شود از روی نمونه برآورد کرد، بی‌آن‌که هرگز از $\ell$ مشتق بگیریم.
#
# ### ۷٫۱ شیب دقیق
#
# ●●● · ۷۵ دقیقه · ۱۰ نمره
#
# **کار ۷الف.** ‏$\partial\log p_a/\partial q$ را برای $p = \operatorname{softmax}(Kq)$ روی کاغذ به دست آورید؛ یک کلید
# منهای چیزی می‌شود. بعد مجموع دقیق را بنویسید: گرادیان زیان مورد انتظار، با علامت **مثبت** (در خلاف جهتش پایین
# می‌رویم).
#
# دو بررسی دارد و در هر کدام دو چیزی را تحویل می‌دهید که خودتان حساب کرده‌اید. اول **خط پایه** (baseline): از همهٔ
# زیان‌ها یک عدد $b$ کم کنید. گرادیان نباید عوض شود، چون $\mathbb{E}[\partial\log p_a/\partial q]=0$ (می‌بینید چرا؟).
# دوم، دوباره به $\sum_a p_a \ell_a$ نگاه کنید: این همان توجه نرم است که **مقدارهایش زیان‌ها هستند**. پس autograd از
# میان `soft_attention` خودتان باید همان را بدهد.
#
# **با مداد.** یک بُعد، $q = 0$، کلیدهای $1$ و $-1$، زیان‌های ۳ و ۱. هر دو امتیاز صفر است، پس
# $p = (\tfrac12, \tfrac12)$ و کلید میانگین صفر: مشتق‌های $\log p_a$ برابر $1$ و $-1$ هستند. گرادیان
# $\tfrac12 \cdot 3 \cdot 1 + \tfrac12 \cdot 1 \cdot (-1) = 1$ است. مثبت است: $q$ بزرگ‌تر به سود کلید ۰ است که گران‌تر
# است.


# %% solution id="reinforce_gradient"
def reinforce_gradient(q: Tensor, K: Tensor, losses: Tensor) -> Tensor:
    """The exact score-function gradient of the expected loss, +dE[loss]/dq with p = softmax(K q).

    REINFORCE: Williams (1992), "Simple statistical gradient-following algorithms".

    Args:
        q: query, shape (d,).
        K: keys, shape (n, d).
        losses: what each choice costs, shape (n,).

    Returns:
        The gradient, shape (d,).
    """
    ### BEGIN SOLUTION
    p = torch.softmax(K @ q, dim=0)
    grad_log_p = K - p @ K  # row a is the derivative of log p_a
    return (p * losses) @ grad_log_p
    ### END SOLUTION


# %% [markdown] hint id="reinforce_gradient"
# `log p_a` is a score minus a logarithm of a sum. What is the derivative of each of the two for `q`?
# ---
# The first gives the key itself, the second a mean of all keys. With which weights: all alike, or `p`?
# ---
# So row `a` of the derivatives is key `a` minus the mean key: `K` minus one vector, which broadcasts over the rows.
# ---
# Now the expectation: each row times its loss, and weighted with how often it is drawn.
# That is one vector times a matrix.
# The sign stays plus; going down is the optimiser's business.
#
# %% [markdown] hint id="reinforce_gradient" lang="fa"
# `log p_a` یک امتیاز است منهای لگاریتم یک مجموع. مشتق هر کدام نسبت به `q` چیست؟
# ---
# اولی خود کلید را می‌دهد و دومی میانگینی از همهٔ کلیدها. با کدام وزن‌ها: همه یکسان، یا `p`؟
# ---
# پس سطر `a` مشتق‌ها کلید `a` است منهای کلید میانگین: `K` منهای یک بردار که روی سطرها پخش می‌شود.
# ---
# حالا امید ریاضی: هر سطر ضربدر زیانش، و با وزنِ احتمال انتخاب شدنش. این یک بردار است ضربدر یک ماتریس.
# علامت مثبت می‌ماند؛ پایین رفتن کار بهینه‌ساز است.

# %%
coin = torch.zeros(1), torch.tensor([[1.0], [-1.0]]), torch.tensor([3.0, 1.0])
print(reinforce_gradient(*coin))  # 1

# %% check id="reinforce_gradient_check" points=5
draw = seeded("reinforce")
q, K, losses = 0.5 * draw.normal(5), draw.normal(7, 5), draw.uniform(7, low=1.0, high=4.0)
check("reinforce_gradient", reinforce_gradient(q, K, losses))
q, K, losses = draw.normal(4), 0.5 * draw.normal(4, 9).T, draw.uniform(9, low=-4.0, high=-1.0)
check("reinforce_negative_losses", reinforce_gradient(q, K, losses))

# %% check id="reinforce_gradient_check_baseline" points=3
draw = seeded("reinforce_baseline")
q, K, losses = 0.5 * draw.normal(5), draw.normal(7, 5), draw.uniform(7, low=1.0, high=4.0)
b = draw.choice([-2.0, 1.5, 3.0])
check("reinforce_with_and_without_baseline", [reinforce_gradient(q, K, losses), reinforce_gradient(q, K, losses - b)])

# %% check id="reinforce_gradient_check_expected_loss" points=2
draw = seeded("reinforce_expected")
q, K, losses = 0.5 * draw.normal(5), draw.normal(7, 5), draw.uniform(7, low=1.0, high=4.0)
_, of_soft_attention, _, _ = gradients(soft_attention, q, K, losses.unsqueeze(-1), torch.ones_like(losses[:1]))
check("reinforce_and_soft_attention", [reinforce_gradient(q, K, losses), of_soft_attention])

# %% [markdown]
# ### 7.2 One sample at a time, and what it costs
#
# ●●○ · 60 min · 8 points
#
# With a million keys nobody sums over all of them. Draw one choice $a\sim p$ and use
#
# $$g_a(b) = (\ell_a - b)\,\frac{\partial\log p_a}{\partial q}.$$
#
# Its mean is the exact gradient for **every** $b$; but its scatter is not the same for every $b$. As a measure take
# the expected squared distance from the mean,
#
# $$\operatorname{Var}(b) = \mathbb{E}_{a\sim p}\,\lVert g_a(b)\rVert^2
#   \;-\; \big\lVert \mathbb{E}_{a\sim p}\, g_a(b)\big\rVert^2 .$$
#
# **Task 7b.** Write the one-sample estimates for a list of choices. **Task 7c.** Write the variance, exactly: with
# $n$ keys there are only $n$ possible estimates.
#
# ![Two keys on a line: without a baseline the estimates are 3 and −1, with the mean loss both are 1](figures/baseline.svg)
#
# **With a pencil.** The same two keys. With $b = 0$ the two estimates are $3 \cdot 1 = 3$ and $1 \cdot (-1) = -1$:
# their mean is 1, as it must be, and the variance $\tfrac12 \cdot 9 + \tfrac12 \cdot 1 - 1 = 4$. With $b = 2$ they
# are $1 \cdot 1$ and $(-1)(-1)$, both 1: variance 0. With $b = 10$ it is 64. The baseline costs nothing and can still
# do harm.

# %% [markdown] lang="fa"
# ### ۷٫۲ هر بار یک نمونه، و بهایش
#
# ●●○ · ۶۰ دقیقه · ۸ نمره
#
# اگر یک میلیون کلید باشد کسی روی همه جمع نمی‌زند. یک انتخاب $a\sim p$ را قرعه بکشید و این را به کار ببرید:
#
# $$g_a(b) = (\ell_a - b)\,\frac{\partial\log p_a}{\partial q}.$$
#
# میانگین آن برای **هر** $b$ گرادیان دقیق است؛ ولی پراکندگی‌اش برای هر $b$ یکسان نیست. پراکندگی را با میانگینِ مربع
# فاصله از میانگین می‌سنجیم:
#
# $$\operatorname{Var}(b) = \mathbb{E}_{a\sim p}\,\lVert g_a(b)\rVert^2
#   \;-\; \big\lVert \mathbb{E}_{a\sim p}\, g_a(b)\big\rVert^2 .$$
#
# **کار ۷ب.** برآوردهای تک‌نمونه‌ای را برای فهرستی از انتخاب‌ها بنویسید. **کار ۷ج.** واریانس را دقیق بنویسید: با $n$
# کلید فقط $n$ برآورد ممکن وجود دارد.
#
# ![دو کلید روی یک خط: بدون خط پایه برآوردها ۳ و منفی ۱ هستند و با میانگین زیان هر دو ۱](figures/baseline.svg)
#
# **با مداد.** همان دو کلید. با $b = 0$ دو برآورد $3 \cdot 1 = 3$ و $1 \cdot (-1) = -1$ هستند: میانگینشان ۱ است،
# همان‌طور که باید، و واریانس $\tfrac12 \cdot 9 + \tfrac12 \cdot 1 - 1 = 4$. با $b = 2$ می‌شوند $1 \cdot 1$ و
# $(-1)(-1)$، هر دو ۱: واریانس صفر. با $b = 10$ واریانس ۶۴ است. خط پایه هزینه‌ای ندارد و با این حال می‌تواند زیان
# بزند.


# %% solution id="reinforce_estimates"
def reinforce_estimates(q: Tensor, K: Tensor, losses: Tensor, actions: Tensor, baseline: float = 0.0) -> Tensor:
    """One-sample score-function estimates of dE[loss]/dq, one for each sampled choice.

    Args:
        q: query, shape (d,).
        K: keys, shape (n, d).
        losses: what each choice costs, shape (n,).
        actions: the keys that were drawn, int64, shape (S,).
        baseline: subtracted from every loss.

    Returns:
        The estimates, shape (S, d).
    """
    ### BEGIN SOLUTION
    p = torch.softmax(K @ q, dim=0)
    grad_log_p = K - p @ K
    return (losses[actions] - baseline).unsqueeze(-1) * grad_log_p[actions]
    ### END SOLUTION


# %% [markdown] hint id="reinforce_estimates"
# The actions were drawn with probability `p` already. Does an estimate of one action still need the factor `p`?
# ---
# No: each estimate is the loss of its action, minus the baseline, times the derivative of `log p` at that action.
# The baseline belongs to the loss; taken from the finished estimate it would shift the mean.
# ---
# Index both the losses and the rows of derivatives with `actions`.
# The losses need one more axis to meet the rows, `(S, 1)` and `(S, d)`.
#
# %% [markdown] hint id="reinforce_estimates" lang="fa"
# انتخاب‌ها خودشان با احتمال `p` گرفته شده‌اند. برآورد یک انتخاب باز هم ضریب `p` لازم دارد؟
# ---
# نه: هر برآورد، زیان آن انتخاب است منهای خط پایه، ضربدر مشتق `log p` در همان انتخاب.
# جای خط پایه کنار زیان است؛ اگر از برآورد آماده کم شود میانگین را جابه‌جا می‌کند.
# ---
# زیان‌ها و سطرهای مشتق را هر دو با `actions` اندیس بزنید.
# زیان‌ها یک محور دیگر لازم دارند تا به سطرها بخورند: `(S, 1)` و `(S, d)`.

# %%
print([reinforce_estimates(*coin, torch.arange(2), base).flatten().tolist() for base in (0.0, 2.0)])  # 3, -1; 1, 1

# %% check id="reinforce_estimates_check" points=4
draw = seeded("reinforce_estimates")
q, K, losses, actions = draw.normal(5), draw.normal(7, 5), draw.uniform(7, low=1.0, high=4.0), draw.integers(0, 7, 12)
check("estimates_without_baseline", reinforce_estimates(q, K, losses, actions))
check("estimates_with_baseline", reinforce_estimates(q, K, losses, actions, baseline=draw.choice([-2.0, 1.5, 3.5])))


# %% solution id="estimator_variance"
def estimator_variance(q: Tensor, K: Tensor, losses: Tensor, baseline: float = 0.0) -> Tensor:
    """Total variance of the one-sample estimate when the choice is drawn from p = softmax(K q).

    Args:
        q: query, shape (d,).
        K: keys, shape (n, d).
        losses: what each choice costs, shape (n,).
        baseline: subtracted from every loss.

    Returns:
        E|g|² - |E g|², a scalar, shape ().
    """
    ### BEGIN SOLUTION
    p = torch.softmax(K @ q, dim=0)
    estimates = reinforce_estimates(q, K, losses, torch.arange(len(losses), device=q.device), baseline)
    mean = p @ estimates
    return p @ (estimates**2).sum(dim=-1) - mean @ mean
    ### END SOLUTION


# %% [markdown] hint id="estimator_variance"
# How many different estimates are there with `n` keys, and how likely is each of them?
# ---
# Ask `reinforce_estimates` for all `n` at once: which list of actions do you hand it?
# ---
# Both means are weighted with `p`: that of the squared lengths, and that of the estimates themselves.
# The squared length of the second is taken away from the first; coordinates are added up, not averaged.
#
# %% [markdown] hint id="estimator_variance" lang="fa"
# با `n` کلید چند برآورد گوناگون هست و احتمال هر کدام چقدر است؟
# ---
# همهٔ `n` برآورد را یک‌جا از `reinforce_estimates` بخواهید: چه فهرستی از انتخاب‌ها به آن می‌دهید؟
# ---
# وزن هر دو میانگین `p` است: میانگین مجذور طول‌ها، و میانگین خود برآوردها.
# مجذور طول دومی از اولی کم می‌شود؛ مؤلفه‌ها جمع می‌شوند و از آن‌ها میانگین گرفته نمی‌شود.

# %%
print([estimator_variance(*coin, base).item() for base in (0.0, 2.0, 10.0)])  # 4, 0, 64

# %% check id="estimator_variance_check" points=4
draw = seeded("estimator_variance")
q, K = 0.5 * draw.normal(5), 0.6 * draw.normal(7, 5)
losses = draw.uniform(7, low=2.0, high=3.0) + 2 * K[:, 0]
check("variance_at_three_baselines", [estimator_variance(q, K, losses, baseline=b) for b in (0.0, 2.5, 4.0)])

# %% [markdown]
# ### Look at what the baseline saves
#
# Two dimensions, five keys, losses between 1 and 4½. Left and middle: 300 one-sample estimates each, with the exact
# gradient as an arrow. Right: your variance as a function of $b$, with the mean loss and the best $b$ marked, which
# essay 1 asks you to derive:
#
# $$b^\star = \frac{\mathbb{E}\big[\ell_a\lVert\nabla\log p_a\rVert^2\big]}
#   {\mathbb{E}\big[\lVert\nabla\log p_a\rVert^2\big]}.$$

# %% [markdown] lang="fa"
# ### ببینید خط پایه چقدر صرفه‌جویی می‌کند
#
# دو بُعد، پنج کلید و زیان‌هایی میان ۱ و ۴٫۵. چپ و وسط: هر کدام ۳۰۰ برآورد تک‌نمونه‌ای، و گرادیان دقیق به‌صورت پیکان.
# راست: واریانسی که نوشتید بر حسب $b$، با نشانِ میانگین زیان و بهترین $b$ که در پرسش تشریحی ۱ به دستش می‌آورید:
#
# $$b^\star = \frac{\mathbb{E}\big[\ell_a\lVert\nabla\log p_a\rVert^2\big]}
#   {\mathbb{E}\big[\lVert\nabla\log p_a\rVert^2\big]}.$$

# %%
cloud_query, cloud_losses = torch.tensor([0.3, 0.2]), torch.tensor([1.0, 3.0, 4.5, 3.5, 2.0])
exact = reinforce_gradient(cloud_query, plane_keys, cloud_losses)
p = (plane_keys @ cloud_query).softmax(0)
picked = torch.multinomial(p, 300, replacement=True, generator=torch.Generator().manual_seed(3))
grad_log_p = reinforce_estimates(cloud_query, plane_keys, torch.ones(5), torch.arange(5))
squared = (grad_log_p**2).sum(-1)
mean_loss, best = float(p @ cloud_losses), float((p * squared) @ cloud_losses / (p @ squared))
grid = torch.linspace(0, 6, 61)
spread = [float(estimator_variance(cloud_query, plane_keys, cloud_losses, float(b))) for b in grid]

figure, panels = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
jitter = 0.15 * torch.randn(300, 2, generator=torch.Generator().manual_seed(5))
for axes, b, title in ((panels[0], 0.0, "no baseline"), (panels[1], mean_loss, "baseline = mean loss")):
    cloud = reinforce_estimates(cloud_query, plane_keys, cloud_losses, picked, b) + jitter
    axes.scatter(*cloud.T, s=6, alpha=0.4, color=COLOURS["reinforce"])
    axes.quiver(0, 0, *exact, angles="xy", scale_units="xy", scale=1, width=0.012, label="exact gradient", zorder=3)
    axes.plot(*cloud.mean(0), "x", color="#0072B2", markersize=8, markeredgewidth=2, label="mean of 300", zorder=4)
    axes.set(xlim=(-9, 9), ylim=(-9, 9), title=title)
    axes.set(xlabel="$\\partial/\\partial q_1$", ylabel="$\\partial/\\partial q_2$")
    axes.legend(fontsize=8, loc="upper right")
panels[2].plot(grid, spread, color="black")
panels[2].axvline(mean_loss, linestyle="--", color=COLOURS["reinforce"], label="mean loss")
panels[2].axvline(best, linestyle=":", color="#0072B2", label="$b^\\star$")
panels[2].set(xlabel="baseline $b$", ylabel="variance of one estimate", title="What it costs", ylim=(0, None))
panels[2].legend(fontsize=8, loc="upper center", framealpha=1)
plt.show()

# %% [markdown]
# **What to see.** Five clumps, one for each key (dots are jittered a little so that you can see how many lie on one
# another). Without a baseline every sample says loudly "away from what I picked", for all losses are positive; only
# on average is it right. With the mean loss subtracted, a choice that did better than usual pulls and one that did
# worse pushes, and the cloud shrinks around the same mean. The parabola's lowest point is close to the mean loss,
# which is why a running mean of the losses is what people use.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** پنج خوشه، برای هر کلید یکی (نقطه‌ها را کمی لرزانده‌ایم تا پیدا باشد چند تا روی هم افتاده‌اند). بدون
# خط پایه هر نمونه بلند می‌گوید «از چیزی که برداشتم دور شو»، چون همهٔ زیان‌ها مثبت‌اند، و فقط میانگینشان درست است.
# وقتی میانگین زیان را کم می‌کنیم، انتخابی که بهتر از معمول بوده به‌سوی خود می‌کشد و انتخاب بدتر دور می‌کند و ابر به
# دور همان میانگین جمع می‌شود. پایین‌ترین نقطهٔ سهمی نزدیک میانگین زیان است؛ برای همین در عمل میانگین متحرک زیان‌ها را
# به‌کار می‌برند.

# %% [markdown]
# **Change the baseline.** The cloud once more, for any $b$; under it stands your variance. Find the smallest by hand,
# and then the $b$ at which the baseline does more harm than none at all.
#
# %% [markdown] lang="fa"
# **خط پایه را عوض کنید.** باز همان ابر، با هر $b$؛ زیرش واریانس شما نوشته شده است. کوچک‌ترین را با دست پیدا کنید، و
# سپس آن $b$ را که از آن به بعد خط پایه از نبودش بدتر است.

# %%
chances = (plane_keys @ cloud_query).softmax(0)
taken = torch.multinomial(chances, 300, replacement=True, generator=torch.Generator().manual_seed(3))
shaken = 0.15 * torch.randn(300, 2, generator=torch.Generator().manual_seed(5))


def cloud_with(axes, b):
    dots = reinforce_estimates(cloud_query, plane_keys, cloud_losses, taken, b) + shaken
    axes.scatter(*dots.T, s=6, alpha=0.4, color=COLOURS["reinforce"])
    axes.set(xlim=(-9, 9), ylim=(-9, 9), aspect="equal")
    axes.set_xlabel(f"variance {estimator_variance(cloud_query, plane_keys, cloud_losses, b).item():.1f}")


explore(cloud_with, "baseline", [0.0, 2.5, 6.0])

# %% [markdown]
# <details><summary>What to see</summary>
#
# Without a baseline the variance is 20.1; at 2.5, near the mean loss of 2.49, it is 2.0; at 6 it is 24.9, worse than
# none. The exact mean never moves. At 6 every sample says "more of what I picked", since every loss lies below: an
# optimist is as noisy as a pessimist.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# بدون خط پایه واریانس ۲۰٫۱ است؛ در ۲٫۵ که نزدیک میانگین زیان یعنی ۲٫۴۹ است، ۲٫۰؛ و در ۶ برابر ۲۴٫۹، بدتر از هیچ.
# میانگین دقیق هرگز تکان نمی‌خورد. در ۶ هر نمونه می‌گوید «باز هم از همین که برداشتم»، چون همهٔ زیان‌ها از آن کمترند:
# خوش‌بین هم به اندازهٔ بدبین پرنوفه است.
#
# </details>

# %% [markdown]
# ### 7.3 REINFORCE inside autograd
#
# ●●● · 45 min · 4 points
#
# In a network only part of the path is a choice: the score-function term is for $q$ and $K$, while the value that was
# read, and every layer above it, has an ordinary gradient. Both fit into one number a training loop can call
# `backward` on. Write, for each example, a **surrogate** with
#
# - value: the loss $\ell$, unchanged (so that your learning curve shows a loss and not nonsense);
# - derivative for $\log p_a$: $\;\ell - b$, as a constant (no gradient flows through this factor);
# - derivative for $\ell$: one, so that the layers above and the values learn as always.
#
# You know the tool: it is part 5's riddle again. A derivative can be added without adding to the value.
#
# **With a pencil.** A choice of probability ½ cost 3, the baseline is 1. The surrogate's value is 3, its derivative
# for $\log p_a$ is $3 - 1 = 2$, and for $\ell$ it is 1.

# %% [markdown] lang="fa"
# ### ۷٫۳ ‏REINFORCE درون autograd
#
# ●●● · ۴۵ دقیقه · ۴ نمره
#
# در شبکه فقط بخشی از راه انتخاب است: جملهٔ تابع امتیاز (score function) برای $q$ و $K$ است و مقداری که خوانده شده، با
# همهٔ لایه‌های بالای آن، گرادیان معمولی دارد. هر دو در یک عدد جا می‌شوند که حلقهٔ آموزش بتواند رویش `backward` صدا
# بزند. برای هر نمونه یک **جانشین** (surrogate) بنویسید که
#
# - مقدارش همان زیان $\ell$ باشد، بی‌تغییر (تا منحنی یادگیری زیان را نشان بدهد نه عددی بی‌معنا)؛
# - مشتقش نسبت به $\log p_a$ برابر $\ell - b$ باشد، به‌عنوان ثابت (از درون این ضریب گرادیانی نگذرد)؛
# - مشتقش نسبت به $\ell$ یک باشد تا لایه‌های بالا و مقدارها مثل همیشه یاد بگیرند.
#
# ابزارش را دارید؛ همان معمای بخش ۵ است: می‌شود مشتقی اضافه کرد بی‌آن‌که به مقدار چیزی اضافه شود.
#
# **با مداد.** انتخابی با احتمال ½ هزینهٔ ۳ داشت و خط پایه ۱ است. مقدار جانشین ۳ است، مشتقش نسبت به $\log p_a$ برابر
# $3 - 1 = 2$ و نسبت به $\ell$ برابر ۱.


# %% solution id="reinforce_surrogate"
def reinforce_surrogate(log_prob: Tensor, losses: Tensor, baseline: float = 0.0) -> Tensor:
    """A loss whose value is the loss that was paid and whose gradient is REINFORCE's.

    Args:
        log_prob: log-probability of the choice that was made, shape (B,).
        losses: what that choice cost, shape (B,).
        baseline: subtracted from the losses where they multiply the score function.

    Returns:
        One surrogate for each example, shape (B,).
    """
    ### BEGIN SOLUTION
    advantage = (losses - baseline).detach()
    return losses + advantage * (log_prob - log_prob.detach())
    ### END SOLUTION


# %% [markdown] hint id="reinforce_surrogate"
# The value must be the loss that was paid. What must the value of the term with `log_prob` be, then?
# ---
# Zero in value, but with the slope of `log_prob`: you have built such a thing for straight through.
# ---
# It is multiplied by the loss minus the baseline, and that factor is a constant:
# no gradient may pass through it to the losses.
# ---
# The losses themselves stand in front with their own slope, and the term is added, not taken away:
# these are losses, no rewards.
#
# %% [markdown] hint id="reinforce_surrogate" lang="fa"
# مقدار خروجی باید همان زیانی باشد که پرداخت شده. پس مقدار جملهٔ `log_prob` چه باید باشد؟
# ---
# مقدارش صفر، ولی شیبش شیب `log_prob`: برای گذر مستقیم چنین چیزی ساخته‌اید.
# ---
# در زیان منهای خط پایه ضرب می‌شود و این ضریب ثابت است: از راه آن هیچ گرادیانی نباید به زیان‌ها برسد.
# ---
# خود زیان‌ها با شیب خودشان در جلو می‌ایستند و این جمله افزوده می‌شود، نه کم: این‌ها زیان‌اند، پاداش نیستند.

# %%
half, paid = torch.tensor([0.5]).log().requires_grad_(), torch.tensor([3.0], requires_grad=True)
print(reinforce_surrogate(half, paid, 1.0).item())  # 3
print(torch.autograd.grad(reinforce_surrogate(half, paid, 1.0).sum(), [half, paid]))  # 2 and 1

# %% check id="reinforce_surrogate_check" points=4
draw = seeded("reinforce_surrogate")
log_prob = (-draw.uniform(9, low=0.5, high=3.0)).requires_grad_()
losses = draw.uniform(9, low=0.5, high=4.0).requires_grad_()
surrogate = reinforce_surrogate(log_prob, losses, baseline=draw.choice([-1.5, 1.7, 5.0]))
found = torch.autograd.grad(surrogate.sum(), [log_prob, losses], allow_unused=True, materialize_grads=True)
check("surrogate_value_and_gradients", [surrogate, *found])

# %% [markdown]
# ### Essay 1 · Derive it
#
# ●●● · 45 min · 6 points
#
# Write out, line by line, what 7.1 and 7.2 use; $p = \operatorname{softmax}(Kq)$, $\ell_a$ and $b$ don't depend on
# $q$.
#
# (a) $\dfrac{\partial \log p_a}{\partial q}$, beginning with $\log p_a = k_a^\top q - \log \sum_j e^{k_j^\top q}$.
# (b) $\mathbb{E}_{a \sim p}\big[\partial \log p_a / \partial q\big] = 0$, and why therefore a baseline changes no
# mean. (c) $b^\star$, from $\partial \operatorname{Var} / \partial b = 0$; say which of the two terms of the variance
# depends on $b$. (d) Check (a) to (c) with the numbers of 7.2: $q = 0$, keys 1 and −1, losses 3 and 1.
#
# Drag a photograph of your handwriting into the answer's cell, or write TeX: both are read alike.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۱ · خودتان به دست آورید
#
# ●●● · ۴۵ دقیقه · ۶ نمره
#
# آنچه را ۷٫۱ و ۷٫۲ به کار می‌برند خط به خط بنویسید؛ $p = \operatorname{softmax}(Kq)$ است و $\ell_a$ و $b$ به $q$
# بستگی ندارند.
#
# (الف) ‏$\dfrac{\partial \log p_a}{\partial q}$، با آغاز از $\log p_a = k_a^\top q - \log \sum_j e^{k_j^\top q}$. (ب)
# ‏$\mathbb{E}_{a \sim p}\big[\partial \log p_a / \partial q\big] = 0$، و این‌که چرا برای همین، خط پایه هیچ میانگینی
# را عوض نمی‌کند. (پ) ‏$b^\star$ از $\partial \operatorname{Var} / \partial b = 0$؛ بگویید کدام‌یک از دو جملهٔ واریانس
# به $b$ بستگی دارد. (ت) الف تا پ را با عددهای ۷٫۲ بیازمایید: $q = 0$، کلیدهای $1$ و $-1$، زیان‌های ۳ و ۱.
#
# عکس دست‌خطتان را به درون سلول پاسخ بکشید، یا TeX بنویسید: هر دو را یک‌جور می‌خوانیم.

# %% [markdown] essay id="derive_reinforce" points=6
# ### BEGIN SOLUTION
# (a) The derivative of the first term is k_a. That of the second, by the chain rule, is
# (Σ_j e^{k_jᵀq} k_j) / (Σ_j e^{k_jᵀq}) = Σ_j p_j k_j, the mean key. So ∂log p_a/∂q = k_a − Σ_j p_j k_j.
#
# (b) Σ_a p_a (k_a − Σ_j p_j k_j) = Σ_a p_a k_a − (Σ_a p_a) Σ_j p_j k_j = 0, since Σ_a p_a = 1. (Or: Σ_a p_a ∂log p_a =
# Σ_a ∂p_a = ∂ Σ_a p_a = ∂1 = 0.) Hence E[(ℓ_a − b) ∂log p_a] = E[ℓ_a ∂log p_a] − b · 0 for every b that doesn't depend
# on a.
#
# (c) With g_a = ∂log p_a/∂q: Var(b) = E[(ℓ_a − b)² ‖g_a‖²] − ‖E[(ℓ_a − b) g_a]‖². By (b) the second term is the
# exact gradient's squared length, whatever b is. The derivative of the first is −2 E[(ℓ_a − b) ‖g_a‖²]; zero means
# E[ℓ_a ‖g_a‖²] = b E[‖g_a‖²], so b* = E[ℓ_a ‖g_a‖²] / E[‖g_a‖²]. The second derivative, 2 E[‖g_a‖²], isn't negative: a
# minimum.
#
# (d) p = (½, ½), mean key 0, g = 1 and −1, and their mean is 0. Exact gradient ½ · 3 · 1 + ½ · 1 · (−1) = 1. Both ‖g_a‖²
# are 1, so b* = (3 + 1) / 2 = 2; estimates (3 − 2) · 1 = 1 and (1 − 2) · (−1) = 1: variance 0, against
# ½ · 9 + ½ · 1 − 1 = 4 at b = 0.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: (a), the derivative of the log of the sum is Σ_j p_j k_j, with the step that makes p out of the quotient.
# - 1 point: (a), the result k_a − Σ_j p_j k_j. A result without steps earns this point alone.
# - 1 point: (b), the mean is zero, because the probabilities add up to one.
# - 1 point: (b), hence b leaves every mean alone; says that b may not depend on the choice.
# - 1 point: (c), only the first term depends on b, and b* follows.
# - 1 point: (d), gradient 1, b* = 2, variance 0 (½ when one of the three is wrong). "b* is the mean loss" in (c) earns
#   nothing there: it is so only where all ‖g_a‖ are equal.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** The slope of an expectation is an expectation of slopes of $\log p$, so losses that nobody can
# differentiate can still teach. One sample is right on average only; a baseline leaves the average alone and takes
# away most of the scatter. Written as a surrogate it is one line in a training loop.
#
# **Open tasks** (no points).
#
# - Estimate the gradient with 1, 10, 100 and 1,000 samples and plot its error on double logarithmic paper. You did
#   well if the slope is −½, with and without a baseline.
# - Use the mean loss of the *other* samples of a batch as the baseline of each (leave one out). Why does it stay
#   unbiased, and why wouldn't the mean of all?
# - Let the reader of part 8 hear only "right" or "wrong" (loss 0 or 1) instead of the cross entropy. Which remedies
#   still work?
#
# **Read on.** [Williams 1992](https://doi.org/10.1007/BF00992696), theorem 1; [Schulman et al.
# 2015](https://arxiv.org/abs/1506.05254), surrogates as graphs; [Mohamed et al.
# 2020](https://arxiv.org/abs/1906.10652), section 4, on score-function estimators; [Mnih et al.
# 2014](https://arxiv.org/abs/1406.6247), hard visual attention trained this way.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** شیب یک امید ریاضی، خودش امید ریاضی شیب‌های $\log p$ است؛ پس زیان‌هایی که نمی‌شود از آن‌ها مشتق گرفت هم
# می‌توانند یاد بدهند. یک نمونه فقط به‌طور میانگین درست است؛ خط پایه به میانگین دست نمی‌زند و بیشترِ پراکندگی را از
# میان می‌برد. به شکل جانشین، در حلقهٔ آموزش تنها یک خط است.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - گرادیان را با ۱، ۱۰، ۱۰۰ و ۱٬۰۰۰ نمونه برآورد و خطایش را با دو محور لگاریتمی رسم کنید. اگر شیب، با خط پایه و بی
#   آن، $-\tfrac12$ باشد درست است.
# - خط پایهٔ هر نمونه را میانگین زیان نمونه‌های **دیگر** دسته بگیرید. چرا نااریب می‌ماند، و چرا میانگین همه چنین نیست؟
# - بگذارید خوانندهٔ بخش ۸ به‌جای آنتروپی متقاطع فقط «درست» یا «نادرست» بشنود (زیان ۰ یا ۱). کدام راه‌حل‌ها هنوز کار
#   می‌کنند؟
#
# **بیشتر بخوانید.** [Williams ۱۹۹۲](https://doi.org/10.1007/BF00992696)، قضیهٔ ۱؛ [Schulman و همکاران
# ۲۰۱۵](https://arxiv.org/abs/1506.05254)، جانشین‌ها به شکل گراف؛ [Mohamed و همکاران
# ۲۰۲۰](https://arxiv.org/abs/1906.10652)، بخش ۴، دربارهٔ برآوردگرهای تابع امتیاز؛ [Mnih و همکاران
# ۲۰۱۴](https://arxiv.org/abs/1406.6247)، توجه دیداری سختی که همین‌گونه آموزش دیده است.

# %% [markdown]
# ## Part 8 · Practice: the dictionary
#
# Time to train all five. The task is a dictionary with one secret: its language.
#
# A **page** has $n=8$ entries. An entry is a word (a unit vector in $\mathbb{R}^8$: the key) with one of ten
# **marks** beside it. The **query** is one of the eight words of the page *in the other language*, which is a
# rotation $R$ you are not told, and it is badly pronounced (noise). The answer is the mark beside that word. So the
# reader has to translate before it can look up.
#
# The reader's parameters: $W_q$ and $W_k$ (8 × 8), which make queries and keys, and a table that says for each mark
# how it is read aloud (ten logits: the value). Attention picks or mixes logits, cross entropy scores them. At the
# exam **every** reader must commit: argmax attention, whatever it was trained with.
#
# The cell below is given: pages, the reader, and a training loop that is the same for all five.
#
# ![A page of three words with marks; the query is word 1 turned by the secret rotation, with noise](figures/dictionary.svg)

# %% [markdown] lang="fa"
# ## بخش ۸ · تمرین عملی: فرهنگ لغت
#
# وقت آموزش هر پنج توجه است. مسئله یک فرهنگ لغت است با یک راز: زبانش.
#
# هر **صفحه** $n=8$ مدخل دارد. هر مدخل واژه‌ای است (برداری یکه در $\mathbb{R}^8$: کلید) که یکی از ده **نشان** کنارش
# نوشته شده. **پرس‌وجو** یکی از هشت واژهٔ همان صفحه است، ولی **به زبان دیگر**؛ ترجمه یک دوران $R$ است که به شما
# نمی‌گوییم، و تلفظش هم خوب نیست (نوفه دارد). پاسخ، نشانی است که کنار آن واژه نوشته شده. پس خواننده پیش از آن‌که
# بتواند بگردد باید ترجمه کند.
#
# پارامترهای خواننده این‌هاست: $W_q$ و $W_k$ (۸ × ۸) که پرس‌وجو و کلید می‌سازند، و جدولی که می‌گوید هر نشان چطور
# خوانده می‌شود (ده لاجیت: مقدار). توجه لاجیت‌ها را برمی‌گزیند یا می‌آمیزد و آنتروپی متقاطع به آن‌ها نمره می‌دهد. در
# آزمون **همهٔ** خواننده‌ها باید انتخاب کنند: توجه argmax، با هر توجهی که آموزش دیده باشند.
#
# سلول زیر داده شده است: صفحه‌ها، خواننده، و حلقهٔ آموزشی که برای هر پنج توجه یکی است.
#
# ![صفحه‌ای با سه واژه و نشان‌هایشان؛ پرس‌وجو واژهٔ ۱ است، با دوران پنهان و نوفه](figures/dictionary.svg)

# %% given id="dictionary"
ENTRIES, WORD_SIZE, MARKS = 8, 8, 10


def draw_pages(draw, language: Tensor, count: int) -> dict[str, Tensor]:
    """Pages of the dictionary: query (count, 8), keys (count, 8, 8), marks and slot and answer as class ids."""
    keys = F.normalize(draw.normal(count, ENTRIES, WORD_SIZE), dim=-1)
    marks, slot = draw.integers(0, MARKS, count, ENTRIES), draw.integers(0, ENTRIES, count)
    rows = torch.arange(count, device=keys.device)
    query = keys[rows, slot] @ language + 0.55 * draw.normal(count, WORD_SIZE) / math.sqrt(WORD_SIZE)
    return {"query": query, "keys": keys, "marks": marks, "slot": slot, "answer": marks[rows, slot]}


def draw_weights(draw) -> list[Tensor]:
    """Where every reader starts: W_q, W_k and the table of marks."""
    scale = 1 / math.sqrt(WORD_SIZE)
    return [
        scale * draw.normal(WORD_SIZE, WORD_SIZE),
        scale * draw.normal(WORD_SIZE, WORD_SIZE),
        0.1 * draw.normal(MARKS, MARKS),
    ]


class Reader(nn.Module):
    """Makes queries, keys and values of a page; how to attend is up to the caller."""

    def __init__(self, W_q: Tensor, W_k: Tensor, table: Tensor):
        super().__init__()
        self.W_q, self.W_k = nn.Parameter(W_q.clone()), nn.Parameter(W_k.clone())
        self.table = nn.Parameter(table.clone())

    def forward(self, page: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        return page["query"] @ self.W_q, page["keys"] @ self.W_k, self.table[page["marks"]]


@torch.no_grad()
def predict(reader: Reader, pages: dict[str, Tensor]) -> Tensor:
    """The mark a reader names for each page when it must commit to one entry."""
    return argmax_attention(*reader(pages)).argmax(dim=-1)


@torch.no_grad()
def picks(reader: Reader, pages: dict[str, Tensor]) -> Tensor:
    """Which entry of each page argmax attention reads: values that are the entries' own numbers tell."""
    q, K, _ = reader(pages)
    numbers = torch.arange(ENTRIES, device=q.device, dtype=q.dtype).unsqueeze(-1)
    return argmax_attention(q, K, numbers.expand(len(q), ENTRIES, 1)).squeeze(-1).long()


def train_reader(kind, weights, lessons, rehearsal, steps=400, batch=64, rate=0.015) -> tuple[Reader, dict]:
    """Trains a reader with one kind of attention; returns it and its curves (step, loss, accuracy on `rehearsal`)."""
    torch.manual_seed(0)
    reader = Reader(*weights)
    optimizer = torch.optim.Adam(reader.parameters(), lr=rate)
    curves, baseline = {"step": [], "loss": [], "accuracy": []}, math.log(MARKS)
    for step in range(steps + 1):
        rows = torch.randint(len(lessons["answer"]), (batch,)).to(lessons["answer"].device)
        page = {name: part[rows] for name, part in lessons.items()}
        q, K, V = reader(page)
        noise = gumbel_noise(torch.rand(batch, ENTRIES).clamp_min(1e-9).to(q.device))
        loss = retrieval_loss(kind, q, K, V, page["answer"], noise, baseline=baseline).mean()
        if step % 10 == 0:
            curves["step"].append(step)
            curves["loss"].append(loss.item())
            curves["accuracy"].append((predict(reader, rehearsal) == rehearsal["answer"]).float().mean().item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        baseline = 0.9 * baseline + 0.1 * loss.item()
    return reader, curves


# %% [markdown]
# ### 8.1 Five losses, five readers
#
# ●●● · 110 min · 16 points
#
# **Task 8.** The five attentions differ in one place only: what the loss of an example is. Write `retrieval_loss`
# with the functions you have. The logits of an example are what attention reads out of $V$ (so $m=10$ here) and its
# loss is their cross entropy with the answer. In particular
#
# - `"soft"` has temperature 1; `"gumbel_softmax"` uses `noise` and `temperature`;
# - `"reinforce"` draws its entry by the Gumbel-max trick from the *same* `noise`, reads that entry's logits and
#   nothing else, and returns the surrogate. All chance comes in through `noise`, so your function is deterministic
#   and can be checked exactly.
#
# The first check cell looks at values and gradients, the second one trains five readers (a few seconds) and lets what
# their weights have learnt sit the exam on 1000 pages they never saw. For four of them the goal is 90 % right (points
# grow from 50 %). One kind of attention for all would do that too, so before each training the cell hands in the losses
# of 64 pages and what they send to the three tables of weights: there the five kinds differ. For the fifth reader, think
# first: which entries will the argmax reader pick after its training, compared with those it picked before? The cell
# hands in both.
#
# **With a pencil.** Two entries with scores log 3 and 0, two marks, and the first mark is right. Read alone, entry 0
# gives it the probability ¼ and costs $\log 4 = 1.386$; entry 1 gives it ¾ and costs 0.288. Argmax reads entry 0:
# 1.386, and so does straight through. Soft mixes the logits first: 1.005. The expected loss of a *choice* is
# $\tfrac34 \cdot 1.386 + \tfrac14 \cdot 0.288 = 1.112$: the loss of a mixture isn't the mixture of the losses. With
# noise (0, 2) the sums are 1.10 and 2: REINFORCE reads entry 1 and pays 0.288.

# %% [markdown] lang="fa"
# ### ۸٫۱ پنج زیان، پنج خواننده
#
# ●●● · ۱۱۰ دقیقه · ۱۶ نمره
#
# **کار ۸.** این پنج توجه فقط در یک جا فرق دارند: این‌که زیان یک نمونه چیست. `retrieval_loss` را با تابع‌هایی که دارید
# بنویسید. لاجیت‌های هر نمونه همان است که توجه از $V$ می‌خواند (پس این‌جا $m=10$) و زیانش آنتروپی متقاطع آن‌ها با پاسخ
# است. به‌ویژه
#
# - ‏`"soft"` دمای ۱ دارد؛ `"gumbel_softmax"` از `noise` و `temperature` استفاده می‌کند؛
# - ‏`"reinforce"` مدخلش را با ترفند Gumbel-max و از روی **همان** `noise` نمونه می‌گیرد، فقط لاجیت‌های همان مدخل را
#   می‌خواند و جانشین را برمی‌گرداند. همهٔ شانس از راه `noise` وارد می‌شود؛ پس تابع شما قطعی است و دقیق بررسی می‌شود.
#
# سلول بررسی اول مقدارها و گرادیان‌ها را می‌بیند؛ سلول دوم پنج خواننده را آموزش می‌دهد (چند ثانیه) و از آنچه وزن‌هایشان یاد
# گرفته‌اند روی ۱۰۰۰ صفحهٔ ندیده آزمون می‌گیرد. هدف برای چهار تای آن‌ها ۹۰٪ پاسخ درست است (نمره از ۵۰٪ به بالا زیاد
# می‌شود). اگر همه با یک توجه آموزش ببینند هم به این هدف می‌رسند؛ برای همین سلول پیش از هر آموزش، زیان ۶۴ صفحه و آنچه را
# از این زیان‌ها به سه جدول وزن می‌رسد تحویل می‌دهد: در آن‌جا هر پنج نوع با هم فرق دارند. دربارهٔ خوانندهٔ پنجم اول فکر
# کنید: خوانندهٔ argmax پس از آموزش کدام مدخل‌ها را برمی‌دارد، در مقایسه با آن‌ها که پیش از آموزش برمی‌داشت؟ سلول هر دو را
# تحویل می‌دهد.
#
# **با مداد.** دو مدخل با امتیازهای $\log 3$ و ۰، دو نشان، و پاسخ درست نشان اول است. مدخل ۰ اگر تنها خوانده شود به آن
# احتمال ¼ می‌دهد و $\log 4 = 1.386$ می‌ارزد؛ مدخل ۱ احتمال ¾ می‌دهد و ۰٫۲۸۸. ‏argmax مدخل ۰ را می‌خواند: ۱٫۳۸۶، و گذر
# مستقیم هم. توجه نرم اول لاجیت‌ها را می‌آمیزد: ۱٫۰۰۵. زیان مورد انتظار یک **انتخاب** برابر
# $\tfrac34 \cdot 1.386 + \tfrac14 \cdot 0.288 = 1.112$ است: زیان آمیزه، آمیزهٔ زیان‌ها نیست. با نوفهٔ $(0, 2)$ جمع‌ها
# ۱٫۱۰ و ۲ است: REINFORCE مدخل ۱ را می‌خواند و ۰٫۲۸۸ می‌پردازد.


# %% solution id="retrieval_loss"
def retrieval_loss(
    kind: str,
    q: Tensor,
    K: Tensor,
    V: Tensor,
    answer: Tensor,
    noise: Tensor,
    temperature: float = 1.0,
    baseline: float = 0.0,
) -> Tensor:
    """The loss of each example under one kind of attention.

    Args:
        kind: "argmax", "soft", "straight_through", "gumbel_softmax" or "reinforce".
        q: queries, shape (B, d).
        K: keys, shape (B, n, d).
        V: logits behind each key, shape (B, n, C).
        answer: class ids, int64, shape (B,).
        noise: Gumbel noise, shape (B, n): for "gumbel_softmax" and for the choice of "reinforce".
        temperature: of "gumbel_softmax" alone.
        baseline: of "reinforce" alone.

    Returns:
        One loss for each example, shape (B,).
    """
    ### BEGIN SOLUTION
    if kind == "reinforce":
        scores = (K @ q.unsqueeze(-1)).squeeze(-1)
        action = (scores + noise).argmax(dim=-1)
        log_prob = torch.log_softmax(scores, dim=-1).gather(-1, action.unsqueeze(-1)).squeeze(-1)
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    if kind == "argmax":
        logits = argmax_attention(q, K, V)
    elif kind == "soft":
        logits = soft_attention(q, K, V)
    elif kind == "straight_through":
        logits = straight_through_attention(q, K, V)
    elif kind == "gumbel_softmax":
        logits = gumbel_softmax_attention(q, K, V, noise, temperature)
    else:
        raise ValueError(f"unknown kind of attention: {kind!r}")
    return F.cross_entropy(logits, answer, reduction="none")
    ### END SOLUTION


# %% [markdown] hint id="retrieval_loss"
# For four of the five kinds, what differs but the function that reads the logits out of `V`?
# ---
# Nothing: read with the attention that `kind` names, then take the cross entropy, one loss for each example.
# `F.cross_entropy` takes the mean unless `reduction` says otherwise. `"soft"` has temperature 1, whatever comes in.
# ---
# `"reinforce"`: scores plus `noise` choose the entry, by an argmax.
# How likely was that choice?
# Under the scores without the noise: the noise draws, the softmax of the scores tells the probability.
# ---
# Pick the chosen entry's number out of `torch.log_softmax` with `gather`,
# and its logits, nothing else, by indexing `V` with examples and entries.
# Then your surrogate, with the baseline.
#
# %% [markdown] hint id="retrieval_loss" lang="fa"
# برای چهار تا از این پنج نوع، جز تابعی که لاجیت‌ها را از `V` می‌خواند چه فرقی هست؟
# ---
# هیچ: با توجهی که `kind` می‌گوید بخوانید و بعد آنتروپی متقاطع بگیرید، برای هر نمونه یک زیان.
# تابع `F.cross_entropy` میانگین می‌گیرد، مگر آن‌که `reduction` چیز دیگری بگوید. دمای `"soft"` همیشه ۱ است.
# ---
# `"reinforce"`: امتیازها به‌علاوهٔ `noise` با یک argmax مدخل را برمی‌گزینند.
# احتمال آن انتخاب چقدر بود؟ از روی امتیازهای بی‌نوفه: نوفه قرعه می‌کشد و softmax امتیازها احتمال را می‌گوید.
# ---
# عدد مدخل برگزیده را با `gather` از `torch.log_softmax` بردارید و لاجیت‌هایش را،
# نه هیچ چیز دیگر، با اندیس زدن `V` به نمونه و مدخل.
# بعد جانشین خودتان، با خط پایه.

# %%
spoken = torch.tensor([[[0.0, math.log(3)], [math.log(3), 0.0]]])  # the logits of the two entries
one_page = pencil[0][None], pencil[1][None], spoken, torch.tensor([0]), torch.tensor([[0.0, 2.0]])
print(
    [round(retrieval_loss(way, *one_page).item(), 3) for way in ("argmax", "soft", "reinforce")]
)  # 1.386, 1.005, 0.288

# %% check id="retrieval_loss_check" points=4
draw = seeded("retrieval_loss")
q, K, V = 0.4 * draw.normal(20, 5), draw.normal(20, 6, 5), draw.normal(20, 6, 4)
answer, noise, u = draw.integers(0, 4, 20), 2 * draw.normal(20, 6), draw.uniform(20, low=1.0, high=2.0)
for kind in KINDS:
    loss = partial(retrieval_loss, kind, answer=answer, noise=noise, temperature=0.6, baseline=0.8)
    check(f"loss_and_gradients_{kind}", gradients(loss, q, K, V, u))


# %% check id="retrieval_loss_check_training" points=12
def pages_and_answers(draw) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
    """Pages to learn from, to rehearse on and of the exam; the exam's answers, their entries, and the language."""
    language = torch.linalg.qr(draw.normal(WORD_SIZE, WORD_SIZE)).Q
    *known, asked = (draw_pages(draw, language, count) for count in (4000, 500, 1000))
    kept = {name: asked.pop(name) for name in ("slot", "answer")}
    return [*known, asked], kept | {"language": language}


(lessons, rehearsal, pages), kept = exam("dictionary", pages_and_answers)  # at grading the judge keeps what is kept
draw = seeded("dictionary")
start_weights = draw_weights(draw)
untrained, readers, curves = Reader(*start_weights), {}, {}
few_pages = {name: part[:64] for name, part in pages.items()}
first = {name: part[:64] for name, part in lessons.items()}
noise, u = gumbel_noise(draw.uniform(64, ENTRIES, low=0.001)), draw.uniform(64, low=1.0, high=2.0)
for kind in KINDS:
    losses = retrieval_loss(kind, *untrained(first), first["answer"], noise, baseline=2.0)
    slopes = torch.autograd.grad(
        (losses * u).sum(), [*untrained.parameters()], allow_unused=True, materialize_grads=True
    )
    check(f"{kind}_before_training", [losses, *slopes])
    readers[kind], curves[kind] = train_reader(kind, start_weights, lessons, rehearsal)
    if kind == "argmax":
        check("argmax_reader_picks", [picks(untrained, few_pages), picks(readers[kind], few_pages)])
    else:
        W_q, W_k, table = readers[kind].state_dict().values()  # what was learnt stands in the weights
        marks = argmax_attention(pages["query"] @ W_q, pages["keys"] @ W_k, table[pages["marks"]]).argmax(dim=-1)
        check_predictions(f"{kind}_retrieval", marks, kept["answer"], at_least=0.9, floor=0.5)

# %% [markdown]
# ### Learning curves

# %% [markdown] lang="fa"
# ### منحنی‌های یادگیری


# %%
def show_curves():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for kind, curve in curves.items():
        loss = torch.tensor(curve["loss"])
        smooth = F.avg_pool1d(F.pad(loss[None, None], (2, 2), mode="replicate"), 5, stride=1)[0, 0]
        left.plot(curve["step"], smooth, color=COLOURS[kind], label=kind)
        right.plot(curve["step"], curve["accuracy"], color=COLOURS[kind], label=kind)
    left.set(xlabel="step", ylabel="cross entropy", title="Training loss (mean of 5 points)", ylim=(0, None))
    right.set(xlabel="step", ylabel="share of right marks", title="New pages, read by argmax", ylim=(0, 1.03))
    right.axhline(1 / MARKS, color="black", linestyle=":", linewidth=1)
    right.annotate("guessing", (400, 1 / MARKS), ha="right", va="bottom", fontsize=8)
    right.legend(fontsize=8, loc="center right")
    plt.show()


show_curves() if len(readers) == len(KINDS) else print("No reader has been trained yet: write retrieval_loss first.")

# %% [markdown]
# **What to see.** One curve is flat, and it isn't quite at guessing: its table of marks did learn, so it reads aloud
# correctly whatever its untrained query happens to hit. The other four arrive at nearly the same place. Look *left*
# for the differences: whose loss falls fastest, whose is noisiest, and why a training loss isn't comparable between a
# reader that mixes and one that draws.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** یک منحنی صاف است، و کاملاً هم روی حدسِ تصادفی نیست: جدول نشان‌هایش یاد گرفته، پس هر چه را پرس‌وجوی
# آموزش‌ندیده‌اش اتفاقی پیدا کند درست می‌خواند. چهار تای دیگر تقریباً به یک جا می‌رسند. تفاوت‌ها را در سمت چپ پیدا
# کنید: زیان کدام تندتر پایین می‌آید، کدام پرنوفه‌تر است، و چرا زیان آموزش خواننده‌ای که می‌آمیزد با خواننده‌ای که
# نمونه می‌گیرد قابل‌مقایسه نیست.

# %% [markdown]
# ### Attention maps, side by side
#
# Sixteen pages of the exam, sorted by where the right entry stands: the right answers lie on a staircase. Colour is
# the softmax weight of each entry, and the small dot is the one the reader commits to.

# %% [markdown] lang="fa"
# ### نقشه‌های توجه، کنار هم
#
# شانزده صفحه از آزمون، مرتب‌شده بر حسب جای مدخل درست: پاسخ‌های درست روی یک پلکان‌اند. رنگ، وزن softmax هر مدخل است و
# نقطهٔ کوچک مدخلی است که خواننده انتخاب می‌کند.


# %%
def show_maps():
    two_each = torch.cat([(kept["slot"] == slot).nonzero()[:2, 0] for slot in range(ENTRIES)])
    album = {name: part[two_each] for name, part in (pages | kept).items() if name != "language"}
    numbers = torch.eye(ENTRIES, device=two_each.device).expand(len(two_each), ENTRIES, ENTRIES)
    figure, panels = plt.subplots(1, 6, figsize=(9, 3.4), sharey=True, layout="constrained")
    panels[0].imshow(F.one_hot(album["slot"], ENTRIES).cpu(), cmap="cividis", aspect="auto", vmin=0, vmax=1)
    panels[0].set(title="truth", xlabel="entry", ylabel="page")
    for axes, kind in zip(panels[1:], KINDS, strict=True):
        with torch.no_grad():
            q, K, _ = readers[kind](album)
            weights = soft_attention(q, K, numbers).cpu()
        picture = axes.imshow(weights, cmap="cividis", aspect="auto", vmin=0, vmax=1)
        axes.plot(picks(readers[kind], album).cpu(), range(len(album["slot"])), ".", color="#D55E00", markersize=5)
        axes.set(title=kind.replace("_", "\n"), xlabel="entry")
    figure.colorbar(picture, ax=panels, label="softmax weight")
    plt.show()


show_maps() if len(readers) == len(KINDS) else print("No reader has been trained yet: write retrieval_loss first.")

# %% [markdown]
# **What to see.** Four staircases and one carpet. The argmax reader is nearly indifferent between its entries,
# commits all the same, and has no way to find out. Where one of the four others misses a step, look whether the rest
# miss it on the same page: then it was the pronunciation, and the paler colours there show that the reader had its
# doubts. A choice hides them; the weights don't.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** چهار پلکان و یک فرش. خوانندهٔ argmax میان مدخل‌ها تقریباً بی‌تفاوت است، با این حال انتخاب می‌کند و
# راهی هم ندارد که بفهمد اشتباه کرده. هر جا یکی از چهار تای دیگر پله‌ای را جا انداخته، ببینید بقیه هم در همان صفحه
# اشتباه کرده‌اند یا نه؛ اگر بله، تقصیر تلفظ بوده است و رنگ‌های کم‌رمق‌تر آن‌جا می‌گویند که خواننده تردید داشته.
# انتخاب تردید را پنهان می‌کند؛ وزن‌ها نه.

# %% [markdown]
# ### Did they learn the language?
#
# A reader's score is $\text{query}\,W_q W_k^\top\,\text{word}^\top$, so $W_k W_q^\top$ should be the secret rotation
# up to a factor: the reader has found the dictionary nobody showed it. The number above each map is its cosine with
# the truth (1: the same map).

# %% [markdown] lang="fa"
# ### زبان را یاد گرفتند؟
#
# امتیازی که خواننده می‌دهد $\text{query}\,W_q W_k^\top\,\text{word}^\top$ است؛ پس $W_k W_q^\top$ باید تا حد یک ضریب
# همان دوران پنهان باشد: خواننده فرهنگی را پیدا کرده است که کسی نشانش نداده. عدد بالای هر نقشه کسینوس آن با حقیقت است
# (۱ یعنی همان نقشه).


# %%
def show_languages():
    figure, panels = plt.subplots(1, 6, figsize=(9, 2.5), layout="constrained")
    maps = {"truth": kept["language"]} | {
        kind: (reader.W_k @ reader.W_q.T).detach() for kind, reader in readers.items()
    }
    for axes, (name, found) in zip(panels, maps.items(), strict=True):
        likeness = F.cosine_similarity(found.flatten(), kept["language"].flatten(), dim=0).item()
        axes.imshow((found / found.norm()).cpu(), cmap="PuOr", vmin=-0.25, vmax=0.25)
        axes.set(title=f"{name.replace('_', chr(10))}\n{likeness:.2f}", xlabel="other language", xticks=[], yticks=[])
    panels[0].set_ylabel("word")
    plt.show()


show_languages() if len(readers) == len(KINDS) else print("No reader has been trained yet: write retrieval_loss first.")

# %% [markdown]
# **What to see.** Four times the same picture as the truth, and one that is still its random beginning. Four
# different wrong (or noisy) gradients led to one language.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** چهار بار همان تصویر حقیقت، و یکی که هنوز همان آغاز تصادفی‌اش است. چهار گرادیان متفاوت، که هر کدام
# کمی غلط یا پرنوفه بود، به یک زبان رسیده‌اند.

# %% [markdown]
# ### The price tags
#
# Last, measure what each remedy trades. On one small problem we know the exact gradient of the expected loss of a
# *choice* (your `reinforce_gradient`). Draw noise 20,000 times, let every remedy estimate that gradient through your
# `retrieval_loss`, and split its error into **bias** (how far its mean is off) and **spread** (how far one estimate
# is from its own mean), both in units of the true gradient's length.

# %% [markdown] lang="fa"
# ### برچسب قیمت
#
# در آخر اندازه بگیریم هر راه‌حل چه می‌دهد و چه می‌گیرد. در مسئله‌ای کوچک، گرادیان دقیق زیان مورد انتظار یک **انتخاب**
# را می‌دانیم (`reinforce_gradient` شما). ۲۰٬۰۰۰ بار نوفه بگیرید، بگذارید هر راه‌حل با `retrieval_loss` شما آن گرادیان
# را برآورد کند، و خطایش را دو بخش کنید: **اریبی** (bias؛ میانگینش چقدر پرت است) و **پراکندگی** (spread؛ هر برآورد
# چقدر از میانگین خودش دور است)، هر دو به نسبت اندازهٔ گرادیان واقعی.

# %%
generator = torch.Generator().manual_seed(11)
tag_q, tag_K = torch.randn(4, generator=generator), 0.7 * torch.randn(6, 4, generator=generator)
tag_V, repeats = 2 * torch.randn(6, 3, generator=generator), 20000
right_class = torch.zeros(repeats, dtype=torch.long)
tag_losses = F.cross_entropy(tag_V, right_class[:6], reduction="none")
exact = reinforce_gradient(tag_q, tag_K, tag_losses)
noise = gumbel_noise(torch.rand(repeats, 6, generator=generator).clamp_min(1e-9))
mean_loss = float((tag_K @ tag_q).softmax(0) @ tag_losses)
remedies = {
    "argmax": ("argmax", 1.0, 0.0),
    "soft": ("soft", 1.0, 0.0),
    "straight\nthrough": ("straight_through", 1.0, 0.0),
    "Gumbel\n$\\tau$ = 1": ("gumbel_softmax", 1.0, 0.0),
    "Gumbel\n$\\tau$ = 0.2": ("gumbel_softmax", 0.2, 0.0),
    "REINFORCE": ("reinforce", 1.0, 0.0),
    "REINFORCE\n+ baseline": ("reinforce", 1.0, mean_loss),
}
bias, spread = [], []
for kind, temperature, b in remedies.values():
    loss = partial(retrieval_loss, kind, answer=right_class, noise=noise, temperature=temperature, baseline=b)
    _, estimates, _, _ = gradients(
        loss, tag_q.expand(repeats, 4), tag_K.expand(repeats, 6, 4), tag_V.expand(repeats, 6, 3), torch.ones(repeats)
    )
    mean = estimates.mean(0)
    bias.append(float((mean - exact).norm() / exact.norm()))
    spread.append(float((estimates - mean).pow(2).sum(-1).mean().sqrt() / exact.norm()))
figure, axes = plt.subplots(figsize=(9, 3.4), layout="constrained")
places = torch.arange(len(remedies))
axes.bar(places - 0.2, bias, width=0.4, color="#0072B2", label="bias")
axes.bar(places + 0.2, spread, width=0.4, color="#E69F00", label="spread of one estimate")
for place, (b, s) in enumerate(zip(bias, spread, strict=True)):
    axes.annotate(f"{b:.2f}", (place - 0.2, b), ha="center", va="bottom", fontsize=8)
    axes.annotate(f"{s:.2f}", (place + 0.2, s), ha="center", va="bottom", fontsize=8)
axes.set(ylabel="in lengths of the true gradient", xlabel="remedy", title="Nothing is free")
axes.set_xticks(places, list(remedies))
axes.legend()
plt.show()

# %% [markdown]
# **What to see.** Argmax has no spread at all and a bias of exactly 1: it misses the whole gradient. Soft and
# straight through have no chance in them, hence no spread, but they answer another question, hence a bias that no
# amount of averaging removes. Gumbel-softmax stands between: lower its temperature and bias turns into spread.
# REINFORCE's bias here is only what 20,000 samples leave over; it pays in spread, and the baseline gives part of that
# back for nothing. Try a baseline of 10 before you write the essays, and explain to yourself what you get.

# %% [markdown] lang="fa"
# **چه می‌بینید؟** ‏argmax هیچ پراکندگی ندارد و اریبی‌اش درست ۱ است: همهٔ گرادیان را از دست می‌دهد. در توجه نرم و گذر
# مستقیم شانسی در کار نیست، پس پراکندگی ندارند؛ ولی به پرسش دیگری جواب می‌دهند و برای همین اریبی‌ای دارند که هیچ
# میانگین‌گیری‌ای از بین نمی‌برد. Gumbel-softmax در میانه است: دمایش را پایین بیاورید تا اریبی به پراکندگی تبدیل شود.
# اریبیِ REINFORCE در این‌جا فقط پس‌ماندهٔ ۲۰٬۰۰۰ نمونه است؛ بهایش را با پراکندگی می‌پردازد و خط پایه بخشی از آن را
# رایگان پس می‌دهد. پیش از نوشتن پاسخ‌های تشریحی خط پایهٔ ۱۰ را هم امتحان کنید و برای خودتان توضیح دهید چه می‌بینید.

# %% [markdown]
# **What to keep.** Four wrong or noisy gradients led to one language, and the exact gradient of argmax led nowhere.
# Bias and spread are paid in different coins: averaging helps against spread alone. What counts is the exam, where a
# reader has to commit, and all four were ready for it.
#
# **Open tasks** (no points).
#
# - Double the noise of the pronunciation, or the number of entries. Which of the four falls behind first? Three
#   seeds.
# - Let the readers read with softmax at the exam too. Does anyone gain, and when would it not be allowed?
# - Plot the margin of the exam's pages against whether they were read right. You did well if you can say from which
#   margin on a reader may be trusted.
#
# **Read on.** [Graves, Wayne and Danihelka 2014](https://arxiv.org/abs/1410.5401), a memory that is read softly;
# [Ramsauer et al. 2021](https://arxiv.org/abs/2008.02217), softmax attention as a memory that recalls. To hear it
# from a lecturer: [Stanford CS224N](https://web.stanford.edu/class/cs224n/), the lecture on attention.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** چهار گرادیان که نادرست یا پرنوفه بودند به یک زبان رسیدند و گرادیان دقیق argmax به هیچ‌جا. اریبی و
# پراکندگی را با دو سکهٔ جدا می‌پردازند: میانگین‌گیری فقط به کار پراکندگی می‌آید. آنچه به حساب می‌آید آزمون است که
# خواننده در آن باید انتخاب کند، و هر چهار تا برایش آماده بودند.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - نوفهٔ تلفظ را دو برابر کنید، یا شمار مدخل‌ها را. از چهار تا کدام زودتر عقب می‌ماند؟ با سه بذر.
# - بگذارید خواننده‌ها در آزمون هم با softmax بخوانند. آیا کسی سود می‌برد، و کجا اجازه‌اش نیست؟
# - حاشیهٔ صفحه‌های آزمون را در برابر درست یا نادرست خواندنشان رسم کنید. اگر بگویید از کدام حاشیه به بعد می‌شود به
#   خواننده اعتماد کرد درست است.
#
# **بیشتر بخوانید.** [Graves، Wayne و Danihelka ۲۰۱۴](https://arxiv.org/abs/1410.5401)، حافظه‌ای که نرم خوانده می‌شود؛
# [Ramsauer و همکاران ۲۰۲۱](https://arxiv.org/abs/2008.02217)، توجه softmax به‌عنوان حافظه‌ای که به یاد می‌آورد. اگر
# می‌خواهید از زبان مدرس بشنوید: [Stanford CS224N](https://web.stanford.edu/class/cs224n/)، جلسهٔ توجه.

# %% [markdown]
# ## Part 9 · In your own words
#
# ### Essay 2 · Training through a choice
#
# ●●○ · 45 min · 6 points
#
# A network embeds words, makes queries and keys from them with $W_q$ and $W_k$ and values
# with $W_v$, reads with *argmax* attention, and classifies what it read with a linear layer. It is trained by
# gradient descent on the cross entropy.
#
# (a) Follow the gradient from the last layer to the first. Which parameters does it reach, which not, and which
# factor of the chain rule decides? (b) What becomes of the queries and keys during training, and why does the loss
# fall a little all the same? (c) The gradient is zero only *almost* everywhere. What happens at the other points, and
# why is that no help?

# %% [markdown] lang="fa"
# ## بخش ۹ · به زبان خودتان
#
# ### پرسش تشریحی ۲ · آموزش از میان یک انتخاب
#
# ●●○ · ۴۵ دقیقه · ۶ نمره
#
# شبکه‌ای واژه‌ها را تعبیه می‌کند (embedding)، با $W_q$ و $W_k$ از آن‌ها پرس‌وجو و کلید و
# با $W_v$ مقدار می‌سازد، با توجه argmax می‌خواند و آنچه را خوانده با یک لایهٔ خطی دسته‌بندی می‌کند. با گرادیان کاهشی
# روی آنتروپی متقاطع آموزش می‌بیند.
#
# (الف) گرادیان را از لایهٔ آخر تا لایهٔ اول دنبال کنید. به کدام پارامترها می‌رسد، به کدام‌ها نمی‌رسد و کدام عاملِ
# قاعدهٔ زنجیره‌ای تعیین‌کننده است؟ (ب) در طول آموزش چه بر سر پرس‌وجوها و کلیدها می‌آید و چرا با این حال زیان کمی
# پایین می‌آید؟ (پ) گرادیان فقط **تقریباً** همه‌جا صفر است. در نقطه‌های دیگر چه می‌شود و چرا کمکی نمی‌کند؟

# %% [markdown] essay id="training_through_argmax" points=6
# ### BEGIN SOLUTION
# (a) Backwards: the loss gives the logits p − y; the linear layer gets a gradient (its input is the value that was
# read) and passes one, u = ∂L/∂output, to the attention. The output is v_{i*} = Σ_i h_i v_i with h one-hot. Its
# derivative for V is h: only the chosen row gets u, the other values get zero, so W_v learns, but from the chosen
# positions only (and so do the embeddings, through the value path of the chosen word alone). On the other branch the
# chain rule reads ∂L/∂q = (∂s/∂q)ᵀ (∂h/∂s)ᵀ (∂output/∂h)ᵀ u, and ∂h/∂s = 0 as long as no score moves by as much as
# half the margin. One factor is zero, so the product is: W_q and W_k, and whatever lies below them on this branch,
# get exactly nothing, however large u is.
#
# (b) Queries and keys stay what they were at initialisation (if the embeddings move through the value path, they
# drift with it, but nothing steers them towards better choices). The retrieval is a random, frozen choice. The loss
# falls all the same because the value path and the classifier learn to make the best of whatever is read: they learn
# the marks' frequencies, and what to say when the entry happens to be the right one, which is the case with
# probability about 1/n.
#
# (c) The other points are ties: there the output jumps from one value to another and no derivative exists (the
# one-sided difference quotient diverges as ε → 0). They form a set of measure zero, so training never stands on one
# by chance; and if it did, autograd would still report the zero of one side. Information about the jump lies at a
# finite distance, and a derivative only looks at an infinitesimal one.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the classifier and the value that was read (V's gradient one-hot, hence W_v) do get a gradient.
# - 1 point: W_q, W_k and what lies below them on that branch get none.
# - 1 point: names the factor, the derivative of the choice (one-hot) for the scores, which is zero within the margin.
#   "Argmax is not differentiable" alone earns nothing here: inside a terrace it is differentiable, with derivative
#   zero.
# - 1 point: queries and keys stay at their random start; the retrieval doesn't improve.
# - 1 point: why the loss falls all the same (values and classifier adapt to a frozen random choice; right by chance
#   about once in n).
# - 1 point: at ties the output jumps and there is no derivative; measure zero, so no help. Moving embeddings through
#   the value path may be mentioned; not required.
# ### END MARK SCHEME

# %% [markdown]
# ### Essay 3 · Four remedies
#
# ●●● · 55 min · 6 points
#
# Compare the remedies: soft, straight-through, Gumbel-softmax, REINFORCE with a baseline. For
# each say what is read on the way forward while training, whose gradient it follows (biased or not, and for which
# objective), what its variance and its cost are, and what changes at test time when a single value must be read.
# Refer to at least two of your own figures. Then choose, with a reason, for (i) 8 entries and a differentiable
# reader; (ii) a million documents and a reader that you can only ask "was this one useful?".

# %% [markdown] lang="fa"
# ### پرسش تشریحی ۳ · چهار راه‌حل
#
# ●●● · ۵۵ دقیقه · ۶ نمره
#
# راه‌حل‌ها را مقایسه کنید: توجه نرم، گذر مستقیم، Gumbel-softmax، و REINFORCE با خط پایه.
# برای هر کدام بگویید در آموزش، در راه رفت چه خوانده می‌شود؛ گرادیانِ چه چیزی را دنبال می‌کند (اریب یا نااریب، و برای
# کدام هدف)؛ واریانس و هزینه‌اش چیست؛ و در آزمون که باید فقط یک مقدار خوانده شود چه چیزی عوض می‌شود. دست‌کم به دو شکل
# از شکل‌های خودتان ارجاع دهید. بعد با دلیل انتخاب کنید، برای (۱) ۸ مدخل و خواننده‌ای مشتق‌پذیر؛ (۲) یک میلیون سند و
# خواننده‌ای که فقط می‌شود از او پرسید «این یکی به درد خورد؟».

# %% [markdown] essay id="remedies" points=6
# ### BEGIN SOLUTION
# Soft attention reads a mixture of all values and follows the exact gradient of the loss *of that mixture*: no
# variance, every value is read and gets a share of the gradient, cost linear in n forward and backward. It is biased
# for the expected loss of a choice, because loss(Σ p v) is not Σ p loss(v) (price tags: bias 0.6, spread 0). At test
# time a committed reader meets one-hot weights it was not trained with; the mismatch is small only once the weights
# are sharp.
#
# Straight-through reads one value, as at test time, so there is no mismatch in the forward pass; its backward pass is
# the softmax's at a point where the forward pass was not softmax: biased for every objective, deterministic, no
# guarantee of descent, no exploration beyond the current winner. All scores and all values are still needed (for q's
# gradient). Price tags: the largest bias but argmax's, no spread; the walk picture shows it crossing flat fields and
# stopping at the edge.
#
# Gumbel-softmax reads a random mixture near a corner; its gradient is unbiased for the relaxed objective E[loss(Σ w
# v)], biased for the hard one, the bias vanishing as τ → 0 while the variance grows (τ = 1 against 0.2 in the price
# tags; the triangle picture). It explores. Cost as soft; τ must be chosen or annealed. Mismatch shrinks with τ.
#
# REINFORCE reads one sampled value, pays its loss, and is unbiased for the expected hard loss. Only the loss of the
# chosen value is needed, so the reader needn't be differentiable and only one value is read; the variance is high and
# grows with the number of keys and the size of the losses. A baseline independent of the choice leaves the mean
# unchanged, since E[∂ log p] = 0, and cuts the variance (parabola with its minimum near the mean loss); a bad one
# raises it. It is the slowest of the four in the learning curves.
#
# (i) Soft (or straight-through when the reader must see real values in training): n is small, gradients are free of
# noise, and the curves show no price at test time. (ii) REINFORCE with a baseline: the reader's loss has no
# derivative, so the other three, which all differentiate it, can't be used, and reading a million documents for one
# mixture is out of the question. (Sampling from a million scores still needs the softmax, or an approximation such as
# top-k candidates.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point each for soft, straight-through, Gumbel-softmax, REINFORCE: what is read forward, whose gradient (bias,
#   and for which objective), variance, and train/test mismatch. Half a point when one of these is wrong or missing,
#   none when two are. Wrong: "Gumbel-softmax is unbiased" without saying for the relaxed objective; "the baseline
#   reduces the bias"; "straight-through is the exact gradient".
# - 1 point: at least two of the student's own figures are used as evidence, and what is said fits them.
# - 1 point: both choices with a valid reason: (i) any of soft, straight-through, Gumbel-softmax with a reason from
#   low noise or small n; (ii) REINFORCE because the reader can't be differentiated (½ each).
# ### END MARK SCHEME

# %% [markdown]
# ## Collaborators and sources
#
# *Replace this line:* whom you worked with and on what, which pages, papers and tools (language models too) you used
# and for what. "Nobody and nothing" is an answer as well.

# %% [markdown] lang="fa"
# ## همکاران و منابع
#
# **به‌جای این خط بنویسید:** با چه کسانی و روی چه بخشی کار کردید و از کدام صفحه‌ها، مقاله‌ها و ابزارها (از جمله
# مدل‌های زبانی) برای چه استفاده کردید. «هیچ‌کس و هیچ‌چیز» هم یک پاسخ است.

# %%
progress()  # where you are; when you are done, handin() writes the file to upload

# %% [markdown]
# # Homework 3 · Linear Transformers: the same answer without the big matrix
#
# Attention lets every word look at every other word, and pays for it: a page twice as long costs four times as much.
# A book of 65,536 words would need a table of weights with four billion entries, 17 gigabytes, for *one* head of one
# layer. In this homework you get rid of the table. The trick is a pair of brackets in another place; the consequence
# is that a Transformer turns out to be a recurrent network in disguise. At the end you train both kinds on one job and
# find out what the brackets cost: nothing comes for free, and you will see exactly where the bill arrives.
#
# **After this homework you can**
#
# - count the operations and the memory of softmax attention and of linear attention, and say from which length on the
#   linear one wins;
# - write attention for *any* similarity, and find features φ for which the similarity is an inner product;
# - compute attention without ever making an N × N tensor, for the whole sequence, causally, and one token at a time,
#   and show that the three agree;
# - measure time and memory on your own machine and compare them with your formulas;
# - say what a state of fixed size can't remember, and prove it with a trained model.
#
# **Builds on.** Attention and heads (homework 2). It looks ahead to recurrent networks (homework 6), which you needn't
# know: this one you build yourself.
#
# ![A map of the tasks: five parts as rows, arrows to what builds on them, four essays at the right](figures/map.svg)
#
# **Time.** About 12 hours: 1¾ for part 1, 3 for part 2, 2¼ for part 3, 2½ for part 4, 2½ for part 5, each with its
# essay. Under each task stands how hard it is (● to ●●●), how long it takes and what it is worth.
#
# **How checks work.** You write code between a function's docstring and the end of its cell. The check cell below it
# draws inputs from a seed and compares what your function returns with our reference. Here the seed is public and you
# see the verdict at once; at grading the same cell runs with another seed, so only a function that really computes the
# answer passes. When your numbers equal those of a well-known mistake, the check tells you which.
#
# **Conventions.** Queries `Q` have shape (N, D), keys `K` (N, D), values `V` (N, M); any axes may stand in front of
# these (a batch, heads), so count axes from the end: `-1`, `-2`. $Q_i$ is row $i$, written as a column in formulas.
# Features $\phi$ map D numbers to C numbers. Answers have the dtype of the inputs, float32 or float64.
#
# **Handing in.** One zip, `DL_Hw3_<firstName>_<lastName>_<StudentId>.zip`, with this notebook in it.
#
# %% [markdown] lang="fa"
# # تمرین ۳ · ترنسفورمرهای خطی: همان پاسخ، بدون آن ماتریس بزرگ
#
# سازوکار توجه (attention) می‌گذارد هر واژه به همهٔ واژه‌های دیگر نگاه کند، و بهایش را هم می‌گیرد: متنی که دو برابر
# بلندتر باشد چهار برابر خرج دارد. کتابی با ۶۵٬۵۳۶ واژه جدول وزنی می‌خواهد با چهار میلیارد درایه، یعنی ۱۷ گیگابایت،
# تازه فقط برای **یک** سر (head) از یک لایه. در این تمرین از شر این جدول خلاص می‌شوید. همهٔ ترفند این است که یک جفت
# پرانتز را جابه‌جا کنید؛ نتیجه‌اش این‌که ترنسفورمر (Transformer) در واقع یک شبکهٔ بازگشتی است که لباس عوض کرده. در
# پایان هر دو نوع را روی یک کار آموزش می‌دهید و می‌بینید جابه‌جایی پرانتزها چه خرجی داشته است: هیچ چیز رایگان نیست، و
# درست خواهید دید صورت‌حساب کجا از راه می‌رسد.
#
# **پس از این تمرین می‌توانید**
#
# - شمار عمل‌ها و حافظهٔ توجه softmax و توجه خطی را حساب کنید و بگویید از چه طولی به بعد شکل خطی برنده است؛
# - توجه را برای **هر** شباهتی بنویسید و ویژگی‌هایی (features) مانند φ پیدا کنید که شباهت را به ضرب داخلی تبدیل
#   می‌کنند؛
# - توجه را بی‌آن‌که هرگز تانسوری N × N ساخته شود حساب کنید: برای کل دنباله، به شکل علّی (causal)، و توکن به توکن؛ و
#   نشان دهید هر سه یکی‌اند؛
# - زمان و حافظه را روی دستگاه خودتان اندازه بگیرید و با فرمول‌هایتان بسنجید؛
# - بگویید حالتی با اندازهٔ ثابت چه چیزی را نمی‌تواند به خاطر بسپارد، و آن را با مدلی آموزش‌دیده ثابت کنید.
#
# **پیش‌نیازها.** توجه و سرها (تمرین ۲). این تمرین نگاهی هم به شبکه‌های بازگشتی (تمرین ۶) دارد که لازم نیست بشناسیدشان:
# این یکی را خودتان می‌سازید.
#
# ![نقشهٔ کارها: پنج بخش در پنج ردیف، پیکان به کارهای بعدی و در کنار چهار پرسش تشریحی](figures/map.svg)
#
# **زمان.** حدود ۱۲ ساعت: ۱٫۷۵ ساعت برای بخش ۱، ۳ ساعت برای بخش ۲، ۲٫۲۵ ساعت برای بخش ۳، ۲٫۵ ساعت برای بخش ۴ و ۲٫۵ ساعت
# برای بخش ۵، هر کدام با پرسش تشریحی‌اش. زیر عنوان هر کار نوشته‌ایم چقدر دشوار است (● تا ●●●)، چقدر وقت می‌برد و چند
# نمره دارد.
#
# **بررسی‌ها چگونه کار می‌کنند.** کد را میان توضیح تابع (docstring) و پایان سلول می‌نویسید. سلول بررسیِ زیر آن، ورودی‌ها
# را از یک بذر (seed) می‌سازد و خروجی تابع شما را با مرجع ما می‌سنجد. بذر این‌جا همگانی است و نتیجه را همان دم می‌بینید؛
# هنگام نمره‌دهی همین سلول با بذری دیگر اجرا می‌شود، پس تنها تابعی پذیرفته می‌شود که پاسخ را واقعاً حساب کند. اگر عددهای
# شما با یکی از خطاهای آشنا یکی باشد، بررسی می‌گوید کدام خطا.
#
# **قراردادها.** پرس‌وجوها (query) یعنی `Q` شکل `(N, D)` دارند، کلیدها (key) یعنی `K` شکل `(N, D)` و مقدارها (value)
# یعنی `V` شکل `(N, M)`؛ جلوی این‌ها هر محور دیگری هم ممکن است بیاید (دسته (batch)، سر)، پس محورها را از آخر بشمارید:
# `-1` و `-2`. نماد $Q_i$ سطر $i$ است که در فرمول‌ها ستونی نوشته می‌شود. ویژگی‌های $\phi$ از $D$ عدد، $C$ عدد می‌سازند.
# پاسخ‌ها همان dtype ورودی را دارند: float32 یا float64.
#
# **تحویل.** یک فایل zip با نام `DL_Hw3_<firstName>_<lastName>_<StudentId>.zip` که همین دفترچه در آن است.

# %% given id="setup"
import gc
import math
import re
import time
import tracemalloc
import weakref
from collections import deque
from functools import partial
from types import FunctionType

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from autograder import check, check_predictions, exam, handin, hint, progress, seeded, stand_in, start

start("hw03_linear_transformers")
torch.set_num_threads(1)  # small tensors gain nothing from more, and one thread can be timed
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"  # told apart by every eye

# %% [markdown]
# ## Part 1 · What softmax attention costs
#
# ### 1.1 The one you know
#
# ●○○ · 25 min · 5 points
#
# *Idea.* Every query is compared with every key; a softmax over the *keys* turns the scores of one query into weights;
# the answer is a weighted mean of the values:
#
# $$V'_i = \frac{\sum_{j=1}^{N} \exp\!\left(Q_i^\top K_j / \sqrt D\right) V_j}
#              {\sum_{j=1}^{N} \exp\!\left(Q_i^\top K_j / \sqrt D\right)}, \qquad i = 1, \dots, N.$$
#
# ![Two queries and two keys: scores, exponentials, rows that add up to 1, and the mixed values 5 and 6](figures/table.svg)
#
# *With a pencil.* $N = 2$, $D = 4$, $M = 1$. Queries (2, 0, 0, 0) and (0, 0, 0, 0), keys (0, 0, 0, 0) and (ln 3, 0, 0,
# 0), values 8 and 4. The scores of query 1 are $0$ and $2 \ln 3 / \sqrt 4 = \ln 3$, their exponentials 1 and 3, its
# weights 1/4 and 3/4, and its answer is $8/4 + 3\cdot 4/4 = 5$. Query 2 has equal scores, hence the plain mean: 6.
#
# No mask in part 1. Scores may be large: $e^{300}$ is infinite in float32, so let `torch.softmax` or a subtraction
# take care of it.
#
# %% [markdown] lang="fa"
# ## بخش ۱ · توجه softmax چقدر خرج دارد
#
# ### ۱٫۱ همان که می‌شناسید
#
# ●○○ · ۲۵ دقیقه · ۵ نمره
#
# **ایده.** هر پرس‌وجو با همهٔ کلیدها سنجیده می‌شود؛ یک softmax روی **کلیدها** امتیازهای هر پرس‌وجو را به وزن تبدیل
# می‌کند؛ و پاسخ، میانگین وزن‌دار مقدارهاست:
#
# $$V'_i = \frac{\sum_{j=1}^{N} \exp\!\left(Q_i^\top K_j / \sqrt D\right) V_j}
#              {\sum_{j=1}^{N} \exp\!\left(Q_i^\top K_j / \sqrt D\right)}, \qquad i = 1, \dots, N.$$
#
# ![دو پرس‌وجو و دو کلید: امتیازها، نماها، سطرهایی با مجموع ۱، و مقدارهای آمیختهٔ ۵ و ۶](figures/table.svg)
#
# **با مداد.** فرض کنید $N = 2$، $D = 4$ و $M = 1$. پرس‌وجوها $(2, 0, 0, 0)$ و $(0, 0, 0, 0)$ هستند، کلیدها
# $(0, 0, 0, 0)$ و $(\ln 3, 0, 0, 0)$، و مقدارها ۸ و ۴. امتیازهای پرس‌وجوی ۱ برابر $0$ و $2 \ln 3 / \sqrt 4 = \ln 3$
# است، نماهایشان ۱ و ۳، وزن‌ها یک‌چهارم و سه‌چهارم، و پاسخ $8/4 + 3\cdot 4/4 = 5$. امتیازهای پرس‌وجوی ۲ برابرند، پس
# میانگین ساده می‌گیرد: ۶.
#
# در بخش ۱ نقاب (mask) نداریم. امتیازها ممکن است بزرگ باشند: $e^{300}$ در float32 بی‌نهایت است؛ چارهٔ آن را به
# `torch.softmax` یا یک تفریق بسپارید.


# %% solution id="softmax_attention"
def softmax_attention(Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    """Scaled dot-product attention without a mask.

    Katharopoulos et al. (2020), "Transformers are RNNs", equation 2; Vaswani et al. (2017), equation 1.

    Args:
        Q: queries, shape (…, N, D).
        K: keys, shape (…, N, D).
        V: values, shape (…, N, M).

    Returns:
        Shape (…, N, M).
    """
    ### BEGIN SOLUTION
    scores = Q @ K.transpose(-1, -2) / math.sqrt(Q.shape[-1])
    return torch.softmax(scores, dim=-1) @ V
    ### END SOLUTION


# %% [markdown] hint id="softmax_attention"
# Row i of `Q Kᵀ` belongs to query i. Along which axis, then, must the weights add up to 1?
# ---
# Count axes from the end, so that batch and heads may stand in front: `K.transpose(-1, -2)`. Divide by the root of the
# size over which one inner product adds up: is that D or M?
# ---
# `torch.softmax` subtracts each row's maximum by itself, so large scores are safe with it; there is no mask. With
# `scores` for `Q @ …` divided by `math.sqrt(…)`, one product with `V` is left.
# %% [markdown] hint id="softmax_attention" lang="fa"
# سطر `i` از `Q Kᵀ` از آنِ پرس‌وجوی `i` است. پس مجموع وزن‌ها در راستای کدام محور باید ۱ شود؟
# ---
# محورها را از آخر بشمارید تا دسته و سرها بتوانند جلو بایستند: `K.transpose(-1, -2)`. بر ریشهٔ اندازه‌ای تقسیم کنید که
# هر ضرب داخلی روی آن جمع می‌زند: `D` است یا `M`؟
# ---
# `torch.softmax` خودش بیشینهٔ هر سطر را کم می‌کند، پس امتیازهای بزرگ با آن خطری ندارند؛ نقابی هم در کار نیست. با
# `scores` به معنای `Q @ …` تقسیم بر `math.sqrt(…)`، یک ضرب در `V` می‌ماند.


# %%
# The pencil case: 5 and 6 must come out.
two_queries, two_keys = (
    torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]]),
    torch.tensor([[0.0, 0, 0, 0], [math.log(3), 0, 0, 0]]),
)
print(softmax_attention(two_queries, two_keys, torch.tensor([[8.0], [4.0]])))


# %% check id="softmax_attention_check" points=5
draw = seeded("softmax_attention")
check("softmax attention", softmax_attention(draw.normal(7, 5), draw.normal(7, 5), draw.normal(7, 3)))
Q, K, V = draw.normal(2, 4, 6, 9).transpose(-1, -2), draw.normal(2, 4, 9, 6), draw.normal(2, 4, 9, 5)
check("softmax attention with two leading axes", softmax_attention(Q, K, V))
Q, K = draw.integers(3, 6, 8, 16).float(), draw.integers(74, 77, 8, 16).float()
check("softmax attention with scores near 1200", softmax_attention(Q, K, draw.normal(8, 3)))

# %% [markdown]
# ### 1.2 Count before you run
#
# ●○○ · 20 min · 3 points
#
# *Idea.* Leading order is enough: drop constants and whatever grows more slowly. In softmax attention the scores
# take N² inner products of D numbers, the mixture N² times M; memory is the N × N table of weights. **Linear
# attention**, which you will write in part 3, replaces the table by C features of every query and key and one C × M
# matrix:
#
# | kind | time | memory |
# |---|---|---|
# | `"softmax"` | $N^2 \max(D, M)$ | $N^2$ |
# | `"linear"` | $N\,C\,M$ | $C \max(N, M)$ |
#
# *With a pencil.* $N = 10$, $D = 2$, $M = 3$. Softmax: $10^2 \cdot \max(2, 3) = 300$ operations and a table of 100
# numbers. Linear with $C = D^2 = 4$: $10 \cdot 4 \cdot 3 = 120$ operations and $4 \cdot \max(10, 3) = 40$ numbers. With
# N = 20 the first pair becomes 1200 and 400, the second 240 and 80. Where the four entries come from is Essay 1.
#
# Return the table's two numbers exactly. When `C` is `None` the features are those of part 2, all products of two
# coordinates: $C = D^2$.
#
# %% [markdown] lang="fa"
# ### ۱٫۲ پیش از اجرا بشمارید
#
# ●○○ · ۲۰ دقیقه · ۳ نمره
#
# **ایده.** مرتبهٔ اصلی (leading order) کافی است: ضریب‌های ثابت و هر چه کندتر رشد می‌کند کنار می‌رود. در توجه softmax
# امتیازها $N^2$ ضرب داخلیِ $D$تایی می‌خواهند و آمیختن مقدارها $N^2$ بار $M$ عمل؛ حافظه هم همان جدول $N \times N$
# وزن‌هاست. **توجه خطی** (linear attention) که در بخش ۳ می‌نویسید، به‌جای این جدول، $C$ ویژگی برای هر پرس‌وجو و هر
# کلید و یک ماتریس $C \times M$ نگه می‌دارد:
#
# | نوع | زمان | حافظه |
# |---|---|---|
# | `"softmax"` | $N^2 \max(D, M)$ | $N^2$ |
# | `"linear"` | $N\,C\,M$ | $C \max(N, M)$ |
#
# **با مداد.** فرض کنید $N = 10$، $D = 2$ و $M = 3$. برای softmax: ‏$10^2 \cdot \max(2, 3) = 300$ عمل و جدولی با ۱۰۰
# عدد. برای خطی با $C = D^2 = 4$: ‏$10 \cdot 4 \cdot 3 = 120$ عمل و $4 \cdot \max(10, 3) = 40$ عدد. با $N = 20$ دو عدد
# نخست ۱۲۰۰ و ۴۰۰ می‌شوند و دو عدد دوم ۲۴۰ و ۸۰. این‌که هر چهار خانه از کجا آمده‌اند موضوع پرسش تشریحی ۱ است.
#
# دو عدد جدول را دقیق برگردانید. وقتی `C` برابر `None` است، ویژگی‌ها همان‌های بخش ۲ هستند، یعنی همهٔ ضرب‌های دوبه‌دوی
# مؤلفه‌ها: $C = D^2$.


# %% solution id="attention_operations"
def attention_operations(N: int, D: int, M: int, kind: str, C: int | None = None) -> dict:
    """Operations and memory of attention, to leading order.

    Katharopoulos et al. (2020), sections 3.2 and 3.2.1.

    Args:
        N: length of the sequence.
        D: size of queries and keys.
        M: size of values.
        kind: "softmax" or "linear".
        C: number of features of "linear"; None means D².

    Returns:
        {"time": int, "memory": int}, as in the table above.
    """
    ### BEGIN SOLUTION
    if kind == "softmax":
        return {"time": N**2 * max(D, M), "memory": N**2}
    if kind == "linear":
        C = D**2 if C is None else C
        return {"time": N * C * M, "memory": C * max(N, M)}
    raise ValueError(f"unknown kind of attention: {kind!r}")
    ### END SOLUTION


# %% [markdown] hint id="attention_operations"
# Which of the sizes N, D, M and C stand in each of the four entries of the table, and where do two of them compete for
# the larger?
# ---
# To leading order the larger one counts, so it is a maximum and not a sum: keys and values compete for the time of
# softmax, the features of N positions and the C × M matrix for the memory of the linear form.
# ---
# Settle C first: `None` stands for `D**2`, any number that is given stays what it is. Then a dict for each kind,
# `{"time": N * C * M, "memory": …}` for the linear one.
# %% [markdown] hint id="attention_operations" lang="fa"
# در هر یک از چهار خانهٔ جدول کدام‌یک از اندازه‌های `N`، `D`، `M` و `C` هست، و کجا دو تا از آن‌ها بر سر بزرگ‌تر بودن
# رقابت می‌کنند؟
# ---
# در مرتبهٔ اصلی آن که بزرگ‌تر است به حساب می‌آید، پس پای بیشینه در میان است و نه جمع: در زمان softmax کلیدها و مقدارها
# رقابت می‌کنند و در حافظهٔ شکل خطی ویژگی‌های `N` جایگاه با ماتریس `C × M`.
# ---
# نخست تکلیف `C` را روشن کنید: `None` یعنی `D**2` و هر عددی که داده شود همان می‌ماند. سپس برای هر نوع یک dict، برای نوع
# خطی `{"time": N * C * M, "memory": …}`.


# %%
# The pencil case: 300 and 100, then 120 and 40 must come out.
print(attention_operations(10, 2, 3, "softmax"), attention_operations(10, 2, 3, "linear"))


# %% check id="attention_operations_check" points=3
draw = seeded("attention_operations")
keys_wider = (draw.integers(100, 200), draw.integers(20, 30), draw.integers(5, 15))
values_wider = (draw.integers(100, 200), draw.integers(5, 15), draw.integers(20, 30))
values_wider_than_long = (draw.integers(20, 40), draw.integers(5, 15), draw.integers(50, 90))
sizes = [keys_wider, values_wider, values_wider_than_long]
check("operations of softmax attention", [attention_operations(*each, "softmax") for each in sizes])
C = draw.integers(31, 41)
check("operations of linear attention, C given", [attention_operations(*each, "linear", C) for each in sizes])
check("operations of linear attention, C = D²", [attention_operations(*each, "linear") for each in sizes])

# %% [markdown]
# **Look at it.** Your own formulas, for one head of a usual size (D = M = 64) and three choices of C. Follow the
# dashed line, the memory of a laptop: at which N does each kind hit it?
#
# %% [markdown] lang="fa"
# **ببینید.** فرمول‌های خودتان، برای یک سر با اندازهٔ معمول ($D = M = 64$) و سه مقدار $C$. خط‌چین را دنبال کنید که
# حافظهٔ یک لپ‌تاپ است: هر نوع در کدام $N$ به آن می‌رسد؟

# %%
lengths = [2**power for power in range(6, 21)]
kinds = {
    "softmax": ("softmax", None, ORANGE, "s--"),
    "linear, C = D = 64": ("linear", 64, BLUE, "o-"),
    "linear, C = D² = 4096": ("linear", None, GREEN, "^-."),
}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for axis, what in zip(axes, ("time", "memory"), strict=True):
    for label, (kind, C, colour, style) in kinds.items():
        counts = [attention_operations(N, 64, 64, kind, C)[what] for N in lengths]
        axis.plot(lengths, counts, style, color=colour, markersize=3.5, label=label)
    axis.axvline(64**2, color=GREY, linewidth=1, linestyle=":")
    axis.text(64**2 * 1.2, 0.03, "N = D²", transform=axis.get_xaxis_transform(), fontsize=8)
    axis.set(xscale="log", yscale="log", xlabel="length N of the sequence")
axes[0].set(ylabel="operations", title="Time: slope 2 against slope 1")
axes[1].set(ylabel="numbers held at once", title="Memory: the table outgrows every laptop")
axes[1].axhline(16e9 / 4, color="black", linewidth=1, linestyle="--")
axes[1].annotate("16 GB of float32", (lengths[0], 16e9 / 4), va="bottom", fontsize=8)
axes[0].legend(fontsize=8, loc="upper left")
plt.show()

# %% [markdown]
# **What to see.** On logarithmic axes a power of N is a straight line and its exponent is the slope: 2 for softmax, 1
# for linear attention. A larger C lifts the line but doesn't tilt it, so two lines of different slope must cross, and
# with C = D² and M = D they cross at N = D² (dotted). Left of it the "faster" algorithm is slower.
#
# ### Essay 1 · Where the operations go
#
# ●●○ · 60 min · 8 points
#
# Derive the four entries of the table. For each kind write down the order in which the matrices are multiplied, the
# shapes of all intermediate results, the cost of each product, and which tensor decides the memory. Why does the
# softmax forbid the cheap order?
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** روی محورهای لگاریتمی هر توان $N$ خطی راست است و شیبش همان توان: ۲ برای softmax و ۱ برای توجه خطی.
# بزرگ‌شدن $C$ خط را بالا می‌برد ولی کج‌تر نمی‌کند؛ پس دو خط با شیب متفاوت ناچار جایی یکدیگر را می‌بُرند، و با $C = D^2$
# و $M = D$ این‌جا $N = D^2$ است (نقطه‌چین). سمت چپ آن، الگوریتم «سریع‌تر» کندتر است.
#
# ### پرسش تشریحی ۱ · عمل‌ها کجا خرج می‌شوند
#
# ●●○ · ۶۰ دقیقه · ۸ نمره
#
# هر چهار خانهٔ جدول را به دست آورید. برای هر نوع بنویسید ماتریس‌ها به چه ترتیبی در هم ضرب می‌شوند، نتیجه‌های میانی چه
# شکلی دارند، هر ضرب چقدر خرج دارد و کدام تانسور حافظه را تعیین می‌کند. چرا softmax راه ارزان را می‌بندد؟

# %% [markdown] essay id="orders" points=8
# ### BEGIN SOLUTION
# *Softmax.* $S = QK^\top$: (N, D) by (D, N) gives (N, N), each entry an inner product of D numbers: $N^2 D$. The
# softmax touches each entry a constant number of times: $N^2$. Weights times V: (N, N) by (N, M) gives (N, M): $N^2 M$.
# Together $N^2 (D + M) + N^2$, which is $N^2\max(D, M)$ to leading order (the sum of two numbers lies between their
# maximum and twice it). Memory: the weights, $N^2$ numbers (inputs and output need only $N(D + M)$, less when
# $N > D, M$); for training they must be kept for the backward pass.
#
# *Linear.* Features: (N, C) each for queries and keys, $NC$ (for quadratic features one product each). Then
# $\phi(K)^\top V$: (C, N) by (N, M) gives (C, M): $NCM$; the sum of the keys' features, (C,): $NC$. Then
# $\phi(Q)\,(\phi(K)^\top V)$: (N, C) by (C, M) gives (N, M): $NCM$; the normaliser $\phi(Q) z$: $NC$. Together
# $NCM$ to leading order. Memory: the features, $NC$, and the matrix, $CM$: $C\max(N, M)$. Nothing has N².
#
# Both compute a product of three matrices, and multiplication is associative: $(AB)V = A(BV)$. Multiplying from the
# left makes the N × N product, from the right the C × M product. The softmax (exp of each entry, then a division by the
# row's sum) sits *between* the two products: it acts entry by entry on the finished N × N table, it is not linear, so
# $\operatorname{softmax}(QK^\top)V$ can't be regrouped. When the similarity itself is an inner product of features
# there is nothing between them, and the normaliser is a row-wise factor that can be applied at the end.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point: softmax, the scores: (N, D) by (D, N) gives (N, N), N²D operations.
#
# 1 point: softmax, the mixture: (N, N) by (N, M), N²M, and hence N² max(D, M) with a reason (a sum lies between the
# maximum and twice it).
#
# 1 point: softmax, memory N²: the weights, more than inputs and output for N > D, M.
#
# 1 point: linear, φ(K)ᵀV: (C, N) by (N, M) gives (C, M), NCM operations.
#
# 1 point: linear, its use: (N, C) by (C, M), another NCM; the normaliser is NC and doesn't count.
#
# 1 point: linear, memory: features NC and matrix CM, hence C max(N, M).
#
# 1 point: associativity, with the shape of the intermediate result in either order.
#
# 1 point: the softmax acts on the finished table, entry by entry and not linearly, *between* the products. "Linear
# attention is faster because it has no softmax" without the order of multiplication earns neither of the last two
# points.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** Softmax attention takes $N^2 \max(D, M)$ operations and a table of N × N weights: twice the length,
# four times the bill. Counting to leading order tells slopes and crossings before anything has run, and says nothing
# about constants. The softmax stands between two products of matrices, and that alone closes the cheap order.
#
# **Open tasks** (no points)
#
# - Let torch count: run `softmax_attention` and the two products of the linear form under
#   `torch.utils.flop_counter.FlopCounterMode`. You did well if you can explain, for M = D, every factor between its
#   numbers and yours.
# - Write softmax attention that goes over the keys in blocks of 256 and keeps a running maximum, a running sum and a
#   running mixture. You did well if it agrees with yours at scores near 1200 and no N × N tensor is made; does its time
#   still have slope 2?
#
# **Read on.** Vaswani and others, [Attention is all you need](https://arxiv.org/abs/1706.03762) (2017), section 3.2.1
# and table 1. Rabe and Staats, [Self-attention does not need O(n²) memory](https://arxiv.org/abs/2112.05682) (2021),
# and Dao and others, [FlashAttention](https://arxiv.org/abs/2205.14135) (2022): the same softmax, its table never
# stored.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** توجه softmax به $N^2 \max(D, M)$ عمل و جدولی با $N \times N$ وزن نیاز دارد: طول دو برابر، خرج چهار
# برابر. شمردن تا مرتبهٔ اصلی، پیش از آن‌که چیزی اجرا شود، شیب‌ها و نقطه‌های گذر را می‌گوید و دربارهٔ ضریب‌ها چیزی
# نمی‌گوید. softmax میان دو ضرب ماتریسی ایستاده و همین است که راه ارزان را می‌بندد.
#
# **تمرین‌های آزاد** (بی‌نمره)
#
# - بگذارید torch بشمارد: `softmax_attention` و دو ضرب شکل خطی را زیر `torch.utils.flop_counter.FlopCounterMode` اجرا
#   کنید. خوب پیش رفته‌اید اگر برای $M = D$ بتوانید هر ضریب میان عددهای آن و عددهای خودتان را توضیح دهید.
# - توجه softmax را چنان بنویسید که کلیدها را در قطعه‌های ۲۵۶تایی ببیند و تنها بیشینه، مجموع و آمیختهٔ تا این‌جا را نگه
#   دارد. خوب پیش رفته‌اید اگر با امتیازهای نزدیک ۱۲۰۰ همان پاسخ شما را بدهد و تانسوری $N \times N$ ساخته نشود؛ آیا شیب
#   زمانش هنوز ۲ است؟
#
# **بیشتر بخوانید.** واسوانی و همکاران، [Attention is all you need](https://arxiv.org/abs/1706.03762) (۲۰۱۷)، بخش ۳٫۲٫۱
# و جدول ۱. رابه و استاتس (Rabe و Staats)، [Self-attention does not need O(n²) memory](https://arxiv.org/abs/2112.05682)
# (۲۰۲۱)، و دائو (Dao) و همکاران، [FlashAttention](https://arxiv.org/abs/2205.14135) (۲۰۲۲): همان softmax، بی‌آن‌که
# جدولش هرگز نگه داشته شود.

# %% [markdown]
# ## Part 2 · Any similarity, and features for it
#
# ### 2.1 A similarity that isn't exponential
#
# ●○○ · 20 min · 3 points
#
# *Idea.* What attention needs of a similarity is that it isn't negative, nor zero for every key: then no weight is
# negative and they add up to one. $\exp(q^\top k/\sqrt D)$ is one choice. The square of the inner product is another:
#
# $$\operatorname{sim}(q, k) = (q^\top k)^2.$$
#
# *With a pencil.* q = (1, 2) against the keys (3, −1), (−2, −1), (2, −1): the inner products are 1, −4, 0, their
# squares 1, 16, 0. The key that points away is the most similar of all.
#
# Write it so that q and k *broadcast*: the last axis has D numbers, and all axes before it follow torch's rules, so
# shapes (4, 1, D) and (1, 6, D) give (4, 6).
#
# %% [markdown] lang="fa"
# ## بخش ۲ · هر شباهتی، و ویژگی‌هایش
#
# ### ۲٫۱ شباهتی که نمایی نیست
#
# ●○○ · ۲۰ دقیقه · ۳ نمره
#
# **ایده.** توجه از شباهت (similarity) همین را می‌خواهد که منفی نباشد و برای همهٔ کلیدها صفر نشود: آن‌گاه هیچ وزنی
# منفی نیست و مجموعشان یک است. $\exp(q^\top k/\sqrt D)$ یک انتخاب است. مربع ضرب داخلی انتخاب دیگری است:
#
# $$\operatorname{sim}(q, k) = (q^\top k)^2.$$
#
# **با مداد.** پرس‌وجوی $q = (1, 2)$ در برابر کلیدهای $(3, -1)$، $(-2, -1)$ و $(2, -1)$: ضرب‌های داخلی ۱ و ۴− و ۰ هستند
# و مربع‌هایشان ۱ و ۱۶ و ۰. کلیدی که پشتش به پرس‌وجوست از همه شبیه‌تر است.
#
# آن را چنان بنویسید که q و k با هم «پخش» شوند (broadcast): محور آخر $D$ عدد دارد و همهٔ محورهای پیش از آن از قاعدهٔ
# torch پیروی می‌کنند؛ پس شکل‌های `(4, 1, D)` و `(1, 6, D)` نتیجه‌ای با شکل `(4, 6)` می‌دهند.


# %% solution id="quadratic_similarity"
def quadratic_similarity(q: Tensor, k: Tensor) -> Tensor:
    """The square of the inner product over the last axis; the axes before it broadcast.

    Katharopoulos et al. (2020), section 3.2.1, the polynomial kernel of degree 2.

    Args:
        q: shape (…, D).
        k: shape (…, D).

    Returns:
        (qᵀk)², of the shape to which the axes before the last broadcast.
    """
    ### BEGIN SOLUTION
    return (q * k).sum(dim=-1) ** 2
    ### END SOLUTION


# %% [markdown] hint id="quadratic_similarity"
# Which comes first, the square or the sum over the coordinates? What tells the sign of your results?
# ---
# Shapes `(4, 1, D)` and `(1, 6, D)` are to give `(4, 6)`: the entry-by-entry product `q * k` broadcasts like this,
# while a matrix product decides by itself who meets whom.
# ---
# The sum of that product over `dim=-1` is the inner product of each pair. It may be negative; what is still to be done?
# %% [markdown] hint id="quadratic_similarity" lang="fa"
# کدام نخست می‌آید، مربع یا جمع روی مؤلفه‌ها؟ علامت نتیجه‌های شما چه می‌گوید؟
# ---
# شکل‌های `(4, 1, D)` و `(1, 6, D)` باید `(4, 6)` بدهند: ضرب مؤلفه به مؤلفهٔ `q * k` همین‌گونه پخش می‌شود، ولی ضرب
# ماتریسی خودش تصمیم می‌گیرد چه کسی به چه کسی برسد.
# ---
# جمع این حاصل‌ضرب روی `dim=-1` ضرب داخلی هر زوج است. ممکن است منفی باشد؛ هنوز چه کاری مانده است؟


# %%
# The pencil case: 1, 16 and 0 must come out.
three_keys = torch.tensor([[3.0, -1.0], [-2.0, -1.0], [2.0, -1.0]])
print(quadratic_similarity(torch.tensor([1.0, 2.0]), three_keys))


# %% check id="quadratic_similarity_check" points=3
draw = seeded("quadratic_similarity")
check("similarity of pairs", quadratic_similarity(draw.normal(7, 5), draw.normal(7, 5)))
check("similarity of all with all", quadratic_similarity(draw.normal(3, 4, 1, 5), draw.normal(3, 1, 6, 5)))
check("similarity of one query with many keys", quadratic_similarity(draw.normal(5), draw.normal(6, 2, 5)))

# %% [markdown]
# ### 2.2 Attention with any similarity
#
# ●●○ · 40 min · 6 points
#
# *Idea.* Softmax attention is only one member of a family:
#
# $$V'_i = \frac{\sum_{j=1}^{N} \operatorname{sim}(Q_i, K_j)\, V_j}{\sum_{j=1}^{N} \operatorname{sim}(Q_i, K_j)}.$$
#
# *With a pencil.* The similarities 1, 16, 0 of 2.1 add up to 17, so the weights are 1/17, 16/17 and 0. With values 17,
# 34 and 5 the query gets $(17 \cdot 1 + 34 \cdot 16 + 5 \cdot 0)/17 = 33$.
#
# `sim` is a function that broadcasts, like the one you have just written. It need not be symmetric, so hand it the
# query first. This form is quadratic, in time and in memory; it is the ruler by which we measure the fast ones.
#
# %% [markdown] lang="fa"
# ### ۲٫۲ توجه با هر شباهتی
#
# ●●○ · ۴۰ دقیقه · ۶ نمره
#
# **ایده.** توجه softmax تنها یکی از اعضای این خانواده است:
#
# $$V'_i = \frac{\sum_{j=1}^{N} \operatorname{sim}(Q_i, K_j)\, V_j}{\sum_{j=1}^{N} \operatorname{sim}(Q_i, K_j)}.$$
#
# **با مداد.** مجموع شباهت‌های ۱ و ۱۶ و ۰ از بخش ۲٫۱ برابر ۱۷ است، پس وزن‌ها $1/17$ و $16/17$ و $0$ هستند. با مقدارهای
# ۱۷ و ۳۴ و ۵ پرس‌وجو $(17 \cdot 1 + 34 \cdot 16 + 5 \cdot 0)/17 = 33$ می‌گیرد.
#
# `sim` تابعی است که مانند تابع قبلی شما پخش می‌شود. لازم نیست متقارن باشد، پس اول پرس‌وجو را به آن بدهید. این شکل هم در
# زمان و هم در حافظه مربعی است؛ خط‌کشی است که شکل‌های سریع را با آن می‌سنجیم.


# %% solution id="kernel_attention"
def kernel_attention(Q: Tensor, K: Tensor, V: Tensor, sim) -> Tensor:
    """Attention with weights proportional to a similarity, in quadratic time.

    Katharopoulos et al. (2020), equation 3.

    Args:
        Q: queries, shape (…, N, D).
        K: keys, shape (…, N, D).
        V: values, shape (…, N, M).
        sim: takes q and k, (…, D) and (…, D), which broadcast; returns (…), never negative.

    Returns:
        Shape (…, N, M).
    """
    ### BEGIN SOLUTION
    weights = sim(Q.unsqueeze(-2), K.unsqueeze(-3))
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V
    ### END SOLUTION


# %% [markdown] hint id="kernel_attention"
# Every query has to meet every key. Which shape does the table of their similarities have, and how do `Q` and `K` get
# there by broadcasting?
# ---
# `Q` needs an axis of size 1 where the keys will stand, `K` one where the queries will stand: `(…, N, 1, D)` and
# `(…, 1, N, D)`. Rows belong to the queries, and `sim` takes the query first.
# ---
# `sim(Q.unsqueeze(-2), …)` holds the weights but for their scale; a softmax isn't needed. Divide each row by its own
# sum, `.sum(dim=-1, keepdim=True)`, and mix the values.
# %% [markdown] hint id="kernel_attention" lang="fa"
# هر پرس‌وجو باید به هر کلید برسد. جدول شباهت‌هایشان چه شکلی دارد و `Q` و `K` چگونه با پخش‌شدن (broadcast) به آن
# می‌رسند؟
# ---
# `Q` در جایی که کلیدها خواهند ایستاد محوری به اندازهٔ ۱ می‌خواهد و `K` در جایی که پرس‌وجوها خواهند ایستاد:
# `(…, N, 1, D)` و `(…, 1, N, D)`. سطرها از آنِ پرس‌وجوها هستند و `sim` نخست پرس‌وجو را می‌گیرد.
# ---
# `sim(Q.unsqueeze(-2), …)` همان وزن‌هاست، تنها مقیاسشان مانده؛ softmax لازم نیست. هر سطر را بر مجموع خودش،
# `.sum(dim=-1, keepdim=True)`، تقسیم کنید و مقدارها را بیامیزید.


# %%
# The pencil case, for three equal queries: three times 33 must come out.
same_query = torch.tensor([[1.0, 2.0]]).expand(3, 2)
print(kernel_attention(same_query, three_keys, torch.tensor([[17.0], [34.0], [5.0]]), quadratic_similarity))


# %% check id="kernel_attention_check" points=6
draw = seeded("kernel_attention")
Q, K, V = draw.normal(9, 5), draw.normal(9, 5), draw.normal(9, 3)
check("quadratic attention", kernel_attention(Q, K, V, quadratic_similarity))
Q, K, V = draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 3)
check("quadratic attention with two leading axes", kernel_attention(Q, K, V, quadratic_similarity))
Q, K, V = draw.normal(3, 8, 5), draw.normal(3, 8, 5), draw.normal(3, 8, 4)


def one_sided(q, k):
    return torch.exp(-(q - 2 * k).pow(2).sum(dim=-1) / 8)


def exponential(q, k):
    return torch.exp((q * k).sum(dim=-1) / math.sqrt(5))


check("attention with a similarity that isn't symmetric", kernel_attention(Q, K, V, one_sided))
check("softmax and kernel attention", [softmax_attention(Q, K, V), kernel_attention(Q, K, V, exponential)])

# %% [markdown]
# ### 2.3 Features of the square
#
# ●●○ · 45 min · 6 points
#
# *Idea.* Multiply the square out:
#
# $$(q^\top k)^2 = \Big(\sum_a q_a k_a\Big)\Big(\sum_b q_b k_b\Big) = \sum_{a,b} (q_a q_b)\,(k_a k_b).$$
#
# Each term is a number made of q alone times the same number made of k alone. So the square *is* an inner product, of
# longer vectors.
#
# ![q and k become tables of all products of two coordinates, laid flat; their inner product is 16](figures/square.svg)
#
# *With a pencil.* q = (1, 2) and k = (−2, −1) have the inner product −4. All products of two coordinates are (1, 2, 2,
# 4) for q and (4, 2, 2, 1) for k, and $1\cdot4 + 2\cdot2 + 2\cdot2 + 4\cdot1 = 16 = (-4)^2$.
#
# Find $\phi$ with $\phi(q)^\top\phi(k) = (q^\top k)^2$ for all q and k. More than one $\phi$ is right,
# and they differ in C; the check looks at inner products only. (Can you do it with fewer than D² features?)
#
# %% [markdown] lang="fa"
# ### ۲٫۳ ویژگی‌های مربع
#
# ●●○ · ۴۵ دقیقه · ۶ نمره
#
# **ایده.** مربع را باز کنید:
#
# $$(q^\top k)^2 = \Big(\sum_a q_a k_a\Big)\Big(\sum_b q_b k_b\Big) = \sum_{a,b} (q_a q_b)\,(k_a k_b).$$
#
# هر جمله عددی است که فقط از q ساخته شده، ضرب در همان عدد که فقط از k ساخته شده است. پس مربع خودش ضرب داخلی است، منتها
# میان بردارهایی درازتر.
#
# ![از q و k جدول همهٔ ضرب‌های دوبه‌دو ساخته و تخت می‌شود؛ ضرب داخلی‌شان ۱۶ است](figures/square.svg)
#
# **با مداد.** ضرب داخلی $q = (1, 2)$ و $k = (-2, -1)$ برابر $-4$ است. همهٔ ضرب‌های دوبه‌دوی مؤلفه‌ها برای q برابر
# $(1, 2, 2, 4)$ است و برای k برابر $(4, 2, 2, 1)$، و $1\cdot4 + 2\cdot2 + 2\cdot2 + 4\cdot1 = 16 = (-4)^2$.
#
# تابع $\phi$ را پیدا کنید که برای هر q و k داشته باشیم $\phi(q)^\top\phi(k) = (q^\top k)^2$.
# بیش از یک $\phi$ درست است و $C$ آن‌ها فرق دارد؛ بررسی فقط ضرب‌های داخلی را می‌بیند. (می‌توانید با کمتر از $D^2$
# ویژگی هم انجامش دهید؟)


# %% solution id="quadratic_features"
def quadratic_features(x: Tensor) -> Tensor:
    """Features whose inner product is the square of the inner product: φ(q)·φ(k) = (qᵀk)².

    Katharopoulos et al. (2020), section 3.2.1.

    Args:
        x: shape (…, D).

    Returns:
        φ(x), shape (…, C), where C depends on D only.
    """
    ### BEGIN SOLUTION
    return (x.unsqueeze(-1) * x.unsqueeze(-2)).flatten(-2)
    ### END SOLUTION


# %% [markdown] hint id="quadratic_features"
# In the double sum of 2.3, which factor of a term is made of q alone? How many such factors are there for D
# coordinates, those with a ≠ b included?
# ---
# All products of two coordinates make a table `(…, D, D)`: multiply x, once with an extra axis at the end and once with
# one before the last, and it appears by broadcasting. Nothing else belongs to it, neither x itself nor a 1.
# ---
# `x.unsqueeze(-1) * …` is that table, and `.flatten(-2)` makes one axis of its last two.
# ---
# If you prefer D(D + 1)/2 features: a mixed product that you keep only once occurs twice in the square. φ stands on
# both sides, so which factor does it get on each?
# %% [markdown] hint id="quadratic_features" lang="fa"
# در جمع دوگانهٔ ۲٫۳ کدام عامل هر جمله تنها از `q` ساخته شده است؟ با `D` مؤلفه چند عامل این‌چنینی هست، با آن‌هایی که
# `a ≠ b` دارند؟
# ---
# همهٔ ضرب‌های دوبه‌دوی مؤلفه‌ها جدولی `(…, D, D)` می‌سازند: `x` را، یک بار با محوری اضافه در پایان و یک بار با محوری
# پیش از آخرین محور، در خودش ضرب کنید تا با پخش‌شدن پدیدار شود. چیز دیگری جزو آن نیست، نه خود `x` و نه عدد ۱.
# ---
# `x.unsqueeze(-1) * …` همان جدول است و `.flatten(-2)` از دو محور آخرش یکی می‌سازد.
# ---
# اگر `D(D + 1)/2` ویژگی را ترجیح می‌دهید: ضرب مختلطی که تنها یک بار نگه می‌دارید در مربع دو بار آمده است. φ در هر دو سو
# هست، پس در هر سو چه ضریبی می‌گیرد؟


# %%
# The pencil case: 16 must come out.
print(quadratic_features(torch.tensor([1.0, 2.0])) @ quadratic_features(torch.tensor([-2.0, -1.0])))


# %% check id="quadratic_features_check" points=6
draw = seeded("quadratic_features")
q, k = draw.normal(9, 5), draw.normal(7, 5)
check("inner products of quadratic features", quadratic_features(q) @ quadratic_features(k).transpose(-1, -2))
q, k = draw.normal(2, 4, 6, 3), draw.normal(2, 4, 5, 3)
check("the same with two leading axes", quadratic_features(q) @ quadratic_features(k).transpose(-1, -2))
q, k = draw.normal(6), draw.normal(6)
check("one query and one key, both sides", [quadratic_features(q) @ quadratic_features(k), quadratic_similarity(q, k)])

# %% [markdown]
# ### 2.4 Features first
#
# ●○○ · 30 min · 4 points
#
# *Idea.* Or turn it round: choose features, and let them *define* the similarity. All that is needed is
# $\phi(q)^\top\phi(k) > 0$, and positive features see to that:
#
# $$\phi(x) = \operatorname{elu}(x) + 1 = \begin{cases} x + 1 & x > 0 \\ e^{x} & x \le 0\end{cases}$$
#
# coordinate by coordinate, so C = D: cheap, and smooth enough to learn through. Its gradient must be finite wherever x
# is, also at x = 100, where $e^x$ isn't. (A `torch.where` computes *both* sides; look at what that does to the
# gradient.)
#
# ![elu + 1 equals the exponential left of zero and is a straight line of slope 1 right of it](figures/elu.svg)
#
# *With a pencil.* $\phi(-\ln 2) = e^{-\ln 2} = 0.5$, $\phi(0) = 1$, $\phi(3) = 4$. The slopes there are 0.5, 1 and 1.
#
# %% [markdown] lang="fa"
# ### ۲٫۴ اول ویژگی‌ها
#
# ●○○ · ۳۰ دقیقه · ۴ نمره
#
# **ایده.** یا برعکس عمل کنید: ویژگی‌ها را برگزینید و بگذارید شباهت را **آن‌ها تعریف کنند**. تنها چیزی که لازم است
# $\phi(q)^\top\phi(k) > 0$ است و ویژگی‌های مثبت این را برآورده می‌کنند:
#
# $$\phi(x) = \operatorname{elu}(x) + 1 = \begin{cases} x + 1 & x > 0 \\ e^{x} & x \le 0\end{cases}$$
#
# مؤلفه به مؤلفه، پس $C = D$: ارزان، و آن‌قدر هموار که بتوان از میانش یاد گرفت. گرادیانش باید هر جا x متناهی است
# متناهی باشد، حتی در $x = 100$ که $e^x$ دیگر متناهی نیست. (`torch.where` **هر دو** طرف را حساب می‌کند؛ ببینید این کار
# با گرادیان چه می‌کند.)
#
# ![تابع elu + 1 در چپِ صفر همان نمایی است و در راست آن خطی راست با شیب ۱](figures/elu.svg)
#
# **با مداد.** مقدارها: $\phi(-\ln 2) = e^{-\ln 2} = 0.5$، ‏$\phi(0) = 1$ و $\phi(3) = 4$. شیب‌ها در این سه جا ۰٫۵ و ۱ و
# ۱ هستند.


# %% solution id="elu_features"
def elu_features(x: Tensor) -> Tensor:
    """Positive features, coordinate by coordinate: elu(x) + 1, with a finite gradient at every finite x.

    Katharopoulos et al. (2020), equation 7.

    Args:
        x: shape (…, D).

    Returns:
        φ(x), shape (…, D).
    """
    ### BEGIN SOLUTION
    return F.elu(x) + 1
    ### END SOLUTION


# %% [markdown] hint id="elu_features"
# How far down does elu go, and what does the `+ 1` do about it on either side of zero?
# ---
# `torch.where(x > 0, x + 1, torch.exp(x))` has the right values. But its gradient also passes through the `exp` that
# isn't used, and at x = 100 that is 0 times ∞: what comes out?
# ---
# `torch.nn.functional` has an elu with a finite slope everywhere. By hand, x must be clamped to at most 0 before it
# goes into `torch.exp`.
# %% [markdown] hint id="elu_features" lang="fa"
# elu تا کجا پایین می‌رود و `+ 1` در دو سوی صفر با آن چه می‌کند؟
# ---
# `torch.where(x > 0, x + 1, torch.exp(x))` مقدارهای درست را می‌دهد. اما گرادیانش از آن `exp` هم می‌گذرد که به کار
# نمی‌رود، و در `x = 100` این یعنی `0 · ∞`: چه بیرون می‌آید؟
# ---
# `torch.nn.functional` یک elu دارد که شیبش همه‌جا متناهی است. اگر دستی می‌نویسید، `x` پیش از رفتن به `torch.exp` باید
# از بالا به ۰ بریده شود.


# %%
# The pencil case: 0.5, 1 and 4 must come out.
print(elu_features(torch.tensor([-math.log(2), 0.0, 3.0])))


# %% check id="elu_features_check" points=4
draw = seeded("elu_features")
check("elu features", elu_features(2 * draw.normal(2, 5, 7)))
x = torch.cat([draw.uniform(4, low=90.0, high=110.0), draw.normal(6), draw.uniform(4, low=-40.0, high=-30.0)])
x.requires_grad_()
features = elu_features(x)
gradient = torch.autograd.grad(features.sum(), x, allow_unused=True, materialize_grads=True)[0]
check("elu features of large numbers and their slope", [features, gradient])

# %% [markdown]
# **Look at it.** Three similarities of a query with keys all around it. The query points east, keys have length 1.5 and
# turn through the whole circle. Left, the similarity, scaled to a maximum of 1; right, the attention weight over 60
# keys for a query of length 4: who is sharp, who is blunt, and who thinks that *opposite* is alike?
#
# %% [markdown] lang="fa"
# **ببینید.** سه شباهت، میان یک پرس‌وجو و کلیدهای دور تا دورش. پرس‌وجو رو به شرق است، طول کلیدها ۱٫۵ است و یک دور کامل
# می‌زنند. سمت چپ شباهت است که بیشینه‌اش را ۱ کرده‌ایم؛ سمت راست وزن توجه روی ۶۰ کلید برای پرس‌وجویی با طول ۴: کدام
# تیز است، کدام کُند، و کدام **روبه‌رو** را هم شبیه می‌داند؟

# %%
angles = torch.linspace(-math.pi, math.pi, 61)[:-1]
ring = torch.stack([angles.cos(), angles.sin()], dim=-1)
similarities = {
    "exponential": (lambda q, k: torch.exp((q * k).sum(dim=-1) / math.sqrt(2)), ORANGE, "--"),
    "quadratic": (quadratic_similarity, GREEN, "-."),
    "elu + 1": (lambda q, k: (elu_features(q) * elu_features(k)).sum(dim=-1), BLUE, "-"),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for name, (sim, colour, style) in similarities.items():
    short, long = (sim(torch.tensor([length, 0.0]), 1.5 * ring) for length in (1.0, 4.0))
    left.plot(angles.rad2deg(), short / short.max(), style, color=colour, label=name)
    right.plot(angles.rad2deg(), long / long.sum(), style, color=colour, label=name)
left.set(ylabel="similarity / its maximum", title="A short query: the similarity", ylim=(0, 1.05))
right.set(ylabel="attention weight", title="A long query: the weights", ylim=(0, None))
for axis in (left, right):
    axis.set(xlabel="angle between query and key (degrees)", xticks=range(-180, 181, 90))
left.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Only the exponential becomes sharper when the query grows longer: that is how a softmax *selects*.
# The square doesn't care about length (it cancels in the weights) nor about sign: a key that points the other way
# counts as much. elu + 1 stays blunt, never gets near zero even for the opposite key, and its favourite key isn't quite
# the one that points the query's way: it isn't a function of the angle. Keep this picture in mind for part 5.
#
# **Look at it: how long is the query?** The right panel once more, with a length of your choice. Making a query longer
# is dividing its temperature (homeworks 2 and 7 call it τ).
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** تنها شباهت نمایی است که با درازشدن پرس‌وجو تیزتر می‌شود: softmax این‌گونه برمی‌گزیند. مربع نه به
# طول کاری دارد (در وزن‌ها ساده می‌شود) و نه به علامت: کلیدی که درست روبه‌روست همان‌قدر به حساب می‌آید. ویژگی elu + 1
# کُند می‌ماند، حتی برای کلید روبه‌رو هم نزدیک صفر نمی‌شود، و کلید دلخواهش هم دقیقاً هم‌جهت پرس‌وجو نیست، چون تابعی از
# زاویه نیست. این تصویر را برای بخش ۵ به یاد بسپارید.
#
# **ببینید: پرس‌وجو چقدر دراز است؟** همان شکل سمت راست، با طولی به دلخواه شما. دراز کردن پرس‌وجو همان کم‌کردن دماست
# (تمرین‌های ۲ و ۷ آن را τ می‌نامند).

# %%
from autograder.desk.explore import explore


def draw_sharpness(axis, length):
    """The attention weights of 60 keys on a ring, for a query of some length that points east."""
    for name, (sim, colour, style) in similarities.items():
        likeness = sim(length * torch.tensor([1.0, 0.0]), 1.5 * ring)
        axis.plot(angles.rad2deg(), likeness / likeness.sum(), style, color=colour, label=name)
    axis.set(xlabel="angle (degrees)", ylabel="attention weight", ylim=(0, 0.15), xticks=range(-180, 181, 90))
    axis.legend(fontsize=7)


explore(draw_sharpness, "query length", [0.5, 2.0, 8.0])

# %% [markdown]
# <details><summary>What to see</summary>
#
# Equal weights would be 1/60 ≈ 0.017. At length 0.5 the three curves are much alike; at 8 the exponential has 90 % of
# its weight on keys within 30° of the query. The square has 33 % there at *any* length, and elu + 1 goes from 29 % to
# 35 %: it cannot make up its mind, however loud the question is.
#
# </details>
#
# ### Essay 2 · Move the brackets
#
# ●●○ · 45 min · 6 points
#
# Let $\operatorname{sim}(q, k) = \phi(q)^\top \phi(k)$. Starting from the formula of 2.2, rewrite $V'_i$ so that the
# sums over j no longer contain i, and write the result in matrix form. Mark the step that uses associativity. What must
# hold of φ so that the result makes sense as attention? Which φ would make it *exactly* softmax attention, and why
# don't we use that one?
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# وزن‌های برابر $1/60 \approx 0.017$ می‌شدند. در طول ۰٫۵ سه منحنی چندان فرقی ندارند؛ در طول ۸ شباهت نمایی ۹۰٪ وزنش را
# روی کلیدهایی دارد که کمتر از ۳۰ درجه با پرس‌وجو فاصله دارند. مربع در **هر** طولی ۳۳٪ آن‌جا دارد و elu + 1 از ۲۹٪ به
# ۳۵٪ می‌رسد: پرسش هر قدر هم بلند باشد، نمی‌تواند تصمیم بگیرد.
#
# </details>
#
# ### پرسش تشریحی ۲ · پرانتزها را جابه‌جا کنید
#
# ●●○ · ۴۵ دقیقه · ۶ نمره
#
# فرض کنید $\operatorname{sim}(q, k) = \phi(q)^\top \phi(k)$ باشد. از فرمول ۲٫۲ آغاز کنید و $V'_i$ را چنان بازنویسی
# کنید که در جمع‌های روی $j$ دیگر $i$ نباشد، و نتیجه را به شکل ماتریسی بنویسید. گامی را که از شرکت‌پذیری استفاده
# می‌کند نشان دهید. φ باید چه ویژگی‌ای داشته باشد تا نتیجه به‌عنوان توجه معنا بدهد؟ کدام φ نتیجه را **دقیقاً** برابر
# توجه softmax می‌کند و چرا آن را به کار نمی‌بریم؟

# %% [markdown] essay id="rewrite" points=6
# ### BEGIN SOLUTION
# Put the features in and pull out what doesn't depend on j; a number times a vector may be written as
# $(\phi(Q_i)^\top\phi(K_j))\,V_j^\top = \phi(Q_i)^\top(\phi(K_j)\,V_j^\top)$, and *this* is associativity:
#
# $$V_i'^\top = \frac{\sum_j \phi(Q_i)^\top \phi(K_j)\, V_j^\top}{\sum_j \phi(Q_i)^\top \phi(K_j)}
#   = \frac{\phi(Q_i)^\top \left(\sum_j \phi(K_j) V_j^\top\right)}{\phi(Q_i)^\top \left(\sum_j \phi(K_j)\right)}
#   = \frac{\phi(Q_i)^\top S}{\phi(Q_i)^\top z},$$
#
# with $S = \sum_j \phi(K_j) V_j^\top = \phi(K)^\top V$ of shape (C, M) and $z = \sum_j \phi(K_j)$ of shape (C,). Both
# are the same for all i: computed once, in $O(NCM)$, used N times for $O(CM)$ each. In matrix form $V' =
# \operatorname{diag}(\phi(Q)\,\phi(K)^\top \mathbf 1)^{-1}\, \phi(Q)\,(\phi(K)^\top V)$, against
# $(\phi(Q)\,\phi(K)^\top)\,V$ of the quadratic form.
#
# The weights must be a distribution: $\phi(q)^\top\phi(k) \ge 0$ for all q and k, and for each query positive for some
# key, so that the denominator isn't zero. Positive features suffice but aren't necessary: those of the square have
# negative entries and inner products $(q^\top k)^2 \ge 0$.
#
# Softmax: $\exp(q^\top k) = \sum_{n} (q^\top k)^n/n!$, so φ holds all monomials of all degrees, those of degree n
# weighted by $1/\sqrt{n!}$ (with $q/D^{1/4}$, $k/D^{1/4}$ for the scale): infinitely many features, C = ∞, and the
# cost grows with C. One can cut off the series or draw random features, and gets an approximation.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point: φ(Q_i) pulled out of the numerator, with S.
#
# 1 point: the same for the denominator, with z.
#
# 1 point: associativity named at the right step.
#
# 1 point: the matrix form with shapes, or the remark that S and z are computed once for all i.
#
# 1 point: non-negative similarity and a denominator that isn't zero ("φ ≥ 0" as *sufficient* is fine, as *necessary*
# earns half).
#
# 1 point: the exponential's features are infinite in number.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** Attention is a weighted mean, and any similarity that isn't negative makes weights. If it is an
# inner product of features, the brackets may move; the square has such features, at most D² of them, and the
# exponential has infinitely many. Features decide how sharply attention can choose: only the exponential sharpens as
# the query grows.
#
# **Open tasks** (no points)
#
# - Find features of the cube, $(q^\top k)^3$, and count how many different ones there are. You did well if the inner
#   products agree, you have $D(D + 1)(D + 2)/6$, and you can say why the cube is no similarity for attention all the
#   same.
# - Approximate the exponential by m random features, $\phi(x) = e^{w_i^\top x - \lVert x\rVert^2/2}/\sqrt m$ with
#   normal $w_i$. You did well if a log-log plot of the mean error of $\phi(q)^\top\phi(k)$ against m has a slope near
#   −1/2, and you see for which lengths of q it is hopeless.
#
# **Read on.** Katharopoulos and others, [Transformers are RNNs](https://arxiv.org/abs/2006.16236) (2020), sections 3.1
# and 3.2: this part is in there. Tsai and others, [Transformer dissection](https://arxiv.org/abs/1908.11775) (2019),
# read attention as a kernel; Choromanski and others, [Rethinking attention with
# Performers](https://arxiv.org/abs/2009.14794) (2020), draw features of the exponential.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** توجه میانگینی وزن‌دار است و هر شباهتی که منفی نباشد وزن می‌سازد. اگر شباهت، ضرب داخلی ویژگی‌ها باشد،
# پرانتزها را می‌شود جابه‌جا کرد؛ مربع چنین ویژگی‌هایی دارد، حداکثر $D^2$ تا، و نمایی بی‌نهایت تا. ویژگی‌ها تعیین
# می‌کنند توجه چقدر تیز می‌تواند برگزیند: تنها نمایی است که با درازشدن پرس‌وجو تیزتر می‌شود.
#
# **تمرین‌های آزاد** (بی‌نمره)
#
# - ویژگی‌هایی برای مکعب، $(q^\top k)^3$، پیدا کنید و بشمارید چند تای آن‌ها با هم فرق دارند. خوب پیش رفته‌اید اگر
#   ضرب‌های داخلی درست باشند، به $D(D + 1)(D + 2)/6$ رسیده باشید و بتوانید بگویید چرا مکعب با این همه شباهتی برای توجه
#   نیست.
# - نمایی را با m ویژگی تصادفی تقریب بزنید، $\phi(x) = e^{w_i^\top x - \lVert x\rVert^2/2}/\sqrt m$ با $w_i$های نرمال.
#   خوب پیش رفته‌اید اگر نمودار لگاریتمی میانگین خطای $\phi(q)^\top\phi(k)$ در برابر m شیبی نزدیک $-1/2$ داشته باشد و
#   ببینید برای کدام طول‌های q امیدی نیست.
#
# **بیشتر بخوانید.** کاتاروپولوس (Katharopoulos) و همکاران، [Transformers are RNNs](https://arxiv.org/abs/2006.16236)
# (۲۰۲۰)، بخش‌های ۳٫۱ و ۳٫۲: همین بخش ما در آن است. تسای (Tsai) و همکاران در [Transformer
# dissection](https://arxiv.org/abs/1908.11775) (۲۰۱۹) توجه را از دید هسته‌ها (kernel) می‌خوانند؛ چورومانسکی
# (Choromanski) و همکاران در [Rethinking attention with Performers](https://arxiv.org/abs/2009.14794) (۲۰۲۰) ویژگی‌های
# نمایی را به قرعه می‌کشند.

# %% [markdown]
# ## Part 3 · Never build the table
#
# ### 3.1 Linear attention
#
# ●●○ · 70 min · 11 points
#
# *Idea.* With $\operatorname{sim}(q, k) = \phi(q)^\top\phi(k)$ both sums of the formula can be made *before* any query
# is looked at, and once for all of them:
#
# $$V_i'^\top = \frac{\phi(Q_i)^\top S}{\phi(Q_i)^\top z}, \qquad
#   S = \sum_{j=1}^N \phi(K_j) V_j^\top \;\; (C \times M), \qquad z = \sum_{j=1}^N \phi(K_j) \;\; (C).$$
#
# ![One product in two orders: through a 3 × 3 table, or through S and z with 4 numbers; both give 4, 7, 2](figures/orders.svg)
#
# *With a pencil.* $N = 3$, $C = 2$, $M = 1$, features already taken: φ(Q) has the rows (1, 1), (2, 0), (0, 1), φ(K) the
# rows (1, 0), (0, 2), (1, 1), and V is 10, 1, 4. Then $S = 10\,(1, 0) + 1\,(0, 2) + 4\,(1, 1) = (14, 6)$ and
# $z = (2, 3)$. Query 1 reads $(14 + 6)/(2 + 3) = 4$, query 2 $28/4 = 7$, query 3 $6/3 = 2$. The table gives the same,
# with nine weights in place of four numbers.
#
# The second check cell is about cost: it runs your function at N = 65,536, where an N × N tensor needs 17 GB and the
# grading machine gives you 6. So that your laptop needn't find out the hard way, a **witness** (next cell) first
# watches you at small sizes. It sees every tensor that torch makes, and stops at once when there is one of more than
# $12 N (C + M)$ numbers, or when more than twice as many are held at once; what numpy and Python allocate is bounded
# likewise. Nor is it enough to cut the table into strips: when N becomes four times as large, the numbers that torch
# works on may become nine times as many (linear is 4, quadratic 16), and when N becomes eight times as large, the time
# may become thirty times as long (linear is 8, quadratic 64). That allows everything linear in N with room to spare, a
# loop over positions too.
#
# %% [markdown] lang="fa"
# ## بخش ۳ · جدول را هرگز نسازید
#
# ### ۳٫۱ توجه خطی
#
# ●●○ · ۷۰ دقیقه · ۱۱ نمره
#
# **ایده.** با $\operatorname{sim}(q, k) = \phi(q)^\top\phi(k)$ هر دو جمع فرمول را می‌شود **پیش از** دیدن پرس‌وجوها
# حساب کرد، و یک بار برای همه:
#
# $$V_i'^\top = \frac{\phi(Q_i)^\top S}{\phi(Q_i)^\top z}, \qquad
#   S = \sum_{j=1}^N \phi(K_j) V_j^\top \;\; (C \times M), \qquad z = \sum_{j=1}^N \phi(K_j) \;\; (C).$$
#
# ![یک ضرب با دو ترتیب: از راه جدول ۳ × ۳، یا از راه S و z با ۴ عدد؛ پاسخ هر دو 4، 7، 2 است](figures/orders.svg)
#
# **با مداد.** فرض کنید $N = 3$، $C = 2$ و $M = 1$ و ویژگی‌ها از پیش گرفته شده‌اند: φ(Q) سطرهای $(1, 1)$، $(2, 0)$ و
# $(0, 1)$ را دارد، φ(K) سطرهای $(1, 0)$، $(0, 2)$ و $(1, 1)$ را، و V برابر ۱۰، ۱، ۴ است. پس
# $S = 10\,(1, 0) + 1\,(0, 2) + 4\,(1, 1) = (14, 6)$ و $z = (2, 3)$. پرس‌وجوی ۱ عدد $(14 + 6)/(2 + 3) = 4$ را می‌خواند،
# پرس‌وجوی ۲ عدد $28/4 = 7$ و پرس‌وجوی ۳ عدد $6/3 = 2$. جدول هم همین را می‌دهد، با نُه وزن به‌جای چهار عدد.
#
# سلول بررسی دوم دربارهٔ هزینه است: تابع شما را با $N = 65536$ اجرا می‌کند؛ در این طول یک تانسور $N \times N$ به ۱۷
# گیگابایت حافظه نیاز دارد و دستگاه نمره‌دهی ۶ گیگابایت به شما می‌دهد. برای آن‌که لپ‌تاپتان این را با درد و رنج کشف نکند،
# **شاهد**ی (witness) در سلول بعد نخست در اندازه‌های کوچک شما را زیر نظر می‌گیرد. شاهد هر تانسوری را که torch می‌سازد
# می‌بیند و اگر یکی بیش از $12 N (C + M)$ عدد داشته باشد، یا بیش از دو برابر این عدد یک‌جا نگه داشته شود، همان دم کار را
# متوقف می‌کند؛ حافظه‌ای که numpy و خود پایتون می‌گیرند هم مرزی مانند این دارد. بریدن جدول به نوارها نیز بس نیست: وقتی
# $N$ چهار برابر می‌شود، شمار عددهایی که torch با آن‌ها کار می‌کند نباید از نُه برابر بگذرد (خطی ۴ برابر است و مربعی ۱۶
# برابر)، و وقتی $N$ هشت برابر می‌شود زمان نباید از سی برابر بگذرد (خطی ۸ برابر است و مربعی ۶۴ برابر). هر چه در $N$ خطی
# باشد به‌راحتی در این حد می‌گنجد، حلقه‌ای روی جایگاه‌ها هم.


# %% given id="witness"
class TooMuch(RuntimeError):
    """Says that a function makes more numbers than its task allows; Jupyter shows the message alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Witness(TorchDispatchMode):
    """Notes, inside its `with`, the largest tensor torch makes, the numbers held at once and the numbers worked on.

    A view shares the memory of what it looks at and costs nothing. So many as `most…` are allowed.
    """

    LOOK_UP = re.compile("index|gather|scatter|take")  # operations on single rows, whatever they are given

    def __init__(self, most: float = math.inf, most_held: float = math.inf, most_work: float = math.inf):
        super().__init__()
        self.most, self.most_held, self.most_work = most, most_held, most_work
        self.largest, self.shape, self.held, self.work, self.living = 0, (), 0, 0, {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func.is_view:
            return made
        read, written = tensors_in((*args, *(kwargs or {}).values())), tensors_in((made,))
        known = {x.untyped_storage().data_ptr() for x in read}
        new = [x for x in written if x.untyped_storage().data_ptr() not in known]
        for tensor in new:
            self.note(tensor)
        self.work += sum(x.numel() for x in (new if self.LOOK_UP.search(func.name()) else read + written))
        if self.work > self.most_work:
            raise TooMuch(
                "For N four times as large your function does more than nine times the work: it is quadratic in N."
            )
        return made

    def note(self, tensor: Tensor):
        numbers = tensor.untyped_storage().nbytes() // tensor.element_size()
        self.held += numbers
        reference = weakref.ref(tensor.untyped_storage(), self.let_go)  # lives as long as any view of it
        self.living[id(reference)] = reference, numbers
        if numbers > self.largest:
            self.largest, self.shape = numbers, tuple(tensor.shape)
        if self.largest > self.most:
            raise TooMuch(
                f"Your function made a tensor of shape {self.shape}: {self.largest:,} numbers, and {self.most:,} "
                "are allowed here. The run at full size would fill the memory, so it doesn't begin."
            )
        if self.held > self.most_held:
            raise TooMuch(
                f"No single tensor is too large, but your function holds {self.held:,} numbers at once, and "
                f"{self.most_held:,} are allowed here."
            )

    def let_go(self, reference):
        self.held -= self.living.pop(id(reference))[1]


def tensors_in(values) -> list[Tensor]:
    """The tensors among values, and in the lists and tuples among them."""
    parts = [part for value in values for part in (value if isinstance(value, (list, tuple)) else (value,))]
    return [part for part in parts if isinstance(part, Tensor)]


def time_of(attention, inputs) -> float:
    """Seconds of one run: CPU or wall, whichever is less, so that neither a busy machine nor several threads count."""
    cpu, wall = time.process_time(), time.perf_counter()
    attention(*inputs, elu_features)
    return min(time.process_time() - cpu, time.perf_counter() - wall)


def rehearse(attention, draw):
    """Run attention(Q, K, V, elu_features) at small sizes, under a witness and by the clock, before it runs at full size."""

    def inputs(N: int, C: int = 24, M: int = 28) -> list[Tensor]:
        return [draw.normal(N, C), draw.normal(N, C), draw.normal(N, M)]

    with Witness():
        torch.zeros(1)  # what a witness loads at its first use isn't the function's
    work = math.inf
    for N, C, M in ((256, 64, 72), (512, 24, 28), (2048, 24, 28)):
        given, numbers = inputs(N, C, M), 12 * N * (C + M)
        tracemalloc.start()  # numpy and Python tell it what they allocate
        try:
            with Witness(numbers, 2 * numbers, 9 * work if N == 2048 else math.inf) as witness:
                attention(*given, elu_features)
            peak, allowed = tracemalloc.get_traced_memory()[1], 8 * 16 * N * (C + M)
        finally:
            tracemalloc.stop()
        if peak > allowed:
            raise TooMuch(
                f"Outside torch your function holds {peak:,} bytes at once, and {allowed:,} are allowed here."
            )
        work = witness.work
    small, large = inputs(2048), inputs(16384)
    for _ in range(3):
        longest = time_of(attention, large)
        if longest < 0.05 or longest <= 30 * min(time_of(attention, small), time_of(attention, small)):
            return
    raise TooMuch(
        "For N eight times as large your function takes more than thirty times as long: it is quadratic in N."
    )


# %% solution id="linear_attention"
def linear_attention(Q: Tensor, K: Tensor, V: Tensor, features) -> Tensor:
    """Attention with similarity φ(q)·φ(k), in time and memory linear in N.

    Katharopoulos et al. (2020), equations 4 to 6. No tensor may have more than order N(C + M) + CM numbers.

    Args:
        Q: queries, shape (…, N, D).
        K: keys, shape (…, N, D).
        V: values, shape (…, N, M).
        features: φ, takes (…, D) and returns (…, C).

    Returns:
        Shape (…, N, M).
    """
    ### BEGIN SOLUTION
    phi_Q, phi_K = features(Q), features(K)
    S = phi_K.transpose(-1, -2) @ V
    z = phi_K.sum(dim=-2).unsqueeze(-1)
    return (phi_Q @ S) / (phi_Q @ z)
    ### END SOLUTION


# %% [markdown] hint id="linear_attention"
# Which two sums of the formula don't contain i? Which shapes do they have, and what do they cost if each is made only
# once?
# ---
# The sum of all φ(K_j) V_jᵀ is a single product of matrices, of shape `(…, C, M)`. Which of the two factors is
# transposed? All N outer products side by side would be an `(N, C, M)` tensor; the matrix product adds as it goes.
# ---
# Queries and keys both go through `features`, once each. The normaliser needs the sum of the features,
# `phi_K.sum(dim=-2)`, and not the features of the sum; and φ(Q) φ(K)ᵀ is the very table that you don't want.
# ---
# With S and z made, numerators are `phi_Q @ S`, of shape `(…, N, M)`. Each row has its own denominator: z with one more
# axis, `.unsqueeze(-1)`, makes them of shape `(…, N, 1)`.
# %% [markdown] hint id="linear_attention" lang="fa"
# کدام دو جمعِ فرمول `i` ندارند؟ چه شکلی دارند و اگر هر کدام تنها یک بار ساخته شود چقدر خرج دارند؟
# ---
# مجموع همهٔ `φ(K_j) V_jᵀ` تنها یک ضرب ماتریسی است، با شکل `(…, C, M)`. کدام‌یک از دو عامل ترانهاده می‌شود؟ هر `N` ضرب
# خارجی کنار هم تانسوری `(N, C, M)` می‌شد؛ ضرب ماتریسی در همان راه جمع می‌زند.
# ---
# پرس‌وجوها و کلیدها هر دو از `features` می‌گذرند، هر کدام یک بار. مخرج مجموع ویژگی‌ها را می‌خواهد، `phi_K.sum(dim=-2)`،
# نه ویژگی‌های مجموع را؛ و `φ(Q) φ(K)ᵀ` درست همان جدولی است که نمی‌خواهید.
# ---
# وقتی `S` و `z` آماده‌اند، صورت‌ها `phi_Q @ S` هستند با شکل `(…, N, M)`. هر سطر مخرج خودش را دارد: `z` با یک محور
# بیشتر، `.unsqueeze(-1)`، آن‌ها را با شکل `(…, N, 1)` می‌سازد.


# %%
# The pencil case, its features taken already: 4, 7 and 2 must come out.
read_by, kept_under = torch.tensor([[1.0, 1], [2, 0], [0, 1]]), torch.tensor([[1.0, 0], [0, 2], [1, 1]])
print(linear_attention(read_by, kept_under, torch.tensor([[10.0], [1.0], [4.0]]), lambda x: x))


# %% check id="linear_attention_check" points=7
draw = seeded("linear_attention")
Q, K, V = draw.normal(9, 5), draw.normal(9, 5), draw.normal(9, 3)
check("linear attention with elu features", linear_attention(Q, K, V, elu_features))
Q, K, V = draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 3)
check("linear attention with two leading axes", linear_attention(Q, K, V, elu_features))
Q, K, V = draw.normal(11, 4).double(), draw.normal(11, 4).double(), draw.normal(11, 3).double()
both = [kernel_attention(Q, K, V, quadratic_similarity), linear_attention(Q, K, V, quadratic_features)]
check("quadratic features, the slow way and the fast way", both)

# %% check id="linear_attention_check_cost" points=4
draw = seeded("linear_attention_cost")
rehearse(linear_attention, draw)
Q, K = draw.normal(65536, 8), draw.normal(65536, 8)
V = 1 + K @ draw.normal(8, 5)
# Every 8191st row is handed over: sums of 65,536 float32 numbers may differ in their fourth digit, hence the tolerance.
check("linear attention at N = 65,536", linear_attention(Q, K, V, elu_features)[::8191], rtol=1e-3, atol=1e-3)

# %% [markdown]
# **Look at it: the same race on your machine.** We run softmax attention, linear attention with elu features (C = D)
# and with quadratic features (C = D²) at growing N, with D = M = 32, until the next run would take about a second or
# make a tensor of two gigabytes. Left the measured seconds; right the largest tensor the witness saw. The thin lines go
# on with the slope of your formula as far as the memory of this machine.
#
# %% [markdown] lang="fa"
# **ببینید: همان مسابقه روی دستگاه شما.** توجه softmax، توجه خطی با ویژگی‌های elu ($C = D$) و با ویژگی‌های مربعی
# ($C = D^2$) را با $N$ رو به رشد و $D = M = 32$ اجرا می‌کنیم، تا جایی که اجرای بعدی حدود یک ثانیه طول بکشد یا تانسوری
# دوگیگابایتی بسازد. سمت چپ ثانیه‌های اندازه‌گیری‌شده است و سمت راست بزرگ‌ترین تانسوری که شاهد دیده. خط‌های نازک با شیب
# فرمول شما تا حافظهٔ این دستگاه ادامه می‌یابند.


# %%
def machine_memory() -> float:
    """Bytes of memory where the notebook computes (8 GB when the system doesn't tell)."""
    import os

    if torch.cuda.is_available():
        return torch.cuda.mem_get_info()[1]
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8e9


@torch.no_grad()
def measure(attention, N: int, D: int) -> tuple[float, int]:
    """Seconds of the fastest of several runs and bytes of the largest tensor made."""
    Q, K, V = seeded("race").normal(3, N, D)
    with Witness() as witness:
        attention(Q, K, V)
    times = []
    while sum(times) < 0.03 or len(times) < 3 and sum(times) < 0.5:
        start_time = time.perf_counter()
        attention(Q, K, V).sum().item()  # .item() waits until a GPU is done
        times.append(time.perf_counter() - start_time)
    return min(times), 4 * witness.largest


def race(attention, D: int, lengths, longest: float = 0.5, largest: float = 1e9) -> list[tuple[int, float, int]]:
    """(N, seconds, bytes) for growing N until a run would take too long or too much."""
    results = []
    for N in lengths:
        if results and (4 * results[-1][1] > 2 * longest or 4 * results[-1][2] > 2 * largest):
            break
        results.append((N, *measure(attention, N, D)))
    return results


runners = {
    "softmax": (softmax_attention, ORANGE, "s--", 2),
    "linear, C = D": (lambda Q, K, V: linear_attention(Q, K, V, elu_features), BLUE, "o-", 1),
    "linear, C = D²": (lambda Q, K, V: linear_attention(Q, K, V, quadratic_features), GREEN, "^-.", 1),
}
memory = machine_memory()
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
print("longest sequence for one head with the memory of this machine:")
for name, (attention, colour, style, power) in runners.items():
    N, seconds, size = map(list, zip(*race(attention, 32, [2**p for p in range(6, 20)]), strict=True))
    left.plot(N, seconds, style, color=colour, markersize=3.5, label=name)
    right.plot(N, size, style, color=colour, markersize=3.5, label=name)
    limit = N[-1] * (memory / size[-1]) ** (1 / power)
    right.plot([N[-1], limit], [size[-1], memory], color=colour, linewidth=0.8)
    left.plot([N[-1], limit], [seconds[-1], seconds[-1] * (limit / N[-1]) ** power], color=colour, linewidth=0.8)
    print(f"  {name:15} N = {limit:,.0f}")
right.axhline(memory, color="black", linestyle="--", linewidth=1)
right.annotate(f"this machine: {memory / 1e9:.0f} GB", (2**6, memory), va="bottom", fontsize=8)
left.set(
    xscale="log", yscale="log", xlabel="length N", ylabel="seconds", title="Time: softmax starts well and ends badly"
)
right.set(
    xscale="log",
    yscale="log",
    xlabel="length N",
    ylabel="bytes of the largest tensor",
    title="Memory: as the formula says",
)
left.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Memory keeps to its formula from the first point on. Time does so only on the right: at the left the
# curves are flatter, because a call of torch costs some microseconds however little it computes, and there are knees
# where a tensor no longer fits into the processor's cache. Where do the curves of softmax and of linear attention with
# C = D² cross in time? With D = M = 32 the formula says N = D² = 1024.
#
# ### 3.2 The crossover
#
# ●○○ · 25 min · 5 points
#
# *Idea.* A better slope wins *in the end*. With quadratic features, C = D², compare the leading orders of time:
#
# $$\underbrace{N\, D^2 M}_{\text{linear}} \;<\; \underbrace{N^2 \max(D, M)}_{\text{quadratic}}$$
#
# *With a pencil.* $D = 3$. With $M = 2$: $18 N < 3 N^2$ for $N > 6$, so N = 7 is enough, although 7 < D² = 9. With
# $M = 6$: $54 N < 6 N^2$ for $N > 9$; at N = 9 both sides are 486, and the linear form isn't preferred.
#
# For M = D this is N > D². For other M think again: neither "N > D²" nor "N > D·M" is always right. When the two are
# equal, don't prefer the linear form. The check asks about fourteen cases at once, all or nothing.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** حافظه از همان نقطهٔ اول به فرمولش وفادار است. زمان فقط در سمت راست چنین است: در سمت چپ منحنی‌ها
# تخت‌ترند، چون هر فراخوانی torch، هر قدر هم کم حساب کند، چند میکروثانیه خرج دارد؛ و جایی که تانسور دیگر در حافظهٔ نهان
# (cache) پردازنده نمی‌گنجد زانویی دیده می‌شود. منحنی زمانِ softmax و توجه خطی با $C = D^2$ کجا یکدیگر را می‌بُرند؟ با
# $D = M = 32$ فرمول می‌گوید $N = D^2 = 1024$.
#
# ### ۳٫۲ نقطهٔ گذر
#
# ●○○ · ۲۵ دقیقه · ۵ نمره
#
# **ایده.** شیب بهتر سرانجام برنده می‌شود. با ویژگی‌های مربعی، یعنی $C = D^2$، مرتبهٔ اصلی زمان‌ها را بسنجید:
#
# $$\underbrace{N\, D^2 M}_{\text{linear}} \;<\; \underbrace{N^2 \max(D, M)}_{\text{quadratic}}$$
#
# **با مداد.** فرض کنید $D = 3$. با $M = 2$: نابرابری $18 N < 3 N^2$ از $N > 6$ برقرار است، پس $N = 7$ بس است، با این‌که
# $7 < D^2 = 9$. با $M = 6$: نابرابری $54 N < 6 N^2$ از $N > 9$ برقرار است؛ در $N = 9$ هر دو سو ۴۸۶ است و شکل خطی ترجیح
# ندارد.
#
# برای $M = D$ یعنی $N > D^2$. برای $M$های دیگر دوباره فکر کنید: نه «$N > D^2$» همیشه درست است و نه «$N > D M$». اگر دو
# طرف برابر شدند، شکل خطی را ترجیح ندهید. بررسی چهارده مورد را یک‌جا می‌پرسد: یا همه یا هیچ.


# %% solution id="prefer_linear"
def prefer_linear(N: int, D: int, M: int) -> bool:
    """Whether linear attention with quadratic features (C = D²) takes fewer operations than quadratic attention.

    Args:
        N: length of the sequence.
        D: size of queries and keys.
        M: size of values.

    Returns:
        True when N·D²·M < N²·max(D, M), the leading orders of time.
    """
    ### BEGIN SOLUTION
    linear, quadratic = N * D**2 * M, N**2 * max(D, M)
    return linear < quadratic
    ### END SOLUTION


# %% [markdown] hint id="prefer_linear"
# Put in numbers: D = 4, once with M = 2 and once with M = 8. From which N on is the left side of the inequality the
# smaller one?
# ---
# Both sides are whole numbers, so compute them as they stand and compare; a division isn't needed. It is the time that
# counts, with `D**2` features, a maximum on the right, and no preference when they are equal.
# %% [markdown] hint id="prefer_linear" lang="fa"
# عدد بگذارید: `D = 4`، یک بار با `M = 2` و یک بار با `M = 8`. از کدام `N` به بعد سمت چپ نابرابری کوچک‌تر است؟
# ---
# هر دو سمت عدد صحیح‌اند، پس همان‌گونه که نوشته شده‌اند حسابشان کنید و بسنجید؛ تقسیمی لازم نیست. زمان است که به حساب
# می‌آید، با `D**2` ویژگی و با بیشینه‌ای در سمت راست؛ و اگر برابر بودند ترجیحی در کار نیست.


# %%
# The pencil case: True and False must come out.
print(prefer_linear(7, 3, 2), prefer_linear(9, 3, 6))


# %% check id="prefer_linear_check" points=5
draw = seeded("prefer_linear")
cases = []
for _ in range(3):
    D = draw.integers(8, 15)
    wide, narrow = D + draw.integers(3, 9), D - draw.integers(2, 6)
    cases += [(draw.integers(D**2 + 1, D * wide), D, wide), (draw.integers(D**2 - D, D**2), D, wide)]
    cases += [
        (draw.integers(D * narrow + 1, D**2), D, narrow),
        (draw.integers(D * narrow - narrow, D * narrow), D, narrow),
    ]
cases += [(D**2, D, wide), (D * narrow, D, narrow)]
cases = [cases[place] for place in draw.permutation(len(cases)).tolist()]
check("which form is faster, fourteen cases", [prefer_linear(*case) for case in cases])

# %% [markdown]
# **Look at it: formula against stopwatch.** For each D we look for the N at which your two functions take the same time
# (M = D) and compare it with D².
#
# %% [markdown] lang="fa"
# **ببینید: فرمول در برابر کرونومتر.** برای هر $D$ آن $N$ را پیدا می‌کنیم که دو تابع شما در آن یک اندازه زمان می‌برند
# ($M = D$) و با $D^2$ می‌سنجیم.


# %%
def crossing(lengths: list[int], quotients: list[float]) -> float:
    """The length from which on the quotient stays below 1, between two measured ones (nan when there is none)."""
    last = max((place for place, quotient in enumerate(quotients) if quotient >= 1), default=-1)
    if last in (-1, len(lengths) - 1):
        return math.nan
    above, below = math.log(quotients[last]), -math.log(quotients[last + 1])
    share = above / (above + below)
    return lengths[last] * (lengths[last + 1] / lengths[last]) ** share


sizes = [16, 24, 32, 48]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
crossings = []
for D, shade in zip(sizes, (0.25, 0.45, 0.7, 1.0), strict=True):
    lengths, quotients = [int(D**2 * 2 ** (step / 2)) for step in range(-4, 5)], []
    for N in lengths:
        slow, fast = (measure(runners[name][0], N, D)[0] for name in ("softmax", "linear, C = D²"))
        quotients.append(fast / slow)
    left.plot([N / D**2 for N in lengths], quotients, "o-", color=BLUE, alpha=shade, markersize=3, label=f"D = {D}")
    crossings.append(crossing(lengths, quotients))
left.axhline(1, color="black", linewidth=1)
left.axvline(1, color=GREY, linewidth=1, linestyle=":")
left.set(xscale="log", yscale="log", xlabel="N / D²", ylabel="seconds of linear / of softmax attention")
left.set_xticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
left.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], ["0.1", "0.2", "0.5", "1", "2", "5"])
left.minorticks_off()
left.set_title("Below 1 the linear form is faster")
left.legend(fontsize=8)
right.plot(sizes, crossings, "o", color=BLUE, label="measured crossover")
right.plot(sizes, [D**2 for D in sizes], color=ORANGE, linestyle="--", label="N = D²")
right.set(xscale="log", yscale="log", xlabel="size D of queries, keys and values", ylabel="length N of equal time")
right.set_title("The crossover grows with the square of D")
right.set_xticks(sizes, [str(D) for D in sizes])
right.set_yticks([200, 500, 1000, 2000], ["200", "500", "1000", "2000"])
right.minorticks_off()
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Leading orders know no constants: your machine's crossover is D² times some factor (how fast it
# multiplies matrices, takes exponentials, writes features to memory). What the formula does promise is the shape: left,
# all curves fall with slope about −1 and lie nearly on one another; right, the points run along the dashed line.
#
# ### Essay 3 · When is the linear form better?
#
# ●●○ · 40 min · 6 points
#
# A colleague wants to replace softmax attention by linear attention, with heads of D = M = 64, in (a) a translator for
# sentences of 40 words; (b) a model that reads DNA, N = 100,000; (c) a chat program that writes one token at a time, on
# a phone. Advise. Use the crossover, for C = D and for C = D², time and memory, training and generation; and say what
# the linear form might lose.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** مرتبهٔ اصلی از ضریب‌های ثابت خبر ندارد: نقطهٔ گذر دستگاه شما $D^2$ ضرب در عددی است (که به سرعت ضرب
# ماتریس، گرفتن نمایی و نوشتن ویژگی‌ها در حافظه بستگی دارد). چیزی که فرمول واقعاً قولش را می‌دهد شکل است: در سمت چپ همهٔ
# منحنی‌ها با شیبی نزدیک ۱− پایین می‌آیند و تقریباً روی هم‌اند؛ در سمت راست نقطه‌ها هم‌راستای خط‌چین می‌روند.
#
# ### پرسش تشریحی ۳ · شکل خطی کِی بهتر است؟
#
# ●●○ · ۴۰ دقیقه · ۶ نمره
#
# همکارتان می‌خواهد توجه softmax را با توجه خطی عوض کند، با سرهایی که $D = M = 64$ دارند، در (الف) مترجمی برای جمله‌های
# ۴۰ واژه‌ای؛ (ب) مدلی که DNA می‌خواند، با $N = 100000$؛ (پ) برنامهٔ گفت‌وگویی که روی گوشی توکن به توکن می‌نویسد.
# راهنمایی‌اش کنید. از نقطهٔ گذر برای $C = D$ و $C = D^2$، از زمان و حافظه، و از آموزش و تولید کمک بگیرید؛ و بگویید شکل
# خطی چه چیزی را ممکن است از دست بدهد.

# %% [markdown] essay id="when_linear" points=6
# ### BEGIN SOLUTION
# Time: linear NCM against N² max(D, M). With M = D the linear form takes fewer operations for N > C: N > D = 64 with
# elu features, N > D² = 4096 with quadratic ones. (In general N·max(D, M) > C·M.) Memory: C·max(N, M) against N², so
# again about N > C. Constants move both by a small factor; with batches and heads both sides grow alike.
#
# (a) N = 40 is below either crossover: keep softmax. It is faster, the table of 1600 numbers is nothing, and it can
# choose sharply. (b) N = 100,000 is far beyond both: the table has 10¹⁰ entries, 40 GB for one head; the linear form
# with C = D needs 6.4 million numbers and about N/C = 1500 times fewer operations, with C = D² still about 24 times
# fewer (its features are 4·10⁸ numbers, 1.6 GB a head). Exact softmax in blocks saves the memory but not the time.
# Whether the quality suffices must be measured: the state of C·M numbers can't hold everything of 100,000 positions.
# (c) In generation softmax keeps all earlier keys and values, N(D + M) numbers a head, and step N costs N(D + M): it
# slows down as the conversation grows. The linear form carries C(M + 1) numbers and each token costs C·M, the same for
# the first and the millionth: right for a phone in long conversations, unless it must quote exactly what was said long
# ago. (For the first C or so tokens the cache is smaller than the state.) Training: the linear form runs parallel over
# positions in its chunked form, like softmax, and unlike a usual RNN.
#
# What may be lost: sharpness (weights from φ(q)·φ(k) are of rank ≤ C and blunt), and exact recall of more than about C
# items from a state of fixed size: see part 5. Other features are another model: trained softmax weights can't simply
# be run with them.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point: the crossover N ≈ C (D for elu, D² for quadratic features with M = D). "Linear is always better for N > D"
# without asking for C earns nothing here.
#
# 1 point: (a) softmax, with a number or order from time *or* memory that fits.
#
# 1 point: (b) linear, likewise; exact softmax in blocks earns the point if its time is said to stay quadratic.
#
# 1 point: (c) linear, likewise.
#
# 1 point: generation: a growing cache and cost N(D + M) a token against a fixed state C·M.
#
# 1 point: what is lost (fixed state, rank C, less sharp, another model).
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** With features, keys and values are added up once, in $S$ and $z$, and every query reads from these:
# $N C M$ operations, and no table. With M = D that pays from N > C on: early for elu features, late for quadratic ones.
# What a formula promises is a slope; where the lines cross on your machine, your machine says.
#
# **Open tasks** (no points)
#
# - Predict from your formula of *memory* at which N softmax and linear attention with quadratic features make equally
#   large tensors (D = M = 32), and find that N with the witness. You did well if both numbers are the same to the last
#   digit.
# - Let `linear_attention` take a mask of keys that are padding, without a table. You did well if a batch of sequences
#   of different lengths gives what each gives alone, and a sequence without any key doesn't give NaN.
#
# **Read on.** Katharopoulos and others (2020), section 3.2.1, and their code,
# [fast-transformers](https://github.com/idiap/fast-transformers). Where the constants come from: the [benchmarking
# tutorial](https://pytorch.org/tutorials/recipes/recipes/benchmark.html) of PyTorch says what a stopwatch gets wrong.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** با ویژگی‌ها، کلیدها و مقدارها یک بار در $S$ و $z$ جمع می‌شوند و هر پرس‌وجو از همین‌ها می‌خواند:
# $N C M$ عمل و بی هیچ جدولی. با $M = D$ این کار از $N > C$ به بعد می‌صرفد: برای ویژگی‌های elu زود و برای ویژگی‌های
# مربعی دیر. آنچه فرمول قولش را می‌دهد شیب است؛ این‌که خط‌ها روی دستگاه شما کجا یکدیگر را می‌بُرند با خود دستگاه است.
#
# **تمرین‌های آزاد** (بی‌نمره)
#
# - از فرمول **حافظه** پیش‌بینی کنید که softmax و توجه خطی با ویژگی‌های مربعی در کدام $N$ تانسورهایی به یک بزرگی
#   می‌سازند ($D = M = 32$)، و آن $N$ را با شاهد پیدا کنید. خوب پیش رفته‌اید اگر دو عدد تا آخرین رقم یکی باشند.
# - کاری کنید که `linear_attention` نقابی برای کلیدهای پرکننده (padding) بگیرد، بی هیچ جدولی. خوب پیش رفته‌اید اگر
#   دسته‌ای از دنباله‌های نابرابر همان را بدهد که هر کدام به‌تنهایی می‌دهد، و دنبالهٔ بی‌کلید `NaN` ندهد.
#
# **بیشتر بخوانید.** کاتاروپولوس و همکاران (۲۰۲۰)، بخش ۳٫۲٫۱، و کدشان،
# [fast-transformers](https://github.com/idiap/fast-transformers). ضریب‌ها از کجا می‌آیند: [راهنمای اندازه‌گیری
# زمان](https://pytorch.org/tutorials/recipes/recipes/benchmark.html) در PyTorch می‌گوید کرونومتر کجا به خطا می‌رود.

# %% [markdown]
# ## Part 4 · Transformers are RNNs
#
# ### 4.1 Only the past
#
# ●●● · 85 min · 11 points
#
# *Idea.* A language model may not look ahead: position i uses keys 1 … i only. Now the sums differ from row to row, but
# each is the one before plus *one* term:
#
# $$V_i'^\top = \frac{\phi(Q_i)^\top S_i}{\phi(Q_i)^\top z_i}, \qquad S_i = S_{i-1} + \phi(K_i) V_i^\top, \qquad
#   z_i = z_{i-1} + \phi(K_i).$$
#
# *With a pencil.* The numbers of 3.1 again, now causally. $S_1 = (10, 0)$, $z_1 = (1, 0)$: query (1, 1) reads
# $10/1 = 10$, its own value, as position 1 always does. $S_2 = (10, 2)$, $z_2 = (1, 2)$: query (2, 0) reads
# $20/2 = 10$. $S_3 = (14, 6)$, $z_3 = (2, 3)$: query (0, 1) reads $6/3 = 2$, the same as in 3.1, for the last position
# sees everything.
#
# Three ways to have all N prefix sums, and what they cost:
#
# - a loop over i that keeps only the current S: memory CM beside inputs and outputs, but N small steps one after
#   another;
# - one `cumsum` over all the products $\phi(K_j)V_j^\top$, a tensor (N, C, M): fast, but for the usual C = M = 64 as
#   large as an N × N table up to N = 4096. That is what you wanted to be rid of. **Not allowed** in the cost check;
# - **chunks** of B positions: carry S from chunk to chunk, and inside a chunk use the quadratic form with a triangle of
#   B × B weights. Memory N(C + M) + CM + B², N / B steps. This is how fast implementations do it.
#
# ![A triangle of 6 × 6 weights: small triangles on the diagonal are computed, the rest comes from S](figures/chunks.svg)
#
# The loop and the chunks earn everything; chunks make your training in part 5 several times faster. Autograd must find
# its way through your code, so write no results into tensors that are still needed.
#
# %% [markdown] lang="fa"
# ## بخش ۴ · ترنسفورمرها RNN هستند
#
# ### ۴٫۱ فقط گذشته
#
# ●●● · ۸۵ دقیقه · ۱۱ نمره
#
# **ایده.** مدل زبانی حق ندارد جلو را نگاه کند: جایگاه $i$ فقط از کلیدهای ۱ تا $i$ استفاده می‌کند. حالا جمع‌ها از سطری
# به سطر دیگر فرق دارند، ولی هر کدام همان قبلی است به‌علاوهٔ **یک** جمله:
#
# $$V_i'^\top = \frac{\phi(Q_i)^\top S_i}{\phi(Q_i)^\top z_i}, \qquad S_i = S_{i-1} + \phi(K_i) V_i^\top, \qquad
#   z_i = z_{i-1} + \phi(K_i).$$
#
# **با مداد.** باز همان عددهای ۳٫۱، این بار علّی. با $S_1 = (10, 0)$ و $z_1 = (1, 0)$ پرس‌وجوی $(1, 1)$ عدد $10/1 = 10$
# را می‌خواند که مقدار خودش است؛ برای جایگاه ۱ همیشه چنین است. با $S_2 = (10, 2)$ و $z_2 = (1, 2)$ پرس‌وجوی $(2, 0)$ عدد
# $20/2 = 10$ را می‌خواند. با $S_3 = (14, 6)$ و $z_3 = (2, 3)$ پرس‌وجوی $(0, 1)$ عدد $6/3 = 2$ را می‌خواند، همان که در
# ۳٫۱ بود، چون جایگاه آخر همه چیز را می‌بیند.
#
# سه راه برای داشتن هر $N$ جمع پیشوندی (prefix sum) هست، با این هزینه‌ها:
#
# - حلقه‌ای روی $i$ که فقط $S$ کنونی را نگه می‌دارد: حافظهٔ $CM$ در کنار ورودی و خروجی، ولی $N$ گام کوچک پشت سر هم؛
# - یک `cumsum` روی همهٔ حاصل‌ضرب‌های $\phi(K_j)V_j^\top$، یعنی تانسوری با شکل `(N, C, M)`: سریع، ولی برای اندازهٔ
#   معمول $C = M = 64$ تا $N = 4096$ به بزرگی همان جدول $N \times N$ است که می‌خواستید از دستش خلاص شوید. در بررسی
#   هزینه **مجاز نیست**؛
# - **تکه‌ها** (chunks) با $B$ جایگاه: $S$ را از تکه‌ای به تکهٔ بعد ببرید و درون هر تکه همان شکل مربعی را با مثلثی از
#   $B \times B$ وزن به کار ببرید. حافظه $N(C + M) + CM + B^2$ و شمار گام‌ها $N / B$. پیاده‌سازی‌های سریع همین کار را
#   می‌کنند.
#
# ![مثلثی از وزن‌های ۶ × ۶: مثلث‌های کوچک روی قطر حساب می‌شوند و بقیه از S می‌آید](figures/chunks.svg)
#
# حلقه و تکه‌ها هر دو نمرهٔ کامل دارند؛ تکه‌ها آموزش بخش ۵ را چند برابر تندتر می‌کنند. autograd باید راهش را در کد شما
# پیدا کند، پس در تانسوری که هنوز لازم است چیزی ننویسید.


# %% solution id="causal_linear_attention"
def causal_linear_attention(Q: Tensor, K: Tensor, V: Tensor, features) -> Tensor:
    """Linear attention in which position i attends to positions 1 … i.

    Katharopoulos et al. (2020), equations 8 to 12. Beside the inputs, features and output no tensor may grow like N·C·M
    or N².

    Args:
        Q: queries, shape (…, N, D).
        K: keys, shape (…, N, D).
        V: values, shape (…, N, M).
        features: φ, takes (…, D) and returns (…, C).

    Returns:
        Shape (…, N, M).
    """
    ### BEGIN SOLUTION
    phi_Q, phi_K = features(Q), features(K)
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)  # the last column sums the weights: S and z in one
    S = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V1.shape[-1])
    rows = []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V1.split(64, dim=-2), strict=True):
        inside = (q @ k.transpose(-1, -2)).tril()
        rows.append(q @ S + inside @ v)
        S = S + k.transpose(-1, -2) @ v
    sums = torch.cat(rows, dim=-2)
    return sums[..., :-1] / sums[..., -1:]
    ### END SOLUTION


# %% [markdown] hint id="causal_linear_attention"
# What does position i + 1 have to know that position i didn't? And how much must you keep of all that came before?
# ---
# As a loop: take key and value of position i into S and z first, then read with query i, for a position sees its own
# key. Write `S = S + …`, which makes a new tensor for autograd, collect the rows in a list and join them at the end
# with `torch.stack` along `dim=-2`.
# ---
# In chunks, `phi_Q.split(64, dim=-2)` and so on: for the queries q of a chunk `q @ S` brings all earlier chunks, and
# `(q @ k.transpose(-1, -2)).tril()` are the weights inside it. Only then does S take in the whole chunk.
# ---
# The denominators go the same way, with z. Or spare yourself z: a column of ones behind V turns, by the same sums, into
# φ(q)·z, and at the end the other columns are divided by it (`[..., -1:]` keeps its axis).
# %% [markdown] hint id="causal_linear_attention" lang="fa"
# جایگاه `i + 1` چه چیزی را باید بداند که جایگاه `i` نمی‌دانست؟ و از همهٔ آنچه پیش‌تر آمده چقدر را باید نگه دارید؟
# ---
# به شکل حلقه: نخست کلید و مقدار جایگاه `i` را به `S` و `z` بیفزایید و سپس با پرس‌وجوی `i` بخوانید، چون هر جایگاه کلید
# خودش را می‌بیند. `S = S + …` بنویسید که برای autograd تانسوری تازه می‌سازد؛ سطرها را در فهرستی گرد آورید و در پایان با
# `torch.stack` در راستای `dim=-2` به هم بپیوندید.
# ---
# به شکل تکه‌تکه، `phi_Q.split(64, dim=-2)` و همین‌طور بقیه: برای پرس‌وجوهای `q` هر تکه، `q @ S` همهٔ تکه‌های پیشین را
# می‌آورد و `(q @ k.transpose(-1, -2)).tril()` وزن‌های درون خود تکه است. تنها پس از آن `S` کل تکه را به خود می‌افزاید.
# ---
# مخرج‌ها همین راه را می‌روند، با `z`. یا خود را از `z` آسوده کنید: ستونی از یک‌ها پس از `V` با همین جمع‌ها به `φ(q)·z`
# تبدیل می‌شود و در پایان ستون‌های دیگر بر آن تقسیم می‌شوند (`[..., -1:]` محورش را نگه می‌دارد).


# %%
# The pencil case: 10, 10 and 2 must come out.
print(causal_linear_attention(read_by, kept_under, torch.tensor([[10.0], [1.0], [4.0]]), lambda x: x))


# %% check id="causal_linear_attention_check" points=7
draw = seeded("causal_linear_attention")
Q, K, V = draw.normal(9, 5), draw.normal(9, 5), draw.normal(9, 3)
Q, K = draw.unchanged((Q, torch.cat([K[:1].abs(), K[1:]])))  # the first sum is no small number
check("causal attention with elu features", causal_linear_attention(Q, K, V, elu_features))
Q, K, V = draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 5), draw.normal(2, 4, 7, 3)
check("causal attention with two leading axes", causal_linear_attention(Q, K, V, elu_features))
Q, K, V = draw.normal(150, 4).double(), draw.normal(150, 4).double(), draw.normal(150, 3).double()
check("causal attention with quadratic features", causal_linear_attention(Q, K, V, quadratic_features))
Q, K, V, upstream = draw.normal(1030, 4), draw.normal(1030, 4), draw.normal(1030, 3), draw.normal(1030, 3)
inputs = [x.double().requires_grad_() for x in (Q, K, V)]
loss = (causal_linear_attention(*inputs, elu_features) * upstream).sum()
check("gradients of causal attention", torch.autograd.grad(loss, inputs, allow_unused=True, materialize_grads=True))

# %% check id="causal_linear_attention_check_cost" points=4
draw = seeded("causal_linear_attention_cost")
rehearse(causal_linear_attention, draw)
Q, K = draw.normal(65536, 8), draw.normal(65536, 8)
V = 1 + K @ draw.normal(8, 5)
with torch.no_grad():
    check(
        "causal attention at N = 65,536", causal_linear_attention(Q, K, V, elu_features)[::8191], rtol=1e-3, atol=1e-3
    )

# %% [markdown]
# ### 4.2 One token at a time
#
# ●●○ · 65 min · 9 points
#
# *Idea.* Read the recurrence as a program: $(S, z)$ is a *state* of fixed size, each token updates it and reads from
# it. A Transformer with linear attention **is** a recurrent network whose state is a matrix, and it writes each new
# token at the same price, however long the text already is.
#
# ![A token adds an outer product to S and its key to z; the query reads (6, 9) and divides by 3](figures/state.svg)
#
# *With a pencil.* The queries and keys of 4.1, now with two values each: (10, 0), (1, 3), (4, 3). After two tokens S
# has the rows (10, 0), (2, 6), and z = (1, 2). The third, φ(k) = (1, 1) and v = (4, 3), adds the outer product with
# rows (4, 3), (4, 3): S becomes (14, 3), (6, 9), and z becomes (2, 3). Its query φ(q) = (0, 1) reads
# $(6, 9)/3 = (2, 3)$. (The first two read (10, 0), both of them: work it out.)
#
# The state may have any form you like, but it holds no more than some multiple of C·M numbers, and its size must not grow
# with the number of tokens. Nor may anything that you keep elsewhere; the check watches 60 tokens. Whoever generates
# text may go on from the same state in two different ways, so leave the state you are given as it is and return a new
# one.
#
# %% [markdown] lang="fa"
# ### ۴٫۲ توکن به توکن
#
# ●●○ · ۶۵ دقیقه · ۹ نمره
#
# **ایده.** رابطهٔ بازگشتی را مثل یک برنامه بخوانید: $(S, z)$ یک «حالت» (state) با اندازهٔ ثابت است که هر توکن آن را
# به‌روز می‌کند و از آن می‌خواند. ترنسفورمر با توجه خطی **همان** شبکهٔ بازگشتی است که حالتش ماتریس است، و هر توکن تازه
# را به یک بها می‌نویسد، متن تا این‌جا هر قدر هم دراز باشد.
#
# ![هر توکن ضربی بیرونی به S و کلیدش را به z می‌افزاید؛ پرس‌وجو (6, 9) را می‌خواند و بر 3 تقسیم می‌کند](figures/state.svg)
#
# **با مداد.** پرس‌وجوها و کلیدهای ۴٫۱، این بار هر کدام با دو مقدار: $(10, 0)$، $(1, 3)$ و $(4, 3)$. پس از دو توکن، S
# سطرهای $(10, 0)$ و $(2, 6)$ را دارد و $z = (1, 2)$ است. توکن سوم با $\phi(k) = (1, 1)$ و $v = (4, 3)$ ضرب بیرونی با
# سطرهای $(4, 3)$ و $(4, 3)$ را می‌افزاید: S می‌شود $(14, 3)$ و $(6, 9)$، و z می‌شود $(2, 3)$. پرس‌وجویش
# $\phi(q) = (0, 1)$ پاسخ $(6, 9)/3 = (2, 3)$ را می‌خواند. (دو توکن نخست هر دو $(10, 0)$ را می‌خوانند: خودتان حساب
# کنید.)
#
# حالت هر شکلی می‌تواند داشته باشد، ولی بیش از چند برابرِ $CM$ عدد نگه نمی‌دارد و اندازه‌اش نباید با شمار توکن‌ها بزرگ
# شود؛ آنچه جای دیگری نگه می‌دارید هم همین‌طور. بررسی ۶۰ توکن را زیر نظر می‌گیرد. کسی که متن تولید می‌کند شاید بخواهد
# از یک حالت به دو راه مختلف ادامه دهد؛ پس حالتی را که به شما داده‌اند دست‌نخورده بگذارید و حالتی تازه برگردانید.


# %% solution id="recurrent_step"
def recurrent_step(state, q: Tensor, k: Tensor, v: Tensor, features) -> tuple:
    """One token of causal linear attention.

    Katharopoulos et al. (2020), equations 16 to 20.

    Args:
        state: None before the first token, then what the step before returned; left unchanged.
        q: this token's query, shape (…, D).
        k: its key, shape (…, D).
        v: its value, shape (…, M).
        features: φ, takes (…, D) and returns (…, C).

    Returns:
        (state, out): the new state, in a form of your choice, of order CM numbers and of a size that doesn't grow; out has
            shape (…, M).
    """
    ### BEGIN SOLUTION
    phi_q, phi_k = features(q), features(k)
    S, z = (0, 0) if state is None else state
    S = S + phi_k.unsqueeze(-1) * v.unsqueeze(-2)
    z = z + phi_k
    out = (phi_q.unsqueeze(-2) @ S).squeeze(-2) / (phi_q * z).sum(dim=-1, keepdim=True)
    return (S, z), out
    ### END SOLUTION


# %% given id="recurrence"
def run_recurrently(Q: Tensor, K: Tensor, V: Tensor, features) -> Tensor:
    """The outputs (…, N, M) of recurrent_step, token after token from an empty state."""
    state, rows = None, []
    for q, k, v in zip(Q.unbind(-2), K.unbind(-2), V.unbind(-2), strict=True):
        state, out = recurrent_step(state, q, k, v, features)
        rows.append(out)
    return torch.stack(rows, dim=-2)


def numbers_in(state) -> int:
    """How many numbers a state of any form holds."""
    if isinstance(state, (Tensor, np.ndarray)):
        return math.prod(state.shape)
    if isinstance(state, FunctionType):
        held = [cell.cell_contents for cell in state.__closure__ or ()]
        return sum(numbers_in(part) for part in held if not callable(part))
    if isinstance(state, dict):
        return sum(numbers_in(part) for part in state.values())
    if isinstance(state, (list, tuple, set, deque)):
        return sum(numbers_in(part) for part in state)
    return numbers_in(vars(state)) if hasattr(state, "__dict__") else 1


def bytes_outside_torch() -> int:
    """What numpy and Python hold since tracemalloc began, without Python's many small objects."""
    gc.collect()
    traces = tracemalloc.take_snapshot().traces
    return sum(trace.size for trace in traces if trace.domain == np.lib.tracemalloc_domain or trace.size > 500)


def refuse_growth(draw, D: int = 60, M: int = 68):
    """Stop when 60 tokens leave more and more behind, in the state or elsewhere, or many more numbers than D x M."""
    tokens, state, held = list(zip(draw.normal(60, D), draw.normal(60, D), draw.normal(60, M), strict=True)), None, []
    with Witness():  # what torch and numpy load at their first use isn't the function's
        recurrent_step(None, *tokens[0], elu_features)
    tracemalloc.start()  # numpy and Python tell it what they allocate
    try:
        with Witness() as witness:
            for number, token in enumerate(tokens, 1):
                state, _ = recurrent_step(state, *token, elu_features)
                if number in (20, 60):
                    held.append((numbers_in(state), witness.held, bytes_outside_torch()))
    finally:
        tracemalloc.stop()
    in_state, in_torch, outside = (late - early for early, late in zip(*held, strict=True))
    if in_state > 0 or in_torch > 0 or outside > 40 * (D + M):
        raise TooMuch(
            f"From token 20 to token 60 your state has grown by {in_state:,} numbers, what torch holds by {in_torch:,}, and "
            f"what numpy and Python hold by {outside:,} bytes. A recurrent state has a fixed size: keep sums, not what has "
            "been seen."
        )
    in_state, in_torch, outside = held[-1]
    if max(in_state, in_torch, outside // 8) > 6 * (D * M + D + M):
        raise TooMuch(
            f"S and z are {D * (M + 1):,} numbers here. Your state holds {in_state:,}, torch {in_torch:,}, and numpy and "
            f"Python {outside:,} bytes. A cache of fixed length isn't a state: keep sums, not what has been seen."
        )


# %% [markdown] hint id="recurrent_step"
# What must a state hold, so that the next token can be answered without any of the earlier ones? Why isn't S alone
# enough?
# ---
# Update first, then read: the token sees its own key. Before the first token nothing has been added up, and the numbers
# `0, 0` will do for S and z, for they broadcast.
# ---
# The term for S is the outer product of φ(k) and v, `phi_k.unsqueeze(-1) * …`, of shape `(…, C, M)`. Make new sums,
# `S = S + …`: with `+=` the state that you were given would change.
# ---
# `phi_q.unsqueeze(-2) @ S` has shape `(…, 1, M)`, and its axis of size 1 has to go. The denominator is φ(q)·z of all
# tokens so far, `(phi_q * z).sum(dim=-1, keepdim=True)`. Return the new state first, then the output.
# %% [markdown] hint id="recurrent_step" lang="fa"
# حالت چه باید داشته باشد تا توکن بعدی بدون هیچ‌یک از توکن‌های پیشین پاسخ بگیرد؟ چرا `S` به‌تنهایی بس نیست؟
# ---
# نخست به‌روز کنید و سپس بخوانید: توکن کلید خودش را می‌بیند. پیش از توکن نخست هنوز چیزی جمع نشده و عددهای `0, 0` برای
# `S` و `z` کافی‌اند، چون پخش می‌شوند.
# ---
# جمله‌ای که به `S` افزوده می‌شود ضرب خارجی `φ(k)` و `v` است، `phi_k.unsqueeze(-1) * …`، با شکل `(…, C, M)`. جمع‌های
# تازه بسازید، `S = S + …`: با `+=` حالتی که به شما داده‌اند تغییر می‌کند.
# ---
# شکل `phi_q.unsqueeze(-2) @ S` برابر `(…, 1, M)` است و محورِ به اندازهٔ ۱ آن باید برود. مخرج `φ(q)·z` همهٔ توکن‌ها تا
# این‌جاست، `(phi_q * z).sum(dim=-1, keepdim=True)`. نخست حالت تازه را برگردانید و سپس خروجی را.


# %%
# The pencil case, token by token: rows (10, 0), (10, 0) and (2, 3) must come out.
print(run_recurrently(read_by, kept_under, torch.tensor([[10.0, 0.0], [1.0, 3.0], [4.0, 3.0]]), lambda x: x))


# %% check id="recurrent_step_check" points=5
draw = seeded("recurrent_step")
refuse_growth(draw)
Q, K, V = draw.normal(8, 5), draw.normal(8, 5), draw.normal(8, 3)
check("eight tokens one after another", run_recurrently(Q, K, V, elu_features))
Q, K, V = draw.normal(2, 4, 6, 5), draw.normal(2, 4, 6, 5), draw.normal(2, 4, 6, 3)
check("six tokens with two leading axes", run_recurrently(Q, K, V, elu_features))
Q, K, V, state = draw.normal(5, 4), draw.normal(5, 4), draw.normal(5, 3), None
for t in range(3):
    state, _ = recurrent_step(state, Q[t], K[t], V[t], elu_features)
branches = [recurrent_step(state, Q[t], K[t], V[t], elu_features)[1] for t in (3, 4, 3)]
check("two ways on from one state, and the first again", branches)

# %% [markdown]
# **Three forms, one function.** The next cell hands over what the three forms give for the same 512 tokens: linear
# attention over the first 1, 100 and all 512 tokens (of which the last row is what the causal form must give there),
# the causal form, and the recurrence. Once in float32 with elu features, once in float64 with quadratic ones. (Why
# float64? $(q^\top k)^2$ may be tiny while its features are large: their products cancel, and float32 loses its
# digits.)
#
# %% [markdown] lang="fa"
# **سه شکل، یک تابع.** سلول بعد آنچه را سه شکل برای همان ۵۱۲ توکن می‌دهند تحویل می‌دهد: توجه خطی روی ۱، ۱۰۰ و همهٔ ۵۱۲
# توکن نخست (که سطر آخرش همان است که شکل علّی باید در آن جایگاه بدهد)، شکل علّی، و شکل بازگشتی. یک بار در float32 با
# ویژگی‌های elu و یک بار در float64 با ویژگی‌های مربعی. (چرا float64؟ ممکن است $(q^\top k)^2$ بسیار کوچک باشد ولی
# ویژگی‌هایش بزرگ: حاصل‌ضرب‌ها یکدیگر را خنثی می‌کنند و float32 رقم‌هایش را از دست می‌دهد.)

# %% check id="recurrent_step_check_three_forms" points=4
draw = seeded("three_forms")
for name, features, dtype in (("elu", elu_features, torch.float32), ("quadratic", quadratic_features, torch.float64)):
    Q, K, V = draw.normal(512, 5).to(dtype), draw.normal(512, 5).to(dtype), draw.normal(512, 2).to(dtype)
    last_rows = [linear_attention(Q[:n], K[:n], V[:n], features)[-1] for n in (1, 100, 512)]
    forms = [last_rows, causal_linear_attention(Q, K, V, features), run_recurrently(Q, K, V, features)]
    check(f"three forms with {name} features", forms)

# %% [markdown]
# **Look at it: the price of the next token.** Left: seconds to write one more token when N have been written, for
# softmax (which must keep and re-read all earlier keys and values) and for your recurrent step. Right: the numbers each
# has to carry along. One head, D = M = 64.
#
# %% [markdown] lang="fa"
# **ببینید: بهای توکن بعدی.** سمت چپ: چند ثانیه طول می‌کشد تا پس از نوشتن $N$ توکن یکی دیگر نوشته شود؛ برای softmax (که
# باید همهٔ کلیدها و مقدارهای پیشین را نگه دارد و باز بخواند) و برای گام بازگشتی شما. سمت راست: عددهایی که هر کدام باید
# همراه خود ببرد. یک سر، $D = M = 64$.


# %%
def seconds_of(step, repeats: int = 20) -> float:
    """The middle one of some runs."""
    times = []
    for _ in range(repeats):
        start_time = time.perf_counter()
        step().sum().item()
        times.append(time.perf_counter() - start_time)
    return sorted(times)[repeats // 2]


draw = seeded("next_token")
lengths = [2**power for power in range(3, 19, 3)]
K, V, q = draw.normal(lengths[-1], 64), draw.normal(lengths[-1], 64), draw.normal(1, 64)
softmax_seconds, recurrent_seconds, state = [], [], None
for N in lengths:
    softmax_seconds.append(seconds_of(lambda N=N: softmax_attention(q, K[:N], V[:N])))
    state, _ = recurrent_step(state, q[0], K[0], V[0], elu_features)
    recurrent_seconds.append(seconds_of(lambda s=state: recurrent_step(s, q[0], K[1], V[1], elu_features)[1]))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.plot(lengths, softmax_seconds, "s--", color=ORANGE, label="softmax with a cache")
left.plot(lengths, recurrent_seconds, "o-", color=BLUE, label="recurrent step")
right.plot(lengths, [2 * 64 * N for N in lengths], "s--", color=ORANGE, label="cache of keys and values")
right.plot(lengths, [numbers_in(state)] * len(lengths), "o-", color=BLUE, label="recurrent state")
left.set(ylabel="seconds for the next token", title="Time of token N + 1")
right.set(ylabel="numbers carried along", title="Memory after N tokens")
for axis in (left, right):
    axis.set(xscale="log", yscale="log", xlabel="tokens N written so far")
    axis.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** The recurrent step knows nothing of N: both blue lines are flat. Softmax is cheaper in the beginning
# (the cache of a short text is smaller than the state) and slows down for ever after. In memory the two meet where the
# cache has as many numbers as the state: work out that N, and find it in the picture.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** گام بازگشتی از $N$ خبر ندارد: هر دو خط آبی تخت‌اند. softmax در آغاز ارزان‌تر است (حافظهٔ نهان یک
# متن کوتاه از حالت کوچک‌تر است) و پس از آن همیشه کندتر می‌شود. در حافظه، این دو جایی به هم می‌رسند که حافظهٔ نهان به
# اندازهٔ حالت عدد داشته باشد: آن $N$ را حساب کنید و در تصویر بیابید.

# %% [markdown]
# **What to keep.** Causal linear attention is a recurrence: each token adds one outer product to $S$ and one key to
# $z$, and reads. Parallel, in chunks and token by token are three programs for one function: train with the first two,
# write with the third. The state never grows, and that is both its price tag and its limit.
#
# **Open tasks** (no points)
#
# - Let the state fade, $S_i = \gamma S_{i-1} + \phi(K_i) V_i^\top$ and likewise z, with γ = 0.9; write it as a loop,
#   and as a table with the weights $\gamma^{i-j}$. You did well if both agree to 1e-5 in float32 and you know how far
#   back such a state looks.
# - Keep $S$ and $z$ in `torch.bfloat16` while the inputs stay float32, and plot the error against float64 over 4096
#   tokens. You did well if you can say at which size z stops growing, and why.
#
# **Read on.** Katharopoulos and others (2020), sections 3.3 and 3.4. Sun and others, [Retentive
# network](https://arxiv.org/abs/2307.08621) (2023): parallel, recurrent and chunkwise, with a state that fades. Yang
# and others, [Gated linear attention](https://arxiv.org/abs/2312.06635) (2023): chunks as hardware likes them. Homework
# 6 asks what gradients do in a recurrence.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** توجه خطی علّی یک رابطهٔ بازگشتی است: هر توکن یک ضرب بیرونی به $S$ و یک کلید به $z$ می‌افزاید و
# می‌خواند. موازی، تکه‌تکه و توکن به توکن، سه برنامه برای یک تابع‌اند: با دو تای نخست آموزش دهید و با سومی بنویسید. حالت
# هرگز بزرگ نمی‌شود؛ ارزانی‌اش از همین است و محدودیتش هم.
#
# **تمرین‌های آزاد** (بی‌نمره)
#
# - بگذارید حالت کم‌رنگ شود، $S_i = \gamma S_{i-1} + \phi(K_i) V_i^\top$ و z هم همین‌طور، با $\gamma = 0.9$؛ یک بار به
#   شکل حلقه بنویسید و یک بار به شکل جدولی با وزن‌های $\gamma^{i-j}$. خوب پیش رفته‌اید اگر در float32 تا `1e-5` یکی
#   باشند و بدانید چنین حالتی تا کجای گذشته را می‌بیند.
# - $S$ و $z$ را در `torch.bfloat16` نگه دارید و ورودی‌ها float32 بمانند؛ خطا را نسبت به float64 در ۴۰۹۶ توکن بکشید. خوب
#   پیش رفته‌اید اگر بتوانید بگویید z در چه اندازه‌ای دیگر بزرگ نمی‌شود، و چرا.
#
# **بیشتر بخوانید.** کاتاروپولوس و همکاران (۲۰۲۰)، بخش‌های ۳٫۳ و ۳٫۴. سان (Sun) و همکاران، [Retentive
# network](https://arxiv.org/abs/2307.08621) (۲۰۲۳): موازی، بازگشتی و تکه‌تکه، با حالتی که کم‌رنگ می‌شود. یانگ (Yang) و
# همکاران، [Gated linear attention](https://arxiv.org/abs/2312.06635) (۲۰۲۳): تکه‌ها چنان‌که سخت‌افزار دوست دارد. تمرین
# ۶ می‌پرسد گرادیان‌ها در یک رابطهٔ بازگشتی چه می‌کنند.

# %% [markdown]
# ## Part 5 · Practice: the telephone operator
#
# A telephone operator listens to names with their one-digit numbers: *Mina, 4*; *Babak, 7*; … After each announcement
# somebody asks for the number of a name that has been announced *so far*, and she must answer at once. This is
# **associative recall**, and language models do it all the time: who was "the minister" three pages ago?
#
# ![Five announcements with numbers; below each a question, with an arrow back to its announcement](figures/operator.svg)
#
# One step of the sequence is an announced name, its number, and the name asked for. The **short** book has 16 names in
# random order, so the last questions are about 16 pairs; the **long** book has 64. Numbers are drawn anew for each
# sequence: there is nothing to learn by heart in training, only the *skill* of storing and finding.
#
# Two twins take the job: Transformers of one layer, equal in every number of parameters, that differ in the attention
# alone. First their common part.
#
# ### 5.1 Heads
#
# ●●○ · 35 min · 4 points
#
# *Idea.* As in homework 2, split the D columns of x W into heads of D / h each: the first D / h columns are head 1, and
# so on; let each head attend causally; put them side by side again; multiply by W_o. For `"linear"` call your
# `causal_linear_attention` with `elu_features`; for `"softmax"` position i may see positions up to i, with scores
# divided by the root of the head's size. (`F.scaled_dot_product_attention` is allowed.)
#
# *With a pencil.* $N = D = h = 2$, so each head owns one column, and all four weights are the identity. x has the rows
# (0, 3) and (1, 0). Linear: position 1 sees itself alone and keeps (0, 3). At position 2, head 1 has the features 1 and
# 2 of its keys 0 and 1, and 2 of its query: weights 2 and 4, answer $(2\cdot 0 + 4\cdot 1)/6 = 2/3$. Head 2 has the
# features 4 and 1, and 1 of its query: $(4\cdot 3 + 1\cdot 0)/5 = 2.4$.
#
# %% [markdown] lang="fa"
# ## بخش ۵ · تمرین عملی: تلفنچی
#
# تلفنچی به نام‌ها و شماره‌های یک‌رقمی‌شان گوش می‌دهد: «مینا، ۴»؛ «بابک، ۷»؛ … پس از هر اعلام، کسی شمارهٔ نامی را
# می‌پرسد که **تا این‌جا** اعلام شده، و او باید همان دم پاسخ دهد. به این کار **یادآوری تداعی‌گر** (associative recall)
# می‌گویند و مدل‌های زبانی پیوسته مشغول آن‌اند: «وزیر» که سه صفحه پیش گفتیم که بود؟
#
# ![پنج اعلام با شماره؛ زیر هر کدام پرسشی با پیکانی به اعلام خودش](figures/operator.svg)
#
# هر گام دنباله یک نام اعلام‌شده، شماره‌اش، و نامی است که پرسیده می‌شود. دفترچهٔ **کوتاه** ۱۶ نام دارد با ترتیب
# تصادفی، پس آخرین پرسش‌ها دربارهٔ ۱۶ زوج است؛ دفترچهٔ **بلند** ۶۴ نام دارد. شماره‌ها برای هر دنباله از نو کشیده
# می‌شوند: در آموزش چیزی نیست که بتوان حفظ کرد؛ تنها مهارتِ سپردن و یافتن را می‌شود یاد گرفت.
#
# دو قلو این کار را بر عهده می‌گیرند: ترنسفورمرهایی یک‌لایه که شمار پارامترهایشان یکی است و فقط در توجه فرق دارند. نخست
# بخش مشترکشان.
#
# ### ۵٫۱ سرها
#
# ●●○ · ۳۵ دقیقه · ۴ نمره
#
# **ایده.** مانند تمرین ۲، $D$ ستون $x W$ را به سرهایی با $D / h$ ستون تقسیم کنید: $D / h$ ستون نخست سر ۱ است و
# همین‌طور تا آخر؛ بگذارید هر سر به‌صورت علّی توجه کند؛ دوباره کنار هم بگذارید؛ و در $W_o$ ضرب کنید. برای `"linear"`
# تابع `causal_linear_attention` خودتان را با `elu_features` فرابخوانید؛ برای `"softmax"` جایگاه $i$ می‌تواند
# جایگاه‌های تا $i$ را ببیند و امتیازها بر ریشهٔ اندازهٔ سر تقسیم می‌شوند. (`F.scaled_dot_product_attention` مجاز
# است.)
#
# **با مداد.** فرض کنید $N = D = h = 2$، پس هر سر یک ستون دارد، و هر چهار وزن ماتریس همانی‌اند. سطرهای x برابر $(0, 3)$
# و $(1, 0)$ هستند. برای نوع خطی: جایگاه ۱ تنها خودش را می‌بیند و $(0, 3)$ می‌ماند. در جایگاه ۲، ویژگی‌های کلیدهای سر ۱
# (یعنی ۰ و ۱) برابر ۱ و ۲ و ویژگی پرس‌وجویش ۲ است: وزن‌ها ۲ و ۴ و پاسخ $(2\cdot 0 + 4\cdot 1)/6 = 2/3$. در سر ۲
# ویژگی‌ها ۴ و ۱ هستند و ویژگی پرس‌وجو ۱: پاسخ $(4\cdot 3 + 1\cdot 0)/5 = 2.4$.


# %% solution id="causal_self_attention"
def causal_self_attention(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, num_heads: int, kind: str
) -> Tensor:
    """Causal multi-head self-attention, linear or softmax.

    Vaswani et al. (2017), section 3.2.2; Katharopoulos et al. (2020), section 3.3.

    Args:
        x: shape (B, N, D).
        W_q, W_k, W_v, W_o: weights, each (D, D), applied as x @ W; head i owns the i-th block of D / num_heads columns.
        num_heads: number of heads, divides D.
        kind: "linear" (elu features) or "softmax".

    Returns:
        Shape (B, N, D).
    """
    ### BEGIN SOLUTION
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return heads.transpose(-2, -3).flatten(-2) @ W_o
    ### END SOLUTION


# %% [markdown] hint id="causal_self_attention"
# To your `causal_linear_attention` heads are just another leading axis. Which shape must `x @ W_q` have for that?
# ---
# `(x @ W).unflatten(-1, (num_heads, -1))` cuts the columns into blocks of neighbours,
# `(B, N, num_heads, D / num_heads)`. Which two axes are then in the wrong order?
# ---
# The linear twin is your own function with `elu_features`. The softmax twin must not look ahead either:
# `F.scaled_dot_product_attention` has an argument `is_causal`, and divides by the root of the head's size by itself.
# ---
# The way back is the way there reversed: swap the two axes again, `.flatten(-2)` puts the heads side by side, and `W_o`
# mixes them.
# %% [markdown] hint id="causal_self_attention" lang="fa"
# سرها برای `causal_linear_attention` شما تنها یک محور دیگر در جلو هستند. `x @ W_q` برای این کار باید چه شکلی داشته
# باشد؟
# ---
# `(x @ W).unflatten(-1, (num_heads, -1))` ستون‌ها را به قطعه‌هایی از ستون‌های همسایه می‌بُرد،
# `(B, N, num_heads, D / num_heads)`. آن‌گاه جای کدام دو محور هنوز نادرست است؟
# ---
# قلوی خطی همان تابع خودتان با `elu_features` است. قلوی softmax هم نباید جلو را نگاه کند:
# `F.scaled_dot_product_attention` آرگومانی به نام `is_causal` دارد و خودش بر ریشهٔ اندازهٔ سر تقسیم می‌کند.
# ---
# راه برگشت همان راه رفت است از آخر به اول: دو محور را باز جابه‌جا کنید، `.flatten(-2)` سرها را کنار هم می‌گذارد و `W_o`
# آن‌ها را می‌آمیزد.


# %%
# The pencil case: rows (0, 3) and (0.667, 2.4) must come out.
identity_weights = [torch.eye(2)] * 4
print(causal_self_attention(torch.tensor([[[0.0, 3.0], [1.0, 0.0]]]), *identity_weights, 2, "linear"))


# %% check id="causal_self_attention_check" points=4
draw = seeded("causal_self_attention")
x, weights = draw.normal(2, 7, 12), [0.4 * draw.normal(12, 12) for _ in range(4)]
check("linear heads", causal_self_attention(x, *weights, 3, "linear"))
check("softmax heads", causal_self_attention(x, *weights, 3, "softmax"))

# %% given id="operator"
DIGITS, WIDTH = 10, 32


def draw_calls(draw, count: int, names: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sequences of `names` announcements: (name, number, asked, answer), each (count, names), int64.

    Step t announces name[t] with number[t] and asks for asked[t], one of name[0] … name[t]; answer[t] is its number.
    """
    name = draw.uniform(count, names).argsort(dim=1)
    number = draw.integers(0, DIGITS, count, names)
    place = (draw.uniform(count, names) * torch.arange(1, names + 1, device=name.device)).long()
    return name, number, name.gather(1, place), number.gather(1, place)


class Operator(nn.Module):
    """A Transformer of one layer; its first weights depend on nothing but its arguments."""

    def __init__(self, kind: str, names: int, num_heads: int = 4):
        super().__init__()
        self.kind, self.num_heads = kind, num_heads
        generator = torch.Generator().manual_seed(0)
        shapes = {"name": (names, WIDTH), "number": (DIGITS, WIDTH), "asked": (names, WIDTH)}
        shapes |= {W: (WIDTH, WIDTH) for W in ("W_q", "W_k", "W_v", "W_o")}
        shapes |= {"W_1": (WIDTH, 2 * WIDTH), "W_2": (2 * WIDTH, WIDTH), "W_out": (WIDTH, DIGITS)}
        for key, shape in shapes.items():
            scale = 0.5 if key in ("name", "number", "asked") else shape[0] ** -0.5
            self.register_parameter(key, nn.Parameter(scale * torch.randn(shape, generator=generator)))

    def embed(self, name: Tensor, number: Tensor, asked: Tensor) -> Tensor:
        return self.name[name] + self.number[number] + self.asked[asked]

    def forward(self, name: Tensor, number: Tensor, asked: Tensor) -> Tensor:
        """Logits (B, N, DIGITS) of the answer to each question."""
        return operator_logits(dict(self.named_parameters()), self.num_heads, self.kind, name, number, asked)


def operator_logits(
    w: dict[str, Tensor], num_heads: int, kind: str, name: Tensor, number: Tensor, asked: Tensor
) -> Tensor:
    """Logits (B, N, DIGITS) of the answer to each question, from an operator's weights."""
    x = w["name"][name] + w["number"][number] + w["asked"][asked]
    x = x + causal_self_attention(x, w["W_q"], w["W_k"], w["W_v"], w["W_o"], num_heads, kind)
    x = x + torch.relu(F.layer_norm(x, (WIDTH,)) @ w["W_1"]) @ w["W_2"]
    return F.layer_norm(x, (WIDTH,)) @ w["W_out"]


@torch.no_grad()
def answers(model: Operator, calls) -> Tensor:
    """The number that an operator with this one's weights gives to each question, (B, N)."""
    return operator_logits(model.state_dict(), model.num_heads, model.kind, *calls[:3]).argmax(dim=-1)


# %%
name, number, asked, answer = (part[0, :8].tolist() for part in draw_calls(seeded("calls_to_look_at"), 1, 16))
for step in range(8):
    print(f"name {name[step]:2} has number {number[step]}     and the number of {asked[step]:2}?  ->  {answer[step]}")

# %% [markdown]
# <details><summary>What to see</summary>
#
# In these eight steps four questions ask for the name just announced; later that becomes rare, and whoever only repeats
# the last number is right in 3 of 10 answers on the short book. Numbers come again, too (8 belongs to three names
# here): a number alone leads nowhere, one has to go by the name.
#
# </details>
#
# ### 5.2 Train them
#
# ●●○ · 55 min · 7 points
#
# Write the training loop: Adam with rate 0.01, 300 steps, each on 64 sequences drawn at random from `calls`, and the
# cross entropy of the answers at *all* positions. Begin with `torch.manual_seed(0)`, so that a second run gives the
# same model.
#
# *With a pencil.* Whoever gives each of ten digits the same probability has the loss $\ln 10 \approx 2.303$ at every
# position, and is right in one of ten answers. Untrained weights are worse than that, near 2.8: they are sure of
# something, and wrong. A loss that stays at 2.3 says: nothing found yet.
#
# The check trains both twins on both books (about ten seconds on a laptop) and asks 200 new sequences of each. Two of
# the four are graded: the linear twin on the short book and the softmax twin on the long one; 95 % right earns
# everything, 60 % nothing. What answers is the given network with the *weights* of your model, nothing else of it; and
# on a lesson of equal sequences the first of the losses that you return is compared. Before you run it, bet: how will
# the linear twin do on the long book?
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# در این هشت گام چهار پرسش دربارهٔ همان نامی است که تازه اعلام شده؛ بعدها این کم‌تر پیش می‌آید و هر که تنها آخرین شماره
# را تکرار کند، در دفترچهٔ کوتاه از هر ۱۰ پاسخ ۳ تا را درست می‌گوید. شماره‌ها هم تکرار می‌شوند (۸ این‌جا از آنِ سه نام
# است): شماره به‌تنهایی به جایی نمی‌رسد و باید از روی نام رفت.
#
# </details>
#
# ### ۵٫۲ آموزششان دهید
#
# ●●○ · ۵۵ دقیقه · ۷ نمره
#
# حلقهٔ آموزش را بنویسید: Adam با نرخ ۰٫۰۱، ۳۰۰ گام، هر گام روی ۶۴ دنباله که تصادفی از `calls` برداشته می‌شود، و
# آنتروپی متقاطع (cross entropy) پاسخ‌ها در **همهٔ** جایگاه‌ها. با `torch.manual_seed(0)` آغاز کنید تا اجرای دوم همان
# مدل را بدهد.
#
# **با مداد.** هر که به هر ده رقم احتمالی یکسان بدهد در همهٔ جایگاه‌ها زیان (loss) $\ln 10 \approx 2.303$ دارد و از هر
# ده پاسخ یکی را درست می‌گوید. وزن‌های آموزش‌ندیده از این هم بدترند، نزدیک ۲٫۸: به چیزی اطمینان دارند که نادرست است.
# زیانی که در ۲٫۳ بماند می‌گوید: هنوز چیزی پیدا نشده.
#
# بررسی هر دو قلو را روی هر دو دفترچه آموزش می‌دهد (حدود ده ثانیه روی لپ‌تاپ) و برای هر کدام ۲۰۰ دنبالهٔ تازه می‌پرسد.
# از این چهار تا دو تا نمره دارند: قلوی خطی روی دفترچهٔ کوتاه و قلوی softmax روی دفترچهٔ بلند؛ ۹۵٪ پاسخ درست همهٔ نمره
# را دارد و ۶۰٪ هیچ. آنکه پاسخ می‌دهد همان شبکهٔ آماده است با *وزن‌های* مدل شما، نه چیز دیگری از آن؛ و در درسی که همهٔ
# دنباله‌هایش یکی است نخستین زیان از زیان‌هایی که برمی‌گردانید سنجیده می‌شود. پیش از اجرا شرط ببندید: قلوی خطی با دفترچهٔ
# بلند چه می‌کند؟


# %% solution id="train_operator"
def train_operator(model: Operator, calls: tuple[Tensor, Tensor, Tensor, Tensor]) -> list[float]:
    """Train the model in place.

    Args:
        model: an untrained Operator.
        calls: (name, number, asked, answer), each (count, N), as `draw_calls` returns them.

    Returns:
        The loss of each step, before its update.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(300):
        rows = torch.randint(len(calls[0]), (64,)).to(calls[0].device)
        name, number, asked, answer = (part[rows] for part in calls)
        loss = F.cross_entropy(model(name, number, asked).flatten(0, 1), answer.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% [markdown] hint id="train_operator"
# At each position a number has just been announced and another is asked for. Which of the four tensors is what the
# model has to say?
# ---
# In each of the 300 steps draw 64 row numbers anew, `torch.randint(len(calls[0]), (64,))`, and take these rows of all
# four tensors. What would the model learn from the same 64 rows every time?
# ---
# The logits have shape `(64, N, 10)`, the answers `(64, N)`. `F.cross_entropy` wants the classes on axis 1:
# `.flatten(0, 1)` of the logits and `.flatten()` of the answers count all positions alike.
# ---
# Set the seed first, make Adam with `lr=0.01`; in each step `zero_grad`, `backward`, `step`, and `loss.item()` into the
# list. The loss begins near 2.8; if it stays there, does the optimiser take its step at all?
# %% [markdown] hint id="train_operator" lang="fa"
# در هر جایگاه شماره‌ای تازه اعلام شده و شمارهٔ دیگری پرسیده می‌شود. مدل باید کدام‌یک از چهار تانسور را بگوید؟
# ---
# در هر یک از ۳۰۰ گام از نو ۶۴ شمارهٔ سطر بکشید، `torch.randint(len(calls[0]), (64,))`، و همین سطرها را از هر چهار
# تانسور بردارید. مدل از همان ۶۴ سطرِ همیشگی چه یاد می‌گرفت؟
# ---
# شکل لاجیت‌ها `(64, N, 10)` است و شکل پاسخ‌ها `(64, N)`. `F.cross_entropy` رده‌ها را روی محور ۱ می‌خواهد:
# `.flatten(0, 1)` برای لاجیت‌ها و `.flatten()` برای پاسخ‌ها همهٔ جایگاه‌ها را یکسان به حساب می‌آورد.
# ---
# نخست بذر را تنظیم کنید و Adam را با `lr=0.01` بسازید؛ در هر گام `zero_grad`، `backward`، `step` و `loss.item()` در
# فهرست. زیان نزدیک ۲٫۸ آغاز می‌شود؛ اگر همان‌جا می‌ماند، آیا بهینه‌ساز اصلاً گام برمی‌دارد؟


# %% check id="train_operator_check" points=7
def unheard_calls(draw, names: int) -> tuple[list[Tensor], Tensor]:
    """200 new sequences without their answers, and the answers."""
    *calls, answer = draw_calls(draw, 200, names)
    return calls, answer


BOOKS = {"short": 16, "long": 64}
draw = seeded("operator")
lessons = {book: draw_calls(draw, 4096, names) for book, names in BOOKS.items()}
exams = {}
for book in BOOKS:
    calls, answer = exam(f"{book} book", partial(unheard_calls, names=BOOKS[book]))
    exams[book] = *calls, answer  # at grading the answers are the judge's
operators, losses = {}, {}
for book, names in BOOKS.items():
    for kind in ("linear", "softmax"):
        operators[kind, book] = Operator(kind, names).to(draw.uniform(1).device)
        losses[kind, book] = train_operator(operators[kind, book], lessons[book])
# Measured over 12 seeds: linear on the short book 0.996 to 0.999, softmax on the long one 1.000 each time; guessing
# earns 0.1, repeating the number just announced 0.3. (Linear on the long book, over 6 seeds: 0.72 to 0.74.)
for kind, book in (("linear", "short"), ("softmax", "long")):
    guesses, truth = answers(operators[kind, book], exams[book]), exams[book][3]
    check_predictions(f"{kind} operator, {book} book", guesses, truth, at_least=0.95, floor=0.6)
# Of sequences that are all alike the first loss is the same whichever of them a loop draws.
alike = [part.expand(4096, -1) for part in draw_calls(draw, 1, 3)]
first_loss = train_operator(Operator("softmax", 3).to(alike[0].device), alike)[0]
check("the first loss, on sequences that are all alike", first_loss, weight=0.5)

# %% [markdown]
# **Look at it: the learning curves, and where the memory is full.** Left, the loss of all four. Right, on new sequences
# of the long book, the share of right answers against how many pairs the operator had heard when she was asked.
#
# %% [markdown] lang="fa"
# **ببینید: منحنی‌های یادگیری، و جایی که حافظه پر می‌شود.** سمت چپ زیان (loss) هر چهار تا. سمت راست، روی دنباله‌های
# تازهٔ دفترچهٔ بلند، سهم پاسخ‌های درست در برابر شمار زوج‌هایی که تلفنچی تا زمان پرسش شنیده بود.


# %%
def by_pairs_heard(model: Operator, calls) -> tuple[list[float], list[float]]:
    """Share of right answers in groups of four positions, and the number of pairs heard in the middle of each."""
    right = (answers(model, calls) == calls[3]).float().mean(dim=0).unflatten(0, (-1, 4)).mean(dim=1)
    return [4 * group + 2.5 for group in range(len(right))], right.tolist()


styles = {"linear": (BLUE, "o"), "softmax": (ORANGE, "s")}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for (kind, book), curve in losses.items():
    smooth = torch.tensor(curve).unflatten(0, (-1, 10)).mean(dim=1)
    line = "-" if book == "long" else ":"
    left.plot(range(5, len(curve), 10), smooth, line, color=styles[kind][0], label=f"{kind}, {book} book")
left.axhline(math.log(DIGITS), color=GREY, linewidth=1, linestyle="--")
left.annotate("guessing", (len(curve), math.log(DIGITS)), ha="right", va="bottom", fontsize=8)
left.set(xlabel="step", ylabel="cross entropy (mean of 10 steps)", title="Three learn the job, one gets stuck")
left.set_ylim(0, 2.6)
left.legend(fontsize=8)
for kind, (colour, marker) in styles.items():
    right.plot(*by_pairs_heard(operators[kind, "long"], exams["long"]), f"{marker}-", color=colour, label=kind)
right.axhline(1 / DIGITS, color=GREY, linewidth=1, linestyle="--")
right.annotate("guessing", (64, 1 / DIGITS), ha="right", va="bottom", fontsize=8)
right.set(xlabel="pairs heard before the question", ylabel="share of right answers", ylim=(0, 1.05))
right.set_title("Long book: the linear twin's memory is full")
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** On the short book the twins hardly differ. On the long one the softmax twin is perfect at every
# length, while the linear twin answers the first questions and then gets worse with each pair. More training isn't the
# cure: three times as many steps take it from about 73 % to 78 %, and softmax needed a hundred. Its memory is a C × M
# matrix a head, here four of 8 × 8, and 64 pairs don't fit.
#
# **Look at it: what they look at.** With the identity matrix as its values, attention returns its own weights. Below,
# those of one long sequence (the head with the largest weight on the right pair), the last 24 questions sorted by where
# the answer stands, so that a perfect operator shows a staircase.
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** روی دفترچهٔ کوتاه قلوها تقریباً فرقی ندارند. روی دفترچهٔ بلند قلوی softmax در هر طولی بی‌نقص است،
# ولی قلوی خطی پرسش‌های نخست را پاسخ می‌دهد و سپس با هر زوج بدتر می‌شود. چاره آموزش بیشتر نیست: با سه برابر گام از
# حدود ۷۳٪ به ۷۸٪ می‌رسد، حال آن‌که برای softmax صد گام کافی بود. حافظه‌اش برای هر سر ماتریسی $C \times M$ است، این‌جا
# چهار تا $8 \times 8$، و ۶۴ زوج در آن جا نمی‌شود.
#
# **ببینید: به کجا نگاه می‌کنند.** اگر مقدارها ماتریس همانی باشند، توجه وزن‌های خودش را برمی‌گرداند. پایین، وزن‌های یک
# دنبالهٔ بلند را می‌بینید (سری که روی زوج درست بیشترین وزن را دارد)؛ ۲۴ پرسش آخر به ترتیب جای پاسخ چیده شده‌اند، پس
# تلفنچی بی‌نقص یک پلکان نشان می‌دهد.


# %%
@torch.no_grad()
def attention_maps(model: Operator, calls) -> Tensor:
    """The weights (heads, N, N) with which the model reads the first sequence of calls."""
    x = model.embed(*(part[:1] for part in calls[:3]))
    q, k = ((x @ W).unflatten(-1, (model.num_heads, -1)).transpose(-2, -3)[0] for W in (model.W_q, model.W_k))
    identity = torch.eye(x.shape[1], device=x.device).expand(model.num_heads, -1, -1)
    if model.kind == "linear":
        return causal_linear_attention(q, k, identity, elu_features)
    return F.scaled_dot_product_attention(q, k, identity, is_causal=True)


name, _, asked, _ = (part[0] for part in exams["long"])
place = (asked[:, None] == name[None]).int().argmax(dim=1)  # where the name asked for was announced
questions = torch.arange(40, 64, device=name.device)
questions = questions[place[questions].argsort()]
figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", sharey=True)
for axis, kind in zip(panels, styles, strict=True):
    maps = attention_maps(operators[kind, "long"], exams["long"])[:, questions]
    on_target = maps[:, torch.arange(24, device=name.device), place[questions]].mean(dim=1)
    image = axis.imshow(maps[on_target.argmax()].cpu(), cmap="viridis", aspect="auto", vmin=0, vmax=0.5)
    axis.plot(place[questions].cpu(), range(24), ".", color="white", markersize=3, label="the pair asked for")
    axis.set(xlabel="pair announced at step", title=f"{kind}: {on_target.max().item():.0%} of the weight is right")
panels[0].set(ylabel="question, sorted by its answer")
panels[0].legend(fontsize=8, loc="lower left", facecolor="black", labelcolor="white", framealpha=0.6)
figure.colorbar(image, ax=panels, label="attention weight")
plt.show()

# %% [markdown]
# **What to see.** Softmax puts its weight where the answer is. The linear head looks everywhere a little; what it
# returns is an average in which the right number is one voice among many. Remember the picture in 2.4: blunt features.
#
# **Look at it: buy more memory.** A head of size d has C = M = d, so its state has d² numbers and all heads together
# WIDTH · d: with *fewer* heads the same network has *more* state. We train the linear twin on the long book with 8, 4
# and 2 heads (the parameters don't change!). Bet again before you run it (about 10 seconds).
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** softmax وزنش را همان جایی می‌گذارد که پاسخ است. سر خطی همه‌جا را کمی نگاه می‌کند؛ آنچه برمی‌گرداند
# میانگینی است که شمارهٔ درست در آن صدایی میان صداهای بسیار است. تصویر ۲٫۴ را به یاد بیاورید: ویژگی‌های کُند.
#
# **ببینید: حافظهٔ بیشتر بخرید.** سری با اندازهٔ $d$ دارای $C = M = d$ است؛ پس حالتش $d^2$ عدد دارد و همهٔ سرها با هم
# `WIDTH · d` عدد: همین شبکه با سرهای **کمتر**، حالت **بزرگ‌تری** دارد. قلوی خطی را روی دفترچهٔ بلند با ۸، ۴ و ۲ سر
# آموزش می‌دهیم (شمار پارامترها عوض نمی‌شود!). پیش از اجرا باز شرط ببندید (حدود ۱۰ ثانیه).

# %%
figure, axis = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for heads, shade in ((8, 0.35), (4, 0.65), (2, 1.0)):
    model = operators["linear", "long"] if heads == 4 else Operator("linear", 64, heads).to(name.device)
    if heads != 4:
        train_operator(model, lessons["long"])
    size = f"{heads} heads of size {WIDTH // heads}: {WIDTH * WIDTH // heads} numbers"
    axis.plot(*by_pairs_heard(model, exams["long"]), "o-", color=BLUE, alpha=shade, markersize=3, label=size)
axis.plot(
    *by_pairs_heard(operators["softmax", "long"], exams["long"]), "s--", color=ORANGE, markersize=3, label="softmax"
)
axis.axhline(1 / DIGITS, color=GREY, linewidth=1, linestyle="--")
axis.set(xlabel="pairs heard before the question", ylabel="share of right answers", ylim=(0, 1.05))
axis.set_title("The linear twin remembers what fits into its state")
axis.legend(fontsize=8, title="state S of the layer", title_fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** The same parameters, the same training, and a memory that grows with the state. Softmax has no such
# limit because its "state" is the whole past: 2 · 32 numbers more with each step. (State isn't everything: one head of
# size 32 has twice the numbers of two heads, but a single blunt look at them. Try it: who wins?)
#
# **Look at it: fill a state by hand.** No training: keys are laid into a state of C = 8 features, first one for each
# feature (5 there and −5 elsewhere), then keys of two features each. Row by row: which pairs does a question for one of
# them read, when the values are the identity?
#
# %% [markdown] lang="fa"
# **چه می‌بینید؟** همان پارامترها و همان آموزش، و حافظه‌ای که با حالت بزرگ می‌شود. softmax چنین مرزی ندارد، چون «حالت»
# آن همهٔ گذشته است: با هر گام ۲ · ۳۲ عدد بیشتر. (حالت همه‌چیز نیست: یک سر با اندازهٔ ۳۲ دو برابرِ دو سر عدد دارد، ولی
# فقط یک نگاه کُند به آن‌ها می‌اندازد. امتحان کنید: کدام می‌برد؟)
#
# **ببینید: حالت را با دست پر کنید.** بی هیچ آموزشی: کلیدها در حالتی با $C = 8$ ویژگی گذاشته می‌شوند، نخست برای هر ویژگی
# یکی (آن‌جا ۵ و جاهای دیگر ۵−) و سپس کلیدهایی که هر کدام دو ویژگی دارند. سطر به سطر: اگر مقدارها ماتریس همانی باشند،
# پرسش از هر زوج کدام زوج‌ها را می‌خواند؟


# %%
def draw_recall(axis, pairs):
    """What a question for each of the stored pairs reads from a state of 8 features: a row a question."""
    spots = [(a,) for a in range(8)] + [(a, b) for a in range(8) for b in range(a)]
    stored = torch.full((pairs, 8), -5.0)
    for place, spot in enumerate(spots[:pairs]):
        stored[place, list(spot)] = 5.0
    read = linear_attention(stored, stored, torch.eye(pairs), elu_features)
    axis.imshow(read, cmap="Blues", vmin=0, vmax=1)
    axis.set(xlabel=f"pair; {read.diagonal().mean():.0%} of the weight is right", ylabel="question for pair")
    axis.locator_params(integer=True)


explore(draw_recall, "pairs", [4, 8, 16, 32])

# %% [markdown]
# <details><summary>What to see</summary>
#
# Up to eight pairs, one for each feature, a question reads its own pair with 98 % of the weight. From the ninth on keys
# share features, and whoever shares one is heard: 37 % with 16 pairs, 14 % with 32. With 16 the pairs 5, 6 and 7, whose
# features nobody else uses, are still read exactly: it isn't the number of pairs that hurts, it is the overlap, and
# with C features more than C keys must overlap.
#
# </details>
#
# ### Essay 4 · What a fixed state forgets
#
# ●●● · 60 min · 6 points
#
# ![With two features two pairs are read back exactly; a third pair changes every answer](figures/interference.svg)
#
# *With a pencil.* $C = 2$. Keys with the features (1, 0) and (0, 1), values 10 and 1: $S = (10, 1)$, $z = (1, 1)$, and
# reading gives 10 and 1. Now a third pair, features (1, 1), value 4: $S = (14, 5)$, $z = (2, 2)$, and the three reads
# are 14/2 = 7, 5/2 = 2.5 and 19/4 = 4.75. None of the three is right:
# three values don't fit into two sums.
#
# (a) Take values $V_j$ and features with $\phi(K_i)^\top\phi(K_j) = 0$ for $i \ne j$. Show that reading S with
# $\phi(K_j)$ returns $V_j$ exactly (after normalising). How many pairs can be stored like this with C features, and why
# not one more? (b) elu + 1 is positive. What does that mean for the angle between the features of two keys, and for
# recall? (c) Explain two of your figures with (a) and (b), and name a change to the model that would help without
# giving up linear time.
#
# %% [markdown] lang="fa"
# <details><summary>چه می‌بینید؟</summary>
#
# تا هشت زوج، برای هر ویژگی یکی، هر پرسش زوج خودش را با ۹۸٪ وزن می‌خواند. از نهمی به بعد کلیدها ویژگی‌های مشترک دارند و
# صدای هر که شریک است شنیده می‌شود: ۳۷٪ با ۱۶ زوج و ۱۴٪ با ۳۲ زوج. با ۱۶ زوج، زوج‌های ۵ و ۶ و ۷ که کسی ویژگی‌شان را به
# کار نبرده هنوز دقیق خوانده می‌شوند: آنچه آسیب می‌زند شمار زوج‌ها نیست، هم‌پوشانی است، و با $C$ ویژگی بیش از $C$ کلید
# ناگزیر هم‌پوشانی دارند.
#
# </details>
#
# ### پرسش تشریحی ۴ · حالت ثابت چه را فراموش می‌کند
#
# ●●● · ۶۰ دقیقه · ۶ نمره
#
# ![با دو ویژگی، دو زوج درست خوانده می‌شوند؛ زوج سوم همهٔ پاسخ‌ها را عوض می‌کند](figures/interference.svg)
#
# **با مداد.** فرض کنید $C = 2$. کلیدهایی با ویژگی‌های $(1, 0)$ و $(0, 1)$ و مقدارهای ۱۰ و ۱: پس $S = (10, 1)$ و
# $z = (1, 1)$، و خواندن ۱۰ و ۱ می‌دهد. حالا زوج سوم، با ویژگی‌های $(1, 1)$ و مقدار ۴: پس $S = (14, 5)$ و $z = (2, 2)$،
# و سه خواندن $14/2 = 7$ و $5/2 = 2.5$ و $19/4 = 4.75$ می‌دهند. هیچ‌کدام درست نیست:
# سه مقدار در دو مجموع جا نمی‌شوند.
#
# (الف) مقدارهای $V_j$ و ویژگی‌هایی را در نظر بگیرید که برای $i \ne j$ داشته باشند $\phi(K_i)^\top\phi(K_j) = 0$. نشان
# دهید خواندن S با $\phi(K_j)$ (پس از نرمال‌سازی) دقیقاً $V_j$ را برمی‌گرداند. با $C$ ویژگی چند زوج را می‌توان
# این‌گونه نگه داشت و چرا یکی بیشتر نه؟ (ب) ویژگی elu + 1 مثبت است. این دربارهٔ زاویهٔ میان ویژگی‌های دو کلید چه
# می‌گوید، و دربارهٔ یادآوری؟ (پ) دو شکل از شکل‌های خودتان را با (الف) و (ب) توضیح دهید و تغییری در مدل نام ببرید که
# بی‌آن‌که زمان خطی را از دست بدهد کمک کند.

# %% [markdown] essay id="fixed_state" points=6
# ### BEGIN SOLUTION
# (a) $\phi(K_j)^\top S = \sum_i \phi(K_j)^\top\phi(K_i)\,V_i^\top = \|\phi(K_j)\|^2\, V_j^\top$, and the denominator is
# $\phi(K_j)^\top z = \|\phi(K_j)\|^2$: the quotient is $V_j$. At most C vectors of $\mathbb R^C$ other than zero can be
# orthogonal to one another, so C pairs. A further key's feature is a combination of the others (rank of S ≤ C, and the
# N × N weights have rank ≤ C): reading it returns a mixture, $V_j$ plus interference. (Counting numbers: S holds CM of
# them, N pairs need NM.)
#
# (b) All coordinates are > 0, so inner products are > 0: every angle is below 90°, features are never orthogonal
# exactly (only nearly, when each is almost zero wherever another is large, which needs a coordinate for each). Every
# read contains all other values with positive weight; without subtraction the interference can't cancel. So capacity is
# below the ideal C in practice, though approximate decoding (the feed-forward layer only has to tell ten digits apart)
# and several heads, each storing the same pairs in another way, bring some of it back.
#
# (c) Long book: right answers fall as pairs are added, since 4 heads of C = 8 have 32 features for 64 pairs: first
# there is room, then interference grows with each pair. State figure: two heads have C = 16, 512 numbers, and fall
# latest; eight heads have C = 4 each, 128 numbers, and fall first. Maps: weights of rank 8 can't be a permutation of 64
# columns (rank 64); blunt similarity spreads the weight. Helpful: more features (quadratic ones, C = d²; wider or fewer
# heads), sharper or learned features (an approximation of exp), a rule that erases before it writes (delta rule), a
# gate or decay that forgets what is no longer needed, a few layers of softmax or a sliding window beside the linear
# ones.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point: (a) the sum reduces to one term, ‖φ(K_j)‖² V_j.
#
# 1 point: (a) the normaliser is ‖φ(K_j)‖², so that the quotient is V_j exactly.
#
# 1 point: (a) at most C orthogonal vectors other than zero in C dimensions, or rank ≤ C.
#
# 1 point: (b) angles below 90°, never orthogonal, so every read is a mixture of all values.
#
# 1 point: (c) two figures explained by capacity or interference (half a point each).
#
# 1 point: (c) a fix that keeps linear time. "It needs more training" earns nothing: the same training with a larger
# state succeeds.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** A state of C features holds C orthogonal keys exactly; from then on each pair is heard in every
# answer. Softmax keeps the whole past, always finds the pair, and pays for it with each further token. The twins failed
# where the theory said, and not for want of training: that is how an architecture's limit is told from a bad run.
#
# **Open tasks** (no points)
#
# - Erase before you write (the *delta rule*): with features of length one,
#   $S \leftarrow S + \phi(k)\,(v - S^\top\phi(k))^\top$, and read $S^\top\phi(q)$ without z. Train that twin on the
#   long book. You did well if you have its share of right answers over three seeds beside the 0.72 to 0.74 of ours.
# - Give two of the four heads a softmax over the last eight positions only, and leave the other two linear. You did
#   well if you can predict from the draw of the questions how much such a window can bring at best, and find it.
#
# **Read on.** Schlag, Irie and Schmidhuber, [Linear transformers are secretly fast weight
# programmers](https://arxiv.org/abs/2102.11174) (2021): capacity and the delta rule; Yang and others, [Parallelizing
# linear transformers with the delta rule](https://arxiv.org/abs/2406.06484) (2024). Arora and others,
# [Zoology](https://arxiv.org/abs/2312.04927) (2023), measure associative recall in language models; Jelassi and others,
# [Repeat after me](https://arxiv.org/abs/2402.01032) (2024), prove what a fixed state can't copy. A book to go on with:
# [Dive into deep learning](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html), the chapter on
# attention.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** حالتی با $C$ ویژگی، $C$ کلید عمود بر هم را دقیق نگه می‌دارد؛ از آن پس صدای هر زوج در همهٔ پاسخ‌ها
# شنیده می‌شود. softmax همهٔ گذشته را نگه می‌دارد، همیشه زوج را پیدا می‌کند و با هر توکن تازه بهایش را می‌پردازد. قلوها
# همان‌جا شکست خوردند که نظریه گفته بود، نه از کم‌آموزی: مرز یک معماری را این‌گونه از یک اجرای بد بازمی‌شناسند.
#
# **تمرین‌های آزاد** (بی‌نمره)
#
# - پیش از نوشتن پاک کنید (قاعدهٔ دلتا، delta rule): با ویژگی‌هایی به طول یک،
#   $S \leftarrow S + \phi(k)\,(v - S^\top\phi(k))^\top$، و بی z از $S^\top\phi(q)$ بخوانید. این قلو را روی دفترچهٔ بلند
#   آموزش دهید. خوب پیش رفته‌اید اگر سهم پاسخ‌های درستش را با سه بذر، کنار ۰٫۷۲ تا ۰٫۷۴ ما، داشته باشید.
# - به دو سر از چهار سر، softmax روی تنها هشت جایگاه آخر بدهید و دو سر دیگر را خطی بگذارید. خوب پیش رفته‌اید اگر از روی
#   قرعهٔ پرسش‌ها پیش‌بینی کنید چنین پنجره‌ای دست بالا چقدر می‌آورد، و همان را بیابید.
#
# **بیشتر بخوانید.** شلاگ (Schlag)، ایری و اشمیدهوبر، [Linear transformers are secretly fast weight
# programmers](https://arxiv.org/abs/2102.11174) (۲۰۲۱): گنجایش و قاعدهٔ دلتا؛ یانگ و همکاران، [Parallelizing linear
# transformers with the delta rule](https://arxiv.org/abs/2406.06484) (۲۰۲۴). آرورا (Arora) و همکاران در
# [Zoology](https://arxiv.org/abs/2312.04927) (۲۰۲۳) یادآوری تداعی‌گر را در مدل‌های زبانی اندازه می‌گیرند؛ جلسی
# (Jelassi) و همکاران در [Repeat after me](https://arxiv.org/abs/2402.01032) (۲۰۲۴) ثابت می‌کنند حالت ثابت چه را
# نمی‌تواند رونویسی کند. کتابی برای ادامه: [Dive into deep
# learning](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html)، فصل توجه.

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

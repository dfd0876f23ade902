# %% [markdown]
# # Homework 2 · Attention, from one score to a Transformer
#
# A decoder is about to write the next word of a translation. Which words of the source should it look at? Attention
# answers with a handful of matrix products, and everything in this homework grows out of that one answer: first the
# three classic scores for recurrent networks, then queries, keys and values, then many heads, positions, and a whole
# Transformer. At the end *your own functions*, stacked on one another, learn to translate between two invented
# languages, one of which is written from right to left.
#
# **After this homework you can**
#
# - score, weigh and mix encoder states in three ways, and differentiate each score by hand;
# - write a softmax that survives large scores, masks and rows with nothing to attend to;
# - build scaled dot-product attention, multi-head attention, encoder and decoder layers that agree with PyTorch's;
# - explain the √d_k, the positions, the learning-rate schedule and the parameter count of *Attention Is All You Need*;
# - train a Transformer and read its attention maps.
#
# **Time.** About 14 hours, essays included: 4½ for part 1, 2½ for part 2, 2 for part 3, 3½ for part 4, 1½ for part 5.
# Under each heading stand its difficulty, its minutes and its points.
#
# **Builds on.** Matrices by hand, as in homework 1; no other homework is needed. Homework 3 makes attention linear,
# homework 4 looks closely at embeddings, homework 5 opens BERT, which is a pile of your encoder layers, homework 7 asks
# what an argmax would do in place of the softmax, and homework 8 shows your layers pictures.
#
# ![The tasks as a graph: scores and weights carry attention, attention carries heads and layers](figures/map.svg)
#
# **How checks work.** You write code between a function's docstring and the end of its cell. The check cell below it
# draws inputs from a seed and compares what your function returns with our reference. Here the seed is public and you
# see the verdict at once; at grading the same cell runs with another seed, so only a function that really computes the
# answer passes. When your numbers equal those of a well-known mistake, the check tells you which. Run the notebook from
# top to bottom before you hand it in.
#
# **Conventions.** A single decoder state is $h_d$ with shape (D,), the encoder states are the rows of $H_e$ with shape
# (S, E). Masks are boolean and `True` means *may attend*. Weight matrices of sequence layers multiply from the right:
# `x @ W`.
#
# **Arguments stay as they are.** No function changes what it is given, unless its docstring says so; the checks look.
#
# **Handing in.** One zip, `DL_Hw2_<firstName>_<lastName>_<StudentId>.zip`, with this notebook in it.
#
# %% [markdown] lang="fa"
# # تمرین ۲ · توجه، از یک امتیاز تا ترنسفورمر
#
# کدگشا (decoder) می‌خواهد واژهٔ بعدی ترجمه را بنویسد. باید به کدام واژه‌های جملهٔ مبدأ نگاه کند؟ سازوکار توجه
# (attention) با چند ضرب ماتریسی به این پرسش پاسخ می‌دهد و همهٔ این تمرین از همین یک پاسخ می‌روید: نخست سه امتیاز
# کلاسیک برای شبکه‌های بازگشتی، سپس پرس‌وجو (query)، کلید (key) و مقدار (value)، بعد چند سر (head)، جایگاه‌ها و
# سرانجام یک ترنسفورمر کامل. در پایان، **توابع خودتان** که روی هم چیده شده‌اند یاد می‌گیرند میان دو زبان ساختگی ترجمه
# کنند؛ زبان‌هایی که یکی از آن‌ها از راست به چپ نوشته می‌شود.
#
# **پس از این تمرین می‌توانید**
#
# - حالت‌های کدگذار (encoder) را به سه روش امتیاز بدهید، وزن‌دهی و ترکیب کنید و از هر امتیاز با دست مشتق بگیرید؛
# - تابع softmax را طوری بنویسید که از امتیازهای بزرگ، نقاب (mask) و سطرهایی که هیچ جایی برای نگاه‌کردن ندارند جان
#   سالم به در ببرد؛
# - توجه ضرب داخلی مقیاس‌شده، توجه چندسر و لایه‌های کدگذار و کدگشا را چنان بسازید که با PyTorch یکی باشند؛
# - نقش $\sqrt{d_k}$، جایگاه‌ها، برنامهٔ نرخ یادگیری و شمار پارامترهای مقالهٔ «Attention Is All You Need» را توضیح
#   دهید؛
# - یک ترنسفورمر آموزش دهید و نقشه‌های توجهش را بخوانید.
#
# **زمان.** حدود ۱۴ ساعت، همراه با پرسش‌های تشریحی: ۴٫۵ ساعت برای بخش ۱، ۲٫۵ ساعت برای بخش ۲، ۲ ساعت برای بخش ۳، ۳٫۵
# ساعت برای بخش ۴ و ۱٫۵ ساعت برای بخش ۵. زیر هر عنوان دشواری، زمان و نمرهٔ آن آمده است.
#
# **پیش‌نیاز.** کار با ماتریس‌ها روی کاغذ، مانند تمرین ۱؛ تمرین دیگری لازم نیست. تمرین ۳ توجه را خطی می‌کند، تمرین ۴ از
# نزدیک به تعبیه‌ها نگاه می‌کند، تمرین ۵ مدل BERT را باز می‌کند که همان لایه‌های کدگذار شماست روی هم، تمرین ۷ می‌پرسد
# argmax به جای softmax چه می‌کند و تمرین ۸ به لایه‌های شما تصویر نشان می‌دهد.
#
# ![نقشهٔ کارها: امتیازها و وزن‌ها توجه را می‌سازند و توجه سرها و لایه‌ها را](figures/map.svg)
#
# **بررسی‌ها چگونه کار می‌کنند.** کد را میان توضیح تابع (docstring) و پایان سلول می‌نویسید. سلول بررسیِ زیر آن،
# ورودی‌ها را از یک بذر (seed) می‌سازد و خروجی تابع شما را با مرجع ما می‌سنجد. بذر این‌جا همگانی است و نتیجه را همان
# دم می‌بینید؛ هنگام نمره‌دهی همین سلول با بذری دیگر اجرا می‌شود، پس تنها تابعی پذیرفته می‌شود که پاسخ را واقعاً حساب
# کند. اگر عددهای شما با یکی از خطاهای آشنا یکی باشد، بررسی می‌گوید کدام خطا. پیش از تحویل، دفترچه را یک بار از آغاز
# تا پایان اجرا کنید.
#
# **قراردادها.** یک حالت کدگشا $h_d$ با شکل `(D,)` است و حالت‌های کدگذار سطرهای $H_e$ با شکل `(S, E)` هستند. نقاب‌ها
# بولی‌اند و `True` یعنی «می‌تواند توجه کند». ماتریس‌های وزن در لایه‌های دنباله‌ای از سمت راست ضرب می‌شوند: `x @ W`.
#
# **ورودی‌ها دست نمی‌خورند.** هیچ تابعی آنچه را می‌گیرد تغییر نمی‌دهد، مگر آن‌که docstring آن چنین بگوید؛ بررسی‌ها به این هم
# نگاه می‌کنند.
#
# **تحویل.** یک فایل zip با نام `DL_Hw2_<firstName>_<lastName>_<StudentId>.zip` که همین دفترچه در آن است.

# %% given id="setup"
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder import check, check_predictions, exam, handin, hint, progress, seeded, stand_in, start

start("hw02_attention")
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"  # told apart by every eye


def heatmap(axis, values: Tensor, title: str, xlabel: str, ylabel: str, **options):
    """Draw a (rows, columns) tensor as a picture with named axes, and return the image."""
    image = axis.imshow(values.detach().cpu(), aspect="auto", **{"cmap": "viridis", **options})
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return image


# %% [markdown]
# ## Part 1 · One decoder state looks at the encoder
#
# A recurrent encoder has read a sentence and left one state $h_e$ for each of its S words. At some step the decoder has
# state $h_d$. Attention then takes three moves:
#
# $$\text{score}_s = f(h_d, h_{e,s}), \qquad a = \operatorname{softmax}(\text{score}), \qquad
#   c = \sum_s a_s\, h_{e,s}.$$
#
# The *context* $c$ is a summary of the sentence made for this very step. Only the score function differs between the
# classic papers.
#
# ![Two encoder states of three numbers get scores 1 and 2, weights 0.27 and 0.73, and are mixed](figures/three_moves.svg)
#
# ### Essay 1 · Where the word comes from
#
# ●○○ · 15 min · 2 points
#
# What do psychologists mean by *attention*? Name one property of human attention that attention in a
# sequence-to-sequence network shares, and one that it does not. What problem of the plain encoder-decoder does it
# solve?
#
# To read before you answer: the first pages of [William James, chapter
# XI](https://psychclassics.yorku.ca/James/Principles/prin11.htm) (1890: "Every one knows what attention is"), or
# section 2 of [Lindsay (2020)](https://doi.org/10.3389/fncom.2020.00029), who sets psychology, neuroscience and machine
# learning side by side.
#
# %% [markdown] lang="fa"
# ## بخش ۱ · یک حالت کدگشا به کدگذار نگاه می‌کند
#
# یک کدگذار بازگشتی جمله‌ای را خوانده و برای هر یک از $S$ واژهٔ آن یک حالت $h_e$ به جا گذاشته است. کدگشا در گامی
# از کار، حالت $h_d$ را دارد. توجه سه حرکت است:
#
# $$\text{score}_s = f(h_d, h_{e,s}), \qquad a = \operatorname{softmax}(\text{score}), \qquad
#   c = \sum_s a_s\, h_{e,s}.$$
#
# بردار «زمینه» (context) یعنی $c$، خلاصه‌ای از جمله است که برای همین گام ساخته شده. مقاله‌های کلاسیک تنها در تابع
# امتیاز با هم فرق دارند.
#
# ![دو حالت کدگذار با سه عدد: امتیازهای ۱ و ۲، وزن‌های ۰٫۲۷ و ۰٫۷۳ و آمیزهٔ آن دو](figures/three_moves.svg)
#
# ### پرسش تشریحی ۱ · این واژه از کجا آمده است
#
# ●○○ · ۱۵ دقیقه · ۲ نمره
#
# روان‌شناسان از «توجه» چه می‌خواهند بگویند؟ یک ویژگی توجه انسان را نام ببرید که توجه در شبکهٔ دنباله‌به‌دنباله
# (sequence-to-sequence) نیز دارد و یک ویژگی که ندارد. توجه کدام دشواری کدگذار-کدگشای ساده را از میان برمی‌دارد؟
#
# پیش از پاسخ بخوانید: صفحه‌های نخست [فصل یازدهم ویلیام
# جیمز](https://psychclassics.yorku.ca/James/Principles/prin11.htm) (۱۸۹۰: «همه می‌دانند توجه چیست») یا بخش ۲ مقالهٔ
# [Lindsay (2020)](https://doi.org/10.3389/fncom.2020.00029) که روان‌شناسی، علوم اعصاب و یادگیری ماشین را کنار هم
# می‌گذارد.

# %% [markdown] essay id="psychology" points=2
# ### BEGIN SOLUTION
# In psychology attention is the selection of a part of what the senses or memory offer for further processing, because
# the capacity for processing is limited; the rest is suppressed, not erased. It can be steered from above (a goal: find
# the red pen) or caught from below (a loud noise).
#
# Shared: selection that depends on the present task. The decoder state plays the part of the goal, and what matters
# for this step gets *higher* weight while the rest is passed over. Not shared: human attention saves effort by
# leaving most of the input unprocessed, soft attention scores every position and mixes all of them with positive
# weights, so it costs more, not less; it can also be spread as widely as one likes, and it isn't drawn by surprise.
#
# The plain encoder-decoder squeezes a sentence of any length into one fixed vector. With attention the decoder reads a
# fresh summary at each step, so long sentences lose less, and gradients reach each encoder state by a short path.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 0.5 points: attention as goal-dependent selection under limited capacity.
# - 0.5 points: a shared property (selection by the present goal, higher weight for what matters).
# - 0.5 points: a true difference (soft weights over everything, cost, no bottom-up capture, …).
# - 0.5 points: the fixed-length bottleneck.
#
# "Attention ignores words" or "important words get lower weight" earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# ### 1.1 Three scores
#
# ●○○ · 40 min · 5 points
#
# *Idea.* A score says how well an encoder state fits what the decoder needs now.
#
# $$\text{dot:}\; h_d^\top h_e \qquad \text{general:}\; h_d^\top W_a h_e \qquad
#   \text{tanh:}\; v_a^\top \tanh\!\left(W_a\,[h_d; h_e]\right)$$
#
# Here $[h_d; h_e]$ stacks the decoder state **above** the encoder state. The first two are Luong's *multiplicative*
# scores, the last is the *additive* score (Bahdanau's, written with one matrix). Each function scores all S encoder
# states at once; try to write them without a loop.
#
# %% [markdown] lang="fa"
# ### ۱٫۱ سه امتیاز
#
# ●○○ · ۴۰ دقیقه · ۵ نمره
#
# **ایده.** امتیاز می‌گوید یک حالت کدگذار تا چه اندازه با نیاز کنونی کدگشا جور است.
#
# $$\text{dot:}\; h_d^\top h_e \qquad \text{general:}\; h_d^\top W_a h_e \qquad
#   \text{tanh:}\; v_a^\top \tanh\!\left(W_a\,[h_d; h_e]\right)$$
#
# نماد $[h_d; h_e]$ یعنی حالت کدگشا **بالای** حالت کدگذار چیده می‌شود. دو امتیاز نخست، امتیازهای «ضربی» لوانگ (Luong)
# هستند و آخری امتیاز «جمعی» است (از باهداناو (Bahdanau)، که با یک ماتریس نوشته شده). هر تابع به همهٔ $S$ حالت کدگذار
# یک‌جا امتیاز می‌دهد؛ بکوشید بی‌حلقه بنویسید.


# %% [markdown]
# ![The three scores as products of boxes: dot, general, and tanh with its hidden layer](figures/three_scores.svg)
#
# **With a pencil.** Two encoder states, $h_1 = (1, 0, 1)$ and $h_2 = (0, 1, 2)$.
#
# - *dot*, with $h_d = (1, 2, 0)$: $1\cdot 1 + 2\cdot 0 + 0\cdot 1 = 1$ for $h_1$ and
#   $1\cdot 0 + 2\cdot 1 + 0\cdot 2 = 2$ for $h_2$.
# - *general*, with a shorter $h_d = (1, 2)$ and a $W_a$ whose rows are $(1, 0, 2)$ and $(0, 1, -1)$: first
#   $h_d^\top W_a = 1\cdot(1, 0, 2) + 2\cdot(0, 1, -1) = (1, 2, 0)$. From there on it is the dot score above: 1 and 2.
# - *tanh*, with the same $h_d = (1, 2)$, one hidden unit, $W_a = (1, 0, -1, 1, 0)$ and $v_a = 2$. For $h_1$ the unit
#   gets $1 + 0 - 1 + 0 + 0 = 0$, for $h_2$ it gets $1 + 0 - 0 + 1 + 0 = 2$. Scores: $2\tanh 0 = 0$ and
#   $2\tanh 2 \approx 1.928$.
#
# %% [markdown] lang="fa"
# ![سه امتیاز به‌صورت ضرب چند مستطیل: dot، general و tanh با لایهٔ پنهانش](figures/three_scores.svg)
#
# **با مداد و کاغذ.** دو حالت کدگذار داریم: $h_1 = (1, 0, 1)$ و $h_2 = (0, 1, 2)$.
#
# - امتیاز dot با $h_d = (1, 2, 0)$: برای $h_1$ می‌شود $1\cdot 1 + 2\cdot 0 + 0\cdot 1 = 1$ و برای $h_2$ می‌شود
#   $1\cdot 0 + 2\cdot 1 + 0\cdot 2 = 2$.
# - امتیاز general با $h_d = (1, 2)$ که کوتاه‌تر است و $W_a$ با سطرهای $(1, 0, 2)$ و $(0, 1, -1)$: نخست
#   $h_d^\top W_a = 1\cdot(1, 0, 2) + 2\cdot(0, 1, -1) = (1, 2, 0)$. از این‌جا به بعد همان امتیاز dot بالاست: ۱ و ۲.
# - امتیاز tanh با همان $h_d = (1, 2)$، یک واحد پنهان، $W_a = (1, 0, -1, 1, 0)$ و $v_a = 2$. به واحد پنهان برای $h_1$
#   عدد $1 + 0 - 1 + 0 + 0 = 0$ می‌رسد و برای $h_2$ عدد $1 + 0 - 0 + 1 + 0 = 2$. امتیازها: $2\tanh 0 = 0$ و
#   $2\tanh 2 \approx 1.928$.


# %% solution id="dot_score"
def dot_score(h_d: Tensor, H_e: Tensor) -> Tensor:
    """Dot score of one decoder state against every encoder state.

    Luong, Pham and Manning (2015), section 3.1, "dot".

    Args:
        h_d: decoder state, shape (D,).
        H_e: encoder states, shape (S, E) with E = D.

    Returns:
        Scores, shape (S,).
    """
    ### BEGIN SOLUTION
    return H_e @ h_d
    ### END SOLUTION


# %% [markdown] hint id="dot_score"
# Which sizes do `h_d` and one row of `H_e` have, and what does a dot product of the two give?
# ---
# One number for each of the S rows, so the shape is `(S,)`. Which single product of a matrix and a vector makes them
# all? There is no softmax and no scaling in it yet, and nothing to squeeze: with `S = 1` the answer still has its one
# axis.
# ---
# Write the matrix first: `H_e @ …`.
# %% [markdown] hint id="dot_score" lang="fa"
# `h_d` و یک سطر از `H_e` چه اندازه‌ای دارند و ضرب داخلی این دو چه به دست می‌دهد؟
# ---
# برای هر یک از `S` سطر یک عدد، پس شکل پاسخ `(S,)` است. کدام ضرب یک ماتریس در یک بردار همه را یک‌جا می‌سازد؟ این‌جا هنوز
# نه softmax در کار است و نه مقیاس‌کردن، و چیزی هم برای squeeze نیست: با `S = 1` هم پاسخ همان یک محورش را دارد.
# ---
# نخست ماتریس را بنویسید: `H_e @ …`.


# %%
# The pencil's numbers: 1 and 2.
print(dot_score(torch.tensor([1.0, 2.0, 0.0]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])))

# %% check id="dot_score_check" points=1
draw = seeded("dot_score")
h_d, H_e = draw.normal(5), draw.normal(5, 7).T
check("dot score", dot_score(h_d, H_e))
check("dot score of a single encoder state", dot_score(draw.normal(6), draw.normal(1, 6)))


# %% solution id="general_score"
def general_score(h_d: Tensor, H_e: Tensor, W_a: Tensor) -> Tensor:
    """General (bilinear) score of one decoder state against every encoder state.

    Luong, Pham and Manning (2015), section 3.1, "general".

    Args:
        h_d: decoder state, shape (D,).
        H_e: encoder states, shape (S, E).
        W_a: weights, shape (D, E).

    Returns:
        Scores, shape (S,).
    """
    ### BEGIN SOLUTION
    return H_e @ (W_a.T @ h_d)
    ### END SOLUTION


# %% [markdown] hint id="general_score"
# `W_a` has shape `(D, E)`: which of its axes meets `h_d`, and which meets a row of `H_e`?
# ---
# Write the sizes under the formula: `(D,)`, `(D, E)`, `(E,)`. When D and E happen to be equal the wrong order runs as
# well, without an error, so let the sizes decide.
# ---
# First carry the decoder state over to the encoder's side: `h_d @ W_a` has shape `(E,)`. What remains is a dot score,
# with no tanh and no softmax around it.
# %% [markdown] hint id="general_score" lang="fa"
# شکل `W_a` برابر `(D, E)` است: کدام محورش به `h_d` می‌رسد و کدام به سطری از `H_e`؟
# ---
# اندازه‌ها را زیر فرمول بنویسید: `(D,)`، `(D, E)`، `(E,)`. اگر `D` و `E` اتفاقاً برابر باشند، ترتیب نادرست هم بی‌خطا
# اجرا می‌شود؛ پس بگذارید اندازه‌ها تصمیم بگیرند.
# ---
# نخست حالت کدگشا را به سمت کدگذار ببرید: شکل `h_d @ W_a` برابر `(E,)` است. آنچه می‌ماند یک امتیاز dot است، بی‌آن‌که
# tanh یا softmax دورش باشد.


# %%
# The pencil's numbers: 1 and 2 again, from a decoder state of two numbers.
print(
    general_score(
        torch.tensor([1.0, 2.0]),
        torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]),
        torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]),
    )
)

# %% check id="general_score_check" points=1
draw = seeded("general_score")
h_d, H_e, W_a = draw.normal(4), draw.normal(7, 6), draw.normal(6, 4).T
check("general score, D and E differ", general_score(h_d, H_e, W_a))
h_d, H_e, W_a = draw.normal(5), draw.normal(1, 3), draw.normal(5, 3)
check("general score of a single encoder state", general_score(h_d, H_e, W_a))


# %% check id="general_score_check_square" points=1
draw = seeded("general_score_square")
h_d, H_e, W_a = draw.normal(5), draw.normal(8, 5), draw.normal(5, 5)
check("general score, D equals E", general_score(h_d, H_e, W_a))


# %% solution id="tanh_score"
def tanh_score(h_d: Tensor, H_e: Tensor, W_a: Tensor, v_a: Tensor) -> Tensor:
    """Additive score of one decoder state against every encoder state.

    Bahdanau, Cho and Bengio (2015), appendix A.1.2; in the form of Luong et al. (2015), section 3.1, "concat".

    Args:
        h_d: decoder state, shape (D,).
        H_e: encoder states, shape (S, E).
        W_a: weights on [h_d; h_e], shape (A, D + E).
        v_a: weights, shape (A,).

    Returns:
        Scores, shape (S,).
    """
    ### BEGIN SOLUTION
    pairs = torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1)
    return torch.tanh(pairs @ W_a.T) @ v_a
    ### END SOLUTION


# %% [markdown] hint id="tanh_score"
# One `h_d` has to stand beside each of the S encoder states. Which shape does the table of all these pairs have?
# ---
# Build `pairs` of shape `(S, D + E)`, whose row s is `[h_d; h_e]` with the decoder state first: `torch.cat` along
# `dim=1`. `h_d.expand(len(H_e), -1)` repeats the decoder state S times.
# ---
# `pairs @ W_a.T` has shape `(S, A)`. The tanh belongs there, around each hidden unit, and `v_a` adds the units up
# afterwards: `torch.tanh(…) @ …`.
# %% [markdown] hint id="tanh_score" lang="fa"
# یک `h_d` باید کنار هر یک از `S` حالت کدگذار بنشیند. جدول همهٔ این جفت‌ها چه شکلی دارد؟
# ---
# ماتریس `pairs` را با شکل `(S, D + E)` بسازید که هر سطرش `[h_d; h_e]` است و حالت کدگشا در آن نخست می‌آید: `torch.cat`
# در راستای `dim=1`. عبارت `h_d.expand(len(H_e), -1)` حالت کدگشا را `S` بار تکرار می‌کند.
# ---
# شکل `pairs @ W_a.T` برابر `(S, A)` است. جای tanh همین‌جاست، دور هر واحد پنهان، و `v_a` پس از آن واحدها را جمع می‌کند:
# `torch.tanh(…) @ …`.


# %%
# The pencil's numbers: 0 and 1.928.
print(
    tanh_score(
        torch.tensor([1.0, 2.0]),
        torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]),
        torch.tensor([[1.0, 0.0, -1.0, 1.0, 0.0]]),
        torch.tensor([2.0]),
    )
)

# %% check id="tanh_score_check" points=2
draw = seeded("tanh_score")
h_d, H_e, W_a, v_a = draw.normal(4), draw.normal(6, 7).T, draw.normal(5, 10), draw.normal(5)
check("tanh score", tanh_score(h_d, H_e, W_a, v_a))
h_d, H_e, W_a, v_a = draw.normal(6), draw.normal(1, 3), draw.normal(7, 9), draw.normal(7)
check("tanh score of a single encoder state", tanh_score(h_d, H_e, W_a, v_a))


# %% [markdown]
# ### 1.2 From scores to weights
#
# ●●○ · 35 min · 4 points
#
# *Idea.* The softmax turns any scores into positive weights that add up to one. Two things make it harder than its
# formula:
#
# - **Large scores.** $e^{300}$ is infinite in float32. But the softmax doesn't change when the same number is
#   subtracted from all scores, so a good choice of that number saves it.
# - **Masks.** Padding, or the future, must get weight exactly zero and the rest must still add up to one. Where a row
#   allows *nothing*, return a row of zeros: no weights, no NaN.
#
# `torch.softmax` is allowed, and already does the first of the two. Work along the last axis whatever axes come before.
#
# %% [markdown] lang="fa"
# ### ۱٫۲ از امتیاز تا وزن
#
# ●●○ · ۳۵ دقیقه · ۴ نمره
#
# **ایده.** تابع softmax هر امتیازی را به وزن‌هایی مثبت با مجموع یک تبدیل می‌کند. دو چیز آن را از فرمولش دشوارتر
# می‌کند:
#
# - **امتیازهای بزرگ.** عدد $e^{300}$ در `float32` بی‌نهایت است. اما softmax با کم‌کردن عددی یکسان از همهٔ امتیازها عوض
#   نمی‌شود، پس گزینش درست آن عدد نجاتش می‌دهد.
# - **نقاب‌ها.** جاهای پرکننده (padding) یا آینده باید وزنی دقیقاً برابر صفر بگیرند و مجموع بقیه همچنان یک بماند. اگر
#   سطری **هیچ** جای مجازی ندارد، سطری از صفر برگردانید: نه وزنی، نه `NaN`.
#
# می‌توانید از `torch.softmax` استفاده کنید که خودش اولی را انجام می‌دهد. روی آخرین محور کار کنید، هر محوری که پیش از آن
# باشد.


# %% [markdown]
# **With a pencil.** Scores 1 and 2, and a third state with score 9 that the mask hides. Of what is allowed:
# $e^1 \approx 2.718$ and $e^2 \approx 7.389$, together $10.107$, hence the weights $0.269$, $0.731$ and, for the hidden
# one, exactly $0$. Now subtract the largest allowed score, 2, from both: $e^{-1} \approx 0.368$ and $e^0 = 1$, together
# $1.368$, and the weights are the same. (Hiding *after* the softmax would give $0.0003$ and $0.0009$: nearly everything
# has gone to the state that isn't there.)
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** امتیازهای ۱ و ۲، و حالت سومی با امتیاز ۹ که نقاب آن را می‌پوشاند. از آنچه مجاز است:
# $e^1 \approx 2.718$ و $e^2 \approx 7.389$ که روی هم $10.107$ می‌شوند؛ پس وزن‌ها $0.269$ و $0.731$ هستند و برای حالت
# پوشیده دقیقاً $0$. حالا بزرگ‌ترین امتیاز مجاز، یعنی ۲، را از هر دو کم کنید: $e^{-1} \approx 0.368$ و $e^0 = 1$ که روی
# هم $1.368$ می‌شوند، و وزن‌ها همان‌اند. (پوشاندن **پس از** softmax عددهای $0.0003$ و $0.0009$ می‌دهد: تقریباً همه چیز
# به حالتی رسیده که نباید به حساب می‌آمد.)


# %% solution id="attention_weights"
def attention_weights(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Stable softmax of scores over the last axis, restricted to where the mask allows.

    Args:
        scores: shape (…, S).
        mask: boolean, broadcasts to the shape of scores; True = may attend. None allows everything.

    Returns:
        Weights of the scores' dtype, shape (…, S). Each row adds up to 1; a fully masked row is all zeros.
    """
    ### BEGIN SOLUTION
    if mask is None:
        return torch.softmax(scores, dim=-1)
    lowest = torch.finfo(scores.dtype).min  # finite, so that a fully masked row has no NaN, nor has its gradient
    weights = torch.softmax(scores.masked_fill(~mask, lowest), dim=-1)
    return weights.masked_fill(~mask, 0.0)
    ### END SOLUTION


# %% [markdown] hint id="attention_weights"
# Large scores, a mask, a row that allows nothing: which of the three does `torch.softmax` manage by itself, and what
# does it give for a row of nothing but −∞?
# ---
# A masked place must be out before the softmax, or the rest no longer adds up to 1. Give it a score so low that nothing
# beside it can be lower: 0 or −100 won't do. The `scores` you were given stay as they are; `masked_fill` makes a copy.
# ---
# With the lowest finite number, `torch.finfo(scores.dtype).min`, a row that allows nothing comes out as equal weights
# and not as NaN. What must still happen to that row, after the softmax?
# ---
# Without a mask: the plain softmax along `dim=-1`. With one: fill the scores where `~mask`, take the softmax, and then
# fill the weights at the same places with …
# %% [markdown] hint id="attention_weights" lang="fa"
# امتیازهای بزرگ، نقاب، سطری که هیچ جای مجازی ندارد: `torch.softmax` خودش از پسِ کدام‌یک برمی‌آید، و برای سطری که سراسر
# `-inf` است چه می‌دهد؟
# ---
# جای پوشیده باید پیش از softmax کنار برود، وگرنه مجموع بقیه دیگر ۱ نیست. امتیازی به آن بدهید که هیچ امتیازی در کنارش
# پایین‌تر نباشد: ۰ یا `-100` بس نیست. به `scores` که گرفته‌اید دست نزنید؛ `masked_fill` رونوشت می‌سازد.
# ---
# با پایین‌ترین عدد متناهی، `torch.finfo(scores.dtype).min`، سطری که جای مجازی ندارد وزن‌های برابر می‌گیرد و نه `NaN`.
# پس از softmax هنوز چه باید بر سر این سطر بیاید؟
# ---
# بی‌نقاب: همان softmax ساده در راستای `dim=-1`. با نقاب: امتیازها را در جاهای `~mask` پر کنید، softmax بگیرید و سپس
# وزن‌ها را در همان جاها پر کنید با …


# %%
# The pencil's numbers: 0.269, 0.731 and 0.
print(attention_weights(torch.tensor([1.0, 2.0, 9.0]), torch.tensor([True, True, False])))

# %% check id="attention_weights_check" points=2
draw = seeded("attention_weights")
check("weights of a batch", attention_weights(2 * draw.normal(6, 3, 5).transpose(0, 1)))
shapes = [(5,), (1, 6), (4, 1), (2, 4, 3, 6)]
check("weights of one axis, of four, of a single score", [attention_weights(draw.normal(*shape)) for shape in shapes])
far_apart = torch.stack([300 + draw.normal(7), draw.normal(7) - 300, 40 * draw.permutation(7) - 20_000.0])
draw.unchanged(far_apart)
check("weights of scores near 300, -300 and -20000", attention_weights(far_apart))


# %% check id="attention_weights_check_mask" points=2
draw = seeded("attention_weights_mask")
mask = draw.mask(3, 4, 8, p=0.6)
mask[..., 0] = True
mask[1, 2] = False
draw.unchanged(mask)
check("masked weights, one row has nothing to attend to", attention_weights(2 * draw.normal(3, 4, 8), mask))
place = torch.arange(7, device=mask.device)
padding = draw.unchanged(place[:6] < draw.integers(2, 5))
check("masked weights, one mask for all rows", attention_weights(2 * draw.normal(5, 6), padding))
scores, holes = draw.normal(2, 3, 5, 7), draw.unchanged(place % 3 != draw.permutation(3)[:2].reshape(2, 1, 1, 1))
check("masked weights, a mask with holes for each example", attention_weights(scores, holes))
hole = draw.unchanged(holes[0, 0])
large = torch.stack([draw.normal(7), draw.normal(7) - 300, 40 * draw.permutation(7) - 20_000.0])
large = draw.unchanged(large + 900 * ~hole)
check("masked weights, the largest scores are hidden", attention_weights(large, hole))
rows = draw.unchanged(draw.permutation(5)[:, None] > 1)
check("masked weights, rows that may attend to all or nothing", attention_weights(draw.normal(3, 5, 4), rows))
check("masked weights of a single row", attention_weights(draw.normal(6), padding))


# %% [markdown]
# **Turn a knob.** Divide all scores by a *temperature* before the softmax. What happens to the weights of the same
# seven scores as it falls, and as it rises? Guess what the two limits are before you move the slider.
#
# %% [markdown] lang="fa"
# **یک عدد را تغییر دهید.** همهٔ امتیازها را پیش از softmax بر یک «دما» (temperature) تقسیم کنید. وقتی دما پایین می‌آید
# یا بالا می‌رود، بر سر وزن‌های همین هفت امتیاز چه می‌آید؟ پیش از آن‌که لغزنده را جابه‌جا کنید، هر دو حد را حدس بزنید.

# %%
from autograder.desk.explore import explore


def draw_weights_at(axis, temperature):
    seven_scores = torch.tensor([0.0, 1.0, 3.0, 2.0, -1.0, 2.5, 0.5])
    axis.bar(range(7), attention_weights(seven_scores / temperature).tolist(), color=BLUE)
    axis.set(xlabel="encoder state", ylabel="weight", ylim=(0, 1))


explore(draw_weights_at, "temperature", [0.1, 0.5, 1.0, 3.0, 10.0])

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# At a low temperature one state takes everything, and the softmax has become an argmax; at a high one all weights
# approach 1/7, whatever the scores. In between, the order of the weights never changes, only their distance. You will
# meet this number again: the $\sqrt d$ of 2.1 is a temperature, and homework 7 lets it go to zero.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# در دمای پایین یک حالت همه چیز را می‌برد و softmax به argmax تبدیل شده است؛ در دمای بالا همهٔ وزن‌ها، هر چه امتیازها
# باشند، به ۱/۷ نزدیک می‌شوند. در این میان ترتیب وزن‌ها هرگز عوض نمی‌شود، تنها فاصله‌شان. این عدد را باز هم می‌بینید:
# $\sqrt d$ در ۲٫۱ نوعی دماست و تمرین ۷ آن را به صفر می‌برد.
#
# </details>

# %% [markdown]
# ### 1.3 Context and output
#
# ●○○ · 20 min · 3 points
#
# The context is the weighted sum of encoder states. Luong's decoder then mixes it with its own state, *context first*,
# and predicts a distribution over the V words of the vocabulary:
#
# $$\tilde h = \tanh(W_c\,[c; h_d]), \qquad p = \operatorname{softmax}(W_s\, \tilde h).$$
#
# %% [markdown] lang="fa"
# ### ۱٫۳ بردار زمینه و خروجی
#
# ●○○ · ۲۰ دقیقه · ۳ نمره
#
# بردار زمینه مجموع وزن‌دار حالت‌های کدگذار است. سپس کدگشای لوانگ آن را با حالت خودش می‌آمیزد، **نخست بردار زمینه**، و
# توزیعی روی $V$ واژهٔ واژگان پیش‌بینی می‌کند:
#
# $$\tilde h = \tanh(W_c\,[c; h_d]), \qquad p = \operatorname{softmax}(W_s\, \tilde h).$$


# %% [markdown]
# **With a pencil.** The weights of 1.2 and the states of 1.1:
# $c = 0.269\,(1, 0, 1) + 0.731\,(0, 1, 2) = (0.269,\; 0.731,\; 1.731)$. For the output take one number everywhere:
# $c = 3$, $h_d = 1$, $W_c = (0.5, -0.5)$, so $\tilde h = \tanh(1.5 - 0.5) = \tanh 1 \approx 0.762$; and two words with
# $W_s$ of the rows $1$ and $-1$, so the logits are $\pm 0.762$ and the first word's probability is
# $1 / (1 + e^{-1.523}) \approx 0.821$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** وزن‌های ۱٫۲ و حالت‌های ۱٫۱: $c = 0.269\,(1, 0, 1) + 0.731\,(0, 1, 2) = (0.269,\; 0.731,\; 1.731)$.
# برای خروجی همه‌جا یک عدد بگیرید: $c = 3$ و $h_d = 1$ و $W_c = (0.5, -0.5)$، پس
# $\tilde h = \tanh(1.5 - 0.5) = \tanh 1 \approx 0.762$؛ و دو واژه با $W_s$ که سطرهایش $1$ و $-1$ هستند، پس لاجیت‌ها
# $\pm 0.762$ و احتمال واژهٔ نخست $1 / (1 + e^{-1.523}) \approx 0.821$ است.


# %% solution id="context"
def context(weights: Tensor, H_e: Tensor) -> Tensor:
    """Context vector: the encoder states mixed with the attention weights.

    Luong, Pham and Manning (2015), section 3.1.

    Args:
        weights: attention weights, shape (S,).
        H_e: encoder states, shape (S, E).

    Returns:
        Context, shape (E,).
    """
    ### BEGIN SOLUTION
    return weights @ H_e
    ### END SOLUTION


# %% [markdown] hint id="context"
# The S weights add up to one. Which combination of the S rows of `H_e` do they ask for?
# ---
# The result has shape `(E,)`: the axis S is summed over. Nothing is divided, no row is singled out, and there is no
# second softmax.
# ---
# A vector times a matrix: `weights @ …`.
# %% [markdown] hint id="context" lang="fa"
# مجموع `S` وزن یک است. این وزن‌ها کدام ترکیب از `S` سطر `H_e` را می‌خواهند؟
# ---
# شکل نتیجه `(E,)` است: روی محور `S` جمع زده می‌شود. تقسیمی در کار نیست، هیچ سطری تنها برگزیده نمی‌شود و softmax دومی هم
# لازم نیست.
# ---
# یک بردار ضربدر یک ماتریس: `weights @ …`.


# %%
# The pencil's numbers: 0.269, 0.731 and 1.731.
print(context(torch.tensor([0.269, 0.731]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])))

# %% check id="context_check" points=1
draw = seeded("context")
weights = draw.unchanged(torch.softmax(2 * draw.normal(6), dim=-1))
check("context", context(weights, draw.normal(4, 6).T))
check("context of a single encoder state", context(draw.uniform(1, low=1.0), draw.normal(1, 5)))


# %% solution id="attentional_output"
def attentional_output(c: Tensor, h_d: Tensor, W_c: Tensor, W_s: Tensor) -> Tensor:
    """Distribution of the next word from the context and the decoder state.

    Luong, Pham and Manning (2015), equations 5 and 6.

    Args:
        c: context, shape (E,).
        h_d: decoder state, shape (D,).
        W_c: weights on [c; h_d], shape (A, E + D).
        W_s: output weights, shape (V, A).

    Returns:
        Probabilities, shape (V,).
    """
    ### BEGIN SOLUTION
    h_tilde = torch.tanh(W_c @ torch.cat([c, h_d]))
    return torch.softmax(W_s @ h_tilde, dim=-1)
    ### END SOLUTION


# %% [markdown] hint id="attentional_output"
# `W_c` has shape `(A, E + D)`: which of its columns belong to the context, and which to the decoder state?
# ---
# Join the two vectors with `torch.cat`, the context first, and multiply. If the tanh after `W_c` were missing, what
# would become of the two matrices in a row?
# ---
# `h_tilde = torch.tanh(W_c @ …)`, and `W_s @ h_tilde` holds V logits. One step is left that makes probabilities of
# them.
# %% [markdown] hint id="attentional_output" lang="fa"
# شکل `W_c` برابر `(A, E + D)` است: کدام ستون‌هایش از آنِ بردار زمینه‌اند و کدام از آنِ حالت کدگشا؟
# ---
# دو بردار را با `torch.cat` به هم بچسبانید، بردار زمینه نخست، و ضرب کنید. اگر tanh پس از `W_c` نباشد، از دو ماتریس پشت
# سر هم چه می‌ماند؟
# ---
# `h_tilde = torch.tanh(W_c @ …)` و در `W_s @ h_tilde` تعداد `V` لاجیت هست. یک گام مانده که از آن‌ها احتمال می‌سازد.


# %%
# The pencil's numbers: 0.821 and 0.179.
print(
    attentional_output(
        torch.tensor([3.0]), torch.tensor([1.0]), torch.tensor([[0.5, -0.5]]), torch.tensor([[1.0], [-1.0]])
    )
)

# %% check id="attentional_output_check" points=2
draw = seeded("attentional_output")
c, h_d, W_c, W_s = draw.normal(4), draw.normal(6), draw.normal(5, 10), draw.normal(7, 5)
check("attentional output", attentional_output(c, h_d, W_c, W_s))
c, h_d, W_c, W_s = draw.normal(7), draw.normal(3), 0.3 * draw.normal(6, 10), draw.normal(4, 6)
check("attentional output, the context is the longer", attentional_output(c, h_d, W_c, W_s))


# %% [markdown]
# ### 1.4 What the scores do to gradients
#
# ●●● · 50 min · 6 points
#
# *Idea.* The decoder learns through its scores, so their slope matters as much as their value. Take the sum of all S
# scores and differentiate it by $h_d$, **by hand**: find the formula on paper first, then write it. Autograd is not
# allowed here. To test yourself, move one entry of $h_d$ by a small step and see by how much the scores change.
#
# %% [markdown] lang="fa"
# ### ۱٫۴ امتیازها با گرادیان چه می‌کنند
#
# ●●● · ۵۰ دقیقه · ۶ نمره
#
# **ایده.** کدگشا از راه امتیازهایش یاد می‌گیرد، پس شیب آن‌ها به اندازهٔ خودشان مهم است. مجموع همهٔ $S$ امتیاز را در
# نظر بگیرید و نسبت به $h_d$ **با دست** مشتق بگیرید: نخست فرمول را روی کاغذ بیابید و سپس بنویسید. در این تابع
# `autograd` مجاز نیست. برای آزمودن خودتان، یک درایهٔ $h_d$ را اندکی جابه‌جا کنید و ببینید امتیازها چقدر عوض می‌شوند.


# %% [markdown]
# **With a pencil.** The states and weights of 1.1 once more.
#
# - *dot*: one score is $h_d^\top h_e$, its gradient $h_e$; the sum over both states gives $h_1 + h_2 = (1, 1, 3)$.
# - *general*: $W_a (h_1 + h_2)$, that is $(1, 0, 2)\cdot(1, 1, 3) = 7$ and $(0, 1, -1)\cdot(1, 1, 3) = -2$.
# - *tanh*: the unit's slope is $v_a(1 - \tanh^2 u)$. At $u = 0$ it is $2\,(1 - 0) = 2$, at $u = 2$ it is
#   $2\,(1 - 0.929) \approx 0.141$; together $2.141$. It reaches $h_d$ through the two columns of $W_a$ that belong to
#   the decoder, $(1, 0)$: the gradient is $(2.141, 0)$. The second state hardly counts: its unit is saturated.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** باز هم حالت‌ها و وزن‌های ۱٫۱.
#
# - امتیاز dot: یک امتیاز $h_d^\top h_e$ است و گرادیانش $h_e$؛ جمع روی دو حالت $h_1 + h_2 = (1, 1, 3)$ می‌دهد.
# - امتیاز general: $W_a (h_1 + h_2)$، یعنی $(1, 0, 2)\cdot(1, 1, 3) = 7$ و $(0, 1, -1)\cdot(1, 1, 3) = -2$.
# - امتیاز tanh: شیب واحد پنهان $v_a(1 - \tanh^2 u)$ است. در $u = 0$ برابر $2\,(1 - 0) = 2$ و در $u = 2$ برابر
#   $2\,(1 - 0.929) \approx 0.141$، روی هم $2.141$. این عدد از راه دو ستونِ $W_a$ که از آنِ کدگشا هستند، $(1, 0)$، به
#   $h_d$ می‌رسد: گرادیان $(2.141, 0)$ است. حالت دوم چندان سهمی ندارد: واحدش اشباع شده است.


# %% solution id="score_gradients" forbid="torch.autograd torch.func functorch .jacrev .backward .requires_grad_ .grad"
def score_gradients(h_d: Tensor, H_e: Tensor, W_a: Tensor | None, v_a: Tensor | None, kind: str) -> Tensor:
    """Gradient of the sum of all scores with respect to the decoder state, by hand.

    Args:
        h_d: decoder state, shape (D,).
        H_e: encoder states, shape (S, E).
        W_a: None for "dot", shape (D, E) for "general", (A, D + E) for "tanh".
        v_a: shape (A,) for "tanh", else None.
        kind: "dot", "general" or "tanh".

    Returns:
        d(sum of scores)/d(h_d), shape (D,).
    """
    ### BEGIN SOLUTION
    if kind == "dot":
        return H_e.sum(dim=0)
    if kind == "general":
        return W_a @ H_e.sum(dim=0)
    D = len(h_d)
    hidden = torch.tanh(W_a[:, :D] @ h_d + H_e @ W_a[:, D:].T)
    return (v_a * (1 - hidden**2)).sum(dim=0) @ W_a[:, :D]
    ### END SOLUTION


# %% [markdown] hint id="score_gradients"
# Begin with a single score. What is its derivative by `h_d` for dot and for general, as a vector of D entries? And what
# does the sum over all S scores do to it?
# ---
# For dot and general `h_d` isn't in the derivative at all, so you may add up the rows of `H_e` first (a sum, no mean).
# On which side must `W_a` then stand to give D entries?
# ---
# For tanh, one score is `v_a · tanh(u)` with `u = W_a [h_d; h_e]`. By the chain rule each hidden unit passes on
# `v_a * (1 - tanh(u)**2)`, taken at u, and of `W_a` only the first D columns touch `h_d`.
# ---
# For tanh in code: `hidden` of shape `(S, A)` holds `tanh(u)` of every encoder state. Multiply `v_a` by
# `1 - hidden**2`, add up over S, and lead the A numbers back to D with `W_a[:, :D]`.
# %% [markdown] hint id="score_gradients" lang="fa"
# با یک امتیاز تنها آغاز کنید. مشتق آن نسبت به `h_d` برای dot و برای general، به‌صورت برداری با `D` درایه، چیست؟ و جمع
# روی همهٔ `S` امتیاز با آن چه می‌کند؟
# ---
# در dot و general خودِ `h_d` در مشتق نیست، پس می‌توانید نخست سطرهای `H_e` را جمع بزنید (جمع، نه میانگین). آنگاه `W_a`
# باید کدام سو بایستد تا `D` درایه به دست آید؟
# ---
# برای tanh یک امتیاز `v_a · tanh(u)` است با `u = W_a [h_d; h_e]`. بنا بر قاعدهٔ زنجیری هر واحد پنهان
# `v_a * (1 - tanh(u)**2)` را می‌گذراند که در همان `u` حساب می‌شود، و از `W_a` تنها `D` ستون نخست با `h_d` سروکار دارند.
# ---
# کد برای tanh: `hidden` با شکل `(S, A)` مقدار `tanh(u)` همهٔ حالت‌های کدگذار را دارد. `v_a` را در `1 - hidden**2` ضرب
# کنید، روی `S` جمع بزنید و `A` عدد حاصل را با `W_a[:, :D]` به `D` عدد برگردانید.


# %%
# The pencil's numbers: (1, 1, 3), (7, -2) and (2.141, 0).
print(
    score_gradients(torch.tensor([1.0, 2.0, 0.0]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]), None, None, "dot")
)
for weights_on_paper, v_on_paper, name_of_score in (
    (torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]), None, "general"),
    (torch.tensor([[1.0, 0.0, -1.0, 1.0, 0.0]]), torch.tensor([2.0]), "tanh"),
):
    states_on_paper = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
    print(score_gradients(torch.tensor([1.0, 2.0]), states_on_paper, weights_on_paper, v_on_paper, name_of_score))

# %% check id="score_gradients_check" points=3
draw = seeded("score_gradients")
check("gradient of the dot score", score_gradients(draw.normal(5), draw.normal(8, 5), None, None, "dot"))
check(
    "gradient of the general score",
    score_gradients(draw.normal(4), draw.normal(7, 6), draw.normal(4, 6), None, "general"),
)


# %% check id="score_gradients_check_tanh" points=3
draw = seeded("score_gradients_tanh")
gradients = []
for D, S, E, A in ((4, 7, 6, 5), (6, 5, 3, 8), (3, 1, 5, 2)):
    h_d, H_e, W_a, v_a = draw.normal(D), draw.normal(S, E), draw.normal(A, D + E), draw.normal(A)
    gradients.append(score_gradients(h_d, H_e, draw.unchanged(0.4 * W_a), v_a, "tanh"))
check("gradient of the tanh score", gradients)


# %% [markdown]
# **Look at it.** We stretch one decoder state by a factor from −12 to 12 and follow one score (left) and the length
# of your gradient (right). Watch where each curve bends, and what happens to the gradient there: you need it for the
# next essay.
#
# %% [markdown] lang="fa"
# **ببینید.** یک حالت کدگشا را با ضریبی از ۱۲− تا ۱۲ می‌کشیم و یک امتیاز (چپ) و اندازهٔ گرادیان شما (راست) را دنبال
# می‌کنیم. ببینید هر منحنی کجا خم می‌شود و گرادیان آن‌جا چه می‌کند: برای پرسش تشریحی بعدی لازمش دارید.

# %%
draw = seeded("score_figure")
D, A, S = 6, 6, 8
h_d, H_e, W_general = draw.normal(D), draw.normal(S, D), draw.normal(D, D) / math.sqrt(D)
W_tanh, v_a = draw.normal(A, 2 * D) / math.sqrt(D), draw.normal(A)
scales = torch.linspace(-12, 12, 121).tolist()
curves = {
    "dot": (lambda h: dot_score(h, H_e), None, None, BLUE, "-"),
    "general": (lambda h: general_score(h, H_e, W_general), W_general, None, ORANGE, "--"),
    "tanh": (lambda h: tanh_score(h, H_e, W_tanh, v_a), W_tanh, v_a, GREEN, "-."),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for kind, (score, W, v, colour, style) in curves.items():
    left.plot(scales, [score(scale * h_d)[0].item() for scale in scales], style, color=colour, label=kind)
    lengths = [score_gradients(scale * h_d, H_e, W, v, kind).norm().item() for scale in scales]
    right.plot(scales, lengths, style, color=colour, label=kind)
left.set(xlabel="stretch of the decoder state", ylabel="score of encoder state 0", ylim=(-25, 25))
left.set_title("Products keep growing, tanh settles")
right.set(xlabel="stretch of the decoder state", ylabel="length of d(sum of scores)/d(h_d)", yscale="log")
right.set_title("Gradients of the same scores")
left.legend()
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left: dot and general are straight lines through the origin (stretch the state twice, and the score doubles), while
# tanh bends near zero and settles at a limit of its own on either side. Right: the slopes of the two products don't
# depend on the stretch at all. The tanh gradient is longest near zero, where it is nearly as long as the others, and
# more than two hundred times shorter at the right edge: its hidden units are saturated.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ: dot و general خط‌هایی راست از مبدأند (حالت را دو برابر بکشید، امتیاز دو برابر می‌شود)، ولی tanh نزدیک صفر خم
# می‌شود و در هر سو به حدی از آنِ خود می‌رسد. سمت راست: شیب دو امتیاز ضربی اصلاً به ضریب کشیدن وابسته نیست. گرادیان tanh
# نزدیک صفر از همه‌جا بلندتر است، تقریباً به بلندی آن دو، و در لبهٔ راست بیش از دویست بار کوتاه‌تر: واحدهای پنهانش اشباع
# شده‌اند.
#
# </details>

# %% [markdown]
# ### Essay 2 · Compare the three scores
#
# ●●○ · 30 min · 4 points
#
# Compare dot, general and tanh by (a) what relations between $h_d$ and $h_e$ they can express, (b) parameters and
# cost for S encoder states, (c) their gradient. Which would you choose for a sequence-to-sequence network, and why?
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۲ · سنجش سه امتیاز
#
# ●●○ · ۳۰ دقیقه · ۴ نمره
#
# سه امتیاز dot، general و tanh را مقایسه کنید از نظر: (الف) رابطه‌هایی میان $h_d$ و $h_e$ که می‌توانند بیان کنند، (ب)
# شمار پارامترها و هزینه برای $S$ حالت کدگذار، (پ) گرادیان. برای یک شبکهٔ دنباله‌به‌دنباله کدام را برمی‌گزینید و چرا؟

# %% [markdown] essay id="compare_scores" points=4
# ### BEGIN SOLUTION
# (a) *Dot* has no parameters: it measures alignment in one shared space, so it needs D = E and states that were
# trained to live in the same space. *General* learns that space: $h_d^\top W_a h_e$ is any bilinear form, D and E may
# differ, it can weigh, rotate or ignore coordinates, but for fixed $h_d$ it is linear in $h_e$. *Tanh* is a small
# network with one hidden layer on $[h_d; h_e]$: with enough hidden units it can approximate any continuous score on a
# bounded set, also ones that are not bilinear. (Without the tanh it would be linear in $[h_d; h_e]$, the part of
# $h_d$ would be the same for all s, and the softmax would cancel it: the non-linearity is what lets it relate the
# two.)
#
# (b) Dot: 0 parameters, S·D multiplications, one matrix-vector product. General: D·E parameters, D·E + S·E (project
# $h_d$ once). Tanh: A(D + E) + A parameters, about A·D + S·A·E + S·A multiplications and S·A tanh evaluations, and it
# stores the (S, A) hidden values for the backward pass. The products are fast matrix multiplications; the additive form
# costs more time and memory, most of all with many queries.
#
# (c) $\partial/\partial h_d$ is $h_e$ for dot and $W_a h_e$ for general: constant in $h_d$, never vanishing by
# itself, but scores grow with the size and dimension of the states, so the *softmax* after them can saturate (which
# is why they are scaled). For tanh it is $W_{a,d}^\top (v_a \odot (1 - \tanh^2))$: bounded, and it vanishes where the
# hidden units saturate, as in the picture; the score itself is bounded by $\|v_a\|_1$.
#
# Choice: *general* for a seq2seq network of usual size: it learns how to compare spaces of different networks and
# sizes, costs hardly more than dot and its gradient passes well. Dot (scaled) when both sides already share a learned
# space or speed is everything; tanh when A is small and the relation is not bilinear. Any choice argued from (a) to
# (c) is right.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: expressive power (dot: shared space and D = E; general: any bilinear form; tanh: non-linear, most general).
# - 1 point: parameters and cost of each.
# - 1 point: gradients (dot and general constant in h_d; tanh bounded and vanishing at saturation).
# - 1 point: a choice that follows from these.
# ### END MARK SCHEME

# %% [markdown]
# ### Essay 3 · Bahdanau or Luong
#
# ●●○ · 25 min · 3 points
#
# Bahdanau's attention and Luong's differ in more than the score. Say which decoder state each uses, where the context
# enters, and which of the two can model more. Justify your answer.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۳ · باهداناو یا لوانگ
#
# ●●○ · ۲۵ دقیقه · ۳ نمره
#
# توجه باهداناو و توجه لوانگ تنها در تابع امتیاز فرق ندارند. بگویید هر کدام کدام حالت کدگشا را به کار می‌برد، بردار
# زمینه کجا وارد می‌شود و کدام‌یک توان مدل‌سازی بیشتری دارد. پاسخ خود را مستدل کنید.

# %% [markdown] essay id="bahdanau_luong" points=3
# ### BEGIN SOLUTION
# Bahdanau: scores come from the *previous* decoder state $s_{t-1}$ with the additive score, and the context $c_t$ is an
# *input of the recurrence*, $s_t = f(s_{t-1}, y_{t-1}, c_t)$, before the output is made. The path is
# $s_{t-1} \to a_t \to c_t \to s_t \to y_t$; the encoder is bidirectional. Luong: the recurrence runs first, scores come
# from the *current* state $h_t$ (dot, general or concat), and the context joins only afterwards,
# $\tilde h_t = \tanh(W_c[c_t; h_t])$: the path is $h_t \to a_t \to c_t \to \tilde h_t \to y_t$.
#
# Bahdanau can model more. (1) Its score is a small network, not only a bilinear form. (2) What was attended to flows
# through the recurrence, so the following steps know what has been read; in plain Luong attention alignments of
# different steps are made independently of one another, and only *input feeding* (giving $\tilde h_{t-1}$ to the next
# step) restores that memory. Luong in turn uses the newer state for its scores, and is simpler and faster: scores of
# all steps are matrix products and, with teacher forcing and no input feeding, can be computed at once.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: previous state against current state.
# - 1 point: context inside the recurrence against after it (or input feeding).
# - 1 point: Bahdanau models more, with a reason (non-linear score, or alignment history in the state).
#
# Full marks too for an answer that finds Luong with input feeding and its concat score equal in power and says why.
# ### END MARK SCHEME

# %% [markdown]
# ### Essay 4 · Stuck on one word
#
# ●●○ · 15 min · 2 points
#
# A trained translator puts nearly all attention on the same one or two source words at every step; the output repeats
# itself and misses half the sentence. Propose a fix and say how it changes the model or the loss.
# (Answer before you read on: 1.5 implements one remedy.)
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۴ · گیرکرده روی یک واژه
#
# ●●○ · ۱۵ دقیقه · ۲ نمره
#
# مترجمی آموزش‌دیده در هر گام تقریباً همهٔ توجهش را روی همان یک یا دو واژهٔ مبدأ می‌گذارد؛ خروجی خودش را تکرار می‌کند و
# نیمی از جمله را جا می‌اندازد. راه‌حلی پیشنهاد کنید و بگویید مدل یا تابع زیان را چگونه تغییر می‌دهد.
# (پیش از خواندن ادامه پاسخ دهید: در ۱٫۵ یکی از راه‌ها را پیاده می‌کنید.)

# %% [markdown] essay id="stuck_attention" points=2
# ### BEGIN SOLUTION
# Let the model know what it has already read: keep a coverage vector, the sum of the attention weights of all earlier
# steps, and (1) feed it into the score, $v_a^\top\tanh(W_a[h_d; h_e] + w_c\,\text{cov}_s)$, so that it can learn to
# lower the score of covered words; (2) add a coverage loss $\sum_t\sum_s \min(a_t(s), \text{cov}_t(s))$ that punishes
# attending again to what is covered. Other right fixes: a penalty that makes the attention each word receives over
# all steps add up to about one (doubly stochastic regularisation), local or monotonic attention that must move on,
# input feeding, a temperature or an entropy bonus against too peaked weights, several heads with a penalty on their
# overlap, scaling the scores where a saturated softmax is the cause.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: a fix that acts on the cause (the weights do not know their history, or the softmax is saturated).
# - 1 point: says exactly what changes in the score, weights or loss.
#
# "More data" or "train longer" alone earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# ### 1.5 Coverage
#
# ●●○ · 40 min · 5 points
#
# One remedy keeps count: $\text{cov}_t(s) = \sum_{t'<t} a_{t'}(s)$ is all the attention word $s$ has had
# *before* step $t$. It enters the score of the step,
#
# $$\text{score}_s = v_a^\top \tanh\!\left(W_a [h_d; h_{e,s}] + w_c\, \text{cov}_t(s)\right),$$
#
# and a loss asks each step not to attend again to what has been covered:
# $\;\mathcal L_{\text{cov}} = \sum_t \sum_s \min\left(a_t(s), \text{cov}_t(s)\right).$
#
# %% [markdown] lang="fa"
# ### ۱٫۵ پوشش
#
# ●●○ · ۴۰ دقیقه · ۵ نمره
#
# یک درمان این است که حساب نگه داریم، با «پوشش» (coverage): $\text{cov}_t(s) = \sum_{t'<t} a_{t'}(s)$ همهٔ توجهی است که
# واژهٔ $s$ **پیش از** گام $t$ گرفته است. این مقدار وارد امتیاز همان گام می‌شود:
#
# $$\text{score}_s = v_a^\top \tanh\!\left(W_a [h_d; h_{e,s}] + w_c\, \text{cov}_t(s)\right),$$
#
# و یک زیان (loss) از هر گام می‌خواهد دوباره سراغ آنچه پوشش داده شده نرود:
# $\;\mathcal L_{\text{cov}} = \sum_t \sum_s \min\left(a_t(s), \text{cov}_t(s)\right).$


# %% solution id="coverage_attention"
def coverage_attention(
    h_d: Tensor, H_e: Tensor, W_a: Tensor, v_a: Tensor, w_c: Tensor, coverage: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of additive attention that knows what has been attended to before.

    See, Liu and Manning (2017), equations 10 and 11.

    Args:
        h_d: decoder state, shape (D,).
        H_e: encoder states, shape (S, E).
        W_a: weights on [h_d; h_e], shape (A, D + E).
        v_a: weights, shape (A,).
        w_c: weights of the coverage, shape (A,).
        coverage: attention each encoder state received in all earlier steps, shape (S,).

    Returns:
        (weights, coverage): this step's attention weights and the coverage after this step, both (S,).
    """
    ### BEGIN SOLUTION
    pairs = torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1)
    hidden = torch.tanh(pairs @ W_a.T + coverage[:, None] * w_c)
    weights = attention_weights(hidden @ v_a)
    return weights, coverage + weights
    ### END SOLUTION


# %% [markdown] hint id="coverage_attention"
# This is your tanh score with one more term inside the tanh. What does each of the A hidden units of encoder state s
# learn from it?
# ---
# `coverage` has one number for each encoder state and `w_c` one for each hidden unit, while `pairs @ W_a.T` has shape
# `(S, A)`. State s gets its own coverage, not everybody's sum. How do two vectors become such a table by broadcasting?
# ---
# The table is `coverage[:, None] * w_c`; add it inside the tanh. What follows is known: `@ v_a`, then your
# `attention_weights`.
# ---
# Two things are returned: this step's weights, and the old coverage plus these weights. Make that a new tensor; `+=`
# would write into the one that the caller still holds.
# %% [markdown] hint id="coverage_attention" lang="fa"
# این همان امتیاز tanh شماست با یک جملهٔ بیشتر درون tanh. هر یک از `A` واحد پنهانِ یک حالت کدگذار از آن چه خبری می‌گیرد؟
# ---
# `coverage` برای هر حالت کدگذار یک عدد دارد و `w_c` برای هر واحد پنهان یک عدد، و شکل `pairs @ W_a.T` برابر `(S, A)`
# است. هر حالت پوشش خودش را می‌گیرد، نه مجموع همه را. دو بردار چگونه با broadcasting چنین جدولی می‌شوند؟
# ---
# جدول `coverage[:, None] * w_c` است؛ آن را درون tanh بیفزایید. بقیه آشناست: `@ v_a` و سپس `attention_weights` خودتان.
# ---
# دو چیز برگردانده می‌شود: وزن‌های همین گام، و پوشش پیشین به‌علاوهٔ این وزن‌ها. این دومی باید تانسوری تازه باشد؛ `+=` در
# همان تانسوری می‌نویسد که فراخواننده هنوز در دست دارد.


# %% check id="coverage_attention_check" points=3
draw = seeded("coverage_attention")
H_e, W_a, v_a, w_c = draw.normal(7, 6), draw.unchanged(0.4 * draw.normal(8, 10)), draw.normal(8), draw.normal(8)
coverage, steps = draw.uniform(7, low=0.0, high=3.0), []
for _ in range(3):
    weights, coverage = coverage_attention(draw.normal(4), H_e, W_a, v_a, w_c, draw.unchanged(coverage))
    steps.append(weights)
check("coverage attention, weights of three steps", steps)
check("coverage attention, coverage after three steps", coverage)
check("coverage attention, at the first step", coverage_attention(draw.normal(4), H_e, W_a, v_a, w_c, 0 * v_a[:7]))


# %% [markdown]
# ![Attention of three steps on two words, what was covered before each step, and the smaller of both](figures/coverage.svg)
#
# **With a pencil.** Three steps on two words, with the weights $(1, 0)$, $(\tfrac12, \tfrac12)$ and $(0, 1)$. Before
# step 1 nothing is covered; before step 2 it is $(1, 0)$; before step 3 it is $(1\tfrac12, \tfrac12)$. The smaller of
# both, entry by entry: $(0, 0)$, $(\tfrac12, 0)$, $(0, \tfrac12)$. The loss is their sum, $1$.
#
# %% [markdown] lang="fa"
# ![توجه سه گام به دو واژه، پوشش پیش از هر گام، و کوچک‌ترِ این دو](figures/coverage.svg)
#
# **با مداد و کاغذ.** سه گام روی دو واژه با وزن‌های $(1, 0)$ و $(\tfrac12, \tfrac12)$ و $(0, 1)$. پیش از گام ۱ چیزی
# پوشیده نیست؛ پیش از گام ۲ پوشش $(1, 0)$ است و پیش از گام ۳ برابر $(1\tfrac12, \tfrac12)$. کوچک‌ترِ این دو، درایه به
# درایه: $(0, 0)$، $(\tfrac12, 0)$، $(0, \tfrac12)$. زیان مجموع این‌هاست: $1$.


# %% solution id="coverage_loss"
def coverage_loss(weights: Tensor) -> Tensor:
    """Penalty for attending again to what earlier steps have covered.

    See, Liu and Manning (2017), equation 12, summed over steps.

    Args:
        weights: attention weights of all steps, shape (T, S); row t is step t.

    Returns:
        The sum over t and s of min(weights[t, s], attention s received before step t), shape ().
    """
    ### BEGIN SOLUTION
    before = weights.cumsum(dim=0) - weights
    return torch.minimum(weights, before).sum()
    ### END SOLUTION


# %% [markdown] hint id="coverage_loss"
# How much has been covered before the first step, and what is then the loss of a single step?
# ---
# Row t needs the sum of all rows before it: not only of the last one, and without row t itself. `weights.cumsum(dim=0)`
# adds up to row t inclusive, so what has to be taken away again?
# ---
# Call that table `before`, shape `(T, S)`. Take `torch.minimum` of it and `weights`, entry by entry, and add up all of
# them: a sum, not a mean.
# %% [markdown] hint id="coverage_loss" lang="fa"
# پیش از گام نخست چه اندازه پوشش داده شده است، و آنگاه زیانِ تنها یک گام چقدر است؟
# ---
# سطر `t` مجموع همهٔ سطرهای پیش از خودش را می‌خواهد: نه تنها آخری را، و بدون خود سطر `t`. `weights.cumsum(dim=0)` تا سطر
# `t` و با خود آن جمع می‌زند؛ پس چه چیزی را باید دوباره کم کرد؟
# ---
# این جدول را `before` بنامید، با شکل `(T, S)`. درایه به درایه `torch.minimum` آن و `weights` را بگیرید و همه را با هم
# جمع بزنید: جمع، نه میانگین.


# %%
# The pencil's number: 1.
print(coverage_loss(torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])))

# %% check id="coverage_loss_check" points=2
draw = seeded("coverage_loss")
check("coverage loss", coverage_loss(draw.unchanged(torch.softmax(1.5 * draw.normal(6, 9), dim=-1))))
shapes = [(8, 3), (5, 1), (2, 7), (1, 4)]
weights = [draw.unchanged(torch.softmax(draw.normal(*shape), dim=-1)) for shape in shapes]
check("coverage loss of other shapes, one of a single step", [coverage_loss(w) for w in weights])


# %% [markdown]
# **Look at it.** A decoder whose state hardly changes, ten times over, on twelve encoder states. Without coverage
# every step reads the same words; with it (here $w_c$ is set by hand against $v_a$, a trained model learns it)
# attention moves on. Compare the coverage loss of the two.
#
# %% [markdown] lang="fa"
# **ببینید.** کدگشایی که حالتش تقریباً ثابت است، ده گام روی دوازده حالت کدگذار. بی‌پوشش، هر گام همان واژه‌ها را
# می‌خواند؛ با پوشش (این‌جا $w_c$ را دستی در جهت مخالف $v_a$ گذاشته‌ایم، مدل آموزش‌دیده خودش آن را یاد می‌گیرد) توجه پیش
# می‌رود. زیان پوشش را در دو حالت بسنجید.

# %%
draw = seeded("coverage_figure")
H_e, W_a, v_a = draw.normal(12, 6), 0.3 * draw.normal(24, 10), 6 * draw.normal(24)
states = draw.normal(4) + 0.1 * draw.normal(10, 4)
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
for axis, name, strength in zip(axes, ("Without coverage", "With coverage"), (0.0, -0.1), strict=True):
    coverage, maps = torch.zeros(12, device=H_e.device), []
    for state in states:
        weights, coverage = coverage_attention(state, H_e, W_a, v_a, strength * v_a, coverage)
        maps.append(weights)
    loss = coverage_loss(torch.stack(maps)).item()
    title = f"{name}: coverage loss {loss:.1f}"
    image = heatmap(axis, torch.stack(maps), title, "encoder state", "decoder step", vmin=0, vmax=1)
figure.colorbar(image, ax=axes, label="attention weight")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left, two columns carry nearly all the attention in every one of the ten steps: the loss is 8.9, when 9 would be the
# worst (why?). Right, a word that has been read loses score, so that the next step looks elsewhere; it comes back to a
# word only when the others have been covered too. The loss falls to 5.4 and not to zero, since each step spreads its
# attention over several words, and these spreads overlap.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ، در هر ده گام تقریباً همهٔ توجه روی دو ستون است: زیان ۸٫۹ است و بدترین مقدار ممکن ۹ (چرا؟). سمت راست، واژه‌ای
# که خوانده شده امتیاز از دست می‌دهد و گام بعدی به جای دیگری نگاه می‌کند؛ تنها وقتی به واژه‌ای برمی‌گردد که بقیه هم پوشش
# گرفته باشند. زیان به ۵٫۴ می‌رسد و صفر نمی‌شود، چون توجهِ هر گام میان چند واژه پخش است و این پخش‌ها روی هم می‌افتند.
#
# </details>

# %% [markdown]
# **What to keep.** Attention is three moves: score, softmax, mix; the classic papers differ only in the first. A mask
# belongs before the softmax, and a row with nothing to look at is a row of zeros. Products pass gradients on however
# long the vectors are, and tanh only where its units aren't saturated.
#
# **Open tasks** (no points).
#
# - Compute the general scores of a whole batch, decoder states (B, T, D) against encoder states (B, S, E), with one
#   `torch.einsum`. You did well if every row equals your `general_score` to six digits.
# - Find the temperature at which the largest weight of the scores 1, 2 and 0 is exactly 0.9, by bisection or by hand.
#   You did well if you arrive at 0.436.
# - Xu et al. punish $\sum_s (1 - \sum_t a_t(s))^2$ instead of repeated coverage. Write it. You did well if the table of
#   the picture in 1.5 gives 0.5; then compare what the two losses ask of a sentence with a word that needs no attention
#   at all.
#
# **Read on.** [Bahdanau, Cho and Bengio (2015)](https://arxiv.org/abs/1409.0473), section 3 and appendix A; [Luong,
# Pham and Manning (2015)](https://arxiv.org/abs/1508.04025), section 3; [See, Liu and Manning
# (2017)](https://arxiv.org/abs/1704.04368), section 2.3, on coverage; [Xu et al.
# (2015)](https://arxiv.org/abs/1502.03044), section 4.2.1, on the penalty above; [Sutskever, Vinyals and Le
# (2014)](https://arxiv.org/abs/1409.3215), the network without attention.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** توجه سه حرکت است: امتیاز، softmax، آمیختن؛ مقاله‌های کلاسیک تنها در حرکت نخست فرق دارند. جای نقاب
# پیش از softmax است و سطری که جایی برای نگاه‌کردن ندارد سطری از صفر است. امتیازهای ضربی گرادیان را می‌گذرانند، هر قدر
# هم بردارها بلند باشند، و tanh تنها جایی که واحدهایش اشباع نشده‌اند.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - امتیاز general را برای یک دستهٔ کامل، حالت‌های کدگشا با شکل `(B, T, D)` در برابر حالت‌های کدگذار با شکل `(B, S, E)`،
#   تنها با یک `torch.einsum` حساب کنید. خوب کار کرده‌اید اگر هر سطر تا شش رقم با `general_score` شما یکی باشد.
# - دمایی را بیابید که در آن بزرگ‌ترین وزنِ امتیازهای ۱ و ۲ و ۰ درست ۰٫۹ می‌شود، با نصف‌کردن بازه یا روی کاغذ. خوب کار
#   کرده‌اید اگر به ۰٫۴۳۶ برسید.
# - شو (Xu) و همکارانش به جای پوشش تکراری $\sum_s (1 - \sum_t a_t(s))^2$ را جریمه می‌کنند. آن را بنویسید. خوب کار
#   کرده‌اید اگر جدولِ تصویر ۱٫۵ عدد ۰٫۵ بدهد؛ سپس بسنجید هر یک از این دو زیان از جمله‌ای که واژه‌ای بی‌نیاز از توجه
#   دارد چه می‌خواهد.
#
# **بیشتر بخوانید.** [Bahdanau, Cho and Bengio (2015)](https://arxiv.org/abs/1409.0473)، بخش ۳ و پیوست A؛ [Luong, Pham
# and Manning (2015)](https://arxiv.org/abs/1508.04025)، بخش ۳؛ [See, Liu and Manning
# (2017)](https://arxiv.org/abs/1704.04368)، بخش ۲٫۳، دربارهٔ پوشش؛ [Xu et al.
# (2015)](https://arxiv.org/abs/1502.03044)، بخش ۴٫۲٫۱، دربارهٔ جریمهٔ بالا؛ [Sutskever, Vinyals and Le
# (2014)](https://arxiv.org/abs/1409.3215)، شبکه‌ای بدون توجه.

# %% [markdown]
# ## Part 2 · Queries, keys and values
#
# ### 2.1 Scaled dot-product attention
#
# ●●○ · 40 min · 6 points
#
# *Idea.* Take the recurrent networks away. What remains is a soft look-up: each of L *queries* is compared with S
# *keys*, and the answer is a mixture of the S *values* that belong to the keys. Keys and queries share a size d;
# values may have any size m.
#
# $$\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# Your function must work with any leading axes (batches, heads), so think of the last two axes only. A query that may
# attend to nothing gets a row of zeros: you have already written the function that takes care of that.
#
# %% [markdown] lang="fa"
# ## بخش ۲ · پرس‌وجو، کلید و مقدار
#
# ### ۲٫۱ توجه ضرب داخلی مقیاس‌شده
#
# ●●○ · ۴۰ دقیقه · ۶ نمره
#
# **ایده.** شبکه‌های بازگشتی را کنار بگذارید. آنچه می‌ماند یک جست‌وجوی نرم است: هر یک از $L$ «پرس‌وجو» با $S$ «کلید»
# سنجیده می‌شود و پاسخ، آمیزه‌ای از $S$ «مقدار» متناظر با کلیدهاست. کلیدها و پرس‌وجوها اندازهٔ یکسان $d$ دارند؛
# اندازهٔ مقدارها، $m$، آزاد است.
#
# $$\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# تابع شما باید با هر محوری در آغاز (دسته (batch)، سر) کار کند؛ پس تنها به دو محور آخر فکر کنید. پرس‌وجویی که به
# هیچ‌جا نمی‌تواند توجه کند سطری از صفر می‌گیرد: تابعی را که به این می‌رسد پیش‌تر نوشته‌اید.


# %% [markdown]
# ![Two queries, three keys and values: scores, weights and output, with all shapes](figures/lookup.svg)
#
# **With a pencil.** The first query of the picture, $q = (1, 1, 1, 1)$, with $\sqrt d = 2$. The keys give $4/2 = 2$,
# $0/2 = 0$ and $2/2 = 1$. The softmax: $e^2 \approx 7.389$, $e^0 = 1$ and $e^1 \approx 2.718$, together $11.107$;
# weights $0.665$, $0.090$, $0.245$. The values $(1, 0)$, $(0, 1)$, $(1, 1)$ are mixed to
# $(0.665 + 0.245,\; 0.090 + 0.245) = (0.910,\; 0.335)$. With the first key hidden the scores 0 and 1 remain, hence
# $0.269$ and $0.731$, and the output is $(0.731,\; 1)$.
#
# %% [markdown] lang="fa"
# ![دو پرس‌وجو و سه کلید و مقدار: امتیازها، وزن‌ها و خروجی با همهٔ شکل‌ها](figures/lookup.svg)
#
# **با مداد و کاغذ.** نخستین پرس‌وجوی تصویر، $q = (1, 1, 1, 1)$، با $\sqrt d = 2$. کلیدها $4/2 = 2$ و $0/2 = 0$ و
# $2/2 = 1$ می‌دهند. نوبت softmax است: $e^2 \approx 7.389$ و $e^0 = 1$ و $e^1 \approx 2.718$ که روی هم $11.107$ می‌شوند؛
# وزن‌ها $0.665$ و $0.090$ و $0.245$. مقدارهای $(1, 0)$ و $(0, 1)$ و $(1, 1)$ چنین می‌آمیزند:
# $(0.665 + 0.245,\; 0.090 + 0.245) = (0.910,\; 0.335)$. اگر کلید نخست پوشیده باشد، امتیازهای ۰ و ۱ می‌مانند، پس $0.269$
# و $0.731$، و خروجی $(0.731,\; 1)$ است.


# %% solution id="scaled_dot_product_attention"
def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention over any leading axes.

    Vaswani et al. (2017), equation 1.

    Args:
        q: queries, shape (…, L, d).
        k: keys, shape (…, S, d).
        v: values, shape (…, S, m).
        mask: boolean, broadcasts to (…, L, S); True = may attend.

    Returns:
        Shape (…, L, m). A query whose mask allows nothing gives zeros.
    """
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return attention_weights(scores, mask) @ v
    ### END SOLUTION


# %% [markdown] hint id="scaled_dot_product_attention"
# Which shape does the table of all scores have, which of its axes counts the keys, and which of your functions already
# makes weights out of such a table?
# ---
# Only the last two axes matter: `k.transpose(-2, -1)` swaps these and leaves batch and heads alone. By whose root do
# you divide: over which size does one dot product add up?
# ---
# `scores` is `q @ …` divided by `math.sqrt(q.shape[-1])`, with shape `(…, L, S)`.
# ---
# Hand the scores and the mask on to `attention_weights`, which hides, runs along the keys and sees to empty rows. One
# product with `v` is left.
# %% [markdown] hint id="scaled_dot_product_attention" lang="fa"
# جدول همهٔ امتیازها چه شکلی دارد، کدام محورش کلیدها را می‌شمارد و کدام تابع شما از چنین جدولی وزن می‌سازد؟
# ---
# تنها دو محور آخر مهم‌اند: `k.transpose(-2, -1)` همین دو را جابه‌جا می‌کند و به دسته و سرها دست نمی‌زند. بر جذر چه چیزی
# تقسیم می‌کنید: هر ضرب داخلی روی کدام اندازه جمع می‌زند؟
# ---
# `scores` همان `q @ …` است، تقسیم بر `math.sqrt(q.shape[-1])`، با شکل `(…, L, S)`.
# ---
# امتیازها و نقاب را به `attention_weights` بدهید که می‌پوشاند، در راستای کلیدها کار می‌کند و فکر سطرهای خالی را هم کرده
# است. تنها یک ضرب در `v` می‌ماند.


# %%
# The pencil's numbers: (0.910, 0.335), and (0.731, 1) with the first key hidden.
for hidden_on_paper in (None, torch.tensor([[False, True, True]])):
    print(
        scaled_dot_product_attention(
            torch.tensor([[1.0, 1.0, 1.0, 1.0]]),
            torch.tensor([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [0.0, 0.0, 1.0, 1.0]]),
            torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
            hidden_on_paper,
        )
    )

# %% check id="scaled_dot_product_attention_check" points=3
draw = seeded("scaled_dot_product_attention")
q, k, v = draw.normal(2, 3, 8, 5).transpose(-2, -1), draw.normal(2, 3, 7, 8), draw.normal(2, 3, 7, 4)
check("attention with two leading axes", scaled_dot_product_attention(q, k, v))
q, k, v = draw.normal(4, 6), draw.normal(5, 6), draw.normal(5, 3)
check("attention without leading axes", scaled_dot_product_attention(q, k, v))
q, k, v = draw.normal(2, 1, 6), draw.normal(2, 5, 6), draw.normal(2, 5, 9)
check("attention of a single query", scaled_dot_product_attention(q, k, v))


# %% check id="scaled_dot_product_attention_check_mask" points=3
draw = seeded("scaled_dot_product_attention_mask")
mask = draw.mask(3, 5, 7, p=0.6)
mask[..., draw.integers(0, 7)] = True
mask[2, 1] = False
draw.unchanged(mask)
q, k, v = draw.normal(3, 5, 8), draw.normal(3, 7, 8), draw.normal(3, 7, 4)
check("attention with a mask, one query may attend to nothing", scaled_dot_product_attention(q, k, v, mask))
q, k, v = draw.normal(2, 5, 6), draw.normal(2, 7, 6), draw.normal(2, 7, 3)
check("attention with one mask for the whole batch", scaled_dot_product_attention(q, k, v, draw.unchanged(mask[0])))
q, k, v = draw.normal(2, 3, 4, 8), draw.normal(2, 3, 7, 8), draw.normal(2, 3, 7, 5)
padding = draw.unchanged(torch.arange(7, device=mask.device) >= draw.permutation(6)[:2].reshape(2, 1, 1, 1))
check("attention with padding for all heads and queries", scaled_dot_product_attention(q, k, v, padding))
q, k = draw.unchanged(draw.integers(3, 6, 2, 5, 16).float()), draw.unchanged(draw.integers(19, 22, 2, 9, 16).float())
check("attention with scores near 300", scaled_dot_product_attention(q, k, draw.normal(2, 9, 3)))


# %% [markdown]
# **Look at it: what does the division by √d do?** Queries and keys of growing size d, with entries of variance one.
# On the left the largest of 32 attention weights; on the right the size of the softmax's Jacobian, that is, how much
# of a gradient passes through the weights to the scores. Each with and without the division.
#
# %% [markdown] lang="fa"
# **ببینید: تقسیم بر $\sqrt d$ چه می‌کند؟** پرس‌وجوها و کلیدهایی با اندازهٔ رو به رشد $d$ که درایه‌هایشان واریانس یک
# دارند. در چپ بزرگ‌ترین وزن از میان ۳۲ وزن توجه؛ سمت راست اندازهٔ ژاکوبی (Jacobian) تابع softmax، یعنی چه سهمی از
# گرادیان از وزن‌ها می‌گذرد و به امتیازها می‌رسد. هر کدام یک بار با تقسیم و یک بار بدون آن.

# %%
draw = seeded("scaling_figure")
sizes = [2**power for power in range(11)]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
queries, keys = draw.normal(200, sizes[-1]), draw.normal(32, sizes[-1])
for label, power, colour, style in (("divided by √d", 0.5, BLUE, "o-"), ("not divided", 0.0, ORANGE, "s--")):
    largest, passing = [], []
    for d in sizes:
        p = attention_weights(queries[:, :d] @ keys[:, :d].T / d**power)
        jacobian = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
        largest.append(p.amax(dim=-1).mean().item())
        passing.append(torch.linalg.matrix_norm(jacobian).mean().item())
    left.plot(sizes, largest, style, color=colour, label=label)
    right.plot(sizes, passing, style, color=colour, label=label)
left.set(xscale="log", xlabel="size d of queries and keys", ylabel="largest weight (mean over queries)", ylim=(0, 1))
left.set_title("How peaked the attention is")
right.set(xscale="log", xlabel="size d of queries and keys", ylabel="norm of d(weights)/d(scores)", ylim=(0, None))
right.set_title("What passes back through the softmax")
left.legend()
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Divided by √d, both curves are flat: however wide the model, the largest of 32 weights stays near 0.16 and the softmax
# lets the same share of a gradient through. Not divided, one weight rises towards 1. The right curve first climbs (a
# softmax that is somewhat peaked reacts the most to its scores) and then falls without end: at d = 1024 less than a
# quarter of the divided one is left.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# با تقسیم بر $\sqrt d$ هر دو منحنی تخت‌اند: مدل هر قدر پهن باشد، بزرگ‌ترین وزن از میان ۳۲ وزن نزدیک ۰٫۱۶ می‌ماند و
# softmax همان سهم از گرادیان را می‌گذراند. بدون تقسیم، یک وزن به سوی ۱ می‌رود. منحنی راست نخست بالا می‌رود (وقتی
# softmax اندکی تیز باشد بیش از همه به امتیازهایش واکنش نشان می‌دهد) و سپس بی‌پایان پایین می‌آید: در $d = 1024$ کمتر از
# یک‌چهارمِ حالتِ تقسیم‌شده مانده است.
#
# </details>

# %% [markdown]
# ### Essay 5 · What attention is
#
# ●●○ · 30 min · 4 points
#
# (a) Explain attention as a map from a query and a set of key-value pairs to an output. (b) Why are the scores
# divided by $\sqrt{d_k}$? Use the picture and the variance of a dot product. (c) The Transformer uses attention in
# three places: name them, and say for each where queries, keys and values come from and what is masked.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۵ · توجه چیست
#
# ●●○ · ۳۰ دقیقه · ۴ نمره
#
# (الف) توجه را به‌صورت نگاشتی از یک پرس‌وجو و مجموعه‌ای از زوج‌های کلید-مقدار به یک خروجی توضیح دهید. (ب) چرا
# امتیازها بر $\sqrt{d_k}$ تقسیم می‌شوند؟ از تصویر و از واریانس ضرب داخلی کمک بگیرید. (پ) ترنسفورمر در سه جا از توجه
# استفاده می‌کند: آن‌ها را نام ببرید و برای هر یک بگویید پرس‌وجوها، کلیدها و مقدارها از کجا می‌آیند و چه چیزی پوشانده
# (mask) می‌شود.

# %% [markdown] essay id="what_is_attention" points=4
# ### BEGIN SOLUTION
# (a) A query is compared with every key by a compatibility function; a softmax makes the scores into weights that are
# positive and add up to one; the output is the weighted sum of the values. A dictionary returns the value of the one
# key that equals the query; attention returns a mixture of all values, more of those whose keys fit better, and so is
# differentiable in all three.
#
# (b) If the entries of q and k are independent with mean 0 and variance 1, then $q\cdot k = \sum_{i=1}^{d_k} q_i k_i$
# has mean 0 and variance $d_k$. For large $d_k$ scores are typically of size $\sqrt{d_k}$, the softmax saturates (one
# weight near 1, the others near 0) and its Jacobian $\operatorname{diag}(p) - pp^\top$ goes to zero, so almost no
# gradient reaches queries and keys. Dividing by $\sqrt{d_k}$ brings the variance back to 1 for every $d_k$. It has
# nothing to do with dot products being costly.
#
# (c) *Encoder self-attention*: queries, keys and values all from the layer below in the encoder; only padding is
# masked. *Decoder self-attention*: all three from the layer below in the decoder; masked so that position t sees
# positions ≤ t only (the future would give away the answer). *Encoder-decoder (cross) attention*: queries from the
# decoder, keys and values from the encoder's output; padding of the source is masked, the whole source may be seen.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: query, keys, weights, weighted sum of values.
# - 0.5 points: the variance of a dot product is d_k.
# - 1 point: the softmax saturates and its gradient vanishes.
# - 1.5 points: the three uses with the sources of q, k, v and what is masked, 0.5 for each of them.
#
# "√d_k makes the dot product cheaper" earns nothing for (b); "keeps numbers small" without the softmax earns 0.5.
# ### END MARK SCHEME

# %% [markdown]
# ### 2.2 Many heads
#
# ●●● · 60 min · 8 points
#
# *Idea.* One softmax can look at one blend of places. Split the D channels into h heads of size D / h, let each head
# attend on its own, put the results side by side again and mix them:
#
# $$\text{head}_i = \operatorname{Attention}(x_q W_q^{(i)},\; x_{kv} W_k^{(i)},\; x_{kv} W_v^{(i)}), \qquad
#   \text{out} = [\text{head}_1; \dots; \text{head}_h]\, W_o,$$
#
# where $W_q^{(i)}$ are the columns of $W_q$ that belong to head i: the first D / h columns are head 1, the next are
# head 2, and so on. No loop over heads is needed: heads are one more leading axis. The mask may be the same for the
# whole batch, (L, S), or one for each example, (B, L, S); all heads share it.
#
# %% [markdown] lang="fa"
# ### ۲٫۲ چند سر
#
# ●●● · ۶۰ دقیقه · ۸ نمره
#
# **ایده.** یک softmax تنها به یک آمیزه از جاها نگاه می‌کند. $D$ کانال را به $h$ سر با اندازهٔ $D / h$ تقسیم کنید،
# بگذارید هر سر جداگانه توجه کند، نتیجه‌ها را دوباره کنار هم بگذارید و بیامیزید:
#
# $$\text{head}_i = \operatorname{Attention}(x_q W_q^{(i)},\; x_{kv} W_k^{(i)},\; x_{kv} W_v^{(i)}), \qquad
#   \text{out} = [\text{head}_1; \dots; \text{head}_h]\, W_o,$$
#
# که $W_q^{(i)}$ ستون‌هایی از $W_q$ است که به سر $i$ تعلق دارند: $D / h$ ستون نخست سر ۱، ستون‌های بعدی سر ۲ و همین‌طور
# تا پایان. به حلقه روی سرها نیازی نیست: سرها یک محور دیگر در آغازند. نقاب یا برای همهٔ دسته یکی است، `(L, S)`، یا
# برای هر نمونه جداست، `(B, L, S)`؛ همهٔ سرها آن را با هم شریک‌اند.


# %% [markdown]
# ![Two tokens of four channels are cut into two heads, and a reshape that mixes them up](figures/heads.svg)
#
# **First step: cut.** Write `split_heads` by itself; `multi_head_attention` then needs it three times.
#
# **With a pencil.** Two tokens of four channels, $(0, 1, 2, 3)$ and $(4, 5, 6, 7)$, and h = 2. Head 1 owns the first
# two channels of *every* token: $(0, 1)$ and $(4, 5)$. Head 2 owns $(2, 3)$ and $(6, 7)$.
#
# %% [markdown] lang="fa"
# ![دو توکن چهارکاناله به دو سر بریده می‌شوند، و reshape نادرستی که آن‌ها را به هم می‌ریزد](figures/heads.svg)
#
# **گام نخست: بریدن.** نخست `split_heads` را جداگانه بنویسید؛ `multi_head_attention` سپس سه بار به آن نیاز دارد.
#
# **با مداد و کاغذ.** دو توکن چهارکاناله، $(0, 1, 2, 3)$ و $(4, 5, 6, 7)$، و $h = 2$. دو کانال نخستِ **همهٔ** توکن‌ها از
# آنِ سر ۱ است: $(0, 1)$ و $(4, 5)$. سر ۲ صاحب $(2, 3)$ و $(6, 7)$ است.


# %% solution id="split_heads"
def split_heads(x: Tensor, num_heads: int) -> Tensor:
    """Channels cut into heads, which become an axis before that of the positions.

    Vaswani et al. (2017), section 3.2.2.

    Args:
        x: shape (B, L, D).
        num_heads: number of heads, divides D.

    Returns:
        Shape (B, num_heads, L, D / num_heads); head i holds the i-th block of D / num_heads channels of every position.
    """
    ### BEGIN SOLUTION
    B, L, D = x.shape
    return x.reshape(B, L, num_heads, D // num_heads).transpose(1, 2)
    ### END SOLUTION


# %% [markdown] hint id="split_heads"
# Which of the three axes is cut in two, and which of the four that result is to be the second?
# ---
# `reshape` may only cut the last axis, D, into `num_heads` blocks; then two axes change places, and it isn't a reshape
# that does this.
# %% [markdown] hint id="split_heads" lang="fa"
# کدام‌یک از سه محور دو تکه می‌شود، و از چهار محوری که به دست می‌آید کدام باید دومی باشد؟
# ---
# `reshape` تنها باید محور آخر، `D`، را به `num_heads` قطعه ببُرد؛ سپس دو محور جابه‌جا می‌شوند و این کارِ reshape نیست.


# %%
# The pencil's numbers: head 1 has (0, 1) and (4, 5), head 2 has (2, 3) and (6, 7).
print(split_heads(torch.arange(8.0).reshape(1, 2, 4), 2))

# %% check id="split_heads_check" points=2
draw = seeded("split_heads")
check("channels cut into three heads", split_heads(draw.normal(2, 5, 12), 3))
cut = [split_heads(draw.normal(3, 4, 10), heads) for heads in (1, 2, 5, 10)]
check("channels cut into one head, two, five and ten", cut)
check(
    "a single position, and a single example",
    [split_heads(draw.normal(2, 1, 8), 4), split_heads(draw.normal(1, 7, 6), 2)],
)

# %% [markdown]
# **Second step: attend.** Cut queries, keys and values, let your `scaled_dot_product_attention` take the heads for one
# more batch axis, go the same way back, and mix with $W_o$. A heads' axis is missing in a mask of shape (B, L, S).
#
# %% [markdown] lang="fa"
# **گام دوم: توجه.** پرس‌وجوها و کلیدها و مقدارها را ببُرید، بگذارید `scaled_dot_product_attention` شما سرها را هم یک
# محور دستهٔ دیگر ببیند، همان راه را برگردید و با $W_o$ بیامیزید. نقابی به شکل `(B, L, S)` محور سرها را کم دارد.


# %% solution id="multi_head_attention"
def multi_head_attention(
    x_q: Tensor,
    x_kv: Tensor,
    W_q: Tensor,
    W_k: Tensor,
    W_v: Tensor,
    W_o: Tensor,
    num_heads: int,
    mask: Tensor | None = None,
) -> Tensor:
    """Multi-head attention without biases.

    Vaswani et al. (2017), section 3.2.2.

    Args:
        x_q: where the queries come from, shape (B, L, D).
        x_kv: where keys and values come from, shape (B, S, D).
        W_q, W_k, W_v, W_o: weights, each (D, D), applied as x @ W; head i owns the i-th block of D / num_heads columns.
        num_heads: number of heads, divides D.
        mask: boolean, (L, S) or (B, L, S), the same for all heads; True = may attend.

    Returns:
        Shape (B, L, D).
    """
    ### BEGIN SOLUTION
    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    q, k, v = (split_heads(x @ W, num_heads) for x, W in ((x_q, W_q), (x_kv, W_k), (x_kv, W_v)))
    heads = scaled_dot_product_attention(q, k, v, mask)
    return heads.transpose(1, 2).reshape(x_q.shape) @ W_o
    ### END SOLUTION


# %% [markdown] hint id="multi_head_attention"
# Heads are one more leading axis. Which three things does `split_heads` have to cut, and which of your functions then
# takes heads for just another batch axis?
# ---
# Project first, cut then: each of `x_q @ W_q`, `x_kv @ W_k` and `x_kv @ W_v` goes through `split_heads`.
# ---
# A mask of shape `(B, L, S)` meets scores of shape `(B, num_heads, L, S)`: where does an axis of size 1 belong? A mask
# of shape `(L, S)` fits as it is.
# ---
# With the heads attended to, go the same way back, `heads.transpose(1, 2)` before the reshape to `(B, L, D)`, and don't
# forget `W_o`.
# %% [markdown] hint id="multi_head_attention" lang="fa"
# سرها یک محور دیگر در آغازند. `split_heads` کدام سه چیز را باید ببُرد، و کدام تابع شما سپس سرها را هم مانند محور دسته
# می‌بیند؟
# ---
# نخست نگاشت، سپس بریدن: هر یک از `x_q @ W_q` و `x_kv @ W_k` و `x_kv @ W_v` از `split_heads` می‌گذرد.
# ---
# نقابی به شکل `(B, L, S)` به امتیازهایی به شکل `(B, num_heads, L, S)` می‌رسد: محوری به اندازهٔ ۱ کجا کم است؟ نقابی به
# شکل `(L, S)` همان‌گونه که هست جور درمی‌آید.
# ---
# پس از توجه، همان راه را برگردید، نخست `heads.transpose(1, 2)` و بعد تغییر شکل به `(B, L, D)`، و `W_o` را از یاد نبرید.


# %% check id="multi_head_attention_check" points=3
draw = seeded("multi_head_attention")
x_q, x_kv = draw.normal(2, 5, 12), draw.normal(2, 7, 12)
weights = draw.unchanged([0.4 * draw.normal(12, 12) for _ in range(4)])
check("multi-head attention", multi_head_attention(x_q, x_kv, *weights, num_heads=3))
check("self-attention of one head", multi_head_attention(x_q, x_q, *weights, num_heads=1))
x_q, x_kv = draw.normal(3, 1, 12), draw.normal(3, 6, 12)
check("multi-head attention of a single query", multi_head_attention(x_q, x_kv, *weights, num_heads=4))


# %% check id="multi_head_attention_check_mask" points=3
draw = seeded("multi_head_attention_mask")
x_q, x_kv = draw.normal(4, 5, 8), draw.normal(4, 6, 8)
weights = draw.unchanged([0.5 * draw.normal(8, 8) for _ in range(4)])
shared, own = draw.mask(5, 6, p=0.6), draw.mask(4, 5, 6, p=0.6)
shared[:, 2], shared[:, 3] = False, True  # a hole before what may be attended to
for example, allowed in enumerate(draw.permutation(6)[:4].tolist()):
    own[example, :, allowed - 1], own[example, :, allowed] = False, True
own[1, 2] = False
draw.unchanged((shared, own))
check("multi-head attention, one mask", multi_head_attention(x_q, x_kv, *weights, num_heads=2, mask=shared))
check("multi-head attention, a mask for each example", multi_head_attention(x_q, x_kv, *weights, num_heads=4, mask=own))
check("two heads, a mask for each example", multi_head_attention(x_q, x_kv, *weights, num_heads=2, mask=own))


# %% [markdown]
# **Look at it.** Six tokens go through your self-attention once in order and once shuffled. Compare the two pictures
# row by row, following the token names: what has the layer noticed of the order? Keep your answer in mind for part 3.
#
# %% [markdown] lang="fa"
# **ببینید.** شش توکن یک بار به ترتیب و یک بار بُرخورده از توجه به خود (self-attention) شما می‌گذرند. دو تصویر را سطر به
# سطر و با دنبال‌کردن نام توکن‌ها مقایسه کنید: این لایه از ترتیب چه فهمیده است؟ پاسخ را برای بخش ۳ به یاد بسپارید.

# %%
draw = seeded("shuffle_figure")
words = ["the", "dog", "bites", "a", "man", "today"]
tokens, weights = draw.normal(1, 6, 16), [draw.normal(16, 16) / 4 for _ in range(4)]
order = draw.permutation(6)
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for axis, places, name in ((axes[0], torch.arange(6), "in order"), (axes[1], order.cpu(), "shuffled")):
    x = tokens[:, places.to(tokens.device)]
    output = multi_head_attention(x, x, *weights, num_heads=4)[0]
    image = heatmap(axis, output, f"Self-attention, tokens {name}", "channel", "token", cmap="RdBu", vmin=-2, vmax=2)
    axis.set_yticks(range(6), [words[place] for place in places.tolist()])
figure.colorbar(image, ax=axes, label="output")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Follow *man*, or any other name: its row has the same colours in both pictures. Shuffling the input has shuffled the
# rows of the output and changed nothing else: the layer has noticed nothing of the order.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# واژهٔ «man» یا هر نام دیگری را دنبال کنید: سطرش در هر دو تصویر همان رنگ‌ها را دارد. بُرزدن ورودی سطرهای خروجی را بُر
# زده و هیچ چیز دیگری را عوض نکرده است: این لایه از ترتیب هیچ نفهمیده است.
#
# </details>

# %% [markdown]
# ### Essay 6 · One head or many
#
# ●●○ · 20 min · 2 points
#
# A model has D = 512 channels. Compare one head of size 512 with eight heads of size 64: parameters, cost, and what
# each can represent. When could more heads be worse?
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۶ · یک سر یا چند سر
#
# ●●○ · ۲۰ دقیقه · ۲ نمره
#
# مدلی $D = 512$ کانال دارد. یک سر به اندازهٔ ۵۱۲ را با هشت سر به اندازهٔ ۶۴ مقایسه کنید: پارامترها، هزینه، و آنچه هر یک
# می‌تواند نمایش دهد. کِی ممکن است سرهای بیشتر بدتر باشند؟

# %% [markdown] essay id="one_head_many" points=2
# ### BEGIN SOLUTION
# Parameters are equal: the four (D, D) matrices are only cut into blocks. The cost is nearly equal as well: scores take
# L·S·D and the mixture L·S·D multiplications either way; eight heads make eight softmax maps of L·S weights instead of
# one. What differs is the number of *patterns*: one head has one weight for each pair of positions, used for all
# channels, so whatever it blends is averaged. Eight heads look at eight places at once, each compared in its own
# 64-dimensional subspace and each carrying its own values (syntax, position, rare words, …), and $W_o$ mixes them.
#
# More heads are smaller heads: with a head size of 1 or 2 the scores $q\cdot k$ have rank ≤ d_k and cannot express a
# sharp choice among many keys. The paper's Table 3 (A) shows it: one head is 0.9 BLEU worse than the best, and 32 heads
# fall off too. It is not "one attention followed by parallel dense layers": each head has its own softmax.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 0.5 points: equal parameters and (nearly) equal cost.
# - 1 point: several attention patterns in different subspaces at once against one averaged pattern.
# - 0.5 points: the limit (small heads, low rank of the scores, redundancy of heads).
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** A query asks, keys are compared with it, values are mixed: three roles, often played by one and the
# same sequence. The √d keeps scores of one size, so that the softmax stays soft enough to learn. Heads are one more
# leading axis: equal parameters, h patterns instead of one.
#
# **Open tasks** (no points).
#
# - Compare your function with `F.scaled_dot_product_attention` at B = 8, h = 8, L = S = 512, d = 64: difference and
#   time. You did well if the two agree to five digits and you can say which table the faster one never holds as a
#   whole. (Homework 3 takes up that thread.)
# - How many linearly independent rows can the scores of a narrow head have? Take d = 3 and 20 random queries and keys.
#   You did well if you can predict what `torch.linalg.matrix_rank` says of the (20, 20) table before you call it.
# - When the translator of part 5 is trained, switch one head off by zeroing its block of rows in `C_o` of the decoder,
#   and translate again. You did well if you can say, for each of the two heads, what it alone was good for.
#
# **Read on.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762), section 3.2 and its footnote 4 on the
# variance; [Voita et al. (2019)](https://arxiv.org/abs/1905.09418) and [Michel, Levy and Neubig
# (2019)](https://arxiv.org/abs/1905.10650), who take heads away; as a lecture in pictures, [3Blue1Brown:
# attention](https://www.3blue1brown.com/lessons/attention).
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** پرس‌وجو می‌پرسد، کلیدها با آن سنجیده می‌شوند و مقدارها با هم آمیخته می‌شوند: سه نقش که اغلب یک
# دنباله هر سه را بازی می‌کند. جذر $d$ امتیازها را هم‌اندازه نگه می‌دارد تا softmax آن‌قدر نرم بماند که بتوان آموخت.
# سرها یک محور دیگر در آغازند: با همان شمار پارامتر، $h$ الگو به جای یکی.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - تابع خود را با `F.scaled_dot_product_attention` در `B = 8`، `h = 8`، `L = S = 512` و `d = 64` بسنجید: هم اختلاف و هم
#   زمان. خوب کار کرده‌اید اگر دو پاسخ تا پنج رقم یکی باشند و بتوانید بگویید آن‌که تندتر است کدام جدول را هرگز یک‌جا نگه
#   نمی‌دارد. (تمرین ۳ همین رشته را پی می‌گیرد.)
# - امتیازهای یک سر باریک چند سطر مستقل می‌توانند داشته باشند؟ با $d = 3$ و ۲۰ پرس‌وجو و کلید تصادفی بیازمایید. خوب کار
#   کرده‌اید اگر پیش از فراخواندن `torch.linalg.matrix_rank` بدانید دربارهٔ جدول `(20, 20)` چه می‌گوید.
# - پس از آموزش مترجم بخش ۵، یک سر را با صفرکردن سطرهای آن در `C_o` کدگشا خاموش کنید و دوباره ترجمه کنید. خوب کار
#   کرده‌اید اگر دربارهٔ هر یک از دو سر بتوانید بگویید تنها به چه کار می‌آمده است.
#
# **بیشتر بخوانید.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762)، بخش ۳٫۲ و پانویس ۴ آن دربارهٔ واریانس؛
# [Voita et al. (2019)](https://arxiv.org/abs/1905.09418) و [Michel, Levy and Neubig
# (2019)](https://arxiv.org/abs/1905.10650) که سرها را برمی‌دارند؛ و درسی سراسر تصویر: [3Blue1Brown:
# attention](https://www.3blue1brown.com/lessons/attention).

# %% [markdown]
# ## Part 3 · What else the paper needs
#
# ### 3.1 Positions
#
# ●●○ · 40 min · 4 points
#
# *Idea.* You have just seen that self-attention treats a sentence as a bag. So each position gets a vector of its own,
# which is added to the word's embedding. The paper uses waves whose length grows from channel to channel:
#
# $$PE(t, 2i) = \sin\!\left(t / 10000^{2i/d}\right), \qquad PE(t, 2i+1) = \cos\!\left(t / 10000^{2i/d}\right),$$
#
# with positions $t = 0, 1, \dots$ and $i = 0, \dots, d/2 - 1$. Sine and cosine alternate, channel by channel.
#
# %% [markdown] lang="fa"
# ## بخش ۳ · چیزهای دیگری که مقاله لازم دارد
#
# ### ۳٫۱ جایگاه‌ها
#
# ●●○ · ۴۰ دقیقه · ۴ نمره
#
# **ایده.** همین حالا دیدید که توجه به خود با جمله مانند کیسه‌ای از واژه‌ها رفتار می‌کند. پس هر جایگاه (position)
# برداری از آنِ خود می‌گیرد که با تعبیهٔ (embedding) واژه جمع می‌شود. مقاله موج‌هایی به کار می‌برد که طولشان کانال به
# کانال بیشتر می‌شود:
#
# $$PE(t, 2i) = \sin\!\left(t / 10000^{2i/d}\right), \qquad PE(t, 2i+1) = \cos\!\left(t / 10000^{2i/d}\right),$$
#
# با جایگاه‌های $t = 0, 1, \dots$ و $i = 0, \dots, d/2 - 1$. سینوس و کسینوس کانال به کانال یک‌درمیان‌اند.


# %% [markdown]
# ![Position vectors as clock hands: the first pair of channels turns fast, the last hardly at all](figures/clocks.svg)
#
# **With a pencil.** With $d = 4$ there are two frequencies, $10000^{0} = 1$ and $10000^{-2/4} = 0.01$. Position 0:
# $(\sin 0, \cos 0, \sin 0, \cos 0) = (0, 1, 0, 1)$. Position 1:
# $(\sin 1, \cos 1, \sin 0.01, \cos 0.01) \approx (0.841,\; 0.540,\; 0.010,\; 0.99995)$.
#
# %% [markdown] lang="fa"
# ![بردارهای جایگاه مانند عقربه‌ها: نخستین جفت کانال تند می‌چرخد و آخری تقریباً هیچ](figures/clocks.svg)
#
# **با مداد و کاغذ.** با $d = 4$ دو بسامد داریم: $10000^{0} = 1$ و $10000^{-2/4} = 0.01$. جایگاه ۰:
# $(\sin 0, \cos 0, \sin 0, \cos 0) = (0, 1, 0, 1)$. جایگاه ۱:
# $(\sin 1, \cos 1, \sin 0.01, \cos 0.01) \approx (0.841,\; 0.540,\; 0.010,\; 0.99995)$.


# %% solution id="positional_encoding"
def positional_encoding(length: int, d_model: int) -> Tensor:
    """Sinusoidal position vectors, sine and cosine interleaved.

    Vaswani et al. (2017), section 3.5.

    Args:
        length: number of positions; the first is 0.
        d_model: number of channels, even.

    Returns:
        Shape (length, d_model).
    """
    ### BEGIN SOLUTION
    position = torch.arange(length)[:, None]
    frequency = 10000 ** (-torch.arange(0, d_model, 2) / d_model)
    waves = position * frequency
    return torch.stack([waves.sin(), waves.cos()], dim=-1).reshape(length, d_model)
    ### END SOLUTION


# %% [markdown] hint id="positional_encoding"
# A sine and the cosine next to it share one frequency. How many frequencies does a row have, then, and which is the
# first?
# ---
# Make a table `waves` of shape `(length, d_model // 2)`: positions 0, 1, 2, … downwards, frequencies across. The
# exponent is the number of the even channel divided by d, `torch.arange(0, d_model, 2) / d_model`.
# ---
# Now sine and cosine must alternate. Fill `out[:, 0::2]` and `out[:, 1::2]`, or stack both on a new last axis and
# reshape to `(length, d_model)`.
# %% [markdown] hint id="positional_encoding" lang="fa"
# هر سینوس و کسینوسِ کنارش یک بسامد دارند. پس هر سطر چند بسامد دارد و نخستین آن‌ها کدام است؟
# ---
# جدول `waves` را با شکل `(length, d_model // 2)` بسازید: جایگاه‌های ۰، ۱، ۲، … رو به پایین و بسامدها در پهنا. توان،
# شمارهٔ کانال زوج بخش بر `d` است: `torch.arange(0, d_model, 2) / d_model`.
# ---
# اکنون سینوس و کسینوس باید یک‌درمیان بیایند. `out[:, 0::2]` و `out[:, 1::2]` را پر کنید، یا هر دو را روی محور آخرِ
# تازه‌ای بچینید و به `(length, d_model)` تغییر شکل دهید.


# %%
# The pencil's numbers: (0, 1, 0, 1) and (0.841, 0.540, 0.010, 0.99995).
print(positional_encoding(2, 4))

# %% check id="positional_encoding_check" points=4
draw = seeded("positional_encoding")
d_model = 2 * draw.integers(3, 10)
sizes = [(draw.integers(20, 51), d_model), (draw.integers(10, 20), d_model), (draw.integers(30, 51), d_model)]
sizes += [(draw.integers(3, 10), 2 * draw.integers(10, 17)), (draw.integers(10, 20), 2), (1, 2 * draw.integers(3, 9))]
check("positional encodings", [positional_encoding(length, d_model) for length, d_model in sizes])


# %% [markdown]
# **Look at it.** Left, the vectors: fast waves in the first channels, slow ones in the last. Right, the inner product
# of the vectors of two positions against their distance, from three starting points. The three curves lie on one
# another: what does that say about relative positions?
#
# %% [markdown] lang="fa"
# **ببینید.** سمت چپ خود بردارها: موج‌های تند در کانال‌های نخست و موج‌های کند در کانال‌های پایانی. سمت راست ضرب داخلی
# بردارهای دو جایگاه برحسب فاصله‌شان، از سه نقطهٔ آغاز. سه منحنی روی هم می‌افتند: این دربارهٔ جایگاه نسبی چه می‌گوید؟

# %%
encoding = positional_encoding(50, 64)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
image = heatmap(left, encoding, "Positional encoding", "channel", "position", cmap="RdBu", vmin=-1, vmax=1)
figure.colorbar(image, ax=left)
for start_at, colour, style in ((0, BLUE, "-"), (10, ORANGE, "--"), (25, GREEN, ":")):
    products = encoding[start_at : start_at + 25] @ encoding[start_at]
    right.plot(products.tolist(), style, color=colour, linewidth=2.5, label=f"from position {start_at}")
right.set(title="Products depend on the distance only", xlabel="distance in positions", ylabel="inner product")
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left, the first channels change from row to row and the last ones hardly at all: fast waves tell neighbours apart,
# slow ones tell near from far. Right, the three curves coincide: the product of two vectors depends on their distance
# and not on where they stand. It begins at d/2 = 32 (each pair adds $\sin^2 + \cos^2 = 1$) and falls, though not at
# every step.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ، کانال‌های نخست از سطری به سطر دیگر عوض می‌شوند و کانال‌های پایانی تقریباً نه: موج‌های تند همسایه‌ها را از هم
# جدا می‌کنند و موج‌های کند دور را از نزدیک. سمت راست، سه منحنی روی هم می‌افتند: ضرب داخلی دو بردار به فاصله‌شان وابسته
# است، نه به جایی که ایستاده‌اند. منحنی از $d/2 = 32$ آغاز می‌شود (هر جفت $\sin^2 + \cos^2 = 1$ می‌افزاید) و پایین
# می‌آید، هرچند نه در هر گام.
#
# </details>

# %% [markdown]
# **Turn a knob.** One channel of your encoding along 50 positions. Move from channel to channel: what happens to the
# wavelength, and from which channel on do the first 50 positions see less than a quarter of a wave?
#
# %% [markdown] lang="fa"
# **یک عدد را تغییر دهید.** یک کانال از کدگذاری شما در طول ۵۰ جایگاه. از کانالی به کانال دیگر بروید: طول موج چه می‌شود،
# و از کدام کانال به بعد ۵۰ جایگاه نخست کمتر از یک‌چهارم موج را می‌بینند؟


# %%
def draw_channel(axis, channel):
    axis.plot(positional_encoding(50, 64)[:, int(channel)].tolist(), ".-", color=BLUE)
    axis.set(xlabel="position", ylabel="value", ylim=(-1.1, 1.1))


explore(draw_channel, "channel", [0, 8, 16, 24, 40])

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Eight channels further the wave is $10000^{8/64} \approx 3.16$ times as long. A quarter of a wave needs
# $t\,\omega = \pi/2$; with $t = 49$ that is $\omega \approx 0.032$, and $10000^{-2i/64}$ falls below it between
# $2i = 22$ and $2i = 24$: from channel 24 on the first 50 positions lie on one slow bend. Such channels aren't wasted:
# they are for longer texts.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# هشت کانال جلوتر، موج $10000^{8/64} \approx 3.16$ بار بلندتر است. برای یک‌چهارم موج باید $t\,\omega = \pi/2$ باشد؛ با
# $t = 49$ یعنی $\omega \approx 0.032$، و $10000^{-2i/64}$ میان $2i = 22$ و $2i = 24$ از آن کمتر می‌شود: از کانال ۲۴ به
# بعد ۵۰ جایگاه نخست روی یک خم کُند می‌نشینند. این کانال‌ها هدر نرفته‌اند: به کار متن‌های بلندتر می‌آیند.
#
# </details>

# %% [markdown]
# ### Essay 7 · Why positions
#
# ●●● · 35 min · 3 points
#
# (a) Show that without positions self-attention is *equivariant*: permuting its input permutes its output the same
# way. Why is that fatal for translation? (b) Sinusoids or learned position vectors: compare them. Use the identity
# that gives $PE(t + k)$ from $PE(t)$.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۷ · چرا جایگاه
#
# ●●● · ۳۵ دقیقه · ۳ نمره
#
# (الف) نشان دهید توجه به خود بدون جایگاه «هم‌وردا» (equivariant) است: جابه‌جاکردن ورودی، خروجی را به همان ترتیب
# جابه‌جا می‌کند. چرا این برای ترجمه فاجعه است؟ (ب) بردارهای سینوسی یا بردارهای جایگاهِ آموختنی: آن‌ها را مقایسه کنید.
# از اتحادی کمک بگیرید که $PE(t + k)$ را از $PE(t)$ به دست می‌دهد.

# %% [markdown] essay id="positions" points=3
# ### BEGIN SOLUTION
# (a) With a permutation matrix P: $Q, K, V$ become $PQ, PK, PV$, the scores $P QK^\top P^\top$; the softmax works row
# by row and does not care for the order of columns, so the weights are $P A P^\top$ and the output is $P A P^\top P V
# = P (AV)$. Layers that act on each position separately keep this, so in the whole encoder "dog bites man" and "man
# bites dog" give each word the same vector: who did what to whom is lost.
#
# (b) *Sinusoids* have no parameters, are defined for every length (though models rarely work well far beyond lengths
# they were trained on), and $\sin(\omega(t+k)) = \sin\omega t\cos\omega k + \cos\omega t\sin\omega k$ (same for the
# cosine) shows that $PE(t+k) = R_k\,PE(t)$ with a rotation that depends on k only: a linear layer can learn to look k
# places away, and inner products depend on the distance only, as in the picture. *Learned* vectors adapt to the data,
# but cost max_length·d parameters, are undefined beyond max_length, and rare late positions are trained little. The
# paper found nearly the same quality (Table 3 (E)) and chose sinusoids in the hope of extrapolation.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the equivariance with a reason.
# - 0.5 points: what is lost.
# - 1 point: the linear (rotation) relation of PE(t + k) and PE(t).
# - 0.5 points: a fair comparison (parameters, length, adaptation, nearly equal quality).
# ### END MARK SCHEME

# %% [markdown]
# ### 3.2 A learning rate that warms up, labels that are never quite sure
#
# ●●○ · 45 min · 5 points
#
# The paper's learning rate grows linearly for `warmup` steps and then decays with the inverse square root of the step:
#
# $$\eta_t = d_\text{model}^{-1/2} \cdot \min\left(t^{-1/2},\; t \cdot \text{warmup}^{-3/2}\right), \qquad t \ge 1.$$
#
# And it trains against softened labels: the target distribution is $(1 - \varepsilon)$ times the one-hot vector of
# the right class plus $\varepsilon / V$ for *each* of the V classes (the right one too). The loss is the cross
# entropy with that target, averaged over the batch.
#
# %% [markdown] lang="fa"
# ### ۳٫۲ نرخ یادگیری که گرم می‌شود و برچسب‌هایی که هرگز کاملاً مطمئن نیستند
#
# ●●○ · ۴۵ دقیقه · ۵ نمره
#
# نرخ یادگیری مقاله به مدت `warmup` گام خطی بالا می‌رود و سپس با عکس جذر شمارهٔ گام پایین می‌آید:
#
# $$\eta_t = d_\text{model}^{-1/2} \cdot \min\left(t^{-1/2},\; t \cdot \text{warmup}^{-3/2}\right), \qquad t \ge 1.$$
#
# مقاله همچنین با برچسب‌های هموارشده (label smoothing) آموزش می‌دهد: توزیع هدف، $(1 - \varepsilon)$ برابر بردار تک‌یک
# (one-hot) ردهٔ درست به‌علاوهٔ $\varepsilon / V$ برای **هر یک** از $V$ رده است (خود ردهٔ درست هم). زیان، آنتروپی
# متقاطع (cross entropy) با همین هدف است که روی دسته (batch) میانگین گرفته می‌شود.


# %% [markdown]
# **With a pencil.** Take $d_\text{model} = 4$, so $4^{-1/2} = \tfrac12$, and `warmup` $= 4$, so $4^{-3/2} = \tfrac18$.
# Step 1: $\tfrac12\min(1, \tfrac18) = 0.0625$. Step 4, where both terms are $\tfrac12$: $0.25$, the peak. Step 16:
# $\tfrac12\min(\tfrac14, 2) = 0.125$. Four times as many steps after the peak, half the rate.
#
# For the loss, three classes with the logits $(\ln 2, 0, 0)$, so that the softmax is $(\tfrac12, \tfrac14, \tfrac14)$;
# the first is right and $\varepsilon = 0.3$. The target is $0.7\,(1, 0, 0) + 0.1\,(1, 1, 1) = (0.8, 0.1, 0.1)$, and the
# loss $0.8\ln 2 + 0.2\ln 4 = 1.2\ln 2 \approx 0.832$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** بگیرید $d_\text{model} = 4$، پس $4^{-1/2} = \tfrac12$، و `warmup` را ۴، پس $4^{-3/2} = \tfrac18$.
# گام ۱: $\tfrac12\min(1, \tfrac18) = 0.0625$. گام ۴، که در آن هر دو جمله $\tfrac12$ هستند: $0.25$، یعنی قله. گام ۱۶:
# $\tfrac12\min(\tfrac14, 2) = 0.125$. پس از قله، چهار برابر گام یعنی نصف نرخ.
#
# برای زیان، سه رده با لاجیت‌های $(\ln 2, 0, 0)$ بگیرید که softmax آن‌ها $(\tfrac12, \tfrac14, \tfrac14)$ است؛ ردهٔ نخست
# درست است و $\varepsilon = 0.3$. هدف $0.7\,(1, 0, 0) + 0.1\,(1, 1, 1) = (0.8, 0.1, 0.1)$ است و زیان
# $0.8\ln 2 + 0.2\ln 4 = 1.2\ln 2 \approx 0.832$.


# %% solution id="noam_rate"
def noam_rate(step: int, d_model: int, warmup: int) -> float:
    """Learning rate of the Transformer at a step.

    Vaswani et al. (2017), equation 3.

    Args:
        step: optimiser step, 1 or more.
        d_model: width of the model.
        warmup: number of steps over which the rate grows.

    Returns:
        The learning rate, a float.
    """
    ### BEGIN SOLUTION
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    ### END SOLUTION


# %% [markdown] hint id="noam_rate"
# Which of the two terms in the minimum is the smaller at step 1, and at which step are they equal?
# ---
# Powers are enough: `step**-0.5` and `step * warmup**…`. The first step is number 1 already, so nothing is added to it.
# ---
# In front stands the factor that makes wide models go slower, `d_model**-0.5`, and behind it the smaller of the two:
# `min(…, …)`.
# %% [markdown] hint id="noam_rate" lang="fa"
# در گام ۱ کدام‌یک از دو جملهٔ درون کمینه کوچک‌تر است و در کدام گام با هم برابر می‌شوند؟
# ---
# توان‌رسانی کافی است: `step**-0.5` و `step * warmup**…`. شمارهٔ نخستین گام خود ۱ است، پس چیزی به آن افزوده نمی‌شود.
# ---
# در آغاز ضریبی می‌آید که مدل‌های پهن را کندتر می‌کند، `d_model**-0.5`، و پس از آن کوچک‌ترِ دو جمله: `min(…, …)`.


# %%
# The pencil's numbers: 0.0625, 0.25 and 0.125.
print([noam_rate(step_on_paper, 4, 4) for step_on_paper in (1, 4, 16)])

# %% check id="noam_rate_check" points=2
draw = seeded("noam_rate")
rates = []
for _ in range(4):
    d_model, warmup = draw.integers(16, 1025), draw.integers(100, 5000)
    early, late = draw.integers(2, warmup // 2), draw.integers(2 * warmup, 9 * warmup)
    rates += [noam_rate(step, d_model, warmup) for step in (1, early, warmup, late)]
check("learning rates before, at and after the end of the warm-up", rates, atol=1e-10)


# %% solution id="label_smoothing_loss"
def label_smoothing_loss(logits: Tensor, target: Tensor, eps: float = 0.1) -> Tensor:
    """Cross entropy against smoothed labels, averaged over the batch; finite for all finite logits.

    Szegedy et al. (2016), section 7; used by Vaswani et al. (2017), section 5.4.

    Args:
        logits: shape (B, V).
        target: right classes, int64, shape (B,).
        eps: how much of the target is spread evenly over all V classes.

    Returns:
        Loss, shape ().
    """
    ### BEGIN SOLUTION
    log_p = torch.log_softmax(logits, dim=-1)
    right_class = log_p.gather(1, target[:, None]).squeeze(1)
    return -((1 - eps) * right_class + eps * log_p.mean(dim=-1)).mean()
    ### END SOLUTION


# %% [markdown] hint id="label_smoothing_loss"
# Write the cross entropy of one example as a sum over the classes. Which weight does a wrong class have in it, and
# which the right one?
# ---
# The target is a sum of two parts, `1 - eps` on the right class and `eps / V` on each of the V classes. The second part
# of the loss is therefore `eps` times a mean over all log-probabilities.
# ---
# `torch.log_softmax` stays finite where the logarithm of a softmax falls to −∞. From its result
# `gather(1, target[:, None])` picks the right class of each row and leaves an axis of size 1, which has to go.
# ---
# `-((1 - eps) * right_class + eps * …)` has shape `(B,)`, a loss for each example. Then the mean over the batch.
# %% [markdown] hint id="label_smoothing_loss" lang="fa"
# آنتروپی متقاطع یک نمونه را به‌صورت جمعی روی رده‌ها بنویسید. ردهٔ نادرست در آن چه وزنی دارد و ردهٔ درست چه وزنی؟
# ---
# هدف مجموع دو بخش است، `1 - eps` روی ردهٔ درست و `eps / V` روی هر یک از `V` رده. پس بخش دوم زیان برابر است با `eps`
# ضربدر میانگین لگاریتم احتمال همهٔ رده‌ها.
# ---
# `torch.log_softmax` متناهی می‌ماند، آن‌جا که لگاریتمِ softmax به `-inf` می‌افتد. از نتیجهٔ آن،
# `gather(1, target[:, None])` ردهٔ درست هر سطر را برمی‌دارد و محوری به اندازهٔ ۱ به جا می‌گذارد که باید برداشته شود.
# ---
# شکل `-((1 - eps) * right_class + eps * …)` برابر `(B,)` است، زیانی برای هر نمونه. سپس میانگین روی دسته.


# %%
# The pencil's number: 0.832.
print(label_smoothing_loss(torch.tensor([[math.log(2), 0.0, 0.0]]), torch.tensor([0]), 0.3))

# %% check id="label_smoothing_loss_check" points=3
draw = seeded("label_smoothing_loss")
logits, target, eps = 3 * draw.normal(5, 7).T, draw.integers(0, 5, 7), draw.choice([0.2, 0.3, 0.4])
logits = draw.unchanged(logits + 10 * F.one_hot(target, 5))  # a network that is rather sure, and right
check("label smoothing", label_smoothing_loss(logits, target, eps))
target = draw.permutation(4)
logits = draw.unchanged(300 + 3 * draw.normal(4, 4) + 10 * F.one_hot(target, 4))
far_apart = draw.normal(3, 6)
far_apart = draw.unchanged(far_apart * far_apart.new_tensor([[1], [90], [3000]]))
large = [label_smoothing_loss(logits, target), label_smoothing_loss(far_apart, draw.integers(0, 6, 3))]
check("label smoothing with large logits, and with some far apart", large)
losses = [label_smoothing_loss(draw.normal(1, 8), draw.integers(0, 8, 1), eps) for eps in (0.0, 0.6)]
check("label smoothing of a single example, the first without smoothing", losses)


# %% [markdown]
# **Look at it.** Left: the schedule for three warm-ups; where is each peak, and how high? Right: the loss of one
# example as its right logit rises above the other nine. With ordinary labels (ε = 0) there is always something to
# gain by being more certain. What changes for ε > 0?
#
# %% [markdown] lang="fa"
# **ببینید.** سمت چپ، برنامهٔ نرخ یادگیری برای سه مقدار `warmup`؛ هر قله کجاست و چه ارتفاعی دارد؟ سمت راست، زیان یک
# نمونه هنگامی که لاجیت (logit) درستش از نُه لاجیت دیگر بالاتر می‌رود. با برچسب معمولی ($\varepsilon = 0$) همیشه
# مطمئن‌ترشدن سود دارد. با $\varepsilon > 0$ چه چیزی عوض می‌شود؟

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
steps = range(1, 20001, 50)
for warmup, colour, style in ((1000, BLUE, "-"), (4000, ORANGE, "--"), (8000, GREEN, "-.")):
    left.plot(steps, [noam_rate(step, 512, warmup) for step in steps], style, color=colour, label=f"warm-up {warmup}")
left.set(title="Learning rate, width 512", xlabel="step", ylabel="learning rate")
left.legend()
margins = torch.linspace(-2, 14, 100)
for eps, colour, style in ((0.0, BLUE, "-"), (0.1, ORANGE, "--"), (0.3, GREEN, "-.")):
    logits = F.pad(margins[:, None], (0, 9))  # class 0 is right, nine others have logit 0
    costs = [label_smoothing_loss(row[None], torch.tensor([0]), eps).item() for row in logits]
    right.plot(margins.tolist(), costs, style, color=colour, label=f"ε = {eps}")
right.set(title="Loss of one example, 10 classes", xlabel="right logit minus the others", ylabel="loss")
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left: each peak is at the end of its warm-up and is $(d_\text{model}\cdot\text{warmup})^{-1/2}$ high, 0.0014, 0.0007
# and 0.0005; beyond its own peak every schedule is the same curve. Right: with ε = 0 the loss falls for ever. With ε >
# 0 it has a lowest point, where the softmax equals the smoothed target, and whoever is surer than that pays for it.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ: هر قله در پایان گرم‌شدنِ خودش است و $(d_\text{model}\cdot\text{warmup})^{-1/2}$ ارتفاع دارد: ۰٫۰۰۱۴ و ۰٫۰۰۰۷ و
# ۰٫۰۰۰۵؛ پس از قله همهٔ برنامه‌ها یک منحنی‌اند. سمت راست: با $\varepsilon = 0$ زیان همیشه پایین می‌رود. با
# $\varepsilon > 0$ پایین‌ترین نقطه‌ای دارد، آن‌جا که softmax با هدف هموارشده برابر است، و هر کس مطمئن‌تر از آن باشد
# بهایش را می‌پردازد.
#
# </details>

# %% [markdown]
# **What to keep.** Self-attention doesn't know the order of its tokens; a vector for each position tells it. With
# sinusoids the inner product of two positions depends on their distance only. A rate that warms up protects the first
# steps, and smoothed labels make too much certainty cost something.
#
# **Open tasks** (no points).
#
# - Build the matrix $R_k$ with $PE(t + k) = R_k\,PE(t)$ for d = 6 and k = 5 from 2 × 2 rotations. You did well if one
#   matrix serves all t from 0 to 40, to five digits.
# - At which margin is the loss of the right figure lowest? Derive it for V = 10. You did well if you find
#   $\ln 91 \approx 4.51$ for ε = 0.1 and $\ln\tfrac{73}{3} \approx 3.19$ for ε = 0.3, where the curves have their
#   lowest points.
# - Rotate instead of adding: turn each pair of channels of queries and keys by the angle of its position. You did well
#   if the scores then depend on the distance only, which two shifted copies of one sentence show.
#
# **Read on.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762), sections 3.5 and 5.3–5.4; [Shaw, Uszkoreit and
# Vaswani (2018)](https://arxiv.org/abs/1803.02155) on relative positions and [Su et al.
# (2021)](https://arxiv.org/abs/2104.09864), section 3, on rotations; [Szegedy et al.
# (2016)](https://arxiv.org/abs/1512.00567), section 7, on smoothed labels; [Kingma and Ba
# (2015)](https://arxiv.org/abs/1412.6980), the optimiser.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** توجه به خود ترتیب توکن‌هایش را نمی‌داند؛ برداری برای هر جایگاه این را به آن می‌گوید. با موج‌های
# سینوسی، ضرب داخلی دو جایگاه تنها به فاصله‌شان وابسته است. نرخی که گرم می‌شود از گام‌های نخست محافظت می‌کند و برچسب‌های
# هموارشده برای اطمینان بیش از اندازه بهایی می‌گذارند.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - ماتریس $R_k$ را که در آن $PE(t + k) = R_k\,PE(t)$ است، برای $d = 6$ و $k = 5$ از دوران‌های ۲ × ۲ بسازید. خوب کار
#   کرده‌اید اگر یک ماتریس تا پنج رقم به کار همهٔ $t$ها از ۰ تا ۴۰ بیاید.
# - زیان در شکل سمت راست در کدام فاصلهٔ لاجیت‌ها کمینه است؟ آن را برای $V = 10$ به دست آورید. خوب کار کرده‌اید اگر برای
#   $\varepsilon = 0.1$ به $\ln 91 \approx 4.51$ و برای $\varepsilon = 0.3$ به $\ln\tfrac{73}{3} \approx 3.19$ برسید،
#   همان‌جا که منحنی‌ها پایین‌ترین نقطه‌شان را دارند.
# - به جای جمع‌کردن بچرخانید: هر جفت کانالِ پرس‌وجوها و کلیدها را به اندازهٔ زاویهٔ جایگاهشان دوران دهید. خوب کار
#   کرده‌اید اگر امتیازها تنها به فاصله وابسته شوند؛ دو رونوشتِ جابه‌جاشدهٔ یک جمله این را نشان می‌دهد.
#
# **بیشتر بخوانید.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762)، بخش‌های ۳٫۵ و ۵٫۳ و ۵٫۴؛ [Shaw,
# Uszkoreit and Vaswani (2018)](https://arxiv.org/abs/1803.02155) دربارهٔ جایگاه‌های نسبی و [Su et al.
# (2021)](https://arxiv.org/abs/2104.09864)، بخش ۳، دربارهٔ دوران‌ها؛ [Szegedy et al.
# (2016)](https://arxiv.org/abs/1512.00567)، بخش ۷، دربارهٔ برچسب‌های هموارشده؛ [Kingma and Ba
# (2015)](https://arxiv.org/abs/1412.6980)، بهینه‌ساز.

# %% [markdown]
# ## Part 4 · The Transformer
#
# ### 4.1 An encoder layer
#
# ●●● · 45 min · 5 points
#
# *Idea.* A layer is two sub-layers, attention (tokens talk to one another) and a feed-forward network (each token
# thinks for itself), each wrapped in a residual connection and a layer normalisation. The paper normalises *after*
# adding ("post-norm"):
#
# $$y = \operatorname{LN}_1\left(x + \operatorname{MHA}(x, x)\right), \qquad
#   \text{out} = \operatorname{LN}_2\left(y + \operatorname{ReLU}(y W_1 + b_1) W_2 + b_2\right)$$
#
# Layer normalisation works on the channels of each token, with ε = 1e-5. `F.layer_norm` is allowed. There is no dropout
# in this function.
#
# %% [markdown] lang="fa"
# ## بخش ۴ · ترنسفورمر
#
# ### ۴٫۱ یک لایهٔ کدگذار
#
# ●●● · ۴۵ دقیقه · ۵ نمره
#
# **ایده.** هر لایه دو زیرلایه دارد: توجه (توکن‌ها با هم گفت‌وگو می‌کنند) و شبکهٔ پیش‌خور (feed-forward) (هر توکن با
# خودش می‌اندیشد). دور هر کدام یک اتصال باقی‌مانده (residual) و یک نرمال‌سازی لایه‌ای (layer normalisation) است. مقاله
# **پس از** جمع‌کردن نرمال می‌کند (post-norm):
#
# $$y = \operatorname{LN}_1\left(x + \operatorname{MHA}(x, x)\right), \qquad
#   \text{out} = \operatorname{LN}_2\left(y + \operatorname{ReLU}(y W_1 + b_1) W_2 + b_2\right)$$
#
# نرمال‌سازی لایه‌ای روی کانال‌های هر توکن و با $\varepsilon = 10^{-5}$ انجام می‌شود. `F.layer_norm` مجاز است. در این
# تابع dropout نیست.


# %% [markdown]
# ![The same parts in two orders: normalised after adding, as in the paper, and before](figures/norms.svg)
#
# The upper row is what you write now. The lower one, *pre-norm*, is what homework 8 asks for; it has become the usual
# one, because its upper path carries x to the output without a single normalisation, and deep stacks train without a
# warm-up. The normalisation itself is the same everywhere, up to its ε: in homeworks 5 and 8 that is 1e-12.
#
# **With a pencil.** Layer normalisation takes the mean away and divides by the standard deviation: of $(1, 3, 1, 3)$
# the mean is 2 and the variance 1, so $\operatorname{LN}$ makes $(-1, 1, -1, 1)$. Now a layer whose matrices are all
# zero: attention adds nothing, so $y = (-1, 1, -1, 1)$; the feed-forward network adds its last bias, say
# $b_2 = (0, 0, 4, 0)$, and $y + b_2 = (-1, 1, 3, 1)$ has mean 1 and variance 2: the output is
# $(-2, 0, 2, 0)/\sqrt 2 \approx (-1.414,\; 0,\; 1.414,\; 0)$.
#
# %% [markdown] lang="fa"
# ![همان قطعه‌ها به دو ترتیب: نرمال‌سازی پس از جمع، مانند مقاله، و پیش از آن](figures/norms.svg)
#
# ردیف بالا همان است که اکنون می‌نویسید. ردیف پایین، pre-norm، را در تمرین ۸ می‌نویسید؛ امروز این یکی رایج‌تر است، چون
# راه بالایی‌اش $x$ را بی هیچ نرمال‌سازی به خروجی می‌رساند و پشته‌های ژرف بدون گرم‌شدن هم آموزش می‌بینند. خود نرمال‌سازی
# همه‌جا یکی است و تنها $\varepsilon$ فرق دارد: در تمرین‌های ۵ و ۸ برابر $10^{-12}$ است.
#
# **با مداد و کاغذ.** نرمال‌سازی لایه‌ای میانگین را کم و بر انحراف معیار تقسیم می‌کند: میانگین $(1, 3, 1, 3)$ برابر ۲ و
# واریانسش ۱ است، پس $\operatorname{LN}$ از آن $(-1, 1, -1, 1)$ می‌سازد. حالا لایه‌ای که همهٔ ماتریس‌هایش صفرند: توجه
# چیزی نمی‌افزاید، پس $y = (-1, 1, -1, 1)$؛ شبکهٔ پیش‌خور تنها بایاس آخرش را می‌افزاید، مثلاً $b_2 = (0, 0, 4, 0)$، و
# $y + b_2 = (-1, 1, 3, 1)$ میانگین ۱ و واریانس ۲ دارد: خروجی
# $(-2, 0, 2, 0)/\sqrt 2 \approx (-1.414,\; 0,\; 1.414,\; 0)$ است.


# %% given id="draw_layer_params"
def draw_layer_params(draw, d_model: int, d_ff: int, decoder: bool = False) -> dict[str, Tensor]:
    """Parameters of one encoder (or decoder) layer, drawn from the seed."""
    names = ["W_q", "W_k", "W_v", "W_o"] + (["C_q", "C_k", "C_v", "C_o"] if decoder else [])
    params = {name: draw.normal(d_model, d_model) / math.sqrt(d_model) for name in names}
    params["W_1"], params["b_1"] = draw.normal(d_model, d_ff) / math.sqrt(d_model), 0.5 * draw.normal(d_ff)
    params["W_2"], params["b_2"] = draw.normal(d_ff, d_model) / math.sqrt(d_ff), 0.5 * draw.normal(d_model)
    for norm in ("ln1", "ln2", "ln3") if decoder else ("ln1", "ln2"):
        params[f"{norm}_weight"] = draw.uniform(d_model, low=0.5, high=1.5)
        params[f"{norm}_bias"] = 0.5 * draw.normal(d_model)
    return draw.unchanged(params)


# %% solution id="encoder_layer"
def encoder_layer(x: Tensor, params: dict[str, Tensor], num_heads: int, mask: Tensor | None = None) -> Tensor:
    """One post-norm Transformer encoder layer, without dropout; layer normalisation as PyTorch's, its ε is 10⁻⁵.

    Vaswani et al. (2017), section 3.1 and equation 2.

    Args:
        x: shape (B, L, D).
        params: W_q, W_k, W_v, W_o (D, D); W_1 (D, F), b_1 (F,), W_2 (F, D), b_2 (D,), applied as x @ W + b;
            ln1_weight, ln1_bias (after attention), ln2_weight, ln2_bias (after the feed-forward network), each (D,).
        num_heads: number of heads.
        mask: boolean, (L, L) or (B, L, L); True = may attend.

    Returns:
        Shape (B, L, D).
    """
    ### BEGIN SOLUTION
    shape = x.shape[-1:]
    attended = multi_head_attention(x, x, params["W_q"], params["W_k"], params["W_v"], params["W_o"], num_heads, mask)
    y = F.layer_norm(x + attended, shape, params["ln1_weight"], params["ln1_bias"])
    hidden = torch.relu(y @ params["W_1"] + params["b_1"])
    return F.layer_norm(y + hidden @ params["W_2"] + params["b_2"], shape, params["ln2_weight"], params["ln2_bias"])
    ### END SOLUTION


# %% [markdown] hint id="encoder_layer"
# In which order do sub-layer, addition and normalisation stand in the formula, and what goes into the second sub-layer?
# ---
# Add a sub-layer's input to its output, then normalise the sum: `F.layer_norm(…, x.shape[-1:], weight, bias)`. It has
# the right ε by itself; by hand, mind 1e-5 and a variance divided by D, not D − 1.
# ---
# In the first half queries, keys and values all come from `x`, and the mask goes along to `multi_head_attention`. Call
# what leaves `ln1` `y`; from here on `x` isn't needed any more.
# ---
# In the second half `hidden` is `torch.relu(y @ params["W_1"] + …)`; after `W_2` and `b_2` comes the residual, `y` and
# not `x`, and last `ln2`.
# %% [markdown] hint id="encoder_layer" lang="fa"
# در فرمول، زیرلایه و جمع و نرمال‌سازی به چه ترتیبی می‌آیند و چه چیزی وارد زیرلایهٔ دوم می‌شود؟
# ---
# ورودی هر زیرلایه را به خروجی‌اش بیفزایید و سپس حاصل‌جمع را نرمال کنید: `F.layer_norm(…, x.shape[-1:], weight, bias)`.
# مقدار `ε` در آن خودبه‌خود درست است؛ اگر دستی می‌نویسید، حواستان به `1e-5` و به واریانسی باشد که بر `D` تقسیم می‌شود،
# نه بر `D - 1`.
# ---
# در نیمهٔ نخست، پرس‌وجوها و کلیدها و مقدارها همه از `x` می‌آیند و نقاب هم همراهشان به `multi_head_attention` می‌رود.
# آنچه از `ln1` بیرون می‌آید `y` بنامید؛ از این‌جا به بعد دیگر با `x` کاری نیست.
# ---
# در نیمهٔ دوم `hidden` برابر `torch.relu(y @ params["W_1"] + …)` است؛ پس از `W_2` و `b_2` اتصال باقی‌مانده می‌آید، یعنی
# `y` و نه `x`، و سرانجام `ln2`.


# %%
# The pencil's numbers: -1.414, 0, 1.414 and 0.
print(
    encoder_layer(
        torch.tensor([[[1.0, 3.0, 1.0, 3.0]]]),
        {name_on_paper: torch.zeros(4, 4) for name_on_paper in ("W_q", "W_k", "W_v", "W_o", "W_1", "W_2")}
        | {"b_1": torch.zeros(4), "b_2": torch.tensor([0.0, 0.0, 4.0, 0.0])}
        | {"ln1_weight": torch.ones(4), "ln1_bias": torch.zeros(4)}
        | {"ln2_weight": torch.ones(4), "ln2_bias": torch.zeros(4)},
        num_heads=2,
    )
)

# %% check id="encoder_layer_check" points=5
draw = seeded("encoder_layer")
params = draw_layer_params(draw, d_model=12, d_ff=20)
check("encoder layer", encoder_layer(draw.normal(2, 5, 12), params, num_heads=3))
check("encoder layer, a single word", encoder_layer(draw.normal(3, 1, 12), params, num_heads=4))
mask = draw.mask(4, 6, 6, p=0.6)
for example, allowed in enumerate(draw.permutation(6)[:4].tolist()):
    mask[example, :, allowed - 1], mask[example, :, allowed] = False, True
draw.unchanged(mask)
check("encoder layer with a mask", encoder_layer(draw.normal(4, 6, 12), params, num_heads=2, mask=mask))
narrow = draw_layer_params(draw, d_model=8, d_ff=5)
one_mask = encoder_layer(draw.normal(3, 6, 8), narrow, num_heads=2, mask=mask[1])
faint = {name: value if "W_" in name or "ln2" in name else 0.004 * value for name, value in params.items()}
x = draw.unchanged(0.004 * draw.normal(2, 7, 12))
small = encoder_layer(x, draw.unchanged(faint), num_heads=3)
check("encoder layer with one mask, and of numbers so small that ε counts", [one_mask, small])


# %% [markdown]
# **Look at it: is this really the Transformer's layer?** We take PyTorch's own `nn.TransformerEncoderLayer`, with
# random weights and normalisations, copy its weights into *your* `params`, and send the same six tokens through both,
# some of them hidden by a mask. On the left one token's activations from both; on the right all of them against each
# other. When your layer is right the points lie on the diagonal, to about six digits. The same copying is how one
# loads trained weights into code of one's own. Two traps are worth remembering: PyTorch's linear layers hold the
# *transpose* of our `W`, and the modules' boolean masks mean the opposite of ours (`True` = must *not* attend).
#
# %% [markdown] lang="fa"
# **ببینید: آیا این واقعاً لایهٔ ترنسفورمر است؟** لایهٔ خود PyTorch، `nn.TransformerEncoderLayer`، را با وزن‌ها و
# نرمال‌سازی‌های تصادفی می‌گیریم، وزن‌هایش را در `params` شما کپی می‌کنیم و همان شش توکن را، که برخی با نقاب
# پنهان‌اند، از هر دو می‌گذرانیم. سمت چپ فعال‌سازی‌های یک توکن از هر دو لایه و سمت راست همهٔ آن‌ها در برابر هم. اگر
# لایهٔ شما درست باشد نقطه‌ها تا حدود شش رقم روی قطر می‌افتند. بار کردن وزن‌های آموزش‌دیده در کد خودتان نیز همین
# کپی‌کردن است. دو دام را به یاد بسپارید: لایه‌های خطی PyTorch **ترانهادهٔ** `W` ما را نگه می‌دارند، و نقاب بولی
# ماژول‌ها معنایی وارونهٔ نقاب ما دارد (`True` یعنی **نباید** توجه کند).


# %%
def params_of(layer: nn.TransformerEncoderLayer) -> dict[str, Tensor]:
    """The weights of PyTorch's layer under our names (its attention biases are zero and left out)."""
    W_q, W_k, W_v = layer.self_attn.in_proj_weight.T.chunk(3, dim=1)
    return {
        "W_q": W_q, "W_k": W_k, "W_v": W_v, "W_o": layer.self_attn.out_proj.weight.T,
        "W_1": layer.linear1.weight.T, "b_1": layer.linear1.bias,
        "W_2": layer.linear2.weight.T, "b_2": layer.linear2.bias,
        "ln1_weight": layer.norm1.weight, "ln1_bias": layer.norm1.bias,
        "ln2_weight": layer.norm2.weight, "ln2_bias": layer.norm2.bias,
    }  # fmt: skip


draw = seeded("torch_layer")
x, may_attend = draw.normal(1, 6, 32), draw.mask(6, 6, p=0.7)
may_attend.fill_diagonal_(True)
with torch.no_grad():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=False).to(x.device).eval()
    for norm in (layer.norm1, layer.norm2):
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.normal_()
    theirs = layer(x, src_mask=~may_attend)
    yours = encoder_layer(x, params_of(layer), num_heads=4, mask=may_attend)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", width_ratios=(2, 1))
left.plot(theirs[0, 2].cpu(), color=GREY, linewidth=6, alpha=0.5, label="nn.TransformerEncoderLayer")
left.plot(yours[0, 2].cpu(), color=BLUE, linewidth=1.2, marker=".", label="your encoder_layer")
left.set(title="Activations of the third token", xlabel="channel", ylabel="activation")
left.legend()
right.scatter(theirs.cpu().flatten(), yours.cpu().flatten(), s=8, color=BLUE)
right.axline((0, 0), slope=1, color=GREY, linewidth=1)
worst = (theirs - yours).abs().max().item()
right.set(title=f"Worst difference {worst:.0e}", xlabel="PyTorch", ylabel="yours")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# The thin line runs inside the thick grey one, and all points lie on the diagonal; the worst difference is of the order
# of 1e-6 or less. That is float32's rounding: two programs that add the same numbers in another order differ by as
# much.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# خط نازک درون خط خاکستری پهن می‌رود و همهٔ نقطه‌ها روی قطرند؛ بزرگ‌ترین اختلاف از مرتبهٔ `1e-6` یا کمتر است. این همان
# گردکردن `float32` است: دو برنامه که عددهای یکسانی را به ترتیبی دیگر جمع می‌زنند همین‌قدر فرق می‌کنند.
#
# </details>

# %% [markdown]
# ### 4.2 A decoder layer
#
# ●●● · 40 min · 5 points
#
# *Idea.* A decoder layer has one sub-layer more. First *causal* self-attention: position t sees positions 0 … t of
# the decoder, itself included, and nothing later. Then *cross-attention*: queries from the decoder, keys and values
# from the encoder's output, the *memory*. Then the feed-forward network. Each is wrapped as before (post-norm), with
# $\operatorname{LN}_1$, $\operatorname{LN}_2$ and $\operatorname{LN}_3$ in this order.
#
# %% [markdown] lang="fa"
# ### ۴٫۲ یک لایهٔ کدگشا
#
# ●●● · ۴۰ دقیقه · ۵ نمره
#
# **ایده.** لایهٔ کدگشا یک زیرلایه بیشتر دارد. نخست توجه به خودِ «علّی» (causal): جایگاه $t$ جایگاه‌های ۰ تا $t$ کدگشا
# را می‌بیند، خودش را هم، و هیچ جایگاه بعدی را نمی‌بیند. سپس «توجه متقاطع» (cross-attention): پرس‌وجوها از کدگشا،
# کلیدها و مقدارها از خروجی کدگذار که «حافظه» (memory) نام دارد. و سرانجام شبکهٔ پیش‌خور. هر کدام مانند پیش پیچیده شده
# است (post-norm)، به‌ترتیب با $\operatorname{LN}_1$، $\operatorname{LN}_2$ و $\operatorname{LN}_3$.


# %% [markdown]
# ![Encoder and decoder side by side: keys and values come from the memory, and the future is hidden](figures/decoder.svg)
#
# %% [markdown] lang="fa"
# ![کدگذار و کدگشا کنار هم: کلیدها و مقدارها از حافظه می‌آیند و آینده پوشیده است](figures/decoder.svg)


# %% solution id="decoder_layer"
def decoder_layer(
    y: Tensor, memory: Tensor, params: dict[str, Tensor], num_heads: int, memory_mask: Tensor | None = None
) -> Tensor:
    """One post-norm Transformer decoder layer, without dropout; the causal mask is made inside.

    Vaswani et al. (2017), section 3.1. Layer normalisation is that of `encoder_layer`.

    Args:
        y: decoder input, shape (B, L, D).
        memory: encoder output, shape (B, S, D).
        params: W_q, W_k, W_v, W_o (D, D) of the self-attention; C_q, C_k, C_v, C_o (D, D) of the cross-attention;
            W_1 (D, F), b_1 (F,), W_2 (F, D), b_2 (D,); ln1_*, ln2_*, ln3_* as in `encoder_layer`.
        num_heads: number of heads.
        memory_mask: boolean, (L, S) or (B, L, S); which memory positions may be attended to.

    Returns:
        Shape (B, L, D).
    """
    ### BEGIN SOLUTION
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    attended = multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y + attended, shape, p["ln1_weight"], p["ln1_bias"])
    attended = multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = F.layer_norm(y + attended, shape, p["ln2_weight"], p["ln2_bias"])
    hidden = torch.relu(y @ p["W_1"] + p["b_1"])
    return F.layer_norm(y + hidden @ p["W_2"] + p["b_2"], shape, p["ln3_weight"], p["ln3_bias"])
    ### END SOLUTION


# %% [markdown] hint id="decoder_layer"
# There are three sub-layers. Where do queries, keys and values of each come from, and what must not be seen?
# ---
# Causal means that position t sees 0 … t, itself included: a boolean `(L, L)` matrix of which one triangle remains.
# Rows are queries and columns are keys, so which triangle is it, and with or without the diagonal?
# ---
# `torch.ones(…, dtype=torch.bool)` on the device of `y`, then `.tril()`. In the cross-attention the queries are what
# left `ln1`, keys and values are `memory`, the weights are `C_q` to `C_o`, and `memory_mask` goes along.
# ---
# You can keep one name all the way: `y = F.layer_norm(y + attended, …)` with `ln1`, once more with `ln2`, and the
# feed-forward network of `encoder_layer` with `ln3`.
# %% [markdown] hint id="decoder_layer" lang="fa"
# سه زیرلایه داریم. پرس‌وجوها، کلیدها و مقدارهای هر کدام از کجا می‌آیند و چه چیزی نباید دیده شود؟
# ---
# علّی یعنی جایگاه `t` جایگاه‌های ۰ تا `t` را می‌بیند، خودش را هم: ماتریسی بولی به شکل `(L, L)` که یک مثلثش می‌ماند.
# سطرها پرس‌وجو و ستون‌ها کلیدند؛ پس کدام مثلث است و با قطر یا بدون آن؟
# ---
# `torch.ones(…, dtype=torch.bool)` روی همان دستگاهی که `y` هست و سپس `.tril()`. در توجه متقاطع پرس‌وجوها همان‌اند که از
# `ln1` بیرون آمده، کلیدها و مقدارها `memory` هستند، وزن‌ها `C_q` تا `C_o`، و `memory_mask` هم همراه می‌رود.
# ---
# می‌توانید تا پایان یک نام را نگه دارید: `y = F.layer_norm(y + attended, …)` با `ln1`، یک بار دیگر با `ln2`، و سپس
# شبکهٔ پیش‌خورِ `encoder_layer` با `ln3`.


# %% check id="decoder_layer_check" points=5
draw = seeded("decoder_layer")
params = draw_layer_params(draw, d_model=12, d_ff=20, decoder=True)
y, memory, mask = draw.normal(2, 5, 12), draw.normal(2, 7, 12), draw.mask(2, 5, 7, p=0.6)
mask[0, :, 5], mask[0, :, 6], mask[1, :, 3], mask[1, :, 4] = False, True, False, True
draw.unchanged(mask)
check("decoder layer", decoder_layer(y, memory, params, num_heads=3))
check("decoder layer with hidden memory", decoder_layer(y, memory, params, num_heads=4, memory_mask=mask))
check("decoder layer with one mask", decoder_layer(y, memory, params, num_heads=2, memory_mask=mask[1]))
first, short = draw.normal(3, 1, 12), draw.normal(3, 4, 12)
check("decoder layer, the first word", decoder_layer(first, short, params, num_heads=3))
faint = {name: value if name[:2] in ("W_", "C_") or "ln3" in name else 0.004 * value for name, value in params.items()}
y, memory = draw.unchanged(0.004 * draw.normal(2, 6, 12)), draw.unchanged(0.004 * draw.normal(2, 5, 12))
check("decoder layer of numbers so small that ε counts", decoder_layer(y, memory, draw.unchanged(faint), num_heads=3))


# %% [markdown]
# ### 4.3 Count its parameters
#
# ●○○ · 25 min · 3 points
#
# The paper's Table 3 gives the size of each model: 65 million for the base model, 213 for the big one. Count them, with
# these conventions: one embedding matrix of `vocab` × d_model, shared by both inputs and the output (no output bias);
# each attention has h heads with d_k × d_model for queries and keys and d_v × d_model for values and output, without
# biases; each feed-forward network has two linear maps *with* biases; each layer normalisation 2·d_model (two in an
# encoder layer, three in a decoder layer), and none after the last layer. N encoder and N decoder layers.
#
# %% [markdown] lang="fa"
# ### ۴٫۳ پارامترهایش را بشمارید
#
# ●○○ · ۲۵ دقیقه · ۳ نمره
#
# جدول ۳ مقاله اندازهٔ هر مدل را می‌دهد: ۶۵ میلیون برای مدل پایه و ۲۱۳ میلیون برای مدل بزرگ. آن‌ها را با این قراردادها
# بشمارید: یک ماتریس تعبیهٔ $\text{vocab} \times d_\text{model}$ که میان دو ورودی و خروجی مشترک است (خروجی بایاس
# ندارد)؛ هر توجه $h$ سر دارد با $d_k \times d_\text{model}$ برای پرس‌وجو و برای کلید و $d_v \times d_\text{model}$
# برای مقدار و برای خروجی، بدون بایاس؛ هر شبکهٔ پیش‌خور دو نگاشت خطی **با** بایاس دارد؛ هر نرمال‌سازی لایه‌ای
# $2 d_\text{model}$ (دو تا در لایهٔ کدگذار و سه تا در لایهٔ کدگشا) و پس از آخرین لایه هیچ. $N$ لایهٔ کدگذار و $N$
# لایهٔ کدگشا.


# %% [markdown]
# **With a pencil.** A toy: N = 1, $d_\text{model} = 4$, $d_{ff} = 8$, h = 2 heads with $d_k = d_v = 2$, and ten words
# in the vocabulary. An attention has $2\,(2\cdot 4\cdot 2 + 2\cdot 4\cdot 2) = 64$ numbers, a feed-forward network
# $2\cdot 4\cdot 8 + 8 + 4 = 76$, a normalisation $2\cdot 4 = 8$. Encoder layer: $64 + 76 + 2\cdot 8 = 156$. Decoder
# layer: $2\cdot 64 + 76 + 3\cdot 8 = 228$. Embeddings: $10\cdot 4 = 40$. Together $424$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** یک مدل اسباب‌بازی: $N = 1$، $d_\text{model} = 4$، $d_{ff} = 8$، دو سر با $d_k = d_v = 2$ و واژگانی
# ده‌تایی. هر توجه $2\,(2\cdot 4\cdot 2 + 2\cdot 4\cdot 2) = 64$ عدد دارد، شبکهٔ پیش‌خور $2\cdot 4\cdot 8 + 8 + 4 = 76$
# و هر نرمال‌سازی $2\cdot 4 = 8$. لایهٔ کدگذار: $64 + 76 + 2\cdot 8 = 156$. لایهٔ کدگشا:
# $2\cdot 64 + 76 + 3\cdot 8 = 228$. تعبیه‌ها: $10\cdot 4 = 40$. روی هم $424$.


# %% solution id="transformer_parameter_count"
def transformer_parameter_count(N: int, d_model: int, d_ff: int, h: int, d_k: int, d_v: int, vocab: int = 37000) -> int:
    """Number of parameters of the encoder-decoder Transformer.

    Vaswani et al. (2017), Table 3.

    Args:
        N: encoder layers, and as many decoder layers.
        d_model, d_ff: width of the model and of the feed-forward networks.
        h, d_k, d_v: heads of an attention, size of a head's queries and keys, size of its values.
        vocab: size of the shared vocabulary.

    Returns:
        The count, an int.
    """
    ### BEGIN SOLUTION
    attention = h * (2 * d_model * d_k + 2 * d_model * d_v)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    layer_norm = 2 * d_model
    encoder = attention + feed_forward + 2 * layer_norm
    decoder = 2 * attention + feed_forward + 3 * layer_norm
    return vocab * d_model + N * (encoder + decoder)
    ### END SOLUTION


# %% [markdown] hint id="transformer_parameter_count"
# The model is built of three kinds of bricks: attentions, feed-forward networks, normalisations. How many of each are
# in an encoder layer, and how many in a decoder layer?
# ---
# Write the shapes of an attention's four matrices: queries and keys have `h * d_k` columns, values have `h * d_v`, and
# the output matrix leads from `h * d_v` back to `d_model`. Nobody promises that `h * d_k` equals `d_model`.
# ---
# A feed-forward network has two matrices and two biases, of sizes `d_ff` and `d_model`. A decoder layer has a second
# attention and a third normalisation.
# ---
# Together: `N * (encoder + decoder)`, and one embedding matrix for all three uses. Try it with the base model of the
# table, which has 63,045,632.
# %% [markdown] hint id="transformer_parameter_count" lang="fa"
# مدل از سه گونه آجر ساخته شده است: توجه، شبکهٔ پیش‌خور، نرمال‌سازی. در یک لایهٔ کدگذار از هر کدام چند تا هست و در یک
# لایهٔ کدگشا چند تا؟
# ---
# شکل چهار ماتریس توجه را بنویسید: پرس‌وجو و کلید `h * d_k` ستون دارند، مقدار `h * d_v` ستون دارد و ماتریس خروجی از
# `h * d_v` به `d_model` برمی‌گردد. هیچ‌کس قول نداده که `h * d_k` با `d_model` برابر باشد.
# ---
# شبکهٔ پیش‌خور دو ماتریس و دو بایاس دارد، بایاس‌ها به اندازهٔ `d_ff` و `d_model`. لایهٔ کدگشا یک توجه دوم و یک
# نرمال‌سازی سوم هم دارد.
# ---
# روی هم: `N * (encoder + decoder)` و یک ماتریس تعبیه برای هر سه کاربرد. با مدل پایهٔ جدول بیازمایید که ۶۳٬۰۴۵٬۶۳۲
# پارامتر دارد.


# %%
# The pencil's number: 424.
print(transformer_parameter_count(N=1, d_model=4, d_ff=8, h=2, d_k=2, d_v=2, vocab=10))

# %% check id="transformer_parameter_count_check" points=3
draw = seeded("transformer_parameter_count")
counts = []
for _ in range(8):
    N, d_model, d_ff, h = draw.integers(2, 7), draw.integers(8, 20), draw.integers(20, 40), draw.integers(2, 5)
    d_k, d_v, vocab = draw.integers(2, 5), draw.integers(5, 9), draw.integers(40, 80)
    counts.append(transformer_parameter_count(N, d_model, d_ff, h, d_k, d_v, vocab))
counts.append(transformer_parameter_count(1, d_model, d_ff, 1, d_k, d_v))
check("parameter counts of nine Transformers", counts)


# %% [markdown]
# **Look at it.** Your counts beside the table's. They agree to a few per cent, not exactly: the paper gives its
# English-German vocabulary only as "about 37000" and rounds to millions, and no single vocabulary size makes every
# row fit (try: which one gives 65 million for the base model, and what would the big model then have?). With the
# conventions above the base model must give 63,045,632 and the big one 214,171,648. Which change of the architecture
# is the most expensive?
#
# %% [markdown] lang="fa"
# **ببینید.** شمارش شما در کنار جدول مقاله. تا چند درصد با هم می‌خوانند، نه دقیقاً: مقاله واژگان انگلیسی-آلمانی را
# تنها «حدود ۳۷۰۰۰» گفته و به میلیون گرد کرده است، و هیچ اندازهٔ واژگانی همهٔ سطرها را با هم درست نمی‌کند (بیازمایید:
# کدام اندازه مدل پایه را ۶۵ میلیون می‌کند و آن‌گاه مدل بزرگ چند پارامتر خواهد داشت؟). با قراردادهای بالا مدل پایه
# باید ۶۳٬۰۴۵٬۶۳۲ و مدل بزرگ ۲۱۴٬۱۷۱٬۶۴۸ بدهد. کدام تغییر در معماری از همه گران‌تر است؟

# %%
table = [  # name, N, d_model, d_ff, h, d_k, d_v, millions in the paper's Table 3
    ("base", 6, 512, 2048, 8, 64, 64, 65),
    ("(A) 1 head", 6, 512, 2048, 1, 512, 512, 65),
    ("(B) d_k 16", 6, 512, 2048, 8, 16, 64, 58),
    ("(B) d_k 32", 6, 512, 2048, 8, 32, 64, 60),
    ("(C) N 2", 2, 512, 2048, 8, 64, 64, 36),
    ("(C) N 4", 4, 512, 2048, 8, 64, 64, 50),
    ("(C) N 8", 8, 512, 2048, 8, 64, 64, 80),
    ("(C) d_model 256", 6, 256, 2048, 8, 32, 32, 28),
    ("(C) d_model 1024", 6, 1024, 2048, 8, 128, 128, 168),
    ("(C) d_ff 1024", 6, 512, 1024, 8, 64, 64, 53),
    ("(C) d_ff 4096", 6, 512, 4096, 8, 64, 64, 90),
    ("big", 6, 1024, 4096, 16, 64, 64, 213),
]
counted = [transformer_parameter_count(*row[1:7]) / 1e6 for row in table]
figure, axis = plt.subplots(figsize=(9, 4), layout="constrained")
places = torch.arange(len(table))
axis.barh(places - 0.2, counted, height=0.4, color=BLUE, label="your count")
axis.barh(places + 0.2, [row[7] for row in table], height=0.4, color=ORANGE, label="the paper's Table 3")
for place, (count, row) in enumerate(zip(counted, table, strict=True)):
    axis.text(max(count, row[7]) + 2, place, f"{count:.1f} against {row[7]}", va="center", fontsize=8)
axis.set_yticks(places, [row[0] for row in table])
axis.set(title="Parameters of the paper's models", xlabel="millions of parameters", ylabel="model", xlim=(0, 260))
axis.invert_yaxis()
axis.legend()
plt.show()
print(f"base {transformer_parameter_count(*table[0][1:7]):,}   big {transformer_parameter_count(*table[-1][1:7]):,}")

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Doubling the width is by far the most expensive single change, 163.8 million against 63.0: nearly all matrices have
# the width on both sides, or the width and a multiple of it, so the count grows with its square. More layers, or wider
# feed-forward networks, grow it in proportion. The number of heads isn't seen at all, as long as h · d_k stays the
# same.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# دو برابر کردن پهنا با اختلاف گران‌ترین تغییر است، ۱۶۳٫۸ میلیون در برابر ۶۳٫۰ میلیون: تقریباً همهٔ ماتریس‌ها پهنا را در
# هر دو سو دارند، یا پهنا و مضربی از آن را، پس شمار پارامترها با مربع پهنا رشد می‌کند. لایه‌های بیشتر یا شبکهٔ پیش‌خور
# پهن‌تر آن را به نسبت زیاد می‌کنند. شمار سرها تا وقتی $h \cdot d_k$ همان بماند هیچ اثری ندارد.
#
# </details>

# %% [markdown]
# ### Essay 8 · The paper's recipe
#
# ●○○ · 25 min · 3 points
#
# Describe the Transformer of the paper: (a) what the encoder and the decoder are made of; (b) the optimiser and its
# learning rate; (c) its three regularisers, and what exactly each of them acts on.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۸ · دستور پخت مقاله
#
# ●○○ · ۲۵ دقیقه · ۳ نمره
#
# ترنسفورمر مقاله را شرح دهید: (الف) کدگذار و کدگشا از چه ساخته شده‌اند؛ (ب) بهینه‌ساز (optimiser) و نرخ یادگیری آن؛
# (پ) سه منظم‌سازش (regulariser) و این‌که هر یک دقیقاً روی چه چیزی عمل می‌کند.

# %% [markdown] essay id="paper_recipe" points=3
# ### BEGIN SOLUTION
# (a) Embeddings scaled by $\sqrt{d_{model}}$ plus positional encodings. *Encoder*: N = 6 equal layers of multi-head
# self-attention and a position-wise feed-forward network (512 → 2048 → 512, ReLU), each followed by a residual
# addition and LayerNorm. *Decoder*: N = 6 layers with causally masked self-attention, attention over the encoder's
# output, and the feed-forward network, wrapped alike. A linear map that shares its weights with the embeddings and a
# softmax give the next token; the target enters shifted right by one.
#
# (b) Adam with β₁ = 0.9, β₂ = 0.98, ε = 1e-9 and the rate $d_{model}^{-1/2}\min(t^{-1/2},
# t\cdot\text{warmup}^{-3/2})$ with 4000 warm-up steps: early, Adam's estimate of the second moment is poor and
# post-norm layers near the output have large gradients, so steps start small; later they shrink as $1/\sqrt t$.
#
# (c) The paper announces three types. *Residual dropout* (P = 0.1 in the base model) drops activations: of each
# sub-layer's output before it is added and normalised. *Dropout of the embeddings*: the same rate on the sums of
# embeddings and positional encodings of both stacks (also activations, not weights). *Label smoothing* with
# ε = 0.1 acts on the targets: perplexity gets worse, accuracy and BLEU better.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: both stacks with their sub-layers, residual and LayerNorm.
# - 1 point: Adam with warm-up and inverse square root decay.
# - 1 point: dropout on sub-layer outputs and on embedding sums, and label smoothing on targets; 0.5 if one is missing.
#
# "Dropout drops weights (or neurons for ever)" loses 0.5: it drops activations, anew in each step.
# ### END MARK SCHEME

# %% [markdown]
# ### 4.4 What a layer costs
#
# ●○○ · 25 min · 3 points
#
# The paper's Table 1 compares four ways to connect n tokens of d channels. *Operations* per layer, *sequential* steps
# that must wait for one another, and the *path length* between the two most distant tokens:
#
# | layer | operations | sequential | path length |
# |---|---|---|---|
# | self-attention | $O(n^2 d)$ | $O(1)$ | $O(1)$ |
# | recurrent | $O(n d^2)$ | $O(n)$ | $O(n)$ |
# | convolution, width k (dilated) | $O(k n d^2)$ | $O(1)$ | $O(\log_k n)$ |
# | self-attention, restricted to r neighbours | $O(r n d)$ | $O(1)$ | $O(n / r)$ |
#
# Take each O(…) as an exact number without constants.
#
# %% [markdown] lang="fa"
# ### ۴٫۴ بهای یک لایه
#
# ●○○ · ۲۵ دقیقه · ۳ نمره
#
# جدول ۱ مقاله چهار راه برای پیوند دادن $n$ توکن با $d$ کانال را می‌سنجد. «عملیات» هر لایه، گام‌های «ترتیبی» که باید
# منتظر هم بمانند، و «طول مسیر» میان دورترین دو توکن:
#
# | لایه | عملیات | ترتیبی | طول مسیر |
# |---|---|---|---|
# | توجه به خود | $O(n^2 d)$ | $O(1)$ | $O(1)$ |
# | بازگشتی | $O(n d^2)$ | $O(n)$ | $O(n)$ |
# | پیچشی با پهنای $k$ (گسترده (dilated)) | $O(k n d^2)$ | $O(1)$ | $O(\log_k n)$ |
# | توجه به خود، محدود به $r$ همسایه | $O(r n d)$ | $O(1)$ | $O(n / r)$ |
#
# هر $O(\cdot)$ را عددی دقیق و بی‌ضریب بگیرید.


# %% [markdown]
# **With a pencil.** Take n = 8 tokens of d = 4 channels, k = 2 and r = 2. Self-attention: $8\cdot 8\cdot 4 = 256$
# operations, path 1. Recurrent: $8\cdot 4\cdot 4 = 128$, path 8. Convolution: $2\cdot 8\cdot 4\cdot 4 = 256$, path
# $\log_2 8 = 3$. Restricted: $2\cdot 8\cdot 4 = 64$, path $8/2 = 4$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** بگیرید $n = 8$ توکن با $d = 4$ کانال، $k = 2$ و $r = 2$. توجه به خود: $8\cdot 8\cdot 4 = 256$ عمل،
# مسیر ۱. بازگشتی: $8\cdot 4\cdot 4 = 128$، مسیر ۸. پیچشی: $2\cdot 8\cdot 4\cdot 4 = 256$، مسیر $\log_2 8 = 3$. محدود:
# $2\cdot 8\cdot 4 = 64$، مسیر $8/2 = 4$.


# %% solution id="layer_cost"
def layer_cost(kind: str, n: int, d: int, k: int | None = None, r: int | None = None) -> dict[str, float]:
    """Cost of one layer, the entries of Table 1 taken as exact numbers.

    Vaswani et al. (2017), Table 1.

    Args:
        kind: "self", "recurrent", "conv" or "restricted".
        n: number of tokens.
        d: number of channels.
        k: width of the convolution, for "conv".
        r: number of neighbours, for "restricted".

    Returns:
        A dict with the numbers "operations", "sequential" and "path_length".
    """
    ### BEGIN SOLUTION
    costs = {
        "self": lambda: (n * n * d, 1, 1),
        "recurrent": lambda: (n * d * d, n, n),
        "conv": lambda: (k * n * d * d, 1, math.log(n) / math.log(k)),
        "restricted": lambda: (r * n * d, 1, n / r),
    }
    return dict(zip(("operations", "sequential", "path_length"), costs[kind](), strict=True))
    ### END SOLUTION


# %% given id="cost_table"
def cost_table(costs: list[dict[str, float]]) -> Tensor:
    """The dicts of `layer_cost` as rows: operations, sequential, path length."""
    columns = ("operations", "sequential", "path_length")
    return torch.tensor([[float(cost[column]) for column in columns] for cost in costs], dtype=torch.float64)


# %% [markdown] hint id="layer_cost"
# Which row of the table needs `k` and which needs `r`, and what are these two in all other rows?
# ---
# `k` and `r` are `None` where they aren't needed, so compute only the row that is asked for. The entries are exact
# numbers and nothing is rounded: `n / r`, not `n // r`.
# ---
# The logarithm to base k is `math.log(n) / math.log(k)`. In code four branches, each with a dict like that of
# "recurrent": `{"operations": n * d**2, "sequential": n, "path_length": n}`.
# %% [markdown] hint id="layer_cost" lang="fa"
# کدام سطر جدول `k` را می‌خواهد و کدام `r` را، و این دو در سطرهای دیگر چه مقداری دارند؟
# ---
# `k` و `r` هر جا لازم نباشند `None` هستند، پس تنها همان سطری را حساب کنید که خواسته شده است. درایه‌ها عددهای دقیق‌اند و
# چیزی گرد نمی‌شود: `n / r` و نه `n // r`.
# ---
# لگاریتم در پایهٔ `k` برابر `math.log(n) / math.log(k)` است. در کد چهار شاخه، هر کدام با یک dict مانند آنِ
# `"recurrent"`: `{"operations": n * d**2, "sequential": n, "path_length": n}`.


# %%
# The pencil's numbers: 256, 128, 256 and 64 operations; paths of 1, 8, 3 and 4.
for kind_on_paper in ("self", "recurrent", "conv", "restricted"):
    print(kind_on_paper, layer_cost(kind_on_paper, n=8, d=4, k=2, r=2))

# %% check id="layer_cost_check" points=3
draw = seeded("layer_cost")
primes = (23, 29, 31, 37, 41, 43, 47, 53, 59)  # n is no power of k and no multiple of r
sizes = [(draw.choice(primes), draw.integers(61, 99), draw.integers(3, 8), draw.integers(8, 15)) for _ in range(3)]
sizes.append((draw.choice((101, 103, 107)), draw.integers(61, 99), draw.integers(3, 8), draw.integers(8, 15)))
full = [layer_cost("self", n, d) for n, d, _, _ in sizes]
restricted = [layer_cost("restricted", n, d, r=r) for n, d, _, r in sizes]
check("cost of self-attention, full and restricted", cost_table(full + restricted))
recurrent = [layer_cost("recurrent", n, d) for n, d, _, _ in sizes]
conv = [layer_cost("conv", n, d, k=k) for n, d, k, _ in sizes]
check("cost of recurrence and convolution", cost_table(recurrent + conv))


# %% [markdown]
# **Look at it.** Operations and path length against the number of tokens, at 512 channels. Where does self-attention
# stop being the cheapest of the layers whose path length doesn't grow like n? (k = 3, r = 32. The vertical line marks
# n = d, where the recurrent layer becomes the cheaper one; your answer lies elsewhere.)
#
# %% [markdown] lang="fa"
# **ببینید.** عملیات و طول مسیر برحسب شمار توکن‌ها با ۵۱۲ کانال. توجه به خود از کجا دیگر ارزان‌ترین نیست، در میان
# لایه‌هایی که طول مسیرشان مانند $n$ رشد نمی‌کند؟ ($k = 3$ و $r = 32$. خط عمودی $n = d$ را نشان می‌دهد که لایهٔ
# بازگشتی از آن‌جا به بعد ارزان‌تر است؛ پاسخ شما جای دیگری است.)

# %%
lengths = [2**power for power in range(5, 15)]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for kind, colour, style in (
    ("self", BLUE, "o-"), ("recurrent", ORANGE, "s--"), ("conv", GREEN, "^-."), ("restricted", GREY, "d:")
):  # fmt: skip
    costs = [layer_cost(kind, n, 512, k=3, r=32) for n in lengths]
    left.plot(lengths, [cost["operations"] for cost in costs], style, color=colour, label=kind, markersize=4)
    right.plot(lengths, [cost["path_length"] for cost in costs], style, color=colour, label=kind, markersize=4)
left.axvline(512, color=GREY, linewidth=0.8)
left.text(560, 2e6, "n = d", color=GREY)
left.set(title="Operations of a layer", xlabel="tokens n", ylabel="operations", xscale="log", yscale="log")
right.set(title="Path between distant tokens", xlabel="tokens n", ylabel="path length", xscale="log", yscale="log")
left.legend()
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Of the two layers whose path doesn't grow like n, self-attention is the cheaper until $n^2 d = k n d^2$, that is until
# n = kd = 1536: the crossing of the solid line with the dash-dotted one, not the vertical line. The restricted layer is
# cheaper still, and pays with its path, which grows like n as well, only r times as slowly. On the right,
# self-attention is the flat line at 1.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# از دو لایه‌ای که مسیرشان مانند $n$ رشد نمی‌کند، توجه به خود تا جایی ارزان‌تر است که $n^2 d = k n d^2$ شود، یعنی تا
# $n = kd = 1536$: محل برخورد خط پیوسته با خط‌نقطه، نه خط عمودی. لایهٔ محدود از این هم ارزان‌تر است و بهایش را با مسیر
# می‌پردازد که آن هم مانند $n$ رشد می‌کند، تنها $r$ بار کندتر. سمت راست، توجه به خود همان خط تخت روی ۱ است.
#
# </details>

# %% [markdown]
# ### Essay 9 · Self-attention, recurrence, convolution
#
# ●●○ · 20 min · 2 points
#
# Compare self-attention with recurrence and with convolution: cost, parallelism, path length, inductive bias. When
# would you still prefer a recurrent or a convolutional layer?
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۹ · توجه به خود، بازگشت، پیچش
#
# ●●○ · ۲۰ دقیقه · ۲ نمره
#
# توجه به خود را با لایهٔ بازگشتی و لایهٔ پیچشی (convolution) مقایسه کنید: هزینه، موازی‌سازی، طول مسیر، سوگیری استقرایی
# (inductive bias). کِی همچنان لایهٔ بازگشتی یا پیچشی را ترجیح می‌دهید؟

# %% [markdown] essay id="compare_layers" points=2
# ### BEGIN SOLUTION
# Self-attention connects any two tokens in one step (path length 1), so gradients between distant words do not pass
# through a chain of n products, and all positions are computed in parallel; it costs n²d operations and n² weights,
# and is cheaper than recurrence exactly when n < d, than convolution when n < kd. Recurrence costs nd², keeps a state
# of fixed size and so handles streams and very long inputs with constant memory a step, but must wait for each step,
# and its paths are n long. Convolution is parallel too, costs knd², and needs about n/k layers (log_k n when dilated)
# until distant tokens meet.
#
# Biases: recurrence assumes order and recency, convolution locality and translation equivariance; self-attention
# assumes neither (it doesn't even know the order without positions), so it needs more data. Prefer recurrence for
# streaming or very long n with small memory, convolution for local structure with few data (signals, images),
# restricted or linear attention when n ≫ d.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 0.5 points: cost with the crossing at n = d.
# - 0.5 points: parallelism and path length of all three.
# - 0.5 points: inductive biases.
# - 0.5 points: a sensible case in favour of recurrence or convolution.
# ### END MARK SCHEME

# %% [markdown]
# ### 4.5 True or false
#
# ●○○ · 10 min · 1 point
#
# Return four booleans, in this order:
#
# 1. The vanilla Transformer has LSTM layers.
# 2. A Transformer stacks encoder and decoder blocks.
# 3. Multi-head attention is one attention plus parallel dense layers.
# 4. For translation, positional encoding is vital.
#
# Here the check looks at the form only: whether you are right is said at grading.
#
# %% [markdown] lang="fa"
# ### ۴٫۵ درست یا نادرست
#
# ●○○ · ۱۰ دقیقه · ۱ نمره
#
# چهار مقدار بولی به همین ترتیب برگردانید:
#
# **۱.** ترنسفورمر اصلی لایه‌های LSTM دارد.
#
# **۲.** ترنسفورمر بلوک‌های کدگذار و کدگشا را روی هم می‌چیند.
#
# **۳.** توجه چندسر یک توجه است به‌علاوهٔ چند لایهٔ چگال (dense) موازی.
#
# **۴.** برای ترجمه، کدگذاری جایگاه (positional encoding) حیاتی است.
#
# بررسی این‌جا تنها شکل پاسخ را نگاه می‌کند؛ درستی آن هنگام نمره‌دهی گفته می‌شود.


# %% solution id="true_or_false"
def true_or_false() -> list[bool]:
    """Your verdicts on the four statements above, in their order.

    Returns:
        Four bools.
    """
    ### BEGIN SOLUTION
    return [False, True, False, True]
    ### END SOLUTION


# %% check id="true_or_false_check" points=1
check("true or false", true_or_false(), public=False)

# %% [markdown]
# ### Essay 10 · Why true, why false
#
# ●●○ · 20 min · 4 points
#
# Give your reason for each of the four verdicts, in one or two sentences each: a point for each reason.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۱۰ · چرا درست، چرا نادرست
#
# ●●○ · ۲۰ دقیقه · ۴ نمره
#
# برای هر یک از چهار داوری خود دلیلی در یکی دو جمله بیاورید: هر دلیل یک نمره دارد.

# %% [markdown] essay id="why_true_or_false" points=4
# ### BEGIN SOLUTION
# 1. False. It has no recurrence at all: attention and position-wise feed-forward layers, which is why all positions are
# computed in parallel.
# 2. True. Six encoder layers and six decoder layers are stacked, the decoder layers attending to the encoder's output.
# 3. False. Every head has its own projections of q, k and v *and its own softmax*: h attentions run side by side, and
# their outputs are concatenated and projected once.
# 4. True. Self-attention is permutation-equivariant: without positions the encoder can't tell "dog bites man" from
#    "man bites dog". (A causal mask leaks some order into a decoder, so some decoders manage without; the encoder
#    does not. And where a set of tokens says nearly everything, as pictures of clothes do in homework 8, one gets far
#    without positions.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: no recurrence: attention and position-wise networks only, all positions at once.
# - 1 point: both stacks, and how the decoder reaches the encoder (cross-attention).
# - 1 point: each head has its own projections *and its own softmax*; 0.5 if the softmax isn't mentioned.
# - 1 point: equivariance, and what it does to a translation; 0.5 for "because order matters" without a reason.
#
# A right verdict without a reason earns nothing here.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** A layer is attention between tokens and a small network on each, both wrapped in a residual
# connection and a normalisation. A decoder layer adds a causal mask and a look at the encoder: queries from below, keys
# and values from the memory. The price of joining all tokens in one step is $n^2$; it is worth paying while n is
# smaller than the width.
#
# **Open tasks** (no points).
#
# - Write the lower row of the picture in 4.1, pre-norm. You did well if it equals `nn.TransformerEncoderLayer` with
#   `norm_first=True` to six digits. Then stack twelve untrained layers of either kind and compare the gradients that
#   reach the first.
# - PyTorch's `nn.Transformer(512, 8, 6, 6, 2048)` has 44,140,544 parameters, and no embeddings. You did well if you can
#   account for every number that it has more than your count without the embeddings (there are 38,912).
# - A causal mask shows less of the sentence to early tokens. Prove by experiment that your `decoder_layer` keeps the
#   future hidden: change the last token and see which outputs move. You did well if exactly one does.
#
# **Read on.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762), sections 3.1, 4 and 6.2; [Ba, Kiros and Hinton
# (2016)](https://arxiv.org/abs/1607.06450), section 3, layer normalisation; [Xiong et al.
# (2020)](https://arxiv.org/abs/2002.04745) on pre-norm, post-norm and the warm-up; [The Annotated
# Transformer](https://nlp.seas.harvard.edu/annotated-transformer/), the paper with its code; [Haviv et al.
# (2022)](https://arxiv.org/abs/2203.16634), decoders without positions.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** هر لایه توجه میان توکن‌هاست به‌علاوهٔ شبکه‌ای کوچک روی هر توکن، که دور هر دو یک اتصال باقی‌مانده و
# یک نرمال‌سازی پیچیده است. لایهٔ کدگشا نقاب علّی و نگاهی به کدگذار را می‌افزاید: پرس‌وجوها از پایین، کلیدها و مقدارها
# از حافظه. بهای پیوستن همهٔ توکن‌ها در یک گام $n^2$ است و تا وقتی $n$ از پهنا کوچک‌تر باشد می‌ارزد.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - ردیف پایینِ تصویر ۴٫۱ یعنی pre-norm را بنویسید. خوب کار کرده‌اید اگر تا شش رقم با `nn.TransformerEncoderLayer` و
#   `norm_first=True` یکی باشد. سپس دوازده لایهٔ آموزش‌ندیده از هر گونه روی هم بچینید و گرادیان‌هایی را که به لایهٔ نخست
#   می‌رسند بسنجید.
# - مدل `nn.Transformer(512, 8, 6, 6, 2048)` در PyTorch تعداد ۴۴٬۱۴۰٬۵۴۴ پارامتر دارد و هیچ تعبیه‌ای ندارد. خوب کار
#   کرده‌اید اگر همهٔ آنچه را از شمارش شما بدون تعبیه‌ها بیشتر دارد توضیح دهید (۳۸٬۹۱۲ تاست).
# - با آزمایش ثابت کنید `decoder_layer` شما آینده را پنهان نگه می‌دارد: توکن آخر را عوض کنید و ببینید کدام خروجی‌ها تکان
#   می‌خورند. خوب کار کرده‌اید اگر درست یکی باشد.
#
# **بیشتر بخوانید.** [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762)، بخش‌های ۳٫۱ و ۴ و ۶٫۲؛ [Ba, Kiros and
# Hinton (2016)](https://arxiv.org/abs/1607.06450)، بخش ۳، نرمال‌سازی لایه‌ای؛ [Xiong et al.
# (2020)](https://arxiv.org/abs/2002.04745) دربارهٔ pre-norm و post-norm و گرم‌شدن؛ [The Annotated
# Transformer](https://nlp.seas.harvard.edu/annotated-transformer/)، مقاله همراه با کدش؛ [Haviv et al.
# (2022)](https://arxiv.org/abs/2203.16634)، کدگشاهایی بدون جایگاه.

# %% [markdown]
# ## Part 5 · Practice: a translator made of your functions
#
# Somewhere there are two peoples with sixteen letters each. The first writes words like `fbaad` from left to right.
# The second uses Greek letters and writes **from right to left**, so a translation comes out reversed; and each Latin
# letter has its own Greek one, in a dictionary that the seed shuffles. Nobody tells the network the dictionary or the
# direction: it sees 2048 pairs of words of five to nine letters and has to find out.
#
# The network is a whole Transformer: embedding plus your `positional_encoding`, your `encoder_layer`, your
# `decoder_layer`. The given cell below builds it; read it, every line calls something you wrote. Three special tokens
# help: `PAD` fills up short words and is masked, `BOS` begins a word, `EOS` ends it.
#
# %% [markdown] lang="fa"
# ## بخش ۵ · تمرین عملی: مترجمی از توابع شما
#
# جایی دو قوم زندگی می‌کنند که هر کدام شانزده حرف دارند. نخستی واژه‌هایی مانند `fbaad` را از چپ به راست می‌نویسد. دومی
# با حروف یونانی و **از راست به چپ** می‌نویسد (چه آشنا!)، پس ترجمه وارونه بیرون می‌آید؛ و هر حرف لاتین یک حرف یونانی
# از آنِ خود دارد، در واژه‌نامه‌ای که بذر آن را بُر می‌زند. هیچ‌کس واژه‌نامه یا جهت نوشتن را به شبکه نمی‌گوید: شبکه
# ۲۰۴۸ جفت واژهٔ پنج تا نُه حرفی می‌بیند و باید خودش بفهمد.
#
# شبکه یک ترنسفورمر کامل است: تعبیه به‌علاوهٔ `positional_encoding` شما، `encoder_layer` شما و `decoder_layer` شما.
# سلول آمادهٔ زیر آن را می‌سازد؛ بخوانیدش، هر سطرش چیزی را فرامی‌خواند که شما نوشته‌اید. سه توکن ویژه کمک می‌کنند:
# `PAD` جای خالی واژه‌های کوتاه را پر می‌کند و پوشانده می‌شود، `BOS` آغاز واژه است و `EOS` پایان آن.

# %% given id="translator"
LATIN, GREEK = "abcdefghijklmnop", "αβγδεζηθικλμνξοπ"
LETTERS, PAD, BOS, EOS = 16, 16, 17, 18
SHORTEST, LONGEST = 5, 9


def word_pairs(draw, count: int, dictionary: Tensor) -> tuple[Tensor, Tensor]:
    """Words and their translations, both (count, LONGEST + 1).

    source: PAD … PAD BOS w_1 … w_n (right-aligned); target: the translation of w_n … w_1, EOS, PAD … PAD.
    """
    words = draw.integers(0, LETTERS, count, LONGEST)
    lengths = draw.integers(SHORTEST, LONGEST + 1, count)[:, None]
    place = torch.arange(LONGEST + 1, device=words.device)
    source = torch.cat([torch.full_like(lengths, PAD), words], dim=1)
    source = source.masked_fill(place < LONGEST - lengths, PAD).masked_fill(place == LONGEST - lengths, BOS)
    target = torch.cat([dictionary[words.flip(1)], torch.full_like(lengths, PAD)], dim=1)
    return source, target.masked_fill(place == lengths, EOS).masked_fill(place > lengths, PAD)


class Translator(nn.Module):
    """A Transformer with one encoder and one decoder layer; its weights depend on nothing but its arguments."""

    def __init__(self, d_model: int = 32, d_ff: int = 64, num_heads: int = 2, use_positions: bool = True):
        super().__init__()
        self.d_model, self.num_heads, self.use_positions = d_model, num_heads, use_positions
        generator = torch.Generator().manual_seed(0)

        def layer(attentions: str, norms: int) -> nn.ParameterDict:
            shapes = {f"{attention}_{name}": (d_model, d_model) for attention in attentions for name in "qkvo"}
            shapes |= {"W_1": (d_model, d_ff), "W_2": (d_ff, d_model)}
            params = {name: torch.randn(shape, generator=generator) / shape[0] ** 0.5 for name, shape in shapes.items()}
            params |= {"b_1": torch.zeros(d_ff), "b_2": torch.zeros(d_model)}
            params |= {f"ln{i}_weight": torch.ones(d_model) for i in range(1, norms + 1)}
            return nn.ParameterDict(params | {f"ln{i}_bias": torch.zeros(d_model) for i in range(1, norms + 1)})

        self.embedding = nn.Parameter(torch.randn(LETTERS + 3, d_model, generator=generator) / d_model**0.5)
        self.encoder, self.decoder = layer("W", norms=2), layer("WC", norms=3)

    def forward(self, source: Tensor, decoder_input: Tensor) -> Tensor:
        """Logits (B, L, LETTERS + 3) of the token that follows each position of decoder_input (B, L)."""
        return next_token_logits(self, source, decoder_input)


def next_token_logits(model: Translator, source: Tensor, decoder_input: Tensor) -> Tensor:
    """Logits (B, L, LETTERS + 3), made of the model's weights by your functions."""

    def embed(ids: Tensor) -> Tensor:
        x = model.embedding[ids] * model.d_model**0.5
        return x + positional_encoding(ids.shape[1], model.d_model).to(x) if model.use_positions else x

    letters = (source != PAD)[:, None]
    mask = letters.expand(-1, source.shape[1], -1)
    memory = encoder_layer(embed(source), model.encoder, model.num_heads, mask)
    mask = letters.expand(-1, decoder_input.shape[1], -1)
    y = decoder_layer(embed(decoder_input), memory, model.decoder, model.num_heads, mask)
    return y @ model.embedding.T


@torch.no_grad()
def translate(model: Translator, source: Tensor) -> Tensor:
    """Greedy translation, (B, LONGEST + 1): begin with BOS, append the likeliest token, go on from there."""
    written = torch.full_like(source[:, :1], BOS)
    for _ in range(LONGEST + 1):
        written = torch.cat([written, next_token_logits(model, source, written)[:, -1:].argmax(dim=-1)], dim=1)
    return written[:, 1:]


def spell(ids: Tensor, alphabet: str) -> str:
    """The letters of a row of ids, without special tokens (those after EOS are dropped)."""
    ids = ids.tolist()
    ids = ids[: ids.index(EOS)] if EOS in ids else ids
    return "".join(alphabet[i] for i in ids if i < LETTERS)


# %%
draw = seeded("words_to_look_at")
for word, translation in zip(*word_pairs(draw, 4, draw.permutation(LETTERS)), strict=True):
    print(f"{spell(word, LATIN):>10} -> {spell(translation, GREEK):<10} {word.tolist()} -> {translation.tolist()}")

# %% [markdown]
# ### 5.1 Train it
#
# ●●● · 90 min · 8 points
#
# Write the training loop. What it must contain:
#
# - *teacher forcing*: while it trains, the decoder is given the right translation written so far. What must it be
#   given at position t, so that it has to *predict* `target[:, t]` and can't read it off? (What does `translate`
#   begin with?)
# - your `label_smoothing_loss` with ε = 0.1, over the target tokens that are not `PAD`;
# - Adam with the paper's β = (0.9, 0.98), and your `noam_rate` set anew before each step. With width 32, 100 warm-up
#   steps and *half* the paper's rate, 500 steps of 64 pairs are enough (about 5 seconds on a laptop).
#
# Begin with `torch.manual_seed(0)`, so that a second run gives the same model. The check trains a new model, lets its
# *weights* (in the given network, whatever else has become of the model) translate 400 words that it has never seen,
# and compares every token up to `EOS`; 95 % right earns everything, 50 % nothing, between them points grow in
# proportion. The losses are for the picture below.
#
# %% [markdown] lang="fa"
# ### ۵٫۱ آموزشش دهید
#
# ●●● · ۹۰ دقیقه · ۸ نمره
#
# حلقهٔ آموزش را بنویسید. این‌ها باید در آن باشد:
#
# - «آموزش با پاسخ درست» (teacher forcing): هنگام آموزش، ترجمهٔ درستِ تا این‌جا نوشته‌شده را به کدگشا می‌دهیم. در
#   جایگاه $t$ چه باید به آن داد تا ناچار باشد `target[:, t]` را **پیش‌بینی** کند و نتواند از رویش بخواند؟
#   (`translate` با چه آغاز می‌کند؟)
# - تابع `label_smoothing_loss` شما با $\varepsilon = 0.1$، روی توکن‌هایی از هدف که `PAD` نیستند؛
# - بهینه‌ساز Adam با $\beta = (0.9, 0.98)$ مقاله، و `noam_rate` شما که پیش از هر گام از نو تنظیم می‌شود. با پهنای ۳۲،
#   ۱۰۰ گام گرم‌شدن (warm-up) و **نصف** نرخ مقاله، ۵۰۰ گام با دسته‌های ۶۴ جفتی بس است (حدود ۵ ثانیه روی لپ‌تاپ).
#
# با `torch.manual_seed(0)` آغاز کنید تا اجرای دوم همان مدل را بدهد. بررسی، مدلی تازه آموزش می‌دهد، ۴۰۰ واژهٔ نادیده را
# به **وزن‌هایش** می‌سپارد (در همان شبکهٔ آماده، هر چه بر سر بقیهٔ مدل آمده باشد) و همهٔ توکن‌ها را تا `EOS` می‌سنجد؛
# ۹۵٪ درست همهٔ نمره را دارد، ۵۰٪ هیچ، و میان این دو نمره به نسبت بالا می‌رود. زیان‌ها برای شکل پایین‌اند.


# %% [markdown]
# ![Teacher forcing: the decoder input is the target moved one place to the right, with BOS in front](figures/shifted.svg)
#
# **One row.** The word `fba` in a language with f → ζ, b → α, a → θ is written θαζ, and its `target` is
# `θ α ζ EOS PAD`. The decoder is given `BOS θ α ζ EOS`: under each token stands the one that comes before it. At t = 0
# it has only `BOS` and must write θ; at t = 3 it has the whole word and must write `EOS`. What happens at `PAD` isn't
# counted.
#
# %% [markdown] lang="fa"
# ![آموزش با پاسخ درست: ورودی کدگشا همان هدف است که یکی به راست لغزیده و BOS در آغازش آمده](figures/shifted.svg)
#
# **یک سطر.** واژهٔ `fba` در زبانی که `f` را `ζ`، `b` را `α` و `a` را `θ` می‌نویسد، «θαζ» نوشته می‌شود و هدفش
# `θ α ζ EOS PAD` است. به کدگشا `BOS θ α ζ EOS` داده می‌شود: زیر هر توکن همان ایستاده که پیش از آن آمده است. در $t = 0$
# تنها `BOS` را دارد و باید `θ` بنویسد؛ در $t = 3$ همهٔ واژه را دارد و باید `EOS` بنویسد. آنچه در `PAD` می‌گذرد به حساب
# نمی‌آید.


# %% solution id="train_translator"
def train_translator(model: Translator, source: Tensor, target: Tensor) -> list[float]:
    """Train the model in place with teacher forcing.

    Args:
        model: an untrained Translator.
        source: words, shape (count, LONGEST + 1), as `word_pairs` returns them.
        target: their translations, shape (count, LONGEST + 1).

    Returns:
        The loss of each step, for the picture; not graded.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9)
    decoder_input = torch.cat([torch.full_like(target[:, :1], BOS), target[:, :-1]], dim=1)
    losses = []
    for step in range(1, 501):
        for group in optimiser.param_groups:
            group["lr"] = 0.5 * noam_rate(step, model.d_model, warmup=100)
        batch = torch.randint(len(source), (64,)).to(source.device)
        logits, right = model(source[batch], decoder_input[batch]), target[batch]
        loss = label_smoothing_loss(logits[right != PAD], right[right != PAD], eps=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% [markdown] hint id="train_translator"
# At position t the model has to predict `target[:, t]`. What would it learn if the decoder were given that very token
# at t? And what does `translate` give it first?
# ---
# The decoder's input is `target` moved to the right by one: a column of `BOS` in front, the last column left out.
# `torch.full_like(target[:, :1], BOS)` is such a column, and `torch.cat` along `dim=1` joins.
# ---
# In each step, counted from 1, set the rate in all `optimiser.param_groups` to half of `noam_rate`, and draw 64 new
# rows with `torch.randint`. With `right = target[batch]`, the loss takes `logits[right != PAD]` and the right tokens at
# the same places.
# ---
# Then `zero_grad`, `backward`, `step`, in this order, and `loss.item()` into the list. If the loss doesn't fall: does
# the optimiser take its step at all, and is the rate set before that?
# %% [markdown] hint id="train_translator" lang="fa"
# مدل در جایگاه `t` باید `target[:, t]` را پیش‌بینی کند. اگر کدگشا در `t` همان توکن را بگیرد، چه یاد می‌گیرد؟ و
# `translate` نخست چه به آن می‌دهد؟
# ---
# ورودی کدگشا همان `target` است که یکی به راست لغزیده: ستونی از `BOS` در آغاز، و ستون آخر کنار گذاشته شده.
# `torch.full_like(target[:, :1], BOS)` چنین ستونی است و `torch.cat` در راستای `dim=1` می‌چسباند.
# ---
# در هر گام، با شمارش از ۱، نرخ را در همهٔ `optimiser.param_groups` نصف `noam_rate` بگذارید و با `torch.randint` تعداد
# ۶۴ سطر تازه بردارید. با `right = target[batch]`، زیان `logits[right != PAD]` و توکن‌های درستِ همان جاها را می‌گیرد.
# ---
# سپس `zero_grad`، `backward`، `step` به همین ترتیب، و `loss.item()` به فهرست افزوده می‌شود. اگر زیان پایین نمی‌آید: آیا
# بهینه‌ساز اصلاً گام برمی‌دارد و نرخ پیش از آن تنظیم شده است؟


# %% check id="train_translator_check" points=8
def lessons_and_unseen_words(draw) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Words to learn from and to translate, and the translations of those with the dictionary."""
    dictionary = draw.permutation(LETTERS)
    (source, target), (unseen, answer) = (word_pairs(draw, count, dictionary) for count in (2048, 400))
    # how long each translation is may be told: it is the word's length
    asked = {"source": source, "target": target, "unseen": unseen, "written": answer != PAD}
    return asked, {"answer": answer, "dictionary": dictionary}


asked, kept = exam("train_translator", lessons_and_unseen_words)  # at grading the answers are the judge's
source, target, unseen, written = asked.values()
answer, dictionary = kept.values()
model = Translator().to(source.device)
losses = train_translator(model, source, target)
trained = Translator().to(source.device)
trained.load_state_dict(model.state_dict())  # what was learnt stands in the weights
predicted = translate(trained, unseen)[written]
check_predictions("translations of unseen words", predicted, answer[written], at_least=0.95, floor=0.5)

# %% [markdown]
# **Look at it: loss and attention.** Left, the loss of each step. With smoothed labels it can't go below the dashed
# line, the entropy of the smoothed target: how close does it get? Right, what the decoder looked at while it wrote
# the translation of one unseen word (cross-attention, mean over heads). The letter in a row is the one it *writes*.
# Does the line run the way you expect of a language written from right to left, and where does it look when it stops?
#
# %% [markdown] lang="fa"
# **ببینید: زیان و توجه.** سمت چپ زیان هر گام. با برچسب هموارشده زیان نمی‌تواند از خط‌چین، یعنی آنتروپی هدف هموارشده،
# پایین‌تر برود: چقدر به آن نزدیک می‌شود؟ سمت راست، جایی که کدگشا هنگام نوشتن ترجمهٔ یک واژهٔ نادیده به آن نگاه کرده
# است (توجه متقاطع، میانگین سرها). حرف هر سطر همان است که **می‌نویسد**. آیا خط همان‌طور می‌رود که از زبانی راست‌به‌چپ
# انتظار دارید؟ و هنگام پایان‌دادن به کجا نگاه می‌کند؟


# %%
def cross_attention_maps(model: Translator, source: Tensor) -> tuple[Tensor, Tensor]:
    """The model's translations (B, L) and the attention (B, heads, L, S) with which each token was written.

    We listen to your scaled_dot_product_attention while the model translates: with the identity matrix as its values it
    returns its own weights. The last call of all is the decoder's look at the source while it writes the last token.
    """
    global scaled_dot_product_attention
    attention, heard = scaled_dot_product_attention, []

    def listening(q, k, v, mask=None):
        heard.append(attention(q, k, torch.eye(k.shape[-2], device=k.device).expand(*k.shape[:-1], -1), mask))
        return attention(q, k, v, mask)

    scaled_dot_product_attention = listening
    try:
        ids = translate(model, source)
    finally:
        scaled_dot_product_attention = attention
    loops_over_heads = heard[-1].dim() == 3
    return ids, torch.stack(heard[-model.num_heads :], dim=1) if loops_over_heads else heard[-1]


ids, maps = cross_attention_maps(model, unseen)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot(losses, color=BLUE, linewidth=1, label="loss")
smoothed = torch.full((LETTERS + 3,), 0.1 / (LETTERS + 3))
smoothed[0] += 0.9
left.axhline(-(smoothed * smoothed.log()).sum().item(), color=ORANGE, linestyle="--", label="entropy of the target")
left.set(title="Training", xlabel="step", ylabel="smoothed cross entropy", ylim=(0, None))
left.legend()
example = (answer != PAD).sum(dim=1).argmax().item()
image = heatmap(right, maps[example].mean(dim=0), "Cross-attention of one word", "source", "written", vmin=0, vmax=1)
names = list(LATIN) + ["PAD", "BOS"]
right.set_xticks(range(LONGEST + 1), [names[i] for i in unseen[example].tolist()])
right.set_yticks(range(LONGEST + 1), [(list(GREEK) + ["PAD", "BOS", "EOS"])[i] for i in ids[example].tolist()])
figure.colorbar(image, ax=right, label="attention weight")
plt.show()
for word, translation, truth in list(zip(unseen, ids, answer, strict=True))[:5]:
    print(f"{spell(word, LATIN):>10} -> {spell(translation, GREEK):<10} right: {spell(truth, GREEK)}")

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# The loss lies on the dashed line, 0.587, from about step 200 on: nothing is left to learn. The bright line runs from
# the upper right to the lower left: the first letter written belongs to the last letter read. Writing `EOS`, the
# decoder looks at `BOS`: that is where the word began, and so where its translation ends.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# زیان از حدود گام ۲۰۰ به بعد روی خط‌چین، ۰٫۵۸۷، است: چیزی برای یادگرفتن نمانده است. خط روشن از بالای راست به پایین چپ
# می‌رود: نخستین حرفی که نوشته می‌شود از آنِ آخرین حرفی است که خوانده شده. هنگام نوشتن `EOS` کدگشا به `BOS` نگاه می‌کند:
# واژه آن‌جا آغاز شده بود، پس ترجمه‌اش آن‌جا پایان می‌یابد.
#
# </details>

# %% [markdown]
# **Look at it: the dictionary, and a translator without positions.** Left: whenever the model wrote a Greek letter we
# note the Latin letter it attended to most. Crosses mark the true dictionary: the attention maps have *found* it.
# Right: the same network trained in the same way, but with `use_positions=False`. Which tokens can it still get
# right, and why not the others? (It trains again: some 5 seconds.)
#
# %% [markdown] lang="fa"
# **ببینید: واژه‌نامه، و مترجمی بی‌جایگاه.** سمت چپ: هر بار که مدل حرفی یونانی نوشته، حرف لاتینی را یادداشت کرده‌ایم
# که بیشترین توجه را گرفته است. ضربدرها واژه‌نامهٔ واقعی‌اند: نقشه‌های توجه آن را یافته‌اند. سمت راست: همان شبکه با
# همان آموزش، اما با `use_positions=False`. کدام توکن‌ها را هنوز می‌تواند درست بنویسد و چرا بقیه را نه؟ (دوباره آموزش
# می‌دهد: حدود ۵ ثانیه.)

# %%
noted = torch.zeros(LETTERS, LETTERS)
attended = unseen.gather(1, maps.mean(dim=1).argmax(dim=-1))
for latin, greek in zip(attended.flatten().tolist(), ids.flatten().tolist(), strict=True):
    if latin < LETTERS and greek < LETTERS:
        noted[latin, greek] += 1
without = Translator(use_positions=False).to(source.device)
train_translator(without, source, target)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
share = noted / noted.sum(dim=1, keepdim=True).clamp(min=1)
image = heatmap(left, share, "The dictionary in the attention", "letter written", "letter attended to", vmin=0, vmax=1)
figure.colorbar(image, ax=left, label="share of the row")
left.scatter(dictionary.tolist(), range(LETTERS), marker="x", color=ORANGE, label="true dictionary")
left.set_xticks(range(LETTERS), list(GREEK))
left.set_yticks(range(LETTERS), list(LATIN))
left.legend(loc="upper right", fontsize=7)
for name, predicted, colour, style in (
    ("with positions", ids, BLUE, "o-"), ("without", translate(without, unseen), ORANGE, "s--")
):  # fmt: skip
    per_place = [(predicted == answer)[:, t][written[:, t]].float().mean().item() for t in range(LONGEST + 1)]
    right.plot(range(1, LONGEST + 2), per_place, style, color=colour, label=name)
right.axhline(1 / LETTERS, color=GREY, linestyle=":", label="guessing a letter")
right.set(title="Right tokens by their place", xlabel="place in the translation", ylabel="share right", ylim=(0, 1.05))
right.legend()
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left, all sixteen crosses lie on bright squares: nobody told the network the dictionary, and the attention map spells
# it. Right, without positions the encoder sees a bag of letters: the model knows which letters the word has and not in
# which order, so at first it does little better than picking one of them. Towards the end it knows which are left, and
# when all have been used up it is time for `EOS`: that is why the last place is right so often.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ، هر شانزده ضربدر روی خانه‌های روشن‌اند: هیچ‌کس واژه‌نامه را به شبکه نگفته است و نقشهٔ توجه آن را هجی می‌کند.
# سمت راست، کدگذارِ بی‌جایگاه کیسه‌ای از حرف‌ها می‌بیند: مدل می‌داند واژه کدام حرف‌ها را دارد و نمی‌داند به چه ترتیبی؛
# پس در آغاز کمی بهتر از آن است که یکی را همین‌طوری بردارد. هر چه به پایان نزدیک‌تر شود می‌داند کدام حرف‌ها مانده‌اند و
# وقتی همه نوشته شدند نوبت `EOS` است: برای همین جای آخر این‌قدر درست است.
#
# </details>

# %% [markdown]
# **What to keep.** Teacher forcing gives the decoder the right past, one place late, so that all positions of a word
# learn at once. Cross-attention has found both the dictionary and the direction of writing, and its map can be read.
# Take the positions away and the order is gone, and with it the translation.
#
# **Open tasks** (no points).
#
# - Train once more with ε = 0 and compare the mean probability of the right token on the unseen words. You did well if
#   you find about 0.905 with ε = 0.1, which you can derive ($0.9 + 0.1/19$), and more than 0.99 without.
# - Let the model translate words of 12 letters, which it has never seen: sinusoids are defined there. Look at the share
#   of right tokens place by place and at the maps. You did well if you can say what fails first, the dictionary or the
#   place.
# - Give the decoder the *unshifted* target in training and look at the loss and at the translations. You did well if
#   you can explain why one of the two is excellent and the other is not.
#
# **Read on.** [Stanford's CS224N](https://web.stanford.edu/class/cs224n/), the lectures on attention and Transformers;
# [Dive into Deep Learning](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html), the chapter on
# attention; [Kazemnejad et al. (2023)](https://arxiv.org/abs/2305.19466) on lengths never seen.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** آموزش با پاسخ درست، گذشتهٔ درست را یک خانه دیرتر به کدگشا می‌دهد تا همهٔ جایگاه‌های واژه یک‌جا
# بیاموزند. توجه متقاطع هم واژه‌نامه را یافته و هم سوی نوشتن را، و نقشه‌اش خواندنی است. جایگاه‌ها را که بردارید ترتیب
# می‌رود و ترجمه هم با آن.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - یک بار دیگر با $\varepsilon = 0$ آموزش دهید و میانگین احتمال توکن درست را روی واژه‌های نادیده بسنجید. خوب کار
#   کرده‌اید اگر با $\varepsilon = 0.1$ به حدود ۰٫۹۰۵ برسید، که می‌توانید به دستش آورید ($0.9 + 0.1/19$)، و بدون آن به
#   بیش از ۰٫۹۹.
# - بگذارید مدل واژه‌هایی دوازده‌حرفی را ترجمه کند که هرگز ندیده است: موج‌های سینوسی آن‌جا هم تعریف شده‌اند. سهم
#   توکن‌های درست را جا به جا و نقشه‌ها را ببینید. خوب کار کرده‌اید اگر بتوانید بگویید نخست کدام از دست می‌رود،
#   واژه‌نامه یا جایگاه.
# - در آموزش، هدف را **بدون لغزاندن** به کدگشا بدهید و به زیان و ترجمه‌ها نگاه کنید. خوب کار کرده‌اید اگر بتوانید توضیح
#   دهید چرا یکی از این دو عالی است و دیگری نه.
#
# **بیشتر بخوانید.** [Stanford's CS224N](https://web.stanford.edu/class/cs224n/)، درس‌های توجه و ترنسفورمر؛ [Dive into
# Deep Learning](https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html)، فصل توجه؛ [Kazemnejad et al.
# (2023)](https://arxiv.org/abs/2305.19466) دربارهٔ طول‌های هرگزندیده.

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

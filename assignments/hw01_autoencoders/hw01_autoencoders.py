# %% [markdown]
# # Homework 1 · Autoencoders: what survives a bottleneck
#
# Tell a friend a picture in eight numbers. Whatever you say, most of the picture is lost; the art lies in choosing
# *which eight numbers*. An autoencoder learns that choice: an encoder that says the numbers, a decoder that draws from
# them, and one demand, that the drawing resemble the original. This homework asks the question three times. First with
# matrices only, where the answer can be written down to the last digit (and one small term in the loss turns out to
# decide far more than its size suggests). Then for sentences, where two word vectors are squeezed into one, over and
# over. Last for real images, where a network of your own must beat the best linear answer.
#
# **After this homework you can**
#
# - write the loss of a linear autoencoder and differentiate it by matrices with a pencil;
# - say exactly which weights are optimal: principal components, up to any invertible matrix; and with weight decay,
#   shrunken principal components, up to a rotation;
# - show by experiment that $\lambda\to 0^+$ and $\lambda = 0$ are not the same thing;
# - build a recursive autoencoder, count its parameters, and fold a sentence of any length into one vector;
# - train undercomplete and denoising autoencoders, and judge them: against PCA of the same size, by their latent map,
#   and by what they do with images of a kind they have never seen.
#
# **Time.** About 12 hours, essays included: 5 for part 1, 3½ for part 2, 3½ for part 3. Under each heading stand its
# difficulty, its minutes and its points. All training together takes about a minute on a laptop.
#
# **Builds on.** Linear algebra (eigenvectors, the singular value decomposition) and PyTorch's tensors; no other
# homework. The word vectors of part 2 are homework 4's subject, its fold is a recurrent network in disguise, which
# homework 6 takes apart, and homework 8 pretrains a network by hiding parts of its pictures, which is part 3's idea
# grown up.
#
# ![The tasks as a graph: three rows, linear autoencoder, recursive autoencoder, images](figures/map.svg)
#
# **How checks work.** You write code between a function's docstring and the end of its cell. The check cell below it
# draws inputs from a seed and compares what your function returns with our reference. Here the seed is public and you
# see the verdict at once; at grading the same cell runs with another seed, so only a function that really computes the
# answer passes. When your numbers equal those of a well-known mistake, the check tells you which. Where right answers
# differ from one another (the sign of an eigenvector, the basis of a subspace), the check compares only what doesn't.
#
# **Conventions.** In part 1 a data set is a matrix $X$ of shape (m, n) whose *columns* are the n examples, and it is
# **never centred**: we do not subtract the mean. In part 3, as is usual for networks, examples are rows. Eigenvalues
# are always in descending order.
#
# **Data.** Part 2 looks at GloVe vectors and part 3 at Fashion-MNIST. If they are missing, the first cell that wants
# them says which command fetches them.
#
# **Arguments stay as they are.** No function changes what it is given, unless its docstring says so; the checks look.
#
# **Handing in.** One zip, `DL_Hw1_<firstName>_<lastName>_<StudentId>.zip`, with this notebook in it. Restart the kernel
# and run it from top to bottom first.
#
# %% [markdown] lang="fa"
# # تمرین ۱ · خودکدگذارها: چه چیزی از تنگنا می‌گذرد
#
# می‌خواهید تصویری را با هشت عدد برای دوستتان تعریف کنید. هر چه بگویید بیشترِ تصویر از دست می‌رود؛ هنر در این است که
# **کدام هشت عدد** را بگویید. خودکدگذار (autoencoder) همین انتخاب را یاد می‌گیرد: یک کدگذار (encoder) که عددها را
# می‌گوید، یک کدگشا (decoder) که از روی آن‌ها نقاشی می‌کند و تنها یک خواسته: نقاشی به اصل بماند. این تمرین همین پرسش را
# سه بار می‌پرسد. بار نخست فقط با ماتریس‌ها، جایی که پاسخ را می‌توان تا رقم آخر نوشت (و می‌بینیم جمله‌ای کوچک در تابع
# زیان بسیار بیش از اندازه‌اش تعیین‌کننده است). بار دوم برای جمله‌ها، که در آن دو بردار واژه در یکی فشرده می‌شوند، و
# دوباره، و دوباره. بار آخر برای تصویرهای واقعی، که شبکهٔ شما باید بهترین پاسخ خطی را شکست دهد.
#
# **پس از این تمرین می‌توانید**
#
# - زیان خودکدگذار خطی را بنویسید و با مداد و کاغذ و به زبان ماتریس از آن مشتق بگیرید؛
# - دقیق بگویید کدام وزن‌ها بهینه‌اند: مؤلفه‌های اصلی (principal components) با آزادیِ هر ماتریس وارون‌پذیر؛ و با کاهش
#   وزن (weight decay)، مؤلفه‌های اصلیِ کوچک‌شده با آزادیِ یک دوران؛
# - با آزمایش نشان دهید که $\lambda\to 0^+$ و $\lambda = 0$ یکی نیستند؛
# - یک خودکدگذار تودرتو (recursive) بسازید، پارامترهایش را بشمارید و جمله‌ای با هر طول را در یک بردار تا کنید؛
# - خودکدگذار کم‌ظرفیت (undercomplete) و نوفه‌زدا (denoising) آموزش دهید و داوری‌شان کنید: در برابر PCA هم‌اندازه، از
#   روی نقشهٔ نهان (latent) و از رفتارشان با تصویرهایی که مانندشان را هرگز ندیده‌اند.
#
# **زمان.** حدود ۱۲ ساعت، همراه با پرسش‌های تشریحی: ۵ ساعت برای بخش ۱، ۳٫۵ ساعت برای بخش ۲ و ۳٫۵ ساعت برای بخش ۳. زیر هر
# عنوان دشواری، زمان و نمرهٔ آن آمده است. همهٔ آموزش‌ها روی هم روی لپ‌تاپ حدود یک دقیقه طول می‌کشد.
#
# **پیش‌نیاز.** جبر خطی (بردار ویژه و تجزیهٔ مقدار تکین) و تانسورهای PyTorch؛ تمرین دیگری لازم نیست. بردارهای واژهٔ بخش
# ۲ موضوع تمرین ۴ هستند، تاکردنِ آن در اصل شبکه‌ای بازگشتی (recurrent) است که تمرین ۶ بازش می‌کند، و تمرین ۸ شبکه‌ای را
# با پنهان‌کردن بخش‌هایی از تصویر پیش‌آموزش (pretraining) می‌دهد که همان ایدهٔ بخش ۳ است، بزرگ‌تر شده.
#
# ![نقشهٔ کارها در سه ردیف: خودکدگذار خطی، خودکدگذار تودرتو، تصویرها](figures/map.svg)
#
# **بررسی‌ها چگونه کار می‌کنند.** کد را میان توضیح تابع (docstring) و پایان سلول می‌نویسید. سلول بررسیِ زیر آن، ورودی‌ها
# را از یک بذر (seed) می‌سازد و خروجی تابع شما را با مرجع ما می‌سنجد. بذر این‌جا همگانی است و نتیجه را همان دم می‌بینید؛
# هنگام نمره‌دهی همین سلول با بذری دیگر اجرا می‌شود، پس تنها تابعی پذیرفته می‌شود که پاسخ را واقعاً حساب کند. اگر عددهای
# شما با یکی از خطاهای آشنا یکی باشد، بررسی می‌گوید کدام خطا. جایی که پاسخ‌های درست با هم فرق دارند (علامت بردار ویژه،
# پایهٔ زیرفضا) تنها چیزی سنجیده می‌شود که در همهٔ آن‌ها یکی است.
#
# **قراردادها.** در بخش ۱ دادگان، ماتریس $X$ با شکل `(m, n)` است که **ستون‌هایش** همان $n$ نمونه‌اند و **هرگز مرکزی
# نمی‌شود**: میانگین را کم نمی‌کنیم. در بخش ۳، چنان‌که در شبکه‌ها مرسوم است، نمونه‌ها سطرند. مقدارهای ویژه همیشه از
# بزرگ به کوچک‌اند.
#
# **دادگان.** بخش ۲ بردارهای GloVe را لازم دارد و بخش ۳ مجموعهٔ Fashion-MNIST را. اگر نباشند، نخستین سلولی که
# می‌خواهدشان می‌گوید با کدام دستور باید گرفت.
#
# **ورودی‌ها دست نمی‌خورند.** هیچ تابعی آنچه را می‌گیرد تغییر نمی‌دهد، مگر آن‌که docstring آن چنین بگوید؛ بررسی‌ها به این هم
# نگاه می‌کنند.
#
# **تحویل.** یک فایل zip با نام `DL_Hw1_<firstName>_<lastName>_<StudentId>.zip` که همین دفترچه در آن است. پیش از تحویل
# هسته (kernel) را از نو راه‌اندازی و دفترچه را از آغاز تا پایان اجرا کنید.

# %% given id="setup"
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder import check, check_predictions, exam, handin, hint, progress, seeded, stand_in, start
from autograder.datasets import fashion_mnist, glove, lee_news

start("hw01_autoencoders")
torch.set_num_threads(1)  # matrices are small here: more threads wait for one another more than they help
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"  # told apart by every eye


def descending_spectrum(draw, m: int) -> Tensor:
    """m eigenvalues in descending order, the smallest above 0.3 and each at least 0.5 away from the next."""
    gaps = draw.uniform(m, low=0.5, high=1.2)
    return (gaps.cumsum(0) - 0.2).flip(0)


def orthonormal(columns: Tensor) -> Tensor:
    """An orthonormal basis of the columns' span, the same on every machine."""
    return torch.linalg.qr(columns.double().cpu()).Q.float().to(columns.device)


def data_with_spectrum(draw, spectrum: Tensor, n: int) -> Tensor:
    """Data X (m, n) for which the eigenvalues of XXᵀ/n are `spectrum` (m,); its mean is far from zero."""
    m = len(spectrum)
    samples = draw.normal(n, m).clone()
    samples[:, 0] = 1 + 0.3 * samples[:, 0]  # along the first direction all examples lie on one side of the origin
    return orthonormal(draw.normal(m, m)) * (n * spectrum).sqrt() @ orthonormal(samples).T


# %% [markdown]
# ## Part 1 · The linear autoencoder
#
# The encoder is a matrix $W_1$ of shape (k, m) and the decoder a matrix $W_2$ of shape (m, k), with $k < m$: an example
# $x$ becomes the *code* $W_1 x$ of k numbers and is drawn again as $\hat x = W_2 W_1 x$. For the whole data set, with a
# penalty on the size of the weights (weight decay),
#
# $$L(W_1, W_2) = \frac1n\,\lVert X - W_2 W_1 X\rVert_F^2
#   + \lambda\left(\lVert W_1\rVert_F^2 + \lVert W_2\rVert_F^2\right).$$
#
# $\lVert A\rVert_F^2$, the squared Frobenius norm, is the sum of all squared entries. There are no biases and no
# non-linearity: everything below can be solved on paper.
#
# ![Two examples of two numbers squeezed into one number each, drawn again, and what is lost](figures/bottleneck.svg)
#
# ### 1.1 The loss
#
# ●○○ · 25 min · 5 points
#
# *Check yourself:* the reconstruction is *summed* over the m coordinates and *averaged* over the n examples. The
# penalty is neither.
#
# %% [markdown] lang="fa"
# ## بخش ۱ · خودکدگذار خطی
#
# کدگذار ماتریس $W_1$ با شکل `(k, m)` و کدگشا ماتریس $W_2$ با شکل `(m, k)` است و $k < m$: نمونهٔ $x$ به «کد» (code)
# $W_1 x$ با $k$ عدد تبدیل و سپس دوباره به شکل $\hat x = W_2 W_1 x$ کشیده می‌شود. زیان برای همهٔ دادگان، همراه با
# جریمه‌ای برای اندازهٔ وزن‌ها (کاهش وزن)، این است:
#
# $$L(W_1, W_2) = \frac1n\,\lVert X - W_2 W_1 X\rVert_F^2
#   + \lambda\left(\lVert W_1\rVert_F^2 + \lVert W_2\rVert_F^2\right).$$
#
# نماد $\lVert A\rVert_F^2$، مربع نُرم فروبنیوس (Frobenius)، مجموع مربع همهٔ درایه‌هاست. نه بایاسی هست و نه تابعی
# غیرخطی: همه چیز را می‌توان روی کاغذ حل کرد.
#
# ![دو نمونه با دو عدد که هر یک در یک عدد فشرده، دوباره کشیده و با اصلش سنجیده می‌شود](figures/bottleneck.svg)
#
# ### ۱٫۱ تابع زیان
#
# ●○○ · ۲۵ دقیقه · ۵ نمره
#
# **به خودتان یادآوری کنید:** خطای بازسازی روی $m$ مختصه **جمع** و روی $n$ نمونه **میانگین** می‌شود. جریمه نه این است
# و نه آن.


# %% [markdown]
# **With a pencil.** The picture's two examples are the columns $(2, 0)$ and $(0, 1)$, with $W_1 = (1, 1)$ and $W_2$ the
# column $(\tfrac12, 0)$. Codes: $2 + 0 = 2$ and $0 + 1 = 1$. Drawings: $(1, 0)$ and $(\tfrac12, 0)$. Lost: $(1, 0)$ and
# $(-\tfrac12, 1)$, with squares $1$ and $\tfrac14 + 1$, together $2\tfrac14$; over $n = 2$ examples that is $1.125$.
# With $\lambda = 0.1$ the penalty adds $0.1\,(1 + 1 + \tfrac14 + 0) = 0.225$, and the loss is $1.35$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** دو نمونهٔ تصویر ستون‌های $(2, 0)$ و $(0, 1)$ هستند، با $W_1 = (1, 1)$ و $W_2$ که ستون
# $(\tfrac12, 0)$ است. کدها: $2 + 0 = 2$ و $0 + 1 = 1$. نقاشی‌ها: $(1, 0)$ و $(\tfrac12, 0)$. آنچه از دست رفته: $(1, 0)$
# و $(-\tfrac12, 1)$ با مربع‌های $1$ و $\tfrac14 + 1$ که روی هم $2\tfrac14$ می‌شوند؛ تقسیم بر $n = 2$ نمونه می‌شود
# $1.125$. با $\lambda = 0.1$ جریمه $0.1\,(1 + 1 + \tfrac14 + 0) = 0.225$ می‌افزاید و زیان $1.35$ است.


# %% solution id="linear_autoencoder_loss"
def linear_autoencoder_loss(W1: Tensor, W2: Tensor, X: Tensor, lam: float = 0.0) -> Tensor:
    """Reconstruction error of a linear autoencoder, with weight decay.

    Baldi and Hornik (1989), equation 1; with the penalty: Kunin et al. (2019), "Loss landscapes of regularized linear
    autoencoders", equation 1.

    Args:
        W1: encoder, shape (k, m).
        W2: decoder, shape (m, k).
        X: data, an example a column, shape (m, n).
        lam: weight of the penalty.

    Returns:
        (1/n)‖X − W2 W1 X‖² + lam (‖W1‖² + ‖W2‖²), shape ().
    """
    ### BEGIN SOLUTION
    residual = X - W2 @ (W1 @ X)
    return (residual**2).sum() / X.shape[1] + lam * ((W1**2).sum() + (W2**2).sum())
    ### END SOLUTION


# %% [markdown] hint id="linear_autoencoder_loss"
# Which of the two sizes of `X` is the number of examples? And over which sizes does the formula sum, over which does it
# average?
# ---
# A squared Frobenius norm is the sum of all squared entries, with no root. The error is divided by the number of
# columns, `X.shape[1]`, whichever side of `X` is the longer; the penalty isn't divided by anything.
# ---
# With `residual` for `X` less what is drawn of it, of shape `(m, n)`: `(residual**2).sum()` over n, and to it
# `lam * (…)` with the squares of both matrices, each by itself.
# %% [markdown] hint id="linear_autoencoder_loss" lang="fa"
# کدام‌یک از دو اندازهٔ `X` شمار نمونه‌هاست؟ فرمول روی کدام اندازه جمع می‌زند و روی کدام میانگین می‌گیرد؟
# ---
# مربع نُرم فروبنیوس مجموع مربع همهٔ درایه‌هاست، بدون جذر. خطا بر شمار ستون‌ها، `X.shape[1]`، تقسیم می‌شود، هر ضلعی از
# `X` که بلندتر باشد؛ جریمه بر هیچ چیز تقسیم نمی‌شود.
# ---
# `residual` را `X` منهای آنچه از آن کشیده می‌شود بگیرید، با شکل `(m, n)`: `(residual**2).sum()` بر `n` تقسیم می‌شود و
# به آن `lam * (…)` افزوده می‌شود، با مربع‌های هر دو ماتریس، هر کدام جداگانه.


# %%
# The pencil's numbers: 1.125 without a penalty, 1.35 with one.
for lam_on_paper in (0.0, 0.1):
    print(
        linear_autoencoder_loss(
            torch.tensor([[1.0, 1.0]]),
            torch.tensor([[0.5], [0.0]]),
            torch.tensor([[2.0, 0.0], [0.0, 1.0]]),
            lam_on_paper,
        )
    )

# %% check id="linear_autoencoder_loss_check" points=5
draw = seeded("linear_autoencoder_loss")
W1, W2, X = 0.5 * draw.normal(3, 5), 0.5 * draw.normal(5, 3), draw.normal(9, 5).T + 1
check("loss without a penalty", linear_autoencoder_loss(W1, W2, X))
lam = float(draw.uniform(1, low=0.3, high=0.9))
check("loss with a penalty", linear_autoencoder_loss(W1, W2, X, lam))
W1, W2, X = 0.5 * draw.normal(2, 7), 0.5 * draw.normal(7, 2), draw.normal(7, 4) + 1
check("loss of fewer examples than numbers in each", linear_autoencoder_loss(W1, W2, X, lam))

# %% [markdown]
# ### 1.2 Its gradients, by hand
#
# ●●○ · 60 min · 10 points
#
# *Idea.* Write $E = X - W_2 W_1 X$ for what is lost. If $W_2$ moves by a little $dW_2$, then $E$ moves by
# $-dW_2\,W_1 X$, and the loss by $\frac2n\langle E, -dW_2 W_1X\rangle$ (plus the penalty's part), where
# $\langle A, B\rangle = \operatorname{tr}(A^\top B)$. Move everything but $dW_2$ to the other side of the inner
# product, with $\langle A, BC\rangle = \langle AC^\top, B\rangle = \langle B^\top A, C\rangle$, and what stands there
# is the gradient. Do the same for $W_1$.
#
# Work it out on paper before you type; shapes are a good proof-reader: a gradient has the shape of its matrix. Autograd
# is not allowed in this cell. Outside of it you may ask autograd whether you are right.
#
# %% [markdown] lang="fa"
# ### ۱٫۲ گرادیان‌هایش، با دست
#
# ●●○ · ۶۰ دقیقه · ۱۰ نمره
#
# **ایده.** آنچه را از دست می‌رود $E = X - W_2 W_1 X$ بنامید. اگر $W_2$ به اندازهٔ اندک $dW_2$ جابه‌جا شود، $E$ به
# اندازهٔ $-dW_2\,W_1 X$ جابه‌جا می‌شود و زیان به اندازهٔ $\frac2n\langle E, -dW_2 W_1X\rangle$ (به‌علاوهٔ سهم جریمه)؛
# این‌جا $\langle A, B\rangle = \operatorname{tr}(A^\top B)$ است. همه چیز جز $dW_2$ را با
# $\langle A, BC\rangle = \langle AC^\top, B\rangle = \langle B^\top A, C\rangle$ به سوی دیگر ضرب داخلی ببرید؛ آنچه
# آن‌جا می‌ماند گرادیان است. برای $W_1$ نیز همین کار را بکنید.
#
# پیش از نوشتن کد روی کاغذ به فرمول برسید؛ شکل‌ها نمونه‌خوان خوبی‌اند: گرادیان هر ماتریس هم‌شکل خود آن است. در این سلول
# `autograd` مجاز نیست. بیرون از آن می‌توانید از autograd بپرسید که درست گفته‌اید یا نه.


# %% [markdown]
# **With a pencil.** The numbers of 1.1: the error $E$ has the columns $(1, 0)$ and $(-\tfrac12, 1)$, the codes are $2$
# and $1$, and $\tfrac2n = 1$. For the decoder each example adds its error times its code:
# $2\,(1, 0) + 1\,(-\tfrac12, 1) = (1\tfrac12, 1)$, so without a penalty $dW_2 = (-1.5, -1)$. For the encoder the error
# goes back through the decoder first, $\tfrac12\cdot 1 + 0\cdot 0 = \tfrac12$ and
# $\tfrac12\cdot(-\tfrac12) + 0\cdot 1 = -\tfrac14$, and then meets the examples:
# $\tfrac12\,(2, 0) - \tfrac14\,(0, 1) = (1, -\tfrac14)$, so $dW_1 = (-1, 0.25)$. With $\lambda = 0.1$, $0.2$ times each
# matrix is added: $dW_1 = (-0.8, 0.45)$ and $dW_2 = (-1.4, -1)$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** عددهای ۱٫۱: خطای $E$ ستون‌های $(1, 0)$ و $(-\tfrac12, 1)$ را دارد، کدها $2$ و $1$ هستند و
# $\tfrac2n = 1$. در کدگشا هر نمونه خطایش ضربدر کدش را می‌افزاید: $2\,(1, 0) + 1\,(-\tfrac12, 1) = (1\tfrac12, 1)$؛ پس
# بدون جریمه $dW_2 = (-1.5, -1)$. در کدگذار، خطا نخست از کدگشا برمی‌گردد، $\tfrac12\cdot 1 + 0\cdot 0 = \tfrac12$ و
# $\tfrac12\cdot(-\tfrac12) + 0\cdot 1 = -\tfrac14$، و سپس به نمونه‌ها می‌رسد:
# $\tfrac12\,(2, 0) - \tfrac14\,(0, 1) = (1, -\tfrac14)$؛ پس $dW_1 = (-1, 0.25)$. با $\lambda = 0.1$ به هر یک $0.2$
# برابر ماتریس خودش افزوده می‌شود: $dW_1 = (-0.8, 0.45)$ و $dW_2 = (-1.4, -1)$.


# %% solution id="linear_autoencoder_grads" forbid="torch.autograd torch.func functorch .jacrev .backward .requires_grad_ .grad"
def linear_autoencoder_grads(W1: Tensor, W2: Tensor, X: Tensor, lam: float = 0.0) -> tuple[Tensor, Tensor]:
    """Gradients of linear_autoencoder_loss, by hand.

    Baldi and Hornik (1989), appendix; the penalty adds twice lam times the weights.

    Args:
        W1: encoder, shape (k, m).
        W2: decoder, shape (m, k).
        X: data, an example a column, shape (m, n).
        lam: weight of the penalty.

    Returns:
        (dL/dW1, dL/dW2), shapes (k, m) and (m, k).
    """
    ### BEGIN SOLUTION
    code = W1 @ X
    error = X - W2 @ code
    n = X.shape[1]
    dW1 = -2 / n * W2.T @ error @ X.T + 2 * lam * W1
    dW2 = -2 / n * error @ code.T + 2 * lam * W2
    return dW1, dW2
    ### END SOLUTION


# %% [markdown] hint id="linear_autoencoder_grads"
# If `W2` moves by `dW2`, by how much does the error `E = X - W2 @ W1 @ X` move, and with which sign? What does the
# square in the loss do to that when it is differentiated?
# ---
# The loss moves by `2/n` times the inner product of `E` and `-dW2 @ (W1 @ X)`. Bring `W1 @ X` to the other side, where
# it arrives transposed; what stands there is the first part of dL/dW2, and its shape must be `(m, k)`.
# ---
# For `W1` the error moves by `-W2 @ dW1 @ X`: `W2` leaves to the left and `X` to the right, both transposed.
# `W2.T @ W2` isn't the identity here, so nothing cancels.
# ---
# `W2.T @ E @ X.T` and `E @ (W1 @ X).T`, each with the factor `-2 / n`, and each with twice `lam` times its own matrix.
# The encoder's gradient is returned first.
# %% [markdown] hint id="linear_autoencoder_grads" lang="fa"
# اگر `W2` به اندازهٔ `dW2` جابه‌جا شود، خطای `E = X - W2 @ W1 @ X` چقدر و با کدام علامت جابه‌جا می‌شود؟ مربعی که در
# زیان است هنگام مشتق‌گرفتن با آن چه می‌کند؟
# ---
# زیان به اندازهٔ `2/n` برابر ضرب داخلی `E` و `-dW2 @ (W1 @ X)` جابه‌جا می‌شود. `W1 @ X` را به سوی دیگر ببرید؛ ترانهاده
# به آن‌جا می‌رسد و آنچه آن‌جا می‌ایستد بخش نخست گرادیان `W2` است، که شکلش باید `(m, k)` باشد.
# ---
# برای `W1`، خطا به اندازهٔ `-W2 @ dW1 @ X` جابه‌جا می‌شود: `W2` از چپ بیرون می‌رود و `X` از راست، هر دو ترانهاده.
# این‌جا `W2.T @ W2` همانی نیست، پس چیزی ساده نمی‌شود.
# ---
# `W2.T @ E @ X.T` و `E @ (W1 @ X).T`، هر یک با ضریب `-2 / n` و هر یک همراه با دو برابرِ `lam` ضربدر ماتریس خودش. نخست
# گرادیان کدگذار برگردانده می‌شود.


# %%
# The pencil's numbers: (-1, 0.25) and (-1.5, -1); with the penalty (-0.8, 0.45) and (-1.4, -1).
for lam_on_paper in (0.0, 0.1):
    print(
        linear_autoencoder_grads(
            torch.tensor([[1.0, 1.0]]),
            torch.tensor([[0.5], [0.0]]),
            torch.tensor([[2.0, 0.0], [0.0, 1.0]]),
            lam_on_paper,
        )
    )

# %% check id="linear_autoencoder_grads_check" points=5
draw = seeded("linear_autoencoder_grads")
W1, W2, X = draw.unchanged((0.5 * draw.normal(3, 5), 0.5 * draw.normal(5, 3), draw.normal(8, 5).T + 1))
check("gradients without a penalty", linear_autoencoder_grads(W1, W2, X))

# %% check id="linear_autoencoder_grads_check_penalty" points=5
draw = seeded("linear_autoencoder_grads_penalty")
W1, W2, X = 0.5 * draw.normal(2, 6), 0.5 * draw.normal(2, 6).T, draw.normal(6, 9) + 1
lam = float(draw.uniform(1, low=0.3, high=0.9))
draw.unchanged((W1, W2, X))
check("gradients with a penalty", linear_autoencoder_grads(W1, W2, X, lam))
W1, W2, X = 0.5 * draw.normal(1, 8), 0.5 * draw.normal(8, 1), draw.normal(8, 5) + 1
check("gradients for fewer examples than numbers in each, and a code of one", linear_autoencoder_grads(W1, W2, X, lam))

# %% [markdown]
# **Look at it: the smallest autoencoder there is.** With m = k = n = 1 and x = 1 there are two weights, and the loss is
# $(1 - w_2 w_1)^2 + \lambda(w_1^2 + w_2^2)$: a landscape that fits on paper. The contours below are your loss, the
# arrows your negative gradient, and each line is a walk downhill from one of 16 starts.
#
# %% [markdown] lang="fa"
# **ببینید: کوچک‌ترین خودکدگذار ممکن.** با $m = k = n = 1$ و $x = 1$ تنها دو وزن داریم و زیان
# $(1 - w_2 w_1)^2 + \lambda(w_1^2 + w_2^2)$ است: پستی‌وبلندی‌ای که روی کاغذ جا می‌شود. خط‌های تراز زیر، زیان شماست،
# پیکان‌ها منفی گرادیان شما و هر خط پیمودن سرازیری از یکی از ۱۶ نقطهٔ آغاز.


# %%
def descend(W1: Tensor, W2: Tensor, X: Tensor, lam: float, steps: int, rate: float = 0.02, momentum: float = 0.9):
    """Gradient descent with momentum; returns the list of all (W1, W2) on the way, the start included."""
    way, v1, v2 = [(W1, W2)], torch.zeros_like(W1), torch.zeros_like(W2)
    for _ in range(steps):
        d1, d2 = linear_autoencoder_grads(W1, W2, X, lam)
        v1, v2 = momentum * v1 - rate * d1, momentum * v2 - rate * d2
        W1, W2 = W1 + v1, W2 + v2
        way.append((W1, W2))
    return way


one = torch.ones(1, 1)
side = torch.linspace(-2.2, 2.2, 45)
figure, panels = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for axis, lam in zip(panels, (0.0, 0.15), strict=True):
    points = [[(torch.full((1, 1), a), torch.full((1, 1), b)) for a in side.tolist()] for b in side.tolist()]
    height = torch.tensor([[linear_autoencoder_loss(W1, W2, one, lam).item() for W1, W2 in row] for row in points])
    axis.contourf(side, side, height.clamp(max=6), levels=25, cmap="Greys_r", alpha=0.75)
    thinned = [row[2::5] for row in points[2::5]]
    slope = torch.tensor(
        [[[-d.item() for d in linear_autoencoder_grads(*p, one, lam)] for p in row] for row in thinned]
    )
    slope = slope / slope.norm(dim=-1, keepdim=True).clamp(min=0.3)
    axis.quiver(side[2::5], side[2::5], slope[..., 0], slope[..., 1], color=BLUE, width=0.004, scale=22)
    for angle in torch.linspace(0.1, 0.1 + 2 * math.pi, 17)[:-1].tolist():
        begin = (torch.full((1, 1), 2 * math.cos(angle)), torch.full((1, 1), 2 * math.sin(angle)))
        way = torch.tensor([(W1.item(), W2.item()) for W1, W2 in descend(*begin, one, lam, 600, 0.01, 0.0)])
        axis.plot(way[:, 0], way[:, 1], color=ORANGE, linewidth=1)
        axis.plot(*way[-1], "o", color=ORANGE, markeredgecolor="black", markersize=6, zorder=3)
    title = "lam = 0: a valley of equally good answers" if lam == 0 else f"lam = {lam}: two answers are left"
    axis.set(title=title, xlabel="$w_1$ (encoder)", ylabel="$w_2$ (decoder)", aspect="equal")
    axis.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left, every point of the hyperbola $w_1 w_2 = 1$ is perfect: make the encoder twice as large and the decoder half as
# large, and nothing changes. Which point a walk ends at depends on where it began. Right, a small penalty has tilted
# the bottom of the valley: all walks now end at one of *two* points, on the diagonal $w_1 = w_2$, and a little short of
# $w_1 w_2 = 1$. A whole line of symmetries is broken, and only a sign is left. Remember this picture: the rest of part
# 1 is the same story in more dimensions, where "sign" becomes "rotation".
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ، هر نقطهٔ هذلولی $w_1 w_2 = 1$ بی‌نقص است: کدگذار را دو برابر و کدگشا را نصف کنید، هیچ چیز عوض نمی‌شود. این‌که
# هر پیمایش به کدام نقطه برسد به آغازش بستگی دارد. سمت راست، جریمه‌ای کوچک کف دره را کج کرده است: همهٔ پیمایش‌ها به یکی
# از **دو** نقطه می‌رسند، روی قطر $w_1 = w_2$ و کمی مانده به $w_1 w_2 = 1$. یک خطِ کامل از تقارن‌ها شکسته و تنها یک
# علامت مانده است. این تصویر را به یاد بسپارید: باقیِ بخش ۱ همین داستان است در بُعدهای بیشتر، جایی که «علامت» جای خود را
# به «دوران» می‌دهد.
#
# </details>

# %% [markdown]
# ### 1.3 Without a penalty: principal components
#
# ●●○ · 50 min · 8 points
#
# *Idea.* However you choose $W_1$ and $W_2$, their product has rank at most k. So the best autoencoder is the best
# approximation of $X$ by a matrix of rank k, and that has been known since 1936: project onto the k directions in which
# the data are largest.
#
# *Maths.* Let $\sigma_1 > \sigma_2 > \dots > \sigma_m > 0$ be the eigenvalues of $\frac1n XX^\top$ (eigenvalues,
# although by custom $\sigma$ is a singular value: $\sigma_i$ is the square of the $i$-th singular value of
# $X/\sqrt n$), and let $U_k$ (m, k) hold the eigenvectors of the k largest. Then $L$ is smallest, with $\lambda = 0$,
# exactly when $W_2W_1 = U_kU_k^\top$. (Were $\sigma_m = 0$, the loss wouldn't care what $W_2W_1$ does to a direction
# in which there are no data.) One solution is $W_2 = U_k$, $W_1 = U_k^\top$; but $W_2 = U_kG$, $W_1 = G^{-1}U_k^\top$
# is just as good for *every* invertible $G$ (k, k).
#
# Return a solution in which the columns of $W_2$ are orthonormal. And remember that $X$ isn't centred: what counts is
# the distance from the origin, not from the mean.
#
# %% [markdown] lang="fa"
# ### ۱٫۳ بی‌جریمه: مؤلفه‌های اصلی
#
# ●●○ · ۵۰ دقیقه · ۸ نمره
#
# **ایده.** $W_1$ و $W_2$ را هر طور برگزینید، رتبهٔ حاصل‌ضربشان بیش از $k$ نمی‌شود. پس بهترین خودکدگذار همان بهترین
# تقریب $X$ با ماتریسی از رتبهٔ $k$ است و پاسخ این از سال ۱۹۳۶ معلوم است: داده‌ها را روی $k$ جهتی تصویر کنید که در
# آن‌ها از همه بزرگ‌ترند.
#
# **ریاضی.** فرض کنید $\sigma_1 > \sigma_2 > \dots > \sigma_m > 0$ مقدارهای ویژهٔ $\frac1n XX^\top$ باشند (مقدار ویژه،
# هرچند $\sigma$ بیشتر نام مقدار تکین است: $\sigma_i$ مربع $i$اُمین مقدار تکین $X/\sqrt n$ است) و $U_k$ با شکل
# `(m, k)` بردارهای ویژهٔ $k$ تای بزرگ‌تر را داشته باشد. با $\lambda = 0$ زیان $L$ درست هنگامی کمینه است که
# $W_2W_1 = U_kU_k^\top$ باشد. (اگر $\sigma_m = 0$ بود، برای زیان فرقی نمی‌کرد $W_2W_1$ با جهتی که داده‌ای در آن نیست
# چه کند.) یک پاسخ $W_2 = U_k$ و $W_1 = U_k^\top$ است؛ اما $W_2 = U_kG$ و $W_1 = G^{-1}U_k^\top$ برای **هر** ماتریس
# وارون‌پذیر $G$ با شکل `(k, k)` به همان خوبی است.
#
# پاسخی برگردانید که ستون‌های $W_2$ در آن یکامتعامد (orthonormal) باشند. و فراموش نکنید که $X$ مرکزی نشده است: آنچه به
# حساب می‌آید فاصله از مبدأ است، نه از میانگین.


# %% [markdown]
# ![Two points drawn at their foot on the principal direction, and with a penalty nearer to the origin](figures/pca_plane.svg)
#
# **With a pencil.** Two examples, the columns $(2, 1)$ and $(1, 2)$. $\frac1n XX^\top$ has
# $\tfrac12(4 + 1) = 2\tfrac12$ on its diagonal and $\tfrac12(2 + 2) = 2$ beside it; its eigenvectors are
# $u_1 = (1, 1)/\sqrt2$ with $\sigma_1 = 4\tfrac12$ and $u_2 = (1, -1)/\sqrt2$ with $\sigma_2 = \tfrac12$. With k = 1
# the product $W_2W_1 = u_1u_1^\top$ has $\tfrac12$ everywhere: both examples are drawn at $(1\tfrac12, 1\tfrac12)$, and
# each loses $\tfrac14 + \tfrac14 = \tfrac12$. That is $\sigma_2$, the eigenvalue that was thrown away, and no accident.
#
# %% [markdown] lang="fa"
# ![دو نقطه روی جهت اصلی تصویر می‌شوند، و با جریمه نزدیک‌تر به مبدأ](figures/pca_plane.svg)
#
# **با مداد و کاغذ.** دو نمونه، ستون‌های $(2, 1)$ و $(1, 2)$. ماتریس $\frac1n XX^\top$ روی قطر
# $\tfrac12(4 + 1) = 2\tfrac12$ و کنار آن $\tfrac12(2 + 2) = 2$ دارد؛ بردارهای ویژه‌اش $u_1 = (1, 1)/\sqrt2$ با
# $\sigma_1 = 4\tfrac12$ و $u_2 = (1, -1)/\sqrt2$ با $\sigma_2 = \tfrac12$ هستند. با $k = 1$ در حاصل‌ضرب
# $W_2W_1 = u_1u_1^\top$ همهٔ درایه‌ها $\tfrac12$ هستند: هر دو نمونه در $(1\tfrac12, 1\tfrac12)$ کشیده می‌شوند و هر یک
# $\tfrac14 + \tfrac14 = \tfrac12$ از دست می‌دهد. این همان $\sigma_2$ است، مقدار ویژه‌ای که دور انداخته‌ایم، و تصادفی هم
# نیست.


# %% solution id="pca_solution"
def pca_solution(X: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """A global minimiser of linear_autoencoder_loss without a penalty, with an orthonormal decoder.

    Eckart and Young (1936); Baldi and Hornik (1989), fact 4.

    Args:
        X: data, an example a column, not centred, shape (m, n).
        k: size of the code.

    Returns:
        (W1, W2), shapes (k, m) and (m, k); W2 has orthonormal columns.
    """
    ### BEGIN SOLUTION
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    return U.T, U
    ### END SOLUTION


# %% [markdown] hint id="pca_solution"
# Among all directions through the origin, which k hold most of the data, and of which matrix are they eigenvectors? Is
# a mean subtracted anywhere?
# ---
# They are the eigenvectors of `X @ X.T`, of size `(m, m)`, whatever n is. Two ways lead there: `torch.linalg.eigh`,
# which sorts upwards, and the singular value decomposition of `X` itself, which sorts downwards. Which of its factors
# has columns of length m?
# ---
# Keep k columns (not rows) from the side of the largest: of the SVD's `U` these are the first ones, `U[:, :k]`.
# ---
# These columns are the decoder as they are, neither stretched nor shrunk. And which encoder gives the coordinates along
# orthonormal columns?
# %% [markdown] hint id="pca_solution" lang="fa"
# در میان همهٔ جهت‌هایی که از مبدأ می‌گذرند، کدام `k` تا بیشترین سهم داده‌ها را دارند و بردار ویژهٔ کدام ماتریس‌اند؟ آیا
# جایی میانگین کم می‌شود؟
# ---
# این‌ها بردارهای ویژهٔ `X @ X.T` با اندازهٔ `(m, m)` هستند، هر چه `n` باشد. دو راه به آن‌جا می‌رسد: `torch.linalg.eigh`
# که از کوچک به بزرگ مرتب می‌کند، و تجزیهٔ مقدار تکین خود `X` که از بزرگ به کوچک مرتب است. کدام عاملِ این تجزیه
# ستون‌هایی به طول `m` دارد؟
# ---
# از سمت بزرگ‌ترین‌ها `k` ستون (نه سطر) نگه دارید: در عامل `U` این تجزیه، این‌ها نخستین ستون‌ها هستند، `U[:, :k]`.
# ---
# این ستون‌ها همان‌گونه که هستند کدگشایند، بی هیچ کشیدن و کوچک‌کردنی. و کدام کدگذار مختصات را در راستای ستون‌های
# یکامتعامد می‌دهد؟


# %%
# The pencil's number: a product with 0.5 everywhere, whichever sign W2 came with.
for W1_on_paper, W2_on_paper in [pca_solution(torch.tensor([[2.0, 1.0], [1.0, 2.0]]), 1)]:
    print(W2_on_paper @ W1_on_paper)

# %% check id="pca_solution_check" points=8
draw = seeded("pca_solution")
X = data_with_spectrum(draw, descending_spectrum(draw, 7), 12)
W1, W2 = pca_solution(X, 3)
check("the subspace that W2 spans", W2, form="projector")
check("W2 W1, W2 W2ᵀ and W1ᵀ W1", [W2 @ W1, W2 @ W2.T, W1.T @ W1])
X = data_with_spectrum(draw, descending_spectrum(draw, 6), 9)
W1, W2 = pca_solution(X, 1)
check("one principal direction", [W2 @ W1, W2 @ W2.T, W1.T @ W1])
X = draw.unchanged(data_with_spectrum(draw, descending_spectrum(draw, 5), 8).T)
W1, W2 = pca_solution(X, 2)
check("principal directions of fewer examples than numbers in each", [W2 @ W1, W2 @ W2.T, W1.T @ W1])

# %% [markdown]
# **Look at it.** Points in the plane, far from the origin, squeezed through k = 1. In orange your solution, in blue
# what you would get after centring. Each thin line joins a point with its drawing.
#
# %% [markdown] lang="fa"
# **ببینید.** نقطه‌هایی در صفحه، دور از مبدأ، که از تنگنای $k = 1$ می‌گذرند. نارنجی پاسخ شماست و آبی آنچه پس از
# مرکزی‌کردن به دست می‌آمد. هر خط نازک نقطه‌ای را به نقاشیِ آن وصل می‌کند.

# %%
draw = seeded("pca_figure")
cloud = torch.tensor([[0.9, -0.5], [-0.5, 0.5]], device=DEVICE) @ draw.normal(2, 40) + torch.tensor([[2.6], [1.4]]).to(
    DEVICE
)
mean = cloud.mean(dim=1, keepdim=True)
figure, panels = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained", sharey=True)
for axis, shift, colour, name in (
    (panels[0], torch.zeros_like(mean), ORANGE, "as it is: a line through the origin"),
    (panels[1], mean, BLUE, "centred first: a line through the mean"),
):
    W1, W2 = pca_solution(cloud - shift, 1)
    drawn = W2 @ (W1 @ (cloud - shift)) + shift
    line = W2 @ torch.tensor([[-4.0, 5.0]], device=DEVICE) * W2[0].sign() + shift
    axis.plot(*line.cpu(), color=colour, linewidth=1, alpha=0.6)
    for a, b in zip(cloud.T.tolist(), drawn.T.tolist(), strict=True):
        axis.plot(*zip(a, b, strict=True), color=GREY, linewidth=0.5)
    axis.plot(*cloud.cpu(), "o", color="black", markersize=3, label="data")
    axis.plot(*drawn.cpu(), "o", color=colour, markersize=3, label="drawn from one number")
    axis.plot(0, 0, "+", color="black", markersize=12, markeredgewidth=2, label="origin")
    lost = ((cloud - drawn) ** 2).sum().item() / cloud.shape[1]
    axis.set(title=f"{name}\nlost per example: {lost:.2f}", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    axis.set(xlim=(-0.8, 5.8), ylim=(-1.2, 4))
    axis.legend(loc="lower right", fontsize=8)
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Both lines are principal directions, of different matrices. Without biases an autoencoder can only draw points of a
# subspace through the origin, so its first direction is busy reaching the mean and hardly cares how the cloud is
# stretched. That is no mistake; it is what the loss of 1.1 asks for. (It is also why networks have biases.)
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# هر دو خط جهت اصلی‌اند، ولی جهت اصلیِ دو ماتریس متفاوت. خودکدگذارِ بی‌بایاس تنها می‌تواند نقطه‌هایی از یک زیرفضای
# گذرنده از مبدأ را بکشد؛ پس جهت نخستش سرگرم رسیدن به میانگین است و چندان کاری ندارد که ابر نقطه‌ها به کدام سو کشیده
# شده. این اشتباه نیست؛ همان چیزی است که زیانِ ۱٫۱ می‌خواهد. (و یکی از دلیل‌هایی که شبکه‌ها بایاس دارند.)
#
# </details>

# %% [markdown]
# ### 1.4 With a penalty: shrunken components
#
# ●●● · 70 min · 10 points
#
# *Idea.* A penalty on both matrices asks two things. That the work be shared fairly: for a given product, the cheapest
# pair has $W_1 = W_2^\top$. And that each direction be worth its price.
#
# *Maths.* Put $W_2 = U_k D^{1/2}$, $W_1 = D^{1/2}U_k^\top$ with $D = \operatorname{diag}(d_1, \dots, d_k)$. Direction
# $i$ then costs $\sigma_i(1-d_i)^2 + 2\lambda d_i$ (why?). Minimise this over $d_i \ge 0$ and you find
#
# $$d_i = \max\!\left(0,\; 1 - \frac{\lambda}{\sigma_i}\right),\qquad W_2W_1 = U_k\,D\,U_k^\top .$$
#
# A direction with $\sigma_i \le \lambda$ isn't worth anything: it vanishes altogether. Every global minimiser is this
# one multiplied by an orthogonal matrix $O$ (k, k): $W_2 O$ and $O^\top W_1$. Compare with 1.3: *every invertible* $G$
# has become *every orthogonal* $O$.
#
# Return any one of them. Mind the case where some, or all, of the k directions vanish.
#
# %% [markdown] lang="fa"
# ### ۱٫۴ با جریمه: مؤلفه‌های کوچک‌شده
#
# ●●● · ۷۰ دقیقه · ۱۰ نمره
#
# **ایده.** جریمه بر هر دو ماتریس دو چیز می‌خواهد. یکی این‌که کار عادلانه تقسیم شود: برای حاصل‌ضربی معین ارزان‌ترین
# جفت آن است که $W_1 = W_2^\top$. دیگر این‌که هر جهت به بهایش بیرزد.
#
# **ریاضی.** قرار دهید $W_2 = U_k D^{1/2}$ و $W_1 = D^{1/2}U_k^\top$ با $D = \operatorname{diag}(d_1, \dots, d_k)$.
# آن‌گاه هزینهٔ جهت $i$ برابر $\sigma_i(1-d_i)^2 + 2\lambda d_i$ است (چرا؟). آن را روی $d_i \ge 0$ کمینه کنید تا برسید
# به
#
# $$d_i = \max\!\left(0,\; 1 - \frac{\lambda}{\sigma_i}\right),\qquad W_2W_1 = U_k\,D\,U_k^\top .$$
#
# جهتی که $\sigma_i \le \lambda$ دارد به هیچ نمی‌ارزد و یکسره ناپدید می‌شود. هر کمینهٔ سراسری، همین پاسخ است ضربدر یک
# ماتریس متعامد $O$ با شکل `(k, k)`: یعنی $W_2 O$ و $O^\top W_1$. با ۱٫۳ بسنجید: جای «هر $G$ وارون‌پذیر» را «هر $O$
# متعامد» گرفته است.
#
# یکی از آن‌ها را، هر کدام که باشد، برگردانید. حواستان به حالتی باشد که برخی از $k$ جهت، یا همهٔ آن‌ها، ناپدید می‌شوند.


# %% [markdown]
# **With a pencil.** The two examples of 1.3 with $\lambda = \tfrac12$: $d_1 = 1 - \tfrac12/4\tfrac12 = \tfrac89$ and
# $d_2 = 1 - \tfrac12/\tfrac12 = 0$. The product is $\tfrac89\cdot\tfrac12 = 0.444$ everywhere, for k = 1 as for k = 2:
# the second direction isn't worth its price. The loss, direction by direction:
# $4\tfrac12\,(\tfrac19)^2 + 2\cdot\tfrac12\cdot\tfrac89 \approx 0.056 + 0.889$ for the first and $\tfrac12$ for the one
# that vanished, together $1.444$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** دو نمونهٔ ۱٫۳ با $\lambda = \tfrac12$: داریم $d_1 = 1 - \tfrac12/4\tfrac12 = \tfrac89$ و
# $d_2 = 1 - \tfrac12/\tfrac12 = 0$. همهٔ درایه‌های حاصل‌ضرب $\tfrac89\cdot\tfrac12 = 0.444$ می‌شوند، چه با $k = 1$ و چه
# با $k = 2$: جهت دوم به بهایش نمی‌ارزد. زیان، جهت به جهت:
# $4\tfrac12\,(\tfrac19)^2 + 2\cdot\tfrac12\cdot\tfrac89 \approx 0.056 + 0.889$ برای جهت نخست و $\tfrac12$ برای آن‌که
# ناپدید شده، روی هم $1.444$.


# %% solution id="regularised_solution"
def regularised_solution(X: Tensor, k: int, lam: float) -> tuple[Tensor, Tensor]:
    """A global minimiser of linear_autoencoder_loss with a penalty.

    Kunin et al. (2019), "Loss landscapes of regularized linear autoencoders", theorem 4.2.

    Args:
        X: data, an example a column, not centred, shape (m, n).
        k: size of the code.
        lam: weight of the penalty, not negative.

    Returns:
        (W1, W2), shapes (k, m) and (m, k) also where directions vanish, with W1 = W2ᵀ.
    """
    ### BEGIN SOLUTION
    U, singular, _ = torch.linalg.svd(X, full_matrices=False)
    sigma = singular[:k] ** 2 / X.shape[1]
    W2 = U[:, :k] * (1 - lam / sigma).clamp(min=0).sqrt()
    return W2.T, W2
    ### END SOLUTION


# %% [markdown] hint id="regularised_solution"
# Take what you found in 1.3. By which factor does the penalty shrink direction i in the product `W2 @ W1`, and what
# remains of a direction with `σ_i ≤ λ`?
# ---
# The `σ_i` are eigenvalues of `X @ X.T / n`. A singular value of `X` isn't yet one of them: what has to be done to it,
# twice?
# ---
# `1 - lam / sigma` may be negative, and a root of that is no number: `.clamp(min=0)` before `.sqrt()`. A direction that
# vanishes keeps its column, as zeros, so that the shapes stay `(m, k)` and `(k, m)`.
# ---
# The product needs the whole factor once, and both matrices share the work: each gets its root. So `U[:, :k] * (…)` is
# `W2`, column by column, and `W1` is its transpose.
# %% [markdown] hint id="regularised_solution" lang="fa"
# از یافتهٔ ۱٫۳ آغاز کنید. جریمه جهت `i` را در حاصل‌ضرب `W2 @ W1` با چه ضریبی کوچک می‌کند و از جهتی با `σ_i ≤ λ` چه
# می‌ماند؟
# ---
# `σ_i`ها مقدارهای ویژهٔ `X @ X.T / n` هستند. مقدار تکین `X` هنوز یکی از آن‌ها نیست: کدام دو کار را باید با آن کرد؟
# ---
# `1 - lam / sigma` می‌تواند منفی شود و جذرش دیگر عدد نیست: `.clamp(min=0)` پیش از `.sqrt()`. جهتی که ناپدید می‌شود
# ستونش را، پر از صفر، نگه می‌دارد تا شکل‌ها `(m, k)` و `(k, m)` بمانند.
# ---
# حاصل‌ضرب این ضریب را یک بار کامل می‌خواهد و دو ماتریس کار را تقسیم می‌کنند: به هر کدام جذر آن می‌رسد. پس
# `U[:, :k] * (…)`، ستون به ستون، همان `W2` است و `W1` ترانهادهٔ آن.


# %%
# The pencil's numbers: 0.444 everywhere in the product, and the loss 1.444.
for W1_on_paper, W2_on_paper in [regularised_solution(torch.tensor([[2.0, 1.0], [1.0, 2.0]]), 2, 0.5)]:
    print(W2_on_paper @ W1_on_paper)
    print(linear_autoencoder_loss(W1_on_paper, W2_on_paper, torch.tensor([[2.0, 1.0], [1.0, 2.0]]), 0.5))

# %% check id="regularised_solution_check" points=5
draw = seeded("regularised_solution")
X = data_with_spectrum(draw, descending_spectrum(draw, 6), 9)
draw.unchanged(X)
W1, W2 = regularised_solution(X, 3, float(draw.uniform(1, low=0.6, high=1.2)))
check("all directions survive: W2 W1, W2 W2ᵀ and W1ᵀ W1", [W2 @ W1, W2 @ W2.T, W1.T @ W1])

# %% check id="regularised_solution_check_vanishing" points=5
draw = seeded("regularised_solution_vanishing")
spectrum = descending_spectrum(draw, 7)
X = data_with_spectrum(draw, spectrum, 11)
W1, W2 = regularised_solution(X, 4, spectrum[2:4].mean().item())
shapes = [list(W1.shape), list(W2.shape)]
check("the last direction vanishes: W2 W1, W2 W2ᵀ, W1ᵀ W1 and the shapes", [W2 @ W1, W2 @ W2.T, W1.T @ W1, *shapes])
(_, some), (_, none), (W1, every) = (regularised_solution(X, 3, lam) for lam in (0.9, 99.0, 0.0))
check(
    "lam = 0.9, lam beyond every eigenvalue, and lam = 0", [some @ some.T, none @ none.T, every @ W1, list(none.shape)]
)

# %% [markdown]
# **Turn a knob.** Four directions with the eigenvalues 4, 2, 1 and ½, and room for all of them, k = 4. The bars are
# what is left of each direction in $W_2W_1$. In which order do they vanish as λ grows, and do they all shrink alike
# before?
#
# %% [markdown] lang="fa"
# **یک عدد را تغییر دهید.** چهار جهت با مقدارهای ویژهٔ ۴، ۲، ۱ و ½ داریم و برای همه جا هست، $k = 4$. میله‌ها آن چیزی‌اند
# که از هر جهت در $W_2W_1$ می‌ماند. با بزرگ‌شدن $\lambda$ به چه ترتیبی ناپدید می‌شوند و پیش از آن آیا همه به یک اندازه
# کوچک می‌شوند؟

# %%
from autograder.desk.explore import explore


def draw_what_is_left(axis, penalty):
    four_directions = 2 * torch.diag(torch.tensor([4.0, 2.0, 1.0, 0.5]).sqrt())  # X with n = 4
    encoder, decoder = regularised_solution(four_directions, 4, penalty)
    axis.bar(["4", "2", "1", "½"], (decoder @ encoder).diag().tolist(), color=BLUE)
    axis.set(xlabel="eigenvalue of the direction", ylabel="what is left of it", ylim=(0, 1.05))


explore(draw_what_is_left, "lam", [0.0, 0.25, 0.5, 1.0, 2.5])

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# The weak directions go first, each at the moment when λ reaches its eigenvalue. Before that they don't shrink alike:
# what is taken from a direction is $\lambda/\sigma_i$, so at λ = ¼ the strongest has lost a sixteenth of itself and the
# weakest a half. A penalty keeps order: what varies little is cut down first.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# جهت‌های ضعیف نخست می‌روند، هر کدام درست هنگامی که $\lambda$ به مقدار ویژه‌اش برسد. پیش از آن هم به یک اندازه کوچک
# نمی‌شوند: از هر جهت $\lambda/\sigma_i$ کم می‌شود؛ پس در $\lambda = \tfrac14$ قوی‌ترین جهت یک‌شانزدهم خود را و
# ضعیف‌ترین نیمی از خود را از دست داده است. جریمه ترتیب را نگه می‌دارد: آنچه کم تغییر می‌کند زودتر کوتاه می‌شود.
#
# </details>

# %% [markdown]
# ### 1.5 Has the autoencoder found the principal directions?
#
# ●●○ · 35 min · 5 points
#
# A decoder $W_2$ found by training has columns that look like nothing in particular, for any rotation $O$ may have
# mixed them. But its *left singular vectors* don't change when $W_2$ is multiplied by $O$ from the right. So this is
# the fair question: if $W_2 = L S R^\top$ is the singular value decomposition, with singular values in descending
# order, does the $i$-th column of $L$ point along the $i$-th principal direction of $X$?
#
# $$\text{alignment}_i = \left|\,u_i^\top l_i\,\right| \in [0, 1].$$
#
# The absolute value is there because a singular vector has no sign of its own.
#
# %% [markdown] lang="fa"
# ### ۱٫۵ آیا خودکدگذار جهت‌های اصلی را یافته است؟
#
# ●●○ · ۳۵ دقیقه · ۵ نمره
#
# کدگشای $W_2$ که از آموزش به دست آمده ستون‌هایی دارد که به چیز خاصی نمی‌مانند، چون هر دوران $O$ می‌تواند آن‌ها را در
# هم آمیخته باشد. اما «بردارهای تکین چپ» (left singular vectors) آن با ضرب $O$ از سمت راست عوض نمی‌شوند. پس پرسش
# منصفانه این است: اگر $W_2 = L S R^\top$ تجزیهٔ مقدار تکین با مقدارهای تکین از بزرگ به کوچک باشد، آیا ستون $i$ از $L$
# در راستای جهت اصلی $i$ از $X$ است؟
#
# $$\text{alignment}_i = \left|\,u_i^\top l_i\,\right| \in [0, 1].$$
#
# قدرمطلق برای این است که بردار تکین از خود علامتی ندارد.


# %% [markdown]
# ![Without a penalty three decoders are three ellipses; with one they share an ellipse and differ by a turn](figures/freedom.svg)
#
# **With a pencil.** The data of 1.3, $u_1 = (1, 1)/\sqrt2$, and k = 1. The decoder $(1, 0)$ has the left singular
# vector $(1, 0)$: alignment $1/\sqrt2 \approx 0.707$. The decoder $(-1, -1)$ has length $\sqrt2$ and points the other
# way, and its alignment is 1: neither its length nor its sign counts.
#
# %% [markdown] lang="fa"
# ![بدون جریمه سه کدگشا سه بیضی‌اند؛ با جریمه یک بیضی دارند و تنها چرخیده‌اند](figures/freedom.svg)
#
# **با مداد و کاغذ.** داده‌های ۱٫۳ با $u_1 = (1, 1)/\sqrt2$ و $k = 1$. بردار تکین چپِ کدگشای $(1, 0)$ خودِ $(1, 0)$ است:
# هم‌راستایی $1/\sqrt2 \approx 0.707$. کدگشای $(-1, -1)$ طول $\sqrt2$ دارد و به سوی دیگر است، و هم‌راستایی‌اش ۱ است: نه
# طولش به حساب می‌آید و نه علامتش.


# %% solution id="principal_alignment"
def principal_alignment(W2: Tensor, X: Tensor, k: int) -> Tensor:
    """How well the left singular vectors of a decoder are aligned with the principal directions of the data.

    Args:
        W2: decoder, shape (m, k), with distinct singular values.
        X: data, an example a column, not centred, shape (m, n).
        k: size of the code.

    Returns:
        |u_iᵀ l_i| for i = 1 … k, shape (k,): 1 is perfect alignment.
    """
    ### BEGIN SOLUTION
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    L = torch.linalg.svd(W2, full_matrices=False).U
    return (U * L).sum(dim=0).abs()
    ### END SOLUTION


# %% [markdown] hint id="principal_alignment"
# Two sets of directions are compared, one by one. From which matrix does each of them come, and why not the columns of
# `W2` themselves?
# ---
# Both are left singular vectors: of `X`, not centred, the first k, and of `W2`. `torch.linalg.svd` puts the largest
# first for both, so the i-th belongs to the i-th, and nobody looks for a better partner.
# ---
# Of the matrix `U.T @ L` only the diagonal is asked for: the product of the two entry by entry, summed over the rows,
# gives it directly. Then the sign has to go.
# %% [markdown] hint id="principal_alignment" lang="fa"
# دو دسته جهت یکی‌یکی با هم سنجیده می‌شوند. هر دسته از کدام ماتریس می‌آید، و چرا از خود ستون‌های `W2` نه؟
# ---
# هر دو بردارهای تکین چپ‌اند: `k` تای نخست از `X` که مرکزی نشده است، و آن‌های `W2`. `torch.linalg.svd` در هر دو
# بزرگ‌ترین را نخست می‌گذارد، پس هر جهت با هم‌شمارهٔ خودش سنجیده می‌شود و کسی دنبال جفت بهتری نمی‌گردد.
# ---
# از ماتریس `U.T @ L` تنها قطر خواسته شده است: ضرب درایه به درایهٔ دو ماتریس و جمع روی سطرها یک‌راست همان را می‌دهد. سپس
# علامت باید برود.


# %%
# The pencil's numbers: 0.707 and 1.
for decoder_on_paper in (torch.tensor([[1.0], [0.0]]), torch.tensor([[-1.0], [-1.0]])):
    print(principal_alignment(decoder_on_paper, torch.tensor([[2.0, 1.0], [1.0, 2.0]]), 1))

# %% check id="principal_alignment_check" points=5
draw = seeded("principal_alignment")
X, aligned = data_with_spectrum(draw, descending_spectrum(draw, 5), 9), []
for _ in range(6):
    L, R = orthonormal(draw.normal(5, 3)), orthonormal(draw.normal(3, 3))
    aligned.append(principal_alignment(L * descending_spectrum(draw, 3) @ R.T, X, 3))
check("alignment of six decoders", aligned)
X, L = data_with_spectrum(draw, descending_spectrum(draw, 7), 12), orthonormal(draw.normal(7, 2))
W2 = draw.unchanged(L * descending_spectrum(draw, 2) @ orthonormal(draw.normal(2, 2)).T)
check(
    "a larger decoder with a smaller code, and a code of one",
    [principal_alignment(w, X, w.shape[1]) for w in (W2, W2[:, :1])],
)

# %% [markdown]
# ### 1.6 Experiment: λ → 0⁺ is not λ = 0
#
# Now train. The data have m = 4 and eigenvalues 4, 2, 1 and ½; the code has k = 2; from 16 random starts we run
# gradient descent with *your* gradients. A decoder is drawn as what it does to the unit circle: $W_2$ maps the circle
# of all codes of length one to an ellipse, and we look at it in the plane of the first two principal directions. The
# ellipse's axes are the left singular vectors of $W_2$ (the line is its longer axis), half its axes' lengths the
# singular values. All this doesn't change when $W_2$ is multiplied by an orthogonal matrix from the right. What does
# change are the columns of $W_2$: a dot marks the first of them.
#
# Time goes from left to right; each row has its own λ, and all rows have the same 16 starts.
#
# %% [markdown] lang="fa"
# ### ۱٫۶ آزمایش: ‏$\lambda\to 0^+$ همان $\lambda = 0$ نیست
#
# حالا آموزش می‌دهیم. داده‌ها $m = 4$ و مقدارهای ویژهٔ ۴، ۲، ۱ و ½ دارند و کد $k = 2$ است؛ از ۱۶ نقطهٔ آغاز تصادفی با
# گرادیان‌های خودتان گرادیان کاهشی اجرا می‌کنیم. هر کدگشا را با کاری که با دایرهٔ یکه می‌کند نشان می‌دهیم: $W_2$
# دایرهٔ همهٔ کدهای به طول یک را به یک بیضی می‌برد و ما آن را در صفحهٔ دو جهت اصلیِ نخست می‌بینیم. محورهای بیضی
# بردارهای تکین چپ $W_2$ هستند (خط درون هر بیضی محور بلندتر آن است) و نیم‌محورها مقدارهای تکین. هیچ‌یک از این‌ها با
# ضرب ماتریسی متعامد از سمت راست عوض نمی‌شود. آنچه عوض می‌شود ستون‌های $W_2$ است: هر نقطه نخستین ستون را نشان می‌دهد.
#
# زمان از چپ به راست می‌گذرد؛ هر ردیف $\lambda$ی خودش را دارد و هر سه ردیف از همان ۱۶ جا آغاز می‌شوند.

# %%
draw = seeded("broken_symmetry")
SIGMA = torch.tensor([4.0, 2.0, 1.0, 0.5], device=DEVICE)
X_toy = data_with_spectrum(draw, SIGMA, 6)
principal = pca_solution(X_toy, 2)[1]
starts = [(0.5 * draw.normal(2, 4), 0.5 * draw.normal(4, 2)) for _ in range(16)]
angle = torch.linspace(0, 2 * math.pi, 80, device=DEVICE)
circle = torch.stack([angle.cos(), angle.sin()])
FRAMES = (0, 20, 60, 100, 500)
figure, rows = plt.subplots(3, 5, figsize=(10, 6.6), layout="constrained", sharex=True, sharey=True)
for row, lam in zip(rows, (0.0, 0.05, 1.2), strict=True):
    ways = [descend(W1, W2, X_toy, lam, max(FRAMES)) for W1, W2 in starts]
    for axis, step in zip(row, FRAMES, strict=True):
        for number, way in enumerate(ways):
            seen, colour = principal.T @ way[step][1], plt.cm.viridis(number / len(ways))
            U, S, _ = torch.linalg.svd(seen)
            axis.plot(*(seen @ circle).cpu(), color=colour, linewidth=0.6)
            axis.plot(*torch.stack([-U[:, 0] * S[0], U[:, 0] * S[0]], dim=1).cpu(), color=colour, linewidth=1.4)
            axis.plot(
                *seen[:, 0].cpu(), "o", color=colour, markersize=3.5, markeredgecolor="black", markeredgewidth=0.4
            )
        axis.set(aspect="equal", xlim=(-2.1, 2.1), ylim=(-2.1, 2.1))
    row[0].set_ylabel(f"lam = {lam:g}\nalong $u_2$")
for top, bottom, step in zip(rows[0], rows[-1], FRAMES, strict=True):
    top.set_title(f"step {step}")
    bottom.set_xlabel("along $u_1$")
figure.suptitle("16 decoders: without a penalty each stays its own; with one, all become the same ellipse")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# *Top:* after some steps all 16 are optimal, and all 16 are different: each has found the right plane, and in it an
# ellipse of its own. Nothing moves any more. *Middle:* the same starts, with a penalty that the loss hardly feels. At
# first the same happens; then the ellipses grow round, then their long axes turn, and at the end all 16 lie on one
# another, along $u_1$. *Bottom:* a larger penalty does the same sooner, and now you see what it costs: the ellipse has
# shrunk, more along $u_2$ than along $u_1$. And in every row the dots stay scattered around the ellipse: that is the
# orthogonal $O$, which the loss cannot see and no training will remove.
#
# </details>
#
# Next, the same for many values of λ, each trained to the end.
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# بالا: پس از چند گام هر ۱۶ کدگشا بهینه‌اند و هر ۱۶ تا متفاوت: هر کدام صفحهٔ درست را یافته و در آن بیضیِ خودش را دارد.
# دیگر چیزی تکان نمی‌خورد. میان: همان نقطه‌های آغاز، با جریمه‌ای که زیان به‌زحمت حسش می‌کند. نخست همان می‌شود؛ سپس
# بیضی‌ها گرد می‌شوند، آن‌گاه محورهای بلندشان می‌چرخند و سرانجام هر ۱۶ تا روی هم و در راستای $u_1$ می‌افتند. پایین:
# جریمه‌ای بزرگ‌تر همین را زودتر می‌کند و حالا بهایش هم پیداست: بیضی کوچک شده، در راستای $u_2$ بیش از $u_1$. و در هر سه
# ردیف نقطه‌ها همچنان دورتادور بیضی پراکنده‌اند: این همان $O$ متعامد است که زیان نمی‌بیندش و هیچ آموزشی از میانش
# نمی‌برد.
#
# </details>
#
# حالا همین کار برای مقدارهای بسیارِ $\lambda$، که هر کدام تا پایان آموزش می‌بیند.

# %%
LAMS = (0.0, 0.02, 0.1, 0.3, 1.0, 1.5, 2.5, 3.5, 5.0)
trained = {
    lam: [descend(W1, W2, X_toy, lam, 1200 if 0 < lam < 0.05 else 300)[-1] for W1, W2 in starts[:10]] for lam in LAMS
}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.9), layout="constrained")
for place, pairs in enumerate(trained.values()):
    for number, (_, W2) in enumerate(pairs):
        sizes, aligned = torch.linalg.svdvals(W2).tolist(), principal_alignment(W2, X_toy, 2).tolist()
        for i, (colour, shift) in enumerate(((BLUE, -0.3), (ORANGE, 0.05))):
            across = place + shift + 0.03 * number
            right.plot(across, sizes[i], "o", color=colour, markersize=2.5)
            if sizes[i] > 0.05:  # a direction that vanished points nowhere
                left.plot(across, aligned[i], "o", color=colour, markersize=2.5)
for i, colour in enumerate((BLUE, ORANGE)):
    theory = [math.sqrt(max(0.0, 1 - lam / SIGMA[i].item())) for lam in LAMS[1:]]
    name = rf"theory, direction {i + 1} ($\sigma$ = {SIGMA[i]:g})"
    right.plot(range(1, len(LAMS)), theory, color=colour, linewidth=1, label=name)
    left.plot([], [], "o", color=colour, markersize=3, label=f"direction {i + 1}")
for axis in (left, right):
    axis.set_xticks(range(len(LAMS)), [f"{lam:g}" for lam in LAMS])
    axis.axvspan(-0.5, 0.5, color=GREY, alpha=0.15)
    axis.set(xlabel="lam (grey: no penalty)", xlim=(-0.5, len(LAMS) - 0.5))
    axis.legend(fontsize=8)
left.set(title="Any lam > 0 finds the directions ...", ylabel="principal alignment", ylim=(0, 1.05))
right.set(title="... and shrinks each at its own price", ylabel="singular value of $W_2$", ylim=(0, None))
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Left: at λ = 0 the alignments lie anywhere between 0 and 1; from λ = 0.02 on all of them are 1. There is nothing
# gradual about it: what a smaller λ changes is only how long it takes. Right: at λ = 0 the singular values are
# anything, then they follow your formula $\sqrt{1-\lambda/\sigma_i}$. The second direction is gone from λ = 2 on, the
# first from λ = 4 on.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# سمت چپ: در $\lambda = 0$ هم‌راستایی‌ها هر جایی میان ۰ و ۱ هستند؛ از $\lambda = 0.02$ به بعد همه ۱ شده‌اند. چیزی تدریجی
# در کار نیست: ‏$\lambda$ کوچک‌تر فقط زمان را درازتر می‌کند. سمت راست: در $\lambda = 0$ مقدارهای تکین هر چه باشند هستند
# و پس از آن از فرمول شما $\sqrt{1-\lambda/\sigma_i}$ پیروی می‌کنند. جهت دوم از $\lambda = 2$ به بعد رفته است و جهت نخست
# از $\lambda = 4$ به بعد.
#
# </details>

# %% [markdown]
# ### Essay 1 · A bias from almost nothing
#
# ●●● · 60 min · 6 points
#
# We minimise $L$ with a small $\lambda > 0$. Is there an inductive bias on $W_2$, that is: does the penalty prefer some
# of the decoders that are equally good without it? Which ones, up to which freedom, and why? In your answer, say what
# the set of minimisers is for $\lambda = 0$ and for $\lambda > 0$, where $W_1 = W_2^\top$ comes from, what happens to
# each direction, and what the limit $\lambda \to 0^+$ has that $\lambda = 0$ has not. Are the *columns* of $W_2$
# principal directions in the end? Use your figures.
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۱ · سوگیری‌ای از تقریباً هیچ
#
# ●●● · ۶۰ دقیقه · ۶ نمره
#
# زیان $L$ را با $\lambda > 0$ کوچک کمینه می‌کنیم. آیا سوگیری استقرایی (inductive bias) بر $W_2$ هست؟ یعنی آیا جریمه
# از میان کدگشاهایی که بدون آن به یک اندازه خوب‌اند برخی را ترجیح می‌دهد؟ کدام‌ها را، با چه آزادی‌ای، و چرا؟ در پاسخ
# بگویید مجموعهٔ کمینه‌ها برای $\lambda = 0$ و برای $\lambda > 0$ چیست، $W_1 = W_2^\top$ از کجا می‌آید، بر سر هر جهت
# چه می‌آید و حد $\lambda \to 0^+$ چه دارد که $\lambda = 0$ ندارد. آیا **ستون‌های** $W_2$ سرانجام جهت‌های اصلی‌اند؟ از
# شکل‌هایتان کمک بگیرید.

# %% [markdown] essay id="inductive_bias" points=6
# ### BEGIN SOLUTION
# Yes. Without a penalty the loss depends on the product $W_2W_1$ alone, which is best at $U_kU_k^\top$. Hence every
# pair $W_2 = U_kG$, $W_1 = G^{-1}U_k^\top$ with $G$ any invertible k × k matrix is a global minimiser: the column space
# of $W_2$ is determined (the top-k principal subspace), nothing inside it is. The left singular vectors and singular
# values of $W_2$ may be any (the 16 different ellipses).
#
# With $\lambda > 0$ the loss still has the product's part, but the penalty isn't invariant under $G$. (1) *Balance.*
# For a fixed product $P$, $\lVert W_1\rVert^2 + \lVert W_2\rVert^2 \ge 2\lVert P\rVert_*$ (nuclear norm), with equality
# only if the two have the same singular values and matching singular vectors; since the best P is symmetric and
# positive semidefinite, $W_1 = W_2^\top$. (Or from stationarity: in
# $W_2^\top\,\partial L/\partial W_2 - \partial L/\partial W_1\,W_1^\top = 0$ the reconstruction's parts cancel, and
# $2\lambda(W_2^\top W_2 - W_1W_1^\top) = 0$ is left.) (2) *Shrinkage.* Direction i costs
# $\sigma_i(1-d_i)^2 + 2\lambda d_i$, so $d_i = \max(0, 1-\lambda/\sigma_i)$: strong directions are hardly shrunk, those
# with $\sigma_i \le\lambda$ vanish. (3) *Rotation.* $W_2 = U_kD^{1/2}O$ with any orthogonal $O$: the invertible $G$ has
# been reduced to an orthogonal one, because the Frobenius norm is invariant under orthogonal matrices and under nothing
# more. As the $d_i$ are distinct (the $\sigma_i$ are), the left singular vectors of $W_2$ are exactly the principal
# directions, in order: the symmetry inside the subspace, seen from the side of the data, is broken completely.
#
# The limit: as $\lambda\to0^+$, $D\to I$, so the minimisers tend to $U_kO$, the orthonormal (balanced) solutions among
# all $U_kG$; for every $\lambda>0$, however small, the singular vectors are the principal directions. At $\lambda=0$
# neither holds. The set of minimisers jumps; only the time that training needs grows (like 1/λ) as λ shrinks, as in the
# middle row.
#
# Columns: no. $W_2 = U_kD^{1/2}O$, and the columns are mixed by $O$, which the loss can't see; the dots stay scattered
# on the ellipse. To read off principal directions take the SVD of $W_2$.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: λ = 0: any invertible G (or: only the subspace is determined).
# - 1 point: λ > 0: freedom reduced to an orthogonal matrix, because the Frobenius norm is invariant under just these.
# - 1 point: W1 = W2ᵀ with a reason (nuclear norm, AM-GM, or stationarity: W1 W1ᵀ = W2ᵀ W2). Stated without a reason: ½.
# - 1 point: shrinkage 1 − λ/σ_i and vanishing of directions with σ_i ≤ λ.
# - 1 point: left singular vectors are the principal directions for every λ > 0, not for λ = 0: the limit is
#   discontinuous.
# - 1 point: columns of W2 are not principal directions (O remains); a figure is used as evidence.
#
# "Weight decay makes W2 equal to PCA" without the orthogonal factor earns at most 3 in all. "No bias, because λ is
# small" earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** A linear autoencoder is PCA through the origin: the loss fixes the subspace and nothing inside it.
# Any penalty on both matrices, however small, leaves only a rotation free: the decoder's singular vectors become the
# principal directions, and each is shrunk at its own price. What happens in the limit λ → 0⁺ isn't what happens at λ =
# 0.
#
# **Open tasks** (no points).
#
# - *What gradient descent remembers.* With λ = 0 the matrix $W_2^\top W_2 - W_1W_1^\top$ hardly moves while everything
#   else does. Follow it through a run of plain gradient descent (no momentum). You did well if a rate ten times as
#   small changes it ten times less, and you can say with a line of algebra why.
# - *A penalty on one matrix.* Punish $W_2$ only. You did well if your runs come as near as you like to the loss of PCA
#   while $\lVert W_1\rVert$ grows without end: there is no minimum.
# - *The price of a direction.* Predict the minimal loss from the eigenvalues alone, for any λ and k. You did well if it
#   agrees with your loss at your `regularised_solution` to five digits (the pencil's 1.444 is one case).
#
# **Read on.** [Baldi and Hornik (1989)](https://doi.org/10.1016/0893-6080%2889%2990014-2), the landscape without a
# penalty; [Kunin et al. (2019)](https://arxiv.org/abs/1901.08168), theorem 4.2 and its figure; [Bao et al.
# (2020)](https://arxiv.org/abs/2007.06731) where unequal penalties take even the last rotation away, slowly; [Eckart
# and Young (1936)](https://doi.org/10.1007/BF02288367); for the algebra, [Gilbert Strang's
# 18.065](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/),
# the lectures on the SVD and on Eckart–Young.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** خودکدگذار خطی همان PCA از مبدأ است: زیان زیرفضا را معین می‌کند و درون آن هیچ چیز را. هر جریمه‌ای
# بر دو ماتریس، هر قدر کوچک، تنها یک دوران را آزاد می‌گذارد: بردارهای تکین کدگشا جهت‌های اصلی می‌شوند و هر یک به بهای
# خود کوچک می‌شود. آنچه در حد $\lambda \to 0^+$ رخ می‌دهد آن نیست که در $\lambda = 0$ رخ می‌دهد.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - **گرادیان کاهشی چه را به یاد دارد.** با $\lambda = 0$ ماتریس $W_2^\top W_2 - W_1W_1^\top$ تقریباً تکان نمی‌خورد، در
#   حالی که همه چیز دیگر عوض می‌شود. آن را در یک اجرای گرادیان کاهشی ساده (بی‌تکانه) دنبال کنید. خوب کار کرده‌اید اگر با
#   نرخی ده بار کوچک‌تر ده بار کمتر تغییر کند و با یک سطر جبر بتوانید بگویید چرا.
# - **جریمه بر یک ماتریس.** تنها $W_2$ را جریمه کنید. خوب کار کرده‌اید اگر اجراهایتان هر قدر بخواهید به زیان PCA نزدیک
#   شوند و $\lVert W_1\rVert$ بی‌پایان بزرگ شود: کمینه‌ای در کار نیست.
# - **بهای هر جهت.** کمترین زیان را برای هر $\lambda$ و $k$ تنها از روی مقدارهای ویژه پیش‌بینی کنید. خوب کار کرده‌اید
#   اگر تا پنج رقم با زیان شما در `regularised_solution` یکی باشد (عدد ۱٫۴۴۴ بالا یک نمونه است).
#
# **بیشتر بخوانید.** [Baldi and Hornik (1989)](https://doi.org/10.1016/0893-6080%2889%2990014-2)، پستی‌وبلندی زیان بدون
# جریمه؛ [Kunin et al. (2019)](https://arxiv.org/abs/1901.08168)، قضیهٔ ۴٫۲ و شکلش؛ [Bao et al.
# (2020)](https://arxiv.org/abs/2007.06731) که جریمه‌های نابرابرش آخرین دوران را هم، آهسته، از میان می‌برند؛ [Eckart and
# Young (1936)](https://doi.org/10.1007/BF02288367)؛ و برای جبرش [Gilbert Strang's
# 18.065](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/)،
# درس‌های تجزیهٔ مقدار تکین و قضیهٔ اکارت-یانگ.

# %% [markdown]
# ## Part 2 · A recursive autoencoder for words
#
# A sentence has any number of words, a vector has its d numbers. Here is an old and charming way out: take two
# neighbours and squeeze their vectors $x_1, x_2$ into one, their *parent* $p$. Make the parent have the size of a word,
# and it can take the place of its two children and be squeezed again with the next neighbour, until one vector is left.
# The same small module does every squeeze; it is *recursive*.
#
# What must the parent know? Ask it to give its children back: that is the autoencoder. And if somebody has labelled the
# phrase, ask it for the label too.
#
# $$x = [x_1; x_2],\quad p = \operatorname{ReLU}(W_1 x + b_1),\quad x' = W_2\,p + b_2,\quad
#   J_1 = \tfrac12\lVert x' - x\rVert^2,\quad \hat y = \operatorname{softmax}(W_3\,p + b_3).$$
#
# A word vector has $D_x$ numbers, a parent $D_p$, and there are $D_c$ classes; vectors are columns and matrices
# multiply from the left.
#
# ### 2.1 Parent and reconstruction
#
# ●○○ · 45 min · 8 points
#
# The ReLU is in the encoder only: word vectors have negative entries too, so the reconstruction must be free to have
# them.
#
# %% [markdown] lang="fa"
# ## بخش ۲ · خودکدگذار تودرتو برای واژه‌ها
#
# جمله هر شمار واژه‌ای می‌تواند داشته باشد و بردار تنها $d$ عددش را دارد. چاره‌ای قدیمی و دلنشین این است: دو همسایه را
# بگیرید و بردارهایشان $x_1$ و $x_2$ را در یکی، یعنی «والد» (parent) $p$، فشرده کنید. اگر والد هم‌اندازهٔ یک واژه باشد
# می‌تواند جای دو فرزندش را بگیرد و باز با همسایهٔ بعدی فشرده شود، تا تنها یک بردار بماند. همهٔ این فشردن‌ها کار یک
# واحد کوچک است که خودش را به کار می‌گیرد: واحدی «تودرتو» (recursive).
#
# والد چه چیزی را باید بداند؟ از او بخواهید فرزندانش را پس بدهد: این همان خودکدگذار است. و اگر کسی عبارت را برچسب زده،
# برچسب را هم بخواهید.
#
# $$x = [x_1; x_2],\quad p = \operatorname{ReLU}(W_1 x + b_1),\quad x' = W_2\,p + b_2,\quad
#   J_1 = \tfrac12\lVert x' - x\rVert^2,\quad \hat y = \operatorname{softmax}(W_3\,p + b_3).$$
#
# بردار واژه $D_x$ عدد دارد، والد $D_p$ عدد، و $D_c$ رده داریم؛ بردارها ستونی‌اند و ماتریس‌ها از چپ ضرب می‌شوند.
#
# ### ۲٫۱ والد و بازسازی
#
# ●○○ · ۴۵ دقیقه · ۸ نمره
#
# تابع ReLU تنها در کدگذار است: بردارهای واژه درایهٔ منفی هم دارند، پس بازسازی باید بتواند منفی شود.


# %% [markdown]
# ![Two children become a parent; from it they are drawn again, and a label is read off](figures/parent.svg)
#
# **With a pencil.** The children $x_1 = (1, 0)$ and $x_2 = (0, 2)$, so $x = (1, 0, 0, 2)$. $W_1$ has the rows
# $(1, 0, 0, 1)$ and $(0, 1, 1, -1)$ and $b_1 = (0, 1)$: the sums are $1 + 2 + 0 = 3$ and $-2 + 1 = -1$, and the ReLU
# makes the parent $p = (3, 0)$. $W_2$ has $\tfrac12$ in the corners of its first column, $(\tfrac12, 0, 0, \tfrac12)$,
# and zeros in the second: $x' = (1\tfrac12, 0, 0, 1\tfrac12)$. Compared with $x$ two numbers are off by $\tfrac12$:
# $J_1 = \tfrac12(\tfrac14 + \tfrac14) = \tfrac14$.
#
# %% [markdown] lang="fa"
# ![دو فرزند یک والد می‌شوند؛ از روی والد دوباره کشیده می‌شوند و برچسبی خوانده می‌شود](figures/parent.svg)
#
# **با مداد و کاغذ.** فرزندان $x_1 = (1, 0)$ و $x_2 = (0, 2)$، پس $x = (1, 0, 0, 2)$. سطرهای $W_1$ برابر $(1, 0, 0, 1)$
# و $(0, 1, 1, -1)$ هستند و $b_1 = (0, 1)$: جمع‌ها $1 + 2 + 0 = 3$ و $-2 + 1 = -1$ می‌شوند و ReLU از آن‌ها والد
# $p = (3, 0)$ را می‌سازد. ستون نخست $W_2$ برابر $(\tfrac12, 0, 0, \tfrac12)$ و ستون دومش صفر است:
# $x' = (1\tfrac12, 0, 0, 1\tfrac12)$. در مقایسه با $x$ دو عدد $\tfrac12$ اختلاف دارند:
# $J_1 = \tfrac12(\tfrac14 + \tfrac14) = \tfrac14$.


# %% solution id="parent"
def parent(x1: Tensor, x2: Tensor, W1: Tensor, b1: Tensor) -> Tensor:
    """Parent of two vectors: the encoder of the recursive autoencoder.

    Pollack (1990); Socher et al. (2011), "Semi-supervised recursive autoencoders", equation 2, with a ReLU.

    Args:
        x1: left child, shape (Dx,).
        x2: right child, shape (Dx,).
        W1: weights on [x1; x2], shape (Dp, 2 Dx).
        b1: bias, shape (Dp,).

    Returns:
        ReLU(W1 [x1; x2] + b1), shape (Dp,).
    """
    ### BEGIN SOLUTION
    return torch.relu(W1 @ torch.cat([x1, x2]) + b1)
    ### END SOLUTION


# %% [markdown] hint id="parent"
# How long is `[x1; x2]`, and which half of it does the left child own?
# ---
# `torch.cat` joins the two. The bias belongs to the sum, so it is added before the non-linearity and not behind it; and
# that non-linearity is the ReLU, after which nothing is negative.
# ---
# `torch.relu(…)` around all of it: the matrix times the joined vector, plus `b1`.
# %% [markdown] hint id="parent" lang="fa"
# `[x1; x2]` چند عدد دارد و کدام نیمهٔ آن از آنِ فرزند چپ است؟
# ---
# `torch.cat` دو بردار را به هم می‌چسباند. بایاس جزو همان جمع است، پس پیش از تابع غیرخطی افزوده می‌شود و نه پس از آن؛ و
# آن تابع ReLU است که پس از آن چیزی منفی نیست.
# ---
# `torch.relu(…)` دور همه چیز: ماتریس ضربدر بردار چسبانده‌شده، به‌علاوهٔ `b1`.


# %%
# The pencil's numbers: (3, 0).
print(
    parent(
        torch.tensor([1.0, 0.0]),
        torch.tensor([0.0, 2.0]),
        torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, -1.0]]),
        torch.tensor([0.0, 1.0]),
    )
)

# %% check id="parent_check" points=4
draw = seeded("parent")
half, bias = draw.normal(3, 10), draw.normal(3)
W1, b1 = torch.cat([half, -half]), torch.cat([bias, -bias])  # half of the units are below zero, whatever comes
check("parent", parent(draw.normal(5), draw.normal(5), W1, b1))


# %% solution id="reconstruct"
def reconstruct(p: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """Both children, drawn from their parent: the decoder of the recursive autoencoder.

    Socher et al. (2011), equation 3.

    Args:
        p: parent, shape (Dp,).
        W2: weights, shape (2 Dx, Dp).
        b2: bias, shape (2 Dx,).

    Returns:
        W2 p + b2, shape (2 Dx,).
    """
    ### BEGIN SOLUTION
    return W2 @ p + b2
    ### END SOLUTION


# %% [markdown] hint id="reconstruct"
# Word vectors have negative entries. What does that say about a non-linearity at the end of the decoder?
# ---
# Both children are wanted in one vector of `2 * Dx` numbers; nothing is cut out. There is a matrix, a parent and a
# bias: `W2 @ …`.
# %% [markdown] hint id="reconstruct" lang="fa"
# بردارهای واژه درایهٔ منفی هم دارند. این دربارهٔ تابعی غیرخطی در پایان کدگشا چه می‌گوید؟
# ---
# هر دو فرزند در یک بردار با `2 * Dx` عدد خواسته شده‌اند؛ چیزی بریده نمی‌شود. یک ماتریس هست، یک والد و یک بایاس:
# `W2 @ …`.


# %%
# The pencil's numbers: (1.5, 0, 0, 1.5).
print(
    reconstruct(
        torch.tensor([3.0, 0.0]), torch.tensor([[0.5, 0.0], [0.0, 0.0], [0.0, 0.0], [0.5, 0.0]]), torch.zeros(4)
    )
)

# %% check id="reconstruct_check" points=2
draw = seeded("reconstruct")
half, bias = draw.normal(5, 7), draw.normal(5)
check("reconstruction", reconstruct(draw.normal(7).abs(), torch.cat([half, -half]), torch.cat([bias, -bias])))


# %% solution id="reconstruction_loss"
def reconstruction_loss(x: Tensor, x_rec: Tensor) -> Tensor:
    """How far a reconstruction is from the children.

    Socher et al. (2011), equation 4, with a factor of one half.

    Args:
        x: the children [x1; x2], shape (2 Dx,).
        x_rec: their reconstruction, shape (2 Dx,).

    Returns:
        J1 = ½‖x_rec − x‖², shape ().
    """
    ### BEGIN SOLUTION
    return 0.5 * ((x_rec - x) ** 2).sum()
    ### END SOLUTION


# %% [markdown] hint id="reconstruction_loss"
# How many numbers does the loss of one pair of children have, and what does ‖…‖² do with the coordinates: sum or mean,
# with a root or without?
# ---
# The square of each difference, the sum of all of them, one half of that: `0.5 * (…)`.
# %% [markdown] hint id="reconstruction_loss" lang="fa"
# زیانِ یک جفت فرزند چند عدد است، و `‖…‖²` با مختصه‌ها چه می‌کند: جمع یا میانگین، با جذر یا بی‌جذر؟
# ---
# مربع هر اختلاف، مجموع همهٔ آن‌ها، و نصف آن: `0.5 * (…)`.


# %%
# The pencil's number: 0.25.
print(reconstruction_loss(torch.tensor([1.0, 0.0, 0.0, 2.0]), torch.tensor([1.5, 0.0, 0.0, 1.5])))

# %% check id="reconstruction_loss_check" points=2
draw = seeded("reconstruction_loss")
check("reconstruction loss", reconstruction_loss(draw.normal(14), draw.normal(14)))

# %% [markdown]
# ### Essay 2 · Why give the children back?
#
# ●●○ · 30 min · 4 points
#
# Suppose we only want the label of a phrase. Why, then, train a reconstruction $x'$ and its loss $J_1$ as well? Say how
# they help the parent vector $p$: what $p$ would be free to do without them, what they ask of it, where their training
# signal comes from, and one way in which $J_1$ can be made small *without* $p$ getting better. (What if all parents
# become very small, and are themselves somebody's children?)
#
# %% [markdown] lang="fa"
# ### پرسش تشریحی ۲ · چرا فرزندان را پس بدهیم؟
#
# ●●○ · ۳۰ دقیقه · ۴ نمره
#
# فرض کنید تنها برچسب یک عبارت را می‌خواهیم. پس چرا بازسازی $x'$ و زیان آن $J_1$ را هم آموزش می‌دهیم؟ بگویید این دو
# چگونه به بردار والد $p$ کمک می‌کنند: بدون آن‌ها $p$ آزاد است چه کند، از آن چه می‌خواهند، نشانهٔ آموزشی‌شان از کجا
# می‌آید، و راهی را نام ببرید که $J_1$ کوچک شود **بی‌آن‌که** $p$ بهتر شده باشد. (اگر همهٔ والدها خیلی کوچک شوند چه،
# وقتی خودشان فرزند والد دیگری‌اند؟)

# %% [markdown] essay id="why_reconstruct" points=4
# ### BEGIN SOLUTION
# With the label's loss alone $p$ may forget everything that doesn't separate the classes of this training set: with two
# classes one direction of $p$ is enough, all phrases of a class may collapse into one point, and a parent that has
# forgotten its children is of no use as a child of the next parent, whose label may depend on what was thrown away.
# Labels are also few, so such a $p$ overfits.
#
# The reconstruction asks that the $2D_x$ numbers of both children can be recovered from the $D_p$ numbers of $p$. So
# $p$ has to keep what varies most, of both children and with their order (x' = [x1'; x2']). Since $D_p < 2D_x$ it can't
# copy; it has to find what is regular in word pairs that really occur. $J_1$ needs no labels: every neighbouring pair
# in any text is an example, so it also acts as a regulariser and as pre-training for the few labelled phrases, and it
# gives every parent of a sentence a signal of its own, near it, instead of one gradient from a label far above.
#
# What can go wrong: in a fold the parent is itself an $x_1$ of the next step, and $J_1$ is measured in its own scale.
# If $W_1$ makes parents tiny (and $W_2$ undoes that for the new word), the part of $J_1$ for the parent becomes tiny by
# itself, although relatively nothing is remembered. (Remedies: parents of unit length, as in the paper; or a loss that
# unfolds the tree down to the words, as in the picture below.) Also valid: $D_p \ge 2D_x$ lets it copy; $J_1$ weighs
# every coordinate alike and so spends room on frequent but meaningless variation.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: without J1, p may forget (collapse) all that doesn't serve the label; or overfits few labels.
# - 1 point: J1 makes p keep information of both children through a bottleneck (Dp < 2Dx: no copying).
# - 1 point: the signal is unsupervised: no labels, every pair of every text, local to each parent; regularises or
#   pre-trains.
# - 1 point: a way to cheat J1 (shrinking parents; copying when Dp ≥ 2Dx).
#
# "It makes the network converge faster" without a reason earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# ### 2.2 The label and the whole loss
#
# ●●○ · 40 min · 7 points
#
# The classifier looks at the parent only. It returns *logits*; the softmax belongs to the cross entropy
# $J_2 = -\log\operatorname{softmax}(W_3p + b_3)_y$, which torch computes from logits. Both losses together make
#
# $$J = J_1 + J_2 .$$
#
# %% [markdown] lang="fa"
# ### ۲٫۲ برچسب و زیان کامل
#
# ●●○ · ۴۰ دقیقه · ۷ نمره
#
# دسته‌بند تنها به والد نگاه می‌کند. «لاجیت» (logit) برمی‌گرداند؛ softmax از آنِ آنتروپی متقاطع (cross entropy) است،
# یعنی $J_2 = -\log\operatorname{softmax}(W_3p + b_3)_y$، که torch خودش از لاجیت‌ها حساب می‌کند. دو زیان روی هم
# می‌شوند
#
# $$J = J_1 + J_2 .$$


# %% [markdown]
# **With a pencil.** The parent of 2.1, $p = (3, 0)$, two classes, $W_3$ the identity and $b_3 = 0$: the logits are
# $(3, 0)$. Class 0 has the probability $e^3/(e^3 + 1) \approx 0.953$ and costs $J_2 = \log(1 + e^{-3}) \approx 0.049$;
# class 1 would cost $3$ more. With $J_1 = \tfrac14$ from 2.1 the whole loss is $0.299$ for the label 0 and $3.299$ for
# the label 1.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** والد ۲٫۱ یعنی $p = (3, 0)$ را با دو رده، $W_3$ همانی و $b_3 = 0$ بگیرید: لاجیت‌ها $(3, 0)$ هستند.
# احتمال ردهٔ ۰ برابر $e^3/(e^3 + 1) \approx 0.953$ است و زیانش $J_2 = \log(1 + e^{-3}) \approx 0.049$؛ ردهٔ ۱ به
# اندازهٔ $3$ بیشتر زیان دارد. با $J_1 = \tfrac14$ از ۲٫۱، زیان کامل برای برچسب ۰ برابر $0.299$ و برای برچسب ۱ برابر
# $3.299$ است.


# %% solution id="classify"
def classify(p: Tensor, W3: Tensor, b3: Tensor) -> Tensor:
    """Logits of a parent's classes.

    Socher et al. (2011), equation 8, before the softmax.

    Args:
        p: parent, shape (Dp,).
        W3: weights, shape (Dc, Dp).
        b3: bias, shape (Dc,).

    Returns:
        W3 p + b3, shape (Dc,).
    """
    ### BEGIN SOLUTION
    return W3 @ p + b3
    ### END SOLUTION


# %% [markdown] hint id="classify"
# Who takes the softmax later, and what is therefore returned here?
# ---
# One logit for each of the `Dc` classes, from the parent alone, with the bias: `W3 @ …`.
# %% [markdown] hint id="classify" lang="fa"
# softmax را بعداً چه کسی می‌گیرد، و پس این‌جا چه برگردانده می‌شود؟
# ---
# برای هر یک از `Dc` رده یک لاجیت، تنها از روی والد و همراه با بایاس: `W3 @ …`.


# %%
# The pencil's numbers: (3, 0).
print(classify(torch.tensor([3.0, 0.0]), torch.eye(2), torch.zeros(2)))

# %% check id="classify_check" points=2
draw = seeded("classify")
check("logits", classify(draw.normal(6).abs(), draw.normal(4, 6), draw.normal(4)))


# %% solution id="total_loss"
def total_loss(x1: Tensor, x2: Tensor, y: int, params: dict[str, Tensor]) -> Tensor:
    """Loss of one labelled pair: reconstruction and classification.

    Socher et al. (2011), equation 10, with both parts weighing the same.

    Args:
        x1: left child, shape (Dx,).
        x2: right child, shape (Dx,).
        y: the pair's class, an int.
        params: "W1", "b1" of the encoder, "W2", "b2" of the decoder, "W3", "b3" of the classifier.

    Returns:
        J1 + cross entropy, shape ().
    """
    ### BEGIN SOLUTION
    p = parent(x1, x2, params["W1"], params["b1"])
    J1 = reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))
    return J1 - torch.log_softmax(classify(p, params["W3"], params["b3"]), dim=0)[y]
    ### END SOLUTION


# %% [markdown] hint id="total_loss"
# Four of your functions are parts of this one. In which order are they called, and which two of them look at the
# parent?
# ---
# First the parent, from both children. `reconstruction_loss` then compares the children, joined as in `parent`, with
# what `reconstruct` makes of the parent: use it as you wrote it, the ½ is in there.
# ---
# The cross entropy is `-log softmax(logits)[y]`. It wants the logits of `classify` as they are, `torch.log_softmax`
# takes the softmax; and classes are counted from 0, so y is the index itself.
# ---
# `J1 - torch.log_softmax(…, dim=0)[y]`, with the logits in between.
# %% [markdown] hint id="total_loss" lang="fa"
# چهار تابع شما پاره‌های همین یکی هستند. به چه ترتیبی فراخوانده می‌شوند و کدام دو به والد نگاه می‌کنند؟
# ---
# نخست والد، از هر دو فرزند. سپس `reconstruction_loss` فرزندان را، چسبیده به هم مانند `parent`، با آنچه `reconstruct` از
# والد می‌سازد می‌سنجد: همان‌گونه که نوشته‌اید به کارش ببرید، ½ در آن هست.
# ---
# آنتروپی متقاطع `-log softmax(logits)[y]` است. لاجیت‌های `classify` را همان‌گونه که هستند می‌خواهد و softmax را
# `torch.log_softmax` می‌گیرد؛ رده‌ها هم از ۰ شمرده می‌شوند، پس `y` خودِ نمایه است.
# ---
# `J1 - torch.log_softmax(…, dim=0)[y]` که لاجیت‌ها در میانش می‌نشینند.


# %%
# The pencil's numbers: 0.299 for the label 0, 3.299 for the label 1.
for label_on_paper in (0, 1):
    print(
        total_loss(
            torch.tensor([1.0, 0.0]),
            torch.tensor([0.0, 2.0]),
            label_on_paper,
            {
                "W1": torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, -1.0]]),
                "b1": torch.tensor([0.0, 1.0]),
                "W2": torch.tensor([[0.5, 0.0], [0.0, 0.0], [0.0, 0.0], [0.5, 0.0]]),
                "b2": torch.zeros(4),
                "W3": torch.eye(2),
                "b3": torch.zeros(2),
            },
        )
    )

# %% check id="total_loss_check" points=5
draw = seeded("total_loss")
half = 0.4 * draw.normal(4, 10)
params = {"W1": torch.cat([half, -half]), "b1": 0.3 * draw.normal(8), "W2": 0.4 * draw.normal(10, 8)}
params |= {"b2": 0.3 * draw.normal(10), "W3": draw.normal(3, 8), "b3": draw.normal(3)}
x1, x2 = draw.normal(5), draw.normal(5)
draw.unchanged(params)
check("total loss under each of three labels", [total_loss(x1, x2, y, params) for y in (0, 1, 2)])

# %% [markdown]
# **Look at it: not good.** A phrase of two words: one of eight modifiers, half of which turn the meaning round (*not*,
# *never*, *hardly*, *barely*), and one of twelve adjectives, half of them friendly. Is the phrase good or bad news?
# Neither word alone can tell; the parent has to combine them. The cell trains your `total_loss` on 72 of the 96
# phrases, with GloVe vectors (100 numbers) and parents of 24, and projects all parents onto their first two principal
# directions: your `pca_solution`.
#
# %% [markdown] lang="fa"
# **ببینید: ‏«نه‌چندان خوب».** عبارت‌هایی دوواژه‌ای داریم: یکی از هشت قید، که نیمی از آن‌ها معنا را وارونه می‌کنند
# («not»، «never»، «hardly»، «barely»)، و یکی از دوازده صفت، که نیمی از آن‌ها خوشایندند. عبارت خبر خوب می‌دهد یا خبر
# بد؟ هیچ‌یک از دو واژه به‌تنهایی نمی‌تواند بگوید؛ والد باید آن دو را با هم بیامیزد. این سلول `total_loss` شما را روی
# ۷۲ عبارت از ۹۶ عبارت آموزش می‌دهد، با بردارهای GloVe (۱۰۰ عدد) و والدهای ۲۴تایی، و همهٔ والدها را روی دو جهت اصلی
# نخستشان تصویر می‌کند: با `pca_solution` خودتان.

# %%
vectors = glove(limit=20_000)
news = torch.tensor([i for i in (vectors.key_to_index.get(word, 0) for word in lee_news()) if i >= 150])
average = vectors.vectors[news.numpy()].mean(axis=0)  # what all words of the news share
MODIFIERS = ("very", "really", "truly", "extremely", "not", "never", "hardly", "barely")
ADJECTIVES = ("good", "happy", "nice", "brilliant", "friendly", "beautiful")
ADJECTIVES += ("bad", "sad", "awful", "boring", "hostile", "ugly")


def word_vectors(words) -> Tensor:
    """GloVe vectors of some words, less what all words share, each of length one, shape (T, 100)."""
    return F.normalize(torch.tensor(vectors[list(words)] - average, device=DEVICE), dim=1)


phrases = [(modifier, adjective) for modifier in MODIFIERS for adjective in ADJECTIVES]
labels = [int((MODIFIERS.index(a) < 4) == (ADJECTIVES.index(b) < 6)) for a, b in phrases]
pairs = [word_vectors(phrase) for phrase in phrases]
torch.manual_seed(1)
order = torch.randperm(len(phrases)).tolist()
shown, unseen = order[:72], order[72:]
shapes = {"W1": (24, 200), "b1": (24,), "W2": (200, 24), "b2": (200,), "W3": (2, 24), "b3": (2,)}
params = {
    name: (torch.randn(shape) / shape[-1] ** 0.5 if len(shape) == 2 else torch.zeros(shape)).to(DEVICE).requires_grad_()
    for name, shape in shapes.items()
}


def parents() -> Tensor:
    with torch.no_grad():
        return torch.stack([parent(*pair, params["W1"], params["b1"]) for pair in pairs])


before = parents()
optimiser = torch.optim.Adam(params.values(), lr=0.003)
for _ in range(1000):
    batch = [shown[i] for i in torch.randint(len(shown), (12,)).tolist()]
    loss = sum(total_loss(*pairs[i], labels[i], params) for i in batch) / len(batch)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
after = parents()
right = [classify(after[i], params["W3"], params["b3"]).argmax().item() == labels[i] for i in range(len(phrases))]
print(f"right: {sum(right[i] for i in shown)} of 72 it was shown, {sum(right[i] for i in unseen)} of 24 it wasn't")

with torch.no_grad():
    believed = torch.stack([classify(p, params["W3"], params["b3"]).diff()[0] for p in after]).cpu()


def principal_map(points: Tensor) -> Tensor:
    """Points (N, D) on their first two principal directions, (2, N); centred here, for we want to see differences."""
    X = (points - points.mean(dim=0)).T
    return (pca_solution(X, 2)[0] @ X).cpu()


figure, panels = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
views = (
    ("before training", principal_map(before), "first principal direction", "second principal direction"),
    ("after training", principal_map(after), "first principal direction", "second principal direction"),
    ("after training, as the classifier sees them", torch.stack([believed, principal_map(after)[1]]),
     "logit of good news less logit of bad news", "second principal direction"),
)  # fmt: skip
for axis, (title, spots, across, up) in zip(panels, views, strict=True):
    for i, (modifier, adjective) in enumerate(phrases):
        colour = BLUE if labels[i] else ORANGE
        style = (
            {"marker": "o", "markerfacecolor": colour} if i in shown else {"marker": "s", "markerfacecolor": "white"}
        )
        axis.plot(*spots[:, i], linestyle="", color=colour, markersize=4.5, **style)
        if (modifier, adjective) in (("not", "good"), ("very", "good"), ("not", "bad"), ("very", "bad")):
            box = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1}
            axis.annotate(f"{modifier} {adjective}", spots[:, i], (5, 5), textcoords="offset points", bbox=box)
    axis.set(title=f"Parents {title}", xlabel=across, ylabel=up)
    axis.margins(0.15)
for colour, label in ((BLUE, "good news"), (ORANGE, "bad news")):
    panels[0].plot([], [], "o", color=colour, label=label)
panels[0].plot([], [], "s", color=GREY, markerfacecolor="white", label="not shown in training")
panels[0].legend(fontsize=8)
panels[2].axvline(0, color=GREY, linestyle="--", linewidth=1)
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Before training the colours are mixed: a parent lies where its words happen to put it. After training there are four
# clumps, made of two kinds of modifiers and two kinds of adjectives; nothing else about the words matters any more.
# Across this plane the colours still stand crosswise (*good or not?* is an exclusive or of the two words, and no single
# matrix on $[x_1;x_2]$ could compute it: try it without the ReLU). But the parent has 24 numbers, and the classifier
# has found the direction in which the colours part: in the last panel *not good* stands on the side of *very bad*, and
# so do most of the phrases it was never shown.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# پیش از آموزش رنگ‌ها درهم‌اند: هر والد همان جایی است که واژه‌هایش اتفاقاً گذاشته‌اندش. پس از آموزش چهار توده می‌بینید،
# از دو گونه قید و دو گونه صفت؛ هیچ چیز دیگرِ واژه‌ها دیگر اهمیتی ندارد. در این صفحه رنگ‌ها هنوز ضربدری ایستاده‌اند
# («خوب است یا نه؟» «یا»ی انحصاری (exclusive or) دو واژه است و هیچ ماتریسی روی $[x_1;x_2]$ به‌تنهایی از پسش برنمی‌آید:
# بدون ReLU امتحان کنید). اما والد ۲۴ عدد دارد و دسته‌بند جهتی را یافته است که رنگ‌ها در آن از هم جدا می‌شوند: در شکل
# آخر «not good» در سمت «very bad» ایستاده است، و بیشترِ عبارت‌هایی هم که هرگز نشانش نداده‌ایم در سمت درست‌اند.
#
# </details>

# %% [markdown]
# ### 2.3 How large is it?
#
# ●○○ · 20 min · 5 points
#
# Say the shape of each parameter, and how many numbers they hold together. Vectors are one-dimensional: $b_1$ has shape
# `(Dp,)`. Count on paper first.
#
# %% [markdown] lang="fa"
# ### ۲٫۳ چقدر بزرگ است؟
#
# ●○○ · ۲۰ دقیقه · ۵ نمره
#
# بگویید شکل هر پارامتر چیست و همه روی هم چند عدد دارند. بردارها یک‌بُعدی‌اند: شکل $b_1$ برابر `(Dp,)` است. نخست روی
# کاغذ بشمارید.


# %% [markdown]
# **With a pencil.** $D_x = 3$, $D_p = 2$, $D_c = 2$. The encoder takes $2\cdot 3 = 6$ numbers and gives 2: $12$ weights
# and $2$ biases. The decoder goes back: $12$ and $6$. The classifier: $2\cdot 2 = 4$ and $2$. Together $38$.
#
# %% [markdown] lang="fa"
# **با مداد و کاغذ.** بگیرید $D_x = 3$ و $D_p = 2$ و $D_c = 2$. کدگذار $2\cdot 3 = 6$ عدد می‌گیرد و ۲ عدد می‌دهد: $12$
# وزن و $2$ بایاس. کدگشا همین راه را برمی‌گردد: $12$ و $6$. دسته‌بند: $2\cdot 2 = 4$ و $2$. روی هم $38$.


# %% solution id="parameter_shapes"
def parameter_shapes(Dx: int, Dp: int, Dc: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the recursive autoencoder's parameters.

    Args:
        Dx: size of a word vector.
        Dp: size of a parent.
        Dc: number of classes.

    Returns:
        Shapes as tuples, under "W1", "b1", "W2", "b2", "W3" and "b3".
    """
    ### BEGIN SOLUTION
    return {"W1": (Dp, 2 * Dx), "b1": (Dp,), "W2": (2 * Dx, Dp), "b2": (2 * Dx,), "W3": (Dc, Dp), "b3": (Dc,)}
    ### END SOLUTION


# %% [markdown] hint id="parameter_shapes"
# Each matrix multiplies a column from the left. Which vector does it take, which does it give, and which of the two
# sizes stands first in its shape?
# ---
# The encoder takes two children, `2 * Dx` numbers, and gives one parent; the decoder goes the opposite way. The
# classifier looks at the parent, not at the reconstruction.
# ---
# A bias is as long as what its matrix gives, and has one axis only: `(Dp,)`. So:
# `{"W1": (Dp, 2 * Dx), "b1": (Dp,), …}`.
# %% [markdown] hint id="parameter_shapes" lang="fa"
# هر ماتریس از چپ در یک ستون ضرب می‌شود. کدام بردار را می‌گیرد، کدام را می‌دهد و کدام‌یک از این دو اندازه در شکل آن نخست
# می‌آید؟
# ---
# کدگذار دو فرزند، یعنی `2 * Dx` عدد، می‌گیرد و یک والد می‌دهد؛ کدگشا همین راه را برمی‌گردد. دسته‌بند به والد نگاه
# می‌کند، نه به بازسازی.
# ---
# بایاس به درازای خروجی ماتریس خودش است و تنها یک محور دارد: `(Dp,)`. پس: `{"W1": (Dp, 2 * Dx), "b1": (Dp,), …}`.


# %% check id="parameter_shapes_check" points=2
draw = seeded("parameter_shapes")
sizes = [(draw.integers(50, 90), draw.integers(20, 50), draw.integers(3, 20)) for _ in range(8)]
check("shapes at eight sizes", [parameter_shapes(*size) for size in sizes])


# %% solution id="parameter_count"
def parameter_count(Dx: int, Dp: int, Dc: int) -> int:
    """Number of the recursive autoencoder's parameters, biases included.

    Args:
        Dx: size of a word vector.
        Dp: size of a parent.
        Dc: number of classes.

    Returns:
        How many numbers W1, b1, W2, b2, W3 and b3 hold together, an int.
    """
    ### BEGIN SOLUTION
    return sum(math.prod(shape) for shape in parameter_shapes(Dx, Dp, Dc).values())
    ### END SOLUTION


# %% [markdown] hint id="parameter_count"
# You have just written down all shapes. How many numbers does a matrix of a given shape hold, and how many a vector?
# ---
# Six parameters count: encoder, decoder and classifier, each with its bias. Encoder and decoder are of equal size, but
# they are two matrices.
# ---
# Multiply each shape out with `math.prod` and add up over `parameter_shapes(…).values()`.
# %% [markdown] hint id="parameter_count" lang="fa"
# همهٔ شکل‌ها را همین حالا نوشته‌اید. ماتریسی با شکلی معین چند عدد دارد و بردار چند عدد؟
# ---
# شش پارامتر به حساب می‌آیند: کدگذار، کدگشا و دسته‌بند، هر کدام با بایاس خودش. کدگذار و کدگشا هم‌اندازه‌اند، اما دو
# ماتریس‌اند.
# ---
# عددهای هر شکل را با `math.prod` در هم ضرب کنید و روی `parameter_shapes(…).values()` جمع بزنید.


# %%
# The pencil's number: 38.
print(parameter_count(Dx=3, Dp=2, Dc=2))

# %% check id="parameter_count_check" points=3
draw = seeded("parameter_count")
sizes = [(draw.integers(50, 90), draw.integers(20, 50), draw.integers(3, 20)) for _ in range(8)]
check("counts at eight sizes", [parameter_count(*size) for size in sizes])

# %% [markdown]
# ### 2.4 Folding a sentence
#
# ●●○ · 35 min · 5 points
#
# With $D_p = D_x = D$ a parent is as good as a word. Begin with the first word; let the parent of what you have (left)
# and the next word (right) take its place; go on to the end:
#
# $$p_1 = x_1,\qquad p_t = \operatorname{parent}(p_{t-1}, x_t)\quad (t = 2, \dots, T).$$
#
# A sentence of one word is that word, untouched.
#
# %% [markdown] lang="fa"
# ### ۲٫۴ تاکردن یک جمله
#
# ●●○ · ۳۵ دقیقه · ۵ نمره
#
# با $D_p = D_x = D$ والد هم‌سنگ یک واژه است. از واژهٔ نخست آغاز کنید؛ والدِ آنچه دارید (چپ) و واژهٔ بعدی (راست) جایش را
# بگیرد؛ تا پایان بروید:
#
# $$p_1 = x_1,\qquad p_t = \operatorname{parent}(p_{t-1}, x_t)\quad (t = 2, \dots, T).$$
#
# جملهٔ تک‌واژه‌ای همان واژه است، دست‌نخورده.


# %% [markdown]
# ![A sentence of four words folded from the left by the same module; the first word's share fades](figures/fold.svg)
#
# **With a pencil.** Let the module take the mean of its children: $W_1$ has the rows $(\tfrac12, 0, \tfrac12, 0)$ and
# $(0, \tfrac12, 0, \tfrac12)$, and $b_1 = 0$. The sentence $(1, 0), (1, 2), (3, 1)$: $p_2 = (1, 1)$ and
# $p_3 = \tfrac12\,((1, 1) + (3, 1)) = (2, 1)$. The last word counts one half, the first two a quarter each; the plain
# mean would be $(1\tfrac23, 1)$. Each further squeeze halves what came before: in homework 6 that ½ is a *spectral
# radius*, and it decides how far a network can remember.
#
# %% [markdown] lang="fa"
# ![جمله‌ای چهارواژه‌ای که همان یک واحد آن را از چپ تا می‌کند؛ سهم واژهٔ نخست رنگ می‌بازد](figures/fold.svg)
#
# **با مداد و کاغذ.** بگذارید واحد ما میانگین دو فرزندش را بگیرد: سطرهای $W_1$ برابر $(\tfrac12, 0, \tfrac12, 0)$ و
# $(0, \tfrac12, 0, \tfrac12)$ باشند و $b_1 = 0$. جملهٔ $(1, 0), (1, 2), (3, 1)$ چنین تا می‌شود: $p_2 = (1, 1)$ و
# $p_3 = \tfrac12\,((1, 1) + (3, 1)) = (2, 1)$. سهم واژهٔ آخر یک‌دوم است و سهم دو واژهٔ نخست هر کدام یک‌چهارم؛ میانگین
# ساده $(1\tfrac23, 1)$ می‌شد. هر فشردنِ بعدی آنچه را پیش‌تر آمده نصف می‌کند: این ½ در تمرین ۶ «شعاع طیفی» (spectral
# radius) نام دارد و تعیین می‌کند شبکه تا کجا به یاد می‌آورد.


# %% solution id="encode_sentence"
def encode_sentence(X: Tensor, W1: Tensor, b1: Tensor) -> Tensor:
    """A sentence folded into one vector, from the left.

    Args:
        X: word vectors, a word a row, shape (T, D) with T ≥ 1.
        W1: weights of `parent`, shape (D, 2 D).
        b1: bias of `parent`, shape (D,).

    Returns:
        The last parent, shape (D,); X[0] when T = 1.
    """
    ### BEGIN SOLUTION
    p = X[0]
    for x in X[1:]:
        p = parent(p, x, W1, b1)
    return p
    ### END SOLUTION


# %% [markdown] hint id="encode_sentence"
# What is the vector of a sentence of one word, and with what, then, does the fold begin?
# ---
# One word after the other joins from the right: what has been folded so far is the left child, the next word the right
# one, up to the last word.
# ---
# Keep one name for what has been folded, beginning with `X[0]`, and loop over the rows of `X[1:]`; each turn replaces
# it by a parent. Write nothing into `X`, whose words are still needed.
# %% [markdown] hint id="encode_sentence" lang="fa"
# بردار جمله‌ای با یک واژه چیست، و پس تاکردن با چه آغاز می‌شود؟
# ---
# واژه‌ها یکی پس از دیگری از راست می‌پیوندند: آنچه تاکنون تا شده فرزند چپ است و واژهٔ بعدی فرزند راست، تا واژهٔ آخر.
# ---
# برای آنچه تا شده یک نام نگه دارید که با `X[0]` آغاز می‌شود و روی سطرهای `X[1:]` حلقه بزنید؛ هر دور والدی به جایش
# می‌گذارد. در خود `X` چیزی ننویسید، واژه‌هایش هنوز لازم‌اند.


# %%
# The pencil's numbers: (2, 1).
print(
    encode_sentence(
        torch.tensor([[1.0, 0.0], [1.0, 2.0], [3.0, 1.0]]),
        torch.tensor([[0.5, 0.0, 0.5, 0.0], [0.0, 0.5, 0.0, 0.5]]),
        torch.zeros(2),
    )
)

# %% check id="encode_sentence_check" points=4
draw = seeded("encode_sentence")
half = draw.normal(5, 20) / math.sqrt(10)
W1, b1 = torch.cat([half, -half]), 0.1 * draw.normal(10)
check("a sentence of six words", encode_sentence(draw.normal(6, 10), W1, b1))
check("a sentence of two words", encode_sentence(draw.normal(2, 10), W1, b1))

# %% check id="encode_sentence_check_one_word" points=1
draw = seeded("encode_sentence_one_word")
W1, b1 = draw.normal(9, 18), draw.normal(9)
check("a sentence of one word", encode_sentence(draw.normal(1, 9), W1, b1))

# %% [markdown]
# **Look at it: what does the last parent remember?** We train the fold on snippets of six words out of the news
# (without the 150 most frequent words, which say little), in two ways. *Step by step:* the sum of all $J_1$, each
# parent asked for its own two children. *Unfolding:* only the last parent is asked; it is reconstructed into its two
# children, the left of these into its two, and so on down to the six words, and the loss is their distance from the
# true words. Then a new snippet is folded and unfolded. A row is a word that came back, with the vocabulary's nearest
# word as its name; the colour is its cosine with each true word.
#
# %% [markdown] lang="fa"
# **ببینید: والد آخر چه چیزی را به یاد دارد؟** تاکردن را روی تکه‌هایی شش‌واژه‌ای از خبرها (بدون ۱۵۰ واژهٔ پربسامد که
# چندان چیزی نمی‌گویند) به دو روش آموزش می‌دهیم. **گام‌به‌گام:** مجموع همهٔ $J_1$ها، که هر والد تنها دو فرزند خودش را
# باید پس بدهد. **با بازکردن** (unfolding): تنها از والد آخر می‌پرسیم؛ او به دو فرزندش بازسازی می‌شود، فرزند چپ به دو
# فرزند خودش، و همین‌طور تا شش واژه، و زیان فاصلهٔ این‌ها از واژه‌های اصلی است. سپس تکه‌ای تازه را تا و باز می‌کنیم.
# هر سطر واژه‌ای است که بازگشته و نامش نزدیک‌ترین واژهٔ واژگان به آن است؛ رنگ، کسینوس آن با هر واژهٔ اصلی است.


# %%
def unfold(p: Tensor, W2: Tensor, b2: Tensor, T: int) -> Tensor:
    """The T words that a parent remembers, first word first, shape (T, D)."""
    words = []
    for _ in range(T - 1):
        p, word = reconstruct(p, W2, b2).chunk(2)
        words.append(word)
    return torch.stack([p, *reversed(words)])


def train_fold(unfolding: bool, T: int = 6, D: int = 100, steps: int = 1600, batch: int = 64) -> list[Tensor]:
    """W1, b1, W2, b2 of a recursive autoencoder trained on snippets of the news."""
    torch.manual_seed(0)
    sizes = parameter_shapes(D, D, 2)
    W1, W2 = (torch.randn(sizes[name]) / math.sqrt(D) for name in ("W1", "W2"))
    weights = [w.to(DEVICE).requires_grad_() for w in (W1, torch.zeros(sizes["b1"]), W2, torch.zeros(sizes["b2"]))]
    optimiser = torch.optim.Adam(weights)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    each = torch.vmap(reconstruction_loss)
    for _ in range(steps):
        begin = torch.randint(len(news) - T, (batch, 1))
        X = table[news[begin + torch.arange(T)]]  # (batch, T, D)
        if unfolding:
            p = torch.vmap(encode_sentence, in_dims=(0, None, None))(X, *weights[:2])
            back = torch.vmap(lambda p, W2, b2: unfold(p, W2, b2, T), in_dims=(0, None, None))(p, *weights[2:])
            loss = each(X.flatten(1), back.flatten(1)).mean()
        else:
            p, loss = X[:, 0], 0.0
            for t in range(1, T):
                children = torch.cat([p, X[:, t]], dim=1)
                p = torch.vmap(parent, in_dims=(0, 0, None, None))(p, X[:, t], *weights[:2])
                back = torch.vmap(reconstruct, in_dims=(0, None, None))(p, *weights[2:])
                loss = loss + each(children, back).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return [w.detach() for w in weights]


table = word_vectors(vectors.index_to_key)
SNIPPET = ["officers", "discovered", "two", "vehicles", "near", "lake"]
folds = {"step by step": train_fold(False), "unfolding": train_fold(True)}
figure, panels = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
X = word_vectors(SNIPPET)
for axis, (name, (W1, b1, W2, b2)) in zip(panels, folds.items(), strict=True):
    p = encode_sentence(X, W1, b1)
    back = F.normalize(unfold(p, W2, b2, len(X)), dim=1)
    image = axis.imshow((back @ X.T).cpu(), cmap="PuOr_r", vmin=-1, vmax=1)
    axis.set_xticks(range(len(X)), SNIPPET, rotation=30)
    axis.set_yticks(range(len(X)), [vectors.index_to_key[i] for i in (back @ table.T).argmax(dim=1).tolist()])
    axis.set_title(f"trained {name}; length of the last parent: {p.norm():.1f}", fontsize=10)
    axis.set(xlabel="true word", ylabel="word that came back (nearest in GloVe)")
    for t, cosine in enumerate((back * X).sum(dim=1).tolist()):
        axis.text(t, t, f"{cosine:.2f}", ha="center", va="center", fontsize=8)
figure.colorbar(image, ax=panels, label="cosine")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# *Step by step* remembers the last word almost perfectly, the one before it vaguely, and nothing of the beginning. Yet
# every single $J_1$ was made small. Look at the length of its last parent: it stands for six words and is shorter than
# one (all words have length 1 here). In $J_1$ such a parent weighs less than the next word, so forgetting everything
# before it costs less than forgetting that one word. *Unfolding* was asked about the words themselves and can't get
# away with that: no word comes back exactly, but all come back *roughly*, each in its place. Ours reads *militants
# found three vehicles near located*: one hundred numbers now hold what six hundred did, and what they chose to keep is
# meaning.
#
# </details>
#
# And what is such a vector good for that the plain mean of the word vectors isn't? Below, cosines between six snippets:
# two events, each told in two ways, and each once with its words in another order. (The mean over 500 other snippets
# was subtracted first, so that 0 means *no more alike than any two*.)
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# روش «گام‌به‌گام» واژهٔ آخر را تقریباً بی‌نقص به یاد دارد، واژهٔ پیش از آن را مبهم، و از آغاز جمله هیچ. با این حال
# تک‌تک $J_1$ها کوچک شده بودند. به طول والد آخرش نگاه کنید: نمایندهٔ شش واژه است و از یک واژه هم کوتاه‌تر (این‌جا طول
# همهٔ واژه‌ها ۱ است). چنین والدی در $J_1$ کمتر از واژهٔ بعدی وزن دارد؛ پس فراموش‌کردنِ همهٔ آنچه پیش‌تر آمده از
# فراموش‌کردنِ همان یک واژه هم ارزان‌تر است. در روش «بازکردن» از خودِ واژه‌ها پرسیده‌ایم و چنین راه فراری نیست: هیچ
# واژه‌ای دقیقاً برنمی‌گردد، ولی همه کمابیش و هر یک در جای خود برمی‌گردند. مال ما می‌گوید «militants found three
# vehicles near located»: حالا صد عدد آنچه را ششصد عدد داشتند نگه داشته‌اند، و آنچه برگزیده‌اند معناست.
#
# </details>
#
# و چنین برداری به چه کار می‌آید که میانگین سادهٔ بردارهای واژه‌ها نمی‌آید؟ در شکل زیر کسینوس میان شش تکه را می‌بینید:
# دو رویداد، هر کدام به دو بیان، و هر کدام یک بار هم با ترتیب دیگری از همان واژه‌ها. (نخست میانگین ۵۰۰ تکهٔ دیگر را کم
# کرده‌ایم تا ۰ یعنی «نه شبیه‌تر از هر دو تکهٔ دلخواه».)

# %%
SNIPPETS = (
    "police found three cars near river",
    "officers discovered two vehicles near lake",
    "river near cars three found police",
    "heavy rain fell over southern france",
    "strong winds hit across northern italy",
    "france southern over fell rain heavy",
)
rows = [word_vectors(snippet.split()) for snippet in SNIPPETS]
rows += [table[news[begin : begin + 6]] for begin in range(0, 6000, 12)]  # 500 snippets of the news, for their mean
kinds = {"mean of the words": lambda X: X.mean(dim=0), "fold": lambda X: encode_sentence(X, *folds["unfolding"][:2])}
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", sharey=True)
for axis, (name, vector_of) in zip(panels, kinds.items(), strict=True):
    made = torch.stack([vector_of(X) for X in rows])
    directions = F.normalize(made[:6] - made[6:].mean(dim=0), dim=1)
    cosines = (directions @ directions.T).cpu()
    image = axis.imshow(cosines, cmap="PuOr_r", vmin=-1, vmax=1)
    for i in range(6):
        for j in range(6):
            shade = "white" if cosines[i, j].abs() > 0.7 else "black"
            axis.text(j, i, f"{cosines[i, j]:.2f}", ha="center", va="center", fontsize=8, color=shade)
    axis.set(title=name, xlabel="number of the snippet")
    axis.set_xticks(range(6), range(1, 7))
panels[0].set_yticks(range(6), [f"{snippet}  {i}" for i, snippet in enumerate(SNIPPETS, 1)], fontsize=8)
panels[0].set_ylabel("snippet")
figure.colorbar(image, ax=panels, label="cosine")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# For the mean, a snippet and the same words backwards are one and the same (cosine 1). For the fold they are different
# things, less alike than two tellings of one event: it knows where a word stood.
#
# </details>
#
# ### Essay 3 · A label for a whole sentence
#
# ●●○ · 40 min · 5 points
#
# Using *only copies of this one module* (the same $W_1, b_1, W_2, b_2, W_3, b_3$ everywhere), how would you label a
# whole sentence of T words, say as positive or negative? Describe the network, what each copy's inputs are and which
# sizes must be equal, which losses you would add up and how the gradient reaches the first word. How many parameters
# has it for T = 5 and for T = 50? Name one weakness of folding from the left and a remedy that still uses only this
# module.
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# برای میانگین، یک تکه و همان واژه‌ها از آخر به اول یک چیزند (کسینوس ۱). برای تاکردن دو چیزند و شباهتشان از شباهت دو
# بیانِ یک رویداد کمتر است: می‌داند هر واژه کجا ایستاده بود.
#
# </details>
#
# ### پرسش تشریحی ۳ · برچسبی برای یک جملهٔ کامل
#
# ●●○ · ۴۰ دقیقه · ۵ نمره
#
# **تنها با رونوشت‌هایی از همین یک واحد** (همه‌جا با همان $W_1, b_1, W_2, b_2, W_3, b_3$) چگونه به جمله‌ای با $T$ واژه
# برچسب می‌زنید، برای نمونه مثبت یا منفی؟ شبکه را شرح دهید: ورودی‌های هر رونوشت چیست، کدام اندازه‌ها باید برابر باشند،
# کدام زیان‌ها را جمع می‌کنید و گرادیان چگونه به واژهٔ نخست می‌رسد. برای $T = 5$ و برای $T = 50$ چند پارامتر دارد؟ یک
# نقطه‌ضعفِ تاکردن از چپ را نام ببرید و چاره‌ای که باز تنها همین واحد را به کار برد.

# %% [markdown] essay id="label_a_sentence" points=5
# ### BEGIN SOLUTION
# Set $D_p = D_x = D$, so that a parent can be a child. Chain T − 1 copies: the first takes $x_1, x_2$ and gives $p_2$,
# the next takes $p_2, x_3$ and gives $p_3$, …, the last gives $p_T$: `encode_sentence`. The classifier of the last
# copy, $W_3p_T + b_3$, gives the sentence's logits; at test time only the encoders and this one classifier are used. (A
# sentence of one word is classified from its own vector.)
#
# Loss of a sentence: cross entropy at the top plus, weighted, the reconstruction losses $J_1$ of all copies (or one
# unfolding loss); where inner phrases have labels, also their cross entropies. The gradient of the top flows back
# through the chain, $\partial p_t/\partial p_{t-1}$ = the left half of $W_1$, with rows switched off where the ReLU was
# off; at every copy it adds to the gradient of the shared $W_1, b_1$ (backpropagation through structure, as through
# time), and at the first copy it arrives at $x_1$, which may be trained as well. Every $J_1$ adds a signal that is
# local.
#
# The number of parameters doesn't depend on T: `parameter_count(D, D, Dc)`, the same for 5 and 50 words.
#
# Weakness: the first word passes through T − 1 squeezes, so it is forgotten, and its gradient, a product of T − 1
# Jacobians, vanishes or explodes (the picture). Remedy: fold along a tree: a balanced one (neighbours in pairs, then
# pairs of pairs: depth log₂ T), the syntax tree, or greedily always the pair with the smallest $J_1$ (Socher et al.).
# Unfolding loss or parents normalised to length one help too.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: a chain or tree of copies of the same module, the output of one being an input of the next.
# - 1 point: Dp = Dx, and the classifier sits on the last parent (the root).
# - 1 point: losses: cross entropy at the root plus J1 of the copies; gradient through all copies into shared weights.
# - 1 point: parameter count independent of T.
# - 1 point: a weakness (long path of the first word, forgetting or vanishing gradient, or order ignoring syntax) with a
#   remedy that uses this module only (balanced tree, syntax tree, greedy pairs).
#
# "Use an LSTM" or "average the word vectors" isn't this module and earns nothing here.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** One small module, used again and again, makes one vector of any number of words, and its parameters
# don't know how many there were. The reconstruction asks a parent to keep its children, the label asks it to keep what
# matters. A loss forgets what it doesn't measure: step by step the last word wins, and only the unfolding asks for all
# of them.
#
# **Open tasks** (no points).
#
# - Fold four words along a balanced tree, in pairs, with your own `parent`. You did well if the pencil's module now
#   gives the plain mean of the four words, where folding from the left gave the shares of the picture.
# - Bring each parent to length one before it becomes a child, as Socher et al. do, and train step by step once more.
#   You did well if you can say from the picture whether the first words come back any better, and which way of cheating
#   $J_1$ you have closed.
# - Train the step-by-step fold on reversed snippets. You did well if the bright square has moved to the first word of
#   the sentence, and you can say why from where that word now stands.
#
# **Read on.** [Pollack (1990)](https://doi.org/10.1016/0004-3702%2890%2990005-K), where the idea is from; [Socher et al.
# (2011)](https://aclanthology.org/D11-1014/), section 2, our equations; [Socher et al.
# (2013)](https://aclanthology.org/D13-1170/), trees with a label at every phrase; [Pennington, Socher and Manning
# (2014)](https://aclanthology.org/D14-1162/), the word vectors.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** یک واحد کوچک که بارها به کار می‌رود از هر شمار واژه یک بردار می‌سازد و پارامترهایش نمی‌دانند
# واژه‌ها چند تا بودند. بازسازی از والد می‌خواهد فرزندانش را نگه دارد و برچسب می‌خواهد آنچه را مهم است نگه دارد. زیان
# چیزی را که نمی‌سنجد فراموش می‌کند: گام‌به‌گام واژهٔ آخر می‌برد و تنها «بازکردن» همهٔ واژه‌ها را می‌خواهد.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - چهار واژه را در درختی متوازن، دو به دو، با `parent` خودتان تا کنید. خوب کار کرده‌اید اگر واحدِ میانگین‌گیرِ بالا این
#   بار میانگین سادهٔ چهار واژه را بدهد، در حالی که تاکردن از چپ سهم‌های تصویر را می‌داد.
# - مانند سوچر (Socher) و همکارانش هر والد را پیش از آن‌که فرزند شود به طول یک برسانید و یک بار دیگر گام‌به‌گام آموزش
#   دهید. خوب کار کرده‌اید اگر از روی شکل بتوانید بگویید واژه‌های نخست بهتر برمی‌گردند یا نه، و کدام راه تقلب در $J_1$
#   را بسته‌اید.
# - روش گام‌به‌گام را روی تکه‌های وارونه آموزش دهید. خوب کار کرده‌اید اگر خانهٔ روشن به واژهٔ نخست جمله رفته باشد و
#   بتوانید از جای تازهٔ آن واژه بگویید چرا.
#
# **بیشتر بخوانید.** [Pollack (1990)](https://doi.org/10.1016/0004-3702%2890%2990005-K)، سرچشمهٔ این ایده؛ [Socher et al.
# (2011)](https://aclanthology.org/D11-1014/)، بخش ۲، معادله‌های ما؛ [Socher et al.
# (2013)](https://aclanthology.org/D13-1170/)، درخت‌هایی با برچسب در هر عبارت؛ [Pennington, Socher and Manning
# (2014)](https://aclanthology.org/D14-1162/)، بردارهای واژه.

# %% [markdown]
# ## Part 3 · Practice: eight numbers for a piece of clothing
#
# Fashion-MNIST: photographs of clothes, 28 × 28 grey pixels in [0, 1], ten kinds. An image is now a *row* of 784
# numbers. Your autoencoder says each in k = 8 numbers.
#
# An encoder that may be non-linear, with a code smaller than the image, is called *undercomplete*: it can't copy, so it
# has to choose. A *denoising* autoencoder makes the task harder and the code better: its encoder sees a *ruined* copy
# of the image, and the decoder must draw the *clean* one. To do so it has to know how clothes look.
#
# We ruin an image with Gaussian noise of standard deviation ½ in each pixel, clipped to [0, 1], and then black out a
# tenth of the pixels.
#
# %% [markdown] lang="fa"
# ## بخش ۳ · تمرین عملی: هشت عدد برای یک تکه لباس
#
# مجموعهٔ Fashion-MNIST عکس‌هایی از لباس است: ۲۸ × ۲۸ پیکسل خاکستری در بازهٔ $[0, 1]$، از ده گونه. هر تصویر حالا یک
# **سطر** با ۷۸۴ عدد است. خودکدگذار شما هر کدام را با $k = 8$ عدد می‌گوید.
#
# خودکدگذاری را که کدش کوچک‌تر از تصویر است «کم‌ظرفیت» می‌نامند: نمی‌تواند رونویسی کند، پس ناچار است برگزیند.
# خودکدگذار «نوفه‌زدا» کار را سخت‌تر و کد را بهتر می‌کند: کدگذارش رونوشتی **خراب** از تصویر را می‌بیند و کدگشایش باید
# تصویر **سالم** را بکشد. برای این کار باید بداند لباس چه شکلی است.
#
# ما تصویر را چنین خراب می‌کنیم: به هر پیکسل نوفهٔ گاوسی با انحراف معیار ½ می‌افزاییم، به بازهٔ $[0, 1]$ می‌بُریم و سپس
# یک‌دهم پیکسل‌ها را سیاه می‌کنیم.

# %% given id="images"
CODE, SIGMA_NOISE, DROP = 8, 0.5, 0.1

shop = fashion_mnist("train", limit=14_000)
train_images, validation_images = shop.pixels.flatten(1).to(DEVICE).split([12_000, 2_000])
validation_labels, CLASSES = shop.labels[12_000:], shop.classes


def corrupt(images: Tensor, noise: Tensor, dropped: Tensor, sigma: float) -> Tensor:
    """Ruined copies of images: noise, clipped to [0, 1], then pixels blacked out.

    Args:
        images: shape (N, 784), in [0, 1].
        noise: standard normal numbers, shape (N, 784).
        dropped: True where a pixel is blacked out, shape (N, 784).
        sigma: standard deviation of the noise.
    """
    return (images + sigma * noise).clamp(0, 1).masked_fill(dropped, 0.0)


def gallery(axis, images: Tensor, title: str):
    """Draw a row of images, shape (N, 784)."""
    strip = images.detach().cpu().reshape(-1, 28, 28).permute(1, 0, 2).reshape(28, -1)
    axis.imshow(strip, cmap="gray", vmin=0, vmax=1)
    axis.set_title(title, loc="left", fontsize=9)
    axis.set(xticks=[], yticks=[])


# %% [markdown]
# ### 3.1 The two losses
#
# ●○○ · 40 min · 7 points
#
# `encode` and `decode` are functions (or networks) on rows: (N, 784) → (N, k) → (N, 784). Write the loss of a denoising
# autoencoder, the mean squared error over all pixels of all images. Which of the two copies does the encoder see, and
# with which is the drawing compared? Then the same error *image by image*, without noise: it will tell us which images
# an autoencoder finds strange.
#
# %% [markdown] lang="fa"
# ### ۳٫۱ دو زیان
#
# ●○○ · ۴۰ دقیقه · ۷ نمره
#
# دو ورودیِ نخست، `encode` و `decode`، تابع (یا شبکه)هایی روی سطرها هستند: ‏`(N, 784)` به `(N, k)` و آن به `(N, 784)`.
# زیان خودکدگذار نوفه‌زدا را بنویسید، یعنی میانگین مربع خطا روی همهٔ پیکسل‌های همهٔ تصویرها. کدگذار کدام‌یک از دو
# رونوشت را می‌بیند و نقاشی با کدام سنجیده می‌شود؟ سپس همین خطا را **تصویر به تصویر** و بی‌نوفه بنویسید: به ما خواهد
# گفت کدام تصویرها به چشم خودکدگذار غریب‌اند.


# %% [markdown]
# ![The clean image is ruined, encoded and drawn; the drawing is compared with the clean image](figures/denoise.svg)
#
# **With a pencil.** An image of two pixels, clean $(1, 0)$, ruined $(\tfrac12, \tfrac12)$. Let the code be the sum of
# the pixels, $1$, and the drawing the code times $(1, 0.2)$, hence $(1, 0.2)$. Compared with the clean image:
# $\tfrac12(0^2 + 0.2^2) = 0.02$. Compared with the ruined one it would be $\tfrac12(0.5^2 + 0.3^2) = 0.17$: this
# network draws what the image was, not what it has seen.
#
# %% [markdown] lang="fa"
# ![تصویر سالم خراب، کدگذاری و دوباره کشیده می‌شود؛ نقاشی با تصویر سالم سنجیده می‌شود](figures/denoise.svg)
#
# **با مداد و کاغذ.** تصویری با دو پیکسل، سالم $(1, 0)$ و خراب‌شده $(\tfrac12, \tfrac12)$. فرض کنید کد، مجموع پیکسل‌ها
# یعنی $1$ باشد و نقاشی، کد ضربدر $(1, 0.2)$، پس $(1, 0.2)$. در مقایسه با تصویر سالم: $\tfrac12(0^2 + 0.2^2) = 0.02$. در
# مقایسه با تصویر خراب می‌شد $\tfrac12(0.5^2 + 0.3^2) = 0.17$: این شبکه آن چیزی را می‌کشد که تصویر بوده است، نه آنچه
# دیده است.


# %% solution id="denoising_loss"
def denoising_loss(encode, decode, clean: Tensor, noisy: Tensor) -> Tensor:
    """Mean squared error of a denoising autoencoder.

    Vincent et al. (2008), "Extracting and composing robust features with denoising autoencoders", section 2.3.

    Args:
        encode: maps images (N, m) to codes (N, k).
        decode: maps codes (N, k) to images (N, m).
        clean: images, shape (N, m).
        noisy: their ruined copies, shape (N, m).

    Returns:
        The mean over all N m pixels, shape ().
    """
    ### BEGIN SOLUTION
    return F.mse_loss(decode(encode(noisy)), clean)
    ### END SOLUTION


# %% [markdown] hint id="denoising_loss"
# To draw the clean image, the network has to know how clothes look. Which copy must it be shown, and with which is its
# drawing compared?
# ---
# One way through: encode, then decode. The ruined copy goes in at the front, and only at the end does the clean one
# appear.
# ---
# The mean is over all pixels of all images: one number. `F.mse_loss(decode(…), …)` takes just that mean.
# %% [markdown] hint id="denoising_loss" lang="fa"
# شبکه برای کشیدن تصویر سالم باید بداند لباس چه شکلی است. کدام رونوشت را باید نشانش داد و نقاشی‌اش با کدام سنجیده
# می‌شود؟
# ---
# یک راه سرراست: نخست کدگذاری، سپس کدگشایی. رونوشت خراب از آغاز وارد می‌شود و تصویر سالم تنها در پایان به کار می‌آید.
# ---
# میانگین روی همهٔ پیکسل‌های همهٔ تصویرهاست: یک عدد. `F.mse_loss(decode(…), …)` همین میانگین را می‌گیرد.


# %%
# The pencil's number: 0.02.
print(
    denoising_loss(
        lambda image: image.sum(dim=1, keepdim=True),
        lambda code: code * torch.tensor([[1.0, 0.2]]),
        torch.tensor([[1.0, 0.0]]),
        torch.tensor([[0.5, 0.5]]),
    )
)

# %% check id="denoising_loss_check" points=4
draw = seeded("denoising_loss")
losses = []
for _ in range(3):
    A, B, clean, noise = draw.normal(7, 3), 0.4 * draw.normal(3, 7), draw.uniform(5, 7), draw.normal(5, 7)
    losses.append(denoising_loss(lambda x, A=A: torch.tanh(x @ A), lambda c, B=B: c @ B, clean, clean + 0.9 * noise))
check("denoising loss of three networks", losses)


# %% solution id="reconstruction_errors"
def reconstruction_errors(encode, decode, images: Tensor) -> Tensor:
    """Mean squared error of each image's reconstruction.

    Args:
        encode: maps images (N, m) to codes (N, k).
        decode: maps codes (N, k) to images (N, m).
        images: shape (N, m).

    Returns:
        The mean over the m pixels of each image, shape (N,).
    """
    ### BEGIN SOLUTION
    return ((decode(encode(images)) - images) ** 2).mean(dim=1)
    ### END SOLUTION


# %% [markdown] hint id="reconstruction_errors"
# How many numbers are asked for, and which axis of `(N, m)` is gone in the answer?
# ---
# Nothing is ruined here: the images go in and their drawings are compared with the same images. Squares, no absolute
# values, and no root afterwards.
# ---
# The squared difference has shape `(N, m)`; take its mean along `dim=1`, over the pixels of each image.
# %% [markdown] hint id="reconstruction_errors" lang="fa"
# چند عدد خواسته شده است و کدام محورِ `(N, m)` در پاسخ نیست؟
# ---
# این‌جا چیزی خراب نمی‌شود: تصویرها وارد می‌شوند و نقاشی‌هایشان با همان تصویرها سنجیده می‌شود. مربع، نه قدرمطلق، و پس از
# آن هم جذری در کار نیست.
# ---
# شکلِ مربعِ اختلاف `(N, m)` است؛ میانگینش را در راستای `dim=1` بگیرید، روی پیکسل‌های هر تصویر.


# %%
# The pencil's numbers, now without noise and image by image: 0.02 and 0.17.
print(
    reconstruction_errors(
        lambda image: image.sum(dim=1, keepdim=True),
        lambda code: code * torch.tensor([[1.0, 0.2]]),
        torch.tensor([[1.0, 0.0], [0.5, 0.5]]),
    )
)

# %% check id="reconstruction_errors_check" points=3
draw = seeded("reconstruction_errors")
A, B, images = draw.normal(8, 3), draw.normal(3, 8), draw.uniform(6, 8)
check("error of each of six images", reconstruction_errors(lambda x: torch.tanh(x @ A), lambda code: code @ B, images))

# %% [markdown]
# ### 3.2 Train it, and beat PCA
#
# ●●● · 110 min · 10 points
#
# Write `train_autoencoder`. With `sigma` and `drop` zero it trains a plain undercomplete autoencoder, otherwise a
# denoising one. The architecture is yours; one that works: 784 → 256 → k with GELU between, and back again with a
# sigmoid at the end; Adam with `torch.optim.lr_scheduler.OneCycleLR` up to $3\cdot10^{-3}$; 1000 steps of 128 images;
# fresh noise in every step (why fresh?). Begin with `torch.manual_seed(0)`, so that a second run gives the same
# network, and keep everything on the device of `images`. At grading it has 90 seconds of one CPU core; ours needs about
# five.
#
# The check trains with k = 8, shows the network 320 *ruined* images it has never seen, keeps the first 8 numbers of
# each code, so that a wider one is of no use, and measures how far the drawings are from the *clean* images. The
# yardstick is PCA with 8 numbers. To make it sporting, PCA gets the *clean* images and your network the ruined ones:
# PCA then loses 0.0255 a pixel (on the ruined ones 0.042), and that much or more earns nothing. 0.023 earns everything,
# between them points grow in proportion.
#
# %% [markdown] lang="fa"
# ### ۳٫۲ آموزشش دهید و از PCA ببرید
#
# ●●● · ۱۱۰ دقیقه · ۱۰ نمره
#
# تابع `train_autoencoder` را بنویسید. با `sigma` و `drop` برابر صفر، یک خودکدگذار کم‌ظرفیت ساده آموزش می‌دهد وگرنه یک
# خودکدگذار نوفه‌زدا. معماری با شماست؛ یکی که جواب می‌دهد: ۷۸۴ به ۲۵۶ به $k$ با GELU در میان، و همین راه به عقب با
# سیگموید در پایان؛ بهینه‌ساز Adam با `torch.optim.lr_scheduler.OneCycleLR` تا $3\cdot10^{-3}$؛ ۱۰۰۰ گام با دسته‌های
# ۱۲۸تایی؛ در هر گام نوفهٔ تازه (چرا تازه؟). با `torch.manual_seed(0)` آغاز کنید تا اجرای دوم همان شبکه را بدهد و همه
# چیز را روی دستگاهِ (device) `images` نگه دارید. هنگام نمره‌دهی ۹۰ ثانیه از یک هستهٔ پردازنده را دارد؛ مال ما حدود
# پنج ثانیه می‌خواهد.
#
# بررسی با $k = 8$ آموزش می‌دهد، ۳۲۰ تصویر **خراب** را که شبکه هرگز ندیده نشانش می‌دهد، از هر کد تنها ۸ عدد نخست را
# نگه می‌دارد تا کدِ پهن‌تر سودی نداشته باشد و می‌سنجد که نقاشی‌ها چقدر از تصویرهای **سالم** دورند. معیار مقایسه PCA
# با ۸ عدد است. برای جوانمردی، تصویر **سالم** را به PCA می‌دهیم و تصویر خراب را به شبکهٔ شما: آن‌گاه PCA در هر پیکسل
# ۰٫۰۲۵۵ از دست می‌دهد (با تصویرهای خراب ۰٫۰۴۲) و این خطا یا بیشتر از آن نمره‌ای ندارد. خطای ۰٫۰۲۳ همهٔ نمره را دارد و
# میان این دو نمره به نسبت بالا می‌رود.


# %% solution id="train_autoencoder"
def train_autoencoder(images: Tensor, k: int, sigma: float = 0.0, drop: float = 0.0):
    """Train an autoencoder with a code of k numbers; a denoising one unless sigma and drop are zero.

    Args:
        images: clean images to learn from, shape (N, 784), in [0, 1].
        k: size of the code.
        sigma: standard deviation of the noise, as `corrupt` takes it.
        drop: probability that a pixel is blacked out.

    Returns:
        (encode, decode): functions or networks that map (N, 784) to (N, k) and (N, k) to (N, 784).
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    m, width, steps, batch = images.shape[1], 256, 1000, 128
    encode = nn.Sequential(nn.Linear(m, width), nn.GELU(), nn.Linear(width, k)).to(images.device)
    decode = nn.Sequential(nn.Linear(k, width), nn.GELU(), nn.Linear(width, m), nn.Sigmoid()).to(images.device)
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=3e-3, total_steps=steps)
    for _ in range(steps):
        clean = images[torch.randint(len(images), (batch,), device=images.device)]
        noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
        loss = denoising_loss(encode, decode, clean, noisy)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return encode, decode
    ### END SOLUTION


# %% [markdown] hint id="train_autoencoder"
# What happens in one step of training, from a batch of clean images to changed weights? Which of your functions is the
# loss, and where must the ruined copies come from?
# ---
# Two networks, `nn.Sequential` each: 784 to 256 to k and back. Without GELU between its layers the whole is linear, and
# no linear network draws better from ruins than PCA does from the originals; the sigmoid at the end keeps the drawing
# in [0, 1]. The code has k numbers, not more.
# ---
# Draw 128 rows with `torch.randint` in every step, and ruin them anew: `corrupt(clean, …, …, sigma)` wants normal
# noise, `torch.randn_like(clean)`, and booleans that are True with probability `drop`. With the same noise each time,
# what could the network learn by heart?
# ---
# Adam gets the parameters of both networks, `[*encode.parameters(), *decode.parameters()]`. The order of a step: loss,
# `zero_grad`, `backward`, and then both optimiser and schedule take their step. Everything on `images.device`, the seed
# first.
# %% [markdown] hint id="train_autoencoder" lang="fa"
# در یک گام آموزش، از دسته‌ای تصویر سالم تا وزن‌های تغییرکرده، چه رخ می‌دهد؟ کدام تابع شما زیان است و رونوشت‌های خراب از
# کجا باید بیایند؟
# ---
# دو شبکه، هر کدام یک `nn.Sequential`: ۷۸۴ به ۲۵۶ به `k` و همین راه به عقب. بدون GELU میان لایه‌ها همه چیز خطی است و هیچ
# شبکهٔ خطی از روی خرابه‌ها بهتر از آن نمی‌کشد که PCA از روی اصل می‌کشد؛ سیگموید پایانی نقاشی را در بازهٔ `[0, 1]` نگه
# می‌دارد. کد `k` عدد دارد، نه بیشتر.
# ---
# در هر گام ۱۲۸ سطر با `torch.randint` بردارید و از نو خرابشان کنید: `corrupt(clean, …, …, sigma)` نوفهٔ نرمال می‌خواهد،
# `torch.randn_like(clean)`، و مقدارهای بولی که با احتمال `drop` برابر `True` باشند. اگر نوفه هر بار همان باشد، شبکه چه
# چیزی را می‌تواند از بر کند؟
# ---
# پارامترهای هر دو شبکه را به Adam بدهید: `[*encode.parameters(), *decode.parameters()]`. ترتیب هر گام: زیان،
# `zero_grad`، `backward`، و سپس بهینه‌ساز و برنامهٔ نرخ یادگیری هر دو گامشان را برمی‌دارند. همه چیز روی
# `images.device`، و پیش از همه تنظیم بذر.


# %% check id="train_autoencoder_check" points=10
def unseen_images(draw) -> tuple[Tensor, Tensor]:
    """320 images, ruined and as they were."""
    whole = fashion_mnist("exam", limit=640).pixels[320:].flatten(1).to(DEVICE)[draw.permutation(320)]
    ruined = corrupt(whole, draw.normal(*whole.shape), draw.mask(*whole.shape, p=DROP), SIGMA_NOISE)
    return ruined, whole


noisy, clean = exam("train_autoencoder", unseen_images)  # at grading the clean ones are the judge's
encode, decode = train_autoencoder(train_images, CODE, sigma=SIGMA_NOISE, drop=DROP)
with torch.no_grad():
    drawings = decode(encode(noisy)[:, :CODE])
# Ours: 0.0203 to 0.0210 over 8 seeds of noise and training; other right ones 0.0197 to 0.0224. Not enough: PCA of
# the clean images 0.0255 (of the ruined ones 0.042), the best linear denoiser of rank 8 0.0287, trained without noise
# 0.054 and more, towards the ruined images 0.045.
check_predictions(
    "drawings of ruined images", drawings, clean, metric="mse", at_most=0.023, floor=0.0255, suspicious=0.01
)

# %% [markdown]
# **Look at it: the ruins and the drawings.** All three have eight numbers: PCA (your `pca_solution`, on the training
# images as columns), a plain autoencoder (trains now, some 5 seconds), and your denoising one. Numbers are mean errors
# a pixel.
#
# %% [markdown] lang="fa"
# **ببینید: خرابه‌ها و نقاشی‌ها.** هر سه، هشت عدد دارند: PCA (با `pca_solution` شما روی تصویرهای آموزشی که ستون
# شده‌اند)، خودکدگذار ساده (همین حالا آموزش می‌بیند، حدود ۵ ثانیه) و خودکدگذار نوفه‌زدای شما. عددها میانگین خطا در هر
# پیکسل‌اند.


# %%
pca_found = {}


def pca_drawings(images: Tensor, k: int) -> Tensor:
    """Images (N, 784) drawn again by your PCA with k numbers, found in 4000 training images."""
    if k not in pca_found:
        pca_found[k] = pca_solution(train_images[:4000].T, k)
    W1, W2 = pca_found[k]
    return images @ W1.T @ W2.T


plain = train_autoencoder(train_images, CODE)
with torch.no_grad():
    rows = {
        "clean": clean,
        "ruined": noisy,
        "PCA of the clean image": pca_drawings(clean, CODE),
        "plain autoencoder of the clean image": plain[1](plain[0](clean)),
        "PCA of the ruined image": pca_drawings(noisy, CODE),
        "plain autoencoder of the ruined image": plain[1](plain[0](noisy)),
        "denoising autoencoder of the ruined image": drawings,
    }
figure, panels = plt.subplots(len(rows), 1, figsize=(9, 7.6), layout="constrained")
for axis, (name, images) in zip(panels, rows.items(), strict=True):
    error = ((images - clean) ** 2).mean().item()
    gallery(axis, images[:14], f"{name}: {error:.4f}" if name != "clean" else "clean")
figure.suptitle("Eight numbers an image")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# On clean images the plain autoencoder is sharper than PCA, whose drawings are mixtures of a few ghostly garments. On
# ruined images both fail: noise moves the plain autoencoder's code to places where no garment lives, and PCA can only
# project. The denoising autoencoder, which sees nothing but ruins, draws better than PCA does from the originals. What
# it can't know any more it leaves out: look for the prints on shirts.
#
# </details>
#
# **How many numbers?** Next, how the error falls with the size of the code (plain autoencoders; four more trainings,
# some 15 seconds), and what a code of *two* numbers looks like on a map.
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# روی تصویرهای سالم، خودکدگذار ساده واضح‌تر از PCA می‌کشد که نقاشی‌هایش آمیزهٔ چند لباس شبح‌وار است. روی تصویرهای خراب
# هر دو درمی‌مانند: نوفه کدِ خودکدگذار ساده را به جاهایی می‌برد که هیچ لباسی آن‌جا نیست و PCA کاری جز تصویرکردن بلد
# نیست. خودکدگذار نوفه‌زدا که جز خرابه نمی‌بیند، بهتر از آن می‌کشد که PCA از روی اصل می‌کشد. آنچه را دیگر نمی‌تواند
# بداند جا می‌اندازد: دنبال نقش روی پیراهن‌ها بگردید.
#
# </details>
#
# **چند عدد؟** سپس ببینید خطا با اندازهٔ کد چگونه کم می‌شود (خودکدگذارهای ساده؛ چهار آموزش دیگر، حدود ۱۵ ثانیه) و کدی با
# تنها **دو** عدد روی نقشه چه شکلی دارد.

# %%
models = {k: plain if k == CODE else train_autoencoder(train_images, k) for k in (1, 2, 4, 8, 16)}
with torch.no_grad():
    by_network = [reconstruction_errors(*model, validation_images).mean().item() for model in models.values()]
    by_pca = [((pca_drawings(validation_images, k) - validation_images) ** 2).mean().item() for k in models]
figure, axis = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
axis.loglog(list(models), by_pca, "s--", color=ORANGE, base=2, label="PCA (your pca_solution)")
axis.loglog(list(models), by_network, "o-", color=BLUE, base=2, label="autoencoder")
for k, ours, linear in zip(models, by_network, by_pca, strict=True):
    axis.annotate(f"{ours:.3f}", (k, ours), textcoords="offset points", xytext=(0, -13), ha="center", fontsize=8)
    axis.annotate(f"{linear:.3f}", (k, linear), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=8)
axis.set(title="Eight numbers of a network say more than sixteen of PCA", xlabel="size of the code k")
axis.set_ylabel("mean squared error, unseen images")
axis.set_xticks(list(models), list(models))
axis.set_yticks([0.01, 0.02, 0.04, 0.08], ["0.01", "0.02", "0.04", "0.08"])
axis.legend()
plt.show()

# %%
with torch.no_grad():
    codes = models[2][0](validation_images)
    W1, _ = pca_found[2]
    low, high = torch.quantile(codes, 0.03, dim=0), torch.quantile(codes, 0.97, dim=0)
    across, up = (torch.linspace(low[i].item(), high[i].item(), 14, device=DEVICE) for i in (0, 1))
    grid = torch.stack(torch.meshgrid(across, up.flip(0), indexing="xy"), dim=-1).reshape(-1, 2)
    drawn = models[2][1](grid).reshape(14, 14, 28, 28).permute(0, 2, 1, 3).reshape(14 * 28, 14 * 28)
figure, panels = plt.subplots(1, 3, figsize=(13, 4.6), layout="constrained")
maps = ((panels[0], validation_images @ W1.T, "PCA, k = 2"), (panels[1], codes, "autoencoder, k = 2"))
for axis, points, title in maps:
    for label, name in enumerate(CLASSES):
        chosen = points[validation_labels == label].cpu()
        axis.scatter(*chosen.T, s=4, color=plt.cm.tab10(label), label=name)
    axis.set(title=title, xlabel="first number of the code", ylabel="second number")
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=10, markerscale=4)
panels[1].set(xlim=(low[0].item(), high[0].item()), ylim=(low[1].item(), high[1].item()))
extent = (low[0].item(), high[0].item(), low[1].item(), high[1].item())
panels[2].imshow(drawn.cpu(), cmap="gray", vmin=0, vmax=1, extent=extent, aspect="auto")
panels[2].set(title="what the decoder draws at each point", xlabel="first number of the code", ylabel="second number")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# The curve: the network is ahead at every size, most of all (as a ratio) at four numbers; with more, PCA begins to
# catch up. (The heading is what *we* read off; check it on your curve.) The map: two numbers were learned without a
# single label, and yet trousers, boots, bags and shirts have places of their own, most of them more clearly than in
# PCA's plane. On the right you can walk: between two kinds the decoder invents garments in between, and where no
# garment has its code (compare with the middle) it draws nonsense.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# منحنی: شبکه در هر اندازه‌ای پیش است و بیش از همه (به نسبت) با چهار عدد؛ با عددهای بیشتر PCA کم‌کم خود را می‌رساند.
# (عنوان شکل آن است که **ما** خوانده‌ایم؛ روی منحنی خودتان بسنجیدش.) نقشه: این دو عدد بدون حتی یک برچسب آموخته شده‌اند و
# با این حال شلوارها، چکمه‌ها، کیف‌ها و پیراهن‌ها جای خود را دارند، و بیشترشان روشن‌تر از صفحهٔ PCA. سمت راست می‌توانید
# قدم بزنید: میان دو گونه، کدگشا لباس‌های میانی از خودش می‌سازد و جایی که کدِ هیچ لباسی نیست (با شکل میانی بسنجید)
# چیزهای بی‌معنا می‌کشد.
#
# </details>

# %% [markdown]
# **Turn a knob.** Your denoising autoencoder was trained at one strength of noise, ½. Show it more and less: above the
# ruined images, below its drawings. Up to where would you trust it?
#
# %% [markdown] lang="fa"
# **یک عدد را تغییر دهید.** خودکدگذار نوفه‌زدای شما با یک شدت نوفه، ½، آموزش دیده است. بیشتر و کمتر نشانش دهید: بالا
# تصویرهای خراب‌شده و پایین نقاشی‌های آن. تا کجا به آن اعتماد می‌کنید؟


# %%
def draw_rescued(axis, noise_strength):
    drawn_noise = torch.Generator().manual_seed(3)
    chosen = validation_images[:200]
    noise_on_top = torch.randn(chosen.shape, generator=drawn_noise).to(DEVICE)
    spoiled = corrupt(
        chosen, noise_on_top, torch.rand(chosen.shape, generator=drawn_noise).to(DEVICE) < DROP, noise_strength
    )
    rescued = decode(encode(spoiled))
    strips = [strip[:4].reshape(4, 28, 28).permute(1, 0, 2).reshape(28, 112) for strip in (spoiled, rescued)]
    axis.imshow(torch.cat(strips).cpu(), cmap="gray", vmin=0, vmax=1)
    axis.set(xticks=[], yticks=[], xlabel=f"error {((rescued - chosen) ** 2).mean():.4f}")


explore(draw_rescued, "noise", [0.0, 0.25, 0.5, 1.0, 2.0], height=2.4)

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# The error is smallest at home, at ½, and not at 0: an image without noise is a stranger too to a network that has only
# ever seen ruins. At twice the noise the drawings become more alike, and trousers may well come out as a shirt: where
# the ruin says little, the network draws what is most usual. With our network the errors are 0.029, 0.024, 0.022, 0.042
# and 0.082.
#
# </details>
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# خطا در خانه، یعنی در ½، از همه‌جا کمتر است و نه در ۰: تصویر بی‌نوفه هم برای شبکه‌ای که جز خرابه ندیده غریبه است. با دو
# برابرِ نوفه نقاشی‌ها به هم شبیه‌تر می‌شوند و چه بسا شلواری پیراهن از کار درآید: جایی که خرابه چیز زیادی نمی‌گوید شبکه
# آن چیزی را می‌کشد که از همه رایج‌تر است. خطاهای شبکهٔ ما ۰٫۰۲۹، ۰٫۰۲۴، ۰٫۰۲۲، ۰٫۰۴۲ و ۰٫۰۸۲ است.
#
# </details>

# %% [markdown]
# ### 3.3 What it has never seen
#
# The network knows clothes. What does it do with something else? We show the plain autoencoder (k = 8) four strangers:
# clothes lying on their side, negatives of clothes, the letters of the Persian alphabet, and plain noise. If they are
# drawn badly, the error of an image, your `reconstruction_errors`, can tell a stranger when it sees one.
#
# %% [markdown] lang="fa"
# ### ۳٫۳ آنچه هرگز ندیده است
#
# شبکه لباس می‌شناسد. با چیز دیگر چه می‌کند؟ به خودکدگذار ساده ($k = 8$) چهار غریبه نشان می‌دهیم: لباس‌هایی که به پهلو
# افتاده‌اند، نگاتیو لباس‌ها، حرف‌های الفبای فارسی و نوفهٔ خالص. اگر بد کشیده شوند، خطای هر تصویر، یعنی
# `reconstruction_errors` شما، می‌تواند غریبه را بازشناسد.


# %%
def letter_images(letters: str) -> Tensor:
    """White letters on black, shape (N, 784)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    images = []
    for letter in letters:
        page = Figure(figsize=(1, 1), dpi=28, facecolor="black")
        page.text(0.5, 0.5, letter, fontsize=48, color="white", ha="center", va="center")
        canvas = FigureCanvasAgg(page)
        canvas.draw()
        images.append(torch.tensor(bytearray(canvas.buffer_rgba())).reshape(28, 28, 4)[:, :, 0].flatten() / 255)
    return torch.stack(images).to(DEVICE)


generator = torch.Generator().manual_seed(0)
strangers = {
    "clothes it hasn't seen": validation_images[:400],
    "lying on their side": validation_images[:400].reshape(-1, 28, 28).rot90(1, (1, 2)).flatten(1),
    "negatives": 1 - validation_images[:400],
    "Persian letters": letter_images("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"),
    "noise": torch.rand(400, 784, generator=generator).to(DEVICE),
}
encode_plain, decode_plain = models[CODE]
figure = plt.figure(figsize=(12, 5), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
with torch.no_grad():
    errors = {name: reconstruction_errors(encode_plain, decode_plain, images) for name, images in strangers.items()}
    for axis, (name, images) in zip(left.subplots(len(strangers), 1), strangers.items(), strict=True):
        eight = images[3:10]
        both = torch.stack([eight, decode_plain(encode_plain(eight))], dim=1).flatten(0, 1)
        gallery(axis, both, f"{name}: each beside its drawing")
axis = right.subplots()
limit = torch.quantile(errors["clothes it hasn't seen"], 0.95).item()
for place, error in enumerate(errors.values()):
    height = place + 0.3 * (torch.rand(len(error), generator=generator) - 0.5)
    axis.plot(error.cpu(), height, ".", markersize=3, alpha=0.5, color=BLUE if place == 0 else ORANGE)
axis.axvline(limit, color=GREY, linestyle="--", label="95 % of unseen clothes are left of this")
beyond = [f"{name}\n({(error > limit).float().mean():.0%} beyond the line)" for name, error in errors.items()]
axis.set_yticks(range(len(errors)), beyond)
axis.set_ylim(len(errors) - 0.5, -1)
axis.set(xscale="log", xlabel="reconstruction error of an image", title="The error knows a stranger, mostly")
axis.legend(fontsize=8, loc="upper right")
plt.show()

# %% [markdown]
# <details><summary><b>What to see</b></summary>
#
# Whatever comes in, clothes come out: the decoder can't draw anything else. That makes the error a detector of
# strangers, and a good one for negatives and noise. But look which strangers slip through, and what they have in common
# with clothes in the eyes of eight numbers.
#
# </details>
#
# ### Essay 4 · What eight numbers know
#
# ●●● · 60 min · 5 points
#
# (a) The denoising autoencoder sees only ruined images and still beats PCA, which sees clean ones. How is that
# possible? What would a network learn whose loss compared the drawing with the *ruined* image, and why can the
# denoising one not learn the identity even with a code of 784 numbers? (b) Describe your latent-size curve: where does
# the network gain most on PCA, and why does the gap not stay? (c) Is a large reconstruction error proof of a stranger,
# and a small one proof of a garment? Use your figure, and propose one improvement.
#
# %% [markdown] lang="fa"
# <details><summary><b>چه می‌بینید؟</b></summary>
#
# هر چه تو برود لباس بیرون می‌آید: کدگشا چیز دیگری بلد نیست بکشد. همین، خطا را به آشکارساز غریبه‌ها تبدیل می‌کند که برای
# نگاتیوها و نوفه آشکارساز خوبی است. اما ببینید کدام غریبه‌ها از زیر دستش درمی‌روند و به چشم هشت عدد چه شباهتی به لباس
# دارند.
#
# </details>
#
# ### پرسش تشریحی ۴ · هشت عدد چه می‌دانند
#
# ●●● · ۶۰ دقیقه · ۵ نمره
#
# (الف) خودکدگذار نوفه‌زدا تنها تصویر خراب می‌بیند و با این حال از PCA، که تصویر سالم می‌بیند، می‌برد. چگونه ممکن است؟
# شبکه‌ای که زیانش نقاشی را با تصویر **خراب** بسنجد چه یاد می‌گیرد، و چرا شبکهٔ نوفه‌زدا حتی با کدی ۷۸۴تایی نمی‌تواند
# تابع همانی را یاد بگیرد؟ (ب) منحنی اندازهٔ کد خود را شرح دهید: شبکه کجا بیش از همه از PCA پیش است و چرا این فاصله
# نمی‌ماند؟ (پ) آیا خطای بازسازیِ بزرگ گواه غریبه‌بودن است و خطای کوچک گواه لباس‌بودن؟ به شکل خود استناد کنید و یک
# بهبود پیشنهاد دهید.

# %% [markdown] essay id="what_eight_numbers_know" points=5
# ### BEGIN SOLUTION
# (a) PCA with 8 numbers can draw only points of one 8-dimensional *flat* subspace, and clothes don't lie in one. The
# network's decoder maps 8 numbers to a *curved* surface that follows the clothes; its distance from a garment is
# smaller, even though the code has to be guessed from a ruined copy. Guessing works because noise is independent from
# pixel to pixel while a code depends on hundreds of pixels: averaging removes most of it; what the ruined image leaves
# open is filled with the mean of the clothes that fit (for squared error the optimum is E[clean | noisy]: hence blurred
# prints).
#
# Compared with the ruined image, the best drawing is E[noisy | code]: the clean garment shrunk by clipping and
# blackouts (a grey veil on black background); with a code that is wide enough it would be the identity, noise included.
# With a clean target the identity has the loss of the noise itself (0.127 here), so copying is never a minimum,
# whatever the size of the code: the corruption regularises where the bottleneck doesn't.
#
# (b) The gap is largest (as a ratio of errors) at small to middle codes, 4 to 8 numbers: a few numbers on a curved
# surface do the work of many flat directions. At k = 1 neither can say much. As k grows PCA gains with every direction,
# the remaining variation (texture, prints) is small, high-dimensional and nearly linear, and the network is limited by
# its width, its data and its 1000 steps rather than by its code; with k towards 784 PCA is exact.
#
# (c) Neither. Large error: also rare or detailed garments (the 5 % beyond the line: prints, sandals). Small error:
# simple strangers. An almost black image, or a letter of a few strokes, has little energy, so its squared error is
# small even when it is drawn as nothing; clothes on their side overlap with the right thing (a bag on its side is a
# bag). Improvements: error relative to the image's own energy, or compared with PCA's; errors per class; a density of
# the *codes* (a stranger's code lies far from those of clothes); an ensemble; a denoising score.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: curved surface against flat subspace of the same dimension.
# - 1 point: target ruined: learns to draw the noise's mean or the identity; target clean: the identity isn't optimal at
#   any code size.
# - 1 point: curve: where the ratio is largest in the student's own figure, and a reason why the gap closes.
# - 1 point: neither is proof, each with an example from the student's figure.
# - 1 point: a sensible improvement (relative error, density of codes, threshold per class, ensemble …).
#
# "Train longer" earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# **What to keep.** A code smaller than the image forces a choice; a non-linear decoder chooses better than any plane
# can. Noise at the input makes the network learn what images *are*, since copying no longer pays. Whatever it sees, it
# draws what it knows: its error can point out a stranger, and neither proves nor excludes one.
#
# **Open tasks** (no points).
#
# - Divide each image's error by the image's own energy before you draw the line for strangers. You did well if more
#   Persian letters lie beyond the line than in the figure, while 95 % of unseen clothes stay left of it; then look at
#   the negatives, and say what the division has cost.
# - Find the best *linear* denoiser of rank 8 in closed form, from the covariances of ruined and clean training images.
#   You did well if it loses about 0.0287 a pixel on the ruined images of 3.2: worse than PCA of the clean ones, and far
#   better than PCA of the ruined ones.
# - Train with σ = ¼ and with σ = 1 and test all three networks at all three strengths. You did well if you can read off
#   the table whether each is best at home.
#
# **Read on.** [Vincent et al. (2008)](https://doi.org/10.1145/1390156.1390294) and, longer, [Vincent et al.
# (2010)](https://jmlr.org/papers/v11/vincent10a.html), where layers are stacked; [Alain and Bengio
# (2014)](https://arxiv.org/abs/1211.4246) on what a denoiser knows about the density of its data; [Hinton and
# Salakhutdinov (2006)](https://doi.org/10.1126/science.1127647), deep autoencoders against PCA; [Goodfellow, Bengio and
# Courville](https://www.deeplearningbook.org/contents/autoencoders.html), chapter 14; [Xiao, Rasul and Vollgraf
# (2017)](https://arxiv.org/abs/1708.07747), the clothes.
#
# %% [markdown] lang="fa"
# **به یاد بسپارید.** کدی کوچک‌تر از تصویر ناچار به انتخاب است؛ کدگشای غیرخطی بهتر از هر صفحه‌ای انتخاب می‌کند. نوفه در
# ورودی شبکه را وامی‌دارد بیاموزد تصویرها **چه هستند**، چون رونویسی دیگر سودی ندارد. هر چه ببیند، آنچه را می‌شناسد
# می‌کشد: خطایش می‌تواند غریبه‌ای را نشان دهد، ولی نه وجودش را ثابت می‌کند و نه نبودش را.
#
# **تمرین‌های آزاد** (بی‌نمره).
#
# - پیش از کشیدن خط غریبه‌ها، خطای هر تصویر را بر انرژی خود تصویر تقسیم کنید. خوب کار کرده‌اید اگر حرف‌های فارسی بیشتری
#   از خط بگذرند و همچنان ۹۵٪ لباس‌های نادیده سمت چپ آن بمانند؛ سپس به نگاتیوها نگاه کنید و بگویید این تقسیم به چه بهایی
#   تمام شده است.
# - بهترین نوفه‌زدای **خطی** از رتبهٔ ۸ را به شکل بسته، از روی کوواریانس‌های تصویرهای آموزشی خراب و سالم، بیابید. خوب
#   کار کرده‌اید اگر روی تصویرهای خراب ۳٫۲ حدود ۰٫۰۲۸۷ در هر پیکسل از دست بدهد: بدتر از PCA تصویرهای سالم و بسیار بهتر
#   از PCA تصویرهای خراب.
# - با $\sigma = \tfrac14$ و $\sigma = 1$ هم آموزش دهید و هر سه شبکه را در هر سه شدت بیازمایید. خوب کار کرده‌اید اگر از
#   جدول بتوانید بخوانید که هر یک در خانهٔ خودش بهترین است یا نه.
#
# **بیشتر بخوانید.** [Vincent et al. (2008)](https://doi.org/10.1145/1390156.1390294) و بلندترِ آن [Vincent et al.
# (2010)](https://jmlr.org/papers/v11/vincent10a.html) که لایه‌ها را روی هم می‌چیند؛ [Alain and Bengio
# (2014)](https://arxiv.org/abs/1211.4246) دربارهٔ آنچه نوفه‌زدا از چگالی داده‌هایش می‌داند؛ [Hinton and Salakhutdinov
# (2006)](https://doi.org/10.1126/science.1127647)، خودکدگذارهای ژرف در برابر PCA؛ [Goodfellow, Bengio and
# Courville](https://www.deeplearningbook.org/contents/autoencoders.html)، فصل ۱۴؛ [Xiao, Rasul and Vollgraf
# (2017)](https://arxiv.org/abs/1708.07747)، لباس‌ها.

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

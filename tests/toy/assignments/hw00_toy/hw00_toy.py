# %% [markdown]
# # Toy
# %% [markdown] lang="fa"
# # بازی با `x` و $x^2$
# %% given id="setup"
import torch
from torch import Tensor

from autograder import check, check_predictions, exam, handin, hint, progress, seeded, stand_in, start

start("hw00_toy")


# %% solution id="double" forbid="torch.mul"
def double(x: Tensor) -> Tensor:
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% [markdown] hint id="double"
# What do you get when you put two of the same side by side?
# ---
# Add `x` to itself, or scale it.
# %% [markdown] hint id="double" lang="fa"
# دو تا از یک چیز کنار هم چند تا می‌شود؟
# ---
# `x` را با خودش جمع کنید یا در عددی ضرب کنید.
# %% check id="double_check" points=40
draw = seeded("double")
x = draw.normal(5, 3)
check("double", double(x))
check("double_big", double(1e3 * x))


# %% solution id="answer"
def answer() -> list[bool]:
    """True or false."""
    ### BEGIN SOLUTION
    return [True, False, True, True]
    ### END SOLUTION


# %% [markdown] hint id="answer"
# How many are there?
# ---
# Say of each whether it is so.
# %% [markdown] hint id="answer" lang="fa"
# چند تا هستند؟
# ---
# دربارهٔ هر کدام بگویید چنین است یا نه.
# %% check id="answer_check" points=10
check("answer", answer(), public=False)


# %% solution id="train"
def train(x: Tensor) -> Tensor:
    """Labels of x."""
    ### BEGIN SOLUTION
    return (double(x).sum(-1) > 0).long()
    ### END SOLUTION


# %% [markdown] hint id="train"
# What does a row's sign depend on?
# ---
# Sum the doubled rows and compare with zero.
# %% [markdown] hint id="train" lang="fa"
# علامت هر سطر به چه بستگی دارد؟
# ---
# سطرهای دوبرابرشده را جمع کنید و با صفر بسنجید.
# %% check id="train_check" points=40
def signs(draw) -> tuple[Tensor, Tensor]:
    """Rows and the signs of their sums."""
    rows = draw.normal(64, 3)
    return rows, (rows.sum(-1) > 0).long()


x, labels = exam("train", signs)
check_predictions("train", train(x), labels, floor=0.7)

# %%
print("hello")

# %% [markdown]
# Why?
# %% [markdown] lang="fa"
# چرا؟
# %% [markdown] essay id="why" points=10
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 10 for because
# ### END MARK SCHEME

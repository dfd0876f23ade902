# %% [markdown]
# # Toy
# %% [markdown] lang="fa"
# # بازی با `x` و $x^2$
# %% given id="setup"
import torch
from torch import Tensor

from autograder import check, check_predictions, seeded, start

start("hw00_toy")


# %% solution id="double" forbid="torch.mul"
def double(x: Tensor) -> Tensor:
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


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


# %% check id="answer_check" points=10
check("answer", answer(), public=False)


# %% solution id="train"
def train(x: Tensor) -> Tensor:
    """Labels of x."""
    ### BEGIN SOLUTION
    return (double(x).sum(-1) > 0).long()
    ### END SOLUTION


# %% check id="train_check" points=40
draw = seeded("train")
x = draw.normal(64, 3)
check_predictions("train", train(x), (x.sum(-1) > 0).long(), floor=0.7)

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

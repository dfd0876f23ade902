"""``autograder new``: the two files of a homework that builds, with what is to be written marked."""

from __future__ import annotations

import re
from pathlib import Path

from autograder import whole
from autograder.problem import Problem

_NAME = re.compile(r"hw(?P<number>\d\d)_[a-z0-9_]{2,40}")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

_TEXT = '''# %% [markdown]
# # Homework {number} · TODO: its title
#
# TODO: what you will learn, and how many hours it takes.
# %% [markdown] lang="fa"
# # تمرین {persian} · TODO: عنوان
#
# TODO: چه می‌آموزید و چند ساعت وقت می‌برد.

# %% given id="setup"
import torch
from torch import Tensor

from autograder import check, handin, hint, progress, seeded, start

start("{name}")

# %% [markdown]
# ## 1 · TODO: the first task
#
# TODO: idea, then maths, then what to write.
# %% [markdown] lang="fa"
# ## بخش ۱ · TODO: نخستین کار
#
# TODO: ایده، سپس ریاضی، سپس آنچه باید نوشته شود.


# %% solution id="first_task"
def first_task(x: Tensor) -> Tensor:
    """TODO: what it computes.

    Args:
        x: shape (N, D).

    Returns:
        Shape (N,).
    """
    ### BEGIN SOLUTION
    return x.square().sum(dim=-1)
    ### END SOLUTION


# %% [markdown] hint id="first_task"
# TODO: a question to think about.
# ---
# TODO: nearly the code.
# %% [markdown] hint id="first_task" lang="fa"
# TODO: پرسشی برای فکرکردن.
# ---
# TODO: چیزی نزدیک به خود کد.
# %% check id="first_task_check" points=60
draw = seeded("first_task")
check("first task", first_task(draw.normal(5, 3)))
check("first task, large numbers", first_task(100 * draw.normal(4, 7)))

# %% [markdown]
# **Essay (40 points).** TODO: a question that numbers don't answer.
# %% [markdown] lang="fa"
# **پرسش تشریحی (۴۰ نمره).** TODO: پرسشی که عدد پاسخ آن نیست.

# %% [markdown] essay id="why" points=40
# ### BEGIN SOLUTION
# TODO: the model answer.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 20 points: TODO
# - 20 points: TODO
# ### END MARK SCHEME
'''

_VARIANTS = '''"""Wrong and other right solutions of {name}."""

from autograder.building import right, wrong

# TODO: for each solution at least two mistakes that students really make, and one other way to be right.
#
# @wrong("first_task", en="You summed over the wrong axis: …", fa="روی محور نادرست جمع کرده‌اید: …")
# def over_rows(x):
#     return x.square().sum(dim=0)
#
#
# @right("first_task")
# def by_einsum(x):
#     return torch.einsum("nd,nd->n", x, x)
'''


def scaffold(course: Path, name: str) -> list[Path]:
    """Make the two files of a new homework, and give their places.

    Raises:
        Problem: the name is none, or taken.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise Problem(
            f"{name!r} is no homework's name: hw, two digits, _ and a topic of small letters, such as hw09_diffusion."
        )
    folder = course / "assignments" / name
    taken = sorted(course.glob(f"assignments/hw{match['number']}_*"))
    if taken:
        raise Problem(f"there is {taken[0]} already: choose another number.")
    words = {
        "name": name,
        "number": int(match["number"]),
        "persian": str(int(match["number"])).translate(_PERSIAN_DIGITS),
    }
    made = {folder / f"{name}.py": _TEXT, folder / "variants.py": _VARIANTS}
    for path, text in made.items():
        whole.write(path, text.format(**words))
    return list(made)

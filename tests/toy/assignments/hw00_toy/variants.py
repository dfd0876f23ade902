"""Toy variants."""

from autograder.building import right, wrong


@wrong("double", en="You tripled.", fa="سه برابر کرده‌اید.")
def triple(x):
    return 3 * x


@wrong("double", en="You halved.", fa="نصف کرده‌اید.")
def half(x):
    return x / 2


@right("double")
def plus(x):
    return x + x


@wrong("answer", en="All true.", fa="همه درست.")
def all_true():
    return [True] * 4


@wrong("answer", en="First.", fa="اول.")
def first():
    return [False, False, True, True]


@right("answer")
def literal():
    return (True, False, True, True)


@wrong("train", en="Sign.", fa="علامت.")
def sign(x):
    return (double(x).sum(-1) < 0).long()


@wrong("train", en="Zeros.", fa="صفر.")
def zeros(x):
    return torch.zeros(len(x)).long()


@right("train")
def mean(x):
    return (x.mean(-1) > 0).long()

"""Near misses: what can be told of a wrong answer from the two sides' numbers alone, when it is no known mistake.

What is said is a fact about the numbers ("yours is ours times 2.000"), never a guess at the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checks.compare import Difference, Options, as_numbers, compare
from autograder.checks.references import Mistake, Reference, References

ENOUGH = 4  # of fewer numbers too much is true by chance
NEARLY = 100.0  # tolerances
Sentences = tuple[str, str]


def explained(
    references: References, reference: Reference, answer: Any, difference: Difference, seen: Mapping[str, bool]
) -> Mistake | None:
    """What a student is told of a wrong answer: the known mistake that it is, or else what kind of near miss."""
    return references.diagnose(reference, answer, seen) or near_miss(answer, reference, difference)


def near_miss(answer: Any, reference: Reference, difference: Difference) -> Mistake | None:
    """What kind of near miss an answer is, if it is one.

    Args:
        answer: what came, as ``values.unpack`` gives it.
        reference: what is right.
        difference: how the two differ.
    """
    ours, yours = as_numbers(reference.value), as_numbers(answer)
    if difference.answer is not None and difference.reference is not None:
        yours, ours = difference.answer, difference.reference
    if (
        reference.options.form is not None
        or difference.problem not in ("values", "shape")
        or not _comparable(yours, ours)
    ):
        return None
    found = next(_relations(yours.double(), ours.double(), reference.options, difference.ratio), None)
    return Mistake(reference.name, "near", "", *found, yours) if found else None


def _comparable(yours: Any, ours: Any) -> bool:
    """Whether both are numbers, enough of them, finite, and ours more than two different ones."""
    if not isinstance(yours, Tensor) or not isinstance(ours, Tensor):
        return False
    if min(yours.numel(), ours.numel()) < ENOUGH or torch.bool in (yours.dtype, ours.dtype):
        return False
    if not bool(yours.double().isfinite().all() and ours.double().isfinite().all()):
        return False
    return len(set(ours.flatten().tolist())) > 2 and float(ours.max() - ours.min()) > 1e-3 * float(ours.abs().max())


def _relations(yours: Tensor, ours: Tensor, options: Options, ratio: float) -> Iterator[Sentences]:
    def same(a: Tensor, b: Tensor) -> bool:
        return a.shape == b.shape and compare(a, b, Options(rtol=options.rtol, atol=options.atol)).agrees

    if yours.ndim >= 2 and same(yours.mT, ours):
        yield (
            "Your answer is the expected one transposed: rows and columns have changed places.",
            "پاسخ شما ترانهادهٔ پاسخ موردانتظار است: جای سطرها و ستون‌ها عوض شده است.",
        )
    if yours.shape != ours.shape:
        if yours.numel() == ours.numel() and same(yours.reshape(-1), ours.reshape(-1)):
            yield (
                f"The numbers are the expected ones; only the shape differs, {tuple(yours.shape)} instead of "
                f"{tuple(ours.shape)}.",
                f"عددها درست‌اند و تنها شکل (shape) فرق دارد: \u2066{tuple(yours.shape)}\u2069 به‌جای "
                f"\u2066{tuple(ours.shape)}\u2069.",
            )
        return
    if same(-yours, ours):
        yield (
            "Your answer is the expected one with its sign changed.",
            "پاسخ شما قرینهٔ پاسخ موردانتظار است: علامت آن وارونه است.",
        )
    yield from _scaled(yours, ours, same)
    yield from _moved(yours, ours, same)
    if 1 < ratio < NEARLY:
        yield (
            "You are close: right to about three digits. Look for a small constant that doesn't belong there, or for a step "
            "that is computed in too low a precision.",
            "نزدیک شده‌اید: پاسخ تا حدود سه رقم درست است. به‌دنبال عدد ثابت کوچکی بگردید که جایش آن‌جا نیست، یا گامی که با "
            "دقت کم محاسبه می‌شود.",
        )


def _scaled(yours: Tensor, ours: Tensor, same: Callable[[Tensor, Tensor], bool]) -> Iterator[Sentences]:
    factor = float((yours * ours).sum() / (ours * ours).sum())
    if abs(factor) > 1e-3 and same(yours / factor, ours):
        yield (
            f"Your answer is the expected one times {factor:.4g}, everywhere.",
            f"پاسخ شما همه‌جا \u2066{factor:.4g}\u2069 برابر پاسخ موردانتظار است.",
        )
    offset = float((yours - ours).mean())
    if same(yours - offset, ours):
        yield (
            f"Your answer is the expected one plus {offset:.4g}, everywhere.",
            f"پاسخ شما همه‌جا به‌اندازهٔ \u2066{offset:.4g}\u2069 با پاسخ موردانتظار فرق دارد.",
        )


def _moved(yours: Tensor, ours: Tensor, same: Callable[[Tensor, Tensor], bool]) -> Iterator[Sentences]:
    for axis in range(ours.ndim):
        length = ours.shape[axis] - 1
        for word, word_fa, a, b in (("late", "دیرتر", 1, 0), ("early", "زودتر", 0, 1)):
            overlap = yours.narrow(axis, a, length), ours.narrow(axis, b, length)
            if length > 1 and overlap[0].numel() >= ENOUGH and same(*overlap) and not same(ours.roll(1, axis), ours):
                yield (
                    f"Your answer is the expected one shifted: along axis {axis} it comes one place too {word}.",
                    f"پاسخ شما جابه‌جا شده است: در راستای محور \u2066{axis}\u2069 یک خانه {word_fa} از جای درست می‌آید.",
                )
    if same(yours.reshape(-1).sort().values, ours.reshape(-1).sort().values):
        yield (
            "You have the expected numbers, in another order.",
            "عددهای شما همان عددهای موردانتظارند، اما با ترتیبی دیگر.",
        )

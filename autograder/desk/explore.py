"""``explore``: a picture whose number can be changed, and the same picture at a few values where no slider can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch

from autograder.checks import session
from autograder.desk import cells

_STEPS = 60
_SIDE = 3.2  # inches


def explore(draw: Callable[[Any, float], object], name: str, values: Sequence[float], height: float = _SIDE) -> None:
    """Draw one picture for each value, side by side; in a live notebook with ipywidgets, also one with a slider.

    Args:
        draw: draws on a matplotlib axis what a value makes: ``draw(axis, value)``.
        name: what the value is called; over the picture and beside the slider.
        values: at least two, rising. The slider goes from the first to the last, evenly in the logarithm where they span more
            than a factor of twenty; in whole numbers where all are whole.
        height: of each picture, in inches.
    """
    figure, axes = plt.subplots(
        1, len(values), figsize=(_SIDE * len(values), height), layout="constrained", squeeze=False
    )
    for axis, value in zip(axes[0], values):
        _draw(draw, axis, name, value)
    plt.show()
    if session.current.sink is None and cells.names():
        _with_slider(draw, name, values, height)


def _draw(draw: Callable[[Any, float], object], axis: Any, name: str, value: float) -> None:
    with torch.no_grad():
        draw(axis, value)
    axis.set_title(f"{name} = {value:g}")


def _with_slider(draw: Callable[[Any, float], object], name: str, values: Sequence[float], height: float) -> None:
    try:
        import ipywidgets
    except ImportError:  # the pictures are there
        return
    first, last = values[0], values[-1]
    common = {"description": name, "continuous_update": False, "style": {"description_width": "initial"}}
    if all(isinstance(value, int) for value in values):
        slider = ipywidgets.IntSlider(values[len(values) // 2], first, last, **common)
    elif first > 0 and last / first > 20:
        low, high = math.log10(first), math.log10(last)
        slider = ipywidgets.FloatLogSlider(
            values[len(values) // 2], base=10, min=low, max=high, step=(high - low) / _STEPS, **common
        )
    else:
        slider = ipywidgets.FloatSlider(
            values[len(values) // 2], min=first, max=last, step=(last - first) / _STEPS, **common
        )

    def show(value: float) -> None:
        figure, axis = plt.subplots(figsize=(_SIDE * 1.5, height * 1.2), layout="constrained")
        _draw(draw, axis, name, value)
        plt.show()

    from IPython.display import display

    display(slider, ipywidgets.interactive_output(show, {"value": slider}))

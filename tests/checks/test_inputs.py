"""Whether what a function was given is still what it was."""

import torch

from autograder.checks.inputs import Inputs


def test_what_is_left_alone_is_not_told() -> None:
    inputs, x = Inputs(), torch.arange(6.0).reshape(2, 3)
    inputs.watch(x)
    _ = x * 2, x.T.clone().mul_(3)
    assert inputs.changed() == ""


def test_what_was_changed_is_told_once_and_by_its_kind() -> None:
    inputs, x, mask = Inputs(), torch.arange(6.0).reshape(2, 3), torch.ones(4, dtype=torch.bool)
    inputs.watch(x)
    inputs.watch(mask)
    mask[2] = False
    assert inputs.changed() == "a bool tensor of shape (4,)" and inputs.changed() == ""
    x.T[0, 1] = 9
    assert inputs.changed() == "a float tensor of shape (2, 3)", "also by a view of it"
    x.numpy()[0] = 7
    assert inputs.changed() == "a float tensor of shape (2, 3)", "or by what shares its memory"
    x.data += 1
    assert inputs.changed() != ""


def test_a_change_that_is_taken_back_is_none() -> None:
    inputs, x = Inputs(), torch.ones(3, dtype=torch.float64)
    inputs.watch(x)
    x[1] += 1
    x[1] -= 1
    assert inputs.changed() == ""


def test_tensors_in_lists_and_dicts_are_looked_at_and_so_is_one_that_nobody_else_holds() -> None:
    inputs = Inputs()
    for value in ({"W": torch.ones(2)}, [torch.ones(3)], (torch.ones(4), 5, None), [{"b": [torch.ones(5)]}]):
        inputs.watch(value)
    inputs.watch(torch.ones(7).requires_grad_())
    assert inputs.changed() == ""
    for tensor, _ in inputs._seen:
        tensor.detach().zero_()
        assert inputs.changed() == f"a float tensor of shape ({len(tensor)},)"


def test_what_a_cell_changed_itself_may_be_watched_again() -> None:
    inputs, x = Inputs(), torch.ones(3)
    inputs.watch(x)
    x[0] = 5
    inputs.watch(x)
    assert inputs.changed() == ""
    x[0] = 6
    assert inputs.changed() != ""


def test_another_cell_begins_with_none() -> None:
    inputs, x = Inputs(), torch.ones(3)
    inputs.watch(x)
    inputs.forget()
    x[0] = 5
    assert inputs.changed() == ""

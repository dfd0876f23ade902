"""Forms in which answers that may rightly differ are one."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks.forms import FORMS, projector


def test_the_projector_leaves_what_the_basis_spans_and_drops_the_rest() -> None:
    basis = torch.tensor([[2.0, 2.0], [0.0, 3.0], [0.0, 0.0]])
    assert torch.allclose(projector(basis), torch.diag(torch.tensor([1.0, 1.0, 0.0])).double())


def test_the_projector_is_computed_in_double_precision() -> None:
    assert projector(torch.eye(3)[:, :2]).dtype == torch.float64


@given(hnp.arrays(np.float64, (5, 2), elements=st.floats(-1, 1)), st.floats(0.5, 2), st.floats(-1, 1))
def test_every_basis_of_a_subspace_has_the_same_projector(array: np.ndarray, stretch: float, shear: float) -> None:
    basis = torch.tensor(array) + 3 * torch.eye(5, 2)
    other = basis @ torch.tensor([[stretch, shear], [0.0, -1.0]]).double()
    assert torch.allclose(projector(basis), projector(other), atol=1e-9)
    assert torch.allclose(projector(basis) @ basis, basis, atol=1e-9)


def test_an_author_may_ask_for_the_projector() -> None:
    assert {"projector": projector} == FORMS

"""What a gap costs beyond its own points, in the homeworks that ship: with follow-through, only what truly can't be run."""

import pytest

from autograder.building import audit_file, build
from autograder.building.losses import losses
from tests.conftest import ROOT


@pytest.mark.parametrize("homework", build.homeworks(ROOT))
def test_a_gap_costs_next_to_nothing_beyond_its_own_points(homework: str) -> None:
    folder = ROOT / "assignments" / homework
    found = losses(folder, ROOT / "release" / "en" / homework, audit_file.read(folder).rows.values())
    assert found and all(loss.wrong <= loss.left_out + 1e-6 and loss.followed <= loss.left_out for loss in found)
    assert sum(loss.followed for loss in found) <= 3
    assert max(loss.left_out for loss in found) >= 5, "without it a gap costs much more"

"""Text → source/ → release/, references, bundles, and the audit of the checks."""

from autograder.building.variants import right, wrong

__all__ = ["right", "wrong"]

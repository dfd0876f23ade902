"""The error that a person can put right."""


class Problem(Exception):
    """What the user can put right; the message says how."""

"""``autograder bundle``: what a student opens without this repository."""

MARK = "# autograder bundle"

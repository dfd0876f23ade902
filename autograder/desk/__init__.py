"""The student's desk: what is done and what it is worth, what to try next, and handing in the right file."""

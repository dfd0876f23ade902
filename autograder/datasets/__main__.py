"""``python -m autograder.datasets [NAME…]``: ``autograder data`` for who has no commands."""

import sys

from autograder.datasets.catalogue import fill_all

if __name__ == "__main__":
    raise SystemExit(fill_all(sys.argv[1:], print))

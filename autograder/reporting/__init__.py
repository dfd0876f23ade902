"""What became of a class."""

"""A course's private data in one file, and back."""

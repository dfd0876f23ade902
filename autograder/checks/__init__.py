"""In the student's kernel: draw inputs, compare or hand over, say what is wrong."""

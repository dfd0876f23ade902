"""Where submissions run: the sandbox, the kernel in it, and what comes out."""

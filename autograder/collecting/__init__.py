"""From a platform's download to ``submitted/``."""

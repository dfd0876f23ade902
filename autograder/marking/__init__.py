"""The page on which people mark essays, question by question."""

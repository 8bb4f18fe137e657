"""Drawing candidates and choosing winners: NumPy and torch."""

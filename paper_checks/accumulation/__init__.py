"""Evidence for loops that accumulate data."""

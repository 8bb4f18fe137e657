"""Evidence for the loop with real data."""

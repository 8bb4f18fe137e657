"""Real data mixed in: the loop stays near the reference."""

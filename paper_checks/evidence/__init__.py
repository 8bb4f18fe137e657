"""What counts as evidence, and gathering it."""

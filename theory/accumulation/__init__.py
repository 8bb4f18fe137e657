"""Accumulating data: nothing is thrown away."""

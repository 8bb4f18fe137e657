"""Loops that claims are tried on: drawn, run in three kinds of numbers, shown again."""

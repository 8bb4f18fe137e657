"""Millions of rewards as hundreds of atoms, on which the loop runs as on all."""

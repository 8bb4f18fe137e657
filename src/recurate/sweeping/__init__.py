"""Sweeps: a loop for every table, K, λ, rule and scale, kept as they are done, in one table."""

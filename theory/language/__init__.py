"""The vocabulary of the statements: symbols, draws, what numbers are allowed, compiled formulas."""

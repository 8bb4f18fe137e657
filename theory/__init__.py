"""What is claimed: each result as a symbolic statement. Knows no numerics."""

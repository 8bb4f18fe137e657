"""What is claimed: each result as a symbolic statement with its proof. No numerics here."""

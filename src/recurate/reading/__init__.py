"""Reading tables of rewards."""

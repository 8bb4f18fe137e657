"""What a table of rewards tells: confidence bands, how far to trust them, which λ or K fits."""

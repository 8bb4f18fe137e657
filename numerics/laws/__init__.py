"""Laws of rewards: finite tables and densities, their levels, and divergences between two laws."""

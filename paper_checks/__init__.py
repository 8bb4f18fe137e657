"""Where theory and numerics meet: evidence for each result, one module per result."""

"""Fixed points of the mixed loop, and when mass condenses."""

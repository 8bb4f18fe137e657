"""A local page on which the loop's parameters are moved, and its future is drawn again at once."""

"""Tables in many parts: which they are, and what a law needs of each of them."""

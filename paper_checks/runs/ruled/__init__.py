"""Loops in which people choose by any rule: in rationals, in balls, and by the float engine."""

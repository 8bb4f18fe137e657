"""Figures of the theory: bounds, fixed points, limits, condensation."""

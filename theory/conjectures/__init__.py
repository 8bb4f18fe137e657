"""Conjectures: what is not proved."""

"""Gathering evidence, one module a kind."""

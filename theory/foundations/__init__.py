"""Foundations: facts that carry most proofs."""

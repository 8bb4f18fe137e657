"""Textbook theorems that proofs cite, as data: premises and a conclusion in general form.

Nothing here is particular to curated retraining.
"""

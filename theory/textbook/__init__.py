"""Textbook theorems that proofs cite, as data: premises and a conclusion in general form.

Nothing here is particular to curated retraining. `integrals` and `calculus` have integrals, Laplace
transforms and slopes, `probability` limits and inequalities of means, `series` and `sequences` what
converges; the others are about fewer proofs each.
"""

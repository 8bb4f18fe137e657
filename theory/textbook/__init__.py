"""Textbook theorems that proofs cite, as data: premises and a conclusion in general form.

Nothing here is particular to curated retraining. `integrals` has integrals and Laplace transforms,
`probability` limits and inequalities of means, `analysis` series, iterations and derivatives.
"""

"""Parametric retraining: maximum likelihood in a family, without curation."""

"""Trying an altered statement: a counterexample, and its proof's first failure."""

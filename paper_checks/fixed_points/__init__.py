"""Evidence for fixed points."""

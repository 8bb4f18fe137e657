"""Evidence for the foundations."""

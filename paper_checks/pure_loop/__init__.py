"""Evidence for the pure loop."""

"""The hunt for counterexamples."""

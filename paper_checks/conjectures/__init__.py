"""Evidence for the conjectures, and where they are open."""

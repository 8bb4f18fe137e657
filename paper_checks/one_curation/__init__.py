"""Evidence for one curation."""

"""One curation: what choosing the best of K does to a law."""

"""Reading votes: from a table of them, as people have it, to choices among items."""

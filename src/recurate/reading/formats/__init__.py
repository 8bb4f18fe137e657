"""What a file is, and the table in it: one module a format."""

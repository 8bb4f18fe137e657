"""The report of `recurate check --html`: an index, a page for each result, a graph of them all."""

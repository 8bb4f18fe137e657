"""Making a figure: recipes, tables, fingerprints, the page, the style."""

"""Claims of other papers, within the setting of this package."""

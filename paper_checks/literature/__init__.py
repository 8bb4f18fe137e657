"""Evidence for and against claims of other papers."""

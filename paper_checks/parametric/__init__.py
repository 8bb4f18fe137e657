"""Evidence for parametric retraining."""

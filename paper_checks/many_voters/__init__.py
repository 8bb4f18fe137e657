"""Evidence for what many voters' loops do."""

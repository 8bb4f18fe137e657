"""The pure loop: retraining on curated samples alone."""

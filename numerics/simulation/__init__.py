"""The loop as it is run, with samples: models, replicates, checkpoints."""

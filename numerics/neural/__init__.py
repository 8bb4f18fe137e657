"""Neural generative models to retrain with `simulate`; the extra `neural` installs their packages.

Each model has a file: `normalising_flow`, `diffusion`, `flow_matching`. They share `model` (fit,
sample, state), `training` (Adam, its budget and device) and `time_network`.
"""

"""Neural generative models to retrain with `simulate`: the extra `neural` has what they need.

One model a file: `normalising_flow`, `diffusion`, `flow_matching`; what they share is in `model`
(fit, sample, state), `training` (Adam, its budget and place) and `time_network`.
"""

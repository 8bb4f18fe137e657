"""A law with all that rules read, for tests by samples."""

import numpy as np

from recurate import RewardLaw

LAW = RewardLaw(
    [0.0, 1.0, 1.0, 2.0, 0.5, 0.5],
    [0.10, 0.20, 0.10, 0.25, 0.20, 0.15],
    groups="aabbcc",
    scores={"other": [3.0, 1.0, 1.0, 0.0, 2.0, 2.0], "chance": [0.0, 0.3, 1.0, 0.2, 0.5, 0.0]},
)
CYCLE = np.array([[0.5, 0.2, 0.9], [0.8, 0.5, 0.3], [0.1, 0.7, 0.5]])
"""Preferences between the groups; each is beaten by another."""

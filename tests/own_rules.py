"""A rule of one's own, as a user writes it."""

import numpy as np

from recurate.rules import Rule


class WorseOfTwo(Rule):
    """The worse of two candidates, ties half; it says nothing of what it reads."""

    most_candidates = 2

    def log_ratio(self, law, log_probs):
        better = law.rewards[None, :] > law.rewards[:, None]
        tied = law.rewards[None, :] == law.rewards[:, None]
        return np.log(2 * (better + tied / 2) @ np.exp(log_probs))

"""Laws with prompts for the tests, from arithmetic and from seeds."""

from __future__ import annotations

import numpy as np

from recurate import RewardLaw


def random_prompted_law(
    seed: int, scale: float, *, most_prompts: int = 5, most: int = 7, has_zeros: bool = True
) -> RewardLaw:
    """A seeded law: ties, atoms without mass, prompts of 1 to `most` atoms in mixed order."""
    rng = np.random.default_rng(seed)
    prompt = np.repeat(
        np.arange(n := int(rng.integers(1, most_prompts + 1))), rng.integers(1, most + 1, n)
    )
    rewards = scale * rng.normal(size=prompt.size)
    if rng.random() < 0.4:
        rewards = scale * np.round(rewards / scale)
    probs = rng.random(prompt.size) ** float(rng.choice([1, 40]))
    if has_zeros:
        probs[(rng.random(prompt.size) < 0.2) & (np.diff(prompt, append=-1) == 0)] = 0.0
    probs /= probs.sum()
    order = rng.permutation(prompt.size)
    return RewardLaw(
        rewards[order],
        probs[order],
        groups=(order % 2).tolist(),
        prompts=[f"q{z}" for z in prompt[order]],
    )

"""Reward against divergence, of laws to compare a loop with: the best of n, and the best there is.

A law that is tilted by e^{βr} has the largest expected reward of all laws with its divergence: by
the variational formula of Gibbs, E_p[r] <= (KL(p‖p_ref) + log E_ref[e^{βr}])/β for every law p,
with equality for p_ref e^{βr}/E_ref[e^{βr}]. Within prompts the same β tilts each of them, since
the mean divergence and the mean reward are sums over the prompts.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.rules import BestOf
from recurate.numerics.validation import FloatArray

_NUMBERS = (
    1,
    1.25,
    1.5,
    1.75,
    2,
    3,
    *(n for power in range(2, 31) for n in (2**power, 3 * 2 ** (power - 1))),
)
_STRENGTHS = np.geomspace(1e-3, 1e6, 109)  # β, for rewards whose standard deviation is 1


class Frontier(NamedTuple):
    """Laws along a curve.

    Attributes
    ----------
    parameter : ndarray, shape (points,)
        n, or β.
    kl_to_reference, expected_reward : ndarray, shape (points,)
        Their divergences from p_ref, in nats, and their expected rewards, both ascending.
    """

    parameter: FloatArray
    kl_to_reference: FloatArray
    expected_reward: FloatArray


def best_of_n(law: RewardLaw, most: float = math.inf) -> Frontier:
    """Return the hard best of n samples of p_ref for n = 1, 2, 3, 4, 6, 8, …: one choice, no loop.

    Between one and two, n is the mean number of samples: of two the best is taken, or the only one.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    most : float
        Divergence at which the curve may end.

    Notes
    -----
    Of a law without ties and atoms the divergence is log n - (n-1)/n; of any other it is smaller
    (`best-of-n-formula`), so that it is computed.
    """
    points = []
    given = log_masses(law.probs / law.prompt_probs[law.prompt_of_atoms])
    for n in _NUMBERS:
        log_ratio = np.where(law.probs > 0, BestOf(math.ceil(n)).log_ratio(law, given), 0.0)
        if n < 2:
            log_ratio = np.log1p((n - 1) * np.expm1(log_ratio))
        probs = law.probs * np.exp(log_ratio)
        points.append((n, float(probs @ log_ratio), float(probs @ law.rewards)))
        if points[-1][1] >= most or probs @ law.relative_rewards >= -1e-9:
            break
    return Frontier(*np.array(points, dtype=np.float64).T)


def largest_reward(law: RewardLaw) -> Frontier:
    """Return the laws tilted by e^{βr}, whose expected reward is the largest at their divergence.

    β goes from nearly 0 to where nearly all mass is at the best reward.
    """
    prompt, of_prompts = law.prompt_of_atoms, law.prompt_probs
    spread = math.sqrt(law.probs @ (law.rewards - law.probs @ law.rewards) ** 2) or 1.0
    relative = np.minimum(law.relative_rewards, 0.0)  # above are rewards without mass
    best = float(of_prompts @ law.prompt_best)
    points = []
    for beta in _STRENGTHS / spread:
        tilted = law.probs * np.exp(beta * relative)
        total = np.bincount(prompt, tilted)
        mean = np.bincount(prompt, tilted * relative) / total
        divergence = float(of_prompts @ (beta * mean - np.log(total / of_prompts)))
        points.append((beta, divergence, best + float(of_prompts @ mean)))
        if of_prompts @ mean >= -1e-9 * spread:
            break
    return Frontier(*np.array(points).T)

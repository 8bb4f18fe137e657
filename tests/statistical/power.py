"""Sample sizes with which a wrong sampler is noticed, computed from exact binomial tails."""

import numpy as np
from hypothesis import strategies as st
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.agreement.winners import curated_law

MISS = 1e-9
"""Probability that a wrong sampler is not noticed, at most."""

LARGEST = 2**22


def miss_probability(law, wrong, rewards, number, alpha):
    """Bound the probability that winners from the law `wrong` agree with `law` at level alpha.

    `winners_verdict` rejects when any of its binomial tails, times 4 for each (two sides, and the
    G-test beside them), is below alpha: in particular if that of the best upper set is.
    """
    levels = np.unique(rewards)
    tails = 4 * (rewards.size + levels.size - 1)
    best = 1.0
    for value in levels[1:]:
        p, q = law[rewards >= value].sum(), wrong[rewards >= value].sum()
        if q > p:
            least = stats.binom.isf(alpha / tails, number, p)
            best = min(best, stats.binom.cdf(least + 1, number, q))
        else:
            most = stats.binom.ppf(alpha / tails, number, p)
            best = min(best, stats.binom.sf(most - 2, number, q))
    return best


def sample_size(loop, t, wrong_laws, alpha):
    """Return a number of winners with which every wrong law is noticed; None above `LARGEST`."""
    law = curated_law(loop, t)
    number = 2**12
    while number <= LARGEST:
        if all(
            miss_probability(law, wrong, loop.law.rewards, number, alpha) < MISS
            for wrong in wrong_laws
        ):
            return number
        number *= 2
    return None


def wrong_laws(loop, t):
    """Return the laws of the winner among K - 1 candidates, and with rewards scaled by 1.02."""
    probs = loop.run(steps=t).probs(t)
    probs = probs / probs.sum()
    pool = RewardLaw(loop.law.rewards, probs)
    scaled = RewardLaw(1.02 * loop.law.rewards, probs)
    return [
        curated_law(CurationLoop(pool, K=loop.K - 1, lam=1.0)),
        curated_law(CurationLoop(scaled, K=loop.K, lam=1.0)),
    ]


@st.composite
def telling_loops(draw, alpha):
    """Draw a loop, a step t, and a sample size with which both wrong samplers are noticed."""
    size = draw(st.integers(2, 5))
    heights = st.floats(0.0, 1.0, allow_subnormal=False)
    rewards = draw(st.floats(1.5, 6.0)) * np.array(
        draw(st.lists(heights, min_size=size, max_size=size))
    )
    masses = np.array(draw(st.lists(st.floats(0.05, 1.0), min_size=size, max_size=size)))
    law = RewardLaw(rewards, masses / masses.sum())
    K, lam = draw(st.sampled_from([2, 3, 4, 6])), draw(st.sampled_from([0.5, 1.0, 3.0, np.inf]))
    loop, t = CurationLoop(law, K=K, lam=lam), draw(st.integers(0, 3))
    number = sample_size(loop, t, wrong_laws(loop, t), alpha)
    from hypothesis import assume

    assume(number is not None)
    return loop, t, number

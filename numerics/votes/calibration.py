"""The scale of a reward model: log-odds of people's choices for each unit of its rewards."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.numerics.laws.groups import numbered
from recurate.numerics.validation import FloatArray, real_vector, require_at_each, require_length
from recurate.numerics.votes.votes import IntArray


@dataclass(frozen=True)
class Scale:
    """How people's choices follow a reward: by Bradley–Terry with rewards γ times as large.

    Attributes
    ----------
    gamma : float
        Log-odds for each unit of the reward: the likeliest.
    standard_error : float
        Of `gamma`; by clusters (the sandwich of Huber and White) if they were given.
    naive_standard_error : float
        By Fisher's information, as if all pairs were independent.
    interval : tuple of two floats
        Of 95%: `gamma` and 1.96 times its standard error to both sides.
    pairs : float
        Number of pairs: the sum of the weights.
    share_agreeing : float
        Share of pairs in which the chosen one has the higher reward; equal rewards count half.
    form_p_value : float or None
        Of the hypothesis that log-odds grow in proportion to the difference of rewards. It is small
        if people's choices depend on large differences less, or more, than on small ones. None if
        all differences are of one size.
    """

    gamma: float
    standard_error: float
    naive_standard_error: float
    interval: tuple[float, float]
    pairs: float
    share_agreeing: float
    form_p_value: float | None

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out 0: if not, choices may have nothing to do with it."""
        return not self.interval[0] <= 0 <= self.interval[1]


def calibrate_scale(
    chosen_rewards: Any,
    rejected_rewards: Any,
    *,
    weights: Any = None,
    clusters: Iterable[Hashable] | None = None,
) -> Scale:
    """Return the scale at which a reward is in log-odds, from pairs of which people chose one.

    Parameters
    ----------
    chosen_rewards : array_like, shape (n,)
        Reward of each pair's chosen answer, in the reward's own unit.
    rejected_rewards : array_like, shape (n,)
        Reward of its other answer.
    weights : array_like, shape (n,), optional
        Positive, one each by default: how many choices a pair stands for. A tie is two pairs of
        weight ½, one each way.
    clusters : iterable of hashable, length n, optional
        A label for each pair; those of one label (one prompt, or one pair that several people
        judged) may depend on one another, and the standard error allows for it. It takes many
        clusters, some fifty, for this error to be good.

    Returns
    -------
    Scale
        Its `gamma` is the factor that turns the reward into log-odds. If its `interval` holds 0
        (`is_significant` says whether not), these choices do not show that they follow the reward.

    Raises
    ------
    TypeError
        If rewards or weights are not real numbers, or clusters not hashable labels.
    ValueError
        If lengths differ, a number is NaN or infinite, a weight is not positive, or all pairs that
        differ are in one cluster; if no pair's rewards differ, or the chosen one has the higher
        reward in all pairs that differ, or the lower in all: then no finite gamma is the likeliest.

    Notes
    -----
    People choose with the probability σ(γ (chosen - rejected)): a logistic regression on the
    difference of rewards, without a constant. Standard errors are Fisher's, or by clusters with the
    factor G/(G-1) for G clusters (Liang and Zeger 1986, Biometrika 73). The form is tested by the
    score of a constant that is added to the log-odds of the answer with the higher reward: it is
    bounded, so that no single pair decides.

    Examples
    --------
    Where the reward differs by 2, the better one is chosen 3 times in 4, at odds of 3: its scale is
    (log 3)/2 for each unit.

    >>> round(calibrate_scale([2, 2, 2, 0], [0, 0, 0, 2]).gamma, 6)
    0.549306

    >>> scale = calibrate_scale([1.0, 4.0, 2.0, 0.5, 3.0], [0.0, 1.0, 2.5, 0.0, 5.0])
    >>> round(scale.gamma, 4), round(scale.standard_error, 4), scale.is_significant
    (0.2886, 0.562, False)
    """
    from scipy.optimize import root_scalar
    from scipy.special import expit
    from scipy.stats import norm

    chosen = real_vector(chosen_rewards, "chosen_rewards")
    rejected = real_vector(rejected_rewards, "rejected_rewards")
    require_length(rejected.size, "rejected_rewards", chosen.size, "chosen reward")
    weight = np.ones(chosen.size)
    if weights is not None:
        weight = real_vector(weights, "weights")
        require_length(weight.size, "weights", chosen.size, "chosen reward")
        require_at_each(weight > 0, weight, "weights must be above 0")
    cluster = None if clusters is None else numbered(clusters, chosen.size, "clusters").numbers
    gap, unit = _gaps(chosen, rejected)
    if cluster is not None and np.ptp(cluster[gap != 0]) == 0:
        raise ValueError(
            "clusters must be at least two; got one for all pairs whose rewards differ, which "
            "leaves no standard error: leave clusters out if pairs are independent"
        )
    pull = weight * gap

    def slope(gamma: float) -> float:
        return float(pull @ expit(-gamma * gap))

    end = 1.0 if slope(0.0) >= 0 else -1.0
    while end * slope(end) > 0:
        end *= 2
    gamma = float(root_scalar(slope, bracket=(0.0, end), xtol=1e-300, rtol=1e-15).root)

    miss = expit(-gamma * gap)
    variance = weight * miss * expit(gamma * gap)
    information = float(variance @ gap**2)
    naive = information**-0.5
    error = naive if cluster is None else _by_cluster(pull * miss, cluster) ** 0.5 / information
    reach = float(norm.isf(0.025)) * error
    # What the constant's score has beyond gamma's.
    side = np.sign(gap) - gap * float(variance @ np.abs(gap)) / information
    spread = float(variance @ side**2)
    form = None
    if spread > 1e-12 * variance.sum():
        if cluster is not None:
            spread = _by_cluster(weight * side * miss, cluster)
        form = float(2 * norm.sf(abs(float((weight * side) @ miss)) / spread**0.5))
    return Scale(
        gamma=gamma / unit,
        standard_error=error / unit,
        naive_standard_error=naive / unit,
        interval=((gamma - reach) / unit, (gamma + reach) / unit),
        pairs=float(weight.sum()),
        share_agreeing=float(weight @ ((gap > 0) + (gap == 0) / 2) / weight.sum()),
        form_p_value=form,
    )


def _gaps(chosen: FloatArray, rejected: FloatArray) -> tuple[FloatArray, float]:
    """Return chosen less rejected rewards, in units of the largest difference, and that one.

    Raises
    ------
    ValueError
        Unless the chosen one is the better in some pairs and the worse in others.
    """
    with np.errstate(over="ignore"):
        gap = chosen - rejected
    unit = float(np.abs(gap).max())
    if unit == 0:
        raise ValueError(
            "chosen_rewards must differ from rejected_rewards in some pairs; got the same reward "
            f"twice in all {gap.size:,}"
        )
    if not 1e-290 < unit < 1e290:
        raise ValueError(
            f"rewards must differ by 1e-290 to 1e290; got {unit:g} as the largest difference"
        )
    gap /= unit
    higher, lower = int((gap > 0).sum()), int((gap < 0).sum())
    if higher == 0 or lower == 0:
        which, gamma = ("lower", "-") if higher == 0 else ("higher", "")
        others = gap.size - higher - lower
        raise ValueError(
            "chosen_rewards must be above rejected_rewards in some pairs and below in others; got "
            f"the chosen one's {which} in all {higher + lower:,} pairs"
            + (f" that differ (and the same in {others:,})" if others else "")
            + f": gamma would be {gamma}infinity"
        )
    return gap, unit


def _by_cluster(scores: FloatArray, cluster: IntArray) -> float:
    """Return the variance of the sum of scores of which clusters are independent."""
    parts = np.bincount(cluster, scores)
    return float(parts @ parts) * parts.size / (parts.size - 1)

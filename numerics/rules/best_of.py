"""The hard best of K, and the best few of K."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import blocks, log_masses, log_sum_exp
from recurate.numerics.rules.ranking import Ranking, Tails
from recurate.numerics.rules.ranking_within import RankingWithin
from recurate.numerics.rules.rule import Columns, LogRatio, PreparedRule, column_of, score_name
from recurate.numerics.validation import FloatArray, candidates, positive_count, shown

BoolArray = npt.NDArray[np.bool_]

_NODES = 16  # of Gauss's rule, over a level on which the integral falls by less than half
# On a thin one, with x = K π below _THIN, three nodes err by less than (2x)^6/2e6: 4e-17.
_FEW_NODES, _THIN = 3, 0.01
_LARGEST_EXPONENT = 600.0  # of odds: times K they are still doubles
_SHIFT = 1e200
_FEW_TIES = 1e-4  # expected ties of which three terms are enough
_NO_TIE = 1e-20  # expected ties below which there is none, to the last digit


@dataclass(frozen=True, repr=False)
class BestOf(PreparedRule):
    """The best `keep` of K candidates are all kept; those that tie are chosen from at random.

    Parameters
    ----------
    K : int
        Number of candidates, at least 1.
    keep : int
        How many of them are kept, from 1 to K: 1 is best-of-n sampling, and RAFT's choice (Dong et
        al. 2023, arXiv:2304.06767); rejection sampling often keeps more, as 2 of 6.
    by : str, optional
        The score of the law that candidates are ranked by; its reward by default.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    With F(r) = p(reward <= r), F_-(r) = p(reward < r) and δ = F - F_-, for `keep` = 1

        H = (F^K - F_-^K)/δ = K F^{K-1} · (1 - (1-π)^K)/(K π),    π = δ/F.

    In general a candidate at s, the mass that is better, is kept if fewer than `keep` of the K - 1
    others are better: H is the mean over the level, 1 - F <= s <= 1 - F_-, of

        K/keep · P(Bin(K-1, s) < keep),    whose integral is E (keep - Bin(K, s))^+ / keep.

    Where that integral changes much over the level, H is its difference; elsewhere the mean is
    taken by Gauss's rule. So all sums have positive terms and nothing cancels. The error of log H
    is at most 2e-13 max(1, |log H|) for K to 1e9, `keep` to 30 and masses of 1e-300, and 1e-12 for
    `keep` to 1000. Derived here, ``docs/engine.md``; Beirami et al. 2024 (arXiv:2401.01879) have
    the law for `keep` = 1. Ties are exact ties: near ones are not merged. For n atoms it takes one
    sort, when prepared, and for each law a few passes over them, some 10 · `keep` where `keep` is
    not 1.

    Examples
    --------
    Three samples of equal mass, two of them tied; the best of two, and the best two of three.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([0.0, 0.0, 1.0])
    >>> np.exp(BestOf(2).log_ratio(law, np.log(law.probs))).round(4).tolist()
    [0.6667, 0.6667, 1.6667]
    >>> np.exp(BestOf(3, keep=2).log_ratio(law, np.log(law.probs))).round(4).tolist()
    [0.7778, 0.7778, 1.4444]
    """

    K: float
    keep: int = 1
    by: str | None = None

    def __post_init__(self) -> None:
        K, keep = candidates(self.K), positive_count(self.keep, "keep")
        if K == math.inf:
            raise ValueError(
                "K must be finite for BestOf, as of infinitely many candidates only the best "
                "reward is left; got infinity: TopShare(share) keeps the best share of all"
            )
        if keep > K:
            raise ValueError(f"keep must be at most K = {K:.15g}; got {shown(self.keep)}")
        self._set(K=K, keep=keep, by=score_name(self.by))

    @property
    def most_candidates(self) -> float:
        """K: one of those kept, at random, is a choice among K."""
        return self.K

    def columns_read(self, law: RewardLaw) -> Columns:
        """Return the column that it goes by."""
        return [column_of(law, self.by)]

    def _prepared(self, law: RewardLaw) -> LogRatio:
        return self._by(Ranking(law, self.by, "BestOf"))

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        return self._by(RankingWithin(law, self.by))

    def _by(self, ranking: Ranking | RankingWithin) -> LogRatio:

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            return ranking.at_atoms(self.log_ratio_of_levels(ranking.tails(log_probs)))

        return log_ratio

    def log_ratio_of_levels(self, tails: Tails) -> FloatArray:
        """Return log H of levels, each next above the one before, shape (levels,)."""
        if self.keep == self.K:
            return np.zeros(tails.mass.size)
        return self._log_best(tails) if self.keep == 1 else self._log_kept(tails)

    def _log_best(self, tails: Tails) -> FloatArray:
        """Return log H at the levels, for `keep` = 1."""
        K = self.K
        with np.errstate(over="ignore"):  # to -inf, where log F has been multiplied by K for long
            log_ratio = (K - 1) * tails.log_below
        for rows in blocks(log_ratio.size):
            log_ratio[rows] += math.log(K) + _log_best_of_tied(K, tails.share[rows])
        return log_ratio

    def _log_kept(self, tails: Tails) -> FloatArray:
        """Return log H at the levels, for `keep` from 2 to K - 1."""
        K, keep = self.K, self.keep
        places = np.arange(keep, 0, -1.0)  # that are left if 0, 1, … others are better
        log_above = log_masses(tails.above)
        log_left = _log_partial_sum(K, places, log_above, tails.log_below)
        log_left_after = np.full(log_left.size, -np.inf)
        log_left_after[1:] = log_left[:-1]
        log_left_after[tails.lowest] = -np.inf
        is_wide = log_left_after < log_left - math.log(2)
        is_thin = ~is_wide & (K * tails.share < _THIN)
        log_ratio = np.empty(log_left.size)
        for rows, nodes in ((is_thin, _FEW_NODES), (~(is_wide | is_thin), _NODES)):
            log_ratio[rows] = self._log_mean(tails, rows, nodes) + math.log(K / keep)
        change = np.expm1(log_left_after[is_wide] - log_left[is_wide])
        log_change = log_left[is_wide] + np.log(-change)
        log_ratio[is_wide] = log_change - tails.log_mass[is_wide] - math.log(keep)
        return log_ratio

    def _log_mean(self, tails: Tails, rows: BoolArray, nodes: int) -> FloatArray:
        """Return, at some levels, the log of the mean of P(Bin(K-1, s) < keep) over the level."""
        places, weights = np.polynomial.legendre.leggauss(nodes)
        at = (places[:, None] + 1) / 2
        log_kept = _log_partial_sum(
            self.K - 1,
            np.ones(self.keep),
            log_masses(tails.above[rows] + at * tails.mass[rows]),
            tails.log_below[rows] + np.log1p(-at * tails.share[rows]),
        )
        return log_sum_exp(log_kept + np.log(weights / 2)[:, None], axis=0)


def _log_best_of_tied(K: float, share: FloatArray) -> FloatArray:
    """Return log (1 - (1-π)^K)/(K π): of the mean of 1/(t+1), t ~ Bin(K-1, π)."""
    expected = K * share
    if expected.max() < _FEW_TIES:  # the first terms of the binomial theorem: the next is 1e-18
        rare = -(K - 1) * share * (1 / 2 - (K - 2) * share / 6 * (1 - (K - 3) * share / 4))
        found: FloatArray = np.log1p(rare)
        return found
    with np.errstate(divide="ignore"):
        log_untied = K * np.log1p(-share)
    chosen = np.ones(expected.size)
    np.divide(-np.expm1(log_untied), expected, out=chosen, where=expected > _NO_TIE)
    return np.log(chosen, out=chosen)


def _log_partial_sum(
    number: float, values: FloatArray, log_chance: FloatArray, log_rest: FloatArray
) -> FloatArray:
    """Return log Σ_j values_j P(Bin(number, s) = j), from log s and log(1 - s)."""
    log_odds = np.where(log_rest == -np.inf, 0.0, log_chance - log_rest)
    steps = np.arange(1.0, values.size)
    growth = (number - steps + 1) / steps  # of the chance of j over that of j - 1, and the odds
    total = np.empty(log_odds.shape)
    # From the last term if it is the largest, else from the first; that sum may grow like e^keep.
    from_last = log_odds + math.log(growth[-1]) >= 0
    for is_last in (False, True):
        rows = from_last == is_last
        with np.errstate(over="ignore"):  # to -inf
            log_largest = (number - is_last * growth.size) * log_rest[rows]
        odds = np.exp(np.minimum(log_odds[rows], _LARGEST_EXPONENT))
        if is_last:
            log_largest += np.log(growth).sum() + growth.size * log_chance[rows]
            terms = np.full(odds.shape, values[0])
            for factor, value in zip(growth, values[1:], strict=True):
                terms = value + terms / (factor * odds)
        else:
            terms, shifts = np.full(odds.shape, values[-1]), np.zeros(odds.shape)
            for factor, value in zip(growth[::-1], values[-2::-1], strict=True):
                terms = value * (shifts == 0) + factor * odds * terms
                is_large = terms > _SHIFT
                terms[is_large] /= _SHIFT
                shifts += is_large
            log_largest += shifts * math.log(_SHIFT)
        total[rows] = log_largest + np.log(terms)
    return total

"""Digits of the best of K, of the best share and of preferences where masses are tiny or K large.

Expected values are the formulas in mpmath, with so many digits that nothing cancels.
"""

import math

import mpmath
import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.curation import interpolated
from recurate.numerics.rules import bradley_terry
from recurate.numerics.rules.best_of import _log_best_of_tied
from recurate.rules import BestOf, BradleyTerry, PairwisePreference, Stages, TopShare, Voters

from ..oracles import RATIO_ERROR, limit, normalised, precise, quadrature, worst


def digits_for(log_probs):
    """Digits that tell the rarest mass from one."""
    return 40 + int(-2 * min(log_probs) / math.log(10))


def best_of(log_probs, K, keep):
    """log H of atoms in ascending order without ties, from E(keep - Bin(K, s))^+."""
    with mpmath.workdps(digits_for(log_probs)):
        masses = [mpmath.exp(mpmath.mpf(float(x))) for x in log_probs]
        total = mpmath.fsum(masses)
        masses = [mass / total for mass in masses]

        def left(i):  # at the lower end of atom i, everything from i on is better
            above, below = mpmath.fsum(masses[i:]), mpmath.fsum(masses[:i])
            total, chance = mpmath.mpf(0), below**K
            for j in range(keep if below else 0):
                total += (keep - j) * chance  # P(Bin(K, above) = j)
                chance *= above / below * (K - j) / (j + 1)
            return total

        ends = [left(i) for i in range(len(masses) + 1)]
        ratios = [(ends[i + 1] - ends[i]) / (keep * masses[i]) for i in range(len(masses))]
        return [precise.mpf(mpmath.nstr(mpmath.log(h), 40)) for h in ratios]


def laws():
    rng = np.random.default_rng(7)
    for spread in (1.0, 30.0, 700.0):
        masses = rng.exponential(size=6) * -spread
        yield masses - np.log(np.exp(masses).sum())
    yield np.log([1.0, 1e-300])
    yield np.log([1e-300, 1e-300, 1.0, 1e-300, 1e-300])
    yield np.array([-2000.0, -1999.0, math.log(0.5), math.log(0.5), -1500.0])
    yield np.log([0.25, 0.25, 0.5])


@pytest.mark.parametrize("log_probs", list(laws()), ids=range(7))
@pytest.mark.parametrize(
    ("K", "keep"), [(2, 1), (10, 1), (10**9, 1), (3, 2), (6, 2), (64, 10), (10**4, 3), (40, 39)]
)
def test_best_of(log_probs, K, keep):
    law = RewardLaw(np.arange(log_probs.size, dtype=float))
    found = BestOf(K, keep=keep).log_ratio(law, log_probs)
    assert worst(found, best_of(log_probs, K, keep)) <= RATIO_ERROR


@pytest.mark.parametrize("expected_better", [0.01, 1.0, 10.0, 100.0, 300.0])
@pytest.mark.parametrize("keep", [1, 2, 10, 100])
def test_best_of_a_billion_at_the_upper_tail(expected_better, keep):
    # Atoms of a billionth and less near the top: there the rare ones decide, and 1 - F loses them.
    K = 10**9
    rare = expected_better / K
    log_probs = np.log([1 - 2.3 * rare, rare, rare * 0.3, 1e-3 * rare, rare * 0.999])
    law = RewardLaw(np.arange(5.0))
    found = BestOf(K, keep=keep).log_ratio(law, log_probs)
    assert worst(found, best_of(log_probs, K, keep)) <= RATIO_ERROR


@pytest.mark.parametrize("tied", [0.3, 1.0, 10.0, 14.9])  # at 15 of 30 it falls by half
@pytest.mark.parametrize(
    ("K", "keep", "error"), [(10**4, 30, RATIO_ERROR), (2 * 10**4, 700, 1e-12)]
)
def test_best_of_on_levels_that_several_candidates_share(K, keep, error, tied):
    # Levels of so many expected candidates, down from the best and down from near the last kept:
    # the ratio bends on such a level, and the integral there falls by a part.
    for better in (0.0, keep - 2 * tied):
        levels = np.full(min(int(3 * keep / tied), 30), tied / K)
        masses = np.concatenate([[0.0], levels, [better / K]])[: levels.size + 1 + (better > 0)]
        masses[0] = 1 - masses.sum()
        log_probs = np.log(masses)
        found = BestOf(K, keep=keep).log_ratio(RewardLaw(np.arange(masses.size)), log_probs)
        assert worst(found, best_of(log_probs, K, keep)) <= error


def test_top_share_from_both_ends():
    # A share of 1e-300, and all but 1e-12: at either end the masses keep their digits.
    law = RewardLaw([0.0, 1.0, 2.0])
    log_probs = np.log([1.0, 2e-300, 4e-301])
    found = TopShare(1e-300).log_ratio(law, log_probs)
    # .4 of the share are the best, the other .6 are .3 of the second.
    expected = [-math.inf, math.log(0.3) + 300 * math.log(10), 300 * math.log(10)]
    assert found.tolist() == pytest.approx(expected, rel=1e-14)
    log_probs = np.log([4e-13, 1e-12, 1 - 1.4e-12])
    share = 1 - 1e-12
    found = TopShare(share).log_ratio(law, log_probs)
    rest = 1.0 - share  # as binary numbers have it
    expected = [-math.inf, math.log((1.4e-12 - rest) / 1e-12), 0.0]
    assert found.tolist() == pytest.approx(expected, abs=3e-12)


def test_preferences_for_what_has_underflowed():
    # The first beats the last alone, whose mass e^-2000 is no double.
    rule = PairwisePreference([[0.5, 0.0, 1.0], [1.0, 0.5, 0.25], [0.0, 0.75, 0.5]])
    log_probs = np.array([-3000.0, 0.0, -2000.0])
    found = rule.log_ratio(RewardLaw([0.0, 0.0, 0.0]), log_probs)
    assert found.tolist() == pytest.approx([-2000 + math.log(2), 0.0, math.log(1.5)], rel=1e-15)


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("K", [2, 10**9, math.inf])
def test_voters_over_wide_rewards(monkeypatch, K, is_large):
    if is_large:  # as tables of 8,000 rows are treated
        monkeypatch.setattr(bradley_terry, "LEAST_ROWS", 2)
        monkeypatch.setattr(interpolated, "_few_levels", lambda _: (None, None))
    # Spans of 1500, and ties for one voter only: H is the sum of each voter's, in 60 digits.
    rewards = [0.0, 1.0, 700.0, 1499.0, 1500.0]
    others = [5.0, 5.0, 5.0, 2.0, 5.0]
    log_probs = np.log([0.3, 0.3, 0.4 - 2e-12, 1e-12, 1e-12])
    p = normalised(log_probs=log_probs)
    expected = [
        precise.log((ratio_1 + 3 * ratio_2) / 4)
        for ratio_1, ratio_2 in zip(
            ratio_of(K, rewards, p), ratio_of(K, [-2 * r for r in others], p), strict=True
        )
    ]
    law = RewardLaw(rewards, scores={"other": others})
    rule = Voters([(0.25, BradleyTerry(K)), (0.75, BradleyTerry(K, scale=-2, by="other"))])
    assert worst(rule.log_ratio(law, log_probs), expected) <= RATIO_ERROR


def ratio_of(K, rewards, p):
    ratio = limit(rewards) if K == math.inf else quadrature(rewards, K, per_unit=5)
    return ratio(p)


def test_stages_in_logarithms():
    # The first stage leaves e^-1200 of the lower one, and to the second that is the better.
    law = RewardLaw([0.0, 1200.0], scores={"other": [1200.0, 0.0]})
    rule = Stages([BradleyTerry(math.inf), BradleyTerry(math.inf, by="other")])
    found = rule.log_ratio(law, np.log([0.5, 0.5]))
    assert found.tolist() == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("K", [2, 3, 10, 10**9])
@pytest.mark.parametrize("expected", [1e-30, 1e-9, 9.9e-5, 1.01e-4, 0.5])
def test_few_that_tie_with_the_best(K, expected):
    # (1 - (1-π)^K)/(K π) in mpmath, on both sides of where its first terms are enough.
    with mpmath.workdps(80):
        tied = mpmath.mpf(expected / K)
        true = mpmath.log((1 - (1 - tied) ** K) / (K * tied))
        found = mpmath.mpf(float(_log_best_of_tied(K, np.array([expected / K]))[0]))
        assert abs(found - true) <= (3e-14 * abs(true) if expected < 1e-4 else 1e-15)


def test_sums_of_many_rewards_keep_their_digits():
    # n equal atoms: H of atom i is K (i/n)^(K-1) up to the tie with itself, in closed form.
    n, K = 10**6, 10**9
    found = BestOf(K).log_ratio(RewardLaw(np.arange(float(n))), np.full(n, -math.log(n)))
    for i in (n, n - 1, n - 3, n // 2, 17):
        with mpmath.workdps(40):
            upper, lower = K * mpmath.log(mpmath.mpf(i) / n), K * mpmath.log(mpmath.mpf(i - 1) / n)
            expected = upper + mpmath.log(-mpmath.expm1(lower - upper)) + mpmath.log(n)
        assert abs(found[i - 1] - float(expected)) <= RATIO_ERROR * max(1, abs(float(expected)))


BEATEN = [[0.5, 0.0, 0.0], [1.0, 0.5, 0.2], [1.0, 0.8, 0.5]]


@pytest.mark.parametrize("prompts", [None, "aaa"])
@pytest.mark.parametrize(
    "rule",
    [
        BestOf(2),
        BestOf(10**9),
        BestOf(3, keep=2),
        BestOf(10**9, keep=30),
        Stages([BestOf(10), BestOf(10**9)]),
        Stages([PairwisePreference(BEATEN), BestOf(7)]),
        Voters([(0.5, BestOf(10**9)), (0.5, BestOf(10**8))]),
        PairwisePreference(BEATEN),
    ],
)
def test_masses_beyond_all_logarithms_are_zero(rule, prompts):
    # log p of the worst grows at least like 2^t: after 1024 steps it is beyond all floats.
    law = RewardLaw([0.0, 1.0, 2.0], prompts=prompts, scores={"none": [1.0, 0.0, 0.0]})
    run = CurationLoop(law, rule=rule, lam=math.inf).run(steps=1100)
    assert run.log_probs(1100)[0] == -math.inf
    assert run.mass_at_max[1100] == 1.0
    assert run.expected_scores[1100] == 0.0
    assert run.win_rate[1100] == pytest.approx(5 / 6, abs=1e-15)  # of the best of three, ties half


@pytest.mark.parametrize("n", [3, 9000])  # few levels, and many
@pytest.mark.parametrize("K", [2, 1000, 10**9])
def test_pure_best_of_K_down_to_the_least_float(K, n):
    # F_t = F_0^(K^t), and p_t of the worst is F_t there.
    run = CurationLoop(RewardLaw(np.arange(n)), rule=BestOf(K), lam=math.inf).run(steps=1100)
    last = int((math.log(1.7e308) - math.log(math.log(n))) / math.log(K))
    assert run.log_probs(last)[0] == pytest.approx(
        -(float(K) ** last) * math.log(n), rel=1e-13 * last
    )
    assert run.log_probs(last + 1)[0] == -math.inf

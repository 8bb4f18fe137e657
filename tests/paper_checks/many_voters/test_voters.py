"""Loops of many voters: those that the evidence tries, and what is said of them in words."""

import math
from fractions import Fraction
from itertools import islice, pairwise

import flint
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Voters
from recurate.paper_checks.fixed_points.objectives import VotersLoop
from recurate.paper_checks.many_voters.voters import VOTERS, approaches, ends_at_second, loop_of

ONE = [Fraction(1)]


def law(text):
    return [Fraction(part) for part in text.split()]


def test_the_objective_by_hand():
    # w = (1, 3), a = ¼: F(½, ½) = ¼ log 2 - ¾ KL((¾, ¼)‖(½, ½)), the last being ¾ log 3 - log 2.
    loop = VotersLoop(
        [flint.arb(1)], [[1, 3]], flint.arb(1) / 4, [flint.arb(3) / 4, flint.arb(1) / 4]
    )
    value = loop.objective([flint.arb(1) / 2] * 2)
    assert float(value.mid()) == pytest.approx(math.log(2) - 9 * math.log(3) / 16, rel=1e-14)


@pytest.fixture(scope="module")
def runs():
    return [VOTERS.exact_run(instance) for instance in islice(VOTERS.exact_instances(1), 200)]


def test_a_run_of_voters_is_what_their_loop_does(runs):
    """The run's laws come from the rules of choice, those of the loop from its own formula."""
    for run in runs:
        assert loop_of(run).laws(run.law(0), run.steps) == [
            run.law(t) for t in range(run.steps + 1)
        ]


def test_many_loops_end_at_a_law_that_is_known(runs):
    ending = [run for run in runs if ends_at_second(run)]
    assert len(ending) > 100
    for run in ending:
        loop = loop_of(run)
        assert loop.step(run.second) == run.second
        assert sum(run.second) == 1
    pure = [run for run in ending if run.lam == math.inf]
    # Of some, a law without mass somewhere, where the voters want less than there is.
    without = [run for run in pure if 0 in run.second]
    assert len(pure) > 30
    assert len(without) > 3
    for run in without:
        ratios = zip(loop_of(run).ratio(run.second), run.second, strict=True)
        assert all(h < 1 for h, p in ratios if p == 0)


def test_loops_are_built_around_a_law_with_and_without_real_data(runs):
    kinds = set()
    for run in runs[:40]:
        for approach in approaches(run):
            loop, fixed = approach.loop, approach.optimum
            kinds.add((approach.where.partition(",")[0], loop.a == 1))
            assert sum(loop.shares) == sum(loop.reference) == 1
            assert min(*loop.shares, *loop.reference) >= 0
            assert loop.step(fixed) == fixed
            assert all(loop.step(p) == q for p, q in pairwise(approach.laws))
    places = {"the loop", "built around the second law", "built around the uniform law"}
    assert kinds == {(place, is_pure) for place in places for is_pure in (True, False)}


def test_real_data_are_voters(runs):
    """For each x one, with the share m p_ref(x), who wants x alone: the same loop, to the digit."""
    mixed = [loop_of(run) for run in runs if run.lam not in (0, math.inf)]
    for loop in mixed[:30]:
        n = len(loop.reference)
        wants = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
        shares = [loop.a * share for share in loop.shares] + [loop.m * q for q in loop.reference]
        pure = VotersLoop(shares, [*loop.voters, *wants], Fraction(1), loop.reference)
        start = [Fraction(i + 1, n * (n + 1) // 2) for i in range(n)]
        assert pure.laws(start, 3) == loop.laws(start, 3)


@pytest.mark.parametrize(
    ("start", "limit"), [("1/2 5/12 1/12", "2/3 5/18 1/18"), ("1/3 1/9 5/9", "2/3 1/18 5/18")]
)
def test_where_the_reference_has_zeros_the_limit_depends_on_the_start(start, limit):
    loop = VotersLoop(ONE, [law("1 4 4")], Fraction(1, 2), law("1 0 0"))
    first, last = law(start), law(limit)
    # p(1) = ½ + p(1)/(2 (4 - 3 p(1))) at ⅔ alone, and the other two keep their odds.
    assert loop.step(last) == last
    reached = loop.laws(first, 10)[-1]
    assert reached[1] / reached[2] == first[1] / first[2] == last[1] / last[2]
    # The slope is ½ at ⅔, and less below it.
    assert abs(reached[0] - last[0]) <= abs(first[0] - last[0]) / 2**9


@pytest.mark.parametrize(("share", "sign"), [("18/110", 1), ("19/110", 0), ("20/110", -1)])
def test_an_adversary_wins_from_19_of_110_on(share, sign):
    """w = (1, 10), w~ = (10, 1): Var w/E w = 729/910 and -Cov/E w~ = 729/190, so 19/110."""
    phi, p = Fraction(share), law("1/10 9/10")
    loop = VotersLoop([1 - phi, phi], [law("1 10"), law("10 1")], Fraction(1), p)
    gain = sum((q - x) * w for q, x, w in zip(loop.step(p), p, (1, 10), strict=True))
    assert (gain > 0) - (gain < 0) == sign


def ends(share, K, steps):
    """Where r_1 = (5, 0, 3) and r_2 = (0, 5, 3) end, from the uniform law."""
    answers = RewardLaw([5.0, 0.0, 3.0], scores={"second": [0.0, 5.0, 3.0]})
    rule = Voters([(share, BradleyTerry(K)), (1 - share, BradleyTerry(K, by="second"))])
    return np.exp(CurationLoop(answers, rule=rule, lam=math.inf).run(steps=steps).log_probs(steps))


def balance(share, K):
    """Where the first two answers are in balance: the mass of the first one, by enumeration."""

    def moved(x):
        j = np.arange(K + 1)
        chances = binom.pmf(j, K, x)
        first = j * math.e**5 / (j * math.e**5 + K - j)
        second = j / (j + (K - j) * math.e**5)
        return chances @ (share * first + (1 - share) * second) - x

    return brentq(moved, 0.05, 0.9)


def test_few_candidates_count_majorities():
    assert ends(0.5, 2, 200)[2] > 0.999  # the compromise
    assert ends(0.3, 2, 200)[1] > 0.999  # what seven in ten like best
    assert ends(0.3, 3, 400)[1] > 0.999


@pytest.mark.parametrize("K", [3, 4, 64, math.inf])
def test_many_candidates_end_between_the_two(K):
    assert ends(0.5, K, 400) == pytest.approx([0.5, 0.5, 0.0], abs=1e-6)


@pytest.mark.parametrize("K", [4, 64])
def test_an_unequal_vote_ends_where_the_first_two_are_in_balance(K):
    first = balance(0.3, K)
    assert first == pytest.approx({4: 0.1146, 64: 0.2971}[K], abs=5e-5)  # as the remark has it
    assert ends(0.3, K, 600) == pytest.approx([first, 1 - first, 0.0], abs=1e-6)


def test_infinitely_many_candidates_end_where_the_welfare_is_largest():
    # KKT at both answers: .3 (b + 1 - x b) = .7 (1 + x b), b = e^5 - 1; that is .2973.
    first = 0.3 - 0.4 / math.expm1(5)
    assert ends(0.3, math.inf, 600) == pytest.approx([first, 1 - first, 0.0], abs=1e-6)

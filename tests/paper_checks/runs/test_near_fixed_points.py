"""What the checks of the spectrum, wrong rewards and the surplus compute, by other means."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import flint
import numpy as np
import pytest

from recurate.numerics.curation import rationals
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.fixed_points import fixed_point_spectrum, wrong_rewards
from recurate.paper_checks.fixed_points.fixed_point_spectrum import Derivative, pivots
from recurate.paper_checks.one_curation import surplus_gradient
from recurate.paper_checks.runs.instances import Instance, rational_instances, two_points
from recurate.paper_checks.runs.kinds import EngineRun, ExactRun

THIRD = Fraction(1, 3)


def derivative(weights, probs, K):
    run = ExactRun(Instance(weights=weights, reference=probs, K=K, lam=Fraction(1)))
    return Derivative(run, run.curation_of(run.reference))


def test_rate_of_two_points_in_closed_form():
    # K = 2, weights 1 and 3, masses 1/2: the top's mass goes from x to x² + 2x(1-x) 3/4, whose
    # slope at 1/2 is 1; masses 1/4: 2x + (3/2)(1-2x) at 3/4 is 3/4.
    for top, slope in ((Fraction(1, 2), 1), (Fraction(3, 4), Fraction(3, 4))):
        found = derivative((Fraction(1), Fraction(3)), (1 - top, top), 2)
        f = [Fraction(-1), Fraction(1)]
        assert found.form(f) / found.norm(f) == slope


@pytest.mark.parametrize("K", [2, 4, math.inf])
def test_form_is_that_of_a_difference_quotient(K):
    weights = (Fraction(1, 10), Fraction(1, 2), Fraction(1))
    probs, f, h = (THIRD, THIRD, THIRD), (2, -3, 1), Fraction(1, 10**6)
    up, down = (
        [p * ratio for p, ratio in zip(law, rationals.curation_ratio(weights, law, K), strict=True)]
        for law in ([p + s * h * x for p, x in zip(probs, f, strict=True)] for s in (1, -1))
    )
    rows = zip(up, down, f, probs, weights, strict=True)
    quotient = sum((x - y) / (2 * h) * z / (p * w) for x, y, z, p, w in rows)
    # What is left is h² = 1e-12 times a third derivative, for K <= 4 one of size 1e4 at most.
    assert abs(quotient - derivative(weights, probs, K).form(list(map(Fraction, f)))) < 1e-6


def test_eigenvalues_interlace_with_the_ratio():
    # By LAPACK, on the orthogonal complement of p w's direction in scaled coordinates.
    weights = tuple(Fraction(x, 10) for x in (1, 2, 5, 10))
    probs = tuple(Fraction(x, 10) for x in (4, 3, 2, 1))
    found = derivative(weights, probs, 3)
    scale = np.sqrt([float(p * w) for p, w in zip(probs, weights, strict=True)])
    ratio = np.array(found.ratio, float)
    matrix = np.diag(ratio) + np.outer(scale, scale) * np.array(found.pairs, float)
    basis = np.linalg.svd(scale[None])[2][1:]
    rates = np.linalg.eigvalsh(basis @ matrix @ basis.T)
    assert (ratio[:-1] < rates).all()
    assert (rates < ratio[1:]).all()
    # All pivots are positive just above the largest rate, and not just below it.
    for off, is_positive in ((1e-6, True), (-1e-6, False)):
        ratio_given = Fraction(float(rates[-1])) + Fraction(off)
        assert all(x > 0 for x in pivots(found.at_most(3, ratio_given))) == is_positive


def test_pivots_stop_at_a_form_that_is_not_positive():
    assert list(pivots([[2, 1], [1, 2]])) == [2, 1.5]
    assert list(pivots([[1, 2], [2, 1]])) == [1, -3]
    assert list(pivots([[0, 1], [1, 1]])) == [0]


def test_ties_at_the_top_attain_the_bound():
    weights = (Fraction(1, 3), Fraction(1), Fraction(1))
    run = ExactRun(Instance(weights=weights, reference=(THIRD,) * 3, K=3, lam=Fraction(2)))
    margins = list(fixed_point_spectrum.check.margins_of(run))
    ties = [margin.value for margin in margins if margin.where == "ties at the top"]
    assert ties == [0]
    assert any(margin.where == "derivative" for margin in margins)


def wrong(weights, probs, K, factors):
    """TV(T_r p, T_r' p), r' being log of the weights times the factors."""
    moved = [w * x for w, x in zip(weights, factors, strict=True)]
    ratios = zip(
        rationals.curation_ratio(weights, probs, K),
        rationals.curation_ratio(moved, probs, K),
        strict=True,
    )
    return sum(p * abs(h - other) for p, (h, other) in zip(probs, ratios, strict=True)) / 2


def test_one_curation_of_finitely_many_candidates():
    # docs/mathematics.md, wrong-rewards: (1 - 2^(1-K)) tanh(δ/2), here for e^δ = 3: tanh is 1/2.
    for instance in islice(rational_instances(7), 200):
        if instance.K == math.inf:
            continue
        factors = [Fraction(3) ** (-1 if i % 2 else 1) for i in range(instance.size)]
        distance = wrong(instance.weights, instance.reference, instance.K, factors)
        assert distance <= (1 - Fraction(2, 2**instance.K)) / 2
    halves, factors = (Fraction(1, 2),) * 2, (Fraction(3), THIRD)
    assert wrong((THIRD, Fraction(1)), halves, 2, factors) == Fraction(1, 4)


def test_one_curation_by_infinitely_many_candidates_attains_the_bound():
    attained = wrong_rewards.check.instances[0]
    first, *_ = wrong_rewards.check.margins_of(ExactRun(attained))
    assert (first.value, first.tight) == (0, True)
    first, *_ = wrong_rewards.check.margins_of(ExactRun(replace(attained, K=4)))
    assert first.value > 0
    assert not first.tight


@pytest.mark.parametrize("K", [2, 3, math.inf])
def test_curation_by_other_weights_contains_the_exact_one(K):
    # 1/3 is no float, and neither is the logarithm of the other weights.
    weights = [Fraction(1, 3), Fraction(2, 7), Fraction(1), Fraction(5, 3)]
    probs = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), Fraction(0)]
    run = EngineRun(CurationLoop(RewardLaw([0.0, 1.0, 2.0], [0.5, 0.25, 0.25]), K=K, lam=1.0), 1)
    balls = [flint.arb(w.numerator) / w.denominator for w in weights]
    given = [flint.arb(float(p)) for p in probs]
    found = run.curation_of(given, None, balls).ratio
    for ball, value in zip(found, rationals.curation_ratio(weights, probs, K), strict=True):
        assert ball.contains(flint.arb(value.numerator) / value.denominator)


def test_surplus_of_two_candidates_in_closed_form():
    # Weights 1/3 and 1, masses 1/2, the light one raised by log 4, so that weights are 4/3 and 1:
    # the logarithms of the sums grow by log 4, log(7/4) and 0 with chances 1/4, 1/2 and 1/4.
    run = surplus_gradient.check.setting.certified_run(two_points("1/3", "1/2"), 128)
    with flint.ctx.workprec(128):
        samples = surplus_gradient._samples(run, 0)
        grown = sum((p * (3 * chance).log1p() for p, chance in samples), flint.arb(0))
        expected = flint.arb(4).log() / 4 + (flint.arb(7) / 4).log() / 2
    assert abs(grown - expected) < 1e-30


def test_an_end_that_is_far_off_is_allowed_for(monkeypatch):
    # TV(p, y) <= bound + TV(y, F'(y)) p(A)/(m q) for any law y, here one that is no fixed point.
    monkeypatch.setattr(
        wrong_rewards, "_fixed_point", lambda run, *others: [run.number(x) for x in (0.125, 0.875)]
    )
    run = wrong_rewards.check.setting.certified_run(two_points("1/3", "1/8", lam=1), 128)
    with flint.ctx.workprec(128):
        _, *limits = wrong_rewards.check.margins_of(run)
    assert len(limits) == 2
    assert all(margin.value > 0 for margin in limits)

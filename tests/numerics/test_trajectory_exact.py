"""Three steps of the loop against rational arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.numerics.curation import rationals
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

from .oracles import logs, worst

STEPS = 3
# Three steps of the ratio's 2e-13, the rounding of log w, and a margin of ten.
ALLOWED = 1e-11

MIXINGS = [Fraction(1, 3), Fraction(1), Fraction(10**4), math.inf]
STARTS = {
    "reference": None,
    "another": [Fraction(1, 10), Fraction(1, 5), Fraction(3, 10), Fraction(2, 5)],
    "point mass": [Fraction(0), Fraction(1), Fraction(0), Fraction(0)],
}
WEIGHTS = [Fraction(1, 7), Fraction(1), Fraction(5, 2), Fraction(1)]
REFERENCE = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), Fraction(1, 8)]


def floats(values):
    return None if values is None else [float(v) for v in values]


def rewards_of(weights):
    return [math.log(w) for w in weights]


def run_both(weights, reference, K, lam, start, groups=None):
    laws = rationals.trajectory(weights, reference, K, lam, STEPS, initial=start)
    law = RewardLaw(rewards_of(weights), floats(reference), groups)
    run = CurationLoop(law, K=K, lam=float(lam)).run(steps=STEPS, initial=floats(start))
    return laws, run


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("lam", MIXINGS, ids=str)
@pytest.mark.parametrize("K", [2, 3, 4, math.inf])
def test_laws(K, lam, start):
    laws, run = run_both(WEIGHTS, REFERENCE, K, lam, start)
    for t, expected in enumerate(laws):
        assert worst(run.log_probs(t), logs(expected)) < ALLOWED
        assert run.probs(t) == pytest.approx(floats(expected), abs=ALLOWED)
        ratios = [p / q for p, q in zip(expected, REFERENCE, strict=True)]
        assert worst(run.log_density(t), logs(ratios)) < ALLOWED


@pytest.mark.parametrize("lam", [Fraction(2), math.inf], ids=str)
def test_a_start_with_mass_where_the_reference_has_none(lam):
    # The atom of reference probability zero is above all others, and starts with 1/3.
    weights, reference = [1, 2, 10], [Fraction(1, 2), Fraction(1, 2), Fraction(0)]
    start = [Fraction(1, 3)] * 3
    laws, run = run_both(weights, reference, 2, lam, start, groups="abc")
    for t, expected in enumerate(laws):
        assert worst(run.log_probs(t), logs(expected)) < ALLOWED
        assert run.group_proportions[t] == pytest.approx(floats(expected), abs=ALLOWED)
        assert run.log_density(t)[2] == math.inf
        assert run.kl_to_reference[t] == math.inf
        # r_max is the reference's, log 2: the weight of the third atom is 5.
        mean = float(expected[0] / 2 + expected[1] + 5 * expected[2])
        assert run.expected_weight[t] == pytest.approx(mean, rel=ALLOWED)
        assert run.mass_at_max[t] == pytest.approx(float(expected[1]), rel=ALLOWED)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("lam", [Fraction(1, 2), math.inf], ids=str)
def test_ties_and_groups(K, lam):
    # Atoms 0 and 2 tie, and each group has atoms of both rewards.
    weights = [3, 1, 3, 1]
    laws, run = run_both(weights, REFERENCE, K, lam, None, groups=["x", "x", "y", "y"])
    for t, expected in enumerate(laws):
        shares = floats([expected[0] + expected[1], expected[2] + expected[3]])
        assert run.group_proportions[t] == pytest.approx(shares, rel=ALLOWED)
        assert worst(run.log_probs(t), logs(expected)) < ALLOWED
        assert run.mass_at_max[t] == pytest.approx(float(expected[0] + expected[2]), rel=ALLOWED)


def test_ties_from_another_start_keep_their_own_shares():
    # Two atoms of one reward, but the start is on one of them: per-atom density, not g_t(r).
    weights, start = [1, 2, 2], [Fraction(1, 2), Fraction(1, 2), Fraction(0)]
    reference = [Fraction(1, 3)] * 3
    laws, run = run_both(weights, reference, 2, Fraction(1), start, groups="abb")
    for t, expected in enumerate(laws):
        assert worst(run.log_probs(t), logs(expected)) < ALLOWED
        assert run.group_proportions[t, 1] == pytest.approx(float(expected[1] + expected[2]))


def test_massless_atoms_carry_the_density_of_their_reward():
    # A massless atom that ties with one of mass has its density g_t(r); one of mass 1e-300 instead
    # of zero would change nothing that doubles can show.
    rewards = [0.0, 1.0, 1.0, 0.4, 2.0]
    run = CurationLoop(RewardLaw(rewards, [0.5, 0.5, 0, 0, 0]), K=3, lam=1.0).run(steps=4)
    near = CurationLoop(RewardLaw(rewards, [0.5, 0.5, 0, 1e-300, 1e-300]), K=3, lam=1.0)
    expected = near.run(steps=4).log_density(4)
    found = run.log_density(4)
    assert found == pytest.approx(expected, abs=1e-11)
    assert found[1] == found[2]
    assert run.log_probs(4)[2:].tolist() == [-math.inf] * 3
    assert run.probs(4)[2:].tolist() == [0.0] * 3
    assert run.law.max_reward == 1.0
    assert run.mass_at_max[4] == pytest.approx(run.probs(4)[1], rel=1e-14)
    assert np.isfinite(run.kl_to_reference).all()


@pytest.mark.parametrize("K", [3, math.inf])
def test_a_massless_atom_far_above_changes_no_figure(K):
    # Its relative weight e^{2000} overflows, but it has no mass to weigh.
    run = CurationLoop(RewardLaw([0.0, 1.0, 2001.0], [0.5, 0.5, 0]), K=K, lam=1.0).run(steps=3)
    without = CurationLoop(RewardLaw([0.0, 1.0], [0.5, 0.5]), K=K, lam=1.0).run(steps=3)
    for name, values in without.to_dict().items():
        assert np.array(run.to_dict()[name]) == pytest.approx(np.array(values), abs=ALLOWED)

"""What noise does to a loop, by the float engine: the same fixed points, and another stability."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.rules import BestOf, BradleyTerry, PairwisePreference, RandomChoice, Voters

ROCK_PAPER_SCISSORS = np.array([[0.5, 0.0, 1.0], [1.0, 0.5, 0.0], [0.0, 1.0, 0.5]])
UNIFORM = RewardLaw([0.0, 0.0, 0.0])
NEAR = [0.34, 0.33, 0.33]


def away(**given):
    """Distances from the uniform law at t = 0, 200 and 400."""
    loop = CurationLoop(UNIFORM, rule=PairwisePreference(ROCK_PAPER_SCISSORS), **given)
    trajectory = loop.run(steps=400, initial=NEAR)
    laws = [np.exp(trajectory.log_probs(t)) for t in (0, 200, 400)]
    return [float(np.abs(law - 1 / 3).sum() / 2) for law in laws]


def test_noise_calms_rock_paper_scissors():
    # λ = 10 and λ = 20 with ε = ½ have the same fixed points. The modulus of the derivative's
    # eigenvalues at the uniform law is (10/11)(2/√3) = 1.0497, and .9913 with the noise: λ = 10
    # drives away to a cycle, and with the noise what is left is .9913^400 = .030.
    start, later, last = away(lam=10.0)
    assert later > 10 * start
    assert last > 10 * start
    start, later, last = away(lam=20.0, retained=0.5)
    # Rotation and the quadratic terms change the distance by a factor below 3.
    assert 0.9913**200 / 3 < later / start < 3 * 0.9913**200
    assert 0.9913**400 / 3 < last / start < 3 * 0.9913**400


def test_the_eigenvalues_are_those_of_the_remark():
    def modulus(lam, retained):
        a = lam / (1 + lam)
        theta = 1 + 1j / np.sqrt(3)
        smaller = lam * (1 - retained)
        quiet = smaller / (1 + smaller)
        value = a * (retained + (1 - retained) * theta)
        assert value == pytest.approx(1 - (1 - a * retained) * (1 - quiet * theta), rel=1e-14)
        return abs(value)

    assert modulus(10, 0.0) == pytest.approx(1.0497, abs=5e-5)
    assert modulus(20, 0.5) == pytest.approx(0.9913, abs=5e-5)


LAW = RewardLaw([0.0, 1.0, 1.7, 4.0], [0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("rule", [BradleyTerry(3), BestOf(4), BradleyTerry(np.inf)])
def test_random_clicks_and_retained_samples_have_the_ends_of_less_synthetic_data(rule):
    quiet = CurationLoop(LAW, rule=rule, lam=1.0).run(steps=400)
    end = np.exp(quiet.log_probs(400))
    for noisy in (
        CurationLoop(LAW, rule=rule, lam=4.0, retained=0.75),
        CurationLoop(LAW, rule=Voters(((0.75, RandomChoice()), (0.25, rule))), lam=4.0),
    ):
        found = np.exp(noisy.run(steps=400).log_probs(400))
        # 400 steps leave less than rounding: each goes at least a tenth of the way.
        assert np.abs(found - end).max() < 1e-11
    # with λ itself the end is another one
    other = CurationLoop(LAW, rule=rule, lam=4.0).run(steps=400)
    assert np.abs(np.exp(other.log_probs(400)) - end).max() > 0.01


def flipped(matrix, chance):
    return PairwisePreference((1 - chance) * matrix + chance * matrix.T)


@pytest.mark.parametrize(
    ("chance", "lam", "same", "smaller"),
    [(0.1, 2.0, True, 1.6), (0.4, 2.0, True, 0.4), (0.75, 3.0, False, 1.5), (0.5, 2.0, True, 0.0)],
)
def test_flipped_votes_are_less_synthetic_data_or_opposite_votes(chance, lam, same, smaller):
    # λ' = λ |1 - 2φ| by hand
    weights = np.exp(LAW.rewards)
    matrix = weights[:, None] / (weights[:, None] + weights)
    noisy = CurationLoop(LAW, rule=flipped(matrix, chance), lam=lam).run(steps=400)
    votes = PairwisePreference(matrix if same else matrix.T)
    quiet = CurationLoop(LAW, rule=votes, lam=smaller).run(steps=400)
    ends = [np.exp(run.log_probs(400)) for run in (noisy, quiet)]
    assert np.abs(ends[0] - ends[1]).max() < 1e-11

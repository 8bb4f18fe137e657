"""Choices within prompts: exact ones, and those of resampled prompts against loops of their own."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose
from recurate.numerics.inference import prompt_choices
from recurate.numerics.inference.limits import Limit
from recurate.numerics.inference.resampled_prompts import counts_of_prompts


def table(seed=0, prompts=40, rows=5, spread=0.5):
    rng = np.random.default_rng(seed)
    scales = np.repeat(np.exp(spread * rng.normal(size=prompts)), rows)
    rewards = rng.normal(size=prompts * rows) * scales
    groups = np.where(rewards + rng.normal(size=rewards.size) > 1.0, "bold", "plain")
    return RewardLaw(rewards, groups=groups, prompts=np.repeat(np.arange(prompts), rows))


def reweighted(law, counts):
    """The table in which each prompt counts so many times."""
    probs = law.probs * counts[law.prompt_index]
    rows = probs > 0
    groups = [law.group_names[g] for g in law.group_index[rows]]
    return RewardLaw(
        law.rewards[rows], probs[rows] / probs.sum(), groups, prompts=law.prompt_index[rows]
    )


def test_the_mean_divergence_is_limited():
    law = table()
    found = choose(law, K=4, max_kl=0.2)
    own = [CurationLoop(law.prompt(z), K=4, lam=found.lam).fixed_point() for z in law.prompt_names]
    assert np.mean([limit.kl_to_reference for limit in own]) == pytest.approx(0.2, rel=1e-8)
    assert found.reached <= 0.2
    assert choose(law, lam=found.lam, max_kl=0.2).K == 4
    assert choose(law, lam=found.lam * 1.001, max_kl=0.2).K == 3


def test_a_guess_from_few_prompts_changes_nothing():
    law = table(1, prompts=600, rows=3)  # more than a guess takes
    found = choose(law, K=3, max_kl=0.1)
    loops = [CurationLoop(law, K=3, lam=found.lam * (1 + x)).fixed_point() for x in (-2e-9, 2e-9)]
    assert loops[0].kl_to_reference <= 0.1 < loops[1].kl_to_reference


def test_an_answer_of_one_prompt_is_that_of_its_law():
    law = table(2, prompts=1, rows=50)
    plain = RewardLaw(law.rewards)
    assert choose(law, K=4, max_kl=0.2).lam == pytest.approx(
        choose(plain, K=4, max_kl=0.2).lam, rel=1e-8
    )
    with pytest.raises(ValueError, match="ranges need at least 2 prompts"):
        choose(law, K=4, max_kl=0.2, replicates=10)


ASKED = {
    "kl for ever": {"K": 4, "max_kl": 0.2},
    "kl for some steps": {"K": 4, "max_kl": 0.3, "steps": 4},
    "most of a share": {"K": 4, "group": "bold", "max_share": 0.4, "steps": 4},
    "least of a share": {"K": 2, "group": "plain", "min_share": 0.6, "steps": 4},
    "any number of candidates": {"K": math.inf, "max_kl": 0.5},
    "candidates": {"lam": 1.0, "max_kl": 0.1, "steps": 3},
    "many candidates": {"lam": 0.2, "max_kl": 0.009, "steps": 2},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_resampled_prompts_choose_as_their_own_tables(asked):
    law, number = table(spread=0.0, prompts=24), 8
    found = choose(law, **asked, replicates=number, rng=5).resampled
    counts = counts_of_prompts(number, law.prompt_probs.size, np.random.default_rng(5))[1:]
    by = "lam" if "K" in asked else "K"
    expected = []
    for drawn in counts:
        try:
            expected.append(getattr(choose(reweighted(law, drawn), **asked), by))
        except ValueError:  # its real data are beyond the limit
            expected.append(0.0 if by == "lam" else 1.0)
    expected.sort()
    assert np.ptp(np.minimum(expected, 1e9)) > 0  # it is a test only if they differ
    assert found == pytest.approx(expected, rel=1e-3)


def test_answers_over_all_decades_are_found():
    # By hand: table i allows values up to its own limit; the excess is the log of the quotient.
    limits = np.array([1e-9, 1e-5, 0.02, 1.0, 1.1, 40.0, 3e5, 1e9, np.inf])

    def excess(value):
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(limits), -1.0, np.log(value) - np.log(limits))

    allowed = np.ones(limits.size, dtype=bool)
    found = prompt_choices.answers(excess, 1.0, allowed, seeks_mixing=True, on_try=None)
    assert found[[0, -2, -1]].tolist() == [0.0, 1e6, np.inf]
    assert found[1:-2] == pytest.approx(limits[1:-2], rel=1e-6)


def test_candidates_are_rounded_down():
    limits = np.array([1.5, 2.0, 7.9, 300.7, 70_000.2])
    allowed = np.ones(5, dtype=bool)
    found = prompt_choices.answers(
        lambda value: np.log(value / limits), 4.0, allowed, seeks_mixing=False, on_try=None
    )
    assert found.tolist() == [1.0, 2.0, 7.0, 300.0, 70_000.0]


def test_few_loops_answer_for_all_tables():
    law, tried = table(3, prompts=200), []
    choose(law, K=4, max_kl=0.2, on_try=lambda: tried.append(1))
    once = len(tried)
    choose(law, K=4, max_kl=0.2, replicates=500, rng=0, on_try=lambda: tried.append(1))
    assert len(tried) - 2 * once < 12


def test_rows_without_mass_take_no_part():
    law = table(4)
    rewards, prompts = np.append(law.rewards, 9.0), np.append(law.prompt_index, 0)
    more = RewardLaw(rewards, np.append(law.probs, 0.0), prompts=prompts)
    plain = RewardLaw(law.rewards, prompts=law.prompt_index)
    ranges = [choose(x, K=4, max_kl=0.2, replicates=40, rng=0).lam_range for x in (more, plain)]
    assert ranges[0] == pytest.approx(ranges[1], rel=1e-9)


def test_ranges_cover_the_law_of_prompts():
    # H0: the range holds the answer of all prompts in at least 90% of tables (95% is promised; of
    # 60 units percentiles are narrow by some percents). 60 tables of 60 prompts: fewer than 47
    # would happen with probability 2e-3 (binomial).
    rng = np.random.default_rng(6)

    def drawn(prompts):  # four answers, each right with the prompt's own probability
        right = rng.random((prompts, 4)) < rng.random((prompts, 1))
        return RewardLaw(2.0 * right.ravel(), prompts=np.repeat(np.arange(prompts), 4))

    asked = {"K": 3, "max_kl": 0.08, "steps": 2}
    truth = choose(drawn(40_000), **asked).lam
    inside, widths = 0, []
    for seed in range(60):
        low, high = choose(drawn(60), **asked, replicates=80, rng=seed).lam_range
        inside += low <= truth <= high
        widths.append(high - low)
    assert inside >= 47
    assert 0 < np.median(widths) < truth


def test_limit_of_the_joint_law():
    law = table(7)
    limit = Limit.of(law, "bold", None, 0.35, None)
    tables = prompt_choices._Tables(law, limit, 3, 64, 5, np.random.default_rng(0))
    counts = counts_of_prompts(5, law.prompt_probs.size, np.random.default_rng(0))[1:]
    for drawn, excess in zip(counts, tables.excess(4, 1.0), strict=True):
        small = reweighted(law, drawn)
        shares = CurationLoop(small, K=4, lam=1.0).run(steps=3).group_proportions
        bold = shares[:, small.group_names.index("bold")].max()
        assert excess == pytest.approx(bold - 0.35 - 1e-8, abs=1e-12)

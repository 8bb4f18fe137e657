"""Bands over prompts: against runs on the prompts that were drawn, each as often as it was."""

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw, choose
from recurate.numerics.inference import resampled_prompts
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.resampled_tables import expanded
from recurate.numerics.laws.levels import FIGURES

STEPS, PROMPTS, TABLES = 3, 30, 7


def law_of(weights="rows", seed=0):
    """Thirty prompts of 1 to 9 answers, three groups, and a score of which some are missing."""
    draw = np.random.default_rng(seed)
    prompts = np.repeat(np.arange(PROMPTS), draw.integers(1, 10, PROMPTS))
    n = prompts.size
    score = np.where(draw.random(n) < 0.4, np.nan, draw.exponential(size=n))
    return RewardLaw(
        draw.normal(size=n).round(1),
        prompts=prompts,
        prompt_weights=weights,
        groups=draw.integers(0, 3, n).tolist(),
        scores={"score": score, "all": draw.normal(size=n)},
    )


def on_drawn_prompts(law, loop, counts):
    """Run the loop on the prompts that were drawn, with their masses times their counts."""
    number = counts[law.prompt_index]
    rows = number > 0
    probs = (law.probs * number)[rows]
    drawn = RewardLaw(
        law.rewards[rows],
        probs / probs.sum(),
        prompts=law.prompt_index[rows],
        groups=[law.group_names[i] for i in law.group_index[rows]],
        scores={name: values[rows] for name, values in law.scores.items()},
    )
    run = CurationLoop(drawn, K=loop.K, lam=loop.lam).run(steps=STEPS)
    columns = {name: getattr(run, name) for name in FIGURES}
    columns |= dict(zip(run.score_labels, run.expected_scores.T, strict=True))
    shares = np.zeros((STEPS + 1, len(law.group_names)))
    for i, name in enumerate(drawn.group_names):
        shares[:, law.group_names.index(name)] = run.group_proportions[:, i]
    return columns, shares


@pytest.mark.parametrize("weights", ["rows", "equal"])
@pytest.mark.parametrize(("K", "lam"), [(4, np.inf), (2, 1.0), (np.inf, 0.5)])
def test_a_prompt_counts_as_often_as_it_is_drawn(weights, K, lam, monkeypatch):
    law = law_of(weights)
    loop = CurationLoop(law, K=K, lam=lam)
    monkeypatch.setattr(resampled_prompts, "_BLOCK", 7)
    bands = bootstrap_bands(loop, loop.run(steps=STEPS), groups=[2, 0], replicates=TABLES, rng=5)
    generator = np.random.default_rng(5)
    tables = [on_drawn_prompts(law, loop, generator.poisson(1.0, PROMPTS)) for _ in range(TABLES)]
    # Of seven tables the bands are the range.
    assert list(bands.low) == [*FIGURES, "score[score]", "score[all]"]
    for name in bands.low:
        curves = np.array([columns[name] for columns, _ in tables])
        assert bands.low[name] == pytest.approx(curves.min(axis=0), abs=1e-12)
        assert bands.high[name] == pytest.approx(curves.max(axis=0), abs=1e-12)
    shares = np.array([found for _, found in tables])[..., [2, 0]]
    assert bands.low_proportions == pytest.approx(shares.min(axis=0), abs=1e-12)
    assert bands.high_proportions == pytest.approx(shares.max(axis=0), abs=1e-12)


def test_figures_have_the_same_bands_with_groups_and_scores_or_without():
    law = law_of()
    plain = RewardLaw(law.rewards, prompts=law.prompt_index)
    found = [
        bootstrap_bands(loop, loop.run(steps=2), rng=0)
        for loop in (CurationLoop(of, K=3, lam=1.0) for of in (law, plain))
    ]
    for name in FIGURES:
        assert found[0].low[name] == pytest.approx(found[1].low[name], abs=1e-12)


def test_tables_without_a_prompt_are_drawn_again():
    counts = resampled_prompts.counts_of_prompts(1000, 2, np.random.default_rng(0))
    assert counts.shape == (1001, 2)
    assert counts.any(axis=1).all()
    assert counts[0].tolist() == [1, 1]


def test_one_prompt_says_nothing_of_others():
    loop = CurationLoop(RewardLaw([0.0, 1.0], prompts="aa"), K=2, lam=1.0)
    with pytest.raises(
        ValueError, match="bands need at least 2 prompts, for prompts are resampled"
    ):
        bootstrap_bands(loop, loop.run(steps=1), rng=0)


def test_a_score_that_drawn_tables_lack_has_a_band_of_those_that_have_it():
    # One prompt of two has a value, 3: it is in about six of ten tables.
    law = RewardLaw([0.0, 1.0, 0.0, 1.0], prompts="aabb", scores={"s": [3.0, 3.0, np.nan, np.nan]})
    loop = CurationLoop(law, K=2, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=1), replicates=60, rng=0)
    assert bands.low["score[s]"] == pytest.approx([3.0, 3.0], abs=1e-12)
    assert bands.high["score[s]"] == pytest.approx([3.0, 3.0], abs=1e-12)


@pytest.mark.parametrize(
    ("prompts", "student"), [(2, 12.7062), (5, 2.77645), (28, 2.05183), (1001, 1.96234)]
)
def test_bands_of_few_prompts_hold_more_tables(prompts, student):
    # Student's quantile of 2.5% from a printed table, times sqrt(n/(n - 1)), is a normal one of
    # this level (Hesterberg 2015, the expanded percentile interval).
    quantile = student * np.sqrt(prompts / (prompts - 1))
    assert expanded(0.95, prompts) == pytest.approx(1 - 2 * stats.norm.sf(quantile), abs=2e-6)
    assert expanded(0.95, 1.0) == 1.0


def test_bands_of_few_prompts_are_as_wide_as_students():
    # The mean reward of 28 prompts. 20,000 tables: the width is right to 1%; percentiles that are
    # not expanded are narrower by 1 - 1.96 sqrt(27/28)/2.052 = 6%.
    rewards = stats.norm.ppf((np.arange(28) + 0.5) / 28)
    loop = CurationLoop(RewardLaw(rewards, prompts=np.arange(28)), K=2, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=0), replicates=20_000, rng=0)
    width = bands.high["expected_reward"][0] - bands.low["expected_reward"][0]
    expected = 2 * 2.05183 * rewards.std(ddof=1) / np.sqrt(28)
    assert width == pytest.approx(expected, rel=0.03)


def test_too_few_prompts_have_no_level_but_a_range():
    laws = {
        n: RewardLaw(np.log(np.arange(1.0, 2 * n + 1)), prompts=np.arange(2 * n) // 2)
        for n in (3, 7, 8)
    }
    loops = {n: CurationLoop(law, K=2, lam=1.0) for n, law in laws.items()}
    bands = {n: bootstrap_bands(of, of.run(steps=1), rng=0) for n, of in loops.items()}
    # Of 200 tables at most 1 in 100 may be outside: Student's quantile of 7 prompts, 2.447
    # sqrt(7/6), leaves 0.8% there, and that of 8 prompts 1.1%.
    assert [bands[n].level for n in (3, 7, 8)] == [None, None, 0.95]
    whole = bootstrap_bands(loops[3], loops[3].run(steps=1), level=0.99999999, rng=0)
    for name in FIGURES:
        assert (bands[3].low[name] == whole.low[name]).all()
        assert (bands[3].high[name] == whole.high[name]).all()
    asked = {"K": 2, "max_kl": 0.005, "steps": 2, "replicates": 200, "rng": 0}
    found = {n: choose(law, **asked) for n, law in laws.items()}
    assert [found[n].level for n in (3, 7, 8)] == [None, None, 0.95]
    assert found[3].lam_range == (found[3].resampled[0], found[3].resampled[-1])
    assert found[8].lam_range[0] < np.quantile(found[8].resampled, 0.025)

"""Choices and simulated loops within prompts, against the exact loop; and what mistakes do.

Null hypotheses: given the number of choices of each prompt, winners are independent with the law
p_t(.|z) · H of the exact engine within each prompt; simulated runs are those of the loop within
prompts, with samples of these sizes. The p-value of winners is a proved bound; the bands are right
to first order in 1/n (docs/testing.md, docs/simulation.md).
"""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw, curate, simulate_loop
from recurate.numerics.agreement.winners import curated_law
from recurate.numerics.agreement.winners_by_prompt import winners_by_prompt_verdict
from recurate.testing import assert_agrees

RATE = 1e-9


def uneven(seed, prompts=30, most=9, ties=True):
    """A law of prompts with 1 to `most` answers, in mixed order, with ties and unequal weights."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most + 1, prompts)
    label = rng.permutation(np.repeat(np.arange(prompts), sizes))
    rewards = 2 * rng.normal(size=prompts)[label] + rng.normal(size=label.size)
    if ties:
        rewards = np.round(rewards)
    probs = rng.dirichlet(np.full(label.size, 5.0))
    return RewardLaw(rewards, probs, rng.integers(0, 3, label.size), prompts=label)


LAW = uneven(1)


def winners(law, K, number, seed, t=0, lam=1.0, **options):
    probs = CurationLoop(law, K=K, lam=lam).run(steps=t).probs(t)
    options = {"prompts": law.prompt_index} | options
    return curate(law.rewards, K, number, probs=probs / probs.sum(), rng=seed, **options)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("K", "t", "options"),
    [
        (4, 0, {}),
        (2, 2, {"method": "gumbel"}),
        (math.inf, 1, {}),
        (1, 0, {}),
        (20, 0, {"dtype": "float32"}),
    ],
)
@pytest.mark.error_rate(rate=RATE, null="winners have the law p_t(.|z) H", size="30 x 3,000")
def test_winners_have_the_law_of_their_prompt(K, t, options, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    made = winners(LAW, K, 3_000, 3, t, backend=backend, **options)
    assert tuple(made.shape) == (30, 3_000)
    assert_agrees(made, CurationLoop(LAW, K=K, lam=1.0), t=t, alpha=RATE)


@pytest.mark.error_rate(rate=RATE, null="even candidates, as above", size="200 x 300")
def test_winners_of_even_candidates_and_one_choice_for_each_prompt():
    law = uneven(2, prompts=200, most=16)
    law = RewardLaw(law.rewards, prompts=law.prompt_index)
    loop = CurationLoop(law, K=4, lam=1.0)
    for number in (1, 300):
        made = curate(law.rewards, 4, number, prompts=law.prompt_index, rng=number)
        assert_agrees(made, loop, alpha=RATE / 2)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ({"prompts": None, "size": 12_000}, "log-ratio in favour of candidates drawn from all"),
        ({"fewer": 1, "size": 100_000}, "reward relative to its prompt's best"),
        ({"temperature": 1.2, "size": 100_000}, "reward relative to its prompt's best"),
        ({"temperature": 0.0, "size": 2_000}, "best answers to their prompt"),
    ],
    ids=["pooled", "K-1", "temperature", "hard"],
)
@pytest.mark.error_rate(
    rate=1e-12, null="the mistake is made", size="2,000 to 100,000 winners, as it is small or large"
)
def test_mistakes_are_noticed(mistake, said):
    """Over forty seeds log p was nine standard deviations or more below that of alpha."""
    law = RewardLaw(LAW.rewards, prompts=LAW.prompt_index)
    mistake = {"prompts": law.prompt_index, "fewer": 0} | mistake
    size, K = mistake.pop("size"), 4 - mistake.pop("fewer")
    number = size if mistake["prompts"] is None else size // 30
    made = curate(law.rewards, K, number, rng=5, **mistake)
    with pytest.raises(AssertionError, match="winners disagree with p_0 · H, K = 4, within") as e:
        assert_agrees(made, CurationLoop(law, K=4, lam=1.0))
    assert said in str(e.value)


TABLES = 600


@pytest.mark.parametrize(
    ("seed", "prompts", "most", "number"), [(3, 4, 3, 12), (4, 40, 6, 2), (5, 12, 4, 60)]
)
@pytest.mark.error_rate(
    rate=3e-9, null="counts are multinomial by prompt: P(p <= u) <= u", size="600 tables"
)
def test_p_values_are_no_smaller_than_they_say(seed, prompts, most, number):
    """The number of p <= u is at most binomial(600, u): 1e-9 for each of three u."""
    law = uneven(seed, prompts, most)
    loop = CurationLoop(law, K=4, lam=1.0)
    probs, pooled = curated_law(loop), curated_law(loop, is_pooled=True)
    rng = np.random.default_rng(seed)
    counts = np.zeros((TABLES, law.size), np.int64)
    for z in range(prompts):
        rows = np.flatnonzero(law.prompt_index == z)
        choices = rng.integers(0, 2 * number)
        counts[:, rows] = rng.multinomial(choices, probs[rows] / probs[rows].sum(), TABLES)
    found = np.array([winners_by_prompt_verdict(c, probs, pooled, law).p_value for c in counts])
    for u in (0.5, 0.1, 0.01):
        assert (found <= u).sum() <= stats.binom.isf(1e-9, TABLES, u)
    assert (found <= 0.5).any()


SIZES = {"steps": 3, "n_generated": 1_500, "n_curated": 990, "replicates": 10}


@pytest.mark.parametrize(
    ("K", "lam", "backend"),
    [
        (4, math.inf, "numpy"),
        (2, 1.0, "numpy"),
        (math.inf, 0.5, "numpy"),
        (1, 2.0, "numpy"),
        (4, 0.0, "numpy"),
        (3, 1.0, "torch"),
        (math.inf, 2.0, "torch"),
    ],
)
@pytest.mark.error_rate(rate=RATE, null="runs within prompts", size="10 x 30 x 1,500 x 3 steps")
def test_runs_agree_with_the_exact_loop_within_prompts(K, lam, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    loop = CurationLoop(LAW, K=K, lam=lam)
    assert_agrees(simulate_loop(loop, rng=7, backend=backend, **SIZES), loop, alpha=RATE)


@pytest.mark.error_rate(rate=RATE, null="runs within prompts", size="10 x 300 x 500 x 3 steps")
def test_many_prompts_need_few_samples_each():
    law = RewardLaw(np.random.default_rng(8).normal(size=300 * 13), prompts=np.arange(3900) // 13)
    loop = CurationLoop(law, K=4, lam=math.inf)
    sizes = {"steps": 3, "n_generated": 500, "replicates": 10}
    assert_agrees(simulate_loop(loop, rng=8, **sizes), loop, alpha=RATE)
    with pytest.raises(AssertionError, match="the trajectory disagrees"):
        assert_agrees(simulate_loop(CurationLoop(law, K=3, lam=math.inf), rng=8, **sizes), loop)


@pytest.mark.error_rate(rate=1e-12, null="the loop is another", size="10 x 30 x 1,500 x 3 steps")
def test_runs_of_another_loop_are_noticed():
    """Another K, other weights of the prompts, and prompts whose answers are exchanged.

    Over twenty seeds log p was twelve standard deviations or more below that of alpha.
    """
    loop = CurationLoop(LAW, K=4, lam=1.0)
    equal = RewardLaw(
        LAW.rewards, LAW.probs, LAW.group_index, prompts=LAW.prompt_index, prompt_weights="equal"
    )
    mixed = RewardLaw(LAW.rewards, LAW.probs, LAW.group_index, prompts=np.roll(LAW.prompt_index, 1))
    for law, K in ((LAW, 3), (equal, 4), (mixed, 4)):
        run = simulate_loop(CurationLoop(law, K=K, lam=1.0), rng=9, **SIZES)
        with pytest.raises(AssertionError, match="the trajectory disagrees"):
            assert_agrees(run, loop)


@pytest.mark.error_rate(rate=2e-9, null="runs within prompts", size="20 x 30 x 2,000")
def test_the_divergence_is_the_mean_within_prompts():
    """One step of the pure loop: KL of p_1 within prompts, up to its bias of the second order.

    Null: the mean of 20 replicates, normal with the replicates' spread; Student's t, 19 degrees.
    The drift adds about (m - 1)/2n of each prompt, at most 8/4,000, in either direction.
    """
    loop = CurationLoop(LAW, K=4, lam=math.inf)
    run = simulate_loop(
        loop,
        rng=10,
        **(SIZES | {"steps": 1, "n_generated": 2_000, "n_curated": 2_000, "replicates": 20}),
    )
    exact = loop.run(steps=1).kl_to_reference[1]
    error = run.standard_errors["kl_to_reference"][1]
    assert abs(run.kl_to_reference[1] - exact) < stats.t.isf(1e-9, 19) * error + 8 / 4_000
    assert run.kl_to_reference[0] == 0.0
    pooled = CurationLoop(RewardLaw(LAW.rewards, LAW.probs), K=4, lam=math.inf)
    assert abs(pooled.run(steps=1).kl_to_reference[1] - exact) > 0.1  # it would be noticed

"""Agreement within prompts: p-values by enumeration, and the first order prompt by prompt."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.agreement import winners_by_prompt
from recurate.numerics.agreement.first_order import finite_sample_error
from recurate.numerics.agreement.p_values import bands, sparse_samples
from recurate.numerics.agreement.winners import (
    all_outcomes,
    curated_law,
    log_g_p_value,
    winners_verdict,
)
from recurate.numerics.agreement.winners_by_prompt import winners_by_prompt_verdict
from recurate.numerics.curation.rationals import curation_ratio
from recurate.numerics.simulation.simulated_trajectory import Sizes

LAW = RewardLaw(
    [0.0, 5.0, 2.0, 9.0, 2.0, 4.0], [0.1, 0.2, 0.1, 0.3, 0.2, 0.1], "xyyxxy", prompts="babcba"
)
LOOP = CurationLoop(LAW, K=3, lam=2.0)


def verdict_of(counts, law=LAW, K=3, t=0):
    loop = CurationLoop(law, K=K, lam=2.0)
    return winners_by_prompt_verdict(
        np.array(counts), curated_law(loop, t), curated_law(loop, t, is_pooled=True), law
    )


@pytest.mark.parametrize("t", [0, 2])
@pytest.mark.parametrize("K", [1, 2, 5, math.inf])
def test_the_law_of_winners_is_that_of_each_prompt(K, t):
    """p(z) times the winners' law of the loop on the prompt alone, by the plain engine."""
    found = curated_law(CurationLoop(LAW, K=K, lam=2.0), t)
    for number, name in enumerate(LAW.prompt_names):
        own = curated_law(CurationLoop(LAW.prompt(name), K=K, lam=2.0), t)
        rows = LAW.prompt_index == number
        np.testing.assert_allclose(found[rows], own * LAW.prompt_probs[number], rtol=1e-12)


def test_the_pooled_law_is_that_of_all_rows():
    plain = RewardLaw(LAW.rewards, LAW.probs)
    found = curated_law(LOOP, is_pooled=True)
    np.testing.assert_allclose(found, curated_law(CurationLoop(plain, K=3, lam=2.0)), rtol=1e-13)


@pytest.mark.parametrize("counts", [[2, 1, 0, 3, 1, 0], [0, 0, 3, 0, 0, 0], [0, 2, 0, 0, 0, 2]])
def test_few_winners_are_tested_exactly(counts):
    """The probability of all outcomes with the same choices of each prompt, at most as likely."""
    probs = curated_law(LOOP)
    parts = []
    for number in range(3):
        rows = np.flatnonzero(LAW.prompt_index == number)
        own, found = probs[rows] / probs[rows].sum(), np.array(counts)[rows]
        outcomes = all_outcomes(int(found.sum()), rows.size)
        chances = stats.multinomial.pmf(outcomes, int(found.sum()), own)
        parts.append((chances, stats.multinomial.pmf(found, int(found.sum()), own)))
    likelihood = math.prod(chance for _, chance in parts)
    products = [math.prod(each) for each in itertools.product(*(chances for chances, _ in parts))]
    expected = sum(chance for chance in products if chance <= likelihood * (1 + 1e-9))
    assert verdict_of(counts).p_value == pytest.approx(expected, rel=1e-10)


def test_prompts_with_one_answer_say_nothing_however_many_they_are():
    # More prompts than an array has axes; the exact p-value is that of the other prompt alone.
    alone = RewardLaw([0.0, 1.0, 3.0], prompts="aaa")
    expected = verdict_of([3, 1, 0], alone).p_value
    law = RewardLaw([*alone.rewards, *np.zeros(100)], prompts=[0, 0, 0, *range(1, 101)])
    assert verdict_of([3, 1, 0, *[2] * 100], law).p_value == pytest.approx(expected, rel=1e-12)


def test_one_prompt_is_tested_like_a_law_without():
    law, plain = (RewardLaw([0.0, 1.0, 2.0], prompts=prompts) for prompts in ("aaa", None))
    counts = np.array([3, 5, 9])
    expected = winners_verdict(
        counts, curated_law(CurationLoop(plain, K=3, lam=1.0)), plain.rewards
    )
    assert verdict_of(counts, law).p_value == pytest.approx(expected.p_value, rel=1e-10)


def test_every_bound_is_at_least_the_exact_tail(monkeypatch):
    """Of every table of 6, 5 and 4 winners: P(p-value <= its p-value) <= its p-value."""
    monkeypatch.setattr(winners_by_prompt, "MOST_OUTCOMES", 0)
    law = RewardLaw([0.0, 1.0, 3.0, 0.0, 2.0, -1.0, 1.0], prompts="aaabbcc")
    probs, pooled = (
        curated_law(CurationLoop(law, K=3, lam=1.0), is_pooled=p) for p in (False, True)
    )
    sizes, numbers = ((0, 3), (3, 5), (5, 7)), (6, 5, 4)
    outcomes = [all_outcomes(n, b - a) for n, (a, b) in zip(numbers, sizes, strict=True)]
    tables = [np.concatenate(parts) for parts in itertools.product(*outcomes)]
    chance = np.array(
        [
            math.prod(
                stats.multinomial.pmf(table[a:b], n, probs[a:b] / probs[a:b].sum())
                for n, (a, b) in zip(numbers, sizes, strict=True)
            )
            for table in tables
        ]
    )
    assert chance.sum() == pytest.approx(1.0)
    found = np.array([winners_by_prompt_verdict(t, probs, pooled, law).p_value for t in tables])
    order = np.argsort(found)
    total, values = np.cumsum(chance[order]), found[order]
    last = np.append(np.diff(values) > 1e-12, True)  # of equal values
    assert (total[last] <= values[last] * (1 + 1e-9) + 1e-12).all()
    assert found.min() < 1e-3  # and it says something


def test_the_bound_on_the_sum_of_gs_is_one():
    """Agrawal's moment generating function, by enumeration: E e^{λ G/2} <= (1-λ)^{-(k-1)}."""
    for number, probs in ((1, [0.5, 0.3, 0.2]), (4, [0.9, 0.09, 0.01]), (12, [0.6, 0.3, 0.1])):
        law = np.array(probs)
        outcomes = all_outcomes(number, 3)
        chances = stats.multinomial.pmf(outcomes, number, law)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(outcomes > 0, outcomes * np.log(outcomes / (number * law)), 0.0)
        for tilt in (0.1, 0.5, 0.9):
            assert chances @ np.exp(tilt * terms.sum(axis=1)) <= (1 - tilt) ** -2
    # At G/2 = x above the freedom d the bound is e^{-x} (e x/d)^d: x = 2, d = 1 gives 2/e.
    assert math.exp(log_g_p_value(np.array([1]), np.array([math.exp(-2.0)]), 1)) == pytest.approx(
        2 / math.e
    )
    assert log_g_p_value(np.array([1, 0]), np.array([0.0, 1.0]), 1) == -math.inf


def test_winners_without_probability_are_refused():
    """An atom without mass never wins; with other prompts' winners in any number."""
    law = RewardLaw([0.0, 9.0, 1.0, 2.0], [0.5, 0.0, 0.3, 0.2], prompts="aabb")
    for more in (1, 10_000):
        assert verdict_of([1, 1, more, 2 * more], law).p_value == 0.0
    assert verdict_of([1, 0, 0, 0], law).p_value == 1.0


def test_numbers_of_choices_of_a_prompt_say_nothing():
    """A million choices of one prompt by the law, none of another, are as good as any."""
    probs = curated_law(LOOP)
    rows = LAW.prompt_index == 0
    counts = np.where(rows, np.round(1e6 * probs / probs[rows].sum()), 0).astype(int)
    assert verdict_of(counts).p_value > 0.5


def test_a_departure_names_its_prompt():
    verdict = verdict_of([4_000, 0, 6, 0, 0, 0])
    assert verdict.p_value < 1e-300
    assert verdict.departure.startswith(
        "prompt 'b': atom 2 (reward 2) won 6 of 4006 times, expected"
    )
    assert verdict.null == "4,006 independent winners, multinomial within 1 prompt"


@pytest.mark.parametrize(("K", "lam"), [(4, 1.0), (math.inf, 2.0), (2, math.inf), (1, 1.0), (3, 0)])
def test_the_first_order_is_that_of_the_prompts_by_themselves(K, lam):
    """Biases add up by p(z), variances by p(z)²: each prompt alone is a loop without prompts."""
    rng = np.random.default_rng(4)
    prompts = np.repeat(np.arange(7), [1, 2, 3, 5, 5, 8, 30])
    rewards = np.round(2 * rng.normal(size=prompts.size), 1)
    probs = rng.dirichlet(np.ones(prompts.size))
    probs[5] = 0.0
    groups = rng.integers(0, 3, prompts.size)
    law = RewardLaw(rewards, probs / probs.sum(), groups, prompts=prompts)
    sizes = Sizes(1000, 800, 400, 500)
    found = finite_sample_error(CurationLoop(law, K=K, lam=lam), 3, sizes)
    for name in ("expected_weight", "variance_weight", "expected_reward", "mass_at_max"):
        bias, size, variance = (np.zeros(4) for _ in range(3))
        for label, mass in zip(law.prompt_names, law.prompt_probs, strict=True):
            own = finite_sample_error(CurationLoop(law.prompt(label), K=K, lam=lam), 3, sizes)
            bias += mass * own.bias[name]
            size += mass * np.abs(own.bias[name])
            variance += mass**2 * own.deviation[name] ** 2
        np.testing.assert_allclose(found.bias[name], bias, rtol=1e-8, atol=1e-15)
        np.testing.assert_allclose(found.bias_size[name], size, rtol=1e-8, atol=1e-15)
        np.testing.assert_allclose(found.deviation[name], np.sqrt(variance), rtol=1e-8, atol=1e-12)
    bias, variance = np.zeros((4, 3)), np.zeros((4, 3))
    for label, mass in zip(law.prompt_names, law.prompt_probs, strict=True):
        own = law.prompt(label)
        columns = [law.group_names.index(name) for name in own.group_names]
        error = finite_sample_error(CurationLoop(own, K=K, lam=lam), 3, sizes)
        bias[:, columns] += mass * error.bias["group_proportions"]
        variance[:, columns] += mass**2 * error.deviation["group_proportions"] ** 2
    np.testing.assert_allclose(found.bias["group_proportions"], bias, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(
        found.deviation["group_proportions"], np.sqrt(variance), rtol=1e-8, atol=1e-12
    )


def trajectory(law, n, replicates=1, K=4, lam=math.inf, steps=3):
    """A trajectory's sizes, without any samples."""
    from recurate import simulate_loop

    loop = CurationLoop(law, K=K, lam=lam)
    return simulate_loop(loop, steps=steps, n_generated=n, replicates=replicates, rng=0), loop


def test_samples_are_sparse_where_a_prompt_has_too_few():
    """Ten equal answers a prompt: the best of each comes to hold more than a tenth."""
    rewards, prompts = np.tile(np.arange(10.0), 3), np.repeat(list("abc"), 10)
    law = RewardLaw(rewards, prompts=prompts)
    # 100 · p(z) = 33.3 of the best ones are due at each: 334 samples, of which a tenth is 33.4.
    assert sparse_samples(*trajectory(law, 334)) is None
    said = sparse_samples(*trajectory(law, 333))
    assert "best rewards to prompt 'a'" in said
    assert said.endswith("got 33.3, of 333: take 334 or more")
    # Of very many prompts 25 are enough, and the rarest best answer decides.
    many = RewardLaw(np.tile(np.arange(10.0), 50), prompts=np.repeat(np.arange(50), 10))
    assert sparse_samples(*trajectory(many, 250)) is None
    assert "at least 25 samples" in sparse_samples(*trajectory(many, 249))
    probs = np.full(500, 0.0019)
    probs[9::10], probs[9] = 0.0029, 0.00029
    rare = RewardLaw(many.rewards, probs / probs.sum(), prompts=np.repeat(np.arange(50), 10))
    assert "to prompt 0 that come" in sparse_samples(*trajectory(rare, 250))


def test_one_prompt_has_the_bands_of_a_law_without():
    rewards, groups = [0.0, 1.0, 1.0, 2.0], "abab"
    one, plain = (
        trajectory(RewardLaw(rewards, groups=groups, prompts=prompts), 2000, 5)
        for prompts in ("zzzz", None)
    )
    assert sparse_samples(*one) == sparse_samples(*plain)
    for name, band in bands(*one).items():
        for part in ("centre", "deviation", "jump", "allowance"):
            np.testing.assert_allclose(
                getattr(band, part), getattr(bands(*plain)[name], part), rtol=1e-9, atol=1e-14
            )


def test_winners_of_a_rational_law_by_hand():
    """Prompt a: weights 1 and 3, best of two: 5/8 for the second, by exact enumeration."""
    from fractions import Fraction

    half = Fraction(1, 2)
    ratios = curation_ratio([Fraction(1), Fraction(3)], [half, half], 2)
    law = RewardLaw([0.0, math.log(3.0), 700.0], [0.4, 0.4, 0.2], prompts="aab")
    found = curated_law(CurationLoop(law, K=2, lam=1.0))
    assert [float(0.4 * float(ratio)) for ratio in ratios] == pytest.approx(found[:2].tolist())
    assert found.tolist() == pytest.approx([0.3, 0.5, 0.2])


def test_each_p_value_is_multiplied_by_the_number_of_looks(monkeypatch):
    """Three tests, two sides, and the looks of each: by hand, where one look decides."""
    monkeypatch.setattr(winners_by_prompt, "MOST_OUTCOMES", 0)
    law = RewardLaw([0.0, 1.0], prompts="aa")
    best = curated_law(CurationLoop(law, K=3, lam=2.0))[1]
    # Sums: of the reward and of the best answer; candidates of all prompts are no others here.
    assert verdict_of([0, 60], law).p_value == pytest.approx(3 * 2 * 2 * best**60)
    law = RewardLaw([0.0, 1.0, 0.0, 2.0], prompts="aabb")
    probs = curated_law(CurationLoop(law, K=3, lam=2.0))
    usual = np.round(1e6 * probs[2:] / probs[2:].sum()).astype(int)
    # Tails: of four answers, and of those from the best reward upwards of two prompts.
    worst = (probs[0] / probs[:2].sum()) ** 12
    assert verdict_of([12, 0, *usual], law).p_value == pytest.approx(3 * 2 * 6 * worst)

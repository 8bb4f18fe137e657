"""The loop within prompts against the plain loop on each prompt, and against 60 digits."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw, condensation_threshold
from recurate.numerics.curation import log_curation_ratio
from recurate.numerics.curation.short_quadrature import node_count, quadrature
from recurate.numerics.loop import state_error
from recurate.numerics.prompts.kernel import PromptKernel, log_ratio_of
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import PartStep
from recurate.paper_checks.runs.certified_trajectory import CertifiedLoop
from recurate.paper_checks.runs.instances import Instance

from ..oracles import (
    RATIO_ERROR,
    enumerated,
    limit,
    logs,
    mpf,
    normalised,
    precise,
    precise_loop,
    worst,
)
from ..oracles import figures as exact_figures
from ..oracles import quadrature as precise_quadrature
from .prompt_laws import random_prompted_law

SCALES = [1e-3, 1.0, 5.0, 80.0, 400.0, 1e5]
K_VALUES = [2, 3, 4, 64, 65, 1000, 10**9, math.inf]


@pytest.mark.parametrize("span", [0.0, 1.0, 3.5, 20.0, 150.0, 600.0])
def test_the_sum_of_exponentials_is_one_over_x(span):
    # 1/x itself is the expected value; 1e-15 is the error that the module states.
    nodes, coefficients = quadrature(span)
    assert nodes.size == node_count(span)
    for x in np.exp(-np.linspace(0.0, span, 40)):
        exact = mpf(float(x))
        terms = (
            mpf(float(c)) * precise.exp(-mpf(float(s)) * exact)
            for s, c in zip(nodes, coefficients, strict=True)
        )
        assert abs(exact * precise.fsum(terms) - 1) < 6e-16


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from(SCALES), K=st.sampled_from(K_VALUES))
def test_ratio_is_that_of_the_plain_engine_prompt_by_prompt(seed, scale, K):
    law = random_prompted_law(seed, scale, most=40)
    for part in PromptLevels.of(law, None).parts():
        kernel = PromptKernel(part, K) if K < math.inf else None
        log_ratio = log_ratio_of(part, kernel, part.log_start_density, K)
        for row, z in enumerate(part.prompts):
            probs = part.base[row] / part.masses[row]
            expected = log_curation_ratio(part.rewards[row], probs / probs.sum(), K)
            error = np.abs(log_ratio[row] - expected) / np.maximum(1.0, np.abs(expected))
            span = np.ptp(part.rewards[row])
            assert error.max() < 2 * RATIO_ERROR + 1.2e-16 * span, law.prompt_names[z]


def _masses(kind, n):
    """Masses of n levels, ascending in reward."""
    rng = np.random.default_rng(3)
    steep = np.exp(np.linspace(0.0, -600.0, n))
    return {
        "even": 0.5 + rng.random(n),
        "rare best": steep,
        "rare worst": steep[::-1],
        "1e-300": np.where(np.arange(n) % 2 == 0, 1e-300, 1.0),
        "none": np.where(np.arange(n) % 3 == 1, 0.0, rng.random(n)),
    }[kind]


@pytest.mark.parametrize("span", [0.0, 1e-12, 3.0, 50.0, 599.0, 601.0, 1e4, 1e12])
def test_ratio_is_that_of_sixty_digits(span):
    # Expected: another quadrature, or enumeration where it would be too long, in 60 digits. For
    # K = 64 the multiplications cost 64 times the 3e-16 of M, 2e-14; nothing else costs more.
    rewards = span * np.array([0.0, 0.1, 0.35, 0.6, 1.0])
    for kind in ("even", "rare best", "rare worst", "1e-300", "none"):
        probs = _masses(kind, rewards.size)
        both = np.tile(probs / (2 * probs.sum()), 2)
        law = RewardLaw(np.tile(rewards, 2), both, prompts=[*"aaaaabbbbb"])
        for K in (2, 3) if span > 1000 else (64, 10**9) if span > 500 else (2, 64, 65, 1000, 10**9):
            for part in PromptLevels.of(law, None).parts():
                found = log_ratio_of(part, PromptKernel(part, K), part.log_start_density, K)
                levels = part.rewards[0]
                oracle = enumerated(levels, K) if K <= 3 else precise_quadrature(levels, K, 5)
                exact = oracle(normalised(part.base[0]))
                for row in found:
                    assert worst(row, logs(exact)) < RATIO_ERROR / 8 + 1.2e-16 * span, (kind, K)


@pytest.mark.parametrize("size", [1e-9, 1e-5, 0.05, 0.2, 3.0, 40.0])
@pytest.mark.parametrize("best", [1e-12, 1e-3, 0.5, 1 - 1e-9])
def test_figures_of_a_state_are_those_of_sixty_digits(size, best):
    # Expected: the definitions, in 60 digits, of a law that is `size` away from p_ref. Its mass is
    # one up to 1e-16, which leaves 1e-32 in KL.
    rng = np.random.default_rng(4)
    rewards = np.array(
        [[-9.0, -1.0, -1e-4, 0.0], [-300.0, -40.0, -20.0, 0.0], [-3e-9, -1e-9, -1e-10, 0.0]]
    )
    for last in rewards:
        probs = np.append(rng.dirichlet(np.ones(3)) * (1 - best), best)
        law = RewardLaw(np.tile(last, 2), np.tile(probs / 2, 2), prompts=[*"aaaabbbb"])
        part = next(PromptLevels.of(law, None).parts())
        state = size * rng.normal(size=part.base.shape)
        state -= np.log(np.exp(part.log_conditional_base + state).sum(axis=1, keepdims=True))
        found = part.measure_by_prompt(state)
        for row, (base, now) in enumerate(zip(part.base, state, strict=True)):
            reference = normalised(base)
            raised = [q * precise.exp(mpf(float(x))) for q, x in zip(reference, now, strict=True)]
            total = precise.fsum(raised)
            exact = exact_figures(last, reference, [p / total for p in raised])
            for name, values in found._asdict().items():
                least = {"expected_reward": 3e-13, "kl_to_reference": 1e-32}.get(name, 0.0)
                expected = pytest.approx(float(exact[name]), rel=1e-12, abs=least)
                assert float(values[row]) == expected, name


@pytest.mark.parametrize("K", [2, 4, 65, 10**9, math.inf])
@pytest.mark.parametrize("lam", [1e-3, 1.0, math.inf])
@pytest.mark.parametrize("scale", [0.5, 30.0])
def test_laws_are_those_of_sixty_digits(K, lam, scale):
    # Expected: enumeration of the other candidates, or another quadrature, both in 60 digits.
    law = random_prompted_law(7, scale, most_prompts=3, most=4, has_zeros=False)
    run = CurationLoop(law, K=K, lam=lam).run(steps=2)
    for z, name in enumerate(law.prompt_names):
        rows = law.prompt_index == z
        rewards, probs = law.rewards[rows], normalised(law.probs[rows])
        oracle = enumerated if K <= 4 else precise_quadrature
        ratio = limit(rewards) if K == math.inf else oracle(rewards, K)
        for t, exact in enumerate(precise_loop(ratio, probs, lam, 2)):
            found = run.log_probs(t)[rows] - math.log(law.prompt_probs[z])
            assert worst(found, logs(exact)) < 2e-13 * max(1, t), name


@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from(SCALES),
    K=st.sampled_from([1, *K_VALUES]),
    lam=st.sampled_from([0.0, 1e-3, 1.0, 7.0, math.inf]),
)
def test_run_is_the_plain_one_of_each_prompt(seed, scale, K, lam):
    law = random_prompted_law(seed, scale)
    run = CurationLoop(law, K=K, lam=lam).run(steps=4)
    groups = np.zeros_like(run.group_proportions)
    for z, name in enumerate(law.prompt_names):
        alone = CurationLoop(law.prompt(name), K=K, lam=lam).run(steps=4)
        rows = law.prompt_index == z
        expected = alone.log_probs(4)
        some = expected > -np.inf
        found = run.log_probs(4)[rows] - math.log(law.prompt_probs[z])
        assert np.array_equal(found > -np.inf, some)
        allowed = 4 * state_error(4, expected[some]) + 1e-15 * scale
        assert (np.abs(found[some] - expected[some]) <= allowed).all()
        for figure in ("expected_weight", "variance_weight", "mass_at_max", "kl_to_reference"):
            values = getattr(run.by_prompt, figure)[:, z]
            # log p, of which all are made, is right to 1e-13 max(1, |log p|); a flat law has less.
            close = 1e-8 if figure == "kl_to_reference" else 1e-10
            np.testing.assert_allclose(values, getattr(alone, figure), rtol=close, atol=1e-25)
        for name_, share in zip(
            law.prompt(name).group_names, alone.group_proportions.T, strict=True
        ):
            groups[:, law.group_names.index(name_)] += law.prompt_probs[z] * share
    np.testing.assert_allclose(run.group_proportions, groups, rtol=1e-11, atol=1e-300)
    for figure, values in run.by_prompt._asdict().items():
        assert np.allclose(getattr(run, figure), values @ law.prompt_probs, rtol=1e-14)


def test_known_figures_of_two_atoms():
    # Best of two of weights 1 and 3, equal masses: H = 3/4 and 5/4. The other prompt has one atom.
    law = RewardLaw([0.0, math.log(3.0), 5.0], [0.25, 0.25, 0.5], prompts=["a", "a", "b"])
    run = CurationLoop(law, K=2, lam=math.inf).run(steps=1)
    assert run.probs(1) == pytest.approx([3 / 16, 5 / 16, 0.5], rel=1e-14)
    assert run.by_prompt.mass_at_max[1] == pytest.approx([5 / 8, 1.0], rel=1e-14)
    kl = 3 / 8 * math.log(3 / 4) + 5 / 8 * math.log(5 / 4)
    assert run.by_prompt.kl_to_reference[1] == pytest.approx([kl, 0.0], rel=1e-13)
    assert run.kl_to_reference[1] == pytest.approx(kl / 2, rel=1e-13)
    assert run.kullback_leibler(1) == pytest.approx(kl / 2, rel=1e-13)
    assert run.total_variation(1) == pytest.approx(1 / 16, rel=1e-13)
    assert run.chi_square(1) == pytest.approx(1 / 32, rel=1e-13)
    assert run.renyi(1, order=2) == pytest.approx(math.log1p(1 / 32), rel=1e-13)


def test_another_start_is_followed_within_its_prompts():
    law = RewardLaw([0.0, 1.0, 4.0, 2.0], prompts=["a", "a", "b", "b"])
    initial = [0.5, 0.0, 0.1, 0.4]
    run = CurationLoop(law, K=3, lam=2.0).run(steps=3, initial=initial)
    for z, name in enumerate(law.prompt_names):
        alone = CurationLoop(law.prompt(name), K=3, lam=2.0)
        rows = law.prompt_index == z
        expected = alone.run(steps=3, initial=2 * np.array(initial)[rows])
        np.testing.assert_allclose(2 * run.probs(3)[rows], expected.probs(3), rtol=1e-13)
        found = run.by_prompt.kl_to_reference[:, z]
        np.testing.assert_allclose(found, expected.kl_to_reference, rtol=1e-12)
    with pytest.raises(ValueError, match=r"mass at each prompt.* 0\.5 at 'a'; got 0\.4"):
        CurationLoop(law, K=3, lam=2.0).run(steps=1, initial=[0.4, 0.0, 0.2, 0.4])


@pytest.mark.filterwarnings("error")
def test_variance_where_a_weight_beyond_squares_has_lost_its_mass():
    # e^700 squared is no double; its mass falls by 1e-12 a step, to nothing.
    laws = {
        "plain": RewardLaw([0.0, 1.0, 700.0], [0.5, 0.5, 0.0]),
        "prompts": RewardLaw([0.0, 1.0, 700.0], [0.5, 0.5, 0.0], prompts=["a"] * 3),
    }
    runs = {
        name: CurationLoop(law, K=2, lam=1e-12).run(steps=40, initial=[0.4, 0.4, 0.2])
        for name, law in laws.items()
    }
    w = np.exp([-1.0, 0.0])
    for name, run in runs.items():
        assert run.variance_weight[0] == math.inf, name
        assert run.variance_weight[40] == pytest.approx(w.var(), rel=1e-9), name


def test_long_runs_leave_the_range_of_doubles_and_go_on():
    # Pure loop, K = inf: log p_t is t r minus a constant, however far below e^-745.
    law = RewardLaw([0.0, 3.0, 1.0, 2.5], prompts=["a", "a", "b", "b"])
    run = CurationLoop(law, K=math.inf, lam=math.inf).run(steps=1000)
    assert run.log_probs(1000) == pytest.approx(
        [-3000 - math.log(2), -math.log(2), -1500 - math.log(2), -math.log(2)], rel=1e-12
    )
    far = CurationLoop(law, K=4, lam=math.inf).run(steps=1000)
    alone = CurationLoop(law.prompt("a"), K=4, lam=math.inf).run(steps=1000)
    assert alone.log_probs(1000)[0] < -745
    assert far.log_probs(1000)[0] + math.log(2) == pytest.approx(
        alone.log_probs(1000)[0], rel=1e-11
    )


@pytest.mark.parametrize("lam", [1.0, math.inf])
def test_rounding_does_not_add_up_over_a_prompts_rows(lam):
    # Expected: the plain engine. A sum one by one of 200,000 equal masses is off by 2e-12.
    rewards = np.random.default_rng(6).normal(size=200_000)
    law = RewardLaw(rewards, prompts=np.zeros(rewards.size, dtype=int).tolist())
    run = CurationLoop(law, K=4, lam=lam).run(steps=1)
    plain = CurationLoop(RewardLaw(rewards), K=4, lam=lam).run(steps=1, compress=False)
    assert law.prompt_probs[0] == pytest.approx(1.0, abs=2e-16)
    expected = plain.log_probs(1)
    assert (np.abs(run.log_probs(1) - expected) <= 2 * state_error(1, expected)).all()
    for name in ("expected_weight", "variance_weight", "expected_reward", "kl_to_reference"):
        assert getattr(run, name) == pytest.approx(getattr(plain, name), rel=2e-13, abs=2e-15)


def test_trouble_names_its_prompt(monkeypatch):
    law = RewardLaw([0.0, 1.0, 4.0, 2.0], prompts=["a", "a", "b", "b"])
    whole = PromptKernel.ratio

    def broken(self, probs):
        ratio = whole(self, probs)
        ratio[-1] = np.nan
        return ratio

    monkeypatch.setattr(PromptKernel, "ratio", broken)
    part = next(PromptLevels.of(law, None).parts())
    name = law.prompt_names[part.prompts[-1]]
    with pytest.raises(ArithmeticError, match=f"of prompt '{name}' cannot be computed"):
        PartStep(part, 2, 1.0)(part.log_start_density)


def test_memory_stays_beside_the_table():
    # 2^17 rows; what is kept and what a part needs. For 1.6 million rows 256 MiB are allowed.
    rewards = np.random.default_rng(3).normal(size=2**17)
    law = RewardLaw(rewards, prompts=(np.arange(2**17) // 16).tolist())
    loop = CurationLoop(law, K=4, lam=1.0)
    tracemalloc.start()
    loop.run(steps=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20


def test_figures_of_very_many_steps_and_prompts_are_refused():
    law = RewardLaw(np.zeros(1000), prompts=np.arange(1000))
    with pytest.raises(ValueError, match=r"at most 39,999 with 1,000 prompts, .*; got 40,000"):
        CurationLoop(law, K=2, lam=1.0).run(steps=40_000)


@pytest.mark.parametrize(
    "refuses",
    [
        lambda loop: condensation_threshold(loop.law, 4),
        lambda loop: loop.compressed(horizon=5),
        lambda loop: loop.run(steps=1, compress=True),
        lambda loop: CertifiedLoop.of(loop, bits=64),
        lambda loop: Instance.of_loop(loop, 3),
    ],
    ids=["condensation_threshold", "compressed", "compress", "certified", "exact"],
)
def test_what_knows_no_prompts_refuses_them(refuses):
    law = RewardLaw([0.0, 1.0, 4.0, 2.0], prompts=["a", "a", "b", "b"])
    with pytest.raises(ValueError, match="needs a law without prompts; got one with 2"):
        refuses(CurationLoop(law, K=2, lam=1.0))

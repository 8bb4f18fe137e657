"""The fixed point within prompts: against each prompt's own, closed forms, and Newton's method."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from recurate.numerics.curation.transform import nodes_for
from recurate.numerics.fixed_points import by_prompt, many, newton
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.theory.closed_forms import TWO_POINT_LIMIT_K_2, TWO_POINT_LIMIT_K_INF

LOOPS = [(K, lam) for K in (1, 2, 4, 50, math.inf) for lam in (0, 0.1, 1 / 3, 1, 30, math.inf)]


def ragged(seed, rows=240, prompts=30, step=0.1):
    """Ties, rows without mass, and prompts with one reward and with many."""
    rng = np.random.default_rng(seed)
    index = np.sort(rng.integers(0, prompts, rows) ** 2 // prompts)
    rewards = np.round(rng.normal(size=rows) * 3 / step) * step
    probs = rng.random(rows) * (rng.random(rows) > 0.1)
    probs[np.unique(index, return_index=True)[1]] += 0.1
    order = rng.permutation(rows)
    return RewardLaw(
        rewards[order],
        (probs / probs.sum())[order],
        groups=rng.integers(0, 3, rows),
        prompts=[f"p{i}" for i in index[order]],
    )


def one_by_one(law, K, lam):
    """The prompts' own fixed points, and their figures put together."""
    limits = [CurationLoop(law.prompt(z), K=K, lam=lam).fixed_point() for z in law.prompt_names]
    probs, log_density = np.empty((2, law.size))
    for z, limit in enumerate(limits):
        rows = law.prompt_index == z
        probs[rows] = law.prompt_probs[z] * limit.probs
        log_density[rows] = limit.log_density
    return limits, probs, log_density


@pytest.mark.parametrize(("K", "lam"), LOOPS)
def test_it_is_that_of_each_prompt(K, lam):
    law = ragged(1)
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    limits, probs, log_density = one_by_one(law, K, lam)
    assert found.probs == pytest.approx(probs, abs=1e-15)
    assert found.log_density[law.probs > 0] == pytest.approx(
        log_density[law.probs > 0], abs=1e-14 + 2 * found.log_density_error
    )
    absent = law.probs == 0  # where g is continued, near aH = 1 digits are lost
    assert found.log_density[absent] == pytest.approx(log_density[absent], rel=1e-9, abs=1e-9)
    for name in FIGURES:
        mean = law.prompt_probs @ [getattr(limit, name) for limit in limits]
        assert getattr(found, name) == pytest.approx(mean, rel=1e-13, abs=1e-15), name
    shares = np.bincount(law.group_index, weights=probs)
    assert found.group_proportions == pytest.approx(shares, abs=1e-15)
    bounds = [limit.error_bound for limit in limits]
    if None in bounds:
        assert found.error_bound is None
    else:
        assert found.error_bound == pytest.approx(law.prompt_probs @ bounds, rel=0.02)
    errors = max(limit.log_density_error for limit in limits)
    assert found.log_density_error == pytest.approx(errors, rel=0.2, abs=1e-15)
    assert found.residual < 1e-14
    assert (
        found.method == ({limit.method for limit in limits} - {"reference"} or {"reference"}).pop()
    )
    assert found.condensed_mass == 0.0


@pytest.mark.parametrize(
    ("K", "closed_form"), [(2, TWO_POINT_LIMIT_K_2), (math.inf, TWO_POINT_LIMIT_K_INF)]
)
@pytest.mark.parametrize("lam", [0.01, 1.0, 40.0])
def test_two_answers_have_the_closed_form(K, closed_form, lam):
    ratios, tops = [0.5, 0.25, 0.999, 1e-6], [1 / 3, 1e-6, 0.1, 0.5]
    rewards = [x for ratio in ratios for x in (math.log(ratio), 0.0)]
    probs = [x / 4 for top in tops for x in (1 - top, top)]
    law = RewardLaw(rewards, probs, prompts=np.repeat(range(4), 2))
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    exact = [
        float(
            sympy.N(
                closed_form.exact(
                    weight_ratio=Fraction(ratio), top_mass=Fraction(top), lam=Fraction(lam)
                ),
                60,
            )
        )
        for ratio, top in zip(ratios, tops, strict=True)
    ]
    assert 4 * found.probs[1::2] == pytest.approx(exact, rel=1e-12)
    if found.error_bound is not None:
        distance = np.abs(found.probs[1::2] - np.array(exact) / 4).sum()
        assert distance <= found.error_bound < 1e-11


def test_many_answers_distant_rewards_and_rare_ones():
    # More levels than are solved together, a span that underflows, a best answer of mass 1e-200,
    # and a law so near its threshold that the log-densities are solved for in another way.
    rng = np.random.default_rng(2)
    parts = [
        (rng.normal(size=700), np.ones(700)),
        (np.array([-900.0, -1.0, 0.0]), np.ones(3)),
        (np.array([0.0, 3.0]), np.array([1.0, 1e-200])),
        (np.array([-60.0, 0.0]), np.array([1.0, 1e-40])),
    ]
    prompts = np.repeat(range(4), [len(rewards) for rewards, _ in parts])
    rewards = np.concatenate([rewards for rewards, _ in parts])
    probs = np.concatenate([masses / masses.sum() / 4 for _, masses in parts])
    law = RewardLaw(rewards, probs, prompts=prompts)
    for K, lam in ((2, 1.0), (4, 0.2), (math.inf, 2.0)):
        found = CurationLoop(law, K=K, lam=lam).fixed_point()
        _, probs, log_density = one_by_one(law, K, lam)
        assert found.probs == pytest.approx(probs, abs=1e-14)
        assert found.log_density == pytest.approx(
            log_density, abs=1e-13 + 2 * found.log_density_error
        )


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    K=st.sampled_from([2, 3, 10, 10**6, math.inf]),
    log_lam=st.floats(-3, 6),
)
def test_a_step_leaves_it(seed, K, log_lam):
    law = ragged(seed, rows=40, prompts=8, step=1.5)
    loop = CurationLoop(law, K=K, lam=10.0**log_lam)
    found = loop.fixed_point()
    after = loop.run(steps=1, initial=found.probs).probs(1)
    assert np.abs(after - found.probs).sum() / 2 < 1e-13
    masses = np.bincount(law.prompt_index, weights=found.probs)
    assert masses == pytest.approx(law.prompt_probs, rel=1e-13)


def test_newton_in_lockstep_finds_what_newton_finds():
    # Masses down to 1e-12, often at the best reward, spans to 50: 60 laws, five loops.
    rng = np.random.default_rng(3)
    relative = np.sort(50 * rng.random((60, 5)) ** rng.choice([0.25, 1.0, 4.0], (60, 1)))
    relative -= relative[:, -1:]
    reference = 10.0 ** rng.uniform(-12, 0, (60, 5))
    reference /= reference.sum(axis=1, keepdims=True)
    unsolved = 0
    for K, lam in ((2, 0.5), (2, 30.0), (4, 1 / 3), (16, 1.0), (10**6, 1e-3)):
        found = many.solve(reference, relative, K, lam)
        unsolved += int(np.isnan(found.log_density_error).sum())
        for z in np.flatnonzero(~np.isnan(found.log_density_error)):
            expected = newton.solve(relative[z], reference[z], K, lam, nodes_for(relative[z], K))
            error = found.log_density_error[z] + expected.log_density_error
            assert found.log_density[z] == pytest.approx(expected.log_density, abs=error)
    assert unsolved < 40  # of 300: left to the search for the nearest root


def test_prompts_are_solved_together(monkeypatch):
    rng = np.random.default_rng(4)
    law = RewardLaw(rng.normal(size=3000 * 4), prompts=np.repeat(range(3000), 4))
    calls = []
    solve = many.solve
    monkeypatch.setattr(
        many,
        "solve",
        lambda reference, *rest: calls.append(len(reference)) or solve(reference, *rest),
    )
    monkeypatch.setattr(by_prompt, "solved", None)  # none is left to the method for one law
    CurationLoop(law, K=4, lam=1.0).fixed_point()
    assert sum(calls) == 3000
    assert len(calls) < 20


def test_a_prompt_in_trouble_is_named():
    law = RewardLaw(
        [0.0, 1.0, 0.0, 1.0], [0.5, 0.25, 0.25, 1e-299], prompts=["fine", "fine", "bad", "bad"]
    )
    with pytest.raises(ArithmeticError, match=r"^prompt 'bad': the mass of p_ref at the best"):
        CurationLoop(law, K=4, lam=1e3).fixed_point()


def test_another_step_is_found_out(monkeypatch):
    law = RewardLaw([0.0, 1.0, 0.0, 3.0], prompts=["a", "a", "b", "b"])
    loop = CurationLoop(law, K=4, lam=1.0)

    class Other(by_prompt.PartStep):
        def __call__(self, log_density):
            is_b = self._part.prompts == 1
            return super().__call__(log_density) + 1e-6 * np.outer(is_b, [1.0, 0.0])

    monkeypatch.setattr(by_prompt, "PartStep", Other)
    with pytest.raises(ArithmeticError, match=r"^prompt 'b': the fixed point must have a residual"):
        loop.fixed_point()
    # The residual is that of the joint law: half the mass, at which a level of mass q moves by
    # 1e-6 q (1 - q).
    monkeypatch.setattr(by_prompt, "RESIDUAL_TOLERANCE", 1.0)
    monkeypatch.setattr(by_prompt, "LEVEL_TOLERANCE", 1.0)
    found = loop.fixed_point()
    q = 2 * found.probs[2]
    assert found.residual == pytest.approx(1e-6 * q * (1 - q) / 2, rel=1e-4)


def test_compression_is_refused():
    law = RewardLaw([0.0, 1.0, 2.0], prompts=["a", "a", "b"])
    with pytest.raises(ValueError, match="compression needs a law without prompts"):
        CurationLoop(law, K=4, lam=1.0).fixed_point(compress=True)


@pytest.mark.parametrize(
    ("K", "lam", "within"), [(2, 1.0, 0.01), (4, math.inf, 0.01), (4, 30.0, 1e-4), (2, 1.0, 1.0)]
)
def test_steps_to_it_are_those_of_the_joint_law(K, lam, within):
    law = ragged(5)
    loop = CurationLoop(law, K=K, lam=lam)
    limit = loop.fixed_point()
    steps = loop.steps_to_fixed_point(limit, within=within, most=2000)
    run = loop.run(steps=steps)
    distances = [np.abs(run.probs(t) - limit.probs).sum() / 2 for t in range(steps + 1)]
    # A prompt that has settled keeps its distance, a thousandth of the one asked for.
    assert distances[-1] <= within
    assert all(distance > 0.999 * within for distance in distances[:-1])
    if steps > 0:
        assert loop.steps_to_fixed_point(limit, within=within, most=steps - 1) is None

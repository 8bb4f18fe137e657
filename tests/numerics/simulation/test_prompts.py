"""Simulated loops within prompts: figures by hand, limits, what does not move.

That they agree with the exact loop is tested in tests/statistical, and that a stopped run goes on
in test_simulation.py.
"""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate_loop
from recurate.numerics.simulation import simulate
from recurate.numerics.simulation.prompt_atoms import PromptAtoms, PromptResampling

REWARDS = [0.0, 5.0, 2.0, 9.0, 2.0, 4.0]
PROBS = [0.1, 0.2, 0.1, 0.3, 0.2, 0.1]
PROMPTS = ["b", "a", "b", "c", "b", "a"]
GROUPS = "xyyxxy"
LAW = RewardLaw(REWARDS, PROBS, GROUPS, prompts=PROMPTS)
LOOP = CurationLoop(LAW, K=3, lam=2.0)
SIZES = {"steps": 4, "n_generated": 40, "replicates": 3, "rng": 9}
BACKENDS = ["numpy", "torch"]


def watched(monkeypatch):
    """The atoms that each prompt's model generates, and its training sets, by a spy."""
    generated, trained = [], []

    class Watched(PromptResampling):
        def fit(self, samples):
            trained.append(np.asarray(samples))
            super().fit(samples)

        def sample(self, n, rng):
            samples = super().sample(n, rng)
            generated.append(np.asarray(samples))
            return samples

    monkeypatch.setattr("recurate.numerics.simulation.simulate_loop.PromptResampling", Watched)
    return generated, trained


@pytest.mark.parametrize("backend", BACKENDS)
def test_figures_are_means_over_prompts_of_what_each_generates(monkeypatch, backend):
    """From the samples themselves, prompt by prompt: as `LAW.prompt` and plain NumPy see them."""
    if backend == "torch":
        pytest.importorskip("torch")
    generated, trained = watched(monkeypatch)
    run = simulate_loop(LOOP, backend=backend, **SIZES)
    assert run.prompts == 3
    assert run.sizes.real == 20
    order = [0, 2, 4, 1, 5, 3]  # the answers to b, to a, to c
    masses = {"b": 0.4, "a": 0.3, "c": 0.3}
    for t, (rows, training) in enumerate(zip(generated, trained, strict=True)):
        assert rows.shape == (9, 40)
        assert training.shape == (9, 60 if t else 0)
        for replicate in range(3):
            figures, shares = np.zeros(5), np.zeros(2)
            for z, (name, mass) in enumerate(masses.items()):
                atoms = np.array(order)[rows[3 * replicate + z]]
                assert {PROMPTS[atom] for atom in atoms} == {name}
                rewards = np.array(REWARDS)[atoms]
                best = max(r for r, own in zip(REWARDS, PROMPTS, strict=True) if own == name)
                weights = np.exp(rewards - best)
                figures[:3] += mass * np.array([weights.mean(), weights.var(), rewards.mean()])
                figures[4] += mass * (rewards == best).mean()
                if t:
                    learnt = np.array(order)[training[3 * replicate + z]]
                    log_density = np.log([(learnt == atom).mean() for atom in atoms])
                    log_density -= np.log([PROBS[atom] / mass for atom in atoms])
                    bias = (np.unique(learnt).size - 1) / (2 * learnt.size)  # Miller and Madow
                    figures[3] += mass * (log_density.mean() - bias)
                for group in range(2):
                    is_in = np.array([label == "xy"[group] for label in GROUPS])
                    shares[group] += mass * is_in[atoms].mean()
            np.testing.assert_allclose(run.figures[replicate, t], figures, rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(run.groups[replicate, t], shares, rtol=1e-12)


@pytest.mark.parametrize("K", [1, 4, math.inf])
@pytest.mark.parametrize("lam", [0.0, 1.0, math.inf])
def test_prompts_with_one_answer_or_only_ties_do_not_move(K, lam):
    law = RewardLaw([3.0, 7.0, 7.0, 7.0], prompts="abbb")
    run = simulate_loop(CurationLoop(law, K=K, lam=lam), **SIZES)
    assert run.expected_reward == pytest.approx(np.full(5, 6.0))
    assert run.max_reward == 6.0
    assert run.expected_weight.tolist() == run.mass_at_max.tolist() == [1.0] * 5
    assert run.variance_weight.tolist() == [0.0] * 5


def test_each_prompt_takes_off_by_its_own_best():
    """With infinitely many candidates and hard choices all winners are the best of their prompt."""
    law = RewardLaw([0.0, 1.0, 100.0, 101.0], prompts="aabb")
    run = simulate_loop(CurationLoop(law, K=math.inf, lam=math.inf), temperature=0.0, **SIZES)
    assert run.mass_at_max[1:].tolist() == [1.0] * 4
    assert run.expected_reward[1:].tolist() == [51.0] * 4


def test_the_order_of_the_rows_changes_nothing_but_the_draws():
    """One law, its rows prompt by prompt or mixed: the same samples, the same figures."""
    order = np.array([0, 2, 4, 1, 5, 3])
    sorted_law = RewardLaw(
        np.array(REWARDS)[order],
        np.array(PROBS)[order],
        [GROUPS[i] for i in order],
        prompts=[PROMPTS[i] for i in order],
    )
    one, other = (
        simulate_loop(CurationLoop(law, K=3, lam=2.0), **SIZES) for law in (LAW, sorted_law)
    )
    np.testing.assert_allclose(one.figures, other.figures, rtol=1e-12, atol=1e-15)


BEST_ZERO = [-1.0, -2.0, -2.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("rewards", "probs", "groups", "prompts", "what"),
    [
        (REWARDS, PROBS, GROUPS, PROMPTS, "max_reward"),
        (BEST_ZERO, PROBS, GROUPS, None, "model"),
        ([0.0, 0.0, -2.0, 0.0, 0.0, 0.0], PROBS, GROUPS, "babcde", "model"),
        ([-1.0, -2.0, -3.0, 0.0, 0.0, 0.0], PROBS, GROUPS, PROMPTS, "real"),
        (BEST_ZERO, [0.1, 0.1, 0.1, 0.3, 0.2, 0.2], GROUPS, PROMPTS, "real"),
        (BEST_ZERO, PROBS, "xyyxyy", PROMPTS, "groups"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_checkpoint_of_another_law_is_refused_and_left(
    tmp_path, rewards, probs, groups, prompts, what
):
    path = tmp_path / "run.npz"
    first, other = (
        CurationLoop(law, K=3, lam=2.0)
        for law in (
            RewardLaw(BEST_ZERO, PROBS, GROUPS, prompts=PROMPTS),
            RewardLaw(rewards, probs, groups, prompts=prompts),
        )
    )
    simulate_loop(first, **SIZES, checkpoint=path)
    kept = path.read_bytes()
    with pytest.raises(ValueError, match=f"the same arguments; .* has {what} = "):
        simulate_loop(other, **SIZES, checkpoint=path)
    assert path.read_bytes() == kept


@pytest.mark.parametrize("samples", [[[0], [0], [5]], [[0], [3], [6]], [[3], [0], [5]]])
def test_samples_of_another_prompt_are_no_state(samples):
    model = PromptResampling(PromptAtoms(LAW))
    model.set_state({"samples": np.array([[0], [3], [5]])})
    with pytest.raises(ValueError, match="samples must"):
        model.set_state({"samples": np.array(samples)})


def test_limits_count_prompts(monkeypatch):
    monkeypatch.setattr(simulate, "MOST_DRAWS", 1)
    # 3 prompts, 3 replicates, 4 steps of 40 · 3 choices, 40 and 20 samples, and 40 at the end.
    with pytest.raises(ValueError, match=r"got 6.84e\+03: 3 prompts, 3 replicates of 4 steps"):
        simulate_loop(LOOP, **SIZES)
    monkeypatch.setattr(simulate, "MOST_DRAWS", 10**10)
    monkeypatch.setattr(simulate, "MOST_SAMPLES", 119)
    with pytest.raises(ValueError, match="in a step; got 3 prompts, 120"):
        simulate_loop(LOOP, **SIZES)
    monkeypatch.setattr(simulate, "MOST_SAMPLES", 120)
    simulate_loop(LOOP, **SIZES)


def test_the_tables_of_a_law_are_not_copied_for_each_chunk():
    import copy

    atoms = PromptAtoms(LAW)
    assert copy.deepcopy(PromptResampling(atoms))._law is atoms

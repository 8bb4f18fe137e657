"""Runs of loops on tensors: the figures of arrays, derivatives, nothing read from the device."""

import math
from functools import wraps

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.numerics.laws.levels import FIGURES
from recurate.rules import Accept, BestOf, BradleyTerry, PairwisePreference, Stages, TopShare

from ...own_rules import WorseOfTwo
from ..prompts.prompt_laws import random_prompted_law
from .test_rules import LAW, RULES, tensor

torch = pytest.importorskip("torch")
run_module = pytest.importorskip("recurate.numerics.on_torch.run")

ALL = (*FIGURES, "win_rate", "group_proportions", "expected_scores")
PROMPTED = RewardLaw(
    [0.2, 1.0, 0.5, 0.5, 0.0, 0.9, 0.1, 0.3],
    [0.1, 0.2, 0.1, 0.1, 0.0, 0.2, 0.1, 0.2],
    groups="abababab",
    prompts="uuuvvvwx",
    scores={"other": [3, 1, 2, 2, 5, 0, 1, 4], "right": [1, 0.5, 0, 0, 0, 0, 1, 0.25]},
)


def assert_same(found, expected):
    for name in ALL:
        one, other = getattr(found, name).detach().numpy(), getattr(expected, name)
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-14, err_msg=name)
    for t in range(expected.steps + 1):
        other = expected.log_probs(t)
        np.testing.assert_allclose(
            found.log_probs(t).detach().numpy(), other, rtol=1e-12, atol=1e-13
        )
    assert (found.by_prompt is None) == (expected.by_prompt is None)
    for one, other in zip(found.by_prompt or (), expected.by_prompt or (), strict=True):
        np.testing.assert_allclose(one.detach().numpy(), other, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_figures_of_every_rule(rule):
    for arguments in (
        {"lam": 1.0},
        {"lam": [0.5, math.inf, 0.0, 2.0], "retained": lambda t: t / 4},
        {"training": Accumulate(real=2.0)},
    ):
        loop = CurationLoop(LAW, rule=rule, **arguments)
        assert_same(loop.run(steps=4, backend="torch"), loop.run(steps=4))
        initial = np.array([0.0, 0.5, 0.2, 0.1, 0.1, 0.1])
        found = loop.run(steps=4, backend="torch", initial=initial)
        assert_same(found, loop.run(steps=4, initial=initial))


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if not isinstance(rule, PairwisePreference)]
    + [
        PairwisePreference(np.full((8, 8), 0.5) + np.triu(np.full((8, 8), 0.3), 1)
                           - np.tril(np.full((8, 8), 0.3), -1)),
        PairwisePreference([[0.5, 0.8], [0.2, 0.5]], of="groups"),
        Accept("right", none="drop"),
    ],
    ids=str,
)  # fmt: skip
def test_figures_within_prompts(rule):
    loop = CurationLoop(PROMPTED, rule=rule, lam=2.0, retained=0.1)
    found, expected = loop.run(steps=4, backend="torch"), loop.run(steps=4)
    assert_same(found, expected)
    assert found.dropped_prompts == expected.dropped_prompts
    assert found.law.prompt_names == expected.law.prompt_names


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("K", [1, 4, 10**9, math.inf])
def test_figures_of_random_prompts(K, seed):
    law = random_prompted_law(seed, scale=2.0)
    loop = CurationLoop(law, K=K, lam=1.0)
    assert_same(loop.run(steps=3, backend="torch"), loop.run(steps=3))


def test_a_run_in_float32_is_near():
    for rule in RULES:
        loop = CurationLoop(LAW, rule=rule, lam=3.0)
        expected = loop.run(steps=10)
        found = loop.run(steps=10, backend="torch", dtype="float32")
        assert found.expected_reward.dtype == torch.float32
        for t in (1, 10):
            log_p = expected.log_probs(t)
            error = np.abs(found.log_probs(t).double().numpy() - log_p)
            allowed = run_module.STATE_ERROR_FLOAT32 * t * np.maximum(1, np.abs(log_p))
            assert (error <= allowed).all(), (rule, t)
        assert abs(found.group_proportions.sum(1) - 1).max() < 1e-6


@pytest.mark.parametrize(
    "loop",
    [
        CurationLoop(LAW, K=4, lam=1.0),
        CurationLoop(LAW, K=10**6, lam=math.inf, retained=0.3),
        CurationLoop(LAW, rule=Stages([BestOf(2, by="other"), BradleyTerry(3)]), lam=2.0),
        CurationLoop(PROMPTED, K=4, lam=1.0),
    ],
    ids=str,
)
def test_derivatives_at_the_tenth_step_are_those_of_the_exact_loop(loop):
    law, t, h = loop.law, 10, 1e-3
    rewards = tensor(law.rewards, requires_grad=True)
    run = loop.run(steps=t, backend="torch", rewards=rewards)
    prompts = None if law.prompt_index is None else law.prompt_index.tolist()

    def moved(change):  # the exact loop on arrays, at other rewards
        there = RewardLaw(
            law.rewards + change, law.probs, law.group_index, prompts=prompts, scores=law.scores
        )
        return loop.on(there).run(steps=t)

    runs = [[moved(k * unit) for k in (-3, -2, -1, 1, 2, 3)] for unit in np.eye(law.size) * h]
    for name, column in (
        ("group_proportions", 1),
        ("expected_reward", ()),
        ("kl_to_reference", ()),
    ):
        figure = getattr(run, name)[(t, column) if column else t]
        (found,) = torch.autograd.grad(figure, rewards, retain_graph=True)
        for i in range(law.size):
            values = [getattr(near, name)[t] for near in runs[i]]
            # Six places: the error is h^6/140 times the seventh derivative.
            change = np.dot(
                [-1, 9, -45, 45, -9, 1], [np.take(v, column) if column else v for v in values]
            )
            assert float(found[i]) == pytest.approx(change / (60 * h), abs=1e-10), (name, i)


def test_derivatives_by_the_start_and_second_derivatives():
    loop = CurationLoop(LAW, K=3, lam=1.0)
    logits = tensor(np.log(LAW.probs), requires_grad=True)
    rewards = tensor(LAW.rewards, requires_grad=True)

    def share(rewards, logits):
        run = loop.run(steps=2, backend="torch", rewards=rewards, initial=logits.softmax(0))
        return torch.stack([run.group_proportions[2, 0], run.win_rate[2], run.variance_weight[2]])

    assert torch.autograd.gradcheck(share, (rewards, logits))
    assert torch.autograd.gradgradcheck(lambda r: share(r, logits.detach())[:1], rewards)


def test_many_steps_with_atoms_that_vanish_have_finite_gradients():
    for rule in (TopShare(0.3), BestOf(50), Accept("right"), BradleyTerry(4, scale=500.0)):
        rewards = tensor(LAW.rewards, requires_grad=True)
        loop = CurationLoop(LAW, rule=rule, lam=math.inf)
        run = loop.run(steps=30, backend="torch", rewards=rewards)
        total = sum(getattr(run, name).sum() for name in ALL) + run.probs(30).square().sum()
        total.backward()
        assert torch.isfinite(rewards.grad).all(), rule


class NothingIsRead(torch.utils._python_dispatch.TorchDispatchMode):
    """Fails on whatever waits for a device: values, and shapes that depend on them; and uploads."""

    WAITS = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "item", "lift_fresh")

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name, kwargs = function.name(), kwargs or {}
        assert not any(word in name for word in self.WAITS), name
        assert "_to_copy" not in name or kwargs.get("device") is None, name
        if name.startswith("aten::index"):
            for indices in args:
                for index in indices if isinstance(indices, list | tuple) else [indices]:
                    assert getattr(index, "dtype", None) != torch.bool, name
        return function(*args, **kwargs)


@pytest.fixture
def guarded(monkeypatch):
    """Steps and figures run where nothing may be read; says how often they did."""
    called = []

    def guard(owner, name):
        method = getattr(owner, name)

        @wraps(method)
        def watched(*args):
            called.append(name)
            with NothingIsRead(), pytest.MonkeyPatch.context() as patch:
                for word in ("numpy", "cpu", "tolist", "item"):
                    patch.setattr(torch.Tensor, word, None)
                return method(*args)

        monkeypatch.setattr(owner, name, watched)

    guard(run_module, "_next")
    for name in ("measure", "group_proportions", "expected_scores", "win_rate", "atom_log_probs"):
        guard(run_module.States, name)
    return called


@pytest.mark.parametrize("is_prompted", [False, True])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_nothing_is_read_within_a_step(rule, is_prompted, guarded):
    if is_prompted and isinstance(rule, PairwisePreference):
        rule = PairwisePreference([[0.5, 0.8], [0.2, 0.5]], of="groups")
    law = PROMPTED if is_prompted else LAW
    given = None if isinstance(rule, Accept) else tensor(law.rewards, requires_grad=True)
    loop = CurationLoop(law, rule=rule, lam=1.0, retained=0.25)
    run = loop.run(steps=3, backend="torch", rewards=given)
    assert guarded.count("_next") == 3
    assert guarded.count("measure") == 4
    if given is not None:
        with NothingIsRead():
            run.expected_reward[3].backward()


def test_the_guard_sees_what_is_read():
    values = tensor([1.0, 2.0])
    for read in (lambda: bool(values[0] > 0), lambda: values[values > 1], lambda: values.nonzero()):
        with pytest.raises(AssertionError), NothingIsRead():
            read()


class OnTensors(WorseOfTwo):
    """The same on tensors."""

    def log_ratio_of_tensors(self, law, log_probs):
        better = (law.rewards[None, :] > law.rewards[:, None]).to(log_probs.dtype)
        tied = (law.rewards[None, :] == law.rewards[:, None]).to(log_probs.dtype)
        return torch.log(2 * (better + tied / 2) @ log_probs.exp())


@pytest.mark.parametrize("law", [LAW, PROMPTED], ids=["whole", "prompts"])
def test_a_rule_of_ones_own(law):
    loop = CurationLoop(law, rule=OnTensors(), lam=2.0)
    assert_same(loop.run(steps=3, backend="torch"), loop.run(steps=3))


def test_an_error_of_the_mass_is_taken_out():
    class Heavier(OnTensors):  # by half of what is allowed
        def log_ratio_of_tensors(self, law, log_probs):
            return super().log_ratio_of_tensors(law, log_probs) + 5e-10

    right, heavy = (CurationLoop(LAW, rule=rule(), lam=2.0) for rule in (WorseOfTwo, Heavier))
    assert_same(heavy.run(steps=3, backend="torch"), right.run(steps=3))


def test_a_subclass_is_a_rule_of_ones_own():
    class Other(BradleyTerry):
        pass

    with pytest.raises(TypeError, match="rule must have a method log_ratio_of_tensors"):
        CurationLoop(LAW, rule=Other(3), lam=1.0).run(steps=1, backend="torch")


@pytest.mark.parametrize(
    ("returned", "error", "words"),
    [
        (lambda p: p[:2], ValueError, r"one number for each entry of log_probs, shape \(6,\)"),
        (lambda p: p.numpy(), TypeError, "must return a tensor"),
        (lambda p: p.float(), TypeError, "must be of torch.float64 on cpu, as log_probs"),
        (lambda p: p * 0 + 0.1, ArithmeticError, "mean of H of 1 under p; .* from t = 0"),
        (lambda p: p * math.nan, ArithmeticError, "log_ratio_of_tensors of Wrong must be that of"),
    ],
)
def test_what_a_rule_of_ones_own_returns_is_checked(returned, error, words):
    class Wrong(OnTensors):
        def log_ratio_of_tensors(self, law, log_probs):
            return returned(log_probs)

    with pytest.raises(error, match=words):
        CurationLoop(LAW, rule=Wrong(), lam=1.0).run(steps=2, backend="torch")


def test_nothing_accepted_is_found_after_the_last_step():
    law = RewardLaw([0.0, 1.0], scores={"right": [0.0, 0.5], "never": [0.0, 0.5]})
    # What the first stage leaves over, the second one never accepts.
    rule = Stages([Accept("right"), TopShare(1.0)])
    assert CurationLoop(law, rule=rule, lam=1.0).run(steps=1, backend="torch").steps == 1
    loop = CurationLoop(law, rule=Accept("right"), lam=1.0)
    for backend in ("numpy", "torch"):
        with pytest.raises(ValueError, match=r"scores\['right'\] must be above 0 somewhere where"):
            loop.run(steps=1, backend=backend, initial=[1.0, 0.0])
    prompted = CurationLoop(PROMPTED, rule=Accept("right"), lam=1.0)
    for backend in ("numpy", "torch"):
        with pytest.raises(ValueError, match="nothing to accept in 1 of 4 prompts, such as 'v'"):
            prompted.run(steps=1, backend=backend)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"backend": "jax"}, ValueError, "backend must be \"numpy\" or \"torch\"; got 'jax'"),
        ({"backend": "numpy", "rewards": [0.0] * 6}, ValueError, "rewards must be None without"),
        ({"backend": "numpy", "device": "cpu"}, ValueError, "device must be None without backend="),
        ({"compress": True}, ValueError, "compress must be None or False for backend='torch'"),
        ({"dtype": "float16"}, ValueError, "dtype must be .float64. or .float32.; got 'float16'"),
        ({"device": "nowhere"}, ValueError, "device must be one that torch can use here"),
        ({"rewards": tensor([0.0])}, ValueError, r"one entry per atom of the law \(6\); got 1"),
        ({"rewards": tensor([[0.0] * 6])}, ValueError, "rewards must be one-dimensional"),
        ({"rewards": tensor([1] * 6, torch.int32)}, TypeError, "float64 or float32; got int32"),
        (
            {"rewards": tensor([0.0] * 6, torch.float32), "dtype": "float64"},
            ValueError,
            "rewards must be of the run's type, torch.float64; got torch.float32",
        ),
        (
            {"rewards": tensor([0.0] * 6), "initial": tensor(LAW.probs, torch.float32)},
            ValueError,
            "initial must be of the run's type, torch.float64",
        ),
        ({"rewards": tensor([math.nan] * 6)}, ValueError, "rewards must be finite"),
        ({"initial": [0.5] * 6}, ValueError, "initial must sum to 1"),
        (
            {"initial": tensor([0.5, 0.5, 0, 0, 0, 0], requires_grad=True)},
            ValueError,
            "initial must be above 0 to have gradients.*got 0 at position 2",
        ),
        ({"steps": -1}, ValueError, "steps must be an integer from 0"),
    ],
)  # fmt: skip
def test_what_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        CurationLoop(LAW, K=2, lam=1.0).run(**{"steps": 1, "backend": "torch"} | arguments)


def test_what_a_rule_cannot_do_is_refused():
    rewards = tensor(np.where(LAW.rewards > 0.5, 1.0, 0.0), requires_grad=True)
    with pytest.raises(ValueError, match="rewards of Accept must be above 0 to have gradients"):
        CurationLoop(LAW, rule=Accept(None), lam=1.0).run(steps=1, backend="torch", rewards=rewards)
    density = RewardLaw.from_density(lambda r: 1 + 0 * r, (0, 1))
    with pytest.raises(ValueError, match="law must be one of atoms for backend='torch'"):
        CurationLoop(density, K=2, lam=1.0).run(steps=1, backend="torch")
    with pytest.raises(ValueError, match=r"K must be at most 1e\+12 in float32"):
        CurationLoop(LAW, K=10**13, lam=1.0).run(steps=1, backend="torch", dtype="float32")
    with pytest.raises(ValueError, match="t must be an integer from 0 to 2"):
        CurationLoop(LAW, K=2, lam=1.0).run(steps=2, backend="torch").probs(3)


def test_rewards_that_are_given_take_the_place_of_the_laws():
    changed = LAW.rewards[::-1].copy()
    law = RewardLaw(changed, LAW.probs, LAW.group_index, scores=LAW.scores)
    expected = CurationLoop(law, rule=BestOf(3), lam=1.0).run(steps=3)
    for rewards in (changed, torch.tensor(changed)):
        loop = CurationLoop(LAW, rule=BestOf(3), lam=1.0)
        assert_same(loop.run(steps=3, backend="torch", rewards=rewards), expected)


def test_the_kind_of_a_run_is_that_of_the_tensors_given():
    rewards = tensor(LAW.rewards, torch.float32)
    seen = []
    loop = CurationLoop(LAW, K=2, lam=1.0)
    run = loop.run(steps=2, backend="torch", rewards=rewards, on_step=seen.append)
    assert run.win_rate.dtype == torch.float32
    assert seen == [1, 2]
    assert loop.run(steps=1, backend="torch").win_rate.dtype == torch.float64
    assert not loop.run(steps=1, backend="torch").win_rate.requires_grad


def test_memory_of_gradients_does_not_grow_with_the_nodes():
    # Of each step what is kept is some vectors of n, and no matrix of nodes × n.
    n = 20_000
    law = RewardLaw(np.random.default_rng(0).normal(size=n))
    rewards = tensor(law.rewards, requires_grad=True)
    saved = []

    def note(kept):
        saved.append((kept.untyped_storage().data_ptr(), kept.untyped_storage().nbytes()))
        return kept

    with torch.autograd.graph.saved_tensors_hooks(note, lambda kept: kept):
        run = CurationLoop(law, K=4, lam=1.0).run(steps=2, backend="torch", rewards=rewards)
    held = sum(dict(saved).values())
    assert held <= 100 * 8 * n  # a matrix of the 60 nodes for each of two steps is more than that
    run.expected_reward[2].backward()
    assert torch.isfinite(rewards.grad).all()

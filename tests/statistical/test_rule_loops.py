"""Simulated loops of every rule and schedule, against the exact run; and what other loops do.

Null hypothesis: replicates are independent runs of the loop. Each figure's mean is within Student's
t of its exact value, at 1e-10 for all figures of a loop together, and a bias of finite samples. For
a rule among K candidates that is a theorem: trace the ancestors of a sample of step t, K for each
choice. If no two of them are one sample they are independent, and its law is p_t exactly. At s
steps back there are at most K^s. Any two are one with a chance of 1/n at each drawing: once among
the generated samples, once among the training samples that these were resampled from; or are kept
from the same candidates, with a chance of (keep - 1)/n. For other rules twenty times t/n stands for
it, a bias of the first order (docs/simulation.md).
"""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import Accumulate, CurationLoop, RewardLaw, simulate_loop
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    Stages,
    TopShare,
    Voters,
)

from ..own_rules import WorseOfTwo
from .rule_cases import CYCLE, LAW

RATE = 1e-10
STEPS = 2
SIZE, REPLICATES = 10_000, 32
OF_EACH_PROMPT, FEWER = 5_000, 20


VOTERS = Voters([(0.5, BradleyTerry(3)), (0.5, BestOf(2, by="other"))])
LOOPS = {
    "best": ({"rule": BestOf(3), "lam": 1.0}, {"rule": BestOf(2), "lam": 1.0}),
    "best-few": (
        {"rule": BestOf(3, keep=2, by="other"), "lam": 2.0},
        {"rule": BestOf(3, by="other"), "lam": 2.0},
    ),
    "top-share": (
        {"rule": TopShare(0.3), "lam": 0.5},
        {"rule": TopShare(0.3), "lam": 0.7},
    ),
    "accept": (
        {"rule": Accept("chance"), "lam": 1.0},
        {"rule": BradleyTerry(math.inf, by="chance"), "lam": 1.0},
    ),
    "preference": (
        {"rule": PairwisePreference(CYCLE, of="groups"), "lam": math.inf},
        {"rule": PairwisePreference(CYCLE.T, of="groups"), "lam": math.inf},
    ),
    "voters": ({"rule": VOTERS, "lam": 1.0}, {"K": 3, "lam": 1.0}),
    "stages": (
        {"rule": Stages([BestOf(2), TopShare(0.5, by="other")]), "lam": 1.0},
        {"rule": Stages([TopShare(0.5, by="other"), BestOf(2)]), "lam": 1.0},
    ),
    "own": ({"rule": WorseOfTwo(), "lam": 1.0}, {"rule": BestOf(2), "lam": 1.0}),
    "retained": (
        {"K": 3, "lam": 2.0, "retained": 0.25},
        {"K": 3, "lam": 1.5},  # the same fixed point, and another way there
    ),
    "changing": (
        {"rule": [BestOf(2), VOTERS], "lam": lambda t: 1.0 + t, "retained": [0.0, 0.5]},
        {"rule": [VOTERS, BestOf(2)], "lam": lambda t: 1.0 + t, "retained": [0.0, 0.5]},
    ),
    "on-and-off": (
        {"K": 3, "lam": [math.inf, 0.0]},
        {"K": 3, "lam": [0.0, math.inf]},
    ),
    "accumulated": (
        {"rule": BestOf(3), "training": Accumulate(2.0, 1.0)},
        {"rule": BestOf(3), "lam": 0.5},  # the first step is the same, the second one is not
    ),
}


def bias(loop):
    """Most by which the mean of a share may be off at each step, shape (STEPS + 1,)."""
    rules = loop.rule if isinstance(loop.rule, tuple) else (loop.rule,)
    size = SIZE if loop.law.prompt_index is None else OF_EACH_PROMPT
    if any(isinstance(rule, TopShare | Accept | Stages) for rule in rules):
        return 20 * np.arange(STEPS + 1) / size
    K = int(max(rule.most_candidates for rule in rules))
    keep = max(getattr(rule, "keep", 1) for rule in rules)
    pairs = np.cumsum([math.comb(K**s, 2) for s in range(STEPS + 1)])
    return (1 + keep) * pairs / size


def departures(found, loop):
    """By how much each figure is outside of what may be, in units of that; shape (figures,)."""
    exact, allowed = loop.run(steps=STEPS), bias(loop)
    assert found.group_names == exact.law.group_names
    points = (STEPS + 1) * (1 + len(found.group_names))
    quantile = stats.t.isf(RATE / points / 2, found.replicates - 1)
    off = []
    for name, reach in (("expected_reward", np.ptp(loop.law.rewards)), ("group_proportions", 1.0)):
        difference = np.abs(getattr(found, name) - getattr(exact, name))
        width = quantile * found.standard_errors[name]
        width = width + reach * (allowed if width.ndim == 1 else allowed[:, None]) + 1e-12
        off.append((difference / width).ravel())
    return np.concatenate(off)


def run(loop, seed, backend):
    has_prompts = loop.law.prompt_index is not None
    return simulate_loop(
        loop,
        steps=STEPS,
        n_generated=OF_EACH_PROMPT if has_prompts else SIZE,
        replicates=FEWER if has_prompts else REPLICATES,
        rng=seed,
        backend=backend,
    )


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.error_rate(rate=RATE, null="runs of the loop", size="32 runs of 10,000, 2 steps")
def test_simulated_loops_have_the_means_of_the_exact_run(name, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    given, other = LOOPS[name]
    loop = CurationLoop(LAW, **given)
    found = run(loop, 21, backend)
    assert found.loop == str(loop.schedule)
    assert departures(found, loop).max() <= 1.0
    if backend == "numpy":  # the power is that of the test, whoever drew
        wrong = run(CurationLoop(LAW, **other), 22, backend)
        assert departures(wrong, loop).max() > 1.0


_RNG = np.random.default_rng(5)
PROMPTED = RewardLaw(
    np.round(_RNG.normal(size=24), 1),
    _RNG.dirichlet(np.full(24, 5.0)),
    np.arange(24) % 3,
    prompts=np.append(_RNG.integers(0, 4, 22), [4, 4]),
    scores={"other": np.arange(24.0) % 7, "chance": np.append(_RNG.integers(0, 3, 22) / 2, [0, 0])},
)
BETTER = np.full((24, 24), 0.5)
BETTER[np.triu_indices(24, 1)] = _RNG.random(276)
BETTER[np.tril_indices(24, -1)] = 1.0 - BETTER.T[np.tril_indices(24, -1)]
NAMES = [PROMPTED.group_names.index(group) for group in range(3)]
OF_GROUPS = CYCLE[np.ix_(NAMES, NAMES)]

WITHIN = {
    "voters": ({"rule": VOTERS, "lam": 1.0}, {"K": 3, "lam": 1.0}),
    "top-share": ({"rule": TopShare(0.3), "lam": 1.0}, {"rule": TopShare(0.4), "lam": 1.0}),
    "atoms": (
        {"rule": PairwisePreference(BETTER), "lam": math.inf},
        {"rule": PairwisePreference(BETTER.T), "lam": math.inf},
    ),
    "groups": (
        {"rule": PairwisePreference(OF_GROUPS, of="groups"), "lam": math.inf},
        {"rule": PairwisePreference(OF_GROUPS.T, of="groups"), "lam": math.inf},
    ),
    "keep": (
        {"rule": Accept("chance", none="keep"), "lam": 1.0},
        {"rule": Accept("chance", none="keep"), "lam": 0.2},
    ),
    "drop": (
        {"rule": Accept("chance", none="drop"), "lam": 1.0},
        {"rule": Accept("chance", none="keep"), "lam": 1.0},
    ),
    "accumulated": (
        {"rule": WorseOfTwo(), "training": Accumulate()},
        {"rule": WorseOfTwo(), "lam": 1.0},
    ),
}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", WITHIN)
@pytest.mark.error_rate(rate=RATE, null="runs within prompts", size="20 runs of 5 x 5,000")
def test_simulated_loops_within_prompts(name, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    given, other = WITHIN[name]
    loop = CurationLoop(PROMPTED, **given)
    found = run(loop, 23, backend)
    assert found.prompts == (4 if name == "drop" else 5)
    assert departures(found, loop).max() <= 1.0
    if backend == "numpy":  # the power is that of the test, whoever drew
        wrong = run(CurationLoop(PROMPTED, **other), 24, backend)
        assert departures(wrong, loop).max() > 1.0

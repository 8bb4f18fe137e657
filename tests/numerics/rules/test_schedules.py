"""Loops whose steps keep uncurated samples, change with t, or add to what is there."""

import csv
import math
from fractions import Fraction

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.guarantees import guarantees
from recurate.numerics.agreement.first_order import finite_sample_error
from recurate.numerics.laws import history as kept_history
from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.rules import Accept, BestOf, BradleyTerry, TopShare, Voters

from ..oracles import logs, worst
from .exact_rules import ExactLaw, random_rule
from .test_loops import FIGURES, LAW
from .test_real_tables import INPUTS

STEPS = 3
REAL = [Fraction(0), Fraction(1, 3), Fraction(3, 4), Fraction(1)]
RETAINED = [Fraction(0), Fraction(1, 4), Fraction(7, 8), Fraction(1)]


def random_steps(rng, of):
    """Rules, real shares and retained shares of each step, and the rules in rationals."""
    rules, exact = zip(*(random_rule(rng, of) for _ in range(STEPS)), strict=True)
    real, retained = ([rng.choice(values) for _ in range(STEPS)] for values in (REAL, RETAINED))
    return list(rules), exact, real, retained


def law_of(of):
    return RewardLaw(of.law.rewards, [float(p) for p in of.probs], of.labels, scores=of.law.scores)


def assert_states(run, states, rules):
    for t, state in enumerate(states):
        assert np.abs(run.probs(t) - [float(p) for p in state]).max() <= 1e-13, (rules, t)
        # Whether TopShare's edge is at a level or beside it is a matter of the last digit.
        if "TopShare" not in repr(rules):
            assert worst(run.log_probs(t), logs(state)) <= STATE_ERROR * max(t, 1), (rules, t)


@pytest.mark.parametrize("seed", range(6))
def test_changing_loops_are_their_definition(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        of = ExactLaw.random(rng)
        rules, exact, real, retained = random_steps(rng, of)
        states = [of.probs]
        for rule, m, kept in zip(exact, real, retained, strict=True):
            rows = zip(of.probs, states[-1], rule(states[-1]), strict=True)
            states.append([m * q + (1 - m) * p * (kept + (1 - kept) * h) for q, p, h in rows])
        lam = [float((1 - m) / m) if m else math.inf for m in real]
        loop = CurationLoop(law_of(of), rule=rules, lam=lam, retained=[float(e) for e in retained])
        assert_states(loop.run(steps=STEPS), states, rules)
        same = CurationLoop(
            law_of(of),
            rule=lambda t, rules=rules: rules[t],
            lam=lambda t, lam=lam: lam[t],
            retained=lambda t, retained=retained: float(retained[t]),
        )
        assert_states(same.run(steps=STEPS), states, rules)


@pytest.mark.parametrize("seed", range(3))
def test_accumulation_is_its_definition(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        of = ExactLaw.random(rng)
        rule, exact = random_rule(rng, of)
        real, per_round = (int(n) for n in rng.integers(1, 6, 2))
        # The training set itself: its samples of each kind, round after round.
        kept = [real * p for p in of.probs]
        states = [of.probs]
        for _ in range(STEPS):
            p = states[-1]
            kept = [k + per_round * x * h for k, x, h in zip(kept, p, exact(p), strict=True)]
            states.append([k / sum(kept) for k in kept])
        training = Accumulate(real=real, per_round=per_round)
        loop = CurationLoop(law_of(of), rule=rule, training=training)
        assert_states(loop.run(steps=STEPS), states, rule)


@pytest.mark.parametrize(
    "rule", [BradleyTerry(4), BestOf(3), Voters([(0.4, BestOf(2)), (0.6, Accept("right"))])]
)
def test_constant_sequences_are_the_constant(rule):
    whole = CurationLoop(LAW, rule=rule, lam=0.7).run(steps=5)
    for arguments in (
        {"rule": [rule] * 5, "lam": np.full(5, 0.7)},
        {"rule": rule, "lam": lambda t: 0.7},
        {"rule": lambda t: rule, "lam": (0.7,) * 5, "retained": [0] * 5},
    ):
        found = CurationLoop(LAW, **arguments).run(steps=5)
        for name in FIGURES:
            np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))


def test_states_computed_again_know_their_step(monkeypatch):
    loop = CurationLoop(LAW, K=3, lam=lambda t: 1.0 + t, retained=np.linspace(0, 1, 30))
    run = loop.run(steps=30)
    expected = [run.log_probs(t) for t in range(31)]
    monkeypatch.setattr(kept_history, "_HISTORY_BYTES", 4 * run._levels.rewards.size * 8)
    again = loop.run(steps=30)
    for t in (*range(31), 17, 3, 29, 28):
        np.testing.assert_array_equal(again.log_probs(t), expected[t])


@pytest.mark.parametrize(("K", "lam", "retained"), [(2, 0.9, 0.3), (4, 3.0, 0.5), (3, 1.0, 0.9)])
def test_samples_kept_uncurated_weaken_the_loop(K, lam, retained):
    # Noise equivalence, by collecting p: the fixed points are those of λ(1-ε).
    expected = CurationLoop(LAW, K=K, lam=lam * (1 - retained)).fixed_point().probs
    run = CurationLoop(LAW, K=K, lam=lam, retained=retained).run(steps=150)
    np.testing.assert_allclose(run.probs(150), expected, rtol=1e-11)


def test_flipped_votes_among_two_are_retained():
    # The loser has 2 - H, so (1 - φ) H + φ (2 - H) = (1 - 2φ) H + 2φ.
    flipped = Voters([(0.95, BradleyTerry(2)), (0.05, BradleyTerry(2, scale=-1))])
    found = CurationLoop(LAW, K=2, lam=3.0, retained=0.1).run(steps=10).probs(10)
    expected = CurationLoop(LAW, rule=flipped, lam=3.0).run(steps=10).probs(10)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_three_candidates_then_nine_are_27():
    found = CurationLoop(LAW, rule=[BestOf(3), BestOf(9)], lam=math.inf).run(steps=2).probs(2)
    expected = CurationLoop(LAW, rule=BestOf(27), lam=math.inf).run(steps=1).probs(1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("rule", [BradleyTerry(math.inf), BestOf(10**6), TopShare(0.01)])
def test_accumulation_keeps_the_real_samples(rule):
    run = CurationLoop(LAW, rule=rule, training=Accumulate(real=3, per_round=2)).run(steps=200)
    for t in (0, 1, 2, 10, 200):
        floor = LAW.probs * 3 / (3 + 2 * t)
        assert (run.probs(t) >= floor * (1 - 1e-12)).all()
    # The lowest reward is as good as never chosen by the best of a million: it attains the floor.
    if isinstance(rule, BestOf):
        assert run.probs(200)[1] == pytest.approx(floor[1], rel=1e-12)


def test_accumulating_raters():
    # A dense oracle's (tests/face/reading/inputs/README.md): pooled, rater_a × 5, n_0 = n, t = 10.
    with (INPUTS / "raters.tsv").open(encoding="utf-8") as file:
        rewards = [5 * float(row["rater_a"]) for row in csv.DictReader(file, delimiter="\t")]
    run = CurationLoop(RewardLaw(rewards), K=4, training=Accumulate()).run(steps=10)
    assert run.expected_reward[10] == pytest.approx(4.547415, abs=6e-7)
    assert run.kl_to_reference[10] == pytest.approx(0.659841, abs=6e-7)


def named(t):
    return 1.0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"K": 4, "lam": [1, math.inf, 0.5]}, "K=4, lam=[1, float('inf'), 0.5]"),
        (
            {"rule": [BestOf(2), BradleyTerry(4)], "lam": 1, "retained": 0.2},
            "rule=[BestOf(2), BradleyTerry(4)], lam=1, retained=0.2",
        ),
        (
            {"K": 2, "training": Accumulate(per_round=0.5)},
            "K=2, training=Accumulate(real=1.0, per_round=0.5)",
        ),
        ({"K": 2, "lam": 2, "retained": 0.0}, "K=2, lam=2"),
    ],
)
def test_loops_print_as_code(arguments, text):
    small = RewardLaw([0.0, 1.0])
    loop = CurationLoop(small, **arguments)
    assert repr(loop) == f"CurationLoop({small!r}, {text})"
    assert repr(eval(repr(loop))) == repr(loop)


def test_functions_print_their_names():
    loop = CurationLoop(LAW, K=2, lam=named, retained=lambda t: 0.5)
    assert repr(loop).endswith(", K=2, lam=named, retained=<function of t>)")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, TypeError, r"^lam must be given, such as lam=1.0, or training=Accumulate\(\); got ne"),
        ({"lam": [1, -1]}, ValueError, r"^lam at t = 1 must be a number of at least 0 .*; got -1$"),
        ({"lam": "12"}, TypeError, "^lam must be a number of at least 0 or infinity; got '12'$"),
        ({"lam": 1, "retained": 1.5}, ValueError, "^retained must be a share from 0 to 1; got 1.5"),
        ({"lam": 1, "retained": [0, -0.1]}, ValueError, "^retained at t = 1 must be .*; got -0.1"),
        ({"lam": 1, "training": Accumulate()}, TypeError, "^lam and training must not both be giv"),
        ({"retained": 0, "training": Accumulate()}, TypeError, "^retained and training must not b"),
        ({"training": Accumulate}, TypeError, r"^training must be Accumulate\(real=…, per_round=…"),
        (
            {"K": None, "rule": [BestOf(2), 3], "lam": 1},
            TypeError,
            "^rule at t = 1 must be a rule, such as .*; got 3$",
        ),
        (
            {"K": None, "rule": [BestOf(2), BestOf(2, by="x")], "lam": 1},
            ValueError,
            "^rule at t = 1: by must name a score of the law",
        ),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        CurationLoop(LAW, **{"K": 2, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"lam": [1, 2]},
            ValueError,
            "^lam must have one entry for each step, 3 of them, as steps",
        ),
        ({"lam": lambda t: 1 - t}, ValueError, r"^lam at t = 2 must be .*; got -1$"),
        ({"lam": lambda t: None}, TypeError, r"^lam at t = 0 must be a number"),
        ({"lam": 1, "retained": lambda t: t}, ValueError, "^retained at t = 2 must be .*; got 2$"),
        ({"K": None, "rule": [BestOf(2)] * 4, "lam": 1}, ValueError, "^rule must have .*; got 4$"),
        (
            {"K": None, "rule": lambda t: BestOf, "lam": 1},
            TypeError,
            r"^rule at t = 0 must be a rule, .*: write BestOf\(…\)$",
        ),
    ],
)
def test_bad_entries_of_a_run(arguments, error, message):
    loop = CurationLoop(LAW, **{"K": 2, **arguments})
    with pytest.raises(error, match=message):
        loop.run(steps=3)


@pytest.mark.parametrize(("real", "per_round"), [(0, 1), (1, 0), (1, math.inf), (-1, 1)])
def test_bad_numbers_of_samples(real, per_round):
    with pytest.raises(ValueError, match=r"^(real|per_round) must be "):
        Accumulate(real, per_round)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"lam": 1.0, "retained": 0.25}, "retained=0.25"),
        ({"lam": [1, 2]}, r"lam=\[1, 2\]"),
        ({"lam": named}, "lam=named"),
        ({"training": Accumulate()}, r"training=Accumulate\(real=1.0, per_round=1.0\)"),
    ],
)
def test_what_knows_only_K_refuses_more(arguments, found):
    loop = CurationLoop(LAW, K=4, **arguments)
    run = loop.run(steps=2)
    uses = [
        lambda: loop.K,
        lambda: loop.compressed(horizon=5),
        lambda: guarantees(loop, run),
        lambda: finite_sample_error(loop, 2, Sizes(10, 10, 10, None)),
    ]
    if "retained" not in arguments:
        uses += [lambda: loop.lam, lambda: loop.real_fraction]
    for use in uses:
        with pytest.raises(
            ValueError, match=rf"^loop must be CurationLoop.*; got one with {found}:"
        ):
            use()
    with pytest.raises(ValueError, match=r"^compress must be None or False .* of more than K=…"):
        loop.run(steps=2, compress=True)

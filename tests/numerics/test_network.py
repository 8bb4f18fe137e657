"""Networks of models: against exact rationals, the loops that they are made of, and bounds."""

import math
import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import Accumulate, CurationLoop, Network, RewardLaw
from recurate.numerics.loop import STATE_ERROR
from recurate.rules import Accept, BestOf, BradleyTerry, RandomChoice, TopShare, Voters

from .oracles import logs, worst
from .rules.exact_rules import ExactLaw, random_rule
from .rules.test_loops import FIGURES, LAW
from .rules.test_schedules import REAL, RETAINED, law_of

STEPS = 3


def random_models(rng, number):
    """Laws of the same atoms and groups, with rewards, scores and, often, masses of their own."""
    first = ExactLaw.random(rng)
    n, models = len(first.probs), [first]
    has_own_masses = rng.integers(2)
    for _ in range(number - 1):
        masses = [int(m) for m in rng.integers(0, 3, n)]
        masses[int(rng.integers(n))] += 1
        probs = [Fraction(m, sum(masses)) for m in masses]
        models.append(
            replace(
                first,
                weights=rng.integers(1, 4, n).tolist(),
                other=rng.integers(1, 5, n).tolist(),
                probs=probs if has_own_masses else first.probs,
            )
        )
    return models


def random_shares(rng, number):
    """Rows of shares in rationals, some of them zero."""
    rows = []
    for _ in range(number):
        counts = rng.integers(0, 3, number)
        counts[int(rng.integers(number))] += 1
        rows.append([Fraction(int(c), int(counts.sum())) for c in counts])
    return rows


def floats(rows):
    return [[float(x) for x in row] for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_networks_are_their_definition(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        number = int(rng.integers(1, 4))
        models = random_models(rng, number)
        rules, exact = zip(*(random_rule(rng, of) for of in models), strict=True)
        real, kept = ([rng.choice(values) for _ in models] for values in (REAL, RETAINED))
        matrices = [random_shares(rng, number) for _ in range(STEPS)]
        starts = [of.probs for of in models]
        if is_given := rng.integers(2):
            starts[-1] = starts[0]
        states = [starts]
        for shares in matrices:
            before, following = states[-1], []
            curated = [
                [p * h for p, h in zip(p_i, rule(p_i), strict=True)]
                for p_i, rule in zip(before, exact, strict=True)
            ]
            for j, (m, e) in enumerate(zip(real, kept, strict=True)):
                mixed = [sum(c * q for c, q in zip(shares[j], column, strict=True)) for column in
                         zip(*curated, strict=True)]  # fmt: skip
                rows = zip(models[j].probs, before[j], mixed, strict=True)
                following.append([m * q + (1 - m) * (e * p + (1 - e) * new) for q, p, new in rows])
            states.append(following)
        loops = [
            CurationLoop(law_of(of), rule=rule, lam=float((1 - m) / m) if m else math.inf,
                         retained=float(e))
            for of, rule, m, e in zip(models, rules, real, kept, strict=True)
        ]  # fmt: skip
        network = Network(loops, list(map(floats, matrices)))
        initial = [[float(p) for p in start] for start in starts] if is_given else None
        runs = network.run(steps=STEPS, initial=initial)
        by_function = Network(loops, lambda t, given=matrices: floats(given[t]))
        again = by_function.run(steps=STEPS, initial=initial)
        assert len(runs) == number
        for j, (run, other) in enumerate(zip(runs, again, strict=True)):
            assert run.law is loops[j].law
            for t in range(STEPS + 1):
                exact_state = states[t][j]
                probs = np.array([float(p) for p in exact_state])
                assert np.abs(run.probs(t) - probs).max() <= 1e-13, (rules, models)
                if "TopShare" not in repr(rules):
                    found = worst(run.log_probs(t), logs(exact_state))
                    assert found <= STATE_ERROR * max(t, 1), (rules, models)
                np.testing.assert_array_equal(run.log_probs(t), other.log_probs(t))
                assert run.expected_reward[t] == pytest.approx(
                    probs @ loops[j].law.rewards, abs=1e-12
                )
                has_new = any(
                    p and not q for p, q in zip(exact_state, models[j].probs, strict=True)
                )
                assert (run.kl_to_reference[t] == math.inf) == has_new


LOOPS = [
    CurationLoop(LAW, K=4, lam=1.0),
    CurationLoop(LAW, rule=BestOf(3, by="length"), lam=3.0, retained=0.25),
    CurationLoop(
        RewardLaw(-LAW.rewards, groups=list("ababc"), scores={"right": LAW.scores["right"]}),
        rule=Accept("right"),
        training=Accumulate(),
    ),
]


def test_by_themselves_models_run_as_their_loops_do():
    runs = Network(LOOPS, np.eye(3)).run(steps=6)
    # The second one feeds the first, and trains on nothing but its own.
    fed = Network(LOOPS, [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]).run(steps=6)
    for loop, run in [*zip(LOOPS, runs, strict=True), *zip(LOOPS[1:], fed[1:], strict=True)]:
        expected = loop.run(steps=6)
        for name in FIGURES:
            np.testing.assert_array_equal(getattr(run, name), getattr(expected, name))
        np.testing.assert_array_equal(run.log_probs(6), expected.log_probs(6))
    assert np.abs(fed[0].probs(6) - runs[0].probs(6)).max() > 0.01


def test_exchanges_that_are_the_identity_to_a_hair_run_together():
    # Not by themselves, so on the levels of all, yet as good as by themselves.
    hair = np.eye(3) + 1e-15 * (np.ones((3, 3)) - 3 * np.eye(3))
    runs = Network(LOOPS, hair).run(steps=6)
    for loop, run in zip(LOOPS, runs, strict=True):
        expected = loop.run(steps=6)
        assert run._levels.rewards.size == 5 > len(set(LAW.rewards))
        np.testing.assert_allclose(run.probs(6), expected.probs(6), rtol=0, atol=1e-13)


@pytest.mark.parametrize("rule", [BradleyTerry(3), BestOf(4), Voters([(1, TopShare(0.4))])])
def test_equal_models_exchange_nothing_new(rule):
    loop = CurationLoop(LAW, rule=rule, lam=2.0, retained=0.1)
    expected = loop.run(steps=7)
    for run in Network([loop, loop], [[0.3, 0.7], [1.0, 0.0]]).run(steps=7):
        assert run._levels.rewards.size == 3  # the distinct rewards
        np.testing.assert_allclose(run.probs(7), expected.probs(7), rtol=1e-13)


def test_a_model_may_train_on_another_one_alone():
    # T(p) of the leader is the whole training set of both.
    leader = CurationLoop(LAW, rule=BestOf(2), lam=math.inf)
    follower = CurationLoop(LAW, rule=RandomChoice(), lam=math.inf)
    first, second = Network([leader, follower], [[1, 0], [1, 0]]).run(steps=4)
    np.testing.assert_allclose(second.probs(4), first.probs(4), rtol=1e-14)


def test_a_density_that_all_share():
    law = RewardLaw.from_density(lambda r: 2 * r, support=(0, 1))
    loops = [CurationLoop(law, K=4, lam=1.0), CurationLoop(law, K=2, lam=1.0)]
    runs = Network(loops, [[0.5, 0.5], [0.5, 0.5]]).run(steps=5)
    expected = Voters([(0.5, BradleyTerry(4)), (0.5, BradleyTerry(2))])
    # Models that train on one half of each always agree, so they are one model with two voters.
    alone = CurationLoop(law, rule=expected, lam=1.0).run(steps=5)
    for run in runs:
        np.testing.assert_allclose(run.expected_reward, alone.expected_reward, rtol=1e-12)


@pytest.mark.parametrize("has_own", [False, True])
def test_within_prompts_networks_are_those_of_each_prompt(has_own):
    rng = np.random.default_rng(3)
    n, prompts = 14, [*"aabbbccccddddd"]
    order = rng.permutation(n)
    prompts = [prompts[i] for i in order]
    loops, starts = [], []
    for number in range(3):
        probs = rng.dirichlet(np.ones(n)) if has_own or not loops else loops[0].law.probs
        if has_own and number == 1:  # what only others have
            probs = np.where(np.arange(n) == prompts.index("d"), 0.0, probs)
            probs /= probs.sum()
        law = RewardLaw(
            rng.normal(size=n),
            probs,
            groups=[0, 1] * 7,
            prompts=prompts,
            scores={"right": rng.random(n)},
        )
        rule = [BestOf(2), Accept("right"), BradleyTerry(3, by="right")][number]
        loops.append(CurationLoop(law, rule=rule, lam=[1.0, math.inf, 2.0][number], retained=0.1))
        given = rng.random(n) * law.probs
        masses = np.array([given[np.array(prompts) == z].sum() for z in prompts])
        starts.append(given / masses * law.prompt_probs[law.prompt_of_atoms])
    exchange = [rng.dirichlet(np.ones(3), 3) for _ in range(4)]
    for initial in (None, starts):
        runs = Network(loops, exchange).run(steps=4, initial=initial)
        for z in set(prompts):
            rows = np.flatnonzero(np.array(prompts) == z)
            alone = Network([loop.on(loop.law.prompt(z)) for loop in loops], exchange)
            of_z = None if initial is None else [p[rows] / p[rows].sum() for p in initial]
            for run, expected in zip(runs, alone.run(steps=4, initial=of_z), strict=True):
                given_z = run.probs(4)[rows] / run.probs(0)[rows].sum()
                np.testing.assert_allclose(given_z, expected.probs(4), rtol=1e-12, atol=1e-15)
                at = run.law.prompt_names.index(z)
                for name in ("expected_reward", "kl_to_reference"):
                    found = getattr(run.by_prompt, name)[:, at]
                    np.testing.assert_allclose(found, getattr(expected, name), atol=1e-12)


def test_a_network_keeps_all_prompts():
    law = RewardLaw([0.0, 1.0] * 2, prompts="aabb", scores={"right": [0, 0, 1, 0]})
    loops = [CurationLoop(law, rule=Accept("right", none="drop"), lam=1.0)] * 2
    with pytest.raises(ValueError, match=r"^a network keeps all prompts; got rules that drop 1 of"):
        Network(loops, np.full((2, 2), 0.5)).run(steps=1)


def envelope(u, steps, real, K):
    """G_t(u) of `share-envelope` (I2)."""
    shares = [u]
    for _ in range(steps):
        shares.append(real * u + (1 - real) * shares[-1] ** K)
    return np.array(shares)


@given(st.integers(0, 2**32 - 1))
def test_shares_stay_within_the_envelope(seed):
    # I2: from p_ref, the same for all, with the least m and the largest K of the models.
    rng = np.random.default_rng(seed)
    n, number, steps = int(rng.integers(2, 7)), int(rng.integers(2, 5)), 5
    probs = rng.dirichlet(np.ones(n))
    groups = [0, 1, *rng.integers(0, 2, n - 2).tolist()]
    loops = []
    for _ in range(number):
        law = RewardLaw(rng.normal(0, 5, n), probs, groups)
        kind = [BradleyTerry, BestOf][int(rng.integers(2))]
        lam = [0.5, 2.0, math.inf][int(rng.integers(3))]
        rule = kind(int(rng.integers(1, 5)))
        loops.append(CurationLoop(law, rule=rule, lam=lam, retained=float(rng.integers(2)) / 2))
    exchange = [rng.dirichlet(np.ones(number), number) for _ in range(steps)]
    runs = Network(loops, exchange).run(steps=steps)
    real = min(loop.real_fraction for loop in loops)
    K = max(loop.rule.most_candidates for loop in loops)
    u = runs[0].group_proportions[0, 0]
    low, high = envelope(u, steps, real, K), 1 - envelope(1 - u, steps, real, K)
    for run in runs:
        share = run.group_proportions[:, 0]
        # Shares are right to 1e-12, and so are powers of what is at most one (K <= 4).
        assert (share >= low - 1e-12).all()
        assert (share <= high + 1e-12).all()


def test_the_envelope_is_attained_by_many_models():
    # All rank by rewards that agree on the better group: G_t(u) is its lower end, exactly.
    law = RewardLaw([0.0, 1.0], [0.3, 0.7], groups=["a", "b"])
    loops = [CurationLoop(law, rule=BestOf(3), lam=1.0)] * 3
    runs = Network(loops, np.full((3, 3), 1 / 3)).run(steps=6)
    for run in runs:
        np.testing.assert_allclose(
            run.group_proportions[:, 0], envelope(0.3, 6, 0.5, 3), rtol=1e-12
        )


def test_steps_are_told_once():
    told = []
    Network(LOOPS[:2], np.full((2, 2), 0.5)).run(steps=4, on_step=told.append)
    assert told == [1, 2, 3, 4]


def test_networks_print_as_code():
    law = RewardLaw([0.0, 1.0])
    loops = [CurationLoop(law, K=2, lam=1.0)] * 2
    for exchange in ([[1, 0], [0.5, 0.5]], [[[1, 0], [0, 1]]] * 2):
        network = Network(loops, exchange)
        assert repr(eval(repr(network))) == repr(network)


@pytest.mark.parametrize(
    ("loops", "exchange", "error", "message"),
    [
        (LOOPS[0], [[1]], TypeError, "^loops must be a list of CurationLoop; got Cur"),
        ([], [[1]], ValueError, "^loops must be at least one CurationLoop; got none"),
        ([LOOPS[0], LAW], np.eye(2), TypeError, r"^loops\[1\] must be a CurationLoop; got <?Rew"),
        (LOOPS[:2], np.eye(3), ValueError, r"^exchange must have a row and a column for each of 2"),
        (LOOPS[:2], [[1, 0], [0.5, 0.4]], ValueError, r"got a sum of 0.9 in row 1$"),
        (LOOPS[:2], [[1, 1], [0, 0]], ValueError, r"in row 0: its columns do, so give its transp"),
        (LOOPS[:2], [[2, -1], [0, 1]], ValueError, r"^exchange must be shares.* got -1 at \[0, 1"),
        (LOOPS[:2], [[math.nan, 1], [0, 1]], ValueError, r"^exchange must be shares.* got nan at"),
        (LOOPS[:2], [["a", "b"], ["c", "d"]], TypeError, "^exchange must be real numbers"),
        (LOOPS[:2], [np.eye(2), np.ones((2, 2))], ValueError, "^exchange at t = 1 must have rows"),
        (LOOPS[:2], [[1, 0], [1]], ValueError, r"^exchange must have 2 rows of 2 shares each; got"),
        (LOOPS[:2], np.ma.masked_equal(np.eye(2), 0), ValueError, "^exchange must not have masked"),
        (LOOPS[:2], 0.5, ValueError, r"^exchange must have a row .*; got shape \(\)$"),
    ],
)
def test_bad_arguments(loops, exchange, error, message):
    with pytest.raises(error, match=message):
        Network(loops, exchange)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (RewardLaw([0.0, 1.0]), "got 5 atoms in loops[0] and 2 in loops[1]"),
        (RewardLaw(np.zeros(5)), "those of loops[1] are not those of loops[0]"),
        (RewardLaw(np.zeros(5), groups=list("abcab")), "those of loops[1] are not those of loops"),
        (RewardLaw.from_density(lambda r: 2 * r, support=(0, 1)), "if it has a density"),
        (
            RewardLaw(np.zeros(5), groups=list("ababc"), prompts=list("aabbb")),
            "so the prompts of their atoms must be the same",
        ),
    ],
)
def test_laws_of_other_atoms(law, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Network([CurationLoop(LAW, K=2, lam=1.0), CurationLoop(law, K=2, lam=1.0)], np.eye(2))


def test_bad_arguments_of_a_run():
    network = Network(LOOPS[:2], [np.eye(2)] * 3)
    with pytest.raises(ValueError, match=r"^exchange must have one entry for each step, 2 of them"):
        network.run(steps=2)
    with pytest.raises(ValueError, match=r"^initial must have an entry for each of 2 loops"):
        network.run(steps=3, initial=[None])
    with pytest.raises(ValueError, match=r"^initial\[1\] must "):
        network.run(steps=3, initial=[None, [1.0]])
    with pytest.raises(ValueError, match=r"^exchange at t = 1 must have rows that sum to 1"):
        Network(LOOPS[:2], lambda t: np.eye(2) * (1 - t)).run(steps=3)
    network = Network([LOOPS[0], CurationLoop(LAW, K=2, lam=[1.0, 2.0])], np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match=r"^lam must have one entry for each step, 3 of them"):
        network.run(steps=3)

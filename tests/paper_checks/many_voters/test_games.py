"""What two candidates and three make of majorities: numbers of the statements' remarks."""

import math
import random
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, PairwisePreference, Voters
from recurate.paper_checks.runs.ruled import choosing
from recurate.paper_checks.runs.ruled.games import (
    advantages,
    balanced,
    circle,
    condorcet_winner,
    game_instances,
    is_balance,
    uniform,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import EngineRuledRun, ExactRuledRun
from recurate.paper_checks.runs.written import fractions

CIRCLE = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.0, 2.0]])
START = [0.3, 0.36, 0.34]


def voters(rewards, K, shares=None):
    """A law with a score for each voter, and the rule of voters of these shares."""
    names = [f"voter {u}" for u in range(len(rewards))]
    shares = [1 / len(rewards)] * len(rewards) if shares is None else shares
    rule = Voters(
        tuple((share, BradleyTerry(K, by=n)) for share, n in zip(shares, names, strict=True))
    )
    return dict(zip(names, rewards, strict=True)), rule


def loop_of(rewards, K, probs, **given):
    scores, rule = voters(rewards, K)
    return CurationLoop(RewardLaw([0.0] * len(probs), probs, scores=scores), rule=rule, **given)


def advantage(rewards):
    """A of voters of equal shares, one a row."""
    return np.tanh((rewards[:, :, None] - rewards[:, None, :]) / 2).mean(0)


def game_of(rewards, probs, lam):
    rule = PairwisePreference((1 + advantage(rewards)) / 2)
    return CurationLoop(RewardLaw([0.0] * len(probs), probs), rule=rule, lam=lam)


def divergence(run, t):
    """KL(q‖p_t) of the uniform law q, from log-probabilities."""
    log_probs = run.log_probs(t)
    return -math.log(log_probs.size) - log_probs.mean()


def test_a_circle_leaves_its_balance_for_two_candidates():
    run = game_of(CIRCLE, START, math.inf).run(steps=4000)
    # From the formula p (1 + A p), A by hand, iterated in mpmath with 50 digits.
    for t, expected in ((0, 0.0029), (1000, 0.0076), (2000, 0.0200), (4000, 0.1296)):
        assert round(divergence(run, t), 4) == expected


def test_a_circle_comes_home_for_three_candidates():
    run = loop_of(CIRCLE, 3, START, lam=math.inf).run(steps=300)
    falls = np.diff([divergence(run, t) for t in range(100)])
    assert (falls < 0).all()
    assert np.abs(np.exp(run.log_probs(300)) - 1 / 3).max() < 1e-6


def turning(rewards):
    """The largest modulus of an eigenvalue of diag(q) A, q uniform, for voters of equal shares."""
    return abs(np.linalg.eigvals(advantage(rewards) / len(rewards[0]))).max()


def test_how_little_real_data_ends_a_circle():
    # The largest λ with a √(1+ω²) < 1, which is 1/(√(1+ω²) - 1).
    assert 1 / (math.hypot(1, turning(CIRCLE)) - 1) == pytest.approx(2041.9, abs=0.05)
    steps = 4000
    for lam, settles in ((2000.0, True), (2100.0, False)):
        run = game_of(CIRCLE, [1 / 3] * 3, lam).run(steps=steps, initial=[0.33, 0.335, 0.335])
        # Near q the divergence changes by the square of the step's modulus.
        rate = (lam / (1 + lam)) ** 2 * (1 + turning(CIRCLE) ** 2)
        assert (rate < 1) == settles
        assert (divergence(run, steps) < divergence(run, 0)) == settles
        grown = divergence(run, steps) / divergence(run, 0)
        assert math.log(grown) == pytest.approx(steps * math.log(rate), rel=0.05)


def test_a_compromise_takes_all_from_two_candidates_and_nothing_from_three():
    rewards = np.array([[5.0, 0.0, 3.0], [0.0, 5.0, 3.0]])
    for K, expected in ((2, [0, 0, 1]), (3, [0.5, 0.5, 0])):
        run = loop_of(rewards, K, [0.3, 0.3, 0.4], lam=math.inf).run(steps=600)
        assert np.abs(np.exp(run.log_probs(600)) - expected).max() < 1e-6


def test_rock_paper_scissors_by_hand():
    # A p for p = (1/5, 2/5, 2/5): paper beats rock, scissors beat paper, rock beats scissors.
    rule = PairwisePreference([[0.5, 0, 1], [1, 0.5, 0], [0, 1, 0.5]])
    loop = CurationLoop(RewardLaw([0.0] * 3, [0.2, 0.4, 0.4]), rule=rule, lam=math.inf)
    matrix = advantages(EngineRuledRun(loop, 1))
    assert [[int(float(a.mid())) for a in row] for row in matrix] == [
        [0, -1, 1],
        [1, 0, -1],
        [-1, 1, 0],
    ]


def test_matrices_of_engine_and_instances_agree():
    weights = (fractions("1 2 8"), fractions("3 1 1"))
    exact = ExactRuledRun(
        RuledInstance(
            uniform(3),
            choosing.Electorate(
                fractions("1/4 3/4"), tuple(choosing.BradleyTerry(2, w) for w in weights)
            ),
        )
    )
    scores, rule = voters([[math.log(float(w)) for w in own] for own in weights], 2, [0.25, 0.75])
    loop = CurationLoop(RewardLaw([0.0] * 3, scores=scores), rule=rule, lam=math.inf)
    for row, other in zip(advantages(exact), advantages(EngineRuledRun(loop, 1)), strict=True):
        assert [float(a) for a in row] == pytest.approx([float(a.mid()) for a in other], abs=1e-15)


def test_drawn_games_are_of_all_kinds():
    runs = list(map(ExactRuledRun, islice(game_instances(0), 200)))
    matrices = [(advantages(run), run.instance) for run in runs if run.size > 1]
    assert all(
        m[x][y] == -m[y][x] for m, i in matrices for x in range(i.size) for y in range(i.size)
    )
    with_winner = [i for m, i in matrices if condorcet_winner(m, i.reference)]
    with_balance = [i for m, i in matrices if is_balance(m, i.second)]
    moving = [i for m, i in matrices if is_balance(m, i.second) and any(map(any, m))]
    assert min(len(with_winner), len(with_balance), len(moving)) >= 20
    assert any(0 in i.second for i in moving)


def test_an_answer_that_one_other_beats_is_no_winner():
    half = Fraction(1, 2)
    matrix = [[0, half, half], [-half, 0, half], [-half, -half, 0]]
    assert condorcet_winner(matrix, list(uniform(3))) == (0, half)
    # Without it in the race the second one wins.
    assert condorcet_winner(matrix, list(fractions("0 1/2 1/2"))) == (1, half)
    matrix[0][2], matrix[2][0] = -half, half
    assert condorcet_winner(matrix, list(uniform(3))) is None


def test_a_circle_moves_on_by_one():
    weights = circle(3, fractions("4 2 1")).choosers
    assert [w.weights for w in weights] == [
        fractions("4 2 1"),
        fractions("1 4 2"),
        fractions("2 1 4"),
    ]


def test_balances_are_balances():
    for seed in range(20):
        law = fractions("1/2 1/3 1/12 1/12")
        run = ExactRuledRun(RuledInstance(law, balanced(random.Random(seed), law)))
        assert is_balance(advantages(run), law)
        assert any(map(any, advantages(run)))

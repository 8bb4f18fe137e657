"""The step at the balance of voters in a circle: its eigenvalues, three answers and ten."""

import cmath
import itertools
import math
import random
from fractions import Fraction
from itertools import islice

import flint
import numpy as np
import pytest

from recurate.paper_checks.conjectures.cyclic_voters_settle import (
    TEN_ANSWERS,
    TEN_WEIGHTS,
    check,
)
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.circles import circle_instances
from recurate.paper_checks.runs.ruled.games import circle, uniform
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import CertifiedRuledRun, ExactRuledRun
from recurate.paper_checks.runs.written import fractions

STEP = Fraction(1, 10**8)


def derivative(rule, law):
    """T's derivative at a law along each [x = y] - [x = 0], y > 0, by central differences.

    In rationals, so it is off by STEP² or so.
    """
    columns = []
    for y in range(1, len(law)):
        ahead, behind = (
            rule.curated([p + sign * STEP * ((x == y) - (x == 0)) for x, p in enumerate(law)])
            for sign in (1, -1)
        )
        columns.append([float((a - b) / (2 * STEP)) for a, b in zip(ahead, behind, strict=True)])
    return np.array(columns).T


def eigenvalue(weights, K):
    """The eigenvalue of a circle of three at its balance, for χ(x) = e^{2πix/3}."""
    chi = np.exp(2j * np.pi * np.arange(3) / 3)
    turned = derivative(circle(K, weights), list(uniform(3))) @ chi[1:]
    assert np.abs(turned - turned[0] * chi).max() < 1e-10  # it is an eigenvector
    return turned[0]


def drawn(seed):
    source = random.Random(seed)
    spread = source.choice((20, 1000, 10**6))
    return tuple(Fraction(source.randint(1, spread)) for _ in range(3))


@pytest.mark.parametrize("K", [3, 4, 5])
def test_three_in_a_circle_are_attracted(K):
    for seed in range(25):
        weights = drawn(f"{K} {seed}")
        if len(set(weights)) > 1:
            lack = 1 - eigenvalue(weights, K)
            # (i), (ii), and what follows: docs/mathematics.md, cyclic-voters-settle
            assert 0 < lack.real < 1
            assert K > 3 or lack.real <= 1 / 4
            assert abs(lack.imag) < math.sqrt(3) * lack.real + 1e-10
            assert abs(1 - lack) < 1


def test_the_slope_is_approached_by_weights_far_apart():
    lack = 1 - eigenvalue(fractions("1000000 1000 1"), 3)
    assert abs(lack.imag) > 0.99 * math.sqrt(3) * lack.real


def test_circles_are_open_for_finitely_many_candidates():
    # K = inf is proved (pluralistic-objective), and K = 2 is the opposite (condorcet-cycle).
    for K, is_open in ((2, False), (3, True), (100, True), (math.inf, False)):
        run = CertifiedRuledRun(RuledInstance(uniform(3), circle(K, fractions("4 2 1"))))
        assert check.speaks_of(run) == is_open
    assert all(check.mutated(mutant).is_open is None for mutant in check.mutants)


def test_drawn_circles_are_near_the_balance_and_far_from_it():
    runs = [ExactRuledRun(i) for i in islice(circle_instances(0), 60)]
    spans = [max(run.law(0)) - min(run.law(0)) for run in runs]
    assert sum(span < Fraction(1, 100) for span in spans) >= 5
    assert sum(span > Fraction(1, 2) for span in spans) >= 10
    assert all(run.chosen_from(run.second, 0) == run.second for run in runs)


def test_two_candidates_drive_away():
    theta = eigenvalue(fractions("4 2 1"), 2)
    assert theta.real == pytest.approx(1, abs=1e-10)
    assert abs(theta) > 1


@pytest.mark.parametrize("K", [3, 4, 6])
def test_any_balance_has_its_eigenvalues_in_a_disc(K):
    """Voters of three kinds, whose shares make a law their balance."""
    found = 0
    for seed in range(30):
        source = random.Random(f"disc {K} {seed}")
        law = [Fraction(source.randint(1, 9)) for _ in range(3)]
        law = [p / sum(law) for p in law]
        kinds = [BradleyTerry(K, drawn(f"{seed} {u}")) for u in range(3)]
        ratios = [[t / p for t, p in zip(k.curated(law), law, strict=True)] for k in kinds]
        matrix = flint.fmpq_mat(
            3, 3, [flint.fmpq(*x.as_integer_ratio()) for r in ratios for x in r]
        )
        if matrix.det() == 0:
            continue
        shares = matrix.transpose().solve(flint.fmpq_mat(3, 1, [1, 1, 1]))
        shares = [Fraction(int(shares[u, 0].p), int(shares[u, 0].q)) for u in range(3)]
        if min(shares) < 0:
            continue
        found += 1
        rule = Electorate(tuple(shares), tuple(kinds))
        assert rule.curated(law) == law
        values = np.linalg.eigvals(derivative(rule, law)[1:])
        assert all(abs(value + 1 / (K - 2)) <= (K - 1) / (K - 2) + 1e-8 for value in values)
    assert found >= 3


def test_ten_in_a_circle_repel():
    """θ = 1 + (K(K-1)/n²) Σ_{x,y} E_z[w_x/(w_x+w_y+w_z)] χ(y - x) for K = 3, in balls."""
    weights, size = TEN_WEIGHTS, 10
    assert sorted(range(size), key=lambda x: weights[x]) == list(TEN_ANSWERS)
    by_turn = [Fraction(0)] * size
    for x, y, z in itertools.product(range(size), repeat=3):
        total = weights[x] + weights[y] + weights[z]
        by_turn[(y - x) % size] += weights[x] / total / size
    with flint.ctx.workprec(128):
        turns = [flint.acb(flint.arb(2 * d) / size).exp_pi_i() for d in range(size)]
        parts = [flint.arb(flint.fmpq(*p.as_integer_ratio())) for p in by_turn]
        theta = 1 + 6 * sum((p * c for p, c in zip(parts, turns, strict=True)), flint.acb(0)) / 100
        assert abs(theta) > flint.arb("1.00137")
    # The same by differences of T itself.
    chi = [cmath.exp(2j * math.pi * x / size) for x in range(size)]
    turned = derivative(circle(3, weights), list(uniform(size))) @ np.array(chi[1:])
    assert abs(turned[0] / chi[0]) == pytest.approx(float(abs(theta).mid()), abs=1e-9)

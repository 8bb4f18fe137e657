"""Newton's method for finite K: its deficits, its accuracy against balls, and how often it needs H.

The oracle knows nothing of deficits: it refines p = m p_ref + a p H in 160 bits, with the ratio in
balls (`recurate.numerics.curation.balls`) and its derivative from differences at 1e-20.
"""

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

from recurate.numerics.curation import balls, transform
from recurate.numerics.curation.floats import CurationKernel, log_curation_ratio
from recurate.numerics.fixed_points import newton
from recurate.numerics.fixed_points.deficits import DeficitQuadrature
from recurate.numerics.fixed_points.mass_equation import Balance, balanced
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

from ..oracles import binomial, precise

BITS = 160
CANDIDATES = (2, 3, 4, 8, 16, 64, 10**3, 10**6)


def random_law(seed, largest=6):
    """Spans from 0.1 to 50, clusters included; masses down to 1e-12, often at the best reward."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, largest + 1))
    shape = rng.random(n) ** rng.choice([0.25, 1.0, 4.0])
    rewards = np.sort(10 ** rng.uniform(-1, math.log10(50)) * (shape - shape.min()) / np.ptp(shape))
    logs = rng.uniform(-12, 0, n) if rng.random() < 0.5 else np.zeros(n)
    if rng.random() < 0.5:
        logs[-1] = rng.uniform(-12, 0)
    probs = 10.0**logs
    return RewardLaw(rewards, probs / probs.sum())


def fraction(number):
    return flint.arb(flint.fmpq(*Fraction(number).as_integer_ratio()))


def refined(law, K, lam, start):
    """The error of `start` against the fixed point in 35 digits, and that point's residual."""
    weights = balls.weights_of(law.rewards.tolist(), bits=BITS)
    lam = Fraction(float(lam))
    with flint.ctx.workprec(BITS + 64):
        masses = [Fraction(float(q)) for q in law.probs]
        real = [fraction(q / sum(masses)) for q in masses]
        m = fraction(1 / (1 + lam))
        n, big = law.size, int(np.argmax(start))
        fuzz = flint.arb(0, flint.arb(2) ** -(BITS + 40))

        def residual(p):
            ratio = balls.curation_ratio(weights, [x * (1 + fuzz) for x in p], K, bits=BITS)
            return [
                (m * q + (1 - m) * x * h - x).mid() for x, q, h in zip(p, real, ratio, strict=True)
            ]

        def shifted(p, i, size):
            changed = list(p)
            changed[i] += size
            changed[big] -= size
            return changed

        total = sum(Fraction(float(x)) for x in start)
        p = [fraction(Fraction(float(x)) / total).mid() for x in start]
        p[big] = (1 - sum(x for i, x in enumerate(p) if i != big)).mid()
        free = [i for i in range(n) if i != big]
        for _ in range(3):
            here = residual(p)
            columns = []
            for i in free:
                size = (p[i] * flint.arb(10) ** -20).mid()
                there = residual(shifted(p, i, size))
                columns.append([((there[j] - here[j]) / size).mid() for j in free])
            matrix = flint.arb_mat(columns).transpose()
            step = matrix.solve(flint.arb_mat([[-here[j]] for j in free])).entries()
            for i, size in zip(free, step, strict=True):
                p = shifted(p, i, size.mid())
            p = [x.mid() for x in p]
        error = sum(abs(float(x - fraction(y))) for x, y in zip(p, start, strict=True)) / 2
        return error, sum(abs(float(x)) for x in residual(p)) / 2


@pytest.mark.parametrize("seed", range(16))
def test_it_agrees_with_a_refinement_in_balls(seed):
    rng = np.random.default_rng([7, seed])
    law, K = random_law(seed, largest=4), int(rng.choice(CANDIDATES))
    lam = 10.0 ** rng.uniform(-3, 6)
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    error, residual = refined(law, K, lam, found.probs)
    assert residual < 1e-28  # the oracle's own
    assert error < 1e-13
    if found.error_bound is not None:
        assert error <= found.error_bound


@pytest.mark.parametrize("seed", range(6))
def test_the_contraction_bounds_the_error(seed):
    rng = np.random.default_rng([8, seed])
    law, K = random_law(seed + 100, largest=4), int(rng.choice(CANDIDATES))
    mean = float((law.probs * law.relative_weights).sum())
    highest = (1 - (1 - mean) ** K) / mean
    lam = min(0.9 / (highest - 1), 100.0)
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    error, residual = refined(law, K, lam, found.probs)
    assert residual < 1e-28
    assert error <= found.error_bound < 1e-10


def test_the_grid_takes_few_evaluations():
    """The issue's grid, coarser: K, λ in decades, n to 200; at most 30 evaluations each."""
    worst, residual = 0, 0.0
    for seed in range(3):
        law = random_law(seed + 50, largest=200 if seed else 6)
        for K in CANDIDATES:
            for decade in range(-3, 7):
                found = CurationLoop(law, K=K, lam=10.0**decade).fixed_point()
                assert found.probs.sum() == pytest.approx(1.0, abs=1e-14)
                worst, residual = max(worst, found.evaluations), max(residual, found.residual)
    assert worst <= 30
    assert residual <= 1e-14


# Found by a search for laws that need many evaluations; each made an earlier method fail: cycling
# between two laws, stepping over the root, or taking 40 evaluations and more.
ADVERSARIAL = [
    (2, 1.1488516807317295, [0.0, 1.9432345274547873], [0.9991865335197392, 0.0008134664802607766]),
    (
        2,
        1.3922654846876166,
        [0.0, 0.8399589361146158, 3.981885899984047, 4.181382522789773],
        [4.5730226320176726e-08, 0.9771808687053234, 0.022818985106762908, 1.0045768734219477e-07],
    ),
    (
        13,
        0.12294493102843376,
        [0.0, 3.33584386, 15.02284997, 16.8374337],
        [8.46072147e-01, 3.02616609e-04, 1.53619982e-01, 5.254448510013e-06],
    ),
    (
        2991,
        1e6,
        [0.0, 0.7283706057799508, 1.8396865202223147, 2.1132073752387903],
        [1.0863174232493705e-12, 2.6469216279249413e-12, 1e-12, 0.9999999999952668],
    ),
    (2, 1e-3, [0.0, 30.0, 37.0], [0.9998, 1.5e-4, 5e-5]),
    (
        2,
        3.056057888504873,
        [0.0, 1.3020868, 2.3526359, 7.1754562, 7.3289187, 7.3795, 8.896018, 19.578159],
        [9e-12, 0.11784, 3.0039918e-04, 0.8795835, 2.2743624e-03, 1.4e-7, 1.87e-9, 1.596541e-06],
    ),
]


@pytest.mark.parametrize(("K", "lam", "rewards", "probs"), ADVERSARIAL)
def test_hard_cases_are_solved(K, lam, rewards, probs):
    law = RewardLaw(rewards, probs)
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    assert found.evaluations <= 30
    error, residual = refined(law, K, lam, found.probs)
    assert residual < 1e-28
    assert error < 1e-13


def quadrature_of(rewards, K):
    relative = np.asarray(rewards) - max(rewards)
    return DeficitQuadrature(relative, K, CurationKernel(relative, K).nodes)


@pytest.mark.parametrize("K", [2, 3, 30])
@pytest.mark.parametrize("gap", [1e-9, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("top", [1e-10, 0.5, 1 - 1e-10])
def test_a_deficit_keeps_its_digits(K, gap, top):
    # 60 digits: the binomial sum over the others.
    low, high = binomial([-gap, 0.0], K)([1 - precise.mpf(top), precise.mpf(top)])
    found = quadrature_of([-gap, 0.0], K).at(np.log([1 - top, top])).deficits
    assert found[0] == pytest.approx(float(1 - low / high), rel=1e-13, abs=0)
    assert found[1] == 0.0


def test_deficits_are_those_of_the_ratio():
    law = random_law(3, largest=200)
    for K in (2, 7, 10**6):
        log_ratio = log_curation_ratio(law.rewards, law.probs, K)
        found = quadrature_of(law.rewards, K).at(np.log(law.probs)).deficits
        assert found == pytest.approx(-np.expm1(log_ratio - log_ratio[-1]), abs=1e-13)


def law_of(deficits, balance, reference):
    masses = balance.masses(reference, deficits)
    return np.log(masses / masses.sum())


@pytest.mark.parametrize("by_nodes", [False, True])
def test_the_line_solves_its_own_linear_system(by_nodes):
    """Along the line the deficits are those of their own law, up to the square of a small move."""
    rng = np.random.default_rng(5)
    rewards, reference = np.sort(rng.random(7)) * 3, rng.dirichlet(np.ones(7))
    quadrature = quadrature_of(rewards, 5)
    if by_nodes:
        quadrature.line = lambda now, deficits, by_deficit, by_move: quadrature._line_by_nodes(
            now, np.log(np.maximum(now.deficits, 1e-300) / np.maximum(deficits, 1e-300)),
            by_deficit, by_move,
        )  # fmt: skip
    # Deficits that are nearly those of their own law, at some position.
    balance = Balance.at(0.3, 2.0)
    deficits = quadrature.gaps * 0.8
    for _ in range(60):
        deficits = quadrature.at(law_of(deficits, balance, reference)).deficits
    slopes = newton.law_slopes(balance, deficits)
    line = quadrature.line(quadrature.at(law_of(deficits, balance, reference)), deficits, *slopes)
    assert np.abs(line.offset).max() < 1e-13
    errors = []
    for move in (1e-2, 1e-3):
        moved = deficits * np.exp(line.slope * move)
        own = quadrature.at(law_of(moved, Balance.at(0.3 + move, 2.0), reference)).deficits
        errors.append(np.abs(np.log(own[:-1] / moved[:-1])).max())
    # Second order: a tenth of the move leaves a hundredth.
    assert errors[0] < 1e-4
    assert errors[1] < 0.02 * errors[0]
    # An offset leads from a wrong start to the right deficits, to second order.
    wrong = deficits * np.exp(1e-4 * rng.normal(size=7))
    now = quadrature.at(law_of(wrong, balance, reference))
    line = quadrature.line(now, wrong, *newton.law_slopes(balance, wrong))
    assert np.abs(np.log(wrong[:-1] / deficits[:-1]) + line.offset[:-1]).max() < 1e-7


def test_blocks_and_the_stored_matrix_agree(monkeypatch):
    law = random_law(3, largest=200)
    loop = CurationLoop(law, K=4, lam=2.0)
    stored = loop.fixed_point()
    monkeypatch.setattr(transform, "STORED_BYTES", 0)
    monkeypatch.setattr(transform, "BLOCK_BYTES", 2**14)
    rebuilt = loop.fixed_point()
    assert rebuilt.probs == pytest.approx(stored.probs, rel=1e-12)
    assert rebuilt.evaluations == stored.evaluations


def test_many_levels_are_solved_in_the_nodes():
    rewards = np.linspace(0.0, 6.0, 1500)
    loop = CurationLoop(RewardLaw(rewards), K=4, lam=0.3)
    found = loop.fixed_point()
    assert found.residual < 1e-14
    # The loop converges fast here: 200 steps.
    assert loop.run(steps=200).probs(200) == pytest.approx(found.probs, rel=1e-10)


@pytest.mark.parametrize("lam", [1e-100, 1e-3, 1.0, 1e6, 1e100])
@pytest.mark.parametrize("top", [1e-12, 0.3, 1 - 1e-12])
@pytest.mark.parametrize("gap", [1e-60, 0.4, 1 - 1e-12])
def test_the_scalar_equation_is_solved_to_the_last_digits(lam, top, gap):
    # Two levels: m (b/(x + (1 - x) δ) + q/x) = b + q is quadratic in the margin x.
    exact = mpmath.MPContext()
    exact.dps = 500
    mpf = exact.mpf
    reference, deficits = np.array([1 - top, top]), np.array([gap, 0.0])
    found = balanced(reference, deficits, lam)
    below, best, delta, rate = mpf(reference[0]), mpf(top), mpf(gap), mpf(lam)
    m = 1 / (1 + rate)
    square, constant = (below + best) * (1 - delta), -m * best * delta
    linear = (below + best) * delta - m * (below + best * (1 - delta))
    margin = (exact.sqrt(linear**2 - 4 * square * constant) - linear) / (2 * square)
    assert m * best / (below + best) / 2 < margin < m
    assert found.margin == pytest.approx(float(margin), rel=2e-14, abs=0)
    assert found.excess == pytest.approx(float((m - margin) / (rate * m)), rel=2e-14, abs=0)


def test_a_critical_law_with_a_negligible_best_level_is_solved():
    # a H_* = 1 at δ = 1/2, λ = 1: the margin is sqrt(q/2), by the quadratic equation, but below
    # 1e-16 the lower level's H - 1 is all rounding. The way there is 300 e-folds of slow decay.
    found = balanced(np.array([1.0, 1e-300]), np.array([0.5, 0.0]), 1.0)
    assert 0 < found.margin < 1e-15
    assert found.excess == pytest.approx(1.0, rel=1e-15)

"""Divergences against balls, exact rationals, 60 digits and each other.

A number given stands for itself, so the balls start from the same doubles as the function does: the
comparison has no error of its own, and holds the stated relative error.
"""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from recurate.numerics.curation import balls as certified
from recurate.numerics.laws import divergences
from recurate.numerics.laws.divergences import (
    DIVERGENCE_ERROR,
    chi_square,
    kullback_leibler,
    kullback_leibler_of_state,
    renyi,
    total_variation,
)
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

from ..oracles import mpf, normalised, precise

INF = math.inf
ORDERS = (1e-9, 1e-3, 0.3, 0.4999, 0.5, 0.9, 1 - 2**-53, 1 + 2**-52, 1.5, 1.9999, 2, 3.7, 30, 1e4)
UNDERFLOW = 1e-290
"""Below it doubles lose digits, and so do the results."""


def normal(log_masses):
    """Log-probabilities in doubles: normalised up to their rounding."""
    top = log_masses.max()
    return log_masses - (top + math.log(np.exp(log_masses - top).sum()))


def balls(log_masses, reference=None):
    zero, one = flint.arb(0), flint.arb(1)
    measure = [one] * len(log_masses) if reference is None else map(flint.arb, reference.tolist())
    masses = [
        b * flint.arb(x).exp() if x > -INF else zero
        for x, b in zip(np.asarray(log_masses).tolist(), measure, strict=True)
    ]
    total = sum(masses, zero)
    return [x / total for x in masses]


def definitions(p, q, orders=()):
    """The divergences of two laws of balls, as they are defined."""
    both = [(x, y) for x, y in zip(p, q, strict=True) if not x.is_zero() and not y.is_zero()]
    outside = any(y.is_zero() and not x.is_zero() for x, y in zip(p, q, strict=True))
    zero = flint.arb(0)
    found = {"tv": sum((abs(x - y) for x, y in zip(p, q, strict=True)), zero) / 2}
    if not outside:
        found["kl"] = sum((x * (x / y).log() for x, y in both), zero)
        lost = sum((y for x, y in zip(p, q, strict=True) if x.is_zero()), zero)
        found["chi"] = sum(((x - y) * (x - y) / y for x, y in both), lost)
    for order in orders:
        if order < 1 or not outside:
            a = flint.arb(order)
            terms = ((a * x.log() + (1 - a) * y.log()).exp() for x, y in both)
            found[order] = sum(terms, zero).log() / (a - 1)
    return found


def computed(log_p, reference=None, *, log_q=None, orders=()):
    laws = {"log_p": log_p, "reference": reference, "log_q": log_q}
    return {
        "kl": kullback_leibler(**laws),
        "tv": total_variation(**laws),
        "chi": chi_square(**laws),
    } | {order: renyi(**laws, order=order) for order in orders}


def hold_against_balls(log_p, reference=None, *, log_q=None, orders=ORDERS, bits=700):
    """Compare all divergences with balls; return them."""
    found = computed(log_p, reference, log_q=log_q, orders=orders)
    second = np.zeros(len(log_p)) if log_q is None else log_q
    with flint.ctx.workprec(bits):
        p, q = balls(log_p, reference), balls(second, reference)
        expected = definitions(p, q, orders)
        largest = max(abs(float(x.log())) for x in (*p, *q) if not x.is_zero())
        for name, ball in expected.items():
            value = found[name]
            if abs(ball) < UNDERFLOW:
                assert 0 <= value < UNDERFLOW, name
            elif ball > np.finfo(float).max:
                assert name == "chi"
                assert value == INF
            else:
                assert ball.rel_accuracy_bits() > 80, name  # the balls can tell
                error = abs(float(flint.arb(value) / ball - 1))
                assert error <= DIVERGENCE_ERROR * max(1, largest), (name, value, ball)
    return found


def random_law(rng, size):
    return normal(np.log(rng.dirichlet(np.full(size, 0.5)) + 1e-12))


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.4, 1.0, 3.0, 20.0])
@pytest.mark.parametrize("seed", range(4))
def test_against_balls(seed, scale):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    log_q = random_law(rng, size)
    log_p = normal(log_q + scale * rng.normal(size=size))
    hold_against_balls(log_p, log_q=log_q)
    # A density with respect to probabilities, and two with respect to a measure that is not a law.
    reference = rng.dirichlet(np.ones(size))
    density = scale * rng.normal(size=size)
    density -= math.log((reference * np.exp(density)).sum())
    hold_against_balls(density, reference)
    hold_against_balls(log_p + 1.0, np.full(size, math.exp(-1.0)), log_q=log_q + 1.0)


@pytest.mark.parametrize("seed", range(8))
def test_atoms_of_very_different_ratios(seed):
    # Some atoms agree to 1e-14 and others differ by e^30: neighbours need different formulas.
    rng = np.random.default_rng(100 + seed)
    size = 12
    log_q = random_law(rng, size)
    shifts = 10 ** rng.uniform(-14, 1.5, size) * rng.choice([-1, 1], size)
    orders = [*10 ** rng.uniform(-3, 4, 8), *(1 + 10 ** rng.uniform(-15, -1, 4))]
    hold_against_balls(normal(log_q + shifts), log_q=log_q, orders=[float(a) for a in orders])


@pytest.mark.parametrize("span", [300, 700, 3000, 9000])
@pytest.mark.parametrize("seed", range(4))
def test_wide_spans(seed, span):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    log_q = normal(-span * rng.random(size))
    hold_against_balls(normal(-span * rng.random(size)), log_q=log_q, bits=2000)
    hold_against_balls(normal(log_q + 1e-3 * rng.normal(size=size)), log_q=log_q, bits=2000)


@pytest.mark.parametrize("scale", [0.3, 1e-10])
def test_an_atom_of_probability_1e_300(scale):
    rng = np.random.default_rng(1)
    log_q = np.log([0.25, 0.75, 1e-300])
    found = hold_against_balls(normal(log_q + scale * rng.normal(size=3)), log_q=log_q)
    assert found["kl"] > 0
    # The whole chi-square comes from that atom: (1e-100)^2 / 1e-300.
    assert chi_square([0.0, math.log(1e-100)], log_q=[0.0, math.log(1e-300)]) == pytest.approx(
        1e100, rel=2e-13
    )


@pytest.mark.parametrize("size", [2, 5, 1000])
def test_a_divergence_of_1e_24(size):
    rng = np.random.default_rng(size)
    log_q = random_law(rng, size)
    log_p = normal(log_q + 1e-12 * rng.normal(size=size))
    found = hold_against_balls(log_p, log_q=log_q, orders=(0.5, 2.0))
    assert 1e-26 < found["kl"] < 1e-23
    assert abs(found["kl"] / found["chi"] - 0.5) < 1e-10


def test_differences_below_the_error_of_the_masses():
    # The laws' atoms differ by 1e-35 and their total masses by 1e-26, then by 1e-10.
    log_q = np.array([0.0, -80.0, -81.0])
    for mass in (1e-26, 1e-10):
        log_p = np.array([mass, -80.0 + mass + 1e-3, -81.0 + mass])
        found = hold_against_balls(log_p, log_q=log_q)
        assert 1e-39 < found["tv"] < 1e-37


@pytest.mark.parametrize("seed", range(6))
def test_atoms_without_mass(seed):
    rng = np.random.default_rng(seed)
    log_q, log_p = random_law(rng, 6), random_law(rng, 6)
    log_p[rng.integers(6)] = -INF
    if seed % 2:
        log_q[rng.integers(6)] = -INF
    hold_against_balls(normal(log_p), log_q=normal(log_q))
    # Atoms of little mass, between laws that nearly agree.
    log_q = normal(np.append(log_q, -46.0))
    log_p = np.append(log_q[:-1] * (1 + 1e-13), -INF)
    hold_against_balls(normal(log_p), log_q=log_q)
    hold_against_balls(log_q, log_q=normal(log_p))


@pytest.mark.parametrize("seed", range(6))
def test_against_exact_rationals(seed):
    # The logarithms given are rounded by 1e-16 |log|, which moves p/q as much: 50 times the stated
    # error, for laws that differ by a tenth or more, covers it.
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(1, 1000, 7).tolist() for _ in range(2))
    p = [Fraction(x, sum(a)) for x in a]
    q = [Fraction(x, sum(b)) for x in b]
    log_p, log_q = (
        [float(precise.log(mpf(x.numerator) / x.denominator)) for x in y] for y in (p, q)
    )
    pairs = list(zip(p, q, strict=True))
    close = {"rel": 50 * DIVERGENCE_ERROR}
    variation = sum(abs(x - y) for x, y in pairs) / 2
    assert variation > Fraction(1, 10)
    assert total_variation(log_p, log_q=log_q) == pytest.approx(float(variation), **close)
    chi = sum((x - y) ** 2 / y for x, y in pairs)
    assert chi_square(log_p, log_q=log_q) == pytest.approx(float(chi), **close)
    cube = sum(x**3 / y**2 for x, y in pairs)
    assert renyi(log_p, log_q=log_q, order=3) == pytest.approx(math.log(cube) / 2, **close)
    entropy = float(certified.kullback_leibler(p, q, bits=256))
    assert kullback_leibler(log_p, log_q=log_q) == pytest.approx(entropy, **close)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e-3, 0.4, 0.5, 0.6, 3.0, 50.0])
@pytest.mark.parametrize("seed", range(4))
def test_kullback_leibler_against_its_definition_in_60_digits(seed, scale):
    # p is q tilted by a random vector, in 60 digits; the float densities are its roundings, whose
    # effect on KL = sum q phi(log p/q) is eps max|log p/q|^2 and more than covered.
    rng = np.random.default_rng(seed)
    q = normalised(rng.dirichlet(np.ones(6)))
    tilted = [
        x * precise.exp(mpf(float(scale * g))) for x, g in zip(q, rng.normal(size=6), strict=True)
    ]
    total = precise.fsum(tilted)
    log_density = [precise.log(x / total / y) for x, y in zip(tilted, q, strict=True)]
    expected = precise.fsum(x / total * d for x, d in zip(tilted, log_density, strict=True))
    found = kullback_leibler(np.array(log_density, dtype=float), np.array(q, dtype=float))
    assert abs(mpf(found) / expected - 1) < 1e-13 * max(1.0, scale)


def test_two_points():
    # Closed forms: p = (3/4, 1/4), q = (1/2, 1/2).
    found = computed(np.log([1.5, 0.5]), np.array([0.5, 0.5]), orders=(0.5, 2, 3, INF))
    assert found == pytest.approx(
        {
            "kl": 0.75 * math.log(1.5) + 0.25 * math.log(0.5),
            "tv": 0.25,
            "chi": 0.25,
            0.5: -2 * math.log(math.sqrt(0.375) + math.sqrt(0.125)),
            2: math.log(1.25),
            3: math.log(1.75) / 2,
            INF: math.log(1.5),
        },
        rel=1e-15,
    )


def test_an_atom_that_lost_its_mass():
    # Closed form: a point mass against q, -log q for each order.
    found = computed([math.log(4.0), -INF], [0.25, 0.75], orders=(1e-5, 0.5, 1, 2, 1e5, INF))
    expected = dict.fromkeys(found, math.log(4.0)) | {"tv": 0.75, "chi": 3.0}
    assert found == pytest.approx(expected, rel=1e-14)


def test_massless_atoms_of_the_reference_do_not_count():
    densities = np.array([math.log(1.5), 700.0, math.log(0.5), INF, -INF])
    reference = np.array([0.5, 0.0, 0.5, 0.0, 0.0])
    found = computed(densities, reference, orders=ORDERS)
    assert found == computed(densities[[0, 2]], np.array([0.5, 0.5]), orders=ORDERS)


@pytest.mark.parametrize("log_p", [[0.0], [-INF, 0.0], np.log([0.1, 0.2, 0.7]), [1e-10, -800.0]])
def test_equal_laws(log_p):
    found = computed(log_p, log_q=log_p, orders=(*ORDERS, 1, INF))
    assert all(value == 0.0 and math.copysign(1, value) == 1 for value in found.values())


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("seed", range(10))
def test_equal_laws_of_unequal_masses(seed, size):
    # Equal up to rounding at 1e-16 of log p/q = 1e-10 or so: zero, and not less.
    rng = np.random.default_rng(seed)
    log_q = random_law(rng, size) if size > 1 else np.zeros(1)
    mass = 1e-9 * rng.random()
    found = computed(log_q + mass, log_q=log_q, orders=(*ORDERS, INF))
    assert all(0 <= value < 2e-15 for value in found.values())


def test_a_mass_that_underflows_is_silent():
    # q φ(δ) with δ = -800 is q; with δ = 690 on q = 1e-300 it is p (δ - 1) + q.
    p = float(mpf(1e-300) * precise.exp(690))
    found = kullback_leibler(
        [690.0, -800.0, math.log1p(-p) - math.log(0.5)], np.array([1e-300, 0.5, 0.5])
    )
    assert found == pytest.approx(p * 690 + (1 - p) * math.log(2 * (1 - p)), rel=1e-12)


@pytest.mark.parametrize(
    ("log_p", "log_q", "infinite"),
    [
        # p has mass where q has none: all but what is bounded, and orders below one.
        ([math.log(0.5)] * 2, [0.0, -INF], {"kl", "chi", 1, 1 + 2**-52, 2, 1e300, INF}),
        # Mass so small that it underflows.
        ([0.0, -800.0], [0.0, -INF], {"kl", "chi", 1, 1 + 2**-52, 2, 1e300, INF}),
        # q has mass where p has none: nothing.
        ([0.0, -INF], [math.log(0.5)] * 2, set()),
        # No atom has mass of both: all that is unbounded.
        ([0.0, -INF], [-INF, 0.0], {"kl", "chi", 1e-300, 0.5, 1, 1 + 2**-52, 2, 1e300, INF}),
    ],
)
def test_infinite_where_it_belongs(log_p, log_q, infinite):
    found = computed(log_p, log_q=log_q, orders=(1e-300, 0.5, 1, 1 + 2**-52, 2, 1e300, INF))
    assert {name for name, value in found.items() if value == INF} == infinite
    assert all(0 <= value < INF for name, value in found.items() if name not in infinite)
    assert total_variation([0.0, -INF], log_q=[-INF, 0.0]) == 1.0


@pytest.mark.parametrize("scale", [1e-10, 1e-3, 0.3, 2.0, 30.0, 2000.0])
@pytest.mark.parametrize("seed", range(3))
def test_identities_and_inequalities(seed, scale):
    rng = np.random.default_rng(seed)
    log_q = random_law(rng, 7)
    log_p = normal(log_q + scale * rng.normal(size=7))
    close = {"rel": 20 * DIVERGENCE_ERROR * max(1, -log_p.min()), "abs": 0.0}

    def order(a, first=log_p, second=log_q):
        return renyi(first, log_q=second, order=a)

    kl, tv = kullback_leibler(log_p, log_q=log_q), total_variation(log_p, log_q=log_q)
    chi = chi_square(log_p, log_q=log_q)
    if chi < INF:
        assert order(2) == pytest.approx(math.log1p(chi), **close)
    assert total_variation(log_q, log_q=log_p) == pytest.approx(tv, rel=1e-14, abs=0.0)
    assert tv <= 1
    for a in (1e-12, 0.2, 0.5, 0.8):  # skew symmetry
        assert (1 - a) * order(a) == pytest.approx(a * order(1 - a, log_q, log_p), **close)
    # Limits: at one the derivative is half of a variance of log p/q; beyond, at most |log p|/α off.
    assert order(1) == kl
    for a in (1 - 1e-15, 1 + 1e-15):
        assert order(a) == pytest.approx(kl, rel=1e-11)
    assert order(INF) == pytest.approx((log_p - log_q).max(), rel=1e-5)
    assert order(1e300) == pytest.approx(order(INF), **close)
    # Nondecreasing in α, and α -> (1-α)/α D_α nonincreasing (van Erven and Harremoës, Prop. 2).
    alphas = np.concatenate([np.geomspace(1e-3, 100, 300), 1 + np.geomspace(1e-15, 0.1, 40)])
    values = np.array([order(float(a)) for a in np.sort(alphas)] + [order(INF)])
    slack = 1 - 10 * DIVERGENCE_ERROR * max(1, -log_p.min())
    assert (values[1:] >= slack * values[:-1]).all()
    # Pinsker for α = 1; for α < 1 with the factor α (Gilardoni 2010); Bretagnolle and Huber.
    assert kl >= 2 * tv**2 * slack
    assert order(0.3) >= 2 * 0.3 * tv**2 * slack
    assert tv**2 <= -math.expm1(-kl) / slack
    assert 4 * tv**2 <= chi / slack


def test_chi_square_beyond_doubles_has_a_logarithm():
    # p = (e^-1, 1 - e^-1), q = (e^-2000, ...): 1 + χ² is e^1998, to all digits.
    log_p = [-1.0, math.log1p(-math.exp(-1.0))]
    assert chi_square(log_p, log_q=[-2000.0, 0.0]) == INF
    assert renyi(log_p, log_q=[-2000.0, 0.0], order=2) == pytest.approx(1998.0, rel=1e-15)
    # Neither q nor p/q is a double, and their product is: e^-800 e^800 + 1 - 1.
    assert chi_square([-800.0, 0.0], log_q=[-1600.0, 0.0]) == pytest.approx(1.0, rel=1e-13)


def test_extreme_orders():
    log_p, log_q = np.log([0.75, 0.25]), np.log([0.5, 0.5])
    # As α → 0: α KL(q‖p), for equal supports; -log q(p > 0) otherwise.
    reverse = kullback_leibler(log_q, log_q=log_p)
    assert renyi(log_p, log_q=log_q, order=1e-300) == pytest.approx(1e-300 * reverse, rel=1e-14)
    assert renyi([0.0, -INF], log_q=log_q, order=5e-324) == pytest.approx(math.log(2), rel=1e-14)
    assert renyi(log_p, log_q=log_q, order=1.7e308) == pytest.approx(math.log(1.5), rel=1e-14)
    far_q = np.log([0.25, 0.75])  # where α log 3 is beyond a double
    assert renyi(log_p, log_q=far_q, order=1.7e308) == pytest.approx(math.log(3), rel=1e-14)
    assert renyi(log_p, log_q=log_q, order=Fraction(1, 2)) == renyi(log_p, log_q=log_q, order=0.5)


HALF = np.log([0.5, 0.5])


@pytest.mark.parametrize("function", [kullback_leibler, total_variation, chi_square])
@pytest.mark.parametrize(
    ("laws", "error", "message"),
    [
        ((HALF,), TypeError, "as reference or as log_q; got neither"),
        ((["0", "1"], [0.5, 0.5]), TypeError, "log_p must be real numbers"),
        (([None, 0.0], [0.5, 0.5]), TypeError, "log_p must be real numbers; got None"),
        ((HALF, ["a", "b"]), TypeError, "reference must be real numbers"),
        (([], []), ValueError, "log_p must have at least one entry"),
        (([[0.0], [0.0, 1.0]], [1.0]), ValueError, "log_p must be one-dimensional"),
        ((np.zeros((2, 2)), [1.0]), ValueError, r"one-dimensional; got an array of shape \(2, 2\)"),
        ((np.ma.masked_array(HALF, [0, 1]), [0.5, 0.5]), ValueError, "masked"),
        ((HALF, [1.0]), ValueError, r"one entry per atom of log_p \(2\); got 1"),
        (([0.0, math.nan], [0.5, 0.5]), ValueError, "log_p must be finite or -inf; got nan at pos"),
        (([0.0, INF], [0.5, 0.5]), ValueError, "finite or -inf; got inf at position 1"),
        ((np.zeros(2), [1.5, -0.5]), ValueError, "at least 0 .*; got -0.5 at position 1"),
        ((HALF, HALF), ValueError, r"log-probabilities of a second law go into log_q"),
        ((np.zeros(2), [0.5, math.nan]), ValueError, "reference must be finite"),
        (([0.0, 0.1], [0.5, 0.5]), ValueError, r"exp\(log_p\) \* reference must sum to 1 within"),
        (([0.0, 0.0], [0.5, 0.6]), ValueError, "must sum to 1 within 1e-09; got a sum of 1.1"),
        (([-INF, -INF], [0.5, 0.5]), ValueError, "got a sum of 0.0"),
        (([800.0, 0.0], [0.5, 0.5]), ValueError, "got a sum of inf"),
        (([0.0, 0.0], [0.0, 0.0]), ValueError, "got a sum of 0.0"),
    ],
)
def test_bad_laws(function, laws, error, message):
    with pytest.raises(error, match=message):
        function(*laws)
    with pytest.raises(error, match=message):
        renyi(*laws, order=0.5)


@pytest.mark.parametrize(
    ("log_q", "error", "message"),
    [
        (np.log([0.2, 0.3, 0.5]), ValueError, r"log_q must have one entry per atom of log_p \(2\)"),
        ([0.0, math.nan], ValueError, "log_q must be finite or -inf; got nan at position 1"),
        ([0.5, 0.5], ValueError, r"exp\(log_q\) must sum to 1 within 1e-09; got a sum of 3.29"),
        ("half", TypeError, "log_q must be real numbers"),
    ],
)
def test_bad_second_law(log_q, error, message):
    with pytest.raises(error, match=message):
        total_variation(HALF, log_q=log_q)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (0, ValueError),
        (-1.0, ValueError),
        (-INF, ValueError),
        (math.nan, ValueError),
        (10**400, ValueError),
        (True, TypeError),
        ("2", TypeError),
        (None, TypeError),
        (2j, TypeError),
    ],
)
def test_bad_orders(order, error):
    with pytest.raises(error, match="order must be a number above 0 or infinity; got"):
        renyi(HALF, log_q=HALF, order=order)


# Two laws of a run


def of_a_run(run, t, s, orders=()):
    return {
        "kl": run.kullback_leibler(t, s),
        "tv": run.total_variation(t, s),
        "chi": run.chi_square(t, s),
    } | {order: run.renyi(t, s, order=order) for order in orders}


@pytest.mark.parametrize("K", [2, 5, INF])
@pytest.mark.parametrize("lam", [0.3, 4.0, INF])
@pytest.mark.parametrize("initial", [None, [0.5, 0.25, 0.125, 0.125]])
def test_laws_of_a_run_against_balls(K, lam, initial):
    # Dyadic probabilities and rewards are the same numbers in balls. The stated error of log p_t
    # moves a divergence of order one by about as much; 100 times it is still 1e-11.
    rewards, probs = [0.5, 2.0, -1.0, 0.5], [0.25, 0.25, 0.375, 0.125]
    run = CurationLoop(RewardLaw(rewards, probs), K=K, lam=lam).run(steps=6, initial=initial)
    if K == INF:
        # p_{t+1} = p_ref/(1+λ) + λ/(1+λ) p_t w/E[w], in balls.
        w = certified.weights_of(rewards)
        real = flint.arb(0) if lam == INF else 1 / (1 + flint.arb(lam))
        laws = [[flint.arb(x) for x in (probs if initial is None else initial)]]
        for _ in range(6):
            mean = sum((x * y for x, y in zip(laws[-1], w, strict=True)), flint.arb(0))
            parts = zip(probs, laws[-1], w, strict=True)
            laws.append([real * q + (1 - real) * p * y / mean for q, p, y in parts])
    else:
        laws = certified.trajectory(certified.weights_of(rewards), probs, K, lam, 6, initial)
    reference = [flint.arb(x) for x in probs]
    orders = (0.5, 2, 7.5)
    for t, s in ((6, None), (None, 6), (6, 0), (0, 6), (3, 5), (2, 1)):
        p, q = (reference if x is None else laws[x] for x in (t, s))
        expected = {name: float(ball) for name, ball in definitions(p, q, orders).items()}
        assert of_a_run(run, t, s, orders) == pytest.approx(expected, rel=1e-11)
    assert run.total_variation(4) == pytest.approx(run.total_variation(None, 4), rel=1e-15)
    found = [run.kullback_leibler(t) for t in range(7)]
    assert found == pytest.approx(run.kl_to_reference.tolist(), rel=1e-14, abs=1e-300)


def test_a_run_and_the_functions_agree():
    law = RewardLaw([1.0, 1.0, 0.0, 3.0, 2.0], [0.2, 0.1, 0.3, 0.4, 0.0])
    run = CurationLoop(law, K=3, lam=2.0).run(steps=4)
    for t, s in ((4, 1), (1, 4)):
        given = {"log_p": run.log_probs(t), "log_q": run.log_probs(s)}
        expected = computed(**given, orders=(0.5, 3, INF))
        assert of_a_run(run, t, s, (0.5, 3, INF)) == pytest.approx(expected, rel=1e-12)
    assert of_a_run(run, 2, 2, (0.5, 3, INF)) == dict.fromkeys(("kl", "tv", "chi", 0.5, 3, INF), 0)


def test_laws_of_a_run_that_underflow():
    # Closed form: K = inf, no real data, p_t in the proportion e^{-10 t} : 1. At t = 1000 the
    # first is e^-10000, so KL(p_ref‖p_t) = 5000 - log 2, and D_∞ = 10000 - log 2.
    run = CurationLoop(RewardLaw([-10.0, 0.0]), K=INF, lam=INF).run(steps=1000)
    assert run.probs(1000)[0] == 0
    assert run.kullback_leibler(None, 1000) == pytest.approx(5000 - math.log(2), rel=1e-13)
    assert run.renyi(None, 1000, order=INF) == pytest.approx(10000 - math.log(2), rel=1e-13)
    assert run.chi_square(None, 1000) == INF
    assert run.renyi(None, 1000, order=2) == pytest.approx(10000 - math.log(4), rel=1e-13)
    assert run.kullback_leibler(1000) == pytest.approx(math.log(2), rel=1e-14)
    assert run.total_variation(1000) == pytest.approx(0.5, rel=1e-14)


def test_little_mixing_keeps_its_digits():
    # p_1 = p_ref (1 + a (H - 1)) with a = λ/(1+λ) = 1e-12: χ² = a² Var H. Weights 1 and 3 at one
    # half, K = 2: H = 3/4 and 5/4, Var H = 1/16. log p_1/p_ref is stored as 1e-12 rounded at 1e-16.
    law = RewardLaw([0.0, math.log(3.0)])
    run = CurationLoop(law, K=2, lam=1e-12).run(steps=1)
    assert run.chi_square(1) == pytest.approx(1e-24 / 16, rel=1e-3)
    assert run.kullback_leibler(1) == pytest.approx(run.chi_square(1) / 2, rel=1e-10)


def test_a_start_where_the_reference_has_no_mass():
    law = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.5, 0.0])
    run = CurationLoop(law, K=2, lam=1.0).run(steps=2, initial=[0.0, 0.5, 0.5])
    orders = (0.5, 1, 2, INF)
    for t in (0, 2):
        found = of_a_run(run, t, None, orders)
        assert {name for name, value in found.items() if value == INF} == {"kl", "chi", 1, 2, INF}
    assert run.kullback_leibler(None, 2) < INF  # p_2 has mass at every atom of p_ref
    assert run.kullback_leibler(None, 0) == INF
    assert run.kullback_leibler(2, 0) == INF
    assert run.kullback_leibler(0, 2) < INF
    assert run.total_variation(0) == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ((3, None), ValueError, "t must be an integer from 0 to 2; got 3"),
        ((0, 3), ValueError, "s must be an integer from 0 to 2; got 3"),
        ((0, -1), ValueError, "s must be an integer from 0 to 2; got -1"),
        ((0.5, 0), ValueError, "t must be an integer from 0 to 2; got 0.5"),
        ((True, 0), TypeError, "t must be an integer"),
        ((0, "reference"), TypeError, "s must be an integer from 0 to 2; got 'reference'"),
    ],
)
def test_bad_steps(steps, error, message):
    run = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=2)
    for method in (run.kullback_leibler, run.total_variation, run.chi_square):
        with pytest.raises(error, match=message):
            method(*steps)
    with pytest.raises(error, match=message):
        run.renyi(*steps, order=2)


def some_law(seed):
    rng = np.random.default_rng(seed)
    masses = np.exp(rng.uniform(-8, 0, 6))
    return RewardLaw(rng.uniform(0, 4, 6), masses / masses.sum())


def test_of_a_state_it_is_the_same():
    # A loop's state has mass one up to rounding, so both agree up to rounding.
    for seed in range(20):
        run = CurationLoop(some_law(seed), K=3, lam=1.0).run(steps=4)
        for t in (1, 4):
            density = run.log_density(t)
            state = kullback_leibler_of_state(density, run.law.probs)
            assert state == pytest.approx(run.kullback_leibler(t), rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("order", [1.0, 2.0, 0.7])
def test_few_atoms_have_the_digits_of_many(order):
    # Origin: the same sum in arrays, which more than _FEW atoms take.
    few = np.random.default_rng(1).uniform(-0.5, 0.5, divergences._FEW)
    many = divergences._bregman_series(np.tile(few, 2), order)
    assert np.array_equal(divergences._bregman_series(few, order), many[: few.size])

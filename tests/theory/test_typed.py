"""Formulas that a person types are read exactly, and nothing in them is run."""

import math
from fractions import Fraction

import flint
import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import notation
from recurate.theory.language.compile import compile_expression, is_rational
from recurate.theory.language.notation import K, inverse_candidates, lam, mean_weight
from recurate.theory.plain_text import typed
from recurate.theory.typed import at_infinity, parse

NAMES = notation.NAMES


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", sympy.Rational(1, 10)),
        ("1_000.5e-3", sympy.Rational(2001, 2000)),
        ("2*K - mean_weight", 2 * K - mean_weight),
        ("-K**2", -(K**2)),
        ("+(K - 1)/K", (K - 1) / K),
        ("K**lam", K**lam),
        ("max(K, 1, lam)", sympy.Max(1, K, lam)),
        ("abs(1 - K) + log(K)", abs(1 - K) + sympy.log(K)),
        ("exp(lam) * sqrt(K)", sympy.exp(lam) * sympy.sqrt(K)),
        ("min(inverse_candidates, 1)", sympy.Min(inverse_candidates, 1)),
    ],
)  # fmt: skip
def test_formulas_are_read(text, value):
    assert parse(text, NAMES) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mean_weigth", "did you mean mean_weight"),
        ("foo", "names must be among K, lam"),
        ("__import__('os').system('true')", r"got \"__import__"),
        ("K.__class__", "got 'K.__class__'"),
        ("(lambda: 1)()", "a formula has numbers"),
        ("[K for K in ()]", "a formula has numbers"),
        ("eval('1')", "functions must be among abs, exp, log, max, min, sqrt; got 'eval'"),
        ("log(K, base=2)", "a formula has numbers"),
        ("log(K, 2)", "log must have one argument; got 2"),
        ("max()", "max must have one argument; got 0"),
        ("'a'", "a formula has numbers"),
        ("True", "a formula has numbers"),
        ("1j", "a formula has numbers"),
        ("0x10", "decimal"),
        ("K^2", r"a power is written \*\*"),
        ("K if K else 1", "a formula has numbers"),
        ("K and lam", "a formula has numbers"),
        ("1/0", "divide by zero"),
        ("1/(K - K)", "divide by zero"),
        ("log(0)", "a real number"),
        ("log(-1)", "a real number"),
        ("9**9**9", "an exponent must be at most 100"),
        ("(9**100)**100", "at most 300 digits"),
        ("1e400", "at most 300 digits"),
        ("1e-999999999", "at most 300 digits"),
        ("lambda*K", "λ is written lam"),
        ("λ*K", "did you mean lam?"),
        ("V*K", "did you mean variance_weight?"),
        ("", "cannot read"),
        ("2*", "cannot read"),
        ("(" * 400 + "K" + ")" * 400, "cannot read"),
        ("K" * 2000, "at most 1000 characters"),
    ],
)
def test_what_is_no_formula_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text, NAMES)


def test_a_formula_is_text():
    with pytest.raises(TypeError, match="must be text; got int"):
        parse(2, NAMES)


def test_bounds_can_be_typed():
    for statement in STATEMENTS.values():
        if statement.bound is None:
            continue
        text = typed(statement.bound, None if statement.bound.is_Symbol else statement.bound)
        assert parse(text, {"bound": statement.bound, **NAMES}) == statement.bound
    bound = STATEMENTS["theorem-2.3"].bound
    assert parse(typed(bound), NAMES) == bound


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("(K - 1)/K", "1"),
        ("mean_weight*K/(K + 1)", "mean_weight"),
        ("1 - inverse_candidates", "1"),
        ("lam/(1 + lam)**3", "lam/(1 + lam)**3"),
        ("exp(-1/K)", "1"),
    ],
)
def test_limits_in_K(text, limit):
    found = at_infinity(parse(text, NAMES), candidates=True, mixing=False)
    assert sympy.simplify(found - parse(limit, NAMES)) == 0


def test_limits_in_lam_and_none():
    assert at_infinity(parse("lam/(1 + lam)", NAMES), candidates=False, mixing=True) == 1
    assert at_infinity(parse("lam/(1 + lam)**3", NAMES), candidates=False, mixing=True) == 0
    both = parse("synthetic_fraction*(K - 1)/K + real_fraction", NAMES)
    assert at_infinity(both, candidates=True, mixing=True) == 1
    for text, limit in (  # of the parts, each: 1/2; 1/2 · 1; 1; max(0, μ) + log 1
        ("max(lam/(1 + lam), (K - 1)/K)/2 + 1/K", "1/2"),
        ("min(lam/(1 + lam), 1/2)*K/(K + 1)", "1/2"),
        ("abs(1 - K)/K", "1"),
        ("max(1/K, mean_weight) + log(1 + 1/lam)", "mean_weight"),
    ):
        found = at_infinity(parse(text, NAMES), candidates=True, mixing=True)
        assert found == parse(limit, NAMES)
    for text in ("K", "mean_weight + log(K)", "lam*inverse_candidates", "max(lam, 2)"):
        formula = parse(text, NAMES)
        assert at_infinity(formula, candidates=True, mixing=True) is None


def test_largest_and_smallest_in_balls():
    largest = compile_expression(parse("max(K, mean_weight) - min(1, lam)", NAMES), "ball")
    ball = largest(K=2, mean_weight=flint.arb(2, 0.5), lam=Fraction(1, 2))
    # max(2, [1.5, 2.5]) - min(1, 1/2) lies in [1.5, 2]
    assert ball.contains(flint.arb(1.5))
    assert ball.contains(flint.arb(2))
    assert ball.abs_upper() < 2.01


def test_what_rationals_can_compute():
    rational = ("1/K", "mean_weight**K", "2**K*lam", "2**(-K)*lam", "abs(1 - K)", "max(1, K)")
    irrational = ("sqrt(2)*K", "exp(1)*K", "max(1, log(K))", "log(K)", "K**0.5", "2**lam")
    assert all(is_rational(parse(text, NAMES)) for text in rational)
    assert not any(is_rational(parse(text, NAMES)) for text in irrational)


def test_a_power_that_grows_with_K_has_no_value_at_infinity():
    power = compile_expression(parse("mean_weight**K", NAMES), "rational")
    assert power(K=math.inf, mean_weight=Fraction(1, 2)) == 0
    with pytest.raises(OverflowError, match="no finite limit"):
        power(K=math.inf, mean_weight=Fraction(3, 2))

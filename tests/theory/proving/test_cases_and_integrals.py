"""Justifications by logic and by integrals: each refuses what does not follow."""

import pytest
import sympy

from recurate.theory.language.draws import random_weight
from recurate.theory.language.means import Mean
from recurate.theory.language.notation import K
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.cases import (
    ByDefinition,
    Cases,
    Conclusion,
    Contradiction,
    StrictCombination,
    StrictlyUnderMean,
    UnderSupposition,
)
from recurate.theory.proving.integrals import Antiderivative, Chord, UnderIntegral
from recurate.theory.proving.justifications import Combination
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.signs import vanishes

x, y, z = sympy.symbols("x y z", nonnegative=True)
s = sympy.Symbol("s", positive=True)
v = sympy.Symbol("v", real=True)


def implies(premise, conclusion):
    return sympy.Implies(premise, conclusion, evaluate=False)


def refused(justification, claim, known=None, match=None):
    with pytest.raises(ProofError, match=match):
        justification.check(claim, known or {})


def test_conclusion_needs_its_premise():
    known = {"rule": implies(at_most(x, 1), at_most(y, 1)), "x": at_most(x, 1), "z": at_most(z, 1)}
    Conclusion("rule", "x").check(at_most(y, 1), known)
    refused(Conclusion("rule", "z"), at_most(y, 1), known, "supposes")
    refused(Conclusion("rule", "x"), at_most(z, 1), known, "concludes")
    refused(Conclusion("x", "x"), at_most(y, 1), known, "not an implication")


def test_cases_have_to_be_complete():
    alternatives = sympy.Or(at_most(x, 1), at_most(y, 1), evaluate=False)
    known = {"either": alternatives, "a": implies(at_most(x, 1), at_most(z, 1))}
    known["b"] = implies(at_most(y, 1), at_most(z, 1))
    Cases("either", ("a", "b")).check(at_most(z, 1), known)
    refused(Cases("either", ("a",)), at_most(z, 1), known, "not treated")
    refused(Cases("either", ("a", "b")), at_most(z, 2), known, "does not lead")


def test_supposition_uses_its_own_implications_only():
    known = {"a": implies(less(0, x), at_most(y, z)), "b": implies(less(0, y), at_most(z, 1))}
    both = UnderSupposition(Combination({"a": 1, "b": 1}))
    refused(both, implies(less(0, x), at_most(y, 1)), known)
    known["b"] = implies(less(0, x), at_most(z, 1))
    both.check(implies(less(0, x), at_most(y, 1)), known)


def test_contradiction_needs_something_false():
    absurd = implies(less(0, x), at_most(sympy.S.One, sympy.S.Zero))
    Contradiction("it").check(equal(x, 0), {"it": absurd})
    refused(Contradiction("it"), equal(y, 0), {"it": absurd}, "contrary")
    refused(Contradiction("it"), equal(v, 0), {"it": implies(less(0, v), absurd.args[1])})
    true = implies(less(0, x), at_most(sympy.S.Zero, sympy.S.One))
    refused(Contradiction("it"), equal(x, 0), {"it": true}, "not false")
    open_ = implies(less(0, x), at_most(y, 0))
    refused(Contradiction("it"), equal(x, 0), {"it": open_}, "not false")


def test_definition_has_to_keep_the_sign():
    known = {"bound": at_most(-x, 0), "definition": equal(x, v - 1), "sign": at_least(v - 1, 0)}
    ByDefinition("bound", "definition", sign="sign").check(at_most(1 - v, 0), known)
    refused(ByDefinition("bound", "definition"), at_most(1 - v, 0), known, "sign")


def test_strict_combination_needs_a_strict_inequality():
    known = {"strict": less(x, y), "weak": at_most(x, y)}
    StrictCombination(Combination({"strict": 2}), "strict").check(less(2 * x, 2 * y), known)
    refused(StrictCombination(Combination({"weak": 2}), "weak"), less(2 * x, 2 * y), known)
    vanishing = StrictCombination(Combination({"strict": z}), "strict")
    refused(vanishing, less(z * x, z * y), known, "positive")


def test_strict_means():
    pointwise = less(random_weight / (1 + random_weight), 1)
    known = {"each": pointwise, "weak": at_most(*pointwise.args)}
    claim = less(Mean(pointwise.lhs), 1)
    StrictlyUnderMean("each").check(claim, known)
    refused(StrictlyUnderMean("weak"), claim, known, "strict")


def test_chords_lie_above_convex_functions_only():
    known = {"low": at_most(-s, v), "high": at_most(v, 0)}
    chord = at_most(s * sympy.exp(v), -v * sympy.exp(-s) + (v + s))
    Chord(sympy.exp(v), v, "low", "high").check(chord, known)
    refused(Chord(-sympy.exp(v), v, "low", "high"), chord, known, "second derivative")
    refused(Chord(sympy.exp(v), v, "high", "low"), chord, known, "different points")
    below = at_least(s * sympy.exp(v), -v * sympy.exp(-s) + (v + s))
    refused(Chord(sympy.exp(v), v, "low", "high"), below, known, "chord")


def test_chord_stays_in_the_domain():
    # 1/s is convex for s > 0, and its chord from -1 to 1 is not a bound
    known = {"low": at_most(-1, s), "high": at_most(s, 1)}
    chord = at_most(2 / s, (s + 1) - (1 - s))
    refused(Chord(1 / s, s, "low", "high"), chord, known, "domain")


def test_integrals_of_inequalities():
    pointwise = {"it": at_most(sympy.exp(-2 * s), sympy.exp(-s))}
    sides = [sympy.Integral(side, (s, 0, sympy.oo)) for side in pointwise["it"].args]
    over = UnderIntegral("it", s, sympy.S.Zero, sympy.oo)
    refused(over, at_most(*sides), pointwise, "may be infinite")
    pointwise |= {"slow": equal(sides[1], 1), "fast": equal(sides[0], sympy.S.Half)}
    over.check(at_most(*sides), pointwise)
    refused(over, at_most(*sides[::-1]), pointwise, "integral of the pointwise")
    backwards = UnderIntegral("it", s, sympy.S.One, sympy.S.Zero)
    refused(backwards, at_most(*sides), pointwise, "in order")
    # What holds of whole numbers, or of numbers of candidates, has no integral over the others.
    for number in (sympy.Symbol("n", integer=True, positive=True), K):
        counted = {"it": at_most(sympy.exp(-2 * number), sympy.exp(-number))}
        sides = [sympy.Integral(side, (number, 0, sympy.oo)) for side in counted["it"].args]
        over = UnderIntegral("it", number, sympy.S.Zero, sympy.oo)
        refused(over, at_most(*sides), counted, "positive variable|tied")


def test_integrals_in_several_terms():
    known = {"it": at_most(x * sympy.exp(-2 * s) - y * sympy.exp(-3 * s), sympy.exp(-s))}
    slow, fast, faster = (
        sympy.Integral(sympy.exp(-rate * s), (s, 0, sympy.oo)) for rate in (1, 2, 3)
    )
    for rate, integral in enumerate((slow, fast, faster), 1):
        known[f"value {rate}"] = equal(integral, sympy.Rational(1, rate))
    over = UnderIntegral("it", s, sympy.S.Zero, sympy.oo)
    over.check(at_most(x * fast - y * faster, slow), known)
    over.check(at_most(x * fast, slow + y * faster), known)
    refused(over, at_most(x * fast, slow - y * faster), known, "integral of the pointwise")
    refused(over, at_most(x * fast - y * faster, slow + 1), known, "not an integral over")
    refused(over, at_most(x * fast - y * faster, s * slow), known)
    for product in (slow**2, slow * fast):
        refused(over, at_most(x * fast - y * faster, product), known)
    # over part of the interval it is another integral
    short = sympy.Integral(sympy.exp(-s), (s, 0, 1))
    refused(over, at_most(x * fast - y * faster, short), known, "not an integral over")


def test_integrals_that_cancel_are_not_evaluated():
    unknown = sympy.Integral(sympy.Function("f")(s) * sympy.exp(-(s**3)), (s, 0, sympy.oo))
    assert vanishes(x * (unknown - y) - x * unknown + x * y)
    assert not vanishes(x * (unknown - y) - x * unknown + 2 * x * y)
    assert not vanishes(x * unknown)


def test_antiderivatives_have_to_be_smooth():
    claim = equal(sympy.Integral(sympy.exp(-s), (s, 0, sympy.oo)), 1)
    Antiderivative(-sympy.exp(-s)).check(claim, {})
    refused(Antiderivative(-sympy.exp(-2 * s)), claim, match="derivative")
    refused(Antiderivative(-sympy.exp(-s)), equal(claim.lhs, 2), match="integral is")
    # the derivative of 1/(1-s) jumps over infinity at s = 1
    jump = equal(sympy.Integral(1 / (1 - s) ** 2, (s, 0, 2)), -2)
    refused(Antiderivative(1 / (1 - s)), jump, match="smooth")

"""What the justifications about limits must not let through."""

import pytest
import sympy

from recurate.theory.language.notation import K
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.limits import ContinuousImage, Squeeze

c, x = sympy.symbols("c x", positive=True)
real = sympy.Symbol("v", real=True)
f, g = sympy.Function("f", positive=True)(K), sympy.Function("g", positive=True)(K)


def limit(expression, value, variable=K, point=sympy.oo):
    return equal(sympy.Limit(expression, variable, point), value)


def refused(justification, claim, **known):
    with pytest.raises(ProofError):
        justification.check(claim, known)
    return True


SQUEEZED = {
    "lower": at_least(f, 1 - c - 1 / K),
    "upper": at_most(f, 1),
    "in K": limit(1 - c - 1 / K, 1 - c),
    "in c": limit(1 - c, 1, c, 0),
}


def test_squeeze():
    rule = Squeeze("lower", "upper", ("in K", "in c"))
    rule.check(limit(f, 1), SQUEEZED)
    assert refused(rule, limit(f, 2), **SQUEEZED)
    assert refused(rule, limit(g, 1), **SQUEEZED)
    assert refused(rule, at_most(f, 1), **SQUEEZED)
    assert refused(Squeeze("lower", "upper", ("in K",)), limit(f, 1), **SQUEEZED)
    assert refused(Squeeze("lower", "upper", ("in c", "in K")), limit(f, 1), **SQUEEZED)
    # Upper and lower bound exchanged, and a bound with no limit of its own.
    assert refused(Squeeze("upper", "lower", (), ("in K", "in c")), limit(f, 1), **SQUEEZED)
    moving = {**SQUEEZED, "upper": at_most(f, 1 + 1 / K)}
    assert refused(rule, limit(f, 1), **moving)
    assert refused(rule, limit(f, 1), **{**SQUEEZED, "upper": less(f, 1)})
    # A parameter that the quantity itself depends on is not free.
    tied = {
        "lower": at_least(f + c, 1),
        "upper": at_most(f + c, 1 + c),
        "in K": limit(1 + c, 1 + c),
        "in c": limit(1 + c, 1, c, 0),
    }
    assert refused(Squeeze("lower", "upper", (), ("in K", "in c")), limit(f + c, 1), **tied)


def test_continuous_image():
    known = {"f": limit(f, 1), "g": limit(g, 0), "far": limit(g, sympy.oo)}
    ContinuousImage("f", -sympy.log(x), x).check(limit(-sympy.log(f), 0), known)
    ContinuousImage("g", 3 - 2 * real, real).check(limit(3 - 2 * g, 3), known)
    assert refused(ContinuousImage("f", sympy.log(x), x), limit(sympy.log(f), 1), **known)
    assert refused(ContinuousImage("f", x**2, x), limit(g**2, 1), **known)
    jump = sympy.sign(real)
    assert refused(ContinuousImage("g", jump, real), limit(jump.subs(real, g), 0), **known)
    pole = limit(1 / g, sympy.zoo)
    assert refused(ContinuousImage("g", 1 / real, real), pole, **known)
    assert refused(ContinuousImage("far", real**2, real), limit(g**2, sympy.oo), **known)
    # The function must not move with the index.
    assert refused(ContinuousImage("g", K * real, real), limit(K * g, 0), **known)
    elsewhere = limit(f**2, 1, K, 0)
    assert refused(ContinuousImage("f", x**2, x), elsewhere, **known)

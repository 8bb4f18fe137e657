"""What the justifications from a function's shape must not let through."""

import pytest
import sympy

from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.justifications import Monotone
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.shapes import Comonotone, Decreasing, Image, Tangent
from recurate.theory.proving.signs import is_smooth

x, y, real = sympy.symbols("x y v", real=True)
p, q, s, positive = sympy.symbols("p q s u", positive=True)
step = sympy.Symbol("d", nonnegative=True)


def refused(justification, claim, **known):
    with pytest.raises(ProofError):
        justification.check(claim, known)
    return True


def test_tangent():
    claim = at_least(1 / p, 1 / q - (p - q) / q**2)
    Tangent(1 / positive, positive, q, p).check(claim, {})
    Tangent(real**2, real, x, y).check(at_least(y**2, x**2 + 2 * x * (y - x)), {})
    assert refused(Tangent(real**3, real, x, y), at_least(y**3, x**3 + 3 * x**2 * (y - x)))
    concave = at_least(sympy.log(p), sympy.log(q) + (p - q) / q)
    assert refused(Tangent(sympy.log(positive), positive, q, p), concave)
    assert refused(Tangent(1 / positive, positive, q, p), at_least(1 / p, 1 / q))
    # 1/x^2 is convex on either side of its pole, and below its tangents across it.
    across = at_least(1 / y**2, 3 - 2 * y)
    assert refused(Tangent(real**-2, real, sympy.Integer(1), y), across)
    # Outside the domain where it is convex.
    outside = at_least(x**3, q**3 + 3 * q**2 * (x - q))
    assert refused(Tangent(positive**3, positive, q, x), outside)


def test_smooth():
    assert is_smooth(sympy.exp(-real) + real**2, real)
    assert is_smooth(sympy.log(1 + positive) / positive, positive)
    assert is_smooth(1 / (1 + real**2), real)
    assert not is_smooth(1 / real, real)
    assert not is_smooth(1 / (positive - 1) ** 2, positive)
    assert not is_smooth(sympy.log(positive - 1), positive)
    assert not is_smooth(sympy.sqrt(real), real)
    assert not is_smooth(sympy.sign(real), real)


def test_monotony_does_not_cross_a_pole():
    known = {"order": at_most(x, y)}
    assert refused(Monotone("order", -1 / real, real), at_most(-1 / x, -1 / y), **known)


def test_monotony_is_known_where_the_variable_may_be():
    negative, known = sympy.Symbol("n", negative=True), {"order": at_most(x, y)}
    claim = at_most(-(x**2), -(y**2))
    assert refused(Monotone("order", -(negative**2), negative), claim, **known)
    whole = sympy.Symbol("n", integer=True)
    assert refused(Monotone("order", whole, whole), at_most(x, y), **known)


def test_comonotone():
    known = {"ordered": at_least((p - q) * (x - y), 0)}
    claim = at_least((p - q) * (sympy.exp(x) - sympy.exp(y)), 0)
    Comonotone("ordered", p - q, (x, y), sympy.exp(real), real).check(claim, known)
    assert refused(Comonotone("ordered", p - q, (x, y), real**2, real), claim, **known)
    squares = at_least((p - q) * (x**2 - y**2), 0)
    assert refused(Comonotone("ordered", p - q, (x, y), real**2, real), squares, **known)
    assert refused(Comonotone("ordered", q - p, (x, y), sympy.exp(real), real), claim, **known)
    strict = less(0, (p - q) * (sympy.exp(x) - sympy.exp(y)))
    assert refused(Comonotone("ordered", p - q, (x, y), sympy.exp(real), real), strict, **known)
    # Increasing for positive numbers only.
    assert refused(Comonotone("ordered", p - q, (x, y), positive**2, positive), squares, **known)


def test_decreasing():
    f = sympy.Function("f", positive=True)
    known = {"falls": at_most(f(s + step), f(s))}
    claim = at_least((f(p) - f(q)) * (q - p), 0)
    Decreasing("falls", f(s), s, step, (p, q)).check(claim, known)
    increasing = at_least((f(p) - f(q)) * (p - q), 0)
    assert refused(Decreasing("falls", f(s), s, step, (p, q)), increasing, **known)
    assert refused(Decreasing("falls", f(s), s, step, (x, q)), claim, **known)  # x may be negative
    rises = {"falls": at_least(f(s + step), f(s))}
    assert refused(Decreasing("falls", f(s), s, step, (p, q)), claim, **rises)
    # Known for steps by a number of one kind only.
    unit = sympy.Symbol("n", integer=True, nonnegative=True)
    few = {"falls": at_most(f(s + unit), f(s))}
    assert refused(Decreasing("falls", f(s), s, unit, (p, q)), claim, **few)


def test_image():
    known = {"same": equal(p, q)}
    Image("same", sympy.log(positive), positive).check(equal(sympy.log(p), sympy.log(q)), known)
    assert refused(Image("same", positive**2, positive), equal(p**2, q), **known)
    unequal = {"same": at_most(p, q)}
    assert refused(Image("same", positive**2, positive), equal(p**2, q**2), **unequal)

"""Derivations of what is false from nothing false, each of which has to break at a named step.

Most were found by a reader who tried to prove 0 = 1; each is named by what it would show.
"""

import pytest
import sympy
from sympy import Derivative, Float, I, Integral, Limit, Rational, S, Sum, exp, log, oo, sqrt

from recurate.theory.language.draws import (
    drawn_weight,
    others_weight,
    paired_quantity,
    random_quantity,
    random_time,
    random_weight,
)
from recurate.theory.language.means import Mean, Moment, PowerSum
from recurate.theory.language.notation import (
    AtStep,
    K,
    curation_ratio,
    inverse_candidates,
    lam,
    mean_weight,
    mean_weight_at,
    next_mean_weight,
    ratio,
    synthetic_fraction,
    t,
    variance_weight,
    weight,
)
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.cases import (
    ByDefinition,
    StrictCombination,
    StrictlyUnderMean,
    UnderSupposition,
)
from recurate.theory.proving.generalising import Induction, Substitution, UnderMean
from recurate.theory.proving.integrals import Antiderivative, Chord, UnderIntegral
from recurate.theory.proving.justifications import Combination, Identity, Monotone, Sign
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.limits import ContinuousImage, LimitValue, Squeeze, limit_of
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import Conditioning, Independence, OverPairs
from recurate.theory.proving.shapes import Decreasing, Image, Tangent
from recurate.theory.proving.signs import opaque, vanishes

x, s, c, eps = sympy.symbols("x s c epsilon", positive=True)
X = sympy.Symbol("X", nonnegative=True)
y, v = sympy.symbols("y v", real=True)
j = sympy.Symbol("j", integer=True, positive=True)
f = sympy.Function("f", positive=True)
W, G, V, k = random_weight, random_quantity, variance_weight, inverse_candidates
u = sympy.Symbol("u", positive=True)
HALF = Rational(1, 2)


class cdf_at(AtStep):  # noqa: N801 (a function)
    """A distribution function of p_t at u, which it does not show."""

    tacit = frozenset({K, lam, u})

    def _eval_is_positive(self):
        return True


FALSE, ABSURD = equal(S.Zero, S.One), less(S.Zero, S.Zero)

# Both are zero, which only shows once they are expanded.
NOTHING = (y + 1) ** 2 - y**2 - 2 * y - 1
NIL = (y + 2) ** 2 - y**2 - 4 * y - 4


class Attempt:
    """Steps to something false, and at which of them they have to break."""

    def __init__(self, breaks_at, *steps, supposed=None, general=None):
        self.breaks_at = breaks_at
        written = tuple(Step(label, claim, ".", because) for label, claim, because in steps)
        self.proof = Proof(written, supposed or {}, general or {})


def differ(left, right):
    return sympy.Ne(left, right, evaluate=False)


def number(label, value):
    """The limit of a constant."""
    return (label, equal(Limit(S(value), t, oo), value), LimitValue(t, oo))


def tends(expression, value):
    return equal(Limit(expression, t, oo), value)


def over_unit(integrand, variable=s):
    return Integral(integrand, (variable, 0, 1))


_L, _LOG = Limit(W * t / (1 + t), t, oo), Limit(s * t / (1 + t), t, oo)
_H = curation_ratio(weight)
_HARMONIC, _SHORTER = (Integral(integrand, (s, 1, oo)) for integrand in (1 / s, c / (s * (c + s))))
_GROWING, _FALLING = Limit(t / (1 + t), t, oo), Limit(t / (1 + t) ** 2, t, oo)
_SERIES = Sum(1 / j, (j, 1, oo))
_SMALL, _BIG = -exp(1 / eps), exp(1 / eps)
_AT_MANY = LimitValue(K, oo)
_QUADRATIC = k * K**2 / 2 - K
_EVEN = sympy.Symbol("n", even=True, nonnegative=True)
_FRACTION = sympy.Symbol("r", rational=True)
_WHOLE, _NEGATIVE = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("m", negative=True)


def chord(function, variable, *ends):
    (a, b, c_), (at_a, at_b, at_c) = ends, (function.subs(variable, end) for end in ends)
    above = (c_ - b) * at_a + (b - a) * at_c
    return (
        ("low", at_most(a, b), Sign()),
        ("high", at_most(b, c_), Sign()),
        (
            "chord",
            at_most((c_ - a) * at_b, above),
            Chord(function, variable, "low", "high"),
        ),
    )


ATTEMPTS = {
    "a weight has no variance (a limit is no constant in a mean)": Attempt(
        "constant",
        ("limit", equal(_L, W), LimitValue(t, oo)),
        ("mean", equal(Mean(_L), Moment(0, 1)), UnderMean("limit")),
        ("constant", equal(Mean(_L), _L), Identity()),
        ("same", equal(W, Moment(0, 1)), Combination({"limit": -1, "mean": 1, "constant": -1})),
        (
            "square",
            equal((W - Moment(0, 1)) ** 2, 0),
            Combination({"same": W - Moment(0, 1)}),
        ),
        ("variance", equal(Moment(0, 2) - Moment(0, 1) ** 2, 0), UnderMean("square")),
    ),
    "s = 1/2 (a limit is no constant in an integral)": Attempt(
        "constant",
        ("constant", equal(over_unit(_LOG), _LOG), Identity()),
        ("value", equal(over_unit(s), HALF), Antiderivative(s**2 / 2)),
        ("limit", equal(_LOG, s), LimitValue(t, oo)),
        ("integral", equal(over_unit(_LOG), over_unit(s)), Image("limit", over_unit(v), v)),
        ("s", equal(s, HALF), Combination({"limit": -1, "integral": 1, "constant": -1})),
    ),
    "more candidates do not matter (the law p_t depends on their number)": Attempt(
        "limit",
        ("limit", equal(Limit(Mean(drawn_weight(t)), K, oo), Mean(drawn_weight(t))), _AT_MANY),
    ),
    "0 = 1 (zero cancels)": Attempt(
        "once",
        ("once", equal(NIL / NOTHING, 1), Identity()),
        ("twice", equal(2 * NIL / NOTHING, 1), Identity()),
        ("false", FALSE, Combination({"once": 2, "twice": -1})),
    ),
    "0/0 = 1 (zero cancels in a combination of nothing)": Attempt(
        "ratio", ("ratio", equal(NIL / NOTHING, 1), Combination({}))
    ),
    "0 < 0/0 (zero cancels in a sign)": Attempt(
        "sign", ("sign", less(0, (NIL + NOTHING) / NOTHING), Sign())
    ),
    "0/0 = 1 (the identity of a quotient)": Attempt(
        "ratio", ("ratio", equal((V + V**2) / V, 1 + V), Identity())
    ),
    "0/0 = 4A (the identity of a quotient of integrals)": Attempt(
        "ratio",
        (
            "ratio",
            equal(over_unit(2 * f(s)) ** 2 / over_unit(f(s)), 4 * over_unit(f(s))),
            Identity(),
        ),
    ),
    "1 = 0 (the image of zero under x/V)": Attempt(
        "image",
        ("image", equal(S.One, S.Zero), Image("none", v / V, v)),
        supposed={"none": equal(V, 0)},
    ),
    "0 = 1 (the variable of a limit is captured)": Attempt(
        "moved",
        ("limit", tends(X / (1 + t), 0), LimitValue(t, oo)),
        ("moved", tends(S.One, 0), Substitution("limit", {X: t + 1})),
        number("one", 1),
        ("false", FALSE, Combination({"moved": -1, "one": 1})),
    ),
    "1/3 = s/2 (the variable of an integral is captured)": Attempt(
        "moved",
        ("integral", equal(over_unit(x * s), x / 2), Antiderivative(x * s**2 / 2)),
        ("moved", equal(over_unit(s * s), s / 2), Substitution("integral", {x: s})),
        ("square", equal(over_unit(s * s), S.One / 3), Antiderivative(s**3 / 3)),
        ("s", equal(S.One / 3, s / 2), Combination({"moved": 1, "square": -1})),
    ),
    "0 = 1 (a definition is captured)": Attempt(
        "defined",
        ("limit", tends(x / (1 + t), 0), LimitValue(t, oo)),
        ("defined", tends(S.One, 0), ByDefinition("limit", "x")),
        number("one", 1),
        ("false", FALSE, Combination({"defined": -1, "one": 1})),
        supposed={"x": equal(x, t + 1)},
    ),
    "1/3 = 1 (an image is captured)": Attempt(
        "image",
        (
            "image",
            equal(over_unit(x * x, x), over_unit(2 * x, x)),
            Image("x", over_unit(v * x, x), v),
        ),
        ("square", equal(over_unit(x * x, x), S.One / 3), Antiderivative(x**3 / 3)),
        ("double", equal(over_unit(2 * x, x), 1), Antiderivative(x**2)),
        (
            "false",
            equal(S.One / 3, S.One),
            Combination({"image": 1, "square": -1, "double": 1}),
        ),
        supposed={"x": equal(x, 2)},
    ),
    "2s = s (the variable of a derivative is captured)": Attempt(
        "moved",
        ("slope", equal(Derivative(X * s, s), X), Identity()),
        ("moved", equal(Derivative(s * s, s), s), Substitution("slope", {X: s})),
        ("false", equal(2 * s, s), Combination({"moved": 1})),
    ),
    "0 = 1 (the variable of a limit is replaced)": Attempt(
        "at zero",
        ("one", equal(_GROWING, 1), LimitValue(t, oo)),
        ("none", equal(_FALLING, 0), LimitValue(t, oo)),
        ("at zero", equal(_GROWING.subs(t, 0), 1), Substitution("one", {t: S.Zero})),
        ("none at zero", equal(_FALLING.subs(t, 0), 0), Substitution("none", {t: S.Zero})),
        ("false", FALSE, Combination({"none at zero": 1, "at zero": -1})),
    ),
    "1 = 0 (κ stays while K grows)": Attempt(
        "stays",
        ("stays", equal(Limit(k, K, oo), k), LimitValue(K, oo)),
        ("falls", equal(Limit(1 / K, K, oo), 0), LimitValue(K, oo)),
        ("false", equal(S.One, S.Zero), Combination({"stays": -K, "falls": K})),
    ),
    "a = lim a (a stays while λ grows)": Attempt(
        "stays",
        (
            "stays",
            equal(Limit(synthetic_fraction, lam, oo), synthetic_fraction),
            LimitValue(lam, oo),
        ),
    ),
    "κ = log 2 (κ is constant in an integral over K)": Attempt(
        "integral",
        ("integral", equal(Integral(k, (K, 1, 2)), k), Antiderivative(k * K)),
        ("inverse", equal(Integral(1 / K, (K, 1, 2)), log(2)), Antiderivative(log(K))),
        ("false", equal(k, log(2)), Combination({"integral": -1, "inverse": 1})),
    ),
    "κ >= 1/3 (κ is constant in a derivative by K)": Attempt(
        "monotone",
        ("order", at_most(S.One, S(5)), Sign()),
        (
            "monotone",
            at_most(_QUADRATIC.subs(K, 1), _QUADRATIC.subs(K, 5)),
            Monotone("order", _QUADRATIC, K),
        ),
        ("false", at_most(S.One / 3, k), Combination({"monotone": S.One / 12})),
    ),
    "κ x <= 2 (κ moves with a tangent at K)": Attempt(
        "tangent",
        ("tangent", at_least(k * x**2, k * (2 * x - 1)), Tangent(k * K**2, K, S.One, x)),
    ),
    "κ x = 2κ (κ moves in an image)": Attempt(
        "image",
        ("image", equal(k * x, 2 * k), Image("x", k * K, K)),
        supposed={"x": equal(x, 2)},
    ),
    "κ K falls as K grows": Attempt(
        "falls",
        (
            "falls",
            at_least((k * x - k * c) * (c - x), 0),
            Decreasing("moved", k * K, K, X, (x, c)),
        ),
        supposed={"moved": at_most(k * (K + X), k * K)},
        general={"moved": (K, X)},
    ),
    "0 = 1 (a limit for parameters that are not zero)": Attempt(
        "limit",
        ("limit", tends(V * t / (1 + V * t), 1), LimitValue(t, oo)),
        ("at zero", tends(S.Zero, 1), Substitution("limit", {V: S.Zero})),
        number("none", 0),
        ("false", FALSE, Combination({"at zero": -1, "none": 1})),
    ),
    "0 = 1 (an integral for parameters that are not zero)": Attempt(
        "integral",
        (
            "integral",
            equal(Integral(X / (s + X) ** 2, (s, 0, oo)), 1),
            Antiderivative(-X / (s + X)),
        ),
        (
            "at zero",
            equal(Integral(S.Zero, (s, 0, oo)), 1),
            Substitution("integral", {X: S.Zero}),
        ),
    ),
    "0 = 1 (continuity for parameters that are not zero)": Attempt(
        "image",
        ("limit", tends(1 / (1 + t), 0), LimitValue(t, oo)),
        (
            "image",
            tends(1 / (1 + t) / (1 / (1 + t) + X), 0),
            ContinuousImage("limit", v / (v + X), v),
        ),
        ("at zero", tends(S.One, 0), Substitution("image", {X: S.Zero})),
        number("one", 1),
        ("false", FALSE, Combination({"at zero": -1, "one": 1})),
    ),
    "0 = 1/2 (a positive parameter tends to zero from below)": Attempt(
        "low in ε",
        ("low", at_most(_SMALL, HALF), Sign()),
        ("tangent", at_least(exp(v), 1 + v), Tangent(exp(v), v, S.Zero, v)),
        ("big", at_least(_BIG, 1 + 1 / eps), Substitution("tangent", {v: 1 / eps})),
        ("high", at_most(HALF, _BIG), Combination({"big": 1}, remainder=HALF + 1 / eps)),
        ("low in t", tends(_SMALL, _SMALL), LimitValue(t, oo)),
        ("high in t", tends(_BIG, _BIG), LimitValue(t, oo)),
        ("low in ε", equal(Limit(_SMALL, eps, 0, "-"), 0), LimitValue(eps, S.Zero, "-")),
        ("high in ε", equal(Limit(_BIG, eps, 0, "-"), 0), LimitValue(eps, S.Zero, "-")),
        (
            "squeezed",
            tends(HALF, 0),
            Squeeze("low", "high", ("low in t", "low in ε"), ("high in t", "high in ε")),
        ),
        number("half", HALF),
        ("false", equal(S.Zero, HALF), Combination({"squeezed": -1, "half": 1})),
    ),
    "exp(1/x) tends to 0 from above (squeezed from below)": Attempt(
        "other side",
        (
            "other side",
            equal(Limit(exp(1 / y), y, 0, "+"), 0),
            Squeeze("low", "high", ("below",), ("below",)),
        ),
        supposed={
            "low": at_least(exp(1 / y), exp(1 / y)),
            "high": at_most(exp(1 / y), exp(1 / y)),
            "below": equal(Limit(exp(1 / y), y, 0, "-"), 0),
        },
        general={"low": (y,), "high": (y,)},
    ),
    "exp(1/x) tends to 0 from above (the image of the limit from below)": Attempt(
        "image",
        ("image", equal(Limit(exp(1 / y), y, 0, "+"), 0), ContinuousImage("below", v, v)),
        supposed={"below": equal(Limit(exp(1 / y), y, 0, "-"), 0)},
    ),
    "whole steps have a limit at zero": Attempt(
        "limit", ("limit", equal(Limit(t / (1 + t), t, 0), 0), LimitValue(t, S.Zero))
    ),
    "0 <= -23/6144 (a chord between whole numbers)": Attempt(
        "chord", *chord(_WHOLE**4 / 12 - _WHOLE**3 / 6, _WHOLE, S.One / 4, HALF, S(3) / 4)
    ),
    "0 <= -6 (a chord of negative numbers)": Attempt(
        "chord", *chord(-(_NEGATIVE**3), _NEGATIVE, S.NegativeOne, S.Zero, S(2))
    ),
    "0 < 0 (an empty sum of weights is positive)": Attempt(
        "sum",
        ("sum", less(0, PowerSum(0, 1, S.Zero)), Sign()),
        ("mean", less(0, Mean(PowerSum(0, 1, S.Zero))), StrictlyUnderMean("sum")),
    ),
    "0 < 0 (the sum over K - 1 candidates, with K = 1)": Attempt(
        "sum",
        ("sum", less(0, PowerSum(0, 1, K - 1)), Sign()),
        ("mean", less(0, Mean(PowerSum(0, 1, K - 1))), StrictlyUnderMean("sum")),
        (
            "none",
            equal(Mean(PowerSum(0, 1, K - 1)), 0),
            Combination({"one candidate": Moment(0, 1)}),
        ),
        (
            "false",
            ABSURD,
            StrictCombination(Combination({"mean": 1, "none": -1}), "mean"),
        ),
        supposed={"one candidate": equal(K, 1)},
    ),
    "0 <= -E w (the sum over -1 candidates)": Attempt(
        "sum",
        ("sum", at_least(PowerSum(0, 1, S.NegativeOne), 0), Sign()),
        ("mean", at_least(-Moment(0, 1), 0), UnderMean("sum")),
    ),
    "E g^4 >= 3/2 (E g^2)^2 (the sum over half a candidate)": Attempt(
        "half",
        ("power", at_least(PowerSum(1, 0, x) ** 4, 0), Sign()),
        ("mean", at_least(Mean(PowerSum(1, 0, x) ** 4), 0), UnderMean("power")),
        (
            "half",
            at_least(Mean(PowerSum(1, 0, K) ** 4).subs(K, HALF), 0),
            Substitution("mean", {x: HALF}),
        ),
    ),
    "lim H = H (H does not show K)": Attempt(
        "limit", ("limit", equal(Limit(_H, K, oo), _H), LimitValue(K, oo))
    ),
    "lim E_{t+1} w = E_{t+1} w (it does not show t)": Attempt(
        "limit",
        ("limit", tends(next_mean_weight, next_mean_weight), LimitValue(t, oo)),
    ),
    "lim E_{t+1} w = μ (the image at one t does not show t)": Attempt(
        "image",
        (
            "image",
            equal(Limit(next_mean_weight, t, oo), Limit(mean_weight, t, oo)),
            Image("now", Limit(v, t, oo), v),
        ),
        supposed={"now": equal(next_mean_weight, mean_weight)},
    ),
    "E_{t+1} w >= E_{t+1} w for the next t (it does not show t)": Attempt(
        "next",
        (
            "next",
            at_least(next_mean_weight, mean_weight_at(t + 1)),
            Substitution("rises", {t: t + 1}),
        ),
        supposed={"rises": at_least(next_mean_weight, mean_weight_at(t))},
        general={"rises": (t,)},
    ),
    "P_0(u) = 1/2 (it does not show u)": Attempt(
        "integral",
        (
            "integral",
            equal(over_unit(cdf_at(0), u), over_unit(u, u)),
            UnderIntegral("uniform", u, S.Zero, S.One),
        ),
        ("value", equal(over_unit(u, u), HALF), Antiderivative(u**2 / 2)),
        ("constant", equal(over_unit(cdf_at(0), u), cdf_at(0)), Antiderivative(cdf_at(0) * u)),
        (
            "false",
            equal(cdf_at(0), HALF),
            Combination({"integral": 1, "value": 1, "constant": -1}),
        ),
        supposed={"uniform": equal(cdf_at(0), u)},
        general={"uniform": (u,)},
    ),
    "P_0(u) is its own integral over u": Attempt(
        "constant",
        ("constant", equal(over_unit(cdf_at(0), u), cdf_at(0)), Antiderivative(cdf_at(0) * u)),
    ),
    "the ratio at one weight is that at a drawn one (it does not show w)": Attempt(
        "mean",
        (
            "mean",
            equal(Mean(ratio * W), Mean(f(W))),
            Conditioning("ratio", ratio * weight),
        ),
        supposed={"ratio": equal(f(weight), ratio * weight)},
        general={"ratio": (weight,)},
    ),
    "1/2 >= 1 (to differ is to be larger)": Attempt(
        "larger",
        ("larger", at_least(x, 1), Sign(given=("other",))),
        ("false", at_least(HALF, 1), ByDefinition("larger", "x")),
        supposed={"other": differ(x, 1), "x": equal(x, HALF)},
    ),
    "e^(1/2) >= e (to differ is to be larger, in a monotone function)": Attempt(
        "larger",
        ("larger", at_least(exp(x), exp(S.One)), Monotone("other", exp(v), v)),
        ("false", at_least(exp(HALF), exp(S.One)), ByDefinition("larger", "x")),
        supposed={"other": differ(x, 1), "x": equal(x, HALF)},
    ),
    "a chord between points that differ": Attempt(
        "chord",
        (
            "chord",
            at_most((S.One - x) * exp(2), -exp(x) + (2 - x) * exp(1)),
            Chord(exp(v), v, "low", "high"),
        ),
        supposed={"low": differ(2, x), "high": differ(1, 2)},
    ),
    "lim f = 1 (squeezed between what differs)": Attempt(
        "squeezed",
        ("squeezed", tends(f(t), 1), Squeeze("other", "so too", (), ())),
        supposed={"other": differ(f(t), 1), "so too": differ(1, f(t))},
        general={"other": (t,), "so too": (t,)},
    ),
    "1 = 0 (one over an infinite integral)": Attempt(
        "none",
        ("none", equal(1 / _HARMONIC, 0), Identity()),
        ("false", equal(S.One, S.Zero), Combination({"none": _HARMONIC})),
    ),
    "1 = 0 (one over an infinite sum)": Attempt(
        "none",
        ("none", equal(1 / _SERIES, 0), Identity()),
        ("false", equal(S.One, S.Zero), Combination({"none": _SERIES})),
    ),
    "an infinite integral exceeds log(1 + c) for every c, itself included": Attempt(
        "integrals",
        ("integrands", at_least(1 / s, c / (s * (c + s))), Sign()),
        ("value", equal(_SHORTER, log(1 + c)), Antiderivative(log(s / (c + s)))),
        ("integrals", at_least(_HARMONIC, _SHORTER), UnderIntegral("integrands", s, S.One, oo)),
        (
            "unbounded",
            at_least(_HARMONIC, log(1 + c)),
            Combination({"integrals": 1, "value": 1}),
        ),
    ),
    "5 = 0 (a combination of no claims)": Attempt(
        "false", ("false", equal(S(5), S.Zero), Combination({(): 5}))
    ),
    "1 < 1 (a small number is rounded away)": Attempt(
        "false",
        ("larger", less(1, 1 + x), Sign()),
        ("false", less(1, 1 + Float(1e-20)), Substitution("larger", {x: Float(1e-20)})),
    ),
    "-1 >= 0 (the square of an imaginary number)": Attempt(
        "false", ("false", at_least(S.NegativeOne, 0), Tangent(v**2, v, S.Zero, I))
    ),
    "-1 >= 0 (the square of a mean of roots)": Attempt(
        "square",
        ("square", at_least(Mean(sqrt(G)) ** 2, 0), Sign()),
        ("roots", equal(sqrt(G) * sqrt(paired_quantity), -1), Combination({"both": 1})),
        ("pairs", equal(Mean(sqrt(G)) ** 2, -1), OverPairs("roots")),
        ("false", at_least(S.NegativeOne, 0), Combination({"square": 1, "pairs": 1})),
        supposed={"both": equal(sqrt(G) * sqrt(paired_quantity), -1)},
    ),
    "0 < 0 (what is said of fractions, at √2)": Attempt(
        "false",
        ("irrational", less(0, (_FRACTION - sqrt(2)) ** 2), Sign()),
        ("false", ABSURD, Substitution("irrational", {_FRACTION: sqrt(2)})),
    ),
    "f(2) <= f(0) (induction over the even numbers)": Attempt(
        "all",
        ("base", at_most(f(0), f(0)), Sign()),
        (
            "step",
            sympy.Implies(at_most(f(_EVEN), f(0)), at_most(f(_EVEN + 1), f(0)), evaluate=False),
            UnderSupposition(Combination({"hypothesis": 1, "falls": 1})),
        ),
        ("all", at_most(f(_EVEN), f(0)), Induction(_EVEN, 0, "base", "step")),
        supposed={"falls": at_most(f(_EVEN + 1), f(_EVEN))},
        general={"falls": (_EVEN,)},
    ),
    "an integral across a pole is 4": Attempt(
        "value",
        (
            "value",
            equal(Integral((s + HALF) ** -2, (s, 0, -1)), 4),
            Antiderivative(-1 / (s + HALF)),
        ),
    ),
    "a Laplace variable drawn at random is independent of the candidates": Attempt(
        "product",
        (
            "product",
            equal(Mean(random_time * others_weight), Mean(random_time) * Mean(others_weight)),
            Independence(random_time, others_weight),
        ),
    ),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=list(ATTEMPTS))
def test_what_is_false_is_not_derived(attempt):
    states = {done.step.label: done.state for done in attempt.proof.verify()}
    assert states[attempt.breaks_at] == "failed"
    assert attempt.proof.verify()[-1].state == "failed"
    before = [label for label in states if label == attempt.breaks_at or states[label] == "failed"]
    assert before[0] == attempt.breaks_at  # what leads there is true


def test_what_they_divide_by_is_given():
    known = {"some": less(0, V), "one": equal(V, 1)}
    Identity(given=("some",)).check(equal((V + V**2) / V, 1 + V), known)
    Image("one", v / V, v, given=("some",)).check(equal(S.One, 1 / V), known)
    with pytest.raises(ProofError, match="differ from zero"):
        Identity().check(equal((V + V**2) / V, 1 + V), known)
    for because, claim in (
        (Sign(), less(0, (V + V**2) / V)),
        (Combination({"one": 1}), equal((V + V**2) / V, 2)),
        (Combination({}), equal((V + V**2) / V, 1 + V)),
    ):
        with pytest.raises(ProofError, match="differ from zero"):
            because.check(claim, known)
    with pytest.raises(ProofError, match="differ from zero"):
        Image("one", v / V, v).check(equal(S.One, 1 / V), known)


def test_limits_by_form():
    decay = exp(-c * s)
    assert limit_of((X + decay) ** x / c, s, oo) == X**x / c
    assert vanishes(limit_of((K * x + 1) / (c * K + y), K, oo) - x / c)
    assert limit_of(log(1 + s / c), s, S.Zero) == 0
    assert limit_of(exp(NOTHING * s - c), s, oo) == exp(-c)  # it is constant
    for expression, variable, point in (
        (exp(-X * s), s, oo),  # 1 at X = 0
        (exp(c * s), s, oo),
        (s * decay, s, oo),  # 0, which its form does not show
        (log(s), s, S.Zero),
        (1 / (s - c), s, c),
        (sqrt(y), y, S.Zero),
        (v ** (1 / s), s, oo),
        ((K**2 * (x - c) + 1) / (K + 1), K, oo),
        (f(s), s, oo),
    ):
        with pytest.raises(ProofError):
            limit_of(expression, variable, point)


def test_integrals_are_linear_and_have_no_values():
    one, other = Integral(f(s), (s, 0, oo)), Integral(f(s) ** 2, (s, 0, oo))
    both = Integral(x * f(s) - f(s) ** 2, (s, 0, oo))
    assert vanishes(both - x * one + other)
    assert not vanishes(both - one + other)
    assert not vanishes(over_unit(s) - HALF)
    assert Mean(opaque(Limit(W * t / (1 + t), t, oo))).has(Mean)
    # A false equation of integrals is refuted without their being evaluated.
    hard = [Integral(exp(-(s**n)) * f(s) / (1 + s**3) ** x, (s, 0, oo)) for n in (3, 5)]
    assert not vanishes((K - 1) * hard[0] / (x + K) - hard[1])


def test_sums_over_candidates_have_a_number_of_them():
    assert PowerSum(0, 1, K).is_positive
    assert PowerSum(0, 1, j - 1).is_positive is None
    assert PowerSum(0, 1, j - 1).is_nonnegative
    assert Mean(PowerSum(0, 1, K - 1)) == (K - 1) * Moment(0, 1)
    for amount in (x, K - 2, S.NegativeOne, K / 2):
        assert Mean(PowerSum(0, 1, amount)).has(Mean)

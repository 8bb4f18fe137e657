"""Derivations of what is false by textbook theorems, each of which has to break at a named step.

Found by a reader who put devious quantities into them; each is named by what it would show.
"""

import pytest
import sympy
from sympy import Derivative, Integral, Limit, Rational, S, exp, oo, sqrt

from recurate.theory.language.draws import others_weight, random_weight
from recurate.theory.language.means import Mean, Moment, PowerSum
from recurate.theory.language.notation import (
    K,
    curation_ratio_of,
    t,
    variation_between,
    weight,
)
from recurate.theory.language.notation import ratio as hidden_ratio
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.one_curation import curation_lipschitz_sharp
from recurate.theory.one_curation.curation_ceiling import winning
from recurate.theory.one_curation.normalised_parts import law, p
from recurate.theory.proving.citing import Cited
from recurate.theory.proving.generalising import Substitution, UnderMean
from recurate.theory.proving.integrals import Antiderivative
from recurate.theory.proving.justifications import Combination, Identity, Monotone, Sign, Supposing
from recurate.theory.proving.limits import LimitValue
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import Conditioning, Exchangeability
from recurate.theory.textbook.calculus import CHAIN_RULE, POSITIVE_PART, absolutely_continuous
from recurate.theory.textbook.integrals import TONELLI, TRANSFORM_OF_SUM
from recurate.theory.textbook.majorisation import (
    CHANGE_OF_VARIABLES,
    INVERSE_FUNCTION,
    distribution_function,
)
from recurate.theory.textbook.probability import DOMINATED_CONVERGENCE
from recurate.theory.textbook.sequences import ITERATION_CONVERGES

s, y, c = sympy.symbols("s y c", positive=True)
i, j, one, other, limit = sympy.symbols("i j A B p_inf")
W, u = random_weight, sympy.Symbol("u", positive=True)


def swap(integrand, variable, lower, upper):
    interval = (variable, lower, upper)
    claim = equal(Mean(Integral(integrand, interval)), Integral(Mean(integrand), interval))
    ends = {"variable": variable, "lower": lower, "upper": upper}
    because = Cited(TONELLI, {"integrand": integrand, **ends}, {"nonnegative": "sign"})
    return claim, because


def chained(function, *values, variable=s):
    labels = {str(symbol): "inner" for symbol, _, _ in values}
    return Cited(CHAIN_RULE, {"function": function, "values": values, "variable": variable}, labels)


def is_whole(claim):
    return sympy.Implies(at_most(u, 1), claim, evaluate=False)


def inverse(name, value, slope, of_u, range_by):
    """Steps to the distribution function `of_u`, the inverse of `value` in y."""
    labels = ("slope", "increasing", "start", "end", "inverse", "range")
    premises = {label: f"{label} of {name}" for label in labels}
    quantities = {"value": value, "argument": y, "slope": slope, "inverse": of_u, "variable": u}
    positive = sympy.Implies(less(y, 1), less(0, slope), evaluate=False)
    back = is_whole(equal(value.subs(y, of_u), u))
    return (
        (f"slope of {name}", equal(Derivative(value, y), slope), Identity()),
        (f"increasing of {name}", positive, Supposing(Sign())),
        (f"start of {name}", equal(Limit(value, y, 0), 0), LimitValue(y, S.Zero)),
        (f"end of {name}", equal(value.subs(y, 1), 1), Identity()),
        (f"inverse of {name}", back, Supposing(Identity())),
        (f"range of {name}", is_whole(at_most(of_u, 1)), Supposing(range_by)),
        (
            name,
            distribution_function(of_u, 1 / slope.subs(y, of_u), u),
            Cited(INVERSE_FUNCTION, quantities, premises),
        ),
    )


def over_inverse(curve, slope, label, total):
    along = {"curve": curve, "slope": slope, "variable": u}
    return Cited(
        CHANGE_OF_VARIABLES,
        {"integrand": 1 / y, "argument": y, "total": total, **along},
        {"curve": label, "total": "total"},
    )


def settles(at):
    """The law that an iteration settles at, in one step, is p_inf."""
    law = sympy.Function(f"x_{at}")(t)
    premises = ("recursion", "moves", "nonnegative rate", "rate below one", "Lipschitz", "limit")
    quantities = {
        "step": at,
        "law": law,
        "limit": limit,
        "rate": S.Half,
        "first": S.One,
        "factor": S.One,
        "variables": (t, i, j),
    }
    because = Cited(ITERATION_CONVERGES, quantities, {name: f"{name}, {at}" for name in premises})
    supposed = {
        f"recursion, {at}": equal(law.subs(t, t + 1), at),
        f"moves, {at}": at_most(variation_between(law, law.subs(t, t + 1)), S.Half**t),
        f"Lipschitz, {at}": at_most(variation_between(at, at), variation_between(i, j)),
    }
    steps = (
        (f"nonnegative rate, {at}", at_least(S.Half, 0), Sign()),
        (f"rate below one, {at}", less(S.Half, 1), Sign()),
        (f"limit is {at}", equal(limit, at), because),
    )
    return supposed, steps


_SETTLES = [settles(at) for at in (one, other)]
_ITERATIONS = {label: told for supposed, _ in _SETTLES for label, told in supposed.items()}
_GENERAL = {label: (i, j) if "Lipschitz" in label else (t,) for label in _ITERATIONS}
_OVER_U, _OVER_Y = Integral(1 / u, (u, 0, 1)), Integral(1 / y, (y, 0, 1))
_FALLING = (
    "inner",
    absolutely_continuous(exp(-s), -exp(-s), s),
    chained(exp(-s)),
)
_MANY = 1 + exp(-s)
_FLIP = sympy.Function("X", nonnegative=True)(W, c)
_TWO_LAWS, _WEIGHTS = curation_lipschitz_sharp.statement.proof, PowerSum(0, 1)
_H_P = curation_ratio_of(p, W)
_TENDS = equal(Limit(_FLIP, c, oo), 0)
_UNIT = {"limit": S.Zero, "bound": S.One, "mean_bound": S.One, "variable": c, "point": oo}

# Name: the step that has to break, the steps, what is supposed, and of what it is general.
ATTEMPTS = {
    "a weight is its mean (an interval is no draw)": (
        "inside",
        (
            ("sign", at_least(S.One, 0), Sign()),
            ("inside", *swap(S.One, s, S.Zero, W)),
            ("value", equal(Integral(1, (s, 0, W)), W), Antiderivative(s)),
            ("mean", equal(Mean(Integral(1, (s, 0, W))), Moment(0, 1)), UnderMean("value")),
            ("false", equal(Moment(0, 1), W), Combination({"mean": -1, "inside": 1, "value": 1})),
        ),
        {},
        {},
    ),
    "E w = 1/2 (a draw is no variable)": (
        "inside",
        (
            ("sign", at_least(W, 0), Sign()),
            ("inside", *swap(W, W, S.Zero, S.One)),
            ("value", equal(Integral(W, (W, 0, 1)), S.Half), Antiderivative(W**2 / 2)),
            ("mean", equal(Mean(Integral(W, (W, 0, 1))), S.Half), UnderMean("value")),
            ("unit", equal(Integral(1, (W, 0, 1)), 1), Antiderivative(W)),
            (
                "false",
                equal(Moment(0, 1), S.Half),
                Combination({"mean": 1, "inside": -1, "unit": -Moment(0, 1)}),
            ),
        ),
        {},
        {},
    ),
    "a sign below zero (the variable is positive)": (
        "inside",
        (("sign", at_least(s, 0), Sign()), ("inside", *swap(s, s, S.NegativeOne, S.One))),
        {},
        {},
    ),
    "1 + e^{-s} is constant (1_+ is at most 1)": (
        "part",
        (
            ("inner", absolutely_continuous(S.One, S.Zero, s), chained(S.One)),
            ("one", at_least(_MANY, 0), Sign()),
            ("zero", at_most(1 - _MANY, 0), Sign()),
            (
                "part",
                absolutely_continuous(_MANY, S.Zero, s),
                Cited(
                    POSITIVE_PART,
                    {"function": S.One, "slope": S.Zero, "indicator": _MANY, "variable": s},
                    {"function": "inner", "where one": "one", "where zero": "zero"},
                ),
            ),
        ),
        {},
        {},
    ),
    "e^{-s} has the slope 1 - e^{-s} (s is the variable already)": (
        "outer",
        (
            _FALLING,
            (
                "outer",
                absolutely_continuous(exp(-s), 1 - exp(-s), s),
                chained(s, (s, exp(-s), -exp(-s))),
            ),
        ),
        {},
        {},
    ),
    "e^{-s} has the slope 7 - e^{-s} (one symbol for two functions)": (
        "outer",
        (
            _FALLING,
            (
                "outer",
                absolutely_continuous(exp(-s), 7 - exp(-s), s),
                chained(y, (y, S.One, S(7)), (y, exp(-s), -exp(-s))),
            ),
        ),
        {},
        {},
    ),
    "w H(w) has the slope H (H depends on w)": (
        "product",
        (
            (
                "product",
                absolutely_continuous(weight * hidden_ratio, hidden_ratio, weight),
                chained(weight * hidden_ratio, variable=weight),
            ),
        ),
        {},
        {},
    ),
    "s² has the slope s (the variable is bound)": (
        "square",
        (
            ("product", absolutely_continuous(s * y, y, s), chained(s * y)),
            ("square", absolutely_continuous(s**2, s, s), Substitution("product", {y: s})),
        ),
        {},
        {},
    ),
    "the integral of 1/u is 0 (it is infinite)": (
        "twice",
        (
            *inverse("u²", sqrt(y), 1 / (2 * sqrt(y)), u**2, Monotone("hypothesis", y**2, y)),
            *inverse("u", y, S.One, u, Combination({"hypothesis": 1})),
            ("total", equal(_OVER_Y, _OVER_Y), Identity()),
            ("twice", equal(2 * _OVER_U, _OVER_Y), over_inverse(u**2, 2 * u, "u²", _OVER_Y)),
            ("once", equal(_OVER_U, _OVER_Y), over_inverse(u, S.One, "u", _OVER_Y)),
            ("false", equal(_OVER_U, 0), Combination({"twice": 1, "once": -1})),
        ),
        {},
        {},
    ),
    "any two laws are one (a name for two limits)": (
        f"limit is {one}",
        (
            *(step for _, steps in _SETTLES for step in steps),
            (
                "false",
                equal(one, other),
                Combination({f"limit is {one}": -1, f"limit is {other}": 1}),
            ),
        ),
        _ITERATIONS,
        _GENERAL,
    ),
    "any law is a fixed point (a limit is a particular law)": (
        "false",
        (
            *_SETTLES[0][1],
            ("false", equal(other, one), Substitution(f"limit is {one}", {limit: other})),
        ),
        {**_ITERATIONS, f"limit, {one}": equal(Limit(sympy.Function(f"x_{one}")(t), t, oo), limit)},
        _GENERAL,
    ),
    "H_p has the mean 1 under any law (W is not drawn from p)": (
        "condition",
        (
            (
                "exchange",
                equal(Mean(_WEIGHTS / _WEIGHTS), K * Mean(W / (W + others_weight))),
                Exchangeability((0, 1), 1 / _WEIGHTS),
            ),
            (
                "ratio of p",
                equal(curation_ratio_of(p, weight), K * winning(weight, p)),
                Substitution("ratio", {law: p}),
            ),
            (
                "condition",
                equal(Mean(K * W / (W + others_weight)), Mean(_H_P)),
                Conditioning("ratio of p", K * weight / (weight + others_weight)),
            ),
            ("false", equal(Mean(_H_P), 1), Combination({"exchange": -1, "condition": -1})),
        ),
        _TWO_LAWS.supposed,
        _TWO_LAWS.general,
    ),
    "if one draw tends to 0, so does the mean (all draws have to)": (
        "mean",
        (
            ("sign", at_least(_FLIP, 0), Sign()),
            ("total", at_most(Mean(S.One), 1), Sign()),
            (
                "mean",
                sympy.Implies(_TENDS, equal(Limit(Mean(_FLIP), c, oo), 0), evaluate=False),
                Supposing(
                    Cited(
                        DOMINATED_CONVERGENCE,
                        {"family": _FLIP, **_UNIT},
                        {
                            "limit": "hypothesis",
                            "nonnegative": "sign",
                            "dominated": "bounded",
                            "integrable": "total",
                        },
                    )
                ),
            ),
        ),
        {"bounded": at_most(_FLIP, 1)},
        {"bounded": (c,)},
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_is_false_is_not_derived(name):
    breaks_at, written, supposed, general = ATTEMPTS[name]
    steps = tuple(Step(label, claim, ".", because) for label, claim, because in written)
    states = {v.step.label: v.state for v in Proof(steps, supposed, general).verify()}
    failed = [label for label, state in states.items() if state == "failed"]
    assert failed[0] == breaks_at  # what leads there is true
    assert failed[-1] == steps[-1].label


@pytest.mark.parametrize("number", [Rational(1, 2), W, c])
def test_a_number_of_draws_is_an_integer(number):
    with pytest.raises(ValueError, match="not known to be an integer"):
        TRANSFORM_OF_SUM.form(variable=s, law=i, number=number)


def test_a_law_is_not_drawn():
    with pytest.raises(ValueError, match="must not be random"):
        TRANSFORM_OF_SUM.form(variable=s, law=W, number=S(2))

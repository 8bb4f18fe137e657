"""Dominated convergence, the FKG inequality and the terms of a series: what they refuse."""

from fractions import Fraction
from itertools import product

import pytest
import sympy

from recurate.theory.language.draws import (
    one_law,
    product_over_others,
    random_quantity,
    random_weight,
    weight_of_others,
)
from recurate.theory.language.means import Mean
from recurate.theory.language.notation import K, curation_gain, variance_at
from recurate.theory.language.notation import t as step
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.citing import Cited
from recurate.theory.proving.known import Known, ProofError
from recurate.theory.textbook.probability import DOMINATED_CONVERGENCE, FKG
from recurate.theory.textbook.series import TERMS_VANISH

c, v, mean = sympy.symbols("c v mu", positive=True)
x, y = sympy.symbols("x y", nonnegative=True)
n = sympy.Symbol("n", integer=True, nonnegative=True)
d, other = (sympy.Function(name, positive=True) for name in ("d", "e"))
W = random_weight


def check(theorem, quantities, claim, known, general=()):
    """Cite a theorem whose premises are known by their names, for every value of `general`."""
    premises = {name: name for name in theorem.form(**quantities).premises}
    cite = Cited(theorem, quantities, premises)
    cite.check(claim, Known(known, dict.fromkeys(known, general)))


def refused(*arguments, match=r"\w", **keywords):
    with pytest.raises(ValueError, match=match):
        check(*arguments, **keywords)
    return True


def refuses_to_speak_of(theorem, quantities):
    with pytest.raises(ProofError):
        theorem.form(**quantities)
    return True


CUT = c * W / (c + W)
CONVERGENCE = {
    "family": CUT,
    "limit": W,
    "bound": W,
    "mean_bound": mean,
    "variable": c,
    "point": sympy.oo,
}
CONVERGES = {
    "limit": equal(sympy.Limit(CUT, c, sympy.oo), W),
    "nonnegative": at_least(CUT, 0),
    "dominated": at_most(CUT, W),
    "integrable": at_most(Mean(W), mean),
}
MEANS_CONVERGE = equal(sympy.Limit(Mean(CUT), c, sympy.oo), Mean(W))


def test_means_tend_to_the_mean():
    check(DOMINATED_CONVERGENCE, CONVERGENCE, MEANS_CONVERGE, CONVERGES, (c,))
    other_limit = equal(MEANS_CONVERGE.lhs, Mean(W**2))
    assert refused(DOMINATED_CONVERGENCE, CONVERGENCE, other_limit, CONVERGES, (c,))


@pytest.mark.parametrize(
    "change",
    [
        {"bound": c},  # c where a uniform number is below 1/c, else 0: its mean is 1, its limit 0
        {"mean_bound": sympy.oo},
        {"mean_bound": random_quantity},
        {"mean_bound": c},
        {"limit": W / c},
        {"point": sympy.S.One},
        {"variable": K},
        {"variable": sympy.Symbol("j", integer=True, positive=True)},
    ],
)
def test_convergence_under_a_bound_that_stands_still(change):
    assert refuses_to_speak_of(DOMINATED_CONVERGENCE, {**CONVERGENCE, **change})


def test_the_bound_is_to_hold_for_every_value():
    cite = (DOMINATED_CONVERGENCE, CONVERGENCE, MEANS_CONVERGE)
    assert refused(*cite, CONVERGES, match="not supposed of every c")
    looser = {**CONVERGES, "dominated": at_most(CUT, 2 * W)}
    assert refused(*cite, looser, (c,), match="'dominated'")
    signed = {**CONVERGES, "nonnegative": at_least(CUT, -W)}
    assert refused(*cite, signed, (c,), match="'nonnegative'")
    infinite = {**CONVERGES, "integrable": at_most(mean, Mean(W))}
    assert refused(*cite, infinite, (c,), match="'integrable'")


ASSOCIATION = {
    "factor": d(v),
    "rising": (c + x) / (c + y + x),
    "tilt": 1 / (c + x),
    "value": v,
    "step": y,
    "total": x,
    "law": one_law,
    "number": n,
}
ORDERED = {
    "number": at_least(n, 0),
    "factor": at_least(d(v), 0),
    "factor rises": at_least(d(v + y), d(v)),
    "rising": at_least(y / (c + y + x) ** 2, 0),
    "tilt": less(0, 1 / (c + x)),
    "log-convex": at_least(1 / (c + x) ** 2, 0),
}
OTHERS = weight_of_others(one_law, n)
EVERY = (v, y, x)


def associated(factors):
    return at_least(
        Mean(factors / (c + y + OTHERS)) * Mean(1 / (c + OTHERS)),
        Mean(factors / (c + OTHERS)) * Mean(1 / (c + y + OTHERS)),
    )


ASSOCIATED = associated(product_over_others(d(v), one_law, n))


def test_increasing_functions_are_associated():
    check(FKG, ASSOCIATION, ASSOCIATED, ORDERED, EVERY)
    reverse = at_most(*ASSOCIATED.args)
    assert refused(FKG, ASSOCIATION, reverse, ORDERED, EVERY, match="concludes")


def test_the_product_is_that_of_the_function_over_the_same_candidates():
    for factors in (
        product_over_others(other(v), one_law, n),
        product_over_others(d(v), sympy.Symbol("q"), n),
        product_over_others(d(v), one_law, n + 1),
    ):
        assert refused(FKG, ASSOCIATION, associated(factors), ORDERED, EVERY, match="concludes")


@pytest.mark.parametrize(
    ("premise", "instead"),
    [
        ("factor rises", at_most(d(v + y), d(v))),
        ("factor", at_least(d(v), -1)),  # the product of two negative factors falls
        ("rising", at_most(y / (c + y + x) ** 2, 0)),
        ("log-convex", at_most(1 / (c + x) ** 2, 0)),
    ],
)
def test_association_needs_each_order(premise, instead):
    known = {**ORDERED, premise: instead}
    assert refused(FKG, ASSOCIATION, ASSOCIATED, known, EVERY, match=f"'{premise}'")


@pytest.mark.parametrize(
    ("premise", "missing"),
    [
        ("factor", v),
        ("factor rises", v),
        ("factor rises", y),
        ("rising", x),
        ("tilt", x),
        ("log-convex", x),
    ],
)
def test_association_needs_order_everywhere(premise, missing):
    cite = Cited(FKG, ASSOCIATION, {name: name for name in ORDERED})
    general = {name: set(EVERY) - {missing} if name == premise else EVERY for name in ORDERED}
    with pytest.raises(ValueError, match=f"{premise} is not supposed of every {missing}"):
        cite.check(ASSOCIATED, Known(ORDERED, general))


@pytest.mark.parametrize(
    "change",
    [
        {"factor": v},  # it has to have a name, by which the product goes
        {"factor": d(2 * v)},
        {"rising": sympy.floor(x)},  # its slope is 0 where it has one
        {"rising": -1 / (x - 1)},
        {"rising": random_quantity * x},
        {"tilt": curation_gain / (c + x), "total": K},
        {"total": v - 1},
        {"total": sympy.Symbol("z", real=True)},
        {"total": mean, "tilt": 1 / mean},  # 1/0 where there are no draws
        {"value": y},
        {"step": sympy.Symbol("z", real=True)},
        {"number": sympy.Rational(1, 2)},
        {"law": random_weight},
    ],
)
def test_association_of_smooth_functions_of_a_sum(change):
    assert refuses_to_speak_of(FKG, {**ASSOCIATION, **change})


@pytest.mark.parametrize(("factors", "sign"), [((1, 3, 4), 1), ((2, 2, 2), 0), ((4, 3, 1), -1)])
def test_the_conclusion_on_a_law(factors, sign):
    # Two draws of 1, 2 and 5, all alike, of which d is 1, 3, 4, say; w = 1 and y = 2.
    values = dict(zip((1, 2, 5), factors, strict=True))

    def mean_of(weight, *, with_factors):
        return sum(
            Fraction(values[i] * values[j] if with_factors else 1, weight + i + j)
            for i, j in product(values, repeat=2)
        )

    both = mean_of(3, with_factors=True) * mean_of(1, with_factors=False)
    each = mean_of(1, with_factors=True) * mean_of(3, with_factors=False)
    assert (both > each) - (both < each) == sign


TERM, TOTAL = variance_at(step), sympy.Function("S", nonnegative=True)
SERIES = {"term": TERM, "partial_sum": TOTAL(step), "bound": c, "index": step}
SUMMED = {
    "nonnegative": at_least(TERM, 0),
    "sum": equal(TOTAL(step + 1), TOTAL(step) + TERM),
    "bounded": at_most(TOTAL(step), c),
}
VANISHES = equal(sympy.Limit(TERM, step, sympy.oo), 0)


def test_terms_vanish():
    check(TERMS_VANISH, SERIES, VANISHES, SUMMED, (step,))
    assert refused(TERMS_VANISH, SERIES, equal(VANISHES.lhs, 1), SUMMED, (step,))
    assert refused(TERMS_VANISH, SERIES, VANISHES, SUMMED, match="not supposed of every t")


@pytest.mark.parametrize(
    "change", [{"bound": c * step}, {"bound": TERM}, {"bound": sympy.oo}, {"index": y}]
)
def test_one_bound_for_all_partial_sums(change):
    assert refuses_to_speak_of(TERMS_VANISH, {**SERIES, **change})


def test_series_of_nonnegative_terms():
    # 1, -1, 1, …: the partial sums are bounded, and the terms do not vanish.
    signed = {**SUMMED, "nonnegative": at_least(TERM, -1)}
    assert refused(TERMS_VANISH, SERIES, VANISHES, signed, (step,), match="'nonnegative'")
    skipping = {**SUMMED, "sum": equal(TOTAL(step + 2), TOTAL(step) + TERM)}
    assert refused(TERMS_VANISH, SERIES, VANISHES, skipping, (step,), match="'sum'")

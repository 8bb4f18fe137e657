"""Cited textbook theorems: premises and conclusion are matched, and nothing else passes."""

import importlib
import pkgutil

import pytest
import sympy

from recurate.theory import textbook
from recurate.theory.language.draws import drawn_weight, random_weight, weight_of_others
from recurate.theory.language.means import Mean
from recurate.theory.language.notation import K, lam, t, variation_between
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.one_curation.curation_ceiling import transform
from recurate.theory.proving.citing import Cited, Form, Theorem
from recurate.theory.proving.justifications import Combination, Supposing
from recurate.theory.proving.known import Known
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.textbook.calculus import (
    CHAIN_RULE,
    FUNDAMENTAL_THEOREM,
    POSITIVE_PART,
    TRANSFORM_LIMIT,
    TRANSFORM_SLOPE,
    absolutely_continuous,
)
from recurate.theory.textbook.integrals import POSITIVE_INTEGRAL, TONELLI, TRANSFORM_OF_SUM
from recurate.theory.textbook.sequences import ARCHIMEDES, ITERATION_CONVERGES

x, y = sympy.symbols("x y", real=True)
s, e = sympy.symbols("s epsilon", positive=True)
law = sympy.Symbol("i")
FORWARD = (s, 0, sympy.oo)

# "if y is at least z, 2 y is at least 2 z"
DOUBLE = Theorem(
    name="Doubling",
    reference="a book",
    words="Twice the larger is at least twice the smaller.",
    form=lambda larger, smaller: Form(
        at_least(2 * larger, 2 * smaller), {"order": at_least(larger, smaller)}
    ),
    quantities={"larger": x, "smaller": y},
)


def doubled(value, label):
    return Cited(DOUBLE, {"larger": value, "smaller": sympy.S.Zero}, {"order": label})


def theorems():
    for module in pkgutil.iter_modules(textbook.__path__):
        for name, value in vars(
            importlib.import_module(f"recurate.theory.textbook.{module.name}")
        ).items():
            if isinstance(value, Theorem):
                yield pytest.param(value, id=name)


def check(justification, claim, *, general=(), **known):
    justification.check(claim, Known(known, dict.fromkeys(known, general)))


def refused(justification, claim, match=r"\w", *, general=(), **known):
    with pytest.raises(ValueError, match=match):
        check(justification, claim, general=general, **known)
    return True


def test_a_citation_counts_as_cited_and_what_rests_on_it_says_so():
    proof = Proof(
        supposed={"given": at_least(y, 0)},
        steps=(
            Step("textbook", at_least(2 * y, 0), "It is known.", doubled(y, "given")),
            Step("after", at_least(4 * y, 0), "Twice.", Combination({"textbook": 2})),
            Step("lost", at_least(2 * y, 0), "It is known.", doubled(y, "missing")),
        ),
    )
    verified = proof.verify()
    assert [v.state for v in verified] == ["cited", "verified", "failed"]
    assert verified[1].rests_on == {"textbook", "given"}
    assert verified[1].uses == {"textbook"}


def test_a_citation_inside_an_implication_is_cited():
    claim = sympy.Implies(at_least(x, 0), at_least(2 * x, 0), evaluate=False)
    step = Step("textbook", claim, "It is known.", Supposing(doubled(x, "hypothesis")))
    assert Proof(steps=(step,)).verify()[0].state == "cited"


def test_premises_and_conclusion_have_to_match():
    known = {"given": at_least(y, 0), "strict": less(0, y), "equation": equal(y, 0)}
    check(doubled(y, "given"), at_least(2 * y, 0), **known)
    check(doubled(y, "given"), at_most(0, y + y), **known)  # the same, written otherwise
    assert refused(doubled(y, "given"), at_least(3 * y, 0), "concludes", **known)
    assert refused(doubled(y, "given"), less(0, 2 * y), "concludes", **known)
    assert refused(doubled(x, "given"), at_least(2 * x, 0), "given is not 'order'", **known)
    assert refused(doubled(y, "strict"), at_least(2 * y, 0), "is not 'order'", **known)
    assert refused(doubled(y, "equation"), at_least(2 * y, 0), "is not 'order'", **known)
    no_premise = Cited(DOUBLE, {"larger": y, "smaller": sympy.S.Zero})
    assert refused(no_premise, at_least(2 * y, 0), "has the premises order", **known)
    too_few = Cited(DOUBLE, {"larger": y}, {"order": "given"})
    assert refused(too_few, at_least(2 * y, 0), "is about larger, smaller", **known)


def test_a_premise_about_all_values_has_to_be_known_of_all():
    cite = Cited(POSITIVE_INTEGRAL, {"integrand": s * x**2, "variable": s}, {"positive": "given"})
    claim = less(0, sympy.Integral(s * x**2, FORWARD))
    given = less(0, s * x**2)
    check(cite, claim, general=(s,), given=given)
    assert refused(cite, claim, "not supposed of every s", given=given)


@pytest.mark.parametrize("theorem", list(theorems()))
def test_theorems_are_said_in_general(theorem):
    form = theorem.in_general()
    assert theorem.words.endswith(".")
    assert theorem.reference
    assert set(form.general) <= set(form.premises)
    # The theorem follows from all its premises, and not if one is missing.
    variables = frozenset().union(*form.general.values())
    premises = {name: name for name in form.premises}
    cite = Cited(theorem, theorem.quantities, premises)
    check(cite, form.conclusion, general=variables, **form.premises)
    for name in form.premises:
        others = {other: of for other, of in form.premises.items() if other != name}
        assert refused(cite, form.conclusion, "is not known", general=variables, **others)


def test_the_mean_goes_inside_nonnegative_integrals_only():
    drawn = random_weight * sympy.exp(-s * random_weight)
    at = {"variable": s, "lower": sympy.S.Zero, "upper": sympy.oo}
    claim = equal(Mean(sympy.Integral(drawn, FORWARD)), sympy.Integral(Mean(drawn), FORWARD))
    cite = Cited(TONELLI, {"integrand": drawn, **at}, {"nonnegative": "sign"})
    check(cite, claim, general=(s,), sign=at_least(drawn, 0))
    assert refused(cite, claim, general=(s,), sign=at_least(drawn, -1))
    of_candidates = {"integrand": random_weight * K, **at, "variable": K}
    assert refused(
        Cited(TONELLI, of_candidates, {"nonnegative": "sign"}),
        claim,
        "tied",
        sign=at_least(random_weight * K, 0),
    )


def test_transforms_of_sums_are_powers():
    one = Mean(sympy.exp(-s * drawn_weight(law)))
    total = Mean(sympy.exp(-s * weight_of_others(law, K - 1)))
    quantities = {"variable": s, "law": law, "number": K - 1}
    cite = Cited(TRANSFORM_OF_SUM, quantities, {"number": "some"})
    some = at_least(K - 1, 0)
    check(cite, equal(total, one ** (K - 1)), some=some)
    assert refused(cite, equal(total, one**K), some=some)
    assert refused(cite, equal(total, one ** (K - 1)), some=at_least(K, 0))
    two = Mean(sympy.exp(-s * drawn_weight(sympy.Symbol("j"))))
    assert refused(cite, equal(total, two ** (K - 1)), some=some)


def test_a_transform_has_a_density_that_stands_still():
    m = transform(law, s)
    slope = absolutely_continuous(m, -Mean(random_weight * sympy.exp(-s * random_weight)), s)
    of = {"transform": m, "density": sympy.S.One, "drawn": random_weight, "variable": s}
    known = {"transform": equal(m, Mean(sympy.exp(-s * random_weight)))}
    check(Cited(TRANSFORM_SLOPE, of, {"transform": "transform"}), slope, general=(s,), **known)
    moving = Cited(TRANSFORM_SLOPE, {**of, "density": s}, {"transform": "transform"})
    assert refused(moving, slope, "depends on s", general=(s,), **known)
    at_one = Cited(TRANSFORM_LIMIT, {**of, "point": sympy.S.One}, {"transform": "transform"})
    assert refused(at_one, slope, "at 0 or at infinity", general=(s,), **known)
    # What may be 0 keeps its transform from falling to 0.
    atom = sympy.Symbol("X", nonnegative=True)
    kept = {**of, "drawn": atom, "point": sympy.oo}
    assert set(TRANSFORM_LIMIT.form(**kept).premises) == {"transform", "drawn"}


def test_the_chain_rule_takes_smooth_functions_of_what_they_are_defined_for():
    m = transform(law, s)
    base, real = sympy.Symbol("y", positive=True), sympy.Symbol("y", real=True)
    slope = sympy.Function("f", real=True)(s)

    def of(function, symbol, value=m):
        values = ((symbol, value, slope),)
        return Cited(
            CHAIN_RULE, {"function": function, "values": values, "variable": s}, {"y": "given"}
        )

    known = {"given": absolutely_continuous(m, slope, s)}
    power = absolutely_continuous(m**K, K * m ** (K - 1) * slope, s)
    check(of(base**K, base), power, general=(s,), **known)
    assert refused(of(base**K, base), power, "not supposed of every s", **known)
    half = absolutely_continuous(m**K, m ** (K - 1) * slope, s)
    assert refused(of(base**K, base), half, "concludes", general=(s,), **known)
    assert refused(of(abs(real), real), power, "smooth", general=(s,), **known)
    assert refused(of(base**K, base, x), power, "positive", general=(s,), **known)


def test_the_positive_part_needs_the_signs():
    f, slope, one = (sympy.Function(name, real=True)(s) for name in ("f", "f'", "1_+"))
    cite = Cited(
        POSITIVE_PART,
        {"function": f, "slope": slope, "indicator": one, "variable": s},
        {
            "function": "f",
            "where one": "above",
            "where zero": "below",
            "nonnegative": "from zero",
            "most": "to one",
        },
    )
    known = {
        "from zero": at_least(one, 0),
        "to one": at_most(one, 1),
        "f": absolutely_continuous(f, slope, s),
        "above": at_least(one * f, 0),
        "below": at_most((1 - one) * f, 0),
    }
    claim = absolutely_continuous(one * f, one * slope, s)
    check(cite, claim, general=(s,), **known)
    assert refused(cite, claim, general=(s,), **{**known, "below": at_least((1 - one) * f, 0)})
    assert refused(cite, claim, general=(s,), **{**known, "to one": at_most(one, 2)})


def test_the_fundamental_theorem_takes_both_limits():
    f, slope = (sympy.Function(name, real=True)(s) for name in ("f", "f'"))
    cite = Cited(
        FUNDAMENTAL_THEOREM,
        {"function": f, "slope": slope, "variable": s, "start": x, "end": y},
        {"function": "f", "start": "start", "end": "end"},
    )
    known = {
        "f": absolutely_continuous(f, slope, s),
        "start": equal(sympy.Limit(f, s, 0, "+"), x),
        "end": equal(sympy.Limit(f, s, sympy.oo, "-"), y),
    }
    integral = sympy.Integral(slope, FORWARD)
    check(cite, equal(integral, y - x), general=(s,), **known)
    assert refused(cite, equal(integral, x - y), general=(s,), **known)
    swapped = {**known, "start": known["end"], "end": known["start"]}
    assert refused(cite, equal(integral, y - x), general=(s,), **swapped)


def test_what_comes_arbitrarily_close_stands_still():
    nearly = at_most(x, y + e)
    cite = {"value": x, "bound": y, "slope": sympy.S.One, "variable": e}
    check(Cited(ARCHIMEDES, cite, {"nearly": "nearly"}), at_most(x, y), general=(e,), nearly=nearly)
    assert refused(
        Cited(ARCHIMEDES, {**cite, "value": x * e}, {"nearly": "nearly"}),
        at_most(x, y),
        "depends on",
        general=(e,),
        nearly=nearly,
    )
    assert refused(
        Cited(ARCHIMEDES, {**cite, "variable": lam}, {"nearly": "nearly"}), at_most(x, y), "tied"
    )


def test_nothing_is_supposed_of_a_limit_but_that_it_is_one():
    quantities = ITERATION_CONVERGES.quantities
    limit, law_at = quantities["limit"], quantities["law"]
    index, one, other = quantities["variables"]
    for changes in (
        {"first": variation_between(law_at.subs(t, 0), limit)},  # it would rest on the limit
        {"rate": 1 / (1 + index)},  # not one rate for all t
        {"step": quantities["step"] * other},
        {"step": quantities["step"] * index},
        {"factor": quantities["factor"] * other},
        {"first": sympy.oo},
        {"limit": law_at},
        {"limit": one},
    ):
        with pytest.raises(ValueError, match=r"not depend|name|without assumptions|not finite"):
            ITERATION_CONVERGES.form(**{**quantities, **changes})

"""What each justification must not let through: ways in which a false claim could pass."""

import pytest
import sympy

from recurate.theory.language.draws import density_at, others_weight, random_quantity, random_weight
from recurate.theory.language.means import Mean, Moment, PowerSum, sum_over_candidates
from recurate.theory.language.notation import (
    K,
    inverse_candidates,
    max_weight,
    real_fraction,
    synthetic_fraction,
    t,
)
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.generalising import Induction, Substitution, Summed, UnderMean
from recurate.theory.proving.justifications import (
    Combination,
    Identity,
    Monotone,
    Reciprocal,
    Sign,
    Supposing,
)
from recurate.theory.proving.limits import LimitValue
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import manifestly_nonnegative, vanishes, with_slacks

x, y = sympy.symbols("x y", real=True)
p, q = sympy.symbols("p q", positive=True)
n = sympy.Symbol("n", integer=True, nonnegative=True)


def refused(justification, claim, **known):
    with pytest.raises(ValueError, match=r"\w"):
        justification.check(claim, known)
    return True


def test_identity():
    Identity().check(equal((x + y) ** 2, x**2 + 2 * x * y + y**2), {})
    assert refused(Identity(), equal((x + y) ** 2, x**2 + y**2))
    assert refused(Identity(), at_least(x, x))


def test_sign():
    Sign().check(at_least(x**2 + y**2, 0), {})
    Sign(form=(x - y) ** 2).check(at_least(x**2 + y**2, 2 * x * y), {})
    Sign(given=("order",)).check(at_least(q / p, 1), {"order": at_most(p, q)})
    Sign().check(less(0, p + q**2), {})
    assert refused(Sign(), at_least(x, 0))
    assert refused(Sign(), less(0, x**2))  # zero at zero
    assert refused(Sign(form=x**2), at_least(x**2 + y, 0))  # not the same
    assert refused(Sign(given=("order",)), at_least(p / q, 1), order=at_most(p, q))
    assert refused(Sign(given=("missing",)), at_least(q, p))
    assert refused(Sign(), equal(p, p))


def test_combination():
    known = {"a": at_least(x, 1), "b": at_least(y, 2), "c": equal(x, 3 * y)}
    Combination({"a": 2, "b": p}).check(at_least(2 * x + p * y, 2 + 2 * p), known)
    Combination({("a", "b"): 1}).check(at_least((x - 1) * (y - 2), 0), known)
    Combination({"c": -1}).check(equal(3 * y, x), known)
    Combination({"a": 1}, remainder=p).check(at_least(x + p, 1), known)
    assert refused(Combination({"a": -1}), at_most(x, 1), **known)  # negative multiplier
    assert refused(Combination({"a": x}), at_least(x**2, x), **known)  # of unknown sign
    assert refused(Combination({"a": 1}), equal(x, 1), **known)  # >= is not =
    assert refused(Combination({"a": 1}), less(1, x), **known)  # nor >
    assert refused(Combination({"a": 1}), at_least(x, 2), **known)
    assert refused(Combination({"a": 1}, remainder=-p), at_least(x - p, 1), **known)
    assert refused(Combination({"c": 1}, remainder=p), equal(x + p, 3 * y), **known)
    assert refused(Combination({("a", "c"): 1}), at_least((x - 1) * (x - 3 * y), 0), **known)


def test_summed_and_mean():
    known = {"one": at_most(random_weight, max_weight)}
    Summed("one").check(at_most(PowerSum(0, 1), K * max_weight), known)
    UnderMean("one").check(at_most(Moment(0, 1), max_weight), known)
    assert refused(Summed("one"), at_most(PowerSum(0, 1), max_weight), **known)
    assert refused(Summed("one"), less(PowerSum(0, 1), K * max_weight), **known)
    assert refused(UnderMean("one"), equal(Moment(0, 1), max_weight), **known)
    assert refused(UnderMean("one"), at_most(Moment(0, 2), max_weight), **known)
    quotient = {"one": at_most(1 / random_weight, p)}
    assert refused(Summed("one"), at_most(K / random_weight, K * p), **quotient)


def test_substitution():
    known = {"square": at_least((p - 1) ** 2, 0), "of n": at_least(n**2, n)}
    Substitution("square", {p: q + 1}).check(at_least(q**2, 0), known)
    Substitution("of n", {n: n + 1}).check(at_least((n + 1) ** 2, n + 1), known)
    assert refused(Substitution("square", {p: x}), at_least((x - 1) ** 2, 0), **known)
    half = sympy.Rational(1, 2)
    assert refused(Substitution("of n", {n: half}), at_least(half**2, half), **known)
    assert refused(Substitution("square", {p: q + 1}), at_least(q, 0), **known)
    signed = {**known, "sign": at_least(x, 0), "strict": less(0, x)}
    assert refused(
        Substitution("square", {p: x}, signs={p: "sign"}), at_least((x - 1) ** 2, 0), **signed
    )
    Substitution("square", {p: x}, signs={p: "strict"}).check(at_least((x - 1) ** 2, 0), signed)


def test_induction():
    claim = at_most(density_at(t), p)
    following = at_most(density_at(t + 1), p)
    known = {
        "base": at_most(density_at(0), p),
        "next": sympy.Implies(claim, following, evaluate=False),
    }
    Induction(t, 0, "base", "next").check(claim, known)
    assert refused(Induction(t, 1, "base", "next"), claim, **known)
    assert refused(Induction(t, 0, "next", "next"), claim, **known)
    assert refused(Induction(t, 0, "base", "base"), claim, **known)
    assert refused(Induction(t, 0, "base", "next"), at_most(density_at(t), q), **known)
    backwards = sympy.Implies(following, claim, evaluate=False)
    assert refused(Induction(t, 0, "base", "next"), claim, base=known["base"], next=backwards)


def test_a_hypothesis_about_one_t_says_nothing_of_the_next():
    claim = at_most(density_at(t), p)
    following = at_most(density_at(t + 1), p)
    step = sympy.Implies(claim, following, evaluate=False)
    assert refused(Supposing(Substitution("hypothesis", {t: t + 1})), step)
    assert refused(Supposing(Combination({"hypothesis": 1})), step)
    assert refused(Supposing(Combination({"hypothesis": 1})), following)


def test_reciprocal_and_monotone():
    Reciprocal("x").check(less(0, 1 / x), {"x": less(0, x)})
    assert refused(Reciprocal("x"), less(0, 1 / x), x=at_least(x, 0))
    assert refused(Reciprocal("x"), less(0, 1 / y), x=less(0, x))
    known = {"order": at_most(p, q), "real": at_most(x, y)}
    Monotone("order", sympy.log(p), p).check(at_most(sympy.log(p), sympy.log(q)), known)
    assert refused(Monotone("order", 1 / p, p), at_most(1 / p, 1 / q), **known)
    assert refused(Monotone("order", sympy.log(p), p), at_most(sympy.log(q), sympy.log(p)), **known)
    # x^2 increases only from zero up, and x is any real number.
    assert refused(Monotone("real", p**2, p), at_most(x**2, y**2), **known)


def test_limit():
    limit = sympy.Limit((1 - 1 / p) * x, p, sympy.oo)
    LimitValue(p, sympy.oo).check(equal(limit, x), {})
    assert refused(LimitValue(p, sympy.oo), equal(limit, 2 * x))
    assert refused(LimitValue(p, 0), equal(limit, x))


def test_means_are_moments_for_every_number_of_candidates():
    # By hand: E[(sum w)^2] = K E w^2 + K(K-1) (E w)^2, and K = 2, 3 give the usual formulas.
    square = Mean(PowerSum(0, 1) ** 2)
    assert vanishes(square - (K * Moment(0, 2) + K * (K - 1) * Moment(0, 1) ** 2))
    # E[sum g w sum w] for independent candidates.
    mixed = Mean(PowerSum(1, 1) * PowerSum(0, 1))
    assert vanishes(mixed - (K * Moment(1, 2) + K * (K - 1) * Moment(1, 1) * Moment(0, 1)))
    # E[(sum w)^3] at K = 2 by expanding (w1 + w2)^3: 2 m3 + 6 m2 m1.
    cube = Mean(PowerSum(0, 1) ** 3).subs(K, 2)
    assert vanishes(cube - (2 * Moment(0, 3) + 6 * Moment(0, 2) * Moment(0, 1)))
    assert Mean(3 * random_weight**2 * random_quantity) == 3 * Moment(1, 2)
    assert Mean(p) == p


def test_sums_over_candidates_and_pairs():
    assert sum_over_candidates(random_weight**2 + 1) == PowerSum(0, 2) + K
    with pytest.raises(ValueError, match="not a polynomial in a candidate"):
        sum_over_candidates(sympy.exp(random_weight))


def test_manifest_signs():
    assert manifestly_nonnegative(1 - inverse_candidates) is False  # K >= 1 was not given
    assert manifestly_nonnegative(
        with_slacks(1 - inverse_candidates, [at_most(inverse_candidates, 1)])
    )
    assert manifestly_nonnegative(sympy.log(1 + p))
    assert not manifestly_nonnegative(sympy.log(p))
    assert not manifestly_nonnegative(p - q)
    assert not manifestly_nonnegative(x**3)
    assert not manifestly_nonnegative(-(p**2))
    assert manifestly_nonnegative(x**2, strictly=False)
    assert not manifestly_nonnegative(x**2, strictly=True)
    with pytest.raises(ValueError, match="has to be a symbol"):
        with_slacks(p, [at_most(p + 1, q + 2)])


def test_division_by_what_may_be_zero_is_refused():
    known = {"square": equal(y**2, y), "nothing": equal(x, 0), "not zero": less(0, x)}
    assert refused(Combination({"square": 1 / y}), equal(y, 1), **known)
    assert refused(Combination({"nothing": 1 / x}), equal(1, 0), **known)
    assert refused(Combination({"square": 1 / (p - q)}), equal((y**2 - y) / (p - q), 0), **known)
    Combination({"square": 1 / x}, given=("not zero",)).check(equal(y**2 / x, y / x), known)
    assert not manifestly_nonnegative(1 / x**2)
    assert refused(
        Substitution("square of p", {p: 1 / x}),
        at_least(1 / x**2, 0),
        **{"square of p": at_least(p**2, 0)},
    )


def test_strict_premises_keep_their_direction():
    known = {"order": less(p, q)}
    Monotone("order", sympy.log(p), p).check(at_most(sympy.log(p), sympy.log(q)), known)
    assert refused(Monotone("order", sympy.log(p), p), at_most(sympy.log(q), sympy.log(p)), **known)


def test_induction_covers_all_values_of_its_variable():
    claim, following = at_most(density_at(t), p), at_most(density_at(t + 1), p)
    step = sympy.Implies(claim, following, evaluate=False)
    late = {"base": at_most(density_at(1), p), "next": step}
    # It would be known of t = 0 as well, which it was not shown for.
    assert refused(Induction(t, 1, "base", "next"), claim, **late)
    real = {"base": at_least(sympy.sin(0), 0), "next": step}
    assert refused(Induction(x, 0, "base", "next"), at_least(sympy.sin(x), 0), **real)


def test_what_is_supposed_of_one_value_is_not_generalised():
    proof = Proof(
        supposed={"now": at_most(density_at(t), p), "always": at_most(density_at(t), q)},
        general={"always": (t,)},
        steps=(
            Step("next", at_most(density_at(t + 1), p), ".", Substitution("now", {t: t + 1})),
            Step("later", at_most(density_at(t + 1), q), ".", Substitution("always", {t: t + 1})),
            Step(
                "sum",
                at_most(density_at(t), (p + q) / 2),
                ".",
                Combination({"now": sympy.Rational(1, 2), "always": sympy.Rational(1, 2)}),
            ),
            Step("both", at_most(density_at(0), (p + q) / 2), ".", Substitution("sum", {t: 0})),
        ),
    )
    assert [v.state for v in proof.verify()] == ["failed", "verified", "verified", "failed"]
    assert "now is not supposed of every t" in proof.verify()[-1].reason
    assert proof.verify()[2].rests_on == {"now", "always"}


@pytest.mark.parametrize(
    "conclusion",
    [UnderMean("hypothesis"), Summed("hypothesis"), Substitution("hypothesis", {x: y})],
)
def test_a_hypothesis_is_not_generalised(conclusion):
    premise = at_most(random_weight, p)
    for end in (at_most(Moment(0, 1), p), at_most(PowerSum(0, 1), K * p), premise):
        assert refused(Supposing(conclusion), sympy.Implies(premise, end, evaluate=False))


def test_tied_symbols_and_means_are_not_substituted():
    known = {
        "fractions": equal(real_fraction + synthetic_fraction, 1),
        "transform": equal(y, Mean(sympy.exp(-p * random_weight))),
    }
    assert refused(
        Substitution("fractions", {synthetic_fraction: sympy.Integer(5)}),
        equal(real_fraction + 5, 1),
        **known,
    )
    captured = equal(y, Mean(sympy.exp(-(random_weight**2))))
    assert refused(Substitution("transform", {p: random_weight}), captured, **known)


def test_other_sides_of_a_limit_and_unknown_functions():
    jump = 1 / (1 + sympy.exp(1 / x))
    from_below = equal(sympy.Limit(jump, x, 0, "-"), 0)
    assert refused(LimitValue(x, 0), from_below)
    unknown = sympy.Function("f")(p)
    assert refused(LimitValue(p, sympy.oo), equal(sympy.Limit(unknown, p, sympy.oo), 0))


def test_differing_is_no_inequality():
    assert refused(Sign(), sympy.Ne(p, p, evaluate=False))
    assert refused(Combination({"a": 1}), at_least(x, y), a=sympy.Ne(x, y, evaluate=False))


def test_sums_refuse_what_differs_between_candidates():
    known = {"one": equal(random_weight + others_weight, PowerSum(0, 1))}
    claim = equal(PowerSum(0, 1) + K * others_weight, K * PowerSum(0, 1))
    assert refused(Summed("one"), claim, **known)

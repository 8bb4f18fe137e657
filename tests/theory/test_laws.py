"""A mean carries its law: what would follow if it did not must not be let through."""

import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language.draws import (
    density_at,
    drawn_weight,
    one_law,
    others_quantity,
    others_weight,
    paired_weight,
    random_quantity,
    random_weight,
    ratio_at,
    weight_of_others,
)
from recurate.theory.language.means import Mean, Moment, PowerSum, is_random
from recurate.theory.language.notation import (
    K,
    curation_ratio,
    curation_ratio_of,
    density_of,
    max_weight,
    mean_weight,
    mean_weight_at,
    real_fraction,
    synthetic_fraction,
    t,
    weight,
)
from recurate.theory.language.relations import at_least, at_most, equal
from recurate.theory.one_curation.curation_ceiling import transform, winning
from recurate.theory.proving.generalising import Substitution, Summed, UnderMean
from recurate.theory.proving.justifications import Combination, Identity, Sign
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.limits import ContinuousImage, LimitValue, Squeeze
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.sampling import Conditioning, Exchangeability, Independence, OverPairs
from recurate.theory.proving.shapes import Decreasing, Image

W, G, S, J = random_weight, random_quantity, others_weight, others_quantity
PROVED = {name: statement.proof for name, statement in STATEMENTS.items() if statement.proof.steps}
s, v = sympy.symbols("s v", positive=True)
y = sympy.Symbol("y", nonnegative=True)


def refused(justification, claim, known=None, match=None):
    with pytest.raises(ProofError, match=match):
        justification.check(claim, known or {})


def states(name, *attempts):
    """What comes of further steps, each a claim and its justification, after those of a proof."""
    proof = PROVED[name]
    steps = (Step(f"attempt {n}", *attempt) for n, attempt in enumerate(attempts))
    longer = Proof((*proof.steps, *steps), proof.supposed, proof.general)
    return [verification.state for verification in longer.verify()[len(proof.steps) :]]


def attempt(claim, because):
    return claim, "So it would seem.", because


@pytest.mark.parametrize("name", PROVED)
def test_what_is_supposed_of_every_value_says_so_inside_its_means(name):
    for label, symbols in PROVED[name].general.items():
        claim = PROVED[name].supposed[label]
        for symbol in symbols if claim.has(Mean, Moment) else ():
            assert any(mean.has(symbol) for mean in claim.atoms(Mean, Moment)), (label, symbol)


def test_the_mean_weight_may_change_with_the_step():
    first = equal(mean_weight_at(0), Mean(drawn_weight(0)))
    same_draw = equal(mean_weight_at(0), Mean(drawn_weight(t)))
    stays = equal(mean_weight_at(t), mean_weight)
    assert states(
        "theorem-2.4-bounded-weights",
        attempt(first, Substitution("law", {t: 0})),
        attempt(same_draw, Substitution("law", {t: 0})),
        attempt(stays, Combination({"law": 1, "attempt 0": -1, "start": 1})),
        attempt(stays, Combination({"law": 1, "start": 1})),
    ) == ["verified", "failed", "failed", "failed"]


def test_two_laws_may_have_different_transforms():
    law, p, q = sympy.symbols("i p q")

    def of(name, drawn_from):
        return equal(transform(name, s), Mean(sympy.exp(-s * drawn_weight(drawn_from))))

    for_p, for_q = (Substitution("transform", {law: name}) for name in (p, q))
    same = equal(transform(p, s), transform(q, s))
    assert states(
        "curation-lipschitz-sharp",
        attempt(of(p, p), for_p),
        attempt(of(q, q), for_q),
        attempt(same, Combination({"attempt 0": 1, "attempt 1": -1})),
        attempt(of(p, q), for_p),
        attempt(of(p, law), for_p),
    ) == ["verified", "verified", "failed", "failed", "failed"]


def test_a_ceiling_is_for_one_number_of_candidates_from_one_law():
    law, p, q = sympy.symbols("i p q")
    claims = {step.label: step.claim for step in PROVED["loop-contraction"].steps}

    def ceiling(*others):
        wins = Mean(max_weight / (max_weight + weight_of_others(*others)))
        return at_most(wins, claims["ceiling"].rhs)

    same = Combination({"ceiling": 1})
    assert states(
        "loop-contraction",
        attempt(ceiling(p, K - 1), same),
        attempt(ceiling(q, K - 1), same),
        attempt(ceiling(p, K), same),
        attempt(ceiling(p, K - 2), same),
    ) == ["verified", "failed", "failed", "failed"]
    # Tonelli's theorem is for every law, but for the same one on both sides.
    (integral,) = (
        step.claim
        for step in PROVED["curation-lipschitz-sharp"].steps
        if step.label == "winning as an integral"
    )
    of_p, of_q = ([side.subs(law, name) for side in integral.args] for name in (p, q))
    for_p = Substitution("winning as an integral", {law: p})
    assert states(
        "curation-lipschitz-sharp",
        attempt(equal(*of_p), for_p),
        attempt(equal(of_p[0], of_q[1]), for_p),
    ) == ["verified", "failed"]


def test_a_mean_under_one_step_is_not_that_under_another():
    def ratio(step, law):
        wins = winning(max_weight, law)
        return equal(curation_ratio_of(step, max_weight), K * wins)

    later = Substitution("ratio at the top", {t: t + 1})
    assert states(
        "theorem-2.4-bounded-weights",
        attempt(ratio(t + 1, t + 1), later),
        attempt(ratio(t + 1, t), later),
        attempt(ratio(t, t + 1), Substitution("ratio at the top", {})),
    ) == ["verified", "failed", "failed"]


def test_curation_ratios_are_not_constant_in_the_mean_over_the_reference():
    # With total mass one the mean of d' = m + a d H would give H = 1, if H were no draw.
    constant = equal(
        Mean(density_at(t + 1)),
        real_fraction + synthetic_fraction * ratio_at(t) * Mean(density_at(t)),
    )
    product = equal(
        Mean(density_at(t + 1)),
        real_fraction + synthetic_fraction * Mean(ratio_at(t) * density_at(t)),
    )
    attempts = [attempt(claim, UnderMean("loop")) for claim in (product, constant)]
    for name in ("theorem-2.4", "theorem-2.4-bounded-weights", "reference-divergence"):
        assert states(name, *attempts) == ["verified", "failed"]


def test_what_is_near_the_top_for_one_distance_is_not_for_another():
    proof = PROVED["theorem-2.1"]
    mass = proof.supposed["mass near the top"]
    (epsilon,) = proof.general["mass near the top"]
    doubled = [side.subs(epsilon, 2 * epsilon) for side in mass.args]
    twice = Substitution("mass near the top", {epsilon: 2 * epsilon})
    assert states(
        "theorem-2.1",
        attempt(equal(*doubled), twice),
        attempt(equal(doubled[0], mass.rhs), twice),
    ) == ["verified", "failed"]


def test_increasing_is_not_affine():
    # (f - f')^2 = slope^2 (w - w')^2 in the mean: if the slope were one number, f would be affine.
    increase = PROVED["theorem-2.3-optimal"].supposed["increasing"]
    slope = increase.rhs / (W - paired_weight)
    known = {"square": equal(increase.lhs * (W - paired_weight), slope * (W - paired_weight) ** 2)}
    covariance = 2 * (Moment(1, 1) - Moment(1, 0) * Moment(0, 1))
    variance = 2 * (Moment(0, 2) - Moment(0, 1) ** 2)
    refused(OverPairs("square"), equal(covariance, slope * variance), known, "not a product")


def test_the_ratio_of_curation_ratios_moves_with_the_weight():
    proof = PROVED["curation-order"]
    ratio = proof.supposed["curation ratios"]
    (weight,) = proof.general["curation ratios"]
    later = ratio.lhs.subs(weight, 2 * weight)
    twice = Substitution("curation ratios", {weight: 2 * weight})
    assert states(
        "curation-order",
        attempt(equal(later, ratio.rhs.subs(weight, 2 * weight)), twice),
        attempt(equal(later, ratio.rhs), twice),
        attempt(equal(later, ratio.lhs), Combination({"attempt 0": 1, "curation ratios": -1})),
    ) == ["verified", "failed", "failed"]


def test_what_is_drawn_is_random_and_its_law_is_not():
    assert is_random(drawn_weight(t))
    assert is_random(density_at(t) * ratio_at(t))
    assert is_random(S)
    assert is_random(PowerSum(0, 1))
    assert not is_random(density_of(t, weight))
    assert Mean(t * drawn_weight(t)) == t * Mean(drawn_weight(t))
    assert Mean(drawn_weight(0)) != Mean(drawn_weight(1))
    with pytest.raises(ValueError, match="number of candidates"):
        weight_of_others(one_law)
    # Sums over candidates from different laws have no moments in common.
    one, other = PowerSum(0, 1, K, v), PowerSum(0, 1, K, s)
    assert Mean(one**2) == K * Moment(0, 2, v) + K * (K - 1) * Moment(0, 1, v) ** 2
    assert Mean(one * other).has(Mean)
    assert Mean(PowerSum(0, 1, 3)) == 3 * Moment(0, 1)


def test_nothing_random_is_put_into_a_mean_or_for_a_law():
    mean = Mean(sympy.exp(-s * W))
    assert put_in(mean, {s: 2 * s}) == Mean(sympy.exp(-2 * s * W))
    for expression, symbol, value in (
        (mean, s, W),
        (mean, s, paired_weight),
        (mean, s, drawn_weight(t)),
        (mean, W, v),
        (drawn_weight(t), t, W),
        (PowerSum(0, 1, K, s), s, W),
        (Mean(drawn_weight(t) * W), drawn_weight(t), v),
    ):
        with pytest.raises(ProofError, match="would change"):
            put_in(expression, {symbol: value})


def test_every_justification_keeps_random_values_out_of_means():
    transform_of = Mean(sympy.exp(-s * W))
    known = {
        "falls": at_most(transform_of.subs(s, s + y), transform_of),
        "same": equal(v, W),
        "from below": at_least(W, 1),
    }
    one, other = Mean(sympy.exp(-W * W)), Mean(sympy.exp(-W * paired_weight))
    captured = at_least((one - other) * (paired_weight - W), 0)
    match = "would change"
    refused(Decreasing("falls", transform_of, s, y, (W, paired_weight)), captured, known, match)
    refused(Image("same", transform_of, s), equal(transform_of.subs(s, v), one), known, match)
    # A slack of W differs from draw to draw: the mean of a square is not the square of the mean.
    jensen = at_least(Mean(1 / W) ** 2, Mean(1 / W**2))
    refused(Sign(given=("from below",)), jensen, known, match)
    nested = equal(Mean(S * Mean(sympy.exp(-W * S))), Mean(curation_ratio(W)))
    inner = S * Mean(sympy.exp(-weight * S))
    ratio = {"ratio": equal(curation_ratio(weight), Mean(inner))}
    refused(Conditioning("ratio", inner), nested, ratio, match)


def test_only_the_others_are_known_to_be_independent():
    for drawn in (drawn_weight(t), density_at(t), weight_of_others(one_law, K)):
        product = equal(Mean(G * drawn), Mean(G) * Mean(drawn))
        refused(Independence(G, drawn), product)
        product = equal(Mean(drawn * S), Mean(drawn) * Mean(S))
        refused(Independence(drawn, S), product)
        pair = {"it": at_least(drawn * paired_weight, 0)}
        refused(OverPairs("it"), at_least(Mean(drawn) * Mean(W), 0), pair, "more than two draws")
        refused(Summed("it"), at_least(K * drawn, 0), {"it": at_least(drawn, 0)})
        share = equal(Mean(PowerSum(0, 1) * drawn), K * Mean(W * drawn))
        refused(Exchangeability((0, 1), drawn), share)
    claim = equal(Mean(G * S), Mean(G) * Mean(S))
    Independence(G, S).check(claim, {})
    Independence(G, J).check(equal(Mean(G * J), Mean(G) * Mean(J)), {})
    function = sympy.Function("f", positive=True)
    for random_ratio in (drawn_weight(weight), function(weight, S)):
        known = {"ratio": equal(random_ratio, Mean(S))}
        claim = equal(Mean(S), Mean(random_ratio.subs(weight, W)))
        refused(Conditioning("ratio", S), claim, known, "has to define a function")


def test_the_others_grow_in_number_with_the_candidates():
    total = Mean(W * S) / K  # (K-1)/K (E w)^2
    for quotient in (total, Mean(S) / K, Mean(1 / (1 + PowerSum(0, 1))) / K):
        refused(LimitValue(K, sympy.oo), equal(sympy.Limit(quotient, K, sympy.oo), 0))


def test_limits_of_unknown_functions_are_not_known():
    vanishing = equal(sympy.Limit(density_of(t, weight) / (1 + t), t, sympy.oo), 0)
    refused(LimitValue(t, sympy.oo), vanishing, match="not known")
    refused(Identity(), vanishing)
    known = {"it": equal(sympy.Limit(mean_weight_at(t), t, sympy.oo), max_weight)}
    for unknown in (sympy.Function("f", positive=True), curation_ratio):
        image = equal(sympy.Limit(unknown(mean_weight_at(t)), t, sympy.oo), unknown(max_weight))
        refused(ContinuousImage("it", unknown(v), v), image, known, "not known")


def test_a_mean_is_no_function_of_what_is_averaged():
    slope = sympy.Derivative(Mean(sympy.exp(-s * W)), s)
    refused(Identity(), equal(slope, -W * sympy.exp(-s * W)))
    Identity().check(equal(sympy.Derivative(Mean(sympy.exp(-s * W)), v), 0), {})


def test_a_limit_is_taken_at_every_value_of_the_later_parameters():
    n = sympy.Symbol("n", positive=True)
    f, g = sympy.Function("f", positive=True), sympy.Function("g", positive=True)
    supposed = {
        "lower": at_least(g(n), 0),
        "upper": at_most(g(n), f(n)),
        "in n": equal(sympy.Limit(f(n), n, sympy.oo), v),
    }
    steps = (
        Step("in v", equal(sympy.Limit(v, v, 0), 0), ".", LimitValue(v, 0)),
        Step(
            "claim",
            equal(sympy.Limit(g(n), n, sympy.oo), 0),
            ".",
            Squeeze("lower", "upper", (), ("in n", "in v")),
        ),
    )
    # f tends to one v, not to every v.
    proof = Proof(steps, supposed, {"lower": (n,), "upper": (n,)})
    assert [verification.state for verification in proof.verify()] == ["verified", "failed"]
    assert "in n is not supposed of every v" in proof.verify()[1].reason


def test_the_chance_of_one_weight_is_not_that_of_another():
    proof = PROVED["candidates-order"]
    chance = proof.supposed["one more"]
    (at,) = proof.general["one more"]
    twice = Substitution("one more", {at: 2 * at})
    doubled = [side.subs(at, 2 * at) for side in chance.args]
    assert states(
        "candidates-order",
        attempt(equal(*doubled), twice),
        attempt(equal(doubled[0], chance.rhs), twice),
    ) == ["verified", "failed"]

"""What the justifications about independent candidates must not let through."""

import pytest
import sympy

from recurate.theory.language.draws import (
    others_quantity,
    others_weight,
    paired_quantity,
    paired_weight,
    random_quantity,
    random_weight,
)
from recurate.theory.language.means import Mean, Moment, PowerSum
from recurate.theory.language.notation import K, curation_ratio, ratio, weight
from recurate.theory.language.relations import at_least, equal, less
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.sampling import Conditioning, Exchangeability, Independence, OverPairs

G, W, S, J = random_quantity, random_weight, others_weight, others_quantity
TOTAL = PowerSum(0, 1)


def refused(justification, claim, **known):
    with pytest.raises(ProofError):
        justification.check(claim, known)
    return True


def test_exchangeability():
    winner = Mean(PowerSum(1, 1) / TOTAL)
    Exchangeability((1, 1), 1 / TOTAL).check(equal(winner, K * Mean(G * W / (W + S))), {})
    rule = Exchangeability((1, 0), 1 / (1 + PowerSum(1, 0)))
    rule.check(equal(Mean(PowerSum(1, 0) / (1 + PowerSum(1, 0))), K * Mean(G / (1 + G + J))), {})
    rule = Exchangeability((1, 1), 1 / TOTAL)
    assert refused(rule, equal(winner, Mean(G * W / (W + S))))  # K forgotten
    assert refused(rule, equal(winner, K * Mean(G * W / S)))  # the candidate left out of the sum
    assert refused(rule, at_least(winner, K * Mean(G * W / (W + S))))
    # No other power sum is split, and the function must not depend on the candidate.
    squares = PowerSum(0, 2)
    wrong = equal(Mean(TOTAL / squares), K * Mean(W / squares))
    assert refused(Exchangeability((0, 1), 1 / squares), wrong)
    assert refused(Exchangeability((0, 1), W), equal(Mean(TOTAL * W), K * Mean(W * W)))


def test_independence():
    claim = equal(Mean(G / (1 + S)), Moment(1, 0) * Mean(1 / (1 + S)))
    Independence(G, 1 / (1 + S)).check(claim, {})
    product = equal(Mean(G / W), Moment(1, 0) * Mean(1 / W))
    assert refused(Independence(G, 1 / W), product)  # of the same candidate
    assert refused(Independence(S, J), equal(Mean(S * J), Mean(S) * Mean(J)))
    total = equal(Mean(G / TOTAL), Moment(1, 0) * Mean(1 / TOTAL))
    assert refused(Independence(G, 1 / TOTAL), total)  # the sum holds the candidate
    assert refused(Independence(G, 1 / (1 + S)), equal(Mean(G / (1 + S)), Mean(1 / (1 + S))))


def test_conditioning():
    chance = weight / (weight + S)
    known = {"ratio": equal(curation_ratio(weight), Mean(chance))}
    claim = equal(Mean(G * W / (W + S)), Mean(G * curation_ratio(W)))
    Conditioning("ratio", chance, G).check(claim, known)
    fixed = equal(Mean(G * W / (W + S)), Mean(G) * curation_ratio(weight))
    assert refused(Conditioning("ratio", chance, G), fixed, **known)
    # A number H that stands for the ratio at one weight is not a function of it.
    constant = {"ratio": equal(ratio, Mean(chance))}
    claim = equal(Mean(G * W / (W + S)), Mean(G) * ratio)
    assert refused(Conditioning("ratio", chance, G), claim, **constant)
    # The mean has to be over the others alone.
    own = {"ratio": equal(curation_ratio(weight), Mean(weight / (W + S)))}
    claim = equal(Mean(W / (W + S)), Mean(curation_ratio(W)))
    assert refused(Conditioning("ratio", weight / (W + S)), claim, **own)


def test_pairs():
    product = (G - paired_quantity) * (W - paired_weight)
    known = {"ordered": at_least(product, 0)}
    twice = 2 * (Moment(1, 1) - Moment(1, 0) * Moment(0, 1))
    OverPairs("ordered").check(at_least(twice, 0), known)
    assert refused(OverPairs("ordered"), at_least(-twice, 0), **known)
    assert refused(OverPairs("ordered"), at_least(2 * Moment(1, 1), 0), **known)
    assert refused(OverPairs("ordered"), less(0, twice), **known)
    assert refused(OverPairs("ordered"), equal(twice, 0), **known)
    mixed = {"mixed": at_least(1 / (W + paired_weight), 0)}
    assert refused(OverPairs("mixed"), at_least(Mean(1 / W), 0), **mixed)
    others = {"others": at_least(S * W, 0)}
    assert refused(OverPairs("others"), at_least(Mean(S * W), 0), **others)
    exponents = {"tilt": at_least(sympy.exp(-W - paired_weight), 0)}
    OverPairs("tilt").check(at_least(Mean(sympy.exp(-W)) ** 2, 0), exponents)


def test_a_mean_has_the_sign_of_what_is_averaged():
    assert Mean(sympy.exp(-W)).is_positive
    assert Mean(S / (1 + S)).is_nonnegative
    assert Mean(G * S).is_nonnegative is None
    assert Mean(sympy.log(W)).is_positive is None

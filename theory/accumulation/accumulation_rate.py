"""Where data accumulate, the top weight still takes over, at a polynomial rate."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import one_candidate
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Image,
    Induction,
    Proof,
    Sign,
    Step,
    StrictCombination,
    Substitution,
    Supposing,
)
from recurate.theory.pure_loop import theorem_2_1_odds
from recurate.theory.statement import Hypothesis, Statement, instance_of

_value = sympy.Symbol("x", nonnegative=True)

_gain = sympy.Symbol("g", nonnegative=True)
"""g = c - 1, where one curation divides the odds against A by at least c = K/(1 + (K-1) ρ)."""


class _top_at(AtStep):
    """p_t(A), the mass of the top weights."""

    plain, typeset = "p_[{}](A)", r"p_{@}(A)"
    is_positive = True


class rest_at(AtStep):
    """p_t(not A), the mass off the top weights."""

    plain, typeset = "p_[{}](not A)", r"p_{@}(A^c)"
    is_nonnegative = True


class _curated_top_at(AtStep):
    """Mass of the top weights under T(p_t)."""

    plain, typeset = "Tp_[{}](A)", r"Tp_{@}(A)"
    is_positive = True


class _curated_rest_at(AtStep):
    """Mass off them under T(p_t)."""

    plain, typeset = "Tp_[{}](not A)", r"Tp_{@}(A^c)"
    is_nonnegative = True


_x, _y, _curated_y = _top_at(t), rest_at(t), _curated_rest_at(t)
_added = 1 / (real_rounds + t + 1)  # the share of the round's curated data among all
_total = _x * (1 + _gain) + _y
_slowed = 1 + top_mass * _gain


def exponent(gain: sympy.Expr) -> sympy.Expr:
    """Return κ = q(c-1)/(1 + q(c-1)) for c - 1 = gain."""
    return top_mass * gain / (1 + top_mass * gain)


def _bound(gain: sympy.Expr) -> sympy.Expr:
    return (1 - top_mass) * AccumulationProduct(exponent(gain), real_rounds, t)


_odds_rate = theorem_2_1_odds.rate(weight_ratio)
largest_gain = 1 / _odds_rate - 1
"""c - 1 for c = K/(1 + (K-1) ρ)."""

_claim = at_most(_y, _bound(largest_gain))
_by_gain = at_most(_y, _bound(_gain))
_not_falling = at_least(_x, top_mass)

_proof = Proof(
    general=dict.fromkeys(("theorem-2.1-odds", "masses", "curated masses", "accumulation"), (t,)),
    supposed={
        "candidates": at_least(K, 1),
        "others": at_most(weight_ratio, 1),
        "gain": equal(_gain, largest_gain),
        "masses": equal(_x + _y, 1),
        "curated masses": equal(_curated_top_at(t) + _curated_y, 1),
        "start": equal(_top_at(0), top_mass),
        "accumulation": equal(rest_at(t + 1), (1 - _added) * _y + _added * _curated_y),
        "theorem-2.1-odds": instance_of(
            theorem_2_1_odds.statement,
            {
                odds_against_at(t + 1): _curated_y / _curated_top_at(t),
                odds_against_at(t): _y / _x,
            },
        ),
    },
    steps=(
        Step(
            "curated rest",
            at_most(_curated_y, _y / _total),
            "Let x = p_t(A), y = 1 - x. One curation divides the odds against A by at least c "
            "(theorem-2.1-odds), and so leaves at most y/(x c + y) off A.",
            Combination(
                {
                    "theorem-2.1-odds": _x * _curated_top_at(t) * (1 + _gain) / _total,
                    "gain": -_y * _curated_top_at(t) * _odds_rate / _total,
                    "curated masses": -_y / _total,
                },
            ),
        ),
        Step(
            "no growth",
            at_most(_curated_y, _y),
            "That is at most y, as x c + y = 1 + x(c-1).",
            Combination(
                {"curated rest": 1, "masses": _y / _total}, remainder=_y * _gain * _x / _total
            ),
        ),
        Step(
            "masses after it",
            equal(_top_at(t + 1) + rest_at(t + 1), 1),
            "All mass is on A or off it.",
            Substitution("masses", {t: t + 1}),
        ),
        Step(
            "no fall",
            at_least(_top_at(t + 1), _x),
            "With all data kept, p_{t+1} is p_t moved toward T(p_t) by the share of the round's "
            "data. So x never falls.",
            Combination(
                {"masses after it": 1, "masses": -1, "accumulation": -1, "no growth": _added}
            ),
        ),
        Step(
            "start of the top",
            at_least(_top_at(0), top_mass),
            "It starts at q.",
            Combination({"start": 1}),
        ),
        Step(
            "next of the top",
            implies(_not_falling, at_least(_top_at(t + 1), top_mass)),
            "If it is at least q, so is the next one.",
            Supposing(Combination({"no fall": 1, "hypothesis": 1})),
        ),
        Step(
            "top",
            _not_falling,
            "So it is at least q always.",
            Induction(t, 0, base="start of the top", step="next of the top"),
        ),
        Step(
            "curated share",
            at_most(_curated_y, _y / _slowed),
            "One curation leaves at most y/(1 + x(c-1)) off A, and so at most y/(1 + q(c-1)).",
            Combination(
                {
                    "curated rest": 1,
                    "top": _gain * _y / (_slowed * _total),
                    "masses": _y / (_slowed * _total),
                }
            ),
        ),
        Step(
            "one round",
            at_most(rest_at(t + 1), (1 - exponent(_gain) * _added) * _y),
            "That is (1-κ) y. Of all data only the share η_t = 1/(ν+t+1) is new.",
            Combination({"accumulation": -1, "curated share": _added}),
        ),
        Step(
            "first masses",
            equal(_top_at(0) + rest_at(0), 1),
            "At the start too all mass is on A or off it.",
            Substitution("masses", {t: 0}),
        ),
        Step(
            "first",
            at_most(rest_at(0), _bound(_gain).subs(t, 0)),
            "At the start 1-q is off A.",
            Combination({"first masses": -1, "start": 1}),
        ),
        Step(
            "next",
            implies(_by_gain, at_most(rest_at(t + 1), _bound(_gain).subs(t, t + 1))),
            "Each round adds its factor.",
            Supposing(Combination({"one round": 1, "hypothesis": 1 - exponent(_gain) * _added})),
        ),
        Step(
            "all rounds",
            _by_gain,
            "So after t rounds at most (1-q) times the product of 1 - κ η_s is off A.",
            Induction(t, 0, base="first", step="next"),
        ),
        Step(
            "sign of the gain",
            at_least(largest_gain, 0),
            "Here c-1 = (K-1)(1-ρ)/(1 + (K-1) ρ) is at least 0.",
            Combination({"others": (1 - 1 / K) / _odds_rate}, given=("candidates",)),
        ),
        Step(
            "positive rate",
            less(0, _odds_rate),
            "And 1/c is positive.",
            Sign(given=("candidates",)),
        ),
        Step(
            "divisor",
            less(0, 1 + top_mass * largest_gain),
            "So 1 + q(c-1) is at least 1.",
            StrictCombination(
                Combination(
                    {"positive rate": 1 / _odds_rate, "sign of the gain": top_mass},
                    given=("candidates",),
                ),
                strict="positive rate",
            ),
        ),
        Step(
            "product",
            equal(
                AccumulationProduct(exponent(_gain), real_rounds, t),
                AccumulationProduct(exponent(largest_gain), real_rounds, t),
            ),
            "With this c the product is as claimed.",
            Image(
                "gain",
                AccumulationProduct(exponent(_value), real_rounds, t),
                _value,
                given=("divisor", "positive rate"),
            ),
        ),
        Step(
            "claim",
            _claim,
            "That is the claim.",
            Combination({"all rounds": 1, "product": top_mass - 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="accumulation-rate",
    label="Rate where data accumulate",
    title="Where data accumulate the top weight takes over polynomially, not geometrically",
    kind="ours",
    hypotheses=(
        one_candidate("candidates"),
        Hypothesis(
            "accumulation",
            "all data are kept: p_{t+1} = p_t + (T(p_t) - p_t)/(ν+t+1), ν = n_0/n > 0",
            carried_by=("accumulation",),
        ),
        Hypothesis(
            "top",
            "the top weight has positive mass at the start: q = p_0(A) > 0, A = {w = w_*}",
            carried_by=("start", "theorem-2.1-odds"),
        ),
        Hypothesis(
            "others",
            "all other weights are at most ρ w_*, 0 < ρ <= 1",
            carried_by=("others", "theorem-2.1-odds"),
        ),
    ),
    claim=_claim,
    bound=_bound(largest_gain),
    equality_cases=("t = 0", "K = 1", "q = 1", "K = inf, two weights and t = 1"),
    proof=_proof,
    infinite_candidates=(
        "theorem-2.1-odds holds there, with c = 1/ρ, and all other steps are the same"
    ),
    uses=("theorem-2.1-odds",),
    remarks=(
        "Here κ is q(c-1)/(1 + q(c-1)) with c = K/(1 + (K-1) ρ), not 1/K, and η_s = 1/(ν+s+1) is "
        "the share of the data of round s, ν = n_0/n. The product is Γ(ν+t+1-κ) Γ(ν+1)/(Γ(ν+1-κ) "
        "Γ(ν+t+1)), which falls like t^-κ; for n_0 = n it is Γ(t+2-κ)/(Γ(2-κ) Γ(t+2)).",
        "So accumulating data, which prevents the collapse of plain retraining, does not prevent "
        "the takeover by the top weight: it slows it from geometric (theorem-2.1-rate) to "
        "polynomial. By accumulation-floor it is no faster than 1/t.",
        "The exponent may be started later: with q = p_s(A) from round s on, which is nearer to 1, "
        "κ is nearer to (c-1)/c = 1 - 1/c.",
    ),
)

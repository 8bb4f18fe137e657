"""How an error in the rewards changes one curation, and the end of the mixed loop."""

from __future__ import annotations

import sympy

from recurate.theory.fixed_points import finite_sample_drift
from recurate.theory.fixed_points.finite_sample_drift import (
    distance_from_limit,
    limit,
    limit_top,
    step_error,
)
from recurate.theory.fixed_points.step_contraction import a, m
from recurate.theory.hypotheses import one_candidate, real_data
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, Substitution, UnderMean
from recurate.theory.statement import Hypothesis, Statement, instance_of

reward_error = sympy.Symbol("delta", nonnegative=True)
"""δ, the largest |r - r'|, in nats."""

_factor = sympy.Symbol("u", positive=True)
"""u = e^δ, the largest factor by which a weight is off, either way."""

_law, _wrong_limit = sympy.symbols("i p_inf'")
"""Any law i, and the fixed point p_inf' for r'."""

_limit_distance = variation_between(limit, _wrong_limit)


class _chance(Drawn):
    """Chance that the winner of K candidates, drawn from the law, is in B by the rewards r."""

    plain, typeset = "c_{}", r"c_{@}"
    is_nonnegative = True


class _wrong_chance(_chance):
    """The same chance by the rewards r'."""

    plain, typeset = "c'_{}", r"c'_{@}"


class _total_weight(Drawn):
    """Weight e^r of these candidates together; the share c of it is in B."""

    plain, typeset = "R_{}", r"R_{@}"
    is_positive = True


class _wrong_total_weight(_total_weight):
    """Their weight e^{r'} together; the share c' of it is in B."""

    plain, typeset = "R'_{}", r"R'_{@}"


class curated_error(WithIndex):
    """Total variation distance of T_r and T_r', curations by r and r', of a law."""

    tacit = frozenset({K})
    plain, typeset = "TV(T_r {0},T_r' {0})", r"\mathrm{TV}(T_rp,T_{r'}p)_{p=@}"
    is_nonnegative = True


class _curated_mass(WithIndex):
    """Mass under T_r of a law, of the set B that tells it best apart from T_r' of the same law."""

    tacit = frozenset({K})
    plain, typeset = "T_r {}(B)", "T_r@(B)"


class _wrong_curated_mass(WithIndex):
    """Mass of B under T_r' of that law."""

    tacit = frozenset({K})
    plain, typeset = "T_r' {}(B)", "T_{r'}@(B)"


largest_error = sympy.tanh(reward_error / 2)
_largest = (_factor - 1) / (_factor + 1)
_claim = at_most(_limit_distance, lam * largest_error * limit_top / top_mass)

_c, _wrong = _chance(_law), _wrong_chance(_law)
_weight, _wrong_weight = _total_weight(_law), _wrong_total_weight(_law)
_scaled = _c + _factor**2 * (1 - _c)  # at least 1

_ONE_CURATION = (
    Step(
        "odds",
        at_most(_c * (1 - _wrong), _factor**2 * _wrong * (1 - _c)),
        "Given the candidates, the winner is in B with chance c = (weight in B)/(weight of all). "
        "By r' weights in B are smaller by at most the factor u, and those off B larger by at "
        "most u, so the odds fall by at most the factor u².",
        Combination(
            {
                ("in B", "at most one"): _factor / _wrong_weight,
                "off B": _c / _wrong_weight,
            }
        ),
    ),
    Step(
        "one sample",
        at_most(_c - _wrong, _largest),
        "A chance whose odds fall by the factor u² falls by at most (u-1)/(u+1). It falls most "
        "from odds u to 1/u, since the rest has the factor (c - u (1-c))².",
        Combination(
            {
                "error": (_c - _factor * (1 - _c)) ** 2 / ((_factor + 1) * _scaled),
                "odds": 1 / _scaled,
            },
            given=("at most one", "error"),
        ),
    ),
    Step(
        "mean over samples",
        at_most(Mean(_c) - Mean(_wrong), _largest),
        "And in the mean over the candidates.",
        UnderMean("one sample"),
    ),
    Step(
        "one curation",
        at_most(curated_error(_law), largest_error),
        "So TV(T_r p, T_r' p) is at most tanh(δ/2), for every law p.",
        Combination(
            {
                "distance": -1,
                "choice": -1,
                "wrong choice": 1,
                "mean over samples": 1,
                "hyperbolic tangent": 1,
            }
        ),
    ),
)

_proof = Proof(
    general=dict.fromkeys(
        ("in B", "off B", "at most one", "choice", "wrong choice", "distance"), (_law,)
    ),
    supposed={
        # u = e^δ with δ >= 0
        "error": at_least(_factor, 1),
        "hyperbolic tangent": equal(largest_error, (_factor - 1) / (_factor + 1)),
        # |r - r'| <= δ for each candidate, summed over those in B and over those off B
        "in B": at_most(_c * _weight, _factor * _wrong * _wrong_weight),
        "off B": at_most((1 - _wrong) * _wrong_weight, _factor * (1 - _c) * _weight),
        "at most one": at_most(_c, 1),
        # Bradley–Terry choice; total variation as the largest difference of masses
        "choice": equal(_curated_mass(_law), Mean(_c)),
        "wrong choice": equal(_wrong_curated_mass(_law), Mean(_wrong)),
        "distance": equal(curated_error(_law), _curated_mass(_law) - _wrong_curated_mass(_law)),
        # p_inf' as a loop that stays where it is: each of its steps is off by TV(F p_inf', p_inf')
        "finite-sample-drift": instance_of(
            finite_sample_drift.statement,
            {
                distance_from_limit(t): _limit_distance,
                distance_from_limit(0): _limit_distance,
                step_error: a * curated_error(_wrong_limit),
                t: sympy.Integer(1),
            },
        ),
    },
    steps=(
        *_ONE_CURATION,
        Step(
            "curation of the wrong limit",
            at_most(curated_error(_wrong_limit), largest_error),
            "In particular if the law is p_inf', the fixed point of F'(p) = m p_ref + a T_r' p.",
            Substitution("one curation", {_law: _wrong_limit}),
        ),
        Step(
            "claim",
            _claim,
            "Take p_inf' = F'(p_inf') for a step of the loop for r that is off by "
            "a TV(T_r p_inf', T_r' p_inf') (finite-sample-drift): with c = 1 - m q/p_inf(A), "
            "TV(p_inf, p_inf') (1 - c) is at most a tanh(δ/2).",
            Combination(
                {
                    "finite-sample-drift": limit_top / (m * top_mass),
                    "curation of the wrong limit": lam * limit_top / top_mass,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="wrong-rewards",
    label="Wrong rewards",
    title="Rewards off by δ move one curation by at most tanh(δ/2), and the loop's end alike",
    kind="ours",
    hypotheses=(
        one_candidate("finite-sample-drift"),
        real_data("finite-sample-drift"),
        Hypothesis(
            "error",
            "the rewards r' are off by at most δ: |r - r'| <= δ everywhere",
            carried_by=("error", "hyperbolic tangent", "in B", "off B"),
        ),
        Hypothesis(
            "bounded",
            "bounded rewards: w = e^r <= w_*, under p_ref and p_inf'",
            at_most(random_weight, max_weight),
            carried_by=("finite-sample-drift",),
        ),
        Hypothesis(
            "top",
            "the reference has mass at w_*: q = p_ref(A) > 0, A = {w = w_*}, the top of r",
            carried_by=("finite-sample-drift",),
        ),
        Hypothesis(
            "fixed_points",
            "p_inf is the fixed point of the loop for r, and p_inf' is one of the loop for r'",
            carried_by=("finite-sample-drift",),
        ),
    ),
    claim=_claim,
    equality_cases=("δ = 0", "λ = 0"),
    proof=_proof,
    law="over K independent candidates from the law i, for a set B of rewards",
    infinite_candidates=(
        "T_r p has the density p w/E_p w, so the mass of B is c = E_p[w; B]/E_p w, and its odds "
        "fall by at most u²; the rest is the same"
    ),
    uses=("finite-sample-drift",),
    remarks=(
        "One curation: TV(T_r p, T_r' p) <= tanh(δ/2) for every law p and every K, the pure loop "
        "included. Attained for K = inf by two atoms whose odds e^r p are e^δ by r and e^-δ by r'.",
        "For finite K it is at most (1 - 2^(1-K)) tanh(δ/2), attained for K = 2: with probability "
        "at least 2^(1-K) all candidates are in B, or none is, and nothing can change.",
        "A reward model is known up to a constant, so δ may be taken as half the range of r - r'.",
        "p_inf(A)/q is at most 1/q. The rewards may be exchanged: A is then the top of r', if "
        "p_ref has mass there, and the smaller one of the two bounds holds.",
        "The loop for r', p'_t, from any start p'_0: with c = 1 - m q/p_inf(A), TV(p'_t, p_inf) <= "
        "c^t TV(p'_0, p_inf) + λ tanh(δ/2) (1 - c^t) p_inf(A)/q (finite-sample-drift).",
    ),
)

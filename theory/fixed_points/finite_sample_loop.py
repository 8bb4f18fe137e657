"""How near the fixed point a loop ends whose curated data are the winners of N choices a round."""

from __future__ import annotations

import sympy

from recurate.theory.fixed_points.step_contraction import a, growth, m
from recurate.theory.hypotheses import bounded_rewards, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation.curation_lipschitz import lipschitz
from recurate.theory.proving import (
    Combination,
    Image,
    Induction,
    Proof,
    Step,
    Supposing,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

_value = sympy.Symbol("x", real=True)

_limit = sympy.Symbol("p_inf")
"""p_inf, the fixed point of the loop's step F(p) = m p_ref + a T(p)."""


class _OfRound(Drawn):
    """A random number of a round of the loop, as a function of the round."""

    tacit = frozenset({K, lam})
    is_nonnegative = True


class distance(_OfRound):
    """TV(p^_t, p_inf), p^_t being the law after t rounds."""

    plain, typeset = "TV(p^_[{}],p_inf)", r"\mathrm{TV}(\hat{p}_{@},p_\infty)"


class _chance(_OfRound):
    """T(p^_t) at an atom that is drawn uniformly."""

    plain, typeset = "T_[{}]", r"T_{@}"


class _error(_OfRound):
    """By how much the share of winners at that atom differs from it."""

    plain, typeset = "X_[{}]", r"X_{@}"


class _sample_distance(_OfRound):
    """Total variation distance of the winners' empirical law from T(p^_t)."""

    plain, typeset = "V_[{}]", r"V_{@}"


class _curated_distance(_OfRound):
    """Total variation distance of T(p^_t) from T(p_inf)."""

    plain, typeset = "TV(Tp^_[{}],Tp_inf)", r"\mathrm{TV}(T\hat{p}_{@},Tp_\infty)"


class _law_mass(_OfRound):
    """Mass under p^_{t+1} of the set B_t that tells it and p_inf best apart."""

    plain, typeset = "p^_[{0} + 1](B_[{0}])", r"\hat{p}_{+1}(B_{@})"


class _limit_mass(_OfRound):
    """Mass of B_t under p_inf."""

    plain, typeset = "p_inf(B_[{}])", r"p_\infty(B_{@})"


class _reference_mass(_OfRound):
    """Mass of B_t under p_ref."""

    plain, typeset = "p_ref(B_[{}])", r"p_\mathrm{ref}(B_{@})"


class _winners_mass(_OfRound):
    """Share of the round's winners in B_t."""

    plain, typeset = "E_[{0}](B_[{0}])", r"E(B_{@})"


class _curated_mass(_OfRound):
    """Mass of B_t under T(p^_t)."""

    plain, typeset = "Tp^_[{0}](B_[{0}])", r"T\hat{p}(B_{@})"


class _curated_limit_mass(_OfRound):
    """Mass of B_t under T(p_inf)."""

    plain, typeset = "Tp_inf(B_[{}])", r"Tp_\infty(B_{@})"


sampling_error = sympy.sqrt((atoms - 1) / choices) / 2
"""Largest mean distance of the empirical law of N draws on n atoms from the law itself."""

_scale = 2 * sampling_error / atoms
_growth = growth(_limit)
_rate = 1 - m * top_mass / limit_top_mass


def _start_left(rate: sympy.Expr, steps: sympy.Expr) -> sympy.Expr:
    """Return what is left of the distance at the start after these rounds, at this rate."""
    return rate**steps * total_variation


def _noise(rate: sympy.Expr, steps: sympy.Expr) -> sympy.Expr:
    """Return how much of the sampling error has added up after these rounds."""
    return lam * limit_top_mass / top_mass * (1 - rate**steps)


def _after(rate: sympy.Expr, steps: sympy.Expr) -> sympy.Expr:
    """Return the bound of the mean distance."""
    return _start_left(rate, steps) + sampling_error * _noise(rate, steps)


start_left, added_up = _start_left(_rate, t), _noise(_rate, t)
"""The bound is the first, and the sampling error times the second: both are rational."""

for_ever = sampling_error * lam * limit_top_mass / top_mass
"""What the bound comes to as t grows, its rate being below 1."""

_bound = _after(_rate, t)
_claim = at_most(Mean(distance(t)), _bound)
_by_growth = at_most(Mean(distance(t)), _after(_growth, t))

_proof = Proof(
    general=dict.fromkeys(
        (
            "variance",
            "total",
            "distance of winners",
            "distance",
            "next law",
            "fixed point",
            "winners",
            "distance of T",
            "curation-lipschitz",
        ),
        (t,),
    ),
    supposed={
        "atoms": at_least(atoms, 2),
        # the number of winners at an atom is binomial, given p^_t
        "variance": equal(Mean(_error(t) ** 2), Mean(_chance(t) - _chance(t) ** 2) / choices),
        "total": equal(Mean(_chance(t)), 1 / atoms),
        "distance of winners": equal(Mean(_sample_distance(t)), atoms * Mean(_error(t)) / 2),
        # total variation is the largest difference of masses, of B_t in the first case
        "distance": equal(distance(t + 1), _law_mass(t) - _limit_mass(t)),
        "next law": equal(_law_mass(t), m * _reference_mass(t) + a * _winners_mass(t)),
        "fixed point": equal(_limit_mass(t), m * _reference_mass(t) + a * _curated_limit_mass(t)),
        "winners": at_most(_winners_mass(t) - _curated_mass(t), _sample_distance(t)),
        "distance of T": at_most(_curated_mass(t) - _curated_limit_mass(t), _curated_distance(t)),
        "curation-lipschitz": lipschitz(
            _limit, distance=distance(t), curated_distance=_curated_distance(t)
        ),
        # F(p_inf)(A) = p_inf(A), by lemma-2.1
        "top": equal(limit_top_mass, m * top_mass + _growth * limit_top_mass),
        "start": equal(distance(0), total_variation),
    },
    steps=(
        Step(
            "squares",
            at_most(2 * _scale * _error(t), _error(t) ** 2 + _scale**2),
            "Let T be the chance of a winner at an atom that is drawn uniformly, and X by how "
            "much the share of winners differs from it. With s = ((n-1)/N)^{1/2}/n, 2 s X is at "
            "most X² + s²: the difference is a square.",
            Combination({}, given=("atoms",), remainder=(_error(t) - _scale) ** 2),
        ),
        Step(
            "mean of the squares",
            at_most(2 * _scale * Mean(_error(t)), Mean(_error(t) ** 2) + _scale**2),
            "The same in the mean.",
            UnderMean("squares"),
        ),
        Step(
            "chances",
            at_least(_chance(t) ** 2, 2 * _chance(t) / atoms - 1 / atoms**2),
            "And T² is at least 2T/n - 1/n².",
            Combination({}, remainder=(_chance(t) - 1 / atoms) ** 2),
        ),
        Step(
            "mean of the chances",
            at_least(Mean(_chance(t) ** 2), 2 * Mean(_chance(t)) / atoms - 1 / atoms**2),
            "The same in the mean.",
            UnderMean("chances"),
        ),
        Step(
            "winners' law",
            at_most(Mean(_sample_distance(t)), sampling_error),
            "The number of winners at an atom is binomial, so E X² is E[T - T²]/N, and E T is 1/n: "
            "E X² is at most (n-1)/(n² N) = s². So E X is at most s, and the winners' empirical "
            "law is, in the mean, within n s/2 of T(p^_t).",
            Combination(
                {
                    "mean of the squares": atoms / (4 * _scale),
                    "variance": -atoms / (4 * _scale),
                    "mean of the chances": atoms / (4 * _scale * choices),
                    "total": -atoms / (4 * _scale * choices) * (1 - 2 / atoms),
                    "distance of winners": -1,
                },
                given=("atoms",),
            ),
        ),
        Step(
            "one round",
            at_most(distance(t + 1), a * _sample_distance(t) + _growth * distance(t)),
            "One step F multiplies the distance from the fixed point by at most a H(w_*) "
            "(curation-lipschitz), and curated data off by V add at most a V.",
            Combination(
                {
                    "distance": -1,
                    "next law": -1,
                    "fixed point": 1,
                    "winners": a,
                    "distance of T": a,
                    "curation-lipschitz": a,
                }
            ),
        ),
        Step(
            "mean of one round",
            at_most(
                Mean(distance(t + 1)), a * Mean(_sample_distance(t)) + _growth * Mean(distance(t))
            ),
            "The same in the mean over all rounds.",
            UnderMean("one round"),
        ),
        Step(
            "mean start",
            equal(Mean(distance(0)), total_variation),
            "The start is given.",
            UnderMean("start"),
        ),
        Step(
            "first",
            at_most(Mean(distance(0)), _after(_growth, 0)),
            "At t = 0 there is nothing to show.",
            Combination({"mean start": -1}),
        ),
        Step(
            "next",
            implies(_by_growth, at_most(Mean(distance(t + 1)), _after(_growth, t + 1))),
            "With c = a H(w_*), 1 - c = m q/p_inf(A), since F keeps p_inf(A) = m q + c p_inf(A). "
            "So a s' + c (1 - c^t) a s'/(1-c) is (1 - c^{t+1}) a s'/(1-c), for the mean error s'.",
            Supposing(
                Combination(
                    {
                        "mean of one round": 1,
                        "winners' law": a,
                        "hypothesis": _growth,
                        "top": lam * sampling_error / top_mass,
                    },
                    given=("atoms",),
                )
            ),
        ),
        Step(
            "all rounds",
            _by_growth,
            "So this holds for every t.",
            Induction(t, 0, base="first", step="next"),
        ),
        Step(
            "rate",
            equal(_growth, _rate),
            "Here c is 1 - m q/p_inf(A).",
            Combination({"top": -1 / limit_top_mass}),
        ),
        Step(
            "powers of the rate",
            equal(_growth**t, _rate**t),
            "So their powers are the same.",
            Image("rate", _value**t, _value),
        ),
        Step(
            "claim",
            _claim,
            "That is the claim.",
            Combination(
                {
                    "all rounds": 1,
                    "powers of the rate": for_ever - total_variation,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="finite-sample-loop",
    label="The loop on finitely many choices",
    title="With N choices a round the loop stays, in the mean, within order N^{-1/2} of its limit",
    kind="ours",
    hypotheses=(
        one_candidate("curation-lipschitz"),
        Hypothesis(
            "real_data",
            "real data are mixed in: λ (lam) < inf",
            less(0, real_fraction),
            carried_by=("next law", "fixed point", "top"),
        ),
        Hypothesis(
            "fixed_point",
            "p_inf is a fixed point of the loop (by global-attraction there is one)",
            carried_by=("fixed point",),
        ),
        bounded_rewards("curation-lipschitz", more=", under p_ref and under p^_0"),
        Hypothesis(
            "top",
            "the reference has mass at w_*: q = p_ref(A) > 0, A = {w = w_*}",
            carried_by=("top",),
        ),
        Hypothesis(
            "choices",
            "p^_{t+1} = m p_ref + a times the empirical law of the winners of N independent "
            "choices from p^_t; TV is the distance of p^_0, which is given, from p_inf",
            carried_by=("variance", "distance of winners", "next law", "start"),
        ),
        Hypothesis(
            "atoms",
            "all laws are on the same n >= 2 atoms",
            at_least(atoms, 2),
            carried_by=("atoms", "total"),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "t = 0",
        "λ = 0",
        "t = 1, N = 1, two atoms, p^_0 = p_inf and T(p_inf) = (1/2, 1/2)",
        "approached for K = 1 from any start as N grows: both tend to a^t TV",
    ),
    proof=_proof,
    law="over all rounds of choices, and an atom drawn uniformly",
    infinite_candidates="H_p(w_*) = w_*/E_p w, and curation-lipschitz; all steps are the same",
    uses=("curation-lipschitz", "lemma-2.1"),
    remarks=(
        "c = 1 - m q/p_inf(A) is the rate of global-attraction, which is the limit N = inf. In the "
        "end the loop is, in the mean, within (λ p_inf(A)/(2q)) ((n-1)/N)^{1/2} of p_inf.",
        "If the real data are drawn again in each round too, N training samples from F(p^_t), the "
        "same holds with 1 + λ in place of λ: the empirical law of N draws from any law on n atoms "
        "is, in the mean, within ((n-1)/N)^{1/2}/2 of it.",
        "By Markov's inequality the distance is above x with a probability of at most the bound "
        "over x. From round t on, one round's own noise is within a (log(2^n/δ)/(2N))^{1/2} with "
        "probability 1-δ (Hoeffding, over the 2^n sets of atoms).",
        "The mean of p^_t itself is not the exact loop's p_t: T is not linear. The difference is "
        "within the bound, by Jensen.",
    ),
)

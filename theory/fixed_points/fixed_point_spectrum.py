"""Near its fixed point the mixed loop has real rates from 0 to a H(w_*): it does not oscillate."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import bounded_rewards, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import number_of_others
from recurate.theory.proving import (
    Combination,
    Exchangeability,
    Identity,
    Independence,
    Proof,
    Sign,
    Step,
    Substitution,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

_a = synthetic_fraction

rayleigh_quotient = sympy.Symbol("nu", real=True)
"""ν = (DF f|f)/(f|f), DF the step's derivative at p: its eigenvalue, if f is an eigenvector."""

_norm = sympy.Symbol("(f|f)", positive=True)
"""(f|f) = Σ f²/(p w) for the direction f, which has total mass zero."""


class _other_weight(Drawn):
    """Weight of one of the K - 1 others, from the law p."""

    plain, typeset = "W2", "W_2"
    is_positive = True


class _other_quantity(Drawn):
    """f/p at that candidate, as G is f/p at the candidate that is set apart."""

    plain, typeset = "G2", "G_2"


class _rest_weight(Drawn):
    """Sum of the weights of the K - 2 that remain."""

    plain, typeset = "S2", "S_2"
    is_nonnegative = True


_g, _w, _top = random_quantity, random_weight, max_weight
_g2, _w2, _rest = _other_quantity(one_law), _other_weight(one_law), _rest_weight(one_law)
_s, _j = others_weight, others_quantity
_ratio = curation_ratio(_top)
_highest = _a * _ratio
_claim = at_least(rayleigh_quotient * (_highest - rayleigh_quotient), 0)

# Weights of all candidates, two of them set apart; then with w_* for the one, the other, and both.
_both, _first, _second = _w + _w2 + _rest, _top + _w2 + _rest, _w + _top + _rest
_neither = 2 * _top + _rest
# What the other and the one candidate lose in chance if the one, or the other, weighs w_*.
_share = _w2 * (1 / _both - 1 / _first)
_other_share = _w * (1 / _both - 1 / _second)

_winner = _g * (_g + _j) / (_w + _s)
_at_top = _g**2 / _w * _top / (_top + _s)
_of_others = _g**2 / _w * _s * (1 / (_w + _s) - 1 / (_top + _s))
_moved = _g * _j / (_w + _s)
_sums, _weights = PowerSum(1, 0), PowerSum(0, 1)


def _without_mass(denominator: Any) -> Any:
    return equal(Mean(_g * _g2 / denominator), 0)


_proof = Proof(
    general={"ratio": (weight,)},
    supposed={
        "several candidates": at_least(K, 1),
        "bounded": at_most(_w, _top),
        "other bounded": at_most(_w2, _top),
        "ratio": equal(curation_ratio(weight), Mean(K * weight / (weight + _s))),
        "norm": equal(_norm, Mean(_g**2 / _w)),
        # T(p) is a mean over K draws from p: its derivative puts f for p in each of them
        "derivative": equal(rayleigh_quotient * _norm, _a * K * Mean(_winner)),
        # the others are alike, and so are the two candidates
        "others moved": equal(Mean(_moved), (K - 1) * Mean(_g * _g2 / _both)),
        "others' weight": equal(Mean(_of_others), (K - 1) * Mean(_g**2 / _w * _share)),
        "two alike": equal(Mean(_g**2 / _w * _share), Mean(_g2**2 / _w2 * _other_share)),
        # f has total mass zero, and candidates are independent
        "no mass, other kept": _without_mass(_first),
        "no mass, one kept": _without_mass(_second),
        "no mass, none kept": _without_mass(_neither),
    },
    steps=(
        number_of_others(),
        Step(
            "pair",
            at_most(
                2 * _g * _g2 * (1 / _both - 1 / _first - 1 / _second + 1 / _neither),
                _g**2 / _w * _share + _g2**2 / _w2 * _other_share,
            ),
            "Let two candidates have weights W and W2, and write k for the bracket, a second "
            "difference of 1/x and so nonnegative. As 2 G G2 <= G² W2/W + G2² W/W2, 2 G G2 k is at "
            "most k times that; and k is at most what one of them loses to a candidate of w_*.",
            Combination(
                {
                    ("bounded", "other bounded"): (_g * _w2 - _g2 * _w) ** 2
                    * (2 * _rest + _w + _w2 + 2 * _top)
                    / (_w * _w2 * _both * _first * _second * _neither),
                    "bounded": _g**2 * _w2 / (_w * _second * _neither),
                    "other bounded": _g2**2 * _w / (_w2 * _first * _neither),
                }
            ),
        ),
        Step(
            "mean pair",
            at_most(
                2 * Mean(_g * _g2 / _both)
                - 2 * Mean(_g * _g2 / _first)
                - 2 * Mean(_g * _g2 / _second)
                + 2 * Mean(_g * _g2 / _neither),
                Mean(_g**2 / _w * _share) + Mean(_g2**2 / _w2 * _other_share),
            ),
            "In the mean over both.",
            UnderMean("pair"),
        ),
        Step(
            "pairs",
            at_most(Mean(_g * _g2 / _both), Mean(_g**2 / _w * _share)),
            "The two candidates are alike, and a term that no longer has both of them has the "
            "mean zero.",
            Combination(
                {
                    "mean pair": sympy.Rational(1, 2),
                    "two alike": sympy.Rational(1, 2),
                    "no mass, other kept": -1,
                    "no mass, one kept": -1,
                    "no mass, none kept": 1,
                }
            ),
        ),
        Step(
            "others",
            at_most(Mean(_moved), Mean(_of_others)),
            "So for the K - 1 others together.",
            Combination(
                {("number of others", "pairs"): 1, "others moved": -1, "others' weight": 1}
            ),
        ),
        Step(
            "apart",
            equal(_at_top - _winner, _of_others - _moved),
            "For each sample.",
            Identity(),
        ),
        Step(
            "mean apart",
            equal(Mean(_at_top) - Mean(_winner), Mean(_of_others) - Mean(_moved)),
            "And in the mean.",
            UnderMean("apart"),
        ),
        Step(
            "ratio at the top",
            equal(_ratio, Mean(K * _top / (_top + _s))),
            "A candidate of weight w_* against the others.",
            Substitution("ratio", {weight: _top}),
        ),
        Step(
            "independent",
            equal(Mean(_at_top), Mean(_g**2 / _w) * Mean(_top / (_top + _s))),
            "It is independent of the direction at the candidate set apart.",
            Independence(_g**2 / _w, _top / (_top + _s)),
        ),
        Step(
            "derivative from above",
            at_most(K * Mean(_winner), _ratio * _norm),
            "So (DT f|f) is at most H(w_*) (f|f).",
            Combination(
                {
                    "others": K,
                    "mean apart": K,
                    "independent": -K,
                    "ratio at the top": _norm,
                    "norm": K * Mean(_top / (_top + _s)),
                }
            ),
        ),
        Step(
            "from above",
            at_least(_highest - rayleigh_quotient, 0),
            "And DF is a DT.",
            Combination({"derivative from above": _a / _norm, "derivative": -1 / _norm}),
        ),
        Step(
            "square",
            at_least(_sums**2 / _weights, 0),
            "On the other hand, the square of the sum of f/p over the candidates, over the sum of "
            "their weights, is nonnegative.",
            Sign(),
        ),
        Step(
            "mean square",
            at_least(Mean(_sums**2 / _weights), 0),
            "So is its mean.",
            UnderMean("square"),
        ),
        Step(
            "symmetric form",
            equal(Mean(_sums**2 / _weights), K * Mean(_winner)),
            "This is (DT f|f), for the candidates are exchangeable.",
            Exchangeability((1, 0), _sums / _weights),
        ),
        Step(
            "from below",
            at_least(rayleigh_quotient, 0),
            "So ν is nonnegative.",
            Combination(
                {
                    "mean square": _a / _norm,
                    "symmetric form": -_a / _norm,
                    "derivative": 1 / _norm,
                }
            ),
        ),
        Step(
            "claim",
            _claim,
            "Both together: ν lies between 0 and a H(w_*).",
            Combination({("from below", "from above"): 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="fixed-point-spectrum",
    label="Spectrum at the fixed point",
    title="Near its fixed point the loop has real rates from 0 to a H(w_*), and does not oscillate",
    kind="ours",
    hypotheses=(
        one_candidate("several candidates"),
        Hypothesis(
            "choice",
            "K candidates, independent and from p; Bradley–Terry choice",
            carried_by=("ratio", "derivative", "others moved", "others' weight", "two alike"),
        ),
        bounded_rewards("bounded", "other bounded", more=", the largest weight with mass under p"),
        Hypothesis(
            "direction",
            "f is a direction of total mass zero, on atoms where p has mass: (f|f) is finite",
            carried_by=(
                "norm",
                "no mass, other kept",
                "no mass, one kept",
                "no mass, none kept",
            ),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "K = 1: DF f = a f",
        "λ = 0: DF f = 0",
        "f moves mass between ties at w_* only: DF f = a H(w_*) f",
    ),
    proof=_proof,
    law=(
        "over K independent candidates from p: W and G are weight and f/p of one, S and J their "
        "sums over the others"
    ),
    infinite_candidates=(
        "(DT f|f) is Σ f²/(p E_p w), from 0 to w_*/E_p w times (f|f), and H(w_*) = w_*/E_p w"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "At p = p_inf these are the rates of the loop's last steps; the claim holds at every law.",
        "With the kernel P, one incumbent against K - 1 fresh draws, DT is K P, reversible for "
        "p w: (DT f|g) = E[Σ_k (f/p)_k Σ_k (g/p)_k / Σ_k w_k], symmetric and nonnegative. So its "
        "eigenvalues are real, and none is negative.",
        "With n atoms in the order of their weights, the eigenvalues ν_1 <= … <= ν_{n-1} interlace "
        "with a H: a H(w_k) <= ν_k <= a H(w_{k+1}). So they are positive for λ > 0, and the loop's "
        "slowest rate is from a H(w_{n-1}) to a H(w_*): the factor of global-attraction is sharp "
        "within H(w_{n-1})/H(w_*). (docs/mathematics.md proves this; evidence tests it.)",
        "At p_inf, a H(w_*) is 1 - m p_ref(A)/p_inf(A), below 1 where p_ref has mass at w_*.",
    ),
)

"""K = inf: when mass condenses on the top weight, and how much."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation import lemma_2_1_limit
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement, instance_of

_W, _top = random_weight, max_weight
_density, _ratio = density_at(sympy.oo), ratio_at(sympy.oo)
_top_ratio = curation_ratio_of(sympy.oo, _top)
_mean = sympy.Symbol("E_inf w", positive=True)
"""Mean weight at the fixed point, for K = inf."""

_atom = sympy.Symbol("epsilon_*", positive=True)
"""Mass of the fixed point's atom at w_*."""

_a, _m = synthetic_fraction, real_fraction

_kernel = 1 / (1 - _W / _top)
_claim = equal(_atom, 1 - _m * Mean(_kernel))

_proof = Proof(
    supposed={
        "below": less(_W, _top),
        "fixed point": equal(_density, _m + _a * _density * _ratio),
        "at the atom": equal(_atom, _a * _atom * _top_ratio),
        # K = inf: the limit of H is the ratio.
        "lemma-2.1-limit": instance_of(
            lemma_2_1_limit.statement,
            {lemma_2_1_limit.statement.claim.lhs: _ratio, weight: _W, mean_weight: _mean},
        ),
        "lemma-2.1-limit at w_*": instance_of(
            lemma_2_1_limit.statement,
            {lemma_2_1_limit.statement.claim.lhs: _top_ratio, weight: _top, mean_weight: _mean},
        ),
        "mass": equal(Mean(_density) + _atom, 1),
    },
    steps=(
        Step(
            "balance",
            equal(_density * (1 - _W / _top), _m),
            "p_ref gives nothing to w_* itself, so an atom there is kept by curation alone: "
            "a w_*/E_inf w = 1. Below w_* the fixed-point equation is then d (1 - w/w_*) = m.",
            Combination(
                {
                    "fixed point": 1,
                    "lemma-2.1-limit": _a * _density,
                    "at the atom": -_W * _density / (_top * _atom),
                    "lemma-2.1-limit at w_*": -_a * _W * _density / _top,
                }
            ),
        ),
        Step(
            "density",
            equal(_density, _m * _kernel),
            "That gives the density.",
            Combination({"balance": _kernel}, given=("below",)),
        ),
        Step(
            "mean density",
            equal(Mean(_density), _m * Mean(_kernel)),
            "And its mass.",
            UnderMean("density"),
        ),
        Step(
            "claim",
            _claim,
            "The atom has the rest of the mass.",
            Combination({"mean density": -1, "mass": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="condensation-threshold",
    label="Condensation threshold",
    title="For K = inf an atom at the top weight has the mass that real data leave to it",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf, and λ finite, so m = 1/(1+λ) > 0",
            carried_by=("lemma-2.1-limit", "lemma-2.1-limit at w_*"),
        ),
        Hypothesis(
            "bounded",
            "bounded rewards: w <= w_*, and p_ref has no atom at w_*",
            less(_W, _top),
            carried_by=("below",),
        ),
        Hypothesis(
            "atom",
            "the fixed point has an atom of mass ε_* > 0 at w_*",
            less(0, _atom),
            carried_by=("at the atom", "mass"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation: wherever there is an atom",),
    proof=_proof,
    law="over p_ref, at a draw from which d, H and W are taken",
    uses=("lemma-2.1-limit",),
    remarks=(
        "The claim is about a fixed point that has an atom: so m E_ref[1/(1 - w/w_*)] < 1. The "
        "converse, that there is an atom wherever this holds, is shown in docs/mathematics.md, and "
        "not verified. (In Rocq for finite laws, with the law that has it.)",
        "In λ: an atom needs λ > λ_c = E_ref[1/(1 - w/w_*)] - 1, and is 1 - (1+λ_c)/(1+λ). For the "
        "density (k+1)(1-w)^k, λ_c = 1/k and the atom is (λk-1)/(k(1+λ)); for the arcsine and the "
        "uniform law λ_c is infinite.",
        "The atom is reached in the limit t -> inf only: p_t has a density for every t, and its "
        "mass near w_* converges weakly to the atom.",
        "For finite K, an atom at w_* needs a H(w_*) = 1, so at the threshold "
        "λ_c = 1/(H(w_*) - 1); numerically λ_c = 3.2361702123563 for K = 2 and the density "
        "2(1-w).",
    ),
)

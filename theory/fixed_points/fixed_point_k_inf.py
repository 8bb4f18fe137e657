"""K = inf: the mixed loop's fixed point is known up to one number, fixed by its total mass."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation import lemma_2_1_limit
from recurate.theory.proving import Combination, Proof, Step, StrictCombination, UnderMean
from recurate.theory.statement import Hypothesis, Statement, instance_of

_W = random_weight
_z = sympy.Symbol("z", nonnegative=True)
"""z = a/E_inf w."""

_density, _ratio = density_at(sympy.oo), ratio_at(sympy.oo)
_mean = sympy.Symbol("E_inf w", positive=True)
"""Mean weight at the fixed point, for K = inf."""

_a, _m = synthetic_fraction, real_fraction
_claim = equal(_m * Mean(1 / (1 - _z * _W)), 1)

_proof = Proof(
    supposed={
        "fixed point": equal(_density, _m + _a * _density * _ratio),
        # K = inf: the limit of H is the ratio.
        "lemma-2.1-limit": instance_of(
            lemma_2_1_limit.statement,
            {lemma_2_1_limit.statement.claim.lhs: _ratio, weight: _W, mean_weight: _mean},
        ),
        "some real": less(0, _m),
        "scalar": equal(_z * _mean, _a),
        "mass": equal(Mean(_density), 1),
    },
    steps=(
        Step(
            "balance",
            equal(_density * (1 - _z * _W), _m),
            "For K = inf the curation ratio is w/E w (lemma-2.1-limit), so at a fixed point the "
            "density d = p_inf/p_ref solves d = m + a d w/E_inf w, with z = a/E_inf w.",
            Combination(
                {
                    "fixed point": 1,
                    "lemma-2.1-limit": _a * _density,
                    "scalar": -_W * _density / _mean,
                }
            ),
        ),
        Step(
            "room",
            less(0, 1 - _z * _W),
            "The density is positive, and m is, so 1 - zw is positive too.",
            StrictCombination(
                Combination({"balance": 1 / _density, "some real": 1 / _density}),
                strict="some real",
            ),
        ),
        Step(
            "density",
            equal(_density, _m / (1 - _z * _W)),
            "Since m is positive, 1 - z w is not zero, and has the sign of d.",
            Combination({"balance": 1 / (1 - _z * _W)}, given=("room",)),
        ),
        Step(
            "mean density",
            equal(Mean(_density), _m * Mean(1 / (1 - _z * _W))),
            "The mean of both sides under p_ref.",
            UnderMean("density"),
        ),
        Step(
            "claim",
            _claim,
            "The total mass is one: that determines z.",
            Combination({"mean density": -1, "mass": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="fixed-point-k-inf",
    label="Fixed point, K = inf",
    title="For K = inf one number determines the mixed loop's fixed point",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf, and λ finite, so m = 1/(1+λ) > 0",
            carried_by=("lemma-2.1-limit", "some real"),
        ),
        Hypothesis(
            "density",
            "the fixed point has a density over p_ref (no atom appears at w_*: see "
            "condensation-threshold); the mean is over W from p_ref",
            carried_by=("fixed point", "mass"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation: at the fixed point's z",),
    proof=_proof,
    law="over p_ref, at a draw from which d, H and W are taken",
    uses=("lemma-2.1-limit",),
    remarks=(
        "The claim is about an existing fixed point. The rest is shown in docs/mathematics.md, "
        "and not verified; in Rocq for finite laws, each of which has exactly one on its support. "
        "The mean of 1/(1 - z w) increases strictly in z, from 1 at z = 0: "
        "there is at most one z in [0, 1/w_*] with the value 1 + λ, and so at most one such fixed "
        "point. There is one iff m E_ref[1/(1 - w/w_*)] >= 1: such a z gives one, as z E_ref[w d] "
        "= E_ref[d] - m = a, so that E_inf w is a/z.",
        "This is Kingman's house of cards (Kingman 1978, A simple model for the balance between "
        "selection and mutation), with fitness w and mutation probability m.",
        "Closed forms for two weights, the arcsine law (E_inf w = (1+λ)/(2+λ)), the uniform law "
        "(z = 1 + LambertW(-R e^-R)/R with R = 1+λ) and the density (k+1)(1-w)^k: "
        "recurate.theory.closed_forms.",
    ),
)

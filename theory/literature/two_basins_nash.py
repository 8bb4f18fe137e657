"""Falahati et al., Theorem 3.7: mixing two laws with the share q is a Nash bargain."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.language.notation import WithIndex
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import first_share
from recurate.theory.proving import Combination, Proof, Step, Tangent
from recurate.theory.statement import Hypothesis, Statement

mixed = sympy.Symbol("alpha", positive=True)
"""Share α of P_1 in the mixture p_α = α P_1 + (1-α) P_2, below 1."""

_other = sympy.Symbol("beta", positive=True)
"""β = 1 - α, the share of P_2 in the mixture."""

_rest = sympy.Symbol("q'", positive=True)
"""q' = 1 - q, the share of the choices that voter 2 makes."""

_value = sympy.Symbol("x", positive=True)

_first_gain, _second_gain = sympy.symbols("g_1 g_2", positive=True)
"""g_1 = u_1(P_1) - u_1(P_2) and g_2 = u_2(P_2) - u_2(P_1)."""


class log_product(WithIndex):
    """q log(u_1 - d_1) + (1-q) log(u_2 - d_2) at the mixture with this share of P_1."""

    plain, typeset = "B({})", "B(@)"


_claim = at_most(log_product(mixed), log_product(first_share))
_ratios = (mixed / first_share, _other / _rest)

_proof = Proof(
    supposed={
        # u_1(p_α) - d_1 = α g_1 and u_2(p_α) - d_2 = (1-α) g_2
        "product": equal(
            log_product(mixed),
            first_share * sympy.log(mixed * _first_gain) + _rest * sympy.log(_other * _second_gain),
        ),
        "product at q": equal(
            log_product(first_share),
            first_share * sympy.log(first_share * _first_gain)
            + _rest * sympy.log(_rest * _second_gain),
        ),
        "rest": equal(_other, 1 - mixed),
        "rest of q": equal(_rest, 1 - first_share),
    },
    steps=(
        *(
            Step(
                f"tangent {i + 1}",
                at_least(-sympy.log(ratio), 1 - ratio),
                "-log lies above its tangent at 1.",
                Tangent(-sympy.log(_value), _value, sympy.Integer(1), ratio),
            )
            for i, ratio in enumerate(_ratios)
        ),
        Step(
            "claim",
            _claim,
            "u_1(p_α) - d_1 = α g_1 and u_2(p_α) - d_2 = (1-α) g_2, since means are linear in the "
            "law. So B(q) - B(α) = -q log(α/q) - (1-q) log((1-α)/(1-q)), at least q - α + (1-q) - "
            "(1-α) = 0.",
            Combination(
                {
                    "tangent 1": first_share,
                    "tangent 2": _rest,
                    "product": -1,
                    "product at q": 1,
                    "rest": -1,
                    "rest of q": 1,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="two-basins-nash",
    label="Two basins, Theorem 3.7",
    title="Of two laws' mixtures the one with the share q has the largest weighted Nash product",
    kind="literature",
    source=two_basins("Theorem 3.7", place="section 3"),
    hypotheses=(
        Hypothesis(
            "mixtures",
            "p_α = α P_1 + (1-α) P_2 with 0 < α < 1, and 0 < q < 1; u_i(p) = E_p r_i, d_1 = "
            "u_1(P_2) and d_2 = u_2(P_1)",
            carried_by=("product", "product at q", "rest", "rest of q"),
        ),
        Hypothesis(
            "each_gains",
            "u_1(P_1) > u_1(P_2) and u_2(P_2) > u_2(P_1)",
            carried_by=("product", "product at q"),
        ),
    ),
    claim=_claim,
    equality_cases=("α = q",),
    proof=_proof,
    remarks=(
        "The product (u_1-d_1)^q (u_2-d_2)^{1-q} is e^{B}; at α = 0 and 1 it is 0. As -log lies "
        "strictly above its tangent elsewhere, α = q is the only maximiser.",
        "What the loop itself maximises is another product, E[w_1]^q E[w_2]^{1-q}, of weights e^r "
        "and without d_i, over all laws (nash-welfare). The two agree in the limit of "
        "two-basins-limit.",
    ),
)

"""Falahati et al., Lemma B.4: what grows nowhere outside of the basins fades there."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.language.draws import Drawn
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import outside_at, two_voters
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

rate = sympy.Symbol("rho", positive=True)
"""A number ρ < 1 that bounds W_t(x) = p_{t+1}(x)/p_t(x) at every x outside of the basins, for all
t."""


class _growth(Drawn):
    """W_t at a sample of p_t, p_{t+1}/p_t."""

    plain, typeset = "W_[{}]", "W_{@}"
    is_positive = True


class _is_outside(Drawn):
    """1 if a sample of p_t is outside of both basins, else 0."""

    plain, typeset = "J_[{}]", "J_{@}"
    is_nonnegative = True


_W, _J = _growth(t), _is_outside(t)
_claim = at_most(outside_at(t + 1), rate * outside_at(t))

_proof = Proof(
    general={"dominated": (t,)},
    supposed={
        "dominated": at_most(_J * _W, rate * _J),
        "share": equal(outside_at(t), Mean(_J)),
        "next share": equal(outside_at(t + 1), Mean(_J * _W)),
    },
    steps=(
        Step(
            "mean",
            at_most(Mean(_J * _W), rate * Mean(_J)),
            "Outside of the basins W_t is at most ρ; so in the mean over p_t.",
            UnderMean("dominated"),
        ),
        Step(
            "claim",
            _claim,
            "p_{t+1} has the density W_t over p_t.",
            Combination({"mean": 1, "next share": -1, "share": rate}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="outside-mass-decays-dominated",
    label="Two basins, Lemma B.4",
    title="Answers that grow nowhere outside of two basins fade geometrically",
    kind="literature",
    source=two_basins("Lemma B.4", place="appendix B"),
    hypotheses=(
        two_voters("next share"),
        Hypothesis(
            "dominated",
            "for some ρ < 1, W_t(x) <= ρ for all t and each x outside of the basins",
            carried_by=("dominated", "share"),
        ),
    ),
    claim=_claim,
    equality_cases=("m_t = 0", "W_t = ρ wherever p_t has mass outside of the basins"),
    proof=_proof,
    law="over a sample of p_t: W_t is p_{t+1}/p_t there, J_t is 1 outside of the basins",
    remarks=(
        "It needs nothing of the basins, which may be any set: what it assumes is what it claims. "
        "Without that assumption, of all t, the claim is false: outside-mass-decays.",
        "Whether it is met has to be asked of the whole run. At K = inf nash-welfare says what is "
        "left in the end: the maximiser of Σ_u π_u log E w_u.",
    ),
)

"""However people choose among K, two laws are driven apart by at most K times their distance."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

_curated = sympy.Symbol("TV(Tp,Tq)", nonnegative=True)
"""Total variation distance of T(p) from T(q)."""

_curated_p, _curated_q = sympy.symbols("Tp(B) Tq(B)", nonnegative=True)
"""Masses under T(p) and T(q) of the set B that tells them best apart."""

_p, _q = sympy.symbols("p q")
"""The two laws."""


class _chance(Drawn):
    """Chance that the winner among K candidates from a law is in B, given the candidates."""

    tacit = frozenset({K})
    plain, typeset = "C_{}", r"C_{@}"
    is_nonnegative = True


class _all_coincide(Drawn):
    """Indicator that each candidate from the one law is the same as its twin from the other."""

    nargs = 2
    tacit = frozenset({K})
    plain, typeset = "J_[{},{}]", r"J_{@,@}"


_in_p, _in_q, _same = _chance(_p), _chance(_q), _all_coincide(_p, _q)

_bound = 1 - (1 - total_variation) ** K
_claim = at_most(_curated, _bound)

_proof = Proof(
    supposed={
        "indicator": equal(_same**2, _same),
        "at most one": at_most(_in_p, 1),
        # the rule sees the candidates alone, not the law that they come from
        "same candidates": equal(_same * (_in_p - _in_q), 0),
        # each pair of twins is the same with probability 1 - TV, independently
        "coupling": equal(Mean(_same), (1 - total_variation) ** K),
        "T(p)": equal(_curated_p, Mean(_in_p)),
        "T(q)": equal(_curated_q, Mean(_in_q)),
        "distance of T": equal(_curated, _curated_p - _curated_q),
    },
    steps=(
        Step(
            "not all",
            at_least(1 - _same, 0),
            "Draw K candidates from p and K from q so that each is the same as its twin with "
            "probability 1 - TV, independently, and let J be 1 if all are and 0 otherwise: 1 - J "
            "is its own square.",
            Combination({"indicator": -1}, remainder=(1 - _same) ** 2),
        ),
        Step(
            "other chance",
            at_least(_in_q, 0),
            "The chance that the winner is in B, given the candidates, is not negative.",
            Combination({}, remainder=_in_q),
        ),
        Step(
            "sample",
            at_most(_in_p - _in_q, 1 - _same),
            "The rule sees the candidates alone: where all coincide, so do the two chances. "
            "Elsewhere they differ by at most 1.",
            Combination(
                {
                    "same candidates": -1,
                    ("not all", "at most one"): 1,
                    ("not all", "other chance"): 1,
                }
            ),
        ),
        Step(
            "mean",
            at_most(Mean(_in_p) - Mean(_in_q), 1 - Mean(_same)),
            "The same in the mean over the candidates.",
            UnderMean("sample"),
        ),
        Step(
            "claim",
            _claim,
            "All K coincide with probability (1 - TV)^K.",
            Combination({"mean": 1, "coupling": 1, "T(p)": -1, "T(q)": 1, "distance of T": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="any-choice-contraction",
    label="Contraction, whatever people choose",
    title="However people choose among K, two laws are driven apart by at most 1 - (1-TV)^K",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "candidates",
            "K is finite, and the candidates are independent",
            at_least(K, 1),
            carried_by=("coupling",),
        ),
        Hypothesis(
            "choice",
            "one of the candidates is chosen, by any rule that sees them alone, and not their law",
            carried_by=("same candidates", "T(p)", "T(q)"),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "p = q",
        "q = (1-δ) p + δ s, s on points where p has no mass, which win whenever one is a candidate",
    ),
    proof=_proof,
    law="over K independent pairs of candidates, one of each pair from p and one from q",
    remarks=(
        "1 - (1-TV)^K is at most K TV. A step of the loop, F(p) = m p_ref + a T(p), multiplies "
        "distances by a more: TV(F(p), F(q)) <= a K TV(p, q).",
        "So if aK < 1, that is λ(K-1) < 1, a rule that changes neither with t nor with p has "
        "exactly one fixed point p_inf (Banach), and TV(p_t, p_inf) <= (aK)^t TV(p_0, p_inf) from "
        "every start.",
        "A rule that changes with t still forgets its start at that rate: the loops from two "
        "starts come together.",
        "A rule that sees p may have more fixed points: K = 2, λ = 1/2, p_ref = (1/2, 1/2), "
        '"prefer what has mass above 1/2" has p = 1/2, .618 and .382, though aK = 2/3.',
        "Bradley–Terry choice has H_p(w_*) in place of K, which is smaller (curation-lipschitz), "
        "and its loop one fixed point for every λ.",
    ),
)

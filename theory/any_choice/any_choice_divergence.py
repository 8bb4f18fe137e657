"""The largest divergence from the reference that any way of choosing among K can lead to."""

from __future__ import annotations

import sympy

from recurate.theory.any_choice import share_envelope
from recurate.theory.any_choice.group_shares import any_choice, share_at
from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Statement, instance_of
from recurate.theory.textbook.majorisation import (
    distribution_function,
    entropy,
    majorised_entropy,
    membership,
)

_bound = WorstDivergence(lam, K, t)
_claim = at_most(divergence_at(t), _bound)

fuzzy_set = sympy.Symbol("B")
"""A fuzzy set: its membership φ is any function of the point with values in (0, 1]."""

_x = sympy.Symbol("x", positive=True)
"""A density."""

_entropy = entropy(_x)


class slope_at(AtStep):
    """g_t(u), the slope of G_t at u."""

    nargs = 2
    plain, typeset = "g_[{}]({})", "g_{@}(@)"
    is_positive = True


_inside = membership(fuzzy_set)
_floor = ShareFloor(share, lam, K, t)
_slope = slope_at(t, share)

_proof = Proof(
    general={
        "share-envelope": (t, fuzzy_set),
        "envelope": (t, share),
        "total": (t,),
    },
    supposed={
        "share-envelope": instance_of(
            share_envelope.statement,
            {share_at(t): Mean(density_at(t) * _inside), share: Mean(_inside)},
        ),
        # A polynomial in u with nonnegative coefficients of sum 1, without a constant term.
        "envelope": distribution_function(_floor, _slope, share),
        "total": equal(Mean(density_at(t)), 1),
        "divergence": equal(divergence_at(t), Mean(density_at(t) * sympy.log(density_at(t)))),
        "S": equal(_bound, sympy.Integral(_entropy.subs(_x, _slope), (share, 0, 1))),
    },
    steps=(
        *majorised_entropy(
            _x,
            fuzzy_set,
            {"curve": _floor, "slope": _slope, "variable": share},
            {"total": "total", "curve": "envelope", "above": "share-envelope"},
            text="As E[d_t φ] >= G_t(E φ) for every φ (share-envelope), the density d_t is "
            "majorised by that of G_t, and so the mean of d log d is at most the one for G_t.",
        ),
        Step(
            "claim",
            _claim,
            "That is S_t(λ, K) = ∫ g_t log g_t du.",
            Combination({"majorised": 1, "S": 1, "divergence": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="any-choice-divergence",
    label="Divergence, whatever people choose",
    title="No way of choosing among K moves the model further than the hard best of K does",
    kind="ours",
    hypotheses=(
        from_reference("share-envelope"),
        any_choice("share-envelope"),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "λ = 0",
        "t = 0",
        "hard best of K of a reward without ties and with a density: equality at every t",
        "approached by n equal atoms as n grows, to 9e-8 for n = 10^4, K = 4, λ = 1, t = 3",
    ),
    proof=_proof,
    law="over p_ref, at a draw from which d_t and the membership φ are taken",
    uses=("share-envelope",),
    remarks=(
        "S_t(λ, K) = ∫_0^1 g_t log g_t du, g_t = dG_t/du. For λ = inf G_t = u^(K^t) and S_t = "
        "t log K - 1 + K^-t; for λ(K-1) <= 1 S_t increases to S*(λ, K) of theorem-2.4-optimal, "
        "which thus holds for every choice; for λ(K-1) > 1 it grows without bound.",
        "A finite law with masses p_i, in the order of d_t: KL(p_t|p_ref) + KL(q_t|p_t) <= "
        "KL(q_t|p_ref) <= S_t, q_t the law of the masses G_t(u_i) - G_t(u_{i-1}), u_i the running "
        "sums of p_i. The hard best of K of different rewards is q_t itself.",
        "G_t is a polynomial in u with nonnegative coefficients of sum 1 and no constant term (by "
        "induction), hence a distribution function: the steps suppose that.",
        "Every f-divergence is bounded in the same way. Without a largest K there is no bound: a "
        "choice among all is as far as log 1/u, for any u.",
        "Exact evidence: p_t(φ) >= G_t(p_ref(φ)) for functions φ with values in [0, 1], and for "
        "every set of least densities d_t, which is rational.",
    ),
)

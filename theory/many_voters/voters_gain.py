"""K = inf: what a voter gains from the others' choices is a sum of covariances."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.notation import WithIndex
from recurate.theory.proving import Combination, Identity, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

_u = sympy.Symbol("u", integer=True, positive=True)

voter = sympy.Symbol("v", integer=True, positive=True)
"""Number of the voter whose gain it is."""

voters = sympy.Symbol("J", integer=True, positive=True)
"""Number of voters."""

curated_mean = sympy.Symbol("E_{T(p)}w_v", positive=True)
"""Mean of her weight w_v under T(p), after everyone's choices."""


class share_of(WithIndex):
    """Share of a voter in the choices."""

    plain, typeset = "π_{}", r"\pi_{@}"
    is_nonnegative = True


class mean_of(WithIndex):
    """Mean of a voter's weight under p."""

    plain, typeset = "E_p w_{}", r"\mathbb{E}_p[w_{@}]"
    is_positive = True


class covariance_of(WithIndex):
    """Covariance of two voters' weights under p."""

    nargs = 2
    plain, typeset = "Cov_p(w_{}, w_{})", r"\mathrm{Cov}_p(w_{@},w_{@})"


def _gain_from(u: Any) -> Any:
    return share_of(u) * covariance_of(u, voter) / mean_of(u)


gains = sympy.Sum(_gain_from(_u), (_u, 1, voters))

_claim = equal(curated_mean - mean_of(voter), gains)

# G = w_u(x)/E_p w_u and W = w_v(x)
_moved = random_quantity * random_weight

_proof = Proof(
    supposed={
        "winner": equal(curated_mean, Mean(_moved)),
        "mean": equal(mean_of(voter), Moment(0, 1)),
        "relative": equal(Moment(1, 0), 1),
        "covariances": equal(gains, Mean((random_quantity - 1) * (random_weight - mean_of(voter)))),
    },
    steps=(
        Step(
            "product",
            equal(
                (random_quantity - 1) * (random_weight - mean_of(voter)),
                _moved - random_weight - mean_of(voter) * (random_quantity - 1),
            ),
            "Draw a voter u by the shares and a sample x from p. With G = w_u(x)/E_p w_u, whose "
            "mean is 1 for each voter, and W = w_v(x), the product of what these are above their "
            "means has the mean Σ_u π_u Cov_p(w_u, w_v)/E_p w_u.",
            Identity(),
        ),
        Step(
            "mean product",
            equal(
                Mean((random_quantity - 1) * (random_weight - mean_of(voter))),
                Mean(_moved) - Moment(0, 1) - mean_of(voter) * (Moment(1, 0) - 1),
            ),
            "In the mean over the voters and the samples.",
            UnderMean("product"),
        ),
        Step(
            "claim",
            _claim,
            "T(p) has the density Σ_u π_u w_u/E_p w_u over p, so the mean of G W is that of w_v "
            "under T(p).",
            Combination(
                {
                    "winner": 1,
                    "mean": -1,
                    "covariances": -1,
                    "mean product": -1,
                    "relative": mean_of(voter),
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="voters-gain",
    label="What a voter gains",
    title="For K = inf a voter gains the sum of the others' covariances with her, each over its "
    "mean",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf for each voter u: with shares π_u >= 0 that sum to one, and weights w_u >= 0 "
            "of positive mean, T(p) = Σ_u π_u p w_u/E_p w_u",
            carried_by=("winner", "relative", "covariances"),
        ),
        Hypothesis(
            "finite_moments",
            "w_v and each w_u w_v have a mean under p",
            carried_by=("winner", "mean", "covariances"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    law=(
        "over a voter u, drawn by the shares, and a sample x of p: G is w_u(x)/E_p w_u, W is w_v(x)"
    ),
    remarks=(
        "The same holds of any quantity in the place of w_v, such as an answer's length.",
        "A voter gains from those whose weights are positively correlated with hers, and loses by "
        "the others; her own part is π_v Var_p w_v/E_p w_v.",
        "An adversary of share φ with weights w~, Cov_p(w, w~) < 0, wins over voters of weight w "
        "iff (1-φ) Var_p w/E_p w < -φ Cov_p(w, w~)/E_p w~: then E w falls. A "
        "small share may do: for w = (1, 10), w~ = (10, 1) and p = (1/10, 9/10) more than 19/110.",
        "With real data mixed in, a step gains her m (E_ref w_v - E_p w_v) and a times this.",
        "With one voter the gain is Var_p w/E_p w; lemma-2.2 has a lower bound of it for every K.",
    ),
)

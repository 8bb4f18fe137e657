"""The least share that a group keeps in the mean, whatever is chosen and however it is mixed."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Induction,
    Monotone,
    Proof,
    Step,
    Substitution,
    Supposing,
    Tangent,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement

more_candidates = sympy.Symbol("K'", positive=True)
"""Another number of candidates, among which others choose."""


class _random_share(Drawn):
    """Share p_t(φ) of the group, random where training sets are finite."""

    plain, typeset = "P_[{}]", r"P_{@}"
    tacit = frozenset({K, lam})
    is_positive = True


class expected_share_at(AtStep):
    """Mean E p_t(φ) of the group's share over the training sets."""

    plain, typeset = "E p_[{}](φ)", r"\mathbb{E}\,p_{@}(\varphi)"
    is_positive = True


class floor_at(AtStep):
    """G_t(u): u at first, then α_t u + β_t G_t + γ_t G_t^K + γ'_t G_t^K'."""

    plain, typeset = "G_[{}](u)", r"G_{@}(u)"
    is_positive = True


class _real_at(AtStep):
    """Share α_t of real data in the training set of step t."""

    plain, typeset = "α_[{}]", r"\alpha_{@}"
    is_nonnegative = True


class _kept_at(AtStep):
    """Share β_t of samples that nobody chose, or that one saw alone."""

    plain, typeset = "β_[{}]", r"\beta_{@}"
    is_nonnegative = True


class _chosen_at(AtStep):
    """Share γ_t of samples chosen among K."""

    plain, typeset = "γ_[{}]", r"\gamma_{@}"
    is_nonnegative = True


class _chosen_among_more_at(AtStep):
    """Share γ'_t of samples chosen among K'."""

    plain, typeset = "γ'_[{}]", r"\gamma'_{@}"
    is_nonnegative = True


_share = _random_share(t)
_expected, _floor = expected_share_at(t), floor_at(t)
_real, _kept, _chosen, _more = (
    of(t) for of in (_real_at, _kept_at, _chosen_at, _chosen_among_more_at)
)
_claim = at_least(_expected, _floor)

_n = sympy.Symbol("n", nonnegative=True)
"""Any exponent."""

_x = sympy.Symbol("x", positive=True)
"""A share."""


def _tangent(exponent: sympy.Expr) -> sympy.Rel:
    """Return that the power of the share lies above its tangent at the mean."""
    rise = exponent * _expected ** (exponent - 1) * (_share - _expected)
    return at_least(_share**exponent, _expected**exponent + rise)


def _powers(number: sympy.Symbol, label: str) -> tuple[Step, ...]:
    """Return that E p_t(φ)^number >= G_t^number under the hypothesis, in steps."""
    name = "K" if number is K else "K'"
    return (
        Step(
            f"others {label}",
            at_least(number - 1, 0),
            f"There are {name} - 1 other candidates.",
            Combination({f"candidates {label}": 1}),
        ),
        Step(
            f"tangent {label}",
            _tangent(number),
            f"Take {name} as the exponent.",
            Substitution("tangent", {_n: number - 1}, {_n: f"others {label}"}),
        ),
        Step(
            f"Jensen {label}",
            at_least(Mean(_share**number), _expected**number + _rest(number)),
            f"So E p_t(φ)^{name} is at least the power of the mean.",
            UnderMean(f"tangent {label}"),
        ),
        Step(
            f"power {label}",
            implies(_claim, at_least(_expected**number, _floor**number)),
            "And that is at least the power of G_t(u), if E p_t(φ) is at least G_t(u).",
            Supposing(Monotone("hypothesis", _x**number, _x)),
        ),
    )


def _rest(number: sympy.Symbol) -> sympy.Expr:
    """Return the mean of the tangent's rise, which is zero."""
    return number * _expected ** (number - 1) * (Mean(_share) - _expected)


_proof = Proof(
    general={"mean": (t,), "step": (t,), "recursion": (t,)},
    supposed={
        "candidates among K": at_least(K, 1),
        "candidates among more": at_least(more_candidates, 1),
        "start": equal(expected_share_at(0), share),
        "mean": equal(_expected, Mean(_share)),
        "step": at_least(
            expected_share_at(t + 1),
            _real * share
            + _kept * _expected
            + _chosen * Mean(_share**K)
            + _more * Mean(_share**more_candidates),
        ),
        "first floor": equal(floor_at(0), share),
        "recursion": equal(
            floor_at(t + 1),
            _real * share + _kept * _floor + _chosen * _floor**K + _more * _floor**more_candidates,
        ),
    },
    steps=(
        Step(
            "base",
            at_least(expected_share_at(0), floor_at(0)),
            "At first both are u.",
            Combination({"start": 1, "first floor": -1}),
        ),
        Step(
            "tangent",
            _tangent(1 + _n),
            "Powers are convex: they lie above their tangent at E p_t(φ).",
            Tangent(_x ** (1 + _n), _x, point=_expected, at=_share),
        ),
        *_powers(K, "among K"),
        *_powers(more_candidates, "among more"),
        Step(
            "next",
            implies(_claim, at_least(expected_share_at(t + 1), floor_at(t + 1))),
            "So E p_{t+1}(φ) is at least α u + β E p_t(φ) + γ (E p_t(φ))^K + γ' (E p_t(φ))^K', and "
            "that at least the same of G_t(u). With further numbers of candidates there are "
            "further terms of the same kind.",
            UnderSupposition(
                Combination(
                    {
                        "step": 1,
                        "hypothesis": _kept,
                        "Jensen among K": _chosen,
                        "Jensen among more": _more,
                        "power among K": _chosen,
                        "power among more": _more,
                        "mean": -_chosen * K * _expected ** (K - 1)
                        - _more * more_candidates * _expected ** (more_candidates - 1),
                        "recursion": -1,
                    }
                )
            ),
        ),
        Step(
            "claim",
            _claim,
            "So it holds at every t.",
            Induction(t, 0, base="base", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="share-envelope-general",
    label="Envelope of shares, in general",
    title="However data are mixed and whatever is chosen, a group's mean share stays above G_t(u)",
    kind="ours",
    hypotheses=(
        from_reference("start"),
        Hypothesis(
            "candidates",
            "every number of candidates K_j is finite, and at least 1",
            at_least(K, 1),
            ("candidates among K", "candidates among more"),
        ),
        Hypothesis(
            "step",
            "E[p_{t+1}(φ) | what was before] is at least α_t p_ref(φ) + β_t p_t(φ) + the sum of "
            "γ_j p_t(φ)^{K_j}, for every φ with values in [0, 1]; the weights are nonnegative, sum "
            "to 1, and may change with t",
            carried_by=("step",),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "t = 0",
        "K_j = 1 for all j",
        "u = 0 or 1",
        "a member is chosen only if all candidates are members, training sets being infinite",
    ),
    proof=_proof,
    law="over the training sets, which make the share P_t = p_t(φ) random",
    uses=(),
    remarks=(
        "G_0(u) = u and G_{t+1}(u) = α_t u + β_t G_t + sum of γ_j G_t^{K_j}; here with two numbers "
        "of candidates, and likewise for any number. At most 1 - G_t(1-u): the same for those not "
        "in the group.",
        "KL(E p_t|p_ref) is at most ∫ g log g du, g = G_t', and every f-divergence is bounded "
        "alike, as in any-choice-divergence.",
        "The loop: α = m, γ = a (share-envelope). A share ε retained: α = m, β = a ε, γ = a (1-ε). "
        "Random clicks count as retained. Users who see other numbers of candidates: their shares "
        "are the γ_j (any-choice-bound for each).",
        "Accumulating data, ν = n_0/n: α = 0, β = (ν+t)/(ν+t+1), γ = 1/(ν+t+1); accumulation-floor "
        "is its end for K = inf, where G^K is nothing.",
        "Training sets of N winners: their empirical law has the mean T(p_t), so the bounds are "
        "the infinite loop's, exactly, for E p_t.",
        "A network of models that start at p_ref and train on any mixture of one another's chosen "
        "samples: the same for every model, α the least of theirs and K the largest.",
        "Prompts z of probability p(z): the sum of p(z) G_t(u_z), u_z the real share given z, "
        "which is at least G_t(u) by convexity.",
    ),
)

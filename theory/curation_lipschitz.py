"""Curation moves two laws apart by the curation ratio at the top weight at most."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.curation_ceiling import transform
from recurate.theory.draws import Drawn, random_quantity, random_weight
from recurate.theory.notation import (
    K,
    WithIndex,
    curation_ratio_of,
    max_weight,
    total_variation,
    weight,
)
from recurate.theory.proving.generalising import Substitution, UnderMean
from recurate.theory.proving.integrals import UnderIntegral
from recurate.theory.proving.justifications import Combination, Monotone
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Comonotone
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_p, _q = sympy.symbols("p q")
"""The two laws p and q."""
_f, _g = sympy.symbols("f g")
"""The laws f and g with p - q = τ (f - g), τ = TV(p, q): the normalised parts of p - q."""
_law = sympy.Symbol("i")
"""Any of the laws p, q, f and g."""
_s = sympy.Symbol("s", positive=True)
"""Laplace variable."""
_value = sympy.Symbol("y", positive=True)
"""The base of a power."""
_power = sympy.Symbol("n", nonnegative=True)
"""The exponent of a power."""
_exponent = sympy.Symbol("x", real=True)
"""The argument of an exponential."""
_in_set = random_quantity
curated_distance = sympy.Symbol("TV(Tp,Tq)", nonnegative=True)
"""Total variation distance of T(p) and T(q)."""
top_ratio = curation_ratio_of(_p, max_weight)
"""H_p(w_*)."""


class density_under(Drawn):  # noqa: N801 (a function)
    """Density at a draw, of the law that is its argument."""

    plain, typeset = "{}(X)", "@(X)"

    def _eval_is_nonnegative(self) -> bool:
        return True


class _slope(WithIndex):  # noqa: N801
    """-M_i'(s) = |M_i'(s)| as a function of the law i and of s: how fast its transform falls."""

    nargs = 2
    plain, typeset = "|M_{}'|({})", "|M_{@}'|(@)"

    def _eval_is_nonnegative(self) -> bool:
        return True


class _first(WithIndex):  # noqa: N801
    """Indicator of the s with M_q(s) <= M_p(s), which are those with M_g(s) <= M_f(s)."""

    plain, typeset = "1_[M_q <= M_p]({})", r"1_{M_q\leq M_p}(@)"

    def _eval_is_nonnegative(self) -> bool:
        return True


class _curated_mass(WithIndex):  # noqa: N801
    """T(i)(A), as a function of the law i."""

    tacit = frozenset({K})
    plain, typeset = "T{}(A)", "T@(A)"


_is_first, _is_second = _first(_s), 1 - _first(_s)
_decay, _top_decay = sympy.exp(-_s * random_weight), sympy.exp(-_s * max_weight)
_claim = at_most(curated_distance, top_ratio * total_variation)


def _beaten(law: Any) -> Any:
    """M_i^{K-1} at s, for the K - 1 others."""
    return transform(law, _s) ** (K - 1)


def _tilted(law: Any) -> Any:
    return density_under(law) * random_weight * _decay


def _curated_integrand(law: Any) -> Any:
    return K * _beaten(law) * Mean(_in_set * _tilted(law))


def _integral(integrand: Any) -> Any:
    return sympy.Integral(integrand, (_s, 0, sympy.oo))


# N = min(M_f, M_g) at s, its slope with the sign changed, and that of M_p^{K-1}.
_lower = _is_first * transform(_g, _s) + _is_second * transform(_f, _s)
_lower_slope = _is_first * _slope(_g, _s) + _is_second * _slope(_f, _s)
_beaten_slope = (K - 1) * transform(_p, _s) ** (K - 2) * _slope(_p, _s)

_moved = _tilted(_q) * _beaten(_q) - _tilted(_p) * _beaten(_p)
_balance = _is_second * K * (_slope(_q, _s) * _beaten(_q) - _slope(_p, _s) * _beaten(_p))
_allowed = K * total_variation * _beaten(_p)

_POSITIVE_PART = (
    "Gilbarg, Trudinger, Elliptic Partial Differential Equations of Second Order, Lemma 7.6 "
    "(derivative of a positive part), and the fundamental theorem of calculus"
)
_TONELLI = "Tonelli's theorem on iterated integrals of nonnegative functions"
_BY_PARTS = (
    "Folland, Real Analysis, Theorem 3.36 (integration by parts), and Gilbarg, Trudinger, Lemma "
    "7.6, for N = M_g - (M_g - M_f)^+"
)


def _ordered(of: Any, power: Any, sign: int) -> Any:
    rise = transform(_p, _s) ** power - transform(_q, _s) ** power
    return at_least(of * sign * rise, 0)


def _power_steps(name: str, of: Any, sign: int) -> tuple[Step, Step]:
    """Return the steps from the order of M_p and M_q to that of their powers."""
    of_p, of_q = transform(_p, _s), transform(_q, _s)
    pair = (of_p, of_q) if sign == 1 else (of_q, of_p)
    return (
        Step(
            f"powers, {name}",
            _ordered(of, _power, sign),
            "Powers grow with their base.",
            Comonotone(name, of, pair, _value**_power, _value),
        ),
        Step(
            f"others, {name}",
            _ordered(of, K - 1, sign),
            "So M_p^{K-1} and M_q^{K-1} are ordered as M_p and M_q are: here "
            + ("M_q^{K-1} <= M_p^{K-1}." if sign == 1 else "M_p^{K-1} <= M_q^{K-1}."),
            Substitution(f"powers, {name}", {_power: K - 1}, {_power: "number of others"}),
        ),
    )


_proof = Proof(
    general={
        "transform": (_law, _s),
        "slope": (_law, _s),
        "first set": (_s,),
        "second set": (_s,),
        "second or first": (_s,),
        "mass": (_law,),
        "density after curation": (_law,),
    },
    supposed={
        "several candidates": at_least(K, 1),
        "bounded": at_most(random_weight, max_weight),
        "in the set": at_least(_in_set, 0),
        "not more than once": at_most(_in_set, 1),
        "densities": equal(
            density_under(_p) - density_under(_q),
            total_variation * (density_under(_f) - density_under(_g)),
        ),
        "mass": equal(Mean(density_under(_law)), 1),
        "transform": equal(transform(_law, _s), Mean(density_under(_law) * _decay)),
        "slope": equal(_slope(_law, _s), Mean(_tilted(_law))),
        # the two sets of s, in which M_q <= M_p and M_p < M_q
        "first set": at_least(_is_first * (transform(_p, _s) - transform(_q, _s)), 0),
        "second set": at_least(_is_second * (transform(_q, _s) - transform(_p, _s)), 0),
        "second or first": at_most(_is_first, 1),
        "density after curation": equal(
            _curated_mass(_law),
            Mean(_in_set * density_under(_law) * curation_ratio_of(_law, random_weight)),
        ),
        # A is the set of draws that T(q) has with a higher density than T(p)
        "distance": equal(curated_distance, _curated_mass(_q) - _curated_mass(_p)),
    },
    steps=(
        Step(
            "number of others",
            at_least(K - 1, 0),
            "There are K - 1 other candidates.",
            Combination({"several candidates": 1}),
        ),
        *_power_steps("first set", _is_first, 1),
        *_power_steps("second set", _is_second, -1),
        Step(
            "pointwise",
            at_most(
                K * _in_set * _moved,
                K
                * (
                    total_variation * _beaten(_p) * _is_first * _tilted(_g)
                    + total_variation * _beaten(_p) * _is_second * _tilted(_f)
                    + _is_second * _moved
                ),
            ),
            "Let s > 0. Where M_q <= M_p, q M_q^{K-1} - p M_p^{K-1} is at most (q - p) M_p^{K-1}, "
            "hence at most τ g M_p^{K-1}; where M_p < M_q, its negative is at most τ f M_p^{K-1}, "
            "which is used off A.",
            Combination(
                {
                    ("in the set", "others, first set"): K * _tilted(_q),
                    ("not more than once", "others, second set"): K * _tilted(_q),
                    "in the set": _allowed * _tilted(_f),
                    "not more than once": _allowed * _tilted(_g),
                    "densities": K * random_weight * _decay * _beaten(_p) * (_in_set - _is_second),
                }
            ),
        ),
        Step(
            "mean over the weights",
            at_most(
                _curated_integrand(_q) - _curated_integrand(_p),
                _allowed * (_is_first * Mean(_tilted(_g)) + _is_second * Mean(_tilted(_f)))
                + _is_second
                * K
                * (_beaten(_q) * Mean(_tilted(_q)) - _beaten(_p) * Mean(_tilted(_p))),
            ),
            "That is so in the mean over the draw.",
            UnderMean("pointwise"),
        ),
        *(
            Step(
                f"slope of M_{law}",
                equal(_slope(law, _s), Mean(_tilted(law))),
                f"The mean of w e^(-sw) under {law} is how fast M_{law} falls at s.",
                Substitution("slope", {_law: law}),
            )
            for law in (_p, _q, _f, _g)
        ),
        Step(
            "by slopes",
            at_most(
                _curated_integrand(_q) - _curated_integrand(_p),
                _allowed * _lower_slope + _balance,
            ),
            "Write N for the smaller one of M_f and M_g: τ K M_p^{K-1} is multiplied by how fast "
            "N falls.",
            Combination(
                {
                    "mean over the weights": 1,
                    "slope of M_g": _allowed * _is_first,
                    "slope of M_f": _allowed * _is_second,
                    "slope of M_q": _is_second * K * _beaten(_q),
                    "slope of M_p": -_is_second * K * _beaten(_p),
                }
            ),
        ),
        Step(
            "integrated",
            at_most(
                _integral(_curated_integrand(_q)) - _integral(_curated_integrand(_p)),
                total_variation * _integral(K * _beaten(_p) * _lower_slope) + _integral(_balance),
            ),
            "Integrated over s from 0 on.",
            UnderIntegral("by slopes", _s, sympy.S.Zero, sympy.oo),
        ),
        Step(
            "balance",
            equal(_integral(_balance), 0),
            "The last integrand is minus the derivative of the positive part of M_q^K - M_p^K, "
            "which is 0 at s = 0 and at infinity.",
            Cited(_POSITIVE_PART, of=("second set", "first set")),
        ),
        Step(
            "ratio as an integral",
            equal(
                curation_ratio_of(_law, weight),
                _integral(K * weight * sympy.exp(-_s * weight) * _beaten(_law)),
            ),
            "1/(w + S) is the integral of e^{-s (w + S)}, and the mean goes inside.",
            Cited(_TONELLI),
        ),
        Step(
            "curated mass as an integral",
            equal(
                Mean(_in_set * density_under(_law) * curation_ratio_of(_law, random_weight)),
                _integral(_curated_integrand(_law)),
            ),
            "Likewise in the mean over a draw in A, of any law.",
            Cited(_TONELLI, of=("ratio as an integral",)),
        ),
        Step(
            "curated mass",
            equal(_curated_mass(_law), _integral(_curated_integrand(_law))),
            "So that is the mass that curation leaves in A.",
            Combination({"density after curation": 1, "curated mass as an integral": 1}),
        ),
        *(
            Step(
                f"mass under T({law})",
                equal(_curated_mass(law), _integral(_curated_integrand(law))),
                f"In particular if the law is {law}.",
                Substitution("curated mass", {_law: law}),
            )
            for law in (_p, _q)
        ),
        Step(
            "top ratio",
            equal(top_ratio, _integral(K * max_weight * _top_decay * _beaten(_p))),
            "And H_p(w_*) is such an integral.",
            Substitution("ratio as an integral", {_law: _p, weight: max_weight}),
        ),
        Step(
            "exponent",
            at_least(-_s * random_weight, -_s * max_weight),
            "Now no weight exceeds w_*.",
            Combination({"bounded": _s}),
        ),
        Step(
            "exponential",
            at_least(_decay, _top_decay),
            "So e^{-sw} is at least e^{-s w_*}.",
            Monotone("exponent", sympy.exp(_exponent), _exponent),
        ),
        Step(
            "weighted exponential",
            at_least(density_under(_law) * _decay, density_under(_law) * _top_decay),
            "Times a density.",
            Combination({"exponential": density_under(_law)}),
        ),
        Step(
            "mean exponential",
            at_least(Mean(density_under(_law) * _decay), Mean(density_under(_law)) * _top_decay),
            "And in the mean.",
            UnderMean("weighted exponential"),
        ),
        Step(
            "transform from below",
            at_least(transform(_law, _s), _top_decay),
            "So no transform is below e^{-s w_*}.",
            Combination({"transform": 1, "mean exponential": 1, "mass": _top_decay}),
        ),
        *(
            Step(
                f"M_{law} from below",
                at_least(transform(law, _s), _top_decay),
                f"That of {law} is not.",
                Substitution("transform from below", {_law: law}),
            )
            for law in (_f, _g)
        ),
        Step(
            "N from below",
            at_least(_lower, _top_decay),
            "Nor is N, at any s one of the two.",
            Combination(
                {
                    "M_g from below": _is_first,
                    ("second or first", "M_f from below"): 1,
                }
            ),
        ),
        Step(
            "rest",
            at_least(K * (_lower - _top_decay) * _beaten_slope, 0),
            "M_p^{K-1} falls as s grows; times how fast it does.",
            Combination(
                {
                    ("N from below", "number of others"): K
                    * transform(_p, _s) ** (K - 2)
                    * _slope(_p, _s)
                }
            ),
        ),
        Step(
            "rest integrated",
            at_least(_integral(K * (_lower - _top_decay) * _beaten_slope), 0),
            "And integrated.",
            UnderIntegral("rest", _s, sympy.S.Zero, sympy.oo),
        ),
        Step(
            "by parts",
            equal(
                _integral(K * max_weight * _top_decay * _beaten(_p))
                - _integral(K * _beaten(_p) * _lower_slope),
                _integral(K * (_lower - _top_decay) * _beaten_slope),
            ),
            "N - e^{-s w_*}, which is 0 at s = 0 and times M_p^{K-1} at infinity, is absolutely "
            "continuous; its derivative is w_* e^{-s w_*} less how fast N falls. By parts.",
            Cited(_BY_PARTS),
        ),
        Step(
            "claim",
            _claim,
            "So the integral of τ K M_p^{K-1} times how fast N falls is at most τ H_p(w_*).",
            Combination(
                {
                    "distance": -1,
                    "mass under T(q)": -1,
                    "mass under T(p)": 1,
                    "integrated": 1,
                    "balance": -1,
                    "top ratio": total_variation,
                    "by parts": total_variation,
                    "rest integrated": total_variation,
                }
            ),
        ),
    ),
)
statement = Statement(
    id="curation-lipschitz",
    label="Lipschitz constant of curation",
    title="Curation drives two laws apart by the smaller of their top ratios H(w_*) at most",
    source=f"{DERIVED_HERE}#curation-lipschitz",
    kind="ours",
    hypotheses=(
        Hypothesis("candidates", "at least one candidate: K >= 1", at_least(K, 1)),
        Hypothesis("bounded", "bounded rewards: w <= w_*", at_most(random_weight, max_weight)),
        Hypothesis("laws", "p and q are any two laws on such weights"),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("K = 1", "p = q", "p and q differ only in how they share the mass at w_*"),
    proof=_proof,
    infinite_candidates=(
        "H_p(w_*) = w_*/E_p w, and T(p) has the density p w/E_p w (lemma-2.1-limit). If "
        "E_q w >= E_p w, (T(q) - T(p))^+ <= (q - p)^+ w/E_p w; otherwise (T(p) - T(q))^+ <= "
        "(p - q)^+ w/E_p w"
    ),
    law=(
        "over a draw from a law over which p, q, f and g have densities, such as (p + q)/2; W is "
        "its weight, and G indicates that it is in the set A where T(q) has the higher density"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "p and q may be exchanged: TV(T(p), T(q)) <= min(H_p(w_*), H_q(w_*)) TV(p, q).",
        "H_p(w_*) is at most h = (1 - (1-θ)^K)/θ with θ = E_p w/w_* (theorem-2.4-bounded-weights). "
        "So h may be taken at the larger of the two mean weights, where loop-contraction has a "
        "lower bound of both.",
        "If the reference has mass at w_*, then p({w_*}) (1 - a H_p(w_*)) = m p_ref({w_*}) makes "
        "a H_p(w_*) < 1 at a fixed point p of the mixed loop: it has no other one, and converges "
        "to it from every start (global-attraction).",
    ),
)

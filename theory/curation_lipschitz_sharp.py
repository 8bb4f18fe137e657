"""Curation drives two laws apart by the curation ratio at the mean weight of what differs."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory import curation_ceiling
from recurate.theory.curation_ceiling import transform, winning
from recurate.theory.draws import (
    Drawn,
    drawn_weight,
    random_quantity,
    random_weight,
    weight_of_others,
)
from recurate.theory.notation import (
    K,
    WithIndex,
    curation_ratio_of,
    max_weight,
    total_variation,
    weight,
)
from recurate.theory.proving.citing import Cited
from recurate.theory.proving.generalising import Substitution, UnderMean
from recurate.theory.proving.integrals import Antiderivative, UnderIntegral
from recurate.theory.proving.justifications import Combination, Identity, Monotone, Sign
from recurate.theory.proving.limits import ContinuousImage, LimitValue, Squeeze
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Comonotone, Image, Tangent
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement
from recurate.theory.textbook.calculus import (
    CHAIN_RULE,
    FUNDAMENTAL_THEOREM,
    POSITIVE_PART,
    TRANSFORM_LIMIT,
    TRANSFORM_SLOPE,
    absolutely_continuous,
)
from recurate.theory.textbook.integrals import TONELLI

_p, _q = sympy.symbols("p q")
"""The two laws p and q."""
_f, _g = sympy.symbols("f g")
"""Two laws f and g with p - q = τ (f - g), τ = TV(p, q): the normalised parts of p - q."""
_law = sympy.Symbol("i")
"""Any of the laws p, q, f and g."""
_s = sympy.Symbol("s", positive=True)
"""Laplace variable."""
_value = sympy.Symbol("y", positive=True)
"""The base of a power."""
_other_value = sympy.Symbol("y'", positive=True)
"""The base of another power."""
_power = sympy.Symbol("n", nonnegative=True)
"""The exponent of a power."""
_exponent = sympy.Symbol("x", real=True)
"""The argument of an exponential."""
level = sympy.Symbol("c", positive=True)
"""c, at least the mean weights under f and under g."""
curated_distance = sympy.Symbol("TV(Tp,Tq)", nonnegative=True)
"""Total variation distance of T(p) and T(q)."""
ratio_at_level = curation_ratio_of(_p, level)
"""H_p(c)."""
_in_set = random_quantity


class density_under(Drawn):  # noqa: N801 (a function)
    """Density at a draw, of the law that is its argument."""

    plain, typeset = "{}(X)", "@(X)"

    def _eval_is_nonnegative(self) -> bool:
        return True


class _first(WithIndex):  # noqa: N801
    """Number in [0, 1]: 1 at the s with M_g(s) < M_f(s), and 0 at those with M_f(s) < M_g(s)."""

    plain, typeset = "1_[M_g <= M_f]({})", r"1_{M_g\leq M_f}(@)"

    def _eval_is_nonnegative(self) -> bool:
        return True


class _curated_mass(WithIndex):  # noqa: N801
    """T(i)(A), as a function of the law i."""

    tacit = frozenset({K})
    plain, typeset = "T{}(A)", "T@(A)"


_is_first, _is_second = _first(_s), 1 - _first(_s)
_decay, _level_decay = sympy.exp(-_s * random_weight), sympy.exp(-_s * level)
_others = weight_of_others(_p, K - 1)
_M_p, _M_q, _M_f, _M_g = (transform(law, _s) for law in (_p, _q, _f, _g))


def _beaten(law: Any) -> Any:
    """M_i^{K-1} at s, for the K - 1 others."""
    return transform(law, _s) ** (K - 1)


def _tilted(law: Any) -> Any:
    return density_under(law) * random_weight * _decay


def _slope(law: Any) -> Any:
    """-M_i'(s): how fast the transform falls."""
    return Mean(_tilted(law))


def _curated_integrand(law: Any) -> Any:
    return K * _beaten(law) * Mean(_in_set * _tilted(law))


def _integral(integrand: Any) -> Any:
    return sympy.Integral(integrand, (_s, 0, sympy.oo))


# N = min(M_f, M_g) at s and its slope with the sign changed; M_p^{K-1} is E e^{-sS}.
_lower = _is_first * _M_g + _is_second * _M_f
_lower_slope = _is_first * _slope(_g) + _is_second * _slope(_f)
_others_slope = Mean(_others * sympy.exp(-_s * _others))

_moved = _tilted(_q) * _beaten(_q) - _tilted(_p) * _beaten(_p)
_balance = _is_second * K * (_slope(_q) * _beaten(_q) - _slope(_p) * _beaten(_p))
_allowed = K * total_variation * _beaten(_p)
_gap = _lower - _level_decay  # N - e^{-sc}
_gap_slope = level * _level_decay - _lower_slope
_claim = at_most(curated_distance, ratio_at_level * total_variation)


def _limit(function: Any, point: Any) -> Any:
    return sympy.Limit(function, _s, point, "+" if point == 0 else "-")


def _ordered(of: Any, power: Any, sign: int) -> Any:
    return at_least(of * sign * (_M_p**power - _M_q**power), 0)


def _power_steps(name: str, of: Any, sign: int) -> tuple[Step, ...]:
    """Return the steps from the order of M_p and M_q to that of their powers."""
    pair = (_M_p, _M_q) if sign == 1 else (_M_q, _M_p)
    order = "M_q^{K-1} <= M_p^{K-1}" if sign == 1 else "M_p^{K-1} <= M_q^{K-1}"
    return (
        Step(
            f"{name}, p and q",
            _ordered(of, 1, sign),
            "M_p - M_q is τ (M_f - M_g), so the order of M_f and M_g is that of M_p and M_q.",
            Combination({name: total_variation, "transforms differ": sign * of}),
        ),
        Step(
            f"powers, {name}",
            _ordered(of, _power, sign),
            "Powers grow with their base.",
            Comonotone(f"{name}, p and q", of, pair, _value**_power, _value),
        ),
        Step(
            f"others, {name}",
            _ordered(of, K - 1, sign),
            f"So M_p^{{K-1}} and M_q^{{K-1}} are ordered as M_p and M_q are: here {order}.",
            Substitution(f"powers, {name}", {_power: K - 1}, {_power: "number of others"}),
        ),
        Step(
            f"all, {name}",
            _ordered(of, K, sign),
            "And so are the K-th powers.",
            Substitution(f"powers, {name}", {_power: K}),
        ),
    )


_TRANSFORM = {
    "transform": transform(_law, _s),
    "density": density_under(_law),
    "drawn": random_weight,
    "variable": _s,
}

_TRANSFORMS = (
    Step(
        "number of others",
        at_least(K - 1, 0),
        "There are K - 1 other candidates.",
        Combination({"several candidates": 1}),
    ),
    Step(
        "transform by density",
        equal(transform(_law, _s), Mean(density_under(_law) * _decay)),
        "The transform of a law is the mean of its density times e^{-sw}.",
        Combination({"transform": 1, "density": 1}),
    ),
    Step(
        "slope",
        absolutely_continuous(transform(_law, _s), -_slope(_law), _s),
        "So it falls at the rate E_i w e^{-sw}.",
        Cited(TRANSFORM_SLOPE, _TRANSFORM, {"transform": "transform by density"}),
    ),
    Step(
        "mass at 0",
        equal(_limit(transform(_law, _s), 0), Mean(density_under(_law))),
        "It starts at the total mass,",
        Cited(
            TRANSFORM_LIMIT,
            {**_TRANSFORM, "point": sympy.S.Zero},
            {"transform": "transform by density"},
        ),
    ),
    Step(
        "start",
        equal(_limit(transform(_law, _s), 0), 1),
        "which is 1.",
        Combination({"mass at 0": 1, "mass": 1}),
    ),
    Step(
        "end",
        equal(_limit(transform(_law, _s), sympy.oo), 0),
        "And it falls to 0.",
        Cited(
            TRANSFORM_LIMIT,
            {**_TRANSFORM, "point": sympy.oo},
            {"transform": "transform by density"},
        ),
    ),
    Step(
        "exponent",
        at_most(-_s * random_weight, 0),
        "Weights are positive.",
        Sign(),
    ),
    Step(
        "decay",
        at_most(_decay, 1),
        "So e^{-sw} is at most 1.",
        Monotone("exponent", sympy.exp(_exponent), _exponent),
    ),
    Step(
        "weighted decay",
        at_most(density_under(_law) * _decay, density_under(_law)),
        "Times a density.",
        Combination({"decay": density_under(_law)}),
    ),
    Step(
        "mean decay",
        at_most(Mean(density_under(_law) * _decay), Mean(density_under(_law))),
        "In the mean.",
        UnderMean("weighted decay"),
    ),
    Step(
        "at most one",
        at_most(transform(_law, _s), 1),
        "So a transform is at most 1.",
        Combination({"transform by density": -1, "mean decay": 1, "mass": -1}),
    ),
    Step(
        "powers at most one",
        at_most(transform(_law, _s) ** _power, 1),
        "And its powers are.",
        Monotone("at most one", _value**_power, _value),
    ),
)
"""The transform of any of the laws: smooth, from 1 to 0."""

_ORDERS = (
    Step(
        "tilted densities",
        equal(
            (density_under(_p) - density_under(_q)) * _decay,
            total_variation * (density_under(_f) - density_under(_g)) * _decay,
        ),
        "Now p - q is τ (f - g).",
        Combination({"densities": _decay}),
    ),
    Step(
        "mean densities",
        equal(
            Mean((density_under(_p) - density_under(_q)) * _decay),
            Mean(total_variation * (density_under(_f) - density_under(_g)) * _decay),
        ),
        "So it is in the mean.",
        UnderMean("tilted densities"),
    ),
    *(
        Step(
            f"transform of {law}",
            equal(transform(law, _s), Mean(density_under(law) * _decay)),
            f"M_{law} is a mean like this.",
            Substitution("transform by density", {_law: law}),
        )
        for law in (_p, _q, _f, _g)
    ),
    Step(
        "transforms differ",
        equal(_M_p - _M_q, total_variation * (_M_f - _M_g)),
        "So M_p - M_q is τ (M_f - M_g).",
        Combination(
            {
                "mean densities": 1,
                "transform of p": 1,
                "transform of q": -1,
                "transform of f": -total_variation,
                "transform of g": total_variation,
            }
        ),
    ),
    *_power_steps("first set", _is_first, 1),
    *_power_steps("second set", _is_second, -1),
)
"""Where M_g <= M_f, also M_q <= M_p; and so on for their powers."""

_POINTWISE = (
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
        "by slopes",
        at_most(
            _curated_integrand(_q) - _curated_integrand(_p), _allowed * _lower_slope + _balance
        ),
        "That is so in the mean over the draw. Write N for the smaller one of M_f and M_g: "
        "τ K M_p^{K-1} is multiplied by how fast N falls.",
        UnderMean("pointwise"),
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
)

_rise = _M_q**K - _M_p**K
_rise_slope = K * _M_p ** (K - 1) * _slope(_p) - K * _M_q ** (K - 1) * _slope(_q)

_BALANCE = (
    *(
        Step(
            f"slope of M_{law}",
            absolutely_continuous(transform(law, _s), -_slope(law), _s),
            f"M_{law} falls at the rate E_{law} w e^{{-sw}}.",
            Substitution("slope", {_law: law}),
        )
        for law in (_p, _q, _f, _g)
    ),
    Step(
        "rise",
        absolutely_continuous(_rise, _rise_slope, _s),
        "M_q^K - M_p^K has a slope by the chain rule.",
        Cited(
            CHAIN_RULE,
            {
                "function": _other_value**K - _value**K,
                "values": ((_value, _M_p, -_slope(_p)), (_other_value, _M_q, -_slope(_q))),
                "variable": _s,
            },
            {"y": "slope of M_p", "y'": "slope of M_q"},
        ),
    ),
    Step(
        "positive rise",
        absolutely_continuous(_is_second * _rise, _is_second * _rise_slope, _s),
        "Its positive part has it where M_p < M_q.",
        Cited(
            POSITIVE_PART,
            {
                "function": _rise,
                "slope": _rise_slope,
                "indicator": _is_second,
                "variable": _s,
            },
            {
                "function": "rise",
                "where one": "all, second set",
                "where zero": "all, first set",
            },
        ),
    ),
    Step(
        "K-th powers at most one",
        at_most(transform(_law, _s) ** K, 1),
        "K-th powers are at most 1.",
        Substitution("powers at most one", {_power: K}),
    ),
    Step(
        "M_q^K at most one",
        at_most(_M_q**K, 1),
        "That of M_q is.",
        Substitution("K-th powers at most one", {_law: _q}),
    ),
    Step(
        "M_p^K at most one",
        at_most(_M_p**K, 1),
        "And that of M_p.",
        Substitution("K-th powers at most one", {_law: _p}),
    ),
    Step(
        "rise from below",
        at_least(_is_second * _rise, 0),
        "The positive part is nonnegative.",
        Combination({"all, second set": 1}),
    ),
    Step(
        "rise near 0",
        at_most(_is_second * _rise, 1 - _M_p**K),
        "It is at most 1 - M_p^K,",
        Combination(
            {
                ("second or first", "M_q^K at most one"): 1,
                "M_p^K at most one": _is_first,
            }
        ),
    ),
    Step(
        "rise far out",
        at_most(_is_second * _rise, _M_q**K),
        "and at most M_q^K.",
        Combination({"second or first": _M_p**K}, remainder=_is_first * _M_q**K),
    ),
    Step(
        "start of M_p",
        equal(_limit(_M_p, 0), 1),
        "M_p starts at 1.",
        Substitution("start", {_law: _p}),
    ),
    Step(
        "start of 1 - M_p^K",
        equal(_limit(1 - _M_p**K, 0), 0),
        "So 1 - M_p^K starts at 0.",
        ContinuousImage("start of M_p", 1 - _value**K, _value),
    ),
    Step(
        "end of M_q",
        equal(_limit(_M_q, sympy.oo), 0),
        "M_q falls to 0.",
        Substitution("end", {_law: _q}),
    ),
    Step(
        "end of M_q^K",
        equal(_limit(_M_q**K, sympy.oo), 0),
        "And so does M_q^K.",
        ContinuousImage("end of M_q", _value**K, _value),
    ),
    Step(
        "rise starts",
        equal(_limit(_is_second * _rise, 0), 0),
        "So the positive part starts at 0",
        Squeeze("rise from below", "rise near 0", upper_limits=("start of 1 - M_p^K",)),
    ),
    Step(
        "rise ends",
        equal(_limit(_is_second * _rise, sympy.oo), 0),
        "and ends at 0.",
        Squeeze("rise from below", "rise far out", upper_limits=("end of M_q^K",)),
    ),
    Step(
        "no rise",
        equal(_integral(_is_second * _rise_slope), 0),
        "The integral of its slope is 0.",
        Cited(
            FUNDAMENTAL_THEOREM,
            {
                "function": _is_second * _rise,
                "slope": _is_second * _rise_slope,
                "variable": _s,
                "start": sympy.S.Zero,
                "end": sympy.S.Zero,
            },
            {"function": "positive rise", "start": "rise starts", "end": "rise ends"},
        ),
    ),
    Step(
        "balance",
        equal(_integral(_balance), 0),
        "That is minus the last integral.",
        Combination({"no rise": -1}),
    ),
)
"""The last integral is zero."""

_drawn_mass = _in_set * density_under(_law) * curation_ratio_of(_law, random_weight)
_drawn_integrand = K * _in_set * _tilted(_law) * _beaten(_law)

_MASSES = (
    *curation_ceiling.as_an_integral(weight, _law),
    Step(
        "ratio as an integral",
        equal(
            curation_ratio_of(_law, weight),
            _integral(K * weight * sympy.exp(-_s * weight) * _beaten(_law)),
        ),
        "So the curation ratio is an integral.",
        Combination({"ratio": 1, "winning as an integral": K}),
    ),
    Step(
        "ratio at a draw",
        equal(
            curation_ratio_of(_law, random_weight),
            _integral(K * random_weight * _decay * _beaten(_law)),
        ),
        "In particular at a draw.",
        Substitution("ratio as an integral", {weight: random_weight}),
    ),
    Step(
        "curated draw",
        equal(_drawn_mass, _integral(_drawn_integrand)),
        "Times a density, and whether the draw is in A.",
        Combination({"ratio at a draw": _in_set * density_under(_law)}),
    ),
    Step(
        "mean curated draw",
        equal(Mean(_drawn_mass), Mean(_integral(_drawn_integrand))),
        "In the mean.",
        UnderMean("curated draw"),
    ),
    Step(
        "nonnegative integrand",
        at_least(_drawn_integrand, 0),
        "What is integrated is nonnegative.",
        Combination({"in the set": K * _tilted(_law) * _beaten(_law)}),
    ),
    Step(
        "mean inside the curated mass",
        equal(Mean(_integral(_drawn_integrand)), _integral(Mean(_drawn_integrand))),
        "So the mean goes inside.",
        Cited(
            TONELLI,
            {
                "integrand": _drawn_integrand,
                "variable": _s,
                "lower": sympy.S.Zero,
                "upper": sympy.oo,
            },
            {"nonnegative": "nonnegative integrand"},
        ),
    ),
    Step(
        "curated mass",
        equal(_curated_mass(_law), _integral(_curated_integrand(_law))),
        "So that is the mass that curation leaves in A.",
        Combination(
            {
                "density after curation": 1,
                "mean curated draw": 1,
                "mean inside the curated mass": 1,
            }
        ),
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
        "ratio at c",
        equal(ratio_at_level, _integral(K * level * _level_decay * _beaten(_p))),
        "And H_p(c) is such an integral.",
        Substitution("ratio as an integral", {_law: _p, weight: level}),
    ),
)
"""Curated masses, and H_p(c), as integrals over s."""

_FROM_BELOW = (
    Step(
        "tangent",
        at_least(_decay, _level_decay * (1 + _s * (level - random_weight))),
        "e^{-sw} lies above its tangent at c.",
        Tangent(sympy.exp(_exponent), _exponent, -_s * level, -_s * random_weight),
    ),
    Step(
        "weighted tangent",
        at_least(
            density_under(_law) * _decay,
            density_under(_law) * _level_decay * (1 + _s * (level - random_weight)),
        ),
        "Times a density.",
        Combination({"tangent": density_under(_law)}),
    ),
    Step(
        "mean tangent",
        at_least(
            Mean(density_under(_law) * _decay),
            Mean(density_under(_law) * _level_decay * (1 + _s * (level - random_weight))),
        ),
        "And in the mean (Jensen).",
        UnderMean("weighted tangent"),
    ),
    Step(
        "transform from below",
        at_least(
            transform(_law, _s),
            _level_decay * (1 + _s * (level - Mean(density_under(_law) * random_weight))),
        ),
        "So a law's transform is at least e^{-sc} (1 + s (c - its mean weight)).",
        Combination(
            {"transform by density": 1, "mean tangent": 1, "mass": _level_decay * (1 + _s * level)}
        ),
    ),
    *(
        step
        for law in (_f, _g)
        for step in (
            Step(
                f"tangent under {law}",
                at_least(
                    transform(law, _s),
                    _level_decay * (1 + _s * (level - Mean(density_under(law) * random_weight))),
                ),
                f"So is that of {law}.",
                Substitution("transform from below", {_law: law}),
            ),
            Step(
                f"M_{law} from below",
                at_least(transform(law, _s), _level_decay),
                f"The mean weight under {law} is at most c, so M_{law} is at least e^{{-sc}}.",
                Combination(
                    {f"tangent under {law}": 1, f"mean weight under {law}": _s * _level_decay}
                ),
            ),
        )
    ),
    Step(
        "N from below",
        at_least(_lower, _level_decay),
        "And so is N, at any s one of the two.",
        Combination({"M_g from below": _is_first, ("second or first", "M_f from below"): 1}),
    ),
)
"""N is at least e^{-sc}."""

_product = _beaten(_p) * _gap
_product_slope = -_others_slope * _gap + _beaten(_p) * _gap_slope
_part, _other_part = sympy.symbols("x_1 x_2", real=True)
"""Values of functions of s."""

_BY_PARTS = (
    Step(
        "others of one law",
        equal(_beaten(_law), Mean(sympy.exp(-_s * weight_of_others(_law, K - 1)))),
        "M^{K-1} is the transform of the others' weight.",
        Combination({"power of the transform": 1, "transform of the others": -1}),
    ),
    Step(
        "others' transform",
        equal(_beaten(_p), Mean(sympy.exp(-_s * _others))),
        "So it is under p.",
        Substitution("others of one law", {_law: _p}),
    ),
    Step(
        "others' slope",
        absolutely_continuous(_beaten(_p), -_others_slope, _s),
        "So M_p^{K-1} falls at the rate E S e^{-sS}.",
        Cited(
            TRANSFORM_SLOPE,
            {
                "transform": _beaten(_p),
                "density": sympy.S.One,
                "drawn": _others,
                "variable": _s,
            },
            {"transform": "others' transform"},
        ),
    ),
    Step(
        "M_g above M_f",
        absolutely_continuous(_M_g - _M_f, _slope(_f) - _slope(_g), _s),
        "M_g - M_f has a slope,",
        Cited(
            CHAIN_RULE,
            {
                "function": _other_value - _value,
                "values": ((_value, _M_f, -_slope(_f)), (_other_value, _M_g, -_slope(_g))),
                "variable": _s,
            },
            {"y": "slope of M_f", "y'": "slope of M_g"},
        ),
    ),
    Step(
        "excess of M_g",
        absolutely_continuous(
            _is_second * (_M_g - _M_f), _is_second * (_slope(_f) - _slope(_g)), _s
        ),
        "its positive part has,",
        Cited(
            POSITIVE_PART,
            {
                "function": _M_g - _M_f,
                "slope": _slope(_f) - _slope(_g),
                "indicator": _is_second,
                "variable": _s,
            },
            {
                "function": "M_g above M_f",
                "where one": "second set",
                "where zero": "first set",
            },
        ),
    ),
    Step(
        "gap",
        absolutely_continuous(_gap, _gap_slope, _s),
        "and N - e^{-sc} has: N is M_g less that part.",
        Cited(
            CHAIN_RULE,
            {
                "function": _part - _other_part - _level_decay,
                "values": (
                    (_part, _M_g, -_slope(_g)),
                    (
                        _other_part,
                        _is_second * (_M_g - _M_f),
                        _is_second * (_slope(_f) - _slope(_g)),
                    ),
                ),
                "variable": _s,
            },
            {"x_1": "slope of M_g", "x_2": "excess of M_g"},
        ),
    ),
    Step(
        "product",
        absolutely_continuous(_product, _product_slope, _s),
        "So has its product with M_p^{K-1}.",
        Cited(
            CHAIN_RULE,
            {
                "function": _part * _other_part,
                "values": (
                    (_part, _beaten(_p), -_others_slope),
                    (_other_part, _gap, _gap_slope),
                ),
                "variable": _s,
            },
            {"x_1": "others' slope", "x_2": "gap"},
        ),
    ),
    Step(
        "powers for K - 1 at most one",
        at_most(_beaten(_law), 1),
        "M^{K-1} is at most 1.",
        Substitution("powers at most one", {_power: K - 1}, {_power: "number of others"}),
    ),
    Step(
        "M_p^{K-1} at most one",
        at_most(_beaten(_p), 1),
        "That of p is.",
        Substitution("powers for K - 1 at most one", {_law: _p}),
    ),
    *(
        Step(
            f"M_{law} at most one",
            at_most(transform(law, _s), 1),
            f"And M_{law} is.",
            Substitution("at most one", {_law: law}),
        )
        for law in (_f, _g)
    ),
    Step(
        "product from below",
        at_least(_product, 0),
        "The product is nonnegative,",
        Combination({"N from below": _beaten(_p)}),
    ),
    Step(
        "product near 0",
        at_most(_product, 1 - _level_decay),
        "at most 1 - e^{-sc},",
        Combination(
            {
                ("M_p^{K-1} at most one", "N from below"): 1,
                "M_g at most one": _is_first,
                ("second or first", "M_f at most one"): 1,
            }
        ),
    ),
    Step(
        "product far out",
        at_most(_product, _M_f),
        "and at most M_f.",
        Combination(
            {
                ("M_p^{K-1} at most one", "N from below"): 1,
                "first set": 1,
            },
            remainder=_level_decay,
        ),
    ),
    Step(
        "start of 1 - e^{-sc}",
        equal(_limit(1 - _level_decay, 0), 0),
        "1 - e^{-sc} starts at 0.",
        LimitValue(_s, sympy.S.Zero, "+"),
    ),
    Step(
        "end of M_f",
        equal(_limit(_M_f, sympy.oo), 0),
        "And M_f falls to 0.",
        Substitution("end", {_law: _f}),
    ),
    Step(
        "product starts",
        equal(_limit(_product, 0), 0),
        "So the product starts at 0",
        Squeeze("product from below", "product near 0", upper_limits=("start of 1 - e^{-sc}",)),
    ),
    Step(
        "product ends",
        equal(_limit(_product, sympy.oo), 0),
        "and ends at 0.",
        Squeeze("product from below", "product far out", upper_limits=("end of M_f",)),
    ),
    Step(
        "by parts",
        equal(_integral(_product_slope), 0),
        "The integral of its slope is 0 (integration by parts).",
        Cited(
            FUNDAMENTAL_THEOREM,
            {
                "function": _product,
                "slope": _product_slope,
                "variable": _s,
                "start": sympy.S.Zero,
                "end": sympy.S.Zero,
            },
            {"function": "product", "start": "product starts", "end": "product ends"},
        ),
    ),
    Step(
        "rest",
        at_least(K * _others_slope * _gap, 0),
        "One part of it is nonnegative,",
        Combination({"N from below": K * _others_slope}),
    ),
    Step(
        "rest integrated",
        at_least(_integral(K * _others_slope * _gap), 0),
        "and so is its integral.",
        UnderIntegral("rest", _s, sympy.S.Zero, sympy.oo),
    ),
)
"""K M_p^{K-1} times how fast N falls, integrated, is at most H_p(c)."""

_proof = Proof(
    general={
        "transform": (_law, _s),
        "density": (_law, _s),
        "ratio": (_law, weight),
        "first set": (_s,),
        "second set": (_s,),
        "second or first": (_s,),
        "mass": (_law,),
        "density after curation": (_law,),
    },
    supposed={
        "several candidates": at_least(K, 1),
        "in the set": at_least(_in_set, 0),
        "not more than once": at_most(_in_set, 1),
        "densities": equal(
            density_under(_p) - density_under(_q),
            total_variation * (density_under(_f) - density_under(_g)),
        ),
        "mass": equal(Mean(density_under(_law)), 1),
        "mean weight under f": at_most(Mean(density_under(_f) * random_weight), level),
        "mean weight under g": at_most(Mean(density_under(_g) * random_weight), level),
        # the transform of W_i, a weight drawn from i, of which i has the density
        "transform": equal(transform(_law, _s), Mean(sympy.exp(-_s * drawn_weight(_law)))),
        "density": equal(
            Mean(sympy.exp(-_s * drawn_weight(_law))), Mean(density_under(_law) * _decay)
        ),
        "ratio": equal(curation_ratio_of(_law, weight), K * winning(weight, _law)),
        # the s with M_g <= M_f, and those with M_f < M_g
        "first set": at_least(_is_first * (_M_f - _M_g), 0),
        "second set": at_least(_is_second * (_M_g - _M_f), 0),
        "second or first": at_most(_is_first, 1),
        "density after curation": equal(
            _curated_mass(_law),
            Mean(_in_set * density_under(_law) * curation_ratio_of(_law, random_weight)),
        ),
        # A is the set of draws that T(q) has with a higher density than T(p)
        "distance": equal(curated_distance, _curated_mass(_q) - _curated_mass(_p)),
    },
    steps=(
        *_TRANSFORMS,
        *_ORDERS,
        *_POINTWISE,
        *_BALANCE,
        *_MASSES,
        *_FROM_BELOW,
        *_BY_PARTS,
        Step(
            "claim",
            _claim,
            "So the integral of τ K M_p^{K-1} times how fast N falls is at most τ H_p(c).",
            Combination(
                {
                    "distance": -1,
                    "mass under T(q)": -1,
                    "mass under T(p)": 1,
                    "integrated": 1,
                    "balance": -1,
                    "ratio at c": total_variation,
                    "by parts": K * total_variation,
                    "rest integrated": total_variation,
                }
            ),
        ),
    ),
)

statement = Statement(
    id="curation-lipschitz-sharp",
    label="Lipschitz constant of curation, sharpened",
    title="x",
    source="x",
    kind="ours",
    hypotheses=(),
    claim=_claim,
    bound=None,
    proof=_proof,
)

"""The bounds: one symbolic expression, computed in floats and in rationals."""

import math
import re
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import ball_calls, notation
from recurate.theory.language.compile import compile_expression
from recurate.theory.language.special_functions import log_excess_ball

MOMENTS = {"mean_weight": Fraction(1, 2), "variance_weight": Fraction(1, 16), "max_weight": 1}


def bound(name, kind="float", **values):
    core = values.pop("core", False)
    return STATEMENTS[name].bound_function(kind, core=core)(**values)


# Expected values by hand from the paper's formulas.
@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("ratio-bound", {"K": 5}, Fraction(5)),
        # 1/2 + (3/4)(1/16) = 35/64
        ("lemma-2.2", {"K": 4, **MOMENTS}, Fraction(35, 64)),
        # K = inf: 1/2 + 1/16
        ("lemma-2.2", {"K": math.inf, **MOMENTS}, Fraction(9, 16)),
        # 1/2 + (1/8)(1/2)(1/16) = 129/256
        ("theorem-2.3", {"K": 2, "lam": 1, **MOMENTS}, Fraction(129, 256)),
        # (1/2)/(3/2)^3 = 4/27; 1/2 + (4/27)(3/4)(1/16) = 73/144
        ("theorem-2.3", {"K": 4, "lam": Fraction(1, 2), **MOMENTS}, Fraction(73, 144)),
        ("theorem-2.3", {"K": 4, "lam": 0, **MOMENTS}, Fraction(1, 2)),
        ("theorem-2.3", {"K": 4, "lam": math.inf, **MOMENTS}, Fraction(1, 2)),
    ],
)
def test_values_by_hand(name, values, expected):
    exact = bound(name, "rational", **values)
    assert isinstance(exact, Fraction)
    assert exact == expected
    floats = {key: float(value) for key, value in values.items()}
    assert bound(name, **floats) == pytest.approx(float(expected), rel=4e-16)


def test_divergence_bound_and_its_rational_core():
    # 1 - (1/4)(3 - 1) = 1/2
    assert bound("theorem-2.4", K=3, lam=0.25) == pytest.approx(math.log(2), rel=4e-16)
    exact = bound("theorem-2.4", "rational", core=True, K=3, lam=Fraction(1, 4))
    assert exact == Fraction(2)
    assert isinstance(exact, Fraction)


def test_divergence_bound_keeps_the_digits_of_a_small_mixing():
    # -log(1 - x) = x + x^2/2 + … : for x = 3e-12 the series' first two terms are exact to 1e-24
    x = 3e-12
    assert bound("theorem-2.4", K=4, lam=1e-12) == pytest.approx(x + x * x / 2, rel=1e-15)


def test_gain_keeps_the_digits_of_a_small_mixing():
    # λ/(1+λ)^3 V (K = inf, μ next to nothing) = λ(1 - 3λ + …)
    values = {"K": math.inf, "mean_weight": 1e-300, "variance_weight": 1.0, "max_weight": 1.0}
    assert bound("theorem-2.3", lam=1e-12, **values) == pytest.approx(
        1e-12 * (1 - 3e-12), rel=4e-16
    )


def test_arrays_broadcast():
    lam, K = np.array([0.0, 0.5, 1.0, 1e12, math.inf]), np.array([[2.0], [math.inf]])
    values = bound("theorem-2.3", lam=lam, K=K, **{k: float(v) for k, v in MOMENTS.items()})
    assert values.shape == (2, 5)
    for i, j in np.ndindex(2, 5):
        one = bound(
            "theorem-2.3", lam=lam[j], K=K[i, 0], **{k: float(v) for k, v in MOMENTS.items()}
        )
        assert values[i, j] == one


@pytest.mark.parametrize(("K", "lam"), [(4, 0.5), (4, 1 / 3), (2, math.inf), (math.inf, 0.1)])
def test_bound_refused_where_its_hypothesis_fails(K, lam):
    with pytest.raises(
        ValueError, match=r"theorem-2\.4 needs λ \(lam\) below 1/\(K - 1\); got K ="
    ):
        bound("theorem-2.4", K=K, lam=lam)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ratio-bound", {}),
        ("lemma-2.2", MOMENTS),
        ("theorem-2.3", MOMENTS),
        ("theorem-2.3-sharp", MOMENTS),
        ("theorem-2.1-rate", {"weight_ratio": 0.5, "top_mass": 0.2, "steps": 3}),
        ("theorem-2.1-speed-limit", {"top_mass": 0.2, "steps": 3}),
        ("theorem-2.4", {}),
        ("theorem-2.4-bounded-weights", MOMENTS),
        ("theorem-2.4-optimal", {}),
        ("loop-contraction", {**MOMENTS, "total_variation": 0.1}),
    ],
)
def test_bound_refused_without_a_candidate(name, values):
    values = {key: float(value) for key, value in values.items()}
    assert np.isfinite(bound(name, K=1, lam=1.0, **values))
    with pytest.raises(ValueError, match=r"needs at least one candidate: K >= 1, .* got K = 0\.5"):
        bound(name, K=0.5, lam=1.0, **values)


def test_hypothesis_is_decided_in_rationals_for_a_rational_bound():
    # 49 * (1/49) is 1 exactly, and in doubles below 1: a float test would let it pass.
    assert float(Fraction(1, 49)) * 49 < 1
    values = {"K": 50, "lam": Fraction(1, 49)}
    assert STATEMENTS["theorem-2.4"].failing_hypothesis("rational", **values) is not None
    with pytest.raises(ValueError, match=r"theorem-2\.4 needs"):
        bound("theorem-2.4", "rational", core=True, **values)
    inside = {"K": 50, "lam": Fraction(1, 50)}
    assert bound("theorem-2.4", "rational", core=True, **inside) == 50


def test_logarithm_is_not_rational():
    with pytest.raises(ValueError, match=r"kind must be 'float' for .* not a rational function"):
        STATEMENTS["theorem-2.4"].bound_function("rational")


def test_rational_kind_refuses_floats():
    with pytest.raises(TypeError, match=r"lambda must be an integer or a Fraction; got 0\.25"):
        bound("theorem-2.4", "rational", core=True, K=3, lam=0.25)


def test_unknown_kind_and_missing_values():
    with pytest.raises(
        ValueError, match="kind must be 'float', 'rational' or 'ball'; got 'double'"
    ):
        compile_expression(notation.K, "double")
    with pytest.raises(TypeError, match="missing values: lam, max_weight"):
        bound("theorem-2.3", K=2, mean_weight=0.5, variance_weight=0.1)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ratio-bound", {"K": 5}),
        ("lemma-2.2", {"K": 4, **MOMENTS}),
        ("lemma-2.2", {"K": math.inf, **MOMENTS}),
        ("theorem-2.3", {"K": 7, "lam": Fraction(1, 3), **MOMENTS}),
        ("theorem-2.3", {"K": 4, "lam": math.inf, **MOMENTS}),
        ("theorem-2.3-sharp", {"K": math.inf, "lam": 10**12, **MOMENTS}),
        ("theorem-2.3-sharp", {"K": 10**9, "lam": Fraction(1, 10**12), **MOMENTS}),
    ],
)
def test_balls_contain_the_exact_value(name, values):
    exact = bound(name, "rational", **values)
    ball = bound(name, "ball", **values)
    assert isinstance(ball, flint.arb)
    # A fraction would be rounded to a ball itself: compare with integers, which are exact.
    assert (ball * exact.denominator - exact.numerator).contains(0)
    # Within a few units in the last place of the working precision, 53 bits.
    assert float(ball.rad()) <= 1e-15 * float(exact)


def test_ball_of_a_logarithm():
    with flint.ctx.workprec(200):
        ball = bound("theorem-2.4", "ball", K=4, lam=Fraction(1, 4))
        assert ball.overlaps(flint.arb(4).log())
        assert float(ball.rad()) < 1e-50


def test_ball_of_a_hypothesis_on_the_edge_is_refused():
    # 49 * (1/49) as a ball overlaps 1: it is not certain to be below.
    with pytest.raises(ValueError, match=r"theorem-2\.4 needs"):
        bound("theorem-2.4", "ball", K=50, lam=Fraction(1, 49))


def test_balls_are_not_made_of_other_things():
    with pytest.raises(TypeError, match="a ball must be made of an integer, a Fraction or a float"):
        compile_expression(notation.K, "ball")(K="5")
    with pytest.raises(TypeError, match="'5' is not a number: needed is at least one candidate"):
        bound("ratio-bound", "ball", K="5")


def test_rational_constants_stay_exact():
    third = compile_expression(notation.mean_weight * sympy.Rational(1, 3), "rational")
    assert third(mean_weight=1) == Fraction(1, 3)


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_complete(name):
    statement = STATEMENTS[name]
    assert statement.id == name
    assert statement.title
    assert statement.label
    assert re.match(r"derived here, docs/|.* arXiv:\d{4}\.\d{5}v\d", str(statement.source))
    if statement.bound is not None:
        assert statement.bound in statement.claim.args
        assert statement.equality_cases
        assert set(statement.bound.free_symbols) <= set(notation.ARGUMENTS) | set(notation.DERIVED)


def test_balls_about_zero_have_powers_and_logarithms():
    # python-flint's ** of a ball centred at zero is nan.
    about_zero = flint.arb(0, 2**-40)
    for exponent in (2, 3, flint.arb(5), flint.arb("inf")):
        power = ball_calls.ball_power(about_zero, exponent)
        assert power.contains(0)
        assert abs(power) < 2**-70
    excess = log_excess_ball(about_zero)
    assert excess.contains(0)
    assert abs(excess) < 2**-75


LAW = {**MOMENTS, "third_central_moment": 0, "curation_gain": 0, "total_variation": Fraction(1, 3)}
RATE = {"weight_ratio": Fraction(1, 2), "top_mass": Fraction(1, 3), "steps": 3}
PARAMETRIC = {"curvature": 1, "hessian_lipschitz": Fraction(1, 9), "model_error": Fraction(1, 9)}
IN_DOMAIN = {"K": 3, "lam": Fraction(1, 4), **LAW, **RATE, **PARAMETRIC}


@pytest.mark.parametrize("kind", ["float", "rational", "ball"])
@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("ratio-bound", "K", Fraction(5, 2)),
        ("ratio-bound", "K", True),
        ("ratio-bound", "K", 0),
        ("ratio-bound", "K", math.nan),
        ("theorem-2.4", "lam", Fraction(-1, 2)),
        ("theorem-2.4", "lam", math.nan),
        ("reference-divergence", "lam", -2),
        ("lemma-2.2", "mean_weight", 2),
        ("lemma-2.2", "mean_weight", 0),
        ("lemma-2.2", "mean_weight", math.nan),
        ("lemma-2.2", "variance_weight", Fraction(-1, 10)),
        ("lemma-2.2", "max_weight", math.inf),
        ("lemma-2.2-sharp", "third_central_moment", math.nan),
        ("theorem-2.3-optimal", "curation_gain", -1),
        ("loop-contraction", "mean_weight", 2),
        ("loop-contraction", "total_variation", Fraction(3, 2)),
        ("theorem-2.4-bounded-weights", "mean_weight", Fraction(5, 2)),
        ("theorem-2.1-rate", "top_mass", 0),
        ("theorem-2.1-rate", "weight_ratio", Fraction(-1, 2)),
        ("theorem-2.1-rate", "steps", -3),
        ("theorem-2.1-rate", "steps", Fraction(1, 2)),
        ("theorem-2.1-rate", "steps", math.inf),
        ("theorem-2.2", "curvature", 0),
        ("theorem-2.2", "model_error", -1),
    ],
)
def test_what_no_law_loop_or_count_can_have_is_refused(name, argument, value, kind):
    statement = STATEMENTS[name]
    core = statement.rational_core is not None
    if kind == "rational" and name == "theorem-2.1-rate":
        return  # its bound has a power t, which is not a rational function
    function = statement.bound_function(kind, core=core)

    def given(x):
        if kind == "float" and not isinstance(x, bool):
            return float(x)
        if kind == "ball" and isinstance(x, Fraction):
            return ball_calls.as_ball(x)
        return x

    function(**{key: given(x) for key, x in IN_DOMAIN.items()})
    wrong = given(value)
    with pytest.raises(ValueError, match=f"{name} needs .*got .*{argument} = "):
        function(**{key: given(x) for key, x in IN_DOMAIN.items()} | {argument: wrong})
    if kind == "float" and not isinstance(value, bool):  # one such number in an array is enough
        right = given(IN_DOMAIN[argument])
        with pytest.raises(ValueError, match=f"{name} needs "):
            function(
                **{key: given(x) for key, x in IN_DOMAIN.items()}
                | {argument: np.array([right, wrong])}
            )


def test_what_a_bound_does_not_depend_on_is_not_looked_at():
    assert bound("ratio-bound", K=5, lam=-1.0, steps="many") == 5


def test_a_ball_is_refused_only_if_it_certainly_leaves_the_domain():
    # One atom: μ is w_* itself, up to the radius.
    about_one = flint.arb(1, 2**-40)
    values = {"K": 2, "variance_weight": flint.arb(0, 2**-40), "max_weight": 1}
    assert bound("lemma-2.2", "ball", mean_weight=about_one, **values).contains(1)
    with pytest.raises(ValueError, match="of at most w_"):
        bound("lemma-2.2", "ball", mean_weight=about_one + 2**-20, **values)
    # A hypothesis does not hold of every law: the whole ball has to meet it.
    with pytest.raises(ValueError, match="below 1/"):
        bound("theorem-2.4", "ball", K=2, lam=about_one)


def test_a_mean_rounded_above_the_largest_weight_counts_as_that():
    above = np.nextafter(1.0, 2.0)
    values = {"K": 3, "lam": 0.25, "max_weight": 1.0}
    # The excess h - 1 is zero but for the rounding of μ/w_*.
    assert abs(bound("theorem-2.4-bounded-weights", mean_weight=above, **values)) < 1e-15
    with pytest.raises(ValueError, match="of at most w_"):
        bound("theorem-2.4-bounded-weights", mean_weight=1.0 + 1e-8, **values)


@pytest.mark.parametrize("kind", ["float", "ball"])
def test_the_ends_of_the_optimal_bound_are_allowed(kind):
    for K, lam in [(math.inf, 0), (1, math.inf), (1, 3), (4, 0)]:
        assert bound("theorem-2.4-optimal", kind, K=K, lam=lam) == 0
    for m in range(1, 200):  # 1/m in floats is not exact
        assert bound("theorem-2.4-optimal", K=m + 1, lam=1 / m) > 0
    for K, lam in [(math.inf, 1), (math.inf, math.inf), (2, math.inf), (3, Fraction(2, 3))]:
        with pytest.raises(ValueError, match=r"needs λ \(lam\) at most 1/\(K - 1\); got K ="):
            bound("theorem-2.4-optimal", kind, K=K, lam=lam)


def test_bound_of_bounded_weights_is_not_rational():
    with pytest.raises(ValueError, match=r"kind must be 'float' for .* not a rational function"):
        STATEMENTS["theorem-2.4-bounded-weights"].bound_function("rational")


_CHOICES = {
    "least": sympy.Min(notation.lam, 1, 3 - notation.lam),
    "largest": sympy.Max(notation.lam / 2, notation.lam**2 - 1),
    "size": sympy.Abs(notation.lam - 1),
    "pieces": sympy.Piecewise((notation.lam, notation.lam < 1), (2, True)),
    "two conditions": sympy.Piecewise(
        (notation.lam, (notation.lam > sympy.Rational(1, 4)) & (notation.lam < 1)),
        (3, notation.lam < 2),
        (5, True),
    ),
}


@pytest.mark.parametrize("name", _CHOICES)
def test_choices_are_the_same_in_every_kind_of_numbers(name):
    for lam in (Fraction(1, 8), Fraction(1, 2), Fraction(1), Fraction(5, 2)):
        exact = compile_expression(_CHOICES[name], "rational")(lam=lam)
        assert exact == _CHOICES[name].subs(notation.lam, sympy.Rational(str(lam)))
        assert compile_expression(_CHOICES[name], "float")(lam=float(lam)) == float(exact)
        ball = compile_expression(_CHOICES[name], "ball")(lam=lam)
        assert ball.contains(flint.arb(exact.numerator) / exact.denominator)
        assert ball.rad() < 1e-9


@pytest.mark.parametrize("name", _CHOICES)
def test_a_choice_that_is_not_certain_keeps_what_may_be_chosen(name):
    # Python's min and if would take a comparison of overlapping balls for a false one.
    wide = compile_expression(_CHOICES[name], "ball")(lam=flint.arb(1, 0.5))
    for lam in (Fraction(1, 2), Fraction(3, 4), Fraction(1), Fraction(5, 4), Fraction(3, 2)):
        exact = compile_expression(_CHOICES[name], "rational")(lam=lam)
        assert wide.contains(flint.arb(exact.numerator) / exact.denominator), lam

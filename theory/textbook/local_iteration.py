"""Iterations near a fixed point: implicit functions, eigenvalues, and the rate of convergence."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.signs import is_natural
from recurate.theory.textbook.requiring import require_constant, require_name

# A unit vector, and a map of parameters.
_v, _R = sympy.symbols("v R")

# A number of iterations.
_t = sympy.Symbol("t", integer=True, nonnegative=True)

# A rate.
_rate = sympy.Symbol("rho", nonnegative=True)

_inner, _outer = (sympy.Function(name, real=True)(_v) for name in ("D_1", "D_2"))
_sequence, _other = (sympy.Function(name, nonnegative=True)(_t) for name in ("x", "y"))


class solves_equation(Binding):
    """That θ' = R(θ) solves a continuously differentiable equation F(θ', θ) = 0 near θ*, as
    θ' = θ = θ* does, and the derivatives in θ' and in θ there are symmetric matrices D_1 and D_2.

    Its arguments are R, v'D_1 v, v'D_2 v, and v, any unit vector.
    """

    nargs = 4
    plain = "{} solves a smooth equation of slopes {} and {} along {}"
    typeset = r"@\ \text{solves a smooth equation of slopes}\ @,\ @\ \text{along}\ @"


class has_jacobian(Binding):
    """That R is continuously differentiable near its fixed point θ*, where its Jacobian is
    J = -D_1^{-1} D_2 for symmetric matrices D_1 and D_2.

    Its arguments are R, v'D_1 v, v'D_2 v, and v, any unit vector.
    """

    nargs = 4
    plain = "{} has the Jacobian -D_1^-1 D_2, v'D_1 v = {} and v'D_2 v = {} along v = {}"
    typeset = r"@'=-D_1^{-1}D_2,\ v'D_1v=@,\ v'D_2v=@\ \text{along}\ v=@"


class spectral_radius(WithIndex):
    """Largest modulus of an eigenvalue of the Jacobian of a map at its fixed point θ*."""

    plain, typeset = "radius({})", r"\operatorname{radius}(@)"
    is_nonnegative = True


class parameter_error(WithIndex):
    """Distance |θ_t - θ*| of parameters θ_t from θ*, as a function of t."""

    plain, typeset = "|θ_{} - θ⁎|", r"|\theta_{@}-\theta_*|"
    is_nonnegative = True


class iterates(Binding):
    """That θ_{t+1} = R(θ_t) for every t, from a start near enough to the fixed point θ* of R.

    Its arguments are |θ_t - θ*|, R, and t.
    """

    nargs = 3
    plain = "{} is of iterates of {} from near its fixed point, as a function of {}"
    typeset = r"@\ \text{is of iterates of}\ @\ \text{from near its fixed point},\ @=0,1,\dots"


class root_rate(Binding):
    """Limit superior of x_t^(1/t), for numbers x_t >= 0 and t their index."""

    nargs = 2
    plain, typeset = "limsup ({})^(1/{})", r"\limsup\left(@\right)^{1/@}"
    is_nonnegative = True


class of_order(Binding):
    """That x_t is at most a constant times y_t in the end, for x_t, y_t >= 0 and t their index."""

    nargs = 3
    plain, typeset = "{} = O({}) in {}", r"@=O\left(@\right)\ \text{in}\ @"


def require_index(index: Any) -> None:
    """Refuse an index of a sequence that does not run over the natural numbers."""
    if not is_natural(index):
        raise ProofError(f"{index} has to run over the natural numbers")


def _implicit(update: Any, inner: Any, outer: Any, direction: Any) -> Form:
    require_name(update)
    require_name(direction)
    return Form(
        has_jacobian(update, inner, outer, direction),
        {
            "equation": solves_equation(update, inner, outer, direction),
            "definite": less(inner, 0),
        },
        {"equation": (direction,), "definite": (direction,)},
    )


_SLOPES = {"update": _R, "inner": _inner, "outer": _outer, "direction": _v}

IMPLICIT_FUNCTION = Theorem(
    name="Implicit function theorem",
    reference="Rudin, Principles of Mathematical Analysis, theorem 9.28",
    words="If F is continuously differentiable, F(θ*, θ*) = 0, and its derivative D_1 in θ' is "
    "invertible there, as it is if v'D_1 v < 0 for every unit vector v, then F(θ', θ) = 0 defines "
    "θ' = R(θ) near θ*, and R has the Jacobian -D_1^{-1} D_2.",
    form=_implicit,
    quantities=_SLOPES,
)


def _quotient(update: Any, inner: Any, outer: Any, direction: Any, rate: Any) -> Form:
    require_name(update)
    require_name(direction)
    require_constant(rate, direction)
    premises = {
        "jacobian": has_jacobian(update, inner, outer, direction),
        "definite": less(inner, 0),
        "lower": at_least(outer, 0),
        "upper": at_most(outer, -rate * inner),
    }
    return Form(
        at_most(spectral_radius(update), rate), premises, dict.fromkeys(premises, (direction,))
    )


RAYLEIGH_QUOTIENT = Theorem(
    name="Rayleigh quotient",
    reference="Horn, Johnson, Matrix Analysis, theorem 4.2.2; for two forms Parlett, The Symmetric "
    "Eigenvalue Problem, chapter 15",
    words="If D_1 and D_2 are symmetric and -D_1 is positive definite, the eigenvalues of "
    "-D_1^{-1} D_2 are real, and between the least and the largest of v'D_2 v/(-v'D_1 v).",
    form=_quotient,
    quantities={**_SLOPES, "rate": _rate},
)


def _linear(update: Any, error: Any, index: Any, rate: Any) -> Form:
    require_name(update)
    require_index(index)
    require_constant(rate, index)
    if not isinstance(error, parameter_error):
        raise ProofError(f"{error} is not a distance of parameters from a fixed point")
    return Form(
        at_most(root_rate(error, index), rate),
        {
            "iteration": iterates(error, update, index),
            "radius": at_most(spectral_radius(update), rate),
            "below one": less(rate, 1),
        },
    )


LINEAR_CONVERGENCE = Theorem(
    name="Linear convergence theorem (Ostrowski)",
    reference="Ortega, Rheinboldt, Iterative Solution of Nonlinear Equations in Several Variables, "
    "theorem 10.1.4",
    words="If R is differentiable at its fixed point θ*, with a spectral radius of its Jacobian of "
    "at most ρ < 1, then the iterates from every start near enough converge to θ*, and the limit "
    "superior of |θ_t - θ*|^(1/t) is at most ρ.",
    form=_linear,
    quantities={"update": _R, "error": parameter_error(_t), "index": _t, "rate": _rate},
)


def _roots(smaller: Any, larger: Any, index: Any) -> Form:
    require_index(index)
    for sequence in (smaller, larger):
        require_constant(sequence)
        if not sequence.is_nonnegative:
            raise ProofError(f"{sequence} is not known to be nonnegative")
    return Form(
        at_most(root_rate(smaller, index), root_rate(larger, index)),
        {"order": of_order(smaller, larger, index)},
    )


ROOTS_OF_ORDER = Theorem(
    name="Roots of a constant",
    reference="Rudin, Principles of Mathematical Analysis, theorem 3.20",
    words="If x_t <= C y_t in the end, x_t^(1/t) <= C^(1/t) y_t^(1/t), and C^(1/t) tends to 1.",
    form=_roots,
    quantities={"smaller": _sequence, "larger": _other, "index": _t},
)

"""Parametric retraining in three kinds of numbers, for Theorem 2.2 and its sharper form.

The claims are about r_KL, the limes superior of KL(p_θ*‖p_θt)^(1/2t). In rationals it is the
largest eigenvalue of J = (A + λB)^{-1} λB, by the theorems that the proof cites. In balls, for the
logistic model, it is enclosed without them: by the slope of the retraining map on a whole
neighbourhood of θ*. In floating point it is measured on the divergences themselves, beside the
eigenvalue.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint

from recurate.numerics.parametric import RetrainingLoop, curvatures, measured_rate
from recurate.numerics.parametric.rates import CONSTANTS_ERROR
from recurate.paper_checks.runs.retraining_instances import FiniteInstance, LogisticInstance
from recurate.paper_checks.runs.run import Number, TriedRun
from recurate.theory.closed_forms.retraining import (
    LOGISTIC_CURVATURE,
    LOGISTIC_FISHER,
    LOGISTIC_LIPSCHITZ,
    spread,
)
from recurate.theory.language import notation
from recurate.theory.language.ball_calls import as_ball
from recurate.theory.language.compile import compile_expression
from recurate.theory.statement import Hypothesis

_NEARLY_NONE = 1e-9  # Lε over α: an exponential family or a perfect model, up to rounding


class RetrainingRun(TriedRun):
    """A parametric retraining loop near θ*, in one kind of numbers.

    Attributes
    ----------
    lam : number
        λ.
    curvature, hessian_lipschitz, model_error : numbers
        α, L and ε.
    mean_curvature : number
        Mean of the eigenvalues of A, of which α is the least.
    is_attained : bool
        Whether v'Bv = v'Av + Lε and v'Av = α where J v = j v, so that the sharper rate is attained.
    is_fitted : bool
        Whether the likelihood of the whole training set is known to have a maximum at θ*: one
        parameter, and A + λB above 0, where A itself may be below it.
    """

    lam: Any
    curvature: Number
    hessian_lipschitz: Number
    model_error: Number
    mean_curvature: Number
    is_attained = False
    is_fitted = False

    @abstractmethod
    def excesses(self, guaranteed: Number) -> Iterator[tuple[Number, str]]:
        """Yield by how much a rate exceeds r_KL, and in which sense.

        Positive numbers say that it does, negative ones that it does not.
        """

    def distances(self) -> Iterator[tuple[Number, str]]:
        """Yield how far apart figures of the run are that have to be the same."""
        yield from ()

    @property
    def constants(self) -> dict[str, Number]:
        """Arguments of the statements' bounds."""
        return {
            "lam": self.lam,
            "curvature": self.curvature,
            "hessian_lipschitz": self.hessian_lipschitz,
            "model_error": self.model_error,
        }

    def meets(self, hypothesis: Hypothesis) -> bool:
        return hypothesis.condition is None or hypothesis.holds(self.arithmetic, **self.constants)


class ExactRetrainingRun(RetrainingRun):
    """An instance on finitely many points, in rationals."""

    kind = "exact"
    arithmetic = "rational"

    def __init__(self, instance: FiniteInstance) -> None:
        self.instance = instance
        self.lam = instance.lam
        self.curvature = instance.curvature
        self.hessian_lipschitz = instance.hessian_lipschitz
        self.model_error = instance.model_error
        A, B = instance.data_curvature, instance.fisher
        self.mean_curvature = sum(A[i][i] for i in range(len(A))) / len(A)
        defect = self.hessian_lipschitz * self.model_error
        self.is_degenerate = defect == 0 or self.lam == 0
        self.is_attained = len(A) == 1 and B[0][0] == A[0][0] + defect
        self.is_fitted = len(A) == 1 and A[0][0] + self.lam * B[0][0] > 0

    def excesses(self, guaranteed: Number) -> Iterator[tuple[Number, str]]:
        return _finite_excesses(self, guaranteed)


def _finite_excesses(
    run: ExactRetrainingRun | CertifiedFiniteRun, guaranteed: Number
) -> Iterator[tuple[Number, str]]:
    """Yield guaranteed - j, or for d = 2 the principal minors of guaranteed (A + λB) - λB.

    That matrix is positive semidefinite exactly if no eigenvalue exceeds the guaranteed rate.
    """
    instance = run.instance
    pairs = zip(instance.data_curvature, instance.fisher, strict=True)
    pull = [[run.number(instance.lam * y) for y in row] for row in instance.fisher]
    total = [
        [run.number(x + instance.lam * y) for x, y in zip(*rows, strict=True)] for rows in pairs
    ]
    if instance.dimension == 1:
        yield guaranteed - pull[0][0] / total[0][0], "eigenvalue of J"
        return
    rest = [
        [guaranteed * x - y for x, y in zip(*rows, strict=True)]
        for rows in zip(total, pull, strict=True)
    ]
    yield rest[0][0], "first minor"
    yield rest[1][1], "second minor"
    yield rest[0][0] * rest[1][1] - rest[0][1] * rest[1][0], "determinant"


class CertifiedFiniteRun(RetrainingRun):
    """The same in balls: its numbers are exact ones."""

    kind = "certified"

    def __init__(self, instance: FiniteInstance, bits: int) -> None:
        self.instance, self.bits = instance, bits
        exact = ExactRetrainingRun(instance)
        self.is_degenerate, self.is_attained = exact.is_degenerate, exact.is_attained
        self.is_fitted = exact.is_fitted
        with flint.ctx.workprec(bits):
            self.lam = as_ball(exact.lam)
            self.curvature, self.mean_curvature = map(
                as_ball, (exact.curvature, exact.mean_curvature)
            )
            self.hessian_lipschitz = as_ball(exact.hessian_lipschitz)
            self.model_error = as_ball(exact.model_error)

    def excesses(self, guaranteed: Number) -> Iterator[tuple[Number, str]]:
        return _finite_excesses(self, guaranteed)


class CertifiedLogisticRun(RetrainingRun):
    """The logistic location model in balls, its rate enclosed on a neighbourhood of θ* = 0."""

    kind = "certified"

    def __init__(self, instance: LogisticInstance, bits: int) -> None:
        self.instance, self.bits = instance, bits
        self.is_degenerate = instance.lam == 0  # ε > 0, as the data are discrete
        with flint.ctx.workprec(bits):
            self.lam = as_ball(instance.lam)
            self.curvature = self.mean_curvature = self._curvature(flint.arb(0))
            self.hessian_lipschitz = compile_expression(LOGISTIC_LIPSCHITZ, "ball")()
            self.model_error = self._wasserstein()

    def _curvature(self, parameter: Any) -> Any:
        """Return minus the data's mean of the second derivative of log p_θ, in balls."""
        factor = (-parameter).exp()
        total = flint.arb(0)
        for y, mass in zip(self.instance.odds, self.instance.masses, strict=True):
            total += as_ball(mass) * _hessian_at(model_error=as_ball(y) * factor)
        return total

    def _wasserstein(self) -> Any:
        """Return ∫ |F - G| dx, F logistic and G the data's distribution function.

        F has the integral log(1 + e^x), and e^x is rational where G jumps, and where F = G.
        """
        odds, below, total = self.instance.odds, Fraction(0), flint.arb(0)
        total += (1 + as_ball(odds[0])).log()  # left of the data G = 0
        total += (1 + as_ball(1 / odds[-1])).log()  # right of them 1 - F
        for i in range(len(odds) - 1):
            below += self.instance.masses[i]
            crossing = below / (1 - below)
            turns = [odds[i], min(max(crossing, odds[i]), odds[i + 1]), odds[i + 1]]
            heights = [(1 + as_ball(y)).log() - as_ball(below) * as_ball(y).log() for y in turns]
            total += abs(heights[1] - heights[0]) + abs(heights[2] - heights[1])
        return total

    @cached_property
    def rate(self) -> Any:
        """A ball that contains r_KL, for every start |θ_0| <= 2^{-bits/2}.

        The map θ -> θ' has the slope λb/(A' + λb), with A' the data's curvature at θ' and b the
        model's at distance θ' - θ. Both are enclosed for |θ|, |θ'| up to that radius. As the slope
        is in [0, 1) there, θ' stays inside; and KL is between constants times θ².
        """
        with flint.ctx.workprec(self.bits):
            radius = flint.arb(2) ** (-self.bits // 2)
            near = flint.arb(0, radius)
            # b(δ) = E h(X - δ) with h of Lipschitz constant L, and b(0) = B.
            fisher = compile_expression(LOGISTIC_FISHER, "ball")() + flint.arb(
                0, self.hessian_lipschitz.upper() * 2 * radius
            )
            pull = self.lam * fisher
            return pull / (self._curvature(near) + pull)

    def excesses(self, guaranteed: Number) -> Iterator[tuple[Number, str]]:
        yield as_ball(guaranteed) - self.rate, "r_KL"


# The closed form in a place that has a keyword, so that it can be compiled.
_hessian_at = compile_expression(
    LOGISTIC_CURVATURE.expression.xreplace({spread: notation.model_error}), "ball"
)
"""Minus the second derivative of log p_θ where x - θ = log y, from the ball y."""


class MeasuredRun(RetrainingRun):
    """A loop of the float engine, in balls: what it measures, with its stated error as radius."""

    kind = "property"

    def __init__(self, loop: RetrainingLoop) -> None:
        self.loop, self.lam = loop, Fraction(loop.lam)
        found = curvatures(loop)
        size = float(abs(found.data).max())
        model = loop.family.law(loop.best).quadrature()
        deviation = float(model.weights @ abs(model.points - model.mean(model.points)))
        self.curvature = flint.arb(found.curvature, CONSTANTS_ERROR * size)
        self.mean_curvature = flint.arb(
            float(found.data.trace()) / len(found.data), CONSTANTS_ERROR * size
        )
        self.hessian_lipschitz = _ball(found.hessian_lipschitz, 0.0)
        self.model_error = _ball(found.model_error, 1e-3 * deviation)
        self._local = found.local_rates(loop.lam)
        defect = found.hessian_lipschitz * found.model_error
        self.is_degenerate = loop.lam == 0 or defect <= _NEARLY_NONE * found.curvature

    @cached_property
    def measured(self) -> Any:
        """The measured rate."""
        found = measured_rate(self.loop)
        return flint.arb(found.rate, found.error)

    @property
    def local(self) -> Any:
        """The largest eigenvalue of J."""
        return _ball(float(self._local[0]), 0.0)

    def excesses(self, guaranteed: Number) -> Iterator[tuple[Number, str]]:
        yield guaranteed - self.local, "eigenvalue of J"
        yield guaranteed - self.measured, "measured rate"

    def distances(self) -> Iterator[tuple[Number, str]]:
        yield abs(self.local - self.measured), "eigenvalue of J and measured rate"


def _ball(value: float, least: float) -> Any:
    return flint.arb(value, CONSTANTS_ERROR * (abs(value) + least))

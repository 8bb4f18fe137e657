"""Parametric retraining loops given by exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from recurate.paper_checks.runs.written import Fractions, fractions, listed, written

Matrix = tuple[Fractions, ...]


def mean_under(weights: Fractions, values: Fractions) -> Fraction:
    """Return the mean of values under a law."""
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


@dataclass(frozen=True)
class FiniteInstance:
    """Retraining of a power family on finitely many points: all that decides is rational.

    The family is p_θ ∝ p (1 + ρ θ·s)^{1/ρ} (`recurate.numerics.parametric.PowerFamily`), its best
    model p at θ* = 0. There the score is s and minus the Hessian ρ ss' + (1-ρ) E_p ss'.

    Attributes
    ----------
    points : tuple of Fraction, length n
        Points x, rising.
    model : tuple of Fraction, length n
        p = p_θ*; above 0.
    scores : tuple of d tuples of Fraction, length n each
        s(x), with mean zero under the model and under the data.
    data : tuple of Fraction, length n
        The data's law.
    form : Fraction
        ρ.
    lam : Fraction
        λ.

    Raises
    ------
    ValueError
        If the numbers are not of this kind, or θ = 0 is not stationary.
    """

    points: Fractions
    model: Fractions
    scores: Matrix
    data: Fractions
    form: Fraction
    lam: Fraction

    def __post_init__(self) -> None:
        lengths = {len(values) for values in (self.model, self.data, *self.scores)}
        if lengths != {len(self.points)}:
            raise ValueError(f"an instance's tuples must have one length; got {sorted(lengths)}")
        if any(x >= y for x, y in zip(self.points, self.points[1:], strict=False)):
            raise ValueError(f"points must rise; got {self.points}")
        if min(self.model) <= 0 or min(self.data) < 0 or sum(self.model) != 1:
            raise ValueError(f"model must be a law above 0; got {self.model}, data {self.data}")
        for name, law in (("model", self.model), ("data", self.data)):
            means = [mean_under(law, score) for score in self.scores]
            if sum(law) != 1 or any(means):
                raise ValueError(f"scores must have mean zero under the {name}; got {means}")

    @classmethod
    def of(
        cls,
        points: str,
        *,
        model: str,
        scores: Sequence[str],
        data: str,
        form: Fraction | int | str,
        lam: Fraction | int | str,
    ) -> FiniteInstance:
        """Return the instance whose laws are written as texts, numbers separated by blanks."""
        return cls(
            points=fractions(points),
            model=fractions(model),
            scores=tuple(map(fractions, scores)),
            data=fractions(data),
            form=Fraction(form),
            lam=Fraction(lam),
        )

    @property
    def dimension(self) -> int:
        """d, the number of parameters: 1 or 2."""
        return len(self.scores)

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: yes."""
        return True

    def _squares(self, law: Fractions) -> list[list[Fraction]]:
        return [
            [mean_under(law, tuple(x * y for x, y in zip(s, t, strict=True))) for t in self.scores]
            for s in self.scores
        ]

    @cached_property
    def fisher(self) -> list[list[Fraction]]:
        """B = E_p ss'."""
        return self._squares(self.model)

    @cached_property
    def data_curvature(self) -> list[list[Fraction]]:
        """A = ρ E_data ss' + (1-ρ) B."""
        rows = zip(self._squares(self.data), self.fisher, strict=True)
        return [
            [self.form * x + (1 - self.form) * y for x, y in zip(*row, strict=True)] for row in rows
        ]

    @cached_property
    def curvature(self) -> Fraction:
        """α with A >= α: A itself, or for d = 2 a number just below its least eigenvalue."""
        A = self.data_curvature
        if self.dimension == 1:
            return A[0][0]
        least = float(np.linalg.eigvalsh(np.array(A, dtype=float))[0])
        for shift in (1e-12, 1e-9, 1e-6):
            guess = Fraction(least - shift * (abs(least) + float(A[0][0] + A[1][1])))
            first, last = A[0][0] - guess, A[1][1] - guess
            if first >= 0 and last >= 0 and first * last >= A[0][1] ** 2:  # exactly
                return guess
        raise ArithmeticError(f"no lower bound of the eigenvalues of {A} was found")

    @cached_property
    def hessian_lipschitz(self) -> Fraction:
        """L: the steepest change of ρ ss' between neighbours; for d = 2 in the row-sum norm.

        The row-sum norm of a symmetric matrix is at least its operator norm.
        """
        steepest = Fraction(0)
        for i, gap in enumerate(y - x for x, y in zip(self.points, self.points[1:], strict=False)):
            rows = (
                sum(abs(s[i + 1] * t[i + 1] - s[i] * t[i]) for t in self.scores)
                for s in self.scores
            )
            steepest = max(steepest, abs(self.form) * max(rows) / gap)
        return steepest

    @cached_property
    def model_error(self) -> Fraction:
        """ε = W1(p, data), from the distribution functions."""
        total, excess = Fraction(0), Fraction(0)
        for i in range(len(self.points) - 1):
            excess += self.model[i] - self.data[i]
            total += abs(excess) * (self.points[i + 1] - self.points[i])
        return total

    def to_python(self) -> str:
        """Return the Python expression that makes this instance."""
        scores = ", ".join(map(written, self.scores))
        return (
            f"FiniteInstance.of({written(self.points)}, model={written(self.model)}, "
            f"scores=[{scores}], data={written(self.data)}, form={written(self.form)}, "
            f"lam={written(self.lam)})"
        )

    def __str__(self) -> str:
        """Return the loop in words, numbers exact."""
        scores = ", ".join(listed(score) for score in self.scores)
        return (
            f"power family with ρ = {self.form}: points {listed(self.points)}, best model "
            f"{listed(self.model)}, score {scores}, data {listed(self.data)}, λ = {self.lam}"
        )


@dataclass(frozen=True)
class LogisticInstance:
    """Retraining of the logistic location model on data at logarithms of rationals, θ* = 0.

    Attributes
    ----------
    odds : tuple of Fraction, length n
        y: the data are at log y; rising.
    masses : tuple of Fraction, length n
        Their probabilities, with E tanh(x/2) = E (y-1)/(y+1) = 0.
    lam : Fraction
        λ.

    Raises
    ------
    ValueError
        If the numbers are not of this kind.
    """

    odds: Fractions
    masses: Fractions
    lam: Fraction

    def __post_init__(self) -> None:
        if any(x >= y for x, y in zip((Fraction(0), *self.odds), self.odds, strict=False)):
            raise ValueError(f"odds must be above 0 and rise; got {self.odds}")
        score = mean_under(self.masses, tuple((y - 1) / (y + 1) for y in self.odds))
        if sum(self.masses) != 1 or min(self.masses) <= 0 or score:
            raise ValueError(f"masses must make E tanh(x/2) zero; got {self.masses}: {score}")

    @classmethod
    def of(cls, odds: str, masses: str, *, lam: Fraction | int | str) -> LogisticInstance:
        """Return the instance whose data are written as texts, numbers separated by blanks."""
        return cls(fractions(odds), fractions(masses), Fraction(lam))

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: L and ε cannot."""
        return False

    def to_python(self) -> str:
        """Return the Python expression that makes this instance."""
        return (
            f"LogisticInstance.of({written(self.odds)}, {written(self.masses)}, "
            f"lam={written(self.lam)})"
        )

    def __str__(self) -> str:
        """Return the loop in words, numbers exact."""
        return (
            f"logistic location model, data at log {listed(self.odds)} with probabilities "
            f"{listed(self.masses)}, λ = {self.lam}"
        )


def symmetric_logistic(spread: int | str, lam: int | str) -> LogisticInstance:
    """Return the logistic model on ½(δ_{log y} + δ_{-log y}) with y = `spread`."""
    y, half = Fraction(spread), Fraction(1, 2)
    return LogisticInstance((1 / y, y), (half, half), Fraction(lam))


def attaining(share: str = "1/2", lam: str = "1") -> FiniteInstance:
    """Return a mixture family for which the sharper rate is attained.

    The points are the squares of the scores, so that s² = x has the slope 1 = L everywhere, and
    the data lie stochastically below the model: then B - A = E_p x - E_data x = ε.

    Parameters
    ----------
    share : str
        How much of the largest possible model error there is, above 0 and at most 1.
    lam : str
        λ.
    """
    moved = Fraction(share) / 12
    return FiniteInstance(
        points=fractions("1 4 9"),
        model=fractions("1/4 1/2 1/4"),
        scores=(fractions("1 -2 3"),),
        data=(Fraction(1, 4) + 5 * moved, Fraction(1, 2) - 2 * moved, Fraction(1, 4) - 3 * moved),
        form=Fraction(1),
        lam=Fraction(lam),
    )

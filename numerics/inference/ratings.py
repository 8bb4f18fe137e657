"""Several ratings of each candidate: what its reward was estimated from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from recurate.numerics.inference.trust import effective_sample_size
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray

_LEAST_WEIGHT = 1e-12  # of about one in a million, where they vary most


@dataclass(frozen=True)
class Ratings(ReadOnlyArrays):
    """Ratings of candidates, of whose mean a candidate's reward is made.

    They are kept candidate by candidate, in ascending order: candidates of equal ratings then have
    means that are equal to the last bit, in whatever order the ratings came.

    Attributes
    ----------
    candidate : ndarray of int, shape (ratings,)
        Number of the atom of the law that each is a rating of; every atom has one.
    rater : ndarray of int, shape (ratings,)
        Number of the rater of each.
    values : ndarray, shape (ratings,)
        The ratings, as they stand in the table.
    raters : tuple of hashable
        Labels of the raters; none if it is not known who rated what: each rating then has a number
        of its own.
    transform : callable
        Returns rewards in log-odds from means as they stand, shape (candidates,) both.
    in_unit : str or None
        The law's score that has the means as they stand; None if they are the rewards.
    """

    candidate: IntArray
    rater: IntArray
    values: FloatArray
    raters: tuple[Hashable, ...]
    transform: Callable[[FloatArray], FloatArray] = lambda means: means
    in_unit: str | None = None

    resamples_atoms: ClassVar[bool] = True
    """Prompts are resampled too, or candidates without prompts."""

    def __post_init__(self) -> None:
        order = np.lexsort((self.values, self.candidate))
        for name in ("candidate", "rater", "values"):
            object.__setattr__(self, name, getattr(self, name)[order])
        super().__post_init__()

    def means(self, weights: FloatArray | None = None) -> FloatArray:
        """Return each candidate's mean rating, as the ratings stand, shape (candidates,).

        Parameters
        ----------
        weights : ndarray, shape (ratings,), optional
            Weight of each rating; all alike by default. A candidate must have some.
        """
        values = self.values if weights is None else self.values * weights
        sums = np.bincount(self.candidate, values)
        means = sums / np.bincount(self.candidate, weights)
        # Three ratings of 0.1 have a mean of 0.1, though their sum is rounded.
        first = np.flatnonzero(np.diff(self.candidate, prepend=-1))
        last = np.append(first[1:], self.values.size) - 1
        clipped: FloatArray = np.clip(means, self.values[first], self.values[last])
        return clipped

    def what(self, law: RewardLaw) -> str:
        """Return what is resampled, as "raters and prompts"; nothing of which there is only one."""
        kinds = self._units(law)
        return " and ".join(kinds) if kinds else "nothing"

    def units(self, law: RewardLaw) -> float:
        """Return the effective number of raters, or of prompts or candidates, if that is less."""
        return min(self._units(law).values(), default=1.0)

    def laws(
        self, law: RewardLaw, replicates: int, generator: np.random.Generator
    ) -> Iterator[RewardLaw]:
        """Yield laws of other raters, and of other prompts (without prompts: other candidates).

        Every rater and every prompt weighs a random number, as in the Bayesian bootstrap, and a
        rating counts the product of its rater's and its prompt's (Owen 2007, The Pigeonhole
        Bootstrap, Annals of Applied Statistics 1; Owen and Eckles 2012, Bootstrapping Data Arrays
        of Arbitrary Order, the same journal 6). No weight is zero: each candidate keeps all its
        ratings, and each prompt its mass.
        """
        groups = prompts = None
        unit_of_atoms = np.arange(law.size) if law.prompt_index is None else law.prompt_index
        if law.group_index is not None:
            groups = Labels(law.group_names, law.group_index)
        if law.prompt_index is not None:
            prompts = Labels(law.prompt_names, law.prompt_index)
        raters = np.bincount(self.rater).size
        shapes: npt.NDArray[np.float64] = np.full(raters, 1.0 - 1.0 / raters)
        if not self.raters:  # of one candidate's ratings, none speaks of another candidate
            number = np.bincount(self.candidate)[self.candidate]
            shapes[self.rater] = 1.0 - 1.0 / number
        units = int(unit_of_atoms.max()) + 1
        for _ in range(replicates):
            means = self.means(_weights(shapes, generator)[self.rater])
            probs = law.probs
            if units > 1:
                probs = probs * _weights(np.full(units, 1 - 1 / units), generator)[unit_of_atoms]
                probs = probs / probs.sum()
            scores = dict(law.scores)
            if self.in_unit is not None:
                scores[self.in_unit] = means
            yield RewardLaw(
                self.transform(means), probs, groups, prompts=prompts, scores=scores or None
            )

    def _units(self, law: RewardLaw) -> dict[str, float]:
        """Return the effective number of each kind of units, if there are two of it at least."""
        ratings = np.bincount(self.rater).astype(np.float64)
        raters = "raters" if self.raters else "ratings"
        items = "candidates" if law.prompt_index is None else "prompts"
        masses = law.probs if law.prompt_index is None else law.prompt_probs
        numbers = {raters: (ratings.size, ratings), items: (masses.size, masses)}
        return {name: effective_sample_size(of) for name, (size, of) in numbers.items() if size > 1}


def _weights(shapes: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return random weights of gamma distributions; 1 of shape 0.

    Exponential weights, of shape 1, would let the mean over n units vary by (n - 1)/(n + 1) of its
    variance. Those of shape 1 - 1/n let it vary by (n - 1)/n, as counts do; `expanded` mends that.
    None is so small that the mean of a 0 and a 1 would be rounded to either, which has no logit.
    """
    drawn = np.maximum(generator.gamma(shapes), _LEAST_WEIGHT)
    weights: FloatArray = np.where(shapes > 0, drawn, 1.0)
    return weights

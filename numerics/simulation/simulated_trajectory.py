"""What a simulation returns: figures at every step, with standard errors, and by replicate."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np

from recurate.numerics.files import write_csv
from recurate.numerics.laws.groups import column_labels
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.validation import FloatArray


@dataclass(frozen=True)
class Sizes:
    """How many samples each retraining step handles, for each prompt if there are prompts.

    Attributes
    ----------
    generated : int
        Samples that the model generates: the pool of candidates.
    curated : int
        Winners of choices among them, which are training samples.
    real : int
        Real samples in each training set.
    initial : int or None
        Real samples that the first model was fitted to; None if it was fitted to all real data.
    retained : int
        Samples that are trained on as they were generated, drawn with replacement.
    """

    generated: int
    curated: int
    real: int
    initial: int | None = None
    retained: int = 0

    @property
    def smallest(self) -> int:
        """The smallest of these numbers that is not 0."""
        numbers = (self.generated, self.curated, self.real, self.initial, self.retained)
        return min(n for n in numbers if n)

    @property
    def lam(self) -> float:
        """Synthetic samples per real one, as realised; with sets that grow, those of a round."""
        return (self.curated + self.retained) / self.real if self.real else math.inf


@dataclass(frozen=True, eq=False)
class SimulatedTrajectory(ReadOnlyArrays):
    """Figures of a sampled retraining loop, by step: means over independent replicates.

    Made by `recurate.simulate`. Names and shapes are those of `recurate.Trajectory`; at step t they
    are estimates from the samples that the model generates after t retraining steps.

    Attributes
    ----------
    K, lam : float or None
        Candidates of each Bradley–Terry choice, and λ as asked for (``sizes.lam`` is the realised
        one). None for a loop that is more than that.
    max_reward : float
        The reward that weights are relative to.
    sizes : Sizes
        Samples generated, curated, real, initial and retained, of each step. Where training sets
        grow, `real` is what they begin with, and `curated` what each round adds.
    group_names : tuple
        Names of the groups.
    figures : ndarray, shape (replicates, steps + 1, 5)
        Each replicate's figures, in the order of `recurate.numerics.laws.levels.FIGURES`.
    groups : ndarray, shape (replicates, steps + 1, n_groups)
        Each replicate's shares of the groups.
    prompts : int or None
        Number of prompts, of whose figures these are the means; None without prompts. Samples are
        then counted for each prompt, and weights are relative to each prompt's best reward, whose
        mean is `max_reward`.
    loop : str
        The loop's arguments, as they are written in a call of `CurationLoop`, such as
        "rule=BestOf(4), lam=1".
    sizes_by_step : tuple of Sizes
        The sizes of each step, where they are not the same; `sizes` are then those of the first.
    """

    K: float | None
    lam: float | None
    max_reward: float
    sizes: Sizes
    group_names: tuple[Hashable, ...]
    figures: FloatArray
    groups: FloatArray
    prompts: int | None = None
    loop: str = ""
    sizes_by_step: tuple[Sizes, ...] = ()

    @property
    def replicates(self) -> int:
        """Number of independent replicates."""
        return int(self.figures.shape[0])

    @property
    def steps(self) -> int:
        """Number of retraining steps."""
        return int(self.figures.shape[1]) - 1

    @property
    def expected_weight(self) -> FloatArray:
        """Mean of the relative weight e^{r - max_reward}, shape (steps + 1,)."""
        return self._mean("expected_weight")

    @property
    def variance_weight(self) -> FloatArray:
        """Variance of the relative weight among the samples generated, shape (steps + 1,).

        With prompts the mean of the variances within them.
        """
        return self._mean("variance_weight")

    @property
    def expected_reward(self) -> FloatArray:
        """Mean reward, shape (steps + 1,)."""
        return self._mean("expected_reward")

    @property
    def kl_to_reference(self) -> FloatArray:
        """Estimate of KL(p_t‖p_ref) in nats; NaN without densities, shape (steps + 1,).

        The mean over generated samples of the model's log-density minus the reference's. Resampling
        has the frequencies of its N training samples for density: (occupied - 1)/2N is taken off,
        the bias of that to leading order (Miller and Madow; ``occupied`` is the number of atoms
        among the samples). So it may be slightly negative. What it estimates is the divergence of
        the law that the training samples were drawn from, which includes the drift of the loop
        itself (``docs/simulation.md``).
        """
        return self._mean("kl_to_reference")

    @property
    def mass_at_max(self) -> FloatArray:
        """Share of samples with a reward of at least `max_reward`, shape (steps + 1,).

        With prompts the mean of the shares with a reward of at least each prompt's best.
        """
        return self._mean("mass_at_max")

    @property
    def group_proportions(self) -> FloatArray:
        """Shares of the groups, shape (steps + 1, n_groups)."""
        means: FloatArray = self.groups.mean(axis=0)
        return read_only(means)

    @cached_property
    def standard_errors(self) -> dict[str, FloatArray]:
        """Standard errors of the means, by the figure's name, in the figure's shape.

        They come from the spread of the replicates; NaN if there is only one.
        """
        errors = {name: _standard_error(self.by_replicate(name)) for name in FIGURES}
        return read_only(errors | {"group_proportions": _standard_error(self.groups)})

    def by_replicate(self, name: str) -> FloatArray:
        """Return one figure of every replicate, shape (replicates, steps + 1)."""
        return self.figures[:, :, FIGURES.index(name)]

    def _mean(self, name: str) -> FloatArray:
        with np.errstate(invalid="ignore"):
            means: FloatArray = self.by_replicate(name).mean(axis=0)
        return read_only(means)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures and their standard errors as lists, one entry per step."""
        figures: dict[str, Any] = {"t": list(range(self.steps + 1))}
        figures |= {name: getattr(self, name).tolist() for name in FIGURES}
        figures["group_names"] = list(self.group_names)
        figures["group_proportions"] = self.group_proportions.tolist()
        figures["standard_errors"] = {k: v.tolist() for k, v in self.standard_errors.items()}
        return figures

    def to_csv(self, path: str | os.PathLike[str] | BinaryIO) -> None:
        """Write figures and standard errors as CSV, one row per step; whole or not at all.

        ``-`` is standard output, as everywhere; a binary file that is open is written to.
        """
        columns: dict[str, list[float]] = {"t": list(range(self.steps + 1))}
        for name in FIGURES:
            columns[name] = getattr(self, name).tolist()
            columns[f"{name}_standard_error"] = self.standard_errors[name].tolist()
        errors = self.standard_errors["group_proportions"].T
        for i, label in enumerate(column_labels(self.group_names)):
            columns[label] = self.group_proportions[:, i].tolist()
            columns[f"{label}_standard_error"] = errors[i].tolist()
        write_csv(path, columns)


def _standard_error(values: FloatArray) -> FloatArray:
    if values.shape[0] < 2:
        return np.full(values.shape[1:], np.nan)
    with np.errstate(invalid="ignore"):
        errors: FloatArray = values.std(axis=0, ddof=1) / math.sqrt(values.shape[0])
    return errors

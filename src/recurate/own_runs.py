"""Runs of your own loop, in the form that `recurate.testing` compares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.levels import Figures
from recurate.numerics.loop import CurationLoop
from recurate.numerics.sampling.arrays import on_cpu
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory, Sizes
from recurate.numerics.validation import count, positive_count, shown

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called


def measured(
    generated: Sequence[Sequence[Any]],
    loop: CurationLoop,
    *,
    n_curated: int,
    n_real: int,
    n_initial: int | None = None,
) -> SimulatedTrajectory:
    """Return the trajectory of runs of your own loop, for `assert_agrees`.

    Parameters
    ----------
    generated : sequence of sequences of array_like of int
        ``generated[i][t]`` are the samples that run i generated after t retraining steps, as
        indices of the law's atoms: before anything is curated. All runs and steps have the same
        number of samples; with prompts, of samples of each prompt, in any order.
    loop : CurationLoop
        The loop that was run.
    n_curated, n_real : int
        Winners and real samples in each training set (with prompts, of each prompt): in the ratio
        of the loop's λ, rounded.
    n_initial : int, optional
        Samples that the first model was trained on; None if it had the law p_ref itself.

    Returns
    -------
    SimulatedTrajectory

    Raises
    ------
    TypeError, ValueError
        If the samples are not indices of atoms or differ in number, or if the sizes are not in the
        ratio of the loop's λ.
    """
    require_loop(loop, "loop")
    law, runs = loop.law, [list(run) for run in generated]
    if not runs or not runs[0] or len({len(run) for run in runs}) > 1:
        raise ValueError(
            "generated must have at least one run, all of the same number of steps; got "
            f"{[len(run) for run in runs]} steps"
        )
    has_prompts = law.prompt_index is not None
    counts = np.array(
        [
            [winner_counts(samples, law.size, has_prompts=has_prompts) for samples in run]
            for run in runs
        ]
    )
    prompt, masses = law.prompt_of_atoms, law.prompt_probs if has_prompts else np.ones(1)
    order = np.argsort(prompt, kind="stable")
    starts = np.searchsorted(prompt[order], np.arange(masses.size))
    totals = np.unique(np.add.reduceat(counts[:, :, order], starts, axis=2))
    if totals.size > 1 or totals[0] == 0:
        each = " of each prompt" if has_prompts else ""
        raise ValueError(
            f"generated must have the same number of samples{each} at each step; got "
            f"{shown(totals.tolist())}"
        )
    weights, relative = law.relative_weights, law.relative_rewards
    shares = counts / totals[0]
    means = np.add.reduceat((shares * weights)[:, :, order], starts, axis=2)
    shares = shares * masses[prompt]
    best = float(masses @ law.prompt_best)
    figures = Figures(
        expected_weight=means @ masses,
        variance_weight=shares @ weights**2 - means**2 @ masses,
        expected_reward=best + shares @ relative,
        kl_to_reference=np.full(counts.shape[:2], math.nan),
        mass_at_max=shares @ (relative == 0).astype(np.float64),
    )
    groups = np.zeros((law.size, len(law.group_names)))
    if law.group_index is not None:
        groups[np.arange(law.size), law.group_index] = 1.0
    initial = None if n_initial is None else positive_count(n_initial, "n_initial")
    sizes = Sizes(int(totals[0]), count(n_curated, "n_curated"), count(n_real, "n_real"), initial)
    _require_mixture(sizes, loop.lam)
    return SimulatedTrajectory(
        K=loop.K,
        lam=loop.lam,
        max_reward=best,
        sizes=sizes,
        group_names=law.group_names,
        figures=np.stack(figures, axis=-1),
        groups=shares @ groups,
        prompts=masses.size if has_prompts else None,
        loop=str(loop.schedule),
    )


def _require_mixture(sizes: Sizes, lam: float) -> None:
    """Raise ValueError unless the sizes are in the ratio λ, for which the bands are made."""
    curated, real = sizes.curated, sizes.real
    if 0.0 < lam < math.inf:  # either number may be the rounded one
        is_lam = (
            curated > 0 < real and min(abs(curated - lam * real), abs(curated / lam - real)) <= 1
        )
    else:
        is_lam = curated == 0 < real if lam == 0.0 else real == 0 < curated
    if not is_lam:
        raise ValueError(
            f"n_curated / n_real must be the loop's lam, {lam:g}, up to rounding (n_real is 0 for "
            f"lam = inf, n_curated for lam = 0); got {curated} / {real}"
        )


def require_loop(loop: Any, name: str) -> None:
    """Raise TypeError unless this is a loop; the message names the argument."""
    if not isinstance(loop, CurationLoop):
        raise TypeError(f"{name} must be a CurationLoop; got {type(loop).__name__}")


def winner_counts(winners: Any, size: int, *, has_prompts: bool = False) -> npt.NDArray[np.int64]:
    """Return how often each atom is among the winners, shape (size,)."""
    if isinstance(winners, Mapping):
        atoms = np.array(list(winners.keys()))
        numbers = [count(n, f"the count of atom {atom}") for atom, n in winners.items()]
    else:
        atoms, numbers = np.asarray(on_cpu(winners)), None
        if has_prompts and atoms.ndim == 2:
            atoms = atoms.ravel()
    if atoms.ndim != 1 or atoms.size == 0 or atoms.dtype.kind not in "iu":
        raise TypeError(
            "simulated must be winners' indices (integers, shape (m,), m >= 1), a mapping from "
            f"index to count, or a SimulatedTrajectory; got {_kind(winners)}"
        )
    if atoms.min() < 0 or atoms.max() >= size:
        wrong = atoms.min() if atoms.min() < 0 else atoms.max()
        raise ValueError(
            f"simulated must have indices of the law's atoms, 0 to {size - 1}; got {wrong}"
        )
    counts = np.zeros(size, dtype=np.int64)
    if numbers is None:
        counts += np.bincount(atoms.astype(np.int64), minlength=size)
    else:
        np.add.at(counts, atoms, numbers)
        if not counts.any():
            raise ValueError("simulated must have at least one winner; got counts of 0")
    return counts


def _kind(value: Any) -> str:
    array = np.asarray(value)
    return f"{type(value).__name__} of shape {array.shape} and type {array.dtype}"

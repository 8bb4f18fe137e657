"""Runs of your own loop, in the form that `recurate.testing` compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.agreement.counted_runs import figures_of_counts, without_dropped
from recurate.numerics.agreement.exchanged_runs import misfit
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import Voters
from recurate.numerics.sampling.arrays import on_cpu
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory, Sizes
from recurate.numerics.validation import count, positive_count, shown

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called


def measured(
    generated: Sequence[Sequence[Any]],
    loop: CurationLoop,
    *,
    n_curated: int | Sequence[int],
    n_real: int | Sequence[int],
    n_retained: int | Sequence[int] = 0,
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
    n_curated, n_real, n_retained : int, or sequence of int
        Winners, real samples and samples kept uncurated in each training set (with prompts, of each
        prompt), in the proportions of the loop's λ and `retained`, rounded; one number for each
        step where they change. Where training sets grow: the winners of a round, and the real
        samples that they begin with.
    n_initial : int, optional
        Samples that the first model was trained on; None if it had the law p_ref itself.

    Returns
    -------
    SimulatedTrajectory
        The figures of each step and run, for `assert_agrees`.

    Raises
    ------
    TypeError, ValueError
        If the samples are not indices of atoms or differ in number, or if the sizes are not in the
        loop's proportions; the message names the step.
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
    loop, rows = without_dropped(loop, counts.shape[1] - 1)
    if counts[:, :, ~rows].any():
        raise ValueError(
            "generated must have no samples of prompts that the loop's rule takes out; got "
            f"{counts[:, :, ~rows].sum()}"
        )
    law, counts = loop.law, counts[:, :, rows]
    totals = np.unique(
        [np.bincount(law.prompt_of_atoms, one) for one in counts.reshape(-1, law.size)]
    ).astype(np.int64)
    if totals.size > 1 or totals[0] == 0:
        each = " of each prompt" if has_prompts else ""
        raise ValueError(
            f"generated must have the same number of samples{each} at each step; got "
            f"{shown(totals.tolist())}"
        )
    figures, groups = figures_of_counts(counts, law)
    numbers = {"n_curated": n_curated, "n_real": n_real, "n_retained": n_retained}
    sizes = _sizes(loop, counts.shape[1] - 1, int(totals[0]), n_initial, numbers)
    return SimulatedTrajectory(
        K=loop.schedule.K,
        lam=None if loop.schedule.K is None else loop.lam,
        max_reward=float(law.prompt_probs @ law.prompt_best) if has_prompts else law.max_reward,
        sizes=sizes[0],
        group_names=law.group_names,
        figures=figures,
        groups=groups,
        prompts=law.prompt_probs.size if has_prompts else None,
        loop=str(loop.schedule),
        sizes_by_step=sizes if len(set(sizes)) > 1 else (),
    )


def _sizes(
    loop: CurationLoop, steps: int, generated: int, n_initial: Any, numbers: dict[str, Any]
) -> tuple[Sizes, ...]:
    """Return the sizes of each step, at least one; raise ValueError unless they are the loop's."""
    initial = None if n_initial is None else positive_count(n_initial, "n_initial")
    of_steps = {}
    for name, given in numbers.items():
        is_one = not isinstance(given, list | tuple) and np.ndim(given) == 0
        if not is_one and len(given) != steps:
            raise ValueError(
                f"{name} must be one number, or one for each of {steps} steps; got {len(given)}"
            )
        listed = [given] * max(steps, 1) if is_one else list(given)
        of_steps[name] = [count(value, name) for value in listed]
    plan = loop.schedule.plan(max(steps, 1))
    found = []
    for t, (curated, real, retained) in enumerate(zip(*of_steps.values(), strict=True)):
        sizes = Sizes(generated, curated, real, initial, retained)
        wrong = misfit(sizes, plan(t), loop.training)
        if wrong is not None:
            raise ValueError(f"at t = {t}: {wrong}" if t else wrong)
        found.append(sizes)
    return tuple(found)


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


def one_of_each(winners: Any, keep: int, rule: Any) -> npt.NDArray[Any]:
    """Return a random one of those that were kept together: these are independent of each other."""
    if isinstance(winners, Mapping) or isinstance(rule, Voters):
        got = "counts" if isinstance(winners, Mapping) else "those of voters"
        raise ValueError(
            f"simulated must be an array of the winners of one rule, each {keep} that were kept of "
            f"the same candidates one after another, as they depend on each other; got {got}"
        )
    atoms = np.asarray(on_cpu(winners))
    if atoms.ndim == 0 or atoms.shape[-1] % keep:
        raise ValueError(
            f"simulated must have winners in groups of {keep}, which were kept of the same "
            f"candidates; got shape {atoms.shape}"
        )
    groups = atoms.reshape(-1, keep)
    place = np.random.default_rng(0).integers(keep, size=len(groups))
    return groups[np.arange(len(groups)), place]


def _kind(value: Any) -> str:
    array = np.asarray(value)
    return f"{type(value).__name__} of shape {array.shape} and type {array.dtype}"

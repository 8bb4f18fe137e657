"""Whether simulated runs agree with a loop of any rule: a p-value that is a proved bound.

The runs are compared with others of the same sizes, from the exact law of each step
(`recurate.numerics.agreement.counted_runs`). If the loop is the one they come from, all of them are
exchangeable. ``docs/testing.md`` derives the bound.
"""

from __future__ import annotations

import math

import numpy as np

from recurate.numerics.agreement.concave import maximum
from recurate.numerics.agreement.counted_runs import counted_runs
from recurate.numerics.agreement.p_values import COMPARED, null_of
from recurate.numerics.agreement.verdict import Verdict, compared, furthest
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.loop import CurationLoop
from recurate.numerics.schedules import Accumulate
from recurate.numerics.simulation.plan import sizes_of_step
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory, Sizes
from recurate.numerics.step import StepPlan
from recurate.numerics.validation import FloatArray

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

MOST_RUNS = 20_000
"""Most runs that are made to compare with."""

_LEAST_RUNS, _MORE_RUNS = 200, 20
_MARGIN = 5.0  # nats below alpha, of the least p-value that so many runs can have
_LARGEST_TILT = 700.0  # e^700 is a double


def runs_verdict(simulated: SimulatedTrajectory, loop: CurationLoop, alpha: float) -> Verdict:
    """Test simulated runs against a loop, all figures and steps together.

    Null hypothesis: they are independent runs of this loop with samples of their sizes, retrained
    by resampling.

    Raises
    ------
    ValueError
        If there are too few runs for a p-value below `alpha`.
    """
    steps = simulated.steps
    sizes = [*sizes_of_loop(simulated, loop), _sizes_at(simulated, steps)]
    of_figures = [FIGURES.index(name) for name in COMPARED]
    found = _points(simulated.figures[:, :, of_figures], simulated.groups)
    number = _runs_needed(simulated.replicates, found.shape[1], alpha)
    figures, groups = counted_runs(loop, sizes, number, np.random.default_rng([number, 4]))
    others = _points(figures[:, :, of_figures], groups)
    run = loop.run(steps=steps)
    columns = [getattr(run, name)[:, None] for name in COMPARED]
    exact = np.concatenate([*columns, run.group_proportions], axis=1).ravel()
    centre = others.mean(axis=0)
    # What finite samples change in the mean is allowed once more: other ways to draw candidates,
    # such as batches that do not overlap, change less. And rounding, far from zero.
    allowance = np.abs(centre - exact) + 4 * np.spacing(np.abs(exact)) + 1e-12
    rates = log_rates(found, others, allowance)
    worst = furthest(rates)
    t, which = divmod(worst, exact.size // (steps + 1))
    names = [*COMPARED, *(f"share of group {name!r}" for name in simulated.group_names)]
    spread = math.sqrt(float(others[:, worst].var()) / simulated.replicates)
    text = compared(float(found[:, worst].mean()), float(centre[worst]), spread)
    p_value = min(1.0, 2 * rates.size * math.exp(-rates.max()))
    return Verdict(p_value, null_of(simulated), f"t = {t}: {names[which]} is {text}")


def log_rates(found: FloatArray, others: FloatArray, allowance: FloatArray) -> FloatArray:
    """Return for each column how far the mean of some values is from that of all.

    Parameters
    ----------
    found, others : ndarray, shape (runs, columns) and (more runs, columns)
        Values that are exchangeable under the null hypothesis.
    allowance : ndarray, shape (columns,)
        By how much each mean may be off besides.

    Returns
    -------
    ndarray, shape (columns,)
        L, in nats: a value as large on the same side has a probability of at most e^{-L}; infinity
        if a value is NaN.

    Notes
    -----
    Given all values, those found are a sample of them without replacement. Hoeffding (1963, J. Am.
    Stat. Assoc. 58, 13), Theorem 4: the mean of a convex function of its sum is at most that with
    replacement. So Chernoff's bound is that of independent draws from all values.
    """
    rates = np.zeros(found.shape[1])
    for column, allowed in enumerate(allowance):
        values = np.concatenate([found[:, column], others[:, column]])
        if np.isnan(values).any():
            rates[column] = np.inf
            continue
        values = values - values.mean()
        off = float(values[: len(found)].mean())
        far, largest = abs(off) - float(allowed), float(np.abs(values).max())
        if far > 0.0:
            scaled = values * (math.copysign(1.0, off) / largest)
            rates[column] = len(found) * _log_rate(scaled, far / largest)
    return rates


def _log_rate(values: FloatArray, mean: float) -> float:
    """Return sup_θ θ mean - log E e^{θ V}, V one of the values, which are at most 1 in size."""

    def at(tilt: float) -> tuple[float, FloatArray]:
        exponents = tilt * values
        peak = float(exponents.max())
        weights = np.exp(exponents - peak)
        total = float(weights.sum())
        return peak + math.log(total / values.size), weights / total

    def slope(tilt: float) -> tuple[float, float]:
        probs = at(tilt)[1]
        tilted = float(probs @ values)
        return mean - tilted, float(probs @ (values - tilted) ** 2)

    tilt = maximum(slope, limit=_LARGEST_TILT)
    return max(0.0, tilt * mean - at(tilt)[0])


def sizes_of_loop(simulated: SimulatedTrajectory, loop: CurationLoop) -> list[Sizes]:
    """Return the sizes of each step: the simulated ones, or those of the loop if they differ.

    Then they have as many synthetic samples, and other numbers of real and retained ones.
    """
    plan = loop.schedule.plan(simulated.steps)
    found = []
    for t in range(simulated.steps):
        sizes, at = _sizes_at(simulated, t), plan(t)
        if misfit(sizes, at, loop.training) is not None:
            whole = Sizes(sizes.generated, _made(sizes), 0, sizes.initial)
            share = math.exp(at.log_shares[0]) if at.log_shares and not loop.training else 0.0
            sizes = sizes_of_step(whole, at.lam, share, loop.training)
        found.append(sizes)
    return found


def misfit(sizes: Sizes, at: StepPlan, grown: Accumulate | None) -> str | None:
    """Return in words what is wrong with sizes that are not those of a step, up to rounding."""
    curated, real, kept = sizes.curated, sizes.real, sizes.retained
    made = curated + kept
    what, found = "n_curated / n_real", f"{curated} / {real}"
    if grown is not None:
        ratio = grown.per_round / grown.real
        if kept == 0 and made > 0 < real and _is_ratio(made, real, ratio):
            return None
        return f"{what} must be per_round / real, {ratio:g}, up to rounding; got {found}"
    share = 0.0 if at.log_shares is None else math.exp(at.log_shares[0])
    if share:
        what, found = "(n_curated + n_retained) / n_real", f"({curated} + {kept}) / {real}"
    if 0.0 < at.lam < math.inf:
        is_lam = made > 0 < real and _is_ratio(made, real, at.lam)
    else:
        is_lam = made == 0 < real if at.lam == 0.0 else real == 0 < made
    if not is_lam:
        return (
            f"{what} must be the loop's lam, {at.lam:g}, up to rounding (n_real is 0 for lam = "
            f"inf, n_curated for lam = 0); got {found}"
        )
    if abs(kept - share * made) > (1 if share else 0):
        return f"n_retained must be {share:g} of {made}, up to rounding; got {kept}"
    return None


def _is_ratio(made: int, real: int, ratio: float) -> bool:
    """Return whether numbers are in a ratio; either may be the rounded one."""
    return min(abs(made - ratio * real), abs(made / ratio - real)) <= 1


def _made(sizes: Sizes) -> int:
    return sizes.curated + sizes.retained or sizes.real


def _sizes_at(simulated: SimulatedTrajectory, t: int) -> Sizes:
    by_step = simulated.sizes_by_step or (simulated.sizes,)
    return by_step[min(t, len(by_step) - 1)]


def _points(figures: FloatArray, groups: FloatArray) -> FloatArray:
    """Return figures and shares of each run side by side, step after step."""
    together = np.concatenate([figures, groups], axis=2)
    return together.reshape(len(together), -1)


def _runs_needed(replicates: int, points: int, alpha: float) -> int:
    """Return how many runs to compare with: all that are found at one end have (R/(R+M))^R."""
    rate = math.log(2 * points / alpha) + _MARGIN

    def least(runs: int) -> float:
        return runs * math.expm1(min(rate / runs, 100.0))

    if least(replicates) > MOST_RUNS:
        enough = next(runs for runs in range(replicates, 1000) if least(runs) <= MOST_RUNS)
        raise ValueError(
            f"simulated must have at least {enough} independent runs for a p-value below "
            f"{alpha:g}, for a loop of more than K=… and lam=…; got {replicates}"
        )
    usual = min(MOST_RUNS, max(_LEAST_RUNS, _MORE_RUNS * replicates))
    return max(usual, math.ceil(least(replicates)))

"""Where the loop goes: its fixed point, computed directly and to full accuracy.

Near the condensation threshold the loop takes 10^5 steps and more, and a small last step does not
mean a small error. So the loop is not run: the fixed point is p_ref or a part of it in the limiting
cases, the root of one equation for K = inf, and found by Newton's method for finite K.
``docs/fixed_points.md`` derives this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

# The module, not the function: replacing the ratio there changes what a step is here.
from recurate.numerics import curation
from recurate.numerics.fixed_points.bounds import (
    ROUNDING,
    contraction_bound,
    largest_rounding,
    rounding_of_law,
)
from recurate.numerics.fixed_points.mass_equation import (
    PRECISE,
    balanced,
    log_density_by_mean,
    log_density_error,
    mass_error,
)
from recurate.numerics.fixed_points.newton import solve
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray

Method = Literal[
    "reference", "best", "scalar", "newton", "condensed", "escaped", "objective", "ranks", "loop"
]
"""How it was found: p_ref itself, p_ref given the largest reward, one equation, Newton's method.

Only laws with a density condense or escape (`recurate.numerics.fixed_points.with_density`, for many
voters `recurate.numerics.fixed_points.of_rules.condensing`). The last three are for other rules of
choice (`recurate.numerics.fixed_points.of_rules`).
"""

RESIDUAL_TOLERANCE = 1e-13
"""Largest residual of a fixed point that is returned; in practice it is below 1e-14."""

LEVEL_TOLERANCE = 1e-11
"""Largest change of a log-density in a step from a fixed point that is returned.

The estimated error of the log-densities and the rounding of the rewards are allowed beside it.
"""

RADIUS_ERROR = 1e-9
"""Error of a spectral radius, which is taken of differences."""

LEAST_MARGIN = 1e-300
"""Smallest allowed ratio of mass to λ, of the best reward and of the others together.

1 - aH_* may be as small as the first, H_* - 1 as the second, and both must be normal doubles.
"""

LEAST_GAP = 1e-290
_LARGEST_ERROR = 0.1  # of a log-density, that is known to first order


@dataclass(frozen=True, eq=False)
class FixedPoint(ReadOnlyArrays):
    """A law that the loop leaves as it is, and its figures. Made by ``CurationLoop.fixed_point``.

    Attributes
    ----------
    law : RewardLaw
        The law of the rewards under p_ref.
    expected_weight, variance_weight : float
        Mean and variance under p of the relative weight e^{r - r_max}.
    expected_reward : float
        Mean of the reward under p, in log-odds.
    kl_to_reference : float
        KL(p‖p_ref) in nats.
    mass_at_max : float
        p(r = r_max).
    group_proportions : ndarray, shape (n_groups,)
        Mass of each group under p, in the order of ``law.group_names``.
    expected_scores : ndarray, shape (n_scores,)
        Mean under p of each score, over the atoms that have a value, in the order of
        ``law.score_names``. NaN where none of them has mass.
    condensed_mass : float
        Mass at r_max that has no density over p_ref. It is zero for every law with finitely many
        rewards: p_ref has mass at the largest. With a density it is the atom at the top, above
        λ_c (`recurate.condensation_threshold`). If rewards have no upper bound, it is the mass that
        the loop carries to ever larger rewards, and means are infinite.
    residual : float
        Total variation between p and its next step. Near the threshold a small residual does not
        mean a small error.
    error_bound : float or None
        Bound on the total variation between `probs` and the fixed point, rounding included. None if
        no bound is proved: for example if K is finite and λ is above the range in which the loop is
        a contraction (λ(h-1) < 1, `loop-contraction`).
    log_density_error : float or None
        Estimated error of `log_density` at every atom that has mass, the rarest too. It is some
        1e-14, and large only near the threshold, if the law also has little mass at the best
        reward; inf if nothing is known of the rarest (``docs/fixed_points.md``). None for a law
        with a density, or solved on a compressed law.
    evaluations : int
        Number of evaluations of the ratio and of its derivative, without the one for `residual`.
    method : str
        ``"reference"`` (λ = 0, K = 1 or one reward), ``"best"`` (λ = inf), ``"scalar"`` (K = inf)
        or ``"newton"``; with a density also ``"condensed"`` (there is an atom at the top) or
        ``"escaped"`` (there is mass at no reward). For other rules also ``"objective"`` (many
        voters, K = inf: the maximum of a concave function), ``"ranks"`` (`BestOf` and `TopShare`:
        an equation for each level) or ``"loop"`` (the loop was run).
    error_estimate : float
        Estimated error that compression adds to the figures; 0 if solved on all rewards. For
        the mean of a score as of `Trajectory.error_estimate`.
    is_unique : bool or None
        Whether all loops tend to it that start with mass wherever p_ref has some, and only there;
        False if some are known not to, None if that is not known. Of a loop of K and one λ it is
        None: there `fixed-point-unique` says it.
    objective_gap : float or None
        For many voters with K = inf, where it was solved for: no law on the support of p_ref has an
        objective above this one's by more than this, in nats (``docs/fixed_points.md``).
    spectral_radius : float or None
        Largest |eigenvalue| of the linearised step, on laws that have mass where p_ref has some.
        Below one the loop returns to the point if it is disturbed. None if it was not computed.
    """

    law: RewardLaw
    expected_weight: float
    variance_weight: float
    expected_reward: float
    kl_to_reference: float
    mass_at_max: float
    group_proportions: FloatArray = field(repr=False)
    expected_scores: FloatArray = field(repr=False)
    condensed_mass: float
    residual: float
    error_bound: float | None
    log_density_error: float | None
    evaluations: int
    method: Method
    error_estimate: float
    _levels: Levels = field(repr=False)
    _state: FloatArray = field(repr=False)
    _continued: FloatArray = field(repr=False)
    _share: float = field(default=1.0, repr=False)  # of the mass, at rewards
    is_unique: bool | None = None
    objective_gap: float | None = None
    spectral_radius: float | None = None

    @property
    def is_attracting(self) -> bool | None:
        """Whether the loop returns to it from nearby; None if the linearised step does not say.

        So it is where the spectral radius is not known, or is one to within its error.
        """
        radius = self.spectral_radius
        return None if radius is None or abs(radius - 1.0) <= RADIUS_ERROR else radius < 1.0

    # Computed when needed: after compression there are far more rewards than levels.

    @cached_property
    def probs(self) -> FloatArray:
        """The fixed point p, in the law's order, shape (n,).

        For a law with a density they are the masses of its nodes; the last one, at the top, is the
        atom's. They sum to one, or to 1 - `condensed_mass` if that mass is at no reward.
        """
        probs: FloatArray = self._share * np.exp(self._levels.atom_log_probs(self._state))
        return read_only(probs)

    @cached_property
    def log_density(self) -> FloatArray:
        """log(p/p_ref) in nats, in the law's order, shape (n,).

        Where p_ref has no mass it is the function log g(r) that gives p elsewhere; it is inf at
        rewards so high that it would grow in the loop without end.
        """
        log_share = math.log(self._share) if self._share > 0 else -math.inf
        return read_only(self._levels.atom_log_density(self._continued) + log_share)


class Found(NamedTuple):
    """A fixed point on levels: log p/base, bounds on errors, and how it was found."""

    log_density: FloatArray
    error_bound: float | None
    evaluations: int
    method: Method
    log_density_error: float | None = None


def find(law: RewardLaw, K: float, lam: float, start: FloatArray | None = None) -> FixedPoint:
    """Return the fixed point of a loop.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    K, lam : float
        As checked by `CurationLoop`.
    start : ndarray, optional
        Deficits at which Newton's method starts, for the levels that have mass.

    Raises
    ------
    ArithmeticError
        If it cannot be found, the residual is above `RESIDUAL_TOLERANCE`, or λ is above 1e300 times
        the mass of p_ref at the best reward or below it.
    """
    levels = Levels.of(law, None)
    # Levels of mass zero play no part; the function g is continued to them at the end.
    reduced = levels.with_mass()
    # p_ref, or all mass at one reward: no step moves that, whatever the ratio.
    if lam in (0.0, math.inf):
        found, residual = solved(reduced, K, lam, None, start), 0.0
    else:
        step = Step(reduced, K, lam)
        found = solved(reduced, K, lam, step.kernel, start)
        residual = checked_residual(step, reduced, found)
    if found.method == "newton":
        bound = float(
            contraction_bound(reduced.base, reduced.rewards, found.log_density, K, lam, residual)
        )
        found = found._replace(error_bound=bound if bound < 1.0 else None)
    state = np.zeros(levels.rewards.size)
    state[levels.base > 0] = found.log_density
    found = found._replace(log_density=state)
    return measured(levels, found, residual, _continued(levels, state, K, lam))


def checked_residual(step: Step, levels: Levels, found: Found) -> float:
    """Return the total variation between a law and its next step.

    Raises
    ------
    ArithmeticError
        If it is above `RESIDUAL_TOLERANCE`, or a log-density moves by more than `LEVEL_TOLERANCE`.
    """
    after = step(found.log_density)
    residual = levels.distance(found.log_density, after)
    if not residual <= RESIDUAL_TOLERANCE:
        raise ArithmeticError(too_large_residual(residual, found.method))
    if found.log_density_error is None:
        return residual
    # A level of little mass does not show in the residual.
    present = found.log_density > -np.inf
    moved = float(np.abs(after[present] - found.log_density[present]).max())
    span = float(levels.rewards[-1] - levels.rewards[0])
    if not moved <= LEVEL_TOLERANCE + found.log_density_error + 4 * ROUNDING * span:
        raise ArithmeticError(too_large_change(moved, found.method))
    return residual


def too_large_residual(residual: float, method: Method) -> str:
    """Return the message about a residual above its tolerance."""
    return (
        f"the fixed point must have a residual of at most {RESIDUAL_TOLERANCE:g}; got "
        f"{residual:.3g} by the method {method!r}, as when the curation ratio has been "
        "replaced by another: run the loop instead"
    )


def too_large_change(moved: float, method: Method) -> str:
    """Return the message about a log-density that a step changes by too much."""
    return (
        f"a step must leave every log-density of the fixed point as it is, to "
        f"{LEVEL_TOLERANCE:g}; got a change of {moved:.3g} by the method {method!r}: run "
        "the loop instead, and please report the law, K and lam"
    )


def solved(
    levels: Levels,
    K: float,
    lam: float,
    kernel: curation.CurationKernel | None,
    start: FloatArray | None,
) -> Found:
    """Return the fixed point on levels that all have mass."""
    relative = levels.rewards - levels.rewards[-1]
    size = relative.size
    exact = size * 4 * ROUNDING
    if size == 1 or K == 1 or lam == 0:
        return Found(np.zeros(size), exact, 0, "reference", 0.0)
    if lam == math.inf:
        log_density = np.full(size, -np.inf)
        log_density[-1] = -levels.log_base[-1]
        return Found(log_density, exact, 0, "best", float(largest_rounding(log_density[-1:])))
    rarer = min(float(levels.base[-1]), float(levels.base[:-1].sum()))
    if rarer < LEAST_MARGIN * lam:
        raise ArithmeticError(
            f"the mass of p_ref at the best reward, and below it, must be at least "
            f"{LEAST_MARGIN:g} lam for the fixed point to be resolved; got {rarer:g} and "
            f"lam = {lam:g}: take lam = inf"
        )
    # Rewards that are closer to the best one differ from it in density by even less.
    relative[:-1] = np.minimum(relative[:-1], -LEAST_GAP)
    if kernel is None:
        deficits = -np.expm1(relative)
        balance = balanced(levels.base, deficits, lam)
        log_density = balance.log_density(deficits)
        rounding = ROUNDING * (2.0 - float(relative[0]))
        bound = mass_error(levels.base, deficits, balance, rounding)
        bound += float(rounding_of_law(levels.base, log_density))
        probs = levels.base * np.exp(log_density)
        error = log_density_error(probs, deficits, balance, relative)
        if error > PRECISE:
            by_mean, its_error = log_density_by_mean(levels.base, relative, balance)
            if its_error < error:
                bound += levels.distance(log_density, by_mean)
                log_density, error = by_mean, its_error
        error += float(largest_rounding(log_density))
        return Found(log_density, bound if bound < 1 else None, 0, "scalar", error)
    solution = solve(relative, levels.base, K, lam, kernel.nodes, start)
    error = solution.log_density_error + float(largest_rounding(solution.log_density))
    return Found(solution.log_density, None, solution.evaluations, "newton", error)


def _known(error: float | None) -> float | None:
    # The estimate is of first order.
    return math.inf if error is not None and error > _LARGEST_ERROR else error


def _continued(levels: Levels, log_density: FloatArray, K: float, lam: float) -> FloatArray:
    """Return log g at every level, from its values at those that have mass.

    At the others g = m/(1 - aH), the limit of g_{t+1} = m + a H g_t; it is infinite if aH >= 1.
    """
    absent = levels.base == 0
    if not absent.any() or K == 1 or lam == 0:
        return log_density
    continued = log_density.copy()
    if lam == math.inf:
        continued[absent] = np.where(
            levels.rewards[absent] < levels.law.max_reward, -np.inf, np.inf
        )
        return continued
    log_ratio = curation.log_curation_ratio(
        levels.rewards, K=K, log_probs=levels.log_base + log_density
    )[absent]
    continued[absent] = continuation(log_ratio, lam)
    return continued


def continuation(log_ratio: FloatArray, lam: float) -> FloatArray:
    """Return log g = log m/(1 - aH) from log H, inf where aH >= 1."""
    # a H, from its logarithm: above the largest reward H has no bound for K = inf.
    growth = np.exp(np.minimum(log_ratio - math.log1p(1.0 / lam), 1.0))
    with np.errstate(divide="ignore"):
        limit: FloatArray = -np.log1p(-np.minimum(growth, 1.0)) - math.log1p(lam)
    return limit


def measured(
    levels: Levels,
    found: Found,
    residual: float,
    continued: FloatArray,
    condensed_mass: float = 0.0,
) -> FixedPoint:
    """Return a fixed point with its figures.

    Parameters
    ----------
    levels : Levels
        Of the law.
    found : Found
        The fixed point on these levels.
    residual : float
        As of `FixedPoint`.
    continued : ndarray, shape (levels,)
        The function log g at every level, also where p_ref has no mass.
    condensed_mass : float
        As of `FixedPoint`.
    """
    return FixedPoint(
        law=levels.law,
        **levels.measure(found.log_density)._asdict(),
        group_proportions=levels.group_proportions(found.log_density),
        expected_scores=levels.expected_scores(found.log_density),
        condensed_mass=condensed_mass,
        residual=residual,
        error_bound=found.error_bound,
        log_density_error=_known(found.log_density_error),
        evaluations=found.evaluations,
        method=found.method,
        error_estimate=0.0,
        _levels=levels,
        _state=found.log_density,
        _continued=continued,
    )

"""How voters fare along a loop: the mean of what each chooses by, and what all climb (K = inf)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.fixed_points.of_rules.collected_voters import collected
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses, log_sums_by_index
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry
from recurate.numerics.rules.rule import Rule, column_of
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

MOST_VOTERS = 20
"""Most voters who are followed."""

_MOST_WORK = 5 * 10**7  # rows times steps times voters: some seconds


@dataclass(frozen=True)
class VoterFigures:
    """How one voter fares.

    Attributes
    ----------
    share : float
        Share of the choices that this voter makes.
    rule : BradleyTerry
        How the voter chooses.
    log_weights : ndarray, shape (steps + 1,)
        log E_t[w] - log E_0[w], w = e^r by the voter's own rewards; with prompts the mean over them
        of these logarithms.
    log_weight_at_limit : float
        The same at the fixed point; NaN if there is none.
    """

    share: float
    rule: BradleyTerry
    log_weights: FloatArray
    log_weight_at_limit: float

    @property
    def loses(self) -> bool:
        """Whether the voter has less in the end than at the start, by more than rounding."""
        return bool(self.log_weights[-1] < -1e-12)


@dataclass(frozen=True)
class Objective:
    """What a loop with K = inf climbs: Σ share · log E[w] - KL(p_ref‖p)/λ, above its start.

    Attributes
    ----------
    lam : float
        λ of the loop whose synthetic samples are all selected.
    values : ndarray, shape (steps + 1,)
        By how much it is above its value at p_ref, in nats.
    at_limit : float
        The same at the fixed point, where it is largest; NaN if there is none.
    is_one : bool
        Whether there is one voter.
    """

    lam: float
    values: FloatArray
    at_limit: float
    is_one: bool


def voters_figures(
    loop: CurationLoop, trajectory: Trajectory, limit: FixedPoint | None
) -> tuple[VoterFigures, ...]:
    """Return how each of several voters fares; none if there is one, or it would take long.

    Only voters who choose by Bradley–Terry's model have weights. A rule that changes has no voters.
    """
    rule = loop.rule
    if not isinstance(rule, Rule):
        return ()
    every, selecting = collected(rule, 1.0, 0.0)  # of λ = 1 what is not chosen at random
    voters = [(share * selecting, one) for share, one in every if isinstance(one, BradleyTerry)]
    work = trajectory.law.size * (trajectory.steps + 2) * len(voters)
    if len(every) < 2 or not 0 < len(voters) <= MOST_VOTERS or work > _MOST_WORK:
        return ()
    rules = [one for _, one in voters]
    means, at_limit = _log_means(rules, trajectory, limit)
    return tuple(
        VoterFigures(share, one, means[:, i] - means[0, i], float(at_limit[i] - means[0, i]))
        for i, (share, one) in enumerate(voters)
    )


def objective(
    loop: CurationLoop, trajectory: Trajectory, limit: FixedPoint | None
) -> Objective | None:
    """Return what a loop climbs; None if a voter has a finite K, or a step is unlike another."""
    if loop.training is not None or not isinstance(loop.rule, Rule):
        return None
    if not (isinstance(loop.schedule.lam, float) and isinstance(loop.retained, float)):
        return None
    voters, lam = collected(loop.rule, loop.schedule.lam, loop.retained)
    rules = [one for _, one in voters if isinstance(one, BradleyTerry) and one.K == math.inf]
    work = trajectory.law.size * (trajectory.steps + 2) * len(voters)
    if not voters or len(rules) < len(voters) or lam == 0.0 or work > _MOST_WORK:
        return None
    means, at_limit = _log_means(rules, trajectory, limit)
    shares = np.array([share for share, _ in voters])
    values, end = means @ shares, float(at_limit @ shares)
    if lam < math.inf:
        values = values - _reverse_divergences(trajectory) / lam
        if limit is not None:
            end -= _reverse_divergence(trajectory.law, limit.log_density) / lam
    return Objective(lam, values - values[0], end - float(values[0]), len(voters) == 1)


def _log_means(
    rules: list[BradleyTerry], trajectory: Trajectory, limit: FixedPoint | None
) -> tuple[FloatArray, FloatArray]:
    """Return log E[w] of each voter, shape (steps + 1, voters), and at the fixed point."""
    law = trajectory.law
    columns = [column_of(law, rule.by) * rule.scale for rule in rules]

    def at(log_probs: FloatArray) -> list[float]:
        return [_log_mean(law, log_probs, column) for column in columns]

    means = np.array([at(trajectory.log_probs(t)) for t in range(trajectory.steps + 1)])
    end = np.full(len(rules), math.nan)
    if limit is not None:
        end = np.array(at(log_masses(law.probs) + limit.log_density))
    return means, end


def _log_mean(law: RewardLaw, log_probs: FloatArray, rewards: FloatArray) -> float:
    """Return log E[e^r]; with prompts the mean of it over them."""
    masses = law.prompt_probs
    highest = float(np.max(rewards))
    terms = log_probs + (rewards - highest)
    sums = log_sums_by_index(law.prompt_of_atoms, terms, masses.size)
    # A prompt's mass is what log_probs of it sum to, and no step changes it.
    return highest + float(masses @ (sums - np.log(masses)))


def _reverse_divergences(trajectory: Trajectory) -> FloatArray:
    steps = range(trajectory.steps + 1)
    return np.array([trajectory.kullback_leibler(None, t) for t in steps])


def _reverse_divergence(law: RewardLaw, log_density: FloatArray) -> float:
    """Return KL(p_ref‖p) in nats."""
    has_mass = law.probs > 0
    off = log_density[has_mass]
    return float(law.probs[has_mass] @ (np.expm1(off) - off))

"""What holds for a loop whatever people choose: of its groups' shares and of its divergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.kept import kept_with_law
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, RandomChoice, Voters
from recurate.numerics.rules.rule import Rule, column_of
from recurate.numerics.schedules import entry
from recurate.numerics.validation import FloatArray
from recurate.theory.envelopes.divergence import divergences
from recurate.theory.envelopes.limits import HALVINGS, divergence_for_ever, envelope_for_ever
from recurate.theory.envelopes.rounds import Round, added, fresh
from recurate.theory.envelopes.shares import envelope

_AT_ONCE = 4096  # shares of one prompt or another that are followed together
_MOST_GAPS = 10**5  # steps, and halvings for ever, times shares: each is an integral
_ROUNDING = 1e-12  # of widths and divergences that are compared
_LARGEST = 350.0  # of a logarithm; the product of two such numbers is a double
_MUCH = 0.9  # a narrower envelope is worth telling if it has at most so much of the width


class Ends(NamedTuple):
    """Between which shares each group stays, and up to which divergence the model does.

    Attributes
    ----------
    floor, ceiling : ndarray, shape (steps + 1, groups)
        Least and largest share at each t.
    divergence : ndarray, shape (steps + 1,)
        Largest KL(p_t‖p_ref) in nats; inf where there is no bound.
    floor_for_ever, ceiling_for_ever : ndarray, shape (groups,), or None
        Their limits; None where the steps are not all alike.
    divergence_for_ever : float or None
        Its limit.
    """

    floor: FloatArray
    ceiling: FloatArray
    divergence: FloatArray
    floor_for_ever: FloatArray | None
    ceiling_for_ever: FloatArray | None
    divergence_for_ever: float | None


@dataclass(frozen=True)
class AnyChoice:
    """What holds for a loop whatever people choose.

    Attributes
    ----------
    groups : tuple of int
        Numbers of the groups.
    candidates : float
        The most candidates that a choice is among, at any step.
    ends : Ends
        What holds for every choice among so many.
    gap : float or None
        Δ, by how much the rewards of the loop's voters differ at most on the real data; None if
        one of them does not choose by Bradley–Terry's model.
    ends_of_gap : Ends or None
        What holds for all Bradley–Terry voters whose rewards differ by at most Δ.
    most_divergence : float
        What the divergence is if all samples are one of the rarest, in nats: no law has more.
    """

    groups: tuple[int, ...]
    candidates: float
    ends: Ends
    gap: float | None
    ends_of_gap: Ends | None
    most_divergence: float

    @property
    def is_narrower(self) -> bool:
        """Whether it is worth telling what Δ adds: of shares or, for ever, of the divergence."""
        narrow = self.ends_of_gap
        if narrow is None:
            return False
        width, narrow_width = (
            float((ends.ceiling - ends.floor)[-1].sum()) for ends in (self.ends, narrow)
        )
        most, least = (ends.divergence_for_ever or 0.0 for ends in (self.ends, narrow))
        # What is nothing but rounding is not narrower for being none.
        return narrow_width < _MUCH * width - _ROUNDING or least < _MUCH * most - _ROUNDING


def any_choice(loop: CurationLoop, steps: int, groups: Sequence[int]) -> AnyChoice:
    """Return what holds whatever people choose, for some steps from p_ref and for ever.

    Parameters
    ----------
    loop : CurationLoop
        The loop: of its rules only the number of candidates matters and, for Bradley–Terry's, by
        how much the rewards differ.
    steps : int
        Number of steps.
    groups : sequence of int
        Numbers of the groups that are asked about.
    """
    rounds, alike = rounds_of_loop(loop, steps)
    shares = Shares(loop.law, groups)
    gap = _gap(loop, steps)
    largest = divergences(rounds), None if alike is None else divergence_for_ever(alike)
    ends_of_gap = None
    if gap is not None and (steps + HALVINGS) * shares.of_parts.size <= _MOST_GAPS:
        logs, log_for_ever = _log_densities(rounds, alike, gap)
        less = (
            np.minimum(largest[0], logs),
            None if largest[1] is None else min(largest[1], log_for_ever),
        )
        ends_of_gap = _ends(shares, rounds, alike, less, gap)
    return AnyChoice(
        groups=tuple(groups),
        candidates=max(float(rule.most_candidates) for rule in _rules(loop, steps)),
        ends=_ends(shares, rounds, alike, largest),
        gap=gap,
        ends_of_gap=ends_of_gap,
        most_divergence=_most_divergence(loop.law),
    )


def rounds_of_loop(loop: CurationLoop, steps: int) -> tuple[list[Round], Round | None]:
    """Return what a loop's steps are made of, and the one step that it always takes, if it does."""
    plan = loop.schedule.plan(steps)
    rounds: list[Round] = []
    before: object = None
    for t in range(steps):
        rule = entry(plan.rule, t)
        if plan.training is not None:
            grown = plan.training
            rounds.append(added(grown.real, grown.per_round, t, choosers(rule)))
            continue
        key = (id(rule), entry(plan.lam, t), entry(plan.retained, t))
        same = key == before
        rounds.append(rounds[-1] if same else fresh(key[1], choosers(rule), key[2]))
        before = key
    parts = (plan.rule, plan.lam, plan.retained)
    is_alike = plan.training is None and all(len(part) == 1 for part in parts)
    if not is_alike:
        return rounds, None
    return rounds, fresh(plan.lam[0], choosers(plan.rule[0]), plan.retained[0])


def choosers(rule: Rule) -> list[tuple[float, float]]:
    """Return which share of a rule's choices is among how many candidates."""
    found: dict[float, float] = {}
    for share, one in leaves(rule):
        number = float(one.most_candidates)
        found[number] = found.get(number, 0.0) + share
    return [(share, number) for number, share in found.items()]


def leaves(rule: Rule) -> list[tuple[float, Rule]]:
    """Return the voters of a rule, those within voters too, with shares that sum to one."""
    if not isinstance(rule, Voters):
        return [(1.0, rule)]
    total = math.fsum(share for share, _ in rule.voters)
    return [
        (share / total * part, leaf)
        for share, one in rule.voters
        if share > 0
        for part, leaf in leaves(one)
    ]


def _rules(loop: CurationLoop, steps: int) -> list[Rule]:
    """Return the rules of the steps; of none, that of all."""
    return loop.schedule.plan(steps).rules or [loop.rule]


def _gap(loop: CurationLoop, steps: int) -> float | None:
    """Return by how much rewards differ at most, to any voter within any prompt."""
    largest = 0.0
    for rule in _rules(loop, steps):
        for _, one in leaves(rule):
            if isinstance(one, BradleyTerry):
                span = _span(loop.law, column_of(loop.law, one.by))
                largest = max(largest, abs(one.scale) * span)
            elif not isinstance(one, RandomChoice):
                return None
    return largest


def _span(law: RewardLaw, rewards: FloatArray) -> float:
    """Return the largest difference of rewards on the support of a law, within a prompt."""
    if law.is_uniform and law.prompt_index is None:
        return float(np.ptp(rewards))
    has_mass = law.probs > 0
    if law.prompt_index is None:
        return float(np.ptp(rewards[has_mass]))
    values, prompt = rewards[has_mass], law.prompt_index[has_mass]
    size = law.prompt_probs.size
    least, most = np.full(size, math.inf), np.full(size, -math.inf)
    np.minimum.at(least, prompt, values)
    np.maximum.at(most, prompt, values)
    return float(np.max(most - least, initial=0.0, where=most >= least))


def _most_divergence(law: RewardLaw) -> float:
    """Return the largest divergence of any law from this one, in nats; with prompts their mean."""
    if law.is_uniform and law.prompt_index is None:
        return math.log(law.size)
    has_mass = law.probs > 0
    if law.prompt_index is None:
        return -math.log(float(np.min(law.probs, where=has_mass, initial=1.0)))
    rarest = np.full(law.prompt_probs.size, math.inf)
    np.minimum.at(rarest, law.prompt_index[has_mass], law.probs[has_mass])
    of_prompts = law.prompt_probs > 0
    masses = law.prompt_probs[of_prompts]
    return float(masses @ np.log(masses / rarest[of_prompts]))


@kept_with_law
def _masses_of_groups(law: RewardLaw) -> FloatArray:
    assert law.group_index is not None
    return np.bincount(law.group_index, law.probs, len(law.group_names)).astype(np.float64)


class Shares:
    """The shares of groups within prompts.

    Attributes
    ----------
    of_parts : ndarray
        Each share that a group has within a prompt, once.
    """

    def __init__(self, law: RewardLaw, groups: Sequence[int]) -> None:
        self.size = len(groups)
        if law.prompt_index is None and law.group_index is not None:  # no sort is needed
            self._mass, self._group = law.prompt_probs[[0] * self.size], np.arange(self.size)
            shares = _masses_of_groups(law)[list(groups)] / self._mass
        else:
            shares = self._within_prompts(law, groups)
        # All of a prompt is 1 but for rounding.
        self.of_parts, self._number = np.unique(np.minimum(shares, 1.0), return_inverse=True)

    def _within_prompts(self, law: RewardLaw, groups: Sequence[int]) -> FloatArray:
        """Return the share of each group within each prompt where it has some."""
        place = np.full(len(law.group_names), -1)
        place[list(groups)] = np.arange(self.size)
        index = np.zeros(law.size, dtype=np.intp) if law.group_index is None else law.group_index
        rows = np.flatnonzero(place[index] >= 0) if self.size else np.zeros(0, dtype=np.intp)
        prompt = law.prompt_of_atoms[rows]
        keys, part = np.unique(prompt * max(self.size, 1) + place[index[rows]], return_inverse=True)
        within, self._group = np.divmod(keys, max(self.size, 1))
        self._mass = law.prompt_probs[within]
        shares: FloatArray = np.bincount(part, law.probs[rows], keys.size) / self._mass
        # Who is alone has all: with 1e-16 less, the envelope for ever would be another one.
        there = np.flatnonzero(law.probs)
        least, most = np.full((2, law.prompt_probs.size), [[index.size], [-1]])
        np.minimum.at(least, law.prompt_of_atoms[there], index[there])
        np.maximum.at(most, law.prompt_of_atoms[there], index[there])
        shares[(least == most)[within]] = 1.0
        return shares

    def summed(self, values: FloatArray) -> FloatArray:
        """Return the groups' means over prompts, from values of each of `of_parts`."""
        weighted = self._mass * values[self._number]
        return np.bincount(self._group, weighted, self.size).astype(np.float64)


def _ends(
    shares: Shares,
    rounds: Sequence[Round],
    alike: Round | None,
    divergence: tuple[FloatArray, float | None],
    gap: float | None = None,
) -> Ends:
    """Return the ends of shares beside those of the divergence, at each step and for ever."""
    parts = shares.of_parts
    size = (len(rounds) + 1, parts.size)
    curves = np.empty(size), np.empty(size)
    for start in range(0, parts.size, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        for curve, values in zip(curves, envelope(parts[some], rounds, gap), strict=True):
            curve[:, some] = values
    floor, ceiling = (
        np.array([shares.summed(row) for row in curve]).reshape(size[0], shares.size)
        for curve in curves
    )
    if alike is None:
        return Ends(floor, ceiling, divergence[0], None, None, None)
    least, most = map(shares.summed, envelope_for_ever(parts, alike, gap))
    return Ends(floor, ceiling, divergence[0], least, most, divergence[1])


def _log_densities(
    rounds: Sequence[Round], alike: Round | None, gap: float
) -> tuple[FloatArray, float]:
    """Return the logarithm of the largest density p_t/p_ref at each t, and for ever.

    What is chosen has at most h = KR/(K-1+R) times the mass that it had, R = e^Δ.
    """
    logs = np.zeros(len(rounds) + 1)
    for t, step in enumerate(rounds):
        gain = _gain(step, gap)
        # By what it exceeds 1 the density does not cancel for small λ. A large one overflows.
        if logs[t] < _LARGEST:
            over = math.expm1(logs[t])
            logs[t + 1] = math.log1p((1.0 - step.real) * over + (1.0 + over) * gain)
        else:
            logs[t + 1] = logs[t] + math.log(1.0 - step.real + gain)
    if alike is None:
        return logs, math.inf
    gain = _gain(alike, gap)
    room = alike.real - gain
    if gain == 0.0:
        return logs, 0.0
    return logs, math.inf if room <= 0.0 else math.log1p(gain / room)


def _gain(step: Round, gap: float) -> float:
    """Return by how much the largest density may grow, as a part of it: the mean of h - 1."""
    return sum(part * _excess(number, gap) for part, number in step.chosen if part > 0.0)


def _excess(number: float, gap: float) -> float:
    """Return h - 1 = (K-1)(R-1)/(K-1+R)."""
    if gap >= _LARGEST:
        return number - 1.0
    off = math.expm1(gap)
    return off if number == math.inf else (number - 1.0) * off / (number + off)

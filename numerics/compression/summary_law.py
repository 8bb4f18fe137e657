"""The law of summarised rows: a positive rule of three atoms for each bin and group."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from recurate.numerics.compression.content import Content
from recurate.numerics.compression.lattice import Frame, coarser_frame
from recurate.numerics.compression.moments import are_at_one_place, gauss_rules
from recurate.numerics.compression.tables import (
    COUNT,
    MASS,
    POWERS,
    SQUARES,
    Table,
    coarsened,
    scaled,
)
from recurate.numerics.laws.atom_rows import AtomRows
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import FloatArray

PromptWeights = Literal["rows", "equal"]

_NEGLIGIBLE = 1e-14  # of the rows' mass: what rounding leaves of a measure that is not there


class SummarisedLaw(RewardLaw):
    """A law made of a `Summary`: each of its atoms stands for rows at its reward, or in a bin.

    Integrals of polynomials of degree 5 in a bin are those of all rows, for all, for each group
    and, times the values, for each score. A score has its largest or its smallest value at an atom
    of a bin, in such shares that these integrals are right; of several scores an atom has one.

    Attributes
    ----------
    content : Content
        What the summary holds.

    Notes
    -----
    Derived in ``docs/parts.md``.
    """

    content: Content
    atom_rows: AtomRows
    prompt_weights: PromptWeights

    @cached_property
    def coarser(self) -> SummarisedLaw:
        """The law of bins that are twice as wide, whose rules err 64 times as much."""
        frame, bins = coarser_frame(self.content.frame), self.content.binned
        joined = coarsened(bins, frame.leaves(bins.places, bins.prompts))
        return law_of(self.content._replace(binned=joined, frame=frame), self.prompt_weights)

    @cached_property
    def tied(self) -> RewardLaw:
        """The law of rows that are at the mean of their bin, where all of them tie."""
        if not self.atom_rows.are_binned:
            return self
        binned = np.flatnonzero(self.atom_rows.widths)
        widths, rewards = self.atom_rows.widths[binned], self.rewards[binned]
        keys = np.array([np.floor(rewards / widths), widths, self.prompt_of_atoms[binned]])
        order = np.lexsort(keys)
        differs = (keys[:, order[1:]] != keys[:, order[:-1]]).any(axis=0)
        starts = np.flatnonzero(np.append(True, differs))
        counts = np.diff(starts, append=binned.size)
        lefts, masses = rewards[order[starts]], self.probs[binned[order]]
        beyond = masses * (rewards[order] - np.repeat(lefts, counts))
        means = lefts + np.add.reduceat(beyond, starts) / np.add.reduceat(masses, starts)
        places = self.rewards.copy()
        places[binned[order]] = np.repeat(means, counts)
        groups, prompts = (
            None if index is None else Labels(names, index)
            for names, index in (
                (self.group_names, self.group_index),
                (self.prompt_names, self.prompt_index),
            )
        )
        scores = dict(self.scores) or None
        return RewardLaw(places, self.probs, groups, prompts=prompts, scores=scores)

    def prompt(self, label: Hashable) -> RewardLaw:
        """Return the law of the answers to one prompt, as of `RewardLaw`."""
        super().prompt(label)  # raises if there is none
        number = self.prompt_names.index(label)
        content, frame = self.content, self.content.frame
        ends = slice(number, number + 1)
        return law_of(
            content._replace(
                names=content.names._replace(prompts=None),
                kept=_of_prompt(content.kept, number),
                binned=_of_prompt(content.binned, number),
                frame=frame._replace(upper=frame.upper[ends], lower=frame.lower[ends]),
            )
        )

    def __repr__(self) -> str:
        parts = {"group": self.group_names, "prompt": self.prompt_names, "score": self.score_names}
        counted = "".join(f", {len(names)} {what}s" for what, names in parts.items() if names)
        return (
            f"<SummarisedLaw of {self.rows} rows in {self.size} atoms, max_reward "
            f"{self.max_reward:g}{counted}>"
        )


def law_of(content: Content, prompt_weights: PromptWeights = "rows") -> SummarisedLaw:
    """Return the law of what a summary holds, as `Summary.law`."""
    names = content.names
    if not content.kept.size:
        raise ValueError(f"a law must have rows of positive weight; none of {content.rows:,} is")
    parts = [_Atoms.of(table, content) for table in (content.kept, content.binned)]
    atoms = _Atoms.joined(parts)
    atoms = atoms.at(np.argsort(atoms.rewards, kind="stable"))
    masses = atoms.sums[:, MASS]
    total = float(masses.sum())
    law = SummarisedLaw(
        atoms.rewards,
        masses / total,
        None if names.groups is None else Labels(names.groups, atoms.groups),
        prompts=None if names.prompts is None else Labels(names.prompts, atoms.prompts),
        prompt_weights=prompt_weights,
        scores=dict(zip(names.scores, atoms.scores.T, strict=True)) or None,
    )
    # Where prompts weigh the same, their probabilities are not the shares of the weights.
    factors = law.probs / masses
    law.content, law.prompt_weights = content, prompt_weights
    law.atom_rows = AtomRows(
        content.rows,
        read_only(atoms.sums[:, COUNT]),
        read_only(atoms.sums[:, SQUARES] * factors**2),
        read_only(atoms.widths),
    )
    return law


class _Atoms(NamedTuple):
    """Atoms of a law.

    Attributes
    ----------
    rewards, widths : ndarray, shape (n,)
        Their rewards, and the widths of the bins they stand for.
    prompts, groups : ndarray of int, shape (n,)
    sums : ndarray, shape (n, 3)
        `COUNT`, `SQUARES` and `MASS` of their rows.
    scores : ndarray, shape (n, scores)
    """

    rewards: FloatArray
    widths: FloatArray
    prompts: IntArray
    groups: IntArray
    sums: FloatArray
    scores: FloatArray

    @classmethod
    def of(cls, table: Table, content: Content) -> _Atoms:
        """Return the atoms of a table of single rewards, or of bins."""
        powers = 1 if table is content.kept else POWERS
        number = len(content.names.scores)
        found = [
            cls._of_measure(table, measure, values, content.frame)
            for measure, values in _measures(table, powers, content.score_ends, number)
        ]
        return cls.joined(found)

    @classmethod
    def joined(cls, parts: Sequence[_Atoms]) -> _Atoms:
        """Return the atoms of several measures."""
        return cls(
            np.concatenate([part.rewards for part in parts]),
            np.concatenate([part.widths for part in parts]),
            np.concatenate([part.prompts for part in parts]),
            np.concatenate([part.groups for part in parts]),
            np.concatenate([part.sums for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )

    def at(self, order: IntArray) -> _Atoms:
        """Return the atoms in another order."""
        labels = self.prompts[order], self.groups[order]
        sums, scores = self.sums[order], self.scores[order]
        return _Atoms(self.rewards[order], self.widths[order], *labels, sums, scores)

    @classmethod
    def _of_measure(
        cls, table: Table, measure: FloatArray, scores: FloatArray, frame: Frame
    ) -> _Atoms:
        """Return the atoms of a measure of moments (moments, entries), with scores (entries, …)."""
        entries = np.flatnonzero(measure[0] > _NEGLIGIBLE * table.sums[MASS])
        measure, widths = measure[:, entries], np.zeros(entries.size)
        rewards, masses = table.places[entries], measure[0]
        if len(measure) > 1:
            widths = scaled(1.0, -table.levels[entries])
            centres = rewards + widths / 2
            # No atom is to be beyond all rewards in bins: it would be above the largest of all.
            lower, upper = (of[table.prompts[entries]] for of in (frame.lower, frame.upper))
            low, high = ((end - centres) / widths for end in (lower, upper))
            positions, all_masses = gauss_rules(measure, low, high)
            used = all_masses > 0
            row = np.nonzero(used)[0]
            rewards = centres[row] + positions[used] * widths[row]
            rewards = np.clip(rewards, lower[row], upper[row])
            # Rewards at one place stand for themselves.
            widths = np.where(are_at_one_place(measure), 0.0, widths)[row]
            entries, masses = entries[row], all_masses[used]
        shares = masses / table.sums[MASS, entries]
        return cls(
            rewards,
            widths,
            table.prompts[entries],
            table.groups[entries],
            (table.sums[: MASS + 1, entries] * shares).T,
            scores[entries],
        )


def _measures(
    table: Table, powers: int, ends: FloatArray, number: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield positive measures whose sum is the table's, and the value of each score on each.

    Without scores it is the table's own. Each of several scores has an equal share of it, on which
    no other has a value: so the others' means are right, as these are over the atoms with a value.
    A share is divided into what has no value, and, in bins, what has the largest value and what
    has the smallest one.
    """
    whole = table.sums[MASS : MASS + powers]
    if not number:
        yield whole, np.empty((table.size, 0))
    for place in range(number):
        first = MASS + powers * (1 + 2 * place)
        values, present = (table.sums[i : i + powers] for i in (first, first + powers))
        scores = np.full((table.size, number), np.nan)
        yield (whole - present) / number, scores
        if powers == 1:  # the mean, as all rows are at one reward
            there = present[0] > 0
            scores = scores.copy()
            scores[there, place] = values[0, there] / present[0, there]
            yield present / number, scores
            continue
        low, high = ends[:, place]
        upper = (values - low * present) / (high - low) if high > low else np.zeros_like(present)
        for measure, value in ((upper, high), (present - upper, low)):
            scores = scores.copy()
            scores[:, place] = value
            yield measure / number, scores


def _of_prompt(table: Table, number: int) -> Table:
    """Return a prompt's entries, as if there were no others."""
    chosen = table.at(table.prompts == number)
    return chosen._replace(prompts=np.zeros(chosen.size, np.intp))

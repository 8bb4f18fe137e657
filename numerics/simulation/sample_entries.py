"""What rules of choice read of generated samples: a pool for each row of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from array_api_compat import array_namespace

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.sampling.arrays import Array, device_of, looked_up, on_cpu
from recurate.numerics.sampling.pools import LawEntries, require_labels
from recurate.numerics.simulation.plan import Plan
from recurate.numerics.text import listed, shown


class AtomEntries:
    """Samples that are numbers of a law's atoms.

    Parameters
    ----------
    law : LawEntries
        The law's atoms; with prompts those of one prompt after the other, as numbered here. Row i
        of the samples answers prompt i modulo their number.
    samples : array of int, shape (n,)
        Their numbers, row by row.
    """

    def __init__(self, law: LawEntries, samples: Array) -> None:
        self._law, self._samples = law, samples

    def column(self, by: str | None) -> Array:
        """Return a score of each sample, or its reward, in doubles, shape (n,)."""
        return looked_up(self._law.column(by), self._samples)

    def labels(self, of: Literal["atoms", "groups"], size: int) -> Array:
        """Return the number of each sample's group, or of its atom, shape (n,)."""
        return looked_up(self._law.labels(of, size), self._samples)

    def atoms(self) -> Array:
        """Return which atom of the law of its row each sample is, shape (n,)."""
        return looked_up(self._law.atoms(), self._samples)

    def law(self, pool: int) -> RewardLaw:
        """Return the law of a row."""
        return self._law.law(pool % self._law.sizes.size)


class SampleEntries:
    """Samples of any kind, known by functions.

    Parameters
    ----------
    plan : Plan
        The functions.
    rewards : array of float64, shape (rows, n)
        Rewards of the samples.
    values : callable
        From the name of a function and itself to its values, shape (rows · n,).
    groups : callable
        Returns the samples' groups, shape (rows · n,).
    """

    def __init__(
        self,
        plan: Plan,
        rewards: Array,
        values: Callable[[str, Callable[[Array], Array]], Array],
        groups: Callable[[], Array],
    ) -> None:
        self._plan, self._rewards, self._values, self._groups = plan, rewards, values, groups
        self._xp = array_namespace(rewards)
        self._columns: dict[str | None, Array] = {None: self._xp.reshape(rewards, (-1,))}

    def column(self, by: str | None) -> Array:
        """Return a score of each sample, or its reward, in doubles, shape (n,)."""
        xp, scores = self._xp, self._plan.scores
        if by is None or by in self._columns:
            return self._columns[by]
        if by not in scores:
            there = f"are {listed(tuple(scores))}" if scores else "are none: simulate(scores={…})"
            raise ValueError(f"by must name one of the scores, which {there}; got {shown(by)}")
        what = f"scores[{shown(by)}]"
        values = xp.astype(self._values(what, scores[by]), xp.float64)
        if not bool(xp.all(xp.isfinite(values))):
            raise ValueError(f"{what} must return finite numbers; got one that is not")
        self._columns[by] = values
        return values

    def labels(self, of: Literal["atoms", "groups"], size: int) -> Array:
        """Return the group of each sample; other samples than a law's atoms are no atoms."""
        require_labels(of, size, len(self._plan.group_names) if of == "groups" else 0)
        return self._groups()

    def atoms(self) -> Array:
        """Return the place of each sample in its row."""
        rows, size = self._rewards.shape
        places = self._xp.arange(rows * size, device=device_of(self._rewards))
        return places % size

    def law(self, pool: int) -> RewardLaw:
        """Return the law of the samples of a row."""
        size = self._rewards.shape[1]
        own = slice(pool * size, (pool + 1) * size)
        scores = {name: on_cpu(self.column(name)[own]) for name in self._plan.scores}
        groups = None
        if self._plan.groups is not None:
            groups = Labels(tuple(self._plan.group_names), on_cpu(self._groups()[own]))
        return RewardLaw(on_cpu(self._rewards[pool, :]), groups=groups, scores=scores or None)

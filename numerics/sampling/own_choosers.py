"""How choices are made by a rule of one's own, from pools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.rules.rule import LogRatio
from recurate.numerics.rules.within import log_ratio_of
from recurate.numerics.sampling.arrays import Array, looked_up, on_cpu
from recurate.numerics.sampling.choosers import Chooser, Maker
from recurate.numerics.sampling.segments import Segments
from recurate.numerics.sampling.streams import on_device
from recurate.numerics.sampling.winners import take_chosen
from recurate.numerics.validation import real_numbers, shown


class OwnChooser(Chooser):
    """A rule with a method `choose`, pool by pool, on NumPy arrays."""

    def block(self, which: Array) -> Array:
        K = int(self.rule.most_candidates)
        drawn, entries = self.pools.draw(K, which), self.base.entries
        rng = np.random.default_rng(int(self.stream.indices(2**48, (1,))[0]))
        candidates = on_cpu(looked_up(entries.atoms(), drawn))
        places = np.empty(which.shape[0], np.int64)
        for pool, theirs in _by_pool(which):
            found = self.rule.choose(entries.law(pool), candidates[:, theirs], rng)
            places[theirs] = self._checked(found, theirs.size, K)
        return take_chosen(drawn, on_device(places, self.stream))

    def _checked(self, found: Any, number: int, K: int) -> npt.NDArray[Any]:
        places = np.asarray(found)
        is_place = places.shape == (number,) and places.dtype.kind in "iu"
        if not is_place or not ((places >= 0) & (places < K)).all():
            raise ValueError(
                f"choose of {type(self.rule).__name__} must return the place of the chosen one "
                f"among {K} candidates, an integer from 0 to {K - 1}, for each of {number} "
                f"choices; got {shown(found)}"
            )
        return places


class LawChooser(Chooser):
    """A rule that has told nothing but H: winners are drawn from p H."""

    def prepare(self, maker: Maker) -> None:
        pools, entries = self.all_there, self.base.entries
        atoms = on_cpu(pools.copied(entries.atoms()))
        weights = np.ones(atoms.size) if pools.probs is None else np.array(on_cpu(pools.probs))
        prepared: dict[int, tuple[RewardLaw, LogRatio]] = {}
        stops = np.cumsum(pools.sizes)
        for pool, (start, stop) in enumerate(zip(stops - pools.sizes, stops, strict=True)):
            law = entries.law(pool)
            _, log_ratio = prepared.setdefault(id(law), (law, self.rule.prepared(law)))
            own = slice(start, stop)
            masses = np.bincount(atoms[own], weights[own], minlength=law.size)
            with np.errstate(divide="ignore"):  # a rule may take the logarithm of no mass
                found = log_ratio(log_masses(masses / masses.sum()))
            what = log_ratio_of(self.rule)
            ratio = np.exp(np.asarray(real_numbers(found, what), dtype=np.float64))
            if ratio.shape != (law.size,) or not (ratio[masses > 0] < np.inf).all():
                raise ValueError(
                    f"{what} must have one number below infinity for each of {law.size} atoms; "
                    f"got {shown(found)}"
                )
            weights[own] *= ratio[atoms[own]]
        self._segments = Segments(pools.starts, on_device(weights, self.stream))

    def block(self, which: Array) -> Array:
        drawn = self._segments.draw(which, self.stream.doubles((which.shape[0],)))
        return self.all_there.original(drawn)


def _by_pool(which: Array) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Yield the number of each pool that is chosen from, and the places of its choices."""
    numbers = on_cpu(which)
    for pool in np.unique(numbers):
        yield int(pool), np.flatnonzero(numbers == pool)

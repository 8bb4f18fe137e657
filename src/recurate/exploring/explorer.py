"""From a state of the controls to its prediction; what was found is kept, for some states."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from recurate.exploring.controls import State
from recurate.numerics.compression.compressor import begin_again
from recurate.numerics.loop import CurationLoop
from recurate.prediction import Prediction, predict_loop, require_bounded, with_bands
from recurate.reading.table import RewardTable

OnStage = Callable[[str, int | None], None]

MOST_KEPT = 4
"""Number of states whose predictions are kept."""

SOON = 0.2
"""Seconds that bands may take to be a part of an answer that is wanted while a control moves."""


class Read(NamedTuple):
    """What a state asks for: a loop on a table, steps, and what was said about the table."""

    loop: CurationLoop
    table: RewardTable
    steps: int
    remarks: tuple[str, ...]


class Found(NamedTuple):
    """A prediction; whether it has the bands that it is to have; and what was said."""

    prediction: Prediction
    is_whole: bool
    remarks: tuple[str, ...]


@dataclass
class Explorer:
    """Predicts the loop for states of the controls; one at a time.

    Attributes
    ----------
    read : callable
        Returns what a state asks for, or raises InputError as the command line does.
    command : callable
        Returns the command that prints a state's prediction.
    names : collection of str
        Of the controls that there are.
    start : mapping
        The state in which the page is first shown.
    replicates, seed : int
        As of `recurate.prediction.predict_loop`.
    version : callable
        Returns what changes where a file that is read does.
    """

    read: Callable[[State], Read]
    command: Callable[[State], str]
    names: Collection[str]
    start: State
    replicates: int
    seed: int
    version: Callable[[], Hashable] = lambda: None
    _kept: OrderedDict[Hashable, Found] = field(default_factory=OrderedDict)
    _seconds: float = 0.0  # that bands took the last time

    def found(
        self, state: State, *, soon: bool = False, on_stage: OnStage = lambda stage, t: None
    ) -> Found:
        """Return the prediction of a state.

        Parameters
        ----------
        state : mapping
            The state.
        soon : bool
            Whether the answer is to do without bands, where these take longer than `SOON`.
        on_stage : callable
            As of `recurate.prediction.predict_loop`; what it raises ends the work.

        Raises
        ------
        InputError
            If the state is none, as where K is 0.
        """
        key = self.version(), frozenset(state.items())
        found = self._kept.get(key)
        if found is None:
            loop, table, steps, remarks = self.read(state)
            require_bounded(table, loop, steps, self.replicates)
            begin_again(loop.law)  # as in the command, which is a process of its own
            prediction = predict_loop(
                table, loop, steps=steps, replicates=0, seed=self.seed, on_stage=on_stage
            )
            found = self._keep(key, Found(prediction, not self.replicates, remarks))
        if not found.is_whole and not (soon and self._seconds > SOON):
            before = time.perf_counter()
            prediction = with_bands(
                found.prediction, replicates=self.replicates, seed=self.seed, on_stage=on_stage
            )
            self._seconds = time.perf_counter() - before
            found = self._keep(key, Found(prediction, True, found.remarks))
        self._kept.move_to_end(key)
        return found

    def _keep(self, key: Hashable, found: Found) -> Found:
        self._kept[key] = found
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found

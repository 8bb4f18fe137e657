"""From a table in many parts to its law: each part is read once, here or by others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from typing import NamedTuple

from recurate.errors import InputError
from recurate.numerics.compression.summary import Summary
from recurate.numerics.pieces import WorkerLostError, carried_out, width
from recurate.numerics.text import escaped
from recurate.reading.asked import Asked
from recurate.reading.candidates import require_few_groups
from recurate.reading.parts.counting import Counts
from recurate.reading.parts.held import Held, held_by_first
from recurate.reading.parts.kept import Kept, pieces_of
from recurate.reading.parts.listing import Part
from recurate.reading.parts.summing import Summed, summed

MOST_SHOWN = 10
"""Bad parts of which is said what is wrong."""


class Summarised(NamedTuple):
    """A summary of all parts.

    Attributes
    ----------
    summary : Summary
        Of their rows.
    counts : Counts
        What was noticed.
    bad : dict from str to str
        Parts that were left out, and why.
    """

    summary: Summary
    counts: Counts
    bad: dict[str, str]


def held_by_parts(
    parts: Sequence[Part], asked: Asked, executor: Executor | None = None
) -> tuple[Held, list[str]]:
    """Return what all parts have alike, and remarks; see `recurate.reading.parts.held`."""
    first: Callable[[], tuple[Held, list[str]] | None] = partial(held_by_first, tuple(parts), asked)
    others = dict.fromkeys(range(1, width(executor)), _load)
    with closing(carried_out({0: first, **others}, executor)) as outcomes:
        found = next(outcome for number, outcome in outcomes if number == 0)
    if isinstance(found, WorkerLostError):
        raise InputError(f"{escaped(parts[0].name)}: {found}")
    assert found is not None, "what the first call returns"
    return found


def _load() -> None:
    """Load what reads parts, so that no worker waits while one looks at the first of them."""
    import polars  # noqa: F401


def summarised(
    parts: Sequence[Part],
    held: Held,
    kept: Kept,
    *,
    executor: Executor | None = None,
    skip_bad: bool = False,
    on_note: Callable[[str], None] = lambda text: None,
    on_read: Callable[[int, int], None] = lambda parts, rewards: None,
) -> Summarised:
    """Summarise a table in parts; what is done is kept, and what is kept is not done again.

    Parameters
    ----------
    parts : sequence of Part
        The parts.
    held : Held
        What they have alike.
    kept : Kept
        What is kept of them.
    executor : Executor, optional
        Who reads the parts; without it they are read here. The summary is the same bit for bit.
    skip_bad : bool
        Whether a part that cannot be read is left out.
    on_note : callable
        Called with each remark, a line.
    on_read : callable
        Called with the numbers of parts and of rewards that are read so far.

    Raises
    ------
    InputError
        If parts cannot be read, or nothing is left of them; what was read of the others is kept.
    ConnectionError
        If those who read are lost; what was read is kept.
    """
    pieces = pieces_of(parts)
    joined = _Joined(pieces, kept)
    done = 0
    for number, piece in enumerate(pieces):
        if (found := kept.read(piece)) is not None and (skip_bad or not found.bad):
            joined.add(number, found)
            done += len(piece)
            on_read(done, joined.counts.candidates)
    if done:
        on_note(
            f"{done:,} of {len(parts):,} parts were read before and have not changed; "
            f"{kept.folder} has what was read of them (--fresh reads them again)"
        )
    calls = {
        number: partial(summed, piece, held, skip_bad=skip_bad)
        for number, piece in enumerate(pieces)
        if number not in joined.done
    }
    with closing(carried_out(calls, executor)) as outcomes:
        for number, outcome in outcomes:
            piece = pieces[number]
            if isinstance(outcome, WorkerLostError):
                lost = {part.path: f"{escaped(part.name)}: {outcome}" for part in piece}
                outcome = Summed(None, Counts(), lost)
            if outcome.summary is not None:
                kept.write(piece, outcome)
            joined.add(number, outcome)
            done += len(piece)
            on_read(done, joined.counts.candidates)
    others = sum(len(piece) for piece in pieces if not joined.bad.keys() & {p.path for p in piece})
    where = f"; what was read of {others:,} others is kept in {kept.folder}" if others else ""
    _say_bad(joined.bad, parts, where, on_note, skip_bad=skip_bad)
    if not joined.counts.candidates:
        raise InputError(
            f"{escaped(parts[0].name)} and the other parts must have at least one row of rewards; "
            f"got none in {len(parts):,} parts"
        )
    summary = joined.summary
    assert summary is not None, "of parts with candidates"
    require_few_groups(len(summary.names.groups or ()), "the parts together")
    return Summarised(summary, joined.counts, joined.bad)


class _Joined:
    """Summaries of pieces, joined one by one in the pieces' order.

    Attributes
    ----------
    summary : Summary or None
        Of those joined so far.
    done : set of int
        Numbers of the pieces that were added.
    counts : Counts
        What was noticed in them.
    bad : dict from str to str
        Their bad parts, and why.
    """

    def __init__(self, pieces: Sequence[Sequence[Part]], kept: Kept) -> None:
        self._pieces, self._kept = pieces, kept
        self._next = 0
        self.summary: Summary | None = None
        self.done: set[int] = set()
        self.counts = Counts()
        self.bad: dict[str, str] = {}

    def add(self, number: int, summed: Summed) -> None:
        """Add what came of a piece, which is kept if it has a summary: its turn may come later."""
        self.done.add(number)
        self.counts.add(summed.counts)
        self.bad |= summed.bad
        if number != self._next:
            return
        self._join(summed)
        while self._next in self.done:
            found = self._kept.read(self._pieces[self._next])
            self._join(Summed(None, Counts()) if found is None else found)

    def _join(self, summed: Summed) -> None:
        self._next += 1
        if summed.summary is not None:
            so_far = self.summary
            self.summary = summed.summary if so_far is None else so_far.merged(summed.summary)


def _say_bad(
    bad: Mapping[str, str],
    parts: Sequence[Part],
    where: str,
    on_note: Callable[[str], None],
    *,
    skip_bad: bool,
) -> None:
    """Say what is wrong with bad parts; raise InputError, unless they are left out."""
    if not bad:
        return
    for path in sorted(bad)[:MOST_SHOWN]:
        on_note(bad[path])
    some = "1 part" if len(bad) == 1 else f"{len(bad):,} parts"
    first = f" (the first {MOST_SHOWN} are named above)" if len(bad) > MOST_SHOWN else ""
    if skip_bad:
        on_note(f"{some} of {len(parts):,} left out{first}")
        return
    raise InputError(
        f"{some} of {len(parts):,} cannot be read{first}, and no law is written{where}. Mend "
        f"{'it' if len(bad) == 1 else 'them'} and type the same again, or add --skip-bad"
    )

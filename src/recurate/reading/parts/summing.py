"""What a law needs of some parts of a table: what a worker computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from recurate.errors import InputError
from recurate.numerics.compression.summary import Summary, SummaryBuilder
from recurate.numerics.laws.groups import Labels
from recurate.numerics.text import escaped
from recurate.reading.candidates import Candidates, candidates_of, wanted_rows
from recurate.reading.formats.blocks import CannotBeCutError, batches
from recurate.reading.formats.opening import named_errors, opened
from recurate.reading.formats.source import Source
from recurate.reading.parts.counting import Counted, Counts
from recurate.reading.parts.held import Held
from recurate.reading.parts.listing import Part
from recurate.reading.weights import finite_sum


@dataclass
class Summed:
    """What came of some parts.

    Attributes
    ----------
    summary : Summary or None
        Of their rows; None if a part is bad.
    counts : Counts
        What was noticed.
    bad : dict from str to str
        What is wrong, by the part's path.
    """

    summary: Summary | None
    counts: Counts
    bad: dict[str, str] = field(default_factory=dict)


def summed(parts: Sequence[Part], held: Held, *, skip_bad: bool = False) -> Summed:
    """Return what a law needs of the rows of some parts; they are read in their order.

    A part that cannot be read leaves nothing of itself. Unless it is to be skipped, there is then
    no summary; the other parts are looked at all the same.
    """
    whole: set[str] = set()
    bad: dict[str, str] = {}
    while True:
        builder, counts = SummaryBuilder(), Counts()
        for part in parts:
            if part.path in bad:
                continue
            try:
                counts.add(_add(builder, part, held, is_whole=part.path in whole))
            except CannotBeCutError:
                whole.add(part.path)
            except (InputError, OSError) as error:
                bad[part.path] = str(error)
            else:
                continue
            break  # to begin anew, without what was added of it
        else:
            return Summed(builder.summary() if skip_bad or not bad else None, counts, bad)


def _add(builder: SummaryBuilder, part: Part, held: Held, *, is_whole: bool) -> Counts:
    """Add the rows of a part to a summary, and return what was noticed of them."""
    said = Counted(escaped(part.name))
    with part.on_this_machine() as path, named_errors(part.path):
        source = None
        for source in _batches(path, part, held, is_whole=is_whole):
            found = _candidates(source, held, said)
            if found is None:
                continue
            said.counts.candidates += found.rewards.size
            prompts = found.prompts
            if prompts is not None and not held.uses.prompts:  # rows, of this part
                names = tuple(f"{part.path}, {name}" for name in prompts.names)
                prompts = Labels(names, prompts.numbers)
            try:
                builder.add(
                    found.rewards,
                    found.weights,
                    found.groups,
                    prompts=prompts,
                    scores=found.scores or None,
                )
            except (ValueError, TypeError) as error:
                raise InputError(f"{escaped(part.name)}: {error}") from error
        if source is not None and held.asked.where is None and (label := source.footer):
            said.counts.footers = {label: 1}
    return said.counts


def _batches(path: str, part: Part, held: Held, *, is_whole: bool) -> Iterator[Source]:
    outer = {name.split(".")[0] for name in held.names}  # columns that names are fields within
    sources: Iterable[Source] = (
        [opened(path, part.name)] if is_whole else batches(path, part.name, {*held.names, *outer})
    )
    for source in sources:
        yield held.columns_of(source)


def _candidates(source: Source, held: Held, said: Counted) -> Candidates | None:
    rows = wanted_rows(source, held.asked, held.uses, is_part=True)
    if not rows.frame.height:
        return None
    held.require_same_kinds(rows)
    found = candidates_of(rows, held.asked, held.uses, said)
    if found is not None and found.weights is not None:
        finite_sum(found.weights, found.rows.place)
    return found

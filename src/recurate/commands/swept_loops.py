"""From the options of `recurate sweep` to its loops: every table, scale, rule, K and λ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands.loop_options import LoopOptions
from recurate.commands.options import ColumnOptions, FollowedTable, FollowOptions, KnownTable
from recurate.commands.vote_options import VoteOptions
from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import listed

if TYPE_CHECKING:
    from recurate.numerics.loop import CurationLoop
    from recurate.reading.asked_loop import AskedLoop
    from recurate.reading.table import RewardTable
    from recurate.sweeping.cells import Cell, Place, Swept


@dataclass(frozen=True)
class SweptTables(FollowOptions, VoteOptions, ColumnOptions, KnownTable):
    """The tables of a sweep, which are all read alike."""

    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE…",
            help="Tables of rewards, read alike: CSV, JSON, Parquet, .npy and others; - reads a "
            "pipe.",
            show_default=False,
        ),
    ] = None

    def each(self) -> list[FollowedTable]:
        """Return the tables one by one, or raise InputError."""
        files: Sequence[str | None] = self.files or (None,)
        if len(set(files)) < len(files):
            raise InputError(f"each FILE must be given once; got {listed(files)}")
        options = {field.name: getattr(self, field.name) for field in fields(self)}
        del options["files"]
        tables = [FollowedTable(**options, file=file) for file in files]
        tables[0].require_one("sweep")
        return tables


@dataclass(frozen=True)
class SweptLoop:
    """A loop that is asked for, of no table yet.

    Attributes
    ----------
    rule : str
        How its choice was typed, or the file that describes the loop.
    asked : AskedLoop
        What is asked for.
    real_fraction : float or None
        Its share of real data, as it was typed; None if λ was.
    is_among_candidates : bool
        Whether it has a K.
    """

    rule: str
    asked: AskedLoop
    real_fraction: float | None
    is_among_candidates: bool

    def place(self, loop: CurationLoop, table: str, scale: float) -> Place:
        """Return where it stands in a sweep, on a table."""
        from recurate.sweeping.cells import Place

        schedule = loop.schedule
        K = self.asked.candidates if self.is_among_candidates else schedule.K
        lam = schedule.lam
        if schedule.training is not None or not isinstance(lam, float):
            lam = math.nan
        share = 1 / (1 + lam) if self.real_fraction is None else self.real_fraction
        return Place(table, math.nan if K is None else K, lam, share, self.rule, scale)


def swept_loops(
    ways: LoopOptions,
    candidates: str | None,
    lam: str | None,
    real_fraction: str | None,
    require_number: Callable[[int], None],
) -> tuple[list[SweptLoop], list[str]]:
    """Return the loops: of every choice, then every K, then every λ; and those left out, with why.

    A combination that cannot be is left out, such as the best of infinitely many. A value that is
    in no loop is refused. `require_number` is called with the number of combinations, before they
    are made, and raises ValueError if it is too large.

    Raises
    ------
    InputError
        If a value is wrong, alone or in all combinations.
    """
    from recurate.commands.options import checked_number
    from recurate.reading.several import several

    if lam is not None and real_fraction is not None:
        raise InputError("only one of --lam and --real-fraction can be given; got both")
    sizes = [None] if candidates is None else several(candidates, "-K", whole=True)
    mixings: list[tuple[str | None, str | None]] = [(None, None)]
    if lam is not None:
        mixings = [(text, None) for text in several(lam, "--lam")]
    if real_fraction is not None:
        mixings = [(None, text) for text in several(real_fraction, "--real-fraction")]
    each = [replace(ways, choice=choice.strip()) for choice in ways.choice.split(",")]
    if len({way.choice for way in each}) < len(each):
        raise InputError(f"--choice must name each rule once; got {ways.choice}")
    has_sizes = any(way.is_among_candidates for way in each)
    choices = [
        (way, size)
        for way in each
        for size in (sizes if way.is_among_candidates or not has_sizes else [None])
    ]
    with as_input_errors():
        require_number(len(choices) * len(mixings))
    found, refused, used = [], dict[tuple[str, str], InputError](), set[tuple[str, str]]()
    left_out = dict[str, None]()
    for (way, size), (mixing, share) in product(choices, mixings):
        values = {"--choice": way.choice, "-K": size, "--lam": mixing or share}
        typed = [(axis, value) for axis, value in values.items() if value is not None]
        try:
            asked = way.asked(size, mixing, share)
        except InputError as error:
            for value in typed:
                refused.setdefault(value, error)
            K = "" if size is None else f" with K = {size}"
            left_out[f"{way.choice}{K}: {error}"] = None
            continue
        used.update(typed)
        number = checked_number(share, "--real-fraction")
        rule = way.choice if way.loop is None else way.loop
        found.append(SweptLoop(rule, asked, number, way.is_among_candidates))
    for value, refusal in refused.items():
        if value not in used:
            raise refusal
    return found, list(left_out)


def read_cells(
    tables: Sequence[FollowedTable],
    scales: Sequence[str],
    ways: LoopOptions,
    loops: Sequence[SweptLoop],
    on_note: Callable[[str], None],
) -> tuple[list[Cell], list[Swept], list[RewardTable]]:
    """Read every table at every scale, and return the cells, their laws, and what was read.

    Raises
    ------
    InputError
        If a table cannot be used, or has not what a loop needs.
    OSError
        If a file cannot be read.
    """
    from recurate.reading.formats.opening import name_of
    from recurate.sweeping.cells import Cell, Swept, arguments_of

    if len(scales) > 1 and any(table.file == "-" for table in tables):
        raise InputError(
            f"a pipe is read once, and the tables once for each --scale, {len(scales)} times here: "
            "write it into a file"
        )
    # Whether the scale of rewards matters: to some loop.
    asked = next((one.asked for one in loops if one.asked.reads_odds), loops[0].asked)
    names = [name_of(str(table.file)) for table in tables]
    is_named_alike = {
        table.file: names.count(name) > 1 for table, name in zip(tables, names, strict=True)
    }
    cells: list[Cell] = []
    laws: list[Swept] = []
    reads: list[RewardTable] = []
    for table in tables:
        for scale in scales:
            scaled = replace(table, scale=scale)
            read = _read(scaled, is_named_alike[table.file], ways, asked, on_note)
            reads.append(read)
            numbers: dict[int, int] = {}  # of laws: rules may drop some of a table's prompts
            for loop, kept, one in _on(read, loops, on_note):
                if id(kept.law) not in numbers:
                    numbers[id(kept.law)] = len(laws)
                    laws.append(Swept(kept.law, kept.in_unit, kept.followed))
                place = one.place(loop, read.source, scaled.asked.scale)
                cells.append(Cell(place, numbers[id(kept.law)], arguments_of(loop)))
    return cells, laws, reads


def _read(
    table: FollowedTable,
    is_named_alike: bool,
    ways: LoopOptions,
    asked: AskedLoop,
    on_note: Callable[[str], None],
) -> RewardTable:
    """Read a table; files of the same name, in several folders, are called by their paths."""
    if not is_named_alike:
        return ways.read_table(table, asked, on_note)
    path = str(table.file)
    try:
        read = ways.read_table(table, asked, lambda text: on_note(f"{path}: {text}"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return replace(read, source=path)


def _on(
    read: RewardTable, loops: Sequence[SweptLoop], on_note: Callable[[str], None]
) -> Iterator[tuple[CurationLoop, RewardTable, SweptLoop]]:
    """Yield loops on a table, with the table without prompts that they drop: once for each rule."""
    kept: dict[str, RewardTable] = {}
    for one in loops:
        if one.rule not in kept:
            _, kept[one.rule] = one.asked.read_on(read, on_note)
        yield one.asked.on(kept[one.rule]), kept[one.rule], one

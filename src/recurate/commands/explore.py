"""`recurate explore`: a local page on which the loop's parameters are moved."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recurate.commands import options
from recurate.commands.html import typed, written
from recurate.commands.loop_options import Bands, LoopOptions, Steps
from recurate.commands.terminal import heard, note, progress, reported
from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from recurate.exploring.controls import State
    from recurate.exploring.explorer import Read
    from recurate.reading.asked_loop import AskedLoop
    from recurate.reading.table import RewardTable

DEFAULT_EXAMPLE = "digits-confidence"
"""The table where none is named."""

_MOST_TABLES = 3  # of other scales, or other examples, that are kept

_OWN = ("port", "no_browser")


@options.spread
def explore(
    context: typer.Context,
    ways: LoopOptions,
    table: options.FollowedTable,
    candidates: options.Candidates = None,
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    steps: Steps = None,
    bands: Bands = 200,
    seed: options.Seed = 0,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            metavar="N",
            help="Where the page is served on this machine; by default a free port.",
            show_default=False,
        ),
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
) -> None:
    """Explore where the loop goes, on a page in the browser: move K, the share of real data, and
    so on, and what predict says is there at once.

    The page is served by this machine to this machine alone, until Ctrl-C. Without a table it shows
    the examples that come with recurate. The options say where the controls stand at first.
    """
    with reported():
        if (table.file, table.example, table.votes) == (None, None, None):
            table = replace(table, example=DEFAULT_EXAMPLE)
        table.require_one("explore")
        options.checked_bands(bands)
        try:
            from recurate.exploring.app import app_of
            from recurate.exploring.serving import listening, opened, secret_path, serve
        except ImportError as error:
            raise InputError(
                "explore needs Starlette and uvicorn: pip install 'recurate[explore]'"
            ) from error
        from recurate.exploring.explorer import Explorer

        asked = _Asked(context, ways, table)
        explorer = Explorer(
            read=asked.read,
            command=asked.command,
            names=asked.names,
            start=asked.start(candidates, lam, real_fraction, steps),
            replicates=bands,
            seed=seed,
            version=asked.version,
        )
        with listening(port) as at:
            with progress() as bars:  # so that what cannot be used is said here, as by predict
                task = bars.add_task("reading", total=None)
                explorer.found(
                    explorer.start,
                    on_stage=lambda stage, t: bars.update(task, description=stage or "reading"),
                )
            path = secret_path()
            address = f"http://127.0.0.1:{at.getsockname()[1]}{path}/"
            typer.echo(f"exploring at {address} (Ctrl-C ends it)")
            if not no_browser:
                opened(address)
            serve(app_of(explorer, path), at)


class _Asked:
    """What is asked of states of the controls: as on the command line, with what was typed there.

    Attributes
    ----------
    names : frozenset of str
        Of the controls that there are.
    """

    def __init__(
        self, context: typer.Context, ways: LoopOptions, table: options.FollowedTable
    ) -> None:
        from recurate.exploring.controls import CONTROLS, NOT_OF_A_STEP

        self._context, self._ways, self._table = context, ways, table
        names = {one.name for one in CONTROLS}
        if ways.loop is not None:  # the file says all of that
            names &= {*NOT_OF_A_STEP}
        if ways.accumulate:
            names -= {"lam", "real-fraction", "retain"}
        if table.example is None:
            names.remove("example")
        self._is_pipe = "-" in (table.file, table.votes)
        if self._is_pipe:  # it cannot be read again
            names.remove("scale")
        self.names = frozenset(names)
        self._tables: OrderedDict[Any, tuple[RewardTable, tuple[str, ...]]] = OrderedDict()

    def start(
        self, K: str | None, lam: str | None, real_fraction: str | None, steps: int | None
    ) -> State:
        """Return the state that the command line says."""
        from recurate.exploring.controls import USUAL, of_choice, state_of

        ways, table = self._ways, self._table
        ways.asked(K, lam, real_fraction)  # what cannot be together, or is not of the loop, is said
        mixing = {"lam": lam, "real-fraction": real_fraction}
        given = {
            "K": K or USUAL["K"],
            **(mixing if any(mixing.values()) else {"lam": USUAL["lam"]}),
            "scale": USUAL["scale"] if table.scale == type(table).scale else table.scale,
            **of_choice(ways.choice),
            "steps": str(ways.steps(steps)),
            "random-clicks": ways.random_clicks,
            "flipped-votes": ways.flipped_votes,
            "retain": ways.retain,
            "example": table.example,
        }
        return state_of({name: text for name, text in given.items() if text}, self.names, {})

    def version(self) -> Hashable:
        """Return when the files were last written, and their sizes: what is gone has none."""
        found = []
        for name in {**self._table.inputs, **self._ways.inputs}.values():
            with suppress(OSError, ValueError):
                about = os.stat(name or "")
                found.append((name, about.st_mtime_ns, about.st_size))
        return tuple(found)

    def read(self, state: State) -> Read:
        """Return the loop of a state and its table; errors are those of the command line."""
        from recurate.exploring.controls import FOLDED, choice_of
        from recurate.exploring.explorer import Read
        from recurate.numerics.loop import LARGEST_STEPS
        from recurate.numerics.validation import count, written_number

        said: dict[str, Any] = {
            name.replace("-", "_"): state.get(name) for name in FOLDED if name in self.names
        }
        if "choice" in self.names:
            said["choice"] = choice_of(state)
        ways = replace(self._ways, **said)
        with as_input_errors():
            number = written_number(state.get("steps", str(ways.steps(None))), "steps")
            steps = count(int(number) if number.is_integer() else number, "steps", LARGEST_STEPS)
        asked = ways.asked(state.get("K"), state.get("lam"), state.get("real-fraction"))
        with heard() as remarks:
            table, on_reading = self._read_table(state, ways, asked)
            loop, table = asked.read_on(table, note)
        return Read(loop, table, steps, (*on_reading, *remarks))

    def _read_table(
        self, state: State, ways: LoopOptions, asked: AskedLoop
    ) -> tuple[RewardTable, tuple[str, ...]]:
        """Return the table of a state, and what was said as it was read."""
        of_state: dict[str, Any] = {n: state[n] for n in ("scale", "example") if n in state}
        flipped = (
            asked.flipped_votes if asked.flips_are_random else 0.0
        )  # on which there is a remark
        key: Hashable = None
        if not self._is_pipe:
            key = (*sorted(of_state.items()), asked.reads_odds, flipped, self.version())
        if key not in self._tables:
            with heard() as remarks:
                table = ways.read_table(replace(self._table, **of_state), asked)
            self._tables[key] = table, tuple(remarks)
            while len(self._tables) > _MOST_TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        table, on_reading = self._tables[key]
        is_odds = replace(table.asked, are_odds=asked.reads_odds)
        return replace(table, asked=is_odds), on_reading

    def command(self, state: State) -> str:
        """Return the command that prints a state's prediction."""
        from recurate.exploring.controls import words_of

        of_controls = {name.replace("-", "_") for name in self.names} | {"candidates"}
        files, words = typed(self._context, {*of_controls, *_OWN})
        return written("predict", files, [*words_of(state, self.names), *words])

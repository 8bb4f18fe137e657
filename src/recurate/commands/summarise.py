"""`recurate summarise`: the law of a table in many parts, in one small file."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, note, progress, reported, say_written
from recurate.commands.worker_options import WorkerOptions
from recurate.errors import as_input_errors
from recurate.numerics.files import landed, opened, require_regular
from recurate.numerics.locks import held
from recurate.numerics.text import escaped
from recurate.writing import require_different


@dataclass(frozen=True)
class SummarisedColumns(options.ColumnOptions):
    """What the columns of a table in parts are."""

    follow: Annotated[
        list[str] | None,
        options.of_the_table(
            "Column whose mean is to be followed, without bands. May be given again.", "NAME"
        ),
    ] = None


@options.spread
def summarise(
    parts: Annotated[
        list[str],
        typer.Argument(
            metavar="PART...",
            help="Parts of the table: files, folders, patterns in quotes as 'data/*.parquet', or "
            "addresses as 's3://bucket/data/*.parquet'.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=options.named,
            help="Write the law here; predict and others take it for a table.",
            show_default=False,
        ),
    ],
    columns: SummarisedColumns,
    who: WorkerOptions,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read all parts again, also those that are kept.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out parts that cannot be read.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Summarise a table in many parts, of any number of rows, as one small law.

    Each part is read once, and memory does not depend on the number of rows. What is read is kept
    in the folder FILE.parts until the law is written: after a stop, the same command goes on from
    there. `recurate predict law.npz` then answers as if all rows were in one table.
    """
    with reported():
        who.prepare()
        if who.jobs != 1:  # each process has a core
            os.environ.setdefault("POLARS_MAX_THREADS", "1")
        from recurate.reading.notices import Notices
        from recurate.reading.parts.kept import Kept
        from recurate.reading.parts.law_file import About, table_of_summary, write_law
        from recurate.reading.parts.listing import listed_parts
        from recurate.reading.parts.summarising import held_by_parts, summarised

        asked = columns.asked
        with as_input_errors():
            require_regular(out, "-o")
        found = listed_parts(parts)
        require_different({"-o": out}, {p.name: p.path for p in found if not p.is_remote})
        with opened([out]) as [output], held(out), progress() as bars:
            task = bars.add_task("reading", total=len(found))
            with who.executor(forks="polars" not in sys.modules) as executor:
                common, remarks = held_by_parts(found, asked, executor)
                for remark in remarks:
                    note(remark)
                kept = Kept(out, common)
                if fresh:
                    kept.clear()

                def show(read: int, rewards: int) -> None:
                    bars.update(task, description=f"reading, {rewards:,} rewards", completed=read)

                summary, counts, bad = summarised(
                    found,
                    common,
                    kept,
                    executor=executor,
                    skip_bad=skip_bad,
                    on_note=note,
                    on_read=show,
                )
            names = tuple(escaped(name) for name in parts)
            about = About(names, len(found), common.asked, common.in_unit, counts, bad)
            table = table_of_summary(escaped(out.name), summary, about)
            write_law(output.content, summary, about)
            trouble = landed([output])
            if trouble is None:
                kept.clear()
        counts.say(Notices(about.source, note), common.asked, common.what)
        if json:
            from recurate.printing.summarised import summarised_json

            typer.echo(summarised_json(table, about))
        else:
            from recurate.printing.words import say, table_in_words

            say(console(), table_in_words(table))
        say_written({"law": output}, trouble, quiet=json)

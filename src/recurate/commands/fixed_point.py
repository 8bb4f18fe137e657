"""`recurate fixed-point`: where the loop settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from recurate.commands import options
from recurate.commands.html import Html, opened_page
from recurate.commands.loop_options import LoopOptions
from recurate.commands.terminal import console, progress, reported, say_written
from recurate.errors import InputError
from recurate.writing import write_all

if TYPE_CHECKING:
    from recurate.pages.answer.answer import Answer


@options.spread
def fixed_point(
    context: typer.Context,
    ways: LoopOptions,
    table: options.FollowedTable,
    candidates: options.Candidates = None,
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    html: Html = None,
    json: options.Json = False,
) -> None:
    """Compute where the loop settles: the law that a retraining step does not change.

    The law is found by solving for it, without running the loop, and is then verified. Its figures
    and the groups' shares are printed beside those of the real data.
    """
    with reported():
        table.require_one("fixed-point")
        with opened_page(context, html, table.inputs | ways.inputs) as page:
            with progress() as bars:
                task = bars.add_task("reading", total=None)
                loop, read = ways.read(table, candidates, lam, real_fraction)
                bars.update(task, description="solving")
                from recurate.printing.loops_as_json import fixed_point_json, parameters_of
                from recurate.reading.asked_loop import without_fixed_point

                if missing := without_fixed_point(loop):
                    raise InputError(
                        f"there is no fixed point: {missing}; recurate predict runs the loop"
                    )
                try:
                    limit = loop.fixed_point()
                except (ArithmeticError, ValueError) as error:
                    raise InputError(f"the fixed point was not found: {error}") from error
                text = fixed_point_json(read, loop, limit) if json else None

                def answer() -> Answer:
                    from recurate.pages.answer.of_commands import fixed_point_answer

                    return fixed_point_answer(read, loop, limit)

                trouble = write_all(page.files, page.writers(answer, parameters_of(read, loop)))
            from recurate.printing.answers.settling import print_fixed_point

            if text is None:
                print_fixed_point(read, loop, loop.run(steps=0), limit, console())
            else:
                typer.echo(text)
            say_written(page.files, trouble, quiet=json)

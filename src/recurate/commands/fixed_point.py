"""`recurate fixed-point`: where the loop settles."""

from __future__ import annotations

import typer

from recurate.commands import options
from recurate.commands.loop_options import LoopOptions
from recurate.commands.terminal import console, progress, reported
from recurate.errors import InputError


@options.spread
def fixed_point(
    ways: LoopOptions,
    table: options.FollowedTable,
    candidates: options.Candidates = None,
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    json: options.Json = False,
) -> None:
    """Compute where the loop settles: the law that a retraining step does not change.

    The law is found by solving for it, without running the loop, and is then verified. Its figures
    and the groups' shares are printed beside those of the real data.
    """
    with reported(), progress() as bars:
        table.require_one("fixed-point")
        task = bars.add_task("reading", total=None)
        loop, read = ways.read(table, candidates, lam, real_fraction)
        bars.update(task, description="solving")
        from recurate.printing.loops_as_json import fixed_point_json
        from recurate.reading.asked_loop import without_fixed_point

        if missing := without_fixed_point(loop):
            raise InputError(f"there is no fixed point: {missing}; recurate predict runs the loop")
        try:
            limit = loop.fixed_point()
        except (ArithmeticError, ValueError) as error:
            raise InputError(f"the fixed point was not found: {error}") from error
        text = fixed_point_json(read, loop, limit) if json else None
    from recurate.printing.answers.settling import print_fixed_point

    with reported():
        if text is not None:
            typer.echo(text)
        else:
            print_fixed_point(read, loop, loop.run(steps=0), limit, console())

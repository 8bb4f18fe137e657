"""The command line: the commands, in the order in which help lists them.

Everything that takes long to load is loaded inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from recurate.commands.calibrate import calibrate
from recurate.commands.check import HELP, check
from recurate.commands.choose import choose
from recurate.commands.explain import explain
from recurate.commands.explore import explore
from recurate.commands.figures import figures
from recurate.commands.fixed_point import fixed_point
from recurate.commands.hunt import hunt
from recurate.commands.list_results import list_results
from recurate.commands.predict import predict
from recurate.commands.simulate import simulate
from recurate.commands.summarise import summarise
from recurate.commands.sweep import sweep
from recurate.commands.terminal import Commands, OneValueEach, last_net, standard_streams
from recurate.commands.votes import votes

app = typer.Typer(
    name="recurate",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # which fills lines
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line, within `stoppable`."""
    with last_net(), standard_streams():
        app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from recurate import __version__

        typer.echo(f"recurate {__version__}")
        raise typer.Exit


@app.callback()
def _recurate(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Exact futures of generative models retrained on their own curated samples.

    If people pick the best of K samples and the model is retrained on what they picked, where does
    this loop go? And do the theorems about it (arXiv:2407.09499) hold?
    """


_command = partial(app.command, cls=OneValueEach)
_command()(predict)
_command()(explore)
_command("fixed-point")(fixed_point)
_command()(choose)
_command()(sweep)
_command()(votes)
_command()(calibrate)
_command()(summarise)
_command()(simulate)
_command(help=HELP)(check)
_command()(hunt)
_command("list")(list_results)
_command()(explain)
_command()(figures)

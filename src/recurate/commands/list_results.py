"""`recurate list`: what is claimed."""

from __future__ import annotations

from typing import Annotated

import typer

from recurate.commands.terminal import console, reported


def list_results(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the results: what each says, under which hypotheses, and who claims it."""
    from recurate.explanation import list_json, print_list
    from recurate.theory.catalogue import STATEMENTS

    with reported():
        if json:
            typer.echo(list_json(STATEMENTS.values()))
        else:
            print_list(STATEMENTS.values(), console())

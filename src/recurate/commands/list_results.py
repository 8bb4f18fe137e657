"""`recurate list`: what is claimed."""

from __future__ import annotations

from typing import Annotated

import typer

from recurate.commands.terminal import console, progress, reported


def list_results(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the results: what each says, who claims it where, and how far it is established.

    A proof that was not verified before, from the same sources, is verified now: some seconds in
    all, the first time.
    """
    with reported(), progress() as bars:
        task = bars.add_task("loading", total=None)
        from recurate.paper_checks.evidence.proof_cache import checked
        from recurate.paper_checks.evidence.standing import standing
        from recurate.printing.explanation import list_json, print_list
        from recurate.theory.catalogue import STATEMENTS

        levels = {}
        for number, (name, statement) in enumerate(STATEMENTS.items()):
            bars.update(
                task, description=f"verifying {name}", completed=number, total=len(STATEMENTS)
            )
            levels[name] = standing(statement, checked(statement))
    with reported():
        if json:
            typer.echo(list_json(STATEMENTS.values(), levels))
        else:
            print_list(STATEMENTS.values(), levels, console())

"""`recurate list`: the results and what they say."""

from __future__ import annotations

from typing import Annotated

import typer

from recurate.commands.terminal import console, progress, reported


def list_results(
    long: Annotated[
        bool, typer.Option("--long", help="Show hypotheses, claims and sources as well.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the results chapter by chapter: what each says, in a sentence.

    With --long or --json also who claims it where, under which hypotheses, and how far it is
    established. For that, proofs that were not verified before are verified now, which takes some
    seconds.
    """
    with reported(), progress() as bars:
        task = bars.add_task("loading", total=None)
        from recurate.printing.results_list import list_json, print_list, print_long_list
        from recurate.theory.catalogue import STATEMENTS

        levels = {}
        if long or json:
            from recurate.paper_checks.evidence.proof_cache import checked
            from recurate.paper_checks.evidence.standing import standing

            bars.update(task, total=len(STATEMENTS))
            for name, statement in STATEMENTS.items():
                bars.update(task, description=f"verifying {name}", advance=1)
                levels[name] = standing(statement, checked(statement))
    with reported():
        if json:
            typer.echo(list_json(STATEMENTS.values(), levels))
        elif long:
            print_long_list(STATEMENTS.values(), levels, console())
        else:
            print_list(STATEMENTS.values(), console())

"""`recurate explain`: one result with its proof."""

from __future__ import annotations

from typing import Annotated

import typer

from recurate.commands.results import require_known
from recurate.commands.terminal import console, progress, reported
from recurate.errors import InputError
from recurate.numerics.text import shown


def explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="A result, such as theorem-2.3.")],
    latex: Annotated[bool, typer.Option("--latex", help="Print a LaTeX fragment.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write a page for a browser to this file; - prints that and nothing else.",
            show_default=False,
        ),
    ] = None,
    cache: Annotated[
        bool, typer.Option(help="Use what was verified earlier, if no source has changed.")
    ] = True,
) -> None:
    """Explain a result: its statement, its hypotheses and its proof, verified step by step.

    Each step is verified by computer algebra or cited from a textbook, or it has failed; if one
    has, the exit code is 1. Every symbol is explained. The names in brackets are those that
    recurate check takes: symbols in --bound, hypotheses in --without.
    """
    with reported(), progress() as bars:
        task = bars.add_task("loading", total=None)
        from recurate.paper_checks.evidence.proof_cache import checked
        from recurate.printing.explanation import explanation_json, print_explanation
        from recurate.printing.latex import explanation_latex
        from recurate.theory.catalogue import STATEMENTS

        if latex and json:
            raise InputError("only one of --latex and --json can be given; got both")
        if html is not None and (latex or json):
            raise InputError("--html cannot be given together with --latex or --json")
        require_known([name], list(STATEMENTS))
        if html is not None and (not html or html in STATEMENTS or html[0] == "-" != html):
            raise InputError(f"--html needs a file, or - to print; got {shown(html)}")
        bars.update(task, description=f"verifying {name}")
        statement = STATEMENTS[name]
        proof = checked(statement, use_cache=cache)
    with reported():
        if html is not None:
            from recurate.numerics.files import write_text
            from recurate.pages.report.report import explained
            from recurate.printing.formal import rocq_theorems

            rocq_theorems(statement)  # which says so if they are not known
            write_text(html, explained(statement, proof))
        elif json:
            typer.echo(explanation_json(statement, proof))
        elif latex:
            typer.echo(explanation_latex(statement, proof), nl=False)
        else:
            print_explanation(statement, proof, console())
    if proof.count("failed"):
        raise typer.Exit(1)

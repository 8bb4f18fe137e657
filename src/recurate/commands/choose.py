"""`recurate choose`: how much real data, or how many candidates, keep the loop within a limit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recurate.commands import options
from recurate.commands.html import Html, opened_page
from recurate.commands.loop_options import LoopOptions
from recurate.commands.terminal import console, note, progress, reported, say_written
from recurate.commands.worker_options import FewWorkerOptions
from recurate.errors import InputError, as_input_errors
from recurate.writing import write_all

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.chosen import Chosen
    from recurate.numerics.inference.choice import Choice
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.pages.answer.answer import Answer


@options.spread
def choose(
    context: typer.Context,
    ways: LoopOptions,
    table: options.AskedTable,
    candidates: Annotated[
        str | None,
        typer.Option(
            "-K",
            "--candidates",
            metavar="K",
            help="Samples shown per choice; finds the smallest share of real data.",
            show_default=False,
        ),
    ] = None,
    lam: Annotated[
        str | None,
        typer.Option(
            metavar="FLOAT",
            help="λ, synthetic samples per real one; finds the largest K.",
            show_default=False,
        ),
    ] = None,
    real_fraction: options.RealFraction = None,
    max_kl: Annotated[
        str | None,
        typer.Option(
            "--max-kl",
            metavar="FLOAT",
            help="Largest divergence KL(p_t‖p_ref) from the real data, in nats.",
            show_default=False,
        ),
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Group whose share is limited.", show_default=False)
    ] = None,
    max_share: Annotated[
        str | None,
        typer.Option(metavar="FLOAT", help="Largest share of that group.", show_default=False),
    ] = None,
    min_share: Annotated[
        str | None,
        typer.Option(metavar="FLOAT", help="Smallest share of that group.", show_default=False),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(help="Steps for which the limit has to hold; by default for ever."),
    ] = None,
    worst_case: Annotated[
        bool,
        typer.Option(
            "--worst-case",
            help="The limit has to hold whatever people choose, not by the rewards only.",
        ),
    ] = False,
    bands: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Resampled tables for the 95% range (of fewer than 40, their range); 0 for none.",
        ),
    ] = 200,
    seed: options.Seed = 0,
    html: Html = None,
    json: options.Json = False,
    *,
    workers: FewWorkerOptions,
) -> None:
    """Choose the smallest share of real data, or the largest K, that keeps the loop within a limit.

    Give either -K (or a choice that is among no K), to find the share of real data, or --lam (or
    --real-fraction), to find K; and one limit: --max-kl, or --group with --max-share or
    --min-share. The search is repeated on resampled tables, to say how far the answer is to be
    trusted. With --worst-case the limit holds for every way to choose among K.
    """
    with reported():
        table.require_one("choose")
        workers.prepare()
        seeks_mixing = lam is None and real_fraction is None
        lacks_candidates = candidates is None and ways.is_among_candidates
        if lacks_candidates if seeks_mixing else candidates is not None:
            raise InputError(
                "choose needs either -K, to look for the share of real data, or --lam or "
                "--real-fraction, to look for K"
            )
        if (max_kl, max_share, min_share).count(None) != 2:
            raise InputError("choose needs exactly one of --max-kl, --max-share and --min-share")
        if (group is None) != (max_kl is not None):
            raise InputError(
                "choose needs --group with --max-share or --min-share, and not with --max-kl"
            )
        options.checked_bands(bands)
        asked = ways.asked(candidates, lam, real_fraction)
        limits: dict[str, Any] = {
            name: options.checked_number(text, f"--{name.replace('_', '-')}")
            for name, text in (
                ("max_kl", max_kl),
                ("max_share", max_share),
                ("min_share", min_share),
            )
        }
        with opened_page(context, html, table.inputs | ways.inputs) as page:
            with progress() as bars:
                task = bars.add_task("reading", total=None)
                loop, read = asked.read_on(ways.read_table(table, asked), note)
                law = read.law
                question = {
                    **asked.searched(read, seeks_mixing=seeks_mixing),
                    **limits,
                    "lam": None if seeks_mixing else loop.lam,
                    "group": _known_group(law, group),
                    "steps": steps,
                }
                if worst_case:
                    choice = _worst_case(law, question)
                else:
                    bars.update(task, description="loops tried", completed=0)
                    with workers.executor() as executor:
                        choice = _choice(
                            law,
                            question,
                            replicates=bands,
                            rng=seed,
                            on_try=lambda: bars.advance(task),
                            estimates=read.estimates,
                            executor=executor,
                        )
                from recurate.chosen import Chosen

                chosen = Chosen(read, group, choice, worst_case)
                text = _as_json(chosen) if json else None
                used = _parameters(chosen) | ({} if worst_case else {"bands": bands, "seed": seed})
                answer = partial(_answer, chosen)
                trouble = write_all(page.files, page.writers(answer, used))
            if text is None:
                _print(chosen, console())
            else:
                typer.echo(text)
            say_written(page.files, trouble, quiet=json)


def _worst_case(law: RewardLaw, question: dict[str, Any]) -> Choice:
    from recurate.worst_case import worst_case

    with as_input_errors():
        return worst_case(law, **question)


def _choice(law: RewardLaw, question: dict[str, Any], **more: Any) -> Choice:
    from recurate.numerics.inference.choosing import choose
    from recurate.reading.asked_loop import loop_errors

    try:
        with loop_errors():
            return choose(law, **question, **more)
    except ArithmeticError as error:
        raise InputError(f"a fixed point on the way was not found: {error}") from error


def _print(chosen: Chosen, console: Console) -> None:
    from recurate.printing.answers.settling import print_choice
    from recurate.printing.answers.worst_case import print_worst_case

    show = print_worst_case if chosen.is_worst_case else print_choice
    show(chosen, console)


def _as_json(chosen: Chosen) -> str:
    from recurate.printing.answers.worst_case import worst_case_json
    from recurate.printing.loops_as_json import choice_json

    write = worst_case_json if chosen.is_worst_case else choice_json
    return write(chosen)


def _answer(chosen: Chosen) -> Answer:
    from recurate.pages.answer.of_commands import choice_answer, worst_case_answer

    make = worst_case_answer if chosen.is_worst_case else choice_answer
    return make(chosen)


def _parameters(chosen: Chosen) -> dict[str, Any]:
    from recurate.printing.loops_as_json import parameters_of

    limit = {name: getattr(chosen.choice, name) for name in ("quantity", "limit", "steps")}
    return parameters_of(chosen.table, chosen.loop) | limit | {"group": chosen.group}


def _known_group(law: RewardLaw, name: str | None) -> object:
    """Return the label that is printed like this name; the name itself if there is none.

    Raises
    ------
    InputError
        If the table has no groups.
    """
    if name is not None and not law.group_names:
        raise InputError(
            "--group names one of the table's groups, and it has none: name their column with "
            "--group-column"
        )
    return next((label for label in law.group_names if str(label) == name), name)

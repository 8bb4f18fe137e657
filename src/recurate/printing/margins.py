"""`recurate check --margins`: the number of cases and the least margin of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recurate.paper_checks.evidence.evidence import VERDICTS, Evidence
from recurate.paper_checks.evidence.kinds import KINDS, Part
from recurate.printing.words import VERDICT_STYLES

if TYPE_CHECKING:
    from recurate.paper_checks.runner import Result

MARGINS_IN_WORDS = (
    "Cells: cases and least margin; symbolic: steps verified + cited; mutants: refuted, of all.",
    "A margin is a claim's distance from failing; a negative one of property evidence is within "
    "the engine's error. Of sampled evidence it is log10 of tail probability over threshold.",
)


def print_margins(results: Sequence[Result], console: Console) -> None:
    """Print a row for each result, with the cases and the least margin of each kind of evidence."""
    kinds = kinds_of(results)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column("result", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("established", no_wrap=True)
    for title in (*kinds, "mutants"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True, min_width=6)  # however slow the machine
    for result in results:
        pieces: dict[Part, Evidence] = {evidence.kind: evidence for evidence in result.evidence}
        killed = len(result.mutants) - len(result.survivors)
        table.add_row(
            result.statement.id,
            Text(VERDICTS[result.verdict], style=VERDICT_STYLES[result.verdict]),
            result.established,
            *(_cell(pieces.get(kind)) for kind in kinds),
            Text(
                f"{killed}/{len(result.mutants)}" if result.mutants else "",
                style="bold red" if result.survivors else "",
            ),
            f"{seconds(result):.1f}",
        )
    # Wider than the terminal, if it has to be: a cut number would be worse than a wrapped line.
    table.width = Console(width=10_000).measure(table).maximum
    console.print(table, crop=False)


def seconds(result: Result) -> float:
    """Return the time that a result's evidence took."""
    return sum(e.seconds for e in result.evidence) + sum(m.seconds for m in result.mutants)


def kinds_of(results: Sequence[Result]) -> list[Part]:
    """Return the kinds of which there is evidence."""
    found = {evidence.kind for result in results for evidence in result.evidence}
    return [kind for kind in KINDS if kind in found]


def _cell(evidence: Evidence | None) -> Text:
    """Return the number of cases and the least margin, or the numbers of steps of a proof."""
    if evidence is None:
        return Text("")
    style = "" if evidence.verdict == "holds" else VERDICT_STYLES[evidence.verdict]
    if evidence.kind == "symbolic":
        verified = evidence.nontrivial
        return Text(f"{verified} + {evidence.cases - verified}", style=style)
    margin = "" if evidence.least_margin is None else f": {margin_in_words(evidence.least_margin)}"
    return Text(f"{evidence.cases}{margin}", style=style)


def margin_in_words(margin: float | Fraction) -> str:
    """Return a margin to two digits."""
    return f"{float(margin):.1e}"

"""What `recurate check` prints: a verdict and marks for each result, and what is wrong, if any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from recurate.paper_checks.evidence.evidence import ESTABLISHED, VERDICTS, Evidence
from recurate.paper_checks.evidence.kinds import KINDS, Part
from recurate.paper_checks.evidence.standing import established_in_words
from recurate.printing.chapters import by_chapter, titled
from recurate.printing.margins import (
    MARGINS_IN_WORDS,
    kinds_of,
    margin_in_words,
    print_margins,
    seconds,
)
from recurate.printing.results_as_json import false_alarm_rate
from recurate.printing.words import ESTABLISHED_STYLES, VERDICT_STYLES, say

if TYPE_CHECKING:
    from recurate.paper_checks.runner import Result

MARKS: dict[Part, str] = {
    "property": "P",
    "exact": "E",
    "certified": "C",
    "symbolic": "S",
    "formal": "F",
    "sampled": "R",
    "mutants": "M",
}
"""Letters of the kinds of evidence; R, as choices at random, since S is taken."""

NO_EVIDENCE, UNDECIDED, AGAINST = "-", "?", "!"


def print_checks(
    results: Sequence[Result],
    *,
    seed: int,
    level: str,
    detailed: bool,
    console: Console,
    margins: bool = False,
) -> None:
    """Print the verdict and the evidence of each result, and what is wrong, if anything is.

    Parameters
    ----------
    results : sequence of Result
        What came of the checks.
    seed : int
        Their seed.
    level : str
        Their level.
    detailed : bool
        Whether to print what was tried, where the least margins are, and the mutants' witnesses.
    console : Console
        Where to print.
    margins : bool
        Whether to print a table of cases and margins in place of chapters; so it is for `detailed`.
    """
    if detailed or margins:
        print_margins(results, console)
    else:
        _print_chapters(results, console)
    for result in results:
        if detailed:
            _print_details(result, console)
        for line in complaints(result):
            console.print(line, style="bold red", highlight=False, markup=False)
    say(console, f"{totals(results)} ({level}, seed {seed}).")
    if detailed or margins:
        for line in (*MARGINS_IN_WORDS, *_legend(results)):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    else:
        _print_meanings(results, console)


def _print_chapters(results: Sequence[Result], console: Console) -> None:
    width = max(len(result.statement.id) for result in results)
    header = f"{'':{width + 4}}{'verdict':10}{'established':13}{'evidence':16}seconds"
    say(console, header, style="dim")
    for heading, members in by_chapter(results, lambda result: result.statement):
        say(console, heading, style="bold")
        for result in members:
            line = Text.assemble(
                (f"  {result.statement.id:{width + 2}}", "bold"),
                (f"{result.verdict:10}", _style(result, VERDICT_STYLES[result.verdict])),
                (
                    f"{result.established:13}",
                    _style(result, ESTABLISHED_STYLES[result.established]),
                ),
            )
            for kind in MARKS:
                line.append_text(_mark(kind, result)).append(" ")
            # Room for any time: the layout must not depend on how fast the machine is.
            console.print(line.append(f"{seconds(result):>9.1f}"), soft_wrap=True)
            say(console, titled(result.statement), 4)
        say(console, "")


def _style(result: Result, style: str) -> str:
    """Return the colour of a word; a refutation that was expected is no alarm."""
    return "green" if result.is_expected_refutation else style


def _mark(kind: Part, result: Result) -> Text:
    """Return the kind's letter, or what is there in its place."""
    if kind == "mutants":
        if result.survivors:
            return Text(AGAINST, "bold red")
        return Text(MARKS[kind]) if result.mutants else Text(NO_EVIDENCE, "dim")
    evidence: Evidence | None = next((e for e in result.evidence if e.kind == kind), None)
    if evidence is None:
        return Text(NO_EVIDENCE, "dim")
    mark = {"holds": MARKS[kind], "open": UNDECIDED}.get(evidence.verdict, AGAINST)
    style = "" if mark == MARKS[kind] else VERDICT_STYLES[evidence.verdict]
    return Text(mark, _style(result, style) if style else "")


def _print_details(result: Result, console: Console) -> None:
    """Print what was tried, and the witnesses of the mutants."""
    statement = result.statement
    say(console, f"{statement.id}: {titled(statement)}", style="bold")
    is_proved = any(e.kind == "symbolic" and e.verdict == "holds" for e in result.evidence)
    lines = [established_in_words(statement, result.established, is_proved=is_proved)]
    for evidence in result.evidence:
        lines.append(f"{evidence.kind}: {evidence.tried}")
        if evidence.least_margin is not None:
            margin = margin_in_words(evidence.least_margin)
            lines.append(f"  least margin {margin}, {evidence.attained}")
        if evidence.allowance:
            lines.append(f"  error allowed for: {evidence.allowance}")
        if evidence.witness is not None and result.is_expected_refutation:
            lines.append(f"  refuted, as was known, by {evidence.witness}")
    for outcome in result.mutants:
        if outcome.witness is not None:
            lines.append(f"mutant: {outcome.claim}")
            lines.append(f"  refuted ({outcome.kind}) by {outcome.witness}")
    for line in lines:
        say(console, line.strip(), 4 if line.startswith(" ") else 2)
    say(console, "")


def complaints(result: Result) -> Iterable[str]:
    """Yield what is wrong with a result, if anything is, in lines."""
    name = result.statement.id
    if result.statement.expected == "refuted" and not result.is_expected_refutation:
        yield f"{name} was known to be false, and no evidence refutes it"
    for evidence in () if result.is_expected_refutation else result.evidence:
        if evidence.witness is not None:
            because = f": {evidence.cause}\n" if evidence.cause else " "
            verdict = f"{VERDICTS[evidence.verdict]} ({evidence.kind})"
            yield f"{name} is {verdict}{because}by {evidence.witness}"
            yield f"to see it again:\n{evidence.witness.replay}"
        elif evidence.error:
            yield f"{name}: the program failed at {evidence.kind} evidence: {evidence.error}"
        elif evidence.cause:
            yield f"{name}: its proof does not verify: {evidence.cause}"
            yield f"to see it again: recurate explain {name} --no-cache"
        elif evidence.verdict == "open":
            yield (
                f"{name}: {evidence.kind} evidence decided nothing: {evidence.cases} cases, "
                f"{evidence.undecided} margins of unknown sign"
            )
    for outcome in result.survivors:
        yield f"{name}: a false claim was not refuted: {outcome.claim}"


def totals(results: Sequence[Result]) -> str:
    """Return how many results hold and how many mutants were refuted, in words."""
    count = {verdict: sum(r.verdict == verdict for r in results) for verdict in VERDICTS}
    killed = sum(len(r.mutants) - len(r.survivors) for r in results)
    total = sum(len(r.mutants) for r in results)
    verdicts = [f"{number} {VERDICTS[verdict]}" for verdict, number in count.items() if number]
    known = sum(result.is_expected_refutation for result in results)
    known_in_words = f" ({known} known to be)" if known else ""
    return f"{', '.join(verdicts)}{known_in_words}; {killed} of {total} mutants refuted"


def _legend(results: Sequence[Result]) -> Iterable[str]:
    levels = {result.established for result in results}
    for level in (level for level in ESTABLISHED if level in levels):
        yield f"established {level}: {ESTABLISHED[level]}"
    for kind in _kinds_shown(results):
        yield f"{kind}: {KINDS[kind].meaning}"
    yield from _false_alarms(results)


def _print_meanings(results: Sequence[Result], console: Console) -> None:
    levels = [result.established for result in results]
    say(console, "")
    say(console, "Established, by the strongest evidence", style="bold")
    for level in (level for level in ESTABLISHED if level in levels):
        say(console, ESTABLISHED[level], 16, label=f"{levels.count(level):>4}  {level}".ljust(16))
    say(console, "")
    say(console, "Evidence", style="bold")
    for kind in _kinds_shown(results):
        say(console, KINDS[kind].meaning, 16, label=f"  {MARKS[kind]}  {kind}".ljust(16))
    for mark, meaning in (
        (NO_EVIDENCE, "there is none of this kind"),
        (UNDECIDED, "it decided nothing"),
        (AGAINST, "it is against the claim, or a mutant was not refuted"),
    ):
        say(console, meaning, 16, label=f"  {mark}".ljust(16))
    for line in _false_alarms(results):
        say(console, line, 2)
    say(console, "")
    say(
        console,
        "recurate check ID shows what was tried and the witnesses; --margins shows the cases and "
        "the least margins.",
        style="dim",
    )


def _kinds_shown(results: Sequence[Result]) -> list[Part]:
    tested: list[Part] = ["mutants"] if any(result.mutants for result in results) else []
    return kinds_of(results) + tested


def _false_alarms(results: Sequence[Result]) -> Iterable[str]:
    rate = false_alarm_rate(results)
    if rate:
        yield f"false alarms of sampled evidence: at most {rate:g} a run, by design"

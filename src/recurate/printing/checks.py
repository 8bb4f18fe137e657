"""What `recurate check` prints and writes: a table for people, JSON and JUnit for programs."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from recurate import __version__
from recurate.paper_checks.evidence.evidence import (
    ESTABLISHED,
    VERDICTS,
    Evidence,
    Witness,
)
from recurate.paper_checks.evidence.kinds import KINDS, Part
from recurate.paper_checks.evidence.standing import established_in_words, scope_of

if TYPE_CHECKING:
    from recurate.paper_checks.hunt.hunt import Hunt
    from recurate.paper_checks.runner import Result

_STYLES = {"holds": "green", "open": "yellow", "violated": "bold red", "refuted": "bold red"}


def print_checks(
    results: Sequence[Result], *, seed: int, level: str, detailed: bool, console: Console
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
    """
    table = _table(results)
    # Wider than the terminal, if it has to be: a cut number would be worse than a wrapped line.
    table.width = Console(width=10_000).measure(table).maximum
    console.print(table, crop=False)
    for result in results:
        if detailed:
            _print_details(result, console)
        for line in _complaints(result):
            console.print(line, style="bold red", highlight=False, markup=False)
    for line in _summary(results, seed, level):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _table(results: Iterable[Result]) -> Table:
    results = list(results)
    kinds = _kinds(results)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column("result", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("established", no_wrap=True)
    for title in (*kinds, "mutants", "s"):
        table.add_column(title, justify="right", no_wrap=True)
    for result in results:
        pieces: dict[Part, Evidence] = {evidence.kind: evidence for evidence in result.evidence}
        killed = len(result.mutants) - len(result.survivors)
        table.add_row(
            result.statement.id,
            Text(VERDICTS[result.verdict], style=_STYLES[result.verdict]),
            result.established,
            *(_cell(pieces.get(kind)) for kind in kinds),
            Text(
                f"{killed}/{len(result.mutants)}" if result.mutants else "",
                style="bold red" if result.survivors else "",
            ),
            f"{_seconds(result):.1f}",
        )
    return table


def _seconds(result: Result) -> float:
    return sum(e.seconds for e in result.evidence) + sum(m.seconds for m in result.mutants)


def _kinds(results: Iterable[Result]) -> list[Part]:
    """Return the kinds of which there is evidence."""
    found = {evidence.kind for result in results for evidence in result.evidence}
    return [kind for kind in KINDS if kind in found]


def _cell(evidence: Evidence | None) -> Text:
    """Return the number of cases and the least margin, or the numbers of steps of a proof."""
    if evidence is None:
        return Text("")
    if evidence.kind == "symbolic":
        verified = evidence.nontrivial
        return Text(f"{verified} + {evidence.cases - verified}", style=_style(evidence))
    margin = "" if evidence.least_margin is None else f": {_margin(evidence.least_margin)}"
    return Text(f"{evidence.cases}{margin}", style=_style(evidence))


def _style(evidence: Evidence) -> str:
    return "" if evidence.verdict == "holds" else _STYLES[evidence.verdict]


def _margin(margin: float | Fraction) -> str:
    return f"{float(margin):.1e}"


def _print_details(result: Result, console: Console) -> None:
    """Print what was tried, and the witnesses of the mutants."""
    statement = result.statement
    console.print(f"{statement.id}: {statement.title}", style="bold", highlight=False)
    is_proved = any(e.kind == "symbolic" and e.verdict == "holds" for e in result.evidence)
    lines = [established_in_words(statement, result.established, is_proved=is_proved)]
    for evidence in result.evidence:
        lines.append(f"{evidence.kind}: {evidence.tried}")
        if evidence.least_margin is not None:
            lines.append(f"  least margin {_margin(evidence.least_margin)}, {evidence.attained}")
        if evidence.allowance:
            lines.append(f"  error allowed for: {evidence.allowance}")
    for outcome in result.mutants:
        if outcome.witness is not None:
            lines.append(f"mutant: {outcome.claim}")
            lines.append(f"  refuted ({outcome.kind}) by {outcome.witness}")
    for line in lines:
        console.print(
            Padding(Text(line.strip()), (0, 0, 0, 4 if line.startswith(" ") else 2), expand=False)
        )
    console.print()


def _complaints(result: Result) -> Iterable[str]:
    name = result.statement.id
    for evidence in result.evidence:
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


def _summary(results: Sequence[Result], seed: int, level: str) -> Iterable[str]:
    count = {verdict: sum(r.verdict == verdict for r in results) for verdict in VERDICTS}
    killed = sum(len(r.mutants) - len(r.survivors) for r in results)
    total = sum(len(r.mutants) for r in results)
    verdicts = [f"{number} {VERDICTS[verdict]}" for verdict, number in count.items() if number]
    yield (
        f"{', '.join(verdicts)}; {killed} of {total} mutants refuted ({level}, seed {seed}). "
        "Cells: cases and least margin."
    )
    yield (
        "A margin is a claim's distance from failing; a negative one of property evidence is "
        "within the engine's error."
    )
    levels = {result.established for result in results}
    for level in (level for level in ESTABLISHED if level in levels):
        yield f"established {level}: {ESTABLISHED[level]}"
    for kind in KINDS.values():
        if kind.name in _kinds(results) or (kind.name == "mutants" and total):
            yield f"{kind.name}: {kind.meaning}"
    rate = false_alarm_rate(results)
    if rate:
        yield f"false alarms of sampled evidence: at most {rate:g} a run, by design"


def false_alarm_rate(results: Iterable[Result]) -> float:
    """Return a bound on the probability that sampled evidence refutes something true."""
    from recurate.paper_checks.evidence.gathering.sampled import ERROR_RATE

    return ERROR_RATE * sum(e.kind == "sampled" for r in results for e in r.evidence)


def results_json(results: Sequence[Result], *, seed: int, level: str) -> str:
    """Return the results as one JSON object; numbers that are not finite are null."""
    document = {
        "recurate": __version__,
        "level": level,
        "seed": seed,
        "false_alarm_rate": false_alarm_rate(results),
        "results": [_result_dict(result) for result in results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _result_dict(result: Result) -> dict[str, Any]:
    return {
        "id": result.statement.id,
        "title": result.statement.title,
        "kind": result.statement.kind,
        "verdict": result.verdict,
        "established": result.established,
        "formal_scope": scope_of(result.statement) or None,
        "evidence": {evidence.kind: _evidence_dict(evidence) for evidence in result.evidence},
        "mutants": {
            "killed": len(result.mutants) - len(result.survivors),
            "total": len(result.mutants),
            "claims": [
                {
                    "claim": outcome.claim,
                    "refuted_by": outcome.kind,
                    "witness": _witness_dict(outcome.witness),
                }
                for outcome in result.mutants
            ],
        },
    }


def _evidence_dict(evidence: Evidence) -> dict[str, Any]:
    margin = evidence.least_margin
    is_number = margin is not None and math.isfinite(margin)
    return {
        "verdict": evidence.verdict,
        "cases": evidence.cases,
        "nontrivial": evidence.nontrivial,
        "undecided": evidence.undecided,
        "least_margin": float(margin) if is_number and margin is not None else None,
        "attained": evidence.attained,
        "tried": evidence.tried,
        "allowance": evidence.allowance,
        "seed": evidence.seed,
        "seconds": evidence.seconds,
        "witness": _witness_dict(evidence.witness),
        "cause": evidence.cause or None,
        "error": evidence.error or None,
    }


def _witness_dict(witness: Witness | None) -> dict[str, str] | None:
    return None if witness is None else asdict(witness)


def results_junit(results: Sequence[Result], *, seed: int, level: str) -> str:
    """Return the results as JUnit's XML: a suite for each result, a case for each kind."""
    root = ElementTree.Element("testsuites", name=f"recurate check --level {level} --seed {seed}")
    for result in results:
        suite = ElementTree.SubElement(root, "testsuite", name=result.statement.id)
        for evidence in result.evidence:
            reasons = (evidence.witness, evidence.cause, evidence.error)
            reason = "; ".join(str(reason) for reason in reasons if reason) or "undecided"
            failure = "" if evidence.verdict == "holds" else reason
            _add_case(suite, result, evidence.kind, evidence.seconds, failure)
        for outcome in result.mutants:
            failure = "" if outcome.witness else "this false claim was not refuted"
            _add_case(suite, result, f"mutant: {outcome.claim}", outcome.seconds, failure)
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def hunt_json(found: Hunt) -> str:
    """Return what came of a hunt as one JSON object; numbers that are not finite are null."""
    loop = found.loop
    document = {
        "recurate": __version__,
        "id": found.conjecture,
        "verdict": found.verdict,
        "least_margin": _finite(found.least_margin),
        "certified_margin": found.ball or None,
        "least_share": _finite(found.least_share),
        "where": found.where,
        "loop": None
        if loop is None
        else {
            "rewards": loop.law.rewards.tolist(),
            "probs": loop.law.probs.tolist(),
            "K": _finite(loop.K),
            "lam": _finite(loop.lam),
            "steps": found.steps,
        },
        "evaluations": found.evaluations,
        "seconds": found.seconds,
        "seed": found.seed,
        "replay": found.replay,
        "note": found.note,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _add_case(
    suite: ElementTree.Element, result: Result, name: str, seconds: float, failure: str
) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"recurate.{result.statement.id}",
        name=name,
        time=f"{seconds:.3f}",
    )
    if failure:
        ElementTree.SubElement(case, "failure", message=failure)

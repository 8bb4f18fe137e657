"""What `recurate check` found, as JUnit's XML for CI servers."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recurate.numerics.text import escaped

if TYPE_CHECKING:
    from recurate.paper_checks.evidence.evidence import Evidence
    from recurate.paper_checks.runner import Result


def results_junit(results: Sequence[Result], *, seed: int, level: str) -> str:
    """Return the results as JUnit's XML: a suite for each result, a case for each kind."""
    root = ElementTree.Element("testsuites", name=f"recurate check --level {level} --seed {seed}")
    for result in results:
        suite = ElementTree.SubElement(root, "testsuite", name=result.statement.id)
        for evidence in result.evidence:
            _add_case(suite, result, evidence.kind, evidence.seconds, _failure(result, evidence))
        for outcome in result.mutants:
            failure = "" if outcome.witness else "this false claim was not refuted"
            _add_case(suite, result, f"mutant: {outcome.claim}", outcome.seconds, failure)
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _failure(result: Result, evidence: Evidence) -> str:
    """Return why a piece of evidence is not as it should be; empty if it is."""
    if result.statement.expected == "refuted":  # by one kind of evidence: others may find nothing
        return "" if result.is_expected_refutation else "this claim was expected to be refuted"
    reasons = (evidence.witness, evidence.cause, evidence.error)
    reason = "; ".join(str(reason) for reason in reasons if reason) or "undecided"
    return "" if evidence.verdict == "holds" else reason


def _add_case(
    suite: ElementTree.Element, result: Result, name: str, seconds: float, failure: str
) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"recurate.{result.statement.id}",
        name=escaped(name, "\n"),
        time=f"{seconds:.3f}",
    )
    if failure:
        ElementTree.SubElement(case, "failure", message=escaped(failure, "\n"))

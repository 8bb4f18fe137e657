"""The report of `recurate check --html`: what it says, where it leads, and that text stays text."""

import posixpath
import re
from collections import Counter
from dataclasses import replace

import pytest

from recurate.pages.report.entry import Entry
from recurate.pages.report.glossary import anchor, glossary
from recurate.pages.report.paths import paths
from recurate.pages.report.report import explained, report_pages
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome
from recurate.paper_checks.evidence.manifest import SOURCES, read_manifest
from recurate.paper_checks.evidence.proof_cache import checked
from recurate.theory.catalogue import CHAPTERS, STATEMENTS

from .conftest import NAMES
from .inspected import EXTERNAL, HOSTILE, parsed, require_sound


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def classed(tree, name):
    return [one for one in tree.iter() if name in one.get("class", "").split()]


def test_every_page_is_sound(pages):
    assert list(pages) == paths(NAMES)
    for page in pages.values():
        require_sound(page)


def test_every_link_leads_to_a_place_in_the_report(pages):
    places = {path: {one.get("id") for one in parsed(page).iter()} for path, page in pages.items()}
    followed = 0
    for path, page in pages.items():
        for link in parsed(page).iter("a"):
            href = link.get("href")
            if re.match("https://arxiv.org/abs/[0-9.]+$", href):
                continue
            assert not EXTERNAL.match(href)
            assert ":" not in href
            file, _, fragment = href.partition("#")
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
            )
            assert target in places, (path, href)
            assert not fragment or fragment in places[target], (path, href)
            followed += 1
    assert followed > 200


def test_the_same_results_make_the_same_pages(results, pages):
    again = report_pages(results, seed=0, level="quick", command="recurate check --html D")
    assert dict(again) == pages


def test_no_page_says_how_long_something_took(results, pages):
    slower = [
        replace(result, evidence=tuple(replace(e, seconds=1e6) for e in result.evidence))
        for result in results
    ]
    again = dict(report_pages(slower, seed=0, level="quick", command="recurate check --html D"))
    assert again == pages


# The index


def test_index_has_each_result_with_verdict_and_evidence(results, pages):
    tree = parsed(pages["index.html"])
    shown = {one.find(".//b").text: one for one in classed(tree, "result")}
    assert list(shown) == [result.statement.id for result in results]
    for result in results:
        one = shown[result.statement.id]
        assert one.get("data-verdict") == result.verdict
        assert one.get("data-standing") == result.established
        kinds = [e.kind for e in result.evidence] + ["mutants"] * bool(result.mutants)
        assert one.get("data-kinds").split() == kinds
        counts = [part.find("b").text for part in classed(one, "part")]
        assert counts[: len(result.evidence)] == [f"{e.cases:,}" for e in result.evidence]
        assert one.find(".//math") is not None
        assert result.statement.title.lower() in one.get("data-text")
    told = Counter(result.verdict for result in results)
    assert told == {"holds": 3, "open": 1, "refuted": 1}
    assert "3 holds, 1 open, 1 refuted (1 known to be)" in text_of(tree)
    assert not classed(tree, "wrong")


def test_index_is_sorted_by_chapters(pages):
    tree = parsed(pages["index.html"])
    shown = [one.get("data-chapter") for one in classed(tree, "chapter")]
    chapters = [STATEMENTS[name].chapter for name in NAMES]
    assert shown == [CHAPTERS[one] for one in dict.fromkeys(chapters)]
    choices = [option.text for option in tree.iter("option")]
    assert set(shown) <= set(choices)


def test_what_is_wrong_is_said_first(results):
    survivor = MutantOutcome("a false claim", None, None)
    wrong = replace(results[0], mutants=(*results[0].mutants, survivor))
    pages = dict(report_pages([wrong, results[1]], seed=0, level="quick", command="c"))
    (box,) = classed(parsed(pages["index.html"]), "wrong")
    assert [link.text for link in box.iter("a")] == ["ratio-bound"]
    assert "a false claim was not refuted: a false claim" in text_of(box)
    (page,) = (text for path, text in pages.items() if "ratio-bound" in path)
    assert "survived" in text_of(parsed(page))


# A result's page


def test_page_has_statement_proof_and_evidence(results, pages):
    result = results[1]
    statement = result.statement
    tree = parsed(pages["results/theorem-2.3.html"])
    text = text_of(tree)
    assert text_of(tree.find(".//h1")) == f"{statement.label}: {statement.title}"
    (claim,) = classed(tree, "claim")
    assert claim.find("math").get("alttext").startswith("E_{t+1} w >= E_ref w + λ/(1+λ)^3")
    for hypothesis in statement.hypotheses:
        assert f"[{hypothesis.name}]" in text
    steps = tree.find(".//ol[@id='steps']").findall("li")
    outcomes = checked(statement).steps
    assert [one.find(".//b").text for one in steps] == [step.label for step in outcomes]
    states = [classed(one, "tag")[0].text for one in steps]
    assert states == [step.state for step in outcomes]
    assert [one.get("id") for one in classed(tree, "kind")] == [e.kind for e in result.evidence]
    for mutant in result.mutants:
        assert mutant.witness.replay in "".join(tree.itertext())


def test_formal_theorems_are_shown_as_rocq_prints_them(pages):
    tree = parsed(pages["results/theorem-2.3.html"])
    shown = "".join(tree.itertext())
    theorems = read_manifest().of("theorem-2.3")
    assert theorems
    for theorem in theorems:
        assert theorem.statement in shown
        assert f"proofs/{theorem.file}" in shown
        assert (", ".join(theorem.axioms) or "none") in shown


def test_every_name_that_leads_into_proofs_exists():
    """Of all results: the file, and in it a statement of the theorem's name."""
    mentioned = [one for name in STATEMENTS for one in read_manifest().of(name)]
    assert len(mentioned) > 80
    for theorem in mentioned:
        text = (SOURCES / theorem.file).read_text(encoding="utf-8")
        kinds = "Theorem|Lemma|Corollary|Fact|Proposition|Remark|Example"
        assert re.search(rf"\b(?:{kinds})\s+{theorem.theorem}\b", text), theorem


def test_lines_of_a_page_show_the_margin_beside_them(pages):
    tree = parsed(pages["results/theorem-2.3.html"])
    (kind,) = (one for one in classed(tree, "kind") if one.get("id") == "exact")
    found = [one for one in kind.iter("details") if classed(one, "replay")]
    assert len(found) == 3
    for one in found:
        space = {}
        exec("".join(one.find(".//pre").itertext()).replace("print(", "found = (", 1), space)
        assert text_of(one.find("summary")).startswith(f"{float(space['found'].value):.1e} at ")


def test_a_false_claim_shows_its_counterexample_and_no_alarm(results, pages):
    tree = parsed(pages["results/two-basins-limit-finite.html"])
    witness = next(e.witness for e in results[3].evidence if e.witness is not None)
    assert witness.replay in "".join(tree.itertext())
    assert "refuted, as was known" in text_of(tree)
    assert not classed(tree, "bad")


def test_a_failed_proof_and_a_failed_program_are_shown(results):
    failing = replace(
        results[1],
        evidence=(
            Evidence("exact", 0, 0.0, "nothing", error="ValueError: <no>"),
            Evidence("symbolic", 2, 0.0, "steps", cause="gap: the sign cannot be read off"),
        ),
    )
    (page,) = (
        text
        for path, text in report_pages([failing], seed=0, level="quick", command="c")
        if "results" in path
    )
    told = [text_of(one) for one in classed(parsed(page), "complaint")]
    assert told == ["The program failed: ValueError: <no>", "gap: the sign cannot be read off"]


def test_page_by_itself_leads_nowhere_else():
    statement = STATEMENTS["theorem-2.2"]
    page = explained(statement, checked(statement))
    require_sound(page)
    hrefs = {link.get("href") for link in parsed(page).iter("a")}
    assert all(href.startswith(("#", "https://arxiv.org/")) for href in hrefs)
    assert "recurate check theorem-2.2 --html DIR" in text_of(parsed(page))
    assert not classed(parsed(page), "kind")
    assert len(parsed(page).find(".//ol[@id='steps']")) == len(statement.proof.steps)


@pytest.mark.parametrize("name", STATEMENTS)
def test_page_of_every_result_is_sound_and_its_formulas_are_set(name):
    page = explained(STATEMENTS[name], checked(STATEMENTS[name]))
    require_sound(page)
    formulas = list(parsed(page).iter("math"))
    assert formulas
    for formula in formulas:
        assert formula.get("alttext")
        assert "\\" not in text_of(formula)  # a command that the converter does not know


def test_symbols_have_their_meanings():
    entry = Entry.of(STATEMENTS["theorem-2.3"])
    by_name = {name: meaning for meaning in entry.meanings for name in meaning.names}
    assert by_name["lam"].text == "Synthetic samples per real one."
    assert by_name["inverse_candidates"].text == "= 1/K, zero for K = inf."
    assert [str(moment) for moment in by_name["mean_weight"].moments] == ["E_ref w"]
    assert any(line.startswith("p_ref:") for line in entry.words())
    # A meaning that begins with a formula keeps its letters as they are.
    shares = Entry.of(STATEMENTS["two-basins-nash"]).meanings
    assert any(one.text.startswith("g_1 = u_1(P_1)") for one in shares)
    assert any(one.text.startswith("q log(u_1") for one in shares)


def test_every_word_is_in_the_glossary_once():
    words = glossary()
    assert len({anchor(word) for word in words}) == len(words)
    assert {"margin", "mutant", "verified", "cited", "certified", "established formal"} <= set(
        words
    )
    with pytest.raises(KeyError, match="no 'marginal'"):
        anchor("marginal")


# Text that others wrote


def test_hostile_text_stays_text_everywhere(hostile):
    pages = dict(report_pages([hostile], seed=0, level="quick", command=f"check {HOSTILE}"))
    for page in pages.values():
        require_sound(page)
        tree = parsed(page)
        assert len(list(tree.iter("script"))) == 2
        assert "\\x1b" in "".join(tree.itertext())
        assert not any(letter in page for letter in "\x00\x1b\u202e")
        assert not any("onerror" in one.attrib for one in tree.iter())
    tree = parsed(pages["results/theorem-2.3.html"])
    seen = "".join(tree.itertext())
    # title and heading, hypothesis, its name, cases, remark, evidence, witnesses, mutants …
    assert seen.count("<script>alert(1)</script>") > 40


def test_hostile_graph(results):
    named = replace(results[1].statement, title=HOSTILE, uses=())
    pages = dict(
        report_pages([replace(results[1], statement=named)], seed=0, level="quick", command="c")
    )
    titles = [one for one in parsed(pages["graph.html"]).iter("title") if "alert" in one.text]
    assert titles
    require_sound(pages["graph.html"])

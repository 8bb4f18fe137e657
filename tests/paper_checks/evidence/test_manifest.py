"""The formal column: only what Rocq has checked, of the sources that are there."""

import dataclasses
import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate.cli import app
from recurate.numerics.own_files import as_text
from recurate.paper_checks import runner
from recurate.paper_checks.evidence import manifest as formal
from recurate.paper_checks.evidence.gathering import formal as formal_gathering
from recurate.paper_checks.evidence.gathering.formal import formal_evidence
from recurate.paper_checks.evidence.manifest import (
    MANIFEST,
    SOURCES,
    StaleManifestError,
    formal_scope,
    read_manifest,
    require_current,
)
from recurate.paper_checks.evidence.standing import scope_of
from recurate.paper_checks.runner import EFFORTS, parts_of, run_checks
from recurate.theory.catalogue import STATEMENTS

from ...damage import damaged, edited

PROVED = {theorem.id for theorem in read_manifest().theorems} - {None}

# The three axioms of MathComp Analysis, on which its real numbers rest.
CLASSICAL = {
    "boolp.propositional_extensionality",
    "boolp.functional_extensionality_dep",
    "boolp.constructive_indefinite_description",
}


@pytest.fixture
def sources(tmp_path):
    for path in SOURCES.rglob("*.v"):
        copy = tmp_path / path.relative_to(SOURCES)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def generator():
    """Return the module that writes the manifest, which lies outside the package."""
    spec = importlib.util.spec_from_file_location("manifest", SOURCES / "manifest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_manifest_is_of_the_sources_that_are_there():
    assert len(read_manifest().sources) == len(list(SOURCES.rglob("*.v"))) > 5
    require_current(read_manifest())


def test_every_reported_theorem_is_in_the_manifest():
    lines = (SOURCES / "theorems.txt").read_text(encoding="utf-8").splitlines()
    named = [line.split() for line in lines if not line.startswith("#")]
    assert [
        [theorem.id or "-", Path(theorem.file).stem, theorem.theorem]
        for theorem in read_manifest().theorems
    ] == named


def test_results_of_the_paper_are_proved():
    wanted = {name for name, s in STATEMENTS.items() if s.kind in ("paper", "reported")}
    assert PROVED <= set(STATEMENTS)
    # Parametric models are beyond finite laws.
    assert wanted - PROVED == {"theorem-2.2"}


@pytest.mark.parametrize("theorem", read_manifest().theorems, ids=lambda t: t.theorem)
def test_theorems_are_stated_and_rest_on_no_other_axioms(theorem):
    text = (SOURCES / theorem.file).read_text(encoding="utf-8")
    assert re.search(rf"^Theorem {theorem.theorem}\b|^Lemma {theorem.theorem}\b", text, re.M)
    on_reals = re.search(r"Require\s+Import\s[^.]*\breals\b", text)
    allowed = CLASSICAL if on_reals else set()
    assert set(theorem.axioms) <= allowed


def test_statements_say_what_the_paper_says():
    statement = {theorem.theorem: theorem.statement for theorem in read_manifest().theorems}
    # Theorem 2.3 speaks of t + 1 >= 1 steps and has the paper's constant.
    assert "lam / (1 + lam) ^+ 3 * ((K%:R - 1) / K%:R *" in statement["theorem_2_3"]
    assert "mean (mixed_loop K lam pref w t.+1) w" in statement["theorem_2_3"]
    # A bound on a divergence means nothing without absolute continuity.
    for name in ("theorem_2_4", "theorem_2_1", "theorem_2_1_rate", "reference_divergence"):
        assert "absolutely_continuous" in statement[name]
    # Nor does the logarithm of a mass, or the quotient by one, if it may be zero.
    for name, positive in (
        ("KL_limit", "0 < mass (pure_loop K w p0 t) (top w bound)"),
        ("theorem_2_1_odds", "0 < mass (curated K p w) (top w bound) /\\"),
        ("theorem_2_1_speed_limit", "mass (pure_loop K w p0 t) (top w bound) < 1 /\\"),
    ):
        assert positive in statement[name]
    assert "<= - ln (1 - lam * (K%:R - 1))" in " ".join(statement["theorem_2_4"].split())
    # An instance that computes, by hand: 1/4 + (2/4)(2/3).
    assert statement["seven_twelfths"] == "curated 2 halves one_or_two true = 7 / 12"


@pytest.mark.parametrize("change", ["edited", "removed", "added"])
def test_other_sources_than_those_checked_are_refused(sources, change):
    manifest = read_manifest()
    require_current(manifest, sources)
    name = "real_data/mixed_loop.v"
    path = sources / name
    if change == "edited":
        path.write_text(path.read_text(encoding="utf-8").replace("^+ 3", "^+ 2"), encoding="utf-8")
    elif change == "removed":
        path.unlink()
    else:
        name = "pure_loop/more.v"
        path = sources / name
        path.write_text("Axiom all_is_well : False.", encoding="utf-8")
    with pytest.raises(StaleManifestError, match=rf"proofs/{name}; run `make proofs`"):
        require_current(manifest, sources)


def test_a_checkout_without_its_sources_is_refused(tmp_path):
    with pytest.raises(StaleManifestError, match=r"proofs/pure_loop/limits\.v"):
        require_current(read_manifest(), tmp_path)  # the folder is there, and nothing is in it


def test_a_theorem_from_an_unchecked_file_is_refused(tmp_path):
    manifest = read_manifest()
    invented = dataclasses.replace(manifest.theorems[0], file="elsewhere.v")
    with pytest.raises(StaleManifestError, match=r"elsewhere\.v"):
        # Even without sources beside the package, as where it is installed.
        require_current(dataclasses.replace(manifest, theorems=(invented,)), tmp_path / "none")


def test_an_installed_package_has_no_sources_to_compare(tmp_path):
    require_current(read_manifest(), tmp_path / "none")


def test_stale_evidence_is_open_and_explain_refuses(monkeypatch, sources):
    (sources / "pure_loop" / "limits.v").write_text("", encoding="utf-8")
    monkeypatch.setattr(formal, "SOURCES", sources)
    few = dataclasses.replace(EFFORTS["quick"], property=5, exact=10, certified=4, sampled=2)
    monkeypatch.setitem(EFFORTS, "quick", few)
    (result,) = run_checks(["theorem-2.2"])
    assert "formal" not in parts_of("theorem-2.2")
    assert result.is_sound  # nothing formal is claimed of it
    (result,) = run_checks(["lemma-2.1"])
    (evidence,) = (e for e in result.evidence if e.kind == "formal")
    assert evidence.verdict == "open"
    assert "proofs/pure_loop/limits.v" in evidence.error
    assert not result.is_sound
    done = CliRunner().invoke(app, ["explain", "lemma-2.1"])
    assert done.exit_code == 2
    assert "proofs/pure_loop/limits.v" in done.stderr


@pytest.mark.parametrize("name", STATEMENTS)
def test_only_what_is_in_the_manifest_has_formal_evidence(name):
    assert ("formal" in parts_of(name)) == (name in PROVED)
    evidence = formal_evidence(STATEMENTS[name])
    assert evidence.cases == sum(t.id == name for t in read_manifest().theorems)
    assert evidence.verdict == ("holds" if name in PROVED else "open")


# About two candidates, infinitely many, the limit K -> inf, any number, or what any law adds: no
# finite K is supposed.
WITHOUT_K = {
    "accumulation-floor",
    "best-of-n-divergence",  # its number of candidates is n
    "best-of-n-divergence-gap",
    "best-of-n-win-rate",
    "best-of-n-win-rate-gap",
    "condensation-threshold",
    "condorcet-cycle",
    "condorcet-winner",
    "fixed-point-k-inf",
    "fixed-point-voters",
    "implicit-objective",
    "kl-regularised-reward",
    "lemma-2.1-limit",
    "lemma-2.1-next-order",
    "nash-welfare",
    "noise-equivalence",
    "outside-mass-decays-dominated",
    "pluralistic-objective",
    "preference-game",
    "theorem-2.1-k-inf",
    "two-basins-limit",
    "two-basins-nash",
    "two-basins-persist",
    "two-basins-variance",
    "voters-gain",
}

# K is a number or infinity.
EVERY_K = {
    "bounded-gap-envelope",
    "curation-lipschitz",
    "curation-lipschitz-sharp",
    "curation-order",
    "finite-sample-drift",
    "finite-sample-loop",
    "fixed-point-spectrum",
    "fixed-point-two-point",
    "fixed-point-unique",
    "global-attraction",
    "loop-contraction",
    "no-condensation",
    "no-condensation-sharp",
    "surplus-gradient",
    "theorem-2.1-odds-sharp",
    "theorem-2.3-optimal",
    "theorem-2.4-bounded-weights",
    "wrong-rewards",
}

# Where λ is a number of the field, λ = inf is left out; elsewhere it is a share of 0 to 1, or none.
FINITE_LAM = {
    "condensation-threshold",
    "density-monotone",
    "finite-sample-drift",
    "finite-sample-loop",
    "fixed-point-k-inf",
    "fixed-point-two-point",
    "fixed-point-unique",
    "global-attraction",
    "implicit-objective",
    "loop-contraction",
    "no-condensation",
    "no-condensation-sharp",
    "noise-equivalence",
    "reference-divergence",
    "theorem-2.3",
    "theorem-2.3-optimal",
    "theorem-2.3-sharp",
    "theorem-2.4",
    "theorem-2.4-bounded-weights",
    "theorem-2.4-optimal",
    "wrong-rewards",
}


@pytest.mark.parametrize("name", sorted(PROVED))
def test_scope_is_what_rocq_quantifies_over(name):
    scope = formal_scope(read_manifest().of(name))
    assert scope.startswith("for finite laws")  # a finType in each
    assert ("finite K" in scope) == (name not in WITHOUT_K | EVERY_K)
    assert ("K : option nat" in read_manifest().of(name)[0].statement) == (name in EVERY_K)
    assert ("finite λ" in scope) == (name in FINITE_LAM)


@pytest.mark.parametrize(
    ("variables", "scope"),
    [
        ("(T : finType) (K : nat) (lam : R)", "for finite laws, finite K and finite λ"),
        ("(T J : finType) (K : nat -> J -> nat)", "for finite laws and finite K"),
        ("(R : realType) (T U : finType) (a : R)", "for finite laws"),
        ("(T V : finType) (Kv : nat -> V -> option nat) (K : option nat)", "for finite laws"),
    ],
)
def test_scope_of_several_variables_and_of_those_of_each_step(variables, scope):
    theorem = dataclasses.replace(read_manifest().theorems[0], statement=f"forall {variables}, x")
    part = dataclasses.replace(theorem, statement="forall (K : nat) (lam : R), x")
    assert formal_scope((theorem, part)) == scope


@pytest.mark.parametrize("name", sorted(PROVED))
def test_explain_shows_what_rocq_says(name):
    words = " ".join(CliRunner().invoke(app, ["explain", name]).stdout.split())
    told = json.loads(CliRunner().invoke(app, ["explain", name, "--json"]).stdout)["formal"]
    typeset = CliRunner().invoke(app, ["explain", name, "--latex"]).stdout
    theorems = read_manifest().of(name)
    assert [entry["theorem"] for entry in told] == [theorem.theorem for theorem in theorems]
    for theorem in theorems:
        assert " ".join(theorem.statement.split()) in words
        assert f"\\begin{{verbatim}}\n{theorem.statement}\n\\end{{verbatim}}" in typeset


@pytest.mark.parametrize(
    "line",
    [
        "Lemma a : False. Admitted.",
        "Axiom a : False.",
        "Parameters (a : False).",
        "Unset Guard Checking.",
        "Proof. admit. Qed.",
    ],
)
def test_unproved_sources_are_refused(monkeypatch, sources, line):
    manifest = generator()
    monkeypatch.setattr(manifest, "HERE", sources)
    name = "pure_loop/limits.v"
    manifest._refuse_unproved(name)
    with (sources / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(manifest.ProofError, match=r"limits\.v says"):
        manifest._refuse_unproved(name)


def test_no_damaged_manifest_is_read(tmp_path):
    """Every entry left out or replaced, cuts and garbled bytes; of three theorems, to be quick."""
    read = read_manifest.__wrapped__
    whole = read_manifest()
    few = dataclasses.replace(whole, theorems=whole.theorems[:3], sources={"a.v": "0" * 64})
    path = tmp_path / "manifest.json"
    content = as_text(few).encode()
    path.write_bytes(content)
    assert read(path) == few
    refused = 0
    forms = [json.dumps(other).encode() for other in edited(json.loads(content))]
    for form in (*forms, *damaged(content, 100)):
        path.write_bytes(form)
        try:
            assert read(path) == few, form
        except StaleManifestError:
            refused += 1
    assert refused > 400
    with pytest.raises(StaleManifestError, match=r"nowhere' is not there: install the package"):
        read(tmp_path / "nowhere")


def test_a_theorem_of_unknown_scope_is_refused(tmp_path):
    """With a right checksum: it would be claimed of every law, K and λ."""
    whole = read_manifest()
    vast = dataclasses.replace(whole.theorems[0], statement="forall x, x = x")
    path = tmp_path / "manifest.json"
    path.write_text(as_text(dataclasses.replace(whole, theorems=(vast,))), encoding="utf-8")
    with pytest.raises(StaleManifestError, match="scope is not known"):
        read_manifest.__wrapped__(path)


def test_a_damaged_manifest_claims_nothing_and_says_so(monkeypatch, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_bytes(MANIFEST.read_bytes()[:-20])

    def damaged_manifest():
        return read_manifest.__wrapped__(path)

    for module in (formal, runner, formal_gathering):
        monkeypatch.setattr(module, "read_manifest", damaged_manifest)
    statement = STATEMENTS["lemma-2.1"]
    assert scope_of(statement) == ""
    assert "formal" in parts_of("lemma-2.1")
    evidence = runner.gather("lemma-2.1", "formal", "quick", 0)
    assert evidence.verdict == "open"
    assert "the package anew" in evidence.error
    done = CliRunner().invoke(app, ["explain", "lemma-2.1"])
    assert done.exit_code == 2
    assert "the formal proofs are not known: " in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_generator_s_checksum_is_the_reader_s():
    document = json.loads(MANIFEST.read_text(encoding="utf-8"))
    assert generator().sealed({k: v for k, v in document.items() if k != "checksum"}) == document
    assert json.loads(as_text(read_manifest())) == document


def test_what_rocq_prints_is_parsed():
    manifest = generator()
    assert manifest._stated("a\n     : forall x : T,\n       x = x\n") == "forall x : T,\nx = x"
    assert manifest._assumed("Closed under the global context\n") == []
    assert manifest._assumed("Axioms:\nc.two : P ->\n  Q\nb.one\n  : P\n") == ["b.one", "c.two"]
    with pytest.raises(manifest.ProofError):
        manifest._stated("Error\n")
    for answer in ("Axioms:\n", "Other\n", ""):
        with pytest.raises(manifest.ProofError):
            manifest._assumed(answer)


@pytest.mark.parametrize(
    ("classical", "planted", "processes"), [(True, "", 1), (False, "", 2), (True, "two", 2)]
)
def test_axioms_of_many_theorems_are_those_of_each(monkeypatch, classical, planted, processes):
    """Asked together, and each alone where what all rest on is not what they rest on together."""
    manifest = generator()
    theorems = [{"file": "sanity/a.v", "theorem": name} for name in ("one", "two")]
    of_reals = sorted(CLASSICAL) if classical else []
    truth = {
        f"Recurate.sanity.a.{name}": ["b.more", *of_reals] if name == planted else sorted(CLASSICAL)
        for name in ("one", "two")
    }
    asked = []

    def answer(used):
        axioms = "".join(f"{name} : P\n" for name in sorted(used))
        return f"Axioms:\n{axioms}" if axioms else "Closed under the global context\n"

    def answers(_, questions):
        asked.append(questions)
        if "together" not in questions[-1]:
            return [answer(truth[question.split()[-1].rstrip(".")]) for question in questions]
        assert all(f"@{name}" in questions[-1] for name in truth)
        return [answer(of_reals), answer(set().union(*truth.values()))]

    monkeypatch.setattr(manifest, "_answers", answers)
    assert manifest._axioms([], theorems, "realType") == truth
    assert len(asked) == processes


def test_theorems_are_asked_about_beside_their_like():
    """Only what quantifies over the real numbers rests on their axioms at least."""
    manifest = generator()
    files = {theorem.file for theorem in read_manifest().theorems}
    theorems = [dataclasses.asdict(theorem) for theorem in read_manifest().theorems]
    groups = manifest._groups(theorems)
    assert sorted(t["theorem"] for group, _ in groups for t in group) == sorted(
        t["theorem"] for t in theorems
    )
    assert {t["file"] for group, _ in groups for t in group} == files
    for group, least in groups:
        for theorem in group:
            assert (least == "realType") <= (set(theorem["axioms"]) == CLASSICAL)
            assert (least == "realType") == (": realType" in theorem["statement"])


def test_manifest_is_what_the_generator_writes():
    document = json.loads(MANIFEST.read_text(encoding="utf-8"))
    assert MANIFEST.read_text(encoding="utf-8") == (
        json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    )
    assert re.fullmatch(r"coqchk \d+\.\d+\.\d+", document["checker"])

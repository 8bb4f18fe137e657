"""`recurate list` and `recurate explain`, and the cache of verified proofs."""

import dataclasses
import io
import json
import re
from functools import cache

import pytest
import sympy
from matplotlib.mathtext import MathTextParser
from rich.console import Console
from typer.testing import CliRunner

from recurate.cli import app
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence import proof_cache
from recurate.paper_checks.evidence.evidence import ESTABLISHED
from recurate.paper_checks.evidence.proof_cache import CheckedProof, CheckedStep, checked
from recurate.paper_checks.evidence.standing import standing
from recurate.printing.explanation import _symbol_lines
from recurate.printing.latex import explanation_latex, latex
from recurate.printing.results_list import print_list, print_long_list
from recurate.theory import catalogue
from recurate.theory.catalogue import CHAPTERS, STATEMENTS
from recurate.theory.language import draws, notation
from recurate.theory.language.means import Moment
from recurate.theory.language.relations import at_least
from recurate.theory.language.special_functions import LogExcess
from recurate.theory.legend import legend, unexplained
from recurate.theory.plain_text import in_words, plain
from recurate.theory.source import SEEN, Source


@pytest.fixture
def cache_of_its_own(monkeypatch, tmp_path):
    """For a test that alters proofs, or is about the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "recurate" / "proofs"


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def broken(name):
    """The statement with a last step that does not follow."""
    statement = STATEMENTS[name]
    *steps, last = statement.proof.steps
    false = dataclasses.replace(last, claim=at_least(last.claim.lhs, last.claim.rhs + 1))
    proof = dataclasses.replace(statement.proof, steps=(*steps, false))
    return dataclasses.replace(statement, proof=proof)


def taken_as_verified(statement, **options):
    """The proof as if checked: that all are is held elsewhere, and takes seconds."""
    steps = (CheckedStep(step.label, "verified", 0.0, "") for step in statement.proof.steps)
    return CheckedProof(tuple(steps), from_cache=False)


def test_list_names_every_result(monkeypatch):
    monkeypatch.setattr(proof_cache, "checked", taken_as_verified)
    done = run("list", "--long")
    assert done.exit_code == 0
    for name, statement in STATEMENTS.items():
        level = standing(statement, taken_as_verified(statement))
        assert f"{name}  {statement.kind}, {level}\n" in done.stdout


def test_list_is_whole_at_80_columns():
    levels = dict.fromkeys(STATEMENTS, "proved")
    out = io.StringIO()
    print_long_list(STATEMENTS.values(), levels, Console(width=80, file=out))
    assert max(map(len, out.getvalue().splitlines())) <= 80
    words = " ".join(out.getvalue().split())
    for statement in STATEMENTS.values():
        texts = [statement.id, statement.title, str(statement.source)]
        texts.append(f"then {in_words(statement.claim, statement.bound_law)}")
        texts += [hypothesis.text for hypothesis in statement.hypotheses]
        if isinstance(statement.source, Source):
            texts.append(statement.source.summary)
        for text in texts:
            assert " ".join(text.split()) in words


@pytest.mark.parametrize("width", [80, 120])
def test_list_has_a_sentence_for_each_result_in_chapters(width):
    out = io.StringIO()
    print_list(STATEMENTS.values(), Console(width=width, file=out))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line in CHAPTERS.values()] == list(CHAPTERS.values())
    words = " ".join(out.getvalue().split())
    for name, statement in STATEMENTS.items():
        assert f"{name} {statement.title}" in words
        if len(statement.title) <= width - 32:
            assert any(line.startswith(f"  {name} ") and statement.title in line for line in lines)


def test_list_verifies_nothing_that_it_does_not_print(monkeypatch):
    monkeypatch.setattr(proof_cache, "checked", None)
    assert run("list").exit_code == 0


def test_list_as_json(monkeypatch):
    monkeypatch.setattr(proof_cache, "checked", taken_as_verified)
    listed = json.loads(run("list", "--json").stdout)
    assert [entry["id"] for entry in listed] == list(STATEMENTS)
    for entry in listed:
        assert entry["title"]
        assert entry["source"] == str(STATEMENTS[entry["id"]].source)
        kinds = ("paper", "reported", "sharpened", "ours", "literature", "conjecture")
        assert entry["kind"] in kinds
        assert entry["expected"] == STATEMENTS[entry["id"]].expected
        is_of_paper = entry["kind"] in ("paper", "reported", "literature")
        assert (entry["provenance"] is not None) == is_of_paper
        if is_of_paper:
            assert entry["provenance"]["number"] in entry["source"]
            assert entry["provenance"]["seen"] in SEEN
    levels = {entry["id"]: entry["established"] for entry in listed}
    for name, statement in STATEMENTS.items():
        assert (levels[name] == "open") == (statement.kind == "conjecture")
        assert levels[name] != "proved" or statement.proof.steps
    assert {"formal", "proved", "open"} <= set(levels.values()) <= set(ESTABLISHED)


def test_list_verifies_what_it_calls_proved(monkeypatch, cache_of_its_own):
    few = {
        "lemma-2.2": broken("lemma-2.2"),
        "theorem-2.2": STATEMENTS["theorem-2.2"],
        "theorem-2.2-sharp": broken("theorem-2.2-sharp"),
        "reward-monotone": STATEMENTS["reward-monotone"],
    }
    monkeypatch.setattr(catalogue, "STATEMENTS", few)
    listed = json.loads(run("list", "--json").stdout)
    # Rocq's proof stands by itself; a claim whose own proof fails is claimed, and no more.
    assert [entry["established"] for entry in listed] == ["formal", "proved", "tried", "open"]
    assert listed[0]["formal_scope"] == "for finite laws and finite K"
    assert listed[1]["formal_scope"] is None


def test_explain_says_how_far_and_within_which_scope():
    for name, words in (
        (
            "lemma-2.2",
            "formal for finite laws and finite K: Rocq's kernel checked it; proved beyond",
        ),
        ("theorem-2.3-sharp", "formal for finite laws, finite K and finite λ: Rocq's kernel"),
        ("theorem-2.2-sharp", "proved: each step verified by computer algebra"),
        ("reward-monotone", "open: a conjecture"),
    ):
        assert words in " ".join(run("explain", name).stdout.split())
        level = json.loads(run("explain", name, "--json").stdout)["established"]
        assert words.startswith(level)


def test_explain_does_not_call_proved_what_fails(monkeypatch, cache_of_its_own):
    for name, words in (
        ("lemma-2.2", "Rocq's kernel checked it; tried beyond that"),
        (
            "theorem-2.2-sharp",
            "tried: claimed, with evidence, but no proof that a program has verified",
        ),
    ):
        monkeypatch.setitem(STATEMENTS, name, broken(name))
        assert words in " ".join(run("explain", name, "--no-cache").stdout.split())


def test_explain_says_what_was_seen_of_the_paper():
    words = " ".join(run("explain", "theorem-2.4").stdout.split())
    assert "arXiv:2407.09499v1, section 2, Theorem 2.4 (reported)" in words
    assert STATEMENTS["theorem-2.4"].source.provenance in words
    document = json.loads(run("explain", "theorem-2.4", "--json").stdout)
    assert document["provenance"]["seen"] == "words"


@pytest.mark.parametrize("name", STATEMENTS)
def test_explain_as_json(name):
    document = json.loads(run("explain", name, "--json").stdout)
    assert document["id"] == name
    assert document["claim"] == in_words(STATEMENTS[name].claim, STATEMENTS[name].bound_law)
    assert document["hypotheses"] == [h.text for h in STATEMENTS[name].hypotheses]
    assert document["hypothesis_names"] == [h.name for h in STATEMENTS[name].hypotheses]
    meanings = {plain(symbol): text for symbol, text in legend(STATEMENTS[name]).items()}
    assert document["symbols"] == meanings
    assert document["law"] == (STATEMENTS[name].law or None)
    assert len(document["steps"]) == len(STATEMENTS[name].proof.steps)
    for step in document["steps"]:
        assert step["state"] in ("verified", "cited")
        assert step["claim"]
        assert step["seconds"] >= 0


@pytest.mark.parametrize("name", STATEMENTS)
def test_explain_in_words(name):
    done = run("explain", name)
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    assert " ".join(STATEMENTS[name].title.split()) in words
    for step in STATEMENTS[name].proof.steps:
        assert " ".join(step.text.split()) in words
    for text in (*legend(STATEMENTS[name]).values(), STATEMENTS[name].law):
        assert " ".join(text.split()) in words
    # No piece of SymPy's notation, and no class name of ours, is left; Rocq's is its own.
    before, _, after = done.stdout.partition("In Rocq, checked by")
    ours = before + after.partition("\nGiven\n")[2]
    assert "**" not in ours
    assert not re.search(r"(_at|PowerSum|Moment|Mean|LogExcess)\(", ours)
    assert not re.search(r"\b(alpha|beta|delta|epsilon|eps|kappa|mu|nu|rho|theta)\b", ours)


NAME = re.compile(r"(\\[a-zA-Z]+|\\.)|[a-zA-Z0-9]+")
DELIMITER = r"\s*(?:\\[a-zA-Z]+|\\.|.)"
INNERMOST = re.compile(rf"(\\left{DELIMITER})((?:(?!\\left|\\right).)*)(\\right{DELIMITER})")
GROUP = re.compile(r"(?<!\\)\{((?:[^{}\\]|\\.)*)\}")
OPERATOR = re.compile(r"((?<!\\) [-+=<>] | \\[lg]eq )")
GROUPED = "□"


def pieces(formula):
    """What is in delimiters and in braces, from the inside, by terms, and x in its place.

    The same ones are in many steps, and more are so once all names and numbers are x: parsing
    takes long.
    """
    formula = NAME.sub(lambda found: found[1] or "x", formula)
    while found := INNERMOST.search(formula):
        left, inner, right = found.groups()
        yield from (*ungrouped(inner), f"{left}x{right}")
        formula = f"{formula[: found.start()]}(x){formula[found.end() :]}"
    yield from ungrouped(formula)


def ungrouped(formula):
    while found := GROUP.search(formula):
        yield from terms(found[1])
        formula = f"{formula[: found.start()]}{GROUPED}{formula[found.end() :]}"
    yield from terms(formula)


def terms(formula):
    first, *others = OPERATOR.split(formula.replace(GROUPED, "{x}"))
    yield from (first, *others[1::2], *(f"x{operator}x" for operator in others[::2]))


@cache
def typeset(formula):
    return MathTextParser("path").parse(f"${formula}$")


@pytest.mark.parametrize(
    ("old", "new"), [("}{", "{"), ("frac", "fracs"), ("\\right|", ""), ("d", "}"), ("^{", "^{{")]
)
def test_a_piece_that_cannot_be_typeset_is_noticed(old, new):
    formula = r"a + \left(b - \left|\frac{c}{2}\right|\right)^{2} \left\{d\right\}"
    assert list(map(typeset, pieces(formula)))
    with pytest.raises(ValueError, match="Parse"):
        list(map(typeset, pieces(formula.replace(old, new))))


@pytest.mark.parametrize("name", STATEMENTS)
def test_latex_formulas_are_typeset(name):
    statement = STATEMENTS[name]
    steps = (step.claim for step in statement.proof.steps)
    for claim in (statement.claim, *steps, *legend(statement)):
        # Matplotlib's own TeX parser finds braces that do not match and commands that do not
        # exist; it knows neither \; nor \limits nor environments.
        formula = latex(claim).replace(r"\;", " ").replace(r"\limits", "")
        if r"\begin" not in formula:
            for piece in pieces(formula):
                typeset(piece)


@pytest.mark.parametrize("name", STATEMENTS)
def test_latex_fragment_is_balanced(name):
    fragment = explanation_latex(STATEMENTS[name], checked(STATEMENTS[name]))
    opened = re.findall(r"\\begin\{(\w+\*?)\}", fragment)
    assert sorted(opened) == sorted(re.findall(r"\\end\{(\w+\*?)\}", fragment))
    unescaped = re.sub(r"\\[{}\\]", "", fragment)
    assert unescaped.count("{") == unescaped.count("}")
    assert fragment.count(r"\(") == fragment.count(r"\)")
    assert fragment.isascii(), sorted({c for c in fragment if not c.isascii()})


def test_unknown_id_names_the_closest():
    done = run("explain", "theorem-2.33")
    assert done.exit_code == 2
    assert "theorem-2.3" in done.stderr
    assert "got 'theorem-2.33'" in done.stderr


def test_failed_step_is_shown_and_exits_1(monkeypatch, cache_of_its_own):
    monkeypatch.setitem(STATEMENTS, "lemma-2.2", broken("lemma-2.2"))
    done = run("explain", "lemma-2.2", "--no-cache")
    assert done.exit_code == 1
    assert "FAILED" in done.stdout
    assert "1 failed" in done.stdout


def test_verification_is_cached_by_its_sources(monkeypatch, cache_of_its_own):
    statement = STATEMENTS["lemma-2.2"]
    first, second = checked(statement), checked(statement)
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.steps == first.steps
    assert not checked(statement, use_cache=False).from_cache
    monkeypatch.setattr(proof_cache, "_sources_hash", lambda: "0" * 16)
    assert not checked(statement).from_cache
    # What was verified with other sources is thrown away.
    assert [path.name for path in cache_of_its_own.iterdir()] == [f"lemma-2.2-{'0' * 16}.json"]


def test_hash_depends_on_every_source(monkeypatch, tmp_path):
    def hash_of(folder):
        monkeypatch.setattr("recurate.theory.__path__", [str(folder)])
        proof_cache._sources_hash.cache_clear()
        return proof_cache._sources_hash()

    (tmp_path / "a.py").write_text("1")
    one = hash_of(tmp_path)
    assert hash_of(tmp_path) == one
    (tmp_path / "b.py").write_text("")
    other = hash_of(tmp_path)
    (tmp_path / "a.py").write_text("2")
    assert len({one, other, hash_of(tmp_path)}) == 3
    proof_cache._sources_hash.cache_clear()


def test_a_cache_that_cannot_be_read_is_done_without(cache_of_its_own):
    statement = STATEMENTS["ratio-bound"]
    checked(statement)
    (path,) = cache_of_its_own.iterdir()
    for content in ("", "[]", '[{"label": 1}]', "not json"):
        path.write_text(content)
        assert not checked(statement).from_cache
        assert checked(statement).from_cache


def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert checked(STATEMENTS["ratio-bound"]).count("verified") == 3


def test_plain_formulas():
    x, w = sympy.Symbol("lambda", positive=True), sympy.Symbol("w_*", positive=True)
    assert plain(at_least(x**2 / w, 3 * x)) == "λ^2/w_* >= 3 λ"


def test_plain_sums_and_products():
    m, a = notation.real_fraction, notation.synthetic_fraction
    mean, variance, top = notation.mean_weight, notation.variance_weight, notation.max_weight
    now, later = notation.mean_weight_at(notation.t), notation.mean_weight_at(notation.t + 1)
    for expression, text in [
        (later - mean, "E_{t+1} w - μ"),
        (1 + notation.lam, "1 + λ"),
        (notation.K + 1, "K + 1"),
        (later**2, "(E_{t+1} w)^2"),
        (now * later / top, "(E_t w) (E_{t+1} w)/w_*"),
        (a * later, "a E_{t+1} w"),
        (-variance / 2, "-V/2"),
        (2 * notation.lam / (1 + notation.lam) ** 3 * variance, "2 · λ/(1+λ)^3 · V"),
        (variance / notation.K, "V/K"),
        (m**2 - 1, "m^2 - 1"),
        (sympy.Max(mean, 1), "max(1, μ)"),
        (abs(mean - 1), "|μ - 1|"),
        (sympy.Limit(now, notation.t, sympy.oo), "lim_{t→∞} E_t w"),
        (sympy.Integral(mean, (variance, 0, sympy.oo)), "∫_0^∞ μ dV"),
        (sympy.Sum(mean, (variance, 1, 2)), "sum_{V = 1}^2 μ"),
        (sympy.Derivative(mean**2, mean), "d/dμ (μ^2)"),
    ]:
        assert plain(expression) == text


def test_claims_are_in_words():
    def claim_of(name):
        return in_words(STATEMENTS[name].claim, STATEMENTS[name].bound_law)

    assert claim_of("theorem-2.3-sharp") == (
        "E_{t+1} w >= E_ref w + λ/(1+λ) · (K-1)/K · (Var_ref w)/w_*"
    )
    assert claim_of("lemma-2.2") == "E_{t+1} w >= E_t w + (K-1)/K · (Var_t w)/w_*"
    assert claim_of("lemma-2.2-variance-sum").endswith("w_* (w_* - E_0 w)")
    assert claim_of("lemma-2.2-limits") == "lim_{t→∞} E_t w = w_*"
    assert "μ" in claim_of("loop-contraction")  # below two laws' means, and so no law's own
    for statement in STATEMENTS.values():
        assert not re.search(r"\b(m|a|κ)\b", in_words(statement.claim, statement.bound_law))


def names(text):
    """Letters of symbols and functions in a formula, without what their index is."""
    words = re.findall(r"[^\W\d_]+['*]?(?:_(?:\{[^}]*\}|[^\W\d_]+|\*|\d))?'?", text)
    return {re.sub(r"_(\{.*\}|[^\W\d_]|\d)(?!\w)", "_", word) for word in words}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_symbol_of_a_claim_is_printed_without_its_meaning(name):
    explained = names(" ".join(_symbol_lines(STATEMENTS[name])))
    claim = in_words(STATEMENTS[name].claim, STATEMENTS[name].bound_law)
    known = {"lim_", "log", "max", "tanh", "sqrt", "sum_", "not"}
    assert names(claim) - explained - known == set()


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_laws_and_weights_of_hypotheses_are_explained(name):
    said = _symbol_lines(STATEMENTS[name])
    for hypothesis in STATEMENTS[name].hypotheses:
        for word in re.findall(
            r"(?<![^\W_])(?:w(?!\w)|p_ref|p_0|p_data|p_θ|T\(p)", hypothesis.text
        ):
            assert any(word in line.split(":")[0].split(" = ")[0] for line in said), word


def test_divergences_and_distances_are_printed_as_the_hypotheses_have_them():
    claims = {name: in_words(s.claim, s.bound_law) for name, s in STATEMENTS.items()}
    assert claims["theorem-2.4"].startswith("KL(p_t‖p_ref) <= ")
    assert claims["fixed-point-unique"] == "TV(p,q) = 0"
    assert claims["reward-monotone-parameters"] == "E_t w at (δ + λ, K + n) >= E_t w at (λ, K)"


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_symbol_of_a_proof_is_printed_without_its_meaning(name):
    statement = STATEMENTS[name]
    assert unexplained(statement) == []  # of all its steps, each symbol is in the legend
    lines = _symbol_lines(statement)
    for symbol, meaning in legend(statement).items():
        assert any(plain(symbol) in line and meaning in line for line in lines)


def test_explain_names_what_can_be_altered():
    words = " ".join(run("explain", "theorem-2.3").stdout.split())
    assert "p_0 = p_ref; t + 1 >= 1 steps [start]" in words
    assert "μ = E_ref w: Mean of the weight under the law that the bound starts from." in words
    assert "Here that law is p_ref. [mean_weight]" in words
    assert "recurate check theorem-2.3 --without candidates" in words
    for name in CHECKS["theorem-2.3"].names:
        assert f"[{name}]" in words
    assert "--bound" not in run("explain", "theorem-2.1").stdout
    document = json.loads(run("explain", "theorem-2.3", "--json").stdout)
    assert document["names"]["variance_weight"] == "V"
    assert document["bound_law"] == "p_ref"


def test_plain_letters():
    assert plain(notation.third_central_moment) == "κ3"
    assert plain(sympy.Symbol("r_theta")) == "r_θ"
    assert plain(sympy.Symbol("Delta")) == "Δ"
    assert plain(sympy.Symbol("lambdas")) == "lambdas"  # no letter
    assert plain(sympy.Symbol("epsilon_*")) == "ε_*"


def test_moments_have_the_letters_of_the_draws():
    x = sympy.Symbol("x")
    assert plain(Moment(1, 2)) == "E[G W^2]"
    assert plain(Moment(0, 1, x)).endswith("[W]")
    assert latex(Moment(1, 2)) == r"\mathbb{E}\left[G W^{2}\right]"
    assert plain(draws.random_quantity * draws.random_weight) == "G W"


def test_excess_of_a_logarithm_is_spelt_out():
    assert plain(2 * LogExcess(notation.lam)) == "2 (λ - log(1 + λ))"


def test_symbols_of_one_meaning_share_a_line():
    words = run("explain", "fixed-point-unique").stdout
    assert "p, q: The two laws p and q." in words
    assert "i: Any of the laws p, q, f and g." in words


def test_what_a_mean_is_over_is_said():
    for name, law in [("theorem-2.4", "p_t"), ("reference-divergence", "p_ref")]:
        assert f"E[…]: mean over {law}" in run("explain", name).stdout
        fragment = explanation_latex(STATEMENTS[name], checked(STATEMENTS[name]))
        assert r"\mathbb{E}[\dots] \): mean over p\_" in fragment


def test_what_infinitely_many_candidates_rest_on_is_said():
    words = " ".join(run("explain", "lemma-2.2").stdout.split())
    assert "K = inf the gain is then V/μ (lemma-2.1-limit)" in words
    assert json.loads(run("explain", "lemma-2.2", "--json").stdout)["infinite_candidates"]
    assert json.loads(run("explain", "lemma-2.1", "--json").stdout)["infinite_candidates"] is None


FALSE = [name for name, statement in STATEMENTS.items() if statement.expected == "refuted"]


@pytest.mark.parametrize("name", FALSE)
def test_what_is_known_to_be_false_is_never_printed_as_if_it_held(name):
    said = " ".join(run("explain", name).stdout.split())
    title = f"{STATEMENTS[name].title} (known to be false)"
    assert title in said
    assert "refuted: false: there is a certain counterexample" in said
    assert f"It is false: recurate check {name} finds a loop that breaks it." in said
    explained = json.loads(run("explain", name, "--json").stdout)
    assert (explained["established"], explained["expected"]) == ("refuted", "refuted")
    for shown in (
        lambda out: print_list([STATEMENTS[name]], out),
        lambda out: print_long_list([STATEMENTS[name]], {name: "refuted"}, out),
    ):
        out = io.StringIO()
        shown(Console(width=100, file=out))
        assert title in " ".join(out.getvalue().split())

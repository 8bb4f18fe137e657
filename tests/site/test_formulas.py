"""Typed formulas become LaTeX, and LaTeX MathML, sign for sign."""

import re
from pathlib import Path

import pytest
from docutils import nodes
from mathml import mathml
from sphinx.errors import ExtensionError
from typed_formulas import TITLES, NotAFormula, in_title, latex

from recurate.theory.catalogue import STATEMENTS

MATHEMATICS = (Path(__file__).parents[2] / "docs" / "mathematics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("H(w') >= H(w)", r"H(w')\ge H(w)"),
        ("E_t w >= μ + a G_K", r"\mathbb{E}_{t}\,w\ge\mu+aG_{K}"),
        ("p_{t+1} = m p_ref + a T(p_t)", r"p_{t+1}=mp_{\mathrm{ref}}+aT(p_{t})"),
        ("K = inf", r"K=\infty"),
        ("KL(p_*‖p_t) → 0", r"\mathrm{KL}(p_{*}\Vert p_{t})\to0"),
        ("1 - (1-q)^(K^t)", r"1-(1-q)^{K^{t}}"),
        ("2^-n", "2^{-n}"),
        ("x_0⁴ + κ3", r"x_{0}^{4}+\kappa_3"),
        ("p~_0 and p^_t", r"\tilde{p}_{0}\text{ and }\hat{p}_{t}"),
        ("S*(λ, K)", r"S^{*}(\lambda,K)"),
        ("{w >= c}", r"\{w\ge c\}"),
        ("E_t[w | w < w_*]", r"\mathbb{E}_{t}[w\,|\,w<w_{*}]"),
        ("Σ_{i<n} p_ref,i", r"\sum_{i<n}p_{\mathrm{ref},i}"),
        ("½ ∫_0^∞ e^{-sw} ds", r"\tfrac12\int_{0}^{\infty}e^{-sw}ds"),
        ("lim inf a_t >= L", r"\liminf a_{t}\ge L"),
        ("(w - c)_+² wᵀ", r"(w-c)_{+}^{2}w^{\mathsf{T}}"),
        ("θ = 1 ± i/√3", r"\theta=1\pm i/\sqrt{3}"),
        # A number E beside D, and a mean E beside nothing.
        ("D x + E (y) = (D-E) x", "Dx+E\\,(y)=(D-E)x"),
        ("E (y - x)²", r"\mathbb{E}\,(y-x)^{2}"),
    ],
)
def test_signs_become_latex_in_their_order(typed, set_):
    def plain(text):
        # A blank means something only between a command and a letter.
        return re.sub(r"(\\[a-zA-Z]+ (?=[a-zA-Z]))| ", r"\1", text)

    assert plain(latex(typed)) == plain(set_)


@pytest.mark.parametrize(
    "code",
    [
        *(
            "recurate list",
            "recurate explain ID",
            "maximiser_unique",
            "docs/sources.md",
            "(a",
            "a}",
        ),
        *STATEMENTS,
    ],
)
def test_other_code_stays_code(code):
    with pytest.raises(NotAFormula):
        latex(code)


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Curation multiplies no density by more than K.", ["K"]),
        ("For K = inf a voter gains.", ["K = inf"]),
        ("A group keeps u ν/(ν+t), whatever people choose.", ["u ν/(ν+t)"]),
        ("Curation leaves a set at least the K-th power of its mass.", []),
    ],
)
def test_formulas_in_titles_are_told_from_words(title, typed):
    made = in_title(title)
    assert [one.rawsource for one in made if isinstance(one, nodes.math)] == typed


def test_titles_keep_their_words():
    for title in TITLES:
        parts = [
            one.rawsource if isinstance(one, nodes.math) else one.astext()
            for one in in_title(title)
        ]
        assert "".join(parts).strip() == title


def typed_in_the_mathematics():
    """Code in a line, and lines of code, of the document."""
    prose = re.sub(r"^```.*?^```", "", MATHEMATICS, flags=re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^    (.*)$", prose, re.MULTILINE)
    return [*re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose), *map(str.strip, lines)]


def test_every_formula_of_the_mathematics_is_set():
    left = set()
    done = 0
    for code in typed_in_the_mathematics():
        try:
            made = mathml(latex(code))
        except NotAFormula:
            left.add(code)
        else:
            done += 1
            assert len(re.findall("<math", made)) == len(re.findall("</math>", made)) > 0
    assert done > 2000
    left = {code for code in left if not code.startswith("recurate ")} - set(STATEMENTS)
    # What is left is the name of a lemma in Rocq.
    assert all(re.fullmatch(r"[a-z]+(?:_[a-z]+)+", code) for code in left), left


def test_no_digit_is_lost():
    for code in typed_in_the_mathematics():
        if re.search("[½⅓⅔²³⁴⁵⁶]", code):
            continue
        try:
            made = latex(code)
        except NotAFormula:
            continue
        assert re.sub(r"\D", "", made) == re.sub(r"\D", "", code), code


def text_of(made):
    return re.sub("<[^>]*>", "", made)


def test_letters_are_those_of_unicode():
    made = mathml(r"\mathbb E_p[w]\in\mathcal C")
    assert "mathvariant" not in made
    assert text_of(made) == "𝔼p[w]∈𝒞"


def test_a_name_is_one_word_and_a_function_stands_off():
    made = mathml(r"\mathrm{KL}=\log x")
    assert '<mi mathvariant="normal">KL</mi>' in made
    assert '<mi>log</mi><mspace width="0.17em" />' in made


def test_bars_have_no_spaces_about_them():
    assert mathml(r"\mathbb E_q|x|^2").count("<mi>|</mi>") == 2


def test_a_long_formula_may_end_its_line_before_a_relation():
    made = mathml(r"p_{t+1}+q_{t+1}+r_{t+1}\le S\le T(x)")
    assert [text_of(piece) for piece in made.split("<wbr>")] == ["pt+1+qt+1+rt+1", "≤S≤T(x)"]
    assert '<mo form="infix">≤</mo>' in made
    assert "<wbr>" not in mathml("a=b")
    assert "<wbr>" in mathml(r"(p_{t+1}+q_{t+1}+r_{t+1})^2\le S")
    assert "<wbr>" not in mathml(r"f(p_{t+1}+q_{t+1}+r_{t+1}\le S)")  # within brackets
    assert "<wbr>" not in mathml(r"p_{t+1}+q_{t+1}+r_{t+1}\le S", block=True)


def test_an_unknown_command_is_an_error():
    with pytest.raises(ExtensionError, match="no MathML for"):
        mathml(r"\nosuchcommand x")


def test_signs_of_html_are_escaped():
    assert "<script" not in mathml("a<script>b")

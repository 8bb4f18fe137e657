"""The spine of every page: what is inserted is escaped, and nothing can be loaded or run."""

import base64
import hashlib
import re

import jinja2
import pytest
import sympy
from markupsafe import Markup

from recurate.pages import page
from recurate.pages.mathematics import mathml, mathml_of_latex, prose

from .inspected import HOSTILE, parsed, require_sound


@pytest.fixture
def trial(monkeypatch):
    """Render a page of one text in an element and in an attribute."""
    source = (
        '{% extends "base.html" %}{% block title %}{{ text }}{% endblock %}'
        '{% block main %}<h1 title="{{ text }}">{{ text }}</h1>{% endblock %}'
    )
    environment = page._environment().overlay(
        loader=jinja2.ChoiceLoader(
            [jinja2.DictLoader({"trial.html": source}), page._environment().loader]
        )
    )
    monkeypatch.setattr(page, "_environment", lambda: environment)
    return lambda **context: page.rendered("trial.html", **context)


def test_inserted_text_stays_text(trial):
    text = trial(text=HOSTILE)
    require_sound(text)
    heading = next(parsed(text).iter("h1"))
    shown = HOSTILE.replace("\x00", "\\x00").replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert heading.text == heading.get("title") == shown
    assert "<img" not in text
    assert len(re.findall("<script", text)) == 1


def test_what_the_package_made_is_not_escaped(trial):
    assert "><b>x</b></h1>" in trial(text=Markup("<b>x</b>"))


def test_an_unknown_name_is_an_error(trial):
    with pytest.raises(jinja2.UndefinedError):
        trial(other="x")


def test_policy_allows_the_script_in_the_page_and_no_other(trial):
    text = trial(text="x")
    policy = next(m for m in parsed(text).iter("meta") if m.get("http-equiv")).get("content")
    (script,) = re.findall(r"(?s)<script>(.*?)</script>", text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_page_names_its_versions(trial):
    text = trial(text="x")
    assert f"SymPy {sympy.__version__}" in text
    assert page.versions()[0] in text


def test_formula_has_its_words_and_is_no_image():
    x = sympy.Symbol("x")
    element = parsed(f'<!DOCTYPE html>\n<html lang="en">{mathml(x**2 / 3 <= 1)}</html>')[0]
    assert element.get("alttext") == "x^2/3 <= 1"
    assert {"mfrac", "msup"} <= {part.tag.rpartition("}")[2] for part in element.iter()}


def test_formula_cannot_leave_its_element():
    text = mathml_of_latex(r"\text{<img src=x onerror=alert(1)>}", alttext=HOSTILE)
    tree = parsed(f'<!DOCTYPE html>\n<html lang="en">{text}</html>')
    assert not any(part.tag.endswith("img") for part in tree.iter())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("w <= w_*, a != b", "w ≤ <i>w</i><sub>*</sub>, a ≠ b"),
        ("p_{t+1} and p_inf(A)", "<i>p</i><sub>t+1</sub> and <i>p</i><sub>∞</sub>(A)"),
        ("(r_KL + ε)^2t, x^2.", "(<i>r</i><sub>KL</sub> + ε)<sup>2t</sup>, x<sup>2</sup>."),
        (
            "x_t^(1/t), D_1^-1",
            "<i>x</i><sub>t</sub><sup>1/t</sup>, <i>D</i><sub>1</sub><sup>-1</sup>",
        ),
        ("e^-ε, (q - p)^+, e^{-w s}", "e<sup>-ε</sup>, (q - p)<sup>+</sup>, e<sup>-w s</sup>"),
        ("Var_t w, sum_j p~_0", "Var<sub>t</sub> w, sum<sub>j</sub> <i>p\u0303</i><sub>0</sub>"),
        ("(1-q)^{K^t}, |θ|^2", "(1-q)<sup>K<sup>t</sup></sup>, |θ|<sup>2</sup>"),
        ("E_{p_θ} p'_t", "<i>E</i><sub><i>p</i><sub>θ</sub></sub> <i>p′</i><sub>t</sub>"),
        ("H^K_p at p_θ*", "H<sup>K</sup><sub>p</sub> at <i>p</i><sub>θ*</sub>"),
        *((plain, plain) for plain in ("snake_case_name, file_a.csv", "^2", "λ ^ 2", "a^")),
        (
            "arXiv:2407.09499v1, section 2",
            '<a href="https://arxiv.org/abs/2407.09499">arXiv:2407.09499v1</a>, section 2',
        ),
    ],
)
def test_prose_sets_indices_powers_signs_and_links(text, shown):
    assert prose(text) == shown


def test_prose_escapes():
    text = prose(HOSTILE)
    assert "<script" not in text
    assert "<img" not in text
    assert prose("x_{<b>}") == "<i>x</i><sub>&lt;b&gt;</sub>"

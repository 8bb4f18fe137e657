"""Formulas in LaTeX: the order of the plain text, and names that are more than a letter."""

import pytest
import sympy

from recurate.printing.latex import latex
from recurate.printing.typeset import name_in_latex
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import notation
from recurate.theory.plain_text import words_for

lam, K, mu, w_star, m = (
    notation.lam,
    notation.K,
    notation.mean_weight,
    notation.max_weight,
    sympy.Symbol("m"),
)


@pytest.mark.parametrize(
    ("formula", "typeset"),
    [
        (1 + lam, r"1 + \lambda"),
        (w_star - mu, r"w_{*} - \mu"),
        ((1 + lam) * (K - 1), r"\left(1 + \lambda\right) \left(K - 1\right)"),
        (lam / (1 + lam) * (K - 1) / K, r"\frac{\lambda}{1 + \lambda} \cdot \frac{K - 1}{K}"),
        (lam / (1 + lam) * m, r"\frac{\lambda}{1 + \lambda} m"),
        (m * mu / 2, r"\frac{m \mu}{2}"),
        (-m * mu, r"-m \mu"),
        (1 / K, r"\frac{1}{K}"),
        (m / (1 + lam) ** 3, r"\frac{m}{\left(1 + \lambda\right)^{3}}"),
        (sympy.Symbol("E_ref w") ** 2, r"\mathbb{E}_{\mathrm{ref}}[w]^{2}"),
        (notation.total_variation, r"\mathrm{TV}(p, q)"),
        (sympy.Function("p_off_A")(m), r"p_{\mathrm{off} A}{\left(m \right)}"),
        (sympy.Function("G")(m), r"G{\left(m \right)}"),
    ],
)
def test_order_of_terms_and_factors(formula, typeset):
    assert latex(formula) == typeset


@pytest.mark.parametrize(
    ("name", "typeset"),
    [
        *(("K", "K"), ("w'", "w'"), ("w_*", "w_{*}"), ("p*", "p^{*}"), ("lambda", r"\lambda")),
        ("E_{t+1}w", r"\mathbb{E}_{t+1}[w]"),
        ("E_{T(p)}w_v", r"\mathbb{E}_{T(p)}[w_{v}]"),
        ("Var_ref w", r"\mathrm{Var}_{\mathrm{ref}}[w]"),
        ("Cov_{t}(g,w)", r"\mathrm{Cov}_{t}(g,w)"),
        ("KL(p_ref|q)", r"\mathrm{KL}(p_{\mathrm{ref}}\|q)"),
        ("p_inf(A)", r"p_{\infty}(A)"),
        ("H_max", r"H_{\mathrm{max}}"),
        ("kappa_3", r"\kappa_{3}"),
        ("p_theta*", r"p_{\theta^{*}}"),
        ("F_epsilon p(x)", r"F_{\epsilon} p(x)"),
        ("T(p_q)(S_1)", r"T(p_{q})(S_{1})"),
    ],
)
def test_names(name, typeset):
    assert name_in_latex(name) == typeset


def test_claim_of_theorem_2_3_as_the_paper_writes_it():
    statement = STATEMENTS["theorem-2.3"]
    assert latex(words_for(statement.claim, statement.bound_law)) == (
        r"\mathbb{E}_{t + 1}[w] \geq \mathbb{E}_{\mathrm{ref}}[w] + "
        r"\frac{\lambda}{\left(1 + \lambda\right)^{3}} \cdot \frac{K - 1}{K} \cdot "
        r"\frac{\mathrm{Var}_{\mathrm{ref}}[w]}{w_{*}}"
    )

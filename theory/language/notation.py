"""The symbols of the statements, and the names under which a program passes their values.

Bounds are written in m = 1/(1+λ), a = λ/(1+λ) and κ = 1/K, since λ = inf and K = inf are ordinary
values of these. A caller gives λ and K, and the others follow (`recurate.theory.language.compile`).
"""

from __future__ import annotations

from typing import Any

import sympy

K = sympy.Symbol("K", positive=True)
"""Number of candidates."""

inverse_candidates = sympy.Symbol("kappa", nonnegative=True)
"""κ = 1/K, zero for K = inf."""

lam = sympy.Symbol("lambda", nonnegative=True)
"""λ, synthetic samples per real one."""

real_fraction = sympy.Symbol("m", nonnegative=True)
"""m = 1/(1+λ), zero for the pure loop."""

synthetic_fraction = sympy.Symbol("a", nonnegative=True)
"""a = λ/(1+λ), one for the pure loop."""

mean_weight = sympy.Symbol("mu", positive=True)
"""Mean of the weight under the law that the bound starts from."""

variance_weight = sympy.Symbol("V", nonnegative=True)
"""Variance of the weight under that law."""

max_weight = sympy.Symbol("w_*", positive=True)
"""Essential supremum of the weight; 1 for relative weights."""

weight = sympy.Symbol("w", positive=True)
"""Weight e^r at one point."""

larger_weight = sympy.Symbol("w'", positive=True)
"""Weight at another point, where it is larger."""

t = sympy.Symbol("t", integer=True, nonnegative=True)
"""Number of retraining steps."""

ratio = sympy.Symbol("H", positive=True)
"""Curation ratio H^K_p at one reward."""

next_mean_weight = sympy.Symbol("E_{t+1}w", positive=True)
"""Mean of the weight after one more curation."""


class WithIndex(sympy.Function):  # type: ignore[misc, unused-ignore]
    """A function whose arguments are printed as an index, or wherever a template has them.

    Its value may also depend on symbols that are not arguments: those are `tacit`. A sign is a
    class attribute, as everywhere in SymPy: ``is_positive = True``.
    """

    nargs: Any = 1
    plain, typeset = "", ""
    power = r"\left({}\right)^{{{}}}"
    tacit: frozenset[Any] = frozenset()
    is_real = True

    def _sympystr(self, printer: Any) -> str:
        return self.plain.format(*(printer._print(argument) for argument in self.args))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = self.typeset
        for argument in self.args:
            text = text.replace("@", printer._print(argument), 1)
        return text if exp is None else self.power.format(text, exp)


class Binding(WithIndex):
    """A predicate of functions of its last argument, a variable of its own: no value is put in."""


class AtStep(WithIndex):
    """A quantity of the law p_t, as a function of the step t."""

    tacit = frozenset({K, lam})


class mean_weight_at(AtStep):
    """Mean of the weight under p_t."""

    plain, typeset = "E_[{}] w", r"\mathbb{E}_{@}[w]"
    is_positive = True


class expectation_at(AtStep):
    """Mean under p_t of a function of the weight, as a function of t and of its name."""

    nargs = 2
    plain, typeset = "E_[{}] {}", r"\mathbb{E}_{@}[@]"


class curated_mean_at(AtStep):
    """Mean of the weight under T(p_t), the curated law before real data are added."""

    plain, typeset = "E_[T(p_[{}])] w", r"\mathbb{E}_{T(p_{@})}[w]"
    is_positive = True


class curated_variance_at(AtStep):
    """Variance of the weight under T(p_t)."""

    plain, typeset = "Var_[T(p_[{}])] w", r"\mathrm{Var}_{T(p_{@})}[w]"
    is_nonnegative = True


class variance_at(AtStep):
    """Variance of the weight under p_t."""

    plain, typeset = "Var_[{}] w", r"\mathrm{Var}_{@}[w]"
    is_nonnegative = True


class divergence_at(AtStep):
    """Kullback–Leibler divergence of p_t from p_ref, in nats."""

    plain, typeset = "KL(p_[{}]|p_ref)", r"\mathrm{KL}(p_{@}\|p_\mathrm{ref})"
    is_nonnegative = True


class variance_sum_before(AtStep):
    """Sum of the variances of the weight under p_0, …, p_{t-1}."""

    plain, typeset = "sum_[s<{}] Var_s w", r"\sum_{s<@}\mathrm{Var}_s[w]"
    is_nonnegative = True


class mass_above_at(AtStep):
    """Mass p_t(w > w_* - ε), as a function of t and ε > 0, w_* being the essential supremum."""

    nargs = 2
    plain, typeset = "p_[{}](w > w_⁎ - {})", r"p_{@}(w > w_* - @)"
    is_positive = True


class normaliser_at(AtStep):
    """Product of the mean weights under p_0, …, p_{t-1}."""

    plain, typeset = "Z_[{}]", r"Z_{@}"
    is_positive = True


class reverse_divergence_at(AtStep):
    """Kullback–Leibler divergence of p_ref from p_t, in nats."""

    plain, typeset = "KL(p_ref|p_[{}])", r"\mathrm{KL}(p_\mathrm{ref}\|p_{@})"
    is_nonnegative = True


class limit_divergence_at(AtStep):
    """Kullback–Leibler divergence of p_*, p_ref given the top weight, from p_t, in nats."""

    plain, typeset = "KL(p_⁎|p_[{}])", r"\mathrm{KL}(p_*\|p_{@})"
    is_nonnegative = True


class distance_at(AtStep):
    """Total variation distance of p_t from the loop's fixed point."""

    plain, typeset = "TV(p_[{}],p_inf)", r"\mathrm{TV}(p_{@},p_\infty)"
    is_nonnegative = True


class curated_law(WithIndex):
    """T(i), what one curation makes of the law i."""

    tacit = frozenset({K})
    plain, typeset = "T{}", "T@"


class retrained_law(WithIndex):
    """F(i) = m p_ref + a T(i), what one step of the loop makes of the law i."""

    tacit = frozenset({K, lam})
    plain, typeset = "F{}", "F@"


class variation_between(WithIndex):
    """Total variation distance of two laws."""

    nargs = 2
    plain, typeset = "TV({},{})", r"\mathrm{TV}(@,@)"
    is_nonnegative = True


class mean_weight_under(WithIndex):
    """Mean of the weight under p_t in the loop with this λ and this K."""

    nargs = 3
    plain, typeset = "E_[{}] w at ({}, {})", r"\mathbb{E}_{@}^{\lambda=@,K=@}[w]"
    is_positive = True


class odds_against_at(AtStep):
    """Odds (1 - p_t(A))/p_t(A) against the set A of top weights."""

    plain, typeset = "odds_[{}](not A)", r"\mathrm{odds}_{@}(A^c)"
    is_nonnegative = True


class _OfWeight(WithIndex):
    """A function of the weight, whose powers are written without parentheses."""

    power = "{}^{{{}}}"
    is_positive = True


class curation_ratio(_OfWeight):
    """Curation ratio H^K_p, as a function of the weight."""

    plain, typeset = "H({})", "H(@)"
    tacit = frozenset({K})


class curation_ratio_of(_OfWeight):
    """Curation ratio of a law, of p_t for the step t, as a function of the weight."""

    nargs = 2
    plain, typeset = "H_[{}]({})", "H_{@}(@)"
    tacit = frozenset({K, lam})


class density_of(_OfWeight):
    """Density p_t/p_ref, as a function of the step and of the weight."""

    nargs = 2
    plain, typeset = "d_[{}]({})", "d_{@}(@)"
    tacit = frozenset({K, lam})


weight_ratio = sympy.Symbol("rho", nonnegative=True)
"""ρ, the largest weight off the set A of top weights, over w_*."""

top_mass = sympy.Symbol("q", positive=True)
"""q = p_ref(A), the reference's mass of top weights."""

curvature = sympy.Symbol("alpha", positive=True)
"""α, a lower bound of the curvature of the data's mean log-likelihood (Theorem 2.2)."""

hessian_lipschitz = sympy.Symbol("L", nonnegative=True)
"""L, Lipschitz constant in x of the log-likelihood's Hessian (Theorem 2.2)."""

model_error = sympy.Symbol("epsilon", nonnegative=True)
"""ε, bound of the Wasserstein distance between the best model and the data (Theorem 2.2)."""

third_central_moment = sympy.Symbol("kappa_3", real=True)
"""κ3, third central moment of the weight under the law that the bound starts from."""

curation_gain = sympy.Symbol("G_K", nonnegative=True)
"""G_K, by how much one curation of the reference raises the mean weight."""

total_variation = sympy.Symbol("TV", nonnegative=True)
"""TV(p,q), total variation distance of two laws."""

share = sympy.Symbol("u", positive=True)
"""u, a group's share at the start: of the reference, or of p where one choice is meant."""

reward_gap = sympy.Symbol("Delta", nonnegative=True)
"""Δ, by how much rewards differ at most on the reference's support."""

real_rounds = sympy.Symbol("nu", positive=True)
"""ν = n_0/n, real samples over those that each round adds, where data accumulate."""

choices = sympy.Symbol("N", positive=True)
"""N, number of choices in a round, whose winners are the next curated data."""

atoms = sympy.Symbol("n", positive=True)
"""n, number of atoms that laws may have mass on."""

limit_top_mass = sympy.Symbol("p_inf(A)", positive=True)
"""p_inf(A), mass of the top weights at the loop's fixed point."""

preference_margin = sympy.Symbol("delta", positive=True)
"""δ, by how much an answer is preferred at least: its chance less that of the other answer."""

ARGUMENTS = {
    K: "K",
    lam: "lam",
    mean_weight: "mean_weight",
    variance_weight: "variance_weight",
    max_weight: "max_weight",
    third_central_moment: "third_central_moment",
    curation_gain: "curation_gain",
    total_variation: "total_variation",
    weight_ratio: "weight_ratio",
    top_mass: "top_mass",
    t: "steps",
    curvature: "curvature",
    hessian_lipschitz: "hessian_lipschitz",
    model_error: "model_error",
    share: "share",
    reward_gap: "reward_gap",
    real_rounds: "real_rounds",
    choices: "choices",
    atoms: "atoms",
    limit_top_mass: "limit_top_mass",
    preference_margin: "preference_margin",
}
"""Symbols whose values a caller gives, with the keyword for each."""

DERIVED = {
    inverse_candidates: K,
    real_fraction: lam,
    synthetic_fraction: lam,
}
"""Symbols whose values follow from a given one."""

NAMES = {
    **{name: symbol for symbol, name in ARGUMENTS.items()},
    "inverse_candidates": inverse_candidates,
    "real_fraction": real_fraction,
    "synthetic_fraction": synthetic_fraction,
}
"""ASCII names of the symbols of bounds, for formulas that a person types."""

TACIT = {
    inverse_candidates: {K},
    real_fraction: {lam, synthetic_fraction},
    synthetic_fraction: {lam, real_fraction},
    ratio: {K, lam, t, weight},
    next_mean_weight: {K, lam, t},
    curation_gain: {K},
}
"""Symbols whose value depends on other symbols, with those; functions have `tacit` for it."""


def tacit(expression: Any) -> frozenset[Any]:
    """Return the symbols on which an expression depends without showing it."""
    expression = sympy.sympify(expression)
    hidden: set[Any] = set()
    for symbol in expression.free_symbols & TACIT.keys():
        hidden |= TACIT[symbol]
    for function in expression.atoms(sympy.Function):
        hidden |= getattr(function, "tacit", frozenset())
    return frozenset(hidden)

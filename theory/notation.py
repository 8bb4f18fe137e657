"""The symbols of the statements, and the names under which a program passes their values.

Bounds are written in m = 1/(1+λ), a = λ/(1+λ) and κ = 1/K where that makes λ = inf and K = inf
ordinary values; a caller gives λ and K, and the others follow (`recurate.theory.printers`).
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
"""Weight e^r at a fixed point."""

random_weight = sympy.Symbol("W", positive=True)
"""Weight of one candidate drawn from the current law."""

random_quantity = sympy.Symbol("G", real=True)
"""Another quantity of that candidate."""

paired_weight = sympy.Symbol("W'", positive=True)
"""Weight of a second candidate."""

paired_quantity = sympy.Symbol("G'", real=True)
"""Another quantity of the second candidate."""

others_weight = sympy.Symbol("S", nonnegative=True)
"""Sum of the weights of the K - 1 other candidates."""

t = sympy.Symbol("t", integer=True, nonnegative=True)
"""Number of retraining steps."""

ratio = sympy.Symbol("H", positive=True)
"""Curation ratio H^K_p at one reward."""

next_mean_weight = sympy.Symbol("E_{t+1}w", positive=True)
"""Mean of the weight after one more curation."""


class _AtStep(sympy.Function):  # type: ignore[misc, unused-ignore]
    """A quantity of the law p_t, as a function of the step t."""

    nargs = 1
    plain, typeset = "", ""

    def _eval_is_real(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return self.plain.format(printer._print(self.args[0]))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = self.typeset.replace("@", printer._print(self.args[0]))
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class _NonnegativeAtStep(_AtStep):
    """The same for a quantity that cannot be negative."""

    def _eval_is_nonnegative(self) -> bool:
        return True


class _PositiveAtStep(_AtStep):
    """The same for a quantity that is positive."""

    def _eval_is_positive(self) -> bool:
        return True


class mean_weight_at(_NonnegativeAtStep):  # noqa: N801 (a function)
    """Mean of the weight under p_t."""

    plain, typeset = "E_[{}] w", r"\mathbb{E}_{@}[w]"


class curated_mean_at(_NonnegativeAtStep):  # noqa: N801
    """Mean of the weight under T(p_t), the curated law before real data are added."""

    plain, typeset = "E_T[{}] w", r"\mathbb{E}_{T(p_{@})}[w]"


class variance_at(_NonnegativeAtStep):  # noqa: N801
    """Variance of the weight under p_t."""

    plain, typeset = "Var_[{}] w", r"\mathrm{Var}_{@}[w]"


class density_at(_PositiveAtStep):  # noqa: N801
    """Density d_t = p_t/p_ref at a fixed point."""

    plain, typeset = "d_[{}]", r"d_{@}"


class divergence_at(_NonnegativeAtStep):  # noqa: N801
    """Kullback–Leibler divergence of p_t from p_ref, in nats."""

    plain, typeset = "KL(p_[{}]|p_ref)", r"\mathrm{KL}(p_{@}\|p_\mathrm{ref})"


ARGUMENTS = {
    K: "K",
    lam: "lam",
    mean_weight: "mean_weight",
    variance_weight: "variance_weight",
    max_weight: "max_weight",
}
"""Symbols that a caller gives, with the keyword for each."""

DERIVED = {
    inverse_candidates: K,
    real_fraction: lam,
    synthetic_fraction: lam,
}
"""Symbols that follow from a given one."""

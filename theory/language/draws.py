"""Random draws: what a mean is taken over.

All draws live on one probability space, and `Mean` is the expectation there. So draws from
different laws are written differently: a draw is a function of its law, and of whatever else it
depends on. A draw without such an argument (W, say) is from the one law that a proof is about.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.symbol import Str

from recurate.theory.language.notation import K, WithIndex, lam

random_weight = sympy.Symbol("W", positive=True)
"""Weight of one candidate."""

random_quantity = sympy.Symbol("G", real=True)
"""Another quantity of that candidate."""

paired_weight = sympy.Symbol("W'", positive=True)
"""Weight of a second candidate."""

paired_quantity = sympy.Symbol("G'", real=True)
"""Another quantity of the second candidate."""

random_density = sympy.Symbol("D", positive=True)
"""Density of one law over another at a draw from it."""

random_time = sympy.Symbol("Theta", positive=True)
"""Laplace variable, drawn at random."""

paired_time = sympy.Symbol("Theta'", positive=True)
"""A second, independent draw of it."""

# Not the symbol p that stands among several laws.
one_law = sympy.Symbol("p", complex=True)
"""Law of W, the one that a proof is about."""


class Drawn(WithIndex):
    """A random number, as a function of its law and of what else it depends on."""


class density_at(Drawn):
    """Density d_t = p_t/p_ref at a draw, as a function of the step t."""

    plain, typeset = "d_[{}]", r"d_{@}"
    tacit = frozenset({K, lam})
    is_positive = True


class ratio_at(Drawn):
    """Curation ratio of p_t at the same draw."""

    plain, typeset = "H_[{}]", r"H_{@}"
    tacit = frozenset({K, lam})
    is_positive = True


class _OfLaw(Drawn):
    """A draw from laws, each followed by a number: from p_t for t, which has its K and λ."""

    @property
    def tacit(self) -> frozenset[Any]:  # type: ignore[override]
        """Return K and λ if a law is that of a step t."""
        of_step = any(law.is_integer and law.free_symbols for law in self.args[::2])
        return frozenset({K, lam}) if of_step else frozenset()


class drawn_weight(_OfLaw):
    """Weight of a candidate from the law that is its argument: p_t for the step t."""

    plain, typeset = "W_[{}]", r"W_{@}"
    is_positive = True


class _OfOthers(_OfLaw):
    """A sum over independent candidates: a law, the number drawn from it, and so on.

    K - 1 others from the one law that a proof is about are not shown in print.
    """

    nargs = None
    letter = ""

    @classmethod
    def eval(cls, *arguments: Any) -> None:
        if not arguments or len(arguments) % 2:
            raise ValueError(f"each law needs a number of candidates, got {arguments}")

    def _index(self, printer: Any) -> str:
        if self.args == (one_law, K - 1):
            return ""
        printed = [printer._print(argument) for argument in self.args]
        return ", ".join(": ".join(printed[i : i + 2]) for i in range(0, len(printed), 2))

    def _sympystr(self, printer: Any) -> str:
        index = self._index(printer)
        return f"{self.letter}_[{index}]" if index else self.letter

    def _latex(self, printer: Any, exp: Any = None) -> str:
        index = self._index(printer)
        text = f"{self.letter}_{{{index}}}" if index else self.letter
        return text if exp is None else rf"{{{text}}}^{{{exp}}}"


class weight_of_others(_OfOthers):
    """Sum of the weights of independent candidates."""

    letter = "S"
    is_nonnegative = True


class quantity_of_others(_OfOthers):
    """Sum of the other quantity over the same candidates."""

    letter = "J"


class product_over_others(Drawn):
    """Product over independent candidates of a function of their weights.

    Its arguments are the function, by its name alone, the law and the number drawn from it.
    """

    nargs = 3
    plain, typeset = "D", "D"

    @classmethod
    def eval(cls, function: Any, *law: Any) -> Any:
        return None if isinstance(function, Str) else cls(Str(function.func.__name__), *law)


others_weight = weight_of_others(one_law, K - 1)
"""Sum of the weights of the K - 1 other candidates."""

others_quantity = quantity_of_others(one_law, K - 1)
"""Sum of the other quantity over the K - 1 other candidates."""

RANDOM = (random_quantity, random_weight, random_density, random_time)
"""Symbols over which a mean is taken."""

PRIMED = {
    paired_weight: random_weight,
    paired_quantity: random_quantity,
    paired_time: random_time,
}
"""A second, independent copy of a draw, and the symbol of the first."""

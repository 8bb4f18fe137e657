"""What a statement is: hypotheses, a claim, and the bound that every other room takes from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from recurate.theory import notation
from recurate.theory.printers import Kind, compile_expression
from recurate.theory.proving.proof import Proof

_NUMERIC = set(notation.ARGUMENTS) | set(notation.DERIVED)

DERIVED_HERE = "derived here, docs/mathematics.md"

PAPER = "Ferbach, Bertrand, Bose, Gidel 2024, arXiv:2407.09499"


@dataclass(frozen=True)
class Hypothesis:
    """An assumption of a statement.

    Attributes
    ----------
    text : str
        The assumption in words and formulas.
    condition : sympy relation, optional
        The same in symbols, where it can be said in them.
    """

    text: str
    condition: Any = None

    def holds(self, kind: Kind = "float", **values: Any) -> bool:
        """Return whether the condition holds for these numbers, for arrays everywhere.

        In rationals it is decided without rounding.

        An assumption that is no condition on the numbers that a bound is given (how the loop
        starts, that rewards are bounded) counts as held: the caller answers for it.
        """
        if self.condition is None or not self.condition.free_symbols <= _NUMERIC:
            return True
        with np.errstate(invalid="ignore"):  # infinity times zero is no number and holds nothing
            return bool(np.all(compile_expression(self.condition, kind)(**values)))


@dataclass(frozen=True)
class Statement:
    """A claim about curated retraining.

    Attributes
    ----------
    id : str
        Name such as ``theorem-2.3``.
    label : str
        Name in running text, such as "Theorem 2.3".
    title : str
        What it says in a few words.
    source : str
        Paper and result number, or "derived here".
    kind : {"paper", "sharpened", "ours", "conjecture"}
        Who claims it.
    hypotheses : tuple of Hypothesis
        What it assumes.
    claim : sympy relation
        What it asserts, in the symbols of `recurate.theory.notation`.
    bound : sympy expression
        The bound of the claim.
    rational_core : sympy expression, optional
        Where the bound is no rational function, the rational bound that it rests on.
    equality_cases : tuple of str
        Where the bound is attained.
    proof : Proof
        Steps that a program verifies, the last of which is the claim.
    uses : tuple of str
        Ids of the statements whose claims the proof takes as known.
    remarks : tuple of str
        What else a reader should know: edge cases, and for a sharpened form what it improves and by
        how much.
    """

    id: str
    label: str
    title: str
    source: str
    kind: Literal["paper", "sharpened", "ours", "conjecture"]
    hypotheses: tuple[Hypothesis, ...]
    claim: Any
    bound: Any
    rational_core: Any = None
    equality_cases: tuple[str, ...] = ()
    proof: Proof = field(default_factory=Proof)
    uses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def failing_hypothesis(self, kind: Kind = "float", **values: Any) -> Hypothesis | None:
        """Return the first hypothesis that these numbers do not meet, if there is one."""
        return next((h for h in self.hypotheses if not h.holds(kind, **values)), None)

    def bound_function(self, kind: Kind = "float", *, core: bool = False) -> Callable[..., Any]:
        """Return the bound as a function of keyword arguments.

        Parameters
        ----------
        kind : {"float", "rational", "ball"}
            Number system, as in `recurate.theory.printers.compile_expression`.
        core : bool
            Whether to take `rational_core` in place of `bound`.

        Returns
        -------
        callable
            It raises ValueError where a hypothesis fails, naming it.

        Raises
        ------
        ValueError
            If the expression is not to be had in that number system.
        """
        compute = compile_expression(self.rational_core if core else self.bound, kind)

        def function(**values: Any) -> Any:
            failing = self.failing_hypothesis(kind, **values)
            if failing is not None:
                found = ", ".join(f"{name} = {value}" for name, value in values.items())
                raise ValueError(f"{self.id} needs {failing.text}; got {found}")
            return compute(**values)

        return function

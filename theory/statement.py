"""What a statement is: hypotheses, a claim, and the bound that every other room takes from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import sympy

from recurate.theory.language import notation
from recurate.theory.language.compile import Kind, compile_expression
from recurate.theory.language.domain import outside
from recurate.theory.language.typed import parse
from recurate.theory.plain_text import in_words
from recurate.theory.proving.means import put_in
from recurate.theory.proving.proof import Proof
from recurate.theory.proving.signs import substituted
from recurate.theory.source import Source

_NUMERIC = set(notation.ARGUMENTS) | set(notation.DERIVED)

DERIVED_HERE = "derived here, docs/mathematics.md"


@dataclass(frozen=True)
class Hypothesis:
    """An assumption of a statement.

    Attributes
    ----------
    name : str
        A short name, unique in its statement, such as "start".
    text : str
        The assumption in words and formulas.
    condition : sympy relation, optional
        The same in symbols, where it can be said in them.
    carried_by : tuple of str
        Labels of the suppositions of the proof that say this: the claim rests on all of them.
    """

    name: str
    text: str
    condition: Any = None
    carried_by: tuple[str, ...] = ()

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


@dataclass(frozen=True, repr=False)
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
    source : Source or str
        Where it stands in the paper and what was seen of it, or "derived here" with the place; as
        text, one line.
    kind : {"paper", "reported", "sharpened", "ours", "conjecture"}
        Who claims it: the paper, as was read there; the paper, as others report; a sharper form of
        the paper's; this project.
    hypotheses : tuple of Hypothesis
        What it assumes.
    claim : sympy relation
        What it asserts, in the symbols of `recurate.theory.language.notation`.
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
    law : str
        What a bare mean E[…] in the claim and the proof is over.
    bound_law : str
        The law that μ and V, where the bound has them, are mean and variance of the weight under.
    infinite_candidates : str
        What K = inf rests on, where the claim is said of it and the proof is about finite K.
    module : str
        Where it is written, such as ``recurate.theory.real_data.theorem_2_3``.
    """

    id: str
    label: str
    title: str
    source: Source | str
    kind: Literal["paper", "reported", "sharpened", "ours", "conjecture"]
    hypotheses: tuple[Hypothesis, ...]
    claim: Any
    bound: Any
    rational_core: Any = None
    equality_cases: tuple[str, ...] = ()
    proof: Proof = field(default_factory=Proof)
    uses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    law: str = ""
    bound_law: str = ""
    infinite_candidates: str = ""
    module: str = ""

    @property
    def chapter(self) -> str:
        """Chapter that it stands in, such as "real_data"; empty for a statement of one's own."""
        return self.module.rpartition(".")[0].rpartition(".")[2]

    def __repr__(self) -> str:
        """Return its name and its claim: all of it would fill a screen."""
        return f"<Statement {self.id}: {in_words(self.claim, self.bound_law)}>"

    def __str__(self) -> str:
        """Return label, title, hypotheses and claim in lines."""
        assumed = [f"  if {hypothesis.text} [{hypothesis.name}]" for hypothesis in self.hypotheses]
        claim = f"  then {in_words(self.claim, self.bound_law)}"
        return "\n".join([f"{self.label}: {self.title}", *assumed, claim])

    def with_bound(self, bound: Any, names: Mapping[str, Any] = notation.NAMES) -> Statement:
        """Return the statement with another bound, to be tried: nothing says that it is true.

        Parameters
        ----------
        bound : str or sympy expression
            The new bound, in the symbols of `recurate.theory.language.notation`, or in their ASCII
            names and ``bound``, the statement's own: "2*bound - mean_weight".
        names : mapping
            From each ASCII name that text may have to its symbol; ``bound`` is added.

        Returns
        -------
        Statement
            Its claim has the new bound, and so has each step of the proof that says the claim (its
            first case and its next one, in an induction). Whether the steps still follow says
            ``proof.verify()``.

        Raises
        ------
        TypeError
            If the bound is neither text nor an expression.
        ValueError
            If it cannot be read (`recurate.theory.language.typed.parse`), or the statement's claim
            has no bound as one of its sides.
        """
        if not any(side == self.bound for side in self.claim.args):
            says = in_words(self.claim, self.bound_law)
            raise ValueError(
                f"{self.id} has no bound that could be replaced: it says {says} (recurate explain "
                f"{self.id})"
            )
        if isinstance(bound, str):
            bound = parse(bound, {"bound": self.bound, **names})
        if not isinstance(bound, sympy.Expr):
            raise TypeError(f"bound must be text or an expression; got {type(bound).__name__}")
        sides = (bound if side == self.bound else side for side in self.claim.args)
        claim = self.claim.func(*sides, evaluate=False)
        return replace(
            self,
            claim=claim,
            bound=bound,
            rational_core=None,
            equality_cases=(),
            remarks=(),
            proof=_claiming(self.proof, self.claim, claim),
        )

    def without(self, name: str) -> Statement:
        """Return the statement without a hypothesis, to be tried: nothing says that it is true.

        Parameters
        ----------
        name : str
            The hypothesis' short name, such as "start".

        Returns
        -------
        Statement
            Its proof does not suppose what carries the hypothesis (`Hypothesis.carried_by`).

        Raises
        ------
        ValueError
            If there is no hypothesis of that name.
        """
        dropped = next((h for h in self.hypotheses if h.name == name), None)
        if dropped is None:
            names = ", ".join(h.name for h in self.hypotheses) or "none at all"
            raise ValueError(f"{self.id} has the hypotheses {names}; got {name!r}")
        return replace(
            self,
            hypotheses=tuple(h for h in self.hypotheses if h is not dropped),
            equality_cases=(),
            remarks=(),
            proof=self.proof.without(dropped.carried_by),
        )

    def failing_hypothesis(self, kind: Kind = "float", **values: Any) -> Hypothesis | None:
        """Return the first hypothesis that these numbers do not meet, if there is one.

        Before the statement's own come those that every law, loop and count meets
        (`recurate.theory.language.domain`), of the numbers that it depends on.
        """
        needed = outside(self._arguments, values)
        if needed is not None:
            return Hypothesis("domain", needed)
        return next((h for h in self.hypotheses if not h.holds(kind, **values)), None)

    @cached_property
    def _arguments(self) -> set[str]:
        """Return the keywords of the numbers that the bound and the hypotheses depend on."""
        parts = (self.bound, self.rational_core, *(h.condition for h in self.hypotheses))
        symbols = set().union(*(part.free_symbols for part in parts if part is not None))
        given = {notation.DERIVED.get(symbol, symbol) for symbol in symbols & _NUMERIC}
        return {notation.ARGUMENTS[symbol] for symbol in given}

    def bound_function(self, kind: Kind = "float", *, core: bool = False) -> Callable[..., Any]:
        """Return the bound as a function of keyword arguments.

        Parameters
        ----------
        kind : {"float", "rational", "ball"}
            Number system, as in `recurate.theory.language.compile.compile_expression`.
        core : bool
            Whether to take `rational_core` in place of `bound`.

        Returns
        -------
        callable
            It raises ValueError where a number is none that a law, a loop or a count can have, and
            where a hypothesis fails, naming it. A ball has to meet the hypotheses certainly, and
            the rest possibly (`recurate.theory.language.domain`).

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


def _claiming(proof: Proof, claim: Any, other: Any) -> Proof:
    """Return a proof whose steps say another claim wherever they said the claim.

    They say it of t, of the next t, or of the first one, by itself or inside an implication.
    """
    moments = (notation.t, notation.t + 1, 0)
    said = {
        substituted(claim, {notation.t: t}): substituted(other, {notation.t: t}) for t in moments
    }
    said[claim] = other

    def replaced(relation: Any) -> Any:
        if isinstance(relation, sympy.Implies):
            return sympy.Implies(*map(replaced, relation.args), evaluate=False)
        return said.get(relation, relation)

    steps = (replace(step, claim=replaced(step.claim)) for step in proof.steps)
    return replace(proof, steps=tuple(steps))


def instance_of(statement: Statement, values: Mapping[Any, Any]) -> Any:
    """Return a statement's claim for other quantities: what a proof supposes that uses it.

    Parameters
    ----------
    statement : Statement
        The statement that is used.
    values : mapping
        From symbols and functions in its claim, or a whole side of it, to what is put in for them.
        A law is replaced by replacing what depends on it: the mean weight by that of p_t, say.

    Returns
    -------
    sympy relation
        The claim with these values, unevaluated.

    Raises
    ------
    ValueError
        If the claim has no such symbol, or assumes of it a sign that the value is not known to
        have.
    """
    claim = statement.claim
    for replaced, value in values.items():
        if not claim.has(replaced):
            raise ValueError(f"{statement.id} does not speak of {replaced}: {claim}")
        for sign in ("positive", "nonnegative", "integer"):
            if getattr(replaced, f"is_{sign}") and not getattr(value, f"is_{sign}"):
                raise ValueError(
                    f"{statement.id} needs {replaced} to be {sign}; {value} is not known to be"
                )
    # A whole side is replaced as it is: nothing of it remains.
    sides = (values[side] if side in values else put_in(side, values) for side in claim.args)
    return claim.func(*sides, evaluate=False)

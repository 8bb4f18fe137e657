"""A statement: hypotheses, a claim, and the bound that every other package takes from here."""

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
from recurate.theory.plain_text import in_words
from recurate.theory.proving.proof import Proof
from recurate.theory.proving.putting_in import put_in, substituted
from recurate.theory.source import Source
from recurate.theory.typed import parse

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
        The same in symbols, where possible.
    carried_by : tuple of str
        Labels of the suppositions of the proof that express this: the claim rests on all of them.
    """

    name: str
    text: str
    condition: Any = None
    carried_by: tuple[str, ...] = ()

    def holds(self, kind: Kind = "float", **values: Any) -> bool:
        """Return whether the condition holds for these numbers; for arrays, whether everywhere.

        In rationals it is decided without rounding. Some assumptions are not conditions on the
        numbers that a bound is given (how the loop starts, that rewards are bounded). They count as
        met: the caller answers for them.
        """
        if self.condition is None or not self.condition.free_symbols <= _NUMERIC:
            return True
        with np.errstate(invalid="ignore"):  # infinity times zero is nan, which meets nothing
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
        The result in a few words.
    kind : {"paper", "reported", "sharpened", "ours", "literature", "conjecture"}
        Who claims it: the paper, whose text was read; the paper, as others report; this project, as
        a sharper form of the paper's result; this project; another paper; nobody yet.
    hypotheses : tuple of Hypothesis
        What it assumes.
    claim : sympy relation
        What it asserts, in the symbols of `recurate.theory.language`.
    source : Source or str
        Where it stands in the paper and what was seen of it, or one line of text; if it is left
        out, the section of docs/mathematics.md where it is derived.
    bound : sympy expression, optional
        The bound of the claim.
    rational_core : sympy expression, optional
        The rational bound that the bound rests on, if that is not a rational function itself.
    equality_cases : tuple of str
        Where the bound is attained.
    proof : Proof
        Steps that a program verifies; the last one is the claim.
    uses : tuple of str
        Ids of the statements that the proof takes as known.
    remarks : tuple of str
        What else a reader should know: edge cases, and what a sharpened form improves, by how much.
    law : str
        The law of a bare mean E[…] in the claim and in the proof.
    bound_law : str
        The law of μ and V in the bound, the mean and the variance of the weight.
    infinite_candidates : str
        Why the claim holds at K = inf, if it is stated there and the proof is about finite K.
    implies : tuple of str
        Ids of statements that follow from it.
    expected : {"holds", "refuted"}
        What its evidence has to come to: a claim of the literature may be false, as it stands.
    module : str
        The module that has it, such as ``recurate.theory.real_data.theorem_2_3``.
    """

    id: str
    label: str
    title: str
    kind: Literal["paper", "reported", "sharpened", "ours", "literature", "conjecture"]
    hypotheses: tuple[Hypothesis, ...]
    claim: Any
    source: Source | str = ""
    bound: Any = None
    rational_core: Any = None
    equality_cases: tuple[str, ...] = ()
    proof: Proof = field(default_factory=Proof)
    uses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    law: str = ""
    bound_law: str = ""
    infinite_candidates: str = ""
    implies: tuple[str, ...] = ()
    expected: Literal["holds", "refuted"] = "holds"
    module: str = ""

    def __post_init__(self) -> None:
        """Name the section where it is derived, if no source is given."""
        if not self.source:
            section = self.id.replace(".", "")  # as a heading's link has it
            object.__setattr__(self, "source", f"{DERIVED_HERE}#{section}")

    @property
    def chapter(self) -> str:
        """Its chapter, such as "real_data"; empty for a statement of one's own."""
        return self.module.rpartition(".")[0].rpartition(".")[2]

    def __repr__(self) -> str:
        """Return its name and its claim only: all of it would fill a screen."""
        return f"<Statement {self.id}: {in_words(self.claim, self.bound_law)}>"

    def __str__(self) -> str:
        """Return label, title, hypotheses and claim in lines."""
        assumed = [f"  if {hypothesis.text} [{hypothesis.name}]" for hypothesis in self.hypotheses]
        claim = f"  then {in_words(self.claim, self.bound_law)}"
        return "\n".join([f"{self.label}: {self.title}", *assumed, claim])

    def with_bound(self, bound: Any, names: Mapping[str, Any] = notation.NAMES) -> Statement:
        """Return the statement with another bound, to be tried: it need not be true.

        Parameters
        ----------
        bound : str or sympy expression
            The new bound, in the symbols of `recurate.theory.language`, or as text in their ASCII
            names and ``bound``, the present one: "2*bound - mean_weight".
        names : mapping
            From each ASCII name that text may have to its symbol; ``bound`` is added.

        Returns
        -------
        Statement
            Its claim has the new bound, and so has each step of the proof that says the claim (in
            an induction, the first case and the next one). ``proof.verify()`` says whether the
            steps still follow.

        Raises
        ------
        TypeError
            If the bound is neither text nor an expression.
        ValueError
            If it cannot be read (`recurate.theory.typed.parse`), or the statement's claim
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
        """Return the statement without a hypothesis, to be tried: it need not be true.

        Parameters
        ----------
        name : str
            The hypothesis' short name, such as "start".

        Returns
        -------
        Statement
            Its proof no longer supposes what carries the hypothesis (`Hypothesis.carried_by`).

        Raises
        ------
        ValueError
            If no hypothesis has that name.
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

        First come the conditions that every law, loop and count meets
        (`recurate.theory.language.domain`), then the statement's own.
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
            It raises ValueError if no law, loop or count can have one of the numbers, or if a
            hypothesis fails, which it names. Every number in a ball has to meet the hypotheses, and
            some number in it the rest (`recurate.theory.language.domain`).

        Raises
        ------
        ValueError
            If the expression cannot be computed in that number system.
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
    """Return a proof in which another claim takes the place of the claim.

    Its steps may say the claim of t, of the next t or of the first one, by itself or inside an
    implication.
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
    """Return a statement's claim for other quantities, as a proof that uses it supposes it.

    Parameters
    ----------
    statement : Statement
        The statement that is used.
    values : mapping
        From symbols and functions in its claim, or a whole side of it, to what is put in. To
        replace a law, replace what depends on it: the mean weight by that of p_t, say.

    Returns
    -------
    sympy relation
        The claim with these values, unevaluated.

    Raises
    ------
    ValueError
        If the claim has no such symbol, or if the value is not known to have the symbol's sign.
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
    # A whole side is replaced as it is.
    sides = (values[side] if side in values else put_in(side, values) for side in claim.args)
    return claim.func(*sides, evaluate=False)

"""How a result is put to the test: its margins, where its hypotheses hold, and its mutants."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import flint
from hypothesis import strategies as st

from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.runs.run import Number, Numbers, TriedRun
from recurate.paper_checks.runs.setting import (
    BITS,
    CURATION,
    Setting,
    TriedInstance,
)
from recurate.paper_checks.runs.strategies import curation_loops
from recurate.theory.language import notation
from recurate.theory.language.compile import is_rational
from recurate.theory.statement import Hypothesis, Statement
from recurate.theory.typed import at_infinity


def midpoint(value: Any) -> float | Fraction:
    """Return a margin as it is shown: a rational as it is, a ball by its midpoint."""
    return float(value.mid()) if isinstance(value, flint.arb) else value


def shown(value: Any) -> str:
    """Return a margin in words: a rational exactly, a ball with its radius."""
    if isinstance(value, flint.arb):
        return str(value.str(10))
    value = Fraction(value)
    is_short = value.denominator.bit_length() + value.numerator.bit_length() < 120
    return str(value) if is_short else f"{float(value):.10g} (exactly known)"


class Margin(NamedTuple):
    """How far a claim is from failing, at one place where it speaks.

    Attributes
    ----------
    value : Fraction or flint.arb
        Larger minus smaller side of the claim; for an equation, minus the distance of the sides.
    where : str
        The place, such as "t = 3".
    tight : bool
        Whether the statement lists equality here.
    is_equality : bool
        Whether it tests such an equality, and so says nothing of another bound.
    """

    value: Number
    where: str = ""
    tight: bool = False
    is_equality: bool = False

    def is_telling(self, run: TriedRun) -> bool:
        """Return whether it says how far the claim is from failing: not where equality is due."""
        return bool(self.value > 0) or not (self.tight or run.is_degenerate)

    def __str__(self) -> str:
        """Return margin and place in words."""
        return f"margin {shown(self.value)}" + (f" at {self.where}" if self.where else "")


def equation_margins(left: Numbers, right: Numbers, where: str) -> Iterator[Margin]:
    """Yield the margins of the claim that two lists of numbers, one an atom, are equal."""
    for i, (x, y) in enumerate(zip(left, right, strict=True)):
        yield Margin(-abs(x - y), f"{where}, atom {i}", tight=True)


Bound = Callable[..., Number]
"""The claim's bound as a function of keyword values, in the kind of numbers of the run."""

Margins = Callable[[Any, Bound], Iterable[Margin]]
"""From a run, and the bound in its numbers, to the margins wherever the claim speaks.

The run is one of the check's setting, such as `recurate.paper_checks.runs.run.Run`."""


START = "start"
"""Name of the hypothesis that p_0 = p_ref: without it other starts are tried."""


def _altered(margins: Margins, expression: Any) -> Margins:
    """Return the margins of an altered claim; with another bound they may all be off zero.

    Where K or λ is infinite, another bound is its limit. Where a bound is undefined or not finite,
    the claim says nothing; and a margin that is not a number cannot refute it.
    """

    def of_claim(run: Any, bound: Bound) -> Iterable[Margin]:
        here = bound
        if expression is not None:
            candidates, mixing = (getattr(run, name, 0) == math.inf for name in ("K", "lam"))
            limit = at_infinity(expression, candidates=candidates, mixing=mixing)
            if limit is None:
                return

            def here(**values: Number) -> Number:
                return run.evaluate(limit, **values)

        def defined(**values: Number) -> Number:
            value = here(**values)
            if isinstance(value, flint.arb) and not value.is_finite():
                raise ArithmeticError("the bound is not a number here")
            return value

        with suppress(ArithmeticError):
            for margin in margins(run, defined):
                is_number = not (isinstance(margin.value, flint.arb) and margin.value.is_nan())
                if is_number and not margin.is_equality:
                    # Equal rationals decide the question. So do the two sides of an equation in
                    # balls, if the bound is the statement's own.
                    is_equal = run.kind == "exact" and margin.value == 0
                    is_listed = run.kind != "exact" and expression is None and margin.tight
                    yield margin._replace(tight=is_equal or is_listed)

    return of_claim


@dataclass(frozen=True)
class Mutant:
    """A nearby claim that is false, and that the same evidence has to refute.

    Attributes
    ----------
    claim : str
        What it says, in words and formulas, and how it differs.
    bound : sympy expression, optional
        The bound in place of the statement's.
    core : sympy expression, optional
        The bound in place of the statement's rational core.
    margins, exact_margins : callables, optional
        Margins in place of the check's, where another bound is not enough.
    admits : callable, optional
        Which runs the mutant speaks of, where it drops a hypothesis: all others are dropped too.
    is_exact : bool
        Whether it can be refuted in rationals: its margins have no logarithms.
    instances : tuple
        Further loops to try it on, before any others; of the check's setting.
    """

    claim: str
    bound: Any = None
    core: Any = None
    margins: Margins | None = None
    exact_margins: Margins | None = None
    admits: Callable[[Any], bool] | None = None
    is_exact: bool = True
    instances: tuple[TriedInstance, ...] = ()


@dataclass(frozen=True)
class Check:
    """How evidence is gathered for one statement.

    Attributes
    ----------
    statement : Statement
        The claim, its hypotheses and its bound.
    margins : callable
        Margins of the claim, of any run in balls; and of runs in rationals, unless `exact_margins`
        is given.
    exact_margins : callable, optional
        Margins of the claim's rational core, with the core's bound, where the claim itself has
        logarithms or limits.
    setting : Setting
        What kind of loop the claim is about: how its loops are drawn and run.
    requires : mapping
        By the name of a hypothesis that the statement has in words only, whether a run meets it.
    admits : callable
        Whether a run meets what else the claim needs. Hypotheses in symbols of numbers, such as K,
        λ and the reference's moments, are always asked.
    loops : search strategy
        Loops for the search in floating point.
    instances : tuple
        Nearly extremal loops, tried before random ones, for the claim and for its mutants.
    mutants : tuple of Mutant
        Nearby false claims.
    is_exact : bool
        Whether the claim has a rational core.
    sampled : callable, optional
        Gathers sampled evidence from keywords `cases` and `seed`.
    is_open : callable, optional
        For a conjecture, whether it is open for a run: where it is proved, a run is not evidence.
        The margins leave out the steps at which it is proved. Mutants are tried everywhere.
    everywhere : callable, optional
        For a conjecture, the margins at every step: without a hypothesis nothing of it is proved.
    asks_hypotheses : bool
        Whether the statement's hypotheses in symbols are asked (a mutant may drop one).
    bound, core : sympy expressions
        Taken from the statement if not given.
    original : Check or None
        The check of the statement that this one's was made from, if it was altered.
    """

    statement: Statement
    margins: Margins
    exact_margins: Margins | None = None
    setting: Setting = CURATION
    requires: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    admits: Callable[[Any], bool] = lambda run: True
    loops: st.SearchStrategy[Any] = field(default_factory=curation_loops)
    instances: tuple[TriedInstance, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    is_exact: bool = True
    sampled: Callable[..., Evidence] | None = None
    is_open: Callable[[Any], bool] | None = None
    everywhere: Margins | None = None
    asks_hypotheses: bool = True
    bound: Any = None
    core: Any = None
    original: Check | None = None

    def __post_init__(self) -> None:
        if self.bound is None:
            object.__setattr__(self, "bound", self.statement.bound)
        if self.core is None:
            object.__setattr__(self, "core", self.statement.rational_core)

    def speaks_of(self, run: TriedRun) -> bool:
        """Return whether the run meets the hypotheses, and a conjecture is open for it."""
        if self.is_open is not None and not self.is_open(run):
            return False
        if self.asks_hypotheses and not all(self.meets(run, h) for h in self.statement.hypotheses):
            return False
        return self.admits(run)

    def meets(self, run: TriedRun, hypothesis: Hypothesis) -> bool:
        """Return whether a run meets a hypothesis, if a run can break it at all."""
        required = self.requires.get(hypothesis.name)
        return run.meets(hypothesis) and (required is None or required(run))

    def margins_of(self, run: TriedRun) -> list[Margin]:
        """Return the margins of a run, in its kind of numbers."""
        is_core = run.kind == "exact" and self.exact_margins is not None
        margins = self.exact_margins if is_core else self.margins
        expression = self.core if is_core else self.bound
        assert margins is not None

        def bound(**values: Any) -> Number:
            return run.evaluate(expression, **values)

        return list(margins(run, bound))

    def of(self, statement: Statement) -> Check:
        """Return the check of an altered form of its statement, by the same evidence.

        Parameters
        ----------
        statement : Statement
            What `Statement.with_bound` and `Statement.without` make of the check's own.

        Returns
        -------
        Check
            Without mutants: they are nearby claims of the statement as it was.

        Raises
        ------
        ValueError
            If the new bound has a symbol to which the margins give no value.
        """
        if statement == self.statement:
            return self
        changes: dict[str, Any] = {"statement": statement, "mutants": (), "original": self}
        names = {hypothesis.name for hypothesis in statement.hypotheses}
        is_started = all(h.name in names or h.name != START for h in self.statement.hypotheses)
        if not is_started:
            changes["setting"] = self.setting.any_start
        margins = self.margins
        if self.everywhere is not None and len(names) < len(self.statement.hypotheses):
            changes["is_open"], margins = None, self.everywhere
        # A core that fails does not refute the claim.
        is_exact, bound = self.is_exact and self.exact_margins is None, None
        if statement.bound != self.statement.bound:
            self._require_known(statement.bound)
            bound = self.bound - self.statement.bound + statement.bound
            is_exact = is_exact and is_rational(bound)
            changes["bound"] = bound
        changes |= {"is_exact": is_exact, "core": None, "exact_margins": None}
        return replace(self, **changes, margins=_altered(margins, bound))

    def _require_known(self, bound: Any) -> None:
        known = self.names
        for name, symbol in notation.NAMES.items():
            if name not in known and bound.has(symbol):
                raise ValueError(
                    f"a bound of {self.statement.id} may have {', '.join(known)}; got {name}"
                )
        others = bound.free_symbols - self.statement.bound.free_symbols
        for symbol in others - set(notation.NAMES.values()):
            raise ValueError(
                f"a bound of {self.statement.id} may have {', '.join(known)}; got the symbol "
                f"{symbol}, which is not in the shared notation"
            )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """ASCII names of the symbols that another bound of the claim may have."""
        given: set[str] = set()

        def bound(**values: Number) -> Number:
            given.update(values)
            return flint.arb(0)

        for instance in (*self.instances, *self.setting.small_instances()):
            run = self.setting.certified_run(instance, BITS[0])
            with flint.ctx.workprec(BITS[0]):
                if self.speaks_of(run):
                    list(self.margins(run, bound))
            if given:
                break
        symbols = {symbol for symbol, name in notation.ARGUMENTS.items() if name in given}
        symbols |= {symbol for symbol, of in notation.DERIVED.items() if of in symbols}
        return tuple(name for name, symbol in notation.NAMES.items() if symbol in symbols)

    def mutated(self, mutant: Mutant) -> Check:
        """Return the check of a mutant: the same evidence for another claim."""
        changes: dict[str, Any] = {
            name: getattr(mutant, name)
            for name in ("bound", "core", "margins", "exact_margins", "admits")
            if getattr(mutant, name) is not None
        }
        is_own = mutant.margins is not None and mutant.exact_margins is None
        if is_own:  # its own margins, without logarithms, are its rational core as well
            changes["exact_margins"] = None
        if mutant.bound is not None and self.exact_margins is not None and mutant.core is None:
            changes["is_exact"] = mutant.exact_margins is not None or is_own
        if not mutant.is_exact:
            changes["is_exact"] = False
        return replace(
            self,
            **changes,
            asks_hypotheses=mutant.admits is None,
            is_open=None,
            instances=mutant.instances + self.instances,
            mutants=(),
        )

"""`recurate.sweep`: the loop for every law, K, λ, rule and scale, computed side by side."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Literal

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.locks import held
from recurate.numerics.loop import LARGEST_STEPS, CurationLoop
from recurate.numerics.pieces import WorkerLostError, carried_out
from recurate.numerics.rules import BestOf, BradleyTerry
from recurate.numerics.rules.rule import Rule
from recurate.numerics.text import shown
from recurate.numerics.trajectory import require_bounded
from recurate.numerics.validation import candidates, count, finite_number, fraction, mixing
from recurate.sweeping.cells import (
    IN_UNIT,
    Cell,
    Place,
    Swept,
    keys_of,
    measured,
)
from recurate.sweeping.kept import Kept
from recurate.sweeping.table import MOST_NUMBERS, Sweep, figures_of, table_of

_NAMES: dict[Any, str] = {BradleyTerry: "bradley-terry", BestOf: "best"}


def sweep(
    laws: RewardLaw | Mapping[str, RewardLaw] | Sequence[RewardLaw],
    *,
    K: Any = None,
    lam: Any = None,
    real_fraction: Any = None,
    rule: Any = None,
    scale: Any = 1.0,
    steps: int = 10,
    fixed_points: bool = True,
    executor: Executor | None = None,
    keep: str | os.PathLike[str] | None = None,
    on_cell: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Run the loop for every combination of laws, K, λ, rules and scales.

    Parameters
    ----------
    laws : RewardLaw, or mapping or sequence of them
        By the names of their tables; those of a sequence are called "law 0", "law 1", ….
    K : number, or iterable of them
        Numbers of candidates, integers of at least 1 or inf.
    lam, real_fraction : number, or iterable of them
        λ, or shares of real data 1/(1+λ) in place of it.
    rule : rule, function of K, iterable of them, or mapping from names to them
        How samples are chosen, such as ``[BradleyTerry, BestOf]``, ``lambda K: Voters([…])`` or
        ``TopShare(0.25)``, which is among no number of candidates; by default `BradleyTerry`.
    scale : float, or iterable of them
        γ, which multiplies every reward.
    steps : int
        Number of retraining steps of each loop.
    fixed_points : bool
        Whether the loops' fixed points are found too.
    executor : concurrent.futures.Executor, optional
        What computes the cells; without it they are computed here. The figures are the same to the
        last bit, if its processes use as many threads for linear algebra as this one.
    keep : path, optional
        A folder, made if need be, that keeps the cells that are done: a run that was killed goes
        on there, and one of more values computes the new ones. It knows laws and rules by their
        content; of a rule of your own its class and attributes, but not its code.
    on_cell : callable, optional
        Called with how many cells are done, and of how many (to show progress).

    Returns
    -------
    Sweep
        One row a cell and step, and one for the fixed point: laws, then scales, rules, K and λ.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range, before any loop is run; or if a loop
        cannot run, with its cell.
    WorkerLostError
        If a process was killed twice on the same cell; the others are computed first, and kept.

    Warns
    -----
    RuntimeWarning
        As `CurationLoop.run` and `CurationLoop.fixed_point`.

    Examples
    --------
    >>> from recurate import RewardLaw, sweep
    >>> law = RewardLaw([0.0, 1.0, 2.0], groups=["plain", "liked", "loved"])
    >>> table = sweep(law, K=[2, math.inf], lam=[0.5, 2.0], steps=3)
    >>> is_limit = table.columns["t"] == math.inf
    >>> table.columns["expected_reward"][is_limit].round(3).tolist()
    [1.134, 1.455, 1.243, 1.588]
    >>> [(row["K"], row["lam"], row["t"]) for row in table.best(max_kl=0.1)]
    [(2.0, 2.0, 3.0)]
    """
    named = _named(laws)
    steps = count(steps, "steps", LARGEST_STEPS)
    scales = _numbers(scale, "scale", finite_number)
    mixings, choices = _mixings(lam, real_fraction), _choices(K, rule)
    swept = [_scaled(law, one) for law in named.values() for one in scales]
    require_size(len(swept) * len(choices) * len(mixings), swept, steps)
    cells = [
        Cell(Place(table, size, value, share, name, one), number, {"rule": made, "lam": value})
        for number, (table, one) in enumerate(product(named, scales))
        for (name, size, made), (value, share) in product(choices, mixings)
    ]
    for cell in cells:
        try:
            CurationLoop(swept[cell.law].law, **cell.loop)
        except ValueError as error:
            raise ValueError(f"{cell.place}: {error}") from error
    with ExitStack() as stack:
        if keep is not None:
            Path(keep).mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(keep))
        return swept_cells(
            cells,
            swept,
            steps=steps,
            fixed_points=fixed_points,
            kept=Kept(None if keep is None else Path(keep)),
            executor=executor,
            on_cell=on_cell,
            mixing="lam" if real_fraction is None else "real_fraction",
        )


def swept_cells(
    cells: Sequence[Cell],
    laws: Sequence[Swept],
    *,
    steps: int,
    fixed_points: bool,
    kept: Kept,
    executor: Executor | None = None,
    on_kept: Callable[[int, int], None] = lambda done, total: None,
    on_cell: Callable[[int, int], None] | None = None,
    mixing: Literal["lam", "real_fraction"] = "lam",
) -> Sweep:
    """Compute the cells that are not kept yet, and return all as a table; errors as of `sweep`.

    `on_kept` is called with how many were kept, and of how many, if there are some.
    """
    keys = keys_of(cells, steps, fixed_points, laws)
    found = kept.read(keys)
    calls = {
        key: partial(measured, cell, steps, fixed_points)
        for key, cell in zip(keys, cells, strict=True)
        if key not in found
    }
    places = dict(zip(keys, (cell.place for cell in cells), strict=True))
    total, lost = len(places), []
    if found:
        on_kept(len(found), total)
    try:
        with closing(carried_out(calls, executor, tuple(laws))) as outcomes:
            for key, figures in outcomes:
                if isinstance(figures, WorkerLostError):
                    lost.append(f"{places[key]}: {figures}")
                    continue
                found[key] = figures
                kept.add(key, figures)
                if on_cell is not None:
                    on_cell(len(found), total)
    finally:
        kept.flush()
    if lost:
        more = f" (and {len(lost) - 1} more cells)" if len(lost) > 1 else ""
        raise WorkerLostError(lost[0] + more)
    in_order = [found[key] for key in keys]
    for remark in dict.fromkeys(text for one in in_order for text in one.remarks):
        warnings.warn(remark, RuntimeWarning, stacklevel=3)
    of_tables: dict[tuple[str, float], RewardLaw] = {}
    for cell in cells:
        of_tables.setdefault((cell.place.table, cell.place.scale), laws[cell.law].law)
    return Sweep(table_of(cells, in_order, laws), of_tables, mixing)


def require_size(cells: int, laws: Sequence[Swept], steps: int) -> None:
    """Raise ValueError if the table would take very much memory."""
    for swept in laws:
        require_bounded(steps, swept.law)
    columns = len(figures_of(laws))
    most = MOST_NUMBERS // (columns * (steps + 2))
    if cells > most:
        raise ValueError(
            f"a sweep of {steps:,} steps and {columns:,} figures must have at most {most:,} cells; "
            f"got {cells:,}: take fewer values, or fewer steps"
        )


def _named(laws: Any) -> dict[str, RewardLaw]:
    """Return the laws by their names."""
    if isinstance(laws, RewardLaw):
        laws = {"law": laws}
    if not isinstance(laws, Mapping):
        laws = {f"law {number}": law for number, law in enumerate(_several(laws, "laws"))}
    for name, law in laws.items():
        if not isinstance(law, RewardLaw):
            raise TypeError(
                f"laws must be laws of rewards, as RewardLaw.from_table makes them; got "
                f"{shown(law)} as {shown(name)}"
            )
        if not isinstance(name, str):
            raise TypeError(f"names of laws must be texts; got {shown(name)}")
    if not laws:
        raise ValueError("laws must have at least one law; got none")
    return dict(laws)


def _several(values: Any, name: str) -> list[Any]:
    """Return the values of an axis, of which there may be one."""
    is_one = isinstance(values, str | bytes) or not isinstance(values, Iterable)
    several = [values] if is_one else list(values)
    if not several:
        raise ValueError(f"{name} must have at least one value; got none")
    return several


def _numbers(values: Any, name: str, checked: Callable[[Any, str], float]) -> list[float]:
    """Return the numbers of an axis, checked, each once."""
    return list(dict.fromkeys(checked(one, name) for one in _several(values, name)))


def _mixings(lam: Any, real_fraction: Any) -> list[tuple[float, float]]:
    """Return each λ with its share of real data."""
    if (lam is None) == (real_fraction is None):
        raise TypeError("exactly one of lam and real_fraction must be given")
    if lam is not None:
        return [(one, 1 / (1 + one)) for one in _numbers(lam, "lam", mixing)]
    shares = _numbers(real_fraction, "real_fraction", fraction)
    return [(mixing_of(share), share) for share in shares]


def _choices(K: Any, rule: Any) -> list[tuple[str, float, Rule]]:
    """Return the rules, each of them for every K, with their names and K: NaN for one without."""
    rules = _rules(rule)
    sizes = None if K is None else _numbers(K, "K", lambda one, _: candidates(one))
    if all(isinstance(one, Rule) for one in rules.values()) != (sizes is None):
        raise TypeError(
            "K must be given for rules that are functions of K, as BradleyTerry is by default, and "
            f"for no others; got K = {shown(K)}"
        )
    found = []
    for name, one in rules.items():
        for size in [math.nan] if isinstance(one, Rule) else sizes or []:
            made = one if isinstance(one, Rule) else one(size)
            if not isinstance(made, Rule):
                raise TypeError(
                    f"rule must be a rule, or a function of K that returns one; got {shown(made)}"
                )
            found.append((name, size, made))
    return found


def mixing_of(share: float) -> float:
    """Return λ of a share of real data; ValueError for one so small that λ would be infinite."""
    lam = math.inf if share == 0 else (1 - share) / share
    if lam == math.inf and share > 0:
        raise ValueError(f"real_fraction must be 0 or at least 1e-307; got {share}")
    return lam


def _rules(rule: Any) -> dict[str, Any]:
    """Return rules, and functions of K, by their names."""
    if rule is None:
        rule = BradleyTerry
    if isinstance(rule, Mapping):
        return {str(name): rule[name] for name in _several(rule, "rule")}
    is_one = isinstance(rule, Rule) or callable(rule)
    named: dict[str, Any] = {}
    for one in [rule] if is_one else _several(rule, "rule"):
        if not (isinstance(one, Rule) or callable(one)):
            raise TypeError(f"rule must be a rule or a function of K; got {shown(one)}")
        name = repr(one) if isinstance(one, Rule) else _NAMES.get(one, one.__name__)
        if name in named or name == "<lambda>":
            raise ValueError(
                f"rules must have names that tell them apart; got {shown(name)}: give a mapping, "
                'as rule={"half at random": lambda K: …}'
            )
        named[name] = one
    return named


def _scaled(law: RewardLaw, scale: float) -> Swept:
    """Return a law with every reward times the scale, and the rewards as they were."""
    followed = law.score_names
    if scale == 1:
        return Swept(law, None, followed)
    if law.is_continuous:
        raise ValueError(
            f"scale must be 1 for a law with a density; got {scale:g}: scale the density"
        )
    in_unit = IN_UNIT
    while in_unit in law.scores:
        in_unit += "_"
    prompts = law.prompt_index
    return Swept(
        RewardLaw(
            scale * law.rewards,
            None if law.probs.strides == (0,) else law.probs,
            None if law.group_index is None else Labels(law.group_names, law.group_index),
            prompts=None if prompts is None else Labels(law.prompt_names, prompts),
            scores={in_unit: law.rewards, **law.scores},
        ),
        in_unit,
        followed,
    )

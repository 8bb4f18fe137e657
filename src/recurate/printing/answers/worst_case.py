"""What `recurate choose --worst-case` tells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from recurate import __version__
from recurate.printing.answers.told import Lines, Told, print_told
from recurate.printing.as_json import as_json
from recurate.printing.loops_as_json import parameters_of
from recurate.printing.trust import mixing_in_words
from recurate.printing.words import candidates_in_words, plural, printable, table_in_words

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.chosen import Chosen
    from recurate.numerics.inference.choice import Choice

STATEMENTS = {
    "kl": "any-choice-divergence",
    "min_share": "share-envelope",
    "max_share": "share-envelope",
}
"""What the answer rests on, by what is limited."""


def print_worst_case(chosen: Chosen, console: Console) -> None:
    """Print a choice, as `tell_worst_case` tells it."""
    print_told(tell_worst_case(chosen), console)


def tell_worst_case(chosen: Chosen) -> Told:
    """Tell the λ or K with which a limit is kept whatever people choose."""
    choice, told = chosen.choice, [table_in_words(chosen.table)]
    name = "" if chosen.group is None else printable(chosen.group)
    what = {
        "kl": f"KL(p_t‖p_ref) is at most {choice.limit:g}",
        "max_share": f"group {name} has at most {choice.limit:g}",
        "min_share": f"group {name} has at least {choice.limit:g}",
    }[choice.quantity]
    horizon = "at every step" if choice.steps is None else f"for {plural(choice.steps, 'step')}"
    kept = f"{what} {horizon}"
    if choice.chosen == "K":
        data = "in the pure loop" if choice.lam == math.inf else f"with λ = {choice.lam:g}"
        allowed = {1: "K = 1 alone, no choice", math.inf: "any K"}.get(
            choice.K, f"up to K = {candidates_in_words(choice.K)} candidates"
        )
        told.append(f"whatever people choose, {data} {kept}: {allowed}")
    else:
        among = "" if math.isnan(choice.K) else f" among K = {candidates_in_words(choice.K)}"
        needed = "without any real data"
        if choice.lam < math.inf:
            fraction, lam = mixing_in_words(choice)
            needed = f"real data at least {fraction} of each training set, λ at most {lam}"
        told.append(f"whatever people choose{among}, {kept}:\n{needed}")
    told += reached_at_worst(choice)
    return [Lines.of(*told)]


def reached_at_worst(choice: Choice) -> tuple[str, str]:
    """Return what the worst way to choose comes to, and what that rests on."""
    when = "for ever" if choice.steps is None else f"at t = {choice.steps}"
    about = "it is so for any table"
    if choice.quantity != "kl":
        about = "of the table only the group's share matters"
    return (
        f"the worst way to choose comes to {choice.reached:.6g} {when}",
        f"{about}; recurate explain {STATEMENTS[choice.quantity]} has the proof",
    )


def worst_case_json(chosen: Chosen) -> str:
    """Return the same as one JSON object."""
    choice = chosen.choice
    entries = {name: getattr(choice, name) for name in ("chosen", "quantity", "limit", "reached")}
    entries |= {
        "group": chosen.group,
        "at_step": choice.step,
        "steps": choice.steps,
        "worst_case": True,
    }
    entries["statement"] = STATEMENTS[choice.quantity]
    return as_json(
        {
            "recurate": __version__,
            "parameters": parameters_of(chosen.table, chosen.loop),
            "choice": entries,
        }
    )

"""Parts of a law with prompts: the answers to one of them, or to some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.numerics.laws.groups import Labels
from recurate.numerics.validation import FloatArray

if TYPE_CHECKING:
    import numpy.typing as npt

    from recurate.numerics.laws.reward_law import IntArray, RewardLaw


def rows_by_prompt(law: RewardLaw) -> list[IntArray]:
    """Return the numbers of the atoms of each prompt, in the law's order."""
    prompt = law.prompt_of_atoms
    order = np.argsort(prompt, kind="stable")
    return np.split(order, np.cumsum(np.bincount(prompt))[:-1])


def arguments_of_prompt(law: RewardLaw, number: int, rows: IntArray) -> dict[str, Any]:
    """Return the arguments of `RewardLaw` for the answers to one prompt, which are these atoms."""
    groups = None
    if law.group_index is not None:
        groups = [law.group_names[i] for i in law.group_index[rows]]
    probs = law.probs[rows] / law.prompt_probs[number]
    scores = _present(law, rows, probs)
    return {"rewards": law.rewards[rows], "probs": probs, "groups": groups, "scores": scores}


def arguments_of_prompts(law: RewardLaw, kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return those for the prompts that are kept, shape (prompts,): they have all the mass.

    The names of groups are those of the whole law.
    """
    rows = np.flatnonzero(kept[law.prompt_of_atoms])
    names = tuple(name for name, is_kept in zip(law.prompt_names, kept, strict=True) if is_kept)
    probs = law.probs[rows] / law.probs[rows].sum()
    groups = None
    if law.group_index is not None:
        groups = Labels(law.group_names, law.group_index[rows])
    number = np.cumsum(kept) - 1
    return {
        "rewards": law.rewards[rows],
        "probs": probs,
        "groups": groups,
        "prompts": Labels(names, number[law.prompt_of_atoms[rows]]),
        "scores": _present(law, rows, probs),
    }


def _present(law: RewardLaw, rows: IntArray, probs: FloatArray) -> dict[str, FloatArray] | None:
    """Return the scores that have a value at some of these atoms with mass."""
    scores = {name: values[rows] for name, values in law.scores.items()}
    return {name: v for name, v in scores.items() if not np.isnan(v[probs > 0]).all()} or None

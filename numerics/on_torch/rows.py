"""A law on tensors: its atoms in rows, one row for each prompt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.rules.rule import column_of
from recurate.numerics.validation import FloatArray


class TensorLaw(NamedTuple):
    """What a rule of one's own sees of a law, as tensors: that of one prompt, if there are any.

    Attributes
    ----------
    rewards : Tensor, shape (n,)
        The rewards, with their gradients.
    scores : mapping from str to Tensor, shape (n,)
        The scores, NaN where a value is missing.
    group_index : Tensor of int, shape (n,), or None
        Each atom's group, as its number among the law's `group_names`.
    """

    rewards: Tensor
    scores: Mapping[str, Tensor]
    group_index: Tensor | None


class Watch:
    """What may go wrong on a device, noted there, and looked at when all is done."""

    def __init__(self) -> None:
        self._noted: list[tuple[Tensor, Callable[[], Exception]]] = []

    def note(self, is_bad: Tensor, error: Callable[[], Exception]) -> None:
        """Note whether something is wrong, a tensor of one bool, and the error that it is."""
        self._noted.append((is_bad, error))

    def raise_first(self) -> None:
        """Raise the first error there is."""
        if not self._noted:
            return
        flags = torch.stack([flag for flag, _ in self._noted])
        found = np.flatnonzero(flags.cpu().numpy())
        if found.size:
            raise self._noted[int(found[0])][1]()
        self._noted.clear()


class Rows:
    """The atoms of a law in rows of one width, on a device.

    Parameters
    ----------
    law : RewardLaw
        The law, of atoms.
    rewards : Tensor, shape (n,)
        Its rewards, of which gradients are wanted or not, on the device and of the type wanted.

    Attributes
    ----------
    given, law : RewardLaw
        The law as given; and without prompts, for what is decided before the first step.
    rewards : Tensor, shape (rows, width)
        The rewards; 0 at places that no atom has.
    is_atom : Tensor of bool, shape (rows, width)
        Whether a place has an atom.
    place : ndarray and Tensor of int, shape (n,)
        The place of each atom in the rows made flat.
    watch : Watch
        What to look at when all steps are done.
    """

    def __init__(self, law: RewardLaw, rewards: Tensor) -> None:
        self.watch = Watch()
        self.prompts: IntArray = np.asarray(law.prompt_of_atoms)
        self.given, self.law = law, with_rewards(law, law.rewards, within_prompts=False)
        counts = np.bincount(self.prompts)
        self.shape = (counts.size, int(counts.max()))
        order = np.argsort(self.prompts, kind="stable")
        within = np.empty(law.size, np.intp)
        within[order] = np.arange(law.size) - np.repeat(np.cumsum(counts) - counts, counts)
        self.places: IntArray = self.prompts * self.shape[1] + within
        self._like = rewards.detach()
        self.place = self.whole(self.places)
        self.rewards = self.filled(rewards, 0.0)
        self.is_atom = self.where(np.ones(law.size, dtype=bool))

    def whole(self, numbers: IntArray) -> Tensor:
        """Return whole numbers on the device."""
        return torch.as_tensor(np.array(numbers, dtype=np.int64), device=self._like.device)

    def tensor(self, values: FloatArray) -> Tensor:
        """Return numbers on the device, of its type."""
        return self._like.new_tensor(np.array(values, dtype=np.float64))

    def filled(self, values: Tensor, fill: float) -> Tensor:
        """Return values of the atoms, shape (n,), in rows; `fill` where no atom is."""
        if self.shape[0] == 1:
            return values[None, :]
        flat = torch.full_like(values[:1], fill).repeat(self.shape[0] * self.shape[1])
        return flat.index_copy(0, self.place, values).reshape(self.shape)

    def where(self, is_there: npt.NDArray[np.bool_]) -> Tensor:
        """Return which atoms have a property, in rows; False where no atom is."""
        return self.filled(self.tensor(is_there.astype(np.float64)), 0.0) > 0

    def flat(self, values: Tensor) -> Tensor:
        """Return values in rows at the atoms, shape (n,), in the law's order."""
        if self.shape[0] == 1:
            return values[0]
        return values.reshape(-1).index_select(0, self.place)

    def column(self, by: str | None) -> tuple[FloatArray, Tensor]:
        """Return what a rule goes by: its values, shape (n,), and the tensor in rows.

        Raises
        ------
        ValueError
            If the law has no such score, or one without a value at some atom.
        """
        values = column_of(self.law, by)
        if by is None:
            return values, self.rewards
        return values, self.filled(self.tensor(values), 0.0)

    def one_by_one(self) -> list[tuple[Tensor, TensorLaw]]:
        """Return the atoms of each row, and the law of them, as a rule of one's own sees it."""
        found = []
        rewards = self.flat(self.rewards)
        for number in range(self.shape[0]):
            atoms = np.flatnonzero(self.prompts == number)
            rows = self.whole(atoms)
            scores = {name: self.tensor(v[atoms]) for name, v in self.law.scores.items()}
            index = self.law.group_index
            groups = None if index is None else self.whole(index[atoms])
            found.append((rows, TensorLaw(rewards.index_select(0, rows), scores, groups)))
        return found


def with_rewards(law: RewardLaw, rewards: FloatArray, within_prompts: bool = True) -> RewardLaw:
    """Return a law with other rewards, with its prompts or without."""
    if (within_prompts or law.prompt_index is None) and np.array_equal(rewards, law.rewards):
        return law
    groups: Any = None
    if law.group_index is not None:
        groups = Labels(law.group_names, law.group_index)
    prompts: Any = None
    if within_prompts and law.prompt_index is not None:
        prompts = Labels(law.prompt_names, law.prompt_index)
    return RewardLaw(rewards, law.probs, groups, prompts=prompts, scores=law.scores or None)


def relative_to_best(rows: Rows, rewards: Tensor) -> Tensor:
    """Return rewards relative to the best of their row, without its gradient; 0 beside the atoms.

    What is computed from them does not change with an offset, so they have the right gradient.
    """
    best = torch.where(rows.is_atom, rewards.detach(), -math.inf).amax(1, keepdim=True)
    return torch.where(rows.is_atom, rewards - best, 0.0)

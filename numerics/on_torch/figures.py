"""The figures of a law on tensors, read off a state as `recurate.numerics.laws.levels` does."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from recurate.numerics.curation.tensors import log_of, log_sum_exp
from recurate.numerics.laws.divergences import SERIES_RADIUS, series_coefficients
from recurate.numerics.laws.levels import Figures
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.on_torch.ranking import Ranking
from recurate.numerics.on_torch.rows import Rows
from recurate.numerics.validation import FloatArray


class States:
    """Where a run's states live: log(p_t/base) in the rows of a law, given the prompt.

    Parameters
    ----------
    law : RewardLaw
        The law, with its prompts.
    rows : Rows
        Its atoms, with the rewards that gradients are wanted of.
    initial : Tensor, shape (n,), or None
        Probabilities p_0; None for p_ref.
    """

    def __init__(self, law: RewardLaw, rows: Rows, initial: Tensor | None) -> None:
        self.law, self._rows = law, rows
        reference = np.array(law.probs)
        base, start = reference, None
        if initial is not None:
            start = initial.detach().cpu().double().numpy()
            base = np.where(reference > 0, reference, start)
        masses = law.prompt_probs[law.prompt_of_atoms]
        self.log_base = rows.filled(log_of(rows.tensor(base / masses)), -math.inf)
        self.reference = rows.filled(rows.tensor(reference / masses), 0.0)
        outside = rows.where((base > 0) & (reference == 0))
        self.log_reference_density = torch.where(outside, -math.inf, 0.0).to(self.log_base.dtype)
        self.start = torch.zeros_like(self.log_base)
        if initial is not None:
            has_base = self.log_base > -math.inf
            log_start = rows.filled(log_of(initial / rows.tensor(masses)), -math.inf)
            difference = log_start - torch.where(has_base, self.log_base, 0.0)
            self.start = torch.where(has_base, difference, 0.0)
        self._masses = rows.tensor(law.prompt_probs)
        self._log_masses = self._masses.log()[:, None]
        self._outside = outside
        self._measures(rows.where(base > 0))

    def _measures(self, present: Tensor) -> None:
        """Prepare what figures are made of, from which atoms have a base measure."""
        rows, law = self._rows, self.law
        counted = self.reference > 0
        self._best = torch.where(counted, rows.rewards, -math.inf).amax(1, keepdim=True)
        self._relative = torch.where(present, rows.rewards - self._best, 0.0)
        highest = math.log(torch.finfo(rows.rewards.dtype).max) - 0.5
        self._weights = self._relative.clamp(max=highest).exp()
        self._deficits = -torch.expm1(self._relative.clamp(max=highest))
        self._at_max = (rows.is_atom & (rows.rewards == self._best)).to(self._best.dtype)
        self._groups = None if law.group_index is None else rows.whole(law.group_index)
        scores = np.array(list(law.scores.values())).reshape(len(law.scores), law.size)
        self._scores = rows.tensor(np.nan_to_num(scores))
        ranking = Ranking(rows, None)
        first = ranking.tails(self.log_probs(self.start))
        self._ranks = ranking.at_atoms(first.below - first.mass / 2)
        self._scored = rows.tensor((~np.isnan(scores)).astype(np.float64))

    def log_probs(self, state: Tensor) -> Tensor:
        """Return log p given the prompt, in rows."""
        log_probs = self.log_base + state
        return log_probs - log_sum_exp(log_probs, 1)[:, None]

    def atom_log_probs(self, state: Tensor) -> Tensor:
        """Return log p at each atom, shape (n,), in the law's order."""
        return self._rows.flat(self.log_probs(state) + self._log_masses)

    def measure(self, state: Tensor) -> Figures[Tensor]:
        """Return the figures of each row's law, tensors of shape (rows,)."""
        log_probs = self.log_probs(state)
        probs = log_probs.exp()
        mean = (log_probs + self._relative).exp().sum(1)
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        deficits = (probs * self._deficits).sum(1, keepdim=True) - self._deficits
        is_near = ((mean > 0.5) & (mean < 2.0))[:, None]
        finite = torch.where(mean < math.inf, mean, 0.0)[:, None]
        centred = torch.where(is_near, deficits, self._weights - finite)
        variance = ((log_probs / 2).exp() * centred).square().sum(1)
        return Figures(
            expected_weight=mean,
            variance_weight=torch.where(mean < math.inf, variance, math.inf),
            expected_reward=self._best[:, 0] + (probs * self._relative).sum(1),
            kl_to_reference=self._divergence(state, probs),
            mass_at_max=(probs * self._at_max).sum(1),
        )

    def _divergence(self, state: Tensor, probs: Tensor) -> Tensor:
        """Return KL(p‖p_ref) of each row, shape (rows,), as `kullback_leibler_of_state`."""
        reference = self.reference
        near = state.abs() < SERIES_RADIUS
        small = torch.where(near, state, 0.0)
        series = torch.zeros_like(small)
        for coefficient in series_coefficients(1.0):
            series = series * small + coefficient
        log_ratio = torch.where(near | (state == -math.inf), 0.0, state)
        masses = (log_of(reference) + torch.where(near, 0.0, state)).exp()
        terms = masses * (log_ratio - 1.0) + reference
        terms = torch.where(near, reference * series * small * small, terms)
        terms = torch.where(reference > 0, terms, 0.0)
        is_outside = (self._outside & (probs > 0)).any(1)
        return torch.where(is_outside, math.inf, terms.sum(1))

    def mean_over_rows(self, figure: Tensor) -> Tensor:
        """Return the mean of a figure of each row's law by the prompts' masses, a number."""
        return figure[0] if figure.numel() == 1 else (figure * self._masses).sum()

    def win_rate(self, state: Tensor) -> Tensor:
        """Return the probability that a sample beats one of p_0 by its reward, ties half."""
        return self.mean_over_rows((self.log_probs(state).exp() * self._ranks).sum(1))

    def group_proportions(self, atom_probs: Tensor) -> Tensor:
        """Return the mass of each of the law's groups, shape (n_groups,)."""
        size = len(self.law.group_names)
        if self._groups is None:
            return atom_probs.new_empty(0)
        return atom_probs.new_zeros(size).index_add(0, self._groups, atom_probs)

    def expected_scores(self, atom_probs: Tensor) -> Tensor:
        """Return the mean of each of the law's scores over the atoms with a value, (n_scores,)."""
        masses = self._scored @ atom_probs
        some = masses > 0
        means = (self._scores @ atom_probs) / torch.where(some, masses, 1.0)
        return torch.where(some, means, math.nan)


def to_array(values: Tensor) -> FloatArray:
    """Return the numbers of a tensor as an array of doubles."""
    array: FloatArray = values.detach().cpu().double().numpy()
    return array

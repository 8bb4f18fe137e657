"""Simulate a loop of the exact theory: samples are the atoms of its reward law."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from recurate.numerics.log_sums import log_masses
from recurate.numerics.loop import LARGEST_STEPS, CurationLoop
from recurate.numerics.rules.dropped import dropped
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.sampling.streams import stream_of
from recurate.numerics.sampling.winners import indices_by_law
from recurate.numerics.simulation.checkpoints import digest
from recurate.numerics.simulation.models import EmpiricalDistribution
from recurate.numerics.simulation.prompt_atoms import PromptAtoms, PromptResampling
from recurate.numerics.simulation.simulate import simulate
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.validation import FloatArray, count


def simulate_loop(
    loop: CurationLoop,
    *,
    steps: Any,
    n_generated: Any,
    n_curated: Any = None,
    replicates: Any = 1,
    **options: Any,
) -> SimulatedTrajectory:
    """Simulate a loop on its own reward law: samples are the law's atoms, and retraining resamples.

    With prompts each has a model of its own, resampled from its own training set. `n_generated`,
    `n_curated` and the real samples are for each prompt; the first models are the prompts' laws
    themselves. Figures are means over the prompts by p(z). Where a rule drops prompts, the loop is
    simulated without them.

    Parameters
    ----------
    loop : CurationLoop
        Any: of K or a rule, with steps that change, retained samples or `Accumulate`.
    steps, n_generated, n_curated, replicates : int
        As in `simulate`.
    **options
        Other arguments of `simulate`: rng, backend, device, dtype, method, temperature, on_step,
        checkpoint, any_size.

    Returns
    -------
    SimulatedTrajectory
        Its figures estimate those of ``loop.run(steps=steps)``; by prompt they are not kept.

    Raises
    ------
    TypeError, ValueError, ImportError
        As `simulate`.

    Examples
    --------
    >>> from recurate import CurationLoop, RewardLaw
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0, 2.0]), K=4, lam=1.0)
    >>> run = simulate_loop(loop, steps=3, n_generated=2_000, replicates=20, rng=0)
    >>> z = (run.expected_reward - loop.run(steps=3).expected_reward)[1:]
    >>> bool((abs(z / run.standard_errors["expected_reward"][1:]) < 6).all())
    True
    """
    if not isinstance(loop, CurationLoop):
        raise TypeError(f"loop must be a CurationLoop; got {type(loop).__name__}")
    law, schedule = loop.law, loop.schedule
    if schedule.K is None and (law.is_continuous or law.prompt_index is not None):
        steps = count(steps, "steps", LARGEST_STEPS)
        rules = schedule.plan(steps).rules
        if law.is_continuous:
            for rule in rules:
                rule.prepared(law)  # its error says what takes no nodes of a density for atoms
        law = dropped(law, rules)
    if law.prompt_index is not None:
        atoms = PromptAtoms(law)
        model: EmpiricalDistribution = PromptResampling(atoms)
        real: Any = atoms
        rewards, groups, log_probs = atoms.rewards, atoms.groups, atoms.log_probs
        max_reward = float(law.prompt_probs @ law.prompt_best)
    else:
        model = EmpiricalDistribution(atoms=law.size)
        is_uniform = bool((law.probs == law.probs[0]).all())
        real = np.arange(law.size) if is_uniform else AtomSampler(law.probs)
        rewards, groups, log_probs = law.rewards, law.group_index, log_masses(law.probs)
        max_reward = law.max_reward
    return simulate(
        model,
        AtomTable(rewards),
        schedule.K,
        schedule.lam if schedule.training is None else None,
        steps,
        n_generated,
        real=real,
        rule=schedule.rule if schedule.K is None else None,
        retained=schedule.retained if schedule.training is None else None,
        training=schedule.training,
        law=law,
        n_curated=n_curated,
        replicates=replicates,
        max_reward=max_reward,
        groups=None if groups is None else AtomTable(groups),
        group_names=law.group_names,
        reference_log_density=AtomTable(log_probs),
        **options,
    )


class AtomTable:
    """A function of atoms, given by a table: from indices, shape (n,), to values, shape (n,)."""

    def __init__(self, values: Any) -> None:
        self._values = np.array(values)  # a copy: torch takes no read-only memory
        self._tensor: Any = None

    @property
    def digest(self) -> str:
        """A hash of the values."""
        return digest(self._values)

    def __call__(self, atoms: Array) -> Array:
        if isinstance(atoms, np.ndarray):
            return np.take(self._values, atoms)
        if self._tensor is None or self._tensor.device != atoms.device:
            self._tensor = array_namespace(atoms).asarray(self._values, device=atoms.device)
        return self._tensor[atoms]


class AtomSampler:
    """Real data with unequal probabilities: samples are indices of atoms."""

    def __init__(self, probs: FloatArray) -> None:
        self._cumulative = np.cumsum(probs)

    @property
    def digest(self) -> str:
        """A hash of the probabilities."""
        return digest(self._cumulative)

    def sample(self, n: int, rng: Any) -> Array:
        """Return n atoms, drawn by inversion of the cumulative probabilities."""
        stream = stream_of(rng)
        return indices_by_law(stream.asarray(self._cumulative), stream.uniforms((n,)))

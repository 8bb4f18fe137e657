"""The retraining loop by simulation: generate, reward, curate, mix with real data, refit."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.locks import held
from recurate.numerics.loop import LARGEST_STEPS
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.sampling.choice_rule import ChoiceRule, require_no_temperature
from recurate.numerics.sampling.streams import open_stream
from recurate.numerics.schedules import Schedule
from recurate.numerics.simulation.chunk import ChunkRun
from recurate.numerics.simulation.models import Model
from recurate.numerics.simulation.plan import LARGEST_SAMPLES, Plan
from recurate.numerics.simulation.record import Record
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.simulation.training_data import Prompts, TrainingData
from recurate.numerics.text import shortened
from recurate.numerics.validation import count, finite_number, positive_count, shown

MOST_DRAWS, MOST_SAMPLES, MOST_FIGURES = 10**10, 10**8, 10**8
"""Most draws of a simulation (minutes to an hour), samples of one kind in a step (some ten
gigabytes) and figures that it keeps (some gigabytes), unless more is asked for on purpose."""


def simulate(
    model: Model,
    reward: Callable[[Array], Array],
    K: Any = None,
    lam: Any = None,
    steps: Any = None,
    n_generated: Any = None,
    *,
    real: Any,
    rule: Any = None,
    retained: Any = None,
    training: Any = None,
    scores: Mapping[str, Callable[[Array], Array]] | None = None,
    law: RewardLaw | None = None,
    n_curated: Any = None,
    replicates: Any = 1,
    temperature: Any = 1.0,
    method: str = "cumulative",
    max_reward: Any = None,
    groups: Callable[[Array], Array] | None = None,
    group_names: Sequence[Hashable] = (),
    reference_log_density: Callable[[Array], Array] | None = None,
    rng: Any = None,
    backend: str = "numpy",
    device: Any = None,
    dtype: str | None = None,
    on_step: Callable[[int, int], None] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    any_size: bool = False,
) -> SimulatedTrajectory:
    """Simulate the curated retraining loop with a model.

    The model is fitted to real data. Then each step generates `n_generated` samples, chooses one of
    K among them `n_curated` times, mixes the winners with real samples in the ratio λ, and fits the
    model to the mixture.

    Parameters
    ----------
    model : Model
        Any object with ``fit(samples)`` and ``sample(n, rng)``; it is copied, not changed.
    reward : callable
        From samples, shape (n, …), to their rewards, shape (n,).
    K : int or math.inf, optional
        Candidates of each Bradley–Terry choice, drawn with replacement from the generated samples:
        short for ``rule=BradleyTerry(K)``.
    lam : float or math.inf
        λ, synthetic samples per real one: the training set has `n_curated`/λ real samples, rounded.
        With infinity it has none; with 0 it has `n_curated` real samples and no others.
    steps : int
        Retraining steps.
    n_generated : int
        Samples that the model generates in each step.
    real : array_like, shape (n, …), or Sampler
        Real samples, drawn with replacement (the first model is fitted to all of them), or an
        object with ``sample(n, rng)`` (the first model is fitted to `n_generated` of its samples).
    rule, retained, training : optional
        As in `CurationLoop`; they and `lam` may change with t. Of the n_curated synthetic samples
        of a step round(ε · n_curated) are kept uncurated, drawn with replacement from those that
        the model generated. With ``training=Accumulate(…)`` each round adds `n_curated` winners to
        all that was there, which begins with n_curated · n_0/n real samples, rounded.
    scores : mapping, optional
        Functions from samples to numbers, shape (n,), for rules that go ``by`` these names. A rule
        of groups reads `groups`.
    law : RewardLaw, optional
        The law whose atoms the samples are, if they are: numbers from 0 to n - 1 (with prompts in
        the order of these). Rules then read its rewards, scores, groups and atoms.
    n_curated : int, optional
        Synthetic samples of each training set, or of each round; `n_generated` by default.
    replicates : int
        Independent runs.
    temperature, method : optional
        As in `recurate.curate`: a temperature with K alone.
    max_reward : float, optional
        Reward that weights are relative to; by default the largest of the samples that the first
        model was fitted to.
    groups : callable, optional
        From samples to integers from 0 to len(group_names) - 1, shape (n,).
    group_names : sequence
        Names of the groups.
    reference_log_density : callable, optional
        From samples to log p_ref(x), shape (n,); with it, and a model that has ``log_density``,
        the divergence is estimated.
    rng : int or numpy.random.Generator, optional
        Seed or generator, for either backend.
    backend, device, dtype : optional
        As in `recurate.curate`. With torch all samples are tensors that stay on the device; only
        extremes of each step, such as the largest reward, are copied from it.
    on_step : callable, optional
        Called with the number of steps done and their total, over all replicates.
    checkpoint : path, optional
        File in which the state is kept, about every 20 seconds and when the run is interrupted, and
        from which the run continues if the file exists; it stays when the run is done. The model
        needs ``get_state()`` and ``set_state(state)``. The file of a run with other arguments or
        other real data is refused; you must make sure that the model and the functions are the
        same. With a damaged file the run begins anew, which a line of the log "recurate" says.
    any_size : bool
        Whether to begin however much is asked for. Otherwise more than 10^10 draws, 10^8 samples of
        one kind in a step or 10^8 figures (replicates times steps times figures and groups) are
        refused. A choice takes K draws, and is counted as one where no number K is known.

    Returns
    -------
    SimulatedTrajectory
        The figures of each step and replicate, with their standard errors.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range, `checkpoint` belongs to another run,
        or the model or the reward returns something wrong: the message names the step.
    InUseError
        If another run has `checkpoint`: an OSError that names the process.
    ImportError
        If torch is asked for and not installed.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), the loop of Section 2. A finite sample departs from the
    population limit by about t/n: ``docs/simulation.md``.

    Examples
    --------
    >>> import numpy as np
    >>> data = np.random.default_rng(0).standard_normal((1000, 1))
    >>> from recurate.numerics.simulation.models import GaussianModel
    >>> run = simulate(GaussianModel(), lambda x: x[:, 0], 4, 1.0, 3, 500, real=data, rng=1)
    >>> bool((np.diff(run.expected_reward) > 0).all())
    True
    """
    stream = open_stream(0, backend, device, dtype)  # fails at once if something is missing
    _require_model(model, checkpoint is not None)
    of_score = {f"scores[{shown(name)}]": score for name, score in (scores or {}).items()}
    _require_functions(
        {"reward": reward} | of_score,
        {"groups": groups, "reference_log_density": reference_log_density},
    )
    if groups is None and len(group_names):
        raise ValueError(f"groups must be a function if there are group_names; got {groups}")
    _require_law(law, scores)
    data = TrainingData.of(real, stream)
    schedule = Schedule(K, rule, lam, retained, training)
    temperature = ChoiceRule(1, temperature, method).temperature
    if rule is not None:
        require_no_temperature(temperature)
    steps = count(steps, "steps", LARGEST_STEPS)
    generated = positive_count(n_generated, "n_generated", LARGEST_SAMPLES)
    is_array = data.array is not None or data.prompts is not None
    plan = Plan(
        schedule=schedule,
        at=schedule.plan(steps),
        temperature=temperature,
        method=method,
        generated=generated,
        synthetic=generated
        if n_curated is None
        else positive_count(n_curated, "n_curated", LARGEST_SAMPLES),
        initial=None if is_array else generated,
        steps=steps,
        reward=reward,
        groups=groups,
        group_names=group_names,
        scores=scores or {},
        law=law,
        reference_log_density=reference_log_density,
        max_reward=None if max_reward is None else finite_number(max_reward, "max_reward"),
    )
    replicates = positive_count(replicates, "replicates")
    if not any_size:
        _require_bounded(plan, replicates, data.prompts)
    with held(checkpoint) if isinstance(checkpoint, str | os.PathLike) else nullcontext():
        record = Record.open(plan, model, data, replicates, checkpoint, rng, stream)
        for chunk in range(record.chunk, len(record.seeds)):
            rows = record.rows(chunk)
            stream = open_stream(record.seeds[chunk], backend, device, dtype)
            run = ChunkRun(model, plan, data, stream, rows.stop - rows.start)
            record.simulate(chunk, run, on_step)
    return SimulatedTrajectory(
        K=schedule.K,
        lam=None if schedule.K is None else schedule.lam,
        max_reward=record.max_reward,
        sizes=plan.sizes(0),
        group_names=tuple(group_names),
        prompts=None if data.prompts is None else data.prompts.number,
        figures=record.figures,
        groups=record.groups,
        loop=str(schedule),
        sizes_by_step=plan.all_sizes if len(plan.all_sizes) > 1 else (),
    )


def _require_bounded(plan: Plan, replicates: int, prompts: Prompts | None) -> None:
    """Raise ValueError if a simulation would take very long, or very much memory."""
    lifted = "in Python, any_size=True lifts this"
    number = 1 if prompts is None else prompts.number
    each = "" if prompts is None else f"{number:,} prompts, "
    draws = float(replicates * number) * plan.draws
    if draws > MOST_DRAWS:
        sizes, K = plan.sizes(0), plan.schedule.K
        how = f"among K = {K:g}" if K is not None else f"by {shortened(str(plan.schedule), 60)}"
        raise ValueError(
            f"a simulation must take at most {MOST_DRAWS:.0e} draws; got {draws:.3g}: "
            f"{each}{replicates:,} replicates of {plan.steps:,} steps of {sizes.curated:,} choices "
            f"{how}, {sizes.generated:,} generated and {sizes.real:,} real samples; ask "
            f"for {draws / MOST_DRAWS:.2g} times less ({lifted})"
        )
    largest = number * plan.largest_kind
    if largest > MOST_SAMPLES:
        raise ValueError(
            "a simulation must have at most "
            f"{MOST_SAMPLES:.0e} samples of one kind in a step; got {each}{largest:,} ({lifted})"
        )
    figures = replicates * (plan.steps + 1) * (len(FIGURES) + plan.n_groups)
    if figures > MOST_FIGURES:
        raise ValueError(
            f"a simulation must keep at most {MOST_FIGURES:.0e} figures; got {figures:,}: "
            f"{replicates:,} replicates of {plan.steps + 1:,} steps of {len(FIGURES)} figures and "
            f"{plan.n_groups:,} groups ({lifted})"
        )


def _require_model(model: Any, is_kept: bool) -> None:
    wanted = ["fit", "sample"] + ["get_state", "set_state"] * is_kept
    missing = [name for name in wanted if not callable(getattr(model, name, None))]
    if missing or isinstance(model, type):
        found = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        purpose = ", and get_state and set_state for a checkpoint" if is_kept else ""
        without = f", which lacks {' and '.join(missing)}" if missing else ", not an instance"
        raise TypeError(
            f"model must have fit(samples) and sample(n, rng){purpose}; got {found}{without}"
        )


def _require_law(law: Any, scores: Any) -> None:
    if law is not None and not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw or None; got {shown(law)}")
    if law is not None and scores:
        raise TypeError(f"scores must be None with a law, which has its own; got {shown(scores)}")


def _require_functions(required: Mapping[str, Any], optional: Mapping[str, Any]) -> None:
    for name, function in (*required.items(), *optional.items()):
        if not callable(function) and (name in required or function is not None):
            raise TypeError(f"{name} must be a function of samples; got {shown(function)}")

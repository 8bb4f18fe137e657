"""What a trial prints: the verdict, the claim with its symbols, the counterexample, the proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recurate.paper_checks.evidence.check import START, shown
from recurate.theory.language.means import Mean, Moment
from recurate.theory.legend import claim_legend, legend_lines, word_lines
from recurate.theory.plain_text import from_code, in_words, plain, words_for

if TYPE_CHECKING:
    from recurate.paper_checks.trials.trial import Trial

_LOOPS = {
    "exact": "in rational arithmetic",
    "certified": "in ball arithmetic",
    "property": "in floating point",
}

_MEANINGS = {
    "refuted": "refuted: the loop below breaks it, beyond any rounding",
    "holds": "holds: every step of its proof is verified, and no loop tried breaks it",
    "open": "not refuted: no loop tried breaks it, which proves nothing",
}


def trial_text(trial: Trial) -> str:
    """Return a trial in lines."""
    return "\n".join([_title(trial), *(f"  {line}" for line in _lines(trial)), *_replay(trial)])


def _title(trial: Trial) -> str:
    changes = [] if trial.statement.bound == trial.original.bound else ["with another bound"]
    changes += [f"without {name}" for name in trial.broken_by]
    return f"{trial.original.id} {', '.join(changes)}".strip() + f": {_MEANINGS[trial.verdict]}"


def _lines(trial: Trial) -> Iterator[str]:
    statement = trial.statement
    for hypothesis in statement.hypotheses:
        yield f"if {hypothesis.text}"
    claim = in_words(statement.claim, statement.bound_law)
    yield f"then {claim}"
    shown_formulas = [words_for(statement.claim, "")]
    if trial.failing_step is not None:
        shown_formulas.append(trial.failing_step.step.claim)
    meanings = claim_legend(trial.original, *shown_formulas)
    lines = legend_lines(meanings, statement.bound_law)
    if any(formula.has(Mean, Moment) for formula in shown_formulas):
        lines.append(f"E[…]: mean {statement.law}.")
    assumed = (hypothesis.text for hypothesis in trial.original.hypotheses)
    yield from (f"  {line}" for line in (*lines, *word_lines((claim, *assumed), lines)))
    yield from _dropped(trial)
    yield from _counterexample(trial)
    loops = [f"{e.cases} loop{'s' * (e.cases != 1)} {_LOOPS[e.kind]}" for e in trial.evidence]
    undecided = sum(evidence.undecided for evidence in trial.evidence)
    yield (
        f"tried: {', '.join(loops)}; {trial.seconds:.1f} s"
        + (f"; {undecided} margin{'s' * (undecided != 1)} of unknown sign" if undecided else "")
    )
    if trial.mutants:
        fallen = sum(outcome.witness is not None for outcome in trial.mutants)
        yield f"mutants: {fallen} of {len(trial.mutants)} nearby false claims refuted"
        for outcome in trial.mutants:
            if outcome.witness is None:
                yield f"  not refuted: {outcome.claim}"
    yield from _proof(trial)


def _dropped(trial: Trial) -> Iterator[str]:
    for hypothesis in trial.original.hypotheses:
        if hypothesis.name not in trial.broken_by:
            continue
        broken = trial.broken_by[hypothesis.name]
        where = f"{broken} of the loops tried do{'es' * (broken == 1)} not meet it"
        if broken == 0:
            where = "all loops tried meet it, so it is dropped from the proof only"
        elif hypothesis.name == START:
            where = f"{broken} of the loops tried start{'s' * (broken == 1)} elsewhere"
        yield f"without [{hypothesis.name}] {hypothesis.text}; {where}"


def _counterexample(trial: Trial) -> Iterator[str]:
    found = trial.counterexample
    if found is not None:
        at = f" at {found.margin.where}" if found.margin.where else ""
        yield f"least margin {shown(found.margin.value)}{at} ({found.kind}), for"
        yield f"  {found.instance}"
    elif trial.least_margin is not None:
        yield f"least margin {float(trial.least_margin):.3g}, where the sides need not be equal"


def _proof(trial: Trial) -> Iterator[str]:
    failing, steps = trial.failing_step, trial.proof
    if not steps:
        in_prose = f"in prose only, not verified by program ({trial.original.source})"
        yield f"proof: {'none is known' if trial.original.kind == 'conjecture' else in_prose}"
    elif failing is None:
        is_longer = len(steps) > len(trial.original.proof.steps)
        longer = "; the last one says that the bound is no better than the statement's own"
        unused = ""
        if trial.broken_by:
            unused = ", which says that it does not use what was dropped"
        if not trial.says_what_was_dropped:
            unused = ", but nothing in it stands for what was dropped, so this tells nothing"
        all_steps = "its one step is" if len(steps) == 1 else f"all {len(steps)} steps are"
        yield f"proof: {all_steps} verified{unused}{longer if is_longer else ''}"
    else:
        number = [step.step.label for step in steps].index(failing.step.label) + 1
        yield f"proof: step {number} of {len(steps)} is the first to fail, {failing.step.label!r}:"
        yield f"  {plain(failing.step.claim)}"
        yield f"  by {from_code(failing.step.because.describe())}"
        yield f"  fails since {from_code(failing.reason)}"


def _replay(trial: Trial) -> Iterator[str]:
    if trial.replay:
        yield "to see it again:"
        yield trial.replay

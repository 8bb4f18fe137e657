"""Steps of a run at which p_{t+1} is proved to dominate p_t by which weights lose mass when.

The proofs are in docs/mathematics.md, "reward-monotone": until a second weight loses (A), for two
candidates also until a further one does (C, D), and once only the largest weight gains (B).
"""

from __future__ import annotations

from recurate.paper_checks.conjectures.small_mixing import levels
from recurate.paper_checks.runs.run import Number, Numbers, Run


def settled_steps(run: Run) -> set[int]:
    """Return the t at which p_{t+1} is proved to dominate p_t, as far as the signs are certain.

    K has to be finite and at least 2, and the loop has to start at p_ref.
    """
    groups = levels(run)
    moves = [_moves(run, groups, t) for t in range(run.steps)]
    last = next((t for t, moved in enumerate(moves) if _only_the_top_gains(moved)), run.steps)
    return _first_steps(moves, two=run.K == 2) | set(range(last, run.steps))


def steps_in_ratio_order(run: Run) -> set[int]:
    """Return the first t at which p_{t+1}/p_t increases with the weight: only the lightest loses.

    That is as far as the signs are certain, for loops as in `settled_steps`.
    """
    groups = levels(run)
    losing = [_losing(_moves(run, groups, t)) for t in range(run.steps)]
    return set(range(next((t for t, n in enumerate(losing) if n != 1), run.steps)))


def _moves(run: Run, groups: list[list[int]], t: int) -> Numbers:
    """Return the mass that each weight gains from p_t to p_{t+1}, the lightest weight first."""
    before, after = run.law(t), run.law(t + 1)
    return [sum(after[i] - before[i] for i in group) for group in groups]


def _only_the_top_gains(moved: Numbers) -> bool:
    return all(gain <= 0 for gain in moved[:-1])


def _first_steps(moves: list[Numbers], *, two: bool) -> set[int]:
    """Return the first steps that are proved; `two` says whether K = 2."""
    proved: set[int] = set()
    known, left = 1, 2 if two else 1  # weights that lost before; how often more may begin to
    for t, moved in enumerate(moves):
        proved.add(t)  # by what was lost before it
        losing = _losing(moved)
        if losing is None:
            break
        if losing > known:
            known, left = losing, left - 1
            if left == 0:
                break
    # For K = 2 all is proved once at most two weights do not lose.
    return set(range(len(moves))) if two and len(moves[0]) - known <= 2 else proved


def _losing(moved: Numbers) -> int | None:
    """Return how many weights lose: the lightest ones; or None where a sign is uncertain."""
    if not all(_is_certain(gain) for gain in moved):
        return None
    return sum(bool(gain < 0) for gain in moved)


def _is_certain(gain: Number) -> bool:
    return bool(gain < 0) or bool(gain >= 0)

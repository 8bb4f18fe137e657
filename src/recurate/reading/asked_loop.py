"""From the options of the command line, or a file, to the loop on a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from recurate.errors import InputError, as_input_errors
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    NothingAcceptedError,
    RandomChoice,
    TopShare,
    Voters,
)
from recurate.numerics.rules.dropped import dropped
from recurate.numerics.rules.rule import Rule
from recurate.numerics.schedules import Accumulate
from recurate.numerics.text import escaped, shown
from recurate.numerics.validation import candidates, positive_count, written_number
from recurate.reading.loop_files import LoopFile
from recurate.reading.table import RewardTable

USUAL_K = 4.0
"""Number of candidates, where none is named."""


@dataclass(frozen=True)
class AskedLoop:
    """How samples are to be chosen and trained on.

    Attributes
    ----------
    choice : str
        What is chosen: "bradley-terry", "best" of K, "best:2" (both are kept), "top:0.25" or
        "accept".
    K : float or None
        Number of candidates; None stands for `USUAL_K`, where the choice is among some.
    lam : float
        λ; not used if training sets grow.
    shares : tuple of float
        Of voters; none: all alike.
    random_clicks, flipped_votes, retain : float
        Shares of the choices that are made at random, of the others that are turned round, and of
        the synthetic samples that are kept uncurated.
    per_round : float or None
        Curated samples of a round, over the real ones, if training sets grow.
    nothing_accepted : {"refuse", "keep", "drop"}
        What becomes of a prompt of which nothing can be accepted.
    file : LoopFile or None
        A description of the loop, in place of all that.

    Raises
    ------
    InputError
        If the choice is none, or does not go with the other values.
    """

    choice: str = "bradley-terry"
    K: float | None = None
    lam: float = math.inf
    shares: tuple[float, ...] = ()
    random_clicks: float = 0.0
    flipped_votes: float = 0.0
    retain: float = 0.0
    per_round: float | None = None
    nothing_accepted: Literal["refuse", "keep", "drop"] = "refuse"
    file: LoopFile | None = None

    def __post_init__(self) -> None:
        with as_input_errors():
            self._chooser  # noqa: B018 (it checks the choice)
        if self.nothing_accepted != "refuse" and self.choice != "accept":
            raise InputError(
                "--nothing-accepted is about --choice accept, of which a prompt may have nothing; "
                f"got it with --choice {self.choice}"
            )
        self._require_flips()

    @property
    def candidates(self) -> float:
        """Number of candidates of a choice; inf where it is among no number of them."""
        kind = self.choice.partition(":")[0]
        if kind in ("top", "accept"):
            return math.inf
        return USUAL_K if self.K is None else self.K

    @property
    def reads_odds(self) -> bool:
        """Whether rewards are log-odds to a voter, so that their scale matters."""
        return self.choice == "bradley-terry" if self.file is None else self.file.reads_odds

    @property
    def flips_are_random(self) -> bool:
        """Whether flipped votes are choices at random: of two, winner and loser are 2p together."""
        return self.candidates == 2 and self.choice != "best:2" and self.flipped_votes <= 0.5

    def on(self, table: RewardTable) -> CurationLoop:
        """Return the loop on a table.

        Raises
        ------
        InputError
            If the table has not what the loop needs.
        """
        law = table.law
        if self.file is not None:
            return self.file.on(law)
        with as_input_errors():
            self._require_probabilities(table)
            rule, uncurated = self.rule(table), 0.0
            if self.flips_are_random:
                uncurated = 2 * self.flipped_votes
            if self.per_round is not None:
                rule = _with_random(rule, uncurated)
                return CurationLoop(law, rule=rule, training=Accumulate(1.0, self.per_round))
            kept = self.retain + uncurated - self.retain * uncurated
            return CurationLoop(law, rule=rule, lam=self.lam, retained=kept)

    def read_on(
        self, table: RewardTable, on_note: Callable[[str], None]
    ) -> tuple[CurationLoop, RewardTable]:
        """Return the loop on a table, and the table without the prompts that its rules drop.

        `on_note` is called with a remark, a line, if there are some; errors as of `on`.
        """
        loop = self.on(table)
        rules = loop.rule if isinstance(loop.rule, tuple) else [loop.rule]
        with loop_errors():
            law = dropped(table.law, rules)
        if law is table.law:
            return loop, table
        every, kept = len(table.law.prompt_names), len(law.prompt_names)
        on_note(
            f"{escaped(table.source)}: {every - kept:,} of {every:,} prompts have nothing to "
            "accept, and are dropped: figures are of the others"
        )
        # What raters say of candidates that are gone cannot be resampled for those that are left.
        return loop.on(law), replace(table, law=law, estimates=None)

    def rule(self, table: RewardTable) -> Rule:
        """Return how a table's samples are chosen, without flipped votes that are random choices.

        Raises
        ------
        ValueError
            If K or another number is out of range.
        """
        names = table.voters or (None,)
        shares = self.shares or (1 / len(names),) * len(names)
        voters: list[tuple[float, Rule]] = []
        for share, by in zip(shares, names, strict=True):
            scale = 1.0 if by is None else table.voter_scale
            flipped = 0.0 if self.flips_are_random else self.flipped_votes
            voters.append((_product(share, 1 - flipped), self._chooser(by, scale)))
            if flipped:
                voters.append((_product(share, flipped), self._chooser(by, -scale)))
        rule = voters[0][1] if len(voters) == 1 else Voters(tuple(voters))
        return _with_random(rule, self.random_clicks)

    def searched(self, table: RewardTable, *, seeks_mixing: bool) -> dict[str, Any]:
        """Return arguments of `recurate.choose`: the rule, or that of K, and what is retained.

        Raises
        ------
        InputError
            If there is no λ, or no K, to look for.
        """
        if self.file is not None:
            return self._searched_in_file(self.file)
        if self.per_round is not None:
            raise InputError(
                "choose looks for a share of real data that each training set has; with "
                "--accumulate it falls with every round"
            )
        if not seeks_mixing and self.choice.partition(":")[0] in ("top", "accept"):
            raise InputError(
                f"--choice {self.choice} has no K to look for: leave --lam and --real-fraction out "
                "to look for the share of real data"
            )

        def rule(K: float | None) -> Rule:
            asked = replace(self, K=K, choice=self._choice_among(K))
            flipped = 2 * self.flipped_votes if asked.flips_are_random else 0.0
            return _with_random(asked.rule(table), flipped)

        with as_input_errors():
            self._require_probabilities(table)
            arguments: dict[str, Any] = {"retained": self.retain or None}
            if isinstance(own := rule(self.K), BradleyTerry) and not self.retain:
                return {"K": own.K} if seeks_mixing else {}  # as the paper has it
            return arguments | {"rule": own if seeks_mixing else rule}

    def _choice_among(self, K: float | None) -> str:
        """Return what is chosen among K as they are tried: of fewer than are kept, all of them."""
        kind, _, number = self.choice.partition(":")
        if kind != "best" or not number or K is None:
            return self.choice
        return f"best:{min(_whole(number, self.choice), K):.0f}"

    def _searched_in_file(self, file: LoopFile) -> dict[str, Any]:
        arguments = dict(file.arguments)
        for key in ("lam", "training"):
            if key in arguments:
                raise InputError(
                    f"{file.name}: choose looks for the share of real data, so {key} must not be "
                    "given"
                )
        return arguments

    @property
    def _chooser(self) -> Callable[[str | None, float], Rule]:
        """How a voter chooses, by a score of the law and its factor."""
        kind, _, number = self.choice.partition(":")
        if kind in ("top", "accept") and self.K is not None:
            what = "a share of all samples" if kind == "top" else "each sample by itself"
            raise InputError(f"--choice {kind} looks at {what}, and at no K of them: leave -K out")
        if kind == "bradley-terry" and not number:
            return lambda by, scale: BradleyTerry(self.candidates, scale, by)
        if kind == "best":
            if self.candidates == math.inf:
                raise InputError(
                    "--choice best needs a finite K, as of infinitely many candidates only the "
                    "best reward is left; --choice top:0.25 keeps the best share of all samples"
                )
            keep = _whole(number, self.choice) if ":" in self.choice else 1
            if keep > candidates(self.candidates):
                raise InputError(
                    f"--choice {self.choice} keeps the best {keep} of K candidates, and -K must "
                    f"be at least that; got {self.candidates:g}"
                )
            return lambda by, scale: BestOf(self.candidates, keep, by)
        if kind == "top" and number:
            share = written_number(number, "--choice top:SHARE")
            if not 0 < share <= 1:
                hint = f": top:{share / 100:g} for {share:g}%" if 1 < share <= 100 else ""
                raise InputError(
                    f"--choice top:SHARE keeps a share above 0 and at most 1; got {share:g}{hint}"
                )
            return lambda by, scale: TopShare(share, by)
        if kind == "accept" and not number:
            return lambda by, scale: Accept(by, self.nothing_accepted)
        raise InputError(
            "--choice must be bradley-terry, best, best:2 (both are kept), top:0.25 or accept; got "
            f"{shown(self.choice)}"
        )

    def _require_flips(self) -> None:
        """Raise InputError if votes cannot be flipped."""
        if not self.flipped_votes or self.flips_are_random or self.choice == "bradley-terry":
            return
        if self.candidates == 2 and self.choice == "best":
            raise InputError(
                "--flipped-votes must be at most 0.5 for --choice best; got "
                f"{self.flipped_votes:g}: with more, the worse of two wins, as with --scale -1"
            )
        raise InputError(
            f"--flipped-votes is about votes between two, or Bradley–Terry's; of --choice "
            f"{self.choice}{f' among K = {self.candidates:g}' if self.choice == 'best' else ''} "
            "it is not said what is chosen in place of the best: --random-clicks is a share of "
            "choices at random"
        )

    def _require_probabilities(self, table: RewardTable) -> None:
        """Raise InputError if rewards are to be accepted by, and are not as they stand."""
        asked = table.asked
        is_scaled, has_unit = asked.scale != 1, asked.unit not in (None, "log-odds")
        if self.choice == "accept" and (is_scaled or has_unit):
            raise InputError(
                "--choice accept reads probabilities from the column of rewards as they stand: "
                f"leave {'--scale' if is_scaled else '--reward-is'} out"
            )
        if self.choice != "accept":
            return
        rewards = asked.reward[0] if len(asked.reward) == 1 else ""
        columns = {name: table.law.scores[name] for name in table.voters}
        for name, values in (columns or {rewards: table.law.rewards}).items():
            wrong = values[~((values >= 0) & (values <= 1))]
            if wrong.size:
                column = f"column {shown(name)}" if name else "rewards"
                more = f" and {wrong.size - 1:,} more" if wrong.size > 1 else ""
                raise InputError(
                    f"{escaped(table.source)}: {column} must be probabilities, from 0 to 1, for "
                    f"--choice accept; got {wrong[0]:g}{more}"
                )


def without_fixed_point(loop: CurationLoop) -> str | None:
    """Return why a loop has nothing to settle at; None if it has one step for all t."""
    if loop.training is not None:
        return "training sets that grow are never what they were, and no step is like another"
    sequences = (loop.rule, loop.schedule.lam, loop.retained)
    if any(isinstance(value, tuple) for value in sequences):
        return "the loop changes with t, and there is no one step to leave a law as it is"
    return None


@contextmanager
def loop_errors() -> Iterator[None]:
    """Turn what a loop refuses as it runs into `InputError`, with the option that helps."""
    try:
        yield
    except NothingAcceptedError as error:
        raise InputError(f"{error} (--nothing-accepted keep, or drop)") from error
    except (ValueError, TypeError) as error:
        raise InputError(str(error)) from error


def _with_random(rule: Rule, share: float) -> Rule:
    """Return a rule of which a share of the choices is made at random, as voters of one level."""
    if not share:
        return rule
    voters = rule.voters if isinstance(rule, Voters) else ((1.0, rule),)
    others = ((_product(part, 1 - share), one) for part, one in voters)
    return Voters((*others, (share, RandomChoice())))


def _product(share: float, part: float) -> float:
    """Return a part of a share, in the digits that were typed: .4 of .9 is .36."""
    return float(f"{share * part:.15g}")


def _whole(text: str, choice: str) -> int:
    try:
        return positive_count(int(text), "keep")
    except ValueError:
        raise InputError(
            f"--choice best:KEEP must name how many of K are kept, as best:2; got {shown(choice)}"
        ) from None

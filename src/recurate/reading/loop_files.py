"""Loops as nested tables: read from a file in TOML, and written for JSON; docs/loop_files.md."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from recurate.errors import InputError
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)
from recurate.numerics.rules.rule import Rule
from recurate.numerics.schedules import Accumulate
from recurate.numerics.text import escaped, listed, shown

if TYPE_CHECKING:
    from recurate.numerics.laws.reward_law import RewardLaw

_T = TypeVar("_T")

# Keys of each kind of rule, beside `kind`, with the arguments that they are, and which must stand.
_PLAIN: dict[str, tuple[type[Rule], dict[str, str], int]] = {
    "bradley-terry": (BradleyTerry, {"K": "K", "scale": "scale", "by": "by"}, 1),
    "best": (BestOf, {"K": "K", "keep": "keep", "by": "by"}, 1),
    "top": (TopShare, {"top": "share", "by": "by"}, 1),
    "accept": (Accept, {"by": "by", "none": "none"}, 0),
    "pairwise": (PairwisePreference, {"matrix": "matrix", "of": "of"}, 1),
    "random": (RandomChoice, {}, 0),
}
_KINDS = (*_PLAIN, "voters", "stages")
_KEYS = ("rule", "K", "lam", "retained", "training")


@dataclass(frozen=True)
class LoopFile:
    """What a file says of a loop: arguments of `CurationLoop`.

    Attributes
    ----------
    name : str
        Of the file.
    arguments : dict
        K or rule, lam, retained and training, those that are given.
    """

    name: str
    arguments: dict[str, Any]

    @property
    def rules(self) -> list[Rule]:
        """Its rules, those of all steps, and those that they are made of."""
        rules = self.arguments.get("rule", ())
        return [
            one for rule in ([rules] if isinstance(rules, Rule) else rules) for one in parts(rule)
        ]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its rules go by, beside the reward, each once."""
        names = [getattr(rule, "by", None) for rule in self.rules]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def reads_odds(self) -> bool:
        """Whether some rule takes rewards for log-odds."""
        rules = [one for one in self.rules if isinstance(one, BradleyTerry)]
        return "K" in self.arguments or any(one.by is None for one in rules)

    def on(self, law: RewardLaw) -> CurationLoop:
        """Return the loop on a law.

        Raises
        ------
        InputError
            If a number is out of range, or the law has not what the rules need.
        """
        arguments = dict(self.arguments)
        if "training" not in arguments:
            arguments.setdefault("lam", math.inf)
        return _made(lambda: CurationLoop(law, **arguments), self.name)

    @property
    def steps(self) -> int | None:
        """The number of steps that its sequences are for; None without any."""
        lengths = [len(v) for v in self.arguments.values() if isinstance(v, list)]
        return lengths[0] if lengths else None


def read_loop_file(path: str) -> LoopFile:
    """Read the description of a loop.

    Raises
    ------
    InputError
        If it is not TOML, with the line; if a key or a value is not allowed, with the key.
    OSError
        If it cannot be read.
    """
    name = escaped(path)
    content = Path(path).read_bytes()
    try:
        table = tomllib.loads(content.decode())
        return LoopFile(name, _arguments(table, name))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} must be TOML, as docs/loop_files.md shows: {error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{name} must be TOML: it is no text in UTF-8") from None
    except RecursionError:
        raise InputError(f"{name}: tables must be nested at most some hundred deep") from None


def _arguments(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the arguments of a loop that a table names."""
    _require_keys(table, _KEYS, name, "")
    if ("K" in table) == ("rule" in table):
        found = "both" if "K" in table else "neither"
        raise InputError(
            f"{name}: must have either a table [rule], or K, short for Bradley–Terry's choice "
            f"among K; got {found}"
        )
    found_arguments: dict[str, Any] = {}
    for key in ("K", "lam", "retained"):
        if key in table:
            found_arguments[key] = _numbers(table[key], key, name, is_list=key != "K")
    if "rule" in table:
        found_arguments["rule"] = _each(
            table["rule"], lambda one, at: _rule(one, name, at), "rule", name
        )
    if "training" in table:
        training = table["training"]
        _require_table(training, f"{name}: training", "training = {real = 1.0, per_round = 1.0}")
        _require_keys(training, ("real", "per_round"), name, "training")
        found_arguments["training"] = _made(lambda: Accumulate(**training), f"{name}: training")
        for key in ("lam", "retained"):
            if key in table:
                raise InputError(
                    f"{name}: {key} and training must not both be given, for training says what "
                    "each training set is made of"
                )
    lengths = {k: len(v) for k, v in found_arguments.items() if isinstance(v, list)}
    if len(set(lengths.values())) > 1:
        written = ", ".join(f"{count} of {key}" for key, count in lengths.items())
        raise InputError(
            f"{name}: sequences must have one entry for each step, and so one length; got {written}"
        )
    return found_arguments


def _rule(table: Any, name: str, at: str) -> Rule:
    """Return the rule that a table says; `at` is its key."""
    where = f"{name}: {at}"
    _require_table(table, where, '{kind = "best", K = 4}')
    kind = table.get("kind")
    if kind not in _KINDS or not isinstance(kind, str):
        found = "nothing" if kind is None else shown(kind)
        raise InputError(
            f"{where}.kind: must be one of {listed(_KINDS)}; got {found}{_near(kind, _KINDS)}"
        )
    if kind in _PLAIN:
        make, keys, least = _PLAIN[kind]
        _require_keys(table, ("kind", *keys), name, at)
        for key in list(keys)[:least]:
            if key not in table:
                raise InputError(f"{where}.{key}: must be given for kind = {shown(kind)}")
        given = {keys[key]: _infinite(table[key]) for key in table if key != "kind"}
        if make is Accept:
            given.setdefault("by", None)
        return _made(lambda: make(**given), where)
    _require_keys(table, ("kind", kind), name, at)
    inner = table.get(kind)
    if not isinstance(inner, list) or not inner:
        what = "tables, each with a share and a kind" if kind == "voters" else "tables of rules"
        raise InputError(f"{where}.{kind}: must be a list of {what}; got {shown(inner)}")
    places = [f"{at}.{kind}[{number}]" for number in range(len(inner))]
    if kind == "stages":
        rules = [_rule(one, name, place) for one, place in zip(inner, places, strict=True)]
        return _made(lambda: Stages(tuple(rules)), where)
    voters = []
    for one, place in zip(inner, places, strict=True):
        _require_table(one, f"{name}: {place}", '{share = 0.5, kind = "best", K = 4}')
        if "share" not in one:
            raise InputError(f"{name}: {place}.share: must be the voter's share of the choices")
        own = {key: value for key, value in one.items() if key != "share"}
        voters.append((one["share"], _rule(own, name, place)))
    return _made(lambda: Voters(tuple(voters)), where)


def _each(value: Any, one: Callable[[Any, str], Any], key: str, name: str) -> Any:
    """Return what becomes of a value, or of each entry of a list, one for each step."""
    if isinstance(value, list):
        if not value:
            raise InputError(f"{name}: {key}: must have one entry for each step; got none")
        return [one(entry, f"{key}[{t}]") for t, entry in enumerate(value)]
    return one(value, key)


def _numbers(value: Any, key: str, name: str, *, is_list: bool) -> Any:
    """Return a number, or one for each step."""
    if isinstance(value, list) and is_list:
        return _each(value, lambda one, at: _numbers(one, at, name, is_list=False), key, name)
    number = _infinite(value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        steps = ", or a list of one for each step" if is_list else ""
        raise InputError(f"{name}: {key}: must be a number{steps}; got {shown(value)}")
    return number


def _infinite(value: Any) -> Any:
    """Return infinity for the word, which JSON has in its place."""
    return math.inf if value == "inf" else value


def _require_table(value: Any, where: str, example: str) -> None:
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: must be a table, such as {example}; got {shown(value)}")


def _require_keys(table: Mapping[str, Any], keys: Sequence[str], name: str, at: str) -> None:
    """Raise InputError if a table has a key that means nothing."""
    for key in table:
        if key not in keys:
            where = f"{at}.{key}" if at else key
            raise InputError(
                f"{name}: {escaped(where)}: no such key; allowed here: {', '.join(keys)}"
                f"{_near(key, keys)}"
            )


def _near(found: Any, words: Sequence[str]) -> str:
    near = get_close_matches(found[:99], words, 1) if isinstance(found, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _made(make: Callable[[], _T], where: str) -> _T:
    """Return a rule or the like; its own errors are about the table at that key."""
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: {error}") from None


def parts(rule: Rule) -> Iterator[Rule]:
    """Yield a rule, and those of its voters and stages."""
    yield rule
    inner = [one for _, one in rule.voters] if isinstance(rule, Voters) else []
    for one in rule.rules if isinstance(rule, Stages) else inner:
        yield from parts(one)


def loop_entries(loop: CurationLoop) -> dict[str, Any]:
    """Return a loop as the table of a file that says it."""
    entries: dict[str, Any] = {"rule": _entries_of(loop.rule, _rule_entries)}
    if loop.training is not None:
        return entries | {
            "training": {"real": loop.training.real, "per_round": loop.training.per_round}
        }
    entries["lam"] = _entries_of(loop.schedule.lam, lambda lam: lam)
    if loop.retained != 0.0:
        entries["retained"] = _entries_of(loop.retained, lambda share: share)
    return entries


def _entries_of(value: Any, one: Callable[[Any], Any]) -> Any:
    return [one(entry) for entry in value] if isinstance(value, tuple) else one(value)


def _rule_entries(rule: Any) -> dict[str, Any]:
    """Return a rule as a table; of another's own kind, as it prints."""
    if isinstance(rule, Voters):
        voters = [{"share": share} | _rule_entries(one) for share, one in rule.voters]
        return {"kind": "voters", "voters": voters}
    if isinstance(rule, Stages):
        return {"kind": "stages", "stages": [_rule_entries(one) for one in rule.rules]}
    for kind, (make, keys, _) in _PLAIN.items():
        if type(rule) is make:
            values = {key: getattr(rule, argument) for key, argument in keys.items()}
            shown_values = {key: _plain(v) for key, v in values.items() if v is not None}
            return {"kind": kind} | shown_values
    return {"kind": repr(rule)}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: an array as lists, 4.0 as 4."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return int(value) if isinstance(value, float) and value.is_integer() else value

"""Options that commands share, as dataclasses among the parameters of a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Let the fields of a command's parameter that is a dataclass be options of their own."""
    given = inspect.signature(command, eval_str=True).parameters.values()
    tables: dict[str, Any] = {p.name: p.annotation for p in given if is_dataclass(p.annotation)}
    taken: list[inspect.Parameter] = []
    for parameter in given:
        if parameter.name not in tables:
            taken.append(parameter)
            continue
        types = get_type_hints(parameter.annotation, include_extras=True)
        taken += [
            inspect.Parameter(
                field.name, parameter.kind, default=field.default, annotation=types[field.name]
            )
            for field in fields(parameter.annotation)
        ]

    @wraps(command)
    def run(**values: Any) -> None:
        for name, table in tables.items():
            values[name] = table(**{field.name: values.pop(field.name) for field in fields(table)})
        command(**values)

    run.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in taken}
    return run

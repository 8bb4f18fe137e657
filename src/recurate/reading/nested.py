"""Tables in JSON (stands in until they land)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recurate.errors import InputError

if TYPE_CHECKING:
    from recurate.reading.source import Source


def JsonSource(name: str, text: bytes | str) -> Source:
    raise InputError(f"{name} is JSON, which is not read yet")

"""What `recurate summarise` says of a table in parts, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from recurate import __version__
from recurate.printing.as_json import as_json
from recurate.printing.loops_as_json import table_entries

if TYPE_CHECKING:
    from recurate.reading.parts.law_file import About
    from recurate.reading.table import RewardTable


def summarised_json(table: RewardTable, about: About) -> str:
    """Return what was read of parts, as JSON."""
    law = table.law
    return as_json(
        {
            "recurate": __version__,
            "parameters": {"source": table.source, **table_entries(table)},
            "parts": list(about.names),
            "number_of_parts": about.parts,
            "left_out": {
                "parts": about.bad,
                **{
                    name: value
                    for name, value in asdict(about.counts).items()
                    if name in ("sentinels", "absent", "missing")
                },
            },
            "best": law.max_reward,
            "groups": len(law.group_names),
            "prompts": len(law.prompt_names),
        }
    )

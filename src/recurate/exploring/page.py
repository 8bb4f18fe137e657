"""The page, and the parts of it that a state of the controls changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from recurate.exploring.controls import CONTROLS, FOLDED, State, fields_of, query_of
from recurate.exploring.explorer import Explorer, Found
from recurate.numerics.text import escaped
from recurate.pages.answer.answer import SCRIPTS, STYLES
from recurate.pages.answer.of_commands import prediction_answer
from recurate.pages.page import rendered

_KEPT = {
    "trajectory.csv": "Table (CSV)",
    "bands.csv": "Bands (CSV)",
    "trajectory.svg": "Picture (SVG)",
    "prediction.html": "Page to send (HTML)",
}
"""What can be kept, and what it is called."""


def told(explorer: Explorer, state: State, found: Found) -> dict[str, Any]:
    """Return what the page says of a state: values of JSON, of which some are marked up.

    Its ``query`` is what leads to the state again, and ``fields`` is what the controls hold.
    """
    prediction, names = found.prediction, explorer.names
    answer, lam = prediction_answer(prediction), prediction.loop.schedule.lam
    query = urlencode(query_of(state, names, explorer.start))
    kept = {one: name for one, name in _KEPT.items() if one != "bands.csv" or prediction.bands}
    return {
        "query": query,
        "fields": fields_of(state, names, lam if isinstance(lam, float) else None),
        "is_whole": found.is_whole,
        "heading": escaped(answer.title),
        "said": escaped(answer.sentences[0]),
        "use": _part("use", command=explorer.command(state), kept=kept, query=query),
        "answer": _part("answer", answer=answer, remarks=found.remarks),
    }


def refused(explorer: Explorer, state: State, error: str) -> dict[str, Any]:
    """Return what the page says of a state that is none."""
    return {"fields": fields_of(state, explorer.names, None), "error": escaped(error)}


def _part(name: str, **context: Any) -> Markup:
    return Markup(rendered(f"explore/{name}.html", **context))


def page_of(explorer: Explorer, state: State, says: Mapping[str, Any]) -> str:
    """Return the whole page, with what it says of a state."""
    own = [one for one in CONTROLS if one.name in explorer.names]
    return rendered(
        "explore/page.html",
        styles=(*STYLES, "explore.css"),
        scripts=SCRIPTS,
        is_served=True,
        controls=[one for one in own if one.name not in FOLDED],
        folded=[one for one in own if one.name in FOLDED],
        is_unfolded=any(says["fields"].get(name) for name in FOLDED),
        by="real-fraction" if "real-fraction" in state else "lam",
        says=says,
    )

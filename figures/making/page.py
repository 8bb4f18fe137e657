"""The page on which all figures of a folder are seen, with captions, parameters and agreement."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from recurate.figures.making.record import Record
from recurate.numerics.files import write_text

NAME = "index.html"
"""Name of the page's file."""

_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 0 0 1rem; } img { width: 100%; height: auto; }
section { border-top: 1px solid #bbb; margin-top: 2rem; } code { font-size: .9em; }
table { border-collapse: collapse; margin: .5rem 0; }
td, th { border: 1px solid #ccc; padding: .1rem .6rem; text-align: left; vertical-align: top; }
.differs { color: #a33; font-weight: bold; }
"""


def write_page(folder: Path, records: Mapping[str, Record | None], scale: str) -> Path:
    """Write the page of a folder.

    Parameters
    ----------
    folder : Path
        Where the figures are.
    records : mapping
        From each figure's name to its record, or None if it has not been made there.
    scale : str
        The folder's scale.

    Returns
    -------
    Path
        The page's file. It refers to nothing outside the folder.
    """
    missing = [name for name, record in records.items() if not _is_whole(record)]
    sections = [_section(record) for record in records.values() if record and _is_whole(record)]
    later = f"<p>Not made in this folder: {', '.join(missing)}.</p>" if missing else ""
    text = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Figures of recurate, {escape(scale)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Figures of recurate</h1>\n<p>Scale: {escape(scale)}. Each picture is drawn from the "
        "tables below it and from nothing else.</p>\n"
        f"{later}\n{''.join(sections)}</body></html>\n"
    )
    path = folder / NAME
    write_text(path, text)
    return path


def _is_whole(record: Record | None) -> bool:
    return record is not None and "picture" in record


def _section(record: Record) -> str:
    name, files = record["figure"], list(record["picture"]["files"])
    links = " ".join(f'<a href="{escape(f)}">{escape(f.rsplit(".")[-1])}</a>' for f in files)
    picture = next(f for f in files if f.endswith(".png"))
    return (
        f'<section id="{escape(name)}"><h2>{escape(record["title"])}</h2>\n'
        f'<figure><img src="{escape(picture)}" alt="{escape(record["title"])}">\n'
        f"<figcaption>{escape(record['caption'])}</figcaption></figure>\n"
        f"<p><code>{escape(name)}</code>: {links}</p>\n"
        f"{_agreement(record['agreement'])}{_parameters(record)}"
        f"{_tables(record['tables'])}</section>\n"
    )


def _agreement(agreement: Mapping[str, Any] | None) -> str:
    if agreement is None:
        return "<p>Agreement: none is stated for this figure.</p>\n"
    verdict = "" if agreement["holds"] else ' <span class="differs">This is not agreement.</span>'
    return f"<p>Agreement. {escape(in_words(agreement))}.{verdict}</p>\n"


def in_words(agreement: Mapping[str, Any]) -> str:
    """Return a record's agreement in words: the number, what is allowed, and why."""
    text = f"{agreement['text']}: {float(agreement['value']):.3g}"
    if agreement["allowed"] is not None:
        text += f", allowed {float(agreement['allowed']):.3g} ({agreement['reason']})"
    if agreement["unchanged"] is not None:
        text += f"; a prediction of no change is at {float(agreement['unchanged']):.3g}"
    return text


def _parameters(record: Record) -> str:
    parameters: dict[str, Any] = dict(record["parameters"])
    if record.get("data") is not None:
        parameters = {"data": record["data"], **parameters}
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(_shown(value))}</td></tr>"
        for name, value in parameters.items()
    )
    seed = "" if "seed" in parameters else "<tr><td>seed</td><td>nothing is random</td></tr>"
    return f"<table><tr><th>parameter</th><th>value</th></tr>{rows}{seed}</table>\n"


def _tables(tables: Mapping[str, Any]) -> str:
    rows = ""
    for entry in tables.values():
        links = " ".join(f'<a href="{escape(f)}">{escape(f)}</a>' for f in entry["files"])
        versions = ", ".join(f"{name} {number}" for name, number in entry["versions"].items())
        sizes = " ".join(str(size) for size in entry["rows"].values())
        rows += (
            f"<tr><td>{links}</td><td>{sizes}</td>"
            f"<td>{escape(entry['begun'])}, {entry['seconds']:g} s</td>"
            f"<td>{escape(entry['machine'])}; {escape(versions)}</td></tr>"
        )
    head = "<tr><th>data</th><th>rows</th><th>computed</th><th>with</th></tr>"
    return f"<table>{head}{rows}</table>\n"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(entry) for entry in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(entry)}" for name, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)

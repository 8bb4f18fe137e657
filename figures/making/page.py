"""The page on which all figures of a folder are seen, with captions, parameters and agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from recurate.figures.making.record import Record
from recurate.numerics.files import write_text
from recurate.numerics.text import escaped

NAME = "index.html"
"""Name of the page's file."""

_FILE = re.compile(r"\w[\w-]*(\.[\w-]+)+", re.ASCII)
"""A name of a file and of nothing else: no folder, no other place, no script."""

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
    sections = [
        _section(record, folder) for record in records.values() if record and _is_whole(record)
    ]
    later = f"<p>Not made in this folder: {_html(', '.join(missing))}.</p>" if missing else ""
    text = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Figures of recurate, {_html(scale)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Figures of recurate</h1>\n<p>Scale: {_html(scale)}. Each picture is drawn from the "
        "tables below it and from nothing else.</p>\n"
        f"{later}\n{''.join(sections)}</body></html>\n"
    )
    path = folder / NAME
    write_text(path, text)
    return path


def _is_whole(record: Record | None) -> bool:
    return record is not None and "picture" in record


def _html(text: object) -> str:
    """Return text as it may stand in a page, whatever it is: in an attribute as well."""
    return escape(escaped(str(text), "\n"))


def _link(folder: Path, file: str, text: str) -> str:
    """Return a link to a file of the folder; only the text, if there is none of this name."""
    is_there = _FILE.fullmatch(file) is not None and (folder / file).is_file()
    return f'<a href="{_html(file)}">{_html(text)}</a>' if is_there else _html(text)


def _section(record: Record, folder: Path) -> str:
    name, files = record["figure"], list(record["picture"]["files"])
    links = " ".join(_link(folder, file, file.rsplit(".")[-1]) for file in files)
    title = _html(record["title"])
    shown = [f for f in files if f.endswith(".png") and _FILE.fullmatch(f)][:1]
    picture = "".join(f'<img src="{_html(file)}" alt="{title}">' for file in shown)
    return (
        f'<section id="{_html(name)}"><h2>{title}</h2>\n'
        f"<figure>{picture}\n"
        f"<figcaption>{_html(record['caption'])}</figcaption></figure>\n"
        f"<p><code>{_html(name)}</code>: {links}</p>\n"
        f"{_agreement(record['agreement'])}{_parameters(record)}"
        f"{_tables(record['tables'], folder)}</section>\n"
    )


def _agreement(agreement: Mapping[str, Any] | None) -> str:
    if agreement is None:
        return "<p>Agreement: none is stated for this figure.</p>\n"
    verdict = "" if agreement["holds"] else ' <span class="differs">This is not agreement.</span>'
    return f"<p>Agreement. {_html(in_words(agreement))}.{verdict}</p>\n"


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
        f"<tr><td>{_html(name)}</td><td>{_html(_shown(value))}</td></tr>"
        for name, value in parameters.items()
    )
    seed = "" if "seed" in parameters else "<tr><td>seed</td><td>nothing is random</td></tr>"
    return f"<table><tr><th>parameter</th><th>value</th></tr>{rows}{seed}</table>\n"


def _tables(tables: Mapping[str, Any], folder: Path) -> str:
    rows = ""
    for entry in tables.values():
        links = " ".join(_link(folder, file, file) for file in entry["files"])
        versions = ", ".join(f"{name} {number}" for name, number in entry["versions"].items())
        sizes = " ".join(str(size) for size in entry["rows"].values())
        rows += (
            f"<tr><td>{links}</td><td>{_html(sizes)}</td>"
            f"<td>{_html(entry['begun'])}, {entry['seconds']:g} s</td>"
            f"<td>{_html(entry['machine'])}; {_html(versions)}</td></tr>"
        )
    head = "<tr><th>data</th><th>rows</th><th>computed</th><th>with</th></tr>"
    return f"<table>{head}{rows}</table>\n"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(entry) for entry in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(entry)}" for name, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)

"""Pages from templates: whatever is inserted is escaped, and a page loads nothing from elsewhere.

A page is well-formed as XML too (void tags are closed, attributes have values), so that a strict
parser can find what is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from recurate import __version__
from recurate.numerics.text import escaped
from recurate.pages.mathematics import mathml, prose
from recurate.pages.writing import GENERATOR

_HERE = Path(__file__).parent

_SHOWN = {"numpy": "NumPy", "scipy": "SciPy", "sympy": "SymPy", "python-flint": "python-flint"}
"""Packages that the results depend on, and their names as they are written."""


def rendered(
    template: str,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = ("page.js",),
    **context: Any,
) -> str:
    """Return the page that a template makes.

    Parameters
    ----------
    template : str
        Its path below `templates/`; it extends ``base.html``, whose blocks are its places.
    styles : sequence of str
        Stylesheets of `assets/` that are put into the page after ``style.css``.
    scripts : sequence of str
        Scripts of `assets/` that are put into the page, in this order. No other ones can run in it.
    **context
        What the template inserts. All of it is escaped but what this package makes itself, which
        is `markupsafe.Markup`. An unknown name is an error.

    Returns
    -------
    str
        The page, which ends with a line break.
    """
    page = _environment().get_template(template)
    return (
        page.render(
            styles=[asset(name) for name in ("style.css", *styles)],
            scripts=[asset(name) for name in scripts],
            **context,
        )
        + "\n"
    )


@cache
def asset(name: str) -> Markup:
    """Return the text of a stylesheet or script of this package, as it stands in a page."""
    return Markup((_HERE / "assets" / name).read_text(encoding="utf-8").strip())


@cache
def versions() -> tuple[str, ...]:
    """Return the names and versions of what computes the results, for the foot of each page."""
    others = (f"{name} {version(package)}" for package, name in _SHOWN.items())
    python = f"Python {platform.python_version()}"
    return (f"recurate {__version__}", python, *others)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(generator=Markup(GENERATOR), versions=versions, policy=_policy)
    environment.filters.update(mathml=mathml, prose=prose, sentence=_sentence)
    return environment


def _visible(value: Any) -> Any:
    """Return inserted text without control characters, which no page can have."""
    return value if hasattr(value, "__html__") else escaped(str(value), "\n")


def _sentence(text: str) -> str:
    """Return a text that begins with a capital letter; the others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def _policy(scripts: Sequence[str], is_served: bool) -> str:
    """Return what the browser allows: these scripts, styles, and pictures inside of the page.

    So nothing is fetched, and even a text that was not escaped could not run. A page that a server
    of ours shows may ask that server, and has a script from there.
    """
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    run = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    asked = "'none'"
    if is_served:
        asked, run = "'self'", f"{run} 'self'"
    return (
        f"default-src 'none'; script-src {run}; style-src 'unsafe-inline'; img-src data:; "
        f"connect-src {asked}; base-uri 'none'; form-action {asked}"
    )

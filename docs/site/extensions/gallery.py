"""The directive `gallery`: every figure, as it was made last, with its command and its code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recurate.figures.catalogue import FIGURES
from recurate.figures.making.recipe import SCALES, Recipe

MADE = "build/figures"
"""Where `make docs` and whoever wants more have the figures made: a folder for each scale."""


MISSING = "Not drawn for this page. This command draws it, in minutes where models are trained."


class Gallery(SphinxDirective):
    """All figures of the catalogue: small ones that lead to a section each."""

    def run(self) -> list[nodes.Node]:
        """Return the small pictures and the sections."""
        root = Path(self.env.srcdir)
        small = nodes.container(classes=["gallery"])
        sections: list[nodes.Node] = []
        for recipe in FIGURES.values():
            picture = _picture(root, recipe.name)
            if picture:
                link = nodes.reference(refuri=f"#{_id(recipe)}", internal=True)
                link += nodes.image(uri=f"/{picture}", alt=recipe.title, candidates={})
                small += nodes.paragraph("", "", link)
            sections.append(self._section(root, recipe, picture))
        return [small, *sections]

    def _section(self, root: Path, recipe: Recipe, picture: str | None) -> nodes.section:
        section = nodes.section(ids=[_id(recipe)], names=[recipe.name])
        section += nodes.title(recipe.title, recipe.title)
        self.state.document.note_implicit_target(section, section)
        scale = "default"
        if picture:
            scale = Path(picture).parent.name
            section += nodes.image(uri=f"/{picture}", alt=recipe.title, candidates={})
            section += nodes.paragraph("", _caption(root / picture))
        else:
            section += nodes.paragraph("", MISSING)
        command = f"recurate figures {recipe.name} --scale {scale}"
        section += nodes.literal_block(command, command, language="sh")
        code = Path(sys.modules[recipe.draw.__module__].__file__ or "")
        self.env.note_dependency(str(code))
        text = code.read_text(encoding="utf-8")
        name = code.resolve().relative_to(root)
        section += nodes.raw("", f"<details><summary>{name}</summary>", format="html")
        section += nodes.literal_block(text, text, language="python")
        section += nodes.raw("", "</details>", format="html")
        return section


def _id(recipe: Recipe) -> str:
    return recipe.name.replace("_", "-")


def _picture(root: Path, name: str) -> str | None:
    """Return the picture of the largest scale that was made, with its record beside it."""
    for scale in reversed(SCALES):
        found = root / MADE / scale / f"{name}.png"
        if found.exists() and _caption(found):
            return found.relative_to(root).as_posix()
    return None


def _caption(picture: Path) -> str:
    """Return what the record beside a picture says of it: nothing if it is not whole."""
    record = picture.with_suffix(".json")
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return str(known.get("caption", ""))


def setup(app: Any) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("gallery", Gallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The pages of `recurate check --html`, where they were made, become a part of the site.

They stand by themselves, and lie in the site's folder `report/`. In docs/mathematics.md each result
then leads to its page there.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from recurate.theory.catalogue import STATEMENTS

PLACE = "report"


class Report(SphinxDirective):
    """The way to the pages, if there are any."""

    def run(self) -> list[nodes.Node]:
        """Return a paragraph."""
        if not _made(self.env.app):
            return []
        page = "../" * self.env.docname.count("/") + f"{PLACE}/index.html"
        link = nodes.reference("", "Every result, with its evidence", refuri=page, internal=True)
        text = nodes.Text(": statement, proof, what was tried, and how near it came to failing.")
        return [nodes.paragraph("", "", link, text)]


class Evidence(SphinxPostTransform):
    """A line below the heading of each result that has a page."""

    default_priority = 950

    def run(self, **kwargs: Any) -> None:
        """Add the lines to docs/mathematics.md."""
        made = _made(self.app)
        if made is None or self.env.current_document.docname != "docs/mathematics":
            return
        for section in self.document.findall(nodes.section):
            name = section[0].astext()
            if name in STATEMENTS and (made / "results" / f"{name}.html").exists():
                uri = f"../{PLACE}/results/{name}.html"
                link = nodes.reference("", "proof and evidence", refuri=uri, internal=True)
                section.insert(1, nodes.paragraph("", "", link, classes=["evidence"]))


def _made(app: Any) -> Path | None:
    folder = Path(app.srcdir, app.config.report_folder)
    return folder if (folder / "index.html").exists() else None


def _copy(app: Any, exception: Exception | None) -> None:
    made = _made(app)
    if made and not exception and app.builder.format == "html":
        shutil.copytree(made, Path(app.outdir, PLACE), dirs_exist_ok=True)


def setup(app: Any) -> dict[str, Any]:
    """Add the directive, the lines and the copy."""
    app.add_config_value("report_folder", "build/report", "env")
    app.add_directive("report", Report)
    app.add_post_transform(Evidence)
    app.connect("build-finished", _copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The documentation site: `make docs` builds it from the documents as they lie in the repository.

The source folder is the repository itself, so that a link from one document to another, to a proof
or to a picture leads where it leads on GitHub. What is the site's own lies beside this file.
"""

import gc
import sys
from pathlib import Path

gc.disable()  # documents are kept to the end: a quarter of a build went to looking through them

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

import recurate  # noqa: E402

project = "recurate"
author = "The recurate developers"
release = version = recurate.__version__
project_copyright = author

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "mathml",
    "typed_formulas",
    "reference",
    "gallery",
    "report",
]
root_doc = "docs/site/index"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/**.md",
    "proofs/README.md",
    "tests/README.md",
]
# Folders that hold no document: to walk through them takes longer than to read the documents.
exclude_patterns = [
    *(".?*", "build", "benchmarks", "figures", "numerics", "paper_checks", "src", "theory"),
    *("proofs/*/**", "tests/*/**"),
]
suppress_warnings = ["myst.header"]  # README's headings begin where they look well

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4

default_role = "py:obj"  # a name in single backticks leads to what it names, if it is one
nitpicky = True
# The reference links to itself alone: to know the pages of others is to ask their hosts.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!recurate\b).*"),
    # Modules of the package, which a docstring names as a place to look.
    (r"py:obj", r"recurate\.(?:theory\.(?:language|typed)|numerics\.laws\.levels)\b.*"),
]
# Inner parts that a signature names, and that nobody makes by hand.
nitpick_ignore = [
    ("py:class", f"recurate.{name}")
    for name in (
        "numerics.compression.compressor.Compressor",
        "numerics.compression.content.Content",
        "numerics.compression.content.Names",
        "numerics.laws.atom_rows.AtomRows",
        "numerics.laws.groups.Labels",
        "numerics.laws.history.History",
        "numerics.laws.levels.Figures",
        "numerics.laws.levels.Levels",
        "numerics.parametric.families.Family",
        "numerics.parametric.laws.Law",
        "numerics.parametric.laws.Quadrature",
        "numerics.parametric.shapes.Shape",
        "numerics.rules.ranking.Tails",
        "paper_checks.runs.run.TriedRun",
        "paper_checks.runs.setting.TriedInstance",
        "theory.proving.known.Known",
        "theory.proving.proof.Verification",
    )
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
autosummary_generate = False
numpydoc_show_class_members = False
# What is said must be right and whole. Left out are rules of layout that ruff holds in its own way
# (GL01 to GL03, SS03 to SS06, PR05 to PR10, RT02, RT04, RT05), and sections that not every name
# needs (ES01, SA01, EX01). That a name has a docstring at all is tested.
numpydoc_validation_checks = {
    *("GL05", "GL06", "GL07", "GL09", "GL10", "SS01", "SS02"),
    *("PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03", "YD01", "SA02", "SA03", "SA04"),
}
# The first sentence of a small method says what it takes and returns; the signature has the types.
SHORT = r"(?s)\A(?!.*\n *(?:Parameters|Returns)\n)"
numpydoc_validation_overrides = {
    "PR01": [SHORT, r"\n *Attributes\n *-{3,}"],  # a record, whose fields are said there
    "RT01": [SHORT],
    "YD01": [SHORT],
    "SS02": [r"\A\s*[a-zγθλ]\w*(?:[ */,(])"],  # a symbol
}

templates_path = ["templates"]
html_theme = "furo"
html_title = "recurate"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_search_summary = False  # it fetches each page found, which no page on a disk may
html_show_sphinx = False
html_additional_pages = {"index": "to_the_site.html"}
html_theme_options = {"top_of_page_buttons": []}
html_math_renderer = "mathml"


def setup(app):
    """Colour files of the commands: no lexer of Pygments is for tables."""
    from pygments.lexers.special import TextLexer

    app.add_lexer("csv", TextLexer)

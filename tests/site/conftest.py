"""The site's extensions can be imported, and the site is built once for the tests that look."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "site"

sys.path.append(str(SITE / "extensions"))
for module in ("sphinx", "furo", "myst_parser", "numpydoc"):
    pytest.importorskip(module, reason="needs the extra docs")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of the site's pages, with pages that stand for those of a check.

    Processes that share the tests share the site: the first to need it builds it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "site"
    with FileLock(folder.with_suffix(".lock")):
        said = folder / "said.txt"  # written last
        if not said.exists():
            said.write_text(build(folder), encoding="utf-8")
    return folder / "pages"


def build(folder):
    """Build the site into a folder, and return what Sphinx says."""
    report = folder / "report"
    (report / "results").mkdir(parents=True, exist_ok=True)
    for name in ("index", "results/theorem-2.3"):
        (report / f"{name}.html").write_text("<!doctype html><title>a page</title>")
    command = [sys.executable, "-m", "sphinx", "-E", "-W", "--keep-going", "-c", SITE, ROOT]
    options = ["-d", folder / "trees", "-D", f"report_folder={report}", folder / "pages"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout

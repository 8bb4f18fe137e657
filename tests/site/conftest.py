"""The site's extensions can be imported, and the site is built once for the tests that look."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "site"

sys.path.append(str(SITE / "extensions"))
for module in ("sphinx", "furo", "myst_parser", "numpydoc"):
    pytest.importorskip(module, reason="needs the extra docs")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of the site's pages, with pages that stand for those of a check."""
    folder = tmp_path_factory.mktemp("site")
    report = folder / "report"
    (report / "results").mkdir(parents=True)
    for name in ("index", "results/theorem-2.3"):
        (report / f"{name}.html").write_text("<!doctype html><title>a page</title>")
    command = [sys.executable, "-m", "sphinx", "-E", "-W", "--keep-going", "-c", SITE, ROOT]
    options = ["-d", folder / "trees", "-D", f"report_folder={report}", folder / "pages"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder / "pages"

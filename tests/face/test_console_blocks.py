"""Console blocks in README and the documents show what the commands print.

`python tests/face/test_console_blocks.py [FILE ...]` writes the output of today into the blocks.
Without FILE it takes README.md, all of ``docs/`` and the tutorials.

A block that begins with ``$ recurate`` holds one command and its output. A line ``...`` stands for
any number of lines left out. A block headed ``csv NAME``, ``json NAME`` or ``toml NAME`` is a file
that the commands can read.
"""

import os
import re
import shlex
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate.cli import app

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "site" / "tutorials"
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(TUTORIALS.glob("*.md")),
]
BLOCK = re.compile(r"```console\n\$ recurate (.*)\n((?:.*\n)*?)```")
FILE = re.compile(r"```(?:csv|json|toml) (\S+)\n((?:.*\n)*?)```")
LEFT_OUT = "..."


def commands(page):
    return [(page, *found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


SHOWN = [command for page in PAGES for command in commands(page)]


def printed(page, arguments, folder):
    """Run a command in a folder that has the files of the page, and return its lines."""
    for name, text in FILE.findall(page.read_text(encoding="utf-8")):
        Path(folder, name).write_text(text, encoding="utf-8")
    command, _, source = arguments.partition(" < ")
    with chdir(folder):
        given = Path(source).read_text(encoding="utf-8") if source else None
        done = CliRunner().invoke(app, shlex.split(command), input=given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.stdout.splitlines()]


def steady(lines):
    """Return lines without the digit of what is only rounding, which differs by processor."""
    return [re.sub(r"(?<=residual )\de-1[67]\b", "…", line) for line in lines]


def agrees(lines, shown):
    """Tell whether the lines are those shown, where a line `LEFT_OUT` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == LEFT_OUT else re.escape(line) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


@pytest.mark.parametrize(
    ("page", "arguments", "shown"), SHOWN, ids=[f"{page.name} {words}" for page, words, _ in SHOWN]
)
def test_commands_print_what_is_shown(page, arguments, shown, tmp_path):
    lines, shown = printed(page, arguments, tmp_path), shown.splitlines()
    if LEFT_OUT in shown:
        assert agrees(lines, shown), "\n".join(lines)
    else:
        assert steady(lines) == steady(shown)


def test_the_main_job_is_shown():
    assert {words.split()[0] for _, words, _ in SHOWN} >= {"predict", "fixed-point", "choose"}


def test_lines_left_out():
    lines = ["first", "second", "third"]
    assert agrees(lines, ["first", LEFT_OUT, "third"])
    assert agrees(lines, lines)
    assert agrees(lines, [*lines, LEFT_OUT])
    assert not agrees(lines, ["first", LEFT_OUT, "second"])
    assert not agrees(lines, ["second", LEFT_OUT])


def rewrite(page):
    """Put what the commands print today into a page."""

    def renewed(block):
        arguments, shown = block.groups()
        with tempfile.TemporaryDirectory() as folder:
            lines = printed(page, arguments, folder)
        if LEFT_OUT in shown.splitlines():
            if not agrees(lines, shown.splitlines()):
                print(f"{page}: edit by hand, since lines are left out: recurate {arguments}")
            return block.group()
        return "\n".join([f"```console\n$ recurate {arguments}", *lines, "```"])

    text = page.read_text(encoding="utf-8")
    page.write_text(BLOCK.sub(renewed, text), encoding="utf-8")


if __name__ == "__main__":
    os.environ.pop("FORCE_COLOR", None)
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else PAGES:
        rewrite(path.resolve())

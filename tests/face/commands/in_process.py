"""Commands as they are typed, run in the process of the tests."""

import json

from typer.testing import CliRunner

from recurate.cli import app


def recurate(*arguments, **options):
    """Run a command; an error that nobody expected is raised."""
    done = CliRunner().invoke(app, list(map(str, arguments)), **options)
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return done


def succeeded(*arguments, **options):
    """Run a command that has to succeed."""
    done = recurate(*arguments, **options)
    assert done.exit_code == 0, done.stderr
    return done


def document(*arguments):
    """Return what a command prints as JSON."""
    return json.loads(succeeded(*arguments, "--json").stdout)


def refused(*arguments, message):
    """Run a command that has to refuse, in a line after the remarks on its table."""
    done = recurate(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    *remarks, last = done.stderr.splitlines()
    assert message in last
    assert all(": read as votes: " in line or " are the rewards " in line for line in remarks)

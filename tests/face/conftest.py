"""What holds for tests of the face: the command line is put together once.

`CliRunner` does so at every call, which takes longer than most commands.
"""

from functools import cache

import pytest
import typer.testing


@pytest.fixture(autouse=True, scope="session")
def commands_of_this_run():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.testing._get_command))
        yield

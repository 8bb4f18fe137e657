"""`recurate` and `python -m recurate`: signals are heeded while the command line loads."""

import os

from recurate.stopping import stoppable


def main() -> None:
    """Run the command line."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:  # a closed one, whose number the next file that is opened would take
            os.open(os.devnull, os.O_RDWR)
    with stoppable():
        from recurate.cli import main

        main()


if __name__ == "__main__":
    main()

"""`python -m recurate`."""

from recurate.cli import main

main()

"""`python -m masugata`."""

from masugata.cli import main

main()

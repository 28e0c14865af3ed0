"""How far long work is, on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """A function to call with what is worked on and how much of it is done; silent without a terminal."""
    shown = not quiet and _on_terminal()

    def report(what: str, count: int) -> None:
        if shown:
            click.echo(f"\r\x1b[K{what}: {count}", nl=False, err=True)

    try:
        yield report
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _on_terminal() -> bool:
    return sys.stderr.isatty()

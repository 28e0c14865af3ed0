"""Asking a person, or a pipe, for passwords; none is ever an argument, which others could read."""

import sys

import click

from masugata.errors import MasugataError

_LONGEST_LINE = 4096

stdin_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read it from standard input, a line each."
)


class Passwords:
    """Where passwords come from: a terminal without echo, or the lines of standard input."""

    def __init__(self, *, from_stdin: bool) -> None:
        self._from_stdin = from_stdin

    def present(self, prompt: str) -> str:
        """A password that exists."""
        return self._line() if self._from_stdin else str(click.prompt(prompt, hide_input=True, err=True))

    def new(self, prompt: str) -> str:
        """A new password; a person types it twice."""
        if self._from_stdin:
            return self._line()
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True))

    def _line(self) -> str:
        line = sys.stdin.readline(_LONGEST_LINE)
        if not line:
            raise MasugataError("standard input has no further line with a password")
        return line.removesuffix("\n").removesuffix("\r")

"""What is wrong with a file, each thing with its place and its rule."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from masugata.errors import MasugataError

MOST = 100
"""How many problems are told at once; a file with more is another kind of file."""


class Place(NamedTuple):
    """Where something stands in a file: line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Placed(Protocol):
    """Whatever knows where it stands."""

    @property
    def place(self) -> Place:
        """Its place."""
        ...


class Problem(NamedTuple):
    """One broken rule."""

    place: Place
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}"


class InvalidFileError(MasugataError):
    """A file breaks rules; `problems` are all of them, in the order of their places, at most `MOST`."""

    def __init__(self, problems: Sequence[Problem], *, more: bool = False) -> None:
        lines = [str(problem) for problem in problems]
        super().__init__("\n".join([*lines, "there are more"] if more else lines))
        self.problems = tuple(problems)


class Problems:
    """The problems that were found so far."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._more = False

    def add(self, at: Placed, rule: str) -> None:
        """Note one; the same one twice is one."""
        problem = Problem(at.place, _printable(rule))
        if len(self._found) >= MOST and problem not in self._found:
            self._more = True
            return
        self._found[problem] = None

    def check(self) -> None:
        """Raise `InvalidFileError` if there are any."""
        if self._found:
            raise InvalidFileError(sorted(self._found), more=self._more)


def shown(text: str) -> str:
    """A text of the file in backticks, of a bounded length."""
    return f"`{text}`" if len(text) <= 200 else f"`{text[:200]}…`"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)

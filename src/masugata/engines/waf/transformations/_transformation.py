"""What every transformation is, and how several become one."""

from collections.abc import Callable
from functools import cache, reduce

import msgspec

Transform = Callable[[bytes], bytes]


class Transformation(msgspec.Struct, frozen=True):
    """A rewriting of bytes, and what must be in a value for it to change anything.

    A value that holds none of the `triggers` is left as it is; None says that there is no such test.
    """

    transform: Transform
    triggers: tuple[bytes, ...] | None = None


def each(letters: bytes) -> tuple[bytes, ...]:
    """These bytes one by one, as triggers."""
    return tuple(bytes([letter]) for letter in letters)


def unchanged(value: bytes) -> bytes:
    """What a chain without steps does."""
    return value


@cache
def compose(steps: tuple[Transform, ...]) -> Transform:
    """The steps, one after the other; equal steps give one and the same function."""
    match steps:
        case ():
            return unchanged
        case (only,):
            return only
        case (first, second):
            return lambda value: second(first(value))
        case _:
            return lambda value: reduce(lambda text, step: step(text), steps, value)

"""What every detector offers."""

from collections.abc import Callable, Collection
from enum import Enum
from typing import Protocol, TypeVar, cast, runtime_checkable

import msgspec


class Place(Enum):
    """Where in a request a value stood; what is harmless in one place need not be in another."""

    PATH = "path"
    QUERY_ARGUMENT = "query argument"
    FORM_FIELD = "form field"
    JSON_STRING = "JSON string"
    XML_TEXT = "XML text"
    FILE_NAME = "file name"
    RAW_BODY = "raw body"
    COOKIE = "cookie"
    HEADER = "header"

    # Of an Enum, it is written in Python; thousands of values of a body are hashed with their places.
    __hash__ = object.__hash__


class Evidence(msgspec.Struct, frozen=True):
    """Why a value is an attack: the family, what was found in words, and the parts of the value that say so.

    `score` is from 0 to 100: how sure it is; rules say from which score on they match.
    """

    family: str
    reason: str
    matched: tuple[bytes, ...]
    score: int = 100


class Detector(Protocol):
    """Looks at one value, decoded as far as its place has it.

    `hints` are regular expressions for Hyperscan (caseless, dot matches all, over bytes): a value that none
    of them matches is never an attack, and `detect` is not asked. A test holds every detector to that.
    """

    @property
    def family(self) -> str:
        """AWS's or the field's name of the attack."""

    @property
    def hints(self) -> tuple[str, ...]:
        """What a value must contain at least one of."""

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it; work is linear in the length of the value."""


Text = TypeVar("Text")


class Account:
    """What all detectors may still spend on one request, in steps of about a microsecond.

    Honest requests take some hundreds of them, documents of 64 KiB some thousands. Where nothing is `left`
    there was too much.
    """

    __slots__ = ("_made", "left")

    def __init__(self, steps: int = 5_000) -> None:
        """Nothing is spent yet."""
        self.left = steps
        self._made: dict[object, object] = {}

    def once(self, make: Callable[[bytes], Text], value: bytes) -> Text:
        """What is made of a value, for all detectors that make the same of it."""
        key = make, value
        if key not in self._made:
            self._made[key] = make(value)
        return cast("Text", self._made[key])


@runtime_checkable
class HintedDetector(Detector, Protocol):
    """A detector that has less to do where its hints are known, or whose work on many values is bounded."""

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account | None = None
    ) -> Evidence | None:
        """As `detect` says it; no other hints match in the value than those with these numbers.

        Steps are taken from the account, and no more than are left on it.
        """

"""What every field is: where its values come from, and how they are rewritten."""

from collections.abc import Callable, Mapping

import msgspec

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.transformations import Transform, unchanged


class Values(msgspec.Struct, frozen=True):
    """What statements look at: each value for itself; without values, nothing matches.

    `fallback` says whether the statement matches where nothing was to be looked at. `oversize`: there was
    more than is looked at.
    """

    values: tuple[bytes, ...] = ()
    fallback: bool | None = None
    oversize: bool = False


NOTHING = Values()

BEHAVIORS: Mapping[str, bool | None] = {"CONTINUE": None, "MATCH": True, "NO_MATCH": False}
"""What a statement whose values are not looked at comes to; None where they are."""


class Source(msgspec.Struct, frozen=True):
    """Where values come from before they are rewritten; equal keys find the same."""

    key: str
    place: Place
    values: Callable[[ParsedRequest], Values]


class Field:
    """A part of requests, rewritten by a chain of transformations; what it finds is kept in the request."""

    __slots__ = ("_source", "_transform", "key", "place")

    def __init__(self, key: str, source: Source, transform: Transform) -> None:
        """Fields of equal keys find the same; `place` is where in a request it looks."""
        self.key = key
        self.place = source.place
        self._source = source
        self._transform = transform

    def values(self, parsed: ParsedRequest) -> Values:
        """What is to be looked at of this request."""
        memo = parsed.memo
        found = memo.get(self.key)
        if found is not None:
            return found
        source = self._source
        found = memo.get(source.key)
        if found is None:
            found = memo[source.key] = source.values(parsed)
        transform = self._transform
        if transform is not unchanged and found.values:
            values = tuple([transform(value) for value in found.values])
            if values != found.values:
                found = Values(values, found.fallback, found.oversize)
        memo[self.key] = found
        return found

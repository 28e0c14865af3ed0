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
    """Where values come from before they are rewritten; equal keys find the same.

    `plain` gives them where there is neither a fallback nor too much. `told`: they are no secret, and come
    again and again.
    """

    key: str
    place: Place
    values: Callable[[ParsedRequest], Values]
    plain: Callable[[ParsedRequest], tuple[bytes, ...]] | None = None
    told: bool = False


def plain_source(
    key: str, place: Place, plain: Callable[[ParsedRequest], tuple[bytes, ...]], *, told: bool = False
) -> Source:
    """One that only has values, each of which is looked at."""

    def values(parsed: ParsedRequest) -> Values:
        found = plain(parsed)
        return Values(found) if found else NOTHING

    return Source(key, place, values, plain, told)


class Field:
    """A part of requests, rewritten by a chain of transformations; what it finds is kept in the request."""

    __slots__ = ("_source", "_transform", "key", "place", "plain", "rewritten", "told")

    def __init__(self, key: str, source: Source, transform: Transform) -> None:
        """Fields of equal keys find the same; `place` is where in a request it looks.

        `plain` and `told` are the source's, before anything is `rewritten`.
        """
        self.key = key
        self.place = source.place
        self.plain = source.plain
        self.told = source.told
        self.rewritten = transform is not unchanged
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

"""Query strings, and bodies of forms that are written like them."""

from collections.abc import Sequence

Pair = tuple[bytes, bytes]

MAX_ARGUMENTS = 10_000


def parse_query(query: bytes, most: int = MAX_ARGUMENTS) -> tuple[Pair, ...]:
    """Names and values as they were sent, in order, with duplicates; without `=` the value is empty.

    Of more than `most` arguments the last one is all that is left, as a value, so that nothing goes unseen.
    """
    if not query:
        return ()
    pieces = query.split(b"&", most - 1)
    rest = pieces.pop() if len(pieces) == most and b"&" in pieces[-1] else None
    pairs = [(name, value) for name, _, value in [piece.partition(b"=") for piece in pieces if piece]]
    if rest is not None:
        pairs.append((b"", rest))
    return tuple(pairs)


def combined(pairs: Sequence[Pair]) -> list[bytes]:
    """Of each name that comes several times all values, joined by commas, as some applications read them."""
    if len(dict(pairs)) == len(pairs):
        return []
    values: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return [b",".join(several) for several in values.values() if len(several) > 1]

"""Query strings, and bodies of forms that are written like them."""

Pair = tuple[bytes, bytes]

MAX_ARGUMENTS = 10_000


def parse_query(query: bytes) -> tuple[Pair, ...]:
    """Names and values as they were sent, in order, with duplicates; without `=` the value is empty.

    What follows the first 9,999 arguments is the value of the last one, so that nothing goes unseen.
    """
    if not query:
        return ()
    if query.count(b"&") < MAX_ARGUMENTS:
        return tuple([_pair(piece) for piece in query.split(b"&") if piece])
    *pieces, rest = query.split(b"&", MAX_ARGUMENTS - 1)
    return (*[_pair(piece) for piece in pieces if piece], (b"", rest))


def _pair(piece: bytes) -> Pair:
    name, _, value = piece.partition(b"=")
    return name, value

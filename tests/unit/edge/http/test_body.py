"""Bodies: in whatever pieces they come, the same payload; what has two readings is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.edge.http import BadMessageError
from masugata.edge.http.body import ChunkedBody, EndlessBody, LengthBody

# As in: RFC 9112, 7.1; J. B. Weikop, "Funky chunks" (2025); J. Kettle (2019, 2025). The vectors are ours.
DEFECTS = {
    "bare LF behind a size": b"5\nhello\r\n0\r\n\r\n",
    "bare CR behind a size": b"5\rhello\r\n0\r\n\r\n",
    "bare LF in an extension": b"5;x\ny\r\nhello\r\n0\r\n\r\n",
    "bare CR in an extension": b"5;x\ry\r\nhello\r\n0\r\n\r\n",
    "NUL in an extension": b"5;x\0\r\nhello\r\n0\r\n\r\n",
    "UTF-8 in an extension": "5;ä\r\nhello\r\n0\r\n\r\n".encode(),
    "space before an extension": b"5 ;x\r\nhello\r\n0\r\n\r\n",
    "space behind a size": b"5 \r\nhello\r\n0\r\n\r\n",
    "space before a size": b" 5\r\nhello\r\n0\r\n\r\n",
    "extension without a name": b"5;\r\nhello\r\n0\r\n\r\n",
    "extension with an open quote": b'5;x="y\r\nhello\r\n0\r\n\r\n',
    "CRLF in a quoted extension": b'5;x="\r\nhello\r\n0\r\n\r\n"\r\n',
    "extension that is too long": b"5;" + b"x" * 300 + b"\r\nhello\r\n0\r\n\r\n",
    "extension without an end": b"5;" + b"x" * 300,
    "hexadecimal prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "negative size": b"-5\r\nhello\r\n0\r\n\r\n",
    "underscore": b"1_0\r\nhello\r\n0\r\n\r\n",
    "empty size": b"\r\nhello\r\n0\r\n\r\n",
    "no digits": b"zz\r\nhello\r\n0\r\n\r\n",
    "size over 64 bits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "size with leading zeros without end": b"0" * 400 + b"5\r\nhello\r\n",
    "payload longer than its size": b"4\r\nhello\r\n0\r\n\r\n",
    "payload shorter than its size": b"6\r\nhello\r\n0\r\n\r\n",
    "LF behind the payload": b"5\r\nhello\n0\r\n\r\n",
    "two bytes for the line end (TERM.EXT)": b"5\r\nhelloXX0\r\n\r\n",
    "bare LF at the end": b"0\r\n\n",
    "trailer without a colon": b"0\r\nX\r\n\r\n",
    "folded trailer": b"0\r\nX: y\r\n z\r\n\r\n",
    "bare LF in a trailer": b"0\r\nX: y\nZ: w\r\n\r\n",
    "NUL in a trailer": b"0\r\nX: \0\r\n\r\n",
    "trailers that are too long": b"0\r\n" + b"X: y\r\n" * 2_000 + b"\r\n",
    "trailer without an end": b"0\r\nX: " + b"y" * 9_000,
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("name", DEFECTS)
def test_defects(name: str, size: int) -> None:
    """Whatever the pieces, a malformed chunk is refused."""
    body, data = ChunkedBody(), DEFECTS[name]
    with pytest.raises(BadMessageError):  # noqa: PT012  # wherever in the pieces it is seen
        for start in range(0, len(data), size):
            body.feed(data[start : start + size])
            assert not body.done


def test_a_chunk_that_is_longer_hides_no_request() -> None:
    """A size that spans what looks like the end of the body takes it as payload."""
    body = ChunkedBody()
    inner = b"0\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n"
    assert body.feed(b"%x\r\n%b\r\n0\r\n\r\n" % (len(inner), inner)) == (inner, b"")
    assert body.done


@given(
    payloads=st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    extension=st.sampled_from([b"", b";x", b";x=y", b';x="y z;="', b";a;b=c"]),
    trailers=st.sampled_from([b"", b"X: y\r\n", b"Content-Length: 5\r\nX: y\r\n"]),
    rest=st.binary(max_size=20),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=20),
)
def test_any_pieces(
    payloads: list[bytes], extension: bytes, trailers: bytes, rest: bytes, cuts: list[int]
) -> None:
    """Pieces of any size make one payload, and what follows the body is left as it is."""
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(payload), extension, payload) for payload in payloads)
    data = chunks + b"0\r\n" + trailers + b"\r\n" + rest
    body, read, left, position, turn = ChunkedBody(), b"", b"", 0, 0
    while position < len(data):
        size = cuts[turn % len(cuts)]
        piece = data[position : position + size]
        position, turn = position + size, turn + 1
        if body.done:
            left += piece
            continue
        payload, after = body.feed(piece)
        read += payload
        left += after
    assert (read, left, body.done) == (b"".join(payloads), rest, True)


def test_lengths() -> None:
    """A body of a length ends there, one without an end never."""
    body = LengthBody(5)
    assert body.feed(b"he") == (b"he", b"")
    assert not body.done
    assert body.feed(b"lloGET") == (b"llo", b"GET")
    assert body.done
    assert LengthBody(0).done
    endless = EndlessBody()
    assert endless.feed(b"x") == (b"x", b"")
    assert not endless.done

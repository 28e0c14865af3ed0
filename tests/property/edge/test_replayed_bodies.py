"""Bodies behind the middlewares, read in any way, are what they are without them."""

import asyncio
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge_house import Rules
from masugata.edge import asgi, wsgi
from masugata.edge.asgi import Message, Receive, Scope, Send

LINES = st.lists(st.sampled_from([b"a", b"bc" * 9, b"\n", b"\r\n", b"d" * 40]), max_size=20).map(b"".join)
READS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["read", "readline"]), st.one_of(st.just(-1), st.integers(1, 50))),
        st.tuples(st.just("readlines"), st.just(-1)),
    ),
    max_size=12,
)


class Cut:
    """A body that comes in pieces of some size, and is never asked beyond its end."""

    def __init__(self, body: bytes, size: int) -> None:
        self._body = io.BytesIO(body)
        self._left = len(body)
        self._size = size

    def read(self, size: int) -> bytes:
        """A piece."""
        assert 0 < size <= self._left
        piece = self._body.read(min(size, self._size))
        self._left -= len(piece)
        return piece


@given(body=LINES, size=st.integers(1, 50), limit=st.integers(0, 80), reads=READS)
def test_wsgi(body: bytes, size: int, limit: int, reads: list[tuple[str, int]]) -> None:
    """As a file in memory is read."""
    expected = io.BytesIO(body)

    def app(environ: wsgi.Environ, start_response: wsgi.StartResponse) -> list[bytes]:
        for name, most in reads:
            assert getattr(environ["wsgi.input"], name)(most) == getattr(expected, name)(most)
        assert environ["wsgi.input"].read() == expected.read()
        start_response("200 OK", [])
        return []

    rules = Rules()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1", "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": Cut(body, size),
    }  # fmt: skip
    said: list[str] = []
    wsgi.WafMiddleware(app, inspector=rules, inspected_body=limit)(
        environ, lambda *answer: said.append(answer[0])
    )
    assert said == ["200 OK"]
    assert (rules.seen[0].body, rules.seen[0].body_size) == (body[:limit], len(body))


@given(pieces=st.lists(LINES, min_size=1, max_size=6), limit=st.integers(0, 80))
def test_asgi(pieces: list[bytes], limit: int) -> None:
    """As the server gives it, but for where it is cut; little more than what is inspected is held."""
    got: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        more = True
        while more:
            message = await receive()
            got.append(message["body"])
            more = message["more_body"]

    async def main() -> None:
        coming = iter(
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        )

        async def receive() -> Message:
            return next(coming)

        async def send(message: Message) -> None:
            raise AssertionError(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": ("192.0.2.1", 1)}
        await asgi.WafMiddleware(app, inspector=rules, inspected_body=limit)(scope, receive, send)

    rules = Rules()
    asyncio.run(main())
    whole = b"".join(pieces)
    assert b"".join(got) == whole
    assert rules.seen[0].body == whole[:limit]
    assert (rules.seen[0].body_size > limit) == (len(whole) > limit)
    assert max(map(len, got)) <= limit + max(map(len, pieces))

"""Fuzz target: whatever a proxy asks, consent is given only to what was inspected and allowed.

The first byte says how the others are cut into pieces. llhttp reads the answers: as many are 200 as the
inspector allowed, and none came from `/nginx/answer`.
"""

import asyncio

import httptools
from wire import Wire

from masugata.edge.forward_auth import ForwardAuthConnection
from masugata.edge.settings import EdgeSettings, read_forward_auth
from masugata.edge.site import Edge
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.request import WebRequest

TRAEFIK = (
    b"Host: h\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: h\r\n"
    b"X-Forwarded-Uri: /a?b\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n"
)
NGINX = (
    b"Host: h\r\nX-Original-Method: GET\r\nX-Original-Scheme: https\r\nX-Original-Host: h\r\n"
    b"X-Original-URI: /attack\r\nX-Real-IP: ::1\r\n"
)
SEEDS = (
    b"\x00GET /traefik HTTP/1.1\r\n" + TRAEFIK + b"\r\nGET /nginx HTTP/1.1\r\n" + NGINX + b"\r\n",
    b"\x03POST /traefik HTTP/1.1\r\n" + TRAEFIK + b"Content-Length: 6\r\n\r\nattack",
    b"\x01GET /caddy?b HTTP/1.1\r\n" + TRAEFIK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"\x00HEAD /nginx/answer HTTP/1.1\r\n" + NGINX + b"\r\n",
)
PIECES = (
    b"\r\n\r\n", b"\r\n", b"X-Original-URI: /x\r\n", b"X-Forwarded-Uri: /x\r\n", b"X_Forwarded_Uri: /x\r\n",
    b"attack", b"#", b"//", b", ", b"unix:", b"::ffff:1.2.3.4", b"wss", b"/nginx/answer", b"/nginx",
    b"/caddy", b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: websocket\r\n",
)  # fmt: skip


class Rules:
    """Blocks what holds `attack`, with a status that proxies take for consent."""

    def __init__(self) -> None:
        self.allowed = 0

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """By the word."""
        del now
        if b"attack" in request.uri_path + request.query_string + request.body:
            return Decision("CHALLENGE", response=Response(202, (), b"solve"))
        self.allowed += 1
        return Decision("ALLOW")


class Statuses:
    """The statuses that llhttp reads."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def on_headers_complete(self) -> None:
        self.read.append(self.parser.get_status_code())


LOOP = asyncio.new_event_loop()


def fuzz_one(data: bytes) -> None:
    """The bytes as a proxy's."""
    if data:
        LOOP.run_until_complete(_ask(data[1:], data[0] or len(data)))


async def _ask(data: bytes, size: int) -> None:
    edge = Edge(
        EdgeSettings(sites=(read_forward_auth("a=127.0.0.1:1"),), inspected_body=64, maximum_body=4096)
    )
    rules = Rules()
    edge.sites[0].plans.replace(rules)
    connection, wire = ForwardAuthConnection(edge.sites[0]), Wire("127.0.0.1")
    connection.connection_made(wire)
    for at in range(0, len(data), size):
        connection.data_received(data[at : at + size])
    connection.connection_lost(None)
    if b"HEAD " in data:  # llhttp does not know what was asked
        return
    statuses = Statuses()
    statuses.parser = parser = httptools.HttpResponseParser(statuses)
    parser.feed_data(wire.written.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b""))
    handed_on = b"/nginx/answer" in data
    consents = statuses.read.count(200)
    if consents > rules.allowed or (consents < rules.allowed and not handed_on):
        raise AssertionError(f"{rules.allowed} allowed, {consents} consents: {wire.written!r}")
    if 202 in statuses.read and not handed_on:
        raise AssertionError(f"a denial that looks like consent: {wire.written!r}")

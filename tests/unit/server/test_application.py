"""What the application lets in, and how it refuses the rest."""

import asyncio
from concurrent.futures import Future
from threading import Thread

import pytest
import uvicorn
from uvicorn.server import ServerState

from masugata.errors import AwsError
from masugata.fibers import can_wait
from masugata.server.connection import connection_class
from masugata.wire import HttpResponse
from unit.server.asking import HOST, Answer, Asker, Wire

WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
PROXY = {"client": ("10.0.0.5", 40_000)}


@pytest.fixture
def asker(tmp_path):
    """An application with default settings."""
    return Asker(tmp_path)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:4566", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:4566",
     "[0:0:0:0:0:0:0:1]:4566", "host.docker.internal:4566", "sts.localhost", "a.b.localhost:9", "localhost:"],
)  # fmt: skip
def test_served_hosts(asker, host):
    """Names of this machine are served under any port."""
    assert asker.ask([(b"host", host.encode())]).status != 421
    assert len(asker.dispatched) == 1


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:4566", "localhost.evil.example", "xlocalhost",
     "localhost@evil.example",
     "evil.example#.localhost", "evil.example/.localhost", "127.0.0.1.evil.example",
     "10.0.0.1", "[::2]", "::1",
     "[::1", "127.0.0.1:80:80", "localhost:123456", "localhost:²", "localhost, evil.example", "[127.0.0.1]x",
     "localhost\xff", "127.0.0.1%00.localhost"],
)  # fmt: skip
def test_foreign_hosts(asker, host):
    """Any other host is refused before its body is read, and its connection ends."""
    answer = asker.ask([(b"host", host.encode("latin-1"))])
    assert (answer.status, answer.closes) == (421, True)
    assert b"<Code>InvalidHost</Code>" in answer.body
    assert (asker.dispatched, asker.sent) == ([], 1)


@pytest.mark.parametrize(
    "headers", [[], [HOST, HOST], [HOST, (b"host", b"evil.example")], [(b"host", b"evil.example"), HOST]]
)
def test_not_one_host(asker, headers):
    """A request without a host, or with two, is nobody's to understand."""
    answer = asker.ask(headers)
    assert (answer.status, answer.closes) == (400, True)
    assert asker.dispatched == []


def test_allowed_hosts(tmp_path):
    """Hosts of the settings are served too: names in any case, and addresses in any spelling."""
    asker = Asker(
        tmp_path, host="fd00::1", insecure=True, allowed_hosts=("AWS.example", "FD00:0::2", "10.0.0.1")
    )
    for host in (b"aws.example:4566", b"[fd00::1]:4566", b"[fd00::2]", b"10.0.0.1:80", b"[::ffff:10.0.0.1]"):
        assert asker.ask([(b"host", host)]).status != 421, host
    assert asker.ask([(b"host", b"b.aws.example")]).status == 421


def test_forwarded_headers_of_strangers(asker):
    """Nobody's word on where a request comes from counts unless the settings say so."""
    asker.ask([HOST, (b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")])
    assert (asker.dispatched[0].source_ip, asker.dispatched[0].secure) == ("127.0.0.1", False)


def test_forwarded_headers_of_a_trusted_proxy(tmp_path):
    """A trusted proxy's word counts, for the request that is judged."""
    asker = Asker(tmp_path, trusted_proxies=("10.0.0.0/24",))
    headers = [HOST, (b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    asker.ask(headers, **PROXY)
    assert (asker.dispatched[0].source_ip, asker.dispatched[0].secure) == ("203.0.113.9", True)
    answer = asker.ask([HOST, (b"x-forwarded-for", b"unknown")], **PROXY)
    assert (answer.status, answer.closes) == (400, True)
    assert len(asker.dispatched) == 1


def test_ipv4_client_of_an_ipv6_listener(asker):
    """Who comes over `::ffff:` is known to policies under the IPv4 address."""
    asker.ask(client=("::ffff:192.0.2.1", 1))
    asker.ask(client=("fe80::1%eth0", 1))
    asker.ask(client=None)
    assert [http.source_ip for http in asker.dispatched] == ["192.0.2.1", "fe80::1", ""]


@pytest.mark.parametrize("length", ["1048577", "999999999999999999"])
def test_lengths_that_are_refused(asker, length):
    """A body that says it is too long is refused unread."""
    answer = asker.ask([HOST, (b"content-length", length.encode())])
    assert (answer.status, answer.closes, asker.sent) == (413, True, 1)
    assert b"<Code>RequestEntityTooLarge</Code>" in answer.body


@pytest.mark.parametrize(
    "length", ["1048577", "99999999999999999999", "9" * 5000, "-1", "+5", "²", "", "0x10", "1 2"]
)
def test_lengths_that_are_not_admitted(asker, length):
    """Whatever the parser of HTTP lets through, no length is believed that is none, or too great."""
    with pytest.raises(AwsError) as refused:
        asker.application.admit((("host", "localhost"), ("content-length", length)), "", secure=False)
    assert (refused.value.code, refused.value.status) == ("RequestEntityTooLarge", 413)


def test_body_without_a_length(asker):
    """A body in chunks is refused once it is longer than the limit, and the rest is not read."""
    head = asker.head([HOST, (b"transfer-encoding", b"chunked")]) + b"\r\n"
    piece = b"%x\r\n%b\r\n" % (300_000, b"a" * 300_000)
    answer = Answer(asker.exchange(head, *[piece] * 9))
    assert (answer.status, answer.closes, asker.sent) == (413, True, 5)
    assert asker.dispatched == []


def test_body_of_exactly_the_limit(tmp_path):
    """The limit itself is allowed, with and without a length; one byte more is not."""
    asker = Asker(tmp_path, maximum_body_bytes=10)
    for size in (10, 11):
        body = b"a" * size
        chunked = asker.head([HOST, (b"transfer-encoding", b"chunked")]) + b"\r\n%x\r\n%b\r\n0\r\n\r\n"
        for answer in (asker.ask(body=body), Answer(asker.exchange(chunked % (size, body)))):
            assert (answer.status == 413) == (size > 10)


def test_body_in_pieces(asker):
    """Pieces are put together in order."""
    asker.exchange(asker.head() + b"content-length: 2\r\n\r\n", b"a", b"b")
    assert asker.dispatched[0].body == b"ab"


@pytest.mark.parametrize("before", [b"", WHO[:-1]])
def test_client_that_leaves(asker, before):
    """Of a request that was not received whole nothing is done, and nobody is answered."""
    head = asker.head() + b"content-length: %d\r\n\r\n" % len(WHO)
    assert asker.exchange(head + before, leaves=True) == b""
    assert asker.dispatched == []


@pytest.mark.parametrize("headers", [[(b"a", b"b" * 65_520)], [(b"a%d" % n, b"b" * 50) for n in range(1300)]])
def test_large_headers(asker, headers):
    """One long header, or many, end in 431."""
    answer = asker.ask([HOST, *headers])
    assert (answer.status, answer.closes, asker.sent) == (431, True, 1)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "TRACE"])
def test_other_methods(asker, method):
    """AWS's query services know GET and POST: anything else is refused, and no CORS header is ever sent."""
    answer = asker.ask([HOST, (b"origin", b"https://evil.example")], WHO, method=method)
    assert 400 <= answer.status < 500
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    ["//_masugata/health/live", "/%5fmasugata/health/live", "/_masugata%2fhealth/live",
     "/./_masugata/health/live",
     "/%2e%2e/_masugata/health/live", "/_masugata", "/_MASUGATA/health/live"],
)  # fmt: skip
def test_path_tricks(asker, path):
    """Paths are taken as they stand on the wire: another spelling is another path, and needs a signature."""
    answer = asker.ask(method="GET", target=path.encode())
    assert 400 <= answer.status < 500
    assert asker.dispatched[0].path == path


def test_signed_call(asker):
    """A rightly signed call is answered, in a connection that goes on."""
    answer = asker.signed(WHO)
    assert (answer.status, answer.closes) == (200, False)
    assert b":user/admin</Arn>" in answer.body


def test_answer_that_waits_for_a_commit(asker):
    """While a change is on its way others are served; its answer comes from the thread that made it."""
    committed: Future[HttpResponse] = Future()
    asker.house.gateway.dispatch = lambda _, **_options: committed

    async def scenario():
        made = connection_class(asker.application, 1000)
        wires = [Wire(("127.0.0.1", 1)) for _ in range(3)]
        for wire, target in zip(wires, (b"/", b"/", b"/_masugata/health/live"), strict=True):
            connection = made(uvicorn.Config(None, log_config=None), ServerState(), {})
            connection.connection_made(wire)
            connection.data_received(asker.head(method="GET", target=target) + b"\r\n")
        await wires[2].over.wait()
        assert [wire.written for wire in wires[:2]] == [b"", b""]
        Thread(target=committed.set_result, args=(HttpResponse(status=200, body=b"done"),)).start()
        await asyncio.gather(*(wire.over.wait() for wire in wires[:2]))
        return wires

    assert [Answer(wire.written).body for wire in asyncio.run(scenario())[:2]] == [b"done"] * 2


@pytest.mark.parametrize("target", [b"/", b"/_masugata/health/live"])
def test_answer_that_nobody_has(asker, caplog, monkeypatch, target):
    """Whatever fails below, its client is told so, and nothing of it."""

    def fail(*_, **_options):
        raise ZeroDivisionError("a secret")

    asker.house.gateway.dispatch = fail
    monkeypatch.setattr(asker.application._operator, "answer", fail)
    answer = asker.ask(method="GET", target=target)
    assert (answer.status, answer.body) == (500, b"")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_methods_of_the_models(asker, method):
    """Every method that a model uses reaches the gateway, with the path as it was sent."""
    path = b"/tags/arn%3Aaws%2Fb"
    asker.ask(method=method, target=path + b"?tagKeys=a")
    assert [(http.method, http.path, http.query) for http in asker.dispatched] == [
        (method, path.decode(), "tagKeys=a")
    ]


def test_no_content(asker):
    """An answer without content has no length either: RFC 9110 forbids it."""
    answered = Future()
    answered.set_result(HttpResponse(status=204, headers=(("x-amzn-RequestId", "r"),)))
    asker.house.gateway.dispatch = lambda _http, **_options: answered
    answer = asker.ask(method="DELETE")
    assert (answer.status, answer.headers, answer.body) == (204, [("x-amzn-requestid", "r")], b"")


def test_reading_is_shared_between_moves_alone(asker):
    """Every request has a state no older than its last byte and than the last answer before it."""
    read = []
    store = asker.house.gateway.store
    real = store.snapshot
    store.snapshot = lambda: read.append(1) or real()
    newest = asker.application._newest
    assert newest() is newest()
    assert len(read) == 1
    asker.application.moved()
    newest()
    assert len(read) == 2


def test_operators_wait_as_everybody_does(asker):
    """Who asks for our health does not hold up others while the keeper is away."""
    found = []
    answer = asker.application._operator.answer

    def note(http):
        found.append(can_wait())
        return answer(http)

    asker.application._operator.answer = note
    asker.ask(method="GET", target=b"/_masugata/health/ready")
    assert found == [True]

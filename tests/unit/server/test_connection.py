"""Bounds of a connection: what may arrive, for how long, and from how many."""

import asyncio
import tracemalloc

import pytest
import uvicorn
from uvicorn.server import ServerState

from masugata.errors import AwsError
from masugata.server.connection import HEAD_LIMIT, REQUEST_SECONDS, STOP_SECONDS, connection_class
from masugata.wire import HttpResponse

HEAD = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
REQUEST = HEAD + b"content-length: 2\r\n\r\nhi"


class Timer:
    """A call that is due; a test lets its time come."""

    def __init__(self, seconds, call):
        self.seconds, self.call, self.cancelled = seconds, call, False

    def cancel(self):
        self.cancelled = True


class Loop:
    """A loop in which no time passes: it collects what is due."""

    def __init__(self):
        self.timers = []

    def call_later(self, seconds, call):
        self.timers.append(Timer(seconds, call))
        return self.timers[-1]

    @property
    def due(self):
        return [timer for timer in self.timers if not timer.cancelled]

    def expire(self):
        """Let the only timer's time come."""
        (timer,) = self.due
        self.timers.clear()
        timer.call()


class Transport(asyncio.Transport):
    """Remembers what was written; `untaken` bytes are stuck on their way to the client."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written, self.closing, self.aborted, self.untaken = b"", False, False, 0
        self.reading = True

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True

    def abort(self):
        self.closing = self.aborted = True

    def get_write_buffer_size(self):
        return self.untaken

    def pause_reading(self):
        assert self.reading
        self.reading = False

    def resume_reading(self):
        assert not self.reading
        self.reading = True


class World:
    """One server's connections, and who answers them when a test says so."""

    def __init__(self, maximum_body=1000):
        self.loop = Loop()
        self.state = ServerState()
        self.waiting, self.answered = [], []
        self.refusal = None
        self.config = uvicorn.Config(None, log_config=None, timeout_keep_alive=75)
        self.connection_class = connection_class(self, maximum_body)

    def admit(self, _headers, peer, *, secure):
        if self.refusal is not None:
            raise self.refusal
        return peer, secure

    def refuse(self, _http, error):
        return HttpResponse(status=error.status)

    def answer(self, request):
        self.waiting.append(request)

    def moved(self):
        pass

    def connect(self):
        connection = self.connection_class(self.config, self.state, {}, _loop=self.loop)
        connection.connection_made(Transport())
        return connection

    def reply(self, **headers):
        """Answer the oldest request that waits."""
        request = self.waiting.pop(0)
        self.answered.append(request.http())
        request.reply(HttpResponse(status=200, headers=tuple(headers.items()), body=b"ok"))


@pytest.fixture
def world():
    """A server that takes bodies of 1000 bytes."""
    return World()


def test_client_that_says_nothing(world):
    """A connection over which nothing comes is closed, and cut off if that does not help."""
    connection = world.connect()
    assert [timer.seconds for timer in world.loop.due] == [REQUEST_SECONDS]
    world.loop.expire()
    assert (connection.transport.closing, connection.transport.aborted) == (True, False)
    assert connection.transport.written == b""
    world.loop.expire()
    assert connection.transport.aborted


@pytest.mark.parametrize("start", [b"", b"\r\n", b"P", HEAD, HEAD + b"x: "])
def test_client_that_dribbles(world, start):
    """Bytes that come one by one do not put off the end of a request's time."""
    connection = world.connect()
    (first,) = world.loop.due
    if start:
        connection.data_received(start)
    for _ in range(200):
        connection.data_received(b"\r\n" if start in (b"", b"\r\n") else b"O" if start == b"P" else b"a")
        if connection.transport.closing:
            break
    if start != b"P":
        assert world.loop.due == [first]
        world.loop.expire()
    assert connection.transport.closing
    assert world.waiting == []


def test_slow_head_is_told(world):
    """Who does not finish a request in time reads 408, with a date if there is one, before the end."""
    connection = world.connect()
    world.state.default_headers = [(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")]
    connection.data_received(HEAD)
    world.loop.expire()
    assert connection.transport.written.startswith(b"HTTP/1.1 408 Request Timeout\r\ndate: Sun")
    assert b"\r\nconnection: close\r\n\r\n" in connection.transport.written
    assert connection.transport.closing


def test_slow_body_is_told(world):
    """The same while the body is awaited, because its request has no answer yet."""
    connection = world.connect()
    connection.data_received(HEAD + b"content-length: 3\r\n\r\nhi")
    world.loop.expire()
    assert connection.transport.written.startswith(b"HTTP/1.1 408 ")


def test_requests_one_after_the_other(world):
    """A request that came whole is answered without a deadline; the next has one of its own again."""
    connection = world.connect()
    for turn in range(3):
        connection.data_received(REQUEST)
        assert world.loop.due == []
        world.reply()
        assert [timer.seconds for timer in world.loop.due] == [75]
        assert connection.transport.written.count(b"200 OK") == turn + 1
    connection.data_received(HEAD)
    assert [timer.seconds for timer in world.loop.due] == [REQUEST_SECONDS]


def test_line_ends_between_requests(world):
    """Empty lines after an answer do not keep a connection open for ever."""
    connection = world.connect()
    connection.data_received(REQUEST)
    world.reply()
    for _ in range(5):
        connection.data_received(b"\r\n")
    assert [timer.seconds for timer in world.loop.due] == [REQUEST_SECONDS]
    world.loop.expire()
    assert connection.transport.closing


def test_idle_connection(world):
    """After the keep-alive time a connection is closed; one whose client never took the answer is cut off."""
    for untaken in (0, 100):
        connection = world.connect()
        connection.data_received(REQUEST)
        world.reply()
        connection.transport.untaken = untaken
        world.loop.expire()
        assert (connection.transport.closing, connection.transport.aborted) == (True, untaken > 0)
        world.loop.timers.clear()


def test_client_that_does_not_take_the_last_answer(world):
    """A closing connection does not wait for ever for its client to read."""
    connection = world.connect()
    connection.data_received(HEAD + b"connection: close\r\ncontent-length: 0\r\n\r\n")
    world.reply()
    assert (connection.transport.closing, connection.transport.aborted) == (True, False)
    world.loop.expire()
    assert connection.transport.aborted


@pytest.mark.parametrize(
    "piece", [b"a" * 1000, b"x: " + b"a" * 997 + b"\r\n", b"x:y\r\n" * 200], ids=["name", "values", "many"]
)
def test_endless_head(world, piece):
    """However a head goes on without end, it is cut off soon after the limit, and 431 says why."""
    connection = world.connect()
    connection.data_received(HEAD + b"x-last: " if piece[:1] == b"a" else HEAD)
    sent = 0
    while not connection.transport.closing:
        connection.data_received(piece)
        sent += len(piece)
        assert sent <= HEAD_LIMIT + len(piece)
    assert connection.transport.written.startswith(b"HTTP/1.1 431 ")
    assert world.waiting == []


def test_endless_request_line(world):
    """The same for the request line."""
    connection = world.connect()
    connection.data_received(b"GET /")
    for _ in range(HEAD_LIMIT // 1000 + 1):
        connection.data_received(b"a" * 1000)
    assert connection.transport.written.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "piece", [b"1;" + b"a" * 998, b"0\r\nx: " + b"a" * 994], ids=["extension", "trailer"]
)
def test_endless_chunk(world, piece):
    """Bytes that are neither head nor body are counted too: extensions of chunks, trailers."""
    connection = world.connect()
    connection.data_received(HEAD + b"transfer-encoding: chunked\r\n\r\n" + piece)
    sent = 0
    while not connection.transport.closing:
        connection.data_received(b"a" * 1000)
        sent += 1000
        assert sent < HEAD_LIMIT + 10_000
    assert connection.transport.written.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))


def test_body_in_the_smallest_chunks(world):
    """A body of the greatest length in chunks of one byte is not too heavy."""
    connection = world.connect()
    connection.data_received(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    for _ in range(1000):
        connection.data_received(b"1\r\na\r\n")
    connection.data_received(b"0\r\n\r\n")
    world.reply()
    assert b"200 OK" in connection.transport.written


def test_pieces_of_a_body_weigh_what_they_hold():
    """What a client sends in small chunks takes no more memory than what it sends at once."""
    connection = World(1 << 20).connect()
    connection.data_received(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    chunks = b"2\r\nab\r\n" * 10_000
    tracemalloc.start()
    try:
        for _ in range(20):
            connection.data_received(chunks)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * 400_000


def test_trailers_are_not_headers(world):
    """What comes after the body does not become a header."""
    connection = world.connect()
    connection.data_received(
        HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-forwarded-for: 10.0.0.1\r\n\r\n"
    )
    world.reply()
    assert [name for name, _ in world.answered[0].headers] == ["host", "transfer-encoding"]


@pytest.mark.parametrize(
    "request_line",
    [b"GET http://evil.example/ HTTP/1.1", b"GET http://localhost/ HTTP/1.1", b"OPTIONS * HTTP/1.1",
     b"CONNECT evil.example:443 HTTP/1.1", b"GET ?a HTTP/1.1", b"GET evil HTTP/1.1", b"GET  / HTTP/1.1 x",
     b"GET /\xc3\xa9 HTTP/1.1", b"GET /a b HTTP/1.1"],
)  # fmt: skip
def test_targets_that_are_no_paths(world, request_line):
    """We are no proxy and no tunnel: a request target is a path of ASCII, or the request is refused."""
    connection = world.connect()
    connection.data_received(request_line + b"\r\nhost: localhost\r\n\r\n")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")
    assert connection.transport.closing
    assert world.waiting == []


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 2\r\ncontent-length: 3\r\n",
        b"content-length: 2\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 2\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"transfer-encoding: chunked, chunked\r\n",
        b"content-length: 2, 2\r\n",
        b"content-length: -2\r\n",
        b"content-length: 99999999999999999999999\r\n",
        b"content-length : 2\r\n",
        b" folded: x\r\n",
        b"x: a\0b\r\n",
        b"x y: z\r\n",
    ],
)
def test_ambiguous_framing(world, headers):
    """Two readings of where a request ends are one too many."""
    connection = world.connect()
    connection.data_received(HEAD + headers + b"\r\nhi")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")
    assert connection.transport.closing


@pytest.mark.parametrize(
    "headers",
    [
        b"transfer-encoding: gzip, chunked\r\n",
        b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: x-chunked, chunked\r\n",
    ],
)
def test_bodies_that_are_coded_otherwise_too(world, headers):
    """They are refused before anything is read as a body, and nothing that follows is taken for a request."""
    connection = world.connect()
    connection.data_received(HEAD + headers + b"\r\n2\r\nhi\r\n0\r\n\r\n" + HEAD + b"\r\n")
    assert connection.transport.written.startswith(b"HTTP/1.1 501 ")
    assert connection.transport.written.count(b"HTTP/1.1 ") == 1
    assert connection.transport.closing
    assert world.waiting == []


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b" chunked "])
def test_chunked_in_any_case(world, value):
    """Names of codings have no case."""
    connection = world.connect()
    connection.data_received(HEAD + b"transfer-encoding:" + value + b"\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
    assert [bytes(request.body) for request in world.waiting] == [b"hi"]


def test_too_many_connections(world):
    """Beyond the limit connections are cut off at once, and there is room again when one has ended."""
    world.connection_class.maximum_connections = 3
    connections = [world.connect() for _ in range(4)]
    assert [c.transport.aborted for c in connections] == [False, False, False, True]
    for connection in connections[2:]:
        connection.connection_lost(None)
    assert not world.connect().transport.aborted


def test_lost_connection_leaves_no_timer(world):
    """Nothing is due for a connection that is gone."""
    connection = world.connect()
    connection.data_received(HEAD)
    connection.connection_lost(None)
    assert world.loop.due == []


def test_pipelined_requests(world):
    """Requests that came together are answered in order; an unfinished one is refused after them only."""
    connection = world.connect()
    connection.data_received(REQUEST + REQUEST + HEAD)
    world.reply()
    world.reply()
    assert connection.transport.written.count(b"200 OK") == 2
    assert [timer.seconds for timer in world.loop.due].count(REQUEST_SECONDS) == 1


def test_time_does_not_pass_while_nothing_is_read(world):
    """A request that has begun to come is not late as long as we do not read the rest of it."""
    connection = world.connect()
    connection.data_received(REQUEST + REQUEST + HEAD)
    world.loop.expire()
    assert not connection.transport.reading
    world.reply()
    world.reply()
    assert connection.transport.written.count(b"200 OK") == 2
    (deadline,) = [timer for timer in world.loop.due if timer.seconds == REQUEST_SECONDS]
    deadline.call()
    assert connection.transport.closing


def test_client_that_takes_nothing_has_no_more_time(world):
    """Nobody keeps a connection by requests whose answers they do not take."""
    connection = world.connect()
    connection.data_received(REQUEST)
    connection.pause_writing()
    world.reply()
    connection.data_received(REQUEST + HEAD)
    world.loop.expire()
    assert connection.transport.closing


def test_many_requests_in_each_piece(world):
    """What comes between the end of one and the beginning of another is the weight of neither."""
    connection = world.connect()
    many = REQUEST * (2 * HEAD_LIMIT // len(REQUEST))
    connection.data_received(REQUEST + HEAD)
    connection.data_received(many.removeprefix(HEAD) + HEAD)
    assert not connection.transport.closing


@pytest.mark.parametrize("method", [b"GET", b"PUT", b"PATCH", b"DELETE", b"HEAD"])
def test_methods_other_than_post(world, method):
    """Methods of services that are called by path keep the connection, and HEAD gets no body."""
    connection = world.connect()
    for _ in range(2):
        connection.data_received(method + b" /a%2Fb HTTP/1.1\r\nhost: localhost\r\n\r\n")
        world.reply()
    assert [http.method for http in world.answered] == [method.decode()] * 2
    assert connection.transport.written.count(b"200 OK") == 2
    assert connection.transport.written.count(b"\r\n\r\nok") == (0 if method == b"HEAD" else 2)
    assert not connection.transport.closing


def test_refusal_is_not_taken_for_an_answer(world):
    """While a request waits for its answer, a bad second one ends the connection without a word."""
    connection = world.connect()
    connection.data_received(REQUEST + HEAD)
    world.loop.expire()
    assert (connection.transport.written, connection.transport.closing) == (b"", True)


def test_refusal_is_not_taken_for_the_answer_of_one_that_waits(world):
    """Nor is it where nothing is answered just now, because the client takes nothing."""
    connection = world.connect()
    connection.data_received(REQUEST)
    connection.pause_writing()
    world.reply()
    written = connection.transport.written
    connection.data_received(REQUEST + b"OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert (connection.transport.written, connection.transport.closing) == (written, True)


def test_stop_while_idle(world):
    """A stop closes an idle connection, and soon cuts off a client that does not agree to it."""
    connection = world.connect()
    connection.data_received(REQUEST)
    world.reply()
    connection.shutdown()
    assert (connection.transport.closing, connection.transport.aborted) == (True, False)
    assert STOP_SECONDS in [timer.seconds for timer in world.loop.due]
    world.loop.timers = [timer for timer in world.loop.due if timer.seconds == STOP_SECONDS]
    world.loop.expire()
    assert connection.transport.aborted


def test_stop_while_answering(world):
    """A stop lets a request that is being answered have its answer, and then ends its connection."""
    connection = world.connect()
    connection.data_received(REQUEST)
    connection.shutdown()
    assert not connection.transport.closing
    world.reply()
    assert b"200 OK" in connection.transport.written
    assert connection.transport.closing
    assert [timer.seconds for timer in world.loop.due] == [STOP_SECONDS]


def retire(world, *connections):
    """What a server does that leaves its work to others."""
    world.connection_class.retiring = True
    for connection in connections:
        connection.retire()


def test_retire_while_idle(world):
    """An idle connection stays; its next answer ends it and says so."""
    fresh, used = world.connect(), world.connect()
    used.data_received(REQUEST)
    world.reply()
    retire(world, fresh, used)
    for connection in (fresh, used):
        assert not connection.transport.closing
        connection.data_received(REQUEST)
        world.reply()
        assert connection.transport.written.count(b"connection: close\r\n") == 1
        assert connection.transport.closing


@pytest.mark.parametrize("arrived", [5, len(HEAD), len(REQUEST) - 1, len(REQUEST)])
def test_retire_in_the_middle_of_a_request(world, arrived):
    """A request of which a part, or all, has come is answered, and its answer ends the connection."""
    connection = world.connect()
    connection.data_received(REQUEST[:arrived])
    retire(world, connection)
    if arrived < len(REQUEST):
        connection.data_received(REQUEST[arrived:])
    assert not connection.transport.closing
    world.reply()
    assert connection.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert connection.transport.written.count(b"connection: close\r\n") == 1
    assert connection.transport.closing


def test_retire_with_requests_in_a_row(world):
    """Of requests that came together each is answered, and only the last answer ends the connection."""
    connection = world.connect()
    connection.data_received(REQUEST + REQUEST)
    retire(world, connection)
    world.reply()
    assert not connection.transport.closing
    world.reply()
    first, second = connection.transport.written.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert (b"connection: close" in first, b"connection: close" in second) == (False, True)
    assert connection.transport.closing


def test_accepted_at_the_last_moment(world):
    """A connection that turns up after its server retired is served once."""
    retire(world)
    connection = world.connect()
    connection.data_received(REQUEST)
    world.reply()
    assert b"200 OK" in connection.transport.written
    assert connection.transport.closing


def test_request_that_is_refused_for_its_head(world):
    """It is told so before its body comes, which is not read, nor is anything after it."""
    world.refusal = AwsError("No", "no", 421)
    connection = world.connect()
    connection.data_received(REQUEST + REQUEST)
    assert connection.transport.written.startswith(b"HTTP/1.1 421 ")
    assert connection.transport.written.count(b"HTTP/1.1") == 1
    assert (connection.transport.closing, world.waiting) == (True, [])


def test_refusal_waits_for_its_turn(world):
    """Who sends two requests, the second of them wrong, has the answers in order."""
    connection = world.connect()
    connection.data_received(REQUEST)
    world.refusal = AwsError("No", "no", 421)
    connection.data_received(REQUEST)
    assert connection.transport.written == b""
    world.reply()
    assert connection.transport.written.index(b"200 OK") < connection.transport.written.index(b" 421 ")
    assert (connection.transport.closing, world.waiting) == (True, [])


@pytest.mark.parametrize(
    "framing", [b"content-length: 1001\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n3e9\r\n"]
)
def test_body_that_is_too_long(world, framing):
    """It is refused once it is longer than the limit, and the rest is not kept."""
    connection = world.connect()
    connection.data_received(HEAD + framing + b"a" * 1000)
    assert not connection.transport.closing
    connection.data_received(b"a")
    assert connection.transport.written.startswith(b"HTTP/1.1 413 ")
    assert (connection.transport.closing, world.waiting) == (True, [])


def test_client_that_asks_before_it_sends(world):
    """Who expects a word before the body is told to go on, when it is the request's turn."""
    connection, asking = world.connect(), HEAD + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    connection.data_received(REQUEST + asking)
    assert connection.transport.written == b""
    world.reply()
    assert connection.transport.written.endswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    connection.data_received(b"hi")
    world.reply()
    assert connection.transport.written.count(b"200 OK") == 2
    assert world.answered[1].body == b"hi"


def test_client_that_does_not_take_its_answers(world):
    """None of its further requests is begun until it does, and if it never does it is cut off."""
    connection = world.connect()
    connection.data_received(REQUEST * 3)
    connection.pause_writing()
    world.reply()
    assert (world.waiting, connection.transport.reading) == ([], False)
    connection.resume_writing()
    world.reply()
    assert connection.transport.reading
    connection.pause_writing()
    world.reply()
    connection.data_received(REQUEST)
    assert world.waiting == []
    connection.transport.untaken = 1
    world.loop.expire()
    assert connection.transport.aborted
    connection.resume_writing()
    assert world.waiting == []


def test_reading_stops_while_requests_wait(world):
    """No more is read than the row of those that came together."""
    connection = world.connect()
    connection.data_received(REQUEST)
    assert connection.transport.reading
    connection.data_received(REQUEST + REQUEST)
    assert not connection.transport.reading
    world.reply()
    assert not connection.transport.reading
    world.reply()
    assert connection.transport.reading


def test_answer_for_a_client_that_is_gone(world):
    """Nothing is written, and nothing breaks."""
    connection = world.connect()
    connection.data_received(REQUEST)
    connection.connection_lost(ConnectionResetError())
    world.reply()
    assert (connection.transport.written, world.loop.due) == (b"", [])


@pytest.mark.parametrize("headers", [{"x": "a\r\nset-cookie: b"}, {"x": "a\0"}, {"x y": "a"}, {"x\n": "a"}])
def test_header_that_would_be_two(world, headers, caplog):
    """No answer says more than it should: instead of it there is an error, and the end of the connection."""
    connection = world.connect()
    connection.data_received(REQUEST)
    world.reply(**headers)
    assert connection.transport.written.startswith(b"HTTP/1.1 500 ")
    assert b"cookie" not in connection.transport.written
    assert connection.transport.closing
    assert "an answer cannot be sent" in caplog.text


@pytest.mark.parametrize("status", [204, 304])
def test_body_where_there_can_be_none(world, status):
    """What the client would take for the next answer is not sent."""
    connection = world.connect()
    connection.data_received(REQUEST)
    world.waiting.pop().reply(HttpResponse(status=status, body=b"HTTP/1.1 200 OK\r\n\r\n"))
    assert connection.transport.written.startswith(b"HTTP/1.1 500 ")
    assert b"200 OK" not in connection.transport.written
    assert connection.transport.closing

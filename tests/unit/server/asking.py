"""Asks an application over a connection, as uvicorn's server would have it."""

import asyncio
from pathlib import Path

import orjson
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from uvicorn.server import ServerState

from masugata.server.application import Application
from masugata.server.connection import connection_class
from masugata.settings import Settings
from support import House

HOST = (b"host", b"localhost:4566")


class Wire(asyncio.Transport):
    """Keeps what is written; `over` is set when there is an answer, or the end."""

    def __init__(self, client):
        super().__init__({"peername": client, "sockname": ("127.0.0.1", 2)})
        self.written, self.closing, self.over = b"", False, asyncio.Event()

    def write(self, data):
        self.written += data
        self.over.set()

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True
        self.over.set()

    def get_write_buffer_size(self):
        return 0


class Answer:
    """What was sent back."""

    def __init__(self, written):
        head, _, self.body = written.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split()[1])
        self.headers = [tuple(line.split(": ", 1)) for line in lines]
        lengths = [value for name, value in self.headers if name == "content-length"]
        assert len(lengths) == (self.status != 204)
        assert not self.body or lengths == [str(len(self.body))]

    @property
    def closes(self):
        """Whether the connection ends with this answer."""
        return ("connection", "close") in self.headers

    @property
    def json(self):
        return orjson.loads(self.body)


class Asker:
    """An application around an ephemeral installation."""

    def __init__(self, folder: Path, **settings):
        self.house = House(folder)
        self.dispatched = []
        self.sent = 0
        self._dispatch = self.house.gateway.dispatch
        self.house.gateway.dispatch = self._note
        self.application = Application(self.house.gateway, Settings(data=folder, ephemeral=True, **settings))

    def _note(self, http, **options):
        self.dispatched.append(http)
        return self._dispatch(http, **options)

    def exchange(self, *pieces, client=("127.0.0.1", 50_000), leaves=False):
        """Send these pieces over a new connection, which the client may leave then; what is answered."""
        config = uvicorn.Config(None, log_config=None)
        self.sent = 0

        async def run():
            self.application._in_loop = None
            wire = Wire(client)
            of_application = connection_class(self.application, self.application._maximum_body)
            connection = of_application(config, ServerState(), {})
            connection.connection_made(wire)
            for piece in pieces:
                if wire.closing:
                    break
                connection.data_received(piece)
                self.sent += 1
            if leaves:
                await asyncio.sleep(0)
            else:
                await wire.over.wait()
            connection.connection_lost(None)
            return wire.written

        return asyncio.run(run())

    def head(self, headers=(HOST,), *, method="POST", target=b"/", version=b"1.1"):
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"%b %b HTTP/%b\r\n%b" % (method.encode(), target, version, lines)

    def ask(self, headers=(HOST,), body=None, *, client=("127.0.0.1", 50_000), **more):
        """The answer to a request whose body, if it has one, comes in one piece after its head."""
        length = b"" if body is None else b"content-length: %d\r\n" % len(body)
        written = self.exchange(self.head(headers, **more) + length + b"\r\n", body or b"", client=client)
        return Answer(written)

    def signed(self, body=b"", *, path="/", service="sts", key=None, headers=()):
        """The answer to a signed POST."""
        request = AWSRequest("POST", f"http://localhost:4566{path}", data=body)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        SigV4Auth(Credentials(*(key or self.house.admin)), service, "us-east-1").add_auth(request)
        given = [HOST, *headers, *((n.lower().encode(), v.encode()) for n, v in request.headers.items())]
        return self.ask(given, body, target=path.encode())

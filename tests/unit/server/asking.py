"""Asks the ASGI callable as a server would."""

import asyncio
from pathlib import Path

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from masugata.server.asgi import Application
from masugata.settings import Settings
from support import House

HOST = (b"host", b"localhost:4566")


class Answer:
    """What was sent back."""

    def __init__(self, messages):
        start, body = messages
        assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
        self.status = start["status"]
        self.headers = [(n.decode(), v.decode()) for n, v in start["headers"]]
        self.body = body["body"]
        lengths = [value for name, value in self.headers if name == "content-length"]
        assert lengths == ([] if self.status == 204 else [str(len(self.body))])

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
        self.received = 0
        self._dispatch = self.house.gateway.dispatch
        self.house.gateway.dispatch = self._note
        self.application = Application(self.house.gateway, Settings(data=folder, ephemeral=True, **settings))

    def _note(self, http, **options):
        self.dispatched.append(http)
        return self._dispatch(http, **options)

    def scope(self, headers=(HOST,), **more):
        return {
            "type": "http",
            "method": "POST",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "scheme": "http",
            "headers": list(headers),
            "client": ("127.0.0.1", 50_000),
        } | more

    def exchange(self, scope, *messages):
        """Call the application; gives what it sent, which is nothing if the client was gone."""
        waiting, sent = list(messages), []

        async def receive():
            self.received += 1
            return waiting.pop(0)

        async def send(message):
            sent.append(message)

        asyncio.run(self.application(scope, receive, send))
        return sent

    def ask(self, headers=(HOST,), body=b"", **more):
        """The answer to a request whose body comes in one piece."""
        scope = self.scope(headers, **more)
        return Answer(self.exchange(scope, {"type": "http.request", "body": body, "more_body": False}))

    def signed(self, body=b"", *, path="/", service="sts", key=None, headers=()):
        """The answer to a signed POST."""
        request = AWSRequest("POST", f"http://localhost:4566{path}", data=body)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        SigV4Auth(Credentials(*(key or self.house.admin)), service, "us-east-1").add_auth(request)
        given = [HOST, *headers, *((n.lower().encode(), v.encode()) for n, v in request.headers.items())]
        return self.ask(given, body, raw_path=path.encode(), path=path)

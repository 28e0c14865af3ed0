"""boto3 clients that talk to a gateway in this process, without a socket."""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.awsrequest
import botocore.config

from masugata.gateway import Gateway
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.iam import ACCESS_KEY
from masugata.scheduler import DueRunner
from masugata.server import Credentials, bootstrap, read_credentials, sealed_key
from masugata.settings import Settings
from masugata.store import open_store
from masugata.wire import HttpRequest, HttpResponse

ACCOUNT = "111122223333"


class Clock:
    """The time, until a test moves it."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


class House:
    """An ephemeral installation in this process."""

    def __init__(self, folder: Path, **parts: Any) -> None:
        self.settings = Settings(data=folder, ephemeral=True)
        self.clock = Clock()
        self.store = open_store(None, ALL_KINDS)
        self.keeper = open_keeper("ephemeral:", create=True)
        bootstrap(self.store, self.keeper, self.settings, self.clock(), os.urandom)
        # Clients sign with the real time, so a moved clock must not count as theirs being wrong.
        self.gateway = Gateway(
            self.store, self.keeper, clock=self.clock, random=os.urandom, skew_seconds=10**9, **parts
        )
        self.admin = read_credentials(folder / "credentials", "admin")

    def move_on(self) -> None:
        """Do what is due, as the scheduler does."""
        DueRunner(self.store, os.urandom, self.gateway.limits, keeper=self.keeper).run(self.clock())

    def client(self, service: str, key: Any = None, *, region: str = "us-east-1", token: Any = None) -> Any:
        """A client; by default the administrator's."""
        key = key or self.admin
        client = boto3.client(
            service,
            endpoint_url="http://localhost:4566",
            region_name=region,
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            aws_session_token=token,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )
        client.meta.events.register("before-send", self._send)
        return client

    def root(self, service: str) -> Any:
        """A client of the root user."""
        return self.client(service, self.root_key())

    def root_key(self) -> Credentials:
        """A key of the root user, which no operation makes and the store holds at once."""
        key = Credentials("AKIAROOTROOTROOTROOT", "r" * 40)
        record = sealed_key(self.keeper, key, ACCOUNT, self.clock().replace(microsecond=0))
        self.store.submit(lambda transaction: transaction.put(ACCESS_KEY, ACCOUNT, record)).result()
        return key

    def client_key(self, user: str) -> Credentials:
        """A new access key of a user."""
        key = self.client("iam").create_access_key(UserName=user)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def send(self, request: HttpRequest) -> HttpResponse:
        """Dispatch one request and wait for its answer."""
        return self.gateway.dispatch(request).result(timeout=30)

    def _send(self, request: Any, **_: Any) -> botocore.awsrequest.AWSResponse:
        parts = urlsplit(request.url)
        response = self.send(
            HttpRequest(
                method=request.method,
                path=parts.path or "/",
                query=parts.query,
                headers=tuple(headers(request.headers, parts.netloc)),
                body=request.body if isinstance(request.body, bytes) else (request.body or "").encode(),
            )
        )
        return botocore.awsrequest.AWSResponse(
            request.url, response.status, dict(response.headers), _Raw(response.body)
        )


def headers(given: Mapping[str, Any], host: str) -> Iterable[tuple[str, str]]:
    """Headers as a server would hand them in: lower-case names, text values, and the host."""
    yield ("host", host)
    for name, value in given.items():
        if name.lower() != "host":
            yield (name.lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value))


class _Raw:
    """What botocore reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterable[bytes]:
        yield self._body

    def read(self) -> bytes:
        return self._body

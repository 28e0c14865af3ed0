"""Asking a server to sign somebody in."""

import http.client
import ssl
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

from masugata import __version__
from masugata.cli.env import Endpoint
from masugata.errors import MasugataError

_PATIENCE = 30.0  # seconds
_ANSWER_LIMIT = 65_536


class _Session(msgspec.Struct, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: str


class _SignedIn(msgspec.Struct, rename="pascal"):
    credentials: _Session
    arn: str


class _Refusal(msgspec.Struct):
    code: str
    message: str


class SignInRefusedError(MasugataError):
    """The server refused; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class SignInServer:
    """The sign-in door of one server. A password goes to another machine only by TLS."""

    def __init__(self, endpoint: Endpoint) -> None:
        parts = urlsplit(endpoint.url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme not in ("http", "https") or not host:
            raise MasugataError(f"`{endpoint.url}` is not the URL of a server, such as https://host:4566")
        if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
            raise MasugataError(f"`{endpoint.url}` would carry the password unencrypted: use https")
        self._url, self._host, self._port = endpoint.url, host, port
        self._context = _context(endpoint) if parts.scheme == "https" else None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer; raises `SignInRefusedError`, and `MasugataError` where nothing sensible answers."""
        connection = self._connection()
        headers = {"Content-Type": "application/json", "User-Agent": f"masugata/{__version__}"}
        try:
            connection.request("POST", "/_masugata/sign-in", orjson.dumps(request), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = orjson.loads(response.read(_ANSWER_LIMIT))
            signed_in = response.status == http.HTTPStatus.OK
            msgspec.convert(answer, _SignedIn if signed_in else _Refusal)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise MasugataError(f"no masugata answers at {self._url}: {error}") from error
        finally:
            connection.close()
        if signed_in:
            return answer
        raise SignInRefusedError(answer["code"], answer["message"])

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE)
        return http.client.HTTPSConnection(self._host, self._port, timeout=_PATIENCE, context=self._context)


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.authority)
    except OSError as error:
        raise MasugataError(f"cannot use the authority `{endpoint.authority}`: {error}") from error

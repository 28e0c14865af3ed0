"""Requests over HTTP, on one connection that is kept."""

import http.client
import ssl
from urllib.parse import urlsplit

from masugata import __version__
from masugata.errors import MasugataError
from masugata.wire import HttpRequest, HttpResponse

_PATIENCE = 60.0  # seconds
_ANSWER_LIMIT = 64 * 1024 * 1024  # an account's GetAccountAuthorizationDetails comes in pages
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class HttpTransport:
    """One server, at a URL. What it makes or takes may be secret: beyond this machine it has to speak TLS.

    `authority` is a file of certificates to trust instead of the system's.
    """

    def __init__(self, url: str, authority: str | None = None) -> None:
        parts = urlsplit(url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if "@" in parts.netloc:  # and not told: there may be a password in it
            raise MasugataError("the URL of a server has no user name and no password: requests are signed")
        if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/"):
            raise MasugataError(f"`{url}` is not the URL of a server, such as https://host:4566")
        if parts.scheme == "http" and host not in _LOOPBACK:
            raise MasugataError(f"`{url}` would be sent secrets unencrypted: use https")
        self.host = parts.netloc
        self._url = url
        if parts.scheme == "https":
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=_PATIENCE, context=_context(authority)
            )
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; raises `MasugataError` where nothing answers. A lost connection is not tried again.

        Whether a call whose answer was lost was done is not known, and who asks for the state sees it.
        """
        headers = {**dict(request.headers), "user-agent": f"masugata/{__version__}"}
        try:
            self._connection.request(request.method, request.path, request.body, headers)
            response = self._connection.getresponse()
            body = response.read(_ANSWER_LIMIT + 1)
        except (OSError, http.client.HTTPException, UnicodeError) as error:  # a host no name server can have
            self._connection.close()
            raise MasugataError(
                f"no answer from {self._url}: {str(error) or type(error).__name__}"
            ) from error
        if len(body) > _ANSWER_LIMIT:
            self._connection.close()
            raise MasugataError(f"an answer from {self._url} is larger than {_ANSWER_LIMIT >> 20} MiB")
        return HttpResponse(status=response.status, headers=tuple(response.getheaders()), body=body)

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


def _context(authority: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise MasugataError(f"cannot use the authority `{authority}`: {error}") from error

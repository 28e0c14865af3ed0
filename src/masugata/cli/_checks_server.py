"""Checks of the running server: whether it answers, and whether the clocks agree."""

import http.client
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from masugata.cli._checks import Check, fine, unknown, warning, wrong
from masugata.server import utc_now
from masugata.settings import Settings

_PATIENCE = 3.0  # seconds
_LARGEST_ANSWER = 65_536  # bytes
_NOTICEABLE = timedelta(seconds=5)


class Endpoint(msgspec.Struct, frozen=True):
    """What `masugata up` leaves in `endpoint.json`."""

    url: str
    account: str
    authority: str | None = None


def server_checks(settings: Settings) -> tuple[Endpoint | None, list[Check]]:
    """The endpoint that was last started here, if any, and how it does."""
    path = settings.data / "endpoint.json"
    try:
        endpoint = msgspec.json.decode(path.read_bytes(), type=Endpoint)
        if urlsplit(endpoint.url).scheme not in ("http", "https") or not urlsplit(endpoint.url).hostname:
            raise ValueError(f"`{endpoint.url}` is not an endpoint")  # noqa: TRY301
        urlsplit(endpoint.url).port  # noqa: B018  # raises where it is none
    except FileNotFoundError:
        return None, [warning("server", "none was started with this data directory", "run `masugata up`")]
    except (OSError, ValueError, msgspec.DecodeError) as error:
        return None, [unknown("server", f"cannot read `{path}`: {error}", "start the server again")]
    return endpoint, _ask(endpoint, settings)


def _ask(endpoint: Endpoint, settings: Settings) -> list[Check]:
    try:
        status, date, body = _get(endpoint, "/_masugata/health/ready")
    except ssl.SSLCertVerificationError as error:
        text = f"{endpoint.url} shows a certificate that we do not trust: {error.verify_message}"
        return [wrong("server", text, "see what listens there, and start the server again")]
    except (OSError, http.client.HTTPException) as error:
        text = f"nothing answers at {endpoint.url}: {str(error) or type(error).__name__}"
        return [wrong("server", text, f"start it: masugata up --data {settings.data}")]
    if status == 503 and b'"sealed"' in body:
        text = f"{endpoint.url} is sealed: it answers no call before its root keys are opened"
        return [wrong("server", text, f"open them: masugata keys unseal --data {settings.data}")]
    if status != 200:
        text = f"{endpoint.url} answers {status}: {body[:200].decode(errors='replace')}"
        return [wrong("server", text, "see the server's log")]
    return [fine("server", f"ready at {endpoint.url}"), _clock(date, utc_now(), settings.clock_skew_seconds)]


def _get(endpoint: Endpoint, path: str) -> tuple[int, str | None, bytes]:
    """Status, `Date` and body; straight to the address, past any proxy of this shell."""
    parts = urlsplit(endpoint.url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=endpoint.authority)
        connection = http.client.HTTPSConnection(host, parts.port, timeout=_PATIENCE, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheader("date"), response.read(_LARGEST_ANSWER)
    finally:
        connection.close()


def _clock(date: str | None, now: datetime, skew_seconds: int) -> Check:
    """AWS refuses signatures whose time is too far from its own, and so does the server."""
    try:
        apart = abs(parsedate_to_datetime(date or "") - now)
    except (TypeError, ValueError):
        return unknown("clock", "the server does not say its time", "see what listens at this address")
    text = f"{apart.total_seconds():.0f} seconds from the server's"
    if apart > timedelta(seconds=skew_seconds):
        return wrong("clock", text, f"set the clock: signatures may be {skew_seconds} seconds off")
    if apart > _NOTICEABLE:
        return warning("clock", text, "set the clock, e.g. with NTP")
    return fine("clock", text)

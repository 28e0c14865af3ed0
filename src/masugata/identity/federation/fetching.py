"""Documents of identity providers, fetched over TLS from where they may be fetched, and nowhere else.

Who may name an issuer makes this process connect to it. So an address is looked up once, judged, and
then connected to itself (another answer to a second look-up changes nothing); addresses that are not
public are refused unless the operator named the host; redirects are not followed; time and size have
an end, however slowly the other side sends.
"""

import contextlib
import hashlib
import http.client
import socket
import ssl
import threading
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from masugata.identity.federation._fetch_errors import FetchError, UntrustedCertificateError

LARGEST_DOCUMENT = 262_144
SECONDS = 5.0
"""For one document, from connecting to its last byte."""

# These wrap IPv4 addresses, private ones too, and no issuer needs them.
_WRAPPERS = tuple(
    map(
        ip_network,
        ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
    )
)
_HTTPS = 443
_Address = tuple[str, int]


def fetch(url: str, thumbprints: Collection[str], private_hosts: Collection[str]) -> bytes:
    """The document at `url`; raises `FetchError`.

    A certificate must lead to an authority that this machine trusts, or to a certificate of the chain
    whose SHA-1 is among `thumbprints`. `private_hosts` (`host` or `host:port`) may be at any address.
    """
    parts, port = _checked(url)
    host = parts.hostname or ""
    private = host in private_hosts or f"{host}:{port}" in private_hosts
    address = _resolved(host, port, private=private)
    try:
        return _get(parts, address, ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        anchors = [] if not thumbprints else _anchors(host, address, thumbprints)
        if not anchors:
            raise UntrustedCertificateError(f"`{host}`: {error.verify_message}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(f"`{host}` does not answer: {error!r}", unreachable=True) from error
    try:
        return _get(parts, address, _trusting(anchors))
    except ssl.SSLCertVerificationError as error:
        raise UntrustedCertificateError(f"`{host}`: {error.verify_message}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(f"`{host}` does not answer: {error!r}", unreachable=True) from error


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open Internet, and no other in disguise."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return False
        if address.is_site_local or any(address in network for network in _WRAPPERS):
            return False
    return address.is_global and not address.is_multicast


def _checked(url: str) -> tuple[SplitResult, int]:
    """The parts of an `https` URL, and its port."""
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS
    except ValueError as error:
        raise FetchError(f"{url[:255]!r} is not a URL") from error
    odd = parts.username is not None or parts.password is not None or parts.fragment
    if parts.scheme != "https" or not parts.hostname or odd or not url.isascii() or not url.isprintable():
        raise FetchError(f"{url[:255]!r} is not a plain https URL")
    if " " in url or "\\" in url:
        raise FetchError(f"{url[:255]!r} is not a plain https URL")
    return parts, port


def _resolved(host: str, port: int, *, private: bool) -> _Address:
    """The socket address to connect to; all that the name has must be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"`{host}` cannot be resolved: {error}", unreachable=True) from error
    for *_, address in found:
        if not private and not is_public(ip_address(str(address[0]).partition("%")[0])):
            raise FetchError(
                f"`{host}` is at the address {address[0]}, which is not public: "
                "name the host in the setting private_issuers to allow that"
            )
    if not found:
        raise FetchError(f"`{host}` has no address", unreachable=True)
    return str(found[0][4][0]), port


def _get(parts: SplitResult, address: _Address, context: ssl.SSLContext) -> bytes:
    with _connected(parts.hostname or "", address, context) as connection:
        client = http.client.HTTPConnection(parts.netloc)  # over the connection that is made already
        client.sock = connection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        client.request("GET", target, headers={"Accept": "application/json", "Connection": "close"})
        with client.getresponse() as response:
            if response.status != http.HTTPStatus.OK:
                raise FetchError(
                    f"`{parts.netloc}{parts.path}` answers {response.status}",
                    unreachable=response.status >= 500,
                )
            document = response.read(LARGEST_DOCUMENT + 1)
    if len(document) > LARGEST_DOCUMENT:
        raise FetchError(f"`{parts.netloc}{parts.path}` has more than {LARGEST_DOCUMENT} bytes")
    return document


@contextlib.contextmanager
def _connected(host: str, address: _Address, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A TLS connection that is cut off after `SECONDS`, in whatever it is held up then."""
    with socket.create_connection(address, timeout=SECONDS) as plain:
        other = plain.dup()  # TLS takes the first one over
        end = threading.Timer(SECONDS, _cut_off, (other,))
        end.daemon = True
        end.start()
        try:
            # an end that the other side did not announce is no end of a document
            with context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False) as secured:
                yield secured
        finally:
            end.cancel()
            other.close()


def _cut_off(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _anchors(host: str, address: _Address, thumbprints: Collection[str]) -> list[bytes]:
    """The certificates (DER) that the server shows and that a thumbprint names; nothing is sent to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with _connected(host, address, context) as connection:
            chain = _shown_chain(connection)
    except OSError as error:
        raise FetchError(f"`{host}` does not answer: {error!r}", unreachable=True) from error
    return [item for item in chain if hashlib.sha1(item, usedforsecurity=False).hexdigest() in thumbprints]


def _shown_chain(connection: ssl.SSLSocket) -> list[bytes]:
    """The chain as the server sent it; public since Python 3.13, and there before."""
    public = getattr(connection, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    inner = connection._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(item.public_bytes()) for item in inner.get_unverified_chain()]


def _trusting(anchors: list[bytes]) -> ssl.SSLContext:
    """Trust these certificates alone, also where they are no roots; name and dates are checked as ever."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(anchors))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context

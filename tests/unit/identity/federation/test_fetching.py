"""Where issuers' documents may come from, and how often they are asked for."""

import contextlib
import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from federation.issuer import AUDIENCE, Issuer
from masugata.errors import AwsError
from masugata.identity.federation import fetching
from masugata.identity.federation.fetching import (
    LARGEST_DOCUMENT,
    FetchError,
    UntrustedCertificateError,
    fetch,
    is_public,
)
from masugata.identity.federation.key_cache import FRESH_SECONDS, RETRY_SECONDS, KeyCache
from masugata.records.iam import OidcProvider

START = datetime(2026, 11, 23, tzinfo=UTC)
NO_KEY = "Couldn't retrieve verification key from your identity provider"


def keys(issuer: Issuer) -> str:
    """The address of the issuer's key set."""
    return f"{issuer.url}/keys"


def provider(issuer: Issuer, **changed: Any) -> OidcProvider:
    """The issuer as an account knows it."""
    given = {"url": issuer.url.removeprefix("https://"), "thumbprints": (issuer.thumbprint,), **changed}
    return OidcProvider(client_ids=(AUDIENCE,), create_date=START, **given)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104  nothing is bound
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
        "fd00:ec2::254", "::127.0.0.1", "::ffff:0:127.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    """Neither this machine, its network and its cloud's metadata, nor what wraps them."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "140.82.112.3", "2606:4700::1111"])
def test_addresses_that_are_public(address: str) -> None:
    """What can be an issuer's."""
    assert is_public(ip_address(address))


def test_private_address_is_refused_and_named(issuer: Issuer) -> None:
    """Nobody is connected to whom the operator did not name; the error says where it can be allowed."""
    with pytest.raises(FetchError, match="private_issuers"):
        fetch(keys(issuer), [issuer.thumbprint], [])
    with pytest.raises(FetchError, match="private_issuers"):
        fetch(keys(issuer), [issuer.thumbprint], ["localhost:1"])
    assert issuer.asked == []


def test_name_with_one_private_address_is_refused(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a public and a private address is not taken by its better half."""

    def addresses(_host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("8.8.8.8", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    with pytest.raises(FetchError, match=r"127\.0\.0\.1, which is not public"):
        fetch(keys(issuer), [issuer.thumbprint], [])


def test_address_is_looked_up_once(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is what is connected to: a second answer (DNS rebinding) is never asked for."""
    asked, real = [], socket.getaddrinfo

    def once(host: Any, *arguments: Any, **named: Any) -> Any:
        if host == "localhost":
            asked.append(host)
            host = "127.0.0.1"
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    fetch(keys(issuer), [issuer.thumbprint], [issuer.host])
    assert asked == ["localhost"]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/", "file:///etc/passwd", "https://", "https://user@localhost/", "https://localhost/#x",
        "https://localhost:x/", "https://local host/", "https://localhost\\@evil/", "https://ünicode.example/",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_url(url: str) -> None:
    """Only https, without anything that two readers could understand in two ways."""
    with pytest.raises(FetchError):
        fetch(url, [], ["localhost"])


def test_certificate_needs_an_authority_or_a_thumbprint(issuer: Issuer) -> None:
    """An unknown authority counts only if its thumbprint was given, and then for the right name only."""
    allowed = [issuer.host]
    with pytest.raises(UntrustedCertificateError):
        fetch(keys(issuer), [], allowed)
    with pytest.raises(UntrustedCertificateError):
        fetch(keys(issuer), ["0" * 40], allowed)
    assert issuer.asked == []
    assert fetch(keys(issuer), [issuer.thumbprint], allowed).startswith(b'{"keys"')


def test_thumbprint_does_not_excuse_a_wrong_name(tmp_path: Path) -> None:
    """A certificate of a trusted authority for another name is refused."""
    wrong = pytest.raises(UntrustedCertificateError, match="localhost")
    with Issuer(tmp_path / "other", name="other.example") as other, wrong:
        fetch(keys(other), [other.thumbprint], [other.host])


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "https://localhost/elsewhere")
    handler.end_headers()


def too_much(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b" " * (LARGEST_DOCUMENT + 1))


def broken(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-nothing\r\n\r\n")


@pytest.mark.parametrize("answer", [redirect, too_much, broken])
def test_answers_that_are_refused(issuer: Issuer, answer: Any) -> None:
    """A redirect leads nowhere; a document has an end; what is no HTTP is an error like any other."""
    issuer.answers["/realm/keys"] = answer
    with pytest.raises(FetchError):
        fetch(keys(issuer), [issuer.thumbprint], [issuer.host])
    assert issuer.asked == ["/realm/keys"]


def test_slow_answer_is_cut_off(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An issuer that keeps sending, ever so slowly, is cut off when the time is over."""
    monkeypatch.setattr(fetching, "SECONDS", 0.2)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.connection.settimeout(0.02)
        with contextlib.suppress(OSError):  # until the other side has had enough
            while True:
                handler.wfile.write(b" ")
                with contextlib.suppress(TimeoutError):
                    if not handler.connection.recv(1):
                        break

    issuer.answers["/realm/keys"] = drip
    with pytest.raises(FetchError, match="does not answer"):
        fetch(keys(issuer), [issuer.thumbprint], [issuer.host])


def test_strangers_cannot_make_us_fetch(issuer: Issuer) -> None:
    """Ten thousand unknown key ids are one more look at the key set, and none until its time has come."""
    cache = KeyCache([issuer.host])
    cache.keys(provider(issuer), "first", 0)
    for number in range(10_000):
        with pytest.raises(AwsError, match=NO_KEY):
            cache.keys(provider(issuer), f"unknown-{number}", RETRY_SECONDS - 1)
    assert len(issuer.asked) == 2
    with pytest.raises(AwsError, match=NO_KEY):
        cache.keys(provider(issuer), "unknown", RETRY_SECONDS)
    assert len(issuer.asked) == 4


def test_strangers_cannot_make_us_forget(issuer: Issuer) -> None:
    """A look for an unknown key id that fails takes nothing from the keys that still count."""
    cache = KeyCache([issuer.host])
    cache.keys(provider(issuer), "first", 0)
    issuer.documents["/realm/keys"] = None
    with pytest.raises(AwsError, match=NO_KEY):
        cache.keys(provider(issuer), "unknown", RETRY_SECONDS)
    assert cache.keys(provider(issuer), "first", RETRY_SECONDS + 1)
    assert len(issuer.asked) == 4
    with pytest.raises(AwsError, match=NO_KEY):
        cache.keys(provider(issuer), "first", FRESH_SECONDS)


def test_keys_are_fetched_again(issuer: Issuer) -> None:
    """A new key is found after half a minute; a withdrawn one counts for an hour at most."""
    cache, kept = KeyCache([issuer.host]), dict(issuer.documents)
    cache.keys(provider(issuer), "first", 0)
    issuer.documents["/realm/keys"] = {"keys": [issuer.public(issuer.elliptic)]}
    assert cache.keys(provider(issuer), "first", FRESH_SECONDS - 1)
    with pytest.raises(AwsError, match=NO_KEY):
        cache.keys(provider(issuer), "first", FRESH_SECONDS)
    issuer.documents.update(kept)
    assert cache.keys(provider(issuer), "first", FRESH_SECONDS + RETRY_SECONDS)


def test_failure_is_kept_for_a_while(issuer: Issuer) -> None:
    """An issuer that fails is not asked for each token; it is said to be out of reach only if it is."""
    cache = KeyCache([issuer.host])
    issuer.documents["/realm/keys"] = None
    for _ in range(3):
        with pytest.raises(AwsError, match=NO_KEY):
            cache.keys(provider(issuer), "first", 0)
    assert len(issuer.asked) == 2
    gone = KeyCache(["localhost:1"])
    with pytest.raises(AwsError) as caught:
        gone.keys(provider(issuer, url="localhost:1"), "first", 0)
    assert caught.value.code == "IDPCommunicationError"


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (".well-known/openid-configuration", b"<html>"),
        (
            ".well-known/openid-configuration",
            {"issuer": "https://evil.example", "jwks_uri": "https://localhost/"},
        ),
        (".well-known/openid-configuration", {}),
        ("keys", {"keys": "none"}),
        ("keys", b'{"keys": [], "keys": []}'),
        ("keys", {"keys": [{"kty": "RSA", "kid": str(n)} for n in range(101)]}),
        ("keys", {"keys": [{"kty": "RSA", "kid": "first", "alg": ["RS256"]}]}),
        ("keys", {"keys": [{"kty": "RSA", "kid": "first", "alg": {}}]}),
    ],
)
def test_documents_that_are_refused(issuer: Issuer, path: str, document: Any) -> None:
    """A configuration of another issuer, and what is no key set, give no keys."""
    issuer.documents[f"/realm/{path}"] = document
    with pytest.raises(AwsError, match=NO_KEY):
        KeyCache([issuer.host]).keys(provider(issuer), "first", 0)


def test_thumbprints_of_one_account_do_not_count_for_another(issuer: Issuer) -> None:
    """Keys that one provider may have are fetched anew for one that trusts other certificates."""
    cache = KeyCache([issuer.host])
    cache.keys(provider(issuer), "first", 0)
    with pytest.raises(AwsError, match="HTTPS certificate doesn't match configured thumbprint"):
        cache.keys(provider(issuer, thumbprints=()), "first", 0)

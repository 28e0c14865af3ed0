"""nginx and Caddy from Debian, configured as in the examples, in front of an application."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asking_proxies import ATTACK, Decider, Proxy, caddy, nginx
from edge_processes import upstream

FORGED = (
    "X-Original-URI: /harmless", "X-Original-Method: GET", "X-Original-Host: else.example",
    "X-Original-Scheme: https", "X-Real-IP: 6.6.6.6", "X-Forwarded-Uri: /harmless",
    "X-Forwarded-Method: GET", "X-Forwarded-Proto: https", "X-Forwarded-Host: else.example",
)  # fmt: skip

PLACEHOLDER = "{http.reverse_proxy.header.X-Amzn-Waf-Search}"


@pytest.fixture(scope="module")
def decider() -> Iterator[Decider]:
    """An edge that is asked."""
    with Decider() as running:
        yield running


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, decider: Decider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Each of the proxies that ask it."""
    name = request.param.__name__
    if shutil.which(name) is None:
        pytest.skip(f"NO {name.upper()}: apt-get install {name}")
    with (
        upstream() as application,
        request.param(tmp_path_factory.mktemp(name), decider.port, application) as one,
    ):
        yield one


def test_harmless(proxy: Proxy) -> None:
    """A harmless request reaches the application with its body."""
    with proxy.connect() as client:
        client.send(b"POST /buy?n=2 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\n\r\nhello")
        assert client.response()[::2] == (200, b"ok")
    request = proxy.upstream.requests[-1]
    assert (request.method, request.target, request.body) == ("POST", "/buy?n=2", b"hello")
    assert request.header("host") == ["shop.example"]


def test_blocked(proxy: Proxy) -> None:
    """An attack is answered with the web ACL's own body, and the application does not hear of it."""
    before = len(proxy.upstream.requests)
    status, headers, body = proxy.ask(ATTACK)
    assert (status, body) == (403, b'{"error": "blocked by the web ACL"}')
    assert dict(headers)["content-type"] == "application/json"
    assert proxy.ask(ATTACK, method="HEAD")[0] == 403
    assert len(proxy.upstream.requests) == before


def test_other_status(proxy: Proxy) -> None:
    """An answer that is no 403 comes with its status and headers, to a POST too."""
    status, headers, _ = proxy.ask("/old")
    assert (status, dict(headers)["location"].removeprefix(f"http://127.0.0.1:{proxy.port}")) == (302, "/new")
    assert proxy.ask("/old", "Content-Length: 0", method="POST")[0] == 302


def test_forged(proxy: Proxy) -> None:
    """What a client writes into the headers of questions does not count."""
    before = len(proxy.upstream.requests)
    for header in FORGED:
        assert proxy.ask(ATTACK, header)[0] == 403
    assert proxy.ask(ATTACK, *FORGED)[0] == 403
    assert proxy.ask(ATTACK, *(header.replace("-", "_") for header in FORGED))[0] == 403
    assert len(proxy.upstream.requests) == before


def test_inserted(proxy: Proxy) -> None:
    """Headers that the web ACL inserts reach the application, and none that a client calls the same."""
    assert proxy.ask("/search?q=tea", "X-Amzn-Waf-Search: forged")[0] == 200
    assert proxy.upstream.requests[-1].header("x-amzn-waf-search") == ["yes"]
    assert proxy.ask("/tea", "X-Amzn-Waf-Search: forged", "X_Amzn_Waf_Search: forged")[0] == 200
    # Caddy 2.6 passes on its placeholder where there is nothing to insert.
    assert proxy.upstream.requests[-1].header("x-amzn-waf-search") in ([], [PLACEHOLDER])


def test_what_is_for_the_edge(proxy: Proxy) -> None:
    """What solves challenges is passed on to the edge with its body, and never to the application."""
    before = len(proxy.upstream.requests)
    with proxy.connect() as client:
        for body in (b"note=1' OR 1=1 -- ", b"puzzle=1"):
            client.send(
                b"POST /.masugata-waf/challenge HTTP/1.1\r\nHost: shop.example\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            status, _, answer = client.response()
            assert status == 403
            assert b"The check did not succeed" in answer
    assert len(proxy.upstream.requests) == before


def test_own_answers(proxy: Proxy) -> None:
    """An application's own 403 stays its own."""
    proxy.upstream.answers["/private"] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nown"
    assert proxy.ask("/private")[::2] == (403, b"own")


def test_kept_alive(proxy: Proxy) -> None:
    """Connections go on after an attack, and after a harmless request."""
    with proxy.connect() as client:
        for target, status in (("/a", 200), (ATTACK, 403), ("/b", 200), (ATTACK, 403)):
            client.send(f"GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode())
            assert client.response()[0] == status


def test_location_is_no_way_in(proxy: Proxy) -> None:
    """The places where the proxy asks are not to be had from outside."""
    before = len(proxy.upstream.requests)
    assert proxy.ask("/_waf")[0] in (200, 404)
    assert proxy.ask("/nginx/answer?" + ATTACK.partition("?")[2])[0] == 403
    assert [request.target for request in proxy.upstream.requests[before:]] in ([], ["/_waf"])


@pytest.mark.parametrize("kind", [nginx, caddy], ids=["nginx", "caddy"])
def test_nobody_to_ask(kind: Any, tmp_path: Path) -> None:
    """While nobody answers, nothing passes; as soon as somebody does, requests pass again."""
    if shutil.which(kind.__name__) is None:
        pytest.skip(f"NO {kind.__name__.upper()}: apt-get install {kind.__name__}")
    with Decider() as decider, upstream() as application, kind(tmp_path, decider.port, application) as proxy:
        assert proxy.ask("/")[0] == 200
        decider.stop()
        assert proxy.ask("/")[0] >= 500
        assert len(application.requests) == 1
        with Decider(port=decider.port):
            assert proxy.ask("/")[0] == 200
            assert proxy.ask(ATTACK)[0] == 403

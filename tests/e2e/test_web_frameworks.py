"""FastAPI, Flask and Django behind a web ACL, as in the examples, under the servers that people use."""

import base64
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from asking_proxies import ATTACK, EXAMPLES, Proxy, free_port
from edge_house import Recorder, until

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv-web" / "bin"
UVICORN = ("uvicorn", "--no-proxy-headers", "--log-level", "error", "--port")
GUNICORN = ("gunicorn", "--threads", "4", "--log-level", "error", "--bind")


@pytest.fixture(
    scope="module",
    params=[
        (*UVICORN, "with_fastapi:app"),
        (*UVICORN, "with_django:asgi"),
        (*GUNICORN, "with_django:wsgi"),
        (*GUNICORN, "with_flask:app"),
    ],
    ids=["fastapi", "django-asgi", "django-wsgi", "flask"],
)
def application(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Each of them, running."""
    if not (PROGRAMS / "python").exists():
        pytest.skip("NO WEB FRAMEWORKS: make them with `scripts/env peer web`")
    *command, name = request.param
    port = free_port()
    where = str(port) if command[0] == "uvicorn" else f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [PROGRAMS / command[0], *command[1:], where, name],
        cwd=EXAMPLES,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path_factory.mktemp("home"))},
    )
    try:
        proxy = Proxy(process, port, Recorder())
        until(proxy.listens)
        yield proxy
    finally:
        process.terminate()
        process.wait(30)


def test_harmless(application: Proxy) -> None:
    """A search reaches the application, with what the web ACL says of it and nothing forged."""
    status, _, body = application.ask("/search?q=O%27Brien", "X-Amzn-Waf-Search: forged")
    assert (status, orjson.loads(body)) == (200, {"q": "O'Brien", "marked": "yes"})


def test_attacks(application: Proxy) -> None:
    """Attacks in the query are answered by the web ACL."""
    status, headers, body = application.ask(ATTACK)
    assert (status, body) == (403, b'{"error": "blocked by the web ACL"}')
    assert dict(headers)["content-type"] == "application/json"
    assert application.ask("/search?q=%3Cscript%3Ealert(1)%3C/script%3E")[0] == 403
    assert application.ask("/old")[0] == 302
    assert application.ask(ATTACK, method="HEAD")[0] == 403


@pytest.mark.parametrize("chunked", [False, True])
def test_body(application: Proxy, request: pytest.FixtureRequest, *, chunked: bool) -> None:
    """An attack in a body is answered; a harmless one of any length arrives as it was sent."""

    def post(body: bytes) -> tuple[int, bytes]:
        head = b"POST /notes HTTP/1.1\r\nHost: shop.example\r\nContent-Type: text/plain\r\n"
        with application.connect() as client:
            if chunked:
                pieces = [body[at : at + 30_000] for at in range(0, len(body), 30_000)]
                client.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
                client.send(
                    b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
                )
            else:
                client.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            return client.response()[::2]

    assert post(b"note=1'+OR+1%3D1+--+")[0] == 403
    for length in (5, 16_383, 16_384, 16_385, 1_000_000):
        body = b"note=" + os.urandom(length).hex()[: length - 5].encode()
        # Django takes no body from WSGI that has no Content-Length.
        arrives = b"" if chunked and "django-wsgi" in request.node.name else body
        digest = hashlib.sha256(arrives).hexdigest()
        status, answer = post(body)
        assert (status, orjson.loads(answer)["sha256"]) == (200, digest)


def test_connection_goes_on(application: Proxy) -> None:
    """After an attack without a body, and after harmless requests, a connection that stays open is of use."""
    with application.connect() as client:
        for target, status in ((ATTACK, 403), ("/search?q=tea", 200), ("/search?q=coffee", 200)):
            client.send(f"GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode())
            found, headers, _ = client.response()
            assert found == status
            if ("connection", "close") in headers:
                break


def test_websocket(application: Proxy, request: pytest.FixtureRequest) -> None:
    """A handshake that the web ACL blocks is answered so by all; FastAPI agrees to another one."""
    key = base64.b64encode(os.urandom(16)).decode()
    offer = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    if "fastapi" in request.node.name:
        assert application.ask("/echo", *offer)[0] == 101
    status, _, body = application.ask("/echo" + ATTACK[1:], *offer)
    assert (status, body) == (403, b'{"error": "blocked by the web ACL"}')

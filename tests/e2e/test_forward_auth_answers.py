"""What proxies that ask are answered, on real sockets."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import web_acls
from edge_house import House, Rules, running
from masugata.edge import counters
from masugata.edge.challenge import ChallengeSettings
from masugata.edge.protection import Protection
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.request import WebRequest


class AllRules(Rules):
    """With a challenge, and decisions that are none."""

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """By the words in the path."""
        if b"challenge" in request.uri_path:
            return Decision(
                "CHALLENGE", response=Response(202, (("x-amzn-waf-action", "challenge"),), b"solve")
            )
        if b"unsound" in request.uri_path:
            return Decision("ALLOW", inserted_headers=(("x-amzn-waf-a", "b\r\nc: d"),))
        return super().inspect(request, now)


@pytest.fixture(scope="module")
def rules() -> AllRules:
    """An inspector."""
    return AllRules()


@pytest.fixture(scope="module")
def house(rules: AllRules) -> Iterator[House]:
    """An edge that is asked."""
    yield from running(rules, forward_auth=True)


def traefik(target: str, *more: str, at: str = "/traefik", method: str = "GET") -> bytes:
    """A question as Traefik asks it."""
    lines = [
        f"{method} {at} HTTP/1.1", "Host: waf", "X-Forwarded-Method: POST", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: shop.example", f"X-Forwarded-Uri: {target}", "X-Forwarded-For: 203.0.113.4",
        *more, "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def nginx(target: str, *more: str, at: str = "/nginx") -> bytes:
    """A question as nginx asks it."""
    lines = [
        f"GET {at} HTTP/1.1", "Host: waf", "X-Original-Method: POST", "X-Original-Scheme: https",
        "X-Original-Host: shop.example", f"X-Original-URI: {target}", "X-Real-IP: 203.0.113.4",
        *more, "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def test_one_connection_for_all(house: House, rules: AllRules) -> None:
    """Questions of all outcomes follow each other on one connection."""
    with house.connect() as proxy:
        for question, expected in [
            (traefik("/"), (200, b"")),
            (traefik("/attack"), (403, b"blocked")),
            (traefik("/challenge"), (403, b"solve")),
            (traefik("/a#b"), (400, b"400: the request target is not a path.\n")),
            (traefik("/crash"), (503, b"503: it could not be inspected.\n")),
            (traefik("/unsound"), (503, b"503: it could not be inspected.\n")),
            (nginx("/"), (200, b"")),
            (nginx("/attack"), (403, b"blocked")),
            (nginx("/challenge"), (403, b"solve")),
            (nginx("/challenge", at="/nginx/answer"), (202, b"solve")),
            (nginx("/crash"), (403, b"503: it could not be inspected.\n")),
            (nginx("/", at="/nginx/answer"), (403, b"")),
            (traefik("/last"), (200, b"")),
        ]:
            proxy.send(question)
            assert proxy.response()[::2] == expected
    seen = rules.seen[-1]
    assert (seen.method, seen.uri_path, seen.source_ip, seen.scheme) == (
        b"POST",
        b"/last",
        "203.0.113.4",
        "https",
    )
    assert seen.headers == ((b"host", b"shop.example"),)


def test_inserted(house: House) -> None:
    """What a decision inserts is in the answer."""
    with house.connect() as proxy:
        proxy.send(traefik("/marked"))
        assert ("x-amzn-waf-mark", "yes") in proxy.response()[1]


def test_status_for_nginx(house: House) -> None:
    """The status that nginx cannot pass on is told beside."""
    with house.connect() as proxy:
        proxy.send(nginx("/challenge"))
        assert ("x-masugata-status", "202") in proxy.response()[1]


def test_body(house: House, rules: AllRules) -> None:
    """A body that comes with the question is inspected; of a longer one the beginning."""
    with house.connect() as proxy:
        proxy.send(traefik("/", "Content-Length: 6", method="POST") + b"attack")
        assert proxy.response()[0] == 403
        proxy.send(traefik("/", "Content-Length: 100000", method="POST") + b"a" * 20_000)
        assert proxy.response()[0] == 200
    assert (len(rules.seen[-1].body), rules.seen[-1].body_size) == (16_384, 100_000)


def test_head(house: House) -> None:
    """A question by HEAD has an answer without a body."""
    with house.connect() as proxy:
        proxy.send(traefik("/attack", method="HEAD"))
        assert proxy.response(bodiless=True)[0] == 403
        proxy.send(traefik("/"))
        assert proxy.response()[0] == 200


def test_ahead(house: House) -> None:
    """Questions that come together are answered in order."""
    with house.connect() as proxy:
        proxy.send(traefik("/") + traefik("/attack") + nginx("/"))
        assert [proxy.response()[0] for _ in range(3)] == [200, 403, 200]


def test_no_question(house: House) -> None:
    """What is no question is refused, and says why."""
    assert b"questions are asked at" in house.ask(traefik("/", at="/other"))
    assert b"questions are asked at" in house.ask(traefik("/", at="/nginx/"))
    assert b"twice" in house.ask(traefik("/", "X-Forwarded-Uri: /"))
    assert b"is missing" in house.ask(traefik("/", at="/nginx"))


def test_query_of_the_question(house: House) -> None:
    """Caddy leaves the client's query at the path of the question."""
    with house.connect() as proxy:
        proxy.send(traefik("/", at="/caddy?a=attack"))
        assert proxy.response()[0] == 200


@pytest.mark.parametrize("question", [traefik, nginx])
def test_challenge(tmp_path: Path, question: Callable[..., bytes]) -> None:
    """A browser gets a page, hands its solution in, and its token lets the next request pass."""
    rules = web_acls.ruleset(web_acls.rule("r", 0, web_acls.byte_match(b"/", "STARTS_WITH"), "Challenge"))
    protection = Protection(tmp_path, tmp_path / "secret")
    settings = ChallengeSettings(difficulty=0)
    inspector = protection.inspector(web_acls.compiled(rules), web_acls.World(), settings)
    with House(inspector, forward_auth=True) as house, house.connect() as proxy:
        browser = question("/").replace(b": POST\r\n", b": GET\r\nAccept: text/html\r\n")
        proxy.send(browser)
        found, _, page = proxy.response()
        assert found == 403
        sealed = re.search(rb'data-puzzle="([^"]+)"', page)
        assert sealed is not None
        form = b"puzzle=%b&counter=0" % sealed[1]
        proxy.send(
            b"POST /.masugata-waf/challenge HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n"
            b"X-Forwarded-For: 203.0.113.4\r\nContent-Length: %d\r\n\r\n%b" % (len(form), form)
        )
        found, headers, _ = proxy.response()
        assert found == 204
        cookie = dict(headers)["set-cookie"].partition(";")[0]
        proxy.send(browser.replace(b"Accept:", f"Cookie: {cookie}\r\nAccept:".encode()))
        assert proxy.response()[0] == 200


def test_for_the_edge_alone(house: House) -> None:
    """What is passed on to the edge has no other way, and needs to say whose it is."""
    own = b"GET /.masugata-waf/x HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n"
    with house.connect() as proxy:
        proxy.send(own + b"X-Forwarded-For: 203.0.113.4\r\n\r\n")
        assert proxy.response()[0] == 403
    assert b"`x-forwarded-for` is missing" in house.ask(own + b"\r\n")


def test_counters(house: House) -> None:
    """Questions count as the requests that they are about."""
    before = [house.counted(which) for which in (counters.ALLOWED, counters.BLOCKED, counters.WITHOUT_PLAN)]
    with house.connect() as proxy:
        for target in ("/", "/attack", "/crash"):
            proxy.send(traefik(target))
            proxy.response()
    after = [house.counted(which) for which in (counters.ALLOWED, counters.BLOCKED, counters.WITHOUT_PLAN)]
    assert after == [number + 1 for number in before]


def test_strangers() -> None:
    """Only proxies that are named may ask, once some are."""
    with House(Rules(), forward_auth=True, trusted_proxies=("192.0.2.0/24",)) as house:
        assert b"only a trusted proxy may ask" in house.ask(traefik("/"))


def test_without_a_plan() -> None:
    """Without a plan nothing passes, or everything where that was said."""
    with House(None, forward_auth=True) as house, house.connect() as proxy:
        proxy.send(traefik("/") + nginx("/"))
        assert [proxy.response()[0] for _ in range(2)] == [503, 403]
    with House(None, forward_auth=True, fail_open=True) as house, house.connect() as proxy:
        proxy.send(traefik("/") + nginx("/"))
        assert [proxy.response()[0] for _ in range(2)] == [200, 200]


def test_access_log(tmp_path: Path) -> None:
    """The log tells of the requests, not of the questions."""
    log = tmp_path / "log"
    with House(Rules(), forward_auth=True, access_log=str(log)) as house, house.connect() as proxy:
        proxy.send(traefik("/attack?a=b"))
        proxy.response()
    line = log.read_text()
    for said in ('"target":"/attack?a=b"', '"client":"203.0.113.4"', '"action":"BLOCK"', '"method":"POST"'):
        assert said in line


def test_access_log_of_any_bytes(tmp_path: Path) -> None:
    """A target that is no UTF-8, which proxies pass on, is answered and noted like all others."""
    import orjson

    log = tmp_path / "access.log"
    with House(Rules(), forward_auth=True, access_log=str(log)) as house, house.connect() as proxy:
        for at in ("/traefik", "/nginx"):
            question = (traefik if at == "/traefik" else nginx)("/a?q=_").replace(b"q=_", b"q=\xff\xe9")
            proxy.send(question.replace(b"shop.example", b"\xff.example"))
            assert proxy.response()[0] == 200
        house.seconds(1)
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    assert [(line["host"], line["target"]) for line in lines] == [("\\xff.example", "/a?q=\\xff\\xe9")] * 2

"""Challenges and CAPTCHAs as pure functions: what solves one, what does not, and what is said."""

import hashlib
import itertools
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

import web_acls
from masugata.edge.challenge import (
    Challenges,
    ChallengeSettings,
    SpentPuzzles,
    TokenSecret,
    picture,
    puzzles,
    tokens,
)
from masugata.edge.challenge.puzzles import LENGTH, LETTERS, SECONDS, Puzzle
from masugata.edge.settings import EdgeSettingsError
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.request import WebRequest

NOW = 1_795_000_000.5
SECRET = TokenSecret(b"\1" * 32)
HTML = (b"accept", b"application/xml, text/html;q=0.9")
HOST = (b"host", b"shop.example")
BARE = {
    "CHALLENGE": Response(202, (("x-amzn-waf-action", "challenge"),)),
    "CAPTCHA": Response(405, (("x-amzn-waf-action", "captcha"),)),
}


class Dice:
    """Bytes that never come twice, the same in each run."""

    def __init__(self) -> None:
        self.thrown = 0

    def __call__(self, size: int) -> bytes:
        self.thrown += 1
        return hashlib.shake_256(b"%d" % self.thrown).digest(size)


class Client:
    """Somebody at a site with challenges."""

    def __init__(self, directory: Path, world: web_acls.World, **settings: object) -> None:
        self.now = NOW
        self.random = Dice()
        said = msgspec.convert({"difficulty": 6} | settings, ChallengeSettings)
        self.challenges = Challenges(SECRET, SpentPuzzles(directory / "spent"), world, said)

    def page(self, kind: str, *headers: tuple[bytes, bytes], path: str = "/a?b=%3C", **more: Any) -> Response:
        """What is shown for a decision."""
        decision = Decision(kind, response=BARE[kind])  # type: ignore[arg-type]
        request = web_acls.get(path, *headers, **more)
        response = self.challenges.page(decision, request, self.now, self.random)
        assert response is not None
        return response

    def post(self, path: str, *headers: tuple[bytes, bytes], **form: str) -> Response:
        """What a form is answered."""
        request = web_acls.get(path, *(headers or (HOST,)), method=b"POST", body=urlencode(form).encode())
        return self.send(request)

    def send(self, request: WebRequest) -> Response:
        """What any request to us is answered."""
        response = self.challenges.handle(request, self.now, self.random)
        assert response is not None
        return response


@pytest.fixture
def directory() -> Iterator[Path]:
    """Where processes share memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


@pytest.fixture
def client(directory: Path) -> Client:
    """At a site of this address."""
    return Client(directory, web_acls.World())


def field(response: Response, name: str) -> str:
    """A value in a page."""
    found = re.search(rf'(?:name="{name}" value|data-{name})="([^"]*)"', response.body.decode())
    assert found is not None
    return found[1]


def work(response: Response) -> dict[str, str]:
    """The challenge of a page, worked off as its script does."""
    text, bits = field(response, "text"), int(field(response, "difficulty"))
    for counter in itertools.count():
        digest = hashlib.sha256(f"{text}:{counter}".encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - bits) == 0:
            return {"puzzle": field(response, "puzzle"), "counter": str(counter)}
    raise AssertionError


def puzzle_of(response: Response, now: float = NOW) -> Puzzle:
    """The puzzle in a page, which only we can read."""
    found = puzzles.unseal(field(response, "puzzle").encode(), "CAPTCHA", "shop.example", now, SECRET)
    assert found is not None
    return found


def cookies(response: Response) -> list[str]:
    """Those that are set."""
    return [value for name, value in response.headers if name == "Set-Cookie"]


def token_of(response: Response) -> tokens.Token:
    """The token that is set last."""
    found = tokens.unseal(cookies(response)[-1].partition("=")[2].partition(";")[0].encode(), SECRET)
    assert found is not None
    return found


def test_a_challenge_is_worked_off_once(client: Client) -> None:
    """The work brings a token, and the same work again nothing."""
    page = client.page("CHALLENGE", HOST, HTML)
    form = work(page)
    solved = client.post("/.masugata-waf/challenge", **form)
    assert (solved.status, solved.body) == (204, b"")
    token = token_of(solved)
    assert (token.domain, token.challenge_solved, token.captcha_solved) == ("shop.example", int(NOW), 0)
    again = client.post("/.masugata-waf/challenge", **form)
    assert (again.status, cookies(again)) == (403, [])


def test_another_process_knows_what_was_handed_in(client: Client, directory: Path) -> None:
    """A client cannot have its work counted at each process."""
    form = work(client.page("CHALLENGE", HOST, HTML))
    assert client.post("/.masugata-waf/challenge", **form).status == 204
    assert Client(directory, web_acls.World()).post("/.masugata-waf/challenge", **form).status == 403


def test_work_counts_for_its_time_and_host(client: Client) -> None:
    """Too late, too early, elsewhere, too little, or of the other kind: none of it is enough."""
    form = work(client.page("CHALLENGE", HOST, HTML))
    wrong = next(str(n) for n in range(100) if client_refuses(form, n))
    for now, path, headers, changed in (
        (NOW + SECONDS, "challenge", (HOST,), {}),
        (NOW - 62, "challenge", (HOST,), {}),
        (NOW, "challenge", ((b"host", b"other.example"),), {}),
        (NOW, "challenge", (HOST,), {"counter": wrong}),
        (NOW, "challenge", (HOST,), {"counter": form["counter"] + " "}),
        (NOW, "challenge", (HOST,), {"counter": "9" * 16}),
        (NOW, "challenge", (HOST,), {"puzzle": ""}),
        (NOW, "challenge", (HOST,), {"puzzle": "A" * 2000}),
        (NOW, "captcha", (HOST,), {"answer": form["counter"]}),
    ):
        client.now = now
        assert cookies(client.post(f"/.masugata-waf/{path}", *headers, **form | changed)) == []
    client.now = NOW + SECONDS - 1
    assert client.post("/.masugata-waf/challenge", **form).status == 204, "none of these spent it"


def client_refuses(form: dict[str, str], counter: int) -> bool:
    """Whether this counter is no proof."""
    puzzle = puzzles.unseal(form["puzzle"].encode(), "CHALLENGE", "shop.example", NOW, SECRET)
    return puzzle is not None and not puzzles.is_proof(puzzle, b"%d" % counter)


def test_no_bit_of_a_puzzle_can_be_changed(client: Client) -> None:
    """Not the difficulty, not the time, and none of its signature."""
    whole = field(client.page("CHALLENGE", HOST, HTML), "puzzle").encode()
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            assert puzzles.unseal(bytes(changed), "CHALLENGE", "shop.example", NOW, SECRET) is None


@pytest.mark.parametrize("answer", [puzzles.letters, puzzles.beeps])
def test_a_captcha_is_answered_by_eye_or_ear(client: Client, answer: object) -> None:
    """The right answer leads back with a token, once."""
    page = client.page("CAPTCHA", HOST, HTML)
    text = answer(puzzle_of(page), SECRET)  # type: ignore[operator]
    form = {"puzzle": field(page, "puzzle"), "to": "/a?b=%3C", "answer": text.lower()}
    solved = client.post("/.masugata-waf/captcha", **form)
    assert (solved.status, dict(solved.headers)["Location"]) == (303, "/a?b=%3C")
    assert token_of(solved).captcha_solved == int(NOW)
    assert client.post("/.masugata-waf/captcha", **form).status == 405


def test_a_wrong_answer_spends_the_puzzle(client: Client) -> None:
    """Nobody tries answers one after the other at one puzzle."""
    page = client.page("CAPTCHA", HOST, HTML)
    sealed, right = field(page, "puzzle"), puzzles.letters(puzzle_of(page), SECRET)
    again = client.post("/.masugata-waf/captcha", puzzle=sealed, answer="WRONG", to="/a")
    assert (again.status, cookies(again)) == (405, [])
    assert field(again, "puzzle") != sealed
    assert cookies(client.post("/.masugata-waf/captcha", puzzle=sealed, answer=right, to="/a")) == []


def test_attempts_are_bounded(directory: Path) -> None:
    """Whoever hands in too much waits, right or wrong; an IPv6 client is its network."""
    client = Client(directory, web_acls.World(), attempts=3)

    def answer(path: str, ip: str) -> int:
        return client.send(web_acls.get(path, HOST, method=b"POST", source_ip=ip)).status

    assert [answer("/.masugata-waf/captcha", "2001:db8::1") for _ in range(3)] == [405] * 3
    assert answer("/.masugata-waf/captcha", "2001:db8::2") == 429
    assert answer("/.masugata-waf/challenge", "2001:db8::3") == 429
    assert answer("/.masugata-waf/challenge", "2001:db8:0:1::3") == 403


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example",
        "",
        "/a\r\nSet-Cookie: x=y",
        "/" + "a" * 2048,
        "/é",
    ],
)
def test_nobody_is_led_elsewhere(client: Client, to: str) -> None:
    """Only a path of this site is gone back to."""
    page = client.page("CAPTCHA", HOST, HTML)
    answer = puzzles.letters(puzzle_of(page), SECRET)
    solved = client.post("/.masugata-waf/captcha", puzzle=field(page, "puzzle"), answer=answer, to=to)
    assert dict(solved.headers)["Location"] == "/"


def test_a_path_cannot_break_out_of_the_page(client: Client) -> None:
    """What stands in the address is text in the form."""
    page = client.page("CAPTCHA", HOST, HTML, path='/"><script>alert(1)</script>')
    assert b"<script" not in page.body
    assert field(page, "to") == "/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize("kind", ["CHALLENGE", "CAPTCHA"])
@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ((HOST,), {}),
        ((HOST, (b"accept", b"*/*")), {}),
        ((HOST, (b"accept", b"text/htmlx")), {}),
        ((HOST, HTML), {"method": b"POST"}),
        ((HOST, HTML), {"method": b"HEAD"}),
        ((HTML,), {}),
    ],
)
def test_who_cannot_show_a_page_gets_none(
    client: Client, kind: str, headers: tuple[tuple[bytes, bytes], ...], more: dict[str, Any]
) -> None:
    """AWS's status and header without a body."""
    assert client.page(kind, *headers, **more) == BARE[kind]


@pytest.mark.parametrize("kind", ["CHALLENGE", "CAPTCHA"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_are_self_contained(client: Client, kind: str, language: str) -> None:
    """Status and header as AWS, nothing from elsewhere, no eval, in the client's language."""
    page = client.page(kind, HOST, HTML, (b"accept-language", f"fr, {language}-x;q=0.5, en".encode()))
    headers = dict(page.headers)
    assert (page.status, headers["x-amzn-waf-action"]) == (BARE[kind].status, kind.lower())
    text = page.body.decode()
    assert f'<html lang="{language}">' in text
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert not re.search(r"https?://|eval\(|\son\w+=", text)
    assert ("<noscript>" in text) == (kind == "CHALLENGE")
    for value in re.findall(r'nonce="([^"]*)"', text):
        assert f"'nonce-{value}'" in headers["Content-Security-Policy"]


def test_each_page_has_its_own_puzzle(client: Client) -> None:
    """Nobody learns from another's, and the answer is in neither."""
    pages = [client.page("CAPTCHA", HOST, HTML) for _ in range(2)]
    assert len({field(page, "puzzle") for page in pages}) == 2
    answers = [puzzles.letters(puzzle_of(page), SECRET) for page in pages]
    assert answers[0] != answers[1]
    assert all(len(answer) == LENGTH and {*answer} <= {*LETTERS} for answer in answers)


def test_a_picture_is_a_png(client: Client) -> None:
    """Of the size that the page says, with ink on it."""
    data = picture.draw(LETTERS[:LENGTH], client.random)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack("!II", data[16:24]) == (264, 88)
    size = struct.unpack("!I", data[33:37])[0]
    dots = zlib.decompress(data[41 : 41 + size])
    assert len(dots) == 88 * (1 + 264 // 8)
    assert 0.05 < 1 - sum(byte.bit_count() for byte in dots) / (88 * 264) < 0.5
    assert data != picture.draw(LETTERS[:LENGTH], client.random)


def test_sound_is_for_those_with_a_puzzle(client: Client) -> None:
    """A WAV for a CAPTCHA of now, nothing for anything else."""
    sealed = field(client.page("CAPTCHA", HOST, HTML), "puzzle")
    sound = client.send(web_acls.get(f"/.masugata-waf/sound?puzzle={sealed}", HOST))
    assert sound.body[:4] + sound.body[8:12] == b"RIFFWAVE"
    assert struct.unpack("<I", sound.body[4:8])[0] == len(sound.body) - 8
    for query in ("", f"puzzle={sealed}&puzzle={sealed}", f"puzzle={sealed}x"):
        assert client.send(web_acls.get(f"/.masugata-waf/sound?{query}", HOST)).status == 404


@pytest.mark.parametrize(
    ("domains", "captcha_solved"),
    [((), 0), (("other.example",), 0), (("shop.example", "bank.example"), int(NOW))],
)
def test_a_captcha_of_another_site_is_not_carried_over(
    directory: Path, domains: tuple[str, ...], captcha_solved: int
) -> None:
    """Work done here makes no token of what was solved elsewhere, unless tokens of there count here."""
    elsewhere = tokens.Token(b"c" * 16, "bank.example", int(NOW), captcha_solved=int(NOW))
    cookie = (b"cookie", b"aws-waf-token=" + tokens.seal(elsewhere, SECRET).encode())
    client = Client(directory, web_acls.World(), token_domains=domains)
    page = client.page("CHALLENGE", HOST, HTML)
    token = token_of(client.post("/.masugata-waf/challenge", HOST, cookie, **work(page)))
    assert (token.domain, token.captcha_solved) == ("shop.example", captcha_solved)
    assert (token.client == elsewhere.client) is bool(captcha_solved)


def test_a_token_keeps_what_was_solved_before(client: Client) -> None:
    """The second puzzle does not undo the first, the client stays the same, and a forgery brings nothing."""
    first = client.post("/.masugata-waf/challenge", **work(client.page("CHALLENGE", HOST, HTML)))
    cookie = (b"cookie", b"a=b; " + cookies(first)[0].partition(";")[0].encode())
    client.now += 10
    page = client.page("CAPTCHA", HOST, HTML)
    form = {"puzzle": field(page, "puzzle"), "answer": puzzles.letters(puzzle_of(page, client.now), SECRET)}
    both = token_of(client.post("/.masugata-waf/captcha", HOST, cookie, **form))
    assert (both.challenge_solved, both.captcha_solved) == (int(NOW), int(NOW) + 10)
    assert both.client == token_of(first).client
    forged = (b"cookie", b"aws-waf-token=AAAA")
    fresh = token_of(
        client.post("/.masugata-waf/challenge", HOST, forged, **work(client.page("CHALLENGE", HOST, HTML)))
    )
    assert fresh.client != both.client
    assert fresh.captcha_solved == 0


def test_cookies_are_for_the_domain_and_safe(directory: Path) -> None:
    """With token domains for the shortest that fits, without one of an earlier time in its way."""
    client = Client(directory, web_acls.World(), token_domains=["a.shop.example", "shop.example"])
    host = (b"host", b"b.a.shop.example")
    form = work(client.page("CHALLENGE", host, HTML))
    request = web_acls.get(
        "/.masugata-waf/challenge", host, method=b"POST", body=urlencode(form).encode(), scheme="https"
    )
    removed, made = cookies(client.send(request))
    assert removed == "aws-waf-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert made.endswith("; Max-Age=259200; Domain=shop.example; Path=/; HttpOnly; SameSite=Lax; Secure")
    other = (b"host", b"shop.test")
    solved = client.post("/.masugata-waf/challenge", other, **work(client.page("CHALLENGE", other, HTML)))
    assert "Domain" not in cookies(solved)[0]
    assert "Secure" not in cookies(solved)[0]


@pytest.mark.parametrize("path", ["/", "/.masugata-waf", "/x/.masugata-waf/challenge", "/.masugata-wafx/"])
def test_all_else_is_not_ours(client: Client, path: str) -> None:
    """Requests of the site are left to it."""
    assert client.challenges.handle(web_acls.get(path, HOST), NOW, client.random) is None


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        (b"GET", "/.masugata-waf/", (HOST,)),
        (b"GET", "/.masugata-waf/challenge", (HOST,)),
        (b"POST", "/.masugata-waf/other", (HOST,)),
        (b"POST", "/.masugata-waf/challenge", ()),
        (b"POST", "/.masugata-waf/challenge", ((b"host", b"a b"),)),
    ],
)
def test_what_is_ours_never_goes_on(
    client: Client, method: bytes, path: str, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    """Under our path there is an answer, if only that there is nothing."""
    assert client.send(web_acls.get(path, *headers, method=method)).status == 404


@pytest.mark.parametrize(
    "body", [b"\xff", b"a" * 9000, b"&" * 100, b"puzzle=%ff&counter=%00", b"puzzle=\xe3\x81\x82", b"=&=&="]
)
def test_forms_that_are_none(client: Client, body: bytes) -> None:
    """Whatever is sent is refused, and no error."""
    request = web_acls.get("/.masugata-waf/challenge", HOST, method=b"POST", body=body)
    assert client.send(request).status == 403


@pytest.mark.parametrize(
    "settings", [{"difficulty": -1}, {"difficulty": 25}, {"attempts": 0}, {"token_domains": ("co.uk",)}]
)
def test_settings_without_a_meaning(settings: dict[str, object]) -> None:
    """They are refused by name."""
    with pytest.raises(EdgeSettingsError):
        ChallengeSettings(**settings)  # type: ignore[arg-type]


def test_a_full_set_of_spent_puzzles_refuses(directory: Path) -> None:
    """Where there is no room to remember a puzzle it does not count; there is room again when others end."""
    spent = SpentPuzzles(directory / "spent")
    nonces = [b"\0\0\0\0" + bytes([n]) * 8 for n in range(33)]
    assert [spent.spend(nonce, 200, 100.0) for nonce in nonces] == [True] * 32 + [False]
    assert not spent.spend(nonces[0], 200, 199.5)
    assert spent.spend(nonces[32], 400, 200.0)
    assert not spent.spend(nonces[32], 400, 200.0)

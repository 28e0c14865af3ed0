"""A real browser in front of a real edge: it passes a Challenge by itself, and a CAPTCHA with an answer."""

import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import web_acls
from edge_house import House
from masugata.edge.challenge import ChallengeSettings, puzzles
from masugata.edge.protection import Protection
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOP = b"<title>Shop</title>"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(SHOP), SHOP)
IMMUNITY = 300


class Guard:
    """A web ACL that asks for a Challenge at `/` and for a CAPTCHA at `/puzzle`, by a clock of its own."""

    def __init__(self, directory: Path) -> None:
        self.late = 0.0
        self.solved: list[WebRequest] = []
        rules = web_acls.ruleset(
            web_acls.rule("puzzle", 0, web_acls.byte_match(b"/puzzle", "STARTS_WITH"), "Captcha"),
            web_acls.rule("work", 1, web_acls.byte_match(b"/work", "STARTS_WITH"), "Challenge"),
        )
        protection = Protection(directory, directory / "token-secret", clock=self.clock)
        self.secret = protection.secret
        self._inspector = protection.inspector(
            web_acls.compiled(rules), web_acls.World(), ChallengeSettings(difficulty=12)
        )

    def clock(self) -> float:
        """Now, or later."""
        return time.time() + self.late

    def inspect(self, request: WebRequest, _: float) -> Decision:
        """By the web ACL."""
        if request.method == b"POST":
            self.solved.append(request)
        return self._inspector.inspect(request, self.clock())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, if it is installed."""
    if CHROMIUM is None:
        warnings.warn("CHALLENGES PASSED BY A BROWSER are not tested: no chromium", stacklevel=1)
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def guard() -> Iterator[Guard]:
    """Rules with a directory of their own."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Guard(Path(name))


@pytest.fixture
def house(guard: Guard) -> Iterator[House]:
    """An edge in front of a shop."""
    with House(guard) as house:
        for path in ("/work", "/puzzle"):
            house.upstream.answers[path] = PAGE
        yield house


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that nobody knows yet; what its pages may not do, or do wrong, fails the test."""
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert errors == []


def test_a_browser_passes_a_challenge_until_its_immunity_ends(guard: Guard, house: House, page: Page) -> None:
    """It works, gets a token, sees the page, goes on without another challenge, and is asked again later."""
    url = f"http://localhost:{house.port}/work?a=b#c"
    first = page.goto(url)
    assert first is not None
    assert (first.status, first.headers["x-amzn-waf-action"]) == (202, "challenge")
    page.wait_for_function("document.title === 'Shop'")
    assert page.url == url
    assert [request.target for request in house.upstream.requests if "work" in request.target] == [
        "/work?a=b"
    ]
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("aws-waf-token", True, "Lax")

    assert [response.status for _ in range(3) if (response := page.reload())] == [200, 200, 200]
    assert len(guard.solved) == 1

    guard.late = IMMUNITY + 1
    again = page.request.get(url, headers={"Accept": "text/html"})
    assert (again.status, again.headers["x-amzn-waf-action"]) == (202, "challenge")


def test_who_cannot_show_html_gets_the_bare_answer(house: House, page: Page) -> None:
    """Other requests are told what is wanted, without a page."""
    for method, accept in (("GET", "application/json"), ("POST", "text/html")):
        answer = page.request.fetch(
            f"http://localhost:{house.port}/work", method=method, headers={"Accept": accept}
        )
        assert (answer.status, answer.headers["x-amzn-waf-action"], answer.body()) == (202, "challenge", b"")


def test_a_person_solves_a_captcha(guard: Guard, house: House, page: Page) -> None:
    """A wrong answer brings another puzzle; the right one leads back to where it was asked for."""
    url = f"http://localhost:{house.port}/puzzle?x=1&y=2"
    first = page.goto(url)
    assert first is not None
    assert (first.status, first.headers["x-amzn-waf-action"]) == (405, "captcha")
    assert page.title() == "人間による操作であることの確認"
    before = page.input_value("[name=puzzle]")
    assert page.evaluate("document.images[0].complete && document.images[0].naturalWidth") == 264
    page.fill("[name=answer]", "??")
    page.click("button")
    page.wait_for_selector("[role=alert]")
    sealed = page.input_value("[name=puzzle]")
    assert sealed != before
    puzzle = puzzles.unseal(sealed.encode(), "CAPTCHA", "localhost", guard.clock(), guard.secret)
    assert puzzle is not None
    answer = puzzles.letters(puzzle, guard.secret)
    assert answer not in re.sub(r'(value|src)="[^"]*"', "", page.content())
    page.fill("[name=answer]", f" {answer.lower()} ")
    page.click("button")
    page.wait_for_function("document.title === 'Shop'")
    assert page.url == url

    sound = page.request.get(f"http://localhost:{house.port}/.masugata-waf/sound?puzzle={sealed}")
    assert (sound.status, sound.headers["content-type"]) == (200, "audio/wav")


def test_a_browser_without_cookies_is_told_so(browser: Browser, house: House) -> None:
    """Whoever keeps no token does not go round in circles."""
    page = browser.new_context().new_page()
    page.route("**/.masugata-waf/challenge", lambda route: route.fulfill(status=204))
    page.goto(f"http://localhost:{house.port}/work")
    page.wait_for_selector("#cookies:not([hidden])")
    page.context.close()

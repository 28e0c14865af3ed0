"""What the detector calls a script runs in a real browser, and what it lets pass does not.

Nightly, and skipped aloud where Chromium is not installed (Debian's package `chromium`).
"""

import contextlib
import html
import json
import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.nightly]
sync_api = pytest.importorskip("playwright.sync_api")

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "xss"
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PLACES = {
    "text": "<div>{}</div>",
    "double": '<input value="{}">',
    "single": "<input value='{}'>",
    "bare": "<input value={}>",
    "comment": "<!-- {} -->",
    "title": "<title>{}</title>",
    "textarea": "<textarea>{}</textarea>",
    "style": "<style>{}</style>",
    "script": "<script>{}</script>",
    "script-double": '<script>var a = "{}";</script>',
    "script-single": "<script>var a = '{}';</script>",
    "script-template": "<script>var a = `{}`;</script>",
}
MOST_FRAMES = 120
ORIGIN = "http://page.example/"


def vectors(name):
    """The lines of a file of vectors."""
    return [json.loads(line) for line in (VECTORS / name).read_text(encoding="utf-8").splitlines()]


def page_with(vector):
    """A page of a site that puts the value where it must not."""
    value, where = vector["value"], vector.get("where", "text")
    if where == "href":
        # A site that escapes well, and does not look at schemes.
        return f'<a href="{html.escape(value)}">go</a>'
    if where == "script-escaped":
        # One that escapes quotes, but not what escapes them.
        where, value = "script-single", value.replace("'", "\\'")
    text = PLACES[where].replace("{}", value)
    # What the page goes on with completes what the value has begun.
    return f"<!doctype html><body>{text}<p>More.</p></script>"


@pytest.fixture(scope="module")
def browser():
    """A browser that reaches nothing but the pages of these tests."""
    if CHROMIUM is None:
        pytest.skip("NO CHROMIUM HERE: NO VECTOR IS RUN IN A BROWSER")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


def runs(browser, vector):
    """Whether the value opens a dialog when the page is shown, or when somebody uses it."""
    page = browser.new_page()
    opened = []

    def dismissed(dialog):
        opened.append(dialog.message)
        dialog.dismiss()

    def answered(route):
        if route.request.url == ORIGIN:
            route.fulfill(body=page_with(vector), content_type="text/html; charset=utf-8")
        else:
            route.abort()

    page.on("dialog", dismissed)
    page.route("**/*", answered)
    page.goto(ORIGIN)
    page.wait_for_load_state("load")
    # What runs after the page has been drawn has run after two frames; what is timed takes longer.
    frames = MOST_FRAMES if vector.get("runs") in {"load", "page"} else 2
    while frames and not opened:
        frames -= 1
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
    if vector.get("runs") == "hand" and not opened:
        use(page)
    page.close()
    return bool(opened)


def use(page):
    """Move over, focus and click everything; a link may lead away before all is done."""
    with contextlib.suppress(sync_api.Error):
        page.evaluate(
            "() => { for (const each of document.body.querySelectorAll('*')) {"
            "  for (const name of ['mouseover', 'pointerenter', 'click'])"
            "    each.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true}));"
            "  if (each.focus) each.focus(); } }"
        )
    with contextlib.suppress(sync_api.Error):
        page.evaluate("() => new Promise(done => requestIdleCallback(done))")


@pytest.mark.parametrize(
    "vector",
    [each for each in vectors("attacks.jsonl") if each["runs"] in {"load", "page", "hand"}],
    ids=lambda vector: f"{vector['technique']}: {vector['value'][:30]}",
)
def test_attacks_run(browser, vector):
    """Each attack that is marked so opens its dialog: at once, as the page completes it, or by a click."""
    assert runs(browser, vector)


@pytest.mark.parametrize(
    "vector",
    vectors("harmless.jsonl"),
    ids=lambda vector: f"{vector['kind']}: {vector['value'][:30]}",
)
def test_harmless_values_do_not(browser, vector):
    """No harmless value opens one, as text and in a well-quoted value, not even when it is clicked."""
    assert not runs(browser, vector | {"runs": "hand"})

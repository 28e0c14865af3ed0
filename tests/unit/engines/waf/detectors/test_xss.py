"""Markup that acts is told from markup that formats, technique by technique and kind by kind."""

import contextlib
import json
from pathlib import Path

import pytest

from masugata.engines.waf.detectors import Account, Place
from masugata.engines.waf.detectors.html import XSS, _scan
from masugata.engines.waf.detectors.html._markup import Kind, next_token, tokens
from masugata.engines.waf.detectors.html._scan import Scan
from masugata.engines.waf.detectors.html._scripts import scripts
from masugata.engines.waf.detectors.html._steps import MOST_STEPS, Steps, TooLongError
from masugata.engines.waf.matching import NoDatabases, choose_engine, hint_pattern

VECTORS = Path(__file__).resolve().parents[4] / "vectors" / "xss"
SIZE = 65_536


def vectors(name):
    """The lines of a file of vectors, each a parameter."""
    return [json.loads(line) for line in (VECTORS / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("vector", vectors("attacks.jsonl"), ids=lambda vector: vector["technique"])
def test_attacks(vector):
    """Each technique is found, as surely as it is to be, and shown by a part of the value."""
    found = XSS.detect(vector["value"].encode(), Place.QUERY_ARGUMENT)
    assert found is not None
    assert found.score >= vector["least"]
    assert found.family == "xss"
    assert found.reason
    assert all(len(part) <= 200 for part in found.matched)


@pytest.mark.parametrize("vector", vectors("harmless.jsonl"), ids=lambda vector: vector["kind"])
def test_harmless(vector):
    """What formats, compares or talks is no evidence, or no more than its kind may be."""
    found = XSS.detect(vector["value"].encode(), Place.FORM_FIELD)
    assert (found.score if found else 0) <= vector["most"]


@pytest.mark.parametrize("vector", vectors("harmless.jsonl"), ids=lambda vector: vector["kind"])
def test_harmless_inside_a_document(vector):
    """Nor is it when other honest text stands around it."""
    before, after = '<p class="a">Before, it\'s "fine".</p>\n', '\n<p>After: <a href="/x">x</a> &amp; y.</p>'
    text = before + vector["value"] + after
    found = XSS.detect(text.encode(), Place.RAW_BODY)
    assert (found.score if found else 0) <= max(vector["most"], 40)


@pytest.mark.parametrize("vector", vectors("attacks.jsonl"), ids=lambda vector: vector["technique"])
def test_attacks_behind_harmless_markup(vector):
    """Pages of honest markup before it hide nothing that begins in text."""
    if vector["where"] != "text":
        return
    page = '<p class="a">Hello <b>world</b>, it is <a href="https://example.org/">fine</a>.</p>\n' * 100
    found = XSS.detect((page + vector["value"]).encode(), Place.FORM_FIELD)
    assert found is not None
    assert found.score >= min(60, vector["least"])


EVERYDAY = (
    b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    b"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", b"*/*", b"text/*, */*",
    b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    b'"Chromium";v="126", "Not/A)Brand";v="8"', b"?0", b"max-age=0", b"gzip, deflate, br, zstd",
    b"en-GB,en;q=0.9,de;q=0.8", b"https://shop.example/on/sale?page=2&sort=price", b"keep-alive", b"data",
    b"session=4f1c0b7a; theme=dark; _ga=GA1.2.1234567890.1700000000", b"src", b"onboarding", b"/style/a.css",
)  # fmt: skip


def test_everyday_values_have_no_hint():
    """What every browser sends is told from attacks in C, all values together and as often as decoded."""
    pytest.importorskip("hyperscan")
    scan = choose_engine("hyperscan").compile(tuple(map(hint_pattern, XSS.hints)), NoDatabases())
    assert [XSS.hints[number] for number in scan(b"\n".join(EVERYDAY * 2))] == []


def test_vectors_with_evidence_have_a_hint():
    """Nothing is found that C would have passed over."""
    pytest.importorskip("hyperscan")
    scan = choose_engine("hyperscan").compile(tuple(map(hint_pattern, XSS.hints)), NoDatabases())
    for vector in vectors("attacks.jsonl") + vectors("harmless.jsonl"):
        value = vector["value"].encode()
        assert scan(value) or XSS.detect(value, Place.FORM_FIELD) is None, vector


def test_the_strongest_evidence_counts():
    """A frame of a video site does not hide the script behind it."""
    value = b'<iframe src="https://www.youtube.com/embed/x"></iframe><script>alert(1)</script>'
    assert XSS.detect(value, Place.FORM_FIELD).score == 100


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a<b>c</b >", [("start tag", b"b"), ("end tag", b"b")]),
        (b"<title><b></title ><i>", [("start tag", b"title"), ("end tag", b"title"), ("start tag", b"i")]),
        (
            b"<script><!--</script><i>",
            [("start tag", b"script"), ("end tag", b"script"), ("start tag", b"i")],
        ),
        (b"<plaintext><b>", [("start tag", b"plaintext")]),
        (b"<style></styles></style/>", [("start tag", b"style"), ("end tag", b"style")]),
        (b"<a title='<b>'>", [("start tag", b"a")]),
        (b"1 < 2 <3 <= <\xc3\xa9>", []),
    ],
)
def test_raw_text(data, expected):
    """Raw text ends with the end tag of its own element, as the standard has it (13.2.5.3 to 13.2.5.14)."""
    assert [(token.kind.value, token.name) for token in tokens(data)] == expected


def test_unfinished_markup_is_kept():
    """A browser drops a tag that the page ends in, but what follows the value may complete it."""
    (token,) = tokens(b"<img src=x onerror=alert(1)//")
    assert (token.kind, token.close, token.end) == (Kind.START_TAG, 29, 29)


HOSTILE = (
    b"<", b"<a ", b"<a>", b"<a b=c>", b'<a b="', b"\"'", b"<a only=1>", b"<x:y a:b=c>", b"alert",
    b"alert (/**/", b"{{", b"script:", b"onclick=a ", b"-->", b"</script", b"<!--[if", b"<style>a\\61/**/",
    b'<p style="width:\\61 ">', b"top['", b'<a href="&#106;', b"<a href='j\tava&tab;'>", b" ", b'"a="',
    b"eval(", b"![]", b"<?x", b"<![CDATA[", b"<form>", b"\0", b"<script>", b"location=", b"onerror throw ",
    b"call`", b"document.cooki", b"(alert,", b'constructor"', b"';;;;;;;;", b"&", b"<x y=&#", b"/*", b"<b",
    b"o<x>n", b"\xef\xbc\x9c", b"<!--[if", b"<!--[if a]>", b"<x:script>", b"a=alert,", b"al<b>ert", b"/=",
    b"a=b ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("start", [b"", b"<a ", b'"', b"<!--"])
def test_hostile_values_end_in_few_steps(piece, start):
    """64 KB of anything take no more steps than are allowed, whatever they are."""
    value = (start + piece * SIZE)[:SIZE]
    steps = Steps()
    with contextlib.suppress(TooLongError):
        list(Scan(value, steps).findings())
        list(scripts(value, steps))
    # The last step is refused, with what it would have taken.
    assert steps.taken <= MOST_STEPS + SIZE // 8
    # A value that stops so is suspicious, and says why.
    found = XSS.detect(value, Place.FORM_FIELD)
    assert found is None or found.reason


@pytest.mark.parametrize("piece", [b"<!--[if", b"<!--[if a]>", b"<!--[if<!", b"<!--[if<a b='"])
def test_what_is_read_again_and_again_is_not_long(monkeypatch, piece):
    """Conditional comments are read as text too: all of that together is a few times the value at most."""
    read = 0

    def counted(data, position=0):
        nonlocal read
        token = next_token(data, position)
        read += token.end - position if token else 0
        return token

    monkeypatch.setattr(_scan, "next_token", counted)
    XSS.detect((piece * SIZE)[:SIZE], Place.FORM_FIELD)
    assert read < 20 * SIZE


@pytest.mark.parametrize("piece", [b"a=b ", b"a='b' ", b"a b c='d' ", b"a\n=b/", b"onfoo=a "])
def test_what_one_reading_has_read_no_other_reads_again(piece):
    """Behind a quote of either kind and among attributes: from where they see the same, one goes on."""
    attributes = (piece * SIZE)[:SIZE]
    once, thrice = Steps(SIZE), Steps(SIZE)
    list(Scan(attributes, once).findings())
    list(Scan(b"\"' " + attributes, thrice).findings())
    assert 0 < thrice.taken < once.taken + 150


def test_what_is_too_long_is_not_let_through():
    """Markup that may act, hidden behind more of it than is looked at, is evidence."""
    value = b"<form a&b>" * 2000 + b"<script>alert(1)</script>"
    found = XSS.detect(value, Place.FORM_FIELD)
    assert found.score >= 60
    words = b"alert, " * 3000 + b"(alert)(1)"
    assert XSS.detect(words, Place.FORM_FIELD).score >= 60


def test_long_honest_documents_pass():
    """Formatting does not count as steps: a document of 64 KB is read to its end."""
    line = (
        '<tr class="x"><td style="color: rgb(1, 2, 3)">a &amp; b</td><td><a href="/x?a=b:c">x</a></td></tr>\n'
    )
    value = (line * 700)[:SIZE].encode()
    assert XSS.detect(value, Place.RAW_BODY) is None
    steps = Steps()
    assert list(Scan(value, steps).findings()) == []
    assert steps.taken < 250


@pytest.mark.parametrize(
    "line",
    [
        b"2026-11-27  Anna M\xc3\xbcller  <anna.mueller+web@example.com>\n\t* a.c: mend it.\n",
        b"* Mend it, see <https://example.com/a/b_c/pull/17?w=1&c=2#d>, with <mailto:ben@example.com>.\n",
    ],
)
def test_addresses_in_angle_brackets_are_inert(line):
    """Logs of changes and Markdown have hundreds of them in 64 KB."""
    value = (line * 900)[:SIZE]
    steps = Steps()
    assert list(Scan(value, steps).findings()) == []
    assert steps.taken < 50


def test_words_behind_an_angle_bracket_are_no_attributes_to_look_at():
    """Redirections of shells and names between `<` and a line end have a whole text behind them."""
    text = b"redirect with <fn and other ways, or <word, unless they can't be read;\n" * 800
    account = Account()
    assert XSS.detect_hinted(text, Place.FORM_FIELD, (), account) is None
    assert Account().left - account.left < 500


@pytest.mark.parametrize(
    "value",
    [
        b"<https://x/onclick=alert(1)>",
        b"<https://a?b/onmouseover=alert(1)>",
        b"<https://a?/onclick=alert(1)>",
        b"<HTTPS:/onclick=alert(1)>",
        b"<https:/onmouseover='alert(1)'>x",
        b"<mailto:a@b onclick=alert(1)>x",
        b"<a@b onclick=alert(1)>",
    ],
)
def test_what_only_looks_like_an_address_is_found(value):
    """Browsers take `<https:` for an element, and each segment for an attribute."""
    assert XSS.detect(value, Place.FORM_FIELD).score >= 100

"""The tokenizer and the detector of scripts against slow, obvious models of them."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS, _scan
from masugata.engines.waf.detectors.html._markup import ATTRIBUTE, Kind, attribute, next_token, tokens
from model import html_model

PIECES = (
    b"<", b">", b"</", b"<a", b"<p", b"<img", b"<svg", b"<x:y", b"<b>", b"</b>", b"<!--", b"-->", b"--!>",
    b"<!-->", b"<!", b"<?", b"]]>", b" ", b"\n", b"\t", b"/", b"=", b'"', b"'", b"`", b"a", b"B", b"on",
    b"onclick", b"onx", b"onerror=alert(1)", b"href=", b"src", b"style=", b"title=", b"javascript:",
    b"java&Tab;script&colon;", b"&#106;", b"&", b";", b":", b"(", b")", b"\0", b"\x0b", b"alert(1)",
    b"alert", b"[", b"]", b"${", b"{{", b"}", b"\\", b"//", b"/*", b"*/", b"<script", b"</script>",
    b"<style>", b"</style", b"<iframe ", b"srcdoc=", b"document.cookie", b"constructor", b"eval(", b"top[",
    b"data:text/html,", b"data:", b"text/", b"image/svg", b";base64", b",", b"phn", b"&#32", b"feed:",
    b"&#106", b"avascript:x", b"expression(", b"@import 'x'", b"\xef\xbc\x9c", b"\xe2\x80\x8b", b"word",
)  # fmt: skip
soup = st.lists(st.sampled_from(PIECES) | st.binary(max_size=2), max_size=24).map(b"".join)


def seen(data):
    """What the tokenizer sees, in the model's form."""
    found = []
    for token in tokens(data, raw_text=False):
        if token.kind in {Kind.START_TAG, Kind.END_TAG}:
            held = [attribute(each) for each in ATTRIBUTE.finditer(data, token.body, token.close)]
            found.append((token.kind.value, token.name, [(each.name, each.value) for each in held]))
        else:
            found.append((token.kind.value, None, None))
    return found


@settings(max_examples=400)
@given(soup)
@example(b"<a =b>")
@example(b"<a b = 'c'd>")
@example(b'<a "=">')
@example(b"<a / = b>")
@example(b"<a b=")
@example(b"<!--->x-->")
@example(b"</>")
@example(b"<a b c / =d e='>' f>")
@example(b"<a b c =d>")
@example(b"<a b / / =c='>'>")
@example(b"<a b c d = '>' e")
def test_as_the_standard_says(data):
    """Tags, attributes and comments are those that the standard's states give."""
    expected = html_model.tokens(data)
    assert seen(data) == expected


@settings(max_examples=400)
@given(soup)
def test_what_is_inert_is_only_skipped(data):
    """Skipping the inert runs in one go changes no verdict."""
    whole = XSS.detect(data, Place.FORM_FIELD)
    quick, _scan.INERT = _scan.INERT, re.compile(rb"(?!)")
    try:
        assert XSS.detect(data, Place.FORM_FIELD) == whole
    finally:
        _scan.INERT = quick


@settings(max_examples=600)
@given(soup)
@example(b"<x y='java&Tab;script:z()'>")
@example(b"<x y='&#x6a;avascript&colon;z()'>")
@example(b"<x\0y on\0click=z()>")
@example(b"x:&NewLine;data:text/html,")
@example(b"data:\x01;ba\tse64, \0PH\nNjcmlwdD4=")
@example(b"<a href='&#32data:a;base64,PGh0bWw'>")
@example(b"<a href='&#32d&#97;ta&colon;te\nxt&sol;html'>")
@example(b"<a href='&#xadata:,ale&Tab;rt(1)'>")
@example(b"<a href='&nbspdata&colon;image&#47;svg'>")
@example(b"<a href='&#32feed:x'>")
@example(b"<a href='&#32;&#000000000000000000106avascript:x'>")
@example(b"al/**/ert/*a*/(1)")
@example(b"image/*, alert/* */(1), */*")
@example(b"alert/**/(1)/**/")
@example(b"<img src")
@example(b"<iframe src =")
@example(b"'onload=")
def test_hints_are_wider_than_verdicts(data):
    """Hyperscan finds a hint in each value with evidence, but for those with more than is looked at."""
    database = hints()
    found = XSS.detect(data, Place.FORM_FIELD)
    matched = []
    database.scan(data, match_event_handler=lambda *_: matched.append(1))
    assert matched or found is None or found.reason.startswith("more ")


def hints(cache=[]):  # noqa: B006 compiled once for all examples
    """The compiled hints."""
    hyperscan = pytest.importorskip("hyperscan")
    if not cache:
        database = hyperscan.Database()
        database.compile(
            expressions=[hint.encode("latin-1") for hint in XSS.hints],
            ids=list(range(len(XSS.hints))),
            flags=[hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH]
            * len(XSS.hints),
        )
        cache.append(database)
    return cache[0]


@pytest.mark.parametrize("piece", PIECES)
def test_tokens_go_forward(piece):
    """Each token ends behind where it begins, so that the work ends."""
    data = piece * 50
    position = 0
    while (token := next_token(data, position)) is not None:
        assert token.end > position
        position = token.end

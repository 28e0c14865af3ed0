"""Scripts in markup that nobody wrote: what is found has a hint, and is what a slow reading finds."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.html._attributes import attribute as judged
from masugata.engines.waf.detectors.html._finding import POSSIBLE
from masugata.engines.waf.detectors.html._markup import ATTRIBUTE, attribute, plain
from masugata.engines.waf.detectors.html._scan import ACTIVE_NAMES, Scan
from masugata.engines.waf.detectors.html._scripts import scripts
from masugata.engines.waf.detectors.html._steps import Steps
from masugata.engines.waf.matching import JoinedEngine, NoDatabases, choose_engine, hint_pattern, join

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "xss"
ATTACKS = [
    json.loads(line)["value"].encode()
    for name in ("attacks.jsonl", "harmless.jsonl")
    for line in (VECTORS / name).read_text(encoding="utf-8").splitlines()
]
SKIPPED = (
    *(bytes((byte,)) for byte in (*range(0x20), 0x7F)),
    *(character.encode() for character in "\u00ad\u200b\u2060\ufeff"),
    b"&Tab;", b"&newline", b"&#0;", b"/**/", b"<x>", b"\x99",
)  # fmt: skip
ATTRIBUTES = (
    b"a=b ", b"a='b' ", b'a="b" ', b"a b ", b"a = ", b"/=", b"=", b"a='", b'a="', b"'", b'"', b" ", b"/",
    b"\n", b"word", b"onclick=f() ", b"style=a ", b"onfoo=1 ", b"href='javascript:a()' ", b"data-x=1 ",
    b"o\0nload=a() ", b"srcdoc=a ", b"ng-click=a() ",
)  # fmt: skip


ACTIVE = re.compile(ACTIVE_NAMES)


@st.composite
def interrupted(draw):
    """A vector with something in it that a browser, a filter or a database takes out."""
    value = draw(st.sampled_from(ATTACKS))
    for skipped in draw(st.lists(st.sampled_from(SKIPPED), min_size=1, max_size=3)):
        at = draw(st.integers(0, len(value)))
        value = value[:at] + skipped + value[at:]
    return value


@pytest.fixture(scope="module")
def scans():
    """The hints alone, and as they are looked for in all values at once."""
    pytest.importorskip("hyperscan")
    engine, patterns = choose_engine("hyperscan"), tuple(map(hint_pattern, XSS.hints))
    alone = engine.compile(patterns, NoDatabases())
    joined = JoinedEngine(engine).compile(patterns, NoDatabases())
    return alone, lambda value: joined(join((value,)))


@settings(max_examples=1_000, deadline=None)
@given(value=interrupted())
def test_what_is_found_has_a_hint(scans, value):
    """Whatever stands within a word that acts: C does not pass over what the detector finds."""
    if XSS.detect(value, Place.FORM_FIELD) is not None:
        assert all(scan(value) for scan in scans)


@pytest.mark.parametrize("byte", [*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F])
def test_controls_alone_are_no_hint(scans, byte):
    """Files and texts of old machines are full of them."""
    assert not any(scan(b"a" + bytes((byte,)) * 100 + b"b=c \x01\x02 d") for scan in scans)


def at_attribute(value, position):
    """Behind what parts attributes."""
    return next((at for at in range(position, len(value)) if value[at] not in b"\t\n\f\r /"), len(value))


def read_slowly(value, position):
    """The scores of attributes, as far as their names say something, up to the first end of a tag."""
    while found := ATTRIBUTE.match(value, at_attribute(value, position)):
        each = attribute(found)
        may_act = ACTIVE.match(each.name) or plain(each.name) != each.name
        if may_act and (verdict := judged(b"", plain(each.name), each)):
            yield verdict[0]
        position = found.end()


@settings(max_examples=500, deadline=None)
@given(pieces=st.lists(st.sampled_from(ATTRIBUTES), max_size=12), often=st.sampled_from((1, 1, 7, 150)))
def test_attributes_are_read_once(pieces, often):
    """Readings that meet find what each finds for itself, however long the dull parts are."""
    value = b"".join(pieces) * often + b"".join(reversed(pieces))
    starts = {position + 1 for quote in (b'"', b"'") if (position := value.find(quote)) >= 0}
    sure = chain.from_iterable(read_slowly(value, start) for start in starts)
    less = (min(score, POSSIBLE) for score in read_slowly(value, 0))
    found = [finding.score for finding in Scan(value, Steps(10**9)).findings()]
    assert max(found, default=0) == max([*sure, *less], default=0)


@settings(max_examples=300, deadline=None)
@given(
    script=st.sampled_from(ATTACKS),
    before=st.sampled_from((b"", b"x" * 3_000, b"word " * 600)),
    behind=st.sampled_from((b"", b" word" * 600)),
    data=st.data(),
)
def test_comments_are_taken_out_wherever_they_are(script, before, behind, data):
    """Far from what is cut off around them nothing is found, and nothing near them is missed."""
    at = data.draw(st.integers(0, len(script)))
    # Beside a slash or a star it would be another comment, as it would be within one.
    assume(b"/*" not in script and not set(script[max(0, at - 1) : at + 1]) & set(b"/*"))
    value = before + script[:at] + b"/**/" + script[at:] + behind
    plainly = {finding.score for finding in scripts(value.replace(b"/**/", b""), Steps(10**9))}
    assert {finding.score for finding in scripts(value, Steps(10**9))} >= plainly

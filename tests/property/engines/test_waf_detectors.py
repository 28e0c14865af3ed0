"""Detectors over anything: evidence has a hint, and work grows with the length at most."""

import sys
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from masugata.engines.waf import detectors
from masugata.engines.waf.decoding import layers
from masugata.engines.waf.detectors import HintedDetector, Place
from masugata.engines.waf.detectors._signs import MORE, SignDetector
from masugata.engines.waf.matching import NoDatabases, choose_engine, hint_pattern

NAMES = tuple(name for name in detectors.__all__ if name.isupper())
PIECES = (
    b";", b"|", b"&", b"`", b"$(", b"${", b"}", b")", b"(", b"{", b"[", b"]", b"'", b'"', b"\\", b"/",
    b".", b"..", b"../", b"%", b" ",
    b"\n", b"\r\n", b"\0", b"=", b":", b"<", b">", b"?", b"*", b"$", b"@", b"#", b"-", b",", b"cat",
    b"id", b"ls -l", b"whoami", b"/bin/", b"sh",
    b"/etc/", b"passwd", b"etc", b"win.ini", b"c:\\", b"windows", b"system32", b"$ifs", b"ping",
    b"c'a't", b"dir", b"cmd", b"/c ", b"powershell", b"-enc ",
    b"%2e", b"%2f", b"%252e", b"\xc0\xae", b"0x2e", b"jndi:", b"ldap://", b"lower:j", b"::-n",
    b"env:x", b"java.lang.", b"runtime", b"@ognl.", b"#a=",
    b"<?php", b"system", b"eval(", b"$_get[", b"php://", b"o:1:", b"http://", b"127.1",
    b"169.254.169.254", b"0xa9fea9fe", b"[::1]", b"localhost", b"file:",
    b"{{", b"}}", b"7*7", b"<%", b"%>", b"__class__", b"__proto__", b"constructor", b"prototype",
    b"require(", b"child_process", b"$1:", b"$where", b"[$ne]", b")(", b"uid=",
    b"<!entity ", b"system ", b"<!--#exec", b"set-cookie:", b"http/1.1", b"rcpt to:", b"a@b.example",
    b"bytes=", b"0-,", b"sqlmap", b".git", b".php", b".bak", b"admin",
    b"for %a in (", b"do ", b"if exist x echo", b"word ", b"the ", b"1", b"x",
)  # fmt: skip
soup = st.lists(st.sampled_from(PIECES) | st.binary(max_size=2), max_size=16).map(b"".join)
HOSTILE = (
    b"a", b";", b";ls", b";x ", b"../", b"..%2f", b"%25", b"${", b"${${::-", b"$(", b"`", b"{{", b"<%",
    b"java.lang.", b"http://1", b"http://a@",
    b"<!entity ", b"\r\n", b"/bin/?", b"etc/", b"\\u0041", b"__class__", b"system(", b"$a(", b"eval('",
    b"php://", b"(&(", b"\xc0\xae", b"\\\\a", b"c'a't", b"@{[",
    b"() {", b"for %a in (", b"{a,", b"(", b"/",
    b"{{", b"${", b"$", b"=", b".", b"etc/", b";;", b"\r\n", b"..%2f", b".php", b"include ",
)  # fmt: skip


def scan(name, cache={}):  # noqa: B006 compiled once for all examples
    """The compiled hints of a detector."""
    if name not in cache:
        patterns = tuple(hint_pattern(hint) for hint in getattr(detectors, name).hints)
        cache[name] = choose_engine("hyperscan").compile(patterns, NoDatabases())
    return cache[name]


@example(value=b"ldap://0;", place=Place.PATH)
@settings(max_examples=300, deadline=None)
@given(soup, st.sampled_from(Place))
def test_hints_are_wider_than_verdicts(value, place):
    """Hyperscan finds a hint in each value with evidence, but for those with more than is looked at."""
    pytest.importorskip("hyperscan")
    for name in NAMES:
        found = getattr(detectors, name).detect(value, place)
        if found is not None and not found.reason.startswith(MORE):
            assert 0 < found.score <= 100
            assert scan(name)(value), (name, found)


@settings(max_examples=300, deadline=None)
@given(soup, st.sampled_from(Place))
def test_what_no_hint_points_at_is_not_missed(value, place):
    """Asked with only those of its hints that match, a detector finds what it finds with all of them."""
    pytest.importorskip("hyperscan")
    for name in NAMES:
        detector = getattr(detectors, name)
        if isinstance(detector, HintedDetector) and (hints := scan(name)(value)):
            found = detector.detect(value, place)
            if found is None or not found.reason.startswith(MORE):
                assert detector.detect_hinted(value, place, hints) == found, name


SIGNS = tuple(each for name in NAMES if isinstance(each := getattr(detectors, name), SignDetector))
PARTS = tuple(part for detector in SIGNS for parts in detector._parts for part in parts)
before = st.lists(soup | st.binary(max_size=3) | st.just(b"a" * 130), max_size=4).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(before)
def test_what_stands_before_a_word_is_found_where_it_can_be(text):
    """Looked for at the beginning, or in one byte, it is found where it is in the 128 bytes before."""
    lowered = text.lower()
    for part in PARTS:
        if part.before is not None:
            found = part.before.search(lowered, max(0, len(lowered) - 128), len(lowered))
            assert part.follows(lowered, len(lowered)) == (found is not None), part.sign


@settings(max_examples=200, deadline=None)
@given(soup)
def test_layers_get_shorter(value):
    """Decoding begins with the value, and never makes it longer."""
    found = layers(value)
    assert found[0] == value
    assert all(len(one) >= len(other) for one, other in pairwise(found))


def calls(function):
    """How many functions of the detectors a call comes to, C's included."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("detector", SIGNS, ids=lambda detector: detector.family)
def test_words_of_signs_cost_few_steps_however_often_they_stand(detector):
    """64 KiB of all words of a detector, which are no signs, are looked at in some thousand calls."""
    parts = [part for each in detector._parts for part in each]
    words = b" ".join(word.text for part in parts for word in part.words)
    value = (words + b"\n") * (65_536 // (len(words) + 1))
    assert max(calls(lambda place=place: detector.detect(value, place)) for place in Place) < 40_000


@pytest.mark.parametrize("piece", HOSTILE)
def test_steps_grow_with_the_length_at_most(piece):
    """A value of twice the length takes at most little more than twice the calls."""
    for name in NAMES:
        detector = getattr(detectors, name)
        small, large = (piece * 4_096)[:4_096], (piece * 8_192)[:8_192]
        few = calls(lambda detector=detector, small=small: detector.detect(small, Place.FORM_FIELD))
        many = calls(lambda detector=detector, large=large: detector.detect(large, Place.FORM_FIELD))
        assert many <= 2.2 * few + 100, name

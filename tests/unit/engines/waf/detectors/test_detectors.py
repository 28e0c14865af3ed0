"""Attacks of each family are told from harmless text, technique by technique and kind by kind."""

import json
from pathlib import Path

import pytest

from masugata.engines.waf import detectors
from masugata.engines.waf.decoding import layers
from masugata.engines.waf.detectors import Account, Place, ssrf
from masugata.engines.waf.detectors.commands import _reader, _shapes
from masugata.engines.waf.detectors.commands._words import NAMES as NAMES_OF_COMMANDS
from masugata.engines.waf.matching import NoDatabases, choose_engine, hint_pattern

VECTORS = Path(__file__).resolve().parents[4] / "vectors" / "waf-detectors"
NAMES = tuple(name for name in detectors.__all__ if name.isupper())
BLOCKED = 50
"""The score from which on managed rules match."""


def vectors(name):
    """The lines of a file of vectors, each a parameter."""
    return [json.loads(line) for line in (VECTORS / name).read_text(encoding="utf-8").splitlines()]


def strongest(name, vector):
    """The highest score that a detector gives to a value as it stands or decoded."""
    found = [
        getattr(detectors, name).detect(layer, Place(vector["place"]))
        for layer in layers(vector["value"].encode())
    ]
    return max((evidence.score for evidence in found if evidence is not None), default=0)


@pytest.mark.parametrize(
    "vector", vectors("attacks.jsonl"), ids=lambda vector: f"{vector['detector']}-{vector['technique']}"
)
def test_attacks(vector):
    """Each technique is found, as surely as it is to be."""
    assert strongest(vector["detector"], vector) >= vector["least"]


@pytest.mark.parametrize("vector", vectors("harmless.jsonl"), ids=lambda vector: vector["kind"])
def test_harmless(vector):
    """What people write and programs send is no attack to any detector."""
    assert {name: score for name in NAMES if (score := strongest(name, vector)) >= BLOCKED} == {}


def test_every_detector_has_attacks():
    """No detector goes without an attack that it finds."""
    assert {vector["detector"] for vector in vectors("attacks.jsonl")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
def test_hints_compile(name, engine):
    """Both engines take all hints, and none of them matches what has nothing in it."""
    pytest.importorskip(engine)
    patterns = tuple(hint_pattern(hint) for hint in getattr(detectors, name).hints)
    scan = choose_engine(engine).compile(patterns, NoDatabases())
    assert scan(b"") == []
    assert scan(b"a word") == []


@pytest.mark.parametrize("vector", vectors("attacks.jsonl"), ids=lambda vector: vector["detector"])
def test_hints_of_attacks(vector):
    """A layer with evidence has a hint in it."""
    pytest.importorskip("hyperscan")
    detector = getattr(detectors, vector["detector"])
    for layer in layers(vector["value"].encode()):
        if detector.detect(layer, Place(vector["place"])) is not None:
            assert scanner(vector["detector"])(layer)


def scanner(name, cache={}):  # noqa: B006 compiled once for all vectors
    """The compiled hints of a detector."""
    if name not in cache:
        patterns = tuple(hint_pattern(hint) for hint in getattr(detectors, name).hints)
        cache[name] = choose_engine("hyperscan").compile(patterns, NoDatabases())
    return cache[name]


@pytest.mark.parametrize("name", NAMES)
def test_text_about_attacks(name):
    """Sentences that only mention an attack score lower than rules ask for, or name what no sentence has."""
    text = (
        "This is a long text that people wrote about the ways in which programs are attacked, "
        "with words such as cat, id, eval and system, and with signs; it has no attack in it."
    )
    found = getattr(detectors, name).detect(text.encode(), Place.FORM_FIELD)
    assert found is None or found.score < BLOCKED


PADDED = {
    "URLs": (
        "METADATA_HOSTS",
        b"".join(b"http://s%d.example/ " % n for n in range(1_200)),
        b"http://0xa9fea9fe/",
    ),
    "codes": ("TRAVERSAL", b"".join(b"%d%% " % n for n in range(1_000)), b"../../../../../../x"),
    "steps": ("TRAVERSAL", b"".join(b"a/../%d " % n for n in range(1_000)), b"../../../../../../x"),
    "segments": ("TRAVERSAL", b"a/../" * 1_000, b"../../../../../../x"),
    "a long path": ("TRAVERSAL", b"a/" * 8_000, b"../" * 8_010),
    "braces": ("UNIX_COMMANDS", b"{" * 5_000, b";whoami"),
    "commands": ("UNIX_COMMANDS", b";ls-x" * 300, b";whoami"),
    "words": ("UNIX_FILES", b"etc " * 3_000, b"/etc/passwd"),
    "marks": ("PHP", b"$ " * 9_000, b"$_GET['x']('id')"),
    "ends of lookups": ("LOOKUPS", b"}" * 9_000, b"${${lower:j}ndi:${::-l}dap://x}"),
    "lookups": ("LOOKUPS", b"${a}" * 9_000, b"${${lower:j}ndi:${::-l}dap://x}"),
    "percent signs": ("TRAVERSAL", b"%" * 9_000, b"/%2e%2e%2f%2e%2e%2fetc"),
    "operators": ("NOSQL", b"$ne $or " * 1_000, b'{"$where": "this.a"}'),
    "many of a mark": ("UNIX_COMMANDS", b"= " * 9_000, b"q=id;$q"),
}


@pytest.mark.parametrize("padding", PADDED)
def test_padding_hides_nothing(padding):
    """What is behind more than is looked at is found, or the value is an attack for having so much."""
    name, before, attack = PADDED[padding]
    found = getattr(detectors, name).detect(before + attack, Place.FORM_FIELD)
    assert found is not None
    assert found.score >= BLOCKED


def test_lines_of_a_header_cost_nothing() -> None:
    """A log has a `Date:` for each of its changes."""
    text = b"Author: Anna\nDate:   2026-11-27\n\n    Mend it.\n\n" * 1_000
    account = Account()
    hints = range(len(detectors.UNIX_COMMANDS.hints))
    assert detectors.UNIX_COMMANDS.detect_hinted(text, Place.FORM_FIELD, hints, account) is None
    assert account.left == Account().left


@pytest.mark.parametrize("piece", [b"(set x) ", b";find x ", b"{id: 5} ", b"/b?n/l?/", b"\ntype x "])
@pytest.mark.parametrize("name", ["UNIX_COMMANDS", "WINDOWS_COMMANDS"])
def test_commands_of_many_values_are_bounded_together(name, piece, monkeypatch):
    """What may be read of one value is not to be had for each of a hundred."""
    read = []
    monkeypatch.setattr(_reader, "_call", lambda *found: read.append(found))
    monkeypatch.setattr(_shapes, "globs_a_target", read.append)
    detector = getattr(detectors, name)
    account = Account()
    for number in range(128):
        value = piece * (512 // len(piece)) + b"%d" % number
        detector.detect_hinted(value, Place.FORM_FIELD, range(len(detector.hints)), account)
    assert len(read) <= Account().left // 8


@pytest.mark.parametrize("weak", [b"", b"x & wget foo", b"(find -x"])
def test_what_is_weak_does_not_hide_that_there_is_more(weak):
    """Behind more names than are read anything may stand, whatever was found before them."""
    value = weak + b";wget=" * 300 + b"; rm -rf /home/anna"
    found = detectors.UNIX_COMMANDS.detect(value, Place.FORM_FIELD)
    assert found is not None
    assert found.score >= BLOCKED


@pytest.mark.parametrize(
    "before", [b"/x/*/y ", b"/usr/bin/env ", b"".join(b"/x%d/*/y " % n for n in range(300))]
)
def test_a_path_with_wildcards_is_found_behind_any_number_of_others(before):
    """Those that come again are looked at once, and more of them than are looked at is evidence too."""
    found = detectors.UNIX_COMMANDS.detect(b"x " + before * 50 + b"; /???/c?t /???/p??s??", Place.FORM_FIELD)
    assert found is not None
    assert found.score >= BLOCKED


def test_systems_share_what_is_known_of_a_text(monkeypatch):
    """Where commands may begin in a text is found out once, for Unix and Windows."""
    known, found = [], _reader._known
    monkeypatch.setattr(_reader, "_known", lambda words: known.append(list(words)) or found(known[-1]))
    value = b"x;whoami /all"
    account = Account()
    for detector in (detectors.UNIX_COMMANDS, detectors.WINDOWS_COMMANDS):
        hints = range(len(detector.hints))
        assert detector.detect_hinted(value, Place.FORM_FIELD, hints, account) is not None
    assert known == [[b"x", b"whoami"]]


@pytest.mark.parametrize(
    "text", [b"12;34;5\n" * 8_000, b"<td>1</td>\n" * 6_000, b"    if (x) { y(); }\n" * 3_000]
)
def test_tables_and_code_are_not_too_much(text):
    """Where separators are many, as in tables, markup and code, their number is no evidence."""
    reader = _reader.Reader(text[:65_536], Place.FORM_FIELD, NAMES_OF_COMMANDS, Account())
    assert list(reader.calls()) == []
    assert not reader.exhausted


@pytest.mark.parametrize(
    "urls",
    [
        [b"http://169.254.169.254:%d/" % port for port in range(2_500)],
        [b"http://10.0.%d.%d/" % divmod(number, 256) for number in range(3_500)],
        [b"http://a%d:b@c/" % number for number in range(4_000)],
        [b"tp:"] * 21_000,
    ],
)
def test_urls_are_paid_and_what_is_around_them_is_read_once(urls, monkeypatch):
    """64 KiB of addresses, each another one, are no more work than is paid; and no way past."""
    classified, prose = [], []
    monkeypatch.setattr(
        ssrf, "classify", lambda host, found=ssrf.classify: classified.append(host) or found(host)
    )
    monkeypatch.setattr(ssrf, "is_prose", lambda text: prose.append(text) is not None)
    account = Account()
    value = b" ".join(urls)[:65_536]
    found = detectors.INNER_HOSTS.detect_hinted(value, Place.FORM_FIELD, (), account)
    assert account.left <= 0
    assert found is not None
    assert found.score >= BLOCKED
    assert len(classified) <= Account().left // 2
    assert len(prose) <= 1

"""Statements about addresses: IP sets, countries and autonomous systems, of the peer or of a header."""

import pytest

from masugata.engines.waf.errors import RulesetError
from web_acls import Json, World, all_of, any_of, byte_match, decide, get, matches, negated, rule, ruleset

SETS = {"set": ("192.0.2.0/24", "192.0.2.128/25", "198.51.100.7/32", "2001:db8::/32")}
XFF = b"x-forwarded-for"


def ip_set(position: str | None = None, fallback: str = "NO_MATCH", arn: str = "set") -> Json:
    """An IPSetReferenceStatement."""
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback, "Position": position}
    more = {} if position is None else {"IPSetForwardedIPConfig": config}
    return {"IPSetReferenceStatement": {"ARN": arn} | more}


def forwarded(name: str, said: Json, fallback: str = "NO_MATCH") -> Json:
    """A statement by the first address of the header."""
    return {
        name: said | {"ForwardedIPConfig": {"HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback}}
    }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.0", True),
        ("192.0.2.255", True),
        ("192.0.3.0", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::", False),
        ("::ffff:192.0.2.1", True),
        ("nonsense", False),
    ],
)
def test_peers_are_looked_up_in_ip_sets(address: str, expected: bool) -> None:
    """Both families, the edges of ranges, and IPv4 written as IPv6."""
    assert matches(ip_set(), get(source_ip=address), ip_sets=SETS) is expected


@pytest.mark.parametrize(
    ("values", "position", "fallback", "expected"),
    [
        ((b"192.0.2.1, 203.0.113.1",), "FIRST", "NO_MATCH", True),
        ((b"192.0.2.1, 203.0.113.1",), "LAST", "NO_MATCH", False),
        ((b"203.0.113.1,192.0.2.1",), "LAST", "NO_MATCH", True),
        ((b"203.0.113.1", b"192.0.2.1"), "LAST", "NO_MATCH", True),
        ((b"1.1.1.1, 192.0.2.1 ,2.2.2.2",), "ANY", "NO_MATCH", True),
        ((b"192.0.2.1" + b",1.1.1.1" * 10,), "ANY", "MATCH", False),
        ((b"unknown, 192.0.2.1",), "FIRST", "NO_MATCH", False),
        ((b"unknown, 203.0.113.1",), "FIRST", "MATCH", True),
        ((b"unknown, 203.0.113.1",), "ANY", "MATCH", False),
        ((b"",), "ANY", "MATCH", True),
        ((b"192.0.2.1:443",), "FIRST", "NO_MATCH", False),
        ((), "ANY", "MATCH", False),
    ],
)
def test_forwarded_addresses(values: tuple[bytes, ...], position: str, fallback: str, expected: bool) -> None:
    """Positions, several headers, the last ten addresses, fallbacks; without the header nothing matches."""
    request = get("/", *((XFF, value) for value in values))
    assert matches(ip_set(position, fallback), request, ip_sets=SETS) is expected


def test_what_does_not_apply_does_not_apply_negated() -> None:
    """Without the header neither "in the set" nor "not in the set" matches, alone or in others."""
    here, other = ip_set("FIRST"), byte_match(b"/")
    for said, expected in [
        (negated(here), False),
        (all_of(other, negated(here)), False),
        (any_of(here, negated(here)), False),
        (any_of(here, other), True),
        (negated(all_of(here, negated(other))), True),
    ]:
        assert matches(said, get(), ip_sets=SETS) is expected
    assert matches(negated(here), get("/", (XFF, b"203.0.113.1")), ip_sets=SETS)


def test_missing_and_broken_ip_sets_are_named() -> None:
    """A rule whose set is not there is an error, never a rule that matches nothing."""
    with pytest.raises(RulesetError, match="shop/r: there is no IP set `gone`"):
        matches(ip_set(arn="gone"), get())
    with pytest.raises(RulesetError, match=r"`set`: .*300"):
        matches(ip_set(), get(), ip_sets={"set": ("300.0.0.0/8",)})


def test_countries_become_labels_whether_they_match_or_not() -> None:
    """Later rules see them; an unknown place is XX."""
    geo = {"GeoMatchStatement": {"CountryCodes": ["FR"]}}
    rules = ruleset(rule("g", 0, all_of(byte_match(b"never"), geo)), rule("h", 1, geo))
    assert decide(rules, get(source_ip="192.0.2.1")).labels == (
        "awswaf:clientip:geo:country:DE",
        "awswaf:clientip:geo:region:DE-BE",
    )
    assert decide(rules, get(source_ip="203.0.113.1")).labels == (
        "awswaf:clientip:geo:country:XX",
        "awswaf:clientip:geo:region:XX-XX",
    )


def test_countries_of_forwarded_addresses_have_labels_of_their_own() -> None:
    """Also if the rule ends the evaluation."""
    geo = forwarded("GeoMatchStatement", {"CountryCodes": ["DE"]})
    found = decide(ruleset(rule("g", 0, geo)), get("/", (XFF, b"192.0.2.1"), source_ip="203.0.113.1"))
    assert found.action == "BLOCK"
    assert found.labels == ("awswaf:forwardedip:geo:country:DE", "awswaf:forwardedip:geo:region:DE-BE")
    assert found.terminating is not None
    assert found.terminating.details[0].matched_data == ("DE",)


@pytest.mark.parametrize(
    ("systems", "address", "expected"),
    [([64500, 1], "192.0.2.1", True), ([1], "192.0.2.1", False), ([0], "203.0.113.1", True)],
)
def test_autonomous_systems(systems: list[int], address: str, expected: bool) -> None:
    """What belongs to none that is known belongs to 0."""
    assert matches({"AsnMatchStatement": {"AsnList": systems}}, get(source_ip=address)) is expected


def test_autonomous_systems_of_forwarded_addresses() -> None:
    """With the fallback for what is no address, and nothing without the header."""
    said = forwarded("AsnMatchStatement", {"AsnList": [64500]}, "MATCH")
    assert matches(said, get("/", (XFF, b"192.0.2.1")))
    assert matches(said, get("/", (XFF, b"?")))
    assert not matches(said, get(source_ip="192.0.2.1"))


@pytest.mark.parametrize(
    "said", [{"GeoMatchStatement": {"CountryCodes": []}}, {"AsnMatchStatement": {"AsnList": []}}]
)
def test_lists_of_nothing_are_errors(said: Json) -> None:
    """A rule that can match nothing was meant otherwise."""
    with pytest.raises(RulesetError, match="shop/r: "):
        matches(said, get())


def test_addresses_are_looked_up_once() -> None:
    """Whatever the number of rules."""
    world = World()
    asked: list[str] = []
    known = world.locate
    world.locate = lambda address: asked.append(address) or known(address)
    geo = {"GeoMatchStatement": {"CountryCodes": ["FR"]}}
    decide(ruleset(rule("a", 0, geo), rule("b", 1, negated(geo), "Count")), get(), world)
    assert asked == ["127.0.0.1"]

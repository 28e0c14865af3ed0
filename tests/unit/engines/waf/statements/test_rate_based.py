"""Rate-based statements: what is counted, by which key, and when it is too much."""

import pytest

from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.request import WebRequest
from web_acls import (
    ACL_ARN,
    GROUP_ARN,
    Json,
    World,
    all_of,
    byte_match,
    compiled,
    decide,
    get,
    group_rule,
    label_match,
    own_group,
    rule,
    ruleset,
)

XFF = b"x-forwarded-for"
LOWER = [{"Priority": 0, "Type": "LOWERCASE"}]


def rate(kind: str = "IP", limit: int = 10, **more: object) -> Json:
    """A RateBasedStatement."""
    return {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": kind} | more}


def keys(said: Json, *requests: WebRequest) -> list[bytes]:
    """What the requests were counted as."""
    world = World()
    plan = compiled(ruleset(rule("r", 0, said)))
    for request in requests:
        decide(plan, request, world)
    return [key for _, key in world.counts]


def custom(*parts: Json, **more: object) -> Json:
    """By these keys."""
    return rate("CUSTOM_KEYS", CustomKeys=list(parts), **more)


def test_more_than_the_limit_is_too_much() -> None:
    """The limit itself is not; others are counted for themselves."""
    world = World()
    plan = compiled(ruleset(rule("r", 0, rate(limit=10))))
    found = [decide(plan, get(), world).action for _ in range(12)]
    assert found == ["ALLOW"] * 10 + ["BLOCK"] * 2
    assert decide(plan, get(source_ip="192.0.2.9"), world).action == "ALLOW"
    assert world.windows == {(300, 10)}


def test_rules_count_under_their_full_names() -> None:
    """The same rule of a rule group that is used twice counts twice."""
    world = World()
    used = [group_rule(name, n, own_group()) for n, name in enumerate(("a", "b"))]
    rules = ruleset(*used, rule("c", 5, rate()), group=(rule("r", 0, rate()),))
    decide(rules, get(), world)
    assert GROUP_ARN
    assert [name for name, _ in world.counts] == [f"{ACL_ARN}/a/r", f"{ACL_ARN}/b/r", f"{ACL_ARN}/c"]


def test_only_what_the_scope_down_statement_matches_is_counted() -> None:
    """Also where its patterns are looked for together with others."""
    said = rate("CONSTANT", ScopeDownStatement=all_of(byte_match(b"/login", "EXACTLY"), byte_match(b"i")))
    assert keys(said, get("/login"), get("/"), get("/login/x")) == [b"all"]


def test_ipv6_is_counted_by_its_network() -> None:
    """Whoever has one address has 2**64 of them."""
    found = keys(
        rate(), get(source_ip="2001:db8::1"), get(source_ip="2001:db8::2"), get(source_ip="::ffff:192.0.2.1")
    )
    assert found == [b"2001:db8::/64", b"192.0.2.1"]


def test_forwarded_addresses_are_counted() -> None:
    """Without the header the rule does not apply; without an address it is as the fallback says."""
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}
    said = rate("FORWARDED_IP", ForwardedIPConfig=config)
    requests = [get("/", (XFF, b"192.0.2.1, 1.1.1.1")), get(), get("/", (XFF, b"?"))]
    assert keys(said, *requests) == [b"192.0.2.1"]
    actions = [decide(ruleset(rule("r", 0, said)), request).action for request in requests]
    assert actions == ["ALLOW", "ALLOW", "BLOCK"]


@pytest.mark.parametrize(
    ("part", "request_", "expected"),
    [
        ({"Header": {"Name": "X-Key", "TextTransformations": LOWER}}, get("/", (b"x-key", b"AbC")), b"3:abc"),
        (
            {"Cookie": {"Name": "id", "TextTransformations": LOWER}},
            get("/", (b"cookie", b"a=b; id=X")),
            b"1:x",
        ),
        ({"QueryArgument": {"Name": "q", "TextTransformations": LOWER}}, get("/?p=1&q=Z"), b"1:z"),
        ({"QueryString": {"TextTransformations": LOWER}}, get("/?A=b"), b"3:a=b"),
        ({"UriPath": {"TextTransformations": LOWER}}, get("/X"), b"2:/x"),
        ({"HTTPMethod": {}}, get(), b"3:GET"),
        ({"ASN": {}}, get(source_ip="192.0.2.1"), b"5:64500"),
        ({"ASN": {}}, get(source_ip="203.0.113.1"), b"1:0"),
        ({"JA3Fingerprint": {"FallbackBehavior": "MATCH"}}, get(ja3="abc"), b"3:abc"),
        ({"JA4Fingerprint": {"FallbackBehavior": "MATCH"}}, get(ja4="abc"), b"3:abc"),
        ({"Header": {"Name": "X-Key", "TextTransformations": LOWER}}, get(), None),
        ({"Cookie": {"Name": "id", "TextTransformations": LOWER}}, get(), None),
        ({"QueryArgument": {"Name": "q", "TextTransformations": LOWER}}, get("/?p=1"), None),
        ({"JA3Fingerprint": {"FallbackBehavior": "NO_MATCH"}}, get(), None),
        ({"LabelNamespace": {"Namespace": "none:"}}, get(), None),
    ],
)
def test_custom_keys(part: Json, request_: WebRequest, expected: bytes | None) -> None:
    """Each key by itself; a request that lacks it is not counted."""
    assert keys(custom(part), request_) == ([] if expected is None else [expected])


def test_keys_together_are_never_mistaken() -> None:
    """Each has its length before it: `a` and `,b` is not `a,` and `b`."""
    parts = [{"Header": {"Name": name, "TextTransformations": LOWER}} for name in ("x", "y")]
    first = get("/", (b"x", b"a"), (b"y", b",b"))
    second = get("/", (b"x", b"a,"), (b"y", b"b"))
    assert len(keys(custom(*parts), first, second)) == 2
    assert keys(custom(*parts), get("/", (b"x", b"a"))) == []


def test_labels_are_counted_by_their_namespace() -> None:
    """Full names, of earlier rules."""
    world = World()
    said = custom({"LabelNamespace": {"Namespace": "client:"}})
    rules = ruleset(rule("l", 0, byte_match(b"/"), "Count", "client:a", "other:b"), rule("r", 1, said))
    decide(rules, get(), world)
    label = b"awswaf:111122223333:webacl:shop:client:a"
    assert [key for _, key in world.counts] == [b"%d:%b" % (len(label), label)]


def test_requests_without_fingerprints_match_as_the_fallback_says() -> None:
    """Without being counted."""
    part = {"JA3Fingerprint": {"FallbackBehavior": "MATCH"}}
    world = World()
    assert decide(ruleset(rule("r", 0, custom(part))), get(), world).action == "BLOCK"
    assert not world.counts


@pytest.mark.parametrize(
    "said",
    [
        rate("CONSTANT"),
        rate("FORWARDED_IP"),
        rate("CUSTOM_KEYS"),
        rate("IP", CustomKeys=[{"IP": {}}]),
        custom({}),
        custom({"IP": {}, "ASN": {}}),
        custom({"ForwardedIP": {}}),
        rate(ScopeDownStatement=rate()),
        all_of(rate(), label_match("a")),
    ],
)
def test_what_cannot_be_counted_is_an_error(said: Json) -> None:
    """It names the rule."""
    with pytest.raises(RulesetError, match="shop/r: "):
        compiled(ruleset(rule("r", 0, said)))

"""Actions: answers, headers for the upstream, tokens."""

import pytest

from masugata.engines.waf.decision import Response
from masugata.engines.waf.errors import RulesetError
from web_acls import Json, World, byte_match, compiled, decide, get, group_rule, own_group, rule, ruleset

BODIES = {
    "tea": {"ContentType": "TEXT_PLAIN", "Content": "I am a teapot"},
    "page": {"ContentType": "TEXT_HTML", "Content": "<p>no</p>"},
    "json": {"ContentType": "APPLICATION_JSON", "Content": '{"no": "ü"}'},
}
ANY = byte_match(b"/")
TOKENS = {b"good": "VALID", b"old": "TOKEN_EXPIRED", b"other": "TOKEN_DOMAIN_MISMATCH"}


def block(code: int, key: str | None = None, *headers: tuple[str, str]) -> Json:
    """A Block action with an answer of its own."""
    found: Json = {"ResponseCode": code, "ResponseHeaders": [{"Name": n, "Value": v} for n, v in headers]}
    return {"Block": {"CustomResponse": found | ({} if key is None else {"CustomResponseBodyKey": key})}}


def inserting(action: str, *headers: tuple[str, str]) -> Json:
    """An action that adds headers for the upstream."""
    added = [{"Name": name, "Value": value} for name, value in headers]
    return {action: {"CustomRequestHandling": {"InsertHeaders": added}}}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("Block", Response(403)),
        (block(429), Response(429)),
        (block(200, "tea"), Response(200, (("content-type", "text/plain"),), b"I am a teapot")),
        (
            block(599, "page", ("Retry-After", "9")),
            Response(599, (("Retry-After", "9"), ("content-type", "text/html")), b"<p>no</p>"),
        ),
        (block(403, "json"), Response(403, (("content-type", "application/json"),), '{"no": "ü"}'.encode())),
    ],
)
def test_blocked_requests_are_answered_as_the_rule_says(action: str | Json, expected: Response) -> None:
    """Status, headers and body; as default action too."""
    assert decide(ruleset(rule("r", 0, ANY, action), bodies=BODIES), get()).response == expected
    assert decide(ruleset(default=action, bodies=BODIES), get()).response == expected


def test_missing_bodies_are_named() -> None:
    """Of rules and of the default action."""
    with pytest.raises(RulesetError, match="shop/r: there is no custom response body `gone`"):
        compiled(ruleset(rule("r", 0, ANY, block(403, "gone"))))
    with pytest.raises(RulesetError, match="shop: there is no custom response body `gone`"):
        compiled(ruleset(default=block(403, "gone")))


def test_groups_have_bodies_of_their_own() -> None:
    """And the web ACL those of what it overrides."""
    group = (rule("g", 0, ANY, block(401, "tea")),)
    other = {"tea": BODIES["tea"] | {"Content": "other"}}
    whole = ruleset(group_rule("r", 0, own_group()), group=group, group_bodies=BODIES, bodies=other)
    assert decide(whole, get()).response == Response(401, (("content-type", "text/plain"),), b"I am a teapot")
    override = own_group(RuleActionOverrides=[{"Name": "g", "ActionToUse": block(402, "tea")}])
    whole = ruleset(group_rule("r", 0, override), group=group, group_bodies=BODIES, bodies=other)
    assert decide(whole, get()).response == Response(402, (("content-type", "text/plain"),), b"other")


def test_headers_are_inserted_for_the_upstream() -> None:
    """With AWS's prefix; of one name the last; not if the request is blocked."""
    rules = [
        rule("a", 0, ANY, inserting("Count", ("Seen", "1"), ("Twice", "a"))),
        rule("b", 1, ANY, inserting("Count", ("twice", "b"))),
        rule("c", 2, byte_match(b"/gone"), inserting("Count", ("Gone", "1"))),
    ]
    found = decide(ruleset(*rules, default=inserting("Allow", ("End", "1"))), get())
    assert found.inserted_headers == (
        ("x-amzn-waf-seen", "1"),
        ("x-amzn-waf-twice", "b"),
        ("x-amzn-waf-end", "1"),
    )
    allowing = rule("d", 3, ANY, inserting("Allow", ("Who", "d")))
    assert decide(ruleset(rules[0], allowing), get()).inserted_headers[-1] == ("x-amzn-waf-who", "d")
    assert decide(ruleset(*rules, default="Block"), get()).inserted_headers == ()


@pytest.mark.parametrize(
    ("action", "status", "header"), [("Challenge", 202, "challenge"), ("Captcha", 405, "captcha")]
)
@pytest.mark.parametrize(
    ("token", "state"),
    [
        (None, "TOKEN_MISSING"),
        (b"old", "TOKEN_EXPIRED"),
        (b"x", "TOKEN_INVALID"),
        (b"other", "TOKEN_DOMAIN_MISMATCH"),
    ],
)
def test_without_a_valid_token_it_ends(
    action: str, status: int, header: str, token: bytes | None, state: str
) -> None:
    """With AWS's status and header, and the reason."""
    cookies = () if token is None else ((b"cookie", b"a=b; aws-waf-token=" + token),)
    rules = ruleset(rule("r", 0, ANY, action, "asked"), rule("b", 1, ANY, "Block"))
    found = decide(rules, get("/", *cookies), World(TOKENS))
    assert found.action == action.upper()
    assert found.response == Response(status, (("x-amzn-waf-action", header),))
    assert found.terminating is not None
    assert found.terminating.token == state
    assert found.labels == ("awswaf:111122223333:webacl:shop:asked",)


@pytest.mark.parametrize("where", [(b"cookie", b"aws-waf-token=good"), (b"x-aws-waf-token", b"good")])
def test_with_a_valid_token_it_goes_on(where: tuple[bytes, bytes]) -> None:
    """As Count does: with its labels and its headers, and the next rules are asked."""
    rules = ruleset(rule("r", 0, ANY, inserting("Challenge", ("Solved", "1")), "asked"))
    found = decide(rules, get("/", where), World(TOKENS))
    assert found.action == "ALLOW"
    assert [(match.rule, match.action, match.token) for match in found.counted] == [
        ("r", "CHALLENGE", "VALID")
    ]
    assert found.inserted_headers == (("x-amzn-waf-solved", "1"),)
    assert len(found.labels) == 1


def test_seconds_that_a_token_counts() -> None:
    """The rule's, else the web ACL's, else 300; for the host of the request."""
    for_ = lambda seconds: {"ImmunityTimeProperty": {"ImmunityTime": seconds}}  # noqa: E731
    world = World({b"good": "VALID"})
    own = rule("own", 0, ANY, "Challenge", ChallengeConfig=for_(400), CaptchaConfig=for_(1))
    rules = ruleset(
        own, rule("acl", 1, ANY, "Captcha"), rule("none", 2, ANY, "Challenge"), CaptchaConfig=for_(70)
    )
    decide(rules, get("/", (b"host", b"shop.example"), (b"x-aws-waf-token", b"good")), world)
    host = b"shop.example"
    assert world.asked == [("CHALLENGE", 400, host), ("CAPTCHA", 70, host), ("CHALLENGE", 300, host)]


def test_a_token_domain_is_no_public_suffix() -> None:
    """A web ACL that lists one is refused before it is anybody's plan."""
    compiled(ruleset(TokenDomains=["example.com"]))
    with pytest.raises(RulesetError, match=r"shop: `TokenDomains`: `co\.uk` is a public suffix"):
        compiled(ruleset(TokenDomains=["example.com", "co.uk"]))


@pytest.mark.parametrize("action", [{}, {"Block": {}, "Allow": {}}])
def test_an_action_is_exactly_one(action: Json) -> None:
    """Of rules and of the default."""
    with pytest.raises(RulesetError, match="shop/r: an action"):
        compiled(ruleset(rule("r", 0, ANY, action)))
    with pytest.raises(RulesetError, match="shop: an action"):
        compiled(ruleset(default=action))

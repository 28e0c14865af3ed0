"""What is remembered of headers: values without hints, few of them, and no secrets."""

import pytest

from masugata.engines.waf.definitions import RuleAction
from masugata.engines.waf.definitions.actions import BlockAction
from masugata.engines.waf.managed import Detect, ManagedGroup, ManagedRule, Source
from masugata.engines.waf.matching import choose_engine
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.plan import Plan
from masugata.engines.waf.statements._quiet import LONGEST, MOST, OVERHEAD, Quiet, QuietHeaders
from web_acls import WordDetector, compiled, decide, get, group_rule, managed_group, ruleset

SECRET = (b"authorization", b"cookie", b"proxy-authorization", b"referer", b"x-api-key", b"x-forwarded-for")
AGENT = b"user-agent"


def parsed(*headers: tuple[bytes, bytes]) -> ParsedRequest:
    """A request with these headers."""
    return ParsedRequest(get("/", *headers), 8_192)


def plan_for(detector: WordDetector, engine: str = "hyperscan") -> Plan:
    """One managed rule that looks at headers."""
    detect = Detect(sources=(Source.HEADERS, Source.URI_PATH), detectors=(detector,))
    group = ManagedGroup(
        vendor="AWS",
        name="Words",
        version="Version_1.0",
        capacity=10,
        label_namespace="awswaf:managed:aws:words:",
        rules=(ManagedRule(name="Word", action=RuleAction(block=BlockAction()), detect=detect),),
    )
    chosen = choose_engine("re2" if engine == "re2" else "hyperscan")
    rules = ruleset(group_rule("r", 0, managed_group("Words")))
    return compiled(rules, managed={("AWS", "Words", None): group}, engine=chosen)


def test_values_that_are_used_stay() -> None:
    """Those that nobody sends any more are forgotten, and never more is kept than two generations."""
    quiet = Quiet()
    most = MOST // (10 + OVERHEAD)
    for number in range(5 * most):
        quiet.add([b"%010d" % number])
        assert not quiet.unknown([b"%010d" % 0])
        assert len(quiet.now) <= most
    assert len(quiet.unknown([b"%010d" % number for number in range(5 * most)])) >= 3 * most


def test_long_values_are_not_remembered() -> None:
    """They are seldom sent twice."""
    quiet = Quiet()
    quiet.add([b"a" * LONGEST, b"b" * (LONGEST + 1)])
    assert quiet.unknown([b"a" * LONGEST, b"b" * (LONGEST + 1)]) == [b"b" * (LONGEST + 1)]


@pytest.mark.parametrize("name", SECRET)
def test_secrets_are_not_remembered(name: bytes) -> None:
    """Nor what tells who somebody is."""
    headers = QuietHeaders()
    asked = parsed((name, b"hush"), (AGENT, b"curl"))
    headers.remember(asked, ())
    assert list(headers.unknown(asked)) == ([] if name == b"cookie" else [b"hush"])


def test_cookies_are_not_among_headers() -> None:
    """Whatever else has the same value."""
    headers = QuietHeaders()
    assert list(headers.unknown(parsed((b"cookie", b"a"), (AGENT, b"b"), (b"te", b"")))) == [b"b"]


@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
def test_an_attack_is_found_beside_values_that_are_known(engine: str) -> None:
    """Each time, wherever it comes, and whatever came before."""
    detector = WordDetector(b"evil", 100)
    plan = plan_for(detector, engine)
    fine = ((AGENT, b"browser"), (b"accept", b"*/*"), (b"accept-language", b"de"))
    for _ in range(3):
        assert decide(plan, get("/", *fine)).action == "ALLOW"
        assert decide(plan, get("/", *fine[1:], (AGENT, b"evil"))).action == "BLOCK"
        assert decide(plan, get("/evil", *fine)).action == "BLOCK"
        assert decide(plan, get("/", *fine, (b"accept", b"an evil"))).action == "BLOCK"
        assert decide(plan, get("/", (AGENT, b"%65vil"), (b"accept", b"browser"))).action == "BLOCK"
    assert detector.asked == 12


def test_what_has_a_hint_is_looked_at_every_time() -> None:
    """Only the absence of hints is remembered, never what a detector said."""
    detector = WordDetector(b"evil", 10)
    plan = plan_for(detector)
    for number in range(3):
        assert decide(plan, get("/", (AGENT, b"evil"), (b"accept", b"*/*"))).action == "ALLOW"
        assert detector.asked == number + 1

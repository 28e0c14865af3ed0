"""Bot Control at its COMMON level: who is a robot, and who is the one that it claims to be."""

import pytest

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.managed import managed_groups
from masugata.engines.waf.managed._bots import BOTS
from masugata.engines.waf.matching import NoDatabases
from masugata.engines.waf.plan import compile_plan
from masugata.engines.waf.request import WebRequest
from web_acls import NOW, World, group_rule, managed_group, ruleset

GROUP = "AWSManagedRulesBotControlRuleSet"
PREFIX = "awswaf:managed:aws:bot-control:"
GOOGLEBOT = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FACEBOOK = b"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"


class Systems(World):
    """Addresses of 198.51.100.0/24 are Meta's, those of 203.0.113.0/24 a hosting provider's."""

    def locate(self, address: str) -> Location:
        """By the prefix."""
        known = {"198.51.100": 32934, "203.0.113": 24940}
        return Location(asn=known.get(address.rpartition(".")[0]))


def plan(lists=None, **more):
    """A web ACL of this group."""
    rules = group_rule("bots", 0, managed_group(GROUP, **more))
    return compile_plan(ruleset(rules), managed=managed_groups(lists), databases=NoDatabases())


PLAN = plan()


def decided(agent, address="192.0.2.1", found=PLAN):
    """Action and labels without their prefix."""
    headers = ((b"host", b"shop.example"), *(((b"user-agent", agent),) if agent is not None else ()))
    request = WebRequest(method=b"GET", uri_path=b"/", headers=headers, source_ip=address)
    world = Systems()
    decision = found.evaluate(request, Environment(world, world, world), NOW)
    return decision.action, {label.removeprefix(PREFIX) for label in decision.labels}


SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
VIEW = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36"
BROWSERS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}".encode(),
    b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {SAFARI}".encode(),
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) {VIEW}".encode(),
    b"Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
]


@pytest.mark.parametrize("agent", BROWSERS)
def test_people(agent) -> None:
    """A browser is no robot."""
    assert decided(agent) == ("ALLOW", set())


def test_who_is_verified_passes() -> None:
    """A search engine's robot at its owner's address passes, with its category, its name and the proof."""
    action, labels = decided(GOOGLEBOT, "66.249.66.1")
    assert action == "ALLOW"
    assert labels >= {
        "bot:verified",
        "bot:category:search_engine",
        "bot:name:googlebot",
        "bot:organization:google",
    }
    assert decided(FACEBOOK, "198.51.100.7")[0] == "ALLOW"


@pytest.mark.parametrize("agent", [GOOGLEBOT, FACEBOOK])
def test_who_only_claims_to_be_is_refused(agent) -> None:
    """The same robot from elsewhere is refused by its category, and is not called verified."""
    action, labels = decided(agent)
    assert action == "BLOCK"
    assert "bot:verified" not in labels


def test_lists_of_robots() -> None:
    """A list that was fetched takes the place of the networks that are built in."""
    newer = plan({"bot-googlebot": AddressSet(["192.0.2.0/24"])})
    assert decided(GOOGLEBOT, "192.0.2.1", newer)[0] == "ALLOW"
    assert decided(GOOGLEBOT, "66.249.66.1", newer)[0] == "BLOCK"


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (b"curl/8.5.0", "bot:category:http_library"),
        (b"Scrapy/2.11 (+https://scrapy.org)", "bot:category:scraping_framework"),
        (f"{GPTBOT}; compatible; GPTBot/1.2; +https://openai.com/gptbot)".encode(), "bot:category:ai"),
        (CHROME.replace("Chrome", "HeadlessChrome").encode(), "signal:automated_browser"),
        (b"my own program", "signal:non_browser_user_agent"),
        (None, "signal:non_browser_user_agent"),
    ],
)
def test_robots(agent, label) -> None:
    """Each is refused under AWS's label of what it is."""
    action, labels = decided(agent)
    assert (action, label in labels) == ("BLOCK", True)


def test_data_centres() -> None:
    """A browser at a hosting provider is refused as a signal."""
    assert decided(BROWSERS[0], "203.0.113.9") == ("BLOCK", {"signal:known_bot_data_center"})


def test_overrides_let_labels_decide() -> None:
    """Counted, the group only labels; AI robots are labelled whether verified or not."""
    counted = compile_plan(
        ruleset(group_rule("bots", 0, managed_group(GROUP), "Count")),
        managed=managed_groups(),
        databases=NoDatabases(),
    )
    action, labels = decided(b"meta-externalagent/1.1", "198.51.100.7", counted)
    assert action == "ALLOW"
    assert labels >= {"bot:category:ai", "bot:verified", "bot:name:meta_externalagent"}


def test_configuration() -> None:
    """COMMON is what there is; TARGETED, and what is not understood, is an error that says so."""

    def configured(**members):
        return plan(ManagedRuleGroupConfigs=[{GROUP: members}])

    configured(InspectionLevel="COMMON", EnableMachineLearning=False)
    with pytest.raises(RulesetError, match="`TARGETED` is not available"):
        configured(InspectionLevel="TARGETED")
    with pytest.raises(RulesetError, match="not `SOME`"):
        configured(InspectionLevel="SOME")
    with pytest.raises(RulesetError, match="has no `Levels`"):
        configured(InspectionLevel="COMMON", Levels=1)
    with pytest.raises(RulesetError, match="and nothing else"):
        plan(ManagedRuleGroupConfigs=[{"LoginPath": "/"}])


def test_every_robot_finds_itself() -> None:
    """The text by which a robot is known is lower case, and no two robots have the same name."""
    bots = [bot for found in BOTS.values() for bot in found]
    assert all(bot.text == bot.text.lower() for bot in bots)
    assert len({bot.name for bot in bots}) == len(bots)
    for bot in bots:
        AddressSet(bot.networks)

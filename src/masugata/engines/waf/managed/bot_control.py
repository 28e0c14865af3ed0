"""AWSManagedRulesBotControlRuleSet at its COMMON level: robots that say what they are, and signals.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html (names, labels
and actions; which robots AWS knows is not published, and the lists are ours).
"""

from collections.abc import Iterator
from typing import Any

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.definitions import Statement
from masugata.engines.waf.definitions.statements import AsnMatchStatement
from masugata.engines.waf.managed._bots import AUTOMATED_BROWSERS, BOTS, BROWSERS, Bot
from masugata.engines.waf.managed._group import ManagedGroup, ManagedRule
from masugata.engines.waf.managed._hosting import CLOUDS, HOSTING
from masugata.engines.waf.managed._lists import Lists
from masugata.engines.waf.managed._writing import (
    COUNT,
    LOWERCASE,
    NAMESPACE,
    USER_AGENT,
    VENDOR,
    blocked,
    both,
    contains,
    either,
    in_set,
    labelled,
    matches_set,
    neither,
)

_CONFIG = "AWSManagedRulesBotControlRuleSet"
_MEMBERS = frozenset({"InspectionLevel", "EnableMachineLearning"})
_VERIFIED = "bot:verified"
_UNVERIFIED = neither(labelled(_VERIFIED))
_ALWAYS = frozenset({"ai"})
"""Categories whose rule is for verified robots too."""
_NAMES = {"ai": "CategoryAI"}


def group(lists: Lists) -> ManagedGroup:
    """The group with what the lists know of the robots' addresses."""
    return ManagedGroup(
        vendor=VENDOR,
        name=_CONFIG,
        version="Version_1.0",
        static_versions=("Version_1.0",),
        capacity=50,
        label_namespace=NAMESPACE + "bot-control:",
        description="Rules for robots: those that say what they are, and signals of those that do not.",
        rules=_RULES,
        ip_sets={
            bot.feed or bot.name: lists.get(f"bot-{bot.feed}") or AddressSet(_networks(bot))
            for bots in BOTS.values()
            for bot in bots
            if bot.networks or bot.feed
        },
        regex_pattern_sets={"automated": AUTOMATED_BROWSERS, "browsers": BROWSERS},
        configure=_configure,
    )


def _networks(bot: Bot) -> tuple[str, ...]:
    """Of all robots that share its list."""
    if not bot.feed:
        return bot.networks
    sharing = (other for bots in BOTS.values() for other in bots if other.feed == bot.feed)
    return tuple(dict.fromkeys(network for other in sharing for network in other.networks))


def _configure(configs: tuple[dict[str, Any], ...]) -> tuple[ManagedRule, ...]:
    for config in configs:
        if list(config) != [_CONFIG] or not isinstance(config[_CONFIG], dict):
            raise ValueError(f"`ManagedRuleGroupConfigs` of this group has `{_CONFIG}` and nothing else")
        found = config[_CONFIG]
        unknown = sorted(found.keys() - _MEMBERS)
        if unknown:
            raise ValueError(f"`{_CONFIG}` has no `{unknown[0]}`")
        level = found.get("InspectionLevel")
        if level == "TARGETED":
            raise ValueError("the inspection level `TARGETED` is not available: only `COMMON` is")
        if level != "COMMON":
            raise ValueError(f"`InspectionLevel` is `COMMON` or `TARGETED`, not `{level}`")
    return _RULES


def _systems(numbers: tuple[int, ...]) -> Statement:
    return Statement(asn_match_statement=AsnMatchStatement(asn_list=numbers))


def _noted(name: str, statement: Statement, *labels: str) -> ManagedRule:
    return ManagedRule(name=name, action=COUNT, statement=statement, labels=labels, internal=True)


def _of_bot(category: str, bot: Bot) -> Iterator[ManagedRule]:
    said = contains(bot.text, USER_AGENT)
    organization = (f"bot:organization:{bot.organization}",) if bot.organization else ()
    yield _noted(f"Name_{bot.name}", said, f"bot:name:{bot.name}", *organization)
    proofs = []
    if bot.networks or bot.feed:
        proofs.append(in_set(bot.feed or bot.name))
    if bot.systems:
        proofs.append(_systems(bot.systems))
    if proofs:
        yield _noted(
            f"Verified_{bot.name}", both(said, either(*proofs)), f"bot:category:{category}", _VERIFIED
        )


def _of_category(category: str, bots: tuple[Bot, ...]) -> ManagedRule:
    said = either(*(contains(bot.text, USER_AGENT) for bot in bots))
    name = _NAMES.get(category) or "Category" + category.title().replace("_", "")
    statement = said if category in _ALWAYS else both(said, _UNVERIFIED)
    return blocked(name, statement, f"bot:category:{category}")


_RULES = (
    *(rule for category, bots in BOTS.items() for bot in bots for rule in _of_bot(category, bot)),
    *(
        _noted(f"Cloud_{name}", _systems(systems), f"signal:cloud_service_provider:{name}")
        for name, systems in CLOUDS.items()
    ),
    *(_of_category(category, bots) for category, bots in BOTS.items()),
    blocked(
        "SignalAutomatedBrowser",
        both(matches_set("automated", USER_AGENT, LOWERCASE), _UNVERIFIED),
        "signal:automated_browser",
    ),
    blocked("SignalKnownBotDataCenter", both(_systems(HOSTING), _UNVERIFIED), "signal:known_bot_data_center"),
    blocked(
        "SignalNonBrowserUserAgent",
        both(neither(matches_set("browsers", USER_AGENT, LOWERCASE)), _UNVERIFIED),
        "signal:non_browser_user_agent",
    ),
)

"""Regular expressions of rules and sets: where they are compiled, how often, and how many at most."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from masugata.engines.waf.matching import pattern_size
from masugata.errors import AwsError
from masugata.services.wafv2 import _regexes
from masugata.services.wafv2._regexes import MOST_WORK, check_regexes
from masugata.testing import LocalAws, local_aws
from unit.services.wafv2.bad_rules import INVALID, LIMITS, NONE, group_reference
from unit.services.wafv2.using_waf import (
    SCOPE,
    VISIBILITY,
    error,
    ip_set,
    named,
    new_name,
    refusal,
    regex,
    rule,
    rule_group,
    web_acl,
)

DEAR = "(?:a|b){0,300}" * 13
"""Of what is taken at all, it takes the longest."""


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The expressions that are compiled from now on."""
    found: list[str] = []

    def size(expression: str) -> int:
        found.append(expression)
        return pattern_size(expression)

    monkeypatch.setattr(_regexes, "pattern_size", size)
    return found


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> list[object]:
    """Have something done while the first regular expression is compiled; what came of it, once it has.

    Nothing has if the compilation holds it up.
    """
    left = [do]
    done: list[object] = []

    def size(expression: str) -> int:
        if left:
            # Not within `with`, which would wait for ever.
            done.append(ThreadPoolExecutor(1).submit(left.pop()).result(timeout=60))
        return pattern_size(expression)

    monkeypatch.setattr(_regexes, "pattern_size", size)
    return done


def pattern_set(waf: Any, *expressions: str) -> dict[str, Any]:
    """The summary of a new regex pattern set."""
    listed = [{"RegexString": text} for text in expressions]
    return dict(
        waf.create_regex_pattern_set(Name=new_name(), RegularExpressionList=listed, **SCOPE)["Summary"]
    )


def asking(waf: Any, *expressions: str) -> dict[str, Callable[[], Any]]:
    """All calls that bring regular expressions."""
    rules = [rule(f"r{number}", number, regex(text)) for number, text in enumerate(expressions)]
    listed = [{"RegexString": text} for text in expressions]
    acl, group, patterns = web_acl(waf), rule_group(waf), pattern_set(waf)
    settings = {"VisibilityConfig": VISIBILITY, "Rules": rules}
    acl_update = {**named(acl), **settings, "DefaultAction": {"Allow": {}}, "LockToken": acl["LockToken"]}
    return {
        "CreateWebACL": lambda: web_acl(waf, *rules),
        "UpdateWebACL": lambda: waf.update_web_acl(**acl_update),
        "CreateRuleGroup": lambda: rule_group(waf, *rules),
        "UpdateRuleGroup": lambda: waf.update_rule_group(
            **named(group), **settings, LockToken=group["LockToken"]
        ),
        "CreateRegexPatternSet": lambda: pattern_set(waf, *expressions),
        "UpdateRegexPatternSet": lambda: waf.update_regex_pattern_set(
            **named(patterns), RegularExpressionList=listed, LockToken=patterns["LockToken"]
        ),
        "CheckCapacity": lambda: waf.check_capacity(Rules=rules, **SCOPE),
    }


CALLS = (
    "CreateWebACL", "UpdateWebACL", "CreateRuleGroup", "UpdateRuleGroup", "CreateRegexPatternSet",
    "UpdateRegexPatternSet", "CheckCapacity",
)  # fmt: skip


@pytest.fixture
def own() -> Iterator[LocalAws]:
    """An installation for each test: an account may have ten pattern sets only."""
    with local_aws() as aws:
        yield aws


@pytest.fixture
def waf(own: LocalAws) -> Any:
    """A client of the administrator."""
    return own.client("wafv2")


@pytest.mark.parametrize("operation", CALLS)
def test_nobody_waits_for_them(
    own: LocalAws, waf: Any, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """While they are compiled another account changes what it likes."""
    ask = asking(waf, "^/a")[operation]
    neighbour = own.account("444455556666").client("iam")
    done = meanwhile(monkeypatch, lambda: neighbour.create_user(UserName="alice")["User"]["UserName"])
    ask()
    assert done == ["alice"]


@pytest.mark.parametrize("operation", CALLS)
def test_each_is_compiled_once(waf: Any, compiled: list[str], operation: str) -> None:
    """However often it is there: neither for each rule nor in the transaction again."""
    asking(waf, "^/b", "^/a", "^/b", "^/b")[operation]()
    assert compiled == ["^/b", "^/a"]


@pytest.mark.parametrize("operation", CALLS)
def test_one_that_would_take_long_is_refused(waf: Any, compiled: list[str], operation: str) -> None:
    """As any other that cannot be, and those behind it are not looked at."""
    answer = refusal(asking(waf, "^/a", ".{0,999}" * 24, "^/b")[operation])
    assert answer["Error"]["Code"] == INVALID
    assert answer["Parameter"] == ".{0,999}" * 24
    assert "too large" in answer["Reason"]
    assert len(compiled) == 2


def test_what_is_refused_anyway_is_not_compiled(compiled: list[str]) -> None:
    """What does not fit, refers to what is not there or changes what has changed."""
    with local_aws(limits={"wafv2.web-acl-capacity": 20}) as aws:
        waf = aws.client("wafv2")
        rules = [rule(f"r{number}", number, regex(f"^/{number}")) for number in range(7)]
        assert error(web_acl, waf, *rules) == LIMITS
        assert error(rule_group, waf, *rules, Capacity=20) == LIMITS
        acl, group, patterns = web_acl(waf), rule_group(waf, Capacity=20), pattern_set(waf)
        settings = {"VisibilityConfig": VISIBILITY, "Rules": rules}
        lock = {**named(group), "LockToken": group["LockToken"]}
        assert error(waf.update_rule_group, **lock, **settings) == LIMITS
        missing = group["ARN"].replace(group["Id"], "11111111-1111-4111-8111-111111111111")
        absent = rule("absent", 9, group_reference(missing), **NONE)
        refused = error(web_acl, waf, *rules[:2], absent)
        assert refused == "WAFNonexistentItemException"
        settings["Rules"] = rules[:2]
        stale = {"LockToken": "11111111-1111-4111-8111-111111111111"}
        answers = {
            error(waf.update_web_acl, **named(acl), **settings, DefaultAction={"Allow": {}}, **stale),
            error(waf.update_rule_group, **named(group), **settings, **stale),
            error(
                waf.update_regex_pattern_set,
                **named(patterns),
                RegularExpressionList=[{"RegexString": "a"}],
                **stale,
            ),
        }
        assert answers == {"WAFOptimisticLockException"}
        assert compiled == []


def test_there_are_few_that_take_long(waf: Any, compiled: list[str]) -> None:
    """Each is within the bound, and so are 1,600 in capacity units; but not all together."""
    rules = [rule(f"r{number}", number, regex(f"{DEAR}{number:04}")) for number in range(1_600)]
    for ask in (lambda: web_acl(waf, *rules), lambda: waf.check_capacity(Rules=rules, **SCOPE)):
        compiled.clear()
        answer = refusal(ask)
        assert (answer["Error"]["Code"], answer["Field"]) == (INVALID, "STATEMENT")
        assert "too large together" in answer["Reason"]
        assert sum(pattern_size(text) ** 2 for text in compiled[:-1]) <= MOST_WORK
        assert 10 < len(compiled) < 20


def test_as_many_as_fit_may_be_long() -> None:
    """1,666 of 200 characters, each of which may be nearly any: a web ACL holds no more."""
    check_regexes((f"{number:04}" + "." * 196 for number in range(1_666)), "STATEMENT")
    with pytest.raises(AwsError, match="too large together"):
        check_regexes((f"{number:04}.{{0,999}}" for number in range(200)), "STATEMENT")


def test_what_rules_refer_to_is_looked_up_again(waf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be deleted while expressions are compiled; then nothing is stored that refers to it."""
    for make in (web_acl, rule_group):
        addresses = ip_set(waf)
        lock = {**named(addresses), "LockToken": addresses["LockToken"]}
        meanwhile(monkeypatch, partial(waf.delete_ip_set, **lock))
        by_address = {"IPSetReferenceStatement": {"ARN": addresses["ARN"]}}
        rules = [rule("address", 1, by_address), rule("path", 2, regex("^/a"))]
        assert error(make, waf, *rules) == "WAFNonexistentItemException"
    assert waf.list_web_acls(**SCOPE)["WebACLs"] == waf.list_rule_groups(**SCOPE)["RuleGroups"] == []


@pytest.mark.parametrize("operation", ["UpdateWebACL", "UpdateRuleGroup", "UpdateRegexPatternSet"])
def test_what_has_changed_meanwhile_stays(waf: Any, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """Of two changes that are asked at once, with one lock token, one is made."""
    ask = asking(waf, "^/a")[operation]
    meanwhile(monkeypatch, ask)
    assert error(ask) == "WAFOptimisticLockException"

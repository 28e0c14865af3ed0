"""Rulesets from a server elsewhere: the web ACL that is associated with a site's edge, by AWS's own API.

A question that finds nothing new takes one call for the web ACL, one for its log and one for each kind of
things that it refers to: whether these have changed, their lock tokens in listings say.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.edge.observing.log_plan import LogPlan
from masugata.edge.planning.endpoint import Endpoint
from masugata.edge.planning.log_plans import log_plan
from masugata.edge.planning.sources import NO_WEB_ACL, Found
from masugata.edge.settings import SiteSettings
from masugata.engines.waf.definitions import FieldToMatch, Ruleset
from masugata.errors import AwsError, MasugataError
from masugata.processes import pause
from masugata.records.wafv2 import parse_load_balancer_arn
from masugata.services.wafv2 import with_overrides_that_are
from masugata.web_acl_documents import Source, Sources, read_ruleset, references

_LONGEST_PAUSE: Final = 60.0
_MISSHAPEN: Final = (AttributeError, LookupError, TypeError, ValueError)
_NONEXISTENT: Final = "WAFNonexistentItemException"


class _Kind(NamedTuple):
    """How things of a kind are got and listed."""

    get: str
    member: str
    list: str
    members: str


_KINDS: Final = {
    "rule group": _Kind("GetRuleGroup", "RuleGroup", "ListRuleGroups", "RuleGroups"),
    "IP set": _Kind("GetIPSet", "IPSet", "ListIPSets", "IPSets"),
    "regex pattern set": _Kind(
        "GetRegexPatternSet", "RegexPatternSet", "ListRegexPatternSets", "RegexPatternSets"
    ),
}


class _Got(NamedTuple):
    """Something that was got, as it was with this lock token."""

    token: str
    content: dict[str, Any]


class EndpointSource:
    """The web ACL of a site's edge, which has an ARN at the server; asked for beside, time and again."""

    def __init__(
        self,
        site: SiteSettings,
        endpoint: Endpoint,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises `MasugataError` for an ARN that is none of an edge."""
        self._arn = endpoint.resources.get(site.name, "")
        named = parse_load_balancer_arn(self._arn)
        if named is None:
            raise MasugataError(f"`{self._arn}`, given for `{site.name}`, is not the ARN of an edge")
        self._endpoint = endpoint
        self._api = endpoint.api(named.region)
        self._clock = clock
        self._asking: Future[_Answers] | None = None
        self._due = 0.0
        self._failures = 0
        self._got: dict[str, _Got] = {}
        self._answers: _Answers | None = None
        self._stamp: tuple[tuple[str, int], ...] = ()
        self.checked: datetime | None = None
        """When the server last said what is to be inspected by."""

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`: begins to ask if it is time, and never waits for the answer."""
        if self._asking is None:
            if again or self._clock() >= self._due:
                self._asking = self._endpoint.pool.submit(self._ask)
            return None
        if not self._asking.done():
            return None
        asking, self._asking = self._asking, None
        try:
            found = self._found(asking.result())
        except (MasugataError, *_MISSHAPEN) as error:
            self._failures += 1
            self._answers = None  # so that what comes then is said, also if it is the same
            self._due = self._clock() + self._pause()
            if isinstance(error, _MISSHAPEN):
                raise MasugataError(f"an answer of the server is not understood: {error!r}") from error
            raise
        self._failures, self.checked = 0, datetime.now(UTC)
        self._due = self._clock() + self._endpoint.seconds
        return found

    def _pause(self) -> float:
        """Seconds after a failure: few while the server may still be starting, many when it is away."""
        if self.checked is None:
            return min(pause(self._failures, _LONGEST_PAUSE), self._endpoint.seconds)
        return max(pause(self._failures, _LONGEST_PAUSE), self._endpoint.seconds)

    def close(self) -> None:
        """Let the connection go."""
        self._api.close()

    def _ask(self) -> "_Answers":
        """All that the server says; raises `MasugataError`."""
        try:
            acl = self._api.call("GetWebACLForResource", ResourceArn=self._arn).get("WebACL")
        except AwsError as error:
            if error.code == _NONEXISTENT:
                raise MasugataError(
                    f"the server has no edge `{self._arn}`: `masugata edges register NAME` there makes one, "
                    "and tells its ARN"
                ) from error
            raise
        return _Answers() if acl is None else _Answers(acl, self._referred(acl), self._logging(acl["ARN"]))

    def _referred(self, acl: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
        """By kind and ARN what the web ACL refers to, directly or in rule groups."""
        found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _KINDS}
        tokens: dict[str, dict[str, str]] = {}
        kept: dict[str, _Got] = {}
        waiting = [*references(acl)]
        for kind, arn in waiting:
            if arn in kept:
                continue
            if kind not in tokens:
                tokens[kind] = self._tokens(_KINDS[kind])
            known = self._got.get(arn)
            if known is None or known.token != tokens[kind].get(arn):
                known = self._get(_KINDS[kind], arn)
            kept[arn] = known
            found[kind][arn] = known.content
            if kind == "rule group":
                waiting += references(known.content)
        self._got = kept
        return found

    def _tokens(self, kind: _Kind) -> dict[str, str]:
        """The lock tokens of all things of this kind; those that other accounts share are not among them."""
        return {one["ARN"]: one["LockToken"] for one in self._api.listed(kind.list, kind.members)}

    def _get(self, kind: _Kind, arn: str) -> _Got:
        try:
            _, _, name, identifier = parse_arn(arn).resource.split("/")
        except (InvalidArnError, ValueError) as error:
            raise MasugataError(f"`{arn}` is not the ARN of a rule group or set") from error
        request = {"Name": name, "Scope": "REGIONAL", "Id": identifier}
        answer = self._api.call(kind.get, **({"ARN": arn} if kind.get == "GetRuleGroup" else request))
        return _Got(answer["LockToken"], answer[kind.member])

    def _logging(self, arn: str) -> dict[str, Any] | None:
        try:
            answer = self._api.call("GetLoggingConfiguration", ResourceArn=arn)
        except AwsError as error:
            if error.code == _NONEXISTENT:
                return None
            raise
        return dict(answer["LoggingConfiguration"])

    def _found(self, answers: "_Answers") -> Found | None:
        """What the answers come to, if they are others than before."""
        stamp = self._endpoint.feeds.stamp()
        if answers == self._answers and stamp == self._stamp:
            return None
        if answers.acl is None:
            found = Found(self._arn, reason=NO_WEB_ACL)
        else:
            protection = answers.acl.get("DataProtectionConfig")
            found = Found(
                self._arn,
                _ruleset(answers.acl, answers.referred or {}),
                log=self._log(answers.logging, protection),
                stamp=stamp,
                data_protection=protection,
            )
        self._answers, self._stamp = answers, stamp
        return found

    def _log(self, given: dict[str, Any] | None, protection: dict[str, Any] | None) -> LogPlan | None:
        if given is None:
            return None
        return log_plan(
            given["LogDestinationConfigs"][0],
            self._endpoint.logs,
            self._endpoint.log_sinks,
            redacted_fields=msgspec.convert(given.get("RedactedFields", []), tuple[FieldToMatch, ...]),
            filter_=given.get("LoggingFilter"),
            data_protection=protection,
        )


class _Answers(NamedTuple):
    """What the server said; nothing if no web ACL is associated."""

    acl: dict[str, Any] | None = None
    referred: dict[str, dict[str, dict[str, Any]]] | None = None
    logging: dict[str, Any] | None = None


def _ruleset(acl: dict[str, Any], referred: dict[str, dict[str, dict[str, Any]]]) -> Ruleset:
    """As `masugata.services.wafv2.ruleset_of` makes it from records; raises `MasugataError`."""

    def sources(kind: str) -> tuple[Source, ...]:
        return tuple(Source(arn, msgspec.json.encode(one)) for arn, one in referred.get(kind, {}).items())

    web_acl = Source(acl["ARN"], msgspec.json.encode(acl))
    groups, ip_sets, regexes = map(sources, _KINDS)
    ruleset = read_ruleset(Sources(web_acl, groups, ip_sets, regexes), None)
    rules = tuple(with_overrides_that_are(rule, ruleset.rule_groups) for rule in ruleset.web_acl.rules)
    return msgspec.structs.replace(ruleset, web_acl=msgspec.structs.replace(ruleset.web_acl, rules=rules))

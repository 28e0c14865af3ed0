"""A web ACL of a running server with all that it refers to, as its caller may read it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.cli._applying import Where, connected
from masugata.client import Client
from masugata.errors import AwsError, MasugataError
from masugata.web_acl_documents import Source, Sources, references

_SERVICE = "wafv2"
_GETS = {
    "rule group": ("GetRuleGroup", "RuleGroup"),
    "IP set": ("GetIPSet", "IPSet"),
    "regex pattern set": ("GetRegexPatternSet", "RegexPatternSet"),
}


def sources_of(arn: str, where: Where) -> Sources:
    """What the server answers to Get calls; raises MasugataError, also where it denies one."""
    with connected(where) as server:
        client = server.sessions.management
        try:
            acl = client.call(_SERVICE, "GetWebACL", ARN=arn)["WebACL"]
            found: dict[str, list[Source]] = {kind: [] for kind in _GETS}
            for kind, referred, answer in _referred(acl, client):
                found[kind].append(_source(referred, answer))
        except AwsError as error:
            raise MasugataError(f"cannot read `{arn}`: {error.code}: {error.message}") from None
    return Sources(
        _source(arn, acl),
        tuple(found["rule group"]),
        tuple(found["IP set"]),
        tuple(found["regex pattern set"]),
    )


def _referred(acl: Any, client: Client) -> Iterator[tuple[str, str, Any]]:
    """Kind, ARN and answer of each thing once; rule groups refer to sets, and to nothing else."""
    waiting = list(references(acl))
    seen: set[str] = set()
    for kind, arn in waiting:
        if arn in seen:
            continue
        seen.add(arn)
        operation, member = _GETS[kind]
        answer = client.call(_SERVICE, operation, **_named(kind, arn))[member]
        if kind == "rule group":
            waiting += references(answer)
        yield kind, arn, answer


def _named(kind: str, arn: str) -> dict[str, str]:
    """How a Get call names it: a rule group, which may be another account's, by its ARN."""
    if kind == "rule group":
        return {"ARN": arn}
    try:
        parts = parse_arn(arn).resource.split("/")
    except InvalidArnError:
        parts = []
    if len(parts) != 4:
        raise MasugataError(f"`{arn}` is not the ARN of a set")
    scope, _, name, identifier = parts
    return {"Name": name, "Scope": "REGIONAL" if scope == "regional" else "CLOUDFRONT", "Id": identifier}


def _source(name: str, answer: Any) -> Source:
    return Source(name, msgspec.json.encode(answer))

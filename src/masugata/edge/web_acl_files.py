"""A web ACL from a file: what AWS's `get-web-acl` prints, with what the web ACL refers to beside it.

    {"WebACL": {…}, "RuleGroups": [{…}], "IPSets": [{…}], "RegexPatternSets": [{…}]}

Each as `get-web-acl`, `get-rule-group`, `get-ip-set` and `get-regex-pattern-set` print them. Where they are
written by hand, ARN, LabelNamespace and VisibilityConfig of a web ACL may be left out.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from masugata.engines.waf.definitions import RuleGroup, Ruleset, WebACL
from masugata.errors import MasugataError

LARGEST_FILE: Final = 32 << 20
"""Bytes: more than 100 IP sets of 10,000 networks."""
_PARTS = frozenset(("WebACL", "RuleGroups", "IPSets", "RegexPatternSets", "LockToken"))
# What says nothing about requests.
_DESCRIBING = (
    "ApplicationIntegrationURL", "Capacity", "Description", "Id", "LockToken",
    "ManagedByFirewallManager", "RetrofittedByFirewallManager",
)  # fmt: skip


class WebAclFileError(MasugataError):
    """A file that is no web ACL; the text names it."""


class _IPSet(msgspec.Struct):
    arn: str = msgspec.field(name="ARN")
    addresses: tuple[str, ...] = msgspec.field(name="Addresses")


class _Expression(msgspec.Struct):
    expression: str = msgspec.field(name="RegexString")


class _RegexPatternSet(msgspec.Struct):
    arn: str = msgspec.field(name="ARN")
    expressions: tuple[_Expression, ...] = msgspec.field(name="RegularExpressionList")


def load_web_acl(path: str | Path, *, body_limit: int = 16_384) -> Ruleset:
    """The web ACL in a file, inspecting so many bytes of a body; raises `WebAclFileError`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise WebAclFileError(f"cannot read `{path}`: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise WebAclFileError(f"`{path}` has more than {LARGEST_FILE} bytes")
    try:
        return read_web_acl(content, body_limit=body_limit)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WebAclFileError(f"`{path}` is not a web ACL: {error}") from error


def read_web_acl(content: bytes, *, body_limit: int = 16_384) -> Ruleset:
    """The same from JSON; raises `msgspec.MsgspecError`."""
    parts = msgspec.json.decode(content, type=dict[str, Any])
    if "WebACL" not in parts or not parts.keys() <= _PARTS:
        raise msgspec.ValidationError(f"it has WebACL, and may have {', '.join(sorted(_PARTS - {'WebACL'}))}")
    acl = _plain(parts["WebACL"])
    name = str(acl.get("Name"))
    defaults = {
        "ARN": f"arn:aws:wafv2:::webacl/{name}",
        "LabelNamespace": f"awswaf::webacl:{name}:",
        "VisibilityConfig": {
            "SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name,
        },
    }  # fmt: skip
    groups = [_shape(_plain(group), RuleGroup) for group in parts.get("RuleGroups", ())]
    ip_sets = [_shape(one, _IPSet) for one in parts.get("IPSets", ())]
    patterns = [_shape(one, _RegexPatternSet) for one in parts.get("RegexPatternSets", ())]
    return Ruleset(
        web_acl=_shape(defaults | acl, WebACL),
        rule_groups={group.arn: group for group in groups},
        ip_sets={one.arn: one.addresses for one in ip_sets},
        regex_pattern_sets={
            one.arn: tuple(expression.expression for expression in one.expressions) for one in patterns
        },
        body_limit=body_limit,
    )


def _plain(said: Any) -> dict[str, Any]:
    """Without what only describes it."""
    if not isinstance(said, dict):
        raise msgspec.ValidationError("a web ACL or a rule group is an object")
    return {key: value for key, value in said.items() if key not in _DESCRIBING}


def _shape(said: Any, kind: Any) -> Any:
    """Through JSON once more: blobs are Base64 in it."""
    return msgspec.json.decode(msgspec.json.encode(said), type=kind)

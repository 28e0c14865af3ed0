"""A web ACL from a file: what AWS's `get-web-acl` prints, with what the web ACL refers to beside it.

    {"WebACL": {…}, "RuleGroups": [{…}], "IPSets": [{…}], "RegexPatternSets": [{…}]}

What refers to nothing may be the web ACL alone, as the input of `create-web-acl` is. The others are as
`get-rule-group`, `get-ip-set` and `get-regex-pattern-set` print them, whole or what is in them. Where they
are written by hand, ARN, LabelNamespace and VisibilityConfig of a web ACL may be left out.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from masugata.edge.settings import DEFAULT
from masugata.engines.waf.definitions import Ruleset
from masugata.errors import MasugataError
from masugata.web_acl_documents import Source, Sources, default_ruleset, read_ruleset

LARGEST_FILE: Final = 32 << 20
"""Bytes: more than 100 IP sets of 10,000 networks."""
_PARTS: Final = ("RuleGroups", "IPSets", "RegexPatternSets")
_KNOWN: Final = frozenset(("WebACL", "LockToken", "ApplicationIntegrationURL", *_PARTS))


class WebAclFileError(MasugataError):
    """A file that is no web ACL; the text names it."""


def load_web_acl(path: str | Path, *, body_limit: int | None = None) -> Ruleset:
    """The web ACL in a file, or `default`; raises `WebAclFileError`.

    So many bytes of a body are inspected; without a number, as many as the web ACL says.
    """
    if str(path) == DEFAULT:
        return default_ruleset(body_limit)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise WebAclFileError(f"cannot read `{path}`: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise WebAclFileError(f"`{path}` has more than {LARGEST_FILE} bytes")
    try:
        return read_web_acl(content, body_limit=body_limit, where=f"`{path}`")
    except MasugataError as error:
        raise WebAclFileError(str(error)) from error


def read_web_acl(content: bytes, *, body_limit: int | None = None, where: str = "the web ACL") -> Ruleset:
    """The same from JSON; raises `MasugataError`, which says where."""
    parts = _parts(content, where)
    acl = parts["WebACL"]
    metric = {
        "SampledRequestsEnabled": False,
        "CloudWatchMetricsEnabled": False,
        "MetricName": acl.get("Name"),
    }
    whole = parts | {"WebACL": {"VisibilityConfig": metric} | acl}
    return read_ruleset(Sources(Source(where, msgspec.json.encode(whole))), body_limit)


def _parts(content: bytes, where: str) -> dict[str, Any]:
    try:
        parts = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WebAclFileError(f"{where} is not a web ACL: {error}") from error
    if "WebACL" not in parts and "DefaultAction" in parts:
        parts = {"WebACL": parts}
    unknown = sorted(parts.keys() - _KNOWN)
    if not isinstance(parts.get("WebACL"), dict) or unknown:
        said = f"`{unknown[0]}` is not known" if unknown else "it has no WebACL"
        raise WebAclFileError(
            f"{where} is not a web ACL: {said}; it has WebACL, and may have {', '.join(_PARTS)}"
        )
    return parts

"""Web ACLs and what they refer to, from JSON as the AWS CLI prints it.

Members that do not bear on what is decided about a request are known by name and left out; any other that is
not understood is an error, because a rule that is skipped would pass its test.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from masugata.engines.waf.definitions import (
    DefaultAction,
    GoOn,
    RuleGroup,
    Ruleset,
    VisibilityConfig,
    WebACL,
)
from masugata.engines.waf.managed import default_groups
from masugata.errors import MasugataError

Json = dict[str, Any]
Shape = TypeVar("Shape")

NO_ACCOUNT = "000000000000"
DEFAULT_BODY_LIMIT = 65_536
KB = 1024
_LIMITS = {f"KB_{size}": size * KB for size in (16, 32, 48, 64)}
_DEEPEST = 512
_OF_THE_ACL = frozenset(
    {
        "ApplicationConfig", "Capacity", "DataProtectionConfig", "Description", "Id",
        "ManagedByFirewallManager", "OnSourceDDoSProtectionConfig", "RetrofittedByFirewallManager", "Scope",
        "Tags",
    }
)  # fmt: skip
_OF_THE_GROUP = frozenset(
    {
        "AvailableLabels",
        "Capacity",
        "ConsumedLabels",
        "Description",
        "Id",
        "Scope",
        "Tags",
        "VisibilityConfig",
    }
)
_NOT_EVALUATED = ("PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")
_REFERENCES = {
    "RuleGroupReferenceStatement": "rule group",
    "IPSetReferenceStatement": "IP set",
    "RegexPatternSetReferenceStatement": "regex pattern set",
}
_WAYS_TO_GIVE = {
    "rule group": ("--rule-group", "RuleGroups"),
    "IP set": ("--ip-set", "IPSets"),
    "regex pattern set": ("--regex-set", "RegexPatternSets"),
}


class Source(NamedTuple):
    """A JSON document and the name of its file, for errors."""

    name: str
    content: bytes


class Sources(NamedTuple):
    """A web ACL and the documents that it refers to."""

    web_acl: Source
    rule_groups: tuple[Source, ...] = ()
    ip_sets: tuple[Source, ...] = ()
    regex_sets: tuple[Source, ...] = ()


class _Referred(NamedTuple):
    """What somebody may refer to: by its ARN, or where the document has none, by the name in the ARN."""

    name: str
    arn: str | None
    value: Any
    source: str


def read_ruleset(sources: Sources, body_limit: int | None) -> Ruleset:
    """What a plan is compiled from. `body_limit`, in bytes, overrides that of the web ACL.

    Raises MasugataError, which names the file, for what is missing or not understood.
    """
    sources = _with_members(sources)
    root = _member(sources.web_acl, "WebACL")
    try:
        associated = body_limit_of(root.pop("AssociationConfig", None))
    except ValueError as error:
        raise MasugataError(f"{sources.web_acl.name}: {error}") from None
    acl = _web_acl(root, sources.web_acl.name)
    groups = [_rule_group(source) for source in sources.rule_groups]
    wanted: dict[str, dict[str, None]] = {kind: {} for kind in _REFERENCES.values()}
    for document in (root, *(group.value[0] for group in groups)):
        for kind, arn in references(document):
            wanted[kind][arn] = None
    found_groups = _resolve(wanted["rule group"], "rule group", groups)
    return Ruleset(
        web_acl=acl,
        rule_groups={
            arn: msgspec.structs.replace(group, arn=arn) for arn, (_, group) in found_groups.items()
        },
        ip_sets=_resolve(wanted["IP set"], "IP set", [_ip_set(s) for s in sources.ip_sets]),
        regex_pattern_sets=_resolve(
            wanted["regex pattern set"], "regex pattern set", [_regex_set(s) for s in sources.regex_sets]
        ),
        body_limit=body_limit or associated,
    )


def default_ruleset(body_limit: int | None = None) -> Ruleset:
    """The web ACL that is meant by `default`: the default managed rule groups, blocking."""
    metric = VisibilityConfig(
        sampled_requests_enabled=False, cloud_watch_metrics_enabled=False, metric_name="default"
    )
    acl = WebACL(
        name="default",
        arn=f"arn:aws:wafv2:us-east-1:{NO_ACCOUNT}:regional/webacl/default/none",
        label_namespace=f"awswaf:{NO_ACCOUNT}:webacl:default:",
        default_action=DefaultAction(allow=GoOn()),
        visibility_config=metric,
        rules=default_groups(),
    )
    return Ruleset(web_acl=acl) if body_limit is None else Ruleset(web_acl=acl, body_limit=body_limit)


def _with_members(sources: Sources) -> Sources:
    """With what a document has beside its web ACL, as edges and `waf import` write it."""
    root = _read(sources.web_acl)
    if not isinstance(root, dict) or "WebACL" not in root:
        return sources
    found = []
    for name in ("RuleGroups", "IPSets", "RegexPatternSets"):
        listed = root.get(name, [])
        if not isinstance(listed, list):
            raise MasugataError(f"{sources.web_acl.name}: `{name}` must be a list")
        found.append(
            tuple(
                Source(f"{sources.web_acl.name}, {name}[{number}]", msgspec.json.encode(each))
                for number, each in enumerate(listed)
            )
        )
    groups, ip_sets, regex_sets = found
    return Sources(
        sources.web_acl,
        groups + sources.rule_groups,
        ip_sets + sources.ip_sets,
        regex_sets + sources.regex_sets,
    )


def _read(source: Source) -> Any:
    try:
        return msgspec.json.decode(source.content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MasugataError(f"{source.name}: not JSON: {_first_lower(str(error))}") from None


def _member(source: Source, name: str) -> Json:
    """The document, or its member of this name, which answers to Get calls have."""
    root = _read(source)
    if isinstance(root, dict) and isinstance(root.get(name), dict):
        root = root[name]
    if not isinstance(root, dict) or not isinstance(root.get("Name"), str):
        raise MasugataError(
            f"{source.name}: no {name}: give what `aws wafv2` prints, or the input of `Create{name}`"
        )
    return root


def _web_acl(root: Json, where: str) -> WebACL:
    for name in _NOT_EVALUATED:
        if root.pop(name, None):
            raise MasugataError(f"{where}: `{name}` is not supported: rule groups of Firewall Manager")
    made = {
        "ARN": f"arn:aws:wafv2:us-east-1:{NO_ACCOUNT}:regional/webacl/{root['Name']}/none",
        "LabelNamespace": f"awswaf:{_account(root)}:webacl:{root['Name']}:",
    }
    return _converted(made | _without(root, _OF_THE_ACL), WebACL, where)


def _rule_group(source: Source) -> _Referred:
    root = _member(source, "RuleGroup")
    made = {"ARN": "", "LabelNamespace": f"awswaf:{_account(root)}:rulegroup:{root['Name']}:"}
    group = _converted(made | _without(root, _OF_THE_GROUP), RuleGroup, source.name)
    return _Referred(group.name, group.arn or None, (root, group), source.name)


def _ip_set(source: Source) -> _Referred:
    root = _member(source, "IPSet")
    addresses = _texts(root.get("Addresses"), f"{source.name}: `Addresses`")
    return _Referred(root["Name"], root.get("ARN"), addresses, source.name)


def _regex_set(source: Source) -> _Referred:
    root = _member(source, "RegexPatternSet")
    listed = root.get("RegularExpressionList")
    found = [item.get("RegexString") if isinstance(item, dict) else None for item in listed or ()]
    texts = _texts(found, f"{source.name}: `RegularExpressionList`")
    return _Referred(root["Name"], root.get("ARN"), texts, source.name)


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MasugataError(f"{what} must be a list of texts")
    return tuple(value)


def _resolve(wanted: Collection[str], kind: str, given: list[_Referred]) -> dict[str, Any]:
    """What each ARN stands for; raises MasugataError for one that nobody gave, and one that nobody wants."""
    found: dict[str, Any] = {}
    used: set[str] = set()
    for arn in wanted:
        one = next((each for each in given if each.arn == arn), None) or next(
            (each for each in given if each.arn is None and f"/{each.name}/" in arn), None
        )
        if one is None:
            option, beside = _WAYS_TO_GIVE[kind]
            raise MasugataError(
                f"the {kind} `{arn}` is referred to: give it in `{beside}` beside the web ACL, or to "
                f"`masugata waf` with `{option} FILE`"
            )
        found[arn] = one.value
        used.add(one.source)
    for each in given:
        if each.source not in used:
            raise MasugataError(f"{each.source}: nothing refers to this {kind}")
    return found


def references(document: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Kind and ARN of all that is referred to anywhere in a document."""
    if depth > _DEEPEST:
        raise MasugataError("statements are nested too deeply")
    if isinstance(document, list):
        for item in document:
            yield from references(item, depth + 1)
    elif isinstance(document, dict):
        for name, value in document.items():
            if name in _REFERENCES and isinstance(value, dict) and isinstance(value.get("ARN"), str):
                yield _REFERENCES[name], value["ARN"]
            yield from references(value, depth + 1)


def body_limit_of(association_config: Mapping[str, Any] | None) -> int:
    """How many bytes of a body a web ACL has inspected: the most that it says for any type of resource.

    An edge is of none of the types that AWS lists. Raises ValueError for what is no `AssociationConfig`.
    """
    try:
        given = ((association_config or {}).get("RequestBody") or {}).values()
        limits = [_LIMITS[each["DefaultSizeInspectionLimit"]] for each in given]
    except (AttributeError, KeyError, TypeError):
        raise ValueError("`AssociationConfig` is not understood") from None
    return max(limits, default=DEFAULT_BODY_LIMIT)


def _converted(document: Json, shape: type[Shape], where: str) -> Shape:
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        text = _first_lower(str(error))
        hint = "; `SearchString` is in base64, as the AWS CLI prints it" if "base64" in text else ""
        raise MasugataError(f"{where}: {text}{hint}") from None
    except RecursionError:
        raise MasugataError(f"{where}: statements are nested too deeply") from None


def _without(document: Mapping[str, Any], names: Collection[str]) -> Json:
    return {name: value for name, value in document.items() if name not in names and value is not None}


def _account(root: Json) -> str:
    parts = str(root.get("ARN", "")).split(":")
    return parts[4] if len(parts) > 5 and parts[4] else NO_ACCOUNT


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:]

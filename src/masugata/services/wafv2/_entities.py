"""What the operations on web ACLs, rule groups and sets share: look-ups, lock tokens, listings."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from masugata.authorization.resources.wafv2 import named_arn
from masugata.call import Call
from masugata.limits import limit
from masugata.records.kind import Kind
from masugata.records.wafv2 import (
    CLOUDFRONT,
    CLOUDFRONT_REGION,
    IP_SET,
    IP_SET_PATH,
    MANAGED_RULE_SET,
    MANAGED_RULE_SET_PATH,
    REGEX_PATTERN_SET,
    REGEX_PATTERN_SET_PATH,
    RULE_GROUP,
    RULE_GROUP_PATH,
    WEB_ACL,
    WEB_ACL_PATH,
    Entity,
    WafName,
    entity_key,
    waf_arn,
)
from masugata.services.wafv2._errors import (
    INVALID_SCOPE,
    associated,
    duplicate,
    invalid,
    limits_exceeded,
    nonexistent,
    stale,
)
from masugata.services.wafv2._paging import page, page_start

E = TypeVar("E", bound=Entity)


class Noun(NamedTuple):
    """A sort of entity: its records, what ARNs, CloudTrail and errors call it, and its limit."""

    kind: Kind[Any]
    path: str
    resource_type: str
    field: str
    limit: str


WEB_ACLS: Final = Noun(WEB_ACL, WEB_ACL_PATH, "AWS::WAFv2::WebACL", "WEB_ACL", "wafv2.web-acls")
RULE_GROUPS: Final = Noun(
    RULE_GROUP, RULE_GROUP_PATH, "AWS::WAFv2::RuleGroup", "RULE_GROUP", "wafv2.rule-groups"
)
IP_SETS: Final = Noun(IP_SET, IP_SET_PATH, "AWS::WAFv2::IPSet", "IP_SET", "wafv2.ip-sets")
REGEX_PATTERN_SETS: Final = Noun(
    REGEX_PATTERN_SET,
    REGEX_PATTERN_SET_PATH,
    "AWS::WAFv2::RegexPatternSet",
    "REGEX_PATTERN_SET",
    "wafv2.regex-pattern-sets",
)
MANAGED_RULE_SETS: Final = Noun(
    MANAGED_RULE_SET, MANAGED_RULE_SET_PATH, "AWS::WAFv2::ManagedRuleSet", "MANAGED_RULE_SET", ""
)
NOUNS: Final[Mapping[str, Noun]] = {
    noun.path: noun for noun in (WEB_ACLS, RULE_GROUPS, IP_SETS, REGEX_PATTERN_SETS, MANAGED_RULE_SETS)
}
"""By what ARNs call them."""


def scope_of(call: Call, request: Mapping[str, Any]) -> str:
    """The scope of a request; raises WAFInvalidParameterException for CLOUDFRONT outside us-east-1."""
    scope: str = request["Scope"]
    if scope == CLOUDFRONT and call.region != CLOUDFRONT_REGION:
        raise invalid("SCOPE_VALUE", scope, INVALID_SCOPE)
    return scope


def arn(call: Call, noun: Noun, entity: Entity) -> str:
    """The ARN of an entity of the caller's account."""
    return waf_arn(call.account, call.region, entity.scope, noun.path, entity.name, entity.id, call.partition)


def find(call: Call, noun: Noun, request: Mapping[str, Any]) -> Any:
    """The entity of the caller's account with this Name, Scope and Id; raises WAFNonexistentItemException."""
    scope = scope_of(call, request)
    found = call.records.get(noun.kind, call.account, entity_key(scope, request["Name"]), call.region)
    if found is None or found.id != request["Id"]:
        missing = waf_arn(
            call.account, call.region, scope, noun.path, request["Name"], request["Id"], call.partition
        )
        raise nonexistent(missing)
    call.touches(noun.resource_type, arn(call, noun, found))
    return found


def find_named(call: Call, name: WafName) -> Any:
    """The entity with this ARN, of any account; raises WAFNonexistentItemException.

    That the caller may use it was asked when the call was authorized, of this very ARN: it has to be the only
    one of the entity, with its partition too.
    """
    noun = NOUNS[name.path]
    found = call.records.get(noun.kind, name.account, name.key, name.region)
    here = (name.partition, name.region) == (call.partition, call.region)
    if found is None or found.id != name.id or not here:
        raise nonexistent(str(name))
    call.touches(noun.resource_type, str(name))
    return found


def find_own(call: Call, text: str, *paths: str) -> tuple[WafName, Any]:
    """The name and the entity of the caller's account with an ARN of one of these sorts.

    Raises WAFInvalidParameterException and WAFNonexistentItemException.
    """
    name = named_arn(text, *paths)
    if name.account != call.account:
        raise nonexistent(text)
    return name, find_named(call, name)


def check_lock(entity: Entity, token: str) -> None:
    """Raise WAFOptimisticLockException unless the token is the entity's."""
    if entity.lock_token != token:
        raise stale()


def new_uuid(call: Call) -> str:
    """A new id or lock token."""
    return str(UUID(bytes=call.random(16), version=4))


def create(call: Call, noun: Noun, entity: Entity) -> dict[str, Any]:
    """Store a new entity, and answer its summary.

    Raises WAFDuplicateItemException and WAFLimitsExceededException.
    """
    key = entity_key(entity.scope, entity.name)
    if call.records.get(noun.kind, call.account, key, call.region) is not None:
        raise duplicate(f"{noun.path} {entity.name}")
    most = limit(call.limits, noun.limit)
    present = call.records.scan(noun.kind, call.account, call.region)
    if sum(one.scope == entity.scope for one in present) >= most:
        raise limits_exceeded(f"{noun.limit}: {most}", noun.field)
    call.transaction.put(noun.kind, call.account, entity, call.region)
    call.touches(noun.resource_type, arn(call, noun, entity))
    return {"Summary": summary(call, noun, entity)}


def save(call: Call, noun: Noun, entity: Entity) -> None:
    """Store a changed entity."""
    call.transaction.put(noun.kind, call.account, entity, call.region)


def delete(call: Call, noun: Noun, request: Mapping[str, Any]) -> Any:
    """Delete an entity that nothing refers to, and give what it was.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFAssociatedItemException.
    """
    entity = find(call, noun, request)
    check_lock(entity, request["LockToken"])
    used = next(iter(users(call, arn(call, noun, entity))), None)
    if used is not None:
        raise associated(used)
    call.transaction.delete(noun.kind, call.account, entity_key(entity.scope, entity.name), call.region)
    return entity


def users(call: Call, used: str) -> list[str]:
    """What refers to a set or a rule group, by name; accounts with which it is shared count as well."""
    return [
        f"{noun.path} {entity.name}"
        for noun in (WEB_ACLS, RULE_GROUPS, MANAGED_RULE_SETS)
        for account, region in call.records.partitions(noun.kind)
        if region == call.region
        for entity in call.records.referring(noun.kind, account, "uses", used, region)
    ]


def summary(call: Call, noun: Noun, entity: Entity) -> dict[str, Any]:
    """An entity as listings have it."""
    return {
        "Name": entity.name,
        "Id": entity.id,
        "Description": entity.description,
        "LockToken": entity.lock_token,
        "ARN": arn(call, noun, entity),
    }


def listing(call: Call, noun: Noun, request: Mapping[str, Any], member: str) -> dict[str, Any]:
    """One page of the entities of a scope, by name."""
    prefix = entity_key(scope_of(call, request), "")
    after = page_start(call, request)
    records = call.records.scan(
        noun.kind, call.account, call.region, after=prefix if after is None else prefix + after
    )
    entities = (entity for entity in records if entity_key(entity.scope, "") == prefix)
    found, end = page(call, request, entities, lambda entity: entity.name)
    return {member: [summary(call, noun, entity) for entity in found], **end}

"""Operations on the managed rule sets of a vendor: versions of rules that it offers to others.

AWS makes the managed rule sets themselves with its vendors, and no operation does.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.call import Call
from masugata.records.wafv2 import (
    MANAGED_RULE_SET_PATH,
    RULE_GROUP_PATH,
    ManagedRuleSet,
    PublishedVersion,
)
from masugata.services.wafv2._entities import (
    MANAGED_RULE_SETS,
    arn,
    check_lock,
    find,
    find_own,
    listing,
    new_uuid,
    save,
)
from masugata.services.wafv2._errors import INVALID_SCOPE, invalid, nonexistent
from masugata.services.wafv2._labels import label_namespace

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def list_managed_rule_sets(call: Call, request: "shapes.ListManagedRuleSetsRequest") -> dict[str, Any]:
    """The managed rule sets of a scope by name, page by page."""
    found = listing(call, MANAGED_RULE_SETS, request, "ManagedRuleSets")
    for entry in found["ManagedRuleSets"]:
        entry["LabelNamespace"] = label_namespace(call.account, MANAGED_RULE_SET_PATH, entry["Name"])
    return found


def get_managed_rule_set(call: Call, request: "shapes.GetManagedRuleSetRequest") -> dict[str, Any]:
    """A managed rule set with the versions that it offers; raises WAFNonexistentItemException."""
    rule_set: ManagedRuleSet = find(call, MANAGED_RULE_SETS, request)
    found: dict[str, Any] = {
        "Name": rule_set.name,
        "Id": rule_set.id,
        "ARN": arn(call, MANAGED_RULE_SETS, rule_set),
        "Description": rule_set.description,
        "PublishedVersions": {name: _version(version) for name, version in rule_set.versions.items()},
        "LabelNamespace": label_namespace(call.account, MANAGED_RULE_SET_PATH, rule_set.name),
    }
    if rule_set.recommended is not None:
        found["RecommendedVersion"] = rule_set.recommended
    return {"ManagedRuleSet": found, "LockToken": rule_set.lock_token}


def put_managed_rule_set_versions(
    call: Call, request: "shapes.PutManagedRuleSetVersionsRequest"
) -> "shapes.PutManagedRuleSetVersionsResponse":
    """Offer further versions, and say which one is recommended.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFInvalidParameterException.
    """
    rule_set: ManagedRuleSet = find(call, MANAGED_RULE_SETS, request)
    check_lock(rule_set, request["LockToken"])
    versions = dict(rule_set.versions)
    for name, given in (request.get("VersionsToPublish") or {}).items():
        if name in versions:
            raise invalid("MANAGED_RULE_SET", name, "A version that is published stays as it is.")
        text = given.get("AssociatedRuleGroupArn", "")
        group_name, group = find_own(call, text, RULE_GROUP_PATH)
        if group_name.scope != rule_set.scope:
            raise invalid("SCOPE_VALUE", group_name.scope, INVALID_SCOPE)
        versions[name] = PublishedVersion(
            rule_group=text,
            capacity=group.capacity,
            forecasted_lifetime=given.get("ForecastedLifetime"),
            published=call.now,
            updated=call.now,
        )
    recommended = request.get("RecommendedVersion", rule_set.recommended)
    if recommended is not None and recommended not in versions:
        raise invalid("MANAGED_RULE_SET", recommended, "Only a version that is published is recommended.")
    return _saved(call, replace(rule_set, versions=versions, recommended=recommended))


def update_managed_rule_set_version_expiry_date(
    call: Call, request: "shapes.UpdateManagedRuleSetVersionExpiryDateRequest"
) -> dict[str, Any]:
    """Say from when on a version is offered no more; raises as the others.

    The recommended version does not expire.
    """
    rule_set: ManagedRuleSet = find(call, MANAGED_RULE_SETS, request)
    check_lock(rule_set, request["LockToken"])
    name, expires = request["VersionToExpire"], request["ExpiryTimestamp"]
    version = rule_set.versions.get(name)
    if version is None:
        raise nonexistent(f"version {name} of {rule_set.name}")
    if name == rule_set.recommended:
        raise invalid("MANAGED_RULE_SET", name, "The recommended version does not expire.")
    if expires <= call.now:
        raise invalid("EXPIRE_TIMESTAMP", _text(expires), "A version expires in the future.")
    versions = {**rule_set.versions, name: replace(version, expires=expires, updated=call.now)}
    token = _saved(call, replace(rule_set, versions=versions))
    return {"ExpiringVersion": name, "ExpiryTimestamp": expires, **token}


def _saved(call: Call, rule_set: ManagedRuleSet) -> "shapes.PutManagedRuleSetVersionsResponse":
    changed = replace(rule_set, lock_token=new_uuid(call))
    save(call, MANAGED_RULE_SETS, changed)
    return {"NextLockToken": changed.lock_token}


def _version(version: PublishedVersion) -> dict[str, Any]:
    found = {
        "AssociatedRuleGroupArn": version.rule_group,
        "Capacity": version.capacity,
        "ForecastedLifetime": version.forecasted_lifetime,
        "PublishTimestamp": version.published,
        "LastUpdateTimestamp": version.updated,
        "ExpiryTimestamp": version.expires,
    }
    return {member: value for member, value in found.items() if value is not None}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

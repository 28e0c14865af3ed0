"""Operations on the managed rule groups that come with the program."""

import re
from typing import TYPE_CHECKING, Any

from masugata.call import Call
from masugata.engines.waf.managed import ManagedGroup
from masugata.services.wafv2._entities import scope_of
from masugata.services.wafv2._managed import default_groups
from masugata.services.wafv2._paging import page
from masugata.services.wafv2._references import find_managed
from masugata.services.wafv2._shapes import shape

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def list_available_managed_rule_groups(
    call: Call, request: "shapes.ListAvailableManagedRuleGroupsRequest"
) -> dict[str, Any]:
    """The managed rule groups by name, page by page."""
    scope_of(call, request)
    found, end = page(call, request, default_groups(), lambda group: group.name)
    groups = [
        {
            "VendorName": group.vendor,
            "Name": group.name,
            "VersioningSupported": bool(group.static_versions),
            "Description": group.description,
        }
        for group in found
    ]
    return {"ManagedRuleGroups": groups, **end}


def list_available_managed_rule_group_versions(
    call: Call, request: "shapes.ListAvailableManagedRuleGroupVersionsRequest"
) -> dict[str, Any]:
    """The versions of a managed rule group, page by page; raises WAFNonexistentItemException."""
    scope_of(call, request)
    default = find_managed(request["VendorName"], request["Name"], None)
    found, end = page(call, request, sorted(default.static_versions, key=_padded), _padded)
    versions = {"Versions": [{"Name": version} for version in found], **end}
    return versions | ({"CurrentDefaultVersion": default.version} if default.version else {})


def _padded(version: str) -> str:
    """Sorts as its numbers do: Version_1.2 before Version_1.10."""
    return re.sub("[0-9]+", lambda number: number[0].zfill(6), version)


def describe_managed_rule_group(
    call: Call, request: "shapes.DescribeManagedRuleGroupRequest"
) -> dict[str, Any]:
    """The rules, labels and capacity of a version of a managed rule group.

    Raises WAFNonexistentItemException and WAFSubscriptionNotFoundException.
    """
    scope_of(call, request)
    group = find_managed(request["VendorName"], request["Name"], request.get("VersionName"))
    labels = {label for rule in group.rules for label in rule.labels}
    described = [rule for rule in group.rules if not rule.internal]
    version = {"VersionName": group.version} if group.version else {}
    return version | {
        "Capacity": group.capacity,
        "Rules": [{"Name": rule.name, "Action": shape(rule.action)} for rule in described],
        "LabelNamespace": group.label_namespace,
        "AvailableLabels": [{"Name": group.label_namespace + label} for label in sorted(labels)],
    }


def describe_all_managed_products(
    call: Call, request: "shapes.DescribeAllManagedProductsRequest"
) -> dict[str, Any]:
    """What is offered, by whom: the managed rule groups."""
    scope_of(call, request)
    return {"ManagedProducts": [_product(group) for group in default_groups()]}


def describe_managed_products_by_vendor(
    call: Call, request: "shapes.DescribeManagedProductsByVendorRequest"
) -> dict[str, Any]:
    """What a vendor offers: nothing, unless it is AWS."""
    scope_of(call, request)
    vendor = request["VendorName"]
    return {"ManagedProducts": [_product(group) for group in default_groups() if group.vendor == vendor]}


def _product(group: ManagedGroup) -> dict[str, Any]:
    return {
        "VendorName": group.vendor,
        "ManagedRuleSetName": group.name,
        "ProductId": group.name,
        "ProductTitle": group.name,
        "ProductDescription": group.description,
        "IsVersioningSupported": bool(group.static_versions),
        "IsAdvancedManagedRuleSet": group.configure is not None,
    }

"""Operations on IP sets."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.call import Call
from masugata.records.wafv2 import IPSet
from masugata.services.wafv2._checks import check_count
from masugata.services.wafv2._entities import (
    IP_SETS,
    arn,
    check_lock,
    create,
    delete,
    find,
    listing,
    new_uuid,
    save,
    scope_of,
)
from masugata.services.wafv2._errors import MALFORMED, invalid
from masugata.services.wafv2._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def create_ip_set(call: Call, request: "shapes.CreateIPSetRequest") -> dict[str, Any]:
    """Make an IP set.

    Raises WAFInvalidParameterException, WAFDuplicateItemException and WAFLimitsExceededException.
    """
    version = request["IPAddressVersion"]
    ip_set = IPSet(
        name=request["Name"],
        id=new_uuid(call),
        scope=scope_of(call, request),
        description=request.get("Description", ""),
        lock_token=new_uuid(call),
        tags=read_tags(call, request.get("Tags")),
        ip_address_version=version,
        addresses=_addresses(call, request["Addresses"], version),
    )
    return create(call, IP_SETS, ip_set)


def get_ip_set(call: Call, request: "shapes.GetIPSetRequest") -> "shapes.GetIPSetResponse":
    """An IP set; raises WAFNonexistentItemException."""
    ip_set: IPSet = find(call, IP_SETS, request)
    return {
        "IPSet": {
            "Name": ip_set.name,
            "Id": ip_set.id,
            "ARN": arn(call, IP_SETS, ip_set),
            "Description": ip_set.description,
            "IPAddressVersion": ip_set.ip_address_version,
            "Addresses": list(ip_set.addresses),
        },
        "LockToken": ip_set.lock_token,
    }


def update_ip_set(call: Call, request: "shapes.UpdateIPSetRequest") -> "shapes.UpdateIPSetResponse":
    """Give an IP set other addresses, all of them.

    Raises WAFNonexistentItemException, WAFOptimisticLockException, WAFInvalidParameterException and
    WAFLimitsExceededException.
    """
    ip_set: IPSet = find(call, IP_SETS, request)
    check_lock(ip_set, request["LockToken"])
    changed = replace(
        ip_set,
        description=request.get("Description", ""),
        addresses=_addresses(call, request["Addresses"], ip_set.ip_address_version),
        lock_token=new_uuid(call),
    )
    save(call, IP_SETS, changed)
    return {"NextLockToken": changed.lock_token}


def delete_ip_set(call: Call, request: "shapes.DeleteIPSetRequest") -> dict[str, Any]:
    """Delete an IP set that no rule refers to.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFAssociatedItemException.
    """
    delete(call, IP_SETS, request)
    return {}


def list_ip_sets(call: Call, request: "shapes.ListIPSetsRequest") -> dict[str, Any]:
    """The IP sets of a scope by name, page by page; raises WAFInvalidParameterException."""
    return listing(call, IP_SETS, request, "IPSets")


def _addresses(call: Call, given: Iterable[str], version: str) -> tuple[str, ...]:
    """CIDRs, each once; raises for other texts, for CIDRs of the other version and for /0.

    An address without the length of its prefix is refused, as is a CIDR with bits behind it: it would stand
    for more than it says.
    """
    form = IPv4Network if version == "IPV4" else IPv6Network
    found: dict[IPv4Network | IPv6Network, str] = {}
    for text in given:
        try:
            network = form(text) if "/" in text and "%" not in text else None
        except ValueError:
            network = None
        if network is None or network.prefixlen == 0 or not text.rpartition("/")[2].isdecimal():
            raise invalid("IP_ADDRESS", text, MALFORMED)
        found.setdefault(network, text)
    check_count(call, "wafv2.addresses-per-ip-set", len(found), "IP_SET")
    return tuple(found.values())

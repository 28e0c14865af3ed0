"""What CloudTrail operations act on."""

from collections.abc import Mapping
from typing import Any

from masugata.authorization import catalogue
from masugata.authorization.access import Access
from masugata.identity.caller import Caller
from masugata.store import Records


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """Operations without a resource type act on `*`; the others have no rule yet (KeyError)."""
    del request, caller, records, region
    entry = catalogue.operation("cloudtrail", operation)
    if entry is None:
        raise KeyError(operation)
    found = [catalogue.action(name) for name in entry.actions]
    if any(action is None or action.resource_types for action in found):
        raise KeyError(operation)
    return [Access(action=name, resource="*", resource_account=None) for name in entry.actions]

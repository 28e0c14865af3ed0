"""What the tags of all IAM resources have in common.

Keys keep the case in which they were last written and are compared without it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from masugata.call import Call
from masugata.identity.mfa import serial_number
from masugata.records.iam import InstanceProfile, ManagedPolicy, MfaDevice, Role, ServerCertificate, Tag, User
from masugata.records.kind import Kind
from masugata.services.iam._common import (
    TAGS_PER_RESOURCE,
    PageEnd,
    invalid_input,
    page,
    policy_arn,
    quota_exceeded,
    requested_tags,
    tag_shapes,
)

if TYPE_CHECKING:
    from masugata_types import iam as shapes

Tagged = TypeVar("Tagged", User, Role, ManagedPolicy, InstanceProfile, ServerCertificate, MfaDevice)


def tag(call: Call, kind: Kind[Tagged], record: Tagged, tags: "Sequence[shapes.Tag]") -> None:
    """Add tags to a record, or change their values; raises InvalidInput and LimitExceeded."""
    if not tags:
        raise invalid_input("Tags must hold at least one tag.")
    merged = {old.key.lower(): old for old in record.tags}
    merged.update({new.key.lower(): new for new in requested_tags(tags)})
    if len(merged) > TAGS_PER_RESOURCE:
        raise quota_exceeded(f"TagsPer{_type_name(kind)}", TAGS_PER_RESOURCE)
    _put(call, kind, record, tuple(merged.values()))


def untag(call: Call, kind: Kind[Tagged], record: Tagged, keys: Sequence[str]) -> None:
    """Remove tags from a record, as far as it has them; raises InvalidInput."""
    if not keys:
        raise invalid_input("TagKeys must hold at least one key.")
    gone = {key.lower() for key in keys}
    _put(call, kind, record, tuple(old for old in record.tags if old.key.lower() not in gone))


def _put(call: Call, kind: Kind[Tagged], record: Tagged, tags: tuple[Tag, ...]) -> None:
    call.transaction.put(kind, call.account, msgspec.structs.replace(record, tags=tags))
    call.touches(f"AWS::IAM::{_type_name(kind)}", _event_name(call, record))


def _event_name(
    call: Call, record: User | Role | ManagedPolicy | InstanceProfile | ServerCertificate | MfaDevice
) -> str:
    """What events call it: policies and MFA devices by ARN, everything else by name."""
    if isinstance(record, MfaDevice):
        return serial_number(call.records, call.account, record)
    return policy_arn(call, record) if isinstance(record, ManagedPolicy) else record.name


def _type_name(kind: Kind[Tagged]) -> str:
    """The kind's name as AWS spells it: User, Role, Policy, InstanceProfile, VirtualMFADevice."""
    return kind.name.title().replace("-", "").replace("Mfa", "MFA")


def page_of_tags(tags: Sequence[Tag], request: Mapping[str, Any]) -> "tuple[list[shapes.Tag], PageEnd]":
    """One page of tags by key; a marker counts, because a key can be longer than a marker may be."""
    ordered = sorted(tags, key=lambda one: one.key.lower())
    numbered = [(f"{number:04d}", one) for number, one in enumerate(ordered)]
    chosen, end = page(numbered, request, "Tags", lambda pair: pair[0])
    return tag_shapes(one for _, one in chosen), end

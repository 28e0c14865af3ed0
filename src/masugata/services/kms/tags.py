"""Operations on the tags of keys."""

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import PENDING_DELETION, PENDING_REPLICA_DELETION
from masugata.services.kms._common import check_state, find_own, page, show_key
from masugata.services.kms._management import find_to_change, save
from masugata.services.kms._tags import merge_tags, tag_shapes, without_tags

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_PAGE: Final = 50


def tag_resource(call: Call, request: "shapes.TagResourceRequest") -> dict[str, Any]:
    """Add tags to a key, or give them new values; raises TagException, KMSInvalidStateException."""
    key = find_to_change(call, request["KeyId"])
    check_state(call, call.account, key, PENDING_DELETION, PENDING_REPLICA_DELETION)
    save(call, replace(key, tags=merge_tags(call, key.tags, request["Tags"])))
    return {}


def untag_resource(call: Call, request: "shapes.UntagResourceRequest") -> dict[str, Any]:
    """Remove tags from a key, those that it has; raises as `tag_resource`."""
    key = find_to_change(call, request["KeyId"])
    check_state(call, call.account, key, PENDING_DELETION, PENDING_REPLICA_DELETION)
    save(call, replace(key, tags=without_tags(key.tags, request["TagKeys"])))
    show_key(call, call.account, key)
    return {}


def list_resource_tags(
    call: Call, request: "shapes.ListResourceTagsRequest"
) -> "shapes.ListResourceTagsResponse":
    """The tags of a key by their keys, 50 at most; raises InvalidMarkerException."""
    key = find_own(call, request["KeyId"])
    if request.get("Limit", _PAGE) > _PAGE:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{request['Limit']}' at 'limit' failed to satisfy "
            f"constraint: Member must have value less than or equal to {_PAGE}",
            400,
        )
    tags, end = page(
        call, request, sorted(key.tags, key=lambda tag: tag.key), lambda tag: tag.key, size=_PAGE
    )
    return {"Tags": tag_shapes(tags), **end}

"""Tags that something is made with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.limits import limit
from masugata.records.iam import Tag
from masugata.services.organizations._common import constraint_violation, invalid_input

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def requested_tags(call: Call, tags: "Sequence[shapes.Tag]") -> tuple[Tag, ...]:
    """The tags of a request; keys differ in case, too.

    Raises InvalidInputException for a key that comes twice or that is AWS's, and
    ConstraintViolationException, MAX_TAG_LIMIT_EXCEEDED.
    """
    found: dict[str, Tag] = {}
    for tag in tags:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise invalid_input(
                "INVALID_SYSTEM_TAGS_PARAMETER",
                "You specified a tag key that is a system tag. System tags are reserved for AWS use.",
            )
        if key in found:
            raise invalid_input(
                "DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity."
            )
        found[key] = Tag(key, tag["Value"])
    if len(found) > limit(call.limits, "organizations.tags-per-resource"):
        raise constraint_violation(
            "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource."
        )
    return tuple(found.values())

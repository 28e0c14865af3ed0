"""What the tags of everything in an organization have in common.

Keys are compared exactly: `Team` and `team` are two tags.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.limits import limit
from masugata.records.iam import Tag
from masugata.services.organizations._common import constraint_violation, invalid_input

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_RESERVED = "aws:"


def read_tags(call: Call, tags: "Sequence[shapes.Tag] | None") -> tuple[Tag, ...]:
    """The tags that something is created with, none for None.

    Raises InvalidInputException for a key that is given twice or is AWS's, and ConstraintViolationException
    for too many.
    """
    return merge_tags(call, (), tags or ())


def merge_tags(call: Call, present: Iterable[Tag], tags: "Sequence[shapes.Tag]") -> tuple[Tag, ...]:
    """The tags of something after others were added or given new values; raises as `read_tags`."""
    _refuse_reserved(tag["Key"] for tag in tags)
    new = {tag["Key"]: Tag(tag["Key"], tag["Value"]) for tag in tags}
    if len(new) < len(tags):
        raise invalid_input(
            "DUPLICATE_TAG_KEY", "You can't specify the same tag key more than once in one request."
        )
    merged = {tag.key: tag for tag in present} | new
    most = limit(call.limits, "organizations.tags-per-resource")
    if len(merged) > most:
        raise constraint_violation(
            "MAX_TAG_LIMIT_EXCEEDED", f"You can't attach more than {most} tags to a resource."
        )
    return tuple(merged.values())


def without_tags(present: Iterable[Tag], keys: Iterable[str]) -> tuple[Tag, ...]:
    """The tags of something after those with these keys were removed; raises for keys that are AWS's."""
    gone = set(keys)
    _refuse_reserved(gone)
    return tuple(tag for tag in present if tag.key not in gone)


def tag_shapes(tags: Iterable[Tag]) -> "list[shapes.Tag]":
    """Tags as they are answered."""
    return [{"Key": tag.key, "Value": tag.value} for tag in tags]


def _refuse_reserved(keys: Iterable[str]) -> None:
    for key in keys:
        if key.lower().startswith(_RESERVED):
            raise invalid_input(
                "INVALID_SYSTEM_TAGS_PARAMETER",
                f"You specified a tag key that is a system tag: {key}. You can't add, edit, or delete "
                "system tag keys because they're reserved for AWS use.",
            )

"""The tags of keys: AWS says TagKey and TagValue here. Keys are compared exactly.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.iam.tag import Tag

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_RESERVED: Final = "aws:"


def read_tags(call: Call, tags: "Sequence[shapes.Tag] | None") -> tuple[Tag, ...]:
    """The tags that a key is created with, none for None; raises TagException as `merge_tags` does."""
    return merge_tags(call, (), tags or ())


def merge_tags(call: Call, present: Iterable[Tag], tags: "Sequence[shapes.Tag]") -> tuple[Tag, ...]:
    """The tags of a key after others were added or given new values.

    Raises TagException for a key that is given twice or is AWS's, and for too many.
    """
    new = {tag["TagKey"]: Tag(tag["TagKey"], tag["TagValue"]) for tag in tags}
    if len(new) < len(tags):
        raise _refused("Duplicate tag keys")
    merged = {tag.key: tag for tag in present} | new
    if len(merged) > limit(call.limits, "kms.tags-per-key"):
        raise _refused("Too many tags")
    _refuse_reserved(new)
    return tuple(merged.values())


def without_tags(present: Iterable[Tag], keys: Iterable[str]) -> tuple[Tag, ...]:
    """The tags of a key after those with these keys were removed; raises TagException for keys of AWS's."""
    gone = set(keys)
    _refuse_reserved(gone)
    return tuple(tag for tag in present if tag.key not in gone)


def tag_shapes(tags: Iterable[Tag]) -> "list[shapes.Tag]":
    """Tags as they are answered."""
    return [{"TagKey": tag.key, "TagValue": tag.value} for tag in tags]


def _refuse_reserved(keys: Iterable[str]) -> None:
    if any(key.lower().startswith(_RESERVED) for key in keys):
        raise _refused("Tags beginning with aws: are reserved")


def _refused(message: str) -> AwsError:
    return AwsError("TagException", message, 400)

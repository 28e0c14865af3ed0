"""Tags of web ACLs, rule groups and sets."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.records.iam.tag import Tag
from masugata.services.wafv2._checks import check_count, check_distinct
from masugata.services.wafv2._errors import invalid

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_RESERVED: Final = "aws:"


def read_tags(call: Call, given: "Sequence[shapes.Tag] | None") -> tuple[Tag, ...]:
    """The tags that something is made with.

    Raises WAFInvalidParameterException and WAFLimitsExceededException.
    """
    return merge_tags(call, (), given or ())


def merge_tags(call: Call, present: Iterable[Tag], given: "Sequence[shapes.Tag]") -> tuple[Tag, ...]:
    """The tags of something after others were added or given new values; raises as `read_tags`."""
    keys = [tag["Key"] for tag in given]
    _check_reserved(keys)
    check_distinct(keys, "TAGS", "Tags", "The tag key {} is there twice.")
    merged = {tag.key: tag for tag in present} | {tag["Key"]: Tag(tag["Key"], tag["Value"]) for tag in given}
    check_count(call, "wafv2.tags-per-resource", len(merged), "TAGS")
    return tuple(merged.values())


def without_tags(present: Iterable[Tag], keys: Iterable[str]) -> tuple[Tag, ...]:
    """The tags of something without those with these keys; raises WAFInvalidParameterException."""
    gone = set(keys)
    _check_reserved(gone)
    return tuple(tag for tag in present if tag.key not in gone)


def _check_reserved(keys: Iterable[str]) -> None:
    for key in keys:
        if key.lower().startswith(_RESERVED):
            raise invalid("TAG_KEYS", key, "Tag keys that begin with aws: are reserved.")

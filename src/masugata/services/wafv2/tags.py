"""Operations on tags."""

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from masugata.call import Call
from masugata.services.wafv2._entities import (
    IP_SETS,
    NOUNS,
    REGEX_PATTERN_SETS,
    RULE_GROUPS,
    WEB_ACLS,
    find_own,
    save,
)
from masugata.services.wafv2._paging import page
from masugata.services.wafv2._tagging import merge_tags, without_tags

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_TAGGED: Final = tuple(noun.path for noun in (IP_SETS, REGEX_PATTERN_SETS, RULE_GROUPS, WEB_ACLS))


def tag_resource(call: Call, request: "shapes.TagResourceRequest") -> dict[str, Any]:
    """Add tags to something, or give them new values.

    Raises WAFNonexistentItemException, WAFInvalidParameterException and WAFLimitsExceededException.
    """
    name, entity = find_own(call, request["ResourceARN"], *_TAGGED)
    save(call, NOUNS[name.path], replace(entity, tags=merge_tags(call, entity.tags, request["Tags"])))
    return {}


def untag_resource(call: Call, request: "shapes.UntagResourceRequest") -> dict[str, Any]:
    """Remove tags from something, those that it has; raises as `tag_resource`."""
    name, entity = find_own(call, request["ResourceARN"], *_TAGGED)
    save(call, NOUNS[name.path], replace(entity, tags=without_tags(entity.tags, request["TagKeys"])))
    return {}


def list_tags_for_resource(call: Call, request: "shapes.ListTagsForResourceRequest") -> dict[str, Any]:
    """The tags of something by key, page by page; raises as `tag_resource`."""
    name, entity = find_own(call, request["ResourceARN"], *_TAGGED)
    numbered = enumerate(sorted(entity.tags, key=lambda tag: tag.key))
    found, end = page(call, request, numbered, lambda item: f"{item[0]:04}")
    tags = [{"Key": tag.key, "Value": tag.value} for _, tag in found]
    return {"TagInfoForResource": {"ResourceARN": str(name), "TagList": tags}, **end}

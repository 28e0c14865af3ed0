"""Operations on regex pattern sets."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.call import Call
from masugata.records.wafv2 import RegexPatternSet
from masugata.services.wafv2._checks import check_count
from masugata.services.wafv2._entities import (
    REGEX_PATTERN_SETS,
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
from masugata.services.wafv2._errors import NOT_ONE, invalid
from masugata.services.wafv2._regexes import check_regexes
from masugata.services.wafv2._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def prepare_creation(call: Call, request: "shapes.CreateRegexPatternSetRequest") -> tuple[str, ...]:
    """The expressions of a new regex pattern set, checked; raises as `create_regex_pattern_set`."""
    scope_of(call, request)
    return _expressions(call, request["RegularExpressionList"])


def create_regex_pattern_set(call: Call, request: "shapes.CreateRegexPatternSetRequest") -> dict[str, Any]:
    """Make a regex pattern set.

    Raises WAFInvalidParameterException, WAFDuplicateItemException and WAFLimitsExceededException.
    """
    patterns = RegexPatternSet(
        name=request["Name"],
        id=new_uuid(call),
        scope=scope_of(call, request),
        description=request.get("Description", ""),
        lock_token=new_uuid(call),
        tags=read_tags(call, request.get("Tags")),
        expressions=call.prepared,
    )
    return create(call, REGEX_PATTERN_SETS, patterns)


def get_regex_pattern_set(
    call: Call, request: "shapes.GetRegexPatternSetRequest"
) -> "shapes.GetRegexPatternSetResponse":
    """A regex pattern set; raises WAFNonexistentItemException."""
    patterns: RegexPatternSet = find(call, REGEX_PATTERN_SETS, request)
    return {
        "RegexPatternSet": {
            "Name": patterns.name,
            "Id": patterns.id,
            "ARN": arn(call, REGEX_PATTERN_SETS, patterns),
            "Description": patterns.description,
            "RegularExpressionList": [{"RegexString": text} for text in patterns.expressions],
        },
        "LockToken": patterns.lock_token,
    }


def prepare_update(call: Call, request: "shapes.UpdateRegexPatternSetRequest") -> tuple[str, ...]:
    """The expressions that a regex pattern set is to have, checked; raises as `update_regex_pattern_set`."""
    patterns: RegexPatternSet = find(call, REGEX_PATTERN_SETS, request)
    check_lock(patterns, request["LockToken"])
    return _expressions(call, request["RegularExpressionList"])


def update_regex_pattern_set(
    call: Call, request: "shapes.UpdateRegexPatternSetRequest"
) -> "shapes.UpdateRegexPatternSetResponse":
    """Give a regex pattern set other expressions, all of them.

    Raises WAFNonexistentItemException, WAFOptimisticLockException, WAFInvalidParameterException and
    WAFLimitsExceededException.
    """
    patterns: RegexPatternSet = find(call, REGEX_PATTERN_SETS, request)
    check_lock(patterns, request["LockToken"])
    changed = replace(
        patterns,
        description=request.get("Description", ""),
        expressions=call.prepared,
        lock_token=new_uuid(call),
    )
    save(call, REGEX_PATTERN_SETS, changed)
    return {"NextLockToken": changed.lock_token}


def delete_regex_pattern_set(call: Call, request: "shapes.DeleteRegexPatternSetRequest") -> dict[str, Any]:
    """Delete a regex pattern set that no rule refers to.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFAssociatedItemException.
    """
    delete(call, REGEX_PATTERN_SETS, request)
    return {}


def list_regex_pattern_sets(call: Call, request: "shapes.ListRegexPatternSetsRequest") -> dict[str, Any]:
    """The regex pattern sets of a scope by name, page by page; raises WAFInvalidParameterException."""
    return listing(call, REGEX_PATTERN_SETS, request, "RegexPatternSets")


def _expressions(call: Call, given: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    found = []
    for item in given:
        if "RegexString" not in item:
            raise invalid("REGEX_PATTERN_SET", "RegexString", NOT_ONE)
        found.append(item["RegexString"])
    check_count(call, "wafv2.regexes-per-set", len(found), "REGEX_PATTERN_SET")
    for expression in found:
        check_count(call, "wafv2.regex-size", len(expression))
    check_regexes(found, "REGEX_PATTERN_SET")
    return tuple(found)

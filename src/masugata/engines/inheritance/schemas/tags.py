"""Tag policies.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
"""

from typing import Any

from masugata.engines.inheritance.schema import Entries, Section, Setting, pattern, text

_LONGEST_KEY = 128
_LONGEST_VALUE = 256


def _tag_value(value: Any) -> str | None:
    if value.__class__ is str and len(value) <= _LONGEST_VALUE and value.count("*") <= 1:
        return None
    return f"a tag value of at most {_LONGEST_VALUE} characters with at most one wildcard"


_RESOURCE_TYPES = pattern(
    r"[a-z0-9-]+:(\*|[A-Za-z0-9_./-]+)", "service:resource-type or service:*, such as ec2:instance"
)

TAGS = Entries(
    Section(
        {
            "tag_key": Setting(text(_LONGEST_KEY)),
            "tag_value": Setting(_tag_value, many=True),
            "enforced_for": Setting(_RESOURCE_TYPES, many=True),
            "report_required_tag_for": Setting(_RESOURCE_TYPES, many=True),
        }
    ),
    names=text(_LONGEST_KEY),
    named_by="tag_key",
)

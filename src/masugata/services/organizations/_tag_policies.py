"""Tag policies bind the tags of what is in an organization, where they are enforced for it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.engines.inheritance import tag_policy_violation
from masugata.records.iam import Tag
from masugata.records.organizations import Organization
from masugata.services.organizations._common import constraint_violation
from masugata.services.organizations._effective import effective_of
from masugata.services.organizations._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_TAG_POLICY = "TAG_POLICY"


def check_tag_policy(call: Call, organization: Organization, resource_type: str, tags: Iterable[Tag]) -> None:
    """Refuse tags that the management account's effective tag policy does not allow.

    `resource_type` is `organizations:account`, `:ou`, `:policy` or `:root`. Raises
    ConstraintViolationException, TAG_POLICY_VIOLATION.
    """
    if not organization.all_features or _TAG_POLICY not in organization.policy_types:
        return
    policy = effective_of(call.records, organization, organization.management_account, _TAG_POLICY)
    if policy is None:
        return
    violation = tag_policy_violation(policy, resource_type, {tag.key: tag.value for tag in tags})
    if violation is not None:
        raise constraint_violation(
            "TAG_POLICY_VIOLATION",
            "You attempted to create or update a resource with tags that are not compliant with the tag "
            f"policy requirements for this account: {violation}.",
        )


def created_tags(
    call: Call, organization: Organization, resource_type: str, tags: "Sequence[shapes.Tag] | None"
) -> tuple[Tag, ...]:
    """The tags that something is created with; raises what `read_tags` and `check_tag_policy` raise."""
    found = read_tags(call, tags)
    if found:
        check_tag_policy(call, organization, resource_type, found)
    return found

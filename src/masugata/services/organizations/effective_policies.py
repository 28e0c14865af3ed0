"""Operations on effective policies: what the declarative policies of a type add up to for an account.

They are worked out when they are asked for.
"""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.engines.inheritance import EffectivePolicy, ValidationError
from masugata.errors import AwsError
from masugata.records.organizations import MEMBER, Organization, levels, path_of
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    find_member,
    invalid_input,
    not_permitted,
    page,
    whole_milliseconds,
)
from masugata.services.organizations._effective import effective_of, invalid_accounts
from masugata.services.organizations.accounts import account_shape

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def describe_effective_policy(
    call: Call, request: "shapes.DescribeEffectivePolicyRequest"
) -> "shapes.DescribeEffectivePolicyResponse":
    """The effective policy of an account, which is the caller's own unless it may ask about others.

    Raises TargetNotFoundException and EffectivePolicyNotFoundException.
    """
    organization = acting_organization(call)
    target = request.get("TargetId", call.account)
    if target != call.account and not _may_ask_about_others(call, organization):
        raise not_permitted()
    if not target.isdigit():
        raise invalid_input(
            "TARGET_NOT_SUPPORTED", "You can ask for the effective policy of an account only."
        )
    member = call.records.get(MEMBER, organization.management_account, target)
    if member is None or member.organization != organization.id:
        raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.", 400)
    policy_type = request["PolicyType"]
    found = _effective(call, organization, target, policy_type)
    return {
        "EffectivePolicy": {
            "PolicyContent": found.content,
            "LastUpdatedTimestamp": whole_milliseconds(call.now),
            "TargetId": target,
            "PolicyType": policy_type,
        }
    }


def list_accounts_with_invalid_effective_policy(
    call: Call, request: "shapes.ListAccountsWithInvalidEffectivePolicyRequest"
) -> "shapes.ListAccountsWithInvalidEffectivePolicyResponse":
    """The accounts whose effective policy of a type has validation errors, by id.

    Raises EffectivePolicyNotFoundException if the type is not enabled.
    """
    organization = acting_organization(call)
    policy_type = request["PolicyType"]
    _check_enabled(organization, policy_type)
    invalid = invalid_accounts(call.records, organization, policy_type)
    listed, rest = page(request, f"invalid effective policies {policy_type}", invalid, str)
    return {
        "Accounts": [
            account_shape(call, organization, *find_member(call, organization, account)) for account in listed
        ],
        "PolicyType": policy_type,
        **rest,
    }


def list_effective_policy_validation_errors(
    call: Call, request: "shapes.ListEffectivePolicyValidationErrorsRequest"
) -> "shapes.ListEffectivePolicyValidationErrorsResponse":
    """What is wrong with the effective policy of an account.

    Raises AccountNotFoundException and EffectivePolicyNotFoundException.
    """
    organization = acting_organization(call)
    policy_type = request["PolicyType"]
    member, _ = find_member(call, organization, request["AccountId"])
    errors = _effective(call, organization, member.id, policy_type).errors
    numbered = [(f"{number:06}", error) for number, error in enumerate(errors)]
    listed, rest = page(
        request, f"validation errors {policy_type} {member.id}", numbered, lambda found: found[0]
    )
    way = levels(call.records, organization, member.id)
    return {
        "AccountId": member.id,
        "PolicyType": policy_type,
        "Path": f"{path_of(organization, way)}{member.id}/",
        "EvaluationTimestamp": whole_milliseconds(call.now),
        "EffectivePolicyValidationErrors": [_error_shape(error) for _, error in listed],
        **rest,
    }


def _may_ask_about_others(call: Call, organization: Organization) -> bool:
    return call.account == organization.management_account or organization.delegates_any(call.account)


def _check_enabled(organization: Organization, policy_type: str) -> None:
    if not organization.all_features:
        raise constraint_violation(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "Your organization must have all features enabled to perform this operation.",
        )
    if policy_type not in organization.policy_types:
        raise _not_found(f"The policy type {policy_type} is not enabled in your organization.")


def _not_found(message: str) -> AwsError:
    return AwsError("EffectivePolicyNotFoundException", message, 400)


def _effective(call: Call, organization: Organization, account: str, policy_type: str) -> EffectivePolicy:
    """The effective policy of an account; raises EffectivePolicyNotFoundException if nothing reaches it."""
    _check_enabled(organization, policy_type)
    found = effective_of(call.records, organization, account, policy_type)
    if found is None:
        raise _not_found(f"No policy of type {policy_type} applies to the account {account}.")
    return found


def _error_shape(error: ValidationError) -> "shapes.EffectivePolicyValidationError":
    return {
        "ErrorCode": error.code,
        "ErrorMessage": error.message,
        "PathToError": error.path,
        "ContributingPolicies": list(error.policies),
    }

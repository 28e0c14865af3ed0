"""Action and NotAction: whether there are such services and actions."""

import re
from typing import Final

from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement
from masugata.engines.policy.validation._tree import Text

_NAME = re.compile(r"[^\s,:]+")
# All that a trust policy may speak of.
_TRUST: Final = (
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetContext",
    "sts:SetSourceIdentity", "sts:TagSession",
)  # fmt: skip
_TRUST_NAMES: Final = frozenset(name.lower() for name in _TRUST)
# Of the policies of these resources AWS says which service's actions and ARNs they hold.
RESOURCE_SERVICES: Final = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::Bucket": "s3",
    "AWS::S3::MultiRegionAccessPoint": "s3",
    "AWS::S3ObjectLambda::AccessPoint": "s3-object-lambda",
}


def _exist(statement: Statement, report: Report) -> None:
    for action in statement.actions:
        if action.value != "*":
            _exists(action, report)


def _exists(action: Text, report: Report) -> None:
    prefix, colon, name = action.value.partition(":")
    knowledge = report.knowledge
    if not colon or not _NAME.fullmatch(name):
        report.add(
            "INVALID_ACTION",
            f"the action {show(action.value)} must have the form `service:Name`, or be `*`",
            action,
        )
        return
    service = knowledge.service(prefix.lower())
    if service is None:
        if "*" in prefix or "?" in prefix:
            message = f"the service of {show(action.value)} has a wildcard, which matches nothing there"
        else:
            message = f"there is no service {show(prefix)}{report.meant(prefix, knowledge.prefixes)}"
        report.add("INVALID_SERVICE_IN_ACTION", message, action)
    elif not knowledge.actions_like(action.value.lower(), report.spend) and not report.spent:
        meant = report.meant(name, service.names())
        kind = "matches no action" if "*" in name or "?" in name else "is no action"
        report.add(
            "INVALID_ACTION", f"{show(action.value)} {kind} of the service `{service.prefix}`{meant}", action
        )


def _trust(statement: Statement, report: Report) -> None:
    if statement.policy_type is not PolicyType.TRUST:
        return
    if statement.negated_action:
        report.add(
            "UNSUPPORTED_ACTION_IN_POLICY", "a trust policy names its actions in Action", statement.node
        )
    for action in statement.actions:
        reached = report.knowledge.actions_like(action.value.lower(), report.spend)
        if not any(f"{service.prefix}:{name}" in _TRUST_NAMES for service, name in reached):
            message = f"{show(action.value)} has no place in a trust policy, which takes {', '.join(_TRUST)}"
            report.add("UNSUPPORTED_ACTION_IN_POLICY", message, action)


def check_attached_actions(resource_type: str, statement: Statement, report: Report) -> None:
    """Whether the policy of a known type of resource may speak of the actions."""
    wanted = RESOURCE_SERVICES.get(resource_type)
    for action in statement.actions if wanted else ():
        prefix = action.value.partition(":")[0].lower()
        if prefix not in ("*", wanted) and report.knowledge.service(prefix):
            message = (
                f"{show(action.value)} has no place in the policy of a resource of type `{resource_type}`"
            )
            report.add("UNSUPPORTED_ACTION_IN_POLICY", message, action)


CHECKS = (_exist, _trust)

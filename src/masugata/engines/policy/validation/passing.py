"""Who may pass roles to services and create service-linked ones: the two rights that grow.

Each has six codes: how the statement reaches the action, times how it reaches the roles.
"""

import re
from typing import Final, NamedTuple

from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.types import IDENTITY_TYPES
from masugata.engines.policy.validation._report import Report
from masugata.engines.policy.validation._statements import Statement
from masugata.engines.policy.validation._tree import Node


class _Right(NamedTuple):
    code: str
    action: str
    consequence: str
    key: str  # who tests it has said which service it is for


_RIGHTS: Final = (
    _Right(
        "PASS_ROLE", "iam:passrole", "passing roles that were not meant, to services", "iam:passedtoservice"
    ),
    _Right(
        "CREATE_SLR",
        "iam:createservicelinkedrole",
        "creating service-linked roles that were not meant",
        "iam:awsservicename",
    ),
)
# An ARN that is every role: nothing but wildcards after `role/`.
_EVERY_ROLE = re.compile(
    r"\*|arn:[^:]*:(?:iam|\*):[^:]*:[^:]*:(?:\*|role/\*+|role\*|role/aws-service-role/\*+)"
)


def _passing(statement: Statement, report: Report) -> None:
    if statement.policy_type not in IDENTITY_TYPES or not statement.allows:
        return
    for right in _RIGHTS:
        how = _reach_action(statement, right.action)
        if how is None:
            continue
        if statement.negated_resource:
            code = (
                f"{right.code}_WITH_{how[0]}_AND_NOT_RESOURCE"
                if how[0]
                else f"{right.code}_WITH_NOT_RESOURCE"
            )
            element = statement.node.key("NotResource")
            _add(code, right, "every role but those of NotResource", [how[1], element], report)
            continue
        star = next((node for node in statement.resources if _EVERY_ROLE.fullmatch(node.value)), None)
        if star is None or statement.has_key(right.key):
            continue
        code = f"{right.code}_WITH_STAR_IN_RESOURCE"
        if how[0] == "STAR_IN_ACTION":
            code = f"{right.code}_WITH_STAR_IN_ACTION_AND_RESOURCE"
        elif how[0]:
            code = f"{right.code}_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION"
        _add(code, right, "every role", [how[1], star], report)


def _add(code: str, right: _Right, reach: str, nodes: list[Node | None], report: Report) -> None:
    message = (
        f"this allows {right.consequence}: it reaches {reach}; name the roles, or test"
        f" `{_SPELLED[right.key]}`"
    )
    report.add(code, message, *(node for node in nodes if node is not None))


_SPELLED: Final = {"iam:passedtoservice": "iam:PassedToService", "iam:awsservicename": "iam:AWSServiceName"}


def _reach_action(statement: Statement, action: str) -> tuple[str, Node | None] | None:
    """How the statement reaches the action, as the codes say it, and where; None if it does not."""
    listed = [node for node in statement.actions if compile_glob(tokenize(node.value.lower()))(action)]
    if statement.negated_action:
        return None if listed else ("NOT_ACTION", statement.node.key("NotAction"))
    exact = next((node for node in listed if node.value.lower() == action), None)
    if exact is not None:
        return "", exact
    return ("STAR_IN_ACTION", listed[0]) if listed else None


CHECKS = (_passing,)

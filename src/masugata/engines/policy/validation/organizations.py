"""What holds for the policies of organizations only.

SCPs have the whole language since 19 September 2025; only Principal is left to refuse, see `principals`.
"""

from typing import Final

from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement
from masugata.engines.policy.validation._tree import Text

_IS_SERVICE: Final = "aws:principalisawsservice"
_PRINCIPAL_KEYS: Final = (
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principaltag/",
)  # fmt: skip
_SOURCE_KEYS: Final = ("aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")


def _elements(statement: Statement, report: Report) -> None:
    node = statement.node
    effect = node.get("Effect")
    if statement.allows and effect:
        message = "an RCP that you write can only deny; RCPFullAWSAccess, which AWS keeps attached, allows"
        report.add("RCP_SYNTAX_ERROR_ALLOW", message, effect)
    if key := node.key("NotAction"):
        report.add("RCP_SYNTAX_ERROR_NOTACTION", "an RCP has no NotAction; name the actions in Action", key)
    principal = node.get("Principal")
    negated = node.key("NotPrincipal")
    if negated or (principal and not (isinstance(principal, Text) and principal.value == "*")):
        message = 'an RCP is about everybody: it must have `"Principal": "*"`; narrow it with conditions'
        report.add("RCP_SYNTAX_ERROR_PRINCIPAL", message, negated or principal or node)


def _actions(statement: Statement, report: Report) -> None:
    for action in statement.actions:
        service = report.knowledge.service(action.value.partition(":")[0].lower())
        if action.value == "*" or (service and not service.supports_rcp):
            message = (
                f"{show(action.value)} has no place in an RCP, which takes actions of the services that"
                " support"
                " RCPs"
            )
            report.add("RCP_SYNTAX_ERROR_ACTION", message, action)


def _related_keys(statement: Statement, report: Report) -> None:
    """Services that act for the accounts have no organization: a Deny by organization shuts them out."""
    for test in statement.tests if statement.denies and not statement.has_key(_IS_SERVICE) else ():
        shape = report.knowledge.key_shape(test.lower)
        if shape in _PRINCIPAL_KEYS and test.negated:
            message = (
                f"{show(test.key.value)} denies AWS services that act for you too;"
                ' add `"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}`'
            )
            report.add("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", message, test.key)
        if shape in _SOURCE_KEYS and test.negated:
            message = (
                f"{show(test.key.value)} denies your own principals too;"
                ' add `"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}`'
            )
            report.add("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", message, test.key)


def _null_check(statement: Statement, report: Report) -> None:
    nulls = {test.lower for test in statement.tests if test.family == "Null"}
    if nulls & {"aws:sourceaccount", "aws:sourcearn"}:
        return
    for test in statement.tests if statement.denies else ():
        if test.lower in _SOURCE_KEYS and test.negated:
            message = (
                f"services that do not send {show(test.key.value)} are denied;"
                ' add `"Null": {"aws:SourceAccount": "false"}`'
            )
            report.add("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", message, test.key)


def _for_rcps(statement: Statement, report: Report) -> None:
    if statement.policy_type is PolicyType.RCP:
        for check in (_elements, _actions, _related_keys, _null_check):
            check(statement, report)


CHECKS = (_for_rcps,)

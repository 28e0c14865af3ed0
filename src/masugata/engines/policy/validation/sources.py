"""Conditions that do not protect as they seem to: services as principals, and keys of single services."""

from typing import Final

from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Policy, Statement, Test

_SOURCES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
_POOR_SOURCES: Final = ("aws:referer",)
# What requests of AWS's services themselves lack.
_NOT_OF_SERVICES: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltag/",
        "aws:username",
    }
)
_BUCKETS: Final = frozenset({"AWS::S3::Bucket", "AWS::S3::AccessPoint"})


def _services(statement: Statement, report: Report) -> None:
    if statement.policy_type is not PolicyType.RESOURCE or statement.node.get("Principal") is None:
        return
    services = [name for kind, name in statement.principals() if kind.value == "Service"]
    if statement.allows and services and not statement.has_key(*_SOURCES):
        message = (
            f"{show(services[0].value)} acts for every account of AWS;"
            " test `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`"
        )
        report.add("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", message, *services)
        for test in statement.tests:
            if test.lower in _POOR_SOURCES:
                message = (
                    "for a service, test `aws:SourceArn` or `aws:SourceAccount` instead of"
                    f" {show(test.key.value)}"
                )
                report.add("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", message, test.key)
    if services and all(kind.value == "Service" for kind, _ in statement.principals()):
        for test in statement.tests:
            if report.knowledge.key_shape(test.key.value) in _NOT_OF_SERVICES and test.needs_key:
                message = (
                    f"requests of {show(services[0].value)} have no key {show(test.key.value)}, so this never"
                    " matches"
                )
                report.add("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", message, test.key)


def _dynamodb(statement: Statement, report: Report) -> None:
    selects = any(
        test.lower == "dynamodb:select" and any(value == "SPECIFIC_ATTRIBUTES" for _, value in test.texts())
        for test in statement.tests
    )
    for test in statement.tests if statement.allows and not selects else ():
        if test.lower == "dynamodb:attributes":
            message = (
                "a read that names no attributes returns all; also test `dynamodb:Select` for"
                " SPECIFIC_ATTRIBUTES"
            )
            report.add("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", message, test.key)


def _prefixes(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if test.lower == "s3:prefix" and test.family == "String" and _evadable(statement, test):
            message = (
                "who lists a shorter prefix, or none, gets past this;"
                " allow with StringLike, or deny with StringNotLike"
            )
            report.add("S3_PREFIX_IN_NEGATIVE_CONTEXT", message, test.operator, test.key)


def _evadable(statement: Statement, test: Test) -> bool:
    return (statement.denies and not test.negated) or (statement.allows and test.negated)


def _irrelevant(policy: Policy, report: Report) -> None:
    if policy.resource_type not in _BUCKETS:
        return
    for statement in policy.statements:
        for test in statement.tests:
            if test.lower == "s3:resourceaccount":
                message = (
                    f"{show(test.key.value)} says nothing in the policy of the resource itself; use it in"
                    " identity"
                    " policies"
                )
                report.add("IRRELEVANT_CONDITION_KEY_IN_POLICY", message, test.key)


CHECKS = (_services, _dynamodb, _prefixes)
POLICY_CHECKS = (_irrelevant,)

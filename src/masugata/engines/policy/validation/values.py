"""Values of conditions: dates, numbers, booleans, addresses, Regions and ids."""

import re
from collections.abc import Sequence
from ipaddress import ip_interface, ip_network
from typing import Final

from masugata.engines.common import AddressRange, parse_range
from masugata.engines.policy.validation._globals import ALL_REGIONS
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement, Test
from masugata.engines.policy.validation.principals import SERVICE_PRINCIPAL
from masugata.engines.policy.values import parse_binary, parse_bool, parse_date, parse_number

_PARSERS: Final = {
    "Numeric": (parse_number, "TYPE_MISMATCH_NUMBER", "a number"),
    "Date": (parse_date, "TYPE_MISMATCH_DATE", "a date like `2026-12-31` or `2026-12-31T23:59:59Z`"),
    "Bool": (parse_bool, "TYPE_MISMATCH_BOOLEAN", "`true` or `false`"),
    "Null": (parse_bool, "TYPE_MISMATCH_BOOLEAN", "`true` or `false`"),
    "Binary": (parse_binary, "TYPE_MISMATCH_STRING", "base64"),
    "IpAddress": (parse_range, "TYPE_MISMATCH_IP_RANGE", "an address or range like `203.0.113.0/24`"),
}
_EPOCH = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PRIVATE: Final = tuple(
    limits
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
    if (limits := parse_range(text))
)
_WILD = re.compile(r"[*?]|\$\{")
_VPC = re.compile(r"vpc-(?:[0-9a-z]{8}|[0-9a-z]{17})")
_VPCE = re.compile(r"vpce-(?:[0-9a-z]{8}|[0-9a-z]{17})")
_KMS_KEY = re.compile(r"arn:[^:]+:kms:[^:]+:[^:]+:key/.+")
_VIA_SERVICE = re.compile(
    r"[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]+(?:-[a-z]+)+-[0-9]+\.amazonaws\.com(?:\.cn)?"
)
_LONGEST: Final = 256  # characters of a value of such a form
# Key → the form of its values, the code, and how to say it; values that stand for several are left alone.
_FORMS: Final = {
    "aws:sourcevpc": (_VPC, "INVALID_VPC_FORMAT", "`vpc-` and 8 or 17 characters"),
    "aws:sourcevpce": (_VPCE, "INVALID_VPCE_FORMAT", "`vpce-` and 8 or 17 characters"),
    "kms:viaservice": (_VIA_SERVICE, "INVALID_SERVICE_PRINCIPAL_FORMAT", "like `s3.eu-west-1.amazonaws.com`"),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": (
        _KMS_KEY,
        "INVALID_KMS_KEY_VALUE",
        "a key's ARN, `arn:aws:kms:REGION:ACCOUNT:key/ID`",
    ),
    **dict.fromkeys(
        (
            "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename",
            "aws:principalservicenameslist", "iam:awsservicename", "iam:passedtoservice",
        ),
        (SERVICE_PRINCIPAL, "INVALID_SERVICE_PRINCIPAL_FORMAT", "a service, like `ec2.amazonaws.com`"),
    ),
}  # fmt: skip
_ONE_BOUND: Final = {
    "NumericLessThan": "greatest", "NumericLessThanEquals": "greatest",
    "NumericGreaterThan": "least", "NumericGreaterThanEquals": "least",
}  # fmt: skip


def _types(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        found = _PARSERS.get(test.family)
        for node, value in test.texts() if found else ():
            parse, code, wanted = found or _PARSERS["Null"]
            if "${" in value:
                continue
            if parse(value) is None:
                report.add(code, f"{show(value)} must be {wanted} for {show(test.operator.value)}", node)
            elif test.family == "Date" and _EPOCH.fullmatch(value) and test.lower != "aws:epochtime":
                message = (
                    f"{show(value)} counts seconds since 1970; a date like `2026-12-31` says what you mean"
                )
                report.add("INVALID_DATE_VALUE", message, node)


def _bounds(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        which = _ONE_BOUND.get(test.name)
        if which and len(test.values) > 1:
            message = f"of several values for {show(test.operator.value)} only the {which} counts"
            report.add("REDUNDANT_CONDITION_VALUE_NUM", message, test.value)


def _forms(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        form = _FORMS.get(test.lower)
        for node, value in test.texts() if form and test.family == "String" else ():
            if form and not _open(test, value) and (len(value) > _LONGEST or not form[0].fullmatch(value)):
                report.add(form[1], f"{show(value)} must be {form[2]}", node)


def _regions(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if test.lower != "aws:requestedregion" or test.family != "String":
            continue
        for node, value in test.texts():
            if value not in ALL_REGIONS and value != "aws-global" and not _open(test, value):
                message = f"{show(value)} is no Region{report.meant(value, ALL_REGIONS)}"
                report.add("INVALID_REGION", message, node)


def _user_ids(statement: Statement, report: Report) -> None:
    """`aws:userid` is `AROA…:session` for roles: a wildcard on the left of the colon spans roles."""
    for test in statement.tests:
        if test.lower != "aws:userid" or not test.like:
            continue
        for node, value in test.texts():
            left, colon, _ = value.partition(":")
            if "*" in left and (not colon or left != "*"):
                message = (
                    f"the wildcard in {show(value)} spans users and roles; let it stand after the colon,"
                    " `AROA…:*`"
                )
                report.add("WILDCARD_USAGE_TOO_PERMISSIVE", message, node)


def _addresses(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if test.family != "IpAddress":
            continue
        ranges = [(node, value, limits) for node, value in test.texts() if (limits := parse_range(value))]
        for node, value, _ in ranges:
            if "/" in value and ip_interface(value).ip != ip_network(value, strict=False).network_address:
                message = (
                    f"the bits after the prefix do not count in {show(value)}: it is"
                    f" {ip_network(value, strict=False)}"
                )
                report.add("IMPROVE_IP_RANGE", message, node)
        if test.lower == "aws:sourceip" and ranges:
            _private(test, [_is_private(limits) for _, _, limits in ranges], report)


def _private(test: Test, private: Sequence[bool], report: Report) -> None:
    name = "PRIVATE_NOT_IP_ADDRESS" if test.negated else "PRIVATE_IP_ADDRESS"
    if all(private):
        effect = "always matches" if test.negated else "never matches"
        message = (
            f"`aws:SourceIp` is a public address, so this {effect}; for private ones use `aws:VpcSourceIp`"
        )
        report.add(name, message, test.value)
    elif any(private):
        message = (
            "`aws:SourceIp` is a public address; the private ones do nothing here, use `aws:VpcSourceIp`"
        )
        report.add(f"{name}_SUBSET", message, test.value)


def _is_private(limits: AddressRange) -> bool:
    version, first, last = limits
    return any(version == family and low <= first and last <= high for family, low, high in _PRIVATE)


def _open(test: Test, value: str) -> bool:
    """Whether the value stands for several: a pattern where the operator knows such, or a variable."""
    return _WILD.search(value) is not None and (test.like or "${" in value)


CHECKS = (_types, _bounds, _forms, _regions, _user_ids, _addresses)

"""Condition keys: whether there are such keys, and whether operators and actions go with them."""

from typing import Final

from masugata.engines.policy.validation._globals import SESSION_KEYS
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement, Test

# Key type → the operators that compare it; Null goes with all.
_FAMILIES: Final = {
    "String": ("String",),
    "ARN": ("Arn", "String"),
    "Bool": ("Bool",),
    "Numeric": ("Numeric",),
    "Date": ("Date",),
    "Epoch": ("Date", "Numeric"),
    "IPAddress": ("IpAddress",),
    "Binary": ("Binary",),
}
_ARRAY: Final = "ArrayOf"
_UNSUPPORTED: Final = "aws:arn"
# Their services: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_SOME_SERVICES: Final = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
_SPOOFED: Final = frozenset({"aws:referer", "aws:useragent"})
_PAIRS: Final = {
    "aws:vpcsourceip": ("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"),
    "aws:ec2instancesourceprivateipv4": ("aws:ec2instancesourcevpc",),
}


def _exist(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        _exists(test, report)


def _exists(test: Test, report: Report) -> None:
    name = test.key.value
    prefix, colon, rest = test.lower.partition(":")
    knowledge = report.knowledge
    if not colon or not prefix or not rest:
        report.add(
            "INVALID_CONDITION_KEY_FORMAT",
            f"the key {show(name)} must have the form `service:name`",
            test.key,
        )
    elif test.lower == _UNSUPPORTED:
        message = "the key `aws:ARN` is not supported; use `aws:PrincipalArn` or `aws:SourceArn`"
        report.add("UNSUPPORTED_GLOBAL_CONDITION_KEY", message, test.key)
    elif knowledge.lacks_tag(name):
        message = f"{show(name)} must name a tag: {show(name.rstrip('/') + '/tag-key')}"
        report.add("MISSING_TAG_KEY_IN_CONDITION", message, test.key)
    elif knowledge.key_type(name) is not None or _is_claim(prefix):
        return
    elif prefix == "aws":
        meant = report.meant(test.lower, knowledge.keys_starting("aws"))
        report.add("INVALID_GLOBAL_CONDITION_KEY", f"there is no global key {show(name)}{meant}", test.key)
    elif knowledge.service(prefix) is None:
        meant = report.meant(prefix, knowledge.prefixes)
        report.add(
            "INVALID_SERVICE", f"there is no service {show(prefix)} that the key could be of{meant}", test.key
        )
    else:
        meant = report.meant(test.lower, knowledge.keys_starting(prefix))
        message = f"the service `{prefix}` has no key {show(name)}{meant}"
        report.add("INVALID_SERVICE_CONDITION_KEY", message, test.key)


def _is_claim(prefix: str) -> bool:
    """Whether the key is a claim of an identity provider, whose names are the provider's."""
    return "." in prefix or prefix == "saml"


def _operators(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        kind = report.knowledge.key_type(test.key.value)
        if kind is None or not test.family or test.family == "Null":
            continue
        _qualifier(test, multivalued=kind.startswith(_ARRAY), report=report)
        wanted = _FAMILIES.get(kind.removeprefix(_ARRAY), (test.family,))
        if (report.knowledge.key_shape(test.key.value) or "").endswith(("/", ":")):
            wanted = (*wanted, "Arn")  # tags and encryption contexts may hold ARNs
        if test.family not in wanted:
            message = (
                f"{show(test.key.value)} is of type {kind}; use {' or '.join(wanted)} operators, not"
                f" {show(test.operator.value)}"
            )
            report.add("TYPE_MISMATCH", message, test.operator, test.key)
        elif kind.endswith("ARN") and test.name in ("StringLike", "StringNotLike"):
            message = (
                f"in {show(test.operator.value)} a `*` runs across the colons of an ARN; use"
                f" {test.name.replace('String', 'Arn')}"
            )
            report.add("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", message, test.operator, test.key)


def _qualifier(test: Test, *, multivalued: bool, report: Report) -> None:
    if multivalued and not test.qualifier:
        message = (
            f"{show(test.key.value)} has many values; say which must match with `ForAnyValue:` or"
            " `ForAllValues:`"
        )
        report.add("MISSING_QUALIFIER", message, test.operator, test.key)
    if not multivalued and test.qualifier == "ForAllValues":
        message = (
            f"{show(test.key.value)} has one value, and `ForAllValues:` is true where the request lacks it;"
            " remove it"
        )
        report.add("FORALLVALUES_WITH_SINGLE_VALUED_KEY", message, test.operator, test.key)


def _actions(statement: Statement, report: Report) -> None:
    """Only some actions have a service's key in their requests; those that are named whole are compared."""
    for test in statement.tests if not statement.negated_action else ():
        shape = report.knowledge.key_shape(test.key.value)
        if shape is None or shape in SESSION_KEYS or shape.startswith("aws:") or test.family == "Null":
            continue
        if not report.spend(len(statement.actions)):
            return
        unfit = [action for action in statement.actions if _lacks(action.value.lower(), shape, report)]
        if unfit:
            names = ", ".join(show(action.value) for action in unfit[:5])
            message = (
                f"the requests of {names} have no key {show(test.key.value)}; move them to a statement"
                " without"
                " it"
            )
            report.add("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", message, test.key, *unfit)


def _lacks(action: str, shape: str, report: Report) -> bool:
    """Whether an action that is known, in lower case, has no such key."""
    prefix, _, name = action.partition(":")
    service = report.knowledge.service(prefix)
    return service is not None and name in service.actions and shape not in service.keys_of(name)


def _trusted(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if test.lower in _SPOOFED:
            message = f"callers set {show(test.key.value)} themselves, so it proves nothing"
            report.add("UNTRUSTWORTHY_CONDITION_KEY", message, test.key)
        others = _PAIRS.get(test.lower)
        if others and not statement.has_key(*others):
            message = (
                f"{show(test.key.value)} says little alone, as private addresses repeat; also test"
                f" {' or '.join(others)}"
            )
            report.add("MISSING_PAIRED_CONDITION_KEYS", message, test.key)
        everything = statement.negated_action or any(action.value == "*" for action in statement.actions)
        if test.lower in _SOME_SERVICES and everything:
            message = f"few services know {show(test.key.value)}; name actions of those that do"
            report.add("USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", message, test.key)


CHECKS = (_exist, _operators, _actions, _trusted)

"""Resource and NotResource: whether the ARNs have the form of any resource."""

import re
from collections.abc import Callable, Sequence

from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.types import IDENTITY_TYPES, PolicyType
from masugata.engines.policy.validation._globals import ALL_REGIONS, REGIONS
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Policy, Statement
from masugata.engines.policy.validation._tree import Text
from masugata.engines.policy.validation.actions import RESOURCE_SERVICES, check_attached_actions
from masugata.engines.policy.validation.knowledge import Template

_ACCOUNT = re.compile(r"[0-9]{12}")
_WILD = re.compile(r"[*?]")
_LONGEST = 2048  # characters of an ARN
# Services with resources of AWS's own, which have no account: `arn:aws:ssm:*::document/AWS-RunShellScript`.
_OWN_BY_AWS = frozenset({"imagebuilder", "resource-explorer-2", "ssm"})


def _resources(statement: Statement, report: Report) -> None:
    if statement.policy_type is PolicyType.TRUST:
        return
    for resource in statement.resources:
        # the text with every variable as a star, so that colons in variables do not cut
        arn = _starred(resource.value)
        if arn != "*" and _form(resource, arn, statement, report):
            _segments(resource, arn.split(":", 5), report)


def _form(resource: Text, arn: str, statement: Statement, report: Report) -> bool:
    """Whether the resource can be read as an ARN at all."""
    if not arn.startswith("arn:"):
        report.add("INVALID_ARN_PREFIX", f"{show(resource.value)} must be an ARN, `arn:…`, or `*`", resource)
        return False
    short = len(arn.split(":", 5)) < 6
    if short and not (arn.endswith("*") and statement.policy_type in {*IDENTITY_TYPES, PolicyType.SCP}):
        message = (
            f"{show(resource.value)} must have six fields: arn:partition:service:region:account:resource"
        )
        report.add("MISSING_ARN_FIELD", message, resource)
    return not short


def _segments(resource: Text, segments: Sequence[str], report: Report) -> None:
    _, partition, service, region, account, path = segments
    if partition not in REGIONS and not _WILD.search(partition):
        message = f"{show(partition)} is no partition{report.meant(partition, REGIONS)}"
        report.add("INVALID_PARTITION", message, resource)
    if region and not _is_region(region):
        meant = report.meant(region, ALL_REGIONS)
        report.add("INVALID_ARN_REGION", f"{show(region)} is no Region{meant}", resource)
    if _WILD.search(service):
        message = f"the service of {show(resource.value)} has a wildcard, which reaches services yet to come"
        report.add("WILDCARD_IN_SERVICE_NAME", message, resource)
        return
    if service != service.lower():
        report.add("INVALID_ARN_SERVICE_CASE", f"the service {show(service)} must be in lower case", resource)
    knowledge = report.knowledge
    if not knowledge.knows_arn_service(service.lower()):
        meant = report.meant(service, knowledge.prefixes)
        report.add("INVALID_SERVICE", f"no ARN has the service {show(service)}{meant}", resource)
        return
    templates = knowledge.templates(service.lower())
    if not _is_account(account, templates):
        message = f"the account {show(account)} must have twelve digits"
        report.add("INVALID_ARN_ACCOUNT", message, resource)
    if templates and len(path) <= _LONGEST and report.spend(len(templates)):
        meets = _meeting(path)
        _compare(resource, service, region, account, [t for t in templates if meets(t)], report)


def _compare(
    resource: Text, service: str, region: str, account: str, templates: Sequence[Template], report: Report
) -> None:
    """Compare Region and account with those templates that the resource part fits."""
    if not templates:
        message = f"no resource of `{service}` has an ARN like {show(resource.value)}"
        report.add("INVALID_ARN_RESOURCE", message, resource)
        return
    if region and region != "*" and not any(template.region for template in templates):
        message = (
            f"resources of `{service}` like this have no Region in their ARN, and here it is {show(region)}"
        )
        report.add("ARN_REGION_NOT_ALLOWED", message, resource)
    if not region and all(template.region not in ("", "*") for template in templates):
        message = f"resources of `{service}` like this have a Region in their ARN; name it, or use `*`"
        report.add("MISSING_ARN_REGION", message, resource)
    if account and account != "*" and not any(template.account for template in templates):
        message = (
            f"resources of `{service}` like this have no account in their ARN, and here it is {show(account)}"
        )
        report.add("ARN_ACCOUNT_NOT_ALLOWED", message, resource)
    named = all(template.account not in ("", "*") for template in templates)
    if not account and named and service not in _OWN_BY_AWS:
        message = f"resources of `{service}` like this have an account in their ARN; name it, or use `*`"
        report.add("MISSING_ARN_ACCOUNT", message, resource)


def _meeting(path: str) -> Callable[[Template], bool]:
    """Says of a template whether some resource has its form and that of `path`.

    Where both have wildcards, as far as their beginnings and ends tell.
    """
    found = [match.start() for match in _WILD.finditer(path)]
    if not found:
        return lambda template: template.matches(path)
    prefix, suffix = path[: found[0]], path[found[-1] + 1 :]
    matches = compile_glob(tokenize(path))

    def meets(template: Template) -> bool:
        if "*" not in template.resource:
            return matches(template.resource)
        return (prefix.startswith(template.prefix) or template.prefix.startswith(prefix)) and (
            suffix.endswith(template.suffix) or template.suffix.endswith(suffix)
        )

    return meets


def _starred(text: str) -> str:
    """The text with a star for each variable, found as the engine finds them."""
    parts, position = [], 0
    while (start := text.find("${", position)) >= 0 and (end := text.find("}", start)) >= 0:
        parts += [text[position:start], "*"]
        position = end + 1
    return "".join([*parts, text[position:]])


def _is_region(region: str) -> bool:
    if _WILD.search(region):
        return any(map(compile_glob(tokenize(region)), ALL_REGIONS))
    return region in ALL_REGIONS


def _is_account(account: str, templates: Sequence[Template]) -> bool:
    if not account or _WILD.search(account) or _ACCOUNT.fullmatch(account):
        return True
    return account == "aws" or any(template.account == account for template in templates)


def _attached(policy: Policy, report: Report) -> None:
    """What the policy of a known type of resource may speak of."""
    wanted = RESOURCE_SERVICES.get(policy.resource_type)
    if wanted is None:
        return
    for statement in policy.statements:
        check_attached_actions(policy.resource_type, statement, report)
        for resource in statement.resources:
            segments = resource.value.split(":", 3)
            if resource.value != "*" and len(segments) > 3 and segments[2] != wanted:
                message = (
                    f"{show(resource.value)} has no place in the policy of a resource of type"
                    f" `{policy.resource_type}`"
                )
                report.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", message, resource)


POLICY_CHECKS = (_attached,)
STATEMENT_CHECKS = (_resources,)

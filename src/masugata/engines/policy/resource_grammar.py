"""What IAM checks in one entry of Resource or NotResource when a policy is written."""

import re

from masugata.engines.policy.types import IDENTITY_TYPES, PolicyType
from masugata.engines.policy.wording import Defect

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_PARTITIONS = frozenset(
    {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
)
_SERVICE = re.compile(r"[A-Za-z0-9\-.]+")
_IAM_PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/",
    "policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
)  # fmt: skip
# Newer ones, which AWS's own policies use and the published text does not name.
_NEWER_IAM_PATHS = ("role-template/", "delegation-request/")
# S3 resources that live in a Region, unlike buckets and objects.
_REGIONAL_S3 = ("accesspoint/", "accesspoint:", "job/", "storage-lens/", "access-grants/", "*")

Finding = tuple[Defect, *tuple[str, ...]]


def check_resource(resource: str, policy_type: PolicyType) -> Finding | None:
    """The defect of a resource pattern with what its text needs, or None if it is sound."""
    if resource == "*":
        return None
    if not resource.startswith("arn:"):
        return Defect.RESOURCE, resource
    segments = resource.split(":", 5)
    partition = segments[1]
    if partition not in _PARTITIONS and partition != "*":
        full = ":".join([*segments, *["*"] * (6 - len(segments))])
        return Defect.RESOURCE_PARTITION, partition, full
    if len(segments) < 3 or not _SERVICE.fullmatch(segments[2]):
        return Defect.RESOURCE_VENDOR, resource
    if len(segments) < 6:
        taken = policy_type in IDENTITY_TYPES or (policy_type is PolicyType.SCP and resource.endswith("*"))
        return None if taken and "::" not in resource else (Defect.RESOURCE, resource)
    if any("${" in segment for segment in segments[:5]):
        return Defect.RESOURCE, resource
    return _check_service_rules(resource, segments[2], segments[3], segments[5])


def _check_service_rules(resource: str, service: str, region: str, path: str) -> Finding | None:
    if service == "iam":
        if region not in ("", "*"):
            return Defect.RESOURCE_REGION, f"IAM resource {resource}"
        free = path == "root" or path.startswith(("*", "?", "${"))
        if not free and not _may_start(path, (*_IAM_PATHS, *_NEWER_IAM_PATHS)):
            return Defect.RESOURCE_PATH, ", ".join(_IAM_PATHS)
    if service == "s3" and region not in ("", "*") and not path.startswith(_REGIONAL_S3):
        return Defect.RESOURCE_REGION, f"Resource {resource}"
    return None


def _may_start(path: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a path may start with one of `beginnings`, its wildcards considered."""
    literal = re.split(r"[*?]|\$\{", path, maxsplit=1)[0]
    if literal != path:
        return any(beginning.startswith(literal) or literal.startswith(beginning) for beginning in beginnings)
    return literal.startswith(beginnings)

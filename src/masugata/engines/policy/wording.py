"""What AWS says about a malformed policy: one defect, three vocabularies.

IAM's older parser speaks for identity policies, its newer one for trust and resource policies, and
Organizations has one sentence for everything.
"""

from enum import Enum, auto

from masugata.engines.policy.types import IDENTITY_TYPES, ORGANIZATION_TYPES, PolicyType
from masugata.errors import MasugataError


class MalformedPolicyError(MasugataError):
    """The document is not a policy of its type.

    `message` is AWS's own text; `detail` says where and what, for people.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(f"{message} ({detail})" if detail else message)
        self.message = message
        self.detail = detail


class Defect(Enum):
    """What can be wrong with a policy document."""

    JSON = auto()
    VERSION = auto()
    VERSION_OLD = auto()
    UNKNOWN_ELEMENT = auto()
    NO_STATEMENT = auto()
    WRONG_TYPE = auto()
    CONFLICT = auto()
    SID = auto()
    SID_DUPLICATE = auto()
    EFFECT_MISSING = auto()
    EFFECT = auto()
    PRINCIPAL_MISSING = auto()
    PRINCIPAL_EMPTY = auto()
    PRINCIPAL = auto()
    PRINCIPAL_STAR = auto()
    PRINCIPAL_PROHIBITED = auto()
    NOT_PRINCIPAL_ALLOW = auto()
    ACTION_MISSING = auto()
    ACTION_VENDOR = auto()
    ACTION_COLONS = auto()
    ACTION_VENDOR_NAME = auto()
    ACTION = auto()
    ACTION_NOT_STS = auto()
    RESOURCE_MISSING = auto()
    RESOURCE = auto()
    RESOURCE_PARTITION = auto()
    RESOURCE_VENDOR = auto()
    RESOURCE_REGION = auto()
    RESOURCE_PATH = auto()
    RESOURCE_PROHIBITED = auto()
    NOT_RESOURCE_PROHIBITED = auto()
    OPERATOR = auto()
    CONDITION_VALUE = auto()


_LONGEST = 1024
_SYNTAX = "Syntax errors in policy."
_LEGACY_PARSING = "The policy failed legacy parsing"

# Texts that every vocabulary but Organizations' shares. `{}` is the offending part.
_COMMON = {
    Defect.ACTION_VENDOR: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    Defect.ACTION_COLONS: "Actions/Condition can contain only one colon.",
    Defect.ACTION_VENDOR_NAME: "Vendor {} is not valid",
    Defect.RESOURCE: 'Resource {} must be in ARN format or "*".',
    Defect.RESOURCE_PARTITION: 'Partition "{}" is not valid for resource "{}".',
    Defect.RESOURCE_VENDOR: "Resource vendor must be fully qualified and cannot contain regexes.",
}

_IDENTITY = _COMMON | {
    Defect.VERSION_OLD: "Policy document must be version 2012-10-17 or greater.",
    Defect.SID_DUPLICATE: "Statement IDs (SID) in a single policy must be unique.",
    Defect.PRINCIPAL_PROHIBITED: "Policy document should not specify a principal.",
    Defect.ACTION_MISSING: "Policy statement must contain actions.",
    Defect.ACTION: _LEGACY_PARSING,
    Defect.RESOURCE_MISSING: "Policy statement must contain resources.",
    Defect.RESOURCE_REGION: "{} cannot contain region information.",
    Defect.RESOURCE_PATH: 'IAM resource path must either be "*" or start with {}.',
    Defect.CONDITION_VALUE: _LEGACY_PARSING,
}

_RESOURCE = _COMMON | {
    Defect.JSON: "This policy contains invalid Json",
    Defect.VERSION: "The policy must contain a valid version string",
    Defect.UNKNOWN_ELEMENT: "Unknown field {}",
    Defect.NO_STATEMENT: "Could not parse the policy: Statement is empty!",
    Defect.SID_DUPLICATE: "The Statement Ids in the policy are not unique",
    Defect.EFFECT_MISSING: "Missing required field Effect",
    Defect.EFFECT: "Invalid effect: {}",
    Defect.PRINCIPAL_MISSING: "Missing required field Principal",
    Defect.PRINCIPAL_EMPTY: "Missing required field Principal cannot be empty!",
    Defect.PRINCIPAL: "Invalid principal in policy: {}",
    Defect.PRINCIPAL_STAR: 'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    Defect.PRINCIPAL_PROHIBITED: "AssumeRole policy must not contain NotPrincipal field.",
    Defect.NOT_PRINCIPAL_ALLOW: "Allow with NotPrincipal is not allowed.",
    Defect.ACTION_MISSING: "Missing required field Action",
    Defect.ACTION: "Policy has invalid action",
    Defect.ACTION_NOT_STS: "AssumeRole policy may only specify STS AssumeRole actions.",
    Defect.RESOURCE_MISSING: "Missing required field Resource",
    Defect.RESOURCE_REGION: "Policy has invalid resource",
    Defect.RESOURCE_PATH: "Policy has invalid resource",
    Defect.RESOURCE_PROHIBITED: "Has prohibited field Resource",
    Defect.NOT_RESOURCE_PROHIBITED: "AssumeRole policy must not contain resources.",
    Defect.OPERATOR: "Invalid Condition type : {}",
}

_ORGANIZATIONS = "The provided policy document does not meet the requirements of the specified policy type."


def malformed(
    policy_type: PolicyType,
    defect: Defect,
    *subjects: str,
    where: str,
) -> MalformedPolicyError:
    """The error for `defect` in the words of the service that stores policies of `type`."""
    if policy_type in ORGANIZATION_TYPES:
        text = _ORGANIZATIONS
    elif policy_type in IDENTITY_TYPES:
        text = _IDENTITY.get(defect, _SYNTAX)
    else:
        text = _RESOURCE.get(defect, _SYNTAX)
    shown = [_short(subject) for subject in subjects]
    subject = f": `{shown[0]}`" if shown and shown[0] else ""
    return MalformedPolicyError(
        text.format(*shown), f"{defect.name.lower().replace('_', ' ')} at {where}{subject}"
    )


def _short(subject: str) -> str:
    """The offending text, which came from outside and is of any length."""
    return subject if len(subject) <= _LONGEST else subject[:_LONGEST] + "…"

"""Whether a declarative policy is what its type says."""

from typing import Final

from masugata.engines.inheritance.documents import MalformedDeclarativePolicyError, read_document

_TOP_KEYS: Final = {
    "TAG_POLICY": "tags",
    "BACKUP_POLICY": "plans",
    "AISERVICES_OPT_OUT_POLICY": "services",
    "CHATBOT_POLICY": "chatbot",
    "DECLARATIVE_POLICY_EC2": "ec2_attributes",
    "SECURITYHUB_POLICY": "securityhub",
    "INSPECTOR_POLICY": "inspector",
    "UPGRADE_ROLLOUT_POLICY": "upgrade_rollout",
    "BEDROCK_POLICY": "bedrock",
    "S3_POLICY": "s3_attributes",
}


def check_policy(policy_type: str, content: str) -> None:
    """Refuse content that the policy type does not allow.

    The size is not looked at. Raises `MalformedDeclarativePolicyError`.
    """
    policy = read_document(content)
    if list(policy) != [_TOP_KEYS.get(policy_type)]:
        raise MalformedDeclarativePolicyError(f"a {policy_type} does not have these keys")

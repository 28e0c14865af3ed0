"""Keys with key policies, and people who try to use them, by real calls."""

from typing import Any

from botocore.exceptions import ClientError

from policies import document

OWNER, OTHER = "111122223333", "444455556666"
ROOT = f"arn:aws:iam::{OWNER}:root"
TRUST = document(
    {"Effect": "Allow", "Principal": {"AWS": [OWNER, OTHER]}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
)
DELEGATES = {
    "Sid": "Delegates",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "kms:*",
    "Resource": "*",
}
ON_THIS_RESOURCE = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow "
    "access, or a resource-based policy explicitly denies access"
)


def named(principal: Any, action: Any = "kms:*", *, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a key policy."""
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def key(aws: Any, *statements: dict[str, Any], **more: Any) -> str:
    """The ARN of a new key with these statements as its policy, or with the default policy."""
    if statements:
        more |= {"Policy": document(*statements), "BypassPolicyLockoutSafetyCheck": True}
    made = aws.client("kms", root=True).create_key(**more)
    return str(made["KeyMetadata"]["Arn"])


def user(aws: Any, name: str, *statements: dict[str, Any], **more: Any) -> Any:
    """A KMS client of a new user with these statements as its policy."""
    iam = aws.client("iam", root=True)
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    return aws.client("kms", user=name, **more)


def role(aws: Any, name: str, *statements: dict[str, Any], **more: Any) -> str:
    """The ARN of a new role with these statements as its policy."""
    iam = aws.client("iam", root=True)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **more)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(arn)


def encrypts(client: Any, key_id: str, **more: Any) -> bool:
    """Whether a client may encrypt; anything but a denial is an error."""
    return may(client.encrypt, KeyId=key_id, Plaintext=b"bread", **more)


def may(call: Any, **arguments: Any) -> bool:
    """Whether a call is allowed; anything but a denial is an error."""
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"AccessDenied", "AccessDeniedException"}:
            raise
        return False
    return True

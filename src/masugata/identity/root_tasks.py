"""What the root user of a member account may do in a session of AssumeRoot.

AWS's task policies consist of Deny statements alone: from the root user, who may do everything, they take
all but the task. As session policies they would allow nothing, so each comes with an Allow of exactly the
actions that it spares. Both must let a request pass, and neither can be left out of the session.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html
"""

from collections.abc import Mapping

import orjson

PATH = "root-task/"

_CREDENTIALS = (
    "iam:ListAccessKeys",
    "iam:ListSigningCertificates",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:GetUser",
    "iam:GetAccessKeyLastUsed",
)
TASKS: Mapping[str, tuple[str, ...]] = {
    "IAMAuditRootUserCredentials": (*_CREDENTIALS, "iam:GetAccountSummary"),
    "IAMCreateRootUserPassword": ("iam:CreateLoginProfile", "iam:GetLoginProfile"),
    "IAMDeleteRootUserCredentials": (
        *_CREDENTIALS,
        "iam:DeleteAccessKey",
        "iam:DeleteSigningCertificate",
        "iam:DeleteLoginProfile",
        "iam:DeactivateMFADevice",
        "iam:DeleteVirtualMFADevice",
    ),
    "S3UnlockBucketPolicy": (
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:ListAllMyBuckets",
    ),
    "SQSUnlockQueuePolicy": (
        "sqs:SetQueueAttributes",
        "sqs:GetQueueAttributes",
        "sqs:ListQueues",
        "sqs:GetQueueUrl",
    ),
}
"""The actions of each task, by the name of its policy under `policy/root-task/`."""


def task_of(arn: str, partition: str) -> str | None:
    """The name of the task whose policy has exactly this ARN, or None."""
    name = arn.removeprefix(f"arn:{partition}:iam::aws:policy/{PATH}")
    return name if name != arn and name in TASKS else None


def allowed_actions(task: str) -> str:
    """A session policy that allows the task's actions and no others."""
    statement = {"Effect": "Allow", "Action": list(TASKS[task]), "Resource": "*"}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()

"""Key policies that nobody wrote."""

import orjson


def default_policy(account: str, partition: str) -> str:
    """The key policy of a key that is created without one: it leaves everything to IAM policies.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return orjson.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
        option=orjson.OPT_INDENT_2,
    ).decode()

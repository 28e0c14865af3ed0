"""AWS managed keys: those that a service makes for itself in an account, at its first use of them.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import orjson

from masugata.keeper import Material
from masugata.records.kms import ALIAS, AWS, AWS_ALIAS_PREFIX, KEY_MATERIAL, Alias, Key, KeyMaterial
from masugata.services.kms._rotation_schedule import start_rotation
from masugata.store import Transaction

# The service that calls KMS, by the alias of its key; where they have one name it is not said twice.
_CALLED_OTHERWISE: Final[Mapping[str, str]] = {"ebs": "ec2"}
_NAMES: Final = frozenset(
    {
        "backup", "codecommit", "dynamodb", "ebs", "elasticfilesystem", "fsx", "glue", "kinesis", "lambda",
        "rds", "redshift", "s3", "secretsmanager", "sns", "sqs", "ssm",
    }
)  # fmt: skip
_USING: Final = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
    "kms:DescribeKey",
)


def key_of_service(alias: str, service: str) -> bool:
    """Whether an alias is that of the key which a service makes for itself."""
    name = alias.removeprefix(AWS_ALIAS_PREFIX)
    return alias != name and name in _NAMES and _CALLED_OTHERWISE.get(name, name) == service


def managed_key_policy(account: str, via_service: str, partition: str) -> str:
    """The key policy of an AWS managed key: whoever uses the service may use it, by way of the service."""
    through = {"kms:ViaService": via_service, "kms:CallerAccount": account}
    statements = [
        {
            "Sid": "AllowUseThroughTheService",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": list(_USING),
            "Resource": "*",
            "Condition": {"StringEquals": through},
        },
        {
            "Sid": "AllowAccountToReadMetadata",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
            "Resource": "*",
        },
    ]
    return orjson.dumps({"Version": "2012-10-17", "Id": "aws-managed-key", "Statement": statements}).decode()


def add_managed_key(
    transaction: Transaction, alias: str, region: str, policy: str, material: Material, now: datetime
) -> None:
    """Add the AWS managed key with this material and alias, unless there is one already."""
    account = material.account
    if transaction.get(ALIAS, account, alias, region) is not None:
        return
    key = Key(
        id=material.key_id,
        region=region,
        creation_date=now,
        description=f"Default key of {alias.removeprefix(AWS_ALIAS_PREFIX)} in this account and Region",
        policy=policy,
        spec=material.spec,
        usage=material.usage,
        manager=AWS,
        current_material=material.material_id,
    )
    record = KeyMaterial(id=material.material_id, key_id=key.id, sealed=material.sealed, create_date=now)
    transaction.put(KEY_MATERIAL, account, record, region)
    start_rotation(transaction, account, key, now)
    named = Alias(name=alias, key_id=key.id, creation_date=now, last_updated=now)
    transaction.put(ALIAS, account, named, region)

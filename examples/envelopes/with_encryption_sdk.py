"""An envelope by the AWS Encryption SDK: it asks KMS for the data key and writes everything into one message.

    with_encryption_sdk.py KEY_ARN   encrypts a recipe and opens it again: strictly, then by discovery

Endpoint, credentials and Region come from the environment: `eval "$(masugata env)"`.
"""

import sys
from typing import Any

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsDiscoveryKeyringInput,
    CreateAwsKmsKeyringInput,
    DiscoveryFilter,
)
from aws_encryption_sdk import CommitmentPolicy

RECIPE = "コーヒー豆 20 g, 湯 300 ml".encode()
CONTEXT = {"店": "東京", "document": "recipe"}


def main(key_arn: str) -> int:
    """Encrypt with one key, decrypt with that key alone, then with any key of the account."""
    kms = boto3.client("kms")
    account = key_arn.split(":")[4]
    providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    strict = providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=key_arn, kms_client=kms))
    discovery = providers.create_aws_kms_discovery_keyring(
        CreateAwsKmsDiscoveryKeyringInput(
            kms_client=kms, discovery_filter=DiscoveryFilter(account_ids=[account], partition="aws")
        )
    )
    client = aws_encryption_sdk.EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    )
    message, _ = client.encrypt(source=RECIPE, keyring=strict, encryption_context=CONTEXT)
    print(f"a message of {len(message)} bytes for {len(RECIPE)}")
    for name, keyring in (("strict", strict), ("discovery", discovery)):
        opened, header = _decrypt(client, message, keyring)
        if opened != RECIPE or header.encryption_context.items() < CONTEXT.items():
            return 1
        print(f"{name}: {opened.decode()}")
    return 0


def _decrypt(client: Any, message: bytes, keyring: Any) -> tuple[bytes, Any]:
    opened: tuple[bytes, Any] = client.decrypt(source=message, keyring=keyring, encryption_context=CONTEXT)
    return opened


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

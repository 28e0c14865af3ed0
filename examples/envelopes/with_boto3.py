"""An envelope by hand: KMS makes a data key, the data is encrypted here, and both travel together.

    with_boto3.py KEY   encrypts a recipe under a data key of KEY (id, ARN or alias) and opens it again

Endpoint, credentials and Region come from the environment: `eval "$(masugata env)"`.
"""

import os
import sys

import boto3
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RECIPE = "コーヒー豆 20 g, 湯 300 ml".encode()
CONTEXT = {"shop": "tokyo", "document": "recipe"}


def main(key: str) -> int:
    """Encrypt and decrypt; the wrong context must not open the envelope."""
    kms = boto3.client("kms")

    # Once for each document. The plaintext is used and forgotten, the encrypted key is kept with the data.
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    nonce = os.urandom(12)
    envelope = (data_key["CiphertextBlob"], nonce, AESGCM(data_key["Plaintext"]).encrypt(nonce, RECIPE, None))
    del data_key
    print(f"encrypted {len(RECIPE)} bytes under a data key of {len(envelope[0])} bytes")

    # Whoever wants to read it asks KMS for the key: there it is seen who, when and in which context.
    encrypted_key, nonce, ciphertext = envelope
    opened = kms.decrypt(CiphertextBlob=encrypted_key, EncryptionContext=CONTEXT)
    print(AESGCM(opened["Plaintext"]).decrypt(nonce, ciphertext, None).decode())

    try:
        kms.decrypt(CiphertextBlob=encrypted_key, EncryptionContext={**CONTEXT, "shop": "osaka"})
    except ClientError as error:
        print(f"in another context: {error.response['Error']['Code']}")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

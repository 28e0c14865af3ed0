"""Keys that are used from a shell, with the AWS CLI."""

import base64

import pytest

from e2e.command_line import CommandLine, environment_of


@pytest.fixture(scope="module")
def aws(server):
    """Calls the AWS CLI."""
    return CommandLine(environment_of(server))


def new_key(aws, spec, usage):
    """The ARN of a new key."""
    status, answer, errors = aws("kms", "create-key", "--key-spec", spec, "--key-usage", usage)
    assert status == 0, errors
    return answer["KeyMetadata"]["Arn"]


def test_a_file_is_encrypted_and_decrypted(aws, tmp_path):
    """`aws kms encrypt` and `decrypt`, with files and a context as everybody writes them."""
    key = new_key(aws, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    recipe, sealed = tmp_path / "recipe", tmp_path / "recipe.encrypted"
    recipe.write_bytes("コーヒー豆 20 g".encode())
    context = ("--encryption-context", "shop=tokyo")
    made = aws("kms", "encrypt", "--key-id", key, "--plaintext", f"fileb://{recipe}", *context).output
    sealed.write_bytes(base64.b64decode(made["CiphertextBlob"]))
    blob = ("--ciphertext-blob", f"fileb://{sealed}")
    opened = aws("kms", "decrypt", *blob, *context).output
    assert base64.b64decode(opened["Plaintext"]) == recipe.read_bytes()
    assert opened["KeyId"] == key
    status, _, errors = aws("kms", "decrypt", *blob)
    assert status in (254, 255)
    assert "(InvalidCiphertextException) when calling the Decrypt operation" in errors


def test_a_message_is_signed_and_verified(aws, tmp_path):
    """`aws kms sign` and `verify`; a wrong signature ends with a status that scripts can test."""
    key = new_key(aws, "RSA_2048", "SIGN_VERIFY")
    order, signature = tmp_path / "order", tmp_path / "order.signature"
    order.write_bytes(b"two espressos, please")
    given = ("--key-id", key, "--signing-algorithm", "RSASSA_PSS_SHA_256")
    made = aws("kms", "sign", *given, "--message", f"fileb://{order}").output
    signature.write_bytes(base64.b64decode(made["Signature"]))
    verify = ("kms", "verify", *given, "--message", f"fileb://{order}", "--signature", f"fileb://{signature}")
    assert aws(*verify).output["SignatureValid"] is True
    order.write_bytes(b"three espressos, please")
    status, _, errors = aws(*verify)
    assert status in (254, 255)
    assert "KMSInvalidSignatureException" in errors


def test_a_data_key_and_a_dry_run(aws):
    """`aws kms generate-data-key`, and `--dry-run` that answers with an error, as AWS's."""
    key = new_key(aws, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    given = ("kms", "generate-data-key", "--key-id", key, "--key-spec", "AES_256")
    assert len(base64.b64decode(aws(*given).output["Plaintext"])) == 32
    status, _, errors = aws(*given, "--dry-run")
    assert status in (254, 255)
    assert "The request would have succeeded, but the DryRun option is set." in errors

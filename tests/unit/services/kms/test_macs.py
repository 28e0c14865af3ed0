"""GenerateMac and VerifyMac."""

import hmac

import pytest

from masugata.keeper import Material
from masugata.keeper.local_materials import MATERIAL_PURPOSE, material_identity
from unit.services.kms.using_keys import materials, new_key, refused

SIZES = ["224", "256", "384", "512"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("length", [1, 4096])
def test_a_mac_is_verified(kms, size, length):
    """It is as long as its hash function says, the same each time, and names key and algorithm."""
    key, algorithm = new_key(kms, f"HMAC_{size}", "GENERATE_VERIFY_MAC"), f"HMAC_SHA_{size}"
    given = {"KeyId": key, "Message": b"x" * length, "MacAlgorithm": algorithm}
    made = kms.generate_mac(**given)
    assert (made["KeyId"], made["MacAlgorithm"], len(made["Mac"])) == (key, algorithm, int(size) // 8)
    assert kms.generate_mac(**given)["Mac"] == made["Mac"]
    answer = kms.verify_mac(**given, Mac=made["Mac"])
    assert (answer["KeyId"], answer["MacValid"], answer["MacAlgorithm"]) == (key, True, algorithm)


def test_a_mac_is_hmac(aws, kms):
    """Of the material: with the key in hand everybody gets the same."""
    key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    (record,) = materials(aws, key)
    row = Material(aws.id, record.key_id, record.id, "HMAC_256", "GENERATE_VERIFY_MAC", record.sealed)
    keeper = aws._installation.gateway.keeper
    secret = keeper.unseal(MATERIAL_PURPOSE, row.sealed, material_identity(row))
    mac = kms.generate_mac(KeyId=key, Message=b"espresso", MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert mac == hmac.digest(secret, b"espresso", "sha256")


def test_a_wrong_mac_is_an_error(kms):
    """Of another message, by another key, changed, cut: never a false that may be overlooked."""
    key, other = (new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC") for _ in range(2))
    given = {"KeyId": key, "Message": b"espresso", "MacAlgorithm": "HMAC_SHA_256"}
    right = kms.generate_mac(**given)["Mac"]
    foreign = kms.generate_mac(**{**given, "KeyId": other})["Mac"]
    for wrong in (foreign, bytes([*right[:-1], right[-1] ^ 1]), right[:-1], right + b"x", b"x"):
        assert refused(kms.verify_mac, **given, Mac=wrong) == ("KMSInvalidMacException", "", 400)


@pytest.mark.parametrize("size", SIZES[1:])
def test_only_the_algorithm_of_the_key_is_taken(kms, size):
    """In AWS's words."""
    key = new_key(kms, "HMAC_224", "GENERATE_VERIFY_MAC")
    message = f"Algorithm HMAC_SHA_{size} is incompatible with key spec HMAC_224."
    expected = ("InvalidKeyUsageException", message, 400)
    given = {"KeyId": key, "Message": b"x", "MacAlgorithm": f"HMAC_SHA_{size}"}
    assert refused(kms.generate_mac, **given) == expected
    assert refused(kms.verify_mac, **given, Mac=b"x") == expected


def test_a_dry_run_of_a_wrong_mac_says_that_it_is_wrong(kms):
    """It would not have succeeded."""
    key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    given = {"KeyId": key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256", "Mac": b"x" * 32}
    assert refused(kms.verify_mac, **given, DryRun=True)[0] == "KMSInvalidMacException"

"""GetPublicKey: of every asymmetric spec, and of no other."""

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from masugata.engines.keys import KEY_SPECS, UNSUPPORTED
from masugata.records.kms import DISABLED, PENDING_DELETION, UPDATING
from unit.services.kms.using_keys import MACS, SIGNING, SYMMETRIC, change_key, new_key, refused

PAIRS = [
    (spec.name, usage)
    for spec in KEY_SPECS.values()
    for usage in spec.usages
    if spec.asymmetric and spec.name not in UNSUPPORTED and spec.name not in {"RSA_3072", "RSA_4096"}
]
LISTS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_public_key_says_what_it_is_for(kms, spec, usage):
    """DER that others read, with the spec, the usage and the algorithms of that usage alone."""
    key = new_key(kms, spec, usage)
    answer = kms.get_public_key(KeyId=key)
    assert load_der_public_key(answer["PublicKey"])
    assert (answer["KeyId"], answer["KeyUsage"]) == (key, usage)
    assert answer["KeySpec"] == answer["CustomerMasterKeySpec"] == spec
    lists = {name: answer[name] for name in LISTS.values() if name in answer}
    assert lists == {LISTS[usage]: list(KEY_SPECS[spec].algorithms[usage])}


@pytest.mark.parametrize("kind", [SYMMETRIC, MACS])
def test_a_key_without_a_public_half_has_none(kms, kind):
    """It is not supported."""
    key = new_key(kms, *kind)
    message = f"{key} key spec is {kind[0]} which is not valid for GetPublicKey."
    assert refused(kms.get_public_key, KeyId=key) == ("UnsupportedOperationException", message, 400)


def test_states_are_those_of_cryptography(aws, kms):
    """A disabled key does not give it, an updating one does."""
    key = new_key(kms, *SIGNING)
    change_key(aws, key, state=DISABLED)
    assert refused(kms.get_public_key, KeyId=key) == ("DisabledException", f"{key} is disabled.", 400)
    change_key(aws, key, state=PENDING_DELETION)
    expected = ("KMSInvalidStateException", f"{key} is pending deletion.", 400)
    assert refused(kms.get_public_key, KeyId=key) == expected
    change_key(aws, key, state=UPDATING)
    assert kms.get_public_key(KeyId=key)["PublicKey"]

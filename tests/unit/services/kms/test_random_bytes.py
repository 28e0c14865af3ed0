"""GenerateRandom."""

import pytest

from masugata.records.kms import CUSTOM_KEY_STORE, CustomKeyStore
from unit.services.kms.using_keys import REGION, refused


@pytest.mark.parametrize("size", [1, 1024])
def test_as_many_bytes_as_were_asked_for(aws, kms, size):
    """And nothing of them in the event, which counts as reading."""
    answer = kms.generate_random(NumberOfBytes=size)
    assert len(answer["Plaintext"]) == size
    event = aws.events("GenerateRandom")[-1]
    assert event["requestParameters"] == {"numberOfBytes": size}
    assert (event["readOnly"], event["responseElements"]) == (True, None)
    assert "resources" not in event


def test_no_two_answers_are_alike(kms):
    """They are random."""
    assert len({kms.generate_random(NumberOfBytes=16)["Plaintext"] for _ in range(20)}) == 20


def test_how_many_must_be_said(kms):
    """In AWS's words."""
    assert refused(kms.generate_random) == ("ValidationException", "NumberOfBytes is required.", 400)
    assert refused(kms.generate_random, NumberOfBytes=1025)[0] == "ValidationException"


def test_no_key_store_makes_them(aws, kms):
    """A key store that is not there is said to be missing, an external one to be none of CloudHSM."""
    given = {"NumberOfBytes": 16, "CustomKeyStoreId": "cks-1234567890abcdef0"}
    assert refused(kms.generate_random, **given)[0] == "CustomKeyStoreNotFoundException"
    store = CustomKeyStore(id=given["CustomKeyStoreId"], name="hsm", creation_date=aws.clock())
    aws._installation.store.submit(lambda t: t.put(CUSTOM_KEY_STORE, aws.id, store, REGION)).result()
    assert refused(kms.generate_random, **given)[0] == "UnsupportedOperationException"


def test_no_recipient_can_be_attested(kms):
    """It would get the bytes in clear."""
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    answer = refused(kms.generate_random, NumberOfBytes=16, Recipient=recipient)
    assert answer[0] == "UnsupportedOperationException"

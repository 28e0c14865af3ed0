"""What holds for every cryptographic operation: usage, state, dry runs, events, and whose material it is."""

from datetime import UTC, datetime

import pytest

from masugata.records.kms import (
    CREATING,
    DISABLED,
    ENABLED,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
)
from masugata.testing import LocalAws
from unit.services.kms.using_keys import (
    CALLS,
    MACS,
    SIGNING,
    SYMMETRIC,
    change_key,
    change_material,
    materials,
    new_key,
    ready,
    refused,
)

STATES = {
    DISABLED: ("DisabledException", "disabled"),
    PENDING_DELETION: ("KMSInvalidStateException", "pending deletion"),
    PENDING_REPLICA_DELETION: ("KMSInvalidStateException", "pending replica deletion"),
    PENDING_IMPORT: ("KMSInvalidStateException", "pending import"),
    UNAVAILABLE: ("KMSInvalidStateException", "unavailable"),
    CREATING: ("KMSInvalidStateException", "creating"),
}
OPERATIONS = sorted(CALLS)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", [*STATES, ENABLED, UPDATING])
def test_each_state_permits_what_it_does_in_aws(aws, operation, state):
    """Cryptography works with a key that is enabled or updating, and names every other state."""
    call, arn, arguments = ready(aws, operation)
    change_key(aws, arn, state=state)
    if state in STATES:
        code, words = STATES[state]
        assert refused(call, **arguments) == (code, f"{arn} is {words}.", 400)
    else:
        assert call(**arguments)["KeyId"] == arn


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_is_for_one_use(aws, operation):
    """A key that is for something else is refused, in AWS's words."""
    call, _, arguments = ready(aws, operation)
    kms = aws.client("kms")
    other = new_key(kms, *(SIGNING if CALLS[operation][0] != SIGNING else MACS))
    name = call.__self__.meta.method_to_api_mapping[operation]
    usage = "SIGN_VERIFY" if CALLS[operation][0] != SIGNING else "GENERATE_VERIFY_MAC"
    if operation == "decrypt":  # the ciphertext says already that it is not of this key
        assert refused(call, **{**arguments, "KeyId": other})[0] == "IncorrectKeyException"
        return
    expected = f"{other} key usage is {usage} which is not valid for {name}."
    assert refused(call, **{**arguments, "KeyId": other}) == ("InvalidKeyUsageException", expected, 400)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_dry_run_does_nothing_and_says_that_it_could(aws, operation):
    """It ends with DryRunOperationException, is no use of the key, and fails as the request would."""
    call, arn, arguments = ready(aws, operation)
    kms = aws.client("kms")
    before = kms.get_key_last_usage(KeyId=arn)["KeyLastUsage"]
    message = "The request would have succeeded, but the DryRun option is set."
    assert refused(call, **arguments, DryRun=True) == ("DryRunOperationException", message, 400)
    assert kms.get_key_last_usage(KeyId=arn)["KeyLastUsage"] == before
    change_key(aws, arn, state=DISABLED)
    assert refused(call, **arguments, DryRun=True)[0] == "DisabledException"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_dry_run_is_authorized(aws, operation):
    """Who may not use the key is told so, and not that the request would have succeeded."""
    call, _, arguments = ready(aws, operation)
    stranger = aws.client("kms", user=nobody(aws))
    assert refused(getattr(stranger, operation), **arguments, DryRun=True)[0] == "AccessDeniedException"
    assert call(**arguments)


def nobody(aws: LocalAws) -> str:
    """A user without any permission."""
    iam = aws.client("iam")
    if all(user["UserName"] != "nobody" for user in iam.list_users()["Users"]):
        iam.create_user(UserName="nobody")
    return "nobody"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_use_is_noted(aws, operation):
    """GetKeyLastUsage names the operation, and the event of it."""
    call, arn, arguments = ready(aws, operation)
    call(**arguments)
    used = aws.client("kms").get_key_last_usage(KeyId=arn)["KeyLastUsage"]
    assert used["Operation"] == call.__self__.meta.method_to_api_mapping[operation]
    (event,) = aws.events(used["Operation"])[-1:]
    assert used["CloudTrailEventId"] == event["eventID"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_events_say_what_aws_says_and_no_secret(aws, operation):
    """An event counts as reading, names the key, and has nothing of what was computed or with what."""
    call, arn, arguments = ready(aws, operation)
    answer = call(**arguments)
    event = aws.events(call.__self__.meta.method_to_api_mapping[operation])[-1]
    assert event["readOnly"] is True
    assert event["responseElements"] is None
    assert event["resources"] == [{"accountId": aws.id, "type": "AWS::KMS::Key", "ARN": arn}]
    shown = event["requestParameters"]
    assert shown["keyId"] == arn
    assert set(shown) <= {
        "keyId", "encryptionAlgorithm", "keySpec", "keyPairSpec", "macAlgorithm", "messageType",
        "signingAlgorithm", "keyAgreementAlgorithm", "encapsulationAlgorithm",
    }  # fmt: skip
    text = str(event)
    assert "HIDDEN" not in text
    for value in (*arguments.values(), *answer.values()):
        if isinstance(value, bytes):
            assert value.hex() not in text
    if CALLS[operation][0] == SYMMETRIC:
        (material,) = materials(aws, arn)
        assert event["additionalEventData"] == {"keyMaterialId": material.id}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_event_of_a_use_that_failed_names_the_key(aws, operation):
    """Who looks for users of a key that was disabled finds them, also those who name it by a ciphertext."""
    call, arn, arguments = ready(aws, operation)
    change_key(aws, arn, state=DISABLED)
    if operation == "decrypt":
        del arguments["KeyId"]
    assert refused(call, **arguments)[0] == "DisabledException"
    event = aws.events(call.__self__.meta.method_to_api_mapping[operation])[-1]
    assert event["errorCode"] == "DisabledException"
    assert event["resources"] == [{"accountId": aws.id, "type": "AWS::KMS::Key", "ARN": arn}]


def test_the_event_of_a_denied_use_names_no_key(aws):
    """A denial says the same of keys that are there and of those that are not."""
    _, _, arguments = ready(aws, "decrypt")
    stranger = aws.account("444455556666")
    call = stranger.client("kms").decrypt
    assert refused(call, CiphertextBlob=arguments["CiphertextBlob"])[0] == "AccessDeniedException"
    assert "resources" not in stranger.events("Decrypt")[-1]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("gone", [{"sealed": b""}, {"valid_to": datetime(2020, 1, 1, tzinfo=UTC)}])
def test_material_that_is_gone_or_has_expired_is_not_used(aws, operation, gone):
    """Even while the key's state does not say so yet."""
    call, arn, arguments = ready(aws, operation)
    change_material(aws, arn, **gone)
    assert refused(call, **arguments) == ("KMSInvalidStateException", f"{arn} is pending import.", 400)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_without_a_material_is_unavailable(aws, operation):
    """A key whose current material nobody has is not used; a ciphertext names its material itself."""
    call, arn, arguments = ready(aws, operation)
    change_key(aws, arn, current_material="0" * 64)
    if operation == "decrypt":
        assert call(**arguments)["Plaintext"] == b"espresso"
    else:
        assert refused(call, **arguments) == ("KMSInvalidStateException", f"{arn} is unavailable.", 400)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_whose_custom_key_store_is_gone(aws, operation):
    """Whatever its own state says; data key pairs are not made with such keys at all."""
    call, arn, arguments = ready(aws, operation)
    change_key(aws, arn, custom_key_store="cks-1234567890abcdef0")
    code, message, _ = refused(call, **arguments)
    if "pair" in operation:
        assert code == "UnsupportedOperationException"
    else:
        assert code == "KMSInvalidStateException"
        assert message == f"{arn} is unavailable: its custom key store is not connected."


@pytest.mark.parametrize(
    "operation", ["decrypt", "derive_shared_secret", "generate_data_key", "generate_data_key_pair"]
)
def test_no_recipient_can_be_attested(aws, operation):
    """Recipient is refused aloud: to ignore it would answer in clear."""
    call, _, arguments = ready(aws, operation)
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    code, message, status = refused(call, **arguments, Recipient=recipient)
    assert (code, status) == ("UnsupportedOperationException", 400)
    assert "Recipient" in message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_grant_token_of_nobody_is_refused(aws, operation):
    """Tokens are looked at before the key is used."""
    call, _, arguments = ready(aws, operation)
    assert refused(call, **arguments, GrantTokens=["x"])[0] == "InvalidGrantTokenException"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_key_is_said_to_be_missing(aws, operation):
    """Who may use keys learns that there is none."""
    call, arn, arguments = ready(aws, operation)
    missing = arn.rpartition("/")[0] + "/00000000-0000-4000-8000-000000000000"
    assert refused(call, **{**arguments, "KeyId": missing}) == (
        "NotFoundException",
        f"Key '{missing}' does not exist",
        400,
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_of_another_account_is_used_by_its_arn(aws, operation):
    """If its policy and the caller's own let it; both accounts have the event, and share its id."""
    other = aws.account("444455556666")
    owner = other.client("kms")
    kind, arguments = CALLS[operation]
    arn = new_key(
        owner,
        *kind,
        Policy=f"""{{"Statement": [{{"Effect": "Allow",
        "Principal": {{"AWS": ["{other.id}", "{aws.id}"]}}, "Action": "kms:*", "Resource": "*"}}]}}""",
    )
    call = getattr(aws.client("kms"), operation)
    assert call(KeyId=arn, **arguments(owner, arn))["KeyId"] == arn
    name = call.__self__.meta.method_to_api_mapping[operation]
    own, theirs = aws.events(name)[-1], other.events(name)[-1]
    assert own["sharedEventID"] == theirs["sharedEventID"]
    assert own["resources"] == theirs["resources"]
    assert theirs["userIdentity"]["type"] == "AWSAccount"
    assert theirs["recipientAccountId"] == other.id

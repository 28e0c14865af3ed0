"""Which members of a request an event shows."""

from masugata.trail.request_members import OMITTED, shown_request
from masugata.wire import load_service


def test_bytes_and_tokens_of_kms_are_left_out():
    """What is or belongs to a secret is not even there as hidden; what was left out has its default."""
    request = {"KeyId": "alias/a", "Plaintext": b"x", "GrantTokens": ["t"], "EncryptionContext": {"a": "b"}}
    assert shown_request("kms", "Encrypt", request) == {
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyId": "alias/a",
        "EncryptionContext": {"a": "b"},
    }


def test_what_was_given_goes_over_the_default():
    """An algorithm that was chosen is shown."""
    shown = shown_request("kms", "Sign", {"MessageType": "DIGEST", "Message": b"x"})
    assert shown == {"MessageType": "DIGEST"}


def test_other_services_show_all():
    """And no request is none."""
    request = {"Plaintext": "of something else"}
    assert shown_request("iam", "GetUser", request) is request
    assert shown_request("kms", "ListKeys", None) is None


def test_no_bytes_of_a_kms_request_are_shown():
    """Every member of the model that is a blob is in the table."""
    model = load_service("kms")
    blobs = {
        name
        for operation in model.operation_names
        if (shape := model.operation(operation).input) is not None
        for name, member in model.shape(shape).members.items()
        if model.shape(member.shape).type == "blob"
    }
    assert blobs <= OMITTED["kms"]

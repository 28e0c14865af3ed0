"""No secret gets into an event."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.services import SERVICES
from masugata.trail import HIDDEN, redact, sensitive_members
from masugata.wire import ServiceModel, load_service

SECRET = "the secret value"
# Not marked as sensitive in the models, and as good as a password all the same.
BEARER = [("sts", "Credentials", "SessionToken"), ("sts", "GetSessionTokenRequest", "TokenCode")]


def with_secrets(model: ServiceModel, shape_name: str, inside: frozenset[str]) -> Iterator[Any]:
    """Values of a shape, each with the secret at one of the places that the model marks as sensitive."""
    shape = model.shape(shape_name)
    if shape.sensitive:
        yield SECRET.encode() if shape.type == "blob" else SECRET
    if shape_name in inside:
        return
    inside |= {shape_name}
    for name, member in shape.members.items():
        for value in with_secrets(model, member.shape, inside):
            yield {name: value}
    if shape.type == "list":
        for value in with_secrets(model, shape.element("member").shape, inside):
            yield [value]
    if shape.type == "map":
        for value in with_secrets(model, shape.element("value").shape, inside):
            yield {"key": value}


def cases() -> Iterator[tuple[str, bool, Any]]:
    """Every sensitive place in the requests and answers of the built operations."""
    for service, operations in SERVICES.items():
        model = load_service(service)
        for name in operations:
            operation = model.operation(name)
            for answered, shape in enumerate((operation.input, operation.output)):
                if shape is not None:
                    for value in with_secrets(model, shape, frozenset()):
                        yield f"{service}:{name}", bool(answered), value


CASES = list(cases())


def test_models_have_secrets() -> None:
    """The walk finds what it must: the secret access keys that operations answer."""
    found = {name for name, *_ in CASES}
    assert found >= {"iam:CreateAccessKey", "sts:AssumeRole", "sts:GetFederationToken", "sts:GetSessionToken"}


@pytest.mark.parametrize(("operation", "answered", "value"), CASES, ids=[name for name, *_ in CASES])
def test_sensitive_members_are_hidden(operation: str, answered: bool, value: Any) -> None:
    """Whatever a model marks as sensitive is hidden, however deep it lies."""
    service, _, name = operation.partition(":")
    shown = repr(redact(value, sensitive_members(service, name)[answered]))
    assert SECRET not in shown, operation
    assert HIDDEN in shown, operation


def test_a_name_is_sensitive_only_where_the_model_says_so() -> None:
    """An account's name is, in Organizations' model, and a unit's or IAM's policy's is not."""
    _, answer = sensitive_members("organizations", "DescribeAccount")
    assert redact({"Account": {"Name": SECRET, "Id": "1"}}, answer) == {
        "account": {"name": HIDDEN, "id": "1"}
    }
    _, answer = sensitive_members("organizations", "DescribeOrganizationalUnit")
    assert redact({"OrganizationalUnit": {"Name": "shops"}}, answer) == {
        "organizationalUnit": {"name": "shops"}
    }


def test_sensitive_inside_itself() -> None:
    """Resources of a handshake have resources, whose values are as sensitive."""
    _, answer = sensitive_members("organizations", "DescribeHandshake")
    deep = {"Type": "A", "Value": SECRET, "Resources": [{"Value": SECRET, "Resources": [{"Value": SECRET}]}]}
    shown = redact({"Handshake": {"Resources": [deep]}}, answer)
    assert SECRET not in repr(shown)
    assert shown["handshake"]["resources"][0]["type"] == "A"


@pytest.mark.parametrize(("service", "shape", "member"), BEARER)
def test_bearer_members_are_hidden(service: str, shape: str, member: str) -> None:
    """Members that open doors without being marked exist in the model and are hidden."""
    assert member in load_service(service).shape(shape).members
    assert SECRET not in repr(redact({member: SECRET}))


def test_encoded_and_decoded_messages_are_hidden() -> None:
    """What only some may decode is not for all who may read events."""
    for member in ("EncodedMessage", "DecodedMessage"):
        assert SECRET not in repr(redact({member: SECRET}))


def test_names_and_values_as_cloudtrail_shows_them() -> None:
    """Members begin in lower case, times are spelled out, and everything else stays as it is."""
    request = {
        "UserName": "alice",
        "Tags": [{"Key": "a", "Value": "b"}],
        "MaxItems": 5,
        "SetAsDefault": True,
        "CreateDate": datetime(2026, 3, 7, 4, 5, 6, tzinfo=UTC),
        "PolicyArns": ({"arn": "x"},),
    }
    assert redact(request) == {
        "userName": "alice",
        "tags": [{"key": "a", "value": "b"}],
        "maxItems": 5,
        "setAsDefault": True,
        "createDate": "Mar 7, 2026, 4:05:06 AM",
        "policyArns": [{"arn": "x"}],
    }
    assert request["UserName"] == "alice"


def test_blobs_are_never_shown() -> None:
    """Bytes may be key material."""
    assert redact({"A": b"x", "B": [bytearray(b"x")], "C": memoryview(b"x")}) == {
        "a": HIDDEN,
        "b": [HIDDEN],
        "c": HIDDEN,
    }


def test_private_keys_are_hidden_wherever_they_are() -> None:
    """Files of tools hold a certificate and its key, and somebody sends such a one as the certificate."""
    sort = "PRIVATE KEY"
    key = f"-----BEGIN {sort}-----\nsecret\n-----END {sort}-----\n"
    shown = redact({"CertificateBody": "-----BEGIN CERTIFICATE-----\n" + key, "CertificateChain": "chain"})
    assert shown == {"certificateBody": HIDDEN, "certificateChain": "chain"}


def test_long_texts_are_cut() -> None:
    """A text ends after 16 KiB."""
    shown = redact({"PolicyDocument": "x" * 20_000})["policyDocument"]
    assert shown == "x" * 16_384 + "…"

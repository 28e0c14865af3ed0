"""Requests and answers of the json protocols."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, OutputError, codec


def parse(service: str, operation: str, body: bytes) -> dict[str, Any]:
    return codec(service, operation, "json-1.1").parse(HttpRequest(method="POST", path="/", body=body))


def refusal(service: str, operation: str, body: bytes) -> str:
    with pytest.raises(AwsError) as refused:
        parse(service, operation, body)
    assert refused.value.code == "SerializationException"
    return refused.value.message


def test_values_are_typed() -> None:
    """Blobs are bytes, timestamps are UTC, null is absent, unknown members are ignored."""
    body = (
        b'{"KeyId":"k","Plaintext":"AAH/","EncryptionContext":{"a":"b","c":null},'
        b'"GrantTokens":null,"New":{"x":[1]}}'
    )
    assert parse("kms", "Encrypt", body) == {
        "KeyId": "k", "Plaintext": b"\x00\x01\xff", "EncryptionContext": {"a": "b"},
    }  # fmt: skip
    times = b'{"StartTime":1763892000.25,"EndTime":1763892001}'
    assert parse("cloudtrail", "LookupEvents", times) == {
        "StartTime": datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC),
        "EndTime": datetime(2025, 11, 23, 10, 0, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "Start of list found where not expected"),
        (b'{"Limit":"1"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"Limit":true}', "TRUE_VALUE can not be converted to an Integer"),
        (b'{"Limit":[1]}', "Start of list found where not expected"),
        (b'{"Limit":{"a":1}}', "Start of structure or map found where not expected."),
        (b'{"Marker":1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"Marker":false}', "FALSE_VALUE can not be converted to a String"),
    ],
)
def test_wrong_types_in_aws_words(body: bytes, text: str) -> None:
    """The texts of type errors are those that AWS's json services answer."""
    assert refusal("kms", "ListKeys", body) == text


def test_wrong_containers_in_aws_words() -> None:
    """Lists, maps and structures have texts of their own."""
    assert refusal("kms", "Encrypt", b'{"GrantTokens":"x"}') == "Expected list or null"
    assert refusal("kms", "Encrypt", b'{"EncryptionContext":1}') == "Expected map or null"
    assert refusal("kms", "TagResource", b'{"Tags":["x"]}') == "Expected null"
    assert refusal("kms", "Encrypt", b'{"Plaintext":"?"}').endswith("it is not base64")
    assert "milliseconds since epoch" in refusal("cloudtrail", "LookupEvents", b'{"StartTime":"2026-01-01"}')
    refusal("cloudtrail", "LookupEvents", b'{"StartTime":1e300}')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"x"',
        b"{",
        b'{"KeyId":"k"} {}',
        b'{"KeyId":NaN}',
        b'{"KeyId":"\xff"}',
        b'{"KeyId":"\\ud800"}',
        b'{"KeyId":"a","KeyId":"b"}',
        b'{"KeyId":"a:","x":{"y":1,"y":2}}',
        b'{"x":' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"x":' * 100_000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_a_body_that_is_not_one_sound_object_is_refused(body: bytes) -> None:
    """Broken, ambiguous or bottomless JSON is an error; a second equal key never wins silently."""
    assert refusal("kms", "DescribeKey", body)


def test_colons_in_strings_are_not_duplicate_keys() -> None:
    """An ARN has colons, a long number is a number."""
    arn = "arn:aws:kms:us-east-1:111122223333:key/k"
    assert parse("kms", "DescribeKey", json.dumps({"KeyId": arn, "x": {"y:": ":"}}).encode()) == {
        "KeyId": arn
    }


def test_numbers() -> None:
    """Fractions are cut off as AWS does; what no integer can hold breaks the range or the type."""
    assert parse("kms", "ListKeys", b'{"Limit":7.9}') == {"Limit": 7}
    with pytest.raises(AwsError, match="Member must have value less than or equal to 1000"):
        parse("kms", "ListKeys", b'{"Limit":99999999999}')
    assert parse("kms", "GenerateRandom", b'{"NumberOfBytes":1}') == {"NumberOfBytes": 1}


def test_a_union_has_exactly_one_member() -> None:
    """Two alternatives at once, or none that is known, are refused."""
    shapes = codec("sso-admin", "PutApplicationAuthenticationMethod", "json-1.1")
    head = {
        "ApplicationArn": "arn:aws:sso::111122223333:application/ssoins-1111111111111111/apl-1111111111111111"
    }
    for method in ({}, {"Unknown": {}}):
        body = json.dumps(
            {**head, "AuthenticationMethodType": "IAM", "AuthenticationMethod": method}
        ).encode()
        with pytest.raises(AwsError, match="exactly one member"):
            shapes.parse(HttpRequest(method="POST", path="/", body=body))


def test_answer() -> None:
    """Blobs are base64, timestamps epoch floats to the millisecond, None is absent."""
    moment = datetime(2025, 11, 23, 10, 0, 0, 123_456, tzinfo=UTC)
    output = {"KeyMetadata": {"KeyId": "k", "CreationDate": moment, "Description": None, "Enabled": True}}
    response = codec("kms", "DescribeKey", "json-1.1").serialize(output, "r-1")
    assert response.status == 200
    assert ("Content-Type", "application/x-amz-json-1.1") in response.headers
    assert ("x-amzn-RequestId", "r-1") in response.headers
    assert json.loads(response.body) == {
        "KeyMetadata": {"KeyId": "k", "CreationDate": 1763892000.123, "Enabled": True}
    }
    assert (
        codec("kms", "EnableKey", "json-1.0").serialize({}, "r").headers[0][1] == "application/x-amz-json-1.0"
    )
    assert json.loads(
        codec("kms", "GenerateRandom", "json-1.1").serialize({"Plaintext": b"\xff"}, "r").body
    ) == {"Plaintext": "/w=="}


def test_output_that_the_operation_does_not_have_is_refused() -> None:
    """A misspelled member, at any depth, is a mistake of ours and must not vanish."""
    kms = codec("kms", "DescribeKey", "json-1.1")
    for output in ({"Keymetadata": {}}, {"KeyMetadata": {"Arm": "x"}}):
        with pytest.raises(OutputError, match="has no member"):
            kms.serialize(output, "r")
    with pytest.raises(OutputError, match="has no output"):
        codec("kms", "EnableKey", "json-1.1").serialize({"x": 1}, "r")

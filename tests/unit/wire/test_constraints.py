"""Broken constraints are refused in AWS's words."""

import base64
import json
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, codec

NAME = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
FAILED = "failed to satisfy constraint: Member must"
ONE = "1 validation error detected: Value"


def query(service: str, operation: str, body: str) -> dict[str, Any]:
    return codec(service, operation, "query").parse(HttpRequest(method="POST", path="/", body=body.encode()))


def json_1_1(service: str, operation: str, value: object) -> dict[str, Any]:
    body = json.dumps(value).encode()
    return codec(service, operation, "json-1.1").parse(HttpRequest(method="POST", path="/", body=body))


@pytest.mark.parametrize(
    ("service", "operation", "body", "message"),
    [
        ("iam", "CreateUser", "", f"{ONE} at 'userName' {FAILED} not be null"),
        ("iam", "CreateUser", "UserName=a/b", f"The specified value for userName is invalid. {NAME}"),
        ("iam", "GetRole", "RoleName=%C3%A9", f"The specified value for roleName is invalid. {NAME}"),
        (
            "iam",
            "CreateUser",
            "UserName=a&Path=x",
            (
                "The specified value for path is invalid. It must begin and end with / and contain only "
                "alphanumeric characters and/or / characters."
            ),
        ),
        (
            "iam",
            "CreateUser",
            "UserName=" + "a/" * 40,
            f"{ONE} at 'userName' {FAILED} have length less than or equal to 64",
        ),
        (
            "iam",
            "ListUsers",
            "MaxItems=1001",
            f"{ONE} '1001' at 'maxItems' {FAILED} have value less than or equal to 1000",
        ),
        (
            "iam",
            "UpdateAccessKey",
            "AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=On",
            (f"{ONE} 'On' at 'status' {FAILED} satisfy enum value set: [Active, Inactive, Expired]"),
        ),
        (
            "iam",
            "TagUser",
            "UserName=a&Tags.member.2.Key=" + "k" * 129 + "&Tags.member.2.Value=v&Tags.member.1.Key=k",
            (
                f"2 validation errors detected: Value at 'tags.1.member.value' {FAILED} not be null; "
                f"Value at 'tags.2.member.key' {FAILED} have length less than or equal to 128"
            ),
        ),
        (
            "iam",
            "UntagUser",
            "UserName=a&TagKeys.member.1=a&TagKeys.member.2=",
            (
                f"{ONE} at 'tagKeys' {FAILED} satisfy constraint: [Member must have "
                "length less than or equal to 128, Member must have length greater than or equal "
                r"to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, "
                "Member must not be null]"
            ),
        ),
        (
            "sts",
            "AssumeRole",
            "RoleArn=arn:aws:iam::111122223333:role/a&RoleSessionName=a+b&DurationSeconds=20",
            (
                "2 validation errors detected: Value 'a b' at 'roleSessionName' "
                rf"{FAILED} satisfy regular expression pattern: [\w+=,.@-]*; "
                f"Value '20' at 'durationSeconds' {FAILED} have value greater than or equal to 900"
            ),
        ),
    ],
)
def test_query_texts(service: str, operation: str, body: str, message: str) -> None:
    """Number, value, path and text are AWS's; iam hides strings and has texts of its own for names."""
    with pytest.raises(AwsError) as refused:
        query(service, operation, body)
    assert (refused.value.code, refused.value.message) == ("ValidationError", message)


@pytest.mark.parametrize(
    ("operation", "value", "message"),
    [
        ("DescribeKey", {}, f"{ONE} null at 'keyId' {FAILED} not be null"),
        (
            "DescribeKey",
            {"KeyId": None},
            f"{ONE} null at 'keyId' {FAILED} not be null",
        ),
        (
            "DescribeKey",
            {"KeyId": ""},
            f"{ONE} '' at 'keyId' {FAILED} have length greater than or equal to 1",
        ),
        (
            "GenerateDataKey",
            {"KeyId": "k", "KeySpec": "AES_1"},
            (f"{ONE} 'AES_1' at 'keySpec' {FAILED} satisfy enum value set: [AES_256, AES_128]"),
        ),
        (
            "UntagResource",
            {"KeyId": "k", "TagKeys": ["a", ""]},
            (
                f"{ONE} '[a, ]' at 'tagKeys' {FAILED} satisfy constraint: [Member must "
                "have length less than or equal to 128, Member must have length greater than or equal to 1]"
            ),
        ),
        (
            "TagResource",
            {"KeyId": "k", "Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKey": ""}]},
            (
                "2 validation errors detected: Value null at 'tags.2.member.tagValue' "
                f"{FAILED} not be null; Value '' at 'tags.2.member.tagKey' "
                f"{FAILED} have length greater than or equal to 1"
            ),
        ),
    ],
)
def test_json_texts(operation: str, value: object, message: str) -> None:
    """The same checks guard the json services, which show null and strings."""
    with pytest.raises(AwsError) as refused:
        json_1_1("kms", operation, value)
    assert (refused.value.code, refused.value.message) == ("ValidationError", message)


def test_a_secret_never_stands_in_the_message() -> None:
    """Sensitive shapes and blobs are refused without repeating them."""
    secret = base64.b64encode(b"top secret " * 500).decode()
    with pytest.raises(AwsError) as refused:
        json_1_1("kms", "Encrypt", {"KeyId": "k", "Plaintext": secret})
    assert refused.value.message == (f"{ONE} at 'plaintext' {FAILED} have length less than or equal to 4096")
    with pytest.raises(AwsError) as refused:
        query("iam", "CreateLoginProfile", "UserName=a&Password=" + "hunter2" * 30)
    assert "hunter2" not in refused.value.message
    with pytest.raises(AwsError) as refused:
        json_1_1("kms", "Decrypt", {"CiphertextBlob": base64.b64encode(b"x" * 6145).decode()})
    assert (
        "Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'ciphertextBlob'"
        in refused.value.message
    )


def test_the_message_is_bounded() -> None:
    """A thousand broken members, and a megabyte of a value, make a short message."""
    tags = "&".join(f"Tags.member.{n}.Key=" for n in range(1, 1000))
    with pytest.raises(AwsError) as refused:
        query("iam", "TagUser", f"UserName=a&{tags}")
    assert refused.value.message.count("failed to satisfy") == 10
    with pytest.raises(AwsError) as refused:
        json_1_1("kms", "DescribeKey", {"KeyId": "k" * 1_000_000})
    assert len(refused.value.message) < 3000


def test_recursive_shapes_are_checked_all_the_way_down() -> None:
    """A rule of wafv2 inside of two others is still held to its constraints."""

    def negated(statement: object) -> dict[str, object]:
        return {"NotStatement": {"Statement": statement}}

    def rules(statement: object) -> dict[str, object]:
        visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        rule = {"Name": "r", "Priority": 0, "Statement": statement, "VisibilityConfig": visibility}
        return {
            "Scope": "REGIONAL",
            "Capacity": 1,
            "Name": "n",
            "VisibilityConfig": visibility,
            "Rules": [rule],
        }

    good = rules(negated(negated({"GeoMatchStatement": {"CountryCodes": ["JP"]}})))
    assert json_1_1("wafv2", "CreateRuleGroup", good) == good
    with pytest.raises(AwsError) as refused:
        json_1_1(
            "wafv2",
            "CreateRuleGroup",
            rules(negated(negated({"GeoMatchStatement": {"CountryCodes": ["??"]}}))),
        )
    path = "rules.1.member.statement" + ".notStatement.statement" * 2 + ".geoMatchStatement.countryCodes"
    assert f"Value '[??]' at '{path}' failed" in refused.value.message

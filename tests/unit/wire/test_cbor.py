"""Requests and answers of rpc-v2-cbor."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, OutputError, codec
from masugata.wire.cbor import load

CBOR = ("content-type", "application/cbor")


def parse(operation: str, body: bytes, *headers: tuple[str, str], service: str = "shield") -> dict[str, Any]:
    request = HttpRequest(method="POST", path="/", headers=headers or (CBOR,), body=body)
    return codec(service, operation, "rpc-v2-cbor").parse(request)


def refusal(operation: str, body: bytes, *headers: tuple[str, str], service: str = "shield") -> AwsError:
    with pytest.raises(AwsError) as refused:
        parse(operation, body, *headers, service=service)
    return refused.value


def test_definite_and_indefinite_lengths() -> None:
    """Clients write lengths or leave them open, for maps, lists and texts alike; both are read."""
    expected = {"ResourceArns": ["arn:aws:a"], "MaxResults": 300}
    assert parse("ListAttacks", cbor2.dumps(expected)) == expected
    indefinite = b"\xbf\x6cResourceArns\x9f\x7f\x64arn:\x65aws:a\xff\xff\x6aMaxResults\x19\x01\x2c\xff"
    assert parse("ListAttacks", indefinite) == expected
    assert parse("ListAttacks", b"") == {}


def test_values_are_typed() -> None:
    """Tag 1 is a timestamp, null is absent, unknown members are ignored."""
    body = cbor2.dumps({
        "StartTime": {"FromInclusive": cbor2.CBORTag(1, 1763892000.25), "ToExclusive": cbor2.CBORTag(1, 7)},
        "NextToken": None, "New": {"x": [1, b"y"]},
    })  # fmt: skip
    assert parse("ListAttacks", body) == {
        "StartTime": {
            "FromInclusive": datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC),
            "ToExclusive": datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC),
        }
    }


@pytest.mark.parametrize(
    "body",
    [
        b"\xff", b"\xa1", b"\xbf", b"\x1c", b"\xa1\x61a", b"\xa0\x00",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xbb" + b"\xff" * 8,
        b"\x81" * 200 + b"\x00", b"\x9f" * 100_000, b"\xc1" * 100_000, b"\x5f" * 100_000,
        b"\xa2\x61a\x00\x61a\x01", b"\xbf\x61a\x00\x61a\x01\xff",
        b"\xa1\x01\x01", b"\xa1\x41a\x01", b"\xa1\x81\x00\x01", b"\xa1\xc1\x01\x01",
        b"\x61\xff", b"\x7f\x61\xc3\x61\xa9\xff",
        b"\xc2\x41\x01", b"\xd8\x1c\x81\xd8\x1d\x00", b"\xd9\xd9\xf7\xa0", b"\xd9\x01\x02\x80",
        b"\xd9\xff\xff\x00", b"\xd8\x23\x61(", b"\xc0\x61x",
    ],
)  # fmt: skip
def test_bodies_that_are_refused(body: bytes) -> None:
    """Truncated, deep, huge, ambiguous, tagged and undecodable bodies are refused, nothing is allocated."""
    with pytest.raises(AwsError, match="the body is not valid CBOR") as refused:
        load(body)
    assert refused.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "Start of list found"),
        ("x", "Expected null"),
        (cbor2.undefined, "Expected null"),
        ({"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ({"MaxResults": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ({"MaxResults": True}, "TRUE_VALUE can not be converted to an Integer"),
        ({"MaxResults": cbor2.CBORTag(1, 1)}, "OTHER_VALUE can not be converted to an Integer"),
        ({"NextToken": b"x"}, "BYTES_VALUE can not be converted to a String"),
        ({"NextToken": {}}, "Start of structure"),
        ({"StartTime": {"FromInclusive": 7}}, "milliseconds since epoch"),
        ({"StartTime": {"FromInclusive": cbor2.CBORTag(1, "7")}}, "milliseconds since epoch"),
        ({"StartTime": {"FromInclusive": cbor2.CBORTag(1, float("nan"))}}, "to a timestamp"),
        ({"StartTime": {"FromInclusive": cbor2.CBORTag(1, 1e300)}}, "to a timestamp"),
        ({"StartTime": {"FromInclusive": cbor2.CBORTag(1, cbor2.CBORTag(1, 1))}}, "milliseconds since epoch"),
    ],
)
def test_values_of_the_wrong_type(document: Any, text: str) -> None:
    """Every type is what the model says, and no value is bent to it."""
    error = refusal("ListAttacks", cbor2.dumps(document))
    assert error.code == "SerializationException"
    assert text in error.message


def test_numbers_that_are_none() -> None:
    """NaN is in no range and would pass every check of one, so it is refused."""
    for value in (float("nan"), float("inf"), 2**64):
        body = cbor2.dumps({"MetricData": [{"MetricName": "m", "Value": value}], "Namespace": "n"})
        error = refusal("PutMetricData", body, service="cloudwatch")
        assert error.code == "SerializationException"
    body = cbor2.dumps({"MetricData": [{"MetricName": "m", "Value": 2}], "Namespace": "n"})
    assert parse("PutMetricData", body, service="cloudwatch")["MetricData"][0]["Value"] == 2.0


def test_constraints_and_content_type() -> None:
    """The model's limits hold in CBOR, too, and a body of another type is not read."""
    assert refusal("DescribeAttack", b"\xa0").code == "ValidationError"
    for headers in ((("content-type", "application/json"),), (("x", "y"),)):
        error = refusal("ListAttacks", b"\xa0", *headers)
        assert (error.code, error.status) == ("UnsupportedMediaType", 415)


def test_answers() -> None:
    """The protocol's header and type are on every answer; timestamps have tag 1, no output has no body."""
    moment = datetime(2026, 11, 23, 10, 0, 0, 500_000, tzinfo=UTC)
    output = {"AttackSummaries": [{"AttackId": "a", "StartTime": moment}], "NextToken": None}
    response = codec("shield", "ListAttacks", "rpc-v2-cbor").serialize(output, "r")
    assert cbor2.loads(response.body) == {"AttackSummaries": [{"AttackId": "a", "StartTime": moment}]}
    assert response.headers == (
        ("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"), ("x-amzn-RequestId", "r"),
    )  # fmt: skip
    nothing = codec("fms", "DeletePolicy", "rpc-v2-cbor").serialize({}, "r")
    assert (nothing.status, nothing.body, nothing.headers[0]) == (
        200,
        b"",
        ("smithy-protocol", "rpc-v2-cbor"),
    )
    with pytest.raises(OutputError):
        codec("fms", "DeletePolicy", "rpc-v2-cbor").serialize({"x": 1}, "r")


def test_the_library_waits_for_the_first_body() -> None:
    """Nothing imports cbor2 until somebody speaks CBOR."""
    script = "import sys, masugata.wire\nassert 'cbor2' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", script], check=True)

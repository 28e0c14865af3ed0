"""Errors on the wire."""

import json
from xml.etree import ElementTree as ET

import cbor2
import pytest

from masugata.errors import AwsError
from masugata.wire import codec, load_service, not_implemented, recorded_name, serialize_error
from masugata.wire.errors import ERROR_NAMES

FAULT = "{http://webservices.amazon.com/AWSFault/2005-15-09}"
IAM = "{https://iam.amazonaws.com/doc/2010-05-08/}"


def error_name(error: AwsError, protocol: str, service: str) -> tuple[str, int]:
    """Name and status of an error as its answer has them."""
    response = serialize_error(error, protocol, service, None, "r")
    if protocol == "query":
        return ET.fromstring(response.body).findtext(".//{*}Code") or "", response.status
    return json.loads(response.body)["__type"], response.status


@pytest.mark.parametrize(
    ("code", "query", "json_1_1"),
    [
        ("SignatureDoesNotMatch", ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
        ("InvalidClientTokenId", ("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400)),
        (
            "MissingAuthenticationToken",
            ("MissingAuthenticationToken", 403),
            ("MissingAuthenticationTokenException", 400),
        ),
        ("IncompleteSignature", ("IncompleteSignature", 400), ("IncompleteSignatureException", 400)),
        ("ExpiredToken", ("ExpiredToken", 403), ("ExpiredTokenException", 400)),
        ("AccessDenied", ("AccessDenied", 403), ("AccessDeniedException", 400)),
        ("ValidationError", ("ValidationError", 400), ("ValidationException", 400)),
        ("Throttling", ("Throttling", 400), ("ThrottlingException", 400)),
        ("InternalFailure", ("InternalFailure", 500), ("InternalFailure", 500)),
        ("ServiceUnavailable", ("ServiceUnavailable", 503), ("ServiceUnavailableException", 503)),
        ("NotImplemented", ("NotImplemented", 501), ("NotImplementedException", 501)),
        ("UnknownOperation", ("InvalidAction", 400), ("UnknownOperationException", 400)),
        ("SerializationException", ("MalformedInput", 400), ("SerializationException", 400)),
        ("SomethingNew", ("SomethingNew", 400), ("SomethingNew", 400)),
    ],
)
def test_names_by_protocol(code: str, query: tuple[str, int], json_1_1: tuple[str, int]) -> None:
    """One error has one canonical code inside, and each protocol's name and status outside."""
    error = AwsError(code, "m")
    assert error_name(error, "query", "iam") == query
    assert error_name(error, "json-1.1", "kms") == json_1_1


@pytest.mark.parametrize(
    ("code", "service", "name"),
    [
        ("AccessDenied", "cloudtrail", "AccessDenied"),
        ("NoSuchEntity", "iam", "NoSuchEntityException"),
        ("EntityAlreadyExists", "iam", "EntityAlreadyExistsException"),
        ("ValidationError", "iam", "ValidationException"),
        ("InvalidNextTokenException", "cloudtrail", "InvalidNextTokenException"),
        ("ExpiredToken", "sts", "ExpiredTokenException"),
        ("SomethingNew", None, "SomethingNew"),
    ],
)
def test_names_in_records(code: str, service: str | None, name: str) -> None:
    """CloudTrail names errors by their shapes, and a denial AccessDenied in any protocol."""
    assert recorded_name(AwsError(code, "m"), service) == name


def test_every_status_is_an_error() -> None:
    """No row of the table, and no AwsError, can answer as a success."""
    for name in ERROR_NAMES.values():
        assert 400 <= name.query_status <= 599
        assert 400 <= name.json_status <= 599
    assert serialize_error(AwsError("X", "m", 200), "query", "iam", None, "r").status == 400


def test_query_error() -> None:
    """Type, code and message are AWS's; status and code are the model's."""
    response = serialize_error(AwsError("NoSuchEntity", "no <user> \x01"), "query", "iam", "GetUser", "r-1")
    assert response.status == 404
    assert response.headers == (("Content-Type", "text/xml"), ("x-amzn-RequestId", "r-1"))
    root = ET.fromstring(response.body)
    error = root.find(f"{IAM}Error")
    assert error is not None
    assert [child.text for child in error] == ["Sender", "NoSuchEntity", "no <user> \ufffd"]
    assert root.findtext(f"{IAM}RequestId") == "r-1"


def test_query_code_is_the_models_error_code() -> None:
    """A handler may name the shape; clients see the shape's code."""
    assert error_name(AwsError("CredentialReportExpiredException", "m"), "query", "iam") == (
        "ReportExpired",
        410,
    )


def test_faults_are_the_receivers() -> None:
    """5xx is our fault, and retried; everything else is the sender's."""
    body = serialize_error(AwsError("InternalFailure", "m"), "query", "sts", None, "r").body
    assert b"<Type>Receiver</Type>" in body
    assert error_name(AwsError("KMSInternalException", "m"), "json-1.1", "kms") == (
        "KMSInternalException",
        500,
    )
    assert error_name(AwsError("NotFoundException", "m"), "json-1.1", "kms") == ("NotFoundException", 400)


def test_query_without_a_service() -> None:
    """An error before the service is known has AWS's own namespace for that."""
    root = ET.fromstring(serialize_error(AwsError("InvalidAction", "m"), "query", None, None, "r").body)
    assert root.tag == f"{FAULT}ErrorResponse"


@pytest.mark.parametrize(
    ("service", "code", "name", "member"),
    [
        ("kms", "NotFoundException", "NotFoundException", "message"),
        ("kms", "SerializationException", "SerializationException", "Message"),
        ("kms", "AccessDenied", "AccessDeniedException", "Message"),
        ("kms", "SignatureDoesNotMatch", "InvalidSignatureException", "message"),
        ("organizations", "AccessDenied", "AccessDeniedException", "Message"),
        ("organizations", "TooManyRequestsException", "TooManyRequestsException", "Message"),
        ("cloudtrail", "TrailNotFoundException", "TrailNotFoundException", "message"),
        (None, "UnknownOperation", "UnknownOperationException", "message"),
    ],
)
def test_json_error(service: str | None, code: str, name: str, member: str) -> None:
    """The message's member follows the model, and AWS's habit where the model is silent."""
    response = serialize_error(AwsError(code, "text"), "json-1.1", service, None, "r-1")
    assert json.loads(response.body) == {"__type": name, member: "text"}
    assert response.headers == (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "r-1"))


def test_modelled_members_are_answered_and_others_are_not() -> None:
    """Fields of an AwsError reach the client where the model has them."""
    error = AwsError("InvalidInputException", "m", Reason="INVALID_PATTERN", secret="x")
    body = json.loads(serialize_error(error, "json-1.1", "organizations", None, "r").body)
    assert body == {"__type": "InvalidInputException", "Message": "m", "Reason": "INVALID_PATTERN"}


def test_json_1_0_wants_the_whole_shape_id() -> None:
    """The name of an error in json 1.0 has its namespace."""
    response = serialize_error(AwsError("ValidationError", "m"), "json-1.0", "kms", None, "r")
    assert json.loads(response.body)["__type"] == "com.amazon.coral.service#ValidationException"


def test_rest_json_error() -> None:
    """The name is in the header, the message and modelled members in the body, others in their headers."""
    response = serialize_error(
        AwsError("ThrottlingException", "slow", 400, retryAfterSeconds=7),
        "rest-json",
        "inspector2",
        None,
        "r",
    )
    assert response.status == 429
    assert response.headers == (
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", "ThrottlingException"),
        ("Retry-After", "7"),
        ("x-amzn-RequestId", "r"),
    )
    assert json.loads(response.body) == {"message": "slow"}


@pytest.mark.parametrize(
    ("code", "name", "status"),
    [
        ("AccessDenied", "AccessDeniedException", 403),
        ("SignatureDoesNotMatch", "InvalidSignatureException", 403),
        ("UnknownOperation", "UnknownOperationException", 404),
        ("UnsupportedMediaType", "UnsupportedMediaTypeException", 415),
        ("MalformedInput", "SerializationException", 400),
        ("NotImplemented", "NotImplementedException", 501),
        ("Throttling", "ThrottlingException", 429),
    ],
)
def test_general_errors_of_rest_json(code: str, name: str, status: int) -> None:
    """A service that is called by path answers general errors with the status of their kind."""
    response = serialize_error(AwsError(code, "m"), "rest-json", "guardduty", None, "r")
    assert (dict(response.headers)["x-amzn-ErrorType"], response.status) == (name, status)


def test_a_header_cannot_smuggle_another() -> None:
    """A member that no header can carry is left out: the error is answered all the same."""
    error = AwsError("AccessDeniedException", "no", 403, errorType="a\r\nset-cookie: b")
    response = serialize_error(error, "rest-json", "account", None, "r")
    assert [name for name, _ in response.headers] == ["Content-Type", "x-amzn-ErrorType", "x-amzn-RequestId"]


def test_rest_xml_errors() -> None:
    """Services of rest-xml wrap their errors, and s3 does not."""
    body = serialize_error(AwsError("NoSuchHostedZone", "m"), "rest-xml", "route53", None, "r").body
    root = ET.fromstring(body)
    assert root.tag.endswith("}ErrorResponse")
    assert (root.findtext(".//{*}Code"), root.findtext("{*}RequestId")) == ("NoSuchHostedZone", "r")
    response = serialize_error(AwsError("NoSuchBucket", "m"), "rest-xml", "s3", None, "r")
    assert ET.fromstring(response.body).tag == "Error"
    assert dict(response.headers)["Content-Type"] == "application/xml"


def test_ec2_error() -> None:
    """The errors of ec2 stand in a list, and its request id is written in its own way."""
    root = ET.fromstring(serialize_error(AwsError("AccessDenied", "<m>"), "ec2", "ec2", None, "r").body)
    assert root.tag == "Response"
    assert root.findtext("Errors/Error/Code") == "AccessDenied"
    assert root.findtext("Errors/Error/Message") == "<m>"
    assert root.findtext("RequestID") == "r"


def test_cbor_error() -> None:
    """In CBOR the whole shape id is in the body, and no header has it; members have their own types."""
    error = AwsError("LimitsExceededException", "é" * 300, 400, Type="x", Limit=7)
    response = serialize_error(error, "rpc-v2-cbor", "shield", None, "r")
    assert cbor2.loads(response.body) == {
        "__type": "com.amazonaws.shield#LimitsExceededException", "message": "é" * 300,
        "Type": "x", "Limit": 7,
    }  # fmt: skip
    assert response.headers == (
        ("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"), ("x-amzn-RequestId", "r"),
    )  # fmt: skip
    general = serialize_error(AwsError("AccessDenied", "m"), "rpc-v2-cbor", None, None, "r").body
    assert cbor2.loads(general)["__type"] == "com.amazon.coral.service#AccessDeniedException"


@pytest.mark.parametrize("protocol", ["json-1.0", "rpc-v2-cbor"])
def test_query_compatible_services_say_the_old_name(protocol: str) -> None:
    """A service that once spoke query names the error as it was there, and whose fault it is."""
    service = {"json-1.0": "sqs", "rpc-v2-cbor": "cloudwatch"}[protocol]
    code = {"sqs": "QueueDoesNotExist", "cloudwatch": "ResourceNotFound"}[service]
    shape = load_service(service).error(code)
    assert shape is not None
    response = serialize_error(AwsError(code, "m"), protocol, service, None, "r")
    assert dict(response.headers)["x-amzn-query-error"] == f"{shape.error_code or shape.name};Sender"
    assert not any(
        name == "x-amzn-query-error"
        for name, _ in serialize_error(AwsError(code, "m"), "json-1.1", "kms", None, "r").headers
    )


def test_not_implemented_names_itself() -> None:
    """Who meets an operation that is not built learns which one."""
    error = not_implemented("kms", "CreateCustomKeyStore")
    assert (error.code, error.status) == ("NotImplemented", 501)
    assert "`CreateCustomKeyStore`" in error.message
    assert "`kms`" in error.message


def test_protocols_that_a_service_does_not_speak_are_refused_by_name() -> None:
    """A codec for a protocol that is not there, or that the service does not speak, is an error."""
    for service, operation, protocol in (
        ("guardduty", "ListDetectors", "rest-xml"),
        ("kms", "Encrypt", "rpc-v2-cbor"),
        ("iam", "GetUser", "json-1.1"),
        ("kms", "Encrypt", "query"),
        ("kms", "Encrypt", "soap"),
    ):
        with pytest.raises(AwsError, match=f"`{protocol}`") as refused:
            codec(service, operation, protocol)
        assert refused.value.code == "UnsupportedProtocol"


def test_operations_that_stream_events_are_refused_by_name() -> None:
    """What no codec can do is 501, naming the operation."""
    for service, operation, protocol in (
        ("logs", "StartLiveTail", "json-1.1"),
        ("s3", "SelectObjectContent", "rest-xml"),
        ("lambda", "InvokeWithResponseStream", "rest-json"),
    ):
        with pytest.raises(AwsError, match=f"`{operation}`") as refused:
            codec(service, operation, protocol)
        assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)

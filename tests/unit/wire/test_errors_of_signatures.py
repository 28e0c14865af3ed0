"""What a refused signature is called in each protocol."""

import pytest

from masugata.errors import AwsError
from masugata.wire import serialize_error


@pytest.mark.parametrize(
    ("code", "json_name", "status"),
    [
        ("SignatureDoesNotMatch", "InvalidSignatureException", 403),
        ("InvalidClientTokenId", "UnrecognizedClientException", 403),
        ("MissingAuthenticationToken", "MissingAuthenticationTokenException", 403),
        ("ExpiredToken", "ExpiredTokenException", 403),
        ("IncompleteSignature", "IncompleteSignatureException", 403),
    ],
)
def test_services_called_by_path(code: str, json_name: str, status: int) -> None:
    """rest-json has the names of the JSON protocols and, as Lambda, the status of the others."""
    answer = serialize_error(AwsError(code, "m"), "rest-json", "lambda", None, "r")
    assert (dict(answer.headers)["x-amzn-ErrorType"], answer.status) == (json_name, status)
    assert serialize_error(AwsError(code, "m"), "json-1.1", "kms", None, "r").status == 400
    xml = serialize_error(AwsError(code, "m"), "rest-xml", "route53", None, "r")
    assert f"<Code>{code}</Code>".encode() in xml.body
    assert xml.status == status

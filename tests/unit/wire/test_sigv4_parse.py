"""Reading a signature: one per request, complete, of a kind that is known."""

import msgspec
import pytest

from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import Signature, missing_authentication_token, parse_signature
from unit.wire.sigv4_signing import (
    AMZ_DATE,
    AUTH_QUERY,
    BASE,
    CREDENTIAL,
    KEY_ID,
    NOW,
    PRESIGNED_QUERY,
    REST,
    TARGET,
    admit,
    incomplete,
    mismatched,
    presigned,
    refused,
    signed,
    with_authorization,
)

# --- what a signature says


def test_header_signature_is_read_in_full() -> None:
    """All that a header-signed request says about its signature is in the value."""
    signature = admit(signed(headers=(*BASE, TARGET, ("x-amz-security-token", "tok/en=="))))
    assert msgspec.structs.replace(signature, signature="") == Signature(
        access_key_id=KEY_ID,
        date="20260101",
        region="eu-west-1",
        service="kms",
        signed_headers=("host", "x-amz-date", "x-amz-security-token", "x-amz-target"),
        signature="",
        amz_date=AMZ_DATE,
        timestamp=NOW,
        session_token="tok/en==",
    )


def test_no_authentication_is_none() -> None:
    """A request without authentication is not an error here: two STS operations need none."""
    assert parse_signature(HttpRequest(method="POST", path="/", query="Action=X", headers=BASE)) is None
    error = missing_authentication_token()
    assert (error.code, error.status) == ("MissingAuthenticationToken", 403)
    assert error.message == "Request is missing Authentication Token"


# --- 9 session token


def test_session_token_is_a_header_or_a_parameter() -> None:
    """A presigned request carries its token in the query string or in a signed header."""
    query = AUTH_QUERY + "&X-Amz-Security-Token=to%2Fken%3D&X-Amz-SignedHeaders=host"
    assert admit(presigned(query, query)).session_token == "to/ken="
    query = f"{AUTH_QUERY}&X-Amz-SignedHeaders=host%3Bx-amz-security-token"
    headers = (("host", "h"), ("x-amz-security-token", "header-token"))
    assert admit(presigned(query, query, headers=headers)).session_token == "header-token"


def test_two_session_tokens_are_refused() -> None:
    """Two tokens would leave open whose session it is."""
    query = f"{AUTH_QUERY}&X-Amz-Security-Token=a&X-Amz-SignedHeaders=host%3Bx-amz-security-token"
    headers = (("host", "h"), ("x-amz-security-token", "b"))
    assert "not both" in incomplete(presigned(query, query, headers=headers))


@pytest.mark.parametrize("token", ["", "x" * 16_385])
def test_session_token_that_cannot_exist_is_refused(token: str) -> None:
    """An empty token is not the absence of one."""
    request = signed(headers=(*BASE, ("x-amz-security-token", token)))
    refused(lambda: parse_signature(request), "InvalidClientTokenId", 403)


# --- 13 one authentication


def test_two_authorization_headers_are_refused() -> None:
    """Nobody else's reading of the first or the last one can matter."""
    request = signed()
    doubled = msgspec.structs.replace(request, headers=(*request.headers, request.headers[-1]))
    assert incomplete(doubled) == "Authorization header must not occur more than once."


@pytest.mark.parametrize("name", ["X-Amz-Algorithm", "X-Amz-Signature", "X%2DAmz%2DCredential"])
def test_header_and_query_authentication_together_are_refused(name: str) -> None:
    """One request, one signature, also where the parameter's name is encoded."""
    plain = name.replace("%2D", "-")
    assert mismatched(signed(query=f"{name}=x")) == (
        f"Found both '{plain}' as a query-string param and 'Authorization' as HTTP header."
    )


@pytest.mark.parametrize("name", ["X-Amz-Credential", "X-Amz-Date", "X-Amz-Security-Token"])
def test_doubled_query_parameter_is_refused(name: str) -> None:
    """Authentication parameters occur once."""
    query = f"{PRESIGNED_QUERY}&{name}=a&{name}=b"
    assert (
        incomplete(presigned(query, query)) == f"'{name}' must not occur more than once in the query string."
    )


# --- forms


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("AWS4-X509-ECDSA-SHA256 Credential=a", "AWS4-X509-ECDSA-SHA256"),
        ("AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "AWS"),
        ("AWS4-HMAC-SHA25 x", "AWS4-HMAC-SHA25"),
        ("Bearer eyJhbGciOi", "Bearer"),
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ],
)
def test_other_algorithms_are_named(value: str, named: str) -> None:
    """What is not SigV4 is refused by its name; the credentials in it are not repeated."""
    assert incomplete(with_authorization(value)) == (
        f"Unsupported AWS 'algorithm': '{named}' (only AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256 for now). "
    )


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (PRESIGNED_QUERY.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), "AWS4-HMAC-SHA512"),
        ("Action=ListUsers&AWSAccessKeyId=AKID&SignatureVersion=2&Signature=x", "AWS2"),
    ],
)
def test_other_algorithms_in_the_query_are_named(query: str, named: str) -> None:
    """Unknown kinds and SigV2 in a query string are refused by name, not taken for anonymous."""
    request = HttpRequest(method="GET", path="/", query=query, headers=BASE[:1])
    assert f"'{named}'" in incomplete(request)


def test_piece_without_equal_sign_is_refused_without_repeating_the_header() -> None:
    """A blank inside the credential is AWS's classic; the header is only hashed in the answer."""
    value = f"AWS4-HMAC-SHA256 {CREDENTIAL.replace('=', '= ')}, {REST}"
    message = incomplete(with_authorization(value))
    assert message.startswith(
        "Invalid key=value pair (missing equal-sign) in Authorization header "
        "(hashed with SHA-256 and encoded with Base64): '"
    )
    assert KEY_ID not in message


def test_all_that_an_authorization_header_lacks_is_listed() -> None:
    """Missing parameters and date are told at once, as AWS does."""
    message = incomplete(with_authorization("AWS4-HMAC-SHA256 Credential=", ("host", "h")))
    assert message.startswith(
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
        "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
        "existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64)"
        " Authorization="
    )


@pytest.mark.parametrize(
    "field", ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
)
def test_presigned_request_lacking_a_parameter_is_refused(field: str) -> None:
    """A half presigned request is an error, not an anonymous one."""
    query = f"{PRESIGNED_QUERY}&X-Amz-Signature=00"
    query = "&".join(part for part in query.split("&") if not part.startswith(f"{field}="))
    request = HttpRequest(method="GET", path="/", query=query, headers=BASE[:1])
    assert incomplete(request) == (
        f"AWS query-string parameters must include '{field}'. Re-examine the query-string parameters."
    )


@pytest.mark.parametrize(
    "value",
    [
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}, Signature=11",
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}, Extra=1",
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;host, Signature=0",
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders={';'.join(f'h{n}' for n in range(101))}, Signature=0",
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}{'0' * 8192}",
    ],
    ids=["doubled", "unknown", "header-twice", "too-many-headers", "too-long"],
)
def test_malformed_authorization_is_incomplete(value: str) -> None:
    """Doubled, unknown or oversized parts are refused."""
    assert incomplete(with_authorization(value))


def test_commas_and_blanks_both_separate() -> None:
    """Some clients write only commas, some only blanks."""
    request = signed()
    for separator in (",", " ", " ,  "):
        headers = (*request.headers[:-1], ("authorization", request.headers[-1][1].replace(", ", separator)))
        admit(msgspec.structs.replace(request, headers=headers))


@pytest.mark.parametrize("part", [{"path": "/" + "a" * 8192}, {"query": "a" * 32_769}])
def test_oversized_request_line_is_refused(part: dict[str, str]) -> None:
    """Work before authentication is bounded."""
    assert "must have at most" in incomplete(signed(**part))

"""When, for what and by whom a request was signed."""

from datetime import datetime, timedelta

import msgspec
import pytest

from masugata.wire.sigv4 import (
    canonical_request,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    string_to_sign,
    verify,
)
from unit.wire.sigv4_signing import (
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

# --- 5 time


def moment(text: str) -> datetime:
    """A time of day on 2026-01-01, UTC."""
    return datetime.fromisoformat(f"20260101T{text}Z")


def test_expired_signature_is_refused_in_aws_words() -> None:
    """One second past the window, AWS's text with the three times and the span."""
    signature = admit(signed())
    check_time(signature, moment("002500"))
    message = refused(lambda: check_time(signature, moment("002501")), "SignatureDoesNotMatch", 403)
    assert message == (
        "Signature expired: 20260101T001000Z is now earlier than 20260101T001001Z "
        "(20260101T002501Z - 15 min.)"
    )


def test_signature_from_the_future_is_refused_in_aws_words() -> None:
    """The window counts in both directions."""
    signature = admit(signed())
    check_time(signature, moment("000500"), skew_seconds=300)
    message = refused(lambda: check_time(signature, moment("000459"), 300), "SignatureDoesNotMatch", 403)
    assert message == (
        "Signature not yet current: 20260101T001000Z is still later than 20260101T000959Z "
        "(20260101T000459Z + 5 min.)"
    )


def test_presigned_request_lives_for_its_expires() -> None:
    """X-Amz-Expires, shorter or longer than the skew, is the life of a presigned request."""
    signature = admit(presigned(PRESIGNED_QUERY, PRESIGNED_QUERY))
    assert (signature.presigned, signature.expires) == (True, 60)
    check_time(signature, moment("001100"))
    assert "Signature expired" in refused(
        lambda: check_time(signature, moment("001101")), "SignatureDoesNotMatch", 403
    )
    week = msgspec.structs.replace(signature, expires=604_800)
    check_time(week, NOW + timedelta(days=7))
    refused(lambda: check_time(week, NOW + timedelta(days=7, seconds=1)), "SignatureDoesNotMatch", 403)
    refused(lambda: check_time(week, NOW - timedelta(seconds=901)), "SignatureDoesNotMatch", 403)


def test_sts_ignores_expires() -> None:
    """A presigned GetCallerIdentity lives for the skew window, as EKS and Vault count on."""
    signature = admit(presigned(PRESIGNED_QUERY, PRESIGNED_QUERY))
    for expires in (60, 604_800):
        sts = msgspec.structs.replace(signature, service="sts", expires=expires)
        check_time(sts, moment("002500"))
        refused(lambda sts=sts: check_time(sts, moment("002501")), "SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("value", ["0", "604801", "-1", "1.5", "", "\uff11", "9" * 5000])
def test_expires_outside_a_week_is_refused(value: str) -> None:
    """X-Amz-Expires is a number from 1 to 604800."""
    query = PRESIGNED_QUERY.replace("Expires=60", f"Expires={value}")
    assert incomplete(presigned(query, query)).startswith("X-Amz-Expires ")


@pytest.mark.parametrize(
    "value",
    [
        "20260101T001000Z",
        "Thu, 01 Jan 2026 00:10:00 GMT",
        "Thu, 01 Jan 2026 02:40:00 +0230",
        "1 Jan 2026 00:10:00 -0000",
    ],
)
def test_date_header_stands_in_for_amz_date(value: str) -> None:
    """Without X-Amz-Date, the Date header counts, in either of its forms."""
    assert admit(signed(headers=(("host", "h"), ("date", value)))).timestamp == NOW


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:10:00Z",
        "20260101T001000",
        "20261301T001000Z",
        "20260101T001000Z ",
        "\u06620260101T001000Z",
        "201",
    ],
)
def test_amz_date_that_is_not_iso_basic_is_refused(value: str) -> None:
    """X-Amz-Date has one form; anything else is shown and refused."""
    request = with_authorization(
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}", ("host", "h"), ("x-amz-date", value)
    )
    assert incomplete(request).startswith("Date must be in ISO-8601 'basic format'. Got '")


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 32 Jan 2026 00:10:00 GMT",
        "Thu, 01 Foo 2026 00:10:00 GMT",
        "01 Jan 0001 00:00:00 +2359",
        "yesterday",
    ],
)
def test_date_header_that_is_no_date_is_refused(value: str) -> None:
    """Days that do not exist are no traceback."""
    request = with_authorization(f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}", ("host", "h"), ("date", value))
    assert incomplete(request).startswith("Date must be in ISO-8601 'basic format'. Got '")


# --- 6 credential scope


def test_scope_must_be_for_this_service() -> None:
    """A signature for one service is not good at another."""
    signature = admit(signed())
    check_scope(signature, "kms")
    message = refused(lambda: check_scope(signature, "iam"), "SignatureDoesNotMatch", 403)
    assert message == "Credential should be scoped to correct service: 'iam'."


def test_any_well_formed_region_will_do_unless_regions_are_given() -> None:
    """Global services arrive signed for the client's own Region; an installation may narrow it."""
    signature = admit(signed())
    check_scope(msgspec.structs.replace(signature, region="mars-north-1"), "kms")
    check_scope(signature, "kms", regions={"eu-west-1"})
    message = refused(
        lambda: check_scope(signature, "kms", regions={"us-east-1"}), "SignatureDoesNotMatch", 403
    )
    assert message == "Credential should be scoped to a valid region, not 'eu-west-1'."
    for region in ("", "EU-west-1", "a b", "eu-west-1\n", "x" * 65):
        odd = msgspec.structs.replace(signature, region=region)
        refused(lambda odd=odd: check_scope(odd, "kms"), "SignatureDoesNotMatch", 403)


TERMINATOR_TEXT = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."
DAY_TEXT = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
    "'20251231' != '20260101', from '20260101T001000Z'."
)


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("20251231/eu-west-1/kms/aws4_request", DAY_TEXT),
        ("20260101/eu-west-1/kms/aws5_request", TERMINATOR_TEXT),
        ("20251231/eu-west-1/kms/aws5_request", f"{TERMINATOR_TEXT} {DAY_TEXT}"),
    ],
)
def test_scope_of_another_day_or_terminator_is_refused(scope: str, message: str) -> None:
    """A key derived for one day does not sign another day's requests."""
    assert mismatched(signed(scope=scope)) == message


@pytest.mark.parametrize(
    ("credential", "shown"),
    [
        ("export", "***"),
        ("a/b/c/d", "***/b/c/d"),
        (
            "wJalrXUtnFEMI/K7MDENG/20260101/eu-west-1/kms/aws4_request",
            "***/20260101/eu-west-1/kms/aws4_request",
        ),
    ],
)
def test_credential_needs_five_elements_and_a_misplaced_secret_is_masked(credential: str, shown: str) -> None:
    """People swap key id and secret: the answer says so without repeating the secret."""
    request = with_authorization(f"AWS4-HMAC-SHA256 Credential={credential}, {REST}")
    assert incomplete(request) == (
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
        f"got '{shown}'"
    )


@pytest.mark.parametrize("key_id", ["AKIA!", "A" * 129, "AKIÄ", ""])
def test_key_id_that_cannot_exist_is_refused(key_id: str) -> None:
    """A key id outside the model's characters is an unknown key."""
    credential = CREDENTIAL.replace(KEY_ID, key_id)
    request = with_authorization(f"AWS4-HMAC-SHA256 {credential}, {REST}")
    message = refused(lambda: parse_signature(request), "InvalidClientTokenId", 403)
    assert message == "The security token included in the request is invalid."


# --- 7 the comparison


def test_mismatch_says_what_should_have_been_signed() -> None:
    """The answer holds the canonical request and the string to sign, as AWS's does."""
    request = signed(headers=(*BASE, TARGET))
    tampered = msgspec.structs.replace(request, body=b"[]")
    signature = parse_signature(tampered)
    assert signature is not None
    canonical = canonical_request(tampered, signature).decode()
    to_sign = string_to_sign(tampered, signature).decode()
    assert mismatched(tampered) == (
        "The request signature we calculated does not match the signature you provided. Check your AWS "
        "Secret Access Key and signing method. Consult the service documentation for details.\n\n"
        f"The Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{to_sign}'\n"
    )


@pytest.mark.parametrize("signature", ["é", "\u1234", "0" * 63, "x"])
def test_signature_of_any_characters_is_compared_not_a_crash(signature: str) -> None:
    """A signature that is no hexadecimal number is simply wrong."""
    request = with_authorization(
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature={signature}"
    )
    assert "does not match the signature you provided" in mismatched(request)


def test_explanation_is_bounded_and_printable() -> None:
    """Long requests are cut in the answer, control characters replaced."""
    request = with_authorization(
        f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;long;x-amz-date, Signature=0"
    )
    request = msgspec.structs.replace(request, headers=(*request.headers, ("long", "\x01" + "x" * 100_000)))
    message = mismatched(request)
    assert "long:?xxx" in message
    assert len(message) < 10_000


def test_wrong_secret_is_refused() -> None:
    """The key of another secret does not verify."""
    request = signed()
    signature = parse_signature(request)
    assert signature is not None
    key = signing_key("another", signature.date, signature.region, signature.service)
    refused(lambda: verify(request, signature, key), "SignatureDoesNotMatch", 403)

"""What a signature covers: path, query, headers, body."""

import hashlib

import msgspec
import pytest

from unit.wire.sigv4_signing import (
    AMZ_DATE,
    BASE,
    PRESIGNED_QUERY,
    TARGET,
    admit,
    mismatched,
    presigned,
    refused,
    signed,
)

# --- 1 path


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/tags/arn%3Aaws%3Akms", "/tags/arn%253Aaws%253Akms"),
        ("//a//./b/../c/", "/a/c/"),
        ("/..", "/"),
        ("/~-_.x y", "/~-_.x%20y"),
        ("/\xe1\x88\xb4", "/%E1%88%B4"),
        ("/\u1234", "/%E1%88%B4"),
        ("", "/"),
        ("//", "/"),
    ],
)
def test_path_is_normalized_and_encoded_a_second_time(path: str, canonical: str) -> None:
    """Every service but S3 signs the normalised path, encoded once more."""
    lines = f"host:127.0.0.1:4566\nx-amz-date:{AMZ_DATE}\n"
    admit(signed(path=path, canonical=(canonical, "", lines)))


@pytest.mark.parametrize(
    ("path", "canonical"),
    [("/b//k/./%41%2Fx y", "/b//k/./A%2Fx%20y"), ("/b/%252F", "/b/%252F"), ("", "/")],
)
def test_s3_path_is_encoded_once_and_not_normalized(path: str, canonical: str) -> None:
    """S3's keys may hold empty and dot segments; an encoded slash stays one."""
    lines = f"host:127.0.0.1:4566\nx-amz-date:{AMZ_DATE}\n"
    admit(signed(path=path, canonical=(canonical, "", lines), scope="20260101/eu-west-1/s3/aws4_request"))


# --- 2 query


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1", "a=1&a=2"),
        ("a-=x&a=y", "a=y&a-=x"),
        ("a", "a="),
        ("a=1&", "=&a=1"),
        ("a=%7e%41", "a=~A"),
        ("a=b+c&d=%2B", "a=b%20c&d=%2B"),
        ("a=b=c", "a=b%3Dc"),
        ("a=%zz", "a=%25zz"),
        ("k=\xe1\x88\xb4", "k=%E1%88%B4"),
        ("X-Custom=1&X-Amz-Foo=2", "X-Amz-Foo=2&X-Custom=1"),
    ],
)
def test_query_is_decoded_encoded_and_sorted_by_key_then_value(query: str, canonical: str) -> None:
    """However a query string is spelled, one canonical form is signed."""
    lines = f"host:127.0.0.1:4566\nx-amz-date:{AMZ_DATE}\n"
    admit(signed(query=query, canonical=("/", canonical, lines)))


# --- 3 headers


def test_header_values_are_trimmed_folded_and_joined_in_order() -> None:
    """Blanks at the ends go, runs become one, repeated headers are joined as they came."""
    request = signed(
        headers=(("host", "127.0.0.1:4566"), ("my", " b \t c "), ("x-amz-date", AMZ_DATE), ("my", "a")),
        canonical=("/", "", f"host:127.0.0.1:4566\nmy:b c,a\nx-amz-date:{AMZ_DATE}\n"),
    )
    admit(request)


def test_latin_1_header_bytes_are_signed_as_they_came() -> None:
    """Bytes outside ASCII, no-break space included, are neither folded nor a crash."""
    value = "caf\u00e9\u00a0\u00a0ok"
    on_the_wire = value.encode().decode("latin-1")
    headers = (*BASE, ("x-amz-meta", on_the_wire))
    lines = f"host:127.0.0.1:4566\nx-amz-date:{AMZ_DATE}\nx-amz-meta:{value}\n"
    admit(signed(headers=headers, canonical=("/", "", lines)))


def test_host_must_be_signed() -> None:
    """Without the host, a signature for one endpoint would be good at another."""
    assert mismatched(signed(names="x-amz-date")) == (
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    )


@pytest.mark.parametrize(
    "name", ["x-amz-target", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256", "x-amz-anything"]
)
def test_every_amz_header_present_must_be_signed(name: str) -> None:
    """Nobody on the way can add or change an operation, a token or a date."""
    headers = (("host", "127.0.0.1:4566"), ("date", AMZ_DATE), (name, AMZ_DATE))
    assert mismatched(signed(headers=headers, names="date;host")) == (
        f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
    )


def test_presigned_request_does_not_admit_an_unsigned_amz_header() -> None:
    """The rule about x-amz-* headers holds for presigned requests, too."""
    request = presigned(PRESIGNED_QUERY, PRESIGNED_QUERY)
    admit(request)
    tampered = msgspec.structs.replace(request, headers=(*request.headers, TARGET))
    assert mismatched(tampered) == "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."


def test_signed_header_that_is_absent_refuses() -> None:
    """A header that was signed must have arrived."""
    request = signed(headers=(*BASE, ("content-type", "a/b")))
    without = tuple(header for header in request.headers if header[0] != "content-type")
    assert "'content-type' is absent" in mismatched(msgspec.structs.replace(request, headers=without))


@pytest.mark.parametrize("name", ["host", "content-type", "x-amz-target", "x-amz-security-token"])
def test_header_that_is_read_once_cannot_be_split_in_two(name: str) -> None:
    """A signed `a,b` sent as two headers has the same canonical form, but readers would see `a`."""
    plain = (
        ("host", "h"),
        ("content-type", "t"),
        ("x-amz-date", AMZ_DATE),
        TARGET,
        ("x-amz-security-token", "s"),
    )
    headers = tuple((key, "a,b" if key == name else value) for key, value in plain)
    request = signed(headers=headers)
    admit(request)
    split = [((key, "a"), (key, "b")) if key == name else ((key, value),) for key, value in request.headers]
    tampered = msgspec.structs.replace(request, headers=tuple(header for part in split for header in part))
    assert mismatched(tampered) == f"Header '{name}' must not occur more than once."


def test_order_and_case_of_signed_headers_do_not_matter() -> None:
    """The signature is over the sorted, lower-case list, however the header spells it."""
    request = signed()
    value = request.headers[-1][1].replace("host;x-amz-date", "X-Amz-Date;Host")
    headers = (*request.headers[:-1], ("authorization", value))
    assert admit(msgspec.structs.replace(request, headers=headers)).signed_headers == ("host", "x-amz-date")


# --- 4 body


def test_body_is_hashed_here_whatever_the_header_declares() -> None:
    """A true x-amz-content-sha256 with another body does not pass."""
    declared = ("x-amz-content-sha256", hashlib.sha256(b"{}").hexdigest())
    request = signed(headers=(*BASE, declared))
    admit(request)
    message = mismatched(msgspec.structs.replace(request, body=b"{} "))
    assert message == "The provided 'x-amz-content-sha256' header does not match what was computed."


@pytest.mark.parametrize("declared", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ""])
def test_payload_outside_the_signature_is_refused(declared: str) -> None:
    """Only S3 may leave the payload unsigned."""
    request = signed(headers=(*BASE, ("x-amz-content-sha256", declared)), payload=declared)
    assert "does not match what was computed" in mismatched(request)


def test_s3_may_leave_the_payload_unsigned_but_not_stream() -> None:
    """S3's UNSIGNED-PAYLOAD is honoured; its chunk signatures are not built and say so."""
    scope = "20260101/eu-west-1/s3/aws4_request"
    headers = (*BASE, ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))
    admit(signed(headers=headers, payload="UNSIGNED-PAYLOAD", scope=scope))
    streaming = (*BASE, ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))
    message = refused(lambda: admit(signed(headers=streaming, scope=scope)), "NotImplemented", 501)
    assert "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" in message


def test_presigned_get_covers_its_body() -> None:
    """A body added to a presigned GET breaks the signature; a signed one passes."""
    request = presigned(PRESIGNED_QUERY, PRESIGNED_QUERY)
    assert "does not match the signature" in mismatched(
        msgspec.structs.replace(request, body=b"Action=DeleteUser")
    )
    admit(presigned(PRESIGNED_QUERY, PRESIGNED_QUERY, body=b"Action=GetUser"))

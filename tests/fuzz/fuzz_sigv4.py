"""Atheris target: no bytes in a request make the SigV4 verifier raise anything but AwsError.

Run `python tests/fuzz/fuzz_sigv4.py [libFuzzer options]`; without atheris, `fuzz_one` can be
called with any bytes.
"""

import sys
from datetime import UTC, datetime

from masugata.errors import AwsError
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import check_scope, check_time, parse_signature, signing_key, verify

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
KEY = signing_key("secret", "20260101", "us-east-1", "iam")

CREDENTIAL = b"AKIAQNZGKIQY56JQ7WML/20260101/us-east-1/iam/aws4_request"
IN_HEADER = (
    b"POST\n/\n\nhost:h\nx-amz-date:20260101T001000Z\n"
    b"authorization:AWS4-HMAC-SHA256 Credential=%b, SignedHeaders=host;x-amz-date, Signature=00\n\n"
    b"Action=ListUsers"
) % CREDENTIAL
IN_QUERY = (
    b"GET\n/a//../b\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%b&X-Amz-Date=20260101T001000Z"
    b"&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00&a=\xe1+\nhost:h\n\n"
) % CREDENTIAL.replace(b"/", b"%2F")
WITH_DATE = IN_HEADER.replace(b"x-amz-date:20260101T001000Z", b"date:Thu, 01 Jan 2026 00:10:00 GMT")
CORPUS = (IN_HEADER, IN_QUERY, WITH_DATE, IN_HEADER.replace(b"\n\nhost", b"\nX-Amz-Algorithm=x\nhost"))


def request_from(data: bytes) -> HttpRequest:
    """A request out of lines: method, path, query, headers, an empty line, the body."""
    head, _, body = data.partition(b"\n\n")
    method, path, query, *lines = [*head.decode("latin-1").split("\n"), "", "", ""]
    pairs = [line.partition(":") for line in lines if line]
    headers = tuple((name.lower(), value) for name, _, value in pairs)
    return HttpRequest(method=method, path=path, query=query, headers=headers, body=body)


def fuzz_one(data: bytes) -> None:
    """One input; any exception but AwsError is a finding, and so is an accepted signature."""
    request = request_from(data)
    try:
        signature = parse_signature(request)
        if signature is None:
            return
        check_time(signature, NOW)
        check_scope(signature, "iam")
        verify(request, signature, KEY)
    except AwsError as refusal:
        if not 400 <= refusal.status < 600 or not refusal.code or not refusal.message:
            raise AssertionError(f"refusal without a code: {refusal!r}") from refusal
        return
    raise AssertionError(f"accepted without the secret: {request!r}")


def main() -> None:
    """Hand over to libFuzzer."""
    import atheris

    atheris.instrument_all()
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

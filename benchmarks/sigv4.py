"""Verifying signatures, side by side with making them and with the bare cryptography.

The same iam:GetUser is signed by botocore and verified here, with the derived key at hand: read, scope, time,
path, canonical request, comparison. SigV4a is set beside one bare ECDSA verification over P-256. CPU
time of one call in microseconds, the median of ROUNDS rounds taken in turn; informational.

    python benchmarks/sigv4.py [--json]
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.keeper.sigv4a import public_key
from masugata.wire import HttpRequest
from masugata.wire.sigv4 import (
    check_path,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    string_to_sign,
    verify,
)

ROUNDS, CALLS = 15, 400
BODY = b"Action=GetUser&Version=2010-05-08&UserName=alice"
KEY_ID, SECRET = "AKIDEXAMPLE", "a" * 40
DATE = datetime.now(UTC).strftime("%Y%m%d")


def request() -> AWSRequest:
    """The request before it is signed, as boto3 makes it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Amz-Client": "x"}
    return AWSRequest("POST", "http://127.0.0.1:4566/", data=BODY, headers=headers)


def arrived(signed: AWSRequest) -> HttpRequest:
    """The request as a server reads it."""
    headers = [("host", "127.0.0.1:4566"), *((name.lower(), value) for name, value in signed.headers.items())]
    return HttpRequest(method="POST", path="/", headers=tuple(headers), body=BODY)


def judge(http: HttpRequest, key: bytes) -> None:
    """Everything that a gateway does with a signature."""
    signature = parse_signature(http)
    if signature is None:
        raise AssertionError("no signature")
    check_scope(signature, "iam")
    check_time(signature, datetime.now(UTC))
    check_path(http, signature)
    verify(http, signature, key)


def asymmetric(http: HttpRequest) -> tuple[HttpRequest, Callable[[], None], bytes]:
    """The request signed with SigV4a, the bare verification of that signature, and the public key."""
    private = generate(SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    credential = f"AWS4-ECDSA-P256-SHA256 Credential={KEY_ID}/{DATE}/iam/aws4_request"
    names = "content-type;host;x-amz-client;x-amz-date;x-amz-region-set"
    headers = tuple(header for header in http.headers if header[0] != "authorization")
    headers = (*headers, ("x-amz-region-set", "*"))

    def with_signature(text: str) -> HttpRequest:
        value = f"{credential}, SignedHeaders={names}, Signature={text}"
        return HttpRequest(method="POST", path="/", headers=(*headers, ("authorization", value)), body=BODY)

    draft = with_signature("00")
    signature = parse_signature(draft)
    if signature is None:
        raise AssertionError("no signature")
    text = string_to_sign(draft, signature)
    scheme = ECDSA(SHA256())
    made = private.sign(text, scheme)
    loaded = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    return with_signature(made.hex()), lambda: loaded.verify(made, text, scheme), point


def timed(call: Callable[[], object]) -> float:
    """CPU microseconds of one call."""
    start = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - start) / CALLS * 1e6


def main() -> None:
    """Measure all in turn and print medians and ratios."""
    signer = SigV4Auth(Credentials(KEY_ID, SECRET), "iam", "us-east-1")
    signed = request()
    signer.add_auth(signed)
    http = arrived(signed)
    key = signing_key(SECRET, DATE, "us-east-1", "iam")
    http_a, bare, point = asymmetric(http)

    def sign() -> None:
        signer.add_auth(request())

    calls: dict[str, Callable[[], object]] = {
        "SigV4, verify with the key at hand": lambda: judge(http, key),
        "SigV4, botocore signs": sign,
        "SigV4a, verify with the key at hand": lambda: judge(http_a, point),
        "ECDSA P-256, bare verification": bare,
        "SigV4a, derive a public key": lambda: public_key(SECRET.encode(), KEY_ID.encode()),
    }
    rows: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            rows[name].append(timed(call))
    medians = {name: statistics.median(row) for name, row in rows.items()}
    verifying, signing, verifying_a, ecdsa, _ = medians.values()
    ratios = {"SigV4 to botocore's signing": verifying / signing, "SigV4a to bare ECDSA": verifying_a / ecdsa}
    if "--json" in sys.argv:
        print(json.dumps({"microseconds": medians, "ratios": ratios, "rounds": ROUNDS}))
        return
    print(f"CPU time of one call, median of {ROUNDS} rounds")
    for name, median in medians.items():
        print(f"  {name:36} {median:7.1f} µs")
    for name, ratio in ratios.items():
        print(f"  ratio: {name:29} {ratio:7.2f}")


if __name__ == "__main__":
    main()

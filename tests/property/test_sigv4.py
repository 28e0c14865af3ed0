"""What botocore signs verifies, and not a byte of it can change."""

from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import quote, unquote_plus, urlsplit

import msgspec
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st

from fuzz.fuzz_sigv4 import READINGS, SEEDS, SIGNED, UNSIGNED, fuzz_one, judge, request_from
from masugata.errors import AwsError
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import (
    Signature,
    check_scope,
    check_time,
    parse_signature,
    signing_key,
    verify,
    with_normal_path,
)

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
KEY_ID = "AKIAQNZGKIQY56JQ7WML"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

text = st.text(st.characters(codec="utf-8"), max_size=12)
# botocore folds Unicode blanks, too; servers and AWS know only ASCII's.
header_text = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
label = text.map(lambda value: value.replace("/", "%")).filter(lambda value: value not in ("", ".", ".."))
clean_path = st.lists(label, max_size=4).map(
    lambda labels: "/" + "/".join(quote(x, safe="~") for x in labels)
)
segment = st.sampled_from(["", ".", "..", "a", "%2F", "%2e", "b~-_", "x%20y", "%E1%88%B4"])
odd_path = st.lists(segment, max_size=8).map(lambda segments: "/" + "/".join(segments))
query = st.lists(st.tuples(text, text), max_size=5)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "X-Amz-Target", "X-Amz-Meta-A", "Amz-Sdk-Request", "Accept"]),
    st.lists(header_text, min_size=1, max_size=3).map("  ".join),
)
token = st.none() | st.text("abcXYZ/+=09", min_size=1, max_size=40)
regions = st.sampled_from(["us-east-1", "ap-northeast-1", "us-gov-west-1"])


def encoded(pairs: list[tuple[str, str]]) -> str:
    """A query string as SDKs write it."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)


def send(signer: SigV4Auth, request: AWSRequest) -> HttpRequest:
    """Sign with botocore at NOW and turn the prepared request into what a server reads."""
    with patch("botocore.auth.get_current_datetime", return_value=NOW):
        signer.add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    wire = [("host", parts.netloc)]
    for name, value in prepared.headers.items():
        data = value if isinstance(value, bytes) else value.encode()
        wire.append((name.lower(), data.decode("latin-1")))
    return HttpRequest(
        method=prepared.method,
        path=parts.path,
        query=parts.query,
        headers=tuple(wire),
        body=prepared.body or b"",
    )


@st.composite
def sent(draw: st.DrawFn, paths: st.SearchStrategy[str] = clean_path) -> HttpRequest:
    """A request signed by botocore, in its header or its query string."""
    credentials = Credentials(KEY_ID, SECRET, draw(token))
    presigned = draw(st.booleans())
    signer = (SigV4QueryAuth if presigned else SigV4Auth)(credentials, "kms", draw(regions))
    string = encoded(draw(query.filter(lambda pairs: len({n for n, _ in pairs}) == len(pairs))))
    url = f"https://kms.example:4566{draw(paths)}" + (f"?{string}" if string else "")
    request = AWSRequest(
        method=draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        url=url,
        data=b"" if presigned else draw(st.binary(max_size=64)),
        headers=draw(headers),
    )
    return send(signer, request)


def admit(request: HttpRequest) -> Signature:
    """All steps of the gateway."""
    signature = parse_signature(request)
    if signature is None:
        raise AwsError("MissingAuthenticationToken", "nothing to verify", 403)
    check_time(signature, NOW)
    check_scope(signature, "kms")
    verify(request, signature, signing_key(SECRET, signature.date, signature.region, signature.service))
    return signature


def flipped(value: str | bytes, data: st.DataObject) -> str | bytes:
    """`value` with one byte or character changed to another."""
    index = data.draw(st.integers(0, len(value) - 1))
    if isinstance(value, bytes):
        other = bytes([value[index] ^ data.draw(st.integers(1, 255))])
        return value[:index] + other + value[index + 1 :]
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=255))
    assume(character != value[index])
    return value[:index] + character + value[index + 1 :]


@given(sent())
def test_what_botocore_signs_verifies(request: HttpRequest) -> None:
    """Header and query signatures over any path, query, headers, body and token."""
    signature = admit(request)
    assert signature.access_key_id == KEY_ID
    assert signature.timestamp == NOW
    assert signature.expires == (3600 if signature.presigned else None)


@given(sent(odd_path))
def test_botocore_and_we_normalize_alike(request: HttpRequest) -> None:
    """Empty, dot and encoded segments have the same canonical path on both sides."""
    admit(request)


@given(sent(), st.data(), st.sampled_from(["method", "path", "query", "body"]))
def test_no_byte_of_the_request_can_change(request: HttpRequest, data: st.DataObject, part: str) -> None:
    """One changed byte of method, path, query or body is refused."""
    value = getattr(request, part)
    assume(value)
    changed = flipped(value, data)
    if part == "query":
        assert isinstance(changed, str)
        assume([unquote_plus(x) for x in changed.split("&")] != [unquote_plus(x) for x in value.split("&")])
    with pytest.raises(AwsError):
        admit(msgspec.structs.replace(request, **{part: changed}))


@given(sent(), st.data())
def test_no_signed_header_can_change_go_or_come(request: HttpRequest, data: st.DataObject) -> None:
    """A signed header that is changed, dropped or repeated is refused."""
    names = admit(request).signed_headers
    index = data.draw(st.sampled_from([i for i, (name, _) in enumerate(request.headers) if name in names]))
    name, value = request.headers[index]
    before, after = request.headers[:index], request.headers[index + 1 :]
    change = data.draw(st.sampled_from(["flip", "drop", "repeat"]))
    if change == "flip":
        other = flipped(value, data)
        assert isinstance(other, str)
        assume(" ".join(other.split()) != " ".join(value.split()))
        middle: tuple[tuple[str, str], ...] = ((name, other),)
    else:
        middle = () if change == "drop" else ((name, value), (name, value))
    with pytest.raises(AwsError):
        admit(msgspec.structs.replace(request, headers=before + middle + after))


@given(sent(), st.sampled_from(["x-amz-target", "x-amz-security-token", "x-amz-new"]), st.booleans())
def test_no_amz_header_can_be_slipped_in(request: HttpRequest, name: str, first: bool) -> None:
    """An x-amz-* header that the client did not sign is refused, wherever it is put."""
    extra = ((name, "x"),)
    headers = extra + request.headers if first else request.headers + extra
    with pytest.raises(AwsError):
        admit(msgspec.structs.replace(request, headers=headers))


@given(st.lists(label, min_size=1, max_size=4), st.binary(max_size=32), st.booleans())
def test_s3_keys_verify(labels: list[str], body: bytes, secure: bool) -> None:
    """S3's signer neither normalises nor encodes twice; its unsigned payloads are honoured."""
    path = "/bucket//./" + "/".join(quote(x, safe="/~") for x in labels)
    request = AWSRequest(method="PUT", url=f"http{'s' * secure}://s3.example{path}", data=body)
    request.context["payload_signing_enabled"] = not secure
    arrived = send(S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", "us-east-1"), request)
    signature = parse_signature(arrived)
    assert signature is not None
    verify(arrived, signature, signing_key(SECRET, signature.date, signature.region, "s3"))


@pytest.mark.parametrize("seed", UNSIGNED)
def test_unsigned_seed_is_refused_as_it_is(seed: bytes) -> None:
    """Each of the fuzzer's unsigned starting points is a refusal, not an absence of authentication."""
    with pytest.raises(AwsError):
        judge(with_normal_path(request_from(seed)))


def test_signed_seeds_are_accepted() -> None:
    """The fuzzer starts from requests that pass, so that a change that passes too is a finding."""
    assert len(READINGS) == len(SIGNED) == 4
    for seed in SIGNED:
        fuzz_one(seed)


def test_accepted_and_not_signed_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that passes and reads otherwise than those that were signed stops the fuzzer."""
    monkeypatch.setattr("fuzz.fuzz_sigv4.READINGS", READINGS[1:])
    with pytest.raises(AssertionError, match="nobody signed it"):
        fuzz_one(SIGNED[0])


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=8))
def test_nonsense_is_refused_never_a_crash(seed: bytes, edits: list[tuple[int, bytes]]) -> None:
    """However a request is mangled, the outcome is None, AWS's error, or what was signed."""
    for at, replacement in edits:
        seed = seed[:at] + replacement + seed[at + len(replacement) // 2 :]
    fuzz_one(seed)

"""Requests that were changed, doubled or signed otherwise: each kind, signed in every way."""

import msgspec
import pytest

from masugata.records.iam import ACCESS_KEY
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID
from unit.identity.signed import (
    NOW,
    PLAIN,
    WAYS,
    SignersDoor,
    Way,
    authorization,
    with_authorization,
    with_header,
)
from unit.wire.sigv4_client import ECDSA, HMAC, Key, sign

INVALID = "The security token included in the request is invalid."


# --- tampered signatures


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda s: s[:-2], lambda s: s + "00", lambda s: "0x" + s, lambda _: "x", lambda s: s[::-1]],
)
def test_tampered_signature(guarded: SignersDoor, way: Way, change) -> None:
    """A signature in capitals, cut, lengthened or of other characters is refused."""
    request = guarded.sign(way)
    signature = authorization(request).rpartition("Signature=")[2]
    error = guarded.refuse(with_authorization(request, signature, change(signature)))
    assert error.code == "SignatureDoesNotMatch"


def test_empty_signature(guarded: SignersDoor, way: Way) -> None:
    """No signature is an incomplete one."""
    request = guarded.sign(way)
    signature = authorization(request).rpartition("Signature=")[2]
    assert guarded.refuse(with_authorization(request, signature, "")).code == "IncompleteSignature"


def test_algorithms_are_not_confused(guarded: SignersDoor, way: Way) -> None:
    """A signature of one algorithm, named as the other's, is refused: a public key is no HMAC key."""
    request = guarded.sign(way)
    other = HMAC if way.algorithm == ECDSA else ECDSA
    guarded.refuse(with_authorization(request, way.algorithm, other))
    slash = "%2F" if way.presigned else "/"
    scope = (
        with_authorization(request, f"{slash}iam{slash}", f"{slash}eu-west-1{slash}iam{slash}")
        if way.algorithm == ECDSA
        else with_authorization(request, f"eu-west-1{slash}", "")
    )
    error = guarded.refuse(with_authorization(scope, way.algorithm, other))
    assert error.code in ("SignatureDoesNotMatch", "IncompleteSignature")


def test_hmac_under_the_public_key(guarded: SignersDoor) -> None:
    """Whoever knows the public key of SigV4a cannot sign SigV4 with it."""
    record = guarded.world.records.get(ACCESS_KEY, ACCOUNT_ID, guarded.long_term.id)
    assert record is not None
    public = guarded.keeper.sigv4a_public_key(record.secret, guarded.long_term.id.encode())
    for secret in (public.hex(), public.decode("latin-1")):
        forged = sign(PLAIN, Key(guarded.long_term.id, secret), service="iam", region="eu-west-1", now=NOW)
        assert guarded.refuse(forged).code == "SignatureDoesNotMatch"


# --- tampered headers


def test_signed_header_list(guarded: SignersDoor, way: Way) -> None:
    """Neither a shorter nor a longer list of signed headers passes, and the host is always on it."""
    request = guarded.sign(way)
    semicolon = "%3B" if way.presigned else ";"
    shorter = with_authorization(request, f"content-type{semicolon}", "")
    assert "does not match the signature" in guarded.refuse(shorter).message
    longer = with_authorization(
        request, f"content-type{semicolon}", f"accept{semicolon}content-type{semicolon}"
    )
    assert "SignedHeader 'accept' is absent" in guarded.refuse(longer).message
    assert "does not match" in guarded.refuse(with_header(longer, "accept", "*/*")).message
    without_host = guarded.refuse(with_authorization(request, f"{semicolon}host", ""))
    assert "must be a 'SignedHeader'" in without_host.message


@pytest.mark.parametrize("name", ["x-amz-target", "x-amz-security-token", "x-amz-date", "x-amz-region-set"])
def test_amz_header_added(guarded: SignersDoor, way: Way, name: str) -> None:
    """An x-amz-* header that was not signed is refused, one's own repeated as well."""
    request = guarded.sign(way)
    extra = (name, request.header(name) or "x")
    for headers in ((extra, *request.headers), (*request.headers, extra)):
        error = guarded.refuse(msgspec.structs.replace(request, headers=headers))
        assert error.code in ("SignatureDoesNotMatch", "IncompleteSignature", "InvalidClientTokenId")


@pytest.mark.parametrize(
    "value",
    ["application/x-www-form-urlencodeD", "application/json", "", "application/x-www-form-urlencoded,a/b"],
)
def test_header_value_changed(guarded: SignersDoor, way: Way, value: str) -> None:
    """A signed header's value cannot change, go or be doubled."""
    request = guarded.sign(way)
    guarded.refuse(with_header(request, "content-type", value))
    guarded.refuse(with_header(request, "content-type", None))
    guarded.refuse(msgspec.structs.replace(request, headers=(*request.headers, ("content-type", value))))


def test_folded_header(guarded: SignersDoor, way: Way) -> None:
    """A folded header is the one that it unfolds to, and no way to hide another one."""
    request = guarded.sign(way, msgspec.structs.replace(PLAIN, headers=(*PLAIN.headers, ("my", "a b"))))
    guarded.admit(with_header(request, "my", "a\r\n  b"))
    assert guarded.refuse(with_header(request, "my", "a\r\nx-amz-target: b")).code == "SignatureDoesNotMatch"
    assert guarded.refuse(with_header(request, "my", "a\n\nb c")).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "declared", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "0" * 64]
)
def test_declared_payload_hash(guarded: SignersDoor, way: Way, declared: str) -> None:
    """A declared payload hash that is not the body's is refused, though it is signed."""
    headers = (*PLAIN.headers, ("x-amz-content-sha256", declared))
    error = guarded.refuse(guarded.sign(way, msgspec.structs.replace(PLAIN, headers=headers)))
    assert error.message == "The provided 'x-amz-content-sha256' header does not match what was computed."


# --- credentials


def test_credentials_swapped(guarded: SignersDoor, way: Way) -> None:
    """Another's key id, a key id that does not exist or one of the wrong kind does not fit the signature."""
    request = guarded.sign(way)
    mine = (guarded.temporary if way.temporary else guarded.long_term).id
    for key_id, codes in (
        ("AKIAROOTROOTROOTROOT", {"SignatureDoesNotMatch", "InvalidClientTokenId"}),
        ("AKIAQAAAAAAAAAAAAAAA", {"InvalidClientTokenId"}),
        (guarded.other.id, {"InvalidClientTokenId"}),
        ("A" * 129, {"InvalidClientTokenId"}),
        (mine.lower(), {"InvalidClientTokenId"}),
    ):
        assert guarded.refuse(with_authorization(request, mine, key_id)).code in codes


def test_token_swapped(guarded: SignersDoor, way: Way) -> None:
    """A session's token is its own: another one, none, or one beside a long-term key is refused."""
    mine = guarded.temporary if way.temporary else guarded.long_term
    for key in (Key(mine.id, mine.secret, guarded.other.token), Key(mine.id, mine.secret, "x" * 400)):
        error = guarded.refuse(
            sign(
                PLAIN,
                key,
                service="iam",
                region="eu-west-1",
                now=NOW,
                algorithm=way.algorithm,
                expires=60 if way.presigned else None,
            )
        )
        assert (error.code, error.message) == ("InvalidClientTokenId", INVALID)
    if way.temporary:
        request = guarded.sign(way)
        if way.presigned:
            parts = [p for p in request.query.split("&") if not p.startswith("X-Amz-Security-Token=")]
            request = msgspec.structs.replace(request, query="&".join(parts))
        else:
            request = with_header(request, "x-amz-security-token", None)
        assert guarded.refuse(request).code == "InvalidClientTokenId"


# --- more than one authentication, or another one


def test_two_authentications(guarded: SignersDoor, way: Way) -> None:
    """One request, one signature: two headers, or a header and a query string, are refused."""
    request = guarded.sign(way)
    header = guarded.sign(Way(way.algorithm, presigned=False, temporary=False)).header("authorization")
    doubled = msgspec.structs.replace(request, headers=(*request.headers, ("authorization", header)))
    error = guarded.refuse(doubled)
    assert (error.code, error.status) == (
        ("SignatureDoesNotMatch", 403) if way.presigned else ("IncompleteSignature", 400)
    )


def test_query_added_to_a_header_signature(guarded: SignersDoor) -> None:
    """A presigned query string on top of a signed request is refused before anything else is read."""
    header, query = (guarded.sign(Way(HMAC, presigned=p, temporary=False)) for p in (False, True))
    mixed = msgspec.structs.replace(header, query=query.query)
    assert "Found both 'X-Amz-Algorithm'" in guarded.refuse(mixed).message


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "IncompleteSignature"),
        ("AWS4-HMAC-SHA1 Credential=a", "IncompleteSignature"),
        ("aws4-hmac-sha256 Credential=a", "IncompleteSignature"),
        ("Basic YWxpY2U6YQ==", "IncompleteSignature"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "IncompleteSignature"),
        ("AWS4-HMAC-SHA256", "IncompleteSignature"),
        ("\u00a0", "IncompleteSignature"),
        ("AWS4-HMAC-SHA256 " + "x" * 9000, "IncompleteSignature"),
    ],
)
def test_other_authentication(guarded: SignersDoor, value: str, code: str) -> None:
    """SigV2, passwords, bearer tokens, the algorithm in small letters: none opens the guarded."""
    error = guarded.refuse(with_header(PLAIN, "authorization", value))
    assert (error.code, error.status) == (code, 400)
    assert "eyJ" not in error.message


def test_anonymous_and_sigv2_query(guarded: SignersDoor) -> None:
    """Without any signature nobody is let in, and SigV2 in a query string is named."""
    assert guarded.refuse(PLAIN).code == "MissingAuthenticationToken"
    v2 = "Action=ListUsers&AWSAccessKeyId=AKID&SignatureVersion=2&SignatureMethod=HmacSHA256&Signature=x"
    assert "'AWS2'" in guarded.refuse(msgspec.structs.replace(PLAIN, query=v2)).message


@pytest.mark.parametrize("path", ["//", "/.", "/a/../", "/./", "//localhost/"])
def test_path_that_is_signed_in_another_form(guarded: SignersDoor, way: Way, path: str) -> None:
    """A path that would be read otherwise than it is signed is refused by whoever did not normalise it."""
    error = guarded.refuse(msgspec.structs.replace(guarded.sign(way), path=path))
    assert error.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("text", ["caf\u00e9", "\u00e3\u0081\u0093", "\x00", "\u3053", "\ud800"])
def test_unicode_everywhere(guarded: SignersDoor, way: Way, text: str) -> None:
    """Bytes beyond ASCII in any part are a refusal, never a crash and never a match."""
    request = guarded.sign(way)
    for changed in (
        msgspec.structs.replace(request, path=f"/{text}"),
        msgspec.structs.replace(request, query=f"{request.query}&{text}=1"),
        msgspec.structs.replace(request, method=text),
        with_header(request, "content-type", text),
        with_authorization(request, "host", f"host;{text}"),
        with_authorization(request, "aws4_request", text),
    ):
        guarded.refuse(changed)


def test_work_before_the_verdict_is_bounded(guarded: SignersDoor) -> None:
    """The headers are walked a fixed number of times, however many are signed and repeated."""

    class Counted(tuple):  # noqa: SLOT001
        walks = 0

        def __iter__(self):
            Counted.walks += 1
            return super().__iter__()

    names = [f"h{number}" for number in range(90)]
    signed = guarded.sign(
        WAYS[0], msgspec.structs.replace(PLAIN, headers=(*PLAIN.headers, *((n, "") for n in names)))
    )
    many = Counted((*signed.headers, *((name, "") for name in names for _ in range(100))))
    guarded.refuse(HttpRequest(method="POST", path="/", query=PLAIN.query, headers=many, body=PLAIN.body))
    assert Counted.walks <= 3

"""Requests that are late, replayed, changed or doubled on their way: each kind, signed in every way."""

from datetime import datetime, timedelta

import msgspec
import pytest

from masugata.records.iam import ACCESS_KEY, USER
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


@pytest.fixture
def door() -> SignersDoor:
    """A world of the test's own."""
    return SignersDoor()


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Every way to sign."""
    return request.param


def at(seconds: float) -> datetime:
    """So many seconds after the moment of signing."""
    return NOW + timedelta(seconds=seconds)


def test_signed_in_every_way(door: SignersDoor, way: Way) -> None:
    """What nobody touched is admitted, and is alice's."""
    assert door.admit(door.sign(way)).entity_name == "alice"


# --- time


@pytest.mark.parametrize(
    ("seconds", "good"), [(-900.001, False), (-900, True), (0, True), (900, True), (900.001, False)]
)
def test_skew_has_exact_edges(door: SignersDoor, seconds: float, good: bool) -> None:
    """A signature in headers is good for a quarter of an hour both ways, to the last moment."""
    for way in WAYS:
        request = door.sign(way, expires=900)
        if good:
            door.admit(request, at(seconds))
        else:
            error = door.refuse(request, at(seconds))
            assert error.code == "SignatureDoesNotMatch"
            assert error.message.startswith(
                "Signature expired: " if seconds > 0 else "Signature not yet current: "
            )


@pytest.mark.parametrize("expires", [1, 60, 604_800])
def test_presigned_request_ends_with_its_expires(door: SignersDoor, way: Way, expires: int) -> None:
    """A presigned request is good to its last second, however long or short, and over after it."""
    if not way.presigned:
        return
    request = door.sign(way, expires=expires)
    door.admit(request, at(expires))
    assert "Signature expired: " in door.refuse(request, at(expires + 0.001)).message


@pytest.mark.parametrize("expires", [0, -1, 604_801, 10**20])
def test_expires_that_cannot_be(door: SignersDoor, way: Way, expires: int) -> None:
    """Less than a second or more than a week is refused, though rightly signed."""
    if way.presigned:
        error = door.refuse(door.sign(way, expires=expires))
        assert (error.code, error.status) == ("IncompleteSignature", 400)


@pytest.mark.parametrize("day", ["20251231", "20260102", "2026011", "", "20260101T001000Z"])
def test_scope_of_another_day(door: SignersDoor, way: Way, day: str) -> None:
    """The scope's day is the day of signing: a key derived for another day signs nothing today."""
    middle = ("" if way.algorithm == ECDSA else "eu-west-1/") + "iam/aws4_request"
    error = door.refuse(door.sign(way, scope=f"{day}/{middle}"))
    assert error.code == "SignatureDoesNotMatch"
    assert "Date in Credential scope does not match YYYYMMDD" in error.message


def test_signed_just_before_midnight(door: SignersDoor, way: Way) -> None:
    """A signature of the day before counts until its time is over."""
    before = datetime.fromisoformat("20251231T235959Z")
    request = door.sign(way, now=before, expires=900)
    door.admit(request, before + timedelta(seconds=900))
    door.refuse(request, before + timedelta(seconds=901))


# --- replay


def test_replay_within_the_time(door: SignersDoor, way: Way) -> None:
    """As at AWS, the same request is good again until its time is over; then it is refused."""
    request = door.sign(way, expires=900)
    for seconds in (0, 0, 450, 900):
        door.admit(request, at(seconds))
    door.refuse(request, at(901))


def test_replay_after_the_user_is_gone(door: SignersDoor, way: Way) -> None:
    """A replay is judged on the state of its moment."""
    request = door.sign(way)
    door.admit(request)
    door.world.delete(USER, "alice")
    assert door.refuse(request).code == "InvalidClientTokenId"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"headers": (("host", "other:4566"), *PLAIN.headers[1:])},
        {"headers": (("host", "localhost"), *PLAIN.headers[1:])},
        {"path": "/other"},
        {"path": ""},
        {"method": "GET"},
        {"method": "post"},
        {"body": b""},
        {"body": PLAIN.body + b"&PathPrefix=%2F"},
        {"query": ""},
        {"query": "x=2&y=1"},
    ],
    ids=str,
)
def test_replay_elsewhere(door: SignersDoor, way: Way, elsewhere: dict[str, str]) -> None:
    """The signature of one request does not fit another host, path, method, body or query."""
    request = door.sign(way)
    changed = door.sign(way, msgspec.structs.replace(PLAIN, **elsewhere))
    if elsewhere == {"path": ""}:  # the empty path is the root's
        door.admit(msgspec.structs.replace(request, path=""))
        return
    if way.presigned:
        signature = request.query.partition("X-Amz-Signature=")[2]
        other = changed.query.partition("X-Amz-Signature=")[0]
        mixed = msgspec.structs.replace(changed, query=f"{other}X-Amz-Signature={signature}")
    else:
        mixed = with_header(changed, "authorization", request.header("authorization"))
    assert door.refuse(mixed).code == "SignatureDoesNotMatch"
    door.admit(changed)


def test_replay_at_another_service(door: SignersDoor, way: Way) -> None:
    """A signature for STS is refused at IAM, and one whose scope says IAM is not IAM's."""
    request = door.sign(way, service="sts")
    error = door.refuse(request)
    assert error.message == "Credential should be scoped to correct service: 'iam'."
    slash = "%2F" if way.presigned else "/"
    assert (
        "does not match the signature"
        in door.refuse(
            with_authorization(request, f"sts{slash}aws4_request", f"iam{slash}aws4_request")
        ).message
    )


def test_replay_in_another_region(door: SignersDoor, way: Way) -> None:
    """The Region, or the set of Regions, is covered by the signature."""
    request = door.sign(way)
    if way == (ECDSA, False, way.temporary):
        changed = with_header(request, "x-amz-region-set", "us-east-1")
    else:
        changed = with_authorization(request, "eu-west-1", "us-east-1")
    assert "does not match the signature" in door.refuse(changed).message


# --- tampered signatures


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda s: s[:-2], lambda s: s + "00", lambda s: "0x" + s, lambda _: "x", lambda s: s[::-1]],
)
def test_tampered_signature(door: SignersDoor, way: Way, change) -> None:
    """A signature in capitals, cut, lengthened or of other characters is refused."""
    request = door.sign(way)
    signature = authorization(request).rpartition("Signature=")[2]
    error = door.refuse(with_authorization(request, signature, change(signature)))
    assert error.code == "SignatureDoesNotMatch"


def test_empty_signature(door: SignersDoor, way: Way) -> None:
    """No signature is an incomplete one."""
    request = door.sign(way)
    signature = authorization(request).rpartition("Signature=")[2]
    assert door.refuse(with_authorization(request, signature, "")).code == "IncompleteSignature"


def test_algorithms_are_not_confused(door: SignersDoor, way: Way) -> None:
    """A signature of one algorithm, named as the other's, is refused: a public key is no HMAC key."""
    request = door.sign(way)
    other = HMAC if way.algorithm == ECDSA else ECDSA
    door.refuse(with_authorization(request, way.algorithm, other))
    slash = "%2F" if way.presigned else "/"
    scope = (
        with_authorization(request, f"{slash}iam{slash}", f"{slash}eu-west-1{slash}iam{slash}")
        if way.algorithm == ECDSA
        else with_authorization(request, f"eu-west-1{slash}", "")
    )
    error = door.refuse(with_authorization(scope, way.algorithm, other))
    assert error.code in ("SignatureDoesNotMatch", "IncompleteSignature")


def test_hmac_under_the_public_key(door: SignersDoor) -> None:
    """Whoever knows the public key of SigV4a cannot sign SigV4 with it."""
    record = door.world.records.get(ACCESS_KEY, ACCOUNT_ID, door.long_term.id)
    assert record is not None
    public = door.keeper.sigv4a_public_key(record.secret, door.long_term.id.encode())
    for secret in (public.hex(), public.decode("latin-1")):
        forged = sign(PLAIN, Key(door.long_term.id, secret), service="iam", region="eu-west-1", now=NOW)
        assert door.refuse(forged).code == "SignatureDoesNotMatch"


# --- tampered headers


def test_signed_header_list(door: SignersDoor, way: Way) -> None:
    """Neither a shorter nor a longer list of signed headers passes, and the host is always on it."""
    request = door.sign(way)
    semicolon = "%3B" if way.presigned else ";"
    shorter = with_authorization(request, f"content-type{semicolon}", "")
    assert "does not match the signature" in door.refuse(shorter).message
    longer = with_authorization(
        request, f"content-type{semicolon}", f"accept{semicolon}content-type{semicolon}"
    )
    assert "SignedHeader 'accept' is absent" in door.refuse(longer).message
    assert "does not match" in door.refuse(with_header(longer, "accept", "*/*")).message
    without_host = door.refuse(with_authorization(request, f"{semicolon}host", ""))
    assert "must be a 'SignedHeader'" in without_host.message


@pytest.mark.parametrize("name", ["x-amz-target", "x-amz-security-token", "x-amz-date", "x-amz-region-set"])
def test_amz_header_added(door: SignersDoor, way: Way, name: str) -> None:
    """An x-amz-* header that was not signed is refused, one's own repeated as well."""
    request = door.sign(way)
    extra = (name, request.header(name) or "x")
    for headers in ((extra, *request.headers), (*request.headers, extra)):
        error = door.refuse(msgspec.structs.replace(request, headers=headers))
        assert error.code in ("SignatureDoesNotMatch", "IncompleteSignature", "InvalidClientTokenId")


@pytest.mark.parametrize(
    "value",
    ["application/x-www-form-urlencodeD", "application/json", "", "application/x-www-form-urlencoded,a/b"],
)
def test_header_value_changed(door: SignersDoor, way: Way, value: str) -> None:
    """A signed header's value cannot change, go or be doubled."""
    request = door.sign(way)
    door.refuse(with_header(request, "content-type", value))
    door.refuse(with_header(request, "content-type", None))
    door.refuse(msgspec.structs.replace(request, headers=(*request.headers, ("content-type", value))))


def test_folded_header(door: SignersDoor, way: Way) -> None:
    """A folded header is the one that it unfolds to, and no way to hide another one."""
    request = door.sign(way, msgspec.structs.replace(PLAIN, headers=(*PLAIN.headers, ("my", "a b"))))
    door.admit(with_header(request, "my", "a\r\n  b"))
    assert door.refuse(with_header(request, "my", "a\r\nx-amz-target: b")).code == "SignatureDoesNotMatch"
    assert door.refuse(with_header(request, "my", "a\n\nb c")).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "declared", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "0" * 64]
)
def test_declared_payload_hash(door: SignersDoor, way: Way, declared: str) -> None:
    """A declared payload hash that is not the body's is refused, though it is signed."""
    headers = (*PLAIN.headers, ("x-amz-content-sha256", declared))
    error = door.refuse(door.sign(way, msgspec.structs.replace(PLAIN, headers=headers)))
    assert error.message == "The provided 'x-amz-content-sha256' header does not match what was computed."


# --- credentials


def test_credentials_swapped(door: SignersDoor, way: Way) -> None:
    """Another's key id, a key id that does not exist or one of the wrong kind does not fit the signature."""
    request = door.sign(way)
    mine = (door.temporary if way.temporary else door.long_term).id
    other = door.another_session("ASIAOTHEROTHEROTHERO", "o" * 40)
    for key_id, codes in (
        ("AKIAROOTROOTROOTROOT", {"SignatureDoesNotMatch", "InvalidClientTokenId"}),
        ("AKIAQAAAAAAAAAAAAAAA", {"InvalidClientTokenId"}),
        (other.id, {"InvalidClientTokenId"}),
        ("A" * 129, {"InvalidClientTokenId"}),
        (mine.lower(), {"InvalidClientTokenId"}),
    ):
        assert door.refuse(with_authorization(request, mine, key_id)).code in codes


def test_token_swapped(door: SignersDoor, way: Way) -> None:
    """A session's token is its own: another one, none, or one beside a long-term key is refused."""
    other = door.another_session("ASIAOTHEROTHEROTHERO", "o" * 40)
    mine = door.temporary if way.temporary else door.long_term
    for key in (Key(mine.id, mine.secret, other.token), Key(mine.id, mine.secret, "x" * 400)):
        error = door.refuse(
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
        request = door.sign(way)
        if way.presigned:
            parts = [p for p in request.query.split("&") if not p.startswith("X-Amz-Security-Token=")]
            request = msgspec.structs.replace(request, query="&".join(parts))
        else:
            request = with_header(request, "x-amz-security-token", None)
        assert door.refuse(request).code == "InvalidClientTokenId"


# --- more than one authentication, or another one


def test_two_authentications(door: SignersDoor, way: Way) -> None:
    """One request, one signature: two headers, or a header and a query string, are refused."""
    request = door.sign(way)
    header = door.sign(Way(way.algorithm, presigned=False, temporary=False)).header("authorization")
    doubled = msgspec.structs.replace(request, headers=(*request.headers, ("authorization", header)))
    error = door.refuse(doubled)
    assert (error.code, error.status) == (
        ("SignatureDoesNotMatch", 403) if way.presigned else ("IncompleteSignature", 400)
    )


def test_query_added_to_a_header_signature(door: SignersDoor) -> None:
    """A presigned query string on top of a signed request is refused before anything else is read."""
    header, query = (door.sign(Way(HMAC, presigned=p, temporary=False)) for p in (False, True))
    mixed = msgspec.structs.replace(header, query=query.query)
    assert "Found both 'X-Amz-Algorithm'" in door.refuse(mixed).message


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
def test_other_authentication(door: SignersDoor, value: str, code: str) -> None:
    """SigV2, passwords, bearer tokens, the algorithm in small letters: none opens the door."""
    error = door.refuse(with_header(PLAIN, "authorization", value))
    assert (error.code, error.status) == (code, 400)
    assert "eyJ" not in error.message


def test_anonymous_and_sigv2_query(door: SignersDoor) -> None:
    """Without any signature nobody is let in, and SigV2 in a query string is named."""
    assert door.refuse(PLAIN).code == "MissingAuthenticationToken"
    v2 = "Action=ListUsers&AWSAccessKeyId=AKID&SignatureVersion=2&SignatureMethod=HmacSHA256&Signature=x"
    assert "'AWS2'" in door.refuse(msgspec.structs.replace(PLAIN, query=v2)).message


@pytest.mark.parametrize("path", ["//", "/.", "/a/../", "/./", "//localhost/"])
def test_path_that_is_signed_in_another_form(door: SignersDoor, way: Way, path: str) -> None:
    """A path that would be read otherwise than it is signed is refused by whoever did not normalise it."""
    error = door.refuse(msgspec.structs.replace(door.sign(way), path=path))
    assert error.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("text", ["caf\u00e9", "\u00e3\u0081\u0093", "\x00", "\u3053", "\ud800"])
def test_unicode_everywhere(door: SignersDoor, way: Way, text: str) -> None:
    """Bytes beyond ASCII in any part are a refusal, never a crash and never a match."""
    request = door.sign(way)
    for changed in (
        msgspec.structs.replace(request, path=f"/{text}"),
        msgspec.structs.replace(request, query=f"{request.query}&{text}=1"),
        msgspec.structs.replace(request, method=text),
        with_header(request, "content-type", text),
        with_authorization(request, "host", f"host;{text}"),
        with_authorization(request, "aws4_request", text),
    ):
        door.refuse(changed)


def test_work_before_the_verdict_is_bounded(door: SignersDoor) -> None:
    """The headers are walked a fixed number of times, however many are signed and repeated."""

    class Counted(tuple):  # noqa: SLOT001
        walks = 0

        def __iter__(self):
            Counted.walks += 1
            return super().__iter__()

    names = [f"h{number}" for number in range(90)]
    signed = door.sign(
        WAYS[0], msgspec.structs.replace(PLAIN, headers=(*PLAIN.headers, *((n, "") for n in names)))
    )
    many = Counted((*signed.headers, *((name, "") for name in names for _ in range(100))))
    door.refuse(HttpRequest(method="POST", path="/", query=PLAIN.query, headers=many, body=PLAIN.body))
    assert Counted.walks <= 3

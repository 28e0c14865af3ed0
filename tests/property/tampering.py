"""Changes to signed requests: of what they mean, and of how they are spelled."""

from collections.abc import Callable
from functools import cache
from urllib.parse import quote, unquote_to_bytes

import msgspec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import assume
from hypothesis import strategies as st

from masugata.wire import HttpRequest
from unit.identity.signed import (
    WAYS,
    SignersDoor,
    Way,
    authorization,
    with_authorization,
    with_header,
)
from unit.wire.sigv4_client import ECDSA, ORDER

text = st.text(st.characters(codec="utf-8"), max_size=8)
value = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\xa0"), max_size=8)
path = st.lists(st.text("ab%~ é", min_size=1, max_size=4), max_size=3).map(
    lambda labels: "/" + "/".join(quote(label, safe="~") for label in labels)
)
pairs = st.lists(st.tuples(text, text), max_size=4)
headers = st.dictionaries(st.sampled_from(["content-type", "x-amz-target", "my-header", "accept"]), value)
Change = Callable[[st.DataObject, Way, HttpRequest], HttpRequest]


@cache
def door() -> SignersDoor:
    """One world for all examples: nothing changes it."""
    return SignersDoor()


@st.composite
def unsigned(draw: st.DrawFn) -> HttpRequest:
    """Any request."""
    return HttpRequest(
        method=draw(st.sampled_from(["GET", "POST", "PUT"])),
        path=draw(path),
        query="&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in draw(pairs)),
        headers=(("host", "localhost:4566"), *draw(headers).items(), ("user-agent", "test")),
        body=draw(st.binary(max_size=16)),
    )


def edited(data: st.DataObject, before: str) -> str:
    """`before` with a character changed, removed or put in."""
    at = data.draw(st.integers(0, len(before)))
    new = data.draw(st.sampled_from(["", *"aA1/%+&=.;~ \xe9"]))
    after = before[:at] + new + before[at + data.draw(st.integers(0, 1)) :]
    assume(after != before)
    return after


def meaning(query: str) -> list[tuple[bytes, bytes]]:
    """The decoded parameters, in no order: what a signature covers of a query string."""
    split = [part.replace("+", " ").partition("=") for part in query.split("&")] if query else []
    return sorted(
        (unquote_to_bytes(n.encode("latin-1")), unquote_to_bytes(v.encode("latin-1"))) for n, _, v in split
    )


# --- changes of meaning


def method(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Another method, or the same in small letters."""
    others = {"GET", "POST", "PUT", "DELETE", request.method.lower()} - {request.method}
    return msgspec.structs.replace(request, method=data.draw(st.sampled_from(sorted(others))))


def other_path(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Another path, or another form of the same."""
    after = edited(data, request.path)
    assume((request.path, after) != ("/", ""))
    return msgspec.structs.replace(request, path=after)


def other_query(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """A query string that decodes to something else."""
    after = edited(data, request.query)
    assume(meaning(after) != meaning(request.query))
    return msgspec.structs.replace(request, query=after)


def parameter(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """A parameter removed, doubled or added."""
    parts = request.query.split("&") if request.query else []
    extra = data.draw(st.sampled_from(["a=1", "=", "X-Amz-Target=x", "X-Amz-Expires=900", *parts]))
    changed = [*parts, extra]
    if parts and data.draw(st.booleans()):
        changed = list(parts)
        del changed[data.draw(st.integers(0, len(parts) - 1))]
    return msgspec.structs.replace(request, query="&".join(changed))


def body(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Another body."""
    after = data.draw(st.binary(max_size=16))
    assume(after != request.body)
    return msgspec.structs.replace(request, body=after)


def signed_header(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """A signed header changed, dropped or doubled."""
    signed = [i for i, (name, _) in enumerate(request.headers) if name not in ("user-agent", "authorization")]
    at = data.draw(st.sampled_from(signed))
    name, before = request.headers[at]
    if data.draw(st.booleans()):
        after = edited(data, before)
        assume(after.split(" ") != before.split(" "))
        assume(" ".join(after.split()) != " ".join(before.split()))
        middle: tuple[tuple[str, str], ...] = ((name, after),)
    else:
        middle = data.draw(
            st.sampled_from([(), ((name, before), (name, before)), ((name, before), (name, ""))])
        )
    return msgspec.structs.replace(request, headers=request.headers[:at] + middle + request.headers[at + 1 :])


def amz_header(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """An x-amz-* header put in, wherever."""
    name = data.draw(st.sampled_from(["x-amz-target", "x-amz-security-token", "x-amz-date", "x-amz-new"]))
    at = data.draw(st.integers(0, len(request.headers)))
    extra = ((name, data.draw(value)),)
    return msgspec.structs.replace(request, headers=request.headers[:at] + extra + request.headers[at:])


def signature(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Another signature."""
    before = authorization(request).rpartition("Signature=")[2]
    at = data.draw(st.integers(0, len(before) - 1))
    new = data.draw(st.sampled_from(["", *"0123456789abcdefABCDEFx "]))
    after = before[:at] + new + before[at + 1 :]
    assume(after.strip() != before)
    return with_authorization(request, f"Signature={before}", f"Signature={after}")


def scope(data: st.DataObject, way: Way, request: HttpRequest) -> HttpRequest:
    """Another key id, day, Region, service or terminator."""
    slash = "%2F" if way.presigned else "/"
    mine = (door().temporary if way.temporary else door().long_term).id
    changes = [
        (f"{mine}{slash}", f"AKIAROOTROOTROOTROOT{slash}"),
        (f"{mine}{slash}", f"{door().other.id}{slash}"),
        (f"{slash}20260101{slash}", f"{slash}20260102{slash}"),
        (f"{slash}iam{slash}", f"{slash}sts{slash}"),
        (f"{slash}aws4_request", f"{slash}aws4_request{slash}"),
        ("eu-west-1", "eu-west-2"),
    ]
    if way.algorithm == ECDSA and not way.presigned:
        changes.pop()
    return with_authorization(request, *data.draw(st.sampled_from(changes)))


def token(data: st.DataObject, way: Way, request: HttpRequest) -> HttpRequest:
    """Another session's token, or a token beside a long-term key."""
    tokens = [door().other.token, "", "x"] + ([] if way.temporary else [door().temporary.token])
    after = data.draw(st.sampled_from(tokens))
    if not way.presigned:
        return with_header(request, "x-amz-security-token", after)
    parts = [part for part in request.query.split("&") if not part.startswith("X-Amz-Security-Token=")]
    return msgspec.structs.replace(
        request, query="&".join([*parts, f"X-Amz-Security-Token={quote(after, safe='')}"])
    )


def second_authentication(data: st.DataObject, way: Way, request: HttpRequest) -> HttpRequest:
    """A second signature, right in itself."""
    other = door().sign(Way(data.draw(st.sampled_from([w.algorithm for w in WAYS])), False, False))
    header = ("authorization", authorization(other))
    at = data.draw(st.integers(0, len(request.headers)))
    if way.presigned or data.draw(st.booleans()):
        return msgspec.structs.replace(
            request, headers=(*request.headers[:at], header, *request.headers[at:])
        )
    query = door().sign(Way(way.algorithm, True, False)).query
    return msgspec.structs.replace(request, query=f"{request.query}&{query}" if request.query else query)


MEANINGFUL: list[Change] = [
    method,
    other_path,
    other_query,
    parameter,
    body,
    signed_header,
    amz_header,
    signature,
    scope,
    token,
    second_authentication,
]


# --- changes of spelling


def order_of_headers(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """The headers in another order."""
    return msgspec.structs.replace(request, headers=tuple(data.draw(st.permutations(request.headers))))


def order_of_query(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """The parameters in another order."""
    parts = data.draw(st.permutations(request.query.split("&")))
    return msgspec.structs.replace(request, query="&".join(parts))


def spelling_of_query(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Escapes in small letters, or more of them; a plus for a blank."""
    query = data.draw(
        st.sampled_from(
            [
                request.query.replace("%20", "+"),
                request.query.replace("%2F", "%2f").replace("%C3", "%c3"),
                request.query.replace("a", "%61").replace("~", "%7E").replace("-", "%2d"),
            ]
        )
    )
    return msgspec.structs.replace(request, query=query)


def blanks_in_headers(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Blanks around the values of headers; HTTP strips those that are read here before."""
    blank = data.draw(st.sampled_from(["", " ", "  \t", "\t"]))
    read = ("x-amz-date", "x-amz-security-token")
    around = [(name, value if name in read else f"{blank}{value}{blank}") for name, value in request.headers]
    return msgspec.structs.replace(request, headers=tuple(around))


def unsigned_header(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """Headers that proxies add and change."""
    name = data.draw(st.sampled_from(["user-agent", "x-forwarded-for", "x-amzn-trace-id", "via", "expect"]))
    return with_header(request, name, data.draw(st.none() | value))


def authorization_header(data: st.DataObject, way: Way, request: HttpRequest) -> HttpRequest:
    """The Authorization header's parts in another order, with other separators and capitals."""
    if way.presigned:
        return request
    algorithm, *parts = authorization(request).replace(",", "").split()
    parts = [
        p.replace("host", "Host") if p.startswith("SignedHeaders") else p
        for p in data.draw(st.permutations(parts))
    ]
    separator = data.draw(st.sampled_from([",", ", ", " ", " , "]))
    return with_header(request, "authorization", f"{algorithm} {separator.join(parts)}")


def other_half(_data: st.DataObject, way: Way, request: HttpRequest) -> HttpRequest:
    """Of an ECDSA signature (r, s) the equally good (r, n - s), which anybody can make."""
    if way.algorithm != ECDSA:
        return request
    before = authorization(request).rpartition("Signature=")[2]
    r, s = decode_dss_signature(bytes.fromhex(before))
    return with_authorization(request, before, encode_dss_signature(r, ORDER - s).hex())


MEANINGLESS: list[Change] = [
    order_of_headers,
    order_of_query,
    spelling_of_query,
    blanks_in_headers,
    unsigned_header,
    authorization_header,
    other_half,
]

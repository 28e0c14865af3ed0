"""One change to a rightly signed call, at the gateway: answered neither as that call nor as another."""

import tempfile
from functools import cache
from pathlib import Path

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from masugata.wire import HttpRequest
from masugata.wire.sigv4 import with_normal_path
from property.tampering import (
    Change,
    amz_header,
    body,
    edited,
    method,
    other_query,
    parameter,
    signature,
    signed_header,
)
from unit.gateway.strict import KINDS, Strict
from unit.identity.signed import Way
from unit.wire.sigv4_client import ECDSA, HMAC


@cache
def house() -> Strict:
    """One installation for all examples; its only calls are reading ones."""
    with tempfile.TemporaryDirectory() as folder:
        return Strict(Path(folder))


def other_path(data: st.DataObject, _way: Way, request: HttpRequest) -> HttpRequest:
    """A path that means another one."""
    changed = msgspec.structs.replace(request, path=edited(data, request.path))
    assume(with_normal_path(changed).path not in (request.path, ""))
    return changed


CHANGES: list[Change] = [
    amz_header,
    body,
    method,
    other_path,
    other_query,
    parameter,
    signature,
    signed_header,
]


@given(st.sampled_from(sorted(KINDS)), st.sampled_from([HMAC, ECDSA]), st.sampled_from(CHANGES), st.data())
def test_changed_call_is_refused(service: str, algorithm: str, change: Change, data: st.DataObject) -> None:
    """In the query protocol, presigned, and in JSON, with either algorithm."""
    way = Way(algorithm, presigned=service == "iam", temporary=False)
    signed = house().sign(service, algorithm=algorithm)
    changed = change(data, way, signed)
    assert house().send(changed).status in (400, 403, 404, 501)
    assert house().send(signed).status == 200

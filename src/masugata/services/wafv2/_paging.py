"""Listings page by page: `NextMarker` says behind what the next page begins."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, NotRequired, TypedDict, TypeVar

from masugata.call import Call
from masugata.services.wafv2._errors import MALFORMED, invalid

Item = TypeVar("Item")
_PAGE: Final = 100


class PageEnd(TypedDict):
    """The member that says where the next page begins, if there is one."""

    NextMarker: NotRequired[str]


def page(
    call: Call, request: Mapping[str, Any], items: Iterable[Item], key: Callable[[Item], str]
) -> tuple[list[Item], PageEnd]:
    """One page of a listing and how it ends; `items` come by `key`, and may begin at `page_start`.

    Raises WAFInvalidParameterException for a marker that is not of this listing. Keys are ASCII, of at most
    180 characters: markers have at most 256.
    """
    after = page_start(call, request)
    count = request.get("Limit", _PAGE)
    found: list[Item] = []
    for item in items:
        if after is not None and key(item) <= after:
            continue
        if len(found) == count:
            marker = f"{_listing(call)}{key(found[-1])}".encode()
            return found, {"NextMarker": base64.urlsafe_b64encode(marker).decode()}
        found.append(item)
    return found, {}


def page_start(call: Call, request: Mapping[str, Any]) -> str | None:
    """The key behind which the asked page begins, None for the first; raises as `page`."""
    marker = request.get("NextMarker")
    if marker is None:
        return None
    try:
        text = base64.b64decode(marker, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    listing = _listing(call)
    if not text.startswith(listing):
        raise invalid("ENTITY_LIMIT", "NextMarker", MALFORMED)
    return text.removeprefix(listing)


def _listing(call: Call) -> str:
    """A few characters that tell the markers of one operation from those of others."""
    return sha256(call.operation.encode()).hexdigest()[:8]

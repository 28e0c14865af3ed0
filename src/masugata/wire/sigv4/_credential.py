"""The credential scope, and with SigV4a the set of Regions that the signature is good for.

SigV4:  KEYID/YYYYMMDD/REGION/SERVICE/aws4_request
SigV4a: KEYID/YYYYMMDD/SERVICE/aws4_request, and X-Amz-Region-Set: `eu-west-1`, `us-*,eu-west-1` or `*`
"""

import re

import msgspec

from masugata.errors import AwsError
from masugata.wire.sigv4._refusals import incomplete, invalid_token, mismatch, shown
from masugata.wire.sigv4._signature import ECDSA, TERMINATOR

_ACCESS_KEY_ID = re.compile(r"\w{1,128}", re.ASCII)
# A wildcard stands at the end only: AWS writes no other, and it needs no search to match.
_REGION_PATTERN = re.compile(r"[a-z0-9-]{0,63}\*|[a-z0-9-]{1,64}")
_MAX_REGION_SET = 1024
_SCOPE_PART = re.compile(r"[a-z0-9_-]{0,64}")


class Credential(msgspec.Struct, frozen=True):
    """The parts of a credential; the Region is empty with SigV4a."""

    access_key_id: str
    date: str
    region: str
    service: str


def read_credential(text: str, algorithm: str, amz_date: str) -> Credential:
    """The credential of a signature made at `amz_date`.

    Raises IncompleteSignature for another number of parts, SignatureDoesNotMatch for a scope at odds
    with itself, InvalidClientTokenId for a key id that cannot exist.
    """
    elements = text.split("/")
    if len(elements) != (4 if algorithm == ECDSA else 5):
        raise _miscounted(elements, algorithm)
    access_key_id, date, service, terminator = elements[0], elements[1], elements[-2], elements[-1]
    if terminator != TERMINATOR or date != amz_date[:8]:
        raise _at_odds(date, terminator, amz_date)
    if _ACCESS_KEY_ID.fullmatch(access_key_id) is None:
        raise invalid_token()
    return Credential(access_key_id, date, "" if algorithm == ECDSA else elements[2], service)


def read_region_set(text: str) -> tuple[str, ...]:
    """The Regions of X-Amz-Region-Set, `*` and `us-*` among them; raises SignatureDoesNotMatch."""
    patterns = tuple(dict.fromkeys([part.strip(" \t") for part in text[: _MAX_REGION_SET + 1].split(",")]))
    if len(text) > _MAX_REGION_SET or not all(_REGION_PATTERN.fullmatch(pattern) for pattern in patterns):
        raise mismatch(f"Credential should be scoped to a valid region, not '{shown(text)}'.")
    return patterns


def region_of_call(region_set: tuple[str, ...], default: str) -> str:
    """The one Region that a call signed for `region_set` counts for.

    At AWS the endpoint decides, and the set must cover it. One endpoint stands for all Regions here:
    a set of one Region means that one; any other must cover `default`, which it then means. A set
    that covers neither is refused (SignatureDoesNotMatch), so that no call is judged or done in a
    Region that its signer did not allow.
    """
    if len(region_set) == 1 and not region_set[0].endswith("*"):
        return region_set[0]
    for pattern in region_set:
        if pattern == default or (pattern.endswith("*") and default.startswith(pattern[:-1])):
            return default
    raise mismatch(
        f"Credential should be scoped to a valid region: one, or a set that covers '{default}', not "
        f"'{shown(','.join(region_set))}'."
    )


def _miscounted(elements: list[str], algorithm: str) -> AwsError:
    # Who swaps key id and secret sends a secret with slashes here: only a scope may be repeated.
    scope = 3 if algorithm == ECDSA else 4
    kept = elements[-scope:] if len(elements) > scope else elements[1:]
    told = [element if _SCOPE_PART.fullmatch(element) else "***" for element in kept]
    form = "keyid/date/service/term" if algorithm == ECDSA else "keyid/date/region/service/term"
    return incomplete(
        f"Credential must have exactly {scope + 1} slash-delimited elements, e.g. {form}, "
        f"got '{shown('/'.join(['***', *told]))}'"
    )


def _at_odds(date: str, terminator: str, amz_date: str) -> AwsError:
    problems = []
    if terminator != TERMINATOR:
        problems.append(
            f"Credential should be scoped with a valid terminator: 'aws4_request', not '{shown(terminator)}'."
        )
    if date != amz_date[:8]:
        problems.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{shown(date)}' != '{amz_date[:8]}', from '{amz_date}'."
        )
    return mismatch(" ".join(problems))

"""Reading a signature off a request: the Authorization header or the query string, never both."""

import re
from functools import lru_cache
from urllib.parse import unquote_plus

import msgspec

from masugata.errors import AwsError
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4._credential import read_credential, read_region_set, region_of_call
from masugata.wire.sigv4._moment import basic_date, read_expires, read_moment
from masugata.wire.sigv4._refusals import hashed, incomplete, invalid_token, mismatch, shown, unsupported
from masugata.wire.sigv4._signature import ECDSA, HMAC, Signature

_MAX_AUTHORIZATION = 8_192
_MAX_QUERY = 32_768
_MAX_PATH = 8_192
_MAX_SIGNED_HEADERS = 100
_MAX_SESSION_TOKEN = 16_384

_HEADER_FIELDS = ("Credential", "Signature", "SignedHeaders")
_QUERY_FIELDS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
)
_REGION_SET = "X-Amz-Region-Set"
_OPTIONAL_QUERY_FIELDS = ("X-Amz-Expires", "X-Amz-Security-Token", _REGION_SET)
_SIGV2_FIELDS = ("AWSAccessKeyId", "SignatureVersion")
_KNOWN_QUERY_FIELDS = frozenset((*_QUERY_FIELDS, *_OPTIONAL_QUERY_FIELDS, *_SIGV2_FIELDS))
_HEADER_NAMES = re.compile(r"[!#$%&'*+.^_`|~0-9a-z;-]+")  # RFC 9110's tokens, in lower case


class _Headers(msgspec.Struct, frozen=True):
    """The headers that speak about authentication."""

    authorization: str | None
    amz_date: str | None
    date: str | None
    token: str | None
    region_set: str | None


def parse_signature(request: HttpRequest, default_region: str = "us-east-1") -> Signature | None:
    """The signature that `request` carries, or None if it carries no authentication at all.

    A SigV4a signature for several Regions counts for `default_region`, which they must cover.
    Nothing is verified yet but the form and that the scope's day is the day of signing. Raises
    AwsError: IncompleteSignature for what is malformed, doubled or of another algorithm,
    SignatureDoesNotMatch for a scope at odds with itself, InvalidClientTokenId for a key id or token
    that cannot exist.
    """
    headers = _authentication_headers(request.headers)
    if len(request.path) > _MAX_PATH or len(request.query) > _MAX_QUERY:
        raise incomplete(f"Path must have at most {_MAX_PATH} characters, query string {_MAX_QUERY}.")
    parameters = _authentication_parameters(request.query) if request.query else None
    if headers.authorization is None:
        return _from_query(parameters, headers, default_region) if parameters else None
    if parameters and not parameters.keys().isdisjoint(_QUERY_FIELDS):
        found = next(field for field in _QUERY_FIELDS if field in parameters)
        raise mismatch(f"Found both '{found}' as a query-string param and 'Authorization' as HTTP header.")
    return _from_header(headers.authorization, headers, default_region)


def _authentication_headers(headers: tuple[tuple[str, str], ...]) -> _Headers:
    """Those headers; of one that is repeated the last, and whoever verifies refuses the repetition."""
    authorization = amz_date = date = token = region_set = None
    for name, value in headers:
        if name == "authorization":
            if authorization is not None:
                raise incomplete("Authorization header must not occur more than once.")
            authorization = value
        elif name == "x-amz-date":
            amz_date = value
        elif name == "date":
            date = value
        elif name == "x-amz-security-token":
            token = value
        elif name == "x-amz-region-set":
            region_set = value
    return _Headers(authorization, amz_date, date, token, region_set)


def _from_header(authorization: str, headers: _Headers, default_region: str) -> Signature:
    if len(authorization) > _MAX_AUTHORIZATION:
        raise incomplete(f"Authorization header must have at most {_MAX_AUTHORIZATION} characters.")
    algorithm, *pieces = authorization.replace(",", " ").split() or [""]
    if algorithm not in (HMAC, ECDSA):
        raise unsupported(algorithm)
    fields: dict[str, str] = {}
    for piece in pieces:
        key, equals, value = piece.partition("=")
        if not equals:
            raise incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header "
                f"(hashed with SHA-256 and encoded with Base64): '{hashed(authorization)}'."
            )
        if key in fields or key not in _HEADER_FIELDS:
            raise incomplete(f"Authorization header must not have '{shown(key)}' there.")
        fields[key] = value
    moment = headers.amz_date if headers.amz_date is not None else headers.date
    region_set = headers.region_set if algorithm == ECDSA else None
    if not moment or len(fields) != len(_HEADER_FIELDS) or not all(fields.values()):
        raise _header_lacks(fields, moment, authorization)
    if algorithm == ECDSA and region_set is None:
        raise incomplete(f"Authorization header requires existence of a '{_REGION_SET}' header.")
    return _signature(
        algorithm,
        fields["Credential"],
        fields["SignedHeaders"],
        fields["Signature"],
        moment if headers.amz_date is not None else basic_date(moment),
        headers.token,
        region_set,
        default_region,
    )


def _header_lacks(fields: dict[str, str], moment: str | None, authorization: str) -> AwsError:
    lacking = [f"Authorization header requires '{f}' parameter." for f in _HEADER_FIELDS if not fields.get(f)]
    if not moment:
        lacking.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return incomplete(
        f"{' '.join(lacking)} (Hashed with SHA-256 and encoded with Base64) "
        f"Authorization={hashed(authorization)}"
    )


def _from_query(parameters: dict[str, str], headers: _Headers, default_region: str) -> Signature | None:
    if parameters.keys().isdisjoint(_QUERY_FIELDS):
        if parameters.keys().isdisjoint(_SIGV2_FIELDS):
            return None
        raise unsupported("AWS2")
    algorithm = parameters.get("X-Amz-Algorithm", "")
    if algorithm and algorithm not in (HMAC, ECDSA):
        raise unsupported(algorithm)
    required = (*_QUERY_FIELDS, _REGION_SET) if algorithm == ECDSA else _QUERY_FIELDS
    lacking = [f"AWS query-string parameters must include '{f}'." for f in required if not parameters.get(f)]
    if lacking:
        raise incomplete(f"{' '.join(lacking)} Re-examine the query-string parameters.")
    token = parameters.get("X-Amz-Security-Token")
    if token is not None and headers.token is not None:
        raise incomplete("X-Amz-Security-Token must be a header or a query-string parameter, not both.")
    if algorithm == ECDSA and headers.region_set is not None:
        raise incomplete(f"{_REGION_SET} must be a header or a query-string parameter, not both.")
    return _signature(
        algorithm,
        parameters["X-Amz-Credential"],
        parameters["X-Amz-SignedHeaders"],
        parameters["X-Amz-Signature"],
        parameters["X-Amz-Date"],
        token if token is not None else headers.token,
        parameters[_REGION_SET] if algorithm == ECDSA else None,
        default_region,
        presigned=True,
        expires=read_expires(parameters.get("X-Amz-Expires")),
    )


def _authentication_parameters(query: str) -> dict[str, str]:
    """The parameters of a query string that speak about authentication, decoded."""
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if name in _KNOWN_QUERY_FIELDS:
            if name in found:
                raise incomplete(f"'{name}' must not occur more than once in the query string.")
            found[name] = unquote_plus(value)
    return found


def _signature(
    algorithm: str,
    credential: str,
    signed_headers: str,
    signature: str,
    amz_date: str,
    token: str | None,
    region_set: str | None,
    default_region: str,
    *,
    presigned: bool = False,
    expires: int | None = None,
) -> Signature:
    timestamp = read_moment(amz_date)
    scope = read_credential(credential, algorithm, amz_date)
    regions = read_region_set(region_set) if region_set is not None else ()
    if token is not None and not 0 < len(token) <= _MAX_SESSION_TOKEN:
        raise invalid_token()
    return Signature(
        access_key_id=scope.access_key_id,
        date=scope.date,
        region=region_of_call(regions, default_region) if regions else scope.region,
        service=scope.service,
        signed_headers=_header_names(signed_headers),
        signature=signature,
        amz_date=amz_date,
        timestamp=timestamp,
        algorithm=algorithm,
        region_set=regions,
        session_token=token,
        presigned=presigned,
        expires=expires,
    )


@lru_cache(maxsize=256)  # of up to 8192 characters each; clients have a few such lists
def _header_names(text: str) -> tuple[str, ...]:
    text = text.lower()
    if _HEADER_NAMES.fullmatch(text) is None:
        raise incomplete(f"SignedHeaders must be names of headers, not '{shown(text)}'.")
    names = sorted(text.split(";"))
    if len(names) > _MAX_SIGNED_HEADERS:
        raise incomplete(f"SignedHeaders must name at most {_MAX_SIGNED_HEADERS} headers.")
    if len(set(names)) != len(names):
        raise incomplete("SignedHeaders must not name a header twice.")
    return tuple(names)

"""Reading a signature off a request: the Authorization header or the query string, never both."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from masugata.wire.message import HttpRequest
from masugata.wire.sigv4._refusals import hashed, incomplete, invalid_token, mismatch, shown, unsupported
from masugata.wire.sigv4._signature import ALGORITHM, TERMINATOR, Signature

_MAX_AUTHORIZATION = 8_192
_MAX_QUERY = 32_768
_MAX_PATH = 8_192
_MAX_SIGNED_HEADERS = 100
_MAX_SESSION_TOKEN = 16_384
_MAX_EXPIRES = 604_800  # a week

_HEADER_FIELDS = ("Credential", "Signature", "SignedHeaders")
_QUERY_FIELDS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
)
_OPTIONAL_QUERY_FIELDS = ("X-Amz-Expires", "X-Amz-Security-Token")
_SIGV2_FIELDS = ("AWSAccessKeyId", "SignatureVersion")
_KNOWN_QUERY_FIELDS = frozenset((*_QUERY_FIELDS, *_OPTIONAL_QUERY_FIELDS, *_SIGV2_FIELDS))

_ACCESS_KEY_ID = re.compile(r"\w{1,128}", re.ASCII)
_BASIC_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_HTTP_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
    r"(?:GMT|UTC|([+-])([0-9]{2})([0-9]{2}))"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_signature(request: HttpRequest) -> Signature | None:
    """The signature that `request` carries, or None if it carries no authentication at all.

    Nothing is verified yet but the form and that the scope's day is the day of signing. Raises
    AwsError: IncompleteSignature for what is malformed, doubled or of another algorithm,
    SignatureDoesNotMatch for a scope at odds with itself, InvalidClientTokenId for a key id or token
    that cannot exist.
    """
    authorization = amz_date = date = token = None
    for name, value in request.headers:
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
    if len(request.path) > _MAX_PATH or len(request.query) > _MAX_QUERY:
        raise incomplete(f"Path must have at most {_MAX_PATH} characters, query string {_MAX_QUERY}.")
    parameters = _authentication_parameters(request.query) if request.query else None
    if authorization is None:
        return _from_query(parameters, token) if parameters else None
    if parameters and not parameters.keys().isdisjoint(_QUERY_FIELDS):
        found = next(field for field in _QUERY_FIELDS if field in parameters)
        raise mismatch(f"Found both '{found}' as a query-string param and 'Authorization' as HTTP header.")
    return _from_header(authorization, amz_date, date, token)


def _from_header(authorization: str, amz_date: str | None, date: str | None, token: str | None) -> Signature:
    if len(authorization) > _MAX_AUTHORIZATION:
        raise incomplete(f"Authorization header must have at most {_MAX_AUTHORIZATION} characters.")
    algorithm, *pieces = authorization.replace(",", " ").split() or [""]
    if algorithm != ALGORITHM:
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
    moment = amz_date if amz_date is not None else date
    if not (fields.get("Credential") and fields.get("Signature") and fields.get("SignedHeaders") and moment):
        raise _header_lacks(fields, moment, authorization)
    return _signature(
        fields["Credential"],
        fields["SignedHeaders"],
        fields["Signature"],
        moment if amz_date is not None else _basic_date(moment),
        token,
    )


def _header_lacks(fields: dict[str, str], moment: str | None, authorization: str) -> Exception:
    lacking = [f"Authorization header requires '{f}' parameter." for f in _HEADER_FIELDS if not fields.get(f)]
    if not moment:
        lacking.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return incomplete(
        f"{' '.join(lacking)} (Hashed with SHA-256 and encoded with Base64) "
        f"Authorization={hashed(authorization)}"
    )


def _from_query(parameters: dict[str, str], header_token: str | None) -> Signature | None:
    if parameters.keys().isdisjoint(_QUERY_FIELDS):
        if parameters.keys().isdisjoint(_SIGV2_FIELDS):
            return None
        raise unsupported("AWS2")
    algorithm = parameters.get("X-Amz-Algorithm")
    if algorithm and algorithm != ALGORITHM:
        raise unsupported(algorithm)
    lacking = [
        f"AWS query-string parameters must include '{f}'." for f in _QUERY_FIELDS if not parameters.get(f)
    ]
    if lacking:
        raise incomplete(f"{' '.join(lacking)} Re-examine the query-string parameters.")
    token = parameters.get("X-Amz-Security-Token")
    if token is not None and header_token is not None:
        raise incomplete("X-Amz-Security-Token must be a header or a query-string parameter, not both.")
    return _signature(
        parameters["X-Amz-Credential"],
        parameters["X-Amz-SignedHeaders"],
        parameters["X-Amz-Signature"],
        parameters["X-Amz-Date"],
        token if token is not None else header_token,
        presigned=True,
        expires=_expires(parameters.get("X-Amz-Expires")),
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
    credential: str,
    signed_headers: str,
    signature: str,
    amz_date: str,
    token: str | None,
    *,
    presigned: bool = False,
    expires: int | None = None,
) -> Signature:
    timestamp = _moment(amz_date)
    elements = credential.split("/")
    if len(elements) != 5:
        raise _not_five(elements)
    access_key_id, date, region, service, terminator = elements
    if terminator != TERMINATOR or date != amz_date[:8]:
        raise _scope_at_odds(date, terminator, amz_date)
    if _ACCESS_KEY_ID.fullmatch(access_key_id) is None:
        raise invalid_token()
    if token is not None and not 0 < len(token) <= _MAX_SESSION_TOKEN:
        raise invalid_token()
    names = sorted(signed_headers.lower().split(";"))
    if len(names) > _MAX_SIGNED_HEADERS:
        raise incomplete(f"SignedHeaders must name at most {_MAX_SIGNED_HEADERS} headers.")
    if len(set(names)) != len(names):
        raise incomplete("SignedHeaders must not name a header twice.")
    return Signature(
        access_key_id=access_key_id,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(names),
        signature=signature,
        amz_date=amz_date,
        timestamp=timestamp,
        session_token=token,
        presigned=presigned,
        expires=expires,
    )


def _not_five(elements: list[str]) -> Exception:
    # Who swaps key id and secret sends a secret with slashes here: only the scope may be repeated.
    kept = elements[-4:] if len(elements) > 4 else elements[1:]
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
        f"got '{shown('/'.join(['***', *kept]))}'"
    )


def _scope_at_odds(date: str, terminator: str, amz_date: str) -> Exception:
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


def _moment(text: str) -> datetime:
    if _BASIC_DATE.fullmatch(text) is not None:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _not_a_date(text)


def _basic_date(text: str) -> str:
    """A `Date` header, which may be an HTTP date, in ISO 8601's basic format."""
    match = _HTTP_DATE.fullmatch(text.strip())
    if match is None or match[2] not in _MONTHS:
        return text
    day, year, hour, minute, second = (int(match[index]) for index in (1, 3, 4, 5, 6))
    try:
        moment = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
        if match[7] is not None:
            offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
            moment = moment - offset if match[7] == "+" else moment + offset
    except (ValueError, OverflowError):
        raise _not_a_date(text) from None
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def _not_a_date(text: str) -> Exception:
    return incomplete(
        f"Date must be in ISO-8601 'basic format'. Got '{shown(text)}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


def _expires(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise incomplete("X-Amz-Expires should be a number")
    if len(text) > 6 or int(text) > _MAX_EXPIRES:
        raise incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            "less than 604800 seconds"
        )
    if int(text) < 1:
        raise incomplete("X-Amz-Expires must be at least 1")
    return int(text)

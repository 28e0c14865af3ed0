"""The parameters of a query request: URL-encoded pairs from the query string and the body."""

import re
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from fast_query_parsers import parse_query_string

from masugata.errors import AwsError
from masugata.wire.message import HttpRequest

MAX_PARAMETERS = 10_000
_MAX_SEGMENTS = 32  # of one name; the deepest parameter of iam has 7

_FORM = "application/x-www-form-urlencoded"
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPED_EQUALS_IN_NAME = re.compile(rb"(?:^|&)[^=&]*%3[dD]")

Node: TypeAlias = "str | dict[str, Node]"
Tree: TypeAlias = "dict[str, Node]"


def parameters(request: HttpRequest) -> dict[str, str]:
    """All parameters of the query string and the body, decoded, by name.

    Raises AwsError MalformedQueryString where the text is not what it seems: invalid escapes or
    UTF-8, one name twice, an escaped `=` in a name, too many parameters.
    """
    found = parse_form(request.query.encode("utf-8", "surrogateescape")) if request.query else {}
    if not request.body:
        return found
    _require_form(request)
    body = parse_form(request.body)
    if not found:
        return body
    for name in body:
        if name in found:
            raise _malformed(f"the parameter `{name[:128]}` is given in the query string and in the body")
    found.update(body)
    if len(found) > MAX_PARAMETERS:
        raise _malformed(f"more than {MAX_PARAMETERS} parameters")
    return found


def parse_form(raw: bytes) -> dict[str, str]:
    """One URL-encoded text as names and values; AwsError MalformedQueryString if it is not sound."""
    if _escapes_equals_in_name(raw):
        raise _malformed("an escaped `=` in the name of a parameter")
    pairs = parse_pairs(raw)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("a parameter is given more than once")
    return found


def _escapes_equals_in_name(raw: bytes) -> bool:
    return (b"%3D" in raw or b"%3d" in raw) and _ESCAPED_EQUALS_IN_NAME.search(raw) is not None


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The raw query string of a request as names and values, in which a name may occur again."""
    return parse_pairs(query.encode("utf-8", "surrogateescape")) if query else []


def parse_pairs(raw: bytes) -> list[tuple[str, str]]:
    """The same as pairs, in which a name may occur again."""
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise _malformed("the parameters are not UTF-8") from error
    if raw.count(b"&") >= MAX_PARAMETERS:
        raise _malformed(f"more than {MAX_PARAMETERS} parameters")
    # The parser decodes a pair before it splits it, so an escaped `=` in a name would move the border.
    if _escapes_equals_in_name(raw):
        return [_decoded(pair) for pair in raw.split(b"&") if pair]
    pairs = parse_query_string(raw, "&")
    for name, value in pairs:
        # The parser leaves a pair alone that does not decode to UTF-8: all of it becomes the name.
        if "%" in name:
            return [_decoded(pair) for pair in raw.split(b"&") if pair]
        if "%" in value and _BAD_ESCAPE.search(raw):
            raise _malformed(f"the parameter `{name[:128]}` has an invalid escape")
    return pairs


def _decoded(pair: bytes) -> tuple[str, str]:
    """One pair, decoded by the standard library: slow, and exact."""
    name, _, value = pair.replace(b"+", b" ").partition(b"=")
    if _BAD_ESCAPE.search(pair):
        raise _malformed(f"the parameter `{name[:128].decode('latin-1')}` has an invalid escape")
    try:
        return unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"the parameter `{name[:128].decode('latin-1')}` cannot be decoded") from error


def tree(flat: Mapping[str, str]) -> Tree:
    """The parameters by the dots in their names: `{"Tags": {"member": {"1": {"Key": …}}}}`.

    Names with more dots than any parameter has are left out: AWS ignores unknown parameters.
    """
    root: Tree = {}
    for name, value in flat.items():
        if "." not in name:
            if name in root:
                raise _both(name)
            root[name] = value
            continue
        segments = name.split(".", _MAX_SEGMENTS)
        if len(segments) > _MAX_SEGMENTS:
            continue
        node = root
        for segment in segments[:-1]:
            below = node.setdefault(segment, {})
            if isinstance(below, str):
                raise _both(name)
            node = below
        if segments[-1] in node:
            raise _both(name)
        node[segments[-1]] = value
    return root


def _require_form(request: HttpRequest) -> None:
    content_type = request.header("content-type")
    if content_type is None:
        return
    media_type, _, options = content_type.partition(";")
    charset = options.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != _FORM or charset not in ("", "utf-8"):
        raise AwsError(
            "MalformedInput", f"the body must be `{_FORM}` in UTF-8, and is `{content_type[:128]}`"
        )


def _malformed(what: str) -> AwsError:
    return AwsError("MalformedQueryString", f"The query string contains a syntax error: {what}", 404)


def _both(name: str) -> AwsError:
    return AwsError("MalformedInput", f"the parameter `{name[:128]}` is a value and a list or structure, too")

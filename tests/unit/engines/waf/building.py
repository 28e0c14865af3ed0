"""Requests and fields for tests, in few words."""

from typing import Any

import msgspec

from masugata.engines.waf.definitions.statements import ByteMatchStatement, SizeConstraintStatement
from masugata.engines.waf.fields import Field, compile_field
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.request import WebRequest


def parsed(body_limit: int = 8_192, **members: Any) -> ParsedRequest:
    """A request that nothing has looked at."""
    return ParsedRequest(WebRequest(**{"method": b"GET", "uri_path": b"/", **members}), body_limit)


def posted(content_type: bytes, body: bytes, *headers: tuple[bytes, bytes], **members: Any) -> ParsedRequest:
    """A request with a body."""
    named = ((b"content-type", content_type),) if content_type else ()
    return parsed(65_536, method=b"POST", headers=(*named, *headers), body=body, **members)


def field(part: dict[str, Any], *types: str, pre: tuple[str, ...] = (), size: bool = False) -> Field:
    """The field of a statement that says FieldToMatch so, with these transformations in turn."""
    statement: dict[str, Any] = {
        "FieldToMatch": part,
        "TextTransformations": [{"Priority": number, "Type": name} for number, name in enumerate(types)],
        "PreParseTextTransformations": [
            {"Priority": number, "Type": name} for number, name in enumerate(pre)
        ],
    }
    if size:
        statement |= {"ComparisonOperator": "GT", "Size": 1}
        return compile_field(msgspec.convert(statement, SizeConstraintStatement))
    statement |= {"SearchString": b"x", "PositionalConstraint": "CONTAINS"}
    return compile_field(msgspec.convert(statement, ByteMatchStatement, builtin_types=(bytes,)))

"""What of a request is looked at, and how it is rewritten before: FieldToMatch and TextTransformation.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_FieldToMatch.html, API_TextTransformation.html
"""

from typing import Literal

from msgspec import field

from masugata.engines.waf.definitions._shape import Shape

OversizeHandling = Literal["CONTINUE", "MATCH", "NO_MATCH"]
FallbackBehavior = Literal["MATCH", "NO_MATCH"]
MapMatchScope = Literal["ALL", "KEY", "VALUE"]


class Empty(Shape, frozen=True, kw_only=True):
    """A structure without members: that it is there is all it says."""


class Named(Shape, frozen=True, kw_only=True):
    """One header or query argument, by its name; upper and lower case are the same."""

    name: str


class Body(Shape, frozen=True, kw_only=True):
    """The request's body as it came."""

    oversize_handling: OversizeHandling = "CONTINUE"


class JsonMatchPattern(Shape, frozen=True, kw_only=True):
    """All of a JSON body, or what JSON pointers lead to."""

    all: Empty | None = None
    included_paths: tuple[str, ...] | None = None


class JsonBody(Shape, frozen=True, kw_only=True):
    """Keys and values of a JSON body."""

    match_pattern: JsonMatchPattern
    match_scope: Literal["ALL", "KEY", "VALUE"]
    invalid_fallback_behavior: Literal["MATCH", "NO_MATCH", "EVALUATE_AS_STRING"] | None = None
    oversize_handling: OversizeHandling = "CONTINUE"


class HeaderMatchPattern(Shape, frozen=True, kw_only=True):
    """Which headers."""

    all: Empty | None = None
    included_headers: tuple[str, ...] | None = None
    excluded_headers: tuple[str, ...] | None = None


class Headers(Shape, frozen=True, kw_only=True):
    """Names and values of several headers."""

    match_pattern: HeaderMatchPattern
    match_scope: MapMatchScope
    oversize_handling: OversizeHandling


class CookieMatchPattern(Shape, frozen=True, kw_only=True):
    """Which cookies; their names are case-sensitive."""

    all: Empty | None = None
    included_cookies: tuple[str, ...] | None = None
    excluded_cookies: tuple[str, ...] | None = None


class Cookies(Shape, frozen=True, kw_only=True):
    """Names and values of several cookies."""

    match_pattern: CookieMatchPattern
    match_scope: MapMatchScope
    oversize_handling: OversizeHandling


class HeaderOrder(Shape, frozen=True, kw_only=True):
    """The names of the headers in the order in which they came, joined by colons."""

    oversize_handling: OversizeHandling


class Fingerprint(Shape, frozen=True, kw_only=True):
    """The JA3 or JA4 fingerprint of the TLS handshake, and what counts where there was none."""

    fallback_behavior: FallbackBehavior


class UriFragment(Shape, frozen=True, kw_only=True):
    """What follows `#` in the target of the request."""

    fallback_behavior: FallbackBehavior | None = None


class FieldToMatch(Shape, frozen=True, kw_only=True):
    """Exactly one of the parts of a request."""

    single_header: Named | None = None
    single_query_argument: Named | None = None
    all_query_arguments: Empty | None = None
    uri_path: Empty | None = None
    query_string: Empty | None = None
    body: Body | None = None
    method: Empty | None = None
    json_body: JsonBody | None = None
    headers: Headers | None = None
    cookies: Cookies | None = None
    header_order: HeaderOrder | None = None
    ja3_fingerprint: Fingerprint | None = field(default=None, name="JA3Fingerprint")
    ja4_fingerprint: Fingerprint | None = field(default=None, name="JA4Fingerprint")
    uri_fragment: UriFragment | None = None


TransformationType = Literal[
    "NONE",
    "COMPRESS_WHITE_SPACE",
    "HTML_ENTITY_DECODE",
    "LOWERCASE",
    "CMD_LINE",
    "URL_DECODE",
    "BASE64_DECODE",
    "HEX_DECODE",
    "MD5",
    "REPLACE_COMMENTS",
    "ESCAPE_SEQ_DECODE",
    "SQL_HEX_DECODE",
    "CSS_DECODE",
    "JS_DECODE",
    "NORMALIZE_PATH",
    "NORMALIZE_PATH_WIN",
    "REMOVE_NULLS",
    "REPLACE_NULLS",
    "BASE64_DECODE_EXT",
    "URL_DECODE_UNI",
    "UTF8_TO_UNICODE",
    "REMOVE_WHITESPACE",
    "TRIM",
    "TRIM_LEFT",
    "TRIM_RIGHT",
    "REMOVE_COMMENTS_CHAR",
    "UPPERCASE",
    "CMD_LINE_WIN",
    "CMD_LINE_UNIX",
    "JS_DECODE_EXT",
    "SHA256",
]
PreParseTransformationType = Literal[
    "NONE",
    "URL_DECODE",
    "URL_DECODE_UNI",
    "COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA",
    "REPLACE_SEMICOLONS_WITH_AMPERSANDS",
]


class TextTransformation(Shape, frozen=True, kw_only=True):
    """One step of a chain; the steps are taken by ascending priority."""

    priority: int
    type: TransformationType


class PreParseTextTransformation(Shape, frozen=True, kw_only=True):
    """One step that is taken before the query string is parsed."""

    priority: int
    type: PreParseTransformationType


class Inspected(Shape, frozen=True, kw_only=True):
    """What statements that look at text have in common."""

    field_to_match: FieldToMatch
    text_transformations: tuple[TextTransformation, ...]
    pre_parse_text_transformations: tuple[PreParseTextTransformation, ...] = ()

"""Text transformations: how values are rewritten before they are looked at. One file each.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html, and for
what it leaves open ModSecurity's reference manual, whose `t:` functions they are.
"""

from collections.abc import Iterable, Mapping

from masugata.engines.waf.definitions import PreParseTextTransformation, TextTransformation
from masugata.engines.waf.transformations._transformation import Transform, Transformation, compose, unchanged
from masugata.engines.waf.transformations.base64_decode import BASE64_DECODE
from masugata.engines.waf.transformations.base64_decode_ext import BASE64_DECODE_EXT
from masugata.engines.waf.transformations.cmd_line import CMD_LINE
from masugata.engines.waf.transformations.cmd_line_unix import CMD_LINE_UNIX
from masugata.engines.waf.transformations.cmd_line_win import CMD_LINE_WIN
from masugata.engines.waf.transformations.combine_duplicate_query_args_by_comma import (
    COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA,
)
from masugata.engines.waf.transformations.compress_white_space import COMPRESS_WHITE_SPACE
from masugata.engines.waf.transformations.css_decode import CSS_DECODE
from masugata.engines.waf.transformations.escape_seq_decode import ESCAPE_SEQ_DECODE
from masugata.engines.waf.transformations.hex_decode import HEX_DECODE
from masugata.engines.waf.transformations.html_entity_decode import HTML_ENTITY_DECODE
from masugata.engines.waf.transformations.js_decode import JS_DECODE
from masugata.engines.waf.transformations.js_decode_ext import JS_DECODE_EXT
from masugata.engines.waf.transformations.lowercase import LOWERCASE
from masugata.engines.waf.transformations.md5 import MD5
from masugata.engines.waf.transformations.normalize_path import NORMALIZE_PATH
from masugata.engines.waf.transformations.normalize_path_win import NORMALIZE_PATH_WIN
from masugata.engines.waf.transformations.remove_comments_char import REMOVE_COMMENTS_CHAR
from masugata.engines.waf.transformations.remove_nulls import REMOVE_NULLS
from masugata.engines.waf.transformations.remove_whitespace import REMOVE_WHITESPACE
from masugata.engines.waf.transformations.replace_comments import REPLACE_COMMENTS
from masugata.engines.waf.transformations.replace_nulls import REPLACE_NULLS
from masugata.engines.waf.transformations.replace_semicolons_with_ampersands import (
    REPLACE_SEMICOLONS_WITH_AMPERSANDS,
)
from masugata.engines.waf.transformations.sha256 import SHA256
from masugata.engines.waf.transformations.sql_hex_decode import SQL_HEX_DECODE
from masugata.engines.waf.transformations.trim import TRIM
from masugata.engines.waf.transformations.trim_left import TRIM_LEFT
from masugata.engines.waf.transformations.trim_right import TRIM_RIGHT
from masugata.engines.waf.transformations.uppercase import UPPERCASE
from masugata.engines.waf.transformations.url_decode import URL_DECODE
from masugata.engines.waf.transformations.url_decode_uni import URL_DECODE_UNI
from masugata.engines.waf.transformations.utf8_to_unicode import UTF8_TO_UNICODE

__all__ = [
    "PRE_PARSE_TRANSFORMATIONS",
    "TRANSFORMATIONS",
    "Transform",
    "Transformation",
    "chain",
    "pre_parse_chain",
    "unchanged",
]

NONE = Transformation(unchanged, ())

TRANSFORMATIONS: Mapping[str, Transformation] = {
    "NONE": NONE,
    "COMPRESS_WHITE_SPACE": COMPRESS_WHITE_SPACE,
    "HTML_ENTITY_DECODE": HTML_ENTITY_DECODE,
    "LOWERCASE": LOWERCASE,
    "CMD_LINE": CMD_LINE,
    "URL_DECODE": URL_DECODE,
    "BASE64_DECODE": BASE64_DECODE,
    "HEX_DECODE": HEX_DECODE,
    "MD5": MD5,
    "REPLACE_COMMENTS": REPLACE_COMMENTS,
    "ESCAPE_SEQ_DECODE": ESCAPE_SEQ_DECODE,
    "SQL_HEX_DECODE": SQL_HEX_DECODE,
    "CSS_DECODE": CSS_DECODE,
    "JS_DECODE": JS_DECODE,
    "NORMALIZE_PATH": NORMALIZE_PATH,
    "NORMALIZE_PATH_WIN": NORMALIZE_PATH_WIN,
    "REMOVE_NULLS": REMOVE_NULLS,
    "REPLACE_NULLS": REPLACE_NULLS,
    "BASE64_DECODE_EXT": BASE64_DECODE_EXT,
    "URL_DECODE_UNI": URL_DECODE_UNI,
    "UTF8_TO_UNICODE": UTF8_TO_UNICODE,
    "REMOVE_WHITESPACE": REMOVE_WHITESPACE,
    "TRIM": TRIM,
    "TRIM_LEFT": TRIM_LEFT,
    "TRIM_RIGHT": TRIM_RIGHT,
    "REMOVE_COMMENTS_CHAR": REMOVE_COMMENTS_CHAR,
    "UPPERCASE": UPPERCASE,
    "CMD_LINE_WIN": CMD_LINE_WIN,
    "CMD_LINE_UNIX": CMD_LINE_UNIX,
    "JS_DECODE_EXT": JS_DECODE_EXT,
    "SHA256": SHA256,
}

PRE_PARSE_TRANSFORMATIONS: Mapping[str, Transformation] = {
    "NONE": NONE,
    "URL_DECODE": URL_DECODE,
    "URL_DECODE_UNI": URL_DECODE_UNI,
    "COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA": COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA,
    "REPLACE_SEMICOLONS_WITH_AMPERSANDS": REPLACE_SEMICOLONS_WITH_AMPERSANDS,
}


def chain(transformations: Iterable[TextTransformation]) -> Transform:
    """One function for all steps, taken by ascending priority; the same for the same steps."""
    return _chain(TRANSFORMATIONS, transformations)


def pre_parse_chain(transformations: Iterable[PreParseTextTransformation]) -> Transform:
    """The same for what is done to a query string before it is parsed."""
    return _chain(PRE_PARSE_TRANSFORMATIONS, transformations)


def _chain(
    table: Mapping[str, Transformation],
    steps: Iterable[TextTransformation | PreParseTextTransformation],
) -> Transform:
    ordered = sorted(steps, key=lambda step: step.priority)
    return compose(tuple(table[step.type].transform for step in ordered if step.type != "NONE"))

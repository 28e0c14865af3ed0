"""Fields to match: which bytes of a request a statement looks at. One file each."""

from collections.abc import Callable, Mapping
from typing import Any

from masugata.engines.waf.definitions import Inspected
from masugata.engines.waf.fields._field import Field, Source, Values
from masugata.engines.waf.fields.all_query_arguments import compile_all_query_arguments
from masugata.engines.waf.fields.body import compile_body
from masugata.engines.waf.fields.cookies import compile_cookies
from masugata.engines.waf.fields.fingerprints import compile_ja3_fingerprint, compile_ja4_fingerprint
from masugata.engines.waf.fields.header_order import compile_header_order
from masugata.engines.waf.fields.headers import compile_headers
from masugata.engines.waf.fields.json_body import compile_json_body
from masugata.engines.waf.fields.method import compile_method
from masugata.engines.waf.fields.query_string import compile_query_string
from masugata.engines.waf.fields.single_header import compile_single_header
from masugata.engines.waf.fields.single_query_argument import compile_single_query_argument
from masugata.engines.waf.fields.uri_fragment import compile_uri_fragment
from masugata.engines.waf.fields.uri_path import compile_uri_path
from masugata.engines.waf.transformations import chain

__all__ = ["Field", "Values", "compile_field"]

SOURCES: Mapping[str, Callable[[Any, Inspected], Source]] = {
    "single_header": compile_single_header,
    "single_query_argument": compile_single_query_argument,
    "all_query_arguments": compile_all_query_arguments,
    "uri_path": compile_uri_path,
    "query_string": compile_query_string,
    "body": compile_body,
    "method": compile_method,
    "json_body": compile_json_body,
    "headers": compile_headers,
    "cookies": compile_cookies,
    "header_order": compile_header_order,
    "ja3_fingerprint": compile_ja3_fingerprint,
    "ja4_fingerprint": compile_ja4_fingerprint,
    "uri_fragment": compile_uri_fragment,
}

_PRE_PARSED = frozenset({"single_query_argument", "all_query_arguments"})


def compile_field(inspected: Inspected) -> Field:
    """What a statement looks at, with its transformations; raises ValueError unless it is exactly one."""
    named = {name: part for name in SOURCES if (part := getattr(inspected.field_to_match, name)) is not None}
    if len(named) != 1:
        raise ValueError(f"a field to match must be exactly one, not {len(named)}")
    ((name, part),) = named.items()
    source = SOURCES[name](part, inspected)
    steps = sorted(inspected.text_transformations, key=lambda step: step.priority)
    if inspected.pre_parse_text_transformations and name not in _PRE_PARSED:
        raise ValueError("pre-parse text transformations are for query arguments only")
    key = " ".join([source.key, *(step.type for step in steps if step.type != "NONE")])
    return Field(key, source, chain(steps))

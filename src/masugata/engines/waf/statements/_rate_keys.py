"""By what a rate-based statement counts."""

from collections.abc import Callable
from ipaddress import IPv6Network

from masugata.engines.waf.addresses import Address
from masugata.engines.waf.context import Context
from masugata.engines.waf.definitions import Cookies, FieldToMatch, Inspected, TextTransformation
from masugata.engines.waf.definitions.fields import CookieMatchPattern, Empty, Fingerprint, Named
from masugata.engines.waf.definitions.statements import (
    ForwardedIPConfig,
    RateBasedStatement,
    RateBasedStatementCustomKey,
)
from masugata.engines.waf.statements._addresses import compile_addresses
from masugata.engines.waf.statements._scope import Scope
from masugata.engines.waf.statements.label_match import full_name, in_namespace

Key = Callable[[Context], "bytes | bool | None"]
"""The key; or, without one, whether the statement matches without counting (None: it does not apply)."""
PREFIX = 64
"""Bits of an IPv6 address that tell clients apart: whoever has one has all of these."""


def compile_rate_key(statement: RateBasedStatement, scope: Scope) -> Key:
    """The key by the type of aggregation."""
    custom = statement.custom_keys
    if bool(custom) != (statement.aggregate_key_type == "CUSTOM_KEYS"):
        raise scope.error("`CustomKeys` go with the aggregate key type `CUSTOM_KEYS`, and only with it")
    match statement.aggregate_key_type:
        case "IP":
            return _address(None)
        case "FORWARDED_IP":
            return _address(_config(statement, scope))
        case "CONSTANT":
            return lambda _: b"all"
        case "CUSTOM_KEYS":
            return _together(tuple(_custom(key, statement, scope) for key in custom))


def _config(statement: RateBasedStatement, scope: Scope) -> ForwardedIPConfig:
    if statement.forwarded_ip_config is None:
        raise scope.error("counting by forwarded address needs `ForwardedIPConfig`")
    return statement.forwarded_ip_config


def _address(config: ForwardedIPConfig | None) -> Key:
    addresses = compile_addresses(config)

    def key(context: Context) -> bytes | bool | None:
        found = addresses(context)
        if not isinstance(found, tuple):
            return found
        return client(found[0]).encode() if found else b"unknown"

    return key


def client(address: Address) -> str:
    """The address, or its network of IPv6."""
    if address.version == 4:
        return address.text
    return str(IPv6Network((address.number >> (128 - PREFIX) << (128 - PREFIX), PREFIX)))


def _together(keys: tuple[Key, ...]) -> Key:
    """Each with its length before it, so that no two combinations are the same bytes."""

    def key(context: Context) -> bytes | bool | None:
        parts = []
        for one in keys:
            found = one(context)
            if not isinstance(found, bytes):
                return found
            parts.append(b"%d:%b" % (len(found), found))
        return b",".join(parts)

    return key


def _custom(key: RateBasedStatementCustomKey, statement: RateBasedStatement, scope: Scope) -> Key:
    found = [(n, v) for n in key.__struct_fields__ if (v := getattr(key, n)) is not None]
    if len(found) != 1:
        raise scope.error(f"a custom key must be exactly one of the keys, not {len(found)}")
    ((name, said),) = found
    match name:
        case "http_method":
            return lambda context: context.parsed.request.method
        case "ip":
            return _address(None)
        case "forwarded_ip":
            return _address(_config(statement, scope))
        case "asn":
            return _asn
        case "label_namespace":
            return _labels(full_name(said.namespace, scope))
        case "ja3_fingerprint" | "ja4_fingerprint":
            return _fingerprint(name[:3], said)
        case _:
            return _text(FIELDS[name](said), said.text_transformations, scope)


FIELDS: dict[str, Callable[..., FieldToMatch]] = {
    "header": lambda said: FieldToMatch(single_header=Named(name=said.name)),
    "query_argument": lambda said: FieldToMatch(single_query_argument=Named(name=said.name)),
    "query_string": lambda _: FieldToMatch(query_string=Empty()),
    "uri_path": lambda _: FieldToMatch(uri_path=Empty()),
    "cookie": lambda said: FieldToMatch(
        cookies=Cookies(
            match_pattern=CookieMatchPattern(included_cookies=(said.name,)),
            match_scope="VALUE",
            oversize_handling="CONTINUE",
        )
    ),
}


def _text(part: FieldToMatch, steps: tuple[TextTransformation, ...], scope: Scope) -> Key:
    field = scope.field(Inspected(field_to_match=part, text_transformations=steps))

    def key(context: Context) -> bytes | None:
        values = field.values(context.parsed).values
        return b",".join(values) if values else None

    return key


def _asn(context: Context) -> bytes | bool | None:
    found = compile_addresses(None)(context)
    known = context.locate(found[0].text).asn if isinstance(found, tuple) and found else None
    return b"%d" % (known or 0)


def _labels(namespace: str) -> Key:
    prefix = namespace if namespace.endswith(":") else namespace + ":"

    def key(context: Context) -> bytes | None:
        found = in_namespace(context, prefix)
        return " ".join(sorted(found)).encode() if found else None

    return key


def _fingerprint(name: str, said: Fingerprint) -> Key:
    fallback = said.fallback_behavior == "MATCH"

    def key(context: Context) -> bytes | bool:
        found = getattr(context.parsed.request, name)
        return found.encode() if found else fallback

    return key

"""What an event may show of a request or response."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeAlias

from masugata.wire import ServiceModel, load_service

Sensitive: TypeAlias = Mapping[str, "Sensitive | None"]
"""The members that a model marks as sensitive (None), and those that have such inside."""

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
# What every service has, marked in its model or not.
_SECRET_MEMBERS = frozenset(
    {
        "AddPrivateKey",
        "AuthenticationCode1",
        "AuthenticationCode2",
        "Base32StringSeed",
        "ContextAssertion",
        "DecodedMessage",
        "EncodedMessage",
        "NewPassword",
        "OldPassword",
        "Password",
        "PrivateKey",
        "QRCodePNG",
        "SAMLAssertion",
        "SecretAccessKey",
        "ServiceCredentialSecret",
        "ServicePassword",
        "SessionToken",
        "TokenCode",
        "TradeInToken",
        "WebIdentityToken",
    }
)
_PRIVATE_KEY = "PRIVATE KEY-----"
_LONGEST_TEXT = 16_384


_NOTHING: Final[Sensitive] = {}


@cache
def sensitive_members(service: str, operation: str) -> tuple[Sensitive, Sensitive]:
    """What the model of an operation marks as sensitive, in its request and in its answer."""
    model = load_service(service)
    found = model.operation(operation)
    seen: dict[str, dict[str, Sensitive | None]] = {}
    given, answered = (
        (_NOTHING if shape is None else _inside(model, shape, seen)) or _NOTHING
        for shape in (found.input, found.output)
    )
    return given, answered


def _inside(model: ServiceModel, name: str, seen: dict[str, dict[str, Sensitive | None]]) -> Sensitive | None:
    """What is sensitive inside a shape; None if all of it is. Shapes may contain themselves."""
    shape = model.shape(name)
    if shape.sensitive:
        return None
    if shape.type in ("list", "map"):
        return _inside(model, shape.element("member" if shape.type == "list" else "value").shape, seen)
    if not shape.members:
        return _NOTHING
    if name not in seen:
        members = seen[name] = {}
        for member, of in shape.members.items():
            inside = _inside(model, of.shape, seen)
            if inside is not _NOTHING:
                members[member] = inside
    return seen[name]


def redact(value: Any, sensitive: Sensitive = _NOTHING) -> Any:
    """A copy of AWS-shaped data for an event: lowerCamelCase names, secrets hidden, plain JSON types.

    Secrets are known by their member's name or by the model (`sensitive_members`), and private keys in PEM
    wherever somebody put them; a blob is never shown.
    """
    if isinstance(value, str):
        if _PRIVATE_KEY in value:
            return HIDDEN
        return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…"
    if value.__class__ is dict or isinstance(value, Mapping):
        return {_lower_camel(name): _member(name, member, sensitive) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [redact(member, sensitive) for member in value]
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y, %-I:%M:%S %p")
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    return value


def _member(name: str, value: Any, sensitive: Sensitive) -> Any:
    inside = sensitive.get(name, _NOTHING)
    return HIDDEN if inside is None or name in _SECRET_MEMBERS else redact(value, inside)


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]

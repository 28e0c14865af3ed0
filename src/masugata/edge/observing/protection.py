"""What a log does not show: redacted fields, and fields that are protected as DataProtectionConfig says.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-data-protection-and-logging.html
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote_plus

from masugata.engines.waf.definitions import FieldToMatch

REDACTED: Final = "REDACTED"
_COOKIE: Final = "cookie"

Change = Callable[[str], str]


class Protection:
    """Hides values in log records."""

    def __init__(self, redacted: Iterable[FieldToMatch], given: dict[str, Any] | None) -> None:
        self._headers: dict[str, Change] = {}
        self._cookies: dict[str, Change] = {}
        self._arguments: dict[str, Change] = {}
        self._fields: dict[str, Change] = {}
        """`uri`, `args` and `httpMethod`."""
        self._evidence: Change | None = None
        """What was found in fields that are hidden would show them."""
        for protection in (given or {}).get("DataProtections", ()):
            self._protect(protection)
        for field in redacted:
            self._redact(field)

    def applied(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record, changed in place."""
        request = record["httpRequest"]
        for header in request["headers"]:
            name = header["name"].lower()
            if (change := self._headers.get(name)) is not None:
                header["value"] = change(header["value"])
            elif name == _COOKIE and self._cookies:
                header["value"] = _pairs(header["value"], "; ", self._cookies)
        if "host" in self._headers:
            request["host"] = self._headers["host"](request["host"])
        if self._arguments and "args" not in self._fields:
            request["args"] = _pairs(request["args"], "&", self._arguments)
        for name, change in self._fields.items():
            request[name] = change(request[name])
        if self._evidence is not None:
            _hide(record, self._evidence)
        return record

    def _redact(self, field: FieldToMatch) -> None:
        self._evidence = _substituted
        if field.single_header is not None:
            self._headers[field.single_header.name.lower()] = _substituted
        if field.uri_path is not None:
            self._fields["uri"] = _substituted
        if field.query_string is not None:
            self._fields["args"] = _substituted
        if field.method is not None:
            self._fields["httpMethod"] = _substituted

    def _protect(self, protection: dict[str, Any]) -> None:
        change = _hashed if protection["Action"] == "HASH" else _substituted
        self._evidence = change
        field = protection["Field"]
        keys = [key.lower() for key in field.get("FieldKeys") or ()]
        match field["FieldType"]:
            case "SINGLE_HEADER":
                self._headers |= dict.fromkeys(keys, change)
            case "SINGLE_COOKIE":
                self._cookies |= dict.fromkeys(keys, change)
            case "SINGLE_QUERY_ARGUMENT":
                self._arguments |= dict.fromkeys(keys, change)
            case "QUERY_STRING":
                self._fields["args"] = change


def _substituted(_: str) -> str:
    return REDACTED


def _hashed(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _pairs(text: str, separator: str, changes: dict[str, Change]) -> str:
    """Names with values, of which some are changed."""
    found = []
    for pair in text.split(separator.strip()):
        name, equals, value = pair.strip().partition("=")
        change = changes.get(unquote_plus(name).lower())
        found.append(f"{name}{equals}{value if change is None else change(value)}" if equals else name)
    return separator.join(found)


def _hide(value: Any, change: Change) -> None:
    """Hide all evidence in a record."""
    if isinstance(value, list):
        for item in value:
            _hide(item, change)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "matchedData":
                value[name] = [change(text) for text in inner]
            else:
                _hide(inner, change)

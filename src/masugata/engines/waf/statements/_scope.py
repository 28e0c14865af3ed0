"""What a statement is compiled with: where it stands, and what it refers to."""

from collections.abc import Mapping

import msgspec

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.definitions import Inspected
from masugata.engines.waf.detectors import Detector
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.fields import Field, compile_field
from masugata.engines.waf.managed import Source
from masugata.engines.waf.statements._lookup import FieldLookup, Lookup, Patterns
from masugata.engines.waf.statements._sizes import SizeLookup
from masugata.engines.waf.statements._source_lookup import SourceLookup

OVERSIZE = {
    "body": "REQUEST_BODY",
    "json_body": "REQUEST_JSON_BODY",
    "headers": "REQUEST_HEADERS",
    "header_order": "REQUEST_HEADERS",
    "cookies": "REQUEST_COOKIES",
}
LOCATIONS = {
    "single_header": "HEADER",
    "headers": "HEADER",
    "header_order": "HEADER_ORDER",
    "cookies": "COOKIE",
    "single_query_argument": "SINGLE_QUERY_ARG",
    "all_query_arguments": "ALL_QUERY_ARGS",
    "query_string": "QUERY_STRING",
    "uri_path": "URI",
    "uri_fragment": "URI_FRAGMENT",
    "method": "METHOD",
    "body": "BODY",
    "json_body": "JSON_BODY",
    "ja3_fingerprint": "JA3_FINGERPRINT",
    "ja4_fingerprint": "JA4_FINGERPRINT",
}
"""What the log calls the parts of a request.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
"""


class Lookups:
    """The lookups of one plan, by what they look at."""

    def __init__(self) -> None:
        """None yet."""
        self._by_key: dict[object, FieldLookup] = {}
        self._by_source: dict[Source, SourceLookup] = {}
        self._sizes: SizeLookup | None = None
        self._hints = Patterns()
        self.all: list[Lookup] = []

    def field(self, field: Field, oversize: str | None) -> FieldLookup:
        """The one that looks at this field."""
        found = self._by_key.get(field.key)
        if found is None:
            found = self._by_key[field.key] = FieldLookup(len(self.all), field, oversize)
            self.all.append(found)
        return found

    def sizes(self) -> SizeLookup:
        """The one that compares sizes."""
        if self._sizes is None:
            self._sizes = SizeLookup(len(self.all))
            self.all.append(self._sizes)
        return self._sizes

    def source(self, source: Source) -> SourceLookup:
        """The one that looks at this part."""
        found = self._by_source.get(source)
        if found is None:
            found = self._by_source[source] = SourceLookup(len(self.all), source, self._hints)
            self.all.append(found)
        return found


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """`where` is the path to the rule, for errors; `rate` names it for counters.

    `label_namespace` ends with a colon: it is put before labels that are not full names. `doubt` is the
    answer of a statement that does not know, for there is more than is looked at: the one that lets nothing
    through, which is no where a match allows, and the other way round within Not.
    """

    where: str
    rate: str
    label_namespace: str
    lookups: Lookups
    ip_sets: Mapping[str, tuple[str, ...] | AddressSet]
    regex_pattern_sets: Mapping[str, tuple[str, ...]]
    detectors: Mapping[str, Detector]
    doubt: bool = True

    def within(self, name: str, label_namespace: str | None = None) -> "Scope":
        """The scope of a rule in it, which may be of a rule group with a namespace of its own."""
        return msgspec.structs.replace(
            self,
            where=f"{self.where}/{name}",
            rate=f"{self.rate}/{name}",
            label_namespace=self.label_namespace if label_namespace is None else label_namespace,
        )

    def doubting(self, *, doubt: bool) -> "Scope":
        """The same, where this is the answer of who does not know."""
        return msgspec.structs.replace(self, doubt=doubt)

    def error(self, problem: str) -> RulesetError:
        """What is wrong with the rule."""
        return RulesetError(self.where, problem)

    def field(self, inspected: Inspected) -> Field:
        """What a statement looks at; raises RulesetError for what is not understood."""
        try:
            return compile_field(inspected)
        except ValueError as error:
            raise self.error(str(error)) from None

    def lookup(self, inspected: Inspected) -> FieldLookup:
        """The pass over what a statement looks at."""
        return self.lookups.field(self.field(inspected), OVERSIZE.get(part(inspected)))


def part(inspected: Inspected) -> str:
    """The name of the one part of the request that is looked at."""
    field = inspected.field_to_match
    return next(name for name in LOCATIONS if getattr(field, name) is not None)


def location(inspected: Inspected) -> str:
    """What the log calls it."""
    return LOCATIONS[part(inspected)]

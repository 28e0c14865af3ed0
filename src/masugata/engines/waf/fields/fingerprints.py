"""JA3Fingerprint and JA4Fingerprint: what tells apart the programs that opened the TLS connection."""

from masugata.engines.waf.definitions.fields import Fingerprint, Inspected
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import BEHAVIORS, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_ja3_fingerprint(fingerprint: Fingerprint, _inspected: Inspected) -> Source:
    """One value; without TLS the fallback says whether the statement matches."""
    fallback = BEHAVIORS[fingerprint.fallback_behavior]

    def values(parsed: ParsedRequest) -> Values:
        return _values(parsed.request.ja3, fallback)

    return Source(f"JA3Fingerprint {fingerprint.fallback_behavior}", Place.HEADER, values)


def compile_ja4_fingerprint(fingerprint: Fingerprint, _inspected: Inspected) -> Source:
    """One value; without TLS the fallback says whether the statement matches."""
    fallback = BEHAVIORS[fingerprint.fallback_behavior]

    def values(parsed: ParsedRequest) -> Values:
        return _values(parsed.request.ja4, fallback)

    return Source(f"JA4Fingerprint {fingerprint.fallback_behavior}", Place.HEADER, values)


def _values(fingerprint: str | None, fallback: bool | None) -> Values:
    return Values((), fallback) if fingerprint is None else Values((fingerprint.encode(),))

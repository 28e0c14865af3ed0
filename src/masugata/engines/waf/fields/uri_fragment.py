"""UriFragment: what follows the `#`, which browsers keep to themselves and some clients send."""

from masugata.engines.waf.definitions.fields import Inspected, UriFragment
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import BEHAVIORS, Source, Values
from masugata.engines.waf.parsed import ParsedRequest


def compile_uri_fragment(part: UriFragment, _inspected: Inspected) -> Source:
    """One value; without a fragment the fallback, or else NO_MATCH, says whether the statement matches."""
    behavior = part.fallback_behavior or "NO_MATCH"
    fallback = BEHAVIORS[behavior]

    def values(parsed: ParsedRequest) -> Values:
        fragment = parsed.request.fragment
        return Values((), fallback) if fragment is None else Values((fragment,))

    return Source(f"UriFragment {behavior}", Place.PATH, values)

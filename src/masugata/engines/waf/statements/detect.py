"""What managed rules have instead of a statement: an attack of some family, somewhere in the request."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.detectors import Detector
from masugata.engines.waf.managed import Detect
from masugata.engines.waf.statements._detectors import CONDITIONS
from masugata.engines.waf.statements._evidence import answer, shown
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope
from masugata.engines.waf.statements._source_lookup import SourceLookup


def compile_detect(detect: Detect, scope: Scope) -> Matcher:
    """Detectors are asked only about values in which one of their hints was found."""
    if not detect.sources or not detect.detectors:
        raise scope.error("something to detect needs sources and detectors")
    asked: list[tuple[SourceLookup, Detector, str]] = []
    triggers = set()
    for source in detect.sources:
        lookup = scope.lookups.source(source)
        for detector in detect.detectors:
            triggers |= {(lookup, number) for number in lookup.add(detector, scope.where)}
            asked.append((lookup, detector, source.value))
    minimum, doubt = detect.minimum_score, scope.doubt

    def matches(context: Context) -> bool:
        for lookup, detector, _ in asked:
            if answer(lookup.evidence(context, detector), minimum, context, doubt=doubt):
                return True
        return False

    def details(context: Context) -> Details:
        return tuple(
            MatchDetail(
                CONDITIONS.get(found.family, found.family.upper()), place, (found.reason, *shown(found))
            )
            for lookup, detector, place in asked
            if (found := lookup.evidence(context, detector)) is not None and found.score >= minimum
        )

    return Matcher(matches, frozenset(triggers), details)

"""GeoMatchStatement: the address is in one of these countries."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import GeoMatchStatement
from masugata.engines.waf.statements._addresses import compile_addresses
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope

UNKNOWN_COUNTRY = "XX"
UNKNOWN_REGION = "XX-XX"


def compile_geo_match(statement: GeoMatchStatement, scope: Scope) -> Matcher:
    """Country and region become labels, whether the statement matches or not.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-geo-match.html
    """
    if not statement.country_codes:
        raise scope.error("a GeoMatchStatement needs `CountryCodes`")
    countries = frozenset(statement.country_codes)
    config = statement.forwarded_ip_config
    addresses = compile_addresses(config)
    prefix = "awswaf:clientip:geo" if config is None else "awswaf:forwardedip:geo"

    def place(context: Context) -> tuple[str, str] | bool | None:
        found = addresses(context)
        if not isinstance(found, tuple):
            return found
        if not found:
            return UNKNOWN_COUNTRY, UNKNOWN_REGION
        location = context.locate(found[0].text)
        return location.country or UNKNOWN_COUNTRY, location.region or UNKNOWN_REGION

    def matches(context: Context) -> bool | None:
        found = place(context)
        return found[0] in countries if isinstance(found, tuple) else found

    def locate(context: Context) -> None:
        found = place(context)
        if isinstance(found, tuple):
            context.labels[f"{prefix}:country:{found[0]}"] = None
            context.labels[f"{prefix}:region:{found[1]}"] = None

    def details(context: Context) -> Details:
        found = place(context)
        return (
            MatchDetail(
                "GEO_MATCH",
                "IP" if config is None else "FORWARDED_IP",
                found[:1] if isinstance(found, tuple) else (),
            ),
        )

    return Matcher(matches, details=details, locate=locate)

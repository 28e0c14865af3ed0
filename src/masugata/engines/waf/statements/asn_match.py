"""AsnMatchStatement: the address belongs to one of these autonomous systems."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import AsnMatchStatement
from masugata.engines.waf.statements._addresses import compile_addresses
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope

UNKNOWN = 0
"""The number of addresses of which none is known.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-asn-match.html
"""


def compile_asn_match(statement: AsnMatchStatement, scope: Scope) -> Matcher:
    """By the first address, as everywhere but in IP sets."""
    if not statement.asn_list:
        raise scope.error("an AsnMatchStatement needs `AsnList`")
    systems = frozenset(statement.asn_list)
    config = statement.forwarded_ip_config
    addresses = compile_addresses(config)

    def system(context: Context) -> int | None:
        found = addresses(context)
        if not isinstance(found, tuple):
            return None
        return (context.locate(found[0].text).asn or UNKNOWN) if found else UNKNOWN

    def matches(context: Context) -> bool | None:
        found = addresses(context)
        return system(context) in systems if isinstance(found, tuple) else found

    def details(context: Context) -> Details:
        found = system(context)
        texts = () if found is None else (str(found),)
        return (MatchDetail("ASN_MATCH", "IP" if config is None else "FORWARDED_IP", texts),)

    return Matcher(matches, details=details)

"""IPSetReferenceStatement: the address is in an IP set."""

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import IPSetReferenceStatement
from masugata.engines.waf.statements._addresses import compile_addresses
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope


def compile_ip_set_reference(statement: IPSetReferenceStatement, scope: Scope) -> Matcher:
    """An empty set matches nothing; one that is not there is an error."""
    cidrs = scope.ip_sets.get(statement.arn)
    if cidrs is None:
        raise scope.error(f"there is no IP set `{statement.arn}`")
    try:
        members = cidrs if isinstance(cidrs, AddressSet) else AddressSet(cidrs)
    except ValueError as error:
        raise scope.error(f"IP set `{statement.arn}`: {error}") from None
    config = statement.ip_set_forwarded_ip_config
    addresses = compile_addresses(config)

    def matches(context: Context) -> bool | None:
        found = addresses(context)
        if not isinstance(found, tuple):
            return found
        return any(address in members for address in found)

    place = "IP" if config is None else "FORWARDED_IP"

    def details(context: Context) -> Details:
        found = addresses(context)
        texts = tuple(a.text for a in found if a in members) if isinstance(found, tuple) else ()
        return (MatchDetail("IP_SET", place, texts),)

    return Matcher(matches, details=details)

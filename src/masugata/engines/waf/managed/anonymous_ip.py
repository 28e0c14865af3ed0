"""AWSManagedRulesAnonymousIpList: addresses that hide who is behind them.

Hosting providers are told by their autonomous systems, and the list `hosting` adds to them; relays and
proxies are the list `anonymous`, empty until somebody fills it.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html (names,
labels and actions)
"""

from masugata.engines.waf.definitions import Statement
from masugata.engines.waf.definitions.statements import AsnMatchStatement
from masugata.engines.waf.managed import _hosting
from masugata.engines.waf.managed._group import ManagedGroup
from masugata.engines.waf.managed._lists import ANONYMOUS, HOSTING, NOBODY, Lists
from masugata.engines.waf.managed._writing import NAMESPACE, VENDOR, blocked, either, in_set

_BY_SYSTEM = Statement(asn_match_statement=AsnMatchStatement(asn_list=_hosting.HOSTING))

_RULES = (
    blocked("AnonymousIPList", in_set(ANONYMOUS), "AnonymousIPList"),
    blocked("HostingProviderIPList", either(in_set(HOSTING), _BY_SYSTEM), "HostingProviderIPList"),
)


def group(lists: Lists) -> ManagedGroup:
    """The group with these lists."""
    return ManagedGroup(
        vendor=VENDOR,
        name="AWSManagedRulesAnonymousIpList",
        version="",
        capacity=50,
        label_namespace=NAMESPACE + "anonymous-ip-list:",
        description="Relays, proxies and networks that hide who is behind them, and hosting providers.",
        rules=_RULES,
        ip_sets={kept: lists.get(kept, NOBODY) for kept in (ANONYMOUS, HOSTING)},
    )

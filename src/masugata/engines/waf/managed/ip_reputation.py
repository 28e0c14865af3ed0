"""AWSManagedRulesAmazonIpReputationList: addresses that are known for attacks.

AWS's lists are its own; here they are the lists `reputation`, `reconnaissance` and `ddos`, empty until
somebody fills them.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html (names,
labels and actions)
"""

from masugata.engines.waf.managed._group import ManagedGroup, ManagedRule
from masugata.engines.waf.managed._lists import DDOS, NOBODY, RECONNAISSANCE, REPUTATION, Lists
from masugata.engines.waf.managed._writing import BLOCK, COUNT, NAMESPACE, VENDOR, in_set

_RULES = (
    ("AWSManagedIPReputationList", REPUTATION, BLOCK),
    ("AWSManagedReconnaissanceList", RECONNAISSANCE, BLOCK),
    ("AWSManagedIPDDoSList", DDOS, COUNT),
)


def group(lists: Lists) -> ManagedGroup:
    """The group with these lists."""
    return ManagedGroup(
        vendor=VENDOR,
        name="AWSManagedRulesAmazonIpReputationList",
        version="",
        capacity=25,
        label_namespace=NAMESPACE + "amazon-ip-list:",
        description="Addresses known for robots, reconnaissance and floods, of lists that you choose.",
        rules=tuple(
            ManagedRule(name=name, action=action, statement=in_set(kept), labels=(name,))
            for name, kept, action in _RULES
        ),
        ip_sets={kept: lists.get(kept, NOBODY) for _, kept, _ in _RULES},
    )

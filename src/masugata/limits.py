"""What AWS calls quotas: how many and how large things may be, in one table that an operator may override.

A name begins with the service's. Sizes are in characters, times in days unless the name says otherwise.
Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html and, for
attachments, .../orgs_manage_policies.html; https://docs.aws.amazon.com/kms/latest/developerguide/limits.html;
https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
"""

from collections.abc import Mapping

LIMITS: Mapping[str, int] = {
    "kms.keys": 100_000,
    "kms.aliases-per-key": 50,
    "kms.grants-per-key": 50_000,
    "kms.key-policy-size": 32_768,
    "kms.tags-per-key": 50,
    "kms.on-demand-rotations-per-key": 25,
    "kms.on-demand-rotation-seconds": 0,
    "kms.replica-creation-seconds": 0,
    "kms.primary-region-update-seconds": 0,
    "kms.custom-key-stores": 10,
    "kms.xks-proxy-milliseconds": 250,
    "organizations.accounts": 10,
    "organizations.organizational-units": 2_000,
    "organizations.organizational-unit-levels": 5,
    "organizations.account-creation-seconds": 0,
    "organizations.accounts-in-creation": 5,
    "organizations.accounts-in-closing": 3,
    "organizations.accounts-closed-percent": 20,
    "organizations.accounts-closed-at-least": 250,
    "organizations.accounts-closed-at-most": 1_000,
    "organizations.accounts-closed-window": 30,
    "organizations.account-closing": 90,
    "organizations.account-age-before-leaving": 4,
    "organizations.handshake-expiry": 15,
    "organizations.enable-all-features-accounts": 5_000,
    "organizations.enable-all-features-expiry": 90,
    "organizations.handshakes-per-day": 20,
    "organizations.delegated-administrators-per-service.default": 1,
    "organizations.delegated-administrators-per-service.cloudtrail.amazonaws.com": 3,
    "organizations.delegated-administrators-per-service.health.amazonaws.com": 5,
    "organizations.delegated-administrators-per-service.member.org.stacksets.cloudformation.amazonaws.com": 5,
    "organizations.delegated-administrators-per-service.servicecatalog.amazonaws.com": 50,
    "organizations.tags-per-resource": 50,
    "organizations.resource-policy-size": 40_000,
    "organizations.policies.SERVICE_CONTROL_POLICY": 10_000,
    "organizations.policies.RESOURCE_CONTROL_POLICY": 1_000,
    "organizations.policies.default": 1_000,
    "organizations.policy-size.SERVICE_CONTROL_POLICY": 5_120,
    "organizations.policy-size.RESOURCE_CONTROL_POLICY": 5_120,
    "organizations.policy-size.AISERVICES_OPT_OUT_POLICY": 2_500,
    "organizations.policy-size.UPGRADE_ROLLOUT_POLICY": 5_120,
    "organizations.policy-size.default": 10_000,
    "organizations.attachments.BACKUP_POLICY": 10,
    "organizations.attachments.TAG_POLICY": 10,
    "organizations.attachments.default": 5,
    "organizations.responsibility-transfer-levels": 2,
    "organizations.responsibility-transfer-months": 12,
    "organizations.responsibility-transfers-in-chain": 100,
    "organizations.responsibility-transfers-inbound": 10,
    "organizations.responsibility-transfers-outbound": 1,
    "wafv2.web-acls": 100,
    "wafv2.rule-groups": 100,
    "wafv2.ip-sets": 100,
    "wafv2.regex-pattern-sets": 10,
    "wafv2.web-acl-capacity": 5_000,
    "wafv2.rule-group-capacity": 5_000,
    "wafv2.references-per-web-acl": 50,
    "wafv2.references-per-rule-group": 50,
    "wafv2.rate-based-rules-per-web-acl": 10,
    "wafv2.rate-based-rules-per-rule-group": 4,
    "wafv2.addresses-per-ip-set": 10_000,
    "wafv2.regexes-per-set": 10,
    "wafv2.regex-size": 200,
    "wafv2.search-string-size": 200,
    "wafv2.text-transformations-per-statement": 10,
    "wafv2.country-codes-per-statement": 50,
    "wafv2.custom-headers-per-action": 10,
    "wafv2.custom-response-bodies": 50,
    "wafv2.custom-response-body-size": 4_096,
    "wafv2.custom-response-bodies-size": 51_200,
    "wafv2.token-domains": 10,
    "wafv2.token-domains-per-api-key": 5,
    "wafv2.api-keys": 100,
    "wafv2.permission-policy-size": 10_240,
    "wafv2.tags-per-resource": 50,
}
"""Every limit and what it is unless the setting `limits` says otherwise."""


def limit(limits: Mapping[str, int], name: str, variant: str = "") -> int:
    """One limit; with a `variant` `name.variant`, or `name.default` where that one has none of its own."""
    if not variant:
        return limits[name]
    own = limits.get(f"{name}.{variant}")
    return limits[f"{name}.default"] if own is None else own

"""Policies that switch security services on and off by Region.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html,
.../orgs_manage_policies_security_hub_cspm_syntax.html, .../orgs_manage_policies_inspector_syntax.html,
.../orgs_manage_policies_network_security_director_syntax.html, .../orgs_manage_policies_guardduty_syntax.html
"""

from typing import Any

from masugata.engines.inheritance.schema import REGION, REGIONS, Entries, Open, Section, text

_LISTS = {"enable_in_regions": REGIONS, "disable_in_regions": REGIONS}
_BOTH = frozenset(_LISTS)
_SCAN = Section(_LISTS)

SECURITY_HUB = Section(
    {**_LISTS, "features": Entries(Section(_LISTS, required=_BOTH), names=text(128), exact=True)},
    required=_BOTH,
)
# Standards and controls, which AWS describes in words only, are not known.
SECURITY_HUB_CSPM = Section(
    {"cspm_enablement": Section(_LISTS, required=_BOTH)}, required=frozenset({"cspm_enablement"})
)
INSPECTOR = Section(
    {
        "enablement": Section(
            {
                "ec2_scanning": _SCAN,
                "ecr_scanning": _SCAN,
                "lambda_standard_scanning": Section({**_LISTS, "lambda_code_scanning": _SCAN}),
                "code_repository_scanning": _SCAN,
            }
        )
    },
    required=frozenset({"enablement"}),
)
NETWORK_SECURITY_DIRECTOR = Section(
    {"enablement": Section({"network_security_scan": _SCAN})}, required=frozenset({"enablement"})
)


def _block(name: Any) -> str | None:
    return None if name == "default" else REGION(name)


# How a feature is configured could not be established, nor are all their names known.
GUARDDUTY = Entries(Entries(Open(), names=text(64), exact=True), names=_block)

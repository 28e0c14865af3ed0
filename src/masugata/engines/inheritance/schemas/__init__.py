"""The structure of each declarative policy type, as tables: one file for each family.

What AWS does not document well enough is `Open`, and has a row in docs/reference/differences.md.
"""

from collections.abc import Mapping
from typing import Final

from masugata.engines.inheritance.schema import ANY_OPERATORS, Node, PolicySchema
from masugata.engines.inheritance.schemas.backup import BACKUP
from masugata.engines.inheritance.schemas.chatbot import CHATBOT
from masugata.engines.inheritance.schemas.ec2 import EC2
from masugata.engines.inheritance.schemas.security import (
    GUARDDUTY,
    INSPECTOR,
    NETWORK_SECURITY_DIRECTOR,
    SECURITY_HUB,
    SECURITY_HUB_CSPM,
)
from masugata.engines.inheritance.schemas.services import (
    AI_SERVICES,
    AI_SERVICES_CONTROLS,
    BEDROCK,
    S3,
    UPGRADE_ROLLOUT,
)
from masugata.engines.inheritance.schemas.tags import TAGS


def _schema(controls: frozenset[str] = ANY_OPERATORS, /, **top: Node) -> PolicySchema:
    return PolicySchema(top, controls)


SCHEMAS: Final[Mapping[str, PolicySchema]] = {
    "TAG_POLICY": _schema(tags=TAGS),
    "BACKUP_POLICY": _schema(plans=BACKUP),
    "AISERVICES_OPT_OUT_POLICY": _schema(AI_SERVICES_CONTROLS, services=AI_SERVICES),
    "CHATBOT_POLICY": _schema(chatbot=CHATBOT),
    "DECLARATIVE_POLICY_EC2": _schema(ec2_attributes=EC2),
    "SECURITYHUB_POLICY": _schema(securityhub=SECURITY_HUB),
    # Which of the two AWS means could not be established.
    "SECURITYHUB_CSPM_POLICY": _schema(securityhub=SECURITY_HUB_CSPM, securityhub_cspm=SECURITY_HUB_CSPM),
    "INSPECTOR_POLICY": _schema(inspector=INSPECTOR),
    "UPGRADE_ROLLOUT_POLICY": _schema(upgrade_rollout=UPGRADE_ROLLOUT),
    "BEDROCK_POLICY": _schema(bedrock=BEDROCK),
    "S3_POLICY": _schema(s3_attributes=S3),
    "NETWORK_SECURITY_DIRECTOR_POLICY": _schema(network_security_director=NETWORK_SECURITY_DIRECTOR),
    "GUARDDUTY_POLICY": _schema(guardduty=GUARDDUTY),
}
"""Every declarative policy type by its name in the API."""

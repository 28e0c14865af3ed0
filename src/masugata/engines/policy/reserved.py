"""What AWS keeps for itself: nobody may change it, whatever the policies say."""

from typing import Final

from masugata.engines.policy.arns import Target

# Of IAM's actions these change nothing.
_READING: Final = ("iam:get", "iam:list", "iam:generate", "iam:simulate")
_ALIAS_CHANGES: Final = frozenset({"kms:createalias", "kms:updatealias", "kms:deletealias"})


def reserved(action: str, target: Target) -> str | None:
    """Why AWS refuses the action (in lower case) on a resource of its own to everybody, or None.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html,
    https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
    """
    if action.startswith("iam:"):
        if not target.is_arn or target.segments[2] != "iam" or action.startswith(_READING):
            return None
        if target.account == "aws":
            return "AWS managed policies cannot be changed"
        if target.resource.startswith("role/aws-reserved/"):
            return "roles that AWS reserves cannot be changed"
    elif action in _ALIAS_CHANGES and target.resource.startswith("alias/aws/"):
        return "aliases that start with alias/aws/ are reserved"
    return None

"""AWS managed policies, as a snapshot that ships with the package.

Nothing is read at import, and a document is unpacked only when it is asked for.
"""

from masugata.authorization.managed_policies._snapshot import (
    ManagedPolicy,
    UnknownManagedPolicyError,
    all_policies,
    document,
    get,
)

__all__ = ["ManagedPolicy", "UnknownManagedPolicyError", "all_policies", "document", "get"]

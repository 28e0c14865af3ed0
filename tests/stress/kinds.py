"""All kinds of principals that lose their rights."""

from stress import grantees, keys, members, principals

KINDS = (
    principals.DeactivatedKey,
    principals.DeletedKey,
    principals.DetachedPolicy,
    principals.ChangedPolicy,
    principals.LeftGroup,
    principals.Denied,
    principals.Bounded,
    principals.DeletedUser,
    principals.DeletedRole,
    principals.DetachedRolePolicy,
    principals.RevokedSession,
    principals.Distrusted,
    grantees.RevokedGrant,
    grantees.RetiredGrant,
    members.ControlledAtTheRoot,
    members.ControlledInAUnit,
    members.ControlledAccount,
    members.ChangedControl,
    members.MovedAccount,
    members.ResourceControlled,
    keys.NamedInKeyPolicy,
    keys.DelegatedToIam,
    keys.DeniedByKeyPolicy,
    keys.OfAnotherAccount,
)

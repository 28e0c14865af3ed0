"""Operations on handshakes, and those that begin one."""

from masugata.call import Operation, read, write
from masugata.services.organizations import all_features, handshakes, invitations

OPERATIONS: dict[str, Operation] = {
    "AcceptHandshake": write(handshakes.accept_handshake),
    "CancelHandshake": write(handshakes.cancel_handshake),
    "DeclineHandshake": write(handshakes.decline_handshake),
    "DescribeHandshake": read(handshakes.describe_handshake),
    "EnableAllFeatures": write(all_features.enable_all_features),
    "InviteAccountToOrganization": write(invitations.invite_account_to_organization),
    "ListHandshakesForAccount": read(handshakes.list_handshakes_for_account),
    "ListHandshakesForOrganization": read(handshakes.list_handshakes_for_organization),
}

"""Operations on responsibility transfers."""

from masugata.call import Operation, read, write
from masugata.services.organizations import transfer_invitations, transfers

OPERATIONS: dict[str, Operation] = {
    "DescribeResponsibilityTransfer": read(transfers.describe_responsibility_transfer),
    "InviteOrganizationToTransferResponsibility": write(
        transfer_invitations.invite_organization_to_transfer_responsibility
    ),
    "ListInboundResponsibilityTransfers": read(transfers.list_inbound_responsibility_transfers),
    "ListOutboundResponsibilityTransfers": read(transfers.list_outbound_responsibility_transfers),
    "TerminateResponsibilityTransfer": write(transfers.terminate_responsibility_transfer),
    "UpdateResponsibilityTransfer": write(transfers.update_responsibility_transfer),
}

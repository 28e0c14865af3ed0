"""Operations on the accounts of an organization, from their creation to their closure."""

from masugata.call import Operation, read, write
from masugata.services.organizations import account_requests, accounts, closures, memberships

OPERATIONS: dict[str, Operation] = {
    "CloseAccount": write(closures.close_account),
    "CreateAccount": write(account_requests.create_account),
    "CreateGovCloudAccount": write(account_requests.create_gov_cloud_account),
    "DescribeAccount": read(accounts.describe_account),
    "DescribeCreateAccountStatus": read(account_requests.describe_create_account_status),
    "LeaveOrganization": write(memberships.leave_organization),
    "ListAccounts": read(accounts.list_accounts),
    "ListAccountsForParent": read(accounts.list_accounts_for_parent),
    "ListCreateAccountStatus": read(account_requests.list_create_account_status),
    "MoveAccount": write(accounts.move_account),
    "RemoveAccountFromOrganization": write(memberships.remove_account_from_organization),
}

"""Operations on aliases."""

from masugata.call import Operation, read, write
from masugata.services.kms import aliases

OPERATIONS: dict[str, Operation] = {
    "CreateAlias": write(aliases.create_alias),
    "DeleteAlias": write(aliases.delete_alias),
    "ListAliases": read(aliases.list_aliases),
    "UpdateAlias": write(aliases.update_alias),
}

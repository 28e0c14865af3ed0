"""Operations on custom key stores."""

from masugata.call import Operation, Pool, read, write
from masugata.services.kms import custom_key_stores as stores

OPERATIONS: dict[str, Operation] = {
    "ConnectCustomKeyStore": write(
        stores.connect_custom_key_store, stores.tried, slow=lambda _: Pool.NETWORK
    ),
    "CreateCustomKeyStore": write(
        stores.create_custom_key_store, stores.checked_new, slow=lambda _: Pool.NETWORK
    ),
    "DeleteCustomKeyStore": write(stores.delete_custom_key_store),
    "DescribeCustomKeyStores": read(stores.describe_custom_key_stores),
    "DisconnectCustomKeyStore": write(stores.disconnect_custom_key_store),
    "UpdateCustomKeyStore": write(
        stores.update_custom_key_store, stores.checked_change, slow=lambda _: Pool.NETWORK
    ),
}

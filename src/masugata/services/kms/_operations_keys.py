"""Operations on keys themselves."""

from masugata.call import Operation, read, write
from masugata.services.kms import keys, last_usage

OPERATIONS: dict[str, Operation] = {
    "CreateKey": write(keys.create_key, keys.new_material),
    "DescribeKey": read(keys.describe_key),
    "DisableKey": write(keys.disable_key),
    "EnableKey": write(keys.enable_key),
    "GetKeyLastUsage": read(last_usage.get_key_last_usage),
    "ListKeys": read(keys.list_keys),
}

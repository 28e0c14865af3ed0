"""Operations on keys themselves."""

from masugata.call import Operation, read, write
from masugata.services.kms import creation, key_deletion, key_policies, keys, last_usage, tags

OPERATIONS: dict[str, Operation] = {
    "CancelKeyDeletion": write(key_deletion.cancel_key_deletion),
    "CreateKey": write(creation.create_key, creation.prepare, slow=creation.slow_creation),
    "DescribeKey": read(keys.describe_key),
    "DisableKey": write(keys.disable_key),
    "EnableKey": write(keys.enable_key),
    "GetKeyLastUsage": read(last_usage.get_key_last_usage),
    "GetKeyPolicy": read(key_policies.get_key_policy),
    "ListKeyPolicies": read(key_policies.list_key_policies),
    "ListKeys": read(keys.list_keys),
    "ListResourceTags": read(tags.list_resource_tags),
    "PutKeyPolicy": write(key_policies.put_key_policy),
    "ScheduleKeyDeletion": write(key_deletion.schedule_key_deletion),
    "TagResource": write(tags.tag_resource),
    "UntagResource": write(tags.untag_resource),
    "UpdateKeyDescription": write(keys.update_key_description),
}

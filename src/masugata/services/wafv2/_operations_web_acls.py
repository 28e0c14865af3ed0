"""Operations on web ACLs, what they protect, and tags."""

from masugata.call import Operation, read, write
from masugata.services.wafv2 import api_keys, associations, firewall_manager, mobile_sdk, tags, web_acls

OPERATIONS: dict[str, Operation] = {
    "AssociateWebACL": write(associations.associate_web_acl),
    "CreateAPIKey": write(api_keys.create_api_key),
    "CreateWebACL": write(web_acls.create_web_acl, web_acls.prepare_creation),
    "DeleteAPIKey": write(api_keys.delete_api_key),
    "DeleteFirewallManagerRuleGroups": write(firewall_manager.delete_firewall_manager_rule_groups),
    "DeleteWebACL": write(web_acls.delete_web_acl),
    "DisassociateWebACL": write(associations.disassociate_web_acl),
    "GenerateMobileSdkReleaseUrl": read(mobile_sdk.generate_mobile_sdk_release_url),
    "GetDecryptedAPIKey": read(api_keys.get_decrypted_api_key),
    "GetMobileSdkRelease": read(mobile_sdk.get_mobile_sdk_release),
    "GetWebACL": read(web_acls.get_web_acl),
    "GetWebACLForResource": read(associations.get_web_acl_for_resource),
    "ListAPIKeys": read(api_keys.list_api_keys),
    "ListMobileSdkReleases": read(mobile_sdk.list_mobile_sdk_releases),
    "ListResourcesForWebACL": read(associations.list_resources_for_web_acl),
    "ListTagsForResource": read(tags.list_tags_for_resource),
    "ListWebACLs": read(web_acls.list_web_acls),
    "TagResource": write(tags.tag_resource),
    "UntagResource": write(tags.untag_resource),
    "UpdateWebACL": write(web_acls.update_web_acl, web_acls.prepare_update),
}

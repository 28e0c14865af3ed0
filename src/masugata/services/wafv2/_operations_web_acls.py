"""Operations on web ACLs."""

from masugata.call import Operation, read, write
from masugata.services.wafv2 import web_acls

OPERATIONS: dict[str, Operation] = {
    "CreateWebACL": write(web_acls.create_web_acl),
    "DeleteWebACL": write(web_acls.delete_web_acl),
    "GetWebACL": read(web_acls.get_web_acl),
    "ListWebACLs": read(web_acls.list_web_acls),
    "UpdateWebACL": write(web_acls.update_web_acl),
}

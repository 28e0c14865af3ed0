"""Operations on IP sets and regex pattern sets."""

from masugata.call import Operation, read, write
from masugata.services.wafv2 import ip_sets, regex_pattern_sets

OPERATIONS: dict[str, Operation] = {
    "CreateIPSet": write(ip_sets.create_ip_set),
    "CreateRegexPatternSet": write(
        regex_pattern_sets.create_regex_pattern_set, regex_pattern_sets.prepare_creation
    ),
    "DeleteIPSet": write(ip_sets.delete_ip_set),
    "DeleteRegexPatternSet": write(regex_pattern_sets.delete_regex_pattern_set),
    "GetIPSet": read(ip_sets.get_ip_set),
    "GetRegexPatternSet": read(regex_pattern_sets.get_regex_pattern_set),
    "ListIPSets": read(ip_sets.list_ip_sets),
    "ListRegexPatternSets": read(regex_pattern_sets.list_regex_pattern_sets),
    "UpdateIPSet": write(ip_sets.update_ip_set),
    "UpdateRegexPatternSet": write(
        regex_pattern_sets.update_regex_pattern_set, regex_pattern_sets.prepare_update
    ),
}

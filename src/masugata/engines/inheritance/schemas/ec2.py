"""EC2 policies, the first that AWS called declarative.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html
"""

from masugata.engines.inheritance.schema import Entries, Section, Setting, one_of, pattern, text, whole

_STATE = "state"
_MOST_CRITERIA = 10
_MOST_VALUES = 200
_MOST_DAYS = 2_147_483_647

_CRITERIA = Section(
    {
        "allowed_image_providers": Setting(
            pattern(
                r"[0-9]{12}|amazon|aws[-_]marketplace|aws[-_]backup[-_]vault",
                "the id of an account, amazon, aws_marketplace or aws_backup_vault",
            ),
            many=True,
            most=_MOST_VALUES,
        ),
        "image_names": Setting(text(128), many=True, most=_MOST_VALUES),
        "marketplace_product_codes": Setting(text(128), many=True, most=_MOST_VALUES),
        "creation_date_condition": Section({"maximum_days_since_created": Setting(whole(0, _MOST_DAYS))}),
        "deprecation_time_condition": Section(
            {"maximum_days_since_deprecated": Setting(whole(0, _MOST_DAYS))}
        ),
    }
)
_TOGGLE = Setting(one_of("no_preference", "enabled", "disabled"))

EC2 = Section(
    {
        "exception_message": Setting(text(1_000)),
        "vpc_block_public_access": Section(
            {
                "internet_gateway_block": Section(
                    {
                        "mode": Setting(one_of("off", "block_ingress", "block_bidirectional")),
                        "exclusions_allowed": Setting(one_of("enabled", "disabled")),
                    },
                    complete=frozenset({"mode", "exclusions_allowed"}),
                )
            }
        ),
        "serial_console_access": Section(
            {"status": Setting(one_of("enabled", "disabled"))}, complete=frozenset({"status"})
        ),
        "image_block_public_access": Section(
            {_STATE: Setting(one_of("unblocked", "block_new_sharing"))}, complete=frozenset({_STATE})
        ),
        "allowed_images_settings": Section(
            {
                _STATE: Setting(one_of("enabled", "disabled", "audit_mode")),
                "image_criteria": Entries(
                    _CRITERIA,
                    names=pattern(r"criteria_([1-9]|10)", "criteria_1 to criteria_10"),
                    most=_MOST_CRITERIA,
                ),
            },
            complete=frozenset({_STATE}),
        ),
        "instance_metadata_defaults": Section(
            {
                "http_tokens": Setting(one_of("no_preference", "required", "optional")),
                "http_put_response_hop_limit": Setting(whole(-1, 64)),
                "http_endpoint": _TOGGLE,
                "instance_metadata_tags": _TOGGLE,
            }
        ),
        "snapshot_block_public_access": Section(
            {_STATE: Setting(one_of("unblocked", "block_new_sharing", "block_all_sharing"))},
            complete=frozenset({_STATE}),
        ),
    }
)

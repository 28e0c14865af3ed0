"""Backup policies.

Numbers are texts in AWS's examples. Two members have two names, because AWS's reference and its examples
differ.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
"""

from masugata.engines.inheritance.schema import (
    REGION,
    Entries,
    Open,
    Section,
    Setting,
    flag,
    one_of,
    pattern,
    text,
    whole,
)

_DAYS = Setting(whole(-1, 36_500))
_MINUTES = Setting(whole(1, 10_000_000))
_NAME = text(256)
_ARN = Setting(pattern(r"arn:[a-z-]+:[a-z-]+:[a-z0-9-]*:(\$account|[0-9]{12}):.+", "an ARN"))
_SWITCH = Setting(one_of("enabled", "disabled"))

_LIFECYCLE = Section(
    {
        "move_to_cold_storage_after_days": _DAYS,
        "delete_after_days": _DAYS,
        "to_delete_after_days": _DAYS,
        "opt_in_to_archive_for_supported_resources": Setting(flag),
    }
)
_TAG = Section({"tag_key": Setting(text(128)), "tag_value": Setting(text(256), either=True)})

_RULE = Section(
    {
        "schedule_expression": Setting(pattern(r"(cron|rate)\([^()]+\)", "a cron expression")),
        "schedule_expression_timezone": Setting(text(64)),
        "start_backup_window_minutes": _MINUTES,
        "complete_backup_window_minutes": _MINUTES,
        "enable_continuous_backup": Setting(flag),
        "target_backup_vault_name": Setting(text(50)),
        "target_logically_air_gapped_backup_vault_arn": _ARN,
        "lifecycle": _LIFECYCLE,
        "copy_actions": Entries(
            Section({"target_backup_vault_arn": _ARN, "lifecycle": _LIFECYCLE}), names=text(2_048)
        ),
        "recovery_point_tags": Entries(_TAG, names=text(128)),
        "index_actions": Open(),
        "scan_actions": Open(),
    },
    complete=frozenset({"schedule_expression", "target_backup_vault_name"}),
)
_SELECTIONS = Section(
    {
        "tags": Entries(
            Section(
                {
                    "iam_role_arn": _ARN,
                    "tag_key": Setting(text(128)),
                    "tag_value": Setting(text(256), many=True),
                },
                complete=frozenset({"iam_role_arn", "tag_key", "tag_value"}),
            ),
            names=_NAME,
        ),
        "resources": Entries(
            Section(
                {
                    "iam_role_arn": _ARN,
                    "resource_types": Setting(text(2_048), many=True),
                    "not_resource_types": Setting(text(2_048), many=True),
                    "conditions": Open(),
                },
                complete=frozenset({"iam_role_arn"}),
            ),
            names=_NAME,
        ),
    }
)

BACKUP = Entries(
    Section(
        {
            "rules": Entries(_RULE, names=_NAME),
            "regions": Setting(REGION, many=True),
            "selections": _SELECTIONS,
            "advanced_backup_settings": Section(
                {"ec2": Section({"windows_vss": _SWITCH, "WindowsVSS": _SWITCH})}
            ),
            "backup_plan_tags": Entries(
                Section({"tag_key": Setting(text(128)), "tag_value": Setting(text(256))}), names=text(128)
            ),
            "scan_settings": Open(),
        },
        complete=frozenset({"rules", "regions", "selections"}),
    ),
    names=_NAME,
    exact=True,
)

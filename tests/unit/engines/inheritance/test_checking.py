"""What each declarative policy type accepts and refuses."""

import json

import pytest

from masugata.engines.inheritance import MalformedDeclarativePolicyError, check_policy
from masugata.records.organizations import AUTHORIZATION_POLICY_TYPES, POLICY_TYPES

ASSIGN, CONTROL = "@@assign", "@@operators_allowed_for_child_policies"
BOTH = {"enable_in_regions": {"@@append": ["ALL_SUPPORTED"]}, "disable_in_regions": {"@@append": []}}
GUARDRAIL = "arn:aws:bedrock:us-east-1:111122223333:guardrail/hu1dlsv9wy1d:1"

# One policy of each type in the structure that AWS documents, with as many members as fit.
ACCEPTED = {
    "TAG_POLICY": {
        "tags": {
            "Shop": {
                "tag_key": {ASSIGN: "SHOP", CONTROL: ["@@none"]},
                "tag_value": {ASSIGN: ["north", "*@example.com"]},
                "enforced_for": {"@@append": ["ec2:instance", "secretsmanager:*", "rds:ALL_SUPPORTED"]},
                "report_required_tag_for": {"@@remove": ["s3:bucket"]},
            }
        }
    },
    "BACKUP_POLICY": {
        "plans": {
            "Nightly": {
                "regions": {ASSIGN: ["us-east-1", "us-gov-west-1"]},
                "rules": {
                    "Rule": {
                        "schedule_expression": {ASSIGN: "cron(0 5 ? * * *)"},
                        "enable_continuous_backup": {ASSIGN: True},
                        "complete_backup_window_minutes": {ASSIGN: 604800},
                        "recovery_point_tags": {
                            "owner": {"tag_key": {ASSIGN: "Owner"}, "tag_value": {ASSIGN: "Backup"}}
                        },
                        "index_actions": {"resource_types": {ASSIGN: ["EBS", "S3"]}},
                    }
                },
                "selections": {
                    "resources": {
                        "all": {
                            "iam_role_arn": {ASSIGN: "arn:aws:iam::$account:role/Keeper"},
                            "resource_types": {ASSIGN: ["arn:aws:ec2:*:*:volume/*"]},
                        }
                    }
                },
                "advanced_backup_settings": {"ec2": {"windows_vss": {ASSIGN: "enabled"}}},
            }
        }
    },
    "AISERVICES_OPT_OUT_POLICY": {
        "services": {
            CONTROL: ["@@none"],
            "default": {CONTROL: [ASSIGN], "opt_out_policy": {ASSIGN: "optOut", CONTROL: ["@@none"]}},
        }
    },
    "CHATBOT_POLICY": {
        "chatbot": {
            "platforms": {
                "slack": {
                    "client": {ASSIGN: "enabled"},
                    "workspaces": {ASSIGN: ["T012ABC"]},
                    "default": {"supported_channel_types": {ASSIGN: ["private"]}},
                    "overrides": {"T012ABC": {"supported_role_settings": {ASSIGN: ["user_role"]}}},
                },
                "microsoft_teams": {
                    "tenants": {"tenant": {ASSIGN: ["team"]}},
                    "overrides": {"tenant": {"team": {"supported_role_settings": {ASSIGN: []}}}},
                },
                "chime": {"client": {ASSIGN: "disabled"}},
            },
            "default": {"client": {ASSIGN: "disabled"}},
        }
    },
    "DECLARATIVE_POLICY_EC2": {
        "ec2_attributes": {
            "exception_message": {ASSIGN: "Ask the head baker."},
            "vpc_block_public_access": {
                "internet_gateway_block": {
                    "mode": {ASSIGN: "block_ingress"},
                    "exclusions_allowed": {ASSIGN: "disabled"},
                }
            },
            "allowed_images_settings": {
                "state": {ASSIGN: "audit_mode"},
                "image_criteria": {
                    "criteria_10": {
                        "allowed_image_providers": {"@@append": ["amazon", "111122223333"]},
                        "creation_date_condition": {"maximum_days_since_created": {ASSIGN: 90}},
                    }
                },
            },
            "instance_metadata_defaults": {
                "http_tokens": {ASSIGN: "required"},
                "http_put_response_hop_limit": {ASSIGN: "4"},
            },
        }
    },
    "SECURITYHUB_POLICY": {"securityhub": {**BOTH, "features": {"Exposure": BOTH}, CONTROL: ["@@all"]}},
    "SECURITYHUB_CSPM_POLICY": {"securityhub_cspm": {"cspm_enablement": BOTH}},
    "INSPECTOR_POLICY": {
        "inspector": {
            "enablement": {
                "ec2_scanning": BOTH,
                "lambda_standard_scanning": {
                    "enable_in_regions": {ASSIGN: ["eu-west-1"]},
                    "lambda_code_scanning": {"enable_in_regions": {ASSIGN: ["eu-west-1"]}},
                },
            }
        }
    },
    "UPGRADE_ROLLOUT_POLICY": {
        "upgrade_rollout": {
            "default": {"patch_order": {ASSIGN: "last"}},
            "tags": {"stage": {"tag_values": {"dev": {"patch_order": {ASSIGN: "first"}}}}},
        }
    },
    "BEDROCK_POLICY": {
        "bedrock": {
            "guardrail_inference": {
                "us-east-1": {
                    "config_1": {
                        "identifier": {ASSIGN: GUARDRAIL},
                        "selective_content_guarding": {"system": {ASSIGN: "selective"}},
                        "model_enforcement": {"included_models": {ASSIGN: ["ALL"]}},
                    }
                }
            }
        }
    },
    "S3_POLICY": {"s3_attributes": {"public_access_block_configuration": {ASSIGN: "all"}}},
    "NETWORK_SECURITY_DIRECTOR_POLICY": {
        "network_security_director": {"enablement": {"network_security_scan": BOTH}}
    },
    "GUARDDUTY_POLICY": {
        "guardduty": {
            "default": {"foundational": {"anything": {ASSIGN: "enabled"}}},
            "eu-west-1": {"s3_data_events": {ASSIGN: True, CONTROL: ["@@none"]}},
        }
    },
}


def tag(**members):
    return json.dumps({"tags": {"shop": members}})


def ec2(**members):
    return json.dumps({"ec2_attributes": members})


# Each broken in one way: type, content, where, and a word of what is said.
REFUSED = [
    ("TAG_POLICY", "not json", "$", "not JSON"),
    ("TAG_POLICY", "[]", "$", "not a JSON object"),
    ("TAG_POLICY", '"x"', "$", "not a JSON object"),
    ("TAG_POLICY", '{"tags": NaN}', "$", "not JSON"),
    ("TAG_POLICY", '{"tags": {"a\\ud800": {}}}', "$", "not JSON"),
    ("TAG_POLICY", '{"tags": {"a": {}, "a": {}}}', "$", "duplicate"),
    ("TAG_POLICY", '{"tags": {"a": {}, "A": {}}}', "$.tags", "twice"),
    ("TAG_POLICY", '{"tags": ' * 40 + "1" + "}" * 40, "$", "levels"),
    ("TAG_POLICY", "[" * 100_000, "$", "not JSON"),
    ("TAG_POLICY", '{"tags": ' + "9" * 5_000 + "}", "$", "too long"),
    ("GUARDDUTY_POLICY", '{"guardduty": {"default": {"x": {"@@assign": 1e999}}}}', "$", "too large"),
    ("GUARDDUTY_POLICY", '{"guardduty": {"default": {"x": {"@@assign": -1e999}}}}', "$", "too large"),
    ("TAG_POLICY", "{}", "$", "one key `tags`"),
    ("TAG_POLICY", '{"tags": {}, "plans": {}}', "$", "one key `tags`"),
    ("TAG_POLICY", '{"plans": {}}', "$", "one key `tags`"),
    ("TAG_POLICY", '{"tags": []}', "$.tags", "object"),
    ("TAG_POLICY", '{"tags": {"": {}}}', "$.tags", "text of 1"),
    ("TAG_POLICY", tag(tag_keys={ASSIGN: "shop"}), "$.tags.shop", "no key `tag_keys`"),
    ("TAG_POLICY", tag(tag_key="shop"), "$.tags.shop.tag_key", "object"),
    ("TAG_POLICY", tag(tag_key={ASSIGN: "bakery"}), "$.tags.shop", "more than case"),
    ("TAG_POLICY", tag(tag_key={ASSIGN: ["shop"]}), "$.tags.shop.tag_key.@@assign", "not a list"),
    ("TAG_POLICY", tag(tag_key={"@@append": "shop"}), "$.tags.shop.tag_key.@@append", "several values"),
    ("TAG_POLICY", tag(tag_key={"@@set": "shop"}), "$.tags.shop.tag_key", "not an inheritance operator"),
    ("TAG_POLICY", tag(tag_value={ASSIGN: "x"}), "$.tags.shop.tag_value.@@assign", "a list"),
    ("TAG_POLICY", tag(tag_value={ASSIGN: [1]}), "$.tags.shop.tag_value.@@assign", "texts"),
    ("TAG_POLICY", tag(tag_value={ASSIGN: ["*@*"]}), "$.tags.shop.tag_value.@@assign", "one wildcard"),
    ("TAG_POLICY", tag(enforced_for={ASSIGN: ["*"]}), "$.tags.shop.enforced_for.@@assign", "service:"),
    ("TAG_POLICY", tag(**{ASSIGN: "x"}), "$.tags.shop", "does not belong"),
    ("TAG_POLICY", tag(**{CONTROL: "@@none"}), f"$.tags.shop.{CONTROL}", "a list"),
    ("TAG_POLICY", tag(**{CONTROL: []}), f"$.tags.shop.{CONTROL}", "a list"),
    ("TAG_POLICY", tag(**{CONTROL: ["assign"]}), f"$.tags.shop.{CONTROL}", "not one of"),
    ("TAG_POLICY", tag(**{CONTROL: [{}]}), f"$.tags.shop.{CONTROL}", "not one of"),
    ("TAG_POLICY", tag(**{CONTROL: ["@@none", ASSIGN]}), f"$.tags.shop.{CONTROL}", "alone"),
    (
        "AISERVICES_OPT_OUT_POLICY",
        '{"services": {"lex": {}}}',
        "$.services.lex",
        "`opt_out_policy` is missing",
    ),
    (
        "AISERVICES_OPT_OUT_POLICY",
        '{"services": {"lexx": {}}}',
        "$.services",
        "`lexx` is not one of",
    ),
    (
        "AISERVICES_OPT_OUT_POLICY",
        json.dumps({"services": {CONTROL: ["@@append"]}}),
        f"$.services.{CONTROL}",
        "not one of",
    ),
    ("SECURITYHUB_POLICY", '{"securityhub": {}}', "$.securityhub", "is missing"),
    (
        "SECURITYHUB_POLICY",
        json.dumps({"securityhub": {**BOTH, "enable_in_regions": {ASSIGN: ["everywhere"]}}}),
        "$.securityhub.enable_in_regions.@@assign",
        "Region",
    ),
    ("SECURITYHUB_CSPM_POLICY", '{"securityhub": {}}', "$.securityhub", "`cspm_enablement` is missing"),
    (
        "DECLARATIVE_POLICY_EC2",
        ec2(allowed_images_settings={"image_criteria": {"criteria_11": {}}}),
        "$.ec2_attributes.allowed_images_settings.image_criteria",
        "criteria_1 to criteria_10",
    ),
    (
        "DECLARATIVE_POLICY_EC2",
        ec2(instance_metadata_defaults={"http_put_response_hop_limit": {ASSIGN: 65}}),
        "$.ec2_attributes.instance_metadata_defaults.http_put_response_hop_limit.@@assign",
        "-1 to 64",
    ),
    (
        "DECLARATIVE_POLICY_EC2",
        ec2(serial_console_access={"status": {ASSIGN: True}}),
        "$.ec2_attributes.serial_console_access.status.@@assign",
        "one of enabled",
    ),
    (
        "CHATBOT_POLICY",
        json.dumps(
            {"chatbot": {"platforms": {"slack": {"workspaces": {ASSIGN: [f"T{n}" for n in range(256)]}}}}}
        ),
        "$.chatbot.platforms.slack.workspaces.@@assign",
        "more than 255",
    ),
    (
        "BACKUP_POLICY",
        '{"plans": {"P": {"rules": {"R": {"enable_continuous_backup": {"@@assign": 1}}}}}}',
        "$.plans.P.rules.R.enable_continuous_backup.@@assign",
        "true or false",
    ),
    (
        "BACKUP_POLICY",
        '{"plans": {"P Q": {"scan_settings": {"x": {"@@assign": null}}}}}',
        '$.plans["P Q"].scan_settings.x.@@assign',
        "true or false",
    ),
    ("GUARDDUTY_POLICY", '{"guardduty": {"everywhere": {}}}', "$.guardduty", "Region"),
    ("GUARDDUTY_POLICY", '{"guardduty": {"default": {"x": {"": {}}}}}', "$.guardduty.default.x", "empty"),
    ("SERVICE_CONTROL_POLICY", "{}", "$", "not a declarative policy type"),
]


def test_every_type_has_an_example():
    """Every declarative policy type of the API is tried."""
    assert set(ACCEPTED) == set(POLICY_TYPES) - set(AUTHORIZATION_POLICY_TYPES)


@pytest.mark.parametrize("policy_type", sorted(ACCEPTED))
def test_documented_structure_is_accepted(policy_type):
    """What AWS documents for a type may be written."""
    check_policy(policy_type, json.dumps(ACCEPTED[policy_type]))


@pytest.mark.parametrize("policy_type", sorted(ACCEPTED))
@pytest.mark.parametrize("other", sorted(ACCEPTED))
def test_types_do_not_accept_each_other(policy_type, other):
    """A policy of one type is refused as one of any other."""
    if policy_type != other:
        with pytest.raises(MalformedDeclarativePolicyError):
            check_policy(policy_type, json.dumps(ACCEPTED[other]))


@pytest.mark.parametrize(("policy_type", "content", "path", "says"), REFUSED)
def test_refused_with_place_and_reason(policy_type, content, path, says):
    """Each defect is refused, with where it is and what is wrong."""
    with pytest.raises(MalformedDeclarativePolicyError) as caught:
        check_policy(policy_type, content)
    assert caught.value.path == path
    assert says in caught.value.message
    assert len(str(caught.value)) < 3_000

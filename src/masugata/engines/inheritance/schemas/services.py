"""Policies of a few settings: AI services opt-out, Amazon Bedrock, Amazon S3, upgrade rollout.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html,
.../orgs_manage_policies_bedrock_syntax.html, .../orgs_manage_policies_s3_syntax.html,
.../orgs_manage_policies_upgrade_syntax.html
"""

from masugata.engines.inheritance.schema import REGION, Entries, Section, Setting, one_of, pattern, text

AI_SERVICES_CONTROLS = frozenset({"@@assign", "@@none"})
"""An opt-out policy has no lists, so its child control operators are about @@assign."""
AI_SERVICES = Entries(
    Section(
        {"opt_out_policy": Setting(one_of("optOut", "optIn"))}, required=frozenset({"opt_out_policy"})
    ),
    names=one_of(
        "default", "codeguruprofiler", "codewhisperer", "comprehend", "connectamd", "connectoptimization",
        "contactlens", "frauddetector", "guardduty", "lex", "polly", "rekognition", "textract", "transcribe",
        "translate",
    ),
)  # fmt: skip

_GUARDING = Setting(one_of("selective", "comprehensive"))
_MODELS = Setting(text(256), many=True)
BEDROCK = Section(
    {
        "guardrail_inference": Entries(
            Entries(
                Section(
                    {
                        "identifier": Setting(
                            pattern(
                                r"arn:[a-z-]+:bedrock:[a-z0-9-]+:[0-9]{12}:guardrail/[a-z0-9]+:[0-9]+",
                                "the ARN of a guardrail, with its version behind a colon",
                            )
                        ),
                        "input_tags": Setting(one_of("honor", "ignore")),
                        "selective_content_guarding": Section({"system": _GUARDING, "messages": _GUARDING}),
                        "model_enforcement": Section(
                            {"included_models": _MODELS, "excluded_models": _MODELS}
                        ),
                    },
                    complete=frozenset({"identifier"}),
                ),
                names=text(128),
            ),
            names=REGION,
        )
    }
)
S3 = Section({"public_access_block_configuration": Setting(one_of("all", "none"))})

_PATCH_ORDER = Section({"patch_order": Setting(one_of("first", "second", "last"))})
UPGRADE_ROLLOUT = Section(
    {
        "default": _PATCH_ORDER,
        "tags": Entries(
            Section({"tag_values": Entries(_PATCH_ORDER, names=text(256), exact=True)}),
            names=text(128),
            exact=True,
        ),
    }
)

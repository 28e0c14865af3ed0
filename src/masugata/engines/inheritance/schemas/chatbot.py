"""Chat applications policies.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_chatbot_syntax.html
"""

from masugata.engines.inheritance.schema import Entries, Section, Setting, one_of, text

_CLIENT = Setting(one_of("enabled", "disabled"))
_CHANNELS = Setting(one_of("public", "private"), many=True)
_ROLES = Setting(one_of("user_role", "channel_role"), many=True)
_ID = text(255)
_MOST_WORKSPACES = 255
_MOST_TENANTS = 36

_SLACK_SETTINGS = Section({"supported_channel_types": _CHANNELS, "supported_role_settings": _ROLES})
_TEAMS_SETTINGS = Section({"supported_role_settings": _ROLES})

CHATBOT = Section(
    {
        "platforms": Section(
            {
                "slack": Section(
                    {
                        "client": _CLIENT,
                        "workspaces": Setting(_ID, many=True, most=_MOST_WORKSPACES),
                        "default": _SLACK_SETTINGS,
                        "overrides": Entries(_SLACK_SETTINGS, names=_ID, most=_MOST_WORKSPACES, exact=True),
                    }
                ),
                "microsoft_teams": Section(
                    {
                        "client": _CLIENT,
                        "tenants": Entries(
                            Setting(_ID, many=True, most=_MOST_TENANTS),
                            names=_ID,
                            most=_MOST_TENANTS,
                            exact=True,
                        ),
                        "default": _TEAMS_SETTINGS,
                        "overrides": Entries(
                            Entries(_TEAMS_SETTINGS, names=_ID, most=_MOST_TENANTS, exact=True),
                            names=_ID,
                            most=_MOST_TENANTS,
                            exact=True,
                        ),
                    }
                ),
                "chime": Section({"client": _CLIENT}),
            }
        ),
        "default": Section({"client": _CLIENT}),
    }
)

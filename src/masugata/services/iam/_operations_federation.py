"""The rows of IAM's table for identity providers."""

from masugata.call import Operation, read, write
from masugata.services.iam import oidc_providers, provider_tags, saml_providers

FEDERATION_OPERATIONS: dict[str, Operation] = {
    "CreateOpenIDConnectProvider": write(oidc_providers.create_open_id_connect_provider),
    "GetOpenIDConnectProvider": read(oidc_providers.get_open_id_connect_provider),
    "ListOpenIDConnectProviders": read(oidc_providers.list_open_id_connect_providers),
    "DeleteOpenIDConnectProvider": write(oidc_providers.delete_open_id_connect_provider),
    "AddClientIDToOpenIDConnectProvider": write(oidc_providers.add_client_id_to_open_id_connect_provider),
    "RemoveClientIDFromOpenIDConnectProvider": write(
        oidc_providers.remove_client_id_from_open_id_connect_provider
    ),
    "UpdateOpenIDConnectProviderThumbprint": write(oidc_providers.update_open_id_connect_provider_thumbprint),
    "CreateSAMLProvider": write(saml_providers.create_saml_provider, saml_providers.prepare_metadata),
    "GetSAMLProvider": read(saml_providers.get_saml_provider),
    "UpdateSAMLProvider": write(saml_providers.update_saml_provider, saml_providers.prepare_metadata),
    "DeleteSAMLProvider": write(saml_providers.delete_saml_provider),
    "ListSAMLProviders": read(saml_providers.list_saml_providers),
    "TagSAMLProvider": write(provider_tags.tag_saml_provider),
    "UntagSAMLProvider": write(provider_tags.untag_saml_provider),
    "ListSAMLProviderTags": read(provider_tags.list_saml_provider_tags),
    "TagOpenIDConnectProvider": write(provider_tags.tag_open_id_connect_provider),
    "UntagOpenIDConnectProvider": write(provider_tags.untag_open_id_connect_provider),
    "ListOpenIDConnectProviderTags": read(provider_tags.list_open_id_connect_provider_tags),
}

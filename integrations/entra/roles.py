"""Who holds directory roles at tenant scope, groups resolved."""

from collections.abc import Mapping

from integrations.entra import mapping
from integrations.entra.api import GraphApi, Json
from integrations.entra.groups import read_whole_groups

ACTIVE = "/roleManagement/directory/roleAssignments"
#: What can be activated through PIM.
ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"


def read_templates(api: GraphApi) -> dict[str, str]:
    """Role definition id -> template id."""
    path = "/roleManagement/directory/roleDefinitions"
    return mapping.role_templates(api.rows(path, {"$select": "id,templateId"}))


def read_holders(
    api: GraphApi, path: str, templates: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Role template id -> users. Raises VendorError where any group among the holders cannot be read."""
    return holders_of(api, mapping.tenant_wide(read_assignments(api, path)), templates)


def read_assignments(api: GraphApi, path: str) -> list[Json]:
    """Whatever they are for, each with its holder."""
    return api.rows(path, {"$expand": "principal"})


def holders_of(
    api: GraphApi, rows: list[Json], templates: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """The same of assignments at hand."""
    wanted = mapping.group_principals(rows)
    members = read_whole_groups(api, wanted).users if wanted else {}
    return mapping.holders(rows, templates, members)

"""What the clients consented to: Graph application roles of Gatehouse's two app registrations."""

#: Everything a read-only Gatehouse asks for, and no more.
READ_ROLES: tuple[str, ...] = (
    "AuditLog.Read.All",
    "Device.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "RoleManagement.Read.Directory",
    "User.Read.All",
    "UserAuthenticationMethod.Read.All",
)

#: Two writes, and the two reads that prove and verify them: policies, and a group with its app roles
#: (Graph lists Directory.Read.All as the least for `/groups/{id}/appRoleAssignments`).
WRITE_ROLES: tuple[str, ...] = (
    "Directory.Read.All",
    "GroupMember.ReadWrite.All",
    "Policy.Read.All",
    "User.RevokeSessions.All",
)

#: What changing policies, security defaults and the registration campaign takes besides. The application read
#: is documented as needed with the policies, and they are refused without it.
POLICY_ROLES: tuple[str, ...] = ("Application.Read.All", "Policy.ReadWrite.ConditionalAccess")
CAMPAIGN_ROLES: tuple[str, ...] = ("Policy.ReadWrite.AuthenticationMethod",)
DEFAULTS_ROLES: tuple[str, ...] = ("Policy.ReadWrite.SecurityDefaults",)
#: The reads without which no such change can be checked.
READ_BACK_ROLES: tuple[str, ...] = ("Directory.Read.All", "Policy.Read.All")

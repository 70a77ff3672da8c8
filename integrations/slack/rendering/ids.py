"""Every command, action, callback and block id that Gatehouse uses in Slack."""

from enum import StrEnum


class Command(StrEnum):
    """Slash commands."""

    MFA = "/mfa"
    PATCH = "/patch"
    GATEHOUSE = "/gatehouse"


class Act(StrEnum):
    """Action ids of buttons and menus in messages, modals and the Home tab."""

    # Lists. The button value is a `ListView` as JSON. Two buttons of one row may not share an id.
    MFA_LIST = "mfa_list"
    MFA_BACK = "mfa_back"
    MFA_FILTER = "mfa_filter"
    MFA_CSV = "mfa_csv"
    PATCH_LIST = "patch_list"
    PATCH_BACK = "patch_back"
    PATCH_FILTER = "patch_filter"
    PATCH_CSV = "patch_csv"
    REFRESH = "refresh"
    # Opening a form. The button value is a client key.
    MFA_FORM = "mfa_form"
    PATCH_FORM = "patch_form"
    #: A client key, and behind a space the one user it is about, where it is about one.
    EXEMPT_FORM = "exempt_form"
    POLICY_FORM = "policy_form"
    # Requests. The button value is a request id, and nothing else.
    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    UNDO = "undo"
    SETTLE = "settle"
    # The switch. The button value is empty.
    UNFREEZE = "unfreeze"


class Form(StrEnum):
    """Callback ids of modals."""

    PATCH = "patch_form"
    MFA = "mfa_form"
    EXEMPT = "exempt_form"
    POLICY = "policy_form"
    PREVIEW = "preview"
    DENY = "deny_form"
    SETTLE = "settle_form"
    NOTE = "note"


class Field(StrEnum):
    """Action ids of inputs; the block id of an input is the same word."""

    DEVICES = "devices"
    USERS = "users"
    EXEMPT_USERS = "exempt_users"
    UNTIL = "until"
    PATCH_ACTION = "patch_action"
    POLICY_CHANGE = "policy_change"
    WHEN = "when"
    MFA_MEANS = "mfa_means"
    OPTIONS = "options"
    REASON = "reason"
    TICKET = "ticket"
    CARRIED_OUT = "carried_out"


class Option(StrEnum):
    """Values of options in menus and checkboxes."""

    SEVERAL_WINDOWS = "several_windows"
    WAIT_FOR_OFFLINE = "wait_for_offline"
    REVOKE_SESSIONS = "revoke_sessions"
    REVOKE_ADMINS = "revoke_admins"
    INCLUDE_WITHOUT_METHOD = "include_without_method"
    MFA_GROUP = "mfa_group"
    PER_USER = "per_user"

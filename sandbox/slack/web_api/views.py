"""views.*: opening, pushing, changing and publishing views."""

from sandbox.slack.errors import SlackError, invalid_arguments
from sandbox.slack.model import Json
from sandbox.slack.triggers import Trigger
from sandbox.slack.views import checked_view
from sandbox.slack.web_api.method import Call, Method
from sandbox.slack.wire import view_json


def _trigger(call: Call) -> Trigger:
    trigger_id = call.text("trigger_id") or call.text("interactivity_pointer")
    if not trigger_id:
        raise invalid_arguments("missing required field: trigger_id")
    return call.slack.triggers.exchange(trigger_id, call.slack.now)


def _open(call: Call) -> Json:
    body = checked_view(call.arguments["view"], "modal")
    view = call.slack.views.open(_trigger(call), body)
    return {"view": view_json(call.slack, view)}


def _push(call: Call) -> Json:
    body = checked_view(call.arguments["view"], "modal")
    view = call.slack.views.push(_trigger(call), body)
    return {"view": view_json(call.slack, view)}


def _update(call: Call) -> Json:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if bool(view_id) == bool(external_id):
        raise invalid_arguments("must define exactly one of: view_id, external_id")
    view = call.slack.views.find(
        lambda v: v.id == view_id if view_id else v.body.get("external_id") == external_id
    )
    if view is None:
        raise SlackError("not_found")
    body = checked_view(call.arguments["view"], view.kind)
    updated = call.slack.views.update(view, body, call.text("hash") or None)
    return {"view": view_json(call.slack, updated)}


def _publish(call: Call) -> Json:
    if not call.slack.feature("features", "app_home", "home_tab_enabled", default=True):
        raise SlackError("not_enabled")
    user = call.workspace.users.get(call.text("user_id"))
    if user is None or user.bot or user.deleted:
        raise invalid_arguments("invalid `user_id`")
    body = checked_view(call.arguments["view"], "home")
    view = call.slack.views.publish(user.id, body, call.text("hash") or None)
    return {"view": view_json(call.slack, view)}


_TRIGGERS = ("trigger_id", "interactivity_pointer")
METHODS = (
    Method(name="views.open", run=_open, required=("view",), optional=_TRIGGERS, tier="t4"),
    Method(name="views.push", run=_push, required=("view",), optional=_TRIGGERS, tier="t4"),
    Method(
        name="views.update",
        run=_update,
        required=("view",),
        optional=("view_id", "external_id", "hash"),
        tier="t4",
    ),
    Method(
        name="views.publish",
        run=_publish,
        required=("user_id", "view"),
        optional=("hash", "interactivity_pointer"),
        tier="t4",
    ),
)

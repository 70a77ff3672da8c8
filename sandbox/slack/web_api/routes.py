"""The whole Web API, one route per method, so that calls are counted by method."""

from aiohttp import web

from sandbox.slack.service import Slack
from sandbox.slack.web_api import apps, chat, conversations, files, reactions, users, views
from sandbox.slack.web_api.door import handler_for, unknown_method
from sandbox.slack.web_api.method import Method

METHODS: tuple[Method, ...] = (
    *apps.METHODS,
    *chat.METHODS,
    *conversations.METHODS,
    *files.METHODS,
    *reactions.METHODS,
    *users.METHODS,
    *views.METHODS,
)


def add_web_api(app: web.Application, slack: Slack) -> None:
    for method in METHODS:
        app.router.add_route("*", f"/api/{method.name}", handler_for(method, slack))
    app.router.add_route("*", "/api/{method}", unknown_method)

"""Typing into an external select: block_suggestion, answered by the ack."""

from sandbox.frame.plain import RefusedError
from sandbox.slack.acts.actions import Place, Posted, message_container
from sandbox.slack.acts.outcome import Outcome
from sandbox.slack.acts.payloads import channel_ref, common
from sandbox.slack.blockkit.objects import suggestions
from sandbox.slack.blockkit.schema import Spot
from sandbox.slack.inputs import options_of
from sandbox.slack.model import Json, User, View
from sandbox.slack.service import Slack
from sandbox.slack.wire import message_json, view_json

LEAST_QUERY = 3


async def suggest(
    slack: Slack,
    user: User,
    place: Place,
    query: str,
    where: View | Posted,
) -> tuple[Outcome, list[Json]]:
    """What the app offers for the query, flattened.

    Kept beside what was offered before: only an offered option can be chosen, and a choice outlives its query.
    """
    _refuse_too_early(place, query)
    payload = {
        **common(slack, user, "block_suggestion"),
        "block_id": place.address[0],
        "action_id": place.address[1],
        "value": query,
        **_around(slack, where),
    }
    ack = await slack.sockets.deliver("interactive", payload, accepts=True)
    outcome = Outcome.of(ack)
    if not ack.acked:
        return outcome, []
    return outcome, _offered(slack, user, place, ack.payload or {}, outcome)


def _refuse_too_early(place: Place, query: str) -> None:
    if "external" not in place.element["type"]:
        raise RefusedError(400, "not_external", "Only external selects ask the app for options.")
    if len(query) < place.element.get("min_query_length", LEAST_QUERY):
        raise RefusedError(400, "query_too_short", "The client asks only for longer queries.")


def _around(slack: Slack, where: View | Posted) -> Json:
    if isinstance(where, View):
        return {
            "container": {"type": "view", "view_id": where.id},
            "view": view_json(slack, where),
        }
    return {
        "container": message_container(where),
        "channel": channel_ref(where.channel),
        "message": message_json(slack, where.message),
    }


def _offered(slack: Slack, user: User, place: Place, answer: Json, outcome: Outcome) -> list[Json]:
    spot = Spot("")
    suggestions(spot, answer)
    if spot.complaints:
        outcome.status, outcome.shown = "invalid_response", spot.complaints[0]
        return []
    options = options_of(answer)
    before = slack.suggested.get((user.id, *place.address), [])
    fresh = {option["value"] for option in options}
    slack.suggested[user.id, *place.address] = [
        *options,
        *(option for option in before if option["value"] not in fresh),
    ]
    return options

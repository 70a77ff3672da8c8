"""Updates through Datto RMM: a quick job with a uid, and a result for its device."""

from tests.stories import estate
from tests.stories.asking import approve, ask_patches, card, preview_patches, send_preview
from tests.stories.record import carried_out, ended, events, steps
from tests.stories.world import World, assert_says, says

CHANNEL = CLIENT = "blue-river-law"
VENDORS = ("datto",)
CONFIG = "[policy.rings]\nfrom_devices = 4"
HOSTILE = "<!channel>"
#: What the component takes without being told by name.
_ORDINARY = ("cumulative", "dotnet", "security")


def test_each_device_ends_as_its_job_and_its_audit_show_it(shared_world: World) -> None:
    world = shared_world
    good = estate.one(CLIENT, estate.fit_without_restart)
    failing = estate.one(CLIENT, estate.failing)
    in_use = estate.one(CLIENT, estate.in_use)
    preview = preview_patches(world, "tech", CHANNEL, CLIENT, [good, failing, in_use, HOSTILE])
    assert_says(preview, "Install approved updates on 3 devices", good, failing, in_use)
    assert_says(preview, "&lt;!channel&gt;", "offline")
    assert not says(preview, HOSTILE)
    request = send_preview(world, "tech", CHANNEL)
    approve(world, "manager", request)

    assert ended(world, request) == "partial"
    assert sorted(carried_out(world, request, "datto")) == sorted([good, failing, in_use])
    uids = {effect["job"] for effect in world.effects("datto", "quickjob")}
    moved = events(world, request, "job_moved")
    assert {event["reference"] for event in moved if event["reference"]} == uids
    by_name = steps(world, request)
    assert by_name[good][0] == "verified"
    assert by_name[failing][0] in ("failed", "not_verified")
    assert by_name[failing][1].startswith("failed: ")
    assert by_name[in_use] == ("not_verified", "restart owed")
    assert not says(card(world, request, "Done in part", "restart owed"), HOSTILE)


def test_a_restart_follows_the_job_that_is_under_way(shared_world: World) -> None:
    world = shared_world
    good = estate.one("cedar-finch", estate.fit_without_restart)
    request = ask_patches(world, "tech", "cedar-finch", "cedar", [good])
    world.fault(target="datto", path="*/results/*", kind="status", status=503)
    approve(world, "manager", request)
    world.eventually(lambda: events(world, request, "job_moved"), what="its uid on the record")
    world.restart_killed()
    assert steps(world, request)[good][0] in ("dispatched", "running")
    world.mend()
    assert ended(world, request) == "succeeded"
    assert carried_out(world, request, "datto") == [good]


def test_what_the_component_lists_is_named_approved_and_installed(shared_world: World) -> None:
    """A scan that a person asked for turns counts into rows; an install then takes exactly those."""
    world = shared_world
    name = estate.devices(CLIENT, estate.fit_without_restart)[-1]
    (device,) = (d for d in estate.company(CLIENT).devices if d.name == name)
    kbs = ",".join(sorted(str(u.kb) for u in estate.approved(device) if u.kind in _ORDINARY))
    preview_patches(world, "tech", CHANNEL, CLIENT, [name], patch_action="scan_patches")
    scan = send_preview(world, "tech", CHANNEL)
    approve(world, "manager", scan)
    assert ended(world, scan) == "succeeded"
    assert steps(world, scan)[name][1].startswith("scanned: ")

    preview = preview_patches(world, "tech", CHANNEL, CLIENT, [name])
    assert_says(preview, "On 1 device exactly the", "no others", kbs.split(",")[0])
    request = send_preview(world, "tech", CHANNEL)
    approve(world, "manager", request)
    assert ended(world, request) == "succeeded"
    ours = [e for e in world.effects("datto", "quickjob") if request in e["name"]]
    assert [effect["variables"]["kbs"] for effect in ours] == [kbs]

"""Who the fictional MSP serves. The hand-made ones come first; more are grown for `--clients N`."""

from dataclasses import dataclass

from sandbox.estate.model import RmmVendor


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What is fixed about a company before its people and devices are grown."""

    key: str
    name: str
    domain: str
    channel: str
    time_zone: str
    users: int
    workstations: int
    servers: int
    rmm: RmmVendor
    #: "p1", "p2" or "free"
    licence: str
    is_msp: bool = False


HAND_MADE: tuple[Outline, ...] = (
    Outline(key="harbor", name="Harbor IT Services", domain="harborit.example", channel="harbor-internal",
            time_zone="America/Chicago", users=28, workstations=24, servers=5, rmm="ninjaone", licence="p2", is_msp=True),
    Outline(key="acme-dental", name="Acme Dental Group", domain="acmedental.example", channel="acme-dental",
            time_zone="America/New_York", users=84, workstations=61, servers=6, rmm="ninjaone", licence="p1"),
    Outline(key="blue-river-law", name="Blue River Law", domain="blueriverlaw.example", channel="blue-river-law",
            time_zone="Europe/London", users=46, workstations=38, servers=4, rmm="datto", licence="p1"),
    Outline(key="cedar-finch", name="Cedar & Finch Architects", domain="cedarfinch.example", channel="cedar-finch",
            time_zone="America/Denver", users=33, workstations=29, servers=2, rmm="datto", licence="free"),
    Outline(key="orchard-care", name="Orchard Primary Care", domain="orchardcare.example", channel="orchard-care",
            time_zone="Australia/Sydney", users=57, workstations=40, servers=3, rmm="ninjaone", licence="free"),
    Outline(key="kestrel", name="Kestrel Logistics", domain="kestrel.example", channel="kestrel-logistics",
            time_zone="America/Los_Angeles", users=72, workstations=55, servers=8, rmm="ninjaone", licence="p1"),
    Outline(key="rimu-joinery", name="Rimu Joinery", domain="rimujoinery.example", channel="rimu-joinery",
            time_zone="Pacific/Auckland", users=41, workstations=32, servers=3, rmm="automate", licence="p1"),
    Outline(key="larkhill-vets", name="Larkhill Veterinary Clinics", domain="larkhillvets.example", channel="larkhill-vets",
            time_zone="Europe/Dublin", users=36, workstations=30, servers=3, rmm="tactical", licence="p1"),
    Outline(key="saltline-marine", name="Saltline Marine Supply", domain="saltlinemarine.example", channel="saltline-marine",
            time_zone="America/Halifax", users=38, workstations=31, servers=3, rmm="vsax", licence="p1"),
    Outline(key="fennel-rye", name="Fennel & Rye Bakeries", domain="fennelrye.example", channel="fennel-rye",
            time_zone="America/Toronto", users=37, workstations=30, servers=3, rmm="action1", licence="p1"),
    Outline(key="tarnfield-optics", name="Tarnfield Optics", domain="tarnfieldoptics.example", channel="tarnfield-optics",
            time_zone="Europe/Stockholm", users=34, workstations=28, servers=3, rmm="asio", licence="p1"),
    Outline(key="copperleaf-print", name="Copperleaf Printing", domain="copperleafprint.example", channel="copperleaf-print",
            time_zone="America/Winnipeg", users=34, workstations=28, servers=3, rmm="vsa9", licence="p1"),
    Outline(key="copperbeech-print", name="Beech Street Press", domain="copperbeechprint.example", channel="beech-street-press",
            time_zone="America/Phoenix", users=31, workstations=26, servers=2, rmm="syncro", licence="p1"),
    Outline(key="wren-quarry", name="Wren & Quarry Stoneworks", domain="wrenquarry.example", channel="wren-quarry",
            time_zone="Europe/Amsterdam", users=34, workstations=28, servers=3, rmm="ncentral", licence="p1"),
    Outline(key="plover-sails", name="Plover Sailmakers", domain="ploversails.example", channel="plover-sails",
            time_zone="Europe/Dublin", users=31, workstations=26, servers=2, rmm="atera", licence="p1"),
)  # fmt: skip

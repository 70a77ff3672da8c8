"""Every vendor is listed, documented, and described by what its code declares."""

from pathlib import Path

import pytest

import integrations.rmm
from core.domain.patching import Capabilities
from integrations.rmm import VENDORS, quality
from integrations.rmm.vendor import Vendor, VendorSettings

FOLDER = Path(integrations.rmm.__file__).parent


def test_every_folder_is_a_listed_vendor() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert {vendor.key for vendor in VENDORS} == folders


def test_every_vendor_folder_has_the_same_files() -> None:
    for vendor in VENDORS:
        files = {path.stem for path in (FOLDER / vendor.key).glob("*.py")}
        acts = vendor.capabilities.install or vendor.capabilities.scan
        assert files >= {"__init__", "settings", "api", "mapping", "reading", "account"}
        assert ("jobs" in files) is acts


def test_page_says_what_the_code_declares() -> None:
    assert quality.PAGE.read_text(encoding="utf-8") == quality.page(), (
        "run: python -m integrations.rmm.quality"
    )


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.key)
def test_every_vendor_has_a_page_with_its_settings(vendor: Vendor[VendorSettings]) -> None:
    page = (quality.PAGE.parent / "vendors" / f"{vendor.key}.md").read_text(encoding="utf-8")
    assert f'vendor = "{vendor.key}"' in page
    for name in set(vendor.settings.model_fields) - {"vendor", "ca_file"}:
        assert f"{name} = " in page


def test_a_vendor_that_cannot_act_says_no() -> None:
    poor = VENDORS[0]
    weak = type(poor)(
        key=poor.key,
        name="Weak",
        capabilities=Capabilities(),
        settings=poor.settings,
        connect=poor.connect,
    )
    assert "| Install | no |" in quality.page([weak])
    assert "| Scan | no |" in quality.page([weak])
    assert "| Who restarts a device | - |" in quality.page([weak])

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coachwatts.security.devices import Device, DeviceType, parse_device

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (CHROME, Device(DeviceType.COMPUTER, "Chrome 130", "Windows 10")),
        (FIREFOX, Device(DeviceType.COMPUTER, "Firefox 132", "Linux")),
        (IPHONE, Device(DeviceType.PHONE, "Mobile Safari 17", "iOS 17")),
        (IPAD, Device(DeviceType.TABLET, "Mobile Safari 16", "iOS 16")),
        (BOT, Device(DeviceType.BOT, "Googlebot 2", None)),
        ("curl/8.5.0", Device(DeviceType.OTHER, "curl 8", None)),
        ("no browser at all", Device()),
        ("", Device()),
        (None, Device()),
    ],
)
def test_what_people_sign_in_with_is_recognised(header: str | None, device: Device) -> None:
    assert parse_device(header) == device


@settings(deadline=None)
@given(st.text(max_size=600) | st.text("Mozila/5.0(; )Anrdoi1_CPUSBu", max_size=600))
def test_no_header_raises_and_every_answer_fits_its_column(header: str) -> None:
    device = parse_device(header)
    assert len(device.browser or "") <= 80
    assert len(device.os or "") <= 80


def test_only_the_beginning_of_an_endless_header_is_looked_at() -> None:
    begun = perf_counter()
    assert parse_device(FIREFOX + "; Android " * 200_000) == parse_device((FIREFOX + "; Android " * 60)[:512])
    assert perf_counter() - begun < 1

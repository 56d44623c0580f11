import os
import socket

import pytest

from coachwatts.embedded.errors import AddressInUse
from coachwatts.embedded.listener import address, listen


def test_port_zero_means_any_free_one() -> None:
    with listen("127.0.0.1:0") as listener:
        host, _, port = address(listener).rpartition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), timeout=1):
            pass


def test_an_address_in_use_is_told_with_its_holder() -> None:
    with listen("127.0.0.1:0") as listener, pytest.raises(AddressInUse) as caught:
        listen(address(listener))
    assert f"process {os.getpid()}" in str(caught.value)
    assert "COACHWATTS_BIND" in str(caught.value)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(AddressInUse, match=r"Cannot listen on 192\.0\.2\.1:8000"):
        listen("192.0.2.1:8000")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_version_6_addresses_stand_in_brackets() -> None:
    try:
        listener = listen("[::1]:0")
    except AddressInUse:
        pytest.skip("no IPv6 loopback here")
    with listener:
        assert address(listener).startswith("[::1]:")

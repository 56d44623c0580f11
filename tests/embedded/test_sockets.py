import shutil
from pathlib import Path

import pytest

from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.sockets import socket_folder


def test_sockets_lie_in_the_data_folder(tmp_path: Path) -> None:
    assert socket_folder(tmp_path) == tmp_path / "run"
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_a_deep_data_folder_has_them_elsewhere_always_at_the_same_place(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    place = socket_folder(deep)
    try:
        assert len(str(place)) < 90
        assert place.stat().st_mode & 0o777 == 0o700
        assert socket_folder(deep) == place
    finally:
        shutil.rmtree(place)


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)
    with pytest.raises(ServiceFailed, match="mode 700"):
        socket_folder(tmp_path)


def test_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServiceFailed, match="mode 700"):
        socket_folder(tmp_path)

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.kit import up

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def plain_environment() -> dict[str, str]:
    return up.plain_environment()


@pytest.fixture
def environment(plain_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {**plain_environment, "COACHWATTS_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def coachwatts(environment: Mapping[str, str], tmp_path: Path) -> Run:
    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "coachwatts", *arguments]
        return subprocess.run(
            command, env={**environment, **variables}, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    return run

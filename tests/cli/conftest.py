import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a person who has configured nothing but where the data goes and a free port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COACHWATTS_") and not name.endswith("_URL")}
    return {**kept, "COACHWATTS_DATA_DIR": str(tmp_path / "data"), "COACHWATTS_BIND": "127.0.0.1:0", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def coachwatts(environment: Mapping[str, str], tmp_path: Path) -> Run:
    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "coachwatts", *arguments]
        return subprocess.run(
            command, env={**environment, **variables}, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    return run

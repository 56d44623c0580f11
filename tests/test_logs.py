import subprocess
import sys

import pytest

PROGRAM = """
import structlog
from coachwatts import config, logs

logs.configure(config.load(_env_file=None, log_format="{form}"))

def sign_in(password):
    raise RuntimeError("out of order")

try:
    sign_in("lamp-orbit-canoe-77")
except RuntimeError:
    structlog.get_logger().exception("sign_in_failed", request_id="r1")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_logged_traceback_shows_no_local_variable(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(form=form)], capture_output=True, text=True, check=True)
    assert "out of order" in done.stderr
    assert "r1" in done.stderr
    assert "sign_in(" not in done.stdout
    values = [line for line in done.stderr.splitlines() if "lamp-orbit-canoe-77" in line and 'sign_in("lamp' not in line]
    assert values == []

"""Clients rely on the codes: each one that can come is in the page that they read."""

import re
from pathlib import Path

from coachwatts.errors import ErrorCode

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')


def test_every_error_code_is_in_the_catalogue() -> None:
    transport = (path.read_text() for path in (ROOT / "coachwatts" / "api" / "transport").glob("*.py"))
    raised = {code for text in transport for code in CODE.findall(text)}
    catalogue = (ROOT / "docs" / "clients.md").read_text()
    assert {code for code in raised | set(ErrorCode) if f"`{code}`" not in catalogue} == set()

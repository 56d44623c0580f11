"""Starts the real application and the scratch endpoint of the transport tests, then lets each suite loose on them."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from coachwatts import config
from coachwatts.api.transport.manifest import sha256
from coachwatts.api.transport.statuses import Profile
from coachwatts.app import create_app
from coachwatts.db import migrations
from coachwatts.embedded.services import Embedded
from tests.api.transport.scratch import Server, development, production, schema

HERE = Path(__file__).resolve().parent
TRUSTED = ["query Hello {\n  hello\n}", "query Scale($factor: Int!) {\n  scale(factor: $factor)\n}"]
SUITES = ("audit.mjs", "apollo.mjs", "urql.mjs", "sockets.mjs", "sse.mjs", "person.mjs", "relay.mjs", "explorer.mjs")


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """On a free port, in a thread of its own: the suites are child processes that we wait for."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    try:
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{port}/graphql"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def application() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cw-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        wanted = config.load(_env_file=None, data_dir=Path(folder) / "data", log_level="error")
        with Embedded(wanted, durable=False) as settings:
            migrations.upgrade(settings)
            with serving(create_app(settings)) as url:
                yield url


def run_suites(places: dict[str, str]) -> list[str]:
    environment = os.environ | places | {"TRUSTED": json.dumps({sha256(text): text for text in TRUSTED})}
    return [suite for suite in SUITES if subprocess.run(["node", suite], cwd=HERE, env=environment, check=False).returncode]


def main() -> int:
    trusted = {sha256(text): text for text in TRUSTED}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cw-")))
        (folder / "scratch.graphql").write_text(schema.as_str())
        scratch = Server()
        places = {
            "FOLDER": str(folder),
            "APP": stack.enter_context(application()),
            "SCRATCH": stack.enter_context(serving(scratch.app(development(), trusted))),
            "STRICT": stack.enter_context(serving(scratch.app(production(only_trusted=True), trusted))),
            "APQ": stack.enter_context(serving(scratch.app(production(register=True), trusted))),
            "DRAFT": stack.enter_context(serving(scratch.app(development(profile=Profile.DRAFT), trusted))),
        }
        failed = run_suites(places)
    sys.stdout.write(f"\n{'All suites passed.' if not failed else 'Failed: ' + ', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

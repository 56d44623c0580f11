"""Started as a script between us and a service: ties the service's life to ours, drops root, then becomes the service.

Standard library only, because it runs with `python -I -S` once per service. A wrapper rather than `preexec_fn`,
which is not safe in a process that has threads.
"""

import argparse
import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    arguments = _parse()
    if arguments.user:
        _become(*map(int, arguments.user.split(":")))
    os.umask(0o077)
    _die_with_parent(arguments.parent, arguments.death_signal)
    if arguments.record:
        arguments.record.write_text(f"{os.getpid()}\n")
    os.execv(arguments.command[0], arguments.command)  # noqa: S606 - the command is our own list


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, required=True)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--user")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _become(uid: int, gid: int) -> None:
    """PostgreSQL refuses root, yet the data and its binaries may lie below folders that only root may pass (/root).

    Opening those folders for everybody would be worse than keeping the one capability that passes them.
    """
    kept = _prepare_passage() if sys.platform == "linux" else 0
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if sys.platform == "linux":
        _keep_only(kept)


def _prepare_passage() -> int:
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)  # else access(2) would not count it, and initdb asks that
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    permitted = int(status["CapPrm"], 16)
    return next((1 << capability for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if permitted >> capability & 1), 0)


def _keep_only(mask: int) -> None:
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if libc.capset(header, effective_permitted_inheritable) != 0:
        sys.exit("the rights of root could not be dropped")
    if mask:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, mask.bit_length() - 1, 0, 0)


def _die_with_parent(parent: int, death_signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask to be told
        sys.exit("the process that started this service is gone")


if __name__ == "__main__":
    main()

"""Faults of the functions and of the emulator while requests run, each as a context manager.

They yield a function that returns how often the fault has occurred.
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.awaiting import eventually
from tests.cli.test_whole_organisation import Faults
from tests.stack.conftest import Rig

FUNCTIONS = ("Upload", "Serve", "Relay", "Publish")

_PAUSE = 4  # seconds; Headshot waits for 2 (headshot/stores/aws.py)


def kill(rig, name):
    """Kill every process of a function."""
    Faults(rig, name).kill()


@contextmanager
def functions_killed(rig):
    """Kill every process of each function."""
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(lambda: [kill(rig, name) for name in FUNCTIONS])
        yield lambda: len(done.result())


@contextmanager
def emulator_paused(rig):
    """Stop the emulator, and with it all of AWS, for longer than Headshot waits."""

    def pause():
        os.kill(rig.process_group, signal.SIGSTOP)
        time.sleep(_PAUSE)  # the fault itself
        os.kill(rig.process_group, signal.SIGCONT)
        return 1

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(pause).result


def restart(rig, keep):
    """Stop the emulator and kill all functions, start it again while `keep` is open, and return the new rig.

    It writes its state before it stops: killed outright, it would lose what it has acknowledged for some seconds, which
    AWS does not.
    """
    os.kill(rig.process_group, signal.SIGTERM)
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT  # whoever started it waits for it, too
    eventually(lambda: os.waitid(os.P_PID, rig.process_group, ended), 60)
    os.killpg(rig.process_group, signal.SIGKILL)
    process = keep.enter_context(rig.emulator.running())
    return Rig(rig.emulator, rig.outputs, process.pid)

"""Uploads, reads and erasures while everything that Headshot needs fails in turn: nothing is lost or left over.

`make test` sends 24 uploads while each service fails at random. `make faults` sends FAULTS_UPLOADS through every fault.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from typing import Any

from bench.report import table
from local import stack
from tests.awaiting import eventually
from tests.fakes.systems import VARIANTS
from tests.publish import breaking
from tests.publish.clients import Clients, Person, orphans
from tests.publish.deploying import identity_provider
from tests.publish.faulty_services import IDENTITY_PROVIDER, KINDS, SERVICES, faulty_services
from tests.publish.watching import records
from tests.stack.conftest import Signature, assume_role
from tests.stack.test_sweep import sweep

UPLOADS = int(os.environ.get("FAULTS_UPLOADS", "0"))
CLIENTS = int(os.environ.get("FAULTS_CLIENTS", "8"))
PEOPLE = CLIENTS + 10
SECONDS = 600  # for any progress, also on a slow machine

# Requests that fail, one after the other, unless there are fewer clients. They are few to the identity provider because
# publish doubles its pause with every attempt, and to Secrets Manager because each process of publish reads it once.
FAILURES = {"S3": 50, "DynamoDB": 50, "SQS": 6, "Secrets Manager": 2, IDENTITY_PROVIDER: 4}

HEAD = (
    *("fault", "faults met", "requests", "accepted", "erased", "5xx", "5xx without Retry-After", "killed", "no answer"),
    *("retries", "swept", "lost", "orphans", "published"),
)


class Trial:
    """The stack, its people, and the clients that send requests about them."""

    def __init__(self, rig, system, keep, emulators):
        self.rig, self._system, self._emulators = rig, system, emulators
        names = [f"fault{number:02}" for number in range(PEOPLE)]
        self.people = [Person(name, system.fake.add(name, f"{name}@example.com")) for name in names]
        self._sign_in()
        self.clients = Clients(rig.url, lambda: self._auth)
        stack._limit_concurrency(rig.emulator)  # updating the stack has undone it
        self._services = keep.enter_context(faulty_services(rig, system))

    def _sign_in(self):
        name = f"client{self.rig.process_group}"  # sessions do not survive a restart of the emulator
        auth = Signature(assume_role(self.rig, name))
        policy = self.rig.outputs["AdministerPolicyArn"]
        self.rig.client("iam").attach_role_policy(RoleName=name, PolicyArn=policy)
        self._auth = auth

    def faults(self):
        """Yield every fault: its name, and what makes it a context manager."""
        for service, kind in product(SERVICES, KINDS if UPLOADS else KINDS[-1:]):
            yield f"{service} {kind}", partial(self._failing, service, kind)
        yield "functions killed", lambda: breaking.functions_killed(self.rig)
        if UPLOADS:
            yield "emulator paused", lambda: breaking.emulator_paused(self.rig)
            yield "emulator restarted", self._restarted

    @contextmanager
    def _failing(self, service, kind):
        count = min(FAILURES[service], CLIENTS)
        with self._services.failing(service, kind, count) as met:
            if service == "Secrets Manager":
                breaking.kill(self.rig, "Publish")  # the next process reads the secret
            yield met
            eventually(met, SECONDS)
            if service not in ("S3", "DynamoDB"):
                self.await_published()

    @contextmanager
    def _restarted(self):
        def restart():
            self.rig = breaking.restart(self.rig, self._emulators)
            self._sign_in()
            return 1

        with ThreadPoolExecutor(1) as thread:
            yield thread.submit(restart).result
        self.rig.client("lambda").invoke(FunctionName=self.rig.outputs["ReconcileFunction"], Payload=b"{}")

    def run(self, number, name, fault, share):
        """Send uploads for some people, erase some, and read everyone's photo during a fault; return what happened."""
        turned = self.people[number * share % PEOPLE :] + self.people[: number * share % PEOPLE]
        writers, erased = turned[:share], turned[share : share + 2]
        clients, before = self.clients, self.clients.counts.copy()
        with ThreadPoolExecutor(CLIENTS) as threads, fault() as met:
            running = [threads.submit(clients.upload, person) for person in writers]
            running += [threads.submit(clients.erase, person) for person in erased]
            running += [threads.submit(clients.read, person) for person in turned[: CLIENTS - len(running)]]
            for task in running:
                task.result()
            effects = met
        effects = effects()
        self.await_published()
        counts = clients.counts - before
        swept = sweep(self.rig, "photos")["superseded"]
        fixed = [counts[column] for column in HEAD[2:-4]]
        left = len(clients.lost(writers + erased)), len(orphans(self.rig, self.people))
        return [name, effects, *fixed, swept, *left, sum(map(self._is_published, writers))]

    def await_published(self):
        eventually(lambda: all(map(self._is_published, self.people)), SECONDS)

    def _is_published(self, person):
        if not person.sent:
            return True
        expected = person.current or f"{self.rig.url}/photos/_default.jpg"
        return self._system.fake.photo_url(person.identity_id) == expected


def test_nothing_is_lost_whatever_fails(rig, capsys):
    system = VARIANTS["okta-api-token"]()
    rows: list[list[Any]] = []
    # A restarted emulator must outlive what is undone in it.
    with ExitStack() as emulators, identity_provider(rig, system) as target, ExitStack() as keep:
        trial = Trial(target, system, keep, emulators)
        if UPLOADS:
            keep.callback(print_table, rows, capsys)  # also if the trial fails
        faults = list(trial.faults())
        share = -(-UPLOADS // len(faults)) if UPLOADS else 4
        for number, (name, fault) in enumerate(faults):
            rows.append(trial.run(number, name, fault, share))
        assert trial.clients.lost(trial.people) == []
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(trial.clients.erase, trial.people))
        eventually(lambda: records(trial.rig) == [], SECONDS)
        assert orphans(trial.rig, trial.people) == []
        assert trial.rig.waiting("PublishDeadLetterQueue") == 0
    for row in rows:
        found = dict(zip(HEAD, row, strict=True))
        assert (found["lost"], found["orphans"], found["5xx without Retry-After"]) == (0, 0, 0), found
        assert found["faults met"] > 0, found


def print_table(rows, capsys):
    columns = list(zip(*rows, strict=True))
    total = ["all", *map(sum, columns[1:])]
    with capsys.disabled():
        table(f"{UPLOADS:,} uploads by {CLIENTS} clients", HEAD, [list(map(str, row)) for row in [*rows, total]])

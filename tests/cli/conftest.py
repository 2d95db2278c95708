"""Temporary sites to run verbs on: a fresh one as init makes it, and a demo's with two people in it."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from mailflow.cli.root import cli

MAIL = (
    b"From: Maja Lind <maja@example.org>\nTo: gan@events.example.org\nSubject: register\n"
    b"Message-ID: <1@example.org>\nDate: Tue, 20 Aug 2019 09:00:00 +0200\n\nregister\nDiet: vegan\n"
)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """No configuration of the machine's owner is found, and no terminal is there to be asked."""
    for name in [*os.environ]:
        if name.startswith(("MAILFLOW_", "XDG_")) or name in ("STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nowhere")
    # Whether the machine that tests has a name server is not what is tested.
    monkeypatch.setattr("mailflow.cli.findings.name_servers", lambda: 1)


class Site:
    """A folder with a site, and the command line that works on it."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "mailflow.toml"
        self.database = folder / "mailflow.db"

    def run(self, *words, stdin=b""):
        """In this process; the Result has exit_code, stdout and stderr."""
        done = CliRunner().invoke(cli, ["--config", str(self.file), *map(str, words)], input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def call(self, *words, stdin=b""):
        """The same for what must go well."""
        done = self.run(*words, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done

    def objects(self, *words, stdin=b""):
        """What --json prints, an object a line."""
        return [json.loads(line) for line in self.call(*words, "--json", stdin=stdin).stdout.splitlines()]

    def process(self, *words, stdin=b""):
        """As a process of its own, where real streams and main() matter."""
        command = [sys.executable, "-W", "error", "-m", "mailflow", "--config", str(self.file), *map(str, words)]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)

    def rows(self):
        """All that the database says, table by table."""
        with closing(sqlite3.connect(self.database)) as database:
            return list(database.iterdump())

    def lock(self):
        """A connection that holds the write lock, as a service at work does."""
        other = sqlite3.connect(self.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return closing(other)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """What init makes, made once: drawing an RSA key takes its time."""
    folder = tmp_path_factory.mktemp("fresh")
    words = ["init", "gan@events.example.org", "--yes", "--relay", "capture:sent", "--dir", str(folder)]
    done = CliRunner().invoke(cli, words, catch_exceptions=False, env={"XDG_CONFIG_HOME": None})
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory):
    """What a demo leaves: Maja has a seat, Noor is asked; two mails, two letters."""
    from mailflow.service.demo import run
    from mailflow.service.demo_folder import START, lay_out

    folder = tmp_path_factory.mktemp("demo") / "var"
    assert asyncio.run(run(lay_out(folder, 0, START, 1.0), lambda _: None, once=True))
    return folder


@pytest.fixture
def site(fresh, tmp_path):
    return Site(shutil.copytree(fresh, tmp_path / "site"))


@pytest.fixture
def demo(lived_in, tmp_path):
    return Site(shutil.copytree(lived_in, tmp_path / "demo"))


@pytest.fixture
def mail(tmp_path):
    (tmp_path / "a.eml").write_bytes(MAIL)
    return tmp_path / "a.eml"

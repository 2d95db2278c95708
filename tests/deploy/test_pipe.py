"""A real Postfix starts `mailflow deliver` for each mail, by its pipe(8) and our deliver.sh."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.whole.site import DOMAIN, EVENT, Site, environment, people, until

from .front import GAN, absent, lines_of, write

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]

# Somebody who is not root: pipe(8) runs nothing as root, nor as Postfix's own user.
SOMEBODY = "nobody"


def command_of_somebody(site):
    """`mailflow` for this site as another user can start it; None where no Python here lets him."""
    path = ":".join(filter(None, sys.path))
    for python in (sys.executable, "/usr/bin/python3"):
        script = f"""#!/bin/sh
export PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1 MAILFLOW_CONFIG={site.config}
exec {python} -m mailflow "$@"
"""
        command = site.folder / "mailflow"
        command.write_text(script, encoding="utf-8")
        command.chmod(0o755)
        try:
            subprocess.run([command, "deliver", "--help"], user=SOMEBODY, group="nogroup", extra_groups=[], cwd="/",
                           env=environment(), capture_output=True, timeout=20, check=True)  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            continue
        return command
    return None


@pytest.fixture
def piped(front, sink):
    """Postfix with the pipe lines, and a site of somebody's; nothing of ours runs."""
    sink.open()
    site = Site(front.folder / "site", sink.port).lay_out()
    command = command_of_somebody(site)
    if command is None:
        pytest.skip("no Python here that another user may start")
    for path in (site.folder, *site.folder.rglob("*")):
        shutil.chown(path, SOMEBODY, "nogroup")
    script = front.folder / "deliver.sh"
    script.write_text(lines_of("deliver.sh", command=("/opt/mailflow/bin/mailflow", str(command))), encoding="utf-8")
    script.chmod(0o755)
    lines = lines_of("pipe.cf", domain=("events.example.org", DOMAIN), user=("user=mailflow", f"user={SOMEBODY}"),
                     script=("/usr/local/lib/mailflow/deliver.sh", str(script)))  # fmt: skip
    main, _, master = lines.partition("# master.cf\n")
    front.start(main, master)
    return site


def test_a_pipe_hands_over_and_its_statuses_are_honoured(piped, front, sink):
    """Known is kept, with the null sender too; unknown is 5.1.1 in the report, for that recipient only."""
    ada = people(1, "ada")[0]
    with front.client() as client:
        client.sendmail(ada.address, [GAN, f"nobody@{DOMAIN}"], ada.mail())
        client.sendmail("", [f"{EVENT}+b.x@{DOMAIN}"], ada.mail("report"))
    assert sink.wait(lambda sink: sink.letters, 20), front.log
    report = sink.letters[0].content.decode()
    assert "Status: 5.1.1" in report
    assert "Diagnostic-Code: x-unix; No such address here\n" in report.replace("\r\n", "\n")
    assert until(lambda: front.waiting() == 0, 15), front.log
    assert [tuple(row) for row in piped.rows("SELECT via, forward_path, reverse_path FROM inbox ORDER BY id")] == [
        ("pipe", GAN, ada.address),
        ("pipe", f"{EVENT}+b.x@{DOMAIN}", None),
    ]
    assert len(sink.letters) == 1


def test_a_pipe_that_fails_keeps_the_mail_in_postfix(piped, front, sink):
    """A locked database and a broken configuration are "later" to Postfix, and nobody outside hears of either."""
    ada, bo = people(2)
    good = piped.config.read_text(encoding="utf-8")
    piped.config.write_text(good.replace("[log]", "[logg]"), encoding="utf-8")
    write(front, ada)
    assert front.wait_log("dsn=4.3.0, status=deferred (temporary failure)"), front.log
    piped.config.write_text(good, encoding="utf-8")
    front.run("postqueue", "-f")
    assert until(lambda: piped.database.exists() and front.waiting() == 0, 15), front.log
    with closing(sqlite3.connect(piped.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        write(front, bo)
        assert until(lambda: front.log.count("status=deferred (temporary failure)") == 2, 20), front.log
        other.execute("ROLLBACK")
    front.run("postqueue", "-f")
    assert until(lambda: front.waiting() == 0, 15), front.log
    assert piped.one("SELECT count(*) FROM inbox") == 2
    assert sink.letters == []

"""Options before and after the verb, --help as it is read, what it imports, completion, and the page that shows all."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mailflow.cli.root import VERBS, cli

HEAVY = ("asyncio", "sqlite3", "jinja2", "cryptography", "icalendar", "sqlite_utils", "dns", "aiosmtpd", "idna", "tabulate", "mailflow.mail",
         "mailflow.service", "mailflow.store", "mailflow.config")  # fmt: skip


def paths(command, path=()):
    """Each verb with what is below it."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from paths(command.get_command(click.Context(command), name), (*path, name))


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_as_it_was_read(golden, verb):
    """The help of a verb, and of what is below it."""
    command = cli.get_command(click.Context(cli), verb)
    texts = []
    root = click.Context(cli, info_name="mailflow", terminal_width=100, max_content_width=100, **cli.context_settings)
    for path, leaf in paths(command, (verb,)):
        context = click.Context(leaf, parent=root, info_name=" ".join(path))
        texts.append(leaf.get_help(context) + "\n")
    golden(f"cli/{verb}.txt", "\n".join(texts))


def test_the_help_of_all_is_as_it_was_read(golden):
    """The verbs in the order in which one meets them."""
    done = CliRunner().invoke(cli, ["--help"], prog_name="mailflow", terminal_width=100, max_content_width=100)
    golden("cli/mailflow.txt", done.stdout)


def test_every_verb_has_the_help_that_the_list_shows():
    """A verb's module has a command of its name."""
    for verb, (module, text) in VERBS.items():
        command = getattr(importlib.import_module(f"mailflow.cli.{module}"), verb.replace("-", "_"))
        assert command.name == verb
        assert text.endswith(".")


def test_no_option_of_a_verb_answers_to_the_name_of_another():
    """Or `event edit -q`, which only says less, would be the same to it as --quiet-change, and nobody would be told."""
    for path, command in paths(cli):
        names = [param.name for param in command.params]
        assert len(names) == len(set(names)), path


def test_help_imports_nothing_heavy():
    """Neither that of the group nor that of any verb: it answers at once. The group imports click, and of us its own room."""
    code = f"""if True:
        import sys
        from click.testing import CliRunner
        from mailflow.cli.root import VERBS, cli
        ours = sorted(name for name in sys.modules if name.startswith("mailflow."))
        assert ours == ["mailflow.cli", "mailflow.cli.leaving", "mailflow.cli.options", "mailflow.cli.root"], ours
        before = set(sys.modules)
        for verb in VERBS:
            assert CliRunner().invoke(cli, [verb, "--help"]).exit_code == 0
        print([name for name in sys.modules if name not in before and name.startswith({HEAVY!r})])"""
    assert subprocess.check_output([sys.executable, "-c", code]) == b"[]\n"


def test_options_go_before_or_after_the_verb_and_between(site):
    """`--config` before, `--json` anywhere; the last word counts."""
    lines = {
        site.call(*words).stdout
        for words in (("--json", "event", "list"), ("event", "--json", "list"), ("event", "list", "--json"))
    }
    assert len(lines) == 1
    assert json.loads(lines.pop())["event"] == "gan"
    done = CliRunner().invoke(cli, ["--config", "/nowhere.toml", "event", "list", "--config", str(site.file), "--json"])
    assert done.exit_code == 0
    assert site.run("event", "list", "--config", "/nowhere.toml").exit_code == 78


@pytest.mark.parametrize("words", [["--version"], ["event", "list", "--version"]], ids=" ".join)
def test_versions(words):
    """mailflow, Python, SQLite and schema number; no site is needed."""
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0
    assert [part.split()[0] for part in done.stdout.split(", ")] == ["mailflow", "Python", "SQLite", "schema"]


def test_quiet_says_less_and_verbose_more(site):
    """Talk only; the data is the same."""
    assert "Put your mail server's own name" in site.call("dns").stderr
    assert site.call("dns", "-q").stderr == ""
    assert "configuration: " in site.call("dns", "-v").stderr
    assert site.call("dns", "-q").stdout == site.call("dns", "-v").stdout


def test_what_strangers_wrote_does_not_move_the_cursor(site):
    """In tables; in JSON it is escaped."""
    hostile = b"From: a@example.org\nTo: gan@events.example.org\nSubject: \x1b[2J\x07 register\n\nregister\n"
    assert "\x1b" not in site.call("simulate", "-", stdin=hostile).stdout


def test_names_reach_a_terminal_that_cannot_show_them(demo):
    """A narrow locale gets ? in tables and UTF-8 in JSON, never a traceback."""
    command = [sys.executable, "-m", "mailflow", "--config", str(demo.file), "message", "show", "1"]
    narrow = os.environ | {"PYTHONIOENCODING": "koi8-r", "PYTHONUTF8": "0"}
    shown = subprocess.run(command, env=narrow, capture_output=True, check=True)
    assert b"Anm?lan" in shown.stdout
    assert (
        "Anmälan".encode() in subprocess.run([*command, "--json"], env=narrow, capture_output=True, check=True).stdout
    )


COMPLETE = """
mailflow() {{ {python} -m mailflow "$@"; }}
source <(mailflow completion bash)
complete -p mailflow
for words in 'mailflow ev' 'mailflow --js' 'mailflow event l' 'mailflow event list --j' 'mailflow completion z'; do
    COMP_WORDS=($words); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); COMPREPLY=()
    _mailflow_completion mailflow
    echo "$words: ${{COMPREPLY[@]}}"
done
"""


def test_bash_completes_verbs_and_options_once_it_has_sourced_the_script(tmp_path):
    """As a person types: source it, and press TAB."""
    shim = tmp_path / "mailflow"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m mailflow "$@"\n')
    shim.chmod(0o755)
    environ = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", COMPLETE.format(python=sys.executable)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[1:] == [
        "mailflow ev: event", "mailflow --js: --json", "mailflow event l: list", "mailflow event list --j: --json", "mailflow completion z: zsh",
    ], done.stderr  # fmt: skip


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_too(shell):
    """It asks mailflow for the words."""
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert "_MAILFLOW_COMPLETE" in done.stdout


def test_tab_on_nothing_imports_no_verb():
    """A shell should not wait for twenty modules."""
    environ = os.environ | {"_MAILFLOW_COMPLETE": "bash_complete", "COMP_WORDS": "mailflow ", "COMP_CWORD": "1"}
    code = "import sys, atexit; atexit.register(lambda: print('mailflow.cli.event' in sys.modules)); import mailflow.cli; mailflow.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    *words, imported = done.stdout.split()
    assert [word.partition(",")[2] for word in words] == list(VERBS)
    assert imported == "False"


def test_the_page_shows_every_verb():
    """docs/cli.md has a heading for each, and none that is not one."""
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    assert sorted(line[3:] for line in page.splitlines() if line.startswith("## ") and line[3:] in VERBS) == sorted(
        VERBS
    )


def test_the_page_names_every_option():
    """Each in the part about its verb; those that all verbs know stand at the top."""
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    top, *parts = page.split("\n## ")
    about = {part.partition("\n")[0]: part for part in parts}
    shared = {"--version", *re.findall(r"--\w+", top)}
    for path, command in paths(cli):
        named = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
        unsaid = {name for name in named - shared if name.startswith("--") and name not in about[path[0]]} if path else ()
        assert not unsaid, path

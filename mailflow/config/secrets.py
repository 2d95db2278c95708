"""Files that hold secrets: where they are looked for, who may read them, what is in the one that seals."""

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mailflow.config.problems import ConfigError, Problem
from mailflow.config.schema import Config
from mailflow.config.section import Report
from mailflow.model.seal import Seal

_OTHERS = 0o077


def place(name: str, beside: Path, environ: Mapping[str, str]) -> Path:
    """Where the file of that name is: in $CREDENTIALS_DIRECTORY when it is there, else in the folder `beside`.

    An absolute name is that file. The result need not exist.
    """
    given = environ.get("CREDENTIALS_DIRECTORY")
    if given and not Path(name).is_absolute():
        credential = Path(given) / name
        if credential.is_file():
            return credential
    return beside / name


def secret_faults(config: Config, environ: Mapping[str, str], report: Report) -> None:
    """Note each secret that is needed and cannot be read, or that others can read."""
    wanted = (
        ("site.key_file", config.site.key_file),
        ("intake.tls_key_file", config.intake.tls_key_file),
        ("outgoing.password_file", config.outgoing.password_file),
        ("dkim.key_file", config.dkim.key_file if config.dkim.sign else None),
    )
    for key, path in wanted:
        if path is not None:
            _check(key, path, environ, report)
    certificate = config.intake.tls_cert_file
    if certificate is not None and not certificate.is_file():
        report.fault("intake.tls_cert_file", "a certificate in PEM", "", f"{certificate} is not there")


def _check(key: str, path: Path, environ: Mapping[str, str], report: Report) -> None:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        report.fault(key, "a file that can be read", "", f"{path}: {error.strerror}; {_where_from(key)}")
        return
    # What is in $CREDENTIALS_DIRECTORY is guarded by systemd, with modes of its own (0440, and an ACL).
    given = environ.get("CREDENTIALS_DIRECTORY")
    if mode & _OTHERS and not (given and path.parent == Path(given)):
        report.fault(key, "a secret that only its owner can read", f"chmod 600 {path}",
                     f"{path} has mode {stat.S_IMODE(mode):04o}")  # fmt: skip


def _where_from(key: str) -> str:
    """How to come by a secret that is missing. `init` leaves a site that is there alone, so it does not mend one."""
    match key:
        case "site.key_file":
            return "put it back from the backup; `mailflow init` in an empty folder makes a new one"
        case "dkim.key_file":
            return "`mailflow keygen` makes one"
        case _:
            return "put it there, or take the key out"


def read_seal(path: Path) -> Seal:
    """The Seal of a key file as `new_key` writes it: base32 of at least 32 octets. Raises ConfigError."""
    try:
        text = path.read_bytes().strip().decode("ascii").upper()
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except OSError as error:
        raise ConfigError([Problem(str(path), "", "a file that can be read", "", error.strerror or "")]) from error
    except (UnicodeDecodeError, binascii.Error):
        key = b""
    if len(key) < 32:
        raise ConfigError([Problem(str(path), "", "a key as `mailflow init` writes it", "", "this is none")])
    return Seal(key)


def read_password(path: Path) -> str:
    """The first line of a password file. Raises ConfigError where it is empty or cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(str(path), "", "a text file that can be read")]) from error
    if not lines or not lines[0]:
        raise ConfigError([Problem(str(path), "", "a password in the first line", "", "it is empty")])
    return lines[0]

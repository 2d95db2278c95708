"""The floors of the house (ARCHITECTURE.md): who may import whom, and who may touch the world."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "mailflow"

FLOOR = {
    "mail": 0, "model": 1, "proof": 2, "reading": 2, "desk": 2,
    "store": 3, "wire": 3, "render": 3, "config": 3, "journal": 3, "resources": 3, "zonefile": 3,
    "service": 4, "cli": 5, "__main__": 6,
}  # fmt: skip
# One room for each third-party package.
HOME = {
    "aiosmtpd": "wire", "aiosmtplib": "wire", "dns": "wire", "jinja2": "render", "sqlite_utils": "store",
    "icalendar": "mail", "idna": "mail", "dkim": "proof", "spf": "proof", "cryptography": "proof", "click": "cli", "tabulate": "cli",
    "flufl": "service", "xlsxwriter": "render", "segno": "render", "typst": "render",
}  # fmt: skip
# What floors 0 to 2 must not know: clock, chance, sockets, files, log, database, threads.
WORLD = {"time", "random", "secrets", "socket", "ssl", "asyncio", "os", "pathlib", "io", "logging", "sqlite3", "threading",
         "subprocess", "tempfile", "shutil", "multiprocessing", "urllib.request", "http"}  # fmt: skip
CLOCK = {"now", "utcnow", "today"}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield path, parts[0], ast.parse(path.read_text(encoding="utf-8"))


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def test_every_module_stands_on_a_known_floor():
    """A new room has to be given its floor here."""
    assert {room for _, room, _ in modules()} - {"__init__"} <= set(FLOOR)


def test_a_module_imports_only_from_lower_floors_or_its_own_room():
    """Rooms on one floor do not know each other."""
    wrong = []
    for path, room, tree in modules():
        for name, line in imports(tree):
            parts = name.split(".")
            if parts[0] != "mailflow" or len(parts) < 2 or parts[1] not in FLOOR or room == "__init__":
                continue
            if parts[1] != room and FLOOR[parts[1]] >= FLOOR[room] and parts[1] not in ALLOWED.get(room, ()):
                wrong.append(f"{path.name}:{line} {room} imports {name}")
    assert not wrong


# Small modules of floor 3 that only find package data serve the rooms beside them.
ALLOWED = {"render": ("resources", "zonefile"), "config": ("resources",), "store": ("resources",)}


def test_the_lower_floors_do_not_touch_the_world():
    """Floors 0 to 2 have no clock, chance, sockets, files, log or database; package data read once is excepted."""
    wrong = []
    for path, room, tree in modules():
        if FLOOR.get(room, 9) > 2:
            continue
        wrong += [f"{path.name}:{line} {name}" for name, line in imports(tree)
                  if name in WORLD or name.split(".")[0] in WORLD]  # fmt: skip
        wrong += [
            f"{path.name}:{node.lineno} {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ((isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK)
                 or (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}))
        ]  # fmt: skip
    assert not wrong


def test_each_third_party_package_is_imported_in_one_room():
    """Its types do not leave that room."""
    wrong = [
        f"{path.name}:{line} {room} imports {name}"
        for path, room, tree in modules()
        for name, line in imports(tree)
        if (home := HOME.get(name.split(".")[0])) and home != room
    ]
    assert not wrong


def test_write_transactions_begin_in_one_place():
    """sqlite-utils' own transactions are deferred ones and fail under load (dependencies.md, trap 1)."""
    wrong = [
        f"{path.name}:{node.lineno}"
        for path, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"atomic", "begin", "ensure_autocommit_off"}
    ]
    assert not wrong

"""Import contracts of our own, beside those that import-linter brings. `.importlinter` says what they are used for."""

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

# Parts of the standard library that reach out of the program. Reading the clock or the disk is for the callers.
OUTSIDE = {"asyncio", "http", "logging", "multiprocessing", "os", "secrets", "shutil", "signal", "smtplib", "socket"}
OUTSIDE |= {"sqlite3", "ssl", "subprocess", "tempfile", "threading", "time"}


class _DirectImports(Contract):
    """Looks at every direct import and reports the forbidden ones with their lines."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        found = []
        for importer in sorted(name for name in graph.modules if not graph.is_module_squashed(name)):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if why := self.objection(importer, imported):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = ", ".join(f"l.{one['line_number']}" for one in details)
                    found.append(f"{importer} -> {imported} ({lines}): {why}")
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["found"]:
            output.print_error(line, bold=False)
        output.new_line()

    def objection(self, importer: str, imported: str) -> str:
        """Why this import is forbidden, or an empty string."""
        raise NotImplementedError


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _matches(module: str, pattern: str) -> bool:
    """`*` stands for one name; a pattern names a package with everything in it."""
    wanted, given = pattern.split("."), module.split(".")
    return len(given) >= len(wanted) and all(w in ("*", g) for w, g in zip(wanted, given, strict=False))


class DoorContract(_DirectImports):
    """From outside, a room shows its doors only."""

    rooms = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())
    allowed_importers = fields.ListField(subfield=fields.StringField())

    def objection(self, importer: str, imported: str) -> str:
        named: Any = self.rooms
        room = next((one for one in named if _within(imported, one)), None)
        if room is None or _within(importer, room) or imported == room:
            return ""
        if any(_within(importer, one) for one in self.allowed_importers):  # type: ignore[attr-defined]
            return ""
        part = imported.removeprefix(f"{room}.").split(".")[0]
        return "" if part in self.doors else f"only {', '.join(self.doors)} are doors of {room}"  # type: ignore[attr-defined,operator]


class PureContract(_DirectImports):
    """Pure code sees the standard library (not the parts that reach out), pure code below it, and what is listed."""

    pure = fields.ListField(subfield=fields.StringField())
    below = fields.StringField()
    exceptions = fields.ListField(subfield=fields.StringField())

    def objection(self, importer: str, imported: str) -> str:
        patterns: Any = self.pure
        own = next((one for one in patterns if _matches(importer, one)), None)
        if own is None:
            return ""
        package = ".".join(importer.split(".")[: len(own.split("."))])
        room = ".".join(importer.split(".")[:2])
        if _within(imported, package) or _within(imported, str(self.below)) or _within(imported, f"{room}.domain"):
            return ""
        listed: Any = self.exceptions
        pairs = [tuple(word.strip() for word in one.split("->")) for one in listed]
        if any(_matches(importer, source) and imported == target for source, target in pairs):
            return ""
        if imported in sys.stdlib_module_names and imported not in OUTSIDE:
            return ""
        return "pure code takes values and gives values"


class LibraryContract(_DirectImports):
    """Every library has its place: outside the listed modules nobody imports it, and an unlisted one nobody at all."""

    places = fields.ListField(subfield=fields.StringField())

    def objection(self, importer: str, imported: str) -> str:
        if imported.startswith("unknot") or imported in sys.stdlib_module_names:
            return ""
        listed: Any = self.places
        places = dict(one.split(":", 1) for one in listed)
        if imported not in places:
            return "this library has no place in .importlinter yet"
        allowed = places[imported].split()
        return "" if any(_matches(importer, one) for one in allowed) else f"its place is {', '.join(allowed)}"

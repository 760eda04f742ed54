"""dbt's own macros, rendered without dbt: how a raw file is found and read, and when a value can be read as its type.

macros/engine and macros/landing say it for the build. Before a load the same text is asked, so that what the check calls
readable is what bronze will read.
"""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytz

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("macros/engine", "macros/landing")


class RawProblem(Exception):
    """What a macro stops a build with: one line that says what to do."""


class Returned(Exception):
    """`return` of dbt's Jinja: a macro gives back a value that is no text."""

    def __init__(self, value):
        super().__init__()
        self.value = value


class Macros:
    """The macros as methods in all but name; `raw_dir`, other vars and the connection are what they ask dbt for."""

    def __init__(self, connection, raw_dir, switches=None):
        environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
        environment.globals |= {
            "adapter": SimpleNamespace(dispatch=self._dispatch),
            "dbt": SimpleNamespace(type_string=lambda: "varchar"),
            "exceptions": SimpleNamespace(raise_compiler_error=_raise_problem),
            "return": _raise_value,
            "run_query": lambda query: SimpleNamespace(rows=_rows(connection, query)),
            "var": {**(switches or {}), "raw_dir": str(raw_dir)}.__getitem__,
            "execute": True,
            "flags": SimpleNamespace(WHICH="build"),
            "modules": SimpleNamespace(re=re, pytz=pytz),
        }
        files = sorted(file for folder in FOLDERS for file in (PROJECT / folder).glob("*.sql"))
        self._module = environment.from_string("".join(file.read_text() for file in files)).module

    def relation(self, schema, table):
        """{relation, columns} of a raw table, or None when it is absent. Raises RawProblem."""
        try:
            self._module.raw_relation(schema, table)
        except Returned as returned:
            return returned.value

    def check_switches(self):
        """Raises RawProblem with the first switch that a build would not take."""
        self._module.stop_if_switches_are_wrong()

    def present(self, column, native_type):
        """SQL for a raw value, null where it counts as missing."""
        return self._module.present(f'"{column}"', native_type)

    def landed_value(self, column):
        """SQL for a column of `raw_rows` in its declared type, null where it cannot be read."""
        return self._module.landed_value(column, {})

    def _dispatch(self, name):
        return getattr(self._module, f"duckdb__{name}", None) or getattr(self._module, f"default__{name}")


def _rows(connection, query):
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def _raise_value(value):
    raise Returned(value)


def _raise_problem(message):
    raise RawProblem(message)

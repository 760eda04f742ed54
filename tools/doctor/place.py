"""Where a build would happen, by its settings."""

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = "data/demo/raw"


class Place:
    """The project's folder, the store's file and the raw folder; whether .venv is the Python that runs."""

    def __init__(self, raw_dir=None, root=ROOT):
        self.root = root
        self.store = root / self.setting("FEATURE_STORE_DB", "data/feature_store.duckdb")
        self.raw_dir = root / (raw_dir or DEMO)
        self.is_demo = not raw_dir

    @staticmethod
    def setting(name, default):
        return os.environ.get(name) or default

    def shown(self, path):
        """A path as a user would type it: from the project's folder on where it lies in it."""
        path = Path(path)
        return str(path.relative_to(self.root)) if self.root in path.parents else str(path)

    def has_environment(self):
        """Whether the Python that runs is .venv's, with what the project needs in it."""
        environment = self.root / ".venv"
        is_it = environment.exists() and os.path.samefile(sys.prefix, environment)
        return is_it and all(importlib.util.find_spec(name) for name in ("duckdb", "yaml", "jinja2"))

    def read_yaml(self, name):
        import yaml

        return yaml.safe_load((self.root / name).read_text())

    def declared_tables(self):
        """(schema, declaration) of every raw table of the contract."""
        for source in self.read_yaml("models/bronze/_sources.yml")["sources"]:
            for table in source["tables"]:
                yield source["name"], table

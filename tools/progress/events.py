"""What dbt says in JSON, read as the state of a build."""

import json
import re
from dataclasses import dataclass, field

RESULTS = {"LogTestResult", "LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogNodeNoOpResult", "SkippingDetails"}
# Warnings and errors that are told by another event, or are no news.
TOLD_ELSEWHERE = RESULTS | {
    "MainStackTrace", "EndOfRunSummary", "RunResultFailure", "RunResultError", "RunResultWarning", "RunResultWarningMessage",
}  # fmt: skip
COLOURS = re.compile(r"\x1b\[[\d;]*m")


@dataclass
class Trouble:
    """Something that failed, broke or is to be known: one headline, and dbt's whole message where there is one."""

    headline: str
    message: str = ""
    is_warning: bool = False


@dataclass
class Build:
    """How far a build is. `running` maps the unique id of each node that is being built to its name."""

    total: int = 0
    done: int = 0
    layer: str = ""
    running: dict = field(default_factory=dict)
    stats: dict = field(default_factory=dict)

    @property
    def share(self):
        """Done of total, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


def read_event(line):
    """(name, message, data, level) of an event; None for a line that is no event of dbt."""
    try:
        event = json.loads(line)
        info = event["info"]
        return info["name"], COLOURS.sub("", info["msg"]), event["data"], info["level"]
    except (ValueError, TypeError, KeyError):
        return None


def follow(build, name, data):
    """Bring the state of the build up to date with an event."""
    node = data.get("node_info") or {}
    if name == "ConcurrencyLine":
        build.total = data.get("node_count", 0)
    elif name == "LogStartLine":
        build.total = total_nodes(build, data.get("total", 0))
        build.running[node.get("unique_id")] = node.get("node_name") or "?"
        if node.get("resource_type") in ("model", "seed"):
            build.layer = (node.get("node_relation") or {}).get("schema") or build.layer
    elif name in RESULTS:
        build.done += 1
        build.running.pop(node.get("unique_id"), None)
    elif name == "StatsLine":
        build.stats = data.get("stats") or {}


def total_nodes(build, announced):
    """How many nodes there are. dbt counts unit tests twice where it numbers nodes, and not at all where it says how many
    it selected (`build.total`, before the first node starts)."""
    return build.total if build.done or build.running else max((build.total + announced) // 2, build.total)


def plain_name(node):
    """silver.sessions for a model or a seed, the name alone for a test."""
    schema = (node.get("node_relation") or {}).get("schema")
    name = node.get("node_name") or "?"
    return f"{schema}.{name}" if schema and node.get("resource_type") in ("model", "seed", "snapshot") else name


def trouble_of(name, message, data, level):
    """The Trouble that an event tells of; None for one that tells of none, or of what another event tells better."""
    node = data.get("node_info") or {}
    status = data.get("status")
    if name == "LogTestResult" and status in ("fail", "error", "warn"):
        return Trouble(test_headline(data, status), is_warning=status == "warn")
    if name in RESULTS and status in ("error", "fail"):
        return Trouble(f"{node.get('resource_type', 'node')} {plain_name(node)} broke")
    if name == "MainEncounteredError":
        return Trouble("dbt stopped", re.sub(r"^Encountered an error:\s*", "", message))
    if level in ("warn", "error") and name not in TOLD_ELSEWHERE:
        return Trouble(message, is_warning=level == "warn")
    return None


def test_headline(data, status):
    count = data.get("num_failures") or 0
    words = {"fail": "failed", "error": "broke", "warn": "warns"}[status]
    rows = f": {count:,} row{'s' * (count != 1)}" if count and status != "error" else ""
    return f"test {data.get('name', '?')} {words}{rows}"

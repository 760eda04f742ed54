"""What a change reaches: which models to build again, and who reads what comes of them.

dbt's `state:modified` compares nodes and the macros they call. What it cannot see, because a model reads it on the way, is
looked at here; any of it means that everything is built again.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.pr_check.contracts import own_nodes, sources_of
from tools.pr_check.git import Change

BUILT = ("model", "seed", "snapshot")
SETTINGS = ("profiles/", "packages.yml", "package-lock.yml", "compat/")


@dataclass(frozen=True)
class Reader:
    """An exposure below something that changed."""

    label: str
    kind: str
    maturity: str
    owner: str
    through: tuple[str, ...]  # the tables it reads that are built again


def reasons_to_build_all(base: dict, head: dict, base_vars: dict, head_vars: dict, change: Change) -> list[str]:
    """Why `state:modified` would not be enough; none: it is."""
    reasons = []
    switched = [name for name in {**base_vars, **head_vars} if base_vars.get(name) != head_vars.get(name)]
    if switched:
        reasons.append(f"var {', '.join(sorted(switched))} of dbt_project.yml")
    before, after = sources_of(base), sources_of(head)
    declared = [name for name in {**before, **after} if _declaration(before.get(name)) != _declaration(after.get(name))]
    if declared:
        reasons.append(f"the declaration of {', '.join(sorted(declared))}")
    materializations = [
        name for name, macro in head["macros"].items()
        if name.split(".")[-1].startswith("materialization_") and _text(base, name) != macro["macro_sql"]
        and macro["package_name"] == head["metadata"]["project_name"]
    ]  # fmt: skip
    if materializations:
        reasons.append("a materialization")
    touched = change.touches(*SETTINGS)
    if touched:
        reasons.append(", ".join(touched[:3]))
    return reasons


def comparable(base: dict, head: dict) -> dict:
    """The base's manifest for `state:modified`. dbt refuses to compare models whose contract broke, but the check has to go
    on and say what else they do: where contracts differ, the base's counts as not enforced, and the model as modified."""
    nodes = dict(base["nodes"])
    for name, node in nodes.items():
        same = head["nodes"].get(name, {}).get("contract", {}).get("checksum") == node.get("contract", {}).get("checksum")
        if node.get("contract", {}).get("enforced") and not same:
            nodes[name] = node | {"contract": node["contract"] | {"enforced": False}}
    return base | {"nodes": nodes}


def _declaration(source: dict | None) -> list | None:
    """What the landing macros read of a raw table."""
    if source is None:
        return None
    columns = [(name, column["data_type"], column["config"].get("meta")) for name, column in source["columns"].items()]
    return [source["config"].get("meta"), columns]


def _text(manifest: dict, macro: str) -> str | None:
    return manifest["macros"].get(macro, {}).get("macro_sql")


def vars_of(project: Path) -> dict:
    return yaml.safe_load((project / "dbt_project.yml").read_text()).get("vars") or {}


def with_children(manifest: dict, changed: list[str]) -> set[str]:
    """The nodes and all that is made from them."""
    reached, ahead = set(), list(changed)
    while ahead:
        node = ahead.pop()
        if node not in reached:
            reached.add(node)
            ahead += manifest["child_map"].get(node, [])
    return reached


def title(manifest: dict, unique_id: str) -> str:
    node = manifest["nodes"][unique_id]
    return f"{node['schema']}.{node['alias']}"


def removed_tables(before: dict, after: dict) -> list[str]:
    """Tables of the base that the head does not make any more; a copy of the base's store still holds them."""
    made = [
        {title(manifest, node["unique_id"]) for kind in BUILT for node in own_nodes(manifest, kind)}
        for manifest in (before, after)
    ]  # fmt: skip
    return sorted(made[0] - made[1])


def readers(manifest: dict, changed: list[str]) -> list[Reader]:
    """Exposures below the changed nodes, the most mature first."""
    reached = with_children(manifest, changed)
    found = []
    for exposure in manifest["exposures"].values():
        read = [node for node in exposure["depends_on"]["nodes"] if node in manifest["nodes"]]
        through = sorted(title(manifest, node) for node in read if node in reached)
        if through:
            owner = exposure["owner"].get("name") or exposure["owner"].get("email")
            label, maturity = exposure["label"] or exposure["name"], exposure["maturity"] or ""
            found.append(Reader(label, exposure["type"], maturity, owner, tuple(through)))
    order = ["high", "medium", "low", ""]
    return sorted(found, key=lambda reader: (order.index(reader.maturity), reader.label))

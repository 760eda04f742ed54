"""What a change does to the promises: enforced contracts of models, and declarations of raw tables, in two manifests.

A consumer's promise breaks when a column goes away or gets another type, a value may be null that never was, a row stands
for something else, or the table is not there under its name. The way out is a new version beside the old one, which stays
as it was until its deprecation date. A bringer's promise breaks when the store begins to ask for more: the way out is a
higher `meta.contract_version` of the raw table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    subject: str  # the model with its version, or the raw table
    detail: str
    is_breaking: bool = False


@dataclass(frozen=True)
class Contract:
    """What a model promises."""

    name: str
    version: int | float | str | None
    latest: int | float | str | None
    relation: str
    types: dict[str, str]
    required: frozenset[str]
    grains: frozenset[tuple[str, ...]]
    described: frozenset[str]
    deprecated_on: date | None

    @property
    def title(self) -> str:
        return f"{self.relation} v{self.version}" if self.version is not None else self.relation

    @property
    def is_prerelease(self) -> bool:
        """Not the latest yet: nobody was promised anything."""
        return isinstance(self.version, (int, float)) and isinstance(self.latest, (int, float)) and self.version > self.latest


def own_nodes(manifest: dict, kind: str) -> list[dict]:
    """The project's nodes of a kind, without those of packages."""
    project = manifest["metadata"]["project_name"]
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    return [node for node in nodes if node["resource_type"] == kind and node["package_name"] == project]


def contracts_of(manifest: dict) -> dict[str, Contract]:
    """By the name of the model and its version."""
    found = {}
    for model in own_nodes(manifest, "model"):
        if model.get("contract", {}).get("enforced"):
            contract = contract_of(manifest, model)
            found[f"{contract.name}.{contract.version}"] = contract
    return found


def contract_of(manifest: dict, model: dict) -> Contract:
    columns = model["columns"]
    not_null = {name for name, column in columns.items() if "not_null" in map(_kind, column.get("constraints") or [])}
    not_null |= {name for limit in model.get("constraints") or [] if _kind(limit) == "not_null" for name in limit["columns"]}
    ends = model.get("deprecation_date")
    return Contract(
        name=model["name"],
        version=model.get("version"),
        latest=model.get("latest_version"),
        relation=f"{model['schema']}.{model['alias']}",
        types={name: (column.get("data_type") or "").lower() for name, column in columns.items()},
        required=frozenset(not_null),
        grains=frozenset(keys_of(manifest, model["unique_id"])),
        described=frozenset(name for name, column in columns.items() if column.get("description", "").strip()),
        deprecated_on=date.fromisoformat(ends[:10]) if ends else None,
    )


def _kind(constraint: dict) -> str:
    return str(constraint["type"])


def keys_of(manifest: dict, unique_id: str) -> list[tuple[str, ...]]:
    """What the tests of a model say makes its rows unique, the widest known first as declared."""
    keys = []
    for test in own_nodes(manifest, "test"):
        metadata = test.get("test_metadata")
        if metadata and test.get("attached_node") == unique_id:
            arguments = metadata["kwargs"]
            arguments = arguments.get("arguments", arguments)
            if metadata["name"] == "unique_combination_of_columns":
                keys.append(tuple(arguments["combination_of_columns"]))
            elif metadata["name"] == "unique":
                keys.append((arguments.get("column_name") or test["column_name"],))
    return sorted(keys)


def model_changes(base: dict, head: dict, today: date) -> list[Change]:
    """Every difference between the contracts of two manifests, breaking ones first."""
    before, after = contracts_of(base), contracts_of(head)
    changes = []
    taken_over = set()
    for key, old in before.items():
        successor = _successor(key, old, before, after)
        if successor is None:
            changes.append(_removed(old, head, today))
        else:
            taken_over.add(successor)
            changes += [_if_promised(old, change) for change in _differences(old, after[successor])]
    for key, new in after.items():
        if key not in taken_over:
            is_beside = any(old.name == new.name for old in before.values())
            changes.append(Change(new.title, "a new version beside the others" if is_beside else "a new contract"))
    return _in_order(changes)


def _in_order(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (not change.is_breaking, change.subject, change.detail))


def _successor(key: str, old: Contract, before: dict, after: dict) -> str | None:
    """The same model and version; for a model that gets its first version, the same table."""
    if key in after:
        return key
    if old.version is not None:
        return None
    return next((other for other, new in after.items() if other not in before and new.relation == old.relation), None)


def _removed(old: Contract, head: dict, today: date) -> Change:
    is_there = any(
        (model["name"], model.get("version")) == (old.name, old.version) for model in own_nodes(head, "model")
    )  # fmt: skip
    if is_there:
        return Change(old.title, "its contract is no longer enforced", is_breaking=not old.is_prerelease)
    if old.deprecated_on and old.deprecated_on <= today:
        return Change(old.title, f"removed, as announced for {old.deprecated_on}")
    announced = f" before {old.deprecated_on}, the date announced" if old.deprecated_on else ""
    return Change(old.title, f"removed{announced}", is_breaking=not old.is_prerelease)


def _if_promised(old: Contract, change: Change) -> Change:
    """A version that is not the latest yet may change as it likes."""
    return Change(change.subject, f"{change.detail} (not released yet)") if old.is_prerelease and change.is_breaking else change


def _differences(old: Contract, new: Contract) -> Iterator[Change]:
    if old.relation != new.relation:
        yield Change(old.title, f"now called {new.relation}", is_breaking=True)
    for name in sorted(old.types.keys() - new.types.keys()):
        yield Change(old.title, f"column `{name}` removed", is_breaking=True)
    for name in sorted(new.types.keys() - old.types.keys()):
        yield Change(old.title, f"column `{name}` added ({new.types[name]})")
    kept = sorted(old.types.keys() & new.types.keys())
    for name in kept:
        if old.types[name] != new.types[name]:
            yield Change(old.title, f"column `{name}`: {old.types[name]} becomes {new.types[name]}", is_breaking=True)
        if name in old.required - new.required:
            yield Change(old.title, f"column `{name}` may be null now", is_breaking=True)
        if name in new.required - old.required:
            yield Change(old.title, f"column `{name}` is never null now")
        if name in old.described - new.described:
            yield Change(old.title, f"column `{name}` lost its description")
    for grain in sorted(old.grains - new.grains):
        yield Change(old.title, f"rows are no longer unique by {', '.join(grain)}", is_breaking=True)
    for grain in sorted(new.grains - old.grains):
        yield Change(old.title, f"rows are unique by {', '.join(grain)}")
    if old.latest != new.latest and old.version is not None:
        yield Change(old.title, f"the latest version is {new.latest} now: refs without a version move")
    if old.deprecated_on != new.deprecated_on:
        yield Change(old.title, f"deprecation date: {new.deprecated_on or 'none'}")


# --- Raw tables -------------------------------------------------------------------------------------------------------


def sources_of(manifest: dict) -> dict[str, dict]:
    return {f"{node['source_name']}.{node['name']}": node for node in own_nodes(manifest, "source")}


def source_changes(base: dict, head: dict) -> list[Change]:
    """Every difference between the raw tables that two manifests declare, breaking ones first."""
    before, after = sources_of(base), sources_of(head)
    changes = []
    for name, new in after.items():
        if name not in before:
            required = _meta(new).get("required", False)
            changes.append(Change(name, f"a new {'required' if required else 'optional'} raw table", is_breaking=required))
            continue
        found = list(_source_differences(name, before[name], new))
        versions = [_meta(node).get("contract_version", 1) for node in (before[name], new)]
        if versions[1] > versions[0]:
            found = [Change(name, f"{change.detail} (announced as version {versions[1]})") for change in found]
        changes += found
    changes += [Change(name, "no longer read") for name in before.keys() - after.keys()]
    return _in_order(changes)


def _source_differences(table: str, old: dict, new: dict) -> Iterator[Change]:
    if _meta(new).get("required") and not _meta(old).get("required"):
        yield Change(table, "the table is required now", is_breaking=True)
    if _meta(old).get("required") and not _meta(new).get("required"):
        yield Change(table, "the table is optional now")
    for word in ("key", "version_column", "time_column"):
        if _meta(old).get(word) != _meta(new).get(word):
            yield Change(table, f"{word} is {_text(_meta(new).get(word))}, was {_text(_meta(old).get(word))}", is_breaking=True)
    for name, column in new["columns"].items():
        required = _meta(column).get("required", False)
        if name not in old["columns"]:
            yield Change(table, f"a new {'required' if required else 'optional'} column `{name}`", is_breaking=required)
            continue
        was = old["columns"][name]
        if was["data_type"] != column["data_type"]:
            yield Change(table, f"column `{name}` is read as {column['data_type']}, was {was['data_type']}", is_breaking=True)
        if required != _meta(was).get("required", False):
            yield Change(table, f"column `{name}` is {'required' if required else 'optional'} now", is_breaking=required)
    for name in sorted(old["columns"].keys() - new["columns"].keys()):
        yield Change(table, f"column `{name}` is no longer read")


def _meta(declared: dict) -> dict:
    return (declared.get("config") or {}).get("meta") or {}


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "none")

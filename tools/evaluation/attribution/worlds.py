"""The worlds of one case: a demo world with faults, the same without those that block purchases, and without any."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from tools.demo import inventory, plan, reference, truth
from tools.demo.build import build
from tools.demo.faults import Fault
from tools.demo.world import World, parse_size

BLOCKING = {"gateway_outage", "gateway_outage_silent", "gateway_partial_outage", "site_crash", "planned_maintenance"}


def make_world(kind: str, faults: str, seed: int, size: str, folder: Path) -> None:
    """Write the world of a kind: `faulty`, its twin `unblocked` (nothing stops a buyer, all else is as wrong as
    before), or its twin `faultless`."""
    choice = "none" if kind == "faultless" else faults
    with _nothing_blocks() if kind == "unblocked" else ExitStack():
        build(World(parse_size(size), seed, faults=choice), folder, progress=False)


@contextmanager
def _nothing_blocks() -> Iterator[None]:
    """Meanwhile the demo's plan leaves out outages and sell-outs. Its random numbers belong to rows, so what remains
    is the twin of the world with them."""
    planned = plan.faults_of

    def kept(world: World) -> tuple[Fault, ...]:
        return tuple(fault for fault in planned(world) if fault.kind not in BLOCKING)

    with ExitStack() as patches:
        for module in (plan, reference, truth):
            patches.enter_context(mock.patch.object(module, "faults_of", kept))
        patches.enter_context(mock.patch.object(inventory, "_sell_outs", lambda world: []))
        yield

"""Which faults a world has, and what they make of the shop, minute by minute."""

from functools import cache

import numpy as np

from tools.demo.drawn import drawn_faults
from tools.demo.faults import FAULTS, PAYMENT_DECLINED, PAYMENT_SILENT, SITE_CRASH, Fault
from tools.demo.world import MINUTES, SPAN, World

_OF_THE_COLLECTOR = ("retries", "late", "lost_purchases", "malformed")  # every world has them


@cache
def faults_of(world: World) -> tuple[Fault, ...]:
    """All faults of a world but its stock-outs."""
    always = tuple(FAULTS[name] for name in _OF_THE_COLLECTOR)
    if world.faults == "none":
        return always
    if world.faults == "drawn":
        return (*always, FAULTS["bots"], *drawn_faults(world.rng("faults")))
    return tuple(FAULTS.values())


def of_kind(world: World, kind: str) -> list[Fault]:
    """The world's faults of one kind."""
    return [fault for fault in faults_of(world) if fault.kind == kind]


def covered(world: World, kind: str, seconds: np.ndarray) -> np.ndarray:
    """Which moments lie within a fault of the kind."""
    within = [fault.covers(seconds) for fault in of_kind(world, kind)]
    return np.logical_or.reduce([np.zeros(len(seconds), bool), *within])


def payment_by_minute(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every minute: what a failed payment looks like, the share that fails, and when the fault ends (seconds)."""
    mode, failing, ends = np.zeros(MINUTES, np.int8), np.zeros(MINUTES), np.full(MINUTES, SPAN)
    looks = {
        "gateway_outage": PAYMENT_DECLINED,
        "gateway_partial_outage": PAYMENT_DECLINED,
        "gateway_outage_silent": PAYMENT_SILENT,
        "site_crash": SITE_CRASH,
        "planned_maintenance": SITE_CRASH,
    }
    for fault in faults_of(world):
        if fault.kind in looks:
            start, end = fault.window
            minutes = slice(int(start // 60), int(end // 60))
            mode[minutes], failing[minutes], ends[minutes] = looks[fault.kind], fault.magnitude, end
    return mode, failing, ends

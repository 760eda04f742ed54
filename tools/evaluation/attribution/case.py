"""One case: a seed and a choice of faults, three worlds built one after the other, everything measured in each."""

import shutil
from pathlib import Path

from tools.evaluation import mmm
from tools.evaluation.analyses import run_analysis
from tools.evaluation.attribution import campaigns, hits, resumed, shares, two_channels
from tools.evaluation.attribution.worlds import make_world
from tools.evaluation.files import write_raw
from tools.evaluation.run import opened
from tools.evaluation.scores import Connection, rows_of
from tools.evaluation.store import build

TABLES = ("channel_credits", "transition_counts", "campaign_daily_features", "system_health_hourly", "outages")
COSTLY = """
    select distinct sessions.channel
    from silver.sessions as sessions
    inner join truth.faults as faults on sessions.campaign_id = faults.campaign_id
    where faults.kind = 'cost_anomaly'
"""


def measure_case(seed: int, faults: str, size: str, folder: Path) -> dict:
    """Shares of credit and all else that the tables need, of the faulty world and of its two twins."""
    world, truth, raw = folder / "world", folder / "world" / "truth", folder / "world" / "raw"
    result: dict = {"seed": seed, "faults": faults, "size": size, "shares": {}, "censored": {}, "mmm": {}}
    clicks, days = {}, []
    for kind in ("faulty", "unblocked", "faultless"):
        shutil.rmtree(world, ignore_errors=True)
        make_world(kind, faults, seed, size, world)
        db = build(raw, folder, TABLES)
        with opened(db, truth) as connection:
            result["shares"][kind] = shares.credited(connection)
            result["censored"][kind] = shares.censored(connection)
            result["mmm"][kind] = media_mix(connection)
            if kind == "faulty":
                result["caused"], result["hits"] = shares.caused(connection), hits.hits(connection)
                result["costly"] = [row["channel"] for row in rows_of(connection, COSTLY)]
                days = campaigns.walled_days(connection)
            clicks[kind] = campaigns.clicks(connection, days)
        if kind == "faulty":
            result["resumed"] = resumed.resume(db, raw, truth / "orders.parquet", folder)
            with opened(db, truth) as connection:
                result["shares"]["resumed"] = shares.credited(connection)
    result["campaigns"] = campaigns.beside_twin(clicks["faulty"], clicks["unblocked"])
    return result


def media_mix(connection: Connection) -> list[dict]:
    """The media mix model's contributions beside the orders that channels caused."""
    caused = {row["channel"]: row["incremental_conversions"] for row in rows_of(connection, shares.CAUSED)}
    return mmm.against_truth(run_analysis(connection, "mmm_panel"), caused)


def measure_two_channels(folder: Path) -> dict:
    """Shares of credit in the world of two channels, by attribution model and context policy."""
    write_raw(folder / "world", two_channels.raw_columns())
    with opened(build(folder / "world" / "raw", folder, ("channel_credits",)), folder) as connection:
        return {"shares": shares.credited(connection)}

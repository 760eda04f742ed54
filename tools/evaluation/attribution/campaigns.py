"""Orders per click of campaigns on days when the shop stood in the way: as they are, without the touches that met a
wall, and in the twin without the walls.
"""

from collections.abc import Iterable

import pandas as pd

from tools.evaluation.scores import Connection, rows_of

OUTAGES = "('gateway_outage', 'gateway_outage_silent', 'gateway_partial_outage', 'site_crash', 'planned_maintenance')"

# Campaign-days by what was wrong; a day with both is one with a product sold out.
DAYS = f"""
    with walls as (
        select 'sold out' as wall, campaign_id, starts_at, ends_at from truth.faults where kind = 'advertised_stock_out'
        union all
        select 'outage' as wall, campaigns.campaign_id, faults.starts_at, faults.ends_at
        from truth.faults as faults
        cross join (select distinct campaign_id from silver.sessions where campaign_id is not null) as campaigns
        where faults.kind in {OUTAGES}
    )

    select campaign_id, cast(day as date) as date, max(wall) as wall
    from (
        select
            campaign_id,
            wall,
            unnest(generate_series(
                date_trunc('day', cast(starts_at as timestamp)), cast(ends_at as timestamp) - interval 1 second,
                interval 1 day
            )) as day
        from walls
    )
    group by all
    order by all
"""
CLICKS = """
    select
        days.wall,
        touches.campaign_id,
        count(*) as clicks,
        count(*) filter (where sessions.has_transaction) as orders,
        count(*) filter (where blocked.touchpoint_id is null) as kept_clicks,
        count(*) filter (where blocked.touchpoint_id is null and sessions.has_transaction) as kept_orders
    from silver.touchpoints as touches
    inner join silver.sessions as sessions on touches.touchpoint_id = sessions.session_key
    inner join days on touches.campaign_id = days.campaign_id and sessions.date = days.date
    left join gold.blocked_touches as blocked
        on touches.touchpoint_id = blocked.touchpoint_id and blocked.conversion_type = 'purchase'
    group by days.wall, touches.campaign_id
    order by days.wall, touches.campaign_id
"""


def walled_days(connection: Connection) -> list[dict]:
    """Days of campaigns that advertised a sold-out product or met an outage, from the truth."""
    return rows_of(connection, DAYS)


def clicks(connection: Connection, days: Iterable[dict]) -> list[dict]:
    """Clicks and orders of each campaign on its days, and those of them that met no wall, by our own flags."""
    connection.register("days", pd.DataFrame(days))
    return rows_of(connection, CLICKS)


def beside_twin(faulty: list[dict], twin: list[dict]) -> list[dict]:
    """Rows of the world with faults with the twin's clicks and orders; campaigns that both have."""
    other = {(row["wall"], row["campaign_id"]): row for row in twin}
    return [
        row | {"twin_clicks": other[key]["clicks"], "twin_orders": other[key]["orders"]}
        for row in faulty
        if (key := (row["wall"], row["campaign_id"])) in other
    ]

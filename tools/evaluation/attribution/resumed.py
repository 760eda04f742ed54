"""Resumed purchases, beyond the contract: who was stopped and bought by typing the address once all was well again did
so because of the visit that was stopped.

A converted journey is resumed when its last touch is a direct visit at most `COMES_BACK_WITHIN` hours after the end of
a block (by our own detectors) that an earlier visit ran into and shows signs of: in an outage it reached the checkout
and did not buy, at a sold-out product it put nothing into the cart. It converts at that visit; what followed does not
count. The touches of the built store are edited, and the store's own models make the credit again from there.
"""

from pathlib import Path

import duckdb

from tools.evaluation.scores import rows_of
from tools.evaluation.store import rebuild

COMES_BACK_WITHIN = 48
CREDIT = tuple(f"{first}+,+channel_credits" for first in ("path_counts", "rule_weights"))

RESUMED = f"""
    with stopped as (
        select
            touches.journey_id,
            touches.touch_index,
            touches.hours_to_end,
            greatest(max(outages.ended_at), max(periods.valid_to)) as block_ended_at
        from gold.journey_touchpoints as touches
        inner join gold.blocked_touches as blocked
            on
                touches.touchpoint_id = blocked.touchpoint_id
                and touches.conversion_type = blocked.conversion_type
        inner join silver.sessions as sessions on touches.touchpoint_id = sessions.session_key
        left join silver.outages as outages
            on
                blocked.blocked_reason = 'outage'
                and touches.conversion_type = outages.conversion_type
                and outages.scope in ('all', sessions.source)
                and touches.touched_at < outages.ended_at
                and sessions.ended_at >= outages.started_at
        left join silver.stock_periods as periods
            on
                blocked.blocked_reason = 'out_of_stock'
                and periods.is_out_of_stock
                and touches.sku_id = periods.sku_id
                and touches.touched_at >= periods.valid_from
                and touches.touched_at < periods.valid_to
        where
            touches.conversion_type = 'purchase' and touches.is_converted
            and case
                when blocked.blocked_reason = 'outage' then sessions.has_checkout and not sessions.has_transaction
                else not sessions.has_add_to_cart
            end
        group by touches.journey_id, touches.touch_index, touches.hours_to_end
    )

    select
        stopped.journey_id,
        max(stopped.touch_index) as touch_index,
        arg_max(stopped.hours_to_end, stopped.touch_index) as hours_to_end
    from stopped
    inner join gold.journey_touchpoints as last_touches
        on
            stopped.journey_id = last_touches.journey_id
            and last_touches.touches_to_end = 0
            and last_touches.channel = 'direct'
            and stopped.touch_index < last_touches.touch_index
    group by stopped.journey_id
    having
        max(last_touches.touched_at)
        < arg_max(stopped.block_ended_at, stopped.touch_index) + interval {COMES_BACK_WITHIN} hour
"""
EDIT = """
    delete from gold.journey_touchpoints
    using resumed
    where
        gold.journey_touchpoints.journey_id = resumed.journey_id
        and gold.journey_touchpoints.touch_index > resumed.touch_index;

    update gold.journey_touchpoints
    set
        touches_to_end = resumed.touch_index - gold.journey_touchpoints.touch_index,
        hours_to_end = gold.journey_touchpoints.hours_to_end - resumed.hours_to_end
    from resumed
    where gold.journey_touchpoints.journey_id = resumed.journey_id;

    update gold.journeys
    set touch_count = resumed.touch_index, channel_path = gold.journeys.channel_path[:resumed.touch_index]
    from resumed
    where gold.journeys.journey_id = resumed.journey_id;
"""
FOUND = """
    select
        count(*) as found,
        count(orders.order_id) as right,
        (select count(*) from true_orders where is_comeback) as came_back
    from resumed
    inner join gold.journeys as journeys on resumed.journey_id = journeys.journey_id
    left join true_orders as orders on journeys.conversion_id = orders.order_id and orders.is_comeback
"""


def resume(db: Path, raw_dir: Path, truth_orders: Path, folder: Path) -> dict[str, int]:
    """Edit the journeys of a built store and make its credit again; returns how many journeys were taken for resumed,
    how many of them rightly, and how many purchases were.
    """
    with duckdb.connect(str(db)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create temp table resumed as {RESUMED}")
        connection.execute(f"create temp view true_orders as select * from '{truth_orders}'")
        [found] = rows_of(connection, FOUND)
        connection.execute(EDIT)
    rebuild(raw_dir, folder, CREDIT)
    return found

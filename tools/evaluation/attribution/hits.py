"""Which channels the faults hit: wanted purchases that were blocked, by the channel of the visit, from the truth."""

from tools.evaluation.attribution import CHANNELS
from tools.evaluation.scores import Connection, rows_of

HIT_CHANNELS = 3
COUNTS = """
    with people as (
        select person_id, identifier as anonymous_id
        from truth.person_identifiers
        where identifier_type = 'anonymous_id'
    ),

    blocked as (
        select any_value(sessions.channel) as channel
        from truth.blocked_purchases as wanted
        inner join people on wanted.person_id = people.person_id
        inner join silver.sessions as sessions
            on
                people.anonymous_id = sessions.anonymous_id
                and wanted.wanted_at >= sessions.started_at
                and wanted.wanted_at <= sessions.ended_at + interval 25 minute
        group by wanted.person_id, wanted.wanted_at
    ),

    bought as (
        select channel from truth.orders where is_tracked and not is_comeback
    )

    select channel, count(*) filter (where is_blocked) as blocked, count(*) as wanted
    from (select channel, true as is_blocked from blocked union all select channel, false as is_blocked from bought)
    group by channel
    order by channel
"""
TOTALS = "select count(*) as blocked, count(recovered_at) as came_back from truth.blocked_purchases"


def hits(connection: Connection) -> dict:
    """Wanted and blocked purchases by channel of the visit, all that were blocked and those who came back.

    A visit without a session in the store has no channel and is left out.
    """
    [totals] = rows_of(connection, TOTALS)
    by_channel = {row.pop("channel"): row for row in rows_of(connection, COUNTS)}
    return {"by_channel": by_channel, **totals}


def hit_channels(by_channel: dict[str, dict[str, int]]) -> list[str]:
    """The channels with the largest share of their wanted purchases blocked, the largest first."""
    shares = {
        channel: counts["blocked"] / counts["wanted"] for channel, counts in by_channel.items() if channel in CHANNELS
    }
    return sorted(shares, key=lambda channel: (-shares[channel], channel))[:HIT_CHANNELS]

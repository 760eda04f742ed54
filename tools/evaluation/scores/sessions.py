"""Sessions that no customer made: is_bot and is_phantom against the kind of every event."""

from tools.evaluation.scores import Connection, rows_of

NEEDS = {
    "silver.sessions": {"anonymous_id", "session_number", "is_bot", "is_phantom"},
    "silver.session_events": {"event_id"},
}


def score(connection: Connection) -> list[dict]:
    """Sessions by kind and flags. Sessions that hold events of a customer and of a machine are `mixed`."""
    return rows_of(
        connection,
        """
        with kinds as (
            select
                events.anonymous_id,
                events.session_number,
                case
                    when count(distinct coalesce(labels.kind, 'human')) > 1 then 'mixed'
                    else min(coalesce(labels.kind, 'human'))
                end as kind
            from silver.session_events as events
            left join truth.labels as labels on events.event_id = labels.event_id
            group by events.anonymous_id, events.session_number
        )

        select kinds.kind, sessions.is_bot, sessions.is_phantom, count(*) as sessions
        from silver.sessions as sessions
        inner join kinds
            on sessions.anonymous_id = kinds.anonymous_id and sessions.session_number = kinds.session_number
        group by all
        order by all
        """,
    )

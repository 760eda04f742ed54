"""Out of stock at the touch: flags of touches against the stock at that minute."""

from tools.evaluation.scores import Connection, rows_of

NEEDS = {
    "silver.touchpoints": {"touchpoint_id", "touched_at", "is_out_of_stock"},
    "silver.session_events": {"event_id"},
}


def score(connection: Connection) -> list[dict]:
    """Touches by is_observed, moment (`steady`, `ran_out` or `came_back` within the hour), is_out and flag.

    A touch is matched by its arrival; one whose session began before with another event is left out.
    """
    return rows_of(
        connection,
        """
        select
            truth.is_observed,
            case
                when truth.ran_out_within_hour then 'ran_out'
                when truth.came_back_within_hour then 'came_back'
                else 'steady'
            end as moment,
            truth.is_out,
            touches.is_out_of_stock as flag,
            count(*) as touches
        from truth.touches as truth
        inner join silver.session_events as events on truth.event_id = events.event_id
        inner join silver.sessions as sessions
            on events.anonymous_id = sessions.anonymous_id and events.session_number = sessions.session_number
        inner join silver.touchpoints as touches
            on
                sessions.session_key = touches.touchpoint_id
                and cast(touches.touched_at as timestamptz) = truth.touched_at
        group by all
        order by all
        """,
    )

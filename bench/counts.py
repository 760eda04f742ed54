"""SQL from distinct paths to what the models need; equal in meaning to transition_counts and coalition_counts."""

GROUP = "conversion_type, context_policy"


def transition_counts(order: int) -> str:
    """Steps between states of the last `order` channels, and into conversion and null.

    A path unnested beside itself, shifted by one channel and more, gives every step with its states at once, without a
    window; the first `order` steps, from the start, are taken from the head of the path. Channels are put together to
    states after counting, and a number stands for kind of conversion and policy until then.
    """
    columns = range(order, -1, -1)  # channels back from the one that is entered
    shifted = ", ".join(f"unnest(channel_path[{order - back + 1}:]) as c{back}" for back in columns)
    heads = " union all ".join(
        "select group_number, "
        + ", ".join(f"channel_path[{step - back}] as c{back}" if back < step else f"null as c{back}" for back in columns)
        + f", journey_count from paths where len(channel_path) >= {step}"
        for step in range(1, order + 1)
    )
    tail = ", ".join(
        f"case when len(channel_path) >= {back} then channel_path[-{back}] end as c{back}" for back in range(order, 0, -1)
    )
    left, entered = _state(range(order, 0, -1)), _state(range(order - 1, -1, -1))
    return f"""
    with groups as (
        select row_number() over () as group_number, {GROUP} from (select distinct {GROUP} from path_counts)
    ),
    paths as (
        select groups.group_number, path_counts.* exclude ({GROUP})
        from path_counts inner join groups using ({GROUP})
    ),
    steps as (
        select group_number, {shifted}, journey_count from paths
        union all
        {heads}
    ),
    counted as (
        select group_number, {", ".join(f"c{back}" for back in columns)}, sum(journey_count) as steps
        from steps
        where c0 is not null
        group by all
    ),
    ended as (
        select
            group_number, {tail},
            sum(conversion_count) as conversions,
            sum(loss_count) as losses,
            sum(cast(net_revenue as decimal(38, 15))) as revenue
        from paths
        group by all
    ),
    transitions as (
        select
            group_number,
            case when c1 is null then '(start)' else {left} end as from_state,
            {entered} as to_state,
            c0 as to_channel,
            cast(steps as bigint) as transition_count,
            cast(0 as double) as transition_value
        from counted
        union all
        select group_number, {left}, '(conversion)', null, cast(conversions as bigint), cast(revenue as double)
        from ended where conversions > 0
        union all
        select group_number, {left}, '(null)', null, cast(losses as bigint), 0
        from ended where losses > 0
    )
    select {GROUP}, transitions.* exclude (group_number)
    from transitions inner join groups using (group_number)
    """


def _state(columns: range) -> str:
    """The channels of a state as one text, the start in place of those before the first."""
    return " || ' > ' || ".join(f"coalesce(c{back}, '(start)')" for back in columns)


def coalition_counts() -> str:
    """How the journeys of each set of channels ended; those without a known ending are left out."""
    return f"""
    select
        {GROUP},
        list_sort(list_distinct(channel_path)) as coalition,
        cast(sum(conversion_count + loss_count) as bigint) as journey_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(cast(net_revenue as decimal(38, 15))) as double) as net_revenue
    from path_counts
    where conversion_count + loss_count > 0
    group by all
    """

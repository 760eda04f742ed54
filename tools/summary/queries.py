"""What both lengths of the summary read."""

LAYERS = ["bronze", "silver", "gold"]
STEPS = {
    "purchase": "buying",
    "cart": "putting into the cart",
    "checkout_start": "beginning to check out",
    "checkout": "going from the checkout to the payment",
    "payment": "paying",
    "form": "sending the form",
    "lead": "forms that became leads",
    "sign_up": "signing up",
    "visit": "nobody came at all",
    "collection": "orders came, but no events",
}
MODELS = ["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay", "markov", "shapley"]
MACHINES = {
    "DECLARED_BOT": "declared bots",
    "SCRIPT": "scripts",
    "CRAWLER": "crawlers",
    "RELOAD_STORM": "reload storms",
    "CLICK_FRAUD": "click fraud",
}


def rows(connection, query, parameters=()):
    return connection.execute(query, list(parameters)).fetchall()


def share(part, whole):
    return f"{(part or 0) / whole:.1%}" if whole else "–"


def number(value, pattern):
    return "–" if value is None else format(value, pattern)


def counted(count, noun):
    """3 days, 1 day."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def truth_beside(connection, project_root):
    """The folder with the truth of the demo world that the store was built from; None for other data."""
    for (file,) in rows(connection, "select source_file from ledger.current_files order by 1 limit 1"):
        raw_dir, found, _ = file.partition("/raw/clickstream_events")
        truth = (project_root / raw_dir).parent / "truth"
        if found and (truth / "channel_contribution.parquet").exists():
            return truth
    return None


def channels_by_model(connection, conversion_type, policy):
    """({channel: {model: (share, spend, ROAS, removal effect)}}, channels by their Markov share, models in order)."""
    found = rows(connection, """
        select channel, attribution_model, credit_share, spend, roas, removal_effect
        from gold.channel_credits where conversion_type = ? and context_policy = ?
    """, [conversion_type, policy])
    present = {model for _, model, *_ in found}
    by_channel = {}
    for channel, model, *values in found:
        by_channel.setdefault(channel, {})[model] = tuple(values)
    order = sorted(by_channel, key=lambda channel: (-(by_channel[channel].get("markov", (0,))[0] or 0), channel))
    return by_channel, order, [m for m in MODELS if m in present] + sorted(present - set(MODELS))


def misplaced_shares(connection, truth):
    """{(model, policy): share of purchase credit that stands with another channel than the one that caused it}."""
    return {(model, policy): error for model, policy, error in rows(connection, """
        with credited as (
            select attribution_model, context_policy, channel, credited_conversions / sum(credited_conversions) over (
                partition by attribution_model, context_policy) as share
            from gold.channel_credits where conversion_type = 'purchase' and channel <> 'unattributed'
        ),
        sides as (select distinct attribution_model, context_policy from credited),
        caused as (select channel, share from read_parquet($1) where share is not null)
        select sides.attribution_model, sides.context_policy, sum(abs(coalesce(credited.share, 0) - caused.share)) / 2
        from sides cross join caused
        left join credited on sides.attribution_model = credited.attribution_model
            and sides.context_policy = credited.context_policy and caused.channel = credited.channel
        group by 1, 2
    """, [f"{truth}/channel_contribution.parquet"])}

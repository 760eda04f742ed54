"""How the values of features are spread, and how that moves: the columns of two sets of rows, binned alike.

Of people only cells of at least `FEWEST` are told, and sums are those of the cells that are told.
"""

from math import ceil, floor, log10

from tools.dashboards.store import one

FEWEST = 10
BINS = 12
WORDS = 8  # values of a column of text that have a bar of their own
FEW_VALUES = 4  # a column with no more different numbers is told like one of text
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE")
KEYS = ("date", "campaign_id")
PEOPLE_BINS = {  # where the bins of people's numbers begin
    "touch_count": (0, 1, 2, 3, 5, 8, 13, 21),
    "visit_count": (0, 1, 2, 3, 5, 8, 13, 21),
    "conversion_count": (0, 1, 2, 3, 5),
    "purchase_count": (0, 1, 2, 3, 5),
    "net_revenue": (0, 50, 100, 200, 400, 800),
}


def comparisons(connection) -> list[dict]:
    """Features of campaign-days, compared in two ways: the later half of the days with the earlier one, and this build
    with the version published before it. A comparison without two sides is left out."""
    made = []
    days = one(connection, """
        select min(date) as first_day, quantile_disc(date, 0.5) as middle from gold.campaign_daily_features
    """)
    if days["middle"] and days["first_day"] < days["middle"]:
        made.append(compared(
            connection, "halves", f"before {days['middle']}", f"from {days['middle']} on",
            f"select *, date >= date '{days['middle']}' as is_later from gold.campaign_daily_features",
        ))
    before = version_before(connection)
    if before:
        made.append(compared(connection, "versions", f"version {before}", "this build", f"""
            select * exclude (version_id), false as is_later from published.campaign_daily_features_versions
            where version_id = '{before}'
            union all by name
            select *, true as is_later from gold.campaign_daily_features
        """))
    return made


def version_before(connection):
    """The latest kept version that is not this build's own. None: there is none."""
    return one(connection, """
        select max_by(version_id, published_at) as version_id from published.versions
        where version_id in (select version_id from published.campaign_daily_features_versions)
            and build_id <> (select max_by(build_id, audited_at) from ledger.audit_log)
    """)["version_id"]


def compared(connection, name, earlier, later, query):
    """Each column of the rows of a query, counted apart for those that are and are not `is_later`."""
    connection.execute(f"create or replace temp table compared as {query}")
    told = dict(connection.execute("""
        select column_name, comment from duckdb_columns()
        where schema_name = 'gold' and table_name = 'campaign_daily_features'
    """).fetchall())
    columns = [
        {"name": column, "says": told.get(column) or "", **(numbers if kind in NUMBERS else words)(connection, column)}
        for column, kind, *_ in connection.execute("describe compared").fetchall()
        if column not in (*KEYS, "is_later")
    ]
    return {"name": name, "sides": [earlier, later], "columns": columns}


def numbers(connection, column):
    """A column of numbers in bins of a round width; the last holds all that lies beyond the 98th percentile."""
    found = one(connection, f"""
        select count(distinct {column}) as values, min({column}) as low, quantile_cont({column}, 0.98) as high,
            max({column}) as highest, bool_and({column} = floor({column})) as is_whole,
            median({column}) filter (not is_later) as median_before, median({column}) filter (is_later) as median_after
        from compared
    """)
    if found["values"] <= FEW_VALUES:
        return words(connection, f"round({column}, 6)")
    width = round_width((found["high"] - found["low"]) / BINS, found["is_whole"])
    low = floor(found["low"] / width) * width
    reach = (found["high"] - low) / width
    last = floor(reach) if found["is_whole"] else max(0, ceil(reach - 1e-9) - 1)
    bins = [tidy(low + width * number) for number in range(last + 1)]
    end = low + width * (last + 1)
    position = f"least({last}, greatest(0, floor(({column} - {low}) / {width} + 1e-9)))"
    return {
        "bins": bins,
        "width": width,
        "is_open": found["highest"] >= end if found["is_whole"] else found["highest"] > end + width * 1e-9,
        "medians": [tidy(found["median_before"]), tidy(found["median_after"])],
        **counted(connection, column, position, range(last + 1)),
    }


def words(connection, column):
    """A column (or SQL) of words or truths, the most frequent first; what is left is one bin."""
    found = connection.execute(f"""
        select cast({column} as varchar) from compared where {column} is not null group by 1 order by count(*) desc, 1
    """).fetchall()
    bins = [value for (value,) in found[:WORDS]]
    cases = " ".join(f"when '{quoted(value)}' then {number}" for number, value in enumerate(bins))
    ends = bins + ["others"] * (len(found) > WORDS)
    position = f"case cast({column} as varchar) {cases} else {WORDS} end" if bins else "0"
    return {"bins": ends, **counted(connection, column, position, range(len(ends)))}


def counted(connection, column, position, bins):
    """Rows in each bin and without a value, of both sides, and the share that would have to move to make the sides alike."""
    found = {
        (is_later, bin_): count
        for is_later, bin_, count in connection.execute(f"""
            select is_later, case when {column} is null then -1 else cast({position} as integer) end, count(*)
            from compared group by all
        """).fetchall()
    }
    counts = [[found.get((side, number), 0) for number in bins] for side in (False, True)]
    nulls = [found.get((side, -1), 0) for side in (False, True)]
    shares = [[count / max(1, sum(side) + null) for count in (*side, null)] for side, null in zip(counts, nulls)]
    return {"counts": counts, "nulls": nulls, "moved": round(sum(abs(a - b) for a, b in zip(*shares)) / 2, 4)}


def people(connection) -> list[dict]:
    """People by each of their features, in cells of at least `FEWEST`."""
    numbers = [{"name": name, **cells(connection, *binned(name, starts))} for name, starts in PEOPLE_BINS.items()]
    return numbers + [{"name": name, **cells(connection, name)} for name in ("first_channel", "last_channel")]


def cells(connection, bin_, names=None):
    """People by a bin (SQL; a position in `names`, if given).

    A cell of fewer than `FEWEST` is joined with its neighbour, so that no sum gives it away.
    """
    found = connection.execute(f"""
        select {bin_} as bin, count(*) from gold.person_features group by 1
        order by {"bin nulls first" if names else "bin is null, 2 desc, bin"}
    """).fetchall()
    joined = []
    for value, count in found:
        name = "none" if value is None else names[value] if names else value
        joined.append((name, count))
        if len(joined) > 1 and joined[-2][1] < FEWEST:
            joined[-2:] = [both(*joined[-2:])]
    if len(joined) > 1 and joined[-1][1] < FEWEST:
        joined[-2:] = [both(*joined[-2:])]
    told = [(name, count) for name, count in joined if count >= FEWEST]
    return {"bins": [name for name, _ in told], "counts": [count for _, count in told]}


def both(one_cell, other):
    return f"{one_cell[0]} or {other[0]}", one_cell[1] + other[1]


def binned(column, starts):
    """A column's bin as SQL, and the bins' names: 3–4, and 21+ for the last."""
    ends = " ".join(f"when {column} < {end} then {number}" for number, end in enumerate(starts[1:]))
    names = [str(start) if end == start + 1 else f"{start}–{end - 1}" for start, end in zip(starts, starts[1:])]
    return f"case when {column} is null then null {ends} else {len(starts) - 1} end", [*names, f"{starts[-1]}+"]


def round_width(width, is_whole):
    """The next 1, 2 or 5 with zeros; whole for whole numbers, and 1 where all values are the same."""
    if width <= 0:
        return 1
    power = 10 ** floor(log10(width))
    rounded = next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))
    return max(1, ceil(rounded)) if is_whole else rounded


def tidy(value):
    return None if value is None else float(f"{value:.6g}")


def quoted(text):
    return text.replace("'", "''")

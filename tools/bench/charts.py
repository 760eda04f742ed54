"""Pictures of the benchmarks, in the style of the evaluation's."""

import altair as alt
import pandas as pd

from tools.evaluation.charts import COLOURS, svg


def lines(rows: list[dict], x: str, x_title: str, y: str, y_title: str, series: str) -> str:
    """One line per series on two logarithmic axes, as SVG."""
    names = list(dict.fromkeys(row[series] for row in rows))
    chart = alt.Chart(pd.DataFrame(rows)[[x, y, series]]).mark_line(point=True, strokeWidth=2).encode(
        x=alt.X(f"{x}:Q", title=x_title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=4)),
        y=alt.Y(f"{y}:Q", title=y_title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~g", tickCount=4)),
        color=alt.Color(f"{series}:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(COLOURS))),
    )  # fmt: skip
    return svg(chart.properties(width=560, height=240))

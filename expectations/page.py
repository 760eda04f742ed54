"""The Data Docs of a run as one HTML page that needs nothing but itself.

great-expectations' own site pulls fonts, scripts and pictures from the network; this page is made from the same results.
"""

from html import escape
from itertools import groupby

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2530; }
h2 { margin: 2.5rem 0 .5rem; }
details { border-bottom: 1px solid #d8dde3; padding: .35rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 16rem; }
table { border-collapse: collapse; margin: .5rem 0 1rem 1rem; }
td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.holds { color: #17693a; }
.fails { color: #b3261e; font-weight: 600; }
.warns { color: #8a5a00; font-weight: 600; }
"""

LAYERS = {"raw": "What arrives: raw files", "bronze": "What enters: bronze", "gold": "What leaves: gold"}


def as_page(checked):
    """The page for the results that run.py collects, one dict per table."""
    results = [result for table in checked for result in table["results"]]
    layers = "".join(
        f"<h2>{LAYERS[layer]}</h2>\n{''.join(map(table_as_html, tables))}"
        for layer, tables in groupby(checked, key=lambda table: table["layer"])
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Data Docs of the attribution feature store</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Data Docs of the attribution feature store</h1>
<p>{verdict(results)} in {len(checked)} tables.</p>
{layers}</body>
</html>
"""


def verdict(results):
    words = [word_for(result) for result in results]
    failed, warned = words.count("fails"), words.count("warns")
    if failed:
        return f'<span class="fails">{failed} of {len(results)} expectations fail</span>'
    if warned:
        return f'<span class="warns">{len(results) - warned} expectations hold, {warned} warn</span>'
    return f'<span class="holds">all {len(results)} expectations hold</span>'


def word_for(result):
    if result["success"]:
        return "holds"
    return "warns" if result["expectation_config"]["severity"] == "warning" else "fails"


def table_as_html(table):
    """A table as a line that opens to its expectations; open already where one of them fails."""
    is_open = "" if all(result["success"] for result in table["results"]) else " open"
    checked = f", {table['checked_rows']:,} of them checked" if table["checked_rows"] < table["rows"] else ""
    lines = "".join(map(result_as_html, table["results"]))
    return f"""<details{is_open}>
<summary><b>{escape(table["table"])}</b> {table["rows"]:,} rows{checked} · {verdict(table["results"])}</summary>
<table>
<tr><th></th><th>expectation</th><th>looked at</th><th>break it</th></tr>
{lines}</table>
</details>
"""


def result_as_html(result):
    word = word_for(result)
    looked_at, broken_by = (
        f"{result['result'][name]:,}" if name in result["result"] else "could not be checked"
        for name in ("element_count", "unexpected_count")
    )
    return (
        f'<tr><td class="{word}">{word}</td><td>{escape(result["expectation_config"]["description"])}</td>'
        f'<td class="number">{looked_at}</td><td class="number">{broken_by}</td></tr>\n'
    )

"""The runbooks of docs/runbooks as pages, so that a link from a tripped check leads somewhere without a network."""

import re

from markdown import markdown

from tools.dashboards.page import Page
from tools.dbt_runs import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs" / "runbooks"
LINK = re.compile(r'<a href="([^"#:]+)(#[^"]*)?">(.*?)</a>', flags=re.DOTALL)


def runbook_pages():
    """One page per runbook, the index among them."""
    paths = sorted(FOLDER.glob("*.md"))
    known = {path.name for path in paths}
    return [
        Page(page_name(path.name), path.stem.replace("README", "Runbooks"), as_html(path.read_text(), known)) for path in paths
    ]


def page_name(file):
    return "index" if file == "README.md" else file.removesuffix(".md")


def as_html(text, known):
    """A runbook's text. Links to other runbooks lead to their pages; other files of the repository are only named."""

    def linked(link):
        target, anchor, words = link.groups()
        if target in known:
            return f'<a href="{page_name(target)}.html{anchor or ""}">{words}</a>'
        return words

    html = LINK.sub(linked, markdown(text, extensions=["tables", "fenced_code", "toc"]))
    html = html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    return f'<article class="runbook">{html}</article>'

// What all pages share: the theme, the page's data, and its charts.
"use strict";

const dashboard = {
  data: JSON.parse(document.getElementById("data").textContent),

  // Draw the chart called `name` with these rows in place of its named data "rows". Ends when it is drawn.
  draw(name, rows) {
    return drawChart(document.querySelector(`[data-chart="${name}"]`), rows);
  },
};

const axis = {
  labelColor: "var(--soft)", titleColor: "var(--soft)", domainColor: "var(--line)", tickColor: "var(--line)", gridColor: "var(--line)",
  labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 130, domain: false, ticks: false, labelPadding: 6,
};
const config = {
  background: "transparent", font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", view: { stroke: null }, axis,
  legend: { labelColor: "var(--soft)", titleColor: "var(--soft)", labelFontSize: 12, orient: "top", title: null, symbolType: "square", columns: 3 },
  text: { color: "var(--ink)", fontSize: 12 }, rule: { color: "var(--soft)" },
  header: { labelColor: "var(--soft)", titleColor: "var(--soft)", labelFontSize: 12 },
};

async function drawChart(place, rows) {
  place.spec ??= JSON.parse(place.querySelector("script").textContent);
  const spec = rows ? { ...place.spec, height: heightFor(place.spec, rows), datasets: { ...place.spec.datasets, rows } } : place.spec;
  place.view?.finalize();
  place.view = await vegaEmbed(place, { width: "container", ...spec }, { actions: false, renderer: "svg", config });
  place.dataset.drawn = "yes";
}

// A step is the height of one row: of each value that the first layer has on its vertical axis.
function heightFor(spec, rows) {
  if (!spec.height?.step) return spec.height;
  const { field } = (spec.layer?.[0] ?? spec).encoding.y;
  return spec.height.step * new Set(rows.map((row) => row[field])).size;
}

function needsRows(spec) {
  return JSON.stringify(spec).includes('"name":"rows"');
}

for (const place of document.querySelectorAll(".chart")) {
  place.spec = JSON.parse(place.querySelector("script").textContent);
  if (!needsRows(place.spec)) drawChart(place);
}

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch (refused) {
    // A browser that keeps nothing for this page still shows the chosen theme until it is left.
  }
});

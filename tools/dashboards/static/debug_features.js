// How features are spread: bars of two sides, each as shares of its own rows.
"use strict";

const FIRST_SHOWN = 8;
const NEWS = 0.2; // so large a share of the rows moved that it stands out

function compare(comparison) {
  const key = (kind) => element("span", { class: `key ${kind}` });
  const [before, after] = comparison.sides;
  show("sides", key("before"), ` ${before} against `, key("after"), ` ${after}.`,
    " What differs most comes first; the percentage is the share of rows that would have to move to another bar.");
  const figures = [...comparison.columns].sort((a, b) => b.moved - a.moved).map((column) => figure(column,
    element("span", { class: `tag${column.moved >= NEWS ? " warn" : ""}` }, percent(column.moved, 1)),
    column.width ? histogram(column) : wordBars(column), summary(column)));
  show("columns", figures.slice(0, FIRST_SHOWN));
  show("calmer", figures.slice(FIRST_SHOWN));
}

function figure(column, tag, ...content) {
  const caption = element("figcaption", { title: column.says?.replaceAll("`", "") }, element("code", {}, column.name), tag);
  return element("figure", { "data-column": column.name }, caption, ...content);
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const rowsOf = (column, side) => Math.max(1, sum(column.counts[side]) + column.nulls[side]);
const shares = (column) => column.counts.map((counts, side) => counts.map((rows) => rows / rowsOf(column, side)));

function summary(column) {
  const medians = column.medians?.every((value) => value !== null) && `median ${column.medians.map(short).join(" → ")}`;
  const missing = column.nulls.some(Boolean) && `${whole(column.nulls.map((rows, side) => rows / rowsOf(column, side)))} without a value`;
  return element("p", {}, [medians, missing].filter(Boolean).join("; "));
}

const whole = (both) => `${both.map((share) => (share * 100).toFixed(0)).join(" → ")}\u00a0%`;

function short(value) {
  return Math.abs(value) >= 1000 ? value.toLocaleString("en", { maximumFractionDigits: 0 }) : String(+value.toPrecision(3));
}

function histogram(column) {
  const [width, height] = [240, 72];
  const [sides, slot] = [shares(column), width / column.bins.length];
  const highest = Math.max(...sides.flat(), 1e-9);
  const endOf = (index) => column.is_open && index === column.bins.length - 1 ? " and more" : ` to ${short(column.bins[index] + column.width)}`;
  const bars = column.bins.flatMap((bin, index) => sides.map((side, which) => {
    const [x, tall] = [(index + (which ? 0.5 : 0.08)) * slot, side[index] / highest * (height - 4)];
    return shape("rect", { class: which ? "after" : "before", x, y: height - tall, width: 0.42 * slot, height: tall },
      hint(`${short(bin)}${endOf(index)}: ${percent(side[index], 1)}`));
  }));
  const drawn = picture(width, height, `${column.name}: ${count(column.bins.length, "bar")} from ${short(column.bins[0])}`, bars);
  drawn.setAttribute("preserveAspectRatio", "none");
  const last = column.bins.at(-1);
  return [drawn, element("div", { class: "ends" }, element("span", {}, short(column.bins[0])),
    element("span", {}, column.is_open ? `${short(last)} and more` : short(last + column.width)))];
}

function wordBars(column) {
  if (!column.bins.length) return empty("No value at all.");
  const sides = shares(column);
  const highest = Math.max(...sides.flat(), 1e-9);
  const isAlone = sides.length === 1;
  const bar = (side, which, index) =>
    element("i", { class: which || isAlone ? "after" : "before", style: `width: ${(side[index] / highest * 100).toFixed(1)}%` });
  const told = (index) => isAlone ? column.counts[0][index].toLocaleString("en") : whole(sides.map((side) => side[index]));
  return element("div", { class: "words" }, column.bins.map((bin, index) => [
    element("span", { class: "name" }, bin),
    element("span", { class: "bars" }, sides.map((side, which) => bar(side, which, index))),
    element("span", { class: "count" }, told(index)),
  ]));
}

// The selectors of the executive page. All numbers come ready from the store; this only picks, formats and places them.
"use strict";

const { data } = dashboard;
const selectors = ["type", "period", "model"];
const find = (name, key) => document.querySelector(`[data-${name}="${key}"]`);
const spoken = (name) => name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
const persons = { markov: "Markov", shapley: "Shapley" }; // models that are called after somebody
const small = (name) => persons[name] ?? name.replaceAll("_", " ");
const byModel = (name) => persons[name] ?? `the ${small(name)} model`;
const known = (value) => value !== null && value !== undefined;
const format = (value, options) => (known(value) ? new Intl.NumberFormat("en-US", options).format(value).replace("-", "−") : "–");
const count = (value) => format(value, { maximumFractionDigits: 0 });
const percent = (value) => format(value, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const ratio = (value) => format(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = (value, digits) => format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" });

function money(value, digits = 0) {
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return format(value, data.currency ? { ...form, style: "currency", currency: data.currency } : form);
}

// The chosen view: from the address where it names what there is, else the first of everything.
function readChoice() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const choice = { policy: wanted.get("policy") === "context_aware" ? "context_aware" : "naive" };
  for (const name of selectors) {
    const select = document.getElementById(name);
    const offered = [...select.options].map((option) => option.value);
    choice[name] = offered.includes(wanted.get(name)) ? wanted.get(name) : offered[0];
  }
  return choice;
}

function showChoice(choice) {
  for (const name of selectors) document.getElementById(name).value = choice[name];
  for (const button of document.querySelectorAll("#policy button")) button.setAttribute("aria-pressed", button.value === choice.policy);
}

const picked = (tree, ...keys) => keys.reduce((place, key) => place?.[key], tree);
const nameOfPeriod = () => document.getElementById("period").selectedOptions[0].textContent.replace("Whole", "the whole").replace("Last", "the last");

function channelsOf(choice, model = choice.model, policy = choice.policy) {
  const lists = picked(data.channels, choice.type, choice.period, policy, model) ?? [];
  return lists.map((list) => Object.fromEntries(data.fields.map((field, number) => [field, list[number]])));
}

// One view after the other, however fast they are asked for; `data-shown` says when the last is there.
let asked = 0;
let view = Promise.resolve();
function show(choice) {
  const turn = ++asked;
  document.body.dataset.shown = "";
  view = view.then(() => (turn === asked ? place(choice) : undefined)).then(() => turn === asked && (document.body.dataset.shown = "yes"));
}

async function place(choice) {
  showChoice(choice);
  const totals = picked(data.totals, choice.type, choice.period, choice.policy, choice.model) ?? {};
  const channels = channelsOf(choice);
  showSource(choice);
  showFigures(choice, totals);
  showSentence(choice, totals, channels);
  await Promise.all([
    showDaily(choice), showShares(choice, channels), showMoved(choice),
    showBars(choice, "roas", "roas", ratio, totals), showBars(choice, "cost", "cost_per_conversion", (value) => money(value, 2), totals),
  ]);
}

function showSource(choice) {
  const source = choice.period === "all" ? data.sources.all : data.sources.period;
  for (const place of document.querySelectorAll('[data-source="credit"]')) place.textContent = source;
}

function showFigures(choice, totals) {
  const change = picked(data.before, choice.type, choice.period);
  const figure = (name, value, note) => {
    find("figure", name).textContent = value;
    find("note", name).textContent = note;
  };
  const earlier = choice.period.startsWith("last_") ? `the ${choice.period.slice(5)} days before` : "the month before";
  const against = (part) => (known(part) ? `${signed(100 * part, 1)}% on ${earlier}` : "");
  const coverage = known(totals.coverage) ? `${percent(totals.coverage)} of ${count(totals.all_conversions)} had a touch` : "none in this time";
  figure("conversions", count(totals.conversions ?? 0), [coverage, against(change?.conversions_change)].filter(Boolean).join("; "));
  if (totals.revenue) figure("revenue", money(totals.revenue), against(change?.revenue_change) || "net of refunds");
  else figure("revenue", "–", "these conversions carry no revenue");
  figure("spend", money(totals.spend), known(totals.spend) ? "of all channels with a cost" : "no cost was reported");
  figure("roas", totals.roas ? ratio(totals.roas) : "–", totals.roas ? "credited revenue per unit of spend" : "no spend, or no revenue");
  figure("cost", money(totals.cost_per_conversion, 2), known(totals.cost_per_conversion) ? "of channels with a cost" : "no spend, or nothing credited");
}

function showSentence(choice, totals, channels) {
  const place = document.getElementById("sentence");
  const [first, second] = channels.filter((row) => row.channel !== "unattributed" && row.conversions > 0);
  const inTime = `In ${nameOfPeriod()}`;
  if (!first) {
    place.textContent = `${inTime} no ${small(choice.type)} was credited to a channel.`;
    return;
  }
  const next = second ? `, then ${small(second.channel)} with ${percent(second.credit_share)}` : "";
  place.replaceChildren(
    `${inTime}, `, bold(`${count(totals.conversions)} of ${count(totals.all_conversions)}`),
    ` ${small(choice.type)} conversions had a marketing touch. By ${byModel(choice.model)}, `, bold(small(first.channel)),
    ` earned most, ${percent(first.credit_share)} of all${next}.`,
  );
}

function bold(text) {
  const made = document.createElement("b");
  made.textContent = text;
  return made;
}

function showDaily(choice) {
  const period = data.periods.find((row) => row.period === choice.period);
  const isChosen = (date) => !period || (date >= period.from_date && date <= period.to_date);
  const days = data.daily[choice.type] ?? [];
  const promotions = new Set(data.marked.promotions), outages = new Set(data.marked.outages);
  const rows = days.flatMap((row) => [["with a touch", row.attributed], ["without a touch", row.conversions - row.attributed]].map(([kind, number]) => (
    { date: row.date, day: row.date, kind, count: number, is_chosen: isChosen(row.date), is_promotion: promotions.has(row.date), is_outage: outages.has(row.date) })));
  const marks = [promotions.size && "Shaded days: major promotions.", outages.size && "Red triangles: an outage of the shop."].filter(Boolean).join(" ");
  says("daily", `Each bar is a day; the part at the bottom had a marketing touch. ${marks}`);
  fill("daily", ["date", "conversions", "with a touch"], days.filter((row) => isChosen(row.date)).reverse().map((row) => [row.date, count(row.conversions), count(row.attributed)]));
  return dashboard.draw("daily", rows);
}

function showShares(choice, channels) {
  const order = channels.filter((row) => row.channel !== "unattributed" && (row.credit_share > 0 || row.spend)).map((row) => row.channel);
  const models = data.models.filter((model) => channelsOf(choice, model).length);
  const shareOf = new Map(models.map((model) => [model, new Map(channelsOf(choice, model).map((row) => [row.channel, row.credit_share]))]));
  const rows = order.flatMap((channel) => models.map((model) => (
    { channel: spoken(channel), model: spoken(model), share: shareOf.get(model).get(channel) ?? 0, is_chosen: model === choice.model })));
  says("shares", `Large dot: ${small(choice.model)}, the chosen model. Small dots: the others. A long line is a channel on which the models disagree. `
    + `${percent(shareOf.get(choice.model)?.get("unattributed") ?? 0)} of the conversions stay unattributed under every model.`
    + (choice.model === "markov" && choice.period !== "all" ? " Markov speaks of the whole record; in a period it is the sum of its touches' credits." : ""));
  const largest = Math.max(...rows.map((row) => row.share), 0.0001);
  const all = [...order, "unattributed"];
  fill("shares", ["channel", ...models.map(spoken)], all.map((channel) => [spoken(channel), ...models.map((model) => percent(shareOf.get(model).get(channel) ?? 0))]),
    (row, column) => column && row < order.length && heat((shareOf.get(models[column - 1]).get(order[row]) ?? 0) / largest, models[column - 1] === choice.model));
  return drawOrHide("shares", rows);
}

// The ground of a cell: the stronger, the larger its share of the largest.
function heat(part, isChosen) {
  return `background: color-mix(in srgb, var(--accent) ${Math.round(30 * part)}%, transparent);${isChosen ? "font-weight:650" : ""}`;
}

function showBars(choice, name, field, written, totals) {
  const rows = channelsOf(choice).filter((row) => known(row[field]) && (field !== "roas" || totals.revenue)).map((row) => {
    const told = data.models.flatMap((model) => channelsOf(choice, model).filter((other) => other.channel === row.channel && known(other[field])).map((other) => other[field]));
    return { channel: spoken(row.channel), value: row[field], low: Math.min(...told), high: Math.max(...told), label: written(row[field]) };
  });
  const isReturn = field === "roas";
  rows.sort((one, other) => (isReturn ? other.value - one.value : one.value - other.value));
  const unit = isReturn ? "Credited revenue over spend" : "Spend over credited conversions";
  says(name, rows.length ? `${unit}, by ${byModel(choice.model)}; the thin line spans all ${data.models.length} models. Channels without a reported cost are left out.`
    : (isReturn && !totals.revenue ? `${spoken(choice.type)} conversions carry no revenue, so there is no return to show.` : "No channel has both a cost and a credited conversion here."));
  fill(name, ["channel", isReturn ? "return" : "cost", "lowest model", "highest model"], rows.map((row) => [row.channel, row.label, written(row.low), written(row.high)]));
  return drawOrHide(name, rows);
}

function showMoved(choice) {
  const naive = channelsOf(choice, choice.model, "naive");
  const aware = channelsOf(choice, choice.model, "context_aware").filter((row) => row.channel !== "unattributed" && known(row.moved_share));
  const rows = aware.filter((row) => Math.abs(row.moved_share) >= 0.00005).map((row) => ({ channel: spoken(row.channel), points: 100 * row.moved_share }));
  rows.sort((one, other) => other.points - one.points);
  const why = "Context-aware credit does not take a journey for lost that ended at a sold-out product or in an outage, or that is still open.";
  if (rows.length) {
    const most = rows[0], least = rows[rows.length - 1];
    const words = [most.points > 0 && `gives most to ${most.channel} (${signed(most.points, 1)} points)`, least.points < 0 && `takes most from ${least.channel} (${signed(least.points, 1)})`];
    says("moved", `${why} By ${byModel(choice.model)}, it ${words.filter(Boolean).join(" and ")}.`);
  } else {
    says("moved", `${why} By ${byModel(choice.model)}, it changes nothing here: ${choice.model === "markov" ? "no journey that counts differently touched these channels." : "the model looks at journeys that converted, and those are the same under both."}`);
  }
  const before = new Map(naive.map((row) => [row.channel, row.credit_share]));
  fill("moved", ["channel", "naive", "context-aware", "points"], aware.map((row) => [spoken(row.channel), percent(before.get(row.channel)), percent(row.credit_share), signed(100 * row.moved_share, 2)]));
  return drawOrHide("moved", rows);
}

// A chart without rows gives its place to the sentence above it.
function drawOrHide(name, rows) {
  find("chart", name).hidden = !rows.length;
  find("table", name).closest("details").hidden = !rows.length;
  return rows.length ? dashboard.draw(name, rows) : undefined;
}

function says(name, text) {
  find("says", name).textContent = text;
}

function fill(name, head, lines, style = () => "") {
  const table = find("table", name);
  table.replaceChildren();
  const titles = table.createTHead().insertRow();
  head.forEach((title, column) => titles.append(cell("th", title, column)));
  const body = table.createTBody();
  lines.forEach((line, row) => {
    const place = body.insertRow();
    line.forEach((value, column) => place.append(cell("td", value, column, style(row, column))));
  });
}

function cell(kind, text, column, style) {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = column ? "number" : "text";
  if (style) made.style.cssText = style;
  return made;
}

function choose(changes) {
  document.body.dataset.shown = "";
  location.hash = new URLSearchParams({ ...readChoice(), ...changes }).toString();
}

const controls = document.getElementById("controls");
if (controls) {
  for (const name of selectors) document.getElementById(name).addEventListener("change", (event) => choose({ [name]: event.target.value }));
  document.getElementById("policy").addEventListener("click", (event) => event.target.value && choose({ policy: event.target.value }));
  window.addEventListener("hashchange", () => show(readChoice()));
  if (matchMedia("(min-width: 60rem)").matches) find("table", "shares").closest("details").open = true;
  show(readChoice());
}

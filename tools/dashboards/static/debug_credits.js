// Touch by touch: what each touch met, and what each model gives it; and the touches that get nothing.
"use strict";

// Each flag of a touch: what kind of news it is, its name and what it means.
const FLAGS = {
  wall: ["bad", "met a wall", "The shop itself stood in the way of this visit; after it, a journey without a conversion is blocked."],
  sold_out: ["warn", "sold out", "The product concerned was out of stock at that second."],
  in_stock: ["", "in stock", "The product concerned was in stock at that second."],
  stock_unknown: ["", "stock unknown", "No product is concerned, or no snapshot of its stock is recent enough to be believed."],
  POTENTIAL_OUTAGE: ["bad", "outage", "In an outage of the shop or of its source: so much of what should have passed the failing step did."],
  NORMAL: ["", "shop healthy", "No outage at that hour."],
  INSUFFICIENT_HISTORY: ["", "health unknown", "Too little traffic or history to tell whether the shop was healthy."],
  LOW_CONFIDENCE: ["warn", "clicks and sessions disagree", "The platform's clicks and the campaign-day's tracked sessions differ by more than chance."],
  HIGH_CONFIDENCE: ["", "clicks and sessions agree", "The platform's clicks and the campaign-day's tracked sessions tell the same story."],
  INSUFFICIENT_DATA: ["", "too few clicks to judge", "Too few clicks of that campaign-day, or none reported, to compare with its sessions."],
  no_clicks: ["", "no clicks to judge by", "No platform reports clicks for it."],
  major: ["warn", "major promotion", "A promotion of tier major was running."],
  minor: ["", "minor promotion", "A promotion of tier minor was running."],
};
const SMALLEST_MOVE = 0.0005; // a difference between the policies that shows in three digits

function flagsOf(touch) {
  return [
    touch.wall && "wall",
    touch.sold_out === null ? "stock_unknown" : touch.sold_out ? "sold_out" : "in_stock",
    touch.health_tag ?? "INSUFFICIENT_HISTORY",
    touch.quality ?? "no_clicks",
    touch.major && "major",
    touch.minor && "minor",
  ].filter((flag) => flag in FLAGS);
}

// News as tags, the rest in plain words.
function flags(touch) {
  const details = {
    wall: touch.wall && `: ${inWords(touch.wall)}`,
    POTENTIAL_OUTAGE: touch.health !== null && `: ${percent(touch.health)} got through`,
  };
  const all = flagsOf(touch).map((flag) => [flag, ...FLAGS[flag]]);
  const news = all.filter(([, kind]) => kind);
  const calm = all.filter(([, kind]) => !kind).map(([, , name]) => name);
  return [
    news.length > 0 && element("span", { class: "flags" }, news.map(([flag, kind, name, meaning]) =>
      element("span", { class: `tag ${kind}`, title: meaning }, name, details[flag]))),
    element("span", { class: "where" }, calm.join(" · ")),
  ];
}

function flagsInWords(journey) {
  const met = new Set(journey.touches.flatMap(flagsOf));
  const meanings = Object.keys(FLAGS).filter((flag) => met.has(flag)).map((flag) => FLAGS[flag].slice(1));
  return met.size > 0 && folded("What the flags mean", definitions(meanings));
}

// .25 rather than 0.25: eight models stand side by side on a phone.
function credit(value) {
  if (value === 0) return "0";
  if (value < 0.0005) return "<.001";
  return value >= 0.9995 ? "1" : value.toFixed(3).slice(1);
}

// The touches of a journey with the credits of a policy, and how they differ from those of the other. Roles are said aloud,
// because on a phone the rows are no longer laid out as a table.
function credits(journey, policy) {
  const against = policy === "naive" ? "context_aware" : "naive";
  const given = journey.credits[policy];
  const shown = given ? models.filter(({ name }) => given[name]) : [];
  const moved = (name, index) => given[name].credits[index] - journey.credits[against][name].credits[index];
  const rows = journey.touches.map((touch, index) => touchInWords(touch, index, journey));
  if (given && !rows.length) rows.push(["no touch: unattributed"]);
  const table = element("table", { class: "credits", role: "table", style: `--models: ${Math.max(1, shown.length)}` },
    given && part("thead", [line("columnheader", "Touch", shown.map((model) =>
      element("th", { scope: "col", role: "columnheader", title: model.says }, model.label)))]),
    part("tbody", rows.map((words, index) => line("rowheader", words, shown.map(({ name }) =>
      cell(name, given[name].credits[index], moved(name, index)))))),
    given && part("tfoot", [line("rowheader", journey.revenue ? `Sum = ${money(journey.revenue)}` : "Sum", shown.map(({ name }) =>
      element("td", { role: "cell" }, String(given[name].total))))]));
  const differs = shown.some(({ name }) => rows.some((_, index) => Math.abs(moved(name, index)) >= SMALLEST_MOVE));
  return [explained(given, policy, differs && against), table, flagsInWords(journey), given && rules(journey, shown, policy)];
}

const part = (name, lines) => element(name, { role: "rowgroup" }, lines);

function line(role, head, cells) {
  return element("tr", { role: "row" }, element("th", { class: "touch", role, scope: role === "rowheader" ? "row" : "col" }, head), cells);
}

function cell(model, value, moved) {
  const told = { role: "cell", class: !value && "none", style: `--share: ${(value * 100).toFixed(1)}%`, "data-model": model, "data-credit": value };
  const difference = `${moved > 0 ? "+" : "−"}${credit(Math.abs(moved))}`;
  return element("td", told, bold(credit(value)), Math.abs(moved) >= SMALLEST_MOVE && element("small", {}, difference));
}

function explained(given, policy, against) {
  if (!given) return says("Without a conversion there is no credit; this is what each touch met.");
  const what = policy === "naive" ? "Naive takes every journey as it is." : "Context-aware does not count blocked and open journeys as losses.";
  return says(what, against ? ` Small numbers: the difference to ${inWords(against)}. Rules never differ, only Markov and Shapley may.`
    : " Here both policies give the same credit.");
}

function touchInWords(touch, index, journey) {
  const isConverted = journey.status === "converted";
  const before = `${duration(touch.hours)} before the ${isConverted ? "conversion" : "last touch"}`;
  const when = touch.hours ? before : isConverted ? "at the conversion" : "the last touch";
  return [
    element("span", { class: "index" }, String(index + 1)), bold([touch.channel, touch.campaign, touch.sku].filter(Boolean).join(" · ")),
    element("span", { class: "where" }, `${minute(touch.at)}, ${when} · ${inWords(touch.interaction)} · ${touch.by}`),
    ...flags(touch),
  ];
}

// How each model came to it; for Markov with the numbers it goes by.
function rules(journey, shown, policy) {
  const effects = weights[journey.type]?.[policy] ?? {};
  const channels = [...new Set(journey.touches.map((touch) => touch.channel))].filter((channel) => channel in effects);
  const numbers = channels.map((channel) => `${channel} ${effects[channel].toFixed(3)}`).join(", ");
  return folded("How each model shares", definitions(shown.map((model) =>
    [model.label, [model.says, model.name === "markov" && numbers && ` (${inWords(policy)}: ${numbers})`, "."]])));
}

// ---- touches that do not count ----

function strangers(journey) {
  if (journey.status !== "converted") return empty("Only a conversion leaves touches out; this journey has none.");
  if (!journey.strangers.length) return empty(nobodyElse(journey));
  const why = (touch) => touch.reason === "claimed"
    ? `before the ${inWords(journey.type)} of ${minute(journey.previous_at)}, which ended that journey`
    : `older than the ${touch.days} days in which ${touch.channel} counts`;
  const more = journey.stranger_count - journey.strangers.length;
  const what = (touch) => [touch.channel, touch.campaign, inWords(touch.interaction)].filter(Boolean).join(" · ");
  return [
    says(`${touches(journey.stranger_count)} of the same person before it, without credit for this conversion.`),
    list(journey.strangers.map((touch) => [
      bold(minute(touch.at)), ` · ${what(touch)}, ${duration(touch.hours)} before`,
      element("div", { class: "soft" }, why(touch)),
    ])),
    more > 0 && soft(`and ${more.toLocaleString("en")} earlier`),
  ];
}

function nobodyElse(journey) {
  if (journey.touches.length) return "Every touch of this person before the conversion counts.";
  if (!journey.sessions.length) return "Nothing is known of this person before the conversion: no visit, and no advertisement that was seen.";
  const reasons = [...new Set(journey.sessions.map(whyNoTouch))].join("; ").replaceAll("no touch: ", "");
  return `Of ${count(journey.sessions.length, "session")} in the 30 days before the conversion, not one is a touch (${reasons}).`;
}

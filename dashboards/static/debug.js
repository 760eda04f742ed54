// The debug page: the chosen journey in words, as a picture and touch by touch; its person as a graph; features as bars.
"use strict";

const { currency, journeys, models, people, weights } = dashboard.data;
const chosen = { kind: "", journey: null, policy: "naive" };

const WORDS = {
  click: "visit", view: "advertisement seen", open: "e-mail opened",
  out_of_stock: "the product was sold out", outage: "the shop had an outage",
  page_view: "page", product_view: "product", add_to_cart: "cart", begin_checkout: "checkout", payment_attempt: "payment",
  payment_failed: "payment failed", purchase: "purchase", form_start: "form begun", form_submit: "form sent", generate_lead: "lead",
  sign_up: "sign-up", clickstream: "in the clickstream", order: "on an order", crm: "in the CRM",
  offline_conversion: "on an offline conversion", observed_link: "as an observed link", same_address: "the same address",
  same_key_space: "the same number of user and customer",
  DECLARED_BOT: "a declared bot", SCRIPT: "a script", CRAWLER: "a crawler", RELOAD_STORM: "a reload storm", CLICK_FRAUD: "click fraud",
};
const inWords = (name) => WORDS[name] ?? String(name).replaceAll("_", " ");

// Elements, without a detour by HTML text: what comes from the store is never read as markup.
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const place = (id) => document.getElementById(id);
const show = (id, ...children) => place(id).replaceChildren(...children.flat().filter(Boolean));
const empty = (text) => element("p", { class: "empty" }, text);
const picture = (width, height, says, ...children) =>
  shape("svg", { class: "drawn", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": says }, ...children);

// Times come as texts in UTC, and are shown as such.
const milliseconds = (text) => Date.parse(`${text}Z`);
const minute = (text) => text.slice(0, 16).replace("T", " ");
const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

function duration(hours) {
  if (hours >= 48) return `${(hours / 24).toFixed(1)} days`;
  if (hours >= 1) return `${hours.toFixed(1)} hours`;
  return count(Math.round(hours * 60), "minute", "minutes");
}

function money(amount) {
  return `${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
}

// ---- which journey ------------------------------------------------------------------------------------------------

const listed = () => journeys.filter((journey) => !chosen.kind || journey.kinds.includes(chosen.kind));

function title(journey) {
  const amount = journey.revenue ? ` · ${money(journey.revenue).replace(` ${currency}`, "")}` : "";
  const status = journey.status === "converted" ? "" : ` ${journey.status}`;
  return `${inWords(journey.type)}${status} · ${journey.ended_at.slice(0, 10)} · ${count(journey.touches.length, "touch", "touches")}${amount}`;
}

function offer() {
  const options = listed().map((journey) => element("option", { value: journey.id }, title(journey)));
  show("journey", options);
}

function choose(journey) {
  chosen.journey = journey;
  if (!listed().includes(journey)) {
    chosen.kind = place("kind").value = "";
  }
  offer();
  place("journey").value = journey.id;
  tell();
}

function step(by) {
  const all = listed();
  const at = all.indexOf(chosen.journey);
  goTo(all[(at + by + all.length) % all.length]);
}

function goTo(journey) {
  location.hash = `journey=${journey.id}`;
}

// The address names the journey: "#journey=…".
function follow() {
  const asked = new URLSearchParams(location.hash.slice(1)).get("journey");
  const journey = journeys.find((candidate) => candidate.id === asked);
  place("unknown").hidden = !asked || Boolean(journey);
  place("unknown").textContent = `Journey ${asked} is not in this page: python -m dashboards --journey ${asked} puts it there.`;
  choose(journey ?? chosen.journey ?? journeys[0]);
}

function tell() {
  const { journey } = chosen;
  show("story", story(journey));
  drawTimeline(journey);
  show("touches", credits(journey));
  drawGraph(journey);
  show("strangers", strangers(journey));
}

// ---- the journey in words -----------------------------------------------------------------------------------------

function story(journey) {
  return [
    element("p", { class: "sentence" }, ...sentence(journey)),
    element("p", { class: "soft" }, verdict(journey)),
    element("p", { class: "source" }, "journey_id ", element("code", {}, journey.id)),
  ];
}

function sentence(journey) {
  const bold = (text) => element("b", {}, text);
  const many = count(journey.touches.length, "touch", "touches");
  const person = `Person ${journey.person}`;
  if (journey.status === "converted") {
    const amount = journey.revenue === null ? ", of an amount without an exchange rate" : journey.revenue ? ` of ${money(journey.revenue)}` : "";
    const refund = journey.refund ? ` (${money(journey.refund)} of ${money(journey.gross)} were refunded)` : "";
    const where = journey.sales_channel ? ` (${journey.sales_channel})` : "";
    const what = bold(`${inWords(journey.type)}${amount}`);
    const before = journey.touches.length
      ? [" after ", bold(many), ` in ${duration(journey.touches[0].hours)}.`]
      : [" and ", bold("no touch"), " counts for it."];
    return [`${person}: `, what, `${refund}${where} on `, bold(minute(journey.ended_at)), ...before];
  }
  return [`${person}: `, bold(many), ` towards a ${inWords(journey.type)} since `, bold(minute(journey.started_at)), ", and ",
    bold(journey.status === "open" ? "still open" : "lost"), "."];
}

function verdict(journey) {
  if (journey.status === "converted") {
    const after = journey.previous_at
      ? ` The same person converted before, on ${minute(journey.previous_at)}: only what came after that counts.` : "";
    return journey.touches.length
      ? `The touches share the credit; each model in its own way, and always exactly 1 in all.${after}`
      : `All of the credit is “unattributed”, in every model.${after}`;
  }
  const wall = journey.blocked
    ? ` Its last visit met a wall: ${inWords(journey.blocked)}. That it did not convert says nothing about the marketing: naive counts it as a loss, context-aware does not.`
    : journey.status === "open" ? " Naive counts it as a loss, context-aware does not yet." : " Both policies count it as a loss.";
  const ended = journey.status === "open" ? "A conversion could still claim one of its touches." : "No conversion followed while one of its touches could have counted.";
  return `There is no credit to share. ${ended}${wall}`;
}

// ---- what happened, drawn -----------------------------------------------------------------------------------------

const LANES = [
  ["seen or opened", []],
  ["visit", ["page_view"]],
  ["product", ["product_view"]],
  ["cart", ["add_to_cart"]],
  ["checkout", ["begin_checkout"]],
  ["payment", ["payment_attempt", "payment_failed"]],
  ["form", ["form_start"]],
  ["form sent", ["form_submit"]],
  ["conversion", ["purchase", "generate_lead", "sign_up"]],
];
const CONVERTS = { purchase: "purchase", generate_lead: "lead", sign_up: "sign_up" };
const laneOf = (event) => LANES.findIndex(([, events]) => events.includes(event));

function drawTimeline(journey) {
  const width = Math.max(280, place("timeline").clientWidth || 280);
  const edges = { left: 104, right: 16, top: 30, lane: 30 };
  const met = (event) => journey.sessions.some((session) => session.steps.some(([name]) => name === event));
  const lanes = LANES.map(([name, events], lane) => ({ name, lane })).filter(({ lane }) =>
    lane === 1 || lane === LANES.length - 1 && journey.status === "converted"
    || (lane === 0 ? journey.touches.some((touch) => touch.interaction !== "click") : LANES[lane][1].some(met)));
  const height = edges.top + lanes.length * edges.lane + 44;
  const bottom = edges.top + lanes.length * edges.lane;
  const y = (lane) => bottom - edges.lane / 2 - Math.max(0, lanes.findIndex((shown) => shown.lane === lane)) * edges.lane;
  const moments = [...journey.touches, ...journey.sessions].map((contact) => milliseconds(contact.at)).concat(milliseconds(journey.ended_at));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const span = Math.max(last - first, 3600e3);
  const x = (time) => edges.left + 14 + (width - edges.left - edges.right - 28) * Math.min(1, Math.max(0, (time - first) / span));

  const says = `${count(journey.sessions.length, "session", "sessions")} and ${count(journey.touches.length, "touch", "touches")} over ${duration(span / 3600e3)}; every step is listed below.`;
  show("timeline",
    picture(width, height, says,
      situations(journey, x, edges, bottom, width),
      lanes.map(({ name, lane }) => [
        shape("line", { class: "lane", x1: edges.left, x2: width - edges.right, y1: y(lane), y2: y(lane) }),
        shape("text", { x: edges.left - 10, y: y(lane) + 4, "text-anchor": "end" }, name),
      ]).flat(),
      goal(journey, x, edges, bottom),
      journey.sessions.map((session) => stem(session, journey, x, y)),
      journey.touches.filter((touch) => touch.interaction !== "click").map((touch) =>
        shape("circle", { class: "step view", cx: x(milliseconds(touch.at)), cy: y(0), r: 5 }, shape("title", {}, `${minute(touch.at)} ${inWords(touch.interaction)}, ${touch.channel}`))),
      numbers(journey, x, bottom),
      ticks(first, first + span, x, height, width)),
    sessionList(journey), situationList(journey));
}

function stem(session, journey, x, y) {
  const at = x(milliseconds(session.at));
  const steps = session.steps.filter(([event]) => laneOf(event) > 0);
  const top = Math.max(1, ...steps.map(([event]) => laneOf(event)));
  const touch = session.touch ? " touch" : "";
  const seen = new Set();
  const marks = steps.filter(([event]) => !seen.has(event) && seen.add(event)).map(([event]) =>
    event === "payment_failed"
      ? shape("path", { class: "failed", d: `M${at - 5} ${y(5) - 5}l10 10m0 -10l-10 10` })
      : shape("circle", { class: `step${CONVERTS[event] === journey.type ? " goal" : touch}`, cx: at, cy: y(laneOf(event)), r: CONVERTS[event] === journey.type ? 6 : 4.5 }));
  const failures = marks.filter((mark) => mark.tagName === "path");
  return shape("g", {},
    shape("title", {}, `${minute(session.at)} ${session.channel}: ${session.steps.map(([event]) => inWords(event)).join(", ")}`),
    shape("line", { class: `stem${touch}`, x1: at, x2: at, y1: y(1), y2: y(top) }),
    steps.length ? null : shape("circle", { class: `step${touch}`, cx: at, cy: y(1), r: 4.5 }),
    marks.filter((mark) => mark.tagName !== "path"), failures);
}

const nameOf = (situation) => situation.kind === "outage" ? `outage: ${inWords(situation.step)}` : inWords(situation.kind).replace("promo", "promotion");

// Shaded times, and their names where there is room for them; all of them are listed below.
function situations(journey, x, edges, bottom, width) {
  const labels = [];
  const shades = journey.situations.map((situation) => {
    const from = x(milliseconds(situation.since));
    const until = Math.max(from + 3, x(milliseconds(situation.until)));
    const name = nameOf(situation);
    const [room, atEnd] = [name.length * 5.8, from > width * 0.6];
    const start = atEnd ? until - room : from;
    const end = start + room;
    if (labels.every((label) => start > label.end + 6 || end < label.start - 6)) labels.push({ name, x: atEnd ? until : from, atEnd, start, end, kind: situation.kind });
    return shape("rect", { class: situation.kind, x: from, y: edges.top - 8, width: until - from, height: bottom - edges.top + 8 }, shape("title", {}, `${name}, ${minute(situation.since)} to ${minute(situation.until)}`));
  });
  return [...shades, ...labels.map(({ name, x: at, atEnd, kind }) =>
    shape("text", { class: `situation ${kind === "outage" ? "outage-name" : "promo-name"}`, x: at, y: edges.top - 13, "text-anchor": atEnd ? "end" : "start" }, name))];
}

function situationList(journey) {
  return journey.situations.length > 0 && element("details", { class: "behind" }, element("summary", {}, "What the shop was going through meanwhile"),
    element("ul", { class: "sessions" }, journey.situations.map((situation) =>
      element("li", {}, element("b", {}, nameOf(situation)), ` · ${minute(situation.since)} to ${minute(situation.until)}`))));
}

function goal(journey, x, edges, bottom) {
  if (journey.status !== "converted") return [];
  const at = x(milliseconds(journey.ended_at));
  return [
    shape("line", { class: "goal-line", x1: at, x2: at, y1: edges.top - 4, y2: bottom }),
    shape("circle", { class: "step goal", cx: at, cy: edges.top + edges.lane / 2, r: 6 }, shape("title", {}, `${minute(journey.ended_at)} ${inWords(journey.type)}`)),
  ];
}

// Numbers of touches below the lanes; those that would touch each other are written as a range.
function numbers(journey, x, bottom) {
  const groups = [];
  journey.touches.forEach((touch, index) => {
    const at = x(milliseconds(touch.at));
    const group = groups.at(-1);
    if (group && at - group.end < 26) Object.assign(group, { last: index + 1, end: at, wall: group.wall || touch.wall });
    else groups.push({ first: index + 1, last: index + 1, start: at, end: at, wall: touch.wall });
  });
  return groups.map(({ first, last, start, end, wall }) =>
    shape("text", { class: `number${wall ? " wall" : ""}`, x: (start + end) / 2, y: bottom + 14 }, first === last ? `${first}` : `${first}–${last}`));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function ticks(from, until, x, height, width) {
  const wanted = Math.max(2, Math.floor((width - 104) / 75));
  const hour = 3600e3;
  const every = [hour / 12, hour / 4, hour, 3 * hour, 6 * hour, 24 * hour, 48 * hour, 96 * hour, 168 * hour, 336 * hour, 720 * hour].find((size) => (until - from) / size <= wanted) ?? 1440 * hour;
  const marks = [];
  for (let time = Math.ceil(from / every) * every; time <= until; time += every) {
    const date = new Date(time);
    const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    const clock = date.toISOString().slice(11, 16);
    marks.push(shape("text", { x: x(time), y: height - 6, "text-anchor": "middle" }, every < 24 * hour ? (clock === "00:00" ? day : clock) : day));
  }
  const date = new Date(from);
  if (every < 24 * hour) marks.push(shape("text", { x: 0, y: height - 6 }, `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`));
  else marks.push(shape("text", { x: 0, y: height - 6 }, `${date.getUTCFullYear()}`));
  return marks;
}

function sessionList(journey) {
  if (!journey.sessions.length) return element("p", { class: "soft" }, "No session of this person is known in that time.");
  const items = journey.sessions.map((session) =>
    element("li", {},
      element("b", {}, minute(session.at)), ` · ${session.channel} · ${session.by} · `,
      session.touch ? `touch ${session.touch}` : element("span", { class: "soft" }, whyNoTouch(session)),
      element("div", { class: "way" }, session.steps.map(([event, after, times]) =>
        element("span", { class: event === "payment_failed" ? "bad" : laneOf(event) === LANES.length - 1 ? "good" : undefined },
          inWords(event), times > 1 ? ` × ${times}` : "", " ", element("small", {}, clock(after)))))));
  return element("details", { class: "behind", open: items.length <= 2 ? "" : undefined },
    element("summary", {}, `Every step of ${count(items.length, "session", "sessions")}`), element("ol", { class: "sessions" }, items));
}

function whyNoTouch(session) {
  if (!session.may_market) return "no touch: marketing was refused";
  if (session.visitor !== "PERSON") return `no touch: ${inWords(session.visitor)}`;
  return "a touch, but not of this journey";
}

const clock = (seconds) => `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// ---- touch by touch -----------------------------------------------------------------------------------------------

// Each flag of a touch: what kind of news it is, its name and what it means.
const FLAGS = {
  wall: ["bad", "met a wall", "The shop itself stood in the way of this visit: its last click makes a journey without a conversion a blocked one."],
  sold_out: ["warn", "sold out", "The product concerned was out of stock at that second."],
  in_stock: ["", "in stock", "The product concerned was in stock at that second."],
  stock_unknown: ["", "stock unknown", "No product is concerned, or no snapshot of its stock is recent enough to be believed."],
  POTENTIAL_OUTAGE: ["bad", "outage", "Within an outage of the shop or of its source; the percentage is the share of what should have passed the failing step that did."],
  NORMAL: ["", "shop healthy", "No outage at that hour."],
  INSUFFICIENT_HISTORY: ["", "health unknown", "Too little traffic or history to tell whether the shop was healthy."],
  LOW_CONFIDENCE: ["warn", "clicks and sessions disagree", "The platform's clicks and the tracked sessions of that campaign-day differ by more than chance."],
  HIGH_CONFIDENCE: ["", "clicks and sessions agree", "The platform's clicks and the tracked sessions of that campaign-day tell the same story."],
  INSUFFICIENT_DATA: ["", "too few clicks to judge", "Too few clicks of that campaign-day, or none reported, to compare with its tracked sessions."],
  no_clicks: ["", "no clicks to judge by", "No platform reports clicks for it."],
  major: ["warn", "major promotion", "A promotion of tier major was running."],
  minor: ["", "minor promotion", "A promotion of tier minor was running."],
};

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
  const details = { wall: touch.wall && `: ${inWords(touch.wall)}`, POTENTIAL_OUTAGE: touch.health === null ? "" : `: ${Math.round(touch.health * 100)} % got through` };
  const all = flagsOf(touch);
  const news = all.filter((flag) => FLAGS[flag][0]);
  return [
    news.length > 0 && element("span", { class: "flags" }, news.map((flag) => element("span", { class: `tag ${FLAGS[flag][0]}`, title: FLAGS[flag][2] }, FLAGS[flag][1], details[flag]))),
    element("span", { class: "where" }, all.filter((flag) => !FLAGS[flag][0]).map((flag) => FLAGS[flag][1]).join(" · ")),
  ];
}

function flagsInWords(journey) {
  const met = Object.keys(FLAGS).filter((flag) => journey.touches.some((touch) => flagsOf(touch).includes(flag)));
  return met.length > 0 && element("details", { class: "behind" }, element("summary", {}, "What the flags mean"),
    element("dl", { class: "rules" }, met.flatMap((flag) => [element("dt", {}, FLAGS[flag][1]), element("dd", {}, FLAGS[flag][2])])));
}

// .25 rather than 0.25: eight models stand side by side on a phone.
function credit(value) {
  if (value === 0) return "0";
  if (value < 0.0005) return "<.001";
  return value >= 0.9995 ? "1" : value.toFixed(3).slice(1);
}

function credits(journey) {
  const given = journey.credits[chosen.policy];
  const other = journey.credits[chosen.policy === "naive" ? "context_aware" : "naive"];
  const shown = given ? models.filter((model) => given[model.name]) : [];
  const head = element("thead", { role: "rowgroup" }, element("tr", { role: "row" },
    element("th", { class: "touch", scope: "col", role: "columnheader" }, "Touch"),
    shown.map((model) => element("th", { scope: "col", role: "columnheader", title: model.says }, model.label))));
  const lines = journey.touches.length ? journey.touches.map((touch, index) => line(touchInWords(touch, index, journey), index)) : [];
  if (!journey.touches.length && given) lines.push(line(["no touch: unattributed"], 0));
  const table = element("table", { class: "credits", role: "table", style: `--models: ${Math.max(1, shown.length)}` }, given && head,
    element("tbody", { role: "rowgroup" }, lines), given && foot());
  return [given ? differs() : element("p", { class: "says" }, "Without a conversion there is no credit; this is what each touch met."), table, flagsInWords(journey), given && rules(journey, shown)];

  function line(words, index) {
    return element("tr", { role: "row" }, element("th", { class: "touch", scope: "row", role: "rowheader" }, words), shown.map(({ name }) => {
      const value = given[name].credits[index];
      const moved = value - (other?.[name]?.credits[index] ?? value);
      return element("td", { role: "cell", class: value ? undefined : "none", style: `--share: ${(value * 100).toFixed(1)}%`, "data-model": name, "data-credit": value },
        element("b", {}, credit(value)),
        Math.abs(moved) >= 0.0005 && element("small", {}, `${moved > 0 ? "+" : "−"}${credit(Math.abs(moved))}`));
    }));
  }

  function foot() {
    const worth = journey.revenue ? ` = ${money(journey.revenue)}` : "";
    return element("tfoot", { role: "rowgroup" }, element("tr", { role: "row" }, element("th", { class: "touch", scope: "row", role: "rowheader" }, `Sum${worth}`),
      shown.map(({ name }) => element("td", { role: "cell", "data-sum": given[name].total }, String(given[name].total)))));
  }

  function differs() {
    const moved = shown.some(({ name }) => given[name].credits.some((value, index) => Math.abs(value - (other?.[name]?.credits[index] ?? value)) >= 0.0005));
    const policy = chosen.policy === "naive" ? "Naive takes every journey as it is." : "Context-aware does not count blocked and open journeys as losses.";
    const against = chosen.policy === "naive" ? "context-aware" : "naive";
    return element("p", { class: "says" }, `${policy} `, moved ? `Small numbers: the difference to ${against}. Rules never differ, only Markov and Shapley may.` : `Here it gives the same credit as ${against}.`);
  }
}

function touchInWords(touch, index, journey) {
  const what = [touch.channel, touch.campaign, touch.sku].filter(Boolean).join(" · ");
  const end = journey.status === "converted" ? "before the conversion" : "before the last touch";
  const when = touch.hours ? `${duration(touch.hours)} ${end}` : journey.status === "converted" ? "at the conversion" : "the last touch";
  return [
    element("span", { class: "index" }, String(index + 1)), element("b", {}, what),
    element("span", { class: "where" }, `${minute(touch.at)}, ${when} · ${inWords(touch.interaction)} · ${touch.by}`),
    ...flags(touch),
  ];
}

// How each model came to it; for Markov with the numbers it goes by.
function rules(journey, shown) {
  const effects = weights[journey.type]?.[chosen.policy] ?? {};
  const channels = [...new Set(journey.touches.map((touch) => touch.channel))].filter((channel) => channel in effects);
  const numbers = channels.map((channel) => `${channel} ${effects[channel].toFixed(3)}`).join(", ");
  return element("details", { class: "behind" }, element("summary", {}, "How each model shares"),
    element("dl", { class: "rules" }, shown.flatMap((model) => [
      element("dt", {}, model.label),
      element("dd", {}, model.says, model.name === "markov" && numbers ? ` (removal effects for this kind of conversion, ${chosen.policy.replace("_", "-")}: ${numbers})` : "", "."),
    ])));
}

// ---- touches that do not count ------------------------------------------------------------------------------------

function strangers(journey) {
  if (journey.status !== "converted") return empty("Only a conversion leaves touches out; this journey has none.");
  if (!journey.strangers.length) return empty(nobodyElse(journey));
  const why = (touch) => touch.reason === "claimed"
    ? `before the ${inWords(journey.type)} of ${minute(journey.previous_at)}, which ended that journey`
    : `older than the ${touch.days} days in which ${touch.channel} counts`;
  const more = journey.stranger_count - journey.strangers.length;
  return [
    element("p", { class: "says" }, `${count(journey.stranger_count, "touch", "touches")} of the same person came before the conversion, and ${journey.stranger_count === 1 ? "has" : "have"} no credit.`),
    element("ul", { class: "sessions" }, journey.strangers.map((touch) => element("li", {},
      element("b", {}, minute(touch.at)), ` · ${[touch.channel, touch.campaign].filter(Boolean).join(" · ")} · ${inWords(touch.interaction)}, ${duration(touch.hours)} before`,
      element("div", { class: "soft" }, why(touch))))),
    more > 0 && element("p", { class: "soft" }, `and ${more.toLocaleString("en")} earlier`),
  ].filter(Boolean);
}

function nobodyElse(journey) {
  if (journey.touches.length) return "Every touch of this person before the conversion counts.";
  if (!journey.sessions.length) return "Nothing is known of this person before the conversion: no visit, and no advertisement that was seen.";
  const reasons = [...new Set(journey.sessions.map(whyNoTouch))].join("; ");
  return `None of ${count(journey.sessions.length, "session", "sessions")} in the 30 days before the conversion is a touch (${reasons.replaceAll("no touch: ", "")}).`;
}

// ---- the person as a graph ----------------------------------------------------------------------------------------

const COLUMNS = [
  ["devices", "devices", ["cookie", "device"]],
  ["accounts", "accounts", ["user", "customer"]],
  ["addresses", "addresses", ["e-mail", "phone"]],
];
const MARGIN = 26; // beside the columns, for links that bend around
const RECORDS = ["crm", "order", "offline_conversion", "observed_link"];

function drawGraph(journey) {
  const graph = people[journey.person];
  if (!graph.nodes.length) return show("graph", empty("No identifier of this person may be linked or was kept: the visit or conversion stands alone."));
  const width = Math.max(260, place("graph").clientWidth || 260);
  const box = { width: Math.min(92, (width - 2 * MARGIN - 80) / 3), height: 26, gap: 42, top: 26 };
  const used = new Set(journey.touches.map((touch) => touch.by));
  const columns = COLUMNS.map(([name, says, types]) => ({ name, says, nodes: graph.nodes.filter((node) => types.includes(node.type)) })).filter(({ nodes }) => nodes.length);
  const tallest = Math.max(...columns.map(({ nodes }) => nodes.length));
  const height = box.top + tallest * box.gap + 8;
  const at = new Map();
  columns.forEach(({ nodes }, column) => {
    const sorted = [...nodes].sort((a, b) => a.type === b.type ? 0 : a.type < b.type ? -1 : 1);
    sorted.forEach((node, row) => at.set(node, {
      column,
      x: columns.length === 1 ? width / 2 : box.width / 2 + MARGIN + column * (width - box.width - 2 * MARGIN) / (columns.length - 1),
      y: box.top + (tallest - nodes.length) * box.gap / 2 + (row + 0.5) * box.gap,
    }));
  });
  const links = graph.links.map((link) => {
    const [a, b] = link.ends.map((end) => graph.nodes[end]).sort((a, b) => at.get(a).column - at.get(b).column || at.get(a).y - at.get(b).y);
    return shape("path", { class: `link ${linkKind(link)}`, d: curve(at.get(a), at.get(b), box, columns.length) }, shape("title", {}, linkInWords(graph, link)));
  });
  const nodes = [...at].map(([node, { column, x, y }]) => shape("g", { class: `node ${columns[column].name}${used.has(node.label) ? " used" : ""}` },
    shape("title", {}, nodeInWords(node)),
    shape("rect", { x: x - box.width / 2, y: y - box.height / 2, width: box.width, height: box.height, rx: box.height / 2 }),
    shape("text", { x, y }, node.label)));
  show("graph",
    picture(width, height, `${count(graph.nodes.length, "identifier", "identifiers")} of person ${journey.person}, ${count(graph.links.length, "link", "links")} between them; all are listed below.`,
      columns.map(({ says, nodes: shown }) => columnHead(says, at.get(shown[0]), box, columns.length)), links, nodes),
    legend(graph), graphList(graph));
}

function columnHead(says, { column, x }, box, columns) {
  const anchor = column === 0 && columns > 1 ? "start" : column === columns - 1 && columns > 1 ? "end" : "middle";
  const shift = { start: -box.width / 2, middle: 0, end: box.width / 2 }[anchor];
  return shape("text", { x: x + shift, y: 14, "text-anchor": anchor }, says);
}

// Between columns a link leaves sideways; within one it bends around what stands between.
function curve(a, b, box, columns) {
  const half = box.width / 2;
  if (a.column !== b.column) {
    const bend = (b.x - a.x - box.width) / 2;
    return `M${a.x + half} ${a.y}C${a.x + half + bend} ${a.y} ${b.x - half - bend} ${b.y} ${b.x - half} ${b.y}`;
  }
  const side = a.column === columns - 1 && columns > 1 ? 1 : a.column === 0 ? -1 : 1;
  const bend = side * Math.min(12 + (b.y - a.y) / 12, MARGIN * 1.25); // a curve reaches three quarters of its bend
  return `M${a.x + side * half} ${a.y}C${a.x + side * half + bend} ${a.y} ${b.x + side * half + bend} ${b.y} ${b.x + side * half} ${b.y}`;
}

function linkKind({ sources }) {
  if (sources.includes("clickstream")) return "seen";
  return sources.some((source) => RECORDS.includes(source)) ? "record" : "derived";
}

function linkInWords(graph, link) {
  const [a, b] = link.ends.map((end) => graph.nodes[end].label);
  const when = !link.since ? "" : link.since === link.until ? `, ${link.since}` : `, ${link.since} to ${link.until}`;
  return `${a} – ${b}: ${link.sources.map(inWords).join(", ")}${when}`;
}

const nodeInWords = (node) =>
  `${node.label}${node.since ? `, seen ${node.since === node.until ? node.since : `${node.since} to ${node.until}`}` : ""}${node.shared ? "; shared by many: it joins nobody" : ""}`;

function legend(graph) {
  const line = (kind) => shape("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, shape("line", { class: `link ${kind}`, x1: 0, x2: 26, y1: 5, y2: 5 }));
  const says = { seen: "seen in the clickstream", record: "in a record", derived: "the same address or number" };
  const kinds = Object.keys(says).filter((kind) => graph.links.some((link) => linkKind(link) === kind));
  return element("div", {},
    element("ul", { class: "legend" }, kinds.map((kind) => element("li", {}, line(kind), says[kind]))),
    graph.loose_ends > 0 && element("p", { class: "soft" }, `${count(graph.loose_ends, "link leads", "links lead")} to an identifier that too many people share, or that is somebody else's: not followed.`));
}

function graphList(graph) {
  return element("details", { class: "behind" }, element("summary", {}, `${count(graph.nodes.length, "identifier", "identifiers")} and ${count(graph.links.length, "link", "links")} in words`),
    element("ul", { class: "sessions" }, graph.nodes.map((node) => element("li", {}, nodeInWords(node))), graph.links.map((link) => element("li", {}, linkInWords(graph, link)))));
}

// ---- features -----------------------------------------------------------------------------------------------------

function compare(comparison) {
  const [before, after] = comparison.sides;
  show("sides", element("span", { class: "key earlier" }), ` ${before} against `, element("span", { class: "key" }), ` ${after}. What differs most comes first: the percentage is the share of rows that would have to move to another bar.`);
  show("columns", [...comparison.columns].sort((a, b) => b.moved - a.moved).map((column) => element("figure", { "data-column": column.name },
    element("figcaption", { title: column.says.replaceAll("`", "") }, element("code", {}, column.name), element("span", { class: `tag${column.moved >= 0.2 ? " warn" : ""}` }, `${(column.moved * 100).toFixed(1)} %`)),
    column.width ? histogram(column) : wordBars(column),
    nulls(column))));
}

function nulls(column) {
  const parts = column.counts.map((counts, side) => counts.reduce((sum, one) => sum + one, 0) + column.nulls[side]);
  const share = (side) => (100 * column.nulls[side] / Math.max(1, parts[side])).toFixed(0);
  const medians = column.medians && column.medians.every((value) => value !== null) ? `median ${short(column.medians[0])} → ${short(column.medians[1])}` : "";
  const missing = column.nulls.some(Boolean) ? `${share(0)} → ${share(1)}\u00a0% without a value` : "";
  return element("p", {}, [medians, missing].filter(Boolean).join("; "));
}

function short(value) {
  if (value === null) return "–";
  return Math.abs(value) >= 1000 ? value.toLocaleString("en", { maximumFractionDigits: 0 }) : String(+value.toPrecision(3));
}

// Bars of both sides, each as shares of its own rows.
function shares(column) {
  return column.counts.map((counts, side) => {
    const all = counts.reduce((sum, one) => sum + one, 0) + column.nulls[side];
    return counts.map((one) => one / Math.max(1, all));
  });
}

function histogram(column) {
  const [width, height] = [240, 72];
  const sides = shares(column);
  const highest = Math.max(...sides.flat(), 1e-9);
  const slot = width / column.bins.length;
  const bars = column.bins.flatMap((bin, index) => sides.map((side, which) => {
    const tall = side[index] / highest * (height - 4);
    const share = `${(side[index] * 100).toFixed(1)} %`;
    const open = column.is_open && index === column.bins.length - 1;
    return shape("rect", { class: which ? "after" : "before", x: index * slot + slot * (which ? 0.5 : 0.08), y: height - tall, width: slot * 0.42, height: tall },
      shape("title", {}, `${short(bin)}${open ? " and more" : ` to ${short(bin + column.width)}`}: ${share}`));
  }));
  const svg = picture(width, height, `${column.name}: ${column.bins.length} bars from ${short(column.bins[0])}`, bars);
  svg.setAttribute("preserveAspectRatio", "none");
  const end = column.bins.at(-1) + (column.is_open ? 0 : column.width);
  return element("div", {}, svg, element("div", { class: "ends" }, element("span", {}, short(column.bins[0])), element("span", {}, column.is_open ? `${short(end)} and more` : short(end))));
}

function wordBars(column) {
  if (!column.bins.length) return empty("No value at all.");
  const sides = column.counts.length > 1 ? shares(column) : [column.counts[0].map((one) => one / column.counts[0].reduce((sum, each) => sum + each, 0))];
  const highest = Math.max(...sides.flat(), 1e-9);
  return element("div", { class: "words" }, column.bins.flatMap((bin, index) => [
    element("span", { class: "name" }, bin),
    element("span", { class: "bars" }, sides.map((side, which) => element("i", { class: sides.length > 1 && !which ? "earlier" : undefined, style: `width: ${(side[index] / highest * 100).toFixed(1)}%` }))),
    element("span", { class: "count" }, sides.length > 1 ? sides.map((side) => `${(side[index] * 100).toFixed(0)}`).join(" → ") + " %" : column.counts[0][index].toLocaleString("en")),
  ]));
}

function pressed(group, act) {
  for (const button of group.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      for (const each of group.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
      act(button.value);
    });
  }
}

// ---- start --------------------------------------------------------------------------------------------------------

if (journeys.length) {
  place("kind").addEventListener("change", (event) => {
    chosen.kind = event.target.value;
    goTo(listed().includes(chosen.journey) ? chosen.journey : listed()[0]);
    offer();
    place("journey").value = chosen.journey.id;
  });
  place("journey").addEventListener("change", (event) => goTo(journeys.find((journey) => journey.id === event.target.value)));
  place("previous").addEventListener("click", () => step(-1));
  place("next").addEventListener("click", () => step(1));
  pressed(place("policy"), (policy) => {
    chosen.policy = policy;
    show("touches", credits(chosen.journey));
  });
  addEventListener("hashchange", follow);
  follow();
  let drawnAt = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === drawnAt) return;
    drawnAt = innerWidth;
    drawTimeline(chosen.journey);
    drawGraph(chosen.journey);
  });
}

if (place("columns")) {
  compare(dashboard.data.comparisons[0]);
  pressed(place("comparison"), (number) => compare(dashboard.data.comparisons[number]));
  show("of_people", dashboard.data.of_people.map((column) => element("figure", { "data-column": column.name },
    element("figcaption", {}, element("code", {}, column.name)), wordBars({ ...column, counts: [column.counts] }))));
}

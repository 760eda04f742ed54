// What happened on the way, drawn: each session as high in the funnel as it got; below the picture every step in words.
"use strict";

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
const [SEEN, VISIT, CONVERSION] = [0, 1, LANES.length - 1];
const CONVERTS = { purchase: "purchase", generate_lead: "lead", sign_up: "sign_up" };
const HOUR = 3600e3;
const TICKS = [1 / 12, 1 / 4, 1, 3, 6, 24, 48, 96, 168, 336, 720, 1440].map((hours) => hours * HOUR);
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const laneOf = (event) => LANES.findIndex(([, events]) => events.includes(event));

function drawTimeline(journey) {
  const plot = plotOf(journey, Math.max(280, place("timeline").clientWidth));
  const label = `${count(journey.sessions.length, "session")} and ${touches(journey.touches.length)} over ${duration((plot.last - plot.first) / HOUR)};`
    + " every step is listed below.";
  show("timeline",
    picture(plot.width, plot.height, label,
      shades(journey, plot), lanes(plot), goal(journey, plot),
      journey.sessions.map((session) => stem(session, journey, plot)),
      journey.touches.filter((touch) => touch.interaction !== "click").map((touch) => sighting(touch, plot)),
      numbers(journey, plot), ticks(plot)),
    steps(journey), meanwhile(journey));
}

// Where everything stands: lanes from below, only those that are met; time from left to right.
function plotOf(journey, width) {
  const met = (event) => journey.sessions.some((session) => session.steps.some(([name]) => name === event));
  const isShown = (lane) => LANES[lane][1].some(met) || lane === VISIT
    || lane === SEEN && journey.touches.some((touch) => touch.interaction !== "click")
    || lane === CONVERSION && journey.status === "converted";
  const shown = LANES.map((_, lane) => lane).filter(isShown);
  const [left, right, top, lane] = [104, width - 16, 30, 30];
  const bottom = top + shown.length * lane;
  const moments = [journey.ended_at, ...[...journey.touches, ...journey.sessions].map((contact) => contact.at)].map(milliseconds);
  const first = Math.min(...moments);
  const last = Math.max(...moments, first + HOUR);
  return {
    width, left, right, top, bottom, shown, first, last, height: bottom + 44,
    x: (time) => left + 14 + (right - left - 28) * Math.min(1, Math.max(0, (time - first) / (last - first))),
    y: (which) => bottom - lane / 2 - Math.max(0, shown.indexOf(which)) * lane,
  };
}

function lanes({ shown, left, right, y }) {
  return shown.map((lane) => [
    shape("line", { class: "lane", x1: left, x2: right, y1: y(lane), y2: y(lane) }),
    shape("text", { x: left - 10, y: y(lane) + 4, "text-anchor": "end" }, LANES[lane][0]),
  ]);
}

// A session: a line up to the deepest step, a dot on each step it took, a cross where a payment failed.
function stem(session, journey, { x, y }) {
  const at = x(milliseconds(session.at));
  const events = [...new Set(session.steps.map(([event]) => event))].filter((event) => laneOf(event) >= VISIT);
  const touch = session.touch ? " touch" : "";
  const dot = (lane, isGoal) => shape("circle", { class: `step${isGoal ? " goal" : touch}`, cx: at, cy: y(lane), r: isGoal ? 6 : 4.5 });
  return shape("g", {},
    hint(`${minute(session.at)} ${session.channel}: ${session.steps.map(([event]) => inWords(event)).join(", ")}`),
    shape("line", { class: `stem${touch}`, x1: at, x2: at, y1: y(VISIT), y2: y(Math.max(VISIT, ...events.map(laneOf))) }),
    events.length === 0 && dot(VISIT, false),
    events.filter((event) => event !== "payment_failed").map((event) => dot(laneOf(event), CONVERTS[event] === journey.type)),
    events.includes("payment_failed") && shape("path", { class: "failed", d: `M${at - 5} ${y(laneOf("payment_failed")) - 5}l10 10m0 -10l-10 10` }));
}

function sighting(touch, { x, y }) {
  return shape("circle", { class: "step view", cx: x(milliseconds(touch.at)), cy: y(SEEN), r: 5 },
    hint(`${minute(touch.at)} ${inWords(touch.interaction)}, ${touch.channel}`));
}

function goal(journey, { x, y, top, bottom }) {
  if (journey.status !== "converted") return [];
  const at = x(milliseconds(journey.ended_at));
  return [
    shape("line", { class: "goal-line", x1: at, x2: at, y1: top - 4, y2: bottom }),
    shape("circle", { class: "step goal", cx: at, cy: y(CONVERSION), r: 6 }, hint(`${minute(journey.ended_at)} ${inWords(journey.type)}`)),
  ];
}

// Outages and promotions as shaded times, named where there is room; all of them are listed below.
function shades(journey, { x, top, bottom, width }) {
  const names = [];
  const areas = journey.situations.map((situation) => {
    const from = x(milliseconds(situation.since));
    const until = Math.max(from + 3, x(milliseconds(situation.until)));
    const name = situationInWords(situation);
    const room = name.length * 5.8;
    const start = from > width * 0.6 ? until - room : from;
    const isFree = names.every((other) => start > other.start + other.room + 6 || start + room < other.start - 6);
    if (isFree) names.push({ name, start, room, kind: situation.kind });
    return shape("rect", { class: situation.kind, x: from, y: top - 8, width: until - from, height: bottom - top + 8 },
      hint(`${name}, ${minute(situation.since)} to ${minute(situation.until)}`));
  });
  return [areas, names.map(({ name, start, kind }) => shape("text", { class: `name of_${kind}`, x: start, y: top - 13 }, name))];
}

function situationInWords({ kind, step }) {
  return kind === "outage" ? `outage: ${inWords(step)}` : inWords(kind).replace("promo", "promotion");
}

// Numbers of touches below the lanes; those that would run into each other are written as a range.
function numbers(journey, { x, bottom }) {
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

function ticks({ first, last, x, left, width, height }) {
  const every = TICKS.find((size) => (last - first) / size <= Math.max(2, (width - left) / 75)) ?? TICKS.at(-1);
  const dayOf = (date) => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  const start = new Date(first);
  const marks = [shape("text", { x: 0, y: height - 6 }, every < 24 * HOUR ? `${dayOf(start)} ${start.getUTCFullYear()}` : `${start.getUTCFullYear()}`)];
  for (let time = Math.ceil(first / every) * every; time <= last; time += every) {
    const date = new Date(time);
    const name = time % (24 * HOUR) ? date.toISOString().slice(11, 16) : dayOf(date);
    marks.push(shape("text", { x: x(time), y: height - 6, "text-anchor": "middle" }, name));
  }
  return marks;
}

// The same in words.
function steps(journey) {
  if (!journey.sessions.length) return soft("No session of this person is known in that time.");
  return folded(`Every step of ${count(journey.sessions.length, "session")}`, list(journey.sessions.map((session) => [
    bold(minute(session.at)), ` · ${session.channel} · ${session.by} · ${session.touch ? `touch ${session.touch}` : whyNoTouch(session)}`,
    element("div", { class: "way" }, session.steps.map(([event, after, times]) => element("span", { class: stepKind(event) },
      inWords(event), times > 1 && ` × ${times}`, " ", element("small", {}, clock(after))))),
  ]), "ol"), journey.sessions.length <= 2);
}

function stepKind(event) {
  if (event === "payment_failed") return "bad";
  return laneOf(event) === CONVERSION && "good";
}

function whyNoTouch(session) {
  if (!session.may_market) return "no touch: marketing was refused";
  if (session.visitor !== "PERSON") return `no touch: ${inWords(session.visitor)}`;
  return "a touch, but not of this journey";
}

const clock = (seconds) => `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function meanwhile(journey) {
  return journey.situations.length > 0 && folded("What the shop was going through meanwhile", list(journey.situations.map((situation) =>
    [bold(situationInWords(situation)), ` · ${minute(situation.since)} to ${minute(situation.until)}`])));
}

// The debug page: which journey is shown, and its story in words. Its other parts are in the files beside.
"use strict";

const chosen = { kind: "", journey: null, policy: "naive" };

const listed = () => journeys.filter((journey) => !chosen.kind || journey.kinds.includes(chosen.kind));
const withId = (id) => journeys.find((journey) => journey.id === id);

function title(journey) {
  const kind = inWords(journey.type) + (journey.status === "converted" ? "" : ` ${journey.status}`);
  const parts = [kind, journey.ended_at.slice(0, 10), touches(journey.touches.length), journey.revenue && amount(journey.revenue)];
  return parts.filter(Boolean).join(" · ");
}

function choose(journey) {
  chosen.journey = journey;
  if (!listed().includes(journey)) chosen.kind = "";
  place("kind").value = chosen.kind;
  show("journey", listed().map((each) => element("option", { value: each.id }, title(each))));
  place("journey").value = journey.id;
  press(place("policy"), chosen.policy);
  show("story", story(journey));
  show("touches", credits(journey, chosen.policy));
  show("strangers", strangers(journey));
  draw();
}

function draw() {
  drawTimeline(chosen.journey);
  drawGraph(chosen.journey);
}

// The address names the journey and, unless it is naive, the policy: "#journey=…&policy=context_aware".
function goTo(journey, policy = chosen.policy) {
  location.hash = new URLSearchParams({ journey: journey.id, ...(policy === "naive" ? {} : { policy }) });
}

function follow() {
  const address = new URLSearchParams(location.hash.slice(1));
  const asked = address.get("journey");
  const journey = withId(asked);
  place("unknown").hidden = !asked || Boolean(journey);
  place("unknown").textContent = `Journey ${asked} is not in this page: python -m tools.dashboards --journey ${asked} puts it there.`;
  chosen.policy = address.get("policy") === "context_aware" ? "context_aware" : "naive";
  choose(journey ?? chosen.journey ?? journeys[0]);
}

function step(by) {
  const all = listed();
  goTo(all[(all.indexOf(chosen.journey) + by + all.length) % all.length]);
}

function chooseKind(kind) {
  chosen.kind = kind;
  if (listed().includes(chosen.journey)) choose(chosen.journey);
  else goTo(listed()[0]);
}

// ---- the journey in words ----

function story(journey) {
  return [
    element("p", { class: "sentence" }, journey.status === "converted" ? converted(journey) : unconverted(journey)),
    soft(verdict(journey)),
    element("p", { class: "source" }, "journey_id ", element("code", {}, journey.id)),
  ];
}

function converted(journey) {
  const worth = journey.revenue === null ? ", of an amount without an exchange rate" : journey.revenue ? ` of ${money(journey.revenue)}` : "";
  const refund = journey.refund ? ` (${money(journey.refund)} of ${money(journey.gross)} were refunded)` : "";
  const where = journey.sales_channel ? ` (${journey.sales_channel})` : "";
  const before = journey.touches.length
    ? [" after ", bold(touches(journey.touches.length)), ` in ${duration(journey.touches[0].hours)}.`]
    : [", and ", bold("no touch"), " counts for it."];
  return [`Person ${journey.person}: `, bold(inWords(journey.type) + worth), `${refund}${where} on `, bold(minute(journey.ended_at)), ...before];
}

function unconverted(journey) {
  return [`Person ${journey.person}: `, bold(touches(journey.touches.length)), ` towards a ${inWords(journey.type)} since `,
    bold(minute(journey.started_at)), ", and ", bold(journey.status === "open" ? "still open" : "lost"), "."];
}

function verdict(journey) {
  if (journey.status !== "converted") return `There is no credit to share. ${ending(journey)}`;
  const shared = journey.touches.length
    ? "The touches share the credit; each model in its own way, and always exactly 1 in all."
    : "All of the credit is “unattributed”, in every model.";
  const before = journey.previous_at ? ` The same person converted before, on ${minute(journey.previous_at)}: only what came after that counts.` : "";
  return shared + before;
}

function ending(journey) {
  const isOpen = journey.status === "open";
  const end = isOpen ? "A conversion could still claim one of its touches." : "No conversion followed while one of its touches could have counted.";
  if (journey.blocked) {
    return `${end} Its last visit met a wall: ${inWords(journey.blocked)}. That it did not convert says nothing about the marketing:`
      + " naive counts it as a loss, context-aware does not.";
  }
  return `${end} ${isOpen ? "Naive counts it as a loss, context-aware does not yet." : "Both policies count it as a loss."}`;
}

// ---- start ----

if (journeys.length) {
  place("kind").addEventListener("change", (event) => chooseKind(event.target.value));
  place("journey").addEventListener("change", (event) => goTo(withId(event.target.value)));
  place("previous").addEventListener("click", () => step(-1));
  place("next").addEventListener("click", () => step(1));
  pressed(place("policy"), (policy) => goTo(chosen.journey, policy));
  addEventListener("hashchange", follow);
  follow();
  let drawnAt = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== drawnAt) draw();
    drawnAt = innerWidth;
  });
}

if (place("columns")) {
  const { comparisons, of_people: ofPeople } = dashboard.data;
  compare(comparisons[0]);
  pressed(place("comparison"), (number) => compare(comparisons[number]));
  show("of_people", ofPeople.map((column) => figure(column, null, wordBars({ ...column, counts: [column.counts], nulls: [0] }))));
}

// A person as a graph of identifiers without names. Places follow from order alone: the same graph is always the same picture.
"use strict";

const COLUMNS = { devices: ["cookie", "device"], accounts: ["user", "customer"], addresses: ["e-mail", "phone"] };
const RECORDS = ["crm", "order", "offline_conversion", "observed_link"];
const LINKS = { seen: "seen in the clickstream", record: "in a record", derived: "the same address or number" };
const [MARGIN, HEIGHT, GAP, TOP] = [26, 26, 42, 26]; // margin beside the columns, for links that bend around; sizes of boxes

function drawGraph(journey) {
  const graph = people[journey.person];
  if (!graph.nodes.length) return show("graph", empty("No identifier of this person was kept or may be linked: they stand alone."));
  const width = Math.max(260, place("graph").clientWidth);
  const box = Math.min(92, (width - 2 * MARGIN - 56) / 3);
  const { places, columns, tallest } = laidOut(graph, width, box);
  const used = new Set(journey.touches.map((touch) => touch.by));
  const size = `${count(graph.nodes.length, "identifier")} and ${count(graph.links.length, "link")}`;
  show("graph",
    picture(width, TOP + tallest * GAP + 8, `${size} of person ${journey.person}; all are listed below.`,
      columns.map(([name], column) => columnHead(name, column, columns.length, width, box)),
      graph.links.map((link) =>
        shape("path", { class: `link ${linkKind(link)}`, d: curve(link, places, box, columns.length) }, hint(linkInWords(graph, link)))),
      graph.nodes.map((node, index) => pill(node, places[index], box, used.has(node.label)))),
    legend(graph),
    graph.loose_ends > 0 && soft(`Not followed: ${count(graph.loose_ends, "link")} to what too many people share, or somebody else owns.`),
    folded(`${size} in words`, list([...graph.nodes.map(nodeInWords), ...graph.links.map((link) => linkInWords(graph, link))])));
}

// Columns of devices, accounts and addresses, each centred; within one by type, the oldest first.
function laidOut(graph, width, box) {
  const ofType = (type) => [...graph.nodes.keys()].filter((index) => graph.nodes[index].type === type);
  const columns = Object.entries(COLUMNS).map(([name, types]) => [name, types.flatMap(ofType)]).filter(([, nodes]) => nodes.length);
  const tallest = Math.max(...columns.map(([, nodes]) => nodes.length));
  const places = [];
  columns.forEach(([name, nodes], column) => nodes.forEach((index, row) => {
    const y = TOP + ((tallest - nodes.length) / 2 + row + 0.5) * GAP;
    places[index] = { name, column, x: columnAt(column, columns.length, width, box), y };
  }));
  return { places, columns, tallest };
}

function columnAt(column, columns, width, box) {
  return columns === 1 ? width / 2 : box / 2 + MARGIN + column * (width - box - 2 * MARGIN) / (columns - 1);
}

function columnHead(name, column, columns, width, box) {
  return shape("text", { x: columnAt(column, columns, width, box), y: 14, "text-anchor": "middle" }, name);
}

function pill(node, { name, x, y }, width, isUsed) {
  return shape("g", { class: `node ${name}${isUsed ? " used" : ""}` }, hint(nodeInWords(node)),
    shape("rect", { x: x - width / 2, y: y - HEIGHT / 2, width, height: HEIGHT, rx: HEIGHT / 2 }),
    shape("text", { x, y }, node.label));
}

// Between columns a link leaves sideways; within one it bends around what stands between. A curve reaches three quarters of its bend.
function curve({ ends }, places, box, columns) {
  const [a, b] = ends.map((end) => places[end]).sort((one, other) => one.column - other.column || one.y - other.y);
  if (a.column !== b.column) {
    const [from, to] = [a.x + box / 2, b.x - box / 2];
    const middle = (from + to) / 2;
    return `M${from} ${a.y}C${middle} ${a.y} ${middle} ${b.y} ${to} ${b.y}`;
  }
  const side = a.column === 0 && columns > 1 ? -1 : 1;
  const edge = a.x + side * box / 2;
  const bend = edge + side * Math.min(12 + (b.y - a.y) / 12, MARGIN * 1.25);
  return `M${edge} ${a.y}C${bend} ${a.y} ${bend} ${b.y} ${edge} ${b.y}`;
}

function linkKind({ sources }) {
  if (sources.includes("clickstream")) return "seen";
  return sources.some((source) => RECORDS.includes(source)) ? "record" : "derived";
}

function linkInWords(graph, link) {
  const [a, b] = link.ends.map((end) => graph.nodes[end].label);
  return `${a} – ${b}: ${link.sources.map(inWords).join(", ")}${period(link, ", ")}`;
}

function nodeInWords(node) {
  return `${node.label}${period(node, ", seen ")}${node.shared ? "; shared by many: it joins nobody" : ""}`;
}

function period({ since, until }, before) {
  if (!since) return "";
  return before + (since === until ? since : `${since} to ${until}`);
}

function legend(graph) {
  const kinds = Object.keys(LINKS).filter((kind) => graph.links.some((link) => linkKind(link) === kind));
  const sample = (kind) => shape("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, shape("path", { class: `link ${kind}`, d: "M0 5H26" }));
  return element("ul", { class: "legend" }, kinds.map((kind) => element("li", {}, sample(kind), LINKS[kind])));
}

// What the parts of the debug page share: elements, and words for what the store says in codes.
"use strict";

const { currency, journeys, models, people, weights } = dashboard.data;

const WORDS = {
  click: "visit", view: "advertisement seen", open: "e-mail opened",
  out_of_stock: "the product was sold out", outage: "the shop had an outage",
  page_view: "page", product_view: "product", add_to_cart: "cart", begin_checkout: "checkout", payment_attempt: "payment",
  payment_failed: "payment failed", form_start: "form begun", form_submit: "form sent", generate_lead: "lead", sign_up: "sign-up",
  clickstream: "in the clickstream", order: "on an order", crm: "in the CRM", offline_conversion: "on an offline conversion",
  observed_link: "as an observed link", same_address: "the same address", same_key_space: "the same number of user and customer",
  DECLARED_BOT: "a declared bot", SCRIPT: "a script", CRAWLER: "a crawler", RELOAD_STORM: "a reload storm", CLICK_FRAUD: "click fraud",
  naive: "naive", context_aware: "context-aware",
};
const inWords = (code) => WORDS[code] ?? String(code).replaceAll("_", " ");
const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
const touches = (number) => count(number, "touch", "touches");
const percent = (share, digits = 0) => `${(share * 100).toFixed(digits)}\u00a0%`;

// Times come as texts in UTC, and are shown as such.
const milliseconds = (text) => Date.parse(`${text}Z`);
const minute = (text) => text.slice(0, 16).replace("T", " ");

function duration(hours) {
  if (hours >= 48) return `${(hours / 24).toFixed(1)} days`;
  if (hours >= 1) return `${hours.toFixed(1)} hours`;
  return count(Math.round(hours * 60), "minute");
}

function amount(value) {
  return value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

const money = (value) => `${amount(value)} ${currency}`;

// Elements are made one by one: what comes from the store is never read as markup. A child that is nothing is left out.
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
  node.append(...children.flat(2).filter((child) => child || child === 0));
  return node;
}

const place = (id) => document.getElementById(id);
const show = (id, ...children) => place(id).replaceChildren(...children.flat().filter(Boolean));
const bold = (text) => element("b", {}, text);
const soft = (...text) => element("p", { class: "soft" }, ...text);
const says = (...text) => element("p", { class: "says" }, ...text);
const empty = (text) => element("p", { class: "empty" }, text);
const hint = (text) => shape("title", {}, text);
const list = (items, kind = "ul") => element(kind, { class: "entries" }, items.map((item) => element("li", {}, item)));

function folded(summary, content, isOpen = false) {
  return element("details", { class: "behind", open: isOpen && "" }, element("summary", {}, summary), content);
}

function definitions(pairs) {
  return element("dl", { class: "rules" }, pairs.flatMap(([term, meaning]) => [element("dt", {}, term), element("dd", {}, meaning)]));
}

// A drawing in pixels of the place it stands in.
function picture(width, height, label, ...children) {
  return shape("svg", { class: "drawn", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);
}

// Buttons of which one is pressed.
function pressed(group, act) {
  for (const button of group.children) {
    button.addEventListener("click", () => {
      press(group, button.value);
      act(button.value);
    });
  }
}

function press(group, value) {
  for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === value));
}

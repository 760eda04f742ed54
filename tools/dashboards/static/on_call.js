// The filter of the checks: by status and by name. It begins with what is worst.
"use strict";

const list = document.querySelectorAll("#check-list tbody tr");
const buttons = [...document.querySelectorAll("#statuses button")];
const search = document.getElementById("find");

function showChecks(status) {
  for (const button of buttons) button.setAttribute("aria-pressed", button.value === status);
  const text = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of list) {
    const fits = (!status || row.dataset.status === status) && row.textContent.toLowerCase().includes(text);
    row.hidden = !fits;
    shown += fits;
  }
  document.getElementById("check-list").hidden = !shown;
  document.getElementById("no-checks").hidden = Boolean(shown);
}

const chosen = () => buttons.find((button) => button.getAttribute("aria-pressed") === "true").value;
for (const button of buttons) button.addEventListener("click", () => showChecks(button.value));
search.addEventListener("input", () => showChecks(chosen()));

const worst = ["trip", "warn"].find((status) => [...list].some((row) => row.dataset.status === status));
showChecks(worst ?? "");

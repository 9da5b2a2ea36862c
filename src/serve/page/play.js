// While a slider moves: a provisional answer (few draws, one node), said to be one. Once it rests:
// the form is sent, and the settled answer stands in the address.
"use strict";
const form = document.getElementById("play");
const badge = document.getElementById("proof");
const told = document.getElementById("told");
let waiting = false, again = false;

const number = (field) => (field.value === "" ? undefined : Number(field.value));

function wish() {
  const asked = { campaign: form.dataset.run, rows: true, provisional: true, caps: {}, pins: {} };
  for (const field of form.querySelectorAll("input[name]")) {
    const value = number(field);
    if (value === undefined) continue;
    if (field.name.startsWith("cap-")) asked.caps[field.name.slice(4)] = value;
    else if (!field.name.startsWith("pin-")) asked[field.name] = value;
    else if (field.dataset.segment) asked.pins[field.dataset.segment] = value;
  }
  return JSON.stringify(asked);
}

async function solve() {
  if (waiting) { again = true; return; }
  waiting = true;
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/solve", { method: "POST", headers, body: wish() }).catch(() => null);
  if (answer) show(await answer.json());
  waiting = false;
  if (again) { again = false; solve(); }
}

function show(plan) {
  if (plan.error) { told.textContent = plan.error; return; }
  told.textContent = "";
  const write = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
  if (badge) badge.textContent = badge.dataset.provisional;
  document.getElementById("figure").textContent = write.format(plan.actions.mean);
  const most = Number(form.dataset.most);
  for (const row of plan.rows) {
    const line = form.querySelector(`[data-segment="${CSS.escape(row.segment)}"]`)?.closest("tr");
    if (!line) continue;
    line.querySelector("rect.now").setAttribute("width", Math.min(100, 100 * row.budget / most));
    line.querySelector("td.now").textContent = write.format(row.budget);
  }
}

for (const field of form.querySelectorAll(".lever input")) {
  const slide = document.createElement("input");
  Object.assign(slide, { type: "range", min: field.min, max: field.max, step: field.dataset.step });
  slide.value = field.value || field.dataset.own;
  slide.setAttribute("aria-labelledby", field.labels[0].id);
  slide.addEventListener("input", () => { field.value = slide.value; solve(); });
  slide.addEventListener("change", () => form.requestSubmit());
  field.addEventListener("input", () => { slide.value = field.value; });
  field.before(slide);
}

// Tables sort by the heads of their columns and show the rows that hold what is typed; without this
// script they stand in their own order.
"use strict";
const words = document.documentElement.lang;
const compare = new Intl.Collator(words, { numeric: true }).compare;

function value(row, column) {
  const cell = row.cells[column];
  const number = cell?.dataset.value;
  return number === undefined ? cell?.textContent.trim() ?? "" : Number(number);
}

function sort(table, column, head) {
  const down = head.getAttribute("aria-sort") === "descending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "ascending" : "descending");
  const sign = down ? 1 : -1;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => {
    const [x, y] = [value(a, column), value(b, column)];
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : compare(String(x), String(y)));
  });
  table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll("table.sorts")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.dataset.plain !== undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "head";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, column, head));
    head.append(button);
  });
  const line = document.createElement("p");
  const [label, field, left] = ["label", "input", "span"].map((name) => document.createElement(name));
  Object.assign(label, { htmlFor: `filter-${table.caption.id}`, textContent: table.dataset.filter });
  Object.assign(field, { id: label.htmlFor, type: "search", autocomplete: "off" });
  left.className = "hint";
  left.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const wanted = field.value.toLocaleLowerCase(words).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLocaleLowerCase(words);
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    left.textContent = wanted.length ? `${table.dataset.left} ${shown}` : "";
  });
  line.append(label, field, " ", left);
  table.closest(".scroll").before(line);
}

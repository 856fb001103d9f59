// Filters, sorting, folds that open for a link. Without it all is there to read.
(function () {
  "use strict";
  const source = document.currentScript?.src;
  const collator = new Intl.Collator("en", { numeric: true });
  const LONG = 10; // rows from which a table without filters can be sorted

  const make = (tag, textContent = "", more = {}) => Object.assign(document.createElement(tag), { textContent }, more);
  const all = (css, within = document) => [...within.querySelectorAll(css)];
  const rowsOf = (region) => all("tbody > tr:not(.rb-group)", region);
  const kept = (name) => new URLSearchParams(location.search).get(name) || "";

  // `data-tag="one|two"` of a row; the year is that of its first date where it is not said.
  function values(row, name) {
    const time = name === "year" && !row.dataset.year && row.querySelector("time");
    return time ? [time.dateTime.slice(0, 4)] : (row.dataset[name] || "").split("|").filter(Boolean);
  }

  function keep(name, value) {
    const url = new URL(location.href);
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
  }

  // The name of a field in the address; those of the second box of a page end with 2.
  function keyOf(box, name) {
    const number = all("[data-rb-filter]").indexOf(box);
    return number > 0 ? name + (number + 1) : name;
  }

  // A box for words, and a select for each name in `data-rb-by` that the rows do not all share. The rows are in the next
  // element; `data-rb-total` of the one after that counts those of further pages too.
  function filter(box) {
    const region = box.nextElementSibling;
    const rows = region ? rowsOf(region) : [];
    if (box.dataset.rbReady || !rows.length) return;
    box.dataset.rbReady = "yes";
    const noun = box.dataset.rbFilter.replaceAll("-", " ");
    const more = region.nextElementSibling;
    const total = Number(more?.dataset.rbTotal) || rows.length;
    const texts = rows.map((row) => row.textContent.toLowerCase());

    function field(name, input) {
      const label = make("label", name[0].toUpperCase() + name.slice(1));
      const key = keyOf(box, name);
      input.value = kept(key);
      input.autocomplete = "off";
      label.append(input);
      box.append(label);
      return { name, key, input };
    }

    const words = field("text", make("input", "", { type: "search" }));
    const picks = (box.dataset.rbBy || "").split(" ").flatMap((name) => {
      const found = [...new Set(rows.flatMap((row) => values(row, name)))].sort(collator.compare);
      if (rows.every((row) => found.every((v) => values(row, name).includes(v)))) return [];
      const select = make("select");
      select.append(new Option("all", ""), ...found.map((v) => new Option(v.replaceAll("-", " "), v)));
      const pick = field(name, select);
      if (select.selectedIndex < 0) select.value = "";
      return [pick];
    });
    const fields = [words, ...picks];
    const [said, reset] = [make("span", "", { role: "status" }), make("button", "Show all", { type: "button" })];
    const line = make("p");
    line.append(said, " ", reset);
    box.append(line);

    function show() {
      const wanted = words.input.value.toLowerCase().split(/\s+/);
      rows.forEach((row, i) => {
        row.hidden = !wanted.every((word) => texts[i].includes(word)) ||
          picks.some(({ name, input }) => input.value && !values(row, name).includes(input.value));
      });
      for (const head of all("tr.rb-group", region)) {
        let row = head.nextElementSibling;
        while (row && row.hidden && !row.matches(".rb-group")) row = row.nextElementSibling;
        head.hidden = !row || row.matches(".rb-group");
      }
      const shown = rows.filter((row) => !row.hidden).length;
      reset.hidden = !fields.some(({ input }) => input.value);
      said.textContent = (reset.hidden ? "" : shown + " of ") + rows.length + " " + noun +
        (total > rows.length ? " on this page, " + total + " in all" : "");
    }

    function changed() {
      for (const { key, input } of fields) keep(key, input.value.trim());
      show();
    }

    box.addEventListener("input", changed);
    reset.addEventListener("click", () => {
      for (const { input } of fields) input.value = "";
      changed();
      words.input.focus(); // since the button goes away
    });
    show();
    box.hidden = false;
  }

  // What a cell is sorted by: `data-sort`, its date, or its text, which may be a number.
  function sortable(cell) {
    const text = cell?.dataset.sort || cell?.querySelector("time")?.dateTime || cell?.textContent.replace("¶", "").trim() || "";
    const number = /^[+−-]?[\d,]*\.?\d+(?=$|[\s%])/.exec(text);
    if (number) return Number(number[0].replace("−", "-").replaceAll(",", ""));
    return /^[–—]?$/.test(text) ? null : text;
  }

  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));

  // A click on a head sorts by it, numbers and dates from the top, a second one the other way; a third one restores the
  // groups. Phones have a select.
  function order(table) {
    const heads = all("thead th", table);
    const names = heads.map((head) => head.textContent.trim().toLowerCase().replace(/\s+/g, "-"));
    const box = (table.closest(".rb-scroll") || table).previousElementSibling;
    const key = box?.matches("[data-rb-filter]") ? keyOf(box, "sort") : "";
    const rows = rowsOf(table);
    if (table.dataset.rbReady || rows.length < (key ? 2 : LONG)) return;
    if (table.querySelector("[rowspan], tr:not(.rb-group) > [colspan]")) return;
    table.dataset.rbReady = "yes";
    const before = [...table.tBodies].map((body) => [body, [...body.rows]]);
    const pick = make("select");
    pick.append(new Option("as listed", ""));

    // Sorts by a name, from the top with a "-" before it.
    function sort(by) {
      const [i, way] = [names.indexOf(by.replace(/^-/, "")), by[0] === "-" ? -1 : 1];
      pick.value = by;
      if (key) keep(key, by);
      for (const head of heads) head.removeAttribute("aria-sort");
      if (!by) return before.forEach(([body, lines]) => body.replaceChildren(...lines));
      heads[i].setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      const cells = new Map(rows.map((row) => [row, sortable(row.cells[i])]));
      const sorted = [...rows].sort((one, other) => {
        const [a, b] = [cells.get(one), cells.get(other)];
        return a === null || b === null ? (a === null) - (b === null) : way * compare(a, b); // what is empty comes last
      });
      before.forEach(([body], n) => body.replaceChildren(...(n ? [] : sorted)));
    }

    heads.forEach((head, i) => {
      if (!names[i] || head.querySelector("a, button")) return;
      const ways = ["", names[i], "-" + names[i]];
      if (rows.some((row) => /^\d/.test(sortable(row.cells[i])))) ways.push(ways.splice(1, 1)[0]);
      for (const way of ways) if (way) pick.append(new Option(head.textContent + (way[0] === "-" ? " ↓" : " ↑"), way));
      const button = make("button", "", { type: "button", className: "rb-sort" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(ways[(Math.max(ways.indexOf(pick.value), 0) + 1) % 3]));
    });
    if (!key) return;
    const label = make("label", "Sort by", { className: "rb-by" });
    label.append(pick);
    box.lastChild.before(label);
    pick.onchange = () => sort(pick.value);
    if (names.includes(kept(key).replace(/^-/, ""))) sort(kept(key));
  }

  // A link may point into a fold, or at the entry or the heading whose fold tells more.
  function unfold() {
    let target;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch { /* a hash that is no encoded text names nothing */ }
    if (!target?.closest("article, main, [role=main]")) return;
    const folds = all(":scope > details, :scope > * > details", target);
    const next = target.nextElementSibling;
    if (next?.matches("h2 + .rb-fold:not(.rb-check), h3 + .rb-fold")) folds.push(next);
    for (let up = target; up; up = up.parentElement) if (up.matches("details")) folds.push(up);
    if (folds.every((fold) => fold.open)) return;
    for (const fold of folds) fold.open = true;
    target.scrollIntoView();
  }

  function start() {
    all("[data-rb-filter]").forEach(filter);
    all("table.rb-table").forEach(order);
    // Material's search is a dialog without a name; its input has one, in the language of the site.
    const search = document.querySelector(".md-search[role=dialog]:not([aria-label])");
    const input = search?.querySelector("input[aria-label]");
    if (input) {
      search.setAttribute("aria-label", input.getAttribute("aria-label"));
      // What `/go/` knows is offered there, too.
      const load = () => window.roundbookGo || document.head.append(make("script", "", { src: new URL("go.js", source) }));
      input.addEventListener("focus", load, { once: true });
    }
    unfold();
  }

  addEventListener("hashchange", unfold);
  if (window.document$) window.document$.subscribe(start); // Material, with instant navigation too
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

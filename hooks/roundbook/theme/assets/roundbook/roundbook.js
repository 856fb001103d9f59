// Comfort for pages of rounds: filters, folds that open for a link. Without it everything is there to read.
(function () {
  "use strict";

  function values(row, name) {
    return (row.dataset[name] || "").split("|").filter(Boolean);
  }

  function make(tag, text, attributes) {
    return Object.assign(document.createElement(tag), { textContent: text }, attributes);
  }

  // A select for each word of `data-rb-by` that the rows do not all share; the choice stands in the address.
  function filter(box, number) {
    const region = box.nextElementSibling;
    const rows = region ? [...region.querySelectorAll("tbody tr")] : [];
    const picks = (box.dataset.rbBy || "").split(" ").map((name) => {
      const found = [...new Set(rows.flatMap((row) => values(row, name)))].sort();
      const key = number ? name + (number + 1) : name;
      return { name, key, found, mixed: rows.some((row) => found.some((v) => !values(row, name).includes(v))) };
    }).filter((pick) => pick.mixed);
    if (box.dataset.rbReady || !picks.length) return;
    box.dataset.rbReady = "yes";

    const said = make("p", "", { role: "status" });
    const all = make("button", "Show all", { type: "button" });
    for (const pick of picks) {
      const label = make("label", pick.name[0].toUpperCase() + pick.name.slice(1));
      pick.select = make("select", "", { autocomplete: "off" });
      pick.select.append(new Option("all", ""), ...pick.found.map((v) => new Option(v.replaceAll("-", " "), v)));
      pick.select.value = new URLSearchParams(location.search).get(pick.key) || "";
      if (pick.select.selectedIndex < 0) pick.select.value = "";
      pick.select.addEventListener("change", () => { show(); keep(); });
      label.append(pick.select);
      box.append(label);
    }
    all.addEventListener("click", () => {
      for (const pick of picks) pick.select.value = "";
      show();
      keep();
      picks[0].select.focus(); // the button goes away, so the focus must not go with it
    });
    box.append(all, said);

    function show() {
      let shown = 0;
      for (const row of rows) {
        row.hidden = picks.some((p) => p.select.value && !values(row, p.name).includes(p.select.value));
        shown += row.hidden ? 0 : 1;
      }
      all.hidden = shown === rows.length;
      said.textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
    }

    function keep() {
      const url = new URL(location.href);
      for (const { key, select } of picks) {
        if (select.value) url.searchParams.set(key, select.value);
        else url.searchParams.delete(key);
      }
      history.replaceState(history.state, "", url);
    }

    show();
    box.hidden = false;
  }

  // A link may point into a fold, or at the entry whose fold tells more.
  function unfold() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch { /* a hash that is no encoded text names nothing */ }
    if (!target || !target.closest("article, main, [role=main]")) return;
    const folds = [...target.querySelectorAll(":scope > .rb-fold")];
    for (let up = target; up; up = up.parentElement) if (up.matches("details.rb-fold")) folds.push(up);
    if (folds.every((fold) => fold.open)) return;
    for (const fold of folds) fold.open = true;
    target.scrollIntoView();
  }

  function start() {
    document.querySelectorAll("[data-rb-filter]").forEach(filter);
    // Material's search is a dialog without a name; its input has one, in the language of the site.
    const search = document.querySelector(".md-search[role=dialog]:not([aria-label])");
    const input = search && search.querySelector("input[aria-label]");
    if (input) search.setAttribute("aria-label", input.getAttribute("aria-label"));
    unfold();
  }

  window.addEventListener("hashchange", unfold);
  if (window.document$) window.document$.subscribe(start); // Material, with instant navigation too
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

// Leads from a name (3/4, wasm-target, v1.2.0, #27, abc1234, a data file) to its page. The index is in small scripts, since a
// page that is opened as a file may not fetch.
(function () {
  "use strict";
  const root = new URL("../../", document.currentScript.src);
  const waiting = new Map();

  // Material would search for `?q=`; here it is a name to follow.
  const asked = new URLSearchParams(location.search).get("q");
  if (asked !== null && document.querySelector("[data-rb-go]")) {
    try {
      history.replaceState(null, "", location.pathname + "#" + encodeURIComponent(asked));
    } catch { /* a file keeps its query */ }
  }

  function load(name) {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((done) => {
        const script = document.createElement("script");
        script.src = new URL("go/" + name + ".js", root);
        script.onerror = () => done(null);
        script.rbDone = done;
        script.dataset.rbPart = name;
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  }

  window.roundbookGo = function (name, content) {
    const script = document.querySelector('script[data-rb-part="' + name + '"]');
    if (script) script.rbDone(new Map(Object.entries(content)));
  };

  function spread(name) {
    let found = 0;
    for (const char of name) found = (found * 31 + char.codePointAt(0)) % 65521;
    return found;
  }

  async function named(name) {
    const sizes = await load("sizes");
    const part = sizes && await load("n" + (spread(name) % sizes.get("files")));
    return (part?.get(name) || []).map(([kind, title, about, to]) => ({ kind, title, about, to }));
  }

  async function commits(text) {
    const sizes = await load("sizes");
    if (!sizes || !/^[0-9a-f]{7,64}$/.test(text)) return [];
    const part = await load("c" + text.slice(0, sizes.get("digits")));
    return [...part || []].flatMap(([form, months]) => Object.entries(months).flatMap(([month, ids]) =>
      ids.split(" ").filter((id) => id.startsWith(text.slice(0, 12))).map((id) =>
        ({ kind: "commit", title: id, to: form.replace("0000-00", month) + "#c-" + id }))));
  }

  async function find(text) {
    const low = text.toLowerCase().replace(/^\.\//, "").replace(/^!(?=\d)/, "#");
    let found = await named(low);
    if (!found.length && /^\d+$/.test(low)) found = await named("#" + low);
    if (!found.length) found = await commits(low);
    const at = text.indexOf("#");
    if (found.length || at < 1) return found;
    const rounds = (await named(low.slice(0, at))).filter((one) => one.kind === "round");
    return rounds.map((one) => ({ ...one, to: one.to + "#" + encodeURIComponent(text.slice(at + 1)) }));
  }

  function item(one) {
    const li = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { textContent: one.title, href: address(one) });
    const textContent = [" " + one.kind, one.about].filter(Boolean).join(", ");
    const note = Object.assign(document.createElement("span"), { className: "rb-note", textContent });
    li.append(link, note);
    return li;
  }

  function address(one) {
    const to = new URL(one.to, new URL("go/", root));
    if (to.protocol === "file:" && to.pathname.endsWith("/")) to.pathname += "index.html"; // no server does that there
    return to.href;
  }

  function offer(said, text) {
    if (!document.querySelector(".md-search")) return;
    const to = new URL(address({ to: "../" }));
    to.searchParams.set("q", text);
    said.append(" ", Object.assign(document.createElement("a"), { textContent: "Search the site for it", href: to.href }));
  }

  async function follow(box, text) {
    const [said, list] = [box.querySelector("[role=status]"), box.querySelector("ul")];
    box.querySelector("input").value = text;
    list.replaceChildren();
    said.textContent = "";
    if (!text) return;
    const found = await find(text);
    if (box.querySelector("input").value !== text) return; // asked for another
    if (found.length === 1) {
      location.replace(address(found[0]));
    } else if (found.length) {
      said.textContent = "“" + text + "” may be one of " + found.length + ":";
      list.append(...found.map(item));
    } else {
      said.textContent = "Nothing here is called “" + text + "”.";
      offer(said, text);
    }
  }

  function wanted() {
    const query = new URLSearchParams(location.search).get("q");
    let text = location.hash ? location.hash.slice(1) : query || "";
    if (location.hash) {
      try {
        text = decodeURIComponent(text);
      } catch { /* no encoded text */ }
    }
    return text.trim().slice(0, 300);
  }

  // In Material's search, what a name leads to stands first; at Enter, Material follows the highest score.
  function suggest(search) {
    const input = search.querySelector("input");
    const list = Object.assign(document.createElement("div"), { className: "rb-goto", hidden: true });
    async function show() {
      const text = input.value.trim();
      const found = /^\S*[\d-]\S*$/.test(text) ? await find(text) : [];
      if (input.value.trim() !== text) return; // more was typed
      list.replaceChildren(...found.slice(0, 5).map(suggestion));
      list.hidden = !found.length;
    }
    search.querySelector(".md-search-result").prepend(list);
    input.addEventListener("input", show);
    show();
  }

  function suggestion(one, i) {
    const article = Object.assign(document.createElement("article"), { className: "md-search-result__article" });
    article.dataset.mdScore = 1e9 - i;
    const entry = item(one);
    article.append("Go to ", ...entry.childNodes);
    const link = article.querySelector("a");
    const whole = Object.assign(link.cloneNode(), { className: "md-search-result__link", tabIndex: -1 });
    link.replaceWith(...link.childNodes);
    whole.append(article);
    return whole;
  }

  const search = document.querySelector(".md-search:not([data-rb-ready])");
  if (search) {
    search.dataset.rbReady = "yes";
    suggest(search);
  }

  const box = document.querySelector("[data-rb-go]");
  if (!box) return;
  box.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.querySelector("input").value.trim();
    if (text === wanted()) follow(box, text);
    else location.hash = encodeURIComponent(text);
  });
  addEventListener("hashchange", () => follow(box, wanted()));
  box.hidden = false;
  follow(box, wanted());
})();

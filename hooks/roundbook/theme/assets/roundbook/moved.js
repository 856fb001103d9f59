// Leads from an address of before to the one of now, with the query and the hash, which a refresh would lose.
(function () {
  "use strict";
  const link = document.querySelector("a[data-rb-to]");
  if (!link) return;
  const to = new URL(link.href);
  to.search = location.search;
  if (location.hash) to.hash = location.hash;
  if (to.protocol === "file:" && to.pathname.endsWith("/")) to.pathname += "index.html"; // no server does that there
  location.replace(to);
})();

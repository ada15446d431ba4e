// Adds search, sorting and copying to outputs that are complete without it. Text goes in and out
// as text only: nothing that a database says becomes markup.
"use strict";
(() => {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const keyOf = (row, at) => row.cells[at].dataset.sort ?? row.cells[at].textContent.trim();
  const isNumber = (text) => text !== "" && !Number.isNaN(Number(text));

  function compare(one, other) {
    if (isNumber(one) && isNumber(other)) return Number(one) - Number(other);
    return one.localeCompare(other);
  }

  function sort(table, heads, at) {
    const down = heads[at].getAttribute("aria-sort") === "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[at].setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(keyOf(a, at), keyOf(b, at)) * (down ? -1 : 1));
    table.tBodies[0].append(...rows);
  }

  function addSearch(table) {
    const rows = [...table.tBodies[0].rows];
    const bar = make("div", { className: "search" });
    const input = make("input", { type: "search", placeholder: "Search these rows" });
    const count = make("span", { className: "note", textContent: `${rows.length} rows` });
    input.setAttribute("aria-label", "Search these rows");
    // JupyterLab's shortcuts are not for somebody who types here.
    bar.setAttribute("data-lm-suppress-shortcuts", "true");
    input.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      const texts = (row) => row.textContent.toLowerCase();
      for (const row of rows) row.hidden = !words.every((word) => texts(row).includes(word));
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    });
    bar.append(input, count);
    table.closest(".scroll").before(bar);
  }

  function setUpTable(table) {
    table.dataset.ready = "true";
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => head.addEventListener("click", () => sort(table, heads, at)));
    if (table.tBodies[0].rows.length >= 5) addSearch(table);
  }

  function setUpCopy(block) {
    block.dataset.ready = "true";
    const button = make("button", { type: "button", textContent: "Copy" });
    button.onclick = async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent);
      button.textContent = "Copied";
    };
    block.append(button);
  }

  function setUp() {
    const within = (what) => `:is(.driftbook, .jp-OutputArea) ${what}:not([data-ready])`;
    document.querySelectorAll(within("table.grid")).forEach(setUpTable);
    document.querySelectorAll(within(".sql")).forEach(setUpCopy);
  }

  setUp();
  // Outputs that come later, or come back into sight, are set up as well: one watcher is enough.
  if (!window.driftbookWatches) {
    window.driftbookWatches = true;
    new MutationObserver(setUp).observe(document.body, { childList: true, subtree: true });
  }
})();

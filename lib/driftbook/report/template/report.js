// Adds comfort to a report that is complete without it: every table, finding and link works unscripted.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

function announce(text) {
  byId("announce").textContent = text;
}

// ---------------------------------------------------------------- tools

function currentTheme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function switchTheme() {
  const theme = currentTheme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("driftbook-theme", theme);
  } catch {
    // Not remembered; the page still switches.
  }
}

function switchCode() {
  const show = byId("code").getAttribute("aria-pressed") !== "true";
  byId("code").setAttribute("aria-pressed", show);
  all("details.code").forEach((details) => (details.open = show));
}

function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard needs a secure context; a file opened from disk has none.
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  announce("Copied");
  setTimeout(() => (button.textContent = label), 1500);
}

function setUpTools() {
  all(".needs-script").forEach((element) => (element.hidden = false));
  const result = byId("result");
  const actions = {
    theme: switchTheme,
    code: switchCode,
    print: () => print(),
    download: () => save("result.json", "application/json", result.textContent),
  };
  for (const [id, action] of Object.entries(actions)) if (byId(id)) byId(id).onclick = action;
  addEventListener("beforeprint", () => all("details.finding").forEach((d) => (d.open = true)));
  for (const block of all(".sql")) {
    const button = make("button", { type: "button", textContent: "Copy" });
    button.onclick = () => copy(block.querySelector("pre").textContent, button);
    block.append(button);
  }
}

// ---------------------------------------------------------------- contents

function setUpContents() {
  const links = new Map(all("#contents a").map((a) => [a.getAttribute("href").slice(1), a]));
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const link = links.get(encodeURI(target.id)) || links.get(target.id);
        if (!isIntersecting || !link) continue;
        all("#contents a[aria-current]").forEach((a) => a.removeAttribute("aria-current"));
        link.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "0px 0px -80% 0px" },
  );
  all("main h2[id], main h3[id]").forEach((heading) => observer.observe(heading));
}

// ---------------------------------------------------------------- tables

function csvCell(text) {
  // A spreadsheet runs a cell that starts like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

const WORTH_FILTERING = 5; // rows
const PORTION = 50; // rows that are added at a time to a long table
const SEVERITIES = ["critical", "high", "medium", "low", "info"];

// A row: the texts of its cells, what they sort by, and its element, made when first shown.
class Row {
  constructor(texts, keys, element) {
    Object.assign(this, { texts, keys, made: element });
    this.words = texts.join(" ").toLowerCase();
  }

  static read(element) {
    const cells = [...element.cells];
    const texts = cells.map((cell) => cell.textContent.trim());
    return new Row(texts, cells.map((cell, at) => cell.dataset.sort ?? texts[at]), element);
  }

  static parse(line, names, model) {
    const texts = line.split("\t");
    const keys = texts.map((text, at) => {
      if (names[at] === "severity") return String(SEVERITIES.indexOf(text));
      return model.cells[at].className === "number" ? text.replaceAll(",", "") : text;
    });
    return Object.assign(new Row(texts, keys), { names, model });
  }

  get element() {
    this.made ??= this.make();
    return this.made;
  }

  make() {
    const row = make("tr");
    this.texts.forEach((text, at) => {
      const cell = row.insertCell();
      cell.className = this.model.cells[at].className;
      const severity = this.names[at] === "severity" && SEVERITIES.includes(text);
      if (severity) cell.append(make("span", { className: `severity s-${text}`, textContent: text }));
      else if (this.model.cells[at].querySelector("code")) cell.append(make("code", { textContent: text }));
      else cell.textContent = text;
    });
    return row;
  }
}

class Grid {
  constructor(table) {
    this.table = table;
    this.frame = table.closest(".scroll");
    this.heads = all("thead th", table);
    this.names = this.heads.map((head) => head.textContent);
    this.rows = all("tbody tr", table).map(Row.read);
    this.limit = this.rows.length;
    this.readRest();
    this.search = make("input", { type: "search", placeholder: "Filter rows" });
    this.search.setAttribute("aria-label", "Filter rows");
    this.count = make("output");
    this.selects = new Map();
    this.heads.forEach((head, column) => this.setUpHead(head, column));
    this.more = make("button", { type: "button", className: "more", textContent: "Show more rows" });
    this.more.onclick = () => this.show((this.limit += PORTION));
    this.frame.after(this.more);
    if (this.rows.length >= WORTH_FILTERING) this.addBar();
    this.filter();
  }

  // Rows beyond the first ones lie below the table as text, one line each.
  readRest() {
    const rest = this.frame.nextElementSibling;
    if (!rest?.matches("details.rest")) return;
    const model = this.rows[0].element;
    for (const line of rest.querySelector("pre").textContent.split("\n")) {
      this.rows.push(Row.parse(line, this.names, model));
    }
    rest.remove();
  }

  setUpHead(head, column) {
    const button = make("button", { type: "button", textContent: this.names[column] });
    button.onclick = () => this.sort(column);
    head.replaceChildren(button);
    if ("filter" in head.dataset) this.selects.set(column, this.makeSelect(column));
  }

  makeSelect(column) {
    const select = make("select", { onchange: () => this.filter() });
    select.setAttribute("aria-label", this.names[column]);
    select.add(new Option(`any ${this.names[column]}`, ""));
    const keys = new Map(this.rows.map((row) => [row.texts[column], row.keys[column]]));
    const texts = [...keys.keys()].sort((a, b) => keys.get(a).localeCompare(keys.get(b)));
    texts.forEach((text) => select.add(new Option(text, text)));
    return select;
  }

  addBar() {
    const csv = make("button", { type: "button", textContent: "Copy CSV" });
    csv.onclick = () => copy(this.csv(), csv);
    this.search.oninput = () => this.filter();
    const bar = make("div", { className: "filter" });
    bar.append(this.search, ...this.selects.values(), this.count, csv);
    this.frame.before(bar);
  }

  filter() {
    const words = this.search.value.toLowerCase();
    const chosen = [...this.selects].filter(([, select]) => select.value);
    this.matches = this.rows.filter(
      (row) =>
        row.words.includes(words) &&
        chosen.every(([column, select]) => row.texts[column] === select.value),
    );
    this.show();
    this.count.textContent = `${this.matches.length} of ${this.rows.length} rows`;
    if (this.onfilter) this.onfilter();
  }

  show() {
    this.table.tBodies[0].replaceChildren(
      ...this.matches.slice(0, this.limit).map((row) => row.element),
    );
    this.more.hidden = this.matches.length <= this.limit;
  }

  sort(column) {
    const head = this.heads[column];
    const up = head.getAttribute("aria-sort") !== "ascending";
    this.heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const { compare } = new Intl.Collator(undefined, { numeric: true });
    const order = (a, b) => compare(a.keys[column], b.keys[column]);
    this.rows.sort((a, b) => (up ? order(a, b) : order(b, a)));
    this.filter();
  }

  csv() {
    return [this.names, ...this.matches.map((row) => row.texts)]
      .map((line) => line.map(csvCell).join(","))
      .join("\r\n");
  }

  // The filter as words in the address, and back.
  get state() {
    const state = new URLSearchParams();
    for (const [column, select] of this.selects) {
      if (select.value) state.set(this.names[column], select.value);
    }
    if (this.search.value) state.set("text", this.search.value);
    return state.toString();
  }

  set state(text) {
    const state = new URLSearchParams(text);
    this.search.value = state.get("text") || "";
    for (const [column, select] of this.selects) {
      select.value = state.get(this.names[column]) || "";
    }
    this.filter();
  }
}

// ---------------------------------------------------------------- ages

const MINUTE = 60; // seconds
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function describeAge(seconds) {
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

// The index is made without a clock; only its reader knows how long ago an audit was.
function setUpAges() {
  const now = Date.now();
  for (const time of all("time[data-every]")) {
    const age = Math.floor((now - Date.parse(time.dateTime)) / 1000);
    if (!(age >= 0)) continue; // no date, or a clock that is behind
    const every = Number(time.dataset.every);
    const stale = every > 0 && age > 2 * every;
    const cell = time.closest("td");
    time.textContent = describeAge(age) + (stale ? ", stale" : "");
    cell.dataset.sort = age;
    cell.classList.toggle("stale", stale);
  }
  byId("as-of")?.remove();
}

// ---------------------------------------------------------------- addresses

const FILTER = "#filter:";

// The address as text; one that is no valid encoding was not made by this page.
function readHash() {
  try {
    return decodeURIComponent(location.hash);
  } catch {
    return "";
  }
}

function setUpTables() {
  const grids = all("table.grid").map((table) => new Grid(table));
  const findings = grids.find((grid) => grid.names.includes("severity") && grid.names.includes("id"));
  const main = findings ?? grids.find((grid) => grid.names.includes("verdict"));
  if (!main) return;
  const apply = () => {
    if (!location.hash.startsWith(FILTER)) return;
    // Not decoded as a whole: an "&" inside a value would end it.
    main.state = location.hash.slice(FILTER.length);
    main.frame.scrollIntoView({ block: "center" });
  };
  apply();
  addEventListener("hashchange", apply);
  main.onfilter = () => {
    const { state } = main;
    history.replaceState(null, "", state ? FILTER + state : location.pathname + location.search);
  };
  for (const chip of all("a[data-severity]")) {
    chip.addEventListener("click", (event) => {
      event.preventDefault();
      main.state = `severity=${chip.dataset.severity}`;
      main.frame.scrollIntoView({ block: "center" });
    });
  }
}

function openTarget() {
  const target = byId(readHash().slice(1));
  if (!target) return;
  for (let parent = target; parent; parent = parent.parentElement) {
    if (parent instanceof HTMLDetailsElement) parent.open = true;
  }
  target.scrollIntoView();
}

setUpTools();
setUpContents();
setUpAges();
setUpTables();
addEventListener("hashchange", openTarget);
openTarget();

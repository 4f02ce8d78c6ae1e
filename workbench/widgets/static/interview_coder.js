// The interview coder.  Positions are UTF-16 units in here and code points in every message; see positionsOf.
// Study text reaches the page as text nodes only, and is in no trait: everything travels in messages.

// ---------------------------------------------------------------- positions, rows, units: pure, also read by node --test

/** Browser offset (UTF-16 units) to study offset (code points). */
export const toCodePoints = (text, units) => positionsOf(text).toPoints(units);

/** Study offset (code points) to browser offset (UTF-16 units). */
export const toUnits = (text, points) => positionsOf(text).toUnits(points);

/** Both conversions for one text, each in the time of a binary search: only characters outside the basic plane count twice. */
export function positionsOf(text) {
  const pairs = Array.from(text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g), (m) => m.index);
  if (!pairs.length) return { toPoints: (units) => units, toUnits: (points) => points };
  return {
    toPoints: (units) => units - countWhile(pairs.length, (k) => pairs[k] + 1 < units),
    toUnits: (points) => points + countWhile(pairs.length, (k) => pairs[k] - k < points),
  };
}

/** How many of 0..n-1 satisfy a test that holds up to somewhere and not after. */
function countWhile(n, test) {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is shown as one row each: the utterances, and any lines of text that belong to none. */
export function rowsOf(text, utterances) {
  const rows = [];
  let at = 0;
  const lines = (until) => {
    for (const m of text.slice(at, until).matchAll(/[^\n]*\S[^\n]*/g)) {
      rows.push({ start: at + m.index, end: at + m.index + m[0].length, speaker: "", ms: null, theirs: !utterances.length });
    }
  };
  for (const [start, end, speaker, ms, theirs] of utterances) {
    if (start < at || end <= start) continue;
    lines(start);
    rows.push({ start, end, speaker, ms, theirs: !!theirs });
    at = end;
  }
  lines(text.length);
  return rows;
}

/** Index of the row that holds a position, or of the last one that began before it. */
export const rowAt = (rows, position) => Math.max(0, countWhile(rows.length, (k) => rows[k].start <= position) - 1);

/** A passage without the white space around it; null when nothing is left. */
export function trimmed(text, start, end) {
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  return start < end ? { start, end } : null;
}

const segmenters = new Map();
function segmenter(granularity, language) {
  const key = granularity + language;
  if (!segmenters.has(key)) {
    let made;
    try {
      made = new Intl.Segmenter(language || undefined, { granularity });
    } catch {
      made = new Intl.Segmenter(undefined, { granularity }); // a language that this browser cannot read
    }
    segmenters.set(key, made);
  }
  return segmenters.get(key);
}

/** The characters, words, sentences or the whole of one row, as passages. */
export function unitsOf(text, row, unit, language = "") {
  if (unit === "utterance") return [trimmed(text, row.start, row.end)].filter(Boolean);
  const granularity = { character: "grapheme", word: "word", sentence: "sentence" }[unit];
  const found = [];
  for (const s of segmenter(granularity, language).segment(text.slice(row.start, row.end))) {
    const passage = trimmed(text, row.start + s.index, row.start + s.index + s.segment.length);
    if (passage && (unit !== "word" || s.isWordLike)) found.push(passage);
  }
  return found;
}

/** The next (direction 1) or previous (-1) unit from a passage, over the ends of rows; null at the end of the text. */
export function step(doc, from, direction, unit) {
  let i = rowAt(doc.rows, direction > 0 ? from.end - 1 : from.start);
  for (; i >= 0 && i < doc.rows.length; i += direction) {
    const units = unitsOf(doc.text, doc.rows[i], unit, doc.language);
    const hit = direction > 0 ? units.find((u) => u.start >= from.end) : units.findLast((u) => u.end <= from.start);
    if (hit) return hit;
  }
  return null;
}

/** The unit around a position, or the next one. */
export function unitAround(doc, position, unit) {
  const units = doc.rows.length ? unitsOf(doc.text, doc.rows[rowAt(doc.rows, position)], unit, doc.language) : [];
  return units.find((u) => u.end > position) ?? units.at(-1) ?? null;
}

/** A row cut where a coding begins or ends: pieces with the codings on each. */
export function segmentsOf(row, codings, selection = null) {
  const inside = (p) => p.start < row.end && p.end > row.start;
  const cuts = new Set([row.start, row.end]);
  for (const p of selection && inside(selection) ? [...codings, selection] : codings) {
    cuts.add(Math.max(row.start, p.start)).add(Math.min(row.end, p.end));
  }
  const at = [...cuts].sort((a, b) => a - b);
  return at.slice(0, -1).map((start, k) => ({
    start,
    end: at[k + 1],
    codings: codings.filter((c) => c.start <= start && c.end >= at[k + 1]),
    selected: !!selection && selection.start <= start && selection.end >= at[k + 1],
  }));
}

/** A lane for each passage so that no two in one lane overlap. */
export function lanesOf(passages) {
  const ends = [];
  return passages.map((p) => {
    let lane = ends.findIndex((end) => end <= p.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = p.end;
    return lane;
  });
}

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** How well a code's name answers what was typed; 0 is not at all. */
export function match(typed, name) {
  const [wanted, given] = [plain(typed.trim()), plain(name)];
  if (!wanted) return 1;
  if (given === wanted) return 6;
  if (given.startsWith(wanted)) return 5;
  if (given.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 4;
  if (given.includes(wanted)) return 3;
  if (wanted.split(/\s+/).every((word) => given.includes(word))) return 2;
  let at = 0;
  for (const letter of given) if (letter === wanted[at]) at++;
  return at >= wanted.length ? 1 : 0;
}

/** The codes that answer what was typed, best first; `weight` breaks ties. */
export function rankCodes(typed, codes, weight = () => 0) {
  return codes
    .map((code, k) => ({ code, k, score: code.retired ? 0 : match(typed, code.name), weight: weight(code) }))
    .filter((r) => r.score > 0)
    .sort((a, b) => b.score - a.score || b.weight - a.weight || a.k - b.k)
    .map((r) => r.code);
}

/** Ids of codings that no other coder shares: the same code on a passage that overlaps. */
export function differing(codings) {
  const byCode = new Map(codings.map((c) => [c.code, []]));
  for (const c of codings) byCode.get(c.code).push(c);
  const lonely = codings.filter((c) => !byCode.get(c.code).some((d) => d.coder !== c.coder && d.start < c.end && d.end > c.start));
  return new Set(lonely.map((c) => c.id));
}

/** Coded characters over all characters of the rows that are worth coding. */
export function coverage(rows, codings) {
  const spans = codings.map((c) => [c.start, c.end]).sort((a, b) => a[0] - b[0]);
  let [inside, total, at, until] = [0, 0, 0, 0];
  for (const row of rows) {
    if (!row.theirs) continue;
    total += row.end - row.start;
    let from = Math.max(row.start, Math.min(until, row.end));
    inside += from - row.start;
    for (; at < spans.length && spans[at][0] < row.end; at++) {
      const [start, end] = [Math.max(spans[at][0], from), Math.min(spans[at][1], row.end)];
      if (end > start) [inside, from] = [inside + end - start, end];
      until = Math.max(until, spans[at][1]);
    }
  }
  return total ? inside / total : 0;
}

/** "05:20", or "1:02:03" for what is longer than an hour. */
export function clock(ms) {
  const s = Math.floor(ms / 1000);
  const [h, m, two] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, (n) => String(n).padStart(2, "0")];
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
}

/** "−1", "+2"; nothing for null. */
export const signed = (n) => (n == null ? "" : n < 0 ? `−${-n}` : n > 0 ? `+${n}` : "0");

/** A random id; randomUUID is missing on pages that came over plain http. */
export function newId() {
  if (globalThis.crypto.randomUUID) return crypto.randomUUID();
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** What was asked and not answered yet, kept in the browser: one entry each, so that two tabs never write the same one. */
export function queueIn(storage, prefix) {
  const key = (message) => `${prefix}${String(message.order).padStart(20, "0")}:${message.id}`;
  const safely = (work) => {
    try {
      return work();
    } catch {
      return null; // no storage, or a full one: the queue then lives as long as the page
    }
  };
  return {
    put: (message) => safely(() => storage.setItem(key(message), JSON.stringify(message))),
    drop: (message) => safely(() => storage.removeItem(key(message))),
    all: () =>
      safely(() => Object.keys(storage).filter((k) => k.startsWith(prefix)).sort().map((k) => JSON.parse(storage.getItem(k)))) ?? [],
  };
}

// ---------------------------------------------------------------- small things of the page

const KIND_COLOURS = {
  stage: "#8a6d1b", touchpoint: "#3d5a98", channel: "#5b6b7b", action: "#2f7d8c", thought: "#7a5195", emotion: "#a23b72",
  "pain point": "#b4432d", delight: "#0f766e", need: "#3a86b8", goal: "#4c7a34", opportunity: "#a16a08", theme: "#6b5b95", other: "#5b6b7b",
};
const colourOf = (code) => (/^#[0-9a-f]{3,8}$/i.test(code?.colour ?? "") ? code.colour : KIND_COLOURS[code?.kind] ?? "#5b6b7b");

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c != null && c !== false));
  return node;
}
const kbd = (...keys) => keys.flatMap((k) => [h("kbd", {}, k), " "]);
const button = (action, title, ...children) => h("button", { type: "button", "data-do": action, title }, ...children);

const KEYS = [
  ["Move", [["← →", "previous, next unit"], ["↑ ↓", "previous, next utterance"], ["⇧ + arrows", "extend the passage"], ["c w s u", "unit: character, word, sentence, utterance"],
    ["j k", "next, previous coding"], ["n", "next uncoded"], [", .", "previous, next transcript"], ["f", "find; ⏎ next, ⇧⏎ previous"]]],
  ["Code", [["⏎", "find a code for the passage"], ["1 – 9", "apply the code with this number"], ["v", "in vivo: a new code from the words"], ["z ⇧Z", "undo, redo"],
    ["d", "transcript done, or not"], ["o", "whose codings are shown"], ["⇧M", "memo on the transcript"]]],
  ["In the code finder", [["type", "to find"], ["⏎", "apply"], ["⇧⏎", "apply, keep open for another"], ["Ctrl ⏎", "new code"], ["1 – 9", "apply, while nothing is typed"],
    ["Alt 1 – 9", "give the code this number"], ["⇧ ← →", "extend the passage, while nothing is typed"], ["Esc", "close"]]],
  ["On a coding", [["m", "memo"], ["+ −", "intensity of an emotion"], ["] [", "end one unit further, back"], ["} {", "start one unit further, back"], ["r", "recode"],
    ["i", "split where the cursor is"], ["g", "merge with the next of the same code"], ["x", "remove"], ["Esc", "leave the coding"]]],
]; // prettier-ignore

const CHUNK = 40; // rows that are laid out together
const MOST_LANES = 10;
const ANSWER_WITHIN_MS = 2000;
// Jupyter's server holds an answer back until the browser's system confirms the message before it, which takes it 40 ms, unless it
// has something to send: then the confirmation travels along.
const HURRY_AFTER_MS = [5, 11];
const CAN_UNITS = { c: "character", w: "word", s: "sentence", u: "utterance" };
const SHOWS = { everyone: "everyone", mine: "mine", differ: "where we differ" };

// ---------------------------------------------------------------- the widget

function render({ model, el }) {
  const view = new AbortController();
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: view.signal });

  let study = { key: "", title: "" }, me = "", blind = false, kinds = [];
  let transcripts = [], shares = {}, codes = [], codeById = new Map(), memos = [], done = [];
  let doc = null, codings = new Map(), byRow = [], rowNodes = [], chunks = [], counts = {};
  let cursor = null, anchor = null, head = null, focused = null, unit = "sentence", show = "everyone", differ = null;
  let since = 0, undoable = "", redoable = "", savedAt = "", complaint = "", pins = {}, recent = [], refilling = 0, typedPointer = "mouse";
  const pending = new Map(), gone = new Map(), waiting = new Map();
  let queue = queueIn({}, ""), serial = 0, polling = 0, silent = false, order = Date.now() * 1000;

  // -------------------------------------------------------------- frame
  const find = h("input", { type: "search", placeholder: "Find in transcript", "aria-label": "Find in transcript", class: "wbc-find" });
  const found = h("span", { class: "wbc-soft", role: "status" });
  const whose = h("span", { class: "wbc-soft wbc-whose" });
  const showButton = button("show", "Whose codings are shown (o)");
  const doneButton = button("done", "Mark this transcript as done (d)");
  const undoButton = button("undo", "Undo (z)", "Undo"), redoButton = button("redo", "Redo (⇧Z)", "Redo");
  const bar = h("div", { class: "wbc-bar" }, h("b", {}, "Interview coder"), whose, h("span", { class: "wbc-space" }), found, find, doneButton, showButton, undoButton, redoButton,
    h("button", { type: "button", "data-do": "help", title: "All keys (?)", "aria-label": "All keys" }, "?")); // prettier-ignore
  const list = h("nav", { class: "wbc-list", "aria-label": "Transcripts", tabindex: "0" });
  const pages = h("div", { class: "wbc-pages" });
  const text = h("div", { class: "wbc-doc", tabindex: "0", role: "group", "aria-label": "Transcript" }, pages);
  const bookHead = h("h4", {}), book = h("div", { class: "wbc-book", tabindex: "0", role: "group", "aria-label": "Codebook" });
  const details = h("div", { class: "wbc-details" });
  const side = h("div", { class: "wbc-side" }, bookHead, book, details);
  const saved = h("span", { class: "wbc-saved", role: "status" }), tally = h("span", {}), unitShown = h("span", {});
  const status = h("div", { class: "wbc-status" }, saved, tally, unitShown, h("span", { class: "wbc-space" }),
    h("span", { class: "wbc-hints" }, ...kbd("⏎"), "code  ", ...kbd("j", "k"), "codings  ", ...kbd("n"), "next uncoded  ", ...kbd("[", "]"), "move an end  ", ...kbd("?"), "all keys")); // prettier-ignore
  const say = h("div", { class: "wbc-say", "aria-live": "polite" });
  const box = h("div", { class: "wbc-box", hidden: true });
  const root = h("div", { class: "wbc", "data-lm-suppress-shortcuts": "true" }, bar, list, text, side, status, box, say);
  root.style.height = `${model.get("height") || 720}px`;
  el.append(root);

  // -------------------------------------------------------------- messages
  /** Send a request.  One that is to be kept stays in the browser until it is answered. */
  function ask(body, keep = false) {
    const message = { id: newId(), ...body };
    if (keep) queue.put(Object.assign(message, { order: order++ }));
    post(message, keep);
    return message;
  }
  function post(message, keep) {
    waiting.set(message.id, { message, keep, at: performance.now(), serial: ++serial, later: false });
    try {
      model.send(message);
      if (keep) for (const ms of HURRY_AFTER_MS) setTimeout(() => !view.signal.aborted && waiting.has(message.id) && model.send({ op: "hurry" }), ms);
    } catch {
      silent = true; // the line to the kernel is closed: what is kept is sent when there is one again
    }
  }
  function receive(answer) {
    const asked = waiting.get(answer?.re);
    if (!asked) return; // of another view of the same model
    silent = false;
    if (asked.message.op === "changes") Object.assign(root.dataset, { asked: serial, emptyMs: performance.now() - asked.at });
    if (!answer.ok && answer.again) {
      complaint = answer.error;
      asked.later = true;
      return drawStatus();
    }
    waiting.delete(answer.re);
    settle(asked.message, answer);
    if (asked.keep) {
      queue.drop(asked.message);
      if (answer.ok) savedAt = new Date().toLocaleTimeString([], { hour12: false });
    }
    complaint = answer.ok ? (asked.keep ? "" : complaint) : answer.error;
    if (answer.did) say.textContent = answer.did;
    // Messages are answered in order: one that was sent before this one and has no answer is lost.
    for (const w of [...waiting.values()]) if (w.keep && !w.later && w.serial < asked.serial) post(w.message, true);
    drawStatus();
  }
  /** Every half second: notice silence, send again what could not be saved, ask what others did. */
  function tick() {
    if (++polling % 4 === 0 && document.visibilityState === "visible" && doc && ![...waiting.values()].some((w) => w.message.op === "changes")) {
      ask({ op: "changes", since, transcript: doc.id });
      for (const w of waiting.values()) if (w.later) post(w.message, true);
    }
    const late = [...waiting.values()].some((w) => performance.now() - w.at > ANSWER_WITHIN_MS * (w.keep ? 1 : 2));
    if (late !== silent || unsaved()) {
      silent = late;
      drawStatus();
    }
  }
  const unsaved = () => [...waiting.values()].filter((w) => w.keep).length;

  function settle(message, answer) {
    for (const id of touches(message)) pending.set(id, (pending.get(id) ?? 1) - 1);
    for (const id of touches(message)) if (pending.get(id) <= 0) pending.delete(id);
    if (answer.ok && message.op === "hello") return welcome(answer);
    if (answer.ok && message.op === "open") return openDoc(answer);
    take(answer, message);
  }
  /** Draw what an answer says has changed. */
  function take(answer, message) {
    if (answer.transcripts) transcripts = answer.transcripts;
    if (answer.shares) shares = answer.shares;
    if (answer.codes) setCodes(answer.codes);
    if (answer.counts) counts = answer.counts;
    if (answer.memos) memos = answer.memos;
    if (answer.done) done = answer.done;
    if (message?.op === "changes" && answer.seq) since = answer.seq;
    if (answer.undo != null) [undoable, redoable] = [answer.undo, answer.redo];
    if (doc && (!message?.transcript || message.transcript === doc.id)) {
      const rows = new Set();
      for (const id of answer.removed ?? []) if (!pending.has(id)) drop(id, rows);
      for (const c of answer.upserts ?? []) {
        const now = codings.get(c.id);
        if (!pending.has(c.id) && (!now || now.version !== c.version || now.pending)) put(fromWire(c), rows);
      }
      for (const id of message ? touches(message) : []) rowsOfCoding(codings.get(id)).forEach((i) => rows.add(i));
      redraw(rows);
      if (focused && !codings.has(focused)) focused = null;
    }
    if (answer.reload && doc) ask({ op: "open", transcript: doc.id });
    if (answer.codes || answer.counts) drawBook();
    if (answer.transcripts || answer.shares || answer.done) drawList();
    drawCounts();
    drawDetails();
  }
  const touches = (message) => ["add", "change", "remove"].flatMap((name) => (message[name] ?? []).map((c) => c.id));
  const fromWire = (c) => ({ ...c, start: doc.at.toUnits(c.start), end: doc.at.toUnits(c.end) });

  function welcome(answer) {
    ({ study, blind, kinds, transcripts } = { ...answer });
    me = answer.coder;
    const mine = `workbench-coder:${study.key}:${me}:`;
    queue = queueIn(globalThis.localStorage ?? {}, mine);
    pins = remembered(`${mine.replace("coder", "pins")}`, {});
    [undoable, redoable] = [answer.undo, answer.redo];
    whose.replaceChildren(`${study.title} · coding as `, h("b", {}, me), blind ? " · blind until both are done" : "");
    setCodes(answer.codes);
    if (answer.transcript) openDoc(answer);
    else pages.replaceChildren(h("p", { class: "wbc-empty" }, "This study has no transcripts yet. Import some with: workbench import interviews/*"));
    for (const message of queue.all()) if (!waiting.has(message.id)) [apply(message), post(message, true)];
    ask({ op: "overview" });
    drawStatus();
  }
  const remembered = (key, otherwise) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const remember = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {} // pins are then forgotten with the page
  };

  // -------------------------------------------------------------- the codings that are drawn
  function setCodes(given) {
    codes = given;
    codeById = new Map(codes.map((c) => [c.id, c]));
  }
  function rowsOfCoding(c) {
    if (!c || !doc?.rows.length) return [];
    const [first, last] = [rowAt(doc.rows, c.start), rowAt(doc.rows, c.end - 1)];
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  }
  function put(coding, rows) {
    drop(coding.id, rows);
    codings.set(coding.id, coding);
    for (const i of rowsOfCoding(coding)) {
      (byRow[i] ??= new Set()).add(coding.id);
      rows?.add(i);
    }
    differ = null;
  }
  function drop(id, rows) {
    const c = codings.get(id);
    if (!c) return;
    codings.delete(id);
    for (const i of rowsOfCoding(c)) {
      byRow[i]?.delete(id);
      rows?.add(i);
    }
    differ = null;
  }
  const isShown = (c) => show === "everyone" || (show === "mine" ? c.coder === me : (differ ??= differing([...codings.values()])).has(c.id));
  const ordered = () => [...codings.values()].filter(isShown).sort((a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1));
  const inRow = (i) => [...(byRow[i] ?? [])].map((id) => codings.get(id)).filter(isShown).sort((a, b) => a.start - b.start || b.end - a.end);
  const at = (passage) => [...codings.values()].filter((c) => isShown(c) && c.start < passage.end && c.end > passage.start);

  /** Draw at once what a request will do; it is marked as pending until the answer. */
  function apply(message) {
    for (const id of touches(message)) pending.set(id, (pending.get(id) ?? 0) + 1);
    for (const c of message.codes ?? []) if (!codeById.has(c.id)) setCodes([...codes, { depth: 0, ...c }]), drawBook();
    if (!doc || message.transcript !== doc.id) return;
    const rows = new Set();
    for (const c of message.add ?? []) put({ memo: "", intensity: null, ...fromWire(c), coder: me, version: 1, pending: true }, rows);
    for (const { id, patch } of message.change ?? []) {
      const now = codings.get(id);
      if (!now) continue;
      const ends = { start: patch.start == null ? now.start : doc.at.toUnits(patch.start), end: patch.end == null ? now.end : doc.at.toUnits(patch.end) };
      put({ ...now, ...patch, ...ends, version: now.version + 1, pending: true }, rows);
    }
    for (const { id } of message.remove ?? []) drop(id, rows);
    if (focused && !codings.has(focused)) focused = null;
    redraw(rows);
    drawCounts();
  }
  /** Change codings: drawn now, saved when the mark says so. */
  function edit(what, changes) {
    if (!doc) return;
    complaint = "";
    apply(ask({ op: "edit", transcript: doc.id, what, ...changes }, true));
    drawDetails();
    drawStatus();
  }
  const points = (p) => ({ start: doc.at.toPoints(p.start), end: doc.at.toPoints(p.end), text: doc.text.slice(p.start, p.end) });
  const change = (what, c, patch) => edit(what, { change: [{ id: c.id, version: c.version, patch }] });

  // -------------------------------------------------------------- drawing the transcript
  function openDoc(answer) {
    const t = answer.transcript, position = positionsOf(t.text);
    const same = doc?.id === t.id;
    doc = { ...t, at: position, rows: rowsOf(t.text, t.utterances.map(([s, e, ...rest]) => [position.toUnits(s), position.toUnits(e), ...rest])) };
    [codings, byRow, rowNodes, counts, memos, done, since, differ] = [new Map(), [], [], answer.counts, answer.memos, answer.done, answer.seq, null];
    if (!same) [cursor, anchor, head, focused] = [null, null, null, null];
    setCodes(answer.codes);
    for (const c of answer.codings) put(fromWire(c));
    for (const w of waiting.values()) if (w.keep && w.message.transcript === t.id) reapply(w.message);
    const scrolled = same ? text.scrollTop : 0;
    chunks = [];
    for (let first = 0; first < doc.rows.length; first += CHUNK) chunks.push(chunkNode(first));
    pages.replaceChildren(...chunks);
    text.setAttribute("aria-label", `Transcript ${t.name}. Arrow keys move, Enter codes, question mark lists the keys.`);
    text.scrollTop = scrolled;
    fill(0), fill(1);
    refill();
    drawList(), drawBook(), drawDetails(), drawStatus();
    root.dataset.open = t.id;
    text.getBoundingClientRect();
    performance.mark("wbc-usable");
  }
  function reapply(message) {
    for (const id of touches(message)) pending.delete(id);
    apply(message);
  }
  function chunkNode(first) {
    let height = 0;
    for (const row of doc.rows.slice(first, first + CHUNK)) height += 14 + 26 * Math.max(1, Math.ceil((row.end - row.start) / 66));
    return h("div", { class: "wbc-chunk", style: { "contain-intrinsic-size": `auto ${height}px` } });
  }
  function fill(k) {
    if (!chunks[k] || chunks[k].childNodes.length) return;
    const nodes = [];
    for (let i = k * CHUNK; i < Math.min((k + 1) * CHUNK, doc.rows.length); i++) nodes.push((rowNodes[i] = drawRow(i)));
    chunks[k].append(...nodes);
  }
  /** The rest of a long transcript, a few milliseconds at a time; what is scrolled to or jumped to comes first. */
  function refill() {
    const mine = ++refilling, own = chunks;
    let k = 0;
    const some = () => {
      const until = performance.now() + 6;
      while (k < own.length && performance.now() < until && mine === refilling && !view.signal.aborted) fill(k++);
      if (k < own.length && mine === refilling && !view.signal.aborted) setTimeout(some, 4);
      else root.dataset.filled = "yes";
    };
    delete root.dataset.filled;
    const near = new IntersectionObserver((seen) => seen.forEach((s) => s.isIntersecting && own === chunks && fill(own.indexOf(s.target))), { root: text, rootMargin: "600px" });
    own.forEach((node) => near.observe(node));
    view.signal.addEventListener("abort", () => near.disconnect(), { once: true });
    setTimeout(some, 30);
  }
  function drawRow(i) {
    const row = doc.rows[i], own = inRow(i);
    const before = doc.rows[i - 1];
    const words = h("p", { class: "wbc-text" });
    const selection = focused ? null : cursor;
    for (const s of segmentsOf(row, own, selection)) words.append(piece(s));
    const lanes = lanesOf(own).map((lane) => lane % MOST_LANES), share = (n) => `${(100 * (Math.min(Math.max(n, row.start), row.end) - row.start)) / (row.end - row.start)}%`;
    const bars = own.map((c, k) => h("i", { style: { "--c": colourOf(codeById.get(c.code)), top: share(c.start), bottom: `calc(100% - ${share(c.end)})`, left: `${lanes[k] * 6}px` } }));
    const chips = own.filter((c) => c.start >= row.start || i === rowAt(doc.rows, c.start)).map(chip);
    return h("div", { class: `wbc-row${row.theirs ? "" : " wbc-asks"}`, "data-i": i },
      h("div", { class: "wbc-who" }, row.speaker && row.speaker !== before?.speaker ? h("b", {}, row.speaker) : null, row.ms == null ? null : h("span", {}, clock(row.ms))),
      words,
      h("div", { class: "wbc-margin" }, h("div", { class: "wbc-bars", style: { width: `${6 * Math.max(0, ...lanes.map((l) => l + 1))}px` } }, ...bars), h("div", { class: "wbc-chips" }, ...chips))); // prettier-ignore
  }
  function piece({ start, end, codings: all, selected }) {
    const words = doc.text.slice(start, end);
    const own = all.toSorted((a, b) => a.end - a.start - (b.end - b.start)); // what is said most closely gives the colour
    if (!own.length && !selected) return document.createTextNode(words);
    const shades = own.map((c) => colourOf(codeById.get(c.code)));
    const names = own.map((c) => `${labelOf(c)} (${c.coder})${c.memo ? `: ${c.memo}` : ""}`).join("\n");
    const classes = ["wbc-mark", selected && "wbc-sel", own.some((c) => c.id === focused) && "wbc-focus", own.some((c) => c.pending && pending.has(c.id)) && "wbc-pending"];
    const lines = shades.slice(0, 3).map((_, k) => `0 ${2 * k + 1}px 0 ${k ? 0 : -0.5}px var(--c${k})`).join(",");
    const style = Object.fromEntries([...shades.slice(0, 3).map((c, k) => [`--c${k}`, c]), ["--lines", lines || "none"]]);
    const focus = own.find((c) => c.id === focused);
    if (focus) style["--c0"] = colourOf(codeById.get(focus.code));
    return h("mark", { class: classes.filter(Boolean).join(" "), title: names || null, style }, words);
  }
  const labelOf = (c) => `${codeById.get(c.code)?.name ?? "?"}${c.intensity == null ? "" : ` ${signed(c.intensity)}`}`;
  function chip(c) {
    const classes = ["wbc-chip", c.id === focused && "wbc-on", pending.has(c.id) && "wbc-pending", c.coder !== me && "wbc-other"];
    const note = c.memo ? h("span", { class: "wbc-note", "aria-label": "has a memo" }, "✎") : null;
    return h("button", { type: "button", tabindex: "-1", class: classes.filter(Boolean).join(" "), "data-coding": c.id, title: `${labelOf(c)} (${c.coder})${c.memo ? `\n${c.memo}` : ""}`, style: { "--c": colourOf(codeById.get(c.code)) } },
      h("span", {}, labelOf(c)), c.coder === me ? null : h("small", {}, c.coder), note); // prettier-ignore
  }
  function redraw(rows) {
    for (const i of rows) {
      if (!rowNodes[i]) continue;
      const fresh = drawRow(i);
      rowNodes[i].replaceWith(fresh);
      rowNodes[i] = fresh;
    }
  }
  function redrawAll() {
    chunks.forEach((c) => c.replaceChildren());
    rowNodes = [];
    fill(Math.floor(rowAt(doc.rows, cursor?.start ?? 0) / CHUNK));
    refill();
  }
  function reveal(passage) {
    const i = rowAt(doc.rows, passage.start);
    fill(Math.floor(i / CHUNK));
    for (let again = 0; again < 3; again++) {
      const [page, row] = [text.getBoundingClientRect(), rowNodes[i].getBoundingClientRect()];
      if (row.top >= page.top + 8 && row.bottom <= page.bottom - 40) return;
      text.scrollTop += row.top - page.top - (row.top < page.top ? 60 : page.height * 0.4);
    }
  }

  // -------------------------------------------------------------- where the coder is
  function select(passage, { keepAnchor = false, keepFocus = false, tell = true } = {}) {
    const rows = new Set([...rowsOfCoding(cursor), ...rowsOfCoding(codings.get(focused)), ...rowsOfCoding(passage)]);
    const held = codings.get(focused);
    if (!keepFocus || !held || !passage || passage.start < held.start || passage.end > held.end) focused = null;
    cursor = passage;
    if (!keepAnchor) [anchor, head] = [null, null];
    redraw(rows);
    if (passage) reveal(passage);
    drawDetails();
    if (passage && tell) {
      const on = at(passage).map(labelOf);
      say.textContent = `${doc.text.slice(passage.start, passage.end).slice(0, 200)}${on.length ? `. Codes: ${on.join(", ")}` : ""}`;
    }
  }
  function focusOn(coding) {
    const rows = new Set([...rowsOfCoding(cursor), ...rowsOfCoding(codings.get(focused)), ...rowsOfCoding(coding)]);
    [focused, cursor, anchor, head] = [coding.id, { start: coding.start, end: coding.end }, null, null];
    redraw(rows);
    reveal(coding);
    drawDetails();
    say.textContent = `${labelOf(coding)} by ${coding.coder}: ${doc.text.slice(coding.start, coding.end).slice(0, 200)}`;
  }
  function move(direction, by, extend) {
    if (!doc.rows.length) return;
    const from = (extend ? head : null) ?? cursor;
    if (!from) return select(unitAround(doc, doc.rows[firstSeen()].start, by));
    let to = step(doc, from, direction, by);
    if (!extend && by === "utterance") {
      to = doc.rows[rowAt(doc.rows, from.start) + direction];
      to = to && unitAround(doc, to.start, unit);
    } else if (!extend && focused && direction > 0) {
      const into = unitAround(doc, from.start, by);
      if (into && into.end < from.end) to = into; // from the whole coding to its first unit
    }
    if (!to) return;
    if (!extend) return select(to, { keepFocus: true });
    anchor ??= cursor;
    head = to;
    select({ start: Math.min(anchor.start, head.start), end: Math.max(anchor.end, head.end) }, { keepAnchor: true });
  }
  const firstSeen = () => {
    const top = text.getBoundingClientRect().top;
    return Math.max(0, rowNodes.findIndex((node) => node && node.getBoundingClientRect().bottom > top + 10));
  };
  function toCoding(direction) {
    const all = ordered(), here = codings.get(focused), where = cursor?.start ?? -1;
    const k = here ? all.findIndex((c) => c.id === focused) + direction : direction > 0 ? all.findIndex((c) => c.start >= where) : all.findLastIndex((c) => c.start < where);
    if (all[k]) focusOn(all[k]);
    else say.textContent = "No further coding.";
  }
  function toUncoded() {
    const first = cursor ? rowAt(doc.rows, cursor.start) + 1 : 0;
    const n = doc.rows.length;
    for (let k = 0; k < n; k++) {
      const i = (first + k) % n;
      if (doc.rows[i].theirs && ![...(byRow[i] ?? [])].some((id) => codings.get(id).coder === me)) return select(unitAround(doc, doc.rows[i].start, unit));
    }
    say.textContent = complaint = "Everything in this transcript is coded.";
    drawStatus();
  }
  function toTranscript(direction) {
    const next = transcripts[transcripts.findIndex((t) => t.id === doc?.id) + direction];
    if (next) ask({ op: "open", transcript: next.id });
  }

  // -------------------------------------------------------------- what is done to codings
  const coded = (code, p, more) => ({ id: newId(), code: code.id, ...points(p), ...more });
  function applyCode(code, newCodes = []) {
    if (!cursor || !code) return;
    recent = [code.id, ...recent.filter((id) => id !== code.id)].slice(0, 20);
    if (!Object.values(pins).includes(code.id)) {
      const free = "123456789".split("").find((n) => !codeById.has(pins[n]));
      if (free) pin(free, code);
    }
    const target = codings.get(focused);
    if (box.dataset.mode === "recode" && target) change("recode", target, { code: code.id });
    else edit("code", { ...(newCodes.length ? { codes: newCodes } : {}), add: [coded(code, cursor)] });
    say.textContent = `${code.name} applied`;
  }
  function pin(digit, code) {
    for (const n of Object.keys(pins)) if (pins[n] === code.id) delete pins[n];
    pins[digit] = code.id;
    remember(`workbench-pins:${study.key}:${me}:`, pins);
    drawBook();
  }
  function own(doing) {
    const c = codings.get(focused);
    if (!c) complain("Go to a coding first: j and k, or click on it.");
    else if (c.coder !== me) complain(`This coding is ${c.coder}'s. Put your own beside it.`);
    else doing(c);
  }
  function complain(sentence) {
    complaint = say.textContent = sentence;
    drawStatus();
  }
  const remove = () => own((c) => {
    const all = ordered(), next = all[all.findIndex((d) => d.id === c.id) + 1];
    edit("remove", { remove: [{ id: c.id, version: c.version }] });
    cursor = null;
    if (next) focusOn(next);
  });
  const intensify = (by) => own((c) => {
    const code = codeById.get(c.code);
    if (code.kind !== "emotion") return complain(`"${code.name}" is no emotion, so it has no intensity.`);
    const level = Math.max(-2, Math.min(2, (c.intensity ?? code.valence ?? 0) + by));
    if (level !== c.intensity) change("intensity", c, { intensity: level });
  });
  const nudge = (which, direction) => own((c) => {
    const edge = which === "end" ? c.end : c.start;
    const next = step(doc, { start: edge, end: edge }, direction, unit);
    if (!next) return;
    const moved = { start: c.start, end: c.end };
    if (which === "end") moved.end = direction > 0 ? next.end : (step(doc, { start: next.start, end: next.start }, -1, unit)?.end ?? 0);
    else moved.start = direction < 0 ? next.start : (step(doc, { start: next.end, end: next.end }, 1, unit)?.start ?? c.end);
    if (moved.start >= moved.end || (which === "end" && direction < 0 && moved.end <= c.start)) return complain("The passage would be empty. Remove the coding with x.");
    cursor = moved;
    change("nudge", c, points(moved));
  });
  const split = () => own((c) => {
    if (!cursor || cursor.start <= c.start || cursor.start >= c.end) return complain("Move the cursor into the coding first, with → and ←; it is split there.");
    const [left, right] = [trimmed(doc.text, c.start, cursor.start), trimmed(doc.text, cursor.start, c.end)];
    edit("split", { change: [{ id: c.id, version: c.version, patch: points(left) }], add: [{ ...coded({ id: c.code }, right), memo: c.memo, intensity: c.intensity }] });
    focusOn(codings.get(c.id));
  });
  const merge = () => own((c) => {
    const next = [...codings.values()].filter((d) => d.id !== c.id && d.code === c.code && d.coder === me && d.start >= c.start).sort((a, b) => a.start - b.start)[0];
    if (!next) return complain("There is no later coding of yours with this code to merge with.");
    const memo = [c.memo, next.memo].filter(Boolean).join("\n");
    edit("merge", { remove: [{ id: next.id, version: next.version }], change: [{ id: c.id, version: c.version, patch: { ...points({ start: c.start, end: Math.max(c.end, next.end) }), memo } }] });
    focusOn(codings.get(c.id));
  });
  const memoOnCoding = () => own((c) => writeMemo(`Memo on “${labelOf(c)}”`, c.memo, (words) => change("memo", codings.get(c.id) ?? c, { memo: words })));
  function memoOn(about, about_id, name) {
    const before = memos.find((m) => m.about === about && m.about_id === about_id && m.coder === me)?.text ?? "";
    writeMemo(`Memo on ${name}`, before, (words) => ask({ op: "memo", transcript: doc.id, about, about_id, text: words }, true));
  }
  const markDone = () => ask({ op: "done", transcript: doc.id, done: !done.includes(me) }, true);
  const back = (op) => ask({ op, transcript: doc.id }, true);
  function cycleShow() {
    const names = Object.keys(SHOWS);
    show = names[(names.indexOf(show) + 1) % names.length];
    redrawAll(), drawBook(), drawStatus();
    say.textContent = `Showing ${SHOWS[show]}`;
  }

  // -------------------------------------------------------------- boxes: code finder, new code, memo, keys
  function openBox(mode, ...children) {
    box.replaceChildren(...children);
    box.dataset.mode = mode;
    box.hidden = false;
    place();
    (box.querySelector("[data-first]") ?? box).focus({ preventScroll: true });
  }
  function closeBox() {
    if (box.hidden) return;
    box.hidden = true;
    box.replaceChildren();
    delete box.dataset.mode;
    text.focus({ preventScroll: true });
  }
  /** Under the passage, or above it where there is no room. */
  function place() {
    const frame = root.getBoundingClientRect(), mode = box.dataset.mode;
    const anchored = mode === "code" || mode === "recode" || mode === "new" || mode === "memo";
    box.classList.toggle("wbc-wide", !anchored);
    const marks = [...pages.querySelectorAll(".wbc-sel, .wbc-focus")];
    if (!anchored || !marks.length) return Object.assign(box.style, { left: "", top: "" });
    const [first, last] = [marks[0].getBoundingClientRect(), marks.at(-1).getClientRects()];
    const under = last[last.length - 1] ?? first, tall = Math.max(box.offsetHeight, 260);
    const below = under.bottom - frame.top + 6, above = first.top - frame.top - box.offsetHeight - 6;
    box.style.top = `${Math.max(44, below + tall < frame.height - 34 ? below : Math.min(above > 44 ? above : below, frame.height - box.offsetHeight - 38))}px`;
    box.style.left = `${Math.max(8, Math.min(under.left - frame.left, frame.width - box.offsetWidth - 8))}px`;
  }
  function openFinder(mode = "code", focusInput = true) {
    if (!cursor) return complain("Select some words first: with the mouse, or with the arrow keys.");
    const input = h("input", { "data-first": focusInput, role: "combobox", "aria-label": "Find a code", "aria-expanded": "true", "aria-controls": "wbc-options", "aria-autocomplete": "list", placeholder: mode === "recode" ? "Recode as …" : "Type to find a code", autocomplete: "off", spellcheck: "false" });
    const options = h("div", { class: "wbc-options", role: "listbox", id: "wbc-options", "aria-label": "Codes" });
    const foot = h("div", { class: "wbc-foot" }, ...kbd("⏎"), "apply · ", ...kbd("⇧⏎"), "and keep open · ", ...kbd("Ctrl ⏎"), "new code · ", ...kbd("Esc"), "close");
    let hits = [], chosen = 0;
    const digitOf = (code) => Object.keys(pins).find((n) => pins[n] === code.id);
    const weight = (code) => (digitOf(code) ? 100 - digitOf(code) : 0) + (recent.includes(code.id) ? 20 - recent.indexOf(code.id) : 0);
    const draw = () => {
      hits = rankCodes(input.value, codes, weight).slice(0, 60);
      chosen = Math.max(0, Math.min(chosen, hits.length - 1));
      options.replaceChildren(...hits.map((code, k) => h("div", { role: "option", id: `wbc-option-${k}`, "aria-selected": k === chosen, "data-k": k, class: k === chosen ? "wbc-on" : "" },
        h("i", { class: "wbc-dot", style: { "--c": colourOf(code) } }), h("span", {}, code.name), h("small", {}, parentName(code) ?? code.kind), digitOf(code) ? h("kbd", {}, digitOf(code)) : null)));
      if (!hits.length) options.append(h("div", { role: "option", "aria-selected": "true", class: "wbc-on", "data-k": "new" }, h("i", { class: "wbc-dot wbc-dashed" }), h("span", {}, `New code “${input.value.trim()}”`), h("kbd", {}, "⏎")));
      input.setAttribute("aria-activedescendant", hits.length ? `wbc-option-${chosen}` : "");
      options.children[chosen]?.scrollIntoView?.({ block: "nearest" });
    };
    const use = (code, keepOpen) => {
      applyCode(code);
      if (!keepOpen) return closeBox();
      input.value = "";
      chosen = 0;
      draw(), place();
    };
    input.addEventListener("input", () => ((chosen = 0), draw()));
    options.addEventListener("click", (event) => {
      const k = event.target.closest("[data-k]")?.dataset.k;
      if (k === "new") newCode(input.value.trim());
      else if (k) use(hits[k], event.shiftKey);
    });
    input.addEventListener("keydown", (event) => {
      const { key } = event, empty = !input.value;
      if (key === "ArrowDown" || key === "ArrowUp") {
        if (event.shiftKey && empty) move(key === "ArrowDown" ? 1 : -1, "utterance", true), place();
        else (chosen = (chosen + (key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(1, hits.length)), draw();
      } else if (event.shiftKey && empty && (key === "ArrowRight" || key === "ArrowLeft")) move(key === "ArrowRight" ? 1 : -1, unit, true), place();
      else if (key === "Enter" && (event.ctrlKey || event.metaKey || !hits.length)) newCode(input.value.trim());
      else if (key === "Enter") use(hits[chosen], event.shiftKey);
      else if (event.altKey && /^Digit[1-9]$/.test(event.code) && hits[chosen]) pin(event.code[5], hits[chosen]), draw();
      else if (empty && /^[1-9]$/.test(key) && !event.ctrlKey && !event.metaKey && codeById.has(pins[key])) use(codeById.get(pins[key]), false);
      else return;
      event.preventDefault();
    });
    openBox(mode, input, options, foot);
    draw();
    place();
  }
  const parentName = (code) => codeById.get(code.parent)?.name;
  /** A new code from where you are; without a name it takes the words of the passage (in vivo). */
  function newCode(name) {
    if (!cursor) return complain("Select some words first.");
    const words = doc.text.slice(cursor.start, cursor.end).replace(/\s+/g, " ").slice(0, 80);
    const label = h("input", { "data-first": true, "aria-label": "Name of the new code", maxlength: "120", autocomplete: "off" });
    label.value = name || words;
    const kind = h("select", { "aria-label": "Kind" }, ...kinds.map((k) => h("option", { value: k, selected: k === (codeById.get(recent[0])?.kind ?? "other") }, k)));
    const parent = h("select", { "aria-label": "Under" }, h("option", { value: "" }, "no parent"), ...codes.filter((c) => !c.retired).map((c) => h("option", { value: c.id }, `${" ".repeat(c.depth)}${c.name}`)));
    const form = h("form", { class: "wbc-form" }, h("b", {}, name ? "New code" : "New code in vivo"), label, h("label", {}, "Kind ", kind), h("label", {}, "Under ", parent), h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Make and apply ", h("kbd", {}, "⏎")), h("span", { class: "wbc-soft" }, ...kbd("Esc"), "close")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!label.value.trim()) return;
      const alike = codes.find((c) => c.kind === kind.value && c.colour);
      const code = { id: newId(), name: label.value.trim(), kind: kind.value, parent: parent.value || null, colour: alike?.colour ?? KIND_COLOURS[kind.value] ?? "" };
      box.dataset.mode = "new";
      setCodes([...codes, { ...code, depth: 0 }]);
      applyCode(code, [code]);
      drawBook();
      closeBox();
    });
    openBox("new", form);
    label.select();
  }
  function writeMemo(title, before, save) {
    const words = h("textarea", { "data-first": true, rows: "5", "aria-label": title });
    words.value = before;
    const keep = () => (words.value.trim() !== before && save(words.value.trim()), closeBox());
    words.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), keep()));
    const ok = h("button", { type: "button" }, "Save ", h("kbd", {}, "Ctrl ⏎"));
    ok.addEventListener("click", keep);
    openBox("memo", h("div", { class: "wbc-form" }, h("b", {}, title), words, h("div", { class: "wbc-row2" }, ok, h("span", { class: "wbc-soft" }, ...kbd("Esc"), "leave as it was"))));
  }
  function openHelp() {
    const columns = KEYS.map(([title, keys]) => h("section", {}, h("h4", {}, title), h("dl", {}, ...keys.flatMap(([k, what]) => [h("dt", {}, h("kbd", {}, k)), h("dd", {}, what)]))));
    openBox("help", h("div", { class: "wbc-keys", tabindex: "0", "data-first": true, role: "group", "aria-label": "Keys" }, ...columns));
  }

  // -------------------------------------------------------------- drawing what stands around the transcript
  function drawList() {
    const nodes = [];
    let kind = "";
    for (const t of transcripts) {
      if (t.kind !== kind) nodes.push(h("h4", {}, { interview: "Interviews", diary: "Diaries" }[t.kind] ?? `${t.kind[0].toUpperCase()}${t.kind.slice(1)}s`));
      kind = t.kind;
      const mine = t.id === doc?.id ? coverage(doc.rows, [...codings.values()].filter((c) => c.coder === me)) : shares[t.id]?.[me] ?? 0;
      const others = Object.entries(shares[t.id] ?? {}).filter(([who, share]) => who !== me && share > 0);
      const by = others.map(([who, share]) => `${who} ${Math.round(100 * share)} %`).join(", ");
      nodes.push(h("button", { type: "button", class: `wbc-t${t.id === doc?.id ? " wbc-on" : ""}`, "data-transcript": t.id, "aria-current": t.id === doc?.id ? "true" : null, title: `You ${Math.round(100 * mine)} %${by ? `, ${by}` : ""}${t.done.length ? `. Done: ${t.done.join(", ")}` : ""}` },
        h("b", {}, t.name, t.who && t.who !== t.name ? h("span", {}, ` ${t.who}`) : null), h("span", {}, t.done.includes(me) ? "✓ " : "", mine ? `${Math.max(1, Math.round(100 * mine))} %` : "–"),
        h("i", { style: { "--p": `${100 * mine}%` } }), by ? h("small", {}, by) : null)); // prettier-ignore
    }
    list.replaceChildren(...nodes);
  }
  let countNodes = new Map(), lastCounts = new Map();
  function drawBook() {
    countNodes = new Map();
    const nodes = [];
    let kind = "";
    for (const code of codes) {
      if (code.retired) continue;
      if (!code.depth && code.kind !== kind) nodes.push(h("h5", {}, (kind = code.kind)));
      const digit = Object.keys(pins).find((n) => pins[n] === code.id);
      const count = h("small", {});
      countNodes.set(code.id, count);
      nodes.push(h("button", { type: "button", tabindex: "-1", class: "wbc-code", "data-code": code.id, title: code.definition || code.name, style: { "--c": colourOf(code), "--depth": code.depth } }, h("i", { class: "wbc-dot" }), h("span", {}, code.name), count, digit ? h("kbd", {}, digit) : null));
    }
    book.replaceChildren(...nodes);
    bookHead.textContent = `Codebook · ${codes.filter((c) => !c.retired).length} codes`;
    lastCounts = new Map();
    drawCounts();
  }
  function drawCounts() {
    const now = new Map(Object.entries(counts ?? {}));
    for (const c of codings.values()) now.set(c.code, (now.get(c.code) ?? 0) + 1);
    for (const [id, node] of countNodes) {
      const n = now.get(id) ?? 0;
      if (lastCounts.get(id) !== n) node.textContent = n || "";
      lastCounts.set(id, n);
    }
  }
  function drawDetails() {
    const c = codings.get(focused);
    if (!doc) return;
    if (c) {
      const code = codeById.get(c.code) ?? {};
      details.replaceChildren(h("b", {}, h("i", { class: "wbc-dot", style: { "--c": colourOf(code) } }), ` ${labelOf(c)}`), ...about(code),
        h("p", { class: "wbc-bad" }, c.moved ? "The transcript has changed under this coding: check its words." : ""),
        h("p", { class: "wbc-soft" }, `by ${c.coder}${c.memo ? ": " : ""}`, c.memo ? h("q", {}, c.memo) : null),
        h("div", { class: "wbc-tools" }, ...(c.coder === me ? [button("memo", "Memo (m)", "Memo"), button("recode", "Recode (r)", "Recode"), button("remove", "Remove (x)", "Remove")] : []), button("code-memo", "Memo on the code", "Memo on the code"))); // prettier-ignore
    } else if (cursor) {
      const on = at(cursor);
      details.replaceChildren(h("b", {}, on.length ? "On this passage" : "Nothing on this passage yet"), ...on.slice(0, 12).map((d) => chip(d)), h("div", { class: "wbc-tools" }, button("code", "Find a code (⏎)", "Code it ", h("kbd", {}, "⏎"))));
    } else {
      const own = memos.filter((m) => m.about === "transcript" && m.about_id === doc.id);
      details.replaceChildren(h("b", {}, doc.name), ...own.map((m) => h("p", {}, h("span", { class: "wbc-soft" }, `${m.coder}: `), m.text)), h("div", { class: "wbc-tools" }, button("transcript-memo", "Memo on the transcript (⇧M)", "Memo")));
    }
  }
  function about(code) {
    const lines = [["", code.definition], ["Use ", code.use], ["Not ", code.dont_use], ["Example ", code.example]].filter(([, words]) => words);
    const noted = memos.filter((m) => m.about === "code" && m.about_id === code.id);
    return [...lines.map(([label, words]) => h("p", {}, label ? h("i", {}, label) : null, words)), ...noted.map((m) => h("p", {}, h("span", { class: "wbc-soft" }, `${m.coder}: `), m.text))];
  }
  let drawnShare = -1;
  function drawStatus() {
    const n = unsaved();
    const stuck = n && (silent || [...waiting.values()].some((w) => w.later));
    saved.className = `wbc-saved ${complaint || stuck ? "wbc-wait" : "wbc-ok"}`;
    const kept = `${n} not saved yet: kept in this browser until the kernel answers. After a restart, run the cell again.`;
    saved.textContent = stuck ? (complaint ? `${n} not saved yet. ${complaint}` : kept) : complaint ? complaint : n ? "saving …" : silent ? "The kernel is busy or gone. What you code is kept in this browser." : savedAt ? `✓ saved ${savedAt}` : "✓ nothing unsaved";
    root.dataset.unsaved = n;
    if (!doc) return;
    const mine = [...codings.values()].filter((c) => c.coder === me);
    const share = Math.round(100 * coverage(doc.rows, mine));
    tally.textContent = `${doc.name}: ${mine.length} ${mine.length === 1 ? "coding" : "codings"}, ${share} % coded`;
    if (share !== drawnShare) (drawnShare = share), drawList();
    unitShown.textContent = `moves by ${unit}`;
    showButton.textContent = `Show: ${SHOWS[show]}`;
    doneButton.textContent = done.includes(me) ? "✓ Done" : "Mark done";
    doneButton.setAttribute("aria-pressed", done.includes(me));
    undoButton.disabled = !undoable;
    redoButton.disabled = !redoable;
    undoButton.title = undoable ? `Undo: ${undoable} (z)` : "Nothing to undo";
    redoButton.title = redoable ? `Redo: ${redoable} (⇧Z)` : "Nothing to redo";
  }

  // -------------------------------------------------------------- find
  function findNext(direction) {
    const wanted = find.value;
    if (!wanted || !doc) return void (found.textContent = "");
    const all = [...doc.text.matchAll(new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu"))].map((m) => ({ start: m.index, end: m.index + m[0].length }));
    if (!all.length) return void (found.textContent = "not found");
    const here = direction < 0 ? (cursor?.start ?? Infinity) : direction > 0 ? (cursor?.end ?? 0) : (cursor?.start ?? 0);
    const k = direction < 0 ? all.findLastIndex((p) => p.start < here) : all.findIndex((p) => p.start >= here);
    const hit = k < 0 ? (direction < 0 ? all.length - 1 : 0) : k;
    found.textContent = `${hit + 1} of ${all.length}`;
    select(all[hit], { tell: false });
  }
  on(find, "input", () => findNext(0));
  on(find, "keydown", (event) => {
    if (event.key === "Enter") findNext(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") text.focus({ preventScroll: true });
    else return;
    event.preventDefault();
  });

  // -------------------------------------------------------------- mouse and touch
  function unitsAt(node, offset, isEnd) {
    const element = node.nodeType === 1 ? node : node.parentElement;
    const words = element.closest(".wbc-text");
    const row = element.closest(".wbc-row") ?? node.childNodes[offset]?.closest?.(".wbc-row");
    if (!row || !pages.contains(row)) return null;
    const { start, end } = doc.rows[row.dataset.i];
    if (!words) return element.closest(".wbc-margin") || (isEnd && element === row && offset > 1) ? end : start;
    const range = document.createRange();
    range.setStart(words, 0);
    range.setEnd(node, offset);
    return start + range.toString().length;
  }
  function takeSelection(focusInput) {
    const shadow = el.getRootNode();
    const selection = shadow.getSelection?.() ?? document.getSelection();
    if (!doc || !selection || selection.isCollapsed || !selection.rangeCount) return false;
    const range = selection.getRangeAt(0);
    if (!pages.contains(range.startContainer) && !pages.contains(range.endContainer)) return false;
    const start = pages.contains(range.startContainer) ? unitsAt(range.startContainer, range.startOffset, false) : doc.rows[0].start;
    const end = pages.contains(range.endContainer) ? unitsAt(range.endContainer, range.endOffset, true) : doc.text.length;
    const passage = start != null && end != null && trimmed(doc.text, Math.min(start, end), Math.max(start, end));
    if (!passage) return false;
    selection.removeAllRanges();
    select(passage);
    openFinder("code", focusInput);
    return true;
  }
  on(text, "pointerdown", (event) => (typedPointer = event.pointerType));
  on(document, "pointerup", () => typedPointer === "mouse" && setTimeout(() => !view.signal.aborted && takeSelection(true)));
  let settled = 0;
  on(document, "selectionchange", () => {
    if (typedPointer === "mouse") return;
    clearTimeout(settled); // by touch a selection grows by its handles: wait until it rests
    settled = setTimeout(() => !view.signal.aborted && takeSelection(false), 700);
  });
  on(pages, "click", (event) => {
    const chosen = event.target.closest("[data-coding]")?.dataset.coding;
    if (chosen) return codings.has(chosen) && focusOn(codings.get(chosen));
    const selection = el.getRootNode().getSelection?.() ?? document.getSelection();
    if (!event.target.closest(".wbc-text") || (selection && !selection.isCollapsed) || !box.hidden) return;
    const where = document.caretRangeFromPoint?.(event.clientX, event.clientY) ?? document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const caret = where && unitsAt(where.startContainer ?? where.offsetNode, where.startOffset ?? where.offset, false);
    if (caret == null) return;
    const position = Math.max(doc.rows[rowAt(doc.rows, caret)].start, caret - 1); // the right half of a letter is before the next caret
    if (event.detail > 1) return void (select(unitAround(doc, position, event.detail > 2 ? "utterance" : "word")), openFinder());
    const here = at({ start: position, end: position + 1 }), k = here.findIndex((c) => c.id === focused);
    if (here.length) focusOn(here[(k + 1) % here.length]);
    else select(unitAround(doc, position, unit));
  });
  on(root, "mousedown", (event) => {
    if (!box.hidden && !box.contains(event.target)) closeBox();
    if (event.detail > 1 && event.target.closest(".wbc-text")) event.preventDefault(); // two and three clicks are ours: the words under the first were drawn anew
    if (event.target.closest("button") || event.target.closest(".wbc-options")) event.preventDefault(); // a button must not take the selection away
    if (event.target.closest(".wbc-text, .wbc-chip, .wbc-code, .wbc-t, .wbc-bar button, .wbc-details button")) text.focus({ preventScroll: true });
  });
  const actions = {
    undo: () => back("undo"), redo: () => back("redo"), show: cycleShow, done: markDone, help: openHelp, memo: memoOnCoding, remove, code: () => openFinder(),
    recode: () => own(() => openFinder("recode")), "transcript-memo": () => memoOn("transcript", doc.id, doc.name),
    "code-memo": () => { const code = codeById.get(codings.get(focused)?.code); if (code) memoOn("code", code.id, `the code “${code.name}”`); },
  }; // prettier-ignore
  on(root, "click", (event) => {
    const b = event.target.closest("button");
    if (!b || !root.contains(b)) return;
    if (b.dataset.do && doc) actions[b.dataset.do]();
    else if (b.dataset.transcript) ask({ op: "open", transcript: b.dataset.transcript });
    else if (b.dataset.code && cursor) applyCode(codeById.get(b.dataset.code));
    else if (b.dataset.coding && !pages.contains(b) && codings.has(b.dataset.coding)) focusOn(codings.get(b.dataset.coding));
  });
  on(root, "copy", (event) => {
    if (!cursor || !text.contains(event.target) || !document.getSelection().isCollapsed) return;
    event.clipboardData.setData("text/plain", doc.text.slice(cursor.start, cursor.end));
    event.preventDefault();
  });

  // -------------------------------------------------------------- keys
  const commands = {
    Enter: () => openFinder(), " ": () => openFinder(), j: () => toCoding(1), k: () => toCoding(-1), n: toUncoded, x: remove, Delete: remove, m: memoOnCoding, M: actions["transcript-memo"],
    z: actions.undo, Z: actions.redo, f: () => (find.focus(), find.select()), "/": () => (find.focus(), find.select()), "+": () => intensify(1), "=": () => intensify(1), "-": () => intensify(-1), "−": () => intensify(-1),
    "]": () => nudge("end", 1), "[": () => nudge("end", -1), "}": () => nudge("start", 1), "{": () => nudge("start", -1), r: actions.recode, i: split, g: merge, v: () => newCode(""), d: markDone, o: cycleShow,
    "?": openHelp, ",": () => toTranscript(-1), ".": () => toTranscript(1), Escape: () => select(null),
  }; // prettier-ignore
  on(text, "keydown", (event) => {
    const { key } = event;
    if (!doc || event.target.closest("button")) return;
    const combined = event.ctrlKey || event.metaKey;
    // AltGr makes [ ] { } on many keyboards and is reported as Ctrl and Alt.
    if (combined && !(event.altKey && key.length === 1)) {
      if (key.toLowerCase() === "z") back(event.shiftKey ? "redo" : "undo");
      else if (key.toLowerCase() === "y") back("redo");
      else return;
    } else if (key === "ArrowRight" || key === "ArrowLeft") move(key === "ArrowRight" ? 1 : -1, unit, event.shiftKey);
    else if (key === "ArrowDown" || key === "ArrowUp") move(key === "ArrowDown" ? 1 : -1, "utterance", event.shiftKey);
    else if (CAN_UNITS[key]) {
      unit = CAN_UNITS[key];
      if (cursor && !focused) select(unitAround(doc, cursor.start, unit));
      drawStatus();
    } else if (/^[1-9]$/.test(key)) {
      if (!cursor) complain("Select some words first: with the mouse, or with the arrow keys.");
      else if (codeById.has(pins[key])) applyCode(codeById.get(pins[key]));
      else complain(`No code has the number ${key} yet. In the code finder, Alt ${key} gives it one.`);
    } else if (commands[key]) commands[key]();
    else return;
    event.preventDefault();
  });
  on(box, "keydown", (event) => event.key === "Escape" && (event.preventDefault(), closeBox()));
  on(root, "keydown", (event) => event.stopPropagation());

  // -------------------------------------------------------------- life
  // Below the widget lies what is left when it is dead (see _base.py); while it lives that is hidden.
  const leftBehind = new MutationObserver(() => hideLeft(true));
  function hideLeft(hide) {
    const area = el.closest(".jp-OutputArea");
    if (hide && area) leftBehind.observe(area, { childList: true });
    for (const output of area?.children ?? []) {
      if (output.contains(el)) continue; // not our own changes: they come with every key
      if (hide) leftBehind.observe(output, { childList: true, subtree: true });
      if (output.querySelector(".wb-excerpts")) output.style.display = hide ? "none" : "";
    }
  }
  const placed = setTimeout(() => hideLeft(true));

  model.on("msg:custom", receive);
  const beat = setInterval(tick, 500);
  const shape = new ResizeObserver(() => {
    root.classList.toggle("wbc-narrow", root.clientWidth < 980);
    root.classList.toggle("wbc-slim", root.clientWidth < 700);
  });
  shape.observe(root);
  performance.mark("wbc-begin");
  ask({ op: "hello" });
  return () => {
    view.abort();
    clearInterval(beat);
    clearTimeout(settled);
    clearTimeout(placed);
    leftBehind.disconnect();
    hideLeft(false);
    shape.disconnect();
    model.off("msg:custom", receive);
    root.remove();
  };
}

export default { render };

// The interview coder.  Positions are UTF-16 units in here and code points in every message; see text.js.
// Study text reaches the page as text nodes only, and is in no trait: everything travels in messages.

import { clock, countWhile, coverage, differing, lanesOf, positionsOf, rowAt, rowsOf, segmentsOf, step, trimmed, unitAround } from "./text.js";
import { newId, openLine, remember, remembered } from "./line.js";
import { playerIn } from "./player.js";
import { boxIn, button, colourOf, dot, h, hideWhatIsLeft, keepKeys, kbd, KIND_COLOURS, openChooser, openKeys, openNote, match, rankCodes, signed, together, watchShape } from "./parts.js";

const KEYS = [
  ["Move", [["← →", "previous, next unit"], ["↑ ↓", "previous, next utterance"], ["⇧ + arrows", "extend the passage"], ["c w s u", "unit: character, word, sentence, utterance"],
    ["j k", "next, previous coding"], ["n", "next uncoded"], [", .", "previous, next transcript"], ["f", "find; ⏎ next, ⇧⏎ previous"]]],
  ["Code", [["⏎", "find a code for the passage"], ["1 – 9", "apply the code with this number"], ["v", "in vivo: a new code from the words"], ["z ⇧Z", "undo, redo"],
    ["d", "transcript done, or not"], ["o", "whose codings are shown"], ["⇧M", "memo on the transcript"]]],
  ["Recording", [["p", "play, pause"], ["⇧P", "play from the cursor"], ["< >", "five seconds back, on"], ["click a time", "play from there"]]],
  ["In the code finder", [["type", "to find"], ["⏎", "apply"], ["⇧⏎", "tick, to apply several at once"], ["Ctrl ⏎", "new code"], ["1 – 9", "apply, while nothing is typed"],
    ["Alt 1 – 9", "give the code this number"], ["⇧ ← →", "extend the passage, while nothing is typed"], ["Esc", "close"]]],
  ["On a coding", [["m", "memo"], ["+ −", "intensity of an emotion"], ["] [", "end one unit further, back"], ["} {", "start one unit further, back"], ["r", "recode"],
    ["i", "split where the cursor is"], ["g", "merge with the next of the same code; without a coding, those in the passage"], ["e", "all excerpts of its code"], ["x", "remove"], ["Esc", "leave the coding"]]],
]; // prettier-ignore

const CHUNK = 40; // rows that are laid out together
const MOST_LANES = 10;
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
  let since = 0, undoable = "", redoable = "", pins = {}, recent = [], refilling = 0, heading = null, typedPointer = "mouse";
  const pending = new Map();

  // -------------------------------------------------------------- frame
  const find = h("input", { type: "search", placeholder: "Find in transcript", "aria-label": "Find in transcript", class: "wbc-find" });
  const found = h("span", { class: "wbc-soft", role: "status" });
  const whose = h("span", { class: "wbc-soft wbc-whose" });
  const showButton = button("show", "Whose codings are shown (o)");
  const doneButton = button("done", "Mark this transcript as done (d)");
  const undoButton = button("undo", "Undo (z)", "Undo"), redoButton = button("redo", "Redo (⇧Z)", "Redo");
  const bar = h("div", { class: "wbc-bar" }, h("b", {}, "Interview coder"), whose, h("span", { class: "wbc-space" }), found, find, doneButton, showButton, undoButton, redoButton,
    h("button", { type: "button", "data-do": "help", title: "All keys (?)", "aria-label": "All keys" }, "?")); // prettier-ignore
  const list = h("nav", { class: "wbc-list", "aria-label": "Transcripts; arrow keys move" });
  const pages = h("div", { class: "wbc-pages" });
  const text = h("div", { class: "wbc-doc", tabindex: "0", role: "group", "aria-label": "Transcript" }, pages);
  const bookHead = h("h4", {}), book = h("div", { class: "wbc-book", tabindex: "0", role: "group", "aria-label": "Codebook" });
  const details = h("div", { class: "wbc-details" });
  const side = h("div", { class: "wbc-side" }, bookHead, book, details);
  const saved = h("span", { class: "wbc-saved", role: "status" }), tally = h("span", {}), unitShown = h("span", {});
  const status = h("div", { class: "wbc-status" }, saved, tally, unitShown, h("span", { class: "wbc-space" }),
    h("span", { class: "wbc-hints" }, ...kbd("⏎"), "code  ", ...kbd("j", "k"), "codings  ", ...kbd("n"), "next uncoded  ", ...kbd("[", "]"), "move an end  ", ...kbd("?"), "all keys")); // prettier-ignore
  const say = h("div", { class: "wbc-say", "aria-live": "polite" });
  const player = playerIn({ ask: () => ask({ op: "recording", transcript: doc.id }), askPiece: (from) => ask({ op: "recording", transcript: doc.id, from }), view, say: complain, onTime: followTime });
  const root = h("div", { class: "wbc wbc-coder", "data-lm-suppress-shortcuts": "true" }, bar, list, h("div", { class: "wbc-middle" }, player.node, text), side, status, say);
  root.style.height = `${model.get("height") || 720}px`;
  el.append(root);
  const ANCHORED = ["code", "recode", "new", "memo"];
  const box = boxIn(root, { back: () => text, anchor: (mode) => (ANCHORED.includes(mode) ? [...pages.querySelectorAll(".wbc-sel, .wbc-focus")] : []) });

  // -------------------------------------------------------------- messages
  const line = openLine({ model, view, settle, changed: drawStatus, news: () => doc && { since, transcript: doc.id } });
  const { ask, complain: complainAbout } = line;

  function settle(message, answer, buffers) {
    for (const id of touches(message)) pending.set(id, (pending.get(id) ?? 1) - 1);
    for (const id of touches(message)) if (pending.get(id) <= 0) pending.delete(id);
    if (answer.ok && message.op === "hello") return welcome(answer);
    if (answer.ok && message.op === "open") return openDoc(answer);
    if (message.op === "recording") return player.take(answer, buffers);
    if (answer.ok && message.op === "excerpts") return showExcerpts(answer);
    if (answer.did) say.textContent = answer.did;
    take(answer, message);
  }
  /** Draw what an answer says has changed. */
  function take(answer, message) {
    if (answer.transcripts) transcripts = byKind(answer.transcripts);
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
      if (focused && !codings.has(focused)) focused = null;
      redraw(rows);
    } else if (doc && answer.did) ask({ op: "changes", since, transcript: doc.id }); // it was asked for elsewhere, and may have changed what is open
    if (answer.reload && doc) ask({ op: "open", transcript: doc.id });
    if (answer.codes || answer.counts) drawBook();
    if (answer.transcripts || answer.shares || answer.done) drawList();
    drawCounts();
    drawDetails();
  }
  const byKind = (found) => together(found, (t) => t.kind);
  const touches = (message) => ["add", "change", "remove"].flatMap((name) => (message[name] ?? []).map((c) => c.id));
  const fromWire = (c) => ({ ...c, start: doc.at.toUnits(c.start), end: doc.at.toUnits(c.end) });

  function welcome(answer) {
    ({ study, blind, kinds } = answer);
    transcripts = byKind(answer.transcripts);
    me = answer.coder;
    const mine = `workbench-coder:${study.key}:${me}:`;
    const left = line.keepAt(mine);
    pins = remembered(`${mine.replace("coder", "pins")}`, {});
    [undoable, redoable] = [answer.undo, answer.redo];
    whose.replaceChildren(`${study.title} · coding as `, h("b", {}, me), blind ? " · blind until both are done" : "");
    setCodes(answer.codes);
    if (answer.transcript) openDoc(answer);
    else pages.replaceChildren(h("p", { class: "wbc-empty" }, "This study has no transcripts yet. Import some with: workbench import interviews/*"));
    for (const message of left) [apply(message), line.resend(message)];
    ask({ op: "overview" });
    drawStatus();
  }
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
    for (const c of message.add ?? []) put({ memo: "", intensity: null, ...fromWire(c), coder: me, version: 1, pending: true, by: message.id }, rows);
    for (const { id, patch } of message.change ?? []) {
      const now = codings.get(id);
      if (!now) continue;
      const ends = { start: patch.start == null ? now.start : doc.at.toUnits(patch.start), end: patch.end == null ? now.end : doc.at.toUnits(patch.end) };
      put({ ...now, ...patch, ...ends, version: now.version + 1, pending: true, by: message.id }, rows);
    }
    for (const { id } of message.remove ?? []) drop(id, rows);
    if (focused && !codings.has(focused)) focused = null;
    redraw(rows);
    drawCounts();
  }
  /** Change codings: drawn now, saved when the mark says so. */
  function edit(what, changes, transcript = doc?.id) {
    if (!doc) return;
    apply(ask({ op: "edit", transcript, what, ...changes }, true));
    drawDetails();
  }
  const points = (p) => ({ start: doc.at.toPoints(p.start), end: doc.at.toPoints(p.end), text: doc.text.slice(p.start, p.end) });
  /** A coding as it is meant by a change to it; what rests on a change that has no answer yet is refused together with that one. */
  const meant = (c) => ({ id: c.id, version: c.version, ...(c.pending ? { upon: c.by } : {}) });
  const change = (what, c, patch, transcript) => edit(what, { change: [{ ...meant(c), patch }] }, transcript);

  // -------------------------------------------------------------- drawing the transcript
  function openDoc(answer) {
    const t = answer.transcript, position = positionsOf(t.text);
    const same = doc?.id === t.id;
    doc = { ...t, at: position, rows: rowsOf(t.text, t.utterances.map(([s, e, ...rest]) => [position.toUnits(s), position.toUnits(e), ...rest])) };
    [codings, byRow, rowNodes, counts, memos, done, since, differ] = [new Map(), [], [], answer.counts, answer.memos, answer.done, answer.seq, null];
    if (!same) [cursor, anchor, head, focused] = [null, null, null, null];
    if (!same && ["code", "recode", "new"].includes(box.mode)) box.close(); // its passage is in the transcript that was left
    setCodes(answer.codes);
    for (const c of answer.codings) put(fromWire(c));
    const again = line.kept().filter((message) => message.transcript === t.id);
    for (const message of again) for (const id of touches(message)) pending.delete(id);
    for (const message of again) apply(message);
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
    player.offer(t.recording);
    if (heading) arrive();
    text.getBoundingClientRect();
    performance.mark("wbc-usable");
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
    const held = codings.get(focused), selection = held && cursor && held.start === cursor.start && held.end === cursor.end ? null : cursor;
    for (const s of segmentsOf(row, own, selection)) words.append(piece(s));
    const lanes = lanesOf(own).map((lane) => lane % MOST_LANES), share = (n) => `${(100 * (Math.min(Math.max(n, row.start), row.end) - row.start)) / (row.end - row.start)}%`;
    const bars = own.map((c, k) => h("i", { style: { "--c": colourOf(codeById.get(c.code)), top: share(c.start), bottom: `calc(100% - ${share(c.end)})`, left: `${lanes[k] * 6}px` } }));
    const chips = own.filter((c) => c.start >= row.start || i === rowAt(doc.rows, c.start)).map(chip);
    return h("div", { class: `wbc-row${row.theirs ? "" : " wbc-asks"}`, "data-i": i },
      h("div", { class: "wbc-who" }, row.speaker && row.speaker !== before?.speaker ? h("b", {}, row.speaker) : null, row.ms == null ? null : doc.recording ? h("button", { type: "button", tabindex: "-1", class: "wbc-time", "data-at": row.ms, title: "Play from here (⇧P)" }, clock(row.ms)) : h("span", {}, clock(row.ms))),
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
      if (i === sounding) fresh.classList.add("wbc-heard");
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
    if (passage) reveal(passage), player.wait(rowTime());
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
    complain("Everything in this transcript is coded.");
  }
  function toTranscript(direction) {
    const next = transcripts[transcripts.findIndex((t) => t.id === doc?.id) + direction];
    if (next) ask({ op: "open", transcript: next.id });
  }

  // -------------------------------------------------------------- the recording follows the text, the text the recording
  let sounding = -1;
  /** The row that is heard at a time; it is brought into view while the recording plays. */
  function followTime(ms, playing) {
    const timed = doc.rows.flatMap((row, i) => (row.ms == null ? [] : [i]));
    const i = timed[countWhile(timed.length, (k) => doc.rows[timed[k]].ms <= ms) - 1] ?? -1;
    if (i === sounding) return;
    rowNodes[sounding]?.classList.remove("wbc-heard");
    sounding = i;
    rowNodes[i]?.classList.add("wbc-heard");
    if (i >= 0 && playing) reveal(doc.rows[i]);
  }
  const rowTime = () => {
    const i = cursor ? rowAt(doc.rows, cursor.start) : firstSeen();
    for (let k = i; k >= 0; k--) if (doc.rows[k].ms != null) return doc.rows[k].ms;
    return 0;
  };

  // -------------------------------------------------------------- what is done to codings
  const coded = (code, p, more) => ({ id: newId(), code: code.id, ...points(p), ...more });
  function applyCodes(chosen, { newCodes = [], recode = false } = {}) {
    if (!cursor || !chosen.length) return;
    for (const code of chosen) {
      recent = [code.id, ...recent.filter((id) => id !== code.id)].slice(0, 20);
      const free = digitOf(code) ? null : freeDigit();
      if (free) pin(free, code);
    }
    const target = recode && codings.get(focused), more = newCodes.length ? { codes: newCodes } : {};
    if (target) edit("recode", { ...more, change: [{ ...meant(target), patch: { code: chosen[0].id } }] });
    else edit("code", { ...more, add: chosen.map((code) => coded(code, cursor)) });
    say.textContent = `${chosen.map((code) => code.name).join(", ")} applied`;
  }
  const freeDigit = () => "123456789".split("").find((n) => !codeById.has(pins[n]));
  /** From the codebook: the next free number for a code, or none when it has one. */
  function pinOrNot(code) {
    const now = digitOf(code), free = freeDigit();
    if (now) delete pins[now], pin(null);
    else if (free) pin(free, code);
    else complain("All nine numbers are given. Click on one to take it back.");
  }
  function pin(digit, code) {
    if (code) for (const n of Object.keys(pins)) if (pins[n] === code.id) delete pins[n];
    if (code) pins[digit] = code.id;
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
    say.textContent = sentence;
    complainAbout(sentence);
  }
  const remove = () => own((c) => {
    const all = ordered(), next = all[all.findIndex((d) => d.id === c.id) + 1];
    cursor = null; // before it is drawn: its words are selected no longer
    edit("remove", { remove: [meant(c)] });
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
    edit("split", { change: [{ ...meant(c), patch: points(left) }], add: [{ ...coded({ id: c.code }, right), memo: c.memo, intensity: c.intensity }] });
    focusOn(codings.get(c.id));
  });
  const merge = () => (codings.has(focused) ? own(mergeWithNext) : mergeInPassage());
  function mergeWithNext(c) {
    const next = [...codings.values()].filter((d) => d.id !== c.id && d.code === c.code && d.coder === me && d.start >= c.start).sort((a, b) => a.start - b.start)[0];
    if (!next) return complain("There is no later coding of yours with this code to merge with.");
    edit("merge", joining([c, next]));
    focusOn(codings.get(c.id));
  }
  /** Codings of the same code that the passage touches become one each, whatever lies between them. */
  function mergeInPassage() {
    const mine = cursor ? at(cursor).filter((c) => c.coder === me) : [];
    const several = Object.values(Object.groupBy(mine, (c) => c.code)).filter((group) => group.length > 1);
    if (!several.length) return complain("Select a passage with two codings of yours with the same code in it, or go to a coding: they are merged then.");
    const all = several.map((group) => joining(group.sort((a, b) => a.start - b.start)));
    edit("merge", { remove: all.flatMap((m) => m.remove), change: all.flatMap((m) => m.change) });
  }
  function joining([first, ...rest]) {
    const whole = { start: first.start, end: Math.max(first.end, ...rest.map((c) => c.end)) };
    const memo = [first, ...rest].map((c) => c.memo).filter(Boolean).join("\n");
    return { remove: rest.map(meant), change: [{ ...meant(first), patch: { ...points(whole), memo } }] };
  }
  const memoOnCoding = () => own((c) => {
    const { id } = doc; // another transcript may be open when the words are written
    openNote(box, `Memo on “${labelOf(c)}”`, c.memo, (words) => change("memo", codings.get(c.id) ?? c, { memo: words }, id));
  });
  function memoOn(about, about_id, name) {
    const before = memos.find((m) => m.about === about && m.about_id === about_id && m.coder === me)?.text ?? "";
    openNote(box, `Memo on ${name}`, before, (words) => ask({ op: "memo", transcript: doc.id, about, about_id, text: words }, true));
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
  const digitOf = (code) => Object.keys(pins).find((n) => pins[n] === code.id);
  /** Find codes for the passage: those that are ticked and the chosen one are put on it in one go. */
  function openFinder(mode = "code", focusInput = true) {
    if (!cursor) return complain("Select some words first: with the mouse, or with the arrow keys.");
    const recode = mode === "recode";
    let ticked = [];
    const weight = (code) => (digitOf(code) ? 100 - digitOf(code) : 0) + (recent.includes(code.id) ? 20 - recent.indexOf(code.id) : 0);
    const apply = (...more) => (applyCodes([...new Set([...ticked, ...more])], { recode }), box.close());
    const tick = (code) => (ticked = ticked.includes(code) ? ticked.filter((c) => c !== code) : [...ticked, code]);
    openChooser(box, mode, {
      label: "Find a code", placeholder: recode ? "Recode as …" : "Type to find a code", focus: focusInput,
      items: (typed) => rankCodes(typed, codes, weight),
      option: (code) => [dot(code), h("span", {}, code.name), h("small", {}, parentName(code) ?? code.kind), digitOf(code) ? h("kbd", {}, digitOf(code)) : null],
      above: () => ticked.map((code) => h("span", { style: { "--c": colourOf(code) } }, `✓ ${code.name}`)),
      use: (code, typed) => (ticked.length && !typed ? apply() : apply(code)),
      make: (typed) => newCode(typed, { ticked, recode }),
      keys(event, code, typed, redraw) {
        const { key } = event;
        if (event.shiftKey && (key === "Enter" || event.type === "click") && code && !recode) tick(code), redraw(true);
        else if (event.shiftKey && !typed && /^Arrow(Up|Down)$/.test(key)) move(key === "ArrowDown" ? 1 : -1, "utterance", true);
        else if (event.shiftKey && !typed && /^Arrow(Left|Right)$/.test(key)) move(key === "ArrowRight" ? 1 : -1, unit, true);
        else if (event.altKey && /^Digit[1-9]$/.test(event.code) && code) pin(event.code[5], code), redraw();
        else if (!typed && /^[1-9]$/.test(key) && !event.ctrlKey && !event.metaKey && codeById.has(pins[key])) return apply(codeById.get(pins[key])), true;
        else return false;
        box.place();
        return true;
      },
      foot: [...kbd("⏎"), "apply · ", ...(recode ? [] : [...kbd("⇧⏎"), "tick, for several · "]), ...kbd("Ctrl ⏎"), "new code · ", ...kbd("Esc"), "close"],
    });
  }
  const parentName = (code) => codeById.get(code.parent)?.name;
  /** A new code from where you are; without a name it takes the words of the passage (in vivo). */
  function newCode(name, { ticked = [], recode = false } = {}) {
    if (!cursor) return complain("Select some words first.");
    const words = doc.text.slice(cursor.start, cursor.end).replace(/\s+/g, " ").slice(0, 80);
    const label = h("input", { "data-first": true, "aria-label": "Name of the new code", maxlength: "120", autocomplete: "off" });
    label.value = name || words;
    const kind = h("select", { "aria-label": "Kind" }, ...kinds.map((k) => h("option", { value: k, selected: k === (codeById.get(recent[0])?.kind ?? "other") }, k)));
    const parent = h("select", { "aria-label": "Under" }, h("option", { value: "" }, "no parent"), ...codes.filter((c) => !c.retired).map((c) => h("option", { value: c.id }, `${" ".repeat(c.depth)}${c.name}`)));
    const form = h("form", { class: "wbc-form" }, h("b", {}, name ? "New code" : "New code in vivo"), label, h("label", {}, "Kind ", kind), h("label", {}, "Under ", parent), h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Make and apply ", h("kbd", {}, "⏎")), h("span", { class: "wbc-soft" }, ...kbd("Esc"), "close")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = label.value.trim();
      if (!name) return;
      const there = codes.find((c) => !c.retired && (c.parent ?? "") === parent.value && c.name.toLowerCase() === name.toLowerCase());
      if (there) return applyCodes([...ticked, there], { recode }), box.close();
      const alike = codes.find((c) => c.kind === kind.value && c.colour);
      const code = { id: newId(), name, kind: kind.value, parent: parent.value || null, colour: alike?.colour ?? KIND_COLOURS[kind.value] ?? "" };
      setCodes([...codes, { ...code, depth: 0 }]);
      applyCodes([...ticked, code], { recode, newCodes: [code] });
      drawBook();
      box.close();
    });
    box.open("new", form);
    label.select();
  }
  /** The passages of a code in all transcripts, to go to. */
  function openExcerpts(code) {
    if (code) ask({ op: "excerpts", code: code.id });
    else complain("Go to a coding first, or click on a number in the codebook: its excerpts are shown then.");
  }
  function showExcerpts({ of, excerpts }) {
    const code = codeById.get(of);
    if (!code) return;
    openChooser(box, "excerpts", {
      label: `${excerpts.length} excerpts of “${code.name}”`,
      items: (typed) => excerpts.filter((e) => [e.text, e.who, e.coder, e.name].some((words) => !typed || match(typed, words) > 1)),
      option: (e) => [dot(code), h("q", {}, e.text), h("small", {}, `${e.name} · ${e.who && e.who !== e.name ? `${e.who} · ` : ""}${e.coder}`)],
      use: (e) => (box.close(), goTo(e)),
      foot: [...kbd("⏎"), "go there · ", ...kbd("Esc"), "close"],
    });
  }
  /** To a coding, in whichever transcript it is. */
  function goTo({ transcript, id, start, end }) {
    show = "everyone";
    heading = { transcript, id, start, end };
    if (doc?.id === transcript) arrive();
    else ask({ op: "open", transcript });
  }
  function arrive() {
    if (heading?.transcript !== doc.id) return;
    const { id, start, end } = heading;
    heading = null;
    if (codings.has(id)) focusOn(codings.get(id));
    else select({ start: doc.at.toUnits(start), end: doc.at.toUnits(end) });
    text.focus({ preventScroll: true });
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
      nodes.push(h("button", { type: "button", class: `wbc-t${t.id === doc?.id ? " wbc-on" : ""}`, tabindex: t.id === doc?.id ? "0" : "-1", "data-transcript": t.id, "aria-current": t.id === doc?.id ? "true" : null, title: `You ${Math.round(100 * mine)} %${by ? `, ${by}` : ""}${t.done.length ? `. Done: ${t.done.join(", ")}` : ""}` },
        h("b", {}, t.name, t.who && t.who !== t.name ? h("span", {}, ` ${t.who}`) : null), h("span", {}, t.done.includes(me) ? "✓ " : "", mine ? `${Math.max(1, Math.round(100 * mine))} %` : "–"),
        h("i", { style: { "--p": `${100 * mine}%` } }), by ? h("small", {}, by) : null)); // prettier-ignore
    }
    list.replaceChildren(...nodes);
  }
  let countNodes = new Map(), lastCounts = new Map();
  function drawBook() {
    countNodes = new Map();
    const nodes = [];
    let kind = "", top = "";
    for (const code of together(codes, (one) => (top = one.depth ? top : one.kind))) {
      if (code.retired) continue;
      if (!code.depth && code.kind !== kind) nodes.push(h("h5", {}, (kind = code.kind)));
      const digit = digitOf(code), count = h("button", { type: "button", tabindex: "-1", class: "wbc-count", "data-excerpts": code.id, title: `Excerpts of ${code.name} (e)` });
      countNodes.set(code.id, count);
      nodes.push(h("div", { class: "wbc-coderow", style: { "--c": colourOf(code), "--depth": code.depth } },
        h("button", { type: "button", tabindex: "-1", class: "wbc-code", "data-code": code.id, title: code.definition || code.name }, h("i", { class: "wbc-dot" }), h("span", {}, code.name)), count,
        h("button", { type: "button", tabindex: "-1", class: `wbc-pin${digit ? " wbc-pinned" : ""}`, "data-pin": code.id, title: digit ? `Take its number back` : "Give it a number", "aria-label": digit ? `${code.name} has the number ${digit}` : `Give ${code.name} a number` }, h("kbd", {}, digit ?? "+"))));
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
    const { n, words, well, asked, emptyMs } = line.status();
    saved.className = `wbc-saved ${well ? "wbc-ok" : "wbc-wait"}`;
    saved.textContent = words;
    if (asked) Object.assign(root.dataset, { asked, emptyMs });
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
  /** What is selected; marimo draws widgets in a shadow root, and only Chromium lets the root itself be asked. */
  function selectedRange() {
    const shadow = el.getRootNode(), selection = shadow.getSelection?.() ?? document.getSelection();
    if (!selection?.rangeCount) return null;
    return shadow === document || shadow.getSelection ? selection.getRangeAt(0) : selection.getComposedRanges?.({ shadowRoots: [shadow] })[0];
  }
  function takeSelection(focusInput) {
    const range = selectedRange();
    if (!doc || !range || range.collapsed) return false;
    if (!pages.contains(range.startContainer) && !pages.contains(range.endContainer)) return false;
    const start = pages.contains(range.startContainer) ? unitsAt(range.startContainer, range.startOffset, false) : doc.rows[0].start;
    const end = pages.contains(range.endContainer) ? unitsAt(range.endContainer, range.endOffset, true) : doc.text.length;
    const passage = start != null && end != null && trimmed(doc.text, Math.min(start, end), Math.max(start, end));
    if (!passage) return false;
    document.getSelection().removeAllRanges();
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
    if (!event.target.closest(".wbc-text") || selectedRange()?.collapsed === false || box.mode) return;
    const shadow = el.getRootNode(), inside = shadow === document ? {} : { shadowRoots: [shadow] };
    const where = document.caretPositionFromPoint?.(event.clientX, event.clientY, inside) ?? document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const caret = where && unitsAt(where.offsetNode ?? where.startContainer, where.offset ?? where.startOffset, false);
    if (caret == null) return;
    const position = Math.max(doc.rows[rowAt(doc.rows, caret)].start, caret - 1); // the right half of a letter is before the next caret
    if (event.detail > 1) return void (select(unitAround(doc, position, event.detail > 2 ? "utterance" : "word")), openFinder());
    const here = at({ start: position, end: position + 1 }), k = here.findIndex((c) => c.id === focused);
    if (here.length) focusOn(here[(k + 1) % here.length]);
    else select(unitAround(doc, position, unit));
  });
  on(root, "mousedown", (event) => {
    if (box.mode && !box.node.contains(event.target)) box.close();
    if (event.detail > 1 && event.target.closest(".wbc-text")) event.preventDefault(); // two and three clicks are ours: the words under the first were drawn anew
    if (event.target.closest("button") || event.target.closest(".wbc-options")) event.preventDefault(); // a button must not take the selection away
    if (event.target.closest(".wbc-text, .wbc-chip, .wbc-code, .wbc-t, .wbc-bar button, .wbc-details button")) text.focus({ preventScroll: true });
  });
  const actions = {
    undo: () => back("undo"), redo: () => back("redo"), show: cycleShow, done: markDone, help: () => openKeys(box, KEYS), memo: memoOnCoding, remove, code: () => openFinder(),
    recode: () => own(() => openFinder("recode")), "transcript-memo": () => memoOn("transcript", doc.id, doc.name),
    "code-memo": () => { const code = codeById.get(codings.get(focused)?.code); if (code) memoOn("code", code.id, `the code “${code.name}”`); },
  }; // prettier-ignore
  on(root, "click", (event) => {
    const b = event.target.closest("button");
    if (!b || !root.contains(b)) return;
    if (b.dataset.do && doc) actions[b.dataset.do]();
    else if (b.dataset.transcript) ask({ op: "open", transcript: b.dataset.transcript });
    else if (b.dataset.excerpts) openExcerpts(codeById.get(b.dataset.excerpts));
    else if (b.dataset.pin) pinOrNot(codeById.get(b.dataset.pin));
    else if (b.dataset.at) player.playFrom(+b.dataset.at);
    else if (b.dataset.code && cursor) applyCodes([codeById.get(b.dataset.code)]);
    else if (b.dataset.coding && !pages.contains(b) && codings.has(b.dataset.coding)) focusOn(codings.get(b.dataset.coding));
  });
  on(root, "copy", (event) => {
    if (!cursor || !text.contains(event.target) || selectedRange()?.collapsed === false) return;
    event.clipboardData.setData("text/plain", doc.text.slice(cursor.start, cursor.end));
    event.preventDefault();
  });

  // -------------------------------------------------------------- keys
  const commands = {
    Enter: () => openFinder(), " ": () => openFinder(), j: () => toCoding(1), k: () => toCoding(-1), n: toUncoded, x: remove, Delete: remove, m: memoOnCoding, M: actions["transcript-memo"],
    z: actions.undo, Z: actions.redo, f: () => (find.focus(), find.select()), "/": () => (find.focus(), find.select()), "+": () => intensify(1), "=": () => intensify(1), "-": () => intensify(-1), "−": () => intensify(-1),
    "]": () => nudge("end", 1), "[": () => nudge("end", -1), "}": () => nudge("start", 1), "{": () => nudge("start", -1), r: actions.recode, i: split, g: merge, e: () => openExcerpts(codeById.get(codings.get(focused)?.code)), p: () => player.toggle(), P: () => player.playFrom(rowTime()), "<": () => player.skip(-5), ">": () => player.skip(5), v: () => newCode(""), d: markDone, o: cycleShow,
    "?": actions.help, ",": () => toTranscript(-1), ".": () => toTranscript(1), Escape: () => select(null),
  }; // prettier-ignore
  on(list, "keydown", (event) => {
    const all = [...list.querySelectorAll("button")], by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    all[all.indexOf(event.target.closest("button")) + by]?.focus();
  });
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
      else if (codeById.has(pins[key])) applyCodes([codeById.get(pins[key])]);
      else complain(`No code has the number ${key} yet. In the code finder, Alt ${key} gives it one.`);
    } else if (commands[key]) commands[key]();
    else return;
    event.preventDefault();
  });
  keepKeys(root, el, on);

  // -------------------------------------------------------------- life
  // Another widget of the same study on the same page asks to be shown a passage; whoever shows it says so.
  on(window, "workbench-show", (event) => {
    const there = transcripts.find((t) => t.id === event.detail.transcript || t.name === event.detail.transcript);
    if (event.detail.study !== study.key || event.defaultPrevented || !doc || !there) return;
    event.preventDefault();
    root.scrollIntoView({ block: "nearest" });
    goTo({ ...event.detail, transcript: there.id });
  });
  hideWhatIsLeft(el, view);
  watchShape(root, view);
  performance.mark("wbc-begin");
  ask({ op: "hello" });
  return () => {
    view.abort();
    clearTimeout(settled);
    root.remove();
  };
}

export default { render };

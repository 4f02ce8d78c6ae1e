// The codebook editor: the tree of codes, one code's description, and its excerpts to go to or to pick from.
// Study text reaches the page as text nodes only, and is in no trait: everything travels in messages.

import { newId, openLine } from "./line.js";
import { boxIn, button, colourOf, dot, h, hideWhatIsLeft, keepKeys, kbd, KIND_COLOURS, match, openChooser, openKeys, openNote, rankCodes, signed, watchShape } from "./parts.js";

// ---------------------------------------------------------------- the tree: pure, also read by node --test

/** The codes that are shown, in the order of the tree: none below a folded one, and of a search the hits with all above them. */
export function shownCodes(codes, { folded = new Set(), typed = "", retired = false } = {}) {
  const byId = new Map(codes.map((c) => [c.id, c]));
  const above = (c) => (c.parent ? [byId.get(c.parent), ...above(byId.get(c.parent))] : []);
  const hits = new Set();
  for (const c of codes) if (!typed || match(typed, c.name) > 1 || match(typed, c.definition ?? "") > 2) for (const d of [c, ...above(c)]) hits.add(d.id);
  return codes.filter((c) => hits.has(c.id) && (retired || !c.retired) && (typed || above(c).every((d) => !folded.has(d.id))) && (retired || above(c).every((d) => !d.retired)));
}

const siblingsOf = (codes, code) => codes.filter((c) => c.parent === code.parent);

/** Where a code goes by one key: up and down among its siblings, in under the one before it, out beside its parent; null where it cannot. */
export function placeBy(direction, codes, code) {
  const siblings = siblingsOf(codes, code), k = siblings.findIndex((c) => c.id === code.id);
  const parent = codes.find((c) => c.id === code.parent);
  const after = (list, i) => list[i]?.id ?? null;
  if (direction === "up") return k > 0 ? { parent: code.parent, before: siblings[k - 1].id } : null;
  if (direction === "down") return k < siblings.length - 1 ? { parent: code.parent, before: after(siblings, k + 2) } : null;
  if (direction === "in") return k > 0 ? { parent: siblings[k - 1].id, before: null } : null;
  if (!parent) return null;
  const beside = siblingsOf(codes, parent);
  return { parent: parent.parent, before: after(beside, beside.findIndex((c) => c.id === parent.id) + 1) };
}

/** Where a code goes when it is dropped on another: on its upper third before it, on its lower third after it, else under it. */
export function placeByDrop(share, codes, target) {
  if (share > 0.33 && share < 0.67) return { parent: target.id, before: null };
  const siblings = siblingsOf(codes, target), k = siblings.findIndex((c) => c.id === target.id);
  return { parent: target.parent, before: share <= 0.33 ? target.id : (siblings[k + 1]?.id ?? null) };
}

const KEYS = [
  ["In the tree", [["↑ ↓", "code before, after"], ["← →", "fold, unfold"], ["f", "find"], ["⏎", "its description; Esc or Ctrl ⏎ saves it"], ["e", "its excerpts"], ["h", "show retired codes, or not"]]],
  ["Codes", [["n", "new code beside"], ["⇧N", "new code under"], ["F2", "rename"], ["Alt ↑ ↓", "move up, down"], ["Alt → ←", "move in under the code before, out"], ["u", "move under another code"],
    ["g", "merge into another code: its codings follow"], ["x", "retire, or bring back"], ["Del", "remove a code that nothing rests on"], ["m", "memo"], ["z ⇧Z", "undo, redo"]]],
  ["In the excerpts", [["↑ ↓", "excerpt before, after"], ["Space", "pick, or not"], ["a", "pick all, or none"], ["⏎", "go to it"], ["s", "split: the picked ones get a new code"], ["r", "recode: the picked ones get another code"], ["Esc", "back to the tree"]]],
]; // prettier-ignore
const FIELDS = [["definition", "Definition", "What it means, in a sentence or two"], ["use", "Use it", "When …"], ["dont_use", "Do not use it", "When … ; use … instead"], ["example", "Example", "A typical passage"]];
const MOST_SHOWN = 300;

// ---------------------------------------------------------------- the widget

function render({ model, el }) {
  const view = new AbortController();
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: view.signal });

  let study = { key: "", title: "" }, me = "", kinds = [], codes = [], byId = new Map(), counts = {}, memos = [], since = 0, undoable = "", redoable = "";
  let here = null, folded = new Set(), retired = false, excerpts = null, picked = new Set(), at = 0, dragged = null, renaming = false;

  const find = h("input", { type: "search", placeholder: "Find a code", "aria-label": "Find a code", class: "wbc-find" });
  const whose = h("span", { class: "wbc-soft wbc-whose" });
  const undoButton = button("undo", "Undo (z)", "Undo"), redoButton = button("redo", "Redo (⇧Z)", "Redo");
  const retiredButton = button("retired", "Show retired codes (h)", "Retired");
  const bar = h("div", { class: "wbc-bar" }, h("b", {}, "Codebook"), whose, h("span", { class: "wbc-space" }), find, button("new", "New code beside the one you are on (n)", "New code"), retiredButton, undoButton, redoButton,
    h("button", { type: "button", "data-do": "help", title: "All keys (?)", "aria-label": "All keys" }, "?")); // prettier-ignore
  const tree = h("div", { class: "wbc-tree", role: "tree", tabindex: "0", "aria-label": "Codes. Arrow keys move, question mark lists the keys." });
  const left = h("div", { class: "wbc-left" }, h("div", { class: "wbc-treehead", "aria-hidden": "true" }, h("span", {}, "Code"), h("span", {}, "codings"), h("span", {}, "transcripts")), tree);
  const card = h("div", { class: "wbc-card" });
  const listHead = h("div", { class: "wbc-listhead" });
  const list = h("div", { class: "wbc-passages", role: "listbox", "aria-multiselectable": "true", tabindex: "0", "aria-label": "Excerpts. Space picks, Enter goes to the passage." });
  const filter = h("input", { type: "search", placeholder: "Find in the excerpts", "aria-label": "Find in the excerpts" });
  const saved = h("span", { class: "wbc-saved", role: "status" }), tally = h("span", {});
  const status = h("div", { class: "wbc-status" }, saved, tally, h("span", { class: "wbc-space" }), h("span", { class: "wbc-hints" }, ...kbd("n"), "new  ", ...kbd("F2"), "rename  ", ...kbd("Alt ↑↓→←"), "move  ", ...kbd("g"), "merge  ", ...kbd("e"), "excerpts  ", ...kbd("?"), "all keys"));
  const say = h("div", { class: "wbc-say", "aria-live": "polite" });
  const root = h("div", { class: "wbc wbc-codebook", "data-lm-suppress-shortcuts": "true" }, bar, left, h("div", { class: "wbc-right" }, card, listHead, list), status, say);
  root.style.height = `${model.get("height") || 640}px`;
  el.append(root);
  let backTo = tree;
  const box = boxIn(root, { back: () => backTo, anchor: (mode) => (["merge", "under", "memo", "new"].includes(mode) ? [...tree.querySelectorAll(".wbc-on .wbc-name")] : []) });

  const active = () => el.getRootNode().activeElement; // in a shadow root the document knows only its host

  // -------------------------------------------------------------- messages
  const line = openLine({ model, view, settle, changed: drawStatus, news: () => study.key && { since, code: here } });
  const { ask } = line;
  function settle(message, answer) {
    if (answer.ok && message.op === "hello") return welcome(answer);
    if (answer.seq && ["changes", "excerpts"].includes(message.op)) since = Math.max(since, answer.seq);
    if (answer.undo != null) [undoable, redoable] = [answer.undo, answer.redo];
    if (answer.did) say.textContent = answer.did;
    if (answer.memos) memos = answer.memos;
    if (answer.counts) counts = answer.counts;
    if (answer.codes) setCodes(answer.codes);
    if (answer.go && byId.has(answer.go)) here = answer.go;
    if (answer.context) openContext(answer.context);
    if (answer.excerpts && answer.of === here) showExcerpts(answer.excerpts);
    else if (answer.counts && here) ask({ op: "excerpts", code: here });
    if (answer.codes || answer.memos) drawTree(), drawCard(!answer.ok);
  }
  function welcome(answer) {
    ({ study, kinds, memos, counts } = answer);
    [me, since, undoable, redoable] = [answer.coder, answer.seq, answer.undo, answer.redo];
    setCodes(answer.codes);
    whose.replaceChildren(`${study.title} · as `, h("b", {}, me), answer.blind ? " · blind until both are done" : "");
    const left = line.keepAt(`workbench-codebook:${study.key}:${me}:`);
    for (const message of left) line.resend(message);
    goTo(codes.find((c) => !c.retired)?.id ?? null);
    drawStatus();
    root.dataset.filled = "yes";
  }
  function setCodes(given) {
    codes = given;
    byId = new Map(codes.map((c) => [c.id, c]));
    if (!byId.has(here)) here = codes.find((c) => !c.retired)?.id ?? null;
  }
  /** Ask for a change; it is kept until it is answered, and drawn when it is done. */
  const edit = (what, body) => ask({ op: what, ...body }, true);
  const code = () => byId.get(here);
  const complain = (sentence) => ((say.textContent = sentence), line.complain(sentence));
  const withCode = (doing) => () => (code() ? doing(code()) : complain("There is no code yet: n makes one."));

  // -------------------------------------------------------------- the tree
  const shown = () => shownCodes(codes, { folded, typed: find.value.trim(), retired });
  function drawTree() {
    const kept = root.contains(active()) && tree.contains(active());
    const rows = shown().map((c) => {
      const children = codes.some((d) => d.parent === c.id), n = counts[c.id] ?? {};
      return h("div", { class: `wbc-node${c.id === here ? " wbc-on" : ""}${c.retired ? " wbc-retired" : ""}`, role: "treeitem", id: `wbc-node-${c.id}`, "aria-level": c.depth + 1, "aria-selected": c.id === here, "aria-expanded": children ? !folded.has(c.id) : null, "data-code": c.id, draggable: "true", style: { "--depth": c.depth } },
        h("span", { class: "wbc-fold", "data-fold": children ? c.id : null, "aria-hidden": "true" }, children ? (folded.has(c.id) ? "▸" : "▾") : ""), dot(c), h("span", { class: "wbc-name", title: c.definition || null }, c.name), c.retired ? h("small", {}, "retired") : null,
        h("small", { class: "wbc-kind" }, c.kind), h("small", { class: "wbc-n", title: n.codings ? `${n.codings} codings in ${n.transcripts} transcripts` : "not used yet" }, n.codings || "–"), h("small", { class: "wbc-n" }, n.transcripts || "")); // prettier-ignore
    });
    tree.replaceChildren(...rows, ...(rows.length ? [] : [h("p", { class: "wbc-empty" }, codes.length ? "No code of this name." : "No codes yet. Press n for the first, or import a codebook with: workbench import codebook.csv")]));
    tree.setAttribute("aria-activedescendant", here ? `wbc-node-${here}` : "");
    tree.querySelector(".wbc-on")?.scrollIntoView({ block: "nearest" });
    if (kept) tree.focus({ preventScroll: true });
    const live = codes.filter((c) => !c.retired).length;
    tally.textContent = `${live} ${live === 1 ? "code" : "codes"}${codes.length > live ? `, ${codes.length - live} retired` : ""}`;
    retiredButton.setAttribute("aria-pressed", retired);
    Object.assign(undoButton, { disabled: !undoable, title: undoable ? `Undo: ${undoable} (z)` : "Nothing to undo" });
    Object.assign(redoButton, { disabled: !redoable, title: redoable ? `Redo: ${redoable} (⇧Z)` : "Nothing to redo" });
  }
  function goTo(id) {
    if (id !== here || !excerpts) [here, excerpts, picked, at] = [id, null, new Set(), 0];
    drawTree(), drawCard(), drawExcerpts();
    if (id) ask({ op: "excerpts", code: id });
    const c = code();
    if (c) say.textContent = `${c.name}, ${c.kind}, ${counts[c.id]?.codings ?? 0} codings`;
  }
  function walk(by) {
    const rows = shown(), k = rows.findIndex((c) => c.id === here);
    const next = rows[Math.max(0, Math.min(rows.length - 1, k + by))];
    if (next) goTo(next.id);
  }
  function fold(closed) {
    const c = code();
    if (!c) return;
    const children = codes.some((d) => d.parent === c.id);
    if (closed && (!children || folded.has(c.id)) && c.parent) return goTo(c.parent);
    if (!closed && children && !folded.has(c.id)) return walk(1);
    closed ? folded.add(c.id) : folded.delete(c.id);
    drawTree();
  }
  const move = (c, place) => (place ? edit("move", { code: c.id, version: c.version, ...place }) : (say.textContent = "It cannot be moved further."));

  // -------------------------------------------------------------- what is done to codes
  function make(parent) {
    const name = h("input", { "data-first": true, "aria-label": "Name of the new code", maxlength: "120", autocomplete: "off" });
    const above = parent && byId.get(parent), from = above ?? code();
    const kind = h("select", { "aria-label": "Kind" }, ...kinds.map((k) => h("option", { value: k, selected: k === (from?.kind ?? "other") }, k)));
    const form = h("form", { class: "wbc-form" }, h("b", {}, above ? `New code under “${above.name}”` : "New code"), name, h("label", {}, "Kind ", kind), h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Make ", h("kbd", {}, "⏎")), h("span", { class: "wbc-soft" }, ...kbd("Esc"), "close")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!name.value.trim()) return;
      const next = code() && !above ? siblingsOf(codes, code())[siblingsOf(codes, code()).findIndex((c) => c.id === here) + 1] : null;
      edit("add", { code: { id: newId(), name: name.value.trim(), kind: kind.value, parent: parent ?? code()?.parent ?? null, colour: codes.find((c) => c.kind === kind.value && c.colour)?.colour ?? KIND_COLOURS[kind.value] ?? "" }, before: next?.id ?? null });
      box.close();
    });
    box.open("new", form);
  }
  const revise = (c, values) => edit("revise", { code: c.id, version: c.version, values });
  function rename(c) {
    renaming = true;
    const input = h("input", { class: "wbc-rename", "aria-label": `New name of ${c.name}`, maxlength: "120" });
    input.value = c.name;
    const end = (keep) => {
      if (!renaming) return;
      renaming = false;
      if (keep && input.value.trim() && input.value.trim() !== c.name) revise(c, { name: input.value.trim() });
      drawTree();
      tree.focus({ preventScroll: true });
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault(), end(event.key === "Enter");
    });
    input.addEventListener("blur", () => end(true));
    tree.querySelector(".wbc-on .wbc-name")?.replaceChildren(input);
    input.focus();
    input.select();
  }
  /** Choose one of the other codes that `fits`. */
  function choose(mode, label, fits, use) {
    openChooser(box, mode, {
      label, items: (typed) => rankCodes(typed, codes.filter(fits)), option: (c) => [dot(c), h("span", {}, c.name), h("small", {}, byId.get(c.parent)?.name ?? c.kind)],
      use: (c) => (box.close(), use(c)), foot: [...kbd("⏎"), "this one · ", ...kbd("Esc"), "close"],
    }); // prettier-ignore
  }
  const isBelow = (c, top) => !!c && (c.id === top.id || isBelow(byId.get(c.parent), top));
  const merge = (c) => choose("merge", `Merge “${c.name}” into …`, (d) => !isBelow(d, c) && !d.retired, (into) => edit("merge", { code: c.id, into: into.id }));
  const under = (c) => choose("under", `Move “${c.name}” under …`, (d) => !isBelow(d, c) && d.id !== c.parent && !d.retired, (into) => move(c, { parent: into.id, before: null }));
  const retire = (c) => revise(c, { retired: !c.retired });
  const remove = (c) => edit("remove", { code: c.id, version: c.version });
  const memo = (c) => openNote(box, `Memo on the code “${c.name}”`, memos.find((m) => m.about_id === c.id && m.coder === me)?.text ?? "", (words) => edit("memo", { code: c.id, text: words }));

  // -------------------------------------------------------------- the card of a code
  /** `keep` leaves what is being written in a field where it is. */
  function drawCard(keep = false) {
    const c = code();
    if (!c) return card.replaceChildren(h("p", { class: "wbc-soft" }, "Choose a code."));
    const writing = card.contains(active()) ? active().name : "";
    if (writing && card.dataset.code === c.id) return refresh(c, keep);
    card.dataset.code = c.id;
    const field = (name, label, node) => h("label", { class: `wbc-field-${name}` }, h("span", {}, label), Object.assign(node, { name }));
    const kind = h("select", {}, ...kinds.map((k) => h("option", { value: k }, k)));
    const valence = h("select", {}, h("option", { value: "" }, "–"), ...[-2, -1, 0, 1, 2].map((v) => h("option", { value: v }, signed(v))));
    const noted = memos.filter((m) => m.about_id === c.id);
    card.replaceChildren(
      h("div", { class: "wbc-cardtop" }, field("name", "Name", h("input", { maxlength: "120" })), field("kind", "Kind", kind), field("colour", "Colour", h("input", { type: "color" })), field("valence", "Feels (−2 to +2)", valence)),
      ...FIELDS.map(([name, label, hint]) => field(name, label, h("textarea", { rows: "2", placeholder: hint }))),
      ...noted.map((m) => h("p", { class: "wbc-memo" }, h("span", { class: "wbc-soft" }, `Memo, ${m.coder}: `), m.text)),
      h("div", { class: "wbc-tools" }, button("memo", "Memo (m)", "Memo"), button("under", "Move under another code (u)", "Move under …"), button("merge", "Merge into another code (g)", "Merge into …"), button("retire", "Retire or bring back (x)", c.retired ? "Bring back" : "Retire"), button("remove", "Remove a code that nothing rests on (Del)", "Remove")),
    ); // prettier-ignore
    refresh(c);
  }
  function refresh(c, keep = false) {
    for (const node of card.querySelectorAll("[name]")) {
      const now = node.name === "colour" ? full(colourOf(c)) : `${c[node.name] ?? ""}`;
      if (node === active() || (keep && node.dataset.dirty)) continue;
      node.value = now;
      delete node.dataset.dirty;
    }
    card.querySelector(".wbc-field-valence").hidden = c.kind !== "emotion";
  }
  const full = (colour) => (colour.length === 4 ? `#${[...colour.slice(1)].map((d) => d + d).join("")}` : colour.slice(0, 7));
  on(card, "input", (event) => (event.target.dataset.dirty = "yes"));
  on(card, "change", (event) => {
    const { name, value } = event.target, c = byId.get(card.dataset.code);
    if (!c || !name) return;
    if (name === "name" && !value.trim()) return void ((event.target.value = c.name), complain("A code needs a name."));
    revise(c, { [name]: name === "valence" ? (value === "" ? null : +value) : value.trim() });
  });
  on(card, "keydown", (event) => {
    if (event.key === "Escape") event.preventDefault(), tree.focus({ preventScroll: true });
    else if (event.key === "Enter" && (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey)) event.preventDefault(), tree.focus({ preventScroll: true });
  });

  // -------------------------------------------------------------- the excerpts of a code
  const filtered = () => (excerpts ?? []).filter((e) => !filter.value.trim() || [e.text, e.who, e.name, e.coder].some((words) => match(filter.value, words) > 1));
  function showExcerpts(given) {
    const before = filtered()[at]?.id;
    excerpts = given;
    picked = new Set([...picked].filter((id) => given.some((e) => e.id === id)));
    at = Math.max(0, filtered().findIndex((e) => e.id === before));
    drawExcerpts();
  }
  function drawExcerpts() {
    const all = filtered(), some = all.slice(0, MOST_SHOWN), c = code();
    list.replaceChildren(
      ...some.map((e, k) => h("div", { class: `wbc-passage${k === at ? " wbc-on" : ""}${picked.has(e.id) ? " wbc-picked" : ""}`, role: "option", id: `wbc-passage-${k}`, "aria-selected": picked.has(e.id), "data-k": k, style: { "--c": colourOf(c) } },
        h("span", { class: "wbc-tick", "data-pick": k, "aria-hidden": "true" }, picked.has(e.id) ? "✓" : ""),
        h("span", { class: "wbc-said" }, h("q", {}, e.text), h("small", {}, `${e.name}${e.who && e.who !== e.name ? ` · ${e.who}` : ""} · coded by ${e.coder}${e.intensity == null ? "" : ` · ${signed(e.intensity)}`}${e.memo ? ` · ${e.memo}` : ""}`)), // prettier-ignore
        h("span", { class: "wbc-go", "data-show": k, title: "Go there (⏎)", "aria-hidden": "true" }, "→"))),
      ...(excerpts && !all.length ? [h("p", { class: "wbc-empty" }, excerpts.length ? "None with these words." : "No passage carries this code yet.")] : []),
      ...(all.length > MOST_SHOWN ? [h("p", { class: "wbc-soft" }, `${all.length - MOST_SHOWN} more: find in the excerpts.`)] : []),
    );
    list.setAttribute("aria-activedescendant", some.length ? `wbc-passage-${at}` : "");
    if (!listHead.childNodes.length) listHead.append(h("b", {}), filter, h("span", { class: "wbc-space" }), button("split", "The picked excerpts get a new code (s)", "Split off …"), button("recode", "The picked excerpts get another code (r)", "Recode …"));
    listHead.querySelector("b").textContent = excerpts ? `${excerpts.length} ${excerpts.length === 1 ? "excerpt" : "excerpts"}${picked.size ? `, ${picked.size} picked` : ""}` : "Excerpts";
    for (const b of listHead.querySelectorAll("button")) b.disabled = !picked.size;
    list.dataset.of = excerpts ? here ?? "" : "";
  }
  const step = (by) => ((at = Math.max(0, Math.min(Math.min(filtered().length, MOST_SHOWN) - 1, at + by))), drawExcerpts(), list.querySelector(".wbc-on")?.scrollIntoView({ block: "nearest" }));
  function pick(k) {
    const e = filtered()[k];
    if (!e) return;
    picked.has(e.id) ? picked.delete(e.id) : picked.add(e.id);
    at = k;
    drawExcerpts();
  }
  function pickAll() {
    const all = filtered();
    picked = all.every((e) => picked.has(e.id)) ? new Set() : new Set(all.map((e) => e.id));
    drawExcerpts();
  }
  function split() {
    const c = code();
    if (!picked.size || !c) return complain("Pick excerpts first, with Space or a click on their boxes.");
    backTo = list;
    const name = h("input", { "data-first": true, "aria-label": "Name of the new code", maxlength: "120", autocomplete: "off" });
    const form = h("form", { class: "wbc-form" }, h("b", {}, `${picked.size} of ${excerpts.length} excerpts of “${c.name}” get a new code`), name, h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Split off ", h("kbd", {}, "⏎")), h("span", { class: "wbc-soft" }, ...kbd("Esc"), "close")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!name.value.trim()) return;
      edit("split", { code: c.id, new: { id: newId(), name: name.value.trim(), kind: c.kind }, codings: [...picked] });
      picked = new Set();
      box.close();
    });
    box.open("split", form);
  }
  function recode() {
    const c = code();
    if (!picked.size || !c) return complain("Pick excerpts first, with Space or a click on their boxes.");
    backTo = list;
    const codings = [...picked];
    choose("recode", `Recode ${picked.size} excerpts as …`, (d) => d.id !== c.id && !d.retired, (into) => (edit("recode", { code: c.id, into: into.id, codings }), (picked = new Set())));
  }
  /** In the interview coder of this page, if there is one, else in a box. */
  function show(k) {
    const e = filtered()[k];
    if (!e) return;
    const seen = !window.dispatchEvent(new CustomEvent("workbench-show", { cancelable: true, detail: { study: study.key, ...e } }));
    if (!seen) ask({ op: "context", transcript: e.transcript, start: e.start, end: e.end, coding: e.id });
  }
  function openContext({ name, before, words, after }) {
    backTo = list;
    box.open("context", h("div", { class: "wbc-context", tabindex: "0", "data-first": true, role: "group", "aria-label": `Passage in ${name}` }, h("b", {}, name), h("p", {}, before, h("mark", { style: { "--c0": colourOf(code()) } }, words), after), h("p", { class: "wbc-soft" }, `To code it, open the interview coder on this page: wb.InterviewCoder(study, "${name}")`)));
  }

  // -------------------------------------------------------------- what stands around
  function drawStatus() {
    const { n, words, well, asked } = line.status();
    saved.className = `wbc-saved ${well ? "wbc-ok" : "wbc-wait"}`;
    saved.textContent = words;
    root.dataset.unsaved = n;
    if (asked) root.dataset.asked = asked;
  }
  const actions = {
    undo: () => ask({ op: "undo", code: here }, true), redo: () => ask({ op: "redo", code: here }, true), help: () => openKeys(box, KEYS), new: () => make(null), "new-under": withCode((c) => make(c.id)),
    memo: withCode(memo), merge: withCode(merge), under: withCode(under), retire: withCode(retire), remove: withCode(remove), rename: withCode(rename), split, recode,
    retired: () => ((retired = !retired), drawTree()),
  }; // prettier-ignore
  on(root, "click", (event) => {
    const b = event.target.closest("[data-do]");
    backTo = list.contains(active()) ? list : tree;
    if (b && actions[b.dataset.do]) return actions[b.dataset.do]();
    const { fold: folding } = event.target.dataset;
    if (folding) return folded.has(folding) ? folded.delete(folding) : folded.add(folding), drawTree();
    const node = event.target.closest("[data-code].wbc-node"), pickOf = event.target.closest("[data-pick]"), showOf = event.target.closest("[data-show]"), passage = event.target.closest(".wbc-passage");
    if (node && !event.target.closest("input")) goTo(node.dataset.code), tree.focus({ preventScroll: true });
    else if (showOf) show(+showOf.dataset.show);
    else if (pickOf || (passage && !document.getSelection().toString())) pick(+(pickOf ?? passage).dataset[pickOf ? "pick" : "k"]), list.focus({ preventScroll: true });
  });
  on(tree, "dblclick", (event) => event.target.closest(".wbc-name") && withCode(rename)());
  on(root, "mousedown", (event) => box.mode && !box.node.contains(event.target) && box.close());
  on(find, "input", drawTree);
  on(find, "keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") goTo(shown().find((c) => match(find.value, c.name) > 1)?.id ?? here), tree.focus();
    else if (event.key === "Escape") (find.value = ""), drawTree(), tree.focus();
    else return;
    event.preventDefault();
  });
  on(filter, "input", () => ((at = 0), drawExcerpts()));
  on(filter, "keydown", (event) => ["Enter", "ArrowDown", "Escape"].includes(event.key) && (event.preventDefault(), list.focus()));

  // -------------------------------------------------------------- dragging; Alt and the arrow keys do the same
  on(tree, "dragstart", (event) => {
    dragged = event.target.closest(".wbc-node")?.dataset.code ?? null;
    event.dataTransfer?.setData("text/plain", byId.get(dragged)?.name ?? "");
  });
  const dropOf = (event) => {
    const node = event.target.closest?.(".wbc-node"), c = byId.get(dragged), target = byId.get(node?.dataset.code);
    if (!c || !target || isBelow(target, c)) return null;
    const place = node.getBoundingClientRect(), share = (event.clientY - place.top) / place.height;
    return { node, c, share, place: placeByDrop(share, codes.filter((d) => d.id !== c.id), target) };
  };
  const unmark = () => tree.querySelectorAll("[data-drop]").forEach((n) => delete n.dataset.drop);
  on(tree, "dragover", (event) => {
    const drop = dropOf(event);
    unmark();
    if (!drop) return;
    event.preventDefault();
    drop.node.dataset.drop = drop.share <= 0.33 ? "before" : drop.share >= 0.67 ? "after" : "under";
  });
  on(tree, "drop", (event) => {
    const drop = dropOf(event);
    unmark();
    if (!drop) return;
    event.preventDefault();
    move(drop.c, drop.place);
    dragged = null;
  });
  on(tree, "dragend", () => (unmark(), (dragged = null)));

  // -------------------------------------------------------------- keys
  const common = { z: actions.undo, Z: actions.redo, "?": actions.help, f: () => (find.focus(), find.select()), "/": () => (find.focus(), find.select()) };
  const commands = {
    ...common, ArrowUp: () => walk(-1), ArrowDown: () => walk(1), ArrowLeft: () => fold(true), ArrowRight: () => fold(false), Home: () => walk(-1e9), End: () => walk(1e9), n: actions.new, N: actions["new-under"], F2: actions.rename,
    Enter: () => card.querySelector("[name=definition]")?.focus(), e: () => list.focus(), g: actions.merge, u: actions.under, x: actions.retire, Delete: actions.remove, m: actions.memo, h: actions.retired,
  }; // prettier-ignore
  const moves = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
  on(tree, "keydown", (event) => {
    backTo = tree;
    if (event.altKey && moves[event.key]) withCode((c) => move(c, placeBy(moves[event.key], codes, c)))();
    else if (byCtrl(event)) return;
    else if (!event.altKey && commands[event.key]) commands[event.key]();
    else return;
    event.preventDefault();
  });
  const inList = { ...common, f: () => filter.focus(), ArrowUp: () => step(-1), ArrowDown: () => step(1), " ": () => pick(at), a: pickAll, Enter: () => show(at), s: split, r: recode, Escape: () => tree.focus(), e: () => tree.focus() };
  on(list, "keydown", (event) => {
    backTo = list;
    if (event.target !== list || byCtrl(event) || !inList[event.key]) return;
    inList[event.key]();
    event.preventDefault();
  });
  function byCtrl(event) {
    if (!event.ctrlKey && !event.metaKey) return false;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return true;
    event.preventDefault();
    (key === "y" || event.shiftKey ? actions.redo : actions.undo)();
    return true;
  }
  keepKeys(root, el, on);

  // -------------------------------------------------------------- life
  hideWhatIsLeft(el, view);
  watchShape(root, view, { narrow: 900, slim: 620 });
  ask({ op: "hello" });
  return () => (view.abort(), root.remove());
}

export default { render };

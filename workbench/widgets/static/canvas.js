// A canvas: statements in named lists, each with what stands behind it.  Personas, empathy maps, journey maps and boards are laid out
// on one; a widget gives the layout, this file does the rest.  Study text reaches the page as text nodes only.

import { newId, openLine } from "./line.js";
import { boxIn, button, colourOf, h, hideWhatIsLeft, keepKeys, kbd, openKeys, openNote, watchShape } from "./parts.js";

/** The nearest of some places in a direction: straight on before sideways; null when there is none. */
export function nearest(from, places, direction) {
  const centre = (r) => ({ x: (r.left + r.right) / 2, y: (r.top + r.bottom) / 2 });
  const here = centre(from);
  let best = null, least = Infinity;
  for (const [k, rect] of places.entries()) {
    const there = centre(rect), [dx, dy] = [there.x - here.x, there.y - here.y];
    const along = { left: -dx, right: dx, up: -dy, down: dy }[direction], aside = direction === "left" || direction === "right" ? Math.abs(dy) : Math.abs(dx);
    if (along > 4 && along + 2 * aside < least) [best, least] = [k, along + 2 * aside];
  }
  return best;
}

/** Which of two states of the lists differ, by id. */
export function changedLists(before, after) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((id) => JSON.stringify(before[id] ?? []) !== JSON.stringify(after[id] ?? []));
}

const BASES = { observed: "seen or heard", inferred: "read into what people said", measured: "measured", assumed: "assumed: nothing stands behind it yet" };
const COMMON_KEYS = [
  ["Move", [["↑ ↓ ← →", "statement, field"], ["f", "find evidence"], ["Esc", "back to the canvas"]]],
  ["Statements", [["n", "new one here"], ["⏎  F2", "reword"], ["Alt ↑ ↓", "move up, down"], ["Alt ← →", "move to the field beside"], ["m", "note"], ["x", "take off, or bring back"], ["Del", "remove one of your own"], ["z ⇧Z", "undo, redo"]]],
  ["Evidence", [["type", "to find what people said"], ["↑ ↓", "choose"], ["⏎", "put it behind the statement"], ["⇧⏎", "a new statement from it"], ["or drag", "onto a statement or a field"]]],
  ["Versions", [["s", "save a version"], ["c", "what has changed since"], ["h", "show what was taken off, or not"]]],
]; // prettier-ignore

/**
 * Draws a canvas and keeps it in step with the study.
 *
 * `title` and `root` name the widget; `layout(state, list)` gives the nodes of the canvas, where `list(id, head)` is the node of a
 * list; `bar(state)` gives nodes for the bar and `keys` further keys, `{key: [what, (canvas) => …]}`; `onClick` and `onChange` take
 * events on the layout's own nodes, `extra(answer, again, canvas, message)` answers that only the layout reads, and `nextView()` changes its form.
 * `thing` is what an item is called, `off` what x does to it; `toolsOf(item)` are the buttons of an item and `detailsOf(item, evidence)` more of it, both in the
 * details; `onKey(event, canvas)` may take a key first, by returning true; `ready(canvas)` gives what they work with.
 */
export function renderCanvas({ model, el }, { title, name, layout, keys = {}, bar: tools = () => [], onClick = () => {}, onChange = () => {}, extra = () => {}, nextView = () => {}, thing = "statement", off = "take off", withVersions = true, withAbout = true, toolsOf = null, detailsOf = () => [], onKey = () => false, ready = () => {} }) {
  const view = new AbortController();
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: view.signal });
  let state = null, study = { key: "" }, me = "", since = 0, undoable = "", redoable = "", here = null, hits = [], hit = 0, searched = "", hidden = false, evidence = null, dragged = null, lastTyped = 0;

  const whose = h("span", { class: "wbc-soft wbc-whose" }), then = h("span", { class: "wbc-past", hidden: true });
  const undoButton = button("undo", "Undo (z)", "Undo"), redoButton = button("redo", "Redo (⇧Z)", "Redo");
  const own = h("span", { class: "wbc-own" });
  const bar = h("div", { class: "wbc-bar" }, h("b", {}, title), whose, then, h("span", { class: "wbc-space" }), own, withVersions && button("versions", "What has changed, and versions (c)", "Versions"), withAbout && button("about", "What this is about", "About"), undoButton, redoButton,
    h("button", { type: "button", "data-do": "help", title: "All keys (?)", "aria-label": "All keys" }, "?")); // prettier-ignore
  const main = h("div", { class: `wbc-canvas wbc-${name}-canvas`, role: "group", "aria-label": `${title}. Arrow keys move, n makes a ${thing}, question mark lists the keys.` });
  const details = h("div", { class: "wbc-behind" });
  const search = h("input", { type: "search", placeholder: "Find what people said", "aria-label": "Find evidence", role: "combobox", "aria-expanded": "true", "aria-controls": "wbc-hits", autocomplete: "off" });
  const found = h("div", { class: "wbc-hits", id: "wbc-hits", role: "listbox", "aria-label": "What people said" });
  const side = h("div", { class: "wbc-side" }, details, h("div", { class: "wbc-finder" }, search, found));
  const saved = h("span", { class: "wbc-saved", role: "status" }), tally = h("span", {});
  const status = h("div", { class: "wbc-status" }, saved, tally, h("span", { class: "wbc-space" }), h("span", { class: "wbc-hints" }, ...kbd("n"), "new  ", ...kbd("⏎"), "reword  ", ...kbd("f"), "evidence  ", ...kbd("x"), `${off}  `, ...kbd("?"), "all keys"));
  const say = h("div", { class: "wbc-say", "aria-live": "polite" });
  const root = h("div", { class: `wbc wbc-board wbc-${name}`, "data-lm-suppress-shortcuts": "true" }, bar, main, side, status, say);
  root.style.height = `${model.get("height") || 720}px`;
  el.append(root);
  const box = boxIn(root, { back: () => focusable(here) ?? main, anchor: (mode) => (mode === "memo" && focusable(here) ? [focusable(here)] : []) });

  // -------------------------------------------------------------- messages
  const line = openLine({ model, view, settle, changed: drawStatus, news: () => state && about({ since }) });
  /** What is asked is about the document that this view shows, where a canvas has several. */
  const about = (body) => (state?.doc ? { doc: state.doc, ...(state.past ? { past: state.past.day } : {}), ...body } : body);
  /** What is asked to be kept is a change, and what was is not changed. */
  const ask = (body, keep) => (keep && isPast() ? null : line.ask(about(body), keep));
  const isPast = () => state?.past && (complain(`Nothing is changed: ${state.past.words}. Go back to today first.`), true);
  const edit = (op, body) => ask({ op, ...body }, true);
  const complain = (sentence) => ((say.textContent = sentence), line.complain(sentence));
  function settle(message, answer) {
    if (answer.ok && message.op === "hello") return welcome(answer);
    if (message.op === "changes" && answer.seq) since = answer.seq;
    if (answer.undo != null) [undoable, redoable] = [answer.undo, answer.redo];
    if (answer.did) say.textContent = answer.did;
    if (answer.evidence) (evidence = answer.evidence), drawDetails();
    if (answer.hits && message.typed === searched) (hits = answer.hits), (hit = 0), drawHits();
    if (answer.form) openForm(answer.form);
    extra(answer, again, canvas(), message);
    if (answer.versions) openVersions(answer);
    const left = message.doc && state && message.doc !== state.doc && (answer.state?.doc ?? message.doc) === message.doc; // another document is shown by now
    if (answer.state && !left) take(answer.state, answer.go);
    else if (answer.lists && !left) take({ ...state, ...answer.rest, lists: { ...state.lists, ...answer.lists } }, answer.go);
    drawStatus();
  }
  function welcome(answer) {
    [study, me, since, undoable, redoable] = [answer.study, answer.coder, answer.seq, answer.undo, answer.redo];
    whose.replaceChildren(`${study.title} · as `, h("b", {}, me));
    const left = line.keepAt(`workbench-${name}:${study.key}:${me}:${answer.state.queue ?? ""}`);
    for (const message of left) line.resend(message);
    take(answer.state);
    find();
    drawStatus();
    root.dataset.filled = "yes";
    performance.mark("wbc-usable");
  }
  /** Draw what is new: everything when the frame of the canvas has changed, otherwise the lists that have. */
  function take(next, go) {
    const wasPast = state?.past?.day;
    state = next;
    if (wasPast !== state.past?.day) drawThen();
    if (main.querySelector(".wbc-writing")) return (owed = go ?? owed ?? ""); // drawn when the writing is done: it must not be cut short
    const before = shown;
    [shown, owed] = [next, null];
    const frame = ({ lists, ...rest }) => JSON.stringify(rest);
    const held = main.contains(active());
    if (!before || frame(before) !== frame(next)) drawAll();
    else for (const id of changedLists(before.lists, next.lists)) redrawList(id);
    if (go) here = { item: go, list: listOf(go) };
    if (here?.item && !listOf(here.item)) here = here.list ? { list: here.list } : null;
    if (here?.item) here.list = listOf(here.item);
    else if (here && !state.lists[here.list]) here = null;
    if (go || (held && !main.contains(active()))) focusable(here)?.focus({ preventScroll: !go });
    evidence = null;
    drawDetails();
    if (here?.item) ask({ op: "evidence", item: here.item });
    const all = Object.values(state.lists).flat();
    const live = all.filter((s) => !s.hidden).length;
    tally.textContent = `${live} ${thing}${live === 1 ? "" : "s"}, ${all.filter((s) => s.assumed && !s.hidden).length} assumed`;
    root.dataset.drawn = +(root.dataset.drawn ?? 0) + 1;
  }
  /** Which day is shown, and the way back to today. */
  function drawThen() {
    root.classList.toggle("wbc-then", !!state.past);
    then.hidden = !state.past;
    then.replaceChildren(...(state.past ? [h("span", {}, `${state.past.words[0].toUpperCase()}${state.past.words.slice(1)}, to be read only.`), button("today", "The map as it is now", "Back to today")] : []));
    say.textContent = state.past ? then.firstChild.textContent : "This is the map as it is today.";
    find();
  }
  let shown = null, owed = null;
  const active = () => el.getRootNode().activeElement; // in a shadow root the document knows only its host
  const listOf = (item) => Object.keys(state.lists).find((id) => state.lists[id].some((s) => s.id === item));
  const itemOf = (id) => Object.values(state?.lists ?? {}).flat().find((s) => s.id === id);

  // -------------------------------------------------------------- the canvas
  const listNodes = new Map();
  function drawAll() {
    listNodes.clear();
    const scrolled = [main.scrollLeft, main.scrollTop], kept = main.contains(active()) && active().dataset.keep;
    main.replaceChildren(...layout(state, listNode));
    own.replaceChildren(...tools(state));
    [main.scrollLeft, main.scrollTop] = scrolled;
    if (kept) main.querySelector(`[data-keep="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
  }
  function listNode(id, head = null) {
    const label = state.names[id] ?? id;
    const node = h("section", { class: "wbc-field", "data-list": id }, head, h("div", { class: "wbc-items", role: "list", "aria-label": label }), h("button", { type: "button", class: "wbc-add", tabindex: "-1", "data-add": id, title: `New ${thing} in ${label} (n)`, "aria-label": `New ${thing} in ${label}` }, "+"));
    listNodes.set(id, node);
    fillList(node, id);
    return node;
  }
  function fillList(node, id) {
    const items = (state.lists[id] ?? []).filter((s) => hidden || !s.hidden);
    node.querySelector(".wbc-items").replaceChildren(...items.map(itemNode));
  }
  function redrawList(id) {
    if (listNodes.has(id)) fillList(listNodes.get(id), id);
  }
  function itemNode(s) {
    const mark = s.assumed ? h("small", { class: "wbc-assumed" }, "assumed") : h("span", { class: "wbc-n" }, s.of ? meter(s) : null, h("small", {}, s.of ? `${s.n} of ${s.of}` : s.measured ?? `${s.n || s.quotes} ${s.n === 1 || s.quotes === 1 ? "quote" : "quotes"}`));
    const classes = ["wbc-item", `wbc-${s.basis}`, s.hidden && "wbc-off", s.tone && `wbc-tone-${s.tone}`];
    return h("div", { role: "listitem", class: "wbc-slot", draggable: "true", "data-slot": s.id },
      h("button", { type: "button", class: classes.filter(Boolean).join(" "), tabindex: "-1", "data-item": s.id, title: s.by ? `${s.reworded ? "worded" : "written"} by ${s.by}` : null }, h("span", { class: "wbc-words" }, ...(s.lead ? [h("span", { class: "wbc-soft" }, `${s.lead} `), s.edit] : [s.quoted ? `“${s.text}”` : s.text])), h("span", { class: "wbc-meta" }, mark, s.extra ? h("small", {}, s.extra) : null, s.note ? h("small", { title: s.note }, "✎") : null, s.hidden ? h("small", {}, "taken off") : null))); // prettier-ignore
  }
  const meter = (s) => h("i", { class: "wbc-meter", "aria-hidden": "true", style: { "--p": `${(100 * s.n) / s.of}%` } });
  const focusable = (at) => (at?.item ? main.querySelector(`[data-item="${CSS.escape(at.item)}"]`) : at?.list ? main.querySelector(`[data-add="${CSS.escape(at.list)}"]`) : null) ?? main.querySelector("[data-item], [data-add]");
  function focusOn(node) {
    if (!node) return;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  on(main, "focusin", (event) => {
    const node = event.target.closest("[data-item], [data-add]");
    main.querySelectorAll(".wbc-here").forEach((n) => n.classList.remove("wbc-here"));
    if (!node) return;
    main.querySelectorAll('[tabindex="0"]').forEach((n) => n.matches("[data-item], [data-add]") && (n.tabIndex = -1));
    node.tabIndex = 0;
    node.classList.add("wbc-here");
    const next = node.dataset.item ? { item: node.dataset.item, list: listOf(node.dataset.item) } : { list: node.dataset.add };
    if (next.item === here?.item && next.list === here?.list) return;
    here = next;
    evidence = null;
    if (here.item) ask({ op: "evidence", item: here.item });
    drawDetails();
    if (!search.value.trim()) find();
  });
  function walk(direction) {
    const nodes = [...main.querySelectorAll("[data-item], [data-add]")].filter((n) => n.getClientRects().length);
    const now = main.contains(active()) ? active().closest("[data-item], [data-add]") : null;
    if (!now) return focusOn(focusable(here));
    const others = nodes.filter((n) => n !== now);
    const k = nearest(now.getBoundingClientRect(), others.map((n) => n.getBoundingClientRect()), direction);
    if (k != null) focusOn(others[k]);
  }
  function shift(direction) {
    const s = itemOf(here?.item);
    if (!s) return complain(`Go to a ${thing} first.`);
    const own = state.lists[here.list].filter((o) => hidden || !o.hidden), k = own.findIndex((o) => o.id === s.id);
    if (direction === "up" || direction === "down") {
      const to = direction === "up" ? k - 1 : k + 2;
      if (to >= 0 && to <= own.length) edit("move", { item: s.id, list: here.list, before: own[to]?.id ?? null });
      return;
    }
    const ids = [...listNodes.keys()].filter((id) => id !== here.list && listNodes.get(id).offsetParent);
    const next = nearest(listNodes.get(here.list).getBoundingClientRect(), ids.map((id) => listNodes.get(id).getBoundingClientRect()), direction);
    if (next != null) edit("move", { item: s.id, list: ids[next], before: null });
  }

  // -------------------------------------------------------------- writing
  function write(before, label, save, node) {
    if (isPast()) return;
    const words = h("textarea", { class: "wbc-writing", rows: "2", "aria-label": label });
    words.value = before;
    let open = true;
    const end = (keep) => {
      if (!open) return;
      open = false;
      const text = words.value.trim();
      words.remove();
      node.hidden = false;
      if (owed != null) take(state, owed || undefined);
      if (keep && text && text !== before) save(text);
      focusOn(node.isConnected ? node : focusable(here));
    };
    words.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) event.preventDefault(), end(event.key === "Enter");
    });
    words.addEventListener("blur", () => end(true));
    node.after(words);
    node.hidden = !node.dataset.add;
    words.focus();
    words.select();
  }
  function add(list = here?.list) {
    if (!list) return complain("Go to a field first, with the arrow keys.");
    const node = main.querySelector(`[data-add="${CSS.escape(list)}"]`);
    write("", `New ${thing} in ${state.names[list] ?? list}`, (text) => edit("add", { list, text, item: newId() }), node);
  }
  function reword() {
    const s = itemOf(here?.item);
    if (s) write(s.edit ?? s.text, "Other words for it", (text) => edit("reword", { item: s.id, text, before: s.edit ?? s.text }), focusable(here));
    else if (here?.list) add();
  }
  const withItem = (doing) => () => (itemOf(here?.item) ? doing(itemOf(here.item)) : complain(`Go to a ${thing} first, with the arrow keys.`));
  const note = withItem((s) => isPast() || openNote(box, `Note on “${s.text}”`, s.note, (text) => edit("note", { item: s.id, text, before: s.note })));
  const takeOff = withItem((s) => edit("hide", { item: s.id, hidden: !s.hidden }));
  const remove = withItem((s) => edit("remove", { item: s.id }));

  // -------------------------------------------------------------- what stands behind a statement
  function drawDetails() {
    const s = itemOf(here?.item);
    if (!s) {
      const n = here?.list ? (state.lists[here.list] ?? []).length : 0;
      return details.replaceChildren(...(here?.list ? [h("b", {}, state.names[here.list] ?? here.list), h("p", { class: "wbc-soft" }, state.hints?.[here.list] ?? ""), h("p", { class: "wbc-soft" }, n ? `${n} ${thing}${n === 1 ? "" : "s"}` : state.past ? "Nothing here." : "Nothing here yet: n writes something, or drag what somebody said onto it.")] : [h("p", { class: "wbc-soft" }, `Choose a ${thing} to see what stands behind it.`)]));
    }
    const behind = evidence?.of === s.id ? evidence : null, kept = keepWriting();
    details.replaceChildren(
      h("b", {}, s.text),
      h("p", { class: "wbc-soft" }, `${BASES[s.basis] ?? s.basis}${s.of ? ` · ${s.n} of ${s.of} people` : ""}${s.by ? ` · ${s.reworded ? `worded by ${s.by}; the code is “${s.code}”` : `written by ${s.by}`}` : ""}`),
      ...(s.note ? [h("p", {}, h("span", { class: "wbc-soft" }, "Note: "), s.note)] : []),
      h("div", { class: "wbc-tools" }, ...(toolsOf ? toolsOf(s) : [button("reword", "Reword (⏎)", "Reword"), button("note", "Note (m)", "Note"), button("hide", "Take it off, or bring it back (x)", s.hidden ? "Bring back" : "Take off"), ...(s.own ? [button("remove", "Remove (Del)", "Remove")] : []), ...(s.form ? [button("item-form", "More of it (d)", "More …")] : [])])),
      ...detailsOf(s, behind),
      ...(behind?.measures ?? []).map((m) => h("p", { class: "wbc-measured" }, h("b", {}, m.words), ` ${m.name}`, h("small", {}, ` ${m.how}`), s.own ? h("button", { type: "button", "data-detach": m.key, title: "Take it away from this statement", "aria-label": "Take this number away" }, "×") : null)),
      ...(behind?.quotes ?? []).map((q) => h("blockquote", {}, h("button", { type: "button", class: "wbc-quote", "data-show": q.coding, title: "Show it in its transcript, in an interview coder on this page" }, q.text ?? "(counted; no consent to show the words)"), h("footer", {}, `${q.speaker} · ${q.transcript}${q.time ? ` · ${q.time}` : ""}`, s.own ? h("button", { type: "button", "data-detach": q.coding, title: "Take it away from this statement", "aria-label": "Take this quote away" }, "×") : null))), // prettier-ignore
      ...(behind && !behind.quotes.length && !behind.measures.length ? [h("p", { class: "wbc-bad" }, s.own ? "Nothing stands behind it: find what people said below, and press Enter." : "Nobody says so any more; it stays because somebody changed it.")] : []),
      ...(behind && behind.more ? [h("p", { class: "wbc-soft" }, `${behind.more} more`)] : []),
    );
    details.dataset.of = behind ? s.id : "";
    kept();
  }
  /** Gives back, when the details were drawn anew, the focus and the words to what carries the same `data-keep`. */
  function keepWriting() {
    const at = details.contains(active()) ? active().dataset.keep : null;
    const written = [...details.querySelectorAll("input[data-keep]")].map((n) => [n.dataset.keep, n.value]);
    const again = (keep) => details.querySelector(`[data-keep="${CSS.escape(keep)}"]`);
    return () => {
      for (const [keep, value] of written) if (again(keep)) again(keep).value = value;
      if (at) (again(at) ?? focusable(here))?.focus({ preventScroll: true });
    };
  }
  function find() {
    searched = search.value.trim();
    ask({ op: "find", typed: searched, list: here?.list ?? null });
  }
  function drawHits() {
    found.replaceChildren(...hits.map((e, k) => h("div", { role: "option", id: `wbc-hit-${k}`, "aria-selected": k === hit, class: `wbc-hit${k === hit ? " wbc-on" : ""}`, "data-hit": k, draggable: "true", style: { "--c": colourOf(e) } },
      e.key ? h("b", { title: e.how }, e.words) : null, e.key ? h("span", {}, ` ${e.text}`) : h(e.said ? "q" : "em", {}, e.text), h("small", {}, e.key ? "" : `${e.code} · ${e.speaker} · ${e.transcript}`)))); // prettier-ignore
    if (!hits.length) found.append(h("p", { class: "wbc-soft", role: "option", "aria-disabled": "true", "aria-selected": "false" }, searched ? "Nobody said that." : "Nothing is coded yet."));
    search.setAttribute("aria-activedescendant", hits.length ? `wbc-hit-${hit}` : "");
    found.querySelector(".wbc-on")?.scrollIntoView({ block: "nearest" });
  }
  const pieceOf = (e) => (e.key ? { measures: [e.key] } : { codings: [e.coding] });
  function attach(e, item) {
    if (itemOf(item)) edit("attach", { item, ...pieceOf(e) });
    else complain(`Go to a ${thing} first; then find what stands behind it.`);
  }
  const addFrom = (e, list) => (list ? edit("add", { list, text: e.key ? e.text : e.code, item: newId(), ...pieceOf(e) }) : complain("Go to a field first."));
  on(search, "input", () => {
    clearTimeout(lastTyped);
    lastTyped = setTimeout(find, 120);
  });
  on(search, "keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") (hit = Math.max(0, Math.min(hits.length - 1, hit + (event.key === "ArrowDown" ? 1 : -1)))), drawHits();
    else if (event.key === "Enter" && hits[hit]) event.shiftKey || !here?.item ? addFrom(hits[hit], here?.list) : attach(hits[hit], here.item);
    else if (event.key === "Escape") focusOn(focusable(here));
    else return;
    event.preventDefault();
  });
  /** In the interview coder of this page, if there is one. */
  function show(coding) {
    const q = evidence?.quotes.find((e) => e.coding === coding);
    const seen = q && !window.dispatchEvent(new CustomEvent("workbench-show", { cancelable: true, detail: { study: study.key, transcript: q.transcript, id: q.coding, start: q.start, end: q.end } }));
    if (!seen) complain(`Open wb.InterviewCoder(study, "${q?.transcript ?? ""}") on this page to see it in its place.`);
  }

  // -------------------------------------------------------------- forms: what is not a statement
  /** `{of, title, fields: [{name, label, type, value, choices, hint}]}`; types are text, area, number, choice and yes. */
  function openForm({ of, title: heading, fields: asked, remove: removable, mine = {} }) {
    // `mine` was written before and could not be saved: it is shown, beside what is there now
    const fields = asked.map((f) => (f.name in mine ? { ...f, shown: mine[f.name] } : f));
    const control = (field) => {
      const f = "shown" in field ? { ...field, value: field.shown } : field;
      if (f.type === "choice") return h("select", { name: f.name }, ...f.choices.map(([value, label]) => h("option", { value, selected: `${value}` === `${f.value ?? ""}` }, label)));
      if (f.type === "area") return Object.assign(h("textarea", { name: f.name, rows: "3", placeholder: f.hint }), { value: f.value ?? "" });
      if (f.type === "yes") return h("input", { type: "checkbox", name: f.name, checked: !!f.value });
      return Object.assign(h("input", { name: f.name, type: f.type === "number" ? "number" : f.type === "date" ? "date" : "text", step: "any", placeholder: f.hint, autocomplete: "off" }), { value: f.value ?? "" });
    };
    const form = h("form", { class: "wbc-form wbc-more" }, h("b", {}, heading), h("div", { class: "wbc-fields" }, ...fields.map((f) => h("label", { class: `wbc-type-${f.type}` }, h("span", {}, f.label), control(f), "shown" in f ? h("small", { class: "wbc-bad" }, `saved now: ${f.value || "nothing"}`) : null))),
      h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Save ", h("kbd", {}, "Ctrl ⏎")), removable ? h("button", { type: "button", "data-remove": true }, removable) : null, h("span", { class: "wbc-soft" }, ...kbd("Esc"), "leave as it was"))); // prettier-ignore
    form.querySelector("input, select, textarea")?.setAttribute("data-first", "");
    if (state.past) {
      form.querySelectorAll("input, textarea").forEach((n) => (n.readOnly = true));
      form.querySelectorAll("select, [type=checkbox], button").forEach((n) => (n.disabled = true));
    }
    const keep = () => {
      const values = {}, before = {};
      for (const f of fields) {
        const node = form.elements[f.name], value = f.type === "yes" ? node.checked : node.value.trim();
        if (f.type === "yes" ? value !== !!f.value : value !== `${f.value ?? ""}`) (values[f.name] = value), (before[f.name] = f.value ?? "");
      }
      box.close();
      if (Object.keys(values).length) edit("fill", { of, values, before });
    };
    form.addEventListener("submit", (event) => (event.preventDefault(), keep()));
    form.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), keep()));
    form.querySelector("[data-remove]")?.addEventListener("click", () => (box.close(), edit("fill", { of, values: {}, remove: true })));
    box.open("form", form);
    form.querySelector("input[data-first]:not([type=checkbox])")?.select();
  }
  const askForm = (of) => ask({ op: "form", of });
  function openVersions({ versions, changes, against, today }) {
    const name = h("input", { "aria-label": "Name of the version", placeholder: "Name of this version", "data-first": true, maxlength: "80" });
    const form = h("form", { class: "wbc-row2" }, name, h("button", { type: "submit" }, "Save a version"));
    form.addEventListener("submit", (event) => (event.preventDefault(), box.close(), edit("save_version", { name: name.value.trim() })));
    const day = h("input", { type: "date", max: today, value: state.past?.day, required: true });
    const asOf = h("form", { class: "wbc-row2" }, h("label", {}, "The map as of a day ", day), h("button", { type: "submit" }, "Show"), state.past ? h("button", { type: "button", "data-do": "today" }, "Back to today") : null);
    asOf.addEventListener("submit", (event) => (event.preventDefault(), box.close(), ask({ op: "as_of", day: day.value })));
    asOf.querySelector("[data-do]")?.addEventListener("click", () => (box.close(), actions.today()));
    const lines = changes.map((c) => h("li", {}, c));
    const rows = versions.map((v) => h("li", {}, h("button", { type: "button", "data-against": v.id, "aria-pressed": v.id === against }, v.name), h("span", { class: "wbc-soft" }, ` ${v.at} · ${v.who}`)));
    const list = h("div", { class: "wbc-versions" }, h("b", {}, "Versions"), state.past ? null : form, today ? asOf : null, versions.length ? h("ul", {}, ...rows) : h("p", { class: "wbc-soft" }, "None is saved yet. A version keeps the whole map as it is now; what changes after that is listed here, with its evidence."), versions.length ? h("b", {}, `Since ${versions.find((v) => v.id === against)?.name ?? "the last one"}`) : null, lines.length ? h("ul", {}, ...lines) : versions.length ? h("p", { class: "wbc-soft" }, "Nothing has changed.") : null);
    list.addEventListener("click", (event) => event.target.dataset.against && ask({ op: "versions", against: event.target.dataset.against }));
    box.open("versions", list);
  }

  /** One line to answer a question with. */
  function question(heading, label, before, use) {
    if (isPast()) return;
    const input = Object.assign(h("input", { "data-first": true, "aria-label": label, maxlength: "160" }), { value: before });
    const form = h("form", { class: "wbc-form" }, h("b", {}, heading), input, h("div", { class: "wbc-row2" }, h("button", { type: "submit" }, "Save ", h("kbd", {}, "⏎")), h("span", { class: "wbc-soft" }, ...kbd("Esc"), "close")));
    form.addEventListener("submit", (event) => (event.preventDefault(), box.close(), input.value.trim() && use(input.value.trim())));
    box.open("question", form);
    input.select();
  }
  const again = () => (drawAll(), focusOn(focusable(here)));
  /** What a widget's own keys and clicks work with. */
  const canvas = () => ({ here, state, edit, ask, askForm, complain, question, again, view: () => (nextView(), again()), item: itemOf(here?.item), itemOf, box, main, say, add, details, study, reword, go: (item) => ((here = { item, list: listOf(item) }), focusOn(focusable(here))) });

  // -------------------------------------------------------------- what stands around, and gestures
  function drawStatus() {
    const { n, words, well, asked, emptyMs } = line.status();
    saved.className = `wbc-saved ${well ? "wbc-ok" : "wbc-wait"}`;
    saved.textContent = words;
    root.dataset.unsaved = n;
    if (asked) Object.assign(root.dataset, { asked, emptyMs });
    Object.assign(undoButton, { disabled: !undoable || !!state?.past, title: undoable ? `Undo: ${undoable} (z)` : "Nothing to undo" });
    Object.assign(redoButton, { disabled: !redoable || !!state?.past, title: redoable ? `Redo: ${redoable} (⇧Z)` : "Nothing to redo" });
  }
  const inOurWords = (words) => words.replaceAll("statement", thing).replaceAll("Statement", thing[0].toUpperCase() + thing.slice(1));
  const common = COMMON_KEYS.filter(([heading]) => withVersions || heading !== "Versions").map(([heading, rows]) => [inOurWords(heading), rows.filter(([key]) => !keys[key]).map(([key, words]) => [key, inOurWords(words)])]);
  const sheet = () => [...common, ...(Object.keys(keys).length ? [[title, Object.entries(keys).map(([key, [what]]) => [key, what])]] : [])];
  const actions = {
    undo: () => ask({ op: "undo" }, true), redo: () => ask({ op: "redo" }, true), help: () => openKeys(box, sheet()), reword, note, hide: takeOff, remove, about: () => askForm("about"), versions: () => ask({ op: "versions" }), today: () => ask({ op: "as_of", day: "" }),
    "item-form": withItem((s) => s.form && askForm(`item:${s.id}`)), hidden: () => ((hidden = !hidden), drawAll(), focusOn(focusable(here))),
  }; // prettier-ignore
  on(root, "click", (event) => {
    const b = event.target.closest("button, [data-form], [data-hit]");
    if (!b || !state || box.node.contains(b)) return;
    const { do: action, add: list, detach, show: coding, form, hit: k } = b.dataset;
    if (action && actions[action]) actions[action]();
    else if (list) add(list);
    else if (detach) edit("detach", { item: here.item, key: detach });
    else if (coding) show(coding);
    else if (form) askForm(form);
    else if (k) (hit = +k), drawHits(), here?.item && itemOf(here.item)?.own ? attach(hits[hit], here.item) : addFrom(hits[hit], here?.list);
    else onClick(event, canvas());
  });
  on(root, "change", (event) => state && !box.node.contains(event.target) && onChange(event, canvas()));
  on(main, "dblclick", (event) => event.target.closest("[data-item]") && reword());
  on(root, "mousedown", (event) => box.mode && !box.node.contains(event.target) && box.close());
  on(root, "dragstart", (event) => {
    const slot = event.target.closest?.("[data-slot]"), piece = event.target.closest?.("[data-hit]");
    dragged = slot ? { item: slot.dataset.slot } : piece ? { hit: hits[+piece.dataset.hit] } : null;
    event.dataTransfer?.setData("text/plain", event.target.textContent ?? "");
  });
  /** Where something is dropped; a passage goes onto somebody's own statement, and else into the field. */
  const dropAt = (event) => {
    const slot = event.target.closest?.("[data-slot]"), field = event.target.closest?.("[data-list]");
    return { field, slot: slot && (dragged?.item || itemOf(slot.dataset.slot)?.own) ? slot : null };
  };
  const unmark = () => main.querySelectorAll("[data-drop]").forEach((n) => delete n.dataset.drop);
  on(main, "dragover", (event) => {
    const { slot, field } = dropAt(event);
    unmark();
    if (!dragged || !field) return;
    event.preventDefault();
    (dragged.hit && slot ? slot : field).dataset.drop = "here";
  });
  on(main, "drop", (event) => {
    const { slot, field } = dropAt(event), own = dragged;
    unmark();
    dragged = null;
    if (!own || !field) return;
    event.preventDefault();
    if (own.item && own.item !== slot?.dataset.slot) edit("move", { item: own.item, list: field.dataset.list, before: slot?.dataset.slot ?? null });
    else if (own.hit && slot) attach(own.hit, slot.dataset.slot);
    else if (own.hit) addFrom(own.hit, field.dataset.list);
  });
  on(root, "dragend", () => (unmark(), (dragged = null)));

  const commands = {
    n: () => add(), Enter: reword, F2: reword, m: note, x: takeOff, Delete: remove, z: actions.undo, Z: actions.redo, f: () => (search.focus(), search.select()), "/": () => (search.focus(), search.select()), "?": actions.help,
    ...(withVersions ? { s: actions.versions, c: actions.versions } : {}), h: actions.hidden, d: actions["item-form"], ArrowUp: () => walk("up"), ArrowDown: () => walk("down"), ArrowLeft: () => walk("left"), ArrowRight: () => walk("right"),
  }; // prettier-ignore
  on(main, "keydown", (event) => {
    const direction = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (!state || event.target.closest("textarea, input, select")) return;
    if (onKey(event, canvas())) return event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      (key === "y" || event.shiftKey ? actions.redo : actions.undo)();
    } else if (event.altKey && direction) shift(direction);
    else if (event.target.closest("button:not([data-item], [data-add])") && (event.key === "Enter" || event.key === " ")) return;
    else if (event.key === " ") return;
    else if (keys[event.key]) keys[event.key][1](canvas());
    else if (commands[event.key]) commands[event.key]();
    else return;
    event.preventDefault();
  });
  on(root, "keydown", (event) => {
    if (event.key === "Escape" && !box.mode && !main.contains(event.target)) focusOn(focusable(here));
  });
  keepKeys(root, el, on);

  // -------------------------------------------------------------- life
  hideWhatIsLeft(el, view);
  watchShape(root, view, { narrow: 940, slim: 640 });
  performance.mark("wbc-begin");
  ready(canvas);
  ask({ op: "hello" });
  return () => (view.abort(), clearTimeout(lastTyped), root.remove());
}

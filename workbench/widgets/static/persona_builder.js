// The persona builder: a readable profile, who stands behind it, behavioural scales; proposals and checks in boxes.

import { renderCanvas } from "./canvas.js";
import { newId } from "./line.js";
import { h, svg } from "./parts.js";

const COLUMNS = [
  ["What they want", ["goal", "need", "motivation", "aspiration", "ambition", "why they come"]],
  ["What they do", ["behaviour", "preferred channel", "familiarity with technology", "consumption pattern", "preference", "interest", "hobby"]],
  ["What hinders and pleases", ["pain point", "challenge", "would disappoint", "would please"]],
];
const ALWAYS = ["goal", "need", "behaviour", "pain point"];

/** In which row each label stands so that none overlaps; `[{left, width}]` from left to right. */
export function tiersOf(labels, gap = 6) {
  const ends = [];
  return labels.map(({ left, width }) => {
    const row = ends.findIndex((end) => end + gap <= left), chosen = row < 0 ? ends.length : row;
    ends[chosen] = left + width;
    return chosen;
  });
}

/** A step of 0.05 on a scale from 0 to 1. */
export const onScale = (at) => Math.round(Math.min(1, Math.max(0, at)) * 20) / 20;


/** The picture of a persona, as Python draws it from the name: a pattern with initials, and nobody's face. */
function portrait(p, size) {
  if (!p) return svg("svg", { width: size, height: size, class: "wbc-portrait", "aria-hidden": "true" });
  const half = p.side / 2;
  const words = svg("text", { x: half, y: half, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 32 });
  words.textContent = p.initials;
  return svg("svg", { viewBox: `0 0 ${p.side} ${p.side}`, width: size, height: size, class: "wbc-portrait", "aria-hidden": "true", focusable: "false" },
    svg("rect", { width: p.side, height: p.side, class: `wbc-hue-${p.ground}`, opacity: 0.16 }),
    ...p.shapes.map((s) => svg("path", { d: s.d, transform: `translate(${s.x} ${s.y}) rotate(${s.turn} ${s.middle} ${s.middle})`, class: `wbc-hue-${s.colour}`, opacity: 0.8 })),
    svg("circle", { cx: half, cy: half, r: 33, class: "wbc-ground" }), words);
}

const people = (n) => `${n} ${n === 1 ? "person" : "people"}`;
const shown = (name) => name.trim() || "without a name";

function personaBuilder(context) {
  const opened = new Set(); // lists without statements that somebody opened
  let proposal = null, ticked = new Set(), held = null, moving = null;
  let now = null; // what the canvas last gave to work with
  const watch = new ResizeObserver((seen) => seen.forEach(({ target }) => spread(target)));

  // ------------------------------------------------------------ the profile
  function layout(state, list) {
    watch.disconnect();
    const empty = (id) => !state.filled.includes(id) && !ALWAYS.includes(id) && !opened.has(`${state.doc}/${id}`);
    const field = (id) => list(id, h("h4", {}, state.names[id]));
    const columns = COLUMNS.map(([heading, ids]) => h("div", { class: "wbc-column" }, h("h3", {}, heading), ...ids.filter((id) => !empty(id)).map(field)));
    const folded = COLUMNS.flatMap(([, ids]) => ids).filter(empty);
    return [
      tabs(state), card(state), objectives(state), h("div", { class: "wbc-columns" }, ...columns),
      folded.length ? h("p", { class: "wbc-folded" }, ...folded.map((id) => h("button", { type: "button", "data-open": id, "data-keep": `open ${id}` }, `+ ${state.names[id].toLowerCase()}`))) : null,
      scales(state), checks(state),
    ].filter(Boolean); // prettier-ignore
  }
  function tabs(state) {
    const tab = (p) => h("button", { type: "button", class: "wbc-tab", "data-persona": p.id, "data-keep": `tab ${p.id}`, "aria-current": p.id === state.doc ? "true" : null }, portrait(state.pictures[p.name], 26), h("span", {}, shown(p.name)), h("small", {}, p.n ? people(p.n) : "nobody yet"));
    const tools = [["new", "New", "New persona (N)"], ["duplicate", "Duplicate", "Duplicate this persona (D)"], ["remove", "Remove", "Remove this persona; undo brings it back (X)"]];
    return h("nav", { class: "wbc-tabs", "aria-label": "Personas" }, ...state.personas.map(tab), h("span", { class: "wbc-tabtools" }, ...tools.filter(([what]) => what === "new" || state.saved).map(([what, words, title]) => h("button", { type: "button", class: "wbc-tabtool", "data-make": what, "data-keep": `make ${what}`, title }, words))));
  }
  function card({ card: c, saved, pictures }) {
    const fill = (of, node, title) => h("button", { type: "button", class: `wbc-part wbc-part-${of}`, "data-form": of, "data-keep": `form ${of}`, title }, ...[node].flat());
    const soft = (words) => h("span", { class: "wbc-soft" }, words);
    const facts = [...c.facts, ...c.demographics];
    const who = c.people.length ? c.people.map((p) => h("span", { class: "wbc-person" }, p.name)) : [soft("nobody yet: choose who")];
    const share = c.share ? h("span", { class: "wbc-share", title: c.share.how }, h("b", {}, c.share.words), ` of the population: ${c.share.how}`) : null;
    return h("header", { class: "wbc-profile" }, portrait(pictures[c.name], 96),
      h("div", { class: "wbc-whois" },
        fill("card", [h("b", {}, shown(c.name)), h("span", { class: c.summary ? "" : "wbc-soft" }, c.summary || (saved ? "In one or two sentences: who is this?" : "Nothing is written yet: write a trait below, or let groups of participants be proposed (p).")), facts.length ? h("span", { class: "wbc-told-facts" }, ...facts.map(([k, v]) => h("span", {}, h("small", {}, k), ` ${v}`))) : soft("age, career, family …")], "Who this persona is"),
        fill("who", [h("small", {}, `Stands for ${people(c.people.length)}${c.segment ? `: everybody with ${c.segment}` : ""}`), h("span", { class: "wbc-people" }, ...who), ...(share ? [share] : [])], "Who stands behind it")),
      h("div", { class: "wbc-told" },
        fill("quote", c.quote ? (c.quote.text ? [h("q", {}, c.quote.text), h("small", {}, c.quote.speaker)] : [soft("The quote is counted; there is no consent to show the words.")]) : [soft("“ … ” words that say it best, from the evidence")], "The quote"),
        fill("scenario", [h("small", {}, "Scenario"), h("span", { class: c.scenario ? "" : "wbc-soft" }, c.scenario || "what happens, from start to end")], "The scenario"))); // prettier-ignore
  }
  const objectives = (state) => state.objectives.length ? h("section", { class: "wbc-objectives", "aria-label": "Objectives by stage" }, ...state.objectives.map((s) => h("div", {}, h("h4", {}, s.stage), ...s.goals.map((g) => h("button", { type: "button", "data-form": `item:${g.id}`, "data-keep": `goal ${g.id}`, title: "Its stage" }, g.text)), s.goals.length ? null : h("span", { class: "wbc-soft" }, "–")))) : null;
  function checks(state) {
    if (!state.checks.length) return null;
    const last = state.checks.at(-1).on, own = state.checks.filter((c) => c.on === last);
    return h("p", { class: "wbc-checked" }, h("b", {}, "Held against data"), ` ${last}: ${countsOf(own)}. `, h("button", { type: "button", "data-make": "checks", "data-keep": "checks" }, "Read them"));
  }

  // ------------------------------------------------------------ behavioural scales
  const keyOf = (s) => `${s.low} ↔ ${s.high}`;
  function scales(state) {
    return h("section", { class: "wbc-scales", "aria-label": "Behavioural scales" }, h("h3", {}, "Behavioural scales"), ...state.scales.map((s) => scale(state, s)),
      h("button", { type: "button", class: "wbc-quiet", "data-form": "scale:", "data-keep": "form scale:" }, "+ scale")); // prettier-ignore
  }
  function scale(state, s) {
    const key = keyOf(s), placed = [...s.placed].sort((a, b) => a.at - b.at || a.name.localeCompare(b.name)), theirs = new Set(state.card.people.map((p) => p.who));
    const line = h("div", { class: "wbc-line-of", "data-scale": key, role: "group", "aria-label": `${key}. Arrow keys move a person by 0.05, up and down go to the next person, Delete takes one off.` }, ...placed.map((p, k) => dotOf(key, s, p, k, theirs)));
    const missing = state.heard.filter((p) => !placed.some((q) => q.who === p.who)).sort((a, b) => theirs.has(b.who) - theirs.has(a.who));
    watch.observe(line);
    queueMicrotask(() => spread(line));
    const ends = h("button", { type: "button", class: "wbc-ends", "data-form": `scale:${key}`, "data-keep": `form scale:${key}`, title: "Other names for its ends, or remove it" }, h("span", {}, s.low), h("span", {}, s.high));
    const more = missing.length ? h("div", { class: "wbc-unplaced" }, h("small", {}, "not placed"), ...missing.map((p) => h("button", { type: "button", class: theirs.has(p.who) ? "" : "wbc-outside", "data-place": p.who, "data-of": key, "data-keep": `dot ${key} ${p.who}`, title: `Place ${p.name} in the middle, then move with ← →` }, p.name))) : null;
    return h("div", { class: "wbc-scale" }, ends, line, more);
  }
  function dotOf(key, s, p, k, theirs) {
    const words = (at) => `${at.toFixed(2)} from ${s.low} to ${s.high}`;
    const node = h("div", { class: `wbc-placed${theirs.has(p.who) ? "" : " wbc-outside"}`, role: "slider", tabindex: k ? "-1" : "0", "data-keep": `dot ${key} ${p.who}`, "data-who": p.who, "aria-label": p.name, "aria-valuemin": "0", "aria-valuemax": "1", "aria-valuenow": `${p.at}`, "aria-valuetext": words(p.at), style: { "--at": p.at } }, h("i", {}), h("span", {}, p.name)); // prettier-ignore
    const id = `${key} ${p.who}`;
    let at = p.at;
    const show = (next) => {
      at = onScale(next);
      node.style.setProperty("--at", at);
      node.setAttribute("aria-valuenow", at);
      node.setAttribute("aria-valuetext", words(at));
      spread(node.parentElement);
    };
    const save = () => {
      clearTimeout(moving?.timer);
      moving = null;
      if (at !== p.at) now?.edit("place", { scale: key, who: p.who, at });
      p = { ...p, at };
    };
    const saveSoon = () => {
      if (moving?.save !== save) moving?.save();
      clearTimeout(moving?.timer);
      moving = { save, id, at: () => at, timer: setTimeout(save, 500) };
    };
    if (moving?.id === id) show(moving.at()); // drawn anew while somebody goes on moving it
    node.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.05, ArrowRight: 0.05, Home: -1, End: 1 }[event.key];
      const dots = [...node.parentElement.children], beside = dots[dots.indexOf(node) + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0)];
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (step) show(at + step), saveSoon();
      else if (event.key.startsWith("Arrow")) beside?.focus();
      else if (event.key === "Delete" || event.key === "Backspace") (at = p.at), save(), (beside === node ? null : beside)?.focus(), now?.edit("place", { scale: key, who: p.who, at: null });
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    node.addEventListener("blur", () => moving?.save === save && save());
    node.addEventListener("focus", () => [...node.parentElement.children].forEach((other) => (other.tabIndex = other === node ? 0 : -1)));
    node.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      node.focus({ preventScroll: true });
      node.setPointerCapture(event.pointerId);
    });
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      const frame = node.parentElement.getBoundingClientRect();
      show((event.clientX - frame.left) / frame.width);
    });
    node.addEventListener("pointerup", (event) => node.hasPointerCapture(event.pointerId) && (node.releasePointerCapture(event.pointerId), save()));
    return node;
  }
  /** Names of people under each other where they would overlap. */
  function spread(line) {
    if (!line?.isConnected || !line.clientWidth) return;
    const dots = [...line.children].sort((a, b) => a.style.getPropertyValue("--at") - b.style.getPropertyValue("--at"));
    const labels = dots.map((dot) => ({ left: +dot.style.getPropertyValue("--at") * line.clientWidth - dot.offsetWidth / 2, width: dot.offsetWidth }));
    const rows = tiersOf(labels);
    rows.forEach((row, k) => dots[k].style.setProperty("--row", row));
    line.style.setProperty("--rows", Math.max(0, ...rows) + 1);
  }

  // ------------------------------------------------------------ proposals
  const heading = (words) => h("b", { class: "wbc-heading" }, words);
  const busy = (words) => now.box.open("busy", h("div", { class: "wbc-wide-in", tabindex: "0", "data-first": true }, heading(words)));
  function propose(c, k = null) {
    now = c;
    proposal = null;
    busy("Comparing participants …");
    c.ask({ op: "propose", ...(k ? { k } : {}) });
  }
  const sheetOf = (rows, columns, caption = null) => h("table", { class: "wbc-sheet" }, caption, h("thead", {}, h("tr", {}, ...columns.map(([name]) => h("th", { scope: "col" }, name)))), h("tbody", {}, ...rows.map((r) => h("tr", { class: r.chosen ? "wbc-best" : null }, ...columns.map(([, cell]) => h("td", {}, cell(r)))))));
  function drawProposal(c) {
    const all = proposal.groups.filter((g) => !g.accepted);
    const table = (rows, columns, words) => sheetOf(rows, columns, h("caption", {}, words));
    const button = (action, words, off = false) => h("button", { type: "button", "data-act": action, disabled: off }, words);
    const sheet = h("div", { class: "wbc-wide-in", tabindex: "0", "data-first": true, role: "group", "aria-label": "Proposed personas" },
      heading(proposal.groups.length ? "Proposed personas: you decide" : "No personas are proposed"),
      h("p", { class: proposal.supported ? "wbc-good" : "wbc-bad" }, proposal.sentence),
      proposal.k && !proposal.supported ? h("p", { class: "wbc-soft" }, `You asked for ${proposal.k} groups; the data do not speak for them.`) : null,
      h("div", { class: "wbc-tried" },
        proposal.stability.length ? table(proposal.stability, [["Group", (r) => `${r.group}`], ["People", (r) => `${r.n}`], ["Stability (Jaccard)", (r) => `${r.stability} in ${r.resamples} resamples`], ["Silhouette", (r) => r.silhouette]], "How well each group comes back; below 0.60 a group is not to be trusted") : null,
        proposal.tried.length ? table(proposal.tried, [["Groups", (r) => `${r.k}`], ["Alone", (r) => `${r.alone}`], ["Weakest stability", (r) => r.stability], ["Silhouette", (r) => r.silhouette], ["", (r) => button(`k ${r.k}`, r.chosen && (proposal.k || proposal.supported) ? "shown" : "show", r.chosen && (proposal.k || proposal.supported))]], "Other numbers of groups") : null),
      proposal.alone.length ? h("p", { class: "wbc-soft" }, `By themselves: ${proposal.alone.join(", ")}.`) : null,
      proposal.left_out.length ? h("p", { class: "wbc-soft" }, `Left out, since nothing of theirs is coded: ${proposal.left_out.join(", ")}.`) : null,
      h("div", { class: "wbc-groups" }, ...proposal.groups.map((g, k) => group(g, k, button))),
      h("div", { class: "wbc-row2 wbc-deciding" }, all.length > 1 ? button("all", "Accept all") : null, all.length > 1 ? button("merge", "Merge the ticked ones", ticked.size < 2) : null, h("span", { class: "wbc-soft" }, all.length ? "Accepted ones become personas that you edit; undo takes them back." : ""), h("kbd", {}, "Esc"), h("span", { class: "wbc-soft" }, "close"))); // prettier-ignore
    sheet.addEventListener("click", (event) => act(event, c));
    sheet.addEventListener("change", (event) => {
      const k = +event.target.dataset.tick;
      ticked[event.target.checked ? "add" : "delete"](k);
      sheet.querySelector('[data-act="merge"]').disabled = ticked.size < 2;
    });
    c.box.open("proposal", sheet);
  }
  function group(g, k, button) {
    const apart = [["What sets them apart", (d) => h("span", {}, `${d.text} `, h("small", {}, d.kind))], ["here", (d) => `${d.n} of ${d.of}`], ["elsewhere", (d) => `${d.elsewhere} of ${d.of_elsewhere}`]];
    return h("section", { class: g.accepted ? "wbc-taken" : "" },
      h("h4", {}, g.accepted ? null : h("label", {}, h("input", { type: "checkbox", "data-tick": `${k}`, checked: ticked.has(k), "aria-label": `Tick ${g.called} to merge it` })), g.title),
      h("p", {}, h("b", {}, people(g.group.length)), `: ${g.people.join(", ")}. Most typical: ${g.typical}.`),
      g.share ? h("p", { class: "wbc-soft" }, `${g.share.words} of the population: ${g.share.how}`) : null,
      g.quote ? h("blockquote", {}, h("q", {}, g.quote.text), h("small", {}, ` ${g.quote.speaker}`)) : null,
      g.apart.length ? sheetOf(g.apart, apart) : h("p", { class: "wbc-soft" }, "Nothing that at least half of them say and others say clearly less."),
      g.accepted ? h("p", { class: "wbc-good" }, "✓ accepted") : button(`accept ${k}`, "Accept as a persona")); // prettier-ignore
  }
  function act(event, c) {
    const [what, k] = (event.target.closest("[data-act]")?.dataset.act ?? "").split(" ");
    const accept = (groups) => {
      const { everybody } = proposal;
      for (const g of groups) g.accepted = true;
      ticked.clear();
      c.edit("accept", { everybody, groups: groups.map((g) => ({ group: g.group, called: g.called, item: newId() })) });
      drawProposal(c);
    };
    if (what === "k") propose(c, +k);
    else if (what === "accept") accept([proposal.groups[k]]);
    else if (what === "all") accept(proposal.groups.filter((g) => !g.accepted));
    else if (what === "merge") {
      const both = [...ticked].sort().map((i) => proposal.groups[i]);
      const numbers = both.map((g) => g.called.replace(/^Groups? /, "")).join(" and ");
      c.ask({ op: "describe", group: both.flatMap((g) => g.group), called: `Groups ${numbers}`, everybody: proposal.everybody });
    }
  }

  // ------------------------------------------------------------ validation, side by side
  function validate(c) {
    now = c;
    const since = h("input", { type: "date", "data-first": true, name: "since", "aria-label": "Data since" });
    since.value = held?.since ?? "";
    const form = h("form", { class: "wbc-row2" }, h("label", {}, "Data since ", since), h("button", { type: "submit" }, "Check"), h("span", { class: "wbc-soft" }, "Without a day: against people who fit it and whom it does not rest on."));
    form.addEventListener("submit", (event) => (event.preventDefault(), c.ask({ op: "validate", since: since.value })));
    c.box.open("validate", h("div", { class: "wbc-wide-in" }, heading(`Is ${shown(c.state.card.name)} found again?`), form, ...(held ? result(c) : [])));
  }
  function result(c) {
    if (held.doc !== c.state.doc) return [];
    const keep = h("button", { type: "button" }, "Keep these checks");
    keep.addEventListener("click", () => {
      c.edit("keep_checks", { since: held.since, on: held.on });
      held = null;
      c.box.close();
    });
    return [
      ...(held.checks.length ? inShort(held.checks) : []),
      held.checks.length ? checkTable(held.checks) : h("p", { class: "wbc-soft" }, "It claims nothing that can be looked for: no trait comes from a code or rests on a measure."),
      held.silent.length ? h("p", { class: "wbc-soft" }, `Cannot be looked for, since no code or measure stands behind it: ${held.silent.join("; ")}.`) : null,
      held.checks.length ? h("div", { class: "wbc-row2" }, keep) : null,
    ].filter(Boolean); // prettier-ignore
  }
  const countsOf = (checks) => ["confirmed", "contradicted", "not seen"].map((r) => `${checks.filter((k) => k.result === r).length} ${r}`).join(", ");
  /** How many came out how; and what all of them were held against, where that is the same. */
  const inShort = (checks) => [h("p", {}, h("b", {}, countsOf(checks)), checks.every((k) => k.against === checks[0].against) ? ` ${checks[0].against}` : "")];
  const checkTable = (checks) => h("table", { class: "wbc-sheet" }, h("thead", {}, h("tr", {}, ...["Claim", "Result", "Held against"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, ...checks.map((k) => h("tr", {}, h("td", {}, k.claim), h("td", { class: k.result === "contradicted" ? "wbc-bad" : k.result === "confirmed" ? "wbc-good" : "" }, `${{ confirmed: "✓", contradicted: "✗" }[k.result] ?? "○"} ${k.result}`), h("td", {}, k.against)))));
  function readChecks(c) {
    const days = [...new Set(c.state.checks.map((k) => k.on))].reverse();
    c.box.open("checks", h("div", { class: "wbc-wide-in", tabindex: "0", "data-first": true, role: "group", "aria-label": "Checks" }, ...days.flatMap((day) => [heading(`Held against data, ${day}`), checkTable(c.state.checks.filter((k) => k.on === day))])));
  }
  function sideBySide(c, side) {
    const row = (r) => h("tr", {}, h("th", { scope: "row" }, r.trait), ...r.cells.map((cell) => h("td", {}, ...cell.split("\n").filter(Boolean).map((words) => h("div", {}, words)))));
    c.box.open("side", h("div", { class: "wbc-wide-in", tabindex: "0", "data-first": true, role: "group", "aria-label": "Personas side by side" }, heading(side.names.length > 1 ? "Side by side" : "Side by side: there is one persona yet"), h("table", { class: "wbc-sheet wbc-sheet-beside" }, h("thead", {}, h("tr", {}, h("td", {}), ...side.names.map((n) => h("th", { scope: "col" }, portrait(c.state.pictures[n], 26), ` ${n}`)))), h("tbody", {}, ...side.rows.map(row)))));
  }

  // ------------------------------------------------------------ gestures
  const saved = (c) => c.state.personas.some((p) => p.id === c.state.doc);
  const make = {
    new: (c) => c.edit("new", { item: newId() }),
    duplicate: (c) => saved(c) && c.edit("duplicate", { item: newId() }),
    remove: (c) => saved(c) && c.edit("remove_persona", {}),
    checks: readChecks, propose, validate, compare: (c) => c.ask({ op: "compare" }),
  }; // prettier-ignore
  function turn(c, by) {
    const ids = c.state.personas.map((p) => p.id), to = ids[(ids.indexOf(c.state.doc) + by + ids.length) % ids.length];
    if (to && to !== c.state.doc) c.ask({ op: "open", of: to });
  }
  function open(c, id) {
    opened.add(`${c.state.doc}/${id}`);
    c.again();
    c.add(id);
  }
  const close = renderCanvas(context, {
    title: "Personas", name: "persona", layout, thing: "trait",
    bar: () => [["propose", "Propose …", "Groups of participants who are alike (p)"], ["validate", "Validate …", "Held against later data (v)"], ["compare", "Side by side", "All personas as a table (b)"]].map(([what, words, title]) => h("button", { type: "button", "data-make": what, title }, words)),
    detailsOf: (s) => [s.elsewhere ? h("p", { class: "wbc-soft" }, `When it was proposed: ${s.elsewhere}.`) : null, s.checked ? h("p", { class: "wbc-soft" }, s.checked) : null].filter(Boolean),
    keys: {
      p: ["propose personas", propose], v: ["hold it against data", validate], b: ["side by side", make.compare], "[": ["persona before", (c) => turn(c, -1)], "]": ["next persona", (c) => turn(c, 1)],
      N: ["new persona", make.new], D: ["duplicate it", make.duplicate], X: ["remove it", make.remove], R: ["name, age, career …", (c) => c.askForm("card")], w: ["who stands behind it", (c) => c.askForm("who")], l: ["new scale", (c) => c.askForm("scale:")],
    }, // prettier-ignore
    onClick(event, c) {
      const { persona, open: list, make: what, place, of } = event.target.closest("button")?.dataset ?? {};
      now = c;
      if (persona && persona !== c.state.doc) c.ask({ op: "open", of: persona });
      else if (list) open(c, list);
      else if (what) make[what](c);
      else if (place) c.edit("place", { scale: of, who: place, at: 0.5 });
    },
    extra(answer, _again, c, message) {
      now = c;
      if (answer.proposal) (proposal = answer.proposal), (ticked = new Set()), c.box.mode === "busy" && drawProposal(c);
      if (message?.op === "propose" && !answer.ok && c.box.mode === "busy") c.box.close();
      if (answer.merged) {
        proposal.groups = [...proposal.groups.filter((_, k) => !ticked.has(k)), answer.merged];
        ticked = new Set();
        drawProposal(c);
      }
      if (answer.held && c.box.mode === "validate") (held = { ...answer.held, doc: message?.doc ?? c.state?.doc }), validate(c);
      if (answer.side) sideBySide(c, answer.side);
      if (message?.op === "new" && answer.ok) queueMicrotask(() => c.askForm("card"));
    },
  });
  return () => (clearTimeout(moving?.timer), watch.disconnect(), close());
}

export default { render: personaBuilder };

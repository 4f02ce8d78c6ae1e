// The opportunity board: cards by where they stand, a ranking that says why, and a matrix of value against effort.

import { renderCanvas } from "./canvas.js";
import { remember, remembered } from "./line.js";
import { button, h, kbd, svg } from "./parts.js";

const MOST_WORTH = 10, EFFORTS = 5, DOT = 16, LINE = 15, GAP = 7, NARROWEST = 128, LETTER = 7;

/** Words in lines of at most so many letters; the last of `most` lines ends in … when there is more. */
export function inLines(words, letters, most) {
  const lines = [""];
  for (const word of words.split(/\s+/).flatMap((w) => [...w].length > letters ? w.match(new RegExp(`.{1,${letters}}`, "gsu")) : [w])) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if ([...longer].length <= letters) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > most ? [...lines.slice(0, most - 1), `${[...lines[most - 1]].slice(0, letters - 1).join("")}…`] : lines;
}

/** The tops of labels one below the other, each as near its dot as the others leave room. */
export function apart(ys, sizes, height, gap = GAP) {
  const tops = [];
  let floor = -Infinity;
  ys.forEach((y, k) => (tops.push(Math.max(y - sizes[k] / 2, floor)), (floor = tops[k] + sizes[k] + gap)));
  let ceiling = height;
  for (let k = tops.length - 1; k >= 0; k--) (tops[k] = Math.min(tops[k], ceiling - sizes[k])), (ceiling = tops[k] - gap);
  return tops;
}

/** Where each dot and each label of the matrix goes: rows with `effort` (1 to 5) and `worth` (0 to 10), each effort in a strip of its own. */
export function placed(rows, wide = NARROWEST) {
  const strips = Array.from({ length: EFFORTS }, (_, k) => rows.filter((r) => r.effort === k + 1).sort((a, b) => b.worth - a.worth || a.rank - b.rank));
  const tall = (r) => LINE * r.lines.length;
  const height = Math.max(340, ...strips.map((own) => own.reduce((sum, r) => sum + tall(r) + GAP, GAP)));
  const found = strips.flatMap((own, strip) => {
    const ys = own.map((r) => height * (1 - r.worth / MOST_WORTH)), tops = apart(ys, own.map(tall), height), lowest = [];
    const lanes = ys.map((y) => {
      const free = lowest.findIndex((last) => y - last >= DOT), lane = free < 0 ? lowest.length : free;
      lowest[lane] = y;
      return lane;
    });
    return own.map((row, k) => ({ row, strip, lane: lanes[k], y: ys[k], top: tops[k] }));
  });
  const lanes = Array.from({ length: EFFORTS }, (_, strip) => Math.max(0, ...found.filter((f) => f.strip === strip).map((f) => f.lane + 1)));
  const widths = lanes.map((n) => wide + DOT * Math.max(0, n - 1)), lefts = widths.map((_, k) => widths.slice(0, k).reduce((a, b) => a + b, 0));
  return { height, width: widths.reduce((a, b) => a + b, 0), widths, lefts,
    at: found.map((f) => ({ ...f, x: lefts[f.strip] + GAP + DOT * (f.lane + 0.5), label: lefts[f.strip] + GAP + DOT * (lanes[f.strip] + 0.5) })) }; // prettier-ignore
}

/** The address of a ticket, where it is one that a browser may open. */
export const addressOf = (ticket) => (/^https?:\/\/\S+$/i.test(ticket ?? "") ? ticket : null);

const bare = (row) => row.opportunity.replace(/\s*\?$/, "");
const number = (value, digits = 0) => (value == null ? "" : value.toFixed(digits));

function opportunityBoard(context) {
  let form = "board", canvas = null, effects = new Map(), allAlerts = false;
  const dismissedAt = (c) => `workbench-alerts:${c.study.key}`;
  let dismissed = null;

  // ------------------------------------------------------------ three forms
  const asBoard = (state, list) => [h("div", { class: "wbc-statuses" }, ...Object.keys(state.lists).map((id) => list(id, h("h4", {}, state.names[id], h("small", {}, `${state.lists[id].length || ""}`)))))];
  function asRanking(state) {
    if (!state.ranking.length) return [h("p", { class: "wbc-empty" }, "There is nothing to rank yet: n writes a card, p looks at what the data propose.")];
    const heads = ["Rank", "How might we …, and why here", "Stage", "Said by", "Value", "Confidence", "Effort", "Worth", "Votes", "Status"];
    const value = (r) => [r.customer_value, r.business_value].map((v) => number(v) || "?").join(" + ");
    const rows = state.ranking.map((r) => h("tr", {}, h("td", {}, `${r.rank}`), h("td", { class: "wbc-reason" }, h("button", { type: "button", class: "wbc-item", "data-item": r.id, tabindex: "-1" }, r.opportunity), h("p", { class: "wbc-soft" }, r.why)), h("td", {}, r.stage ?? ""), h("td", {}, r.n_of ? `${r.n} of ${r.n_of}` : ""),
      h("td", {}, value(r) === "? + ?" ? "" : value(r)), h("td", {}, r.confidence == null ? "" : `${number(100 * r.confidence)} %`), h("td", {}, number(r.effort)), h("td", {}, r.value_over_effort == null ? h("small", {}, "not estimated") : h("b", {}, number(r.value_over_effort, 1))), h("td", {}, `${r.votes || ""}`), h("td", {}, r.status))); // prettier-ignore
    return [h("table", { class: "wbc-table wbc-ranking" }, h("caption", {}, "Worth is (customer + business value) × confidence ÷ effort, as the team judged them; what is not estimated comes after."), h("thead", {}, h("tr", {}, ...heads.map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, ...rows))];
  }
  function asMatrix(state) {
    const room = canvas().main.clientWidth, aside = room > 760 ? 230 : 40, wide = Math.max(NARROWEST, Math.floor((room - aside - 70) / EFFORTS));
    const rows = state.ranking.filter((r) => !r.missing).map((r) => ({ ...r, worth: (r.customer_value + r.business_value) * r.confidence, lines: inLines(`${r.rank} · ${bare(r)}`, Math.floor((wide - 36) / LETTER), 5) }));
    const rest = state.ranking.filter((r) => r.missing), { height, width, widths, lefts, at } = placed(rows, wide), [left, top] = [52, 18];
    const axes = [
      ...widths.map((w, k) => svg("rect", { x: left + lefts[k], y: 0, width: w, height: height + top + 8, class: k % 2 ? "wbc-strip" : "wbc-strip wbc-odd" })),
      ...widths.map((w, k) => svg("text", { x: left + lefts[k] + GAP, y: height + top + 26, class: "wbc-tick" }, `${k + 1}`)),
      ...[0, 2, 4, 6, 8, 10].map((v) => svg("text", { x: left - 8, y: top + height * (1 - v / MOST_WORTH) + 4, class: "wbc-tick", "text-anchor": "end" }, `${v}`)),
      svg("text", { x: left + GAP, y: height + top + 46, class: "wbc-axis" }, "Effort: 1 little, 5 much"),
      svg("text", { transform: `translate(13 ${top + height}) rotate(-90)`, class: "wbc-axis" }, "Expected value: (customer + business) × confidence"),
    ];
    const names = at.map(({ row: r, label, top: t }) => svg("text", { "data-names": r.id }, ...r.lines.map((line, k) => svg("tspan", { x: left + label, y: top + t + LINE * k + 11 }, line))));
    const dots = at.map(({ row: r, x, y, label, top: t }) => {
      const done = r.status === "shipped" || r.status === "dropped", middle = t + (LINE * r.lines.length) / 2;
      return svg("g", { "data-item": r.id, tabindex: -1, role: "button", "aria-label": `${r.rank} · ${bare(r)}: expected value ${number(r.worth, 1)}, effort ${r.effort}, rank ${r.rank}, ${r.status}`, class: `wbc-place${done ? " wbc-done" : ""}` },
        Math.abs(middle - y) > DOT / 2 ? svg("line", { x1: left + x, y1: top + y, x2: left + label - 3, y2: top + middle }) : "", svg("circle", { cx: left + x, cy: top + y, r: 6.5 })); // prettier-ignore
    });
    const size = { width: left + width + 8, height: height + top + 56 };
    const picture = svg("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, class: "wbc-picture", role: "group", "aria-label": "Expected value against effort" }, ...axes, svg("g", { class: "wbc-labels", "aria-hidden": "true" }, ...names), ...dots);
    picture.addEventListener("click", (event) => {
      const named = event.target.closest("[data-names]");
      if (named) picture.querySelector(`[data-item="${CSS.escape(named.dataset.names)}"]`).focus();
    });
    const beside = h("section", { class: "wbc-unjudged" }, h("h4", {}, "Not estimated yet"), ...(rest.length ? rest.map((r) => h("button", { type: "button", class: "wbc-item", "data-item": r.id, tabindex: "-1" }, r.opportunity, h("small", {}, `missing: ${r.missing}`))) : [h("p", { class: "wbc-soft" }, "Nothing is left out.")]));
    return [h("div", { class: "wbc-matrix" }, h("div", { class: "wbc-pane" }, picture, rows.length ? "" : h("p", { class: "wbc-soft" }, "Nothing is estimated yet: d on a card opens its form.")), beside)];
  }

  // ------------------------------------------------------------ alerts
  function notices(state) {
    dismissed ??= new Set(remembered(dismissedAt(canvas()), []));
    const shown = state.alerts.filter((a) => allAlerts || !dismissed.has(a.key)), n = state.alerts.length - shown.length;
    const rows = shown.map((a) => h("li", { class: "wbc-notice" }, h("span", {}, a.sentence), ...(a.card ? [h("button", { type: "button", "data-card": a.card }, "On the board")] : [h("button", { type: "button", "data-alert": a.key, title: "Make an opportunity of it" }, "Make an opportunity of it"), ...a.beside.slice(0, 1).map((id) => h("button", { type: "button", "data-card": id, title: "A card has this measure already" }, "See its card"))]),
      h("button", { type: "button", "data-dismiss": a.key, title: "Not now", "aria-label": `Dismiss: ${a.sentence}` }, "×"))); // prettier-ignore
    const trouble = state.trouble ? [h("li", { class: "wbc-notice wbc-bad" }, state.trouble)] : [];
    const again = n ? [h("li", {}, h("button", { type: "button", class: "wbc-back", "data-dismiss": "" }, `${n} dismissed: show`))] : [];
    return rows.length + trouble.length + again.length ? [h("ul", { class: "wbc-notices", "aria-label": "Alerts" }, ...trouble, ...rows, ...again)] : [];
  }
  function dismiss(key, c) {
    allAlerts = !key;
    if (key) dismissed.add(key);
    else dismissed.clear();
    remember(dismissedAt(c), [...dismissed]);
    c.again();
  }

  // ------------------------------------------------------------ what a card says
  function ideaNode(s, idea) {
    const keep = (what) => ({ "data-keep": `${what}\n${idea.text}`, "data-idea": idea.text });
    return h("li", { class: `wbc-idea${idea.chosen ? " wbc-chosen" : ""}` },
      h("button", { type: "button", class: "wbc-ideatext", ...keep("idea"), "data-do": "idea-form", title: "Prototype, test, other words (⏎)" }, idea.text),
      idea.prototype ? h("small", {}, "Prototype: ", linked(idea.prototype)) : null, idea.result ? h("small", {}, `Test: ${idea.result}`) : null,
      h("span", { class: "wbc-row2" }, h("button", { type: "button", ...keep("vote"), "data-do": "vote", "aria-pressed": `${idea.mine}`, title: `${idea.mine ? "Take your vote back" : "Vote for it"} (v)${idea.by ? `: ${idea.by}` : ""}`, "aria-label": `${idea.votes} votes for ${idea.text}` }, `▲ ${idea.votes}`),
        h("button", { type: "button", ...keep("choose"), "data-do": "choose", "aria-pressed": `${idea.chosen}`, title: "The one to build (c)" }, idea.chosen ? "✓ chosen" : "Choose"))); // prettier-ignore
  }
  const linked = (words) => (addressOf(words) ? h("a", { href: addressOf(words), target: "_blank", rel: "noopener noreferrer" }, words) : words);
  function effectNodes(effect) {
    if (!effect) return [];
    if (effect.lacks) return [h("h4", {}, "Effect"), h("p", { class: "wbc-soft" }, effect.lacks)];
    const ends = effect.sides.flat().filter(Number.isFinite), low = Math.min(...ends), wide = Math.max(...ends) - low || 1, x = (v) => 4 + (192 * (v - low)) / wide;
    const bars = effect.sides.flatMap(([value, a, b], k) => [svg("line", { x1: x(a), x2: x(b), y1: 8 + 14 * k, y2: 8 + 14 * k }), svg("circle", { cx: x(value), cy: 8 + 14 * k, r: 4, class: k ? "wbc-after" : "" })]);
    const tone = effect.better == null ? "" : effect.better ? "wbc-better" : "wbc-worse";
    return [h("h4", {}, "Effect"), h("p", {}, effect.of), svg("svg", { viewBox: "0 0 200 30", class: "wbc-effect", "aria-hidden": "true" }, ...bars), h("dl", { class: "wbc-facts" }, ...effect.rows.flatMap(([name, words, n]) => [h("dt", {}, name), h("dd", { class: name === "Difference" ? tone : "" }, h("b", {}, words), n ? h("small", {}, ` ${n}`) : null)])), h("p", { class: "wbc-honest" }, effect.sentences.join(" "))];
  }
  function detailsOf(s, behind) {
    if (behind) effects.set(s.id, behind.effect);
    const more = h("input", { placeholder: "New idea (i), then ⏎", "aria-label": "New idea", "data-keep": `new\n${s.id}`, "data-newidea": true, autocomplete: "off" });
    const ticket = s.ticket ? [h("dt", {}, "Ticket"), h("dd", {}, linked(s.ticket))] : [];
    return [
      ...effectNodes(effects.get(s.id)),
      h("h4", {}, "Ideas"), s.ideas.length ? h("ul", { class: "wbc-ideas" }, ...s.ideas.map((i) => ideaNode(s, i))) : null, more,
      h("h4", {}, "The card"), h("dl", { class: "wbc-facts" }, ...s.facts.flatMap(([name, words]) => [h("dt", {}, name), h("dd", {}, words)]), ...ticket), h("p", { class: "wbc-soft" }, s.why),
      h("h4", {}, "What stands behind it"),
    ].filter(Boolean); // prettier-ignore
  }
  const toolsOf = (s) => [button("item-form", "All of the card: estimates, owner, measure … (d)", "Edit …"), button("words", "Other words (F2)", "Reword"), button("note", "Note (m)", "Note"), button("drop", "Drop it, or take it up again (x)", s.status === "dropped" ? "Take up again" : "Drop"), button("remove", "Remove (Del)", "Remove")];

  // ------------------------------------------------------------ gestures
  const show = (which) => (c) => ((form = form === which ? "board" : which), c.again());
  function goToCard(id, c) {
    form = "board";
    c.again();
    c.go(id);
  }
  /** Where there is no room to write, two clicks lead to the card on the board. */
  function opening(node) {
    node.addEventListener("dblclick", (event) => {
      const item = event.target.closest("[data-item]")?.dataset.item ?? event.target.closest("[data-names]")?.dataset.names;
      event.stopPropagation();
      if (item) goToCard(item, canvas());
    });
    return node;
  }
  const drop = (c) => (c.item ? c.edit("drop", { item: c.item.id, dropped: c.item.status !== "dropped" }) : c.complain("Go to a card first, with the arrow keys."));
  const propose = (c) => c.ask({ op: "propose" });
  const toIdeas = (c) => (c.details.querySelector("[data-idea]") ?? c.details.querySelector("[data-newidea]"))?.focus();
  function openProposals(rows, c) {
    const boxes = rows.map((r, k) => h("label", { class: "wbc-proposal" }, h("input", { type: "checkbox", name: "take", value: r.id, "data-first": k === 0 }), h("span", {}, r.text, h("small", {}, `${r.from}${r.count ? ` · ${r.count}` : ""}`))));
    const form = h("form", { class: "wbc-form" }, h("b", {}, "What the data propose"), h("p", { class: "wbc-soft" }, rows.length ? "Pain points, needs that nothing meets and missed targets of the journey that no card is about yet." : "Every pain point, unmet need and missed target of the journey has its card already."), ...boxes,
      h("div", { class: "wbc-row2" }, rows.length ? h("button", { type: "submit" }, "Put them on the board ", h("kbd", {}, "⏎")) : h("button", { type: "button", "data-first": true, "data-close": true }, "Close"), rows.length ? h("span", { class: "wbc-soft" }, ...kbd("Space"), "choose  ", ...kbd("a"), "all  ", ...kbd("↑"), ...kbd("↓"), "move  ", ...kbd("Esc"), "close") : null)); // prettier-ignore
    const all = () => [...form.querySelectorAll("input")];
    const take = () => {
      const items = all().filter((n) => n.checked).map((n) => n.value);
      if (!items.length) return c.complain("Choose one with the space bar first.");
      c.box.close();
      c.edit("accept", { items });
    };
    form.addEventListener("submit", (event) => (event.preventDefault(), take()));
    form.addEventListener("click", (event) => event.target.closest("[data-close]") && c.box.close());
    form.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], k = all().indexOf(event.target);
      if (step && k >= 0) all()[Math.max(0, Math.min(all().length - 1, k + step))].focus();
      else if (event.key === "a" && k >= 0) for (const n of all()) n.checked = true;
      else if (event.key === "Enter" && k >= 0) take();
      else return;
      event.preventDefault();
    });
    c.box.open("proposals", form);
  }
  /** Keys and clicks on the ideas of a card. */
  function onIdea(action, text, c) {
    const idea = c.item?.ideas.find((i) => i.text === text);
    if (!idea) return;
    const item = c.item.id;
    if (action === "vote") c.edit("vote", { item, idea: text, vote: !idea.mine });
    else if (action === "choose") c.edit("choose", { item, idea: text, chosen: !idea.chosen });
    else if (action === "remove") c.edit("drop_idea", { item, idea: text });
    else c.askForm(`idea:${item}\n${text}`);
  }
  function onDetailsKey(event) {
    const c = canvas(), text = event.target.dataset?.idea, undo = { z: "undo", Z: "redo" }[event.key];
    if (undo && !event.target.closest("input")) return event.preventDefault(), c.ask({ op: undo }, true);
    if (event.target.dataset?.newidea !== undefined) {
      const words = event.target.value.trim();
      if (event.key === "Enter" && words && c.item) (event.target.value = ""), c.edit("idea", { item: c.item.id, text: words });
      else if (event.key === "ArrowUp") toIdeas(c);
      else return;
    } else if (text !== undefined) {
      const others = [...c.details.querySelectorAll("[data-idea]:is(.wbc-ideatext)"), c.details.querySelector("[data-newidea]")], k = others.findIndex((n) => n.dataset.idea === text);
      const what = { v: "vote", c: "choose", Delete: "remove" }[event.key], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (what && !event.ctrlKey && !event.metaKey) onIdea(what, text, c);
      else if (step) others[k + step]?.focus();
      else if (event.key === "i") others.at(-1).focus();
      else return;
    } else return;
    event.preventDefault();
  }
  function onKey(event, c) {
    if (form === "board" || event.ctrlKey || event.metaKey) return false;
    if (event.altKey) return event.key.startsWith("Arrow");
    if (event.key === "Enter" && c.item && event.target.closest("[data-item]")) return goToCard(c.item.id, c), true;
    if (event.key === "n" || event.key === "F2") (form = "board"), c.again(); // where there is room to write
    return false;
  }

  const close = renderCanvas(context, {
    title: "Opportunity board", name: "opportunities", thing: "card", off: "drop", withVersions: false, withAbout: false, toolsOf, detailsOf, onKey,
    layout: (state, list) => [...notices(state), ...{ board: asBoard, ranking: (s) => asRanking(s).map(opening), matrix: (s) => asMatrix(s).map(opening) }[form](state, list)],
    bar: () => [...["board", "ranking", "matrix"].map((which) => h("button", { type: "button", "data-form-of": which, "aria-pressed": `${which === form}`, title: { board: "Cards by where they stand", ranking: "Ranking, with the reasons (t)", matrix: "Value against effort (g)" }[which] }, which[0].toUpperCase() + which.slice(1))),
      h("button", { type: "button", "data-propose": true, title: "What the data propose (p)" }, "Propose …")],
    ready: (c) => (canvas = c),
    extra: (answer, again, c) => answer.proposals && openProposals(answer.proposals, c),
    keys: {
      t: ["ranking, or the board", show("ranking")], g: ["value against effort, or the board", show("matrix")], p: ["what the data propose", propose], x: ["drop, or take up again", drop], d: ["all of the card", (c) => c.item ? c.askForm(`item:${c.item.id}`) : c.complain("Go to a card first, with the arrow keys.")],
      i: ["its ideas; there: v vote, c choose, ⏎ edit, Del", toIdeas], "!": ["alerts", (c) => c.main.querySelector(".wbc-notices button")?.focus()],
    }, // prettier-ignore
    onClick(event, c) {
      const b = event.target.closest("button"), { formOf, propose: asked, alert, dismiss: key, card, do: action, idea } = b?.dataset ?? {};
      if (formOf) (form = formOf), c.again();
      else if (asked !== undefined) propose(c);
      else if (alert) c.edit("take_alert", { alert });
      else if (card) goToCard(card, c);
      else if (key !== undefined) dismiss(key, c);
      else if (action === "drop") drop(c);
      else if (action === "words") c.item && goToCard(c.item.id, c), c.reword();
      else if (idea !== undefined) onIdea(action, idea, c);
    },
  }); // prettier-ignore
  const details = canvas().details;
  details.addEventListener("keydown", onDetailsKey);
  return close;
}

export default { render: opportunityBoard };

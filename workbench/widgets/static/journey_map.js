// The journey map: stages across, lanes down, the curve of feeling, steps and ways on.

import { renderCanvas } from "./canvas.js";
import { h, signed, svg } from "./parts.js";


/** Where a feeling from −2 to +2 stands in a box of 100 by 100, from the top. */
export const heightOf = (value) => 50 - 21 * value;

/** A path through the points that are there, in pieces where one is missing; x is in percent of the width. */
export function pathThrough(values) {
  const x = (k) => (100 * (k + 0.5)) / values.length;
  let path = "", open = false;
  values.forEach((v, k) => {
    if (v == null) open = false;
    else (path += `${open ? "L" : "M"}${x(k).toFixed(2)} ${heightOf(v).toFixed(2)}`), (open = true);
  });
  return path;
}

/** The outline of the intervals, one closed shape for each run of stages that have one. */
export function bandOf(felt) {
  const x = (k) => ((100 * (k + 0.5)) / felt.length).toFixed(2), runs = [];
  felt.forEach((f, k) => f && (felt[k - 1] ? runs.at(-1).push(k) : runs.push([k])));
  return runs.map((run) => `M${run.map((k) => `${x(k)} ${heightOf(felt[k].high).toFixed(2)}`).join("L")}L${[...run].reverse().map((k) => `${x(k)} ${heightOf(felt[k].low).toFixed(2)}`).join("L")}Z`).join("");
}

function curve(state, overlay) {
  const felt = state.stages.map((s) => s.felt), n = felt.length;
  const drawing = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true", class: "wbc-curve" },
    svg("path", { d: "M0 50H100", class: "wbc-zero" }), svg("path", { d: bandOf(felt), class: "wbc-band" }), svg("path", { d: pathThrough(felt.map((f) => f?.value)), class: "wbc-line" }),
    ...overlay.map((o, k) => svg("path", { d: pathThrough(o.values), class: `wbc-line wbc-over wbc-over${k % 4}` }))); // prettier-ignore
  const dots = state.stages.flatMap((s, k) => {
    const at = (value) => ({ left: `${(100 * (k + 0.5)) / n}%`, top: `${heightOf(value)}%` });
    return [
      s.felt ? h("span", { class: "wbc-dotvalue", style: at(s.felt.value), title: s.felt.words }, s.felt.short) : null,
      s.hand == null ? null : h("span", { class: "wbc-byhand", style: at(s.hand), title: "set by hand" }, `✋ ${signed(s.hand)}`),
    ].filter(Boolean);
  });
  const said = state.stages.map((s) => `${s.name} ${s.felt ? s.felt.words : "nobody's feeling was coded"}${s.hand == null ? "" : `, set by hand ${signed(s.hand)}`}`).join("; ");
  const legend = overlay.length ? h("p", { class: "wbc-legend" }, ...overlay.map((o, k) => h("span", { class: `wbc-over${k % 4}` }, o.name))) : null;
  return h("div", { class: "wbc-feel", role: "img", "aria-label": `Mean coded feeling from −2 to +2: ${said}` }, drawing, ...dots, legend);
}

function journey(context) {
  const order = ["map", "table", "timeline"];
  let form = "map", overlay = [];
  const unfolded = new Set();
  const funnel = (s) => {
    if (!s.funnel) return [];
    const f = s.funnel, open = unfolded.has(s.id), id = `wbc-funnel-${s.id}`;
    const rows = f.rows.map((r) => h("li", { class: r.beside ? "wbc-beside" : null }, h("b", {}, r.event), " ", h("span", { class: "wbc-users" }, r.n), h("i", { class: "wbc-meter", "aria-hidden": "true", style: { "--p": `${r.percent}%` } }), ...[r.beside && "beside the way", r.of_first, r.of_previous].filter(Boolean).map((t) => h("small", {}, t)), r.drop ? h("small", { class: "wbc-bad" }, r.drop) : null));
    return [
      h("button", { type: "button", class: "wbc-way", "data-funnel": s.id, "data-keep": id, "aria-expanded": `${open}`, "aria-controls": id, title: `The funnel of ${s.name}` }, `${f.value} ${f.name}`),
      h("div", { class: "wbc-funnel", id, hidden: !open }, h("small", {}, `${f.interval} · n ${f.n}${f.few ? ", few" : ""}${f.whose ? ` · ${f.whose}` : ""}`), h("ol", {}, ...rows), ...f.notes.map((t) => h("small", {}, t))),
    ];
  };
  const stageHead = (state, s) => {
    const way = state.ways.find((w) => w.from === s.id);
    return h("div", { class: "wbc-stage" },
      h("button", { type: "button", class: "wbc-stagename", "data-form": `stage:${s.id}`, title: s.description || "This stage" }, h("b", {}, s.name), h("small", {}, s.n_of ? `${s.n} of ${s.n_of} spoke of it` : "")),
      way ? h("button", { type: "button", class: "wbc-way", "data-form": `way:${way.from}>${way.to}`, title: `${way.label}${way.quality ? `: ${way.quality}` : ""}` }, `→ ${way.rate || way.quality || "…"}`) : null,
      ...funnel(s),
      s.problem ? h("p", { class: "wbc-need" }, s.problem) : null,
      s.opens ? h("button", { type: "button", class: "wbc-opens", "data-map": s.opens }, `opens ${state.maps.find((m) => m.id === s.opens)?.title ?? "a map"} ↗`) : null); // prettier-ignore
  };
  const steps = (state, s) => h("div", { class: "wbc-steps" }, ...s.steps.map((x) => h("button", { type: "button", class: "wbc-step", "data-form": `step:${x.id}`, title: [x.touchpoint, x.channel].filter(Boolean).join(" · ") || null }, x.name, x.channel ? h("small", {}, `${x.channel}${x.online == null ? "" : x.online ? ", online" : ", offline"}`) : null)),
    h("button", { type: "button", class: "wbc-add", "data-form": `step:new@${s.id}`, title: `New step in ${s.name}`, "aria-label": `New step in ${s.name}` }, "+ step")); // prettier-ignore
  function asMap(state, list) {
    const rows = [h("button", { type: "button", class: "wbc-corner", "data-form": "about" }, h("b", {}, state.about.state === "to-be" ? "To be" : "As it is"), h("small", {}, [state.about.kind, state.about.persona || state.about.segment, `${state.about.n_of} people`].filter(Boolean).join(" · "))), ...state.stages.map((s) => stageHead(state, s)),
      h("div", { class: "wbc-lanename" }, h("b", {}, "How it feels"), h("small", {}, "mean coded valence, −2 to +2, with its interval")), h("div", { class: "wbc-feelrow" }, curve(state, overlay)),
      h("div", { class: "wbc-lanename" }, h("b", {}, "Steps"), h("small", {}, "touchpoints and channels")), ...state.stages.map((s) => steps(state, s))]; // prettier-ignore
    for (const lane of state.lanes) {
      if (lane.line) rows.push(h("div", { class: "wbc-across" }, lane.line));
      rows.push(h("button", { type: "button", class: "wbc-lanename", "data-form": `lane:${lane.name}`, title: "This lane" }, h("b", {}, lane.name), lane.note ? h("small", {}, lane.note) : null));
      for (const s of state.stages) rows.push(Object.assign(list(`${s.id}/${lane.name}`)));
    }
    const grid = h("div", { class: "wbc-grid" }, ...rows);
    grid.style.setProperty("--n", state.stages.length);
    return [grid];
  }
  function asTable(state) {
    const rows = state.stages.flatMap((s) => state.lanes.flatMap((lane) => (state.lists[`${s.id}/${lane.name}`] ?? []).filter((x) => !x.hidden).map((x) => h("tr", {}, h("td", {}, s.name), h("td", {}, lane.name), h("td", {}, h("button", { type: "button", class: "wbc-item", "data-item": x.id, tabindex: "-1" }, x.text)), h("td", {}, x.of ? `${x.n} of ${x.of}` : x.measured ?? (x.assumed ? "assumed" : "")), h("td", {}, x.extra ?? "")))));
    return [h("table", { class: "wbc-table" }, h("thead", {}, h("tr", {}, ...["Stage", "Lane", "Statement", "Who said it", "Moment"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, ...rows))];
  }
  function asTimeline(state) {
    return [h("ol", { class: "wbc-timeline" }, ...state.stages.map((s) => {
      const here = state.lanes.flatMap((lane) => (state.lists[`${s.id}/${lane.name}`] ?? []).filter((x) => x.extra?.startsWith("◆") || x.extra?.startsWith("◇")));
      return h("li", {}, stageHead(state, s), h("p", { class: "wbc-soft" }, s.felt ? `feels ${s.felt.words}` : "nobody's feeling was coded"), steps(state, s), ...here.map((x) => h("button", { type: "button", class: "wbc-item", "data-item": x.id, tabindex: "-1" }, `${x.extra.slice(0, 1)} ${x.text}`)));
    }))]; // prettier-ignore
  }
  return renderCanvas(context, {
    title: "Journey map", name: "journey",
    layout: (state, list) => [...state.trouble.map((t) => h("p", { class: "wbc-bad wbc-trouble" }, t)), ...{ map: asMap, table: asTable, timeline: asTimeline }[form](state, list)],
    bar: (state) => [
      state.past ? null : h("select", { class: "wbc-maps", "aria-label": "Which map", "data-maps": true }, ...[...state.maps, ...(state.maps.some((m) => m.id === state.id) ? [] : [{ id: state.id, title: state.about.title, state: state.about.state }])].map((m) => h("option", { value: m.id, selected: m.id === state.id }, `${m.state === "to-be" && !/to be/i.test(m.title) ? "To be: " : ""}${m.title}`))),
      state.past ? null : h("button", { type: "button", "data-journey": "copy", title: "A to-be map from this one (t)" }, "To-be …"), h("button", { type: "button", "data-journey": "view", title: "Map, table, timeline (v)" }, "View"),
    ].filter(Boolean),
    extra: (answer, again) => answer.overlay && ((overlay = answer.overlay), again()),
    keys: {
      v: ["map, table, timeline", (c) => c.view()], o: ["moment of truth, or not", (c) => c.here?.item && c.edit("moment", { item: c.here.item })], "!": ["the critical moment, or not", (c) => c.here?.item && c.edit("critical", { item: c.here.item })],
      p: ["curves of the personas, or not", (c) => (overlay.length ? ((overlay = []), c.again()) : c.ask({ op: "overlay" }))], t: ["a to-be map from this one", (c) => copy(c)], S: ["new stage", (c) => c.askForm("stage:")], L: ["new lane", (c) => c.askForm("lane:")],
    }, // prettier-ignore
    onClick(event, c) {
      const { map, funnel: stage, journey: what } = event.target.closest("button").dataset;
      if (stage) return unfold(event.target.closest("button"), stage);
      if (map) c.ask({ op: "open", of: map });
      else if (what === "view") c.view();
      else if (what === "copy") copy(c);
    },
    onChange: (event, c) => event.target.dataset.maps !== undefined && c.ask({ op: "open", of: event.target.value }),
    nextView: () => (form = order[(order.indexOf(form) + 1) % order.length]),
  });
  function unfold(button, stage) {
    if (!unfolded.delete(stage)) unfolded.add(stage);
    button.setAttribute("aria-expanded", `${unfolded.has(stage)}`);
    button.nextSibling.hidden = !unfolded.has(stage);
  }
  function copy(c) {
    c.question("A to-be map from this one", "Its title", `${c.state.about.title}, to be`, (title) => c.edit("copy", { title }));
  }
}

export default { render: journey };

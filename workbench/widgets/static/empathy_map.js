// The empathy map: a head in the middle, what people say, think, do and feel around it, pains and gains below.

import { renderCanvas } from "./canvas.js";
import { h } from "./parts.js";

const AREAS = ["thinks", "sees", "hears", "feels", "says", "does", "pains", "gains"];

function layout(state, list) {
  const fields = AREAS.map((id) => {
    const node = list(id, h("h4", {}, state.names[id], h("small", {}, id === "thinks" || id === "feels" ? "inferred" : "")));
    node.style.gridArea = id;
    return node;
  });
  const where = [state.stage, state.touchpoint].filter(Boolean).join(" · ");
  const head = h("button", { type: "button", class: "wbc-head", "data-form": "about", title: "About this map" }, h("span", { class: "wbc-face", "aria-hidden": "true" }), h("b", {}, state.about), h("small", {}, `${state.n_of} ${state.n_of === 1 ? "person" : "people"}${where ? ` · ${where}` : ""}`));
  head.style.gridArea = "head";
  const problem = h("button", { type: "button", class: "wbc-problem", "data-form": "about", title: "Problem statement" }, h("small", {}, "Problem statement"), h("span", { class: state.problem ? "" : "wbc-soft" }, state.problem || state.proposed || "… needs … because …"), state.problem ? null : h("small", {}, state.proposed ? "proposed from the most shared pain; click to take it up" : "not written yet"));
  problem.style.gridArea = "problem";
  return [h("div", { class: "wbc-eight" }, head, ...fields, problem)];
}

export default { render: (context) => renderCanvas(context, { title: "Empathy map", name: "empathy", layout }) };

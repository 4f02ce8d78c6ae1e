// What the widgets are made of: nodes, codes and their colours, the box that opens over a widget, choosing by typing.
// Study text reaches the page as text nodes only.

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

/** Those of a kind together, kinds and their members in the order in which they came. */
export const together = (all, kindOf) => {
  const kinds = new Map();
  for (const one of all) {
    const kind = kindOf(one);
    if (kinds.has(kind)) kinds.get(kind).push(one);
    else kinds.set(kind, [one]);
  }
  return [...kinds.values()].flat();
};

/** "−1", "+2"; nothing for null. */
export const signed = (n) => (n == null ? "" : n < 0 ? `−${-n}` : n > 0 ? `+${n}` : "0");

export const KIND_COLOURS = {
  stage: "#8a6d1b", touchpoint: "#3d5a98", channel: "#5b6b7b", action: "#2f7d8c", thought: "#7a5195", emotion: "#a23b72",
  "pain point": "#b4432d", delight: "#0f766e", need: "#3a86b8", goal: "#4c7a34", opportunity: "#a16a08", theme: "#6b5b95", other: "#5b6b7b",
};
export const colourOf = (code) => (/^#[0-9a-f]{3,8}$/i.test(code?.colour ?? "") ? code.colour : KIND_COLOURS[code?.kind] ?? "#5b6b7b");

/** An element; `style` sets custom properties, true an empty attribute (of ARIA "true"), and false or null none. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (value === true && !name.startsWith("aria-")) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c != null && c !== false));
  return node;
}
/** An element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
export const kbd = (...keys) => keys.flatMap((k) => [h("kbd", {}, k), " "]);
export const button = (action, title, ...children) => h("button", { type: "button", "data-do": action, title }, ...children);
export const dot = (code) => h("i", { class: "wbc-dot", style: { "--c": colourOf(code) } });

/** The box that opens over a widget.  `anchor()` gives the marks it stands under, if any; closing gives the focus to `back`. */
export function boxIn(root, { back, anchor = () => [] }) {
  const node = h("div", { class: "wbc-box", hidden: true });
  root.append(node);
  const box = {
    node,
    get mode() {
      return node.hidden ? "" : node.dataset.mode;
    },
    open(mode, ...children) {
      node.replaceChildren(...children);
      node.dataset.mode = mode;
      node.hidden = false;
      box.place();
      (node.querySelector("[data-first]") ?? node).focus({ preventScroll: true });
    },
    close() {
      if (node.hidden) return;
      node.hidden = true;
      node.replaceChildren();
      delete node.dataset.mode;
      back().focus({ preventScroll: true });
    },
    /** Under what it is about, or above it where there is no room. */
    place() {
      const frame = root.getBoundingClientRect(), marks = anchor(node.dataset.mode);
      node.classList.toggle("wbc-wide", !marks.length);
      if (!marks.length) return Object.assign(node.style, { left: "", top: "", maxHeight: "" });
      const [first, last] = [marks[0].getBoundingClientRect(), marks.at(-1).getClientRects()];
      const under = last[last.length - 1] ?? first;
      node.style.maxHeight = `${Math.max(180, frame.bottom - under.bottom - 42, first.top - frame.top - 52)}px`; // so that it fits on one side
      const tall = node.offsetHeight;
      const below = under.bottom - frame.top + 6, above = first.top - frame.top - node.offsetHeight - 6;
      node.style.top = `${Math.max(44, below + tall < frame.height - 34 ? below : Math.min(above > 44 ? above : below, frame.height - node.offsetHeight - 38))}px`;
      node.style.left = `${Math.max(8, Math.min(under.left - frame.left, frame.width - node.offsetWidth - 8))}px`;
    },
  };
  node.addEventListener("keydown", (event) => event.key === "Escape" && (event.preventDefault(), box.close()));
  return box;
}

/**
 * Choosing by typing, in a box.
 *
 * `items(typed)` are shown, best first, each drawn by `option(item)` as nodes; `use(item, typed)` takes the chosen one and
 * `make(typed)`, where given, what is not there yet; `keys(event, item, typed)` may take a key first, by returning true.
 */
export function openChooser(box, mode, { label, placeholder = label, items, option, use, make, keys = () => false, foot = [], focus = true, above = () => [] }) {
  const input = h("input", { "data-first": focus, role: "combobox", "aria-label": label, "aria-expanded": "true", "aria-controls": "wbc-options", "aria-autocomplete": "list", placeholder, autocomplete: "off", spellcheck: "false" });
  const options = h("div", { class: "wbc-options", role: "listbox", id: "wbc-options", "aria-label": label });
  const top = h("div", { class: "wbc-ticked" });
  let hits = [], chosen = 0;
  const typed = () => input.value.trim();
  const draw = (clear = false) => {
    if (clear) [input.value, chosen] = ["", 0];
    hits = items(input.value).slice(0, 60);
    chosen = Math.max(0, Math.min(chosen, hits.length - 1));
    top.replaceChildren(...above());
    options.replaceChildren(...hits.map((item, k) => h("div", { role: "option", id: `wbc-option-${k}`, "aria-selected": k === chosen, "data-k": k, class: k === chosen ? "wbc-on" : "" }, ...option(item))));
    if (!hits.length) options.append(make
      ? h("div", { role: "option", "aria-selected": "true", class: "wbc-on", "data-k": "new" }, h("i", { class: "wbc-dot wbc-dashed" }), h("span", {}, `New code “${typed()}”`), h("kbd", {}, "⏎"))
      : h("div", { role: "option", "aria-selected": "false", "aria-disabled": "true", class: "wbc-soft" }, "Nothing of this name."));
    input.setAttribute("aria-activedescendant", hits.length ? `wbc-option-${chosen}` : "");
    options.children[chosen]?.scrollIntoView?.({ block: "nearest" });
  };
  input.addEventListener("input", () => ((chosen = 0), draw()));
  options.addEventListener("click", (event) => {
    const k = event.target.closest("[data-k]")?.dataset.k;
    if (k === "new") make(typed());
    else if (k && !keys(event, hits[k], typed(), draw)) use(hits[k], typed());
  });
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if (keys(event, hits[chosen], typed(), draw)) return event.preventDefault();
    if (key === "ArrowDown" || key === "ArrowUp") (chosen = (chosen + (key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(1, hits.length)), draw();
    else if (key === "Enter" && make && (event.ctrlKey || event.metaKey || !hits.length)) make(typed());
    else if (key === "Enter") hits[chosen] && use(hits[chosen], typed());
    else return;
    event.preventDefault();
  });
  box.open(mode, input, top, options, h("div", { class: "wbc-foot" }, ...foot));
  draw();
  box.place();
}

/** Some lines to write, in a box: `save` gets the words when they are other ones. */
export function openNote(box, title, before, save) {
  const words = h("textarea", { "data-first": true, rows: "5", "aria-label": title });
  words.value = before;
  const keep = () => (words.value.trim() !== before && save(words.value.trim()), box.close());
  words.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), keep()));
  const ok = h("button", { type: "button" }, "Save ", h("kbd", {}, "Ctrl ⏎"));
  ok.addEventListener("click", keep);
  box.open("memo", h("div", { class: "wbc-form" }, h("b", {}, title), words, h("div", { class: "wbc-row2" }, ok, h("span", { class: "wbc-soft" }, ...kbd("Esc"), "leave as it was"))));
}

/** The sheet of keys: `[[title, [[keys, what], …]], …]`. */
export function openKeys(box, sheet) {
  const columns = sheet.map(([title, keys]) => h("section", {}, h("h4", {}, title), h("dl", {}, ...keys.flatMap(([k, what]) => [h("dt", {}, h("kbd", {}, k)), h("dd", {}, what)]))));
  box.open("help", h("div", { class: "wbc-keys", tabindex: "0", "data-first": true, role: "group", "aria-label": "Keys" }, ...columns));
}

/** Keys that are pressed in a widget are the widget's, save Ctrl S, which is the host's. */
export function keepKeys(root, el, on) {
  // Notebook 7 listens before the page does, and spares only the very element that carries this, not what is in it.
  on(root, "focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  on(root, "keydown", (event) => {
    event.stopPropagation();
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    el.dispatchEvent(new KeyboardEvent("keydown", event));
  });
}

/** While a widget lives, hide what lies below it for when it is dead (see _base.py). */
export function hideWhatIsLeft(el, view) {
  const watch = new MutationObserver(() => hide(true));
  function hide(hidden) {
    const area = el.closest(".jp-OutputArea, .cell_container, #output-body"); // Jupyter and Voilà, VS Code, Colab
    if (hidden && area) watch.observe(area, { childList: true });
    for (const output of area?.children ?? []) {
      if (output.contains(el)) continue; // not our own changes: they come with every key
      if (hidden) watch.observe(output, { childList: true, subtree: true });
      if (output.querySelector(".wb-excerpts")) output.style.display = hidden ? "none" : "";
    }
  }
  const placed = setTimeout(() => hide(true));
  view.signal.addEventListener("abort", () => (clearTimeout(placed), watch.disconnect(), hide(false)), { once: true });
}

/** The classes wbc-narrow and wbc-slim, by the width that a widget has. */
export function watchShape(root, view, { narrow = 980, slim = 700 } = {}) {
  const shape = new ResizeObserver(() => {
    root.classList.toggle("wbc-narrow", root.clientWidth < narrow);
    root.classList.toggle("wbc-slim", root.clientWidth < slim);
  });
  shape.observe(root);
  view.signal.addEventListener("abort", () => shape.disconnect(), { once: true });
}

// Draws the charts again, live, where a reader comes near them. Vega runs with its interpreter, so that the page needs no eval;
// words of the data are written as text, never as markup.
(() => {
  "use strict";
  if (!window.DecompressionStream) return;
  const packed = document.getElementById("wb-library");
  const said = document.getElementById("wb-said");
  let library = null;

  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    const source = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
    return window.vegaEmbed;
  };

  // Tooltips.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);

  const rowsOf = (value) => (value && typeof value === "object" ? Object.entries(value).map(([name, word]) => [name, String(word)]) : null);
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const fill = (value) => {
    const rows = rowsOf(value);
    if (!rows) return tip.replaceChildren(element("p", String(value)));
    const list = document.createElement("dl");
    list.append(...rows.flatMap(([name, word]) => [element("dt", name), element("dd", word)]));
    tip.replaceChildren(list);
  };
  const showAt = (x, y, value) => {
    fill(value);
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, x + 14 + width > innerWidth - 8 ? x - width - 14 : x + 14)}px`;
    tip.style.top = `${Math.max(8, y + 14 + height > innerHeight - 8 ? y - height - 14 : y + 14)}px`;
  };
  const hide = () => (tip.hidden = true);
  const onPointer = (_handler, event, _item, value) => {
    if (value === null || value === undefined || value === "") hide();
    else showAt(event.clientX, event.clientY, value);
  };

  // Arrow keys go from one mark to the next and say what the tooltip says.
  const setUpKeys = (place) => {
    let now = -1;
    const marks = () => [...place.querySelectorAll("svg *")].filter((node) => {
      const item = node.__data__;
      return item && !Array.isArray(item) && item.tooltip !== undefined && item.tooltip !== null && item.tooltip !== "";
    });
    const leave = () => {
      place.querySelector(".here-now")?.classList.remove("here-now");
      hide();
    };
    place.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") return leave();
      const found = step ? marks() : [];
      if (!found.length) return;
      event.preventDefault();
      now = (now < 0 && step < 0 ? found.length - 1 : now + step + found.length) % found.length;
      leave();
      const node = found[now];
      node.classList.add("here-now");
      node.scrollIntoView({ block: "nearest", inline: "nearest" });
      const box = node.getBoundingClientRect();
      const value = node.__data__.tooltip;
      showAt(box.left + box.width / 2, box.top + box.height / 2, value);
      said.dataset.quiet = "";
      said.textContent = (rowsOf(value) || [["", String(value)]]).map((row) => row.join(" ").trim()).join(", ");
    });
    place.addEventListener("blur", () => {
      leave();
      delete said.dataset.quiet;
      said.textContent = "";
    });
  };

  const draw = async (figure) => {
    const frame = figure.querySelector(".frame");
    const still = frame.querySelector("svg");
    const place = document.createElement("div");
    place.className = "live";
    place.hidden = true;
    frame.append(place);
    try {
      const embed = await (library ??= unpack());
      const spec = JSON.parse(figure.querySelector("script.spec").textContent);
      await embed(place, spec, { mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: 1, tooltip: onPointer });
    } catch {
      // The still picture says the same.
      place.remove();
      return;
    }
    place.tabIndex = 0;
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", `${still.getAttribute("aria-label")}. The arrow keys read its values.`);
    const focused = document.activeElement === frame;
    place.hidden = false;
    frame.classList.add("drawn");
    // One stop for the keyboard: the live chart; it scrolls into view mark by mark.
    for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
    if (focused) place.focus({ preventScroll: true });
    setUpKeys(place);
  };

  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target);
    }
  }, { rootMargin: "300px" });
  document.querySelectorAll("figure:has(> script.spec)").forEach((figure) => near.observe(figure));
})();

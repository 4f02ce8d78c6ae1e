// The journey map's views: everyone, one segment, one persona.  Every number was computed beforehand; this only chooses.
(() => {
  "use strict";
  const show = (map, views, index) => {
    const view = views[index];
    const people = new Set(view.people);
    for (const part of map.querySelectorAll("[data-view]")) part.toggleAttribute("hidden", Number(part.dataset.view) !== index);
    for (const item of map.querySelectorAll("details.item")) {
      const [n, of, low, high, passages, transcripts, shown] = JSON.parse(item.dataset.n)[index];
      item.hidden = n === 0;
      item.querySelector(".count").textContent = `${n} of ${of}`;
      drawDots(item.querySelector(".dots"), n, of);
      if (n) item.querySelector(".carries").textContent = carries(n, of, low, high, passages, transcripts, shown);
      for (const quote of item.querySelectorAll("blockquote")) quote.hidden = !people.has(quote.dataset.p);
    }
    for (const more of map.querySelectorAll("details.more")) more.hidden = !more.querySelector(".item:not([hidden])");
    for (const none of map.querySelectorAll("td > .none")) none.hidden = Boolean(none.parentElement.querySelector(".item:not([hidden])"));
    for (const button of map.querySelectorAll(".views button")) button.setAttribute("aria-pressed", String(button.dataset.key === view.key));
    const svg = map.querySelector(".curve svg");
    svg.setAttribute("aria-label", svg.dataset.says ? JSON.parse(svg.dataset.says)[index] : svg.getAttribute("aria-label"));
    map.querySelector(".said").textContent = index === 0 ? "" : `${view.label}: ${view.n} of ${views[0].n} participants. Moments of truth are those of everyone.`;
  };

  const several = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const carries = (n, of, low, high, passages, transcripts, shown) =>
    `${n} of ${of}; of people like these ${low} to ${high} % would be a fair guess; ${several(passages, "passage")} in ${several(transcripts, "transcript")}${shown ? `; ${shown}` : ""}`;

  const drawDots = (dots, n, of) => {
    const bar = dots.querySelector("b");
    if (bar) { bar.style.setProperty("--share", `${of ? (100 * n) / of : 0}%`); return; }
    [...dots.children].forEach((dot, i) => { dot.classList.toggle("on", i < n); dot.hidden = i >= of; });
  };

  // A link to a quote inside a closed statement opens it.
  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = target && target.closest("details:not([open])");
    if (closed) { closed.open = true; target.scrollIntoView({ block: "center" }); }
  };

  for (const map of document.querySelectorAll(".journey")) {
    const views = JSON.parse(map.dataset.views);
    const chooser = map.querySelector(".views");
    if (!chooser) continue;
    chooser.hidden = false;
    chooser.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) show(map, views, views.findIndex((view) => view.key === button.dataset.key));
    });
  }
  addEventListener("hashchange", openTarget);
  openTarget();
})();

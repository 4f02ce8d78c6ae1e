// The page without this file is complete: it only adds the search in all reports and how many are shown; head.js sees to colours. It writes text, never markup.
(() => {
  "use strict";
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const element = (name, className = "", ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  };

  // What is chosen is hidden by the style; here it is only counted.
  const setUpChoice = (form) => {
    const pages = all(".page");
    const count = () => {
      const groups = all(".group");
      groups.forEach((group) => (group.hidden = false));
      const shown = pages.filter((page) => page.getClientRects().length);
      groups.forEach((group) => (group.hidden = !shown.some((page) => group.contains(page))));
      form.querySelector("output").textContent = shown.length < pages.length ? `${shown.length} of ${pages.length} pages` : "";
    };
    form.addEventListener("change", count);
    form.addEventListener("submit", (event) => event.preventDefault());
    // A browser keeps what was chosen when the page is loaded again.
    if (all("select", form).some((s) => s.value)) count();
  };

  // Search: small letters, without accents.
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  // Unit by unit, so that positions in the folded text are positions in the text.
  const foldUnits = (text) => Array.from({ length: text.length }, (_, i) => fold(text[i])[0] ?? " ").join("");
  const wordsOf = (query) => [...new Set(fold(query).split(/\s+/).filter(Boolean))].slice(0, 16);

  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const index = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
    return { ...index, folded: index.texts.map(fold) };
  };

  const passagesOf = ([, anchor, numbers]) => {
    const found = [];
    for (let i = 0, at = 0; i < numbers.length; i += 2) found.push([(at += numbers[i]), numbers[i + 1] < 0 ? anchor : numbers[i + 1]]);
    return found;
  };

  // Which of the words a text has, one bit each.
  const maskOf = (words) => (text) => words.reduce((mask, word, bit) => (text.includes(word) ? mask | (1 << bit) : mask), 0);
  const bits = (mask) => mask.toString(2).replaceAll("0", "").length;

  // The places of a page that have a word, best first: all of them in one passage, then most of them.
  const placesOf = (page, masks) =>
    page
      .flatMap((section) => {
        const [heading, anchor] = section;
        const under = passagesOf(section).filter(([text]) => masks[text]).map(([text, id]) => ({ heading, id, text, mask: masks[text] }));
        return masks[heading] ? [{ heading, id: anchor, text: heading, mask: masks[heading] }, ...under] : under;
      })
      .sort((a, b) => bits(b.mask) - bits(a.mask));

  const find = (index, names, query) => {
    const words = wordsOf(query);
    if (!words.length) return { words, pages: [] };
    const masks = index.folded.map(maskOf(words));
    const wanted = (1 << words.length) - 1;
    const pages = index.pages.map((page, n) => {
      const places = placesOf(page, masks);
      const mask = places.reduce((sum, place) => sum | place.mask, maskOf(words)(names[n].folded));
      return { n, places, mask, best: places.length ? bits(places[0].mask) : 0 };
    });
    const order = (a, b) => b.best - a.best || a.n - b.n;
    return { words, pages: pages.filter((page) => page.mask === wanted).sort(order) };
  };

  // A passage around the first word, with the words marked.
  const snippet = (text, words, most = 220) => {
    const folded = foldUnits(text);
    const hits = words
      .flatMap((word) => {
        const at = folded.indexOf(word);
        return at < 0 ? [] : [[at, at + word.length]];
      })
      .sort((a, b) => a[0] - b[0]);
    const first = hits.length ? hits[0][0] : 0;
    const start = text.length <= most || first < 80 ? 0 : text.indexOf(" ", first - 60) + 1;
    const end = Math.min(text.length, start + most);
    const parts = [start ? "… " : ""];
    let at = start;
    for (const [from, to] of hits.filter(([from, to]) => from >= start && to <= end)) {
      if (from < at) continue;
      parts.push(text.slice(at, from), element("mark", "", text.slice(from, to)));
      at = to;
    }
    return [...parts, text.slice(at, end), end < text.length ? " …" : ""];
  };

  const MOST_PAGES = 50;
  const MOST_PLACES = 3;

  const pageFound = (index, name, { places }, words) => {
    const rows = places.slice(0, MOST_PLACES).map(({ heading, id, text }, n) => {
      const under = element("span", n && places[n - 1].heading === heading ? "unseen" : "under", index.texts[heading] || name.group);
      const link = element("a", "hit", under);
      link.href = name.href + (index.ids[id] ? `#${encodeURIComponent(index.ids[id])}` : "");
      if (text !== heading) link.append(element("span", "words", ...snippet(index.texts[text], words)));
      return element("li", "", link);
    });
    if (!rows.length) {
      const link = element("a", "hit", "The page");
      link.href = name.href;
      rows.push(element("li", "", link));
    }
    const more = places.length > MOST_PLACES ? [element("p", "n", `and ${places.length - MOST_PLACES} more on this page`)] : [];
    const title = element("h2", "", name.called, " ", element("span", "n", name.group));
    return element("li", "", title, element("ol", "", ...rows), ...more);
  };

  const setUpSearch = (box) => {
    const [input, output] = [box.querySelector("input"), box.querySelector("output")];
    const [hits, list, about] = ["wb-hits", "wb-list", "wb-searched"].map((id) => document.getElementById(id));
    const names = all(".page[data-n]")
      .sort((a, b) => a.dataset.n - b.dataset.n)
      .map((page) => {
        const link = page.querySelector("h3 a");
        const group = page.closest(".group").querySelector("h2").firstChild.data.trim();
        return { called: link.textContent, href: link.getAttribute("href"), group, folded: fold(`${link.textContent} ${group} ${page.querySelector(".about").textContent}`) };
      });
    let index = null;
    let timer = 0;

    const show = (asked, { words, pages }) => {
      hits.hidden = about.hidden = !words.length;
      list.hidden = !!words.length;
      const n = pages.length;
      output.textContent = !words.length ? "" : n === 1 ? "1 page" : n ? `${n} pages` : "no page";
      const more = n > MOST_PAGES ? [element("p", "n", `and ${n - MOST_PAGES} more pages; another word finds fewer`)] : [];
      const none = words.length && !n ? [element("p", "missing", `No page shows ${words.length > 1 ? "all of these words" : `“${asked.trim()}”`}.`)] : [];
      hits.replaceChildren(element("ol", "", ...pages.slice(0, MOST_PAGES).map((page) => pageFound(index, names[page.n], page, words))), ...more, ...none);
    };
    const search = async () => {
      clearTimeout(timer);
      if (!index) {
        output.textContent = "reading";
        index = unpack(document.getElementById("wb-index").textContent);
      }
      index = await index;
      show(input.value, find(index, names, input.value));
    };
    const clear = () => {
      input.value = "";
      return search();
    };

    const links = () => all("a.hit", hits);
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, 120);
    });
    input.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") return clear().then(() => input.blur());
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      await search();
      if (event.key === "Enter") links()[0]?.click();
      else links()[0]?.focus();
    });
    hits.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") clear().then(() => input.focus());
      if (!step) return;
      event.preventDefault();
      const order = [input, ...links()];
      order[Math.min(Math.max(order.indexOf(document.activeElement) + step, 0), order.length - 1)].focus();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input,textarea,select,[contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    // A browser that comes back to the page keeps what was typed.
    if (input.value) search();
  };

  const tools = document.querySelector(".tools");
  tools.hidden = false;
  if (window.DecompressionStream) setUpSearch(tools.querySelector(".search"));
  else tools.querySelector(".search").hidden = true;
  all("form.choose").forEach(setUpChoice);
})();

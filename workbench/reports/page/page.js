// The page without this file is complete: it only adds search, sorting, and where you are; head.js sees to colours. It writes text, never markup.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  // Search. The text of the page is folded once, unit by unit, so that positions in it stay positions in the page.
  const fold = (text) => {
    let folded = "";
    for (let i = 0; i < text.length; i++) {
      const unit = text[i];
      if (/\s/.test(unit)) folded += " ";
      else folded += unit < "\x80" ? unit.toLowerCase() : unit.normalize("NFD")[0].toLowerCase()[0];
    }
    return folded;
  };

  const readPage = (main) => {
    const nodes = [];
    let text = "";
    let block = null;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const parent = node.parentElement;
      if (parent.closest(".code:not([open]), title, desc, script, .unseen, .here, .live, .note-link, [hidden]")) continue;
      const here = parent.closest("p,li,td,th,h1,h2,h3,h4,h5,h6,dt,dd,pre,figcaption,summary,caption,text,blockquote,math[display],.finding > *") || parent;
      if (here !== block) text += "\n";
      block = here;
      nodes.push({ node, start: text.length });
      text += fold(node.data);
    }
    return { text, nodes };
  };

  const at = (nodes, position) => {
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (nodes[middle].start <= position) low = middle;
      else high = middle - 1;
    }
    return [nodes[low].node, Math.min(position - nodes[low].start, nodes[low].node.length)];
  };

  const findAll = (page, query) => {
    const ranges = [];
    const wanted = fold(query.trim());
    if (!wanted) return ranges;
    for (let i = page.text.indexOf(wanted); i >= 0; i = page.text.indexOf(wanted, i + wanted.length)) {
      const range = new Range();
      range.setStart(...at(page.nodes, i));
      const [node, offset] = at(page.nodes, i + wanted.length - 1);
      range.setEnd(node, offset + 1);
      ranges.push(range);
    }
    return ranges;
  };

  const setUpSearch = (box, main) => {
    const [input, output] = [box.querySelector("input"), box.querySelector("output")];
    const opened = new Set();
    let hits = [];
    let now = -1;
    let page = null;
    let timer = 0;

    const mark = (name, ranges) => {
      if (!window.Highlight) return;
      if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
      else CSS.highlights.delete(name);
    };
    const say = () => {
      const query = input.value.trim();
      output.textContent = !query ? "" : hits.length ? `${now + 1} of ${hits.length}` : "no hits";
      box.classList.toggle("found", hits.length > 0);
    };
    const reveal = (range) => {
      const element = range.startContainer.parentElement;
      for (let d = element.closest("details:not([open])"); d; d = d.parentElement.closest("details:not([open])")) {
        d.open = true;
        opened.add(d);
      }
      element.scrollIntoView({ block: "center", inline: "nearest" });
      mark("hit", [range]);
      if (!window.Highlight) getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    };
    const go = (step) => {
      if (!hits.length) return;
      now = (now + step + hits.length) % hits.length;
      reveal(hits[now]);
      say();
    };
    const search = () => {
      page ??= readPage(main);
      hits = findAll(page, input.value);
      now = -1;
      mark("hits", hits);
      mark("hit", []);
      if (hits.length) go(1);
      else say();
    };
    const clear = () => {
      input.value = "";
      search();
      opened.forEach((d) => (d.open = false));
      opened.clear();
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, 120);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        go(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        clear();
        input.blur();
      }
    });
    box.querySelector("[data-do=next]").addEventListener("click", () => go(1));
    box.querySelector("[data-do=previous]").addEventListener("click", () => go(-1));
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input,textarea,select,[contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    // What is shown may have changed since: code opened, rows sorted, people chosen.
    input.addEventListener("focus", () => (page = null));
  };

  // Contents: mark the section being read.
  const setUpContents = (nav) => {
    const links = all("a", nav).map((link) => ({ link, target: document.getElementById(decodeURIComponent(link.hash.slice(1))) })).filter((l) => l.target);
    const title = nav.closest("details")?.querySelector("summary span");
    const update = () => {
      const line = (document.querySelector(".top")?.offsetHeight || 0) + 40;
      const passed = links.filter(({ target }) => target.getBoundingClientRect().top <= line);
      const atEnd = scrollY > 0 && innerHeight + scrollY >= root.scrollHeight - 2;
      const current = atEnd ? links.at(-1) : passed.at(-1) || links[0];
      for (const { link } of links) {
        if (link !== current?.link) link.removeAttribute("aria-current");
        else if (!link.hasAttribute("aria-current")) {
          link.setAttribute("aria-current", "true");
          if (title) title.textContent = link.textContent;
          else nav.scrollTo({ left: link.offsetLeft - nav.offsetLeft - 40 });
        }
      }
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (!waiting) requestAnimationFrame(() => ((waiting = false), update()));
      waiting = true;
    }, { passive: true });
    addEventListener("resize", update);
    update();
  };
  const setUpMenu = (menu) => {
    const close = () => (menu.open = false);
    menu.querySelector("nav").addEventListener("click", (event) => event.target.closest("a") && close());
    document.addEventListener("click", (event) => menu.contains(event.target) || close());
    menu.addEventListener("keydown", (event) => event.key === "Escape" && (close(), menu.querySelector("summary").focus()));
  };

  // Permanent links: one for each heading, figure and table; a click copies it where the browser allows, and the address bar shows it.
  const say = (text) => {
    const said = document.getElementById("wb-said");
    said.textContent = text;
    setTimeout(() => said.textContent === text && (said.textContent = ""), 2000);
  };
  const addLink = (place, id, what) => {
    const link = document.createElement("a");
    link.className = "here";
    link.href = `#${encodeURIComponent(id)}`;
    link.textContent = "¶";
    link.title = `Link to this ${what}`;
    link.setAttribute("aria-label", link.title);
    place.append(link);
  };
  const setUpLinks = () => {
    all(":is(h1,h2,h3,h4,h5,h6)[id]:not(:has(a, button))", main).forEach((heading) => addLink(heading, heading.id, "section"));
    all("figure[id] > figcaption", main).forEach((caption) => addLink(caption, caption.parentElement.id, "figure"));
    all(".scroll[id]:has(> table > caption)", main).forEach((table) => addLink(table, table.id, "table"));
    main.addEventListener("click", (event) => {
      const link = event.target.closest("a.here");
      if (link) navigator.clipboard?.writeText(link.href).then(() => say("Link copied"), () => {});
    });
  };

  // Tables: a click on a heading sorts up, then down, then as it was.
  const setUpSorting = (table) => {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    const original = [...body.rows];
    const key = (row, i) => (row.cells[i].dataset.value === undefined ? row.cells[i].textContent.trim() : Number(row.cells[i].dataset.value));
    const { compare } = new Intl.Collator(root.lang || undefined, { numeric: true });
    const order = (i, direction) => (a, b) => {
      const [x, y] = [key(a, i), key(b, i)];
      if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
      return direction * (typeof x === "number" ? x - y : compare(x, y));
    };
    heads.forEach((head, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        body.append(...(next === "none" ? original : [...original].sort(order(i, next === "ascending" ? 1 : -1))));
      });
    });
  };

  // Code, printing.
  const setUpCode = (button) => {
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      all("details.code").forEach((d) => (d.open = open));
    });
  };
  const setUpPrinting = () => {
    let unfolded = [];
    addEventListener("beforeprint", () => {
      unfolded = all("main details:not([open], .code, .trace, .item, .journey *)");
      unfolded.forEach((d) => (d.open = true));
    });
    addEventListener("afterprint", () => unfolded.forEach((d) => (d.open = false)));
  };

  const main = document.querySelector("main");
  const tools = document.querySelector(".tools");
  tools.hidden = false;
  setUpSearch(tools.querySelector(".search"), main);
  all(".contents:not(.numbered)", document.querySelector(".top")).forEach((list) => setUpContents(list.querySelector("nav") || list));
  all(".menu").forEach(setUpMenu);
  setUpLinks();
  all("table.sortable", main).filter((t) => t.tBodies[0]?.rows.length > 1).forEach(setUpSorting);
  all("[data-do=code]", tools).forEach(setUpCode);
  tools.querySelector("[data-do=print]").addEventListener("click", () => print());
  setUpPrinting();
})();

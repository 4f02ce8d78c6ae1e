// Colours: automatic, light, dark.  Runs before anything is drawn, so that a reader who chose dark never sees a white flash.
(() => {
  "use strict";
  const KEPT_AS = "workbench-colours";
  const THEMES = { auto: ["◐", "automatic"], light: ["☀", "light"], dark: ["☾", "dark"] };
  const root = document.documentElement;
  let theme = "auto";
  try {
    const kept = localStorage.getItem(KEPT_AS);
    if (kept === "light" || kept === "dark") theme = root.dataset.theme = kept;
  } catch {
    // A page opened from a mail attachment may have no storage: it then follows the system.
  }

  const setUpSwitch = (button) => {
    const show = () => {
      button.textContent = THEMES[theme][0];
      button.title = `Colours: ${THEMES[theme][1]}`;
      button.setAttribute("aria-label", button.title);
    };
    button.addEventListener("click", () => {
      const order = Object.keys(THEMES);
      theme = order[(order.indexOf(theme) + 1) % order.length];
      if (theme === "auto") delete root.dataset.theme;
      else root.dataset.theme = theme;
      show();
      try {
        localStorage.setItem(KEPT_AS, theme);
      } catch {
        // No storage here: the choice lasts as long as the page.
      }
    });
    show();
  };
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-do=theme]").forEach(setUpSwitch));
})();

// Runs before anything is drawn, so that a reader who chose dark never sees a white flash.
try {
  const theme = localStorage.getItem("workbench-colours");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A page opened from a mail attachment may have no storage: it then follows the system.
}

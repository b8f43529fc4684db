// Runs before the page's own scripts in both windows. The interface keeps its own keys; these are the browser's.
(() => {
  const stop = (event) => event.preventDefault();
  for (const name of ["contextmenu", "dragover", "drop"]) addEventListener(name, stop, { capture: true });
  const barred = new Set(["F3", "F5", "F7", "F11", "F12"]);
  const barredWithControl = new Set(["r", "p", "s", "o", "f", "g", "u", "w", "+", "-", "="]);
  addEventListener(
    "keydown",
    (event) => {
      const control = event.ctrlKey || event.metaKey;
      if (barred.has(event.key) || (control && barredWithControl.has(event.key.toLowerCase()))) stop(event);
    },
    { capture: true },
  );
  globalThis.print = () => undefined;
  // The web view would go, and leave an empty window without a way back.
  globalThis.close = () => undefined;
})();

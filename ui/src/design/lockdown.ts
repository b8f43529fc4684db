// A kiosk is not a browser: no context menu, nothing dragged, no page dropped in, no zoom by pinch or wheel.

export function lockDown(page: Document): void {
  const no = (event: Event) => event.preventDefault();
  for (const kind of ["contextmenu", "dragstart", "dragover", "drop"] as const) page.addEventListener(kind, no);
  page.addEventListener("wheel", (event) => event.ctrlKey && event.preventDefault(), { passive: false });
  page.addEventListener("keydown", (event) => {
    const zoom = event.ctrlKey && ["+", "-", "=", "0"].includes(event.key);
    const reload = event.key === "F5" || (event.ctrlKey && event.key.toLowerCase() === "r");
    if (zoom || reload) event.preventDefault();
  });
}

// Enter goes on: to the next field of the page, and from the last one to the next page.

const STOPS = "input:not(:disabled)";

/** The inputs that Enter stops at: one of each radio group, in the order of the page. */
function stops(main: HTMLElement): HTMLInputElement[] {
  const seen = new Set<string>();
  return [...main.querySelectorAll<HTMLInputElement>(STOPS)].filter((input) => {
    if (input.type !== "radio") return true;
    if (seen.has(input.name)) return false;
    seen.add(input.name);
    return true;
  });
}

export function nextField(main: HTMLElement, from: HTMLInputElement, onward: () => void): void {
  const all = stops(main);
  const at = all.findIndex((input) => input === from || (input.type === "radio" && input.name === from.name));
  const to = all[at + 1];
  if (!to) return onward();
  const chosen = to.type === "radio" ? main.querySelector<HTMLInputElement>(`input[name="${to.name}"]:checked`) : null;
  (chosen ?? to).focus();
}

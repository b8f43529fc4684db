// The keys of the trained hand, in every room of the operator's window. What a screen does with its own keys is its own.

import type { Desk } from "./desk.svelte";

/** What a key does, by name; the help overlay lists the same keys. */
const ACTS: Record<string, (desk: Desk) => void> = {
  F1: (desk) => (desk.helping = !desk.helping),
  F2: (desk) => void desk.goHome(),
  F3: (desk) => officers(desk, () => desk.visit("lookup")),
  F4: (desk) => officers(desk, () => desk.visit("outbox")),
  F9: (desk) => void desk.signOut(),
};

/** A volunteer has no list and no search: their keys lead nowhere either. */
function officers(desk: Desk, act: () => Promise<void>): void {
  if (!desk.isVolunteer) void act();
}

/** Does what the key asks for. Nothing while a question waits for an answer, or the citizen has the screen. */
export function shortcut(desk: Desk, event: KeyboardEvent): void {
  const act = ACTS[event.key];
  if (!act || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  event.preventDefault();
  if (!desk.kiosk?.signed_in || desk.kiosk.turned) return;
  // A field being typed in settles before the desk moves on.
  if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
  if (document.querySelector("dialog[open]") && event.key !== "F1") return;
  act(desk);
}

// Tells the kiosk that somebody is at the citizen's screen, so that the officer's does not lock over a person who reads,
// signs or writes. Deliberately absent: what was touched; only that something was, and at most once in a while.

import type { Backend } from "../../backend/bridge";

const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
/** More often tells nothing new: the lock counts in minutes. */
const TELL_EVERY_MS = 5000;

/** Starts to tell; the answer stops it. */
export function tellPresence(backend: Backend, now: () => number = Date.now): () => void {
  let told = -Infinity;
  const touched = (): void => {
    if (now() - told < TELL_EVERY_MS) return;
    told = now();
    // Where it does not arrive, the next touch tells.
    void backend.call("i_am_here", {}).catch(() => undefined);
  };
  for (const name of TOUCHES) addEventListener(name, touched, { capture: true, passive: true });
  return () => {
    for (const name of TOUCHES) removeEventListener(name, touched, { capture: true });
  };
}

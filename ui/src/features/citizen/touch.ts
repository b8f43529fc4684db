// Whether a touch of an answer was meant: a press, and not a hand that rests, leans or pushes the page up.
//
// Invariant: a press is one finger (or the mouse) that comes down and goes up in one place within a second and a half,
// with no other finger on the page meanwhile. Buttons within the answer have their own presses and are none of this.

import type { Attachment } from "svelte/attachments";

/** Further than this is a drag: a trembling finger stays within it. */
const MOVED_PX_MAX = 26;
/** Longer than this is a hand that rests. A slow finger of an old person is quicker. */
const PRESS_MS_MAX = 1500;
/** Wider than this is no fingertip: the ball of a hand, a sleeve. */
const TIP_PX_MAX = 90;

type Contact = Pick<PointerEvent, "pointerId" | "clientX" | "clientY" | "timeStamp" | "button" | "isPrimary" | "width" | "height">;

/** One place that can be pressed. */
export class Touch {
  #down: Contact | null = null;

  down(at: Contact): void {
    // A second finger: whoever leans on the screen has more than one place on it.
    if (this.#down !== null && this.#down.pointerId !== at.pointerId) return this.cancel();
    this.#down = at.isPrimary && at.button === 0 && !wide(at) ? at : null;
  }

  /** True where this ends a press. */
  up(at: Contact): boolean {
    const from = this.#down;
    this.cancel();
    return from !== null && from.pointerId === at.pointerId && at.timeStamp - from.timeStamp <= PRESS_MS_MAX && apart(from, at) <= MOVED_PX_MAX;
  }

  moved(at: Contact): void {
    if (this.#down !== null && (wide(at) || (at.pointerId === this.#down.pointerId && apart(this.#down, at) > MOVED_PX_MAX))) this.cancel();
  }

  cancel(): void {
    this.#down = null;
  }
}

const apart = (a: Contact, b: Contact): number => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
const wide = (at: Contact): boolean => Math.max(at.width, at.height) > TIP_PX_MAX;

/** Calls at a press of the element. What is a button within it stays that button's. */
export function touched(press: () => void): Attachment<HTMLElement> {
  return (element) => {
    const touch = new Touch();
    const stop = new AbortController();
    const heard = { signal: stop.signal };
    const inButton = (event: Event) => event.target instanceof Element && event.target.closest("button") !== null;
    element.addEventListener("pointerdown", (event) => (inButton(event) ? touch.cancel() : touch.down(event)), heard);
    element.addEventListener("pointermove", (event) => touch.moved(event), heard);
    element.addEventListener("pointerleave", () => touch.cancel(), heard);
    element.addEventListener("pointercancel", () => touch.cancel(), heard);
    element.addEventListener("pointerup", (event) => touch.up(event) && !inButton(event) && press(), heard);
    // A second finger anywhere on the page.
    element.ownerDocument.addEventListener("pointerdown", (event) => event.isPrimary || touch.cancel(), { ...heard, capture: true });
    return () => stop.abort();
  };
}

// Whether a finger or a mouse button is down on the page.
//
// Invariant: what a person presses does not move before they let it go. Whoever is about to show something that was
// not asked for by that press waits for `rest()`: a save that a press itself set off (its field lost the focus)
// answers within the press, and made the button under it jump away.

/** A touch's click comes after its finger was lifted, from a gesture of its own. */
const TOUCH_CLICK_MS = 120;
/** A release that never came, such as a button let go over another window, holds nothing up for longer. */
const LONGEST_MS = 2000;

export class Stillness {
  readonly #down = new Set<number>();
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins to watch; the answer stops. */
  watch(page: Window): () => void {
    const stop = new AbortController();
    const heard = { capture: true, signal: stop.signal };
    page.addEventListener("pointerdown", (event) => this.press(event.pointerId), heard);
    page.addEventListener("pointerup", (event) => this.release(event.pointerId, event.pointerType === "touch" ? TOUCH_CLICK_MS : 0), heard);
    page.addEventListener("pointercancel", (event) => this.release(event.pointerId, 0), heard);
    page.addEventListener("click", () => this.#soon(0), heard);
    page.addEventListener("blur", () => this.#end(), { signal: stop.signal });
    return () => {
      stop.abort();
      this.#end();
    };
  }

  press(pointer: number): void {
    this.#down.add(pointer);
    this.#soon(LONGEST_MS);
  }

  release(pointer: number, after: number): void {
    this.#down.delete(pointer);
    if (this.#down.size === 0) this.#soon(after);
  }

  get pressed(): boolean {
    return this.#timer !== undefined;
  }

  /** Resolves after the press and what it does; at once where nothing is pressed. */
  rest(): Promise<void> {
    if (!this.pressed) return Promise.resolve();
    return new Promise((done) => this.#waiting.push(done));
  }

  // A timer, so that the press's own handlers are called first.
  #soon(after: number): void {
    if (!this.pressed && this.#down.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), after);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#down.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }
}

/** The page's own. */
export const stillness = new Stillness();

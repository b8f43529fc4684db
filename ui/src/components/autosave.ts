// Sends what a field holds soon after the last key: 400 ms of quiet, at most 1.5 s while keys keep coming,
// at once on leaving. Never in the middle of a composed syllable.
//
// Invariant: while `dirty`, the text on screen is newer than what was saved, and nothing may overwrite it.

const QUIET_MS = 400;
const LONGEST_MS = 1500;

export class Autosave {
  dirty = false;
  composing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #running: Promise<boolean> | null = null;
  readonly #send: () => Promise<boolean>;

  constructor(send: () => Promise<boolean>) {
    this.#send = send;
  }

  /** A key came. */
  touch(): void {
    const now = performance.now();
    if (!this.dirty) this.#since = now;
    this.dirty = true;
    clearTimeout(this.#timer);
    if (this.composing) return;
    const left = Math.min(QUIET_MS, Math.max(0, this.#since + LONGEST_MS - now));
    this.#timer = setTimeout(() => void this.flush(), left);
  }

  /** Saves now, until nothing newer is left. False where it could not be saved: the text stays dirty. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#running) await this.#running;
    while (this.dirty) {
      this.dirty = false;
      this.#running = this.#send();
      const saved = await this.#running;
      this.#running = null;
      if (!saved) {
        this.dirty = true;
        return false;
      }
    }
    return true;
  }

  /** Nothing typed here is on its way, or waits for its next key. */
  get settled(): boolean {
    return !this.dirty && !this.composing && this.#running === null;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

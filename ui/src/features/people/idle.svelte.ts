// Locks when nobody has touched anything for a while. The time is read from the clock at every look, so that a machine that
// slept locks as soon as it wakes. Deliberately absent: any lock of its own; it only says when.

const LOOK_EVERY_MS = 500;
/** The person is warned this long before. */
const WARN_SECONDS = 10;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

export class Idle {
  /** Seconds until the lock, once it is near; null before. */
  left = $state<number | null>(null);
  #last = Date.now();
  readonly #seconds: () => number | null;
  readonly #lock: () => void;

  /** `seconds` answers null while there is nothing to lock. */
  constructor(seconds: () => number | null, lock: () => void) {
    this.#seconds = seconds;
    this.#lock = lock;
  }

  /** Somebody is there. */
  touch = (): void => {
    this.#last = Date.now();
    this.left = null;
  };

  look(now = Date.now()): void {
    const seconds = this.#seconds();
    if (seconds === null) return this.touch();
    const left = Math.ceil(seconds - (now - this.#last) / 1000);
    if (left <= 0) {
      this.touch();
      this.#lock();
    } else {
      this.left = left <= WARN_SECONDS ? left : null;
    }
  }

  /** Starts to watch; the answer stops it. */
  watch(): () => void {
    for (const name of TOUCHES) addEventListener(name, this.touch, { capture: true, passive: true });
    const timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const name of TOUCHES) removeEventListener(name, this.touch, { capture: true });
    };
  }
}

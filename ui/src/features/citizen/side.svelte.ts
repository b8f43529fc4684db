// The citizen's side of a visit: the view that Rust sent last, and the acts that only the citizen does.
// The same side runs in the citizen's window and, on one screen, in the operator's window while it is turned.
//
// Invariant: nothing of a person stays here once another view has come.

import { asProblem, type Backend } from "../../backend/bridge";
import type { AppEvent, CitizenAnswer, CitizenView, Commands, Problem } from "../../backend/types";
import { look } from "../../design/look.svelte";
import { stillness } from "../../design/stillness";
import { language } from "../../strings/language.svelte";

type Act = "stop_and_destroy" | "tried_step" | "give_consent" | "confirm_page" | "confirm_answer" | "write_answer" | "say_wrong" | "take_back_wrong" | "confirm_filing" | "confirm_withdrawal";

/** A finger that trembles comes down twice: a touch of an answer within this of another press is no word of its own. The
    button that it meant may be gone, and the answer be under it. */
const TOUCH_AGAIN_MS = 1000;

export class CitizenSide {
  view = $state.raw<CitizenView | null>(null);
  /** A keystroke of the operator, not saved yet. */
  typed = $state.raw<{ question: string; text: string } | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  /** The machine has a voice. */
  reads = $state(false);
  /** The screen is being read aloud. */
  reading = $state(false);
  /** The answer that the citizen is writing themselves. */
  writing = $state<string | null>(null);
  /** What stood there of it when the screen was locked; null where they begin. */
  written = $state<string | null>(null);
  /** A drill is on: both screens say so. */
  drill = $state(false);
  readonly #backend: Backend;
  /** A view that came by itself, and waits until nothing is pressed. */
  #held: CitizenView | null = null;

  /** When the citizen pressed last. */
  #pressed = -Infinity;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Asks for everything anew: at start, and when the screen is turned. */
  async load(): Promise<void> {
    try {
      // Side by side: each is a way to the kiosk and back.
      const [, view] = await Promise.all([this.#status(), this.#backend.call("citizen_screen", {})]);
      this.show(view);
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  show(view: CitizenView): void {
    const came = this.view?.screen !== "page";
    this.view = view;
    this.#held = null;
    this.typed = null;
    // Back from a lock: what they had come to is there to go on with.
    const half = view.screen === "page" ? view.half_written : null;
    if (half && came) {
      this.writing = half.question;
      this.written = half.text;
    }
    // The officer went on: what was being written belongs to a page that has gone.
    const there = view.screen === "page" && view.page.answers.some((one) => one.question === this.writing && one.writes);
    if (!there) this.#unwrite();
  }

  /** What the officer did: nothing moves under the citizen's finger. The last view is shown, if no press brought a newer one. */
  async #showAtRest(view: CitizenView): Promise<void> {
    this.#held = view;
    if (stillness.pressed) await stillness.rest();
    if (this.#held) this.show(this.#held);
  }

  take(event: AppEvent): void {
    if (event.event === "citizen") void this.#showAtRest(event.view);
    if (event.event === "kiosk") void this.#listen();
    if (event.event === "reading") this.reading = event.on;
    if (event.event === "typing") this.typed = { question: event.question, text: event.text };
  }

  /** Language, look and voice of the machine. */
  async #listen(): Promise<void> {
    try {
      await this.#status();
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  async #status(): Promise<void> {
    const kiosk = await this.#backend.call("kiosk_status", {});
    language.set(kiosk.language);
    look.machine = kiosk.look;
    this.reads = kiosk.reads_aloud;
    this.drill = kiosk.drill;
  }

  #unwrite(): void {
    this.writing = null;
    this.written = null;
  }

  /** So far. It is no answer yet, and outlives a lock. */
  keep(question: string, text: string): void {
    void this.#backend.call("keep_writing", { half: { question, text } }).catch(() => undefined);
  }

  /** They leave it: nothing of it is kept. */
  leave(): void {
    this.#unwrite();
    void this.#backend.call("keep_writing", { half: null }).catch(() => undefined);
  }

  clear(): void {
    this.view = this.#held = null;
    this.#unwrite();
    this.typed = null;
    this.problem = null;
  }

  /** Reads the screen aloud, or one answer on it; silence where it is being read already. */
  async read(question: string | null = null): Promise<void> {
    try {
      if (this.reading) await this.#backend.call("stop_reading", {});
      else await this.#backend.call("read_aloud", { question });
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  async speak(next: "vi" | "en"): Promise<void> {
    try {
      language.set((await this.#backend.call("set_language", { language: next })).language);
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  /** An answer was touched: "Sai", and touched again: not after all. */
  async touch(answer: CitizenAnswer, now: number = performance.now()): Promise<void> {
    if (now - this.#pressed < TOUCH_AGAIN_MS) return;
    await this.act(answer.wrong ? "take_back_wrong" : "say_wrong", { question: answer.question });
  }

  /** One press of the citizen. A second press while the first is under way does nothing. */
  async act<K extends Act>(name: K, request: Commands[K]["request"]): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.show(await this.#backend.call(name, request));
      this.problem = null;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      // What was read has changed: the screen as it is now, to be read again.
      if (this.problem.code === "changed_meanwhile" || this.problem.code === "drafts_set_aside") await this.load();
    } finally {
      this.#pressed = performance.now();
      this.busy = false;
    }
  }
}

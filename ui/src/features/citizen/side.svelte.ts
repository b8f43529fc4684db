// The citizen's side of a visit: the view that Rust sent last, and the acts that only the citizen does.
// The same side runs in the citizen's window and, on one screen, in the operator's window while it is turned.
//
// Invariant: nothing of a person stays here once another view has come.

import { asProblem, type Backend } from "../../backend/bridge";
import type { AppEvent, CitizenView, Commands, Problem } from "../../backend/types";
import { look } from "../../design/look.svelte";
import { stillness } from "../../design/stillness";
import { language } from "../../strings/language.svelte";

type Act = "stop_and_destroy" | "tried_step" | "give_consent" | "confirm_page" | "confirm_answer" | "write_answer" | "say_wrong" | "confirm_filing" | "confirm_withdrawal";

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
  /** A drill is on: both screens say so. */
  drill = $state(false);
  readonly #backend: Backend;
  /** A view that came by itself, and waits until nothing is pressed. */
  #held: CitizenView | null = null;

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
    this.view = view;
    this.#held = null;
    this.typed = null;
    // The officer went on: what was being written belongs to a page that has gone.
    const there = view.screen === "page" && view.page.answers.some((one) => one.question === this.writing && one.writes);
    if (!there) this.writing = null;
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

  clear(): void {
    this.view = this.#held = null;
    this.writing = null;
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
      if (this.problem.code === "changed_meanwhile") await this.load();
    } finally {
      this.busy = false;
    }
  }
}

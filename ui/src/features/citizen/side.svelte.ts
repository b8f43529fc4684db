// The citizen's side of a visit: the view that Rust sent last, and the acts that only the citizen does.
// The same side runs in the citizen's window and, on one screen, in the operator's window while it is turned.
//
// Invariant: nothing of a person stays here once another view has come.

import { asProblem, type Backend } from "../../backend/bridge";
import type { AppEvent, CitizenView, Commands, Problem } from "../../backend/types";
import { language } from "../../strings/language.svelte";

type Act = "give_consent" | "confirm_page" | "confirm_answer" | "say_wrong" | "confirm_filing";

export class CitizenSide {
  view = $state.raw<CitizenView | null>(null);
  /** A keystroke of the operator, not saved yet. */
  typed = $state.raw<{ question: string; text: string } | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Asks for everything anew: at start, and when the screen is turned. */
  async load(): Promise<void> {
    try {
      language.set((await this.#backend.call("kiosk_status", {})).language);
      this.show(await this.#backend.call("citizen_screen", {}));
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  show(view: CitizenView): void {
    this.view = view;
    this.typed = null;
  }

  take(event: AppEvent): void {
    if (event.event === "citizen") this.show(event.view);
    if (event.event === "kiosk") void this.#listen();
    if (event.event === "typing") this.typed = { question: event.question, text: event.text };
  }

  /** Another window changed the language. */
  async #listen(): Promise<void> {
    try {
      language.set((await this.#backend.call("kiosk_status", {})).language);
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  clear(): void {
    this.view = null;
    this.typed = null;
    this.problem = null;
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
    } finally {
      this.busy = false;
    }
  }
}

// How commands go out: one at a time, in the order in which the person acted, and what became of them.
//
// Invariants: an older view never lands on a newer one; a keystroke is shown to the citizen before the answer that
// it belongs to is saved, never after, so that nothing stays marked as being typed. A keystroke waits for no command:
// saves take their time, and the citizen reads along key by key.

import { asProblem, type Backend, type CommandName } from "../backend/bridge";
import type { Commands, Problem } from "../backend/types";

interface Keystroke {
  question: string;
  text: string;
}

export class Calls {
  problem = $state.raw<Problem | null>(null);
  /** The command that the person is waiting for. */
  waiting = $state<CommandName | null>(null);
  readonly backend: Backend;
  #queue: Promise<unknown> = Promise.resolve();
  /** The keystrokes under way, one at a time. */
  #keys: Promise<void> | null = null;
  /** The last keystroke that has not gone out yet: newer ones take its place. */
  #keystroke: Keystroke | null = null;

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Runs a command that the person waits for. Its problem goes to the banner; null then. */
  async ask<K extends CommandName>(name: K, request: Commands[K]["request"]): Promise<Commands[K]["response"] | null> {
    this.waiting = name;
    try {
      const answer = await this.inOrder(name, request);
      this.problem = null;
      return answer;
    } catch (thrown) {
      this.fail(asProblem(thrown));
      return null;
    } finally {
      if (this.waiting === name) this.waiting = null;
    }
  }

  /** Runs a command after those before it. Rejects with its Problem. */
  inOrder<K extends CommandName>(name: K, request: Commands[K]["request"]): Promise<Commands[K]["response"]> {
    // The keys before this command are shown first; those after it belong to a later one.
    const keys = this.#keys;
    this.#keystroke = null;
    const send = () => this.backend.call(name, request);
    return this.#after(keys ? () => keys.then(send) : send);
  }

  #after<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work);
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  /** Everything that was asked for so far is done. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** Shows a keystroke to the citizen. It may be lost: the saved answer follows it. */
  protected sendKeystroke(question: string, text: string): void {
    const waiting = this.#keystroke;
    if (waiting?.question === question) {
      waiting.text = text;
      return;
    }
    const mine = { question, text };
    this.#keystroke = mine;
    const shown = this.#press(mine, this.#keys).finally(() => {
      if (this.#keys === shown) this.#keys = null;
    });
    this.#keys = shown;
  }

  async #press(mine: Keystroke, before: Promise<void> | null): Promise<void> {
    if (before) await before;
    if (this.#keystroke === mine) this.#keystroke = null;
    // It may be lost: the answer that follows holds it.
    await this.backend.call("typing", { question: mine.question, text: mine.text }).catch(() => undefined);
  }

  /** What went wrong with a press stays on the screen. */
  fail(problem: Problem): void {
    this.problem = problem;
  }
}

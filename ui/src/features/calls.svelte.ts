// How commands go out: one at a time, in the order in which the person acted, and what became of them.
//
// Invariants: an older view never lands on a newer one; a keystroke is shown to the citizen before the answer that
// it belongs to is saved, never after, so that nothing stays marked as being typed.

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
  /** The last keystroke that is still in the queue: newer ones take its place. */
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
    this.#keystroke = null;
    return this.#after(() => this.backend.call(name, request));
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
    void this.#after(() => {
      if (this.#keystroke === mine) this.#keystroke = null;
      return this.backend.call("typing", { question: mine.question, text: mine.text });
    }).catch(() => undefined);
  }

  protected fail(problem: Problem): void {
    this.problem = problem;
  }
}

// The lists that questions name (nationalities, ethnic groups, …): each is asked for once and kept for as long as the
// program runs; views carry only its name.
//
// Invariant: a list is shown only to a view that stands on the catalogue which it came from.

import type { Backend } from "../../backend/bridge";
import type { DossierView, ListName, OptionView, QuestionView } from "../../backend/types";

function* named(questions: QuestionView[]): Generator<ListName> {
  for (const { kind } of questions) {
    if (kind.kind === "list_choice") yield kind.list;
    if (kind.kind === "group") yield* named(kind.columns);
  }
}

export class Lists {
  #held = $state.raw<Record<string, readonly OptionView[]>>({});
  readonly #asked = new Set<string>();
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The entries; none while the list is on its way. */
  of(lists: string, list: ListName): readonly OptionView[] {
    return this.#held[`${lists} ${list}`] ?? [];
  }

  /** Fetches whatever this dossier names and is not here yet. Rejects with a Problem; the next view tries again. */
  async follow(view: DossierView): Promise<void> {
    const wanted = new Set(view.interview.pages.flatMap((page) => [...named(page.questions)]));
    const missing = [...wanted].filter((list) => !this.#asked.has(`${view.lists} ${list}`));
    await Promise.all(missing.map((list) => this.#fetch(view.lists, list)));
  }

  async #fetch(lists: string, list: ListName): Promise<void> {
    this.#asked.add(`${lists} ${list}`);
    try {
      const found = await this.#backend.call("get_list", { list });
      this.#held = { ...this.#held, [`${found.lists} ${list}`]: found.options };
      // Another dossier was opened meanwhile: its list came instead.
      if (found.lists !== lists) this.#asked.delete(`${lists} ${list}`);
    } catch (thrown) {
      this.#asked.delete(`${lists} ${list}`);
      throw thrown;
    }
  }
}

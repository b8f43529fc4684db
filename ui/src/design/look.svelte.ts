// How the windows look: as this machine is set, and as the person in front of it wishes for as long as they sit there.
// What a citizen wishes is kept nowhere: the next one starts as the machine is set.

import type { LookView } from "../backend/types";

class Look {
  /** The machine's own setting; Rust keeps it. */
  machine = $state.raw<LookView>({ contrast: false, less_motion: false });
  bigger = $state(false);
  #wish = $state<boolean | null>(null);

  get contrast(): boolean {
    return this.#wish ?? this.machine.contrast;
  }

  set contrast(wish: boolean) {
    this.#wish = wish;
  }

  plain(): void {
    this.#wish = null;
    this.bigger = false;
  }
}

export const look = new Look();

/** Marks the document, so that the tokens follow. Call it once, inside a component. */
export function followLook(): void {
  $effect(() => {
    const wanted = look.contrast || window.matchMedia?.("(prefers-contrast: more)").matches;
    document.documentElement.dataset["theme"] = wanted ? "contrast" : "plain";
    document.documentElement.dataset["motion"] = look.machine.less_motion ? "less" : "plain";
  });
}

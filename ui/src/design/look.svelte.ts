// High contrast and larger type, for as long as the window is open. Kept nowhere: the next citizen starts plain.

class Look {
  contrast = $state(false);
  bigger = $state(false);

  plain(): void {
    this.contrast = this.bigger = false;
  }
}

export const look = new Look();

/** Marks the document, so that the tokens follow. Call it once, inside a component. */
export function followLook(): void {
  $effect(() => {
    const wanted = look.contrast || window.matchMedia?.("(prefers-contrast: more)").matches;
    document.documentElement.dataset["theme"] = wanted ? "contrast" : "plain";
  });
}

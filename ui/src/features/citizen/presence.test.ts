import { describe, expect, it } from "vitest";
import { rehearsal } from "../../fixtures/rehearsal";
import { tellPresence } from "./presence";

describe("presence at the citizen's screen", () => {
  it("is told at the first touch, then once in a while, and not after it was stopped", () => {
    let told = 0;
    let now = 0;
    const backend = rehearsal({ i_am_here: () => ((told += 1), {}) });
    const stop = tellPresence(backend, () => now);
    expect(told).toBe(0);
    dispatchEvent(new Event("pointerdown"));
    dispatchEvent(new Event("keydown"));
    expect(told).toBe(1);
    now = 5000;
    dispatchEvent(new Event("pointermove"));
    expect(told).toBe(2);
    stop();
    now = 60000;
    dispatchEvent(new Event("pointerdown"));
    expect(told).toBe(2);
  });
});

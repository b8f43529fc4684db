import { describe, expect, it, vi } from "vitest";
import { Idle } from "./idle.svelte";

describe("the idle lock", () => {
  it("warns, locks once, and is put off by a touch", () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const lock = vi.fn();
    const idle = new Idle(() => 60, lock);
    idle.look(1_000_000 + 40_000);
    expect(idle.left).toBe(null);
    idle.look(1_000_000 + 55_000);
    expect(idle.left).toBe(5);
    idle.touch();
    expect(idle.left).toBe(null);
    idle.look(1_000_000 + 59_000);
    expect(lock).not.toHaveBeenCalled();
    // The machine slept for an hour: it locks at the first look.
    idle.look(1_000_000 + 3_600_000);
    expect(lock).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it("has nothing to lock while nobody is signed in", () => {
    const lock = vi.fn();
    const idle = new Idle(() => null, lock);
    idle.look(Date.now() + 3_600_000);
    expect(lock).not.toHaveBeenCalled();
  });
});

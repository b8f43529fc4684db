import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Stillness } from "./stillness";

const pointer = (type: string, pointerType = "mouse") => window.dispatchEvent(Object.assign(new Event(type), { pointerId: 1, pointerType }));

describe("a page under a press", () => {
  let still: Stillness;
  let stop: () => void;
  beforeEach(() => {
    vi.useFakeTimers();
    still = new Stillness();
    stop = still.watch(window);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  async function rested(): Promise<() => boolean> {
    let done = false;
    void still.rest().then(() => (done = true));
    await Promise.resolve();
    return () => done;
  }

  it("holds nothing up where nothing is pressed", async () => {
    expect((await rested())()).toBe(true);
    pointer("click");
    expect((await rested())()).toBe(true);
  });

  it("waits from the press until what it does was done", async () => {
    pointer("pointerdown");
    const done = await rested();
    await vi.advanceTimersByTimeAsync(500);
    expect(done()).toBe(false);
    pointer("pointerup");
    let acted = false;
    window.addEventListener("click", () => (acted = !done()), { once: true });
    pointer("click");
    await vi.advanceTimersByTimeAsync(0);
    expect(acted).toBe(true);
    expect(done()).toBe(true);
  });

  it("waits for a touch's click, which comes later", async () => {
    pointer("pointerdown", "touch");
    const done = await rested();
    pointer("pointerup", "touch");
    await vi.advanceTimersByTimeAsync(60);
    expect(done()).toBe(false);
    pointer("click");
    await vi.advanceTimersByTimeAsync(0);
    expect(done()).toBe(true);
  });

  it("goes on where no release ever comes", async () => {
    pointer("pointerdown");
    const done = await rested();
    await vi.advanceTimersByTimeAsync(1999);
    expect(done()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(done()).toBe(true);
  });

  it("goes on where the window is left", async () => {
    pointer("pointerdown");
    const done = await rested();
    window.dispatchEvent(new Event("blur"));
    await vi.advanceTimersByTimeAsync(0);
    expect(done()).toBe(true);
  });
});

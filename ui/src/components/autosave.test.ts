import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Autosave } from "./autosave";

describe("saving what is typed", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("waits for a quiet moment, once", async () => {
    const send = vi.fn(async () => true);
    const save = new Autosave(send);
    save.touch();
    await vi.advanceTimersByTimeAsync(300);
    save.touch();
    await vi.advanceTimersByTimeAsync(399);
    expect(send).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(send).toHaveBeenCalledTimes(1);
    expect(save.dirty).toBe(false);
  });

  it("does not wait for ever while keys keep coming", async () => {
    const send = vi.fn(async () => true);
    const save = new Autosave(send);
    for (let at = 0; at < 2000; at += 100) {
      save.touch();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(send).toHaveBeenCalled();
  });

  it("never saves half a syllable", async () => {
    const send = vi.fn(async () => true);
    const save = new Autosave(send);
    save.composing = true;
    save.touch();
    await vi.advanceTimersByTimeAsync(5000);
    expect(send).not.toHaveBeenCalled();
    save.composing = false;
    save.touch();
    await vi.advanceTimersByTimeAsync(1000);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("stays dirty where saving failed, and saves what came meanwhile", async () => {
    const send = vi.fn(async () => false);
    const failing = new Autosave(send);
    failing.touch();
    expect(await failing.flush()).toBe(false);
    expect(failing.dirty).toBe(true);

    let open = (_: boolean) => {};
    const slow = vi.fn(() => new Promise<boolean>((done) => (open = done)));
    const save = new Autosave(slow);
    save.touch();
    const first = save.flush();
    save.touch();
    const second = save.flush();
    open(true);
    await vi.advanceTimersByTimeAsync(0);
    open(true);
    expect(await first).toBe(true);
    expect(await second).toBe(true);
    expect(slow).toHaveBeenCalledTimes(2);
  });
});

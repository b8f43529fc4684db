import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LeavingView } from "../../backend/types";
import type { Answers } from "../../fixtures/rehearsal";
import { operator } from "../../fixtures/stage";
import * as f from "../../fixtures/views";
import OperatorApp from "../../screens/OperatorApp.svelte";
import { language } from "../../strings/language.svelte";

const OFFICER = f.kiosk.operators[1]!;
const PIN = "135790";
const at = f.sticks[0]!.folder;

/** The dialog, once it has heard what is asked. */
async function open(more: Partial<LeavingView>, answers: Answers = {}) {
  const scene = operator({
    kiosk: { device_class: "field" },
    set: (desk) => (desk.closing = true),
    answers: { leaving: () => ({ ...f.leavingAlone, ...more }), quit_program: () => ({ ...f.leaving, ends: true }), ...answers },
  });
  if (scene.window !== "operator") throw new Error("the operator's window");
  render(OperatorApp, { desk: scene.desk });
  await expect.poll(stage).not.toBe("wait");
  return scene;
}

const stage = () => screen.getByTestId("quit-page").dataset["stage"];
const said = () => screen.getByTestId("quit-page").textContent ?? "";
const focused = () => document.activeElement?.getAttribute("data-testid") ?? document.activeElement?.tagName;
const escape = () => fireEvent(document.querySelector("dialog")!, new Event("cancel", { cancelable: true }));

async function press(testid: string): Promise<void> {
  await fireEvent.click(screen.getByTestId(testid));
  await tick();
}

async function pin(): Promise<void> {
  await press(`staff-${OFFICER.name}`);
  for (const digit of PIN) await press(`pin-digit-${digit}`);
}

/** What quitting was asked with, each time. */
const quits = (scene: Awaited<ReturnType<typeof open>>) => scene.backend.asked.filter((one) => one.name === "quit_program").map((one) => one.request);
const by = (way: object) => ({ operator: OFFICER.id, pin: PIN, copy_to: null, despite: null, ...way });

const never = () => new Promise<never>(() => undefined);
const after = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
/** The copy is under way: the officer's PIN was typed. */
async function copying(): Promise<void> {
  await press("quit-copy");
  await pin();
  await after(0);
}
const rests = () => screen.getByTestId("quit-status").textContent ?? "";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  language.set("vi");
});

describe("quitting", () => {
  it("asks for the PIN alone where nothing is asked first", async () => {
    const scene = await open(f.leaving);
    expect(stage()).toBe("pin");
    expect(screen.queryByTestId("quit-despite")).toBeNull();
    await pin();
    await expect.poll(stage).toBe("ends");
    expect(quits(scene)).toEqual([by({})]);
  });

  it("asks for the PIN where it hears nothing: what is asked first, Rust says again", async () => {
    const scene = await open({}, { leaving: () => Promise.reject(f.unreachable), quit_program: () => f.leavingAlone });
    expect(stage()).toBe("pin");
    await pin();
    await expect.poll(stage).toBe("ask");
    expect(quits(scene)).toEqual([by({})]);
  });

  it.each([
    ["vi", "Có 2 hồ sơ chỉ có một bản, nằm trong máy này.", "Xin cắm USB để chép thêm một bản."],
    ["en", "2 dossier(s) have one copy only, on this machine.", "Plug in a stick to make a second copy."],
  ] as const)("says first what lies here alone (%s), with the copy under the hand", async (spoken, first, then) => {
    const scene = await open({});
    language.set(spoken);
    await tick();
    expect(stage()).toBe("ask");
    expect(said()).toContain(first);
    expect(said()).toContain(then);
    expect(screen.queryByTestId("pin-digit-1"), "no PIN leads past it").toBeNull();
    expect(focused(), "Enter copies, and never leaves all the same").toBe("quit-copy");
    const order = [...document.querySelectorAll("dialog button")].map((one) => one.getAttribute("data-testid"));
    expect(order).toEqual(["quit-copy", "quit-despite", "cancel"]);
    expect(quits(scene)).toEqual([]);
  });

  it("copies to the stick that is plugged in, by the officer's PIN, and quits", async () => {
    const scene = await open({});
    await press("quit-copy");
    expect(stage()).toBe("copy");
    expect(focused()).toBe("H3");
    await pin();
    await expect.poll(stage).toBe("ends");
    expect(quits(scene)).toEqual([by({ copy_to: at })]);
  });

  it("looks for a stick again, and takes no PIN before there is a place", async () => {
    let plugged = f.leavingAlone.sticks.slice(0, 0);
    const scene = await open({}, { leaving: () => ({ ...f.leavingAlone, sticks: plugged }) });
    const name = () => screen.queryByTestId(`staff-${OFFICER.name}`);
    await press("quit-copy");
    expect(said()).toContain("Chưa thấy USB nào");
    expect(name()).toBeNull();
    plugged = f.leavingAlone.sticks;
    await press("quit-look");
    await expect.poll(name).toBeTruthy();
    await fireEvent.click(screen.getByTestId("quit-stick-other").querySelector("input")!);
    await expect.poll(name).toBeNull();
    await fireEvent.input(screen.getByTestId("quit-folder"), { target: { value: " /srv/chung " } });
    await pin();
    await expect.poll(stage).toBe("ends");
    expect(quits(scene)).toEqual([by({ copy_to: "/srv/chung" })]);
  });

  it("tells what could not be copied, and asks again about the rest", async () => {
    await open({}, { quit_program: () => ({ ...f.leavingAlone, one_copy: 1, copied: 1, faults: [f.notCopied] }) });
    await press("quit-copy");
    await pin();
    await expect.poll(stage).toBe("ask");
    expect(said()).toContain("Đã chép 1 hồ sơ");
    expect(said()).toContain("DH-10293-00017-42");
    expect(said()).toContain("Có 1 hồ sơ chỉ có một bản");
  });

  it("cannot be left while the stick is written", async () => {
    let done = (): void => undefined;
    await open({}, { quit_program: () => new Promise((end) => (done = () => end({ ...f.leaving, copied: 2, ends: true }))) });
    await press("quit-copy");
    await pin();
    await expect.poll(() => screen.getByTestId("quit-status").textContent).toContain("đừng rút USB");
    await escape();
    expect(stage()).toBe("copy");
    expect(screen.getByTestId<HTMLButtonElement>("quit-back").disabled).toBe(true);
    done();
    await expect.poll(stage).toBe("ends");
    expect(said()).toContain("Đã chép 2 hồ sơ");
  });

  it("lets go whoever gives a reason and a PIN, and no PIN without a reason", async () => {
    const scene = await open({});
    await press("quit-despite");
    expect(focused()).toBe("H3");
    expect(screen.queryByTestId(`staff-${OFFICER.name}`)).toBeNull();
    await press("quit-why-must_go");
    await pin();
    await expect.poll(stage).toBe("ends");
    expect(quits(scene)).toEqual([by({ despite: "must_go" })]);
  });

  it("sends where there is a link, and then asks for the PIN alone", async () => {
    let alone = 2;
    const scene = await open(
      {},
      {
        leaving: () => ({ ...f.leavingAlone, one_copy: alone, can_send: alone > 0 }),
        send_now: () => ((alone = 0), f.outbox),
      },
    );
    await press("quit-send");
    await expect.poll(stage).toBe("pin");
    expect(said()).toContain("Không còn hồ sơ nào chỉ có một bản");
    await pin();
    await expect.poll(stage).toBe("ends");
    expect(quits(scene)).toEqual([by({})]);
  });

  it("says why it could not be sent, and leaves the other ways open", async () => {
    await open({ can_send: true }, { send_now: () => Promise.reject(f.unreachable) });
    await press("quit-send");
    await expect.poll(() => document.querySelector("dialog [data-code=service_unreachable]")).toBeTruthy();
    await press("quit-copy");
    expect(document.querySelector("dialog [data-testid=problem]"), "it is not the stick's").toBeNull();
  });

  it("goes back by Escape, a step at a time, and quits nothing", async () => {
    const scene = await open({});
    for (const way of ["quit-copy", "quit-despite"]) {
      await press(way);
      await escape();
      await expect.poll(stage).toBe("ask");
      expect(focused()).toBe("quit-copy");
    }
    await escape();
    await expect.poll(() => document.querySelector("dialog")).toBeNull();
    expect(quits(scene)).toEqual([]);
  });

  it("says a wrong PIN where it was typed, and counts anew what lies here alone", async () => {
    let alone = 2;
    await open({}, { leaving: () => ({ ...f.leavingAlone, one_copy: alone }), quit_program: () => Promise.reject(f.wrongPin) });
    await press("quit-copy");
    alone = 1;
    await pin();
    await expect.poll(() => document.querySelector("dialog [data-code=wrong_pin]")).toBeTruthy();
    expect(stage()).toBe("copy");
    await expect.poll(said).toContain("Chép 1 hồ sơ");
  });
});

describe("what hangs", () => {
  it("asks for the PIN where what lies here alone is not told in time", async () => {
    vi.useFakeTimers();
    const opened = open({}, { leaving: never, quit_program: () => f.leavingAlone });
    await after(4);
    expect(stage()).toBe("wait");
    await after(2);
    expect(stage()).toBe("pin");
    const scene = await opened;
    await pin();
    await after(0);
    expect(stage(), "Rust asks").toBe("ask");
    expect(quits(scene)).toEqual([by({})]);
  });

  it("quits past a command that never answers, once what was typed had a moment to be saved", async () => {
    vi.useFakeTimers();
    const scene = await open(f.leaving, { outbox: never });
    void scene.desk.ask("outbox", {});
    await pin();
    await after(1);
    expect(quits(scene)).toEqual([]);
    await after(2);
    expect(quits(scene)).toEqual([by({})]);
    expect(stage()).toBe("ends");
  });

  it("opens a way past a stick that hangs, and says on that page too that the stick stays where it is", async () => {
    vi.useFakeTimers();
    const scene = await open({}, { quit_program: ({ despite }) => (despite ? { ...f.leavingAlone, ends: true } : never()) });
    await copying();
    await after(50);
    expect(screen.queryByTestId("quit-despite"), "a slow stick is no broken one").toBeNull();
    await after(15);
    expect(rests()).toContain("đừng rút USB");
    expect(screen.queryByTestId("pin-digit-1"), "one copying at a time").toBeNull();
    await press("quit-despite");
    expect(stage()).toBe("despite");
    expect(rests()).toContain("đừng rút USB");
    await press("quit-back");
    expect(stage(), "back to what the stick does").toBe("copy");
    await press("quit-despite");
    await press("quit-why-stick_fails");
    await pin();
    await after(0);
    expect(stage()).toBe("ends");
    expect(quits(scene)).toEqual([by({ copy_to: at }), by({ despite: "stick_fails" })]);
  });

  it("says that the stick stays where it is, whatever else is done or ends meanwhile", async () => {
    vi.useFakeTimers();
    let sent = (): void => undefined;
    const scene = await open({ can_send: true }, { quit_program: never, send_now: () => new Promise((end) => (sent = () => end(f.outbox))) });
    void scene.desk.sendNow();
    await copying();
    const stays = (when: string): void => {
      expect(rests(), when).toContain("đừng rút USB");
      expect(screen.getByTestId<HTMLButtonElement>("quit-back").disabled, when).toBe(true);
    };
    stays("it is written");
    sent();
    await after(0);
    stays("what was sent has arrived");
    await scene.desk.signOut();
    await after(0);
    stays("the machine was locked");
  });

  it("stays where the stick was written when that fails, whatever was pressed meanwhile", async () => {
    let fail = (): void => undefined;
    await open({}, { quit_program: () => new Promise((_, no) => (fail = () => no(f.unreachable))) });
    await press("quit-copy");
    await pin();
    await expect.poll(rests).toContain("đừng rút USB");
    await escape();
    fail();
    await expect.poll(() => document.querySelector("dialog [data-code=service_unreachable]")).toBeTruthy();
    expect(stage()).toBe("copy");
    expect(rests()).toBe("");
  });

  it.each([
    [true, "locks nothing while the stick is written"],
    [false, "locks as ever before that"],
  ])("(%s) %s", async (writes) => {
    vi.useFakeTimers();
    const scene = await open({}, { quit_program: never });
    if (writes) await copying();
    await after(f.kiosk.idle_seconds + 5);
    expect(scene.backend.asked.some((one) => one.name === "sign_out")).toBe(!writes);
    expect(screen.queryByTestId("idle-warning")).toBeNull();
  });

  it("ends no other's waiting with what was sent", async () => {
    let sent = (): void => undefined;
    const scene = await open(f.leaving, { outbox: never, send_now: () => new Promise((end) => (sent = () => end(f.outbox))) });
    const sending = scene.desk.sendNow();
    expect(scene.desk.waiting).toBe("send_now");
    void scene.desk.ask("outbox", {});
    sent();
    await sending;
    expect(scene.desk.waiting).toBe("outbox");
  });
});

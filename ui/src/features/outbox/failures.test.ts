import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { NextStep, OutboxItemView, OutboxView, Words } from "../../backend/types";
import { failures } from "../../fixtures/failures";
import { inRoom } from "../../fixtures/stage";
import * as f from "../../fixtures/views";
import OperatorApp from "../../screens/OperatorApp.svelte";
import { en } from "../../strings/en";
import { language } from "../../strings/language.svelte";
import { vi, type StringKey } from "../../strings/vi";

type Case = (typeof failures)[number];

/** What each step is on the screen: the button's word and what pressing it does; none where nobody presses. */
const BUTTONS: Record<NextStep, { word: StringKey; asks?: string } | null> = {
  by_itself: null,
  send_now: { word: "send_now", asks: "send_now" },
  send_again: { word: "outbox_release", asks: "release_held" },
  copy_to_stick: { word: "outbox_to_stick" },
  call: null,
  new_code: null,
  nothing: null,
};

const one = f.outbox.items[0]!;
const number = one.receipt_number;

/** Beside the dossier where it is the dossier's, above the list where it stops them all. */
function view(failure: Case, more: Partial<OutboxItemView> = {}): OutboxView {
  const { delivery, problem, next, item } = failure;
  const row: OutboxItemView = { ...one, delivery, needs_person: next === "send_again" || next === "call", reason: item ? problem.words : null, next: item ? next : null, ...more };
  const network = item ? f.online : { ...f.offline, trouble: problem, next };
  return { ...f.outbox, items: [row], network, lonely: 0 };
}

function open(outbox: OutboxView) {
  const scene = inRoom("outbox", { set: (desk) => (desk.outbox = outbox), answers: { release_held: () => outbox, send_now: () => outbox } });
  if (scene.window !== "operator") throw new Error("the operator's window");
  render(OperatorApp, { desk: scene.desk });
  return scene;
}

const said = (testid: string) => screen.getByTestId(testid).textContent ?? "";
/** The banner of the list, not that of the window. */
const above = () => document.querySelector("[data-testid=screen-outbox] [data-testid=problem]")?.textContent ?? "";
const of = (failure: Case) => (failure.item ? `next-${number}` : "next-network");

afterEach(() => {
  cleanup();
  language.set("vi");
});

describe("what failed on the way", () => {
  it("is every failure that Rust has, in every step that a person can take", () => {
    expect(failures.length).toBeGreaterThan(20);
    const offered = new Set(failures.map((each) => each.next));
    expect(Object.keys(BUTTONS).filter((step) => !offered.has(step as NextStep))).toEqual([]);
  });

  it.each(failures)("$name: its sentence and its press, in both languages", async (failure) => {
    for (const [spoken, words] of [["vi", vi], ["en", en]] as const) {
      open(view(failure));
      language.set(spoken);
      await tick();
      const sentence = failure.problem.words[spoken];
      expect(failure.item ? said(`reason-${number}`) : above()).toContain(sentence);
      if (!failure.item) expect(above(), "the layer").toContain(words[`layer_${failure.problem.layer}`]);
      const button = BUTTONS[failure.next];
      expect(screen.queryByTestId(of(failure))?.textContent?.trim() ?? null).toBe(button && words[button.word]);
      if (button) expect(sentence.toLowerCase(), "the sentence names the button").toContain(words[button.word].toLowerCase());
      cleanup();
    }
  });

  it.each(failures.filter((each) => BUTTONS[each.next]))("$name: the press does what it says", async (failure) => {
    const { desk, backend } = open(view(failure)) as ReturnType<typeof open> & { window: "operator" };
    await fireEvent.click(await screen.findByTestId(of(failure)));
    await tick();
    const asks = BUTTONS[failure.next]?.asks;
    if (!asks) return void expect(desk.carrying, "the sticks are open").toBe(true);
    const request = asks === "release_held" ? { dossier: one.dossier } : {};
    await expect.poll(() => backend.asked).toContainEqual({ name: asks, request });
  });

  it.each(failures.filter((each) => each.item))("$name: what came of “Gửi ngay” stands beside the dossier", async (failure) => {
    const came: Words = failure.problem.words;
    open(view(failure, { reason: null, just_now: came }));
    await tick();
    expect(said(`just-now-${number}`)).toBe(came.vi);
    expect(screen.queryByTestId(of(failure)) !== null).toBe(BUTTONS[failure.next] !== null);
  });

  it("offers nothing where nothing failed", async () => {
    open({ ...f.outbox, items: [f.outbox.items[2]!], network: f.online });
    await tick();
    expect(document.querySelectorAll("[data-testid^=next-]").length).toBe(0);
  });
});

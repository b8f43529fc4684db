import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProcedureCard } from "../../backend/types";
import { catalogue } from "../../fixtures/catalogue";
import { rehearsal } from "../../fixtures/rehearsal";
import * as f from "../../fixtures/views";
import OperatorApp from "../../screens/OperatorApp.svelte";
import { Desk } from "../desk.svelte";

/** A full home screen; each search is answered when its answer is let go. */
async function stage() {
  const waiting: { text: string; answer: (cards: ProcedureCard[]) => void }[] = [];
  const backend = rehearsal({
    kiosk_status: () => f.kiosk,
    finish_visit: () => ({ ...f.home, procedures: catalogue }),
    find_procedures: ({ text }) => new Promise((answer) => waiting.push({ text, answer })),
    start_dossier: () => f.dossier({ place: "consent" }),
  });
  const desk = new Desk(backend);
  desk.takeKiosk(f.kiosk);
  desk.home = { ...f.home, procedures: catalogue };
  render(OperatorApp, { desk });
  await tick();
  const started = () => backend.asked.filter((one) => one.name === "start_dossier").map((one) => one.request);
  return { desk, waiting, started, search: screen.getByTestId<HTMLInputElement>("search") };
}

const cards = () => [...document.querySelectorAll<HTMLElement>("[data-card]")];
const named = (name: string): ProcedureCard => catalogue.find((card) => card.name.vi === name)!;

describe("the home screen", () => {
  afterEach(cleanup);

  it("begins in the search, shows every procedure, and one field when it is picked", async () => {
    const { search } = await stage();
    expect(document.activeElement).toBe(search);
    expect(cards()).toHaveLength(catalogue.length);
    await fireEvent.click(screen.getByTestId("domain-Chứng thực"));
    expect(cards()).toHaveLength(catalogue.filter((card) => card.domain.vi === "Chứng thực").length);
    expect(screen.getByTestId("domain-Chứng thực").getAttribute("aria-pressed")).toBe("true");
    await fireEvent.click(screen.getByTestId("domain-all"));
    expect(cards()).toHaveLength(catalogue.length);
  });

  it("goes down into the procedures and back up by keys alone", async () => {
    const { search } = await stage();
    await fireEvent.keyDown(search, { key: "ArrowDown" });
    expect(document.activeElement).toBe(cards()[0]);
    await fireEvent.keyDown(cards()[0]!, { key: "ArrowRight" });
    expect(document.activeElement).toBe(cards()[1]);
    await fireEvent.keyDown(cards()[1]!, { key: "Escape" });
    expect(document.activeElement).toBe(search);
  });

  it("starts with Enter what is typed now, never what an earlier key had found", async () => {
    const { waiting, started, search } = await stage();
    const [birth, death] = [named("Đăng ký khai sinh"), named("Đăng ký khai tử")];
    await fireEvent.input(search, { target: { value: "khai" } });
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]!.answer([birth, death]);
    await vi.waitFor(() => expect(cards()).toHaveLength(2));
    await fireEvent.input(search, { target: { value: "khai tu" } });
    await fireEvent.keyDown(search, { key: "Enter" });
    await tick();
    expect(started()).toEqual([]);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[1]!.answer([death]);
    await vi.waitFor(() => expect(started()).toEqual([{ procedure: death.code }]));
  });

  it("stands anew at a press of the first page: no search is left, and the next one can be typed", async () => {
    const { waiting, search } = await stage();
    await fireEvent.input(search, { target: { value: "khai tu" } });
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]!.answer([named("Đăng ký khai tử")]);
    await vi.waitFor(() => expect(cards()).toHaveLength(1));
    await fireEvent.click(screen.getByTestId("home"));
    await vi.waitFor(() => expect(cards()).toHaveLength(catalogue.length));
    const now = screen.getByTestId<HTMLInputElement>("search");
    expect(now.value).toBe("");
    expect(document.activeElement).toBe(now);
  });

  it("says so where nothing fits, and starts nothing", async () => {
    const { waiting, started, search } = await stage();
    await fireEvent.input(search, { target: { value: "xyz" } });
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]!.answer([]);
    await screen.findByText("Không thấy thủ tục nào. Xin thử từ khác.");
    await fireEvent.keyDown(search, { key: "Enter" });
    await tick();
    expect(started()).toEqual([]);
  });
});

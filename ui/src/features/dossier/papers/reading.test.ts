import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { DossierView, Problem } from "../../../backend/types";
import { rehearsal, type Rehearsal } from "../../../fixtures/rehearsal";
import * as f from "../../../fixtures/views";
import OperatorApp from "../../../screens/OperatorApp.svelte";
import { Desk } from "../../desk.svelte";
import { writtenPages } from "./reading";

const papers = (more: Partial<DossierView> = {}): DossierView => f.dossier({ place: "papers", back_to_check: false }, more);

async function onPapers(more: Partial<DossierView>, read: () => typeof f.readText): Promise<Rehearsal> {
  const view = papers(more);
  const backend = rehearsal({ kiosk_status: () => f.kiosk, home: () => f.home, tray: () => f.tray, read_text: read, suggest_answer: () => view, compare_answer: () => view });
  const desk = new Desk(backend);
  desk.takeKiosk(f.kiosk);
  desk.dossier = view;
  desk.room = "dossier";
  render(OperatorApp, { desk });
  await screen.findByTestId("screen-papers");
  return backend;
}

const readButton = (): HTMLElement | undefined => screen.queryAllByText("Đọc chữ trên giấy")[0]?.closest("button") ?? undefined;

describe("print on a paper", () => {
  afterEach(cleanup);

  it("puts what the officer kept of a line into the field that was pressed, and says to compare", async () => {
    const backend = await onPapers({}, () => f.readText);
    await fireEvent.click(readButton()!);
    await fireEvent.click(await screen.findByTestId("text-line-1"));
    const kept = screen.getByTestId<HTMLInputElement>("text-value");
    expect(kept.value).toBe("LÒ THỊ MÂY");
    await fireEvent.input(kept, { target: { value: " Lò Thị Mây " } });
    await fireEvent.click(screen.getByTestId("text-to-child_name"));
    const told = await screen.findByTestId("text-put");
    expect(told.textContent).toMatch(/“Lò Thị Mây” vào ô .*Xin so từng chữ/);
    // That part of the paper stands beside what was written, and a press says that it is the same.
    expect(screen.getByTestId("paper-strip")).toBeTruthy();
    await fireEvent.click(screen.getByTestId("text-same"));
    await screen.findByText(/Đã so với giấy/);
    const sent = backend.asked.filter((one) => /suggest|compare/.test(one.name)).map((one) => one.request);
    const suggested = { dossier: f.DOSSIER, question: "child_name", text: "Lò Thị Mây", file: f.PICTURE, top: 295, height: 28, instead_of: "Lò Thị Mây" };
    expect(sent).toEqual([suggested, { dossier: f.DOSSIER, question: "child_name" }]);
  });

  it("shows both where the field has an answer, and replaces it only when that is chosen", async () => {
    const backend = await onPapers({}, () => f.readText);
    const sent = (): unknown[] => backend.asked.filter((one) => one.name === "suggest_answer").map((one) => one.request);
    await fireEvent.click(readButton()!);
    await fireEvent.click(await screen.findByTestId("text-line-3"));
    await fireEvent.click(screen.getByTestId("text-to-child_name"));
    expect((await screen.findByTestId("text-there")).textContent).toBe("Lò Thị Mây");
    expect(screen.getByTestId("text-new").textContent).toBe("LÒ THỊ HƯƠNG");
    expect(sent()).toEqual([]);
    await fireEvent.click(screen.getByTestId("text-keep-old"));
    expect(sent()).toEqual([]);
    await fireEvent.click(screen.getByTestId("text-line-3"));
    await fireEvent.click(screen.getByTestId("text-to-child_name"));
    await fireEvent.click(await screen.findByTestId("text-take-new"));
    await screen.findByTestId("text-put");
    expect(sent()).toMatchObject([{ question: "child_name", text: "LÒ THỊ HƯƠNG", instead_of: "Lò Thị Mây" }]);
  });

  it("marks an uncertain line, and only that", async () => {
    await onPapers({}, () => f.readText);
    await fireEvent.click(readButton()!);
    expect((await screen.findByTestId("text-line-4")).textContent).toContain("Không chắc");
    expect(screen.getByTestId("text-line-1").textContent).not.toContain("Không chắc");
  });

  it("says that there is no print, and says why it could not be read", async () => {
    await onPapers({}, () => ({ lines: [] }));
    await fireEvent.click(readButton()!);
    expect(await screen.findByTestId("text-none")).toBeTruthy();
    cleanup();
    const missing: Problem = { ...f.unreachable, code: "no_text_reader", layer: "paper", words: f.w("Máy này chưa có phần đọc chữ.") };
    await onPapers({}, () => {
      throw missing;
    });
    await fireEvent.click(readButton()!);
    expect(await screen.findByText("Máy này chưa có phần đọc chữ.")).toBeTruthy();
    expect(screen.queryByTestId("text-none")).toBeNull();
  });

  it("shows no button where the machine cannot read", async () => {
    await onPapers({ reads_text: false }, () => f.readText);
    expect(readButton()).toBeUndefined();
  });

  it("offers no choice, no address and no list of people", () => {
    const kinds = writtenPages(papers()).flatMap((page) => page.questions.map((q) => q.kind.kind));
    expect(kinds).toContain("person_name");
    for (const kind of ["choice", "address", "group", "computed", "flag"]) expect(kinds).not.toContain(kind);
  });
});

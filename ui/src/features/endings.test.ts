import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import { rehearsal } from "../fixtures/rehearsal";
import * as f from "../fixtures/views";
import OperatorApp from "../screens/OperatorApp.svelte";
import { Desk, type Room } from "./desk.svelte";

async function stage(room: Room) {
  const backend = rehearsal({
    kiosk_status: () => f.kiosk,
    discard_dossier: () => f.home,
    withdraw_consent: () => f.outbox,
    sticks: () => ({ sticks: f.sticks }),
    export_sealed: () => Promise.reject(f.wrongPin),
  });
  const desk = new Desk(backend);
  desk.takeKiosk(f.kiosk);
  desk.home = f.home;
  desk.outbox = f.outbox;
  desk.room = room;
  render(OperatorApp, { desk });
  await tick();
  return backend;
}

const press = async (testid: string): Promise<void> => {
  await fireEvent.click(screen.getByTestId(testid));
  await tick();
};

describe("a dialog that ends something", () => {
  afterEach(cleanup);

  it("discards the draft that it names", async () => {
    const backend = await stage("home");
    const draft = f.home.drafts[0]!;
    await press(`discard-${draft.dossier}`);
    await press("discard-yes");
    expect(backend.asked).toContainEqual({ name: "discard_dossier", request: { dossier: draft.dossier } });
    expect(screen.queryByTestId("discard-yes")).toBeNull();
  });

  it("takes the consent back of the dossier that it names", async () => {
    const backend = await stage("outbox");
    const item = f.outbox.items.find((one) => !one.withdrawn && !one.carried)!;
    await press(`withdraw-${item.receipt_number}`);
    await press("withdraw-yes");
    expect(backend.asked).toContainEqual({ name: "withdraw_consent", request: { dossier: item.dossier } });
    expect(screen.queryByTestId("withdraw-yes")).toBeNull();
  });

  it("keeps on the screen why a stick was not written to", async () => {
    await stage("outbox");
    await press("stick");
    await fireEvent.click(await screen.findByTestId(`stick-out-${f.sticks[0]!.name}`));
    expect((await screen.findByTestId("stick-problem")).textContent).toBe(f.wrongPin.words.vi);
    await new Promise((done) => setTimeout(done, 20));
    expect(screen.getByTestId("stick-problem").textContent).toBe(f.wrongPin.words.vi);
  });
});

import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import { scenes } from "../../fixtures/scenes";
import OperatorApp from "../../screens/OperatorApp.svelte";
import { typing } from "../../typing/typing.svelte";

async function stage(scene: string) {
  const made = scenes[scene]!();
  if (made.window !== "operator") throw new Error("wrong window");
  render(OperatorApp, { desk: made.desk });
  await made.desk.settled();
  await tick();
  return made;
}

describe("life events", () => {
  afterEach(() => {
    cleanup();
    typing.keyboard = false;
    typing.into = null;
  });

  it("begin with the procedures that are left ticked, in the event's order", async () => {
    const { backend, desk } = await stage("home");
    await fireEvent.click(screen.getByTestId("event-death"));
    await fireEvent.click(screen.getByTestId("event-step-1.000656"));
    await fireEvent.click(screen.getByTestId("event-step-1.000656"));
    await fireEvent.click(screen.getByTestId("event-start"));
    await desk.settled();
    const asked = backend.asked.filter((one) => one.name === "start_life_event");
    expect(asked.map((one) => one.request)).toEqual([{ event: "death", procedures: ["1.000656", "1.003197"] }]);
  });

  it("cannot begin with nothing", async () => {
    await stage("home");
    await fireEvent.click(screen.getByTestId("event-death"));
    await fireEvent.click(screen.getByTestId("event-step-1.000656"));
    await fireEvent.click(screen.getByTestId("event-step-1.003197"));
    expect(screen.getByTestId<HTMLButtonElement>("event-start").disabled).toBe(true);
  });

  it("show which answer goes where, and lead to the dossier that is still open", async () => {
    const { backend, desk } = await stage("page-event");
    await fireEvent.click(screen.getByTestId("event-look"));
    await desk.settled();
    await tick();
    const sheet = screen.getByRole("dialog", { hidden: true });
    expect(sheet.textContent).toContain("Quàng Văn Pản");
    expect(sheet.textContent).toContain("Thiếu giấy báo tử");
    await fireEvent.click(screen.getByTestId("event-go"));
    await waitFor(() => expect(backend.asked.filter((one) => one.name === "open_dossier")).toHaveLength(1));
  });

  it("are not shown where a dossier stands alone: the control", async () => {
    await stage("page-faults");
    expect(screen.queryByTestId("event-bar")).toBeNull();
  });
});

describe("the keyboard on the screen", () => {
  afterEach(() => {
    cleanup();
    typing.keyboard = false;
    typing.into = null;
  });

  it("stands in the dialog that holds the field, and once", async () => {
    await stage("settings");
    await fireEvent.click(screen.getByTestId("add-operator"));
    await tick();
    const dialog = screen.getByRole("dialog", { hidden: true });
    const field = dialog.querySelector<HTMLInputElement>("input[type=text], input:not([type])");
    typing.keyboard = true;
    typing.into = field;
    await tick();
    const boards = screen.getAllByTestId("keyboard");
    expect(boards).toHaveLength(1);
    expect(dialog.contains(boards[0]!)).toBe(true);
  });

  it("and the method are kept for the next start", async () => {
    const { backend } = await stage("settings");
    await fireEvent.click(screen.getByTestId("vni"));
    await fireEvent.click(screen.getByTestId("screen-keyboard"));
    expect(backend.asked.filter((one) => one.name === "set_typing_habits").map((one) => one.request)).toEqual([
      { method: "vni", keyboard: false },
      { method: "vni", keyboard: true },
    ]);
    typing.method = "off";
  });
});

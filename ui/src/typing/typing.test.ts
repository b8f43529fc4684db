import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scenes } from "../fixtures/scenes";
import OperatorApp from "../screens/OperatorApp.svelte";
import { typing } from "./typing.svelte";

async function stage(scene = "page-faults") {
  const made = scenes[scene]!();
  if (made.window !== "operator") throw new Error("wrong window");
  render(OperatorApp, { desk: made.desk });
  await tick();
  return made;
}

/** Strikes keys as a browser does: the field gets what nobody prevented. */
async function strike(field: HTMLInputElement, keys: string) {
  for (const data of keys) {
    const free = field.dispatchEvent(new InputEvent("beforeinput", { bubbles: true, cancelable: true, inputType: "insertText", data }));
    if (!free) continue;
    field.setRangeText(data, field.selectionStart!, field.selectionEnd!, "end");
    await fireEvent.input(field);
  }
}

async function empty(id: string): Promise<HTMLInputElement> {
  const field = screen.getByTestId<HTMLInputElement>(id);
  field.focus();
  await fireEvent.input(field, { target: { value: "" } });
  return field;
}

describe("typing Vietnamese", () => {
  beforeEach(() => {
    typing.telex = typing.keyboard = false;
  });
  afterEach(cleanup);

  it("leaves every key alone until it is asked to help: the control", async () => {
    await stage();
    const field = await empty("q-child_name");
    await strike(field, "Lof");
    expect(field.value).toBe("Lof");
  });

  it("writes names by Telex, shows the citizen what stands there, and leaves numbers alone", async () => {
    typing.telex = true;
    const { backend } = await stage();
    const field = await empty("q-child_name");
    await strike(field, "Lof Thij Maay");
    expect(field.value).toBe("Lò Thị Mây");
    expect(backend.asked.filter((one) => one.name === "typing").at(-1)?.request).toEqual({ question: "child_name", text: "Lò Thị Mây" });
    const id = await empty("q-child_id");
    await strike(id, "aa");
    expect(id.value).toBe("aa");
  });

  it("works in the middle of a line, and not on a selection", async () => {
    typing.telex = true;
    await stage();
    const field = await empty("q-child_name");
    await strike(field, "Lo Thi");
    field.setSelectionRange(2, 2);
    await strike(field, "f");
    expect([field.value, field.selectionStart]).toEqual(["Lò Thi", 2]);
    field.setSelectionRange(0, 2);
    await strike(field, "s");
    expect(field.value).toBe("s Thi");
  });

  it("opens the keyboard to a finger only, and only where it is wanted", async () => {
    await stage();
    const field = screen.getByTestId("q-child_name");
    const tap = async (pointerType: string) => {
      field.dispatchEvent(Object.assign(new MouseEvent("pointerdown", { bubbles: true }), { pointerType }));
      await tick();
      expect(screen.queryByTestId("keyboard"), "nothing moves under the finger").toBeNull();
      field.focus();
      await fireEvent.click(field);
    };
    await tap("touch");
    expect(screen.queryByTestId("keyboard")).toBeNull();
    typing.keyboard = true;
    await tap("mouse");
    expect(screen.queryByTestId("keyboard")).toBeNull();
    await tap("touch");
    expect(screen.getByTestId("keyboard")).toBeTruthy();
  });

  it("types with a finger alone: letters, tones, capitals, delete, close", async () => {
    typing.keyboard = true;
    await stage();
    const field = await empty("q-child_name");
    typing.into = field;
    await tick();
    const { violations } = await axe.run(screen.getByTestId("keyboard"), { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
    expect(violations.map((one) => one.id)).toEqual([]);
    for (const key of ["key-shift", "key-m", "key-â", "key-y", "tone-s", "key-space", "key-a", "key-a", "key-delete", "key-b"]) await fireEvent.click(screen.getByTestId(key));
    expect(field.value).toBe("Mấy ab");
    await fireEvent.click(screen.getByTestId("key-close"));
    expect(screen.queryByTestId("keyboard")).toBeNull();
  });

  it("stays while fields are touched in turn, and goes with a press anywhere else", async () => {
    typing.keyboard = true;
    await stage();
    typing.into = await empty("q-child_name");
    const other = await empty("q-child_id");
    expect(typing.into).toBe(other);
    const radio = screen.getByTestId("q-child_sex-male").querySelector("input")!;
    radio.focus();
    expect(typing.into, "not before the tap is over").toBe(other);
    await fireEvent.click(radio);
    expect(typing.into).toBeNull();
  });

  it("is switched in the settings", async () => {
    await stage("settings");
    await fireEvent.click(screen.getByTestId("telex"));
    await fireEvent.click(screen.getByTestId("screen-keyboard"));
    expect([typing.telex, typing.keyboard]).toEqual([true, true]);
  });
});

import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import { scenes } from "../fixtures/scenes";
import CitizenApp from "../screens/CitizenApp.svelte";
import said from "../../../assets/words/aloud.json";

/** Words that come with the view, and are said from there. */
const FROM_THE_VIEW = ["receipt-number", "receipt-secret", "receipt-word"];

/** What stands on a citizen's screen to be read and is no button, and no word of the voice's own file. */
function unsaid(name: string): string[] {
  const scene = scenes[name]?.();
  if (scene?.window !== "citizen") throw new Error(`no citizen's scene ${name}`);
  const { container } = render(CitizenApp, { side: scene.side, backend: scene.backend });
  const shapes = Object.values(said).map((words) => new RegExp(`^${words.vi.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, ".+")}$`, "u"));
  const view = JSON.stringify(scene.side.view);
  const texts = [...container.querySelectorAll<HTMLElement>("main h1, main h2, main p, main li, main dt, main dd")]
    .filter((one) => !one.querySelector(FROM_THE_VIEW.map((id) => `[data-testid=${id}]`).join()) && !FROM_THE_VIEW.includes(one.dataset["testid"] ?? ""))
    // What stands in brackets is a phrase of its own.
    .flatMap((one) => (one.textContent ?? "").split(/[()]/).map((part) => part.trim()).filter((part) => part !== ""));
  return texts.filter((text) => !view.includes(JSON.stringify(text)) && !shapes.some((shape) => shape.test(text)));
}

afterEach(cleanup);

describe("what is read aloud", () => {
  it.each(["citizen-coaching", "citizen-coaching-portal", "citizen-refused", "citizen-withdraw", "citizen-withdraw-witness", "citizen-receipt", "citizen-withdrawn"])(
    "is everything that stands on %s",
    (name) => expect(unsaid(name)).toEqual([]),
  );

  it("is found out where a sentence is not among the words of the voice: the control", () => {
    // The words of this screen are its own: nothing is read behind a lock.
    expect(unsaid("citizen-locked").length).toBeGreaterThan(0);
  });

  it.each(Object.keys(scenes).filter((name) => name.startsWith("citizen-")))("has its button on %s where there is something to read", (name) => {
    const scene = scenes[name]!();
    if (scene.window !== "citizen") throw new Error("wrong window");
    const { container } = render(CitizenApp, { side: scene.side, backend: scene.backend });
    const nothing = ["citizen-welcome", "citizen-locked", "citizen-loading"].includes(name);
    expect(container.querySelector("[data-testid=read-aloud]") === null).toBe(nothing);
  });
});

import { describe, expect, it } from "vitest";
import { Touch } from "./touch";

const at = (x: number, timeStamp: number, more: object = {}) => ({ pointerId: 1, clientX: x, clientY: 100, timeStamp, button: 0, isPrimary: true, width: 20, height: 20, ...more });

function pressed(...acts: [keyof Touch, ReturnType<typeof at>][]): boolean {
  const touch = new Touch();
  return acts.map(([act, contact]) => touch[act](contact) === true).some(Boolean);
}

describe("a touch of an answer", () => {
  it("is a press where a finger comes down and goes up in one place", () => {
    expect(pressed(["down", at(100, 0)], ["up", at(100, 90)])).toBe(true);
    expect(pressed(["down", at(100, 0)], ["moved", at(112, 400)], ["up", at(118, 1400)]), "slow and trembling").toBe(true);
  });

  it.each<[string, [keyof Touch, ReturnType<typeof at>][]]>([
    ["a hand that rests", [["down", at(100, 0)], ["up", at(100, 1600)]]],
    ["a finger that pushes the page", [["down", at(100, 0)], ["up", at(140, 200)]]],
    ["a finger that went away and came back", [["down", at(100, 0)], ["moved", at(160, 100)], ["up", at(100, 200)]]],
    ["two fingers", [["down", at(100, 0)], ["down", at(200, 20, { pointerId: 2, isPrimary: false })], ["up", at(100, 90)]]],
    ["another finger than the first", [["down", at(100, 0, { isPrimary: false })], ["up", at(100, 90)]]],
    ["the ball of the hand", [["down", at(100, 0, { width: 140 })], ["up", at(100, 90)]]],
    ["a fingertip that the hand followed", [["down", at(100, 0)], ["moved", at(102, 40, { height: 130 })], ["up", at(100, 90)]]],
    ["the second mouse button", [["down", at(100, 0, { button: 2 })], ["up", at(100, 90)]]],
    ["what came down somewhere else", [["up", at(100, 90)]]],
    ["what the page took for scrolling", [["down", at(100, 0)], ["cancel", at(100, 40)], ["up", at(100, 90)]]],
  ])("is none from %s", (_, acts) => expect(pressed(...acts)).toBe(false));
});

import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { CommandName } from "../../backend/bridge";
import type { Answers } from "../../fixtures/rehearsal";
import { byVolunteer, inRoom } from "../../fixtures/stage";
import * as f from "../../fixtures/views";
import OperatorApp from "../../screens/OperatorApp.svelte";

const at = f.sticks[0]!.folder;

async function open(answers: Answers = {}) {
  const scene = inRoom("outbox", { set: (desk) => (desk.outbox = f.outbox), answers });
  if (scene.window !== "operator") throw new Error("the operator's window");
  render(OperatorApp, { desk: scene.desk });
  await press("village");
  await screen.findByTestId("village-prepare");
  return scene;
}

async function press(testid: string): Promise<void> {
  await fireEvent.click(await screen.findByTestId(testid));
  await tick();
}

const usable = (testid: string) => expect.poll(() => screen.getByTestId<HTMLButtonElement>(testid).disabled).toBe(false);
const text = (testid: string) => screen.getByTestId(testid).textContent ?? "";

afterEach(cleanup);

describe("a day in the village", () => {
  it.each([
    ["prepare", "prepare_day", ["07:05 24/11/2026", "Quầy 1, xã Na Sang", "Không chép hồ sơ nào"], "cắm vào máy xách tay"],
    ["take", "take_day", ["07:05 24/11/2026", "Quầy 1, xã Na Sang", "1 hồ sơ đã được máy quầy khóa kín"], "Cuối ngày cắm lại USB"],
    ["close", "close_day", ["3 hồ sơ khóa kín", "12 lần, 9 lần đã xong việc", "Đã chép 3 hồ sơ", "2 hồ sơ chờ cán bộ"], "mang USB về máy quầy"],
    ["merge", "merge_day", ["Máy xách tay 2, xã Na Sang", "Đếm thêm vào số liệu của quầy: 3 hồ sơ, 15 lần", "Nhận mới 3 hồ sơ"], "kiểm tra 2 hồ sơ của tình nguyện viên"],
  ] as [string, CommandName, string[], string][])("%s asks for %s, says what came and what is next", async (act, name, came, next) => {
    const { backend } = await open();
    await usable(`village-${act}`);
    await press(`village-${act}`);
    await screen.findByTestId("village-result");
    expect(backend.asked).toContainEqual({ name, request: { folder: at } });
    for (const part of came) expect(text("village-result")).toContain(part);
    expect(text("village-next")).toContain(next);
    expect(document.activeElement?.tagName).toBe("H3");
    await press("village-back");
    expect(screen.getByTestId("village-merge")).toBeTruthy();
  });

  it("says in the order of the day on which machine each is pressed", async () => {
    await open();
    const order = [...document.querySelectorAll("dialog ol li")].map((one) => one.textContent ?? "");
    expect(order.map((one) => /^\s*(\d)\./.exec(one)?.[1])).toEqual(["1", "2", "3", "4"]);
    expect(order.map((one) => (one.includes("Ở máy quầy") ? "counter" : one.includes("Ở máy xách tay") ? "laptop" : one))).toEqual(["counter", "laptop", "laptop", "counter"]);
  });

  it("says what an empty stick means at each act, and what a machine is without a day", async () => {
    const { backend } = await open({
      take_day: () => Promise.reject(f.stickEmpty),
      merge_day: () => Promise.reject(f.stickEmpty),
      close_day: () => Promise.reject(f.noCounterKnown),
    });
    for (const [act, said] of [
      ["take", "USB chưa có ngày đi bản"],
      ["merge", "USB chưa có gì của ngày đi bản"],
      ["close", "chưa nhận ngày đi bản nào"],
    ] as const) {
      await usable(`village-${act}`);
      await press(`village-${act}`);
      await expect.poll(() => screen.queryByTestId("village-hint")?.textContent ?? "").toContain(said);
      expect(document.querySelector("dialog [data-testid=problem]")).toBeTruthy();
    }
    expect(screen.queryByTestId("village-result")).toBeNull();
    expect(backend.asked.filter((one) => one.name.endsWith("_day")).length).toBe(3);
  });

  it("counts nothing twice in words, and says what was not this counter's", async () => {
    await open({ merge_day: () => ({ ...f.merged, new_dossiers: 0, new_assists: 0, foreign: 1 }) });
    await usable("village-merge");
    await press("village-merge");
    await screen.findByTestId("village-result");
    expect(text("village-result")).toContain("Tất cả đã đếm từ trước");
    expect(text("village-result")).toContain("1 bản số liệu không phải");
    expect(text("village-result"), "what waits is said where something else comes first").toContain("2 hồ sơ của tình nguyện viên đang chờ");
    expect(text("village-next")).toContain("đúng quầy");
  });

  it("does not say that a day came back where none did", async () => {
    await open({ merge_day: () => ({ ...f.mergedForeign, foreign: 0 }) });
    await usable("village-merge");
    await press("village-merge");
    await screen.findByTestId("village-result");
    expect(text("village-result")).toContain("Chưa có số liệu để đếm");
    expect(text("village-result")).not.toContain("Đã gộp về");
    expect(text("village-next")).toContain("“Kết thúc ngày” ở máy xách tay");
  });

  it("names what was not copied, and says where it still is", async () => {
    const fault = { dossier: f.DOSSIER, receipt_number: "DH-10293-00017-42", why: { vi: "Đọc lại không khớp.", en: "It does not read back." } };
    await open({ close_day: () => ({ ...f.closed, export: { ...f.closed.export, faults: [fault] } }) });
    await usable("village-close");
    await press("village-close");
    await screen.findByTestId("village-result");
    expect(text("village-result")).toContain("DH-10293-00017-42");
    expect(text("village-next")).toContain("chưa chép được vẫn ở máy này");
  });

  it("writes to another folder only once one is named, and to the stick that is chosen", async () => {
    const { backend } = await open();
    await usable("village-prepare");
    await fireEvent.click(screen.getByTestId("village-stick-other").querySelector("input")!);
    await expect.poll(() => screen.getByTestId<HTMLButtonElement>("village-prepare").disabled).toBe(true);
    await fireEvent.input(await screen.findByTestId("village-folder"), { target: { value: " /srv/chung " } });
    await usable("village-prepare");
    await press("village-prepare");
    await screen.findByTestId("village-result");
    expect(backend.asked).toContainEqual({ name: "prepare_day", request: { folder: "/srv/chung" } });
  });

  it("cannot be left while the stick is written", async () => {
    let done = (): void => undefined;
    await open({ close_day: () => new Promise((end) => (done = () => end(f.closed))) });
    await usable("village-close");
    await press("village-close");
    expect(text("village-status")).toContain("đừng rút USB");
    await fireEvent(document.querySelector("dialog")!, new Event("cancel", { cancelable: true }));
    expect(screen.getByTestId("village-status")).toBeTruthy();
    done();
    await screen.findByTestId("village-result");
    await press("village-close-result");
    expect(screen.queryByTestId("village-result")).toBeNull();
  });

  it("is for who may seal", () => {
    const scene = inRoom("outbox", { kiosk: byVolunteer(), set: (desk) => (desk.outbox = f.outbox) });
    if (scene.window !== "operator") throw new Error("the operator's window");
    render(OperatorApp, { desk: scene.desk });
    expect(screen.queryByTestId("village")).toBeNull();
  });
});

import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { tick } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CommandName } from "../backend/bridge";
import { CitizenSide } from "../features/citizen/side.svelte";
import { Desk } from "../features/desk.svelte";
import { rehearsal } from "../fixtures/rehearsal";
import { scenes } from "../fixtures/scenes";
import { play } from "../fixtures/stage";
import * as f from "../fixtures/views";
import { language } from "../strings/language.svelte";
import CitizenApp from "./CitizenApp.svelte";
import OperatorApp from "./OperatorApp.svelte";

function show(name: string) {
  const scene = scenes[name]?.();
  if (!scene) throw new Error(`no scene ${name}`);
  const { container } =
    scene.window === "operator"
      ? render(OperatorApp, { desk: scene.desk })
      : render(CitizenApp, { side: scene.side, backend: scene.backend });
  return { container, scene };
}

/** What axe can judge without layout; colours are measured in design/tokens.test.ts. */
async function audit(container: Element): Promise<string[]> {
  const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
}

afterEach(cleanup);

describe("every screen", () => {
  it.each(Object.keys(scenes))("%s passes the accessibility audit", async (name) => {
    const { scene } = show(name);
    await play(scene.presses);
    await tick();
    expect(await audit(document.body)).toEqual([]);
  });

  it("a press that finds nothing fails: the control", async () => {
    show("home");
    const quick = vi.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValue(1e6);
    await expect(play(["no-such-button"])).rejects.toThrow("no-such-button");
    quick.mockRestore();
  });

  it("the audit finds a planted fault: the control", async () => {
    const { container } = show("page");
    container.querySelector("label")?.remove();
    const planted = document.createElement("button");
    container.append(planted);
    expect((await audit(container)).join()).toContain("button-name");
  });

  it.each([
    ["enrol", "screen-enrol"],
    ["enrol-words", "screen-enrol-words"],
    ["first-operator", "screen-first-operator"],
    ["signin", "screen-signin"],
    ["home", "screen-home"],
    ["consent", "screen-consent"],
    ["page", "screen-page"],
    ["papers", "screen-papers"],
    ["papers-amiss", "screen-papers"],
    ["check", "screen-check"],
    ["filing", "screen-filing"],
    ["receipt", "screen-receipt"],
    ["outbox", "screen-outbox"],
    ["turned-page", "citizen-page"],
    ...["welcome", "locked", "consent", "page", "papers", "filing", "receipt", "refused"].map((s) => [`citizen-${s}`, `citizen-${s}`]),
  ] as [string, string][])("%s stands under %s", (name, testid) => {
    show(name);
    expect(screen.getByTestId(testid)).toBeTruthy();
  });
});

describe("the citizen's window", () => {
  function side(view: (typeof f.citizen)[keyof typeof f.citizen]) {
    const answer = () => view;
    const backend = rehearsal({ give_consent: answer, confirm_page: answer, confirm_answer: answer, say_wrong: answer, take_back_wrong: answer, confirm_filing: answer, confirm_withdrawal: answer });
    const made = new CitizenSide(backend);
    made.show(view);
    render(CitizenApp, { side: made, backend });
    return { backend, made };
  }

  it.each<[string, (typeof f.citizen)[keyof typeof f.citizen], CommandName, object]>([
    ["agree", f.citizen.consent, "give_consent", { agree: true }],
    ["disagree", f.citizen.consent, "give_consent", { agree: false }],
    ["all-right", f.citizen.page, "confirm_page", { page: "child", seen: "seen-child" }],
    ["wrong-child_birth", f.citizen.page, "say_wrong", { question: "child_birth" }],
    ["right-child_birth", f.citizen.page, "confirm_answer", { question: "child_birth", seen: "seen-child_birth" }],
    ["file-it", f.citizen.filing, "confirm_filing", { agree: true, seen: "seen-filing" }],
    ["not-yet", f.citizen.filing, "confirm_filing", { agree: false }],
    ["withdraw-it", f.citizen.withdraw, "confirm_withdrawal", { agree: true }],
    ["keep-it", f.citizen.withdraw, "confirm_withdrawal", { agree: false }],
  ])("%s is one press", async (testid, view, name, request) => {
    const { backend } = side(view);
    await fireEvent.click(screen.getByTestId(testid));
    await vi.waitFor(() => expect(backend.asked).toEqual([{ name, request }]));
  });

  describe("a touch of an answer", () => {
    const tap = async (testid: string) => {
      const finger = { button: 0, isPrimary: true, pointerId: 7, clientX: 40, clientY: 40 };
      await fireEvent.pointerDown(screen.getByTestId(testid), finger);
      await fireEvent.pointerUp(screen.getByTestId(testid), finger);
    };
    const acts = (backend: ReturnType<typeof side>["backend"]) => backend.asked.filter((one) => one.name !== "i_am_here");
    const asked = (backend: ReturnType<typeof side>["backend"]) => acts(backend).map((one) => [one.name, one.request]);

    it.each([
      ["says Sai", "child_birth", "say_wrong"],
      ["takes Sai back", "child_name", "take_back_wrong"],
    ])("%s", async (_, question, name) => {
      const { backend } = side(f.citizen.page);
      await tap(`touch-${question}`);
      await vi.waitFor(() => expect(asked(backend)).toEqual([[name, { question }]]));
    });

    it("says Sai on the review of the whole dossier", async () => {
      const { backend } = side(f.citizen.filing);
      await tap("touch-child_name");
      await vi.waitFor(() => expect(asked(backend)).toEqual([["say_wrong", { question: "child_name" }]]));
    });

    it("says it once where a finger trembles, and nothing right after another press", async () => {
      const { backend } = side(f.citizen.page);
      await fireEvent.click(screen.getByTestId("right-child_birth"));
      await vi.waitFor(() => expect(acts(backend).length).toBe(1));
      await tap("touch-child_birth");
      await tap("touch-child_birth");
      expect(asked(backend).map(([name]) => name)).toEqual(["confirm_answer"]);
    });

    it("is nothing where the answer is empty, is being typed, or a button of it was pressed", async () => {
      side(f.citizen.pageEmpty);
      await tap("touch-child_birth");
      cleanup();
      const { backend, made } = side(f.citizen.page);
      made.take({ event: "typing", question: "child_birth", text: "3/1" });
      await tick();
      await tap("touch-child_birth");
      await tap("wrong-child_sex");
      expect(acts(backend)).toEqual([]);
    });

    it("is told in words", () => {
      side(f.citizen.pageDone);
      expect(screen.getByTestId("touch-hint").textContent).toContain("chạm vào chỗ ấy");
      cleanup();
      side(f.citizen.page);
      expect(screen.getByTestId("touch-hint").textContent, "while one is said to be wrong").toContain("chạm lần nữa");
    });
  });

  it("chooses neither answer to the consent beforehand", () => {
    side(f.citizen.consent);
    const [no, yes] = [screen.getByTestId("disagree"), screen.getByTestId("agree")];
    expect(no.className).toBe(yes.className);
    expect(document.activeElement).toBe(document.body);
  });

  it("shows a keystroke before it is saved, and the saved view after", async () => {
    const { made } = side(f.citizen.page);
    made.take({ event: "typing", question: "child_name", text: "Lò Thị M" });
    await tick();
    expect(screen.getByTestId("answer-child_name").textContent).toBe("Lò Thị M");
    made.take({ event: "citizen", view: f.citizen.page });
    await tick();
    expect(screen.getByTestId("answer-child_name").textContent).toBe("Lò Thị Mây");
  });

  describe("what the citizen is writing", () => {
    const half = { question: "child_name", text: "Lò Thị M" };
    const at = () => {
      const backend = rehearsal({ keep_writing: () => ({}), write_answer: () => f.citizen.page });
      const made = new CitizenSide(backend);
      made.show(f.citizen.locked);
      render(CitizenApp, { side: made, backend });
      return { backend, made };
    };

    it("is kept key by key, and is there again after a lock", async () => {
      const { backend, made } = at();
      made.show(f.citizen.page);
      made.writing = "child_name";
      await tick();
      await fireEvent.input(screen.getByTestId("writing"), { target: { value: "Lò Thị M" } });
      expect(backend.asked.at(-1)).toEqual({ name: "keep_writing", request: { half } });
      made.show(f.citizen.locked);
      await tick();
      expect(screen.queryByTestId("writing")).toBeNull();
      made.show({ ...f.citizen.page, half_written: half });
      await tick();
      expect(screen.getByTestId<HTMLInputElement>("writing").value).toBe("Lò Thị M");
    });

    it("goes when they leave it, and no later view of the page brings it back", async () => {
      const { backend, made } = at();
      made.show({ ...f.citizen.page, half_written: half });
      await tick();
      await fireEvent.click(screen.getByTestId("writing-cancel"));
      expect(backend.asked.at(-1)).toEqual({ name: "keep_writing", request: { half: null } });
      made.show({ ...f.citizen.page, half_written: half });
      await tick();
      expect(screen.queryByTestId("writing")).toBeNull();
    });
  });

  it("asks for the second act only when the operator has asked", () => {
    side({ ...f.citizen.filing, asked: false as true });
    expect(screen.queryByTestId("file-it")).toBeNull();
  });
});

describe("the operator's window", () => {
  it("signs in by name and six digits from the keyboard, and shows a wrong PIN with its layer", async () => {
    const backend = rehearsal({
      sign_in: () => {
        throw f.wrongPin;
      },
    });
    const desk = new Desk(backend);
    desk.takeKiosk({ ...f.kiosk, signed_in: null });
    render(OperatorApp, { desk });
    await fireEvent.click(screen.getByTestId("operator-Vàng A Páo"));
    for (const key of "13579") await fireEvent.keyDown(window, { key });
    await fireEvent.keyDown(window, { key: "Backspace" });
    await fireEvent.keyDown(window, { key: "9" });
    await fireEvent.click(screen.getByTestId("pin-digit-0"));
    const banner = await screen.findByTestId("problem");
    expect(backend.asked).toEqual([{ name: "sign_in", request: { operator: f.kiosk.operators[1]!.id, pin: "135790" } }]);
    expect(banner.dataset["code"]).toBe("wrong_pin");
    expect(banner.textContent).toContain("khóa, mã PIN");
    expect(banner.textContent).toContain("Mã PIN chưa đúng");
  });

  it("sums up what is amiss and leads to the field", async () => {
    show("page-faults");
    const summary = await screen.findByTestId("error-summary");
    expect(summary.textContent).toContain("Còn 2 chỗ");
    await fireEvent.click(screen.getByTestId("summary-child_birth"));
    expect(document.activeElement).toBe(screen.getByTestId("q-child_birth"));
  });

  it("jumps from check to an answer and back", async () => {
    const { scene } = show("check");
    await fireEvent.click(screen.getByTestId("edit-child_name"));
    await vi.waitFor(() => expect(screen.getByTestId("screen-page")).toBeTruthy());
    expect(scene.backend.asked.find((one) => one.name === "go_to")?.request).toMatchObject({ place: { page: "child", back_to_check: true } });
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("q-child_name")));
    await fireEvent.keyDown(window, { key: "ArrowRight", altKey: true });
    await vi.waitFor(() => expect(screen.getByTestId("screen-check")).toBeTruthy());
  });

  it("says before the filing that nobody said in what standing somebody files, and leads there", async () => {
    const { scene } = show("check-standing");
    const summary = await screen.findByTestId("check-missing");
    expect(summary.textContent).toContain("người nộp là gì của chủ hồ sơ");
    await fireEvent.click(screen.getByTestId("summary-standing"));
    await vi.waitFor(() => expect(screen.getByTestId("standing-needed").textContent).toContain("không phải chủ hồ sơ"));
    expect(scene.backend.asked.find((one) => one.name === "go_to")?.request).toMatchObject({ place: { place: "consent" } });
  });

  it.each([
    ["citizen-filing", "Là cha, mẹ của người đứng tên hồ sơ", "As a parent of the person it is for"],
    ["citizen-filing-own", "Cho chính mình", "For yourself"],
    ["citizen-filing-representative", "Là người giám hộ, người đại diện theo pháp luật", "As a guardian or legal representative"],
  ] as [string, string, string][])("shows the citizen in what standing they file, before everything else: %s", async (name, vi, en) => {
    show(name);
    expect(screen.getByTestId("standing").textContent).toContain(vi);
    expect(screen.getByTestId("standing").compareDocumentPosition(document.querySelector("[data-question]")!)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    language.set("en");
    await tick();
    expect(screen.getByTestId("standing").textContent).toContain(en);
    language.set("vi");
  });

  it("shows no standing where nobody said one: the control", () => {
    const scene = scenes["citizen-filing"]!();
    if (scene.window !== "citizen" || scene.side.view?.screen !== "filing") throw new Error("wrong scene");
    scene.side.view = { ...scene.side.view, standing: null };
    render(CitizenApp, { side: scene.side, backend: scene.backend });
    expect(screen.queryByTestId("standing")).toBeNull();
    expect(screen.getByTestId("file-it")).toBeTruthy();
  });

  it("says in English what was not verified, with the Vietnamese that one asks about under it", async () => {
    show("consent");
    expect(screen.getByTestId("unverified").textContent).not.toContain("Ask the province");
    language.set("en");
    await tick();
    expect(screen.getByTestId("unverified").textContent).toContain("Ask the province before relying on it.");
    expect(screen.getByTestId("unverified").querySelector("[lang=vi]")?.textContent).toContain("Hỏi tỉnh trước khi tin");
    language.set("vi");
  });

  it("tells under F1 where a day in a village is", async () => {
    show("help");
    expect((await screen.findByRole("dialog")).textContent).toContain("F4 rồi “Đi bản”");
  });

  it("counts the pages of a scanned PDF while it is taken in", async () => {
    const { scene } = show("papers");
    if (scene.window !== "operator") throw new Error("wrong window");
    scene.desk.captures.working = 1;
    scene.desk.take({ event: "pages_ready", ready: 3, of: 20 });
    await tick();
    expect(screen.getByTestId("papers-working").textContent).toContain("trang 3 / 20");
  });

  it("shows earlier days with dossiers and other help apart", async () => {
    const { scene } = show("days");
    await play(scene.presses);
    const cells = [...screen.getByTestId("day-23/11/2026").querySelectorAll("td")].map((one) => one.textContent);
    expect(cells).toEqual(["31", "31", "26", "5", "0", "8", "14", "22"]);
  });

  it("shows the counter's whole name in the settings", () => {
    show("settings-longest-name");
    expect(screen.getByTestId("settings-counter").textContent).toContain("quầy số 3");
  });

  it("seals only after the citizen's second act", () => {
    show("filing");
    expect(screen.getByTestId<HTMLButtonElement>("seal").disabled).toBe(true);
    cleanup();
    show("filing-ready");
    expect(screen.getByTestId<HTMLButtonElement>("seal").disabled).toBe(false);
  });

  it.each([
    ["consent", "consent-one-screen"],
    ["coaching", "coaching-one-screen"],
  ] as [string, string][])("offers to turn the screen only where there is one: %s", (two, one) => {
    show(two);
    expect(screen.queryByTestId("turn")).toBeNull();
    cleanup();
    show(one);
    expect(screen.getByTestId("turn")).toBeTruthy();
  });

  it("turns the coaching to the citizen, step and all", async () => {
    const { scene } = show("coaching-one-screen");
    if (scene.window !== "operator") throw new Error("wrong window");
    await fireEvent.click(screen.getByTestId("turn"));
    expect(await screen.findByTestId("citizen-coaching")).toBeTruthy();
    expect(scene.backend.asked.find((one) => one.name === "turn_screen")?.request).toEqual({ turned: true, pin: null });
  });

  it("asks before a visit ends without a receipt", async () => {
    const { scene } = show("receipt");
    if (scene.window !== "operator") throw new Error("wrong window");
    scene.desk.receipt = { ...f.receipt, prints: 0, outcome: "not_printed" };
    await tick();
    await fireEvent.click(screen.getByTestId("finish"));
    expect(scene.backend.asked).toEqual([]);
    await fireEvent.click(screen.getByTestId("finish-anyway"));
    await vi.waitFor(() => expect(scene.desk.room).toBe("home"));
  });

  it("turned, shows nothing but the citizen's screen", () => {
    const { container } = show("turned-page");
    expect(container.querySelector("[data-testid^=screen-]")).toBeNull();
    expect(screen.queryByTestId("outbox")).toBeNull();
    expect(screen.getByTestId("staff-back")).toBeTruthy();
  });
});

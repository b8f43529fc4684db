import { beforeEach, describe, expect, it, vi } from "vitest";
import { rehearsal, type Rehearsal } from "../fixtures/rehearsal";
import * as f from "../fixtures/views";
import { stillness } from "../design/stillness";
import { CitizenSide } from "./citizen/side.svelte";
import { Desk } from "./desk.svelte";

const PAGE = { place: "page", page: "child", back_to_check: false } as const;
const disk = { ...f.unreachable, code: "disk_full", layer: "disk" } as const;

function seated(backend: Rehearsal): Desk {
  const desk = new Desk(backend);
  desk.takeKiosk(f.kiosk);
  desk.home = f.home;
  desk.dossier = f.dossier(PAGE);
  desk.room = "dossier";
  return desk;
}

const names = (backend: Rehearsal) => backend.asked.map((one) => one.name);

describe("the desk", () => {
  let refuse: object | null = null;
  let backend: Rehearsal;
  beforeEach(() => {
    refuse = null;
    backend = rehearsal({
      kiosk_status: () => f.kiosk,
      home: () => f.home,
      finish_visit: () => f.home,
      open_dossier: () => f.dossier(PAGE),
      sign_out: () => ({ ...f.kiosk, signed_in: null }),
      sign_in: () => ({ ...f.kiosk, open: f.DOSSIER }),
      give_answer: () => {
        if (refuse) throw refuse;
        return f.dossier(PAGE);
      },
      go_to: ({ place }) => f.dossier(place),
    });
  });

  it("sends answers and moves in the order in which they were made", async () => {
    let open = () => {};
    const slow = rehearsal({
      kiosk_status: () => f.kiosk,
      give_answer: () => new Promise((done) => (open = () => done(f.dossier(PAGE)))),
      go_to: ({ place }) => f.dossier(place),
    });
    const desk = seated(slow);
    const saved = desk.answer("child_name", { kind: "text", value: "Lò Thị Mây" });
    const gone = desk.go({ place: "check" });
    await Promise.resolve();
    expect(names(slow)).toEqual(["give_answer"]);
    open();
    await Promise.all([saved, gone]);
    expect(names(slow).slice(0, 2)).toEqual(["give_answer", "go_to"]);
    expect(desk.dossier?.place).toEqual({ place: "check" });
  });

  it("shows a keystroke before the answer that it belongs to is saved, and only the last of those that wait", async () => {
    const desk = seated(backend);
    for (const text of ["Lo", "Lò", "Lò M"]) desk.mirror("child_name", text);
    const saved = desk.answer("child_name", { kind: "text", value: "Lò M" });
    desk.mirror("child_name", "Lò Mâ");
    await Promise.all([saved, desk.flush()]);
    const said = backend.asked.map((one) => [one.name, (one.request as { text?: string }).text]);
    expect(said.filter(([name]) => name === "typing").map(([, text]) => text)).toEqual(["Lo", "Lò M", "Lò Mâ"]);
    expect(said.findIndex(([name]) => name === "give_answer")).toBeGreaterThan(said.findIndex(([, text]) => text === "Lò M"));
  });

  it("shows a keystroke while a save takes its time", async () => {
    let open = () => {};
    const slow = rehearsal({
      kiosk_status: () => f.kiosk,
      give_answer: () => new Promise((done) => (open = () => done(f.dossier(PAGE)))),
    });
    const desk = seated(slow);
    const saved = desk.answer("child_name", { kind: "text", value: "L" });
    await new Promise((done) => setTimeout(done, 0));
    for (const text of ["Lò", "Lò M"]) {
      desk.mirror("child_name", text);
      await new Promise((done) => setTimeout(done, 0));
    }
    expect(names(slow)).toEqual(["give_answer", "typing", "typing"]);
    open();
    await saved;
  });

  it("does not leave a page while something typed there is unsaved", async () => {
    const desk = seated(backend);
    const forget = desk.register(async () => false);
    await desk.go({ place: "check" });
    await desk.goHome();
    expect(names(backend)).not.toContain("go_to");
    expect(desk.room).toBe("dossier");
    forget();
    await desk.go({ place: "check" });
    expect(desk.dossier?.place.place).toBe("check");
  });

  it("stops once at a page with something amiss, then goes on where the person insists", async () => {
    const desk = seated(backend);
    await desk.next();
    expect(desk.attempted).toBe("child");
    expect(names(backend)).not.toContain("go_to");
    await desk.next(true);
    expect(desk.dossier?.place).toEqual({ place: "page", page: "mother", back_to_check: false });
    expect(desk.attempted).toBeNull();
  });

  it("keeps a refused answer's problem beside its field, and a broken disk's in the banner", async () => {
    const desk = seated(backend);
    refuse = { ...f.unreachable, code: "text_too_long", layer: "form" };
    expect(await desk.answer("child_name", { kind: "text", value: "x" })).toBe(false);
    expect(desk.fieldProblems["child_name"]?.code).toBe("text_too_long");
    expect(desk.problem).toBeNull();
    refuse = disk;
    await desk.answer("child_name", { kind: "text", value: "x" });
    expect(desk.problem?.code).toBe("disk_full");
    refuse = null;
    expect(await desk.answer("child_name", { kind: "text", value: "x" })).toBe(true);
    expect(desk.fieldProblems).toEqual({});
  });

  describe("drafts that were set aside", () => {
    const thinner = { ...f.dossier(PAGE), saved_at: "09:15:00" };
    const kiosk = { ...f.kiosk, trouble: f.draftsSetAside };
    const looks = (of: Rehearsal) => of.asked.filter((one) => one.name === "open_dossier").map((one) => one.request);
    const again = [{ dossier: f.DOSSIER }];

    it("are followed by another look at the open dossier, and why stays on the screen", async () => {
      let open: () => typeof thinner = () => thinner;
      const stage = rehearsal({
        kiosk_status: () => kiosk,
        home: () => f.home,
        finish_visit: () => f.home,
        open_dossier: () => open(),
        give_answer: () => Promise.reject(f.draftsSetAside),
        go_to: () => Promise.reject(f.draftsSetAside),
        add_file: () => Promise.reject(f.draftsSetAside),
      });
      for (const act of [
        (desk: Desk) => desk.go({ place: "check" }),
        (desk: Desk) => desk.answer("child_name", { kind: "text", value: "Lò Thị Mây" }),
        (desk: Desk) => desk.captures.pick("birth_certificate"),
      ]) {
        stage.asked.length = 0;
        const desk = seated(stage);
        await act(desk);
        await vi.waitFor(() => expect(desk.dossier).toBe(thinner));
        expect(looks(stage)).toEqual(again);
        expect(desk.problem?.code).toBe("drafts_set_aside");
        expect(desk.room).toBe("dossier");
      }
      open = () => {
        throw { ...f.draftsSetAside, code: "dossier_unknown" };
      };
      const lost = seated(stage);
      await lost.go({ place: "check" });
      await vi.waitFor(() => expect(lost.room).toBe("home"));
      await vi.waitFor(() => expect(lost.problem?.code, "and why it is gone").toBe("drafts_set_aside"));
    });

    it("are heard of once from a press in the citizen's window", async () => {
      const stage = rehearsal({ kiosk_status: () => kiosk, open_dossier: () => thinner });
      const desk = seated(stage);
      desk.take({ event: "kiosk" });
      await vi.waitFor(() => expect(desk.dossier).toBe(thinner));
      desk.take({ event: "kiosk" });
      await desk.settled();
      expect(looks(stage)).toEqual(again);
    });

    it("bring the citizen's screen anew where their press met the damage", async () => {
      const stage = rehearsal({ kiosk_status: () => kiosk, citizen_screen: () => f.citizen.pageEmpty, confirm_page: () => Promise.reject(f.draftsSetAside) });
      const side = new CitizenSide(stage);
      side.show(f.citizen.page);
      await side.act("confirm_page", { page: "child", seen: "seen-child" });
      expect(side.view).toBe(f.citizen.pageEmpty);
      expect(side.problem?.code).toBe("drafts_set_aside");
    });

    it("stay said until that is closed, and are said anew to whoever signs in next", async () => {
      const stage = rehearsal({ kiosk_status: () => kiosk, home: () => f.home, open_dossier: () => thinner, go_to: () => Promise.reject(f.draftsSetAside) });
      const desk = seated(stage);
      await desk.go({ place: "check" });
      await vi.waitFor(() => expect(desk.dossier).toBe(thinner));
      await desk.ask("home", {});
      expect([desk.problem, desk.trouble?.code], "another press does not wipe it away").toEqual([null, "drafts_set_aside"]);
      desk.closeTrouble();
      desk.takeKiosk(kiosk);
      expect(desk.trouble).toBeNull();
      desk.takeKiosk({ ...kiosk, signed_in: null });
      desk.takeKiosk(kiosk);
      expect(desk.trouble?.code).toBe("drafts_set_aside");
      desk.takeKiosk({ ...kiosk, trouble: f.unreachable });
      desk.closeTrouble();
      expect(desk.trouble?.code, "what is still so is not closed").toBe("service_unreachable");
      expect(desk.troubleCloses, "a button that would do nothing").toBe(false);
    });

    it("ask for nothing where no dossier is open, or the citizen has the screen", async () => {
      const stage = rehearsal({ kiosk_status: () => kiosk, open_dossier: () => thinner });
      const desk = seated(stage);
      desk.dossier = null;
      desk.takeKiosk(kiosk);
      const turned = seated(stage);
      turned.takeKiosk({ ...kiosk, turned: true });
      await Promise.all([desk.settled(), turned.settled()]);
      expect(looks(stage)).toEqual([]);
    });
  });

  it("holds nothing behind a locked screen, and comes back to what the kiosk says stood open", async () => {
    const desk = seated(backend);
    desk.receipt = f.receipt;
    await desk.signOut();
    expect([desk.home, desk.dossier, desk.receipt, desk.outbox]).toEqual([null, null, null, null]);
    await desk.machine("sign_in", { operator: f.kiosk.operators[0]!.id, pin: "135790" });
    expect(desk.room).toBe("dossier");
    expect(backend.asked.find((one) => one.name === "open_dossier")?.request).toEqual({ dossier: f.DOSSIER });
  });

  it("goes where the citizen said Sai, and out of a dossier that they refused", async () => {
    const desk = seated(backend);
    desk.take({ event: "said_wrong", dossier: f.DOSSIER, question: "mother_name" });
    await vi.waitFor(() => expect(desk.focus).toBe("mother_name"));
    expect(desk.dossier?.place).toMatchObject({ page: "mother" });
    desk.take({ event: "consent_refused", dossier: "another" });
    expect(desk.room).toBe("dossier");
    desk.take({ event: "consent_refused", dossier: f.DOSSIER });
    expect([desk.room, desk.dossier]).toEqual(["refused", null]);
  });

  it("hears nothing of anybody while nobody is signed in, except the network", () => {
    const desk = new Desk(backend);
    desk.takeKiosk({ ...f.kiosk, signed_in: null });
    desk.take({ event: "dossier", view: f.dossier(PAGE) });
    desk.take({ event: "network", network: f.offline });
    expect(desk.dossier).toBeNull();
    expect(desk.kiosk?.network.online).toBe(false);
  });

  it("moves nothing under a press, and loses nothing by it", async () => {
    const desk = seated(backend);
    const before = desk.dossier;
    stillness.press(1);
    const saved = desk.answer("child_name", { kind: "text", value: "Lò Thị Mây" });
    await vi.waitFor(() => expect(names(backend)).toEqual(["give_answer"]));
    refuse = { ...f.unreachable, code: "text_too_long", layer: "form" };
    const refused = desk.answer("child_birth", { kind: "text", value: "x" });
    await vi.waitFor(() => expect(names(backend)).toEqual(["give_answer", "give_answer"]));
    const newer = f.dossier({ place: "page", page: "child", back_to_check: true });
    desk.take({ event: "dossier", view: newer });
    await new Promise((done) => setTimeout(done, 20));
    expect(desk.dossier).toBe(before);
    expect(desk.fieldProblems).toEqual({});
    stillness.release(1, 0);
    expect(await saved).toBe(true);
    expect(await refused).toBe(false);
    expect(desk.dossier, "the last one that came").toBe(newer);
    expect(desk.fieldProblems["child_birth"]?.code).toBe("text_too_long");
  });

  it("shows what a press itself asked for, and not what waited before it", async () => {
    const desk = seated(backend);
    stillness.press(1);
    desk.take({ event: "dossier", view: f.dossier({ place: "page", page: "child", back_to_check: true }) });
    stillness.release(1, 0);
    await desk.go({ place: "check" });
    expect(desk.dossier?.place).toEqual({ place: "check" });
    await new Promise((done) => setTimeout(done, 20));
    expect(desk.dossier?.place).toEqual({ place: "check" });
  });

  it("ignores a view of another dossier", () => {
    const desk = seated(backend);
    desk.take({ event: "dossier", view: { ...f.dossier({ place: "check" }), dossier: "another" } });
    expect(desk.dossier?.place).toEqual(PAGE);
  });

  it("takes a press in the moment in which the citizen agreed for one at the screen before", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const desk = seated(backend);
    desk.dossier = f.dossier({ place: "consent" });
    desk.take({ event: "dossier", view: f.dossier(PAGE) });
    await desk.next();
    expect(desk.attempted, "nobody is told what is missing on a page that has just come").toBeNull();
    expect(desk.focus, "the work begins in its first empty field").toBe("child_birth_place");
    expect(names(backend)).not.toContain("go_to");
    await desk.next();
    expect(desk.attempted, "a second press is meant, and says what is missing").toBe("child");
    desk.attempted = null;
    desk.dossier = f.dossier({ place: "consent" });
    desk.take({ event: "dossier", view: f.dossier(PAGE) });
    vi.advanceTimersByTime(2000);
    await desk.next();
    expect(desk.attempted, "and so is one that comes later").toBe("child");
    vi.useRealTimers();
  });
});

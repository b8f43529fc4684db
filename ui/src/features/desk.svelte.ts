// The operator's desk: the machine and who sits at it, the rooms and the ways between them, and what Rust says unasked.
//
// Invariant: nothing of anybody stays in memory behind a locked screen. What stands on the desk is in `shown`, the open
// dossier in `at-dossier`, and what follows the seal in `after-seal`.

import { asProblem } from "../backend/bridge";
import type { AppEvent, Commands, KioskView, LeavingView, NetworkView, Problem, WhyOneCopy } from "../backend/types";
import { look } from "../design/look.svelte";
import { language } from "../strings/language.svelte";
import { AfterSeal } from "./after-seal.svelte";
import type { Room } from "./shown.svelte";
import { within } from "./within";

export type { Flush, Room } from "./shown.svelte";
/** Rooms that one looks into and comes back from. */
export type Aside = "outbox" | "lookup" | "settings";
/** How long the way out waits for what was pressed before. */
const SAVING_MS = 2000;
const ASIDES: readonly Room[] = ["outbox", "lookup", "settings"];

export class Desk extends AfterSeal {
  /** Counts what tells that a person is at the citizen's screen; the lock waits for them. */
  citizenThere = $state(0);
  /** A stick is being written before the program ends: it stays where it is, and nothing locks meanwhile. */
  copying = $state(false);
  /** That drafts were set aside was read and closed: three lines are not for every screen. Whoever signs in next reads it. */
  #setAsideRead = $state(false);
  /** The open dossier is being asked for again, after its drafts were set aside. */
  #looking = false;

  async boot(): Promise<() => void> {
    const stop = await this.backend.onEvent((event) => this.take(event));
    await this.#enter(() => this.backend.call("kiosk_status", {}));
    return stop;
  }

  override fail(problem: Problem): void {
    super.fail(problem);
    if (problem.code === "sign_in_first" || problem.code === "lease_ended") void this.refreshKiosk();
    if (problem.code === "drafts_set_aside") void this.#lookAgain(problem);
    if (problem.code === "dossier_unknown") {
      this.dossier = null;
      void this.goHome().then(() => (this.problem = problem));
    }
  }

  /** What the banner says: of the last press, else of the machine. */
  get trouble(): Problem | null {
    const machine = this.kiosk?.trouble ?? null;
    return this.problem ?? (machine?.code === "drafts_set_aside" && this.#setAsideRead ? null : machine);
  }

  /** What the machine says is so until it is not: that has no button to close it. */
  get troubleCloses(): boolean {
    return this.problem !== null || this.trouble?.code === "drafts_set_aside";
  }

  closeTrouble(): void {
    if (this.trouble?.code === "drafts_set_aside") this.#setAsideRead = true;
    this.problem = null;
  }

  /** The drafts are others than before: the open dossier as it is in them, where papers may be missing. Why stays on the screen. */
  async #lookAgain(why: Problem): Promise<void> {
    this.#setAsideRead = false;
    // The machine says it from now on too; that is no second one.
    if (this.kiosk) this.kiosk = { ...this.kiosk, trouble: why };
    const dossier = this.dossier?.dossier;
    if (!dossier || this.#looking || this.kiosk?.turned) return;
    this.#looking = true;
    try {
      await this.showAtRest(await this.inOrder("open_dossier", { dossier }));
    } catch (thrown) {
      if (asProblem(thrown).code !== "dossier_unknown") return;
      this.dossier = null;
      await this.goHome();
      this.problem = why;
    } finally {
      this.#looking = false;
    }
  }

  /** Anew what may have changed unasked, such as a second screen that was unplugged. */
  protected async refreshKiosk(): Promise<void> {
    const kiosk = await this.inOrder("kiosk_status", {}).catch(() => null);
    if (kiosk) this.takeKiosk(kiosk);
  }

  takeKiosk(kiosk: KioskView): void {
    const before = this.kiosk?.trouble?.code;
    this.kiosk = kiosk;
    language.set(kiosk.language);
    look.machine = kiosk.look;
    this.side.reads = kiosk.reads_aloud;
    if (!kiosk.signed_in) {
      this.forget();
      this.#setAsideRead = false;
    }
    // A press in the citizen's window can meet the damage too: this one hears of it so.
    if (kiosk.trouble?.code === "drafts_set_aside" && before !== "drafts_set_aside") void this.#lookAgain(kiosk.trouble);
  }

  async #enter(work: () => Promise<KioskView | null>): Promise<boolean> {
    try {
      const kiosk = await work();
      if (!kiosk) return false;
      const wasIn = this.kiosk?.signed_in?.id;
      this.takeKiosk(kiosk);
      if (kiosk.signed_in && kiosk.signed_in.id !== wasIn) await this.#comeIn();
      if (kiosk.turned) await this.side.load();
      return true;
    } catch (thrown) {
      this.fail(asProblem(thrown));
      return false;
    }
  }

  /** After signing in, and after the page was loaded again: back to the dossier or receipt that stands open, else to the first page. */
  async #comeIn(): Promise<void> {
    this.home = await this.ask("home", {});
    // A preview has one draft, and it is what the clerk came to see.
    const open = this.kiosk?.open ?? (this.kiosk?.preview ? this.home?.drafts[0]?.dossier : undefined);
    if (open) await this.open(open);
    else if (this.kiosk?.receipt) await this.showReceipt(this.kiosk.receipt);
  }

  /** Any command that answers with the whole machine. */
  machine<K extends "add_operator" | "reset_pin" | "sign_in" | "set_language" | "set_one_screen" | "set_look" | "confirm_date" | "set_idle_lock">(
    name: K,
    request: Commands[K]["request"],
  ): Promise<boolean> {
    return this.#enter(() => this.ask(name, request));
  }

  async signOut(): Promise<void> {
    if (!(await this.flush())) return;
    await this.#enter(() => this.ask("sign_out", {}));
  }

  /** Into a drill and out of it: another counter, so everything on screen is forgotten first. */
  async drill(on: boolean): Promise<void> {
    if (!(await this.flush())) return;
    const kiosk = await this.ask(on ? "start_drill" : "end_drill", {});
    if (!kiosk) return;
    this.forget();
    this.takeKiosk(kiosk);
    this.home = await this.ask("home", {});
  }

  /**
   * Ends the program, or says what is asked first. Outside the queue, where it would wait for whatever hangs; only what
   * was typed before has a moment to be saved.
   */
  async quit(operator: string, pin: string, copyTo: string | null, despite: WhyOneCopy | null): Promise<LeavingView | null> {
    if (copyTo !== null) this.copying = true;
    try {
      await within(SAVING_MS, this.settled());
      const answer = await this.backend.call("quit_program", { operator, pin, copy_to: copyTo, despite });
      this.problem = null;
      return answer;
    } catch (thrown) {
      this.fail(asProblem(thrown));
      return null;
    } finally {
      if (copyTo !== null) this.copying = false;
    }
  }

  async swapScreens(): Promise<void> {
    await this.backend.swapScreens().catch((thrown) => this.fail(asProblem(thrown)));
  }

  async enrol(request: Commands["begin_enrolment"]["request"]): Promise<void> {
    const enrolment = await this.ask("begin_enrolment", request);
    if (enrolment && this.kiosk) this.kiosk = { ...this.kiosk, enrolment };
  }

  async checkEnrolment(): Promise<void> {
    const enrolment = await this.ask("check_enrolment", {});
    if (!enrolment || !this.kiosk) return;
    this.kiosk = { ...this.kiosk, enrolment };
    if (enrolment.stage.stage === "enrolled") await this.refreshKiosk();
  }

  /** Turns the screen to the citizen, or back with the PIN. True where it turned. */
  async turn(turned: boolean, pin: string | null): Promise<boolean> {
    if (turned && !(await this.flush())) return false;
    const kiosk = await this.ask("turn_screen", { turned, pin });
    if (!kiosk) return false;
    if (turned) await this.side.load();
    else await this.#afterTurning();
    this.takeKiosk(kiosk);
    return true;
  }

  async #afterTurning(): Promise<void> {
    const dossier = this.dossier?.dossier;
    this.side.clear();
    if (dossier && this.room === "dossier") this.show(await this.ask("open_dossier", { dossier }));
  }

  /** To the first page; both screens are cleared of whoever was here. */
  async goHome(): Promise<void> {
    if (!(await this.flush())) return;
    const home = await this.ask("finish_visit", {});
    if (!home) return;
    this.home = home;
    this.dossier = this.receipt = null;
    this.fieldProblems = {};
    this.room = "home";
    this.homes += 1;
  }

  async visit(room: Aside): Promise<void> {
    if (!(await this.flush())) return;
    this.found = null;
    if (room === "outbox") this.outbox = (await this.ask("outbox", {})) ?? this.outbox;
    if (!ASIDES.includes(this.room)) this.camefrom = this.room;
    this.room = room;
  }

  /** From the outbox or the settings to where the person was. */
  async comeBack(): Promise<void> {
    this.room = this.camefrom;
    this.problem = null;
    if (this.room === "home") this.home = (await this.ask("home", {})) ?? this.home;
  }

  async start(procedure: string): Promise<void> {
    if (this.show(await this.ask("start_dossier", { procedure }))) this.room = "dossier";
    void this.refreshKiosk();
  }

  async open(dossier: string): Promise<void> {
    const view = await this.ask("open_dossier", { dossier });
    if (view?.sealed) await this.showReceipt(dossier);
    else if (this.show(view)) this.room = "dossier";
  }

  async discard(dossier: string): Promise<void> {
    this.home = (await this.ask("discard_dossier", { dossier })) ?? this.home;
  }

  /** What leads to the first page. */
  async toHome<K extends "hand_over" | "leave_it" | "record_assist">(name: K, request: Commands[K]["request"]): Promise<boolean> {
    const home = await this.ask(name, request);
    if (!home) return false;
    this.home = home;
    this.dossier = this.receipt = null;
    this.room = "home";
    await this.refreshKiosk();
    return true;
  }

  async handOver(note: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) await this.toHome("hand_over", { dossier, note });
  }

  async takeOver(reason: Commands["take_over"]["request"]["reason"]): Promise<void> {
    if (this.show(await this.ask("take_over", { reason }))) this.room = "dossier";
    await this.refreshKiosk();
  }

  /** The step of the coaching on both screens; none ends it. */
  async coach(coach: Commands["coach"]["request"]["coach"]): Promise<void> {
    if (await this.ask("coach", { coach })) this.room = coach ? "coaching" : "home";
  }

  #refused(): void {
    this.dossier = null;
    this.room = "refused";
  }

  take(event: AppEvent): void {
    if (!this.kiosk?.signed_in && event.event !== "network" && event.event !== "close_asked") return;
    switch (event.event) {
      case "dossier":
        if (event.view.dossier === this.dossier?.dossier) void this.showAtRest(event.view);
        return;
      case "said_wrong":
        if (event.dossier === this.dossier?.dossier && !this.kiosk?.turned) this.#jumpTo(event.question);
        return;
      case "citizen":
        if (this.kiosk?.turned) this.side.take(event);
        return;
      case "consent_refused":
        if (event.dossier === this.dossier?.dossier) this.#refused();
        return;
      case "typing":
        return;
      case "reading":
        this.citizenThere += 1;
        this.side.take(event);
        return;
      case "citizen_there":
        this.citizenThere += 1;
        return;
      case "kiosk":
        void this.refreshKiosk();
        return;
      case "tray":
        void this.captures.loadTray();
        return;
      case "pages_ready":
        this.captures.ready = { ready: event.ready, of: event.of };
        return;
      case "close_asked":
        this.closing = true;
        return;
      case "quit":
        return;
      case "outbox":
        void this.#refreshCounts();
        return;
      case "network":
        this.#network(event.network);
    }
  }

  #jumpTo(question: string): void {
    const page = this.dossier?.interview.pages.find((p) => p.questions.some((q) => q.id === question));
    const here = this.dossier?.place;
    if (!page || !here) return;
    if (here.place === "page" && here.page === page.id) this.focus = question;
    else void this.go({ place: "page", page: page.id, back_to_check: here.place !== "page" }, question);
  }

  async #refreshCounts(): Promise<void> {
    if (this.kiosk?.turned) return;
    const quiet = <T>(work: Promise<T>): Promise<T | null> => work.catch(() => null);
    this.home = (await quiet(this.backend.call("home", {}))) ?? this.home;
    if (this.isVolunteer) return;
    if (this.room === "outbox") this.outbox = (await quiet(this.backend.call("outbox", {}))) ?? this.outbox;
    const dossier = this.room === "receipt" ? this.receipt?.dossier : undefined;
    if (dossier) this.receipt = (await quiet(this.backend.call("show_receipt", { dossier }))) ?? this.receipt;
  }

  #network(network: NetworkView): void {
    if (this.kiosk) this.kiosk = { ...this.kiosk, network };
    if (this.home) this.home = { ...this.home, network };
    if (this.outbox) this.outbox = { ...this.outbox, network };
  }
}

// The operator's desk: the last views that Rust sent, and which of them is on screen.
//
// Invariants: views are replaced whole, never edited; nobody leaves a screen while something typed there is
// unsaved. Deliberately absent: rules of procedures, and any storage of its own.

import { asProblem, type Backend } from "../backend/bridge";
import type {
  AppEvent,
  CardPicture,
  Commands,
  DossierView,
  ExportView,
  HomeView,
  ImportView,
  KioskView,
  ListName,
  LookUpView,
  NetworkView,
  OptionView,
  OutboxView,
  Place,
  Problem,
  RawAnswer,
  ReceiptView,
  WaitingSlipView,
} from "../backend/types";
import { look } from "../design/look.svelte";
import { stillness } from "../design/stillness";
import { language } from "../strings/language.svelte";
import { Calls } from "./calls.svelte";
import { CitizenSide } from "./citizen/side.svelte";
import { Lists } from "./dossier/lists.svelte";
import { Captures } from "./dossier/papers/captures.svelte";
import { currentPage, onward, pageTroubles, previous } from "./dossier/walk";

export type Room = "home" | "dossier" | "receipt" | "outbox" | "lookup" | "settings" | "refused" | "coaching";
/** Rooms that one looks into and comes back from. */
export type Aside = "outbox" | "lookup" | "settings";
const ASIDES: readonly Room[] = ["outbox", "lookup", "settings"];

/** A page that came up by itself stays at least this long: a press meant for the screen before it does nothing here. */
const UNASKED_MS = 1500;

/** Saves what a field holds; false where that failed and the text is still only on screen. */
export type Flush = () => Promise<boolean>;

export class Desk extends Calls {
  kiosk = $state.raw<KioskView | null>(null);
  home = $state.raw<HomeView | null>(null);
  dossier = $state.raw<DossierView | null>(null);
  receipt = $state.raw<ReceiptView | null>(null);
  outbox = $state.raw<OutboxView | null>(null);
  /** What the last look-up told. */
  found = $state.raw<LookUpView | null>(null);
  room = $state<Room>("home");
  /** Problems of single answers, shown beside their fields. */
  fieldProblems = $state.raw<Record<string, Problem>>({});
  saving = $state(0);
  /** The overlay with the shortcuts is open. */
  helping = $state(false);
  /** The field to go to when its page is on screen. */
  focus = $state<string | null>(null);
  /** The page that the person tried to leave with something amiss. */
  attempted = $state<string | null>(null);
  readonly side: CitizenSide;
  readonly captures: Captures;
  readonly lists: Lists;
  readonly #fields = new Set<Flush>();
  #camefrom: Room = "home";
  /** A view that came by itself, and waits until nothing is pressed. */
  #held: DossierView | null = null;
  /** When the citizen's consent last brought up a page. */
  #unasked = Number.NEGATIVE_INFINITY;
  /** Somebody tried to close the program: an officer's PIN is asked for. */
  closing = $state(false);
  /** Nobody knows a PIN: the way back to the drafts is open. */
  recovering = $state(false);
  /** The stick's dialog is open. */
  carrying = $state(false);

  constructor(backend: Backend) {
    super(backend);
    this.side = new CitizenSide(backend);
    this.captures = new Captures(this, backend);
    this.lists = new Lists(backend);
  }

  async boot(): Promise<() => void> {
    const stop = await this.backend.onEvent((event) => this.take(event));
    await this.#enter(() => this.backend.call("kiosk_status", {}));
    return stop;
  }


  protected override fail(problem: Problem): void {
    super.fail(problem);
    if (problem.code === "sign_in_first" || problem.code === "lease_ended") void this.#refreshKiosk();
    if (problem.code === "dossier_unknown") {
      this.dossier = null;
      void this.goHome().then(() => (this.problem = problem));
    }
  }

  /** Anew what may have changed unasked, such as a second screen that was unplugged. */
  async #refreshKiosk(): Promise<void> {
    const kiosk = await this.inOrder("kiosk_status", {}).catch(() => null);
    if (kiosk) this.takeKiosk(kiosk);
  }


  takeKiosk(kiosk: KioskView): void {
    this.kiosk = kiosk;
    language.set(kiosk.language);
    look.machine = kiosk.look;
    this.side.reads = kiosk.reads_aloud;
    if (!kiosk.signed_in) this.#forget();
  }

  /** Nothing of anybody stays in memory behind a locked screen. */
  #forget(): void {
    this.home = this.dossier = this.receipt = this.outbox = this.found = this.#held = null;
    this.helping = this.carrying = false;
    this.side.clear();
    this.captures.tray = null;
    this.room = this.#camefrom = "home";
    this.fieldProblems = {};
    this.focus = this.attempted = null;
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
    this.#forget();
    this.takeKiosk(kiosk);
    this.home = await this.ask("home", {});
  }

  async quit(operator: string, pin: string): Promise<void> {
    await this.ask("quit_program", { operator, pin });
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
    if (enrolment.stage.stage === "enrolled") await this.#refreshKiosk();
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
    if (dossier && this.room === "dossier") this.#show(await this.ask("open_dossier", { dossier }));
  }

  #refused(): void {
    this.dossier = null;
    this.room = "refused";
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
  }

  async visit(room: Aside): Promise<void> {
    if (!(await this.flush())) return;
    this.found = null;
    if (room === "outbox") this.outbox = (await this.ask("outbox", {})) ?? this.outbox;
    if (!ASIDES.includes(this.room)) this.#camefrom = this.room;
    this.room = room;
  }

  /** From the outbox or the settings to where the person was. */
  async comeBack(): Promise<void> {
    this.room = this.#camefrom;
    this.problem = null;
    if (this.room === "home") this.home = (await this.ask("home", {})) ?? this.home;
  }

  /** A number or a code, typed or scanned. */
  async lookUp(text: string): Promise<void> {
    this.found = null;
    this.found = await this.ask("look_up", { text });
  }

  async sendNow(): Promise<void> {
    this.waiting = "send_now";
    try {
      // Outside the queue: a slow link must not hold up what is typed meanwhile.
      this.outbox = await this.backend.call("send_now", {});
      this.problem = null;
    } catch (thrown) {
      this.fail(asProblem(thrown));
    } finally {
      this.waiting = null;
    }
  }

  /** The dossier leaves this desk; the slip is shown until somebody goes on. */
  async packForOfficer(): Promise<WaitingSlipView | null> {
    const dossier = this.dossier?.dossier;
    if (!dossier || !(await this.flush())) return null;
    return this.ask("pack_for_officer", { dossier });
  }

  async takeBack(dossier: string): Promise<void> {
    this.home = (await this.ask("take_back", { dossier })) ?? this.home;
  }

  /** Slow like the stick is: the window says so meanwhile. */
  async exportSealed(folder: string): Promise<ExportView | null> {
    const view = await this.ask("export_sealed", { folder });
    this.outbox = view?.outbox ?? this.outbox;
    return view;
  }

  async importSealed(folder: string): Promise<ImportView | null> {
    const view = await this.ask("import_sealed", { folder });
    this.outbox = view?.outbox ?? this.outbox;
    return view;
  }

  async release(dossier: string): Promise<void> {
    this.outbox = (await this.ask("release_held", { dossier })) ?? this.outbox;
  }


  #show(view: DossierView | null): boolean {
    if (!view) return false;
    if (this.dossier?.dossier !== view.dossier) this.fieldProblems = {};
    this.dossier = view;
    this.#held = null;
    return true;
  }

  /** The same for a view that no press asked for: nothing moves under a finger. The last one is shown. */
  async #showAtRest(view: DossierView): Promise<void> {
    this.#held = view;
    if (stillness.pressed) await stillness.rest();
    const held = this.#held;
    if (!held || held.dossier !== this.dossier?.dossier) return;
    if (this.dossier.place.place === "consent" && held.place.place === "page") this.#unasked = Date.now();
    this.#show(held);
  }

  /** Fetches the lists that the dossier names, where one is not here yet. */
  async followLists(): Promise<void> {
    if (this.dossier) await this.lists.follow(this.dossier).catch((thrown) => this.fail(asProblem(thrown)));
  }

  /** The entries of a list, for the dossier on screen. */
  optionsOf(list: ListName): readonly OptionView[] {
    return this.dossier ? this.lists.of(this.dossier.lists, list) : [];
  }

  /** A whole view that a page's own act answered with. */
  takeDossier(view: DossierView): void {
    if (view.dossier === this.dossier?.dossier) this.#show(view);
  }

  async start(procedure: string): Promise<void> {
    if (this.#show(await this.ask("start_dossier", { procedure }))) this.room = "dossier";
    void this.#refreshKiosk();
  }

  async open(dossier: string): Promise<void> {
    const view = await this.ask("open_dossier", { dossier });
    if (view?.sealed) await this.showReceipt(dossier);
    else if (this.#show(view)) this.room = "dossier";
  }

  async discard(dossier: string): Promise<void> {
    this.home = (await this.ask("discard_dossier", { dossier })) ?? this.home;
  }

  /** Moves the draft to the version of its procedure that the officer has read about. */
  async upgrade(to_version: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) this.#show(await this.ask("upgrade_dossier", { dossier, to_version }));
  }

  /** Saves one answer. False where it could not be saved: the field keeps the text. */
  async answer(question: string, raw: RawAnswer): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    if (!dossier) return true;
    this.saving += 1;
    try {
      await this.#showAtRest(await this.inOrder("give_answer", { dossier, question, raw }));
      const { [question]: _solved, ...rest } = this.fieldProblems;
      this.fieldProblems = rest;
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      await stillness.rest();
      this.fieldProblems = { ...this.fieldProblems, [question]: problem };
      if (problem.layer !== "form") this.fail(problem);
      return false;
    } finally {
      this.saving -= 1;
    }
  }

  /** Fills one person's part from their card. False where the card could not be used: nothing has changed then. */
  async fillFromCard(person: string, code: string): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    return dossier !== undefined && this.#show(await this.ask("fill_from_card", { dossier, person, code }));
  }

  /** The same from the serial scanner; waits for a card. */
  async scanCard(person: string): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    return dossier !== undefined && this.#show(await this.ask("scan_card", { dossier, person }));
  }

  /** The same from a picture of the card: a file that is picked, or what the camera took. */
  async cardPicture(person: string, picture: CardPicture): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    return dossier !== undefined && this.#show(await this.ask("read_card_picture", { dossier, person, picture }));
  }

  /** Shows a keystroke to the citizen at once. */
  mirror(question: string, text: string): void {
    if (this.dossier) this.sendKeystroke(question, text);
  }

  /** A field tells how to save itself; the answer takes it off the list. */
  register(flush: Flush): () => void {
    this.#fields.add(flush);
    return () => this.#fields.delete(flush);
  }

  /** Saves everything that is typed. False where something could not be saved. */
  async flush(): Promise<boolean> {
    const saved = await Promise.all([...this.#fields].map((flush) => flush()));
    await this.settled();
    await stillness.rest();
    return saved.every(Boolean);
  }

  async go(place: Place, focus: string | null = null): Promise<void> {
    if (!(await this.flush())) return;
    const dossier = this.dossier?.dossier;
    if (!dossier) return;
    this.attempted = null;
    if (this.#show(await this.ask("go_to", { dossier, place }))) this.focus = focus;
    void this.#refreshKiosk();
  }

  /** On to the next place. A page with something amiss says so first; a second press of "anyway" goes on. */
  async next(anyway = false): Promise<void> {
    if (!(await this.flush())) return;
    const view = this.dossier;
    if (!view) return;
    const here = view.place;
    if (here.place === "page" && Date.now() - this.#unasked < UNASKED_MS) {
      // One press: whoever presses again means this page.
      this.#unasked = Number.NEGATIVE_INFINITY;
      const questions = currentPage(view)?.page.questions ?? [];
      this.focus = questions.find((one) => one.kind.kind !== "computed" && one.value === null)?.id ?? null;
      return;
    }
    if (here.place === "page" && !anyway && pageTroubles(view, here.page).length > 0) {
      this.attempted = here.page;
      return;
    }
    const place = onward(view);
    if (place) await this.go(place);
  }

  async back(): Promise<void> {
    const place = this.dossier && previous(this.dossier);
    if (place) await this.go(place);
    else await this.goHome();
  }

  /** What is said about the people of the dossier, beside its form. */
  async change<K extends "choose_channel" | "set_standing" | "name_witness" | "set_phone">(name: K, request: Commands[K]["request"]): Promise<boolean> {
    return this.#show(await this.ask(name, request));
  }

  /** What leads to the first page. */
  async toHome<K extends "hand_over" | "leave_it" | "record_assist">(name: K, request: Commands[K]["request"]): Promise<boolean> {
    const home = await this.ask(name, request);
    if (!home) return false;
    this.home = home;
    this.dossier = this.receipt = null;
    this.room = "home";
    await this.#refreshKiosk();
    return true;
  }

  async handOver(note: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) await this.toHome("hand_over", { dossier, note });
  }

  async takeOver(reason: Commands["take_over"]["request"]["reason"]): Promise<void> {
    if (this.#show(await this.ask("take_over", { reason }))) this.room = "dossier";
    await this.#refreshKiosk();
  }

  /** The step of the coaching on both screens; none ends it. */
  async coach(coach: Commands["coach"]["request"]["coach"]): Promise<void> {
    if (await this.ask("coach", { coach })) this.room = coach ? "coaching" : "home";
  }

  async sealWithOfficer(officer: string, pin: string): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    if (!dossier || !(await this.flush())) return false;
    const receipt = await this.ask("seal_with_officer", { dossier, officer, pin });
    this.#receive(receipt);
    return receipt !== null;
  }

  async withdraw(dossier: string): Promise<void> {
    this.outbox = (await this.ask("withdraw_consent", { dossier })) ?? this.outbox;
  }

  /** The question goes to the citizen's screen; here their receipt waits for the answer. False where no such witness can be. */
  async askToWithdraw(request: Commands["ask_to_withdraw"]["request"]): Promise<boolean> {
    const receipt = await this.ask("ask_to_withdraw", request);
    this.#receive(receipt);
    return receipt !== null;
  }

  async removeFile(file: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier) this.#show(await this.ask("remove_file", { dossier, file }));
  }

  async setOriginal(component: string, original: Commands["set_original"]["request"]["original"]): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier) this.#show(await this.ask("set_original", { dossier, component, original }));
  }


  #receive(receipt: ReceiptView | null): void {
    if (!receipt) return;
    this.receipt = receipt;
    this.room = "receipt";
  }

  async seal(): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) this.#receive(await this.ask("seal_dossier", { dossier }));
  }

  async showReceipt(dossier: string): Promise<void> {
    this.#receive(await this.ask("show_receipt", { dossier }));
  }

  async print(): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (!dossier) return;
    const printed = await this.ask("print_receipt", { dossier });
    // A printer that failed changed the receipt too; its problem stays on screen.
    this.#receive(printed ?? (await this.inOrder("show_receipt", { dossier }).catch(() => null)));
  }

  async printVoid(): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (dossier) this.#receive(await this.ask("print_void", { dossier }));
  }

  async printed(cameOut: boolean): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (dossier) this.#receive(await this.ask("printed", { dossier, came_out: cameOut }));
  }


  take(event: AppEvent): void {
    if (!this.kiosk?.signed_in && event.event !== "network" && event.event !== "close_asked") return;
    switch (event.event) {
      case "dossier":
        if (event.view.dossier === this.dossier?.dossier) void this.#showAtRest(event.view);
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
        this.side.take(event);
        return;
      case "kiosk":
        void this.#refreshKiosk();
        return;
      case "tray":
        void this.captures.loadTray();
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

  get isVolunteer(): boolean {
    return this.kiosk?.signed_in?.role === "volunteer";
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

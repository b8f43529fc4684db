// What stands at the operator's desk: the last views that Rust sent, which room is open, and the fields whose text is not
// saved yet.
//
// Invariants: views are replaced whole, never edited; a view that no press asked for never moves anything under a finger.
// Deliberately absent: rules of procedures, commands, and any storage of its own.

import type { Backend } from "../backend/bridge";
import type { DossierView, HomeView, KioskView, LookUpView, OutboxView, Problem, ReceiptView } from "../backend/types";
import { stillness } from "../design/stillness";
import { Calls } from "./calls.svelte";
import { CitizenSide } from "./citizen/side.svelte";
import { Lists } from "./dossier/lists.svelte";
import { Captures } from "./dossier/papers/captures.svelte";

export type Room = "home" | "dossier" | "receipt" | "outbox" | "lookup" | "settings" | "refused" | "coaching";

/** Saves what a field holds; false where that failed and the text is still only on screen. */
export type Flush = () => Promise<boolean>;

export abstract class Shown extends Calls {
  kiosk = $state.raw<KioskView | null>(null);
  home = $state.raw<HomeView | null>(null);
  dossier = $state.raw<DossierView | null>(null);
  receipt = $state.raw<ReceiptView | null>(null);
  outbox = $state.raw<OutboxView | null>(null);
  /** What the last look-up told. */
  found = $state.raw<LookUpView | null>(null);
  room = $state<Room>("home");
  /** Grows with every way to the first page: it stands there anew, with no search left on it. */
  homes = $state(0);
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
  protected camefrom: Room = "home";
  /** A view that came by itself, and waits until nothing is pressed. */
  protected held: DossierView | null = null;
  /** When the citizen's consent last brought up a page. */
  protected unasked = Number.NEGATIVE_INFINITY;
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

  /** To the first page; both screens are cleared of whoever was here. */
  abstract goHome(): Promise<void>;

  /** Anew what may have changed unasked, such as a second screen that was unplugged. */
  protected abstract refreshKiosk(): Promise<void>;

  /** Nothing of anybody stays in memory behind a locked screen. */
  protected forget(): void {
    this.home = this.dossier = this.receipt = this.outbox = this.found = this.held = null;
    this.helping = this.carrying = false;
    this.side.clear();
    this.captures.tray = null;
    this.room = this.camefrom = "home";
    this.fieldProblems = {};
    this.focus = this.attempted = null;
  }

  protected show(view: DossierView | null): boolean {
    if (!view) return false;
    if (this.dossier?.dossier !== view.dossier) this.fieldProblems = {};
    this.dossier = view;
    this.held = null;
    return true;
  }

  /** The same for a view that no press asked for: nothing moves under a finger. The last one is shown. */
  protected async showAtRest(view: DossierView): Promise<void> {
    this.held = view;
    if (stillness.pressed) await stillness.rest();
    const held = this.held;
    if (!held || held.dossier !== this.dossier?.dossier) return;
    if (this.dossier.place.place === "consent" && held.place.place === "page") this.unasked = Date.now();
    this.show(held);
  }

  /** A whole view that a page's own act answered with. */
  takeDossier(view: DossierView): void {
    if (view.dossier === this.dossier?.dossier) this.show(view);
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

  get isVolunteer(): boolean {
    return this.kiosk?.signed_in?.role === "volunteer";
  }
}

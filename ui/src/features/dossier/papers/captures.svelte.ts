// How pages come in and are changed: each act is one command of the desk's queue, and its whole view replaces the old.
//
// Invariant: bytes go from the page to the shell as they are and are kept nowhere here.

import type { Backend } from "../../../backend/bridge";
import { asProblem } from "../../../backend/bridge";
import type { DossierView, FoundAtView, Problem, ReadTextView, ScannerView, TrayView } from "../../../backend/types";
import type { Shown } from "../../shown.svelte";

export class Captures {
  tray = $state.raw<TrayView | null>(null);
  /** Pages under way: taken, not yet in the view. */
  working = $state(0);
  /** How far the pages of a scanned PDF are that is being taken in; null where nothing is counted. */
  ready = $state.raw<{ ready: number; of: number } | null>(null);
  scanners = $state.raw<ScannerView[] | null>(null);
  scanning = $state(false);
  /** What went wrong in the dialog that is open; it stays where the person looks. */
  problem = $state.raw<Problem | null>(null);
  readonly #desk: Shown;
  readonly #backend: Backend;

  constructor(desk: Shown, backend: Backend) {
    this.#desk = desk;
    this.#backend = backend;
  }

  async loadTray(): Promise<void> {
    this.tray = await this.#backend.call("tray", {}).catch(() => null);
  }

  async #page(work: (dossier: string) => Promise<DossierView>): Promise<boolean> {
    const dossier = this.#desk.dossier?.dossier;
    if (!dossier) return false;
    this.working += 1;
    this.problem = null;
    try {
      this.#desk.takeDossier(await work(dossier));
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.#desk.fail(this.problem);
      return false;
    } finally {
      this.working -= 1;
      if (this.working === 0) this.ready = null;
    }
  }

  /** A picture of the camera, or a dropped file. */
  handIn(component: string, bytes: ArrayBuffer, camera: boolean, replaces?: string): Promise<boolean> {
    return this.#page(async (dossier) => {
      const handle = await this.#backend.handIn(bytes);
      return this.#desk.inOrder("add_capture", { dossier, component, handle, camera, ...(replaces ? { replaces } : {}) });
    });
  }

  /** One after the other, in the order of their names; what came before a trouble stays. */
  async pick(component: string, replaces?: string): Promise<boolean> {
    const paths = await this.#backend.pickFiles(replaces === undefined).catch((thrown) => ((this.#desk.problem = asProblem(thrown)), []));
    for (const path of paths) {
      const added = await this.#page((dossier) => this.#desk.inOrder("add_file", { dossier, component, path, ...(replaces ? { replaces } : {}) }));
      if (!added) return false;
    }
    return paths.length > 0;
  }

  turn(file: string, quarters: number): Promise<boolean> {
    return this.#page((dossier) => this.#desk.inOrder("turn_file", { dossier, file, quarters }));
  }

  move(file: string, to: number): Promise<boolean> {
    return this.#page((dossier) => this.#desk.inOrder("move_file", { dossier, file, to }));
  }

  /** The print on a page; null where it could not be read, and then `problem` says why. */
  async readText(file: string): Promise<ReadTextView | null> {
    const dossier = this.#desk.dossier?.dossier;
    if (!dossier) return null;
    this.problem = null;
    try {
      // Outside the queue: it takes seconds, and what is typed meanwhile must be saved.
      return await this.#backend.call("read_text", { dossier, file });
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return null;
    }
  }

  /** `insteadOf` is what the field shows, once the officer was shown both and chose the paper's. */
  suggest(question: string, text: string, at: FoundAtView, insteadOf?: string): Promise<boolean> {
    const replacing = insteadOf === undefined ? {} : { instead_of: insteadOf };
    return this.#page((dossier) => this.#desk.inOrder("suggest_answer", { dossier, question, text, ...at, ...replacing }));
  }

  /** The officer has held it against the paper. */
  compare(question: string): Promise<boolean> {
    return this.#page((dossier) => this.#desk.inOrder("compare_answer", { dossier, question }));
  }

  async findScanners(): Promise<void> {
    this.scanners = null;
    this.problem = null;
    try {
      // Outside the queue: a slow search in the network must not hold up what is pressed meanwhile.
      this.scanners = (await this.#backend.call("scanners", {})).scanners;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.scanners = [];
    }
  }

  async scan(component: string, scanner: string, feeder: boolean, replaces?: string): Promise<boolean> {
    this.scanning = true;
    try {
      // Outside the queue too: "stop" has to pass, and the sheets come as events while it runs.
      return await this.#page((dossier) => this.#backend.call("scan_papers", { dossier, component, scanner, feeder, ...(replaces ? { replaces } : {}) }));
    } finally {
      this.scanning = false;
    }
  }

  async stop(): Promise<void> {
    await this.#backend.call("stop_scanning", {}).catch(() => undefined);
  }

  async takeFromTray(component: string, sheets: string[]): Promise<boolean> {
    const taken = await this.#page((dossier) => this.#desk.inOrder("take_from_tray", { dossier, component, sheets }));
    await this.loadTray();
    return taken;
  }

  async discard(sheet: string): Promise<void> {
    this.tray = await this.#backend.call("discard_from_tray", { sheet }).catch(() => this.tray);
  }
}

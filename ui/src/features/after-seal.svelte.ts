// What comes after the last page: the seal, the receipt and its paper, the outbox, sticks and look-ups.
//
// Invariant: a printer that fails changes the receipt too, and its problem stays on the screen.

import { asProblem } from "../backend/bridge";
import type { ClosedDayView, Commands, ExportView, ImportView, MergedDayView, ReceiptView, WaitingSlipView } from "../backend/types";
import { AtDossier } from "./at-dossier.svelte";

export abstract class AfterSeal extends AtDossier {
  async seal(): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) this.receive(await this.ask("seal_dossier", { dossier }));
  }

  async sealWithOfficer(officer: string, pin: string): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    if (!dossier || !(await this.flush())) return false;
    const receipt = await this.ask("seal_with_officer", { dossier, officer, pin });
    this.receive(receipt);
    return receipt !== null;
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

  protected receive(receipt: ReceiptView | null): void {
    if (!receipt) return;
    this.receipt = receipt;
    this.room = "receipt";
  }

  async showReceipt(dossier: string): Promise<void> {
    this.receive(await this.ask("show_receipt", { dossier }));
  }

  async print(): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (!dossier) return;
    const printed = await this.ask("print_receipt", { dossier });
    // A printer that failed changed the receipt too; its problem stays on screen.
    this.receive(printed ?? (await this.inOrder("show_receipt", { dossier }).catch(() => null)));
  }

  async printVoid(): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (dossier) this.receive(await this.ask("print_void", { dossier }));
  }

  async printed(cameOut: boolean): Promise<void> {
    const dossier = this.receipt?.dossier;
    if (dossier) this.receive(await this.ask("printed", { dossier, came_out: cameOut }));
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
      if (this.waiting === "send_now") this.waiting = null;
    }
  }

  async release(dossier: string): Promise<void> {
    this.outbox = (await this.ask("release_held", { dossier })) ?? this.outbox;
  }

  async withdraw(dossier: string): Promise<void> {
    this.outbox = (await this.ask("withdraw_consent", { dossier })) ?? this.outbox;
  }

  /** The question goes to the citizen's screen; here their receipt waits for the answer. False where no such witness can be. */
  async askToWithdraw(request: Commands["ask_to_withdraw"]["request"]): Promise<boolean> {
    const receipt = await this.ask("ask_to_withdraw", request);
    this.receive(receipt);
    return receipt !== null;
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

  /** The evening on the laptop: everything of the day onto the stick. */
  async closeDay(folder: string): Promise<ClosedDayView | null> {
    const view = await this.ask("close_day", { folder });
    this.outbox = view?.export.outbox ?? this.outbox;
    return view;
  }

  /** The return to the counter: everything of the day from the stick. */
  async mergeDay(folder: string): Promise<MergedDayView | null> {
    const view = await this.ask("merge_day", { folder });
    this.outbox = view?.import.outbox ?? this.outbox;
    return view;
  }

  /** A number or a code, typed or scanned. */
  async lookUp(text: string): Promise<void> {
    this.found = null;
    this.found = await this.ask("look_up", { text });
  }

  /** A slip held before the camera. False where no code was seen: the camera stays open. */
  async lookUpPicture(jpeg: ArrayBuffer): Promise<boolean> {
    const handle = await this.backend.handIn(jpeg).catch(() => null);
    this.found = handle === null ? null : await this.ask("look_up_picture", { picture: { from: "handed_in", handle } });
    return this.found !== null;
  }
}

// The open dossier at the desk: its answers, its papers, and the way through its pages.
//
// Invariant: nobody leaves a page while something typed there is unsaved.

import { asProblem } from "../backend/bridge";
import type { CardPicture, Commands, ListName, OptionView, Place, RawAnswer } from "../backend/types";
import { stillness } from "../design/stillness";
import { currentPage, onward, pageTroubles, previous } from "./dossier/walk";
import { Shown } from "./shown.svelte";

/** A page that came up by itself stays at least this long: a press meant for the screen before it does nothing here. */
const UNASKED_MS = 1500;

export abstract class AtDossier extends Shown {
  /** Fetches the lists that the dossier names, where one is not here yet. */
  async followLists(): Promise<void> {
    if (this.dossier) await this.lists.follow(this.dossier).catch((thrown) => this.fail(asProblem(thrown)));
  }

  /** The entries of a list, for the dossier on screen. */
  optionsOf(list: ListName): readonly OptionView[] {
    return this.dossier ? this.lists.of(this.dossier.lists, list) : [];
  }

  /** Moves the draft to the version of its procedure that the officer has read about. */
  async upgrade(to_version: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier && (await this.flush())) this.show(await this.ask("upgrade_dossier", { dossier, to_version }));
  }

  /** Saves one answer. False where it could not be saved: the field keeps the text. */
  async answer(question: string, raw: RawAnswer): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    if (!dossier) return true;
    this.saving += 1;
    try {
      await this.showAtRest(await this.inOrder("give_answer", { dossier, question, raw }));
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
    return dossier !== undefined && this.show(await this.ask("fill_from_card", { dossier, person, code }));
  }

  /** The same from the serial scanner; waits for a card. */
  async scanCard(person: string): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    return dossier !== undefined && this.show(await this.ask("scan_card", { dossier, person }));
  }

  /** The same from a picture of the card: a file that is picked, or what the camera took. */
  async cardPicture(person: string, picture: CardPicture): Promise<boolean> {
    const dossier = this.dossier?.dossier;
    return dossier !== undefined && this.show(await this.ask("read_card_picture", { dossier, person, picture }));
  }

  /** Shows a keystroke to the citizen at once. */
  mirror(question: string, text: string): void {
    if (this.dossier) this.sendKeystroke(question, text);
  }

  async go(place: Place, focus: string | null = null): Promise<void> {
    if (!(await this.flush())) return;
    const dossier = this.dossier?.dossier;
    if (!dossier) return;
    this.attempted = null;
    if (this.show(await this.ask("go_to", { dossier, place }))) this.focus = focus;
    void this.refreshKiosk();
  }

  /** On to the next place. A page with something amiss says so first; a second press of "anyway" goes on. */
  async next(anyway = false): Promise<void> {
    if (!(await this.flush())) return;
    const view = this.dossier;
    if (!view) return;
    const here = view.place;
    if (here.place === "page" && Date.now() - this.unasked < UNASKED_MS) {
      // One press: whoever presses again means this page.
      this.unasked = Number.NEGATIVE_INFINITY;
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
    return this.show(await this.ask(name, request));
  }

  async removeFile(file: string): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier) this.show(await this.ask("remove_file", { dossier, file }));
  }

  async setOriginal(component: string, original: Commands["set_original"]["request"]["original"]): Promise<void> {
    const dossier = this.dossier?.dossier;
    if (dossier) this.show(await this.ask("set_original", { dossier, component, original }));
  }
}

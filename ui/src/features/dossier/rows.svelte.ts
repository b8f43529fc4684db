// The rows of a repeated group while they are edited. A group is answered as a whole, so an edit of one cell sends
// every row.
//
// Invariants: an edit is never lost to a view that was on its way when it was made; a row that was removed stays
// removed, whatever its fields still want to save. Deliberately absent: judging a cell, which the domain does.

import type { AnswerValue, ListName, OptionView, QuestionKindView, QuestionView, RawAnswer } from "../../backend/types";
import { language, say } from "../../strings/language.svelte";
import { FLAG_OPTIONS, textOf } from "./field";

export type Group = Extract<QuestionKindView, { kind: "group" }>;

interface Row {
  /** Names the row for as long as it is on screen; its number changes when one above it goes. */
  key: number;
  /** The cells as the last view had them. */
  seen: QuestionView[];
  /** What was typed since, by column. */
  edits: Record<string, RawAnswer>;
}

/** What to send for a cell that nobody touches. */
function rawOf(cell: QuestionView): RawAnswer {
  const { value } = cell;
  if (value?.kind === "flag" || value?.kind === "address") return value;
  const text = textOf(cell);
  return text === "" ? { kind: "clear" } : { kind: "text", value: text };
}

function cellsOf(row: Row): Record<string, RawAnswer> {
  const cells = row.seen.map((cell) => [cell.id, row.edits[cell.id] ?? rawOf(cell)] as const);
  return Object.fromEntries(cells.filter(([, raw]) => raw.kind !== "clear"));
}

/** The entries of an outside list. */
export type ListOf = (list: ListName) => readonly OptionView[];

function optionsOf(kind: QuestionKindView, listOf: ListOf): readonly OptionView[] {
  if (kind.kind === "choice") return kind.options;
  if (kind.kind === "list_choice") return listOf(kind.list);
  return kind.kind === "flag" ? FLAG_OPTIONS : [];
}

/** The option's label, or the text as it is. */
function labelled(cell: QuestionView, value: string, listOf: ListOf): string {
  const options = optionsOf(cell.kind, listOf);
  const option = options.find((one) => one.value === value);
  return option ? say(option.label) : value;
}

/** A cell as it will be once its edit is saved; its fault is the old one until the domain has judged. */
function edited(cell: QuestionView, raw: RawAnswer, listOf: ListOf): QuestionView {
  const chosen = cell.kind.kind === "choice" || cell.kind.kind === "list_choice";
  const as = (value: AnswerValue | null, shown: string): QuestionView => ({ ...cell, value, shown, shown_en: shown });
  switch (raw.kind) {
    case "text":
      return as({ kind: chosen ? "choice" : "raw", value: raw.value }, labelled(cell, raw.value, listOf));
    case "flag":
      return as(raw, labelled(cell, String(raw.value), listOf));
    case "address":
      return { ...cell, value: raw };
    case "clear":
    case "rows":
      return as(null, "");
  }
}

const display = (row: Row, listOf: ListOf): QuestionView[] =>
  row.seen.map((cell) => {
    const raw = row.edits[cell.id];
    return raw ? edited(cell, raw, listOf) : cell;
  });

const isEmpty = (row: Row): boolean => Object.keys(cellsOf(row)).length === 0;

export class Rows {
  /** Newer than the view; null where the view says it all. */
  #draft = $state.raw<Row[] | null>(null);
  /** The row that was removed last, and where it stood. */
  removed = $state.raw<{ row: Row; at: number } | null>(null);
  readonly #group: () => Group;
  readonly #send: (raw: RawAnswer) => Promise<boolean>;
  readonly #listOf: ListOf;
  #keys: number[] = [];
  #keyed = 0;
  #running: Promise<boolean> | null = null;

  constructor(group: () => Group, send: (raw: RawAnswer) => Promise<boolean>, listOf: ListOf) {
    this.#listOf = listOf;
    this.#group = group;
    this.#send = send;
  }

  readonly #rows = $derived.by((): Row[] => this.#draft ?? this.#group().rows.map((seen, at) => ({ key: this.#keyAt(at), seen, edits: {} })));
  readonly shown = $derived(this.#rows.map((row) => ({ key: row.key, cells: display(row, this.#listOf) })));

  #keyAt(at: number): number {
    return (this.#keys[at] ??= this.#keyed += 1);
  }

  #change(rows: Row[]): Promise<boolean> {
    this.#draft = rows;
    this.#keys = rows.map((row) => row.key);
    return this.#save();
  }

  #save(): Promise<boolean> {
    const sent = this.#draft;
    if (!sent) return Promise.resolve(true);
    const raw: RawAnswer = sent.length === 0 ? { kind: "clear" } : { kind: "rows", value: sent.map(cellsOf) };
    const running = this.#send(raw).then((saved) => {
      if (saved && this.#draft === sent) this.#draft = null;
      if (this.#running === running) this.#running = null;
      return saved;
    });
    this.#running = running;
    return running;
  }

  /** Saves what a failed attempt left behind. */
  async flush(): Promise<boolean> {
    if (this.#running) await this.#running;
    return this.#save();
  }

  /** One cell of a row. A row that is gone has nothing left to save. */
  edit(key: number, column: string, raw: RawAnswer): Promise<boolean> {
    const rows = this.#rows;
    if (!rows.some((row) => row.key === key)) return Promise.resolve(true);
    return this.#change(rows.map((row) => (row.key === key ? { ...row, edits: { ...row.edits, [column]: raw } } : row)));
  }

  add(): void {
    this.removed = null;
    void this.#change([...this.#rows, { key: (this.#keyed += 1), seen: this.#group().columns, edits: {} }]);
  }

  /** Takes a row away; until something else is added or removed it can be brought back. */
  remove(key: number): void {
    const at = this.#rows.findIndex((row) => row.key === key);
    const row = this.#rows[at];
    if (!row) return;
    this.removed = isEmpty(row) ? null : { row, at };
    void this.#change(this.#rows.filter((one) => one.key !== key));
  }

  restore(): void {
    if (!this.removed) return;
    const { row, at } = this.removed;
    this.removed = null;
    void this.#change(this.#rows.toSpliced(at, 0, row));
  }

  /** The whole group as the citizen reads it, with one cell as it is being typed. */
  read(key: number, column: string, typed: string): string {
    const lines = this.shown.map((row, at) => {
      const cells = row.cells.map((cell) =>
        row.key === key && cell.id === column ? typed : language.current === "vi" ? cell.shown : cell.shown_en,
      );
      return `${at + 1}. ${cells.filter((text) => text !== "").join(", ")}`;
    });
    return lines.join("; ");
  }
}

/** A group as it is written in one line, "1. …; 2. …", taken apart again; any other text is one line. */
export function linesOf(shown: string): string[] {
  const lines = shown.split(/; (?=\d+\. )/);
  return lines.length > 1 && lines.every((line, at) => line.startsWith(`${at + 1}. `)) ? lines : [shown];
}

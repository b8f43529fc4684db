// The procedures on the home screen: by field of government, and where an arrow key leads among them.

import type { ProcedureCard, Words } from "../../backend/types";

export interface Domain {
  /** Its Vietnamese name, which is its key. */
  name: string;
  words: Words;
  cards: ProcedureCard[];
}

/** Fields of government in the order in which the catalogue names them first. */
export function byDomain(cards: readonly ProcedureCard[]): Domain[] {
  const domains = new Map<string, ProcedureCard[]>();
  for (const card of cards) domains.set(card.domain.vi, [...(domains.get(card.domain.vi) ?? []), card]);
  return [...domains].map(([name, held]) => ({ name, words: held[0]?.domain ?? { vi: name, en: name }, cards: held }));
}

export interface Box {
  top: number;
  left: number;
}

/** Whose turn it is after an arrow key; `null` above the first row, `at` where there is nothing on that side. */
export function arrow(key: string, boxes: readonly Box[], at: number): number | null {
  const here = boxes[at];
  if (!here) return at;
  if (key === "ArrowLeft") return Math.max(0, at - 1);
  if (key === "ArrowRight") return Math.min(boxes.length - 1, at + 1);
  const down = key === "ArrowDown";
  const beyond = boxes.map((box) => box.top).filter((top) => (down ? top > here.top + 1 : top < here.top - 1));
  if (beyond.length === 0) return down ? at : null;
  const row = down ? Math.min(...beyond) : Math.max(...beyond);
  const aside = (i: number): number => Math.abs((boxes[i]?.left ?? 0) - here.left);
  const inRow = boxes.flatMap((box, i) => (Math.abs(box.top - row) <= 1 ? [i] : []));
  return inRow.reduce((best, i) => (aside(i) < aside(best) ? i : best));
}

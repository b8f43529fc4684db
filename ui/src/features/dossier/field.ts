// What a field shows of an answer, and how it is named in the page.

import type { AnswerValue, OptionView, QuestionView } from "../../backend/types";

/** The text to edit: as typed where it could not be read, as a person writes it where it could. */
export function textOf(question: QuestionView): string {
  const { value } = question;
  switch (value?.kind) {
    case "text":
    case "raw":
    case "choice":
      return value.value;
    case "number":
      return question.kind.kind === "money" ? thousands(String(value.value)) : String(value.value);
    case "date":
      return question.shown;
    case "address":
    case "flag":
    case "rows":
    case undefined:
      return "";
  }
}

/** Digits with a point between thousands, as amounts are written here in either language: 1.500.000. */
export const thousands = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ".");

/**
 * A text as it is typed, made easier to read: points in an amount, the colon of a time of four digits. Anything
 * that is not plainly one of these stays as it is. `caret` follows the digit that it stood behind.
 */
export function tidied(kind: string, text: string, caret: number): { text: string; caret: number } {
  const same = { text, caret };
  if (kind === "time") return /^([01]\d|2[0-3])[0-5]\d$/.test(text) ? { text: `${text.slice(0, 2)}:${text.slice(2)}`, caret: caret + 1 } : same;
  if (kind !== "money" || !/^[\d.]+$/.test(text)) return same;
  const behind = text.slice(0, caret).replaceAll(".", "").length;
  const made = thousands(text.replaceAll(".", ""));
  let at = 0;
  for (let digits = 0; digits < behind; at += 1) if (made[at] !== ".") digits += 1;
  return { text: made, caret: at };
}

/** The option chosen; a flag is a choice of two. */
export function choiceOf(value: AnswerValue | null): string | null {
  if (value?.kind === "choice") return value.value;
  return value?.kind === "flag" ? String(value.value) : null;
}

export const FLAG_OPTIONS: OptionView[] = [
  { value: "true", label: { vi: "Có", en: "Yes" } },
  { value: "false", label: { vi: "Không", en: "No" } },
];

/** Up to here the options stand as buttons; beyond, they are searched. */
export const BUTTONS_MAX = 8;

export const fieldId = (question: string): string => `field-${question}`;

/** Puts the focus on a question's field, or on its first part. */
export function focusField(question: string, block: ScrollLogicalPosition = "center"): boolean {
  const field = document.getElementById(fieldId(question));
  if (!field) return false;
  const inside = "input:not(:disabled), button:not(:disabled)";
  const target =
    field.querySelector<HTMLElement>("input[aria-invalid=true]") ??
    field.querySelector<HTMLElement>("input:checked") ??
    (field.matches("input") ? field : field.querySelector<HTMLElement>(inside));
  field.scrollIntoView({ block });
  target?.focus();
  return target !== null;
}

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
      return String(value.value);
    case "date":
      return question.shown;
    case "address":
    case "flag":
    case undefined:
      return "";
  }
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
    field.querySelector<HTMLElement>("input:checked") ??
    (field.matches("input") ? field : field.querySelector<HTMLElement>(inside));
  field.scrollIntoView({ block });
  target?.focus();
  return target !== null;
}

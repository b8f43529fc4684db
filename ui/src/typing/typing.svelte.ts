// Typing Vietnamese without the system's help: Telex in the fields that hold words, and the keyboard on the screen.
// Off at first: most counters have a typing program of their own, and two at once spoil each other's words. Kept
// nowhere, as every setting of this window.

import { telex } from "./telex";

class Typing {
  telex = $state(false);
  keyboard = $state(false);
  /** The field that the keyboard on the screen writes into. */
  into = $state.raw<HTMLInputElement | null>(null);
}

export const typing = new Typing();

/** Fields that hold words; ids, dates and amounts are written as they are. */
const holdsWords = (input: HTMLInputElement): boolean => input.dataset["words"] !== undefined;

/** Writes over what stands from `from` to the end of the selection, and tells the field. */
function replace(input: HTMLInputElement, from: number, text: string): void {
  input.setRangeText(text, from, input.selectionEnd ?? input.value.length, "end");
  input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
}

/** The word that the caret stands behind; null where something is selected. */
function wordBefore(input: HTMLInputElement): { word: string; from: number } | null {
  const caret = input.selectionStart ?? input.value.length;
  if (caret !== input.selectionEnd) return null;
  const word = /[\p{L}\p{M}]+$/u.exec(input.value.slice(0, caret))?.[0] ?? "";
  return { word, from: caret - word.length };
}

/** Strikes a key by Telex. False where it changes nothing but being written. */
function strike(input: HTMLInputElement, key: string): boolean {
  const before = wordBefore(input);
  if (!before) return false;
  const made = telex(before.word, key);
  if (made === before.word + key) return false;
  replace(input, before.from, made);
  return true;
}

function onBeforeInput(event: InputEvent): void {
  const { target, data } = event;
  if (!typing.telex || event.isComposing || event.inputType !== "insertText" || !data || !/^[a-z]$/i.test(data)) return;
  if (target instanceof HTMLInputElement && holdsWords(target) && strike(target, data)) event.preventDefault();
}

const TEXTS = new Set(["text", "search", "url", "password", "tel"]);

let finger = false;

function onPointer(event: PointerEvent): void {
  finger = event.pointerType === "touch";
}

const textField = (target: EventTarget | null): HTMLInputElement | null =>
  target instanceof HTMLInputElement && TEXTS.has(target.type) && !target.disabled ? target : null;

/**
 * The keyboard comes to a finger, never to a mouse or a key, and goes with a press anywhere else. Both only once the
 * tap is over: what moves under a finger that is still down would take the tap.
 */
function onClick({ target }: MouseEvent): void {
  if (!typing.keyboard || (target instanceof Element && target.closest("[data-keyboard]"))) return;
  const field = textField(target);
  if (!field) typing.into = null;
  else if (finger) typing.into = field;
}

/** It follows the focus from field to field. */
function onFocus({ target }: FocusEvent): void {
  if (typing.into) typing.into = textField(target) ?? typing.into;
}

/** Listens in the whole window; the answer stops it. */
export function followTyping(): () => void {
  document.addEventListener("beforeinput", onBeforeInput);
  document.addEventListener("pointerdown", onPointer);
  document.addEventListener("click", onClick);
  document.addEventListener("focusin", onFocus);
  return () => {
    document.removeEventListener("beforeinput", onBeforeInput);
    document.removeEventListener("pointerdown", onPointer);
    document.removeEventListener("click", onClick);
    document.removeEventListener("focusin", onFocus);
    typing.into = null;
  };
}

/** A key of the keyboard on the screen. `tone` keys put a tone on the word whether or not Telex is on. */
export function press(input: HTMLInputElement, key: string, tone = false): void {
  if (!input.isConnected) return void (typing.into = null);
  input.focus();
  if ((tone || (typing.telex && holdsWords(input) && /^[a-z]$/i.test(key))) && strike(input, key)) return;
  if (!tone) replace(input, input.selectionStart ?? input.value.length, key);
}

export function erase(input: HTMLInputElement): void {
  input.focus();
  const [from, to] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
  const last = [...input.value.slice(0, from)].at(-1)?.length ?? 0;
  replace(input, from === to ? from - last : from, "");
}

// Typing Vietnamese without the system's help: Telex or VNI in the fields that hold words, and the keyboard on the screen.
// Off at first: most counters have a typing program of their own, and two at once spoil each other's words. Rust
// keeps the setting over a restart.

import type { Backend } from "../backend/bridge";
import type { TypingMethod } from "../backend/types";
import { telex, vni } from "./telex";

class Typing {
  method = $state<TypingMethod>("off");
  keyboard = $state(false);
  /** The field that the keyboard on the screen writes into. */
  into = $state.raw<HTMLInputElement | null>(null);

  get telex(): boolean {
    return this.method === "telex";
  }

  set telex(on: boolean) {
    this.method = on ? "telex" : "off";
  }

  get vni(): boolean {
    return this.method === "vni";
  }

  set vni(on: boolean) {
    this.method = on ? "vni" : "off";
  }

  /** As the machine was left. */
  async load(backend: Backend): Promise<void> {
    const habits = await backend.call("typing_habits", {}).catch(() => null);
    if (habits) [this.method, this.keyboard] = [habits.method, habits.keyboard];
  }

  /** For the next start too. Where the disk refuses, it holds until then. */
  async keep(backend: Backend): Promise<void> {
    await backend.call("set_typing_habits", { method: this.method, keyboard: this.keyboard }).catch(() => null);
  }
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

/** What a key does to the word before it by the method that is on; null where it is no key of it. */
function byMethod(key: string): ((word: string, key: string) => string) | null {
  if (typing.telex && /^[a-z]$/i.test(key)) return telex;
  return typing.vni && /^[0-9]$/.test(key) ? vni : null;
}

/** Strikes a key. False where it changes nothing but being written. */
function strike(input: HTMLInputElement, key: string, by: (word: string, key: string) => string): boolean {
  const before = wordBefore(input);
  if (!before) return false;
  const made = by(before.word, key);
  if (made === before.word + key) return false;
  replace(input, before.from, made);
  return true;
}

function onBeforeInput(event: InputEvent): void {
  const { target, data } = event;
  const by = data ? byMethod(data) : null;
  if (!by || !data || event.isComposing || event.inputType !== "insertText") return;
  if (target instanceof HTMLInputElement && holdsWords(target) && strike(target, data, by)) event.preventDefault();
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

/** A key of the keyboard on the screen. `tone` keys put a tone on the word whether or not a method is on. */
export function press(input: HTMLInputElement, key: string, tone = false): void {
  if (!input.isConnected) return void (typing.into = null);
  input.focus();
  const by = tone ? telex : holdsWords(input) ? byMethod(key) : null;
  if (by && strike(input, key, by)) return;
  if (!tone) replace(input, input.selectionStart ?? input.value.length, key);
}

export function erase(input: HTMLInputElement): void {
  input.focus();
  const [from, to] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
  const last = [...input.value.slice(0, from)].at(-1)?.length ?? 0;
  replace(input, from === to ? from - last : from, "");
}

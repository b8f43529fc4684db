// The one place that talks to the shell. Everything above it sees typed commands, whole views and events.
// Deliberately absent: state, retries and words; a rejected call is always a Problem.

import { Channel, invoke } from "@tauri-apps/api/core";
import type { AppEvent, Commands, Problem } from "./types";

export type CommandName = keyof Commands;

/** What the screens need from outside; tests and the gallery hand in their own. */
export interface Backend {
  /** Runs one command. Rejects with a {@link Problem}, never with anything else. */
  call<K extends CommandName>(name: K, request: Commands[K]["request"]): Promise<Commands[K]["response"]>;
  /** Listens to what the kiosk says unasked; the answer stops listening. */
  onEvent(handler: (event: AppEvent) => void): Promise<() => void>;
  /** The shell's own file dialog; null where nothing was picked. */
  /** Paths in the order of their names; none where the dialog was closed. */
  pickFiles(many: boolean): Promise<string[]>;
  /** The shell's own dialog for a folder; null where none was picked. */
  pickFolder(): Promise<string | null>;
  /** Gives bytes (a camera's picture, a dropped file) to the shell; answers their handle. They never pass through JSON. */
  handIn(bytes: ArrayBuffer): Promise<string>;
  /** Address of a captured picture. Its bytes never pass through JSON. */
  fileUrl(id: string): string;
  /** The operator's and the citizen's window change monitors. */
  swapScreens(): Promise<void>;
  /** Tells the shell that this window has painted: something at all, or its screen with what the kiosk answered. */
  ready(screen: boolean): Promise<void>;
}

export type WindowName = "operator" | "citizen";

/** Which window this is, by its own address; anything unknown is the citizen's, which may do least. */
export function whichWindow(search: string): WindowName {
  return new URLSearchParams(search).get("w") === "operator" ? "operator" : "citizen";
}

/** Makes a Problem of whatever was thrown: the shell itself may fail before a command is reached. */
export function asProblem(thrown: unknown): Problem {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "words" in thrown) {
    return thrown as Problem;
  }
  return {
    code: "internal",
    layer: "program",
    retry: false,
    words: {
      vi: "Chương trình gặp lỗi. Việc đã làm vẫn được giữ. Xin gọi kỹ thuật.",
      en: "The program met an error. Your work is kept. Call support.",
    },
    field: null,
  };
}

/** The real shell. */
export const shell: Backend = {
  async call(name, request) {
    try {
      return await invoke("rpc", { name, params: request });
    } catch (thrown) {
      throw asProblem(thrown);
    }
  },
  // A channel of this window's own, and not the shell's event bus: on the bus every window can hear every other.
  async onEvent(handler) {
    const channel = new Channel<AppEvent>();
    channel.onmessage = handler;
    await invoke("subscribe", { channel });
    return () => {
      channel.onmessage = () => undefined;
    };
  },
  async pickFiles(many) {
    try {
      return await invoke<string[]>("pick_files", { many });
    } catch (thrown) {
      throw asProblem(thrown);
    }
  },
  async pickFolder() {
    try {
      return await invoke<string | null>("pick_folder");
    } catch (thrown) {
      throw asProblem(thrown);
    }
  },
  async handIn(bytes) {
    try {
      return await invoke<string>("hand_in", bytes);
    } catch (thrown) {
      throw asProblem(thrown);
    }
  },
  async swapScreens() {
    try {
      await invoke("swap_screens");
    } catch (thrown) {
      throw asProblem(thrown);
    }
  },
  // A handle may come as `file/{id}` (the citizen's papers) or as the bare id (the operator's).
  fileUrl: (id) => `dh://localhost/file/${encodeURIComponent(id.replace(/^file\//, ""))}`,
  async ready(screen) {
    await invoke("shell_ready", { screen }).catch(() => undefined);
  },
};

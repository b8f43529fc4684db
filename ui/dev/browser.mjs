// A headless Chromium spoken to through a pipe: no package of its own, no port, gone with its owner.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
const PATIENCE_MS = 60_000;

export class Browser {
  #child;
  #home;
  #next = 1;
  #waiting = new Map();
  #rest = "";
  #session;

  static async open() {
    const browser = new Browser();
    const program = process.env["CHROMIUM"] ?? PROGRAMS[0];
    browser.#home = mkdtempSync(join(tmpdir(), "donghanh-audit-"));
    browser.#child = spawn(
      program,
      ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--remote-debugging-pipe", `--user-data-dir=${browser.#home}`, "about:blank"],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    browser.#child.stdio[4].on("data", (bytes) => browser.#hear(bytes));
    const { targetInfos } = await browser.send("Target.getTargets");
    const page = targetInfos.find((one) => one.type === "page") ?? { targetId: (await browser.send("Target.createTarget", { url: "about:blank" })).targetId };
    browser.#session = (await browser.send("Target.attachToTarget", { targetId: page.targetId, flatten: true })).sessionId;
    await browser.page("Page.enable");
    return browser;
  }

  #hear(bytes) {
    this.#rest += bytes.toString("utf8");
    const said = this.#rest.split("\0");
    this.#rest = said.pop() ?? "";
    for (const text of said) {
      const { id, result, error } = JSON.parse(text);
      const waiting = this.#waiting.get(id);
      if (!waiting) continue;
      this.#waiting.delete(id);
      error ? waiting.fail(new Error(error.message)) : waiting.done(result);
    }
  }

  send(method, params = {}, sessionId) {
    const id = this.#next++;
    const answer = new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${method}: no answer`)), PATIENCE_MS);
      this.#waiting.set(id, { done: (x) => (clearTimeout(timer), done(x)), fail: (x) => (clearTimeout(timer), fail(x)) });
    });
    this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  page(method, params = {}) {
    return this.send(method, params, this.#session);
  }

  /** The page as large as a monitor; `zoom` 2 leaves half the room, as 200 % does. */
  async size(width, height, zoom = 1) {
    await this.page("Emulation.setDeviceMetricsOverride", { width: Math.round(width / zoom), height: Math.round(height / zoom), deviceScaleFactor: zoom, mobile: false });
  }

  async run(expression) {
    const { result, exceptionDetails } = await this.page("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Opens an address and waits until `ready` is true there. */
  async open(url, ready) {
    await this.page("Page.navigate", { url });
    const began = Date.now();
    while (!(await this.run(ready).catch(() => false))) {
      if (Date.now() - began > PATIENCE_MS) throw new Error(`${url}: never ready`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async picture() {
    const { data } = await this.page("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }

  async close() {
    const gone = new Promise((done) => this.#child.once("exit", done));
    await this.send("Browser.close").catch(() => this.#child.kill());
    await gone;
    rmSync(this.#home, { recursive: true, force: true });
  }
}

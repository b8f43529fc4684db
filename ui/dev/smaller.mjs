// Makes the gallery's pictures small: `node dev/smaller.mjs FOLDER` turns every PNG into WebP, in the page too, and
// fails where one picture or all of them together stay too large.

import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Browser } from "./browser.mjs";

const PICTURE_BYTES_MAX = 150_000;
const ALL_BYTES_MAX = 3_500_000;
const QUALITY = 0.9;
/** A large monitor's picture is looked at as a whole. */
const QUALITY_LARGE = 0.75;

const folder = resolve(process.argv[2] ?? ".");
const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
const browser = await Browser.open();
let all = 0;
try {
  for (const name of names) {
    const source = `data:image/png;base64,${readFileSync(join(folder, name)).toString("base64")}`;
    const webp = await browser.run(`(async () => {
      const image = new Image();
      image.src = ${JSON.stringify(source)};
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      canvas.getContext("2d").drawImage(image, 0, 0);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: image.width > 1600 ? ${QUALITY_LARGE} : ${QUALITY} })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    })()`);
    const file = join(folder, name.replace(/png$/, "webp"));
    writeFileSync(file, Buffer.from(webp, "base64"));
    rmSync(join(folder, name));
    const size = statSync(file).size;
    if (size > PICTURE_BYTES_MAX) throw new Error(`${file}: ${size} bytes`);
    all += size;
  }
} finally {
  await browser.close();
}
if (all > ALL_BYTES_MAX) throw new Error(`${all} bytes of pictures`);
const page = join(folder, "README.md");
writeFileSync(page, readFileSync(page, "utf8").replaceAll(".png)", ".webp)"));
console.log(`${names.length} pictures, ${all} bytes`);

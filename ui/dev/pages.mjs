// The gallery built into target/, and served to the browser from there.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { build } from "vite";

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".json": "application/json", ".svg": "image/svg+xml" };

export async function gallery(root) {
  const out = join(root, "../target/ui-gallery");
  await build({ root, logLevel: "warn", build: { outDir: out, emptyOutDir: true, minify: false, reportCompressedSize: false, rollupOptions: { input: join(root, "dev/gallery.html") } } });
  const server = createServer((request, answer) => {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname).replace(/^(\.\.[/\\])+/, "");
    try {
      const bytes = readFileSync(join(out, path));
      answer.writeHead(200, { "content-type": KINDS[extname(path)] ?? "application/octet-stream" }).end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/dev/gallery.html`, close: () => server.close() };
}
